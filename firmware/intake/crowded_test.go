package intake_test

import (
	"slices"
	"testing"
	"time"

	. "jeudi/firmware/intake"
	"jeudi/firmware/session"
)

// Who comes when there may be no time left is told so, and when to come instead,
// before they wait; the ticket stays the first choice.
func TestCrowded(t *testing.T) {
	k := everyScreen()[Crowded](t)
	v := View(k.s, k.c)
	if v.Notice.Key != "closed.next" || v.Notice.Args["when"] != k.c.Next {
		t.Errorf("the notice is %+v; want the next permanence, %v", v.Notice, k.c.Next)
	}
	if got, want := keysOf(v.Choices), []string{"ticket", "places"}; !slices.Equal(got, want) {
		t.Errorf("choices %v; want %v", got, want)
	}
	if !slices.ContainsFunc(v.Say, func(m session.Msg) bool { return m.Key == "closed.next" }) {
		t.Errorf("it says %v; want the next permanence too", v.Say)
	}

	k.c.Next, k.c.Places = time.Time{}, nil
	v = View(k.s, k.c)
	if v.Notice.Key != "" {
		t.Errorf("the notice is %+v; want none where no date is known", v.Notice)
	}
	if got, want := keysOf(v.Choices), []string{"ticket"}; !slices.Equal(got, want) {
		t.Errorf("choices %v; want %v where there are no other places", got, want)
	}
}

// A lesson comes first, and three presses are enough for a ticket: there the same is
// said beside it.
func TestCrowdedBesideALesson(t *testing.T) {
	for _, late := range []bool{false, true} {
		k := everyScreen()[Workshop](t)
		k.c.Late = late
		if got := View(k.s, k.c).Notice.Key == "motif.crowded_title"; got != late {
			t.Errorf("late %v: many people are told of: %v; want %v", late, got, late)
		}
	}
}
