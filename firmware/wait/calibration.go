package wait

import (
	"encoding/json"
	"fmt"
	"time"
)

// Warn is when announced ranges are called wrong: fewer than WarnUnder in a hundred
// held, of at least WarnOver that were announced.
const (
	WarnUnder = 60
	WarnOver  = 50
)

const (
	numMisses = 5
	numErrors = 2*numMisses + 1
	maxCount  = 1 << 30
)

// misses are the lower edges of how far a wait was outside of its range.
func misses() [numMisses]time.Duration {
	return [numMisses]time.Duration{0, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute}
}

// Calibration is how well announced waits held: how many ended within their range,
// and how far outside the others. It holds counts alone, and its JSON too.
//
// What counts is the range that the person was given on paper, not a later one.
// Those who left before their call are not in it: nobody knows how long they would
// have waited, and on a bad morning they are those who would have waited longest.
type Calibration struct {
	// far below … just below, within, just above … far above
	counts [numErrors]int
}

// Add counts a wait that was announced and has ended. A range that was Unknown
// promised nothing and is not counted.
func (c *Calibration) Add(said Range, real time.Duration) {
	if said.Unknown {
		return
	}
	at := numMisses
	switch {
	case real < said.Low:
		at -= 1 + far(said.Low-real)
	case real > said.High:
		at += 1 + far(real-said.High)
	}
	c.counts[at] = min(c.counts[at]+1, maxCount)
}

func far(by time.Duration) int {
	edges := misses()
	for i := numMisses - 1; i > 0; i-- {
		if by >= edges[i] {
			return i
		}
	}
	return 0
}

// Merge adds the waits of another permanence.
func (c *Calibration) Merge(o Calibration) {
	for i, n := range o.counts {
		c.counts[i] = min(c.counts[i]+n, maxCount)
	}
}

// N is how many announced waits have ended.
func (c Calibration) N() int { return c.Below() + c.Within() + c.Above() }

// Within is how many ended in their range, both ends included.
func (c Calibration) Within() int { return c.counts[numMisses] }

// Below is how many ended sooner than announced.
func (c Calibration) Below() int { return sum(c.counts[:numMisses]) }

// Above is how many lasted longer than announced: those whom it hurts.
func (c Calibration) Above() int { return sum(c.counts[numMisses+1:]) }

func sum(list []int) int {
	n := 0
	for _, k := range list {
		n += k
	}
	return n
}

// Misses are how far the other waits were outside of their range, from those who
// were called much sooner than announced to those who were called much later.
func (c Calibration) Misses() []Miss {
	edges := misses()
	list := make([]Miss, 0, 2*numMisses)
	for i := range numErrors {
		if i == numMisses {
			continue
		}
		k := i - numMisses - 1
		if i < numMisses {
			k = numMisses - 1 - i
		}
		m := Miss{Early: i < numMisses, From: edges[k], Visits: c.counts[i]}
		if k+1 < numMisses {
			m.To = edges[k+1]
		}
		list = append(list, m)
	}
	return list
}

// Miss is how many waits ended outside of what was announced by From or more, and by
// less than To, which is 0 where there is no end.
type Miss struct {
	Early    bool // called sooner than announced, else later
	From, To time.Duration
	Visits   int
}

// Tenths is how many times in ten a wait ended within its range, rounded to the
// nearest, and of how many waits that is said: 0 of 0 while there is none.
func (c Calibration) Tenths() (times, n int) {
	if n = c.N(); n == 0 {
		return 0, 0
	}
	return (20*c.Within() + n) / (2 * n), n
}

// Poor reports whether the ranges hold so rarely that the place should be told.
func (c Calibration) Poor() bool {
	n := c.N()
	return n >= WarnOver && 100*c.Within() < WarnUnder*n
}

type calibrationFile struct {
	Version int   `json:"v"`
	Counts  []int `json:"counts"`
}

// MarshalJSON writes the counts.
func (c Calibration) MarshalJSON() ([]byte, error) {
	return json.Marshal(calibrationFile{version, c.counts[:]})
}

// UnmarshalJSON reads what MarshalJSON writes, and nothing that could not have
// been counted. An error leaves c as it was.
func (c *Calibration) UnmarshalJSON(data []byte) error {
	var f calibrationFile
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf("wait: reading calibration: %w", err)
	}
	if f.Version != version {
		return fmt.Errorf("wait: reading calibration: version %d is not %d: written by a newer box?", f.Version, version)
	}
	if len(f.Counts) != numErrors {
		return fmt.Errorf("wait: reading calibration: %d counts; want %d", len(f.Counts), numErrors)
	}
	for _, n := range f.Counts {
		if n < 0 || n > maxCount {
			return fmt.Errorf("wait: reading calibration: a count of %d", n)
		}
	}
	copy(c.counts[:], f.Counts)
	return nil
}
