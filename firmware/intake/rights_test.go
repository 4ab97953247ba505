package intake_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	. "jeudi/firmware/intake"
	"jeudi/firmware/rights"
)

func privateKiosk(t testing.TB) *kiosk {
	k := newKiosk(t)
	r, err := rights.Default()
	if err != nil {
		t.Fatal(err)
	}
	k.c.Private, k.c.Rights = true, r
	k.c.Slots = 8
	return k
}

// poor is somebody alone without work who pays a rent and says no to the rest.
func poor(k *kiosk) *kiosk {
	k.t.Helper()
	return k.press("alone", "25-59", "no", "no", "no", "A", "tenant", "no", "no")
}

func has(v Screen, key string) bool {
	return slices.ContainsFunc(v.Choices, func(p Choice) bool { return p.Key == key && !p.Off })
}

// TestRightsOffered: with a ticket, where the place is private, and nowhere else.
func TestRightsOffered(t *testing.T) {
	k := privateKiosk(t)
	for _, keys := range [][]string{nil, {"fr"}} {
		if k.press(keys...); has(View(k.s, k.c), "rights") {
			t.Errorf("%s offers the rights before the ticket", k.s.Screen)
		}
	}
	if k.press("caf", "more").on(Ticket); !has(View(k.s, k.c), "rights") {
		t.Errorf("the ticket offers %v; want the rights", keysOf(View(k.s, k.c).Choices))
	}
	if k.press("skip").on(Thanks); !has(View(k.s, k.c), "rights") {
		t.Errorf("thanks offers %v; want the rights", keysOf(View(k.s, k.c).Choices))
	}
	k.c.Private = false
	if has(View(k.s, k.c), "rights") {
		t.Error("a kiosk in the hall offers the rights")
	}
	k.c.Private, k.c.Rights = true, rights.Rules{}
	if has(View(k.s, k.c), "rights") {
		t.Error("a site without rules offers the rights")
	}
	k = privateKiosk(t)
	k.c.Taking = false
	if k.press("fr").on(Shut); has(View(k.s, k.c), "rights") {
		t.Error("a closed kiosk offers the rights: nobody has a ticket")
	}
}

func TestRightsPath(t *testing.T) {
	k := privateKiosk(t).press("fr", "caf", "more", "rights").on(Rights)
	v := View(k.s, k.c)
	if v.Title.Key != "rights.question.household" || v.Text.Key != "rights.private_here" || v.Notice.Key != "rights.may_pass" {
		t.Errorf("first question = %v, %v, %v; want the household, and what becomes of the answers", v.Title, v.Text, v.Notice)
	}
	if !has(v, "pass") || v.Skip == nil {
		t.Errorf("first question = %v, %v; want a way to pass and one out", keysOf(v.Choices), v.Skip)
	}
	k.press("alone", "25-59", "no")
	v = View(k.s, k.c)
	if v.Title.Key != "rights.question.work_alone" || v.Choices[0].Label.Key != "rights.answer.work_alone.employee" || v.Choices[0].Picto != "emploi" {
		t.Errorf("somebody alone is asked %v, %v; want nothing of another person", v.Title, v.Choices[0])
	}
	k.press("no", "no")
	v = View(k.s, k.c)
	if v.Title.Key != "rights.question.income" || v.Text.Key != "" {
		t.Fatalf("after five answers = %v, %v; want the money, and nothing said twice", v.Title, v.Text)
	}
	if first := v.Choices[1].Label; first.Key != "rights.band.between" || first.Args["from"] != 800 || first.Args["below"] != 1200 {
		t.Errorf("the second band = %v; want 800 to 1200", first)
	}
	k.press("A", "tenant", "no", "no").on(RightsResult)
	v = View(k.s, k.c)
	if !v.Private || v.Title.Key != "rights.result.title" || len(v.Lines) != 4 || v.Notice.Key != "" {
		t.Errorf("result = %+v; want four private lines", v)
	}
	k.press("print")
	if got := want[PrintRights](k); len(got) != 1 || !slices.Equal(got[0].IDs, []string{"rsa", "c2s", "aide_logement", "cheque_energie"}) {
		t.Errorf("print = %v; want the list and nothing else", k.wants)
	}
	if v = View(k.s, k.c); has(v, "print") || v.Notice.Key != "rights.result.printing" {
		t.Errorf("after print = %v, %v; want it said, and not offered twice", keysOf(v.Choices), v.Notice)
	}
	k.press("finish").on(Ticket)
	if v := View(k.press("more", "rights").s, k.c); slices.ContainsFunc(v.Choices, func(p Choice) bool { return p.Selected }) {
		t.Errorf("again = %v; want the answers forgotten", v.Choices)
	}
}

func TestRightsBack(t *testing.T) {
	k := privateKiosk(t).press("fr", "caf", "more", "rights", "alone", "25-59", "back").on(Rights)
	v := View(k.s, k.c)
	if v.Title.Key != "rights.question.age" || !slices.ContainsFunc(v.Choices, func(p Choice) bool { return p.Key == "25-59" && p.Selected }) {
		t.Errorf("back = %v, %v; want the age as it was given", v.Title, v.Choices)
	}
	k.press("back", "couple")
	if v := View(k.press("25-59").s, k.c); v.Title.Key != "rights.question.partner_age" {
		t.Errorf("a couple is asked %v; want the other's age", v.Title)
	}
	k.press("back", "back", "back").on(Ticket)
}

func TestRightsLeave(t *testing.T) {
	for _, from := range []ScreenID{Ticket, Thanks} {
		k := privateKiosk(t).press("fr", "caf")
		offer := []string{"more", "rights"}
		if from == Thanks {
			k.press("skip")
			offer = offer[1:]
		}
		k.on(from).press(offer...).press("alone", "25-59", "skip").on(from)
		if v := View(k.press(offer...).s, k.c); slices.ContainsFunc(v.Choices, func(p Choice) bool { return p.Selected }) {
			t.Errorf("after leaving to %s the answers are still there: %v", from, v.Choices)
		}
		k.press("pass", "back", "back").on(from)
	}
}

// TestRightsForgotten: silence, and the end of the ticket's screens, leave nothing.
func TestRightsForgotten(t *testing.T) {
	fresh := New()
	k := poor(privateKiosk(t).press("fr", "caf", "more", "rights")).on(RightsResult)
	k.wait(k.c.IdleAfter).on(MoreTime).wait(k.c.Countdown).on(Erased).press("finish").on(Language)
	if got := Bare(k.s); !reflect.DeepEqual(got, fresh) {
		t.Errorf("after a silence %+v; want nothing of the visitor", got)
	}
	k = poor(privateKiosk(t).press("fr", "caf", "more", "rights")).press("finish", "skip", "finish").on(Language)
	if got := Bare(k.s); !reflect.DeepEqual(got, fresh) {
		t.Errorf("after the end %+v; want nothing of the visitor", got)
	}
}

// TestRightsStayBehind: whoever goes on at the desk finds the ticket, and nothing of this.
func TestRightsStayBehind(t *testing.T) {
	for name, path := range map[string][]string{
		"a question": {"alone"}, "under help": {"alone", "help"}, "the list": {"alone", "25-59", "no", "no", "no", "A", "tenant", "no", "no", "print"}, "left by back": {"alone", "back", "back"},
	} {
		k := privateKiosk(t).press("fr", "caf")
		visit := k.s.Visit
		k.s = Resumed(k.press("more", "rights").press(path...).s)
		if k.on(Ticket); k.s.Visit != visit || RightsLeft(k.s) != 0 {
			t.Errorf("%s: Resumed = %+v; want the ticket, and no answer on rights", name, k.s)
		}
		check(t, k.s, k.c)
	}
	k := privateKiosk(t).press("fr", "caf", "more", "rights", "alone", "back", "back").on(Ticket)
	if got := RightsLeft(k.s); got != 0 {
		t.Errorf("back to the ticket with %d answers; want them forgotten", got)
	}
	if s := newKiosk(t).press("fr", "caf", "questions", "yes").s; Resumed(s).Screen != Question || Answers(Resumed(s)).Empty() {
		t.Error("Resumed lost the other questions; want them to go on")
	}
}

// TestRightsListOnce: a list is printed once, and no more than two of them.
func TestRightsListOnce(t *testing.T) {
	k := privateKiosk(t).press("fr", "caf")
	tenant := []string{"alone", "25-59", "no", "no", "no", "A", "tenant"}
	owner := append(slices.Clone(tenant[:6]), "owner")
	printed := 0
	for i, tt := range []struct {
		answers []string
		offers  bool
	}{{tenant, true}, {tenant, false}, {owner, true}, {tenant, false}, {owner, false}, {nil, false}} {
		k.press("more", "rights").press(tt.answers...)
		for k.s.Screen == Rights {
			k.press("pass")
		}
		k.on(RightsResult)
		if got := has(View(k.s, k.c), "print"); got != tt.offers {
			t.Fatalf("list %d: print is offered %v; want %v", i+1, got, tt.offers)
		}
		if tt.offers {
			printed += len(want[PrintRights](k.press("print")))
		}
		k.press("finish").on(Ticket)
		for !has(View(k.s, k.c), "questions") {
			k.press("back")
		}
	}
	if printed != 2 {
		t.Errorf("%d lists; want two", printed)
	}
}

// TestRightsHeard: the list is for headphones, or for whoever chose to hear it.
func TestRightsHeard(t *testing.T) {
	mine := "Le RSA"
	k := poor(privateKiosk(t).press("fr", "caf", "more", "rights")).button(ActRepeat)
	if strings.Contains(k.said(), mine) {
		t.Errorf("in the room the list says %q; want nothing of it", k.said())
	}
	k = privateKiosk(t)
	k.do(Headphones{In: true})
	poor(k.press("fr", "caf", "more", "rights")).button(ActRepeat)
	if sp := k.spoken(); !strings.Contains(k.said(), mine) || !sp[0].Private {
		t.Errorf("by headphones the list says %q; want it, for them alone", k.said())
	}
}

// TestRightsPages: a long list is cut, and every line is on one of the pages.
func TestRightsPages(t *testing.T) {
	k := privateKiosk(t).press("fr", "caf", "more", "rights")
	for k.s.Screen == Rights {
		k.press("pass")
	}
	k.on(RightsResult)
	if v := View(k.s, k.c); v.Notice.Key != "rights.result.longer" {
		t.Errorf("all passed = %v; want why the list is long", v.Notice)
	}
	n := 0
	for {
		v := View(k.s, k.c)
		n += len(v.Lines)
		if !has(v, "more") {
			break
		}
		k.press("more")
	}
	if n != 14 {
		t.Errorf("%d lines on all pages; want the 14 rules", n)
	}
	k.press("back", "back", "back").on(Rights)
}

// TestRightsRandom presses whatever there is: check holds, and it ends.
func TestRightsRandom(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		k := privateKiosk(t).press("fr", "caf", "more", "rights")
		k.c.Slots = 4 + rnd.IntN(6)
		for range 60 {
			if k.s.Screen != Rights && k.s.Screen != RightsResult {
				break
			}
			v := View(k.s, k.c)
			p := v.Choices[rnd.IntN(len(v.Choices))]
			if rnd.IntN(8) == 0 {
				k.press("back")
				continue
			}
			k.press(p.Key)
		}
	}
}

func TestHintLine(t *testing.T) {
	c := catalogue(t)
	text := func(h rights.Hint) string {
		m := HintLine(h, "fr")
		return c.Text("fr", m.Key, m.Args)
	}
	tests := []struct {
		h    rights.Hint
		want string
	}{
		{rights.Hint{ID: "apa", Verify: []string{"departement"}}, "L’APA, aide pour la perte d’autonomie. À demander à\u00a0: le département ou la métropole"},
		{rights.Hint{ID: "rsa", Verify: []string{"caf", "msa", "ccas"}}, "Le RSA, revenu minimum. À demander à\u00a0: la CAF ou la MSA ou la mairie"},
		{rights.Hint{ID: "x", Names: map[string]string{"fr": "L’aide du village"}, Verify: []string{"y"}, Bodies: map[string]map[string]string{"y": {"fr": "la mairie"}}},
			"L’aide du village. À demander à\u00a0: la mairie"},
	}
	for _, tt := range tests {
		if got := text(tt.h); got != tt.want {
			t.Errorf("HintLine(%s) = %q; want %q", tt.h.ID, got, tt.want)
		}
	}
}

func TestRightsTimeout(t *testing.T) {
	k := privateKiosk(t).press("fr", "caf", "more", "rights", "alone").wait(75 * time.Second).on(MoreTime).press("yes").on(Rights)
	if v := View(k.s, k.c); v.Title.Key != "rights.question.age" {
		t.Errorf("after more time = %v; want the question as it was", v.Title)
	}
}

// TestRightsOnASmallPanel: given room for few words, the list has pages, and nothing of it is lost.
func TestRightsOnASmallPanel(t *testing.T) {
	k := poor(privateKiosk(t).press("fr", "caf", "more", "rights")).on(RightsResult)
	want := View(k.s, k.c).Lines
	k.c.Slots = 4
	got := slices.Clone(View(k.s, k.c).Lines)
	for len(got) < len(want) && has(View(k.s, k.c), "more") {
		k.press("more")
		got = append(got, View(k.s, k.c).Lines...)
	}
	if first := k.press("back"); len(View(first.s, first.c).Lines) != 2 {
		t.Errorf("a page on a small panel = %d lines; want 2", len(View(first.s, first.c).Lines))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("all pages = %v; want %v", got, want)
	}
}

// TestRightsPictures: each picture that these screens ask for is drawn.
func TestRightsPictures(t *testing.T) {
	drawn, err := sprite()
	if err != nil {
		t.Fatal(err)
	}
	k := privateKiosk(t).press("fr", "caf", "more", "rights")
	k.c.Slots = 20
	for _, answer := range []string{"couple", "25-59", "25-59", "yes", "1", "0", "0", "0", "0", "no", "no", "A", "tenant", "no", "yes"} {
		for _, p := range View(k.s, k.c).Choices {
			if !strings.Contains(drawn, `id="`+p.Picto+`"`) {
				t.Errorf("the sprite lacks %q, of %s %s", p.Picto, View(k.s, k.c).Title.Key, p.Key)
			}
		}
		if k.s.Screen == Rights {
			k.press(answer)
		}
	}
}
