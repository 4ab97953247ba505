package agenda

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	// golang-ical reads and folds the lines of RFC 5545. It has tagged versions and is
	// kept (v0.3.4, March 2026), has no dependency of its own, and survives its fuzzing
	// and ours. emersion/go-ical (no version, last change March 2025) panics on a line
	// that ends in a parameter, and writes lines that it does not fold.
	//
	// It takes a file that was cut short for a whole one: Read looks at the end itself.
	ics "github.com/arran4/golang-ical"
	// rrule-go is a port of python-dateutil's expansion of RRULE, in Debian, and what
	// emersion/go-ical expands with; golang-ical expands nothing. In the night that has
	// 23 hours it makes the hour that is not there the next one, so that rules are
	// expanded on a clock without zones, and each result looked up in the zone.
	"github.com/teambition/rrule-go"

	"jeudi/firmware/coop"
	"jeudi/firmware/session"
)

// ErrCalendar is a file that is no calendar, or the beginning of one.
var ErrCalendar = &session.Refusal{Msg: session.M("refuse.agenda_file")}

// The bounds of a calendar that is read.
const (
	mostBytes    = 4 << 20
	mostRead     = 2000 // events, repetitions counted one by one
	mostRules    = 300
	mostRule     = 500 // bytes
	mostInterval = 1000
	worstRules   = 3    // rules without a single day, each of which takes a quarter of a second
	mostValue    = 1000 // bytes of a text that are looked at
	mostLabels   = 10   // categories of an event that are looked at
)

// The time of an event that has no end.
const usualLength = time.Hour

// Reading is how a calendar is to be understood.
type Reading struct {
	// Zone is that of times without one, and of zones that nobody knows.
	Zone *time.Location
	// Events that end after From and begin before Until are read.
	From, Until time.Time
	// What an event is that does not say, how many seats it has, and its themes.
	Kind   Kind
	Seats  int
	Themes []coop.Theme
}

// Why is the reason for which an event of a calendar is left out.
type Why string

// The reasons.
const (
	AllDay   Why = "all_day"  // it has a day and no hour
	Private  Why = "private"  // its owner marked it private or confidential
	BadTime  Why = "bad_time" // its time cannot be read
	BadRule  Why = "bad_rule" // it comes back by a rule that cannot be read, or more than once a day
	TooLong  Why = "too_long" // it lasts more than a day, or no time
	Untitled Why = "untitled" // a workshop without a title
	TooMany  Why = "too_many" // the calendar has more events than an agenda holds
)

func whys() []Why { return []Why{AllDay, Private, BadTime, BadRule, TooLong, Untitled, TooMany} }

// Left is how many events of a calendar were left out for a reason.
type Left struct {
	Why Why
	N   int
}

// Msg says it to staff.
func (l Left) Msg() session.Msg {
	key := map[Why]string{
		AllDay: "desk.agenda_left_all_day", Private: "desk.agenda_left_private", BadTime: "desk.agenda_left_bad_time",
		BadRule: "desk.agenda_left_bad_rule", TooLong: "desk.agenda_left_too_long", Untitled: "desk.agenda_left_untitled",
		TooMany: "desk.agenda_left_too_many",
	}[l.Why]
	return session.M(key, "n", l.N)
}

// Calendar is what was read.
type Calendar struct {
	Name   string  // its own, "" without one
	Events []Event // by beginning
	Left   []Left
	// Guessed is how many events have a time zone that nobody knows, and were read in
	// that of the place.
	Guessed int
}

// Whole reports whether all that the calendar says could be read. What could not may
// still be in it: nothing is to be removed for want of it.
func (c Calendar) Whole() bool {
	return !slices.ContainsFunc(c.Left, func(l Left) bool { return l.Why == BadTime || l.Why == BadRule || l.Why == TooMany })
}

// Msgs are what staff should know of a reading: what was left out, and what to check.
func (c Calendar) Msgs() []session.Msg {
	var list []session.Msg
	for _, l := range c.Left {
		list = append(list, l.Msg())
	}
	if c.Guessed > 0 {
		list = append(list, session.M("desk.agenda_guessed", "n", c.Guessed))
	}
	return list
}

// Read reads a calendar in the format iCalendar, as Outlook, Google, Nextcloud and
// Write make it. Repetitions become events of their own, whose ids stay the same at
// the next reading. Of an appointment no title is read and of a home visit no place:
// people write names and addresses there. Who takes part, descriptions and alarms
// are never read.
//
// The error is ErrCalendar, or that of the reader.
func Read(r io.Reader, as Reading) (Calendar, error) {
	raw, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return Calendar{}, fmt.Errorf("agenda: read: %w", err)
	}
	raw = bytes.ToValidUTF8(bytes.TrimPrefix(raw, []byte("\ufeff")), []byte("\ufffd"))
	if len(raw) > mostBytes || !bytes.HasSuffix(bytes.TrimRightFunc(raw, unicode.IsSpace), []byte("END:VCALENDAR")) {
		return Calendar{}, ErrCalendar
	}
	// Some calendars have properties of their own between their events.
	cal, err := ics.ParseCalendarWithOptions(bytes.NewReader(raw), ics.WithUnknownPropertyHandler(ics.AcceptUnknownPropertyHandler))
	if err != nil {
		return Calendar{}, fmt.Errorf("agenda: read: %w: %w", ErrCalendar, err)
	}
	in := reader{as: as, zones: map[string]*time.Location{}, left: map[Why]int{}, found: map[session.ID]Event{}}
	in.read(cal.Events())
	c := Calendar{Guessed: in.guessed, Events: slices.Collect(maps.Values(in.found))}
	slices.SortFunc(c.Events, Event.compare)
	for _, p := range cal.CalendarProperties {
		if p.IANAToken == string(ics.PropertyXWRCalName) {
			c.Name = line(short(p.Value))
		}
	}
	for _, why := range whys() {
		if n := in.left[why]; n > 0 {
			c.Left = append(c.Left, Left{why, n})
		}
	}
	return c, nil
}

// reader is a calendar on its way.
type reader struct {
	as      Reading
	zones   map[string]*time.Location // nil: a name that nobody knows
	left    map[Why]int
	guessed int
	rules   int
	worst   int
	found   map[session.ID]Event
}

// A moment is a time as it is written: what the clock shows, and where it hangs.
type moment struct {
	clock time.Time // in UTC, whatever the zone
	zone  *time.Location
	day   bool // a date without an hour
}

// at is the moment in time. In the night in which the clock goes forward it may show
// an hour that is not there: RFC 5545 (3.3.5) then counts with the offset before it,
// and exists is false. An hour that is there twice is the first one.
func (m moment) at() (t time.Time, exists bool) {
	_, before := m.clock.Add(-24 * time.Hour).In(m.zone).Zone()
	_, after := m.clock.Add(24 * time.Hour).In(m.zone).Zone()
	for _, offset := range []int{before, after} {
		t := m.clock.Add(-time.Duration(offset) * time.Second)
		if _, is := t.In(m.zone).Zone(); is == offset {
			return t, true
		}
	}
	return m.clock.Add(-time.Duration(before) * time.Second), false
}

// clockOf is what the clocks of a zone show.
func clockOf(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

const clockFormat = "20060102T150405"

var errTime = errors.New("not a time")

// moment reads one value of a property.
func (in *reader) moment(p *ics.IANAProperty, value string) (moment, error) {
	m := moment{zone: in.as.Zone}
	value = strings.TrimSpace(value)
	if rest, ok := strings.CutSuffix(value, "Z"); ok {
		m.zone, value = time.UTC, rest
	} else if names := p.ICalParameters["TZID"]; len(names) > 0 {
		if m.zone = in.zone(names[0]); m.zone == nil {
			m.zone = in.as.Zone
		}
	}
	layout := clockFormat
	if len(value) == len("20060102") {
		layout, m.day = "20060102", true
	}
	clock, err := time.Parse(layout, value)
	if err != nil || clock.Year() < firstYear-100 || clock.Year() > lastYear {
		return moment{}, errTime
	}
	m.clock = clock
	return m, nil
}

// zone is the zone of a name, nil when nobody knows it.
func (in *reader) zone(name string) *time.Location {
	if zone, ok := in.zones[name]; ok {
		return zone
	}
	var zone *time.Location
	plain := strings.Trim(name, `"/ `)
	if known := windowsZone(plain); known != "" {
		plain = known
	}
	// Some write the address of a list of zones before the name.
	parts := strings.Split(plain, "/")
	for i := max(0, len(parts)-3); i < len(parts); i++ {
		if last := strings.Join(parts[i:], "/"); last != "" && last != "Local" {
			if found, err := time.LoadLocation(last); err == nil {
				zone = found
				break
			}
		}
	}
	in.zones[name] = zone
	return zone
}

// windowsZone is the name of a zone that Outlook calls as Windows does, of those
// where a French place or its host may be (Unicode CLDR, windowsZones.xml).
func windowsZone(name string) string {
	switch name {
	case "Romance Standard Time", "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris":
		return "Europe/Paris"
	case "W. Europe Standard Time":
		return "Europe/Berlin"
	case "Central Europe Standard Time":
		return "Europe/Budapest"
	case "Central European Standard Time":
		return "Europe/Warsaw"
	case "GMT Standard Time":
		return "Europe/London"
	case "SA Western Standard Time":
		return "America/Guadeloupe"
	case "SA Eastern Standard Time":
		return "America/Cayenne"
	case "Saint Pierre Standard Time":
		return "America/Miquelon"
	case "Mauritius Standard Time":
		return "Indian/Reunion"
	case "E. Africa Standard Time":
		return "Indian/Mayotte"
	case "Central Pacific Standard Time":
		return "Pacific/Noumea"
	}
	return ""
}

// read reads every event: first those that stand for one repetition, since theirs is
// what a rule does not say.
func (in *reader) read(list []*ics.VEvent) {
	moved := map[string]map[int64]bool{} // by UID: the repetitions that have an event of their own
	for _, e := range list {
		if p := e.GetProperty(ics.ComponentPropertyRecurrenceId); p != nil {
			in.repetition(e, p, moved)
		}
	}
	for _, e := range list {
		if e.GetProperty(ics.ComponentPropertyRecurrenceId) == nil {
			in.event(e, moved[uidOf(e)])
		}
	}
}

// repetition reads an event that stands for one of a rule's.
func (in *reader) repetition(e *ics.VEvent, p *ics.IANAProperty, moved map[string]map[int64]bool) {
	m, err := in.moment(p, p.Value)
	// « This one and all that follow » is a second rule that the first knows nothing of.
	if err != nil || len(p.ICalParameters["RANGE"]) > 0 {
		in.left[BadRule]++
		return
	}
	instead, _ := m.at()
	uid := uidOf(e)
	if moved[uid] == nil {
		moved[uid] = map[int64]bool{}
	}
	moved[uid][instead.Unix()] = true
	if cancelled(e) {
		return
	}
	if start, length, ok := in.span(e); ok {
		if what, ok := in.what(e); ok {
			from, _ := start.at()
			in.add(what, idOf(uid, instead), from, length)
		}
	}
}

func cancelled(e *ics.VEvent) bool {
	return strings.EqualFold(text(e, ics.ComponentPropertyStatus), "CANCELLED")
}

// event reads an event with all its repetitions but those that moved.
func (in *reader) event(e *ics.VEvent, moved map[int64]bool) {
	if cancelled(e) {
		return
	}
	start, length, ok := in.span(e)
	if !ok {
		return
	}
	what, ok := in.what(e)
	if !ok {
		return
	}
	uid := uidOf(e)
	from, _ := start.at()
	rules, dates := e.GetProperties(ics.ComponentPropertyRrule), e.GetProperties(ics.ComponentPropertyRdate)
	if len(e.GetProperties(ics.ComponentPropertyExrule)) > 0 {
		in.left[BadRule]++
		return
	}
	if len(rules)+len(dates) == 0 {
		in.add(what, idOf(uid, time.Time{}), from, length)
		return
	}
	// The first is there whatever the rule says (RFC 5545, 3.8.5.3).
	clocks := []moment{start}
	for _, rule := range rules {
		more, err := in.expand(rule.Value, start)
		if err != nil {
			in.left[BadRule]++
			return
		}
		clocks = append(clocks, more...)
	}
	more, _, err := in.moments(dates)
	if err != nil {
		in.left[BadRule]++
		return
	}
	clocks = append(clocks, more...)
	except, days, err := in.moments(e.GetProperties(ics.ComponentPropertyExdate))
	if err != nil {
		in.left[BadRule]++
		return
	}
	without := map[int64]bool{}
	for _, m := range except {
		t, _ := m.at()
		without[t.Unix()] = true
	}
	for i, m := range clocks {
		t, exists := m.at()
		// A repetition in an hour that is not there is none (RFC 5545, 3.3.10).
		if !exists && i > 0 || without[t.Unix()] || moved[t.Unix()] || days[m.clock.Format("20060102")] {
			continue
		}
		in.add(what, idOf(uid, t), t, length)
	}
}

// moments reads a list of times. Dates without an hour are days.
func (in *reader) moments(list []*ics.IANAProperty) (hours []moment, days map[string]bool, err error) {
	days = map[string]bool{}
	for _, p := range list {
		for value := range strings.SplitSeq(p.Value, ",") {
			value, _, _ = strings.Cut(value, "/") // a period: its beginning
			m, err := in.moment(p, value)
			if err != nil {
				return nil, nil, err
			}
			if m.day {
				days[m.clock.Format("20060102")] = true
			} else {
				hours = append(hours, m)
			}
		}
	}
	return hours, days, nil
}

var errRule = errors.New("not a rule for an agenda")

// expand is what a rule says until the end of what is read, on a clock without a
// zone: an atelier at 10 h is at 10 h in summer and in winter.
func (in *reader) expand(rule string, start moment) (found []moment, err error) {
	rule = strings.TrimRight(strings.ToUpper(strings.TrimSpace(rule)), ";")
	if in.rules++; in.rules > mostRules || in.worst >= worstRules || len(rule) > mostRule || strings.ContainsAny(rule, "\r\n") {
		return nil, errRule
	}
	// rrule-go (v1.8.2) looks for the tenth Saturday of December beyond the end of its
	// tables. A file that somebody brings must not end the box.
	defer func() {
		if p := recover(); p != nil {
			found, err = nil, fmt.Errorf("%w: %v", errRule, p)
		}
	}()
	o, err := rrule.StrToROption(rule)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errRule, err)
	}
	if o.Freq > rrule.DAILY || len(o.Byhour)+len(o.Byminute)+len(o.Bysecond)+len(o.Byeaster) > 0 ||
		o.Interval < 0 || o.Interval > mostInterval || !o.Dtstart.IsZero() {
		return nil, errRule
	}
	o.Dtstart = start.clock
	if _, until, ok := strings.Cut(rule, "UNTIL="); ok {
		until, _, _ = strings.Cut(until, ";")
		switch {
		case strings.HasSuffix(until, "Z"):
			o.Until = clockOf(o.Until, start.zone)
		case len(until) == len("20060102"): // that day too
			o.Until = o.Until.Add(24*time.Hour - time.Second)
		}
	}
	horizon := clockOf(in.as.Until, start.zone)
	if o.Until.IsZero() || o.Until.After(horizon) {
		o.Until = horizon
	}
	if o.Until.Before(start.clock) {
		return nil, nil
	}
	expanded, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errRule, err)
	}
	oldest := clockOf(in.as.From, start.zone).Add(-2 * mostLength)
	next, any := expanded.Iterator(), false
	for clock, ok := next(); ok; clock, ok = next() {
		any = true
		if clock.After(oldest) {
			found = append(found, moment{clock: clock, zone: start.zone})
		}
	}
	if !any {
		in.worst++
	}
	return found, nil
}

// span is when an event is. What cannot be read is left out.
func (in *reader) span(e *ics.VEvent) (start moment, length time.Duration, ok bool) {
	p := e.GetProperty(ics.ComponentPropertyDtStart)
	if p == nil {
		in.left[BadTime]++
		return start, 0, false
	}
	start, err := in.moment(p, p.Value)
	if err == nil && in.elsewhen(e, start) {
		return start, 0, false
	}
	if class := text(e, ics.ComponentPropertyClass); strings.EqualFold(class, "PRIVATE") || strings.EqualFold(class, "CONFIDENTIAL") {
		in.left[Private]++
		return start, 0, false
	}
	if err == nil && start.day {
		in.left[AllDay]++
		return start, 0, false
	}
	length = usualLength
	if err == nil {
		length, err = in.length(e, start)
	}
	if err != nil {
		in.left[BadTime]++
		return start, 0, false
	}
	if length <= 0 || length > mostLength {
		in.left[TooLong]++
		return start, 0, false
	}
	if names := p.ICalParameters["TZID"]; len(names) > 0 && in.zone(names[0]) == nil {
		in.guessed++
	}
	return start, length, true
}

// elsewhen reports whether an event happens once, on a day that is not read: staff
// need not hear that those of the last ten years were left out.
func (in *reader) elsewhen(e *ics.VEvent, start moment) bool {
	if e.GetProperty(ics.ComponentPropertyRrule) != nil || e.GetProperty(ics.ComponentPropertyRdate) != nil {
		return false
	}
	t, _ := start.at()
	return t.Before(in.as.From.Add(-2*mostLength)) || t.After(in.as.Until.Add(mostLength))
}

// length is how long an event lasts.
func (in *reader) length(e *ics.VEvent, start moment) (time.Duration, error) {
	if p := e.GetProperty(ics.ComponentPropertyDtEnd); p != nil {
		end, err := in.moment(p, p.Value)
		if err != nil || end.day {
			return 0, errTime
		}
		from, _ := start.at()
		until, _ := end.at()
		return until.Sub(from), nil
	}
	if p := e.GetProperty(ics.ComponentPropertyDuration); p != nil {
		return duration(p.Value)
	}
	return usualLength, nil
}

// duration reads "PT1H30M" and "P1D" (RFC 5545, 3.3.6).
func duration(value string) (time.Duration, error) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(value, "+"), "P")
	var total time.Duration
	for digits := ""; ok && rest != ""; rest = rest[1:] {
		switch c := rest[0]; {
		case c >= '0' && c <= '9' && len(digits) < 5:
			digits += rest[:1]
			continue
		case c == 'T' && digits == "":
			continue
		default:
			unit := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}[c]
			n, err := strconv.Atoi(digits)
			if err != nil || unit == 0 {
				return 0, errTime
			}
			total, digits = total+time.Duration(n)*unit, ""
		}
	}
	if !ok {
		return 0, errTime
	}
	return total, nil
}

// what is an event without its time, looked at once for all its repetitions. Its id
// is zero unless it is our own calendar's, come back.
func (in *reader) what(e *ics.VEvent) (event Event, ok bool) {
	event = Event{Kind: in.kind(e), Seats: in.as.Seats, Themes: in.as.Themes}
	if own, is := strings.CutSuffix(uidOf(e), uidSuffix); is && e.GetProperty(propertyKind) != nil {
		event.Themes = nil // ours says all that there is
		if err := event.ID.UnmarshalText([]byte(own)); err != nil || event.ID.IsZero() {
			in.left[BadTime]++
			return event, false
		}
	}
	if n, err := strconv.Atoi(text(e, propertySeats)); err == nil && n >= 1 && n <= mostSeats {
		event.Seats = n
	}
	if codes := text(e, propertyThemes); codes != "" {
		event.Themes = nil
		for code := range strings.SplitSeq(codes, ",") {
			event.Themes = append(event.Themes, coop.Theme(code))
		}
	}
	event.Themes = coop.TidyThemes(event.Themes)
	if event.Kind == Workshop {
		event.Title = line(text(e, ics.ComponentPropertySummary))
	}
	if event.Kind != HomeVisit {
		event.Room = line(text(e, ics.ComponentPropertyLocation))
	}
	if event.Kind == Workshop && event.Title == "" {
		in.left[Untitled]++
		return event, false
	}
	return event, true
}

// add takes one event, if it falls into what is read.
func (in *reader) add(event Event, id session.ID, from time.Time, length time.Duration) {
	event.From, event.Until = from.UTC(), from.Add(length).UTC()
	if !event.Until.After(in.as.From) || !event.From.Before(in.as.Until) {
		return
	}
	if event.ID.IsZero() {
		event.ID = id
	}
	_, again := in.found[event.ID]
	switch {
	case len(event.Check()) > 0:
		in.left[BadTime]++
	case !again && len(in.found) >= mostRead:
		in.left[TooMany]++
	default:
		in.found[event.ID] = event
	}
}

// kind is what an event is. Any sign of an appointment counts more than what the
// calendar is said to be: a title that is not read names nobody.
func (in *reader) kind(e *ics.VEvent) Kind {
	if own := Kind(text(e, propertyKind)); slices.Contains(Kinds(), own) {
		return own
	}
	signs := strings.ToLower(text(e, ics.ComponentPropertySummary))
	labels := e.GetProperties(ics.ComponentPropertyCategories)
	for _, p := range labels[:min(mostLabels, len(labels))] {
		signs += " " + strings.ToLower(short(p.Value))
	}
	signs = strings.Join(strings.FieldsFunc(signs, func(r rune) bool { return !unicode.IsLetter(r) }), " ")
	for _, sign := range []struct {
		words string
		kind  Kind
	}{{"domicile", HomeVisit}, {"vad", HomeVisit}, {"rendez vous", Appointment}, {"rdv", Appointment}, {"entretien", Appointment}} {
		if strings.Contains(" "+signs+" ", " "+sign.words+" ") {
			return sign.kind
		}
	}
	return in.as.Kind
}

func text(e *ics.VEvent, name ics.ComponentProperty) string {
	if p := e.GetProperty(name); p != nil {
		return strings.TrimSpace(short(p.Value))
	}
	return ""
}

// short is the part of a text that is looked at: a file may have one of megabytes,
// and look at it once for each day of a year.
func short(text string) string {
	return strings.ToValidUTF8(text[:min(mostValue, len(text))], "")
}

// line is a text in one line that is not too long, without the marks that turn the
// direction of what stands after them.
func line(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' || rules(r) }), " ")
	if runes := []rune(text); len(runes) > mostText {
		text = string(runes[:mostText-1]) + "…"
	}
	return text
}

// uidOf is what tells an event from others. One without is told by what it says.
func uidOf(e *ics.VEvent) string {
	if uid := text(e, ics.ComponentPropertyUniqueId); uid != "" {
		return uid
	}
	return "\x00" + text(e, ics.ComponentPropertyDtStart) + "\x00" + text(e, ics.ComponentPropertySummary)
}

// idOf is the id of an event, and of each repetition by when it was first meant to
// be. It is a hash, since the UID of a calendar may hold an address or a name.
func idOf(uid string, first time.Time) session.ID {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00", uid)
	if !first.IsZero() {
		fmt.Fprintf(sum, "%d", first.Unix())
	}
	return session.ID(sum.Sum(nil)[:16])
}

// What iCalendar has no property for.
const (
	propertyKind   = ics.ComponentProperty("X-JEUDI-KIND")
	propertySeats  = ics.ComponentProperty("X-JEUDI-SEATS")
	propertyThemes = ics.ComponentProperty("X-JEUDI-THEMES")
	uidSuffix      = "@jeudi"
)

// Write writes events as a calendar that others read, and that Read reads back.
// Times are in UTC, so that no reader needs to know a zone. summary is what an event
// without a title is called; stamp is when it is written. Seats that are given, and
// their codes, are not in it.
func Write(w io.Writer, list []Event, stamp time.Time, summary func(Event) string) error {
	cal := ics.NewCalendarFor("Jeudi")
	cal.SetProductId("-//Jeudi//agenda//FR")
	for _, e := range list {
		if problems := e.Check(); len(problems) > 0 {
			return fmt.Errorf("agenda: write: %w: %s", ErrInvalid, problems[0].Field)
		}
		title := e.Title
		if title == "" {
			title = summary(e)
		}
		event := cal.AddEvent(e.ID.String() + uidSuffix)
		event.SetDtStampTime(stamp)
		event.SetStartAt(e.From)
		event.SetEndAt(e.Until)
		event.SetSummary(line(title))
		if e.Room != "" {
			event.SetLocation(e.Room)
		}
		var themes []string
		for _, t := range coop.TidyThemes(e.Themes) {
			themes = append(themes, string(t))
			label := cmp.Or(coop.LabelOf(coop.Themes(), t), coop.LabelOf(coop.Procedures(), t))
			event.AddProperty(ics.ComponentPropertyCategories, label)
		}
		event.SetProperty(propertyKind, string(e.Kind))
		event.SetProperty(propertySeats, strconv.Itoa(e.Seats))
		if len(themes) > 0 {
			event.SetProperty(propertyThemes, strings.Join(themes, ","))
		}
	}
	if err := cal.SerializeTo(w, ics.WithNewLine("\r\n")); err != nil {
		return fmt.Errorf("agenda: write: %w", err)
	}
	return nil
}
