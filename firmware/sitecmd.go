package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

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
		if err := devicesCheck(s); err != nil {
			fmt.Fprintf(errs, "%s: %v\n", args[1], err)
			return exitFail
		}
		fmt.Fprintf(out, "%s: %s, %d desk(s), %d motifs: good\n", args[1], s.Place.Name, len(s.Desks), len(s.Motifs))
		return exitOK
	}
	fmt.Fprint(errs, siteUsage)
	return exitUsage
}

// devicesCheck is what jeudi run would refuse about the devices of a site on any
// machine.
func devicesCheck(s *site.Site) error {
	if _, err := profileOf(s.Printer); err != nil {
		return err
	}
	if scheme, address, _ := strings.Cut(s.Devices.Printer, ":"); scheme == "escpos" {
		if _, err := opener(address); err != nil {
			return fmt.Errorf("devices.printer: %w", err)
		}
	}
	if s.Devices.Panel == "gpio:" {
		if _, err := wiring(s); err != nil {
			return err
		}
	}
	return nil
}
