package sim

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/drivertest"
	"jeudi/drivers/escpos"
)

// everyProfile runs a test with each printer that is known by name.
func everyProfile(t *testing.T, test func(*testing.T, escpos.Profile)) {
	for _, name := range escpos.Profiles() {
		p, ok := escpos.ProfileNamed(name)
		if !ok {
			t.Fatalf("ProfileNamed(%q) = false; Profiles names it", name)
		}
		t.Run(name, func(t *testing.T) { test(t, p) })
	}
}

// torn is what a person has in hand who tears the paper wherever as much of it is
// white as lies between the head and the bar: the text on each piece.
func torn(s Sheet) (pieces []string) {
	var text strings.Builder
	printed, white := false, 0
	end := func() {
		if printed {
			pieces = append(pieces, strings.TrimSpace(text.String()))
		}
		text.Reset()
		printed = false
	}
	for _, r := range s.rows {
		if r.blank || r.line.Text == "" && r.line.QR == "" && r.line.Ink == 0 {
			if white += r.feed; white >= blade {
				end()
			}
			continue
		}
		printed, white = true, 0
		if r.line.High == 0 {
			text.WriteString(r.line.Text + "\n")
		}
	}
	end()
	return pieces
}

// Each profile's driver keeps the contract with the printer that it speaks of.
func TestProfileContract(t *testing.T) {
	everyProfile(t, func(t *testing.T, profile escpos.Profile) {
		drivertest.Printer(t, func(t *testing.T, use func(*testing.T, drivertest.PrinterBench)) {
			synctest.Test(t, func(t *testing.T) {
				p, w := NewPrinter(profile, 1)
				t.Cleanup(func() { p.Close() })
				sheets := func() []string { return texts(w) }
				if !profile.Cutter {
					sheets = func() []string { return torn(w.Hanging()) }
				}
				use(t, drivertest.PrinterBench{
					Printer:   p,
					Set:       func(s drivers.Status, on bool) { w.Set(s, on) },
					FailAfter: w.FailAfter,
					Garble: func(on bool) {
						if on {
							w.Garble(7)
						} else {
							w.Garble(0)
						}
					},
					Sheets: sheets,
				})
				if n := w.Strange(); n > 0 {
					t.Errorf("the printer met %d commands that it does not know", n)
				}
			})
		})
	})
}

// both is a ticket in French and in Arabic, with all that a ticket may hold.
func both() drivers.Document {
	pic := drivers.Bitmap{Width: 200, Height: 100, Bits: bytes.Repeat([]byte{0xf0}, 25*100)}
	return drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "A108"},
		drivers.Text{Text: "Centre social Les Tilleuls", Bold: true, Align: drivers.Center},
		drivers.Columns{Cells: []string{"Dossier : à déposer", "12,50 €"}, Bold: true},
		drivers.Text{Text: "Gardez ce ticket sur vous : le numéro s’affiche à l’écran, puis il est appelé à voix haute dans la salle d’attente."},
		drivers.Rule{},
		drivers.Text{Text: "Sœur, cœur, œuvre", Size: 2},
		drivers.Text{Text: "خذ تذكرة. المساعدة مجانية. أمامك 2 أشخاص قبل دورك، وسيُنادى رقمك بصوت عالٍ.", Lang: "ar", RTL: true},
		drivers.Text{Text: "انتظر هنا", Size: 2, Bold: true, Lang: "ar", RTL: true},
		drivers.Image{Dots: pic},
		drivers.QR{Data: "https://example.org/ticket/a108"},
		drivers.Text{Text: "Merci de votre visite"},
	}}
}

// asItAnswers is the printer that a profile expects: it confirms no better than that.
func asItAnswers(p escpos.Profile) Quirks {
	q := Quirks{Full: p.FullStatus, Speed: float64(p.Speed)}
	switch p.Answers {
	case escpos.AnswersNothing: // one wire, of a serial port
		q.NoRealtime, q.NoStatus, q.NoDiscard, q.NoRecover, q.Baud = true, true, true, true, 19200
		fallthrough
	case escpos.AnswersRealtime:
		q.NoMarker = true
		fallthrough
	case escpos.AnswersMarker:
		q.NoFinished = true
	}
	return q
}

// Every printer prints a ticket in two scripts whole, whether it answers all or what
// its profile says: on one piece of paper, without a command that it does not know,
// and with nothing beyond the paper's edge.
func TestProfilePrintsTwoScripts(t *testing.T) {
	everyProfile(t, func(t *testing.T, profile escpos.Profile) {
		t.Run("a good one", func(t *testing.T) { printBoth(t, profile, Quirks{Full: profile.FullStatus}, nil) })
		t.Run("as it answers", func(t *testing.T) {
			var want error
			if profile.Answers == escpos.AnswersNothing {
				want = drivers.ErrUnknown
			}
			printBoth(t, profile, asItAnswers(profile), want)
		})
	})
}

func printBoth(t *testing.T, profile escpos.Profile, quirks Quirks, want error) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWire(profile, 1, quirks)
		profile.Baud = quirks.Baud
		p := escpos.New(w, profile)
		defer p.Close()
		mm, err := p.Print(t.Context(), both())
		if !errors.Is(err, want) {
			t.Fatalf("Print() = %v; want %v", err, want)
		}
		time.Sleep(time.Minute) // whatever else may come
		cut, hanging := w.Sheets(), w.Hanging()
		if profile.Cutter && (len(cut) != 1 || !hanging.Blank()) {
			t.Fatalf("%d sheets, %q hangs out; want one sheet and nothing", len(cut), hanging.Text())
		}
		if !profile.Cutter && (len(cut) != 0 || len(torn(hanging)) != 1) {
			t.Fatalf("%d sheets, %d pieces to tear; want none and one", len(cut), len(torn(hanging)))
		}
		w.Tear()
		if cut = w.Sheets(); len(cut) != 1 || !w.Hanging().Blank() {
			t.Fatalf("%d sheets once it is torn; want one", len(cut))
		}
		sheet := cut[0]
		if n := w.Strange(); n > 0 {
			t.Errorf("the printer met %d commands that it does not know", n)
		}
		if over := mm - sheet.MM; over < -2 || over > 20 {
			t.Errorf("Print() = %d mm; %d mm came out", mm, sheet.MM)
		}

		job := escpos.NewComposer(profile).Compose(both())
		if job.Lost+job.Skipped > 0 {
			t.Errorf("%d characters and %d blocks were lost; want none", job.Lost, job.Skipped)
		}
		text := sheet.Text()
		for _, want := range []string{"A108\n", "Centre social Les Tilleuls\n", "Dossier : à déposer", "12,50 €\n", "Merci de votre visite"} {
			if !strings.Contains(text, want) {
				t.Errorf("the sheet lacks %q:\n%s", want, text)
			}
		}
		if one := strings.Join(strings.Fields(text), " "); !strings.Contains(one, "à voix haute dans la salle d'attente.") && !strings.Contains(one, "à voix haute dans la salle d’attente.") {
			t.Errorf("the sheet lacks the end of its paragraph:\n%s", text)
		}
		if !strings.HasPrefix(text, "A108\n") || !strings.HasSuffix(strings.TrimSpace(text), "Merci de votre visite") {
			t.Errorf("the sheet begins or ends otherwise:\n%s", text)
		}
		inked := 0
		for _, l := range sheet.Lines {
			if l.Ink > 0 {
				inked++
			}
			if wide := 12 * max(l.W, 1) * len([]rune(l.Text)); l.High == 0 && wide > profile.Dots {
				t.Errorf("%q is %d dots wide; the paper is %d", l.Text, wide, profile.Dots)
			}
			if l.Wide > profile.Dots || l.Module*l.Modules > profile.Dots {
				t.Errorf("a picture is %d dots wide; the paper is %d", max(l.Wide, l.Module*l.Modules), profile.Dots)
			}
		}
		if inked < 3 { // two texts in Arabic and the picture
			t.Errorf("%d pictures; want the Arabic and the picture", inked)
		}

		// A printer breaks what is too wide and goes on below. On paper of twice the
		// width nothing would be broken: the same lines mean that none was.
		wider := profile
		wider.Dots *= 2
		lines, _, _ := read(wider, job.Bytes)
		narrow, cuts, _ := read(profile, job.Bytes)
		if !slices.Equal(lines, narrow) {
			t.Error("the printer had to break a line")
		}
		if want := map[bool]int{true: 1}[profile.Cutter]; cuts != want {
			t.Errorf("%d cuts; want %d", cuts, want)
		}
		if got := slices.DeleteFunc(slices.Clone(sheet.Lines), white); !slices.Equal(got, slices.DeleteFunc(narrow, white)) {
			t.Error("other lines came out than the document's")
		}
	})
}

func white(l Line) bool { return l.Text == "" && l.QR == "" && l.Ink == 0 }

// A profile may say that a printer knows DLE EOT 20, and be wrong: once that was not
// answered, it is asked as any other.
func TestProfileSaysTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWire(escpos.CustomPresenter(), 1, Quirks{NoFinished: true})
		p := escpos.New(w, escpos.CustomPresenter())
		defer p.Close()
		p.Status(t.Context()) // it waits in vain, as long as one that is mute
		time.Sleep(5 * time.Second)
		for _, s := range []drivers.Status{drivers.Ready, drivers.PaperLow, drivers.NoPaper, drivers.CoverOpen} {
			w.Set(s, true)
			began := time.Now()
			if got := p.Status(t.Context()); got != s || time.Since(began) > 500*time.Millisecond {
				t.Errorf("in %v: Status() = %v after %v; want it at once", s, got, time.Since(began))
			}
			w.Set(drivers.Ready, true)
		}
		began := time.Now()
		if _, err := p.Print(t.Context(), both()); err != nil || time.Since(began) > 5*time.Second {
			t.Errorf("Print() = %v after %v; want nil in the time that a ticket takes", err, time.Since(began))
		}
		if got := p.Tier(); got != escpos.Marked {
			t.Errorf("Tier() = %v; want marked", got)
		}
		// One that fell silent may be another when it speaks again.
		w.Set(drivers.Mute, true)
		if got := p.Status(t.Context()); got != drivers.Mute {
			t.Errorf("of a silent one Status() = %v; want mute", got)
		}
		w.Set(drivers.Mute, false)
		time.Sleep(5 * time.Second)
		p.Status(t.Context())
		time.Sleep(5 * time.Second)
		if got := p.Status(t.Context()); got != drivers.Ready {
			t.Errorf("once it speaks again Status() = %v; want ready", got)
		}
	})
}
