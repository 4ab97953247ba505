package main

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"jeudi/firmware/counters"
	"jeudi/firmware/sheet"
)

// sheets are the counters of every kind of sheet: each kind has a folder, a batch
// and a total of its own.
type sheets map[sheet.Kind]*counters.Store

// openSheets opens the counters in dir: those of visitors there, as they always
// were, the others in a folder of their kind. lost says that something was not
// readable and was begun anew.
func openSheets(dir string, schemas []sheet.Schema, log *slog.Logger) (_ sheets, lost bool, err error) {
	s := sheets{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	for _, schema := range schemas {
		at := dir
		if schema.Kind != sheet.KindVisitor {
			at = filepath.Join(dir, schema.Kind.String())
		}
		store, warnings, err := counters.Open(at, schema)
		if err != nil {
			return nil, false, err
		}
		s[schema.Kind] = store
		for _, w := range warnings {
			log.Error("counters", "kind", schema.Kind, "err", w)
			lost = true
		}
	}
	return s, lost, nil
}

// Submit keeps a sheet with those of its kind.
func (s sheets) Submit(id [16]byte, sh sheet.Sheet) error {
	store := s[sh.Kind()]
	if store == nil {
		return fmt.Errorf("no counters of kind %v", sh.Kind())
	}
	return store.Submit(id, sh)
}

// Merge counts the sheets of every kind of which enough wait; one kind that cannot
// does not keep the others.
func (s sheets) Merge() (merged int, err error) {
	for _, store := range s {
		n, one := store.Merge()
		merged += n
		err = errors.Join(err, one)
	}
	return merged, err
}

func (s sheets) close() {
	for _, store := range s {
		store.Close()
	}
}
