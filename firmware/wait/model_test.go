package wait

import (
	"testing"
	"time"

	"jeudi/firmware/session"
)

func near(got, want, by time.Duration) bool { return got > want-by && got < want+by }

// Without data, a service takes the guaranteed slot; a class makes it shorter or longer.
func TestPrior(t *testing.T) {
	for _, tt := range []struct {
		slot  time.Duration
		class session.Class
		want  time.Duration
	}{
		{0, session.Normal, 30 * time.Minute},
		{30 * time.Minute, session.Normal, 30 * time.Minute},
		{30 * time.Minute, session.Short, 18 * time.Minute},
		{30 * time.Minute, session.Long, 45 * time.Minute},
		{20 * time.Minute, session.Normal, 20 * time.Minute},
		{20 * time.Minute, "never heard of", 20 * time.Minute},
	} {
		m := NewModel(Learned{}, tt.slot, nil)
		if got := m.meanOf("papers", tt.class); !near(got, tt.want, time.Minute) {
			t.Errorf("NewModel(nothing, %v).meanOf(%q) = %v; want about %v", tt.slot, tt.class, got, tt.want)
		}
		if !m.few {
			t.Error("Few() = false; want true while nothing is learned")
		}
		if q := m.of("papers", tt.class); time.Duration(q[230]-q[26])*time.Second < m.meanOf("papers", tt.class) {
			t.Errorf("the prior lies within %v s; want it wide", q[230]-q[26])
		}
	}
}

// A motif's mean lies between its own and that of all motifs, nearer to its own with
// each service: exactly n to shrink.
func TestShrinkage(t *testing.T) {
	for _, n := range []int{1, 2, 6, 20, 200} {
		var l Learned
		for range 500 {
			l.Add("papers", 10*time.Minute)
		}
		for range n {
			l.Add("rare", 50*time.Minute)
		}
		m := NewModel(l, 30*time.Minute, nil)
		own := 52*60 + 30.0 // the middle of its bin
		all := (500*11*60 + float64(n)*own + shrink*30*60) / (500 + float64(n) + shrink)
		want := (float64(n)*own + shrink*all) / (float64(n) + shrink)
		if got := m.meanOf("rare", session.Normal); !near(got, time.Duration(want)*time.Second, 40*time.Second) {
			t.Errorf("%d services: Mean = %v; want %v", n, got, time.Duration(want)*time.Second)
		}
	}
}

func TestFewUntilEnough(t *testing.T) {
	var l Learned
	for i := range Enough + 5 {
		if got, want := NewModel(l, 0, nil).few, i < Enough; got != want {
			t.Errorf("Few() after %d services = %v; want %v", i, got, want)
		}
		l.Add("papers", 12*time.Minute)
	}
}

// A visit that is expected to be shorter than its motif usually is.
func TestClass(t *testing.T) {
	var l Learned
	for range 100 {
		l.Add("papers", 20*time.Minute)
		l.Add("rights", 45*time.Minute)
	}
	m := NewModel(l, 0, []session.Motif{{Key: "papers"}, {Key: "rights", Class: session.Long}, {Key: "new", Class: session.Long}})
	for _, motif := range []string{"papers", "rights", "new"} {
		short, normal, long := m.meanOf(motif, session.Short), m.meanOf(motif, session.Normal), m.meanOf(motif, session.Long)
		if !(short < normal && normal < long) {
			t.Errorf("%s takes %v, %v, %v; want short < normal < long", motif, short, normal, long)
		}
	}
	if got := m.meanOf("rights", session.Long); !near(got, 47*time.Minute, 2*time.Minute) {
		t.Errorf("a long motif of its class takes %v; want what it took", got)
	}
	if got, usual := m.meanOf("new", session.Long), m.meanOf("new", session.Normal); got <= usual {
		t.Errorf("a new long motif takes %v; want more than %v", got, usual)
	}
}

func TestTables(t *testing.T) {
	var l Learned
	for i := range 40 {
		l.Add("papers", time.Duration(i)*5*time.Minute)
	}
	m := NewModel(l, 0, nil)
	for _, tab := range []*table{m.of("papers", session.Normal), m.of("papers", session.Short), m.of("x", session.Long), m.aside, m.over} {
		for i := range tab {
			if tab[i] < 0 || i > 0 && tab[i] < tab[i-1] {
				t.Fatalf("quantile %d = %d after %d; want them ascending", i, tab[i], tab[max(0, i-1)])
			}
		}
	}
	if got := time.Duration(m.aside.mean()) * time.Second; !near(got, asideFor, time.Minute) {
		t.Errorf("mean time aside = %v; want %v", got, asideFor)
	}
}

// The longer somebody is received, the later they are done: for each lot and pace,
// the whole never shrinks, and something always remains.
func TestAfterIsMonotone(t *testing.T) {
	var l Learned
	for i := range 30 {
		l.Add("papers", time.Duration(5+i)*time.Minute)
	}
	m := NewModel(l, 0, nil)
	tab := m.of("papers", session.Normal)
	for _, pace := range []float32{0.5, 1, 1.7} {
		for u := range points {
			whole := int32(0)
			for elapsed := int32(0); elapsed < 4*3600; elapsed += 17 {
				left := tab.after(elapsed, pace, uint8(u), m.over)
				if left < m.over[u] || elapsed+left < whole {
					t.Fatalf("after(%d, pace %v, lot %d) = %d, so %d in all; want at least %d, and %d left", elapsed, pace, u, left, elapsed+left, whole, m.over[u])
				}
				whole = elapsed + left
			}
		}
	}
}

// meanOf is how long a service for a motif takes on average.
func (m *Model) meanOf(motif string, class session.Class) time.Duration {
	return time.Duration(m.of(motif, class).mean() * float64(time.Second))
}
