package paper

import (
	"strings"

	"jeudi/drivers"
	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
)

// DrawerData is what the drawer ticket is made of.
type DrawerData struct {
	Place string
	Keys  []DrawerKey
	Older bool // something waits for a key that only an older ticket may have
}

// DrawerKey is the key of one batch of sheets.
type DrawerKey struct {
	Kind  sheet.Kind
	Batch uint64
	Scan  string // as a QR code has it
	Code  string // as it is typed: groups with hyphens
}

// codeLine is how many characters of a code stand on one line, with their hyphens:
// three lines of nine, twice as wide and high, on the narrowest paper.
const codeLine = 12

// Drawer is the ticket with the keys of the sheets that wait, for the staff's drawer.
// One QR code has all keys; each is there in characters too, to be typed. It has no
// time and no number: it is torn up when its keys have counted what they are for.
func Drawer(w *words.Catalogue, d DrawerData) drivers.Document {
	var p page
	s := p.in(w, words.French)
	s.block(drivers.Text{Text: s.say("drawer.title", nil), Size: 2, Bold: true, Align: drivers.Center})
	s.block(drivers.Text{Text: d.Place, Bold: true, Align: drivers.Center})
	s.block(drivers.Text{Text: s.say("drawer.put", nil), Bold: true})
	s.block(drivers.Text{Text: s.say("drawer.why", nil)})
	p.add(drivers.Rule{})
	var scan []string
	for _, k := range d.Keys {
		scan = append(scan, k.Scan)
	}
	p.add(drivers.QR{Data: strings.Join(scan, " ")})
	for _, k := range d.Keys {
		p.add(drivers.Rule{})
		s.block(drivers.Text{Text: s.say("drawer.kind."+k.Kind.String(), map[string]any{"n": int(k.Batch)}), Bold: true})
		for rest := k.Code; rest != ""; {
			line := rest[:min(codeLine, len(rest))]
			rest = rest[len(line):]
			s.block(drivers.Text{Text: strings.TrimRight(line, "-"), Size: 2, Bold: true, Align: drivers.Center})
		}
	}
	p.add(drivers.Rule{})
	s.block(drivers.Text{Text: s.say("drawer.use", nil)})
	old := "drawer.tear"
	if d.Older {
		old = "drawer.older"
	}
	s.block(drivers.Text{Text: s.say(old, nil), Bold: true})
	return p.doc
}
