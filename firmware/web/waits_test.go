package web

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/intake"
	"jeudi/firmware/session"
	"jeudi/firmware/web/pair"
)

// steady is a view with the same waits and the same marks of calls each time: they come
// from the identity of the permanence, which is new in each test.
func steady(view []byte) []byte {
	for pattern, with := range map[string]string{
		`"told": "[^"]+"`:     `"told": "annoncé 9 h 40 – 10 h 25"`,
		`"newcomer": "[^"]+"`: `"newcomer": "Un ticket pris maintenant : entre 9 h 40 et 10 h 25."`,
		`("delayed"): true`:   `$1: false`,

		`"call": "[^"]+"(,\s*"number": (\d+))`: `"call": "call-of-$2"$1`,
		`("slot": \{\s*"text": "[^"]*?)\d+(\x{a0}min[^"]*",\s*"over": ")\d+(\x{a0}min[^"]*",\s*"until_ms": )\d+`: "${1}45${2}45${3}1795769100000",
	} {
		view = regexp.MustCompile(pattern).ReplaceAll(view, []byte(with))
	}
	return view
}

// clocks are the hours that a text tells.
func clocks(text string) []string {
	return regexp.MustCompile(`\d+\x{a0}h(?:\x{a0}\d\d)?`).FindAllString(text, -1)
}

// said are the texts of a document, one after the other.
func said(doc drivers.Document) string {
	var b strings.Builder
	for _, block := range doc.Blocks {
		if t, ok := block.(drivers.Text); ok {
			b.WriteString(t.Text + "\n")
		}
	}
	return b.String()
}

// The wait of a ticket is one: what the kiosk shows, what comes out of the printer, and
// what stands beside the row at every desk are the same hours. The hall shows none.
func TestOneWaitOnEverySurface(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.pass(10 * time.Minute)
		w.desk("open", nil)
		for range 4 {
			w.ticket(fields{"motif": "sante"})
		}
		w.desk("next", nil)
		w.pass(7*time.Minute + 13*time.Second)
		w.press("fr")
		w.press("sante")
		w.press("my_ticket")
		w.settle()

		b := w.box.Snapshot()
		kiosk := w.server.kioskView(b, b.Kiosk)
		wait := slices.IndexFunc(kiosk.Lines, func(l string) bool { return strings.HasPrefix(l, "Votre tour") })
		if kiosk.ID != string(intake.MyTicket) || wait < 0 {
			t.Fatalf("the kiosk shows %s with %q; want the ticket with its wait", kiosk.ID, kiosk.Lines)
		}
		want := clocks(kiosk.Lines[wait])
		if len(want) != 2 {
			t.Fatalf("the kiosk says %q; want two hours", kiosk.Lines[wait])
		}
		if text := said(*w.bench.last.Load()); !strings.Contains(text, kiosk.Lines[wait]) {
			t.Errorf("the paper says %q; want %q in it", text, kiosk.Lines[wait])
		}
		for _, desk := range []string{"1", "2"} {
			rows := w.shown(desk).Waiting
			if got := clocks(rows[len(rows)-1].Told); !slices.Equal(got, want) {
				t.Errorf("desk %s says %q; want %q", desk, got, want)
			}
		}
		hall := encode(w.server.hallView(b))
		for _, hour := range want {
			if bytes.Contains(hall, []byte(hour)) {
				t.Errorf("the hall shows %s; want no waits there", hall)
			}
		}
	})
}

// What staff see of promises; the amber comes after the words.
func TestPromisesAtTheDesk(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		shown := func() DeskView { w.settle(); return w.shown("1") }
		if v := shown(); v.Waits != (waitsView{}) || v.Slot != nil {
			t.Errorf("before anything: %+v, slot %+v; want nothing", v.Waits, v.Slot)
		}
		w.pass(10 * time.Minute)
		w.desk("open", nil)
		w.ticket(fields{"motif": "sante"})
		v := shown()
		if v.Slot != nil || len(clocks(v.Waits.Newcomer)) == 0 || v.Waits.Learning == "" {
			t.Errorf("open: %+v, slot %+v; want the wait of whoever comes, that it is learned, and no slot", v.Waits, v.Slot)
		}
		w.desk("pause", nil)
		if v := shown(); v.Waits.Newcomer != w.server.text("desk.newcomer_unknown", nil) {
			t.Errorf("paused: %q; want an unknown wait", v.Waits.Newcomer)
		}
		w.desk("resume", nil)
		w.desk("next", nil)
		for range 2 {
			w.ticket(fields{"motif": "sante"})
		}
		w.watch("/ws/desk?desk=1")
		v = shown()
		if v.Slot == nil || !strings.Contains(v.Slot.Text, "min") || v.Slot.UntilMS < v.NowMS+29*60_000 {
			t.Fatalf("slot = %+v at %d; want half an hour at least", v.Slot, v.NowMS)
		}
		if len(v.Banners) > 0 {
			t.Errorf("banners %+v; want none with three people", v.Banners)
		}
		if other := w.shown("2"); other.Slot != nil {
			t.Errorf("the slot of a free desk = %+v; want none", other.Slot)
		}
		w.pass(100 * time.Minute)
		if later := shown(); later.Slot.UntilMS > later.NowMS || later.Slot.Over == "" {
			t.Errorf("slot after 100 min = %+v at %d; want it to be over", later.Slot, later.NowMS)
		}
		late := slices.ContainsFunc(shown().Waiting, func(r Row) bool { return r.Delayed })
		if !late {
			t.Error("nobody who waits is delayed after 100 min behind one person; want somebody")
		}
	})
}

// With too much work for the hours that are left, the desk is told, and counts whoever
// goes home with one tap.
func TestTooManyPeopleAtTheDesk(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.pass(10 * time.Minute)
		w.desk("open", nil)
		for range 12 {
			w.ticket(fields{"motif": "sante"})
		}
		w.settle()
		late := func(role pair.Role) *banner {
			for _, b := range w.server.promises(w.box.Snapshot(), pair.Session{Role: role}) {
				if b.Key == "late" {
					return &b
				}
			}
			return nil
		}
		b := late(pair.Reception)
		if b == nil || len(clocks(b.Text)) != 1 || len(b.Actions) != 1 {
			t.Fatalf("the reception sees %+v; want until when, and one thing to press", b)
		}
		w.desk(b.Actions[0]["do"].(string), fields{"reason": b.Actions[0]["reason"]})
		w.settle()
		if n := w.box.Snapshot().Session.Totals.TurnedAway["no_room"]; n != 1 {
			t.Errorf("%d turned away for want of room; want 1", n)
		}
		if role := pair.Guest; !role.May(pair.OnBehalf) && len(late(role).Actions) > 0 {
			t.Error("a guest may press what only others may do")
		}
	})
}

// Who waits for somebody that is not there is told of.
func TestStrandedAtTheDesk(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.pass(10 * time.Minute)
		w.desk("open", fields{"desk": "2"}) // a mediator alone
		w.ticket(fields{"motif": "caf"})    // for a social worker
		stranded := func() bool {
			w.settle()
			return slices.ContainsFunc(w.shown("2").Banners, func(b banner) bool { return b.Key == "stranded" })
		}
		if !stranded() {
			t.Error("nobody tells that somebody waits for a social worker")
		}
		s := w.watch("/ws/desk?desk=1")
		if stranded() {
			t.Error("it is still told once somebody sits at the social worker's desk")
		}
		s.conn.Close()
		<-s.done
		if !stranded() {
			t.Error("it is not told any more once they have gone")
		}
	})
}

// A closing report has the sentences below its counts.
func TestRemarksOfAReport(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.pass(10 * time.Minute)
		w.desk("open", nil)
		w.ticket(fields{"motif": "sante"})
		w.desk("next", nil)
		w.desk("end", fields{"outcome": string(session.Served)})
		w.desk("close", nil)
		w.settle()
		r := w.shown("1").Report
		if r == nil || len(r.Remarks) != 1 || !strings.Contains(r.Remarks[0], "fois sur 10") {
			t.Errorf("report = %+v; want how often announced waits held", r)
		}
	})
}
