package rehearse

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// guest is a visitor with what has become of them: the script's own ledger.
type guest struct {
	person
	number   int // acknowledged; 0 without ticket
	visit    string
	tookAt   time.Duration
	calledAt time.Duration // first call; 0 before
	goneAt   time.Duration // counted as a no-show
	gone     bool          // left, whether the box knows or not
	heldAt   time.Duration
	outcome  string // as the box acknowledged it; elsewhere when somebody else ended it
	acted    time.Duration
	missing  time.Duration // since when no list has them
	did      map[string]bool

	calls    int   // as last seen in the call that is on
	recallMS int64 // not to be called again before
	gap      int64 // between two calls
	callsIn  int   // the outage of that clock

	restUntil int64 // on the box's clock: absent, not to be proposed before
	restIn    int   // the outage of that clock
	cameBack  bool
}

// elsewhere is the outcome of a ticket of ours that somebody else ended.
const elsewhere = "elsewhere"

// present reports whether the guest would come now when called.
func (g *guest) present(now time.Duration) bool {
	if g.gone {
		return false
	}
	switch g.Coming {
	case late:
		return g.calledAt != 0 && now >= g.calledAt+g.Returns
	case never:
		return false
	case muchLater:
		return g.goneAt != 0 && now >= g.goneAt+g.Returns
	}
	return true
}

// impatient reports whether the guest has waited too long by now.
func (g *guest) impatient(now time.Duration) bool {
	return g.Patience > 0 && g.number != 0 && g.calledAt == 0 && now >= g.tookAt+g.Patience
}

// once reports whether something is done for the first time.
func (g *guest) once(what string) bool { return !g.did[what] }

// room is everything that goes on: who is there, and what staff mean to do next. It
// decides as a value: what happens to the box is up to the player.
type room struct {
	morning
	guests   []*guest
	byNumber map[int]*guest
	speed    float64 // of the script
	base     map[string]int

	turned     int // people turned away so far
	paused     bool
	didPause   bool
	resumeAt   time.Duration
	helpComing time.Duration
	closing    bool // nobody else is called
	strangers  int  // ended for people who are not ours

	refused  map[string]int // what the box refused, as it should
	rests    int            // absent people who were left in peace for five minutes
	gaps     int            // early recalls that were refused
	proposed int            // no-shows proposed after the third call
	problems []string
}

func newRoom(m morning, speed float64, base map[string]int) *room {
	r := &room{morning: m, speed: speed, base: base, byNumber: make(map[int]*guest), refused: make(map[string]int)}
	for _, p := range m.People {
		r.guests = append(r.guests, &guest{person: p, did: make(map[string]bool)})
	}
	return r
}

func (r *room) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// ticket notes an acknowledged ticket.
func (r *room) ticket(g *guest, number int, visit string, now time.Duration) {
	switch other := r.byNumber[number]; {
	case g.number == number:
		return
	case number <= 0:
		r.problem("a ticket has the number %d", number)
	case other != nil:
		r.problem("number %d was given twice", number)
	case g.number != 0:
		r.problem("number %d became %d", g.number, number)
	default:
		g.number, g.visit, g.tookAt, g.acted = number, visit, now, now
		r.byNumber[number] = g
	}
}

// observe takes from a view what the script cannot know otherwise.
func (r *room) observe(v deskView) {
	lately := time.Duration(2 * float64(time.Second) * r.speed)
	seen := make(map[int]bool)
	labels := make(map[string]string)
	for _, c := range v.Choices["outcomes"] {
		labels[c.Label] = c.Key
	}
	for list, row := range v.rows {
		g := r.byNumber[row.Number]
		if g == nil {
			continue
		}
		seen[row.Number] = true
		if g.visit == "" {
			g.visit = row.ID
		}
		switch {
		case g.visit != row.ID:
			r.problem("number %d belongs to two visits", row.Number)
		case list == "resting":
			if g.restUntil != row.UntilMS || g.restIn != v.outage { // else a view from before they came back
				g.restUntil, g.restIn, g.cameBack = row.UntilMS, v.outage, false
			}
		case list == "ended" && g.outcome == "" && v.at > g.acted+lately:
			if g.outcome = labels[row.Outcome]; g.outcome == "" {
				g.outcome = elsewhere
			}
		}
	}
	whole := v.WaitingTotal <= len(v.Waiting)+len(v.Resting)
	for _, g := range r.guests {
		switch {
		case g.number == 0 || g.outcome != "" || seen[g.number] || !whole || v.at <= g.acted+lately:
			g.missing = 0
		case g.missing == 0:
			g.missing = v.at
		case v.at > g.missing+lately && r.endedByOthers(v.Counts) > 0:
			g.outcome = elsewhere
		case v.at > g.missing+2*lately:
			r.problem("number %d is lost: it is in no list, and has no outcome", g.number)
			g.outcome = "lost"
		}
	}
}

// endedByOthers is how many visits ended that the script knows nothing of.
func (r *room) endedByOthers(counts map[string]int) int {
	n := -r.strangers
	for _, o := range outcomes {
		n += counts[o] - r.base[o]
	}
	for _, g := range r.guests {
		if g.outcome != "" {
			n--
		}
	}
	return n
}

// settled reports whether every ticket of ours has an outcome, those included who
// may come back yet.
func (r *room) settled(now time.Duration) bool {
	return !slices.ContainsFunc(r.guests, func(g *guest) bool {
		return g.number != 0 && (g.outcome == "" || g.outcome == "no_show" && g.Coming == muchLater && g.once("came_back"))
	})
}

// outcomes are in the order of the identity.
var outcomes = [...]string{"served", "no_show", "left", "cancelled", "misrouted", "oriented", "unresolved"}

// identity is the last line of a rehearsal. It compares the box's counts with
// themselves and with the script's ledger. Other people may use the box at the
// same time: then theirs come on top of ours.
func (r *room) identity(counts map[string]int) (line string, ok bool) {
	problems := slices.Clone(r.problems)
	sum := counts["here"]
	figures := []string{fmt.Sprintf("issued=%d", counts["issued"])}
	for _, o := range outcomes {
		sum += counts[o]
		figures = append(figures, fmt.Sprintf("%s=%d", o, counts[o]))
	}
	figures = append(figures, fmt.Sprintf("here=%d", counts["here"]))
	if sum != counts["issued"] {
		problems = append(problems, fmt.Sprintf("the outcomes add up to %d", sum))
	}
	mine, ours, unknown := make(map[string]int), 0, 0
	for _, g := range r.guests {
		switch {
		case g.number == 0:
			continue
		case g.number > counts["issued"]:
			problems = append(problems, fmt.Sprintf("number %d was acknowledged and is not among the issued", g.number))
		case g.outcome == "":
			problems = append(problems, fmt.Sprintf("number %d has no outcome", g.number))
		}
		ours++
		if mine[g.outcome]++; g.outcome == elsewhere {
			unknown++
		}
	}
	others := counts["issued"] - r.base["issued"] - ours
	if others < 0 {
		problems = append(problems, fmt.Sprintf("%d tickets were acknowledged to the script alone", ours))
	}
	for _, o := range outcomes {
		n, m := counts[o]-r.base[o], mine[o]
		// Alone at the box, there is nobody else to whom a difference could be due.
		alone := others == 0 && unknown == 0 && r.base["here"] == 0
		if n < m || alone && n != m {
			problems = append(problems, fmt.Sprintf("%s is %d, and %d were acknowledged to the script", o, n, m))
		}
	}
	if len(problems) > 0 {
		return "identity BROKEN: " + strings.Join(figures, " ") + ": " + strings.Join(problems, "; "), false
	}
	return "identity ok: " + strings.Join(figures, " "), true
}

// progress is one line about now.
func (r *room) progress(v deskView, now time.Duration) string {
	arrived := 0
	for _, g := range r.guests {
		if g.Arrives <= now {
			arrived++
		}
	}
	desks := 0
	for _, d := range v.Desks {
		if d.Row != nil {
			desks++
		}
	}
	c := v.Counts
	return fmt.Sprintf("  %d h %02d  came %d, waiting %d, at a desk %d, aside %d; served %d, no-show %d, left %d, turned away %d",
		int(now.Hours()), int(now.Minutes())%60, arrived, v.WaitingTotal, desks, len(v.Held)+len(v.Away),
		c["served"], c["no_show"], c["left"], c["turned_away"])
}
