package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/firmware/web/pair"
)

// numberedView is what every view has.
type numberedView struct {
	Seq   uint64 `json:"seq"`
	NowMS int64  `json:"now_ms"`
}

func seqs(t *testing.T, s *screen) []uint64 {
	t.Helper()
	var list []uint64
	for _, m := range s.views() {
		var v numberedView
		if err := json.Unmarshal(m, &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v.Seq)
	}
	return list
}

// TestSnapshotThenChanges: a screen gets the whole state when it connects, and
// again at each change, with a number that grows.
func TestSnapshotThenChanges(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		early := w.watch("/ws/hall")
		w.settle()
		if len(early.views()) != 1 {
			t.Fatalf("views at first = %d; want 1", len(early.views()))
		}
		w.ticket(nil)
		w.desk("open", nil)
		w.desk("next", nil)
		w.settle()
		late := w.watch("/ws/hall")
		w.settle()
		if len(late.views()) != 1 {
			t.Fatalf("views of a late screen = %d; want 1", len(late.views()))
		}
		if e, l := early.views(), late.views(); !bytes.Equal(e[len(e)-1], l[0]) {
			t.Errorf("late screen sees %s; want %s as the early one", l[0], e[len(e)-1])
		}
		if v := newest[HallView](late); v.Status != "open" || len(v.Calls) != 1 || v.Calls[0].Number != 1 {
			t.Errorf("late screen sees %+v; want the call that is on the board", v)
		}
		list := seqs(t, early)
		for i := 1; i < len(list); i++ {
			if list[i] <= list[i-1] {
				t.Errorf("seq = %v; want it to grow", list)
			}
		}
	})
}

// TestBug02LostCallTwoInOneRefresh: two desks call in the same instant; both calls
// stand in the view, whichever screens look on.
func TestBug02LostCallTwoInOneRefresh(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		var halls []*screen
		for range 3 {
			halls = append(halls, w.watch("/ws/hall"))
		}
		for range 4 {
			w.ticket(nil)
		}
		w.desk("open", nil)
		w.settle()
		var wg sync.WaitGroup
		for _, desk := range []string{"1", "2"} {
			wg.Go(func() { w.desk("next", fields{"desk": desk, "id": id(900 + uint64(desk[0]))}) })
		}
		wg.Wait()
		w.settle()
		for _, hall := range halls {
			v := newest[HallView](hall)
			if len(v.Calls) != 2 || v.Calls[0].Call == v.Calls[1].Call || v.Calls[0].Number+v.Calls[1].Number != 3 || v.Calls[0].Desk == v.Calls[1].Desk {
				t.Errorf("board after two calls at once = %+v; want both", v.Calls)
			}
		}
	})
}

// TestBug05FirstCallOnEmptyBoard: the first call of the day is shown like any other.
func TestBug05FirstCallOnEmptyBoard(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		hall := w.watch("/ws/hall")
		w.ticket(nil)
		w.desk("open", nil)
		w.settle()
		if v := newest[HallView](hall); v.Calls == nil || len(v.Calls) != 0 || v.Message != "" {
			t.Fatalf("empty board = %+v; want a list without a call", v)
		}
		w.desk("next", nil)
		w.settle()
		v := newest[HallView](hall)
		if len(v.Calls) != 1 || v.Calls[0].Number != 1 || v.Calls[0].Times != 1 || v.NowMS-v.Calls[0].AtMS > 1000 {
			t.Errorf("board after the first call = %+v; want it, just now", v)
		}
	})
}

// TestBug06RecallSilent: a recall has an identity of its own, or no screen would
// take it for news.
func TestBug06RecallSilent(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		hall := w.watch("/ws/hall")
		w.ticket(nil)
		w.desk("open", nil)
		w.desk("next", nil)
		w.settle()
		first := newest[HallView](hall).Calls[0]
		w.pass(21 * time.Second)
		w.desk("recall", nil)
		w.settle()
		again := newest[HallView](hall).Calls[0]
		if again.Call == first.Call || again.Number != 1 || again.Times != 2 || again.AtMS <= first.AtMS {
			t.Errorf("recall = %+v after %+v; want a new call of the same number", again, first)
		}
	})
}

// TestBoardIsShort: six calls at most, the newest first.
func TestBoardIsShort(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		hall := w.watch("/ws/hall")
		w.desk("open", nil)
		for range 9 {
			w.ticket(nil)
			w.desk("next", nil)
			w.desk("end", fields{"outcome": "served"})
		}
		w.settle()
		var got []uint32
		for _, c := range newest[HallView](hall).Calls {
			got = append(got, uint32(c.Number))
		}
		if fmt.Sprint(got) != "[9 8 7 6 5 4]" {
			t.Errorf("board = %v; want the last six, newest first", got)
		}
	})
}

// TestBoardKeepsWhoIsAwaited: however many are called and received at other desks, a
// person who is still awaited stays on the board.
func TestBoardKeepsWhoIsAwaited(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		hall := w.watch("/ws/hall")
		w.desk("open", nil)
		w.ticket(nil)
		w.desk("next", fields{"desk": "2"})
		for range 8 {
			w.ticket(nil)
			w.desk("next", nil)
			w.desk("end", fields{"outcome": "served"})
		}
		w.settle()
		var got []string
		for _, c := range newest[HallView](hall).Calls {
			got = append(got, fmt.Sprint(c.Number, c.Current))
		}
		if want := "[9 false 8 false 7 false 6 false 5 false 1 true]"; fmt.Sprint(got) != want {
			t.Errorf("board = %v; want %s", got, want)
		}
	})
}

// TestCallKeepsItsMark: a display knows a call by a mark that neither a corrected
// clock nor another permanence changes or gives twice.
func TestCallKeepsItsMark(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		hall := w.watch("/ws/hall")
		seen := make(map[string]bool)
		for day := range 2 {
			w.desk("open", nil)
			w.ticket(nil)
			w.desk("next", nil)
			w.settle()
			first := newest[HallView](hall).Calls[0]
			if seen[first.Call] {
				t.Errorf("call of permanence %d = %q, as in the one before", day+1, first.Call)
			}
			seen[first.Call] = true
			if day == 0 {
				w.desk("confirm_time", fields{"at_ms": time.Now().Add(time.Hour).UnixMilli()})
			}
			w.settle()
			if v := newest[HallView](hall); len(v.Calls) != 1 || v.Calls[0].Call != first.Call || day == 0 && v.Calls[0].AtMS == first.AtMS {
				t.Errorf("the clock was put right: %+v after %+v; want the same call at another time", v.Calls, first)
			}
			w.desk("close", fields{"rest": "left"})
			w.pass(time.Minute)
		}
	})
}

// TestBug14StaleAnswer: a socket that still holds an older snapshot never puts its
// view in the place of a newer one.
func TestBug14StaleAnswer(t *testing.T) {
	var c cache
	built := 0
	get := func(seq uint64) string {
		return string(c.get("hall", seq, func() []byte { built++; return fmt.Appendf(nil, "view %d", seq) }))
	}
	for _, tt := range []struct {
		seq   uint64
		want  string
		built int
	}{
		{7, "view 7", 1},
		{7, "view 7", 1}, // once for all
		{8, "view 8", 2},
		{7, "view 7", 3}, // late, for itself
		{8, "view 8", 3}, // and the newer one is there still
		{9, "view 9", 4},
	} {
		if got := get(tt.seq); got != tt.want || built != tt.built {
			t.Errorf("get(%d) = %q, built %d times; want %q, %d", tt.seq, got, built, tt.want, tt.built)
		}
	}
	if got := string(c.get("kiosk", 9, func() []byte { return []byte("another surface") })); got != "another surface" {
		t.Errorf("get(kiosk) = %q; want its own view", got)
	}
}

// TestSlowReader: a screen that does not read for a while gets the newest state,
// not all those it missed, and delays nobody.
func TestSlowReader(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		slow := w.dial("/ws/hall")
		defer slow.Close()
		quick := w.watch("/ws/hall")
		w.desk("open", nil)
		for range 50 {
			w.ticket(nil)
			w.pass(20 * time.Millisecond)
		}
		synctest.Wait()
		if v := newest[HallView](quick); v.Waiting != 50 {
			t.Errorf("quick screen sees %d who wait; want 50", v.Waiting)
		}
		var v HallView
		read := 0
		for v.Waiting != 50 {
			slow.SetReadDeadline(time.Now().Add(time.Second))
			if _, data, err := slow.ReadMessage(); err != nil {
				t.Fatalf("slow screen, view %d: %v; want it to come to the newest", read, err)
			} else if err := json.Unmarshal(data, &v); err != nil {
				t.Fatal(err)
			}
			read++
		}
		if read > 4 {
			t.Errorf("slow screen was sent %d views; want the first and the newest", read)
		}
	})
}

// TestDeadReader: a screen that never reads again is given up.
func TestDeadReader(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		dead := w.dial("/ws/hall")
		defer dead.Close()
		w.settle()
		w.ticket(nil)
		w.pass(writeWait + goodbye + time.Second)
		if got := w.server.views.open.Load(); got != 0 {
			t.Errorf("open sockets = %d; want none", got)
		}
	})
}

// TestAlive: while nothing changes the page is told every ten seconds that the
// line is up, and pings go out; a browser that answers none is given up.
func TestAlive(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		hall := w.watch("/ws/hall")
		w.settle()
		for i := range 4 {
			before := len(hall.messages())
			w.pass(aliveEvery)
			if got := hall.messages()[before:]; len(got) != 1 || !bytes.Equal(got[0], alive) {
				t.Errorf("beat %d = %q; want %s", i, got, alive)
			}
		}
		w.pass(10 * time.Minute)
		if hall.err != nil || w.server.views.open.Load() != 1 {
			t.Errorf("after ten quiet minutes: %v, %d open; want the line up", hall.err, w.server.views.open.Load())
		}

		// One that reads and never answers a ping.
		mute := w.dial("/ws/hall")
		defer mute.Close()
		mute.SetPingHandler(func(string) error { return nil })
		ended := make(chan error, 1)
		go func() {
			for {
				if _, _, err := mute.ReadMessage(); err != nil {
					ended <- err
					return
				}
			}
		}()
		w.pass(pongWait + time.Second)
		select {
		case <-ended:
		default:
			t.Error("a browser that answers no ping is still served; want it given up")
		}
	})
}

// TestTalkative: pages send nothing up a socket; one that sends much is let go.
func TestTalkative(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		conn := w.dial("/ws/hall")
		defer conn.Close()
		go func() {
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					return
				}
			}
		}()
		conn.WriteMessage(websocket.TextMessage, []byte("hello")) // ignored
		w.settle()
		if got := w.server.views.open.Load(); got != 1 {
			t.Errorf("open sockets after a word = %d; want 1", got)
		}
		conn.WriteMessage(websocket.TextMessage, bytes.Repeat([]byte("x"), 4096))
		w.pass(time.Second)
		if got := w.server.views.open.Load(); got != 0 {
			t.Errorf("open sockets after a speech = %d; want none", got)
		}
	})
}

// TestUnknownDesk: a page with a desk that is not there gets a view to choose from.
func TestUnknownDesk(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for _, path := range []string{"/ws/desk", "/ws/desk?desk=", "/ws/desk?desk=9", "/ws/desk?desk=" + strings.Repeat("x", 5000)} {
			s := w.watch(path)
			w.settle()
			if v := newest[DeskView](s); v.Desk != "" || len(v.Desks) != 2 {
				t.Errorf("%.20s shows desk %q of %d; want none of two", path, v.Desk, len(v.Desks))
			}
		}
		if got := len(w.server.views.views); got > 2 {
			t.Errorf("%d views are kept for desks that do not exist; want one", got)
		}
	})
}

// TestViewsGoWithTheirScreens: what a screen showed of people is kept no longer than
// somebody looks at it.
func TestViewsGoWithTheirScreens(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		kept := func() []string { return slices.Sorted(maps.Keys(w.server.views.views)) }
		w.watch("/ws/hall")
		one, two := w.watch("/ws/desk?desk=1"), w.watch("/ws/desk?desk=1")
		w.ticket(nil)
		w.settle()
		mine := surfaceOf(pair.Session{Role: pair.Solo}, "1")
		for _, step := range []struct {
			leaves *screen
			want   []string
		}{{nil, []string{desksShare, mine, "hall"}}, {one, []string{desksShare, mine, "hall"}}, {two, []string{"hall"}}} {
			if step.leaves != nil {
				step.leaves.conn.Close()
				w.settle()
			}
			if got := kept(); !slices.Equal(got, step.want) {
				t.Errorf("views kept = %q; want %q", got, step.want)
			}
		}
	})
}

// TestTwoDesksSeeTheirOwn: what is common is the same bytes, the rest is each one's.
func TestTwoDesksSeeTheirOwn(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		one, two := w.watch("/ws/desk?desk=1"), w.watch("/ws/desk?desk=2")
		w.ticket(nil)
		w.ticket(nil)
		w.desk("open", nil)
		w.desk("next", nil)
		w.desk("intake_new", nil)
		w.settle()
		a, b := newest[DeskView](one), newest[DeskView](two)
		if a.Mine == nil || a.Mine.Number != 1 || a.Intake == nil || a.Undo == nil {
			t.Errorf("desk 1 sees %+v, %v, %v; want its person, its intake, its undo", a.Mine, a.Intake, a.Undo)
		}
		if b.Mine != nil || b.Intake != nil || b.Undo != nil {
			t.Errorf("desk 2 sees %+v, %v, %v; want none of desk 1's", b.Mine, b.Intake, b.Undo)
		}
		if x, y := string(encode(a.deskCommon)), string(encode(b.deskCommon)); x != y || a.Seq != b.Seq {
			t.Errorf("desk 2 sees %s; want %s as desk 1", y, x)
		}
	})
}

// TestClose: the server ends its sockets quickly, those that do not read among
// them, and lets no other in.
func TestClose(t *testing.T) {
	w := onSockets(t, Config{})
	w.ticket(nil)
	w.desk("open", nil)
	for i := range 30 {
		conn := w.dial([]string{"/ws/hall", "/ws/kiosk", "/ws/desk?desk=1"}[i%3])
		defer conn.Close()
		if i%2 == 0 { // the others never read
			go func() {
				for {
					if _, _, err := conn.ReadMessage(); err != nil {
						return
					}
				}
			}()
		}
	}
	began := time.Now()
	w.server.Close()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("Close() took %v; want under 2 s", took)
	}
	if got := w.server.views.open.Load(); got != 0 {
		t.Errorf("open sockets = %d; want none", got)
	}
	conn, _, err := w.dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(w.base, "http")+"/ws/hall", map[string][]string{"Origin": {w.base}})
	if err == nil {
		conn.SetReadDeadline(time.Now().Add(2 * time.Second))
		if _, _, err := conn.ReadMessage(); err == nil {
			t.Error("a socket after Close got a view; want none")
		}
		conn.Close()
	}
}

// TestCloseWithAStuckScreen: a network that swallows nothing more does not hold
// the end up, and no goroutine is left behind: a bubble that holds one fails.
func TestCloseWithAStuckScreen(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		stuck := w.dial("/ws/hall")
		defer stuck.Close()
		w.settle()
		w.ticket(nil) // its view is being written, and never read
		w.settle()
		began := time.Now()
		w.server.Close()
		if took := time.Since(began); took > time.Second {
			t.Errorf("Close() took %v; want under 1 s", took)
		}
	})
}

// TestCloseWhileTheyCome: sockets that come while the server closes.
func TestCloseWhileTheyCome(t *testing.T) {
	w := onSockets(t, Config{})
	host := strings.TrimPrefix(w.base, "http://")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+host+"/ws/hall", map[string][]string{"Origin": {w.base}})
			if err == nil {
				conn.Close()
			}
		})
	}
	w.server.Close()
	wg.Wait()
	w.server.Close()
}

// TestFiftyScreens: in a burst each of fifty desks is sent the last state.
func TestFiftyScreens(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		var all []*screen
		for i := range 50 {
			all = append(all, w.watch(fmt.Sprintf("/ws/desk?desk=%d", 1+i%2)))
		}
		w.desk("open", nil)
		for range 30 {
			w.ticket(nil)
		}
		w.settle()
		for i, s := range all {
			if v := newest[DeskView](s); v.WaitingTotal != 30 {
				t.Errorf("screen %d sees %d who wait; want 30", i, v.WaitingTotal)
			}
		}
	})
}
