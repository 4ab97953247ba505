package appliance

import (
	"time"

	"jeudi/firmware/session"
)

// rest is how long no desk may receive anybody before the team has had a pause.
const rest = 10 * time.Minute

// spell is how long the team has received people without a pause: the whole team, and
// no agent or desk, to protect it. It is in memory alone, and begins anew after a
// restart.
type spell struct {
	since session.Moment // zero: nobody is received
	quiet session.Moment // since when no desk has anybody; zero while one has
}

// after is the spell when the queue has become s.
func (p spell) after(s session.State, at session.Moment) spell {
	if s.Status != session.Open {
		return spell{}
	}
	busy := false
	for _, d := range s.Plan.Desks {
		if _, ok := s.AtDesk(d.Key); ok {
			busy = true
		}
	}
	switch {
	case busy && p.rested(at):
		return spell{since: at}
	case busy:
		p.quiet = session.Moment{}
	case p.quiet == session.Moment{} && p.since != session.Moment{}:
		p.quiet = at
	}
	return p
}

// rested reports whether the team has had a pause by at, or has not begun.
func (p spell) rested(at session.Moment) bool {
	return p.since == session.Moment{} || p.quiet != session.Moment{} && at.Reached(p.quiet.Add(rest))
}

// Unbroken is since when the team receives people without a pause, the zero Moment
// when it does not.
func (s *Snapshot) Unbroken() session.Moment {
	if s.team.rested(s.Now) {
		return session.Moment{}
	}
	return s.team.since
}
