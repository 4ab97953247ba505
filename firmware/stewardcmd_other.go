//go:build !linux

package main

import (
	"context"
	"fmt"
	"io"
)

// Only a card has a start and a steward of its own, and a card runs Linux.

func stewardCard(_ context.Context, errs io.Writer) int {
	fmt.Fprintln(errs, "jeudi steward: only on the card of a box, which runs Linux")
	return exitFail
}

func prepareCard(_, errs io.Writer) int {
	fmt.Fprintln(errs, "jeudi firstboot: only on the card of a box, which runs Linux")
	return exitFail
}
