package voice

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// wavFile is a WAV file with a header of one's own.
func wavFile(coding, channels, rate, bits int, data []byte) []byte {
	b := writeWAV(nil, 0)
	binary.LittleEndian.PutUint16(b[20:], uint16(coding))
	binary.LittleEndian.PutUint16(b[22:], uint16(channels))
	binary.LittleEndian.PutUint32(b[24:], uint32(rate))
	binary.LittleEndian.PutUint16(b[34:], uint16(bits))
	binary.LittleEndian.PutUint32(b[40:], uint32(len(data)))
	return append(b, data...)
}

func TestWAV(t *testing.T) {
	pcm := []int16{0, 1, -1, 32767, -32768}
	got, r, err := parseWAV(writeWAV(pcm, 16000), false)
	if err != nil || r != 16000 || !slices.Equal(got, pcm) {
		t.Errorf("parseWAV(writeWAV(%v)) = %v, %d, %v", pcm, got, r, err)
	}
	// Two channels become one; a list before the sound is passed over, also one of odd length.
	stereo := wavFile(1, 2, 44100, 16, []byte{10, 0, 20, 0, 0, 0x80, 0, 0x80})
	stereo = slices.Concat(stereo[:36], []byte("LIST\x03\x00\x00\x00abc\x00"), stereo[36:])
	if got, r, err := parseWAV(stereo, false); err != nil || r != 44100 || !slices.Equal(got, []int16{15, -32768}) {
		t.Errorf("parseWAV(two channels) = %v, %d, %v", got, r, err)
	}
	endless := writeWAV(pcm, 22050)
	binary.LittleEndian.PutUint32(endless[40:], 0x7ffff000)
	if got, _, err := parseWAV(endless, true); err != nil || !slices.Equal(got, pcm) {
		t.Errorf("parseWAV(a stream) = %v, %v", got, err)
	}
	if _, _, err := parseWAV(endless, false); err == nil {
		t.Error("parseWAV(a file that is cut short) = nil error")
	}
}

func TestWAVRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing": nil, "text": []byte("bonjour"), "Ogg": []byte("OggS and some more bytes"),
		"no chunk":        []byte("RIFF\x00\x00\x00\x00WAVE"),
		"no sound":        writeWAV(nil, 16000)[:36],
		"sound first":     append([]byte("RIFF\x00\x00\x00\x00WAVEdata\x02\x00\x00\x00ab"), writeWAV(nil, 16000)[12:36]...),
		"8 bits":          wavFile(1, 1, 16000, 8, []byte{1, 2}),
		"float":           wavFile(3, 1, 16000, 16, []byte{1, 2}),
		"no channel":      wavFile(1, 0, 16000, 16, []byte{1, 2}),
		"6 channels":      wavFile(1, 6, 16000, 16, []byte{1, 2}),
		"an absurd rate":  wavFile(1, 1, 1<<31-1, 16, []byte{1, 2}),
		"an unusual rate": wavFile(1, 1, 47999, 16, []byte{1, 2}),
		"a short format":  append([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x02\x00\x00\x00"), 1, 0),
	} {
		if _, _, err := parseWAV(b, false); err == nil {
			t.Errorf("parseWAV(%s) = nil error", name)
		}
	}
}

// Whatever a file says, what comes of it is not more than its bytes.
func FuzzWAV(f *testing.F) {
	f.Add(writeWAV([]int16{1, 2, 3}, 16000), false)
	f.Add(wavFile(0xfffe, 2, 48000, 16, []byte{1, 2, 3, 4}), true)
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\xff"), false)
	f.Fuzz(func(t *testing.T, b []byte, stream bool) {
		pcm, r, err := parseWAV(b, stream)
		if err == nil && (2*len(pcm) > len(b) || !slices.Contains(sampleRates(), r)) {
			t.Errorf("%d bytes become %d samples at %d Hz", len(b), len(pcm), r)
		}
		if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) {
			t.Errorf("error %q is not for a log", err)
		}
	})
}

// What phones are sent keeps the pitches of speech, and nothing above comes back.
func TestLower(t *testing.T) {
	for _, c := range []struct {
		pitch float64
		above float64 // dB, against what went in
		below float64
	}{{100, -0.5, 0.5}, {1000, -0.5, 0.5}, {5000, -2, 0.5}, {9500, -200, -30}, {12000, -200, -40}, {15900, -200, -40}} {
		in := sine(c.pitch, 0.5, rate)
		out := lower(in)
		if len(out) != phoneRate {
			t.Errorf("a second has %d samples; want %d", len(out), phoneRate)
		}
		if d := rms(out[1000:15000]) - rms(in); d < c.above || d > c.below {
			t.Errorf("%.0f Hz is changed by %.1f dB; want %.1f to %.1f", c.pitch, d, c.above, c.below)
		}
	}
	if got := lower(nil); len(got) != 0 {
		t.Errorf("lower(nothing) = %d samples", len(got))
	}
}

func TestTrimAndLevel(t *testing.T) {
	for _, part := range []float64{0.02, 0.2, 1} {
		pcm := slices.Concat(make([]int16, rate/3), sine(200, part, rate/2), make([]int16, rate/2))
		got := trim(pcm, rate)
		if d := len(got) - rate/2; d < 0 || d > rate/20 {
			t.Errorf("trim() leaves %d samples of %d", len(got), rate/2)
		}
		level(got, rate)
		if r := rms(got); r < loudness-2 || r > loudness+1 {
			t.Errorf("level() brings a tone at %.2f to %.1f dBFS; want %d", part, r, loudness)
		}
		if got[0] != 0 || got[len(got)-1] != 0 {
			t.Errorf("a clip begins at %d and ends at %d; want silence", got[0], got[len(got)-1])
		}
	}
	// A click has little loudness and a high peak.
	click := make([]int16, rate/10)
	for i := range 20 {
		click[rate/20+i] = 20000
	}
	if level(click, rate); peak(click) > ceiling+0.1 {
		t.Errorf("level() brings a click to %.1f dBFS; want at most %d", peak(click), ceiling)
	}
	for _, pcm := range [][]int16{nil, make([]int16, 7), make([]int16, rate)} {
		level(trim(pcm, rate), rate)
	}
}
