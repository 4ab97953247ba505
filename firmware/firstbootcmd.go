package main

import (
	"fmt"
	"io"
	"slices"
)

const firstbootUsage = `usage: jeudi firstboot

Makes the card of a box ready, at every start and before the box: the data partition
grows to the end of the card, a broken one is mended or what reads of it is saved, a file
RESET on the start partition erases everything, and a new jeudi.toml there is taken over,
or what is wrong with it is written beside it. Then it looks which buttons are held: two
bring the version before back, two others, held twice, ask for RESET.
Only root on the card itself can do that.
`

func runFirstboot(args []string, out, errs io.Writer) int {
	if slices.ContainsFunc(args, isHelp) {
		fmt.Fprint(out, firstbootUsage)
		return exitOK
	}
	if len(args) > 0 {
		fmt.Fprint(errs, firstbootUsage)
		return exitUsage
	}
	return prepareCard(out, errs)
}
