package sound

import (
	"math"
	"sync"
)

// The device is asked for a period at a time and holds at most three: what was
// handed over cannot be taken back, so that a sound that is stopped is silent
// within two periods and the fade, 25 ms.
const (
	rate    = 48000           // samples a second
	period  = rate / 100      // frames
	periods = 3               // held by the device
	fade    = rate / 1000 * 5 // frames over which a stopped sound ends, so that nothing clicks
)

// gain is the factor of a volume in per cent. Ten per cent are 3 dB, everywhere on
// the scale, since the ear hears ratios: 100 is 1, 50 is -15 dB, 10 is -27 dB and
// still heard; 0 is silence.
func gain(volume int) float32 {
	if volume <= 0 {
		return 0
	}
	return float32(math.Pow(10, -30*(1-float64(min(volume, 100))/100)/20))
}

// track is one sound on its way to a device.
type track struct {
	parts [][]int16 // mono
	gain  float32
	done  chan struct{} // closed when the device has played it all

	fading int // frames left of a fade
	tail   int // frames of silence left until the device has played what it holds
}

func newTrack(gain float32, parts ...[]int16) *track {
	return &track{parts: parts, gain: gain, done: make(chan struct{})}
}

// next is the track's next sample; false after its last.
func (t *track) next() (float32, bool) {
	for len(t.parts) > 0 && len(t.parts[0]) == 0 {
		t.parts = t.parts[1:]
	}
	if len(t.parts) == 0 {
		return 0, false
	}
	s := float32(t.parts[0][0]) * t.gain
	t.parts[0] = t.parts[0][1:]
	return s, true
}

// mixer turns sounds into what a device asks for. It never waits for anything.
type mixer struct {
	// The device asks on a thread of its own, which nobody may hold up: the lock is
	// held for a period's arithmetic.
	mu     sync.Mutex
	now    *track
	fading *track // what was stopped, for its last 5 ms
	asked  int64  // frames
}

// start plays a track; what played fades out under it.
func (m *mixer) start(t *track) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.halt(m.now)
	m.now = t
}

// stop fades a track out if it still plays.
func (m *mixer) stop(t *track) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.halt(t)
}

func (m *mixer) halt(t *track) {
	if t == nil || m.now != t {
		return
	}
	m.now = nil
	t.fading, m.fading = fade, t
}

// handed is how many frames the device was given so far, silence included.
func (m *mixer) handed() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}

// fill writes the next frames, two equal channels each.
func (m *mixer) fill(out []int16) {
	m.mu.Lock()
	defer m.mu.Unlock()
	frames := len(out) / 2
	m.asked += int64(frames)
	silent := true
	for i := range frames {
		var sum float32
		if t := m.fading; t != nil {
			s, more := t.next()
			sum += s * float32(t.fading) / fade
			if t.fading--; t.fading <= 0 || !more {
				m.fading = nil
			}
			silent = false
		}
		if t := m.now; t != nil {
			if s, more := t.next(); more {
				sum += s
				t.tail = periods * max(frames, period)
				silent = false
			} else if t.tail--; t.tail < 0 {
				m.now = nil
				close(t.done)
			}
		}
		s := int16(min(max(math.Round(float64(sum)), -32768), 32767))
		out[2*i], out[2*i+1] = s, s
	}
	if silent && frames > 0 {
		// Many converters, amplifiers and screens sleep when all bits are zero, and
		// take up to a second to wake. One step of 65,536 is heard by nobody.
		out[0], out[1] = 1, 1
	}
}
