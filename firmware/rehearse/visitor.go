package rehearse

import (
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// visitor is somebody in front of the kiosk: a plan, and what they remember.
type visitor struct {
	person
	rng      *rand.Rand
	ticket   int // the number that the kiosk showed; 0 before
	answered int
	asked    bool // for help
	sorry    int
	heard    string // the screen that was listened to
	done     deeds
	tuned    bool // has chosen colours
}

// deeds are what visitors did at the kiosk besides taking a ticket.
type deeds struct{ Sheets, Erased, Tuned, Slips, Opinions int }

func (d *deeds) add(o deeds) {
	d.Sheets += o.Sheets
	d.Erased += o.Erased
	d.Tuned += o.Tuned
	d.Slips += o.Slips
	d.Opinions += o.Opinions
}

func newVisitor(p person) *visitor {
	return &visitor{person: p, rng: rand.New(rand.NewPCG(p.Seed, 1))}
}

// leave is the key of walking away.
const leave = ""

// stopAfter is how many questions those answer who do not answer all.
const stopAfter = 2

// choose is what the visitor presses on a screen: a key of it, or leave.
func (p *visitor) choose(v kioskView) string {
	if len(v.Choices) == 0 {
		return leave // there is always something to choose; the script reports where it stopped
	}
	if p.AsksHelp && !p.asked && v.ID == "motif" && v.has("help") {
		p.asked = true
		return "help"
	}
	switch v.ID {
	case "language":
		if p.ticket != 0 {
			if p.Opinion && p.done.Opinions == 0 && v.has("opinion") {
				return "opinion"
			}
			return leave // has finished, the silence was too long, or the box has restarted
		}
		if !v.has(p.Lang) && !v.has("more") {
			return v.Choices[0].Key
		}
		return orMore(v, p.Lang)
	case "motif":
		if p.Tunes && p.done.Tuned == 0 && v.has("settings") {
			p.done.Tuned++
			return "settings"
		}
		if other, ok := v.find("for_other"); ok && other.Selected != p.ForOther {
			return "for_other"
		}
		if p.Motif == "" {
			return "skip"
		}
		if !v.has(p.Motif) && !v.has("more") {
			return "skip"
		}
		return orMore(v, p.Motif)
	case "ticket":
		switch p.After {
		case answers, stopsHalfway, walksOffHalfway:
			if p.answered == 0 && v.has("questions") {
				return "questions"
			}
		case walksOff:
			return leave
		case stepsOut:
			if v.has("back_at") || v.has("more") {
				return orMore(v, "back_at")
			}
		}
		return "skip"
	case "workshop", "crowded": // a lesson may be enough, or no time left; whoever came waits all the same
		if v.has("ticket") {
			return "ticket"
		}
		return "skip"
	case "settings":
		if !p.tuned && v.has("contrast") {
			return "contrast"
		}
		return "go_on"
	case "settings_contrast":
		if p.tuned {
			return "skip"
		}
		p.tuned = true
		return v.Choices[len(v.Choices)-1].Key
	case "back_at":
		return v.Choices[p.rng.IntN(min(2, len(v.Choices)))].Key
	case "question":
		if p.answered >= stopAfter && p.After != answers {
			if p.After == walksOffHalfway {
				return leave
			}
			return "skip"
		}
		if v.has("done") && p.rng.IntN(3) > 0 { // of several answers, enough are given
			p.answered++
			return "done"
		}
		key := v.Choices[p.rng.IntN(len(v.Choices))].Key
		if key != "more" {
			p.answered++
		}
		return key
	case "result":
		switch {
		case p.Slip && p.done.Slips == 0 && v.has("places"):
			return "places"
		case v.has("go_on"):
			return "go_on"
		}
		return v.Choices[0].Key
	case "places":
		if key := v.Choices[p.rng.IntN(len(v.Choices))].Key; p.done.Slips == 0 && p.Slip {
			return key
		}
		return "skip"
	case "place":
		switch {
		case p.done.Slips > 0:
		case v.has("print"):
			return "print"
		default:
			p.Slip = false // the printer says no
		}
		return "finish"
	case "slip":
		p.done.Slips++
		return v.Choices[p.rng.IntN(len(v.Choices))].Key
	case "opinion":
		return v.Choices[p.rng.IntN(len(v.Choices))].Key
	case "opinion_useful":
		p.done.Opinions++
		if p.rng.IntN(5) == 0 {
			return "skip"
		}
		return v.Choices[p.rng.IntN(len(v.Choices))].Key
	case "share":
		return v.Choices[p.rng.IntN(len(v.Choices))].Key
	case "recap":
		if p.rng.IntN(100) < 15 {
			p.done.Erased++
			return "erase"
		}
		p.done.Sheets++
		return "send"
	case "thanks", "erased":
		if wants := p.Opinion && p.done.Opinions == 0; !wants && p.rng.IntN(2) == 0 {
			return leave
		}
		return "finish"
	case "confirm":
		return "no"
	case "help":
		return "go_on"
	case "more_time":
		return "yes"
	case "sorry":
		if p.sorry++; p.sorry < 3 && v.has("again") {
			return "again"
		}
		return "finish"
	}
	return leave // closed: nothing to be had
}

func orMore(v kioskView, key string) string {
	if v.has(key) {
		return key
	}
	return "more"
}

// clear is what one presses on a screen that somebody left, to begin anew.
func clear(v kioskView) string {
	switch v.ID {
	case "more_time":
		return "no"
	case "thanks", "erased":
		return "finish"
	case "help", "settings":
		return "go_on"
	case "confirm":
		return "yes"
	case "closed":
		return "skip"
	case "sorry":
		if v.has("again") {
			return "again"
		}
		return "finish"
	}
	return "restart"
}

// How the script thinks, reads and listens: its assumptions, which its --help tells.
const (
	readingSpeed   = 150                     // words a minute
	listeningSpeed = 125                     // words a minute: an unhurried voice
	reach          = 2500 * time.Millisecond // to make up one's mind and press
	positionWords  = 4                       // « Choix 2 sur 7 » follows each name
)

// thinks is how long the visitor looks at a screen before touching it. People
// differ: the spread is that of the service times.
func (p *visitor) thinks(v kioskView) time.Duration {
	n := words(v.Title) + words(v.Text)
	for _, c := range v.Choices {
		n += words(c.Label)
	}
	if v.Skip != nil {
		n += words(v.Skip.Label)
	}
	d := reach + saying(n, readingSpeed)
	return time.Duration(float64(d) * math.Exp(0.3*p.rng.NormFloat64()))
}

// listens is how long the voice speaks of a screen: all of it when it is new, else
// the name of what the last press came to.
func (p *visitor) listens(v kioskView) time.Duration {
	if screen := v.ID + v.Title; p.heard != screen || v.Focus == "" {
		p.heard = screen
		return reach + saying(words(v.Say), listeningSpeed)
	}
	c, _ := v.find(v.Focus)
	return reach + saying(words(c.Label)+positionWords, listeningSpeed)
}

func words(s string) int { return len(strings.Fields(s)) }

func saying(words, perMinute int) time.Duration {
	return time.Duration(words) * time.Minute / time.Duration(perMinute)
}
