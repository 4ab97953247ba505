package intake_test

import (
	"testing"
	"time"

	. "jeudi/firmware/intake"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

func TestExit(t *testing.T) {
	type at struct {
		after time.Duration
		press Action // none: time passed
	}
	opinion := func(satisfied, useful string) sheet.Sheet {
		return sheet.New(sheet.KindExit).Set(sheet.Satisfied, satisfied).Set(sheet.Useful, useful)
	}
	const s = time.Second
	for _, tt := range []struct {
		name  string
		given []at
		want  []sheet.Sheet
		said  int // how often something was asked or said
	}{
		{"two presses", []at{{0, ActGood}, {3 * s, ActFair}}, []sheet.Sheet{opinion("good", "partly")}, 2},
		{"one press, and silence", []at{{0, ActBad}, {20 * s, ""}}, []sheet.Sheet{opinion("bad", "")}, 1},
		{"silence is not over yet", []at{{0, ActBad}, {19 * s, ""}}, nil, 1},
		{"a hammering finger", []at{{0, ActGood}, {s / 2, ActGood}, {s / 4, ActGood}}, nil, 1},
		{"a hammering finger at the end", []at{{0, ActGood}, {2 * s, ActGood}, {s / 2, ActGood}}, []sheet.Sheet{opinion("good", "yes")}, 2},
		{"two people", []at{{0, ActGood}, {2 * s, ActGood}, {2 * s, ActBad}, {2 * s, ActBad}}, []sheet.Sheet{opinion("good", "yes"), opinion("bad", "no")}, 4},
		{"the second came late, and is the next one's first", []at{{0, ActGood}, {25 * s, ActBad}, {2 * s, ActFair}}, []sheet.Sheet{opinion("good", ""), opinion("bad", "partly")}, 3},
		{"other buttons are nothing", []at{{0, ActOK}, {s, ActHelp}, {s, ""}}, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e Exit
			now := session.Moment{Wall: time.Date(2026, time.November, 26, 11, 0, 0, 0, time.UTC), Mono: time.Hour, Boot: session.ID{1}}
			var got []sheet.Sheet
			said := 0
			for _, g := range tt.given {
				now = now.Add(g.after)
				var in Input = Passed{}
				if g.press != "" {
					in = Button{g.press}
				}
				var wants []Want
				e, wants = e.Step(in, now)
				for _, w := range wants {
					switch w := w.(type) {
					case SubmitOpinion:
						got = append(got, w.Sheet)
						if _, err := w.Sheet.Encode(sheet.Exit()); err != nil {
							t.Errorf("Encode = %v; want an opinion that fits", err)
						}
					case Speak:
						said++
						if w.Lang != "fr" || w.Volume == 0 || w.Rate != 100 || len(w.Say) == 0 {
							t.Errorf("Speak = %+v; want French at its usual voice", w)
						}
						for _, m := range w.Say {
							inWords(t, m)
						}
					default:
						t.Errorf("wants %T; want an opinion or words", w)
					}
				}
			}
			if len(got) != len(tt.want) || said != tt.said {
				t.Fatalf("%d opinions, %d times said; want %d and %d", len(got), said, len(tt.want), tt.said)
			}
			for i := range got {
				if !got[i].Equal(tt.want[i]) {
					t.Errorf("opinion %d differs from what was pressed", i)
				}
			}
			if at, ok := e.Next(); ok { // what waits for its second answer goes without
				if _, wants := e.Step(Passed{}, at); len(wants) != 1 {
					t.Errorf("at Next = %v; want the opinion sent", wants)
				}
			}
		})
	}
}
