// Package pair decides who of the staff is connected to the box: how a phone is
// paired without internet, what its role may do, and when that ends.
//
// There are two ways in, and both go through somebody's hands at the kiosk. By QR
// code: the kiosk shows a token of 128 bits for 60 s; the page that sends it gets a
// number of two digits, which the kiosk shows too and asks to confirm. By PIN, for
// a phone without a camera: the phone shows six digits, and they are typed at the
// kiosk. A PIN is never typed on a phone, where a false access point could read it,
// and so nobody on the network can guess one. Roles that are Vouched need the yes of a
// paired screen besides, if there is one.
//
// It promises that a token counts once; that no cookie exists before the kiosk said
// yes, so that none can be planted beforehand; that only SHA-256 sums of tokens and
// cookies are kept; that a pairing ends at close, after 12 h, when it is ended, or
// with the box's start; that a screen which nobody touches for 30 min is locked, and
// never while its desk is in a service; and that whoever errs waits and is never
// shut out: right tokens are never delayed, and what happens on the network never
// delays the kiosk.
//
// Nothing of it survives the box's start. A power cut in mid-morning costs staff a
// few seconds each at the kiosk; cookies on the card would be keys on the card.
//
// A Book is for one goroutine at a time: whoever owns it has the lock, the clock and
// the randomness.
package pair

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"jeudi/firmware/session"
)

// The times of a pairing.
const (
	OfferFor   = 60 * time.Second // a token on the kiosk's screen
	ConfirmFor = 60 * time.Second // a phone that waits for the kiosk's yes, then for its cookie
	PINFor     = 2 * time.Minute  // the kiosk's screen for a PIN
	Longest    = 12 * time.Hour   // a pairing
	IdleLock   = 30 * time.Minute // without a touch, outside of a service
)

// Tries is how many wrong PINs are typed before every phone shows another.
const Tries = 5

// maxAsks bounds the phones that show a PIN at once.
const maxAsks = 32

// The refusals, with words for staff.
var (
	// ErrNotPaired is a cookie that opens nothing, or none.
	ErrNotPaired = &session.Refusal{Msg: session.M("refuse.pair_none")}
	// ErrLocked is a screen that nobody touched for a while: it is paired again.
	ErrLocked = &session.Refusal{Msg: session.M("refuse.pair_locked")}
	// ErrRole is what this role may not do.
	ErrRole = &session.Refusal{Msg: session.M("refuse.pair_role")}
	// ErrToken is a token that was used, replaced, never given, or is over.
	ErrToken = &session.Refusal{Msg: session.M("refuse.pair_token")}
	// ErrRefused is a phone to which the kiosk said no, or nothing.
	ErrRefused = &session.Refusal{Msg: session.M("refuse.pair_refused")}
	// ErrNobody is a yes or no at the kiosk to a phone that does not wait any more.
	ErrNobody = &session.Refusal{Msg: session.M("refuse.pair_nobody")}
	// ErrNoPIN is a phone that wants a PIN while the kiosk does not ask for one.
	ErrNoPIN = &session.Refusal{Msg: session.M("refuse.pair_no_pin")}
	// ErrWrongPIN is a PIN that no phone shows.
	ErrWrongPIN = &session.Refusal{Msg: session.M("refuse.pair_wrong_pin")}
	// ErrNewPIN is the last of Tries: every phone shows another PIN now.
	ErrNewPIN = &session.Refusal{Msg: session.M("refuse.pair_new_pin")}
	// ErrWait has the argument seconds: how long the next try must wait.
	ErrWait = &session.Refusal{Msg: session.M("refuse.pair_wait")}
)

func wait(d time.Duration) error { return Later(d) }

// Later is ErrWait with how long it is.
func Later(d time.Duration) *session.Refusal {
	return &session.Refusal{Msg: session.M(ErrWait.Msg.Key, "seconds", int(math.Ceil(d.Seconds())))}
}

// Secret is 128 random bits: a token, a claim or a cookie.
type Secret [16]byte

// String is the secret in 22 characters of a URL or a cookie.
func (s Secret) String() string { return base64.RawURLEncoding.EncodeToString(s[:]) }

// ParseSecret reads what String wrote, and only that.
func ParseSecret(text string) (Secret, bool) {
	var s Secret
	if len(text) != 22 {
		return s, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != len(s) {
		return s, false
	}
	return Secret(raw), true
}

// sum is what is kept of a secret. Comparing sums tells nobody by its duration how
// much of a guess was right.
type sum [sha256.Size]byte

func (s Secret) sum() sum { return sha256.Sum256(s[:]) }

// Fragment is what follows the box's address in the QR code: the token, and the
// beginning of the certificate's fingerprint. It stands behind a #, which browsers
// do not send, so that no log has it.
func Fragment(token Secret, fingerprint [8]byte) string {
	return fmt.Sprintf("#p=%s&fp=%x", token, fingerprint)
}

// ID names a pairing for as long as the box runs. It opens nothing.
type ID uint64

// Session is a paired screen.
type Session struct {
	ID     ID
	Role   Role
	Desk   string // where it sits, "" before it chose
	Paired time.Time
	Seen   time.Time // last touch, or last look while its desk was in a service
	Locked bool
}

// Claimant is a page that wants to be paired.
type Claimant struct {
	Claim  Secret // drawn for it; with it the page asks what became of its wish
	Client string // its address, for delays
	Role   Role
}

// Stage is how far a claim is.
type Stage string

// The stages of a claim.
const (
	Waiting   Stage = "waiting"   // for a yes at the kiosk
	Asking    Stage = "asking"    // shows a PIN
	Vouching  Stage = "vouching"  // for a yes on a screen that is paired already
	Confirmed Stage = "confirmed" // may collect its cookie
	Refused   Stage = "refused"
)

// Claim is a wish as its page and the kiosk see it.
type Claim struct {
	Stage  Stage
	Role   Role
	Number int    // 10 to 99, on the phone and at the kiosk; of a claim by QR code, or one that waits for a colleague
	PIN    string // six digits, on the phone alone; of a claim by PIN
	Until  time.Time
}

type claim struct {
	Claim
	sum    sum
	client string
	got    sum // of the cookie that it collected, or zero
}

// Book is the state of pairing. The zero value is ready.
type Book struct {
	offer    sum
	until    time.Time // of the offer; zero without one
	pinUntil time.Time // of the kiosk's screen for a PIN
	wrong    int       // PINs typed since the phones show theirs
	claims   []*claim  // oldest first
	sessions map[sum]*Session
	last     ID
	network  Delays // of tokens and asks
	typed    Delays // of PINs at the kiosk: nobody elsewhere can make it wait
}

// Offer puts a token on the kiosk's screen, in the place of an earlier one, and
// says until when it counts. A phone that still waits for a yes has to begin anew.
func (b *Book) Offer(at time.Time, token Secret) (until time.Time) {
	b.Withdraw()
	b.offer, b.until = token.sum(), at.Add(OfferFor)
	return b.until
}

// OpenPIN begins the kiosk's screen for a PIN, in the place of a token.
func (b *Book) OpenPIN(at time.Time) (until time.Time) {
	b.Withdraw()
	b.pinUntil, b.wrong = at.Add(PINFor), 0
	return b.pinUntil
}

// Withdraw ends what the kiosk shows: the token, the PIN, and the phones that wait
// for either.
func (b *Book) Withdraw() {
	b.until, b.pinUntil = time.Time{}, time.Time{}
	for _, c := range b.claims {
		if c.Stage == Waiting || c.Stage == Asking {
			c.Stage = Refused
		}
	}
}

// Claim is a page that sends a token. The right one is never delayed: guessing 128
// bits is hopeless at any speed, and nobody may keep staff out by trying.
func (b *Book) Claim(at time.Time, token Secret, who Claimant) (Claim, error) {
	if !who.Role.Known() {
		return Claim{}, session.ErrUnknownChoice
	}
	if !at.Before(b.until) || token.sum() != b.offer {
		if d := b.network.Wait(at, who.Client); d > 0 {
			return Claim{}, wait(d)
		}
		b.network.Miss(at, who.Client)
		return Claim{}, ErrToken
	}
	b.until = time.Time{}
	return b.add(at, who, Claim{Stage: Waiting, Role: who.Role, Number: number(who.Claim.sum()), Until: at.Add(ConfirmFor)}), nil
}

// number is drawn with the claim: it tells nothing of the rest of it.
func number(claim sum) int { return 10 + int(binary.BigEndian.Uint32(claim[:]))%90 }

// Ask is a page that wants a PIN to show; seed is random. It has one only while the
// kiosk asks for it. A page that asks again gets another; often, and it waits.
func (b *Book) Ask(at time.Time, who Claimant, seed Secret) (Claim, error) {
	b.forget(at)
	if !who.Role.Known() {
		return Claim{}, session.ErrUnknownChoice
	}
	if !at.Before(b.pinUntil) {
		return Claim{}, ErrNoPIN
	}
	if d := b.network.Wait(at, who.Client); d > 0 {
		return Claim{}, wait(d)
	}
	b.network.Miss(at, who.Client)
	b.claims = slices.DeleteFunc(b.claims, func(c *claim) bool { return c.Stage == Asking && c.client == who.Client })
	if len(b.asking()) >= maxAsks {
		return Claim{}, wait(b.pinUntil.Sub(at))
	}
	return b.add(at, who, Claim{Stage: Asking, Role: who.Role, PIN: b.freshPIN(seed), Until: b.pinUntil}), nil
}

func (b *Book) add(at time.Time, who Claimant, c Claim) Claim {
	b.forget(at)
	b.claims = append(b.claims, &claim{Claim: c, sum: who.Claim.sum(), client: who.Client})
	return c
}

// forget drops the claims that are over.
func (b *Book) forget(at time.Time) {
	b.claims = slices.DeleteFunc(b.claims, func(c *claim) bool { return !at.Before(c.Until) })
}

func (b *Book) asking() []*claim {
	var list []*claim
	for _, c := range b.claims {
		if c.Stage == Asking {
			list = append(list, c)
		}
	}
	return list
}

// freshPIN is a PIN that no phone shows.
func (b *Book) freshPIN(seed Secret) string {
	for ; ; seed = Secret(sha256Of(seed)) {
		pin := PIN(seed)
		if !slices.ContainsFunc(b.asking(), func(c *claim) bool { return c.PIN == pin }) {
			return pin
		}
	}
}

// Pending is the phone that waits for a yes at the kiosk.
func (b *Book) Pending(at time.Time) (Claim, bool) { return b.first(at, Waiting) }

func (b *Book) first(at time.Time, stage Stage) (Claim, bool) {
	for _, c := range b.claims {
		if c.Stage == stage && at.Before(c.Until) {
			return c.Claim, true
		}
	}
	return Claim{}, false
}

// Offered is until when the kiosk shows a token or asks for a PIN; zero when it
// does neither.
func (b *Book) Offered(at time.Time) (token, pin time.Time) {
	if at.Before(b.until) {
		token = b.until
	}
	if at.Before(b.pinUntil) {
		pin = b.pinUntil
	}
	return token, pin
}

// Confirm is the kiosk's yes to the phone with this number. The number keeps a
// screen that is late from saying yes to another phone.
func (b *Book) Confirm(at time.Time, number int) error {
	return b.settle(at, number, Waiting, b.grant)
}

// Refuse is the kiosk's no.
func (b *Book) Refuse(at time.Time, number int) error {
	return b.settle(at, number, Waiting, func(_ time.Time, c *claim) { c.Stage = Refused })
}

// Vouch is the yes of a screen that is paired already, to the claim that Doubted
// shows; Doubt is its no.
func (b *Book) Vouch(at time.Time, number int) error {
	return b.settle(at, number, Vouching, func(at time.Time, c *claim) { c.Stage, c.Until = Confirmed, at.Add(ConfirmFor) })
}

// Doubt is the no of a screen that is paired already.
func (b *Book) Doubt(at time.Time, number int) error {
	return b.settle(at, number, Vouching, func(_ time.Time, c *claim) { c.Stage = Refused })
}

// Doubted is the claim that waits for the yes of a screen that is paired already.
func (b *Book) Doubted(at time.Time) (Claim, bool) { return b.first(at, Vouching) }

func (b *Book) settle(at time.Time, number int, from Stage, do func(time.Time, *claim)) error {
	for _, c := range b.claims {
		if c.Stage == from && at.Before(c.Until) && c.Number == number {
			do(at, c)
			return nil
		}
	}
	return ErrNobody
}

// grant is what a yes at the kiosk does. Standing at the kiosk is no proof of being
// in charge: for a role that may undo a closing or change the box, a colleague who is
// there says yes too. Without any colleague who may, there is nobody to ask.
func (b *Book) grant(at time.Time, c *claim) {
	c.Stage, c.Until = Confirmed, at.Add(ConfirmFor)
	if c.Role.Vouched() && b.colleague(at) {
		c.Stage, c.Number = Vouching, number(c.sum)
	}
}

// colleague reports whether a screen is paired and in use whose role may say that yes.
func (b *Book) colleague(at time.Time) bool {
	for _, s := range b.sessions {
		if !s.Locked && !s.over(at) && s.Role.May(Vouch) {
			return true
		}
	}
	return false
}

// TypePIN is a PIN typed at the kiosk. After Tries wrong ones every phone shows
// another, drawn from seed, and each try waits longer.
func (b *Book) TypePIN(at time.Time, pin string, seed Secret) error {
	b.forget(at)
	if !at.Before(b.pinUntil) {
		return ErrNobody
	}
	if d := b.typed.Wait(at, ""); d > 0 {
		return wait(d)
	}
	for _, c := range b.asking() {
		if c.PIN == pin {
			b.typed.clear()
			b.Withdraw() // the other phones
			b.grant(at, c)
			return nil
		}
	}
	b.typed.Miss(at, "")
	if b.wrong++; b.wrong < Tries {
		return ErrWrongPIN
	}
	b.wrong = 0
	for _, c := range b.asking() {
		c.PIN = b.freshPIN(seed)
		seed = Secret(sha256Of(seed))
	}
	return ErrNewPIN
}

// Standing is what became of a claim. One that is over was refused.
func (b *Book) Standing(at time.Time, own Secret) (Claim, error) {
	c := b.find(at, own)
	if c == nil || c.Stage == Refused {
		return Claim{Stage: Refused}, ErrRefused
	}
	return c.Claim, nil
}

func (b *Book) find(at time.Time, own Secret) *claim {
	s := own.sum()
	for _, c := range b.claims {
		if c.sum == s && at.Before(c.Until) {
			return c
		}
	}
	return nil
}

// Collect makes the session of a confirmed claim, under a cookie drawn for it. old
// is the cookie that the browser had, or zero: its pairing ends, as one screen is
// paired once; its desk goes with the screen. An answer that was lost is collected
// again, under another cookie, while the claim lasts. ended are the pairings that
// this ended.
func (b *Book) Collect(at time.Time, own, cookie, old Secret) (s Session, ended []ID, err error) {
	c := b.find(at, own)
	if c == nil || c.Stage != Confirmed {
		return Session{}, nil, ErrRefused
	}
	fresh := &Session{Role: c.Role, Paired: at, Seen: at}
	for _, gone := range []sum{c.got, old.sum()} {
		if before := b.sessions[gone]; before != nil {
			if before.Role == c.Role {
				fresh.Desk = before.Desk
			}
			ended = append(ended, before.ID)
			delete(b.sessions, gone)
		}
	}
	b.last++
	fresh.ID = b.last
	c.got = cookie.sum()
	if b.sessions == nil {
		b.sessions = make(map[sum]*Session)
	}
	b.sessions[c.got] = fresh
	return *fresh, ended, nil
}

// Check is the pairing of a cookie. touched says that somebody did something,
// which puts the lock off; looking on does not. busy reports whether a desk is in
// a service. With ErrLocked, and with ErrNotPaired of a pairing that has just ended,
// the session's ID says whose sockets are to be closed.
func (b *Book) Check(at time.Time, cookie Secret, touched bool, busy func(desk string) bool) (Session, error) {
	s := b.sessions[cookie.sum()]
	if s == nil {
		return Session{}, ErrNotPaired
	}
	if s.over(at) {
		delete(b.sessions, cookie.sum())
		return Session{ID: s.ID}, ErrNotPaired // its sockets are to be closed
	}
	if s.age(at, busy); s.Locked {
		return *s, ErrLocked
	}
	if touched {
		s.Seen = at
	}
	return *s, nil
}

func (s *Session) over(at time.Time) bool { return at.Sub(s.Paired) >= Longest }

// age locks a session that nobody touches. A service puts that off: whoever speaks
// with a person does not touch a screen.
func (s *Session) age(at time.Time, busy func(string) bool) {
	switch {
	case s.Locked:
	case s.Desk != "" && busy != nil && busy(s.Desk):
		s.Seen = at
	default:
		s.Locked = at.Sub(s.Seen) >= IdleLock
	}
}

// Sit says at which desk a paired screen is.
func (b *Book) Sit(id ID, desk string) {
	for _, s := range b.sessions {
		if s.ID == id {
			s.Desk = desk
		}
	}
}

// Sweep ends what is over and locks what nobody touches; these are returned, and
// their sockets must be closed. Whoever owns the book calls it at least once a
// minute: a service that begins and ends between two calls is not seen.
func (b *Book) Sweep(at time.Time, busy func(desk string) bool) (gone []ID) {
	b.forget(at)
	for k, s := range b.sessions {
		if s.over(at) {
			gone = append(gone, s.ID)
			delete(b.sessions, k)
			continue
		}
		before := s.Locked
		if s.age(at, busy); s.Locked && !before {
			gone = append(gone, s.ID)
		}
	}
	slices.Sort(gone)
	return gone
}

// End ends one pairing. The claim that it came from, which may be collected twice, ends
// with it: else a phone that was put out would be in again.
func (b *Book) End(id ID) {
	maps.DeleteFunc(b.sessions, func(k sum, s *Session) bool {
		if s.ID == id {
			b.claims = slices.DeleteFunc(b.claims, func(c *claim) bool { return c.got == k })
		}
		return s.ID == id
	})
}

// EndAll ends every pairing and every wish for one, as at close and by « Dissocier
// tout ».
func (b *Book) EndAll() (gone []ID) {
	for _, s := range b.sessions {
		gone = append(gone, s.ID)
	}
	slices.Sort(gone)
	b.Withdraw()
	b.sessions, b.claims = nil, nil
	return gone
}

// Sessions are the paired screens, in the order of pairing.
func (b *Book) Sessions(at time.Time) []Session {
	var list []Session
	for _, s := range b.sessions {
		if !s.over(at) {
			list = append(list, *s)
		}
	}
	slices.SortFunc(list, func(x, y Session) int { return cmp.Compare(x.ID, y.ID) })
	return list
}
