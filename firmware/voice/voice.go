// Package voice is the one arbiter of what the box lets people hear: alarms
// before calls before a visitor's prompts.
//
// It promises that nothing overlaps; that a call is never dropped, though calls of
// one number that still wait become one; that a call is said again when an alarm
// cut it, and cut no second time; that a prompt stops under a call and is said
// again after it; that a touch silences a prompt at once; that a sound which fails
// or hangs never mutes the next; and that a call is never heard with a part of its
// number: when a clip is missing, the chime is heard alone. What was begun in the
// headphones never goes on in the room: pulling them ends it for good.
package voice

import (
	"context"
	"log/slog"
	"slices"
	"strings"
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

// Alarm is something that staff must hear at once, such as help wanted at the
// kiosk. It is three short tones; what it says is for screens and logs of tests.
// Two with the same words are one while the first waits or sounds.
type Alarm struct {
	Say    Message
	Volume int
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

	// What follows belongs to Run.
	clips    *Clips
	reported map[string]bool
}

// New is an arbiter; it is silent until Run. speed is that of the box's clock.
func New(speaker drivers.Speaker, w *words.Catalogue, speed float64, log *slog.Logger) *Arbiter {
	return &Arbiter{speaker: speaker, words: w, log: log, speed: speed, in: make(chan any, 64),
		reported: make(map[string]bool)}
}

// Use gives the arbiter words to say calls with; without any, a call on real
// hardware is its chime alone. It is for before Run, and takes the clips over.
func (a *Arbiter) Use(c *Clips) { a.clips = c }

// Announce has a call heard. It never blocks.
func (a *Arbiter) Announce(c Call) { a.send(c) }

// Alarm has an alarm heard before all else. It never blocks.
func (a *Arbiter) Alarm(al Alarm) { a.send(al) }

// Prompt replaces what is being said to the visitor. It never blocks.
func (a *Arbiter) Prompt(p Prompt) { a.send(p) }

// Hush silences the visitor's prompt. It never blocks.
func (a *Arbiter) Hush() { a.send(hush{}) }

type (
	hush struct{}
	// headphones are plugged, or were pulled.
	headphones bool
)

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
		// The jack waits for room: a change that was lost would not be told again.
		err := a.speaker.Jack(ctx, func(in bool) {
			select {
			case a.in <- headphones(in):
			case <-ctx.Done():
			}
		})
		if err != nil && ctx.Err() == nil {
			a.log.Warn("voice: headphone jack", "err", err)
		}
	}()
	var (
		alarms []sounding
		calls  []waiting
		prompt *saying
		jack   bool          // headphones are plugged
		done   chan struct{} // of the sound that plays
		stop   context.CancelFunc
		now    any // sounding, waiting or *saying that plays
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
	ring := func() {
		al := alarms[0]
		alarms = alarms[1:]
		play(drivers.Loudspeaker, al.sound, al)
	}
	next := func() {
		done, now = nil, nil
		switch {
		// A call that an alarm cut goes before the next alarm: alarms without end
		// must not keep a person from being called.
		case len(alarms) > 0 && (len(calls) == 0 || !calls[0].cut):
			ring()
		case len(calls) > 0:
			c := calls[0]
			calls = calls[1:]
			play(drivers.Loudspeaker, a.call(c.Call), c)
		case prompt != nil:
			p := prompt
			out := drivers.Loudspeaker
			if jack {
				out, p.private = drivers.Headphones, true
			}
			play(out, a.say(p.Prompt), p)
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
			case Alarm:
				al := a.alarm(m)
				same := func(o sounding) bool { return o.sound.Text == al.sound.Text }
				if sounds, ok := now.(sounding); (!ok || !same(sounds)) && !slices.ContainsFunc(alarms, same) {
					alarms = append(alarms, al)
				}
			case Call:
				calls = coalesce(calls, m)
			case Prompt:
				prompt = &saying{Prompt: m}
			case hush:
				prompt = nil
			case headphones:
				if jack = bool(m); !jack && prompt != nil && prompt.private {
					prompt = nil
				}
			}
		}
		// Play stops at once, and its goroutine waits for nothing else.
		switch n := now.(type) {
		case nil:
			next()
		case sounding: // to its end
		case waiting:
			if len(alarms) > 0 && !n.cut {
				stop()
				<-done
				n.cut = true
				// A recall of the number that came meanwhile stands for it.
				if !slices.ContainsFunc(calls, n.same) {
					calls = slices.Insert(calls, 0, n)
				}
				ring()
			}
		default: // a prompt
			if len(alarms) > 0 || len(calls) > 0 || now != any(prompt) {
				stop()
				<-done
				next()
			}
		}
	}
}

// sounding is an alarm as it is heard.
type sounding struct{ sound drivers.Sound }

// waiting is a call, and whether an alarm cut it once.
type waiting struct {
	Call
	cut bool
}

func (w waiting) same(o waiting) bool { return w.Number == o.Number }

// saying is a prompt, and whether it was begun in the headphones.
type saying struct {
	Prompt
	private bool
}

// coalesce adds a call; one of the same number that still waits gives way to it.
func coalesce(calls []waiting, c Call) []waiting {
	for i, k := range calls {
		if k.Number == c.Number {
			calls[i].Call = c
			return calls
		}
	}
	return append(calls, waiting{Call: c})
}

func (a *Arbiter) alarm(al Alarm) sounding {
	return sounding{drivers.Sound{Lang: "fr", Volume: al.Volume, PCM: alarmTone(),
		Text: a.words.Text("fr", al.Say.Key, al.Say.Args)}}
}

func (a *Arbiter) call(c Call) drivers.Sound {
	return drivers.Sound{Chime: true, Lang: "fr", Volume: c.Volume, PCM: a.spoken(c),
		Text: a.words.Text("fr", "hall.spoken", map[string]any{"n": c.Number, "desk": c.Desk})}
}

// spoken is a call in French, without a label that was never spoken; nil if its
// number cannot be said whole.
func (a *Arbiter) spoken(c Call) []int16 {
	if a.clips == nil {
		return nil
	}
	label, known := frenchLabel(c.Desk)
	if !known {
		a.once(c.Desk, "voice: no clip says this desk; calls leave it out", "desk", c.Desk)
	}
	number := slices.Concat([]string{"numéro", " "}, frenchNumber(c.Number, !known))
	pcm, err := a.clips.join(number)
	if err != nil {
		a.once(err.Error(), "voice: a call is heard as its chime alone", "err", err)
		return nil
	}
	if known {
		const pause = "     "
		where, err := a.clips.join(append([]string{pause}, label...))
		if err != nil {
			a.once(err.Error(), "voice: a call leaves its desk out", "err", err)
		}
		pcm = append(pcm, where...)
	}
	return pcm
}

// once logs something that each call would say again.
func (a *Arbiter) once(what, msg string, args ...any) {
	if !a.reported[what] {
		a.reported[what] = true
		a.log.Warn(msg, args...)
	}
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
