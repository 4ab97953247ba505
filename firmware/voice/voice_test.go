package voice_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/sim"
	"jeudi/firmware/voice"
	"jeudi/firmware/words"
)

// catalogue is the built-in one, read once: it does not change.
var catalogue = sync.OnceValues(words.Load)

// bubble runs a test on an arbiter that speaks to a loudspeaker, in synctest's time.
func bubble(t *testing.T, speaker drivers.Speaker, test func(*testing.T, *voice.Arbiter)) {
	t.Helper()
	w, err := catalogue()
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

// step is what happens in a scene, so long after the one before.
type step struct {
	after time.Duration
	do    func(*voice.Arbiter, *sim.Speaker)
}

// scene plays steps to an arbiter, and wants to have heard what it names, each sound
// with where; without names a sound is its letter. Nothing goes on in headphones that
// are pulled.
func scene(t *testing.T, steps []step, name func(letter string, h sim.Heard) string, want string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := sim.NewSpeaker(1)
		bubble(t, s, func(t *testing.T, a *voice.Arbiter) {
			for _, step := range steps {
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
				what := letters[i]
				if name != nil {
					what = name(what, h)
				}
				got = append(got, what+" "+h.Output)
			}
			if got := strings.Join(got, ", "); got != want {
				t.Errorf("heard %q; want %q", got, want)
			}
		})
	})
}

// What was begun in the headphones ends with them: nothing of it is heard in the room.
func TestHeadphonesPulled(t *testing.T) {
	const while = 500 * time.Millisecond
	title := prompt("fr", "language.title")
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
		{"put in while a prompt is heard in the room", []step{{0, say}, {while, plug(true)}},
			"p~ loudspeaker, p headphones"},
		{"put in while a prompt is heard in the room, then pulled", []step{{0, say}, {while, plug(true)}, {while, plug(false)}},
			"p~ loudspeaker, p~ headphones"},
		{"while a call is heard", []step{{0, plug(true)}, {while, announce}, {while, plug(false)}},
			"c4 loudspeaker"},
	} {
		t.Run(c.name, func(t *testing.T) { scene(t, c.steps, nil, c.want) })
	}
}

// What is private is heard in the headphones alone; the room hears what stands
// instead of it, and plugging headphones brings the rest.
func TestPrivate(t *testing.T) {
	private := prompt("fr", "motif.title")
	private.Private, private.Instead = true, []voice.Message{{Key: "language.title"}}
	silent := private
	silent.Instead = nil
	say := func(p voice.Prompt) func(*voice.Arbiter, *sim.Speaker) {
		return func(a *voice.Arbiter, _ *sim.Speaker) { a.Prompt(p) }
	}
	plug := func(in bool) func(*voice.Arbiter, *sim.Speaker) {
		return func(_ *voice.Arbiter, s *sim.Speaker) { s.Plug(in) }
	}
	hush := func(a *voice.Arbiter, _ *sim.Speaker) { a.Hush() }
	announce := func(a *voice.Arbiter, _ *sim.Speaker) { a.Announce(call(1, 4)) }
	const soon, later = 300 * time.Millisecond, 20 * time.Second
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"with headphones", []step{{0, plug(true)}, {soon, say(private)}}, "private headphones"},
		{"without", []step{{0, say(private)}}, "instead loudspeaker"},
		{"without, and nothing instead", []step{{0, say(silent)}}, ""},
		{"plugged while the room hears what stands instead", []step{{0, say(private)}, {soon, plug(true)}}, "instead~ loudspeaker, private headphones"},
		{"plugged after it", []step{{0, say(private)}, {later, plug(true)}}, "instead loudspeaker, private headphones"},
		{"plugged when the room heard nothing", []step{{0, say(silent)}, {later, plug(true)}}, "private headphones"},
		{"plugged after a touch", []step{{0, say(private)}, {later, hush}, {soon, plug(true)}}, "instead loudspeaker"},
		{"plugged after other words", []step{{0, say(silent)}, {soon, say(prompt("fr", "language.title"))}, {later, plug(true)}}, "instead loudspeaker"},
		{"pulled in the middle", []step{{0, plug(true)}, {soon, say(private)}, {soon, plug(false)}}, "private~ headphones"},
		{"pulled under a call that cut it", []step{{0, plug(true)}, {soon, say(private)}, {soon, announce}, {soon, plug(false)}},
			"private~ headphones, call loudspeaker"},
		{"said under a call, pulled meanwhile", []step{{0, plug(true)}, {soon, announce}, {soon, say(private)}, {soon, plug(false)}},
			"call loudspeaker, instead loudspeaker"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _ := catalogue()
			scene(t, c.steps, func(_ string, h sim.Heard) string {
				what := "instead"
				switch {
				case strings.Contains(h.Text, w.Text("fr", "motif.title", nil)):
					what = "private"
				case h.Chime:
					what = "call"
				}
				if h.Interrupted {
					what += "~"
				}
				return what
			}, c.want)
		})
	}
}

// Whoever asked is told of the jack, and holds up nothing while it works.
func TestOnJack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim.NewSpeaker(1)
		w, err := catalogue()
		if err != nil {
			t.Fatal(err)
		}
		a := voice.New(s, w, 1, slog.New(slog.DiscardHandler))
		var mu sync.Mutex
		var told []bool
		busy := make(chan struct{})
		a.OnJack(func(in bool) {
			mu.Lock()
			told = append(told, in)
			mu.Unlock()
			<-busy
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); a.Run(ctx) }()
		synctest.Wait()
		for _, in := range []bool{true, false, true, false} {
			s.Plug(in)
			synctest.Wait()
		}
		a.Announce(call(1, 4))
		time.Sleep(time.Minute)
		if got := spoken(s); got != "c4" {
			t.Errorf("while it is told: heard %q; want c4", got)
		}
		close(busy)
		synctest.Wait()
		if mu.Lock(); !slices.Equal(told, []bool{true, false}) {
			t.Errorf("told %v; want it plugged, then how it is now", told)
		}
		mu.Unlock()
		cancel()
		<-ended
	})
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

// Calls and prompts have their words, in each language; an alarm has its tones.
func TestWhatIsSaidHasSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []drivers.Sound
		s := &taker{play: func(snd drivers.Sound) { got = append(got, snd) }}
		w, err := catalogue()
		if err != nil {
			t.Fatal(err)
		}
		voices, err := voice.Load(w, voice.Options{})
		if err != nil {
			t.Fatal(err)
		}
		a := voice.New(s, w, 1, slog.New(slog.DiscardHandler))
		a.Use(voices)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); a.Run(ctx) }()
		fast := prompt("fr", "language.title")
		fast.Rate = 200
		for _, do := range []func(){
			func() { a.Announce(call(1, 42)) },
			func() { a.Prompt(prompt("fr", "language.title")) },
			func() { a.Prompt(fast) },
			func() { a.Prompt(prompt("fa", "ticket.ahead")) },
			func() { a.Alarm(help) },
		} {
			do()
			synctest.Wait()
		}
		cancel()
		<-ended
		if len(got) != 8 { // a prompt has two messages
			t.Fatalf("%d sounds; want 8", len(got))
		}
		if !got[0].Chime || len(got[0].PCM) < 48000 || len(got[7].PCM) == 0 {
			t.Errorf("a call has %d samples, an alarm %d; want both heard", len(got[0].PCM), len(got[7].PCM))
		}
		for i := 1; i <= 2; i++ {
			if n, half := len(got[i].PCM), len(got[i+2].PCM); n < 24000 || got[i].Chime || half < n*47/100 || half > n*53/100 || got[i+2].Rate != 200 {
				t.Errorf("message %d of a prompt has %d samples, at 200 %% %d; want half as many", i, n, half)
			}
		}
		if loud := func(pcm []int16) bool { return slices.Max(pcm[:9600]) > 100 }; !loud(got[1].PCM) || loud(got[2].PCM) {
			t.Error("a prompt begins with silence, or its second message without; want words, a pause, words")
		}
		if p := got[6]; p.Lang != "fr" || len(p.PCM) == 0 || !strings.Contains(p.Text, "choix") {
			t.Errorf("a prompt in a language without a voice says %q in %q, %d samples; want French", p.Text, p.Lang, len(p.PCM))
		}
	})
}

// maker speaks texts that the site wrote; each takes a while to be made, and lasts
// as many seconds.
type maker struct {
	takes, lasts time.Duration

	mu    sync.Mutex
	begun int
	cut   int // while they were made
}

func (m *maker) speak(ctx context.Context, _, _ string) ([]int16, int, error) {
	m.mu.Lock()
	m.begun++
	m.mu.Unlock()
	select {
	case <-time.After(m.takes):
		return make([]int16, int(m.lasts.Seconds()*16000)), 16000, nil
	case <-ctx.Done():
		m.mu.Lock()
		m.cut++
		m.mu.Unlock()
		return nil, 0, ctx.Err()
	}
}

func (m *maker) counts() (begun, cut int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.begun, m.cut
}

// The first message of a prompt is heard while the next is made, one ahead and no
// more; a touch ends what is heard and what is made.
func TestAPromptBeginsWithItsFirstMessage(t *testing.T) {
	w, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"thanks.title", "ticket.title", "motif.title"}
	own := map[string]string{}
	for i, key := range keys {
		own[key] = fmt.Sprint("Texte de la maison ", i)
	}
	w = w.With("fr", own)
	three := voice.Prompt{Lang: "fr", Volume: 70}
	for _, key := range keys {
		three.Say = append(three.Say, voice.Message{Key: key})
	}
	at := func(s *sim.Speaker, from time.Time) (list []string) {
		for _, h := range s.Heard() {
			list = append(list, fmt.Sprint(h.Text[len(h.Text)-1:], " ", h.At.Sub(from)))
		}
		return list
	}
	for _, c := range []struct {
		name string
		m    *maker
		do   func(t *testing.T, a *voice.Arbiter, m *maker)
		want []string // the last letter of what is heard, and when; a pause of 450 ms leads each but the first
	}{
		{"made faster than said", &maker{takes: 400 * time.Millisecond, lasts: 2 * time.Second}, func(t *testing.T, a *voice.Arbiter, m *maker) {
			time.Sleep(time.Second)
			if begun, _ := m.counts(); begun != 2 {
				t.Errorf("while the first is heard, %d were begun; want the first and the next", begun)
			}
		}, []string{"0 400ms", "1 2.4s", "2 4.85s"}},
		{"said faster than made", &maker{takes: 3 * time.Second, lasts: time.Second}, func(*testing.T, *voice.Arbiter, *maker) {
		}, []string{"0 3s", "1 6s", "2 9s"}},
		{"a touch while the next is made", &maker{takes: 3 * time.Second, lasts: 5 * time.Second}, func(t *testing.T, a *voice.Arbiter, m *maker) {
			time.Sleep(4 * time.Second)
			a.Hush()
			synctest.Wait()
			if begun, cut := m.counts(); begun != 2 || cut != 1 {
				t.Errorf("%d begun, %d cut; want the second cut, and no third", begun, cut)
			}
		}, []string{"0 3s"}},
		{"another prompt while the next is made: what was made is kept", &maker{takes: time.Second, lasts: 2 * time.Second}, func(t *testing.T, a *voice.Arbiter, m *maker) {
			time.Sleep(1500 * time.Millisecond)
			a.Prompt(three)
			synctest.Wait()
			if begun, cut := m.counts(); begun != 3 || cut != 1 { // the first is kept
				t.Errorf("%d begun, %d cut; want the second cut, and made again", begun, cut)
			}
		}, []string{"0 1s", "0 1.5s", "1 3.5s", "2 5.95s"}},
		{"not made in time: nothing is heard", &maker{takes: 11 * time.Second, lasts: 20 * time.Second}, func(*testing.T, *voice.Arbiter, *maker) {
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				voices, err := voice.Load(w, voice.Options{Live: c.m.speak})
				if err != nil {
					t.Fatal(err)
				}
				s := sim.NewSpeaker(1)
				a := voice.New(s, w, 1, slog.New(slog.DiscardHandler))
				a.Use(voices)
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan struct{})
				go func() { defer close(ended); a.Run(ctx) }()
				from := time.Now()
				a.Prompt(three)
				c.do(t, a, c.m)
				time.Sleep(time.Minute)
				if got := at(s, from); !slices.Equal(got, c.want) {
					t.Errorf("heard %q; want %q", got, c.want)
				}
				// Nothing is left behind: the bubble ends only when every goroutine has.
				cancel()
				<-ended
			})
		})
	}
}

// stuck is recordings on a disk that does not answer before over is closed.
type stuck struct {
	fstest.MapFS
	over chan struct{}
}

func (s stuck) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, ".wav") {
		<-s.over
	}
	return s.MapFS.Open(name)
}

// A call whose words cannot be had is its chime; meanwhile an alarm is heard at once.
func TestACallThatIsNotMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, err := catalogue()
		if err != nil {
			t.Fatal(err)
		}
		disk := stuck{fstest.MapFS{"fr/" + voice.FileName("numéro"): {}}, make(chan struct{})}
		voices, err := voice.Load(w, voice.Options{Human: disk})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var got []string
		a := voice.New(&taker{play: func(s drivers.Sound) {
			got = append(got, fmt.Sprint(time.Since(began), " ", s.Chime, " ", len(s.PCM) > 0))
		}}, w, 1, slog.New(slog.DiscardHandler))
		a.Use(voices)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); a.Run(ctx) }()
		a.Announce(call(1, 4))
		time.Sleep(time.Second)
		a.Alarm(help)
		time.Sleep(time.Minute)
		close(disk.over) // what is made too late is not heard
		synctest.Wait()
		cancel()
		<-ended
		if want := []string{"1s false true", "11s true false"}; !slices.Equal(got, want) {
			t.Errorf("heard %q; want %q: the alarm, then the chime alone", got, want)
		}
	})
}

// What is said to somebody at the way out is heard in the room, when nothing else is.
func TestAside(t *testing.T) {
	const while, later = 300 * time.Millisecond, 30 * time.Second
	title := prompt("fr", "language.title")
	asked := voice.Prompt{Lang: "fr", Volume: 30, Say: []voice.Message{{Key: "opinion.useful_title"}}}
	private := title
	private.Private = true
	plug := func(_ *voice.Arbiter, s *sim.Speaker) { s.Plug(true) }
	ask := func(a *voice.Arbiter, _ *sim.Speaker) { a.Aside(asked) }
	say := func(a *voice.Arbiter, _ *sim.Speaker) { a.Prompt(title) }
	hold := func(a *voice.Arbiter, _ *sim.Speaker) { a.Prompt(private) }
	hush := func(a *voice.Arbiter, _ *sim.Speaker) { a.Hush() }
	announce := func(a *voice.Arbiter, _ *sim.Speaker) { a.Announce(call(1, 4)) }
	ring := func(a *voice.Arbiter, _ *sim.Speaker) { a.Alarm(help) }
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"alone", []step{{0, ask}}, "aside loudspeaker"},
		{"never in the headphones", []step{{0, plug}, {while, ask}}, "aside loudspeaker"},
		{"while the kiosk speaks: skipped", []step{{0, say}, {while, ask}}, "p loudspeaker"},
		{"while the kiosk speaks in the headphones: skipped", []step{{0, plug}, {while, say}, {while, ask}}, "p headphones"},
		{"while a call is heard: skipped", []step{{0, announce}, {while, ask}}, "c4 loudspeaker"},
		{"while an alarm is heard: skipped", []step{{0, ring}, {while, ask}}, "h loudspeaker"},
		{"the kiosk's prompt cuts it", []step{{0, ask}, {while, say}}, "aside~ loudspeaker, p loudspeaker"},
		{"a call cuts it", []step{{0, ask}, {while, announce}}, "aside~ loudspeaker, c4 loudspeaker"},
		{"an alarm cuts it", []step{{0, ask}, {while, ring}}, "aside~ loudspeaker, h loudspeaker"},
		{"a touch at the kiosk leaves it", []step{{0, ask}, {while, hush}}, "aside loudspeaker"},
		{"another replaces it", []step{{0, ask}, {while, ask}}, "aside~ loudspeaker, aside loudspeaker"},
		{"one after the other", []step{{0, ask}, {later, ask}}, "aside loudspeaker, aside loudspeaker"},
		{"what waits for headphones still waits", []step{{0, hold}, {while, ask}, {later, plug}}, "aside loudspeaker, p headphones"},
		{"headphones cut it for what waits for them", []step{{0, hold}, {while, ask}, {while, plug}}, "aside~ loudspeaker, p headphones"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scene(t, c.steps, func(letter string, h sim.Heard) string {
				if h.Volume == asked.Volume {
					return strings.Replace(letter, "p", "aside", 1)
				}
				return letter
			}, c.want)
		})
	}
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

// The names of the languages, one after the other; a touch ends them all.
func TestThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		speaker := sim.NewSpeaker(1)
		bubble(t, speaker, func(t *testing.T, a *voice.Arbiter) {
			list := voice.Prompt{Lang: "fr", Volume: 50, Say: []voice.Message{{Key: "language.name"}}, Then: []voice.Prompt{
				{Lang: "en", Volume: 50, Say: []voice.Message{{Key: "language.name"}}},
				{Lang: "es", Volume: 50, Say: []voice.Message{{Key: "language.name"}}},
			}}
			a.Prompt(list)
			time.Sleep(20 * time.Second)
			var got []string
			for _, h := range speaker.Heard() {
				got = append(got, h.Lang+" "+h.Text)
			}
			if want := []string{"fr Français", "en English", "es Español"}; !slices.Equal(got, want) {
				t.Errorf("heard %q; want %q", got, want)
			}
			a.Prompt(list)
			synctest.Wait()
			a.Hush()
			time.Sleep(20 * time.Second)
			if n := len(speaker.Heard()); n != 4 {
				t.Errorf("%d sounds after a list that was silenced at its first word; want 4", n)
			}
		})
	})
}

// said is a key and its arguments that stand in the hole of another message.
type said struct{ key string }

func (s said) Message() (string, map[string]any) { return s.key, nil }

// longest is the screen that takes longest to say: all answers, read over before
// they leave.
func longest(rate int) voice.Prompt {
	p := voice.Prompt{Lang: "fr", Volume: 70, Rate: rate, Say: []voice.Message{{Key: "recap.title"}, {Key: "recap.text"}}}
	for _, line := range [][2]string{{"internet", "yes"}, {"mail", "alone"}, {"information", "helped"}, {"photo", "alone"},
		{"fake", "helped"}, {"trouble", "alone"}, {"procedure", "helped"}, {"age", "65-69"}, {"household", "seul"}} {
		p.Say = append(p.Say, voice.Message{Key: "recap.line", Args: map[string]any{
			"question": said{"recap." + line[0]}, "answer": said{"answer." + line[0] + "." + line[1]}}})
	}
	return voice.Prompt{Lang: p.Lang, Volume: p.Volume, Rate: p.Rate, Say: append(p.Say, voice.Message{Key: "kiosk.choices", Args: map[string]any{"n": 3}})}
}

// BenchmarkFirstSample is from a screen to the first sample of it that the card is
// handed, clips unpacked before or not, at the usual speed and at a slow one.
func BenchmarkFirstSample(b *testing.B) {
	w, err := catalogue()
	if err != nil {
		b.Fatal(err)
	}
	for _, again := range []bool{false, true} {
		for _, rate := range []int{100, 70} {
			b.Run(fmt.Sprintf("again=%v/rate=%d", again, rate), func(b *testing.B) {
				first := make(chan time.Time)
				speaker := &taker{play: func(s drivers.Sound) {
					if len(s.PCM) > 0 {
						select {
						case first <- time.Now():
						default:
						}
					}
				}}
				voices, err := voice.Load(w, voice.Options{})
				if err != nil {
					b.Fatal(err)
				}
				var took time.Duration
				n := 0
				for b.Loop() {
					if !again {
						if voices, err = voice.Load(w, voice.Options{}); err != nil {
							b.Fatal(err)
						}
					}
					a := voice.New(speaker, w, 1, slog.New(slog.DiscardHandler))
					a.Use(voices)
					ctx, cancel := context.WithCancel(b.Context())
					var run sync.WaitGroup
					run.Go(func() { a.Run(ctx) })
					begun := time.Now()
					a.Prompt(longest(rate))
					took += (<-first).Sub(begun)
					n++
					cancel()
					run.Wait()
				}
				b.ReportMetric(float64(took)/float64(n)/float64(time.Millisecond), "ms/first")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
