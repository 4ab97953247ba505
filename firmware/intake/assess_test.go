package intake_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	. "jeudi/firmware/intake"
	"jeudi/firmware/routing"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
)

// skilled are the presses for the seven questions before what is hard.
func skilled(answer string) []string {
	return append([]string{"yes"}, slices.Repeat([]string{answer}, 6)...)
}

// assessing is somebody at the first question, with a ticket or without.
func assessing(t testing.TB, ticket bool) *kiosk {
	k := newKiosk(t)
	if !ticket {
		k.c.Taking = false
		return k.press("fr", "assess")
	}
	return k.press("fr", "caf", "questions")
}

func text(t testing.TB, msgs ...session.Msg) string {
	var out []string
	for _, m := range msgs {
		if m.Key != "" {
			out = append(out, catalogue(t).Text("fr", m.Key, m.Args))
		}
	}
	return strings.Join(out, " | ")
}

func TestTheInstrumentOnScreen(t *testing.T) {
	k := assessing(t, true)
	for i, item := range sheet.Instrument() {
		v := View(k.s, k.c)
		if v.Title.Key != "question."+item.Key || v.Text.Key != "question."+item.Key+".example" || v.Progress == nil || v.Progress.At != i+1 {
			t.Fatalf("question %d = %q, %q, %v; want those of %s", i+1, v.Title.Key, v.Text.Key, v.Progress, item.Key)
		}
		if (v.Notice.Key != "") != (i == 0) {
			t.Errorf("question %d has the notice %q; want the one on names on the first", i+1, v.Notice.Key)
		}
		for page := 0; page < 3; page++ { // every answer is on one of its pages, once
			v = View(k.s, k.c)
			for _, c := range v.Choices {
				item.Answers = slices.DeleteFunc(item.Answers, func(a string) bool { return a == c.Key })
			}
			if !slices.Contains(keysOf(v.Choices), "more") {
				break
			}
			k.press("more")
		}
		if len(item.Answers) > 0 {
			t.Errorf("%s never offers %v", item.Key, item.Answers)
		}
		k.press("pass")
	}
	// All passed: nothing to tell, nothing to share.
	if v := View(k.on(Question).s, k.c); v.Title.Key != "question.age" {
		t.Errorf("after eight passes = %q; want question.age", v.Title.Key)
	}
}

func TestWhoDoesNotUseTheInternetIsAskedTwo(t *testing.T) {
	k := assessing(t, true).press("no")
	if v := View(k.s, k.c); v.Title.Key != "question.freins" || v.Progress.At != 8 {
		t.Fatalf("after no Internet = %q at %v; want what is hard, the eighth", v.Title.Key, v.Progress)
	}
	k.press("back")
	if v := View(k.s, k.c); v.Title.Key != "question.internet" {
		t.Errorf("back = %q; want the first question", v.Title.Key)
	}
	k.press("yes")
	if v := View(k.s, k.c); v.Title.Key != "question.information" {
		t.Errorf("with the Internet = %q; want the second question", v.Title.Key)
	}
}

func TestSeveralAnswersArePressed(t *testing.T) {
	for _, slots := range []int{4, 6, 8, 12} {
		k := assessing(t, true)
		k.c.Slots = slots
		k.press("no")
		selected := func() (on []string) {
			for _, c := range View(k.s, k.c).Choices {
				if c.Selected {
					on = append(on, c.Key)
				}
			}
			return on
		}
		if keys := keysOf(View(k.s, k.c).Choices); len(keys) > slots || keys[len(keys)-1] != "pass" || (len(keys) == 8) != (slots >= 8) {
			t.Fatalf("%d slots: choices = %v; want the way on last, all of them where they fit", slots, keys)
		}
		k.press("peur", "mots").on(Question)
		if got := selected(); !slices.Equal(got, []string{"peur", "mots"}) {
			t.Errorf("%d slots: selected = %v; want peur and mots", slots, got)
		}
		k.press("peur")
		if got := selected(); !slices.Equal(got, []string{"mots"}) {
			t.Errorf("%d slots: selected = %v; want mots, peur taken back", slots, got)
		}
		for !slices.Contains(keysOf(View(k.s, k.c).Choices), "rien") {
			if keys := keysOf(View(k.s, k.c).Choices); keys[len(keys)-1] != "done" {
				t.Errorf("%d slots: choices = %v; want done on every page", slots, keys)
			}
			k.press("more")
		}
		k.press("rien")
		if got := Answers(k.s).Freins(); len(got) > 0 {
			t.Errorf("%d slots: after rien = %v; want nothing hard", slots, got)
		}
		k.press("lire", "done").on(Result).press("back").on(Question)
		if got := Answers(k.s).Freins(); !slices.Equal(got, []string{"lire"}) {
			t.Errorf("%d slots: after rien, lire = %v; want lire, and back to lose nothing", slots, got)
		}
		k.press("lire", "pass").on(Result)
	}
}

func TestSeveralAnswersAreHeard(t *testing.T) {
	k := assessing(t, true).press("no").walk("peur")
	for _, freins := range [][]string{{"peur"}, nil} { // chosen, and taken back
		if got, want := k.said(), catalogue(t).Text("fr", "kiosk.private", nil); got != want || k.s.Focus != "peur" || !slices.Equal(Answers(k.s).Freins(), freins) {
			t.Errorf("in the room OK on peur says %q, focus %q, %v; want %q, to stay there, and %v", got, k.s.Focus, Answers(k.s).Freins(), want, freins)
		}
		k.button(ActOK)
	}
	k.do(Headphones{In: true})
	k.button(ActOK)
	if sp := want[Speak](k); k.said() != "J’ai peur de me tromper Pas choisi." || len(sp) != 1 || !sp[0].Private {
		t.Errorf("OK again says %q, %v; want it not chosen, to the headphones alone", k.said(), sp)
	}
	k.walk("mots").walk("done").on(Result)
	if !strings.Contains(k.said(), "Nous expliquons les mots difficiles.") {
		t.Errorf("the result says %q; want its lines too", k.said())
	}
	k = newKiosk(t).press("fr", "settings", "voice", "aloud", "settings", "caf", "questions", "no").walk("peur")
	if sp, want := want[Speak](k), "J’ai peur de me tromper Choisi."; k.said() != want || len(sp) != 1 || sp[0].Private {
		t.Errorf("aloud OK on peur says %q, %v; want %q, for the room: the visitor chose that", k.said(), sp, want)
	}
}

func TestResultIsToldKindly(t *testing.T) {
	for _, tt := range []struct {
		name  string
		given []string
		world func(*Context)
		want  string
	}{
		{name: "far from the Internet", given: []string{"no", "pass"}, want: "Une personne peut faire avec vous, pas à pas."},
		{name: "half way", given: append(skilled("helped"), "pass"), want: "Vous savez déjà faire des choses. Nous aidons pour le reste."},
		{name: "alone", given: append(skilled("alone"), "pass"), want: "Vous vous débrouillez bien seul. Nous restons là si besoin."},
		{name: "alone, would rather be reassured", given: append(skilled("alone"), "more", "rassure", "done"),
			want: "Vous vous débrouillez bien seul. Nous restons là si besoin. | Une personne peut rester à côté de vous."},
		{name: "most passed", given: append(skilled("pass"), "pass"), want: "Nous pouvons voir ensemble ce qu’il vous faut."},
		{name: "three kind lines at most", given: []string{"no", "peur", "mots", "francais", "more", "lire", "rassure", "done"},
			want: "Une personne peut faire avec vous, pas à pas. | Une personne peut rester à côté de vous. | Une erreur se corrige. Nous vérifions avec vous. | Nous expliquons les mots difficiles."},
		{name: "a computer is promised where there is one", given: []string{"no", "materiel", "done"},
			world: func(c *Context) { c.Equipment = []routing.Material{routing.Computer} },
			want:  "Une personne peut faire avec vous, pas à pas. | Vous pouvez utiliser un ordinateur ici."},
		{name: "and not elsewhere", given: []string{"no", "materiel", "done"}, want: "Une personne peut faire avec vous, pas à pas."},
	} {
		for _, ticket := range []bool{true, false} {
			k := assessing(t, ticket)
			if tt.world != nil {
				tt.world(&k.c)
			}
			v := View(k.press(tt.given...).on(Result).s, k.c)
			if got := text(t, append([]session.Msg{v.Text}, v.Lines...)...); got != tt.want {
				t.Errorf("%s, ticket %v: result = %q; want %q", tt.name, ticket, got, tt.want)
			}
			keys := keysOf(v.Choices)
			if first := map[bool]string{true: "go_on", false: "finish"}[ticket]; keys[0] != first || !slices.Contains(keys, "places") || (v.Skip != nil) != ticket {
				t.Errorf("%s, ticket %v: choices = %v, skip %v; want %s and places, a no where something follows", tt.name, ticket, keys, v.Skip, first)
			}
		}
	}
	k := newKiosk(t)
	k.c.Motifs = []string{"telephone"}
	k.press("fr", "telephone", "questions", "no", "pass").on(Result)
	if k.c.Workshop = true; !strings.Contains(text(t, View(k.s, k.c).Lines...), "Un atelier existe ici pour apprendre.") {
		t.Errorf("a need that is technical = %q; want the workshop", text(t, View(k.s, k.c).Lines...))
	}
	k.press("places").on(Places).press("back").on(Result)
}

// No screen, in no language, calls a person what the rules call a level.
func TestNoLabel(t *testing.T) {
	labels := []string{"éloigné", "autonome", "niveau", "illettr", "illectron", "score", "débutant"}
	for _, answers := range [][]string{{"no", "pass"}, append(skilled("helped"), "pass"), append(skilled("alone"), "pass")} {
		k := assessing(t, true).press(answers...)
		for _, id := range []ScreenID{Result, Share, Question} {
			v := View(k.on(id).s, k.c)
			for _, label := range labels {
				if said := text(t, v.Say...); strings.Contains(strings.ToLower(said), label) {
					t.Errorf("%s says %q; want no %q", id, said, label)
				}
			}
			switch id {
			case Result:
				k.press("go_on")
			case Share:
				k.press("yes")
			}
		}
	}
}

// The words of the path are short: no sentence of more than twelve.
func TestAssessmentIsInShortSentences(t *testing.T) {
	for _, item := range sheet.Instrument() {
		keys := []string{"question." + item.Key, "question." + item.Key + ".example"}
		for _, a := range item.Answers {
			keys = append(keys, "answer."+item.Key+"."+a)
		}
		for _, f := range item.Answers {
			if item.Multi && f != sheet.Rassure && f != sheet.Rien {
				keys = append(keys, "result.frein."+f)
			}
		}
		keys = append(keys, "result.remote", "result.accompanied", "result.autonomous", "result.incomplete", "result.reassure", "result.workshop",
			"share.title", "share.text", "question.done")
		for _, key := range keys {
			inWords(t, session.M(key))
			for _, sentence := range strings.FieldsFunc(catalogue(t).Text(words.French, key, nil), func(r rune) bool { return strings.ContainsRune(".!?:;", r) }) {
				if n := len(strings.Fields(sentence)); n > 12 {
					t.Errorf("%s: %q has %d words; want at most 12", key, sentence, n)
				}
			}
		}
	}
}

func TestShare(t *testing.T) {
	far, alone := []string{"no", "pass"}, append(skilled("alone"), "more", "rassure", "done")
	for _, tt := range []struct {
		name   string
		motif  string
		given  []string
		share  string
		adjust []AdjustNeed
		level  []sheet.Assessment
		why    string
	}{
		{"far from the Internet, yes", "caf", far, "yes", []AdjustNeed{{Need: session.SocialWorker, Class: session.Long}}, []sheet.Assessment{{Level: sheet.Remote}}, "remote_with_both"},
		{"the calendar's profession stays", "titres", far, "yes", []AdjustNeed{{Need: session.SocialWorker, Class: session.Long}}, []sheet.Assessment{{Level: sheet.Remote}}, "remote_with_both"},
		{"alone, would rather be reassured", "impots", alone, "yes", []AdjustNeed{{Need: session.Mediator, Class: session.Short}}, []sheet.Assessment{{Level: sheet.Autonomous, Reassure: true}}, "as_usual"},
		{"incomplete", "impots", append(skilled("pass"), "pass"), "yes", []AdjustNeed{{Need: session.Mediator}}, []sheet.Assessment{{Level: sheet.Accompanied, Incomplete: true}}, "as_usual"},
		{"no", "caf", far, "no", nil, nil, ""},
		{"no thank you", "caf", far, "skip", nil, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKiosk(t)
			k.c.Needs = map[string]session.Role{"titres": session.SocialWorker}
			k.press("fr", tt.motif, "questions").press(tt.given...).on(Result).press("go_on").on(Share)
			if got := want[AdjustNeed](k); got != nil {
				t.Errorf("before the yes = %v; want nothing told", got)
			}
			k.press(tt.share)
			adjust, shared := want[AdjustNeed](k), want[ShareLevel](k)
			var level []sheet.Assessment
			for i := range shared {
				level = append(level, shared[i].Assessment)
				if shared[i].Visit != k.s.Visit || shared[i].Advice.Why != tt.why || adjust[i].Visit != k.s.Visit {
					t.Errorf("ShareLevel = %+v; want this visit, by the rule %s", shared[i], tt.why)
				}
			}
			for i := range adjust {
				adjust[i].Visit = session.ID{}
			}
			if !slices.Equal(adjust, tt.adjust) || !slices.Equal(level, tt.level) {
				t.Errorf("Share, %q = %v, %v; want %v, %v", tt.share, adjust, level, tt.adjust, tt.level)
			}
			if next := map[string]ScreenID{"skip": Recap}[tt.share]; next != "" {
				k.on(next)
			} else if v := View(k.on(Question).s, k.c); v.Title.Key != "question.age" {
				t.Errorf("after the share = %q; want question.age", v.Title.Key)
			}
		})
	}
}

// A yes is taken back by a no, wherever it is said, and once.
func TestWithdraw(t *testing.T) {
	tests := []struct {
		name string
		path []string
		next ScreenID
		want bool
	}{
		{"no", []string{"back", "no"}, Question, true},
		{"no thank you", []string{"back", "skip"}, Recap, true},
		{"erased at the end", []string{"skip", "erase"}, Thanks, true},
		{"no thank you at the end", []string{"skip", "skip"}, Thanks, true},
		{"every answer taken back", []string{"back", "back", "back", "back", "pass", "pass", "pass", "pass", "pass", "pass", "pass", "pass", "skip"}, Thanks, true},
		{"yes again", []string{"back", "yes"}, Question, false},
		{"sent", []string{"skip", "send"}, Thanks, false},
	}
	for _, tt := range tests {
		for _, share := range []string{"yes", "no"} {
			t.Run(tt.name+" after "+share, func(t *testing.T) {
				k := newKiosk(t)
				k.c.Needs, k.c.Classes = map[string]session.Role{"titres": session.Mediator}, map[string]session.Class{"titres": session.Short}
				k.press("fr", "titres", "questions", "no", "pass", "go_on", share).press(tt.path...).on(tt.next)
				got, adjust := want[Withdraw](k), want[AdjustNeed](k)
				if !tt.want || share == "no" {
					if len(got) > 0 {
						t.Fatalf("Withdraw = %v; want none", got)
					}
					return
				}
				calendar := []AdjustNeed{{Visit: k.s.Visit, Need: session.Mediator, Class: session.Short}}
				if !slices.Equal(got, []Withdraw{{k.s.Visit}}) || !slices.Equal(adjust, calendar) || len(want[ShareLevel](k)) > 0 {
					t.Errorf("wants = %v; want it withdrawn, and %v", k.wants, calendar)
				}
				switch tt.next {
				case Question:
					k.press("back", "no")
				case Recap:
					k.press("erase")
				}
				if got := want[Withdraw](k); k.s.Screen != tt.next && len(got) > 0 {
					t.Errorf("a second no = %v; want nothing left to withdraw", got)
				}
			})
		}
	}
}

// Without a ticket nothing of the assessment leaves the intake, whatever is pressed.
func TestNothingLeavesWithoutATicket(t *testing.T) {
	k := assessing(t, false)
	for _, key := range append(skilled("helped"), "peur", "done", "places", "back", "finish") {
		k.press(key)
		for _, w := range k.wants {
			switch w.(type) {
			case AdjustNeed, ShareLevel, SubmitSheet:
				t.Fatalf("after %q: %T; want nothing told", key, w)
			}
		}
	}
	k.on(Thanks).press("finish")
	if !Answers(k.s).Empty() {
		t.Error("the answers are still there for the next visitor")
	}
}

// Zero rules and no calendar: the path still ends.
func TestAssessmentWithoutRules(t *testing.T) {
	k := assessing(t, true)
	k.c.Rules, k.c.Needs = routing.Rules{}, nil
	k.press("no", "pass", "go_on", "yes").on(Question)
	if got := want[AdjustNeed](k); len(got) != 1 || got[0].Need != session.Anyone || got[0].Class != session.Normal {
		t.Errorf("AdjustNeed = %v; want anyone, as long as usual", got)
	}
}

// TestBackKeepsAnswers: back never loses an answer, nor anything else that the
// visitor gave or set.
func TestBackKeepsAnswers(t *testing.T) {
	k := newKiosk(t).press("fr", "retraite", "questions").press(skilled("helped")...).press("more", "lire", "done", "go_on", "no", "40-59")
	said := Answers(k.s)
	for k.s.Screen != Ticket {
		k.press("back")
		if !Answers(k.s).Equal(said) {
			t.Fatalf("back to %s lost an answer", k.s.Screen)
		}
	}
	k.press("questions")
	for _, c := range View(k.s, k.c).Choices {
		if c.Selected != (c.Key == "yes") {
			t.Errorf("on the question again %q is selected = %v; want the answer given before", c.Key, c.Selected)
		}
	}
	k.press("pass", "pass", "pass", "pass", "pass", "pass", "pass", "more", "lire", "pass") // lire again takes it back
	if !Answers(k.s).Equal(sheet.New(sheet.KindVisitor).Set("age", "40-59")) {
		t.Error("passing eight questions left another sheet than the one answer that stays")
	}

	// To the first screen, and on again in another language.
	tuned := []string{"bigger", "louder", "settings", "contrast", "dark", "skip", "voice", "faster", "settings"}
	selected := func(k *kiosk) (keys []string) {
		for _, c := range enabled(View(k.s, k.c)) {
			if c.Selected {
				keys = append(keys, c.Key)
			}
		}
		return keys
	}
	for _, tt := range []struct {
		name          string
		shut          bool
		given         []string
		on            []string // after the other language
		want          ScreenID
		selected      []string
		motif         string
		other, answer bool
	}{
		{name: "for somebody else", given: []string{"fr", "for_other"}, want: Motif, selected: []string{"for_other"}, other: true},
		{name: "from the second page of motifs", given: []string{"fr", "for_other", "more", "back"}, want: Motif, selected: []string{"for_other"}, other: true},
		{name: "a motif, and a lesson for it", given: []string{"fr", "more", "telephone", "back", "back"}, on: []string{"more"}, want: Motif, selected: []string{"telephone"}, motif: "telephone"},
		{name: "a sheet while it is shut", shut: true, given: []string{"fr", "assess", "yes", "helped", "back", "back", "back"}, on: []string{"assess"}, want: Question, selected: []string{"yes"}, answer: true},
		{name: "an opinion begun", given: []string{"opinion", "bad", "back"}, on: []string{"back", "opinion"}, want: Opinion, selected: []string{"bad"}},
		{name: "settings alone", given: []string{"fr"}, want: Motif},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKiosk(t)
			k.c.Taking, k.c.Workshop = !tt.shut, true
			k.press(tt.given...).press(tuned...)
			said, tuning := Answers(k.s), k.s.Tuning
			k.press("back").on(Language)
			if k.s.Lang != "" || k.s.Idle() {
				t.Errorf("the first screen is in %q, idle %v; want no language chosen, and somebody there", k.s.Lang, k.s.Idle())
			}
			k.press("ar").press(tt.on...).on(tt.want)
			motif, other := k.s.Chosen()
			if k.s.Tuning != tuning || motif != tt.motif || other != tt.other || !Answers(k.s).Equal(said) || said.Empty() == tt.answer {
				t.Errorf("on again: %+v, for %q, other %v, answers kept %v; want what was given and set", k.s.Tuning, motif, other, Answers(k.s).Equal(said))
			}
			if got := selected(k); k.s.Lang != "ar" && tt.want != Opinion || !slices.Equal(got, tt.selected) {
				t.Errorf("selected in %q = %q; want %q", k.s.Lang, got, tt.selected)
			}
		})
	}
}

func TestRecapAndSheet(t *testing.T) {
	k := newKiosk(t).press("fr", "caf", "questions").press(skilled("helped")...).press("peur", "mots", "done", "go_on", "yes").
		press("more", "70+", "retraite").press("seul", "elsewhere", "no").on(Recap)
	v := View(k.s, k.c)
	got := strings.Split(text(t, v.Lines...), " | ")
	if want := 7 + 2 + 5; len(got) != want {
		t.Fatalf("recap = %q; want %d lines", got, want)
	}
	for i, want := range map[int]string{7: "Ce qui est difficile\u00a0: J’ai peur de me tromper", 8: "Ce qui est difficile\u00a0: Les mots sont compliqués", 9: "Âge\u00a0: 70 ans ou plus"} {
		if got[i] != want {
			t.Errorf("recap line %d = %q; want %q", i, got[i], want)
		}
	}
	k.press("send")
	sent := want[SubmitSheet](k)
	if len(sent) != 1 {
		t.Fatalf("send = %v; want one sheet", k.wants)
	}
	if _, err := sent[0].Sheet.Encode(k.c.Schema); err != nil {
		t.Errorf("Encode of the sheet that was sent = %v; want it to fit its schema", err)
	}
	if !Answers(k.s).Empty() {
		t.Error("the answers are still in the intake after they were sent; want them gone")
	}
}

// Every way through the first seven questions ends at a result whose text fits
// the score, with a ticket and without.
func TestEveryResultFitsItsScore(t *testing.T) {
	seen := map[string]int{}
	for n := range 200 {
		k := assessing(t, n%2 == 0)
		r := uint32(n)*2654435761 + 12345
		for k.s.Screen == Question && View(k.s, k.c).Title.Key != "question.freins" {
			list := View(k.s, k.c).Choices
			r = r*1664525 + 1013904223
			k.press(list[int(r>>16)%len(list)].Key)
		}
		k.press("peur", "done").on(Result)
		a := sheet.Score(Answers(k.s), k.c.Thresholds)
		want := "result." + a.Level.String()
		if a.Incomplete {
			want = "result.incomplete"
		}
		got := View(k.s, k.c).Text.Key
		if seen[got]++; got != want {
			t.Fatalf("result = %q; want %q for %+v", got, want, a)
		}
	}
	if len(seen) < 3 {
		t.Errorf("results seen = %v; want most of them", slices.Sorted(maps.Keys(seen)))
	}
}

func TestSharingTwiceIsTheSame(t *testing.T) {
	k := assessing(t, true).press("no", "peur", "done", "go_on", "yes")
	first := fmt.Sprint(want[AdjustNeed](k), want[ShareLevel](k))
	k.press("back").on(Share).press("yes")
	if again := fmt.Sprint(want[AdjustNeed](k), want[ShareLevel](k)); !reflect.DeepEqual(again, first) {
		t.Errorf("a second yes = %s; want %s", again, first)
	}
}
