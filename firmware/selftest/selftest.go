// Package selftest is the box's test of itself before a permanence: the printer,
// the loudspeaker, each button with its lamp, the corners of the screen, the
// clock, and what the machine says of its card, its power and its heat. It is
// pure. A State and an Input give the next State and what the test wants of the
// world; View turns a State into a Screen that the desk and a terminal show alike.
//
// What it promises: where only a person knows, a person is asked, and a « yes »
// means that somebody looked: the ticket carries a number to be chosen among
// three, the button to be pressed is not named while its lamp can show it. What a
// machine cannot say is unknown, and never a fault. A test that nobody goes on
// with ends by itself. A report concerns the box and no person.
package selftest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"jeudi/firmware/session"
)

// Limit is how long a test waits for its person. It then ends as abandoned.
const Limit = 5 * time.Minute

// Item is something that is tested. A button's is made by Button.
type Item string

// The items besides the buttons, in the order of a test and of its report.
const (
	Printer     Item = "printer"
	Sound       Item = "sound"
	Touch       Item = "touch"
	Clock       Item = "clock"
	Disk        Item = "disk"
	Wear        Item = "wear"
	Power       Item = "power"
	Temperature Item = "temperature"
	Memory      Item = "memory"

	// Panel is all buttons at once: on one line when all are well, or unplugged.
	Panel Item = "panel"
)

// Items are all items that are not a button's.
func Items() []Item {
	return []Item{Printer, Sound, Touch, Clock, Disk, Wear, Power, Temperature, Memory}
}

const button = "button."

// OfButton is the item of the button with this action, as named by drivers.Action.
func OfButton(action string) Item { return Item(button + action) }

// action is the action of a button's item.
func (i Item) action() (string, bool) { return strings.CutPrefix(string(i), button) }

// Label is the item's name.
func (i Item) Label() session.Msg { return session.M("selftest.item." + string(i)) }

// Result is how an item came out.
type Result string

// The results. Unknown is said of what this machine cannot tell, and harms nobody.
const (
	OK      Result = "ok"
	Warning Result = "warning" // works, and wants care
	Failed  Result = "failed"
	Skipped Result = "skipped" // nobody looked
	Unknown Result = "unknown"
)

// Outcome is an item with its result, and what there is to say of it.
type Outcome struct {
	Item   Item          `json:"item"`
	Result Result        `json:"result"`
	Notes  []session.Msg `json:"notes,omitempty"`
}

// Button is a button of the site. Fault is "", "stuck" or "lost", as its panel
// reports it.
type Button struct {
	Action string
	Lamp   bool
	Fault  string
}

// Devices are those of the site.
type Devices struct {
	Printer  bool
	PaperLow bool // its roll is nearly finished
	Sound    bool
	Touch    bool
	Buttons  []Button
}

// Setup is what a test begins with.
type Setup struct {
	At      session.Moment
	Limit   time.Duration // 0 is Limit
	Devices Devices
	Facts   Facts
	Trusted bool     // the box vouches for its wall clock
	Chance  [3]uint8 // for the number on the test ticket; any will do
}

// State is a test under way. It is a value that never changes.
type State struct {
	Turn int // changes with everything that is accepted: an old answer is ignored

	started, touched session.Moment
	limit            time.Duration
	devices          Devices
	facts            Facts
	trusted          bool
	chance           [3]uint8

	items    []Item // that a person looks at
	outcomes []Outcome
	printing string // status of a printer that did not print, "" while all is well
	tickets  int    // test tickets asked for
	wrong    bool   // a wrong number was chosen once
	dark     bool   // the lamp of this button is out
	other    string // the button that was pressed instead of this one
	corners  [4]bool
	ended    bool
}

// Input is something that happens to a test.
type Input interface{ input() }

type (
	// Confirm answers what only a person knows.
	Confirm struct{ OK bool }
	// Code is the number that is read on the test ticket.
	Code struct{ Number int }
	// Dark says that no lamp is lit on the panel.
	Dark struct{}
	// Again prints the ticket or plays the sound once more.
	Again struct{}
	// Skip leaves the item untested.
	Skip struct{}
	// Stop ends the test.
	Stop struct{}
	// Pressed is a button of the panel.
	Pressed struct{ Action string }
	// Corner is a touched corner of the screen, 1 to 4.
	Corner struct{ N int }
	// Paper is what became of the test ticket; Status is of the printer, "" when
	// the ticket came out or nobody knows.
	Paper struct{ Status string }
	// Measured is what the machine says once more, at the end: a weak power supply
	// shows while the printer works.
	Measured struct{ Facts Facts }
	// Passed says that time went by.
	Passed struct{}
)

func (Confirm) input()  {}
func (Code) input()     {}
func (Dark) input()     {}
func (Again) input()    {}
func (Skip) input()     {}
func (Stop) input()     {}
func (Pressed) input()  {}
func (Corner) input()   {}
func (Paper) input()    {}
func (Measured) input() {}
func (Passed) input()   {}

// Answer is the input behind a choice of a Screen; ok is false when there is none
// of this key.
func Answer(key string) (in Input, ok bool) {
	switch key {
	case "yes":
		return Confirm{OK: true}, true
	case "no":
		return Confirm{}, true
	case "dark":
		return Dark{}, true
	case "again":
		return Again{}, true
	case "skip":
		return Skip{}, true
	case "stop":
		return Stop{}, true
	}
	if digits, found := strings.CutPrefix(key, "code."); found && len(digits) == 2 {
		n, err := strconv.Atoi(digits)
		return Code{n}, err == nil && n >= 10
	}
	return nil, false
}

// Want is what a test asks of the world.
type Want interface{ want() }

type (
	// PrintTicket prints the test ticket with this number.
	PrintTicket struct{ Number int }
	// PlaySound plays the chime and a call.
	PlaySound struct{}
	// Measure asks the machine once more; Measured is the answer.
	Measure struct{}
	// Finished hands over the report. The test is over.
	Finished struct{ Report Report }
)

func (PrintTicket) want() {}
func (PlaySound) want()   {}
func (Measure) want()     {}
func (Finished) want()    {}

// Begin begins a test.
func Begin(setup Setup) (State, []Want) {
	s := State{
		Turn: 1, started: setup.At, touched: setup.At, limit: setup.Limit, devices: setup.Devices,
		facts: setup.Facts, trusted: setup.Trusted, chance: setup.Chance,
	}
	if s.limit == 0 {
		s.limit = Limit
	}
	if s.devices.Printer {
		s.items = append(s.items, Printer)
	}
	if s.devices.Sound {
		s.items = append(s.items, Sound)
	}
	for _, b := range s.devices.Buttons {
		s.items = append(s.items, OfButton(b.Action))
	}
	if s.devices.Touch {
		s.items = append(s.items, Touch)
	}
	s.items = append(s.items, Clock)
	return s, s.enter()
}

// now is the item that is being tested, "" once a person has looked at all.
func (s *State) now() Item {
	if len(s.outcomes) < len(s.items) {
		return s.items[len(s.outcomes)]
	}
	return ""
}

// Next is when time alone will matter.
func Next(s State, now session.Moment) session.Moment {
	end := s.touched.Add(s.limit)
	if s.now() == Clock { // the time that is asked about must be shown
		minute := now.Add(now.Wall.Truncate(time.Minute).Add(time.Minute).Sub(now.Wall))
		if end.Mono > minute.Mono {
			return minute
		}
	}
	return end
}

// enter begins the item that is now at hand. What a panel has reported of a button
// needs no person.
func (s *State) enter() []Want {
	s.printing, s.wrong, s.dark, s.other = "", false, false, ""
	switch item := s.now(); item {
	case "":
		return []Want{Measure{}}
	case Printer:
		return s.print()
	case Sound:
		return []Want{PlaySound{}}
	default:
		if fault := s.button().Fault; fault != "" {
			return s.done(Failed, session.M("selftest.note."+fault))
		}
	}
	return nil
}

func (s *State) print() []Want {
	s.tickets, s.printing = s.tickets+1, ""
	return []Want{PrintTicket{s.number()}}
}

// done closes the item at hand and goes on to the next.
func (s *State) done(r Result, notes ...session.Msg) []Want {
	s.outcomes = append(slices.Clip(s.outcomes), Outcome{s.now(), r, notes})
	return s.enter()
}

// button is the button at hand, or none.
func (s *State) button() Button {
	action, ok := s.now().action()
	i := slices.IndexFunc(s.devices.Buttons, func(b Button) bool { return b.Action == action })
	if !ok || i < 0 {
		return Button{}
	}
	return s.devices.Buttons[i]
}

// number is on the newest test ticket, numbers are the three to choose from. A
// ticket that was read wrongly is followed by one with another number.
func (s *State) number() int { return s.numbers()[0] }

func (s *State) numbers() [3]int {
	const all = 90 // 10 to 99
	turn := 0
	if s.wrong {
		turn = 1
	}
	n := int(s.chance[0]) + 7*turn
	at := func(more int) int { return 10 + (n+more)%all }
	// Between 11 and 40, and 50 and 79, further on: the three always differ.
	return [3]int{at(0), at(11 + int(s.chance[1])%30), at(50 + int(s.chance[2])%30)}
}

// Step does what an input asks. What makes no sense now changes nothing.
func Step(s State, in Input, at session.Moment) (State, []Want) {
	before := s
	wants, taken := s.step(in, at)
	if !taken {
		return before, nil
	}
	s.Turn++
	switch in.(type) {
	case Paper, Measured, Passed: // not a person's
	default:
		s.touched = at
	}
	return s, wants
}

func (s *State) step(in Input, at session.Moment) (wants []Want, taken bool) {
	if s.ended {
		return nil, false
	}
	item := s.now()
	switch in := in.(type) {
	case Passed:
		if !at.Reached(s.touched.Add(s.limit)) {
			return nil, false
		}
		return s.finish(at, item != ""), true
	case Stop:
		return s.finish(at, item != ""), true
	case Measured:
		if item != "" {
			return nil, false
		}
		s.facts = s.facts.and(in.Facts)
		return s.finish(at, false), true
	case Skip:
		if item == "" {
			return nil, false
		}
		return s.done(Skipped), true
	}
	switch item {
	case Printer:
		return s.stepPrinter(in)
	case Sound:
		switch in := in.(type) {
		case Again:
			return []Want{PlaySound{}}, true
		case Confirm:
			return s.verdict(in.OK, "not_heard"), true
		}
	case Touch:
		switch in := in.(type) {
		case Corner:
			if in.N < 1 || in.N > len(s.corners) || s.corners[in.N-1] {
				return nil, false
			}
			s.corners[in.N-1] = true
			if s.left() > 0 {
				return nil, true
			}
			return s.done(OK), true
		case Confirm:
			if !in.OK {
				return s.verdict(false, "corners"), true
			}
		}
	case Clock:
		if in, ok := in.(Confirm); ok {
			return s.clock(in.OK), true
		}
	case "":
	default:
		return s.stepButton(in)
	}
	return nil, false
}

// verdict closes an item that a person has judged.
func (s *State) verdict(ok bool, otherwise string) []Want {
	if ok {
		return s.done(OK)
	}
	return s.done(Failed, session.M("selftest.note."+otherwise))
}

func (s *State) stepPrinter(in Input) (wants []Want, taken bool) {
	switch in := in.(type) {
	case Paper:
		if in.Status == s.printing {
			return nil, false
		}
		s.printing = in.Status
		return nil, true
	case Again:
		return s.print(), true
	case Confirm:
		if in.OK {
			return nil, false // the number says it
		}
		if s.printing != "" {
			return s.done(Failed, session.M("device.printer."+s.printing)), true
		}
		return s.verdict(false, "illegible"), true
	case Code:
		numbers := s.numbers()
		switch {
		case in.Number == numbers[0] && s.devices.PaperLow:
			return s.done(Warning, session.M("device.printer.paper_low")), true
		case in.Number == numbers[0]:
			return s.done(OK), true
		case !slices.Contains(numbers[:], in.Number):
			return nil, false // of an older ticket
		case s.wrong:
			return s.verdict(false, "illegible"), true
		}
		s.wrong = true
		return s.print(), true
	}
	return nil, false
}

func (s *State) stepButton(in Input) (wants []Want, taken bool) {
	b := s.button()
	switch in := in.(type) {
	case Pressed:
		switch {
		case in.Action != b.Action:
			s.other = in.Action
			return nil, true
		case s.dark:
			return s.done(Failed, session.M("selftest.note.dark")), true
		}
		return s.done(OK), true
	case Dark:
		if !b.Lamp || s.dark {
			return nil, false
		}
		s.dark, s.other = true, ""
		return nil, true
	case Confirm:
		if in.OK {
			return nil, false // the press says it
		}
		notes := []session.Msg{session.M("selftest.note.no_answer")}
		if s.dark {
			notes = append(notes, session.M("selftest.note.dark"))
		}
		return s.done(Failed, notes...), true
	}
	return nil, false
}

// clock weighs what the person says of the time against what vouches for it.
func (s *State) clock(ok bool) []Want {
	switch {
	case !ok:
		return s.verdict(false, "wrong_time")
	case !s.trusted:
		return s.done(Warning, session.M("selftest.note.untrusted"))
	case s.facts.Synced == Yes:
		return s.done(OK, session.M("selftest.note.synced"))
	}
	return s.done(OK)
}

// left is how many corners are not touched yet.
func (s *State) left() int {
	n := 0
	for _, touched := range s.corners {
		if !touched {
			n++
		}
	}
	return n
}

// finish makes the report. A test that was left before anybody looked at anything
// leaves none behind.
func (s *State) finish(at session.Moment, abandoned bool) []Want {
	looked := slices.ContainsFunc(s.outcomes, func(o Outcome) bool { return o.Result != Skipped })
	r := Report{Started: s.started.Wall, Ended: at.Wall, Version: s.facts.Version, Abandoned: abandoned,
		ClockUnsure: !s.trusted, Outcomes: slices.Clip(s.outcomes)}
	if abandoned && !looked {
		r = Report{}
	} else {
		for _, item := range s.items[len(s.outcomes):] {
			r.Outcomes = append(r.Outcomes, Outcome{Item: item, Result: Skipped})
		}
		r.Outcomes = append(r.Outcomes, s.facts.judge()...)
	}
	s.ended = true
	return []Want{Finished{r}}
}

// Listens reports whether the test waits for a button of the panel.
func (s State) Listens() bool {
	_, is := s.now().action()
	return is
}

// Lamp is the action of the button whose lamp is lit, "" for none.
func (s State) Lamp() string {
	if b := s.button(); b.Lamp && !s.dark {
		return b.Action
	}
	return ""
}

// Corners are the corners that have been touched; ok is false unless they are
// being tested.
func (s State) Corners() (touched [4]bool, ok bool) { return s.corners, s.now() == Touch }

// Choice is an answer that a person may give.
type Choice struct {
	Key   string
	Label session.Msg
	Main  bool // what is answered when all is well
}

// Screen is what a person is shown of a test.
type Screen struct {
	Turn     int
	Item     Item
	Title    session.Msg
	Text     session.Msg
	Notice   session.Msg
	Choices  []Choice
	At, Of   int // which step this is
	Outcomes []Outcome
}

// View is the screen of a state. now is the wall clock in the zone of the place.
func View(s State, now time.Time) Screen {
	item := s.now()
	v := Screen{Turn: s.Turn, Item: item, At: min(len(s.outcomes)+1, len(s.items)), Of: len(s.items), Outcomes: s.outcomes}
	offer := func(key, label string, pairs ...any) {
		v.Choices = append(v.Choices, Choice{Key: key, Label: session.M("selftest.choice."+label, pairs...)})
	}
	main := func() { v.Choices[len(v.Choices)-1].Main = true }
	if item == "" {
		v.Title = session.M("selftest.measuring")
		return v
	}
	v.Title = item.Label()
	switch item {
	case Printer:
		if s.printing != "" {
			v.Text, v.Notice = session.M("selftest.ask.printer_trouble"), session.M("device.printer."+s.printing)
			offer("again", "print_again")
			main()
			offer("no", "go_on")
			break
		}
		v.Text = session.M("selftest.ask.printer")
		if s.wrong {
			v.Notice = session.M("selftest.ask.printer_wrong")
		}
		numbers := s.numbers()
		slices.Sort(numbers[:])
		for _, n := range numbers {
			offer("code."+strconv.Itoa(n), "number", "number", strconv.Itoa(n))
			main()
		}
		offer("no", "illegible")
		offer("again", "print_again")
	case Sound:
		v.Text = session.M("selftest.ask.sound")
		offer("yes", "heard")
		main()
		offer("no", "not_heard")
		offer("again", "play_again")
	case Touch:
		v.Text = session.M("selftest.ask.touch")
		if n := s.left(); n < len(s.corners) {
			v.Notice = session.M("selftest.ask.touch_left", "n", n)
		}
		offer("no", "no_touch")
	case Clock:
		v.Text = session.M("selftest.ask.clock", "when", now, "year", now.Year())
		if !s.trusted {
			v.Notice = session.M("selftest.note.untrusted")
		}
		offer("yes", "right_time")
		main()
		offer("no", "wrong_time")
	default:
		if s.Lamp() != "" {
			// Naming the button would tell what only its lamp should.
			v.Title, v.Text = session.M("selftest.ask.lamp_title"), session.M("selftest.ask.lamp")
			offer("dark", "dark")
		} else {
			v.Text = session.M("selftest.ask.button")
		}
		if s.other != "" {
			v.Notice = session.M("selftest.ask.other", "button", OfButton(s.other).Label())
		}
		offer("no", "no_answer")
	}
	offer("skip", "skip")
	return v
}
