package wait

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"jeudi/firmware/session"
)

func TestCalibration(t *testing.T) {
	const m = time.Minute
	said := Range{Low: 40 * m, High: 60 * m}
	tests := []struct {
		real                 time.Duration
		below, within, above int
		miss                 Miss // zero if within
	}{
		{real: 40 * m, within: 1},
		{real: 50 * m, within: 1},
		{real: 60 * m, within: 1},
		{real: 60*m + time.Second, above: 1, miss: Miss{From: 0, To: 5 * m, Visits: 1}},
		{real: 65 * m, above: 1, miss: Miss{From: 5 * m, To: 10 * m, Visits: 1}},
		{real: 79 * m, above: 1, miss: Miss{From: 10 * m, To: 20 * m, Visits: 1}},
		{real: 80 * m, above: 1, miss: Miss{From: 20 * m, To: 30 * m, Visits: 1}},
		{real: 9 * time.Hour, above: 1, miss: Miss{From: 30 * m, Visits: 1}},
		{real: 40*m - time.Second, below: 1, miss: Miss{Early: true, From: 0, To: 5 * m, Visits: 1}},
		{real: 28 * m, below: 1, miss: Miss{Early: true, From: 10 * m, To: 20 * m, Visits: 1}},
		{real: 0, below: 1, miss: Miss{Early: true, From: 30 * m, Visits: 1}},
	}
	for _, tt := range tests {
		var c Calibration
		c.Add(said, tt.real)
		if c.Below() != tt.below || c.Within() != tt.within || c.Above() != tt.above || c.N() != 1 {
			t.Errorf("Add(40–60, %v): %d below, %d within, %d above; want %d, %d, %d", tt.real, c.Below(), c.Within(), c.Above(), tt.below, tt.within, tt.above)
		}
		var found Miss
		for _, miss := range c.Misses() {
			if miss.Visits > 0 {
				found = miss
			}
		}
		if found != tt.miss {
			t.Errorf("Add(40–60, %v): %+v; want %+v", tt.real, found, tt.miss)
		}
	}
	var c Calibration
	c.Add(Range{Unknown: true}, 10*m)
	if c.N() != 0 {
		t.Error("an unknown wait was counted; want it to have promised nothing")
	}
}

// calibrated is one in which so many held and so many lasted longer.
func calibrated(within, above int) (c Calibration) {
	for range within {
		c.Add(Range{High: time.Hour}, 0)
	}
	for range above {
		c.Add(Range{High: time.Hour}, 2*time.Hour)
	}
	return c
}

func TestTenths(t *testing.T) {
	for _, tt := range []struct {
		within, above int
		times, n      int
		poor          bool
	}{
		{0, 0, 0, 0, false},
		{8, 2, 8, 10, false},
		{78, 22, 8, 100, false},
		{74, 26, 7, 100, false},
		{1, 0, 10, 1, false},
		{0, 49, 0, 49, false}, // too few to say so
		{29, 21, 6, 50, true},
		{30, 20, 6, 50, false},
		{0, 50, 0, 50, true},
	} {
		c := calibrated(tt.within, tt.above)
		if times, n := c.Tenths(); times != tt.times || n != tt.n || c.Poor() != tt.poor {
			t.Errorf("%d of %d within: Tenths() = %d of %d, Poor() = %v; want %d of %d, %v",
				tt.within, tt.within+tt.above, times, n, c.Poor(), tt.times, tt.n, tt.poor)
		}
	}
}

func TestCalibrationMergeAndJSON(t *testing.T) {
	a, b := calibrated(3, 4), calibrated(10, 1)
	a.Merge(b)
	if want := calibrated(13, 5); a != want {
		t.Errorf("Merge() = %+v; want %+v", a, want)
	}
	var read Calibration
	if err := json.Unmarshal(text(t, a), &read); err != nil || read != a {
		t.Errorf("Unmarshal(%s) = %+v, %v; want %+v", text(t, a), read, err, a)
	}
	for name, data := range map[string]string{
		"not JSON":         `[`,
		"no version":       `{"counts":[0,0,0,0,0,0,0,0,0,0,0]}`,
		"too few counts":   `{"v":1,"counts":[1]}`,
		"a negative count": `{"v":1,"counts":[0,0,0,0,0,-1,0,0,0,0,0]}`,
		"a huge count":     `{"v":1,"counts":[0,0,0,0,0,9000000000,0,0,0,0,0]}`,
	} {
		read := a
		if err := json.Unmarshal([]byte(data), &read); err == nil || !reflect.DeepEqual(read, a) {
			t.Errorf("%s: Unmarshal = %+v, %v; want an error and nothing changed", name, read, err)
		}
	}
}

func TestWaited(t *testing.T) {
	const m = time.Minute
	tests := []struct {
		name  string
		steps []any
		want  time.Duration
		ok    bool
	}{
		{name: "still waiting", steps: []any{10 * m}},
		{name: "called", steps: []any{10 * m, call("a"), 5 * m}, want: 10 * m, ok: true},
		{name: "called again later", steps: []any{10 * m, call("a"), session.SetAside{Desk: "a"}, 20 * m, call("a")}, want: 10 * m, ok: true},
		{name: "outside for a while", steps: []any{10 * m, session.StepOut{Visit: visit(1), For: 20 * m}, 20 * m, session.Tick{}, 5 * m, call("a")}, want: 15 * m, ok: true},
		{name: "the power was cut", steps: []any{10 * m, session.Interrupt{}, session.Resume{Desk: "a"}, call("a")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := given(t, oneDesk(), open(oneDesk()), "papers").play(tt.steps...)
			v, _ := b.s.Visit(visit(1))
			if got, ok := Waited(v); got != tt.want || ok != tt.ok {
				t.Errorf("Waited() = %v, %v; want %v, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}
