package session

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "add what is new to the golden files")

// golden holds events as boxes wrote them. It is kept for ever: entries are
// added, never changed, because journals with them are out there.
const golden = "testdata/events.golden.json"

type goldenEvent struct {
	Type string          `json:"type"`
	Body json.RawMessage `json:"body"`
}

// samples are what the entries of the golden file mean, in their order. When an
// encoding changes, add the new one at the end; the old one stays.
func samples() []Body {
	plan := testPlan()
	plan.From, plan.Until = plan.From.UTC(), plan.Until.UTC()
	a := Act{Visit: id('v', 1), Desk: "b"}
	d := Act{Desk: "a"}
	return []Body{
		PermanencePlanned{plan},
		PermanenceOpened{Act: d, Test: true},
		PermanencePaused{d},
		PermanenceResumed{d},
		Interrupted{},
		TicketTaken{Act: a, Number: 12, Motif: "rights", Need: SocialWorker, Class: Long, Lang: "ar", ForOther: true},
		TicketTaken{Act: Act{Visit: id('v', 2)}, Number: 13},
		NeedAdjusted{Act{Visit: id('v', 1)}, Mediator, Short},
		TicketCalled{a},
		TicketRecalled{a},
		ServiceStarted{a, []Role{SocialWorker}, true},
		TeamChanged{a, []Role{SocialWorker, Mediator}},
		VisitHeld{a, "sms_code"},
		SteppedOut{a, 90 * time.Minute},
		Returned{a},
		HandedOver{a, Mediator},
		MarkedAbsent{a},
		CameBack{a},
		VisitEnded{a, Cancelled, "twice"},
		VisitEnded{Act: a, Outcome: Served},
		PriorityGiven{a, true},
		MotifAdded{a, "phone"},
		PersonTurnedAway{d, "no_room"},
		ActionUndone{d, id('c', 4)},
		ReprintAsked{Act: a},
		PaperReported{Act{Visit: id('v', 1)}, Unprinted, false},
		PermanenceClosed{Act: d, Totals: Totals{Issued: 28, Served: 1, NoShow: 2, Left: 3, Cancelled: 4, Misrouted: 5, Oriented: 6, Unresolved: 7,
			TurnedAway: map[Reason]int{"no_room": 8}, ForOther: 9, Inaccurate: 10, Outages: 11}},
		PermanenceClosed{d, Totals{Issued: 9, Served: 9, Inaccurate: 4, OnPaper: 4, Reopened: 1}, []Tell{"paper_low", "technician"}},
		TimeConfirmed{id('b', 1), plan.From, Hours{plan.From, plan.Until}},
		TimeConfirmed{Boot: id('b', 1), Start: plan.From},
		PeopleCaughtUp{d, "rights", Served, 4},
		PermanenceReopened{d, plan, Earlier{Totals: Totals{Issued: 9, Served: 9}, Next: 10, Waits: []int{1, 2, 3, 0}}, Moment{Wall: plan.From, Trust: Trusted}},
		PermanenceMoved{},
	}
}

func TestGoldenEvents(t *testing.T) {
	want := samples()
	data, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	var entries []goldenEvent
	if err := json.Unmarshal(data, &entries); err != nil && !*update {
		t.Fatalf("%s: %v", golden, err)
	}
	if *update && len(entries) < len(want) {
		for _, b := range want[len(entries):] {
			body, err := json.Marshal(b)
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, goldenEvent{TypeOf(b), body})
		}
		var out bytes.Buffer
		for i, e := range entries {
			line, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			out.WriteString([]string{",\n", "[\n"}[min(1, max(0, 1-i))])
			out.Write(line)
		}
		out.WriteString("\n]\n")
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if len(entries) != len(want) {
		t.Fatalf("%s has %d events; want %d, one for each sample (-update adds the new ones)", golden, len(entries), len(want))
	}
	newest := map[string]int{}
	for i, e := range entries {
		newest[e.Type] = i
	}
	for i, e := range entries {
		got, err := DecodeBody(e.Type, e.Body)
		if err != nil || !reflect.DeepEqual(got, want[i]) {
			t.Errorf("entry %d: DecodeBody(%s) =\n%+v, %v; want\n%+v", i, e.Type, got, err, want[i])
			continue
		}
		if name := TypeOf(got); name != e.Type {
			t.Errorf("entry %d: TypeOf(%T) = %s; want %s", i, got, name, e.Type)
		}
		if newest[e.Type] != i {
			continue // an encoding of old, still read
		}
		if again, err := json.Marshal(got); err != nil || !bytes.Equal(again, e.Body) {
			t.Errorf("entry %d: %T is written today as\n%s, %v; want\n%s", i, got, again, err, e.Body)
		}
	}
}

// A type of event that the golden file lacks is one that nobody promises to read.
func TestGoldenEventsAreComplete(t *testing.T) {
	var have []string
	names := map[string]reflect.Type{}
	for _, b := range samples() {
		kind := reflect.TypeOf(b)
		have = append(have, kind.Name())
		if other, taken := names[TypeOf(b)]; taken && other != kind {
			t.Errorf("%v and %v are both called %s", kind, other, TypeOf(b))
		}
		names[TypeOf(b)] = kind
	}
	for _, name := range methodsNamed(t, "event.go", "body") {
		if !slices.Contains(have, name) {
			t.Errorf("the golden file has no %s", name)
		}
	}
}

func TestDecodeBodyErrors(t *testing.T) {
	for _, test := range []struct{ name, body string }{
		{"teleported", `{}`},
		{"", `{}`},
		{"taken", `{`},
		{"taken", ``},
		{"taken", `{"visit":"12"}`},
		{"taken", `{"n":-1}`},
		{"stepped_out", `{"for":"an hour"}`},
	} {
		if b, err := DecodeBody(test.name, []byte(test.body)); err == nil || b != nil {
			t.Errorf("DecodeBody(%q, %s) = %+v, %v; want an error", test.name, test.body, b, err)
		}
	}
}

// FuzzDecodeBody: whatever is on the disk, reading it neither fails otherwise
// than with an error nor changes it when it is written again.
func FuzzDecodeBody(f *testing.F) {
	for _, b := range samples() {
		body, err := json.Marshal(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(TypeOf(b), body)
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		b, err := DecodeBody(name, data)
		if err != nil {
			return
		}
		once, err := json.Marshal(b)
		if err != nil {
			return // a year beyond 9999: never written
		}
		again, err := DecodeBody(name, once)
		if err != nil {
			t.Fatalf("DecodeBody(%s, %s) = %v; it was just written", name, once, err)
		}
		if twice, err := json.Marshal(again); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s, %v; want %s, as before", twice, err, once)
		}
		Evolve(State{}, Event{Seq: 1, Body: b})
	})
}
