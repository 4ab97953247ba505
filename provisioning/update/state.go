package update

import (
	"encoding/json"
	"fmt"
	"slices"

	"jeudi/provisioning/card"
)

// A State is what the data partition keeps of updates. The card says which slot is kept
// (autoboot.txt) and the kernel which one runs; what is kept here is what neither knows.
type State struct {
	// Held is what each slot holds, by its letter; a slot that is missing holds nothing that
	// is known to be whole, and is never started on purpose.
	Held  map[string]Held `json:"held,omitempty"`
	Trial *Trial          `json:"trial,omitempty"` // between the order to try a slot and its end
	Last  *Outcome        `json:"last,omitempty"`  // of the last one that ended
}

// Held is a system that a slot holds.
type Held struct {
	Version    string `json:"version"`
	DataFormat int    `json:"dataFormat"`
	ID         Hash   `json:"id"` // of its bundle, zero for what came with the card
	// Fresh is one that was never kept: it was written, and waits for its trial.
	Fresh bool `json:"fresh,omitempty"`
	// Failed is how often its trial did not end well. It is tried again only when somebody
	// wants it.
	Failed int `json:"failed,omitempty"`
}

// A Trial is the one start that a slot is given to show that it works.
type Trial struct {
	Slot    string `json:"slot"`
	Version string `json:"version"` // of that slot
	From    string `json:"from"`    // the version before
	Back    bool   `json:"back"`    // to the version before the last update, because somebody wanted it
	Unasked bool   `json:"unasked"` // the firmware started it, since the kept one does not start
	Begun   bool   `json:"begun"`   // it has started, at least as far as the data partition
	Why     string `json:"why"`     // what it failed at, once it has
	Before  Health `json:"before"`  // what worked before it
}

// Results of an update.
const (
	Kept     = "kept"    // tried and kept
	GoneBack = "back"    // tried, and the version before runs again
	CutOff   = "cut_off" // it was being written when the power was cut
)

// An Outcome is how an update ended.
type Outcome struct {
	Result  string `json:"result"`
	Version string `json:"version"` // that was tried
	Runs    string `json:"runs"`    // that runs now
	Back    bool   `json:"back"`    // it was a return to the version before
	Why     string `json:"why"`     // a message key or WhyWanted, "" for Kept
	Told    bool   `json:"told"`    // a slip of paper has said so
}

// Reasons why a version is not kept, as keys of the catalogue but the last.
const (
	WhyNoStart = "update.why.no_start" // nothing came from it: it does not start, or it crashed
	WhyCut     = "update.why.cut"      // it started and somebody pulled the plug, or it crashed later
	WhySilent  = "update.why.silent"   // the box does not answer
	WhyData    = "update.why.data"     // there was no room to copy the data
	WhyJournal = "update.why.journal"
	WhyPage    = "update.why.page"
	WhyPrinter = "update.why.printer"
	WhyPanel   = "update.why.panel"
	WhySite    = "update.why.site"
	WhyWanted  = "wanted" // somebody held two buttons, or asked at the desk: no fault, and no key
)

// stateForm is the form of the file.
const stateForm = 1

// ParseState reads what encode wrote. A file of another form is an error: whoever reads it
// goes on with an empty state, in which nothing is started that is not known.
func ParseState(text []byte) (State, error) {
	var f struct {
		Form int `json:"form"`
		State
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return State{}, fmt.Errorf("update: state: %w", err)
	}
	if f.Form != stateForm {
		return State{}, fmt.Errorf("update: state of form %d; this jeudi reads form %d", f.Form, stateForm)
	}
	return f.State, nil
}

func (s State) encode() []byte {
	text, err := json.Marshal(struct {
		Form int `json:"form"`
		State
	}{stateForm, s})
	if err != nil {
		panic(err) // it has nothing that JSON cannot say
	}
	return append(text, '\n')
}

// with is the state with what a slot holds, nil for nothing.
func (s State) with(slot card.Slot, h *Held) State {
	held := map[string]Held{}
	for k, v := range s.Held {
		held[k] = v
	}
	delete(held, slot.String())
	if h != nil {
		held[slot.String()] = *h
	}
	s.Held = held
	return s
}

// Running is the system that runs.
type Running struct {
	Slot       card.Slot
	Kept       card.Slot // as autoboot.txt has it; 0 when it cannot be read
	Version    string
	DataFormat int
}

// OnTrial reports whether the slot that runs is not the one that is kept. Which of the
// firmware's ways led here does not matter: the next start will be of the other slot.
func (r Running) OnTrial() bool { return r.Kept != 0 && r.Slot != r.Kept }

// Work on the data that a start has to do before the box may see them.
type Work int

// The kinds of Work.
const (
	Nothing Work = iota
	Keep         // copy the data, unless there is a whole copy
	Restore      // put the copy back, if there is one
	Forget       // erase the copy, if there is one
)

// AtStart is what a start makes of the state: what to do with the data, and the state once
// that is done. It gives the same for the same start however often it is asked.
func AtStart(s State, r Running) (Work, State) {
	t := s.Trial
	switch {
	case r.OnTrial() && t != nil && t.Slot == r.Slot.String():
		begun := *t
		begun.Begun = true
		s.Trial = &begun
		// The slot may write the data in a form that the version before cannot read, or take
		// good ones for damaged. During a trial no permanence is open, so that the copy holds
		// nothing that the data do not. One that nobody asked for has no version before.
		if !t.Unasked {
			return Keep, s
		}
		return Nothing, s
	case r.OnTrial():
		// The kept slot did not start, and the firmware or its first stage chose this one.
		s.Trial = &Trial{Slot: r.Slot.String(), Version: r.Version, From: s.Held[r.Kept.String()].Version, Unasked: true, Begun: true}
		return Nothing, s
	case t == nil || r.Kept == 0:
		return Forget, s
	case t.Slot == r.Slot.String():
		// It was kept, and the cut came before this was written down.
		return Forget, s.kept(r)
	case t.Unasked:
		s.Trial = nil // the kept slot starts after all
		return Forget, s
	default:
		why := t.Why
		if why == "" && t.Begun {
			why = WhyCut
		} else if why == "" {
			why = WhyNoStart
		}
		return Restore, s.failed(r, why)
	}
}

// kept is the state once the slot that runs is the kept one.
func (s State) kept(r Running) State {
	t := s.Trial
	h := s.Held[r.Slot.String()]
	h.Version, h.DataFormat, h.Fresh, h.Failed = r.Version, r.DataFormat, false, 0
	s = s.with(r.Slot, &h)
	if t.Unasked {
		s = s.with(r.Slot.Other(), nil) // it does not start
	}
	s.Last = &Outcome{Result: Kept, Version: r.Version, Runs: r.Version, Back: t.Back}
	s.Trial = nil
	return s
}

// failed is the state once the box is back in the version before.
func (s State) failed(r Running, why string) State {
	t := s.Trial
	tried := r.Slot.Other()
	if h, ok := s.Held[tried.String()]; ok && why != WhyWanted {
		h.Failed++
		s = s.with(tried, &h)
	}
	s.Last = &Outcome{Result: GoneBack, Version: t.Version, Runs: r.Version, Back: t.Back, Why: why}
	s.Trial = nil
	return s
}

// Health is what of the box works, as the box itself sees it.
type Health struct {
	Journal bool `json:"journal"` // it was opened and read whole
	Page    bool `json:"page"`    // the kiosk's page has been painted since the start
	Printer bool `json:"printer"` // it answers; paper is another matter
	Panel   bool `json:"panel"`   // the buttons can be read
	// Site is whether the box has its site: false while the set-up asks for one. A version
	// that takes a site for wrong which the one before read must not stay; a box that never
	// had one can be judged by the page of its set-up.
	Site bool `json:"site"`
}

// Judge is what a version on trial still lacks, as reasons, none when it may be kept. What
// did not work before needs not work now: a printer that was unplugged is no fault of an
// update.
func Judge(before, now Health) (missing []string) {
	if !now.Journal {
		missing = append(missing, WhyJournal)
	}
	if !now.Page {
		missing = append(missing, WhyPage)
	}
	if before.Printer && !now.Printer {
		missing = append(missing, WhyPrinter)
	}
	if before.Panel && !now.Panel {
		missing = append(missing, WhyPanel)
	}
	if before.Site && !now.Site {
		missing = append([]string{WhySite}, missing...) // the others come of it
	}
	return missing
}

// hopeless reports whether no waiting helps: the site and the journal are read once, at the
// start.
func hopeless(missing []string) bool {
	return slices.Contains(missing, WhyJournal) || slices.Contains(missing, WhySite)
}
