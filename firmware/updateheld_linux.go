package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"jeudi/drivers"
	"jeudi/drivers/gpiopanel"
	"jeudi/firmware/journal"
	"jeudi/firmware/session"
	"jeudi/provisioning/card"
	"jeudi/provisioning/firstboot"
	"jeudi/provisioning/site"
	"jeudi/provisioning/update"
)

const (
	// knownWithin bounds the time until every button is known as up or down. It takes the
	// settle time of the panel, some hundredths of a second, which is all that a start costs
	// that nobody wants anything of.
	knownWithin = time.Second
	// chipWithin is how long the lines of the panel may be missing: a Pi 5 finds its own
	// header behind PCI Express, and a start may be faster.
	chipWithin = 2 * time.Second
	// heldEvery is how often held buttons are looked at.
	heldEvery = 50 * time.Millisecond

	// heldFor is how long previous and next are held while the box starts, so that the
	// version before comes back. It is the time of staff's chord.
	heldFor = 3 * time.Second

	// eraseFor is how long OK and repeat are held while the box starts, twice, so that
	// everything is erased: longer than anybody leans on a panel.
	eraseFor = 10 * time.Second
	// eraseAgain is how long after the first time all buttons have to be up, and then the
	// two down for the second time: a wire that is shorted or a hand that rests never does it.
	eraseAgain = 10 * time.Second
	// eraseSaid is how long the screen says that nothing is erased, and the lamps with it.
	eraseSaid = 6 * time.Second
	// restartWithin is how long a restart may take to end this program.
	restartWithin = time.Minute
)

// backButtons are held together for the version before.
func backButtons() []drivers.Action { return []drivers.Action{drivers.Previous, drivers.Next} }

// eraseButtons are held together to erase everything: two that both panels for visitors
// have, and neither of them one of backButtons. All others have to be up.
func eraseButtons() []drivers.Action { return []drivers.Action{drivers.OK, drivers.Repeat} }

// What the screen says meanwhile.
const (
	eraseFirst   = "Vous tenez OK et Écouter. Lâchez : rien ne s’efface."
	eraseConfirm = "Lâchez les deux boutons. Pour tout effacer, tenez-les encore 10 secondes."
	eraseSecond  = "Tout va être effacé. Lâchez pour arrêter."
	eraseOpen    = "Rien n’est effacé : une permanence est ouverte. Fermez-la d’abord."
	eraseNow     = "La borne redémarre et efface tout."
)

// A wish is what somebody wants who holds buttons while the box starts.
type wish int

const (
	nothing wish = iota
	goBack
	eraseAll
	eraseRefused // it was wanted, and people have tickets
)

// A heldPanel is what a start asks of a panel.
type heldPanel interface {
	Down() (down []drivers.Action, known bool)
	Light([drivers.Actions]drivers.Light) error
}

// wished is what those want who hold buttons. tickets reports whether somebody holds a
// ticket, and is asked only when it matters; say shows a line for people, "" for none.
func wished(p heldPanel, tickets func() bool, say func(string)) wish {
	down, known := p.Down()
	for from := time.Now(); !known && time.Since(from) < knownWithin; down, known = p.Down() {
		time.Sleep(time.Millisecond)
	}
	switch {
	case contains(down, backButtons()):
		// Whatever else is down: a button may be the fault that is to be mended.
		if stay(p, heldFor, func(down []drivers.Action) bool { return contains(down, backButtons()) }) {
			return goBack
		}
	case theErasing(down):
		defer light(p, drivers.Off)
		defer say("")
		return eraseWished(p, tickets, say)
	}
	return nothing
}

// eraseWished is the whole of a wish to erase, from when the two buttons are down.
func eraseWished(p heldPanel, tickets func() bool, say func(string)) wish {
	say(eraseFirst)
	light(p, drivers.On)
	if !stay(p, eraseFor, theErasing) {
		return nothing
	}
	if tickets() {
		say(eraseOpen)
		light(p, drivers.Wink)
		time.Sleep(eraseSaid)
		return eraseRefused
	}
	say(eraseConfirm)
	light(p, drivers.Blink)
	up := false
	for from := time.Now(); time.Since(from) < eraseAgain; time.Sleep(heldEvery) {
		down, _ := p.Down()
		up = up || len(down) == 0
		if up && theErasing(down) {
			say(eraseSecond)
			light(p, drivers.On)
			if !stay(p, eraseFor, theErasing) {
				return nothing
			}
			return eraseAll
		}
	}
	return nothing
}

// contains reports whether all of some buttons are among those that are down.
func contains(down, want []drivers.Action) bool {
	return !slices.ContainsFunc(want, func(a drivers.Action) bool { return !slices.Contains(down, a) })
}

// theErasing reports whether the buttons that erase are down, and no other.
func theErasing(down []drivers.Action) bool {
	return len(down) == len(eraseButtons()) && contains(down, eraseButtons())
}

// stay reports whether buttons stay as they have to be for so long.
func stay(p heldPanel, long time.Duration, as func(down []drivers.Action) bool) bool {
	for from := time.Now(); time.Since(from) < long; time.Sleep(heldEvery) {
		if down, _ := p.Down(); !as(down) {
			return false
		}
	}
	return true
}

// light gives every lamp of the visitor's panel a light: of the two buttons one may have none.
// A lamp that is not there is no reason not to look at buttons.
func light(p heldPanel, l drivers.Light) {
	var lights [drivers.Actions]drivers.Light
	for a := range drivers.VisitorActions {
		lights[a] = l
	}
	p.Light(lights)
}

// ifHeld does what somebody wants who holds buttons of the visitor's panel while the box
// starts: the version before comes back, for one that works for the box and not for people;
// or everything is erased, as a file RESET on the start partition would do it. It asks no
// program but this one, and a panel that cannot be read asks for nothing. say shows a line
// on the screen; the notes are for the desk. Once closing is done the box may open the panel.
func ifHeld(b *update.Box, log *slog.Logger, say func(string), closing *sync.WaitGroup) (notes []firstboot.Note) {
	text, err := os.ReadFile(filepath.Join(card.SiteDir, card.SiteFile))
	if err != nil {
		return nil // no site yet, and so no panel
	}
	s, err := site.Parse(card.SiteFile, text)
	if err != nil || s.Devices.Panel != "gpio:" {
		return nil
	}
	panel, err := openSoon(panelConfig(s, ""))
	if err != nil {
		log.Warn("buttons not looked at", "err", err)
		return nil
	}
	wants := wished(panel, func() bool { return ticketsOf(card.BoxDir, log) }, say)
	closing.Go(func() { panel.Close() }) // which waits for its lines
	switch wants {
	case goBack:
		if b == nil {
			return nil // why there are no updates has been said
		}
		if err := b.Rollback(update.Health{Site: true}); err != nil && !errors.Is(err, context.Canceled) {
			log.Warn("no version to go back to", "err", err)
		}
	case eraseRefused:
		log.Warn("buttons held to erase everything: nothing is erased while a permanence is open")
		return []firstboot.Note{{Key: firstboot.NoteResetOpen}}
	case eraseAll:
		log.Warn("buttons held to erase everything: the next start does it")
		say(eraseNow)
		if err := askReset(); err != nil {
			log.Error("buttons held to erase everything: the start partition takes nothing", "err", err)
			return []firstboot.Note{{Key: firstboot.NoteNoReset}}
		}
		if err := restartCard(""); err != nil {
			// A box that went on would take tickets, which the next start erases.
			log.Error("buttons held to erase everything: restarted at once", "err", err)
			unix.Sync()
			unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
		}
		// Nothing opens the data any more, and the screen goes on saying so.
		ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		select {
		case <-ended.Done():
		case <-time.After(restartWithin):
			log.Error("buttons held to erase everything: restarted at once", "err", errors.New("nothing ended this program"))
			unix.Sync()
			unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
		}
	}
	return nil
}

// openSoon opens a panel, whose lines may come a moment later than the start.
func openSoon(c gpiopanel.Config) (*gpiopanel.Panel, error) {
	for from := time.Now(); ; time.Sleep(heldEvery) {
		p, err := gpiopanel.Open(c)
		missing := errors.Is(err, gpiopanel.ErrNoChip) || errors.Is(err, gpiopanel.ErrNoLine)
		if !missing || time.Since(from) >= chipWithin {
			return p, err
		}
	}
}

// askReset asks for everything to be erased: the next start does it, before anything reads
// the data.
func askReset() error {
	change := func(do func(name string) error) error {
		return firstboot.WriteStart(card.StartDir, func(dir string) error { return do(filepath.Join(dir, card.ResetFile)) })
	}
	err := change(func(name string) error { return card.WriteFile(name, nil, 0o644) })
	if err != nil { // what is refused now must not be obeyed by a later start
		err = errors.Join(err, change(card.RemoveFile))
	}
	return err
}

// ticketsOf reports whether the permanence in a box's folder is one that cannot be erased:
// somebody holds a ticket, or what is there cannot be read. It reads a copy in memory, so
// that the box itself finds the journal as it was.
func ticketsOf(folder string, log *slog.Logger) bool {
	events, err := eventsOf(folder)
	if err != nil {
		log.Error("buttons held to erase everything: the journal cannot be read, and may hold tickets", "err", err)
		return true
	}
	return taken(after(events))
}

func eventsOf(folder string) ([]session.Event, error) {
	const file = "journal.db"
	raw, err := os.ReadFile(filepath.Join(folder, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // a box that never ran
	}
	dir := ""
	if err == nil {
		dir, err = os.MkdirTemp(memory, "jeudi-held")
	}
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, file), raw, 0o600); err != nil {
		return nil, err
	}
	j, aside, err := journal.Open(dir)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if aside != "" {
		return nil, errors.New("the journal is damaged")
	}
	return j.All()
}

// memory is a folder that is gone at the next start; tests have another.
var memory = "/run"
