package hours_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"jeudi/firmware/directory/hours"
)

// paris is a clock with a summer time.
func paris(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func parse(t testing.TB, text string) hours.Schedule {
	t.Helper()
	s, err := hours.Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q) = %v; want no error", text, err)
	}
	return s
}

// days writes what is open on so many days: "Mo 0900-1200". What may be open has a
// question mark. A night counts its hours on: 2600.
func days(s hours.Schedule, from time.Time, n int) string {
	var out []string
	for i := range n {
		day := from.AddDate(0, 0, i)
		for _, iv := range s.Day(day) {
			end := iv.End.Hour()*100 + iv.End.Minute()
			if iv.End.YearDay() != day.YearDay() {
				end += 2400
			}
			mark := ""
			if iv.State == hours.Unknown {
				mark = "?"
			}
			out = append(out, fmt.Sprintf("%s %02d%02d-%04d%s", day.Format("Mon")[:2], iv.Start.Hour(), iv.Start.Minute(), end, mark))
		}
	}
	return strings.Join(out, " ")
}

// The week is 16 to 22 June 2025, ISO week 25, without a public holiday.
func TestDay(t *testing.T) {
	monday := time.Date(2025, 6, 16, 12, 0, 0, 0, paris(t))
	const office = "Mo 0900-1700 Tu 0900-1700 We 0900-1700 Th 0900-1700 Fr 0900-1700"
	for _, c := range []struct{ given, want string }{
		// Days, lists, ranges.
		{"Fr 08:45-11:45", "Fr 0845-1145"},
		{"Mo-Fr 09:00-17:00", office},
		{"Mo,We 9:00-12:00", "Mo 0900-1200 We 0900-1200"},
		{"Sa-Mo 10:00-11:00", "Mo 1000-1100 Sa 1000-1100 Su 1000-1100"},
		{"Tu,Th-Fr 10:00-11:00", "Tu 1000-1100 Th 1000-1100 Fr 1000-1100"},
		{"Mo, We 10:00-11:00", "Mo 1000-1100 We 1000-1100"},
		{"mo-fr 09:00 – 17:00", office},
		{"Mo-Fr: 09:00-17:00", office},
		// Several times; those that touch or overlap are one.
		{"Mo 09:00-12:00,13:30-17:30", "Mo 0900-1200 Mo 1330-1730"},
		{"Mo 09:00-12:00, 13:30-17:30", "Mo 0900-1200 Mo 1330-1730"},
		{"Mo 08:00-13:00,13:00-18:00", "Mo 0800-1800"},
		{"Tu 09:00-16:15,13:30-16:15", "Tu 0900-1615"},
		{"We 14:00-18:00,09:00-12:00", "We 0900-1200 We 1400-1800"},
		// A later rule overrides the same day.
		{"Mo-Tu 08:00-12:00; Tu 14:00-15:00", "Mo 0800-1200 Tu 1400-1500"},
		{"Mo-We 08:30-12:00,13:30-17:30; We off", "Mo 0830-1200 Mo 1330-1730 Tu 0830-1200 Tu 1330-1730"},
		{"Mo-We 16:30-18:45; Sa 10:00-11:30; Tu,We closed", "Mo 1630-1845 Sa 1000-1130"},
		{"We off; Mo-We 10:00-11:00", "Mo 1000-1100 Tu 1000-1100 We 1000-1100"},
		{"Mo 09:00-12:00; 14:00-15:00", "Mo 1400-1500 Tu 1400-1500 We 1400-1500 Th 1400-1500 Fr 1400-1500 Sa 1400-1500 Su 1400-1500"},
		{"Mo 09:00-12:00;", "Mo 0900-1200"},
		// One after a comma adds to it.
		{"Mo-Tu 09:00-12:00, Tu 14:00-15:00", "Mo 0900-1200 Tu 0900-1200 Tu 1400-1500"},
		// off with a time is a break.
		{"Mo-Tu 08:00-18:00; Tu 12:00-13:00 off", "Mo 0800-1800 Tu 0800-1200 Tu 1300-1800"},
		// Times without a day; always; never.
		{"08:00-09:00", "Mo 0800-0900 Tu 0800-0900 We 0800-0900 Th 0800-0900 Fr 0800-0900 Sa 0800-0900 Su 0800-0900"},
		{"24/7", "Mo 0000-2400 Tu 0000-2400 We 0000-2400 Th 0000-2400 Fr 0000-2400 Sa 0000-2400 Su 0000-2400"},
		{"24/7; Tu-Su off", "Mo 0000-2400"},
		{"off", ""},
		{"Mo open", "Mo 0000-2400"},
		// Past midnight.
		{"Fr 22:00-02:00", "Fr 2200-2600"},
		{"Fr 22:00-26:00", "Fr 2200-2600"},
		{"Mo 00:00-24:00", "Mo 0000-2400"},
		{"Mo 00:00-00:00", "Mo 0000-2400"},
		// Public holidays, of which this week has none.
		{"Mo 09:00-12:00; PH off", "Mo 0900-1200"},
		{"Mo,PH 09:00-12:00", "Mo 0900-1200"},
		{"PH,Su off; Mo 09:00-12:00", "Mo 0900-1200"},
		{"PH Mo 09:00-12:00", ""},
		// Weeks.
		{"week 1-53/2 Fr 08:45-12:15; PH off", "Fr 0845-1215"},
		{"week 2-52/2 Fr 09:00-12:30; PH off", ""},
		{"week 01-10,25 Mo 09:00-12:00", "Mo 0900-1200"},
		{"week 26: Mo 09:00-12:00", ""},
		// Months and dates.
		{"Jun Mo 09:00-12:00", "Mo 0900-1200"},
		{"Jan-Mar,Sep Mo 09:00-12:00", ""},
		{"Oct-Jul Mo 09:00-12:00", "Mo 0900-1200"},
		{"Mo 09:00-12:00; Jul-Aug off", "Mo 0900-1200"},
		{"Mo-Sa 09:00-12:00; Jun 17-Jul 14 off", "Mo 0900-1200"},
		{"Mo-We 09:00-12:00; Jun 16,18 off", "Tu 0900-1200"},
		{"Jun 16: 09:00-12:00", "Mo 0900-1200"},
		{"2025 Jun 16-2025 Jun 17 09:00-10:00", "Mo 0900-1000 Tu 0900-1000"},
		{"2024 Jun 16 09:00-10:00", ""},
		{"Dec 24-Jan 2 off; Mo 09:00-12:00", "Mo 0900-1200"},
		// Ranks in the month: Tuesday 17 June 2025 is the third, and the last but one.
		{"Tu[3] 09:00-12:00", "Tu 0900-1200"},
		{"Tu[1,-2] 09:00-12:00", "Tu 0900-1200"},
		{"Tu[1-2] 09:00-12:00", ""},
		// What may be open.
		{"Mo-Tu", "Mo 0000-2400? Tu 0000-2400?"},
		{`Mo 09:00-12:00 "sur rendez-vous"`, "Mo 0900-1200?"},
		{`Mo 09:00-12:00 open "Guichet"; We 10:00-11:00 unknown`, "Mo 0900-1200 We 1000-1100?"},
		{"Mo 18:00+", "Mo 1800-2400?"},
		{"Mo 18:00-20:00+", "Mo 1800-2000 Mo 2000-2400?"},
	} {
		if got := days(parse(t, c.given), monday, 7); got != c.want {
			t.Errorf("Parse(%q) has %q; want %q", c.given, got, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "Mo-Fr 09:00-19:00; Sa 17:00", "We 09:30-13:00-18:00", "Mo 9h-12h", "Lu-Ve 09:00-12:00", "lundi au vendredi",
		"Mo-Fr 25:00-26:00", "Mo 09:60-10:00", "Mo 09:00-12:5", "Mo 09:00-49:00", "Mo 24:00-25:00", "Mo 00:00-24:01",
		"Mo 09:00-12:00 14:00-18:00", "Mo-Xx 09:00-12:00", "SH off; Mo 09:00-12:00", "easter off; Mo 09:00-12:00", "sunrise-sunset",
		"PH off", "Mo off; PH off", "week 0 Mo 09:00-12:00", "week 50-3 Mo 09:00-12:00", "week 1-9/0 Mo 09:00-12:00", "week Mo 09:00-12:00",
		"Mo[6] 09:00-12:00", "Mo[0] 09:00-12:00", "Mo[1 09:00-12:00", "Feb 30 09:00-12:00", "2025 Jun 3-2024 Jun 4 09:00-12:00", "Jun 3-2024 Jun 4 off",
		"Mo 09:00-12:00 || 14:00-15:00", `Mo 09:00-12:00 "sans fin`, ":", ";", ",", "Mo 09:00-12:00,", "Mo 09:00-12:00,;", "09:00-12:00/30",
		"Mo 09:00-12:00 Tu 10:00-11:00", strings.Repeat("Mo 09:00-10:00;", 200),
	} {
		s, err := hours.Parse(text)
		if err == nil {
			t.Errorf("Parse(%q) = %v; want an error", text, s)
		}
		if s.Known() || s.String() != strings.TrimSpace(text) {
			t.Errorf("Parse(%.40q) has %q, known %v; want the text as it was, not known", text, s, s.Known())
		}
		if state, until := s.At(time.Date(2025, 6, 16, 10, 0, 0, 0, time.UTC)); state != hours.Unknown || !until.IsZero() {
			t.Errorf("At of %.40q = %v, %v; want unknown for ever", text, state, until)
		}
		if at, ok := s.Opens(time.Date(2025, 6, 16, 10, 0, 0, 0, time.UTC)); ok {
			t.Errorf("Opens of %.40q = %v; want none", text, at)
		}
	}
}

func TestAt(t *testing.T) {
	loc := paris(t)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ given, when, state, until, opens string }{
		{"Mo-Fr 09:00-12:00,14:00-18:00", "2025-06-16 08:59", "closed", "2025-06-16 09:00", "2025-06-16 09:00"},
		{"Mo-Fr 09:00-12:00,14:00-18:00", "2025-06-16 09:00", "open", "2025-06-16 12:00", "2025-06-16 09:00"},
		{"Mo-Fr 09:00-12:00,14:00-18:00", "2025-06-16 12:00", "closed", "2025-06-16 14:00", "2025-06-16 14:00"},
		{"Mo-Fr 09:00-12:00", "2025-06-20 13:00", "closed", "2025-06-23 09:00", "2025-06-23 09:00"},
		{"24/7", "2025-06-20 13:00", "open", "", "2025-06-20 13:00"},
		{"off", "2025-06-20 13:00", "closed", "", ""},
		{"Mo-Su 00:00-24:00; Tu 00:00-10:00", "2025-06-16 13:00", "open", "2025-06-17 10:00", "2025-06-16 13:00"},
		// Past midnight, and Sunday off does not close Saturday's night.
		{"Fr-Sa 22:00-02:00; Su off", "2025-06-22 01:59", "open", "2025-06-22 02:00", "2025-06-22 01:59"},
		{"Fr-Sa 22:00-02:00; Su off", "2025-06-22 02:00", "closed", "2025-06-27 22:00", "2025-06-27 22:00"},
		// Bastille Day 2025 is a Monday. Hours that say nothing of holidays are not known on it.
		{"Mo 09:00-12:00; PH off", "2025-07-14 10:00", "closed", "2025-07-21 09:00", "2025-07-21 09:00"},
		{"Mo 09:00-12:00", "2025-07-14 10:00", "unknown", "2025-07-14 12:00", "2025-07-21 09:00"},
		{"Mo 09:00-12:00", "2025-07-14 08:00", "closed", "2025-07-14 09:00", "2025-07-21 09:00"},
		{"Mo 09:00-12:00; PH 10:00-11:00", "2025-07-14 09:30", "closed", "2025-07-14 10:00", "2025-07-14 10:00"},
		{"Mo,PH 09:00-12:00", "2025-07-14 10:00", "open", "2025-07-14 12:00", "2025-07-14 10:00"},
		{"Mo 09:00-12:00; Jul 14 10:00-11:00", "2025-07-14 10:30", "open", "2025-07-14 11:00", "2025-07-14 10:30"},
		{"PH Mo 09:00-12:00", "2025-07-01 10:00", "closed", "2025-07-14 09:00", "2025-07-14 09:00"},
		{"24/7", "2025-07-14 10:00", "open", "", "2025-07-14 10:00"},
		// 1 and 8 May 2026 are both Fridays.
		{"Fr 09:00-12:00; PH off", "2026-04-24 13:00", "closed", "2026-05-15 09:00", "2026-05-15 09:00"},
		// Far ahead.
		{"Jun 09:00-12:00", "2025-07-02 10:00", "closed", "2026-06-01 09:00", "2026-06-01 09:00"},
		{"2024 Jun 3 09:00-12:00", "2025-07-02 10:00", "closed", "", ""},
		{"week 2-52/2 Fr 09:00-12:30", "2025-06-16 10:00", "closed", "2025-06-27 09:00", "2025-06-27 09:00"},
		// The years of ISO weeks: 31 December 2025 is in week 1.
		{"week 1 We 09:00-12:30", "2025-12-31 10:00", "open", "2025-12-31 12:30", "2025-12-31 10:00"},
		// Not sure.
		{`Mo 09:00-12:00 "sur rendez-vous"; Tu 10:00-11:00`, "2025-06-16 10:00", "unknown", "2025-06-16 12:00", "2025-06-17 10:00"},
		{"Mo-Su", "2025-06-16 10:00", "unknown", "", ""},
		// Clocks go forward at 02:00 on 30 March 2025, back at 03:00 on 26 October.
		{"Su 02:00-03:00", "2025-03-30 01:00", "closed", "2025-04-06 02:00", "2025-04-06 02:00"},
		{"Sa 22:00-04:00", "2025-03-30 03:30", "open", "2025-03-30 04:00", "2025-03-30 03:30"},
		{"Sa 22:00-04:00", "2025-10-26 03:30", "open", "2025-10-26 04:00", "2025-10-26 03:30"},
	} {
		s := parse(t, c.given)
		format := func(at time.Time, ok bool) string {
			if !ok {
				return ""
			}
			return at.Format("2006-01-02 15:04")
		}
		state, until := s.At(at(c.when))
		if state.String() != c.state || format(until, !until.IsZero()) != c.until {
			t.Errorf("%q At(%s) = %v, %v; want %s, %s", c.given, c.when, state, until, c.state, c.until)
		}
		if got := s.StateAt(at(c.when)); got != state {
			t.Errorf("%q StateAt(%s) = %v; want %v", c.given, c.when, got, state)
		}
		if got := format(s.Opens(at(c.when))); got != c.opens {
			t.Errorf("%q Opens(%s) = %s; want %s", c.given, c.when, got, c.opens)
		}
	}
}

func TestOpensWithin(t *testing.T) {
	s := parse(t, "Fr 09:00-12:00")
	monday := time.Date(2025, 6, 16, 10, 0, 0, 0, time.UTC)
	for days, want := range map[int]bool{-1: false, 0: false, 3: false, 4: true, 9999: true} {
		if at, ok := s.OpensWithin(monday, days); ok != want {
			t.Errorf("OpensWithin(Monday, %d) = %v, %v; want %v", days, at, ok, want)
		}
	}
}

// The dates of Easter are those of the almanacs.
func TestHoliday(t *testing.T) {
	var got []string
	for day := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() == 2026; day = day.AddDate(0, 0, 1) {
		if hours.Holiday(day) {
			got = append(got, day.Format("02/01"))
		}
	}
	const want = "01/01 06/04 01/05 08/05 14/05 25/05 14/07 15/08 01/11 11/11 25/12"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("holidays of 2026 = %s; want %s", s, want)
	}
	for _, day := range []string{"2024-04-01", "2024-05-09", "2024-05-20", "2025-04-21", "2027-03-29", "2038-04-26", "2008-05-01"} {
		at, _ := time.Parse(time.DateOnly, day)
		if !hours.Holiday(at) {
			t.Errorf("Holiday(%s) = false; want true", day)
		}
	}
	for _, day := range []string{"2026-04-03", "2026-04-05", "2026-12-26", "2026-05-24"} { // Good Friday, Easter, Saint Stephen, Whit Sunday
		at, _ := time.Parse(time.DateOnly, day)
		if hours.Holiday(at) {
			t.Errorf("Holiday(%s) = true; want false", day)
		}
	}
}

func TestZero(t *testing.T) {
	var s hours.Schedule
	if state, _ := s.At(time.Time{}); state != hours.Unknown || s.Known() || s.Day(time.Time{}) != nil {
		t.Errorf("the zero Schedule is %v, known %v; want unknown", state, s.Known())
	}
}

// FuzzParse: nothing read may contradict itself.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off", "week 1-53/2 Fr 22:00-02:00, Sa 10:00+",
		"Jun-Aug,Dec 24-26 Th[1,-1] 09:00-12:00 \"x\"; 24/7 off", "2025 Jun 3-Jul 2: PH Mo open", "Mo 0:00-48:00"} {
		f.Add(text, int64(1750060800))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		s, err := hours.Parse(text)
		at := time.Unix(unix%4e9, 0).UTC()
		state, until := s.At(at)
		if err != nil {
			if state != hours.Unknown || s.Known() {
				t.Fatalf("Parse(%q) = %v; At = %v, known %v; want unknown", text, err, state, s.Known())
			}
			return
		}
		if !until.IsZero() && !until.After(at) {
			t.Fatalf("%q At(%v) = %v until %v; want a later time", text, at, state, until)
		}
		if !until.IsZero() {
			if after := s.StateAt(until); after == state {
				t.Fatalf("%q is %v at %v and still at %v; want a change", text, state, at, until)
			}
			if before := s.StateAt(until.Add(-time.Second)); before != state {
				t.Fatalf("%q is %v at %v and %v just before %v; want no change before", text, state, at, before, until)
			}
		}
		if next, ok := s.Opens(at); ok && (next.Before(at) || s.StateAt(next) != hours.Open) {
			t.Fatalf("%q Opens(%v) = %v, where it is %v; want open, later", text, at, next, s.StateAt(next))
		} else if !ok && state == hours.Open {
			t.Fatalf("%q is open at %v, and Opens finds nothing", text, at)
		}
		last := time.Time{}
		for _, iv := range s.Day(at) {
			if !iv.Start.Before(iv.End) || iv.Start.Before(last) || iv.End.Sub(iv.Start) > 48*time.Hour {
				t.Fatalf("%q Day(%v) has %v after %v; want intervals in order", text, at, iv, last)
			}
			last = iv.End
			if got := s.StateAt(iv.Start); got != iv.State && got != hours.Open {
				t.Fatalf("%q StateAt(%v) = %v; want %v", text, iv.Start, got, iv.State)
			}
		}
	})
}

func BenchmarkAt(b *testing.B) {
	s := parse(b, "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off")
	at := time.Date(2025, 6, 21, 13, 0, 0, 0, paris(b))
	for b.Loop() {
		s.At(at)
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		parse(b, "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off")
	}
}
