package agenda

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	_ "time/tzdata" // the tests ask for zones by name on any machine

	"jeudi/firmware/coop"
	"jeudi/firmware/session"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// paris reads a year of workshops of eight seats.
func paris(t testing.TB) Reading {
	return Reading{Zone: zone(t, "Europe/Paris"), From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Until: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Kind: Workshop, Seats: 8, Themes: []coop.Theme{"CultureNumerique"}}
}

// calendar is a file with events of these lines; | ends a line, and each has a UID
// and a title unless it says otherwise.
func calendar(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//FR\r\n")
	for i, e := range events {
		b.WriteString("BEGIN:VEVENT\r\n")
		if !strings.Contains(e, "UID:") {
			fmt.Fprintf(&b, "UID:%d@example.org\r\n", i)
		}
		if !strings.Contains(e, "SUMMARY") {
			b.WriteString("SUMMARY:Atelier\r\n")
		}
		b.WriteString(strings.ReplaceAll(e, "|", "\r\n") + "\r\nEND:VEVENT\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

func mustRead(t testing.TB, file string, as Reading) Calendar {
	t.Helper()
	c, err := Read(strings.NewReader(file), as)
	if err != nil {
		t.Fatalf("Read() = %v\n%s", err, file)
	}
	for _, e := range c.Events {
		if problems := e.Check(); len(problems) > 0 {
			t.Fatalf("Read() has an event with %v: %+v", problems, e)
		}
	}
	return c
}

func TestWhenEventsAre(t *testing.T) {
	const at = "15:04 MST 2006-01-02"
	tests := []struct {
		name string
		when string
		want string // beginning and length of each in Paris, then what is left out
	}{
		{"in UTC", "DTSTART:20260312T083000Z|DTEND:20260312T103000Z", "09:30 CET 2026-03-12 2h0m0s"},
		{"without a zone: that of the place", "DTSTART:20260312T093000|DTEND:20260312T113000", "09:30 CET 2026-03-12 2h0m0s"},
		{"of a zone", "DTSTART;TZID=Europe/Paris:20260712T093000|DURATION:PT1H30M", "09:30 CEST 2026-07-12 1h30m0s"},
		{"of another zone", "DTSTART;TZID=Indian/Reunion:20260712T113000|DURATION:PT45M", "09:30 CEST 2026-07-12 45m0s"},
		{"as Outlook calls it", "DTSTART;TZID=Romance Standard Time:20260712T093000", "09:30 CEST 2026-07-12 1h0m0s"},
		{"as Outlook quotes it", `DTSTART;TZID="(UTC+01:00) Brussels, Copenhagen, Madrid, Paris":20260712T093000`, "09:30 CEST 2026-07-12 1h0m0s"},
		{"with an address before it", "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Paris:20260712T093000", "09:30 CEST 2026-07-12 1h0m0s"},
		{"of a zone that nobody knows", "DTSTART;TZID=Villeneuve:20260712T093000", "09:30 CEST 2026-07-12 1h0m0s guessed 1"},
		{"of the machine's own zone", "DTSTART;TZID=Local:20260712T093000", "09:30 CEST 2026-07-12 1h0m0s guessed 1"},
		{"no end", "DTSTART:20260312T093000", "09:30 CET 2026-03-12 1h0m0s"},

		{"a day", "DTSTART;VALUE=DATE:20260312", "all_day 1"},
		{"no time", "LOCATION:x", "bad_time 1"},
		{"no such day", "DTSTART:20260231T100000", "bad_time 1"},
		{"no such end", "DTSTART:20260312T100000|DTEND:x", "bad_time 1"},
		{"a day for an end", "DTSTART:20260312T100000|DTEND;VALUE=DATE:20260313", "bad_time 1"},
		{"no such length", "DTSTART:20260312T100000|DURATION:PT1X", "bad_time 1"},
		{"over before it begins", "DTSTART:20260312T100000|DTEND:20260312T090000", "too_long 1"},
		{"a holiday camp", "DTSTART:20260312T100000|DURATION:P3D", "too_long 1"},
		{"private", "CLASS:PRIVATE|DTSTART:20260312T100000", "private 1"},
		{"confidential", "CLASS:confidential|DTSTART:20260312T100000", "private 1"},
		{"private, of another year", "CLASS:PRIVATE|DTSTART:20240312T100000", ""},
		{"a day of another year", "DTSTART;VALUE=DATE:20240312", ""},
		{"a title that lacks in another year", "SUMMARY:|DTSTART:20280312T100000", ""},
		{"cancelled", "STATUS:CANCELLED|DTSTART:20260312T100000", ""},
		{"before what is read", "DTSTART:20250312T100000Z", ""},
		{"after what is read", "DTSTART:20270312T100000Z", ""},
		{"ending as it begins to be read", "DTSTART:20251231T230000Z|DURATION:PT1H", ""},
		{"going on as it begins to be read", "DTSTART:20251231T230000Z|DURATION:PT2H", "00:00 CET 2026-01-01 2h0m0s"},

		// The night of 29 March has no 02:30, that of 25 October has two.
		{"in the hour that is not there", "DTSTART;TZID=Europe/Paris:20260329T023000", "03:30 CEST 2026-03-29 1h0m0s"},
		{"in the hour that is there twice", "DTSTART;TZID=Europe/Paris:20261025T023000", "02:30 CEST 2026-10-25 1h0m0s"},
		{"through the night of 23 hours", "DTSTART;TZID=Europe/Paris:20260328T230000|DTEND;TZID=Europe/Paris:20260329T070000", "23:00 CET 2026-03-28 7h0m0s"},
		{"through the night of 25 hours", "DTSTART;TZID=Europe/Paris:20261024T230000|DTEND;TZID=Europe/Paris:20261025T070000", "23:00 CEST 2026-10-24 9h0m0s"},

		{"every week, the same hour on both sides of the night", "DTSTART;TZID=Europe/Paris:20260319T100000|RRULE:FREQ=WEEKLY;COUNT=3",
			"10:00 CET 2026-03-19 1h0m0s, 10:00 CET 2026-03-26 1h0m0s, 10:00 CEST 2026-04-02 1h0m0s"},
		{"every day at 02:30: the one that is not there is none", "DTSTART;TZID=Europe/Paris:20260328T023000|RRULE:FREQ=DAILY;COUNT=3",
			"02:30 CET 2026-03-28 1h0m0s, 02:30 CEST 2026-03-30 1h0m0s"},
		{"every day at 02:30: the one that is there twice is one", "DTSTART;TZID=Europe/Paris:20261024T023000|RRULE:FREQ=DAILY;COUNT=3",
			"02:30 CEST 2026-10-24 1h0m0s, 02:30 CEST 2026-10-25 1h0m0s, 02:30 CET 2026-10-26 1h0m0s"},
		{"until a moment in UTC that is its last", "DTSTART;TZID=Europe/Paris:20260319T100000|RRULE:FREQ=WEEKLY;UNTIL=20260402T080000Z",
			"10:00 CET 2026-03-19 1h0m0s, 10:00 CET 2026-03-26 1h0m0s, 10:00 CEST 2026-04-02 1h0m0s"},
		{"until a moment before its last", "DTSTART;TZID=Europe/Paris:20260319T100000|RRULE:FREQ=WEEKLY;UNTIL=20260402T075959Z",
			"10:00 CET 2026-03-19 1h0m0s, 10:00 CET 2026-03-26 1h0m0s"},
		{"until a day, that day too", "DTSTART:20260319T100000|RRULE:FREQ=WEEKLY;UNTIL=20260326;", "10:00 CET 2026-03-19 1h0m0s, 10:00 CET 2026-03-26 1h0m0s"},
		{"the first Thursday of the month but one", "DTSTART;TZID=Europe/Paris:20260903T140000|RRULE:FREQ=MONTHLY;BYDAY=1TH|EXDATE;TZID=Europe/Paris:20261105T140000",
			"14:00 CEST 2026-09-03 1h0m0s, 14:00 CEST 2026-10-01 1h0m0s, 14:00 CET 2026-12-03 1h0m0s"},
		{"without two days", "DTSTART:20260302T100000|RRULE:FREQ=DAILY;COUNT=4|EXDATE;VALUE=DATE:20260303,20260304", "10:00 CET 2026-03-02 1h0m0s, 10:00 CET 2026-03-05 1h0m0s"},
		{"a day more", "DTSTART:20260302T100000|RDATE:20260304T110000,20260305T120000/PT1H", "10:00 CET 2026-03-02 1h0m0s, 11:00 CET 2026-03-04 1h0m0s, 12:00 CET 2026-03-05 1h0m0s"},
		{"since ten years", "DTSTART;TZID=Europe/Paris:20161208T100000|RRULE:FREQ=YEARLY", "10:00 CET 2026-12-08 1h0m0s"},
		{"the rule of an event that is over", "DTSTART:20100304T100000|RRULE:FREQ=WEEKLY;UNTIL=20110304", ""},
		{"the rule of one that is to come", "DTSTART:20300304T100000|RRULE:FREQ=WEEKLY", ""},

		{"every hour", "DTSTART:20260302T100000|RRULE:FREQ=HOURLY", "bad_rule 1"},
		{"the tenth Saturday of the month", "DTSTART:20260302T100000|RRULE:FREQ=MONTHLY;BYDAY=10SA", "bad_rule 1"},
		{"a rule without end", "DTSTART:20260302T100000|RRULE:FREQ=DAILY;BYMONTHDAY=1" + strings.Repeat(",1", 300), "bad_rule 1"},
		{"twice a day", "DTSTART:20260302T100000|RRULE:FREQ=DAILY;BYHOUR=10,14", "bad_rule 1"},
		{"no rule", "DTSTART:20260302T100000|RRULE:FREQ=", "bad_rule 1"},
		{"never again for long", "DTSTART:20260302T100000|RRULE:FREQ=DAILY;INTERVAL=99999999999", "bad_rule 1"},
		{"backwards", "DTSTART:20260302T100000|RRULE:FREQ=DAILY;INTERVAL=-1", "bad_rule 1"},
		{"a rule of what is not", "DTSTART:20260302T100000|RRULE:FREQ=DAILY|EXRULE:FREQ=WEEKLY", "bad_rule 1"},
		{"an exception of no day", "DTSTART:20260302T100000|RRULE:FREQ=DAILY|EXDATE:x", "bad_rule 1"},
		{"one more on no day", "DTSTART:20260302T100000|RDATE:x", "bad_rule 1"},
		{"this and all that follow", "DTSTART:20260302T100000|RECURRENCE-ID;RANGE=THISANDFUTURE:20260302T100000", "bad_rule 1"},
		{"the 30 February: the first alone", "DTSTART:20260302T100000|RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "10:00 CET 2026-03-02 1h0m0s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := mustRead(t, calendar(tt.when), paris(t))
			var events, rest []string
			for _, e := range c.Events {
				events = append(events, e.From.In(zone(t, "Europe/Paris")).Format(at)+" "+e.Until.Sub(e.From).String())
			}
			for _, l := range c.Left {
				rest = append(rest, fmt.Sprint(l.Why, " ", l.N))
			}
			if c.Guessed > 0 {
				rest = append(rest, fmt.Sprint("guessed ", c.Guessed))
			}
			if got := strings.TrimSpace(strings.Join(events, ", ") + " " + strings.Join(rest, ", ")); got != tt.want {
				t.Errorf("Read(%s) =\n%s; want\n%s", tt.when, got, tt.want)
			}
		})
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT1H": time.Hour, "PT90M": 90 * time.Minute, "P1DT2H3M4S": 26*time.Hour + 3*time.Minute + 4*time.Second, "P1W": 7 * 24 * time.Hour, "+PT5M": 5 * time.Minute,
		"": -1, "P1": 0, "PT": 0, "1H": -1, "PTH": -1, "PT1T": -1, "-PT1H": -1, "PT999999H": -1, "P-1D": -1,
	} {
		got, err := duration(text)
		if want < 0 && err == nil || want >= 0 && (err != nil || got != want) {
			t.Errorf("duration(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

// One of a rule's may be elsewhere or not at all; its id stays that of when it was
// meant to be, so that who holds a slip for it still does.
func TestOneOfARuleMoves(t *testing.T) {
	rule := "UID:a|DTSTART;TZID=Europe/Paris:20260319T100000|RRULE:FREQ=WEEKLY;COUNT=4"
	before := mustRead(t, calendar(rule), paris(t))
	after := mustRead(t, calendar(rule,
		"UID:a|RECURRENCE-ID;TZID=Europe/Paris:20260326T100000|DTSTART;TZID=Europe/Paris:20260327T140000|DTEND;TZID=Europe/Paris:20260327T160000|SUMMARY:Déplacé",
		"UID:a|RECURRENCE-ID:20260402T080000Z|DTSTART:20260402T080000Z|STATUS:CANCELLED",
		"UID:b|RECURRENCE-ID:20260402T080000Z|DTSTART:20260402T090000Z|SUMMARY:Sans sa règle"), paris(t))
	if len(before.Events) != 4 || len(after.Events) != 4 {
		t.Fatalf("Read() = %d and %d events; want 4 and 4", len(before.Events), len(after.Events))
	}
	if got, was := after.Events[1], before.Events[1]; got.ID != was.ID || got.Title != "Déplacé" || got.Until.Sub(got.From) != 2*time.Hour || got.From.Day() != 27 {
		t.Errorf("the second = %+v; want %v moved to the 27th", got, was.ID)
	}
	ids := map[session.ID]bool{}
	for _, e := range before.Events {
		ids[e.ID] = true
	}
	if len(ids) != 4 || after.Events[0].ID != before.Events[0].ID || after.Events[3].ID != before.Events[3].ID || ids[after.Events[2].ID] {
		t.Errorf("ids = %v, after %+v; want those of 1, 2 and 4, and one of its own", ids, after.Events)
	}
}

// An event that moves keeps its id, and its UID is nowhere.
func TestIDs(t *testing.T) {
	a := mustRead(t, calendar("UID:marie.dupont@example.org|DTSTART:20260319T100000"), paris(t))
	b := mustRead(t, calendar("UID:marie.dupont@example.org|DTSTART:20260320T100000"), paris(t))
	if a.Events[0].ID != b.Events[0].ID {
		t.Errorf("ids = %v, %v; want one", a.Events[0].ID, b.Events[0].ID)
	}
	none := mustRead(t, calendar("UID:|DTSTART:20260319T100000", "UID:|DTSTART:20260320T100000", "UID:|DTSTART:20260320T100000"), paris(t))
	if len(none.Events) != 2 {
		t.Errorf("Read(without UIDs) = %+v; want two events", none.Events)
	}
}

// Nobody's name, address or telephone comes in, whatever the calendar is said to
// be: not even into memory that is kept.
func TestNobodyIsNamed(t *testing.T) {
	names := "|DESCRIPTION:Madame Dupont 06 12|ATTENDEE;CN=Dupont:mailto:dupont@example.org|ORGANIZER;CN=Dupont:mailto:d@example.org|CONTACT:Dupont|COMMENT:Dupont"
	tests := []struct {
		when string
		want Kind
		room string
	}{
		{"SUMMARY:RDV Mme Dupont|LOCATION:Bureau 2", Appointment, "Bureau 2"},
		{"SUMMARY:Rendez-vous Dupont|LOCATION:Bureau 2", Appointment, "Bureau 2"},
		{"SUMMARY:Dupont (entretien)", Appointment, ""},
		{"SUMMARY:Mme Dupont|CATEGORIES:Rendez-vous", Appointment, ""},
		{"SUMMARY:Mme Dupont|CATEGORIES:Travail,RDV", Appointment, ""},
		{"SUMMARY:VAD Dupont|LOCATION:12 rue Dupont", HomeVisit, ""},
		{"SUMMARY:Visite à domicile Dupont|LOCATION:12 rue Dupont", HomeVisit, ""},
		{"SUMMARY:RDV à domicile\\, Dupont|LOCATION:12 rue Dupont", HomeVisit, ""},
		{"SUMMARY:Atelier|X-JEUDI-KIND:visite|LOCATION:12 rue Dupont", HomeVisit, ""},
	}
	for _, tt := range tests {
		c := mustRead(t, calendar(tt.when+names+"|DTSTART:20260319T100000"), paris(t))
		if len(c.Events) != 1 || c.Events[0].Kind != tt.want || c.Events[0].Room != tt.room || strings.Contains(fmt.Sprintf("%+v", c), "Dupont") {
			t.Errorf("Read(%s) = %+v; want one of kind %s without a name", tt.when, c, tt.want)
		}
	}
	as := paris(t)
	as.Kind = Appointment
	c := mustRead(t, calendar("SUMMARY:Mme Dupont"+names+"|DTSTART:20260319T100000", "SUMMARY:Advaderie|X-JEUDI-KIND:atelier|DTSTART:20260319T100000"), as)
	if len(c.Events) != 2 || strings.Contains(fmt.Sprintf("%+v", c), "Dupont") || !slices.ContainsFunc(c.Events, func(e Event) bool { return e.Title == "Advaderie" }) {
		t.Errorf("Read(a calendar of appointments) = %+v; want no name", c)
	}
}

func TestWhatIsReadOfAWorkshop(t *testing.T) {
	as := paris(t)
	c := mustRead(t, "\ufeff"+calendar(
		"SUMMARY;LANGUAGE=fr:Le mail\\, pas\\n à pas\\; en \r\n douceur|LOCATION: Salle 1 |DTSTART:20260319T100000",
		"SUMMARY:Trois \u202eplaces\u200f|X-JEUDI-SEATS:3|X-JEUDI-THEMES:Email\\,Logement\\,Cuisine|DTSTART:20260320T100000|BEGIN:VALARM|TRIGGER:-PT15M|END:VALARM",
		"SUMMARY:|DTSTART:20260321T100000",
		"SUMMARY:"+strings.Repeat("é", 200)+"|X-JEUDI-SEATS:9999|DTSTART:20260322T100000"), as)
	if len(c.Events) != 3 || len(c.Left) != 1 || c.Left[0] != (Left{Untitled, 1}) {
		t.Fatalf("Read() = %+v; want three events and one without a title", c)
	}
	if e := c.Events[0]; e.Title != "Le mail, pas à pas; en douceur" || e.Room != "Salle 1" || e.Seats != 8 || !slices.Equal(e.Themes, as.Themes) {
		t.Errorf("the first = %+v", e)
	}
	if e := c.Events[1]; e.Title != "Trois places" || e.Seats != 3 || !slices.Equal(e.Themes, []coop.Theme{"Email", coop.Paperwork, "Logement"}) {
		t.Errorf("the second = %+v", e)
	}
	if e := c.Events[2]; len([]rune(e.Title)) != 120 || !strings.HasSuffix(e.Title, "é…") || e.Seats != 8 {
		t.Errorf("the third = %+v", e)
	}
}

func TestNoCalendar(t *testing.T) {
	whole := calendar("DTSTART:20260319T100000")
	for name, file := range map[string]string{
		"nothing": "", "a text": "Bonjour", "a page": "<html></html>", "cut short": whole[:len(whole)/2], "cut at the end": strings.TrimSuffix(whole, "END:VCALENDAR\r\n"),
		"cut in a parameter": "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=x\r\nEND:VEVENT\r\nEND:VCALENDAR", "two ends": whole + "END:VCALENDAR",
		"unbalanced": "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR", "too large": calendar("DESCRIPTION:" + strings.Repeat("x", mostBytes)),
	} {
		if c, err := Read(strings.NewReader(file), paris(t)); !errors.Is(err, ErrCalendar) || len(c.Events) > 0 {
			t.Errorf("Read(%s) = %d events, %v; want ErrCalendar", name, len(c.Events), err)
		}
	}
	if _, err := Read(iotest.ErrReader(io.ErrUnexpectedEOF), paris(t)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Read(a broken disk) = %v; want its error", err)
	}
	if c, err := Read(strings.NewReader("BEGIN:VCALENDAR\nEND:VCALENDAR"), paris(t)); err != nil || len(c.Events) != 0 {
		t.Errorf("Read(an empty calendar) = %+v, %v; want none", c, err)
	}
}

// A file that was made to keep the box busy does so for seconds, not for hours.
func TestTooMuch(t *testing.T) {
	mega := strings.Repeat("a/", 1<<19)
	c := mustRead(t, calendar("DTSTART;TZID="+mega+":20260101T100000|RRULE:FREQ=DAILY|SUMMARY:"+mega), paris(t))
	if len(c.Events) != 365 || c.Guessed != 1 {
		t.Errorf("Read(texts of megabytes) = %d events, %d guessed; want 365 and 1", len(c.Events), c.Guessed)
	}
	c = mustRead(t, calendar("DTSTART:20260101T100000|RRULE:FREQ=DAILY"+strings.Repeat("|CATEGORIES:x", 20_000)), paris(t))
	if len(c.Events) != 365 {
		t.Errorf("Read(twenty thousand labels) = %d events; want 365", len(c.Events))
	}
	var daily, never []string
	for range 6 {
		daily = append(daily, "DTSTART:20250101T100000|RRULE:FREQ=DAILY")
		never = append(never, "DTSTART:20260101T100000|RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
	}
	c = mustRead(t, calendar(daily...), paris(t))
	if len(c.Events) != mostRead || len(c.Left) != 1 || c.Left[0] != (Left{TooMany, 6*365 - mostRead}) {
		t.Errorf("Read(6 daily events) = %d events, %v; want %d", len(c.Events), c.Left, mostRead)
	}
	c = mustRead(t, calendar(never...), paris(t))
	if len(c.Left) != 1 || c.Left[0] != (Left{BadRule, 6 - worstRules}) {
		t.Errorf("Read(6 rules without a day) = %v; want %d given up", c.Left, 6-worstRules)
	}
}

func written(t testing.TB, list ...Event) []byte {
	t.Helper()
	var out bytes.Buffer
	err := Write(&out, list, time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), func(e Event) string { return map[Kind]string{Appointment: "Rendez-vous", HomeVisit: "Visite"}[e.Kind] })
	if err != nil {
		t.Fatalf("Write() = %v", err)
	}
	return out.Bytes()
}

func all() []Event {
	long := atelier(1)
	long.Title = "Créer, ranger; retrouver : " + strings.Repeat("les photos de l’été \\ ", 4)
	long.Title, long.Room = strings.TrimSpace(long.Title), "Salle « Est », 1er étage"
	return []Event{atelier(0), long,
		{ID: session.ID{1}, Kind: Appointment, From: thursday(), Until: thursday().Add(time.Hour), Room: "Bureau 1", Seats: 1},
		{ID: session.ID{2}, Kind: HomeVisit, From: thursday(), Until: thursday().Add(time.Hour), Seats: 1}}
}

func TestWrite(t *testing.T) {
	got := written(t, all()...)
	path := filepath.Join("testdata", "agenda.golden.ics")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("Write() =\n%s, %v; want\n%s", got, err, want)
	}
	for line := range strings.SplitSeq(string(got), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line has %d bytes: %q; want at most 75", len(line), line)
		}
	}
	bad := atelier(0)
	bad.Title = "a\r\nEND:VEVENT"
	if err := Write(io.Discard, []Event{bad}, thursday(), nil); !errors.Is(err, ErrInvalid) {
		t.Errorf("Write(a title of two lines) = %v; want ErrInvalid", err)
	}
}

// What was written is read as it was, ids and all.
func TestWrittenIsRead(t *testing.T) {
	c := mustRead(t, string(written(t, all()...)), paris(t))
	want := all()
	for i := range want {
		want[i] = want[i].tidy()
	}
	slices.SortFunc(want, func(a, b Event) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
	if !reflect.DeepEqual(c.Events, want) || c.Left != nil || c.Guessed != 0 {
		t.Errorf("Read(Write()) =\n%+v; want\n%+v", c, want)
	}
}

// A calendar that comes back, with staff's changes and people's slips in between.
func TestACalendarIsReadAgain(t *testing.T) {
	a := mustOpen(t, t.TempDir())
	as := paris(t)
	rule := "UID:a|DTSTART;TZID=Europe/Paris:20260319T100000|RRULE:FREQ=WEEKLY;COUNT=3"
	take := func(lines ...string) Merged {
		t.Helper()
		m, err := a.Merge("ateliers", as.From, as.Until, mustRead(t, calendar(lines...), as).Events)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	take(rule)
	list, err := a.Next(as.From, 3)
	if err != nil || len(list) != 3 {
		t.Fatalf("Next() = %v, %v; want three", list, err)
	}
	code, err := a.Reserve(list[1].ID, as.From, chance(1))
	if err != nil {
		t.Fatal(err)
	}
	m := take(rule, "UID:a|RECURRENCE-ID;TZID=Europe/Paris:20260326T100000|DTSTART;TZID=Europe/Paris:20260326T110000")
	if m.Same != 2 || len(m.Moved) != 1 || m.Moved[0].ID != list[1].ID {
		t.Errorf("Merge(an hour later) = %+v; want the second moved", m)
	}
	if o, _, err := a.Find(code); err != nil || o.From.In(as.Zone).Hour() != 11 {
		t.Errorf("Find() = %+v, %v; want it at 11", o, err)
	}
	if m := take(rule + "|EXDATE;TZID=Europe/Paris:20260319T100000,20260326T100000"); m.Removed != 1 || len(m.Missing) != 1 {
		t.Errorf("Merge(two taken off) = %+v; want one removed, one with a slip", m)
	}
}

func FuzzRead(f *testing.F) {
	as := Reading{Zone: time.FixedZone("x", 3600), From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Kind: Workshop, Seats: 8}
	f.Add(calendar("DTSTART:20260319T100000|RRULE:FREQ=MONTHLY;BYDAY=-1TH;BYSETPOS=1;WKST=SU", "UID:0@example.org|RECURRENCE-ID:20260319T100000|DTSTART:20260320T100000"))
	f.Add(calendar("DTSTART;TZID=Europe/Paris:20260329T023000|RRULE:FREQ=YEARLY;BYWEEKNO=13;BYYEARDAY=-1;BYMONTHDAY=31|EXDATE:20260101|RDATE:20260101T000000/PT1H"))
	f.Add(string(written(f, all()...)))
	f.Add("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nDTSTART:19701025T030000\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR")
	f.Fuzz(func(t *testing.T, file string) {
		c, err := Read(strings.NewReader(file), as)
		if err != nil {
			if !errors.Is(err, ErrCalendar) {
				t.Fatalf("Read() = %v; want ErrCalendar", err)
			}
			return
		}
		ids := map[session.ID]bool{}
		for _, e := range c.Events {
			if problems := e.Check(); len(problems) > 0 || !e.Until.After(as.From) || !e.From.Before(as.Until) || ids[e.ID] {
				t.Fatalf("Read() has %+v, with %v; want an event of this year, once", e, problems)
			}
			ids[e.ID] = true
		}
		again := mustRead(t, string(written(t, c.Events...)), as)
		if !reflect.DeepEqual(again.Events, c.Events) && len(c.Events) > 0 {
			t.Fatalf("Read(Write()) =\n%+v; want\n%+v", again.Events, c.Events)
		}
	})
}
