package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	"jeudi/provisioning/site"
)

// usbAllowDir is where the card's rules for USB look for what the site wants besides what
// every box takes: see images/root/usr/lib/udev/rules.d/70-jeudi-usb.rules.
const usbAllowDir = "/run/jeudi/allow"

// usbAllowed are the files of that folder for a site.
func usbAllowed(u site.USB) map[string]bool {
	return map[string]bool{"keyboard": u.Keyboard, "mouse": u.Mouse, "network": u.Network}
}

// allowUSB writes what the site allows, and has the devices that are already there asked
// once more. Nothing is allowed while there is no site.
func allowUSB(dir string, u site.USB, again func() error) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	changed := false
	for name, allowed := range usbAllowed(u) {
		file := filepath.Join(dir, name)
		_, err := os.Lstat(file)
		was := err == nil
		switch {
		case allowed && !was:
			err = os.WriteFile(file, nil, 0o644)
		case !allowed && was:
			err = os.Remove(file)
		default:
			continue
		}
		if err != nil {
			return err
		}
		changed = true
	}
	if !changed {
		return nil
	}
	return again()
}

// askUSBAgain has udev look at all USB and input devices as if they had just come.
func askUSBAgain() error {
	return errors.Join(
		exec.Command("udevadm", "trigger", "--action=add", "--subsystem-match=usb").Run(),
		// And at its parts without a driver together: see the rule for bind.
		exec.Command("udevadm", "trigger", "--action=bind", "--subsystem-match=usb").Run(),
		exec.Command("udevadm", "trigger", "--action=add", "--subsystem-match=input").Run())
}

// allowUSBOf is allowUSB for the site file of a card; none, or a wrong one, allows nothing.
func allowUSBOf(file string) error {
	var u site.USB
	if text, err := os.ReadFile(file); err == nil {
		if s, err := site.Parse(file, text); err == nil {
			u = s.USB
		}
	}
	return allowUSB(usbAllowDir, u, askUSBAgain)
}
