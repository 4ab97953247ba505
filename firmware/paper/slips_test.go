package paper

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"jeudi/drivers"
	"jeudi/firmware/intake"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
)

// said is what a person said of themselves.
func said() Result {
	return Result{Level: sheet.Accompanied, Answers: map[string]string{"internet": "yes", "information": "alone", "mail": "helped", "photo": "no", "fake": "no", "procedure": "helped"},
		Incomplete: true, Freins: []string{"lire", "peur"}}
}

func orientation(lang string) OrientationData {
	r := said()
	return OrientationData{From: "Centre social Les Tilleuls", Lang: lang, Result: &r, Places: []Place{
		{
			Name: "Atelier du Pont", Address: "12 quai du Pont, Villeneuve-sur-Brève", Phone: "01 99 00 00 01",
			Way:   Words{French: "Bus 3, arrêt Pont. La porte bleue à côté du café."},
			Hours: Words{"Le mardi de 9 h à 12 h. Le jeudi de 14 h à 17 h.", "الثلاثاء من 9 إلى 12. الخميس من 14 إلى 17."},
			Bring: []Words{{"Une pièce d’identité", "بطاقة الهوية"}, {"Un justificatif de ressources", ""}},
			Gives: Words{French: "L’atelier est gratuit."}, Code: "K7M2QF",
		},
		{
			Name: "Médiathèque", Address: "Place du Marché, Villeneuve-sur-Brève",
			Hours: Words{French: "Tu-Sa 10:00-12:30; PH off \"sur rendez-vous\""}, HoursUnsure: true,
		},
	}}
}

func today(lang string) TodayData {
	return TodayData{From: "Centre social Les Tilleuls", Lang: lang, At: at(11, 26, 11, 40),
		Done: []string{"appointment", "file_sent", "password_changed"}, Deadline: at(12, 15, 0, 0),
		Bring: []string{"identity", "tax_notice", "this_paper"}, Next: "Atelier du Pont", NextAt: "12 quai du Pont", Who: session.SocialWorker}
}

// The titles of rights are those of another room: the tests have their own.
func rights(lang string) RightsData {
	return RightsData{From: "Centre social Les Tilleuls", Lang: lang, Titles: []session.Msg{session.M("motif.logement"), session.M("motif.sante")}}
}

func partner() PartnerData {
	return PartnerData{From: "Centre social Les Tilleuls", Partner: "Atelier du Pont",
		Codes: []PartnerCode{{"9CDFGH", "", false}, {"2FXGH4", "2026-10", true}, {"K7M2QF", "2026-11", false}, {"TV98CD", "2026-11", false}}}
}

// Every key of the closed lists has its words, and every word its key.
func TestClosedLists(t *testing.T) {
	w := catalogue(t)
	lists := map[string][]string{"slip.done.": DoneKeys(), "slip.bring.": BringKeys(), "voucher.domain.": domains[:],
		"paper.who.": roles(), "slip.who.": roles()}
	for _, f := range freins {
		lists["voucher.frein."] = append(lists["voucher.frein."], f.key)
	}
	for prefix, keys := range lists {
		var want []string
		for _, key := range keys {
			want = append(want, prefix+key)
		}
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(w.Under("fr", prefix))); !slices.Equal(got, want) {
			t.Errorf("the catalogue has under %s\n%q; want\n%q", prefix, got, want)
		}
	}
	for _, key := range CharterKeys() {
		if !w.Has("fr", key) {
			t.Errorf("the catalogue lacks %s", key)
		}
	}
	if n := len(CharterKeys()); n != 5 {
		t.Errorf("the charter has %d lines; want 5", n)
	}
}

func roles() (keys []string) {
	for _, r := range session.Roles() {
		keys = append(keys, string(r))
	}
	return keys
}

func TestWhatIsNotInAListIsLeftOut(t *testing.T) {
	w := catalogue(t)
	d := today("fr")
	want := Today(w, d)
	d.Done, d.Bring = append(d.Done, "", "secret", "appointment"), append(d.Bring, "../identity")
	if got := Today(w, d); !reflect.DeepEqual(got, want) {
		t.Errorf("Today() =\n%swant\n%s", render(got), render(want))
	}
	d.Who = "inconnu"
	if got := render(Today(w, d)); strings.Contains(got, "⟦") {
		t.Errorf("Today() of an unknown profession =\n%s", got)
	}
}

func TestSlipsOfNothing(t *testing.T) {
	w := catalogue(t)
	for name, doc := range map[string]drivers.Document{
		"orientation": Orientation(w, OrientationData{Places: []Place{{}}, Result: &Result{}}),
		"today":       Today(w, TodayData{}),
		"rights":      Rights(w, RightsData{}),
		"partner":     Partner(w, PartnerData{Codes: []PartnerCode{{Month: "?"}}}),
	} {
		for _, b := range doc.Blocks {
			if text, ok := b.(drivers.Text); ok && strings.Trim(text.Text, " \n-") == "" {
				t.Errorf("%s of nothing has an empty block %#v", name, text)
			}
		}
		if got := render(doc); strings.ContainsAny(got, "⟦⟧{}") {
			t.Errorf("a text is missing in %s\n%s", name, got)
		}
	}
}

// A partner finds a line by its number, and ticks it: each stands on one line of the
// narrowest paper, however many there are.
func TestAPartnersLineIsOneLine(t *testing.T) {
	w := catalogue(t)
	for _, n := range []int{1, 9, 10, 99, 100, 1234} {
		var d PartnerData
		for i := range n {
			d.Codes = append(d.Codes, PartnerCode{"K7M2QF", "2026-11", i == 0})
		}
		var lines []string
		for _, b := range Partner(w, d).Blocks {
			if text, ok := b.(drivers.Text); ok && strings.Contains(text.Text, "[") {
				if text.Size != 2 || utf8.RuneCountInString(text.Text) > 16 || strings.Contains(text.Text, " ") {
					t.Fatalf("of %d codes, line %q in size %d; want 16 large letters at most, that stay together", n, text.Text, text.Size)
				}
				lines = append(lines, strings.ReplaceAll(text.Text, "\u00a0", " "))
			}
		}
		if len(lines) != n || !strings.Contains(lines[n-1], strconv.Itoa(n)+".") || !strings.Contains(lines[0], "[x]") || n > 1 && !strings.Contains(lines[n-1], "[ ]") {
			t.Errorf("of %d codes, %d lines from %q to %q; want each with its number and its box", n, len(lines), lines[0], lines[len(lines)-1])
		}
	}
}

// Each slip has its title in the visitor's language and in French, once when they
// are one.
func TestSlipsSpeakBoth(t *testing.T) {
	w := spoken(t)
	for _, lang := range []string{"", "fr", words.Easy, words.Images, "ar", "xx"} {
		for title, doc := range map[string]drivers.Document{
			"slip.orientation": Orientation(w, orientation(lang)),
			"slip.today":       Today(w, today(lang)),
			"slip.rights":      Rights(w, rights(lang)),
		} {
			var got []string
			for _, b := range doc.Blocks {
				if text, ok := b.(drivers.Text); ok && (text.Text == w.Text(lang, title, nil) || text.Text == w.Text("fr", title, nil)) {
					got = append(got, text.Lang)
				}
			}
			want := []string{"fr"}
			if lang == "ar" {
				want = []string{"ar", "fr"}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s in %q has its title in %q; want %q", title, lang, got, want)
			}
		}
	}
}

func TestAPlacesWordsAreNotSaidTwice(t *testing.T) {
	w := spoken(t)
	for _, c := range []struct {
		name string
		lang string
		way  Words
		want []string // the language and the text
	}{
		{"in French alone", "ar", Words{French: "Bus 3"}, []string{"fr Bus 3"}},
		{"in both", "ar", Words{"Bus 3", "حافلة"}, []string{"ar حافلة", "fr Bus 3"}},
		{"the same in both", "ar", Words{"Bus 3", "Bus 3"}, []string{"fr Bus 3"}},
		{"in Arabic alone", "ar", Words{Lang: "حافلة"}, []string{"ar حافلة"}},
		{"for a French reader", "fr", Words{"Bus 3", "حافلة"}, []string{"fr Bus 3"}},
		{"nothing", "ar", Words{}, nil},
	} {
		doc := Orientation(w, OrientationData{Lang: c.lang, Places: []Place{{Way: c.way}}})
		var got []string
		for _, b := range doc.Blocks {
			if text, ok := b.(drivers.Text); ok && (text.Text == "Bus 3" || text.Text == "حافلة") {
				got = append(got, text.Lang+" "+text.Text)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: the way is %q; want %q", c.name, got, c.want)
		}
		if titled := slices.Contains(texts(doc, "fr"), w.Text("fr", "slip.way", nil)); titled != (len(c.want) > 0) {
			t.Errorf("%s: a title: %v; want one with a text alone", c.name, titled)
		}
	}
}

// The result goes on paper only with the person's yes, never as the name of a
// level, and a slip has no more places than three.
func TestOrientation(t *testing.T) {
	w := catalogue(t)
	o := orientation("fr")
	with := render(Orientation(w, o))
	o.Result = nil
	without := render(Orientation(w, o))
	mark := w.Text("fr", "voucher.domain.mail", nil)
	if !strings.Contains(with, mark) || strings.Contains(without, mark) || strings.Contains(without, " n=") {
		t.Errorf("with the result:\n%s\nwithout:\n%s\nwant it in the first alone", with, without)
	}
	for _, level := range []string{"éloigné", "à accompagner", "autonome", "remote", "accompanied"} {
		if strings.Contains(strings.ToLower(with), level) {
			t.Errorf("the slip says %q:\n%s", level, with)
		}
	}
	o.Places = slices.Repeat([]Place{{Name: "Ici", Code: "K7M2QF"}}, 5)
	codes := 0
	for _, b := range Orientation(w, o).Blocks {
		if _, ok := b.(drivers.QR); ok {
			codes++
		}
	}
	if codes != intake.MostPlaces {
		t.Errorf("five places have %d codes; want %d", codes, intake.MostPlaces)
	}
	// Hours that nobody could understand stand as they were given.
	if i := slices.Index(texts(Orientation(w, orientation("fr")), "fr"), w.Text("fr", "slip.hours_check", nil)); i < 0 {
		t.Error("hours that were not understood are not marked")
	}
}

// A list of rights has its titles and what frames them: no number at all.
func TestRightsAddNothing(t *testing.T) {
	w := spoken(t)
	for _, lang := range scripts() {
		doc := Rights(w, rights(lang))
		if got := render(doc); strings.ContainsAny(strings.ReplaceAll(got, "×2", ""), "0123456789€") {
			t.Errorf("Rights(%q) has a number:\n%s", lang, got)
		}
		for _, title := range rights(lang).Titles {
			if want := "- " + w.Text("fr", title.Key, nil); lang == "fr" && !slices.Contains(texts(doc, "fr"), want) {
				t.Errorf("Rights() says %q; want %q among it", texts(doc, "fr"), want)
			}
		}
	}
}

func TestLargeIsLarge(t *testing.T) {
	w := spoken(t)
	for name, doc := range map[string]drivers.Document{
		"ticket":      Ticket(w, with(ticket(), func(t *TicketData) { t.Lang, t.Large = "ar", true })),
		"orientation": Orientation(w, func() OrientationData { o := orientation("ar"); o.Large = true; return o }()),
		"today":       Today(w, func() TodayData { d := today("ar"); d.Large = true; return d }()),
		"rights":      Rights(w, func() RightsData { r := rights("ar"); r.Large = true; return r }()),
	} {
		if len(texts(doc, "ar")) == 0 {
			t.Errorf("%s has no Arabic", name)
		}
		for _, b := range doc.Blocks {
			if text, ok := b.(drivers.Text); ok && text.Lang == "ar" && text.Size < 2 {
				t.Errorf("%s in large: %#v; want twice the size", name, text)
			}
		}
	}
	normal, large := Ticket(w, ticket()), Ticket(w, with(ticket(), func(t *TicketData) { t.Large = true }))
	if len(large.Blocks) >= len(normal.Blocks) {
		t.Errorf("a large ticket has %d blocks, a normal one %d; want fewer", len(large.Blocks), len(normal.Blocks))
	}
}
