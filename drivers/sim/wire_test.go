package sim

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
)

// bubble runs a test with a wire whose answers arrive on a channel.
func bubble(t *testing.T, p escpos.Profile, speed float64, test func(t *testing.T, w *Wire, answers <-chan byte)) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWire(p, speed, Quirks{})
		answers := make(chan byte, 256)
		go func() {
			b := make([]byte, 3)
			for {
				n, err := w.Read(b)
				for _, c := range b[:n] {
					answers <- c
				}
				if err != nil {
					return
				}
			}
		}()
		defer w.Close()
		test(t, w, answers)
	})
}

func heard(answers <-chan byte) (out []byte) {
	synctest.Wait()
	for {
		select {
		case b := <-answers:
			out = append(out, b)
		default:
			return out
		}
	}
}

func TestWireAnswers(t *testing.T) {
	for _, c := range []struct {
		name  string
		state drivers.Status
		write string
		want  string
	}{
		{"idle", drivers.Ready, "\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04\x1dr\x01", "\x16\x12\x12\x12\x00"},
		{"paper is low", drivers.PaperLow, "\x10\x04\x01\x10\x04\x04\x1dr\x01", "\x16\x1e\x03"},
		{"no paper: no marker", drivers.NoPaper, "\x10\x04\x01\x10\x04\x02\x10\x04\x04\x1dr\x01", "\x1e\x32\x7e"},
		{"cover open", drivers.CoverOpen, "\x10\x04\x01\x10\x04\x02\x10\x04\x04", "\x1e\x16\x12"},
		{"cutter", drivers.CutterJammed, "\x10\x04\x02\x10\x04\x03", "\x52\x1a"},
		{"too hot", drivers.Overheated, "\x10\x04\x02\x10\x04\x03", "\x52\x52"},
		{"mute", drivers.Mute, "\x10\x04\x01\x1dr\x01", ""},
		{"forget", drivers.NoPaper, "half\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", "\x37\x25\x00"},
		{"a question inside an image is answered", drivers.Ready, "\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01", "\x16"},
		{"the model", drivers.Ready, "\x1dIC", "_Jeudi\x00"},
		{"printing is finished", drivers.Ready, "\x1d(H\x06\x0000abcd", "\x37\x22abcd\x00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, escpos.Generic80(), 0, func(t *testing.T, w *Wire, answers <-chan byte) {
				w.Set(c.state, true)
				for _, b := range []byte(c.write) { // one byte at a time
					if _, err := w.Write([]byte{b}); err != nil {
						t.Fatalf("Write() = %v", err)
					}
				}
				if got := string(heard(answers)); got != c.want {
					t.Errorf("answers % x; want % x", got, c.want)
				}
			})
		})
	}
}

func TestWireReportsByItself(t *testing.T) {
	bubble(t, escpos.Generic80(), 0, func(t *testing.T, w *Wire, answers <-chan byte) {
		w.Write([]byte("\x1da\x0f"))
		if got := string(heard(answers)); got != "\x14\x00\x00\x00" {
			t.Errorf("at once % x; want all well", got)
		}
		w.Set(drivers.NoPaper, true)
		if got := string(heard(answers)); got != "\x1c\x00\x0f\x00" {
			t.Errorf("at the paper's end % x", got)
		}
		w.Set(drivers.Ready, true)
		w.Write([]byte("\x1da\x00"))
		heard(answers)
		w.Set(drivers.CoverOpen, true)
		if got := heard(answers); len(got) > 0 {
			t.Errorf("after it was told to be quiet: % x", got)
		}
	})
}

func TestWireStopsAndGoesOn(t *testing.T) {
	bubble(t, escpos.Generic80(), 1, func(t *testing.T, w *Wire, answers <-chan byte) {
		w.FailAfter(2, drivers.CoverOpen)
		w.Write([]byte("\x1b@\x1c.un\ndeux\ntrois\n\x1dVB\x00\x1dr\x01"))
		time.Sleep(time.Minute)
		if got := w.Hanging(); len(got.Lines) != 2 || got.Lines[1].Text != "deux" || len(w.Sheets()) != 0 {
			t.Errorf("with the cover open, %+v hangs out; want two lines", got.Lines)
		}
		w.Set(drivers.CoverOpen, false)
		time.Sleep(time.Minute)
		if got := w.Sheets(); len(got) != 1 || got[0].Text() != "un\ndeux\ntrois\n" {
			t.Errorf("with the cover closed: %+v; want it to go on by itself", got)
		}
		if got := heard(answers); string(got) != "\x00" {
			t.Errorf("answers % x; want the marker", got)
		}
	})
}

func TestWireTakesTime(t *testing.T) {
	for _, c := range []struct {
		speed float64
		want  time.Duration
	}{{0, 0}, {1, 210 * time.Millisecond}, {60, 3500 * time.Microsecond}} {
		bubble(t, escpos.Generic80(), c.speed, func(t *testing.T, w *Wire, _ <-chan byte) {
			began := time.Now()
			w.Write([]byte("\x1b@\x1c.\x1bd\x0a\x1dVB\x00"))
			for len(w.Sheets()) == 0 {
				time.Sleep(100 * time.Microsecond)
			}
			if d := time.Since(began); d < c.want || d > c.want+time.Millisecond {
				t.Errorf("at speed %v ten lines took %v; want %v", c.speed, d, c.want)
			}
		})
	}
}

func TestWireHoldsItsWriterBack(t *testing.T) {
	bubble(t, escpos.Generic80(), 0, func(t *testing.T, w *Wire, _ <-chan byte) {
		w.Set(drivers.NoPaper, true)
		wrote := make(chan error)
		go func() {
			_, err := w.Write(make([]byte, 3*room))
			wrote <- err
		}()
		time.Sleep(time.Hour)
		select {
		case err := <-wrote:
			t.Fatalf("Write() = %v; want it to wait for paper", err)
		default:
		}
		w.Set(drivers.NoPaper, false)
		if err := <-wrote; err != nil {
			t.Errorf("Write() = %v; want nil", err)
		}
		w.Set(drivers.NoPaper, true)
		go func() {
			_, err := w.Write(make([]byte, 3*room))
			wrote <- err
		}()
		synctest.Wait()
		w.Set(drivers.Unplugged, true)
		if err := <-wrote; !errors.Is(err, syscall.ENODEV) {
			t.Errorf("Write() = %v; want ENODEV", err)
		}
	})
}

func TestUnpluggingForgets(t *testing.T) {
	bubble(t, escpos.Generic80(), 0, func(t *testing.T, w *Wire, answers <-chan byte) {
		w.Set(drivers.CoverOpen, true)
		w.Write([]byte("perdu\n\x1dr\x01"))
		w.Set(drivers.Unplugged, true)
		if _, err := w.Write([]byte("x")); !errors.Is(err, syscall.ENODEV) {
			t.Errorf("Write() = %v; want ENODEV", err)
		}
		w.Set(drivers.Ready, true)
		w.Write([]byte("\x1b@\x1c.neuf\n\x1dVB\x00"))
		if got := heard(answers); len(got) > 0 {
			t.Errorf("answers % x; want none of the old questions'", got)
		}
		if got := w.Sheets(); len(got) != 1 || got[0].Text() != "neuf\n" {
			t.Errorf("sheets %+v; want only the new one", got)
		}
	})
}

func TestTear(t *testing.T) {
	for _, c := range []struct {
		name    string
		profile escpos.Profile
	}{{"cut", escpos.Generic80()}, {"torn at the bar", escpos.Generic58()}} {
		bubble(t, c.profile, 0, func(t *testing.T, w *Wire, _ <-chan byte) {
			for _, name := range []string{"un", "deux"} {
				w.Write(escpos.Encode(drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: name}}}, c.profile))
				synctest.Wait()
				w.Tear()
				sheets := w.Sheets()
				if len(sheets) == 0 {
					t.Fatalf("%s: no sheet", c.name)
				}
				last := sheets[len(sheets)-1]
				if !last.Taken || last.Lines[0].Text != name || len(w.Hanging().Lines) != 0 {
					t.Errorf("%s: the last sheet is %+v; want %s, taken", c.name, last, name)
				}
			}
			w.Tear() // nothing there: nothing happens
			if got := len(w.Sheets()); got != 2 {
				t.Errorf("%s: %d sheets; want 2", c.name, got)
			}
		})
	}
}

func TestPaperIsForgottenInTheEnd(t *testing.T) {
	bubble(t, escpos.Generic80(), 0, func(t *testing.T, w *Wire, _ <-chan byte) {
		for range keptSheets + 5 {
			w.Write([]byte("\x1dVB\x00"))
		}
		synctest.Wait()
		sheets := w.Sheets()
		if len(sheets) != keptSheets || sheets[keptSheets-1].ID != keptSheets+5 {
			t.Errorf("%d sheets, the last is %d; want %d and %d", len(sheets), sheets[len(sheets)-1].ID, keptSheets, keptSheets+5)
		}
	})
}

func TestClosedWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWire(escpos.Generic80(), 1, Quirks{})
		w.Close()
		w.Close()
		if _, err := w.Write([]byte("x")); !errors.Is(err, os.ErrClosed) {
			t.Errorf("Write() = %v; want closed", err)
		}
		if _, err := w.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("Read() = %v; want EOF", err)
		}
		if w.Set(drivers.Status(99), true) || w.Is(drivers.Status(99)) {
			t.Error("there is a state 99")
		}
	})
}

func TestWhatWasHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSpeaker(2)
		sound := drivers.Sound{Chime: true, Text: "un deux trois quatre cinq", Volume: 70, Lang: "fr"}
		began := time.Now()
		if err := s.Play(t.Context(), drivers.Loudspeaker, sound); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d != 1800*time.Millisecond {
			t.Errorf("3.6 s at twice the speed took %v", d)
		}
		s.Silence(true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s.Play(ctx, drivers.Headphones, sound)
		got := s.Heard()
		if len(got) != 2 || got[0].Interrupted || got[0].Volume != 70 || got[0].Output != "loudspeaker" || got[0].Rate != 100 ||
			!got[1].Interrupted || got[1].Volume != 0 || got[1].Output != "headphones" || got[1].Playing {
			t.Errorf("heard %+v; want one whole and loud, one cut off and silent", got)
		}
		s.Fail(drivers.ErrUnplugged)
		if err := s.Play(t.Context(), drivers.Loudspeaker, sound); !errors.Is(err, drivers.ErrUnplugged) {
			t.Errorf("Play() = %v; want unplugged", err)
		}
		s.Fail(nil)
		for range keptSounds + 3 {
			s.Play(t.Context(), drivers.Loudspeaker, drivers.Sound{Text: "x"})
		}
		if got := s.Heard(); len(got) != keptSounds {
			t.Errorf("%d sounds kept; want %d", len(got), keptSounds)
		}
	})
}
