package web

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/appliance"
	"jeudi/firmware/counters"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/web/pair"
)

// vault is sealed counters on disk, as a box has them. It has a mutex because the test
// looks on while the box works.
type vault struct {
	t   *testing.T
	dir string

	mu     sync.Mutex
	stores map[sheet.Kind]*counters.Store
	last   uint64 // id of a sheet
}

// openVault opens the counters in a folder, which may have some; sealed or not.
func openVault(t *testing.T, dir string, sealed bool) *vault {
	t.Helper()
	v := &vault{t: t, dir: dir, stores: map[sheet.Kind]*counters.Store{}}
	for _, schema := range []sheet.Schema{sheet.Visitor([]string{"zz-moulin"}).WithLevel(), sheet.Staff(sheet.Lists{}), sheet.Exit()} {
		s, _, err := counters.Open(filepath.Join(dir, schema.Kind.String()), schema, counters.Options{Sealed: sealed, Batch: counters.MinBatch})
		if err != nil {
			t.Fatal(err)
		}
		v.stores[schema.Kind] = s
	}
	t.Cleanup(v.cut)
	return v
}

// cut is the power that goes: what was in memory is gone.
func (v *vault) cut() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.stores {
		s.Close()
	}
}

func (v *vault) Submit(id [16]byte, s sheet.Sheet) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.stores[s.Kind()].Submit(id, s)
}

func (v *vault) Merge() (n int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.stores {
		one, e := s.Merge()
		n, err = n+one, errors.Join(err, e)
	}
	return n, err
}

func (v *vault) States() (all []counters.State) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, k := range []sheet.Kind{sheet.KindVisitor, sheet.KindStaff, sheet.KindExit} {
		all = append(all, v.stores[k].State())
	}
	return all
}

func (v *vault) Secrets() (all []counters.Secret) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, k := range []sheet.Kind{sheet.KindVisitor, sheet.KindStaff, sheet.KindExit} {
		if s, ok := v.stores[k].Secret(); ok {
			all = append(all, s)
		}
	}
	return all
}

func (v *vault) Unlock(s counters.Secret) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.stores[s.Kind].Unlock(s)
}

func (v *vault) Abandon(k sheet.Kind) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.stores[k].Abandon()
}

// answers keeps the sheets of some visitors.
func (v *vault) answers(n int) {
	v.t.Helper()
	for range n {
		v.last++
		var id [16]byte
		binary.BigEndian.PutUint64(id[:], v.last)
		if err := v.Submit(id, sheet.New(sheet.KindVisitor)); err != nil {
			v.t.Fatalf("a sheet is not accepted: %v", err)
		}
	}
}

// visitors is how many visitors' sheets were counted and wait.
func (v *vault) visitors() (counted, waiting int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := v.stores[sheet.KindVisitor].Totals()
	return t.Sheets, t.Pending
}

// files is every byte of the vault on disk.
func (v *vault) files() map[string]string {
	v.t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(v.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return files
}

// sealedIn is a box with these counters.
func (v *vault) sealedIn(c *appliance.Config) { c.Sheets, c.Escrow, c.Box = v, v, "b0" }

// keys is what a phone's page does by itself.
func (m *member) keys(device string, has []heldKey, back ...string) answer {
	m.o.t.Helper()
	return m.ask("POST", "/api/escrow", text(fields{"device": device, "has": has, "back": back}), nil)
}

// exchanged is the box's answer to an exchange.
type exchanged struct {
	Keys, Wanted, Forget []heldKey
}

// trade exchanges, which must not be refused.
func (m *member) trade(device string, has []heldKey, back ...string) (x exchanged) {
	m.o.t.Helper()
	got := m.keys(device, has, back...)
	if err := json.Unmarshal([]byte(got.body), &x); got.StatusCode != 200 || err != nil {
		m.o.t.Fatalf("exchange = %d %s; want keys", got.StatusCode, got.body)
	}
	return x
}

// bare is what a phone says that it has of what it was given.
func bare(keys []heldKey) (list []heldKey) {
	for _, k := range keys {
		list = append(list, heldKey{Kind: k.Kind, Batch: k.Batch})
	}
	return list
}

func texts(keys []heldKey) (list []string) {
	for _, k := range keys {
		list = append(list, k.Text)
	}
	return list
}

// bars are the keys of the bars that the desk at the box's own machine shows of keys.
func (o *office) bars() (list []string) {
	b := o.box.Snapshot()
	for _, bar := range o.server.escrowBars(b, pair.Session{Role: pair.Solo}) {
		list = append(list, bar.Key)
	}
	return list
}

// becomes waits for a state of the box, which follows from something that it was told.
func (o *office) becomes(what string, is func(*appliance.Snapshot) bool) {
	o.t.Helper()
	over := time.After(10 * time.Second)
	for states := o.box.Watch(o.t.Context()); ; {
		select {
		case b := <-states:
			if is(b) {
				return
			}
		case <-over:
			o.t.Fatalf("it never came: %s; keys %+v", what, o.box.Snapshot().Keys)
		}
	}
}

const device1, device2 = "0000000000000001", "0000000000000002"

// Nobody is paired when a batch begins, and the printer is out of paper when the drawer
// ticket is to be printed: sheets are accepted, and staff are told.
func TestCase22(t *testing.T) {
	v := openVault(t, t.TempDir(), true)
	o := inOffice(t, Config{}, v.sealedIn, func(c *appliance.Config) { c.Place.DrawerTicket = true })
	o.bench.status.Store(uint32(drivers.NoPaper))
	o.desk("open", nil)
	o.becomes("a drawer ticket that did not come out", func(b *appliance.Snapshot) bool { return b.Keys.Paper == session.Unprinted })
	v.answers(1)
	if _, waiting := v.visitors(); waiting != 1 {
		t.Errorf("%d sheets wait; want the one that was given", waiting)
	}
	if got := o.bars(); !slices.Equal(got, []string{"escrow_unprinted"}) {
		t.Errorf("bars = %q; want that the ticket did not come out", got)
	}
	o.bench.status.Store(uint32(drivers.Ready))
	o.desk("key_print", nil)
	o.becomes("the drawer ticket", func(b *appliance.Snapshot) bool { return b.Keys.Paper == session.Printed && b.Keys.OnPaper() })
	if got := o.bars(); got != nil {
		t.Errorf("bars = %q once it is printed; want none", got)
	}
	var scan string
	for _, block := range o.bench.last.Load().Blocks {
		if qr, ok := block.(drivers.QR); ok {
			scan = qr.Data
		}
	}
	for _, s := range v.Secrets() {
		if !strings.Contains(scan, s.String()) {
			t.Errorf("the ticket's code lacks the key of %v", s.Kind)
		}
	}

	// Without a drawer ticket and without a phone the box alone has the key.
	v = openVault(t, t.TempDir(), true)
	o = inOffice(t, Config{}, v.sealedIn)
	o.desk("open", nil)
	v.answers(1)
	o.looksAgain([]string{"escrow_spare"})
	m := o.pairs(20, pair.Reception)
	kept := m.trade(device1, nil)
	m.trade(device1, bare(kept.Keys))
	if got := o.bars(); got != nil {
		t.Errorf("bars = %q with a phone that keeps the keys; want none", got)
	}
	if n := o.box.Snapshot().Keys.Holders(); n != 1 {
		t.Errorf("%d phones keep the keys; want 1", n)
	}
}

// looksAgain has the box look at its counters again, and compares the bars.
func (o *office) looksAgain(want []string) {
	o.t.Helper()
	if err := o.box.LoseDevices(o.t.Context()); err != nil { // it passes by the counters
		o.t.Fatal(err)
	}
	o.becomes("sheets that wait", func(b *appliance.Snapshot) bool {
		return slices.ContainsFunc(b.Keys.Batches, func(b appliance.Batch) bool { return b.Some })
	})
	if got := o.bars(); !slices.Equal(got, want) {
		o.t.Errorf("bars = %q; want %q", got, want)
	}
}

// locked is a box that was cut with n visitors' sheets, and what a phone kept of it.
func locked(t *testing.T, n int) (o *office, v *vault, kept []heldKey) {
	t.Helper()
	dir := t.TempDir()
	openVault(t, dir, true).cut() // a batch that is over already
	v = openVault(t, dir, true)
	for _, s := range v.Secrets() {
		kept = append(kept, heldKey{s.Kind.String(), strconv.FormatUint(s.Batch, 10), s.String()})
	}
	v.answers(n)
	v.cut()
	v = openVault(t, dir, true)
	return inOffice(t, Config{}, v.sealedIn), v, kept
}

// A wrong key, the key of an older batch or of another kind, one that is cut short, and
// the right one from somebody who is not paired: refused, and nothing on disk is touched.
func TestCase56(t *testing.T) {
	o, v, kept := locked(t, 12)
	before := v.files()
	right, err := counters.ParseSecret(kept[0].Text)
	if err != nil {
		t.Fatal(err)
	}
	m := o.pairs(20, pair.Mediator)
	wrong, older, other := right, right, right
	wrong.Seed[0] ^= 1
	older.Batch--
	other.Kind = sheet.KindExit
	for _, tt := range []struct{ name, text, key string }{
		{"another seed", wrong.String(), "refuse.key_wrong"},
		{"another seed, typed", wrong.Code(), "refuse.key_wrong"},
		{"an older batch", older.String(), "refuse.key_old"},
		{"another kind", other.String(), "refuse.key_old"}, // its batch is over: nothing waited in it
		{"cut short", right.String()[:len(right.String())-1], "refuse.key_text"},
		{"typed, cut short", right.Code()[4:], "refuse.key_text"},
		{"nothing", "", "refuse.key_text"},
		{"markup", "<b>VISITOR.1.</b>", "refuse.key_text"},
	} {
		if got := m.desk("key_type", fields{"key": tt.text}); got.StatusCode != 409 || got.m["key"] != tt.key {
			t.Errorf("%s: typed = %d %v; want 409 %s", tt.name, got.StatusCode, got.m, tt.key)
		}
		if x := m.trade(device1, nil, tt.text); len(x.Wanted) != 1 || x.Wanted[0] != bare(kept)[0] {
			t.Errorf("%s: after it was given back %v is wanted; want %v", tt.name, x.Wanted, bare(kept)[:1])
		}
	}
	stranger := &member{o: o, n: 30}
	if got := stranger.keys(device1, nil, kept[0].Text); got.StatusCode != 401 || strings.Contains(got.body, "VISITOR") {
		t.Errorf("exchange of a phone that is not paired = %d %s; want 401", got.StatusCode, got.body)
	}
	if got := stranger.desk("key_type", fields{"key": kept[0].Text}); got.StatusCode != 401 {
		t.Errorf("a key typed on a phone that is not paired = %d; want 401", got.StatusCode)
	}
	for n, role := range map[byte]pair.Role{21: pair.Guest, 22: pair.Technician} {
		m := o.pairs(n, role)
		if got := m.keys(device2, nil, kept[0].Text); got.StatusCode != 403 || strings.Contains(got.body, "EXIT.") {
			t.Errorf("exchange as %s = %d %s; want 403", role, got.StatusCode, got.body)
		}
		if got := m.desk("key_type", fields{"key": kept[0].Text}); got.StatusCode != 403 {
			t.Errorf("a key typed as %s = %d; want 403", role, got.StatusCode)
		}
	}
	// The box's own browser lies on the card: it is given none.
	if status, got := o.request("POST", "/api/escrow", fields{"device": device2, "has": []heldKey{}, "back": []string{}}); status != 403 || got["keys"] != nil {
		t.Errorf("exchange of the box's own machine = %d %v; want 403", status, got)
	}
	for path, data := range v.files() {
		if before[path] != data {
			t.Errorf("%s was changed by keys that were refused", path)
		}
	}
	if counted, waiting := v.visitors(); counted != 0 || waiting != 12 {
		t.Errorf("%d counted, %d wait; want 0, 12", counted, waiting)
	}
	// Whoever may not give up sheets does not, nor what is open.
	if got := m.desk("key_abandon", fields{"key": "visitor", "call": right.Batch}); got.StatusCode != 403 {
		t.Errorf("a mediator gives sheets up = %d; want 403", got.StatusCode)
	}
	chief := o.pairs(23, pair.Coordinator)
	if got := chief.desk("key_abandon", fields{"key": "visitor", "call": right.Batch + 1}); got.StatusCode != 409 {
		t.Errorf("another batch is given up = %d; want 409", got.StatusCode)
	}
	if got := chief.desk("key_type", fields{"key": strings.ToLower(strings.ReplaceAll(right.Code(), "-", " "))}); got.StatusCode != 200 {
		t.Errorf("the right key, typed as anybody would = %d %v; want 200", got.StatusCode, got.m)
	}
	if counted, waiting := v.visitors(); counted != 12 || waiting != 0 {
		t.Errorf("%d counted, %d wait after the right key; want 12, 0", counted, waiting)
	}
}

// All keys are lost: a coordinator gives the sheets up, which are counted as unreadable.
func TestAbandon(t *testing.T) {
	o, v, kept := locked(t, 7)
	chief := o.pairs(20, pair.Coordinator)
	batch, _ := strconv.ParseUint(kept[0].Batch, 10, 64)
	if got := chief.desk("key_abandon", fields{"key": "visitor", "call": batch}); got.StatusCode != 200 {
		t.Fatalf("giving up = %d %v; want 200", got.StatusCode, got.m)
	}
	v.mu.Lock()
	totals := v.stores[sheet.KindVisitor].Totals()
	v.mu.Unlock()
	if totals.Unreadable != 7 || totals.Pending != 0 || totals.Sheets != 0 {
		t.Errorf("totals = %+v; want 7 unreadable and nothing else", totals)
	}
	if got := chief.desk("key_abandon", fields{"key": "visitor", "call": batch}); got.StatusCode != 409 {
		t.Errorf("again = %d; want 409", got.StatusCode)
	}
	if x := chief.trade(device1, bare(kept)); len(x.Wanted) != 0 || len(x.Keys) != 3 || len(x.Forget) != 3 {
		t.Errorf("exchange = %+v; want three new keys, the old ones forgotten", x)
	}
}

// Two phones give the key back at once, while the merge that follows goes on, and after
// it: one merge; then both are told to forget it.
func TestCase57(t *testing.T) {
	o, v, kept := locked(t, 12)
	phones := []*member{o.pairs(20, pair.Mediator), o.pairs(21, pair.Reception), o.pairs(22, pair.Volunteer)}
	var given sync.WaitGroup
	statuses := make([]int, len(phones))
	for i, m := range phones {
		given.Go(func() {
			statuses[i] = m.keys("000000000000000"+strconv.Itoa(i), bare(kept), texts(kept)...).StatusCode
		})
	}
	given.Wait()
	if !slices.Equal(statuses, []int{200, 200, 200}) {
		t.Errorf("exchanges = %v; want 200 for each", statuses)
	}
	if counted, waiting := v.visitors(); counted != 12 || waiting != 0 {
		t.Fatalf("%d counted, %d wait; want 12 once, 0", counted, waiting)
	}
	for i, m := range phones {
		x := m.trade("000000000000000"+strconv.Itoa(i), bare(kept), texts(kept)...) // after the merge
		if len(x.Forget) != 3 || len(x.Wanted) != 0 || len(x.Keys) != 3 {
			t.Errorf("phone %d is told %+v; want to forget the three old keys and to keep three", i, x)
		}
		for _, k := range x.Keys {
			if slices.Contains(texts(kept), k.Text) {
				t.Errorf("phone %d keeps %s of batch %s, which is over", i, k.Kind, k.Batch)
			}
		}
	}
	if counted, _ := v.visitors(); counted != 12 {
		t.Errorf("%d counted in the end; want 12", counted)
	}
}

// A phone that was away at the merge is told to forget when it comes; its key opens
// nothing that is still on the card.
func TestCase58(t *testing.T) {
	o, v, kept := locked(t, 12)
	sealed := map[string]bool{}
	for path, data := range v.files() {
		if filepath.Base(path) != "pending" || !strings.Contains(path, "visitor") {
			continue
		}
		const header = 4096 // before the slots; what pads it is drawn once
		for at := header; at < header+512*counters.SlotCount; at += 512 {
			sealed[data[at:at+512]] = true
		}
	}
	if len(sealed) < 12 {
		t.Fatalf("%d sectors wait; want 12 sheets at least", len(sealed))
	}
	o.pairs(20, pair.Mediator).trade(device1, bare(kept), texts(kept)...)
	if counted, _ := v.visitors(); counted != 12 {
		t.Fatalf("%d counted; want 12", counted)
	}
	absent := o.pairs(21, pair.Mediator)
	if x := absent.trade(device2, bare(kept)); !slices.Equal(x.Forget, bare(kept)) {
		t.Errorf("it is told to forget %v; want %v", x.Forget, bare(kept))
	}
	for _, k := range kept {
		if got := absent.desk("key_type", fields{"key": k.Text}); got.StatusCode != 409 || got.m["key"] != "refuse.key_old" {
			t.Errorf("the key of %s opens after the merge: %d %v; want 409", k.Kind, got.StatusCode, got.m)
		}
	}
	for path, data := range v.files() {
		for at := 0; at+512 <= len(data); at += 512 {
			if sealed[data[at:at+512]] {
				t.Errorf("%s still has a sector of before the merge, at %d", path, at)
			}
		}
	}
}

// A key is never in the log, an address, a view, the journal or on disk, whatever is done
// with it. What goes over TLS to a phone is not to be stored by its browser's cache.
func TestCase59(t *testing.T) {
	o, v, kept := locked(t, 9)
	m := o.pairs(20, pair.Coordinator)
	conn, view, _ := m.watch("/ws/desk?desk=1", nil)
	views := [][]byte{view}
	secrets := texts(kept)
	wrong, _ := counters.ParseSecret(kept[0].Text)
	wrong.Seed[3] ^= 8
	m.desk("key_type", fields{"key": wrong.String()})
	m.desk("key_type", fields{"key": kept[0].Text + "é"})
	m.ask("POST", "/api/desk", `{"key": "`+kept[0].Text+`", "no_such": 1}`, nil)
	m.ask("POST", "/api/escrow", `{"device": "`+kept[0].Text+`", "has": [], "back": ["`+kept[0].Text+`x"]}`, nil)
	for _, path := range []string{"/api/escrow", "/api/escrow/lost", "/api/desk"} {
		if got := m.ask("GET", path, "", nil); got.StatusCode != 405 {
			t.Errorf("GET %s = %d; want 405: a key in an address would stay in a history", path, got.StatusCode)
		}
	}
	got := m.keys(device1, bare(kept), secrets...)
	if c := got.Header.Get("Cache-Control"); c != "no-store" {
		t.Errorf("Cache-Control of keys = %q; want no-store", c)
	}
	var x exchanged
	json.Unmarshal([]byte(got.body), &x)
	secrets = append(secrets, texts(x.Keys)...)
	m.desk("key_print", nil)
	o.becomes("the drawer ticket", func(b *appliance.Snapshot) bool { return b.Keys.Paper == session.Printed })
	m.desk("open", nil)
	o.ticket(nil)
	m.ask("POST", "/api/connected", text(fields{"id": id(1), "do": "end_all", "lost": true}), nil)
	for data := next(t, conn); data != nil; data = next(t, conn) {
		views = append(views, data)
	}
	var places strings.Builder
	places.WriteString(o.said.String())
	for _, view := range views {
		places.Write(view)
	}
	for _, data := range v.files() {
		places.WriteString(data)
	}
	for _, e := range o.log.since(0) {
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		places.Write(data)
	}
	for name, page := range map[string]func() []byte{"kiosk": func() []byte {
		b := o.box.Snapshot()
		return encode(o.server.kioskView(b, b.Kiosk))
	}, "hall": func() []byte { return encode(o.server.hallView(o.box.Snapshot())) }} {
		if data := page(); bytes.Contains(data, []byte("VISITOR.")) {
			t.Errorf("the view of the %s has a key", name)
		}
	}
	all := places.String()
	if len(all) < 10_000 || len(secrets) < 6 {
		t.Fatalf("%d bytes and %d keys were looked at; want everything", len(all), len(secrets))
	}
	for _, secret := range secrets {
		s, err := counters.ParseSecret(secret)
		if err != nil {
			t.Fatal(err)
		}
		for form, find := range map[string]string{"whole": s.String(), "typed": s.Code(), "without hyphens": strings.ReplaceAll(s.Code(), "-", ""), "raw": string(s.Seed[:]), "hexadecimal": hex.EncodeToString(s.Seed[:])} {
			if strings.Contains(all, find) || form == "hexadecimal" && strings.Contains(all, strings.ToUpper(find)) {
				t.Errorf("the key of %v is somewhere, %s", s.Kind, form)
			}
		}
	}
}

// A phone that staff say is lost forgets what it keeps when it next opens the page, even
// though nobody pairs it; whoever is connected again is not lost. « Dissocier tout » alone
// erases nothing.
func TestLostPhones(t *testing.T) {
	v := openVault(t, t.TempDir(), true)
	o := inOffice(t, Config{}, v.sealedIn)
	lost := func(device string) any {
		return (&member{o: o, n: 30}).ask("POST", "/api/escrow/lost", text(fields{"device": device}), nil).m["erase"]
	}
	all := func(with fields) {
		with["id"], with["do"] = id(7000+o.next), "end_all"
		o.next++
		if status, got := o.post("/api/connected", with); status != 200 {
			t.Fatalf("end_all = %d %v", status, got)
		}
	}
	keep := func(n byte, device string) {
		m := o.pairs(n, pair.Mediator)
		m.trade(device, bare(m.trade(device, nil).Keys))
	}
	keep(20, device1)
	keep(21, device2)
	if n := o.box.Snapshot().Keys.Holders(); n != 2 {
		t.Fatalf("%d phones keep the keys; want 2", n)
	}
	all(fields{})
	if lost(device1) != false || o.box.Snapshot().Keys.Holders() != 2 {
		t.Errorf("phones forget the keys when all pairings end; want them kept")
	}
	v.answers(12)
	all(fields{"lost": true})
	if lost(device1) != true || lost(device2) != true || lost("00000000000000aa") != false {
		t.Errorf("lost = %v, %v, %v; want the two phones", lost(device1), lost(device2), lost("00000000000000aa"))
	}
	if n := o.box.Snapshot().Keys.Holders(); n != 0 {
		t.Errorf("%d phones keep the keys after one was lost; want 0", n)
	}
	if counted, _ := v.visitors(); counted != 12 {
		t.Errorf("%d counted once a phone is lost; want the 12 that could be", counted)
	}
	keep(22, device2)
	if lost(device1) != true || lost(device2) != false {
		t.Errorf("lost = %v, %v once the second came back; want true, false", lost(device1), lost(device2))
	}
}

// At the lower level nobody keeps anything, and the desk says which level is in force.
func TestPlainLevel(t *testing.T) {
	v := openVault(t, t.TempDir(), false)
	o := inOffice(t, Config{}, v.sealedIn, func(c *appliance.Config) { c.Place.DrawerTicket = true })
	v.answers(3)
	o.desk("open", nil)
	m := o.pairs(20, pair.Mediator)
	if x := m.trade(device1, nil); len(x.Keys) != 0 || len(x.Wanted) != 0 {
		t.Errorf("exchange = %+v; want nothing", x)
	}
	if got := m.desk("key_print", nil); got.StatusCode != 409 {
		t.Errorf("a drawer ticket at the lower level = %d; want 409", got.StatusCode)
	}
	if e := o.server.escrow(o.box.Snapshot()); e.Sealed || e.Print || o.bars() != nil {
		t.Errorf("the desk shows %+v, %q; want the lower level and no bar", e, o.bars())
	}
}
