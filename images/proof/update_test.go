package proof

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jeudi/provisioning/card"
)

// A release is what one version of the box is made of.
type release struct {
	version string
	root    string // image
	bundle  string
}

// releases makes versions of the box from the card's own root: the first is on the card, the
// others come as bundles. They are signed with a key of this test, which all of them know.
type releases struct {
	dir, boot string // of the boot set, which all have in common
	tree      string // the root, unpacked
	jeudi     string // of this machine, to make bundles
	list      []release
}

// newReleases unpacks the root of the card.
func newReleases(t *testing.T) *releases {
	t.Helper()
	if *cardFile == "" {
		t.Skip("no card: make image builds one, and make image-test proves it")
	}
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: making another root from the card's needs root")
	}
	r := &releases{dir: t.TempDir()}
	r.tree, r.jeudi, r.boot = filepath.Join(r.dir, "tree"), filepath.Join(r.dir, "jeudi"), filepath.Join(filepath.Dir(*cardFile), "boot.fat")
	tool(t, "", "unsquashfs", "-quiet", "-no-progress", "-d", r.tree, filepath.Join(filepath.Dir(*cardFile), "root.sqsh"))
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", r.jeudi, "../../firmware")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building jeudi: %v\n%s", err, said)
	}
	tool(t, "", r.jeudi, "update", "key", filepath.Join(r.dir, "key"))
	if err := os.MkdirAll(filepath.Join(r.tree, "usr/share/jeudi"), 0o755); err != nil {
		t.Fatal(err)
	}
	tool(t, "", "cp", filepath.Join(r.dir, "key.pub"), filepath.Join(r.tree, "usr/share/jeudi/update.pub"))
	return r
}

// add makes a version with that program.
func (r *releases) add(t *testing.T, version, program string) release {
	t.Helper()
	v := release{version, filepath.Join(r.dir, version+".sqsh"), filepath.Join(r.dir, "jeudi-"+version+".update")}
	tool(t, "", "install", "-m", "755", program, filepath.Join(r.tree, "usr/bin/jeudi"))
	tool(t, "", "mksquashfs", r.tree, v.root, "-quiet", "-no-progress", "-noappend", "-comp", "zstd", "-Xcompression-level", "1")
	tool(t, "", r.jeudi, "update", "make", "-boot", r.boot, "-root", v.root, "-key", filepath.Join(r.dir, "key.key"), "-version", version, v.bundle)
	r.list = append(r.list, v)
	return v
}

// versioned is a program that says it is another version.
func versioned(t *testing.T, version string, more map[string]func(string) string) string {
	t.Helper()
	change := map[string]func(string) string{"firmware/main.go": func(source string) string {
		return replaced(t, source, `const version = "0.1.0"`, fmt.Sprintf("const version = %q", version))
	}}
	for name, how := range more {
		change[name] = how
	}
	return build(t, change)
}

// install puts a root into slot A of a card.
func (r *releases) install(t *testing.T, image string, v release) {
	t.Helper()
	f, p := opened(t, image, card.PartRootA)
	defer f.Close()
	root, err := os.Open(v.root)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if n, err := io.Copy(io.NewOffsetWriter(f, p.Offset()), root); err != nil || n > p.Bytes() {
		t.Fatalf("root of %d bytes into %d: %v", n, p.Bytes(), err)
	}
}

// stick is a USB stick with files on it.
func stick(t *testing.T, files ...string) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "stick.img")
	var size int64
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	size = (size + 64<<20) >> 20 << 20
	if err := os.Truncate(image, size); err != nil {
		t.Fatal(err)
	}
	tool(t, "", "mformat", "-i", image, "-F", "-v", "CLE", "-T", fmt.Sprint(size/Sector), "-h", "64", "-s", "32", "::")
	tool(t, "", "mcopy", append([]string{"-i", image}, append(files, "::")...)...)
	return image
}

// asker is the program that asks the steward.
func asker(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "ask")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s", "-o", out, "./ask")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building ask: %v\n%s", err, said)
	}
	return out
}

// bring copies a program from the other disk into the guest.
func (b *bench) bring(program, to string) {
	b.t.Helper()
	info, err := os.Stat(program)
	if err != nil {
		b.t.Fatal(err)
	}
	b.must(fmt.Sprintf("head -c %d /dev/vdb >%s.new && chmod 755 %[2]s.new && mv %[2]s.new %[2]s", info.Size(), to))
}

// ask asks the steward, and decodes the answer.
func (b *bench) ask(verb, args string, answer any) {
	b.t.Helper()
	said := b.must(fmt.Sprintf("/usr/bin/ask %s %s", verb, args))
	_, text, ok := strings.Cut("\n"+said, "\nanswer ")
	if !ok {
		b.t.Fatalf("the steward, asked for %s %s: %s", verb, args, said)
	}
	if answer != nil {
		if err := json.NewDecoder(strings.NewReader(text)).Decode(answer); err != nil {
			b.t.Fatalf("%s: %v in %s", verb, err, said)
		}
	}
}

// standing is how updates stand.
type standing struct {
	Slot, Version, Before, Ready string
	Trial                        bool
	Failed                       int
	Last                         *struct {
		Result, Version, Why string
		Back                 bool
	}
}

func (b *bench) standing() standing {
	b.t.Helper()
	var answer struct{ Update standing }
	b.ask("status", "", &answer)
	return answer.Update
}

// fetch installs the bundle of the first stick that has it.
func (b *bench) fetch(v release) {
	b.t.Helper()
	var list []struct {
		ID    string
		Files []struct{ Name string }
	}
	b.until("a stick is seen", `case $(/usr/bin/ask sticks) in *'"id"'*) true ;; *) false ;; esac`)
	b.ask("sticks", "", &list)
	args, _ := json.Marshal(map[string]string{"stick": list[0].ID, "name": filepath.Base(v.bundle)})
	b.ask("update", "'"+string(args)+"'", nil)
}

// known is which version a slot of a disk holds, "" for none.
func (r *releases) known(disk io.ReaderAt, s card.Slot) (string, error) {
	boot, err := found(disk, s.Boot())
	if err != nil {
		return "", err
	}
	want, err := os.ReadFile(r.boot)
	if err != nil {
		return "", err
	}
	got := make([]byte, len(want))
	if err := readFull(disk, got, boot.Offset()); err != nil {
		return "", err
	}
	if strings.Replace(string(want), "jeudi.slot=@", "jeudi.slot="+s.String(), 1) != string(got) {
		return "", nil
	}
	root, err := found(disk, s.Root())
	if err != nil {
		return "", err
	}
	for _, v := range r.list {
		same, err := begins(disk, root.Offset(), v.root)
		if err != nil || same {
			return v.version, err
		}
	}
	return "", nil
}

// begins reports whether a partition begins with a file.
func begins(disk io.ReaderAt, at int64, file string) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	a, b := make([]byte, 4<<20), make([]byte, 4<<20)
	for done := int64(0); done < info.Size(); done += int64(len(a)) {
		n := min(int64(len(a)), info.Size()-done)
		a, b = a[:n], b[:n]
		if err := readFull(f, a, done); err != nil {
			return false, err
		}
		if err := readFull(disk, b, at+done); err != nil {
			return false, err
		}
		if sha256.Sum256(a) != sha256.Sum256(b) {
			return false, nil
		}
	}
	return true, nil
}

// heldTickets is what the card of TestUpdate keeps of people: one closed permanence of three tickets.
const heldTickets = 3

// oneMorning opens a permanence, takes tickets, closes it, and returns once the ledger has it.
func (b *bench) oneMorning() {
	b.t.Helper()
	b.order("open")
	b.take(heldTickets, func(int) {})
	b.post("/api/desk", []map[string]any{{"desk": "1", "do": "close", "rest": "unresolved"}}, func(int) {})
	b.until("the permanence is counted", `journalctl -b --no-pager -o cat | grep -q "permanence closed"`)
	b.must("sync")
}

// wellKept is what the data partition of a disk has lost of that, nil for nothing.
func wellKept(data string, disk io.ReaderAt) error {
	if err := partition(data, disk, card.PartData); err != nil {
		return err
	}
	var k Kept
	if err := Mounted(data, func(dir string) (err error) {
		k, err = Open(filepath.Join(dir, "jeudi"))
		return err
	}); err != nil {
		return err
	}
	if k.Closed != 1 || k.Issued != heldTickets || len(k.Tickets) > 0 || len(k.Aside) > 0 {
		return fmt.Errorf("the data are %+v; want one closed permanence of %d tickets, none open, nothing set aside", k, heldTickets)
	}
	return nil
}

// keeps fails unless a card that is off has that permanence.
func keeps(t *testing.T, when, image string) {
	t.Helper()
	f, err := os.Open(image)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data := filepath.Join(t.TempDir(), "data.ext4")
	defer os.Remove(data)
	if err := wellKept(data, f); err != nil {
		t.Errorf("%s: %v", when, err)
	}
}

// explored cuts the power during a run of an update: each time the firmware must find a slot
// that is whole, and the data must be as good as they were.
func (m morning) explored(t *testing.T, r *releases, n, first int, o map[string]int) {
	t.Helper()
	log := m.open(t)
	disk := filepath.Join(t.TempDir(), "disk.img")
	if err := CopyCard(m.before, disk, 0); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(disk, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer os.Remove(disk)
	replay := NewReplay(log, f)
	boots, data, files := filepath.Join(t.TempDir(), "boots.img"), filepath.Join(t.TempDir(), "data.ext4"), t.TempDir()
	defer os.Remove(boots)
	defer os.Remove(data)
	for _, c := range Cuts(n, first, len(log.Entries), cutSeed) {
		left, err := replay.Cut(c)
		if err != nil {
			t.Fatal(err)
		}
		o["cuts"]++
		// The firmware sees the tables and the three FAT partitions.
		if err := startable(boots, left); err != nil {
			t.Errorf("%v: %v", c, err)
			continue
		}
		start, err := Firmware{Model: "pi4"}.Start(t.Context(), boots, files)
		if err != nil {
			t.Errorf("%v: %v", c, err)
			continue
		}
		version, err := r.known(left, start.Slot())
		if err != nil || version == "" {
			t.Errorf("%v: slot %v is started and is no whole version: %v", c, start.Slot(), err)
			continue
		}
		o[version]++
		if err := wellKept(data, left); err != nil {
			t.Errorf("%v: %v", c, err)
			continue
		}
		o["well"]++
	}
}

// TestUpdate brings a new version on a stick, tries it, keeps it, goes back because somebody
// holds two buttons, and does not keep one that does not work.
func TestUpdate(t *testing.T) {
	if err := CanMount(); err != nil {
		t.Skip(err)
	}
	lengthy(t, "it takes a quarter of an hour")
	r := newReleases(t)
	v1 := r.add(t, "0.1.0", versioned(t, "0.1.0", nil))
	v2 := r.add(t, "0.2.0", versioned(t, "0.2.0", nil))
	v3 := r.add(t, "0.3.0", versioned(t, "0.3.0", map[string]func(string) string{"firmware/box.go": func(source string) string {
		return replaced(t, source, "func (b *box) run(ctx context.Context) error {", "func (b *box) run(ctx context.Context) error {\n\tif true {\n\t\treturn errors.New(\"this version does not work\")\n\t}\n")
	}}))
	image := theCard(t, theSite(false), 64<<20)
	r.install(t, image, v1)
	program := asker(t)
	disks := []string{program}
	before := func(name string) morning {
		m := morning{before: filepath.Join(t.TempDir(), name+".img"), log: filepath.Join(t.TempDir(), name+".log")}
		if err := CopyCard(image, m.before, 0); err != nil {
			t.Fatal(err)
		}
		return m
	}
	entries := func(m morning) int { return len(m.open(t).Entries) }
	const trial = "jeudi.trial=900 "

	// Version 1 receives, is given version 2 on a stick, and starts it once.
	install := before("install")
	b := on(t, image, Power{NoKiosk: true, Log: install.log, Disks: disks, Sticks: []string{stick(t, v2.bundle, v3.bundle)}, Append: trial})
	b.healthy()
	b.bring(program, "/usr/bin/ask")
	if s := b.standing(); s.Slot != "A" || !strings.HasPrefix(s.Version, v1.version) {
		t.Fatalf("the card starts as %+v; want version %s in slot A", s, v1.version)
	}
	b.oneMorning()
	install.opened = entries(install)
	begun := time.Now()
	b.fetch(v2)
	t.Logf("report: version 2 written into slot B from a stick in %.0f s (emulated)", time.Since(begun).Seconds())
	b.must("/usr/bin/ask try '" + `{"journal":true,"page":true,"printer":true,"panel":true}` + "' || true")
	try, err := b.Restarted(b.within())
	if err != nil || !try {
		t.Fatalf("the box restarts: trial %v, %v; want a trial", try, err)
	}
	b.Off()

	// The firmware starts slot B, this once; the box looks at itself and keeps it.
	keep := before("keep")
	b = on(t, image, Power{Firmware: Firmware{Model: "pi4", Try: true}, Log: keep.log, Disks: disks, Append: trial})
	if b.Boot.Slot() != card.SlotB {
		t.Fatalf("the trial starts %+v; want slot B", b.Boot)
	}
	b.healthy()
	b.bring(program, "/usr/bin/ask")
	b.until("the trial is kept", `case $(/usr/bin/ask status) in *'"trial":true'*) false ;; *'"slot":"B"'*) true ;; *) false ;; esac`)
	t.Logf("report: version 2 kept %.0f s after its start, its page painted (emulated): %+v", b.since(), b.standing())
	b.shot("update-kept")
	b.Off() // no order was needed: from now on slot B is started
	keeps(t, "version 2 is kept", image)

	// Pulled plug, plain start: version 2, and somebody holds two buttons for the one before.
	b = on(t, image, Power{NoKiosk: true, Append: trial})
	if b.Boot.Slot() != card.SlotB || b.Boot.Try {
		t.Fatalf("after the update the firmware starts %+v; want slot B", b.Boot)
	}
	b.hold(true, goingBack...)
	if try, err = b.Restarted(b.within()); err != nil || !try {
		t.Fatalf("previous and next held: restarted as a trial %v, %v; want a trial", try, err)
	}
	t.Logf("report: two buttons held: the box is down %.0f s after its start (emulated)", b.since())
	b.Off()

	// The version before gets its trial too, and stays.
	b = on(t, image, Power{Firmware: Firmware{Model: "pi4", Try: true}, Disks: disks, Append: trial})
	if b.Boot.Slot() != card.SlotA {
		t.Fatalf("the way back starts %+v; want slot A", b.Boot)
	}
	b.healthy()
	b.bring(program, "/usr/bin/ask")
	b.until("the version before is kept", `case $(/usr/bin/ask status) in *'"trial":true'*) false ;; *'"slot":"A"'*) true ;; *) false ;; esac`)
	b.Off()
	keeps(t, "version 1 is back", image)

	// Pulled plug, plain start: version 1, and not on trial. It is given one that does not work.
	b = on(t, image, Power{NoKiosk: true, Disks: disks, Sticks: []string{stick(t, v3.bundle)}, Append: trial})
	if b.Boot.Slot() != card.SlotA || b.Boot.Try {
		t.Fatalf("after the way back the firmware starts %+v; want slot A", b.Boot)
	}
	b.healthy()
	b.bring(program, "/usr/bin/ask")
	if s := b.standing(); !strings.HasPrefix(s.Version, v1.version) || s.Trial || !strings.HasPrefix(s.Before, v2.version) || s.Last == nil || s.Last.Result != "kept" || !s.Last.Back {
		t.Errorf("after the way back: %+v, last %+v; want version %s kept, and %s to go to:\n%s", s, s.Last, v1.version, v2.version, b.must("cat /data/update/*.json || true; journalctl -b --no-pager -u jeudi-firstboot -u jeudi-steward"))
	}
	b.fetch(v3)
	b.must("/usr/bin/ask try '" + `{"journal":true,"page":true,"printer":true,"panel":true}` + "' || true")
	if try, err = b.Restarted(b.within()); err != nil || !try {
		t.Fatalf("the box restarts: trial %v, %v; want a trial", try, err)
	}
	b.Off()
	b = on(t, image, Power{Firmware: Firmware{Model: "pi4", Try: true}, NoKiosk: true, Append: "jeudi.trial=90 "})
	if b.Boot.Slot() != card.SlotB {
		t.Fatalf("the trial of version 3 starts %+v; want slot B", b.Boot)
	}
	if try, err = b.Restarted(b.within()); err != nil || try {
		t.Fatalf("a version that does not work: restarted as a trial %v, %v; want a plain restart", try, err)
	}
	t.Logf("report: a version that does not work goes back by itself %.0f s after its start", b.since())
	b.Off()
	b = on(t, image, Power{NoKiosk: true, Disks: disks, Append: trial})
	b.healthy()
	b.bring(program, "/usr/bin/ask")
	if s := b.standing(); s.Slot != "A" || !strings.HasPrefix(s.Version, v1.version) || s.Last == nil || s.Last.Result != "back" || s.Failed != 1 {
		t.Errorf("after a version that does not work: %+v; want version %s, and that one failed", s, v1.version)
	} else {
		t.Logf("report: after it: %+v, last %+v", s, *s.Last)
	}
	b.Off()
	keeps(t, "version 3 went back", image)

	// Every cut of the two runs that wrote.
	o := map[string]int{}
	install.explored(t, r, 40, install.opened, o)
	keep.explored(t, r, 40, 0, o)
	t.Logf("report: power cuts during an update: %v: each time a whole version starts, and the data are well", o)
	if o["cuts"] < 50 || o["well"] != o["cuts"] || o[v1.version] == 0 || o[v2.version] == 0 {
		t.Errorf("%v: want at least 50 cuts, some before the commit and some after", o)
	}
}
