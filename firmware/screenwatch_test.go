package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/provisioning/steward"
)

// TestBeats: when a browser begins anew, by what its page says every ten seconds.
func TestBeats(t *testing.T) {
	type span struct {
		long  time.Duration
		beats bool
		anew  int // how often it begins anew meanwhile
		says  string
	}
	const minute = time.Minute
	const anew, stuck = "banner.screen_anew", "banner.screen_stuck"
	for name, spans := range map[string][]span{
		"never painted":              {{170 * time.Second, false, 0, ""}, {20 * time.Second, false, 1, anew}, {10 * minute, false, 2, stuck}, {minute, true, 0, anew}},
		"a page that paints all day": {{8 * time.Hour, true, 0, ""}},
		"silent for eighty seconds":  {{minute, true, 0, ""}, {80 * time.Second, false, 0, ""}, {minute, true, 0, ""}},
		"once, and then it is well; the desk forgets in an hour": {
			{minute, true, 0, ""}, {90 * time.Second, false, 1, anew}, {2 * minute, false, 0, anew}, {50 * minute, true, 0, anew}, {10 * minute, true, 0, ""}},
		"a slow start is given three minutes": {{minute, true, 0, ""}, {90 * time.Second, false, 1, anew}, {170 * time.Second, false, 0, anew}, {10 * time.Second, false, 1, anew}},
		"it does not help: three an hour, no more": {
			{minute, true, 0, ""}, {12 * minute, false, 3, stuck}, {46 * minute, false, 0, stuck}, {10 * minute, false, 3, anew}},
		"stuck, and then it paints after all": {{minute, true, 0, ""}, {12 * minute, false, 3, stuck}, {minute, true, 0, anew}},
	} {
		t.Run(name, func(t *testing.T) {
			b := &beats{}
			now := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
			beat := time.Time{}
			for i, s := range spans {
				count := 0
				for end := now.Add(s.long); now.Before(end); {
					now = now.Add(beatEvery)
					if s.beats {
						beat = now
					}
					if b.stands(now, beat) {
						count++
						b.begun(now, true)
					}
				}
				if m, _ := b.says(); count != s.anew || m.Key != s.says {
					t.Errorf("span %d: begun anew %d times, staff read %q; want %d, %q", i, count, m.Key, s.anew, s.says)
				}
			}
		})
	}
}

// TestBeatsAndClocks: a clock that leaps is no silence, and neither is a box that itself
// stood still; a beat of an earlier time is a beat.
func TestBeatsAndClocks(t *testing.T) {
	b := &beats{}
	now := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	look := func(beat time.Time) {
		t.Helper()
		if b.stands(now, beat) {
			t.Errorf("begun anew at %v, beat %v", now, beat)
		}
	}
	for _, year := range []int{1970, 2026, 1999} { // what the page's beat says
		for s := range 12 {
			now = now.Add(beatEvery)
			look(time.Date(year, 3, 5, 9, 0, s, 0, time.UTC))
		}
	}
	now = now.Add(3 * time.Hour)
	look(b.last)
	now = now.Add(80 * time.Second)
	b.looked = now.Add(-beatEvery)
	look(b.last)
}

// TestScreenWatch: it is the page's beat that counts; where there is no screen or no
// steward nothing is done, said or logged, and what the steward cannot do is.
func TestScreenWatch(t *testing.T) {
	broken := errors.New("no systemd")
	for name, test := range map[string]struct {
		begun   bool
		err     error
		log     string // what one line of it holds, "" for no line
		says    string
		changed int
	}{
		"a card":                {true, nil, "level=WARN msg=\"kiosk stands still; its browser begins anew\"", "banner.screen_anew", 1},
		"no screen":             {false, nil, "", "", 0},
		"a laptop":              {false, steward.ErrNone, "", "", 0},
		"a steward that cannot": {false, broken, "level=ERROR msg=\"browser of the kiosk not begun anew\" err=\"no systemd\"", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				var mu sync.Mutex
				asked, changed, beat := 0, 0, time.Time{}
				paris, err := time.LoadLocation("Europe/Paris")
				if err != nil {
					t.Fatal(err)
				}
				s := &screenWatch{zone: paris, log: slog.New(slog.NewTextHandler(&log, nil)),
					painted: func() time.Time { mu.Lock(); defer mu.Unlock(); return beat },
					changed: func() { mu.Lock(); defer mu.Unlock(); changed++ },
					anew: func(context.Context) (bool, error) {
						mu.Lock()
						defer mu.Unlock()
						asked++
						return test.begun, test.err
					}}
				ctx, stop := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				wg.Go(func() { s.follow(ctx) })
				is := func(want int, when string) {
					t.Helper()
					synctest.Wait()
					mu.Lock()
					defer mu.Unlock()
					if asked != want {
						t.Errorf("%s: asked %d times; want %d", when, asked, want)
					}
				}
				time.Sleep(screenStart - beatEvery)
				is(0, "not painted yet")
				for range 60 {
					mu.Lock()
					beat = time.Now()
					mu.Unlock()
					time.Sleep(beatEvery)
				}
				is(0, "while it paints")
				time.Sleep(beatPatience - 2*beatEvery)
				is(0, "shortly before")
				time.Sleep(4 * beatEvery)
				is(1, "in time")
				m, _ := s.Says()
				if m.Key != test.says {
					t.Errorf("staff read %q; want %q", m.Key, test.says)
				}
				if at, is := m.Args["at"].(time.Time); is && at.Location() != paris {
					t.Errorf("the time is one of %v", at.Location())
				}
				stop()
				wg.Wait()
				if test.log == "" && log.Len() > 0 || !strings.Contains(log.String(), test.log) || strings.Count(log.String(), "\n") > 1 {
					t.Errorf("the log is %q; want %q", &log, test.log)
				}
				if changed != test.changed {
					t.Errorf("desks were told %d times; want %d", changed, test.changed)
				}
			})
		})
	}
}
