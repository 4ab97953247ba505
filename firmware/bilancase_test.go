package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/coop"
	"jeudi/firmware/counters"
	"jeudi/firmware/ledger"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/wait"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

// deck is the answers of 74 people to one question, so many of each, in any order.
type deck []string

func dealt(r *rand.Rand, n int, of ...any) deck {
	var d deck
	for i := 0; i < len(of); i += 2 {
		for range of[i].(int) {
			d = append(d, of[i+1].(string))
		}
	}
	for len(d) < n {
		d = append(d, "")
	}
	r.Shuffle(n, func(i, j int) { d[i], d[j] = d[j], d[i] })
	return d
}

// The design case: the marginals of 74 people in 22 mornings go through the journal's
// closing reports, the sealed sheets, the counters and the release, and the bilan says
// what the coordinator of the place once counted by hand.
func TestDesignCase(t *testing.T) {
	const people = 74
	place := site.Sample()
	place.Statistics.Period = "half"
	stores, err := openStores(t.TempDir(), schemasOf(place), optionsOf(place), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer stores.close()

	r := rand.New(rand.NewPCG(74, 22))
	about := map[string]deck{
		sheet.Neighbourhood: dealt(r, people, 22, "tilleuls", 15, "haut-moulin", 19, "centre", 18, "gare"),
		sheet.Age:           dealt(r, people, 21, "25-39", 21, "40-59", 7, "60-61", 8, "62-64", 8, "65-69", 9, "70+"),
		sheet.Household:     dealt(r, people, 19, "seul", 18, "mono_mineurs", 19, "couple_mineurs", 18, "couple_sans_enfant"),
		sheet.Situation:     dealt(r, people, 25, "retraite", 15, "demandeur_emploi", 15, "salarie", 10, "au_foyer", 9, "invalidite"),
		sheet.FirstVisit:    dealt(r, people, 44, sheet.Yes, 24, sheet.No),
	}
	levels := dealt(r, people, 16, "remote", 30, "accompanied", 22, "autonomous")
	motifs := dealt(r, people, 25, "caf", 15, "retraite", 14, "impots", 10, "sante", 10, "titres")
	along := dealt(r, people, 30, "along", 8, "alone")
	staff := coop.Schema(keysOfMotifs(place))

	sizes := []int{}
	for range 6 {
		sizes = append(sizes, 3, 3, 4)
	}
	sizes = append(sizes, 3, 3, 3, 5) // the last batch is whole
	at := 0
	for morning, n := range sizes {
		for range n {
			v := sheet.New(sheet.KindVisitor)
			for q, d := range about {
				v = v.Set(q, d[at])
			}
			v = sheet.WithLevel(answered(v, levels[at]), sheet.DefaultThresholds())
			record := coop.Record{Manner: "avec", Themes: []coop.Theme{"SocialSante"}, Oriented: coop.No}
			if along[at] != "" {
				record.Oriented, record.Structure, record.Accompanied = coop.Yes, "AideSociale", along[at] == "along"
			}
			s := coop.Sheet(staff, &session.Visit{Declared: motifs[at], Need: session.Mediator}, record)
			e := sheet.New(sheet.KindExit).Set(sheet.Satisfied, sheet.Good).Set(sheet.Useful, sheet.Yes)
			for kind, one := range []sheet.Sheet{v, s, e} {
				if err := stores.sheets.Submit([16]byte{byte(kind + 1), byte(at)}, one); err != nil {
					t.Fatal(err)
				}
			}
			at++
		}
		if _, err := stores.sheets.Merge(); err != nil {
			t.Fatal(err)
		}
		if err := stores.ledger.Enter(entryOf(place, morning, n)); err != nil {
			t.Fatal(err)
		}
	}
	if at != people {
		t.Fatalf("%d people in %d mornings; want %d in 22", at, len(sizes), people)
	}

	periods := periodsOf(place, stores)
	periods.Random = rand.NewChaCha8([32]byte{6}) // one draw of the rounding; RELEASE.md has how others fall
	if _, err := periods.Close(time.Date(2026, 7, 2, 18, 0, 0, 0, place.Zone)); err != nil {
		t.Fatal(err)
	}
	releases, err := stores.ledger.Releases()
	if err != nil {
		t.Fatal(err)
	}
	texts, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	b, err := report.Compose(releases, nil, siteOfBilan(place, texts))
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string][]string{
		"attendance": {"22 permanences ont été tenues. 4 permanences prévues n’ont pas eu lieu.", "74 personnes ont été accueillies", "En moyenne : 3,4 personnes"},
		"origin":     {"Habitants d’un quartier prioritaire : la moitié"},
		"people":     {"62 ans ou plus : un tiers", "De 25 à 61 ans : deux tiers", "retraités, un tiers", "Première visite : environ deux tiers"},
		"motifs":     {"CAF, "},
		"autonomy":   {"Autonomes : environ un tiers", "C’est moins que le repère (56 %)."},
		"help":       {"Orientations accompagnées (quelqu’un a appelé ou y est allé avec la personne) : deux cinquièmes des visites renseignées (30 sur 75, 40 %)", "« Fait avec » la personne, et non à sa place : presque la totalité"},
		"opinion":    {"Personnes contentes : presque la totalité", "Visite utile : presque la totalité"},
	} {
		got := sentencesOf(b, part)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("part %s of the bilan:\n%s\nwant %q in it", part, got, w)
			}
		}
	}
	for table, want := range map[string][]string{
		"household": {"Personnes seules", "Parents seuls avec enfants", "Couples avec enfants", "Couples sans enfant"},
	} {
		for _, label := range want {
			if share := shareOf(b, table, label); share < 0.22 || share > 0.29 {
				t.Errorf("%s, %s: %.2f of the sheets; want a quarter", table, label, share)
			}
		}
	}
	for _, label := range []string{"En recherche d’emploi", "Salariés"} {
		if share := shareOf(b, "situation", label); share < 0.16 || share > 0.24 {
			t.Errorf("situation, %s: %.2f of the sheets; want a fifth", label, share)
		}
	}
}

// What a bilan says of a share, after the rounding, is true of the counts before it: on
// which side of a reference it is, and whether it became more or less.
func TestWhatIsSaidIsTrue(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 4))
	schema := sheet.Visitor(nil).WithLevel()
	said := map[string]int{}
	for i := range 120 {
		var exact [2]struct{ first, autonomous float64 }
		var periods [2][]report.Release
		for p := range periods {
			// One period of a place, or two.
			var first, informed, autonomous, levels int
			for j := range 1 + i%2 {
				n := 36 + r.IntN(120)
				unset := r.IntN(12)
				yes, high := r.IntN(n-unset), r.IntN(n)
				if i%4 > 0 { // so near that the rounding could tell a lie
					yes, high = (n-unset)/2+r.IntN(7)-3, n*56/100+r.IntN(7)-3
				}
				low := r.IntN(n - high + 1)
				middle := n - high - low
				table, err := counters.Release(counters.Totals{Sheets: n, Questions: []counters.QuestionTotals{
					{Key: sheet.FirstVisit, Answers: []counters.AnswerTotal{{Key: sheet.Yes, N: yes}, {Key: sheet.No, N: n - yes - unset}, {Key: sheet.Unset, N: unset}}},
					{Key: sheet.LevelReached, Answers: []counters.AnswerTotal{{Key: "remote", N: low}, {Key: "accompanied", N: middle}, {Key: "autonomous", N: high}, {Key: sheet.Unset}}},
				}}, schema, counters.Rules{}, []byte{byte(i), byte(i >> 8), byte(p), byte(j)})
				if err != nil {
					t.Fatal(err)
				}
				first, informed, autonomous, levels = first+yes, informed+n-unset, autonomous+high, levels+n
				periods[p] = append(periods[p], report.Release{Version: 1, ID: fmt.Sprint(p, j), Box: "a",
					From: fmt.Sprintf("202%d-0%d-01", p, 1+3*j), Until: fmt.Sprintf("202%d-0%d-01", p, 4+3*j), Tables: []sheet.Table{table}})
			}
			exact[p].first, exact[p].autonomous = float64(first)/float64(informed), float64(autonomous)/float64(levels)
		}
		b, err := report.Compose(periods[1], periods[0], report.Site{})
		if err != nil {
			t.Fatal(err)
		}
		claim := func(part, who, words string, true bool) {
			for line := range strings.Lines(sentencesOf(b, part)) {
				if strings.HasPrefix(line, who) && strings.Contains(line, words) {
					if said[words]++; !true {
						t.Errorf("%s: not true of %+v", strings.TrimSpace(line), exact)
					}
				}
			}
		}
		claim("people", "Première visite", "augmente", exact[1].first > exact[0].first)
		claim("people", "Première visite", "diminue", exact[1].first < exact[0].first)
		claim("autonomy", "Autonomes", "C’est plus", exact[1].autonomous > 0.56)
		claim("autonomy", "Autonomes", "C’est moins", exact[1].autonomous < 0.56)
	}
	if len(said) != 4 {
		t.Errorf("said %v; want all four at times", said)
	}
}

func keysOfMotifs(s *site.Site) (keys []string) {
	for _, m := range s.Motifs {
		keys = append(keys, m.Key)
	}
	return keys
}

// answered is a sheet whose self-assessment has a level, or nothing of it.
func answered(s sheet.Sheet, level string) sheet.Sheet {
	step := map[string]string{"remote": sheet.No, "accompanied": sheet.Helped, "autonomous": sheet.Alone}[level]
	if step == "" {
		return s
	}
	s = s.Set(sheet.Internet, sheet.Yes)
	for _, q := range []string{sheet.Information, sheet.Mail, sheet.Photo, sheet.Fake, sheet.Trouble, sheet.Procedure} {
		s = s.Set(q, step)
	}
	return s
}

// entryOf is a Thursday morning of the first half of 2026 where n people were received.
func entryOf(s *site.Site, morning, n int) ledger.Entry {
	from := time.Date(2026, 1, 1+7*morning, 9, 0, 0, 0, s.Zone)
	totals := session.Totals{Issued: n, Served: n}
	var announced wait.Calibration
	for range n {
		announced.Add(wait.Range{Low: 5 * time.Minute, High: 20 * time.Minute}, 12*time.Minute)
	}
	return ledger.Entry{
		ID: session.ID{byte(morning + 1)}, Place: s.Place.Name, From: from, Until: from.Add(3 * time.Hour), Closed: from.Add(3 * time.Hour), Totals: totals,
		Report: report.Report{Place: s.Place.Name, From: from, Until: from.Add(3 * time.Hour), Opened: from, Closed: from.Add(3 * time.Hour), Totals: totals,
			Waits: []report.Band{{Min: 10 * time.Minute, Max: 20 * time.Minute, Visits: n}}, Capacity: 180, Busy: 30 * n, Announced: announced},
	}
}

func sentencesOf(b report.Bilan, part string) string {
	for _, p := range b.Parts {
		if p.Key == part {
			return strings.ReplaceAll(strings.Join(p.Sentences, "\n"), "\u00a0", " ")
		}
	}
	return ""
}

// shareOf is the share of a row of a table.
func shareOf(b report.Bilan, table, label string) float64 {
	for _, p := range b.Parts {
		for _, t := range p.Tables {
			if i := slices.IndexFunc(t.Columns, func(c report.Column) bool { return c.Key == "share" }); t.Key == table && i >= 0 {
				for _, row := range t.Rows {
					if row[0].Text == label {
						return row[i].N
					}
				}
			}
		}
	}
	return -1
}
