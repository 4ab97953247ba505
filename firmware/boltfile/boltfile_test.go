package boltfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

var bucket = []byte("words")

// empty makes a file with nothing in it, as its rooms do.
func empty(tx *bbolt.Tx) error {
	_, err := tx.CreateBucket(bucket)
	return err
}

// noRead accepts whatever is there.
func noRead(*bbolt.Tx) error { return nil }

// put keeps one word for each number.
func put(t testing.TB, db *bbolt.DB, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		if err := db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Put(key(n), word(n)) }); err != nil {
			t.Fatal(err)
		}
	}
}

func key(n int) []byte  { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
func word(n int) []byte { return fmt.Appendf(nil, "parole-%04d-%s", n, strings.Repeat("x", 200)) }

// reader collects what a file holds.
func reader(got *[]string) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		*got = nil
		b := tx.Bucket(bucket)
		if b == nil {
			return errors.New("no words in it")
		}
		return b.ForEach(func(k, v []byte) error {
			if len(k) != 8 || !bytes.Equal(v, word(int(binary.BigEndian.Uint64(k)))) {
				return fmt.Errorf("not a word: %q", k)
			}
			*got = append(*got, string(v[:11]))
			return nil
		})
	}
}

// mustOpen opens a file that nothing may be wrong with, and says what it held.
func mustOpen(t testing.TB, path string) (*bbolt.DB, []string) {
	t.Helper()
	var got []string
	db, aside, err := Open(path, empty, reader(&got))
	if err != nil || aside != "" {
		t.Fatalf("Open() = aside %q, %v; want a file", aside, err)
	}
	t.Cleanup(func() { db.Close() })
	return db, got
}

// made is a file of n words at a new path, closed.
func made(t testing.TB, n int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "words.db")
	db, _ := mustOpen(t, path)
	for i := range n {
		put(t, db, i)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func contents(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// names are the files of a path's folder.
func names(t testing.TB, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestAFileIsCreatedAndReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.db")
	db, got := mustOpen(t, path)
	if len(got) != 0 {
		t.Errorf("a fresh file holds %q; want nothing", got)
	}
	if n := names(t, path); !slices.Equal(n, []string{"words.db"}) {
		t.Errorf("files = %q; want words.db alone", n)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v; want 0600: what waits concerns people", info.Mode(), err)
	}
	put(t, db, 1, 2, 3)
	db.Close()
	db, got = mustOpen(t, path)
	if want := []string{"parole-0001", "parole-0002", "parole-0003"}; !slices.Equal(got, want) {
		t.Errorf("after closing and opening again = %q; want %q", got, want)
	}
	put(t, db, 4) // and it can still be written
}

// A power cut while the file is created leaves nothing, or something under the
// temporary name, whole or not. The next start must not stumble over it.
func TestACutWhileTheFileIsCreated(t *testing.T) {
	whole := contents(t, made(t, 0))
	for n := 0; n <= len(whole); n += 512 {
		path := filepath.Join(t.TempDir(), "words.db")
		write(t, temporary(path), whole[:n])
		db, got := mustOpen(t, path)
		if len(got) != 0 {
			t.Errorf("with %d bytes left over: %q; want an empty file", n, got)
		}
		if n := names(t, path); !slices.Equal(n, []string{"words.db"}) {
			t.Errorf("files = %q; want words.db alone", n)
		}
		put(t, db, 1)
		db.Close()
	}
}

// Whatever the damage, the process goes on, the file is kept under another name,
// and a fresh one is in its place.
func TestADamagedFileIsSetAside(t *testing.T) {
	good := contents(t, made(t, 60))
	newest := func(b []byte) int { // the header that bbolt goes by
		le := binary.LittleEndian
		if le.Uint64(b[pageSize+pageHeader+48:]) > le.Uint64(b[pageHeader+48:]) {
			return 1
		}
		return 0
	}
	// sign makes a header valid again, so that what it says is believed.
	sign := func(b []byte, i int) {
		m := b[i*pageSize+pageHeader:]
		h := fnv.New64a()
		h.Write(m[:56])
		binary.LittleEndian.PutUint64(m[56:], h.Sum64())
	}
	field := func(at int, v uint64) func([]byte) []byte {
		return func(b []byte) []byte {
			for i := range 2 {
				binary.LittleEndian.PutUint64(b[i*pageSize+pageHeader+at:], v)
				sign(b, i)
			}
			return b
		}
	}
	type damage struct {
		name string
		do   func([]byte) []byte
	}
	cases := []damage{
		{"empty", func([]byte) []byte { return nil }},
		{"one byte", func(b []byte) []byte { return b[:1] }},
		{"one byte less than its headers", func(b []byte) []byte { return b[:2*pageSize-1] }},
		{"its headers alone", func(b []byte) []byte { return b[:2*pageSize] }},
		{"zeros", func(b []byte) []byte { return make([]byte, len(b)) }},
		{"text", func([]byte) []byte { return bytes.Repeat([]byte("bonjour "), 4096) }},
		{"another program's database", func([]byte) []byte { return append([]byte("SQLite format 3\x00"), make([]byte, 16384)...) }},
		{"both checksums wrong", func(b []byte) []byte {
			b[pageHeader+56] ^= 1
			b[pageSize+pageHeader+56] ^= 1
			return b
		}},
		{"both headers zero", func(b []byte) []byte { clear(b[:2*pageSize]); return b }},
		{"another format", field(0, 0xED0CDAED|3<<32)},
		{"other pages", field(8, 8192)},
		{"a root beyond the end", field(16, 1<<40)},
		{"a root that is a header", field(16, 0)},
		{"a list of free pages", field(32, 2)},
		{"more pages than bytes", field(40, 1<<20)},
		{"more pages than anybody counts", field(40, 1<<60)},
	}
	for at := 0; at < len(good); at += pageSize {
		pages := binary.LittleEndian.Uint64(good[newest(good)*pageSize+pageHeader+40:])
		if uint64(at/pageSize) < pages { // bbolt takes more than it uses
			cases = append(cases, damage{fmt.Sprintf("cut at page %d", at/pageSize), func(b []byte) []byte { return b[:at] }})
		}
	}
	for _, n := range []int{3, 77, 4095, 4097, 8193, 12289, 20000} {
		cases = append(cases, damage{fmt.Sprintf("cut at byte %d", n), func(b []byte) []byte { return b[:n] }})
	}

	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "words.db")
			bad := c.do(bytes.Clone(good))
			write(t, path, bad)
			db, aside, err := Open(path, empty, reader(new([]string)))
			if err != nil || aside != path+".unreadable-1" {
				t.Fatalf("Open() = aside %q, %v; want it set aside as -1", aside, err)
			}
			if !bytes.Equal(contents(t, aside), bad) {
				t.Error("the file set aside is not what it was")
			}
			put(t, db, 1)
			db.Close()
			if _, got := mustOpen(t, path); len(got) != 1 {
				t.Errorf("the fresh file holds %q; want one word", got)
			}
		})
	}
}

// One header may be lost: bbolt goes on with the other, one commit earlier.
func TestOneHeaderIsEnough(t *testing.T) {
	good := contents(t, made(t, 9))
	for i := range 2 {
		path := filepath.Join(t.TempDir(), "words.db")
		bad := bytes.Clone(good)
		clear(bad[i*pageSize:][:pageSize])
		write(t, path, bad)
		if _, got := mustOpen(t, path); len(got) < 8 {
			t.Errorf("without header %d: %d words; want 8 or 9", i, len(got))
		}
	}
}

// A flipped byte anywhere never ends the process: the file is set aside, or the
// words are all there and the file can still be written.
func TestAFlippedByte(t *testing.T) {
	path := made(t, 60)
	good := contents(t, path)
	step := 61
	if testing.Short() {
		step = 401
	}
	refused, read := 0, 0
	for at := 0; at < len(good); at += step {
		bad := bytes.Clone(good)
		bad[at] ^= 0x5a
		write(t, path, bad)
		var got []string
		db, aside, err := Open(path, empty, reader(&got))
		if err != nil {
			t.Fatalf("byte %d: Open() = %v", at, err)
		}
		if aside == "" {
			read++
			if len(got) < 59 {
				t.Errorf("byte %d: %d words; want 60, or 59 after a lost header", at, len(got))
			}
			if read%16 == 0 {
				put(t, db, 7, 100)
			}
		} else {
			refused++
			os.Remove(aside)
		}
		db.Close()
	}
	if refused == 0 || read == 0 {
		t.Errorf("%d refused, %d read; want both", refused, read)
	}
	t.Logf("report: %d flipped bytes, %d files set aside, %d read whole, 0 crashes", refused+read, refused, read)
}

// FuzzCheck changes bytes of a real file and signs its headers again. What check
// lets through, bbolt reads, writes and searches for free pages.
func FuzzCheck(f *testing.F) {
	// A bucket inside its parent's page, one of several pages, one in a file of
	// several buckets that was compacted.
	files := [][]byte{contents(f, made(f, 2)), contents(f, made(f, 60)), compacted(f)}
	for which := range uint8(3) {
		f.Add(which, []byte{})
		f.Add(which, []byte{0, 0x10, 0x10, 3, 0, 0x30, 0x08, 1})
		f.Add(which, []byte{0, 0x20, 0x0a, 0xff, 0, 0x40, 0x14, 9})
		f.Add(which, []byte{0, 0x10, 0x20, 0x00, 0, 0x00, 0x20, 5})
		f.Add(which, []byte{0, 0x40, 0x10, 1, 0, 0x08, 0x30, 2})
		f.Add(which, []byte{0, 0x30, 0x00, 9, 0, 0x20, 0x00, 0xff})
	}
	f.Add(uint8(1), []byte("0\xc0\x14\x00")) // a branch with an empty key: bbolt reads it, and panics when it writes
	f.Fuzz(func(t *testing.T, which uint8, changes []byte) {
		bad := bytes.Clone(files[int(which)%len(files)])
		for ; len(changes) >= 4; changes = changes[4:] {
			bad[int(binary.BigEndian.Uint32(changes)>>8)%len(bad)] = changes[3]
		}
		for i := range 2 {
			m := bad[i*pageSize+pageHeader:]
			h := fnv.New64a()
			h.Write(m[:56])
			binary.LittleEndian.PutUint64(m[56:], h.Sum64())
		}
		path := filepath.Join(t.TempDir(), "words.db")
		write(t, path, bad)
		db, _, err := Open(path, empty, reader(new([]string)))
		if err != nil {
			t.Fatal(err)
		}
		put(t, db, 7, 100)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

// compacted is a file of many short words and a bucket beside them, written anew.
func compacted(t testing.TB) []byte {
	t.Helper()
	path := made(t, 30)
	err := With(path, func(from *bbolt.DB) error {
		if err := from.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucket([]byte("counts"))
			for n := range 400 {
				err = errors.Join(err, b.Put(fmt.Appendf(nil, "visitor/neighbourhood/%03d", n), key(n)))
			}
			return err
		}); err != nil {
			return err
		}
		to, err := Make(path+".c", func(to *bbolt.DB) error { return bbolt.Compact(to, from, 0) })
		if err != nil {
			return err
		}
		return to.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	return contents(t, path+".c")
}

// Each unreadable file keeps a name of its own.
func TestFilesSetAsideAreNeverOverwritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.db")
	for i := 1; i <= 3; i++ {
		write(t, path, fmt.Appendf(nil, "damage %d", i))
		db, aside, err := Open(path, empty, noRead)
		if want := fmt.Sprintf("%s.unreadable-%d", path, i); err != nil || aside != want {
			t.Fatalf("Open() = aside %q, %v; want %q", aside, err, want)
		}
		db.Close()
	}
	for i := 1; i <= 3; i++ {
		if got, want := string(contents(t, fmt.Sprintf("%s.unreadable-%d", path, i))), fmt.Sprintf("damage %d", i); got != want {
			t.Errorf("file %d set aside = %q; want %q", i, got, want)
		}
	}
}

// What its own room cannot read is damage too, an error as well as a panic.
func TestAFileThatItsRoomRefuses(t *testing.T) {
	for name, read := range map[string]func(*bbolt.Tx) error{
		"an error": func(*bbolt.Tx) error { return errors.New("written by a later version") },
		"a panic":  func(tx *bbolt.Tx) error { var nothing *bbolt.Bucket; nothing.Get(nil); return nil },
	} {
		path := made(t, 3)
		db, aside, err := Open(path, empty, read)
		if err != nil || aside != path+".unreadable-1" {
			t.Fatalf("%s: Open() = aside %q, %v; want it set aside", name, aside, err)
		}
		db.Close()
		if _, got := mustOpen(t, path); len(got) != 0 {
			t.Errorf("%s: then %q; want a fresh file", name, got)
		}
		if _, got := mustOpen(t, aside); len(got) != 3 {
			t.Errorf("%s: set aside: %q; want its three words", name, got)
		}
	}
}

func TestWith(t *testing.T) {
	nothing := func(*bbolt.DB) error { return nil }
	path := made(t, 3)
	refusal := errors.New("not mine")
	for _, tt := range []struct {
		name string
		path string
		do   func(*bbolt.DB) error
		want error
	}{
		{"what it writes stays", path, func(db *bbolt.DB) error { put(t, db, 3); return nil }, nil},
		{"no file", path + ".none", nothing, fs.ErrNotExist},
		{"an error", path, func(*bbolt.DB) error { return refusal }, refusal},
		{"a panic", path, func(*bbolt.DB) error { var none *bbolt.DB; none.Path(); return nil }, ErrDamaged},
	} {
		if err := With(tt.path, tt.do); !errors.Is(err, tt.want) {
			t.Errorf("%s: With() = %v; want %v", tt.name, err, tt.want)
		}
	}
	if _, got := mustOpen(t, path); len(got) != 4 {
		t.Errorf("then %q; want four words, and nobody who has it open", got)
	}

	write(t, path+".bad", contents(t, path)[:3*pageSize])
	if err := With(path+".bad", func(*bbolt.DB) error { t.Error("bbolt saw a damaged file"); return nil }); !errors.Is(err, ErrDamaged) {
		t.Errorf("With() of half a file = %v; want ErrDamaged", err)
	}
	if n := names(t, path); !slices.Equal(n, []string{"words.db", "words.db.bad"}) {
		t.Errorf("files = %q; want nothing created, nothing set aside", n)
	}
}

// bbolt may panic on what it copies from: the copy must not stay locked.
func TestAPanicWhileAFileIsMade(t *testing.T) {
	path := made(t, 3)
	err := With(path, func(*bbolt.DB) error {
		_, err := Make(temporary(path), func(db *bbolt.DB) error {
			return db.Update(func(*bbolt.Tx) error { panic("a page that is not there") })
		})
		return err
	})
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("With() = %v; want ErrDamaged", err)
	}
	if err := Discard(temporary(path)); err != nil {
		t.Errorf("Discard() of what was half made = %v; want nil", err)
	}
}

// failing is a disk that cannot be read from one place on.
type failing struct {
	file []byte
	from int64
}

func (f failing) ReadAt(b []byte, off int64) (int, error) {
	if off+int64(len(b)) > f.from {
		return 0, &fs.PathError{Op: "read", Path: "words.db", Err: unix.EIO}
	}
	return bytes.NewReader(f.file).ReadAt(b, off)
}

// What the disk refuses may be read another time: it is no damage.
func TestAnErrorOfTheDiskIsNoDamage(t *testing.T) {
	good := contents(t, made(t, 60))
	for _, from := range []int64{0, 3 * pageSize, int64(len(good) / 2)} {
		if err := check(failing{good, from}); !errors.Is(err, unix.EIO) || errors.Is(err, ErrDamaged) {
			t.Errorf("check(unreadable from byte %d) = %v; want EIO and no damage", from, err)
		}
	}
}

const holderEnv = "JEUDI_TEST_HOLD"

// TestMain lets the test binary be the other process of TestTwoProcesses.
func TestMain(m *testing.M) {
	if path := os.Getenv(holderEnv); path != "" {
		_, _, err := Open(path, empty, noRead)
		fmt.Println(err)
		os.Stdin.Read(make([]byte, 1)) // until the parent lets go
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestTwoProcesses(t *testing.T) {
	path := made(t, 3)
	before := contents(t, path)
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), holderEnv+"="+path)
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 100)
	n, _ := out.Read(said)
	if got := string(said[:n]); got != "<nil>\n" {
		t.Fatalf("the first process: Open() = %s; want nil", got)
	}

	// The other is in the middle of replacing: what it wrote there is its own.
	write(t, temporary(path), []byte("under way"))
	_, aside, err := Open(path, empty, noRead)
	if !errors.Is(err, ErrInUse) || aside != "" {
		t.Errorf("Open() of a file in use = aside %q, %v; want ErrInUse", aside, err)
	}
	if err == nil || !strings.Contains(err.Error(), "in use by another jeudi: stop it, or give another -data folder") {
		t.Errorf("Open() of a file in use says %q; want what to do", err)
	}
	if got := string(contents(t, temporary(path))); got != "under way" {
		t.Errorf("the temporary file of another process is %q now; want it untouched", got)
	}
	if !bytes.Equal(contents(t, path), before) {
		t.Error("a file in use was changed")
	}

	in.Close()
	if err := holder.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, got := mustOpen(t, path); len(got) != 3 {
		t.Errorf("once the other has gone: %q; want three words", got)
	}
}

// witness gives a file a second name, so that its blocks can be read after it was
// replaced and removed.
func witness(t *testing.T, path string) string {
	t.Helper()
	other := filepath.Join(t.TempDir(), "witness")
	if err := os.Link(path, other); err != nil {
		t.Fatal(err)
	}
	return other
}

func TestReplaceLeavesNoOldByte(t *testing.T) {
	path := made(t, 60)
	db, _ := mustOpen(t, path)
	old := witness(t, path)
	fresh, err := Replace(db, path, empty)
	if err != nil {
		t.Fatal(err)
	}
	put(t, fresh, 200)
	if n := names(t, path); !slices.Equal(n, []string{"words.db"}) {
		t.Errorf("files = %q; want words.db alone", n)
	}
	if b := contents(t, path); bytes.Contains(b, []byte("parole-00")) || !bytes.Contains(b, []byte("parole-0200")) {
		t.Error("the fresh file does not hold the new word alone")
	}
	if b := contents(t, old); len(b) < 60*200 || len(bytes.Trim(b, "\x00")) != 0 {
		t.Errorf("of the old file's %d bytes, %d are not zero; want 0", len(b), len(bytes.Trim(b, "\x00")))
	}
	fresh.Close()
	if _, got := mustOpen(t, path); !slices.Equal(got, []string{"parole-0200"}) {
		t.Errorf("after Replace = %q; want the new word alone", got)
	}
}

// A cut at each step of Replace leaves one of these folders. Opened again, the
// file is the old or the fresh one, whole, and nothing else is left.
func TestACutAtEachStepOfReplace(t *testing.T) {
	full, blank := contents(t, made(t, 60)), contents(t, made(t, 0))
	half := append(make([]byte, len(full)/2), full[len(full)/2:]...)
	for _, c := range []struct {
		step       string
		file, left []byte // left is what the temporary name leads to; nil is no file
		want       int
	}{
		{"the fresh file is made", full, []byte{}, 60},
		{"half of it is written", full, blank[:len(blank)/2], 60},
		{"it is written", full, blank, 60},
		{"the names are exchanged", blank, full, 0},
		{"half of the old one is overwritten", blank, half, 0},
		{"all of it is", blank, make([]byte, len(full)), 0},
		{"it is removed", blank, nil, 0},
	} {
		path := filepath.Join(t.TempDir(), "words.db")
		write(t, path, c.file)
		var old string
		if c.left != nil {
			write(t, temporary(path), c.left)
			old = witness(t, temporary(path))
		}
		db, got := mustOpen(t, path)
		db.Close()
		if len(got) != c.want {
			t.Errorf("%s: %d words; want %d", c.step, len(got), c.want)
		}
		if n := names(t, path); !slices.Equal(n, []string{"words.db"}) {
			t.Errorf("%s: files = %q; want words.db alone", c.step, n)
		}
		if old != "" && len(bytes.Trim(contents(t, old), "\x00")) != 0 {
			t.Errorf("%s: what was left over was removed and not overwritten", c.step)
		}
	}
}

// A Replace that fails before the exchange leaves the old file open and whole.
func TestAFailedReplace(t *testing.T) {
	path := made(t, 3)
	db, _ := mustOpen(t, path)
	fail := func(name string, fill func(*bbolt.Tx) error) {
		t.Helper()
		fresh, err := Replace(db, path, fill)
		if err == nil || fresh != nil {
			t.Fatalf("%s: Replace() = %v, %v; want no file and an error", name, fresh, err)
		}
		if n := names(t, path); slices.Contains(n, "words.db.new") {
			t.Errorf("%s: files = %q; want none left over", name, n)
		}
	}
	fail("the fresh file cannot be filled", func(*bbolt.Tx) error { return errors.New("disk full") })
	away := filepath.Join(t.TempDir(), "away")
	fail("the file is not where it was", func(tx *bbolt.Tx) error { return errors.Join(empty(tx), os.Rename(path, away)) })
	if err := os.Rename(away, path); err != nil {
		t.Fatal(err)
	}
	put(t, db, 4)
	db.Close()
	if _, got := mustOpen(t, path); len(got) != 4 {
		t.Errorf("after failed replacements: %q; want four words", got)
	}
}

func TestDiscard(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.db")
	if err := Discard(path); err != nil {
		t.Errorf("Discard() of no file = %v; want nil", err)
	}
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 200_000} {
		write(t, path, bytes.Repeat([]byte{7}, size))
		old := witness(t, path)
		if err := Discard(path); err != nil {
			t.Errorf("Discard() of %d bytes = %v; want nil", size, err)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Discard() of %d bytes left it there", size)
		}
		if b := contents(t, old); len(b) != size || len(bytes.Trim(b, "\x00")) != 0 {
			t.Errorf("Discard() of %d bytes left %d, %d of them not zero", size, len(b), len(bytes.Trim(b, "\x00")))
		}
	}
}

// A file that was written in one transaction is clean; one whose values were replaced,
// or that a cut kept from being committed, still tells of them.
func TestClean(t *testing.T) {
	compacted := func(t *testing.T) string {
		path := filepath.Join(t.TempDir(), "compact.db")
		if err := With(made(t, 60), func(from *bbolt.DB) error {
			db, err := Make(path, func(to *bbolt.DB) error { return bbolt.Compact(to, from, 0) })
			if err == nil {
				err = db.Close()
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, tt := range map[string]struct {
		path func(t *testing.T) string
		want bool
	}{
		"one transaction":  {compacted, true},
		"two transactions": {func(t *testing.T) string { return made(t, 1) }, false},
		"a value beyond the pages in use": {func(t *testing.T) string {
			path := compacted(t)
			write(t, path, append(contents(t, path), word(1)...))
			return path
		}, false},
		"one transaction, and the next cut before its header": {func(t *testing.T) string {
			path := compacted(t)
			before := contents(t, path)
			db, _ := mustOpen(t, path)
			put(t, db, 61)
			db.Close()
			after := contents(t, path)
			write(t, path, append(before[:2*pageSize:2*pageSize], after[2*pageSize:]...))
			return path
		}, false},
	} {
		if got, err := Clean(tt.path(t)); got != tt.want || err != nil {
			t.Errorf("%s: Clean() = %v, %v; want %v", name, got, err, tt.want)
		}
	}
	if _, err := Clean(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Clean(no file) = %v; want fs.ErrNotExist", err)
	}
}

// What lies under the temporary name and cannot be overwritten keeps nothing from going on.
func TestWhatCannotBeOverwritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.db")
	for n := 1; n <= 2; n++ { // at the creation, and at an opening
		if err := os.MkdirAll(filepath.Join(path+".new", "a folder is no file"), 0o700); err != nil {
			t.Fatal(err)
		}
		db, aside, err := Open(path, empty, reader(new([]string)))
		if err != nil || aside != "" {
			t.Fatalf("Open() = aside %q, %v; want the file", aside, err)
		}
		if _, err := os.Stat(fmt.Sprintf("%s.unreadable-%d", path, n)); err != nil {
			t.Errorf("what was in the way is not set aside: %v", err)
		}
		if n == 2 {
			if err := os.MkdirAll(filepath.Join(path+".new", "once more"), 0o700); err != nil {
				t.Fatal(err)
			}
			if db, err = Replace(db, path, empty); err != nil {
				t.Errorf("Replace() = %v; want a fresh file", err)
			}
		}
		db.Close()
	}
}
