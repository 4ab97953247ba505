package main

import (
	"context"
	"fmt"
	"io"
	"slices"
)

const stewardUsage = `usage: jeudi steward

Does for the box what only root can, over a socket that the box alone may open: write an
update, raise the hotspot, read a USB stick, restart. It runs on the card itself.
`

func runSteward(ctx context.Context, args []string, out, errs io.Writer) int {
	if slices.ContainsFunc(args, isHelp) {
		fmt.Fprint(out, stewardUsage)
		return exitOK
	}
	if len(args) > 0 {
		fmt.Fprint(errs, stewardUsage)
		return exitUsage
	}
	return stewardCard(ctx, errs)
}
