package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/card"
	"jeudi/provisioning/firstboot"
	health "jeudi/provisioning/machine"
	"jeudi/provisioning/steward"
)

// orders are the verbs about the machine as a whole. Each answers before the machine goes
// down: systemd stops the box first, and the steward after it.
func (s *stewardBox) orders() map[string]steward.Handler {
	then := func(what string, first func() error) steward.Handler {
		return func(context.Context, json.RawMessage, func(steward.Progress)) (any, error) {
			if first != nil {
				if err := first(); err != nil {
					s.log.Error("steward: the start partition takes nothing", "err", err)
					return nil, &steward.Refusal{Key: "care.start_unwritable"}
				}
			}
			s.saveClock()
			return struct{}{}, exec.Command("systemctl", "--no-block", what).Run()
		}
	}
	return map[string]steward.Handler{
		steward.VerbReboot:   then("reboot", nil),
		steward.VerbPowerOff: then("poweroff", nil),
		// The data are in use.
		steward.VerbReset: then("reboot", askReset),
	}
}

// machine is how the machine is.
func (s *stewardBox) machine(context.Context) (any, error) {
	data := health.Disk{Mount: card.DataDir}
	var st unix.Statfs_t
	if err := unix.Statfs(card.DataDir, &st); err == nil {
		data.Bytes, data.Free = int64(st.Blocks)*st.Bsize, int64(st.Bavail)*st.Bsize
	}
	facts := health.Read(os.DirFS("/"), data)
	return machineStatus{facts, health.Find(facts)}, nil
}

// clockEvery is how often the time is saved: how far it may fall behind by a power cut.
const clockEvery = 5 * time.Minute

// keepClock saves the time while the box runs, and at its end.
func (s *stewardBox) keepClock(ctx context.Context) {
	ticks := time.NewTicker(clockEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			s.saveClock()
		case <-ctx.Done():
			s.saveClock()
			return
		}
	}
}

// saveClock makes a file as old as now: the next start begins there, see firstboot.
func (s *stewardBox) saveClock() {
	name := filepath.Join(card.DataDir, firstboot.ClockFile)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		s.log.Error("steward: the time is not saved", "err", err)
		return
	}
	defer f.Close()
	now := time.Now()
	os.Chtimes(name, now, now)
	f.Sync()
}
