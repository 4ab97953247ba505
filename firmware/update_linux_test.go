package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/provisioning/card"
	"jeudi/provisioning/steward"
	"jeudi/provisioning/stick"
	"jeudi/provisioning/update"
)

// versionCard is a card of files, small, with a steward of its own before it.
type versionCard struct {
	t        *testing.T
	dir      string
	key      update.PublicKey
	restarts chan string
	socket   string
	stop     func()
}

// tinyStart is a start partition: a FAT with nothing but autoboot.txt.
func tinyStart() []byte {
	disk := make([]byte, 4*card.SectorBytes)
	text := card.AutoBootText(card.SlotA)
	binary.LittleEndian.PutUint16(disk[11:], card.SectorBytes)
	disk[13], disk[14], disk[16], disk[17], disk[22], disk[510], disk[511] = 1, 1, 1, 16, 1, 0x55, 0xaa
	entry := disk[2*card.SectorBytes:]
	copy(entry, "AUTOBOOTTXT\x20")
	entry[26] = 2
	binary.LittleEndian.PutUint32(entry[28:], uint32(len(text)))
	copy(disk[3*card.SectorBytes:], text)
	return disk
}

// lockedKey is a secret key with a password. It is only looked at here: to open it takes
// seconds and a gigabyte, on purpose.
const lockedKey = `untrusted comment: minisign encrypted secret key
RWRTY0IybFPn3XCSlIF+0K2TvI0MrVs9PtDsIh4LbHn8eW5pCHYAAAACAAAAAAAAAEAAAAAAtv7Lf8ZJAHR4gRpvUVFCt88v2Y8ZIoomJtouwRRYevrKu/OWqTZuHFUpYWjO5hvd6UBIox0qVFUjdwWlTLAK1Ykmz4/21tHSwwszP26WQyhh034ggvvQfwvl3firybNnm4wkldcvuIE=
`

// bundles makes a key and two signed updates with jeudi update itself.
func bundles(t *testing.T, dir string) (key update.PublicKey, whole, small string) {
	t.Helper()
	at := func(name string) string { return filepath.Join(dir, name) }
	boot, root := make([]byte, 20_000), make([]byte, 90_000)
	r := rand.New(rand.NewPCG(1, 2))
	for _, b := range [][]byte{boot, root} {
		for i := range b {
			b[i] = byte(r.Uint32())
		}
	}
	copy(boot[1000:], "quiet jeudi.slot=@ ro")
	for name, data := range map[string][]byte{"boot": boot, "root": root, "root2": append(bytes.Clone(root[:80_000]), boot[:9_000]...), "locked.key": []byte(lockedKey), "password": []byte("un mot\n")} {
		if err := os.WriteFile(at(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"key", at("dev")},
		{"make", "-boot", at("boot"), "-root", at("root"), "-key", at("dev.key"), "-version", "99.0.0", at("jeudi-99.0.0.update")},
		{"make", "-boot", at("boot"), "-root", at("root2"), "-key", at("dev.key"), "-version", "99.1.0", "-from", at("jeudi-99.0.0.update"), at("jeudi-99.1.0.update")},
		{"show", "-pub", at("dev.pub"), at("jeudi-99.0.0.update")},
		{"show", "-pub", at("dev.pub"), at("jeudi-99.1.0.update")},
		{"sign", "-key", at("dev.key"), at("root")},
	} {
		var out, errs bytes.Buffer
		if code := runUpdate(args, &out, &errs); code != exitOK || errs.Len() > 0 {
			t.Fatalf("jeudi update %q = %d: %s%s", args, code, &out, &errs)
		}
	}
	key, err := readPublic(at("dev.pub"))
	if err != nil {
		t.Fatal(err)
	}
	return key, at("jeudi-99.0.0.update"), at("jeudi-99.1.0.update")
}

// TestUpdateCommand: what is made is what is shown, a small one is small, a key is never
// written over, and what is asked wrongly says what to do.
func TestUpdateCommand(t *testing.T) {
	dir := t.TempDir()
	_, whole, small := bundles(t, dir)
	size := func(name string) int64 {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if w, s := size(whole), size(small); w < 100_000 || s > 60_000 {
		t.Errorf("the whole update has %d bytes and the small one %d", w, s)
	}
	if sig, err := os.ReadFile(filepath.Join(dir, "root.minisig")); err != nil || !strings.HasPrefix(string(sig), "untrusted comment:") {
		t.Errorf("the signature of a file is %q, %v", sig, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "dev.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret key is %v, %v", info, err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	tests := []struct {
		name string
		args []string
		code int
		say  string
	}{
		{"nothing", nil, exitUsage, "usage: jeudi update"},
		{"unknown", []string{"melt"}, exitUsage, "make, show, key or sign"},
		{"no bundle", []string{"show"}, exitUsage, "one file"},
		{"two bundles", []string{"show", "a", "b"}, exitUsage, "one file"},
		{"no key", []string{"make", "-boot", "a", "-root", "b", "c"}, exitUsage, "-key FILE is missing"},
		{"no password", []string{"sign", "-key", at("locked.key"), whole}, exitUsage, "-password"},
		{"a secret key that is none", []string{"sign", "-key", at("boot"), whole}, exitFail, "no secret key"},
		{"a key that is there", []string{"key", at("dev")}, exitFail, "dev.key"},
		{"no such file", []string{"show", "-pub", at("dev.pub"), at("none")}, exitFail, "none"},
		{"no bundle of ours", []string{"show", "-pub", at("dev.pub"), at("root")}, exitFail, "no bundle"},
		{"a public key that is none", []string{"show", "-pub", at("password"), whole}, exitFail, "no public key"},
		{"a version that is none", []string{"make", "-boot", at("boot"), "-root", at("root"), "-key", at("dev.key"), "-version", "new", at("x")}, exitFail, "no version"},
		{"a boot set without slot", []string{"make", "-boot", at("root"), "-root", at("root"), "-key", at("dev.key"), "-version", "1.0.0", at("x")}, exitFail, "0 times"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := runUpdate(tt.args, &out, &errs); code != tt.code || !strings.Contains(errs.String(), tt.say) {
				t.Errorf("jeudi update %q = %d %q; want %d, %q", tt.args, code, &errs, tt.code, tt.say)
			}
			if _, err := os.Stat(at("x")); err == nil {
				t.Error("half an update is left")
			}
		})
	}
}

// blankCard is a card whose slots hold nothing.
func blankCard(t *testing.T, dir string, key update.PublicKey) *versionCard {
	t.Helper()
	for n, data := range map[int][]byte{1: tinyStart(), 2: make([]byte, 64<<10), 3: make([]byte, 64<<10), 5: make([]byte, 128<<10), 6: make([]byte, 128<<10)} {
		if err := os.WriteFile(filepath.Join(dir, "card0p"+strconv.Itoa(n)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &versionCard{t: t, dir: dir, key: key, restarts: make(chan string, 1), socket: filepath.Join(dir, "s")}
}

// runs puts the steward of a slot behind the socket.
func (c *versionCard) runs(slot card.Slot, version, data string) *update.Box {
	c.t.Helper()
	if c.stop != nil {
		c.stop()
	}
	b := &update.Box{Running: update.Running{Slot: slot, Version: version, DataFormat: dataFormat}, Key: c.key,
		Open: update.Partitions(filepath.Join(c.dir, "card0")), Data: update.Folder(c.dir), Log: slog.New(slog.DiscardHandler),
		Restart: func(arg string) error { c.restarts <- arg; return nil }}
	if err := b.Start(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	handlers, err := steward.Join(b.Handlers(func(_ context.Context, src update.Source) (io.ReadCloser, error) {
		if src.Stick != "" {
			return os.Open(filepath.Join(c.dir, src.Name))
		}
		return os.Open(filepath.Join(data, bundleGiven))
	}), map[string]steward.Handler{
		steward.VerbStatus: steward.Gather(map[string]func(context.Context) (any, error){"update": func(context.Context) (any, error) { return b.Standing(), nil }}, b.Log),
		steward.VerbSticks: func(context.Context, json.RawMessage, func(steward.Progress)) (any, error) {
			return []stick.Stick{{ID: "sda1", Model: "Clé", Files: []stick.File{{Name: "jeudi-99.1.0.update", Bytes: 5, Kind: stick.KindUpdate}, {Name: "jeudi.toml", Kind: stick.KindSite}}}}, nil
		},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	server, err := steward.NewServer(handlers, func(uint32) bool { return true }, b.Log)
	if err != nil {
		c.t.Fatal(err)
	}
	ln, err := steward.Listen(c.socket, os.Getgid())
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { server.Serve(ctx, ln) })
	c.stop = func() { cancel(); wg.Wait(); os.Remove(c.socket) }
	return b
}

// until asks for the state of updates until it is as wanted.
func (c *versionCard) until(r *running, what string, ok func(fields) bool) fields {
	c.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		code, body := r.get("/api/update")
		var got fields
		if json.Unmarshal([]byte(body), &got); code == http.StatusOK && ok(got) {
			return got
		}
		select {
		case <-deadline:
			c.t.Fatalf("updates stand as %d %s; want %s", code, body, what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// refusal posts what must be refused, and returns the key of the reason.
func refusal(t *testing.T, r *running, path string, body []byte) string {
	t.Helper()
	resp, err := http.Post(r.base+path, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got struct{ Key string }
	json.NewDecoder(resp.Body).Decode(&got)
	if resp.StatusCode != http.StatusConflict {
		t.Errorf("POST %s = %d; want it refused", path, resp.StatusCode)
	}
	return got.Key
}

// TestUpdateOfABox: an update is sent to a box, written, tried, judged by the box itself
// and kept; before that no permanence opens, and none is disturbed. The steward is the real
// one, on a card of files.
func TestUpdateOfABox(t *testing.T) {
	dir := t.TempDir()
	key, whole, small := bundles(t, dir)
	c := blankCard(t, dir, key)
	data := filepath.Join(dir, filepath.Base(card.BoxDir))
	c.runs(card.SlotA, "1.0.0", data)
	defer func() { c.stop() }()
	r := boxHere(t, data, "-steward", c.socket)
	c.until(r, "1.0.0", func(v fields) bool { return v["version"] == "1.0.0" && v["busy"] == false })

	// Not while people are received.
	r.desk("open", nil)
	bundle, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string][]byte{"/api/update/file": bundle, "/api/update": []byte(`{"do":"try"}`)} {
		if key := refusal(t, r, path, body); key != "update.refuse.open" {
			t.Errorf("POST %s in a permanence: %s", path, key)
		}
	}
	r.desk("close", fields{"rest": "unresolved"})
	if key := refusal(t, r, "/api/update", []byte(`{"do":"back"}`)); key != "update.refuse.nothing" {
		t.Errorf("back to nothing: %s", key)
	}

	// A file that was damaged on its way changes nothing.
	post := func(body []byte) {
		t.Helper()
		resp, err := http.Post(r.base+"/api/update/file", "application/octet-stream", bytes.NewReader(body))
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("POST /api/update/file = %v, %v", resp, err)
		}
		resp.Body.Close()
	}
	post(bundle[:len(bundle)-10])
	c.until(r, "a damaged file", func(v fields) bool { return v["problem"] != "" && v["busy"] == false && v["ready"] == "" })
	post(bundle)
	c.until(r, "99.0.0 that waits", func(v fields) bool { return v["ready"] == "99.0.0" && v["work"] == nil && v["problem"] == "" })
	if _, err := os.Stat(filepath.Join(data, bundleGiven)); err == nil {
		t.Error("the file that was sent is kept")
	}
	do := func(what string) {
		t.Helper()
		resp, err := http.Post(r.base+"/api/update", "application/json", strings.NewReader(what))
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("POST /api/update %s = %v, %v", what, resp, err)
		}
		resp.Body.Close()
	}
	do(`{"do":"try"}`)
	if arg := <-c.restarts; arg != update.TryArg {
		t.Errorf("the machine is started anew with %q", arg)
	}
	if key := refusal(t, r, "/api/desk", []byte(`{"do":"open","desk":"1","id":"`+newID()+`"}`)); key != "update.hold" {
		t.Errorf("a permanence in the last second: %s", key)
	}
	r.stop()

	// On trial: a box whose page was never painted may not stay, nor open.
	c.runs(card.SlotB, "99.0.0", data)
	r = boxHere(t, data, "-steward", c.socket)
	v := c.until(r, "a trial", func(v fields) bool { return v["version"] == "99.0.0" && len(v["missing"].([]any)) == 1 })
	if missing := v["missing"].([]any); missing[0] != "L’écran des visiteurs ne s’affiche pas." {
		t.Errorf("missing = %v", missing)
	}
	if key := refusal(t, r, "/api/desk", []byte(`{"do":"open","desk":"1","id":"`+newID()+`"}`)); key != "update.hold" {
		t.Errorf("a permanence on trial: %s", key)
	}
	printed := r.printed()
	kiosk := r.watch("/ws/kiosk")
	if err := kiosk.conn.WriteMessage(websocket.TextMessage, []byte("painted")); err != nil {
		t.Fatal(err)
	}
	c.until(r, "99.0.0 that is kept", func(v fields) bool {
		return v["busy"] == false && v["text"] == "La version 99.0.0 est installée." && v["before"] == "1.0.0"
	})
	start, err := os.ReadFile(filepath.Join(dir, "card0p1"))
	if err != nil || !bytes.Contains(start, card.AutoBootText(card.SlotB)) {
		t.Errorf("autoboot.txt is not of slot B: %v", err)
	}
	for n := 0; r.printed() == printed; n++ {
		if n > 500 {
			t.Fatal("no slip says that it was kept")
		}
		<-time.After(20 * time.Millisecond)
	}
	if _, err := os.Stat(filepath.Join(dir, filepath.Base(card.UpdateDir), "before")); err == nil {
		t.Error("the copy of the data is kept")
	}
	r.desk("open", nil)
	r.desk("close", fields{"rest": "unresolved"})

	// The next one comes on a stick, and builds on the one that runs.
	code, body := r.get("/api/update/sticks")
	if code != http.StatusOK || !strings.Contains(body, "jeudi-99.1.0.update") || strings.Contains(body, "toml") {
		t.Errorf("sticks: %d %s", code, body)
	}
	do(`{"do":"stick","stick":"sda1","name":"jeudi-99.1.0.update"}`)
	c.until(r, "99.1.0 that waits", func(v fields) bool { return v["ready"] == "99.1.0" && v["work"] == nil })
	if _, err := os.Stat(small); err != nil {
		t.Error("the file of the stick is gone")
	}
}

// TestUpdateInTheSetUp: a version on trial that shows the wizard is kept once the wizard is on
// the screen, however long nobody answers it; one that takes the site for wrong which the
// version before read is left at once.
func TestUpdateInTheSetUp(t *testing.T) {
	made := t.TempDir()
	key, _, _ := bundles(t, made)
	for name, had := range map[string]bool{"no site": false, "a site that it does not read": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Link(filepath.Join(made, "jeudi-99.0.0.update"), filepath.Join(dir, "a.update")); err != nil {
				t.Fatal(err)
			}
			c := blankCard(t, dir, key)
			data := filepath.Join(dir, filepath.Base(card.BoxDir))
			if err := os.Mkdir(data, 0o700); err != nil {
				t.Fatal(err)
			}
			c.runs(card.SlotA, "1.0.0", data)
			defer func() { c.stop() }()
			client := &steward.Client{Socket: c.socket}
			order := func(verb string, args any) {
				t.Helper()
				if err := client.Do(t.Context(), verb, args, nil, nil); err != nil {
					t.Fatalf("%s: %v", verb, err)
				}
			}
			order(steward.VerbUpdate, update.Source{Stick: "sda1", Name: "a.update"})
			order(steward.VerbTry, update.Health{Journal: true, Page: true, Site: had})
			<-c.restarts
			b := c.runs(card.SlotB, "99.0.0", data)

			u, base := setUpHere(t, filepath.Join(dir, "jeudi.toml"))
			u.steward, u.data = c.socket, data
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- u.run(ctx, fs.ErrNotExist, nil) }()
			defer func() {
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}()
			if had {
				select {
				case arg := <-c.restarts:
					if arg != "" {
						t.Errorf("the machine is started anew with %q; want the version before", arg)
					}
				case <-time.After(20 * time.Second):
					t.Fatal("the version is not left")
				}
				before := c.runs(card.SlotA, "1.0.0", data)
				if last := before.Standing().Last; last == nil || last.Result != update.GoneBack || last.Why != update.WhySite {
					t.Errorf("the outcome is %+v; want the site as the reason", last)
				}
				return
			}
			kiosk := func(painted string) {
				for deadline := time.After(20 * time.Second); ; {
					resp, err := http.Post(base+"/api/setup/kiosk", "application/json", strings.NewReader(painted))
					if err == nil {
						resp.Body.Close()
						return
					}
					select {
					case <-deadline:
						t.Fatal(err)
					case <-time.After(20 * time.Millisecond): // it does not listen yet
					}
				}
			}
			kiosk(`{"painted":false}`)
			missing, err := b.Commit(update.Health{Journal: true})
			if err != nil || !missing.OnTrial {
				t.Fatalf("a wizard that was never painted: %+v, %v; want it on trial", missing, err)
			}
			kiosk(`{"painted":true}`)
			for deadline := time.After(20 * time.Second); b.Standing().OnTrial || b.Standing().Last == nil; {
				select {
				case arg := <-c.restarts:
					t.Fatalf("the machine is started anew with %q; want the version kept", arg)
				case <-deadline:
					t.Fatal("the version is not kept")
				case <-time.After(20 * time.Millisecond):
				}
			}
			if last := b.Standing().Last; last == nil || last.Result != update.Kept || last.Told {
				t.Errorf("the outcome is %+v; want it kept, and to be told by the box", last)
			}
		})
	}
}
