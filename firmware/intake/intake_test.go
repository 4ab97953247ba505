package intake_test

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "jeudi/firmware/intake"
	"jeudi/firmware/routing"
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
	seats  int  // that were asked for, and not answered
	each   func(was State)
}

var defaultRules = sync.OnceValue(routing.Default) // which nobody writes to

func newKiosk(t testing.TB) *kiosk {
	schema := sheet.Visitor(nil)
	return &kiosk{t: t, s: New(), c: Context{
		Now:       session.Moment{Wall: time.Date(2026, time.November, 26, 9, 30, 0, 0, time.UTC), Mono: time.Hour, Boot: session.ID{1}},
		Languages: []string{"fr", "en", "ar"}, Motifs: motifs()[:11], Slots: 6, Buttons: eightButtons(), Schema: schema,
		Taking: true, From: time.Date(2026, time.December, 3, 9, 0, 0, 0, time.UTC), Ahead: 2, Paper: session.Queued,
		Helpers: []session.Role{session.SocialWorker, session.Mediator}, Needs: map[string]session.Role{"retraite": session.SocialWorker}, Rules: defaultRules(),
		Places:    []Place{{Name: "Médiathèque", Address: "12 quai", Hours: "Mercredi", Phone: "01 99"}, {Name: "Mairie"}},
		Ticket:    []session.Msg{session.M("motif.caf"), session.M("motif.caf.sub")},
		Charter:   []session.Msg{session.M("charter.team_1"), session.M("charter.password"), session.M("charter.secret"), session.M("charter.you_1"), session.M("charter.you_2")},
		IdleAfter: 75 * time.Second, Countdown: 30 * time.Second,
	}}
}

// beat is the time between two presses: nobody trembles.
const beat = 600 * time.Millisecond

func (k *kiosk) do(in Input) {
	k.t.Helper()
	switch in.(type) {
	case Press, Button:
		k.c.Now = k.c.Now.Add(beat)
	}
	was := k.s
	k.s, k.wants = Step(k.s, in, k.c)
	check(k.t, k.s, k.c)
	if k.each != nil {
		k.each(was)
	}
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
		case SubmitSheet, SubmitOpinion:
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
	for range 60 {
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

// bar is the controls of every screen, in this order.
func bar() []string {
	return []string{"back", "restart", "repeat", "softer", "louder", "bigger", "settings", "help"}
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
	if got := keysOf(v.Controls); !slices.Equal(got, bar()) {
		t.Fatalf("View(%s).Controls = %v; want %v", s.Screen, got, bar())
	}
	for _, k := range bar()[2:] {
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
		if p.Picto == "" {
			t.Fatalf("View(%s): %q has no picture; want one on each key", s.Screen, p.Key)
		}
		inWords(t, p.Label)
		if p.Sub.Key != "" {
			inWords(t, p.Sub)
		}
	}
	if v.Private && !s.Headphones && !s.Aloud {
		for _, m := range append([]session.Msg{v.Text}, v.Lines...) {
			if m.Key != "" && slices.ContainsFunc(v.Say, func(said session.Msg) bool { return reflect.DeepEqual(said, m) }) {
				t.Fatalf("View(%s).Say = %v; want nothing of the visitor's own without headphones", s.Screen, v.Say)
			}
		}
	}
	if v.Dark && !s.Listening {
		t.Fatalf("View(%s) is dark and nothing is read; want a screen or a voice", s.Screen)
	}
	if v.Focus != "" && !seen[v.Focus] {
		t.Fatalf("View(%s).Focus = %q; want something that is on the screen", s.Screen, v.Focus)
	}
	for _, m := range v.Say {
		inWords(t, m)
	}
}

// proved holds the keys and pictures that were found once: thousands of screens show the same.
var proved sync.Map

func inWords(t testing.TB, m session.Msg) {
	t.Helper()
	if _, done := proved.Load(m.Key); done && len(m.Args) == 0 {
		return
	}
	c := catalogue(t)
	if !c.Has(words.French, m.Key) {
		t.Fatalf("the visitor can see %q, which the catalogue lacks", m.Key)
	}
	for _, lang := range []string{"fr", "en", "ar"} { // what a language lacks is said in French; the catalogue's own tests count it
		if text := c.Text(lang, m.Key, m.Args); strings.ContainsAny(text, "⟦{") {
			t.Fatalf("Text(%q, %q, %v) = %q; want no key and no hole", lang, m.Key, m.Args, text)
		}
	}
	proved.Store(m.Key, true)
	for _, a := range m.Args {
		if inner, ok := a.(session.Msg); ok {
			inWords(t, inner)
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
	technical := func(c *Context) { c.Workshop = true }
	late := func(c *Context) { c.Late, c.Next = true, c.Now.Wall.AddDate(0, 0, 7) }
	lateAndTechnical := func(c *Context) { late(c); technical(c) }
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
		{name: "questions", given: []string{"fr", "caf"}, when: "questions", want: Question, text: "question.internet.example"},
		{name: "no more questions, nothing said", given: []string{"fr", "caf", "questions", "pass"}, when: "skip", want: Thanks},
		{name: "no more questions, something said", given: []string{"fr", "caf", "questions", "yes"}, when: "skip", want: Recap},
		{name: "a lesson first", world: technical, given: []string{"fr", "more"}, when: "telephone", want: Workshop},
		{name: "a ticket all the same", world: technical, given: []string{"fr", "more", "telephone"}, when: "ticket", want: Ticket},
		{name: "only for what a lesson is for", world: technical, given: []string{"fr"}, when: "caf", want: Ticket},
		{name: "where lessons are", world: technical, given: []string{"fr", "more", "telephone"}, when: "places", want: Places},
		{name: "no ticket then", world: technical, given: []string{"fr", "more", "telephone"}, when: "skip", want: Thanks, text: "thanks.text"},
		{name: "many people, said before anybody waits", world: late, given: []string{"fr"}, when: "caf", want: Crowded, text: "motif.crowded_text"},
		{name: "whatever one came for", world: late, given: []string{"fr"}, when: "skip", want: Crowded},
		{name: "no ticket is refused", world: late, given: []string{"fr", "caf"}, when: "ticket", want: Ticket},
		{name: "where else", world: late, given: []string{"fr", "caf"}, when: "places", want: Places},
		{name: "to come another day", world: late, given: []string{"fr", "caf"}, when: "skip", want: Thanks, text: "thanks.text"},
		{name: "another motif, many people", world: late, given: []string{"fr", "caf"}, when: "back", want: Motif},
		{name: "a lesson, many people", world: lateAndTechnical, given: []string{"fr", "more"}, when: "telephone", want: Workshop},
		{name: "and a ticket in three presses", world: lateAndTechnical, given: []string{"fr", "more", "telephone"}, when: "ticket", want: Ticket},
		{name: "another motif, no lesson", world: technical, given: []string{"fr", "more", "telephone"}, when: "back", want: Motif},
		{name: "the paper in words", given: []string{"fr", "caf"}, when: "my_ticket", want: MyTicket},
		{name: "in large letters", given: []string{"fr", "caf", "my_ticket"}, when: "large", want: MyTicket},
		{name: "and back", given: []string{"fr", "caf", "my_ticket"}, when: "finish", want: Ticket},
		{name: "what both sides promise", given: []string{"fr", "caf"}, when: "charter", want: Charter},
		{name: "a line of it", given: []string{"fr", "caf", "charter"}, when: "line", want: Charter},
		{name: "enough of it", given: []string{"fr", "caf", "charter", "line"}, when: "skip", want: Ticket},
		{name: "somebody may go there", given: []string{"fr", "for_other", "caf"}, world: func(c *Context) { c.Home = true }, when: "home", want: Home},
		{name: "practice while nobody waits", world: func(c *Context) { c.Ahead = 0 }, given: []string{"fr", "caf", "more"}, when: "practice", want: Practice},
		{name: "back to the ticket", given: []string{"fr", "caf", "skip"}, when: "ticket", want: Ticket},
		{name: "passing an answer takes it back", given: []string{"fr", "caf", "questions", "yes", "back", "pass"}, when: "skip", want: Thanks},
		{name: "the team may know", given: []string{"fr", "caf", "questions", "no", "pass"}, when: "go_on", want: Share, text: "share.text"},
		{name: "the result first", given: []string{"fr", "caf", "questions", "no"}, when: "pass", want: Result, text: "result.remote"},
		{name: "no thank you ends the questions at the result", given: []string{"fr", "caf", "questions", "no", "pass"}, when: "skip", want: Recap},
		{name: "no, and go on", given: []string{"fr", "caf", "questions", "no", "pass", "go_on"}, when: "no", want: Question, text: "question.text"},
		{name: "no thank you ends the questions there too", given: []string{"fr", "caf", "questions", "no", "pass", "go_on"}, when: "skip", want: Recap},
		{name: "sent", given: []string{"fr", "caf", "questions", "yes", "skip"}, when: "send", want: Thanks},
		{name: "erased on demand", given: []string{"fr", "caf", "questions", "yes", "skip"}, when: "erase", want: Thanks},
		{name: "not sent", given: []string{"fr", "caf", "questions", "yes", "skip"}, when: "skip", want: Thanks},
		{name: "somebody waits behind", given: []string{"fr", "caf", "questions", "yes"}, when: "restart", want: Confirm, text: "confirm.finish_text"},
		{name: "and gets the kiosk", given: []string{"fr", "caf", "questions", "yes", "restart"}, when: "yes", want: Language},
		{name: "or not", given: []string{"fr", "caf", "questions", "yes", "restart"}, when: "no", want: Question},
		{name: "stepping out", given: []string{"fr", "caf"}, when: "back_at", want: BackAt},
		{name: "and not", given: []string{"fr", "caf", "back_at"}, when: "skip", want: Ticket},
		{name: "for half an hour", given: []string{"fr", "caf", "back_at"}, when: "in_30", want: Thanks, text: "thanks.back_text"},
		{name: "done", given: []string{"fr", "caf", "skip"}, when: "finish", want: Language},
		{name: "back", given: []string{"fr", "more"}, when: "back", want: Motif},
		{name: "restart before the ticket", given: []string{"fr", "more"}, when: "restart", want: Language},
		{name: "restart with something said", given: []string{"fr", "for_other"}, when: "restart", want: Confirm, text: "confirm.restart_text"},
		{name: "restart, yes", given: []string{"fr", "for_other", "restart"}, when: "yes", want: Language},
		{name: "an opinion", when: "opinion", want: Opinion, text: "opinion.text"},
		{name: "an opinion, half", given: []string{"opinion"}, when: "fair", want: OpinionUseful, text: "opinion.text"},
		{name: "an opinion, whole", given: []string{"opinion", "fair"}, when: "partly", want: Thanks, text: "thanks.text"},
		{name: "no opinion", given: []string{"opinion"}, when: "skip", want: Language},
		{name: "settings", given: []string{"fr"}, when: "settings", want: Settings},
		{name: "settings, and on", given: []string{"fr", "settings"}, when: "go_on", want: Motif},
		{name: "settings, pressed again", given: []string{"fr", "settings", "voice"}, when: "settings", want: Motif},
		{name: "settings, one back", given: []string{"fr", "settings", "voice"}, when: "back", want: Settings},
		{name: "settings, leave a part", given: []string{"fr", "settings", "scan"}, when: "skip", want: Settings},
		{name: "settings, another language", given: []string{"fr", "more", "settings", "language"}, when: "ar", want: Motif},

		{name: "closed", world: closed, when: "fr", want: Shut, text: "closed.next"},
		{name: "closed until who knows", world: func(c *Context) { c.Taking, c.From = false, time.Time{} }, when: "fr", want: Shut, text: "closed.next_unknown"},
		{name: "closed: questions for oneself", world: closed, given: []string{"fr"}, when: "assess", want: Question, text: "question.internet.example"},
		{name: "closed: the result", world: closed, given: []string{"fr", "assess", "no"}, when: "pass", want: Result, text: "result.remote"},
		{name: "closed: another result", world: closed, given: strings.Fields("fr assess yes alone alone alone alone alone alone"), when: "pass", want: Result, text: "result.autonomous"},
		{name: "closed: a result without answers", world: closed, given: []string{"fr", "assess"}, when: "skip", want: Result, text: "result.incomplete"},
		{name: "closed: from the result to places", world: closed, given: []string{"fr", "assess", "skip"}, when: "places", want: Places},
		{name: "closed: a place", world: closed, given: []string{"fr", "places"}, when: "place_0", want: PlaceOne},
		{name: "closed: back to the places", world: closed, given: []string{"fr", "places", "place_1"}, when: "finish", want: Places},
		{name: "closed: practice", world: closed, given: []string{"fr", "practice"}, when: "practice_touch", want: PracticePiece, text: "practice.needs_screen"},
		{name: "closed: practised", world: closed, given: []string{"fr", "practice", "more", "practice_photo"}, when: "finish", want: Practice},
		{name: "closed: enough practice", world: closed, given: []string{"fr", "practice", "more"}, when: "skip", want: Shut},
		{name: "closed: an opinion", world: closed, given: []string{"fr"}, when: "opinion", want: Opinion},
		{name: "closed: a slip", world: closed, given: []string{"fr", "places", "place_0"}, when: "print", want: PlaceOne},
		{name: "closed: a slip, with the result?", world: closed, given: []string{"fr", "assess", "no", "skip", "places", "place_0"}, when: "print", want: Slip},
		{name: "closed: a slip, with it", world: closed, given: []string{"fr", "assess", "no", "skip", "places", "place_0", "print"}, when: "yes", want: PlaceOne},
		{name: "closed: no slip", world: closed, given: []string{"fr", "assess", "no", "skip", "places", "place_0", "print"}, when: "skip", want: PlaceOne},
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

// A box whose tickets another one has does not say that nobody is received: it sends to people.
func TestShutWhereItMoved(t *testing.T) {
	k := newKiosk(t)
	k.c.Taking, k.c.Moved = false, true
	k.press("fr").on(Shut)
	if v := View(k.s, k.c); v.Title.Key != "sorry.text" || v.Text.Key != "" {
		t.Errorf("the screen says %q and %q; want whom to ask", v.Title.Key, v.Text.Key)
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

// TestUnmet: who comes for somebody that cannot, hears of a lesson or of many people and
// leaves without a ticket is noticed once, however they leave.
func TestUnmet(t *testing.T) {
	for _, tt := range []struct {
		name  string
		given func(*kiosk)
		want  int
	}{
		{"finished", func(k *kiosk) { k.press("for_other", "telephone", "skip", "finish") }, 1},
		{"thanks go by themselves", func(k *kiosk) { k.press("for_other", "telephone", "skip").wait(30 * time.Second) }, 1},
		{"with a slip, away", func(k *kiosk) {
			k.press("for_other", "telephone", "places", "place_0", "print").wait(75 * time.Second).wait(30 * time.Second).wait(30 * time.Second)
		}, 1},
		{"« début »", func(k *kiosk) { k.press("for_other", "telephone", "places", "restart", "yes") }, 1},
		{"back to the languages, and away", func(k *kiosk) {
			k.press("for_other", "telephone", "back", "back").on(Language).wait(75 * time.Second).wait(30 * time.Second)
		}, 1},
		{"« début » thought better of", func(k *kiosk) { k.press("for_other", "telephone", "restart", "no") }, 0},
		{"with a ticket", func(k *kiosk) { k.press("for_other", "telephone", "ticket", "skip", "finish") }, 0},
		{"with a ticket for something else", func(k *kiosk) { k.press("for_other", "telephone", "back", "caf", "skip", "finish") }, 0},
		{"for themselves", func(k *kiosk) { k.press("telephone", "skip", "finish") }, 0},
		{"for themselves after all", func(k *kiosk) { k.press("for_other", "telephone", "back", "for_other", "restart") }, 0},
		{"many people", func(k *kiosk) { k.c.Late = true; k.press("for_other", "caf").on(Crowded).press("skip", "finish") }, 1},
		{"many people, with a ticket", func(k *kiosk) { k.c.Late = true; k.press("for_other", "caf", "ticket", "skip", "finish") }, 0},
		{"told of no lesson", func(k *kiosk) { k.press("for_other", "restart", "yes") }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKiosk(t)
			k.c.Workshop, k.c.Motifs = true, []string{"caf", "telephone"}
			k.press("fr")
			k.each = func(was State) {
				if Unmet(was, k.s) {
					tt.want--
				}
			}
			if tt.given(k); tt.want != 0 {
				t.Errorf("Unmet() is true %d times too few; want it once, or never", tt.want)
			}
		})
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
		k.press("ticket").on(Ticket)
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
			was, at := View(k.s, k.c), k.c.Now
			k.press("help").on(Help)
			if len(want[CallHelp](k)) != 1 {
				t.Errorf("help = %v; want staff called", k.wants)
			}
			if id == Help || id == MoreTime {
				return
			}
			k.press("help").on(Help).press("go_on").on(id)
			k.c.Now = at
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
		Share: open("fr", "caf", "questions", "no", "pass", "go_on"), Recap: open("fr", "caf", "questions", "yes", "skip"),
		Thanks: open("fr", "caf", "skip"), BackAt: open("fr", "caf", "back_at"), Help: open("fr", "help"),
		Shut: shut("fr"), Result: shut("fr", "assess", "skip"), Places: shut("fr", "places"), PlaceOne: shut("fr", "places", "place_1"),
		Practice: shut("fr", "practice"), PracticePiece: shut("fr", "practice", "practice_form"), Slip: shut("fr", "assess", "no", "skip", "places", "place_0", "print"),
		MyTicket: open("fr", "caf", "my_ticket"), Charter: open("fr", "caf", "charter", "line"), Opinion: open("opinion"), OpinionUseful: open("opinion", "bad"),
		Settings: open("fr", "settings"), SettingsLanguage: open("fr", "settings", "language"), SettingsContrast: open("fr", "caf", "settings", "contrast", "low"),
		SettingsVoice: open("fr", "more", "settings", "voice"), SettingsScan: open("fr", "settings", "scan"), Confirm: open("fr", "caf", "restart"),
		Workshop: func(t testing.TB) *kiosk {
			k := newKiosk(t)
			k.c.Workshop = true
			return k.press("fr", "more", "telephone")
		},
		Seats:   func(t testing.TB) *kiosk { return withCourses(t, "fr", "caf").reach("seats") },
		SeatOne: func(t testing.TB) *kiosk { return withCourses(t, "fr", "caf").reach("seats", courseKey("02")) },
		Crowded: func(t testing.TB) *kiosk {
			k := newKiosk(t)
			k.c.Late, k.c.Next = true, k.c.Now.Wall.AddDate(0, 0, 7)
			return k.press("fr", "caf")
		},
		Home: func(t testing.TB) *kiosk {
			k := newKiosk(t)
			k.c.Home = true
			return k.press("fr", "for_other", "caf", "home")
		},
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

// TestPictures: each picture that a key asks for is drawn.
func TestPictures(t *testing.T) {
	missing := map[string]string{}
	for id, reach := range everyScreen() {
		k := reach(t)
		k.c.Slots = 20
		for _, p := range enabled(View(k.s, k.c)) {
			if !hasPicture(t, p.Picto) {
				missing[p.Picto] = string(id) + " " + p.Key
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("the sprite lacks the picture %q, of %s", name, missing[name])
	}
}

func TestSilence(t *testing.T) {
	// Each visitor has changed everything that can be changed.
	changed := func(t testing.TB, keys ...string) *kiosk {
		return newKiosk(t).press("ar", "bigger", "louder", "repeat", "for_other", "settings", "contrast", "dark", "back", "voice", "faster", "aloud", "settings").press(keys...)
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
				if k.s.Lang != lang || !Answers(k.s).Empty() || k.s.Tuning != New().Tuning {
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
	t.Run("nobody hears what was meant for another", func(t *testing.T) {
		hushed := func(name string, k *kiosk) {
			t.Helper()
			if k.on(Language); len(want[Hush](k)) != 1 || len(want[Speak](k)) > 0 {
				t.Errorf("%s: wants = %v; want silence, said once", name, k.wants)
			}
		}
		listening := func() *kiosk { return newKiosk(t).press("fr", "caf", "repeat") }
		hushed("by a button", listening().press("skip").on(Thanks).walk("finish"))
		hushed("by a press", listening().press("skip").on(Thanks).press("finish"))
		hushed("« I have finished » by a button", listening().wait(75*time.Second).on(MoreTime).walk("no"))
		hushed("by silence on the ticket", listening().wait(75*time.Second).wait(30*time.Second))
		hushed("by silence on thanks", listening().press("skip").wait(30*time.Second))
		k := listening().press("questions", "yes").wait(75 * time.Second).wait(30 * time.Second).on(Erased)
		if len(want[Hush](k)) > 0 || len(want[Speak](k)) != 1 {
			t.Errorf("erased: wants = %v; want the last word, which replaces the others", k.wants)
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
		k.walk("fr").walk("help").on(Help).walk("go_on").walk("louder").walk("bigger").walk("settings").walk("contrast").walk("low").walk("settings").walk("for_other").walk("more").walk("back").walk("caf").on(Ticket)
		if k.s.Volume != 80 || k.s.Size != SizeL || k.s.Contrast != ContrastLow {
			t.Errorf("volume, size, contrast = %d, %s, %s; want 80, l, low", k.s.Volume, k.s.Size, k.s.Contrast)
		}
		k.walk("restart").on(Confirm).walk("yes").on(Language)
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
			if View(k.s, k.c).Dark && key == "back" {
				key = "help"
			}
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
			case k.seats > 0:
				k.seats--
				k.do(Seated{Code: []string{"", "K7M2QF"}[n%2]})
			case sheets > 0:
				sheets--
				k.do(Kept{OK: n%2 == 0})
			}
		case 7:
			switch n % 7 {
			case 5:
				k.do(Headphones{In: n > 16})
				continue
			case 6:
				k.do(Hear{Keys: []string{"practice.touch.title"}})
				k.do(Touched{})
				k.do(Past{Action: []Action{ActNext, ActPrevious}[n%2]})
				continue
			case 0:
				k.c.Taking = !k.c.Taking
			case 1:
				k.c.Ahead, k.c.Free, k.c.Home, k.c.Workshop = n/7, n > 10, n > 16, n < 16
			case 2:
				k.c.Called = map[bool]string{true: "Bureau 1"}[n > 10]
			case 3:
				k.c.Paper = []session.Paper{session.NoPaper, session.Queued, session.Printed, session.Unprinted, session.Unknown}[n/7%5]
				k.c.NoPaper = n > 16
			case 4:
				k.c.Places, k.c.Late = nil, n > 12
				k.c.Courses = courses(k.c.Now.Wall)[:n%4]
			}
			k.wants = nil
			check(t, k.s, k.c)
		}
		asked += len(want[TakeTicket](k))
		k.seats += len(want[ReserveSeat](k))
		sheets += len(want[SubmitSheet](k))
		for _, w := range want[SubmitSheet](k) {
			if _, err := w.Sheet.Encode(k.c.Schema); err != nil {
				t.Fatalf("step %d: the sheet cannot be kept: %v", i, err)
			}
		}
		if !was.Visit.IsZero() && k.s.Visit != was.Visit && k.s.Visitor == was.Visitor && len(want[TakeTicket](k)) == 0 && b&7 != 6 {
			t.Fatalf("step %d: the ticket of this visitor is gone from %s; want it kept until they leave", i, was.Screen)
		}
		if k.s.Visitor != was.Visitor && !was.Visit.IsZero() && b&7 != 5 {
			switch was.Screen {
			case Confirm, Thanks, MoreTime, Sorry, Erased, Shut: // each asks, or has nothing left to ask
			default:
				t.Fatalf("step %d: one press ended the visit on %s; want it asked first", i, was.Screen)
			}
		}
		if k.s.Turn < was.Turn {
			t.Fatalf("step %d: turn %d after %d; want it to grow", i, k.s.Turn, was.Turn)
		}
		if s, w := Step(k.s, Press{Turn: k.s.Turn - 1, Key: "help"}, k.c); !reflect.DeepEqual(s, k.s) || w != nil {
			t.Fatalf("step %d: a press meant for an earlier screen did something", i)
		}
		if k.s.Screen != was.Screen || k.s.Scan != was.Scan {
			reachable(t, k.s, k.c)
		}
	}
	// Silence always ends with an intake for the next visitor.
	for range 300 { // a focus that moves by itself takes its time
		at, ok := Next(k.s, k.c)
		if !ok {
			break
		}
		k.c.Now = at
		k.do(Passed{})
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
	for range len(enabled(View(s, c))) {
		c.Now = c.Now.Add(beat)
		s, _ = Step(s, Button{ActNext}, c)
		delete(want, s.Focus)
	}
	if len(want) > 0 {
		t.Fatalf("« next » on %s never came by %v; want everything within reach of buttons", s.Screen, want)
	}
}

// TestRandom plays visitors who press anything.
func TestRandom(t *testing.T) {
	visitors := 120
	if testing.Short() {
		visitors = 40
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
