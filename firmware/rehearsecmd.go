package main

import (
	"context"
	"io"
)

func runRehearse(ctx context.Context, args []string, out, errs io.Writer) int { return exitFail }
