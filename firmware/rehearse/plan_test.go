package rehearse

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

func village(visitors int) setting {
	return setting{visitors: visitors, motifs: []string{"caf", "sante", "titres", "logement"},
		langs: []string{"fr", "en", "ar"}, desks: 1, dock: true, length: length}
}

// TestPlanGolden keeps what a seed means: a rehearsal that failed somewhere can be
// played again elsewhere, and next year.
func TestPlanGolden(t *testing.T) {
	m := plan(1, village(10))
	var b strings.Builder
	for _, p := range m.People {
		fmt.Fprintf(&b, "%v %d %s %q after=%d coming=%d service=%v %s\n", p.Arrives.Round(time.Second), p.Way, p.Lang, p.Motif,
			p.After, p.Coming, p.Service.Round(time.Second), p.Outcome)
	}
	fmt.Fprintf(&b, "pause %v turned away %d shortened %.2f\n", m.Pause.Round(time.Second), len(m.TurnedAway), m.Shortened)
	name := filepath.Join("testdata", "plan.golden")
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("plan(1) =\n%s\nwant\n%s", b.String(), want)
	}
}

func TestPlanIsAFunctionOfItsSeed(t *testing.T) {
	s := village(40)
	if a, b := plan(7, s), plan(7, s); !reflect.DeepEqual(a, b) {
		t.Error("plan(7) twice = two mornings; want one")
	}
	if a, b := plan(7, s), plan(8, s); reflect.DeepEqual(a, b) {
		t.Error("plan(7) = plan(8); want two mornings")
	}
}

// TestPlanHolds holds every morning to what the script promises of it.
func TestPlanHolds(t *testing.T) {
	for seed := range uint64(200) {
		for _, visitors := range []int{1, 7, 40} {
			s := village(visitors)
			s.dock = seed%2 == 0
			m := plan(seed, s)
			checkMorning(t, seed, s, m)
		}
	}
}

func checkMorning(t *testing.T, seed uint64, s setting, m morning) {
	t.Helper()
	if len(m.People) != s.visitors {
		t.Fatalf("plan(%d) = %d people; want %d", seed, len(m.People), s.visitors)
	}
	var work time.Duration
	door, last := 0, time.Duration(0)
	played := map[coming]bool{}
	for i, p := range m.People {
		if p.Arrives < last || p.Arrives > s.length {
			t.Errorf("plan(%d): person %d arrives at %v, after %v", seed, i, p.Arrives, last)
		}
		last = p.Arrives
		if p.Arrives < 3*time.Minute {
			door++
		}
		if p.Way == byEar && !s.dock {
			t.Errorf("plan(%d): person %d presses buttons that are not there", seed, i)
		}
		if p.Motif != "" && !slices.Contains(s.motifs, p.Motif) || !slices.Contains(s.langs, p.Lang) {
			t.Errorf("plan(%d): person %d comes for %q in %q", seed, i, p.Motif, p.Lang)
		}
		if p.Service <= 0 {
			t.Errorf("plan(%d): person %d is received in %v", seed, i, p.Service)
		}
		played[p.Coming] = true
		work += p.Service
	}
	if want := max(1, s.visitors*3/10); door != want {
		t.Errorf("plan(%d) = %d at the door; want %d", seed, door, want)
	}
	if most := time.Duration(crowd * float64(s.length)); work > most+time.Second {
		t.Errorf("plan(%d) = %v of work; want at most %v", seed, work, most)
	}
	if s.visitors == 40 && (!played[late] || !played[never] || !played[muchLater]) {
		t.Errorf("plan(%d) plays %v; want somebody late, somebody gone and somebody much later", seed, played)
	}
}

// TestPlanMeans compares the means that --help tells with what is drawn.
func TestPlanMeans(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	sum, n := map[string]time.Duration{}, map[string]time.Duration{}
	other := 0
	const people = 20000
	for range people {
		p := draw(rng, village(1), 0)
		sum[p.Motif] += p.Service
		n[p.Motif]++
		if p.Lang != "fr" {
			other++
		}
	}
	for _, motif := range []string{"", "caf", "titres", "logement"} {
		got, want := sum[motif]/n[motif], meanService(motif)
		if got < want*9/10 || got > want*11/10 {
			t.Errorf("mean service for %q = %v; want about %v", motif, got, want)
		}
	}
	if other < people/5 || other > people*2/5 {
		t.Errorf("%d of %d speak another language; want about 30 %%", other, people)
	}
}
