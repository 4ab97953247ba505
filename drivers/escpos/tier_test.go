package escpos_test

import (
	"errors"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
)

func TestTiers(t *testing.T) {
	for _, c := range []struct {
		name   string
		quirks sim.Quirks
		asked  escpos.Tier // once it was asked how it is
		then   escpos.Tier // once it has printed
		print  error
	}{
		{"Epson's", sim.Quirks{}, escpos.Finished, escpos.Finished, nil},
		{"a good clone", sim.Quirks{NoFinished: true}, escpos.Marked, escpos.Marked, nil},
		{"a poor clone", sim.Quirks{NoFinished: true, NoMarker: true}, escpos.Polled, escpos.Polled, nil},
		{"a panel printer", sim.Quirks{NoFinished: true, NoRealtime: true}, escpos.Marked, escpos.Marked, nil},
		{"one wire", sim.Quirks{NoFinished: true, NoRealtime: true, NoMarker: true, NoStatus: true, NoDiscard: true}, escpos.Silent, escpos.Silent, drivers.ErrUnknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := sim.NewWire(escpos.Generic80(), 1, c.quirks)
			p := escpos.New(w, escpos.Generic80())
			defer p.Close()
			if got := p.Tier(); got != escpos.Unprobed {
				t.Errorf("%s: Tier() = %v at first; want unprobed", c.name, got)
			}
			p.Status(t.Context())
			if got := p.Tier(); got != c.asked {
				t.Errorf("%s: Tier() = %v once it was asked; want %v", c.name, got, c.asked)
			}
			if _, err := p.Print(t.Context(), hello); !errors.Is(err, c.print) {
				t.Errorf("%s: Print() = %v; want %v", c.name, err, c.print)
			}
			if got := p.Tier(); got != c.then {
				t.Errorf("%s: Tier() = %v once it has printed; want %v", c.name, got, c.then)
			}
			if got := w.Sheets(); len(got) != 1 || got[0].Text() != "Bonjour\n" {
				t.Errorf("%s: sheets %+v; want one, and nothing of the questions", c.name, got)
			}
		})
	}
	for tier, want := range map[escpos.Tier]string{escpos.Unprobed: "unprobed", escpos.Silent: "silent", escpos.Polled: "polled", escpos.Marked: "marked", escpos.Finished: "finished"} {
		if got := tier.String(); got != want {
			t.Errorf("Tier(%d) = %q; want %q", tier, got, want)
		}
	}
}

// A printer at a wire opened anew may be another: it is asked again.
func TestTierAfterReconnecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := sim.NewWire(escpos.Generic80(), 1, sim.Quirks{})
		poor := sim.NewWire(escpos.Generic80(), 1, sim.Quirks{NoFinished: true})
		p := escpos.New(good, escpos.Generic80())
		p.Status(t.Context())
		p = p.Anew(poor)
		defer p.Close()
		if _, err := p.Print(t.Context(), hello); err != nil || p.Tier() != escpos.Marked {
			t.Errorf("Print() at another printer = %v, tier %v; want nil, marked", err, p.Tier())
		}
	})
}

// Custom's printers tell all in one answer.
func TestFullStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sim.NewWire(escpos.CustomPresenter(), 1, sim.Quirks{Full: true, NoRealtime: true, NoFinished: true})
		p := escpos.New(w, escpos.CustomPresenter())
		defer p.Close()
		for _, s := range []drivers.Status{drivers.Ready, drivers.PaperLow, drivers.NoPaper, drivers.CoverOpen, drivers.Overheated, drivers.CutterJammed} {
			w.Set(s, true)
			if got := p.Status(t.Context()); got != s {
				t.Errorf("in %v: Status() = %v", s, got)
			}
			w.Set(drivers.Ready, true)
		}
		if _, err := p.Print(t.Context(), hello); err != nil {
			t.Errorf("Print() = %v; want nil", err)
		}
	})
}

// pinned is a mute printer whose status pins work.
type pinned struct {
	*sim.Wire
	pins atomic.Uint32
}

func (p *pinned) PortStatus() (byte, error) {
	if b := byte(p.pins.Load()); b != 0xff {
		return b, nil
	}
	return 0, errors.New("no such ioctl")
}

func TestPortStatus(t *testing.T) {
	for _, c := range []struct {
		pins   byte
		status drivers.Status
		print  error
	}{
		{0x18, drivers.Mute, drivers.ErrUnknown}, // "well" is what many always say
		{0x38, drivers.NoPaper, drivers.ErrNoPaper},
		{0x10, drivers.CutterJammed, drivers.ErrCutter},
		{0xff, drivers.Mute, drivers.ErrUnknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &pinned{Wire: sim.NewWire(escpos.Generic80(), 1, sim.Quirks{})}
			w.Set(drivers.Mute, true)
			w.pins.Store(uint32(c.pins))
			p := escpos.New(w, escpos.Generic80())
			defer p.Close()
			if got := p.Status(t.Context()); got != c.status {
				t.Errorf("pins %02x: Status() = %v; want %v", c.pins, got, c.status)
			}
			mm, err := p.Print(t.Context(), hello)
			if !errors.Is(err, c.print) || c.status != drivers.Mute && mm != 0 {
				t.Errorf("pins %02x: Print() = %d mm, %v; want %v", c.pins, mm, err, c.print)
			}
		})
	}
}

func TestPortStatusOfAFile(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, err := escpos.PortStatus(f); err == nil {
		t.Errorf("PortStatus(%s) = %02x; want an error: it is no printer", os.DevNull, b)
	}
}

// A printer that has the whole document and cannot be made to forget it goes on by
// itself when it is mended soon: that counts, and nothing is printed twice.
func TestItGoesOnByItself(t *testing.T) {
	for _, c := range []struct {
		mended time.Duration
		want   error
	}{{3 * time.Second, nil}, {time.Minute, drivers.ErrCoverOpen}} {
		synctest.Test(t, func(t *testing.T) {
			w := sim.NewWire(drawing(), 1, sim.Quirks{NoDiscard: true, NoRecover: true})
			p := escpos.New(w, drawing())
			defer p.Close()
			doc := drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: "un\ndeux\ntrois"}}}
			w.FailAfter(2, drivers.CoverOpen)
			time.AfterFunc(c.mended, func() { w.Set(drivers.CoverOpen, false) })
			if _, err := p.Print(t.Context(), doc); !errors.Is(err, c.want) {
				t.Errorf("mended after %v: Print() = %v; want %v", c.mended, err, c.want)
			}
			time.Sleep(2 * time.Minute)
			if got := w.Sheets(); len(got) != 1 || got[0].Text() != "un\ndeux\ntrois\n" {
				t.Errorf("mended after %v: sheets %+v; want one, whole", c.mended, got)
			}
		})
	}
}

// What a program left behind that ended in the midst of a picture is cleared.
func TestDistrust(t *testing.T) {
	for at := range 60 {
		synctest.Test(t, func(t *testing.T) {
			w := sim.NewWire(escpos.Generic80(), 1, sim.Quirks{})
			left := escpos.Encode(drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: "moitié"}, drivers.QR{Data: "https://example.org"}}}, escpos.Generic80())
			w.Write(left[:len(left)*at/60])
			synctest.Wait()
			p := escpos.New(w, escpos.Generic80())
			defer p.Close()
			p.Distrust()
			if _, err := p.Print(t.Context(), hello); err != nil {
				t.Fatalf("after %d bytes: Print() = %v; want nil", len(left)*at/60, err)
			}
			sheets := w.Sheets()
			if got := sheets[len(sheets)-1]; got.Text() != "Bonjour\n" || got.Lines[0].Ink > 0 {
				t.Errorf("after %d bytes the sheet is %q", len(left)*at/60, got.Text())
			}
		})
	}
}

// While a printer says that it cannot print, it gets questions and nothing else.
func TestNothingIsWrittenOffline(t *testing.T) {
	for _, state := range []byte{0x32, 0x16} {
		synctest.Test(t, func(t *testing.T) {
			s := newScript(t, func(s *script, b []byte) error {
				switch string(b) {
				case "\x10\x04\x01":
					s.answers <- []byte{0x1a}
				case "\x10\x04\x02":
					s.answers <- []byte{state}
				default:
					s.answers <- []byte{0x12}
				}
				return nil
			})
			p := escpos.New(s, escpos.Generic80())
			defer p.Close()
			for range 3 {
				p.Status(t.Context())
				if mm, err := p.Print(t.Context(), hello); err == nil || mm != 0 {
					t.Errorf("Print() = %d mm, %v; want 0 and an error", mm, err)
				}
			}
			rest := string(s.written())
			for _, q := range []string{"\x10\x04\x01", "\x10\x04\x02", "\x10\x04\x03", "\x10\x04\x04"} {
				rest = strings.ReplaceAll(rest, q, "")
			}
			if rest != "" {
				t.Errorf("written beside questions: %q", rest)
			}
		})
	}
}

// A printer on a network is the same driver on another wire.
func TestDial(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := sim.NewWire(escpos.Generic80(), 0, sim.Quirks{})
	defer w.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			buf := make([]byte, 256)
			for {
				n, err := w.Read(buf)
				if err != nil {
					return
				}
				c.Write(buf[:n])
			}
		}()
		buf := make([]byte, 4096)
		for {
			n, err := c.Read(buf)
			w.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	c, err := escpos.Dial(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := escpos.New(c, escpos.Generic80())
	defer p.Close()
	if _, err := p.Print(t.Context(), hello); err != nil {
		t.Errorf("Print() = %v; want nil", err)
	}
	l.Close()
	if c, err := escpos.Dial(t.Context(), l.Addr().String()); err == nil {
		c.Close()
		t.Error("Dial() where nobody listens = nil; want an error")
	}
}

// A profile's answers are the best that is asked for and believed.
func TestAnswersBoundTheTier(t *testing.T) {
	for _, c := range []struct {
		answers escpos.Answers
		quirks  sim.Quirks
		want    escpos.Tier
		print   error
		never   []string // is sent
	}{
		{escpos.AnswersUnknown, sim.Quirks{}, escpos.Finished, nil, nil},
		{escpos.AnswersPrinted, sim.Quirks{}, escpos.Finished, nil, nil},
		{escpos.AnswersPrinted, sim.Quirks{NoFinished: true}, escpos.Marked, nil, nil},
		{escpos.AnswersMarker, sim.Quirks{}, escpos.Marked, nil, []string{"\x1d(H"}},
		{escpos.AnswersRealtime, sim.Quirks{}, escpos.Polled, nil, []string{"\x1d(H", "\x1dr"}},
		{escpos.AnswersRealtime, sim.Quirks{NoRealtime: true}, escpos.Silent, drivers.ErrUnknown, []string{"\x1d(H", "\x1dr"}},
		{escpos.AnswersNothing, sim.Quirks{}, escpos.Silent, drivers.ErrUnknown, []string{"\x1d(H", "\x1dr", "\x10\x04"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			profile := drawing()
			profile.Answers = c.answers
			w := &tapped{Wire: sim.NewWire(profile, 1, c.quirks)}
			p := escpos.New(w, profile)
			defer p.Close()
			p.Status(t.Context())
			for range 2 {
				if mm, err := p.Print(t.Context(), hello); mm == 0 || !errors.Is(err, c.print) {
					t.Errorf("%q: Print() = %d mm, %v; want %v", c.answers, mm, err, c.print)
				}
			}
			p.Status(t.Context())
			if got := p.Tier(); got != c.want {
				t.Errorf("%q: Tier() = %v; want %v", c.answers, got, c.want)
			}
			for _, never := range c.never {
				if strings.Contains(w.sent.String(), never) {
					t.Errorf("%q: %q was sent", c.answers, never)
				}
			}
			if got := w.Sheets(); len(got) != 2 {
				t.Errorf("%q: %d sheets; want 2", c.answers, len(got))
			}
		})
	}
}

// tapped is a wire that keeps what was sent.
type tapped struct {
	*sim.Wire
	sent strings.Builder
}

func (w *tapped) Write(b []byte) (int, error) { w.sent.Write(b); return w.Wire.Write(b) }

// A printer that is known to be mute is not waited for, but one whose cable is
// pulled is still unplugged, and its pins still count.
func TestAPrinterThatIsNotAsked(t *testing.T) {
	profile := drawing()
	profile.Answers = escpos.AnswersNothing
	synctest.Test(t, func(t *testing.T) {
		w := &pinned{Wire: sim.NewWire(profile, 1, sim.Quirks{})}
		w.pins.Store(0x18)
		p := escpos.New(w, profile)
		defer p.Close()
		for range 3 {
			began := time.Now()
			if got := p.Status(t.Context()); got != drivers.Mute || time.Since(began) > 0 {
				t.Errorf("Status() = %v after %v; want mute at once", got, time.Since(began))
			}
			time.Sleep(time.Minute)
		}
		w.pins.Store(0x38)
		if got := p.Status(t.Context()); got != drivers.NoPaper {
			t.Errorf("Status() = %v; want no_paper, as its pins say", got)
		}
		if mm, err := p.Print(t.Context(), hello); mm != 0 || !errors.Is(err, drivers.ErrNoPaper) {
			t.Errorf("Print() = %d mm, %v; want 0, no paper", mm, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := newScript(t, func(s *script, b []byte) error {
			s.answers <- []byte{0} // a marker's answer, or noise
			return nil
		})
		p := escpos.New(s, profile)
		defer p.Close()
		if _, err := p.Print(t.Context(), hello); !errors.Is(err, drivers.ErrUnknown) {
			t.Errorf("Print() = %v; want unknown: nothing that it says is believed", err)
		}
		s.Close()
		synctest.Wait()
		if got := p.Status(t.Context()); got != drivers.Unplugged {
			t.Errorf("Status() of a wire that ended = %v; want unplugged", got)
		}
		if mm, err := p.Print(t.Context(), hello); mm != 0 || !errors.Is(err, drivers.ErrUnplugged) {
			t.Errorf("Print() on a wire that ended = %d mm, %v; want 0, unplugged", mm, err)
		}
	})
}

// What a printer that is never asked was left with is cleared all the same.
func TestDistrustOfAPrinterThatIsNotAsked(t *testing.T) {
	profile := escpos.Generic80()
	profile.Answers = escpos.AnswersNothing
	for at := range 60 {
		synctest.Test(t, func(t *testing.T) {
			w := sim.NewWire(profile, 1, sim.Quirks{NoDiscard: at%2 == 0})
			left := escpos.Encode(drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: "moitié"}, drivers.QR{Data: "https://example.org"}}}, profile)
			w.Write(left[:len(left)*at/60])
			synctest.Wait()
			p := escpos.New(w, profile)
			defer p.Close()
			p.Distrust()
			if _, err := p.Print(t.Context(), hello); !errors.Is(err, drivers.ErrUnknown) {
				t.Fatalf("after %d bytes: Print() = %v; want unknown", len(left)*at/60, err)
			}
			time.Sleep(time.Minute)
			sheets := w.Sheets()
			if len(sheets) == 0 || sheets[len(sheets)-1].Text() != "Bonjour\n" {
				t.Errorf("after %d bytes the sheets are %+v; want the last to be its own", len(left)*at/60, sheets)
			}
		})
	}
}
