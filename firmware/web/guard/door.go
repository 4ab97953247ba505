package guard

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/web/pair"
)

// Cookie is the name of the staff's cookie. The prefix has browsers refuse one that
// is not Secure, or was set for another host or path.
const Cookie = "__Host-jeudi"

// DoorConfig is what a door needs.
type DoorConfig struct {
	// Busy reports whether a desk is in a service. It is asked under the door's lock,
	// and must not ask the door.
	Busy   func(desk string) bool
	Refuse Refuse
	// Changed is told when what the kiosk shows of pairing has changed, or who is
	// paired. May be nil.
	Changed func()
	// Fingerprint is the beginning of the certificate's.
	Fingerprint [8]byte
	// Clock is time.Now when nil. A test against a real listener has its own: it
	// cannot make the network wait.
	Clock func() time.Time
}

// Door is where staff come in: it owns the book of pairings, with its clock and its
// randomness, and ends the sockets of a pairing that ended. It has a mutex because
// every request has its own goroutine.
type Door struct {
	cfg DoorConfig

	mu       sync.Mutex
	book     pair.Book
	fragment string                     // of the token on the kiosk's screen
	lines    map[pair.ID]map[*line]bool // sockets
}

type line struct{ cancel context.CancelFunc }

// NewDoor is a door that knows nobody: cookies of an earlier start open nothing.
func NewDoor(cfg DoorConfig) *Door {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Door{cfg: cfg, lines: make(map[pair.ID]map[*line]bool)}
}

func secret() (s pair.Secret) {
	rand.Read(s[:]) // never fails: it ends the program instead
	return s
}

// Run locks and ends pairings in time, until its context ends.
func (d *Door) Run(ctx context.Context) {
	beat := time.NewTicker(30 * time.Second)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			var gone []pair.ID
			d.update(func(b *pair.Book, at time.Time) []pair.ID { gone = b.Sweep(at, d.cfg.Busy); return gone })
			if len(gone) > 0 {
				d.changed()
			}
		}
	}
}

// update changes the book, and closes the sockets of the pairings that do returns.
func (d *Door) update(do func(b *pair.Book, at time.Time) (gone []pair.ID)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hangUp(do(&d.book, d.cfg.Clock()))
}

// change is an update that screens show.
func (d *Door) change(do func(b *pair.Book, at time.Time) (gone []pair.ID)) {
	d.update(do)
	d.changed()
}

func (d *Door) changed() {
	if d.cfg.Changed != nil {
		d.cfg.Changed()
	}
}

func (d *Door) hangUp(gone []pair.ID) {
	for _, id := range gone {
		for l := range d.lines[id] {
			l.cancel()
		}
		delete(d.lines, id)
	}
}

// Shown is what the kiosk shows of pairing.
type Shown struct {
	Fragment string    `json:"fragment,omitempty"` // what follows the box's address in the QR code
	Until    time.Time `json:"until,omitzero"`     // of the token
	PINUntil time.Time `json:"pin_until,omitzero"` // PIN is asked for until then
	Number   int       `json:"number,omitempty"`   // of the phone that waits for a yes
	Role     pair.Role `json:"role,omitempty"`     // as what it wants to come in
	// Vouching says that the kiosk said yes, and that a paired screen has to as well.
	Vouching bool      `json:"vouching,omitempty"`
	AskUntil time.Time `json:"ask_until,omitzero"` // of Number
}

// Ends is when the next of what is shown is over, zero when nothing is.
func (s Shown) Ends() (end time.Time) {
	for _, t := range []time.Time{s.Until, s.PINUntil, s.AskUntil} {
		if end.IsZero() || !t.IsZero() && t.Before(end) {
			end = t
		}
	}
	return end
}

// Shown is what the kiosk shows of pairing now. It is for the kiosk alone.
func (d *Door) Shown() Shown {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.cfg.Clock()
	var s Shown
	s.Until, s.PINUntil = d.book.Offered(at)
	if !s.Until.IsZero() {
		s.Fragment = d.fragment
	}
	if c, ok := d.book.Pending(at); ok {
		s.Number, s.Role, s.AskUntil = c.Number, c.Role, c.Until
	} else if c, ok := d.book.Doubted(at); ok {
		s.Number, s.Role, s.AskUntil, s.Vouching = c.Number, c.Role, c.Until, true
	}
	return s
}

// Offer has the kiosk show a token.
func (d *Door) Offer() {
	d.change(func(b *pair.Book, at time.Time) []pair.ID {
		token := secret()
		b.Offer(at, token)
		d.fragment = pair.Fragment(token, d.cfg.Fingerprint)
		return nil
	})
}

// OpenPIN has the kiosk ask for a PIN.
func (d *Door) OpenPIN() {
	d.change(func(b *pair.Book, at time.Time) []pair.ID { b.OpenPIN(at); return nil })
}

// Withdraw ends what the kiosk shows.
func (d *Door) Withdraw() {
	d.change(func(b *pair.Book, _ time.Time) []pair.ID { b.Withdraw(); return nil })
}

// Confirm is the kiosk's yes to the phone with this number.
func (d *Door) Confirm(number int) (err error) {
	d.change(func(b *pair.Book, at time.Time) []pair.ID { err = b.Confirm(at, number); return nil })
	return err
}

// Deny is the kiosk's no to it.
func (d *Door) Deny(number int) (err error) {
	d.change(func(b *pair.Book, at time.Time) []pair.ID { err = b.Refuse(at, number); return nil })
	return err
}

// TypePIN is a PIN that was typed at the kiosk.
func (d *Door) TypePIN(pin string) (err error) {
	d.change(func(b *pair.Book, at time.Time) []pair.ID { err = b.TypePIN(at, pin, secret()); return nil })
	return err
}

// Vouch is the yes of a paired screen to the phone with this number, Doubt its no.
func (d *Door) Vouch(number int) (err error) {
	d.change(func(b *pair.Book, at time.Time) []pair.ID { err = b.Vouch(at, number); return nil })
	return err
}

// Doubt is the no of a paired screen.
func (d *Door) Doubt(number int) (err error) {
	d.change(func(b *pair.Book, at time.Time) []pair.ID { err = b.Doubt(at, number); return nil })
	return err
}

// Renew is for a certificate that was made anew: the codes of now on carry the
// beginning of its fingerprint.
func (d *Door) Renew(fingerprint [8]byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cfg.Fingerprint = fingerprint
}

// EndAll ends every pairing and closes every socket of one.
func (d *Door) EndAll() {
	d.change(func(b *pair.Book, _ time.Time) []pair.ID { return b.EndAll() })
}

// End ends one pairing.
func (d *Door) End(id pair.ID) {
	d.change(func(b *pair.Book, _ time.Time) []pair.ID { b.End(id); return []pair.ID{id} })
}

// Sit says at which desk a paired screen is.
func (d *Door) Sit(id pair.ID, desk string) {
	d.change(func(b *pair.Book, _ time.Time) []pair.ID { b.Sit(id, desk); return nil })
}

// Sessions are the paired screens, in the order of pairing.
func (d *Door) Sessions() []pair.Session {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.book.Sessions(d.cfg.Clock())
}

type staffKey struct{}

// Who is the paired screen that sent a request, behind Staff or As.
func Who(ctx context.Context) (pair.Session, bool) {
	s, ok := ctx.Value(staffKey{}).(pair.Session)
	return s, ok
}

// As is for the listener of this machine, where nobody pairs: whoever is let
// through has a role.
func As(role pair.Role, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), staffKey{}, pair.Session{Role: role})))
	})
}

// Staff admits paired screens whose role has the capability: 401 without a pairing,
// or with one that is locked, 403 for another role. A post is a touch. The context
// of a socket ends with its pairing; that of a command does not, so that closing
// the permanence gets its answer.
func (d *Door) Staff(c pair.Capability, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, done, err := d.admit(r, c)
		switch {
		case errors.Is(err, pair.ErrRole):
			d.refuse(w, http.StatusForbidden, err)
			return
		case err != nil:
			d.refuse(w, http.StatusUnauthorized, err)
			return
		}
		defer done()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// admit checks the cookie and, for a socket, notes it, in one step: a pairing that
// ends after it finds the socket, and one that ended before finds nothing.
func (d *Door) admit(r *http.Request, c pair.Capability) (_ context.Context, done func(), err error) {
	cookie, ok := cookieOf(r)
	if !ok {
		return nil, nil, pair.ErrNotPaired
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.book.Check(d.cfg.Clock(), cookie, r.Method == http.MethodPost, d.cfg.Busy)
	if err != nil {
		d.hangUp([]pair.ID{s.ID})
		return nil, nil, err
	}
	if !s.Role.May(c) {
		return nil, nil, pair.ErrRole
	}
	ctx := context.WithValue(r.Context(), staffKey{}, s)
	if !Upgrades(r) {
		return ctx, func() {}, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	l := &line{cancel}
	if d.lines[s.ID] == nil {
		d.lines[s.ID] = make(map[*line]bool)
	}
	d.lines[s.ID][l] = true
	return ctx, func() {
		cancel()
		d.mu.Lock()
		defer d.mu.Unlock()
		if delete(d.lines[s.ID], l); len(d.lines[s.ID]) == 0 {
			delete(d.lines, s.ID)
		}
	}, nil
}

// cookieOf is the one cookie of ours; two are none, as nobody knows whose the other is.
func cookieOf(r *http.Request) (pair.Secret, bool) {
	list := r.CookiesNamed(Cookie)
	if len(list) != 1 {
		return pair.Secret{}, false
	}
	return pair.ParseSecret(list[0].Value)
}

func (d *Door) refuse(w http.ResponseWriter, status int, err error) {
	var refusal *session.Refusal
	if !errors.As(err, &refusal) {
		refusal = ErrBusy
	}
	if seconds, ok := refusal.Msg.Args["seconds"].(int); ok {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		status = http.StatusTooManyRequests
	}
	d.cfg.Refuse(w, status, refusal.Msg)
}

// PostPair is how a phone is paired: POST, JSON. It is for the staff's listener,
// behind Wrap.
//
//	{"do": "claim", "token": …, "role": …}  the QR code was read
//	{"do": "ask", "role": …}                a PIN to show, please
//	{"do": "standing", "claim": …}          what became of it?
//	{"do": "collect", "claim": …}           the cookie, once confirmed
//	{"do": "leave"}                         end this pairing
func (d *Door) PostPair(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Do    string    `json:"do"`
		Token string    `json:"token"`
		Claim string    `json:"claim"`
		Role  pair.Role `json:"role"`
	}
	if !d.read(w, r, &in) {
		return
	}
	old, _ := cookieOf(r)
	token, _ := pair.ParseSecret(in.Token) // the zero token was never offered
	own, _ := pair.ParseSecret(in.Claim)
	who := pair.Claimant{Claim: secret(), Client: Client(r.RemoteAddr), Role: in.Role}
	var c pair.Claim
	var err error
	switch in.Do {
	case "claim":
		d.update(func(b *pair.Book, at time.Time) []pair.ID { c, err = b.Claim(at, token, who); return nil })
		if own = who.Claim; err == nil { // whoever only tries makes no screen work
			d.changed()
		}
	case "ask":
		d.update(func(b *pair.Book, at time.Time) []pair.ID { c, err = b.Ask(at, who, secret()); return nil })
		own = who.Claim
	case "standing":
		d.update(func(b *pair.Book, at time.Time) []pair.ID { c, err = b.Standing(at, own); return nil })
	case "collect":
		d.collect(w, own, old)
		return
	case "leave":
		d.leave(w, old)
		return
	default:
		err = session.ErrUnknownChoice
	}
	if err != nil {
		d.refuse(w, http.StatusConflict, err)
		return
	}
	reply(w, map[string]any{"claim": own.String(), "stage": c.Stage, "role": c.Role, "number": c.Number, "pin": c.PIN,
		"seconds": int(c.Until.Sub(d.cfg.Clock()).Seconds())})
}

func (d *Door) collect(w http.ResponseWriter, own, old pair.Secret) {
	cookie := secret() // never one that a browser brought
	var s pair.Session
	var err error
	d.change(func(b *pair.Book, at time.Time) (gone []pair.ID) {
		s, gone, err = b.Collect(at, own, cookie, old)
		return gone
	})
	if err != nil {
		d.refuse(w, http.StatusConflict, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: Cookie, Value: cookie.String(), Path: "/", Secure: true, HttpOnly: true,
		SameSite: http.SameSiteStrictMode, MaxAge: int(pair.Longest.Seconds())})
	reply(w, map[string]any{"role": s.Role, "desk": s.Desk})
}

func (d *Door) leave(w http.ResponseWriter, old pair.Secret) {
	d.change(func(b *pair.Book, at time.Time) []pair.ID {
		s, _ := b.Check(at, old, false, d.cfg.Busy) // a locked one may leave too
		b.End(s.ID)
		return []pair.ID{s.ID}
	})
	http.SetCookie(w, &http.Cookie{Name: Cookie, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: -1})
	reply(w, map[string]any{"ok": true})
}

// PostKiosk is the kiosk's side of it: POST, JSON, answered with what it shows then.
// It is for the listener of this machine alone.
//
//	{"do": "offer"}  {"do": "pin"}  {"do": "withdraw"}
//	{"do": "confirm", "number": …}  {"do": "refuse", "number": …}
//	{"do": "type", "pin": …}
func (d *Door) PostKiosk(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Do     string `json:"do"`
		Number int    `json:"number"`
		PIN    string `json:"pin"`
	}
	if !d.read(w, r, &in) {
		return
	}
	var err error
	switch in.Do {
	case "offer":
		d.Offer()
	case "pin":
		d.OpenPIN()
	case "withdraw":
		d.Withdraw()
	case "confirm":
		err = d.Confirm(in.Number)
	case "refuse":
		err = d.Deny(in.Number)
	case "type":
		err = d.TypePIN(in.PIN)
	default:
		err = session.ErrUnknownChoice
	}
	if err != nil {
		d.refuse(w, http.StatusConflict, err)
		return
	}
	reply(w, d.Shown())
}

// maxAsk bounds what is said here, in bytes.
const maxAsk = 1 << 10

// read decodes a small JSON body strictly.
func (d *Door) read(w http.ResponseWriter, r *http.Request, v any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAsk))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil || dec.More() {
		d.cfg.Refuse(w, http.StatusBadRequest, session.ErrUnknownChoice.Msg)
		return false
	}
	return true
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	json.NewEncoder(w).Encode(v) // a browser that left does not read it
}
