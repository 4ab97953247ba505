package escpos

import (
	"context"
	"math/rand/v2"
	"time"

	"jeudi/drivers"
)

// Tier is how well a printer can confirm what it printed.
type Tier uint8

// The tiers, from the poorest. A printer keeps its tier until its wire is opened
// anew or it has been silent.
const (
	// Unprobed is a printer that was not asked yet.
	Unprobed Tier = iota
	// Silent is a printer that answers nothing: what it was sent is unknown.
	Silent
	// Polled is a printer that answers questions about its state alone. A document
	// counts as printed when it stayed well to the end of the time that a slow
	// printer needs.
	Polled
	// Marked is a printer that says when it has read everything (GS r).
	Marked
	// Finished is a printer that says when it has printed everything (GS ( H), as
	// Epson's own do.
	Finished
)

// String is the tier's name in logs and on the desk.
func (t Tier) String() string {
	switch t {
	case Silent:
		return "silent"
	case Polled:
		return "polled"
	case Marked:
		return "marked"
	case Finished:
		return "finished"
	}
	return "unprobed"
}

// Tier is what the printer was found to offer.
func (p *Printer) Tier() Tier { return Tier(p.tier.Load()) }

// best is the tier that the profile bounds the printer's by: beyond it nothing is
// asked, and nothing believed.
func (p *Printer) best() Tier {
	switch p.profile.Answers {
	case AnswersNothing:
		return Silent
	case AnswersRealtime:
		return Polled
	case AnswersMarker:
		return Marked
	}
	return Finished
}

// What is sent beside documents.
const (
	// hello brings a printer to rest and out of the Chinese mode.
	hello = "\x1b@\x1c."
	// reports is GS a 15: tell unasked of faults, the paper and going offline.
	// ESC @ ends it.
	reports = "\x1da\x0f"
	// marker is GS r 1. The printer answers when it has read all before it.
	marker = "\x1dr\x01"
	// finish is GS ( H fn 48, before its four characters. The printer answers with
	// them when it has printed all before it.
	finish = "\x1d(H\x06\x0000"
	// discard is DLE DC4 8: forget all buffers, at once, even offline. Answered
	// with 37 25 00 by those that know it.
	discard = "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
	// recover2 is DLE ENQ 2: go on after an error, with empty buffers. Printers
	// that know it do so only after a jammed cutter or an open cover.
	recover2 = "\x10\x05\x02"
	// padding is how many NULs complete the header of a command that was cut short;
	// those that its dots or its data lack come when the printer is cleared.
	padding = 24
)

// end is what to send behind a document so that the printer confirms it. Each has
// a name of its own where the printer repeats it; GS r has none. What answers
// questions alone is sent nothing: an answer that comes after all would be taken
// for the next document's.
func (p *Printer) end() string {
	switch p.Tier() {
	case Finished:
		p.id = name()
		return finish + p.id
	case Polled:
		return ""
	}
	if p.best() < Marked {
		return ""
	}
	p.due++
	return marker
}

// name is four characters that the printer cannot have said for another reason.
// Random, lest a program that was started anew is confirmed by an old answer.
func name() string {
	var b [4]byte
	for i := range b {
		b[i] = 0x21 + byte(rand.UintN(0x5e))
	}
	return string(b[:])
}

// confirmed reports whether the printer confirmed what end was sent behind.
func (p *Printer) confirmed() bool {
	switch p.Tier() {
	case Finished:
		return p.finished
	case Polled:
		return false
	}
	return p.marks > 0
}

// again is how often a printer that did not answer the probe is asked once more:
// it may have been busy.
const again = 3

// probe finds out what a printer that answers questions offers. What a poor clone
// makes of a command that it does not know stays in its line, which the last ESC @
// empties: nothing gets on paper.
func (p *Printer) probe(ctx context.Context) error {
	p.drain()
	p.id, p.due, p.marks, p.finished, p.reporting, p.noise = name(), 1, 0, false, false, 0
	offers := reports
	if p.best() == Finished {
		offers += finish + p.id
	}
	ask := append(make([]byte, padding), hello+offers+marker+hello...)
	// Until it is answered it may hang in a printer that has just stopped, or a part
	// of it at a cable that was pulled.
	dirty := p.dirty
	p.dirty = true
	if _, err := p.put(ctx, ask, p.wait.stuck); err != nil {
		return err
	}
	heard, err := p.listen(ctx, p.wait.answer, func() bool { return p.marks > 0 })
	if err != nil {
		return err
	}
	tier := Polled
	switch {
	case p.finished: // its answer comes first: nothing was being printed
		tier = Finished
	case heard:
		tier = Marked
	default:
		if state, err := p.query(ctx, p.wait.answer); err != nil || state == drivers.Mute {
			return err
		} else if err := state.Err(); err != nil {
			return err
		}
	}
	p.dirty = dirty
	p.probed = true
	p.probes++
	p.found(tier)
	return nil
}

// hail finds out whether a printer that answers no question answers a marker, as
// many panel printers do.
func (p *Printer) hail(ctx context.Context) error {
	if p.Tier() == Marked || p.hails == again || p.best() < Marked {
		return nil
	}
	p.hails++
	p.marks, p.due = 0, 1
	if _, err := p.put(ctx, append(make([]byte, padding), marker...), p.wait.stuck); err != nil {
		return err
	}
	heard, err := p.listen(ctx, p.wait.answer, func() bool { return p.marks > 0 })
	if err == nil && !heard {
		p.owed = time.Now().Add(p.wait.late)
	}
	return err
}

func (p *Printer) found(t Tier) { p.tier.Store(uint32(t)) }

// portStatus is a wire that knows a printer's three status pins, as Linux's usblp
// does. Some printers that answer no question move them.
type portStatus interface {
	PortStatus() (byte, error)
}

// The status pins, by IEEE 1284 and the USB printer class.
const (
	pinNoError  = 0x08
	pinSelected = 0x10
	pinNoPaper  = 0x20
)

// pins is what the pins of a mute printer say. Only a fault is believed: many
// printers leave their pins at "well" whatever happens.
func (p *Printer) pins(ctx context.Context) drivers.Status {
	port, ok := p.wire.(portStatus)
	if !ok {
		return drivers.Mute
	}
	select {
	case p.pinning <- struct{}{}:
	default:
		return drivers.Mute // the last look at them has not come back
	}
	seen := make(chan byte, 1)
	go func() {
		defer func() { <-p.pinning }()
		if b, err := port.PortStatus(); err == nil {
			seen <- b
		}
	}()
	timer := time.NewTimer(p.wait.answer)
	defer timer.Stop()
	select {
	case b := <-seen:
		return classifyPins(b)
	case <-timer.C:
	case <-ctx.Done():
	}
	return drivers.Mute
}

func classifyPins(b byte) drivers.Status {
	switch {
	case b&pinNoPaper != 0:
		return drivers.NoPaper
	case b&pinNoError == 0 && b&pinSelected != 0: // all zero is a printer without pins
		return drivers.CutterJammed
	}
	return drivers.Mute
}

// split cuts a document between its commands into slices of about so many bytes,
// so that a question can stand between two of them: among the dots of a picture it
// would become dots. What follows a command that it does not know is one slice.
func split(b []byte, about int) [][]byte {
	var out [][]byte
	from := 0
	for at := 0; at < len(b); {
		n := commandLength(b[at:])
		if n == 0 {
			break
		}
		if at += n; at-from >= about && at < len(b) {
			out = append(out, b[from:at:at])
			from = at
		}
	}
	return append(out, b[from:len(b):len(b)])
}

// commandLength is the length of the command or character that b begins with; 0 is
// one that Compose does not write, or a part of one.
func commandLength(b []byte) int {
	word := func(at int) int {
		if at+1 >= len(b) {
			return 1 << 24
		}
		return int(b[at]) | int(b[at+1])<<8
	}
	n := 0
	switch {
	case b[0] != esc && b[0] != fs && b[0] != gs && b[0] != dle:
		return 1
	case len(b) < 3:
		if len(b) == 2 && (b[0] == esc && (b[1] == '@' || b[1] == '2') || b[0] == fs && b[1] == '.') {
			return 2
		}
		return 0
	case b[0] == esc:
		switch b[1] {
		case '@', '2':
			n = 2
		case '!', '-', '3', 'E', 'G', 'J', 'M', 'R', 'V', 'a', 'd', 't', '{':
			n = 3
		case '$', '\\':
			n = 4
		case '*':
			if n = 5 + word(3); b[2] >= 32 {
				n = 5 + 3*word(3)
			}
		}
	case b[0] == fs && b[1] == '.':
		n = 2
	case b[0] == gs:
		switch b[1] {
		case '!', 'B', 'a':
			n = 3
		case 'L', 'W', 'P', '$', '\\':
			n = 4
		case 'V':
			if n = 3; b[2] >= 65 {
				n = 4
			}
		case 'e':
			if n = 3; b[2] == 3 || b[2] == 8 {
				n = 4
			}
		case '(':
			n = 5 + word(3)
		case '8':
			n = 7 + word(3) + word(5)<<16
		case 'v':
			n = 8 + word(4)*word(6)
		}
	}
	if n > len(b) {
		return 0
	}
	return n
}
