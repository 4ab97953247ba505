package main

import (
	"context"
	"errors"
	"os"

	"jeudi/firmware/setup"
	"jeudi/provisioning/card"
	"jeudi/provisioning/steward"
	"jeudi/provisioning/stick"
)

// spareBox takes over what another box has left on a stick, while this one has no site.
type spareBox struct {
	box    *setUp
	client *steward.Client
}

var _ setup.Spare = spareBox{}

// Backups are those on the sticks; none without a steward.
func (s spareBox) Backups(ctx context.Context) (list []setup.Backup, err error) {
	sticks, err := sticksOf(ctx, s.client)
	if errors.Is(err, steward.ErrNone) {
		return nil, nil
	}
	for _, one := range sticks {
		for _, f := range one.Files {
			if f.Kind == stick.KindBackup && one.Refused == "" {
				list = append(list, setup.Backup{Stick: one.ID, Name: f.Name})
			}
		}
	}
	return list, err
}

// Restore keeps what the stick has until the wizard has ended: see siteOr, or the next
// start after a cut.
func (s spareBox) Restore(ctx context.Context, stick, name, code string) error {
	b, raw, err := fromStick(ctx, s.client, stick, name, code)
	if err != nil {
		return err
	}
	if b.Site[card.SiteFile] == nil { // of a box with the sample
		return refuse("setup.restore.no_site")
	}
	if err := s.box.setAside(); err != nil {
		return err
	}
	if err := os.MkdirAll(s.box.data, 0o700); err != nil {
		return err
	}
	return keepRestore(s.box.data, raw)
}
