package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"jeudi/firmware/session"
	"jeudi/provisioning/steward"
)

// A browser that ends is started anew by systemd, see kiosk.service. One that stands still
// is alive for systemd: only its page, which says whenever it is painted, tells that nobody
// sees anything new. Then the steward ends it, and it begins anew as one that crashed.

const (
	// beatEvery is how often the page's beat is looked at; the page says it as often, see
	// aliveEvery of package web.
	beatEvery = 10 * time.Second
	// beatPatience is how long a page that was painted may be silent: nine beats.
	beatPatience = 90 * time.Second
	// screenStart is how long a browser that was started has to paint: twice what a
	// Pi 3 may take, so that a slow one is not ended over and over. On an emulated card a
	// start was seen that stayed dark for good, with all its processes alive.
	screenStart = 3 * time.Minute
	// screenTries is how often the browser begins anew in screenSpan. What stands still
	// after that is no matter of the browser.
	screenTries = 3
	screenSpan  = time.Hour
)

// beats is what is known of the page on the screen. It reckons with the moments at which a
// beat was seen, never with the time that the beat says: the clock of a box may leap.
type beats struct {
	looked time.Time // when it was last looked
	last   time.Time // the last beat, which is only compared
	fresh  time.Time // when it was seen first; while there is none, when it was first looked for
	anew   []time.Time
	stuck  bool // it stands still, and was begun anew as often as may be
}

// stands reports whether the browser is to begin anew.
func (b *beats) stands(now, beat time.Time) bool {
	first := b.looked.IsZero()
	away := !first && now.Sub(b.looked) > 3*beatEvery
	b.looked = now
	for len(b.anew) > 0 && now.Sub(b.anew[0]) >= screenSpan {
		b.anew = b.anew[1:]
	}
	switch {
	case first && beat.IsZero():
		b.fresh = now
		return false
	case !beat.Equal(b.last):
		b.last, b.fresh, b.stuck = beat, now, false
		return false
	case away:
		b.fresh = now // the box itself stood still, and heard nobody
		return false
	}
	since, patience := b.fresh, beatPatience
	if beat.IsZero() {
		patience = screenStart
	}
	if n := len(b.anew); n > 0 && b.anew[n-1].After(since) {
		since, patience = b.anew[n-1], screenStart
	}
	if now.Sub(since) < patience {
		return false
	}
	b.stuck = len(b.anew) >= screenTries
	return !b.stuck
}

// begun is told that the browser begins anew, or that it does not because there is no
// screen or nobody who can: then it is left alone as long as a page that was just painted.
func (b *beats) begun(now time.Time, done bool) {
	if done {
		b.anew = append(b.anew, now)
	} else {
		b.fresh = now
	}
}

// says is what staff are told of it, for an hour.
func (b *beats) says() (session.Msg, bool) {
	switch n := len(b.anew); {
	case b.stuck:
		return session.M("banner.screen_stuck"), true
	case n > 0:
		return session.M("banner.screen_anew", "at", b.anew[n-1]), true
	}
	return session.Msg{}, false
}

// screenAnswer is what the steward answers to the verb screen.
type screenAnswer struct {
	Begun bool `json:"begun"` // false: no screen is connected, and so nobody looks
}

// screenWatch has a browser that stands still begin anew, where there is a steward.
type screenWatch struct {
	painted func() time.Time // when the page was last on the screen, zero for never
	// anew ends the browser; steward.ErrNone on a machine without one.
	anew    func(context.Context) (begun bool, err error)
	changed func() // staff have something else to read
	zone    *time.Location
	log     *slog.Logger

	mu    sync.Mutex // pages read, one goroutine writes
	known beats
}

func newScreenWatch(c *steward.Client, zone *time.Location, log *slog.Logger) *screenWatch {
	return &screenWatch{zone: zone, log: log, anew: func(ctx context.Context) (bool, error) {
		var a screenAnswer
		err := c.Do(ctx, steward.VerbScreen, nil, &a, nil)
		return a.Begun, err
	}}
}

// follow looks until the context ends.
func (s *screenWatch) follow(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.look(ctx)
		}
	}
}

func (s *screenWatch) look(ctx context.Context) {
	beat := s.painted()
	s.mu.Lock()
	before, said := s.known.says()
	stands := s.known.stands(time.Now(), beat)
	s.mu.Unlock()
	if stands {
		begun, err := s.anew(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case begun:
			s.log.Warn("kiosk stands still; its browser begins anew")
		case err != nil && !errors.Is(err, steward.ErrNone):
			s.log.Error("browser of the kiosk not begun anew", "err", err)
		}
		s.mu.Lock()
		s.known.begun(time.Now(), begun)
		s.mu.Unlock()
	}
	s.mu.Lock()
	after, says := s.known.says()
	s.mu.Unlock()
	if says != said || before.Key != after.Key || before.Args["at"] != after.Args["at"] {
		if after.Key == "banner.screen_stuck" {
			s.log.Error("kiosk stands still, and beginning anew does not help")
		}
		s.changed()
	}
}

// Says is what staff read of the screen; nothing most of the time.
func (s *screenWatch) Says() (session.Msg, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.known.says()
	if at, is := m.Args["at"].(time.Time); is {
		m.Args["at"] = at.In(s.zone) // the arguments are of this one message
	}
	return m, ok
}
