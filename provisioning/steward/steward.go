// Package steward is the small part of the box that runs as root, and the little it does
// for the part that does not: writing a slot, raising the hotspot, reading a stick,
// restarting. `jeudi run` has no rights but its own folder and devices; what it may ask
// for is this closed set of verbs, over a Unix socket that its group alone can open.
//
// One request a connection: a line of JSON {"verb": …, "args": …}; answered by lines
// {"progress": …} as long as the work goes on, and a last line {"done": …} or {"error": …}.
package steward

import (
	"context"
	"encoding/json"
)

// Verbs are all that the steward can be asked. Each has its arguments and its answer
// beside its handler.
const (
	VerbStatus   = "status"   // slots, versions, card, clock, health of the machine
	VerbSticks   = "sticks"   // USB sticks that are plugged in, and what of ours lies on them
	VerbImport   = "import"   // the content of one named file of a stick
	VerbExport   = "export"   // write one file to a stick, flushed and unmounted
	VerbUpdate   = "update"   // check a bundle and write it into the other slot
	VerbTry      = "try"      // start the other slot once
	VerbCommit   = "commit"   // keep the slot that runs
	VerbRollback = "rollback" // go back to the other slot
	VerbNetwork  = "network"  // raise the hotspot or join a network, and say what was done
	VerbScreen   = "screen"   // end the visitor's browser, which stands still; it begins anew by itself
	VerbReset    = "reset"    // erase the data and begin anew
	VerbReboot   = "reboot"
	VerbPowerOff = "poweroff"
)

// Progress is how far long work is.
type Progress struct {
	Step string `json:"step"`           // a message key, never a sentence
	Done int64  `json:"done,omitempty"` // bytes, 0 when it is not measured
	Of   int64  `json:"of,omitempty"`
}

// A Handler does what one verb asks. It says its progress as often as it likes; an error
// that is a *Refusal reaches staff as its sentence, any other is logged.
type Handler func(ctx context.Context, args json.RawMessage, say func(Progress)) (answer any, err error)

// A Refusal is why something was not done: a key of the catalogue with arguments.
type Refusal struct {
	Key  string         `json:"key"`
	Args map[string]any `json:"args,omitempty"`
}

func (r *Refusal) Error() string { return r.Key }
