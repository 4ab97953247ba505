package web

import (
	"net/http"

	"jeudi/firmware/web/guard"
)

// The sockets that one phone or display may hold, and all of them. They are counted
// apart, so that phones never cost the hall its display.
const (
	ticketsEach, ticketsAll = 4, 400
	hallsEach, hallsAll     = 4, 40
)

// Public serves what anybody on the network of the place may see, over plain HTTP:
// the hall's display, the pages of a visitor's own phone, the guides, and the page
// of a ticket for whoever holds its capability. No route of staff or of the kiosk is
// on it, nothing that it serves asks who one is, and nothing sent to it changes
// anything. It stands behind guards of its own.
func (s *Server) Public() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler("/phone/", http.StatusFound))
	mux.Handle("GET /hall", s.page("hall/index.html"))
	mux.Handle("GET /hall/{$}", s.page("hall/index.html"))                      // typed with a remote control
	mux.Handle("GET /guide", http.RedirectHandler("/guide/", http.StatusFound)) // its links are relative
	mux.Handle("GET /guide/{$}", s.page("guide/index.html"))
	for _, dir := range []string{"hall", "guide", "lib", "phone"} {
		mux.Handle("GET /"+dir+"/", http.HandlerFunc(s.file))
	}
	mux.HandleFunc("GET /words/{surface}", func(w http.ResponseWriter, r *http.Request) {
		if name := r.PathValue("surface"); name != "hall.json" && name != "veil.json" {
			http.NotFound(w, r)
			return
		}
		s.words(w, r)
	})
	mux.Handle("GET /ws/hall", s.pooled(s.halls, client, s.watchHall))
	s.routePhone(mux)
	return guard.Wrap(guard.Config{Probes: true, MaxBody: maxBody, Pace: guard.UsualPace(), Refuse: s.refuseMsg}, mux)
}

// routePhone is the visitor's own phone: practice, rights to check, the ticket.
func (s *Server) routePhone(mux *http.ServeMux) {
	mux.Handle("GET /phone", http.RedirectHandler("/phone/", http.StatusFound))
	mux.Handle("GET /phone/{$}", s.page("phone/index.html"))
	mux.HandleFunc("GET /phone/words", s.phoneWords)
	mux.HandleFunc("GET /phone/languages", s.phoneLanguages)
	mux.HandleFunc("GET /phone/clip", s.phoneClip)
	mux.HandleFunc("GET /phone/rules", s.phoneRules)
	// The capability stands behind a # and is never sent; browsers carry it over.
	mux.Handle("GET /t", http.RedirectHandler("/phone/ticket.html", http.StatusFound))
	mux.Handle("GET /ws/ticket", s.pooled(s.phones, client, s.watchTicket))
	mux.HandleFunc("POST /phone/said", s.sayTicket)
	mux.HandleFunc("GET /hall/clip", s.hallClip)
}

// client is the phone or display that a request comes from, false for this machine.
func client(r *http.Request) (holder string, ok bool) {
	return guard.Client(r.RemoteAddr), !guard.Local(r.RemoteAddr)
}

// pooled counts a socket among those of its kind and its holder. This machine's own
// are not counted: the kiosk's second screen, and what measures the box.
func (s *Server) pooled(pool *guard.Sockets, holder func(*http.Request) (string, bool), serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, counts := holder(r)
		if !counts {
			serve(w, r)
			return
		}
		ctx, leave, ok := pool.Enter(r.Context(), who)
		if !ok {
			w.Header().Set("Retry-After", "5")
			s.busy(w)
			return
		}
		defer leave()
		serve(w, r.WithContext(ctx))
	}
}
