package sound

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/drivertest"
)

// bench is a set of cards that come and go, and the list of them.
type bench struct {
	t *testing.T

	mu      sync.Mutex
	cards   map[string]*sink  // by ALSA name
	alias   map[string]string // other names of theirs
	kernel  string            // its list of cards, in place of one of names
	hanging bool              // to open a card takes for ever
	tries   int
	plug    atomic.Bool // of the headphones
}

// sink is a card that writes down what it is given.
type sink struct {
	mu      sync.Mutex
	pcm     []int16
	started int
	stuck   bool // it asks for nothing any more, and says nothing
	refuses bool // it cannot be started
	open    bool
	gone    func()
	closed  int
}

func newBench(t *testing.T, names ...string) *bench {
	b := &bench{t: t, cards: make(map[string]*sink)}
	for _, n := range names {
		b.cards[n] = &sink{}
	}
	return b
}

func (b *bench) insert(name string) *sink {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &sink{}
	b.cards[name] = s
	return s
}

func (b *bench) remove(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.cards, name)
}

func (b *bench) list() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kernel != "" {
		return b.kernel
	}
	var names []string
	for n := range b.cards {
		names = append(names, "card "+n)
	}
	slices.Sort(names)
	return strings.Join(names, "\n")
}

func (b *bench) resolve(name string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at, known := b.alias[name]; known {
		name = at
	}
	return name, nil
}

func (b *bench) attempts() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tries
}

// running is a sink that was opened.
type running struct {
	*sink
	fill  func([]int16)
	over  chan struct{}
	ended sync.WaitGroup
}

func (b *bench) open(name string, fill func([]int16), gone func()) (device, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries++
	if b.hanging {
		b.mu.Unlock()
		<-b.t.Context().Done()
		b.mu.Lock()
		return nil, errors.New("it took for ever")
	}
	s := b.cards[name]
	if s == nil {
		return nil, errors.New("no such card")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		return nil, errors.New("device or resource busy")
	}
	s.open, s.gone = true, gone
	return &running{sink: s, fill: fill, over: make(chan struct{})}, nil
}

func (r *running) start() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuses {
		return errors.New("busy")
	}
	r.started++
	// As a card does, it fills all that it holds, then asks for a period at a time.
	out := make([]int16, 2*period)
	ask := func() {
		r.fill(out)
		r.mu.Lock()
		defer r.mu.Unlock()
		for i := 0; i < len(out); i += 2 {
			r.pcm = append(r.pcm, out[i])
		}
	}
	r.ended.Go(func() {
		for range periods - 1 {
			ask()
		}
		t := time.NewTicker(10 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-r.over:
				return
			case <-t.C:
			}
			r.mu.Lock()
			stuck := r.stuck
			r.mu.Unlock()
			if !stuck {
				ask()
			}
		}
	})
	return nil
}

func (r *running) close() {
	close(r.over)
	r.ended.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed++
	r.open = false
}

func (s *sink) heard() []int16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.pcm)
}

func (s *sink) set(f func(*sink)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

// loud is where the first and the last sample above silence are; -1 where none is.
func loud(pcm []int16) (from, to int) {
	from, to = -1, -1
	for i, s := range pcm {
		if s > 1 || s < 0 {
			if from < 0 {
				from = i
			}
			to = i
		}
	}
	return from, to
}

type fakeJack struct{ b *bench }

func (j fakeJack) plugged(bool) bool { return j.b.plug.Load() }
func (j fakeJack) Close() error      { return nil }

// inBubble runs a test on a speaker with the bench's cards, in synctest's time.
func inBubble(t *testing.T, cfg Config, names []string, test func(*testing.T, *bench, *Speaker)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, names...)
		s, err := open(cfg, b.open, b.resolve, b.list, func() jackSource { return fakeJack{b} })
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(); err != nil {
				t.Errorf("Close() = %v; want nil", err)
			}
		}()
		synctest.Wait()
		test(t, b, s)
	})
}

func beep(d time.Duration) drivers.Sound {
	return drivers.Sound{Text: "bip", PCM: level(frames(d), 8000), Volume: 100}
}

func TestContract(t *testing.T) {
	t.Run("any card", func(t *testing.T) {
		drivertest.Speaker(t, func(t *testing.T, use func(*testing.T, drivertest.SpeakerBench)) {
			inBubble(t, Config{}, []string{""}, func(t *testing.T, b *bench, s *Speaker) {
				use(t, drivertest.SpeakerBench{Speaker: s, Plug: b.plug.Store})
			})
		})
	})
	t.Run("no card", func(t *testing.T) {
		drivertest.Speaker(t, func(t *testing.T, use func(*testing.T, drivertest.SpeakerBench)) {
			inBubble(t, Config{}, nil, func(t *testing.T, b *bench, s *Speaker) {
				use(t, drivertest.SpeakerBench{Speaker: s, Plug: b.plug.Store})
			})
		})
	})
	// miniaudio's own device that nobody hears, in real time.
	t.Run("null", func(t *testing.T) {
		if testing.Short() {
			t.Skip("it lasts as long as its sounds")
		}
		drivertest.Speaker(t, func(t *testing.T, use func(*testing.T, drivertest.SpeakerBench)) {
			t.Parallel()
			b := newBench(t)
			s, err := open(Config{}, nothing.open, nothing.resolve, b.list, func() jackSource { return fakeJack{b} })
			if err != nil {
				t.Fatal(err)
			}
			use(t, drivertest.SpeakerBench{Speaker: s, Plug: b.plug.Store})
			if err := s.Close(); err != nil {
				t.Errorf("Close() = %v; want nil", err)
			}
		})
	})
}

// After a minute of nothing, the first sample of a sound is the first that a card is
// given: the card was never let sleep.
func TestBug16FirstWordsClipped(t *testing.T) {
	inBubble(t, Config{}, []string{""}, func(t *testing.T, b *bench, s *Speaker) {
		const idling = time.Minute
		time.Sleep(idling)
		card := b.cards[""]
		idle := card.heard()
		if got, want := len(idle), frames(idling); got < want || got > want+periods*period {
			t.Fatalf("in %v the card was given %d frames; want %d: it may have slept", idling, got, want)
		}
		for i := 0; i < len(idle); i += period {
			if idle[i] != 1 {
				t.Fatalf("at %v all bits are zero; want the step that keeps it awake", time.Duration(i)*time.Second/rate)
			}
		}
		pcm := make([]int16, frames(200*time.Millisecond))
		for i := range pcm {
			pcm[i] = int16(2000 + i%1000)
		}
		if err := s.Play(t.Context(), drivers.Loudspeaker, drivers.Sound{PCM: pcm, Volume: 100}); err != nil {
			t.Fatal(err)
		}
		heard := card.heard()[len(idle):]
		from, to := loud(heard)
		if from < 0 || from > 2*period || !slices.Equal(heard[from:to+1], pcm) {
			t.Errorf("%d samples from %d on were heard; want all %d within 20 ms", to+1-from, from, len(pcm))
		}
		if b.attempts() != 1 || card.started != 1 {
			t.Errorf("the card was opened %d times, started %d times; want once", b.attempts(), card.started)
		}
	})
}

func TestPlay(t *testing.T) {
	t.Run("a call is its chime, then its words", func(t *testing.T) {
		inBubble(t, Config{}, []string{""}, func(t *testing.T, b *bench, s *Speaker) {
			snd := beep(300 * time.Millisecond)
			snd.Chime = true
			if err := s.Play(t.Context(), drivers.Loudspeaker, snd); err != nil {
				t.Fatal(err)
			}
			heard := b.cards[""].heard()
			from, to := loud(heard)
			if d := time.Duration(to-from) * time.Second / rate; d < 1490*time.Millisecond || d > 1510*time.Millisecond {
				t.Errorf("heard for %v; want 1.5 s", d)
			}
			if tone(heard[from:from+frames(300*time.Millisecond)], ChimeFirst) < 0.05 {
				t.Error("it does not begin with the chime")
			}
		})
	})
	t.Run("words without samples take no time", func(t *testing.T) {
		inBubble(t, Config{}, []string{""}, func(t *testing.T, b *bench, s *Speaker) {
			began := time.Now()
			if err := s.Play(t.Context(), drivers.Headphones, drivers.Sound{Text: "Choisissez votre langue", Volume: 70}); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(began); d != 0 {
				t.Errorf("Play() took %v; want none", d)
			}
		})
	})
	t.Run("stopped, it is silent within 25 ms", func(t *testing.T) {
		inBubble(t, Config{}, []string{""}, func(t *testing.T, b *bench, s *Speaker) {
			ctx, cancel := context.WithTimeout(t.Context(), 103*time.Millisecond)
			defer cancel()
			if err := s.Play(ctx, drivers.Loudspeaker, beep(time.Second)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Play() = %v; want deadline exceeded", err)
			}
			given := len(b.cards[""].heard())
			time.Sleep(time.Second)
			// What was given then was played up to two periods later.
			if _, to := loud(b.cards[""].heard()); to >= given+fade {
				t.Errorf("%d samples more were given; want a fade of %d", to-given, fade)
			}
		})
	})
	t.Run("a second waits for the first, and may give up", func(t *testing.T) {
		inBubble(t, Config{}, []string{""}, func(t *testing.T, b *bench, s *Speaker) {
			var wg sync.WaitGroup
			wg.Go(func() { s.Play(t.Context(), drivers.Loudspeaker, beep(time.Second)) })
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := s.Play(ctx, drivers.Loudspeaker, beep(time.Second)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Play() = %v; want deadline exceeded", err)
			}
			wg.Wait()
			if from, to := loud(b.cards[""].heard()); to-from+1 != rate {
				t.Errorf("%d samples heard; want the first sound, whole", to-from+1)
			}
		})
	})
	t.Run("never above the ceiling", func(t *testing.T) {
		for _, c := range []struct {
			ceiling, volume int
			want            int16
		}{{0, 100, 8000}, {100, 100, 8000}, {50, 100, 1423}, {50, 50, 1423}, {50, 40, 1007}, {80, 0, 0}} {
			inBubble(t, Config{Ceiling: c.ceiling}, []string{""}, func(t *testing.T, b *bench, s *Speaker) {
				snd := beep(20 * time.Millisecond)
				snd.Volume = c.volume
				if err := s.Play(t.Context(), drivers.Loudspeaker, snd); err != nil {
					t.Fatal(err)
				}
				if got := slices.Max(awake(b.cards[""].heard())); got != c.want {
					t.Errorf("ceiling %d, volume %d: loudest sample %d; want %d", c.ceiling, c.volume, got, c.want)
				}
			})
		}
	})
	t.Run("after Close", func(t *testing.T) {
		inBubble(t, Config{}, []string{""}, func(t *testing.T, b *bench, s *Speaker) {
			result := make(chan error)
			go func() { result <- s.Play(t.Context(), drivers.Loudspeaker, beep(time.Minute)) }()
			time.Sleep(time.Second)
			s.Close()
			if err := <-result; !errors.Is(err, ErrClosed) {
				t.Errorf("the sound that played: %v; want %v", err, ErrClosed)
			}
			if err := s.Play(t.Context(), drivers.Loudspeaker, beep(time.Second)); !errors.Is(err, ErrClosed) {
				t.Errorf("Play() = %v; want %v", err, ErrClosed)
			}
			heard := b.cards[""].heard()
			if _, to := loud(heard); len(heard)-to < drained || b.cards[""].closed != 1 {
				t.Errorf("closed %d times, %d frames after the last loud one; want once, with the card drained", b.cards[""].closed, len(heard)-to)
			}
		})
	})
	t.Run("a ceiling that is none", func(t *testing.T) {
		for _, c := range []int{-1, 101} {
			if _, err := open(Config{Ceiling: c}, nil, nil, nil, nil); err == nil {
				t.Errorf("Open(ceiling %d) = nil error", c)
			}
		}
		if _, err := Open(Config{Backend: "pulse"}); err == nil || !strings.Contains(err.Error(), `"pulse"`) {
			t.Errorf("Open(backend pulse) = %v; want an error that names it", err)
		}
	})
}

func TestTwoCards(t *testing.T) {
	inBubble(t, Config{Loudspeaker: "haut-parleur", Headphones: "casque"}, []string{"haut-parleur", "casque"}, func(t *testing.T, b *bench, s *Speaker) {
		s.Play(t.Context(), drivers.Headphones, beep(50*time.Millisecond))
		if from, _ := loud(b.cards["haut-parleur"].heard()); from >= 0 {
			t.Error("what was meant for the headphones left by the loudspeaker")
		}
		if from, _ := loud(b.cards["casque"].heard()); from < 0 {
			t.Error("nothing was heard in the headphones")
		}
		// The headphones are pulled: still nothing may leave by the loudspeaker.
		b.cards["casque"].set(func(s *sink) { s.stuck = true })
		b.remove("casque")
		began := time.Now()
		s.Play(t.Context(), drivers.Headphones, beep(5*time.Second))
		if d := time.Since(began); d > 8*time.Second {
			t.Errorf("a sound of 5 s took %v on a card that was pulled", d)
		}
		if from, _ := loud(b.cards["haut-parleur"].heard()); from >= 0 {
			t.Error("what was meant for the headphones left by the loudspeaker")
		}
		if s.Err(drivers.Loudspeaker) != nil || !errors.Is(s.Err(drivers.Headphones), drivers.ErrUnplugged) {
			t.Errorf("Err() = %v, %v; want nil, unplugged", s.Err(drivers.Loudspeaker), s.Err(drivers.Headphones))
		}
	})
}

// jackStates has Jack write its last word down.
func jackStates(t *testing.T, s *Speaker) (last *atomic.Bool) {
	last = new(atomic.Bool)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Jack(ctx, last.Store) }()
	t.Cleanup(func() { cancel(); <-ended })
	return last
}

// Two names of one card are one output, which is opened once and whose switch is
// the jack; once they are of two cards, they are two.
func TestOneCardUnderTwoNames(t *testing.T) {
	for _, c := range []struct{ loudspeaker, headphones string }{
		{"hw:Device,0", "USB Audio"}, {"USB Audio", "hw:2,0"}, {"plughw:CARD=Device,DEV=0", "hw:2"},
	} {
		t.Run(c.headphones, func(t *testing.T) {
			inBubble(t, Config{Loudspeaker: c.loudspeaker, Headphones: c.headphones}, nil, func(t *testing.T, b *bench, s *Speaker) {
				card := &sink{}
				b.mu.Lock()
				b.kernel, b.alias = piCards, map[string]string{"USB Audio": "hw:2,0"}
				for _, name := range []string{"hw:Device,0", "hw:2,0", "hw:2", "plughw:CARD=Device,DEV=0"} {
					b.cards[name] = card
				}
				b.mu.Unlock()
				time.Sleep(5 * time.Second)
				for _, out := range []drivers.Output{drivers.Loudspeaker, drivers.Headphones} {
					if err := s.Err(out); err != nil {
						t.Errorf("Err(%v) = %v; want nil", out, err)
					}
				}
				s.Play(t.Context(), drivers.Headphones, beep(50*time.Millisecond))
				if from, to := loud(card.heard()); to-from+1 != frames(50*time.Millisecond) {
					t.Errorf("%d samples heard by the card; want all", to-from+1)
				}
				if card.started != 1 {
					t.Errorf("the card was started %d times; want once", card.started)
				}
				tries := b.attempts()
				time.Sleep(2 * longest)
				if got := b.attempts() - tries; got != 0 || s.Err(drivers.Headphones) != nil {
					t.Errorf("in two minutes more the card was opened %d times, Err() = %v; want none, nil", got, s.Err(drivers.Headphones))
				}
			})
		})
	}
	inBubble(t, Config{Loudspeaker: "haut-parleur", Headphones: "casque"}, []string{"hw:0,0"}, func(t *testing.T, b *bench, s *Speaker) {
		name := func(names map[string]string) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.alias = names
		}
		name(map[string]string{"haut-parleur": "hw:0,0", "casque": "hw:0,0"})
		time.Sleep(5 * time.Second)
		if err := s.Err(drivers.Headphones); err != nil {
			t.Errorf("one card: Err(headphones) = %v; want nil", err)
		}
		// Headphones of their own come; the loudspeaker keeps what it holds.
		name(map[string]string{"haut-parleur": "hw:1,0", "casque": "hw:1,0"})
		own := b.insert("hw:1,0")
		time.Sleep(5 * time.Second)
		s.Play(t.Context(), drivers.Headphones, beep(50*time.Millisecond))
		if from, _ := loud(own.heard()); from < 0 || s.Err(drivers.Headphones) != nil {
			t.Errorf("a card of their own: heard from %d, Err(headphones) = %v; want it heard there", from, s.Err(drivers.Headphones))
		}
		if from, _ := loud(b.cards["hw:0,0"].heard()); from >= 0 {
			t.Error("what was meant for the headphones left by the loudspeaker")
		}
	})
}

// A jack that nobody can hear is no jack: what is said is then said in the room.
func TestJackOfACardThatCannotBePlayed(t *testing.T) {
	inBubble(t, Config{Loudspeaker: "haut-parleur", Headphones: "casque"}, []string{"haut-parleur"}, func(t *testing.T, b *bench, s *Speaker) {
		b.plug.Store(true)
		plugged := jackStates(t, s)
		time.Sleep(time.Second)
		if plugged.Load() {
			t.Errorf("plugged while Err(headphones) = %v; want unplugged", s.Err(drivers.Headphones))
		}
		b.insert("casque").set(func(k *sink) { k.refuses = true })
		time.Sleep(5 * time.Second)
		if plugged.Load() {
			t.Errorf("plugged while Err(headphones) = %v; want unplugged", s.Err(drivers.Headphones))
		}
		b.cards["casque"].set(func(k *sink) { k.refuses = false })
		time.Sleep(longest + time.Second)
		if !plugged.Load() {
			t.Errorf("unplugged while Err(headphones) = %v; want plugged", s.Err(drivers.Headphones))
		}
		b.cards["casque"].set(func(k *sink) { k.stuck = true })
		b.remove("casque")
		time.Sleep(3 * time.Second)
		if plugged.Load() {
			t.Errorf("plugged while Err(headphones) = %v; want unplugged", s.Err(drivers.Headphones))
		}
	})
}

func TestHotPlug(t *testing.T) {
	t.Run("plugged later, it is found within a second or so and said once", func(t *testing.T) {
		var log strings.Builder
		inBubble(t, Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, nil, func(t *testing.T, b *bench, s *Speaker) {
			time.Sleep(3 * time.Minute)
			if err := s.Err(drivers.Loudspeaker); !errors.Is(err, drivers.ErrUnplugged) {
				t.Errorf("Err() = %v; want unplugged", err)
			}
			if got := b.attempts(); got > 8 {
				t.Errorf("%d attempts in three minutes without a card; want them to grow rare", got)
			}
			card := b.insert("")
			time.Sleep(1100 * time.Millisecond)
			if err := s.Err(drivers.Loudspeaker); err != nil {
				t.Errorf("Err() = %v; want nil", err)
			}
			s.Play(t.Context(), drivers.Loudspeaker, beep(50*time.Millisecond))
			if from, to := loud(card.heard()); to-from+1 != frames(50*time.Millisecond) {
				t.Errorf("%d samples heard; want all", to-from+1)
			}
		})
		if got := strings.Count(log.String(), "no card plays"); got != 1 {
			t.Errorf("said %d times that there is no card; want once:\n%s", got, &log)
		}
	})
	t.Run("a sound goes on where it was", func(t *testing.T) {
		inBubble(t, Config{}, nil, func(t *testing.T, b *bench, s *Speaker) {
			time.Sleep(time.Second)
			var wg sync.WaitGroup
			began := time.Now()
			wg.Go(func() {
				if err := s.Play(t.Context(), drivers.Loudspeaker, beep(4*time.Second)); err != nil {
					t.Errorf("Play() = %v; want nil", err)
				}
			})
			time.Sleep(time.Second)
			card := b.insert("")
			wg.Wait()
			if d := time.Since(began); d < 4*time.Second || d > 4200*time.Millisecond {
				t.Errorf("a sound of 4 s took %v", d)
			}
			if from, to := loud(card.heard()); to-from < rate || to-from > 3*rate {
				t.Errorf("the card played %d samples; want the rest of the sound", to-from)
			}
		})
	})
	for name, pull := range map[string]func(*sink){
		"pulled, and it says so":        func(s *sink) { s.set(func(s *sink) { s.stuck = true }); s.gone() },
		"pulled, and it says nothing":   func(s *sink) { s.set(func(s *sink) { s.stuck = true }) },
		"pulled, and it says so thrice": func(s *sink) { s.set(func(s *sink) { s.stuck = true }); s.gone(); s.gone(); s.gone() },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Config{}, []string{""}, func(t *testing.T, b *bench, s *Speaker) {
				for i := range 5 {
					b.mu.Lock()
					card := b.cards[""]
					b.mu.Unlock()
					var wg sync.WaitGroup
					began := time.Now()
					wg.Go(func() { s.Play(t.Context(), drivers.Loudspeaker, beep(3*time.Second)) })
					time.Sleep(time.Second)
					b.remove("")
					pull(card)
					wg.Wait()
					if d := time.Since(began); d > 5500*time.Millisecond {
						t.Fatalf("time %d: a sound of 3 s took %v on a card that was pulled", i, d)
					}
					card = b.insert("")
					time.Sleep(1500 * time.Millisecond)
					s.Play(t.Context(), drivers.Loudspeaker, beep(50*time.Millisecond))
					if from, to := loud(card.heard()); to-from+1 != frames(50*time.Millisecond) {
						t.Fatalf("time %d: %d samples heard on the card plugged again; want all", i, to-from+1)
					}
				}
			})
		})
	}
	t.Run("a card that another program holds", func(t *testing.T) {
		inBubble(t, Config{}, nil, func(t *testing.T, b *bench, s *Speaker) {
			b.insert("").set(func(s *sink) { s.refuses = true })
			time.Sleep(time.Minute)
			if err := s.Err(drivers.Loudspeaker); err == nil || !strings.Contains(err.Error(), "busy") {
				t.Errorf("Err() = %v; want why", err)
			}
			if got := b.attempts(); got > 6 {
				t.Errorf("%d attempts in a minute; want them to grow rare", got)
			}
			b.cards[""].set(func(s *sink) { s.refuses = false })
			time.Sleep(longest + time.Second)
			if err := s.Err(drivers.Loudspeaker); err != nil {
				t.Errorf("Err() = %v; want nil", err)
			}
		})
	})
	t.Run("a card that hangs while it is opened", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.hanging = true
			s, err := open(Config{}, b.open, b.resolve, b.list, nil)
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if err := s.Play(t.Context(), drivers.Loudspeaker, beep(time.Second)); err != nil {
				t.Errorf("Play() = %v; want nil", err)
			}
			if d := time.Since(began); d > 1100*time.Millisecond {
				t.Errorf("a sound of 1 s took %v", d)
			}
			time.Sleep(3 * longest)
			if got := b.attempts(); got != 1 {
				t.Errorf("%d attempts; want one at a time", got)
			}
			if err := s.Close(); err == nil {
				t.Error("Close() = nil; want it to say that a card hangs")
			}
		})
	})
}

// A real ALSA and a card that no machine has.
func TestNoSuchCard(t *testing.T) {
	for _, name := range []string{"hw:31,9", "no card is named like this"} {
		s, err := Open(Config{Loudspeaker: name})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Play(t.Context(), drivers.Loudspeaker, beep(50*time.Millisecond)); err != nil {
			t.Errorf("Play(%s) = %v; want nil", name, err)
		}
		if err := s.Err(drivers.Loudspeaker); !errors.Is(err, drivers.ErrUnplugged) {
			t.Errorf("Err(%s) = %v; want unplugged", name, err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	}
	if _, err := Devices(); err != nil {
		t.Logf("Devices() = %v", err) // this machine may have no libasound
	}
}

// From Play to the moment when the first sample is handed to the device, which
// asks each 10 ms and plays it up to 20 ms later.
func BenchmarkFirstSample(b *testing.B) {
	var loudAt atomic.Int64
	s, err := open(Config{}, func(name string, fill func([]int16), gone func()) (device, error) {
		return nothing.open(name, func(out []int16) {
			if fill(out); out[len(out)-1] > 1 {
				loudAt.CompareAndSwap(0, time.Now().UnixNano())
			}
		}, gone)
	}, nothing.resolve, func() string { return "" }, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for s.Err(drivers.Loudspeaker) != nil {
		s.Play(b.Context(), drivers.Loudspeaker, beep(time.Millisecond))
	}
	var sum, worst time.Duration
	var n int
	snd := beep(13 * time.Millisecond)
	for b.Loop() {
		loudAt.Store(0)
		began := time.Now()
		if err := s.Play(b.Context(), drivers.Loudspeaker, snd); err != nil {
			b.Fatal(err)
		}
		d := time.Unix(0, loudAt.Load()).Sub(began)
		sum, worst, n = sum+d, max(worst, d), n+1
	}
	b.ReportMetric(float64(sum.Microseconds())/float64(n)/1000, "ms/first-sample")
	b.ReportMetric(float64(worst.Microseconds())/1000, "ms/worst")
	b.ReportMetric(0, "ns/op")
}

// What a period costs, ten milliseconds of a sound.
func BenchmarkFill(b *testing.B) {
	var m mixer
	out := make([]int16, 2*period)
	for b.Loop() {
		m.start(newTrack(0.5, level(period, 8000)))
		m.fill(out)
	}
}
