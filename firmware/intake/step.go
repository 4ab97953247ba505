package intake

import (
	"slices"
	"time"

	"jeudi/firmware/session"
)

// thanksFor is how long a last screen stays when nobody touches it.
const thanksFor = 30 * time.Second

// leastCountdown is how long one is warned before the end, whatever the site says
// (EN 301 549 and WCAG 2.2.1 want 20 s).
const leastCountdown = 20 * time.Second

// tremor is how soon the same press again is no press (EN 301 549, 5.8).
const tremor = 500 * time.Millisecond

// Next is when time alone will matter to the intake; ok is false when never. It
// needs of the world the durations alone.
func Next(s State, c Context) (at session.Moment, ok bool) {
	at, ok = s.silence(c)
	if move, scans := s.nextMove(); scans && (!ok || at.Reached(move)) {
		return move, true
	}
	return at, ok
}

// silence is when the screen ends for want of a press.
func (s State) silence(c Context) (at session.Moment, ok bool) {
	switch s.Screen {
	case Thanks, Erased:
		return s.active.Add(thanksFor), true
	case MoreTime:
		return s.active.Add(countdown(c)), true
	}
	if s.Idle() {
		return session.Moment{}, false
	}
	return s.active.Add(c.IdleAfter), true
}

func countdown(c Context) time.Duration { return max(c.Countdown, leastCountdown) }

// Step is what an input does. An input that makes no sense on the screen, or that
// was meant for an earlier turn, changes nothing.
func Step(s State, in Input, c Context) (State, []Want) {
	was := s
	var wants []Want
	switch in := in.(type) {
	case Press:
		if in.Turn != s.Turn || s.trembles(in.Key, c) {
			return s, nil
		}
		if s.Dark && s.Listening { // nobody presses what is not to be seen
			s.Dark, s.pressed, s.struck = false, in.Key, c.Now
			wants = s.tell(msg("settings.light"))
			break
		}
		p, ok := find(pressables(s, c), in.Key)
		if !ok {
			return s, nil
		}
		s.pressed, s.struck = in.Key, c.Now
		s, wants = press(s, p, c)
		if !s.Listening {
			wants = append(wants, Hush{})
		}
	case Button:
		if s.trembles("button "+string(in.Action), c) {
			return s, nil
		}
		s.pressed, s.struck = "button "+string(in.Action), c.Now
		s, wants = button(s, in.Action, c)
	case Headphones:
		if in.In == s.Headphones {
			return s, nil
		}
		s.Headphones, s.Listening = in.In, in.In
		if wants = []Want{Hush{}}; in.In {
			s.quiet = false
			wants = []Want{sayScreen(s, c)}
		}
	case Hear:
		return s.hear(in, c)
	case Touched:
		if s.Screen == PracticePiece {
			s.active, s.drawn, s.stage, s.unheard = c.Now, true, max(in.Stage, 0), 0
		}
		return s, nil
	case Past:
		return s.past(in.Action, c)
	case Passed:
		if at, ok := s.silence(c); !ok || !c.Now.Reached(at) {
			return s.passed(c)
		}
		s = expire(s)
	case Taken:
		s.taking = false
		s.Visit, s.Number = in.Visit, in.Number
		s.trail, s.under = nil, nil
		s = s.show(Ticket)
	case Refused:
		s.taking, s.seating = false, false
		s.trail, s.under = nil, nil
		if s.Visit.IsZero() && !c.Taking {
			s = s.show(Shut)
		} else {
			s = s.show(Sorry)
		}
	case Kept:
		if !s.keeping {
			return s, nil
		}
		s.keeping, s.lost, s.sent = false, !in.OK, s.sent && in.OK
	case Seated:
		if !s.seating {
			return s, nil
		}
		s = s.seated(in.Code, c)
	}
	s.active, s.scanned, s.rounds, s.unheard = c.Now, c.Now, 0, 0
	s.Turn++
	warns := s.Screen == MoreTime && was.Screen != MoreTime && !s.quiet // by screen, lamp and voice
	if s.Listening && s.moved(was) || warns {
		wants = append(wants, sayScreen(s, c))
	}
	if s.Visitor != was.Visitor && !slices.ContainsFunc(wants, voices) {
		wants = append(wants, Hush{}) // nobody is told what was meant for another
	}
	return s, wants
}

// voices reports whether a want ends what is being said.
func voices(w Want) bool {
	switch w.(type) {
	case Speak, Hush:
		return true
	}
	return false
}

// moved reports whether there is something else to say than before.
func (s State) moved(was State) bool {
	return s.Screen != was.Screen || s.page != was.page || s.asked != was.asked || s.keeping != was.keeping || s.course.Event != was.course.Event || was.seating && !s.seating
}

// trembles reports the same press again, too soon to be meant. The volume may be
// pressed as fast as one likes.
func (s State) trembles(key string, c Context) bool {
	switch key {
	case keyLouder, keySofter, "button louder", "button softer":
		return false
	}
	within := c.Tremor
	if within == 0 {
		within = tremor
	}
	return key == s.pressed && within > 0 && !c.Now.Reached(s.struck.Add(within))
}

func say(s State, msgs ...session.Msg) Speak {
	lang := s.Lang
	if lang == "" {
		lang = french // nobody chose yet
	}
	return Speak{Lang: lang, Volume: s.Volume, Rate: s.Rate, Say: msgs}
}

// french is the language of what is said before one is chosen.
const french = "fr"

// sayScreen says the whole screen. Before a language is chosen, it says each of
// them in its own.
func sayScreen(s State, c Context) Speak {
	if s.Screen == Language && s.Lang == "" {
		return sayLanguages(s, c)
	}
	v := View(s, c)
	sp := say(s, v.Say...)
	sp.Private = v.Private && !s.Aloud && s.Headphones
	return sp
}

// tell says what a press changed to somebody who listens.
func (s State) tell(msgs ...session.Msg) []Want {
	if !s.Listening {
		return nil
	}
	return []Want{say(s, msgs...)}
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
		erased := !s.answers.Empty() || len(s.rights) > 0 || s.Visit.IsZero()
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
	n.Turn, n.Visitor, n.Headphones = s.Turn, s.Visitor+1, s.Headphones
	return n
}

// Resumed is the intake at the screen of the path that others cover: help, the
// settings, a question about time. Somebody else goes on with it: what was
// answered on rights stays behind, and so does what was on the lists.
func Resumed(s State) State {
	if len(s.under) > 0 {
		s.under = s.under[:1]
		s = s.uncover()
	}
	if s.Screen == Rights || s.Screen == RightsResult {
		s = s.leaveRights()
	}
	s.rights, s.lists, s.drawn, s.seating = nil, nil, false, false
	return s
}

// Holding is the intake of somebody who has a ticket already, at that ticket: staff
// answer in their place. It knows nothing of what they may have answered elsewhere,
// for nothing joins a sheet to a visit.
func Holding(visit session.ID, n session.Number, t TakeTicket) State {
	s := New()
	s.Screen, s.Visit, s.Number = Ticket, visit, n
	s.Lang, s.motif, s.forOther = t.Lang, t.Motif, t.ForOther
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
	s.Screen, s.page, s.Focus = id, 0, ""
	s.drawn, s.nudges = false, nil
	return s
}

// goTo goes to a screen and remembers the one before for « retour ».
func (s State) goTo(id ScreenID) State {
	at := frame{s.Screen, s.page, s.asked}
	if s.Screen.page().cover {
		s.under = append(slices.Clip(s.under), at)
	} else {
		s.trail = append(slices.Clip(s.trail), at)
	}
	return s.show(id)
}

func (s State) goBack() State {
	if len(s.under) > 0 {
		return s.uncover()
	}
	if len(s.trail) == 0 {
		return s
	}
	var f frame
	f, s.trail = pop(s.trail)
	if f.screen == Language && s.Screen != Language {
		return s.first()
	}
	if f.screen != Rights && f.screen != RightsResult {
		s.rights = nil
	}
	return s.at(f)
}

// pop takes the last frame away; what is left of one is nothing.
func pop(list []frame) (frame, []frame) {
	last := len(list) - 1
	if last == 0 {
		return list[0], nil
	}
	return list[last], list[:last]
}

func (s State) at(f frame) State {
	s = s.show(f.screen)
	s.page, s.asked = f.page, f.asked
	return s
}

// press is what choosing a pressable does, whichever way it was chosen.
func press(s State, p Choice, c Context) (State, []Want) {
	switch p.Key {
	case keyBack:
		if s.inPiece() {
			return s.nudge(ActBack), nil // one step back in it; before its first, out of it
		}
		return s.goBack(), nil
	case keyRestart:
		return restart(s)
	case keyRepeat:
		s.Listening, s.quiet = true, false
		if s.inPiece() {
			return s.nudge(ActRepeat), nil
		}
		return s, []Want{sayScreen(s, c)}
	case keyLouder, keySofter:
		return volume(s, p.Key == keyLouder)
	case keyBigger:
		s.Size = (s.Size + 1) % sizes
		return s, s.tell(msg("kiosk.size", "n", s.Size.step()))
	case keySettings:
		if s.Screen.page().settings {
			return s.leaveSettings(), nil
		}
		return s.cover(Settings), nil
	case keyHelp:
		return s.cover(Help), []Want{CallHelp{}}
	case keyMore:
		page := s.page
		s = s.goTo(s.Screen)
		s.page = page + 1
		return s, nil
	}
	return s.Screen.page().press(s, p, c)
}

func volume(s State, up bool) (State, []Want) {
	if up {
		s.Volume = min(100, s.Volume+10)
	} else {
		s.Volume = max(10, s.Volume-10)
	}
	return s, []Want{say(s, msg("kiosk.volume", "n", s.Volume))}
}

// button is what the panel does. Whoever presses a button is taken to listen,
// unless they use switches or asked for silence.
func button(s State, a Action, c Context) (State, []Want) {
	if !s.quiet && s.Scan == ScanOff {
		s.Listening = true
	}
	if s.Scan == ScanOff && a == ActOK && c.Buttons[ActOK] && !c.Buttons[ActNext] {
		s.Scan = ScanOne // there is nothing else to press
	}
	if s.inPiece() && (a == ActNext || a == ActPrevious || a == ActOK) {
		return s.walk(a, c)
	}
	list := walkable(s, c)
	at := slices.IndexFunc(list, func(p Choice) bool { return p.Key == s.Focus })
	switch a {
	case ActNext, ActPrevious:
		switch {
		case a == ActNext:
			at = (at + 1) % len(list)
		case at <= 0:
			at = len(list) - 1
		default:
			at--
		}
		s.Focus = list[at].Key
		return s, s.named(name(s, list, at, c))
	case ActOK:
		if at < 0 {
			s.Focus = list[0].Key
			first := name(s, list, 0, c)
			if s.Screen != Language || s.Lang != "" {
				screen := sayScreen(s, c)
				screen.Say, screen.Then = append(screen.Say, first.Say...), first.Then
				first = screen
			}
			return s, s.named(first)
		}
		return press(s, list[at], c)
	case ActSlower, ActFaster:
		return rate(s, a == ActFaster)
	}
	if p, ok := find(controls(s), string(a)); ok {
		return press(s, p, c)
	}
	return s, s.named(sayScreen(s, c)) // a button must never do nothing
}

// named is a Speak for those who listen.
func (s State) named(sp Speak) []Want {
	if !s.Listening {
		return nil
	}
	return []Want{sp}
}

// name says what has the focus, in its own language, and where it stands.
func name(s State, list []Choice, at int, c Context) Speak {
	p := list[at]
	msgs := []session.Msg{p.Label}
	own := p.Private || p.Selected && p.Key != keyForOther && s.Screen.page().answers
	switch {
	case p.Private && !s.mayHear():
		msgs = []session.Msg{msg("kiosk.private")}
	case p.Selected && (s.mayHear() || !own):
		msgs = append(msgs, chosen(true))
	}
	where := msg("kiosk.position", "n", at+1, "of", len(list))
	switch {
	case p.Mute: // the language that is being spoken says so
		return say(s, msg("language.no_voice"), where)
	case p.Lang != "":
		sp := say(s, append(msgs, where)...)
		sp.Lang = p.Lang
		return sp
	}
	sp := say(s, append(msgs, where)...)
	sp.Private = own && !s.Aloud && s.Headphones
	return sp
}

// mayHear reports whether what is the visitor's own may be said.
func (s State) mayHear() bool { return s.Headphones || s.Aloud }

func find(list []Choice, key string) (Choice, bool) {
	for _, p := range list {
		if p.Key == key && !p.Off {
			return p, true
		}
	}
	return Choice{}, false
}
