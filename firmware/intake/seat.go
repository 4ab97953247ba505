package intake

import (
	"encoding/hex"
	"slices"
	"time"

	"jeudi/firmware/session"
)

// A visitor reserves a seat of a workshop to come: under a code that leads to the
// workshop and to nobody. One for each visitor, or one finger could empty a workshop.

// Course is a workshop to come, full or not.
type Course struct {
	Event       session.ID
	Title       string
	From, Until time.Time // in the zone of the place
	Room        string    // "" when not known
	Free        int       // seats that are left
}

// seat is the one that this visitor got; none while code is "".
type seat struct {
	code   string
	course Course
}

// seatsOffer is the way to the workshops, or to the seat that the visitor has; nil
// where there is neither. Nobody is led to full workshops alone, nor to names and days
// where no word is shown.
func (s State) seatsOffer(c Context) []Choice {
	switch {
	case s.Lang == pictures:
		return nil
	case s.seat.code != "":
		return []Choice{choice(keySeats, "slip.seat.atelier", "workshop")}
	case slices.ContainsFunc(c.Courses, func(w Course) bool { return w.Free > 0 }):
		return []Choice{choice(keySeats, "seat.offer", "workshop")}
	}
	return nil
}

func (s State) seekSeat() State {
	if s.seat.code != "" {
		return s.goTo(SeatOne)
	}
	return s.goTo(Seats)
}

func courseKey(w Course) string { return "course_" + hex.EncodeToString(w.Event[:]) }

// courseChoice is a workshop to choose; one that is full stays in the list, or whoever
// looks for it would look on.
func courseChoice(w Course) Choice {
	// The day is in the name: it tells workshops of one title apart, in the ear too.
	k := Choice{Key: courseKey(w), Label: msg("seat.course", "title", w.Title, "at", w.From), Picto: "workshop"}
	if w.Free == 0 {
		k.Sub = msg("seat.full")
	}
	return k
}

func seatsChoices(s State, c Context) []Choice {
	var list []Choice
	for _, w := range c.Courses {
		list = append(list, courseChoice(w))
	}
	if len(list) == 0 { // they went while somebody looked at them
		list = append(list, choice(keyFinish, "kiosk.finish", "yes"))
	}
	return slotted(list, s.page, min(c.Slots-1, seatsSlots))
}

// seatsSlots leave room for long names; on a small panel there is one place less.
const seatsSlots = 4

func seatsPress(s State, p Choice, c Context) (State, []Want) {
	for _, w := range c.Courses {
		if p.Key == courseKey(w) {
			s.course = w
			return s.goTo(SeatOne), nil
		}
	}
	return s.leaveList(Seats), nil
}

// now is the chosen workshop as it is now: what is no more has no seats.
func (s State) now(c Context) Course {
	for _, w := range c.Courses {
		if w.Event == s.course.Event {
			return w
		}
	}
	w := s.course
	w.Free = 0
	return w
}

// following is the next workshop with a seat instead of a full one: of the same title,
// or else of any.
func following(full Course, c Context) (next Course, ok bool) {
	for _, w := range c.Courses {
		switch {
		case w.Free == 0 || w.Event == full.Event:
		case w.Title == full.Title:
			return w, true
		case !ok:
			next, ok = w, true
		}
	}
	return next, ok
}

func seatView(s State, c Context, v *Screen) {
	w := s.now(c)
	if s.seat.code != "" {
		w = s.seat.course
	}
	when := []session.Msg{msg("seat.when", "at", w.From)}
	if w.Room != "" {
		when = append(when, verbatim(w.Room))
	}
	v.Title = verbatim(w.Title)
	switch _, ok := following(w, c); {
	case s.seat.code != "":
		// The page writes the first line large: it is all there is where no paper comes.
		v.Lines = append([]session.Msg{msg("seat.code", "code", spaced(s.seat.code)), v.Title}, append(when, msg("seat.cancel"))...)
		if v.Title, v.Notice = msg("seat.mine"), msg("places.printing"); c.NoPaper {
			v.Notice = msg("seat.note")
		}
		v.Private = true // whoever has the code can give the seat back
	case w.Free > 0:
		v.Lines = append(when, msg("places.hours_span", "from", w.From, "until", w.Until))
	case ok:
		v.Notice = msg("seat.next")
	default:
		v.Notice = msg("seat.full")
	}
}

// spaced is a code as one reads it aloud: three by three.
func spaced(code string) string {
	if len(code) != 6 {
		return code
	}
	return code[:3] + "\u00a0" + code[3:]
}

func seatChoices(s State, c Context) []Choice {
	w := s.now(c)
	switch next, ok := following(w, c); {
	case s.seat.code != "":
	case w.Free > 0:
		return []Choice{choice(keyTake, "seat.take", "yes")}
	case ok:
		return []Choice{courseChoice(next)}
	}
	return finish()(s, c)
}

func seatPress(s State, p Choice, c Context) (State, []Want) {
	switch {
	case s.seating: // a second tap before the answer to the first
		return s, nil
	case p.Key == keyTake:
		s.seating = true
		return s, []Want{ReserveSeat{s.course.Event}}
	case p.Key == keyFinish || p.Key == keySkip:
		return s.goBack(), nil
	}
	for _, w := range c.Courses {
		if p.Key == courseKey(w) {
			s.course, s.Focus = w, ""
		}
	}
	return s, nil
}

// seated takes the answer to ReserveSeat in. Back then leads to where one came from,
// not to the list: there is no second seat.
func (s State) seated(code string, c Context) State {
	if s.seating = false; code == "" {
		return s // the last one went to somebody else: the screen says so
	}
	s.seat, s.Focus = seat{code, s.now(c)}, ""
	s.trail = slices.DeleteFunc(slices.Clone(s.trail), func(f frame) bool { return f.screen == Seats })
	if s.Screen == Seats {
		s = s.show(SeatOne) // back was quicker than the disk
	}
	return s
}
