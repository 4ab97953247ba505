package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"jeudi/provisioning/site"
)

const siteUsage = `usage: jeudi site check FILE
       jeudi site sample

check reads a site file strictly and says, line by line, what is wrong with it.
sample prints the commented sample, to begin from.
`

func runSite(args []string, out, errs io.Writer) int {
	switch {
	case len(args) > 0 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help"):
		fmt.Fprint(out, siteUsage)
		return exitOK
	case len(args) == 1 && args[0] == "sample":
		fmt.Fprint(out, site.SampleText())
		return exitOK
	case len(args) == 2 && args[0] == "check":
		s, err := site.Load(args[1])
		if err != nil {
			fmt.Fprintln(errs, err)
			if errors.Is(err, os.ErrNotExist) {
				return exitUsage
			}
			return exitFail
		}
		fmt.Fprintf(out, "%s: %s, %d desk(s), %d motifs: good\n", args[1], s.Place.Name, len(s.Desks), len(s.Motifs))
		return exitOK
	}
	fmt.Fprint(errs, siteUsage)
	return exitUsage
}
