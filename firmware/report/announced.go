package report

import "jeudi/firmware/session"

// announced is how well the waits held that visitors were told: how many, how often in
// ten, of how many that is said, and a warning where it is too rarely.
func (r Report) announced() Section {
	s := Section{Title: session.M("report.announced"), Rows: []Row{
		{session.M("report.announced.within"), r.Announced.Within()},
		{session.M("report.announced.sooner"), r.Announced.Below()},
		{session.M("report.announced.later"), r.Announced.Above()},
	}}
	if times, n := r.Announced.Tenths(); n > 0 {
		s.Remarks = append(s.Remarks, session.M("report.announced.tenths", "times", times, "n", n))
	}
	if r.AnnouncedPoor {
		s.Remarks = append(s.Remarks, session.M("report.announced.poor"))
	}
	return s
}
