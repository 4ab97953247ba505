package counters

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"jeudi/firmware/boltfile"
	"jeudi/firmware/powercut"
	"jeudi/firmware/sheet"
)

// What somebody reads who has the card, or two copies of it: the attacks on the storage
// of ATTACKS.md. The public is that of the design case: 74 people in 22 mornings, about
// three a morning. What they answered is known here, and what was read is scored by it.

// Visits and Mornings of the design case.
const (
	caseVisits   = 74
	caseMornings = 22
)

// bothLevels are those a site may choose.
var bothLevels = []Options{{Sealed: true}, {}}

// public are the people of the design case.
var public = people(74, caseVisits)

// morning returns who comes on one of the mornings: the first has four, the last two.
func morning(i int) []sent { return public[i*caseVisits/caseMornings : (i+1)*caseVisits/caseMornings] }

// ---- reading ----

// reading is what somebody reads in bytes, whatever file or disk they are of.
type reading struct {
	sheets  int // of the public, found by their answers
	ids     int // of their sheets, which are of nothing else
	answers int // places where coded answers stand together as no random bytes do
	stale   int // counters with a value that is not the one in force
	live    int // counters with the one that is
}

func (r reading) String() string {
	return fmt.Sprintf("%d of %d sheets, %d places with answers, %d earlier counters, %d ids", r.sheets, len(public), r.answers, r.stale, r.ids)
}

// codes are the answers as they are encoded, each with its question.
var codes = func() map[uint32]bool {
	m := map[uint32]bool{}
	for _, q := range visitor.Counted() {
		for _, a := range q.Answers {
			body, err := sheet.New(visitor.Kind).Set(q.Key, a).Encode(visitor)
			if err != nil {
				panic(err)
			}
			m[binary.BigEndian.Uint32(body[2:])] = true
		}
	}
	return m
}()

// read looks at every offset, with no regard for files, pages or sectors: for the start
// of an encoded sheet, for two coded answers side by side in either byte order, for ids,
// for every value of every counter. now is what the counters hold, by key.
func readBytes(b []byte, now map[string]uint64) (r reading) {
	found := map[int]bool{}
	ids := map[[16]byte]int{}
	starts := map[uint64][]int{} // of the encoded sheets: no two people need have answered alike
	for i, p := range public {
		ids[p.id] = i
		body, err := p.sh.Encode(visitor)
		if err != nil {
			panic(err)
		}
		starts[binary.BigEndian.Uint64(body[:])] = append(starts[binary.BigEndian.Uint64(body[:])], i)
	}
	var heads [1 << 16]bool // of what is looked for: most offsets are passed at once
	for c := range codes {
		heads[c>>16], heads[uint16(c)<<8|uint16(c)>>8] = true, true
	}
	for id := range ids {
		heads[binary.BigEndian.Uint16(id[:])] = true
	}
	body, _ := public[0].sh.Encode(visitor)
	version := binary.BigEndian.Uint16(body[:])
	heads[version] = true
	be, le := binary.BigEndian, binary.LittleEndian
	for at := 0; at+16 <= len(b); at++ {
		if !heads[uint16(b[at])<<8|uint16(b[at+1])] {
			continue
		}
		w := b[at : at+16]
		if be.Uint16(w) == version && codes[be.Uint32(w[2:])] {
			r.answers++
			for _, i := range starts[be.Uint64(w)] {
				if enc := public[i].sh; bytes.HasPrefix(b[at:], mustEncode(enc)) {
					found[i] = true
				}
			}
		}
		if codes[be.Uint32(w)] && codes[be.Uint32(w[4:])] || codes[le.Uint32(w)] && codes[le.Uint32(w[4:])] {
			r.answers++
		}
		if _, ok := ids[[16]byte(w)]; ok {
			r.ids++
		}
	}
	r.sheets = len(found)
	for key, values := range counterValues(b) {
		for _, v := range values {
			if v == now[key] {
				r.live++
			} else {
				r.stale++
			}
		}
	}
	return r
}

// mustEncode is a sheet as it is encoded, without the zeros at the end.
func mustEncode(sh sheet.Sheet) []byte {
	body, err := sh.Encode(visitor)
	if err != nil {
		panic(err)
	}
	return bytes.TrimRight(body[:], "\x00")
}

// inForce are the counters of a store, by key.
func inForce(s *Store) map[string]uint64 {
	now := map[string]uint64{}
	for _, q := range s.Totals().Questions {
		for _, a := range q.Answers {
			now[counterKey(q.Key, a.Key)] = uint64(a.N)
		}
	}
	return now
}

// readFolder reads every file of a store together.
func readFolder(t *testing.T, dir string, now map[string]uint64) (r reading) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		one := readBytes(read(t, dir, f.Name()), now)
		r.sheets += one.sheets
		r.ids += one.ids
		r.answers += one.answers
		r.stale += one.stale
		r.live += one.live
	}
	return r
}

// openLevel opens a store at a level.
func openLevel(t testing.TB, dir string, level Options) *Store {
	t.Helper()
	s, warnings, err := Open(dir, visitor, level)
	if err != nil || slices.ContainsFunc(warnings, Warning.Lost) {
		t.Fatalf("Open() = %v, %v; want no warning, no error", warnings, err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// ---- the attacks ----

// TestCase01: raw pages, live and freed, of every file after each of 74 visits. No
// earlier value of any counter, at any step; and the tool that looks finds the last
// visitor's whole sheet in counters that are updated at each visit.
func TestCase01(t *testing.T) {
	for _, level := range bothLevels {
		dir := t.TempDir()
		s := openLevel(t, dir, level)
		looks := 0
		look := func() {
			t.Helper()
			looks++
			r := readFolder(t, dir, inForce(s))
			want := reading{live: len(keys), ids: s.Pending()} // drawn for the sheet alone, and gone with the batch
			if !level.Sealed {
				want.sheets, want.answers = s.Pending(), r.answers // of the open batch: the lower level says so
			}
			if r != want {
				t.Fatalf("%s, %d sheets, %d wait: %v, %d counters; want %v, %d", levelName(level), s.Totals().Sheets, s.Pending(), r, r.live, want, want.live)
			}
			if clean, err := boltfile.Clean(filepath.Join(dir, countsName)); !clean || err != nil {
				t.Fatalf("%s: Clean(counts.db) = %v, %v; want pages that are free to be empty", levelName(level), clean, err)
			}
		}
		look()
		for i := range caseMornings {
			for _, p := range morning(i) {
				submit(t, s, p)
				look()
			}
			if _, err := s.Merge(); err != nil {
				t.Fatal(err)
			}
			look()
		}
		t.Logf("report: raw pages of every file, %s sheets: %d looks during 74 visits, 0 earlier counters, %d of 74 sheets at the end", levelName(level), looks, readFolder(t, dir, inForce(s)).sheets)
	}

	// The tool bites: counters of their own making, one update a visit.
	path := filepath.Join(t.TempDir(), countsName)
	m := margins{batch: 1, period: 1}.plus(visitor, nil)
	if err := m.create(path, visitor.Kind); err != nil {
		t.Fatal(err)
	}
	for _, p := range public {
		body, err := p.sh.Encode(visitor)
		if err != nil {
			t.Fatal(err)
		}
		m = m.plus(visitor, [][]byte{body[:]})
		if err := m.commit(path, visitor.Kind); err != nil {
			t.Fatal(err)
		}
	}
	// Of each question the answer whose counter stepped by one is the last visitor's.
	last, right := sheet.New(visitor.Kind), 0
	seen := counterValues(read(t, path))
	for _, q := range visitor.Counted() {
		for _, a := range q.Answers {
			if v := seen[counterKey(q.Key, a)]; len(v) > 1 && slices.Max(v)-1 == slices.Sorted(slices.Values(v))[len(v)-2] {
				last = last.Set(q.Key, a)
			}
		}
		got, ok := last.Answer(q.Key)
		want, answered := public[caseVisits-1].sh.Answer(q.Key)
		if got == want && ok == answered {
			right++
		}
	}
	t.Logf("report: counters updated at each visit, as a test of the tool: %d of %d answers of the last visitor read", right, len(visitor.Counted()))
	if right < len(visitor.Counted()) {
		t.Errorf("the tool reads %d of %d answers of the last visitor where they are to be read: it is blind", right, len(visitor.Counted()))
	}
}

// mornings is a child that lives through the 22 mornings in dir, with a merge at each
// close, and says how the counters stand at the end.
func mornings(dir string, level Options) error {
	s, _, err := Open(dir, visitor, level)
	if err != nil {
		return err
	}
	for i := range caseMornings {
		for _, p := range morning(i) {
			if err := s.Submit(p.id, p.sh); err != nil {
				return err
			}
		}
		if _, err := s.Merge(); err != nil {
			return err
		}
	}
	say("merged %d", s.Totals().Sheets)
	return s.Close()
}

// mergedByThen counts the sheets of the design case that are merged at the end, the
// first ones of the public.
func mergedByThen() (n int) {
	waiting := 0
	for i := range caseMornings {
		if waiting += len(morning(i)); waiting >= MinBatch {
			n, waiting = n+waiting, 0
		}
	}
	return n
}

// truth are the counters at the end of the mornings, counted the plain way.
func truth(merged []sent) map[string]uint64 {
	now := tally(nil)
	for _, q := range visitor.Counted() {
		for _, p := range merged {
			a, ok := p.sh.Answer(q.Key)
			if !ok {
				a = sheet.Unset
			}
			now[counterKey(q.Key, a)]++
		}
	}
	return now
}

// TestCase02: after the last close nobody finds one of the 74 sheets; the same when the
// process is killed at 100 moments of its life, and begins again each time.
func TestCase02(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a hundred processes")
	}
	for _, level := range bothLevels {
		base, err := scratch()
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(base)
		kills, lives := 0, 0
		for ; kills < 100; lives++ {
			dir := filepath.Join(base, strconv.Itoa(lives))
			kills += killedAgainAndAgain(t, dir, level)
			s := openLevel(t, dir, level)
			tt := s.Totals()
			if tt.Sheets+tt.Pending != caseVisits {
				t.Errorf("%s: %d counted and %d wait; want %d", levelName(level), tt.Sheets, tt.Pending, caseVisits)
			}
			got := readFolder(t, dir, inForce(s))
			want := 0
			if !level.Sealed {
				want = tt.Pending
			}
			if got.sheets != want || got.ids != tt.Pending || got.stale != 0 || level.Sealed && got.answers > 0 {
				t.Errorf("%s: %v; want %d sheets, and nothing of the past", levelName(level), got, want)
			}
			s.Close()
		}
		t.Logf("report: killed at %d moments of %d half-years, %s sheets: 74 of 74 there each time, once; nothing read in the files but what waits", kills, lives, levelName(level))
	}
}

// killedAgainAndAgain lives through the visits in processes that are killed, until one
// comes to the end, and returns how many were.
func killedAgainAndAgain(t *testing.T, dir string, level Options) (kills int) {
	t.Helper()
	secret, acked := "", 0
	for ended := false; !ended; {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(append(os.Environ(), child("visits", level, dir)...), secretEnv+"="+secret, fromEnv+"="+strconv.Itoa(acked))
		var complaints bytes.Buffer
		cmd.Stderr = &complaints
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		listen := func() bool {
			if !lines.Scan() {
				return false
			}
			secret, acked = heard(lines.Text(), secret, acked)
			ended = ended || lines.Text() == "end"
			return true
		}
		for range rand.IntN(4) {
			listen()
		}
		for range rand.IntN(2000) { // somewhere in what it does next
			runtime.Gosched()
		}
		cmd.Process.Kill()
		for listen() {
		}
		if cmd.Wait(); complaints.Len() > 0 {
			t.Fatalf("%s, after %d kills: %s", levelName(level), kills, complaints.String())
		}
		if !ended {
			kills++
		}
	}
	return kills
}

const (
	secretEnv = "JEUDI_TEST_SECRET" // the key that was handed over
	fromEnv   = "JEUDI_TEST_FROM"   // how many sheets were acknowledged
)

// heard is what a child said of its key and its sheets.
func heard(line, secret string, acked int) (string, int) {
	what, arg, _ := strings.Cut(line, " ")
	switch what {
	case "secret":
		secret = arg
	case "kept":
		acked, _ = strconv.Atoi(arg)
	}
	return secret, acked
}

// visits is a child that goes on with the 74 visits where another was killed, and
// counts whenever there are enough. It hands over its key before it takes a sheet.
func visits(dir string, level Options) error {
	s, _, err := Open(dir, visitor, level)
	if err != nil {
		return err
	}
	if s.Locked() {
		sec, err := ParseSecret(os.Getenv(secretEnv))
		if err != nil {
			return err
		}
		if err := s.Unlock(sec); err != nil {
			return err
		}
	}
	from, err := strconv.Atoi(os.Getenv(fromEnv))
	if err != nil {
		return err
	}
	for i, p := range public[from:] {
		if sec, ok := s.Secret(); ok {
			say("secret %v", sec)
		}
		if err := s.Submit(p.id, p.sh); err != nil {
			return err
		}
		say("kept %d", from+i+1)
		if _, err := s.Merge(); err != nil {
			return err
		}
	}
	say("end")
	return s.Close()
}

// TestCase03: the whole disk image, carved after the 22 mornings: freed blocks, the
// file system's journal, slack. The store that does not overwrite the old file leaves
// earlier counters there, so the carver sees.
func TestCase03(t *testing.T) {
	if testing.Short() {
		t.Skip("makes disk images")
	}
	merged := mergedByThen()
	now := truth(public[:merged])
	judge := func(what string, level Options, image []byte) {
		t.Helper()
		r := readBytes(image, now)
		want := 0
		if !level.Sealed {
			want = caseVisits - merged // the open batch
		}
		t.Logf("report: %s after 22 mornings, %s sheets: %v (%d of the open batch)", what, levelName(level), r, want)
		if r.sheets != want || r.ids != caseVisits-merged || r.stale > 0 || level.Sealed && r.answers > 0 || r.live != len(keys) {
			t.Errorf("%s, %s: %v, %d counters; want %d sheets, no earlier counter, %d counters", what, levelName(level), r, r.live, want, len(keys))
		}
	}
	binary := plantedBinary(t)
	for _, level := range bothLevels {
		blocks, err := everyBlock(level, os.Args[0])
		if err != nil {
			t.Fatal(err)
		}
		judge("every block that was ever in a file", level, blocks)
	}
	for _, f := range []string{"old file freed as it is", "area not overwritten"} {
		blocks, err := everyBlock(Options{}, binary, faultEnv+"="+f)
		if err != nil {
			t.Fatal(err)
		}
		r := readBytes(blocks, now)
		t.Logf("report: planted fault, %s: %v read in the blocks: found", f, r)
		if r.stale == 0 && r.sheets <= caseVisits-merged {
			t.Errorf("planted %q: %v; want something to be read: the carver is blind", f, r)
		}
	}

	for _, level := range bothLevels {
		image, why := diskImage(t, level, os.Args[0])
		if image == nil {
			t.Logf("report: NOT MEASURED here, the image of an ext4 disk: %s; the blocks above are those of the same system calls", why)
			return
		}
		judge("ext4 image, carved,", level, image)
	}
	image, why := diskImage(t, Options{}, binary, faultEnv+"=old file freed as it is")
	if image == nil {
		t.Fatal(why)
	}
	r := readBytes(image, now)
	t.Logf("report: ext4 image, carved, planted fault, old file freed as it is: %v: found", r)
	if r.stale == 0 {
		t.Errorf("ext4 image without overwriting: %v; want earlier counters: the carver is blind", r)
	}
}

// everyBlock lives through the mornings in a recorded process and returns what is at
// last in every block that was ever in one of its files.
func everyBlock(level Options, binary string, env ...string) ([]byte, error) {
	base, err := scratch()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(base)
	dir := filepath.Join(base, "store")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	steps, err := powercut.Record(dir, append(child("mornings", level, dir), env...), binary)
	if err != nil {
		return nil, err
	}
	card := &powercut.Card{}
	for _, s := range steps {
		card.Do(s)
	}
	return card.Blocks(), nil
}

// diskImage lives through the mornings on a file system of its own, ext4 as the card's,
// and returns the disk. Without the right to mount one it says why.
func diskImage(t *testing.T, level Options, binary string, env ...string) (image []byte, why string) {
	t.Helper()
	dir := t.TempDir()
	disk, at := filepath.Join(dir, "disk"), filepath.Join(dir, "mounted")
	if err := os.Mkdir(at, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(disk)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(24 << 20); err != nil {
		t.Fatal(err)
	}
	mkfs, err := exec.LookPath("mkfs.ext4")
	if err != nil {
		mkfs = "/usr/sbin/mkfs.ext4"
	}
	if out, err := exec.Command(mkfs, "-q", "-F", "-b", "4096", disk).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.ext4 (of e2fsprogs, which make test installs): %v\n%s", err, out)
	}
	if out, err := exec.Command("mount", "-o", "loop,noatime,data=ordered", disk, at).CombinedOutput(); err != nil {
		return nil, strings.TrimSpace(string(out))
	}
	defer exec.Command("umount", at).Run() // should a failure leave it mounted
	cmd := exec.Command(binary)
	cmd.Env = append(append(os.Environ(), child("mornings", level, filepath.Join(at, "store"))...), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the mornings: %v\n%s", err, out)
	}
	if out, err := exec.Command("umount", at).CombinedOutput(); err != nil {
		t.Fatalf("umount: %v\n%s", err, out)
	}
	if image, err = io.ReadAll(f); err != nil {
		t.Fatal(err)
	}
	return image, ""
}

// TestCase04: two copies around one visit, without the key. One sector of the area
// differs, and looks as random as what was there before; nothing else does.
func TestCase04(t *testing.T) {
	dir := t.TempDir()
	s := openLevel(t, dir, Options{Sealed: true})
	var bytesSeen [256]int
	total := 0
	for i, p := range public[:MaxBatch] {
		before := [2][]byte{read(t, dir, pendingName), read(t, dir, countsName)}
		if i%2 == 1 { // two people who answered alike leave nothing alike
			p.sh = public[i-1].sh
		}
		submit(t, s, p)
		after := [2][]byte{read(t, dir, pendingName), read(t, dir, countsName)}
		changed := changedSectors(before[0], after[0])
		if len(changed) != 1 || !bytes.Equal(before[1], after[1]) {
			t.Fatalf("a visit changes sectors %v of %s; want one, and no counter", changed, pendingName)
		}
		record := after[0][changed[0]:][:sector]
		if r := readBytes(record, nil); r.answers > 0 || r.stale > 0 {
			t.Errorf("the sector of a visit: %v; want nothing", r)
		}
		body := record[recordHead : recordHead+sealedBody]
		for _, b := range body {
			bytesSeen[b]++
			total++
		}
	}
	if n := repeats(read(t, dir, pendingName), 6); n > 0 {
		t.Errorf("%d sequences of 6 bytes are twice in the boxes; want none, also where people answered alike", n)
	}
	chi2, want := 0.0, float64(total)/256
	for _, n := range bytesSeen {
		chi2 += (float64(n) - want) * (float64(n) - want) / want
	}
	if chi2 > 400 { // 255 degrees of freedom: p < 10⁻⁸
		t.Errorf("bytes of %d boxes: chi² = %.0f; want at most 400", MaxBatch, chi2)
	}
	t.Logf("report: two copies around a visit: one sector of %d differs, %d times; chi² of the boxes' bytes %.0f of 255±23", areaSize/sector, MaxBatch, chi2)
}

func changedSectors(a, b []byte) (at []int) {
	for off := 0; off < len(a); off += sector {
		if !bytes.Equal(a[off:off+sector], b[off:off+sector]) {
			at = append(at, off)
		}
	}
	return at
}

// repeats counts sequences of n bytes in the boxes of an area that are there twice.
func repeats(area []byte, n int) (twice int) {
	seen := map[string]bool{}
	for slot := range SlotCount {
		r, ok := decodeRecord(area[slotOffset(slot):][:sector])
		if !ok {
			continue
		}
		for at := 0; at+n <= len(r.body); at++ {
			k := string(r.body[at : at+n])
			if seen[k] {
				twice++
			}
			seen[k] = true
		}
	}
	return twice
}

// TestCase05: two copies around a merge differ by at least ten people in every question,
// whenever they were made.
func TestCase05(t *testing.T) {
	for _, level := range bothLevels {
		dir := t.TempDir()
		s := openLevel(t, dir, level)
		copies := []map[string][]uint64{counterValues(read(t, dir, countsName))}
		for i := range caseMornings {
			for _, p := range morning(i) {
				submit(t, s, p)
				copies = append(copies, counterValues(read(t, dir, countsName)))
			}
			if _, err := s.Merge(); err != nil {
				t.Fatal(err)
			}
			copies = append(copies, counterValues(read(t, dir, countsName)))
		}
		pairs, least := 0, caseVisits
		for i := range copies {
			for j := range i {
				for _, q := range visitor.Counted() {
					people := 0
					for _, a := range append(slices.Clone(q.Answers), sheet.Unset) {
						k := counterKey(q.Key, a)
						people += int(copies[i][k][0]) - int(copies[j][k][0])
					}
					if people == 0 {
						if !sameQuestion(copies[i], copies[j], q) {
							t.Fatalf("%s: copies %d and %d tell of no more people, and differ in %q", levelName(level), j, i, q.Key)
						}
						continue
					}
					pairs++
					least = min(least, people)
				}
			}
		}
		if least < MinBatch || pairs == 0 {
			t.Errorf("%s: two copies differ by %d people in a question, of %d pairs; want at least %d", levelName(level), least, pairs, MinBatch)
		}
		t.Logf("report: %d copies of the counters, %s sheets, every two compared: those that differ do by at least %d people in every question", len(copies), levelName(level), least)
	}
}

func sameQuestion(a, b map[string][]uint64, q sheet.Question) bool {
	for _, answer := range append(slices.Clone(q.Answers), sheet.Unset) {
		if k := counterKey(q.Key, answer); !slices.Equal(a[k], b[k]) {
			return false
		}
	}
	return true
}

// TestCase09: mornings with no, one and two visitors change no statistic, not a byte of
// the counters.
func TestCase09(t *testing.T) {
	for _, level := range bothLevels {
		dir := t.TempDir()
		s := openLevel(t, dir, level)
		submit(t, s, public[:MinBatch]...)
		merge(t, s, MinBatch)
		before, totals := read(t, dir, countsName), s.Totals()
		next := MinBatch
		for _, visitors := range []int{0, 1, 0, 2, 1, 2, 2} { // eight in all
			submit(t, s, public[next:next+visitors]...)
			next += visitors
			merge(t, s, 0)
			now := s.Totals()
			now.Pending = totals.Pending
			if fmt.Sprint(now) != fmt.Sprint(totals) || !bytes.Equal(read(t, dir, countsName), before) {
				t.Errorf("%s: a morning with %d visitors shows in the totals or in counts.db", levelName(level), visitors)
			}
		}
	}
}

// TestCase21: nothing in the counters depends on a clock, so that none can jump: no file
// of this package or of the sheet asks for the time, and files have that of 1970.
func TestCase21(t *testing.T) {
	for _, folder := range []string{".", "../sheet", "../boltfile"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("Glob(%s) = %v, %v; want the sources", folder, files, err)
		}
		for _, file := range files {
			if source := read(t, file); !strings.HasSuffix(file, "_test.go") && regexp.MustCompile(`time\.(Now|Since|Until|After)\b`).Match(source) {
				t.Errorf("%s asks for the time; want nothing that a clock decides", file)
			}
		}
	}
	for _, level := range bothLevels {
		dir := t.TempDir()
		s := openLevel(t, dir, level)
		submit(t, s, public[:MinBatch+1]...)
		merge(t, s, MinBatch+1)
		submit(t, s, public[MinBatch+1])
		for _, name := range []string{pendingName, countsName} {
			if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.ModTime().Unix() != 0 {
				t.Errorf("%s, %s is of %v, %v; want 1970", levelName(level), name, st.ModTime(), err)
			}
		}
	}
}
