package intake

import (
	"slices"
	"time"

	"jeudi/firmware/session"
)

// Choice is something to press: an answer, the skip button or a control.
type Choice struct {
	Key      string
	Label    session.Msg
	Sub      session.Msg // a second line; its Key may be empty
	Picto    string
	Lang     string // the language of the label where it is not the screen's
	Mute     bool   // a language without a voice
	Private  bool   // the label is the visitor's own: for their eyes and headphones
	Selected bool
	Off      bool // shown at its place, and cannot be pressed
}

// Progress is how far one is in the questions.
type Progress struct{ At, Of int }

// Screen is all that a visitor can see, hear and press.
type Screen struct {
	ID       ScreenID
	Turn     int
	Lang     string // "" before a choice was made
	Title    session.Msg
	Text     session.Msg
	Notice   session.Msg
	Lines    []session.Msg
	Picto    string // of the title, where the screen has one for each question
	Line     int    // the line that was said last, from 1; 0 when none
	Piece    string // of practice, drawn by the page itself
	Stage    int    // where the page goes on in it, 0 at its beginning
	Nudges   Nudges
	Choices  []Choice
	Skip     *Choice
	Toggle   *Choice // beside Skip: something that is so, or not
	Controls []Choice
	Focus    string
	Progress *Progress
	Number   session.Number
	Paper    session.Paper
	Deadline session.Moment // when the countdown ends; zero without one
	// Say is what the voice reads. What is the visitor's own is in it only when they
	// alone hear it, or chose to have it read aloud.
	Say     []session.Msg
	Private bool            // the screen shows what is the visitor's own
	Dark    bool            // nothing is to be seen: the voice reads, and any Press brings the light back
	Scan    time.Duration   // how long the focus rests when it moves by itself, or 0
	Lamps   map[Action]bool // which buttons do something now
	Alert   bool            // time runs out: lamps that are lit blink
}

// Keys of what can be pressed, besides languages, motifs, answers and places.
const (
	keyBack     = "back"
	keyRestart  = "restart"
	keyRepeat   = "repeat"
	keySofter   = "softer"
	keyLouder   = "louder"
	keyBigger   = "bigger"
	keySettings = "settings"
	keyHelp     = "help"

	keyMore   = "more"
	keySkip   = "skip"
	keyPass   = "pass"
	keyYes    = "yes"
	keyNo     = "no"
	keySend   = "send"
	keyErase  = "erase"
	keyAgain  = "again"
	keyFinish = "finish"
	keyGoOn   = "go_on"

	keyForOther  = "for_other"
	keyTicket    = "ticket"
	keyQuestions = "questions"
	keyMyTicket  = "my_ticket"
	keyLarge     = "large"
	keyCharter   = "charter"
	keyLine      = "line"
	keyBackAt    = "back_at"
	keyHome      = "home"
	keyAssess    = "assess"
	keyPlaces    = "places"
	keyPrint     = "print"
	keyPractice  = "practice"
	keyOpinion   = "opinion"
	keySeats     = "seats"
	keyTake      = "take"
)

func msg(key string, pairs ...any) session.Msg { return session.M(key, pairs...) }

func verbatim(text string) session.Msg { return msg("text.verbatim", "text", text) }

func choice(key, label, picto string) Choice {
	return Choice{Key: key, Label: msg(label), Picto: picto}
}

// View is the screen of a state.
func View(s State, c Context) Screen {
	p := s.Screen.page()
	v := Screen{ID: s.Screen, Turn: s.Turn, Lang: s.Lang, Focus: s.Focus, Number: s.Number, Controls: controls(s),
		Private: p.private, Dark: s.Dark && s.Listening}
	v.Choices = p.choices(s, c)
	v.Skip, v.Toggle = p.foot(s, c)
	p.view(s, c, &v)
	if c.Called != "" && !s.Visit.IsZero() && s.Screen != Ticket {
		v.Notice = Ahead(c) // a call is not missed over a question
	}
	if s.Scan == ScanOne {
		v.Scan = max(s.Pace, leastPace)
	}
	v.Say = spoken(s, c, v)
	v.Lamps, v.Alert = lamps(s, c), s.Screen == MoreTime
	return v
}

// spoken is what the voice reads of a screen: the title first, and at the end how
// many choices there are and how to come by them.
func spoken(s State, c Context, v Screen) []session.Msg {
	said := []session.Msg{v.Title}
	if v.Private && !s.mayHear() {
		said = append(said, msg("kiosk.private"), v.Notice)
	} else {
		said = append(append(said, v.Text, v.Notice), v.Lines...)
	}
	said = append(said, howTo(s, c)...)
	return slices.DeleteFunc(said, func(m session.Msg) bool { return m.Key == "" })
}

// howTo says how many things can be chosen, and how with what there is to press.
func howTo(s State, c Context) []session.Msg {
	list := []session.Msg{msg("kiosk.choices", "n", len(walkable(s, c)))}
	switch {
	case s.Scan == ScanOne:
		list = append(list, msg("kiosk.how_scan"))
	case c.Buttons[ActNext] && c.Buttons[ActOK]:
		list = append(list, msg("kiosk.how"))
	}
	return list
}

// controls are the same on every screen, at the same places, whether they act or
// not.
func controls(s State) []Choice {
	list := []Choice{
		choice(keyBack, "control.back", "back"), choice(keyRestart, "control.restart", "restart"),
		choice(keyRepeat, "control.repeat", "repeat"), choice(keySofter, "control.softer", "softer"),
		choice(keyLouder, "control.louder", "louder"), choice(keyBigger, "control.bigger", "bigger"),
		choice(keySettings, "control.settings", "settings"), choice(keyHelp, "control.help", "help"),
	}
	list[7].Sub = msg("control.help_short") // all eight are of one size: the whole of it is for the voice
	switch s.Screen {
	case MoreTime, Thanks, Erased:
		list[0].Off = true
	default:
		list[0].Off = len(s.trail) == 0 && len(s.under) == 0
	}
	switch s.Screen {
	case MoreTime, Erased, Confirm:
		list[1].Off = true
	case Language:
		list[1].Off = s.untouched()
	}
	return list
}

// own are the keys of the page: the answers and the foot of the screen.
func own(s State, c Context) []Choice {
	p := s.Screen.page()
	list := slices.Clone(p.choices(s, c))
	skip, toggle := p.foot(s, c)
	for _, k := range []*Choice{skip, toggle} {
		if k != nil {
			list = append(list, *k)
		}
	}
	return list
}

// pressables are all keys of a screen.
func pressables(s State, c Context) []Choice {
	return append(own(s, c), controls(s)...)
}

// walkable is what « next » and « previous » walk through: the answers, the foot
// of the screen, and every control that has no button of its own. Whoever has
// switches has no other button. It is never empty.
func walkable(s State, c Context) []Choice {
	list := own(s, c)
	for _, k := range controls(s) {
		if !k.Off && (s.Scan != ScanOff || !c.Buttons[Action(k.Key)]) {
			list = append(list, k)
		}
	}
	return list
}

// lamps are lit where a button does something now.
func lamps(s State, c Context) map[Action]bool {
	l := map[Action]bool{ActOK: true, ActNext: true, ActPrevious: true, ActSlower: s.Rate > rates()[0], ActFaster: s.Rate < rates()[len(rates())-1]}
	for _, k := range controls(s) {
		l[Action(k.Key)] = !k.Off
	}
	l[ActLouder], l[ActSofter] = s.Volume < 100, s.Volume > 10
	return l
}

// slotted cuts a list into pages of slots; the last place of each but the last
// page is « more ». « Back » leads to the page before.
func slotted(list []Choice, page, slots int) []Choice {
	for ; page > 0 && len(list) > slots; page-- {
		list = list[slots-1:]
	}
	if len(list) <= slots {
		return list
	}
	out := make([]Choice, 0, slots)
	out = append(out, list[:slots-1]...)
	return append(out, choice(keyMore, "kiosk.more", "more"))
}
