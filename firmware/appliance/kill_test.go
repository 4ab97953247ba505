package appliance_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// TestKill kills a busy box again and again, at any moment: in the middle of
// tickets, of its own start, of a close, of the merge of the sheets. Each time
// another box starts on what is left, and everything that was acknowledged must be
// there, once.
func TestKill(t *testing.T) {
	t.Parallel()
	const lanes = 3 // boxes side by side: most of the time is the disk's
	cycles := 300
	if testing.Short() {
		cycles = 20
	}
	w := catalogue(t)
	var total tally
	var mu sync.Mutex
	var wg sync.WaitGroup
	for lane := range lanes {
		w := &witness{
			dir: t.TempDir(), rand: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), uint64(lane))), words: w,
			tickets: make(map[session.ID]session.Number), closed: make(map[session.ID]int), ended: make(map[session.ID]bool),
		}
		wg.Go(func() {
			for i := range (cycles + lanes - 1) / lanes {
				if err := w.cycle(i); err != nil {
					t.Errorf("box %d, after %d kills: %v", lane, i+1, err)
					return
				}
			}
			mu.Lock()
			defer mu.Unlock()
			total = total.plus(w.tally)
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	t.Logf("report: %d kills, %d tickets, %d ends, %d sheets and %d closes acknowledged, 0 lost, 0 twice",
		total.kills, total.tickets, total.ends, total.sheets, total.closes)
	if testing.Short() {
		return // a few kills may well all come early
	}
	if total.tickets < total.kills || total.ends == 0 || total.sheets == 0 || total.closes == 0 {
		t.Errorf("the boxes did too little: %+v", total)
	}
}

type tally struct{ kills, tickets, ends, sheets, closes int }

func (a tally) plus(b tally) tally {
	return tally{a.kills + b.kills, a.tickets + b.tickets, a.ends + b.ends, a.sheets + b.sheets, a.closes + b.closes}
}

// witness knows what one box acknowledged, over all its lives.
type witness struct {
	tally
	dir   string
	rand  *rand.Rand
	words *words.Catalogue

	tickets map[session.ID]session.Number // of the permanence under way
	ended   map[session.ID]bool
	closed  map[session.ID]int // permanence → tickets acknowledged in it
	closing session.ID         // close asked for, and no answer seen
	counted int                // sheets that were there at the last look
	sent    int                // sheets acknowledged since
}

// cycle starts a box, kills it, and looks at what is left.
func (w *witness) cycle(i int) error {
	kind := "busy"
	if i%3 == 2 {
		kind = "closing"
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+kind, dirEnv+"="+w.dir)
	var complaints bytes.Buffer
	child.Stderr = &complaints
	out, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	// Killed while it starts, or among the answers that it is giving: so many of them, not
	// so many milliseconds, or a slow machine would kill boxes that did nothing yet.
	starting, left := i%8 == 5, 1+w.rand.IntN(20)
	if i%5 == 0 {
		left = 1 + w.rand.IntN(80) // a whole sheet takes a while
	}
	if starting {
		pause(time.Duration(w.rand.IntN(60)) * time.Millisecond)
		child.Process.Kill()
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if left--; left == 0 && !starting {
			go func() {
				pause(time.Duration(w.rand.IntN(5000)) * time.Microsecond)
				child.Process.Kill()
			}()
		}
		if err := w.heard(lines.Text()); err != nil {
			child.Process.Kill()
			return err
		}
	}
	if err := child.Wait(); child.ProcessState.Exited() {
		return fmt.Errorf("the box ended by itself: %v\n%s", err, complaints.String())
	}
	w.kills++
	return w.look()
}

// pause is real time: the box is another process, and its disk is real.
func pause(d time.Duration) { <-time.After(d) }

// heard takes a line of the box down. Only whole lines come: a pipe takes them at once.
func (w *witness) heard(line string) error {
	var what, id string
	var n int
	fmt.Sscan(line, &what, &id, &n)
	var visit session.ID
	if err := visit.UnmarshalText([]byte(id)); err != nil && what != "closed" && what != "sheet" && what != "ready" {
		return fmt.Errorf("the box says %q: %w", line, err)
	}
	switch what {
	case "ready":
	case "ticket":
		for other, m := range w.tickets {
			if m == session.Number(n) {
				return fmt.Errorf("number %d was given to %v and to %v", n, other, visit)
			}
		}
		w.tickets[visit] = session.Number(n)
		w.tally.tickets++
	case "end":
		w.ended[visit] = true
		w.ends++
	case "sheet":
		w.sent++
		w.sheets++
	case "closing":
		w.closing = visit
	case "closed":
		w.over()
		w.closes++
	default:
		return fmt.Errorf("the box says %q", line)
	}
	return nil
}

// over notes that the permanence that was being closed is closed.
func (w *witness) over() {
	w.closed[w.closing] = len(w.tickets)
	w.closing = session.ID{}
	clear(w.tickets)
	clear(w.ended)
}

// seen is a log that counts what is replayed from it.
type seen struct {
	stores
	visits map[session.ID]int
}

func (s seen) Append(events []session.Event) error { return s.journal.Append(events) }
func (s seen) Replay(yield func(session.Event)) {
	s.journal.Replay(func(e session.Event) {
		if b, ok := e.Body.(session.TicketTaken); ok {
			s.visits[b.Visit]++
		}
		yield(e)
	})
}

// look starts a box on what is left and compares it with what was acknowledged.
func (w *witness) look() error {
	s, err := openStores(w.dir)
	if err != nil {
		return err
	}
	defer s.close()
	if len(s.aside) > 0 {
		return fmt.Errorf("set aside after a kill: %q", s.aside)
	}
	log := seen{s, make(map[session.ID]int)}
	box := running(s, log, w.words)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- box.Run(ctx) }()
	select {
	case <-box.Ready():
	case err := <-ended:
		return fmt.Errorf("the next box: %w", err)
	}
	cancel()
	if err := <-ended; err != nil {
		return fmt.Errorf("the next box: %w", err)
	}
	return firstOf(w.lookAtLedger(s), w.lookAtQueue(box.Snapshot().Session, log.visits), w.lookAtSheets(s))
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *witness) lookAtLedger(s stores) error {
	entries, err := s.ledger.Entries()
	if err != nil {
		return err
	}
	times := make(map[session.ID]int)
	for _, e := range entries {
		times[e.ID]++
		if e.ID == w.closing { // it was closed, and the answer was lost with the box
			w.over()
		}
		if sum := e.Totals.Ended(); sum != e.Totals.Issued || int(e.Next) != e.Totals.Issued+1 {
			return fmt.Errorf("ledger: identity broken: %d ended of %d issued, next number %d", sum, e.Totals.Issued, e.Next)
		}
		if acknowledged, ok := w.closed[e.ID]; !ok || e.Totals.Issued < acknowledged {
			return fmt.Errorf("ledger: %d tickets of %v; %d acknowledged (known: %v)", e.Totals.Issued, e.ID, acknowledged, ok)
		}
	}
	for id := range w.closed {
		if times[id] != 1 {
			return fmt.Errorf("ledger: permanence %v is there %d times; want once", id, times[id])
		}
	}
	return nil
}

func (w *witness) lookAtQueue(s session.State, taken map[session.ID]int) error {
	w.closing = session.ID{}
	switch {
	case s.Status == session.Open:
		return fmt.Errorf("after a kill the permanence is open; want paused")
	case s.Status == session.Paused && s.Cut == nil:
		return fmt.Errorf("after a kill there is no banner")
	case s.Totals.Ended()+s.Here() != s.Totals.Issued:
		return fmt.Errorf("identity broken: %d ended, %d here, %d issued", s.Totals.Ended(), s.Here(), s.Totals.Issued)
	}
	visits := 0
	for v := range s.Visits() {
		visits++
		if v.Number != session.Number(visits) {
			return fmt.Errorf("number %d comes after %d", v.Number, visits-1)
		}
		if n := taken[v.ID]; n != 1 {
			return fmt.Errorf("the journal has visit %v %d times", v.ID, n)
		}
	}
	if visits != s.Totals.Issued && s.Status != session.Closed || len(w.tickets) > 0 && visits < len(w.tickets) {
		return fmt.Errorf("%d visits; %d issued, %d acknowledged", visits, s.Totals.Issued, len(w.tickets))
	}
	for id, n := range w.tickets {
		if v, ok := s.Visit(id); !ok || v.Number != n {
			return fmt.Errorf("LOST: ticket %d (%v) was acknowledged and is not there", n, id)
		}
	}
	for id := range w.ended {
		if v, ok := s.Visit(id); !ok || v.State() != session.Done {
			return fmt.Errorf("LOST: the end of %v was acknowledged and is not there", id)
		}
	}
	return nil
}

// Of sheets one may be kept without an answer: nobody sends two at once.
func (w *witness) lookAtSheets(s stores) error {
	now := s.counters.Totals().Sheets + s.counters.Pending()
	if extra := now - w.counted - w.sent; extra < 0 || extra > 1 {
		return fmt.Errorf("%d sheets; %d were there and %d acknowledged since (%s)", now, w.counted, w.sent,
			strings.Repeat("LOST ", max(0, -extra)))
	}
	w.counted, w.sent = now, 0
	return nil
}
