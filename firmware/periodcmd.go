package main

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/coop"
	"jeudi/firmware/counters"
	"jeudi/firmware/logbook"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/provisioning/site"
)

const periodUsage = `usage: jeudi period show [-site FILE] [-data DIR]
       jeudi period close [-site FILE] [-data DIR]

show lists the closed periods, and how much the one that goes on has: permanences,
tickets, sheets of each kind, never what they say.

close closes the period that goes on, as « Clore la période » at the desk: what may be
published of it is frozen in the ledger, and the counters begin at zero. It is refused
while a permanence goes on, and where fewer people came than may be told of. The box
must be stopped. Sheets that wait for their key, or for others, pass to the next period.

Exit code: 0 done, 1 refused, 2 asked wrongly.
`

func runPeriod(args []string, now time.Time, out, errs io.Writer) int {
	if slices.ContainsFunc(args, isHelp) {
		fmt.Fprint(out, periodUsage)
		return exitOK
	}
	if len(args) == 0 || args[0] != "show" && args[0] != "close" {
		fmt.Fprint(errs, periodUsage)
		return exitUsage
	}
	fset := flag.NewFlagSet("period", flag.ContinueOnError)
	fset.SetOutput(errs)
	fset.Usage = func() { fmt.Fprint(errs, periodUsage) }
	siteFile := fset.String("site", "", "")
	data := fset.String("data", "data", "")
	if err := fset.Parse(args[1:]); err != nil {
		return usageCode(err)
	}
	fail := func(err error) int {
		fmt.Fprintf(errs, "jeudi period %s: %v\n", args[0], err)
		return exitFail
	}
	if fset.NArg() > 0 {
		fmt.Fprintf(errs, "jeudi period %s: unexpected %q; files are given with -site and -data\n", args[0], fset.Arg(0))
		return exitUsage
	}
	if _, err := os.Stat(*data); err != nil {
		fmt.Fprintf(errs, "jeudi period %s: %v; choose another with -data\n", args[0], err)
		return exitUsage
	}
	place, err := siteFrom(*siteFile)
	if err != nil {
		fmt.Fprintln(errs, err)
		return exitFail
	}
	log := slog.New(logbook.New(slog.NewTextHandler(errs, nil)))
	stores, err := openStores(*data, schemasOf(place), optionsOf(place), log)
	if err != nil {
		return fail(err)
	}
	defer stores.close()
	p := periodsOf(place, stores)
	if args[0] == "close" {
		var state session.State
		stores.journal.Replay(func(e session.Event) { state = session.Evolve(state, e) })
		if state.UnderWay() {
			return fail(errors.New("a permanence goes on: close it at the desk first"))
		}
		r, err := p.Close(now)
		var few appliance.ErrFew
		if errors.As(err, &few) {
			return fail(fmt.Errorf("%d people took a ticket; a release needs %d. The period goes on", few.Have, few.Need))
		}
		if r.ID == "" {
			return fail(err)
		}
		if err != nil { // frozen; the counters follow at the next start
			fmt.Fprintln(errs, "jeudi period close:", err)
		}
	}
	return showPeriods(p, now, out, fail)
}

func showPeriods(p *appliance.Periods, now time.Time, out io.Writer, fail func(error) int) int {
	releases, err := p.Ledger.Releases()
	if err != nil {
		return fail(err)
	}
	for _, r := range releases {
		fmt.Fprintf(out, "close : du %s au %s (exclu), permanences %d, tickets %d, %s\n", r.From, r.Until, r.Attendance.Held, r.Attendance.Totals.Issued, tablesOf(r))
	}
	open, err := p.Open(now)
	if err != nil {
		return fail(err)
	}
	due := ""
	if open.Due {
		due = ", à clore"
	}
	fmt.Fprintf(out, "en cours : depuis le %s, permanences %d, tickets %d%s\n", open.From.Format(time.DateOnly), open.Permanences, open.Tickets, due)
	for _, k := range open.Kinds {
		enough := ""
		if !k.Enough {
			enough = fmt.Sprintf(" (il en faut %d pour publier)", open.Need)
		}
		fmt.Fprintf(out, "    %s : %d comptées%s, %d en attente, %d perdues\n", sheetsOf[k.Kind.String()], k.Counted, enough, k.Waiting, k.Unreadable)
	}
	return exitOK
}

// tablesOf is what a release has of each kind.
func tablesOf(r report.Release) string {
	if len(r.Tables) == 0 {
		return "sans tableau"
	}
	var all []string
	for _, t := range r.Tables {
		all = append(all, fmt.Sprintf("%s %d", sheetsOf[t.Kind], t.Total))
	}
	return strings.Join(all, ", ")
}

// sheetsOf are the kinds of sheets, in the words of the desk.
var sheetsOf = map[string]string{
	sheet.KindVisitor.String(): "fiches des visiteurs", sheet.KindStaff.String(): "fiches de fin de visite", sheet.KindExit.String(): "avis à la sortie",
}

// schemasOf are the questions of a site, of each kind of sheet.
func schemasOf(s *site.Site) []sheet.Schema {
	return []sheet.Schema{sheet.Visitor(neighbourhoods(s)).WithLevel(), coop.Schema(motifs(s)), sheet.Exit()}
}

// optionsOf are how the site wants its sheets kept.
func optionsOf(s *site.Site) counters.Options {
	return counters.Options{Sealed: s.Statistics.Sealed, Batch: s.Statistics.Batch}
}

// periodsOf closes the periods of a site.
func periodsOf(s *site.Site, stores *stores) *appliance.Periods {
	parts := map[string]string{}
	for _, n := range s.Neighbourhoods {
		if n.QPV {
			parts[n.Key] = "qpv"
		}
	}
	return &appliance.Periods{
		Ledger: stores.ledger, Sheets: stores.sheets, Schemas: schemasOf(s), Random: rand.Reader,
		Rules:  counters.Rules{Least: s.Statistics.ReleaseLeast, GroupAt: s.Statistics.GroupAt, Parts: map[string]map[string]string{sheet.Neighbourhood: parts}},
		Length: s.Statistics.Period, Place: s.Place.Name, Zone: s.Zone,
		Planned: func(from, until time.Time) (days []time.Time) {
			for d := range s.Planned(site.DateOf(from), site.DateOf(until)) {
				days = append(days, time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, s.Zone))
			}
			return days
		},
	}
}
