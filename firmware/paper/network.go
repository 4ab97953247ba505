package paper

import (
	"jeudi/drivers"
	"jeudi/firmware/words"
)

// NetworkData is what staff need to reach the desk from their own devices.
type NetworkData struct {
	Place string
	// Wifi is the Wi-Fi to join, "" for a cable. Passphrase and Scan are of the box's own
	// Wi-Fi, which has no Internet; "" for the place's, whose passphrase is nobody's to print.
	Wifi, Passphrase, Scan string
	Address                string // of the desk, with https://
	Print                  string // the beginning of the fingerprint of its certificate
}

// keyLine is how many characters of a passphrase stand on one line: three lines, twice as
// wide and high, on the narrowest paper. A hyphen at the end of one is part of it.
const keyLine = 10

// Network is the slip of an opening that says how staff reach the desk, for a device
// without a camera too. Visitors' tickets say nothing of it.
func Network(w *words.Catalogue, d NetworkData) drivers.Document {
	var p page
	s := p.in(w, words.French)
	s.block(drivers.Text{Text: s.say("pair.slip_title", nil), Size: 2, Bold: true, Align: drivers.Center})
	s.block(drivers.Text{Text: d.Place, Bold: true, Align: drivers.Center})
	p.add(drivers.Rule{})
	if d.Wifi != "" {
		s.block(drivers.Text{Text: s.say("pair.wifi_name", map[string]any{"name": d.Wifi}), Bold: true})
	}
	if d.Scan != "" {
		s.block(drivers.Text{Text: s.say("pair.wifi_alone", nil)})
		p.add(drivers.QR{Data: d.Scan})
		s.block(drivers.Text{Text: s.say("pair.slip_key", nil)})
		for rest := d.Passphrase; rest != ""; {
			line := rest[:min(keyLine, len(rest))]
			rest = rest[len(line):]
			s.block(drivers.Text{Text: line, Size: 2, Bold: true, Align: drivers.Center})
		}
		p.add(drivers.Rule{})
	}
	s.block(drivers.Text{Text: s.say("pair.slip_address", nil)})
	s.block(drivers.Text{Text: d.Address, Bold: true, Align: drivers.Center})
	if d.Print != "" {
		s.block(drivers.Text{Text: s.say("pair.print", map[string]any{"text": d.Print})})
	}
	if d.Scan != "" {
		s.block(drivers.Text{Text: s.say("pair.slip_tear", nil)})
	}
	return p.doc
}
