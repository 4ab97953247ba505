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
)

const (
	pingEvery  = 20 * time.Second
	aliveEvery = 10 * time.Second // tells the page that the line is up; pages cannot see pings
	pongWait   = 60 * time.Second
	writeWait  = 5 * time.Second
	goodbye    = 500 * time.Millisecond // for the last message: a graceful stop has 2 s
)

// upgrader asks for an Origin, and for this box's own: gorilla's default accepts
// a missing one.
var upgrader = websocket.Upgrader{
	WriteBufferSize: 4096,
	WriteBufferPool: &sync.Pool{},
	CheckOrigin:     func(r *http.Request) bool { return r.Header.Get("Origin") == "http://"+r.Host },
}

var alive = []byte(`{"alive":true}`)

func (s *Server) watchHall(w http.ResponseWriter, r *http.Request) {
	s.watch(w, r, "hall", func(b *appliance.Snapshot) []byte { return encode(s.hallView(b)) })
}

func (s *Server) watchKiosk(w http.ResponseWriter, r *http.Request) {
	s.watch(w, r, "kiosk", func(b *appliance.Snapshot) []byte { return encode(s.withTest(s.kioskView(b, b.Kiosk), b)) })
}

func (s *Server) watchDesk(w http.ResponseWriter, r *http.Request) {
	desk := r.URL.Query().Get("desk")
	if b := s.cfg.Box.Snapshot(); b != nil && !b.HasDesk(desk) {
		desk = "" // the page lets staff choose one
	}
	s.watch(w, r, "desk "+desk, func(b *appliance.Snapshot) []byte {
		common := s.views.get("desk", b.Seq, func() []byte { return encode(s.deskCommon(b)) })
		return s.deskJSON(b, desk, common)
	})
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // a value of our own types always encodes
	}
	return data
}

// watch upgrades and pushes whole views, the newest each time, until the browser
// leaves or the server closes. Each connection has one goroutine that writes and
// one that reads, for pongs and the end.
func (s *Server) watch(w http.ResponseWriter, r *http.Request, surface string, view func(*appliance.Snapshot) []byte) {
	if s.cfg.Box.Snapshot() == nil {
		fail(w, http.StatusServiceUnavailable, "starting")
		return
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	defer conn.Close()
	if !s.enter() {
		return
	}
	defer s.sockets.Done()
	s.views.open.Add(1)
	defer s.views.open.Add(-1)
	ctx, cancel := context.WithCancel(s.ctx)
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
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	})

	snapshots := s.cfg.Box.Watch(ctx)
	beat := time.NewTicker(aliveEvery)
	defer beat.Stop()
	var pinged time.Time
	var sent time.Time
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
		case b := <-snapshots:
			// The first change is shown at once; in a burst, the more screens look
			// on, the fewer intermediate states each of them is sent.
			if wait := s.views.gap() - time.Since(sent); wait > 0 {
				select {
				case <-ctx.Done():
					continue
				case <-time.After(wait):
				}
				select {
				case b = <-snapshots:
				default:
				}
			}
			data = s.views.get(surface, b.Seq, func() []byte { return view(b) })
			sent = time.Now()
		}
		conn.SetWriteDeadline(time.Now().Add(writeWait))
		if conn.WriteMessage(websocket.TextMessage, data) != nil {
			return
		}
	}
}

// cache keeps the newest view of each surface, so that fifty screens cost one
// encoding. It has a mutex because every socket asks from its own goroutine.
type cache struct {
	mu    sync.Mutex
	views map[string]*cached
	open  atomic.Int64
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
