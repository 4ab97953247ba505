package pair

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/session"
)

var start = time.Date(2026, time.November, 19, 9, 0, 0, 0, time.UTC)

func after(d time.Duration) time.Time { return start.Add(d) }

// key is a secret that a test can name.
func key(n int) (s Secret) {
	h := sha256Of(Secret{byte(n), byte(n >> 8), 1})
	return Secret(h)
}

func by(n int, client string, role Role) Claimant { return Claimant{key(n), client, role} }

// paired is a book with one session, under the cookie key(n).
func paired(t *testing.T, b *Book, at time.Time, n int, role Role) Session {
	t.Helper()
	b.Offer(at, key(1000+n))
	c, err := b.Claim(at, key(1000+n), by(2000+n, "a", role))
	if err == nil {
		err = b.Confirm(at, c.Number)
	}
	if _, asked := b.Doubted(at); asked {
		err = b.Vouch(at, c.Number)
	}
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := b.Collect(at, key(2000+n), key(n), Secret{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestByToken(t *testing.T) {
	const s = time.Second
	token, other := key(1), key(2)
	confirm := func(b *Book, at time.Time) error {
		c, ok := b.Pending(at)
		if !ok {
			return ErrNobody
		}
		return b.Confirm(at, c.Number)
	}
	type step struct {
		at   time.Duration
		name string
		do   func(b *Book, at time.Time) error
		err  error
	}
	offer := func(at time.Duration, token Secret) step {
		return step{at, "offer", func(b *Book, at time.Time) error { b.Offer(at, token); return nil }, nil}
	}
	claim := func(at time.Duration, token Secret, n int, err error) step {
		return step{at, "claim", func(b *Book, at time.Time) error {
			_, err := b.Claim(at, token, by(n, "a", Mediator))
			return err
		}, err}
	}
	yes := func(at time.Duration, err error) step { return step{at, "confirm", confirm, err} }
	collect := func(at time.Duration, n int, err error) step {
		return step{at, "collect", func(b *Book, at time.Time) error {
			_, _, err := b.Collect(at, key(n), key(9000+n), Secret{})
			return err
		}, err}
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"paired", []step{offer(0, token), claim(5*s, token, 11, nil), yes(9*s, nil), collect(10*s, 11, nil)}},
		{"no token was offered", []step{claim(0, token, 11, ErrToken), claim(0, Secret{}, 11, ErrToken)}},
		{"another token", []step{offer(0, token), claim(s, other, 11, ErrToken), claim(2*s, token, 12, nil)}},
		{"at the last moment", []step{offer(0, token), claim(OfferFor-1, token, 11, nil)}},
		{"a moment late", []step{offer(0, token), claim(OfferFor, token, 11, ErrToken)}},
		{"a token that was replaced", []step{offer(0, token), offer(s, other), claim(2*s, token, 11, ErrToken), claim(3*s, other, 11, nil)}},
		{"a token twice: the first has it", []step{offer(0, token), claim(s, token, 11, nil), claim(s, token, 12, ErrToken), yes(2*s, nil),
			collect(3*s, 12, ErrRefused), collect(3*s, 11, nil)}},
		{"a new offer refuses the phone that waits", []step{offer(0, token), claim(s, token, 11, nil), offer(2*s, other), yes(3*s, ErrNobody), collect(4*s, 11, ErrRefused)}},
		{"the kiosk says nothing", []step{offer(0, token), claim(s, token, 11, nil), yes(s+ConfirmFor, ErrNobody), collect(s+ConfirmFor, 11, ErrRefused)}},
		{"collected before the yes", []step{offer(0, token), claim(s, token, 11, nil), collect(2*s, 11, ErrRefused), yes(3*s, nil), collect(4*s, 11, nil)}},
		{"collected too late", []step{offer(0, token), claim(0, token, 11, nil), yes(s, nil), collect(s+ConfirmFor, 11, ErrRefused)}},
		{"an answer that was lost", []step{offer(0, token), claim(0, token, 11, nil), yes(s, nil), collect(2*s, 11, nil), collect(3*s, 11, nil)}},
		{"a yes twice", []step{offer(0, token), claim(0, token, 11, nil), yes(s, nil), yes(s, ErrNobody)}},
		{"withdrawn", []step{offer(0, token), {s, "withdraw", func(b *Book, _ time.Time) error { b.Withdraw(); return nil }, nil}, claim(2*s, token, 11, ErrToken)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b Book
			for i, step := range tt.steps {
				if err := step.do(&b, after(step.at)); !errors.Is(err, step.err) {
					t.Fatalf("step %d, %s after %v = %v; want %v", i, step.name, step.at, err, step.err)
				}
			}
			if n := len(b.Sessions(start)); n > 1 {
				t.Errorf("%d sessions; want one at most", n)
			}
		})
	}
}

func TestConfirmIsForOneNumber(t *testing.T) {
	var b Book
	b.Offer(start, key(1))
	c, err := b.Claim(start, key(1), by(2, "a", Reception))
	if err != nil || c.Number < 10 || c.Number > 99 {
		t.Fatalf("Claim() = %d, %v; want two digits", c.Number, err)
	}
	for _, number := range []int{0, c.Number - 1, c.Number + 1} {
		if err := b.Confirm(start, number); !errors.Is(err, ErrNobody) {
			t.Errorf("Confirm(%d) of phone %d = %v; want %v", number, c.Number, err, ErrNobody)
		}
	}
	if err := b.Refuse(start, c.Number); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Standing(start, key(2)); !errors.Is(err, ErrRefused) {
		t.Errorf("Standing() after a no = %v; want %v", err, ErrRefused)
	}
	if _, err := b.Claim(start, key(1), by(3, "a", "root")); !errors.Is(err, session.ErrUnknownChoice) {
		t.Errorf("Claim(as root) = %v; want %v", err, session.ErrUnknownChoice)
	}
}

func TestByPIN(t *testing.T) {
	var b Book
	if _, err := b.Ask(start, by(1, "a", Volunteer), key(50)); !errors.Is(err, ErrNoPIN) {
		t.Fatalf("Ask() while the kiosk shows no screen for it = %v; want %v", err, ErrNoPIN)
	}
	if err := b.TypePIN(start, "281934", key(51)); !errors.Is(err, ErrNobody) {
		t.Errorf("TypePIN() there = %v; want %v", err, ErrNobody)
	}
	b.OpenPIN(start)
	mine, err := b.Ask(start, by(1, "a", Volunteer), key(52))
	if err != nil || Weak(mine.PIN) || mine.Number != 0 {
		t.Fatalf("Ask() = %+v, %v; want a PIN", mine, err)
	}
	theirs, err := b.Ask(start, by(2, "b", Guest), key(52))
	if err != nil || theirs.PIN == mine.PIN {
		t.Fatalf("Ask() with the same seed = %s, %v; want another than %s", theirs.PIN, err, mine.PIN)
	}
	if err := b.TypePIN(start, mine.PIN, key(53)); err != nil {
		t.Fatal(err)
	}
	if c, err := b.Standing(start, key(1)); err != nil || c.Stage != Confirmed {
		t.Errorf("Standing() of the typed PIN = %v, %v; want confirmed", c.Stage, err)
	}
	if _, err := b.Standing(start, key(2)); !errors.Is(err, ErrRefused) {
		t.Errorf("Standing() of the other = %v; want %v", err, ErrRefused)
	}
	if s, _, err := b.Collect(start, key(1), key(3), Secret{}); err != nil || s.Role != Volunteer {
		t.Errorf("Collect() = %+v, %v; want a volunteer", s, err)
	}
	if err := b.TypePIN(start, mine.PIN, key(54)); !errors.Is(err, ErrNobody) {
		t.Errorf("TypePIN() again = %v; want %v", err, ErrNobody)
	}
}

// TestWrongPINs: five, then the phone shows another one, and the tries get slower
// without end and without a ban.
func TestWrongPINs(t *testing.T) {
	var b Book
	at := start
	b.OpenPIN(at)
	c, err := b.Ask(at, by(1, "a", Reception), key(60))
	if err != nil {
		t.Fatal(err)
	}
	first := c.PIN
	for i := range Tries {
		want := ErrWrongPIN
		if i == Tries-1 {
			want = ErrNewPIN
		}
		if err := b.TypePIN(at, "000000", key(61)); !errors.Is(err, want) {
			t.Fatalf("wrong PIN %d = %v; want %v", i+1, err, want)
		}
	}
	if c, _ = b.Standing(at, key(1)); c.PIN == first || Weak(c.PIN) {
		t.Errorf("the phone shows %s; want another than %s", c.PIN, first)
	}
	// Even the right one waits now, a second, and trying meanwhile prolongs nothing.
	for range 100 {
		err := b.TypePIN(at, c.PIN, key(62))
		var r *session.Refusal
		if !errors.As(err, &r) || !errors.Is(err, ErrWait) || r.Msg.Args["seconds"] != 1 {
			t.Fatalf("TypePIN() at once = %v; want %v of a second", err, ErrWait)
		}
	}
	if err := b.TypePIN(at.Add(time.Second), first, key(63)); !errors.Is(err, ErrWrongPIN) {
		t.Errorf("TypePIN(the first PIN) = %v; want %v", err, ErrWrongPIN)
	}
	if err := b.TypePIN(at.Add(2*time.Second), c.PIN, key(64)); !errors.Is(err, ErrWait) {
		t.Errorf("TypePIN() after 1 of 2 s = %v; want %v", err, ErrWait)
	}
	if err := b.TypePIN(at.Add(3*time.Second), c.PIN, key(65)); err != nil {
		t.Errorf("TypePIN() after its wait = %v; want it taken", err)
	}
}

// TestGuessers: ten thousand tries from one and from twenty clients are delayed,
// and staff with the right token, and the kiosk, are not.
func TestGuessers(t *testing.T) {
	for _, clients := range []int{1, 20, 1000} {
		var b Book
		counted := 0
		for i := range 10_000 { // ten a second
			at := after(time.Duration(i) * 100 * time.Millisecond)
			_, err := b.Claim(at, key(i), by(1, fmt.Sprint("10.3.141.", i%clients), Reception))
			if errors.Is(err, ErrToken) {
				counted++
			} else if !errors.Is(err, ErrWait) {
				t.Fatalf("try %d = %v; want refused", i, err)
			}
		}
		// 1000 s: one client doubles up to a minute, all together up to 8 s.
		if most := freeAll + 8 + 1000/8 + 1; counted > most {
			t.Errorf("%d clients: %d of 10000 tries counted; want %d at most", clients, counted, most)
		}
		if len(b.network.clients) > maxClients {
			t.Errorf("%d clients remembered; want %d at most", len(b.network.clients), maxClients)
		}
		at := after(1000 * time.Second)
		b.Offer(at, key(20_000))
		if c, err := b.Claim(at, key(20_000), by(2, "10.3.141.0", Reception)); err != nil {
			t.Errorf("the right token from a guesser's address = %v; want it taken", err)
		} else if err := b.Confirm(at, c.Number); err != nil {
			t.Errorf("Confirm() = %v; want a yes", err)
		}
		b.OpenPIN(at)
		if err := b.TypePIN(at, "281934", key(5)); !errors.Is(err, ErrWrongPIN) {
			t.Errorf("a PIN typed at the kiosk = %v; want %v, without a wait", err, ErrWrongPIN)
		}
	}
}

// TestAskers: a flood of phones that want a PIN stays bounded and delays itself.
func TestAskers(t *testing.T) {
	var b Book
	b.OpenPIN(start)
	got := 0
	pins := map[string]bool{}
	for i := range 10_000 {
		c, err := b.Ask(after(time.Duration(i)*10*time.Millisecond), by(i, fmt.Sprint(i), Guest), key(i))
		if err == nil {
			got++
			pins[c.PIN] = true
		}
	}
	if got > maxAsks || len(pins) != got {
		t.Errorf("%d phones show a PIN, %d of them different; want %d at most, all different", got, len(pins), maxAsks)
	}
	at := after(PINFor)
	if _, err := b.Ask(at, by(1, "z", Guest), key(1)); !errors.Is(err, ErrNoPIN) {
		t.Errorf("Ask() after the kiosk's screen = %v; want %v", err, ErrNoPIN)
	}
	if len(b.claims) != 0 {
		t.Errorf("%d claims are remembered; want none", len(b.claims))
	}
}

func TestSessions(t *testing.T) {
	const m, h = time.Minute, time.Hour
	busy := func(desk string) bool { return desk == "busy" }
	tests := []struct {
		name  string
		desk  string
		given []time.Duration // touches
		looks []time.Duration // without a touch
		when  time.Duration
		err   error
	}{
		{name: "at once", when: 0},
		{name: "half an hour less a moment", when: IdleLock - 1},
		{name: "nobody touched it", when: IdleLock, err: ErrLocked},
		{name: "looking on is no touch", looks: []time.Duration{20 * m}, when: IdleLock, err: ErrLocked},
		{name: "touched in between", given: []time.Duration{20 * m}, when: 45 * m},
		{name: "touched, then left", given: []time.Duration{20 * m}, when: 50 * m, err: ErrLocked},
		{name: "a touch after the lock opens nothing", given: []time.Duration{31 * m}, when: 32 * m, err: ErrLocked},
		{name: "in a service", desk: "busy", when: 3 * h},
		{name: "at a desk without one", desk: "free", when: IdleLock, err: ErrLocked},
		{name: "in a service past twelve hours", desk: "busy", when: Longest, err: ErrNotPaired},
		{name: "touched all day", desk: "busy", given: []time.Duration{11 * h}, when: Longest - 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b Book
			s := paired(t, &b, start, 1, Mediator)
			b.Sit(s.ID, tt.desk)
			for _, d := range tt.given {
				b.Check(after(d), key(1), true, busy)
			}
			for _, d := range tt.looks {
				b.Check(after(d), key(1), false, busy)
			}
			if _, err := b.Check(after(tt.when), key(1), false, busy); !errors.Is(err, tt.err) {
				t.Errorf("Check() after %v = %v; want %v", tt.when, err, tt.err)
			}
			if _, err := b.Check(start, key(2), true, busy); !errors.Is(err, ErrNotPaired) {
				t.Errorf("Check(another cookie) = %v; want %v", err, ErrNotPaired)
			}
		})
	}
}

// TestSweep: what is over or locked is named once, and a service puts the lock off
// from its end.
func TestSweep(t *testing.T) {
	var b Book
	idle := paired(t, &b, start, 1, Reception)
	serving := paired(t, &b, start, 2, Mediator)
	b.Sit(serving.ID, "2")
	inService := true
	busy := func(string) bool { return inService }
	var told []ID
	for minute := range 12*60 + 1 {
		inService = minute < 120
		gone := b.Sweep(after(time.Duration(minute)*time.Minute), busy)
		if told = append(told, gone...); len(gone) > 0 && !slices.Contains([]int{30, 149, 720}, minute) {
			t.Errorf("Sweep() after %d min = %v; want none", minute, gone)
		}
	}
	if want := []ID{idle.ID, serving.ID, idle.ID, serving.ID}; !slices.Equal(told, want) {
		t.Errorf("Sweep() over a day = %v; want %v", told, want)
	}
	if left := b.Sessions(after(Longest)); len(left) != 0 || len(b.sessions) != 0 {
		t.Errorf("Sessions() after twelve hours = %v; want none", left)
	}
}

func TestEnds(t *testing.T) {
	var b Book
	one, two := paired(t, &b, start, 1, Reception), paired(t, &b, start, 2, Coordinator)
	b.End(one.ID)
	if _, err := b.Check(start, key(1), true, nil); !errors.Is(err, ErrNotPaired) {
		t.Errorf("Check() after End = %v; want %v", err, ErrNotPaired)
	}
	if _, _, err := b.Collect(start, key(2001), key(9), Secret{}); !errors.Is(err, ErrRefused) {
		t.Errorf("Collect() after End = %v; want %v", err, ErrRefused)
	}
	b.Sit(two.ID, "3")
	if got := b.Sessions(start); len(got) != 1 || got[0].ID != two.ID || got[0].Desk != "3" {
		t.Errorf("Sessions() after End and Sit = %v; want %v alone, at desk 3", got, two.ID)
	}
	b.Offer(start, key(7))
	if _, err := b.Claim(start, key(7), by(8, "a", Guest)); err != nil {
		t.Fatal(err)
	}
	if gone := b.EndAll(); !slices.Equal(gone, []ID{two.ID}) {
		t.Errorf("EndAll() = %v; want %v", gone, two.ID)
	}
	if _, err := b.Check(start, key(2), true, nil); !errors.Is(err, ErrNotPaired) {
		t.Errorf("Check() after EndAll = %v; want %v", err, ErrNotPaired)
	}
	if _, err := b.Standing(start, key(8)); !errors.Is(err, ErrRefused) {
		t.Errorf("Standing() after EndAll = %v; want %v", err, ErrRefused)
	}
	if three := paired(t, &b, start, 3, Guest); three.ID == one.ID || three.ID == two.ID {
		t.Errorf("ID %d was given twice", three.ID)
	}
	// A book of the next start knows none of it.
	if _, err := new(Book).Check(start, key(3), true, nil); !errors.Is(err, ErrNotPaired) {
		t.Errorf("Check() after a start = %v; want %v", err, ErrNotPaired)
	}
}

// TestPairedAgain: a screen that was locked is paired again, keeps its desk, and is
// one screen.
func TestPairedAgain(t *testing.T) {
	for _, role := range []Role{Mediator, Guest} {
		var b Book
		first := paired(t, &b, start, 1, Mediator)
		b.Sit(first.ID, "2")
		at := after(IdleLock)
		b.Sweep(at, nil)
		b.Offer(at, key(5))
		c, _ := b.Claim(at, key(5), by(6, "a", role))
		if err := b.Confirm(at, c.Number); err != nil {
			t.Fatal(err)
		}
		again, ended, err := b.Collect(at, key(6), key(7), key(1))
		want := map[Role]string{Mediator: "2", Guest: ""}[role]
		if err != nil || !slices.Equal(ended, []ID{first.ID}) || again.Desk != want || again.Locked {
			t.Errorf("Collect() as %s = %+v, %v, %v; want desk %q, and %v ended", role, again, ended, err, want, first.ID)
		}
		if list := b.Sessions(at); len(list) != 1 {
			t.Errorf("Sessions() = %v; want one", list)
		}
	}
}

func TestSecrets(t *testing.T) {
	s := key(1)
	if got, ok := ParseSecret(s.String()); !ok || got != s {
		t.Errorf("ParseSecret(%s) = %v, %v; want %v", s, got, ok, s)
	}
	for _, bad := range []string{"", "x", s.String() + "A", s.String()[:21], s.String()[:21] + "/", s.String()[:21] + "B", s.String()[:20] + "\n\n", strings.Repeat("é", 11)} {
		if _, ok := ParseSecret(bad); ok {
			t.Errorf("ParseSecret(%q) is taken; want it refused", bad)
		}
	}
	if got, want := Fragment(s, [8]byte{0x3f, 0x2a, 1, 2, 3, 4, 5, 6}), "#p="+s.String()+"&fp=3f2a010203040506"; got != want {
		t.Errorf("Fragment() = %s; want %s", got, want)
	}
}

func TestPINs(t *testing.T) {
	weak := []string{"", "12345", "1234567", "000000", "111111", "121212", "112211", "123456", "234567", "890123", "654321", "987654",
		"210987", "123123", "918918", "112233", "998877", "123321", "907709", "111222"}
	for _, pin := range weak {
		if !Weak(pin) {
			t.Errorf("Weak(%q) = false; want true", pin)
		}
	}
	for _, pin := range []string{"281934", "123457", "100482", "555123", "135790"} {
		if Weak(pin) {
			t.Errorf("Weak(%q) = true; want false", pin)
		}
	}
	n := 0
	for i := range 1_000_000 {
		if Weak(fmt.Sprintf("%06d", i)) {
			n++
		}
	}
	if n > 10_000 {
		t.Errorf("%d PINs are weak; want one in a hundred at most", n)
	}
	form := regexp.MustCompile(`^[0-9]{6}$`)
	var first [10]int
	for i := range 2000 {
		pin := PIN(key(i))
		if !form.MatchString(pin) || Weak(pin) || pin != PIN(key(i)) {
			t.Fatalf("PIN(%d) = %q; want six digits that are not weak", i, pin)
		}
		first[pin[0]-'0']++
	}
	for d, n := range first {
		if n < 140 || n > 260 {
			t.Errorf("%d of 2000 PINs begin with %d; want about 200", n, d)
		}
	}
}

func TestRoles(t *testing.T) {
	if got := len(Roles()); got != 8 {
		t.Errorf("%d roles; want 8", got)
	}
	// One letter for each role, in the order of Roles: who may.
	want := map[Capability]string{
		SeeQueue: "rsmvwgc-", Call: "rsmvwgc-", End: "rsmvwgc-", Orient: "rsmvwgc-",
		SeeLevel: "-smvw---", OnBehalf: "rsmvw-c-", OpenClose: "rsmv--c-",
		Reopen: "------c-", Settings: "------c-", Devices: "rsmv--ct",
		EditPlaces: "rsm---c-", Agenda: "rsmvw-c-", Figures: "-sm---c-", UnpairAll: "rsmvwgct",
		Escrow: "rsmvw-c-", Abandon: "------c-", Care: "------ct", Vouch: "rsmvw-ct",
	}
	for _, c := range Capabilities() {
		for i, r := range Roles() {
			may := want[c][i] != '-'
			if r.May(c) != may {
				t.Errorf("%s may %s = %v; want %v", r, c, !may, may)
			}
		}
	}
	if len(want) != len(Capabilities()) {
		t.Errorf("%d capabilities; want %d", len(Capabilities()), len(want))
	}
	for _, r := range session.Roles() {
		if !Role(r).Known() || !Role(r).May(Call) {
			t.Errorf("%s is of the queue, and calls nobody at a screen; want it to", r)
		}
	}
	for _, r := range []Role{"", "root", "ACCUEIL"} {
		if r.Known() || slices.ContainsFunc(Capabilities(), r.May) {
			t.Errorf("role %q may something; want nothing", r)
		}
	}
	if Technician.May("everything") {
		t.Error("a capability that is none is given; want it refused")
	}
}

// TestVouched: a role that outlives the morning needs a colleague who is connected,
// whichever way it comes in, and nobody when there is none.
func TestVouched(t *testing.T) {
	tests := []struct {
		name   string
		role   Role
		before Role          // of who is connected, "" for nobody
		later  time.Duration // since that one did anything
		pin    bool
		want   Stage
	}{
		{name: "a coordinator beside a colleague", role: Coordinator, before: Volunteer, want: Vouching},
		{name: "a technician beside a colleague", role: Technician, before: Writer, want: Vouching},
		{name: "a technician by PIN", role: Technician, before: Writer, pin: true, want: Vouching},
		{name: "beside a guest, who knows nobody", role: Technician, before: Guest, want: Confirmed},
		{name: "the first of the morning", role: Coordinator, want: Confirmed},
		{name: "beside a locked screen", role: Coordinator, before: Mediator, later: IdleLock, want: Confirmed},
		{name: "beside a pairing that is over", role: Coordinator, before: Mediator, later: Longest, want: Confirmed},
		{name: "a mediator beside a colleague", role: Mediator, before: Reception, want: Confirmed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b Book
			if tt.before != "" {
				paired(t, &b, start, 1, tt.before)
			}
			at := after(tt.later)
			b.Sweep(at, nil)
			who := by(3, "b", tt.role)
			if tt.pin {
				b.OpenPIN(at)
				c, err := b.Ask(at, who, key(4))
				if err == nil {
					err = b.TypePIN(at, c.PIN, key(5))
				}
				if err != nil {
					t.Fatal(err)
				}
			} else {
				b.Offer(at, key(2))
				c, err := b.Claim(at, key(2), who)
				if err == nil {
					err = b.Confirm(at, c.Number)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			c, err := b.Standing(at, who.Claim)
			if c.Stage != tt.want || err != nil {
				t.Fatalf("Standing() = %+v, %v; want %s", c, err, tt.want)
			}
			if tt.want != Vouching {
				return
			}
			if _, _, err := b.Collect(at, who.Claim, key(6), Secret{}); !errors.Is(err, ErrRefused) {
				t.Errorf("Collect() before the colleague's yes = %v; want %v", err, ErrRefused)
			}
			if err := b.Confirm(at, c.Number); !errors.Is(err, ErrNobody) {
				t.Errorf("another yes at the kiosk = %v; want %v", err, ErrNobody)
			}
			if err := b.Vouch(at, c.Number+1); !errors.Is(err, ErrNobody) {
				t.Errorf("Vouch(another number) = %v; want %v", err, ErrNobody)
			}
			if err := b.Vouch(at, c.Number); err != nil {
				t.Errorf("Vouch() = %v; want nil", err)
			}
			if _, _, err := b.Collect(at, who.Claim, key(6), Secret{}); err != nil {
				t.Errorf("Collect() = %v; want a session", err)
			}
		})
	}
	t.Run("a colleague's no", func(t *testing.T) {
		var b Book
		paired(t, &b, start, 1, Reception)
		b.Offer(start, key(2))
		c, _ := b.Claim(start, key(2), by(3, "b", Technician))
		b.Confirm(start, c.Number)
		if err := b.Doubt(start, c.Number); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Standing(start, key(3)); got.Stage != Refused || !errors.Is(err, ErrRefused) {
			t.Errorf("Standing() = %+v, %v; want refused", got, err)
		}
	})
}
