package setup

import (
	"context"
	"errors"
	"time"

	"jeudi/firmware/session"
	"jeudi/provisioning/site"
)

// Sites finds a site file on what is plugged into a box that has nothing yet.
type Sites interface {
	// Look is what the sticks say now.
	Look(context.Context) (Offer, error)
	// Take makes the site of the last Offer that of the box. After an error the next Look
	// says why, and offers it no more.
	Take(context.Context) error
}

// Offer is what sticks say of a site.
type Offer struct {
	Read  bool         // sticks can be read here
	Place string       // of a site file that is right, and is taken; "" for none
	Wrong []site.Error // of one that is not
	Why   *session.Msg // why none is taken; nil where none is there, or Wrong says it
}

const (
	lookEvery = 5 * time.Second        // the steward mounts them each time
	tellTime  = 6 * time.Second        // at most, until the pages have said what is taken
	tellEvery = 100 * time.Millisecond // that this is looked at
	pageSeen  = 15 * time.Second       // within which a page has asked that is open
)

// FollowSticks looks for a site file on the sticks, has one that is right taken, which ends
// the wizard, and keeps for its pages what is wrong with another. It returns with the
// context or with the wizard.
func (s *Server) FollowSticks(ctx context.Context) {
	if s.cfg.Sites == nil {
		return
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	said := false // that they cannot be read: once, and not all night
	for {
		if err := s.lookAtSticks(ctx); err != nil && ctx.Err() == nil {
			if !said {
				s.cfg.Log.Warn("the sticks cannot be read", "err", err)
			}
			said = true
		} else {
			said = false
		}
		select {
		case <-ctx.Done():
			return
		case <-s.done:
			return
		case <-tick.C:
		}
	}
}

func (s *Server) lookAtSticks(ctx context.Context) error {
	if s.ended() {
		return nil // or a phone has chosen something else
	}
	look, cancel := context.WithTimeout(ctx, stickTime)
	defer cancel()
	found, err := s.cfg.Sites.Look(look)
	if err != nil {
		found = Offer{}
	}
	s.mu.Lock()
	s.offer = found
	take := found.Place != "" && !s.over() && !s.taking
	if take {
		s.taking = true // nobody writes another site meanwhile
	}
	s.mu.Unlock()
	if take {
		s.takeFromStick(ctx, found.Place)
	}
	return err
}

// takeFromStick has the site of a stick taken, and ends the wizard when its pages have
// said so: nobody has touched anything, and the box begins.
func (s *Server) takeFromStick(ctx context.Context, place string) {
	// Once begun it is done: it is a small file on the card.
	take, cancel := context.WithTimeout(context.WithoutCancel(ctx), stickTime)
	defer cancel()
	err := s.cfg.Sites.Take(take)
	s.mu.Lock()
	if err != nil {
		s.taking = false
		s.mu.Unlock()
		if _, ofTheStick := errors.AsType[*session.Refusal](err); ofTheStick {
			s.cfg.Log.Warn("the sticks cannot be read", "err", err)
		} else {
			s.cfg.Log.Error("the site file is not written", "err", err)
		}
		return // the next look says why
	}
	s.taken = place
	s.mu.Unlock()
	s.cfg.Log.Info("the site file of a stick is taken")
	s.tell(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taking = false
	s.endTrial()
	s.finished.Do(func() { close(s.done) })
}

// tell waits until the pages that are open have been told what is taken.
func (s *Server) tell(ctx context.Context) {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for begun := time.Now(); time.Since(begun) < tellTime; {
		s.mu.Lock()
		open := func(seen time.Time) bool { return s.cfg.Clock().Sub(seen) < pageSeen }
		waits := open(s.kioskSeen) && !s.kioskTold || open(s.lastSeen) && !s.phoneTold
		s.mu.Unlock()
		if !waits {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// ofSticks are the sentences about what is plugged in, the first what to do.
func (s *Server) ofSticks() (list []string) {
	o := s.offer
	if o.Why != nil {
		return []string{unbroken(s.text(o.Why.Key, o.Why.Args))}
	}
	if len(o.Wrong) == 0 {
		return nil
	}
	list = []string{unbroken(s.text("setup.stick.wrong", nil))}
	for i, p := range o.Wrong {
		if i == shownProblems {
			return append(list, s.text("setup.more", map[string]any{"n": len(o.Wrong) - i}))
		}
		list = append(list, s.problem(p))
	}
	return list
}
