package voice

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// sampleRates are those of a recording that is taken, in samples a second.
func sampleRates() []int { return []int{8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000} }

// parseWAV is the samples of a WAV file, mono, and how many there are a second.
// It takes PCM of 16 bits, one or two channels, at one of sampleRates; nothing that
// a header says is believed beyond the bytes that are there. A stream is a file
// whose length was not known when its header was written: its sound goes to its end.
func parseWAV(b []byte, stream bool) (pcm []int16, rate int, err error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, 0, errors.New("not a WAV file")
	}
	channels := 0
	for rest := b[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		if stream && name == "data" {
			size = min(size, uint64(len(rest))) // a promise of no end
		}
		if size > uint64(len(rest)) {
			return nil, 0, errors.New("cut short")
		}
		chunk := rest[:size]
		switch {
		case name == "fmt " && channels == 0:
			if len(chunk) < 16 {
				return nil, 0, errors.New("no format")
			}
			coding := binary.LittleEndian.Uint16(chunk)
			if coding == 0xfffe && len(chunk) >= 26 { // extensible: the coding follows
				coding = binary.LittleEndian.Uint16(chunk[24:])
			}
			channels, rate = int(binary.LittleEndian.Uint16(chunk[2:])), int(binary.LittleEndian.Uint32(chunk[4:]))
			if bits := binary.LittleEndian.Uint16(chunk[14:]); coding != 1 || bits != 16 || channels < 1 || channels > 2 || !slices.Contains(sampleRates(), rate) {
				return nil, 0, fmt.Errorf("coding %d, %d bits, %d channels at %d Hz; want PCM (1), 16 bits, 1 or 2 channels at one of %v Hz",
					coding, bits, channels, rate, sampleRates())
			}
		case name == "data":
			if channels == 0 {
				return nil, 0, errors.New("sound before its format")
			}
			pcm = make([]int16, len(chunk)/2/channels)
			for i := range pcm {
				sum := 0
				for c := range channels {
					sum += int(int16(binary.LittleEndian.Uint16(chunk[2*(i*channels+c):])))
				}
				pcm[i] = int16(sum / channels)
			}
			return pcm, rate, nil
		}
		rest = rest[min(size+size%2, uint64(len(rest))):]
	}
	return nil, 0, errors.New("no sound")
}

// writeWAV is a WAV file of mono samples.
func writeWAV(pcm []int16, rate int) []byte {
	b := make([]byte, 0, 44+2*len(pcm))
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(36+2*len(pcm)))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // PCM
	b = binary.LittleEndian.AppendUint16(b, 1) // mono
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(2*rate))
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(2*len(pcm)))
	for _, s := range pcm {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	return b
}
