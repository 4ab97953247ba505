package appliance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/sim"
	"jeudi/firmware/intake"
	"jeudi/firmware/sheet"
)

type heardSound = sim.Heard

// byEar is the whole way of somebody who sees nothing, as what they hear and
// choose: from the first screen over the ticket, the questions and the result to
// an opinion. It says where each choice leads.
func byEar() [][2]string {
	path := [][2]string{{"language.name", "motif"}, {"motif.caf", "ticket"}, {"ticket.questions", "question"}}
	for _, item := range sheet.Instrument() {
		path = append(path, [2]string{"answer." + item.Key + "." + item.Answers[0], "question"})
		if item.Multi {
			path = append(path, [2]string{"question.done", "result"})
		}
	}
	return append(path, [][2]string{
		{"help.go_on", "share"}, {"share.no", "question"}, {"kiosk.no_thanks", "recap"}, {"recap.send", "thanks"},
		{"kiosk.finish", "language"}, {"opinion.give", "opinion"}, {"opinion.good", "opinion_useful"}, {"opinion.partly", "thanks"},
	}...)
}

// TestByEarAlone goes that way with four buttons: nothing is touched, nothing is
// looked at, and what is heard is what the loudspeaker was given.
func TestByEarAlone(t *testing.T) {
	bubble(t, func(b *box) {
		b.cfg.Place.Buttons = map[intake.Action]bool{intake.ActPrevious: true, intake.ActNext: true, intake.ActOK: true, intake.ActRepeat: true}
	}, func(t *testing.T, b *box) {
		b.open()
		time.Sleep(10 * time.Second)
		for i, step := range byEar() {
			was := b.screen().ID
			b.hear(step[0])
			if got := b.screen().ID; got != intake.ScreenID(step[1]) {
				t.Fatalf("step %d: on %s, %s leads to %s; want %s", i, was, step[0], got, step[1])
			}
		}
		b.settle()
		if got := b.sheets.of(sheet.KindVisitor); len(got) != 1 {
			t.Errorf("%d sheets; want one", len(got))
		} else if a, ok := got[0].Answer(sheet.Procedure); !ok || a != sheet.Alone {
			t.Errorf("the answer to the last skill = %q; want alone", a)
		}
		want := sheet.New(sheet.KindExit).Set(sheet.Satisfied, sheet.Good).Set(sheet.Useful, sheet.Partly)
		if got := b.sheets.of(sheet.KindExit); len(got) != 1 || !got[0].Equal(want) {
			t.Errorf("%d opinions; want good, partly", len(got))
		}
		if v := b.visit(1); v.Lang != "fr" || len(v.Motifs) != 1 || v.Motifs[0] != "caf" {
			t.Errorf("the visit is %+v; want French, caf", v)
		}
	})
}

// hear presses « next » until the name of a choice is said, and then OK. What a
// press leads to is heard before the next one.
func (b *box) hear(key string) {
	b.t.Helper()
	name := strings.TrimSuffix(b.cfg.Words.Text("fr", key, nil), ".")
	screen, choices := b.screen().ID, 0
	for range 60 {
		from := b.sounds()
		b.panel.Press(drivers.Next)
		time.Sleep(time.Second)
		b.settle()
		said := b.speaker.Heard()
		if b.sounds() == from {
			b.t.Fatalf("on %s, nothing is said after a press", screen)
		}
		last := said[len(said)-1]
		if last.Output != "loudspeaker" || last.Volume == 0 {
			b.t.Fatalf("on %s, %q is said to the %s at %d; want aloud", screen, last.Text, last.Output, last.Volume)
		}
		choices++
		// « Choix 2 sur 7 » follows every name.
		rest, ok := strings.CutPrefix(last.Text, name)
		if ok && strings.Contains(rest, b.cfg.Words.Text("fr", "kiosk.position", map[string]any{"n": b.at(), "of": b.of()})) {
			from := b.sounds()
			b.panel.Press(drivers.OK)
			time.Sleep(time.Second)
			b.settle()
			if now := b.screen(); now.ID != screen && b.Snapshot().Kiosk.Listening {
				said := b.speaker.Heard()[len(b.speaker.Heard())-(b.sounds()-from):]
				title := b.cfg.Words.Text("fr", now.Title.Key, now.Title.Args)
				if len(said) == 0 || !strings.Contains(said[0].Text, strings.TrimSuffix(title, ".")) {
					b.t.Fatalf("%s comes, and what is said is %+v; want %q first", now.ID, said, title)
				}
			}
			return
		}
	}
	b.t.Fatalf("on %s, nobody says %q in %d choices", screen, name, choices)
}

// sounds is how many sounds were heard in all.
func (b *box) sounds() int {
	heard := b.speaker.Heard()
	if len(heard) == 0 {
		return 0
	}
	return heard[len(heard)-1].ID
}

// at and of are where the focus stands among what can be chosen.
func (b *box) at() int {
	list := b.walk()
	for i, k := range list {
		if k == b.screen().Focus {
			return i + 1
		}
	}
	return 0
}

func (b *box) of() int { return len(b.walk()) }

// walk is what « next » goes through: what is on the screen and has no button.
func (b *box) walk() (keys []string) {
	s := b.screen()
	for _, c := range s.Choices {
		keys = append(keys, c.Key)
	}
	for _, c := range []*intake.Choice{s.Skip, s.Toggle} {
		if c != nil {
			keys = append(keys, c.Key)
		}
	}
	for _, c := range s.Controls {
		if !c.Off && !b.cfg.Place.Buttons[intake.Action(c.Key)] {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// Whoever plugs headphones in is read to at once, in them, and no longer once they
// are out.
func TestHeadphonesBeginToSpeak(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.press("fr")
		if b.sounds() != 0 {
			t.Fatalf("heard %+v by somebody who touches; want nothing", b.speaker.Heard())
		}
		b.speaker.Plug(true)
		b.settle()
		heard := b.speaker.Heard()
		if title := b.cfg.Words.Text("fr", "motif.title", nil); len(heard) != 1 || heard[0].Output != "headphones" || !strings.Contains(heard[0].Text, title) {
			t.Fatalf("heard %+v; want %q in the headphones", heard, title)
		}
		b.speaker.Plug(false)
		b.settle()
		if s := b.Snapshot().Kiosk; s.Listening || s.Headphones {
			t.Errorf("unplugged: listening %v, headphones %v; want neither", s.Listening, s.Headphones)
		}
		if last := b.speaker.Heard()[0]; !last.Interrupted {
			t.Error("the voice goes on without headphones; want it cut off")
		}
	})
}

// What a visitor said is private: without headphones the result is not read.
func TestAResultIsReadToHeadphonesAlone(t *testing.T) {
	for _, plugged := range []bool{false, true} {
		t.Run(fmt.Sprint("headphones ", plugged), func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, b *box) {
				b.open()
				b.press("fr", "caf", "questions")
				for b.screen().ID == intake.Question {
					time.Sleep(time.Second)
					s := b.screen()
					key := s.Choices[0].Key
					for _, c := range s.Choices {
						if c.Key == "done" {
							key = "done"
						}
					}
					b.press(key)
				}
				b.shows(intake.Result)
				if plugged {
					b.speaker.Plug(true)
				}
				time.Sleep(time.Second)
				b.panel.Press(drivers.Repeat)
				b.settle()
				heard := b.speaker.Heard()
				if len(heard) == 0 {
					t.Fatal("nothing is heard")
				}
				last := heard[len(heard)-1]
				own := b.cfg.Words.Text("fr", "result.autonomous", nil)
				if got := strings.Contains(last.Text, strings.TrimSuffix(own, ".")); got != plugged || plugged != (last.Output == "headphones") {
					t.Errorf("heard %q from the %s; want the result %v", last.Text, last.Output, plugged)
				}
			})
		})
	}
}
