package report

import (
	"slices"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// serviceBands are the durations of services that are told apart. Their limits from 30
// minutes on are La Coop's.
func serviceBands() []Band {
	return []Band{
		{Min: 0, Max: 15 * time.Minute},
		{Min: 15 * time.Minute, Max: 30 * time.Minute},
		{Min: 30 * time.Minute, Max: time.Hour},
		{Min: time.Hour, Max: 2 * time.Hour},
		{Min: 2 * time.Hour},
	}
}

// classes are the classes of duration, shortest first.
func classes() []session.Class {
	return []session.Class{session.Short, session.Normal, session.Long}
}

// Days are the days of a period in words: « du 1er janvier au 30 juin 2026 ».
func (r Release) Days() string {
	from, until, err := r.days()
	if err != nil {
		return r.From
	}
	return span(from, until)
}

// Day is a day in words: « 1er janvier 2026 ».
func Day(d time.Time) string { return day(d, true) }

// RoleKey and ClassKey are a role and a class as they are counted: with a name for those
// that need none.
func RoleKey(r session.Role) string {
	if r == session.Anyone {
		return sheet.Whoever
	}
	return string(r)
}

// ClassKey is like RoleKey.
func ClassKey(c session.Class) string {
	if c == session.Normal {
		return "normal"
	}
	return string(c)
}

// table counts services, needs and the use of the desks. It is for whole permanences:
// of one under way, services that last are not told yet.
func (r *Report) table(s session.State, at session.Moment) {
	roles := append(session.Roles(), session.Anyone)
	r.Services = serviceBands()
	for _, role := range roles {
		r.Roles = append(r.Roles, Tally{Key: RoleKey(role)})
	}
	for _, class := range classes() {
		r.Classes = append(r.Classes, Tally{Key: ClassKey(class)})
	}
	if s.Ended != (session.Moment{}) {
		at = s.Ended
	}
	var busy time.Duration
	last := s.Opened
	desks := map[string]bool{}
	for v := range s.Visits() {
		r.Roles[slices.Index(roles, v.Need)].N++
		r.Classes[slices.Index(classes(), v.Class)].N++
		var served time.Duration
		exact, begun := true, false
		for _, i := range v.Intervals {
			if i.State != session.Called && i.State != session.Serving {
				continue
			}
			desks[i.Desk] = true
			if i.State == session.Called {
				continue
			}
			end := i.To
			if end == (session.Moment{}) {
				end = at
			}
			d, sure := end.Sub(i.From)
			served, begun, exact = served+d, true, exact && sure && !i.Inaccurate
			if since(s, end) > since(s, last) {
				last = end
			}
		}
		busy += served
		if begun && exact && v.State() == session.Done {
			into(r.Services, served)
		}
	}
	if s.Earlier != nil {
		again(r.Services, s.Earlier.Services)
		for i := range r.Roles {
			r.Roles[i].N += before(s.Earlier.Roles, i, len(r.Roles))
		}
		for i := range r.Classes {
			r.Classes[i].N += before(s.Earlier.Classes, i, len(r.Classes))
		}
		r.Capacity, r.Busy, r.Down = s.Earlier.Capacity, s.Earlier.Busy, s.Earlier.Down
	}
	open := time.Duration(0)
	if s.Opened != (session.Moment{}) {
		open = since(s, at)
		if planned := s.Plan.Until.Sub(began(s).Wall); planned < open {
			open = max(planned, since(s, last), 0)
		}
	}
	// Two cuts and clocks that nobody set may make a service longer than it can have been.
	capacity := time.Duration(len(desks)) * open
	r.Capacity += int(capacity / time.Minute)
	r.Busy += int(min(busy, capacity) / time.Minute)
	r.Down += int(s.Down / time.Minute)
}

// began is when people could be called: at the opening, or when the permanence was gone
// on with.
func began(s session.State) session.Moment {
	if s.Earlier != nil {
		return s.Begun()
	}
	return s.Opened
}

func since(s session.State, m session.Moment) time.Duration {
	d, _ := m.Sub(began(s))
	return d
}

// before is a count of a list of so many, 0 where the list is another.
func before(counts []int, i, n int) int {
	if len(counts) != n {
		return 0
	}
	return counts[i]
}

// Occupancy is how much of the desks' time was services, from 0 to 1; ok is false when
// no desk called anybody.
func (r Report) Occupancy() (part float64, ok bool) {
	if r.Capacity <= 0 {
		return 0, false
	}
	return float64(r.Busy) / float64(r.Capacity), true
}

// worked are how long people were received, what they needed, and how much of their time
// the desks received somebody. Reports of before this was counted have none of it.
func (r Report) worked() []Section {
	if r.Services == nil {
		return nil
	}
	services := Section{Title: session.M("report.services")}
	for _, b := range r.Services {
		services.Rows = append(services.Rows, Row{b.label(), b.Visits})
	}
	needs := Section{Title: session.M("report.roles")}
	for _, t := range r.Roles {
		label := session.M("report.role_any")
		if t.Key != sheet.Whoever {
			label = session.M("role." + t.Key)
		}
		needs.Rows = append(needs.Rows, Row{label, t.N})
	}
	expected := Section{Title: session.M("report.classes")}
	for _, t := range r.Classes {
		expected.Rows = append(expected.Rows, Row{session.M("report.class." + t.Key), t.N})
	}
	desks := Section{Title: session.M("report.desks"), Rows: []Row{
		{session.M("report.desks.capacity"), r.Capacity},
		{session.M("report.desks.busy"), r.Busy},
	}}
	if part, ok := r.Occupancy(); ok {
		desks.Remarks = append(desks.Remarks, session.M("report.desks.occupancy", "percent", int(part*100+0.5)))
	}
	return []Section{services, needs, expected, desks}
}
