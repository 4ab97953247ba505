package rehearse

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// way is how somebody gets a ticket.
type way int

const (
	byTouch way = iota
	byEar       // listens, and presses the buttons of the panel
	byDesk      // asks staff for it
	byAPI       // through POST /api/tickets
)

// coming is what somebody does when their number is called.
type coming int

const (
	comes     coming = iota
	late             // was outside at the first call
	never            // is gone, and nobody knows
	muchLater        // is counted as a no-show, and then stands there
)

// after is what somebody does at the kiosk once the ticket is there.
type after int

const (
	declines after = iota // « Non merci »
	answers
	stopsHalfway
	walksOff        // leaves the screen as it is
	walksOffHalfway // the same, in the middle of a question
	stepsOut        // « Je reviens »
)

// person is what one visitor is going to do, before the morning begins. All
// durations are of the box's time.
type person struct {
	Arrives  time.Duration
	Way      way
	Lang     string
	Motif    string // "" is « je ne sais pas »
	ForOther bool
	After    after
	Polite   bool // waits a while for a screen that somebody left
	DoubleTap,
	AsksHelp bool
	Tunes   bool   // goes to the settings first: by touch
	Slip    bool   // after the questions, prints the way to another place
	Opinion bool   // says on leaving what they think of it
	Seed    uint64 // of the answers, and of how long each thought takes

	Coming   coming
	Returns  time.Duration // late: from the first call; muchLater: from the no-show
	TellsUs  bool          // says so at the desk on coming back, or on leaving
	Patience time.Duration // leaves when not called by then; 0 waits for ever

	Priority,
	Together,
	Quick, // the desk goes from « called » to « done » in one tap
	Undo, // the desk calls by mistake, and takes it back
	Chosen, // the desk calls this number, whoever is first
	AddsMotif,
	HandsOver bool
	StepOut time.Duration // told to the desk; 0 none
	Hold    time.Duration // aside for so long in the middle; 0 none
	Service time.Duration
	Outcome string // of the service: served, misrouted, oriented, left; cancelled ends it before
}

// morning is everything that is going to happen, whoever does it.
type morning struct {
	People     []person
	TurnedAway []time.Duration // people without ticket
	Pause      time.Duration   // when staff pause
	PauseFor   time.Duration
	Length     time.Duration
	Shortened  float64 // by what all services are multiplied
}

// setting is what a plan needs to know of the box.
type setting struct {
	visitors int
	motifs   []string
	langs    []string
	desks    int
	dock     bool // there are buttons to press
	length   time.Duration
}

// motifWeights is how often one comes for what; others weigh 5.
var motifWeights = map[string]float64{
	"caf": 24, "sante": 14, "impots": 14, "titres": 12, "logement": 10, "retraite": 9, "telephone": 9, "emploi": 10, "sejour": 8, "mail": 8,
}

// dontKnow is how many in a hundred say « je ne sais pas ».
const dontKnow = 8

// meanService is how long it takes, by motif; 20 minutes for others. The three
// means are assumptions of the script.
func meanService(motif string) time.Duration {
	switch motif {
	case "titres", "telephone", "mail", "banque", "ecole":
		return 8 * time.Minute
	case "retraite", "logement", "sejour", "justice", "ordinateur":
		return 40 * time.Minute
	}
	return 20 * time.Minute
}

// langWeights: others weigh 5.
var langWeights = map[string]float64{"fr": 70, "en": 12, "ar": 18}

// spread is the standard deviation of the logarithm of a service time: the
// longest in twenty takes more than twice the median.
const spread = 0.5

// crowd is how much work there is for the desks in a morning, as a share of their
// time. A little more than they can do: some people wait in vain.
const crowd = 1.1

// plan is a whole morning as a pure function of the seed.
func plan(seed uint64, s setting) morning {
	rng := rand.New(rand.NewPCG(seed, 0x6a65756469))
	m := morning{Length: s.length, Shortened: 1}
	door := max(1, s.visitors*3/10)
	for i := range s.visitors {
		arrives := between(rng, 0, 3*time.Minute)
		if i >= door {
			arrives = between(rng, 3*time.Minute, s.length*4/5)
		}
		m.People = append(m.People, draw(rng, s, arrives))
	}
	slices.SortStableFunc(m.People, func(a, b person) int { return cmp.Compare(a.Arrives, b.Arrives) })
	cast(m.People)

	var work time.Duration
	for _, p := range m.People {
		work += p.Service
	}
	if capacity := crowd * float64(s.length) * float64(max(1, s.desks)); float64(work) > capacity {
		m.Shortened = capacity / float64(work)
		for i := range m.People {
			m.People[i].Service = time.Duration(float64(m.People[i].Service) * m.Shortened)
		}
	}
	for range s.visitors / 8 {
		m.TurnedAway = append(m.TurnedAway, between(rng, s.length/2, s.length*4/5))
	}
	slices.Sort(m.TurnedAway)
	m.Pause, m.PauseFor = between(rng, s.length/3, s.length/2), 4*time.Minute
	return m
}

// draw is one visitor.
func draw(rng *rand.Rand, s setting, arrives time.Duration) person {
	p := person{Arrives: arrives, Lang: pick(rng, s.langs, langWeights), Seed: rng.Uint64(), Outcome: "served"}
	if rng.IntN(100) >= dontKnow {
		p.Motif = pick(rng, s.motifs, motifWeights)
	}
	switch n := rng.IntN(100); {
	case n < 25 && s.dock:
		p.Way = byEar
	case n < 85:
		p.Way = byTouch
	case n < 93:
		p.Way = byDesk
	default:
		p.Way = byAPI
	}
	p.After = [...]after{declines, declines, declines, declines, answers, answers, answers, stopsHalfway, walksOff, walksOffHalfway, stepsOut}[rng.IntN(11)]
	p.ForOther = chance(rng, 10)
	p.Polite = chance(rng, 50)
	p.DoubleTap = chance(rng, 20)
	p.AsksHelp = chance(rng, 7)
	p.TellsUs = chance(rng, 50)
	p.Priority = chance(rng, 8)
	p.Together = chance(rng, 6)
	p.Quick = chance(rng, 10)
	p.Undo = chance(rng, 5)
	p.Chosen = chance(rng, 5)
	p.AddsMotif = chance(rng, 10)
	p.HandsOver = chance(rng, 10)
	if chance(rng, 6) {
		p.StepOut = 15 * time.Minute
	}
	if chance(rng, 12) {
		p.Hold = between(rng, 2*time.Minute, 10*time.Minute)
	}
	if chance(rng, 25) {
		p.Patience = between(rng, 20*time.Minute, 80*time.Minute)
	}
	switch n := rng.IntN(100); {
	case n < 6:
		p.Coming = late
	case n < 10:
		p.Coming = never
	case n < 13:
		p.Coming = muchLater
	}
	p.Returns = between(rng, 90*time.Second, 12*time.Minute)
	switch n := rng.IntN(100); {
	case n < 3:
		p.Outcome = "misrouted"
	case n < 7:
		p.Outcome = "oriented"
	case n < 9:
		p.Outcome = "left"
	case n < 11:
		p.Outcome = "cancelled"
	}
	mean := meanService(p.Motif)
	p.Service = time.Duration(float64(mean) * math.Exp(spread*rng.NormFloat64()-spread*spread/2))
	p.Service = min(max(p.Service, time.Minute), 3*mean)
	// Drawn apart, so that the seeds of before mean the same people.
	more := rand.New(rand.NewPCG(p.Seed, 2))
	p.Tunes = p.Way == byTouch && chance(more, 20)
	p.Slip, p.Opinion = chance(more, 40), chance(more, 30)
	return p
}

// cast gives the parts that every morning must have to people who come early
// enough to play them.
func cast(people []person) {
	if len(people) < 8 {
		return
	}
	for i, c := range map[int]coming{1: late, 3: never, 5: muchLater} {
		p := &people[i]
		p.Coming, p.TellsUs, p.Returns = c, c == muchLater, 3*time.Minute
		// Nothing may keep them from being called.
		p.Patience, p.StepOut, p.Undo, p.Outcome = 0, 0, false, "served"
		if p.After == stepsOut {
			p.After = declines
		}
	}
}

func chance(rng *rand.Rand, percent int) bool { return rng.IntN(100) < percent }

func between(rng *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(rng.Int64N(int64(to-from)))
}

// pick draws from a list by weight; what has none weighs 5.
func pick(rng *rand.Rand, list []string, weights map[string]float64) string {
	weight := func(k string) float64 {
		if w, ok := weights[k]; ok {
			return w
		}
		return 5
	}
	var total float64
	for _, k := range list {
		total += weight(k)
	}
	at := rng.Float64() * total
	for _, k := range list {
		if at -= weight(k); at < 0 {
			return k
		}
	}
	return ""
}
