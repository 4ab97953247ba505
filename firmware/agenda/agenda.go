package agenda

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"jeudi/firmware/boltfile"
	"jeudi/firmware/coop"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
)

// Late is how long after its end an event waits for who came to be ticked. Sweep
// ends what waited longer.
const Late = 12 * time.Hour

// mostEvents bounds what is to come: a busy place has some hundred in a year.
const mostEvents = 5000

// Refusals, with words for staff.
var (
	ErrNoEvent     = &session.Refusal{Msg: session.M("refuse.agenda_gone")}         // no such event, or no longer
	ErrOver        = &session.Refusal{Msg: session.M("refuse.agenda_over")}         // it has ended
	ErrNotBegun    = &session.Refusal{Msg: session.M("refuse.agenda_not_begun")}    // it cannot end yet
	ErrFull        = &session.Refusal{Msg: session.M("refuse.agenda_full")}         // every seat is given
	ErrSeatsTaken  = &session.Refusal{Msg: session.M("refuse.agenda_seats_taken")}  // people hold a slip for it
	ErrTooFew      = &session.Refusal{Msg: session.M("refuse.agenda_too_few")}      // more seats are given than that
	ErrTooMany     = &session.Refusal{Msg: session.M("refuse.agenda_too_many")}     // the agenda is full of events
	ErrCodeUnknown = &session.Refusal{Msg: session.M("refuse.agenda_code_unknown")} // cancelled, of an event that is over, or never given
)

// ErrInvalid is an event that Check would not let pass.
var ErrInvalid = errors.New("not an event")

var (
	events = []byte("events") // by id
	seats  = []byte("seats")  // by code, so that their order on disk does not tell who came first
	counts = []byte("counts") // by month, kind and theme
)

// Agenda is open on one file. There is no owner goroutine because nothing happens here
// on its own.
type Agenda struct{ db *boltfile.File }

// Open opens the agenda of a folder, or begins one. A file that could not be read
// has been set aside under the returned path.
func Open(dir string) (a *Agenda, aside string, err error) {
	path := filepath.Join(dir, "agenda.db")
	begin := func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{events, seats, counts} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return nil
	}
	db, aside, err := boltfile.OpenFile(path, begin, readThrough)
	if err != nil {
		return nil, aside, fmt.Errorf("agenda: %w", err)
	}
	return &Agenda{db}, aside, nil
}

// readThrough is the error of a file that is not an agenda.
func readThrough(tx *bbolt.Tx) error {
	for _, name := range [][]byte{events, seats, counts} {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("no %s in it", name)
		}
	}
	known := map[session.ID]bool{}
	if err := eachEvent(tx, func(k kept) { known[k.ID] = true }); err != nil {
		return err
	}
	return eachSeat(tx, func(code string, s seat) error {
		if !known[s.Event] {
			return fmt.Errorf("a seat of no event")
		}
		return nil
	})
}

// Close closes the file.
func (a *Agenda) Close() error { return a.db.Close() }

// kept is an event on disk.
type kept struct {
	Event
	Source string `json:"source,omitempty"` // the calendar that it came from, "" for staff's own
	Edited bool   `json:"edited,omitempty"` // staff changed it since
}

// seat is all that is kept of one.
type seat struct {
	Event session.ID `json:"event"`
	Came  bool       `json:"came,omitempty"`
}

func eachEvent(tx *bbolt.Tx, do func(kept)) error {
	return tx.Bucket(events).ForEach(func(k, v []byte) error {
		var e kept
		if err := json.Unmarshal(v, &e); err != nil {
			return err
		}
		if !bytes.Equal(e.ID[:], k) || len(e.Check()) > 0 {
			return ErrInvalid
		}
		do(e)
		return nil
	})
}

func eachSeat(tx *bbolt.Tx, do func(code string, s seat) error) error {
	return tx.Bucket(seats).ForEach(func(k, v []byte) error {
		var s seat
		if err := json.Unmarshal(v, &s); err != nil {
			return err
		}
		return do(string(k), s)
	})
}

func readEvent(tx *bbolt.Tx, id session.ID) (kept, error) {
	raw := tx.Bucket(events).Get(id[:])
	if raw == nil {
		return kept{}, ErrNoEvent
	}
	var e kept
	return e, json.Unmarshal(raw, &e)
}

func writeEvent(tx *bbolt.Tx, e kept) error { return put(tx.Bucket(events), e.ID[:], e) }

func put(b *bbolt.Bucket, key []byte, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return b.Put(key, raw)
}

// taken is how many seats of each event are given, and how many of those came.
func taken(tx *bbolt.Tx) (map[session.ID]Offer, error) {
	offers := map[session.ID]Offer{}
	err := eachSeat(tx, func(_ string, s seat) error {
		o := offers[s.Event]
		if o.Taken++; s.Came {
			o.Came++
		}
		offers[s.Event] = o
		return nil
	})
	return offers, err
}

// wrap says where an error is from. A refusal stays as it is, for people.
func wrap(doing string, err error) error {
	if _, refused := errors.AsType[*session.Refusal](err); err == nil || refused {
		return err
	}
	return fmt.Errorf("agenda: %s: %w", doing, err)
}

func (a *Agenda) view(doing string, do func(*bbolt.Tx) error) error {
	return wrap(doing, a.db.View(do))
}

// change changes the file in one step, which is on disk when it returns nil.
func (a *Agenda) change(doing string, do func(*bbolt.Tx) error) error {
	return wrap(doing, a.db.Update(do))
}

// Put keeps an event that staff wrote: a new one, or in the place of the one with
// its id. Seats that are given stay given: fewer than those is ErrTooFew.
func (a *Agenda) Put(e Event) error {
	if problems := e.Check(); len(problems) > 0 {
		return fmt.Errorf("agenda: put: %w: %s", ErrInvalid, problems[0].Field)
	}
	return a.change("put", func(tx *bbolt.Tx) error {
		before, err := readEvent(tx, e.ID)
		if errors.Is(err, ErrNoEvent) {
			if tx.Bucket(events).Stats().KeyN >= mostEvents {
				return ErrTooMany
			}
		} else if err != nil {
			return err
		}
		given, err := taken(tx)
		if err != nil {
			return err
		}
		if e.Seats < given[e.ID].Taken {
			return ErrTooFew
		}
		return writeEvent(tx, kept{Event: e.tidy(), Source: before.Source, Edited: before.Source != ""})
	})
}

// Remove forgets an event, and the codes for it. When people hold a slip it is
// ErrSeatsTaken, unless staff want it anyway.
func (a *Agenda) Remove(id session.ID, anyway bool) error {
	return a.change("remove", func(tx *bbolt.Tx) error {
		if _, err := readEvent(tx, id); err != nil {
			return err
		}
		codes, err := codesOf(tx, id)
		if err != nil {
			return err
		}
		if len(codes) > 0 && !anyway {
			return ErrSeatsTaken
		}
		return forget(tx, id, codes)
	})
}

func codesOf(tx *bbolt.Tx, id session.ID) (codes []string, err error) {
	err = eachSeat(tx, func(code string, s seat) error {
		if s.Event == id {
			codes = append(codes, code)
		}
		return nil
	})
	return codes, err
}

func forget(tx *bbolt.Tx, id session.ID, codes []string) error {
	for _, code := range codes {
		if err := tx.Bucket(seats).Delete([]byte(code)); err != nil {
			return err
		}
	}
	return tx.Bucket(events).Delete(id[:])
}

// Offers are the events that end after from and begin before until, in the order of
// their beginning. A zero time is no limit.
func (a *Agenda) Offers(from, until time.Time) ([]Offer, error) {
	var list []Offer
	err := a.view("list", func(tx *bbolt.Tx) error {
		given, err := taken(tx)
		if err != nil {
			return err
		}
		return eachEvent(tx, func(k kept) {
			if !k.Until.After(from) || !until.IsZero() && !k.From.Before(until) {
				return
			}
			o := given[k.ID]
			o.Event = k.Event
			list = append(list, o)
		})
	})
	slices.SortFunc(list, func(a, b Offer) int { return a.compare(b.Event) })
	return list, err
}

// Next are the next n events that are not over, those under way among them.
func (a *Agenda) Next(now time.Time, n int) ([]Offer, error) {
	list, err := a.Offers(now, time.Time{})
	return list[:min(max(0, n), len(list))], err
}

// Reserve gives a seat, under a code that leads to the event and to nobody. It is
// ErrFull when there is none, ErrOver when the event has ended (give the zero time
// when the clock is not trusted), ErrNoEvent when there is no such event.
//
// Whether a seat is left is read and written in one step of the file, and the seats
// are counted there: nothing that is kept in memory can give the last one twice.
func (a *Agenda) Reserve(id session.ID, now time.Time, random io.Reader) (code string, err error) {
	err = a.change("reserve", func(tx *bbolt.Tx) error {
		e, err := readEvent(tx, id)
		if err != nil {
			return err
		}
		if !now.IsZero() && !e.Until.After(now) {
			return ErrOver
		}
		given, err := taken(tx)
		if err != nil {
			return err
		}
		if given[id].Taken >= e.Seats {
			return ErrFull
		}
		// The codes of what is to come are few of the six million: two draws are one too many.
		for range 100 {
			if code, err = ledger.NewCode(random); err != nil {
				return err
			}
			if tx.Bucket(seats).Get([]byte(code)) == nil {
				return put(tx.Bucket(seats), []byte(code), seat{Event: id})
			}
		}
		return errors.New("no code is free")
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// seatOf is the seat of a code as a person typed it, or a reader read it.
func seatOf(tx *bbolt.Tx, typed string) (code string, s seat, err error) {
	if code, err = ledger.TidyCode(typed); err != nil {
		return "", seat{}, err
	}
	raw := tx.Bucket(seats).Get([]byte(code))
	if raw == nil {
		return "", seat{}, ErrCodeUnknown
	}
	return code, s, json.Unmarshal(raw, &s)
}

// Find is the event that a code is for, and whether its holder came. Here as for
// Cancel and Came, a code with a mistake in it is ledger.ErrVoucherTypo, and one that
// leads nowhere ErrCodeUnknown.
func (a *Agenda) Find(code string) (o Offer, came bool, err error) {
	err = a.view("find", func(tx *bbolt.Tx) error {
		_, s, err := seatOf(tx, code)
		if err != nil {
			return err
		}
		e, err := readEvent(tx, s.Event)
		if err != nil {
			return err
		}
		given, err := taken(tx)
		o, came = given[s.Event], s.Came
		o.Event = e.Event
		return err
	})
	return o, came, err
}

// Cancel gives a seat back. The code is worth nothing from then on.
func (a *Agenda) Cancel(code string) error {
	return a.change("cancel", func(tx *bbolt.Tx) error {
		code, _, err := seatOf(tx, code)
		if err != nil {
			return err
		}
		return tx.Bucket(seats).Delete([]byte(code))
	})
}

// Came ticks that the holder of a code is there, or takes the tick back. The second
// time it changes nothing.
func (a *Agenda) Came(code string, came bool) error {
	return a.change("came", func(tx *bbolt.Tx) error {
		code, s, err := seatOf(tx, code)
		if err != nil || s.Came == came {
			return err
		}
		s.Came = came
		return put(tx.Bucket(seats), []byte(code), s)
	})
}

// Seat is a seat that is given.
type Seat struct {
	Code string
	Came bool
}

// Seats are the given seats of an event, for staff who tick them, in the order of
// the codes, which is nobody's.
func (a *Agenda) Seats(id session.ID) ([]Seat, error) {
	var list []Seat
	err := a.view("seats", func(tx *bbolt.Tx) error {
		if _, err := readEvent(tx, id); err != nil {
			return err
		}
		return eachSeat(tx, func(code string, s seat) error {
			if s.Event == id {
				list = append(list, Seat{code, s.Came})
			}
			return nil
		})
	})
	return list, err
}

// End ends an event: those who came are counted, with so many more who had no code,
// and the codes are erased. It is ErrNotBegun before the event; give the zero time
// when the clock is not trusted.
//
// With a Past and an error, it is done but the old file could not be overwritten: the
// next Open does that.
func (a *Agenda) End(id session.ID, more int, now time.Time) (Past, error) {
	if more < 0 || more > mostSeats {
		return Past{}, wrap("end", fmt.Errorf("%d more participants", more))
	}
	over, err := a.end(func(k kept) (bool, error) {
		if k.ID == id && !now.IsZero() && k.From.After(now) {
			return false, ErrNotBegun
		}
		return k.ID == id, nil
	}, more)
	if err == nil && len(over) == 0 {
		return Past{}, ErrNoEvent
	}
	if len(over) == 0 {
		return Past{}, err
	}
	return over[0], err
}

// Sweep ends every event that is over since Late or longer, whoever was ticked until
// then. With the zero time, when the clock is not trusted, it does nothing.
func (a *Agenda) Sweep(now time.Time) ([]Past, error) {
	if now.IsZero() {
		return nil, nil
	}
	return a.end(func(k kept) (bool, error) { return !k.Until.Add(Late).After(now), nil }, 0)
}

// end ends the chosen events. The counts and the file without the codes are one
// step: a cut leaves the event with its codes, or the counts without them.
func (a *Agenda) end(chosen func(kept) (bool, error), more int) (over []Past, err error) {
	find := func(tx *bbolt.Tx) error {
		over = nil
		given, err := taken(tx)
		if err != nil {
			return err
		}
		var refused error
		if err := eachEvent(tx, func(k kept) {
			ends, err := chosen(k)
			if err != nil {
				refused = err
			} else if ends {
				over = append(over, Past{Event: k.Event, Reserved: given[k.ID].Taken, Participants: given[k.ID].Came + more})
			}
		}); err != nil {
			return err
		}
		slices.SortFunc(over, func(a, b Past) int { return a.compare(b.Event) })
		return refused
	}
	// Where nothing ends no file is written anew.
	if err := a.db.View(find); err != nil || len(over) == 0 {
		return nil, wrap("end", err)
	}
	replaced, err := a.db.Rewrite(func(to, from *bbolt.Tx) error {
		if err := find(from); err != nil {
			return err
		}
		if err := boltfile.Copy(to, from); err != nil {
			return err
		}
		for _, p := range over {
			codes, err := codesOf(to, p.ID)
			if err == nil {
				err = forget(to, p.ID, codes)
			}
			if err == nil {
				err = addCount(to, p)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if !replaced {
		return nil, wrap("end", err)
	}
	return over, wrap("end", err)
}

// Count is what is kept of events that are over: of a month, a kind and a theme. An
// event with several themes counts for each; the one with Theme "" is of all.
type Count struct {
	Month                          string // "2026-11", of the event's beginning, in UTC
	Kind                           Kind
	Theme                          coop.Theme
	Events, Reserved, Participants int
}

type countValue struct {
	Events       int `json:"events"`
	Reserved     int `json:"reserved"`
	Participants int `json:"participants"`
}

// addCount adds an event that is over to its counts.
func addCount(tx *bbolt.Tx, p Past) error {
	b := tx.Bucket(counts)
	for _, theme := range append([]coop.Theme{""}, p.Themes...) {
		key := []byte(p.From.UTC().Format("2006-01") + "\x00" + string(p.Kind) + "\x00" + string(theme))
		var c countValue
		if raw := b.Get(key); raw != nil {
			if err := json.Unmarshal(raw, &c); err != nil {
				return err
			}
		}
		c.Events++
		c.Reserved += p.Reserved
		c.Participants += p.Participants
		if err := put(b, key, c); err != nil {
			return err
		}
	}
	return nil
}

// Counts are the counts of all that is over, by month, kind and theme.
func (a *Agenda) Counts() ([]Count, error) {
	var list []Count
	err := a.view("counts", func(tx *bbolt.Tx) error {
		return tx.Bucket(counts).ForEach(func(k, v []byte) error {
			parts := bytes.Split(k, []byte{0})
			var c countValue
			if len(parts) != 3 {
				return fmt.Errorf("a count of %q", k)
			}
			if err := json.Unmarshal(v, &c); err != nil {
				return err
			}
			list = append(list, Count{string(parts[0]), Kind(parts[1]), coop.Theme(parts[2]), c.Events, c.Reserved, c.Participants})
			return nil
		})
	})
	return list, err
}

// Merged is what became of a calendar that was read.
type Merged struct {
	Added, Changed, Same, Removed int
	// Moved are events whose time or room changed while people hold a slip that says
	// otherwise.
	Moved []Offer
	// Missing are events that the calendar has no longer, and that stay because people
	// hold a slip for them: staff tell them, then remove it.
	Missing []Offer
}

// Merge takes over the events of a calendar in one step. source names the calendar,
// and is not empty: what an earlier Merge of it brought and that begins between from
// and until is removed when it is not among them any more. Of an event that staff
// changed since, only the time follows the calendar; seats that are given stay given.
//
// The events are those of Read for the same from and until. An error has changed
// nothing.
func (a *Agenda) Merge(source string, from, until time.Time, list []Event) (m Merged, err error) {
	if source == "" {
		return Merged{}, errors.New("agenda: merge: no source")
	}
	for _, e := range list {
		if problems := e.Check(); len(problems) > 0 {
			return Merged{}, fmt.Errorf("agenda: merge: %w: %s", ErrInvalid, problems[0].Field)
		}
	}
	err = a.change("merge", func(tx *bbolt.Tx) error {
		m = Merged{}
		given, err := taken(tx)
		if err != nil {
			return err
		}
		old := map[session.ID]kept{}
		if err := eachEvent(tx, func(k kept) { old[k.ID] = k }); err != nil {
			return err
		}
		now := map[session.ID]bool{}
		for _, e := range list {
			now[e.ID] = true
			if err := m.take(tx, source, e, old, given[e.ID]); err != nil {
				return err
			}
		}
		for id, k := range old {
			if k.Source != source || now[id] || k.From.Before(from) || !k.From.Before(until) {
				continue
			}
			if o := given[id]; o.Taken > 0 {
				o.Event = k.Event
				m.Missing = append(m.Missing, o)
				continue
			}
			if err := forget(tx, id, nil); err != nil {
				return err
			}
			m.Removed++
		}
		return nil
	})
	if err != nil {
		return Merged{}, err
	}
	for _, offers := range [][]Offer{m.Moved, m.Missing} {
		slices.SortFunc(offers, func(a, b Offer) int { return a.compare(b.Event) })
	}
	return m, nil
}

// take takes one event over.
func (m *Merged) take(tx *bbolt.Tx, source string, e Event, old map[session.ID]kept, given Offer) error {
	e = e.tidy()
	before, known := old[e.ID]
	next := kept{Event: e, Source: source}
	if known {
		if before.Edited || before.Source == "" {
			next = before
			next.From, next.Until = e.From, e.Until
		}
		next.Seats = max(next.Seats, given.Taken)
	}
	switch {
	case !known:
		if len(old) >= mostEvents {
			return ErrTooMany
		}
		m.Added++
	case equal(next, before):
		m.Same++
		return nil
	default:
		m.Changed++
		if given.Taken > 0 && (!next.From.Equal(before.From) || !next.Until.Equal(before.Until) || next.Room != before.Room) {
			given.Event = next.Event
			m.Moved = append(m.Moved, given)
		}
	}
	old[e.ID] = next
	return writeEvent(tx, next)
}

func equal(a, b kept) bool {
	return a.Kind == b.Kind && a.Title == b.Title && a.From.Equal(b.From) && a.Until.Equal(b.Until) && a.Room == b.Room &&
		slices.Equal(a.Themes, b.Themes) && a.Seats == b.Seats && a.Source == b.Source && a.Edited == b.Edited
}
