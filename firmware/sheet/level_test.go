package sheet

import "testing"

func TestTheLevelIsCountedWithTheSheet(t *testing.T) {
	asked := Visitor(nil)
	counted := asked.WithLevel()
	if len(counted.Questions) != len(asked.Questions)+1 || len(asked.Questions) != len(Visitor(nil).Questions) {
		t.Errorf("WithLevel() has %d questions; want one more than the %d that are asked", len(counted.Questions), len(asked.Questions))
	}
	if err := counted.Check(); err != nil {
		t.Errorf("Check() of the counted schema = %v; want nil", err)
	}
	all := func(answer string) Sheet {
		s := New(KindVisitor).Set(Internet, Yes)
		for _, q := range []string{Information, Mail, Photo, Fake, Trouble, Procedure} {
			s = s.Set(q, answer)
		}
		return s
	}
	tests := []struct {
		name  string
		given Sheet
		want  string
	}{
		{"no Internet", New(KindVisitor).Set(Internet, No), "remote"},
		{"everything alone", all(Alone), "autonomous"},
		{"everything with help", all(Helped), "accompanied"},
		{"nothing answered", New(KindVisitor), ""},
		{"only the age", New(KindVisitor).Set(Age, "40-59"), ""},
		{"passed questions leave it open", New(KindVisitor).Set(Internet, Yes).Set(Mail, Alone), ""},
		{"another kind", New(KindExit).Set(Satisfied, Good), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := WithLevel(tt.given, DefaultThresholds())
			if got, _ := s.Answer(LevelReached); got != tt.want {
				t.Errorf("level = %q; want %q", got, tt.want)
			}
			if s.kind == KindVisitor {
				if _, err := s.Encode(counted); err != nil {
					t.Errorf("Encode() = %v; want nil", err)
				}
			}
		})
	}
}
