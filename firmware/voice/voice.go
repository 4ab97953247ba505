// Package voice is the one arbiter of what the box lets people hear: alarms
// before calls before a visitor's prompts.
//
// It promises that nothing overlaps; that a call is never dropped, though calls of
// one number that still wait become one; that a call is said again when an alarm
// cut it, and cut no second time; that a prompt stops under a call and is said
// again after it; that a touch silences a prompt at once; that the first message of a
// prompt is heard while the next is made; that a sound which fails or hangs never mutes
// the next prompt or call; and that a call is never heard with a part of its
// number: when a clip is missing, the chime is heard alone. What was begun in the
// headphones never goes on in the room: pulling them ends it for good; plugging them
// takes a prompt out of the room. What is private is heard in them alone. An aside,
// said to somebody who is not at the kiosk, gives way to all else.
//
// What it says is put together from clips that were rendered once and are kept, or
// that a person recorded: see Voices.
package voice

import (
	"context"
	"iter"
	"log/slog"
	"slices"
	"sync"
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
	Volume int // per cent, 0 to 100
	Rate   int // speed of the speech in per cent, 50 to 200; 0 is 100
	Say    []Message

	// Private words are for the headphones alone. Without headphones the room hears
	// Instead, and nothing if that is empty; when they are plugged, these words follow.
	Private bool
	Instead []Message

	Then []Prompt // follow it, each in its own language; what replaces it replaces them
}

// Arbiter owns the loudspeaker.
type Arbiter struct {
	speaker drivers.Speaker
	words   *words.Catalogue
	log     *slog.Logger
	speed   float64
	in      chan any

	// What follows belongs to Run.
	voices *Voices
	onJack func(in bool)

	reported sync.Map // what was logged once; the goroutines that make sounds do
}

// New is an arbiter; it is silent until Run. speed is that of the box's clock.
func New(speaker drivers.Speaker, w *words.Catalogue, speed float64, log *slog.Logger) *Arbiter {
	return &Arbiter{speaker: speaker, words: w, log: log, speed: speed, in: make(chan any, 64)}
}

// Use gives the arbiter voices; without any, a call on real hardware is its chime
// alone, and a prompt is nothing. It is for before Run.
func (a *Arbiter) Use(v *Voices) { a.voices = v }

// OnJack has f told when headphones are plugged or pulled, one after the other and
// from a goroutine of its own: f holds nothing up, and of changes that follow each
// other while it works it is told the last. Before the first call nothing is
// plugged. It is for before Run.
func (a *Arbiter) OnJack(f func(in bool)) { a.onJack = f }

// Announce has a call heard. It never blocks.
func (a *Arbiter) Announce(c Call) { a.send(c) }

// Alarm has an alarm heard before all else. It never blocks.
func (a *Arbiter) Alarm(al Alarm) { a.send(al) }

// Prompt replaces what is being said to the visitor. It never blocks.
func (a *Arbiter) Prompt(p Prompt) { a.send(p) }

// Aside says something in the room, from the loudspeaker whatever is plugged, to
// somebody who is not at the kiosk. It is skipped while anything else is heard, and
// cut for good by all that comes, but for a Hush; another Aside replaces it. What
// follows the prompt is left out, and so are private words. It never blocks.
func (a *Arbiter) Aside(p Prompt) { a.send(aside{p}) }

// Hush silences the visitor's prompt. It never blocks.
func (a *Arbiter) Hush() { a.send(hush{}) }

type (
	hush struct{}
	// aside is a prompt for somebody who is not at the kiosk.
	aside struct{ Prompt }
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

const (
	// grace is how much longer than its length a sound may take before it is given up.
	grace = 3 * time.Second
	// patience is how long is waited for a sound to be made. Clips take milliseconds, a
	// synthesiser some tenths of a second for each text of the site. Of a call that is
	// not made by then the chime is heard; of a prompt, what was made before.
	patience = 10 * time.Second
)

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
	told := a.tell(ctx)
	var (
		alarms []sounding
		calls  []waiting
		prompt *saying
		held   *saying       // private, and waits for headphones
		beside *aside        // plays, or is about to
		jack   bool          // headphones are plugged
		done   chan struct{} // of the sound that plays
		stop   context.CancelFunc
		now    any // sounding, waiting, *saying or *aside that plays
	)
	// play makes sounds and plays them, both outside this goroutine: what a visitor
	// presses meanwhile stops either at once.
	play := func(out drivers.Output, sounds func(context.Context) iter.Seq[drivers.Sound], instead *drivers.Sound, what any) {
		c, cancel := context.WithCancel(ctx)
		ended := make(chan struct{})
		done, stop, now = ended, cancel, what
		go func() {
			defer close(ended)
			defer cancel()
			a.play(c, out, sounds(c), instead)
		}()
	}
	ring := func() {
		al := alarms[0]
		alarms = alarms[1:]
		play(drivers.Loudspeaker, one(func(context.Context) drivers.Sound { return al.sound }), nil, al)
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
			chime := a.chime(c.Call)
			play(drivers.Loudspeaker, one(func(ctx context.Context) drivers.Sound { return a.call(ctx, c.Call) }), &chime, c)
		case prompt != nil:
			p, out, what := prompt, drivers.Loudspeaker, prompt.Prompt
			switch {
			case jack:
				out, p.ears = drivers.Headphones, true
			case p.Private:
				what.Say = p.Instead
			}
			if len(what.Say) == 0 && p.Private {
				prompt, held = nil, p
				return
			}
			play(out, a.said(what), nil, p)
		case beside != nil:
			what := beside.Prompt
			if what.Private {
				what.Say = what.Instead
			}
			play(drivers.Loudspeaker, a.said(what), nil, beside)
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
				then := prompt.Then
				if prompt.Private && !prompt.ears {
					held = prompt
				}
				if prompt = nil; len(then) > 0 {
					next := then[0]
					next.Then = then[1:]
					prompt = &saying{Prompt: next}
				}
			}
			if now == any(beside) {
				beside = nil
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
				prompt, held = &saying{Prompt: m}, nil
			case aside:
				if _, other := now.(*aside); other || now == nil {
					beside = &m
				}
			case hush:
				prompt, held = nil, nil
			case headphones:
				if bool(m) == jack {
					break
				}
				jack = bool(m)
				told(jack)
				switch {
				case !jack && prompt != nil && prompt.ears:
					prompt = nil
				case jack && prompt != nil: // what the room hears goes on in private, from its start
					prompt = &saying{Prompt: prompt.Prompt}
				case jack && held != nil:
					prompt, held = held, nil
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
		case *aside:
			if len(alarms) > 0 || len(calls) > 0 || prompt != nil {
				beside = nil
			}
			if n != beside {
				stop()
				<-done
				next()
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

// play has sounds heard one after the other. While one is heard the next is made, and
// no more than that one: the first words of a long screen do not wait for its last.
// instead is heard when the first is not made in time; nil: nothing is. When ctx
// ends it returns at once, whatever is still being made.
func (a *Arbiter) play(ctx context.Context, out drivers.Output, sounds iter.Seq[drivers.Sound], instead *drivers.Sound) {
	made := make(chan drivers.Sound) // without room: whoever makes the next waits with it
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(made)
		for s := range sounds {
			select {
			case made <- s:
			case <-ctx.Done(): // what is made too late is never heard
				return
			}
		}
	}()
	for {
		select {
		case s, more := <-made:
			if !more || !a.heard(ctx, out, s) {
				return
			}
			instead = nil
		case <-time.After(patience):
			a.log.Warn("voice: a sound was not made in time")
			if instead != nil {
				a.heard(ctx, out, *instead)
			}
			return
		case <-ctx.Done():
			return
		}
	}
}

// heard plays a sound, and reports whether it was heard to its end.
func (a *Arbiter) heard(ctx context.Context, out drivers.Output, s drivers.Sound) bool {
	result := make(chan error, 1)
	go func() {
		if ctx.Err() == nil {
			result <- a.speaker.Play(ctx, out, s)
		}
	}()
	select {
	case err := <-result:
		if err != nil && ctx.Err() == nil {
			a.log.Warn("voice: sound failed", "err", err)
		}
		return err == nil
	case <-time.After(time.Duration(float64(s.Length())/a.speed) + grace):
	case <-ctx.Done():
	}
	return false
}

// one is a single sound, made when it is asked for.
func one(sound func(context.Context) drivers.Sound) func(context.Context) iter.Seq[drivers.Sound] {
	return func(ctx context.Context) iter.Seq[drivers.Sound] {
		return func(yield func(drivers.Sound) bool) { yield(sound(ctx)) }
	}
}

// said are the sounds of a prompt.
func (a *Arbiter) said(p Prompt) func(context.Context) iter.Seq[drivers.Sound] {
	return func(ctx context.Context) iter.Seq[drivers.Sound] { return a.voices.sounds(ctx, a.words, p) }
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
	ears bool
}

// tell starts the goroutine that OnJack's function runs in, and is how that is told.
func (a *Arbiter) tell(ctx context.Context) func(in bool) {
	if a.onJack == nil {
		return func(bool) {}
	}
	newest := make(chan bool, 1)
	go func() {
		last := false
		for {
			select {
			case <-ctx.Done():
				return
			case in := <-newest:
				if in != last {
					last = in
					a.onJack(in)
				}
			}
		}
	}()
	return func(in bool) {
		select {
		case <-newest: // an older one, not told yet
		default:
		}
		newest <- in
	}
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

// call is a call as it is heard.
func (a *Arbiter) call(ctx context.Context, c Call) drivers.Sound {
	s := a.chime(c)
	s.PCM = a.spoken(ctx, c)
	return s
}

// chime is a call without its words.
func (a *Arbiter) chime(c Call) drivers.Sound {
	return drivers.Sound{Chime: true, Lang: "fr", Volume: c.Volume,
		Text: a.words.Text("fr", "hall.spoken", map[string]any{"n": c.Number, "desk": c.Desk})}
}

// spoken is a call in French, without a label that was never spoken; nil if its
// number cannot be said whole.
func (a *Arbiter) spoken(ctx context.Context, c Call) []int16 {
	if a.voices == nil {
		return nil
	}
	label, known := frenchLabel(c.Desk)
	if !known {
		a.once(c.Desk, "voice: no clip says this desk; calls leave it out", "desk", c.Desk)
	}
	number := slices.Concat([]string{"numéro", " "}, numberClips(words.French, c.Number, !known))
	pcm, err := a.voices.named(ctx, words.French, number)
	if err != nil {
		a.once(err.Error(), "voice: a call is heard as its chime alone", "err", err)
		return nil
	}
	if known {
		const pause = "     "
		where, err := a.voices.named(ctx, words.French, append([]string{pause}, label...))
		if err != nil {
			a.once(err.Error(), "voice: a call leaves its desk out", "err", err)
		}
		pcm = append(pcm, where...)
	}
	return pcm
}

// once logs something that each call would say again.
func (a *Arbiter) once(what, msg string, args ...any) {
	if _, again := a.reported.LoadOrStore(what, true); !again {
		a.log.Warn(msg, args...)
	}
}
