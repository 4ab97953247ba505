package rehearse

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// clerk is who sits at one desk. It decides from the newest view and its own
// memory; the player sends what it decides.
type clerk struct {
	desk  string
	first bool // also does what concerns the whole room

	key     string        // of what was at the desk: visit, state, calls
	since   time.Duration // when that began
	nextAt  time.Duration // not to ask for the next person before
	waiting int           // how many could be called at the last look
}

// step is what a clerk does now: a command, or nothing until wake.
type step struct {
	do    string
	body  map[string]any
	guest *guest // whom it concerns, nil for strangers and for nobody
	early bool   // a recall that the box is to refuse
	third bool   // a no-show that the box proposed after the third call
	// settled tells from a view that the command has arrived in it.
	settled func(deskView) bool
	wake    time.Duration
}

func order(do string, g *guest, pairs ...any) step {
	s := step{do: do, guest: g, body: map[string]any{"do": do}}
	for i := 0; i+1 < len(pairs); i += 2 {
		s.body[pairs[i].(string)] = pairs[i+1]
	}
	return s
}

// How staff behave: assumptions of the script.
const (
	walk      = 20 * time.Second // from the hall to the desk
	give      = 25 * time.Second // until staff see that nobody comes
	turnover  = 15 * time.Second // from one person to the next
	margin    = time.Second      // beyond what the box asks for
	tryAgain  = 2 * time.Minute  // pressing « Suivant » with nobody to call
	idleLook  = time.Minute      // how often staff look up when nothing happens
	slip      = 3 * time.Second  // until a mistake is seen
	maxGap    = 2 * time.Minute  // of the box: a recall is not waited for longer than that
	stranger  = 5 * time.Minute  // how long the service of somebody unknown takes
	afterHelp = 40 * time.Second // from the desk to the kiosk and back
)

// decide is what the clerk does next.
func (c *clerk) decide(r *room, v deskView, now time.Duration) step {
	if key := atDesk(v); key != c.key {
		c.key, c.since = key, now
		if v.Mine == nil {
			c.nextAt = now + turnover
		}
	}
	// What a desk takes back is the desk's last action, so nothing comes between.
	if n := len(v.Waiting); n != c.waiting { // somebody came, or a colleague took somebody
		c.waiting, c.nextAt = n, min(c.nextAt, now+turnover)
	}
	if c.first && !c.mistaken(r, v) {
		if s := r.errand(v, now); s.do != "" {
			return s
		}
	}
	switch {
	case v.Mine == nil:
		return c.free(r, v, now)
	case v.Mine.State == "called":
		return c.called(r, v, now)
	case v.Mine.State == "serving":
		return c.serving(r, v, now)
	}
	return step{wake: now + idleLook}
}

// mistaken reports whether the clerk is about to take a call back.
func (c *clerk) mistaken(r *room, v deskView) bool {
	if v.Mine == nil || v.Mine.State != "called" {
		return false
	}
	g := r.byNumber[v.Mine.Number]
	return g != nil && g.Undo && g.once("undo")
}

func atDesk(v deskView) string {
	if v.Mine == nil {
		return ""
	}
	return fmt.Sprint(v.Mine.ID, v.Mine.State, v.Mine.Calls)
}

func changed(v deskView) func(deskView) bool {
	key := atDesk(v)
	return func(n deskView) bool { return atDesk(n) != key }
}

func (c *clerk) free(r *room, v deskView, now time.Duration) step {
	switch {
	case r.closing, v.Permanence.Status != "open":
		return step{wake: now + idleLook}
	case now < c.nextAt:
		return step{wake: c.nextAt}
	}
	c.nextAt = now + turnover
	if len(v.Waiting) == 0 { // staff try all the same, now and then: nobody may come of it
		c.nextAt = now + tryAgain
	}
	for _, row := range v.Waiting {
		if g := r.byNumber[row.Number]; g != nil && g.Chosen && g.once("call") {
			g.did["call"] = true
			s := order("call", g, "visit", row.ID)
			s.settled = changed(v)
			return s
		}
	}
	s := order("next", nil)
	s.settled = changed(v)
	return s
}

func (c *clerk) called(r *room, v deskView, now time.Duration) step {
	m, g := v.Mine, r.byNumber[v.Mine.Number]
	if g != nil && g.calledAt == 0 {
		g.calledAt = now
	}
	if g != nil && g.restUntil != 0 {
		r.checkRest(g, v)
	}
	if g != nil {
		r.checkGap(g, v)
	}
	when := func(at time.Duration, s step) step {
		if now < at {
			return step{wake: at}
		}
		s.settled = changed(v)
		return s
	}
	switch {
	case g != nil && g.Undo && g.once("undo"):
		return when(c.since+slip, order("undo", g))
	case g == nil || g.present(now):
		if g != nil && g.Quick {
			return when(c.since+walk+g.Service, c.end(v, g))
		}
		if g != nil && g.Together {
			return when(c.since+walk, order("together", g))
		}
		return when(c.since+walk, order("start", g))
	case g.Coming == late && g.once("absent"):
		return when(c.since+give, order("absent", g))
	}

	// Nobody comes. What is called thrice is a no-show; nobody is called in a pause.
	if v.Permanence.Status == "paused" {
		return step{wake: now + idleLook}
	}
	due := v.at + r.boxTime(v, m.RecallMS-v.NowMS) + margin
	due = min(due, c.since+r.boxTime(v, maxGap.Milliseconds())) // a clock that was set back says hours
	if m.Calls >= maxCalls {
		if !m.ProposeNoShow {
			r.problem("number %d was called %d times, and no-show was not proposed", m.Number, m.Calls)
		}
		s := order("no_show", g, "visit", m.ID)
		s.third = m.ProposeNoShow
		return when(due, s)
	}
	if soon := order("recall", g); g.once("recall too early") && due-now > r.boxTime(v, 8000) {
		soon.early = true
		return when(c.since+slip, soon)
	}
	if g.did["recall refused"] { // twice: after a power cut the box may not know how long ago the call was
		return when(due, order("no_show", g, "visit", m.ID))
	}
	return when(due, order("recall", g))
}

// maxCalls is how often a person is called before no-show is proposed.
const maxCalls = 3

func (c *clerk) end(v deskView, g *guest) step {
	s := order("end", g, "visit", v.Mine.ID, "outcome", "served")
	if g != nil && g.Outcome != "cancelled" {
		s.body["outcome"] = g.Outcome
	}
	return s
}

func (c *clerk) serving(r *room, v deskView, now time.Duration) step {
	g := r.byNumber[v.Mine.Number]
	service := stranger
	if g != nil {
		service = g.Service
		if g.calledAt == 0 {
			g.calledAt = now
		}
		third := c.since + service/3
		switch {
		case g.AddsMotif && g.once("add_motif") && now >= third:
			g.did["add_motif"] = true
			return order("add_motif", g, "visit", v.Mine.ID, "motif", v.choice("motifs", g.Seed))
		case g.HandsOver && g.once("hand_over") && now >= third:
			g.did["hand_over"] = true
			return order("hand_over", g, "role", v.choice("roles", g.Seed), "visit", v.Mine.ID)
		case g.Hold > 0 && g.once("hold") && now >= third:
			s := order("hold", g, "reason", v.choice("hold", g.Seed))
			s.settled = changed(v)
			return s
		}
		if now < third && (g.AddsMotif && g.once("add_motif") || g.HandsOver && g.once("hand_over") || g.Hold > 0 && g.once("hold")) {
			return step{wake: third}
		}
	}
	if at := c.since + service; now < at {
		return step{wake: at}
	}
	s := c.end(v, g)
	s.settled = changed(v)
	return s
}

// boxTime is milliseconds of the box as a duration of the script.
func (r *room) boxTime(v deskView, ms int64) time.Duration {
	return time.Duration(float64(ms) * float64(time.Millisecond) * r.speed / v.Speed)
}

// checkRest holds the box to its five minutes.
func (r *room) checkRest(g *guest, v deskView) {
	if g.restIn == v.outage && !g.cameBack { // the clock of before says nothing
		if v.Mine.SinceMS < g.restUntil {
			r.problem("number %d was absent, and called again %d s too early", g.number, (g.restUntil-v.Mine.SinceMS+999)/1000)
		} else {
			r.rests++
		}
	}
	g.restUntil = 0
}

// refused lets the clerk wait a while with what was in vain.
func (c *clerk) refused(s step, now time.Duration) {
	if s.do == "next" || s.do == "call" {
		c.nextAt = now + tryAgain
	}
}

// checkGap holds the box to the pause between two calls, on the box's own clock: a
// recall may be made one pause after the call before, so the next one two after it.
func (r *room) checkGap(g *guest, v deskView) {
	m := v.Mine
	switch {
	case m.Calls == 1:
		g.gap = m.RecallMS - m.SinceMS
	case m.Calls != g.calls+1 || g.callsIn != v.outage || g.gap == 0:
	case m.RecallMS-g.gap < g.recallMS:
		r.problem("number %d was called again %d ms too early", m.Number, g.recallMS-(m.RecallMS-g.gap))
	}
	g.calls, g.recallMS, g.callsIn = m.Calls, m.RecallMS, v.outage
}

// errand is what is to be done for the whole room now, one thing at a time.
func (r *room) errand(v deskView, now time.Duration) step {
	status := v.Permanence.Status
	if a := v.action("power_cut"); a != nil {
		s := step{do: fmt.Sprint(a["do"]), body: map[string]any{}}
		for k, val := range a {
			if k != "label" {
				s.body[k] = val
			}
		}
		s.settled = func(v deskView) bool { return v.action("power_cut") == nil }
		return s
	}
	switch {
	case status == "paused" && r.paused && now >= r.resumeAt:
		s := order("resume", nil)
		s.settled = func(v deskView) bool { return v.Permanence.Status != "paused" }
		return s
	case status == "open" && !r.didPause && !r.closing && now >= r.Pause:
		r.didPause = true
		s := order("pause", nil)
		s.settled = func(v deskView) bool { return v.Permanence.Status != "open" }
		return s
	case status != "open" && status != "paused":
		return step{}
	case v.Help != nil && !v.Help.Coming:
		r.helpComing = now
		s := order("help_coming", nil)
		s.settled = func(v deskView) bool { return v.Help == nil || v.Help.Coming }
		return s
	case v.Help != nil && r.helpComing != 0 && now >= r.helpComing+afterHelp:
		s := order("help_done", nil)
		s.settled = func(v deskView) bool { return v.Help == nil }
		return s
	case r.turned < len(r.TurnedAway) && now >= r.TurnedAway[r.turned]:
		r.turned++
		return order("turned_away", nil, "reason", v.choice("turned_away", uint64(r.turned)))
	}
	lists := make(map[int]string)
	for list, row := range v.rows {
		lists[row.Number] = list
	}
	for _, g := range r.guests {
		if s := r.errandFor(g, v, lists[g.number], now); s.do != "" {
			return s
		}
	}
	return step{}
}

// errandFor is what is to be done for one guest outside the service.
func (r *room) errandFor(g *guest, v deskView, list string, now time.Duration) step {
	once := func(what string, s step) step {
		g.did[what] = true
		return s
	}
	if g.number == 0 {
		if g.Way == byDesk && now >= g.Arrives && g.once("take") && !r.closing {
			return once("take", order("take", g, "motif", g.Motif, "for_other", g.ForOther))
		}
		return step{}
	}
	if g.visit == "" || r.closing {
		return step{}
	}
	switch {
	case g.outcome == "no_show" && g.Coming == muchLater && now >= g.goneAt+g.Returns && g.once("came_back"):
		return once("came_back", order("came_back", g, "visit", g.visit))
	case g.outcome != "":
	case list == "resting" && g.TellsUs && g.present(now) && g.once("came_back"):
		return once("came_back", order("came_back", g, "visit", g.visit))
	case list == "held" && g.heldAt != 0 && now >= g.heldAt+g.Hold && g.once("return"):
		return once("return", order("return", g, "visit", g.visit))
	case list != "waiting" || g.calledAt != 0:
	case g.Outcome == "cancelled" && now >= g.tookAt+2*time.Minute && g.once("cancel"):
		return once("cancel", order("cancel", g, "visit", g.visit, "reason", v.choice("cancel", g.Seed)))
	case g.Priority && g.once("prioritise"):
		return once("prioritise", order("prioritise", g, "visit", g.visit, "on", true))
	case g.StepOut > 0 && now >= g.tookAt+time.Minute && g.once("step_out"):
		return once("step_out", order("step_out", g, "visit", g.visit, "minutes", int(g.StepOut.Minutes())))
	case g.impatient(now) && g.once("leave"):
		g.gone = true
		if g.TellsUs {
			return once("leave", order("end", g, "visit", g.visit, "outcome", "left"))
		}
		g.did["leave"] = true
	}
	return step{}
}

// game is what the box may refuse in a morning as this: somebody was quicker, the
// line is empty, a pause began. Any other refusal is a surprise.
func game(do, refusal string) bool {
	switch do {
	case "next", "call":
		return slices.Contains([]string{"nobody", "nobody_for_desk", "only_absent", "not_waiting", "paused", "not_open", "desk_busy"}, refusal)
	case "recall":
		return slices.Contains([]string{"too_soon", "paused", "not_called"}, refusal)
	case "start", "together", "absent":
		return slices.Contains([]string{"not_called", "desk_free"}, refusal)
	case "hold":
		return refusal == "not_serving" || refusal == "desk_free"
	case "end", "no_show", "hand_over", "add_motif", "prioritise", "cancel":
		return slices.Contains([]string{"over", "wrong_desk", "not_serving", "not_called", "desk_free"}, refusal)
	case "return":
		return refusal == "not_held"
	case "came_back":
		return refusal == "not_absent"
	case "step_out":
		return refusal == "not_waiting"
	case "undo":
		return refusal == "undo_gone"
	case "open":
		return refusal == "already_open"
	case "resume":
		return refusal == "not_paused"
	case "pause":
		return refusal == "not_open"
	case "close":
		return refusal == "still_here" // somebody came in between: it is asked again
	}
	return false
}

// done notes what a command got. An error is a refusal that should not have been.
func (r *room) done(s step, ans answer, now time.Duration) error {
	g := s.guest
	if ans.Key != "" {
		key := strings.TrimPrefix(ans.Key, "refuse.")
		if !game(s.do, key) {
			return fmt.Errorf("rehearse: %s was refused: %s (%s)", s.do, ans.Error, key)
		}
		r.refused[key]++
		switch {
		case s.do == "recall" && key == "too_soon" && s.early:
			g.did["recall too early"] = true
			r.gaps++
		case s.do == "recall" && key == "too_soon":
			g.did["recall refused"] = true
		case s.do == "undo", s.do == "absent", s.do == "hold":
			g.did[s.do] = true
		}
		return nil
	}
	if g != nil {
		g.acted = now
		g.did[s.do] = true
	}
	switch s.do {
	case "pause":
		r.paused, r.resumeAt = true, now+r.PauseFor
	case "resume":
		r.paused = false
	case "take":
		r.ticket(g, ans.Number, ans.Visit, now)
	case "recall":
		if s.early {
			g.did["recall too early"] = true // the command took so long that it was not: checkGap knows
		}
	case "hold":
		g.heldAt = now
	case "came_back":
		g.outcome, g.cameBack = "", true
	case "no_show":
		g.outcome, g.goneAt = "no_show", now
		if s.third {
			r.proposed++
		}
	case "cancel":
		g.outcome = "cancelled"
	case "end":
		if g == nil {
			r.strangers++
			return nil
		}
		g.outcome = fmt.Sprint(s.body["outcome"])
	}
	return nil
}
