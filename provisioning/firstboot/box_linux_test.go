package firstboot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/card"
	"jeudi/provisioning/site"
)

// A testCard is a card of the house's scheme, and smaller, behind a loop device. The
// start partition has ext4: the kernel of a test machine may know no FAT, and nothing
// here depends on which of the two it is but how a rename is flushed.
type testCard struct {
	t     *testing.T
	image string
	loop  string
	dir   string // start, data, run
	now   time.Time
	uid   int

	checks int // site files that were looked at
}

const (
	testOffset = 4 << 20
	testMiB    = 1 << 20 / card.SectorBytes
)

// testParts has each partition at its number, with 8 MiB where a real card has more.
func testParts(dataMiB uint32) []card.Partition {
	const unit = 4 * testMiB
	parts := []card.Partition{{Number: 1, Type: card.TypeFAT32, First: unit, Sectors: 2 * unit}}
	at := uint32(3 * unit)
	for n := 2; n <= 3; n++ {
		parts = append(parts, card.Partition{Number: n, Type: card.TypeFAT32, First: at, Sectors: unit})
		at += unit
	}
	extended := at
	var logical []card.Partition
	for _, p := range []struct {
		n    int
		size uint32
	}{{5, unit}, {6, unit}, {7, dataMiB * testMiB}} {
		at += unit
		logical = append(logical, card.Partition{Number: p.n, Type: card.TypeLinux, First: at, Sectors: p.size})
		at += p.size
	}
	parts = append(parts, card.Partition{Number: 4, Type: card.TypeExtended, First: extended, Sectors: at - extended})
	return append(parts, logical...)
}

// newCard makes a card of so many MiB whose data take 64 of them; it says NOT RUN where
// it cannot.
func newCard(t *testing.T, mib int64) *testCard {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: a loop device needs root; .ci/run has it")
	}
	for _, tool := range []string{"losetup", "mke2fs", "e2fsck", "resize2fs", "debugfs"} {
		if _, err := exec.LookPath(tool); err != nil {
			if _, err := os.Stat("/usr/sbin/" + tool); err != nil {
				if _, err := os.Stat("/sbin/" + tool); err != nil {
					t.Skipf("NOT RUN: no %s on this machine; .ci/need installs e2fsprogs", tool)
				}
			}
		}
	}
	// Mounts of its own: whatever else looks through the folders of this machine meanwhile
	// would keep them busy. The thread ends with the test.
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS); err != nil {
		t.Skipf("NOT RUN: no mounts of one's own on this machine: %v", err)
	}
	must(t, unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	dir := t.TempDir()
	c := &testCard{t: t, image: filepath.Join(dir, "card.img"), dir: dir, now: time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC), uid: 4242}
	f, err := os.Create(c.image)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(mib << 20); err != nil {
		t.Fatal(err)
	}
	parts := testParts(64)
	table, err := card.Table(parts)
	if err != nil {
		t.Fatal(err)
	}
	for n, sector := range table {
		if _, err := f.WriteAt(sector[:], int64(n)*card.SectorBytes); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []int{card.PartStart, card.PartData} {
		p, _ := card.Part(parts, n)
		must(t, run("mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-E", fmt.Sprintf("offset=%d,lazy_itable_init=1,nodiscard", p.Offset()),
			c.image, fmt.Sprintf("%dk", p.Bytes()/1024)))
	}
	out, err := exec.Command("losetup", "-f", "--show", c.image).CombinedOutput()
	if err != nil {
		t.Skipf("NOT RUN: no loop device on this machine: %v: %s", err, out)
	}
	c.loop = filepath.Base(strings.TrimSpace(string(out)))
	disk, err := os.OpenFile("/dev/"+c.loop, os.O_RDWR, 0)
	must(t, err)
	t.Cleanup(func() {
		c.off()
		for _, p := range parts {
			blkpg(disk, deletePartition, p.Number, 0, 0)
		}
		disk.Close()
		if out, err := exec.Command("losetup", "-d", "/dev/"+c.loop).CombinedOutput(); err != nil {
			t.Errorf("losetup -d: %v: %s", err, out)
		}
	})
	// A kernel for virtual machines may not read partition tables; it takes them told.
	for _, n := range []int{card.PartStart, card.PartData} {
		p, _ := card.Part(parts, n)
		must(t, blkpg(disk, addPartition, n, p.Offset(), p.Bytes()))
	}
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (c *testCard) box() *Box {
	for _, dir := range []string{"start", "data", "run"} {
		must(c.t, os.MkdirAll(filepath.Join(c.dir, dir), 0o755))
	}
	must(c.t, os.WriteFile(filepath.Join(c.dir, "hint"), []byte(c.loop+"\n"), 0o644))
	b := &Box{
		Log: slog.New(slog.DiscardHandler), UID: c.uid, GID: c.uid, StartFS: "ext4",
		Start: c.at("start"), Data: c.at("data"), Run: c.at("run"), Hint: c.at("hint"),
		Now: func() time.Time { return c.now }, SetTime: func(at time.Time) error { c.now = at; return nil },
		Check: func(file string, text []byte) []string {
			c.checks++
			if _, err := site.Parse(file, text); err != nil {
				return strings.Split(err.Error(), "\n")
			}
			return nil
		},
	}
	b.Tool = func(name string, args ...string) error {
		err := run(name, args...)
		if name == "resize2fs" && err != nil && strings.Contains(err.Error(), "Permission denied") {
			c.t.Log("NOT RUN: growing while mounted needs CAP_SYS_RESOURCE, which this machine keeps; grown unmounted instead. The image's own test has it.")
			return c.growUnmounted()
		}
		return err
	}
	b.defaults()
	return b
}

func (c *testCard) growUnmounted() error {
	if err := unix.Unmount(c.at("data"), 0); err != nil {
		return err
	}
	err := run("e2fsck", "-f", "-y", c.part(7))
	if exitCode(err) <= 2 {
		err = run("resize2fs", c.part(7))
	}
	return errors.Join(err, unix.Mount(c.part(7), c.at("data"), "ext4", careful|unix.MS_NOATIME, ""))
}

func (c *testCard) at(names ...string) string {
	return filepath.Join(append([]string{c.dir}, names...)...)
}
func (c *testCard) part(n int) string { return fmt.Sprintf("/dev/%sp%d", c.loop, n) }

// off is what a power cut leaves: nothing is mounted.
func (c *testCard) off() {
	for _, dir := range []string{"data", "start"} {
		for mounted(c.at(dir)) {
			must(c.t, unix.Unmount(c.at(dir), 0))
		}
	}
}

// start is one start of the box.
func (c *testCard) start() Outcome {
	c.t.Helper()
	c.off()
	out, err := c.box().Prepare()
	if err != nil {
		c.t.Fatalf("Prepare() = %+v, %v", out, err)
	}
	return out
}

// onStart does something with the start partition, as a technician with a PC.
func (c *testCard) onStart(do func(dir string)) {
	c.t.Helper()
	c.off()
	must(c.t, os.MkdirAll(c.at("start"), 0o755))
	must(c.t, unix.Mount(c.part(1), c.at("start"), "ext4", 0, ""))
	do(c.at("start"))
	c.off()
}

// holds reports whether a word lies anywhere on the card, live or freed.
func (c *testCard) holds(word string) bool {
	c.t.Helper()
	loop, err := os.Open("/dev/" + c.loop)
	must(c.t, err)
	must(c.t, errors.Join(loop.Sync(), loop.Close()))
	f, err := os.Open(c.image)
	must(c.t, err)
	defer f.Close()
	buf := make([]byte, 4<<20+len(word))
	size, err := f.Seek(0, io.SeekEnd)
	must(c.t, err)
	for at := int64(0); at < size; {
		next, err := unix.Seek(int(f.Fd()), at, 3) // SEEK_DATA: a hole holds no word
		if err == unix.ENXIO {
			break
		}
		must(c.t, err)
		n, err := f.ReadAt(buf, next)
		if err != nil && err != io.EOF {
			c.t.Fatal(err)
		}
		if bytes.Contains(buf[:n], []byte(word)) {
			return true
		}
		at = next + 4<<20
	}
	return false
}

// syncData has what was written on the card: removed before, it would never get there.
func (c *testCard) syncData() {
	c.t.Helper()
	dir, err := os.Open(c.at("data"))
	must(c.t, err)
	must(c.t, errors.Join(unix.Syncfs(int(dir.Fd())), dir.Close()))
}

func (c *testCard) read(names ...string) string {
	c.t.Helper()
	b, err := os.ReadFile(c.at(names...))
	must(c.t, err)
	return string(b)
}

func (c *testCard) write(text string, names ...string) {
	c.t.Helper()
	must(c.t, os.MkdirAll(filepath.Dir(c.at(names...)), 0o755))
	must(c.t, os.WriteFile(c.at(names...), []byte(text), 0o600))
}

func (c *testCard) siteIs(want string) {
	c.t.Helper()
	if got := c.read("data", "site", "jeudi.toml"); got != want {
		c.t.Errorf("/data/site/jeudi.toml = %.60q…; want %.60q…", got, want)
	}
}

// A first start without a network or a clock: the card is used whole, and the site of the
// technician is the box's.
func TestFirstStart(t *testing.T) {
	c := newCard(t, 400)
	sample := site.SampleText()
	c.onStart(func(dir string) { must(t, os.WriteFile(filepath.Join(dir, "jeudi.toml"), []byte(sample), 0o644)) })
	out := c.start()
	want := []string{"find_card", "mount_start", "grow_table", "check_data", "mount_data", "grow_data", "folders", "take_site"}
	if !out.Data || !slices.Equal(out.Steps, want) || len(out.Failed) > 0 {
		t.Errorf("first start = %+v; want the steps %q", out, want)
	}
	if !slices.Equal(keysOf(out), []string{NoteTaken}) {
		t.Errorf("notes = %q; want the site file", keysOf(out))
	}
	c.siteIs(sample)
	if c.checks != 1 {
		t.Errorf("the site file was read %d times; want once: its recordings may be many", c.checks)
	}
	var fs unix.Statfs_t
	must(t, unix.Statfs(c.at("data"), &fs))
	if got := int64(fs.Blocks) * fs.Bsize >> 20; got < 300 {
		t.Errorf("the data have %d MiB of a card of 400; want all that is left", got)
	}
	for _, d := range []struct {
		name string
		uid  uint32
	}{{"jeudi", 4242}, {"site", 4242}, {"site/jeudi.toml", 4242}, {"update", 0}} {
		var st unix.Stat_t
		must(t, unix.Stat(c.at("data", d.name), &st))
		if st.Uid != d.uid || st.Mode&0o077 != 0 && d.name != "site/jeudi.toml" {
			t.Errorf("%s belongs to %d with mode %o; want %d alone", d.name, st.Uid, st.Mode, d.uid)
		}
	}
	var flags unix.Statfs_t
	must(t, unix.Statfs(c.at("data"), &flags))
	if want := int64(unix.ST_NOSUID | unix.ST_NODEV | unix.ST_NOEXEC | unix.ST_NOATIME); flags.Flags&want != want {
		t.Errorf("the data are mounted with %#x; want nosuid, nodev, noexec, noatime", flags.Flags)
	}
	must(t, unix.Statfs(c.at("start"), &flags))
	if flags.Flags&unix.ST_RDONLY == 0 {
		t.Error("the start partition is writable; want read-only")
	}
	if _, err := os.Stat(c.at("run", OutcomeFile)); err != nil {
		t.Error(err)
	}

	// sfdisk reads the table that we wrote, and agrees.
	if raw, err := exec.Command("sfdisk", "-d", c.image).CombinedOutput(); err != nil || bytes.Contains(raw, []byte("rror")) {
		t.Errorf("sfdisk: %v: %s", err, raw)
	}

	// The second start finds everything done.
	c.write("numbers", "data", "jeudi", "journal.db")
	out = c.start()
	want = []string{"find_card", "mount_start", "check_data", "mount_data", "folders"}
	if !out.Data || !slices.Equal(out.Steps, want) || len(out.Notes) > 0 {
		t.Errorf("second start = %+v; want the steps %q and no notes", out, want)
	}
	if got := c.read("data", "jeudi", "journal.db"); got != "numbers" {
		t.Errorf("journal.db = %q after a second start", got)
	}
}

// Data that an update puts back come from a folder that is root's.
func TestDataPutBack(t *testing.T) {
	c := newCard(t, 200)
	c.start()
	must(t, os.Mkdir(c.at("data", "update", "before"), 0o700))
	c.write("numbers", "data", "update", "before", "journal.db")
	b := c.box()
	c.off()
	if out, err := b.Prepare(); err != nil {
		t.Fatalf("Prepare() = %+v, %v", out, err)
	}
	must(t, os.RemoveAll(c.at("data", "jeudi")))
	must(t, os.Rename(c.at("data", "update", "before"), c.at("data", "jeudi")))
	must(t, b.Own())
	for _, name := range []string{"jeudi", "jeudi/journal.db"} {
		var st unix.Stat_t
		must(t, unix.Stat(c.at("data", name), &st))
		if st.Uid != 4242 {
			t.Errorf("%s belongs to %d; want the box's user", name, st.Uid)
		}
	}
}

// What is done last has the data and the site, and shows a line while nobody is told of the
// start yet: the browser waits for that, and would hide the line.
func TestLast(t *testing.T) {
	c := newCard(t, 200)
	c.onStart(func(dir string) {
		must(t, os.WriteFile(filepath.Join(dir, "jeudi.toml"), []byte(site.SampleText()), 0o644))
	})
	b := c.box()
	b.Last = func() []Note {
		c.siteIs(site.SampleText())
		b.Tell("Un instant.")
		if _, err := os.Stat(c.at("run", OutcomeFile)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the start is told of: %v; want it after this", err)
		}
		return []Note{{Key: NoteResetOpen}}
	}
	out, err := b.Prepare()
	if want := []string{NoteTaken, NoteResetOpen}; err != nil || !slices.Equal(keysOf(out), want) {
		t.Errorf("Prepare() = %q, %v; want %q", keysOf(out), err, want)
	}
	if left, ok := ReadOutcome(os.DirFS(c.at("run"))); !ok || !slices.Equal(keysOf(left), keysOf(out)) || c.read("run", SplashFile) != "" {
		t.Errorf("the start leaves %q on the screen and %+v; want nothing, and the notes", c.read("run", SplashFile), left)
	}

	// A card without data has nothing to do there.
	c.off()
	b = c.box()
	b.Hint, b.SysBlock = c.at("none"), c.at("none")
	b.Last = func() []Note { t.Error("done without data"); return nil }
	if out, _ := b.Prepare(); out.Data {
		t.Errorf("Prepare() = %+v; want no data", out)
	}
}

// A site file with something wrong says so where a PC reads it; the one before stays, and
// a good one takes over.
func TestSiteOfTheCard(t *testing.T) {
	c := newCard(t, 120)
	good := site.SampleText()
	bad := strings.Replace(good, `from = "9:00"`, `from = "nine"`, 1)
	put := func(name, text string) {
		c.onStart(func(dir string) {
			for _, old := range []string{"jeudi.toml", "jeudi.toml.txt", "Jeudi.TOML"} {
				os.Remove(filepath.Join(dir, old))
			}
			must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
		})
	}

	put("jeudi.toml", "# nothing is filled in yet\n\n")
	if out := c.start(); len(out.Notes) > 0 || !out.Data {
		t.Errorf("a file of comments = %+v; want nothing done", out)
	}
	put("jeudi.toml", bad)
	out := c.start()
	if !out.Data || !slices.Equal(keysOf(out), []string{NoteSiteWrong}) || len(out.Wrong) == 0 || !strings.Contains(out.Wrong[0], "nine") {
		t.Errorf("a bad first file = %+v; want to be told", out)
	}
	if _, err := os.Stat(c.at("data", "site", "jeudi.toml")); err == nil {
		t.Error("a bad file was taken")
	}
	if text := c.read("start", card.ErrorFile); !strings.Contains(text, "nine") || !strings.Contains(text, "n’a pas été pris") {
		t.Errorf("%s = %q", card.ErrorFile, text)
	}
	// Again at each start, as long as the file is there; the card is not written again.
	before, err := os.Stat(c.at("start", card.ErrorFile))
	must(t, err)
	out = c.start()
	after, err := os.Stat(c.at("start", card.ErrorFile))
	must(t, err)
	if !slices.Equal(keysOf(out), []string{NoteSiteWrong}) || !before.ModTime().Equal(after.ModTime()) {
		t.Errorf("the second start with it = %+v, written %v and %v", out, before.ModTime(), after.ModTime())
	}

	// As an editor on Windows leaves it.
	put("Jeudi.TOML", "\xef\xbb\xbf"+good)
	out = c.start()
	if !slices.Equal(keysOf(out), []string{NoteTaken}) {
		t.Errorf("a good file = %+v", out)
	}
	c.siteIs(good)
	if _, err := os.Stat(c.at("start", card.ErrorFile)); err == nil {
		t.Error("what was wrong is still said")
	}

	// The wizard changes it: the old file of the card does not come back.
	changed := strings.Replace(good, "Les Tilleuls", "Les Ormes", 1)
	const secret = "eleven-otters-of-the-ormes"
	changed = withWifi(t, changed, secret)
	c.write(changed, "data", "site", "jeudi.toml")
	c.syncData()
	if out := c.start(); len(out.Notes) > 0 {
		t.Errorf("the same file again = %+v", out)
	}
	c.siteIs(changed)
	// A bad one leaves it too, a new good one does not.
	put("jeudi.toml", bad)
	c.start()
	c.siteIs(changed)
	third := strings.Replace(good, "Les Tilleuls", "Les Hêtres", 1)
	put("jeudi.toml.txt", third)
	c.start()
	c.siteIs(third)
	got := c.read("data", "site", "jeudi.previous.toml")
	if s, err := site.Parse("", []byte(got)); err != nil || !strings.Contains(s.Place.Name, "Les Ormes") || s.Wifi.Passphrase != "" {
		t.Errorf("the file before is kept as %.200q, %v; want its settings without the Wi-Fi", got, err)
	}
	if c.off(); c.holds(secret) {
		t.Error("the passphrase of before is still on the card")
	}
}

// The files that a site names come with it.
func TestSiteWithItsFiles(t *testing.T) {
	c := newCard(t, 120)
	text := strings.Replace(site.SampleText(), "[texts]", "[texts]\nfolder = \"./textes/\"\nvoices = \"/srv/voix\"", 1)
	if _, err := site.Parse("x", []byte(text)); err != nil {
		t.Fatal(err)
	}
	c.onStart(func(dir string) {
		must(t, os.MkdirAll(filepath.Join(dir, "textes"), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, "textes", "fr.json"), []byte("{}"), 0o644))
		must(t, os.WriteFile(filepath.Join(dir, "photos.zip"), []byte("private"), 0o644))
		must(t, os.WriteFile(filepath.Join(dir, "jeudi.toml"), []byte(text), 0o644))
	})
	c.start()
	if got := c.read("data", "site", "textes", "fr.json"); got != "{}" {
		t.Errorf("textes/fr.json = %q", got)
	}
	if _, err := os.Stat(c.at("data", "site", "photos.zip")); err == nil {
		t.Error("a file that the site does not name was copied")
	}
	// Another text, and the same site file: it is a new offer.
	c.onStart(func(dir string) {
		must(t, os.WriteFile(filepath.Join(dir, "textes", "fr.json"), []byte(`{"a": {}}`), 0o644))
	})
	c.start()
	if got := c.read("data", "site", "textes", "fr.json"); got != `{"a": {}}` {
		t.Errorf("textes/fr.json = %q after it was changed", got)
	}
}

// withWifi is a site file that says the place's Wi-Fi.
func withWifi(t *testing.T, text, passphrase string) string {
	t.Helper()
	head, rest, ok := strings.Cut(text, "[wifi]\n")
	out := head + fmt.Sprintf("[wifi]\nssid = \"Salle\"\npassphrase = %q\n", passphrase) + rest
	if s, err := site.Parse("", []byte(out)); !ok || err != nil || s.Wifi.Passphrase.Reveal() != passphrase {
		t.Fatalf("the sample with a Wi-Fi: %v", err)
	}
	return out
}

// A reset erases so that a recovery finds nothing: neither live files nor removed ones.
func TestReset(t *testing.T) {
	c := newCard(t, 200)
	const live, freed = "live-secret-of-a-visitor", "freed-secret-of-a-visitor"
	const wifi, before, form = "seven-otters-in-the-wifi", "nine-otters-before-them", "form-of-the-imager"
	withWifi := func(passphrase string) []byte { return []byte(withWifi(t, site.SampleText(), passphrase)) }
	c.onStart(func(dir string) {
		for _, name := range card.StartFiles {
			must(t, os.WriteFile(filepath.Join(dir, name), []byte("of the image: "+name), 0o644))
		}
		must(t, os.WriteFile(filepath.Join(dir, "jeudi.toml"), withWifi(before), 0o644))
		must(t, os.WriteFile(filepath.Join(dir, "rpi-preseed.toml"), []byte(form), 0o644))
		must(t, os.MkdirAll(filepath.Join(dir, ".Trashes", "501"), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, ".Trashes", "501", "jeudi.toml"), withWifi(before), 0o644))
	})
	c.start()
	// An editor that writes anew, and removes the old one.
	c.onStart(func(dir string) {
		must(t, os.WriteFile(filepath.Join(dir, "jeudi.toml~"), withWifi(wifi), 0o644))
		must(t, os.Rename(filepath.Join(dir, "jeudi.toml~"), filepath.Join(dir, "jeudi.toml")))
	})
	if out := c.start(); !slices.Contains(keysOf(out), NoteTaken) {
		t.Fatalf("the site = %+v; want it taken", out)
	}
	c.write(strings.Repeat(freed+"\n", 5000), "data", "jeudi", "old.db")
	c.write(strings.Repeat(live+"\n", 5000), "data", "jeudi", "journal.db")
	c.syncData()
	must(t, os.Remove(c.at("data", "jeudi", "old.db")))
	c.off()
	for _, secret := range []string{live, freed, wifi, before, form} {
		if !c.holds(secret) {
			t.Fatalf("the image holds no %q before the reset: this test cannot see what it looks for", secret)
		}
	}
	c.onStart(func(dir string) { must(t, os.WriteFile(filepath.Join(dir, "reset.txt"), nil, 0o644)) })
	out := c.start()
	if !out.Data || !slices.Equal(keysOf(out), []string{NoteReset}) {
		t.Errorf("reset = %+v; want it erased, and the site of the card not taken again", out)
	}
	for _, name := range []string{"jeudi/journal.db", "site/jeudi.toml"} {
		if _, err := os.Stat(c.at("data", name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	entries, err := os.ReadDir(c.at("start"))
	must(t, err)
	if len(entries) != len(card.StartFiles) {
		t.Errorf("on the start partition are %v; want what the image has", entries)
	}
	for _, name := range card.StartFiles {
		if got := c.read("start", name); got != "of the image: "+name {
			t.Errorf("%s of the start partition = %q", name, got)
		}
	}
	c.off()
	for _, secret := range []string{live, freed, wifi, before, form} {
		if c.holds(secret) {
			t.Errorf("%q is still on the card", secret)
		}
	}
	if out := c.start(); len(out.Notes) > 0 {
		t.Errorf("the start after a reset = %+v; want no second one", out)
	}
}

// An erasure that was cut goes on, though its RESET is gone with the start partition:
// what is left of the data is not saved.
func TestResetThatWasCut(t *testing.T) {
	c := newCard(t, 120)
	c.start()
	const secret = "secret-of-a-visitor"
	c.write(strings.Repeat(secret+"\n", 5000), "data", "jeudi", "journal.db")
	c.off()
	d, err := os.OpenFile(c.part(7), os.O_RDWR, 0)
	must(t, err)
	cut := &cutDisk{Disk: d, writes: 1}
	if err := EraseDisk(cut, length(d), func(int64, int64) {}); err == nil {
		t.Fatal("the erasure was not cut")
	}
	must(t, d.Close())
	if !c.holds(secret) {
		t.Fatal("nothing is left of the data: the cut came too late")
	}
	out := c.start()
	if !out.Data || !slices.Equal(keysOf(out), []string{NoteReset}) {
		t.Errorf("the start after the cut = %+v; want it erased to its end", out)
	}
	c.off()
	if c.holds(secret) {
		t.Error("the secret is still on the card")
	}
}

// What no tool can mend is saved, and put back on a new file system.
func TestBrokenDataAreSaved(t *testing.T) {
	c := newCard(t, 200)
	c.start()
	c.write(strings.Repeat("numbers ", 9999), "data", "jeudi", "journal.db")
	c.write("places", "data", "jeudi", "directory", "places.json")
	c.off()
	broken := func() *Box {
		b, first := c.box(), true
		tool := b.Tool
		b.Tool = func(name string, args ...string) error {
			if name == "e2fsck" && first {
				first = slices.Contains(args, "-p")
				return exec.Command("sh", "-c", "exit 8").Run() // an operational error
			}
			return tool(name, args...)
		}
		return b
	}
	// A cut after each of its steps, each followed by a start on the broken disk or what
	// stands on it by then.
	for cut := 1; ; cut++ {
		c.off()
		b := broken()
		stop := &stopped{Card: b, left: cut}
		out, _ := Run(stop)
		if stop.left > 0 {
			if !out.Data || !slices.Contains(keysOf(out), NoteMended) {
				t.Errorf("without a cut = %+v; want it mended", out)
			}
			break
		}
		c.off()
		if out := c.start(); !out.Data {
			t.Fatalf("a cut after %d steps, then a start = %+v", cut, out)
		}
		for name, want := range map[string]string{"journal.db": strings.Repeat("numbers ", 9999), "directory/places.json": "places"} {
			if got := c.read("data", "jeudi", name); got != want {
				t.Fatalf("a cut after %d steps, then a start: %s has %d bytes; want %d", cut, name, len(got), len(want))
			}
		}
		if cut > 20 {
			t.Fatal("no end")
		}
	}
	if got := c.read("data", "jeudi", "directory", "places.json"); got != "places" {
		t.Errorf("places.json = %q", got)
	}
	var st unix.Stat_t
	must(t, unix.Stat(c.at("data", "jeudi", "journal.db"), &st))
	if st.Uid != 4242 {
		t.Errorf("journal.db belongs to %d; want the box's user", st.Uid)
	}
	d, err := os.Open(c.part(7))
	must(t, err)
	defer d.Close()
	if _, _, left := rescued(d, length(d)); left {
		t.Error("the rescue is still at the end of the partition")
	}
	var fs unix.Statfs_t
	must(t, unix.Statfs(c.at("data"), &fs))
	if got := int64(fs.Blocks) * fs.Bsize >> 20; got < 110 {
		t.Errorf("the data have %d MiB; want the room of the rescue back", got)
	}
}

// What a rescue has put back is overwritten where it lies by whoever owns it: no second
// copy of it stays in the free space of the new file system.
func TestRescueLeavesNoCopy(t *testing.T) {
	for _, cut := range []bool{false, true} {
		c := newCard(t, 120)
		c.start()
		const live, found = "live-secret-of-a-visitor", "found-secret-of-a-visitor"
		c.write(strings.Repeat(live+"\n", 50000), "data", "jeudi", "journal.db")
		c.write(strings.Repeat(found+"\n", 500), "data", "lost+found", "#13")
		c.off()
		b := c.box()
		b.forget, b.trim = func(*os.File, int64, int64) {}, func(string) {} // a card that does not
		tool := b.Tool
		b.Tool = func(name string, args ...string) error {
			if name == "e2fsck" {
				return exec.Command("sh", "-c", "exit 8").Run()
			}
			return tool(name, args...)
		}
		if cut { // the plug is pulled after the rescue: the next start makes the file system anew
			stop := &stopped{Card: b, left: 4}
			Run(stop)
			c.off()
			next := c.box()
			next.forget, next.trim, next.Tool = b.forget, b.trim, b.Tool
			b = next
		}
		out, _ := b.Prepare()
		if !out.Data || !slices.Contains(keysOf(out), NoteMended) || slices.Contains(out.Steps, string(Rescue)) == cut {
			t.Fatalf("cut %t: %+v; want it mended", cut, out)
		}
		if got := c.read("data", "jeudi", "journal.db"); got != strings.Repeat(live+"\n", 50000) {
			t.Errorf("cut %t: journal.db has %d bytes; want what was rescued", cut, len(got))
		}
		if !c.holds(live) {
			t.Fatal("the image does not hold what is on it: this test cannot see what it looks for")
		}
		must(t, card.Blank(c.at("data", "jeudi", "journal.db")))
		c.off()
		for _, secret := range []string{live, found} {
			if c.holds(secret) {
				t.Errorf("cut %t: %q is still on the card after it was overwritten", cut, secret)
			}
		}
	}
}

// What a check puts into lost+found is nobody's, and nobody would overwrite it.
func TestLostAndFound(t *testing.T) {
	c := newCard(t, 120)
	c.start()
	const secret = "secret-of-a-visitor"
	c.write(strings.Repeat(secret+"\n", 5000), "data", "jeudi", "journal.db")
	c.off()
	must(t, exec.Command("debugfs", "-w", "-R", "unlink /jeudi/journal.db", c.part(7)).Run()) // its name is lost
	b := c.box()
	tool, mended := b.Tool, false
	b.Tool = func(name string, args ...string) error {
		err := tool(name, args...)
		mended = mended || name == "e2fsck" && err != nil && exitCode(err) <= 2
		return err
	}
	// A file system that looks clean is not looked through.
	must(t, exec.Command("debugfs", "-w", "-R", "set_super_value state 2", c.part(7)).Run())
	if !c.holds(secret) {
		t.Fatal("the image holds no secret: this test cannot see what it looks for")
	}
	if out, err := b.Prepare(); !out.Data || !mended {
		t.Fatalf("Prepare() = %+v, %v, mended %t; want what has no name found", out, err, mended)
	}
	entries, err := os.ReadDir(c.at("data", "lost+found"))
	must(t, err)
	c.off()
	if len(entries) > 0 || c.holds(secret) {
		t.Errorf("lost+found has %v, and the secret is still on the card: %t; want neither", entries, c.holds(secret))
	}
}

// stopped cuts a start after some steps.
type stopped struct {
	Card
	left int
}

var errCut = errors.New("cut")

func (s *stopped) Look() Facts {
	if s.left <= 0 {
		return Facts{Card: true, Start: true, Reset: true, Failed: map[Step]bool{Erase: true}} // nothing more is done
	}
	return s.Card.Look()
}

func (s *stopped) Do(step Step) error {
	if s.left <= 0 {
		return errCut
	}
	s.left--
	return s.Card.Do(step)
}

// Real damage in many places: every start ends with data that can be used, and the box is
// told when something was lost.
func TestDamagedData(t *testing.T) {
	c := newCard(t, 120)
	for i, damage := range []struct {
		name  string
		at, n int64
	}{
		{"the superblock", 0, 4096},
		{"the first group", 4096, 256 << 10},
		{"everything of the beginning", 0, 2 << 20},
		{"a stretch of the middle", 20 << 20, 1 << 20},
		{"all of it", 0, 64 << 20},
	} {
		c.start()
		numbers := fmt.Sprint("numbers-of-damage-", i)
		c.write(numbers, "data", "jeudi", "journal.db")
		if c.off(); !c.holds(numbers) {
			t.Fatal("the image holds no numbers: this test cannot see what it looks for")
		}
		d, err := os.OpenFile(c.part(7), os.O_RDWR, 0)
		must(t, err)
		_, err = d.WriteAt(bytes.Repeat([]byte{0xa5}, int(min(damage.n, length(d)-damage.at))), damage.at)
		must(t, errors.Join(err, d.Sync(), d.Close()))
		out, err := c.box().Prepare()
		if !out.Data {
			t.Errorf("%s: %+v, %v; want data", damage.name, out, err)
			continue
		}
		// Whoever owns them overwrites them where they lie.
		if _, err := os.Stat(c.at("data", "jeudi", "journal.db")); err == nil {
			must(t, card.Blank(c.at("data", "jeudi", "journal.db")))
		}
		c.write("new numbers", "data", "jeudi", "journal.db")
		if out := c.start(); len(out.Notes) > 0 {
			t.Errorf("%s: the start after = %+v; want nothing to say", damage.name, out)
		}
		if got := c.read("data", "jeudi", "journal.db"); got != "new numbers" {
			t.Errorf("%s: journal.db = %q", damage.name, got)
		}
		if c.off(); c.holds(numbers) {
			t.Errorf("%s: what was there before is still on the card", damage.name)
		}
	}
}

// Where a Pi has no clock, time goes on from when the box was last seen.
func TestClockGoesOn(t *testing.T) {
	c := newCard(t, 120)
	c.start()
	c.write("", "data", ClockFile)
	seen := time.Date(2026, 3, 19, 12, 30, 0, 0, time.UTC)
	must(t, os.Chtimes(c.at("data", ClockFile), seen, seen))
	c.now = time.Unix(0, 0)
	c.start()
	if !c.now.Equal(seen) {
		t.Errorf("the clock says %v; want %v", c.now, seen)
	}
	c.now = seen.Add(time.Hour)
	c.start()
	if want := seen.Add(time.Hour); !c.now.Equal(want) {
		t.Errorf("the clock says %v; want %v, which is later than what was saved", c.now, want)
	}
}

// Imager's form is not this box's: whoever filled it in is told.
func TestLeftovers(t *testing.T) {
	c := newCard(t, 120)
	c.onStart(func(dir string) {
		must(t, os.WriteFile(filepath.Join(dir, "firstrun.sh"), []byte("#!/bin/sh\nreboot\n"), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, "rpi-preseed.toml"), []byte("[wlan]\nssid = \"Salle\"\n"), 0o644)) // the wizard's
	})
	out := c.start()
	if len(out.Notes) != 1 || out.Notes[0].Key != NoteLeftover || out.Notes[0].Args["file"] != "firstrun.sh" {
		t.Errorf("notes = %+v; want the stray firstrun.sh", out.Notes)
	}
}

// A disk that is not ours is left as it is.
func TestAnotherDisk(t *testing.T) {
	c := newCard(t, 120)
	c.off()
	f, err := os.OpenFile(c.image, os.O_RDWR, 0)
	must(t, err)
	_, err = f.WriteAt([]byte{1, 2, 3, 4}, 440)
	must(t, errors.Join(err, f.Sync(), f.Close()))
	b := c.box()
	b.SysBlock = c.at("none")
	out, err := b.Prepare()
	if out.Data || !slices.Equal(keysOf(out), []string{NoteNoCard}) || err == nil {
		t.Errorf("another disk = %+v, %v; want no card", out, err)
	}
}
