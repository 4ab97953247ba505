// Command jeudi is the reception kiosk of a permanence numérique: one binary for
// the box, for a laptop with simulated hardware, and for tests.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a minimal system has no time zones, and the site needs one
)

// Exit codes: 0 done, 1 it did not work, 2 it was asked wrongly.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

// version is that of the last release; the build adds where it stands in git.
const version = "0.1.0"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `jeudi is the reception kiosk of a permanence numérique.

  jeudi run          start the box (without flags: a sample site, simulated devices)
  jeudi selftest     test the devices of a running box, with somebody beside it
  jeudi rehearse     play a synthetic morning against a running box
  jeudi site check   read a site file and say what is wrong with it
  jeudi site sample  print a site file to begin with
  jeudi version      print the version

Each has --help.
`

// run is main without the process around it.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(errs, usage)
		return exitUsage
	}
	switch args[0] {
	case "run":
		return runBox(ctx, args[1:], out, errs)
	case "rehearse":
		return runRehearse(ctx, args[1:], out, errs)
	case "selftest":
		return runSelfTest(ctx, args[1:], os.Stdin, out, errs)
	case "site":
		return runSite(args[1:], out, errs)
	case "version", "-version", "--version":
		fmt.Fprintln(out, fullVersion())
		return exitOK
	case "help", "-h", "-help", "--help":
		fmt.Fprint(out, usage)
		return exitOK
	}
	fmt.Fprintf(errs, "jeudi: unknown command %q; jeudi help lists them\n", args[0])
	return exitUsage
}
