package sim

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
)

// The three kinds of tickets: text alone, text with a line in another script, and
// one that is all dots.
func kinds() []struct {
	name    string
	profile escpos.Profile
	doc     drivers.Document
} {
	text := escpos.TMT20() // it draws QR codes by itself
	dots := text
	dots.NativeQR = false
	blocks := []drivers.Block{
		drivers.Text{Text: "Centre social Les Tilleuls", Align: drivers.Center},
		drivers.Number{Text: "42"},
		drivers.Text{Text: "2 personnes avant vous"},
		drivers.Rule{},
		drivers.Text{Text: "Préparez votre pièce d’identité et le numéro d’allocataire."},
		drivers.QR{Data: "https://example.org/t/42"},
		drivers.Text{Text: "jeudi 12 mars, 9 h 41", Align: drivers.Center},
	}
	arabic := drivers.Text{Text: "أمامكم شخصان", Lang: "ar", RTL: true}
	full := drivers.Bitmap{Width: 576, Height: 480, Bits: make([]byte, 72*480)}
	for i := range full.Bits {
		full.Bits[i] = byte(i*i>>3) & 0x5b
	}
	return []struct {
		name    string
		profile escpos.Profile
		doc     drivers.Document
	}{
		{"text", text, drivers.Document{Blocks: blocks}},
		{"hybrid", text, drivers.Document{Blocks: slices.Insert(slices.Clone(blocks), 3, drivers.Block(arabic))}},
		{"dots", dots, drivers.Document{Blocks: []drivers.Block{drivers.Image{Dots: full}}}},
	}
}

// BenchmarkTimeToCut is how long a ticket takes on the emulator's clock, from
// Print to its first dot and to its cut, at 150 mm/s.
func BenchmarkTimeToCut(b *testing.B) {
	for _, k := range kinds() {
		for _, baud := range []int{9600, 19200, 115200, 0} {
			line := fmt.Sprint(baud)
			if baud == 0 {
				line = "USB"
			}
			b.Run(k.name+"/"+line, func(b *testing.B) {
				var dot, cut, confirmed time.Duration
				size := len(escpos.Encode(k.doc, k.profile))
				for b.Loop() {
					// A bubble needs a test, which a benchmark has to start.
					ok := testing.RunTests(func(_, _ string) (bool, error) { return true, nil }, []testing.InternalTest{{
						Name: "bubble",
						F: func(t *testing.T) {
							dot, cut, confirmed = timed(t, k.profile, k.doc, Quirks{Baud: baud, Speed: 150})
						},
					}})
					if !ok {
						b.Fatal("the ticket was not printed")
					}
				}
				b.ReportMetric(float64(size), "B/ticket")
				b.ReportMetric(float64(dot.Milliseconds()), "ms-to-first-dot")
				b.ReportMetric(float64(cut.Milliseconds()), "ms-to-cut")
				b.ReportMetric(float64(confirmed.Milliseconds()), "ms-to-confirmed")
			})
		}
	}
}

// timed prints twice, so that the printer is known, and times the second.
func timed(t *testing.T, p escpos.Profile, doc drivers.Document, q Quirks) (dot, cut, confirmed time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWire(p, 1, q)
		p.Baud = q.Baud
		pr := escpos.New(w, p)
		defer pr.Close()
		for range 2 {
			began := time.Now()
			if _, err := pr.Print(t.Context(), doc); err != nil {
				t.Errorf("Print() = %v; want nil", err)
				return
			}
			confirmed = time.Since(began)
			sheets := w.Sheets()
			last := sheets[len(sheets)-1]
			dot, cut = last.Began.Sub(began), last.At.Sub(began)
		}
	})
	return dot, cut, confirmed
}

// TestTimeToCut publishes the figures, and bounds what a visitor waits for.
func TestTimeToCut(t *testing.T) {
	for _, k := range kinds() {
		line := fmt.Sprintf("report: %s ticket, %d bytes; to the first dot, to the cut:", k.name, len(escpos.Encode(k.doc, k.profile)))
		for _, baud := range []int{9600, 19200, 115200, 0} {
			dot, cut, confirmed := timed(t, k.profile, k.doc, Quirks{Baud: baud, Speed: 150})
			name := fmt.Sprint(baud, " baud")
			if baud == 0 {
				name = "USB"
			}
			line += fmt.Sprintf(" %s %d ms, %d ms;", name, dot.Milliseconds(), cut.Milliseconds())
			if k.name != "dots" && dot > 150*time.Millisecond {
				t.Errorf("%s at %s: the first dot comes after %v; want it at once", k.name, name, dot)
			}
			if confirmed < cut {
				t.Errorf("%s at %s: confirmed after %v, cut after %v", k.name, name, confirmed, cut)
			}
		}
		t.Log(line)
	}
}

// stamp is a wire that notes when the first byte of a document came.
type stamp struct {
	io.ReadWriteCloser
	first chan time.Time
}

func (s *stamp) Write(b []byte) (int, error) {
	if len(b) > 40 && bytes.HasPrefix(b, []byte("\x1b@")) {
		select {
		case s.first <- time.Now():
		default:
		}
	}
	return s.ReadWriteCloser.Write(b)
}

// BenchmarkFirstByte is the time from Print to the first byte of the document on
// the wire, the questions to the printer included.
func BenchmarkFirstByte(b *testing.B) {
	k := kinds()[0]
	s := &stamp{NewWire(k.profile, 0, Quirks{}), make(chan time.Time, 1)}
	p := escpos.New(s, k.profile)
	defer p.Close()
	if _, err := p.Print(b.Context(), k.doc); err != nil {
		b.Fatal(err)
	}
	<-s.first
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := p.Print(b.Context(), k.doc); err != nil {
			b.Fatal(err)
		}
		took = append(took, (<-s.first).Sub(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs-p99")
}
