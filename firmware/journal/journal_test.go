package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"jeudi/firmware/session"
)

var update = flag.Bool("update", false, "add what is new to the golden files")

// id is an identifier that can be found again in a file.
func id(kind byte, n int) session.ID {
	out := session.ID{kind}
	binary.BigEndian.PutUint32(out[12:], uint32(n))
	return out
}

func moment(n int) session.Moment {
	return session.Moment{
		Wall: time.Date(2026, 11, 5, 9, 0, n, 0, time.UTC), Mono: time.Duration(n) * time.Second,
		Boot: id('b', 1), Trust: session.Trusted,
	}
}

// tickets are n events, numbered from seq on.
func tickets(seq uint64, n int) []session.Event {
	list := make([]session.Event, n)
	for i := range list {
		at := int(seq) + i
		list[i] = session.Event{Seq: seq + uint64(i), Command: id('c', at), At: moment(at), Body: session.TicketTaken{
			Act: session.Act{Visit: id('v', at)}, Number: session.Number(at), Motif: "logement", Lang: "fr"}}
	}
	return list
}

func mustOpen(t testing.TB, dir string) *Journal {
	t.Helper()
	j, aside, err := Open(dir)
	if err != nil || aside != "" {
		t.Fatalf("Open() = aside %q, %v; want a journal", aside, err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func mustAppend(t testing.TB, j *Journal, events ...session.Event) {
	t.Helper()
	if err := j.Append(events); err != nil {
		t.Fatal(err)
	}
}

func replayed(j *Journal) []session.Event {
	var list []session.Event
	j.Replay(func(e session.Event) { list = append(list, e) })
	return list
}

func TestWhatWasAppendedIsReplayed(t *testing.T) {
	dir := t.TempDir()
	want := tickets(1, 9)
	j := mustOpen(t, dir)
	if got := replayed(j); len(got) != 0 {
		t.Errorf("a fresh journal replays %d events; want none", len(got))
	}
	mustAppend(t, j, want[0])
	mustAppend(t, j, want[1:4]...)
	j.Close()
	j = mustOpen(t, dir)
	mustAppend(t, j, want[4:]...) // before anybody looked at what was there
	j.Close()
	j = mustOpen(t, dir)
	if got := replayed(j); !reflect.DeepEqual(got, want) {
		t.Errorf("Replay() =\n%+v; want\n%+v", got, want)
	}
	if got := replayed(j); len(got) != 0 {
		t.Errorf("the second Replay() gives %d events; want none", len(got))
	}
}

// What a body cannot be encoded as, nothing of its batch is kept.
func TestAppendIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	j := mustOpen(t, dir)
	mustAppend(t, j, tickets(1, 1)...)
	bad := tickets(2, 2)
	bad[1].At.Wall = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC) // JSON knows four digits of a year
	if err := j.Append(bad); err == nil {
		t.Fatal("Append() of a moment that cannot be written = nil; want an error")
	}
	before, err := os.Stat(filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, tickets(2, 1)...)
	if after, err := os.Stat(filepath.Join(dir, "journal.db")); err != nil || os.SameFile(before, after) {
		t.Errorf("after a refusal the journal goes on in the same file, %v", err)
	}
	j.Close()
	if got, want := replayed(mustOpen(t, dir)), tickets(1, 2); !reflect.DeepEqual(got, want) {
		t.Errorf("Replay() = %+v; want %+v", got, want)
	}
}

// samples are one event of each type, in the order of the golden file.
func samples() []session.Event {
	plan := session.Plan{
		ID: id('p', 1), Place: "Centre social", From: time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 5, 11, 0, 0, 0, time.UTC),
		TicketsBefore: 15 * time.Minute, Slot: 30 * time.Minute,
		Desks:  []session.Desk{{Key: "a", Label: "bureau A", Roles: []session.Role{session.SocialWorker, session.Mediator}}},
		Motifs: []session.Motif{{Key: "logement", Need: session.SocialWorker, Class: session.Long}},
	}
	a, d := session.Act{Visit: id('v', 1), Desk: "a"}, session.Act{Desk: "a"}
	var list []session.Event
	for i, b := range []session.Body{
		session.PermanencePlanned{Plan: plan},
		session.PermanenceOpened{Act: d, Test: true},
		session.PermanencePaused{Act: d},
		session.PermanenceResumed{Act: d},
		session.Interrupted{},
		session.TicketTaken{Act: a, Number: 12, Motif: "logement", Need: session.SocialWorker, Class: session.Long, Lang: "ar", ForOther: true},
		session.NeedAdjusted{Act: a, Need: session.Mediator, Class: session.Short},
		session.TicketCalled{Act: a},
		session.TicketRecalled{Act: a},
		session.ServiceStarted{Act: a, Roles: []session.Role{session.SocialWorker}, Implied: true},
		session.TeamChanged{Act: a, Roles: []session.Role{session.SocialWorker, session.Mediator}},
		session.VisitHeld{Act: a, Reason: "sms_code"},
		session.SteppedOut{Act: a, For: 90 * time.Minute},
		session.Returned{Act: a},
		session.HandedOver{Act: a, To: session.Mediator},
		session.MarkedAbsent{Act: a},
		session.CameBack{Act: a},
		session.VisitEnded{Act: a, Outcome: session.Cancelled, Reason: "twice"},
		session.PriorityGiven{Act: a, On: true},
		session.MotifAdded{Act: a, Motif: "logement"},
		session.PersonTurnedAway{Act: d, Reason: "no_room"},
		session.ActionUndone{Act: d, Undone: id('c', 4)},
		session.ReprintAsked{Act: a},
		session.PaperReported{Act: session.Act{Visit: id('v', 1)}, Paper: session.Unprinted},
		session.PermanenceClosed{Act: d, Totals: session.Totals{Issued: 28, Served: 1, NoShow: 2, Left: 3, Cancelled: 4, Misrouted: 5,
			Oriented: 6, Unresolved: 7, TurnedAway: map[session.Reason]int{"no_room": 8}, ForOther: 9, Inaccurate: 10, Outages: 11}},
		session.TimeConfirmed{Boot: id('b', 1), Start: moment(0).Wall},
		session.PeopleCaughtUp{Act: d, Motif: "logement", Outcome: session.Served, People: 4},
		session.PermanenceReopened{Act: d, Closed: session.Earlier{Totals: session.Totals{Issued: 9, Served: 9}, Next: 10}, Opened: moment(0)},
	} {
		list = append(list, session.Event{Seq: uint64(i + 1), Command: id('c', i+1), At: moment(i), Body: b})
	}
	list[4].Command, list[4].At.Trust = session.ID{}, session.Untrusted // the box's own
	return list
}

// The golden file holds events as boxes wrote them. It is kept for ever: lines are
// added, never changed, because journals with them are out there. A version 2
// gets a file of its own, beside this one.
func TestGoldenEnvelope(t *testing.T) {
	const golden = "testdata/envelope-v1.golden"
	want := samples()
	data, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	lines = lines[:len(lines)-1]
	if *update && len(lines) < len(want) {
		for _, e := range want[len(lines):] {
			b, err := Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, string(b)+"\n")
		}
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(strings.Join(lines, "")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if len(lines) != len(want) {
		t.Fatalf("%s has %d lines; want %d, one for each sample (-update adds the new ones)", golden, len(lines), len(want))
	}
	for i, line := range lines {
		got, err := Decode([]byte(line))
		if err != nil || !reflect.DeepEqual(got, want[i]) {
			t.Errorf("line %d: Decode() =\n%+v, %v; want\n%+v", i+1, got, err, want[i])
		}
		again, err := Encode(want[i])
		if err != nil || string(again)+"\n" != line {
			t.Errorf("line %d: %s is written today as\n%s, %v; want\n%s", i+1, session.TypeOf(want[i].Body), again, err, line)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good, err := Encode(tickets(1, 1)[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, data, says string }{
		{"nothing", "", "decode"},
		{"not an object", "[]", "decode"},
		{"half of it", string(good[:len(good)/2]), "decode"},
		{"no version", "{}", "version 0"},
		{"a newer version", strings.Replace(string(good), `"v":1`, `"v":2`, 1), "event of version 2; this jeudi reads version 1"},
		{"a type of tomorrow", strings.Replace(string(good), `"taken"`, `"teleported"`, 1), "written by a newer version?"},
		{"a body of another shape", strings.Replace(string(good), `"n":1`, `"n":"one"`, 1), "TicketTaken"},
		{"an identifier of another length", strings.Replace(string(good), `"cmd":"63`, `"cmd":"`, 1), "hexadecimal"},
	} {
		if e, err := Decode([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: Decode() = %+v, %v; want an error that says %q", c.name, e, err, c.says)
		}
	}
}

// raw writes into the file of a closed journal what no journal would.
func raw(t *testing.T, dir string, do func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(dir, "journal.db"), 0o600, &bbolt.Options{NoFreelistSync: true, PageSize: 4096})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(do), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// A journal that cannot be read as a whole is not read in part: it is set aside
// whole, and the box starts with a fresh one.
func TestAJournalThatCannotBeRead(t *testing.T) {
	put := func(k []byte, v string) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Put(k, []byte(v)) }
	}
	seq := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	enc := func(seq uint64) string {
		b, err := Encode(tickets(seq, 1)[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for name, damage := range map[string]func(*bbolt.Tx) error{
		"an event of a newer version":   put(seq(4), strings.Replace(enc(4), `"v":1`, `"v":2`, 1)),
		"an event of a later type":      put(seq(4), strings.Replace(enc(4), `"taken"`, `"teleported"`, 1)),
		"half an event":                 put(seq(4), enc(4)[:20]),
		"an event under another number": put(seq(4), enc(5)),
		"a short number":                put([]byte{4}, enc(4)),
		"an event that is missing":      put(seq(5), enc(5)),
		"no events at all":              func(tx *bbolt.Tx) error { return tx.DeleteBucket(bucket) },
		"a bucket among the events": func(tx *bbolt.Tx) error {
			_, err := tx.Bucket(bucket).CreateBucket(seq(4))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := mustOpen(t, dir)
			mustAppend(t, j, tickets(1, 3)...)
			j.Close()
			raw(t, dir, damage)
			bad, err := os.ReadFile(filepath.Join(dir, "journal.db"))
			if err != nil {
				t.Fatal(err)
			}
			j, aside, err := Open(dir)
			if want := filepath.Join(dir, "journal.db.unreadable-1"); err != nil || aside != want {
				t.Fatalf("Open() = aside %q, %v; want %q", aside, err, want)
			}
			if kept, err := os.ReadFile(aside); err != nil || !bytes.Equal(kept, bad) {
				t.Errorf("the journal set aside is not what it was (%v)", err)
			}
			if got := replayed(j); len(got) != 0 {
				t.Errorf("Replay() = %d events of a journal that was set aside; want none", len(got))
			}
			mustAppend(t, j, tickets(1, 2)...)
			j.Close()
			if got := replayed(mustOpen(t, dir)); len(got) != 2 {
				t.Errorf("the fresh journal replays %d events; want 2", len(got))
			}
		})
	}
}

// traces are the files of a folder, and those in it that hold any of the words.
func traces(t *testing.T, dir string, words ...string) (files, hits []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, e.Name())
		if slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(b, []byte(w)) }) {
			hits = append(hits, e.Name())
		}
	}
	return files, hits
}

func TestBeginLeavesNothingOfThePermanence(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	j := mustOpen(t, dir)
	mustAppend(t, j, tickets(1, 40)...)
	if err := os.Link(filepath.Join(dir, "journal.db"), filepath.Join(elsewhere, "blocks")); err != nil {
		t.Fatal(err)
	}
	words := []string{id('v', 7).String(), id('c', 40).String(), "logement"}
	if _, hits := traces(t, elsewhere, words...); len(hits) != 1 {
		t.Fatal("before Begin the blocks of the journal hold nothing: the test sees nothing")
	}
	if err := j.Begin(); err != nil {
		t.Fatal(err)
	}
	files, hits := traces(t, dir, words...)
	if !slices.Equal(files, []string{"journal.db"}) || len(hits) != 0 {
		t.Errorf("after Begin: files %q, of which %q speak of the permanence; want journal.db and none", files, hits)
	}
	if _, hits := traces(t, elsewhere, words...); len(hits) != 0 {
		t.Error("the blocks that Begin gave back still speak of the permanence")
	}
	mustAppend(t, j, tickets(41, 3)...) // numbers go on as long as the box runs
	j.Close()
	if got, want := replayed(mustOpen(t, dir)), tickets(41, 3); !reflect.DeepEqual(got, want) {
		t.Errorf("Replay() after Begin = %+v; want %+v", got, want)
	}
}

// block keeps a fresh file from being made, until release.
func block(t *testing.T, dir string) (release func()) {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(dir, "journal.db.new"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A disk that refuses at the wrong moment costs the beginning, not the journal.
func TestAFailedBeginKeepsTheJournal(t *testing.T) {
	dir := t.TempDir()
	j := mustOpen(t, dir)
	mustAppend(t, j, tickets(1, 3)...)
	release := block(t, dir)
	if err := j.Begin(); err == nil || !strings.HasPrefix(err.Error(), "journal: begin: ") {
		t.Errorf("Begin() with no room for a fresh file = %v; want an error that says so", err)
	}
	mustAppend(t, j, tickets(4, 1)...)
	release()
	if err := j.Begin(); err != nil {
		t.Errorf("Begin() once there is room = %v; want nil", err)
	}
	mustAppend(t, j, tickets(5, 1)...)
	j.Close()
	if got, want := replayed(mustOpen(t, dir)), tickets(5, 1); !reflect.DeepEqual(got, want) {
		t.Errorf("Replay() = %+v; want %+v", got, want)
	}
}

// After the disk has refused an event the file may hold it, and the kernel says of pages that
// they are written which are not. Nothing more is kept in that file, and nobody sees what was
// refused.
func TestAfterARefusedAppend(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "journal.db")
	j := mustOpen(t, dir)
	mustAppend(t, j, tickets(1, 3)...)
	refused := tickets(4, 2)
	refused[0].Command = id('r', 4)
	if err := j.db.Update(put(refused)); err != nil { // all that bbolt does before the last fsync
		t.Fatal(err)
	}
	j.doubt = true
	if got, err := j.All(); err != nil || !reflect.DeepEqual(got, tickets(1, 3)) {
		t.Errorf("All() = %+v, %v; want what is kept", got, err)
	}
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	release := block(t, dir)
	if err := j.Append(tickets(4, 1)); err == nil || !strings.HasPrefix(err.Error(), "journal: write anew: ") {
		t.Errorf("Append() on a disk that still refuses = %v; want an error", err)
	}
	release()
	mustAppend(t, j, tickets(4, 1)...)
	after, err := os.Stat(file)
	if err != nil || os.SameFile(before, after) {
		t.Errorf("the events after it are in the file that was refused, %v", err)
	}
	mustAppend(t, j, tickets(5, 1)...)
	again, err := os.Stat(file)
	if err != nil || !os.SameFile(again, after) {
		t.Errorf("the file is written anew more than once, %v", err)
	}
	j.Close()
	if got, want := replayed(mustOpen(t, dir)), tickets(1, 5); !reflect.DeepEqual(got, want) {
		t.Errorf("Replay() = %+v; want %+v", got, want)
	}
}

// Whether the process before was refused, only it knew: the first event of a start that finds
// others is that of a file written anew, unless the disk has no room for one.
func TestAStartWritesTheJournalAnew(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "journal.db")
	for n, blocked := range []bool{false, false, true, false} {
		j := mustOpen(t, dir)
		before, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		release := func() {}
		if blocked {
			release = block(t, dir)
		}
		mustAppend(t, j, tickets(uint64(n)+1, 1)...)
		after, err := os.Stat(file)
		if anew := !os.SameFile(before, after); err != nil || anew != (n > 0 && !blocked) {
			t.Errorf("start %d writes it anew: %t, %v", n, anew, err)
		}
		j.Close()
		release()
	}
	if got, want := replayed(mustOpen(t, dir)), tickets(1, 4); !reflect.DeepEqual(got, want) {
		t.Errorf("Replay() = %+v; want %+v", got, want)
	}
}

// The busiest day anybody measured has 3,000 tickets. Each event of a journal is
// a commit of its own here, which is the worst for its size.
func TestSizeOfALongDay(t *testing.T) {
	if testing.Short() {
		t.Skip("3,000 commits")
	}
	dir := t.TempDir()
	j := mustOpen(t, dir)
	j.db.NoSync = true // the size is the same, and the test is about it
	for n := range 3000 {
		mustAppend(t, j, tickets(uint64(n+1), 1)...)
	}
	j.db.NoSync = false
	if err := errors.Join(j.db.Sync(), j.Close()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("report: 3000 tickets, one commit each: %d KiB", info.Size()>>10)
	if info.Size() > 4<<20 {
		t.Errorf("a journal of 3000 tickets has %d KiB; want at most 4096", info.Size()>>10)
	}
	if got := replayed(mustOpen(t, dir)); len(got) != 3000 {
		t.Errorf("Replay() = %d events; want 3000", len(got))
	}
}

// FuzzDecode: whatever the bytes, Decode gives an event or an error; an event that
// it gives is written and read as the same again.
func FuzzDecode(f *testing.F) {
	for _, e := range samples() {
		b, err := Encode(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"v":1,"seq":1,"type":"taken","body":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := Decode(data)
		if err != nil {
			return
		}
		b, err := Encode(e)
		if err != nil {
			t.Skip() // a year of five digits is read and not written
		}
		again, err := Decode(b)
		if err != nil {
			t.Fatalf("Decode(Encode(%+v)) = %v", e, err)
		}
		if c, err := Encode(again); err != nil || !bytes.Equal(b, c) {
			t.Errorf("Encode(Decode(%s)) = %s, %v; want the same", b, c, err)
		}
	})
}

// BenchmarkAppend is one durable transaction, with the disk's own fsync.
func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{1, 8} {
		b.Run(fmt.Sprintf("%d events", n), func(b *testing.B) {
			j := mustOpen(b, b.TempDir())
			seq := uint64(1)
			for b.Loop() {
				mustAppend(b, j, tickets(seq, n)...)
				seq += uint64(n)
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
