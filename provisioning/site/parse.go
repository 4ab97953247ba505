package site

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Parse reads one file. Its name is only for the errors, which are of type
// Errors: all that could be found, by line. A file that is not TOML has a single
// one, because nothing after it can be trusted.
func Parse(name string, data []byte) (*Site, error) {
	root, errs, language := parseTree(name, data)
	if root == nil {
		return nil, language
	}
	r := &reader{file: name, errs: errs}
	s := r.site(&table{reader: r, line: 1, n: root})
	for _, e := range language {
		// Once a line has a sentence that names its key, another about it is noise.
		if len(errs) == 0 && !slices.ContainsFunc(r.errs, func(known Error) bool { return known.Line == e.Line }) {
			r.errs = append(r.errs, e)
		}
	}
	if len(r.errs) > 0 {
		slices.SortStableFunc(r.errs, func(a, b Error) int { return cmp.Compare(a.Line, b.Line) })
		return nil, r.errs
	}
	return s, nil
}

// Most characters of a text: a line of a ticket and a button's label are short,
// and what does not fit would be cut where nobody looks.
const (
	shortText = 32
	lineText  = 80
	longText  = 600
)

// first remembers where each value was first given.
type first map[string]int

// repeated reports whether a value came before, and says so.
func (seen first) repeated(r *reader, f field, key string) bool {
	if line, ok := seen[f.text]; ok {
		r.fail(f.line, key, "%q is already on line %d; give each one its own", f.text, line)
		return true
	}
	seen[f.text] = f.line
	return false
}

func (r *reader) site(t *table) *Site {
	s := &Site{}
	if texts := t.n.keys["texts"]; texts != nil && texts.keys["folder"] != nil {
		r.own = true // said further down in the file
	}
	s.Zone = r.zone(t)
	s.Languages = r.languages(t)
	s.Slot = time.Duration(t.number("slot_minutes", 30, 5, 120)) * time.Minute
	s.TicketsBefore = time.Duration(t.number("tickets_before_minutes", 15, 0, 120)) * time.Minute
	s.Closed = t.dates("closed")
	t.gone("desk_on_lan", "the desk no longer opens to the whole network; remove this line, and give staff an address in [network]: their phones connect at the kiosk")
	s.HallSpeaks = t.truth("hall_speaks")
	s.Place = r.place(t)
	s.Stops = r.stops(t)
	s.Hours = r.hours(t)
	s.Desks = r.desks(t)
	s.Screen = r.screen(t)
	s.Motifs = r.motifs(t, s)
	s.Neighbourhoods = r.neighbourhoods(t)
	s.Idle = r.idle(t)
	s.Devices = r.devices(t)
	s.Printer = r.printer(t)
	s.Sound = r.sound(t)
	s.Panel = r.panel(t)
	s.Buttons = r.buttons(t, s)
	s.Texts = r.texts(t)
	s.Assess = r.assess(t)
	s.Rights = r.rights(t)
	s.Routing = t.text("routing", lineText).text
	s.HomeVisits = t.truth("home_visits")
	s.Workshops = t.truth("workshops")
	s.Equipment = r.equipment(t)
	s.Mornings = r.mornings(t, s)
	s.Elsewhere = r.elsewhere(t, s)
	s.Network = r.network(t)
	s.Wifi = r.wifi(t, s.Network)
	s.USB = r.usb(t)
	s.Coop = r.coop(t)
	s.Statistics = r.statistics(t, s.Network)
	s.Bilan = r.bilan(t)
	t.done()
	return s
}

func (r *reader) zone(t *table) *time.Location {
	f := t.text("time_zone", lineText)
	t.require("time_zone", `time_zone = "Europe/Paris" at the top of the file`)
	if !f.ok() {
		return time.UTC
	}
	// Local is a name that Go knows: the machine's own zone, whatever it is.
	zone, err := time.LoadLocation(f.text)
	if err != nil || f.text == "Local" {
		r.fail(f.line, "time_zone", "unknown time zone %q; write a region and a city like \"Europe/Paris\" or \"Indian/Reunion\"", f.text)
		return time.UTC
	}
	return zone
}

func (r *reader) languages(t *table) []string {
	list := t.texts("languages", lineText)
	if !t.has("languages") {
		return []string{French}
	}
	seen := first{}
	var all []string
	for _, f := range list {
		if !r.speaks(f.text) {
			t.unknown(f, "languages", "language", KnownLanguages())
			continue
		}
		if !seen.repeated(r, f, "languages") {
			all = append(all, f.text)
		}
	}
	n := t.n.keys["languages"]
	if n.kind == unstable.Array && (len(n.list) == 0 || len(all) > 0 && all[0] != French) {
		r.fail(n.line, "languages", "French comes first and is always there; write languages = [\"fr\", …]")
	}
	return all
}

func (r *reader) place(root *table) Place {
	t := root.section("place")
	p := r.somewhere(t)
	if t.n == nil {
		root.require("place", "a section [place] with the name of the place")
	} else {
		t.require("name", `name = "Centre social …"`)
	}
	t.done()
	return p
}

// somewhere is what a section says of a place.
func (r *reader) somewhere(t *table) Place {
	p := Place{
		Name:    t.text("name", lineText).text,
		Address: t.text("address", lineText).text,
		Phone:   t.text("phone", shortText).text,
	}
	p.Postcode = postcode.FindString(p.Address)
	if f := t.text("postcode", shortText); f.ok() {
		if p.Postcode = f.text; postcode.FindString(f.text) != f.text {
			r.fail(f.line, t.key("postcode"), "%q is not a postcode; write five digits like \"69150\"", f.text)
		}
	}
	north, n := t.decimal("latitude", -90, 90)
	east, e := t.decimal("longitude", -180, 180)
	switch {
	case n && e:
		p.At = &Point{north, east}
	case t.has("latitude") != t.has("longitude"):
		r.fail(t.line, t.path, "a point needs both latitude and longitude; add the one that is missing")
	}
	return p
}

// mostStops fit on one page of a phone.
const mostStops = 30

func (r *reader) stops(root *table) []Stop {
	keys, names := first{}, first{}
	var all []Stop
	for i, t := range root.sections("stop") {
		if i == mostStops {
			r.fail(t.line, "stop", "more than %d places do not fit on one page; remove some", mostStops)
		}
		key := t.ident("key", "-_")
		if key.ok() {
			keys.repeated(r, key, "stop.key")
		}
		if name := t.text("name", lineText); name.ok() {
			names.repeated(r, name, "stop.name") // who chooses could not tell them apart
		}
		all = append(all, Stop{Key: key.text, Place: r.somewhere(t)})
		t.require("key", `key = "moulin"`)
		t.require("name", `name = "Salle du Moulin"`)
		t.done()
	}
	return all
}

// postcode is five digits that stand alone, those of a CEDEX too.
var postcode = regexp.MustCompile(`\b[0-9]{5}\b`)

// insee is the code of a town: Corsica has letters.
var insee = regexp.MustCompile(`^[0-9][0-9AB][0-9]{3}$`)

// frenchDays are the days of the week, by time.Weekday.
func frenchDays() []string {
	return []string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
}

// day is the day of the week that a name means, in French or English.
func day(name string) (time.Weekday, bool) {
	french := frenchDays()
	name = strings.ToLower(name)
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name == french[d] || name == strings.ToLower(d.String()) {
			return d, true
		}
	}
	return 0, false
}

func (r *reader) hours(root *table) []Hours {
	type placed struct {
		Hours
		line int
	}
	var all []placed
	for _, t := range root.sections("hours") {
		name := t.text("day", lineText)
		from, fromOK := t.clock("from")
		until, untilOK := t.clock("until")
		t.require("day", `day = "jeudi"`)
		t.require("from", `from = "9:00"`)
		t.require("until", `until = "12:00"`)
		t.done()
		weekday, dayOK := day(name.text)
		if name.ok() && !dayOK {
			r.fail(name.line, "hours.day", "unknown day %q; use one of lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche", name.text)
		}
		if !fromOK || !untilOK {
			continue
		}
		if until <= from {
			r.fail(t.n.keys["until"].line, "hours.until", "closing at %v is not after opening at %v; correct one of the two", until, from)
			continue
		}
		if dayOK {
			all = append(all, placed{Hours{weekday, from, until}, t.line})
		}
	}
	root.require("hours", `a section [[hours]] with day = "jeudi", from = "9:00", until = "12:00"`)

	for i, a := range all {
		for _, b := range all[:i] {
			if a.Day == b.Day && a.From < b.Until && b.From < a.Until {
				r.fail(a.line, "hours", "%v–%v overlaps %v–%v of the same day on line %d; join them or separate them", a.From, a.Until, b.From, b.Until, b.line)
			}
		}
	}
	var hours []Hours
	for _, p := range all {
		hours = append(hours, p.Hours)
	}
	fromMonday := func(d time.Weekday) int { return (int(d) + 6) % 7 }
	slices.SortFunc(hours, func(a, b Hours) int {
		return cmp.Or(cmp.Compare(fromMonday(a.Day), fromMonday(b.Day)), cmp.Compare(a.From, b.From))
	})
	return hours
}

func (r *reader) desks(root *table) []Desk {
	seen, names := first{}, map[string]bool{}
	var all []Desk
	for _, t := range root.sections("desk") {
		key := t.ident("key", "-")
		label := t.text("label", shortText)
		d := Desk{Key: key.text, Label: label.text}
		if key.ok() {
			seen.repeated(r, key, "desk.key")
		}
		if label.ok() {
			// Visitors would hear one name for two doors: capitals and spaces are not heard.
			heard := strings.Join(strings.Fields(strings.ToLower(label.text)), " ")
			if names[heard] {
				r.fail(label.line, "desk.label", "two desks have the same name; give one of them another")
			}
			names[heard] = true
		}
		roles := first{}
		for _, f := range t.texts("roles", lineText) {
			if !slices.Contains(Roles(), f.text) {
				t.unknown(f, "desk.roles", "role", Roles())
				continue
			}
			if !roles.repeated(r, f, "desk.roles") {
				d.Roles = append(d.Roles, f.text)
			}
		}
		if n := t.n.keys["roles"]; n != nil && n.kind == unstable.Array && len(n.list) == 0 {
			r.fail(n.line, "desk.roles", "nobody receives at this desk; give one of %s", strings.Join(Roles(), ", "))
		}
		t.require("key", `key = "1"`)
		t.require("label", `label = "Bureau 1"`)
		t.require("roles", `roles = ["travailleur_social"]`)
		t.done()
		all = append(all, d)
	}
	root.require("desk", `a section [[desk]] with key = "1", label = "Bureau 1", roles = ["travailleur_social"]`)
	return all
}

func (r *reader) screen(root *table) Screen {
	t := root.section("screen")
	known := screens()
	names := make([]string, len(known))
	for i, s := range known {
		names[i] = s.Panel
	}
	f := t.word("panel", "panel", names)
	t.done()
	if i := slices.Index(names, f.text); i >= 0 {
		return known[i]
	}
	if t.has("panel") {
		// Nothing is said of the number of motifs: the panel is not known.
		return Screen{MaxMotifs: 1 << 30}
	}
	return known[0]
}

func (r *reader) motifs(root *table, s *Site) []Motif {
	// Roles that are unknown are reported already; a motif that needs one is not
	// a second fault.
	served := func(role string) bool {
		return !slices.Contains(Roles(), role) || slices.ContainsFunc(s.Desks, func(d Desk) bool { return slices.Contains(d.Roles, role) || len(d.Roles) == 0 })
	}
	seen := first{}
	var all []Motif
	for i, t := range root.sections("motif") {
		if i == s.Screen.MaxMotifs {
			r.fail(t.line, "motif", "a %s inch panel has at most %d motifs, so that a ticket stays within three presses; remove this one and those below, or join some", s.Screen.Panel, s.Screen.MaxMotifs)
		}
		key := t.ident("key", "_")
		m := Motif{
			Key:       key.text,
			Label:     t.textByLang("label", shortText+16, false),
			Documents: t.textsByLang("documents", lineText),
		}
		need := t.word("need", "role", append(Roles(), Any))
		class := t.word("class", "duration", Classes())
		m.Need, m.Class = cmp.Or(need.text, Any), cmp.Or(class.text, "normal")
		if need.ok() && len(s.Desks) > 0 && need.text != Any && !served(need.text) {
			r.fail(need.line, "motif.need", "no desk has the role %q, so that nobody would be called; give it to a desk, or write need = \"any\"", need.text)
		}
		t.require("key", `key = "caf"`)
		if key.ok() && !seen.repeated(r, key, "motif.key") && !slices.Contains(KnownMotifs(), key.text) {
			if label := t.n.keys["label"]; label == nil || label.kind == unstable.Table && label.keys[French] == nil {
				r.fail(key.line, "motif.key", "%q has no built-in words; add label.fr = \"…\", or use one of %s", key.text, strings.Join(KnownMotifs(), ", "))
			}
		}
		t.done()
		all = append(all, m)
	}
	root.require("motif", `a section [[motif]] with key = "caf"`)
	return all
}

func (r *reader) neighbourhoods(root *table) []Neighbourhood {
	seen := first{}
	var all []Neighbourhood
	for _, t := range root.sections("neighbourhood") {
		key := t.ident("key", "-_")
		if key.ok() {
			seen.repeated(r, key, "neighbourhood.key")
		}
		all = append(all, Neighbourhood{Key: key.text, Label: t.text("label", shortText+16).text, QPV: t.truth("qpv")})
		t.require("key", `key = "gare"`)
		t.require("label", `label = "Quartier de la gare"`)
		t.done()
	}
	return all
}

func (r *reader) idle(root *table) Idle {
	t := root.section("idle")
	i := Idle{
		After:     time.Duration(t.number("after_seconds", 75, 30, 300)) * time.Second,
		Countdown: time.Duration(t.number("countdown_seconds", 30, 20, 60)) * time.Second,
	}
	t.done()
	return i
}

func (r *reader) texts(root *table) Texts {
	t := root.section("texts")
	texts := Texts{Folder: t.text("folder", lineText).text, Voices: t.text("voices", lineText).text, NextDates: t.dates("next_dates")}
	texts.Rules = t.textByLang("rules", longText, true)
	texts.Charter = t.textsByLang("charter", lineText)
	for name, like := range map[string]string{"rules": `"…"`, "charter": `["…", "…", "…", "…", "…"]`} {
		if n := t.n; n != nil && n.keys[name] != nil && n.keys[name].kind == unstable.Table && n.keys[name].keys[French] == nil {
			r.fail(n.keys[name].line, "texts."+name, "missing in French; add %s.fr = %s", name, like)
		}
	}
	for lang, lines := range texts.Charter {
		if n := t.n.keys["charter"].keys[lang]; len(n.list) != CharterLines {
			r.fail(n.line, "texts.charter."+lang, "%d lines; write %d, so that screen and ticket have room", len(lines), CharterLines)
		}
	}
	t.done()
	return texts
}

func (r *reader) assess(root *table) Assess {
	t := root.section("assess")
	a := Assess{Missing: t.number("missing", 4, 3, 5), Strong: t.number("strong", 4, 3, 5)}
	t.done()
	return a
}

func (r *reader) rights(root *table) Rights {
	t := root.section("rights")
	rights := Rights{AtKiosk: t.truth("at_kiosk"), File: t.text("file", lineText).text}
	for _, f := range t.texts("off", shortText) {
		rights.Off = append(rights.Off, f.text)
	}
	t.done()
	return rights
}

func (r *reader) equipment(t *table) []string {
	list := t.texts("equipment", shortText)
	if !t.has("equipment") {
		return nil
	}
	seen, all := first{}, []string{}
	for _, f := range list {
		if !slices.Contains(KnownEquipment(), f.text) {
			t.unknown(f, "equipment", "equipment", KnownEquipment())
		} else if !seen.repeated(r, f, "equipment") {
			all = append(all, f.text)
		}
	}
	return all
}

func (r *reader) mornings(root *table, s *Site) []Morning {
	seen := first{}
	var all []Morning
	for _, t := range root.sections("morning") {
		date, line, ok := t.date("date")
		m := Morning{Date: date, Theme: t.text("theme", lineText).text}
		for _, f := range t.texts("guests", lineText) {
			m.Guests = append(m.Guests, f.text)
		}
		t.require("date", `date = "2027-01-14"`)
		t.require("theme", `theme = "…"`)
		t.done()
		if ok && !seen.repeated(r, field{date.String(), line}, "morning.date") {
			held := slices.ContainsFunc(s.Hours, func(h Hours) bool { return h.Day == date.Weekday() })
			switch {
			case len(s.Hours) > 0 && !held:
				r.fail(line, "morning.date", "%v is a %v and [[hours]] has none on that day; correct the date or add the hours", date, date.Weekday())
			case slices.Contains(s.Closed, date):
				r.fail(line, "morning.date", "%v is among the closed days; remove it here or there", date)
			}
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Morning) int { return a.Date.Compare(b.Date) })
	return all
}

func (r *reader) elsewhere(root *table, s *Site) []Elsewhere {
	seen := first{}
	var all []Elsewhere
	for _, t := range root.sections("elsewhere") {
		name := t.text("name", lineText)
		e := Elsewhere{
			Name:    name.text,
			Address: t.text("address", lineText).text,
			Hours:   t.text("hours", lineText).text,
			Phone:   t.text("phone", shortText).text,
		}
		if name.ok() {
			seen.repeated(r, name, "elsewhere.name")
		}
		for _, f := range t.texts("motifs", shortText) {
			if !slices.ContainsFunc(s.Motifs, func(m Motif) bool { return m.Key == f.text }) {
				r.fail(f.line, "elsewhere.motifs", "there is no motif %q; write the key of one of the [[motif]] sections", f.text)
			}
			e.Motifs = append(e.Motifs, f.text)
		}
		t.require("name", `name = "…"`)
		if !t.has("address") && !t.has("phone") {
			r.fail(t.line, "elsewhere", "nobody could find this place; add an address or a phone")
		}
		t.done()
		all = append(all, e)
	}
	return all
}
