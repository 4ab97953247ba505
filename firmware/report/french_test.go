package report

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestNumbers(t *testing.T) {
	plain := func(s string) string { return strings.ReplaceAll(s, nbsp, "_") }
	for _, tt := range []struct{ name, got, want string }{
		{"none", person.of(0), "aucune personne"},
		{"none, masculine", ticket.of(0), "aucun ticket"},
		{"one", person.of(1), "1_personne"},
		{"two", person.of(2), "2_personnes"},
		{"thousands", person.of(1250), "1_250_personnes"},
		{"a word without plural", opinion.of(12), "12_avis"},
		{"millions", number(1234567), "1_234_567"},
		{"negative", number(-1234), "−1_234"},
		{"a tenth", tenth(74.0 / 22), "3,4"},
		{"a whole tenth", tenth(2.04), "2"},
		{"hundredths", hundredth(0.35), "0,35"},
		{"hundredths that are tenths", hundredth(0.2), "0,2"},
		{"per cent", percent(0.404), "40_%"},
		{"hardly any", percent(0.001), "moins de 1_%"},
		{"not quite all", percent(0.999), "plus de 99_%"},
		{"all", percent(1), "100_%"},
		{"none at all", percent(0), "0_%"},
		{"minutes", hours(45), "45_minutes"},
		{"one minute", hours(1), "1_minute"},
		{"an hour and a half", hours(90), "1_h_30"},
		{"hours", hours(3960), "66_h"},
		{"a list", list([]string{"a", "b", "c"}, "et"), "a, b et c"},
		{"one or the other", list([]string{"a", "b"}, "ou"), "a ou b"},
		{"a sentence", sentence("été"), "Été."},
		{"a label", lower("Retraités"), "retraités"},
		{"an acronym", lower("CAF"), "CAF"},
		{"an accent", lower("Élèves et étudiants"), "élèves et étudiants"},
	} {
		if got := plain(tt.got); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
}

func TestSpanInWords(t *testing.T) {
	on := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		from, until time.Time
		want        string
	}{
		{on(2026, 1, 1), on(2026, 7, 1), "du 1er janvier au 30 juin 2026"},
		{on(2025, 7, 1), on(2026, 7, 1), "du 1er juillet 2025 au 30 juin 2026"},
		{on(2026, 2, 1), on(2026, 3, 1), "du 1er février au 28 février 2026"},
		{on(2026, 11, 5), on(2026, 12, 2), "du 5 novembre au 1er décembre 2026"},
	} {
		if got := strings.ReplaceAll(span(tt.from, tt.until), nbsp, " "); got != tt.want {
			t.Errorf("span() = %q; want %q", got, tt.want)
		}
	}
}

// Whatever the counts, the fraction that is said is the nearest of those that can be,
// and « un peu plus » and « un peu moins » are on the right side of it.
func TestTheFractionIsTheNearest(t *testing.T) {
	for _, of := range []int{1, 2, 3, 7, 20, 33, 50, 74, 75, 120} {
		for n := 0; n <= of; n++ {
			for _, margin := range []float64{0, 2 / float64(of)} {
				p := part{n: n, of: of, margin: min(1, margin)}
				said, share := p.words(), p.share()
				var named *fraction
				for _, f := range fractions() {
					if strings.HasSuffix(said, f.noun) || strings.HasSuffix(said, f.of) {
						if named == nil || len(f.noun) > len(named.noun) { // « dix-neuf vingtièmes » ends as no other
							named = &f
						}
					}
				}
				if named == nil {
					if share > 0.035 && share < 0.97 {
						t.Fatalf("%d of %d is said %q; want a fraction", n, of, said)
					}
					continue
				}
				for _, f := range fractions() {
					if math.Abs(f.share-share) < math.Abs(named.share-share)-1e-9 {
						t.Fatalf("%d of %d is said %q; %q is nearer", n, of, said, f.noun)
					}
				}
				far := share - named.share
				switch {
				case strings.HasPrefix(said, "un peu plus") && far <= p.margin,
					strings.HasPrefix(said, "un peu moins") && far >= -p.margin:
					t.Fatalf("%d of %d, give or take %.3f, is said %q; the counts do not carry that", n, of, p.margin, said)
				case strings.HasPrefix(said, "environ") && margin == 0:
					t.Fatalf("%d of %d is said %q; want it exactly", n, of, said)
				case strings.Contains(said, "totalité") && !strings.Contains(said, "presque") && (n < of || margin > 0):
					t.Fatalf("%d of %d is said %q; not all, or not known", n, of, said)
				}
			}
		}
	}
}

// A percentage never stands without its number, nor under a small base.
func TestPercentages(t *testing.T) {
	for _, tt := range []struct {
		p    part
		want string
	}{
		{part{n: 30, of: 75}, "30 sur 75, 40 %"},
		{part{n: 20, of: 49}, "20 sur 49"},
		{part{n: 1, of: 3}, "1 sur 3"},
		{part{n: 0, of: 0}, "non renseigné"},
		{part{n: 75, of: 75}, "75 sur 75, 100 %"},
		{part{n: 75, of: 75, margin: 0.05}, "75 sur 75"},
		{part{n: 60, of: 60, top: true}, "sur 60"},
	} {
		if got := strings.ReplaceAll(tt.p.figures(), nbsp, " "); got != tt.want {
			t.Errorf("figures of %+v = %q; want %q", tt.p, got, tt.want)
		}
	}
}

// A change that the rounding may have made is not spoken of as one.
func TestChanges(t *testing.T) {
	for _, tt := range []struct {
		name   string
		now, b part
		want   string
	}{
		{"beyond the rounding", part{n: 36, of: 72, margin: 0.05}, part{n: 18, of: 72, margin: 0.05}, "augmente"},
		{"less", part{n: 18, of: 72, margin: 0.05}, part{n: 36, of: 72, margin: 0.05}, "diminue"},
		{"within", part{n: 36, of: 72, margin: 0.05}, part{n: 30, of: 72, margin: 0.05}, "ne dépasse pas"},
		{"the same", part{n: 36, of: 72, margin: 0.05}, part{n: 36, of: 72, margin: 0.05}, "même"},
		{"grouped", part{n: 36, of: 72, margin: 0.05}, part{n: 6, of: 72, margin: 0.05, lower: true}, "ne se comparent pas"},
		{"nearly all", part{n: 72, of: 72, top: true}, part{n: 6, of: 72}, ""},
		{"nothing before", part{n: 36, of: 72}, part{}, ""},
	} {
		if got := changed(tt.now, tt.b); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: changed() = %q; want %q in it", tt.name, got, tt.want)
		}
	}
}
