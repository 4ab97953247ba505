package escpos_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
)

var hello = drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: "Bonjour"}}}

// drawing is a printer that draws QR codes itself: its documents are short.
func drawing() escpos.Profile {
	p := escpos.Generic80()
	p.NativeQR = true
	return p
}

// script is a wire that answers as a test says.
type script struct {
	answers chan []byte
	left    []byte
	over    chan struct{}
	once    sync.Once
	write   func(s *script, b []byte) error

	mu  sync.Mutex
	got []byte
}

func newScript(t *testing.T, write func(s *script, b []byte) error) *script {
	s := &script{answers: make(chan []byte, 16), over: make(chan struct{}), write: write}
	t.Cleanup(func() { s.Close() })
	return s
}

func (s *script) Close() error { s.once.Do(func() { close(s.over) }); return nil }

func (s *script) Read(b []byte) (int, error) {
	if len(s.left) == 0 {
		select {
		case s.left = <-s.answers:
		case <-s.over:
			return 0, io.EOF
		}
	}
	n := copy(b, s.left)
	s.left = s.left[n:]
	return n, nil
}

func (s *script) Write(b []byte) (int, error) {
	s.mu.Lock()
	s.got = append(s.got, b...)
	s.mu.Unlock()
	if err := s.write(s, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (s *script) written() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.got)
}

// probe is what a printer is asked about its abilities; four characters vary.
const probe = padding + "\x1b@\x1c.\x1da\x0f\x1d(H\x06\x0000????\x1dr\x01\x1b@\x1c."

const padding = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func isProbe(b []byte) bool {
	at := strings.Index(probe, "????")
	return len(b) == len(probe) && string(b[:at]) == probe[:at] && string(b[at+4:]) == probe[at+4:]
}

// healthy answers DLE EOT and the probe as an idle printer does that knows GS r.
func healthy(s *script, b []byte) bool {
	if isProbe(b) {
		s.answers <- []byte{0}
		return true
	}
	if len(b) == 3 && b[0] == 0x10 && b[1] == 4 {
		s.answers <- []byte{0x12}
		return true
	}
	return false
}

func TestNothingFollowsTheCutButTheMarker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t, func(s *script, b []byte) error {
			if !healthy(s, b) {
				s.answers <- []byte{0}
			}
			return nil
		})
		p := escpos.New(s, escpos.Generic80())
		defer p.Close()
		if _, err := p.Print(t.Context(), hello); err != nil {
			t.Fatalf("Print() = %v; want nil", err)
		}
		want := "\x10\x04\x01\x10\x04\x04\x10\x04\x02" + probe +
			"\x10\x04\x01\x10\x04\x04\x10\x04\x02" + string(escpos.Encode(hello, escpos.Generic80())) + "\x1dr\x01"
		got := s.written()
		if at := strings.Index(want, "????"); len(got) > at+4 {
			copy(got[at:], "????")
		}
		if string(got) != want {
			t.Errorf("written: %q; want %q", got, want)
		}
	})
}

func TestAPrinterThatAnswersQuestionsButNoMarker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sim.NewWire(escpos.Generic80(), 1, sim.Quirks{NoMarker: true, NoFinished: true})
		p := escpos.New(w, escpos.Generic80())
		defer p.Close()
		for range 2 {
			start := time.Now()
			if _, err := p.Print(t.Context(), hello); err != nil {
				t.Errorf("Print() = %v; want nil: it stayed well", err)
			}
			if d := time.Since(start); d < 2*time.Second || d > 6*time.Second {
				t.Errorf("Print() took %v; want the time of a slow printer", d)
			}
			if got := p.Tier(); got != escpos.Polled {
				t.Errorf("Tier() = %v; want polled", got)
			}
		}
		if got := w.Sheets(); len(got) != 2 || got[1].Text() != "Bonjour\n" {
			t.Errorf("sheets = %v; want two whole ones and no scrap", got)
		}
	})
}

// The marker of a job that its caller gave up must not confirm the next.
func TestALateMarkerConfirmsNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jobs := 0
		s := newScript(t, func(s *script, b []byte) error {
			if !healthy(s, b) {
				if jobs++; jobs == 1 {
					time.AfterFunc(1500*time.Millisecond, func() { s.answers <- []byte{0} })
				}
			}
			return nil
		})
		p := escpos.New(s, escpos.Generic80())
		defer p.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Print(ctx, hello); !errors.Is(err, drivers.ErrUnknown) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Print() = %v; want unknown, for the deadline", err)
		}
		if _, err := p.Print(t.Context(), hello); !errors.Is(err, drivers.ErrUnknown) {
			t.Errorf("Print() = %v; want %v: its own marker never came", err, drivers.ErrUnknown)
		}
	})
}

// pulled is a cable of one direction that is pulled after some bytes.
type pulled struct {
	*sim.Wire
	left int
}

func (c *pulled) Read([]byte) (int, error) { return 0, syscall.EINVAL }
func (c *pulled) Close() error             { return nil } // the printer keeps its power

func (c *pulled) Write(b []byte) (int, error) {
	n := min(len(b), c.left)
	c.left -= n
	c.Wire.Write(b[:n])
	if n < len(b) {
		return n, syscall.ENODEV
	}
	return n, nil
}

// A printer has power of its own: what came through before its cable was pulled
// is still there when the cable is back.
func TestAJobCutByItsCableIsClearedOnTheNext(t *testing.T) {
	qr := drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: "Perdu"}, drivers.QR{Data: "https://example.org/t/42"}}}
	whole := len(escpos.Encode(qr, drawing()))
	for left := 3; left < 3+whole; left++ { // 3 for the question before
		synctest.Test(t, func(t *testing.T) {
			w := sim.NewWire(drawing(), 1, sim.Quirks{})
			defer w.Close()
			p := escpos.New(&pulled{w, left}, drawing())
			if _, err := p.Print(t.Context(), qr); !errors.Is(err, drivers.ErrUnplugged) {
				t.Fatalf("Print() on a cable pulled after %d bytes = %v; want unplugged", left, err)
			}
			p.Close()
			p = p.Anew(w)
			defer p.Close()
			if _, err := p.Print(t.Context(), hello); err != nil {
				t.Fatalf("Print() after %d bytes on the cable before = %v; want nil", left, err)
			}
			sheets := w.Sheets()
			if got := sheets[len(sheets)-1].Text(); got != "Bonjour\n" {
				t.Errorf("the sheet after %d bytes on the cable before = %q; want nothing but its own", left, got)
			}
		})
	}
}

func TestOfflineForNoReasonPrints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t, func(s *script, b []byte) error {
			switch {
			case string(b) == "\x10\x04\x01":
				s.answers <- []byte{0x1a}
			case !healthy(s, b):
				s.answers <- []byte{0}
			}
			return nil
		})
		p := escpos.New(s, escpos.Generic80())
		defer p.Close()
		if _, err := p.Print(t.Context(), hello); err != nil {
			t.Errorf("Print() = %v; want nil", err)
		}
	})
}

func TestAnAutomaticStatusStopsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t, func(s *script, b []byte) error {
			switch {
			case healthy(s, b):
			case len(b) > 10 && b[0] == 0x1b:
				s.answers <- []byte{0x1c, 0, 0x0c, 0}
			case len(b) == 10: // DLE DC4 8
				s.answers <- []byte{0x37, 0x25, 0}
			}
			return nil
		})
		p := escpos.New(s, escpos.Generic80())
		defer p.Close()
		start := time.Now()
		if _, err := p.Print(t.Context(), hello); !errors.Is(err, drivers.ErrNoPaper) {
			t.Errorf("Print() = %v; want no paper", err)
		}
		if d := time.Since(start); d > 100*time.Millisecond {
			t.Errorf("Print() took %v; want at once", d)
		}
	})
}

// A wire that takes no bytes holds nobody.
func TestABlockedWire(t *testing.T) {
	for _, c := range []struct {
		name  string
		block func(b []byte) bool
		ctx   time.Duration
		print error
		most  time.Duration
	}{
		{"from the first byte", func([]byte) bool { return true }, time.Hour, drivers.ErrUnplugged, 3 * time.Second},
		{"from the first byte, with a context", func([]byte) bool { return true }, time.Second, context.DeadlineExceeded, time.Second},
		{"in the document", func(b []byte) bool { return len(b) > 10 && !isProbe(b) }, time.Hour, drivers.ErrUnknown, 5 * time.Second},
		{"in the document, with a context", func(b []byte) bool { return len(b) > 10 && !isProbe(b) }, time.Second, drivers.ErrUnknown, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScript(t, func(s *script, b []byte) error {
					if c.block(b) {
						<-s.over
						return io.ErrClosedPipe
					}
					healthy(s, b)
					return nil
				})
				p := escpos.New(s, escpos.Generic80())
				defer p.Close()
				ctx, cancel := context.WithTimeout(t.Context(), c.ctx)
				defer cancel()
				start := time.Now()
				if _, err := p.Print(ctx, hello); !errors.Is(err, c.print) {
					t.Errorf("Print() = %v; want %v", err, c.print)
				}
				if d := time.Since(start); d > c.most {
					t.Errorf("Print() took %v; want at most %v", d, c.most)
				}
				start = time.Now()
				p.Status(t.Context())
				if d := time.Since(start); d > time.Second {
					t.Errorf("Status() took %v; want at most a second", d)
				}
			})
		})
	}
}

func TestEndsOfAWire(t *testing.T) {
	for _, c := range []struct {
		name        string
		read, write error
		want        error
	}{
		{"pulled", nil, syscall.ENODEV, drivers.ErrUnplugged},
		{"an error of the bus", nil, syscall.EIO, drivers.ErrUnplugged},
		{"hung up", io.EOF, nil, drivers.ErrUnplugged},
		{"one way: mute, and it prints", syscall.EINVAL, nil, drivers.ErrUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScript(t, func(*script, []byte) error { return c.write })
				var wire io.ReadWriter = s
				if c.read != nil {
					wire = struct {
						io.Reader
						io.Writer
					}{failing{c.read}, s}
				}
				p := escpos.New(wire, escpos.Generic80())
				defer p.Close()
				synctest.Wait()
				if _, err := p.Print(t.Context(), hello); !errors.Is(err, c.want) {
					t.Errorf("Print() = %v; want %v", err, c.want)
				}
			})
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestCloseEndsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sim.NewWire(escpos.Generic80(), 1, sim.Quirks{})
		w.Set(drivers.Mute, true)
		p := escpos.New(w, escpos.Generic80())
		ended := make(chan error)
		go func() { _, err := p.Print(t.Context(), hello); ended <- err }()
		time.Sleep(700 * time.Millisecond)
		p.Close()
		if err := <-ended; !errors.Is(err, drivers.ErrUnplugged) {
			t.Errorf("Print() = %v; want unplugged", err)
		}
		if _, err := p.Print(t.Context(), hello); !errors.Is(err, drivers.ErrUnplugged) {
			t.Errorf("Print() after Close = %v; want unplugged", err)
		}
		if got := p.Status(t.Context()); got != drivers.Unplugged {
			t.Errorf("Status() after Close = %v; want unplugged", got)
		}
		p.Close() // twice is once
	})
}

// Paper that ends anywhere in a ticket never makes two tickets share a sheet,
// whether or not the printer can forget its buffer.
func TestPaperEndsAnywhere(t *testing.T) {
	long := drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "41"}, drivers.QR{Data: strings.Repeat("coupé ", 30)},
		drivers.Text{Text: strings.Repeat("coupé ", 60)},
	}}
	next := drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: "après"}}}
	for _, quirks := range []sim.Quirks{{}, {NoDiscard: true}} {
		for lines := 1; lines < 12; lines++ {
			synctest.Test(t, func(t *testing.T) {
				w := sim.NewWire(drawing(), 1, quirks)
				p := escpos.New(w, drawing())
				defer p.Close()
				w.FailAfter(lines, drivers.NoPaper)
				if _, err := p.Print(t.Context(), long); !errors.Is(err, drivers.ErrNoPaper) {
					t.Fatalf("after %d lines: Print() = %v; want no paper", lines, err)
				}
				w.Set(drivers.NoPaper, false)
				if _, err := p.Print(t.Context(), next); err != nil {
					t.Fatalf("after %d lines: the next Print() = %v; want nil", lines, err)
				}
				sheets := w.Sheets()
				if got := sheets[len(sheets)-1].Text(); got != "après\n" {
					t.Errorf("after %d lines, %+v: the next sheet is %q", lines, quirks, got)
				}
				if n := w.Strange(); n > 0 {
					t.Errorf("after %d lines, %+v: %d commands unknown to the printer", lines, quirks, n)
				}
			})
		}
	}
}

// A printer that was out of paper does not go on with a ticket that was given up.
func TestAGivenUpTicketStaysGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sim.NewWire(escpos.Generic80(), 1, sim.Quirks{})
		p := escpos.New(w, escpos.Generic80())
		defer p.Close()
		w.FailAfter(2, drivers.NoPaper)
		doc := drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: "un\ndeux\ntrois\nquatre"}}}
		if _, err := p.Print(t.Context(), doc); !errors.Is(err, drivers.ErrNoPaper) {
			t.Fatalf("Print() = %v; want no paper", err)
		}
		w.Set(drivers.NoPaper, false)
		time.Sleep(time.Minute)
		if got := w.Hanging().Text(); got != "un\ndeux\n" || len(w.Sheets()) > 0 {
			t.Errorf("with new paper in, %q hangs out and %d sheets were cut; want what was out before", got, len(w.Sheets()))
		}
	})
}

// torn is a cable that is pulled for a moment in the first document, after a
// number of its bytes. The printer has its own power and keeps what it got.
type torn struct {
	*sim.Wire
	after int
}

func (c *torn) Write(b []byte) (int, error) {
	if len(b) > 10 && !isProbe(b) && c.after >= 0 {
		n, _ := c.Wire.Write(b[:min(c.after, len(b))])
		c.after = -1
		return n, syscall.EIO
	}
	return c.Wire.Write(b)
}

func TestACablePulledAnywhere(t *testing.T) {
	cut := drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "41"}, drivers.QR{Data: "https://example.org/coupé"}, drivers.Text{Text: "coupé"},
	}}
	next := drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: "après"}}}
	for _, quirks := range []sim.Quirks{{}, {NoDiscard: true}} {
		for after := range len(escpos.Encode(cut, drawing())) + 3 {
			synctest.Test(t, func(t *testing.T) {
				w := sim.NewWire(drawing(), 1, quirks)
				p := escpos.New(&torn{w, after}, drawing())
				defer p.Close()
				if _, err := p.Print(t.Context(), cut); !errors.Is(err, drivers.ErrUnplugged) {
					t.Fatalf("pulled after %d bytes: Print() = %v; want unplugged", after, err)
				}
				if _, err := p.Print(t.Context(), next); err != nil {
					t.Fatalf("pulled after %d bytes: the next Print() = %v; want nil", after, err)
				}
				sheets := w.Sheets()
				if got := sheets[len(sheets)-1].Text(); got != "après\n" {
					t.Errorf("pulled after %d bytes, %+v: the next sheet is %q", after, quirks, got)
				}
			})
		}
	}
}

// A document that takes several slices.
var many = drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: strings.Repeat("Une ligne parmi beaucoup d'autres.\n", 60)}}}

// isDocument reports whether b is no question.
func isDocument(b []byte) bool { return len(b) > 40 && !isProbe(b) }

// Whoever prints marks the next as a copy when anything may be on paper: what a
// wire was given counts, whatever the wire says of it.
func TestPaperOfAWireThatFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		doc   drivers.Document
		write func(s *script, b []byte) (bool, error) // whether it hangs
		ctx   time.Duration
		want  error
		paper bool
	}{
		{"at a question", many, func(*script, []byte) (bool, error) { return false, syscall.ENODEV }, time.Hour, drivers.ErrUnplugged, false},
		{"at the first slice", many, func(_ *script, b []byte) (bool, error) {
			if isDocument(b) {
				return false, syscall.ENODEV
			}
			return false, nil
		}, time.Hour, drivers.ErrUnplugged, true},
		{"at the only slice", hello, func(_ *script, b []byte) (bool, error) {
			if isDocument(b) || strings.Contains(string(b), "Bonjour") {
				return false, syscall.EIO
			}
			return false, nil
		}, time.Hour, drivers.ErrUnplugged, true},
		{"stuck at the first slice", many, func(_ *script, b []byte) (bool, error) { return isDocument(b), nil }, time.Hour, drivers.ErrUnplugged, true},
		{"stuck at the first slice, with a context", many, func(_ *script, b []byte) (bool, error) { return isDocument(b), nil }, time.Second, context.DeadlineExceeded, true},
		{"stuck at a question, with a context", many, func(_ *script, b []byte) (bool, error) { return !isDocument(b), nil }, time.Second, context.DeadlineExceeded, false},
		{"gone at the first slice", many, func(s *script, b []byte) (bool, error) {
			if isDocument(b) {
				s.Close()
				return true, nil
			}
			return false, nil
		}, time.Hour, drivers.ErrUnplugged, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScript(t, func(s *script, b []byte) error {
				hang, err := c.write(s, b)
				if hang {
					<-s.over
					time.Sleep(time.Millisecond)
					return io.ErrClosedPipe
				}
				if err == nil {
					healthy(s, b)
				}
				return err
			})
			p := escpos.New(s, escpos.Generic80())
			defer p.Close()
			ctx, cancel := context.WithTimeout(t.Context(), c.ctx)
			defer cancel()
			mm, err := p.Print(ctx, c.doc)
			if !errors.Is(err, c.want) || (mm > 0) != c.paper {
				t.Errorf("%s: Print() = %d mm, %v; want some paper %v, %v", c.name, mm, err, c.paper, c.want)
			}
		})
	}
}

// How long a mute printer is given, by what its profile says of its paper and its wire.
func TestTheTimeOfASlowPrinter(t *testing.T) {
	long := drivers.Document{Blocks: append(many.Blocks, drivers.Feed{Lines: 20})}
	for _, c := range []struct {
		name        string
		speed, baud int
	}{
		{"nothing is known", 0, 0},
		{"a fast one", 200, 0},
		{"a slow one", 50, 0},
		{"a line of 9600 baud", 0, 9600},
		{"a line of 1200 baud, and fast paper", 250, 1200},
	} {
		p := escpos.Generic80()
		p.Speed, p.Baud, p.Answers = c.speed, c.baud, escpos.AnswersNothing
		job := escpos.NewComposer(p).Compose(long)
		bytes, mm := 100_000.0, 50.0
		if c.baud > 0 {
			bytes = float64(c.baud / 12)
		}
		if c.speed > 0 {
			mm = float64(c.speed / 2)
		}
		want := 2*time.Second + time.Duration((float64(len(job.Bytes))/bytes+float64(job.Length)/mm)*float64(time.Second))
		synctest.Test(t, func(t *testing.T) {
			s := newScript(t, func(*script, []byte) error { return nil })
			pr := escpos.New(s, p)
			defer pr.Close()
			began := time.Now()
			_, err := pr.Print(t.Context(), long)
			if took := time.Since(began); !errors.Is(err, drivers.ErrUnknown) || (took-want).Abs() > 50*time.Millisecond {
				t.Errorf("%s: Print() = %v after %v; want unknown after %v", c.name, err, took, want)
			}
		})
	}
}
