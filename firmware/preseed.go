package main

import (
	"encoding/json"
	"io/fs"
	"log/slog"

	"jeudi/firmware/setup"
	"jeudi/provisioning/site"
)

// preseeded are the wizard's first answers for a card whose writer filled in Raspberry Pi
// Imager's form: the Wi-Fi and the time zone are proposed, and every question is still
// asked. nil when there is no such form, or nothing in it that means something here.
func preseeded(start fs.FS, log *slog.Logger) []byte {
	text, err := fs.ReadFile(start, site.PreseedFile)
	if err != nil {
		return nil // hardly any card has one
	}
	form, err := site.ReadPreseed(text)
	if err != nil {
		log.Warn("the form of Raspberry Pi Imager cannot be read")
		return nil
	}
	if form.Wifi.SSID == "" && form.Zone == "" {
		return nil
	}
	kept, err := json.Marshal(setup.State{Answers: site.Answers{Zone: form.Zone, Wifi: form.Wifi}})
	if err != nil {
		return nil
	}
	return kept
}
