package intake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	. "jeudi/firmware/intake"
	"jeudi/firmware/session"
)

// courses are three workshops of the week to come: the first is full, the third is the
// same again.
func courses(now time.Time) []Course {
	at := func(days int) time.Time { return now.AddDate(0, 0, days).Truncate(time.Hour) }
	course := func(id byte, title, room string, days, free int) Course {
		return Course{Event: session.ID{id}, Title: title, From: at(days), Until: at(days).Add(2 * time.Hour), Room: room, Free: free}
	}
	return []Course{course(1, "Mes premiers mails", "Salle 2", 1, 0), course(2, "Photos du téléphone", "", 2, 1), course(3, "Mes premiers mails", "Salle 2", 8, 5)}
}

// courseKey is the key of a workshop of courses.
func courseKey(id string) string { return "course_" + id + strings.Repeat("0", 30) }

// withCourses is a kiosk of a place with workshops.
func withCourses(t testing.TB, keys ...string) *kiosk {
	k := newKiosk(t)
	k.c.Courses = courses(k.c.Now.Wall)
	return k.press(keys...)
}

// reach presses « more » until there is a key, and then the key.
func (k *kiosk) reach(keys ...string) *kiosk {
	k.t.Helper()
	for _, key := range keys {
		for range 5 {
			if !slices.Contains(keysOf(View(k.s, k.c).Choices), key) {
				k.press("more")
			}
		}
		k.press(key)
	}
	return k
}

// takes presses « réserver », and has the world answer.
func (k *kiosk) takes(code string) *kiosk {
	k.t.Helper()
	k.press("take").do(Seated{Code: code})
	return k
}

// A seat is offered where there are workshops with seats: with a ticket, before one where
// a lesson may be enough, and with the result.
func TestSeatOffered(t *testing.T) {
	for _, tt := range []struct {
		name  string
		world func(*Context)
		given []string
		want  bool
	}{
		{name: "with a ticket", given: []string{"fr", "caf"}, want: true},
		{name: "before one", world: func(c *Context) { c.Workshop = true }, given: []string{"fr", "more", "telephone"}, want: true},
		{name: "with the result", world: func(c *Context) { c.Taking = false }, given: []string{"fr", "assess", "skip"}, want: true},
		{name: "in pictures", world: func(c *Context) { c.Languages = append(c.Languages, "images") }, given: []string{"images", "caf"}},
		{name: "no workshop", world: func(c *Context) { c.Courses = nil }, given: []string{"fr", "caf"}},
		{name: "none with a seat", world: func(c *Context) { c.Courses = c.Courses[:1] }, given: []string{"fr", "caf"}},
	} {
		k := newKiosk(t)
		k.c.Courses = courses(k.c.Now.Wall)
		if tt.world != nil {
			tt.world(&k.c)
		}
		k.press(tt.given...)
		pages := keysOf(View(k.s, k.c).Choices)
		if slices.Contains(pages, "more") {
			pages = append(pages, keysOf(View(k.press("more").s, k.c).Choices)...)
		}
		if got := slices.Contains(pages, "seats"); got != tt.want {
			t.Errorf("%s: a seat is offered among %v: %v; want %v", tt.name, pages, got, tt.want)
		}
	}
}

// A seat is asked for once, and its code is on the screen with how to give it back; then
// there is no second one, and it can be seen again.
func TestSeat(t *testing.T) {
	k := withCourses(t, "fr", "caf").reach("seats").on(Seats)
	if v := View(k.s, k.c); len(v.Choices) != 3 || v.Choices[0].Sub.Key != "seat.full" || v.Choices[1].Label.Args["at"] != k.c.Courses[1].From {
		t.Errorf("the workshops are %+v; want all three, their days, and which is full", v.Choices)
	}
	k.press(courseKey("03")).on(SeatOne)
	if v := View(k.s, k.c); len(v.Lines) != 3 || v.Lines[0].Key != "seat.when" || v.Private {
		t.Errorf("a workshop is %+v; want its day, its hours and its room", v)
	}
	k.press("take")
	if got := want[ReserveSeat](k); len(got) != 1 || got[0].Event != (session.ID{3}) {
		t.Fatalf("take wants %v; want a seat of the third", k.wants)
	}
	if k.press("take"); len(want[ReserveSeat](k)) > 0 {
		t.Errorf("a second press before the answer wants %v; want nothing", k.wants)
	}
	k.do(Seated{Code: "K7M2QF"})
	v := View(k.s, k.c)
	if v.Title.Key != "seat.mine" || v.Lines[0].Args["code"] != "K7M\u00a02QF" || v.Notice.Key != "places.printing" || !v.Private ||
		v.Lines[len(v.Lines)-1].Key != "seat.cancel" || !slices.Equal(keysOf(v.Choices), []string{"finish"}) {
		t.Errorf("the seat is %+v; want its code, what to do with it, and no second seat", v)
	}
	if k.c.NoPaper = true; View(k.s, k.c).Notice.Key != "seat.note" {
		t.Errorf("without paper the notice is %v; want the code to be noted", View(k.s, k.c).Notice)
	}
	k.press("finish").on(Ticket).reach("seats").on(SeatOne)
	if v := View(k.s, k.c); v.Title.Key != "seat.mine" {
		t.Errorf("seats leads to %+v; want the seat that one has", v)
	}
	k.press("skip").on(Ticket).press("restart").on(Confirm).press("yes").on(Language).press("en", "caf").reach("seats").on(Seats)
}

// Whoever begins again before a ticket is the same person: they have their seat. After a
// silence it is forgotten, even on the first screen.
func TestOneSeatPerVisitor(t *testing.T) {
	k := newKiosk(t)
	k.c.Courses, k.c.Workshop = courses(k.c.Now.Wall), true
	k.press("fr", "more", "telephone", "seats", courseKey("02")).takes("K7M2QF").press("finish").on(Workshop).press("restart").on(Language)
	if k.s.Idle() {
		t.Error("somebody's seat is known, and the kiosk is idle; want it forgotten after a silence")
	}
	k.press("fr", "more", "telephone", "seats").on(SeatOne)
	if v := View(k.s, k.c); v.Title.Key != "seat.mine" {
		t.Errorf("after « début », seats leads to %+v; want the seat that one has", v)
	}
	k.press("restart").on(Language).wait(75 * time.Second).wait(30 * time.Second).wait(30 * time.Second).on(Language)
	if !k.s.Idle() {
		t.Error("after a silence the kiosk is not idle")
	}
	k.press("fr", "more", "telephone", "seats").on(Seats)
}

// Full is told kindly, with the next workshop: of the same name, or of any; and the last
// seat may go while somebody looks at it.
func TestFull(t *testing.T) {
	k := withCourses(t, "fr", "caf").reach("seats").press(courseKey("01")).on(SeatOne)
	shows := func(name, notice string, keys ...string) {
		t.Helper()
		v := View(k.s, k.c)
		if v.Notice.Key != notice || !slices.Equal(keysOf(v.Choices), keys) {
			t.Errorf("%s: %q, %v; want %q, %v", name, v.Notice.Key, keysOf(v.Choices), notice, keys)
		}
	}
	shows("the same again", "seat.next", courseKey("03"))
	k.c.Courses[2].Free = 0
	shows("another one", "seat.next", courseKey("02"))
	k.press(courseKey("02")).on(SeatOne).press("take")
	k.c.Courses[1].Free, k.c.Courses[2].Free = 0, 1
	k.do(Seated{})
	shows("the last seat went", "seat.next", courseKey("03"))
	k.press(courseKey("03"), "take")
	k.c.Courses = nil
	k.do(Seated{})
	shows("all of them", "seat.full", "finish")
	k.press("finish").on(Seats).press("finish").on(Ticket)
}

// A disk that refuses says sorry, and the ticket stays; back while it works loses nothing;
// an answer that nobody waits for changes nothing.
func TestSeatAnswers(t *testing.T) {
	k := withCourses(t, "fr", "caf").reach("seats").press(courseKey("02"), "take")
	k.do(Refused{})
	k.on(Sorry)
	k = withCourses(t, "fr", "caf").reach("seats").press(courseKey("02"), "take", "back").on(Seats)
	if k.do(Seated{Code: "K7M2QF"}); View(k.on(SeatOne).s, k.c).Title.Key != "seat.mine" {
		t.Errorf("after « retour », the seat is %+v; want it shown", View(k.s, k.c))
	}
	k.press("back").on(Ticket)
	k = newKiosk(t).press("fr")
	turn := k.s.Turn
	if k.do(Seated{Code: "K7M2QF"}); k.s.Turn != turn {
		t.Error("a seat that nobody asked for changed the screen")
	}
}

// By buttons as by touch, and heard: the code goes to headphones alone.
func TestSeatByButtons(t *testing.T) {
	k := newKiosk(t)
	k.c.Courses, k.c.Workshop = courses(k.c.Now.Wall), true
	k.walk("fr").walk("more").walk("telephone").walk("seats").on(Seats).walk(courseKey("02")).on(SeatOne)
	if got := k.said(); !strings.Contains(got, "Photos du téléphone") {
		t.Errorf("a workshop says %q; want its title", got)
	}
	k.walk("take").do(Seated{Code: "K7M2QF"})
	if got := k.said(); !strings.Contains(got, "Votre place est réservée") || strings.Contains(got, "K7M") {
		t.Errorf("in the room it says %q; want that there is a seat, and no code", got)
	}
	k.do(Headphones{In: true})
	if got := k.said(); !strings.Contains(got, "K7M") || !strings.Contains(got, "Pour annuler") {
		t.Errorf("in headphones it says %q; want the code, and how to give the seat back", got)
	}
}
