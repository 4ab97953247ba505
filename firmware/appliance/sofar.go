package appliance

import (
	"jeudi/firmware/report"
	"jeudi/firmware/session"
)

// SoFar is the table of the permanence under way, as its closing report would have it
// now; ok is false when none is.
func (s *Snapshot) SoFar() (r report.Report, ok bool) {
	if !s.Session.UnderWay() {
		return report.Report{}, false
	}
	r = report.Closing(s.Session, s.Now)
	r.Announced = s.before
	r.Announced.Merge(s.held(s.Session))
	return r, true
}

// MotifsSoFar is how many people of the permanence under way came for what, in the
// site's order, without those for which nobody came; "" is « je ne sais pas ». With the
// close they are gone: in the counters they are of a period.
func (s *Snapshot) MotifsSoFar() (list []report.Tally) {
	if !s.Session.UnderWay() {
		return nil
	}
	counts := make(map[string]int)
	for v := range s.Session.Visits() {
		counts[v.Declared]++
	}
	for _, p := range s.Session.Papers {
		counts[p.Motif] += p.People
	}
	for _, m := range append(s.Session.Plan.Motifs[:len(s.Session.Plan.Motifs):len(s.Session.Plan.Motifs)], session.Motif{}) {
		if n := counts[m.Key]; n > 0 {
			list = append(list, report.Tally{Key: m.Key, N: n})
		}
	}
	return list
}
