package intake

import (
	"strconv"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Choice is something to press: an answer, the skip button or a control.
type Choice struct {
	Key      string
	Label    session.Msg
	Sub      session.Msg // a second line; its Key may be empty
	Picto    string
	Lang     string // the language of the label where it is not the screen's
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
	Choices  []Choice
	Skip     *Choice
	Toggle   *Choice // beside Skip: something that is so, or not
	Controls []Choice
	Focus    string
	Progress *Progress
	Number   session.Number
	Paper    session.Paper
	Deadline session.Moment // when the countdown ends; zero without one
	Say      []session.Msg
	Lamps    map[Action]bool // which buttons do something now
}

// Keys of what can be pressed, besides languages, motifs, answers and places.
const (
	keyBack      = "back"
	keyRestart   = "restart"
	keyRepeat    = "repeat"
	keySofter    = "softer"
	keyLouder    = "louder"
	keyBigger    = "bigger"
	keyContrast  = "contrast"
	keyHelp      = "help"
	keyNew       = "new_ticket"
	keyMore      = "more"
	keySkip      = "skip"
	keyPass      = "pass"
	keyForOther  = "for_other"
	keyQuestions = "questions"
	keyBackAt    = "back_at"
	keyYes       = "yes"
	keyNo        = "no"
	keySend      = "send"
	keyErase     = "erase"
	keyAgain     = "again"
	keyFinish    = "finish"
	keyAssess    = "assess"
	keyPlaces    = "places"
	keyPractice  = "practice"
	keyGoOn      = "go_on"
)

// autonomyQuestions is how many of a visitor's questions are about autonomy;
// they come first.
const autonomyQuestions = 3

// breaks are the offers to step out and keep one's turn.
var breaks = [...]time.Duration{15 * time.Minute, 30 * time.Minute, 45 * time.Minute, time.Hour}

func breakKey(d time.Duration) string { return "in_" + strconv.Itoa(int(d.Minutes())) }

// exercises are the pictures to find when one practises.
var exercises = [...]string{"house", "phone", "clock"}

func placeKey(i int) string { return "place_" + strconv.Itoa(i) }

func msg(key string, pairs ...any) session.Msg { return session.M(key, pairs...) }

func choice(key, label, picto string) Choice {
	return Choice{Key: key, Label: msg(label), Picto: picto}
}

// View is the screen of a state.
func View(s State, c Context) Screen {
	v := Screen{ID: s.Screen, Turn: s.Turn, Lang: s.Lang, Focus: s.Focus, Number: s.Number, Controls: controls(s)}
	v.Choices = choices(s, c)
	v.Skip, v.Toggle = skip(s), toggle(s)
	switch s.Screen {
	case Language:
		v.Title = msg("language.title")
	case Motif:
		v.Title, v.Text = msg("motif.title"), msg("motif.text")
	case Ticket:
		v.Title = msg("ticket.title", "n", int(s.Number))
		v.Paper = c.Paper
		v.Text = Ahead(c)
		v.Notice = msg("ticket.notice")
		v.Lines = paperLines(c)
	case Question:
		q := c.Schema.Questions[s.asked]
		v.Title, v.Text = msg("question."+q.Key), msg("question.text")
		if s.Visit.IsZero() {
			v.Text = msg("question.text_alone")
		}
		v.Progress = &Progress{s.asked + 1, s.last}
	case Share:
		v.Title, v.Text = msg("share.title"), msg("share.text")
	case Recap:
		v.Title, v.Text = msg("recap.title"), msg("recap.text")
		for _, q := range c.Schema.Questions {
			if a, ok := s.answers.Answer(q.Key); ok {
				v.Lines = append(v.Lines, msg("recap.line", "question", msg("recap."+q.Key), "answer", answerMsg(q.Key, a)))
			}
		}
	case Thanks:
		v.Title, v.Text = thanks(s, c)
	case BackAt:
		v.Title, v.Text = msg("back_at.title"), msg("back_at.text")
	case Shut:
		v.Title = msg("closed.title")
		if v.Text = msg("closed.next_unknown"); !c.From.IsZero() {
			v.Text = msg("closed.next", "when", c.From)
		}
	case Result:
		level, _ := sheet.Score(s.answers)
		v.Title, v.Text = msg("result.title"), msg("result."+level.String())
	case Places:
		v.Title, v.Text = msg("places.title"), msg("places.text")
	case PlaceOne:
		if s.page < len(c.Places) {
			p := c.Places[s.page]
			v.Title = msg("text.verbatim", "text", p.Name)
			for _, l := range []string{p.Address, p.Hours, p.Phone} {
				if l != "" {
					v.Lines = append(v.Lines, msg("text.verbatim", "text", l))
				}
			}
		}
	case Practice:
		v.Title, v.Text = msg("practice.done"), msg("practice.done_text")
		if s.exercise < len(exercises) {
			v.Title, v.Text = msg("practice."+exercises[s.exercise]), msg("practice.text")
			if s.wrong {
				v.Text = msg("practice.wrong")
			}
		}
	case Help:
		v.Title, v.Text = msg("help.title"), msg("help.text")
	case MoreTime:
		v.Title, v.Text = msg("more_time.title"), msg("more_time.text")
		v.Deadline = s.active.Add(c.Countdown)
	case Erased:
		v.Title, v.Text = msg("erased.title"), msg("erased.text")
	case Sorry:
		v.Title, v.Text = msg("sorry.title"), msg("sorry.text")
	}
	if c.Called != "" && !s.Visit.IsZero() && s.Screen != Ticket {
		v.Notice = Ahead(c) // a call is not missed over a question
	}
	for _, m := range append([]session.Msg{v.Title, v.Text, v.Notice}, v.Lines...) {
		if m.Key != "" {
			v.Say = append(v.Say, m)
		}
	}
	if n := len(walkable(s, c)); n > 0 {
		v.Say = append(v.Say, msg("kiosk.choices", "n", n))
	}
	v.Lamps = lamps(s, c)
	return v
}

// Ahead is what screen and paper say about the wait.
func Ahead(c Context) session.Msg {
	switch {
	case c.Called != "":
		return msg("ticket.called", "desk", c.Called)
	case c.Ahead == 0 && c.Free:
		return msg("ticket.nobody")
	case c.Ahead == 0:
		return msg("ticket.next")
	}
	return msg("ticket.ahead", "n", c.Ahead)
}

func paperLines(c Context) []session.Msg {
	switch c.Paper {
	case session.Queued:
		return []session.Msg{msg("ticket.printing")}
	case session.Printed:
		return []session.Msg{msg("ticket.printed")}
	case session.Unprinted:
		switch c.Printer {
		case "no_paper", "cover_open", "overheated", "cutter_jammed", "unplugged":
			return []session.Msg{msg("ticket.printer." + c.Printer)}
		}
		return []session.Msg{msg("ticket.unprinted")}
	case session.Unknown:
		return []session.Msg{msg("ticket.unknown")}
	}
	return nil
}

func thanks(s State, c Context) (title, text session.Msg) {
	switch {
	case s.keeping:
		return msg("thanks.title"), msg("thanks.keeping")
	case s.lost:
		return msg("thanks.title"), msg("thanks.lost")
	case !s.back.IsZero():
		return msg("thanks.back", "n", int(s.Number)), msg("thanks.back_text", "time", s.back)
	case s.Number != 0:
		return msg("thanks.title"), msg("thanks.ticket", "n", int(s.Number))
	}
	return msg("thanks.title"), msg("thanks.text")
}

// choices are the answers of the page that the state is on.
func choices(s State, c Context) []Choice {
	switch s.Screen {
	case Language:
		list := make([]Choice, len(c.Languages))
		for i, l := range c.Languages {
			list[i] = Choice{Key: l, Label: msg("language.name"), Sub: msg("language.hello"), Picto: "language", Lang: l}
		}
		return pageOf(list, s.page, c.Slots)
	case Motif:
		list := make([]Choice, len(c.Motifs))
		for i, m := range c.Motifs {
			list[i] = Choice{Key: m, Label: msg("motif." + m), Sub: msg("motif." + m + ".sub"), Picto: m, Selected: m == s.motif}
		}
		return pageOf(list, s.page, c.Slots)
	case Ticket:
		step := choice(keyBackAt, "ticket.back_at", "clock")
		if s.sent {
			return []Choice{step}
		}
		return []Choice{choice(keyQuestions, "ticket.questions", "questions"), step}
	case BackAt:
		list := make([]Choice, len(breaks))
		for i, d := range breaks {
			list[i] = Choice{Key: breakKey(d), Label: msg("back_at.time", "time", c.Now.Wall.Add(d)), Sub: msg("back_at.minutes", "n", int(d.Minutes())), Picto: "clock"}
		}
		return list
	case Question:
		q := c.Schema.Questions[s.asked]
		given, _ := s.answers.Answer(q.Key)
		list := make([]Choice, len(q.Answers))
		for i, a := range q.Answers {
			list[i] = Choice{Key: a, Label: answerMsg(q.Key, a), Picto: answerPicto(q.Key, a), Selected: a == given}
		}
		return pageOf(append(list, choice(keyPass, "question.pass", "dont_know")), s.page, c.Slots)
	case Share:
		return []Choice{choice(keyYes, "share.yes", "yes"), choice(keyNo, "share.no", "no")}
	case Recap:
		return []Choice{choice(keySend, "recap.send", "yes"), choice(keyErase, "recap.erase", "no")}
	case Shut:
		list := []Choice{choice(keyAssess, "closed.assess", "questions"), choice(keyPractice, "closed.practice", "practice")}
		if len(c.Places) > 0 {
			list = append(list, choice(keyPlaces, "closed.places", "places"))
		}
		return list
	case Result:
		list := []Choice{choice(keyFinish, "kiosk.finish", "yes")}
		if len(c.Places) > 0 {
			list = append(list, choice(keyPlaces, "closed.places", "places"))
		}
		return list
	case Places:
		list := make([]Choice, len(c.Places))
		for i, p := range c.Places {
			list[i] = Choice{Key: placeKey(i), Label: msg("text.verbatim", "text", p.Name), Sub: msg("text.verbatim", "text", p.Address), Picto: "places"}
		}
		return pageOf(list, s.page, c.Slots)
	case Practice:
		if s.exercise >= len(exercises) {
			return []Choice{choice(keyFinish, "kiosk.finish", "yes")}
		}
		return []Choice{choice("clock", "practice.clock_name", "clock"), choice("house", "practice.house_name", "logement"),
			choice("letter", "practice.letter_name", "mail"), choice("phone", "practice.phone_name", "telephone")}
	case Help:
		return []Choice{choice(keyGoOn, "help.go_on", "yes")}
	case MoreTime:
		return []Choice{choice(keyYes, "more_time.yes", "yes"), choice(keyNo, "more_time.no", "no")}
	case Thanks, Erased, PlaceOne:
		return []Choice{choice(keyFinish, "kiosk.finish", "yes")}
	case Sorry:
		if s.Visit.IsZero() {
			return []Choice{choice(keyAgain, "sorry.again", "restart")}
		}
		return []Choice{choice(keyFinish, "kiosk.finish", "yes")}
	}
	return nil
}

// skip is the second button at the foot of the screen: the way to say no.
func skip(s State) *Choice {
	var c Choice
	switch s.Screen {
	case Motif:
		c = choice(keySkip, "motif.skip", "dont_know")
	case Ticket, Question, Share, Recap:
		c = choice(keySkip, "kiosk.no_thanks", "no_thanks")
	case BackAt, Places, Practice:
		c = choice(keySkip, "kiosk.leave", "back")
	case Shut:
		c = choice(keySkip, "kiosk.finish", "no_thanks")
	default:
		return nil
	}
	return &c
}

// toggle says who one comes for; it stands at the foot of the screen too.
func toggle(s State) *Choice {
	if s.Screen != Motif {
		return nil
	}
	c := choice(keyForOther, "motif.for_other", "for_other")
	c.Selected = s.forOther
	return &c
}

// foot is what stands under the answers.
func foot(s State) []Choice {
	var list []Choice
	for _, c := range []*Choice{skip(s), toggle(s)} {
		if c != nil {
			list = append(list, *c)
		}
	}
	return list
}

// controls are at the same place on every screen, whether they act or not.
func controls(s State) []Choice {
	list := []Choice{
		choice(keyBack, "control.back", "back"), choice(keyRestart, "control.restart", "restart"),
		choice(keyRepeat, "control.repeat", "repeat"), choice(keySofter, "control.softer", "softer"),
		choice(keyLouder, "control.louder", "louder"), choice(keyBigger, "control.bigger", "bigger"),
		choice(keyContrast, "control.contrast", "contrast"), choice(keyHelp, "control.help", "help"),
	}
	list[0].Off = len(s.trail) == 0 || s.Screen == Help || s.Screen == MoreTime || s.Screen == Thanks || s.Screen == Erased
	list[1].Off = s.Screen == Language || s.Screen == MoreTime || s.Screen == Erased
	if !s.Visit.IsZero() {
		list[7].Sub = msg("control.help_short") // nine buttons stand in the bar
		list = append(list, choice(keyNew, "control.new_ticket", "new_ticket"))
	}
	return list
}

// pressables are all keys of a screen.
func pressables(s State, c Context) []Choice {
	return append(append(choices(s, c), foot(s)...), controls(s)...)
}

// walkable is what « next » and « previous » walk through: the answers, the foot
// of the screen, and every control that has no button of its own.
func walkable(s State, c Context) []Choice {
	list := append(choices(s, c), foot(s)...)
	for _, k := range controls(s) {
		if !k.Off && !c.Buttons[Action(k.Key)] {
			list = append(list, k)
		}
	}
	return list
}

// lamps are lit where a button does something now.
func lamps(s State, c Context) map[Action]bool {
	l := map[Action]bool{ActRepeat: true, ActHelp: true, ActLouder: s.Volume < 100, ActSofter: s.Volume > 10, ActOK: true, ActNext: true, ActPrevious: true}
	for _, k := range controls(s) {
		if k.Key == keyBack {
			l[ActBack] = !k.Off
		}
	}
	return l
}

// pageOf cuts a list into pages of slots; the last place of each but the last
// page is « more ». « Back » leads to the page before.
func pageOf(list []Choice, page, slots int) []Choice {
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

// answerMsg is the wording of an answer. Neighbourhoods are the site's own words.
func answerMsg(question, answer string) session.Msg {
	return msg("answer." + question + "." + answer)
}

// answerPicto is the picture of an answer: a name of the sprite of the kiosk.
func answerPicto(question, answer string) string {
	switch question {
	case sheet.Age:
		return "age_" + answer
	case sheet.Neighbourhood:
		return "neighbourhood"
	}
	switch answer {
	case sheet.Yes, sheet.Alone, sheet.Helped:
		return answer
	case sheet.No:
		if question == sheet.Mail || question == sheet.Procedure {
			return "cannot"
		}
		return answer
	case "salarie":
		return "emploi"
	case "independant":
		return "self_employed"
	case "demandeur_emploi":
		return "job_search"
	case "retraite":
		return "retraite"
	case "au_foyer":
		return "at_home"
	case "invalidite":
		return "disability"
	case "etudiant":
		return "student"
	case "seul":
		return "household_alone"
	case "mono_mineurs":
		return "household_parent"
	case "couple_mineurs":
		return "household_family"
	case "couple_sans_enfant":
		return "household_couple"
	case "enfants_majeurs":
		return "household_others"
	}
	return "other"
}
