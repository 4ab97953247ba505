// Package counters keeps anonymous sheets on disk, and only their margins.
//
// A sheet waits in a slot of a fixed area until a batch of at least MinBatch waits;
// then all of them become additions to one counter per question and answer, in
// a bbolt file, and the area is overwritten. There is no table of sheets, no
// time, no order, no ticket. Counters begin at zero with every period.
//
// It promises:
//   - a sheet accepted by Submit survives a power cut and is counted exactly once,
//     in one period, also when it is handed in again;
//   - a merge adds at least a batch of sheets or none, so two copies of the
//     counters never differ by one person;
//   - in a sealed batch, what waits is sealed to a key that is never on the card: a
//     stolen card gives no answer of it, nor do blocks that the card kept of it once
//     the batch is merged and its key forgotten;
//   - after a merge or the end of a period, whatever cut it, no earlier value of a
//     counter and no waiting sheet is left in a file, nor in blocks that the files gave
//     back: old files are zeroed in place before they lose their name. That holds on
//     ext4 with ordered data; the remapping of a memory card is out of reach;
//   - nothing that waits is ever overwritten, but by Abandon.
//
// There are two levels. Sealed, the store draws a key pair for each batch, writes the
// public key on the card and keeps the seed of the private one in locked memory. A
// power cut takes it: sheets are still accepted, and wait for somebody to give it back,
// see Secret and Unlock. Plain, the sheets of the open batch, at most SlotCount, lie in
// their slots as they are, and a stolen card gives them. Until the merge they are
// personal data in either level. What neither keeps from anybody is how many wait; and
// somebody who can write to the card can fill a batch with sheets of their own.
//
// Sealing is crypto/hpke of the standard library, bbolt because an update must be
// whole or absent after a power cut.
package counters

import (
	"crypto/hpke"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"jeudi/firmware/boltfile"
	"jeudi/firmware/sheet"
)

// MinBatch is how many sheets must wait before they are merged. With ten, an
// insider who holds the counters before and after guesses a whole sheet in
// about 1 case of 100, and a batch where all gave one answer is rare.
const MinBatch = 10

// SlotCount is how many sheets can wait. It is fixed when the area is created.
const SlotCount = 64

// MaxBatch leaves as many slots again for sheets that come while a batch waits for
// its key.
const MaxBatch = SlotCount / 2

// Names of the files, in the directory of the store.
const (
	pendingName = "pending"
	pendingTemp = "pending.new" // being created; holds random bytes only
	countsName  = "counts.db"
	countsTemp  = "counts.new" // being created, or due to be zeroed: never the live file
)

// Refusals and warnings.
var (
	// ErrFull: SlotCount sheets wait. Nothing is overwritten; Merge makes room.
	ErrFull = errors.New("counters: no free slot")
	// ErrInUse: another process, or another Store, has the directory open.
	ErrInUse = errors.New("counters: directory in use")
	// ErrOlderCopy: the counters are older than the waiting sheets, as when a
	// backup was put back. Sheets are accepted; nothing is merged.
	ErrOlderCopy = errors.New("counters are an older copy")
	// ErrUnreadable: a file does not hold what it should.
	ErrUnreadable = errors.New("unreadable")
	// ErrMissing: one of the two files is gone.
	ErrMissing = errors.New("missing")
	// ErrLocked: the box lost the key of the batch with its power. Sheets are
	// accepted; nothing is merged before Unlock.
	ErrLocked = errors.New("the sheets wait for their key")
	// ErrOpen: there is nothing to abandon, the sheets can be read.
	ErrOpen = errors.New("the box has the key of its sheets")
	// ErrOtherBatch: the key is of a batch that is over, or of another box.
	ErrOtherBatch = errors.New("key of another batch")
	// ErrWrongKey: the key says it is of this batch, and opens nothing of it.
	ErrWrongKey = errors.New("key does not belong to these sheets")
	// ErrSwap: the system refused memory that is never swapped out. The key of a batch
	// may reach a swap or a core dump, where the machine has one.
	ErrSwap = errors.New("the memory of the key may be swapped out")
	// ErrPeriod: the period has not begun.
	ErrPeriod = errors.New("period has not begun")
)

// Warning is something that Open found and worked around.
type Warning struct {
	File   string // name in the directory
	KeptAs string // where an unreadable file was put aside; it may hold sheets
	Err    error  // ErrUnreadable, ErrMissing, ErrOlderCopy or ErrSwap, wrapped
}

// Lost reports whether counts or waiting sheets may be gone, which staff should know.
func (w Warning) Lost() bool { return !errors.Is(w.Err, ErrSwap) }

func (w Warning) Error() string {
	if w.KeptAs != "" {
		return fmt.Sprintf("counters: %s: %v; kept as %s", w.File, w.Err, w.KeptAs)
	}
	return fmt.Sprintf("counters: %s: %v", w.File, w.Err)
}

func (w Warning) Unwrap() error { return w.Err }

// Store is the sheets of one kind in one directory. It belongs to one
// goroutine; Totals returns a value that may be shared.
//
// Each kind has a store of its own, in a directory of its own: in a common
// batch of ten, one sheet of a rarer kind would be merged alone.
type Store struct {
	path   string
	schema sheet.Schema
	opts   Options
	rand   io.Reader
	cut    func() error // before each step on disk; tests end the process there

	dir     *os.File // locked; synced after each change of name
	area    *os.File
	seed    *seedPage // of the batch, where the box has it
	head    header    // of the waiting sheets
	waiting map[[16]byte]entry
	used    [SlotCount]bool
	past    [2]counted // the batches before, as on disk
	counts  margins    // as on disk
	settled bool       // no merge is half done, and the fields above are right
}

// entry is where a sheet waits. A slot that was written but not synced is not
// durable: the same id writes it again, and a merge leaves it out.
type entry struct {
	slot    int
	durable bool
}

// Options are what the site chose.
type Options struct {
	// Sealed says that sheets wait sealed to a key that is not on the card. It takes
	// effect with the next batch that begins: at Open if no sheet waits, else after
	// the merge. Sealed() on the Store tells the level that is in force.
	Sealed bool
	// Batch is how many sheets must wait before they are merged, MinBatch to MaxBatch;
	// 0 is MinBatch.
	Batch int
	// Merged, if any, is shown the sheets of each batch once it is counted, in no order:
	// the one moment at which answers are known together. A cut may keep a batch from it.
	Merged func([]sheet.Sheet) `json:"-"`
}

// Open opens or creates the store in dir, and first finishes a merge that a
// power cut interrupted. A sealed batch of which sheets wait is then locked, see
// Unlock; where none waits another begins, with a key that the box has. A file that cannot be read is set aside under the
// name NAME.unreadable-N, replaced by a fresh one, and told in a Warning.
// Errors of the disk itself (permissions, no space) are errors.
func Open(dir string, schema sheet.Schema, opts Options) (*Store, []Warning, error) {
	return open(dir, schema, opts, rand.Reader, nil)
}

func open(dir string, schema sheet.Schema, opts Options, random io.Reader, cut func() error) (*Store, []Warning, error) {
	if err := schema.Check(); err != nil {
		return nil, nil, fmt.Errorf("counters: open: %w", err)
	}
	if opts.Batch == 0 {
		opts.Batch = MinBatch
	}
	if opts.Batch < MinBatch || opts.Batch > MaxBatch {
		return nil, nil, fmt.Errorf("counters: open: batch of %d; want %d to %d", opts.Batch, MinBatch, MaxBatch)
	}
	s := &Store{path: dir, schema: schema, opts: opts, rand: random, cut: cut}
	warnings, err := s.open()
	if err != nil {
		s.Close()
		return nil, nil, fmt.Errorf("counters: open: %w", err)
	}
	return s, warnings, nil
}

func (s *Store) open() ([]Warning, error) {
	if err := os.MkdirAll(s.path, 0o700); err != nil {
		return nil, err
	}
	if err := syncDir(filepath.Dir(s.path)); err != nil { // the directory may be new
		return nil, err
	}
	var err error
	if s.dir, err = os.Open(s.path); err != nil {
		return nil, err
	}
	if err := lock(s.dir); err != nil {
		return nil, err
	}
	var unlocked error
	if s.seed, unlocked = newSeedPage(); s.seed == nil {
		return nil, unlocked
	}
	warnings, err := s.prepare()
	if err != nil {
		return nil, err
	}
	if err := s.settle(); err != nil {
		return nil, err
	}
	if s.olderCopy() {
		warnings = append(warnings, Warning{File: countsName, Err: ErrOlderCopy})
	}
	if unlocked != nil && s.opts.Sealed {
		warnings = append(warnings, Warning{File: pendingName, Err: unlocked})
	}
	return warnings, nil
}

// lock waits for the folder as boltfile does for a file: whoever held it may be
// gone, and its lock with it only a moment later.
func lock(dir *os.File) error {
	const pause, patience = 20 * time.Millisecond, time.Second
	for waited := time.Duration(0); ; waited += pause {
		held, err := tryLock(dir)
		if err == nil {
			return nil
		}
		if !held || waited >= patience {
			return fmt.Errorf("%w: %w", ErrInUse, err)
		}
		time.Sleep(pause)
	}
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// prepare leaves two readable files: those found, or fresh ones.
//
// The area is created first. So counters without an area mean that it was
// lost, and an area of the first batch without counters that nothing was.
func (s *Store) prepare() ([]Warning, error) {
	if err := s.discard(); err != nil {
		return nil, err
	}
	var warnings []Warning
	lost := func(name string, err error) error {
		w := Warning{File: name, Err: ErrMissing}
		if errors.Is(err, ErrUnreadable) {
			w.Err = err
			if err := s.steps(func() error {
				kept, err := boltfile.SetAside(s.file(name))
				w.KeptAs = filepath.Base(kept)
				return err
			}); err != nil {
				return err
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		warnings = append(warnings, w)
		return nil
	}
	batch := uint64(1)
	counts, errCounts := readMargins(s.file(countsName), s.schema.Kind)
	if errCounts == nil {
		batch = counts.batch
	}
	head, _, errArea := readHeader(s.file(pendingName))
	if errArea == nil {
		batch = head.batch
	}
	if errArea != nil {
		if !errors.Is(errArea, fs.ErrNotExist) || !errors.Is(errCounts, fs.ErrNotExist) {
			if err := lost(pendingName, errArea); err != nil {
				return nil, err
			}
		}
		if err := s.createArea(batch); err != nil {
			return nil, err
		}
	}
	if errCounts != nil {
		if !errors.Is(errCounts, fs.ErrNotExist) || batch > 1 {
			if err := lost(countsName, errCounts); err != nil {
				return nil, err
			}
		}
		if err := s.createCounts(batch); err != nil {
			return nil, err
		}
	}
	var err error
	s.area, err = os.OpenFile(s.file(pendingName), os.O_RDWR, 0)
	return warnings, err
}

// settle finishes what was interrupted and reads the store into memory. It runs at
// Open, and again after any error that may have left something half done: no sheet is
// accepted before.
//
// Where nothing waits and the key is gone, or the site chose another level, another
// batch begins: no sheet depends on a key that nobody may have, and no number ever
// stands for two keys.
func (s *Store) settle() error {
	if s.settled {
		return nil
	}
	if s.area == nil {
		return os.ErrClosed
	}
	if err := s.recover(); err != nil {
		return err
	}
	if len(s.waiting) == 0 && !s.olderCopy() && (s.Locked() || s.head.sealed() != s.opts.Sealed) {
		if err := s.turn(s.counts.plus(s.schema, nil), nil); err != nil {
			return err
		}
	}
	s.settled = true
	return nil
}

func (s *Store) recover() error {
	if err := s.discard(); err != nil {
		return err
	}
	var err error
	if s.counts, err = readMargins(s.file(countsName), s.schema.Kind); err != nil {
		return err
	}
	var agree bool
	if s.head, agree, err = readHeader(s.file(pendingName)); err != nil {
		return err
	}
	if s.counts.batch > s.head.batch {
		err = s.finish()
	} else if !agree { // were the better one to go bad, the other would be believed
		err = s.writeHeaders(s.head)
	}
	if err == nil {
		err = s.tidy()
	}
	if err != nil {
		return err
	}
	// What is read next may sit in the page cache only, written by a process
	// that was killed before its sync: a repeated id is answered from it.
	if err := s.syncArea(); err != nil {
		return err
	}
	if err := s.checkSeed(); err != nil {
		return err
	}
	if err := s.readCounted(); err != nil {
		return err
	}
	records, err := s.records()
	if err != nil {
		return err
	}
	s.waiting, s.used = map[[16]byte]entry{}, [SlotCount]bool{}
	for slot, r := range records {
		s.used[slot] = true
		s.waiting[r.id] = entry{slot, true} // of an id found twice, one waits
	}
	return nil
}

func (s *Store) olderCopy() bool { return s.counts.batch < s.head.batch }

// Submit puts a sheet on disk and returns once it would survive a power cut.
// id is drawn at random for this sheet alone, and is the id of nothing else:
// it lies beside the answers. An id that waits already is accepted once, with nil;
// so is one that was counted with the last two batches. Older ones are forgotten.
func (s *Store) Submit(id [16]byte, sh sheet.Sheet) error {
	body, err := sh.Encode(s.schema)
	if err != nil {
		return fmt.Errorf("counters: submit: %w", err)
	}
	if err := s.settle(); err != nil {
		return fmt.Errorf("counters: submit: %w", err)
	}
	e, known := s.waiting[id]
	if e.durable || s.wasCounted(id) {
		return nil
	}
	if !known {
		if e.slot, err = s.freeSlot(); err != nil {
			return err
		}
	}
	r := record{kind: plainRecord, batch: s.head.batch, id: id, body: body[:]}
	if s.head.sealed() {
		r.kind = sealedRecord
		if r.body, err = s.sealTo(id, body[:]); err != nil {
			return fmt.Errorf("counters: submit: %w", err)
		}
	}
	b, err := encodeRecord(r, s.rand)
	if err != nil {
		return fmt.Errorf("counters: submit: %w", err)
	}
	s.waiting[id], s.used[e.slot] = e, true
	err = s.steps(
		func() error { return s.writeArea(b[:], slotOffset(e.slot)) },
		s.syncArea,
	)
	if err != nil {
		return fmt.Errorf("counters: submit: %w", err)
	}
	e.durable = true
	s.waiting[id] = e
	return nil
}

// Pending returns how many accepted sheets wait for a merge.
func (s *Store) Pending() int {
	n := 0
	for _, e := range s.waiting {
		if e.durable {
			n++
		}
	}
	return n
}

// Merge adds the waiting sheets to the counters, all of them, if at least
// Options.Batch wait, and returns how many it added. Then the key of the batch is
// forgotten and another one drawn. After an error the next call of any method
// finishes what was begun. Sheets that wait for their key are ErrLocked.
//
// A waiting sheet that an earlier version wrote counts with its answers. One
// that this version cannot read (written by a later one, or put there by somebody
// else) counts as a sheet without answers; so does an answer whose question or
// neighbourhood the site removed before it was ever counted.
func (s *Store) Merge() (int, error) {
	if err := s.settle(); err != nil {
		return 0, fmt.Errorf("counters: merge: %w", err)
	}
	if s.Pending() < s.opts.Batch {
		return 0, nil
	}
	if s.olderCopy() {
		return 0, fmt.Errorf("counters: merge: %w", ErrOlderCopy)
	}
	if s.Locked() {
		return 0, fmt.Errorf("counters: merge: %w", ErrLocked)
	}
	bodies, ids, err := s.bodies()
	if err != nil {
		return 0, fmt.Errorf("counters: merge: %w", err)
	}
	if len(bodies) < s.opts.Batch {
		return 0, fmt.Errorf("counters: merge: %d of %d sheets read back: %w", len(bodies), s.Pending(), ErrUnreadable)
	}
	if err := s.turn(s.counts.plus(s.schema, bodies), ids); err != nil {
		return 0, fmt.Errorf("counters: merge: %w", err)
	}
	s.settled = true
	if s.opts.Merged != nil {
		var sheets []sheet.Sheet
		for _, b := range bodies {
			sh, _ := sheet.Decode(b, s.schema) // what it cannot read is unset
			sheets = append(sheets, sh)
		}
		s.opts.Merged(sheets)
	}
	return len(bodies), nil
}

// bodies are the waiting sheets, encoded, taken out of their boxes where the key is
// there, and their ids.
func (s *Store) bodies() (bodies [][]byte, ids [][16]byte, err error) {
	records, err := s.records()
	if err != nil {
		return nil, nil, err
	}
	var key hpke.PrivateKey
	if sec, ok := s.secret(); ok {
		if key, err = sec.derive(); err != nil {
			return nil, nil, err
		}
	}
	for slot, r := range records {
		if s.waiting[r.id] != (entry{slot, true}) {
			continue
		}
		body := r.body
		if r.kind == sealedRecord {
			if body = nil; key != nil {
				body, _ = s.unseal(key, r) // what does not open has no answers
			}
		}
		bodies, ids = append(bodies, body), append(ids, r.id)
	}
	return bodies, ids, nil
}

// turn ends the batch of the sheets with these ids: next takes the place of the
// counters, its number is one higher. The caller marks the store as settled.
func (s *Store) turn(next margins, ids [][16]byte) error {
	s.settled = false
	if len(ids) > 0 {
		if err := s.remember(ids); err != nil {
			return err
		}
	}
	if err := s.steps(func() error { return next.commit(s.file(countsName), s.schema.Kind) }); err != nil {
		return err
	}
	s.counts, s.waiting = next, nil
	s.seed.wipe() // nothing that is left to do needs it
	if err := s.finish(); err != nil {
		return err
	}
	return s.recover()
}

// finish does what follows the commit of a batch's end. Each step may be the last
// before a power cut, and all may be done again from the first.
func (s *Store) finish() error {
	if err := s.compact(); err != nil {
		return err
	}
	if err := s.steps(s.scrubArea, s.syncArea); err != nil {
		return err
	}
	head, err := s.drawHeader(s.counts.batch)
	if err != nil {
		return err
	}
	s.head = head
	return s.writeHeaders(head)
}

// compact puts a copy of the counters as they are in their place, and overwrites what
// they were in.
func (s *Store) compact() error {
	live, temp := s.file(countsName), s.file(countsTemp)
	if err := s.steps(
		func() error { return compact(temp, live) },
		// An exchange, because the old file must keep a name until it is
		// zeroed: without one, a power cut makes the file system free its
		// blocks as they are.
		func() error { return boltfile.Exchange(temp, live) },
	); err != nil {
		return err
	}
	return s.discard()
}

// tidy compacts counters in whose file something else is left: a merge that was cut
// just before its commit has written its sums into free pages already, and the same
// sheets may be counted later with one more.
func (s *Store) tidy() error {
	clean, err := boltfile.Clean(s.file(countsName))
	if err == nil && !clean {
		err = s.compact()
	}
	return err
}

// discard zeroes and removes counts.new, whatever it is: half written, or the
// former counters after the exchange.
func (s *Store) discard() error {
	return s.steps(func() error { return boltfile.Discard(s.file(countsTemp)) })
}

// createCounts makes a file of zeros under a temporary name: bbolt cut while
// it creates a file leaves one that never opens.
func (s *Store) createCounts(batch uint64) error {
	m := margins{batch: batch, period: 1}.plus(s.schema, nil)
	m.batch = batch
	return s.steps(
		func() error { return m.create(s.file(countsTemp), s.schema.Kind) },
		func() error { return os.Rename(s.file(countsTemp), s.file(countsName)) },
		s.dir.Sync,
	)
}

// Totals is what the store knows, and all that anybody may ask of it.
type Totals struct {
	Period     uint64 // number of the period they are of, from 1
	Sheets     int    // merged
	Pending    int    // waiting, not in the counts below
	Unreadable int    // given up, because nobody had their key; not in the counts below
	Questions  []QuestionTotals
}

// QuestionTotals is the counts of one question. Their sum is Totals.Sheets,
// for every question: sheets from before it was asked count as unset.
type QuestionTotals struct {
	Key string // as counted: KEY.ANSWER for each answer of a sheet.Question with Multi
	// Answers are in the order of the schema, then those the site removed,
	// then sheet.Unset.
	Answers []AnswerTotal
}

// AnswerTotal is how many merged sheets gave an answer.
type AnswerTotal struct {
	Key string
	N   int
}

// Totals returns the counts, from memory. It changes only when at least
// MinBatch sheets are merged or a period ends, but for Pending and Unreadable.
func (s *Store) Totals() Totals {
	t := Totals{
		Period: s.counts.period, Sheets: int(s.counts.sheets),
		Pending: s.Pending(), Unreadable: int(s.counts.unreadable),
	}
	now := s.counts.plus(s.schema, nil)
	for _, q := range s.counts.known(s.schema).Questions {
		qt := QuestionTotals{Key: q.Key}
		for _, a := range append(q.Answers, sheet.Unset) {
			qt.Answers = append(qt.Answers, AnswerTotal{a, int(now.n[cell{q.Key, a}])})
		}
		t.Questions = append(t.Questions, qt)
	}
	return t
}

// Close wipes the key and lets go of the directory. Waiting sheets stay where they
// are.
func (s *Store) Close() error {
	s.settled = false
	errs := []error{s.seed.close()}
	for _, f := range []*os.File{s.area, s.dir} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	s.area, s.dir = nil, nil
	return errors.Join(errs...)
}

func (s *Store) file(name string) string { return filepath.Join(s.path, name) }

// steps does things in order and stops at the first error, leaving the disk as
// a power cut there would: nothing on the way out tidies up.
func (s *Store) steps(do ...func() error) error {
	for _, step := range do {
		if s.cut != nil {
			if err := s.cut(); err != nil {
				return err
			}
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
