package web

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/firmware/appliance"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
)

const (
	pingEvery  = 20 * time.Second
	aliveEvery = 10 * time.Second // tells the page that the line is up; pages cannot see pings
	pongWait   = 60 * time.Second
	writeWait  = 5 * time.Second
	goodbye    = 500 * time.Millisecond // for the last message: a graceful stop has 2 s
)

// upgrader asks for an Origin, and for this box's own, as the guards before it do:
// gorilla's default accepts a missing one.
var upgrader = websocket.Upgrader{
	WriteBufferSize: 4096,
	WriteBufferPool: &sync.Pool{},
	CheckOrigin:     guard.SameOrigin,
}

var alive = []byte(`{"alive":true}`)

func (s *Server) watchHall(w http.ResponseWriter, r *http.Request) {
	s.watch(w, r, "hall", func(b *appliance.Snapshot) []byte { return encode(s.hallView(b)) })
}

func (s *Server) watchKiosk(w http.ResponseWriter, r *http.Request) {
	s.watchHeard(w, r, "kiosk", s.heardKiosk, func(b *appliance.Snapshot) []byte {
		return encode(s.withPairing(s.withTest(s.kioskView(b, b.Kiosk), b)))
	})
}

// kioskBeat is what the kiosk's page says whenever it has been painted.
const kioskBeat = "painted"

func (s *Server) heardKiosk(said []byte) {
	if string(said) != kioskBeat {
		return
	}
	if s.painted.Swap(time.Now().UnixNano()) == 0 {
		s.cfg.Logger.Info("kiosk painted")
		if s.cfg.Painted != nil {
			s.cfg.Painted()
		}
	}
}

// Painted is when the kiosk's page was last known to be on the screen; zero for not since
// the start. A page that works says so every few seconds.
func (s *Server) Painted() time.Time {
	at := s.painted.Load()
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(0, at)
}

func (s *Server) watchDesk(w http.ResponseWriter, r *http.Request) {
	desk := r.URL.Query().Get("desk")
	if b := s.cfg.Box.Snapshot(); b != nil && !b.HasDesk(desk) {
		desk = "" // the page lets staff choose one
	}
	who, _ := guard.Who(r.Context())
	if s.door != nil && who.ID != 0 && desk != "" {
		s.door.Sit(who.ID, desk)
	}
	if who.Role.May(pair.Call) {
		defer s.cfg.Box.Attend(desk)() // somebody receives there
	}
	defer s.views.use(desksShare)()
	s.watch(w, r, surfaceOf(who, desk), func(b *appliance.Snapshot) []byte { return s.deskMessage(b, who, desk) })
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // a value of our own types always encodes
	}
	return data
}

// watch upgrades and pushes whole views, the newest each time, until the browser
// leaves or the server closes.
func (s *Server) watch(w http.ResponseWriter, r *http.Request, surface string, view func(*appliance.Snapshot) []byte) {
	s.watchHeard(w, r, surface, nil, view)
}

// watchHeard is watch for a page that says something itself; heard may be nil.
func (s *Server) watchHeard(w http.ResponseWriter, r *http.Request, surface string, heard func([]byte), view func(*appliance.Snapshot) []byte) {
	conn, ctx, leave := s.upgrade(w, r)
	if conn == nil {
		return
	}
	defer leave()
	s.views.open.Add(1)
	defer s.views.open.Add(-1)
	defer s.views.use(surface)()
	s.push(ctx, conn, feed{
		view: func(b *appliance.Snapshot) []byte {
			return s.views.get(surface, b.Seq, func() []byte { return view(b) })
		},
		gap:   func(*appliance.Snapshot) time.Duration { return s.views.gap() },
		heard: heard,
	})
}

// upgrade opens a socket; nil when it has answered instead. The context ends when
// the server closes, or with that of the request: whoever counts sockets ends the
// oldest so.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) (conn *websocket.Conn, ctx context.Context, leave func()) {
	if s.cfg.Box.Snapshot() == nil {
		fail(w, http.StatusServiceUnavailable, "starting")
		return nil, nil, nil
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return nil, nil, nil // Upgrade has answered
	}
	if !s.enter() {
		conn.Close()
		return nil, nil, nil
	}
	ctx, cancel := context.WithCancel(s.ctx)
	stop := context.AfterFunc(r.Context(), cancel)
	return conn, ctx, func() {
		stop()
		cancel()
		s.sockets.Done()
		conn.Close()
	}
}

// feed is what a socket is sent.
type feed struct {
	view func(*appliance.Snapshot) []byte        // nil: nothing new for this one
	gap  func(*appliance.Snapshot) time.Duration // the least time since the view before
	// heard is given what the page says; nil: nothing is expected of it.
	heard func([]byte)
}

// push sends views until ctx ends or the browser leaves. Each connection has one
// goroutine that writes and one that reads, for pongs and the end.
func (s *Server) push(ctx context.Context, conn *websocket.Conn, f feed) {
	ctx, cancel := context.WithCancel(ctx)
	// However it ends, a browser that does not read must not hold it up: closing
	// the line ends a write that hangs.
	ended := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(ended)
		conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""), time.Now().Add(goodbye))
		conn.Close()
	})
	var reader sync.WaitGroup
	defer func() {
		cancel()
		<-ended
		reader.Wait()
	}()
	reader.Go(func() {
		defer cancel()
		conn.SetReadLimit(512) // nothing large comes up
		conn.SetReadDeadline(time.Now().Add(pongWait))
		conn.SetPongHandler(func(string) error { return conn.SetReadDeadline(time.Now().Add(pongWait)) })
		for {
			_, said, err := conn.ReadMessage()
			if err != nil {
				return
			}
			if f.heard != nil {
				f.heard(said)
			}
		}
	})

	snapshots := s.cfg.Box.Watch(ctx)
	beat := time.NewTicker(aliveEvery)
	defer beat.Stop()
	due := time.NewTimer(time.Hour)
	due.Stop()
	var pinged, looked time.Time
	var newest *appliance.Snapshot
	for {
		var data []byte
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			if time.Since(pinged) >= pingEvery {
				pinged = time.Now()
				if conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)) != nil {
					return
				}
			}
			data = alive
		case newest = <-snapshots:
		case <-due.C:
		}
		if data == nil {
			// The first change is shown at once; in a burst, the more screens look on,
			// the fewer intermediate states each of them is sent.
			if wait := f.gap(newest) - time.Since(looked); wait > 0 {
				due.Reset(wait)
				continue
			}
			due.Stop()
			looked = time.Now()
			if data = f.view(newest); data == nil {
				continue
			}
		}
		conn.SetWriteDeadline(time.Now().Add(writeWait))
		if conn.WriteMessage(websocket.TextMessage, data) != nil {
			return
		}
	}
}

// cache keeps the newest view of each surface that somebody looks at, so that fifty
// screens cost one encoding. It has a mutex because every socket asks from its own
// goroutine.
type cache struct {
	mu    sync.Mutex
	views map[string]*cached
	users map[string]int // sockets, by surface
	open  atomic.Int64
}

// desksShare is the surface of what all desks see.
const desksShare = "desk"

// use counts a socket that looks at a surface, until leave is called. The last one takes
// the view with it: it holds what is known of people.
func (c *cache) use(surface string) (leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.users == nil {
		c.users = make(map[string]int)
	}
	c.users[surface]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.users[surface]--; c.users[surface] == 0 {
			delete(c.users, surface)
			delete(c.views, surface)
		}
	}
}

type cached struct {
	once sync.Once
	seq  uint64
	data []byte
}

func (c *cache) get(surface string, seq uint64, build func() []byte) []byte {
	c.mu.Lock()
	if c.views == nil {
		c.views = make(map[string]*cached)
	}
	v := c.views[surface]
	if v == nil || v.seq != seq {
		if v != nil && v.seq > seq { // a slow socket with an older snapshot builds its own
			c.mu.Unlock()
			return build()
		}
		v = &cached{seq: seq}
		c.views[surface] = v
	}
	c.mu.Unlock()
	v.once.Do(func() { v.data = build() })
	return v.data
}

// gap is the least time between two views on one socket. Each change costs a view
// a socket, and each socket makes changes of its own: hence the square. One screen
// waits for nothing, fifty for 12 ms, two hundred for 200 ms.
func (c *cache) gap() time.Duration {
	n := time.Duration(c.open.Load())
	return n * n * 5 * time.Microsecond
}
