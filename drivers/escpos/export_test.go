package escpos

import (
	"io"
	"time"
)

// NewHasty is New with less patience, for tests in real time.
func NewHasty(wire io.ReadWriter, p Profile) *Printer {
	return open(wire, p, patience{
		answer: 250 * time.Millisecond,
		late:   500 * time.Millisecond,
		stuck:  500 * time.Millisecond,
		poll:   100 * time.Millisecond,
		mend:   500 * time.Millisecond,
		resume: 250 * time.Millisecond,
		grace:  250 * time.Millisecond,
		bytes:  1 << 20,
		speed:  1 << 20,
	})
}
