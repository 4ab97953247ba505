// Package setup puts a new box into service: six questions on a phone, and a site file
// at their end.
//
// The kiosk shows two codes, the box's Wi-Fi and the page of the questions; whoever has
// read them answers on the phone, tries the printer and the buttons at once, and says
// « Terminé ». The answers are judged by site.Parse, so that no box ever refuses what
// its wizard took. They are kept on the card after each question: a pulled plug costs no
// answer. Whoever tries wrong codes waits. A box that has nothing yet takes the site file
// of a USB stick instead, without a phone.
//
// It promises that the file is whole or not there, that the passphrase of a Wi-Fi goes
// into that file and the kept answers and nowhere else, and that a site file that was
// wrong is set aside, not lost.
package setup

import (
	"encoding/json"
	"slices"
	"strings"

	"jeudi/provisioning/site"
)

// State is what the wizard knows. It does not change: each step makes another.
type State struct {
	Answers  site.Answers `json:"answers"`
	Answered map[int]bool `json:"answered,omitempty"` // by question, from 1
	Screen   string       `json:"screen,omitempty"`   // as the kiosk's browser measures it
	Problems []site.Error `json:"-"`                  // of the site file that is there
}

// start is the wizard before anybody answered.
func start() State {
	return State{Answers: site.Answers{Languages: []string{site.French}, Panel: site.None, Wifi: site.AnswerWifi{Use: site.WifiOwn}}}
}

// Begin is a wizard for whoever asks the questions in another way than the pages here,
// with what was found proposed.
func Begin(f Found) State { return start().found(f) }

// Answered is the state of a wizard that asks nothing any more, with what Load returns.
func Answered(a site.Answers) []byte {
	s := State{Answers: a, Answered: map[int]bool{}}
	for q := range site.Questions {
		s.Answered[q+1] = true
	}
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // it has nothing that JSON cannot say
	}
	return data
}

// Answer is the state after one question, and what is wrong with its answer.
func (s State) Answer(q site.Question, given site.Answers) (State, []site.Doubt) {
	return s.answer(q, given, false)
}

// answer is the state after one question, and what is wrong with its answer: then the
// answer is kept as it was given, and the question stays open.
func (s State) answer(q site.Question, given site.Answers, keepPassphrase bool) (State, []site.Doubt) {
	a := s.Answers
	given = clean(given)
	switch q {
	case site.AskPlace:
		a.Name, a.Address, a.Phone, a.Zone = given.Name, given.Address, given.Phone, given.Zone
	case site.AskHours:
		a.Hours = given.Hours
	case site.AskDesks:
		a.Desks = given.Desks
	case site.AskLanguages:
		a.Languages = given.Languages
	case site.AskDevices:
		a.Screen, a.Printer, a.Profile, a.Panel, a.Speaker = given.Screen, given.Printer, given.Profile, given.Panel, given.Speaker
	case site.AskWifi:
		// The page is never told the passphrase, and says so when it is to stay.
		if keepPassphrase && given.Wifi.SSID == a.Wifi.SSID {
			given.Wifi.Passphrase = a.Wifi.Passphrase
		}
		a.Wifi = given.Wifi
	default:
		return s, nil
	}
	next := s
	next.Answers, next.Answered = a, map[int]bool{}
	for k := range s.Answered {
		next.Answered[k] = true
	}
	var doubts []site.Doubt
	checked := a.Check()
	if !s.Answered[int(site.AskPlace)] || a.Phone != s.Answers.Phone { // what a file had may stay
		checked = append(checked, a.Unlikely()...)
	}
	for _, d := range checked {
		if d.Question == q {
			doubts = append(doubts, d)
		}
	}
	if next.Answered[int(q)] = len(doubts) == 0; len(doubts) > 0 {
		delete(next.Answered, int(q))
	}
	return next, doubts
}

// clean takes the spaces around what was typed away, and the rows that were left empty
// beside others: of empty ones alone the first stays, so that it is told what it lacks.
// The name and the passphrase of a Wi-Fi are not touched: their spaces count.
func clean(a site.Answers) site.Answers {
	trim := strings.TrimSpace
	a.Name, a.Address, a.Phone = trim(a.Name), trim(a.Address), trim(a.Phone)
	a.Hours = slices.Clone(a.Hours)
	for i, h := range a.Hours {
		// A phone's keyboard gives « 9h », « 9h30 » and « 9.30 » as often as 9:30.
		a.Hours[i] = site.AnswerHours{Day: trim(h.Day), From: clock(h.From), Until: clock(h.Until)}
	}
	a.Hours = filled(a.Hours, func(h site.AnswerHours) bool { return h.From == "" && h.Until == "" })
	a.Desks = slices.Clone(a.Desks)
	for i := range a.Desks {
		a.Desks[i].Label = trim(a.Desks[i].Label)
	}
	rank := func(lang string) int {
		if i := slices.Index(site.KnownLanguages(), lang); i >= 0 {
			return i
		}
		return len(site.KnownLanguages())
	}
	a.Languages = slices.Clone(a.Languages) // in the order of the screen, not in that of the ticks
	slices.SortStableFunc(a.Languages, func(x, y string) int { return rank(x) - rank(y) })
	a.Desks = filled(a.Desks, func(d site.AnswerDesk) bool { return d.Label == "" && len(d.Roles) == 0 })
	return a
}

// filled are the rows that are not empty, and the first where all are.
func filled[T any](rows []T, empty func(T) bool) []T {
	if len(rows) > 0 && !slices.ContainsFunc(rows, func(row T) bool { return !empty(row) }) {
		return rows[:1]
	}
	return slices.DeleteFunc(rows, empty)
}

// clock is a time of day as the site file has it.
func clock(text string) string {
	t := strings.ToLower(strings.Join(strings.Fields(text), ""))
	t = strings.NewReplacer("h", ":", ".", ":").Replace(t)
	if t == "" {
		return ""
	}
	if !strings.Contains(t, ":") {
		t += ":"
	}
	if strings.HasSuffix(t, ":") {
		t += "00"
	}
	if len(t) == len("09:00") {
		t = strings.TrimPrefix(t, "0") // a phone's time field gives it
	}
	return t
}

// open are the questions that have no good answer yet, in their order.
func (s State) open() (list []site.Question) {
	for q := range site.Question(site.Questions) {
		if q++; !s.Answered[int(q)] {
			list = append(list, q)
		}
	}
	return list
}

// saw is the state once the kiosk has measured its screen: the panel that it must be.
// What somebody answered stays.
func (s State) saw(width, height int) State {
	if s.Screen = "10.1"; width <= 1024 && height <= 600 {
		s.Screen = "7"
	}
	if !s.Answered[int(site.AskDevices)] {
		s.Answers.Screen = s.Screen
	}
	return s
}

// found is the state once devices were looked for: before anybody chose, what is there
// is proposed.
func (s State) found(f Found) State {
	if s.Answered[int(site.AskDevices)] || s.Answers.Printer != "" {
		return s
	}
	// A serial port tells nothing of what hangs on it: it is never chosen for people.
	if len(f.Printers) > 0 && f.Printers[0].Kind != kindSerial {
		s.Answers.Printer, s.Answers.Profile = f.Printers[0].Device, f.Printers[0].Profile
	}
	simulated := len(f.Printers) > 0 && f.Printers[0].Kind == kindSim
	switch {
	case simulated:
		s.Answers.Panel, s.Answers.Speaker = "sim:", "sim:"
		return s
	case f.Panel && s.Answers.Panel == site.None:
		s.Answers.Panel = site.Layouts()[0]
	}
	if f.Sound && s.Answers.Speaker == "" {
		s.Answers.Speaker = "sound:"
	}
	return s
}
