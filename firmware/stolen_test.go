package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/sheet"
	"jeudi/provisioning/site"
)

// The attacks on the storage of ATTACKS.md, on the running box: its journal, ledger, log
// and waiting sheets, with its pages and its printer.

// kioskScreen is what these tests look at of a kiosk's view.
type kioskScreen struct {
	ID       string
	Turn     int
	Choices  []struct{ Key string }
	Progress *struct{ At int }
}

// finger is somebody at the kiosk.
type finger struct {
	t     *testing.T
	r     *running
	kiosk *sight
	turn  int
	shown kioskScreen
}

func atKiosk(t *testing.T, r *running) *finger {
	return &finger{t: t, r: r, kiosk: r.watch("/ws/kiosk"), turn: -1}
}

// see waits for the next screen, which must be one of these.
func (f *finger) see(ids ...string) kioskScreen {
	f.t.Helper()
	f.shown = await(f.kiosk, strings.Join(ids, " or "), func(s kioskScreen) bool { return s.Turn > f.turn && slices.Contains(ids, s.ID) })
	f.turn = f.shown.Turn
	return f.shown
}

func (f *finger) press(key string) {
	f.t.Helper()
	f.r.post("/api/kiosk", fields{"turn": f.turn, "key": key})
}

// ticket takes one, and stays before it.
func (f *finger) ticket(motif string) {
	f.t.Helper()
	if f.shown.ID != "language" {
		f.see("language")
	}
	f.press("fr")
	for f.see("motif"); !f.offers(motif); f.see("motif") {
		f.press("more")
	}
	f.press(motif)
	f.see("ticket")
}

func (f *finger) offers(key string) bool {
	return slices.ContainsFunc(f.shown.Choices, func(c struct{ Key string }) bool { return c.Key == key })
}

// answers goes through the questions with answers drawn at random, sends them, and
// returns the sheet as it must have been kept. draw is given what may be said.
func (f *finger) answers(questions []sheet.Question, r *rand.Rand) sheet.Sheet {
	f.t.Helper()
	given := sheet.New(sheet.KindVisitor)
	last := "questions"
	f.press(last)
	for {
		s := f.see("question", "result", "share", "recap")
		switch s.ID {
		case "result":
			f.press("go_on")
			continue
		case "share":
			f.press("no")
			continue
		case "recap":
			f.press("send")
			for f.see("thanks", "language").ID == "thanks" { // while the sheet is kept, and then
				f.press("finish")
			}
			return given
		}
		q := questions[s.Progress.At-1]
		// A key twice in a row would be a trembling finger.
		key := last
		for key == last {
			key = q.Answers[r.IntN(len(q.Answers))]
		}
		given, last = q.Choose(given, key), key
		for !f.offers(key) {
			f.press("more")
			f.see("question")
		}
		if f.press(key); q.Multi {
			f.see("question")
			f.press("done")
			last = "done"
		}
	}
}

// pairs are any two coded answers as they stand side by side in an encoded sheet, and
// how a sheet begins that has but one.
func codePairs(t *testing.T, schema sheet.Schema, all []sheet.Sheet) map[[8]byte]bool {
	t.Helper()
	m := map[[8]byte]bool{}
	for _, sh := range all {
		body, err := sh.Encode(schema)
		if err != nil {
			t.Fatal(err)
		}
		for at := 2; at+8 <= len(body) && binary.BigEndian.Uint32(body[at+4:]) != 0; at += 4 {
			m[[8]byte(body[at:])] = true
		}
		m[[8]byte(body[:])] = true
	}
	return m
}

// found counts how often any of them is at any offset.
func foundPairs(b []byte, pairs map[[8]byte]bool) (n int) {
	var heads [1 << 16]bool
	for p := range pairs {
		heads[binary.BigEndian.Uint16(p[:])] = true
	}
	for at := 0; at+8 <= len(b); at++ {
		if heads[binary.BigEndian.Uint16(b[at:])] && pairs[[8]byte(b[at:])] {
			n++
		}
	}
	return n
}

// TestStolenBox: 22 mornings of the running box with 74 people who answer at the kiosk,
// on a disk of its own. Then the whole disk is carved: no answer, no visit, no motif of
// a person, in any file, freed block or log.
func TestStolenBox(t *testing.T) {
	if testing.Short() {
		t.Skip("a half-year takes its time")
	}
	const visits, mornings = 74, 22
	place := site.Sample()
	schema := placeOf(place).Schema
	dir := t.TempDir()
	disk, unmount := mountedDisk(t, dir)
	r := boxHere(t, filepath.Join(dir, "data"))
	draw := rand.New(rand.NewPCG(74, 22))
	var sheets []sheet.Sheet
	secrets := newSecrets(t, place)
	for m := range mornings {
		r.desk("open", nil)
		f := atKiosk(t, r)
		for range (m+1)*visits/mornings - m*visits/mornings {
			f.ticket(place.Motifs[draw.IntN(4)].Key)
			sheets = append(sheets, f.answers(schema.Questions, draw))
			secrets.visits = append(secrets.visits, r.desk("next", nil)["visit"].(string))
			r.desk("start", nil)
			r.desk("end", fields{"outcome": "served"})
		}
		f.kiosk.conn.Close()
		r.desk("close", fields{"rest": "unresolved"})
		r.settled()
	}
	secrets.log(t, r.errs.String())
	if code := r.stop(); code != exitOK {
		t.Fatalf("stop = %d %s; want 0", code, r.errs)
	}
	pairs := codePairs(t, schema, sheets)
	files := 0
	for name, data := range readFolder(t, r.data) {
		files++
		secrets.nobody(t, name, data)
		if n := foundPairs(data, pairs); n > 0 {
			t.Errorf("%s holds answers side by side %d times; want none", name, n)
		}
	}
	where := "no disk of its own: " + disk
	if unmount != nil {
		image := unmount()
		where = "ext4 disk carved, freed blocks too"
		secrets.nobody(t, "the disk", image)
		if n := foundPairs(image, pairs); n > 0 {
			t.Errorf("the disk holds answers side by side %d times; want none", n)
		}
		if n := bytes.Count(image, []byte(`"motif":"`)); n > 0 {
			t.Errorf("the disk holds %d motifs of visits; want none after the last close", n)
		}
		planted, err := sheets[0].Encode(schema)
		if err != nil {
			t.Fatal(err)
		}
		if foundPairs(append(image[:1<<20:1<<20], planted[:]...), pairs) == 0 {
			t.Error("a sheet that is there is not found: the carver is blind")
		}
	}
	t.Logf("report: 22 mornings of the running box, %d sheets: 0 sheets, 0 answers, 0 visits in %d files; %s", len(sheets), files, where)
	if len(sheets) != visits {
		t.Errorf("%d sheets; want %d", len(sheets), visits)
	}
}

// mountedDisk makes an ext4 disk at dir/data. unmount gives its bytes; it is nil, with
// the reason, where nobody may mount.
func mountedDisk(t *testing.T, dir string) (why string, unmount func() []byte) {
	t.Helper()
	disk, at := filepath.Join(dir, "disk"), filepath.Join(dir, "data")
	if err := os.Mkdir(at, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(disk)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := f.Truncate(64 << 20); err != nil {
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
		return strings.TrimSpace(string(out)), nil
	}
	// A folder that fsck has on its own; the box makes none.
	os.Remove(filepath.Join(at, "lost+found"))
	mounted := true
	drop := func() ([]byte, error) {
		if !mounted {
			return nil, nil
		}
		mounted = false
		return exec.Command("umount", at).CombinedOutput()
	}
	t.Cleanup(func() { drop() })
	return "", func() []byte {
		if out, err := drop(); err != nil {
			t.Fatalf("umount: %v\n%s", err, out)
		}
		image, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return image
	}
}

// trace is what a folder shows without being read: names, sizes, and the times that can
// be set; and the bytes of the files that are not the sheets'.
type trace struct {
	size int64
	time time.Time
}

// TestCase08: what the kiosk's questions leave beside the sheet itself: in names, sizes
// and times of files, in the journal, the ledger and the log, on paper. Nothing.
func TestCase08(t *testing.T) {
	if testing.Short() {
		t.Skip("a box that is used")
	}
	place := site.Sample()
	r := boxHere(t, t.TempDir())
	r.desk("open", nil)
	f := atKiosk(t, r)
	f.ticket(place.Motifs[0].Key)
	r.desk("help_done", nil)
	await(r.watch("/ws/desk?desk=1"), "a printed ticket", func(v deskView) bool {
		return len(v.Waiting) == 1 && v.Waiting[0].Paper == "printed"
	})
	shows := func() (map[string]trace, map[string][]byte, string, int) {
		t.Helper()
		list := map[string]trace{}
		err := fs.WalkDir(os.DirFS(r.data), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err == nil {
				list[name] = trace{info.Size(), info.ModTime()}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return list, readFolder(t, r.data), r.errs.String(), r.printed()
	}
	before, bytesBefore, logBefore, paperBefore := shows()
	f.answers(placeOf(place).Schema.Questions, rand.New(rand.NewPCG(8, 8)))
	r.desk("help_done", nil)
	after, bytesAfter, logAfter, paperAfter := shows()
	if logAfter != logBefore {
		t.Errorf("the log says of a sheet: %q; want nothing", strings.TrimPrefix(logAfter, logBefore))
	}
	if paperAfter != paperBefore {
		t.Errorf("%d papers came out with a sheet; want none", paperAfter-paperBefore)
	}
	for name, a := range after {
		b, there := before[name]
		if !there || a.size != b.size || !a.time.Equal(b.time) {
			t.Errorf("%s: a sheet changes its name, size or time: %v to %v", name, b, a)
		}
		if strings.HasSuffix(name, "pending") || strings.HasSuffix(name, "counts.db") {
			if a.time.Unix() != 0 {
				t.Errorf("%s is of %v; want 1970", name, a.time)
			}
		}
		if name != "pending" && !bytes.Equal(bytesBefore[name], bytesAfter[name]) {
			t.Errorf("%s changes with a sheet; want the area alone to", name)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d files, then %d; want as many", len(before), len(after))
	}
	if bytes.Equal(bytesBefore["pending"], bytesAfter["pending"]) {
		t.Error("the area did not change with a sheet: this test looks at the wrong moment")
	}
}

// printed is how many papers came out of the simulated printer.
func (r *running) printed() int {
	r.t.Helper()
	var dock struct{ Printer struct{ Printed int } }
	_, state := r.get("/dock/state")
	if err := json.Unmarshal([]byte(state), &dock); err != nil {
		r.t.Fatal(err)
	}
	return dock.Printer.Printed
}

// TestCase12: no page, no download and no error of the box has bytes of a database in it.
func TestCase12(t *testing.T) {
	r := boxHere(t, t.TempDir())
	r.desk("open", nil)
	marks := map[string][]byte{
		"a bbolt file":        {0xed, 0xda, 0x0c, 0xed},
		"a waiting area":      []byte("JEUDIPN"),
		"remembered ids":      []byte("JEUDIID"),
		"a counter's own key": []byte("visitor/"),
	}
	for name, mark := range marks {
		if !slices.ContainsFunc(filesOf(readFolder(t, r.data)), func(b []byte) bool { return bytes.Contains(b, mark) }) && name != "remembered ids" {
			t.Errorf("no file has the mark of %s: this test looks for the wrong thing", name)
		}
	}
	names := []string{"counts.db", "pending", "journal.db", "ledger.db", "agenda.db", "staff/counts.db", "exit/pending", "tls.pem", "log/jeudi.log"}
	var paths []string
	for _, base := range []string{"/", "/data/", "/api/", "/api/data/", "/api/export/", "/api/backup/", "/backup/", "/download/", "/files/", "/desk/", "/kiosk/", "/screen/", "/guide/", "/words/", "/phone/", "/dock/", "/hall/", "/lib/", "/log/"} {
		for _, name := range append(names, "", "backup", "state") {
			paths = append(paths, base+name, base+"../"+name, base+"%2e%2e/"+name, base+"..%2f"+name)
		}
	}
	for _, path := range paths {
		req, err := http.NewRequest("GET", r.base, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.URL.Opaque = path
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			continue // refused before any answer
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for name, mark := range marks {
			if bytes.Contains(body, mark) {
				t.Errorf("GET %s has the mark of %s in it", path, name)
			}
		}
		if strings.HasSuffix(path, ".db") && resp.StatusCode == http.StatusOK {
			t.Errorf("GET %s = 200; want a refusal", path)
		}
	}
}

func filesOf(m map[string][]byte) (list [][]byte) {
	for _, b := range m {
		list = append(list, b)
	}
	return list
}

// TestCase19: the queue's file is short, torn or something else. The box starts, says
// so to the staff, keeps the file, and works.
func TestCase19(t *testing.T) {
	if testing.Short() {
		t.Skip("starts several boxes")
	}
	data := t.TempDir()
	r := boxHere(t, data)
	r.desk("open", nil)
	r.desk("take", fields{"motif": "titres"})
	r.stop()
	whole := readFile(t, filepath.Join(data, "journal.db"))
	for name, bad := range map[string][]byte{
		"cut in the middle of a page": whole[:len(whole)/2+100],
		"empty":                       {},
		"something else":              bytes.Repeat([]byte("?"), len(whole)),
	} {
		if err := os.WriteFile(filepath.Join(data, "journal.db"), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		r := boxHere(t, data)
		v := await(r.watch("/ws/desk?desk=1"), "a desk", func(deskView) bool { return true })
		if !slices.ContainsFunc(v.Banners, func(b struct{ Key, Level, Text string }) bool { return strings.Contains(b.Text, "mis de côté") }) {
			t.Errorf("%s: banners = %+v; want one that says so", name, v.Banners)
		}
		if !strings.Contains(r.errs.String(), "set aside") {
			t.Errorf("%s: log = %s; want it said", name, r.errs)
		}
		r.desk("open", nil)
		r.desk("take", fields{"motif": "titres"})
		kept := slices.ContainsFunc(filesOf(readFolder(t, data)), func(b []byte) bool { return bytes.Equal(b, bad) })
		if !kept {
			t.Errorf("%s: the file is not there any more; want it set aside", name)
		}
		r.stop()
	}
}
