package rights

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func defaults(t testing.TB) Rules {
	t.Helper()
	r, err := Default()
	if err != nil {
		t.Fatalf("Default() = %v; want the rules", err)
	}
	return r
}

func ids(hints []Hint) []string {
	list := []string{}
	for _, h := range hints {
		list = append(list, h.ID)
	}
	return list
}

type household struct {
	Name    string   `json:"name"`
	Answers Answers  `json:"answers"`
	Hints   []string `json:"hints"`
}

// cases are invented households: the base, with the answers of each over it.
func cases(t testing.TB) []household {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Base  Answers     `json:"base"`
		Cases []household `json:"cases"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for i, c := range file.Cases {
		all := maps.Clone(file.Base)
		maps.Copy(all, c.Answers)
		file.Cases[i].Answers = all
	}
	return file.Cases
}

func TestHints(t *testing.T) {
	r := defaults(t)
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			if got := ids(r.Hints(c.Answers)); !slices.Equal(got, c.Hints) {
				t.Errorf("Hints(%v) = %v; want %v", c.Answers, got, c.Hints)
			}
		})
	}
}

// settled is a household of whom everything is known and for whom nothing fires.
func settled(change ...string) Answers {
	a := Answers{Household: Alone, Age: "25-59", Children: No, Work: No, Stopped: No, Income: "E",
		Housing: Owner, Handicap: No, DailyHelp: No, Carer: No, Jobless: No, Pregnancy: No}
	if slices.Contains(change, Children) {
		for _, b := range broods() {
			a[b.key] = "0"
		}
	}
	for i := 0; i < len(change); i += 2 {
		a[change[i]] = change[i+1]
	}
	return a
}

// TestEachRule puts each rule on both sides of each of its limits.
func TestEachRule(t *testing.T) {
	r := defaults(t)
	tests := map[string]struct{ fires, not []Answers }{
		"rsa": {
			fires: []Answers{
				settled(Income, "A"),
				settled(Income, "A", Age, "62-64"),
				settled(Income, "A", Age, "20-24", Pregnancy, Yes),
				settled(Income, "A", Age, "18-19", Children, Yes, From3, "1"),
				settled(Income, "B", Children, Yes, Under3, "1"),
				settled(Income, "B", Pregnancy, Yes),
				settled(Income, "A", Household, Couple, PartnerAge, "65+"),
				settled(Income, "A", Household, Couple, Age, "18-19", PartnerAge, "25-59"),
			},
			not: []Answers{
				settled(Income, "B"),
				settled(Income, "B", Children, Yes, From3, "1"),
				settled(Income, "C", Children, Yes, Under3, "1"),
				settled(Income, "B", Household, Couple, PartnerAge, "25-59", Children, Yes, Under3, "1"),
				settled(Income, "A", Age, "20-24"),
				settled(Income, "A", Age, "65+"),
			},
		},
		"mission_locale_cej": {
			fires: []Answers{settled(Income, "A", Age, "18-19"), settled(Income, "A", Age, "20-24"),
				settled(Income, "A", Household, Couple, PartnerAge, "20-24"), settled(Income, "A", Age, "20-24", Pregnancy, Yes)},
			not: []Answers{settled(Income, "B", Age, "20-24"), settled(Income, "A"), settled(Income, "A", Age, "20-24", Children, Yes, From6, "1")},
		},
		"prime_activite": {
			fires: []Answers{settled(Work, Employee, Income, "D"), settled(Work, Self), settled(Work, Both)},
			not:   []Answers{settled(Work, Employee, Income, "E"), settled(Income, "A")},
		},
		"c2s": {
			fires: []Answers{settled(Income, "B"), settled(Income, "C", Children, Yes, From14, "1"), settled(Stopped, Yes)},
			not:   []Answers{settled(Income, "C"), settled(Income, "D", Children, Yes, From14, "1"), settled(Income, "C", Household, Couple, PartnerAge, "25-59", Children, Yes, From14, "1")},
		},
		"aide_logement": {
			fires: []Answers{settled(Housing, Tenant, Income, "C"), settled(Housing, Tenant, Handicap, Yes)},
			not:   []Answers{settled(Housing, Tenant, Income, "D"), settled(Housing, Owner, Income, "A"), settled(Housing, Hosted, Income, "A"), settled(Housing, Homeless, Income, "A")},
		},
		"aspa": {
			fires: []Answers{settled(Age, "65+", Income, "B"), settled(Age, "62-64", Handicap, Yes), settled(Household, Couple, PartnerAge, "65+", Income, "B"), settled(Age, "65+", Handicap, Yes)},
			not:   []Answers{settled(Age, "65+", Income, "C"), settled(Age, "62-64", Income, "B"), settled(Age, "60-61", Handicap, Yes, Income, "A")},
		},
		"aah": {
			fires: []Answers{settled(Handicap, Yes), settled(Handicap, Yes, Age, "20-24")},
			not:   []Answers{settled(), settled(Handicap, Yes, Age, "18-19")},
		},
		"apa": {
			fires: []Answers{settled(Age, "60-61", DailyHelp, Yes), settled(Household, Couple, PartnerAge, "65+", DailyHelp, Yes)},
			not:   []Answers{settled(DailyHelp, Yes), settled(Age, "65+")},
		},
		"ajpa": {
			fires: []Answers{settled(Carer, Yes, Work, Employee), settled(Carer, Yes, Jobless, Yes)},
			not:   []Answers{settled(Carer, Yes), settled(Work, Employee)},
		},
		"cheque_energie": {
			fires: []Answers{settled(Income, "B"), settled(Income, "")},
			not:   []Answers{settled(Income, "C")},
		},
		"ars": {
			fires: []Answers{settled(Children, Yes, From6, "1", Income, "D"), settled(Children, Yes, From14, "1", Income, "A")},
			not:   []Answers{settled(Children, Yes, From6, "1"), settled(Children, Yes, From3, "1", Income, "A"), settled(Children, Yes, From19, "1", Income, "A")},
		},
		"af": {
			fires: []Answers{settled(Children, Yes, Under3, "1", From14, "1"), settled(Children, Yes, From6, "2"), settled(Children, Yes, From19, "1", From14, "1")},
			not:   []Answers{settled(), settled(Children, Yes, From6, "1"), settled(Children, Yes, From19, "1")},
		},
		"cf": {
			fires: []Answers{settled(Household, Couple, PartnerAge, "25-59", Children, Yes, From3, "1", From6, "2", Income, "D"), settled(Children, Yes, From19, "3")},
			not: []Answers{settled(Household, Couple, PartnerAge, "25-59", Children, Yes, From3, "1", From6, "2"),
				settled(Children, Yes, Under3, "1", From6, "2", Income, "A")},
		},
		"asf": {
			fires: []Answers{settled(Children, Yes, From14, "1"), settled(Children, Yes, From19, "1")},
			not:   []Answers{settled(), settled(Household, Couple, PartnerAge, "25-59", Children, Yes, From14, "1")},
		},
	}
	for _, rule := range r.List {
		tt, ok := tests[rule.ID]
		if !ok || len(tt.fires) == 0 || len(tt.not) == 0 {
			t.Errorf("rule %s: no cases on both sides; want them here", rule.ID)
		}
		for _, a := range tt.fires {
			if got := ids(r.Hints(a)); !slices.Contains(got, rule.ID) {
				t.Errorf("Hints(%v) = %v; want %s among them", a, got, rule.ID)
			}
		}
		for _, a := range tt.not {
			if got := ids(r.Hints(a)); slices.Contains(got, rule.ID) {
				t.Errorf("Hints(%v) = %v; want no %s", a, got, rule.ID)
			}
		}
	}
	if got := ids(r.Hints(settled())); len(got) != 0 {
		t.Errorf("Hints(settled) = %v; want none", got)
	}
}

func TestOpen(t *testing.T) {
	r := defaults(t)
	tests := []struct {
		name string
		a    Answers
		id   string
		open bool
	}{
		{"all said", settled(Income, "A"), "rsa", false},
		{"the money not said", settled(Income, ""), "rsa", true},
		{"the money cannot be said", settled(Stopped, Yes), "rsa", false},
		{"19 or 20 is no missing answer", settled(Children, Yes, From19, "2"), "af", false},
		{"a number not said", settled(Children, Yes, From19, "2", From6, ""), "af", true},
		{"nothing said", nil, "aah", true},
	}
	for _, tt := range tests {
		for _, h := range r.Hints(tt.a) {
			if h.ID == tt.id && h.Open != tt.open {
				t.Errorf("%s: Hints(%v): %s open = %v; want %v", tt.name, tt.a, h.ID, h.Open, tt.open)
			}
		}
	}
}

// someAnswers draws a household; about one answer in four is not given.
func someAnswers(r Rules, rnd *rand.Rand) Answers {
	a := Answers{}
	for _, q := range r.Questions() {
		if i := rnd.IntN(len(q.Answers) + 1 + len(q.Answers)/3); i < len(q.Answers) {
			a[q.Key] = q.Answers[i]
		}
	}
	return a
}

// fired is a bit for each rule that fires.
func fired(r Rules, a Answers) uint64 {
	var bits uint64
	for i, rule := range r.List {
		if rule.Active && r.eval(rule.when, a) != no {
			bits |= 1 << i
		}
	}
	return bits
}

// checkUnknown: taking one answer back hides nothing that some answer would show.
func checkUnknown(t *testing.T, r Rules, a Answers) {
	t.Helper()
	for _, q := range r.questions {
		b := maps.Clone(a)
		delete(b, q.Key)
		unknown := fired(r, b)
		for _, answer := range q.Answers {
			b[q.Key] = answer
			if known := fired(r, b); known&^unknown != 0 {
				t.Fatalf("%v: %s=%s gives %b, and not said %b; want nothing hidden", a, q.Key, answer, known, unknown)
			}
		}
	}
}

// checkMonotone: less money takes no hint away.
func checkMonotone(t *testing.T, r Rules, a Answers) {
	t.Helper()
	b := maps.Clone(a)
	var above uint64
	bands := r.bandKeys()
	for _, band := range slices.Backward(bands) {
		b[Income] = band
		got := fired(r, b)
		if above&^got != 0 {
			t.Fatalf("%v: band %s gives %b, and the band above %b; want nothing lost", a, band, got, above)
		}
		above = got
	}
}

func TestUnknownNeverHides(t *testing.T) {
	r := defaults(t)
	rnd := rand.New(rand.NewPCG(7, 11))
	checkUnknown(t, r, Answers{})
	for _, c := range cases(t) {
		checkUnknown(t, r, r.clean(c.Answers))
	}
	for range 800 {
		a := someAnswers(r, rnd)
		checkUnknown(t, r, a)
		checkMonotone(t, r, a)
	}
}

// TestUnknownNeverHidesWhole goes through every answer and non-answer to the
// questions that no count of children multiplies.
func TestUnknownNeverHidesWhole(t *testing.T) {
	r := defaults(t)
	whole := []string{Household, Age, Children, Work, Stopped, Income, Handicap}
	var questions []Question
	for _, q := range r.Questions() {
		if slices.Contains(whole, q.Key) {
			questions = append(questions, q)
		}
	}
	// seen holds what fires for each set of answers; 0 stands for not said.
	seen := map[string]uint64{}
	index := make([]int, len(questions))
	for {
		a := Answers{PartnerAge: "25-59", Under3: "0", From3: "0", From6: "1", From14: "0", From19: "0", DailyHelp: No, Carer: Yes, Jobless: No, Pregnancy: No, Housing: Tenant}
		key := ""
		for i, q := range questions {
			if index[i] > 0 {
				a[q.Key] = q.Answers[index[i]-1]
			}
			key += string(rune('0' + index[i]))
		}
		seen[key] = fired(r, a)
		i := 0
		for ; i < len(index); i++ {
			if index[i]++; index[i] <= len(questions[i].Answers) {
				break
			}
			index[i] = 0
		}
		if i == len(index) {
			break
		}
	}
	if want := 3 * 7 * 3 * 5 * 3 * 6 * 3; len(seen) != want {
		t.Fatalf("%d sets of answers; want all %d", len(seen), want)
	}
	for key, bits := range seen {
		for i := range len(key) {
			unknown := seen[key[:i]+"0"+key[i+1:]]
			if bits&^unknown != 0 {
				t.Fatalf("%s gives %b; without answer %d it gives %b; want nothing hidden", key, bits, i, unknown)
			}
		}
	}
}

// TestTotal: whatever stands in the answers has a result, and what is no answer
// is as if it were not said.
func TestTotal(t *testing.T) {
	r := defaults(t)
	odd := Answers{Household: "palace", Age: "-1", Income: "Z", "other": "x", Children: "4+", From6: "999"}
	if got, want := ids(r.Hints(odd)), ids(r.Hints(nil)); !slices.Equal(got, want) {
		t.Errorf("Hints(%v) = %v; want %v as if nothing was said", odd, got, want)
	}
	if got := r.Bands(odd); got != nil {
		t.Errorf("Bands(%v) = %v; want none", odd, got)
	}
	if _, ok := r.Next(odd, "nowhere"); !ok {
		t.Errorf("Next(odd, nowhere) = false; want the first question")
	}
	var zero Rules
	if got := zero.Hints(settled()); len(got) != 0 {
		t.Errorf("zero Hints = %v; want none", got)
	}
	if _, ok := zero.Next(nil, ""); ok || zero.Bands(settled()) != nil {
		t.Errorf("the zero rules ask or have bands; want neither")
	}
}

func TestBands(t *testing.T) {
	r := defaults(t)
	tests := []struct {
		name string
		a    Answers
		want string
	}{
		{"alone", settled(), "A 0-800 B 800-1200 C 1200-1500 D 1500-2000 E 2000-0"},
		{"a couple", settled(Household, Couple), "A 0-1200 B 1200-1800 C 1800-2250 D 2250-3000 E 3000-0"},
		{"a parent and a child of 5: rounded up", settled(Children, Yes, From3, "1"), "A 0-1050 B 1050-1600 C 1600-1950 D 1950-2600 E 2600-0"},
		{"a child of 14 counts more", settled(Children, Yes, From14, "1"), "A 0-1200 B 1200-1800 C 1800-2250 D 2250-3000 E 3000-0"},
		{"a couple, children of 1, 7 and 19", settled(Household, Couple, Children, Yes, Under3, "1", From6, "1", From19, "1"), "A 0-2100 B 2100-3150 C 3150-3900 D 3900-5200 E 5200-0"},
		{"who lives there is not said", settled(Household, ""), ""},
		{"children not said", settled(Children, ""), ""},
		{"one age not said", settled(Children, Yes, From6, ""), ""},
		{"many", settled(Children, Yes, From6, Many), ""},
	}
	for _, tt := range tests {
		var got []string
		for _, b := range r.Bands(tt.a) {
			got = append(got, fmt.Sprintf("%s %d-%d", b.Key, b.From, b.Below))
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: Bands = %s; want %s", tt.name, s, tt.want)
		}
	}
}

// TestBandsSayMore: a band in euros never lies below the band per unit.
func TestBandsSayMore(t *testing.T) {
	r := defaults(t)
	rnd := rand.New(rand.NewPCG(3, 5))
	for range 2000 {
		a := someAnswers(r, rnd)
		tenths, ok := a.units()
		bands := r.Bands(a)
		if ok != (bands != nil) {
			t.Fatalf("Bands(%v) = %v; want them exactly when the household is known", a, bands)
		}
		for i, b := range bands {
			if b.Below%50 != 0 || i < len(r.limits) && (b.Below*10 < r.limits[i]*tenths || b.Below*10 >= r.limits[i]*tenths+500) {
				t.Fatalf("Bands(%v) = %v; want multiples of 50 at or just above the limits", a, bands)
			}
		}
	}
}

// walk answers the questions as somebody would, "" to pass.
func walk(r Rules, say func(Question) string) (asked []string, a Answers) {
	a = Answers{}
	after := ""
	for {
		q, ok := r.Next(a, after)
		if !ok {
			return asked, a
		}
		asked = append(asked, q.Key)
		a = a.With(q.Key, say(q))
		after = q.Key
	}
}

func TestNext(t *testing.T) {
	r := defaults(t)
	onlyC2S, unknown := r.Without("rsa", "mission_locale_cej", "prime_activite", "aide_logement", "aspa", "aah", "apa", "ajpa", "cheque_energie", "ars", "af", "cf", "asf")
	if len(unknown) != 0 {
		t.Fatalf("Without() = %v unknown; want none", unknown)
	}
	tests := []struct {
		name  string
		rules Rules
		given Answers
		want  string
	}{
		{"a person alone with a wage", r, settled(Work, Employee), "household age children work stopped income housing handicap carer"},
		{"a rent and enough money", r, settled(Housing, Tenant), "household age children work stopped income housing handicap carer"},
		{"old: help with daily gestures is asked", r, settled(Age, "65+", Work, Employee), "household age children work stopped income housing handicap daily_help carer"},
		{"young and without money: a pregnancy matters", r, settled(Age, "20-24", Income, "A"), "household age children work stopped income housing handicap carer pregnancy"},
		{"a family is asked the ages of the children", r, settled(Household, Couple, PartnerAge, "25-59", Children, Yes), "household age partner_age children under_3 from_3 from_6 from_14 from_19 work stopped income housing handicap carer"},
		{"money stopped: what came in is not asked", r, settled(Stopped, Yes), "household age children work stopped housing handicap carer"},
		{"own account: neither, nor whether it stopped", r, settled(Work, Self), "household age children work housing handicap carer"},
		{"who lives there is passed: no euros to show", r, settled(Household, ""), "household age children work housing handicap daily_help carer"},
		{"one rule alone asks what it needs", onlyC2S, settled(), "household children work stopped income"},
		{"nothing is said", r, nil, "household age children work housing handicap daily_help carer"},
	}
	for _, tt := range tests {
		asked, _ := walk(tt.rules, func(q Question) string { return tt.given[q.Key] })
		if got := strings.Join(asked, " "); got != tt.want {
			t.Errorf("%s: asked %s; want %s", tt.name, got, tt.want)
		}
	}
}

// TestNextLosesNothing: what is not asked would have changed nothing.
func TestNextLosesNothing(t *testing.T) {
	r := defaults(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		given := someAnswers(r, rnd)
		asked, a := walk(r, func(q Question) string { return given[q.Key] })
		if !slices.IsSortedFunc(asked, func(x, y string) int { return place(x) - place(y) }) {
			t.Fatalf("asked %v; want each question once, in order", asked)
		}
		said := fired(r, a)
		for _, q := range r.Questions() {
			if slices.Contains(asked, q.Key) {
				continue
			}
			for _, answer := range q.Answers {
				b := maps.Clone(a)
				b[q.Key] = answer
				if got := fired(r, b); got != said {
					t.Fatalf("%v: %s was not asked, and %s gives %b instead of %b", a, q.Key, answer, got, said)
				}
			}
		}
	}
}

func TestWith(t *testing.T) {
	a := Answers{Household: Alone, Income: "B", Age: "25-59"}
	if got, want := a.With(Household, Couple), (Answers{Household: Couple, Age: "25-59"}); !reflect.DeepEqual(got, want) {
		t.Errorf("With(household) = %v; want %v: the euros were another household's", got, want)
	}
	if got := a.With(Household, Alone); !reflect.DeepEqual(got, a) {
		t.Errorf("With(the same) = %v; want %v", got, a)
	}
	if got, want := a.With(Age, ""), (Answers{Household: Alone, Income: "B"}); !reflect.DeepEqual(got, want) {
		t.Errorf("With(age, none) = %v; want %v", got, want)
	}
	if len(a) != 3 {
		t.Errorf("after With a is %v; want it as it was", a)
	}
}

func TestDue(t *testing.T) {
	r := defaults(t)
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Skip("no time zones here")
	}
	names := func(rules []Rule) (list []string) {
		for _, rule := range rules {
			list = append(list, rule.ID)
		}
		return list
	}
	tests := []struct {
		at   time.Time
		want int
	}{
		{time.Date(2026, 3, 31, 23, 59, 0, 0, paris), 0},
		{time.Date(2026, 4, 1, 0, 0, 0, 0, paris), 4}, // still 31 March in UTC
		{time.Date(2027, 3, 31, 12, 0, 0, 0, paris), 4},
		{time.Date(2027, 4, 1, 12, 0, 0, 0, paris), len(r.List)},
	}
	for _, tt := range tests {
		if got := names(r.Due(tt.at)); len(got) != tt.want {
			t.Errorf("Due(%v) = %v; want %d rules", tt.at, got, tt.want)
		}
	}
	if got, want := names(r.Due(tests[1].at)), []string{"c2s", "aide_logement", "ajpa", "cheque_energie"}; !slices.Equal(got, want) {
		t.Errorf("Due(2026-04-01) = %v; want %v", got, want)
	}
	off, _ := r.Without("c2s")
	if got := len(off.Due(tests[1].at)); got != 3 {
		t.Errorf("Due without c2s = %d rules; want 3", got)
	}
}

func TestWithout(t *testing.T) {
	r := defaults(t)
	off, unknown := r.Without("af", "no_such")
	if !slices.Equal(unknown, []string{"no_such"}) {
		t.Errorf("Without(af, no_such) = %v unknown; want no_such", unknown)
	}
	if got := ids(off.Hints(nil)); len(got) != len(r.List)-1 || slices.Contains(got, "af") {
		t.Errorf("Hints without af = %v; want all others", got)
	}
	if !slices.Contains(ids(r.Hints(nil)), "af") {
		t.Errorf("Without changed the rules it was asked of")
	}
}

func TestJSON(t *testing.T) {
	r := defaults(t)
	off, _ := r.Without("rsa", "cf")
	for _, rules := range []Rules{r, off} {
		again, err := Parse(rules.JSON())
		if err != nil {
			t.Fatalf("Parse(JSON()) = %v; want the rules back", err)
		}
		if !reflect.DeepEqual(again, rules) {
			t.Errorf("Parse(JSON()) = %+v; want %+v", again, rules)
		}
	}
	if bytes.Contains(r.JSON(), []byte("null")) {
		t.Errorf("JSON() = %s; want no null", r.JSON())
	}
}

func BenchmarkHints(b *testing.B) {
	r := defaults(b)
	a := settled(Income, "A")
	for b.Loop() {
		r.Hints(a)
	}
}

// TestWording: nobody who lives alone is asked about the other of a couple, and
// whoever lives as a couple, or did not say, is.
func TestWording(t *testing.T) {
	r := defaults(t)
	for household, want := range map[string]string{Alone: "work_alone", Couple: "work", "": "work"} {
		a := Answers{}.With(Household, household)
		for _, q := range r.Questions() {
			got := q.Wording(a)
			if q.Key == Work && got != want || q.Key != Work && got != q.Key {
				t.Errorf("Wording of %s for household %q = %q; want its own, and %q for the work", q.Key, household, got, want)
			}
			if !slices.Contains(q.Wordings(), got) || q.Wordings()[0] != q.Key {
				t.Errorf("Wordings of %s = %v; want the key first, and %q among them", q.Key, q.Wordings(), got)
			}
		}
		asked, _ := walk(r, func(q Question) string {
			if q.Key == Household {
				return household
			}
			return q.Answers[0]
		})
		if n := slices.Index(asked, Household); n != 0 || slices.Contains(asked[1:], Household) {
			t.Errorf("asked %v; want who lives there once, at the beginning", asked)
		}
		if slices.Contains(asked, PartnerAge) != (household == Couple) {
			t.Errorf("asked %v of household %q; want the other's age of a couple alone", asked, household)
		}
	}
}
