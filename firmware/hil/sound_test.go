package hil

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rate is in samples a second, of everything here.
const rate = 48000

// testCall records the other end of the loopback card while a desk calls.
func testCall(t *testing.T, r *rig) {
	b := r.startBox(t, "none:")
	r.ticket(t, r.wired(t, b))
	// arecord writes as it hears, so that the file's length is the time.
	r.must(t, "arecord -q -D plughw:Loopback,1,0 -t raw -f S16_LE -r 48000 -c 1 --period-time=10000 -d 8 /run/heard >/run/arecord.log 2>&1 & echo $! >/run/arecord.pid; "+
		"until [ $(stat -c %s /run/heard 2>/dev/null || echo 0) -gt 96000 ]; do sleep 0.1; done")
	before, err := strconv.Atoi(strings.TrimSpace(r.must(t, "stat -c %s /run/heard")))
	if err != nil {
		t.Fatal(err)
	}
	b.order(t, "next")
	raw := r.must(t, "while kill -0 $(cat /run/arecord.pid) 2>/dev/null; do sleep 0.1; done; cat /run/arecord.log >&2; cat /run/heard")
	pcm := make([]int16, len(raw)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16([]byte(raw[2*i : 2*i+2])))
	}
	from, to := heard(pcm)
	if from == to {
		t.Fatalf("%.1f s of recording are silent; want a call in it", float64(len(pcm))/rate)
	}
	call := pcm[from:to]
	length := time.Duration(len(call)) * time.Second / rate
	t.Logf("report: a call is heard %d ms after the order, for %.1f s, RMS %.0f", (from-before/2)*1000/rate, length.Seconds(), rms(call))
	if length < 1500*time.Millisecond || length > 10*time.Second {
		t.Errorf("the call lasts %v; want the chime, which is 1.2 s, and some words", length)
	}
	// The chime begins with G5 and goes down to E5.
	const g5, e5 = 784.0, 659.3
	first, second := call[:rate/4], call[rate/2:rate*3/4]
	if got := pitch(first); math.Abs(got-g5) > 10 {
		t.Errorf("the chime begins at %.0f Hz; want %.0f", got, g5)
	}
	if got := pitch(second); math.Abs(got-e5) > 10 && math.Abs(got-g5) > 10 {
		t.Errorf("the chime goes on at %.0f Hz; want %.0f", got, e5)
	}
	if got := rms(call); got < 300 {
		t.Errorf("the call's RMS is %.0f of 32768; want at least 300", got)
	}
}

// heard is the part of a recording that is not silence, in samples.
func heard(pcm []int16) (from, to int) {
	const window = rate / 100
	for i := 0; i+window <= len(pcm); i += window {
		if rms(pcm[i:i+window]) < 50 {
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
