package firstboot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// A Card is what a start works on: the real one, or a model of it.
type Card interface {
	Look() Facts      // what is found now; Failed is not its matter
	Do(s Step) error  // does one step; again is as good as once
	Tell(what string) // one line for people, "" for none
}

// A Note is something that staff are told about the start: a key of the catalogue with
// its arguments.
type Note struct {
	Key  string         `json:"key"`
	Args map[string]any `json:"args,omitempty"`
}

// Keys of notes.
const (
	NoteMended    = "boot.mended"     // the data could not be read; what could be was saved
	NoteLost      = "boot.lost"       // the data could not be read, and nothing of them
	NoteReset     = "boot.reset"      // everything was erased, as asked
	NoteNoReset   = "boot.no_reset"   // it was asked for, and could not be done
	NoteResetOpen = "boot.reset_open" // buttons asked for it, and a permanence is open
	NoteNoCard    = "boot.no_card"    // no card, or none that can hold data
	NoteNarrow    = "boot.narrow"     // the card is longer than what is used of it
	NoteTaken     = "boot.site_taken" // the site file of the card is now the box's
	NoteSiteWrong = "boot.site_wrong" // the site file of the card has something wrong; the one before stays
	NoteLeftover  = "boot.leftover"   // a file of Raspberry Pi Imager that is not used here: {file}
)

// An Outcome is how a start went. It lies in /run for the box, which tells staff.
type Outcome struct {
	Data  bool   `json:"data"` // the data folder is mounted
	Notes []Note `json:"notes,omitempty"`
	// Wrong are the sentences about a site file of the card that was refused, in French.
	Wrong []string `json:"wrong,omitempty"`
	// Steps are those that did something, in order, for the report of the box.
	Steps []string `json:"steps,omitempty"`
	// Failed are those that did not work.
	Failed []string `json:"failed,omitempty"`
}

// most bounds the steps of a start: each at most twice, as Format and MountData are when
// the first file system turns out broken only when it is mounted.
const most = 2

// Run does the steps until nothing is left to do. It returns how it went, and every error
// of a step, for the log.
func Run(card Card) (Outcome, error) {
	var out Outcome
	var errs []error
	failed := make(map[Step]bool)
	count := make(map[Step]int)
	for {
		facts := card.Look()
		facts.Failed = failed
		step := Next(facts)
		if step == Done {
			out.Data = facts.Data == Mounted
			out.Notes = notes(facts, count, failed)
			return out, errors.Join(errs...)
		}
		if count[step]++; count[step] > most {
			failed[step] = true // it says that it worked, and nothing has changed
			errs = append(errs, fmt.Errorf("firstboot: %s: done %d times and still to do", step, most))
			out.Failed = append(out.Failed, string(step))
			continue
		}
		if what := telling(step); what != "" {
			card.Tell(what)
		}
		if err := card.Do(step); err != nil {
			failed[step] = true
			errs = append(errs, fmt.Errorf("firstboot: %s: %w", step, err))
			out.Failed = append(out.Failed, string(step))
			continue
		}
		out.Steps = append(out.Steps, string(step))
	}
}

// telling is what is shown during the steps that may take long.
func telling(s Step) string {
	switch s {
	case Sweep, Erase:
		return "Effacement des données…"
	case Rescue:
		return "Les données sont abîmées. Jeudi sauve ce qui se lit…"
	case Format:
		return "Préparation de la carte…"
	}
	return ""
}

// notes is what staff are told.
func notes(f Facts, count map[Step]int, failed map[Step]bool) []Note {
	var all []Note
	say := func(when bool, key string) {
		if when {
			all = append(all, Note{Key: key})
		}
	}
	done := func(s Step) bool { return count[s] > 0 && !failed[s] }
	say(f.Data != Mounted && !f.Reset, NoteNoCard)
	say(f.Reset, NoteNoReset)
	say(done(Erase), NoteReset)
	say(done(Restore), NoteMended)
	say(count[Rescue] > 0 && !done(Restore), NoteLost)
	say(f.Narrow && failed[GrowData] || f.Room && failed[GrowTable], NoteNarrow)
	say(done(TakeSite), NoteTaken)
	say(done(RefuseSite) || failed[RefuseSite], NoteSiteWrong)
	return all
}

// ReadOutcome is how this start went, as Prepare has left it in a folder; nothing where it
// did not run, as on a laptop.
func ReadOutcome(run fs.FS) (Outcome, bool) {
	raw, err := fs.ReadFile(run, OutcomeFile)
	var out Outcome
	if err != nil || json.Unmarshal(raw, &out) != nil {
		return Outcome{}, false
	}
	return out, true
}

// Files under /run/jeudi.
const (
	OutcomeFile = "firstboot.json" // the Outcome of this start
	SplashFile  = "splash"         // one line for people, which the splash shows
)

// ClockFile lies on the data partition and is as old as the last time that the box was
// seen: where a Pi has no clock of its own, time goes on from there.
const ClockFile = "clock"
