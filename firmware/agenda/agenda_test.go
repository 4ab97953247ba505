package agenda

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"go.etcd.io/bbolt"

	"jeudi/firmware/coop"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

var update = flag.Bool("update", false, "write the golden files anew")

// chance is a source of codes that is the same in every run.
func chance(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

func thursday() time.Time { return time.Date(2026, time.November, 26, 9, 0, 0, 0, time.UTC) }

// atelier is the n-th workshop: a week apart, two hours, three seats.
func atelier(n int) Event {
	from := thursday().AddDate(0, 0, 7*n)
	return Event{ID: session.ID{0xa0, byte(n)}, Kind: Workshop, Title: fmt.Sprint("Le smartphone ", n), From: from, Until: from.Add(2 * time.Hour),
		Room: "Salle 1", Themes: []coop.Theme{"Email", "SecuriteNumerique"}, Seats: 3}
}

func mustOpen(t testing.TB, dir string) *Agenda {
	t.Helper()
	a, aside, err := Open(dir)
	if err != nil || aside != "" {
		t.Fatalf("Open() = aside %q, %v; want an agenda", aside, err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

func mustPut(t testing.TB, a *Agenda, list ...Event) {
	t.Helper()
	for _, e := range list {
		if err := a.Put(e); err != nil {
			t.Fatalf("Put(%v) = %v", e.ID, err)
		}
	}
}

func mustReserve(t testing.TB, a *Agenda, id session.ID, n int, random io.Reader) (codes []string) {
	t.Helper()
	for range n {
		code, err := a.Reserve(id, thursday(), random)
		if err != nil {
			t.Fatalf("Reserve() = %v", err)
		}
		codes = append(codes, code)
	}
	return codes
}

func expectOffer(t testing.TB, a *Agenda, id session.ID, taken, came int) {
	t.Helper()
	list, err := a.Offers(time.Time{}, time.Time{})
	i := slices.IndexFunc(list, func(o Offer) bool { return o.ID == id })
	if err != nil || i < 0 || list[i].Taken != taken || list[i].Came != came || list[i].Free() != list[i].Seats-taken {
		t.Errorf("Offers() = %+v, %v; want %d seats taken, %d came", list, err, taken, came)
	}
}

func TestCheck(t *testing.T) {
	with := func(change func(*Event)) Event { e := atelier(0); change(&e); return e }
	tests := []struct {
		name string
		when Event
		want string
	}{
		{"a workshop", atelier(0), ""},
		{"no themes, no room", with(func(e *Event) { e.Themes, e.Room = nil, "" }), ""},
		{"an appointment", with(func(e *Event) { e.Kind, e.Title, e.Seats = Appointment, "", 1 }), ""},
		{"a home visit", with(func(e *Event) { e.Kind, e.Title, e.Room = HomeVisit, "", "" }), ""},
		{"an appointment with a name", with(func(e *Event) { e.Kind, e.Title = Appointment, "Madame X" }), "title: agenda_no_title"},
		{"a home visit with an address", with(func(e *Event) { e.Kind, e.Title = HomeVisit, "" }), "room: agenda_no_room"},
		{"a workshop without a title", with(func(e *Event) { e.Title = " " }), "title: agenda_title"},
		{"a title of two lines", with(func(e *Event) { e.Title = "a\nb" }), "title: coop_text"},
		{"a title that turns around", with(func(e *Event) { e.Title = "a\u202eb" }), "title: coop_text"},
		{"a long room", with(func(e *Event) { e.Room = strings.Repeat("é", 121) }), "room: coop_text"},
		{"it ends when it begins", with(func(e *Event) { e.Until = e.From }), "until: agenda_until"},
		{"it lasts two days", with(func(e *Event) { e.Until = e.From.Add(48 * time.Hour) }), "until: agenda_until"},
		{"no seat", with(func(e *Event) { e.Seats = 0 }), "seats: agenda_seats"},
		{"a stadium", with(func(e *Event) { e.Seats = 501 }), "seats: agenda_seats"},
		{"a theme that La Coop lacks", with(func(e *Event) { e.Themes = []coop.Theme{"Cuisine"} }), "themes: unknown_choice"},
		{"nothing", Event{}, "id: unknown_choice kind: unknown_choice from: agenda_from until: agenda_until seats: agenda_seats"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range tt.when.Check() {
				got = append(got, p.Field+": "+strings.TrimPrefix(p.Msg.Key, "refuse."))
			}
			if joined := strings.Join(got, " "); joined != tt.want {
				t.Errorf("Check() = %q; want %q", joined, tt.want)
			}
			if err := mustOpen(t, t.TempDir()).Put(tt.when); errors.Is(err, ErrInvalid) != (tt.want != "") {
				t.Errorf("Put() = %v; want ErrInvalid: %t", err, tt.want != "")
			}
		})
	}
}

// Every sentence that staff may be told is in the catalogue.
func TestEveryRefusalHasWords(t *testing.T) {
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, name := range []string{"title", "no_title", "no_room", "from", "until", "seats"} {
		keys = append(keys, "refuse.agenda_"+name)
	}
	for _, r := range []*session.Refusal{ErrNoEvent, ErrOver, ErrNotBegun, ErrFull, ErrSeatsTaken, ErrTooFew, ErrTooMany, ErrCodeUnknown, ErrCalendar, ledger.ErrVoucherTypo} {
		keys = append(keys, r.Msg.Key)
	}
	calendar := Calendar{Guessed: 2}
	for _, why := range whys() {
		calendar.Left = append(calendar.Left, Left{why, 2})
	}
	for _, msg := range calendar.Msgs() {
		keys = append(keys, msg.Key)
	}
	if len(keys) != 6+10+8 {
		t.Errorf("%d sentences; want one for each reason", len(keys))
	}
	for _, key := range keys {
		if text := c.Text(words.French, key, map[string]any{"n": 2}); strings.Contains(text, "⟦") || strings.Contains(text, "{") {
			t.Errorf("Text(%q) = %q; want words", key, text)
		}
	}
}

func TestSeats(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir)
	e, other := atelier(0), atelier(1)
	mustPut(t, a, e, other)
	random := chance(1)
	codes := mustReserve(t, a, e.ID, 3, random)
	if code, err := a.Reserve(e.ID, thursday(), random); code != "" || !errors.Is(err, ErrFull) {
		t.Errorf("Reserve(a fourth of three) = %q, %v; want ErrFull", code, err)
	}
	mustReserve(t, a, other.ID, 1, random)
	expectOffer(t, a, e.ID, 3, 0)

	// As it is typed, and again.
	for range 2 {
		if err := a.Came(" "+strings.ToLower(codes[0][:3])+"-"+codes[0][3:], true); err != nil {
			t.Errorf("Came(%q) = %v", codes[0], err)
		}
	}
	expectOffer(t, a, e.ID, 3, 1)
	if err := a.Came(codes[0], false); err != nil {
		t.Errorf("Came(%q, false) = %v", codes[0], err)
	}
	expectOffer(t, a, e.ID, 3, 0)
	if o, came, err := a.Find("JEUDI1 " + codes[1]); err != nil || o.ID != e.ID || came || o.Taken != 3 {
		t.Errorf("Find(%q) = %+v, %t, %v; want the event", codes[1], o, came, err)
	}

	if err := a.Cancel(codes[1]); err != nil {
		t.Errorf("Cancel(%q) = %v", codes[1], err)
	}
	stranger, _ := ledger.NewCode(chance(99))
	for code, want := range map[string]error{codes[1]: ErrCodeUnknown, stranger: ErrCodeUnknown, codes[0][:5]: ledger.ErrVoucherTypo, "ABCDEF": ledger.ErrVoucherTypo} {
		_, _, find := a.Find(code)
		if cancel, came := a.Cancel(code), a.Came(code, true); !errors.Is(cancel, want) || !errors.Is(came, want) || !errors.Is(find, want) {
			t.Errorf("Cancel, Came, Find(%q) = %v, %v, %v; want %v", code, cancel, came, find, want)
		}
	}
	again := mustReserve(t, a, e.ID, 1, random) // the seat that was given back
	if _, err := a.Reserve(e.ID, thursday(), random); !errors.Is(err, ErrFull) {
		t.Errorf("Reserve() = %v; want ErrFull", err)
	}
	want := []string{codes[0], codes[2], again[0]}
	slices.Sort(want)

	a.Close()
	a = mustOpen(t, dir)
	var got []string
	list, err := a.Seats(e.ID)
	for _, s := range list {
		got = append(got, s.Code)
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Seats() = %q, %v; want %q, in the order of nobody", got, err, want)
	}
	if _, err := a.Seats(session.ID{1}); !errors.Is(err, ErrNoEvent) {
		t.Errorf("Seats(no event) = %v; want ErrNoEvent", err)
	}
}

func TestReserveWhen(t *testing.T) {
	a := mustOpen(t, t.TempDir())
	e := atelier(0)
	e.Seats = 100
	mustPut(t, a, e)
	for _, tt := range []struct {
		name string
		at   time.Time
		id   session.ID
		want error
	}{
		{"before", e.From.Add(-time.Hour), e.ID, nil},
		{"while it goes on", e.From.Add(time.Hour), e.ID, nil},
		{"at its end", e.Until, e.ID, ErrOver},
		{"by a clock that nobody trusts", time.Time{}, e.ID, nil},
		{"of no event", e.From, session.ID{9}, ErrNoEvent},
	} {
		if code, err := a.Reserve(tt.id, tt.at, chance(2)); !errors.Is(err, tt.want) || (code == "") != (tt.want != nil) {
			t.Errorf("Reserve(%s) = %q, %v; want %v", tt.name, code, err, tt.want)
		}
	}
	// chance(2) always draws the same first: each has another code all the same.
	expectOffer(t, a, e.ID, 3, 0)
	if _, err := a.Reserve(e.ID, e.From, iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Reserve() without chance = %v; want its error", err)
	}
	if _, err := a.Reserve(e.ID, e.From, bytes.NewReader(make([]byte, 5*200))); err != nil {
		t.Errorf("Reserve(222222) = %v", err)
	}
	if _, err := a.Reserve(e.ID, e.From, bytes.NewReader(make([]byte, 5*200))); err == nil {
		t.Error("Reserve() with a chance that always draws one code = nil; want an error")
	}
	expectOffer(t, a, e.ID, 4, 0)
}

// Whatever desks and kiosk do at once, each seat is given once: never one too many,
// never one lost, and what was answered is what is there.
func TestTheLastSeatIsGivenOnce(t *testing.T) {
	for seed := range byte(4) {
		a := mustOpen(t, t.TempDir())
		e, small := atelier(0), atelier(1)
		e.Seats, small.Seats = 7, 1
		mustPut(t, a, e, small)
		var mu sync.Mutex // held is what people have in their hands
		held := map[session.ID]map[string]bool{e.ID: {}, small.ID: {}}
		var wg sync.WaitGroup
		for desk := range byte(6) {
			wg.Go(func() {
				random := chance(100*seed + desk)
				source := rand.New(rand.NewPCG(uint64(seed), uint64(desk)))
				var mine []string
				for range 15 {
					id := []session.ID{e.ID, small.ID}[source.IntN(2)]
					if len(mine) > 0 && source.IntN(3) == 0 {
						code := mine[0]
						mine = mine[1:]
						o, _, err := a.Find(code)
						if err != nil {
							t.Errorf("Find(%q) = %v; want its event", code, err)
						}
						// Out of the hands first: the seat is another's as soon as it is given back.
						mu.Lock()
						delete(held[o.ID], code)
						mu.Unlock()
						if err := a.Cancel(code); err != nil {
							t.Errorf("Cancel(%q) = %v", code, err)
						}
						continue
					}
					code, err := a.Reserve(id, thursday(), random)
					if errors.Is(err, ErrFull) {
						continue
					}
					if err != nil {
						t.Errorf("Reserve() = %v", err)
						continue
					}
					mine = append(mine, code)
					mu.Lock()
					if held[id][code] = true; len(held[e.ID]) > e.Seats || len(held[small.ID]) > small.Seats {
						t.Errorf("%d of %d and %d of %d seats are given", len(held[e.ID]), e.Seats, len(held[small.ID]), small.Seats)
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for id, codes := range held {
			list, err := a.Seats(id)
			if err != nil || len(list) != len(codes) {
				t.Errorf("Seats() = %v, %v; want %v", list, err, codes)
			}
			for _, s := range list {
				if !codes[s.Code] {
					t.Errorf("the seat %q is in nobody's hands", s.Code)
				}
			}
		}
	}
}

// The plug is pulled after each answer: what was answered is there, and no more.
func TestASeatThatWasGivenIsOnDisk(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir)
	e := atelier(0)
	mustPut(t, a, e)
	random := chance(7)
	var codes []string
	afterACut := func() *Agenda {
		t.Helper()
		raw, err := os.ReadFile(filepath.Join(dir, "agenda.db"))
		if err != nil {
			t.Fatal(err)
		}
		other := t.TempDir()
		if err := os.WriteFile(filepath.Join(other, "agenda.db"), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return mustOpen(t, other)
	}
	for n := range e.Seats {
		codes = append(codes, mustReserve(t, a, e.ID, 1, random)...)
		cut := afterACut()
		expectOffer(t, cut, e.ID, n+1, 0)
		mustReserve(t, cut, e.ID, e.Seats-n-1, chance(8))
		if _, err := cut.Reserve(e.ID, thursday(), chance(9)); !errors.Is(err, ErrFull) {
			t.Errorf("Reserve(after a cut) = %v; want ErrFull", err)
		}
	}
	if err := a.Cancel(codes[1]); err != nil {
		t.Fatal(err)
	}
	if err := a.Came(codes[2], true); err != nil {
		t.Fatal(err)
	}
	expectOffer(t, afterACut(), e.ID, 2, 1)
	if _, err := a.End(e.ID, 0, time.Time{}); err != nil {
		t.Fatal(err)
	}
	cut := afterACut()
	if list, err := cut.Offers(time.Time{}, time.Time{}); err != nil || len(list) != 0 {
		t.Errorf("Offers(after the end and a cut) = %v, %v; want none", list, err)
	}
	if list, err := cut.Counts(); err != nil || len(list) != 3 {
		t.Errorf("Counts(after the end and a cut) = %v, %v; want three", list, err)
	}
}

// What a cut leaves of the file that End writes beside is overwritten at the next
// start.
func TestACutInTheEnd(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir)
	mustPut(t, a, atelier(0))
	codes := mustReserve(t, a, atelier(0).ID, 2, chance(3))
	a.Close()
	if err := os.WriteFile(filepath.Join(dir, "agenda.db.new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	a = mustOpen(t, dir)
	expectOffer(t, a, atelier(0).ID, 2, 0)
	if _, err := os.Stat(filepath.Join(dir, "agenda.db.new")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("agenda.db.new: %v; want it gone", err)
	}
	if _, _, err := a.Find(codes[0]); err != nil {
		t.Errorf("Find(%q) = %v", codes[0], err)
	}
}

func TestEnd(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir)
	e, next := atelier(0), atelier(1)
	mustPut(t, a, e, next)
	codes := mustReserve(t, a, e.ID, 3, chance(1))
	kept := mustReserve(t, a, next.ID, 1, chance(2))
	if err := a.Came(codes[1], true); err != nil {
		t.Fatal(err)
	}
	if _, err := a.End(e.ID, 0, e.From.Add(-time.Minute)); !errors.Is(err, ErrNotBegun) {
		t.Errorf("End(before) = %v; want ErrNotBegun", err)
	}
	if _, err := a.End(e.ID, -1, e.Until); err == nil {
		t.Error("End(-1 more) = nil; want an error")
	}
	p, err := a.End(e.ID, 2, e.Until)
	if err != nil || p.ID != e.ID || p.Reserved != 3 || p.Participants != 3 {
		t.Fatalf("End() = %+v, %v; want 3 reserved, 1 + 2 participants", p, err)
	}
	r, ok := p.Record(time.FixedZone("", 3600))
	if problems := (coop.Site{}).Check(r); !ok || len(problems) > 0 || r.Minutes != 120 || r.Participants != 3 || r.Title != e.Title {
		t.Errorf("Record() = %+v, %t, %v; want a workshop of 120 minutes", r, ok, problems)
	}
	if _, err := a.End(e.ID, 0, e.Until); !errors.Is(err, ErrNoEvent) {
		t.Errorf("End(again) = %v; want ErrNoEvent", err)
	}
	if _, _, err := a.Find(codes[0]); !errors.Is(err, ErrCodeUnknown) {
		t.Errorf("Find(a code of what is over) = %v; want ErrCodeUnknown", err)
	}
	want := []Count{{"2026-11", Workshop, "", 1, 3, 3}, {"2026-11", Workshop, "Email", 1, 3, 3}, {"2026-11", Workshop, "SecuriteNumerique", 1, 3, 3}}
	if got, err := a.Counts(); err != nil || !slices.Equal(got, want) {
		t.Errorf("Counts() = %+v, %v; want %+v", got, err, want)
	}
	expectOffer(t, a, next.ID, 1, 0)

	// Nothing in the folder knows the codes any more, nor the hour.
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("the folder holds %v, %v; want one file", files, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range append(codes, e.Title, e.ID.String()) {
		if bytes.Contains(raw, []byte(code)) {
			t.Errorf("the file still holds %q", code)
		}
	}
	if !bytes.Contains(raw, []byte(kept[0])) {
		t.Errorf("the file lacks %q", kept[0])
	}
}

func TestSweep(t *testing.T) {
	a := mustOpen(t, t.TempDir())
	visit := Event{ID: session.ID{7}, Kind: HomeVisit, From: thursday(), Until: thursday().Add(time.Hour), Seats: 1}
	mustPut(t, a, atelier(0), atelier(1), visit)
	codes := mustReserve(t, a, atelier(0).ID, 2, chance(4))
	if err := a.Came(codes[0], true); err != nil {
		t.Fatal(err)
	}
	over := atelier(0).Until
	for _, tt := range []struct {
		at   time.Time
		want int
	}{{time.Time{}, 0}, {over, 0}, {over.Add(Late - time.Second), 1}, {over.Add(Late), 1}, {over.Add(Late), 0}} {
		got, err := a.Sweep(tt.at)
		if err != nil || len(got) != tt.want {
			t.Errorf("Sweep(%v) = %+v, %v; want %d", tt.at, got, err, tt.want)
		}
		for _, p := range got {
			_, ok := p.Record(time.UTC)
			if ok != (p.Kind == Workshop) || p.Kind == Workshop && p.Participants != 1 {
				t.Errorf("Sweep() = %+v, a record: %t", p, ok)
			}
		}
	}
	counts, err := a.Counts()
	if err != nil || len(counts) != 4 || counts[3] != (Count{"2026-11", HomeVisit, "", 1, 0, 0}) {
		t.Errorf("Counts() = %+v, %v; want a home visit that nobody reserved", counts, err)
	}
	expectOffer(t, a, atelier(1).ID, 0, 0)
}

func TestPutAndRemove(t *testing.T) {
	a := mustOpen(t, t.TempDir())
	e := atelier(0)
	mustPut(t, a, e)
	mustReserve(t, a, e.ID, 2, chance(5))
	e.Seats = 1
	if err := a.Put(e); !errors.Is(err, ErrTooFew) {
		t.Errorf("Put(one seat, two given) = %v; want ErrTooFew", err)
	}
	e.Seats, e.Room, e.Themes = 2, " Salle 2 ", []coop.Theme{"Logement"}
	mustPut(t, a, e)
	list, err := a.Next(e.From, 5)
	if err != nil || len(list) != 1 || list[0].Room != "Salle 2" || !slices.Equal(list[0].Themes, []coop.Theme{coop.Paperwork, "Logement"}) || list[0].Free() != 0 {
		t.Errorf("Next() = %+v, %v; want it changed and full", list, err)
	}
	if err := a.Remove(e.ID, false); !errors.Is(err, ErrSeatsTaken) {
		t.Errorf("Remove() = %v; want ErrSeatsTaken", err)
	}
	if err := a.Remove(e.ID, true); err != nil {
		t.Errorf("Remove(anyway) = %v", err)
	}
	if err := a.Remove(e.ID, true); !errors.Is(err, ErrNoEvent) {
		t.Errorf("Remove(again) = %v; want ErrNoEvent", err)
	}
}

func TestNext(t *testing.T) {
	a := mustOpen(t, t.TempDir())
	mustPut(t, a, atelier(2), atelier(0), atelier(1))
	for _, tt := range []struct {
		name string
		now  time.Time
		n    int
		want []byte
	}{
		{"in their order", thursday().Add(-time.Hour), 5, []byte{0, 1, 2}},
		{"the first two", thursday().Add(-time.Hour), 2, []byte{0, 1}},
		{"while one goes on", thursday().Add(time.Hour), 5, []byte{0, 1, 2}},
		{"at its end", thursday().Add(2 * time.Hour), 5, []byte{1, 2}},
		{"none asked", thursday(), 0, nil},
		{"less than none", thursday(), -1, nil},
		{"when all is over", thursday().AddDate(1, 0, 0), 5, nil},
	} {
		list, err := a.Next(tt.now, tt.n)
		var got []byte
		for _, o := range list {
			got = append(got, o.ID[1])
		}
		if err != nil || !bytes.Equal(got, tt.want) {
			t.Errorf("Next(%s) = %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
	if list, err := a.Offers(thursday(), atelier(1).From); err != nil || len(list) != 1 {
		t.Errorf("Offers(of one week) = %v, %v; want one", list, err)
	}
}

func TestMerge(t *testing.T) {
	a := mustOpen(t, t.TempDir())
	from, until := thursday().AddDate(0, 0, -1), thursday().AddDate(0, 2, 0)
	merge := func(list ...Event) Merged {
		t.Helper()
		m, err := a.Merge("ateliers", from, until, list)
		if err != nil {
			t.Fatalf("Merge() = %v", err)
		}
		return m
	}
	own := atelier(9)
	mustPut(t, a, own)
	if m := merge(atelier(0), atelier(1), atelier(2), atelier(3)); m.Added != 4 || m.Changed+m.Same+m.Removed != 0 {
		t.Errorf("Merge(first) = %+v; want 4 added", m)
	}
	if m := merge(atelier(0), atelier(1), atelier(2), atelier(3)); m.Same != 4 || m.Added+m.Changed+m.Removed != 0 {
		t.Errorf("Merge(again) = %+v; want 4 the same", m)
	}
	mustReserve(t, a, atelier(1).ID, 2, chance(1)) // people hold slips for 1 and 2
	mustReserve(t, a, atelier(2).ID, 3, chance(2))
	edited := atelier(3)
	edited.Title, edited.Seats = "Le smartphone, deuxième fois", 12
	mustPut(t, a, edited)

	moved := atelier(2)
	moved.From, moved.Until, moved.Seats = moved.From.Add(time.Hour), moved.Until.Add(time.Hour), 1
	later := atelier(3)
	later.From, later.Until = later.From.Add(time.Hour), later.Until.Add(time.Hour)
	m := merge(moved, later)
	if m.Removed != 1 || m.Changed != 2 || len(m.Moved) != 1 || m.Moved[0].ID != moved.ID || m.Moved[0].Seats != 3 || len(m.Missing) != 1 || m.Missing[0].ID != atelier(1).ID {
		t.Errorf("Merge(1 is missing, 2 and 3 moved, 0 is gone) = %+v", m)
	}
	list, err := a.Offers(time.Time{}, time.Time{})
	if err != nil || len(list) != 4 || list[3].ID != own.ID || list[2].Title != edited.Title || list[2].Seats != 12 || !list[2].From.Equal(later.From) {
		t.Errorf("Offers() = %+v, %v; want 1, 2, the edited 3 an hour later, and staff's own", list, err)
	}
	if m, err := a.Merge("rendez-vous", from, until, nil); err != nil || m.Removed != 0 {
		t.Errorf("Merge(another calendar) = %+v, %v; want nothing removed", m, err)
	}
	if _, err := a.Merge("", from, until, nil); err == nil {
		t.Error("Merge(no name) = nil; want an error")
	}
	bad := atelier(4)
	bad.Seats = 0
	if _, err := a.Merge("ateliers", from, until, []Event{atelier(5), bad}); !errors.Is(err, ErrInvalid) {
		t.Errorf("Merge(no seats) = %v; want ErrInvalid", err)
	}
	if after, _ := a.Offers(time.Time{}, time.Time{}); !reflect.DeepEqual(after, list) {
		t.Errorf("Offers(after an error) = %+v; want %+v", after, list)
	}
}

// The file says nothing of an order: two agendas whose seats were given in another
// one hold the same.
func TestTheFileDoesNotTellTheOrder(t *testing.T) {
	a := mustOpen(t, t.TempDir())
	e := atelier(0)
	e.Seats = 30
	mustPut(t, a, e)
	given := mustReserve(t, a, e.ID, 30, chance(6))
	var stored []string
	err := a.view("test", func(tx *bbolt.Tx) error {
		return tx.Bucket(seats).ForEach(func(k, v []byte) error {
			stored = append(stored, string(k))
			var fields map[string]any
			if err := json.Unmarshal(v, &fields); err != nil || len(fields) != 1 {
				t.Errorf("a seat is %s; want its event alone", v)
			}
			return nil
		})
	})
	if err != nil || !slices.IsSorted(stored) || slices.IsSorted(given) {
		t.Errorf("seats on disk are %q, %v; want them sorted, and given in another order", stored, err)
	}
}

// A file that is no agenda is set aside, never deleted.
func TestAFileThatCannotBeRead(t *testing.T) {
	for name, spoil := range map[string]func(*bbolt.Tx) error{
		"a bucket is missing":   func(tx *bbolt.Tx) error { return tx.DeleteBucket(counts) },
		"an event is cut":       func(tx *bbolt.Tx) error { return tx.Bucket(events).Put([]byte("x"), []byte("{")) },
		"an event is another's": func(tx *bbolt.Tx) error { return tx.Bucket(events).Put([]byte("x"), []byte("{}")) },
		"a seat of no event":    func(tx *bbolt.Tx) error { return tx.Bucket(seats).Put([]byte("222222"), []byte("{}")) },
		"a seat is cut":         func(tx *bbolt.Tx) error { return tx.Bucket(seats).Put([]byte("222222"), nil) },
	} {
		dir := t.TempDir()
		a := mustOpen(t, dir)
		mustPut(t, a, atelier(0))
		if err := a.db.Update(spoil); err != nil {
			t.Fatal(err)
		}
		a.Close()
		b, aside, err := Open(dir)
		if err != nil || aside == "" {
			t.Errorf("Open(%s) = aside %q, %v; want it set aside", name, aside, err)
			continue
		}
		mustPut(t, b, atelier(0))
		b.Close()
	}
}

func TestTooMany(t *testing.T) {
	a := mustOpen(t, t.TempDir())
	var list []Event
	for n := range mostEvents {
		e := atelier(0)
		e.ID = session.ID{1, byte(n >> 8), byte(n)}
		list = append(list, e)
	}
	if m, err := a.Merge("x", time.Time{}, time.Time{}, list); err != nil || m.Added != mostEvents {
		t.Fatalf("Merge() = %+v, %v; want %d added", m, err, mostEvents)
	}
	if err := a.Put(atelier(1)); !errors.Is(err, ErrTooMany) {
		t.Errorf("Put(one more) = %v; want ErrTooMany", err)
	}
	if _, err := a.Merge("y", time.Time{}, time.Time{}, []Event{atelier(1)}); !errors.Is(err, ErrTooMany) {
		t.Errorf("Merge(one more) = %v; want ErrTooMany", err)
	}
	mustPut(t, a, list[0])
}
