package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"jeudi/firmware/care"
	"jeudi/firmware/ledger"
	"jeudi/firmware/logbook"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
	"jeudi/provisioning/card"
	"jeudi/provisioning/site"
	"jeudi/provisioning/steward"
)

const reportUsage = `usage: jeudi report [-data DIR] [-site FILE] [-steward SOCKET] -o FILE

Writes the report that « Boîtier » puts on a USB stick, for whoever helps from afar: what
is wrong, the versions, the last start, the self tests, the files that are kept and their
sizes, the site file without its passwords, and the warnings and errors of the log.
Nothing in it is about a visitor. It is in French, for a PC.

The data folder is only read, whether the box runs or not. What cannot be read is said in
the report. How the machine is, only the steward of a box on its card knows.

  -data DIR        the data folder (data)
  -site FILE       the site file (../site/jeudi.toml of the data folder, if it is there)
  -steward SOCKET  the steward's socket (` + card.StewardSoc + `)
  -o FILE          the file to write
`

// stewardTime is how long the steward may take to say how the machine is.
const stewardTime = 20 * time.Second

// runReport is jeudi report, made at now.
func runReport(ctx context.Context, args []string, now time.Time, out, errs io.Writer) int {
	if slices.ContainsFunc(args, isHelp) {
		fmt.Fprint(out, reportUsage)
		return exitOK
	}
	fset := flag.NewFlagSet("report", flag.ContinueOnError)
	fset.SetOutput(errs)
	fset.Usage = func() { fmt.Fprint(errs, reportUsage) }
	data, siteFile := fset.String("data", "data", ""), fset.String("site", "", "")
	socket, to := fset.String("steward", card.StewardSoc, ""), fset.String("o", "", "")
	if err := fset.Parse(args); err != nil {
		return usageCode(err)
	}
	wrong := func(text string, args ...any) int {
		fmt.Fprintf(errs, "jeudi report: "+text+"\n", args...)
		return exitUsage
	}
	info, err := os.Stat(*data)
	switch {
	case fset.NArg() > 0:
		return wrong("unexpected %q; all settings of jeudi report are flags", fset.Arg(0))
	case *to == "":
		return wrong("-o names the file to write")
	case err != nil:
		return wrong("%v; choose another with -data", err)
	case !info.IsDir():
		return wrong("%s is a file; -data is the data folder", *data)
	}
	if *siteFile != "" {
		if _, err := os.Stat(*siteFile); err != nil {
			return wrong("%v; choose another with -site", err)
		}
	} else if at := filepath.Join(filepath.Dir(filepath.Clean(*data)), "site", card.SiteFile); readable(at) {
		*siteFile = at
	}
	texts, err := words.Load()
	if err == nil {
		r := reportFrom(ctx, *data, *siteFile, &steward.Client{Socket: *socket}, now, func(m session.Msg) string { return texts.Text(words.French, m.Key, m.Args) })
		err = os.WriteFile(*to, r.Text(), 0o644)
	}
	if err != nil {
		fmt.Fprintln(errs, "jeudi report:", err)
		return exitFail
	}
	fmt.Fprintln(out, *to)
	return exitOK
}

func readable(name string) bool {
	f, err := os.Open(name)
	if err == nil {
		f.Close()
	}
	return err == nil
}

// reportFrom is the report of a data folder. A box that is in trouble has parts that
// cannot be read: they are among its problems.
func reportFrom(ctx context.Context, data, siteFile string, client *steward.Client, now time.Time, sentence func(session.Msg) string) care.Report {
	r := care.Report{Made: now, Version: fullVersion(), Place: "inconnu"}
	problem := func(what string, err error) {
		if err != nil {
			r.Problems = append(r.Problems, what+" : "+err.Error())
		}
	}
	ctx, cancel := context.WithTimeout(ctx, stewardTime)
	defer cancel()
	if err := ofMachine(ctx, client, &r, sentence); !errors.Is(err, steward.ErrNone) { // a laptop has none
		problem("Le boîtier ne répond pas", err)
	}
	var err error
	if siteFile != "" {
		r.Site, err = os.ReadFile(siteFile)
		problem("La fiche du lieu ne peut pas être lue", err)
		if s, err := site.Parse(filepath.Base(siteFile), r.Site); err == nil {
			r.Place = s.Place.Name
		} else if problems, ok := errors.AsType[site.Errors](err); ok {
			for _, p := range problems {
				// Where, and not what: an error may quote a password.
				r.Problems = append(r.Problems, fmt.Sprintf("La fiche du lieu a une erreur, ligne %d", p.Line))
			}
		}
	}
	r.Tests, err = testsIn(data)
	problem("Les tests ne peuvent pas être lus", err)
	r.Log, err = logbook.Problems(filepath.Join(data, "log"))
	problem("Le journal technique ne peut pas être lu", err)
	r.Kept = keptNow(data)
	return r
}

// testsIn are the self tests of a data folder. They are read from a copy: opening a ledger
// changes it, and a box that runs has it locked.
func testsIn(data string) (lines []string, err error) {
	raw, err := os.ReadFile(filepath.Join(data, "ledger.db"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // none was ever made
	}
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "jeudi-report")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "ledger.db"), raw, 0o600); err != nil {
		return nil, err
	}
	l, aside, err := ledger.Open(dir)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if aside != "" {
		return nil, errors.New("ledger.db est abîmé, ou la borne y écrivait")
	}
	return testsOf(l)
}
