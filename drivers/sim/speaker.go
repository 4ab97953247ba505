package sim

import (
	"context"
	"slices"
	"sync"
	"time"

	"jeudi/drivers"
)

// keptSounds is how many sounds a speaker remembers.
const keptSounds = 50

// Heard is a sound that was played.
type Heard struct {
	ID          int       `json:"id"`
	At          time.Time `json:"at"`
	Output      string    `json:"output"`
	Chime       bool      `json:"chime,omitempty"`
	Text        string    `json:"text"`
	Lang        string    `json:"lang,omitempty"`
	Volume      int       `json:"volume"`
	Rate        int       `json:"rate"`
	Voiced      bool      `json:"voiced"`  // it has samples: a real loudspeaker would be heard
	Seconds     float64   `json:"seconds"` // as long as it was to last
	Playing     bool      `json:"playing"`
	Interrupted bool      `json:"interrupted"`
}

// Speaker is a loudspeaker with a headphone jack. It takes the time that a sound
// takes and writes down what was heard.
type Speaker struct {
	speed float64
	bell  bell
	turn  chan struct{}

	mu      sync.Mutex
	heard   []Heard
	next    int
	fault   error
	silent  bool
	plugged bool
	jacks   map[chan<- struct{}]bool
}

var _ drivers.Speaker = (*Speaker)(nil)

// NewSpeaker is a working speaker with nothing in its jack.
func NewSpeaker(speed float64) *Speaker {
	return &Speaker{speed: speed, turn: make(chan struct{}, 1), next: 1, jacks: make(map[chan<- struct{}]bool)}
}

// Play lasts as long as the sound, divided by the speed.
func (s *Speaker) Play(ctx context.Context, out drivers.Output, sound drivers.Sound) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	id, err := s.begin(out, sound)
	if err != nil {
		return err
	}
	t := time.NewTimer(scaled(sound.Length(), s.speed))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.end(id, err != nil)
	return err
}

func (s *Speaker) begin(out drivers.Output, sound drivers.Sound) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != nil {
		return 0, s.fault
	}
	h := Heard{
		ID: s.next, At: time.Now(), Output: out.String(),
		Chime: sound.Chime, Text: sound.Text, Lang: sound.Lang,
		Volume: sound.Volume, Rate: sound.Rate, Voiced: sound.Chime || len(sound.PCM) > 0,
		Seconds: sound.Length().Seconds(), Playing: true,
	}
	if h.Rate == 0 {
		h.Rate = 100
	}
	if s.silent {
		h.Volume = 0
	}
	s.next++
	s.heard = append(s.heard, h)
	if len(s.heard) > keptSounds {
		s.heard = slices.Clone(s.heard[1:])
	}
	s.bell.ring()
	return h.ID, nil
}

func (s *Speaker) end(id int, interrupted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.heard {
		if s.heard[i].ID == id {
			s.heard[i].Playing, s.heard[i].Interrupted = false, interrupted
		}
	}
	s.bell.ring()
}

// Heard returns the last 50 sounds, oldest first.
func (s *Speaker) Heard() []Heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard)
}

// Fail makes every Play return err, until Fail(nil).
func (s *Speaker) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = err
}

// Silence turns the amplifier off, or on: sounds last as long, at volume 0.
func (s *Speaker) Silence(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = on
}

// Plug puts headphones into the jack, or takes them out.
func (s *Speaker) Plug(in bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plugged == in {
		return
	}
	s.plugged = in
	for c := range s.jacks {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	s.bell.ring()
}

// Plugged reports whether headphones are in the jack.
func (s *Speaker) Plugged() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plugged
}

// Jack calls plugged with the state of the jack, now and at each change. A change
// undone at once may go unnoticed.
func (s *Speaker) Jack(ctx context.Context, plugged func(bool)) error {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	s.jacks[c] = true
	last := s.plugged
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.jacks, c)
	}()
	plugged(last)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c:
		}
		if now := s.Plugged(); now != last {
			last = now
			plugged(now)
		}
	}
}
