package selftest_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
)

func at(d time.Duration) session.Moment {
	return session.Moment{Wall: time.Date(2026, 11, 26, 8, 30, 20, 0, time.UTC).Add(d), Mono: time.Hour + d, Trust: session.Trusted}
}

// whole is a site with everything, and a machine that says all is well.
func whole() selftest.Setup {
	return selftest.Setup{At: at(0), Trusted: true, Chance: [3]uint8{37, 0, 0},
		Devices: selftest.Devices{Printer: true, Sound: true, Touch: true, Buttons: []selftest.Button{
			{Action: "ok", Lamp: true}, {Action: "help"}}},
		Facts: well()}
}

func well() selftest.Facts {
	return selftest.Facts{Version: "1.2.3", DiskFree: 9e9, DiskTotal: 3e10, Worn: 10, Reserve: 1, Undervoltage: selftest.No,
		Throttled: selftest.No, Heat: 45_000, MemoryFree: 1 << 30, MemoryTotal: 2 << 30, Synced: selftest.Yes}
}

// bare is a site of a clock alone.
func bare() selftest.Setup { return selftest.Setup{At: at(0), Trusted: true, Facts: well()} }

// The numbers of the first ticket of whole, and of the one after a wrong answer.
const right, decoy, second = 47, 58, 54

func confirm(ok bool) selftest.Input { return selftest.Confirm{OK: ok} }
func pressed(a string) selftest.Input {
	return selftest.Pressed{Action: a}
}

// all is what somebody answers when all is well.
func all() []selftest.Input {
	return []selftest.Input{selftest.Code{Number: right}, confirm(true), pressed("ok"), pressed("help"),
		selftest.Corner{N: 3}, selftest.Corner{N: 1}, selftest.Corner{N: 2}, selftest.Corner{N: 4}, confirm(true),
		selftest.Measured{Facts: well()}}
}

// play gives inputs a second apart, and returns what was wanted.
func play(setup selftest.Setup, inputs ...selftest.Input) (selftest.State, []selftest.Want) {
	s, wants := selftest.Begin(setup)
	for i, in := range inputs {
		next, more := selftest.Step(s, in, at(time.Duration(i+1)*time.Second))
		s, wants = next, append(wants, more...)
	}
	return s, wants
}

// report is that of a test that is over.
func report(t *testing.T, setup selftest.Setup, inputs ...selftest.Input) selftest.Report {
	t.Helper()
	_, wants := play(setup, inputs...)
	f, ok := wants[len(wants)-1].(selftest.Finished)
	if !ok {
		t.Fatalf("after %v the test wants %v; want it finished", inputs, wants)
	}
	return f.Report
}

// outcomes are written "item result note note".
func outcomes(list []selftest.Outcome) (out []string) {
	for _, o := range list {
		line := string(o.Item) + " " + string(o.Result)
		for _, n := range o.Notes {
			line += " " + strings.TrimPrefix(n.Key, "selftest.note.")
		}
		out = append(out, line)
	}
	return out
}

func TestAllIsWell(t *testing.T) {
	_, wants := play(whole(), all()...)
	want := []selftest.Want{selftest.PrintTicket{Number: right}, selftest.PlaySound{}, selftest.Measure{}}
	if !reflect.DeepEqual(wants[:3], want) || len(wants) != 4 {
		t.Errorf("wants = %v; want %v and the report", wants, want)
	}
	r := report(t, whole(), all()...)
	lines := []string{"printer ok", "sound ok", "button.ok ok", "button.help ok", "touch ok", "clock ok synced",
		"disk ok disk_gb", "wear ok worn", "power ok", "temperature ok heat", "memory ok memory_gb"}
	if got := outcomes(r.Outcomes); !slices.Equal(got, lines) {
		t.Errorf("outcomes = %q; want %q", got, lines)
	}
	if r.Verdict() != selftest.Ready || r.Version != "1.2.3" || r.Started != at(0).Wall || r.Ended != at(10*time.Second).Wall {
		t.Errorf("report = %+v, %s; want it ready, with its version and times", r, r.Verdict())
	}
}

// Each item, by what a person may say of it.
func TestItems(t *testing.T) {
	paperOut := selftest.Paper{Status: "no_paper"}
	lowPaper, stuck, lost, doubtful := whole(), whole(), whole(), bare()
	lowPaper.Devices.PaperLow = true
	stuck.Devices.Buttons = []selftest.Button{{Action: "ok", Lamp: true, Fault: "stuck"}}
	lost.Devices.Buttons = []selftest.Button{{Action: "ok", Lamp: true, Fault: "lost"}}
	doubtful.Trusted = false
	on := []selftest.Input{selftest.Skip{}, selftest.Skip{}} // past paper and sound
	tests := []struct {
		name  string
		given selftest.Setup
		when  []selftest.Input
		item  selftest.Item
		want  string
	}{
		{name: "the number is read", given: whole(), when: []selftest.Input{selftest.Code{Number: right}}, item: selftest.Printer, want: "printer ok"},
		{name: "and the roll is nearly over", given: lowPaper, when: []selftest.Input{selftest.Code{Number: right}}, item: selftest.Printer,
			want: "printer warning device.printer.paper_low"},
		{name: "nothing to be read", given: whole(), when: []selftest.Input{confirm(false)}, item: selftest.Printer, want: "printer failed illegible"},
		{name: "a slip, then the number of the second ticket", given: whole(),
			when: []selftest.Input{selftest.Code{Number: decoy}, selftest.Code{Number: right}, selftest.Code{Number: second}}, item: selftest.Printer, want: "printer ok"},
		{name: "two slips", given: whole(), when: []selftest.Input{selftest.Code{Number: decoy}, selftest.Code{Number: second + 11}},
			item: selftest.Printer, want: "printer failed illegible"},
		{name: "no paper", given: whole(), when: []selftest.Input{paperOut, confirm(false)}, item: selftest.Printer, want: "printer failed device.printer.no_paper"},
		{name: "no paper, a new roll", given: whole(), when: []selftest.Input{paperOut, selftest.Again{}, selftest.Code{Number: right}},
			item: selftest.Printer, want: "printer ok"},
		{name: "a yes is no proof of reading", given: whole(), when: []selftest.Input{confirm(true), selftest.Skip{}}, item: selftest.Printer, want: "printer skipped"},
		{name: "heard at the second time", given: whole(), when: []selftest.Input{selftest.Skip{}, selftest.Again{}, confirm(true)}, item: selftest.Sound, want: "sound ok"},
		{name: "not heard", given: whole(), when: []selftest.Input{selftest.Skip{}, confirm(false)}, item: selftest.Sound, want: "sound failed not_heard"},
		{name: "the lit button, after another", given: whole(), when: append(on, pressed("help"), pressed("ok")), item: "button.ok", want: "button.ok ok"},
		{name: "a dark lamp", given: whole(), when: append(on, selftest.Dark{}, pressed("ok")), item: "button.ok", want: "button.ok failed dark"},
		{name: "a dead button", given: whole(), when: append(on, confirm(false)), item: "button.ok", want: "button.ok failed no_answer"},
		{name: "dark and dead", given: whole(), when: append(on, selftest.Dark{}, confirm(false)), item: "button.ok", want: "button.ok failed no_answer dark"},
		{name: "a stuck button asks nobody", given: stuck, when: on, item: "button.ok", want: "button.ok failed stuck"},
		{name: "nor does a cut wire", given: lost, when: on, item: "button.ok", want: "button.ok failed lost"},
		{name: "a dead corner", given: whole(), when: append(on, selftest.Skip{}, selftest.Skip{}, selftest.Corner{N: 1}, confirm(false)),
			item: selftest.Touch, want: "touch failed corners"},
		{name: "the wrong time", given: bare(), when: []selftest.Input{confirm(false)}, item: selftest.Clock, want: "clock failed wrong_time"},
		{name: "the right time, by chance", given: doubtful, when: []selftest.Input{confirm(true)}, item: selftest.Clock, want: "clock warning untrusted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := play(tt.given, tt.when...)
			list := selftest.View(s, at(0).Wall).Outcomes
			i := slices.IndexFunc(list, func(o selftest.Outcome) bool { return o.Item == tt.item })
			if i < 0 {
				t.Fatalf("outcomes = %q; want one of %s", outcomes(list), tt.item)
			}
			if got := outcomes(list)[i]; got != tt.want {
				t.Errorf("outcome = %q; want %q", got, tt.want)
			}
		})
	}
}

// While a lamp is to show which button is meant, no word does.
func TestTheLampAloneNamesItsButton(t *testing.T) {
	s, _ := play(whole(), selftest.Skip{}, selftest.Skip{})
	v := selftest.View(s, at(0).Wall)
	if s.Lamp() != "ok" || !s.Listens() || strings.Contains(fmt.Sprint(v.Title, v.Text, v.Notice, v.Choices), "ok") {
		t.Errorf("lamp %q, screen %+v; want the lamp lit, and the button nowhere named", s.Lamp(), v)
	}
	s, _ = selftest.Step(s, selftest.Dark{}, at(time.Second))
	if v := selftest.View(s, at(0).Wall); s.Lamp() != "" || v.Title.Key != "selftest.item.button.ok" {
		t.Errorf("once its lamp is known to be dark: lamp %q, title %v; want it off, and the button named", s.Lamp(), v.Title)
	}
	s, _ = selftest.Step(s, pressed("ok"), at(2*time.Second))
	if v := selftest.View(s, at(0).Wall); s.Lamp() != "" || v.Title.Key != "selftest.item.button.help" {
		t.Errorf("a button without a lamp: lamp %q, title %v; want it named", s.Lamp(), v.Title)
	}
}

func TestCorners(t *testing.T) {
	s, _ := play(whole(), selftest.Skip{}, selftest.Skip{}, selftest.Skip{}, selftest.Skip{}, selftest.Corner{N: 2}, selftest.Corner{N: 2},
		selftest.Corner{N: 0}, selftest.Corner{N: 5})
	if touched, ok := s.Corners(); !ok || touched != [4]bool{1: true} {
		t.Errorf("Corners() = %v, %v; want the second alone", touched, ok)
	}
	if v := selftest.View(s, at(0).Wall); v.Notice.Args["n"] != 3 {
		t.Errorf("notice = %v; want 3 left", v.Notice)
	}
}

// The three numbers always differ, whatever chance gave, and each can be chosen.
func TestNumbers(t *testing.T) {
	for n := range 256 * 256 {
		setup := whole()
		setup.Chance = [3]uint8{uint8(n), uint8(n >> 8), uint8(n * 7)}
		s, wants := selftest.Begin(setup)
		first := wants[0].(selftest.PrintTicket).Number
		var shown []int
		for _, c := range selftest.View(s, at(0).Wall).Choices {
			if in, ok := selftest.Answer(c.Key); ok {
				if code, is := in.(selftest.Code); is {
					shown = append(shown, code.Number)
				}
			}
		}
		if len(shown) != 3 || shown[0] >= shown[1] || shown[1] >= shown[2] || shown[0] < 10 || shown[2] > 99 || !slices.Contains(shown, first) {
			t.Fatalf("chance %v: the numbers %v with %d on the ticket; want three from 10 to 99, in order, the ticket's among them", setup.Chance, shown, first)
		}
	}
}

// Every choice that is shown is an answer, on every screen.
func TestEveryChoiceIsAnAnswer(t *testing.T) {
	inputs := all()
	for n := range inputs {
		s, _ := play(whole(), inputs[:n]...)
		v := selftest.View(s, at(0).Wall)
		if v.Of != 6 || v.At < 1 || v.At > 6 {
			t.Errorf("step %d of %d; want 1 to 6 of 6", v.At, v.Of)
		}
		for _, c := range v.Choices {
			in, ok := selftest.Answer(c.Key)
			if !ok {
				t.Fatalf("Answer(%q) is none, on the screen %s", c.Key, v.Item)
			}
			if next, _ := selftest.Step(s, in, at(time.Minute)); next.Turn != s.Turn+1 {
				t.Errorf("on the screen %s the choice %q changes nothing", v.Item, c.Key)
			}
		}
	}
	for _, key := range []string{"", "code.", "code.4", "code.4x", "code.047", "code.-1", "code.09", "maybe"} {
		if in, ok := selftest.Answer(key); ok {
			t.Errorf("Answer(%q) = %v; want none", key, in)
		}
	}
}

func TestAnAbandonedTestEndsByItself(t *testing.T) {
	s, _ := play(whole(), selftest.Code{Number: right}, confirm(false))
	last := at(2 * time.Second)
	if got, want := selftest.Next(s, last), last.Add(selftest.Limit); got != want {
		t.Errorf("Next() = %v; want %v", got, want)
	}
	if _, wants := selftest.Step(s, selftest.Passed{}, last.Add(selftest.Limit-1)); wants != nil {
		t.Errorf("a moment before: %v; want nothing", wants)
	}
	_, wants := selftest.Step(s, selftest.Passed{}, last.Add(selftest.Limit))
	r := wants[0].(selftest.Finished).Report
	want := []string{"printer ok", "sound failed not_heard", "button.ok skipped", "button.help skipped", "touch skipped", "clock skipped"}
	if got := outcomes(r.Outcomes)[:6]; !slices.Equal(got, want) || !r.Abandoned || r.Verdict() != selftest.NotReady {
		t.Errorf("report = %q, abandoned %v, %s; want %q, abandoned, not ready", got, r.Abandoned, r.Verdict(), want)
	}
	// What nobody looked at says nothing, and is not kept.
	s, _ = selftest.Begin(whole())
	for _, in := range []selftest.Input{selftest.Stop{}, selftest.Passed{}} {
		if _, wants := selftest.Step(s, in, at(selftest.Limit)); !wants[0].(selftest.Finished).Report.Empty() {
			t.Errorf("after %T at once: %v; want an empty report", in, wants)
		}
	}
	// A machine that does not answer at the end does not spoil the test.
	done := all()
	s, _ = play(whole(), done[:len(done)-1]...)
	_, wants = selftest.Step(s, selftest.Passed{}, at(time.Hour))
	if r := wants[0].(selftest.Finished).Report; r.Abandoned || r.Verdict() != selftest.Ready {
		t.Errorf("report without a second measure = %+v; want it ready", r)
	}
}

// The time that is asked about is renewed each minute.
func TestNextShowsTheMinute(t *testing.T) {
	s, _ := play(bare())
	now := at(5 * time.Second)
	if got, want := selftest.Next(s, now), at(40*time.Second); got != want {
		t.Errorf("Next() = %v; want the full minute %v", got, want)
	}
}

// What came too late, or twice, changes nothing.
func TestEndedIsEnded(t *testing.T) {
	s, _ := play(whole(), all()...)
	for _, in := range append(all(), selftest.Skip{}, selftest.Stop{}, selftest.Passed{}, selftest.Again{}, selftest.Dark{}) {
		if next, wants := selftest.Step(s, in, at(time.Hour)); wants != nil || next.Turn != s.Turn {
			t.Errorf("Step(ended, %T) wants %v; want nothing", in, wants)
		}
	}
}

func FuzzStep(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	f.Fuzz(func(t *testing.T, keys []byte) {
		inputs := []selftest.Input{confirm(true), confirm(false), selftest.Code{Number: right}, selftest.Code{Number: decoy}, selftest.Dark{},
			selftest.Again{}, selftest.Skip{}, selftest.Stop{}, pressed("ok"), pressed("help"), selftest.Corner{N: 1}, selftest.Corner{N: 2},
			selftest.Corner{N: 3}, selftest.Corner{N: 4}, selftest.Paper{Status: "no_paper"}, selftest.Paper{}, selftest.Measured{}, selftest.Passed{}}
		s, _ := selftest.Begin(whole())
		ends := 0
		for i, k := range keys {
			before, kept := s, fmt.Sprintf("%+v", s)
			next, wants := selftest.Step(s, inputs[int(k)%len(inputs)], at(time.Duration(i)*time.Minute))
			if got := fmt.Sprintf("%+v", before); got != kept {
				t.Fatalf("Step changed the state that it was given")
			}
			for _, w := range wants {
				if f, over := w.(selftest.Finished); over {
					ends++
					if n := len(f.Report.Outcomes); n != 0 && n != 11 {
						t.Fatalf("%d outcomes; want all 11, or none", n)
					}
				}
			}
			s = next
			v := selftest.View(s, at(0).Wall)
			if len(v.Outcomes) > v.Of || v.Title.Key == "" {
				t.Fatalf("screen %+v", v)
			}
		}
		if ends > 1 {
			t.Fatalf("finished %d times", ends)
		}
	})
}
