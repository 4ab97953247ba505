package directory

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The files of a Store. Beside each lies the one before it, and while one is
// written, its name with .new.
const (
	placesName   = "places.json"           // what was imported
	previousName = "places.previous.json"  // the import before
	changesName  = "changes.json"          // what staff added and corrected
	changesBack  = "changes.previous.json" // the same before its last change
)

// maxChanges is how many places staff can write.
const maxChanges = 5000

// Store keeps a directory in a folder: what was imported, and apart from it what
// staff changed. A file is replaced in one step, so that a power cut leaves the
// old one or the new one.
type Store struct {
	root *os.Root
	log  *slog.Logger

	// now is what everybody reads, without waiting for whoever writes.
	now atomic.Pointer[Directory]

	// mu is held by whoever changes the files. There is no owner goroutine because
	// nothing happens here on its own: an import and a correction are both somebody's
	// request, take milliseconds of disk, and must only not overlap.
	mu        sync.Mutex
	importing sync.Mutex // held while a file is read
	imported  []Place
	from      Origin
	changes   map[string]change
	damaged   []string
	readOnly  error // set before anybody else sees the store
}

// change is what staff did to one place. Exactly one of its parts is set.
type change struct {
	// Added is a place of their own.
	Added *Place `json:"added,omitempty"`
	// Set is what they corrected, by the name of the field; null is a field they
	// emptied. What they did not touch follows the imports.
	Set map[string]json.RawMessage `json:"set,omitempty"`
	// Base is the imported place as it was when they corrected it: if an import
	// lacks it, their work is not lost with it.
	Base *Place `json:"base,omitempty"`
	// Removed hides the place, of this import and of the next.
	Removed bool `json:"removed,omitempty"`
}

// head is how a file of the store begins. Behind it, as the last field of the same
// JSON object, is its body: the places, or the changes.
type head struct {
	Version int    `json:"version"`
	Origin  Origin `json:"origin"`
	// Sum is the CRC-32C of the body, in hexadecimal: a card may return other bytes
	// than it was given.
	Sum string `json:"sum"`
}

// bodyKey stands between the two. It cannot be part of a string, where a quote
// would have a backslash before it.
const bodyKey = `,"body":`

// Open opens the directory of a folder, which must exist: that is the only error. A
// missing file is an empty directory. A damaged one is set aside under another name,
// told in the log and by Damaged, and the one before it stands in. One that the disk
// does not give stays where it is, for it may be whole: the one before it stands in,
// and nothing is changed until the next start, see ReadOnly.
func Open(dir string, log *slog.Logger) (*Store, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("directory: open: %w", err)
	}
	s := &Store{root: root, log: log}
	s.load(placesName, previousName, func(name string) (err error) { s.imported, s.from, err = s.readPlaces(name); return })
	s.load(changesName, changesBack, func(name string) (err error) { s.changes, err = s.readChanges(name); return })
	if s.changes == nil {
		s.changes = map[string]change{}
	}
	s.publish()
	return s, nil
}

// None is an empty directory without a folder, which is read-only for the reason
// given: a box can do without the places, not without a directory to look in.
func None(why error, log *slog.Logger) *Store {
	s := &Store{log: log, changes: map[string]change{}, readOnly: why}
	s.publish()
	return s
}

// load reads a file, or the one before it if it is damaged or the disk does not give
// it: a box stands without its places rather than not at all.
func (s *Store) load(name, back string, read func(string) error) {
	if err := s.discard(name + ".new"); err != nil { // what a cut left
		s.log.Warn("an unfinished file of the directory stays", "file", name+".new", "err", err)
	}
	err := twice(read, name)
	if err == nil {
		return
	}
	if !errors.Is(err, fs.ErrNotExist) {
		s.refuse(name, err)
	}
	// Without the file, the one before it is the newest there is: this start has set
	// it aside, or an earlier one, or the disk does not give it.
	switch err := twice(read, back); {
	case err == nil:
		s.log.Warn("the file before stands in for one of the directory", "file", back)
	case errors.Is(err, errDamaged):
		s.log.Error("the file before is damaged", "file", back, "err", err)
	case !errors.Is(err, fs.ErrNotExist):
		s.keep(back, err)
	}
}

// twice reads a file, once more if that fails: what a card returns wrong, or not at
// all, it often returns the next time.
func twice(read func(string) error, name string) error {
	err := read(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = read(name)
	}
	return err
}

// refuse sets a damaged file aside. One that stays where it is, because it cannot be
// moved or is perhaps not damaged, makes the store read-only: a write would put it in
// the place of the one before, which may be the only good one.
func (s *Store) refuse(name string, err error) {
	if !errors.Is(err, errDamaged) {
		s.keep(name, err)
		return
	}
	aside, moved := s.setAside(name)
	if aside == "" {
		s.keep(name, errors.Join(err, moved))
		return
	}
	s.damaged = append(s.damaged, aside)
	s.log.Error("a file of the directory is damaged", "file", name, "aside", aside, "err", errors.Join(err, moved))
}

// keep leaves a file alone, and all others with it.
func (s *Store) keep(name string, err error) {
	s.readOnly = cmp.Or(s.readOnly, err)
	s.log.Error("a file of the directory is not read; nothing of it is changed until the next start", "file", name, "err", err)
}

// Close lets go of the folder. Directories that were handed out stay good.
func (s *Store) Close() error {
	if s.root == nil {
		return nil
	}
	return s.root.Close()
}

// Current returns the directory as it is now. It does not wait.
func (s *Store) Current() *Directory { return s.now.Load() }

// Damaged returns the names under which damaged files were set aside at Open.
func (s *Store) Damaged() []string { return slices.Clone(s.damaged) }

// ReadOnly returns why the directory takes no change until it is opened again; nil
// if it takes them. Every change is refused with it.
func (s *Store) ReadOnly() error { return s.readOnly }

// Replace imports a file in the place of what was imported before, which is kept:
// see Restore. What staff wrote stays. An error leaves everything as it was; see
// Read for which there are. name is told in the report and shown as the origin; at
// is now.
func (s *Store) Replace(ctx context.Context, r io.Reader, name string, at time.Time) (Report, error) {
	return s.ReplaceAll(ctx, at, Source{Name: name, Data: r})
}

// ReplaceAll is Replace for a directory in several files.
func (s *Store) ReplaceAll(ctx context.Context, at time.Time, sources ...Source) (Report, error) {
	// A file may take half the memory of a small box: one at a time, and no queue.
	if !s.importing.TryLock() {
		return Report{}, ErrBusy
	}
	defer s.importing.Unlock()
	places, report, err := Read(ctx, sources...)
	if err != nil {
		return report, err
	}
	var names []string
	for _, src := range sources {
		names = append(names, src.Name)
	}
	from := Origin{strings.Join(names, ", "), at}

	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return report, fmt.Errorf("directory: import: %w", err)
	}
	if err := s.write(placesName, previousName, from, places); err != nil {
		return report, fmt.Errorf("directory: import: %w", err)
	}
	s.imported, s.from = places, from
	s.publish()
	for p := range s.now.Load().All() {
		if p.Staff == Corrected {
			report.Corrections++
		}
		if p.Gone {
			report.Gone++
		}
	}
	s.log.Info("directory imported", "file", from.Name, "places", report.Places, "left", report.Left, "problems", len(report.Problems)+report.More)
	return report, nil
}

// ReplaceFrom imports from a stick: of the files in its root or in its folder
// "jeudi", the newest that is called lieux….csv, lieux….json or structures….json,
// the last together with the newest services….json. It returns ErrNoFile if there
// is none.
func (s *Store) ReplaceFrom(ctx context.Context, stick fs.FS, at time.Time) (Report, error) {
	var places, services string
	var placesAt, servicesAt time.Time
	for _, dir := range []string{".", "jeudi"} {
		entries, err := fs.ReadDir(stick, dir)
		if err != nil {
			if dir != "." && errors.Is(err, fs.ErrNotExist) {
				continue
			}
			return Report{}, fmt.Errorf("directory: stick: %w", err)
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || !info.Mode().IsRegular() { // no links that lead off the stick
				continue
			}
			name := strings.ToLower(e.Name())
			newer := func(than string, at time.Time) bool {
				return than == "" || info.ModTime().After(at) || info.ModTime().Equal(at) && e.Name() > path.Base(than)
			}
			switch ext := path.Ext(name); {
			case strings.HasPrefix(name, "lieux") && (ext == ".csv" || ext == ".json"), strings.HasPrefix(name, "structures") && ext == ".json":
				if newer(places, placesAt) {
					places, placesAt = path.Join(dir, e.Name()), info.ModTime()
				}
			case strings.HasPrefix(name, "services") && ext == ".json" && newer(services, servicesAt):
				services, servicesAt = path.Join(dir, e.Name()), info.ModTime()
			}
		}
	}
	if places == "" {
		return Report{}, fmt.Errorf("directory: stick: %w", ErrNoFile)
	}
	names := []string{places}
	if strings.HasPrefix(strings.ToLower(path.Base(places)), "structures") && services != "" {
		names = append(names, services)
	}
	var sources []Source
	for _, name := range names {
		f, err := stick.Open(name)
		if err != nil {
			return Report{}, fmt.Errorf("directory: stick: %w", err)
		}
		defer f.Close()
		sources = append(sources, Source{path.Base(name), f})
	}
	return s.ReplaceAll(ctx, at, sources...)
}

// Restore puts the import before the present one back in its place; the present
// one becomes the one before, so that a second Restore undoes the first. It
// returns ErrNoBackup or ErrBadBackup if it cannot.
func (s *Store) Restore() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readOnly != nil {
		return fmt.Errorf("directory: restore: %w", s.readOnly)
	}
	places, from, err := s.readPlaces(previousName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("directory: restore: %w", ErrNoBackup)
	case errors.Is(err, errDamaged):
		return fmt.Errorf("directory: restore: %w: %w", ErrBadBackup, err)
	case err != nil:
		return fmt.Errorf("directory: restore: %w", err)
	}
	if err := s.write(placesName, previousName, from, places); err != nil {
		return fmt.Errorf("directory: restore: %w", err)
	}
	s.imported, s.from = places, from
	s.publish()
	s.log.Info("directory restored", "file", from.Name, "places", len(places))
	return nil
}

// Check returns the place as Put would keep it, and what is wrong with it. The
// error is ErrInvalid if Put would refuse it: it needs a name, and a town, a
// postcode or a point.
func Check(p Place) (Place, []Problem, error) {
	var problems []Problem
	c := newCleaner(func(pr Problem) {
		if pr.Code != MadeID && pr.Code != Required {
			pr.Value = shorten(pr.Value, 80)
			problems = append(problems, pr)
		}
	})
	id := p.ID
	p = p.clone() // the lists are sorted out where they lie
	p.Staff, p.Gone = Imported, false
	ok := c.clean(&p, "", "", 0, "")
	p.ID = id
	if !ok {
		return p, problems, fmt.Errorf("directory: %w", ErrInvalid)
	}
	return p, problems, nil
}

func (p Place) clone() Place {
	for _, list := range []*[]string{&p.Types, &p.Emails, &p.Sites, &p.Roaming, &p.Services, &p.Publics, &p.Care, &p.Fees,
		&p.Programmes, &p.Labels, &p.OtherLabels, &p.Access, &p.Support, &p.Themes, &p.Languages} {
		*list = slices.Clone(*list)
	}
	if p.Point != nil {
		point := *p.Point
		p.Point = &point
	}
	return p
}

// Put adds a place of staff's, which has no identifier yet, or corrects one. on is
// today, which becomes the day of its last change. It returns the place as it is
// kept, and what was mended in it. The error is ErrInvalid, with the problems that
// are the reason; ErrNotThere if no place has the identifier; ErrFull; or the
// disk's.
func (s *Store) Put(p Place, on time.Time) (Place, []Problem, error) {
	p, problems, err := Check(p)
	if err != nil {
		return p, problems, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.changes) >= maxChanges && (p.ID == "" || s.changes[p.ID].none()) {
		return p, problems, fmt.Errorf("directory: put: %w", ErrFull)
	}
	if p.ID == "" {
		var id [8]byte
		if _, err := rand.Read(id[:]); err != nil {
			return p, problems, fmt.Errorf("directory: put: %w", err)
		}
		p.ID = "staff-" + hex.EncodeToString(id[:])
		p.Updated = on.Format(time.DateOnly)
		return p, problems, s.change(p.ID, change{Added: &p})
	}

	old := s.changes[p.ID]
	base := s.importedPlace(p.ID)
	switch {
	case old.Added != nil:
		p.Updated = on.Format(time.DateOnly)
		return p, problems, s.change(p.ID, change{Added: &p})
	case base == nil && old.Base == nil:
		return p, problems, fmt.Errorf("directory: put %q: %w", p.ID, ErrNotThere)
	case base == nil:
		base = old.Base
	}
	p.Updated = base.Updated // compare what staff can write
	set, err := difference(*base, p)
	if err != nil {
		return p, problems, fmt.Errorf("directory: put %q: %w", p.ID, err)
	}
	if len(set) == 0 {
		return p, problems, s.change(p.ID, change{})
	}
	p.Updated = on.Format(time.DateOnly)
	if set["date_maj"], err = json.Marshal(p.Updated); err != nil {
		return p, problems, fmt.Errorf("directory: put %q: %w", p.ID, err)
	}
	return p, problems, s.change(p.ID, change{Set: set, Base: base})
}

// Remove takes a place out of the directory, and out of every import to come. See
// Reset for the way back.
func (s *Store) Remove(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.changes[id]
	switch {
	case old.Added != nil:
		return s.change(id, change{})
	case s.importedPlace(id) != nil:
		return s.change(id, change{Removed: true})
	case old.Base != nil: // corrected, and no import has it any more
		return s.change(id, change{})
	}
	return fmt.Errorf("directory: remove %q: %w", id, ErrNotThere)
}

// Reset takes back what staff did to an imported place: their corrections, or
// that it was removed. Of a place they added, nothing would be left: Remove it.
func (s *Store) Reset(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.changes[id]; old.none() || old.Added != nil {
		return fmt.Errorf("directory: reset %q: %w", id, ErrNoChange)
	}
	return s.change(id, change{})
}

// Removed returns the imported places that staff took out, by name.
func (s *Store) Removed() []Place {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Place
	for i := range s.imported {
		if s.changes[s.imported[i].ID].Removed {
			out = append(out, s.imported[i])
		}
	}
	slices.SortFunc(out, func(a, b Place) int {
		return cmp.Or(strings.Compare(fold(a.Name), fold(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return out
}

func (c change) none() bool { return c.Added == nil && c.Set == nil && !c.Removed }

// change writes one change down, then publishes it. The caller holds mu.
func (s *Store) change(id string, c change) error {
	next := make(map[string]change, len(s.changes)+1)
	for k, v := range s.changes {
		next[k] = v
	}
	if next[id] = c; c.none() {
		delete(next, id)
	}
	if err := s.write(changesName, changesBack, Origin{}, next); err != nil {
		return fmt.Errorf("directory: change %q: %w", id, err)
	}
	s.changes = next
	s.publish()
	return nil
}

// importedPlace returns the place as it was imported, nil if it was not.
func (s *Store) importedPlace(id string) *Place {
	if i := slices.IndexFunc(s.imported, func(p Place) bool { return p.ID == id }); i >= 0 {
		return &s.imported[i]
	}
	return nil
}

// publish makes a directory of what was imported and what staff changed. The
// caller holds mu, or is alone.
func (s *Store) publish() {
	places := make([]Place, 0, len(s.imported)+len(s.changes))
	used := map[string]bool{}
	for _, p := range s.imported {
		c, ok := s.changes[p.ID]
		used[p.ID] = ok
		switch {
		case !ok:
		case c.Removed:
			continue
		case c.Added != nil: // an import that has staff's own place under their identifier
			p = *c.Added
			p.Staff = Added
		default:
			p = s.corrected(p, c)
		}
		places = append(places, p)
	}
	for id, c := range s.changes {
		switch {
		case used[id] || c.Removed:
		case c.Added != nil:
			p := *c.Added
			p.Staff = Added
			places = append(places, p)
		default:
			p := s.corrected(*c.Base, c)
			p.Gone = true
			places = append(places, p)
		}
	}
	s.now.Store(New(places, s.from))
}

// corrected returns an imported place with what staff corrected.
func (s *Store) corrected(p Place, c change) Place {
	out, err := apply(p, c.Set)
	if err != nil { // it was read once, at Open or when it was made
		s.log.Error("a correction does not fit its place", "place", p.ID, "err", err)
		return p
	}
	out.Staff = Corrected
	return out
}

// fields returns a place by the names of its fields; empty ones are not there.
func fields(p Place) (map[string]json.RawMessage, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	var m map[string]json.RawMessage
	return m, json.Unmarshal(data, &m)
}

// difference returns the fields in which two places differ, as the second has
// them; null is one that it lacks.
func difference(from, to Place) (map[string]json.RawMessage, error) {
	a, err := fields(from)
	if err != nil {
		return nil, err
	}
	b, err := fields(to)
	if err != nil {
		return nil, err
	}
	set := map[string]json.RawMessage{}
	for name, v := range b {
		if !bytes.Equal(a[name], v) {
			set[name] = v
		}
	}
	for name := range a {
		if _, ok := b[name]; !ok {
			set[name] = json.RawMessage("null")
		}
	}
	return set, nil
}

// apply returns a place with other values of some fields.
func apply(p Place, set map[string]json.RawMessage) (Place, error) {
	m, err := fields(p)
	if err != nil {
		return p, err
	}
	for name, v := range set {
		if m[name] = v; string(v) == "null" {
			delete(m, name)
		}
	}
	data, err := json.Marshal(m)
	if err != nil {
		return p, err
	}
	var out Place
	if err := json.Unmarshal(data, &out); err != nil {
		return p, err
	}
	out.ID = p.ID
	return out, nil
}

// errDamaged is a file that can be read and not understood.
var errDamaged = errors.New("damaged")

func (s *Store) readPlaces(name string) ([]Place, Origin, error) {
	var places []Place
	h, err := s.read(name, &places)
	if err != nil {
		return nil, Origin{}, err
	}
	for i := range places {
		if places[i].ID == "" || places[i].Name == "" {
			return nil, Origin{}, fmt.Errorf("%s: %w: a place without a name", name, errDamaged)
		}
	}
	return places, h.Origin, nil
}

func (s *Store) readChanges(name string) (map[string]change, error) {
	var changes map[string]change
	if _, err := s.read(name, &changes); err != nil {
		return nil, err
	}
	for id, c := range changes {
		parts := 0
		for _, there := range []bool{c.Added != nil, c.Set != nil, c.Removed} {
			if there {
				parts++
			}
		}
		fits := func(p *Place) bool { return p == nil || p.ID == id && p.Name != "" }
		if parts != 1 || (c.Set != nil) != (c.Base != nil) || !fits(c.Added) || !fits(c.Base) {
			return nil, fmt.Errorf("%s: %w: change of %q", name, errDamaged, id)
		}
		if c.Set != nil {
			if p, err := apply(*c.Base, c.Set); err != nil || p.Name == "" {
				return nil, fmt.Errorf("%s: %w: change of %q: %w", name, errDamaged, id, cmp.Or(err, error(ErrInvalid)))
			}
		}
	}
	return changes, nil
}

// read reads a file of the store. The head is cut off by hand: as a part of one
// value, the places would be gone through twice.
func (s *Store) read(name string, body any) (head, error) {
	data, err := s.root.ReadFile(name)
	if err != nil {
		return head{}, err
	}
	first, rest, ok := bytes.Cut(data, []byte(bodyKey))
	rest, ends := bytes.CutSuffix(rest, []byte("}\n"))
	if !ok || !ends {
		return head{}, fmt.Errorf("%s: %w: cut off", name, errDamaged)
	}
	var h head
	if err := json.Unmarshal(append(bytes.Clone(first), '}'), &h); err != nil {
		return h, fmt.Errorf("%s: %w: %w", name, errDamaged, err)
	}
	if h.Version != 1 || h.Sum != sum(rest) {
		return h, fmt.Errorf("%s: %w: version %d, sum %s", name, errDamaged, h.Version, h.Sum)
	}
	if err := json.Unmarshal(rest, body); err != nil {
		return h, fmt.Errorf("%s: %w: %w", name, errDamaged, err)
	}
	return h, nil
}

func sum(body []byte) string {
	return fmt.Sprintf("%08x", crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
}

// write replaces a file in one step, and keeps the one that was there under back.
func (s *Store) write(name, back string, from Origin, body any) error {
	if s.readOnly != nil {
		return s.readOnly
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	first, err := json.Marshal(head{Version: 1, Origin: from, Sum: sum(raw)})
	if err != nil {
		return err
	}
	fresh := name + ".new"
	if err := s.fresh(fresh, bytes.TrimSuffix(first, []byte("}")), []byte(bodyKey), raw, []byte("}\n")); err != nil {
		return errors.Join(err, s.discard(fresh))
	}
	// A second name first, so that there is a file under the first at all times. If
	// there is none to keep, the one before it may be the only good one.
	if _, err := s.root.Lstat(name); err == nil {
		if err := s.discard(back); err != nil {
			return err
		}
		if err := s.root.Link(name, back); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.root.Rename(fresh, name); err != nil {
		return err
	}
	return s.sync()
}

// fresh writes a file to the disk.
func (s *Store) fresh(name string, parts ...[]byte) error {
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if _, err := f.Write(p); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(f.Sync(), f.Close())
}

// sync makes the disk keep the names of the folder.
func (s *Store) sync() error {
	f, err := s.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// discard removes a file that need not be there.
func (s *Store) discard(name string) error {
	if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// setAside gives a damaged file another name, which is returned.
func (s *Store) setAside(name string) (string, error) {
	for n := 1; ; n++ {
		aside := fmt.Sprintf("%s.damaged-%d", name, n)
		if _, err := s.root.Lstat(aside); err == nil && n < 1000 {
			continue
		}
		if err := s.root.Rename(name, aside); err != nil {
			return "", err
		}
		return aside, s.sync()
	}
}
