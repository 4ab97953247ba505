// Package voice is the one arbiter of what the box lets people hear: alarms
// before calls before a visitor's prompts.
//
// It promises that nothing overlaps; that a call is never dropped, though calls of
// one number that still wait become one; that a prompt stops under a call and is
// said again after it; that a touch silences a prompt at once; and that a sound
// which fails or hangs never mutes the next.
package voice

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/words"
)

// Call is a number to be announced. ID is new with each call and recall.
type Call struct {
	ID     uint64
	Number int
	Desk   string
	Volume int
}

// Message is a key of the catalogue with its arguments.
type Message struct {
	Key  string
	Args map[string]any
}

// Prompt is what the kiosk says to the visitor in front of it.
type Prompt struct {
	Lang   string
	Volume int
	Say    []Message
}

// Arbiter owns the loudspeaker.
type Arbiter struct {
	speaker drivers.Speaker
	words   *words.Catalogue
	log     *slog.Logger
	speed   float64
	in      chan any
	jack    atomic.Bool
}

// New is an arbiter; it is silent until Run. speed is that of the box's clock.
func New(speaker drivers.Speaker, w *words.Catalogue, speed float64, log *slog.Logger) *Arbiter {
	return &Arbiter{speaker: speaker, words: w, log: log, speed: speed, in: make(chan any, 64)}
}

// Announce has a call heard. It never blocks.
func (a *Arbiter) Announce(c Call) { a.send(c) }

// Prompt replaces what is being said to the visitor. It never blocks.
func (a *Arbiter) Prompt(p Prompt) { a.send(p) }

// Hush silences the visitor's prompt. It never blocks.
func (a *Arbiter) Hush() { a.send(hush{}) }

type hush struct{}

func (a *Arbiter) send(m any) {
	select {
	case a.in <- m:
	default:
		// The arbiter only waits for its own goroutine: a full inbox is a burst
		// beyond anything people cause.
		a.log.Error("voice: inbox full")
	}
}

// grace is how much longer than its length a sound may take before it is given up.
const grace = 3 * time.Second

// Run plays until ctx ends.
func (a *Arbiter) Run(ctx context.Context) {
	go func() {
		if err := a.speaker.Jack(ctx, a.jack.Store); err != nil && ctx.Err() == nil {
			a.log.Warn("voice: headphone jack", "err", err)
		}
	}()
	var (
		calls  []Call
		prompt *Prompt
		done   chan struct{} // of the sound that plays
		stop   context.CancelFunc
		now    any // Call or *Prompt that plays
	)
	play := func(out drivers.Output, s drivers.Sound, what any) {
		c, cancel := context.WithTimeout(ctx, time.Duration(float64(s.Length())/a.speed)+grace)
		ended := make(chan struct{})
		done, stop, now = ended, cancel, what
		go func() {
			defer close(ended)
			defer cancel()
			result := make(chan error, 1)
			go func() { result <- a.speaker.Play(c, out, s) }()
			select {
			case err := <-result:
				if err != nil && c.Err() == nil {
					a.log.Warn("voice: sound failed", "err", err)
				}
			case <-c.Done():
			}
		}()
	}
	next := func() {
		done, now = nil, nil
		switch {
		case len(calls) > 0:
			c := calls[0]
			calls = calls[1:]
			play(drivers.Loudspeaker, a.call(c), c)
		case prompt != nil:
			p := prompt
			out := drivers.Loudspeaker
			if a.jack.Load() {
				out = drivers.Headphones
			}
			play(out, a.say(*p), p)
		}
	}
	for {
		select {
		case <-ctx.Done():
			if done != nil {
				stop()
				<-done
			}
			return
		case <-done:
			if now == any(prompt) {
				prompt = nil
			}
			next()
			continue
		case m := <-a.in:
			switch m := m.(type) {
			case Call:
				calls = coalesce(calls, m)
			case Prompt:
				prompt = &m
			case hush:
				prompt = nil
			}
		}
		_, calling := now.(Call)
		switch {
		case now == nil:
			next()
		case !calling && (len(calls) > 0 || now != any(prompt)):
			stop()
			<-done // Play stops at once; its goroutine waits for nothing else
			next()
		}
	}
}

// coalesce adds a call; one of the same number that still waits gives way to it.
func coalesce(calls []Call, c Call) []Call {
	for i, k := range calls {
		if k.Number == c.Number {
			calls[i] = c
			return calls
		}
	}
	return append(calls, c)
}

func (a *Arbiter) call(c Call) drivers.Sound {
	return drivers.Sound{Chime: true, Lang: "fr", Volume: c.Volume,
		Text: a.words.Text("fr", "hall.spoken", map[string]any{"n": c.Number, "desk": c.Desk})}
}

func (a *Arbiter) say(p Prompt) drivers.Sound {
	var b strings.Builder
	for _, m := range p.Say {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(a.words.Text(p.Lang, m.Key, m.Args))
	}
	return drivers.Sound{Text: b.String(), Lang: p.Lang, Volume: p.Volume}
}
