package intake

import (
	"slices"
	"strings"

	"jeudi/firmware/session"
)

// A piece of practice is drawn by the page itself: here are its name and what is
// said to somebody who does not see it. The page alone knows what stands in it; so
// buttons are handed to it as nudges, and it moves its own focus. It says that it
// went past the last thing, and the controls around it follow; of what is typed the
// intake hears nothing.
type piece struct {
	id, picto string
	// read: nothing in it can be done without reading sentences.
	read bool
}

func pieces() []piece {
	return []piece{{"touch", "touch", false}, {"keyboard", "keyboard", false}, {"password", "password", true}, {"fake", "fake", false},
		{"form", "procedure", true}, {"mail", "mail", true}, {"photo", "photo", false}}
}

// nobodyWaits reports whether there is time to practise: nobody is before this
// visitor, or nobody is received.
func nobodyWaits(c Context) bool { return !c.Taking || c.Ahead == 0 }

const pieceKey = "practice_"

// pictures is the language that shows no words.
const pictures = "images"

func practiceChoices(s State, c Context) []Choice {
	var list []Choice
	for _, p := range pieces() {
		if p.read && s.Lang == pictures {
			continue
		}
		list = append(list, choice(pieceKey+p.id, "practice."+p.id+".title", p.picto))
	}
	return slotted(list, s.page, c.Slots)
}

func practicePress(s State, p Choice, _ Context) (State, []Want) {
	id, ok := strings.CutPrefix(p.Key, pieceKey)
	if !ok {
		return s.leaveList(Practice), nil
	}
	s.piece, s.stage = id, 0
	return s.goTo(PracticePiece), nil
}

// pieceView: the page draws the piece in place of the text, which is for those who
// do not see it.
func pieceView(s State, _ Context, v *Screen) {
	v.Title, v.Text, v.Piece = msg("practice."+s.piece+".title"), msg("practice.needs_screen"), s.piece
	v.Stage, v.Nudges = s.stage, Nudges{Seq: s.nudged, Last: s.nudges}
}

// Nudges are what buttons did in a piece of practice, for the page that draws it.
type Nudges struct {
	Seq  int      // the number of the last one, from 1; 0 before the first
	Last []Action // the last few, the newest at the end: a page that skips a screen misses none
}

// nudgesKept is how many presses a slow page may be behind.
const nudgesKept = 8

// inPiece reports whether a page draws the piece and answers nudges. A desk shows
// its name alone, and its buttons are those of any screen.
func (s State) inPiece() bool { return s.Screen == PracticePiece && s.drawn }

// nudge hands a button to the page; the focus is inside the piece.
func (s State) nudge(a Action) State {
	s.Focus = ""
	s.nudged++
	last := append(slices.Clone(s.nudges), a)
	s.nudges = last[max(0, len(last)-nudgesKept):]
	return s
}

// around is what the focus goes through when it has left the piece: the controls
// without a button of their own.
func around(s State, c Context) []Choice {
	return walkable(s, c)[len(own(s, c)):]
}

// walk is next, previous and OK in a piece and around it.
func (s State) walk(a Action, c Context) (State, []Want) {
	list := around(s, c)
	at := slices.IndexFunc(list, func(p Choice) bool { return p.Key == s.Focus })
	switch {
	case at < 0:
		return s.nudge(a), nil
	case a == ActOK:
		return press(s, list[at], c)
	case a == ActNext:
		at++
	default:
		at--
	}
	if at < 0 || at == len(list) {
		return s.nudge(a), nil // in again, at its other end
	}
	return s.stand(list, at, c)
}

// stand puts the focus on a control around the piece.
func (s State) stand(list []Choice, at int, c Context) (State, []Want) {
	s.Focus = list[at].Key
	return s, s.named(name(s, list, at, c))
}

// past goes on where the page ends: to the controls, or round to its other end.
// It is no turn and no sign of life: a focus that moves by itself gets here too.
func (s State) past(a Action, c Context) (State, []Want) {
	if !s.inPiece() || s.Focus != "" || a != ActNext && a != ActPrevious {
		return s, nil
	}
	s.unheard = 0
	list := around(s, c)
	switch {
	case len(list) == 0:
		return s.nudge(a), nil
	case a == ActNext:
		return s.stand(list, 0, c)
	}
	return s.stand(list, len(list)-1, c)
}

// hear says texts of the piece: what a step asks, to everybody who did not ask for
// silence; what has the focus, and where it stands, to those who listen.
func (s State) hear(in Hear, c Context) (State, []Want) {
	foreign := func(key string) bool { return !strings.HasPrefix(key, "practice.") }
	if s.Screen != PracticePiece || slices.ContainsFunc(in.Keys, foreign) {
		return s, nil
	}
	var said []session.Msg
	for _, key := range in.Keys {
		said = append(said, msg(key))
	}
	if in.Of == 0 {
		s.active = c.Now
		if s.quiet || len(said) == 0 {
			return s, nil
		}
		return s, []Want{say(s, said...)}
	}
	if in.At < 1 || in.At > in.Of || in.Of > mostThings {
		return s, nil
	}
	return s, s.named(say(s, append(said, msg("kiosk.position", "n", in.At, "of", in.Of))...))
}

// mostThings is how many things a piece may have to walk through.
const mostThings = 99
