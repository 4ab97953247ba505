// Command jeudi is the reception kiosk of a permanence numérique: one binary for
// the box, for a laptop with simulated hardware, and for tests.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
	_ "time/tzdata" // a minimal system has no time zones, and the site needs one
)

// Exit codes: 0 done, 1 it did not work, 2 it was asked wrongly.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

// version is that of the last release. A build adds where it stands in git, but for that of a
// card, which has it in /usr/lib/jeudi/version.
const version = "0.1.0"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `jeudi is the reception kiosk of a permanence numérique.

  jeudi run             start the box (without flags: a sample site, simulated devices)
  jeudi selftest        test the devices of a running box, with somebody beside it
  jeudi rehearse        play a synthetic morning against a running box
  jeudi period show     list the closed periods, and how much the one that goes on has
  jeudi period close    close the period that goes on, when the box is stopped
  jeudi rights check    check a file of rules about rights, and list when each must be read again
  jeudi rights sample   print the rules about rights, to change them
  jeudi rights schema   print the JSON Schema of these rules, for an editor
  jeudi routing sample  print the rules of who receives whom, to change them
  jeudi bilan make      write the bilan of closed periods as page, PDF, spreadsheet and data
  jeudi bilan merge     add released periods of many boxes and years
  jeudi data show       name every file of the data folder, what it holds, and until when
  jeudi data erase      overwrite the data folder and remove it, after a confirmation
  jeudi flash           write the image of a box on a card, and prove it
  jeudi firstboot       make the card of a box ready at its start (root, on the card)
  jeudi steward         do for the box what only root can (root, on the card)
  jeudi report          write what to send to whoever helps from afar
  jeudi poster          make a poster, a flyer and short texts from a site file
  jeudi update make     make a signed update from the images of a slot
  jeudi update show     say what an update is, and check it to its end
  jeudi update key      make a pair of keys to sign updates with
  jeudi update sign     sign files, as minisign does
  jeudi site check      read a site file and say what is wrong with it
  jeudi site new        write a site file by six questions
  jeudi site sample     print a site file to begin with
  jeudi voices check    say how each language is spoken, and what is left to record
  jeudi words           print the texts in a language, to change or to translate them
  jeudi version         print the version

Each has --help.
`

const versionUsage = `usage: jeudi version

Prints the version, and where the build stands in git, if it knows: a card says that in
/usr/lib/jeudi/version.
`

// run is main without the process around it.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(errs, usage)
		return exitUsage
	}
	if slices.Contains(onlyOnABox(), args[0]) && !slices.ContainsFunc(args, isHelp) {
		fmt.Fprintf(errs, "jeudi %s: a box runs on Linux; here jeudi writes cards (jeudi flash), and checks site files\n", args[0])
		return exitFail
	}
	switch args[0] {
	case "run":
		return runBox(ctx, args[1:], out, errs)
	case "rehearse":
		return runRehearse(ctx, args[1:], out, errs)
	case "selftest":
		return runSelfTest(ctx, args[1:], os.Stdin, out, errs)
	case "bilan":
		return runBilan(args[1:], out, errs)
	case "data":
		return runData(args[1:], os.Stdin, out, errs)
	case "period":
		return runPeriod(args[1:], time.Now(), out, errs)
	case "flash":
		return runFlash(ctx, args[1:], os.Stdin, out, errs)
	case "firstboot":
		return runFirstboot(args[1:], out, errs)
	case "steward":
		return runSteward(ctx, args[1:], out, errs)
	case "report":
		return runReport(ctx, args[1:], time.Now(), out, errs)
	case "poster":
		return runPoster(args[1:], time.Now(), out, errs)
	case "rights":
		return rightsCommand(args[1:], time.Now(), out, errs)
	case "voices":
		return runVoices(args[1:], out, errs)
	case "words":
		return runWords(args[1:], out, errs)
	case "update":
		return runUpdate(args[1:], out, errs)
	case "routing":
		return runRouting(args[1:], out, errs)
	case "site":
		return runSite(args[1:], time.Now(), out, errs)
	case "version", "-version", "--version":
		if slices.ContainsFunc(args[1:], isHelp) {
			fmt.Fprint(out, versionUsage)
			return exitOK
		}
		fmt.Fprintln(out, fullVersion())
		return exitOK
	case "help", "-h", "-help", "--help":
		fmt.Fprint(out, usage)
		return exitOK
	}
	fmt.Fprintf(errs, "jeudi: unknown command %q; jeudi help lists them\n", args[0])
	return exitUsage
}

// isHelp reports whether an argument asks for help.
func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }
