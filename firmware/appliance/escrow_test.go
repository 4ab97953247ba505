package appliance_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/counters"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// safe is the keys of two kinds of sheets in memory.
type safe struct {
	mu     sync.Mutex
	states []counters.State
	merges int
}

func (s *safe) States() []counters.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]counters.State(nil), s.states...)
}

func (s *safe) Secrets() (all []counters.Secret) {
	for _, st := range s.States() {
		if st.Sealed && !st.Locked {
			all = append(all, secretOf(st))
		}
	}
	return all
}

// secretOf is the only key of a batch.
func secretOf(st counters.State) counters.Secret {
	return counters.Secret{Kind: st.Kind, Batch: st.Batch, Seed: [16]byte{byte(st.Kind), byte(st.Batch)}}
}

func (s *safe) Unlock(key counters.Secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, st := range s.states {
		switch {
		case st.Kind != key.Kind:
		case st.Batch != key.Batch:
			return counters.ErrOtherBatch
		case key != secretOf(st):
			return counters.ErrWrongKey
		default:
			s.states[i].Locked = false
		}
	}
	return nil
}

func (s *safe) Abandon(sheet.Kind) (int, error) { return 0, counters.ErrOpen }

func (s *safe) Submit([16]byte, sheet.Sheet) error { return nil }

// Merge counts what is open, and begins another batch.
func (s *safe) Merge() (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.merges++
	for i, st := range s.states {
		if st.Sealed && !st.Locked && st.Pending > 0 {
			s.states[i].Batch, s.states[i].Pending = st.Batch+1, 0
			n += st.Pending
		}
	}
	return n, nil
}

func (s *safe) merged() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.merges
}

// The drawer ticket comes out at an opening when a key is on none, once; a key that was
// given back was printed when its batch began. A rehearsal prints none.
func TestDrawerTicketAtTheOpening(t *testing.T) {
	fresh := func(k sheet.Kind) counters.State {
		return counters.State{Kind: k, Batch: 4, Sealed: true}
	}
	waits := counters.State{Kind: sheet.KindVisitor, Batch: 3, Sealed: true, Locked: true, Pending: 7}
	for _, tt := range []struct {
		name    string
		states  []counters.State
		given   bool // the visitors' key comes back before the opening
		test    bool
		off     bool // the site wants no drawer ticket
		want    int  // tickets
		keys    int  // on the last of them
		replace bool // the old one may be torn up
	}{
		{name: "new batches", states: []counters.State{fresh(sheet.KindVisitor), fresh(sheet.KindExit)}, want: 1, keys: 2, replace: true},
		{name: "where nobody wants one", states: []counters.State{fresh(sheet.KindVisitor)}, off: true},
		{name: "a rehearsal", states: []counters.State{fresh(sheet.KindVisitor)}, test: true},
		{name: "the lower level", states: []counters.State{{Kind: sheet.KindVisitor, Batch: 4}}},
		{name: "one that waits for its key", states: []counters.State{waits}},
		{name: "one that waits, and a new one", states: []counters.State{waits, fresh(sheet.KindExit)}, want: 1, keys: 1},
		{name: "a key that came back", states: []counters.State{waits}, given: true, want: 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &safe{states: tt.states}
			bubble(t, func(b *box) {
				b.cfg.Sheets, b.cfg.Escrow, b.cfg.Place.DrawerTicket = s, s, !tt.off
			}, func(t *testing.T, b *box) {
				b.do(session.StartPermanence{Desk: "a", Test: true}) // so that the key comes back while one is open
				b.do(session.Close{Desk: "a"})
				b.settle()
				if tt.given {
					s.mu.Lock()
					s.states[0].Pending = 0 // nothing is merged by it
					s.mu.Unlock()
					if err := b.TypeKey(t.Context(), secretOf(tt.states[0]).Code()); err != nil {
						t.Fatal(err)
					}
				}
				b.do(session.StartPermanence{Desk: "a", Test: tt.test})
				time.Sleep(20 * time.Second)
				synctest.Wait()
				got := b.paper("TICKET DU TIROIR")
				if len(got) != tt.want {
					t.Fatalf("%d drawer tickets; want %d", len(got), tt.want)
				}
				if tt.want == 0 {
					return
				}
				last := strings.Join(strings.Fields(got[len(got)-1]), " ")
				if n := strings.Count(last, ", lot "); n != tt.keys {
					t.Errorf("%d keys on it; want %d:\n%s", n, tt.keys, last)
				}
				if strings.Contains(last, "remplace") != tt.replace {
					t.Errorf("it says that the old one is torn up: %v; want %v", !tt.replace, tt.replace)
				}
				if b.Snapshot().Keys.Paper != session.Printed || !tt.replace == b.Snapshot().Keys.OnPaper() {
					t.Errorf("keys = %+v after the ticket", b.Snapshot().Keys)
				}
				// The next opening prints no other.
				b.do(session.Close{Desk: "a"})
				b.settle()
				b.do(session.StartPermanence{Desk: "a"})
				time.Sleep(20 * time.Second)
				if n := len(b.paper("TICKET DU TIROIR")); n != tt.want {
					t.Errorf("%d drawer tickets after another opening; want %d", n, tt.want)
				}
			})
		})
	}
}

// A batch that waits for its key takes sheets until it has no room, and the desk says so.
func TestALockedBatchIsFull(t *testing.T) {
	for _, pending := range []int{counters.SlotCount - 1, counters.SlotCount} {
		s := &safe{states: []counters.State{{Kind: sheet.KindVisitor, Batch: 3, Sealed: true, Locked: true, Pending: pending}}}
		bubble(t, func(b *box) { b.cfg.Sheets, b.cfg.Escrow = s, s }, func(t *testing.T, b *box) {
			b.settle()
			got, want := b.Snapshot().Keys.Locked(), pending == counters.SlotCount
			if len(got) != 1 || got[0].Full != want {
				t.Errorf("locked = %+v with %d that wait; want full %v", got, pending, want)
			}
		})
	}
}

// A key that comes back between two permanences has what waits counted at once; while one
// is open that waits for the closing.
func TestAKeyThatComesBack(t *testing.T) {
	for _, open := range []bool{false, true} {
		t.Run(fmt.Sprintf("open %v", open), func(t *testing.T) {
			waits := counters.State{Kind: sheet.KindVisitor, Batch: 3, Sealed: true, Locked: true, Pending: 12}
			s := &safe{states: []counters.State{waits}}
			bubble(t, func(b *box) { b.cfg.Sheets, b.cfg.Escrow = s, s }, func(t *testing.T, b *box) {
				b.settle()
				if got := b.Snapshot().Keys.Locked(); len(got) != 1 || got[0].Waiting != 12 {
					t.Fatalf("locked = %+v; want 12 that wait", got)
				}
				if open {
					b.open()
				}
				id := appliance.KeyID{Kind: sheet.KindVisitor, Batch: 3}
				x, err := b.ExchangeKeys(t.Context(), appliance.Exchange{Device: "phone", Has: []appliance.KeyID{id}})
				if err != nil || len(x.Wanted) != 1 || x.Wanted[0] != id || len(x.Keys) != 0 {
					t.Fatalf("ExchangeKeys = %+v, %v; want that the key is wanted", x, err)
				}
				if _, err := b.ExchangeKeys(t.Context(), appliance.Exchange{Device: "phone", Has: []appliance.KeyID{id}, Back: []string{secretOf(waits).String()}}); err != nil {
					t.Fatal(err)
				}
				b.settle()
				if len(b.Snapshot().Keys.Locked()) != 0 {
					t.Error("it still waits for its key")
				}
				if got := s.merged(); got != map[bool]int{false: 1, true: 0}[open] {
					t.Errorf("%d merges; want one, unless a permanence is open", got)
				}
				if !open {
					return
				}
				b.do(session.Close{Desk: "a"})
				b.settle()
				if s.merged() != 1 {
					t.Errorf("%d merges after the closing; want 1", s.merged())
				}
				if got := b.Snapshot().Keys; got.Holders() != 0 || got.Batches[0].Batch != 4 {
					t.Errorf("keys = %+v; want another batch, of which no phone has the key yet", got)
				}
			})
		})
	}
}
