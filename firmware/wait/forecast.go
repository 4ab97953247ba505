package wait

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"jeudi/firmware/session"
)

// Forecast is what a queue leads to, as far as anybody can say.
type Forecast struct {
	// End is until when, from now, those who are here keep the room busy: it ends
	// sooner four times in five. It counts whom some desk on duty takes, and those
	// who are received; it is 0 where nobody is here.
	End time.Duration
	// Stranded is how many wait whom no desk on duty takes.
	Stranded int
	// Few marks ranges that rest on the prior more than on the place's own services.
	Few bool

	known  bool
	left   time.Duration // until the hours end
	needs  []session.Role
	comers []Range
	ids    []session.ID
	waits  []Range
}

// Of is how long somebody will still wait who waits, or who is aside and will come
// back. It is Unknown of anybody else.
func (f Forecast) Of(visit session.ID) Range {
	if i := slices.Index(f.ids, visit); i >= 0 {
		return f.waits[i]
	}
	return Range{Unknown: true}
}

// Newcomer is how long somebody with a need would wait who came now, behind
// everybody who is here. Their own motif matters to those after them only.
func (f Forecast) Newcomer(need session.Role) Range {
	if i := slices.Index(f.needs, need); i >= 0 && f.known {
		return f.comers[i]
	}
	return Range{Unknown: true}
}

// Late reports whether the work of those who are here may well pass the end of the
// hours: whoever comes now should hear it before waiting. It refuses nobody, and an
// empty room is never late, whatever the hour.
func (f Forecast) Late() bool { return f.End > max(0, f.left) }

// Known reports whether anything can be said: the permanence is open and some desk
// is on duty.
func (f Forecast) Known() bool { return f.known }

// Forecast draws the queue to its end, 400 times: less often behind a hundred people.
func (q *Queue) Forecast() Forecast {
	f := Forecast{Few: q.model.few, needs: q.needs, left: time.Duration(q.closing) * time.Second}
	f.ids = make([]session.ID, len(q.people))
	f.waits = make([]Range, len(q.people))
	f.comers = make([]Range, len(q.needs))
	for i, p := range q.people {
		f.ids[i], f.waits[i] = p.id, Range{Unknown: true}
	}
	for i := range f.comers {
		f.comers[i] = Range{Unknown: true}
	}
	duty := q.onDuty()
	if !q.open || duty == 0 {
		return f
	}
	f.known = true
	work := slices.ContainsFunc(q.desks, func(d desk) bool { return d.busy != nil })
	d := q.draw(nil, 0)
	for i, p := range q.people {
		if p.among(duty) {
			f.waits[i], work = d.waits[i].rounded(), true
		} else {
			f.Stranded++
		}
	}
	for i := range f.comers {
		if duty&(1<<i) != 0 {
			f.comers[i] = d.comers[i].rounded()
		}
	}
	if work {
		f.End = d.ends.quantile(4, 5)
	}
	return f
}

// Slot is how long the person at a desk may be there in all, in steps of five
// minutes: never less than the slot that is guaranteed to everybody, whatever the
// hour. More, while those who wait would still be received before the hours end,
// four times in five; up to twice the slot where the desk makes somebody wait for
// it, and two hours where it does not. It is advice: nobody is cut off.
//
// It is false at a desk that receives nobody.
func (q *Queue) Slot(key string) (may time.Duration, ok bool) {
	i := slices.IndexFunc(q.desks, func(d desk) bool { return d.key == key })
	if i < 0 || q.desks[i].busy == nil {
		return 0, false
	}
	d := &q.desks[i]
	least := (q.slot + fine - 1).Truncate(fine)
	if !q.open {
		return least, true
	}
	// The hours bind this person too.
	most := min(longest, time.Duration(q.closing+d.busy.elapsed)*time.Second).Truncate(fine)
	if d.duty && slices.ContainsFunc(q.people, func(p person) bool { return p.among(d.takes) }) {
		most = min(most, (2 * q.slot).Truncate(fine))
		steps := int((most - least) / fine)
		// The first length that is too long, by halves: each check draws 400 mornings.
		tooLong := sort.Search(max(0, steps), func(n int) bool {
			given := least + time.Duration(n+1)*fine
			return q.draw(d, seconds(given)).others.quantile(4, 5) > time.Duration(q.closing)*time.Second
		})
		most = least + time.Duration(tooLong)*fine
	}
	return max(least, most), true
}

func (q *Queue) onDuty() (takes uint32) {
	for _, d := range q.desks {
		if d.duty {
			takes |= d.takes
		}
	}
	return takes
}

func (p *person) among(needs uint32) bool { return p.need >= 0 && needs&(1<<p.need) != 0 }

// rounds is how often a queue of so many people is drawn: 400 times, and less often
// where a line is longer than a room holds, so that a ticket costs the same there. Its
// ranges are hours wide by then.
func rounds(people int) int {
	const most, least = 100 * draws, 40 // people drawn in all; draws that still have a tenth
	return max(least, min(draws, most/max(1, people)))
}

// tally counts draws by the minute, up to maxElapsed.
type tally struct {
	of      int // draws in all
	minutes [maxElapsed/time.Minute + 1]uint16
}

func (t *tally) add(seconds int32) { t.minutes[min(int(seconds)/60, len(t.minutes)-1)]++ }

// quantile is the end of the minute within which so many of the draws end; 0 where
// none was counted.
func (t *tally) quantile(part, of int) time.Duration {
	minute, none := t.minute(part, of)
	if none {
		return 0
	}
	return time.Duration(minute+1) * time.Minute
}

func (t *tally) minute(part, of int) (minute int, none bool) {
	sum := 0
	for i, n := range t.minutes {
		if sum += int(n); sum*of >= t.of*part && sum > 0 {
			return i, false
		}
	}
	return 0, true
}

// rounded is the range that is said: between the draws one in ten of which are
// shorter, and longer.
func (t *tally) rounded() Range {
	low, _ := t.minute(1, 10)
	return outward(time.Duration(low)*time.Minute, t.quantile(9, 10))
}

type drawn struct {
	waits  []tally // of people
	comers []tally // of needs
	ends   tally   // of all the work
	others tally   // of the work that nobody has begun
}

const never = math.MaxInt32

// draw plays the queue to its end, as often as rounds says. Where somebody is given a length at
// a desk, their service there lasts that long in all.
//
// Each person has a generator of their own, so that one more changes nothing of
// what happens to the others but their turn.
func (q *Queue) draw(given *desk, length int32) *drawn {
	n, nd := len(q.people), len(q.desks)
	times := rounds(n)
	d := &drawn{waits: make([]tally, n), comers: make([]tally, len(q.needs)), ends: tally{of: times}, others: tally{of: times}}
	for _, list := range [][]tally{d.waits, d.comers} {
		for i := range list {
			list[i].of = times
		}
	}
	people := make([]uint16, times*n)
	for i := range q.people {
		q.lots(people[i:], n, times, q.people[i].number)
	}
	busy := make([]uint16, times*nd)
	for i := range q.desks {
		if p := q.desks[i].busy; p != nil {
			q.lots(busy[i:], nd, times, p.number)
		}
	}
	// What the draws have in common lies close together: they are the most of the work.
	free := make([]int32, nd) // from when on a desk calls; never if nobody
	comer := make([]int32, len(q.needs))
	rest := make([]int32, n)
	next := make([]int32, 2*n+1) // who stands behind; next[n] is the first, n the end
	behind := next[n+1:]
	needs := make([]uint32, n)
	for i := range q.people {
		behind[i] = int32(i + 1)
		if need := q.people[i].need; need >= 0 {
			needs[i] = 1 << need
		}
		rest[i] = q.people[i].rest
	}

	for j := range times {
		pace := float32(math.Exp(q.pace + q.paceLeft*float64(q.model.z[(2*j+1)*draws/(2*times)]))) // spread over all mornings
		var end, others int32
		for i := range q.desks {
			own := &q.desks[i]
			free[i] = q.begins
			if own.busy != nil {
				left := q.left(own.busy, busy[j*nd+i], pace)
				if own == given {
					left = max(0, length-own.busy.elapsed)
				}
				free[i] = max(free[i], left)
				end = max(end, left)
			}
			if !own.duty {
				free[i] = never
			}
		}
		for i := range q.people {
			if q.people[i].aside {
				// Another byte than that of their service: the two have nothing in common.
				rest[i] = q.model.aside[uint8(people[j*n+i]>>8)]
			}
		}
		copy(next, behind)
		next[n] = 0
		for i := range comer {
			comer[i] = never
		}

		for {
			at, here := int32(never), -1
			for i, t := range free {
				// Of two who are free, chance says who calls first: each has every second draw.
				if t < at || t == at && t < never && j%2 == 1 {
					at, here = t, i
				}
			}
			if here < 0 {
				break
			}
			takes := q.desks[here].takes
			soonest := int32(never)
			before, i := int32(n), next[n]
			for ; i < int32(n); before, i = i, next[i] {
				if takes&needs[i] == 0 {
					continue
				}
				if rest[i] <= at {
					break
				}
				soonest = min(soonest, rest[i])
			}
			if i < int32(n) {
				next[before] = next[i]
				d.waits[i].add(at)
				free[here] = at + q.left(&q.people[i], people[j*n+int(i)], pace)
				others = max(others, free[here])
				continue
			}
			for need := range comer { // whoever came now would have their turn
				if takes&(1<<need) != 0 {
					comer[need] = min(comer[need], at)
				}
			}
			free[here] = soonest
		}

		for need, t := range comer {
			if t < never {
				d.comers[need].add(t)
			}
		}
		d.ends.add(max(end, others))
		d.others.add(others)
	}
	return d
}

// left draws how long a person will still keep a desk busy.
func (q *Queue) left(p *person, lot uint16, pace float32) int32 {
	u := uint8(lot)
	if uint8(lot>>8) < q.model.missed && !p.aside && (p.elapsed == 0 || p.called) {
		return max(0, int32(missing/time.Second)-p.elapsed)
	}
	if p.elapsed == 0 {
		return max(q.model.over[u], int32(float32(p.took[u])*pace))
	}
	return p.took.after(p.elapsed, pace, u, q.model.over)
}

// lots fills every stride-th place with a person's lots, one for each draw.
func (q *Queue) lots(into []uint16, stride, times int, who session.Number) {
	source := rand.NewPCG(q.seed[0]^mix(uint64(who)), q.seed[1])
	var bits uint64
	for j := range times {
		if j%4 == 0 {
			bits = source.Uint64()
		}
		into[j*stride] = uint16(bits)
		bits >>= 16
	}
}
