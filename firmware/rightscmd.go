package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"jeudi/firmware/rights"
)

const rightsUsage = `usage: jeudi rights check [FILE]
       jeudi rights sample
       jeudi rights schema

check reads a file of rules of the rights to be checked and says everything that
is wrong with it, rule by rule; without FILE, the rules that come with jeudi. It
lists the rules with their version, source and review day, and says how many are
past their day.
sample prints the rules that come with jeudi, to begin from.
schema prints their JSON Schema, for an editor.

Exit code: 0 good (with rules past their day too), 1 faults, 2 asked wrongly or no such file.
`

// rightsCommand is jeudi rights; now is the day against which reviews are held.
func rightsCommand(args []string, now time.Time, out, errs io.Writer) int {
	switch {
	case slices.ContainsFunc(args, isHelp):
		fmt.Fprint(out, rightsUsage)
		return exitOK
	case len(args) == 1 && args[0] == "sample":
		out.Write(rights.DefaultText())
		return exitOK
	case len(args) == 1 && args[0] == "schema":
		out.Write(rights.SchemaText())
		return exitOK
	case (len(args) == 1 || len(args) == 2) && args[0] == "check":
		name, data := "jeudi", rights.DefaultText()
		if len(args) == 2 {
			var err error
			name = args[1]
			if data, err = readOwn(name); err != nil {
				fmt.Fprintln(errs, "jeudi rights:", err)
				return exitUsage
			}
			if data == nil {
				break // an empty name
			}
		}
		return checkRights(name, data, now, out, errs)
	}
	fmt.Fprint(errs, rightsUsage)
	return exitUsage
}

func checkRights(name string, data []byte, now time.Time, out, errs io.Writer) int {
	rules, err := rights.Parse(data)
	var faults rights.Faults
	if errors.As(err, &faults) {
		for _, f := range faults {
			fmt.Fprintf(errs, "%s: %s\n", name, f)
		}
		fmt.Fprintf(errs, "%s : %d erreur(s). Rien n’est changé.\n", name, len(faults))
		return exitFail
	}
	day := func(t time.Time) string { return t.Format(time.DateOnly) }
	due := 0
	for _, r := range rules.List {
		state := "active"
		switch {
		case !r.Active:
			state = "éteinte"
		case r.DueAt(now):
			state = "À RELIRE"
			due++
		}
		fmt.Fprintf(out, "%-20s %-9s version %s, en vigueur %s, à relire avant %s\n", r.ID, state, r.Version, day(r.Effective), day(r.Review))
		fmt.Fprintf(out, "    à vérifier : %s", strings.Join(r.Verify, ", "))
		if r.Sheet != "" {
			fmt.Fprintf(out, " ; fiche %s de service-public.fr", r.Sheet)
		}
		fmt.Fprintf(out, "\n    source : %s\n", r.Source)
	}
	verdict := "bon"
	if due > 0 {
		verdict = fmt.Sprintf("bon, sauf %d règle(s) à relire", due)
	}
	fmt.Fprintf(out, "%s : %d règles, version %s, à relire avant %s : %s\n", name, len(rules.List), rules.Version, day(rules.Review), verdict)
	if due > 0 {
		fmt.Fprintf(errs, "%s : attention, %d règle(s) à relire : la date est passée. Relisez les valeurs, puis changez « version » et « revue_avant ».\n", name, due)
	}
	return exitOK
}
