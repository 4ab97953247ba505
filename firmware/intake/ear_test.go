package intake_test

import (
	"testing"

	. "jeudi/firmware/intake"
	"jeudi/firmware/sheet"
)

// byEar is the whole way of somebody who sees nothing and has a few buttons, as
// the names of what they choose: from the first screen over the ticket, the
// questions and the result to the opinion. It says where each choice leads.
func byEar() []struct {
	hears string
	comes ScreenID
} {
	type step = struct {
		hears string
		comes ScreenID
	}
	path := []step{{"language.name", Motif}, {"motif.sante", Ticket}, {"ticket.questions", Question}}
	for _, item := range sheet.Instrument() {
		if item.Multi {
			path = append(path, step{"answer." + item.Key + "." + item.Answers[0], Question}, step{"question.done", Result})
			break
		}
		path = append(path, step{"answer." + item.Key + "." + item.Answers[0], Question})
	}
	return append(path,
		step{"help.go_on", Share}, step{"share.no", Question}, step{"kiosk.no_thanks", Recap},
		step{"recap.send", Thanks}, step{"thanks.see_ticket", Ticket}, step{"ticket.read", MyTicket}, step{"kiosk.finish", Ticket},
		step{"kiosk.no_thanks", Thanks}, step{"kiosk.finish", Language},
		step{"opinion.give", Opinion}, step{"opinion.good", OpinionUseful}, step{"opinion.partly", Thanks}, step{"kiosk.finish", Language})
}

// TestByEarAlone goes that way with the buttons of either panel and with one
// switch: nothing is touched, nothing is looked at.
func TestByEarAlone(t *testing.T) {
	for name, buttons := range map[string]map[Action]bool{"four buttons": fourButtons(), "eight buttons": eightButtons(), "one switch": {ActOK: true}} {
		t.Run(name, func(t *testing.T) {
			k := newKiosk(t)
			k.c.Buttons = buttons
			k.c.IdleAfter *= 10 // one switch goes through many choices
			var sheets, opinions int
			for i, step := range byEar() {
				switch { // whoever comes next begins anew
				case k.s.Listening:
				case buttons[ActRepeat]:
					k.button(ActRepeat)
				default:
					k.button(ActOK)
				}
				if k.hear(step.hears); k.s.Screen != step.comes {
					t.Fatalf("step %d, %q leads to %s; want %s", i, step.hears, k.s.Screen, step.comes)
				}
				sheets += len(want[SubmitSheet](k))
				opinions += len(want[SubmitOpinion](k))
			}
			if k.next != 1 || sheets != 1 || opinions != 1 {
				t.Errorf("%d tickets, %d sheets, %d opinions; want one of each", k.next, sheets, opinions)
			}
		})
	}
}

// hear waits until the name of a choice is said, and chooses it. With more than
// one button « next » goes on; with one the focus moves by itself.
func (k *kiosk) hear(name string) *kiosk {
	k.t.Helper()
	for range 60 {
		for _, sp := range want[Speak](k) {
			// The name is the first thing said, or follows the screen when OK was the
			// first press; a position follows every name.
			for i, m := range sp.Say {
				if m.Key == name && k.s.Focus != "" && i+1 < len(sp.Say) && (sp.Say[i+1].Key == "kiosk.position" || sp.Say[i+1].Key == "kiosk.chosen") {
					return k.button(ActOK)
				}
			}
		}
		if k.c.Buttons[ActNext] {
			k.button(ActNext)
			continue
		}
		at, _ := Next(k.s, k.c)
		k.c.Now = at
		k.do(Passed{})
	}
	k.t.Fatalf("nobody hears %q on %s; want it said", name, k.s.Screen)
	return k
}
