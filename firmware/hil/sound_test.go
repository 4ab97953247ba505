package hil

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// rate is in samples a second, of everything here.
const rate = 48000

// The subdevices of the loopback card that a box plays on.
const (
	loudspeaker = iota
	headphones
)

const (
	window  = rate / 100 // samples that are judged together: 10 ms
	audible = 50.0       // RMS of a window that is not silent
)

// ear hears what the box plays on one subdevice, as it is played.
type ear struct {
	t    *testing.T
	conn net.Conn

	mu      sync.Mutex // one goroutine hears, the test asks
	pcm     []int16
	arrived []time.Time   // of each window
	err     error         // why nothing more comes
	more    chan struct{} // closed with each window
}

// listen opens an ear until the test's end.
func (r *rig) listen(t *testing.T, subdevice byte) *ear {
	t.Helper()
	conn, err := r.Listen(within(t), subdevice)
	if err != nil {
		t.Fatal(err)
	}
	e := &ear{t: t, conn: conn, more: make(chan struct{})}
	var hearing sync.WaitGroup
	t.Cleanup(func() { conn.Close(); hearing.Wait() })
	hearing.Go(func() { e.hear(conn) })
	e.await("the recording begins", func() bool { return len(e.arrived) > 0 })
	return e
}

func (e *ear) hear(from io.Reader) {
	b := make([]byte, 2*window)
	for {
		_, err := io.ReadFull(from, b)
		now := time.Now()
		e.mu.Lock()
		if e.err = err; err == nil {
			for i := 0; i < len(b); i += 2 {
				e.pcm = append(e.pcm, int16(binary.LittleEndian.Uint16(b[i:])))
			}
			e.arrived = append(e.arrived, now)
		}
		close(e.more)
		e.more = make(chan struct{})
		e.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// await waits until what was heard is as asked. ok has the ear for itself.
func (e *ear) await(what string, ok func() bool) {
	e.t.Helper()
	if !e.hears(limit, ok) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.t.Fatalf("%s: not within %v, %.1f s of sound, %v", what, limit, float64(len(e.pcm))/rate, e.err)
	}
}

// hears reports whether what is heard is as asked before the time is over.
func (e *ear) hears(within time.Duration, ok func() bool) bool {
	over := time.After(within)
	for {
		e.mu.Lock()
		done, err, more := ok(), e.err, e.more
		e.mu.Unlock()
		if done || err != nil {
			return done
		}
		select {
		case <-more:
		case <-over:
			return false
		}
	}
}

// windows is how much was heard so far.
func (e *ear) windows() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.arrived)
}

// loud reports whether a window is not silent; quiet, whether the last ones are.
// Whoever asks has the ear for themselves.
func (e *ear) loud(i int) bool { return rms(e.pcm[i*window:(i+1)*window]) >= audible }

func (e *ear) quiet(d time.Duration) bool {
	n := int(d / (10 * time.Millisecond))
	for i := len(e.arrived) - n; i < len(e.arrived); i++ {
		if i < 0 || e.loud(i) {
			return false
		}
	}
	return true
}

// sound is when something is heard after window from, which nothing is yet if it
// is not ok.
func (e *ear) sound(from int) (at time.Time, ok bool) {
	for i := from; i < len(e.arrived); i++ {
		if e.loud(i) {
			return e.arrived[i], true
		}
	}
	return time.Time{}, false
}

// gap is the first window after from that is silent, or as much as was heard.
func (e *ear) gap(from int) int {
	for i := from; i < len(e.arrived); i++ {
		if !e.loud(i) {
			return i
		}
	}
	return len(e.arrived)
}

// recorded is what was heard from a window on.
func (e *ear) recorded(from int) []int16 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.pcm[from*window:])
}

// testCall listens while a desk calls.
func testCall(t *testing.T, r *rig, b *box) {
	b.take(t)
	e := r.listen(t, loudspeaker)
	e.await("what was said before ends", func() bool { return e.quiet(1500 * time.Millisecond) })
	before := e.windows()
	b.order(t, "next")
	e.await("a call is heard", func() bool { _, ok := e.sound(before); return ok })
	e.await("the call is over", func() bool { return e.quiet(1500 * time.Millisecond) })
	pcm := e.recorded(before)
	from, to := heard(pcm)
	call := pcm[from:to]
	length := time.Duration(len(call)) * time.Second / rate
	t.Logf("report: a call is heard %d ms after the order, for %.1f s, RMS %.0f", from*1000/rate, length.Seconds(), rms(call))
	if length < 1500*time.Millisecond || length > 10*time.Second {
		t.Errorf("the call lasts %v; want the chime, which is 1.2 s, and some words", length)
	}
	// The chime begins with G5 and goes down to E5.
	const g5, e5 = 784.0, 659.3
	const near = 22 // Hz, half a semitone: a recorder that loses samples hears a higher pitch
	first, second := call[:rate/4], call[rate/2:rate*3/4]
	if got := pitch(first); math.Abs(got-g5) > near {
		t.Errorf("the chime begins at %.0f Hz; want %.0f", got, g5)
	}
	if got := pitch(second); math.Abs(got-e5) > near && math.Abs(got-g5) > near {
		t.Errorf("the chime goes on at %.0f Hz; want %.0f", got, e5)
	}
	if got := rms(call); got < 300 {
		t.Errorf("the call's RMS is %.0f of 32768; want at least 300", got)
	}
}

// heard is the part of a recording that is not silence, in samples.
func heard(pcm []int16) (from, to int) {
	for i := 0; i+window <= len(pcm); i += window {
		if rms(pcm[i:i+window]) < audible {
			continue
		}
		if to == 0 {
			from = i
		}
		to = i + window
	}
	return from, to
}

func rms(pcm []int16) float64 {
	var sum float64
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(max(1, len(pcm))))
}

// pitch is the loudest frequency between 300 and 1200 Hz (Goertzel's algorithm).
func pitch(pcm []int16) float64 {
	var loudest, at float64
	for f := 300.0; f <= 1200; f += 2 {
		k := 2 * math.Cos(2*math.Pi*f/rate)
		var a, b float64
		for _, v := range pcm {
			a, b = float64(v)+k*a-b, a
		}
		if power := a*a + b*b - k*a*b; power > loudest {
			loudest, at = power, f
		}
	}
	return at
}

// TestEar checks what the recording is measured with.
func TestEar(t *testing.T) {
	for _, want := range []float64{440, 659.3, 784} {
		t.Run(fmt.Sprint(want), func(t *testing.T) {
			pcm := make([]int16, rate)
			for i := range rate / 2 {
				pcm[rate/4+i] = int16(8000 * math.Sin(2*math.Pi*want*float64(i)/rate))
			}
			from, to := heard(pcm)
			if from != rate/4 || to != rate*3/4 {
				t.Errorf("heard() = %d, %d; want %d, %d", from, to, rate/4, rate*3/4)
			}
			if got := pitch(pcm[from:to]); math.Abs(got-want) > 2 {
				t.Errorf("pitch() = %.1f; want %.1f", got, want)
			}
			if got := rms(pcm[from:to]); math.Abs(got-8000/math.Sqrt2) > 10 {
				t.Errorf("rms() = %.0f; want %.0f", got, 8000/math.Sqrt2)
			}
		})
	}
	if from, to := heard(make([]int16, rate)); from != to {
		t.Errorf("heard() of silence = %d, %d; want nothing", from, to)
	}
}

// TestListening checks what presses are measured with.
func TestListening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to := io.Pipe()
		e := &ear{t: t, more: make(chan struct{})}
		go e.hear(from)
		begun := time.Now()
		play := func(d time.Duration, level int16) {
			for range d / (10 * time.Millisecond) {
				time.Sleep(10 * time.Millisecond)
				b := make([]byte, 0, 2*window)
				for range window {
					b = binary.LittleEndian.AppendUint16(b, uint16(level))
				}
				to.Write(b)
			}
		}
		go func() {
			play(200*time.Millisecond, 500)
			play(300*time.Millisecond, 3)
			play(200*time.Millisecond, -500)
			to.CloseWithError(errors.New("pulled"))
		}()
		e.await("silence", func() bool { return e.quiet(100 * time.Millisecond) })
		if got, want := time.Since(begun), 300*time.Millisecond; got != want {
			t.Errorf("quiet after %v; want %v", got, want)
		}
		n := e.windows()
		if e.hears(100*time.Millisecond, func() bool { _, ok := e.sound(n); return ok }) {
			t.Error("hears() in silence = true; want false")
		}
		var at time.Time
		e.await("sound", func() bool { var ok bool; at, ok = e.sound(n); return ok })
		if got, want := at.Sub(begun), 510*time.Millisecond; got != want {
			t.Errorf("sound() = after %v; want %v", got, want)
		}
		if first, second := e.gap(0), e.gap(55); first != 20 || second != e.windows() {
			t.Errorf("gap() = %d, %d; want 20 and the end, %d", first, second, e.windows())
		}
		if e.hears(time.Hour, func() bool { return false }) {
			t.Error("hears() of what ended = true; want false")
		}
		if got, want := len(e.recorded(n)), 40*window; got != want {
			t.Errorf("recorded() = %d samples; want %d", got, want)
		}
	})
}
