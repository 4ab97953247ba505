package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/card"
	"jeudi/provisioning/steward"
	"jeudi/provisioning/stick"
	"jeudi/provisioning/update"
)

// Where the kernel says what the updates need to know.
const (
	kernelLine = "/proc/cmdline"
	kernelUp   = "/proc/uptime"
	startDisk  = "/run/jeudi.disk" // the name of the disk that the machine started from
	// trialKept is there once a version on trial is kept: jeudi-trial.service, which ends a
	// trial in which nothing of this program starts, looks for it.
	trialKept = "/run/jeudi/kept"
)

// trialLimit is how long a version on trial has from the start of the machine to show that
// it works. A Pi 3 needs a third of it; visitors who wait at a closed box need no more.
const trialLimit = 5 * time.Minute

// cardUpdates is the updater of the card that runs. The option jeudi.trial=SECONDS of the
// kernel's command line changes the limit: an emulated machine is slow.
func cardUpdates(log *slog.Logger) (*update.Box, error) {
	slot := card.Slot(0)
	if s := kernelOption("jeudi.slot"); s == "A" || s == "B" {
		slot = card.Slot(s[0])
	}
	if slot == 0 {
		return nil, errors.New("the kernel was not told which slot runs")
	}
	disk, err := os.ReadFile(startDisk)
	if err != nil {
		return nil, fmt.Errorf("the disk of the card is not known: %w", err)
	}
	key, err := readPublic(updateKey)
	if err != nil {
		return nil, fmt.Errorf("no key for updates: %w", err)
	}
	return &update.Box{
		Running: update.Running{Slot: slot, Version: fullVersion(), DataFormat: dataFormat}, Key: key,
		Open: update.Partitions(filepath.Join("/dev", filepath.Base(strings.TrimSpace(string(disk))))),
		Data: update.Folder(card.DataDir), Restart: restartCard, Log: log,
		Settled: func() {
			if err := os.WriteFile(trialKept, nil, 0o644); err != nil {
				log.Error("version on trial not watched", "err", err)
			}
		},
	}, nil
}

// kernelOption is the value of an option of the kernel's command line, "" for none.
func kernelOption(name string) string {
	text, _ := os.ReadFile(kernelLine)
	for word := range strings.FieldsSeq(string(text)) {
		if value, ok := strings.CutPrefix(word, name+"="); ok {
			return value
		}
	}
	return ""
}

// restartCard asks systemd for an orderly restart; the argument goes to the kernel, and
// from there to the firmware.
func restartCard(arg string) error {
	args := []string{"--no-block", "reboot"}
	if arg != "" {
		args = append(args, "--reboot-argument="+arg)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "systemctl", args...).CombinedOutput()
	// A restart that has begun ends whoever asked for it too, as all that runs during the start.
	if ended, ok := errors.AsType[*exec.ExitError](err); ok && ended.Sys().(syscall.WaitStatus).Signal() == syscall.SIGTERM {
		return nil
	}
	if err != nil {
		return fmt.Errorf("systemctl reboot: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// updatesAtStart does what a start has to do for updates, after the data partition is there
// and before the box is. It is nil for a card without updates, which starts all the same.
func updatesAtStart(log *slog.Logger) *update.Box {
	b, err := cardUpdates(log)
	if err == nil {
		err = b.Start(context.Background())
	}
	if err != nil {
		log.Error("updates not looked at", "err", err)
		return nil
	}
	return b
}

// watchTrial ends a trial that takes too long.
func (s *stewardBox) watchTrial(ctx context.Context) {
	if s.updates == nil {
		return
	}
	limit := trialLimit
	if n, err := strconv.Atoi(kernelOption("jeudi.trial")); err == nil && n > 0 {
		limit = time.Duration(n) * time.Second
	}
	text, _ := os.ReadFile(kernelUp)
	seconds, _, _ := strings.Cut(string(text), " ")
	up, _ := strconv.ParseFloat(seconds, 64)
	if err := s.updates.Watch(ctx, time.Duration(up*float64(time.Second)), limit); err != nil {
		s.log.Error("version on trial not watched", "err", err)
	}
}

// openBundle opens a bundle of a stick, or the one that the box was given.
func openBundle(sticks *stick.Sticks) func(context.Context, update.Source) (io.ReadCloser, error) {
	return func(_ context.Context, src update.Source) (io.ReadCloser, error) {
		if src.Stick != "" {
			return sticks.Open(src.Stick, src.Name)
		}
		// What is read is signed; what is opened is a file, and no link to one.
		f, err := os.OpenFile(filepath.Join(card.BoxDir, bundleGiven), os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
		if err != nil {
			return nil, err
		}
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			f.Close()
			return nil, errors.New("what the box was given is no file")
		}
		return f, nil
	}
}

// updating are the verbs of updates, none on a card that cannot be updated.
func (s *stewardBox) updating() map[string]steward.Handler {
	if s.updates == nil {
		return nil
	}
	return s.updates.Handlers(openBundle(&s.sticks))
}
