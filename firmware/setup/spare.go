package setup

import (
	"context"
	"errors"
	"net/http"
	"time"

	"jeudi/firmware/session"
)

// Spare is what a box without a site takes over from another one: its backup, or the
// permanence that it has handed over; or the site file of a stick that somebody chooses.
type Spare interface {
	// Backups are those on the sticks that are plugged in.
	Backups(context.Context) ([]Backup, error)
	// Restore keeps one to be taken over when the wizard ends. What it refuses is a
	// *session.Refusal, and nothing is changed.
	Restore(ctx context.Context, stick, name, code string) error
}

// Backup is a file on a stick.
type Backup struct {
	Stick string `json:"stick"`
	Name  string `json:"name"`
	Site  bool   `json:"site,omitempty"` // a site file, and no backup
}

const (
	stickTime   = 10 * time.Second // to look at the sticks
	restoreTime = time.Minute      // to read one, and to try its code on a slow box
)

// sticks says what can be taken over now: nothing, where no stick can be read.
func (s *Server) sticks(w http.ResponseWriter, r *http.Request) {
	list := []Backup{}
	if s.cfg.Spare != nil && !s.ended() {
		ctx, cancel := context.WithTimeout(r.Context(), stickTime)
		defer cancel()
		found, err := s.cfg.Spare.Backups(ctx)
		if err != nil && ctx.Err() == nil {
			s.cfg.Log.Warn("the sticks cannot be read", "err", err)
		}
		list = append(list, found...)
	}
	reply(w, http.StatusOK, map[string]any{"backups": list})
}

func (s *Server) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over() || s.taking
}

// restore has a backup taken over, and ends the wizard. The mutex is not held meanwhile: a
// stick is slow, and the kiosk asks on.
func (s *Server) restore(w http.ResponseWriter, r *http.Request, in order) {
	if s.cfg.Spare == nil {
		s.fail(w, http.StatusBadRequest, "setup.unknown")
		return
	}
	s.mu.Lock()
	over, taking := s.over(), s.taking
	s.taking = s.taking || !over
	s.mu.Unlock()
	switch {
	case over:
		s.fail(w, http.StatusConflict, "setup.over")
		return
	case taking:
		s.fail(w, http.StatusConflict, "setup.restore.going")
		return
	}
	// A phone that goes dark does not stop it half way.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), restoreTime)
	defer cancel()
	err := s.cfg.Spare.Restore(ctx, in.Stick, in.Name, in.Code)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taking = false
	if refusal, ok := errors.AsType[*session.Refusal](err); ok {
		reply(w, http.StatusConflict, map[string]string{"error": s.text(refusal.Msg.Key, refusal.Msg.Args), "key": refusal.Msg.Key})
		return
	}
	if err != nil {
		s.cfg.Log.Error("a backup is not taken over", "err", err)
		s.fail(w, http.StatusServiceUnavailable, "care.not_restored")
		return
	}
	s.endTrial()
	s.finished.Do(func() { close(s.done) })
	reply(w, http.StatusOK, s.view(nil))
}
