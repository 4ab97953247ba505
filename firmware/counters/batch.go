package counters

import (
	"fmt"

	"jeudi/firmware/boltfile"
	"jeudi/firmware/sheet"
)

// State is where the open batch stands, for those who look after it.
type State struct {
	Kind    sheet.Kind
	Batch   uint64
	Sealed  bool // the level in force: until the batch ends, whatever the site says
	Locked  bool // sheets wait for the key
	Pending int  // sheets that wait
}

// State returns where the open batch stands, from memory.
func (s *Store) State() State {
	return State{
		Kind: s.schema.Kind, Batch: s.head.batch,
		Sealed: s.head.sealed(), Locked: s.Locked(), Pending: s.Pending(),
	}
}

// Locked reports whether sheets wait for a key that the box does not have.
func (s *Store) Locked() bool { return s.head.sealed() && !s.seed.full }

// Secret is the key of the open batch, to be handed to those who keep it. False when
// the box does not have it (any more), or the batch is not sealed.
func (s *Store) Secret() (Secret, bool) {
	if !s.settled {
		return Secret{}, false
	}
	return s.secret()
}

func (s *Store) secret() (Secret, bool) {
	if !s.head.sealed() || !s.seed.full {
		return Secret{}, false
	}
	return Secret{Kind: s.schema.Kind, Batch: s.head.batch, Seed: [SeedSize]byte(s.seed.page)}, true
}

// Unlock gives the box a key back. A key of another batch is ErrOtherBatch, one of
// another kind or that opens nothing here ErrWrongKey; neither changes anything, in
// memory or on disk. A right key that the box has already is none: nil.
func (s *Store) Unlock(sec Secret) error {
	if err := s.settle(); err != nil {
		return fmt.Errorf("counters: unlock: %w", err)
	}
	if sec.Kind != s.schema.Kind {
		return fmt.Errorf("counters: unlock: %w: it is of kind %v", ErrWrongKey, sec.Kind)
	}
	if sec.Batch != s.head.batch || !s.head.sealed() {
		return fmt.Errorf("counters: unlock: %w: %d, not %d", ErrOtherBatch, sec.Batch, s.head.batch)
	}
	public, err := publicOf(sec)
	if err != nil {
		return fmt.Errorf("counters: unlock: %w", err)
	}
	if public != s.head.public {
		return fmt.Errorf("counters: unlock: %w", ErrWrongKey)
	}
	s.seed.put(sec.Seed)
	return nil
}

// Abandon ends a batch whose key everybody has lost, and returns how many sheets are
// lost with it: they are counted as unreadable, once, and overwritten. Another batch
// begins. It refuses with ErrOpen as long as the box can read its sheets.
func (s *Store) Abandon() (int, error) {
	if err := s.settle(); err != nil {
		return 0, fmt.Errorf("counters: abandon: %w", err)
	}
	if s.olderCopy() {
		return 0, fmt.Errorf("counters: abandon: %w", ErrOlderCopy)
	}
	if !s.Locked() {
		return 0, fmt.Errorf("counters: abandon: %w", ErrOpen)
	}
	_, ids, err := s.bodies()
	if err != nil {
		return 0, fmt.Errorf("counters: abandon: %w", err)
	}
	next := s.counts.plus(s.schema, nil)
	next.unreadable += uint64(len(ids))
	if err := s.turn(next, ids); err != nil {
		return 0, fmt.Errorf("counters: abandon: %w", err)
	}
	s.settled = true
	return len(ids), nil
}

// EndPeriod begins counters of zeros for the period after this one, and overwrites
// the former ones. Whoever calls it has kept what is to be kept of Totals. Ending a
// period that is over already changes nothing; one that has not begun is ErrPeriod.
// Sheets that wait stay, and are counted in the next period.
func (s *Store) EndPeriod(period uint64) error {
	if err := s.settle(); err != nil {
		return fmt.Errorf("counters: end of period: %w", err)
	}
	switch {
	case s.counts.period > period:
		return nil
	case s.counts.period < period:
		return fmt.Errorf("counters: end of period: %w: %d, now is %d", ErrPeriod, period, s.counts.period)
	case s.olderCopy():
		return fmt.Errorf("counters: end of period: %w", ErrOlderCopy)
	}
	next := s.counts.nextPeriod(s.schema)
	live, temp := s.file(countsName), s.file(countsTemp)
	s.settled = false
	err := s.steps(
		func() error { return next.create(temp, s.schema.Kind) },
		func() error { return boltfile.Exchange(temp, live) }, // from here the period is over
	)
	if err == nil {
		err = s.settle() // overwrites the former counters
	}
	if err != nil {
		return fmt.Errorf("counters: end of period: %w", err)
	}
	return nil
}

// drawHeader returns the header of a batch that begins, at the level that the site
// wants, with a fresh key in memory if it is sealed.
func (s *Store) drawHeader(batch uint64) (header, error) {
	h := header{batch: batch}
	if !s.opts.Sealed {
		s.seed.wipe()
		return h, nil
	}
	if err := s.seed.draw(s.rand); err != nil {
		return header{}, err
	}
	var err error
	h.public, err = publicOf(Secret{Kind: s.schema.Kind, Batch: batch, Seed: [SeedSize]byte(s.seed.page)})
	return h, err
}

// checkSeed wipes a key that is not of the batch on disk, as after an error between
// drawing it and writing its header.
func (s *Store) checkSeed() error {
	if !s.seed.full {
		return nil
	}
	public, err := publicOf(Secret{Kind: s.schema.Kind, Batch: s.head.batch, Seed: [SeedSize]byte(s.seed.page)})
	if err == nil && public != s.head.public {
		s.seed.wipe()
	}
	return err
}
