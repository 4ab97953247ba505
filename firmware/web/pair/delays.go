package pair

import (
	"time"
)

// Delays slow down whoever errs: nothing for the first few times, then one second,
// two, four, up to a bound. They count by client and over all clients, so that
// many addresses are no way around, and the bound over all is short, so that it is
// never a way to keep staff out. A try that comes too early changes nothing: nobody
// prolongs anybody's wait. The zero value is ready.
type Delays struct {
	all     misses
	clients map[string]misses
}

type misses struct {
	n    int
	last time.Time
}

const (
	freeOne, freeAll       = 5, 20
	longestOne, longestAll = time.Minute, 8 * time.Second
	// calm is after how long what went wrong is forgotten.
	calm = 10 * time.Minute
	// maxClients bounds what is remembered.
	maxClients = 256
)

// left is how much of the wait after the last miss remains.
func (m misses) left(at time.Time, free int, longest time.Duration) time.Duration {
	if m.n < free || at.Sub(m.last) >= calm {
		return 0
	}
	d := longest
	if n := m.n - free; n < 10 {
		d = min(longest, time.Second<<n)
	}
	return max(0, d-at.Sub(m.last))
}

func (m misses) more(at time.Time) misses {
	if at.Sub(m.last) >= calm {
		m.n = 0
	}
	return misses{m.n + 1, at}
}

// Wait is how long the client must wait before its next try counts.
func (d *Delays) Wait(at time.Time, client string) time.Duration {
	return max(d.clients[client].left(at, freeOne, longestOne), d.all.left(at, freeAll, longestAll))
}

// Miss counts a try that went wrong.
func (d *Delays) Miss(at time.Time, client string) {
	if d.clients == nil {
		d.clients = make(map[string]misses)
	}
	if _, known := d.clients[client]; !known && len(d.clients) >= maxClients {
		var oldest string
		first := true
		for c, m := range d.clients {
			if first || m.last.Before(d.clients[oldest].last) {
				oldest, first = c, false
			}
		}
		delete(d.clients, oldest)
	}
	d.clients[client], d.all = d.clients[client].more(at), d.all.more(at)
}

// clear forgets what went wrong.
func (d *Delays) clear() { *d = Delays{} }
