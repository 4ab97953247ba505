package drivers

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestNamesGoBothWays(t *testing.T) {
	for a := Action(0); a < Actions; a++ {
		if got, ok := ParseAction(a.String()); !ok || got != a {
			t.Errorf("ParseAction(%q) = %v, %v; want %v, true", a, got, ok, a)
		}
	}
	for s := Mute; s <= Unplugged; s++ {
		if got, ok := ParseStatus(s.String()); !ok || got != s {
			t.Errorf("ParseStatus(%q) = %v, %v; want %v, true", s, got, ok, s)
		}
	}
	for _, name := range []string{"", "unknown", "OK"} {
		if _, ok := ParseAction(name); ok {
			t.Errorf("ParseAction(%q) = _, true; want false", name)
		}
		if _, ok := ParseStatus(name); ok {
			t.Errorf("ParseStatus(%q) = _, true; want false", name)
		}
	}
}

func TestNamesOfWhatDoesNotExist(t *testing.T) {
	if got := Action(200).String(); got != "unknown" {
		t.Errorf("Action(200) = %q; want unknown", got)
	}
	if got := Status(200).String(); got != "mute" {
		t.Errorf("Status(200) = %q; want mute: nothing is known", got)
	}
	if got := Light(200).String(); got != "off" {
		t.Errorf("Light(200) = %q; want off", got)
	}
}

func TestStatusAndErrorsAgree(t *testing.T) {
	for s := Mute; s <= Unplugged; s++ {
		err := s.Err()
		prints := s == Mute || s == Ready || s == PaperLow
		if (err == nil) != prints {
			t.Errorf("%v.Err() = %v; want an error: %v", s, err, !prints)
		}
		if err == nil {
			continue
		}
		if got := StatusOf(fmt.Errorf("printing: %w", err)); got != s {
			t.Errorf("StatusOf(%v) = %v; want %v", err, got, s)
		}
	}
	if got := StatusOf(nil); got != Ready {
		t.Errorf("StatusOf(nil) = %v; want ready", got)
	}
	if got := StatusOf(errors.New("something else")); got != Mute {
		t.Errorf("StatusOf(something else) = %v; want mute", got)
	}
}

func TestLength(t *testing.T) {
	for _, c := range []struct {
		name  string
		sound Sound
		want  time.Duration
	}{
		{"nothing", Sound{}, 0},
		{"a chime", Sound{Chime: true}, 1200 * time.Millisecond},
		{"five words take 2.4 s at 125 words a minute", Sound{Text: "Bonjour et  bienvenue à\nvous"}, 2400 * time.Millisecond},
		{"twice as fast", Sound{Text: "un deux trois quatre cinq", Rate: 200}, 1200 * time.Millisecond},
		{"samples count, not words", Sound{Text: "un deux", PCM: make([]int16, 24000)}, 500 * time.Millisecond},
	} {
		if got := c.sound.Length(); got != c.want {
			t.Errorf("%s: Length() = %v; want %v", c.name, got, c.want)
		}
	}
}
