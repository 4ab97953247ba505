package guard

import (
	"context"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"jeudi/firmware/session"
)

// Server is an http.Server with every limit stated. Sockets leave these times
// behind, and have their own. HTTP/1.1 alone: sockets need it, and one connection is
// then one request at a time.
func Server(h http.Handler, log *slog.Logger) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Server{
		Protocols:         protocols,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second, // slow headers hold a connection, and no more
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute, // a recording over a weak Wi-Fi
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// Client is who sent a request, for limits: its address, or its network of IPv6,
// where one phone has as many addresses as it likes. "" is nobody known.
func Client(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return ""
	}
	ip := at.Addr().Unmap().WithZone("")
	if ip.Is6() {
		net, err := ip.Prefix(64)
		if err != nil {
			return ""
		}
		return net.String()
	}
	return ip.String()
}

// Local reports whether a request was sent by this machine.
func Local(remote string) bool {
	at, err := netip.ParseAddrPort(remote)
	return err == nil && at.Addr().Unmap().IsLoopback()
}

// Rate is how often something may happen.
type Rate struct {
	Every    time.Duration // one, in the long run
	Burst    int           // at once, after a rest
	Patience time.Duration // the longest that one is made to wait
}

// reserve is when the next one may happen: due is when the last of those before
// will have been worked off.
func (r Rate) reserve(due, now time.Time) (next time.Time, wait time.Duration) {
	if due.Before(now) {
		due = now
	}
	next = due.Add(r.Every)
	return next, max(0, next.Sub(now)-time.Duration(r.Burst)*r.Every)
}

// Pace delays requests, by client and over all. It has a mutex because every
// request has its own goroutine.
type Pace struct {
	one, all Rate

	mu      sync.Mutex
	clients map[string]time.Time
	due     time.Time // of all together
}

// maxPaced bounds the clients that are remembered. Forgetting one is to its good.
const maxPaced = 1024

// NewPace paces each client and all clients together.
func NewPace(one, all Rate) *Pace {
	return &Pace{one: one, all: all, clients: make(map[string]time.Time)}
}

// UsualPace lets a browser load a page with all its files at once, then twenty
// requests a second.
func UsualPace() *Pace {
	return NewPace(Rate{50 * time.Millisecond, 100, 3 * time.Second}, Rate{time.Second / 600, 1200, 3 * time.Second})
}

// reserve is how long the client has to wait; false when that is too long, and
// then the wait is for its next try, and nothing was reserved: insisting costs
// nobody anything.
func (p *Pace) reserve(client string, now time.Time) (wait time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine, w1 := p.one.reserve(p.clients[client], now)
	if w1 > p.one.Patience {
		return w1 - p.one.Patience, false
	}
	all, w2 := p.all.reserve(p.due, now)
	if w2 > p.all.Patience {
		return w2 - p.all.Patience, false
	}
	if _, known := p.clients[client]; !known && len(p.clients) >= maxPaced {
		var least string
		for c, due := range p.clients {
			if least == "" || due.Before(p.clients[least]) {
				least = c
			}
		}
		delete(p.clients, least)
	}
	p.clients[client], p.due = mine, all
	return max(w1, w2), true
}

// pace has a request wait its turn.
func (cfg Config) pace(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cfg.Pace == nil || Local(r.RemoteAddr) {
			next.ServeHTTP(w, r)
			return
		}
		wait, ok := cfg.Pace.reserve(Client(r.RemoteAddr), time.Now())
		if !ok {
			later(w, wait, cfg.Refuse, ErrBusy.Msg)
			return
		}
		if wait > 0 {
			turn := time.NewTimer(wait)
			defer turn.Stop()
			select {
			case <-turn.C:
			case <-r.Context().Done():
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// later refuses for now, and says until when.
func later(w http.ResponseWriter, wait time.Duration, refuse Refuse, m session.Msg) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	refuse(w, http.StatusTooManyRequests, m)
}

// Sockets bounds the sockets of a kind, by who holds them and in all. Whoever opens
// one too many loses the oldest of its own: a phone that changed its access point
// leaves a dead one behind. It has a mutex because every socket has its own
// goroutine.
type Sockets struct {
	each, all int

	mu   sync.Mutex
	held map[string][]*held
	n    int
}

type held struct{ cancel context.CancelFunc }

// NewSockets allows so many for each holder, and in all.
func NewSockets(each, all int) *Sockets {
	return &Sockets{each: each, all: all, held: make(map[string][]*held)}
}

// Enter counts a socket in; ok is false when there are too many in all. The context
// ends when the holder has newer ones; leave counts the socket out.
func (s *Sockets) Enter(ctx context.Context, holder string) (_ context.Context, leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mine := s.held[holder]
	if len(mine) < s.each && s.n >= s.all {
		return nil, nil, false
	}
	if len(mine) >= s.each {
		mine[0].cancel()
		mine = mine[1:]
		s.n--
	}
	ctx, cancel := context.WithCancel(ctx)
	h := &held{cancel}
	s.held[holder] = append(mine[:len(mine):len(mine)], h)
	s.n++
	return ctx, func() { s.leave(holder, h) }, true
}

func (s *Sockets) leave(holder string, h *held) {
	h.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	mine := s.held[holder]
	for i, m := range mine {
		if m == h {
			s.n--
			if len(mine) == 1 {
				delete(s.held, holder)
				return
			}
			s.held[holder] = append(mine[:i:i], mine[i+1:]...)
			return
		}
	}
}

// Limit bounds the open connections of a listener, by client and in all. One too
// many is closed at once: the next finds a place as soon as one is given back. This
// machine is not counted. It has a mutex because every connection closes from its
// own goroutine.
func Limit(ln net.Listener, each, all int) net.Listener {
	return &limited{Listener: ln, each: each, all: all, open: make(map[string]int)}
}

type limited struct {
	net.Listener
	each, all int

	mu   sync.Mutex
	open map[string]int
	n    int
}

func (l *limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		remote := conn.RemoteAddr().String()
		if Local(remote) {
			return conn, nil
		}
		client := Client(remote)
		if !l.enter(client) {
			conn.Close()
			continue
		}
		return &counted{Conn: conn, leave: sync.OnceFunc(func() { l.leave(client) })}, nil
	}
}

func (l *limited) enter(client string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[client] >= l.each || l.n >= l.all {
		return false
	}
	l.open[client]++
	l.n++
	return true
}

func (l *limited) leave(client string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n--
	if l.open[client]--; l.open[client] == 0 {
		delete(l.open, client)
	}
}

type counted struct {
	net.Conn
	leave func()
}

func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
