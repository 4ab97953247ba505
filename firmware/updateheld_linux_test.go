package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/gpiopanel"
	"jeudi/firmware/journal"
	"jeudi/firmware/session"
	"jeudi/provisioning/firstboot"
	"jeudi/provisioning/site"
)

// A press is one button that is down for a while, counted from the start.
type press struct {
	button   drivers.Action
	from, to time.Duration
}

// A pressedPanel is a panel on which hands and faults press, by a table.
type pressedPanel struct {
	start   time.Time
	presses []press
	known   time.Duration // when every button is known
	lights  []drivers.Light
}

func (p *pressedPanel) Down() (down []drivers.Action, known bool) {
	at := time.Since(p.start)
	if at < p.known {
		return nil, false
	}
	for _, b := range p.presses {
		if at >= b.from && at < b.to {
			down = append(down, b.button)
		}
	}
	return down, true
}

// Light keeps what the lamp of OK, which every panel has, was told.
func (p *pressedPanel) Light(lights [drivers.Actions]drivers.Light) error {
	p.lights = append(p.lights, lights[drivers.OK])
	return nil
}

// together is both of a pair down at once.
func together(pair []drivers.Action, from, to time.Duration) (all []press) {
	for _, b := range pair {
		all = append(all, press{b, from, to})
	}
	return all
}

// TestHeldAtStart: who holds previous and next for three seconds wants the version before;
// who holds OK and repeat for ten, lets go and holds them again wants everything erased.
// Whatever is less is nothing, and a start that nobody wants anything of does not wait.
func TestHeldAtStart(t *testing.T) {
	const (
		s       = time.Second
		ms      = time.Millisecond
		ever    = time.Hour
		settled = 15 * ms
		between = 2 * s // between the two times
	)
	back, erase := backButtons(), eraseButtons()
	first := together(erase, 0, eraseFor+s)
	again := eraseFor + s + between // when the second time begins
	twice := func(second time.Duration) []press {
		return slices.Concat(first, together(erase, again, again+second))
	}
	on, blink, wink, off := drivers.On, drivers.Blink, drivers.Wink, drivers.Off
	tests := []struct {
		name    string
		presses []press
		known   time.Duration
		tickets bool
		want    wish
		within  time.Duration
		lights  []drivers.Light
		said    []string
	}{
		{name: "nobody", want: nothing, within: settled},
		{name: "a panel that never says what it is", known: ever, want: nothing, within: knownWithin},
		{name: "previous and next held", presses: together(back, 0, ever), want: goBack, within: heldFor + s},
		{name: "they are held, and known late", presses: together(back, 0, ever), known: 800 * ms, want: goBack, within: heldFor + s},
		{name: "let go", presses: together(back, 0, 2*s), want: nothing, within: 2*s + 100*ms},
		{name: "too late", presses: together(back, s, ever), want: nothing, within: settled},
		{name: "the whole panel leaned on", presses: slices.Concat(together(back, 0, ever), together(erase, 0, ever)), want: goBack, within: heldFor + s},

		{name: "erase: held, let go, held again", presses: twice(ever), want: eraseAll, within: again + eraseFor + s,
			lights: []drivers.Light{on, blink, on, off}, said: []string{eraseFirst, eraseConfirm, eraseSecond, ""}},
		{name: "erase: OK and previous are another pair", presses: together([]drivers.Action{drivers.OK, drivers.Previous}, 0, ever), want: nothing, within: settled},
		{name: "erase: one alone", presses: together(erase[:1], 0, ever), want: nothing, within: settled},
		{name: "erase: a third button is down", presses: slices.Concat(first, []press{{drivers.Help, 0, ever}}), want: nothing, within: settled},
		{name: "erase: a third button comes", presses: slices.Concat(first, []press{{drivers.Next, 4 * s, 5 * s}}), want: nothing, within: 4*s + 100*ms,
			lights: []drivers.Light{on, off}, said: []string{eraseFirst, ""}},
		{name: "erase: held too short", presses: together(erase, 0, eraseFor-100*ms), want: nothing, within: eraseFor,
			lights: []drivers.Light{on, off}, said: []string{eraseFirst, ""}},
		{name: "erase: one let go", presses: []press{{erase[0], 0, ever}, {erase[1], 0, 6 * s}}, want: nothing, within: 6*s + 100*ms,
			lights: []drivers.Light{on, off}, said: []string{eraseFirst, ""}},
		{name: "erase: never let go, as a shorted cable", presses: together(erase, 0, ever), want: nothing, within: eraseFor + eraseAgain + s,
			lights: []drivers.Light{on, blink, off}, said: []string{eraseFirst, eraseConfirm, ""}},
		{name: "erase: one let go between, and not the other", presses: []press{{erase[0], 0, ever}, {erase[1], 0, eraseFor + s}, {erase[1], again, ever}}, want: nothing,
			within: eraseFor + eraseAgain + s, lights: []drivers.Light{on, blink, off}, said: []string{eraseFirst, eraseConfirm, ""}},
		{name: "erase: no second time", presses: first, want: nothing, within: eraseFor + eraseAgain + s,
			lights: []drivers.Light{on, blink, off}, said: []string{eraseFirst, eraseConfirm, ""}},
		{name: "erase: the second time too late", presses: slices.Concat(first, together(erase, eraseFor+eraseAgain+s, ever)), want: nothing,
			within: eraseFor + eraseAgain + s, lights: []drivers.Light{on, blink, off}, said: []string{eraseFirst, eraseConfirm, ""}},
		{name: "erase: the second time too short", presses: twice(eraseFor - 100*ms), want: nothing, within: again + eraseFor,
			lights: []drivers.Light{on, blink, on, off}, said: []string{eraseFirst, eraseConfirm, eraseSecond, ""}},
		{name: "erase: another pair the second time", presses: slices.Concat(first, together(back, again, ever)), want: nothing,
			within: eraseFor + eraseAgain + s, lights: []drivers.Light{on, blink, off}, said: []string{eraseFirst, eraseConfirm, ""}},
		{name: "erase: people have tickets", presses: twice(ever), tickets: true, want: eraseRefused, within: eraseFor + eraseSaid + s,
			lights: []drivers.Light{on, wink, off}, said: []string{eraseFirst, eraseOpen, ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &pressedPanel{start: time.Now(), presses: tt.presses, known: max(tt.known, settled)}
				var said []string
				got := wished(p, func() bool { return tt.tickets }, func(line string) { said = append(said, line) })
				if took := time.Since(p.start); got != tt.want || took > tt.within {
					t.Errorf("wished() = %v after %v; want %v within %v", got, took, tt.want, tt.within)
				}
				if !slices.Equal(p.lights, tt.lights) || !slices.Equal(said, tt.said) {
					t.Errorf("lamps %v, screen %q; want %v, %q", p.lights, said, tt.lights, tt.said)
				}
			})
		})
	}
}

// TestHeldButtons: both panels for visitors have the buttons of both wishes, and no button is
// of two; the screen says how long.
func TestHeldButtons(t *testing.T) {
	for _, name := range []string{"visitor8", "visitor4"} {
		for _, a := range slices.Concat(backButtons(), eraseButtons()) {
			if !slices.ContainsFunc(layout(name, &site.Site{}).Buttons, func(b gpiopanel.Button) bool { return b.Action == a && b.Line != "" }) {
				t.Errorf("%s has no button %v", name, a)
			}
		}
	}
	for _, a := range eraseButtons() {
		if slices.Contains(backButtons(), a) {
			t.Errorf("%v is held for both", a)
		}
	}
	// The desk is told of them by the names that are on them.
	say := french(t)
	if said := say(firstboot.NoteResetOpen); !strings.Contains(said, "OK et Écouter") || !strings.Contains(eraseFirst, "OK et Écouter") {
		t.Errorf("the desk says %q, the screen %q; want the buttons named", said, eraseFirst)
	}
	if want := strconv.Itoa(int(eraseFor/time.Second)) + " secondes"; !strings.Contains(eraseConfirm, want) {
		t.Errorf("the screen says %q; want %q in it", eraseConfirm, want)
	}
}

// TestTicketsOf: what the desk refuses is refused to the buttons; what cannot be read may be
// somebody's ticket; and the journal is as it was.
func TestTicketsOf(t *testing.T) {
	defer func(was string) { memory = was }(memory)
	memory = t.TempDir()
	at := session.Moment{Wall: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	until := func(bodies ...session.Body) (events []session.Event) {
		for i, body := range bodies {
			events = append(events, session.Event{Seq: uint64(i + 1), Command: session.ID{byte(i + 1)}, At: at, Body: body})
		}
		return events
	}
	planned := session.PermanencePlanned{Plan: session.Plan{ID: session.ID{9}}}
	opened := session.PermanenceOpened{}
	ticket := session.TicketTaken{Act: session.Act{Visit: session.ID{7}}, Number: 1}
	tests := []struct {
		name   string
		events []session.Event
		broken bool
		want   bool
	}{
		{"a box that never ran", nil, false, false},
		{"planned, and nobody came", until(planned), false, false},
		{"not open, with a ticket", until(planned, ticket), false, true},
		{"open", until(planned, opened), false, true},
		{"gone to another box, and not closed here", until(planned, opened, ticket, session.PermanenceMoved{}), false, true},
		{"closed", until(planned, opened, ticket, session.PermanenceClosed{}), false, false},
		{"damaged", until(planned, opened), true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "journal.db")
			if len(tt.events) > 0 {
				j, _, err := journal.Open(dir)
				if err != nil {
					t.Fatal(err)
				}
				if err := j.Append(tt.events); err != nil {
					t.Fatal(err)
				}
				j.Close()
			}
			if tt.broken {
				if err := os.Truncate(file, 5000); err != nil {
					t.Fatal(err)
				}
			}
			before, _ := os.ReadFile(file)
			if got := ticketsOf(dir, slog.New(slog.DiscardHandler)); got != tt.want {
				t.Errorf("ticketsOf() = %v; want %v", got, tt.want)
			}
			after, _ := os.ReadFile(file)
			list, err := os.ReadDir(dir)
			if err != nil || string(after) != string(before) || len(list) > 1 {
				t.Errorf("the folder has %v, %v; want the journal as it was and nothing else", list, err)
			}
		})
	}
}
