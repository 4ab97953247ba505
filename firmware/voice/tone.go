package voice

import "math"

// An alarm sounds like nothing else: three short tones of AlarmPitch, the same
// pitch each time, where a call's chime falls.
const (
	AlarmPitch = 988 // Hz, B5

	alarmTones = 3
	alarmOn    = rate * 160 / 1000 // samples
	alarmOff   = rate * 90 / 1000
	alarmPeak  = 9000 // of 32767: -11 dBFS, an RMS some 6 dB above that of speech
)

// alarmTone is the sound of an alarm.
func alarmTone() []int16 {
	const edge = rate * 8 / 1000 // rises and falls in 8 ms, so that nothing clicks
	out := make([]int16, 0, alarmTones*(alarmOn+alarmOff))
	for range alarmTones {
		for i := range alarmOn {
			shape := min(1, float64(i)/edge, float64(alarmOn-i)/edge)
			out = append(out, int16(alarmPeak*shape*math.Sin(2*math.Pi*AlarmPitch*float64(i)/rate)))
		}
		out = append(out, make([]int16, alarmOff)...)
	}
	return out
}
