package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"jeudi/firmware/rehearse"
)

const rehearseUsage = `usage: jeudi rehearse [flags]

Plays a synthetic morning against a running box, through its public addresses
only: people take tickets, wait, leave, are called, are absent, come back. It opens
the permanence if it is not open, shows progress, and ends with one line:

  identity ok: issued=… served=… no_show=… left=… cancelled=… misrouted=… oriented=… unresolved=… here=…

or "identity BROKEN: …" and exit code 1, as when it cannot play. Try it with: jeudi run -clock 60x
To train a team: jeudi rehearse -crowd -test -visitors 8 -speed 12

What the script assumes, in the time of the box: who touches reads what the screen
shows at 150 words a minute; who presses buttons hears out what the voice says of
the screen, then of each choice, at 125 words a minute; each press takes 2.5 s more.
Services take 8, 20 or 40 minutes on average by motif (lognormal); when more people
come than the desks could receive in three hours, all are shortened alike.

`

func runRehearse(ctx context.Context, args []string, out, errs io.Writer) int {
	fset := flag.NewFlagSet("rehearse", flag.ContinueOnError)
	fset.SetOutput(errs)
	cfg := rehearse.Config{Out: out}
	fset.StringVar(&cfg.URL, "url", "http://127.0.0.1:8080", "`address` of the box")
	fset.Uint64Var(&cfg.Seed, "seed", 1, "`number` that decides everything: the same one plays the same morning")
	fset.IntVar(&cfg.Visitors, "visitors", 20, "`number` of people who come for a ticket")
	fset.Float64Var(&cfg.Speed, "speed", 0, "how many times faster than life; without it the speed of the box's clock,\nat which its rules of 20 seconds and 5 minutes are met on the way")
	fset.BoolVar(&cfg.Close, "close", false, "close the permanence at the end; who is still there then has left")
	fset.BoolVar(&cfg.Test, "test", false, "open a permanence that does not count, « ESSAI », when none is open;\nin one that counts nothing is played")
	fset.BoolVar(&cfg.Crowd, "crowd", false, "play the visitors alone: whoever sits at the desks receives them, and closes; for a training")
	fset.Usage = func() { fmt.Fprint(errs, rehearseUsage); fset.PrintDefaults() }
	if err := fset.Parse(args); err != nil {
		return usageCode(err)
	}
	switch {
	case fset.NArg() > 0:
		fmt.Fprintf(errs, "jeudi rehearse: unexpected %q; all settings of jeudi rehearse are flags\n", fset.Arg(0))
		return exitUsage
	case cfg.Crowd && cfg.Close:
		fmt.Fprintln(errs, "jeudi rehearse: with -crowd whoever sits at the desks closes; leave -close out")
		return exitUsage
	case cfg.Visitors < 1:
		fmt.Fprintln(errs, "jeudi rehearse: -visitors is at least 1")
		return exitUsage
	case !(cfg.Speed >= 0 && cfg.Speed <= 3600): // NaN is neither
		fmt.Fprintln(errs, "jeudi rehearse: -speed is between 0 and 3600")
		return exitUsage
	}
	err := rehearse.Run(ctx, cfg)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, rehearse.ErrBroken): // its line is printed
	case ctx.Err() != nil:
		fmt.Fprintln(errs, "jeudi rehearse: stopped before the end")
	default:
		fmt.Fprintln(errs, "jeudi", err) // it begins with rehearse:
	}
	return exitFail
}
