package gpiopanel

import (
	"time"

	"jeudi/drivers"
)

// key is a button as it is known. Its wire may be broken whatever the rest says.
type key struct {
	action drivers.Action
	known  bool // it has settled once
	down   bool
	fresh  bool // down by a press that was reported
	since  time.Time
	stuck  bool
	lost   bool
	dead   bool // its line is gone: it will not be found
}

// keys turns what the debouncers say into signals. Time is an argument.
type keys struct {
	key        []key
	stuckAfter time.Duration
	chord      []int // the two keys that together are staff's, or none
	chordAfter time.Duration
	chorded    bool // reported; not again before one of them is let go
}

// change is told that key i settled.
func (k *keys) change(i int, c change, now time.Time) []drivers.Signal {
	b := &k.key[i]
	b.known = true
	switch c {
	case pressed, isDown:
		b.down, b.since, b.fresh = true, now, c == pressed && !b.lost
		if b.fresh {
			return []drivers.Signal{{Kind: drivers.Pressed, Action: b.action}}
		}
	case released, isUp:
		b.down = false
		return k.unstick(i)
	}
	return nil
}

func (k *keys) unstick(i int) []drivers.Signal {
	if !k.key[i].stuck {
		return nil
	}
	k.key[i].stuck = false
	return []drivers.Signal{{Kind: drivers.Freed, Action: k.key[i].action}}
}

// wire is told that the wire of key i is whole, or broken. A key that is down
// while it is mended was not pressed.
func (k *keys) wire(i int, whole bool, now time.Time) []drivers.Signal {
	b := &k.key[i]
	if b.lost != whole || b.dead {
		return nil
	}
	b.lost, b.fresh, b.since = !whole, false, now
	if whole {
		return []drivers.Signal{{Kind: drivers.Found, Action: b.action}}
	}
	return append(k.unstick(i), drivers.Signal{Kind: drivers.Lost, Action: b.action})
}

// due is what time alone has brought about.
func (k *keys) due(now time.Time) (out []drivers.Signal) {
	for i := range k.key {
		b := &k.key[i]
		if b.sticks() && !now.Before(b.since.Add(k.stuckAfter)) {
			b.stuck = true
			out = append(out, drivers.Signal{Kind: drivers.Stuck, Action: b.action})
		}
	}
	at, held := k.chordAt()
	if !held {
		k.chorded = false
	} else if !k.chorded && !now.Before(at) {
		k.chorded = true
		out = append(out, drivers.Signal{Kind: drivers.Pressed, Action: drivers.Staff})
	}
	return out
}

// sticks reports whether the key will be stuck if nothing happens.
func (b *key) sticks() bool { return b.down && !b.stuck && !b.lost }

// chordAt is when staff's two keys will have been held together for long enough.
// A stuck one does not count: else the other alone would be the chord.
func (k *keys) chordAt() (at time.Time, held bool) {
	for _, i := range k.chord {
		b := k.key[i]
		if !b.sticks() || !b.fresh {
			return time.Time{}, false
		}
		if b.since.After(at) {
			at = b.since
		}
	}
	return at.Add(k.chordAfter), len(k.chord) > 0
}

// next is when due will have something to say; zero is never.
func (k *keys) next() (t time.Time) {
	for i := range k.key {
		if k.key[i].sticks() {
			t = sooner(t, k.key[i].since.Add(k.stuckAfter))
		}
	}
	if at, held := k.chordAt(); held && !k.chorded {
		t = sooner(t, at)
	}
	return t
}

// faults are the signals that one who begins to watch must hear.
func (k *keys) faults() (out []drivers.Signal) {
	for _, b := range k.key {
		if b.stuck {
			out = append(out, drivers.Signal{Kind: drivers.Stuck, Action: b.action})
		}
		if b.lost {
			out = append(out, drivers.Signal{Kind: drivers.Lost, Action: b.action})
		}
	}
	return out
}

// sooner is the earlier of two times, of which zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
