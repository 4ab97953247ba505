// Package guard is what stands between the network and the box's handlers, in this
// order: headers that keep a page to itself, the Host allow-list, the methods, the
// pace, cross-origin protection, the Origin of what changes something or opens a
// socket, the size of the body; then, for what is staff's, the cookie and the role.
//
// Go's defaults stop neither a name that was made to point here (DNS rebinding) nor
// a socket or a post without an Origin; all of these are refused here. It promises
// that every answer of a handler has the headers, that refusals are messages of the
// catalogue, and that nobody is ever banned: who asks too much waits, who asks far
// too much is told how long, and this machine itself, where the kiosk is, never
// waits.
package guard

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"jeudi/firmware/session"
)

// Refuse answers with a status and the words of a message.
type Refuse func(w http.ResponseWriter, status int, m session.Msg)

// Config is what a listener lets through.
type Config struct {
	// Names are host names of this box besides the address that was reached and
	// localhost: lower case, without a port.
	Names []string
	// Programs may send without an Origin: for the listener of this machine alone,
	// where commands of the box itself come from. Browsers always send one.
	Programs bool
	// Probes has the listener answer what phones ask of a network that they join: for the
	// public one, on whose network every name may lead here.
	Probes  bool
	MaxBody int64            // bytes
	Large   map[string]int64 // bytes, by path: what takes files
	Pace    *Pace            // nil: no limit
	Refuse  Refuse
}

// The refusals.
var (
	ErrHost   = &session.Refusal{Msg: session.M("refuse.guard_host")}
	ErrOrigin = &session.Refusal{Msg: session.M("refuse.guard_origin")}
	ErrMethod = &session.Refusal{Msg: session.M("refuse.guard_method")}
	ErrTooBig = &session.Refusal{Msg: session.M("refuse.guard_too_big")}
	ErrBusy   = &session.Refusal{Msg: session.M("refuse.busy")}
)

// Wrap puts the guards before a handler.
func Wrap(cfg Config, next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		cfg.Refuse(w, http.StatusForbidden, ErrOrigin.Msg)
	}))
	return headers(cfg.probed(cfg.hosts(cfg.methods(cfg.pace(crossOrigin.Handler(cfg.origins(cfg.body(next))))))))
}

// headers go with every answer. Nothing of a page may come from elsewhere or stand
// in its text, no other page may frame or embed it, and no phone asks its owner for
// the camera in the box's name.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), display-capture=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// hosts refuses what was not sent to this box's own address or name.
func (cfg Config) hosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !cfg.known(r) {
			cfg.Refuse(w, http.StatusMisdirectedRequest, ErrHost.Msg)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// known compares texts: an address in any form but the usual one is no address that
// the box shows. Addresses of IPv6 are of no hotspot, so that only the loopback's
// counts.
func (cfg Config) known(r *http.Request) bool {
	host, port := r.Host, ""
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host, port = host[:i], host[i+1:]
		if port == "" || strings.Trim(port, "0123456789") != "" {
			return false
		}
	}
	if host == "localhost" || slices.Contains(cfg.Names, host) {
		return true
	}
	reached, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	at, err := netip.ParseAddrPort(reached.String())
	if err != nil {
		return false
	}
	ip := at.Addr().Unmap()
	switch {
	case ip.Is4():
		return host == ip.String()
	case ip.IsLoopback():
		return host == "["+ip.String()+"]"
	}
	return false
}

// methods: reading is GET or HEAD, changing is POST, and nothing else is spoken
// here. Which of them an address takes is for the routes to say.
func (cfg Config) methods(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost {
			w.Header().Set("Allow", "GET, HEAD, POST")
			cfg.Refuse(w, http.StatusMethodNotAllowed, ErrMethod.Msg)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// origins: what changes something and what opens a socket says which page it comes
// from, and that page is one of this box's at this very address.
func (cfg Config) origins(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		upgrade := Upgrades(r)
		asks := upgrade || r.Method == http.MethodPost
		program := cfg.Programs && !upgrade && len(r.Header.Values("Origin")) == 0
		if asks && !program && !SameOrigin(r) {
			cfg.Refuse(w, http.StatusForbidden, ErrOrigin.Msg)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Upgrades reports whether a request wants to become something else, a WebSocket or
// whatever it may name.
func Upgrades(r *http.Request) bool { return len(r.Header.Values("Upgrade")) > 0 }

// SameOrigin reports whether a request comes from a page of the very address that
// it was sent to. It is for a websocket.Upgrader too: that one's own check accepts
// a missing Origin, and any name that Host repeats. Here Host was checked before.
func SameOrigin(r *http.Request) bool {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	origins := r.Header.Values("Origin")
	return len(origins) == 1 && origins[0] == scheme+r.Host
}

// body bounds what is sent. What says beforehand that it is too large is not read.
func (cfg Config) body(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most := cfg.MaxBody
		if n, ok := cfg.Large[r.URL.Path]; ok {
			most = n
		}
		if r.ContentLength > most {
			w.Header().Set("Connection", "close") // the rest is not worth reading
			cfg.Refuse(w, http.StatusRequestEntityTooLarge, ErrTooBig.Msg)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next.ServeHTTP(w, r)
	})
}
