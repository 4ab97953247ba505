package main

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"

	"jeudi/firmware/counters"
	"jeudi/firmware/sheet"
	"jeudi/firmware/wait"
)

// sheets are the counters of every kind of sheet: each kind has a folder, a batch
// and a total of its own.
type sheets map[sheet.Kind]*counters.Store

// openSheets opens the counters in dir: those of visitors there, as they always
// were, the others in a folder of their kind. lost says that something was not
// readable and was begun anew.
func openSheets(dir string, schemas []sheet.Schema, opts counters.Options, learn func(wait.Learned) error, log *slog.Logger) (_ sheets, lost bool, err error) {
	// Keys pass through memory that a core dump would hold: of a batch that was sealed
	// before the site changed its level, too. Children inherit it.
	if err := noCoreDumps(); err != nil {
		return nil, false, fmt.Errorf("forbidding core dumps: %w", err)
	}
	s := sheets{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	for _, schema := range schemas {
		at := filepath.Join(dir, kindFolder(schema.Kind))
		if opts.Merged = nil; schema.Kind == sheet.KindStaff {
			opts.Merged = func(batch []sheet.Sheet) {
				if err := learn(taught(batch)); err != nil {
					log.Error("what services took is not learned", "err", err)
				}
			}
		}
		store, warnings, err := counters.Open(at, schema, opts)
		if err != nil {
			return nil, false, err
		}
		s[schema.Kind] = store
		for _, w := range warnings {
			log.Error("counters", "kind", schema.Kind, "err", w)
			lost = lost || w.Lost()
		}
	}
	return s, lost, nil
}

// taught is what the services of a batch took, by motif.
func taught(batch []sheet.Sheet) (l wait.Learned) {
	for _, sh := range batch {
		motif, told := sh.Answer(sheet.Motif)
		took, served := sh.Answer(sheet.Took)
		if bin, err := strconv.Atoi(took); told && served && err == nil {
			if motif == sheet.Undecided {
				motif = ""
			}
			l.AddBin(motif, bin)
		}
	}
	return l
}

// of is the counters of a kind.
func (s sheets) of(kind sheet.Kind) (*counters.Store, error) {
	if store := s[kind]; store != nil {
		return store, nil
	}
	return nil, fmt.Errorf("no counters of kind %v", kind)
}

// Submit keeps a sheet with those of its kind.
func (s sheets) Submit(id [16]byte, sh sheet.Sheet) error {
	store, err := s.of(sh.Kind())
	if err != nil {
		return err
	}
	return store.Submit(id, sh)
}

// Merge counts the sheets of every kind of which enough wait; one kind that cannot
// does not keep the others.
func (s sheets) Merge() (merged int, err error) {
	for _, store := range s {
		n, one := store.Merge()
		merged += n
		if !errors.Is(one, counters.ErrLocked) { // no fault: States tells who waits for a key
			err = errors.Join(err, one)
		}
	}
	return merged, err
}

// kinds are in the order in which staff read of them.
func (s sheets) kinds() (stores []*counters.Store) {
	for _, kind := range sheet.Kinds() {
		if store := s[kind]; store != nil {
			stores = append(stores, store)
		}
	}
	return stores
}

// States tell of each kind whether its sheets are sealed, and whether they wait for
// their key.
func (s sheets) States() (all []counters.State) {
	for _, store := range s.kinds() {
		all = append(all, store.State())
	}
	return all
}

// Secrets are the keys that the box has, to be kept by others.
func (s sheets) Secrets() (all []counters.Secret) {
	for _, store := range s.kinds() {
		if secret, ok := store.Secret(); ok {
			all = append(all, secret)
		}
	}
	return all
}

// Unlock gives back the key of a batch.
func (s sheets) Unlock(secret counters.Secret) error {
	store, err := s.of(secret.Kind)
	if err != nil {
		return err
	}
	return store.Unlock(secret)
}

// Abandon gives up the sheets of a kind whose key is lost, and tells how many.
func (s sheets) Abandon(kind sheet.Kind) (int, error) {
	store, err := s.of(kind)
	if err != nil {
		return 0, err
	}
	return store.Abandon()
}

// Totals are the counters of each kind.
func (s sheets) Totals() map[sheet.Kind]counters.Totals {
	all := map[sheet.Kind]counters.Totals{}
	for kind, store := range s {
		all[kind] = store.Totals()
	}
	return all
}

// EndPeriod begins the counters of the next period, of one kind.
func (s sheets) EndPeriod(kind sheet.Kind, period uint64) error {
	store, err := s.of(kind)
	if err != nil {
		return err
	}
	return store.EndPeriod(period)
}

func (s sheets) close() {
	for _, store := range s {
		store.Close()
	}
}
