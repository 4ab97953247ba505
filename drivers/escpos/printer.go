// Package escpos drives receipt printers that speak Epson's ESC/POS.
//
// The printer is whatever io.ReadWriter it hangs from: /dev/usb/lp0, a serial
// port, a socket, or the emulated wire of drivers/sim.
//
// It promises that nothing is sent to a printer which says that it cannot
// print; that nil means that the printer itself said, behind the last byte, that
// it had come that far, or, if it can say no such thing, that it answered each
// question well until it must have; that no answer is never read as a fault; that
// after an interrupted job no leftover of it shares a sheet with the next; and
// that no wire, however stuck, holds a caller beyond the end of its context.
//
// One library beside the standard one: golang.org/x/text/unicode/norm, the Go
// team's own, for the tables that take an accent off its letter.
package escpos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"jeudi/drivers"
)

// patience is how long to wait, and for what.
type patience struct {
	answer time.Duration // to a real-time question
	late   time.Duration // until a question that was not answered is lost
	stuck  time.Duration // for a wire to take a few bytes
	poll   time.Duration // between questions while the printer prints
	mend   time.Duration // for somebody to mend a printer that cannot be cleared
	resume time.Duration // for it to go on by itself then
	grace  time.Duration // beyond the time that a slow printer needs
	bytes  int           // a second
	speed  int           // millimetres a second, where the profile does not know
}

func usual() patience {
	return patience{
		answer: 500 * time.Millisecond,
		late:   2500 * time.Millisecond,
		stuck:  2 * time.Second,
		poll:   250 * time.Millisecond,
		mend:   8 * time.Second,
		resume: 5 * time.Second,
		grace:  2 * time.Second,
		bytes:  100_000,
		speed:  50,
	}
}

// symbol is how many bits a byte takes on a serial line at most: with its start,
// parity and two stops.
const symbol = 12

// on is the patience on a serial line of that speed, in bits a second: questions
// and answers take their time there, and wait behind what is still on its way.
func (w patience) on(baud int) patience {
	if baud == 0 {
		return w
	}
	w.bytes = max(baud/symbol, 1)
	talk := 64 * time.Second / time.Duration(w.bytes)
	w.answer += talk
	w.late += talk
	w.stuck += 8 * talk
	return w
}

// slower is by how much a printer may be slower than its Speed: makers give the
// speed of a few lines of text with power to spare, and dense dots halve it.
const slower = 2

// job is how long a slow printer takes for a job of so many bytes on so much paper.
func (p *Printer) job(bytes, mm int) time.Duration {
	speed := p.wait.speed
	if p.profile.Speed > 0 {
		speed = max(p.profile.Speed/slower, 1)
	}
	return time.Duration(bytes)*time.Second/time.Duration(p.wait.bytes) +
		time.Duration(mm)*time.Second/time.Duration(speed) + p.wait.grace
}

// longest is the longest job to expect of a printer that goes on by itself with
// what it had in its buffer: a long report.
const longest = 300 // mm

// slice is how much of a document is sent between two questions. One whose answer
// does not come shows that the printer lost its power, and a part of the document
// with it: no printer is up again before half a second is over, which is what a
// slice takes at 9600 baud; on a slower line slices are smaller.
const slice = 480

// Printer is an ESC/POS printer on a wire. Make one with New.
type Printer struct {
	wire io.ReadWriter
	wait patience

	in      chan reply    // what the printer says
	out     chan []byte   // to the goroutine that writes
	written chan wrote    // from it, once for each slice
	gone    chan struct{} // closed when the wire cannot be read any more
	closing chan struct{}
	pinning chan struct{} // holds a token while the pins are read
	once    sync.Once
	tasks   sync.WaitGroup

	// turn holds a token while somebody talks to the printer, who then owns all
	// below. It stands in for a goroutine, since waiting for it must end with a
	// context.
	turn      chan struct{}
	profile   Profile
	composer  *Composer
	pending   bool           // a write did not return yet
	asked     time.Time      // when the last question was put
	owing     int            // questions not answered yet
	heard     reply          // the last answer
	cleared   bool           // it said that it forgot its buffers
	id        string         // of the last GS ( H
	finished  bool           // it was answered
	marks     int            // markers answered since the last job began
	dry       bool           // the last marker told of the paper's end
	mute      bool           // it did not answer the last question
	knows     [5]bool        // the questions that it has answered before
	spoke     bool           // it has answered any
	partial   bool           // it did not answer DLE EOT 20: ask the others first
	doubt     bool           // it has, and then printed without: clear when it speaks again
	probed    bool           // it was asked what it offers
	probes    int            // how often
	hails     int            // how often it was sent a marker while mute
	due       int            // markers that it was sent since the last job began
	noise     int            // answers to nothing since then
	noisy     bool           // there was some while it was asked
	reporting bool           // it reports by itself when told to
	dirty     bool           // a job was interrupted: clear before the next
	padded    bool           // it has been sent NULs since
	largest   int            // bytes that a command of that job may still wait for
	owed      time.Time      // a complete job's marker may still come until then
	said      drivers.Status // the last automatic status
	tier      atomic.Uint32  // a Tier
	last      atomic.Uint32  // the last known status, for those whose turn it is not
}

type wrote struct {
	n   int
	err error
}

var _ drivers.Printer = (*Printer)(nil)

// New drives a printer of profile p on an open wire. It finds out by itself how
// well the printer can confirm, when it is first asked how it is or prints.
//
// Its Read may block for ever. When Read returns an error the printer counts as
// unplugged for good and its owner opens the wire anew; only EINVAL and EBADF,
// which a one-way wire returns, make it mute instead. A Read without news must
// not return io.EOF. If the wire has a method PortStatus() (byte, error), it is
// asked while the printer is mute.
func New(wire io.ReadWriter, p Profile) *Printer { return open(wire, p, usual().on(p.Baud)) }

func open(wire io.ReadWriter, p Profile, wait patience) *Printer {
	pr := &Printer{
		wire: wire, profile: p, composer: NewComposer(p), wait: wait,
		in:      make(chan reply, 64),
		out:     make(chan []byte),
		written: make(chan wrote, 1),
		gone:    make(chan struct{}),
		closing: make(chan struct{}),
		pinning: make(chan struct{}, 1),
		turn:    make(chan struct{}, 1),
	}
	full := p.FullStatus
	pr.tasks.Go(func() { pr.read(full) })
	pr.tasks.Go(pr.write)
	return pr
}

// Anew drives the same printer on a wire opened anew, and closes p if its owner
// has not. What p knows of the paper goes on: an interrupted job is cleared away
// before the next, and a marker still owed confirms nothing else. What the printer
// offers is asked again: it may be another.
func (p *Printer) Anew(wire io.ReadWriter) *Printer {
	p.Close()
	p.turn <- struct{}{} // soon: whoever has it has just been told that the wire is gone
	defer func() { <-p.turn }()
	n := open(wire, p.profile, p.wait)
	n.composer = p.composer
	n.dirty, n.largest, n.owed = p.dirty || p.doubt, p.largest, p.owed
	return n
}

// Distrust says that nobody knows what the printer was sent before: as after a
// crash in the midst of a document. It is cleared, and what hangs out is cut off,
// before the next.
func (p *Printer) Distrust() {
	p.turn <- struct{}{}
	p.dirty, p.padded, p.largest = true, false, 0
	<-p.turn
}

// Use prints by another profile from the next document on. Only whether the
// printer knows DLE EOT 20, and the speed of its wire, stay as they were.
func (p *Printer) Use(profile Profile) {
	p.turn <- struct{}{}
	profile.FullStatus, profile.Baud = p.profile.FullStatus, p.profile.Baud
	p.profile, p.composer = profile, NewComposer(profile)
	p.probed, p.reporting = false, false
	p.found(Unprobed)
	<-p.turn
}

// Close closes the wire if it can be closed and waits for the printer's
// goroutines, though not longer than a second: some files cannot be torn from a
// blocked system call. Jobs in flight end with ErrUnplugged.
func (p *Printer) Close() error {
	var err error
	p.once.Do(func() {
		close(p.closing)
		if c, ok := p.wire.(io.Closer); ok {
			err = c.Close()
		}
		done := make(chan struct{})
		go func() { p.tasks.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(time.Second):
		}
	})
	return err
}

// read sorts what the printer says, until the wire ends.
func (p *Printer) read(full bool) {
	d := demux{knowsFull: full}
	buf := make([]byte, 256)
	for {
		n, err := p.wire.Read(buf)
		for _, b := range buf[:n] {
			if r, ok := d.push(b); ok {
				select {
				case p.in <- r:
				default: // nobody asked for 64 answers: noise
				}
			}
		}
		if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EBADF) {
			return // a wire of one direction: mute, not unplugged
		}
		if err != nil {
			close(p.gone)
			return
		}
	}
}

// write hands slices to the wire, which may block for ever.
func (p *Printer) write() {
	for {
		select {
		case b := <-p.out:
			n, err := p.wire.Write(b)
			p.written <- wrote{n, err}
		case <-p.closing:
			return
		}
	}
}

var (
	errGone   = fmt.Errorf("%w: the wire has ended", drivers.ErrUnplugged)
	errStuck  = fmt.Errorf("%w: the wire takes no bytes", drivers.ErrUnplugged)
	errSilent = fmt.Errorf("%w: the printer fell silent", drivers.ErrUnplugged)
)

// put writes b, within a time, and returns how much of it may have reached the
// printer: all, once the wire was given it. One that fails or sticks cannot tell:
// usblp says that it sent nothing of what it was sending when the cable went. The
// slice must not change afterwards.
func (p *Printer) put(ctx context.Context, b []byte, within time.Duration) (n int, err error) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for sent := false; ; {
		if !p.pending {
			if sent {
				return n, nil
			}
			if err := p.ended(); err != nil { // select would not heed it first
				return 0, err
			}
			select {
			case <-p.gone:
				return 0, errGone
			case <-p.closing:
				return 0, errGone
			case <-ctx.Done():
				return 0, ctx.Err()
			case p.out <- b:
				p.pending, sent, n = true, true, len(b)
			}
		}
		select {
		case w := <-p.written:
			p.pending = false
			if w.err != nil {
				return n, fmt.Errorf("%w: %w", drivers.ErrUnplugged, w.err)
			}
		case r := <-p.in:
			p.note(r)
		case <-timer.C:
			return n, errStuck
		case <-ctx.Done():
			return n, ctx.Err()
		case <-p.gone:
			return n, errGone
		case <-p.closing:
			return n, errGone
		}
	}
}

// ended is errGone once the wire has ended.
func (p *Printer) ended() error {
	select {
	case <-p.gone:
		return errGone
	case <-p.closing:
		return errGone
	default:
		return nil
	}
}

// note keeps what a reply says beyond the question just asked.
func (p *Printer) note(r reply) {
	if p.best() == Silent {
		return // a line that hangs in the air picks up anything
	}
	switch r.kind {
	case junk:
		p.noise++
	case realtime, full:
		if p.owing == 0 {
			p.noise++
			return
		}
		p.heard, p.owing, p.spoke = r, p.owing-1, true
	case queued:
		if p.best() < Marked {
			p.noise++
			return
		}
		if p.marks++; p.marks > p.due {
			p.noise++
		}
		p.dry = r.b&0x0c != 0
		if p.Tier() == Silent && p.noise == 0 {
			p.found(Marked) // it answers no question, and this
		}
	case auto:
		p.reporting, p.said = true, classifyASB(r.asb)
		p.last.Store(uint32(p.said))
	case block:
		p.finished = p.finished || p.best() == Finished && string(r.data) == "\x37\x22"+p.id
		p.cleared = p.cleared || string(r.data) == "\x37\x25"
	}
}

// listen waits until the replies have made done true; silence is false without an
// error.
func (p *Printer) listen(ctx context.Context, within time.Duration, done func() bool) (bool, error) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		if done() {
			return true, nil
		}
		select {
		case r := <-p.in:
			p.note(r)
		case <-timer.C:
			return false, nil
		case <-ctx.Done():
			return false, ctx.Err()
		case <-p.gone:
			return false, errGone
		case <-p.closing:
			return false, errGone
		}
	}
}

// drain takes in what was said unasked, so that no old answer passes for a new one.
func (p *Printer) drain() {
	for {
		select {
		case r := <-p.in:
			p.note(r)
		default:
			return
		}
	}
}

// quiet waits until no older question can be answered any more: answers carry no
// tag, and a late one would be taken for the next question's.
func (p *Printer) quiet(ctx context.Context) error {
	p.drain()
	if p.owing == 0 {
		return nil
	}
	if rest := p.wait.late - time.Since(p.asked); rest > 0 {
		if _, err := p.listen(ctx, rest, func() bool { return p.owing == 0 }); err != nil {
			return err
		}
	}
	p.owing = 0
	return nil
}

// ask sends DLE EOT n and waits for the answer.
func (p *Printer) ask(ctx context.Context, n byte, within time.Duration) (answer reply, ok bool, err error) {
	if err := p.quiet(ctx); err != nil {
		return reply{}, false, err
	}
	q := []byte{dle, 4, n}
	if p.dirty && !p.padded {
		// A command that lost its length must not get it from the question.
		q = append(make([]byte, padding), q...)
	}
	p.asked, p.owing = time.Now(), 1 // it may answer before the write returns
	if _, err := p.put(ctx, q, p.wait.stuck); err != nil {
		return reply{}, false, err
	}
	p.padded = true
	ok, err = p.listen(ctx, within, func() bool { return p.owing == 0 })
	return p.heard, ok, err
}

// query asks how the printer is. A printer that does not answer the first
// question is mute and is not asked the others.
func (p *Printer) query(ctx context.Context, within time.Duration) (drivers.Status, error) {
	var s drivers.Status
	var err error
	for try := 1; ; try++ {
		p.drain()
		before := p.noise
		s, err = p.examine(ctx, within)
		if err == nil && !p.mute && p.best() == Polled {
			p.probed, p.probes = true, again // there is nothing more to find out
			p.found(Polled)
		}
		if err != nil || p.noise == before {
			break
		}
		p.noisy = true
		// An old answer may have come in between: once it is gone all is well.
		if s = drivers.Mute; try == 2 {
			break
		}
		if _, err = p.listen(ctx, p.wait.answer/5, func() bool { return false }); err != nil {
			break
		}
		p.noise = before
	}
	switch {
	case err == nil:
		p.last.Store(uint32(s))
	case ctx.Err() == nil:
		p.last.Store(uint32(drivers.Unplugged))
	}
	return s, err
}

func (p *Printer) examine(ctx context.Context, within time.Duration) (drivers.Status, error) {
	if p.best() == Silent {
		p.mute = true
		p.found(Silent)
		p.drain()
		if err := p.ended(); err != nil {
			return drivers.Mute, err
		}
		if p.pending { // is the wire still stuck?
			if _, err := p.put(ctx, nil, p.wait.stuck); err != nil {
				return drivers.Mute, err
			}
		}
		return p.pins(ctx), nil
	}
	if p.profile.FullStatus && !p.partial {
		r, ok, err := p.ask(ctx, 20, within)
		if err != nil {
			return drivers.Mute, err
		}
		if ok && r.kind == full {
			p.mute = false
			return classifyFull(r.data), nil
		}
		// It was said to know this, and does not: it may know the rest. That is kept,
		// since the next question must wait until no answer to this one can come.
		p.partial = true
	}
	var answers [5]byte
	for _, n := range []byte{1, 4, 2, 3} {
		if n == 3 && answers[2]&error2 == 0 {
			break
		}
		r, ok, err := p.ask(ctx, n, within)
		if err != nil {
			return drivers.Mute, err
		}
		p.mute = !ok && (n == 1 || p.knows[n])
		if p.mute {
			p.probed, p.partial = false, false // it may be another when it speaks again
			if p.Tier() != Marked {
				p.found(Silent)
			}
			return p.pins(ctx), nil
		}
		if !ok {
			break // a poor clone answers some; the answers so far stand
		}
		answers[n], p.knows[n] = r.b, true
		within = min(within, p.wait.answer)
	}
	return classify(answers[2], answers[3], answers[4]), nil
}

// take waits for the turn to talk to the printer.
func (p *Printer) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.closing:
		return errGone
	}
}

// Status asks the printer how it is, and what it can, if that is not known. While
// a job keeps the printer busy for more than a second, it is the last known state.
func (p *Printer) Status(ctx context.Context) drivers.Status {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := p.take(ctx); errors.Is(err, drivers.ErrUnplugged) {
		return drivers.Unplugged
	} else if err != nil {
		return drivers.Status(p.last.Load())
	}
	defer func() { <-p.turn }()
	s, err := p.query(ctx, p.wait.answer)
	if err != nil {
		return drivers.StatusOf(err)
	}
	if s == drivers.Mute && p.Tier() == Silent && !p.dirty {
		if err := p.hail(ctx); err != nil && ctx.Err() == nil {
			return drivers.StatusOf(err)
		}
	}
	if s.Err() == nil && s != drivers.Mute && !p.dirty && (!p.probed || p.Tier() == Polled && p.probes < again) {
		if err := p.probe(ctx); err != nil && ctx.Err() == nil {
			return drivers.StatusOf(err)
		}
	}
	return s
}

// Print prints doc on a sheet of its own. See drivers.Printer.
//
// With a printer that answers nothing at all it takes as long as a slow printer
// would need, by the profile's Speed and Baud, then returns ErrUnknown. When a printer that has the whole
// document stops and cannot be made to forget it, Print waits up to eight seconds
// for it to be mended: it then goes on by itself, and counts as having printed.
func (p *Printer) Print(ctx context.Context, doc drivers.Document) (mm int, err error) {
	if err := p.take(ctx); err != nil {
		return 0, fmt.Errorf("escpos: waiting for the printer: %w", err)
	}
	defer func() { <-p.turn }()
	job := p.composer.Compose(doc)
	sent, err := p.print(ctx, job)
	p.padded = false
	if sent > 0 {
		mm = max(1, job.Length*min(sent, len(job.Bytes))/len(job.Bytes))
	}
	if err != nil {
		return mm, fmt.Errorf("escpos: printing: %w", err)
	}
	return mm, nil
}

// ready makes sure that the printer can print and is at rest. It writes nothing
// but questions to one that says that it cannot.
func (p *Printer) ready(ctx context.Context) (drivers.Status, error) {
	state := drivers.Status(p.last.Load())
	if !p.mute || p.spoke || p.noisy || p.dirty || time.Since(p.asked) > muteFor {
		var err error
		if state, err = p.query(ctx, p.wait.answer); err != nil {
			return state, err
		}
	}
	if err := state.Err(); err != nil {
		return state, err
	}
	if p.doubt && state != drivers.Mute {
		p.doubt, p.dirty = false, true
	}
	if !p.dirty && p.owed.IsZero() && (p.probed || state == drivers.Mute && (p.Tier() == Marked || p.hails == again)) {
		return state, nil
	}
	// Each of these takes its time, in which anything may happen.
	if p.dirty {
		if err := p.clear(ctx, state); err != nil {
			return state, err
		}
	} else if err := p.settle(ctx); err != nil {
		return state, err
	}
	if state == drivers.Mute {
		return state, p.hail(ctx)
	}
	if !p.probed {
		if err := p.probe(ctx); err != nil {
			return state, err
		}
	}
	state, err := p.query(ctx, p.wait.answer)
	return state, cmp.Or(err, state.Err())
}

// muteFor is how long a printer that has never answered is taken for mute: visitors
// do not wait each time for the answer of one that has none.
const muteFor = 10 * time.Second

// print returns how many bytes of the job may have reached the printer.
func (p *Printer) print(ctx context.Context, job Job) (sent int, err error) {
	state, err := p.ready(ctx)
	if err != nil {
		return 0, err
	}
	data := job.Bytes
	if p.reporting && len(data) > len(hello) && string(data[:len(hello)]) == hello {
		data = append([]byte(hello+reports), data[len(hello):]...)
	}
	slices := split(data, min(slice, p.wait.bytes/2))
	p.largest = 0
	for _, s := range slices {
		p.largest = max(p.largest, len(s)+len(finish)+4)
	}
	last := len(slices) - 1
	p.due = 0
	slices[last] = append(slices[last], p.end()...)

	began := time.Now()
	deadline := began.Add(p.job(len(data), job.Length))
	p.drain()
	p.marks, p.noise, p.finished, p.dry, p.said = 0, 0, false, false, drivers.Ready
	p.dirty, p.padded, p.owing = true, true, 0
	for i, s := range slices {
		if i > 0 {
			if err := p.pulse(ctx, state, p.job(sent, job.Length*sent/len(data))); err != nil {
				return sent, p.interrupted(ctx, err, false)
			}
			if i == last && p.Tier() == Marked {
				p.marks, p.due = 0, 1
			}
		}
		within := p.job(len(s), job.Length)
		if i == 0 && last > 0 {
			within = p.job(len(s), job.Length*len(s)/len(data))
		}
		n, err := p.put(ctx, s, within)
		sent += n
		switch {
		case err == nil:
		case p.pending && i == last:
			// Stuck in the end: what went before may be on paper.
			return sent, fmt.Errorf("%w: %w", drivers.ErrUnknown, cmp.Or(p.said.Err(), err))
		default:
			return sent, cmp.Or(p.said.Err(), err)
		}
	}

	// A marker of one that has fallen mute says little: it may have been without
	// power for a part of the document.
	trusted := state != drivers.Mute || !p.spoke

	// From here the document is in the printer as a whole: only a fault
	// interrupts it.
	for {
		if p.confirmed() && !trusted {
			p.dirty, p.doubt = false, true
			return sent, fmt.Errorf("%w: it does not answer any more", drivers.ErrUnknown)
		}
		if p.confirmed() {
			return sent, p.verify(ctx, state, began.Add(p.job(0, job.Length)-p.wait.grace))
		}
		rest := time.Until(deadline)
		_, err := p.listen(ctx, min(max(rest, 0), p.wait.poll), func() bool {
			return p.confirmed() || p.said.Err() != nil
		})
		now := drivers.Mute
		switch {
		case p.confirmed():
			continue
		case err == nil && p.said.Err() != nil:
			return sent, p.interrupted(ctx, p.said.Err(), true)
		case err == nil && state != drivers.Mute && rest > 0:
			now, err = p.watch(ctx, max(rest, p.wait.answer))
		case err == nil && rest > 0:
			now = p.pins(ctx)
		}
		rest = time.Until(deadline)
		switch {
		case p.confirmed():
			continue
		case err != nil && ctx.Err() != nil:
			p.dirty, p.owed = false, deadline
			return sent, fmt.Errorf("%w: %w", drivers.ErrUnknown, err)
		case err != nil: // all was sent, and nothing was said
			return sent, fmt.Errorf("%w: %w", drivers.ErrUnknown, err)
		case now.Err() != nil:
			return sent, p.interrupted(ctx, now.Err(), true)
		case rest > 0:
			continue
		case p.owing > 0: // its power went, or its cable
			return sent, fmt.Errorf("%w: %w", drivers.ErrUnknown, errSilent)
		}
		if p.Tier() == Polled && state != drivers.Mute {
			return sent, p.verify(ctx, state, deadline)
		}
		// One that answered markers before stopped on the way; of one that never
		// answers nothing is known, and it is left alone.
		p.dirty, p.doubt = p.Tier() == Marked && trusted, !trusted
		p.owed = time.Now().Add(p.wait.late)
		return sent, drivers.ErrUnknown
	}
}

// watch asks how the printer is while it prints: some answer only when they are
// done. It ends early when the document is confirmed.
func (p *Printer) watch(ctx context.Context, within time.Duration) (drivers.Status, error) {
	if p.owing > 0 {
		_, err := p.listen(ctx, within, func() bool { return p.owing == 0 || p.confirmed() })
		if err != nil || p.owing > 0 {
			return drivers.Mute, err
		}
	}
	p.asked, p.owing = time.Now(), 1
	if _, err := p.put(ctx, []byte{dle, 4, 1}, p.wait.stuck); err != nil {
		return drivers.Mute, err
	}
	if _, err := p.listen(ctx, within, func() bool { return p.owing == 0 || p.confirmed() }); err != nil || p.owing > 0 {
		return drivers.Mute, err
	}
	return p.query(ctx, p.wait.answer)
}

// verify looks once more before a marker is believed. A question that was put
// before it and was not answered shows that the printer was without power in
// between. And one without a cutter may have read on before it printed: it must be
// well when it must be done.
func (p *Printer) verify(ctx context.Context, state drivers.Status, done time.Time) error {
	if p.owing > 0 {
		if _, err := p.listen(ctx, p.wait.late, func() bool { return p.owing == 0 }); err != nil {
			return fmt.Errorf("%w: %w", drivers.ErrUnknown, err)
		}
		if p.owing > 0 {
			return fmt.Errorf("%w: %w", drivers.ErrUnknown, errSilent)
		}
	}
	if p.noise > 0 && p.Tier() != Finished {
		// Nobody asked for that: a wire that says anything may also say a marker. A
		// name that comes back whole is beyond it.
		return fmt.Errorf("%w: the wire is noisy", drivers.ErrUnknown)
	}
	if p.Tier() == Marked && p.dry {
		return p.interrupted(ctx, drivers.ErrNoPaper, true)
	}
	if p.Tier() == Marked && !p.profile.Cutter && state != drivers.Mute {
		if _, err := p.listen(ctx, max(0, time.Until(done)), func() bool { return p.said.Err() != nil }); err != nil {
			return fmt.Errorf("%w: %w", drivers.ErrUnknown, err)
		}
		now, err := p.query(ctx, p.wait.answer)
		if err != nil {
			return fmt.Errorf("%w: %w", drivers.ErrUnknown, err)
		}
		if now == drivers.Mute {
			return fmt.Errorf("%w: %w", drivers.ErrUnknown, errSilent)
		}
		if now.Err() != nil {
			p.marks = 0
			return p.interrupted(ctx, now.Err(), true)
		}
	}
	p.dirty = false
	return nil
}

// pulse makes sure, between two slices, that the printer is well and has read so
// far. One that only answers markers is sent one.
func (p *Printer) pulse(ctx context.Context, state drivers.Status, within time.Duration) error {
	if err := p.said.Err(); err != nil {
		return err
	}
	if state == drivers.Mute {
		if p.Tier() != Marked {
			return nil
		}
		p.marks, p.due = 0, 1
		if _, err := p.put(ctx, []byte(marker), p.wait.stuck); err != nil {
			return err
		}
		ok, err := p.listen(ctx, within, func() bool { return p.marks > 0 })
		if err == nil && !ok {
			err = errSilent
		}
		return err
	}
	now, err := p.query(ctx, within)
	switch {
	case err != nil:
		return err
	case now.Err() != nil:
		return now.Err()
	case p.owing > 0:
		// Where a full buffer holds the question up, only what the printer said by
		// itself tells why.
		return cmp.Or(p.said.Err(), errSilent)
	}
	return p.said.Err()
}

// interrupted ends a job that a fault stopped. A printer in trouble is told to
// forget the rest of the document at once, lest it go on by itself when somebody
// has put paper in. One that will not, and has the whole document, does go on: it
// is given the time to.
func (p *Printer) interrupted(ctx context.Context, fault error, whole bool) error {
	if drivers.StatusOf(fault) == drivers.Mute || drivers.StatusOf(fault) == drivers.Unplugged {
		return fault // nobody is there to be told
	}
	// From here an error changes nothing: the job is cleared before the next.
	p.cleared = false
	if _, err := p.put(ctx, []byte(discard), p.wait.answer); err != nil {
		return fault
	}
	if cleared, err := p.listen(ctx, p.wait.answer, func() bool { return p.cleared }); cleared || err != nil {
		return fault
	}
	if _, err := p.put(ctx, []byte(recover2), p.wait.answer); err != nil || !whole {
		return fault
	}
	for until := time.Now().Add(p.wait.mend); !p.confirmed(); {
		if time.Now().After(until) {
			return fault
		}
		if _, err := p.listen(ctx, p.wait.poll, func() bool { return p.confirmed() }); err != nil {
			return fault
		}
		now, err := p.query(ctx, p.wait.answer)
		if err != nil {
			return fault
		}
		if now == drivers.Mute || now.Err() != nil || p.confirmed() {
			continue
		}
		if _, err := p.listen(ctx, p.wait.resume, func() bool { return p.confirmed() }); err != nil || !p.confirmed() {
			return fault
		}
	}
	if p.owing > 0 || (p.dry || p.noise > 0) && p.Tier() == Marked {
		return fault
	}
	p.dirty = false
	return nil
}

// settle waits for the marker of a complete job whose caller went away, lest it
// confirm the next.
func (p *Printer) settle(ctx context.Context) error {
	if p.owed.IsZero() || p.best() < Marked {
		p.owed = time.Time{}
		return nil
	}
	p.drain()
	if rest := time.Until(p.owed); p.marks == 0 && p.Tier() != Finished && rest > 0 {
		if _, err := p.listen(ctx, rest, func() bool { return p.marks > 0 }); err != nil {
			return err
		}
	}
	p.owed = time.Time{}
	return nil
}

// clear brings a printer back from an interrupted job. It drops the buffers where
// the printer can; ends a half-eaten command with NULs, which print nothing; cuts
// off what is on paper; and waits until the printer has come that far.
func (p *Printer) clear(ctx context.Context, state drivers.Status) error {
	p.drain()
	p.cleared = false
	forget := []byte(discard)
	if !p.padded { // as it was not asked how it is
		forget = append(make([]byte, padding), forget...)
		p.padded = true
	}
	if _, err := p.put(ctx, forget, p.wait.stuck); err != nil {
		return err
	}
	forgotten := false
	if state != drivers.Mute {
		var err error
		if forgotten, err = p.listen(ctx, p.wait.answer, func() bool { return p.cleared }); err != nil {
			return err
		}
	}
	flush := make([]byte, cmp.Or(p.largest, bandLimit)+padding)
	if !forgotten {
		flush = append([]byte(recover2), flush...)
	}
	flush = append(flush, hello...)
	if p.profile.Cutter {
		flush = append(flush, gs, 'V', 66, 0)
	} else {
		flush = append(flush, lf, lf, lf, lf)
	}
	t := p.Tier()
	waits := t >= Marked || t != Polled && state != drivers.Mute
	p.due = 0
	if waits {
		flush = append(flush, p.end()...)
	}
	if !forgotten {
		p.due++ // that of the interrupted job
	}
	within := p.job(len(flush), longest)
	p.drain()
	p.marks, p.finished = 0, false
	if _, err := p.put(ctx, flush, within); err != nil {
		return err
	}
	if waits {
		heard, err := p.listen(ctx, within, func() bool { return p.confirmed() })
		if err != nil {
			return err
		}
		if !heard && t >= Marked {
			// It may have been taken for better than it is, on a wire with noise.
			now, err := p.query(ctx, p.wait.answer)
			if err != nil || now.Err() != nil {
				return cmp.Or(err, now.Err())
			}
			p.probed = false
			p.found(Unprobed)
			if now == drivers.Mute {
				return errSilent
			}
		}
		if heard && !forgotten && p.Tier() != Finished {
			// That may have been the marker of the interrupted job; then ours
			// comes behind it.
			if _, err := p.listen(ctx, p.job(len(flush), 0), func() bool { return p.marks > 1 }); err != nil {
				return err
			}
		}
	} else if t == Polled {
		// It says nothing: it has had the time to cut.
		if _, err := p.listen(ctx, p.job(len(flush), p.profile.Blade), func() bool { return p.confirmed() }); err != nil {
			return err
		}
	}
	p.dirty, p.largest, p.owed = false, 0, time.Time{}
	return nil
}
