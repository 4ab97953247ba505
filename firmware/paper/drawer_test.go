package paper

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jeudi/drivers"
	"jeudi/firmware/sheet"
)

// drawer has keys of a form that no batch has.
func drawer() DrawerData {
	d := DrawerData{Place: "Centre social Les Tilleuls"}
	for i, kind := range []sheet.Kind{sheet.KindVisitor, sheet.KindStaff, sheet.KindExit} {
		code := strings.Repeat([]string{"012-", "3AB-", "XYZ-"}[i], 8) + "9KM"
		d.Keys = append(d.Keys, DrawerKey{Kind: kind, Batch: uint64(12 + i), Scan: strings.ToUpper(kind.String()) + ".12." + code, Code: code})
	}
	return d
}

// The drawer ticket has every key twice: once in the QR code, once to be typed; and says
// that it is torn up.
func TestDrawer(t *testing.T) {
	doc := Drawer(catalogue(t), drawer())
	file := filepath.Join("testdata", "drawer.txt")
	got := render(doc)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || got != string(want) {
		t.Errorf("the drawer ticket =\n%s\nwant\n%s, %v", got, want, err)
	}
	var typed, scan string
	for _, b := range doc.Blocks {
		switch b := b.(type) {
		case drivers.Text:
			if b.Size == 2 {
				typed += b.Text + "-"
			}
		case drivers.QR:
			scan += b.Data
		}
	}
	for _, k := range drawer().Keys {
		if !strings.Contains(scan, k.Scan) || !strings.Contains(typed, k.Code) {
			t.Errorf("the key of %v is not there whole, to scan in %q and to type in %q", k.Kind, scan, typed)
		}
	}
	older := drawer()
	older.Older = true
	if text := render(Drawer(catalogue(t), older)); strings.Contains(text, "remplace") || !strings.Contains(text, "Gardez") {
		t.Errorf("while an older ticket is needed it is told to be torn up:\n%s", text)
	}
	if strings.ContainsAny(got, "⟦⟧{}") {
		t.Errorf("a text is missing in\n%s", got)
	}
}
