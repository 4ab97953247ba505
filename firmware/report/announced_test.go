package report

import (
	"slices"
	"testing"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/wait"
)

func TestAnnouncedWaits(t *testing.T) {
	said := wait.Range{Low: 10 * time.Minute, High: 20 * time.Minute}
	const m = time.Minute
	tests := []struct {
		name  string
		real  []time.Duration
		poor  bool
		rows  []int
		notes []session.Msg
	}{
		{name: "nothing was announced", rows: []int{0, 0, 0}},
		{name: "one that held", real: []time.Duration{15 * m}, rows: []int{1, 0, 0},
			notes: []session.Msg{session.M("report.announced.tenths", "times", 10, "n", 1)}},
		{name: "four of five, one each way", real: []time.Duration{10 * m, 20 * m, 15 * m, 12 * m, 18 * m, 15 * m, 14 * m, 16 * m, 5 * m, 40 * m}, rows: []int{8, 1, 1},
			notes: []session.Msg{session.M("report.announced.tenths", "times", 8, "n", 10)}},
		{name: "and rarely, these last times", real: []time.Duration{40 * m}, poor: true, rows: []int{0, 0, 1},
			notes: []session.Msg{session.M("report.announced.tenths", "times", 0, "n", 1), session.M("report.announced.poor")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Report{AnnouncedPoor: tt.poor}
			for _, d := range tt.real {
				r.Announced.Add(said, d)
			}
			var rows []int
			var remarks []session.Msg
			for _, s := range r.Sections() {
				remarks = append(remarks, s.Remarks...)
				if s.Title.Key == "report.announced" {
					for _, row := range s.Rows {
						rows = append(rows, row.Value)
					}
				}
			}
			if !slices.Equal(rows, tt.rows) {
				t.Errorf("rows within, sooner, later = %v; want %v", rows, tt.rows)
			}
			same := func(a, b session.Msg) bool {
				return a.Key == b.Key && a.Args["n"] == b.Args["n"] && a.Args["times"] == b.Args["times"]
			}
			if !slices.EqualFunc(remarks, tt.notes, same) {
				t.Errorf("remarks = %v; want %v", remarks, tt.notes)
			}
		})
	}
}

// Before anybody waited there is nothing to show.
func TestAnOpeningTellsOfNoAnnouncedWaits(t *testing.T) {
	if slices.ContainsFunc(Report{Zero: true}.Sections(), func(s Section) bool { return s.Title.Key == "report.announced" }) {
		t.Error("the report of an opening has announced waits; want none")
	}
}
