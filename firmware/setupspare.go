package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jeudi/firmware/session"
	"jeudi/firmware/setup"
	"jeudi/provisioning/card"
	"jeudi/provisioning/site"
	"jeudi/provisioning/steward"
	"jeudi/provisioning/stick"
)

// spareBox takes over what another box has left on a stick, while this one has no site.
type spareBox struct {
	box    *setUp
	client *steward.Client
	sites  bool // a site file is offered too: there is no good one that would be lost
}

var _ setup.Spare = spareBox{}

// Backups are those on the sticks, none without a steward; and site files, where they are
// not taken without being asked for.
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
	if !s.sites || len(list) == 0 && s.box.blank() {
		return list, err
	}
	for _, one := range sticks {
		if f, ok := siteOn(one); ok {
			list = append(list, setup.Backup{Stick: one.ID, Name: f.Name, Site: true})
		}
	}
	return list, err
}

// Restore keeps what the stick has until the wizard has ended: see siteOr, or the next
// start after a cut.
func (s spareBox) Restore(ctx context.Context, id, name, code string) error {
	if s.sites && stick.IsSite(name) {
		text, _, wrong, err := readSite(ctx, s.client, id, name)
		if len(wrong) > 0 {
			return &session.Refusal{Msg: session.M("setup.stick.refused", "line", wrong[0].Line, "what", wrong[0].French())}
		}
		if err != nil {
			return err
		}
		err = s.box.takeSite(ctx, s.client, id, text)
		if _, said := errors.AsType[*session.Refusal](err); err != nil && !said {
			err = fmt.Errorf("%w: %w", refuse("setup.not_written"), err)
		}
		return err
	}
	b, raw, err := fromStick(ctx, s.client, id, name, code)
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

// siteOn is the site file of a stick that can be used.
func siteOn(s stick.Stick) (stick.File, bool) {
	if s.Refused != "" {
		return stick.File{}, false
	}
	i := slices.IndexFunc(s.Files, func(f stick.File) bool { return stick.IsSite(f.Name) })
	if i < 0 {
		return stick.File{}, false
	}
	for j, f := range s.Files { // an editor may have left its own copy beside it
		if f.Kind == stick.KindSite && strings.EqualFold(f.Name, card.SiteFile) {
			i = j
		}
	}
	return s.Files[i], true
}

// offered is what sticks have for a box that has nothing: the site file to read, or why none
// is; neither where there is nothing to say. A backup beside it, or a second one, makes it
// somebody's choice.
func offered(sticks []stick.Stick) (from stick.Stick, file stick.File, why string) {
	backup, usable := false, false
	for _, one := range sticks {
		if usable = usable || one.Refused == ""; !usable && one.Refused != "stick.card" { // it may be the box's own
			why = one.Refused
		}
		backup = backup || one.Refused == "" && slices.ContainsFunc(one.Files, func(f stick.File) bool { return f.Kind == stick.KindBackup })
		f, ok := siteOn(one)
		switch {
		case ok && file.Name != "":
			return stick.Stick{}, stick.File{}, "setup.stick.many"
		case ok:
			from, file = one, f
		}
	}
	switch {
	case file.Name != "" && backup:
		return stick.Stick{}, stick.File{}, "setup.stick.choose"
	case usable:
		return from, file, ""
	}
	return stick.Stick{}, stick.File{}, why
}

// readSite is a site file of a stick, or what is wrong with it.
func readSite(ctx context.Context, client *steward.Client, id, name string) (text []byte, s *site.Site, wrong site.Errors, err error) {
	if text, err = readStick(ctx, client, id, name); err != nil {
		return nil, nil, nil, err
	}
	if s, err = site.Parse(name, text); errors.As(err, &wrong) {
		err = nil
	}
	return text, s, wrong, err
}

// stickSite is the site file that somebody brings on a stick to a box that has nothing.
type stickSite struct {
	box    *setUp
	client *steward.Client

	seen  seenFile // what the last offer is about
	last  setup.Offer
	text  []byte // of that one
	stick string
}

// seenFile tells one file from another without reading it again.
type seenFile struct {
	stick, model, name string
	room, bytes        int64 // of the stick, and of the file
	changed            int64
	why                string
}

var _ setup.Sites = (*stickSite)(nil)

// Look implements setup.Sites. A file is read once, as long as it stays the same.
func (s *stickSite) Look(ctx context.Context) (setup.Offer, error) {
	sticks, err := sticksOf(ctx, s.client)
	if errors.Is(err, steward.ErrNone) {
		return setup.Offer{}, nil
	}
	if err != nil {
		return setup.Offer{}, err
	}
	from, file, why := offered(sticks)
	seen := seenFile{from.ID, from.Model, file.Name, from.Bytes, file.Bytes, file.Changed.UnixNano(), why}
	if seen == s.seen && s.last.Read {
		return s.last, nil
	}
	s.seen, s.last = seenFile{}, setup.Offer{}
	next := setup.Offer{Read: true}
	switch {
	case why != "":
		next.Why = new(session.M(why))
	case file.Name != "":
		text, parsed, wrong, err := readSite(ctx, s.client, from.ID, file.Name)
		refusal, refused := errors.AsType[*session.Refusal](err)
		switch {
		case refused:
			next.Why = &refusal.Msg
			return next, nil // another try may go better
		case err != nil:
			return setup.Offer{}, err
		case len(wrong) > 0:
			next.Wrong = wrong
		default:
			next.Place, s.text, s.stick = parsed.Place.Name, text, from.ID
		}
	}
	s.seen, s.last = seen, next
	return next, nil
}

// Take implements setup.Sites. What did not work is not tried again before the stick changes.
func (s *stickSite) Take(ctx context.Context) error {
	err := s.box.takeSite(ctx, s.client, s.stick, s.text)
	if err == nil {
		return nil
	}
	why := session.M("setup.not_written")
	if refusal, ok := errors.AsType[*session.Refusal](err); ok {
		why = refusal.Msg
	}
	s.last = setup.Offer{Read: true, Why: &why}
	return err
}

// blank reports whether nothing is here that a site could spoil: neither another one, be
// it wrong, nor a box that has served people.
func (u *setUp) blank() bool {
	text, err := os.ReadFile(u.siteFile)
	if err == nil && len(bytes.TrimSpace(text)) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	_, err = os.Lstat(filepath.Join(u.data, "journal.db"))
	return errors.Is(err, fs.ErrNotExist)
}

// takeSite makes a site file of a stick that of the box, after the files that it names: of
// those the stick gives what lies beside it, and the desk says what is missing.
func (u *setUp) takeSite(ctx context.Context, client *steward.Client, id string, text []byte) error {
	parsed, err := site.Parse(card.SiteFile, text)
	if err != nil {
		return err
	}
	for _, name := range parsed.Beside() {
		if slices.Contains([]string{card.SiteFile, wizardFile, againFile, previousFile}, strings.ToLower(name)) {
			continue // those are the box's own
		}
		content, err := readStick(ctx, client, id, name)
		if errors.Is(err, refuse("stick.no_file")) {
			continue // or it is a folder
		}
		if _, said := errors.AsType[*session.Refusal](err); err != nil && !said {
			err = fmt.Errorf("%w: %w", refuse("stick.unreadable"), err) // and not the card
		}
		if err != nil {
			return err
		}
		if err := putFile(filepath.Dir(u.siteFile), name, content); err != nil {
			return err
		}
	}
	if err := u.setAside(); err != nil {
		return err
	}
	if err := writeSite(u.siteFile, text); err != nil {
		return err
	}
	u.brought = true
	return nil
}
