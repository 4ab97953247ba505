package rehearse

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// patience is how long the box may be out of reach before the script gives up.
// A box that restarts is back much sooner.
const patience = time.Minute

// answer is what the box says to a POST.
type answer struct {
	Number int    `json:"number"`
	Visit  string `json:"visit"`
	Error  string `json:"error"`
	Key    string `json:"key"` // of a refusal
}

// box is the way to a running box.
type box struct {
	base   *url.URL
	client *http.Client
	dialer *websocket.Dialer
}

// dialFunc opens a connection, as net.Dialer does.
type dialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

func newBox(address string, dial dialFunc) (*box, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("rehearse: the address is http://HOST:PORT, not %q", address)
	}
	u.Path = ""
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return &box{
		base:   u,
		client: &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 16}},
		dialer: &websocket.Dialer{NetDialContext: dial, HandshakeTimeout: 10 * time.Second},
	}, nil
}

// newID is an identifier of a command. It is not of the seed: the same morning
// may be played twice on one box.
func newID() string {
	var id [16]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
}

// post sends a command, with the same id again until the box answers.
func (b *box) post(ctx context.Context, path string, body map[string]any) (answer, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return answer{}, fmt.Errorf("rehearse: %s: %w", path, err)
	}
	var ans answer
	err = b.insist(ctx, func() (again bool, err error) {
		status, raw, err := b.do(ctx, http.MethodPost, path, data)
		if err != nil {
			return true, err
		}
		ans = answer{}
		_ = json.Unmarshal(raw, &ans) // what is no JSON is shown as it is
		switch {
		case status == http.StatusOK, status == http.StatusConflict && ans.Key != "":
			return false, nil
		}
		return status == http.StatusServiceUnavailable, fmt.Errorf("POST %s %s: %d %s", path, data, status, bytes.TrimSpace(raw))
	})
	return ans, err
}

// press presses a button of the panel. It has no id: a button has none either.
func (b *box) press(ctx context.Context, action string) error {
	return b.insist(ctx, func() (bool, error) {
		status, raw, err := b.do(ctx, http.MethodPost, "/dock/press?action="+url.QueryEscape(action), nil)
		if err == nil && status != http.StatusNoContent {
			return status == http.StatusServiceUnavailable, fmt.Errorf("POST /dock/press: %d %s", status, bytes.TrimSpace(raw))
		}
		return true, err
	})
}

// starting is how long a box may need until it answers for the first time.
const starting = 5 * time.Second

// there waits until a box answers at the address, or says that none does.
func (b *box) there(ctx context.Context) error {
	begun := time.Now()
	for {
		status, _, err := b.do(ctx, http.MethodGet, "/healthz", nil)
		switch {
		case err == nil && status == http.StatusOK:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case time.Since(begun) < starting:
		case err != nil:
			return fmt.Errorf("rehearse: no box answers at %s: %w; start one with jeudi run, or give its address with -url", b.base, err)
		default:
			return fmt.Errorf("rehearse: what answers at %s is no box that is ready (%d); give its address with -url", b.base, status)
		}
		if err := sleep(ctx, starting/20); err != nil {
			return err
		}
	}
}

// hasDock reports whether there are simulated buttons to press.
func (b *box) hasDock(ctx context.Context) (bool, error) {
	status, _, err := b.do(ctx, http.MethodGet, "/dock/state", nil)
	return status == http.StatusOK, err
}

func (b *box) do(ctx context.Context, method, path string, body []byte) (int, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, b.base.String()+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	resp, err := b.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, raw, err
}

// insist repeats try while it asks for it, with growing pauses, until the box's
// patience is over.
func (b *box) insist(ctx context.Context, try func() (again bool, err error)) error {
	begun, pause := time.Now(), 50*time.Millisecond
	for {
		again, err := try()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !again || time.Since(begun) > patience {
			return fmt.Errorf("rehearse: %w", err)
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, time.Second)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// feed is the newest view of one surface. It has a mutex because one goroutine
// reads the socket and others look at what came.
type feed[V any] struct {
	mu      sync.Mutex
	last    V
	got     bool
	changed chan struct{} // closed with each view
}

func newFeed[V any]() *feed[V] { return &feed[V]{changed: make(chan struct{})} }

func (f *feed[V]) put(v V) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last, f.got = v, true
	close(f.changed)
	f.changed = make(chan struct{})
}

// latest is the newest view, whether there is one, and what closes with the next.
func (f *feed[V]) latest() (V, bool, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last, f.got, f.changed
}

// await waits for a view that is as asked, at most so long; ok is false when none came.
func (f *feed[V]) await(ctx context.Context, most time.Duration, as func(V) bool) (v V, ok bool, err error) {
	t := time.NewTimer(most)
	defer t.Stop()
	for {
		v, got, changed := f.latest()
		if got && as(v) {
			return v, true, nil
		}
		select {
		case <-ctx.Done():
			return v, false, context.Cause(ctx)
		case <-t.C:
			return v, false, nil
		case <-changed:
		}
	}
}

// leap is by how much the box's clock must differ from the script's to have been set,
// and not only shown late.
const leap = time.Minute

// leaps counts how often the box's clock was set: whoever compares its times before and
// after compares nothing. It has a mutex because every feed asks it.
type leaps struct {
	origin time.Time

	mu   sync.Mutex
	base time.Duration // of the box's clock at the origin
	seen bool
	n    int
}

func (l *leaps) count(now time.Time, boxMS int64, speed float64) int {
	base := time.Duration(boxMS)*time.Millisecond - time.Duration(float64(now.Sub(l.origin))*speed)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen && (base-l.base).Abs() > leap {
		l.n++
	}
	l.base, l.seen = base, true
	return l.n
}

// quiet is how long a socket may say nothing: the box says every 10 s that it is alive.
const quiet = 30 * time.Second

// watch keeps a feed, and comes back when the box does. put gets each view as it
// came, and how often the line was lost before.
func (b *box) watch(ctx context.Context, path string, put func(data []byte, outage int) error) error {
	u := *b.base
	u.Scheme = "ws"
	header := http.Header{"Origin": {b.base.String()}}
	for outage := 0; ; outage++ {
		var conn *websocket.Conn
		err := b.insist(ctx, func() (bool, error) {
			c, resp, err := b.dialer.DialContext(ctx, u.String()+path, header)
			if err != nil && resp != nil {
				return resp.StatusCode == http.StatusServiceUnavailable, fmt.Errorf("%s: %s", path, resp.Status)
			}
			conn = c
			return true, err
		})
		if err != nil {
			return err
		}
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		err = read(conn, func(data []byte) error { return put(data, outage) })
		stop()
		conn.Close()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if errors.Is(err, errProtocol) {
			return err
		}
	}
}

var errProtocol = errors.New("rehearse: the box sent something else than a view")

func read(conn *websocket.Conn, put func([]byte) error) error {
	for {
		conn.SetReadDeadline(time.Now().Add(quiet))
		_, data, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		if bytes.Equal(data, []byte(`{"alive":true}`)) {
			continue
		}
		if err := put(data); err != nil {
			return fmt.Errorf("%w: %w: %.200s", errProtocol, err, data)
		}
	}
}
