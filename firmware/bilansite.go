package main

import (
	"jeudi/firmware/coop"
	"jeudi/firmware/report"
	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

// siteOfBilan is what a bilan is told of a site: its words, its neighbourhoods and what
// it declares of its means. Without a site it has the built-in words alone.
func siteOfBilan(s *site.Site, texts *words.Catalogue) report.Site {
	known := report.Site{Labels: report.Labels(texts)}
	for _, t := range append(coop.Themes(), coop.Procedures()...) {
		known.Labels[sheet.Themes+"."+string(t.Code)] = t.Label
	}
	for _, o := range coop.Organisms() {
		known.Labels["organism."+string(o.Code)] = o.Label
	}
	if s == nil {
		return known
	}
	known.Place = s.Place.Name
	for _, n := range s.Neighbourhoods {
		known.Neighbourhoods = append(known.Neighbourhoods, report.Neighbourhood{Key: n.Key, Label: n.Label, QPV: n.QPV})
	}
	for _, m := range s.Motifs {
		if label := m.LabelIn(site.French); label != "" {
			known.Labels[sheet.Motif+"."+m.Key] = label
		}
	}
	for _, o := range s.Coop.Organisms {
		known.Labels["organism."+o.Key] = o.Label
	}
	known.Costs = report.Costs{Euros: s.Bilan.Euros, Staff: s.Bilan.Staff, Helped: s.Bilan.Volunteers}
	return known
}
