package intake_test

import (
	"slices"
	"testing"
	"time"

	. "jeudi/firmware/intake"
)

// practising is a kiosk in a piece that a page draws, with a panel of these buttons.
func practising(t *testing.T, buttons ...Action) *kiosk {
	k := newKiosk(t)
	k.c.Taking, k.c.Buttons = false, map[Action]bool{}
	for _, a := range buttons {
		k.c.Buttons[a] = true
	}
	k.press("fr", "practice", "practice_touch").on(PracticePiece)
	k.do(Touched{})
	return k
}

// nudged is what the page of a piece is told.
func (k *kiosk) nudged() Nudges { return View(k.s, k.c).Nudges }

var every = []Action{ActBack, ActPrevious, ActNext, ActOK, ActRepeat, ActHelp, ActLouder, ActSofter, ActRestart, ActBigger, ActSettings}

func TestPracticeByButtons(t *testing.T) {
	four := []Action{ActPrevious, ActNext, ActOK, ActHelp}
	type does = func(*kiosk)
	strike := func(list ...Action) does { return func(k *kiosk) { k.button(list...) } }
	past := func(a Action) does { return func(k *kiosk) { k.do(Past{a}) } }
	for _, tt := range []struct {
		name   string
		panel  []Action
		given  []does
		focus  string
		nudges []Action
		screen ScreenID
	}{
		{"buttons are handed to the page", every, []does{strike(ActNext, ActOK, ActPrevious)}, "", []Action{ActNext, ActOK, ActPrevious}, PracticePiece},
		{"back and repeat too", every, []does{strike(ActBack, ActRepeat)}, "", []Action{ActBack, ActRepeat}, PracticePiece},
		{"and those of the bar on the screen", every, []does{func(k *kiosk) { k.press("back", "repeat") }}, "", []Action{ActBack, ActRepeat}, PracticePiece},
		{"a panel with every button has nothing around: round again", every, []does{strike(ActNext), past(ActNext)}, "", []Action{ActNext, ActNext}, PracticePiece},
		{"past the end come the controls without a button", four, []does{strike(ActNext), past(ActNext)}, "back", []Action{ActNext}, PracticePiece},
		{"and before the beginning the last of them", four, []does{strike(ActPrevious), past(ActPrevious)}, "settings", []Action{ActPrevious}, PracticePiece},
		{"they are walked through", four, []does{past(ActNext), strike(ActNext)}, "restart", nil, PracticePiece},
		{"after the last the piece again, from its beginning", four, []does{past(ActPrevious), strike(ActNext)}, "", []Action{ActNext}, PracticePiece},
		{"before the first the piece again, from its end", four, []does{past(ActNext), strike(ActPrevious)}, "", []Action{ActPrevious}, PracticePiece},
		{"OK on a control is that control", four, []does{past(ActPrevious), strike(ActOK)}, "", nil, Settings},
		{"OK on « back » is one step back", four, []does{past(ActNext), strike(ActOK)}, "", []Action{ActBack}, PracticePiece},
		{"help covers it", every, []does{strike(ActHelp)}, "", nil, Help},
		{"louder is louder", every, []does{strike(ActLouder)}, "", nil, PracticePiece},
		{"past means nothing around the piece", four, []does{past(ActNext), past(ActNext)}, "back", nil, PracticePiece},
		{"past is next or previous", four, []does{past(ActOK), past("nonsense")}, "", nil, PracticePiece},
		{"the last eight are kept", every, []does{strike(ActOK, ActNext, ActPrevious, ActNext, ActPrevious, ActNext, ActPrevious, ActNext, ActPrevious)}, "",
			[]Action{ActNext, ActPrevious, ActNext, ActPrevious, ActNext, ActPrevious, ActNext, ActPrevious}, PracticePiece},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := practising(t, tt.panel...)
			for _, do := range tt.given {
				do(k)
			}
			k.on(tt.screen)
			if got := k.nudged().Last; k.s.Focus != tt.focus || !slices.Equal(got, tt.nudges) {
				t.Errorf("focus %q, nudges %q; want %q, %q", k.s.Focus, got, tt.focus, tt.nudges)
			}
		})
	}
	t.Run("each press has its number, and is a turn", func(t *testing.T) {
		k := practising(t, every...)
		turn := k.s.Turn
		k.button(ActNext, ActNext)
		if n := k.nudged(); n.Seq != 2 || k.s.Turn != turn+2 || !k.s.Listening {
			t.Errorf("after two presses: number %d, %d turns, listening %v; want 2, 2, true", n.Seq, k.s.Turn-turn, k.s.Listening)
		}
	})
	t.Run("a trembling hand presses once", func(t *testing.T) {
		k := practising(t, every...)
		k.button(ActNext)
		if k.s, _ = Step(k.s, Button{ActNext}, k.c); k.nudged().Seq != 1 {
			t.Errorf("two presses at once are %d; want 1", k.nudged().Seq)
		}
	})
}

// TestPracticeNobodyDraws: where no page said that it draws the piece, as at a desk,
// buttons are those of any screen.
func TestPracticeNobodyDraws(t *testing.T) {
	k := newKiosk(t)
	k.c.Taking = false
	k.press("fr", "practice", "practice_touch").on(PracticePiece).button(ActNext)
	if k.s.Focus != "finish" || k.nudged().Seq != 0 {
		t.Errorf("focus = %q, %d nudges; want the way out, none", k.s.Focus, k.nudged().Seq)
	}
	k.press("back").on(Practice)
	k = practising(t)
	k.s = Resumed(k.s)
	if k.press("back").on(Practice); k.nudged().Seq != 0 {
		t.Error("a desk that goes on is nudged; want its own way back")
	}
}

func TestPracticeGoesOn(t *testing.T) {
	k := practising(t, every...)
	k.do(Touched{Stage: 3})
	k.button(ActNext, ActHelp).on(Help).press("go_on").on(PracticePiece)
	if v := View(k.s, k.c); v.Stage != 3 || len(v.Nudges.Last) != 0 {
		t.Errorf("after help: stage %d, nudges %v; want 3, none that the new page would repeat", v.Stage, v.Nudges.Last)
	}
	k.do(Touched{Stage: 3})
	k.button(ActNext)
	if n := k.nudged(); n.Seq != 2 {
		t.Errorf("number = %d; want 2, they go on", n.Seq)
	}
	k.press("finish").on(Practice).press("practice_touch")
	if v := View(k.s, k.c); v.Stage != 0 {
		t.Errorf("begun again at stage %d; want 0", v.Stage)
	}
	if k.do(Touched{Stage: -4}); View(k.s, k.c).Stage != 0 {
		t.Errorf("stage = %d; want 0 for one that is none", View(k.s, k.c).Stage)
	}
}

func TestPracticeHeard(t *testing.T) {
	name, two := "practice.name.sun", []string{"practice.touch.cat", "practice.hint.picture"}
	for _, tt := range []struct {
		name  string
		given func(*kiosk)
		hear  Hear
		want  []string
	}{
		{"a step is said to everybody", nil, Hear{Keys: two}, two},
		{"and not to who asked for silence", func(k *kiosk) { k.press("settings", "voice", "listen", "listen", "settings").on(PracticePiece) }, Hear{Keys: two}, nil},
		{"a name is for who listens", func(k *kiosk) { k.button(ActNext) }, Hear{Keys: []string{name}, At: 1, Of: 3}, []string{name, "kiosk.position"}},
		{"and for nobody else", nil, Hear{Keys: []string{name}, At: 1, Of: 3}, nil},
		{"what has no name has its place", func(k *kiosk) { k.button(ActNext) }, Hear{At: 2, Of: 3}, []string{"kiosk.position"}},
		{"a place beyond the last is none", func(k *kiosk) { k.button(ActNext) }, Hear{At: 4, Of: 3}, nil},
		{"nor before the first", func(k *kiosk) { k.button(ActNext) }, Hear{At: 0, Of: 3}, nil},
		{"nor among a thousand", func(k *kiosk) { k.button(ActNext) }, Hear{At: 4, Of: 1000}, nil},
		{"nothing is nothing", func(k *kiosk) { k.button(ActNext) }, Hear{}, nil},
		{"one foreign key spoils all", func(k *kiosk) { k.button(ActNext) }, Hear{Keys: []string{name, "desk.title"}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := practising(t, every...)
			if tt.given != nil {
				tt.given(k)
			}
			k.do(tt.hear)
			var got []string
			for _, w := range want[Speak](k) {
				for _, m := range w.Say {
					got = append(got, m.Key)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("Hear(%+v) says %q; want %q", tt.hear, got, tt.want)
			}
		})
	}
}

// TestPracticeBySwitch: the focus that moves by itself goes through the piece, the
// controls around it, and rests after three rounds, whatever buttons the panel has.
func TestPracticeBySwitch(t *testing.T) {
	for name, panel := range map[string][]Action{"no button": nil, "every button": every} {
		t.Run(name, func(t *testing.T) {
			k := practising(t, panel...)
			k.s.Scan, k.s.Pace = ScanOne, 2*time.Second
			moved := func(want string, n int) {
				t.Helper()
				k.wait(2 * time.Second)
				if k.s.Focus != want || k.nudged().Seq != n {
					t.Fatalf("focus %q, %d nudges; want %q, %d", k.s.Focus, k.nudged().Seq, want, n)
				}
			}
			turn := k.s.Turn
			for round := range 3 {
				moved("", round+1) // after the last control the piece again
				k.do(Past{ActNext})
				for i, key := range []string{"back", "restart", "repeat", "softer", "louder", "bigger", "settings", "help"} {
					if i == 0 {
						if k.s.Focus != key {
							t.Fatalf("past the piece the focus is %q; want %q", k.s.Focus, key)
						}
						continue
					}
					moved(key, round+1)
				}
			}
			moved("", 3)
			k.wait(10 * time.Second)
			if k.nudged().Seq != 3 || k.s.Turn != turn {
				t.Errorf("%d nudges, %d turns; want 3 and a focus that rests, none: it is no press", k.nudged().Seq, k.s.Turn-turn)
			}
		})
	}
	t.Run("a page that is gone", func(t *testing.T) {
		k := practising(t, every...)
		k.s.Scan, k.s.Pace = ScanOne, 2*time.Second
		k.c.IdleAfter = time.Hour
		for range 300 {
			k.wait(2 * time.Second)
		}
		if n := k.nudged().Seq; n != 99 {
			t.Errorf("%d nudges that nobody answers; want 99, the most that a piece can use, and rest", n)
		}
		if at, _ := Next(k.s, k.c); at.Mono-k.c.Now.Mono < time.Minute {
			t.Errorf("Next = in %v; want nothing before the silence", at.Mono-k.c.Now.Mono)
		}
		k.do(Touched{}) // it is back
		if k.button(ActNext).wait(2 * time.Second); k.nudged().Seq != 101 {
			t.Errorf("%d nudges after a press; want 101: it goes on", k.nudged().Seq)
		}
	})
	t.Run("a page that is there", func(t *testing.T) {
		k := practising(t, every...)
		k.s.Scan, k.s.Pace = ScanOne, 2*time.Second
		k.c.IdleAfter = time.Hour
		for i := range 150 {
			if i%60 == 0 {
				k.do(Touched{})
			}
			k.wait(2 * time.Second)
		}
		if n := k.nudged().Seq; n != 150 {
			t.Errorf("%d nudges while somebody is busy with the piece; want 150", n)
		}
	})
}

func TestPracticeInPictures(t *testing.T) {
	for lang, want := range map[string][]string{
		"fr":     {"practice_touch", "practice_keyboard", "practice_password", "practice_fake", "practice_form", "practice_mail", "practice_photo"},
		"images": {"practice_touch", "practice_keyboard", "practice_fake", "practice_photo"},
	} {
		k := newKiosk(t)
		k.c.Taking, k.c.Slots, k.c.Languages = false, 9, []string{"fr", "images"}
		k.press(lang, "practice").on(Practice)
		var got []string
		for _, c := range View(k.s, k.c).Choices {
			got = append(got, c.Key)
		}
		if !slices.Equal(got, want) {
			t.Errorf("pieces in %s = %q; want %q", lang, got, want)
		}
	}
}
