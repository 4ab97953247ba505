package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"

	"jeudi/provisioning/steward"
)

// screens is where the kernel lists the sockets for screens.
const screens = "/sys/class/drm"

// screen is the verb that ends the visitor's browser. It is killed, compositor and all, as
// if it had crashed: systemd starts it anew, counts it among the crashes, and shows
// jeudi-sorry when it does not come. An orderly stop would wait for what stands still.
func (s *stewardBox) screen() map[string]steward.Handler {
	return map[string]steward.Handler{steward.VerbScreen: func(context.Context, json.RawMessage, func(steward.Progress)) (any, error) {
		if !screenThere(os.DirFS(screens)) {
			return screenAnswer{}, nil
		}
		if out, err := exec.Command("systemctl", "kill", "--signal=SIGKILL", "kiosk").CombinedOutput(); err != nil {
			return nil, fmt.Errorf("systemctl kill: %w: %s", err, bytes.TrimSpace(out))
		}
		return screenAnswer{Begun: true}, nil
	}}
}

// screenThere reports whether a screen is connected: without one a browser has nothing to
// paint on, and stands still for good reason.
func screenThere(sys fs.FS) bool {
	names, _ := fs.Glob(sys, "*/status")
	for _, name := range names {
		if text, err := fs.ReadFile(sys, name); err == nil && string(bytes.TrimSpace(text)) == "connected" {
			return true
		}
	}
	return false
}
