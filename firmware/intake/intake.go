// Package intake is the visitor's path through the kiosk: language, why you came,
// ticket, and then, only if they like, a few questions. It is pure. A State and
// an Input give the next State and what the visitor wants of the world; View
// turns a State into a Screen, a value that the touchscreen draws, the voice
// speaks and the buttons walk through. So whatever can be touched can be pressed
// and heard, and a browser that crashes comes back where the visitor was.
//
// What it promises: a ticket within three presses; a way to say no on every
// screen after it; help, back, repeat, louder, softer, bigger and contrast at the
// same place on every screen; nothing an impatient finger does twice happens
// twice; and after a silence everything the visitor said is forgotten.
package intake

import (
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// ScreenID names a screen of the path.
type ScreenID string

// The screens.
const (
	Language ScreenID = "language"
	Motif    ScreenID = "motif"
	Ticket   ScreenID = "ticket"
	Question ScreenID = "question"
	Share    ScreenID = "share" // may the team know how far you manage alone?
	Recap    ScreenID = "recap"
	Thanks   ScreenID = "thanks"
	BackAt   ScreenID = "back_at"
	Shut     ScreenID = "closed"
	Result   ScreenID = "result" // of the self-assessment without a ticket
	Places   ScreenID = "places"
	PlaceOne ScreenID = "place"
	Practice ScreenID = "practice"
	Help     ScreenID = "help"
	MoreTime ScreenID = "more_time"
	Erased   ScreenID = "erased"
	Sorry    ScreenID = "sorry"
)

// Action is what a button of the panel means.
type Action string

// The closed set of actions.
const (
	ActBack     Action = "back"
	ActPrevious Action = "previous"
	ActNext     Action = "next"
	ActOK       Action = "ok"
	ActRepeat   Action = "repeat"
	ActHelp     Action = "help"
	ActLouder   Action = "louder"
	ActSofter   Action = "softer"
)

// Place is somewhere else to find help. Its texts are the site's own.
type Place struct{ Name, Address, Hours, Phone string }

// Context is what an intake needs to know of the world, as values.
type Context struct {
	Now       session.Moment
	Languages []string
	Motifs    []string
	Slots     int                     // choices on one screen, at least 4
	Buttons   map[Action]bool         // which buttons the panel has
	Schema    sheet.Schema            // of the visitor's sheet
	Taking    bool                    // a ticket may be taken now
	From      time.Time               // of the next permanence; zero when none is known
	Ahead     int                     // people before this visit, or before whoever comes now
	Free      bool                    // a desk is free for this visit
	Paper     session.Paper           // of this visit's ticket
	Printer   string                  // name of the printer's state, "" when not known
	Called    string                  // label of the desk that calls this visit, or ""
	Helpers   []session.Role          // professions present
	Needs     map[string]session.Role // what each motif needs
	Places    []Place
	IdleAfter time.Duration
	Countdown time.Duration
	Test      bool
}

// State is where one visitor is. The zero State is nobody.
type State struct {
	Screen    ScreenID
	Visitor   int // changes with each visitor
	Turn      int // changes with everything that is accepted: an old press is ignored
	Lang      string
	Size      int // 0 medium, 1 large, 2 extra large
	Contrast  int // 0 normal, 1 light on dark, 2 dark on light
	Volume    int // per cent
	Listening bool
	Focus     string

	Visit  session.ID
	Number session.Number

	motif    string
	forOther bool
	asked    int // the question on the screen
	last     int // the last question of this path, exclusive
	page     int
	exercise int
	wrong    bool
	answers  sheet.Sheet
	taking   bool // a ticket was asked for, and the answer is on its way
	keeping  bool // the sheet is on its way to the counters
	sent     bool // a sheet was handed over: there is no second one of this visitor
	lost     bool // it could not be kept
	back     time.Time
	trail    []frame
	active   session.Moment
	under    ScreenID // the screen that a help or more-time screen covers
}

type frame struct {
	screen      ScreenID
	page, asked int
}

const defaultVolume = 70

// New is an intake that waits for somebody.
func New() State { return State{Screen: Language, Volume: defaultVolume, answers: blank()} }

func blank() sheet.Sheet { return sheet.New(sheet.KindVisitor) }

// Idle reports whether nobody is using the intake.
func (s State) Idle() bool {
	return s.Screen == Language && s.page == 0 && s.Lang == "" && s.Size == 0 && s.Contrast == 0 && s.Volume == defaultVolume && !s.Listening && s.Focus == "" && !s.forOther
}

// Input is something that happens to an intake.
type Input interface{ input() }

type (
	// Press is a key of the screen, touched at the turn that was shown.
	Press struct {
		Turn int
		Key  string
	}
	// Button is a button of the panel, or a key of a keyboard.
	Button struct{ Action Action }
	// Passed says that time went by.
	Passed struct{}
	// Taken is the answer to TakeTicket.
	Taken struct {
		Visit  session.ID
		Number session.Number
	}
	// Refused is the other answer to TakeTicket, and to StepOut.
	Refused struct{ Why session.Msg }
	// Kept is the answer to SubmitSheet.
	Kept struct{ OK bool }
)

func (Press) input()   {}
func (Button) input()  {}
func (Passed) input()  {}
func (Taken) input()   {}
func (Refused) input() {}
func (Kept) input()    {}

// Want is what a visitor wants of the world.
type Want interface{ want() }

type (
	// TakeTicket asks for a ticket; Taken or Refused answers.
	TakeTicket struct {
		Motif    string
		Lang     string
		ForOther bool
	}
	// SubmitSheet hands the anonymous sheet over; Kept answers.
	SubmitSheet struct{ Sheet sheet.Sheet }
	// AdjustNeed tells the queue what the visitor said yes to.
	AdjustNeed struct {
		Visit session.ID
		Need  session.Role
		Class session.Class
	}
	// KeepTurn lets the visitor leave for a while; Refused may answer.
	KeepTurn struct {
		Visit session.ID
		For   time.Duration
	}
	// CallHelp asks staff to come to the kiosk.
	CallHelp struct{}
	// Speak says the messages one after the other; they replace what is being said.
	Speak struct {
		Lang   string
		Volume int
		Say    []session.Msg
	}
	// Hush stops speaking at once.
	Hush struct{}
)

func (TakeTicket) want()  {}
func (SubmitSheet) want() {}
func (AdjustNeed) want()  {}
func (KeepTurn) want()    {}
func (CallHelp) want()    {}
func (Speak) want()       {}
func (Hush) want()        {}

// thanksFor is how long a last screen stays when nobody touches it.
const thanksFor = 30 * time.Second

// Next is when time alone will matter to the intake; ok is false when never.
func Next(s State, c Context) (at session.Moment, ok bool) {
	switch s.Screen {
	case Thanks, Erased:
		return s.active.Add(thanksFor), true
	case MoreTime:
		return s.active.Add(c.Countdown), true
	}
	if s.Idle() {
		return session.Moment{}, false
	}
	return s.active.Add(c.IdleAfter), true
}

// Step is what an input does. An input that makes no sense on the screen, or that
// was meant for an earlier turn, changes nothing.
func Step(s State, in Input, c Context) (State, []Want) {
	was := s
	var wants []Want
	switch in := in.(type) {
	case Press:
		if in.Turn != s.Turn {
			return s, nil
		}
		p, ok := find(pressables(s, c), in.Key)
		if !ok {
			return s, nil
		}
		s, wants = press(s, p, c)
		if !s.Listening {
			wants = append(wants, Hush{})
		}
	case Button:
		s, wants = button(s, in.Action, c)
	case Passed:
		at, ok := Next(s, c)
		if !ok || !c.Now.Reached(at) {
			return s, nil
		}
		s = expire(s)
	case Taken:
		s.taking = false
		s.Visit, s.Number = in.Visit, in.Number
		s.trail = nil
		s = s.show(Ticket)
	case Refused:
		s.taking = false
		s.trail = nil
		if s.Visit.IsZero() && !c.Taking {
			s = s.show(Shut)
		} else {
			s = s.show(Sorry)
		}
	case Kept:
		if !s.keeping {
			return s, nil
		}
		s.keeping, s.lost, s.sent = false, !in.OK, in.OK
	}
	s.active = c.Now
	s.Turn++
	if s.Listening && (s.Screen != was.Screen || s.page != was.page || s.asked != was.asked || s.exercise != was.exercise || s.keeping != was.keeping) {
		wants = append(wants, say(s, View(s, c).Say))
	}
	return s, wants
}

func say(s State, msgs []session.Msg) Speak {
	return Speak{Lang: s.Lang, Volume: s.Volume, Say: msgs}
}

// tell says what a press changed to somebody who listens.
func (s State) tell(msgs ...session.Msg) []Want {
	if !s.Listening {
		return nil
	}
	return []Want{say(s, msgs)}
}

func chosen(is bool) session.Msg {
	if is {
		return msg("kiosk.chosen")
	}
	return msg("kiosk.not_chosen")
}

// expire is what silence does.
func expire(s State) State {
	switch s.Screen {
	case MoreTime:
		erased := !s.answers.Empty() || s.Visit.IsZero()
		n := forget(s)
		if erased {
			n.Screen, n.Lang, n.Listening = Erased, s.Lang, s.Listening // the last word is the visitor's
		}
		return n
	case Thanks, Erased:
		return forget(s)
	}
	return s.cover(MoreTime)
}

// forget is the intake for the next visitor: nothing of the last one is in it.
func forget(s State) State {
	n := New()
	n.Turn, n.Visitor = s.Turn, s.Visitor+1
	return n
}

// Resumed is the intake at the screen that help, or the question about time, covers.
func Resumed(s State) State {
	if s.Screen == Help || s.Screen == MoreTime {
		return s.uncover()
	}
	return s
}

// Leave is the intake for the next visitor when this one goes on elsewhere.
func Leave(s State) State {
	n := forget(s)
	n.Turn++
	return n
}

// show goes to a screen without remembering the one before.
func (s State) show(id ScreenID) State {
	s.Screen, s.page, s.Focus, s.wrong = id, 0, "", false
	return s
}

// goTo goes to a screen and remembers the one before for « retour ».
func (s State) goTo(id ScreenID) State {
	trail := make([]frame, len(s.trail), len(s.trail)+1)
	copy(trail, s.trail)
	s.trail = append(trail, frame{s.Screen, s.page, s.asked})
	return s.show(id)
}

func (s State) goBack() State {
	f := s.trail[len(s.trail)-1]
	s.trail = s.trail[:len(s.trail)-1]
	s = s.show(f.screen)
	s.page, s.asked = f.page, f.asked
	return s
}

// press is what choosing a pressable does, whichever way it was chosen.
func press(s State, p Choice, c Context) (State, []Want) {
	switch p.Key {
	case keyBack:
		return s.goBack(), nil
	case keyRestart:
		s.answers, s.asked, s.trail = blank(), 0, nil
		if s.Visit.IsZero() {
			s.motif, s.forOther = "", false
			return s.show(Language), nil
		}
		return s.show(Ticket), nil
	case keyRepeat:
		s.Listening = true
		return s, []Want{say(s, View(s, c).Say)}
	case keyLouder, keySofter:
		return volume(s, p.Key == keyLouder)
	case keyBigger:
		s.Size = (s.Size + 1) % 3
		return s, s.tell(msg("kiosk.size", "n", s.Size+1))
	case keyContrast:
		s.Contrast = (s.Contrast + 1) % 3
		return s, s.tell(msg("kiosk.contrast", "n", s.Contrast+1))
	case keyHelp:
		if s.Screen == Help {
			return s, []Want{CallHelp{}}
		}
		return s.cover(Help), []Want{CallHelp{}}
	case keyNew:
		return forget(s), []Want{Hush{}}
	case keyMore:
		page := s.page
		s = s.goTo(s.Screen)
		s.page = page + 1
		return s, nil
	}

	switch s.Screen {
	case Language:
		s.Lang = p.Key
		if c.Taking {
			return s.goTo(Motif), nil
		}
		return s.goTo(Shut), nil
	case Motif:
		if p.Key == keyForOther {
			s.forOther = !s.forOther
			return s, s.tell(p.Label, chosen(s.forOther))
		}
		if s.taking {
			return s, nil // a second tap before the answer to the first
		}
		s.taking = true
		s.motif = p.Key
		if p.Key == keySkip {
			s.motif = ""
		}
		return s, []Want{TakeTicket{Motif: s.motif, Lang: s.Lang, ForOther: s.forOther}}
	case Ticket:
		switch p.Key {
		case keyQuestions:
			s.asked, s.last = 0, len(c.Schema.Questions)
			return s.goTo(Question), nil
		case keyBackAt:
			return s.goTo(BackAt), nil
		}
		return s.show(Thanks), nil
	case BackAt:
		for _, d := range breaks {
			if p.Key == breakKey(d) {
				s.back = c.Now.Wall.Add(d)
				return s.show(Thanks), []Want{KeepTurn{Visit: s.Visit, For: d}}
			}
		}
		return s.goBack(), nil
	case Question:
		return answer(s, p, c)
	case Share:
		var wants []Want
		if p.Key == keyYes {
			if need, class, ok := suggestion(s, c); ok {
				wants = append(wants, AdjustNeed{Visit: s.Visit, Need: need, Class: class})
			}
		}
		if p.Key == keySkip {
			return s.end(), nil // « non merci » ends the questions wherever it stands
		}
		s.asked = autonomyQuestions
		return s.goTo(Question), wants
	case Recap:
		if p.Key == keySend {
			sent := s.answers
			s.answers, s.keeping, s.sent, s.trail = blank(), true, true, nil
			return s.show(Thanks), []Want{SubmitSheet{sent}}
		}
		s.answers, s.trail = blank(), nil
		return s.show(Thanks), nil
	case Thanks, Erased:
		return forget(s), []Want{Hush{}}
	case Sorry:
		if p.Key == keyAgain && s.Visit.IsZero() {
			return s.show(Motif), nil
		}
		return forget(s), nil
	case Shut:
		switch p.Key {
		case keyAssess:
			s.asked, s.last = 0, autonomyQuestions
			return s.goTo(Question), nil
		case keyPlaces:
			return s.goTo(Places), nil
		case keyPractice:
			s.exercise = 0
			return s.goTo(Practice), nil
		}
		return forget(s), nil
	case Result:
		if p.Key == keyPlaces {
			return s.goTo(Places), nil
		}
		return s.show(Thanks), nil
	case Places:
		for i := range c.Places {
			if p.Key == placeKey(i) {
				s = s.goTo(PlaceOne)
				s.page = i
				return s, nil
			}
		}
		return s.goBack(), nil
	case PlaceOne:
		return s.goBack(), nil
	case Practice:
		if p.Key == keySkip || s.exercise >= len(exercises) {
			return s.goBack(), nil
		}
		if p.Key != exercises[s.exercise] {
			s.wrong = true
			return s, s.tell(View(s, c).Say...)
		}
		s.exercise++
		s.wrong, s.Focus = false, ""
		return s, nil
	case Help:
		return s.uncover(), nil
	case MoreTime:
		if p.Key == keyYes {
			return s.uncover(), nil
		}
		return forget(s), nil
	}
	return s, nil
}

// cover shows a screen over the current one, which uncover brings back as it was.
func (s State) cover(id ScreenID) State {
	if s.Screen != Help && s.Screen != MoreTime { // one cover replaces the other: below them is always a place to go on
		s.under = s.Screen
	}
	s.Screen, s.Focus = id, ""
	return s
}

func (s State) uncover() State {
	s.Screen, s.under, s.Focus = s.under, "", ""
	return s
}

// answer notes an answer, or none, and goes to the next question or the end.
func answer(s State, p Choice, c Context) (State, []Want) {
	q := c.Schema.Questions[s.asked]
	if p.Key == keySkip {
		return s.end(), nil
	}
	given := p.Key
	if given == keyPass {
		given = "" // whoever comes back to pass takes the answer back
	}
	s.answers = s.answers.Set(q.Key, given)
	next := s.asked + 1
	if next == s.last {
		return s.end(), nil
	}
	if next == autonomyQuestions && !s.Visit.IsZero() {
		if _, _, ok := suggestion(s, c); ok {
			return s.goTo(Share), nil
		}
	}
	s = s.goTo(Question)
	s.asked = next
	return s, nil
}

// end is the end of the questions: what was said is shown once more before it
// leaves, and nothing is sent when nothing was said.
func (s State) end() State {
	switch {
	case s.Visit.IsZero():
		return s.goTo(Result)
	case s.answers.Empty():
		return s.show(Thanks)
	}
	return s.goTo(Recap)
}

// suggestion is who should receive the visitor and for how long, after the quick
// questions; ok is false when it would change nothing.
func suggestion(s State, c Context) (session.Role, session.Class, bool) {
	level, incomplete := sheet.Score(s.answers)
	need := c.Needs[s.motif]
	switch {
	case incomplete || s.answers.Empty():
		return need, "", false
	case level == sheet.Remote:
		if need == session.Anyone && present(c.Helpers, session.Mediator) {
			need = session.Mediator
		}
		return need, session.Long, true
	case level == sheet.Autonomous:
		return need, session.Short, true
	}
	return need, "", false
}

func present(roles []session.Role, r session.Role) bool {
	for _, k := range roles {
		if k == r {
			return true
		}
	}
	return false
}

func volume(s State, up bool) (State, []Want) {
	if up {
		s.Volume = min(100, s.Volume+10)
	} else {
		s.Volume = max(10, s.Volume-10)
	}
	return s, []Want{say(s, []session.Msg{msg("kiosk.volume", "n", s.Volume)})}
}

// button is what the panel does. Whoever presses a button is taken to listen.
func button(s State, a Action, c Context) (State, []Want) {
	s.Listening = true
	list := walkable(s, c)
	at := -1
	for i, p := range list {
		if p.Key == s.Focus {
			at = i
		}
	}
	switch a {
	case ActNext, ActPrevious:
		if len(list) == 0 {
			return s, nil
		}
		switch {
		case a == ActNext:
			at = (at + 1) % len(list)
		case at <= 0:
			at = len(list) - 1
		default:
			at--
		}
		s.Focus = list[at].Key
		return s, []Want{name(s, list, at)}
	case ActOK:
		if at < 0 {
			if s.Focus = ""; len(list) > 0 {
				s.Focus = list[0].Key
				first := name(s, list, 0)
				first.Say = append(View(s, c).Say, first.Say...)
				return s, []Want{first}
			}
			return s, nil
		}
		return press(s, list[at], c)
	}
	key := map[Action]string{ActBack: keyBack, ActRepeat: keyRepeat, ActHelp: keyHelp, ActLouder: keyLouder, ActSofter: keySofter}[a]
	if p, ok := find(controls(s), key); ok {
		return press(s, p, c)
	}
	return s, []Want{say(s, View(s, c).Say)} // a button must never do nothing
}

// name says what has the focus, in its own language, and where it stands.
func name(s State, list []Choice, at int) Speak {
	p := list[at]
	msgs := []session.Msg{p.Label}
	if p.Selected {
		msgs = append(msgs, chosen(true))
	}
	sp := say(s, append(msgs, msg("kiosk.position", "n", at+1, "of", len(list))))
	if p.Lang != "" {
		sp.Lang = p.Lang
	}
	return sp
}

func find(list []Choice, key string) (Choice, bool) {
	for _, p := range list {
		if p.Key == key && !p.Off {
			return p, true
		}
	}
	return Choice{}, false
}
