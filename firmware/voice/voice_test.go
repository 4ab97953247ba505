package voice_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/sim"
	"jeudi/firmware/voice"
	"jeudi/firmware/words"
)

// bubble runs a test on an arbiter that speaks to a loudspeaker, in synctest's time.
func bubble(t *testing.T, speaker drivers.Speaker, test func(*testing.T, *voice.Arbiter)) {
	t.Helper()
	w, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	a := voice.New(speaker, w, 1, slog.New(slog.NewTextHandler(io.Discard, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); a.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	synctest.Wait()
	test(t, a)
}

// prompt is a sentence of some length in a language.
func prompt(lang, key string) voice.Prompt {
	return voice.Prompt{Lang: lang, Volume: 70, Say: []voice.Message{{Key: key}, {Key: "kiosk.choices", Args: map[string]any{"n": 3}}}}
}

// spoken are the sounds heard so far in a few letters: c2 a call of number 2, p a
// prompt, h and w alarms; ~ follows what was stopped before its end.
func spoken(s *sim.Speaker) string {
	var out []string
	for _, h := range s.Heard() {
		sound := "p"
		switch {
		case strings.Contains(h.Text, "aide à la borne"):
			sound = "h"
		case strings.Contains(h.Text, wrong.Say.Args["n"].(string)):
			sound = "w"
		case h.Chime:
			_, n, _ := strings.Cut(h.Text, "uméro ")
			sound = "c" + strings.TrimFunc(strings.SplitAfterN(n, ",", 2)[0], func(r rune) bool { return r < '0' || r > '9' })
		}
		if h.Interrupted {
			sound += "~"
		}
		out = append(out, sound)
	}
	return strings.Join(out, " ")
}

func call(id uint64, n int) voice.Call {
	return voice.Call{ID: id, Number: n, Desk: "bureau A", Volume: 90}
}

var (
	help  = voice.Alarm{Say: voice.Message{Key: "banner.help"}, Volume: 100}
	wrong = voice.Alarm{Say: voice.Message{Key: "kiosk.volume", Args: map[string]any{"n": "12345"}}, Volume: 100}
)

func TestWhatIsHeard(t *testing.T) {
	const now, while = 0, 500 * time.Millisecond
	type step struct {
		after time.Duration
		do    any // voice.Alarm, voice.Call, voice.Prompt or "hush"
	}
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"a call", []step{{now, call(1, 4)}}, "c4"},
		{"a prompt", []step{{now, prompt("fr", "language.title")}}, "p"},
		{"two calls in one instant are both heard", []step{{now, call(1, 4)}, {now, call(2, 5)}}, "c4 c5"},
		{"a call does not cut another", []step{{now, call(1, 4)}, {while, call(2, 5)}}, "c4 c5"},
		{"a prompt stops under a call and is said again after it",
			[]step{{now, prompt("fr", "language.title")}, {while, call(1, 4)}}, "p~ c4 p"},
		{"a prompt waits for a call", []step{{now, call(1, 4)}, {while, prompt("fr", "language.title")}}, "c4 p"},
		{"a prompt waits for every call", []step{{now, call(1, 4)}, {while, prompt("fr", "language.title")}, {while, call(2, 5)}}, "c4 c5 p"},
		{"a new prompt replaces the old", []step{{now, prompt("fr", "language.title")}, {while, prompt("ar", "motif.title")}}, "p~ p"},
		{"a touch silences at once", []step{{now, prompt("fr", "language.title")}, {while, "hush"}}, "p~"},
		{"a touch under a call: the prompt is not said again",
			[]step{{now, prompt("fr", "language.title")}, {while, call(1, 4)}, {while, "hush"}}, "p~ c4"},
		{"a touch does not silence a call", []step{{now, call(1, 4)}, {while, "hush"}}, "c4"},
		{"recalls that wait become one", []step{{now, call(1, 4)}, {now, call(2, 5)}, {while, call(3, 5)}, {now, call(4, 5)}, {now, call(5, 6)}}, "c4 c5 c6"},
		{"a recall under its own call is heard", []step{{now, call(1, 4)}, {while, call(2, 4)}}, "c4 c4"},
		{"an alarm", []step{{now, help}}, "h"},
		{"an alarm cuts a call, which is said again", []step{{now, call(1, 4)}, {while, help}}, "c4~ h c4"},
		{"a call is cut once", []step{{now, call(1, 4)}, {while, help}, {2 * time.Second, wrong}}, "c4~ h c4 w"},
		{"the calls behind it keep their order", []step{{now, call(1, 4)}, {now, call(2, 5)}, {while, help}}, "c4~ h c4 c5"},
		{"a recall of the call that was cut stands for it", []step{{now, call(1, 4)}, {while, call(2, 4)}, {while, help}}, "c4~ h c4"},
		{"an alarm goes before calls that wait", []step{{now, wrong}, {now, call(1, 4)}, {now, help}}, "w h c4"},
		{"an alarm cuts a prompt", []step{{now, prompt("fr", "language.title")}, {while, help}}, "p~ h p"},
		{"a prompt waits for an alarm", []step{{now, help}, {now, prompt("fr", "language.title")}}, "h p"},
		{"an alarm is not cut by another", []step{{now, help}, {while, wrong}}, "h w"},
		{"one that sounds or waits is not rung twice",
			[]step{{now, help}, {now, help}, {now, wrong}, {now, wrong}, {now, help}}, "h w"},
		{"one that comes back is heard again", []step{{now, help}, {10 * time.Second, help}}, "h h"},
		{"a touch does not silence an alarm", []step{{now, help}, {now, "hush"}}, "h"},
		{"nothing at all", []step{{now, "hush"}, {while, "hush"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim.NewSpeaker(1)
				bubble(t, s, func(t *testing.T, a *voice.Arbiter) {
					for _, step := range c.steps {
						time.Sleep(step.after)
						switch m := step.do.(type) {
						case voice.Alarm:
							a.Alarm(m)
						case voice.Call:
							a.Announce(m)
						case voice.Prompt:
							a.Prompt(m)
						default:
							a.Hush()
						}
						if step.after == now {
							synctest.Wait()
						}
					}
					time.Sleep(time.Minute)
					if got := spoken(s); got != c.want {
						t.Errorf("heard %q; want %q", got, c.want)
					}
				})
			})
		})
	}
}

// Alarms without end, from a device gone mad, do not keep people from being called.
func TestAlarmsWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim.NewSpeaker(1)
		bubble(t, s, func(t *testing.T, a *voice.Arbiter) {
			a.Alarm(help)
			synctest.Wait()
			for i := range 3 {
				a.Announce(call(uint64(i), 4+i))
			}
			for range 300 { // one a tenth of a second
				a.Alarm(help)
				time.Sleep(100 * time.Millisecond)
			}
			whole := strings.Fields(spoken(s))
			for i := range 3 {
				if !slices.Contains(whole, fmt.Sprint("c", 4+i)) {
					t.Errorf("in 30 s of alarms: heard %q; want number %d, whole", whole, 4+i)
				}
			}
		})
	})
}

// Calls leave by the loudspeaker, prompts by the headphones when they are plugged.
func TestWhereItIsHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim.NewSpeaker(1)
		bubble(t, s, func(t *testing.T, a *voice.Arbiter) {
			s.Plug(true)
			synctest.Wait()
			a.Prompt(prompt("ar", "language.title"))
			time.Sleep(20 * time.Second)
			a.Announce(call(1, 4))
			time.Sleep(20 * time.Second)
			a.Alarm(help)
			time.Sleep(20 * time.Second)
			s.Plug(false)
			synctest.Wait()
			a.Prompt(prompt("fr", "language.title"))
			time.Sleep(20 * time.Second)
			var got []string
			for _, h := range s.Heard() {
				got = append(got, fmt.Sprint(h.Output, " ", h.Lang, " ", h.Volume))
			}
			if want := []string{"headphones ar 70", "loudspeaker fr 90", "loudspeaker fr 100", "loudspeaker fr 70"}; !slices.Equal(got, want) {
				t.Errorf("heard %q; want %q", got, want)
			}
		})
	})
}

// What was begun in the headphones ends with them: nothing of it is heard in the room.
func TestHeadphonesPulled(t *testing.T) {
	const while = 500 * time.Millisecond
	title := prompt("fr", "language.title")
	type step struct {
		after time.Duration
		do    func(*voice.Arbiter, *sim.Speaker)
	}
	plug := func(in bool) func(*voice.Arbiter, *sim.Speaker) {
		return func(_ *voice.Arbiter, s *sim.Speaker) { s.Plug(in) }
	}
	say := func(a *voice.Arbiter, _ *sim.Speaker) { a.Prompt(title) }
	announce := func(a *voice.Arbiter, _ *sim.Speaker) { a.Announce(call(1, 4)) }
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"in the middle of a prompt", []step{{0, plug(true)}, {while, say}, {while, plug(false)}},
			"p~ headphones"},
		{"under the call that cut it", []step{{0, plug(true)}, {while, say}, {while, announce}, {while, plug(false)}},
			"p~ headphones, c4 loudspeaker"},
		{"and put back under the call", []step{{0, plug(true)}, {while, say}, {while, announce}, {while, plug(false)}, {while, plug(true)}},
			"p~ headphones, c4 loudspeaker"},
		{"not at all: after the call it is said again there", []step{{0, plug(true)}, {while, say}, {while, announce}},
			"p~ headphones, c4 loudspeaker, p headphones"},
		{"the next prompt is for the loudspeaker", []step{{0, plug(true)}, {while, say}, {while, plug(false)}, {while, say}},
			"p~ headphones, p loudspeaker"},
		{"before a prompt began", []step{{0, plug(true)}, {while, announce}, {while, say}, {while, plug(false)}},
			"c4 loudspeaker, p loudspeaker"},
		{"put in while a prompt is heard in the room, then pulled", []step{{0, say}, {while, plug(true)}, {while, plug(false)}},
			"p loudspeaker"},
		{"while a call is heard", []step{{0, plug(true)}, {while, announce}, {while, plug(false)}},
			"c4 loudspeaker"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim.NewSpeaker(1)
				bubble(t, s, func(t *testing.T, a *voice.Arbiter) {
					for _, step := range c.steps {
						time.Sleep(step.after)
						step.do(a, s)
						synctest.Wait()
						if h := s.Heard(); len(h) > 0 && h[len(h)-1].Playing && h[len(h)-1].Output == "headphones" && !s.Plugged() {
							t.Error("the headphones are pulled; the prompt goes on")
						}
					}
					time.Sleep(time.Minute)
					letters := strings.Fields(spoken(s))
					var got []string
					for i, h := range s.Heard() {
						got = append(got, letters[i]+" "+h.Output)
					}
					if got := strings.Join(got, ", "); got != c.want {
						t.Errorf("heard %q; want %q", got, c.want)
					}
				})
			})
		})
	}
}

// Two calls overlap: each is spoken with its own number and its own desk.
func TestBug03WrongPersonSpoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim.NewSpeaker(1)
		bubble(t, s, func(t *testing.T, a *voice.Arbiter) {
			for i := range 6 {
				a.Announce(voice.Call{ID: uint64(i), Number: 11 + i, Desk: fmt.Sprintf("bureau %c", 'A'+i), Volume: 90})
			}
			time.Sleep(time.Minute)
			heard := s.Heard()
			if len(heard) != 6 {
				t.Fatalf("%d calls heard; want 6", len(heard))
			}
			for i, h := range heard {
				if !strings.Contains(h.Text, fmt.Sprint(11+i)) || !strings.Contains(h.Text, fmt.Sprintf("bureau %c", 'A'+i)) {
					t.Errorf("call %d says %q; want number %d, bureau %c", i, h.Text, 11+i, 'A'+i)
				}
			}
		})
	})
	// A person called again to another desk, before the first call was said.
	synctest.Test(t, func(t *testing.T) {
		s := sim.NewSpeaker(1)
		bubble(t, s, func(t *testing.T, a *voice.Arbiter) {
			a.Announce(call(1, 4))
			synctest.Wait()
			a.Announce(voice.Call{ID: 2, Number: 5, Desk: "bureau A"})
			a.Announce(voice.Call{ID: 3, Number: 5, Desk: "bureau B"})
			time.Sleep(time.Minute)
			if heard := s.Heard(); len(heard) != 2 || !strings.Contains(heard[1].Text, "bureau B") {
				t.Errorf("heard %+v; want number 5 at bureau B, once", heard)
			}
		})
	})
}

// Calls have their words, prompts have none yet: on real hardware they take no time.
func TestWhatIsSaidHasSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []drivers.Sound
		s := &taker{play: func(snd drivers.Sound) { got = append(got, snd) }}
		w, err := words.Load()
		if err != nil {
			t.Fatal(err)
		}
		clips, err := voice.French()
		if err != nil {
			t.Fatal(err)
		}
		a := voice.New(s, w, 1, slog.New(slog.DiscardHandler))
		a.Use(clips)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); a.Run(ctx) }()
		for _, do := range []func(){
			func() { a.Announce(call(1, 42)) },
			func() { a.Prompt(prompt("fr", "language.title")) },
			func() { a.Alarm(help) },
		} {
			do()
			synctest.Wait()
		}
		cancel()
		<-ended
		if len(got) != 3 || !got[0].Chime || len(got[0].PCM) < 48000 || got[1].Chime || got[1].PCM != nil || got[2].Chime || len(got[2].PCM) == 0 {
			t.Fatalf("%d sounds; want a call with its chime and words, a prompt without, an alarm without chime", len(got))
		}
	})
}

// taker is a speaker that plays in no time.
type taker struct{ play func(drivers.Sound) }

func (s *taker) Play(_ context.Context, _ drivers.Output, snd drivers.Sound) error {
	s.play(snd)
	return nil
}

func (s *taker) Jack(ctx context.Context, plugged func(bool)) error {
	plugged(false)
	<-ctx.Done()
	return ctx.Err()
}

// A sound that fails, or hangs, never mutes the next.
func TestBug04MuteAfterOneAudioError(t *testing.T) {
	t.Run("an error", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := sim.NewSpeaker(1)
			bubble(t, s, func(t *testing.T, a *voice.Arbiter) {
				s.Fail(errors.New("device busy"))
				a.Announce(call(1, 4))
				a.Prompt(prompt("fr", "language.title"))
				time.Sleep(10 * time.Second)
				s.Fail(nil)
				a.Announce(call(2, 5))
				time.Sleep(10 * time.Second)
				if got := spoken(s); got != "c5" {
					t.Errorf("after an error: heard %q; want c5", got)
				}
			})
		})
	})
	t.Run("a sound that hangs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &hanging{over: make(chan struct{})}
			t.Cleanup(func() { close(s.over) })
			bubble(t, s, func(t *testing.T, a *voice.Arbiter) {
				a.Announce(call(1, 4))
				a.Announce(call(2, 5))
				a.Prompt(prompt("fr", "language.title"))
				time.Sleep(2 * time.Minute)
				if got := s.count(); got != 3 {
					t.Errorf("%d sounds were begun on a speaker that hangs; want all 3", got)
				}
				// A touch, or a call, is not held up by a prompt that hangs.
				a.Prompt(prompt("fr", "motif.title"))
				synctest.Wait()
				began := time.Now()
				a.Announce(call(3, 6))
				synctest.Wait()
				if got := s.count(); got != 5 || time.Since(began) != 0 {
					t.Errorf("a call behind a prompt that hangs: %d sounds after %v; want 5 at once", got, time.Since(began))
				}
			})
		})
	})
}

// hanging is a speaker that plays for ever and does not listen when told to stop.
type hanging struct {
	over  chan struct{}
	mu    sync.Mutex
	began int
}

func (h *hanging) Play(context.Context, drivers.Output, drivers.Sound) error {
	h.mu.Lock()
	h.began++
	h.mu.Unlock()
	<-h.over
	return nil
}

func (h *hanging) Jack(context.Context, func(bool)) error { <-h.over; return nil }

func (h *hanging) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.began
}

func TestBug06RecallSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim.NewSpeaker(1)
		bubble(t, s, func(t *testing.T, a *voice.Arbiter) {
			for i := range 3 { // the same number, twenty seconds apart
				a.Announce(call(uint64(i), 4))
				time.Sleep(20 * time.Second)
			}
			if got := spoken(s); got != "c4 c4 c4" {
				t.Errorf("three calls of one number: heard %q; want all three", got)
			}
		})
	})
}

// The end of the box stops the sound in the middle.
func TestRunEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim.NewSpeaker(1)
		var began time.Time
		bubble(t, s, func(t *testing.T, a *voice.Arbiter) {
			a.Announce(call(1, 4))
			synctest.Wait()
			began = time.Now()
		})
		if took := time.Since(began); took != 0 {
			t.Errorf("Run() ended %v after its context; want at once", took)
		}
		synctest.Wait()
		if got := spoken(s); got != "c4~" {
			t.Errorf("heard %q; want a call cut short", got)
		}
	})
}
