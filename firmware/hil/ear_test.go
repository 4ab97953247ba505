package hil

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience is how soon a press must be heard. A box answers within some tens of
// milliseconds; an emulated processor takes seconds to unpack what is said, and
// the box gives up what takes more than ten. What was unpacked by then it keeps.
const patience = 12 * time.Second

// blind is somebody who sees nothing: they press buttons and listen. The kiosk's
// screen is only read, to know what they are told.
type blind struct {
	t       *testing.T
	r       *rig
	k       *kiosk
	e       *ear
	presses int
	again   int             // of them, on « repeat » because nothing was heard
	screens []time.Duration // from a press in silence to a new screen's first word
	names   []time.Duration // the same to the name of a choice
	last    time.Time       // of the last press, as the box had it
}

// silence waits until nothing is said.
func (v *blind) silence() {
	v.t.Helper()
	v.e.await("what is said ends", func() bool { return v.e.quiet(600 * time.Millisecond) })
}

// press presses a button and returns the screen that then is as asked.
func (v *blind) press(line int, what string, as func(screen) bool) screen {
	v.t.Helper()
	v.presses++
	time.Sleep(calm - time.Since(v.last))
	var s screen
	v.r.press(v.t, line, func() { s = v.k.await("what "+what+" leads to", as) })
	v.last = time.Now()
	return s
}

// hear presses a button and hears what is said: in silence, or after what was said
// before is cut. Whoever hears nothing presses « repeat », as the box tells them to.
// How long it took in silence is added to took.
func (v *blind) hear(took *[]time.Duration, line int, what string, as func(screen) bool) screen {
	v.t.Helper()
	time.Sleep(calm - time.Since(v.last))
	from, begun := v.e.windows(), time.Now()
	silent := v.e.hears(0, func() bool { return v.e.quiet(100 * time.Millisecond) })
	s, measured := v.press(line, what, as), silent
	var at time.Time
	for tries := 1; !v.e.hears(patience, func() bool {
		since := from
		if !silent { // the old voice stops first
			since = v.e.gap(from)
		}
		var ok bool
		at, ok = v.e.sound(since)
		return ok
	}); tries++ {
		if tries == 3 {
			v.t.Fatalf("press %d, %s: nothing is heard within %v, nor of « repeat »", v.presses, what, patience)
		}
		v.again++
		from, silent = v.e.windows(), true
		v.press(Repeat, "« repeat »", func(now screen) bool { return now.Turn != s.Turn })
	}
	if measured {
		*took = append(*took, at.Sub(begun))
	}
	return s
}

// find presses a button until a choice is named.
func (v *blind) find(line int, key string) {
	v.t.Helper()
	for range 15 {
		before := v.k.shows()
		if before.Focus == key {
			return
		}
		s := v.hear(&v.names, line, "going on to "+key, func(s screen) bool { return s.Focus != before.Focus })
		if s.ID != before.ID || !s.Listening {
			v.t.Fatalf("going on to %s leads to %+v; want to stay on %s, and be heard", key, s, before.ID)
		}
		if s.Turn != before.Turn+1 && s.ID != "thanks" { // which hears of the sheet meanwhile
			v.t.Errorf("one press on %s made %d turns; want 1", s.ID, s.Turn-before.Turn)
		}
	}
	v.t.Fatalf("%s is not among what is named on %s", key, v.k.shows().ID)
}

// choose finds a choice and chooses it; it leads to the screen next, which somebody
// patient hears.
func (v *blind) choose(key, next string, patient bool) {
	v.t.Helper()
	v.find(Next, key)
	before := v.k.shows()
	leads := func(s screen) bool { return s.ID == next && s.Turn != before.Turn && s.Focus == "" }
	var s screen
	if patient {
		v.silence()
		s = v.hear(&v.screens, OK, "choosing "+key, leads)
	} else {
		s = v.press(OK, "choosing "+key, leads)
	}
	if !strings.Contains(s.Say, " choix.") {
		v.t.Errorf("after %s is said: %q; want how many choices there are", key, s.Say)
	}
}

// sectors counts the sectors of a file that changed; each waiting sheet is one.
func sectors(before, after string) int {
	const sector = 512
	if len(before) != len(after) || len(before) == 0 || len(before)%sector != 0 {
		return -1
	}
	n := 0
	for i := 0; i < len(before); i += sector {
		if before[i:i+sector] != after[i:i+sector] {
			n++
		}
	}
	return n
}

// exitLines gives the lines of the lamps to buttons, which are up.
func (r *rig) exitLines(t *testing.T) {
	t.Helper()
	base := strings.TrimSpace(r.must(t, "cat /sys/class/gpio/gpiochip*/base"))
	for _, line := range []int{Good, Fair, Bad} {
		// The chip takes no level for a line that the guest drove last.
		r.must(t, fmt.Sprintf("cd /sys/class/gpio; n=$((%s+%d)); echo $n >export; echo in >$(ls -d gpio$n %s 2>/dev/null | head -1)/direction; echo $n >unexport",
			base, line, LineNames()[line]))
		if _, err := r.Set(line, true); err != nil {
			t.Fatal(err)
		}
	}
}

// testNoScreen is a box whose screen nobody uses.
func testNoScreen(t *testing.T, r *rig) {
	r.plugUSB(t)
	r.exitLines(t)
	jack, err := r.Jack(within(t))
	if err != nil {
		t.Fatal(err)
	}
	defer jack.Close()
	b := r.startSite(t, siteFile("escpos:/dev/usb/lp0", "[sound]\nheadphones = \"hw:Loopback,0,1\"\n"+fourAndExit))
	r.steps(t,
		step{"the whole path by ear and buttons alone", func(t *testing.T, r *rig) { testByEar(t, r, b) }},
		step{"headphones have the voice to themselves", func(t *testing.T, r *rig) { testHeadphones(t, r, b, jack) }},
	)
}

// testByEar is the visit of somebody who sees nothing, from the first word to the
// opinion at the way out: no browser, no finger on the screen.
func testByEar(t *testing.T, r *rig, b *box) {
	v := &blind{t: t, r: r, k: r.wired(t, b), e: r.listen(t, loudspeaker)}
	const sheets, opinions = "/run/data/pending", "/run/data/exit/pending" // where they wait to be counted
	waiting := func(file string) string { return r.must(t, "cat "+file) }
	visitors, leaving := waiting(sheets), waiting(opinions)

	v.silence()
	begun := time.Now()
	first := v.k.shows()
	if s := v.hear(&v.screens, Repeat, "« repeat »", func(s screen) bool { return s.Turn != first.Turn }); s.Turn != first.Turn+1 || !s.Listening {
		t.Errorf("« repeat » leads to %+v; want one turn, and listening", s)
	}
	v.choose("fr", "motif", true)
	v.find(Next, "impots")
	v.silence()
	v.find(Previous, "caf")
	v.choose("caf", "ticket", true)
	if sheet := printed(t, r.usb, 1); !strings.Contains(sheet, "Centre social") {
		t.Errorf("the ticket says\n%s\nwant the place's name on it", sheet)
	}
	// Who knows the way does not wait for what is said.
	v.choose("questions", "question", false)
	v.choose("no", "question", false) // no Internet: what is hard is the next
	v.find(Next, "peur")
	named := v.k.shows().Turn
	v.press(OK, "choosing peur", func(s screen) bool { return s.Focus == "peur" && s.Turn != named })
	v.choose("done", "result", true)
	v.choose("go_on", "share", false)
	v.choose("no", "question", false)
	v.choose("skip", "recap", false)
	v.choose("send", "thanks", false)
	// Whoever is done leaves: the box says nothing more to them, but falls silent.
	v.find(Next, "finish")
	v.press(OK, "leaving", func(s screen) bool { return s.ID == "language" && !s.Listening })
	until(t, "the sheet is kept", func() bool { return sectors(visitors, waiting(sheets)) == 1 })
	visit, presses := time.Since(begun), v.presses

	// On the way out: good, and yes it was useful. Without the second press the box
	// counts after 20 s.
	opinion := time.Now()
	for _, what := range []string{"« good »", "« yes »"} {
		time.Sleep(2 * calm) // for a second it is the same finger
		from := v.e.windows()
		v.presses++
		r.press(t, Good, func() {
			if !v.e.hears(patience, func() bool { _, ok := v.e.sound(v.e.gap(from)); return ok }) {
				t.Fatalf("%s: nothing is heard within %v", what, patience)
			}
		})
	}
	until(t, "the opinion is counted", func() bool { return sectors(leaving, waiting(opinions)) == 1 })
	if took := time.Since(opinion); took > 20*time.Second {
		t.Logf("report: the opinion was counted after %.0f s: this host is too slow to tell that both presses were", took.Seconds())
	}

	if got := len(sheetsOf(r.usb, 1)) + len(sheetsOf(r.usb, 2)); got != 1 {
		t.Errorf("%d tickets came out of the printer; want 1", got)
	}
	if got := v.k.shows(); got.ID != "language" || got.Listening {
		t.Errorf("the way out leads the kiosk to %+v; want it to wait", got)
	}
	slices.Sort(v.names)
	slices.Sort(v.screens)
	t.Logf("report: by ear alone: %d presses in %.0f s, %d of them because nothing was heard, and %d on the way out; none lost", presses, visit.Seconds(), v.again, v.presses-presses)
	t.Logf("report: press → first word, in silence: of a name, %d presses, half within %.0f ms, all within %.0f; of a screen, %d presses, half within %.0f ms, all within %.0f",
		len(v.names), ms(v.names[len(v.names)/2]), ms(v.names[len(v.names)-1]), len(v.screens), ms(v.screens[len(v.screens)/2]), ms(v.screens[len(v.screens)-1]))
}

// testHeadphones moves the voice from the room to headphones, and back.
func testHeadphones(t *testing.T, r *rig, b *box, jack *Jack) {
	k := r.wired(t, b)
	room, ears := r.listen(t, loudspeaker), r.listen(t, headphones)
	plug := func(in bool) {
		t.Helper()
		if err := jack.Plug(in); err != nil {
			t.Fatal(err)
		}
	}
	// hear presses a button that the one hears something of, and the other nothing.
	hear := func(what string, line int, hears, not *ear) {
		t.Helper()
		not.await(what+": the other falls silent", func() bool { return not.quiet(300 * time.Millisecond) })
		turn, from, silent := k.shows().Turn, hears.windows(), not.windows()
		r.press(t, line, func() { k.after(turn) })
		if !hears.hears(patience, func() bool { _, ok := hears.sound(from); return ok }) {
			t.Fatalf("%s: nothing is heard within %v", what, patience)
		}
		time.Sleep(calm)
		if pcm := not.recorded(silent); rms(pcm) >= 1 {
			t.Errorf("%s: the other hears it, too, RMS %.0f; want silence", what, rms(pcm))
		}
	}
	hear("a press without headphones", Repeat, room, ears)
	turn, from := k.shows().Turn, ears.windows()
	plug(true)
	room.await("the room falls silent", func() bool { return room.quiet(300 * time.Millisecond) })
	k.after(turn)
	ears.await("the headphones hear the screen", func() bool { _, ok := ears.sound(from); return ok })
	hear("a press with headphones", Next, ears, room)
	plug(false)
	ears.await("the headphones are silent", func() bool { return ears.quiet(time.Second) })
	hear("a press after they were pulled", Repeat, room, ears)
}

// TestSectors checks what counted sheets are counted with.
func TestSectors(t *testing.T) {
	empty, one := strings.Repeat("\x00", 2048), strings.Repeat("\x00", 600)+"x"+strings.Repeat("\x00", 1447)
	for _, tt := range []struct {
		name          string
		before, after string
		want          int
	}{
		{"nothing changed", empty, empty, 0},
		{"one byte of a sector", empty, one, 1},
		{"all of them", empty, strings.Repeat("x", 2048), 4},
		{"a file that grew", empty, empty + empty, -1},
		{"nothing at all", "", "", -1},
		{"what is no file of sectors", "no such file", "no such file", -1},
	} {
		if got := sectors(tt.before, tt.after); got != tt.want {
			t.Errorf("%s: sectors() = %d; want %d", tt.name, got, tt.want)
		}
	}
}
