// Package escpos drives receipt printers that speak Epson's ESC/POS.
//
// The printer is whatever io.ReadWriter it hangs from: /dev/usb/lp0, a serial
// port, a socket, or the emulated wire of drivers/sim.
//
// It promises that nothing is sent to a printer which says that it cannot
// print; that nil means that the printer itself said, behind the last byte, that
// it had come that far; that no answer is never read as a fault; that after an
// interrupted job no leftover of it shares a sheet with the next; and that no
// wire, however stuck, holds a caller beyond the end of its context.
//
// One library beside the standard one: golang.org/x/text/unicode/norm, the Go
// team's own, for the tables that take an accent off its letter.
package escpos

import (
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
	stuck  time.Duration // for a wire to take a few bytes
	poll   time.Duration // between questions while the printer prints
	grace  time.Duration // beyond the time that the slowest printer needs
	bytes  int           // a second, on the slowest wire: 9600 baud
	speed  int           // millimetres a second, of the slowest printer
}

func usual() patience {
	return patience{
		answer: 500 * time.Millisecond,
		stuck:  2 * time.Second,
		poll:   500 * time.Millisecond,
		grace:  2 * time.Second,
		bytes:  960,
		speed:  50,
	}
}

func (p patience) job(bytes, mm int) time.Duration {
	return time.Duration(bytes)*time.Second/time.Duration(p.bytes) +
		time.Duration(mm)*time.Second/time.Duration(p.speed) + p.grace
}

// longest is the longest job to expect of a printer that goes on by itself with
// what it had in its buffer: a long report.
const longest = 300 // mm

// What is sent beside documents.
const (
	// marker is GS r 1. The printer answers when it has read all before it.
	marker = "\x1dr\x01"
	// discard is DLE DC4 8: forget all buffers, at once, even offline. Answered
	// with 37 25 00 by those that know it.
	discard = "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
	// resync is how many NULs end any command that was cut short. The longest is
	// not one of ours: when GS ( k lost its length, the question that comes next
	// lends it a DLE for the high byte, which makes up to 10FFh.
	resync = 0x1100
)

// Printer is an ESC/POS printer on a wire. Make one with New.
type Printer struct {
	wire    io.ReadWriter
	profile Profile
	wait    patience

	in      chan reply    // what the printer says
	out     chan []byte   // to the goroutine that writes
	written chan error    // from it, once for each slice
	gone    chan struct{} // closed when the wire cannot be read any more
	closing chan struct{}
	once    sync.Once
	tasks   sync.WaitGroup

	// turn holds a token while somebody talks to the printer, who then owns all
	// below. It stands in for a goroutine, since waiting for it must end with a
	// context.
	turn    chan struct{}
	pending bool           // a write did not return yet
	marks   int            // markers answered since the last job began
	marking bool           // this printer has answered a marker
	dirty   bool           // a job was interrupted: clear before the next
	owed    time.Time      // a complete job's marker may still come until then
	said    drivers.Status // the last automatic status
	last    atomic.Uint32  // the last known status, for those whose turn it is not
}

var _ drivers.Printer = (*Printer)(nil)

// New drives a printer of profile p on an open wire.
//
// Its Read may block for ever. When Read returns an error the printer counts as
// unplugged for good and its owner opens the wire anew; only EINVAL and EBADF,
// which a one-way wire returns, make it mute instead. A Read without news must
// not return io.EOF.
func New(wire io.ReadWriter, p Profile) *Printer { return open(wire, p, usual()) }

func open(wire io.ReadWriter, p Profile, wait patience) *Printer {
	pr := &Printer{
		wire: wire, profile: p, wait: wait,
		in:      make(chan reply, 64),
		out:     make(chan []byte),
		written: make(chan error, 1),
		gone:    make(chan struct{}),
		closing: make(chan struct{}),
		turn:    make(chan struct{}, 1),
	}
	pr.tasks.Go(pr.read)
	pr.tasks.Go(pr.write)
	return pr
}

// Anew drives the same printer on a wire opened anew, and closes p if its owner
// has not. What p knows of the paper goes on: an interrupted job is cleared away
// before the next, and a marker still owed confirms nothing else.
func (p *Printer) Anew(wire io.ReadWriter) *Printer {
	p.Close()
	p.turn <- struct{}{} // soon: whoever has it has just been told that the wire is gone
	defer func() { <-p.turn }()
	n := open(wire, p.profile, p.wait)
	n.dirty, n.owed, n.marking = p.dirty, p.owed, p.marking
	return n
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
func (p *Printer) read() {
	var d demux
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
			_, err := p.wire.Write(b)
			p.written <- err
		case <-p.closing:
			return
		}
	}
}

var (
	errGone  = fmt.Errorf("%w: the wire has ended", drivers.ErrUnplugged)
	errStuck = fmt.Errorf("%w: the wire takes no bytes", drivers.ErrUnplugged)
)

// put writes b, within a time. The slice must not change afterwards.
func (p *Printer) put(ctx context.Context, b []byte, within time.Duration) error {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for sent := false; ; {
		if !p.pending {
			if sent {
				return nil
			}
			select {
			case <-p.gone:
				return errGone
			case <-p.closing:
				return errGone
			case <-ctx.Done():
				return ctx.Err()
			case p.out <- b:
				p.pending, sent = true, true
			}
		}
		select {
		case err := <-p.written:
			p.pending = false
			if err != nil {
				return fmt.Errorf("%w: %w", drivers.ErrUnplugged, err)
			}
		case <-timer.C:
			return errStuck
		case <-ctx.Done():
			return ctx.Err()
		case <-p.gone:
			return errGone
		case <-p.closing:
			return errGone
		}
	}
}

// note keeps what a reply says beyond the question just asked.
func (p *Printer) note(r reply) {
	switch r.kind {
	case queued:
		p.marks++
		p.marking = true
	case auto:
		p.said = classifyASB(r.asb)
	}
}

// listen waits for the reply that done accepts; silence is false without an error.
func (p *Printer) listen(ctx context.Context, within time.Duration, done func(reply) bool) (bool, error) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		select {
		case r := <-p.in:
			p.note(r)
			if done(r) {
				return true, nil
			}
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

// ask sends DLE EOT n and waits for the answer.
func (p *Printer) ask(ctx context.Context, n byte) (answer byte, ok bool, err error) {
	p.drain()
	if err := p.put(ctx, []byte{dle, 4, n}, p.wait.stuck); err != nil {
		return 0, false, err
	}
	ok, err = p.listen(ctx, p.wait.answer, func(r reply) bool {
		answer = r.b
		return r.kind == realtime
	})
	return answer, ok, err
}

// query asks how the printer is. A printer that does not answer the first
// question is mute and is not asked the others.
func (p *Printer) query(ctx context.Context) (drivers.Status, error) {
	var answers [5]byte
	for _, n := range []byte{1, 4, 2, 3} {
		if n == 3 && answers[2]&error2 == 0 {
			break
		}
		b, ok, err := p.ask(ctx, n)
		if err != nil {
			if ctx.Err() == nil {
				p.last.Store(uint32(drivers.Unplugged))
			}
			return drivers.Mute, err
		}
		if !ok && n == 1 {
			p.last.Store(uint32(drivers.Mute))
			return drivers.Mute, nil
		}
		if !ok {
			break // a poor clone answers some; the answers so far stand
		}
		answers[n] = b
	}
	s := classify(answers[2], answers[3], answers[4])
	p.last.Store(uint32(s))
	return s, nil
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

// Status asks the printer how it is. While a job keeps the printer busy for more
// than a second, it is the last known state.
func (p *Printer) Status(ctx context.Context) drivers.Status {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := p.take(ctx); errors.Is(err, drivers.ErrUnplugged) {
		return drivers.Unplugged
	} else if err != nil {
		return drivers.Status(p.last.Load())
	}
	defer func() { <-p.turn }()
	s, err := p.query(ctx)
	if err != nil {
		return drivers.StatusOf(err)
	}
	return s
}

// Print prints doc on a sheet of its own. See drivers.Printer.
//
// With a printer that answers nothing at all it takes as long as the slowest
// printer would need, then returns ErrUnknown.
func (p *Printer) Print(ctx context.Context, doc drivers.Document) error {
	if err := p.take(ctx); err != nil {
		return fmt.Errorf("escpos: waiting for the printer: %w", err)
	}
	defer func() { <-p.turn }()
	if err := p.print(ctx, Compose(doc, p.profile)); err != nil {
		return fmt.Errorf("escpos: printing: %w", err)
	}
	return nil
}

func (p *Printer) print(ctx context.Context, job Job) error {
	state, err := p.query(ctx)
	if err == nil {
		err = state.Err()
	}
	if err != nil {
		return err // nothing was sent
	}
	if p.dirty {
		err = p.clear(ctx, state)
	} else {
		err = p.settle(ctx)
	}
	if err != nil {
		return err
	}

	within := p.wait.job(len(job.Bytes), job.Length)
	deadline := time.Now().Add(within)
	p.drain()
	p.marks, p.said = 0, drivers.Ready
	p.dirty = true
	if err := p.put(ctx, append(job.Bytes, marker...), within); err != nil {
		if errors.Is(err, errGone) || !p.pending {
			return err
		}
		// Stuck in the middle: what went before may be on paper.
		return fmt.Errorf("%w: %w", drivers.ErrUnknown, err)
	}

	// From here the document is in the printer as a whole: only a fault
	// interrupts it.
	for {
		rest := time.Until(deadline)
		confirmed, err := p.listen(ctx, min(max(rest, 0), p.wait.poll), func(reply) bool {
			return p.marks > 0 || p.said.Err() != nil
		})
		switch {
		case p.marks > 0:
			p.dirty = false
			return nil
		case err != nil && ctx.Err() != nil:
			p.dirty, p.owed = false, deadline
			return fmt.Errorf("%w: %w", drivers.ErrUnknown, err)
		case err != nil:
			return err
		case confirmed: // an automatic status told of a fault
			p.abort(ctx)
			return p.said.Err()
		}
		now := drivers.Mute
		if state != drivers.Mute {
			if now, err = p.query(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
		switch {
		case p.marks > 0: // it came in between
			p.dirty = false
			return nil
		case now.Err() != nil && err == nil:
			p.abort(ctx)
			return now.Err()
		case rest <= 0:
			p.dirty = false
			return drivers.ErrUnknown
		}
	}
}

// settle waits for the marker of a complete job whose caller went away, lest it
// confirm the next.
func (p *Printer) settle(ctx context.Context) error {
	if p.owed.IsZero() {
		return nil
	}
	p.drain()
	if rest := time.Until(p.owed); p.marks == 0 && rest > 0 {
		if _, err := p.listen(ctx, rest, func(reply) bool { return p.marks > 0 }); err != nil {
			return err
		}
	}
	p.owed = time.Time{}
	return nil
}

// abort asks a printer in trouble to forget the rest of the document at once, so
// that it does not go on by itself when somebody has put paper in.
func (p *Printer) abort(ctx context.Context) {
	// An error changes nothing: the job stays dirty and is cleared before the next.
	_ = p.put(ctx, []byte(discard), p.wait.answer)
}

// clear brings a printer back from an interrupted job. It drops the buffers where
// the printer can; ends a half-eaten command with NULs, which print nothing; cuts
// off what is on paper; and waits until the printer has come that far.
func (p *Printer) clear(ctx context.Context, state drivers.Status) error {
	p.drain()
	if err := p.put(ctx, []byte(discard), p.wait.stuck); err != nil {
		return err
	}
	forgotten := false
	if state != drivers.Mute {
		var err error
		if forgotten, err = p.listen(ctx, p.wait.answer, func(r reply) bool {
			return r.kind == block && string(r.data) == "\x37\x25"
		}); err != nil {
			return err
		}
	}
	flush := make([]byte, resync, resync+16)
	flush = append(flush, esc, '@')
	if p.profile.Cutter {
		flush = append(flush, gs, 'V', 66, 0)
	} else {
		flush = append(flush, lf, lf, lf, lf)
	}
	flush = append(flush, marker...)
	within := p.wait.job(len(flush), longest)
	p.drain()
	p.marks = 0
	if err := p.put(ctx, flush, within); err != nil {
		return err
	}
	if state != drivers.Mute || p.marking {
		heard, err := p.listen(ctx, within, func(reply) bool { return p.marks > 0 })
		if err != nil {
			return err
		}
		if heard && !forgotten {
			// That may have been the marker of the interrupted job; then ours
			// comes behind it.
			if _, err := p.listen(ctx, p.wait.job(len(flush), 0), func(reply) bool { return p.marks > 1 }); err != nil {
				return err
			}
		}
	}
	p.dirty, p.owed = false, time.Time{}
	return nil
}
