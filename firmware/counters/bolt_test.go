package counters

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"jeudi/firmware/sheet"
)

// boltFile returns the bytes of counters with many neighbourhoods, as created
// or after updates and a compaction.
func boltFile(t testing.TB, schema sheet.Schema, updates int, compacted bool) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), countsName)
	m := margins{}
	for i := range updates {
		m = m.plus(schema, make([][]byte, 10*i))
		if err := m.commit(path, schema.Kind); err != nil {
			t.Fatal(err)
		}
	}
	if compacted {
		if err := compact(path+".c", path); err != nil {
			t.Fatal(err)
		}
		path += ".c"
	}
	return read(t, path)
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

// byBolt reads the counters the ordinary way.
func byBolt(t testing.TB, file []byte) map[string]uint64 {
	t.Helper()
	path := filepath.Join(t.TempDir(), countsName)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	kv := map[string]uint64{}
	// For writing, as a merge does: then bbolt looks for free pages too.
	err := withBolt(path, false, func(db *bbolt.DB) error {
		return db.View(func(tx *bbolt.Tx) error {
			return tx.Bucket(bucketName).ForEach(func(k, v []byte) error {
				kv[string(k)] = binary.BigEndian.Uint64(v)
				return nil
			})
		})
	})
	if err == nil {
		err = withBolt(path, false, func(db *bbolt.DB) error {
			return db.Update(func(tx *bbolt.Tx) error {
				for k := range kv {
					if err := tx.Bucket(bucketName).Put([]byte(k), make([]byte, 8)); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	if err == nil {
		err = compact(path+".c", path)
	}
	if err != nil {
		t.Fatalf("bbolt: %v", err)
	}
	return kv
}

func TestParseBoltReadsWhatBoltReads(t *testing.T) {
	for _, schema := range []sheet.Schema{tiny, visitor, manyNeighbourhoods()} {
		for updates := 1; updates <= 3; updates++ {
			for _, compacted := range []bool{false, true} {
				file := boltFile(t, schema, updates, compacted)
				got, err := parseBolt(file)
				if err != nil {
					t.Fatalf("parseBolt(%d updates) = %v", updates, err)
				}
				if want := byBolt(t, file); !maps.Equal(got, want) || len(got) < 5 {
					t.Errorf("parseBolt(%d updates) = %d keys; bbolt reads %d", updates, len(got), len(want))
				}
			}
		}
	}
}

// After any one byte changes, the file is refused or bbolt can read it too.
func TestADamagedByteNeverReachesBolt(t *testing.T) {
	file := boltFile(t, visitor, 2, true)
	refused, same := 0, 0
	for i := 0; i < 6*page && i < len(file); i++ {
		if file[i] == 0 && i%64 != 0 { // most of the file is empty
			continue
		}
		file[i] ^= 0x41
		kv, err := parseBolt(file)
		switch {
		case err == nil:
			_, err = decodeMargins(kv, sheet.KindVisitor)
			if err != nil && !errors.Is(err, ErrUnreadable) {
				t.Errorf("byte %d: decodeMargins() = %v; want ErrUnreadable", i, err)
			}
			if same++; same%64 == 0 {
				if want := byBolt(t, file); !maps.Equal(kv, want) {
					t.Errorf("byte %d: parseBolt() differs from bbolt", i)
				}
			}
		case errors.Is(err, ErrUnreadable):
			refused++
		default:
			t.Errorf("byte %d: parseBolt() = %v; want ErrUnreadable", i, err)
		}
		file[i] ^= 0x41
	}
	if refused == 0 || same == 0 {
		t.Errorf("%d refused, %d read; want both", refused, same)
	}
	for n := 0; n < 4*page; n += 97 {
		if _, err := parseBolt(file[:n]); n < 3*page && !errors.Is(err, ErrUnreadable) {
			t.Errorf("parseBolt(%d bytes) = %v; want ErrUnreadable", n, err)
		}
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

// FuzzParseBolt changes bytes of a real file, repairs the checksum of its meta
// pages so that the rest is reached, and holds what is accepted against bbolt.
func FuzzParseBolt(f *testing.F) {
	f.Add(uint8(0), []byte{})
	f.Add(uint8(1), []byte{0x40, 0x10, 1, 0x08, 0x30, 2})
	f.Add(uint8(2), []byte{0x30, 0x00, 9, 0x20, 0x00, 0xff})
	files := [][]byte{boltFile(f, tiny, 1, false), boltFile(f, visitor, 2, true), boltFile(f, manyNeighbourhoods(), 2, false)}
	f.Fuzz(func(t *testing.T, which uint8, changes []byte) {
		file := append([]byte{}, files[int(which)%len(files)]...)
		for ; len(changes) >= 3; changes = changes[3:] {
			file[(int(changes[0])<<8|int(changes[1]))%len(file)] = changes[2]
		}
		for i := range 2 {
			m := file[i*page+pageHeader:]
			binary.LittleEndian.PutUint64(m[56:], checksum(m[:56]))
		}
		got, err := parseBolt(file)
		if err != nil {
			if !errors.Is(err, ErrUnreadable) {
				t.Errorf("parseBolt() = %v; want ErrUnreadable", err)
			}
			return
		}
		if want := byBolt(t, file); !maps.Equal(got, want) {
			t.Errorf("parseBolt() = %d keys, batch %d; bbolt reads %d, batch %d", len(got), got["batch"], len(want), want["batch"])
		}
	})
}
