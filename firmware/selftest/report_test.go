package selftest_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/selftest"
)

// What the machine says, and what becomes of it.
func TestFacts(t *testing.T) {
	tests := []struct {
		name  string
		given func(*selftest.Facts)
		item  selftest.Item
		want  string
	}{
		{"no disk known", func(f *selftest.Facts) { f.DiskTotal = 0 }, selftest.Disk, "disk unknown"},
		{"little room", func(f *selftest.Facts) { f.DiskFree = 400e6 }, selftest.Disk, "disk warning disk_mb"},
		{"no room", func(f *selftest.Facts) { f.DiskFree = 30e6 }, selftest.Disk, "disk failed disk_mb"},
		{"an SD card", func(f *selftest.Facts) { f.Worn, f.Reserve = 0, 0 }, selftest.Wear, "wear unknown"},
		{"an old card", func(f *selftest.Facts) { f.Worn = 90 }, selftest.Wear, "wear warning worn worn_soon"},
		{"a card with few spare blocks", func(f *selftest.Facts) { f.Worn, f.Reserve = 0, 2 }, selftest.Wear, "wear warning worn_soon"},
		{"a card beyond its life", func(f *selftest.Facts) { f.Worn = 110 }, selftest.Wear, "wear failed worn worn_out"},
		{"a card without spare blocks", func(f *selftest.Facts) { f.Reserve = 3 }, selftest.Wear, "wear failed worn worn_out"},
		{"a laptop's supply", func(f *selftest.Facts) { f.Undervoltage = 0 }, selftest.Power, "power unknown"},
		{"a weak supply", func(f *selftest.Facts) { f.Undervoltage = selftest.Yes }, selftest.Power, "power failed weak_power"},
		{"a supply that was weak", func(f *selftest.Facts) { f.Undervoltage = selftest.Past }, selftest.Power, "power warning weak_power_past"},
		{"no thermometer", func(f *selftest.Facts) { f.Heat, f.Throttled = 0, 0 }, selftest.Temperature, "temperature unknown"},
		{"warm", func(f *selftest.Facts) { f.Heat = 72_000 }, selftest.Temperature, "temperature warning heat hot"},
		{"hot", func(f *selftest.Facts) { f.Heat = 81_000 }, selftest.Temperature, "temperature failed heat too_hot"},
		{"slowed before", func(f *selftest.Facts) { f.Throttled = selftest.Past }, selftest.Temperature, "temperature warning heat slowed"},
		{"no memory known", func(f *selftest.Facts) { f.MemoryTotal = 0 }, selftest.Memory, "memory unknown"},
		{"little memory", func(f *selftest.Facts) { f.MemoryFree = 40 << 20 }, selftest.Memory, "memory warning memory_mb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := well()
			tt.given(&f)
			setup := bare()
			setup.Facts = f
			r := report(t, setup, confirm(true), selftest.Measured{Facts: f})
			if got := outcomes(r.Outcomes); !slices.Contains(got, tt.want) {
				t.Errorf("outcomes = %q; want %q", got, tt.want)
			}
		})
	}
}

// The printer works between the two looks: what was bad at either counts.
func TestTheWorseLookCounts(t *testing.T) {
	tests := []struct {
		name          string
		before, after func(*selftest.Facts)
		want          []string
	}{
		{"weak only while it printed", func(f *selftest.Facts) {}, func(f *selftest.Facts) { f.Undervoltage = selftest.Past }, []string{"power warning weak_power_past"}},
		{"weak only at first", func(f *selftest.Facts) { f.Undervoltage = selftest.Yes }, func(*selftest.Facts) {}, []string{"power warning weak_power_past"}},
		{"the second look hangs", func(f *selftest.Facts) { f.Undervoltage = selftest.Yes }, func(f *selftest.Facts) { *f = selftest.Facts{} },
			[]string{"power failed weak_power", "disk ok disk_gb"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, after := well(), well()
			tt.before(&before)
			tt.after(&after)
			setup := bare()
			setup.Facts = before
			r := report(t, setup, confirm(true), selftest.Measured{Facts: after})
			for _, want := range tt.want {
				if got := outcomes(r.Outcomes); !slices.Contains(got, want) {
					t.Errorf("outcomes = %q; want %q", got, want)
				}
			}
			if r.Version != "1.2.3" {
				t.Errorf("version = %q; want 1.2.3", r.Version)
			}
		})
	}
}

func outcome(item selftest.Item, result selftest.Result) selftest.Outcome {
	return selftest.Outcome{Item: item, Result: result}
}

func TestVerdict(t *testing.T) {
	good := outcome(selftest.Printer, selftest.OK)
	tests := []struct {
		name  string
		given selftest.Report
		want  selftest.Verdict
		ok    bool
	}{
		{"nothing", selftest.Report{}, selftest.Incomplete, false},
		{"all well", selftest.Report{Outcomes: []selftest.Outcome{good, outcome(selftest.Wear, selftest.Unknown)}}, selftest.Ready, true},
		{"something to watch", selftest.Report{Outcomes: []selftest.Outcome{good, outcome(selftest.Disk, selftest.Warning)}}, selftest.Watch, true},
		{"something not looked at", selftest.Report{Outcomes: []selftest.Outcome{good, outcome(selftest.Sound, selftest.Skipped)}}, selftest.Incomplete, false},
		{"something broken", selftest.Report{Outcomes: []selftest.Outcome{outcome(selftest.Sound, selftest.Skipped), outcome(selftest.Touch, selftest.Failed)}},
			selftest.NotReady, false},
		{"left", selftest.Report{Abandoned: true, Outcomes: []selftest.Outcome{good}}, selftest.Incomplete, false},
	}
	for _, tt := range tests {
		if got := tt.given.Verdict(); got != tt.want || got.OK() != tt.ok {
			t.Errorf("Verdict(%s) = %s, %v; want %s, %v", tt.name, got, got.OK(), tt.want, tt.ok)
		}
	}
}

func TestRows(t *testing.T) {
	row := func(r selftest.Row) string {
		return strings.TrimPrefix(r.Label.Key, "selftest.item.") + " " + string(r.Result)
	}
	tests := []struct {
		name  string
		given []selftest.Outcome
		want  []string
	}{
		{"buttons that are well share a line", []selftest.Outcome{outcome(selftest.Sound, selftest.OK), outcome("button.ok", selftest.OK),
			outcome("button.help", selftest.OK), outcome(selftest.Touch, selftest.OK)}, []string{"sound ok", "panel_all ok", "touch ok"}},
		{"one that is not has all of them told", []selftest.Outcome{outcome("button.ok", selftest.OK), outcome("button.help", selftest.Failed)},
			[]string{"button.ok ok", "button.help failed"}},
		{"one alone", []selftest.Outcome{outcome("button.ok", selftest.OK)}, []string{"button.ok ok"}},
	}
	for _, tt := range tests {
		var got []string
		for _, r := range selftest.Rows(tt.given) {
			got = append(got, row(r))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("Rows(%s) = %q; want %q", tt.name, got, tt.want)
		}
	}
}

// A report is read again years later, by another version.
func TestReportsSurviveJSON(t *testing.T) {
	r := report(t, whole(), all()...)
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back selftest.Report
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if got, want := outcomes(back.Outcomes), outcomes(r.Outcomes); !slices.Equal(got, want) || !back.Started.Equal(r.Started) {
		t.Errorf("after JSON: %q; want %q", got, want)
	}
}

// A report concerns no person. A field added to it must be put here, and thought about.
func TestAReportConcernsNoPerson(t *testing.T) {
	var got []string
	for _, typ := range []reflect.Type{reflect.TypeFor[selftest.Report](), reflect.TypeFor[selftest.Outcome]()} {
		for f := range typ.Fields() {
			got = append(got, f.Name)
		}
	}
	if want := []string{"Started", "Ended", "Version", "Abandoned", "ClockUnsure", "Outcomes", "Item", "Result", "Notes"}; !slices.Equal(got, want) {
		t.Errorf("fields = %q; want %q", got, want)
	}
}

func TestStands(t *testing.T) {
	now := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	closed := now.Add(-7 * 24 * time.Hour)
	test := func(ago time.Duration, list ...selftest.Outcome) *selftest.Report {
		return &selftest.Report{Ended: now.Add(-ago), Outcomes: append(list, outcome(selftest.Clock, selftest.OK))}
	}
	left := test(time.Hour, outcome(selftest.Printer, selftest.Skipped))
	left.Abandoned = true
	tests := []struct {
		name   string
		last   *selftest.Report
		closed time.Time
		lost   bool
		ill    []selftest.Item
		want   []string
	}{
		{name: "tested since the last permanence", last: test(time.Hour), closed: closed},
		{name: "a box that has had no permanence", last: test(time.Hour)},
		{name: "something to watch is no obstacle", last: test(time.Hour, outcome(selftest.Disk, selftest.Warning)), closed: closed},
		{name: "never tested", closed: closed, want: []string{"never"}},
		{name: "not since the last permanence", last: test(8 * 24 * time.Hour), closed: closed, want: []string{"not_since"}},
		{name: "back from the holidays", last: test(15 * 24 * time.Hour), closed: now.Add(-30 * 24 * time.Hour), want: []string{"old"}},
		{name: "the report of the closing is not on disk", last: test(time.Hour), closed: closed, lost: true, want: []string{"not_kept"}},
		{name: "left in the middle", last: left, closed: closed, want: []string{"abandoned"}},
		{name: "broken", last: test(time.Hour, outcome(selftest.Printer, selftest.Failed), outcome(selftest.Sound, selftest.Skipped)), closed: closed,
			want: []string{"printer", "sound"}},
		{name: "broken since", last: test(time.Hour), closed: closed, ill: []selftest.Item{selftest.Printer}, want: []string{"printer"}},
		{name: "broken, and still", last: test(time.Hour, outcome(selftest.Printer, selftest.Failed)), closed: closed, ill: []selftest.Item{selftest.Printer},
			want: []string{"printer"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := selftest.Stands(tt.last, tt.closed, !tt.lost, tt.ill, now)
			var got []string
			for _, m := range s.Missing {
				key := strings.TrimPrefix(m.Key, "selftest.missing.")
				if key == "item" {
					label, _ := m.Args["item"].(interface {
						Message() (string, map[string]any)
					}).Message()
					key = strings.TrimPrefix(label, "selftest.item.")
				}
				got = append(got, key)
			}
			if !slices.Equal(got, tt.want) || s.Ready != (len(tt.want) == 0) {
				t.Errorf("Stands() = %v, missing %q; want %q", s.Ready, got, tt.want)
			}
		})
	}
}
