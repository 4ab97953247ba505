package web

// Network is how the box is on a network, as its screens say it.
type Network struct {
	Mode  string // searching, cable, wifi, own or none; "" where nothing raises a network
	Staff string // address of the staff's listener, with its port if it is not the usual one; "" while there is none
	Own   bool   // the box's own network: it leads nowhere else
	Wifi  string // name of the Wi-Fi, the box's own or the place's; "" for a cable
	// Passphrase and Scan are of the box's own Wi-Fi: to type, and as its QR code. They are
	// for the kiosk, where whoever stands may connect a phone.
	Passphrase, Scan string
	Fault            bool // the network did not come up; it is tried again
}

// network is how the box is on a network now.
func (s *Server) network() Network {
	if s.cfg.Network == nil {
		return Network{}
	}
	return s.cfg.Network()
}

// staffAddress is what staff's browsers open, without https://; "" while the box has no
// address.
func (s *Server) staffAddress() string {
	if s.cfg.Network != nil {
		return s.cfg.Network().Staff
	}
	return s.cfg.Staff.Address
}

// KioskWifi is the box's own Wi-Fi on the kiosk's screen: a phone of the staff joins it
// before it is connected. In French, and never spoken.
type KioskWifi struct {
	Title      string  `json:"title"`
	Text       string  `json:"text"`
	QR         *QRView `json:"qr"`
	Name       string  `json:"name"`
	Passphrase string  `json:"passphrase"`
	Alone      string  `json:"alone"` // that there is no Internet
	Show       string  `json:"show"`  // the button that leads here from connecting
	Next       string  `json:"next"`  // the button that leads on to it
	Close      string  `json:"close"`
}

// kioskWifi is nil where the box has no Wi-Fi of its own.
func (s *Server) kioskWifi() *KioskWifi {
	n := s.network()
	if !n.Own || n.Scan == "" {
		return nil
	}
	return &KioskWifi{Title: s.text("pair.wifi_title", nil), Text: s.text("pair.wifi_text", nil), QR: qrView(n.Scan),
		Name: s.text("pair.wifi_name", map[string]any{"name": n.Wifi}), Passphrase: s.text("pair.wifi_key", map[string]any{"key": n.Passphrase}),
		Alone: s.text("pair.wifi_alone", nil), Show: s.text("pair.wifi_show", nil), Next: s.text("pair.wifi_next", nil), Close: s.text("pair.close", nil)}
}

// networkDevice is the network among the devices of the desk; false on a machine that
// raises none, as a laptop.
func (s *Server) networkDevice() (device, bool) {
	n := s.network()
	if n.Mode == "" {
		return device{}, false
	}
	d := device{Key: "network", OK: !n.Fault && n.Mode != "none"}
	key := "device.network." + n.Mode
	switch {
	case n.Fault:
		key = "device.network.fault"
	case n.Own && n.Wifi == "":
		key = "device.network.own_cable"
	}
	d.Text = s.text(key, map[string]any{"name": n.Wifi})
	return d, true
}
