package rehearse

import (
	"encoding/json"
	"testing"
	"time"
)

func press(keys ...string) []pressable {
	var list []pressable
	for _, k := range keys {
		list = append(list, pressable{Key: k, Label: k, Enabled: true})
	}
	return list
}

func TestVisitorChoose(t *testing.T) {
	var (
		language = kioskView{ID: "language", Choices: press("fr", "en", "ar")}
		motif    = kioskView{ID: "motif", Choices: press("caf", "sante", "more"), Skip: &press("skip")[0], Toggle: &press("for_other")[0], Controls: press("help", "settings")}
		ticket   = kioskView{ID: "ticket", Choices: press("questions", "back_at"), Skip: &press("skip")[0]}
		question = kioskView{ID: "question", Choices: press("yes"), Skip: &press("skip")[0]}
	)
	other := motif
	other.Toggle = &pressable{Key: "for_other", Selected: true}
	tests := []struct {
		name  string
		given person
		knows visitor
		when  kioskView
		want  string
	}{
		{name: "takes the language", given: person{Lang: "ar"}, when: language, want: "ar"},
		{name: "a language that is not there", given: person{Lang: "pt"}, when: language, want: "fr"},
		{name: "language on the next page", given: person{Lang: "pt"}, when: kioskView{ID: "language", Choices: press("fr", "more")}, want: "more"},
		{name: "erased after the ticket", given: person{Lang: "ar"}, knows: visitor{ticket: 3}, when: language, want: leave},
		{name: "takes the motif", given: person{Motif: "sante"}, when: motif, want: "sante"},
		{name: "motif on the next page", given: person{Motif: "titres"}, when: motif, want: "more"},
		{name: "motif nowhere", given: person{Motif: "titres"}, when: kioskView{ID: "motif", Choices: press("caf")}, want: "skip"},
		{name: "does not know", given: person{}, when: motif, want: "skip"},
		{name: "asks for help first", given: person{Motif: "caf", AsksHelp: true}, when: motif, want: "help"},
		{name: "asks once", given: person{Motif: "caf", AsksHelp: true}, knows: visitor{asked: true}, when: motif, want: "caf"},
		{name: "for somebody else", given: person{Motif: "caf", ForOther: true}, when: motif, want: "for_other"},
		{name: "for somebody else is said", given: person{Motif: "caf", ForOther: true}, when: other, want: "more"},
		{name: "said by whoever came before", given: person{}, when: other, want: "for_other"},
		{name: "no thanks", given: person{After: declines}, when: ticket, want: "skip"},
		{name: "answers", given: person{After: answers}, when: ticket, want: "questions"},
		{name: "has answered", given: person{After: answers}, knows: visitor{answered: 5}, when: ticket, want: "skip"},
		{name: "walks off", given: person{After: walksOff}, when: ticket, want: leave},
		{name: "steps out", given: person{After: stepsOut}, when: ticket, want: "back_at"},
		{name: "goes on answering", given: person{After: answers}, knows: visitor{answered: 5}, when: question, want: "yes"},
		{name: "stops halfway", given: person{After: stopsHalfway}, knows: visitor{answered: stopAfter}, when: question, want: "skip"},
		{name: "walks off halfway", given: person{After: walksOffHalfway}, knows: visitor{answered: stopAfter}, when: question, want: leave},
		{name: "several answers are enough", given: person{After: answers, Seed: 1}, when: kioskView{ID: "question", Choices: press("done")}, want: "done"},
		{name: "changes the settings first", given: person{Motif: "caf", Tunes: true}, when: motif, want: "settings"},
		{name: "has changed them", given: person{Motif: "caf", Tunes: true}, knows: visitor{done: deeds{Tuned: 1}}, when: motif, want: "caf"},
		{name: "chooses colours", when: kioskView{ID: "settings", Choices: press("language", "contrast")}, want: "contrast"},
		{name: "takes the last colours", when: kioskView{ID: "settings_contrast", Choices: press("normal", "low")}, want: "low"},
		{name: "has taken them", knows: visitor{tuned: true}, when: kioskView{ID: "settings_contrast", Choices: press("normal", "low")}, want: "skip"},
		{name: "goes on with them", knows: visitor{tuned: true}, when: kioskView{ID: "settings", Choices: press("contrast")}, want: "go_on"},
		{name: "many people wait", when: kioskView{ID: "crowded", Choices: press("places", "ticket")}, want: "ticket"},
		{name: "a lesson is not enough", when: kioskView{ID: "workshop", Choices: press("places", "ticket")}, want: "ticket"},
		{name: "steps out on the next page", given: person{After: stepsOut}, when: kioskView{ID: "ticket", Choices: press("questions", "more")}, want: "more"},
		{name: "goes on from the result", when: kioskView{ID: "result", Choices: press("go_on", "places")}, want: "go_on"},
		{name: "looks for a place", given: person{Slip: true}, when: kioskView{ID: "result", Choices: press("go_on", "places")}, want: "places"},
		{name: "has its slip", given: person{Slip: true}, knows: visitor{done: deeds{Slips: 1}}, when: kioskView{ID: "result", Choices: press("go_on", "places")}, want: "go_on"},
		{name: "gives up when the printer says no", when: kioskView{ID: "places", Choices: press("place_x")}, want: "skip"},
		{name: "takes a place", given: person{Slip: true}, when: kioskView{ID: "places", Choices: press("place_x")}, want: "place_x"},
		{name: "prints it", given: person{Slip: true}, when: kioskView{ID: "place", Choices: press("finish", "print")}, want: "print"},
		{name: "nothing is printed now", given: person{Slip: true}, when: kioskView{ID: "place", Choices: press("finish")}, want: "finish"},
		{name: "an opinion on leaving", given: person{Opinion: true}, knows: visitor{ticket: 3}, when: kioskView{ID: "language", Choices: press("fr"), Skip: &press("opinion")[0]}, want: "opinion"},
		{name: "a question about ending", when: kioskView{ID: "confirm", Choices: press("yes", "no")}, want: "no"},
		{name: "needs more time", when: kioskView{ID: "more_time", Choices: press("yes", "no")}, want: "yes"},
		{name: "tries again", when: kioskView{ID: "sorry", Choices: press("again")}, want: "again"},
		{name: "gives up", knows: visitor{sorry: 2}, when: kioskView{ID: "sorry", Choices: press("again")}, want: "finish"},
		{name: "nothing to be had", when: kioskView{ID: "closed", Choices: press("assess")}, want: leave},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := newVisitor(tt.given)
			v.ticket, v.answered, v.asked, v.sorry = tt.knows.ticket, tt.knows.answered, tt.knows.asked, tt.knows.sorry
			v.done, v.tuned = tt.knows.done, tt.knows.tuned
			if tt.when.ID == "motif" && tt.name == "for somebody else is said" {
				tt.when.Choices = press("sante", "more") // the second page keeps what was said
			}
			if got := v.choose(tt.when); got != tt.want {
				t.Errorf("choose(%s) = %q; want %q", tt.when.ID, got, tt.want)
			}
		})
	}
}

func TestClear(t *testing.T) {
	tests := []struct {
		name string
		when kioskView
		want string
	}{
		{"a ticket that was left there", kioskView{ID: "ticket", Controls: press("restart")}, "restart"},
		{"what would be lost", kioskView{ID: "confirm", Choices: press("yes", "no")}, "yes"},
		{"settings that were left", kioskView{ID: "settings", Choices: press("contrast")}, "go_on"},
		{"somebody else's motif", kioskView{ID: "motif", Controls: press("restart")}, "restart"},
		{"a countdown", kioskView{ID: "more_time"}, "no"},
		{"a last screen", kioskView{ID: "thanks"}, "finish"},
		{"help was called", kioskView{ID: "help"}, "go_on"},
	}
	for _, tt := range tests {
		if got := clear(tt.when); got != tt.want {
			t.Errorf("%s: clear = %q; want %q", tt.name, got, tt.want)
		}
	}
}

// TestListening: a new screen is heard out, then only what each press comes to.
func TestListening(t *testing.T) {
	v := newVisitor(person{})
	screen := kioskView{ID: "motif", Title: "Pourquoi venez-vous ?", Say: "un deux trois quatre cinq", Choices: []pressable{{Key: "caf", Label: "CAF", Enabled: true}}}
	if got, want := v.listens(screen), reach+5*time.Minute/listeningSpeed; got != want {
		t.Errorf("listens(new screen) = %v; want %v", got, want)
	}
	screen.Focus = "caf"
	if got, want := v.listens(screen), reach+(1+positionWords)*time.Minute/listeningSpeed; got != want {
		t.Errorf("listens(CAF) = %v; want %v", got, want)
	}
	if got := v.thinks(screen); got < reach/3 || got > time.Minute {
		t.Errorf("thinks = %v; want some seconds", got)
	}
}

// FuzzChoose: whatever the kiosk shows, a visitor finds something or leaves.
func FuzzChoose(f *testing.F) {
	f.Add([]byte(`{"id":"question","choices":[{"key":"yes"}],"skip":{"key":"skip"}}`), uint64(1))
	f.Add([]byte(`{"id":"back_at","choices":[]}`), uint64(2))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		var v kioskView
		if json.Unmarshal(data, &v) != nil {
			return
		}
		p := plan(seed, village(1)).People[0]
		vis := newVisitor(p)
		if d := vis.thinks(v) + vis.listens(v); d < 0 {
			t.Errorf("time in front of the kiosk = %v; want none below zero", d)
		}
		vis.choose(v)
		clear(v)
	})
}
