package escpos

import (
	"bytes"
	"testing"

	"jeudi/drivers"
)

// What Compose writes is cut between its commands, for every profile: nothing is
// one slice for want of knowing a command.
func TestSplit(t *testing.T) {
	pic := drivers.Bitmap{Width: 300, Height: 200, Bits: bytes.Repeat([]byte{0x10, 0x04, 0x1b}, 38*200/3+1)[:38*200]}
	doc := drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "42"},
		drivers.Text{Text: "Où est l’œuvre ? À 12 €.", Bold: true, Size: 2, Align: drivers.Center},
		drivers.Columns{Cells: []string{"a", "b"}, Bold: true}, drivers.Rule{},
		drivers.Text{Text: "مرحبا", Lang: "ar", RTL: true},
		drivers.Image{Dots: pic}, drivers.QR{Data: "https://example.org"}, drivers.Cut{}, drivers.Feed{Lines: 3},
		drivers.Text{Text: "fin"},
	}}
	for _, p := range profiles() {
		for _, native := range []bool{false, true} {
			p.NativeQR = native
			all := Compose(doc, p).Bytes
			most := 0
			for at := 0; at < len(all); {
				n := commandLength(all[at:])
				if n == 0 {
					t.Fatalf("%s: an unknown command at %d: % x", p.Name, at, all[at:min(at+8, len(all))])
				}
				most = max(most, n)
				at += n
			}
			slices := split(all, slice)
			if got := bytes.Join(slices, nil); !bytes.Equal(got, all) {
				t.Errorf("%s: the slices are not the document", p.Name)
			}
			for i, s := range slices {
				if len(s) > most+slice || len(s) < slice && i < len(slices)-1 {
					t.Errorf("%s: slice %d of %d has %d bytes; want %d to %d", p.Name, i, len(slices), len(s), slice, most+slice)
				}
			}
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("\x1b@\x1c.bonjour\n\x1dv0\x00\x01\x00\x02\x00ab\x1dVB\x00"), 3)
	f.Add([]byte("\x1d(k\xff\xff"), 1)
	f.Add([]byte("\x1d8L\xff\xff\xff\xff"), 1)
	f.Add([]byte("\x1b*\x21\xff\xff\x1b"), 2)
	f.Fuzz(func(t *testing.T, in []byte, about int) {
		if got := bytes.Join(split(in, about), nil); !bytes.Equal(got, in) {
			t.Fatalf("split(% x, %d) = % x", in, about, got)
		}
	})
}
