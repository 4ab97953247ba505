package drivertest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
)

func TestBlockedEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		if _, err := (Blocked{}).Print(ctx, drivers.Document{}); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Hour {
			t.Errorf("Print() = %v after %v; want deadline exceeded after an hour", err, time.Since(began))
		}
		if got := (Blocked{}).Status(ctx); got != drivers.Mute {
			t.Errorf("Status() = %v; want mute", got)
		}
	})
}

func TestDeafEndsWithTheTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := NewDeaf(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		ended := false
		go func() { d.Print(ctx, drivers.Document{}); ended = true }()
		go d.Status(ctx)
		time.Sleep(24 * time.Hour)
		if ended {
			t.Error("Print returned; want it to hear nothing")
		}
	})
}
