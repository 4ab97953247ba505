package wait

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/session"
)

func TestBins(t *testing.T) {
	edges := bins()
	if edges[0] != 0 || edges[numBins-1] != longest {
		t.Errorf("bins() = %v … %v; want 0 … %v", edges[0], edges[numBins-1], longest)
	}
	for i, edge := range edges {
		if got := binOf(edge); got != i {
			t.Errorf("binOf(%v) = %d; want %d", edge, got, i)
		}
		if i > 0 && binOf(edge-1) != i-1 {
			t.Errorf("binOf(just under %v) = %d; want %d", edge, binOf(edge-1), i-1)
		}
	}
	for _, d := range []time.Duration{-time.Hour, 30 * 24 * time.Hour} {
		if got := binOf(d); got != 0 && got != numBins-1 {
			t.Errorf("binOf(%v) = %d; want an end", d, got)
		}
	}
}

// What a permanence and its sheets teach: occupied time by declared motif, whatever the path.
func TestLearn(t *testing.T) {
	const m = time.Minute
	tests := []struct {
		name   string
		steps  []any
		motif  string
		took   time.Duration // 0: nothing is learned
		missed int
	}{
		{name: "called, begun, ended", steps: []any{"papers", call("a"), m, start("a"), 11 * m, served("a")}, motif: "papers", took: 12 * m},
		{name: "nobody said that it began", steps: []any{"papers", call("a"), 9 * m, served("a")}, motif: "papers", took: 9 * m},
		{name: "no motif", steps: []any{"", call("a"), 9 * m, served("a")}, motif: "", took: 9 * m},
		{name: "the time aside does not count", steps: []any{"papers", call("a"), start("a"), 10 * m,
			session.Hold{Desk: "a", Reason: "sms_code"}, 40 * m, session.CallChosen{Desk: "a", Visit: visit(1)}, start("a"), 5 * m, served("a")},
			motif: "papers", took: 15 * m},
		{name: "a motif found on the way is not what was declared", steps: []any{"papers", call("a"), start("a"),
			session.AddMotif{Desk: "a", Visit: visit(1), Motif: "phone"}, 9 * m, served("a")}, motif: "papers", took: 9 * m},
		{name: "a motif found where none was declared", steps: []any{"", call("a"), start("a"),
			session.AddMotif{Desk: "a", Visit: visit(1), Motif: "phone"}, 9 * m, served("a")}, motif: "", took: 9 * m},
		{name: "the calls of somebody who did not come", steps: []any{"papers", call("a"), m,
			session.End{Desk: "a", Outcome: session.NoShow}}, missed: 1},
		{name: "somebody who went home", steps: []any{"papers", 20 * m,
			session.End{Desk: "a", Visit: visit(1), Outcome: session.Left}}, missed: 1},
		{name: "somebody who left in the middle", steps: []any{"papers", call("a"), start("a"), m,
			session.End{Desk: "a", Outcome: session.Left}}},
		{name: "a ticket taken by mistake", steps: []any{"papers",
			session.End{Desk: "a", Visit: visit(1), Outcome: session.Cancelled, Reason: "by_mistake"}}},
		{name: "the power was cut", steps: []any{"papers", call("a"), start("a"), m, session.Interrupt{}, m, served("a")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := given(t, oneDesk(), open(oneDesk())).play(tt.steps...)
			b.play(session.Close{Desk: "a", Rest: session.Left})
			var got, want Learned
			if got.Learn(b.s); got.All() != 0 {
				t.Errorf("Learn() = %+v; want no service, of which a batch tells", got)
			}
			for v := range b.s.Visits() {
				if bin, ok := Took(v, b.s.Ended); ok {
					got.AddBin(v.Declared, bin)
				}
			}
			for _, motif := range motifs(oneDesk()) {
				want.know(motif)
			}
			if tt.took > 0 {
				want.Add(tt.motif, tt.took)
			}
			for range tt.missed {
				want.Miss()
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("Learn() = %+v; want %+v", got, want)
			}
		})
	}
}

// motifs are those of a plan, and none.
func motifs(p session.Plan) []string {
	keys := []string{""}
	for _, m := range p.Motifs {
		keys = append(keys, m.Key)
	}
	return keys
}

// That a motif is there says nothing of anybody: after a permanence to which nobody
// came the same motifs are written as after any other.
func TestLearnedHasEveryMotif(t *testing.T) {
	written := func(steps ...any) []string {
		b := given(t, oneDesk(), open(oneDesk())).play(steps...)
		var l Learned
		l.Learn(b.play(session.Close{Desk: "a", Rest: session.Left}).s)
		data, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var file learnedFile
		if err := json.Unmarshal(data, &file); err != nil {
			t.Fatal(err)
		}
		return slices.Sorted(maps.Keys(file.Motifs))
	}
	want := slices.Sorted(slices.Values(motifs(oneDesk())))
	nobody, one := written(), written("papers", call("a"), start("a"), 11*time.Minute, served("a"))
	if !slices.Equal(nobody, want) || !slices.Equal(one, want) {
		t.Errorf("motifs written = %q of nobody, %q of one person; want %q of both", nobody, one, want)
	}
}

func TestLearnNothingOfARehearsal(t *testing.T) {
	b := given(t, oneDesk(), session.StartPermanence{Plan: oneDesk(), Desk: "a", Test: true}, "papers", call("a"), 9*time.Minute, served("a"))
	var l Learned
	l.Learn(b.s)
	if l.All() != 0 {
		t.Errorf("Learn(rehearsal) = %+v; want nothing", l)
	}
}

func TestLearnedIsBounded(t *testing.T) {
	var l Learned
	for i := range 5 * MaxServices {
		took := 10 * time.Minute
		if i >= 2*MaxServices {
			took = 50 * time.Minute // the place has changed
		}
		l.Add("papers", took)
		l.Miss()
		if n := l.Services("papers"); n > MaxServices || l.served > MaxServices || l.missed > MaxServices {
			t.Fatalf("after %d: %d services, %d served, %d missed; want at most %d", i, n, l.served, l.missed, MaxServices)
		}
	}
	if c := l.motifs["papers"]; c[binOf(50*time.Minute)] < 5*c[binOf(10*time.Minute)] {
		t.Errorf("long after a change: %v; want mostly the new durations", c)
	}
	for i := range 3 * MaxMotifs {
		l.Add(strings.Repeat("m", i), time.Minute)
	}
	if len(l.motifs) > MaxMotifs {
		t.Errorf("%d motifs; want at most %d", len(l.motifs), MaxMotifs)
	}
	if l.Services("") == 0 {
		t.Error("a motif too many was lost; want it counted without its name")
	}
}

// randomLearned is what a place might have learned, far from the bounds.
func randomLearned(r *rand.Rand) Learned {
	var l Learned
	for range r.IntN(60) {
		l.Add([]string{"papers", "phone", "rights", ""}[r.IntN(4)], time.Duration(r.IntN(150))*time.Minute)
		if r.IntN(10) == 0 {
			l.Miss()
		}
	}
	return l
}

func TestMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		a, b, c := randomLearned(r), randomLearned(r), randomLearned(r)
		ab, ba := a.Clone(), b.Clone()
		ab.Merge(b)
		ba.Merge(a)
		if string(text(t, ab)) != string(text(t, ba)) {
			t.Fatalf("a+b = %s; b+a = %s; want the same", text(t, ab), text(t, ba))
		}
		if ab.All() != a.All()+b.All() {
			t.Fatalf("a+b = %d services; want %d", ab.All(), a.All()+b.All())
		}
		bc, left := b.Clone(), ab.Clone()
		bc.Merge(c)
		left.Merge(c)
		right := a.Clone()
		right.Merge(bc)
		if string(text(t, left)) != string(text(t, right)) {
			t.Fatalf("(a+b)+c = %s; a+(b+c) = %s; want the same", text(t, left), text(t, right))
		}
	}
}

func text(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestLearnedJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		l := randomLearned(r)
		var read Learned
		if err := json.Unmarshal(text(t, l), &read); err != nil {
			t.Fatalf("Unmarshal(Marshal(%+v)) = %v", l, err)
		}
		if string(text(t, read)) != string(text(t, l)) {
			t.Fatalf("Unmarshal(Marshal(l)) = %+v; want %+v", read, l)
		}
	}
}

func TestLearnedJSONThatCannotBe(t *testing.T) {
	row := func(n string) string { return "[" + strings.TrimSuffix(strings.Repeat(n+",", numBins), ",") + "]" }
	many := `{"v":1,"motifs":{` + `"":` + row("0")
	for i := range MaxMotifs {
		many += `,"` + strings.Repeat("m", i+1) + `":` + row("0")
	}
	many += "}}"
	for name, data := range map[string]string{
		"not JSON":             `{`,
		"another version":      `{"v":2,"motifs":{}}`,
		"no version":           `{"motifs":{}}`,
		"too few counts":       `{"v":1,"motifs":{"papers":[1,2]}}`,
		"a negative count":     `{"v":1,"motifs":{"papers":` + row("-1") + `}}`,
		"a huge count":         `{"v":1,"motifs":{"papers":` + row("1000000000") + `}}`,
		"a huge sum":           `{"v":1,"motifs":{"papers":` + row("999") + `}}`,
		"a fraction":           `{"v":1,"motifs":{"papers":` + row("0.5") + `}}`,
		"too many motifs":      many,
		"a motif like a novel": `{"v":1,"motifs":{"` + strings.Repeat("x", 1000) + `":` + row("0") + `}}`,
		"negative misses":      `{"v":1,"motifs":{},"missed":-1}`,
		"negative served":      `{"v":1,"motifs":{},"served":-1}`,
		"a share beyond all":   `{"v":1,"motifs":{},"missed":100000}`,
	} {
		var l Learned
		l.Add("papers", time.Minute)
		before := l.Clone()
		if err := json.Unmarshal([]byte(data), &l); err == nil {
			t.Errorf("%s: Unmarshal = %+v; want an error", name, l)
		}
		if !reflect.DeepEqual(l, before) {
			t.Errorf("%s: Unmarshal failed and left %+v; want %+v", name, l, before)
		}
	}
}

func FuzzLearned(f *testing.F) {
	var l Learned
	l.Add("papers", 12*time.Minute)
	data, err := json.Marshal(l)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"v":1,"motifs":{"a":null}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var l Learned
		if json.Unmarshal(data, &l) != nil {
			return
		}
		again := l.Clone()
		again.Merge(l)
		m := NewModel(again, 0, nil)
		for motif := range l.motifs {
			if mean := m.meanOf(motif, session.Normal); mean <= 0 || mean > 4*longest {
				t.Errorf("Mean(%q) = %v of %s", motif, mean, data)
			}
		}
	})
}
