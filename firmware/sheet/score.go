package sheet

import "fmt"

// Level is how far a person can go alone on the Internet, from least to most.
// It orients, it is no diagnosis: staff may always decide otherwise.
type Level uint8

const (
	Remote      Level = iota // "éloigné": does not use the Internet, or can do neither thing asked
	Accompanied              // "à accompagner"
	Autonomous               // "autonome": does both alone
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

// Score returns the quick autonomy level of the three questions Internet, Mail
// and Procedure. A question without an answer is taken at its worst and at its
// best: if both give one level, that is it; otherwise the level is Accompanied
// and incomplete is true.
//
// The rule is a short form of the one INSEE and Eurostat use for digital
// skills (use in the last three months, then domains missing); it has not been
// validated against observed skill.
func Score(s Sheet) (l Level, incomplete bool) {
	worst := level(s.or(Internet, No), s.or(Mail, No), s.or(Procedure, No))
	best := level(s.or(Internet, Yes), s.or(Mail, Alone), s.or(Procedure, Alone))
	if worst != best {
		return Accompanied, true
	}
	return worst, false
}

func (s Sheet) or(question, answer string) string {
	if a, ok := s.Answer(question); ok {
		return a
	}
	return answer
}

func level(internet, mail, procedure string) Level {
	switch {
	case internet == No, mail == No && procedure == No:
		return Remote
	case internet == Yes && mail == Alone && procedure == Alone:
		return Autonomous
	}
	return Accompanied
}
