package session

// Refusal is an error that says why a command cannot be carried out. Its key has
// words in the catalogue that tell staff what to do. Compare with errors.Is.
type Refusal struct{ Msg Msg }

// Error is the key, for logs; people get the words.
func (r *Refusal) Error() string { return r.Msg.Key }

// Is compares the keys.
func (r *Refusal) Is(target error) bool {
	t, ok := target.(*Refusal)
	return ok && t.Msg.Key == r.Msg.Key
}

func (r *Refusal) with(pairs ...any) error { return &Refusal{M(r.Msg.Key, pairs...)} }

func refusal(key string) *Refusal { return &Refusal{Msg{Key: key}} }

// The refusals.
var (
	ErrNotOpen       = refusal("refuse.not_open")        // nobody can be called: the permanence is not open
	ErrPaused        = refusal("refuse.paused")          // nobody can be called during a pause
	ErrAlreadyOpen   = refusal("refuse.already_open")    // one permanence at a time
	ErrLeftOpen      = refusal("refuse.left_open")       // another day's permanence is to be closed first
	ErrMoved         = refusal("refuse.moved")           // the permanence goes on in another box
	ErrNotPaused     = refusal("refuse.not_paused")      // nothing to resume
	ErrNoTickets     = refusal("refuse.no_tickets")      // outside the hours of a permanence
	ErrTestTooLate   = refusal("refuse.test_too_late")   // real tickets were taken already
	ErrStillHere     = refusal("refuse.still_here")      // closing needs to know what becomes of them
	ErrNoDesk        = refusal("refuse.no_desk")         // no desk of this name
	ErrDeskBusy      = refusal("refuse.desk_busy")       // somebody is called or received there
	ErrDeskFree      = refusal("refuse.desk_free")       // nobody is called or received there
	ErrNobody        = refusal("refuse.nobody")          // the line is empty
	ErrNobodyForDesk = refusal("refuse.nobody_for_desk") // those who wait need another profession
	ErrOnlyAbsent    = refusal("refuse.only_absent")     // those who wait were absent just now
	ErrNoVisit       = refusal("refuse.no_visit")        // no such ticket
	ErrNotWaiting    = refusal("refuse.not_waiting")     // a colleague was quicker, or the visit is over
	ErrNotCalled     = refusal("refuse.not_called")      // only a called person can be …
	ErrNotServing    = refusal("refuse.not_serving")     // only a person in service can be …
	ErrNotHeld       = refusal("refuse.not_held")        // the person is not aside
	ErrNotAbsent     = refusal("refuse.not_absent")      // the person was not absent
	ErrOver          = refusal("refuse.over")            // the visit has ended
	ErrTooSoon       = refusal("refuse.too_soon")        // recalled too quickly
	ErrWrongDesk     = refusal("refuse.wrong_desk")      // another desk receives this person
	ErrNobodyElse    = refusal("refuse.nobody_else")     // no desk has this profession today
	ErrUndoGone      = refusal("refuse.undo_gone")       // too late, or somebody acted since
	ErrUnknownChoice = refusal("refuse.unknown_choice")  // not in the closed list
	ErrTwice         = refusal("refuse.twice")           // this visit has a ticket already
)
