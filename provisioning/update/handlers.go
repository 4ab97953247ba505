package update

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"jeudi/provisioning/steward"
)

// A Source is where a bundle lies: on a USB stick, or, without one, the file that the box
// has been given.
type Source struct {
	Stick string `json:"stick,omitempty"` // as the verb sticks names it
	Name  string `json:"name,omitempty"`  // of the file on it
}

// Handlers do the verbs of updates for the steward. open opens a bundle for reading; what
// it says is wrong with the source reaches staff if it is a refusal.
func (b *Box) Handlers(open func(context.Context, Source) (io.ReadCloser, error)) map[string]steward.Handler {
	return map[string]steward.Handler{
		// Takes a Source, answers with the Held that can be tried.
		steward.VerbUpdate: func(ctx context.Context, args json.RawMessage, say func(steward.Progress)) (any, error) {
			src, err := steward.Args[Source](args)
			if err != nil {
				return nil, err
			}
			in, err := open(ctx, src)
			if err != nil {
				return nil, err
			}
			defer in.Close()
			var last time.Time
			held, err := b.Install(ctx, in, func(step string, done, of int64) {
				if now := time.Now(); now.Sub(last) > time.Second/4 || done == of {
					last = now
					say(steward.Progress{Step: "update.step." + step, Done: done, Of: of})
				}
			})
			return held, Refused(err)
		},
		// Takes the Health of before. When it answers, the machine goes down.
		steward.VerbTry: func(_ context.Context, args json.RawMessage, _ func(steward.Progress)) (any, error) {
			health, err := steward.Args[Health](args)
			if err != nil {
				return nil, err
			}
			return struct{}{}, Refused(b.Try(health))
		},
		steward.VerbRollback: func(_ context.Context, args json.RawMessage, _ func(steward.Progress)) (any, error) {
			health, err := steward.Args[Health](args)
			if err != nil {
				return nil, err
			}
			return struct{}{}, Refused(b.Rollback(health))
		},
		// Takes a Judgement, answers with the Standing.
		steward.VerbCommit: func(_ context.Context, args json.RawMessage, _ func(steward.Progress)) (any, error) {
			j, err := steward.Args[Judgement](args)
			if err != nil {
				return nil, err
			}
			if j.Told {
				if err := b.Told(); err != nil {
					return nil, err
				}
			}
			return b.Commit(j.Health)
		},
	}
}

// A Judgement is what the box says of itself while it is on trial.
type Judgement struct {
	Health
	Told bool `json:"told,omitempty"` // the slip about the last update has been printed
}

// Refused turns an error of this package into what staff are told; another stays as it is.
func Refused(err error) error {
	for _, r := range []struct {
		err error
		key string
	}{
		{ErrNoBundle, "update.refuse.no_bundle"}, {ErrSignature, "update.refuse.signature"}, {ErrOtherBox, "update.refuse.other_box"},
		{ErrDamaged, "update.refuse.damaged"}, {ErrBase, "update.refuse.base"}, {ErrOnTrial, "update.refuse.on_trial"},
		{ErrOlder, "update.refuse.older"}, {ErrSame, "update.refuse.same"}, {ErrOldData, "update.refuse.old_data"},
		{ErrNothing, "update.refuse.nothing"}, {ErrNotTaken, "update.refuse.not_taken"}, {errStart, "update.refuse.start"},
	} {
		if errors.Is(err, r.err) {
			return &steward.Refusal{Key: r.key}
		}
	}
	return err
}
