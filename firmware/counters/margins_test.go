package counters

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"jeudi/firmware/boltfile"
	"jeudi/firmware/sheet"
)

// countsFile writes counters as created or after updates, then compacted if so
// wanted, and returns what it wrote.
func countsFile(t testing.TB, schema sheet.Schema, updates int, compacted bool) (path string, m margins) {
	t.Helper()
	path = filepath.Join(t.TempDir(), countsName)
	m.period = 1
	for i := range updates {
		m = m.plus(schema, make([][]byte, 10*i))
		write := m.commit
		if i == 0 {
			write = m.create
		}
		if err := write(path, schema.Kind); err != nil {
			t.Fatal(err)
		}
	}
	if compacted {
		if err := compact(path+".c", path); err != nil {
			t.Fatal(err)
		}
		path += ".c"
	}
	return path, m
}

func manyNeighbourhoods() sheet.Schema {
	var keys []string
	for i := range 400 {
		keys = append(keys, fmt.Sprintf("neighbourhood-%03d", i*7919%1000))
	}
	return sheet.Visitor(keys)
}

// tiny has so few counters that bbolt stores the bucket inside its parent.
var tiny = sheet.Schema{Kind: sheet.KindVisitor, Questions: []sheet.Question{{Key: "a", Answers: []string{"x", "y"}}}}

func TestMarginsAreReadBack(t *testing.T) {
	for _, schema := range []sheet.Schema{tiny, visitor, manyNeighbourhoods()} {
		for updates := 1; updates <= 3; updates++ {
			for _, compacted := range []bool{false, true} {
				path, want := countsFile(t, schema, updates, compacted)
				got, err := readMargins(path, schema.Kind)
				if err != nil || !maps.Equal(got.encode(schema.Kind), want.encode(schema.Kind)) || len(got.n) < 3 {
					t.Errorf("readMargins(%d updates) = %d counters, %v; want %d", updates, len(got.n), err, len(want.n))
				}
			}
		}
	}
}

// After any one byte changes, the file is told to be unreadable, or the next
// merge can go on with it.
func TestADamagedByteInTheCounters(t *testing.T) {
	path, _ := countsFile(t, visitor, 2, true)
	good := read(t, path)
	refused, same := 0, 0
	for i := range good {
		if i%7 != 0 || good[i] == 0 && i%64 != 0 { // most of the file is empty
			continue
		}
		bad := bytes.Clone(good)
		bad[i] ^= 0x41
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := readMargins(path, sheet.KindVisitor)
		switch {
		case errors.Is(err, ErrUnreadable):
			refused++
			continue
		case err != nil:
			t.Fatalf("byte %d: readMargins() = %v; want nil or ErrUnreadable", i, err)
		}
		if same++; same%16 == 0 {
			next := m.plus(visitor, make([][]byte, MinBatch))
			err := errors.Join(next.commit(path, sheet.KindVisitor), compact(path+".c", path), os.Remove(path+".c"))
			if err != nil {
				t.Errorf("byte %d: the next merge = %v; want nil", i, err)
			}
		}
	}
	if refused == 0 || same == 0 {
		t.Errorf("%d refused, %d read; want both", refused, same)
	}
}

func TestWhatIsNotCountersIsUnreadable(t *testing.T) {
	for name, change := range map[string]func(tx *bbolt.Tx) error{
		"no bucket":      func(tx *bbolt.Tx) error { return tx.DeleteBucket(bucketName) },
		"another bucket": func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("x")); return err },
		"a bucket in it": func(tx *bbolt.Tx) error { _, err := tx.Bucket(bucketName).CreateBucket([]byte("x")); return err },
		"seven bytes":    func(tx *bbolt.Tx) error { return tx.Bucket(bucketName).Put([]byte("sheets"), make([]byte, 7)) },
		"no bytes":       func(tx *bbolt.Tx) error { return tx.Bucket(bucketName).Put([]byte("batch"), nil) },
		"another sum":    func(tx *bbolt.Tx) error { return tx.Bucket(bucketName).Put([]byte("sheets"), []byte("00000001")) },
	} {
		path, _ := countsFile(t, tiny, 2, false)
		if err := boltfile.With(path, func(db *bbolt.DB) error { return db.Update(change) }); err != nil {
			t.Fatal(err)
		}
		if _, err := readMargins(path, tiny.Kind); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: readMargins() = %v; want ErrUnreadable", name, err)
		}
	}
	if _, err := readMargins(t.TempDir(), tiny.Kind); !errors.Is(err, ErrUnreadable) {
		t.Errorf("readMargins(a folder) = %v; want ErrUnreadable", err)
	}
}

func TestCountersThatContradictEachOther(t *testing.T) {
	good := func() map[string]uint64 {
		return map[string]uint64{"batch": 2, "sheets": 10,
			"visitor/a/x": 4, "visitor/a/y": 5, "visitor/a/unset": 1}
	}
	if _, err := decodeMargins(good(), sheet.KindVisitor); err != nil {
		t.Fatalf("decodeMargins() = %v; want nil", err)
	}
	for name, change := range map[string]func(map[string]uint64){
		"no batch":        func(kv map[string]uint64) { delete(kv, "batch") },
		"batch zero":      func(kv map[string]uint64) { kv["batch"] = 0 },
		"no sheets":       func(kv map[string]uint64) { delete(kv, "sheets") },
		"one more":        func(kv map[string]uint64) { kv["visitor/a/x"]++ },
		"overflow":        func(kv map[string]uint64) { kv["visitor/a/x"] = 1 << 63; kv["visitor/a/y"] = 1<<63 + 9 },
		"no unset":        func(kv map[string]uint64) { delete(kv, "visitor/a/unset"); kv["visitor/a/x"]++ },
		"another kind":    func(kv map[string]uint64) { kv["staff/a/x"] = 0 },
		"not a counter":   func(kv map[string]uint64) { kv["visitor/a"] = 0 },
		"question beside": func(kv map[string]uint64) { kv["visitor/b/x"] = 10 },
	} {
		kv := good()
		change(kv)
		if _, err := decodeMargins(kv, sheet.KindVisitor); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: decodeMargins() = %v; want ErrUnreadable", name, err)
		}
	}
}
