package appliance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"jeudi/firmware/journal"
	"jeudi/firmware/powercut"
	"jeudi/firmware/session"
)

// TestPowerCut records every system call of a box that takes tickets, closes and
// takes tickets again, and rebuilds every state of the disk that a power cut could
// have left in between: of the writes that were not synced yet, each may be lost,
// whole, or torn at a sector. Each state is opened, and compared with what the
// box had acknowledged by then.
//
// A killed process leaves its writes with the kernel; a power cut does not. So
// this finds what TestKill cannot.
func TestPowerCut(t *testing.T) {
	if testing.Short() {
		t.Skip("needs strace; make test runs it")
	}
	t.Parallel()
	rec := record(t, "recorded", "journal.db")
	got := explore(t, rec, 0)
	t.Logf("report: power cut: %d acknowledgements, %d distinct states of the disk (%d while the file is replaced), %d lost, %d twice, %d unopenable",
		rec.acknowledged(), got.states, got.replacing, got.lost, got.twice, got.unopenable)
	if got.lost+got.twice+got.unopenable > 0 {
		t.Errorf("a power cut can cost something; first: %s", got.first)
	}
	if got.states < 300 || got.replacing < 20 || rec.acknowledged() < 60 {
		t.Errorf("%d states, %d of a replacement, after %d acknowledgements; want at least 300, 20 and 60: is the recorder blind?",
			got.states, got.replacing, rec.acknowledged())
	}

	// The oracle bites: it finds what these two would lose.
	got = explore(t, record(t, "recorded without sync", "unsynced.db"), forgotten)
	t.Logf("report: power cut, log without sync: %d states, %d lost, %d unopenable: found", got.states, got.lost, got.unopenable)
	if got.lost == 0 {
		t.Error("a log that never syncs loses nothing: the oracle is blind")
	}
	got = explore(t, rec, forgotten)
	t.Logf("report: power cut, card that lies about its syncs: %d states, %d lost, %d unopenable: found", got.states, got.lost, got.unopenable)
	if got.lost == 0 {
		t.Error("a card that lies about its syncs loses nothing: the oracle is blind")
	}
}

type recording struct {
	file  string // whose cut is looked at
	steps []powercut.Step
}

func (r recording) acknowledged() (n int) {
	for _, s := range r.steps {
		if s.Call == powercut.Say && strings.HasPrefix(string(s.Data), "ticket ") {
			n++
		}
	}
	return n
}

// record runs a child whose system calls are recorded.
func record(t *testing.T, child, file string) recording {
	t.Helper()
	dir := t.TempDir()
	steps, err := powercut.Record(dir, []string{childEnv + "=" + child, dirEnv + "=" + dir}, os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	return recording{file, steps}
}

// forgotten are the last writes that a card loses which lies about its syncs.
const forgotten = 5

// state is one that a cut can leave, with what must be in it.
type state struct {
	files map[string][]byte
	wants []want
	goOn  bool // the next box writes, too
}

// want is what was acknowledged at a cut: the tickets of the first permanence and
// of the second.
type want struct {
	first, second int
	closing       bool // the first may be gone as a whole
}

type verdict struct {
	states, lost, twice, unopenable int
	replacing                       int // states in the middle of the creation or the replacement of the file
	first                           string
}

// explore opens every state of the card that a cut during the recording could leave. A
// card that lies loses up to so many of the last writes, synced or not.
func explore(t *testing.T, rec recording, lies int) verdict {
	t.Helper()
	c := &powercut.Card{Only: rec.file, Unsafe: lies, Coarse: true}
	states := map[[32]byte]*state{}
	var tickets [2][]session.ID
	var now want
	for _, s := range rec.steps {
		if s.Call == powercut.Say {
			var what string
			var id string
			fmt.Sscan(string(s.Data), &what, &id)
			var visit session.ID
			if err := visit.UnmarshalText([]byte(id)); err != nil {
				t.Fatal(err)
			}
			switch {
			case what == "closing":
				now.closing = true
			case what == "ticket" && !now.closing:
				tickets[0] = append(tickets[0], visit)
				now.first++
			case what == "ticket":
				tickets[1] = append(tickets[1], visit)
				now.second++
			}
			if lies > 0 && now.first > 12 {
				break // enough to lose something
			}
		} else if !c.Do(s) {
			continue
		}
		c.Cut(func(found powercut.State) {
			st := states[found.Key]
			if st == nil {
				st = &state{files: map[string][]byte{}}
				for name, b := range found.Files {
					st.files["journal.db"+strings.TrimPrefix(name, rec.file)] = b
				}
				states[found.Key] = st
			}
			if !slices.Contains(st.wants, now) {
				st.wants = append(st.wants, now)
			}
		}, func(powercut.Freed) {}) // which must be empty at the counters; here at the close alone
	}
	var v verdict
	var mu sync.Mutex
	var wg sync.WaitGroup
	todo := make(chan *state)
	folder := t.TempDir()
	for range 4 { // a disk is mostly waited for
		wg.Go(func() {
			for st := range todo {
				what, problem := st.judge(folder, tickets)
				mu.Lock()
				v.add(what, problem)
				mu.Unlock()
			}
		})
	}
	for _, st := range states {
		if _, two := st.files["journal.db.new"]; two {
			v.replacing++
		}
		st.goOn = v.states%20 == 0
		v.states++
		todo <- st
	}
	close(todo)
	wg.Wait()
	return v
}

func (v *verdict) add(what, problem string) {
	switch what {
	case "lost":
		v.lost++
	case "twice":
		v.twice++
	case "unopenable":
		v.unopenable++
	}
	if what != "" && v.first == "" {
		v.first = what + ": " + problem
	}
}

// judge opens a state and compares it with what was acknowledged.
func (st *state) judge(folder string, tickets [2][]session.ID) (what, problem string) {
	dir, err := os.MkdirTemp(folder, "")
	if err != nil {
		return "unopenable", err.Error()
	}
	defer os.RemoveAll(dir)
	for name, b := range st.files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return "unopenable", err.Error()
		}
	}
	j, aside, err := journal.Open(dir)
	if err != nil || aside != "" {
		if err == nil {
			j.Close()
		}
		if !slices.ContainsFunc(st.wants, func(w want) bool { return w.first > 0 }) {
			return "", "" // a file that was never whole, and held nothing
		}
		return "unopenable", fmt.Sprintf("set aside %q, %v", aside, err)
	}
	defer j.Close()
	var last session.Event
	var state session.State
	found := make(map[session.ID]int)
	j.Replay(func(e session.Event) {
		last = e
		state = session.Evolve(state, e)
		if b, ok := e.Body.(session.TicketTaken); ok {
			found[b.Visit]++
		}
	})
	for id, n := range found {
		if n != 1 {
			return "twice", fmt.Sprintf("ticket %v is there %d times", id, n)
		}
	}
	for _, w := range st.wants {
		if missing := st.missing(w, tickets, found); missing != "" {
			return "lost", missing
		}
	}
	if !st.goOn {
		return "", ""
	}
	// Whatever was left, the next box can write.
	next := session.Event{Seq: last.Seq + 1, Command: session.ID{1}, At: last.At, Body: session.Interrupted{}}
	if err := j.Append([]session.Event{next}); err != nil {
		return "unopenable", err.Error()
	}
	if err := j.Close(); err != nil {
		return "unopenable", err.Error()
	}
	again, aside, err := journal.Open(dir)
	if err != nil || aside != "" {
		return "unopenable", fmt.Sprintf("after one more event: set aside %q, %v", aside, err)
	}
	defer again.Close()
	n := 0
	again.Replay(func(e session.Event) { n++; last = e })
	if last.Seq != next.Seq {
		return "lost", "an event written after the cut"
	}
	return "", ""
}

// missing says what was acknowledged and is not there, or "".
func (st *state) missing(w want, tickets [2][]session.ID, found map[session.ID]int) string {
	gone := func(ids []session.ID) string {
		for i, id := range ids {
			if found[id] == 0 {
				return fmt.Sprintf("acknowledged ticket %d of %d (%v)", i+1, len(ids), id)
			}
		}
		return ""
	}
	if w.closing && (w.second > 0 || gone(tickets[0][:1]) != "") {
		return gone(tickets[1][:w.second]) // the first permanence is in the ledger now
	}
	return gone(tickets[0][:w.first])
}
