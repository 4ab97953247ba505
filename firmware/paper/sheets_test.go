package paper

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
	"jeudi/firmware/words"
)

// printed is a document as it comes out of a printer.
func printed(t *testing.T, doc drivers.Document, p escpos.Profile) (sheet sim.Sheet) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		printer, wire := sim.NewPrinter(p, 0)
		defer printer.Close()
		if _, err := printer.Print(t.Context(), doc); err != nil {
			t.Fatalf("Print() = %v", err)
		}
		wire.Tear()
		sheets := wire.Sheets()
		if len(sheets) != 1 || wire.Strange() != 0 {
			t.Fatalf("%d sheets, %d strange commands; want one sheet and none", len(sheets), wire.Strange())
		}
		sheet = sheets[0]
	})
	return sheet
}

// Everything that is printed, dot by dot, on the two widths of paper: to look at
// when the pictures change. -update draws them anew.
func TestSheets(t *testing.T) {
	w := spoken(t)
	in := func(lang string) TicketData {
		return with(ticket(), func(t *TicketData) { t.Lang = lang })
	}
	arabic := in("ar")
	arabic.RulesLang = "خذ تذكرة. المساعدة مجانية."
	again, trial, large, largeArabic := arabic, ticket(), ticket(), arabic
	again.Copy, trial.Test, large.Large, largeArabic.Large = true, true, true, true
	largeSlip := orientation("fr")
	largeSlip.Large = true
	type sheet struct {
		name string
		doc  drivers.Document
	}
	wide, narrow := escpos.Generic80(), escpos.Generic58()
	draw := func(p escpos.Profile, sheets ...sheet) {
		for _, s := range sheets {
			t.Run(fmt.Sprint(s.name, "-", p.Dots), func(t *testing.T) {
				golden(t, filepath.Join("testdata", "sheets", fmt.Sprintf("%s-%d.png", s.name, p.Dots)), printed(t, s.doc, p).Image())
			})
		}
	}
	for _, p := range []escpos.Profile{wide, narrow} {
		draw(p, []sheet{
			{"ticket-fr", Ticket(w, ticket())},
			{"ticket-ar", Ticket(w, arabic)},
			{"ticket-images", Ticket(w, in(words.Images))},
			{"ticket-fr-large", Ticket(w, large)},
			{"ticket-ar-large", Ticket(w, largeArabic)},
			{"orientation-fr", Orientation(w, orientation("fr"))},
			{"orientation-ar", Orientation(w, orientation("ar"))},
			{"today-fr", Today(w, today("fr"))},
			{"today-ar", Today(w, today("ar"))},
			{"rights-fr", Rights(w, rights("fr"))},
			{"rights-ar", Rights(w, rights("ar"))},
			{"partner", Partner(w, partner())},
			{"closing", Closing(w, closing())},
			{"new-roll", NewRoll(w)},
			{"drawer", Drawer(w, drawer())},
			{"try-printer", TryPrinter(w, "escpos:serial:/dev/ttyUSB0?baud=19200")},
			{"selftest-ticket", TestTicket(w, TestTicketData{Place: "Centre social Les Tilleuls", Number: 47, At: at(11, 26, 8, 40), Languages: []string{"fr", "en", "ar"}})},
		}...)
	}
	draw(narrow, sheet{"ticket-ar-copy", Ticket(w, again)}, sheet{"ticket-fr-test", Ticket(w, trial)}, sheet{"orientation-fr-large", Orientation(w, largeSlip)})
	for _, lang := range []string{words.Easy, "en", "pt", "tr", "es", "ru", "uk", "fa", "ro"} {
		draw(narrow, sheet{"ticket-" + lang, Ticket(w, in(lang))})
	}
}

// No letter of a language is lost on any printer, and none is spelt otherwise:
// what no page of it has is drawn.
func TestEveryLetterIsPrinted(t *testing.T) {
	w := spoken(t)
	for _, known := range escpos.Profiles() {
		p, _ := escpos.ProfileNamed(known)
		composer := escpos.NewComposer(p)
		for _, lang := range scripts() {
			for name, doc := range map[string]drivers.Document{
				"ticket":      Ticket(w, with(ticket(), func(t *TicketData) { t.Lang = lang })),
				"orientation": Orientation(w, orientation(lang)),
				"today":       Today(w, today(lang)),
				"rights":      Rights(w, rights(lang)),
			} {
				if job := composer.Compose(doc); job.Lost > 0 || job.Skipped > 0 {
					t.Errorf("%s: %s in %s: %d letters lost, %d blocks skipped; want none", known, name, lang, job.Lost, job.Skipped)
				}
			}
		}
		// The letters that a subset of a font would lack first.
		for lang, letters := range map[string]string{
			"pt": "ãõâêôçáéíóúà ÃÕÇ", "tr": "ğşıİçöü ĞŞ", "es": "ñáéíóúü¿¡ Ñ", "ro": "ăâîșț ĂÂÎȘȚ",
			"ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя ЁЫЭЪЮЯ", "uk": "ґєіїґ ҐЄІЇ щьюя’", "fa": "پچژگکیۀءآأؤئ ۰۱۲۳۴۵۶۷۸۹ می\u200cشود؟،",
			"ps": "ټډړښږڅځڼېۍ", "ar": "ةىأإآؤئ ٠١٢٣٤٥٦٧٨٩",
		} {
			doc := drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: letters, Lang: lang, RTL: words.Dir(lang) == "rtl"}}}
			if job := composer.Compose(doc); job.Lost > 0 || job.Skipped > 0 || job.Folded > 0 {
				t.Errorf("%s: %q of %s: %d lost, %d spelt otherwise, %d skipped; want none", known, letters, lang, job.Lost, job.Folded, job.Skipped)
			}
		}
	}
}

// golden compares a picture with the one that is kept.
func golden(t *testing.T, name string, got *image.Paletted) {
	t.Helper()
	if *update {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, got); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if want.Bounds() != got.Bounds() {
		t.Fatalf("the sheet is %v; want %v as in %s; -update draws it anew, then look at it", got.Bounds(), want.Bounds(), name)
	}
	same := func(a, b color.Color) bool {
		ar, ag, ab, _ := a.RGBA()
		br, bg, bb, _ := b.RGBA()
		return ar == br && ag == bg && ab == bb
	}
	if p, ok := want.(*image.Paletted); ok && slices.EqualFunc(p.Palette, got.Palette, same) && bytes.Equal(p.Pix, got.Pix) {
		return // dot by dot takes its time
	}
	different := 0
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			r, _, _, _ := got.At(x, y).RGBA()
			if k, _, _, _ := want.At(x, y).RGBA(); k != r {
				different++
			}
		}
	}
	if different > 0 {
		t.Errorf("%d dots differ from %s; -update draws it anew, then look at it", different, name)
	}
}
