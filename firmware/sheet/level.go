package sheet

import "slices"

// WithLevel returns the schema with LevelReached as one more question, which nobody is
// asked: counters keep no two answers together, and a level is made of eight. The kiosk
// is given the schema without it.
func (s Schema) WithLevel() Schema {
	q := Question{Key: LevelReached}
	for l := Remote; l <= Autonomous; l++ {
		q.Answers = append(q.Answers, l.String())
	}
	s.Questions = append(slices.Clone(s.Questions), q)
	return s
}

// WithLevel returns a visitor's sheet with the level of its answers, or as it was where
// passed questions leave the level open, or for another kind of sheet.
func WithLevel(s Sheet, t Thresholds) Sheet {
	if s.kind != KindVisitor || s.Empty() {
		return s
	}
	if a := Score(s, t); !a.Incomplete {
		return s.Set(LevelReached, a.Level.String())
	}
	return s
}
