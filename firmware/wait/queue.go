package wait

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"jeudi/firmware/session"
)

// Room is what a session does not know of its place.
type Room struct {
	// OnDuty reports whether somebody receives at a desk; nil means at every desk of
	// the plan. A desk shared by two professions is one desk: it receives one person.
	OnDuty func(desk string) bool
	// BeforeOpening lets a planned permanence be forecast as if every desk on duty
	// began when its hours begin. Else a wait is Unknown until it opens.
	BeforeOpening bool
}

// Queue is a session as an estimator sees it: desks, and who keeps them or will. It
// holds no answer, no language and no time of day, and shares nothing that changes.
type Queue struct {
	model    *Model
	seed     [2]uint64
	open     bool
	needs    []session.Role
	desks    []desk
	people   []person // in the order in which they are called
	begins   int32    // seconds until anybody is called
	closing  int32    // seconds until the hours end, negative past them
	slot     time.Duration
	pace     float64 // logarithm of today's against what was expected, shrunk
	paceLeft float64 // deviation of what is not known of it
}

type desk struct {
	key   string
	takes uint32 // one bit for each of the needs
	duty  bool
	busy  *person // called or received
}

type person struct {
	id      session.ID
	number  session.Number
	need    int
	took    *table
	elapsed int32 // seconds at desks already
	rest    int32 // seconds before which nobody calls them
	aside   bool  // held by a desk: nobody knows until when
	called  bool  // and not there yet
}

// maxElapsed bounds what a wall clock that was set between two starts can claim.
const maxElapsed = 12 * time.Hour

// FromState is the queue of a session at a moment, by a model. Those who wait stand
// in the order of State.Line, in which every desk calls the first whom it takes and
// who is not resting; those who are aside stand where they will stand once back.
func FromState(s session.State, now session.Moment, m *Model, room Room) *Queue {
	q := &Queue{model: m, slot: s.Plan.Slot, paceLeft: pace,
		closing: seconds(s.Plan.Until.Sub(now.Wall)), needs: append([]session.Role{session.Anyone}, session.Roles()...)}
	if q.slot <= 0 {
		q.slot = DefaultSlot
	}
	q.seed = [2]uint64{binary.BigEndian.Uint64(s.Plan.ID[:8]) ^ mix(binary.BigEndian.Uint64(s.Plan.ID[8:])), s.Seq}
	q.open = s.Status == session.Open && !s.LeftOpen(now)
	if s.Status == session.Planned && room.BeforeOpening && !s.LeftOpen(now) {
		q.open, q.begins = true, max(0, seconds(s.Plan.From.Sub(now.Wall)))
	}

	for _, d := range s.Plan.Desks {
		own := desk{key: d.Key, duty: room.OnDuty == nil || room.OnDuty(d.Key)}
		for i, need := range q.needs {
			if d.Takes(need) {
				own.takes |= 1 << i
			}
		}
		if v, ok := s.AtDesk(d.Key); ok {
			p := q.person(v, now)
			p.called = v.State() == session.Called
			own.busy = &p
		}
		q.desks = append(q.desks, own)
	}
	// The order in which a site wrote its desks down is nobody's business.
	slices.SortFunc(q.desks, func(a, b desk) int { return cmp.Compare(a.key, b.key) })

	// The session itself says where those who are aside will stand: a draft in which
	// they are back, which is then forgotten.
	draft := s
	for v := range s.Aside() {
		draft = session.Evolve(draft, session.Event{Seq: draft.Seq + 1, At: now, Body: session.Returned{Act: session.Act{Visit: v.ID}}})
	}
	q.people = make([]person, 0, draft.Waiting())
	for back := range draft.Line() {
		v, _ := s.Numbered(back.Number)
		p := q.person(v, now)
		until := s.QuietUntil(v)
		switch {
		case v.State() == session.Held && until == (session.Moment{}):
			p.aside = true
		case v.State() == session.Held:
			left, _ := until.Sub(now)
			p.rest = seconds(left)
		case s.Resting(v, now):
			left, _ := until.Sub(now)
			p.rest = min(max(1, seconds(left)), seconds(session.AbsentRest))
		}
		q.people = append(q.people, p)
	}
	q.today(s)
	return q
}

func (q *Queue) person(v *session.Visit, now session.Moment) person {
	elapsed, _ := atDesks(v, now)
	return person{id: v.ID, number: v.Number, need: slices.Index(q.needs, v.Need),
		took: q.model.of(v.Declared, v.Class), elapsed: seconds(elapsed)}
}

// today learns the pace of this morning from the services that are over. It is
// believed by half after a few, and forgotten with the morning.
func (q *Queue) today(s session.State) {
	var took, expected float64
	n := 0
	for v := range s.Visits() {
		if v.Outcome != session.Served {
			continue
		}
		if d, exact := atDesks(v, v.Since()); exact && d > 0 {
			took += min(d, longest).Seconds()
			expected += q.model.of(v.Declared, v.Class).mean()
			n++
		}
	}
	q.paced(n, took, expected)
}

func (q *Queue) paced(n int, took, expected float64) {
	if n == 0 {
		return
	}
	believed := float64(n) / float64(n+paceShrink)
	// Services that were ended at once, or never, say nothing of the pace.
	q.pace = believed * min(max(math.Log(took/expected), -math.Ln2), math.Ln2)
	q.paceLeft = pace * math.Sqrt(1-believed)
}

// seconds is a duration within what can be true of one permanence.
func seconds(d time.Duration) int32 {
	return int32(min(max(d, -maxElapsed), maxElapsed) / time.Second)
}

// mix spreads a number over 64 bits (the finaliser of splitmix64).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
