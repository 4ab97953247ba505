package proof

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/provisioning/card"
)

// cutSeed decides every cut; it is printed with each that costs something.
const cutSeed = 7

// A morning is what a logged run of the box left: the card before it, the log, and what
// people hold.
type morning struct {
	before string // image of the card
	log    string
	acks   []Ack
	opened int // entries when the permanence was open
}

// ready is a card that has had its first start, so that the log of the next one is of a
// box at work; it is switched off in good order.
func ready(t *testing.T) string {
	t.Helper()
	image := theCard(t, theSite(false), 64<<20)
	b := on(t, image, Power{NoKiosk: true})
	b.healthy()
	b.must("sync; systemctl poweroff --no-block")
	select {
	case <-b.Exited():
	case <-b.within().Done():
		t.Fatal("the box does not switch off")
	}
	b.Off()
	return image
}

// work starts the card under a log, takes tickets, and pulls the plug.
func work(t *testing.T, image string, tickets int, p Power, prepare func(*bench)) morning {
	t.Helper()
	m := morning{before: filepath.Join(t.TempDir(), "before.img"), log: filepath.Join(t.TempDir(), "writes")}
	if err := CopyCard(image, m.before, 0); err != nil {
		t.Fatal(err)
	}
	p.NoKiosk, p.Log = true, m.log
	b := on(t, image, p)
	b.healthy()
	if prepare != nil {
		prepare(b)
	}
	log := m.open(t)
	written := func() int {
		n, err := log.Len()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	b.order("open")
	m.opened = written()
	begun := time.Now()
	b.take(tickets, func(n int) { m.acks = append(m.acks, Ack{n, written()}) })
	b.Off()
	last := log.Entries
	writes, flushes := 0, 0
	for _, e := range last {
		if e.Write() {
			writes++
		}
		if e.Flush() {
			flushes++
		}
	}
	t.Logf("%d tickets in %.1f s; the log has %d writes and %d flushes, %d entries since the opening", tickets, time.Since(begun).Seconds(), writes, flushes, len(last)-m.opened)
	return m
}

func (m morning) open(t *testing.T) *WriteLog {
	t.Helper()
	f, err := os.Open(m.log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	l, err := OpenLog(f)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// outcome is what cuts cost.
type outcome struct {
	cuts, lost, twice, aside, broken int
	first                            string
}

func (o *outcome) add(c Cut, what *int, format string, args ...any) {
	*what++
	if o.first == "" {
		o.first = fmt.Sprintf("%v: %s", c, fmt.Sprintf(format, args...))
	}
}

// explore cuts the power n times at random between the opening and the end, and opens what
// is left each time. change may change the log first; keep is given the disk of each cut, and
// what the box's own code read of it.
func (m morning) explore(t *testing.T, n int, change func(*WriteLog), keep func(Cut, io.ReaderAt, Kept)) (o outcome) {
	t.Helper()
	log := m.open(t)
	if change != nil {
		change(log)
	}
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
	data := filepath.Join(t.TempDir(), "data.ext4")
	defer os.Remove(data)
	replay := NewReplay(log, f)
	for _, c := range Cuts(n, m.opened, len(log.Entries), cutSeed) {
		left, err := replay.Cut(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := partition(data, left, card.PartData); err != nil {
			t.Fatal(err)
		}
		o.cuts++
		var k Kept
		err = Mounted(data, func(dir string) (err error) {
			k, err = Open(filepath.Join(dir, "jeudi"))
			return err
		})
		if err != nil {
			o.add(c, &o.broken, "%v", err)
			continue
		}
		if lost := k.Lost(owed(m.acks, c)); len(lost) > 0 {
			o.add(c, &o.lost, "acknowledged tickets %v of %d are lost; %d events are there", lost, len(owed(m.acks, c)), k.Events)
		}
		if twice := k.Twice(); len(twice) > 0 {
			o.add(c, &o.twice, "tickets %v are there twice", twice)
		}
		if len(k.Aside) > 0 {
			o.add(c, &o.aside, "%v could not be read", k.Aside)
		}
		if keep != nil {
			keep(c, left, k)
		}
	}
	return o
}

// TestPowerCuts pulls the plug of an open permanence, over and over.
func TestPowerCuts(t *testing.T) {
	if err := CanMount(); err != nil {
		t.Skip(err)
	}
	cuts, tickets := 100, 15
	if *everyCut {
		cuts, tickets = 200, 40
	}
	fresh := ready(t)
	again := filepath.Join(t.TempDir(), "again.img")
	if *everyCut {
		if err := CopyCard(fresh, again, 0); err != nil {
			t.Fatal(err)
		}
	}
	m := work(t, fresh, tickets, Power{}, nil)
	begun := time.Now()
	restarts := t.TempDir()
	type restart struct {
		file string
		Cut
		next int // the ticket that comes next
	}
	var kept []restart
	const starts = 5
	o := m.explore(t, cuts, nil, func(c Cut, disk io.ReaderAt, k Kept) {
		// Five of them, all along, are started again up to the kiosk's page.
		if *everyCut && len(kept) < starts && c.At >= m.opened+(len(m.open(t).Entries)-m.opened)*len(kept)/starts {
			file := filepath.Join(restarts, fmt.Sprintf("cut-%d.img", len(kept)))
			if err := cutOut(file, disk, 0, card.ImageBytes()+64<<20); err != nil {
				t.Fatal(err)
			}
			next := 1
			if len(k.Tickets) > 0 {
				next = slices.Max(k.Tickets) + 1
			}
			kept = append(kept, restart{file, c, next})
		}
	})
	t.Logf("report: power cuts with an open permanence: %d cuts over %d tickets: %d lost one that was acknowledged, %d gave a number twice, %d files unreadable, %d disks damaged (%.0f ms a cut)",
		o.cuts, len(m.acks), o.lost, o.twice, o.aside, o.broken, float64(time.Since(begun).Milliseconds())/float64(o.cuts))
	if o.lost+o.twice+o.aside+o.broken > 0 {
		t.Errorf("a power cut can cost something; first: %s", o.first)
	}
	if *everyCut && len(kept) != starts {
		t.Errorf("%d of the cuts are started again; want %d", len(kept), starts)
	}
	for i, cut := range kept {
		b := on(t, cut.file, Power{})
		b.healthy()
		whole := b.painted(fmt.Sprintf("after-cut-%d", i), page)
		held, next := owed(m.acks, cut.Cut), 0
		b.take(1, func(n int) { next = n })
		if next != cut.next || slices.Contains(held, next) {
			t.Errorf("%v: the next ticket is %d; want %d, as on its card, which nobody holds: %v", cut.Cut, next, cut.next, held)
		}
		t.Logf("report: %v started again, %d of %d: the kiosk's page after %.0f s, %d tickets were held, the next is %d", cut.Cut, i+1, starts, whole, len(held), next)
		b.Off()
	}

	// The cuts find something where there is something to find: the same log on a card that
	// answers a flush and does not do it.
	o = m.explore(t, 20, func(l *WriteLog) { l.Lie(m.opened) }, nil)
	t.Logf("report: the same cuts on a card that lies about its flushes: %d cuts, %d lost a ticket, %d files unreadable, %d disks damaged: found", o.cuts, o.lost, o.aside, o.broken)
	if o.lost+o.aside+o.broken == 0 {
		t.Error("a card that lies costs nothing: the cuts are blind")
	}
	if !*everyCut {
		return
	}
	// And a jeudi that does not flush what it acknowledges.
	forgetful := build(t, map[string]func(string) string{"firmware/boltfile/boltfile.go": func(source string) string {
		return replaced(t, source, "NoFreelistSync: true,", "NoFreelistSync: true, NoSync: true, NoGrowSync: true,")
	}})
	m = work(t, again, 20, Power{Disks: []string{forgetful}}, func(b *bench) {
		b.must("systemctl stop jeudi")
		b.bring(forgetful, "/usr/bin/jeudi")
		b.must("sync; systemctl start jeudi")
		b.healthy()
	})
	o = m.explore(t, 40, nil, nil)
	t.Logf("report: the same of a build without fsync: %d cuts over %d tickets: %d lost one that was acknowledged, %d files unreadable: found", o.cuts, len(m.acks), o.lost, o.aside)
	if o.lost == 0 {
		t.Error("a build that never flushes loses nothing: the cuts are blind")
	}
}

// build builds the card's program from sources that are changed on the way to the compiler.
func build(t *testing.T, change map[string]func(string) string) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for name, how := range change {
		source, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		changed := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(changed, []byte(how(string(source))), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(root, name)] = changed
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "jeudi")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s", "-overlay", filepath.Join(dir, "overlay.json"), "-o", out, "./firmware")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=1", "CC=aarch64-linux-gnu-gcc")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building a changed jeudi: %v\n%s", err, said)
	}
	return out
}

// replaced is a source with one thing changed, which must be in it.
func replaced(t *testing.T, source, old, with string) string {
	t.Helper()
	if strings.Count(source, old) != 1 {
		t.Fatalf("%q is %d times in the source to change; want 1", old, strings.Count(source, old))
	}
	return strings.Replace(source, old, with, 1)
}
