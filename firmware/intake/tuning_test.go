package intake_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	. "jeudi/firmware/intake"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
)

// spoken are all that the last input made the kiosk say, one after the other.
func (k *kiosk) spoken() (all []Speak) {
	for _, sp := range want[Speak](k) {
		all = append(append(all, sp), sp.Then...)
	}
	return all
}

// scan waits until the focus has moved by itself to the key, and presses the one switch.
func (k *kiosk) scan(key string) *kiosk {
	k.t.Helper()
	for range 60 {
		if k.s.Focus == key {
			return k.button(ActOK)
		}
		at, ok := Next(k.s, k.c)
		if !ok {
			break
		}
		k.c.Now = at
		k.do(Passed{})
	}
	k.t.Fatalf("the focus on %s never came by %q; want it to", k.s.Screen, key)
	return k
}

// TestChangingTheLanguageLosesNothing: from every screen of the path, and back to it.
func TestChangingTheLanguageLosesNothing(t *testing.T) {
	for id, reach := range everyScreen() {
		switch id {
		case MoreTime, Help, Settings, SettingsLanguage, SettingsContrast, SettingsVoice, SettingsScan:
			continue // they lie over the path
		}
		t.Run(string(id), func(t *testing.T) {
			k := reach(t).on(id)
			was, said, at := k.s, Answers(k.s), k.c.Now
			before := View(k.s, k.c)
			k.press("settings", "language", "en").on(id)
			if k.s.Lang != "en" || k.s.Visit != was.Visit || !Answers(k.s).Equal(said) {
				t.Fatalf("after the change: %s, visit %v; want en, and all the rest as it was", k.s.Lang, k.s.Visit)
			}
			k.c.Now = at
			after := View(k.s, k.c)
			before.Turn, before.Lang, before.Focus, after.Turn, after.Lang, after.Deadline, before.Deadline = 0, "", "", 0, "", session.Moment{}, session.Moment{}
			for i := range before.Choices { // which language is chosen shows, of course
				before.Choices[i].Selected, after.Choices[i].Selected = false, false
			}
			if !reflect.DeepEqual(after, before) {
				t.Errorf("%s after the change = %+v; want %+v", id, after, before)
			}
		})
	}
}

func TestSizes(t *testing.T) {
	k := newKiosk(t)
	var got []string
	for range 5 {
		got = append(got, k.s.Size.String())
		k.press("bigger")
	}
	if want := []string{"m", "l", "xl", "s", "m"}; !slices.Equal(got, want) {
		t.Errorf("bigger goes through %v; want %v", got, want)
	}
	k = newKiosk(t).button(ActNext).press("bigger")
	if got, want := k.said(), "Taille du texte\u00a0: 3 sur 4."; got != want {
		t.Errorf("bigger says %q; want %q", got, want)
	}
}

// TestSettingsAreHeard: each is said as it is from then on.
func TestSettingsAreHeard(t *testing.T) {
	for _, tt := range []struct {
		path []string
		say  string
	}{
		{[]string{"contrast", "low"}, "Couleurs douces Choisi."},
		{[]string{"voice", "faster"}, "Vitesse de la voix\u00a0: 5 sur 7."},
		{[]string{"voice", "aloud"}, "Lire mes réponses à voix haute ici Choisi."},
		{[]string{"voice", "dark"}, "Écran noir Choisi."},
		{[]string{"scan", "scan_slower"}, "Vitesse du défilement\u00a0: 3 sur 6."},
		{[]string{"reset"}, "Les réglages sont comme au début."},
		{[]string{"language", "en"}, "Why are you here? "},
	} {
		k := newKiosk(t).walk("fr").press("settings").press(tt.path...)
		if got := k.said(); !strings.HasPrefix(got, tt.say) {
			t.Errorf("%v says %q; want %q", tt.path, got, tt.say)
		}
	}
	k := newKiosk(t).walk("fr").press("settings", "voice", "slower")
	if sp := k.spoken(); len(sp) != 1 || sp[0].Rate != 75 {
		t.Errorf("slower says %+v; want it said at 75 per cent", sp)
	}
	for range 9 {
		k.press("slower")
	}
	if k.s.Rate != 50 {
		t.Errorf("rate = %d; want no less than 50", k.s.Rate)
	}
	for range 9 {
		k.press("faster")
	}
	if k.s.Rate != 200 {
		t.Errorf("rate = %d; want no more than 200", k.s.Rate)
	}
	k.press("back", "reset")
	if k.s.Tuning != New().Tuning || k.s.Lang != "fr" || !k.s.Listening {
		t.Errorf("reset = %+v; want the settings alone as they were", k.s)
	}
}

func TestRateByButton(t *testing.T) {
	k := newKiosk(t).button(ActFaster)
	if got, want := k.said(), "Vitesse de la voix\u00a0: 5 sur 7."; got != want || k.s.Rate != 125 {
		t.Errorf("faster = %d, %q; want 125, %q", k.s.Rate, got, want)
	}
}

func TestLanguageScreen(t *testing.T) {
	t.Run("the others", func(t *testing.T) {
		k := newKiosk(t)
		k.c.Languages, k.c.Slots = strings.Fields("fr falc images ar en pt tr"), 4
		v := View(k.s, k.c)
		if got, want := keysOf(v.Choices), []string{"fr", "falc", "images", "more"}; !slices.Equal(got, want) || v.Choices[3].Label.Key != "language.more" {
			t.Errorf("first screen = %v; want %v, the last with a name", got, want)
		}
		k.press("more")
		if got, want := keysOf(View(k.s, k.c).Choices), []string{"ar", "en", "pt", "tr"}; !slices.Equal(got, want) {
			t.Errorf("last page = %v; want %v", got, want)
		}
		k.press("ar").on(Motif)
	})
	t.Run("without a voice", func(t *testing.T) {
		k := newKiosk(t)
		k.c.Mute = map[string]bool{"en": true}
		if c := View(k.s, k.c).Choices[1]; !c.Mute || c.Sub.Key != "language.no_voice" || c.Lang != "en" {
			t.Errorf("English = %+v; want it to say that it has no voice", c)
		}
		k.button(ActNext, ActNext)
		if sp := k.spoken(); len(sp) != 1 || sp[0].Lang != "fr" || !strings.HasPrefix(k.said(), "Cette langue n’a pas encore de voix. Choix 2 sur ") {
			t.Errorf("focus on English says %+v; want French, not bad English", sp)
		}
		k.press("repeat")
		for _, sp := range k.spoken() {
			if sp.Lang == "en" {
				t.Errorf("the samples = %+v; want none of a language without a voice", k.spoken())
			}
		}
	})
}

// TestListeningBegins: by a button or by headphones, from every screen, and the
// first screen is silent until then.
func TestListeningBegins(t *testing.T) {
	for id, reach := range everyScreen() {
		for name, in := range map[string]Input{"repeat": Button{ActRepeat}, "headphones": Headphones{In: true}} {
			k := reach(t)
			if k.s.Listening && id != SettingsVoice {
				t.Errorf("%s is read before anybody asked", id)
			}
			k.do(in)
			if k.on(id); !k.s.Listening || len(k.spoken()) == 0 || len(k.spoken()[0].Say) == 0 {
				t.Errorf("%s on %s says %v; want the screen", name, id, k.wants)
			}
		}
	}
	k := newKiosk(t)
	if k.wait(time.Hour); len(k.wants) > 0 {
		t.Errorf("the first screen by itself = %v; want silence", k.wants)
	}
	k.do(Headphones{In: true})
	var langs []string
	for _, sp := range k.spoken() {
		langs = append(langs, sp.Lang)
	}
	if want := []string{"fr", "en", "ar", "fr"}; !slices.Equal(langs, want) {
		t.Errorf("the samples are in %v; want each language in its own, then how to choose", langs)
	}
	k.do(Headphones{In: true})
	if len(k.wants) > 0 {
		t.Error("plugged twice says it twice; want it once")
	}
	k.do(Headphones{})
	if k.s.Listening || len(want[Hush](k)) != 1 {
		t.Errorf("unplugged = %v; want silence", k.wants)
	}
}

func TestListeningEnds(t *testing.T) {
	k := newKiosk(t).walk("fr").press("settings", "voice", "dark")
	if v := View(k.s, k.c); !v.Dark {
		t.Fatal("the screen is not dark; want it to be")
	}
	k.do(Press{Turn: k.s.Turn, Key: "listen"})
	if v := View(k.on(SettingsVoice).s, k.c); v.Dark || !k.s.Listening || k.said() != "L’écran est allumé." {
		t.Errorf("a touch of the dark screen = dark %v, %q; want light, and nothing pressed", v.Dark, k.said())
	}
	k.walk("dark").walk("listen")
	if v := View(k.s, k.c); v.Dark || k.s.Listening || len(want[Hush](k)) == 0 {
		t.Errorf("listen again = dark %v, %v; want light and silence", v.Dark, k.wants)
	}
	k.press("settings").on(Motif).button(ActNext, ActNext)
	if k.s.Listening || len(k.spoken()) > 0 || k.s.Focus != "titres" {
		t.Errorf("buttons after that say %v at %q; want silence, and the focus moved", k.spoken(), k.s.Focus)
	}
	if k.button(ActRepeat); !k.s.Listening {
		t.Error("repeat does not read; want it to whatever was asked before")
	}
}

// TestPrivacy: what the visitor said is for headphones, or for whoever chose.
func TestPrivacy(t *testing.T) {
	recap := func(k *kiosk) *kiosk { return k.press("fr", "caf", "questions", "yes", "skip").on(Recap) }
	mine := "Internet ces 3 derniers mois"
	t.Run("in the room", func(t *testing.T) {
		k := recap(newKiosk(t)).button(ActRepeat)
		sp := k.spoken()
		if got := k.said(); strings.Contains(got, mine) || !strings.Contains(got, "Branchez un casque pour entendre") || sp[0].Private {
			t.Errorf("recap says %q; want how to hear it", got)
		}
	})
	t.Run("by headphones", func(t *testing.T) {
		k := newKiosk(t)
		k.do(Headphones{In: true})
		recap(k)
		sp := k.spoken()
		if got := k.said(); !strings.Contains(got, mine) || !sp[0].Private {
			t.Errorf("recap says %q, private %v; want the answers, for headphones alone", got, sp[0].Private)
		}
		k.do(Headphones{})
		if k.button(ActRepeat); strings.Contains(k.said(), mine) {
			t.Errorf("unplugged, recap says %q; want nothing of the answers", k.said())
		}
	})
	t.Run("aloud", func(t *testing.T) {
		k := newKiosk(t).press("fr", "settings", "voice", "aloud", "settings", "caf", "questions", "yes", "skip").button(ActRepeat)
		sp := k.spoken()
		if got := k.said(); !strings.Contains(got, mine) || sp[0].Private {
			t.Errorf("recap says %q; want the answers: the visitor chose that", got)
		}
	})
	t.Run("which answer was given", func(t *testing.T) {
		k := newKiosk(t).press("fr", "caf", "questions", "yes", "back").button(ActNext)
		if got := k.said(); k.s.Focus != "yes" || strings.Contains(got, "Choisi.") {
			t.Errorf("focus on the answer given says %q; want its name alone", got)
		}
		k.do(Headphones{In: true})
		k.button(ActPrevious, ActNext)
		if sp := k.spoken(); !strings.Contains(k.said(), "Choisi.") || !sp[0].Private {
			t.Errorf("by headphones it says %q; want that it was chosen, and nobody else to hear", k.said())
		}
	})
	private := []ScreenID{MyTicket, Recap, Result, RightsResult}
	for id, reach := range everyScreen() {
		k := reach(t)
		if got := View(k.s, k.c).Private; got != slices.Contains(private, id) {
			t.Errorf("View(%s).Private = %v; want %v", id, got, !got)
		}
	}
}

// TestTremor: the same press again within half a second is none.
func TestTremor(t *testing.T) {
	again := func(k *kiosk, in Input, after time.Duration) *kiosk {
		k.c.Now = k.c.Now.Add(after - beat) // do adds a beat
		k.do(in)
		return k
	}
	t.Run("buttons", func(t *testing.T) {
		k := newKiosk(t).press("fr").button(ActNext)
		if again(k, Button{ActNext}, 400*time.Millisecond); k.s.Focus != "caf" {
			t.Errorf("next, next at once = %q; want one step", k.s.Focus)
		}
		if again(k, Button{ActNext}, 200*time.Millisecond); k.s.Focus != "titres" {
			t.Errorf("next after 0.6 s = %q; want the second", k.s.Focus)
		}
		if again(k, Button{ActPrevious}, 100*time.Millisecond); k.s.Focus != "caf" {
			t.Errorf("previous at once = %q; want another button to count", k.s.Focus)
		}
	})
	t.Run("keys", func(t *testing.T) {
		k := newKiosk(t).press("fr", "caf", "questions", "yes", "alone")
		asked := View(k.s, k.c).Title
		if again(k, Press{Turn: k.s.Turn, Key: "alone"}, 300*time.Millisecond); View(k.s, k.c).Title.Key != asked.Key {
			t.Error("the same answer at once answers the next question too; want it asked")
		}
	})
	t.Run("as the site says", func(t *testing.T) {
		k := newKiosk(t).press("fr")
		k.c.Tremor = time.Second
		again(k.button(ActNext), Button{ActNext}, 900*time.Millisecond)
		if k.s.Focus != "caf" {
			t.Errorf("tremor of 1 s: %q; want one step", k.s.Focus)
		}
		k.c.Tremor = -1
		if again(k, Button{ActNext}, 0); k.s.Focus != "titres" {
			t.Errorf("no tremor: %q; want every press to count", k.s.Focus)
		}
	})
	t.Run("not the volume", func(t *testing.T) {
		k := newKiosk(t).button(ActLouder)
		if again(k, Button{ActLouder}, 0); k.s.Volume != 90 {
			t.Errorf("louder, louder = %d; want 90", k.s.Volume)
		}
	})
}

func TestWarning(t *testing.T) {
	for _, id := range []ScreenID{Motif, Ticket, Question, PlaceOne, Charter, Settings} {
		k := everyScreen()[id](t)
		k.c.Countdown = 5 * time.Second
		k.wait(k.c.IdleAfter).on(MoreTime)
		v := View(k.s, k.c)
		if d, _ := v.Deadline.Sub(k.c.Now); d < 20*time.Second || !v.Alert || !v.Lamps[ActOK] || !strings.Contains(k.said(), "Voulez-vous plus de temps") {
			t.Errorf("%s: warned %v before, alert %v, says %q; want 20 s, by screen, lamp and voice", id, d, v.Alert, k.said())
		}
		for range 10 {
			k.press("yes").on(id).wait(k.c.IdleAfter).on(MoreTime)
		}
	}
}

func TestScanning(t *testing.T) {
	t.Run("the whole path with one switch", func(t *testing.T) {
		k := newKiosk(t)
		k.c.Buttons = map[Action]bool{ActOK: true}
		k.button(ActOK) // there is nothing else: it begins
		k.scan("fr").on(Motif).scan("caf").on(Ticket).scan("questions").scan("yes").scan("skip").on(Recap).scan("send").on(Thanks).scan("finish").on(Language)
		if got := k.next; got != 1 {
			t.Errorf("%d tickets; want one", got)
		}
	})
	t.Run("chosen in the settings", func(t *testing.T) {
		k := newKiosk(t).press("fr", "settings", "scan", "scan_one", "scan_faster", "scan_faster", "scan_faster", "settings")
		if v := View(k.s, k.c); v.Scan != 1500*time.Millisecond {
			t.Errorf("step = %v; want no less than 1.5 s", v.Scan)
		}
		turn := k.s.Turn
		k.wait(1400 * time.Millisecond)
		if k.s.Focus != "" {
			t.Errorf("focus on %q after 1.4 s; want it to move at 1.5 s", k.s.Focus)
		}
		if k.wait(100 * time.Millisecond); k.s.Focus != "caf" || k.s.Turn != turn || len(k.wants) > 0 {
			t.Errorf("focus on %q at turn %d says %v; want caf at turn %d, in silence", k.s.Focus, k.s.Turn, k.wants, turn)
		}
		k.button(ActOK).on(Ticket)
	})
	t.Run("it stands still after three rounds", func(t *testing.T) {
		k := newKiosk(t).press("fr", "settings", "scan", "scan_one", "settings")
		k.c.IdleAfter = time.Hour
		n, moves := len(enabled(View(k.s, k.c))), 0
		for {
			at, _ := Next(k.s, k.c)
			if d, _ := at.Sub(k.c.Now); d > time.Minute {
				break
			}
			k.c.Now = at
			k.do(Passed{})
			moves++
		}
		if moves != 3*n+1 || k.s.Focus != "" {
			t.Errorf("%d moves over %d keys, then focus on %q; want three rounds and none", moves, n, k.s.Focus)
		}
		if k.button(ActOK); k.s.Focus != "caf" {
			t.Errorf("a press puts the focus on %q; want the first, going on", k.s.Focus)
		}
		k.scan("titres").on(Ticket)
	})
	t.Run("silence is silence all the same", func(t *testing.T) {
		k := newKiosk(t).press("fr", "settings", "scan", "scan_one", "settings")
		for range 25 {
			k.wait(3 * time.Second)
		}
		k.on(MoreTime).scan("yes").on(Motif)
	})
	t.Run("two switches", func(t *testing.T) {
		k := newKiosk(t).press("fr", "settings", "scan", "scan_two", "settings")
		if at, _ := Next(k.s, k.c); at != k.c.Now.Add(k.c.IdleAfter) {
			t.Error("the focus moves by itself; want it to wait for its switch")
		}
		k.walk("help").on(Help).walk("go_on").walk("louder").walk("caf").on(Ticket) // the panel's own buttons are out of reach
	})
}

func TestPractice(t *testing.T) {
	k := newKiosk(t)
	k.c.Taking = false
	k.press("fr", "practice", "practice_keyboard").on(PracticePiece)
	if v := View(k.s, k.c); v.Piece != "keyboard" || v.Title.Key != "practice.keyboard.title" {
		t.Errorf("piece = %q, %q; want the keyboard", v.Piece, v.Title.Key)
	}
	turn := k.s.Turn
	k.c.Now = k.c.Now.Add(70 * time.Second)
	k.do(Touched{})
	k.wait(70 * time.Second).on(PracticePiece)
	k.do(Hear{Keys: []string{"practice.keyboard.title"}})
	if got, want := k.said(), catalogue(t).Text("fr", "practice.keyboard.title", nil); got != want || k.s.Turn != turn {
		t.Errorf("Hear says %q at turn %d; want %q at turn %d", got, k.s.Turn, want, turn)
	}
	for _, key := range []string{"desk.title", "practic", "recap.age"} {
		if k.do(Hear{Keys: []string{key}}); len(k.wants) > 0 {
			t.Errorf("Hear(%q) = %v; want nothing but practice", key, k.wants)
		}
	}
	k.wait(75 * time.Second).on(MoreTime).press("yes").on(PracticePiece)
	if v := View(k.s, k.c); v.Piece != "keyboard" {
		t.Errorf("after more time the piece is %q; want the keyboard", v.Piece)
	}
	k.press("finish").on(Practice)
	if k.do(Hear{Keys: []string{"practice.keyboard.title"}}); len(k.wants) > 0 {
		t.Errorf("Hear elsewhere = %v; want nothing", k.wants)
	}
}

func TestPracticeOnlyWhileNobodyWaits(t *testing.T) {
	k := newKiosk(t).press("fr", "caf")
	for ahead, want := range map[int]bool{0: true, 1: false} {
		k.c.Ahead, k.c.Charter = ahead, nil
		if got := slices.Contains(keysOf(View(k.s, k.c).Choices), "practice"); got != want {
			t.Errorf("%d before: practice offered = %v; want %v", ahead, got, want)
		}
	}
}

func TestCharterLineByLine(t *testing.T) {
	k := newKiosk(t).press("fr", "caf", "charter")
	for i, want := range append(k.c.Charter, k.c.Charter[0]) {
		k.press("line")
		if sp := k.spoken(); len(sp) != 1 || len(sp[0].Say) != 1 || sp[0].Say[0].Key != want.Key {
			t.Fatalf("press %d says %v; want %s alone", i+1, sp, want.Key)
		}
		if v := View(k.s, k.c); v.Line != i%5+1 || len(v.Lines) != 5 {
			t.Errorf("press %d shows line %d of %d; want %d of 5", i+1, v.Line, len(v.Lines), i%5+1)
		}
	}
}

func TestLargePrint(t *testing.T) {
	k := newKiosk(t).press("fr", "caf", "my_ticket", "large")
	if got := want[PrintLarge](k); len(got) != 1 || got[0].Visit != k.s.Visit {
		t.Errorf("large = %v; want this ticket printed in large letters", k.wants)
	}
	if got := keysOf(View(k.s, k.c).Choices); slices.Contains(got, "large") {
		t.Errorf("after that it offers %v; want one copy", got)
	}
	k = newKiosk(t).press("fr", "caf", "my_ticket")
	if k.c.NoPaper = true; slices.Contains(keysOf(View(k.s, k.c).Choices), "large") {
		t.Error("a copy is offered without paper; want none")
	}
}

func TestSlip(t *testing.T) {
	shut := func(keys ...string) *kiosk {
		k := newKiosk(t)
		k.c.Taking = false
		k.c.Places = []Place{{Key: "a", Name: "Médiathèque", Open: session.M("closed.next_unknown"), Metres: 350, How: "Tram 3", Bring: []string{"Un courrier"}, Entitles: "Gratuit"}, {Key: "b", Name: "Mairie"}}
		return k.press("fr").press(keys...)
	}
	level := sheet.Assessment{Level: sheet.Remote}
	for _, tt := range []struct {
		name string
		path []string
		want PrintSlip
	}{
		{"nothing was answered: nothing is asked", []string{"places", "place_b", "print"}, PrintSlip{Places: []string{"b"}}},
		{"with the result", []string{"assess", "no", "pass", "places", "place_a", "print", "yes"}, PrintSlip{Places: []string{"a"}, WithResult: true, Assessment: level}},
		{"without it", []string{"assess", "no", "pass", "places", "place_a", "print", "no"}, PrintSlip{Places: []string{"a"}}},
	} {
		k := shut(tt.path...).on(PlaceOne)
		if got := want[PrintSlip](k); len(got) != 1 || !reflect.DeepEqual(got[0], tt.want) {
			t.Errorf("%s: %v; want %v", tt.name, k.wants, tt.want)
		}
		if v := View(k.s, k.c); v.Notice.Key != "places.printing" || slices.Contains(keysOf(v.Choices), "print") {
			t.Errorf("%s: then %v, %v; want it said, and no second slip", tt.name, v.Notice, keysOf(v.Choices))
		}
	}
	k := shut()
	for i, path := range [][]string{{"places", "place_a", "print"}, {"finish", "place_b", "print"}, {"finish", "place_a"}, {"finish", "place_b"},
		{"restart", "fr", "places", "place_a"}} { // each once, in whatever order, for one visitor
		v := View(k.press(path...).on(PlaceOne).s, k.c)
		if got := len(want[PrintSlip](k)); (got == 1) != (i < 2) || slices.Contains(keysOf(v.Choices), "print") || v.Notice.Key != "places.printing" {
			t.Errorf("%v: %d slips, then %v, %v; want one of each place and no more", path, got, keysOf(v.Choices), v.Notice)
		}
	}
	k = shut("places", "place_a")
	if v := View(k.s, k.c); len(v.Lines) != 4 || v.Text.Key != "closed.next_unknown" {
		t.Errorf("place = %v, %v; want its opening and its four lines", v.Text, v.Lines)
	}
	k.c.Places = nil
	if v := View(k.s, k.c); v.Text.Key != "places.gone" {
		t.Errorf("a place that is gone = %v; want that said", v.Text)
	}
	k.press("finish").on(Places).press("finish").on(Shut)
}

func TestOpinion(t *testing.T) {
	for _, tt := range []struct {
		path []string
		want sheet.Sheet
	}{
		{[]string{"opinion", "good", "yes"}, sheet.New(sheet.KindExit).Set("satisfied", "good").Set("useful", "yes")},
		{[]string{"opinion", "bad", "skip"}, sheet.New(sheet.KindExit).Set("satisfied", "bad")},
		{[]string{"opinion", "bad", "back", "fair", "no"}, sheet.New(sheet.KindExit).Set("satisfied", "fair").Set("useful", "no")},
		{[]string{"fr", "back", "opinion", "good", "partly"}, sheet.New(sheet.KindExit).Set("satisfied", "good").Set("useful", "partly")},
	} {
		k := newKiosk(t).press(tt.path...).on(Thanks)
		got := want[SubmitOpinion](k)
		if len(got) != 1 || !got[0].Sheet.Equal(tt.want) {
			t.Fatalf("%v = %v; want one opinion as pressed", tt.path, k.wants)
		}
		if _, err := got[0].Sheet.Encode(sheet.Exit()); err != nil {
			t.Errorf("%v: Encode = %v; want it to fit its schema", tt.path, err)
		}
		k.press("finish").on(Language)
		if got, want := Bare(k.s), New(); !reflect.DeepEqual(got, want) {
			t.Errorf("for the next visitor = %+v; want %+v", got, want)
		}
	}
	k := newKiosk(t).press("opinion").wait(75 * time.Second).wait(30 * time.Second)
	if len(want[SubmitOpinion](k)) > 0 {
		t.Error("an opinion that nobody gave was sent")
	}
}

// TestEveryScreenByButtons: four buttons lead to every screen, and away from it.
func TestEveryScreenByButtons(t *testing.T) {
	came, left := map[ScreenID]bool{}, map[ScreenID]bool{}
	seen := map[string]bool{}
	var queue []*kiosk
	for i, taking := range []bool{true, false, true} {
		k := newKiosk(t)
		k.c.Late = i == 2
		k.c.Buttons, k.c.Taking, k.c.Workshop, k.c.Home, k.c.Ahead = fourButtons(), taking, true, true, 0
		k.c.Motifs = []string{"caf", "telephone"}
		k.c.Courses = courses(k.c.Now.Wall)
		queue = append(queue, k)
	}
	for len(queue) > 0 {
		k := queue[0]
		queue = queue[1:]
		v := View(k.s, k.c)
		came[v.ID] = true
		// The same screen again is none when it offers the same.
		_, forOther := k.s.Chosen()
		if what := fmt.Sprint(v.ID, keysOf(v.Choices), k.c.Taking, k.c.Late, forOther, k.s.Visit.IsZero(), Answers(k.s).Empty()); seen[what] {
			continue
		} else {
			seen[what] = true
		}
		keys := []string{"restart", "settings", "help"}
		if v.ID != Motif && v.ID != Ticket {
			keys = keys[:1]
		}
		for _, p := range enabled(v) {
			if slices.Contains(bar(), p.Key) && !slices.Contains(keys, p.Key) {
				continue
			}
			next := *k
			if next.walk(p.Key); next.s.Screen != v.ID {
				left[v.ID] = true
			}
			queue = append(queue, &next)
		}
	}
	for id := range everyScreen() {
		switch id {
		case MoreTime, Erased, Sorry: // nobody presses to come there
			continue
		}
		if !came[id] || !left[id] {
			t.Errorf("%s: reached %v, left %v; want both by buttons alone", id, came[id], left[id])
		}
	}
}

// TestFirstScreen: « retour » to the first screen drops the language alone; « début »
// and the end of a visit leave it as everybody finds it.
func TestFirstScreen(t *testing.T) {
	tuned := []string{"bigger", "louder", "settings", "contrast", "dark", "skip", "voice", "aloud", "settings"}
	for _, tt := range []struct {
		name  string
		given []string
		fresh bool
	}{
		{"back from the motifs", append([]string{"ar"}, append(tuned, "back")...), false},
		{"back, from the second page of motifs", append([]string{"ar", "more"}, append(tuned, "back", "back")...), false},
		{"back from the opinion", append([]string{"opinion"}, append(tuned, "back")...), false},
		{"back with nothing given or set", []string{"ar", "back"}, true},
		{"restart", append([]string{"ar"}, append(tuned, "restart")...), true},
		{"restart, with something said", append([]string{"ar", "for_other"}, append(tuned, "restart", "yes")...), true},
		{"back, and restart from there", append([]string{"ar", "for_other"}, append(tuned, "back", "restart", "yes")...), true},
		{"back with settings alone, and restart from there", append([]string{"ar"}, append(tuned, "back", "restart")...), true},
		{"finished, with a ticket", append([]string{"ar", "caf"}, append(tuned, "restart", "yes")...), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKiosk(t).press(tt.given...).on(Language)
			if _, other := k.s.Chosen(); k.s.Lang != "" || (k.s.Tuning == New().Tuning) != tt.fresh || k.s.Idle() != tt.fresh || other {
				t.Errorf("the first screen is in %q, %+v, idle %v; want no language chosen, usual and idle %v", k.s.Lang, k.s.Tuning, k.s.Idle(), tt.fresh)
			}
			fresh := newKiosk(t)
			if got, want := View(k.s, k.c).Choices, View(fresh.s, fresh.c).Choices; !reflect.DeepEqual(got, want) {
				t.Errorf("its languages = %v; want %v", got, want)
			}
			// What the ear then says is every language in its own, French first.
			volume := k.s.Volume
			said := want[Speak](k.press("repeat"))
			if len(said) != 1 || said[0].Lang != words.French || said[0].Volume != volume || len(said[0].Then) < 2 {
				t.Errorf("the ear says %+v; want each language, the first in French, as loud as was asked", said)
			}
		})
	}
	t.Run("what was kept is forgotten after a silence", func(t *testing.T) {
		for _, given := range [][]string{{"ar", "for_other", "back"}, {"opinion", "bad", "back", "back"}, {"ar", "bigger", "back"}} {
			k := newKiosk(t).press(given...).on(Language).wait(75 * time.Second).on(MoreTime).wait(30 * time.Second).wait(30 * time.Second).on(Language)
			if got, want := Bare(k.s), New(); !reflect.DeepEqual(got, want) {
				t.Errorf("after %v and a silence = %+v; want %+v", given, got, want)
			}
		}
	})
	t.Run("a slip that was printed is forgotten, too", func(t *testing.T) {
		k := newKiosk(t)
		k.c.Taking = false
		if k.press("fr", "places", "place_0", "print", "back", "back", "back").on(Language); k.s.Idle() {
			t.Error("idle with a slip of this visitor; want a silence to forget it")
		}
	})
	t.Run("who listens and who has switches still can", func(t *testing.T) {
		k := newKiosk(t).press("ar", "settings", "scan", "scan_two", "settings", "repeat", "restart").on(Language)
		if k.s.Scan != ScanTwo || !k.s.Listening || k.s.Lang != "" {
			t.Errorf("scan %v, listening %v, in %q; want both kept, and no language", k.s.Scan, k.s.Listening, k.s.Lang)
		}
		if said := want[Speak](k); len(said) != 1 || len(said[0].Then) < 2 {
			t.Errorf("then %v; want the languages said", k.wants)
		}
	})
	t.Run("another page of languages is no new beginning", func(t *testing.T) {
		k := newKiosk(t)
		k.c.Slots = 2
		k.press("bigger", "more", "back").on(Language)
		if k.s.Size != SizeL {
			t.Errorf("size = %v; want the one asked for on this screen", k.s.Size)
		}
	})
}
