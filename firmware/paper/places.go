package paper

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"jeudi/firmware/directory"
	"jeudi/firmware/directory/hours"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// What is said of a place of the directory, on paper and on every screen.

// Address is where a place is, on one line.
func Address(p directory.Place) string {
	town := strings.TrimSpace(p.Postcode + " " + p.Town)
	return strings.Join(slices.DeleteFunc([]string{p.Address, p.Extra, town}, func(s string) bool { return s == "" }), ", ")
}

// Phone is a number as the French read it: "+33472000000" is "04 72 00 00 00".
func Phone(p string) string {
	rest, french := strings.CutPrefix(p, "+33")
	if !french || len(rest) != 9 {
		return p
	}
	rest = "0" + rest
	var pairs []string
	for i := 0; i < len(rest); i += 2 {
		pairs = append(pairs, rest[i:i+2])
	}
	return strings.Join(pairs, " ")
}

// OpenMsg says whether a place is open, or when it opens next; nothing when that
// is not known.
func OpenMsg(h directory.Hit) session.Msg {
	switch {
	case h.State == hours.Open && !h.Until.IsZero():
		return session.M("places.open_until", "until", h.Until)
	case h.State == hours.Open:
		return session.M("places.open")
	case h.State == hours.Closed && !h.Opens.IsZero():
		return session.M("places.opens", "when", h.Opens)
	}
	return session.Msg{}
}

// Week is the hours of a place for the seven days that begin with a day, days that
// are alike on one line. Hours that nobody understands are given as they are
// written, and said to be unsure.
func Week(w *words.Catalogue, lang string, s hours.Schedule, raw string, from time.Time) []string {
	if raw == "" {
		return nil
	}
	if !s.Known() {
		return []string{w.Text(lang, "places.hours_unsure", map[string]any{"hours": raw})}
	}
	type group struct {
		days  []string
		hours string
	}
	var groups []group
	for i := range 7 {
		day := from.AddDate(0, 0, i)
		var parts []string
		for _, open := range s.Day(day) {
			if open.State == hours.Open {
				args := map[string]any{"from": open.Start, "until": open.End}
				if open.End.Hour() == 0 && open.End.Minute() == 0 { // of the next day
					args["until"] = w.Text(lang, "format.clock_whole", map[string]any{"h": 24})
				}
				parts = append(parts, w.Text(lang, "places.hours_span", args))
			}
		}
		if len(parts) == 0 {
			continue
		}
		name := w.Text(lang, "format.weekday."+fmt.Sprint(int(day.Weekday())), nil)
		said := strings.Join(parts, " · ")
		if n := len(groups); n > 0 && groups[n-1].hours == said {
			groups[n-1].days = append(groups[n-1].days, name)
			continue
		}
		groups = append(groups, group{[]string{name}, said})
	}
	var lines []string
	for _, g := range groups {
		days := strings.Join(g.days, w.Text(lang, "places.and", nil))
		lines = append(lines, w.Text(lang, "places.hours_line", map[string]any{"days": days, "hours": g.hours}))
	}
	return lines
}
