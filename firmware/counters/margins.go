package counters

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"jeudi/firmware/boltfile"
	"jeudi/firmware/sheet"
)

// cell is one counter: how many sheets gave this answer to this question.
type cell struct{ question, answer string }

// margins is the content of counts.db: every counter, and nothing joint.
type margins struct {
	batch      uint64 // number of the batch that is next to be merged
	period     uint64 // number of the period that is counted, from 1
	sheets     uint64 // sheets merged in it
	unreadable uint64 // sheets given up in it, because nobody had their key
	n          map[cell]uint64
}

// known is the schema as it is counted, with the questions and answers it has
// lost since they were first counted, each list in the order of its keys.
func (m margins) known(schema sheet.Schema) sheet.Schema {
	all := sheet.Schema{Kind: schema.Kind}
	for _, q := range schema.Counted() {
		all.Questions = append(all.Questions, sheet.Question{Key: q.Key, Answers: slices.Clone(q.Answers)})
	}
	for _, c := range slices.SortedFunc(maps.Keys(m.n), func(a, b cell) int {
		return strings.Compare(a.question+"/"+a.answer, b.question+"/"+b.answer)
	}) {
		i := slices.IndexFunc(all.Questions, func(q sheet.Question) bool { return q.Key == c.question })
		if i < 0 {
			i = len(all.Questions)
			all.Questions = append(all.Questions, sheet.Question{Key: c.question})
		}
		if q := &all.Questions[i]; c.answer != sheet.Unset && !slices.Contains(q.Answers, c.answer) {
			q.Answers = append(q.Answers, c.answer)
		}
	}
	return all
}

// plus returns the margins after one more batch. Counters the site has added
// begin at zero, those it has removed stay. Unset is what is missing to the
// number of sheets, so that every question has that total, new or removed.
func (m margins) plus(schema sheet.Schema, bodies [][]byte) margins {
	all := m.known(schema)
	sum := m
	sum.batch, sum.sheets, sum.n = m.batch+1, m.sheets+uint64(len(bodies)), map[cell]uint64{}
	var sheets []sheet.Sheet
	for _, b := range bodies {
		sh, _ := sheet.Decode(b, all) // what it cannot read is unset
		sheets = append(sheets, sh)
	}
	for _, q := range all.Questions {
		unset := sum.sheets
		for _, a := range q.Answers {
			n := m.n[cell{q.Key, a}]
			for _, sh := range sheets {
				if got, ok := sh.Answer(q.Key); ok && got == a {
					n++
				}
			}
			sum.n[cell{q.Key, a}] = n
			unset -= n
		}
		sum.n[cell{q.Key, sheet.Unset}] = unset
	}
	return sum
}

// nextPeriod returns counters of zeros for the period that follows. Answers that the
// site removed are kept for one more period if any sheet gave them: one that waits may
// hold them.
func (m margins) nextPeriod(schema sheet.Schema) margins {
	given := margins{n: maps.Clone(m.n)}
	maps.DeleteFunc(given.n, func(_ cell, n uint64) bool { return n == 0 })
	next := margins{batch: m.batch, period: m.period + 1, n: map[cell]uint64{}}
	for _, q := range given.known(schema).Questions {
		for _, a := range append(q.Answers, sheet.Unset) {
			next.n[cell{q.Key, a}] = 0
		}
	}
	return next
}

// In the file: one bucket; the keys of fields, and KIND/QUESTION/ANSWER; eight bytes
// each, big endian. No sequence, no time, no bucket per day.
var bucketName = []byte("counts")

// fields are the counters that are of no question, by key. Versions without periods
// and keys wrote the first two alone.
func (m *margins) fields() map[string]*uint64 {
	return map[string]*uint64{"batch": &m.batch, "sheets": &m.sheets, "period": &m.period, "unreadable": &m.unreadable}
}

func (m margins) encode(kind sheet.Kind) map[string]uint64 {
	kv := map[string]uint64{}
	for k, v := range m.fields() {
		kv[k] = *v
	}
	for c, n := range m.n {
		kv[kind.String()+"/"+c.question+"/"+c.answer] = n
	}
	return kv
}

// decodeMargins refuses counters that contradict each other: every question's
// answers must add up to the number of sheets.
func decodeMargins(kv map[string]uint64, kind sheet.Kind) (margins, error) {
	m := margins{period: 1, n: map[cell]uint64{}}
	fields := m.fields()
	for k, v := range fields {
		if n, ok := kv[k]; ok {
			*v = n
		}
	}
	if _, ok := kv["sheets"]; !ok || m.batch == 0 || m.period == 0 {
		return margins{}, fmt.Errorf("%w: no batch, no period or no number of sheets", ErrUnreadable)
	}
	sums := map[string]uint64{}
	for k, n := range kv {
		if fields[k] != nil {
			continue
		}
		part := strings.Split(k, "/")
		if len(part) != 3 || part[0] != kind.String() || n > m.sheets {
			return margins{}, fmt.Errorf("%w: counter %q", ErrUnreadable, k)
		}
		m.n[cell{part[1], part[2]}] = n
		sums[part[1]] += n
	}
	for q, sum := range sums {
		if _, ok := m.n[cell{q, sheet.Unset}]; !ok || sum != m.sheets {
			return margins{}, fmt.Errorf("%w: question %q has %d answers of %d sheets", ErrUnreadable, q, sum, m.sheets)
		}
	}
	return m, nil
}

// maxFile bounds what is taken for counters; the file has some 32 KiB.
const maxFile = 16 << 20

// readMargins reads counts.db.
func readMargins(path string, kind sheet.Kind) (m margins, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return margins{}, err
	}
	if !st.Mode().IsRegular() || st.Size() > maxFile {
		return margins{}, fmt.Errorf("%w: not a file of at most %d bytes", ErrUnreadable, maxFile)
	}
	err = boltfile.With(path, func(db *bbolt.DB) error {
		return db.View(func(tx *bbolt.Tx) error {
			kv, err := readCounters(tx)
			if err == nil {
				m, err = decodeMargins(kv, kind)
			}
			return err
		})
	})
	if errors.Is(err, boltfile.ErrDamaged) {
		err = fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return m, err
}

// readCounters refuses what no update writes.
func readCounters(tx *bbolt.Tx) (map[string]uint64, error) {
	kv := map[string]uint64{}
	err := tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
		if b == nil || !bytes.Equal(name, bucketName) {
			return fmt.Errorf("%w: %q beside the counters", ErrUnreadable, name)
		}
		return b.ForEach(func(k, v []byte) error {
			if len(v) != 8 {
				return fmt.Errorf("%w: counter %q of %d bytes", ErrUnreadable, k, len(v))
			}
			kv[string(k)] = binary.BigEndian.Uint64(v)
			return nil
		})
	})
	return kv, err
}

// commit writes all counters in one transaction: the moment a batch is counted.
func (m margins) commit(path string, kind sheet.Kind) error {
	return boltfile.With(path, m.update(kind))
}

func (m margins) create(path string, kind sheet.Kind) error {
	return create(path, m.update(kind))
}

func (m margins) update(kind sheet.Kind) func(*bbolt.DB) error {
	kv := m.encode(kind)
	return func(db *bbolt.DB) error {
		return db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists(bucketName)
			if err != nil {
				return err
			}
			for _, k := range slices.Sorted(maps.Keys(kv)) {
				if err := b.Put([]byte(k), binary.BigEndian.AppendUint64(nil, kv[k])); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// compact copies src to a new file dst, in one transaction, which makes the
// bytes depend on the counters alone: no freed page, no trace of the order.
func compact(dst, src string) error {
	return boltfile.With(src, func(from *bbolt.DB) error {
		return create(dst, func(to *bbolt.DB) error { return bbolt.Compact(to, from, 0) })
	})
}

// create makes a file without a time.
func create(path string, fill func(*bbolt.DB) error) error {
	db, err := boltfile.Make(path, fill)
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	return timeless(path)
}
