package main

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestHeldAtStart: three seconds without letting go are meant, less is not, and a start
// that nobody wants anything of waits for a tenth of a second.
func TestHeldAtStart(t *testing.T) {
	tests := []struct {
		name     string
		from, to time.Duration // when the two are down
		want     bool
		within   time.Duration
	}{
		{"nobody", time.Hour, time.Hour, false, settled},
		{"held", 0, time.Hour, true, heldFor + 2*settled},
		{"let go", 0, 2 * time.Second, false, 2*time.Second + settled},
		{"too late", time.Second, time.Hour, false, settled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				got := heldLong(func() bool {
					at := time.Since(start)
					return at >= tt.from && at < tt.to
				})
				if took := time.Since(start); got != tt.want || took > tt.within {
					t.Errorf("heldLong = %v after %v; want %v within %v", got, took, tt.want, tt.within)
				}
			})
		})
	}
}
