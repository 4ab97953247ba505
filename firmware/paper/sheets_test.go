package paper

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
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
	w := catalogue(t)
	arabic := ticket()
	arabic.Lang, arabic.RulesLang = "ar", "خذ تذكرة. المساعدة مجانية."
	again, trial := arabic, ticket()
	again.Copy, trial.Test = true, true
	for _, s := range []struct {
		name string
		doc  drivers.Document
	}{
		{"ticket-fr", Ticket(w, ticket())},
		{"ticket-ar", Ticket(w, arabic)},
		{"ticket-ar-copy", Ticket(w, again)},
		{"ticket-fr-test", Ticket(w, trial)},
		{"closing", Closing(w, closing())},
		{"new-roll", NewRoll(w)},
		{"selftest-ticket", TestTicket(w, TestTicketData{Place: "Centre social Les Tilleuls", Number: 47, At: at(11, 26, 8, 40), Languages: []string{"fr", "en", "ar"}})},
	} {
		for _, p := range []escpos.Profile{escpos.Generic80(), escpos.Generic58()} {
			t.Run(fmt.Sprint(s.name, "-", p.Dots), func(t *testing.T) {
				golden(t, filepath.Join("testdata", "sheets", fmt.Sprintf("%s-%d.png", s.name, p.Dots)), printed(t, s.doc, p).Image())
			})
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
