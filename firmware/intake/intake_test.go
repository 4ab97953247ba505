package intake_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "jeudi/firmware/intake"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
)

// motifs are all that have built-in words.
func motifs() []string {
	return strings.Fields("caf titres sante impots retraite emploi logement sejour mail telephone ordinateur rdv_medical banque ecole msa justice")
}

func eightButtons() map[Action]bool {
	return map[Action]bool{ActBack: true, ActPrevious: true, ActNext: true, ActOK: true, ActRepeat: true, ActHelp: true, ActLouder: true, ActSofter: true}
}

func fourButtons() map[Action]bool {
	return map[Action]bool{ActPrevious: true, ActNext: true, ActOK: true, ActRepeat: true}
}

// A kiosk is an intake in a world that answers at once.
type kiosk struct {
	t      testing.TB
	c      Context
	s      State
	wants  []Want // of the last input
	next   session.Number
	absent bool // the world does not answer
}

func newKiosk(t testing.TB) *kiosk {
	schema := sheet.Visitor(nil)
	return &kiosk{t: t, s: New(), c: Context{
		Now:       session.Moment{Wall: time.Date(2026, time.November, 26, 9, 30, 0, 0, time.UTC), Mono: time.Hour, Boot: session.ID{1}},
		Languages: []string{"fr", "en", "ar"}, Motifs: motifs()[:11], Slots: 6, Buttons: eightButtons(), Schema: schema,
		Taking: true, From: time.Date(2026, time.December, 3, 9, 0, 0, 0, time.UTC), Ahead: 2, Paper: session.Queued,
		Helpers: []session.Role{session.SocialWorker, session.Mediator}, Needs: map[string]session.Role{"retraite": session.SocialWorker},
		Places:    []Place{{Name: "Médiathèque", Address: "12 quai", Hours: "Mercredi", Phone: "01 99"}, {Name: "Mairie"}},
		IdleAfter: 75 * time.Second, Countdown: 30 * time.Second,
	}}
}

func (k *kiosk) do(in Input) {
	k.t.Helper()
	k.s, k.wants = Step(k.s, in, k.c)
	check(k.t, k.s, k.c)
	if k.absent {
		return
	}
	for _, w := range k.wants {
		switch w.(type) {
		case TakeTicket:
			was := k.wants
			k.next++
			k.do(Taken{Visit: session.ID{byte(k.next), 1}, Number: k.next})
			k.wants = append(was, k.wants...)
		case SubmitSheet:
			was := k.wants
			k.do(Kept{OK: true})
			k.wants = append(was, k.wants...)
		}
	}
}

func (k *kiosk) press(keys ...string) *kiosk {
	k.t.Helper()
	for _, key := range keys {
		turn := k.s.Turn
		k.do(Press{Turn: turn, Key: key})
		if k.s.Turn == turn {
			k.t.Fatalf("Press(%q) on %s did nothing; want it to be pressable among %v", key, k.s.Screen, keysOf(enabled(View(k.s, k.c))))
		}
	}
	return k
}

func (k *kiosk) button(actions ...Action) *kiosk {
	k.t.Helper()
	for _, a := range actions {
		k.do(Button{a})
	}
	return k
}

// walk presses « next » until the key has the focus, and then OK.
func (k *kiosk) walk(key string) *kiosk {
	k.t.Helper()
	for range 40 {
		if k.s.Focus == key {
			k.do(Button{ActOK})
			return k
		}
		k.do(Button{ActNext})
	}
	k.t.Fatalf("« next » on %s never reached %q; want it to be walked through", k.s.Screen, key)
	return k
}

func (k *kiosk) wait(d time.Duration) *kiosk {
	k.t.Helper()
	k.c.Now = k.c.Now.Add(d)
	k.do(Passed{})
	return k
}

func (k *kiosk) on(want ScreenID) *kiosk {
	k.t.Helper()
	if k.s.Screen != want {
		k.t.Fatalf("screen = %s; want %s", k.s.Screen, want)
	}
	return k
}

// said is what the last input made the kiosk say, as words of their language.
func (k *kiosk) said() string {
	var said []string
	for _, w := range k.wants {
		if sp, ok := w.(Speak); ok {
			for _, m := range sp.Say {
				said = append(said, catalogue(k.t).Text(sp.Lang, m.Key, m.Args))
			}
		}
	}
	return strings.Join(said, " ")
}

func want[W Want](k *kiosk) (found []W) {
	for _, w := range k.wants {
		if w, ok := w.(W); ok {
			found = append(found, w)
		}
	}
	return found
}

var loaded = sync.OnceValues(words.Load)

func catalogue(t testing.TB) *words.Catalogue {
	t.Helper()
	c, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// enabled is all that can be pressed on a screen.
func enabled(v Screen) []Choice {
	list := slices.Clone(v.Choices)
	for _, k := range []*Choice{v.Skip, v.Toggle} {
		if k != nil {
			list = append(list, *k)
		}
	}
	return slices.DeleteFunc(append(list, v.Controls...), func(c Choice) bool { return c.Off })
}

func keysOf(list []Choice) []string {
	var keys []string
	for _, c := range list {
		keys = append(keys, c.Key)
	}
	return keys
}

// firstControls stand on every screen, in this order.
func firstControls() []string {
	return []string{"back", "restart", "repeat", "softer", "louder", "bigger", "contrast", "help"}
}

// check holds every screen to what the package promises.
func check(t testing.TB, s State, c Context) {
	t.Helper()
	v := View(s, c)
	if v.Title.Key == "" || len(v.Say) == 0 {
		t.Fatalf("View(%s) has no title or nothing to say: %+v", s.Screen, v)
	}
	own := slices.Clone(v.Choices)
	for _, k := range []*Choice{v.Skip, v.Toggle} {
		if k != nil {
			own = append(own, *k)
		}
	}
	if len(own) == 0 {
		t.Fatalf("View(%s) has nothing to press; want a way on", s.Screen)
	}
	if len(v.Choices) > c.Slots {
		t.Fatalf("View(%s) has %d choices; want at most %d", s.Screen, len(v.Choices), c.Slots)
	}
	if got := keysOf(v.Controls[:8]); !slices.Equal(got, firstControls()) {
		t.Fatalf("View(%s).Controls = %v; want %v first", s.Screen, got, firstControls())
	}
	for _, k := range []string{"repeat", "softer", "louder", "bigger", "contrast", "help"} {
		if !slices.Contains(keysOf(enabled(v)), k) {
			t.Fatalf("View(%s): %q cannot be pressed; want it on every screen", s.Screen, k)
		}
	}
	switch s.Screen {
	case Ticket, Question, Share, Recap:
		if v.Skip == nil || v.Skip.Label.Key != "kiosk.no_thanks" {
			t.Fatalf("View(%s).Skip = %v; want « non merci »", s.Screen, v.Skip)
		}
	}
	seen := map[string]bool{}
	for _, p := range append(own, v.Controls...) {
		if seen[p.Key] || p.Key == "" {
			t.Fatalf("View(%s) has the key %q twice, or none", s.Screen, p.Key)
		}
		seen[p.Key] = true
		if p.Picto == "" || !hasPicture(t, p.Picto) {
			t.Fatalf("View(%s): %q has the picture %q, which does not exist", s.Screen, p.Key, p.Picto)
		}
		inAllLanguages(t, p.Label)
		if p.Sub.Key != "" {
			inAllLanguages(t, p.Sub)
		}
	}
	if v.Focus != "" && !seen[v.Focus] {
		t.Fatalf("View(%s).Focus = %q; want something that is on the screen", s.Screen, v.Focus)
	}
	for _, m := range v.Say {
		inAllLanguages(t, m)
	}
}

// proved holds the keys and pictures that were found once: thousands of screens show the same.
var proved sync.Map

func inAllLanguages(t testing.TB, m session.Msg) {
	t.Helper()
	if _, done := proved.Load(m.Key); done && len(m.Args) == 0 {
		return
	}
	c := catalogue(t)
	for _, lang := range c.Languages() {
		if !c.Has(lang, m.Key) {
			t.Fatalf("the visitor can see %q, which %q lacks", m.Key, lang)
		}
		if text := c.Text(lang, m.Key, m.Args); strings.ContainsAny(text, "⟦{") {
			t.Fatalf("Text(%q, %q, %v) = %q; want no key and no hole", lang, m.Key, m.Args, text)
		}
	}
	proved.Store(m.Key, true)
	for _, a := range m.Args {
		if inner, ok := a.(session.Msg); ok {
			inAllLanguages(t, inner)
		}
	}
}

var sprite = sync.OnceValues(func() (string, error) {
	svg, err := os.ReadFile("../../kiosk-ui/lib/pictos.svg")
	return string(svg), err
})

func hasPicture(t testing.TB, name string) bool {
	svg, err := sprite()
	if err != nil {
		t.Fatal(err)
	}
	if _, done := proved.Load("#" + name); done {
		return true
	}
	if !strings.HasPrefix(name, "age_") && !strings.Contains(svg, `id="`+name+`"`) { // the page draws one of a few ages
		return false
	}
	proved.Store("#"+name, true)
	return true
}

func TestScreens(t *testing.T) {
	closed := func(c *Context) { c.Taking = false }
	tests := []struct {
		name  string
		world func(*Context)
		given []string // pressed before
		when  string
		want  ScreenID
		text  string // key on that screen; any if empty
	}{
		{name: "a language", when: "fr", want: Motif},
		{name: "a motif gives a ticket", given: []string{"fr"}, when: "caf", want: Ticket, text: "ticket.ahead"},
		{name: "so does not knowing", given: []string{"fr"}, when: "skip", want: Ticket},
		{name: "more motifs", given: []string{"fr"}, when: "more", want: Motif},
		{name: "for someone else stays", given: []string{"fr"}, when: "for_other", want: Motif},
		{name: "nobody waits", world: func(c *Context) { c.Ahead, c.Free = 0, true }, given: []string{"fr"}, when: "caf", want: Ticket, text: "ticket.nobody"},
		{name: "the next one", world: func(c *Context) { c.Ahead = 0 }, given: []string{"fr"}, when: "caf", want: Ticket, text: "ticket.next"},
		{name: "called at once", world: func(c *Context) { c.Called = "Bureau 1" }, given: []string{"fr"}, when: "caf", want: Ticket, text: "ticket.called"},
		{name: "no questions", given: []string{"fr", "caf"}, when: "skip", want: Thanks, text: "thanks.ticket"},
		{name: "questions", given: []string{"fr", "caf"}, when: "questions", want: Question, text: "question.text"},
		{name: "no more questions, nothing said", given: []string{"fr", "caf", "questions", "pass"}, when: "skip", want: Thanks},
		{name: "no more questions, something said", given: []string{"fr", "caf", "questions", "yes"}, when: "skip", want: Recap},
		{name: "passing an answer takes it back", given: []string{"fr", "caf", "questions", "yes", "back", "pass"}, when: "skip", want: Thanks},
		{name: "the team may know", given: []string{"fr", "caf", "questions", "no", "no"}, when: "no", want: Share, text: "share.text"},
		{name: "nothing to tell the team", given: []string{"fr", "caf", "questions", "yes", "alone"}, when: "helped", want: Question},
		{name: "no, and go on", given: []string{"fr", "caf", "questions", "no", "no", "no"}, when: "no", want: Question},
		{name: "no thank you ends the questions there too", given: []string{"fr", "caf", "questions", "no", "no", "no"}, when: "skip", want: Recap},
		{name: "sent", given: []string{"fr", "caf", "questions", "yes", "skip"}, when: "send", want: Thanks},
		{name: "erased on demand", given: []string{"fr", "caf", "questions", "yes", "skip"}, when: "erase", want: Thanks},
		{name: "not sent", given: []string{"fr", "caf", "questions", "yes", "skip"}, when: "skip", want: Thanks},
		{name: "the questions begin again from the ticket", given: []string{"fr", "caf", "questions", "yes"}, when: "restart", want: Ticket},
		{name: "somebody waits behind", given: []string{"fr", "caf", "questions", "yes"}, when: "new_ticket", want: Language},
		{name: "stepping out", given: []string{"fr", "caf"}, when: "back_at", want: BackAt},
		{name: "and not", given: []string{"fr", "caf", "back_at"}, when: "skip", want: Ticket},
		{name: "for half an hour", given: []string{"fr", "caf", "back_at"}, when: "in_30", want: Thanks, text: "thanks.back_text"},
		{name: "done", given: []string{"fr", "caf", "skip"}, when: "finish", want: Language},
		{name: "back", given: []string{"fr", "more"}, when: "back", want: Motif},
		{name: "restart before the ticket", given: []string{"fr", "more"}, when: "restart", want: Language},

		{name: "closed", world: closed, when: "fr", want: Shut, text: "closed.next"},
		{name: "closed until who knows", world: func(c *Context) { c.Taking, c.From = false, time.Time{} }, when: "fr", want: Shut, text: "closed.next_unknown"},
		{name: "closed: questions for oneself", world: closed, given: []string{"fr"}, when: "assess", want: Question, text: "question.text_alone"},
		{name: "closed: the result", world: closed, given: []string{"fr", "assess", "no", "no"}, when: "no", want: Result, text: "result.remote"},
		{name: "closed: another result", world: closed, given: []string{"fr", "assess", "yes", "alone"}, when: "alone", want: Result, text: "result.autonomous"},
		{name: "closed: a result without answers", world: closed, given: []string{"fr", "assess"}, when: "skip", want: Result, text: "result.accompanied"},
		{name: "closed: from the result to places", world: closed, given: []string{"fr", "assess", "skip"}, when: "places", want: Places},
		{name: "closed: a place", world: closed, given: []string{"fr", "places"}, when: "place_0", want: PlaceOne},
		{name: "closed: back to the places", world: closed, given: []string{"fr", "places", "place_1"}, when: "finish", want: Places},
		{name: "closed: practice", world: closed, given: []string{"fr", "practice"}, when: "house", want: Practice, text: "practice.text"},
		{name: "closed: wrong picture", world: closed, given: []string{"fr", "practice"}, when: "letter", want: Practice, text: "practice.wrong"},
		{name: "closed: practised", world: closed, given: []string{"fr", "practice", "house", "phone"}, when: "clock", want: Practice, text: "practice.done_text"},
		{name: "closed: enough practice", world: closed, given: []string{"fr", "practice"}, when: "skip", want: Shut},
		{name: "closed: goodbye", world: closed, given: []string{"fr"}, when: "skip", want: Language},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newKiosk(t)
			if tt.world != nil {
				tt.world(&k.c)
			}
			k.press(tt.given...).press(tt.when)
			v := View(k.s, k.c)
			if v.ID != tt.want || tt.text != "" && v.Text.Key != tt.text {
				t.Errorf("after %v, Press(%q) = %s with %q; want %s with %q", tt.given, tt.when, v.ID, v.Text.Key, tt.want, tt.text)
			}
		})
	}
}

func TestThreePressesToTheTicket(t *testing.T) {
	for _, tt := range []struct{ motifs, slots int }{{11, 6}, {7, 4}, {6, 6}, {4, 4}} {
		for _, lang := range []string{"fr", "en", "ar"} {
			for _, m := range motifs()[:tt.motifs] {
				k := newKiosk(t)
				k.c.Motifs, k.c.Slots = motifs()[:tt.motifs], tt.slots
				k.press(lang)
				presses := 2
				if !slices.Contains(keysOf(View(k.s, k.c).Choices), m) {
					k.press("more")
					presses++
				}
				k.press(m).on(Ticket)
				if presses > 3 {
					t.Errorf("%q with %d slots = %d presses to the ticket; want at most 3", m, tt.slots, presses)
				}
				if got := want[TakeTicket](k); len(got) != 1 || got[0] != (TakeTicket{Motif: m, Lang: lang}) {
					t.Errorf("%q wanted %v; want one ticket with its motif and language", m, got)
				}
			}
		}
	}
}

func TestForSomeoneElse(t *testing.T) {
	k := newKiosk(t).press("ar", "for_other", "skip")
	if got := want[TakeTicket](k); len(got) != 1 || got[0] != (TakeTicket{Lang: "ar", ForOther: true}) {
		t.Errorf("for_other, skip = %v; want a ticket without motif, for someone else", got)
	}
	k = newKiosk(t).press("fr", "for_other", "for_other", "caf")
	if got := want[TakeTicket](k); len(got) != 1 || got[0].ForOther {
		t.Errorf("for_other twice = %v; want a ticket for oneself", got)
	}
}

// TestBug07DoubleTap: what an impatient finger does twice happens once.
func TestBug07DoubleTap(t *testing.T) {
	t.Run("one turn", func(t *testing.T) {
		k := newKiosk(t).press("fr")
		tap := Press{Turn: k.s.Turn, Key: "caf"}
		k.do(tap)
		was := k.s
		k.do(tap)
		if !reflect.DeepEqual(k.s, was) || len(k.wants) > 0 {
			t.Errorf("the same Press again = %s, %v; want nothing", k.s.Screen, k.wants)
		}
	})
	t.Run("before the answer, by touch", func(t *testing.T) {
		k := newKiosk(t).press("fr")
		k.absent = true
		k.press("caf")
		k.do(Press{Turn: k.s.Turn, Key: "caf"})
		k.do(Press{Turn: k.s.Turn, Key: "skip"})
		if got := want[TakeTicket](k); len(got) > 0 {
			t.Errorf("a second press before the ticket came = %v; want no second ticket", got)
		}
		k.do(Taken{Visit: session.ID{1}, Number: 1})
		k.on(Ticket)
	})
	t.Run("before the answer, by button", func(t *testing.T) {
		k := newKiosk(t).walk("fr")
		k.absent = true
		k.walk("caf").button(ActOK)
		if got := want[TakeTicket](k); len(got) > 0 {
			t.Errorf("OK twice = %v; want one ticket", got)
		}
	})
	t.Run("a refusal lets one try again", func(t *testing.T) {
		k := newKiosk(t).press("fr")
		k.absent = true
		k.press("caf")
		k.do(Refused{Why: session.M("refuse.busy")})
		k.absent = false
		k.on(Sorry).press("again").on(Motif).press("caf").on(Ticket)
	})
	t.Run("one sheet per visitor", func(t *testing.T) {
		k := newKiosk(t).press("fr", "caf", "questions", "yes", "skip", "send")
		if got := want[SubmitSheet](k); len(got) != 1 {
			t.Fatalf("send = %v; want one sheet", k.wants)
		}
		k.press("restart").on(Ticket)
		if got := keysOf(View(k.s, k.c).Choices); slices.Contains(got, "questions") {
			t.Errorf("after a sheet the ticket offers %v; want no second sheet", got)
		}
	})
}

// TestBug10PublicSentToLogin: whatever goes wrong behind, the visitor gets a
// screen with plain words, never one made for staff.
func TestBug10PublicSentToLogin(t *testing.T) {
	refusals := []error{session.ErrNotOpen, session.ErrPaused, session.ErrAlreadyOpen, session.ErrNotPaused, session.ErrNoTickets, session.ErrTestTooLate,
		session.ErrStillHere, session.ErrNoDesk, session.ErrDeskBusy, session.ErrNobody, session.ErrNoVisit, session.ErrOver, session.ErrUnknownChoice,
		session.ErrTwice, &session.Refusal{}, &session.Refusal{Msg: session.M("login.required", "next", "/settings")}}
	for _, r := range refusals {
		why := r.(*session.Refusal).Msg
		for _, taking := range []bool{true, false} {
			for _, given := range [][]string{{"fr", "caf"}, {"fr", "caf", "back_at", "in_15"}} {
				k := newKiosk(t)
				k.absent = len(given) == 2
				k.press(given...)
				k.c.Taking = taking
				k.do(Refused{Why: why})
				v := View(k.s, k.c)
				if wantShut := len(given) == 2 && !taking; wantShut != (v.ID == Shut) || !wantShut && v.ID != Sorry {
					t.Errorf("after %v with taking=%v, Refused(%q) = %s; want closed or sorry", given, taking, why.Key, v.ID)
				}
				for _, m := range v.Say {
					if first, _, _ := strings.Cut(m.Key, "."); first != "sorry" && first != "closed" && first != "kiosk" {
						t.Errorf("Refused(%q) says %q; want a visitor's words", why.Key, m.Key)
					}
				}
			}
		}
	}
}

func TestBackKeepsAnswers(t *testing.T) {
	k := newKiosk(t).press("fr", "retraite", "questions", "yes", "alone", "helped", "40-59")
	said := Answers(k.s)
	for k.s.Screen != Ticket {
		k.press("back")
		if !Answers(k.s).Equal(said) {
			t.Fatalf("back to %s lost an answer", k.s.Screen)
		}
	}
	k.press("questions")
	for _, c := range View(k.s, k.c).Choices {
		if c.Selected != (c.Key == "yes") {
			t.Errorf("on the question again %q is selected = %v; want the answer given before", c.Key, c.Selected)
		}
	}
	k.press("pass", "pass", "pass")
	if !Answers(k.s).Equal(sheet.New(sheet.KindVisitor).Set("age", "40-59")) {
		t.Error("passing three questions left another sheet than the one answer that stays")
	}
}

func TestRecapAndSheet(t *testing.T) {
	k := newKiosk(t).press("fr", "caf", "questions", "yes", "helped", "no", "more", "70+", "retraite", "seul", "elsewhere", "no").on(Recap)
	v := View(k.s, k.c)
	var lines []string
	for _, l := range v.Lines {
		lines = append(lines, catalogue(t).Text("fr", l.Key, l.Args))
	}
	if want := 8; len(lines) != want {
		t.Fatalf("recap = %q; want %d lines", lines, want)
	}
	if want := "Âge\u00a0: 70 ans ou plus"; lines[3] != want {
		t.Errorf("recap line = %q; want %q", lines[3], want)
	}
	k.press("send")
	sent := want[SubmitSheet](k)
	if len(sent) != 1 {
		t.Fatalf("send = %v; want one sheet", k.wants)
	}
	if _, err := sent[0].Sheet.Encode(k.c.Schema); err != nil {
		t.Errorf("Encode of the sheet that was sent = %v; want it to fit its schema", err)
	}
	if !Answers(k.s).Empty() {
		t.Error("the answers are still in the intake after they were sent; want them gone")
	}
}

func TestLostSheetSaysSo(t *testing.T) {
	k := newKiosk(t).press("fr", "caf", "questions", "yes", "skip")
	k.absent = true
	k.press("send")
	if got := View(k.s, k.c).Text.Key; got != "thanks.keeping" {
		t.Errorf("before the answer = %q; want thanks.keeping", got)
	}
	k.do(Kept{OK: false})
	if got := View(k.s, k.c).Text.Key; got != "thanks.lost" {
		t.Errorf("Kept{false} = %q; want thanks.lost", got)
	}
	turn := k.s.Turn
	k.do(Kept{OK: true})
	if k.s.Turn != turn {
		t.Error("a second Kept changed something; want one answer")
	}
}

func TestShare(t *testing.T) {
	tests := []struct {
		name   string
		motif  string
		levels []string
		share  string
		want   []AdjustNeed
	}{
		{"far from the Internet, yes", "caf", []string{"no", "no", "no"}, "yes", []AdjustNeed{{Need: session.Mediator, Class: session.Long}}},
		{"the motif's own profession stays", "retraite", []string{"no", "no", "no"}, "yes", []AdjustNeed{{Need: session.SocialWorker, Class: session.Long}}},
		{"alone, yes", "caf", []string{"yes", "alone", "alone"}, "yes", []AdjustNeed{{Class: session.Short}}},
		{"no", "caf", []string{"no", "no", "no"}, "no", nil},
		{"no thank you", "caf", []string{"no", "no", "no"}, "skip", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newKiosk(t).press("fr", tt.motif, "questions").press(tt.levels...).on(Share).press(tt.share)
			got := want[AdjustNeed](k)
			for i := range got {
				got[i].Visit = session.ID{}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("Share, %q = %v; want %v", tt.share, got, tt.want)
			}
		})
	}
}

func TestStepOut(t *testing.T) {
	k := newKiosk(t).press("fr", "caf", "back_at", "in_45")
	if got := want[KeepTurn](k); len(got) != 1 || got[0] != (KeepTurn{Visit: k.s.Visit, For: 45 * time.Minute}) {
		t.Errorf("in_45 = %v; want the turn kept for 45 minutes", got)
	}
	v := View(k.s, k.c)
	if got, want := catalogue(t).Text("fr", v.Text.Key, v.Text.Args), "Revenez à 10\u00a0h\u00a015. Vous gardez votre tour."; got != want {
		t.Errorf("text = %q; want %q", got, want)
	}
}

func TestCalledDuringQuestions(t *testing.T) {
	k := newKiosk(t).press("fr", "caf", "questions")
	k.c.Called = "Bureau 1"
	v := View(k.s, k.c)
	if v.Notice.Key != "ticket.called" || !slices.ContainsFunc(v.Say, func(m session.Msg) bool { return m.Key == "ticket.called" }) {
		t.Errorf("View(question) while called has the notice %q; want the call shown and said", v.Notice.Key)
	}
}

// TestHelp: from every screen and back to the same place.
func TestHelp(t *testing.T) {
	for id, reach := range everyScreen() {
		t.Run(string(id), func(t *testing.T) {
			k := reach(t).on(id)
			was := View(k.s, k.c)
			k.press("help").on(Help)
			if len(want[CallHelp](k)) != 1 {
				t.Errorf("help = %v; want staff called", k.wants)
			}
			if id == Help || id == MoreTime {
				return
			}
			k.press("help").on(Help).press("go_on").on(id)
			now := View(k.s, k.c)
			was.Turn, now.Turn, was.Focus, was.Deadline, now.Deadline = 0, 0, "", session.Moment{}, session.Moment{}
			if !reflect.DeepEqual(now, was) {
				t.Errorf("after help, %s = %+v; want it as it was, %+v", id, now, was)
			}
		})
	}
	t.Run("asked while time runs out", func(t *testing.T) {
		k := newKiosk(t).press("fr").wait(75 * time.Second).on(MoreTime).press("help").on(Help).press("go_on").on(Motif)
		k.wait(75 * time.Second).press("yes").on(Motif)
	})
	t.Run("and time runs out", func(t *testing.T) {
		newKiosk(t).press("fr", "help").wait(75 * time.Second).on(MoreTime).press("yes").on(Motif)
	})
}

// everyScreen leads to each screen.
func everyScreen() map[ScreenID]func(testing.TB) *kiosk {
	open := func(keys ...string) func(testing.TB) *kiosk {
		return func(t testing.TB) *kiosk { return newKiosk(t).press(keys...) }
	}
	shut := func(keys ...string) func(testing.TB) *kiosk {
		return func(t testing.TB) *kiosk {
			k := newKiosk(t)
			k.c.Taking = false
			return k.press(keys...)
		}
	}
	return map[ScreenID]func(testing.TB) *kiosk{
		Language: open(), Motif: open("fr"), Ticket: open("fr", "caf"), Question: open("fr", "caf", "questions", "yes"),
		Share: open("fr", "caf", "questions", "no", "no", "no"), Recap: open("fr", "caf", "questions", "yes", "skip"),
		Thanks: open("fr", "caf", "skip"), BackAt: open("fr", "caf", "back_at"), Help: open("fr", "help"),
		Shut: shut("fr"), Result: shut("fr", "assess", "skip"), Places: shut("fr", "places"), PlaceOne: shut("fr", "places", "place_1"), Practice: shut("fr", "practice"),
		MoreTime: func(t testing.TB) *kiosk { return newKiosk(t).press("fr").wait(75 * time.Second) },
		Erased: func(t testing.TB) *kiosk {
			return newKiosk(t).press("fr").wait(75 * time.Second).wait(30 * time.Second)
		},
		Sorry: func(t testing.TB) *kiosk {
			k := newKiosk(t)
			k.absent = true
			k.press("fr", "caf").do(Refused{Why: session.M("refuse.busy")})
			return k
		},
	}
}

func TestSilence(t *testing.T) {
	// Each visitor has changed everything that can be changed.
	changed := func(t testing.TB, keys ...string) *kiosk {
		return newKiosk(t).press("ar", "bigger", "contrast", "louder", "repeat", "for_other").press(keys...)
	}
	tests := []struct {
		name   string
		given  func(testing.TB) *kiosk
		erased bool
	}{
		{"before the ticket", func(t testing.TB) *kiosk { return changed(t) }, true},
		{"on the ticket", func(t testing.TB) *kiosk { return changed(t, "caf") }, false},
		{"in the questions, nothing said", func(t testing.TB) *kiosk { return changed(t, "caf", "questions") }, false},
		{"in the questions", func(t testing.TB) *kiosk { return changed(t, "caf", "questions", "yes", "alone") }, true},
		{"on the recap", func(t testing.TB) *kiosk { return changed(t, "caf", "questions", "yes", "skip") }, true},
		{"only the text was made bigger", func(t testing.TB) *kiosk { return newKiosk(t).press("bigger") }, true},
		{"only a button was touched", func(t testing.TB) *kiosk { return newKiosk(t).button(ActNext) }, true},
		{"help was called", func(t testing.TB) *kiosk { return changed(t, "caf", "questions", "yes", "help") }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := tt.given(t)
			at, ok := Next(k.s, k.c)
			if d, _ := at.Sub(k.c.Now); !ok || d != k.c.IdleAfter {
				t.Fatalf("Next = in %v, %v; want in %v", d, ok, k.c.IdleAfter)
			}
			under := k.s.Screen
			k.wait(74 * time.Second).on(under)
			lang := k.s.Lang
			k.wait(time.Second).on(MoreTime)
			if d, _ := View(k.s, k.c).Deadline.Sub(k.c.Now); d != k.c.Countdown {
				t.Errorf("deadline = in %v; want in %v", d, k.c.Countdown)
			}
			if under != Help {
				k.press("yes").on(under)
			} else {
				k.press("yes").on(Question)
			}
			k.wait(75 * time.Second).wait(29 * time.Second).on(MoreTime).wait(time.Second)
			if tt.erased {
				k.on(Erased)
				if k.s.Lang != lang || !Answers(k.s).Empty() || k.s.Size != 0 || k.s.Contrast != 0 {
					t.Errorf("erased = %+v; want nothing left but the language", k.s)
				}
				k.wait(30 * time.Second)
			}
			k.on(Language)
			if got, want := Bare(k.s), New(); !reflect.DeepEqual(got, want) {
				t.Errorf("for the next visitor = %+v; want %+v", got, want)
			}
			if _, ok := Next(k.s, k.c); ok || !k.s.Idle() {
				t.Error("nobody is there, and time matters; want an idle intake")
			}
			k.wait(time.Hour).on(Language)
		})
	}
	t.Run("any key gives more time", func(t *testing.T) {
		k := newKiosk(t).press("fr").wait(75 * time.Second)
		for range 12 {
			k.wait(29 * time.Second).button(ActNext).on(MoreTime)
		}
	})
	t.Run("no, I have finished", func(t *testing.T) {
		k := newKiosk(t).press("fr", "caf", "questions", "yes").wait(75 * time.Second).press("no").on(Language)
		if got, want := Bare(k.s), New(); !reflect.DeepEqual(got, want) {
			t.Errorf("for the next visitor = %+v; want %+v", got, want)
		}
	})
	t.Run("thanks go by themselves", func(t *testing.T) {
		newKiosk(t).press("fr", "caf", "skip").wait(29 * time.Second).on(Thanks).wait(time.Second).on(Language)
	})
	t.Run("the wall clock may jump", func(t *testing.T) {
		k := newKiosk(t).press("fr")
		k.c.Now.Wall = k.c.Now.Wall.Add(48 * time.Hour)
		k.wait(time.Second).on(Motif)
	})
}

func TestButtons(t *testing.T) {
	t.Run("the whole path", func(t *testing.T) {
		k := newKiosk(t).walk("en").on(Motif).walk("sante").on(Ticket).walk("questions").walk("yes").walk("helped").walk("no").on(Question)
		k.button(ActBack, ActBack, ActBack, ActBack).on(Ticket).walk("skip").on(Thanks).walk("finish").on(Language)
	})
	t.Run("four buttons reach the rest", func(t *testing.T) {
		k := newKiosk(t)
		k.c.Buttons = fourButtons()
		k.walk("fr").walk("help").on(Help).walk("go_on").walk("louder").walk("bigger").walk("contrast").walk("for_other").walk("more").walk("back").walk("caf").on(Ticket)
		if k.s.Volume != 80 || k.s.Size != 1 || k.s.Contrast != 1 {
			t.Errorf("volume, size, contrast = %d, %d, %d; want 80, 1, 1", k.s.Volume, k.s.Size, k.s.Contrast)
		}
		k.walk("new_ticket").on(Language)
	})
	t.Run("a language speaks its own", func(t *testing.T) {
		k := newKiosk(t)
		for _, want := range []struct{ lang, said string }{{"fr", "Français Choix 1 sur "}, {"en", "English Choice 2 of "}, {"ar", "العربية الخيار 3 من "}} {
			k.button(ActNext)
			if got := k.said(); k.s.Focus != want.lang || !strings.HasPrefix(got, want.said) {
				t.Errorf("focus on %q says %q; want %q", k.s.Focus, got, want.said)
			}
		}
	})
	t.Run("OK without a focus tells where one is", func(t *testing.T) {
		k := newKiosk(t).press("fr").button(ActOK).on(Motif)
		if got := k.said(); k.s.Focus != "caf" || !strings.HasPrefix(got, "Pourquoi venez-vous\u00a0? ") || !strings.Contains(got, "CAF Choix 1 sur ") {
			t.Errorf("OK = focus on %q, said %q; want the screen and its first choice", k.s.Focus, got)
		}
	})
	t.Run("previous goes round", func(t *testing.T) {
		k := newKiosk(t).press("fr").button(ActPrevious)
		last := k.s.Focus
		if k.button(ActNext); k.s.Focus != "caf" || last == "caf" {
			t.Errorf("previous, next = %q, %q; want the last and the first", last, k.s.Focus)
		}
	})
	t.Run("what is on is said", func(t *testing.T) {
		k := newKiosk(t).press("fr").walk("for_other")
		if got, want := k.said(), "Pour quelqu’un d’autre Choisi."; got != want {
			t.Errorf("for_other says %q; want %q", got, want)
		}
	})
	t.Run("a wrong picture is said", func(t *testing.T) {
		k := newKiosk(t)
		k.c.Taking = false
		k.walk("fr").walk("practice").walk("letter")
		if got, want := k.said(), "C’est une autre image. Essayez encore."; !strings.Contains(got, want) {
			t.Errorf("wrong says %q; want %q", got, want)
		}
	})
	t.Run("no button does nothing", func(t *testing.T) {
		for id, reach := range everyScreen() {
			for a := range eightButtons() {
				k := reach(t)
				turn := k.s.Turn
				k.button(a)
				if k.s.Turn == turn || len(want[Speak](k)) == 0 && k.s.Screen == id && len(k.wants) == 0 {
					t.Errorf("%s on %s = %v; want something heard or done", a, id, k.wants)
				}
			}
		}
	})
	t.Run("touch stops the voice", func(t *testing.T) {
		k := newKiosk(t).press("fr")
		if len(want[Hush](k)) != 1 {
			t.Errorf("a press = %v; want silence", k.wants)
		}
	})
	t.Run("volume has ends", func(t *testing.T) {
		k := newKiosk(t)
		for range 12 {
			k.button(ActLouder)
		}
		if lamps := View(k.s, k.c).Lamps; k.s.Volume != 100 || lamps[ActLouder] || !lamps[ActSofter] {
			t.Errorf("volume = %d, lamps %v; want 100 and no lamp at « louder »", k.s.Volume, lamps)
		}
		for range 12 {
			k.button(ActSofter)
		}
		if lamps := View(k.s, k.c).Lamps; k.s.Volume != 10 || lamps[ActSofter] {
			t.Errorf("volume = %d, lamps %v; want 10, still heard", k.s.Volume, lamps)
		}
	})
}

func TestPaper(t *testing.T) {
	for paper, want := range map[session.Paper]string{session.Queued: "ticket.printing", session.Printed: "ticket.printed",
		session.Unprinted: "ticket.unprinted", session.Unknown: "ticket.unknown"} {
		k := newKiosk(t).press("fr", "caf")
		k.c.Paper = paper
		v := View(k.s, k.c)
		if len(v.Lines) != 1 || v.Lines[0].Key != want || v.Number != 1 {
			t.Errorf("ticket with paper %q = %v; want %s and the number", paper, v.Lines, want)
		}
	}
}

// play drives an intake with one byte per thing that happens, and holds it to
// its promises after each.
func play(t testing.TB, bytes []byte) {
	k := newKiosk(t)
	k.absent = true
	if len(bytes) > 0 && bytes[0]%2 == 1 {
		k.c.Buttons, k.c.Slots, k.c.Motifs = fourButtons(), 4, motifs()[:7]
	}
	actions := []Action{ActBack, ActPrevious, ActNext, ActOK, ActRepeat, ActHelp, ActLouder, ActSofter, "unknown"}
	asked, sheets := 0, 0
	for i, b := range bytes {
		was := k.s
		said := Answers(was)
		switch n := int(b >> 3); b & 7 {
		case 0, 1, 2:
			list := enabled(View(k.s, k.c))
			key := list[n%len(list)].Key
			k.do(Press{Turn: k.s.Turn, Key: key})
			if key == "back" && !Answers(k.s).Equal(said) {
				t.Fatalf("step %d: back lost an answer", i)
			}
		case 3, 4:
			k.do(Button{actions[n%len(actions)]})
		case 5:
			k.c.Now = k.c.Now.Add(time.Duration(n*n) * 200 * time.Millisecond)
			k.do(Passed{})
		case 6:
			switch {
			case n < 16 && asked > 0:
				asked--
				k.next++
				k.do(Taken{Visit: session.ID{byte(k.next), 1}, Number: k.next})
			case asked > 0:
				asked--
				k.do(Refused{Why: session.ErrNoTickets.Msg})
			case sheets > 0:
				sheets--
				k.do(Kept{OK: n%2 == 0})
			}
		case 7:
			switch n % 5 {
			case 0:
				k.c.Taking = !k.c.Taking
			case 1:
				k.c.Ahead, k.c.Free = n/5, n > 10
			case 2:
				k.c.Called = map[bool]string{true: "Bureau 1"}[n > 10]
			case 3:
				k.c.Paper = []session.Paper{session.NoPaper, session.Queued, session.Printed, session.Unprinted, session.Unknown}[n/5%5]
			case 4:
				k.c.Places = nil
			}
			k.wants = nil
			check(t, k.s, k.c)
		}
		asked += len(want[TakeTicket](k))
		sheets += len(want[SubmitSheet](k))
		for _, w := range want[SubmitSheet](k) {
			if _, err := w.Sheet.Encode(k.c.Schema); err != nil {
				t.Fatalf("step %d: the sheet cannot be kept: %v", i, err)
			}
		}
		if k.s.Turn < was.Turn {
			t.Fatalf("step %d: turn %d after %d; want it to grow", i, k.s.Turn, was.Turn)
		}
		if s, w := Step(k.s, Press{Turn: k.s.Turn - 1, Key: "help"}, k.c); !reflect.DeepEqual(s, k.s) || w != nil {
			t.Fatalf("step %d: a press meant for an earlier screen did something", i)
		}
		reachable(t, k.s, k.c)
	}
	// Silence always ends with an intake for the next visitor.
	for range 6 {
		if at, ok := Next(k.s, k.c); ok {
			k.c.Now = at
			k.do(Passed{})
		}
	}
	if got, want := Bare(k.s), New(); !reflect.DeepEqual(got, want) {
		t.Fatalf("after silence = %+v; want %+v", got, want)
	}
}

// reachable: « next » comes by everything that has no button of its own.
func reachable(t testing.TB, s State, c Context) {
	t.Helper()
	want := map[string]bool{}
	for _, p := range enabled(View(s, c)) {
		if !c.Buttons[Action(p.Key)] {
			want[p.Key] = true
		}
	}
	for range len(want) {
		s, _ = Step(s, Button{ActNext}, c)
		delete(want, s.Focus)
	}
	if len(want) > 0 {
		t.Fatalf("« next » on %s never came by %v; want everything within reach of buttons", s.Screen, want)
	}
}

// TestRandom plays visitors who press anything.
func TestRandom(t *testing.T) {
	visitors := 150
	if testing.Short() {
		visitors = 50
	}
	seed := uint64(7)
	for i := range visitors {
		bytes := make([]byte, 60)
		for j := range bytes {
			seed ^= seed << 13
			seed ^= seed >> 7
			seed ^= seed << 17
			bytes[j] = byte(seed >> 20)
		}
		if t.Run(fmt.Sprint(i), func(t *testing.T) { play(t, bytes) }); t.Failed() {
			return
		}
	}
}

func FuzzIntake(f *testing.F) {
	f.Add([]byte{0, 0, 6, 0, 8, 16, 24})
	f.Add([]byte{1, 19, 27, 27, 6, 255, 5})
	f.Fuzz(func(t *testing.T, bytes []byte) {
		if len(bytes) > 200 {
			bytes = bytes[:200]
		}
		play(t, bytes)
	})
}
