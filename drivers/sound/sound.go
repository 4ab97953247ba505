// Package sound plays what the box says, on a loudspeaker and headphones of ALSA.
//
// It promises that a sound is heard from its first sample, since the device is fed
// without a pause and never falls asleep; that a sound which is stopped is silent
// within 25 ms; that Play lasts as long as the sound whatever becomes of the card;
// and that nothing mutes the box for good: where there is no card, or one was
// pulled or hangs, the time passes in silence until a card is found again.
//
// The library is malgo, the binding of miniaudio: it opens libasound at run time,
// so that the binary starts where there is none. It needs cgo. What it lacks is
// made up for here: it does not fall back when there is no card, and when a card
// is pulled its thread neither ends nor says so (see watch).
//
// Feeding silence all day takes 100 short calls a second, measured at 0.5 % of a
// core of an x86 server; a device that is opened for each sound would clip the
// first 300 ms to 1 s of it on many USB cards and most screens.
package sound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"jeudi/drivers"
)

// Config says which cards are played on, and how loudly.
type Config struct {
	// Loudspeaker and Headphones are each a part of a name in Devices, an ALSA name
	// such as "hw:Loopback,0,0", or "": the usual card for the loudspeaker; the
	// loudspeaker's own card for the headphones, whose jack then is its switch. It
	// is so too while both names turn out to be of one card, which opens only once.
	Loudspeaker, Headphones string
	// Ceiling is the volume in per cent that nothing exceeds, calls included; 0 is 100.
	Ceiling int
	// Backend is "" for ALSA, or "null" for a card that is always there and heard
	// by nobody.
	Backend string
	// Logger is told when a card comes or goes; nil is nobody.
	Logger *slog.Logger
}

// Speaker is the loudspeaker and the headphones of the box.
type Speaker struct {
	ceiling int
	chime   []int16
	outs    [2]*output // by drivers.Output; the same twice where there is one card
	jack    func() jackSource
	turn    chan struct{} // holds a token for the sound that plays

	closed context.Context
	close  context.CancelFunc
	done   sync.WaitGroup
}

var _ drivers.Speaker = (*Speaker)(nil)

// ErrClosed is returned by Play once the speaker was closed.
var ErrClosed = errors.New("speaker closed")

// Open begins to feed the devices. A card that is not there is no error: it is
// looked for until Close.
func Open(cfg Config) (*Speaker, error) {
	b, err := backendOf(cfg.Backend)
	if err != nil {
		return nil, err
	}
	cards := readCards
	if cfg.Backend == "null" {
		cards = func() string { return "" }
	}
	return open(cfg, b.open, b.resolve, cards, func() jackSource { return newJack(cfg.Headphones, cards) })
}

// A device takes frames from the function that it was opened with, from start to
// close. Its close may take long.
type device interface {
	start() error
	close()
}

// An opener opens a device by its ALSA name. The device calls fill for its
// frames, on a thread of its own, and gone if it notices that it stopped.
type opener func(name string, fill func(out []int16), gone func()) (device, error)

// A resolver gives the ALSA name behind a name in Config, or says why there is none.
type resolver func(name string) (string, error)

// open is Open on any devices.
func open(cfg Config, by opener, resolve resolver, cards func() string, jack func() jackSource) (*Speaker, error) {
	if cfg.Ceiling < 0 || cfg.Ceiling > 100 {
		return nil, fmt.Errorf("sound: ceiling of %d %%: want 0 to 100", cfg.Ceiling)
	}
	if cfg.Ceiling == 0 {
		cfg.Ceiling = 100
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Speaker{ceiling: cfg.Ceiling, chime: chime(), jack: jack, turn: make(chan struct{}, 1)}
	s.closed, s.close = context.WithCancel(context.Background())
	feed := func(out drivers.Output, name string, other *output) *output {
		o := &output{name: name, open: by, resolve: resolve, cards: cards, other: other, log: cfg.Logger.With("output", out.String(), "card", name)}
		s.done.Go(func() { o.run(s.closed, &s.done) })
		return o
	}
	s.outs[drivers.Loudspeaker] = feed(drivers.Loudspeaker, cfg.Loudspeaker, nil)
	s.outs[drivers.Headphones] = s.outs[drivers.Loudspeaker]
	if cfg.Headphones != "" && cfg.Headphones != cfg.Loudspeaker {
		s.outs[drivers.Headphones] = feed(drivers.Headphones, cfg.Headphones, s.outs[drivers.Loudspeaker])
	}
	return s, nil
}

func (s *Speaker) output(out drivers.Output) *output {
	if h := s.outs[drivers.Headphones]; out == drivers.Headphones && !h.shared.Load() {
		return h
	}
	return s.outs[drivers.Loudspeaker]
}

// Play plays the chime, if any, and the sound's samples. Words without samples are
// not heard and take no time; the speech speed is for whoever makes the samples. It
// returns nil as well when no card is there to be heard: see Err.
func (s *Speaker) Play(ctx context.Context, out drivers.Output, snd drivers.Sound) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	if s.closed.Err() != nil {
		return fmt.Errorf("sound: %w", ErrClosed)
	}
	t := newTrack(gain(min(snd.Volume, s.ceiling)), nil, snd.PCM)
	if snd.Chime {
		t.parts[0] = s.chime
	}
	if len(t.parts[0])+len(t.parts[1]) == 0 {
		return nil
	}
	mix := &s.output(out).mixer
	mix.start(t)
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
		mix.stop(t)
		return ctx.Err()
	case <-s.closed.Done():
		return fmt.Errorf("sound: %w", ErrClosed)
	}
}

// Err is why nothing can be heard on an output, or nil while its card plays. It
// is drivers.ErrUnplugged at heart.
func (s *Speaker) Err(out drivers.Output) error {
	if err := s.output(out).lost.Load(); err != nil {
		return *err
	}
	return nil
}

// closing is how long Close waits for cards that hang.
const closing = 2 * time.Second

// Close lets the sound that plays fade out and gives the cards back.
func (s *Speaker) Close() error {
	s.close()
	ended := make(chan struct{})
	go func() { s.done.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-time.After(closing):
		return errors.New("sound: closing: a card hangs")
	}
}

// output feeds one card, or lets time pass while there is none.
type output struct {
	name    string
	open    opener
	resolve resolver
	cards   func() string // what the kernel lists
	log     *slog.Logger
	mixer   mixer
	lost    atomic.Pointer[error]  // nil while a card plays
	held    atomic.Pointer[string] // the ALSA name of the card that is open, or nil
	other   *output                // which goes first where both want one card, or nil
	shared  atomic.Bool            // the card is the other's

	// When the next attempt to open the card is due, what the pause after it is, and
	// what was listed at the last. They belong to run.
	due    time.Time
	pause  time.Duration
	listed string
}

const (
	tick    = 20 * time.Millisecond
	silence = time.Second      // without being asked for samples: the card is gone
	first   = 3 * time.Second  // until a card that could not be opened is tried again
	longest = time.Minute      // libasound writes lines to stderr at each attempt
	glance  = time.Second      // between two looks at the list of cards
	drained = periods * period // frames, all that a device holds
)

// errUntried is why nothing is heard before the first attempt.
var errUntried = fmt.Errorf("sound: not yet open: %w", drivers.ErrUnplugged)

// errShared is why the headphones open no card: the loudspeaker's is theirs.
var errShared = errors.New("it is the loudspeaker's card")

// at is the ALSA name of the card that is open, or else of the one to be opened.
func (o *output) at() (string, error) {
	if held := o.held.Load(); held != nil {
		return *held, nil // whatever the name would lead to by now
	}
	return o.resolve(o.name)
}

// begin opens the card, unless it is the other output's.
func (o *output) begin(gone func()) (dev device, at string, err error) {
	if at, err = o.at(); err != nil {
		return nil, "", err
	}
	if o.other != nil {
		if its, err := o.other.at(); err == nil && same(at, its, parseCards(o.cards())) {
			return nil, "", errShared
		}
	}
	dev, err = o.open(at, o.mixer.fill, gone)
	return dev, at, err
}

// run feeds the output until ctx ends. Attempts that hang and cards that close are
// left to others, who are waited for in done.
func (o *output) run(ctx context.Context, done *sync.WaitGroup) {
	o.lost.CompareAndSwap(nil, &errUntried)
	o.due, o.pause = time.Now(), first
	for ctx.Err() == nil {
		dev, gone := o.find(ctx, done)
		if dev == nil {
			return
		}
		if err := dev.start(); err != nil {
			o.lose(err)
			o.held.Store(nil)
			done.Go(dev.close)
			continue
		}
		o.lost.Store(nil)
		o.shared.Store(false)
		o.log.Info("sound: a card plays")
		began := time.Now()
		o.watch(ctx, gone)
		if now := time.Now(); now.Sub(began) > first {
			o.due, o.pause = now, first // a card that fails at once waits for its turn
		}
		if ctx.Err() != nil {
			o.drain()
			dev.close()
			return
		}
		o.lose(errors.New("the card takes no more samples"))
		o.held.Store(nil)
		done.Go(dev.close)
	}
}

// lose notes, and says once, why there is no card.
func (o *output) lose(err error) {
	why := fmt.Errorf("sound: card %q: %w: %w", o.name, drivers.ErrUnplugged, err)
	if before := o.lost.Swap(&why); before == nil || (*before).Error() != why.Error() {
		o.log.Warn("sound: no card plays; the time passes in silence until one is found", "err", err)
	}
}

// find opens the card, however long that takes, while the time passes. It returns
// nil when ctx ends first.
func (o *output) find(ctx context.Context, done *sync.WaitGroup) (device, <-chan struct{}) {
	type result struct {
		dev  device
		at   string
		gone chan struct{}
		err  error
	}
	var (
		results = make(chan result)
		trying  bool
		looked  time.Time
		clock   = time.NewTicker(tick)
		passed  = time.Now()
		scratch [2 * rate / 10]int16
	)
	defer clock.Stop()
	for {
		if now := time.Now(); !trying && !now.Before(o.due) {
			trying, o.due, o.pause = true, now.Add(o.pause), min(2*o.pause, longest)
			o.listed = o.cards()
			done.Go(func() {
				r := result{gone: make(chan struct{}, 1)}
				r.dev, r.at, r.err = o.begin(func() {
					select {
					case r.gone <- struct{}{}:
					default:
					}
				})
				select {
				case results <- r:
				case <-ctx.Done():
					if r.err == nil {
						r.dev.close()
					}
				}
			})
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case r := <-results:
			if trying = false; r.err == nil {
				o.held.Store(&r.at)
				return r.dev, r.gone
			}
			if shared := errors.Is(r.err, errShared); o.shared.Swap(shared) != shared && shared {
				o.log.Info("sound: the headphones are on the loudspeaker's card")
			}
			if !o.shared.Load() {
				o.lose(r.err)
			}
		case <-clock.C:
		}
		now := time.Now()
		for left := int(now.Sub(passed) * rate / time.Second); left > 0; {
			n := min(left, len(scratch)/2)
			o.mixer.fill(scratch[:2*n])
			left -= n
			passed = passed.Add(time.Duration(n) * time.Second / rate)
		}
		if now.Sub(looked) >= glance {
			looked = now
			if l := o.cards(); l != o.listed { // a card came or went: look at once
				o.listed, o.due, o.pause = l, now, first
			}
		}
	}
}

// watch returns when the card is gone, or ctx ends. A card that was pulled says
// nothing: miniaudio's thread goes on trying to write, without end and without a
// pause, and asks for no more samples.
func (o *output) watch(ctx context.Context, gone <-chan struct{}) {
	look := time.NewTicker(silence)
	defer look.Stop()
	for before := int64(-1); ; {
		select {
		case <-ctx.Done():
			return
		case <-gone:
			return
		case <-look.C:
		}
		now := o.mixer.handed()
		if now == before {
			return
		}
		before = now
	}
}

// drain fades out what plays and waits until the card has played what it holds,
// which closing would cut off.
func (o *output) drain() {
	o.mixer.start(nil)
	until := o.mixer.handed() + fade + drained
	for range 10 {
		time.Sleep(tick)
		if o.mixer.handed() >= until {
			return
		}
	}
}
