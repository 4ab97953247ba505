package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/firmware/session"
	"jeudi/provisioning/site"
)

// fakeSites are sticks that say what they are told to.
type fakeSites struct {
	mu    sync.Mutex
	offer Offer
	err   error // of a look
	take  error
	taken int
	looks int
}

func (f *fakeSites) Look(context.Context) (Offer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looks++
	return f.offer, f.err
}

func (f *fakeSites) Take(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken++
	if f.take != nil {
		f.offer = Offer{Read: true, Why: &session.Msg{Key: "setup.not_written"}}
	}
	return f.take
}

func (f *fakeSites) set(o Offer, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.offer, f.err = o, err
}

// asks is what a page is told, without a listener: those wait outside of a bubble's time.
func (w *world) asks(body string) (v struct {
	Problems, Stick []string
	Sticks          bool
	Taken           string
	Finished        bool
}) {
	w.t.Helper()
	method, path := "GET", "/api/setup"
	if body != "" {
		method, path = "POST", "/api/setup/kiosk"
	}
	rec := httptest.NewRecorder()
	r := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
	at := context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80})
	w.server.Kiosk().ServeHTTP(rec, r.WithContext(at))
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil || rec.Code != 200 {
		w.t.Fatalf("%s %s = %d %s", method, path, rec.Code, rec.Body)
	}
	return v
}

// later is a moment after so long, with all that it brings done.
func later(d time.Duration) {
	time.Sleep(d + time.Millisecond)
	synctest.Wait()
}

// follows runs FollowSticks in a bubble, and returns when that has ended.
func follows(t *testing.T, f *fakeSites, during func(w *world)) *world {
	t.Helper()
	var w *world
	synctest.Test(t, func(t *testing.T) {
		w = newWizard(t, func(c *Config) { c.Sites = f })
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { w.server.FollowSticks(ctx) })
		synctest.Wait()
		during(w)
		stop()
		wg.Wait()
	})
	return w
}

// TestWrongSiteOfAStick: its lines are on the screen and on the phone, the questions go on,
// and what is mended on a PC is taken when the stick is back.
func TestWrongSiteOfAStick(t *testing.T) {
	_, err := site.Parse("jeudi.toml", []byte("langages = 3\n\n\ncouleur = 4\na = 1\nb = 2\nc = 3\n"))
	wrong := err.(site.Errors)
	f := &fakeSites{offer: Offer{Read: true, Wrong: wrong}}
	follows(t, f, func(w *world) {
		for _, body := range []string{"{}", ""} {
			v := w.asks(body)
			if len(v.Stick) != shownProblems+2 || !strings.Contains(v.Stick[0], "Corrigez-la") || !strings.HasPrefix(v.Stick[1], "Ligne 1\u00a0: ") || v.Stick[4] != fmt.Sprintf("Et d’autres\u00a0: %d.", len(wrong)-shownProblems) {
				t.Errorf("%q is told %q; want what to do, and the lines", body, v.Stick)
			}
			if v.Taken != "" || v.Finished || len(v.Problems) > 0 {
				t.Errorf("%q is told %+v; want the wizard going on", body, v)
			}
		}
		if !w.asks("{}").Sticks {
			t.Error("the kiosk does not say that a stick will do")
		}
		f.set(Offer{Read: true, Why: &session.Msg{Key: "setup.stick.many"}}, nil)
		later(lookEvery)
		if v := w.asks("{}"); !slices.Equal(v.Stick, []string{"Plusieurs clés USB ont une fiche. N’en laissez qu’une."}) {
			t.Errorf("with two sticks %q", v.Stick)
		}
		f.set(Offer{Read: true}, nil)
		later(lookEvery)
		if v := w.asks("{}"); len(v.Stick) > 0 {
			t.Errorf("pulled again: %q; want nothing to say", v.Stick)
		}
		f.set(Offer{Read: true, Place: "Les Tilleuls"}, nil)
		later(lookEvery + tellTime + time.Second) // nobody looks: it does not wait for ever
		if f.taken != 1 || !w.server.over() {
			t.Errorf("taken %d times, over %v; want it taken, and the wizard at its end", f.taken, w.server.over())
		}
	})
}

// TestTakenIsTold: the pages that are open say what is taken before the wizard ends, and
// nobody writes another site meanwhile.
func TestTakenIsTold(t *testing.T) {
	f := &fakeSites{offer: Offer{Read: true}}
	w := follows(t, f, func(w *world) {
		w.asks("{}")
		w.server.mu.Lock()
		w.server.lastSeen = w.server.cfg.Clock() // a phone
		w.server.mu.Unlock()
		f.set(Offer{Read: true, Place: "Les Tilleuls"}, nil)
		later(lookEvery + tellEvery)
		if w.server.over() || f.taken != 1 {
			t.Fatalf("over %v, taken %d times; want it to wait for its pages", w.server.over(), f.taken)
		}
		if !w.server.ended() {
			t.Error("something else may be written meanwhile")
		}
		if v := w.asks("{}"); v.Taken != "Les Tilleuls" {
			t.Errorf("the kiosk is told %+v; want the place", v)
		}
		later(2 * tellEvery)
		if w.server.over() {
			t.Error("it does not wait for the phone")
		}
		if v := w.asks(""); v.Taken != "Les Tilleuls" {
			t.Errorf("the phone is told %+v; want the place", v)
		}
		later(2 * tellEvery)
		if !w.server.over() {
			t.Error("it waits when all is said")
		}
	})
	if log := w.log.String(); strings.Count(log, "the site file of a stick is taken") != 1 || strings.Contains(log, "Tilleuls") {
		t.Errorf("the log is %s; want it said once, without the place", log)
	}
}

// TestSticksThatFail: what cannot be read is in the log once; what cannot be written is said,
// and the questions go on; what a phone has chosen is not taken from under it.
func TestSticksThatFail(t *testing.T) {
	f := &fakeSites{err: errors.New("a broken line")}
	w := follows(t, f, func(w *world) {
		later(10 * lookEvery)
		if v := w.asks("{}"); v.Sticks || len(v.Stick) > 0 {
			t.Errorf("the kiosk is told %+v of sticks that nobody reads", v)
		}
		f.take = errors.New("card: full")
		f.set(Offer{Read: true, Place: "Les Tilleuls"}, nil)
		later(2 * lookEvery)
		if v := w.asks("{}"); f.taken != 1 || w.server.ended() || len(v.Stick) != 1 || !strings.Contains(v.Stick[0], "carte") {
			t.Errorf("on a full card: taken %d times, %+v; want what to do, and the wizard going on", f.taken, v)
		}
		f.take = nil
		w.server.mu.Lock()
		w.server.taking = true
		w.server.mu.Unlock()
		f.set(Offer{Read: true, Place: "Les Tilleuls"}, nil)
		looks := f.looks
		later(3 * lookEvery)
		if f.taken != 1 || f.looks != looks {
			t.Errorf("while a phone takes a backup over: taken %d times, looked %d times", f.taken, f.looks-looks)
		}
	})
	if log := w.log.String(); strings.Count(log, "the sticks cannot be read") != 1 || strings.Count(log, "the site file is not written") != 1 {
		t.Errorf("the log is %s; want each said once", log)
	}
}
