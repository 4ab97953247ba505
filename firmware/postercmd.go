package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"time"

	"jeudi/firmware/poster"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

const posterUsage = `usage: jeudi poster [-site FILE] [-day DAY] [-dates N] -o DIR

Makes what tells people of a place, from its site file: affiche-a3.pdf for halls,
depliant-a5.pdf with a page for each language, and textes-courts.md for light panels,
messages and newspapers. All is black and white. Without -site it is the sample.

  -site FILE   the site file: name, address, hours, motifs and languages
  -day DAY     the day after which the next dates are, as 2026-12-01 (today)
  -dates N     how many next dates, from 0 to 4 (3)
  -o DIR       the folder to write into; it is made
`

// mostDates is how many fit in a row.
const mostDates = 4

// runPoster is jeudi poster; now is the day whose next dates are told.
func runPoster(args []string, now time.Time, out, errs io.Writer) int {
	if slices.ContainsFunc(args, isHelp) {
		fmt.Fprint(out, posterUsage)
		return exitOK
	}
	fset := flag.NewFlagSet("poster", flag.ContinueOnError)
	fset.SetOutput(errs)
	fset.Usage = func() { fmt.Fprint(errs, posterUsage) }
	file, day := fset.String("site", "", ""), fset.String("day", "", "")
	dates, to := fset.Int("dates", 3, ""), fset.String("o", "", "")
	if err := fset.Parse(args); err != nil {
		return usageCode(err)
	}
	var err error
	switch {
	case fset.NArg() > 0:
		err = fmt.Errorf("unexpected %q; all settings of jeudi poster are flags", fset.Arg(0))
	case *to == "":
		err = fmt.Errorf("-o names the folder to write into")
	case *dates < 0 || *dates > mostDates:
		err = fmt.Errorf("-dates is from 0 to %d, not %d", mostDates, *dates)
	case *day != "":
		if now, err = time.Parse(time.DateOnly, *day); err != nil {
			err = fmt.Errorf("-day is a day such as 2026-12-01, not %q", *day)
		}
	}
	if err != nil {
		fmt.Fprintln(errs, "jeudi poster:", err)
		return exitUsage
	}
	place, err := siteFrom(*file)
	if err != nil {
		fmt.Fprintln(errs, err)
		return exitFail
	}
	if *day != "" { // the same day, wherever the place is
		now = time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, place.Zone)
	}
	texts, err := words.Load()
	if err == nil {
		texts, err = siteTexts(texts, place, *file)
	}
	if err == nil {
		p := poster.New(posterOf(speaking(place, texts), now, *dates), texts)
		err = writeFiles(*to, map[string][]byte{
			"affiche-a3.pdf": p.A3(), "depliant-a5.pdf": p.A5(), "textes-courts.md": []byte(p.Short()),
		})
	}
	if err != nil {
		fmt.Fprintln(errs, "jeudi poster:", err)
		return exitFail
	}
	fmt.Fprintf(out, "%s : affiche-a3.pdf, depliant-a5.pdf, textes-courts.md\n", *to)
	return exitOK
}

// posterOf is a site as a poster tells of it.
func posterOf(s *site.Site, now time.Time, dates int) poster.Place {
	p := poster.Place{Name: s.Place.Name, Address: s.Place.Address, Phone: s.Place.Phone, Languages: s.Languages}
	clock := func(c site.Clock) time.Time { return time.Date(2000, 1, 1, int(c)/60, int(c)%60, 0, 0, s.Zone) }
	for _, h := range s.Hours {
		p.Hours = append(p.Hours, poster.Hours{Day: h.Day, From: clock(h.From), Until: clock(h.Until)})
	}
	for _, d := range s.NextDates(now, dates) {
		p.Dates = append(p.Dates, time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, s.Zone))
	}
	for _, m := range s.Motifs {
		p.Motifs = append(p.Motifs, m.Key)
	}
	return p
}
