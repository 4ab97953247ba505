package proof

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/care"
	"jeudi/firmware/report"
	"jeudi/provisioning/card"
	"jeudi/provisioning/site"
)

// What nobody but this test has written: found on a card or a stick, it comes from here.
const (
	carePlace  = "Salle des Marronniers 7Q4"
	careSecret = "quarante-deux loutres bleues"
	careSpot   = "Espace Cormoran 8W2"
	careTable  = "bilan-5R9-du-printemps"
)

// careSite is the site of the box that is looked after.
func careSite() string {
	text := strings.Replace(theSite(false), "Centre social Les Tilleuls", carePlace, 1)
	return text + fmt.Sprintf("[wifi]\nssid = \"Salle\"\npassphrase = %q\n", careSecret)
}

// served waits until the box itself answers, and not the wizard or nobody.
func (b *bench) served() {
	b.t.Helper()
	b.until("the box answers", `case $(ask GET /healthz '' 2>/dev/null) in *" 200 OK ok "*) true ;; *) false ;; esac`)
}

// asking waits until the wizard answers.
func (b *bench) asking() {
	b.t.Helper()
	b.until("the wizard answers", `case $(ask GET /healthz '' 2>/dev/null) in *" 200 OK setup "*) true ;; *) false ;; esac`)
}

// lost waits until the machine is off, and pulls the plug.
func (b *bench) lost() {
	b.t.Helper()
	select {
	case <-b.Exited():
	case <-b.within().Done():
		b.t.Fatal("the box does not go off")
	}
	b.Off()
}

// care asks for something of « Boîtier », as the desk's page does.
func (b *bench) care(do string, more map[string]any) map[string]any {
	b.t.Helper()
	body := map[string]any{"do": do}
	maps.Copy(body, more)
	return b.local("/api/care", body)
}

// A waiting visit, as the desk has it.
type queued struct {
	ID     string
	Number int
}

// A desk is what its page shows.
type desk struct {
	Permanence struct{ Status string }
	Banners    []struct{ Key, Text string }
	Waiting    []queued
}

// desk opens the page's socket for a moment.
func (b *bench) desk() (d desk) {
	b.t.Helper()
	const script = `exec 3<>/dev/tcp/127.0.0.1/8080
printf 'GET /ws/desk?desk=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nOrigin: http://127.0.0.1:8080\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n' >&3
timeout 4 cat <&3 | base64 -w0; echo`
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(b.must(script)))
	if err != nil {
		b.t.Fatal(err)
	}
	head, rest, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	seen := 0
	for _, text := range frames(rest) {
		if json.Unmarshal(text, &d) == nil {
			seen++
		}
	}
	if seen == 0 {
		b.t.Fatalf("the desk's page shows nothing: %s", head)
	}
	return d
}

// frames are the whole texts that a server has sent over a WebSocket.
func frames(raw []byte) (texts [][]byte) {
	for len(raw) >= 2 {
		kind, n, at := raw[0], uint64(raw[1]&0x7f), 2
		switch {
		case n == 126 && len(raw) >= 4:
			n, at = uint64(binary.BigEndian.Uint16(raw[2:])), 4
		case n == 127 && len(raw) >= 10:
			n, at = binary.BigEndian.Uint64(raw[2:]), 10
		}
		if n > uint64(len(raw)-at) {
			break
		}
		if kind == 0x81 {
			texts = append(texts, raw[at:at+int(n)])
		}
		raw = raw[at+int(n):]
	}
	return texts
}

func TestFrames(t *testing.T) {
	long := bytes.Repeat([]byte("x"), 300)
	raw := slices.Concat([]byte("\x81\x02ab\x89\x00\x81\x7e\x01\x2c"), long, []byte("\x81\x05cut"))
	if got := frames(raw); len(got) != 2 || string(got[0]) != "ab" || !bytes.Equal(got[1], long) {
		t.Errorf("frames() = %q; want ab and 300 letters", got)
	}
}

// says reports whether a banner has these words.
func (d desk) says(words string) bool {
	return slices.ContainsFunc(d.Banners, func(b struct{ Key, Text string }) bool { return strings.Contains(b.Text, words) })
}

// fat runs a program of mtools on a FAT file system that begins so many bytes into an image.
func fat(t *testing.T, image string, at int64, program string, args ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{"-i", fmt.Sprintf("%s@@%d", image, at)}, args...)...)
	cmd.Env = append(os.Environ(), "MTOOLS_SKIP_CHECK=1", "MTOOLSRC=/dev/null")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s %q: %w %s", program, args, err, said.Bytes())
	}
	return out, err
}

// onStick are the files of a stick, by their names.
func onStick(t *testing.T, image string) map[string][]byte {
	t.Helper()
	list, err := fat(t, image, 0, "mdir", "-b", "-a", "::")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for line := range strings.Lines(string(list)) {
		name := strings.TrimPrefix(strings.TrimSpace(line), "::/")
		if name == "" {
			continue
		}
		if files[name], err = fat(t, image, 0, "mtype", "::"+name); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// begun is the only file of a stick whose name begins so.
func begun(t *testing.T, files map[string][]byte, prefix string) (name string, content []byte) {
	t.Helper()
	for n, c := range files {
		if strings.HasPrefix(n, prefix) {
			if name != "" {
				t.Fatalf("the stick has %s and %s", name, n)
			}
			name, content = n, c
		}
	}
	if name == "" {
		t.Fatalf("no %s… on the stick, which has %v", prefix, slices.Sorted(maps.Keys(files)))
	}
	return name, content
}

// sound checks that a stick's file system is clean, as a PC would.
func sound(t *testing.T, image string) {
	t.Helper()
	fsck, err := exec.LookPath("fsck.vfat")
	if err != nil {
		if fsck, err = exec.LookPath("/usr/sbin/fsck.vfat"); err != nil {
			t.Error("no fsck.vfat here, so the stick's file system is not checked: .ci/need image installs dosfstools")
			return
		}
	}
	if out, err := exec.Command(fsck, "-n", image).CombinedOutput(); err != nil || bytes.Contains(out, []byte("irty")) {
		t.Errorf("the stick is not clean: %v\n%s", err, out)
	}
}

// startFiles are the names on a card's start partition.
func startFiles(t *testing.T, image string) (names []string, at int64) {
	t.Helper()
	disk, err := os.Open(image)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	if at, err = boots(disk, card.PartStart); err != nil {
		t.Fatal(err)
	}
	list, err := fat(t, image, at, "mdir", "-b", "-a", "::")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		names = append(names, strings.TrimPrefix(strings.TrimSpace(line), "::/"))
	}
	return names, at
}

// asksReset reports whether a card asks for a factory reset.
func asksReset(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.HasPrefix(strings.ToUpper(name), card.ResetFile)
	})
}

// eachPart reads an image, some MiB at a time with what was before, but for its zeros.
func eachPart(t *testing.T, image string, do func(at int64, part []byte)) {
	t.Helper()
	f, err := os.Open(image)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const most, overlap = 8 << 20, 4096
	b, zero := make([]byte, overlap+most), make([]byte, overlap+most)
	for at := int64(0); ; at += most {
		n, err := f.ReadAt(b[overlap:], at)
		if n > 0 && !bytes.Equal(b[:overlap+n], zero[:overlap+n]) {
			do(at-overlap, b[:overlap+n])
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		copy(b, b[most:])
	}
}

// carve finds words in the whole of an image, whatever partition or file they lie in.
func carve(t *testing.T, image string, words []string) (found []string) {
	t.Helper()
	seen := map[string]bool{}
	eachPart(t, image, func(_ int64, part []byte) {
		for _, word := range words {
			seen[word] = seen[word] || bytes.Contains(part, []byte(word))
		}
	})
	for _, word := range words {
		if seen[word] {
			found = append(found, word)
		}
	}
	return found
}

// TestCarve finds a word that lies across two reads, and none that is not there.
func TestCarve(t *testing.T) {
	image := filepath.Join(t.TempDir(), "disk")
	f, err := os.Create(image)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for at, word := range map[int64]string{24<<20 - 3: "across", 40<<20 - 4: "last"} {
		if _, err := f.WriteAt([]byte(word), at); err != nil {
			t.Fatal(err)
		}
	}
	if found := carve(t, image, []string{"across", "acrosst", "last"}); !slices.Equal(found, []string{"across", "last"}) {
		t.Errorf("carve() = %q; want across and last", found)
	}
}

// block is the size of a block of the data's file system.
const block = 4096

// opened is an image, and where one of its partitions lies.
func opened(t *testing.T, image string, number int) (*os.File, card.Partition) {
	t.Helper()
	f, err := os.OpenFile(image, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := found(f, number)
	if err != nil {
		f.Close()
		t.Fatal(err)
	}
	return f, p
}

// blocks are the blocks of the data partition that say something, by what is in them: not
// those of zeros or of bits in a row, which every file system has.
func blocks(t *testing.T, image string) map[uint64]int64 {
	t.Helper()
	f, p := opened(t, image, card.PartData)
	defer f.Close()
	all := map[uint64]int64{}
	b := make([]byte, block)
	for at := p.Offset(); at < p.Offset()+p.Bytes(); at += block {
		if err := readFull(f, b, at); err != nil {
			t.Fatal(err)
		}
		var kinds [256]bool
		n := 0
		for _, c := range b {
			if !kinds[c] {
				kinds[c], n = true, n+1
			}
		}
		if n > 8 {
			all[maphash.Bytes(blockSeed, b)] = at - p.Offset()
		}
	}
	return all
}

var blockSeed = maphash.MakeSeed()

// A past is what a card held before it was reset.
type past struct {
	words  []string
	blocks map[uint64]int64
}

// remember keeps what a card holds, and fails unless all that is looked for afterwards can
// be found before.
func remember(t *testing.T, image string, words ...string) past {
	t.Helper()
	p := past{words: words}
	if found := carve(t, image, words); !slices.Equal(found, words) {
		t.Errorf("before the reset %q are found on the card; want all of %q: this looks at the wrong place", found, words)
	}
	p.blocks = blocks(t, image)
	return p
}

// gone fails where anything of it is still there.
func (p past) gone(t *testing.T, how, image string) {
	t.Helper()
	if found := carve(t, image, p.words); len(found) > 0 {
		t.Errorf("%s: after it %q can still be read on the card", how, found)
	}
	left := 0
	for sum, at := range blocks(t, image) {
		if before, ok := p.blocks[sum]; ok {
			left++
			t.Errorf("%s: the block that was at %d of the data partition is at %d: %q", how, before, at, blockAt(t, image, at))
		}
	}
	if names, _ := startFiles(t, image); asksReset(names) {
		t.Errorf("%s: the card still asks for it: %v", how, names)
	}
	t.Logf("report: %s: of %d blocks of the data partition %d are left, of %d words none", how, len(p.blocks), left, len(p.words))
}

// blockAt is the beginning of a block of the data partition, for who looks at what is left.
func blockAt(t *testing.T, image string, at int64) []byte {
	t.Helper()
	f, p := opened(t, image, card.PartData)
	defer f.Close()
	b := make([]byte, 256)
	if err := readFull(f, b, p.Offset()+at); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCare is « Boîtier » on two cards and one stick: a backup makes a blank card the box,
// the box writes its report and its backup, its open permanence goes on in another one, and
// both are reset: by a file, from the desk, and by two buttons.
func TestCare(t *testing.T) {
	first, second := theCard(t, "", 64<<20), theCard(t, "", 64<<20)
	released := report.Release{Version: 1, ID: careTable, Box: "b1", Place: carePlace, From: "2026-01-01", Until: "2026-07-01"}
	released.Attendance.Held = 12
	backup, err := care.Bundle{Made: time.Now().UTC().Truncate(time.Second), Version: "0.1.0", Place: carePlace,
		Site: map[string][]byte{card.SiteFile: []byte(careSite())}, Releases: []report.Release{released}}.Pack()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	const old, places = "jeudi-sauvegarde-2026-07-01-0900.jeudi", "lieux.csv"
	for name, content := range map[string][]byte{old: backup,
		places: []byte("id,nom,commune,code_postal,adresse,latitude,longitude,telephone,services,frais_a_charge\n" +
			"un," + careSpot + ",Lyon,69001,3 rue du Pont,45.761,4.83,04 72 00 00 00,Aide aux démarches administratives,Gratuit\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	usb := stick(t, filepath.Join(dir, old), filepath.Join(dir, places))
	sound(t, usb)

	// A blank card is made the box by a backup.
	b := on(t, first, Power{NoKiosk: true, Sticks: []string{usb}})
	b.asking()
	blank := b.since()
	b.takeOver(old, "")
	b.served()
	t.Logf("report: a blank card asks %.0f s after the power, and is the box of the backup after %.0f s", blank, b.since())
	b.local("/api/places", map[string]any{"do": "usb"})

	// A permanence with five people who wait.
	b.order("open")
	var visits []string
	for i := range 5 {
		b.ids++
		answer := b.local("/api/tickets", map[string]any{"id": fmt.Sprintf("%016x%016x", b.prefix, b.ids), "motif": "caf", "lang": "ar"})
		visit, _ := answer["visit"].(string)
		if answer["number"] != float64(i+1) || len(visit) != 32 {
			t.Fatalf("ticket %v; want number %d", answer, i+1)
		}
		visits = append(visits, visit)
	}
	before := b.desk()
	if len(before.Waiting) != 5 {
		t.Fatalf("the desk shows %+v; want five people", before)
	}
	b.care("report", nil)
	b.care("backup", nil)

	// They go to the spare box.
	leaving := time.Now()
	code, _ := b.care("handover", nil)["code"].(string)
	b.care("handover_go", map[string]any{"code": code})
	b.lost()
	off := time.Since(leaving)
	morning := onlyHandover(t, usb)
	starting := time.Now()
	b = on(t, second, Power{NoKiosk: true, Sticks: []string{usb}})
	b.asking()
	asking := time.Since(starting)
	restoring := time.Now()
	b.takeOver(morning, code)
	b.served()
	b.take(1, func(n int) {
		if n != 6 {
			t.Errorf("the spare box gives number %d; want 6", n)
		}
	})
	going := time.Since(restoring)
	t.Logf("report: an open permanence goes to a spare box: the first one is off %.1f s after the order, the spare one asks %.0f s after its power, and gives ticket 6 %.1f s after the code: %.0f s in all (emulated, one after the other)",
		off.Seconds(), asking.Seconds(), going.Seconds(), (off + asking + going).Seconds())
	after := b.desk()
	if len(after.Waiting) != 6 || !reflect.DeepEqual(after.Waiting[:5], before.Waiting) {
		t.Errorf("on the spare box wait %+v; want %+v and one more", after.Waiting, before.Waiting)
	}
	b.order("resume")
	b.post("/api/desk", []map[string]any{{"desk": "1", "do": "next"}}, func(n int) {
		if n != 1 {
			t.Errorf("the spare box calls number %d first; want 1", n)
		}
	})
	if said := b.must(speak + "ask GET /api/places ''"); !strings.Contains(said, careSpot) {
		t.Errorf("the places of the spare box: %s", said)
	}
	b.care("backup", nil)
	b.must("sync")
	b.Off()

	// The stick, on a PC.
	sound(t, usb)
	files := onStick(t, usb)
	var same []care.Bundle
	for _, name := range slices.Sorted(maps.Keys(files)) {
		switch {
		case name == old || name == places || name == morning || strings.HasPrefix(name, "jeudi-rapport-"):
		case strings.HasPrefix(name, "jeudi-sauvegarde-"):
			bundle, err := care.Unpack(files[name])
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(bundle.Events) > 0 {
				t.Errorf("%s has %d events of the permanence", name, len(bundle.Events))
			}
			same = append(same, bundle)
		default:
			t.Errorf("on the stick is %s", name)
		}
	}
	if len(same) != 2 {
		t.Fatalf("the stick has %v; want a backup of each box", slices.Sorted(maps.Keys(files)))
	}
	noWifi, _, err := site.WithoutWifi([]byte(careSite())) // a backup's site
	if err != nil {
		t.Fatal(err)
	}
	for i, bundle := range same {
		if string(bundle.Site[card.SiteFile]) != string(noWifi) || !bundle.NoWifi || len(bundle.Site) != 1 || !reflect.DeepEqual(bundle.Releases, []report.Release{released}) ||
			!bytes.Contains(bundle.Directory["places.json"], []byte(careSpot)) || !reflect.DeepEqual(bundle.Directory, same[0].Directory) {
			t.Errorf("backup %d has the site %q, the places %q, the tables %+v; want those that the first box was given", i, bundle.Site, bundle.Directory, bundle.Releases)
		}
	}
	_, text := begun(t, files, "jeudi-rapport-")
	reportHolds(t, string(text), append(visits, careSecret, code))
	// In the whole of the stick, between the files too.
	if found := carve(t, usb, append(slices.Clone(visits), careSecret, code, "PRIVATE KEY", "ticket_taken", "TicketTaken")); len(found) > 0 {
		t.Errorf("the stick, read as it is, has %q", found)
	}
	if packed, err := care.Unseal(files[morning], code); err != nil {
		t.Error(err)
	} else if bundle, err := care.Unpack(packed); err != nil || len(bundle.Events) == 0 {
		t.Errorf("the handover has %d events, %v", len(bundle.Events), err)
	}
	if found := carve(t, first, []string{code}); len(found) > 0 {
		t.Error("the code of the handover is on the card")
	}

	// The second card is reset by a file that somebody puts on it.
	held := remember(t, second, append(slices.Clone(visits), carePlace, careSecret, careSpot, careTable)...)
	if err := WriteFAT(t.Context(), second, "reset.txt", nil); err != nil {
		t.Fatal(err)
	}
	b = on(t, second, Power{NoKiosk: true})
	b.asking()
	t.Logf("report: a card with RESET is erased and asks %.0f s after the power (a data partition of %d MiB, emulated)", b.since(), card.DataMiB+64)
	b.Off()
	held.gone(t, "reset by a file", second)

	// The first one is switched on again by mistake, with a site file that is wrong, and with
	// two buttons held that would erase a box whose permanence is closed.
	wrong := "time_zone = \"Europe/Paris\"\n[place]\nname = \"Ailleurs\"\n[[desk]]\nkey = \"1\"\nlable = \"Bureau 1\"\n"
	if err := WriteFAT(t.Context(), first, card.SiteFile, []byte(wrong)); err != nil {
		t.Fatal(err)
	}
	b = on(t, first, Power{NoKiosk: true})
	b.refusesButtons()
	b.served()
	back := b.desk()
	for _, words := range []string{"est partie sur une clé", "ERREUR.txt", "pour tout effacer"} {
		if !back.says(words) {
			t.Errorf("the first box says %+v; want %q", back.Banners, words)
		}
	}
	if back.Permanence.Status != "paused" {
		t.Errorf("the permanence that has left is %q; want it paused: nobody is called", back.Permanence.Status)
	}
	if got := b.must("cat " + filepath.Join(card.SiteDir, card.SiteFile)); strings.TrimSpace(got) != strings.TrimSpace(careSite()) {
		t.Errorf("with a wrong site file the box has %q; want the last good one", got)
	}
	b.post("/api/desk", []map[string]any{{"desk": "1", "do": "close", "rest": "unresolved"}}, func(int) {})
	b.care("reset", map[string]any{"sure": "EFFACER"})
	if try, err := b.Restarted(b.within()); err != nil || try {
		t.Fatalf("after the reset was asked for the box restarts: trial %v, %v; want a plain restart", try, err)
	}
	b.Off()
	names, at := startFiles(t, first)
	if !asksReset(names) {
		t.Errorf("the desk's reset leaves %v on the start partition; want %s", names, card.ResetFile)
	}
	said, err := fat(t, first, at, "mtype", "::"+card.ErrorFile)
	if err != nil || !strings.HasPrefix(string(said), "\xef\xbb\xbf") || !strings.Contains(string(said), "jeudi.toml, ligne 6") || !strings.Contains(string(said), "lable") {
		t.Errorf("%s says %q, %v; want what is wrong in line 6", card.ErrorFile, said, err)
	}
	t.Logf("%s:\n%s", card.ErrorFile, said)
	// What is read here is the card as it is, without what its file system says.
	if found := carve(t, first, visits); len(found) > 0 {
		t.Errorf("after the permanence is closed %d of its %d visits can still be read on the card", len(found), len(visits))
	}
	held = remember(t, first, carePlace, careSecret, careSpot, careTable)
	b = on(t, first, Power{NoKiosk: true})
	b.asking()
	b.Off()
	held.gone(t, "reset from the desk", first)

	bare := blocks(t, first) // what every blank card has, and this one will have again

	// It is made a box once more, and erased by two buttons: they ask as the desk does.
	if err := WriteFAT(t.Context(), first, card.SiteFile, []byte(careSite())); err != nil {
		t.Fatal(err)
	}
	b = on(t, first, Power{NoKiosk: true})
	b.eraseByButtons()
	b.Off()
	if names, _ := startFiles(t, first); !asksReset(names) {
		t.Errorf("the buttons' reset leaves %v on the start partition; want %s", names, card.ResetFile)
	}
	if !*everyCut {
		t.Log("NOT RUN here: the start that erases what the buttons asked for, which is that of the desk's; make image-test runs it")
		return
	}
	held = remember(t, first, carePlace, careSecret)
	maps.DeleteFunc(held.blocks, func(sum uint64, _ int64) bool { _, ok := bare[sum]; return ok })
	b = on(t, first, Power{NoKiosk: true})
	b.asking()
	b.Off()
	held.gone(t, "reset by buttons", first)
}

// takeOver has the wizard take what another box left on the stick.
func (b *bench) takeOver(name, code string) {
	b.t.Helper()
	var id string
	for ctx := b.within(); id == ""; {
		list, _ := b.local("/api/setup", map[string]any{"do": "sticks"})["backups"].([]any)
		for _, one := range list {
			if f, _ := one.(map[string]any); f["name"] == name {
				id, _ = f["stick"].(string)
			}
		}
		if ctx.Err() != nil {
			b.t.Fatalf("the wizard sees %v; want %s", list, name)
		}
	}
	if answer := b.local("/api/setup", map[string]any{"do": "restore", "stick": id, "name": name, "code": code}); answer["finished"] != true {
		b.t.Fatalf("restore of %s: %v; want the wizard at its end", name, answer)
	}
}

// onlyHandover is the name of the handover on a stick.
func onlyHandover(t *testing.T, image string) string {
	t.Helper()
	name, content := begun(t, onStick(t, image), "jeudi-matinee-")
	if !care.Sealed(content) {
		t.Errorf("%s is not sealed", name)
	}
	return name
}

// reportHolds checks that a report is whole, and that nothing in it is anybody's.
func reportHolds(t *testing.T, text string, never []string) {
	t.Helper()
	for _, want := range []string{"\xef\xbb\xbfRapport d’une borne Jeudi\r\n", "Lieu : " + carePlace + "\r\n", "Version : ", "== Ce qui ne va pas ==", "== Boîtier ==",
		"== Démarrage ==", "- find_card\r\n", "== Tests ==", "== Fichiers ==", "- journal.db : ", "== Réglages", "[place]\r\n", "(un mot de passe était ici)",
		"== Journal technique : alertes et erreurs =="} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	for _, word := range never {
		if strings.Contains(text, word) {
			t.Errorf("the report has %q", word)
		}
	}
	t.Logf("the report:\n%s", text)
}
