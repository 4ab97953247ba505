package sheet

import "fmt"

// Level is how far a person can go alone on the Internet, from least to most.
// It orients, it is no diagnosis: staff may always decide otherwise.
type Level uint8

const (
	Remote      Level = iota // "éloigné": does not use the Internet, or lacks most skills
	Accompanied              // "à accompagner"
	Autonomous               // "autonome"
)

// String returns the level's key.
func (l Level) String() string {
	switch l {
	case Remote:
		return "remote"
	case Accompanied:
		return "accompanied"
	case Autonomous:
		return "autonomous"
	}
	return fmt.Sprintf("level%d", uint8(l))
}

// Thresholds are the two limits of Score, out of the five skills. They wait to
// be calibrated with the pairs of KindStaff. The zero Thresholds is
// DefaultThresholds.
type Thresholds struct {
	Missing int // from so many skills answered No, the level is Remote; 2 to 5
	Strong  int // from so many answered Alone, it may be Autonomous; 1 to 5
}

// DefaultThresholds are those of INSEE: four or five skills of five missing
// are illectronisme (INSEE Première 1953).
func DefaultThresholds() Thresholds { return Thresholds{Missing: 4, Strong: 4} }

// Check reports a limit outside its range. One missing skill must not be
// enough for Remote: a single answer could then mean two levels.
func (t Thresholds) Check() error {
	switch {
	case t == Thresholds{}:
		return nil
	case t.Missing < 2 || t.Missing > countedSkills:
		return fmt.Errorf("sheet: threshold of missing skills = %d; want 2 to %d", t.Missing, countedSkills)
	case t.Strong < 1 || t.Strong > countedSkills:
		return fmt.Errorf("sheet: threshold of strong skills = %d; want 1 to %d", t.Strong, countedSkills)
	}
	return nil
}

// Assessment is what a sheet says of the way a person copes online.
type Assessment struct {
	Level Level
	// Incomplete: the questions passed could have changed the level, which is
	// then Accompanied.
	Incomplete bool
	// Reassure: the person would rather be reassured. It is said, and never
	// changes the level.
	Reassure bool
}

// Score returns the level of the self-assessment.
//
//   - Remote: no Internet in three months, or Missing skills answered No;
//   - Autonomous: no skill answered No, Strong skills answered Alone, and
//     procedures done alone;
//   - Accompanied: everything else.
//
// A question passed is taken at its worst and at its best: if both give one
// level, that is it; otherwise the level is Accompanied, and Incomplete.
// The answers to Freins never change the level.
func Score(s Sheet, t Thresholds) Assessment {
	if t == (Thresholds{}) {
		t = DefaultThresholds()
	}
	reassure, _ := s.Answer(Freins + "." + Rassure)
	a := Assessment{Level: t.level(s, No, No), Reassure: reassure == Yes}
	if best := t.level(s, Yes, Alone); a.Level != best {
		a.Level, a.Incomplete = Accompanied, true
	}
	return a
}

// level is the level when passed questions have these answers.
func (t Thresholds) level(s Sheet, gate, step string) Level {
	missing, strong := 0, 0
	for _, q := range [countedSkills]string{Information, Mail, Photo, Fake, Trouble} {
		switch s.or(q, step) {
		case No:
			missing++
		case Alone:
			strong++
		}
	}
	switch {
	case s.or(Internet, gate) == No, missing >= t.Missing:
		return Remote
	case missing == 0 && strong >= t.Strong && s.or(Procedure, step) == Alone:
		return Autonomous
	}
	return Accompanied
}

func (s Sheet) or(question, answer string) string {
	if a, ok := s.Answer(question); ok {
		return a
	}
	return answer
}
