// Package rehearse plays a synthetic morning against a running box: people come,
// take tickets at the one kiosk by touch or by buttons, at the desk or through the
// ticket address, wait, leave, are called, are absent, come back; staff call,
// recall, receive, hold, hand over, pause and close. It speaks HTTP and WebSocket
// as anyone could, and knows nothing of the box's inside.
//
// What it promises: the same seed plays the same plan; every command carries an
// id and is sent again with it, so that the box may be restarted in the middle;
// what the box refuses as part of the game is counted, and anything unforeseen
// ends the rehearsal with what it was; and at the end the box's counts are held
// against themselves and against every ticket that was acknowledged.
package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config says what to play and where.
type Config struct {
	URL      string // of the box: http://HOST:PORT
	Seed     uint64
	Visitors int
	Speed    float64 // how much faster than life; 0 is the speed of the box's own clock
	Close    bool    // close the permanence at the end
	// Test opens a permanence that does not count, « ESSAI », when none is open, and
	// plays in no other: one that counts is left as it is found.
	Test bool
	// Crowd has only the visitors played: whoever sits at the desks receives them, and
	// closes. It is for a training.
	Crowd bool
	Out   io.Writer // progress, figures, and last the line of the identity

	dial dialFunc // in tests
}

// errCounts ends a practice before it begins: its tickets would be among the real ones.
var errCounts = errors.New("rehearse: the permanence that is open counts, and -test must not play in it: close it at the desk first, or give a box to practise on with -url")

// ErrBroken is returned when the counts do not add up or a ticket is lost; the
// last line says which.
var ErrBroken = errors.New("rehearse: the identity is broken")

// The morning.
const (
	length    = 3 * time.Hour
	report    = 10 * time.Minute       // between two lines of progress
	lookEvery = 100 * time.Millisecond // of real time: how often the end is looked for
	arrival   = 2 * time.Second        // of real time: how long a command may take to show
	answering = 5 * time.Second        // of real time: how long the kiosk may take to move
	tremor    = 600 * time.Millisecond // of the box's time: sooner, the same press again is a trembling finger
)

// player plays a room against a box.
type player struct {
	cfg   Config
	box   *box
	pace  atomic.Pointer[pace] // views come in before the morning begins
	clock float64              // speed of the box's own clock
	leaps leaps
	kiosk *feed[kioskView]

	// The room is the one thing that the kiosk's visitors, every clerk and the
	// end of the morning share; each looks and decides under the mutex, and nobody
	// speaks to the box under it.
	mu    sync.Mutex
	room  *room
	takes [byAPI + 1][]time.Duration // how long the tickets took
	done  deeds
}

// pace is the script's own time.
type pace struct {
	start time.Time
	speed float64
}

// Run plays the morning until every visit has an outcome, or, with Close, until
// its end. It returns ErrBroken when the counts are wrong, and another error when
// the box did something unforeseen.
func Run(ctx context.Context, cfg Config) error {
	b, err := newBox(cfg.URL, cfg.dial)
	if err != nil {
		return err
	}
	defer b.client.CloseIdleConnections()
	if cfg.Visitors < 1 || cfg.Speed < 0 {
		return errors.New("rehearse: at least one visitor, and no negative speed")
	}
	if err := b.there(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel(nil)
	p := &player{cfg: cfg, box: b, leaps: leaps{origin: time.Now()}, kiosk: newFeed[kioskView]()}
	p.pace.Store(&pace{time.Now(), max(cfg.Speed, 1)})
	goOn := func(f func(context.Context) error) {
		wg.Go(func() {
			if err := f(ctx); err != nil {
				cancel(err)
			}
		})
	}

	hallway := newFeed[deskView]() // the view of no desk: what all see
	goOn(func(ctx context.Context) error { return p.watchDesk(ctx, "", hallway) })
	goOn(p.watchKiosk)
	err = p.play(ctx, hallway, goOn)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx) // the first of what went wrong
	}
	return err
}

func (p *player) play(ctx context.Context, hallway *feed[deskView], goOn func(func(context.Context) error)) error {
	v, ok, err := hallway.await(ctx, patience, func(deskView) bool { return true })
	if err != nil || !ok {
		return cmpErr(err, errors.New("rehearse: the box shows nothing; is jeudi run there, and ready?"))
	}
	if len(v.Desks) == 0 || v.Speed <= 0 {
		return errors.New("rehearse: the box has no desk, or no speed")
	}
	p.clock = v.Speed
	speed := p.cfg.Speed
	if speed == 0 {
		speed = v.Speed
	}
	if v, err = p.open(ctx, hallway, v); err != nil {
		return err
	}
	s := setting{visitors: p.cfg.Visitors, desks: len(v.Desks), length: length}
	for _, m := range v.Choices["motifs"] {
		s.motifs = append(s.motifs, m.Key)
	}
	if s.langs, err = p.languages(ctx); err != nil {
		return err
	}
	if s.dock, err = p.box.hasDock(ctx); err != nil {
		return fmt.Errorf("rehearse: %w", err)
	}
	p.room = newRoom(plan(p.cfg.Seed, s), speed, maps.Clone(v.Counts))
	p.pace.Store(&pace{time.Now(), speed})
	p.say("a morning of %d visitors at %g times life, seed %d, %d desk(s)", p.cfg.Visitors, speed, p.cfg.Seed, len(v.Desks))
	if speed != v.Speed {
		p.say("  the box's clock runs at %g times life: its rules take their own time", v.Speed)
	}
	if f := p.room.Shortened; f < 1 {
		p.say("  so many come that each is received in %.0f %% of the usual time", f*100)
	}

	var staff, arrivals sync.WaitGroup
	desks := v.Desks
	if p.cfg.Crowd {
		desks = nil
		for _, g := range p.room.guests {
			if g.Way == byDesk { // the script cannot ask those who sit there
				g.Way = byAPI
			}
		}
	}
	for i, d := range desks {
		f := newFeed[deskView]()
		c := &clerk{desk: d.Key, first: i == 0}
		goOn(func(ctx context.Context) error { return p.watchDesk(ctx, d.Key, f) })
		staff.Add(1)
		goOn(func(ctx context.Context) error { defer staff.Done(); return p.work(ctx, c, f) })
	}
	arrivals.Add(2)
	goOn(func(ctx context.Context) error { defer arrivals.Done(); return p.queue(ctx) })
	goOn(func(ctx context.Context) error { defer arrivals.Done(); return p.integrate(ctx) })

	if err := p.morning(ctx, hallway, over(&arrivals)); err != nil {
		return err
	}
	select {
	case <-over(&staff):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if p.cfg.Crowd {
		p.say("everybody has come; whoever sat at the desks has the rest")
		v, _, _ := hallway.latest()
		return p.conclude(v, elsewhere)
	}
	return p.finish(ctx, hallway)
}

func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// over is closed when all have finished.
func over(wg *sync.WaitGroup) <-chan struct{} {
	c := make(chan struct{})
	go func() { wg.Wait(); close(c) }() // ends with those it waits for, who end with the context
	return c
}

func (p *player) say(format string, args ...any) { fmt.Fprintf(p.cfg.Out, format+"\n", args...) }

// now is the script's time since the morning began.
func (p *player) now() time.Duration {
	at := p.pace.Load()
	return time.Duration(float64(time.Since(at.start)) * at.speed)
}

// ponder waits before a press: for as long as a person needs, and as the kiosk wants
// between two presses that are the same.
func (p *player) ponder(ctx context.Context, d time.Duration) error {
	return sleep(ctx, max(p.real(d), time.Duration(float64(tremor)/p.clock)))
}

// real is a duration of the script on the wall.
func (p *player) real(d time.Duration) time.Duration {
	return time.Duration(float64(d) / p.pace.Load().speed)
}

func (p *player) watchDesk(ctx context.Context, desk string, f *feed[deskView]) error {
	return p.box.watch(ctx, "/ws/desk?desk="+url.QueryEscape(desk), func(data []byte, outage int) error {
		var v deskView
		if err := json.Unmarshal(data, &v); err != nil {
			return err
		}
		v.at, v.outage = p.now(), outage+p.leaps.count(time.Now(), v.NowMS, v.Speed)
		f.put(v)
		return nil
	})
}

func (p *player) watchKiosk(ctx context.Context) error {
	return p.box.watch(ctx, "/ws/kiosk", func(data []byte, outage int) error {
		var v kioskView
		if err := json.Unmarshal(data, &v); err != nil {
			return err
		}
		v.outage = outage
		p.kiosk.put(v)
		return nil
	})
}

// open opens the permanence, whatever state it is found in; a practice leaves one that
// counts alone.
func (p *player) open(ctx context.Context, hallway *feed[deskView], v deskView) (deskView, error) {
	desk := v.Desks[0].Key
	for range 5 {
		begun := v.Permanence.Status == "open" || v.Permanence.Status == "paused"
		if p.cfg.Test && begun && !v.Permanence.Test {
			return v, errCounts
		}
		s := order("open", nil)
		if p.cfg.Test {
			s.body["test"] = true
		}
		left := v.action("left_open")
		switch {
		case v.Permanence.Status == "open":
			return v, nil
		case left != nil:
			s = order("close", nil, "rest", left["rest"])
		case v.Permanence.Status == "paused":
			s = order("resume", nil)
		}
		was := v.Permanence.Status
		ans, err := p.command(ctx, desk, s)
		if err != nil {
			return v, err
		}
		if ans.Key != "" && !game(s.do, strings.TrimPrefix(ans.Key, "refuse.")) {
			return v, fmt.Errorf("rehearse: the permanence cannot be opened: %s", ans.Error)
		}
		if v, _, err = hallway.await(ctx, arrival, func(v deskView) bool { return v.Permanence.Status != was }); err != nil {
			return v, err
		}
	}
	return v, errors.New("rehearse: the permanence does not open")
}

// languages are those that the kiosk shows, if it shows them now.
func (p *player) languages(ctx context.Context) ([]string, error) {
	v, ok, err := p.kiosk.await(ctx, patience, func(kioskView) bool { return true })
	if err != nil || !ok {
		return nil, cmpErr(err, errors.New("rehearse: the kiosk shows nothing"))
	}
	if v.ID != "language" {
		return []string{"fr", "en", "ar"}, nil
	}
	var langs []string
	for _, c := range v.Choices {
		if c.Key != "more" {
			langs = append(langs, c.Key)
		}
	}
	if len(langs) == 0 {
		return nil, errors.New("rehearse: the kiosk shows no language")
	}
	return langs, nil
}

func (p *player) command(ctx context.Context, desk string, s step) (answer, error) {
	body := maps.Clone(s.body)
	body["id"], body["desk"] = newID(), desk
	return p.box.post(ctx, "/api/desk", body)
}

// work is a clerk's morning.
func (p *player) work(ctx context.Context, c *clerk, f *feed[deskView]) error {
	if _, ok, err := f.await(ctx, patience, func(deskView) bool { return true }); err != nil || !ok {
		return cmpErr(err, fmt.Errorf("rehearse: desk %s shows nothing", c.desk))
	}
	for {
		v, _, changed := f.latest()
		now := p.now()
		p.mu.Lock()
		p.room.observe(v)
		s := c.decide(p.room, v, now)
		home := p.room.closing && v.Mine == nil && s.do == ""
		p.mu.Unlock()
		switch {
		case home:
			return nil
		case v.Permanence.Status == "closed":
			return errors.New("rehearse: somebody else closed the permanence")
		case s.do == "":
			if err := p.pause(ctx, s.wake-now, changed); err != nil {
				return err
			}
			continue
		}
		ans, err := p.command(ctx, c.desk, s)
		if err != nil {
			return err
		}
		p.mu.Lock()
		err = p.room.done(s, ans, p.now())
		p.mu.Unlock()
		if err != nil {
			return err
		}
		if s.settled != nil && ans.Key == "" {
			_, _, err = f.await(ctx, arrival, s.settled)
		} else if ans.Key != "" {
			c.refused(s, p.now())
			err = p.pause(ctx, margin, nil) // what was refused once is not asked again at once
		}
		if err != nil {
			return err
		}
	}
}

// pause waits for a while of the script, or until a channel closes; a clerk looks
// up every now and then in any case.
func (p *player) pause(ctx context.Context, d time.Duration, changed <-chan struct{}) error {
	t := time.NewTimer(max(p.real(min(d, idleLook)), time.Millisecond))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
	case <-changed:
	}
	return nil
}

// of are the guests who get their tickets in one of these ways, as they come.
func (p *player) of(ways ...way) []*guest {
	var list []*guest
	for _, g := range p.room.guests {
		if slices.Contains(ways, g.Way) {
			list = append(list, g)
		}
	}
	return list
}

// integrate takes tickets through the address that is there for others.
func (p *player) integrate(ctx context.Context) error {
	for _, g := range p.of(byAPI) {
		if err := sleep(ctx, p.real(g.Arrives-p.now())); err != nil {
			return err
		}
		ans, err := p.box.post(ctx, "/api/tickets", map[string]any{"id": newID(), "motif": g.Motif, "lang": g.Lang, "for_other": g.ForOther})
		if err != nil {
			return err
		}
		if ans.Key != "" {
			return fmt.Errorf("rehearse: a ticket was refused: %s", ans.Error)
		}
		p.mu.Lock()
		p.room.ticket(g, ans.Number, ans.Visit, p.now())
		p.mu.Unlock()
	}
	return nil
}

// queue is the line in front of the kiosk: one after the other.
func (p *player) queue(ctx context.Context) error {
	for _, g := range p.of(byTouch, byEar) {
		if err := sleep(ctx, p.real(g.Arrives-p.now())); err != nil {
			return err
		}
		if err := p.visit(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// presses is how often one visitor presses before the script wonders.
const presses = 120

// visit is one visitor in front of the kiosk.
func (p *player) visit(ctx context.Context, g *guest) error {
	vis := newVisitor(g.person)
	defer func() {
		p.mu.Lock()
		p.done.add(vis.done)
		p.mu.Unlock()
	}()
	free := func(v kioskView) bool { return v.ID == "language" }
	most := time.Duration(0)
	if g.Polite {
		most = p.real(3 * time.Minute)
	}
	v, _, err := p.kiosk.await(ctx, most, free)
	for i := 0; err == nil && !free(v); i++ {
		if i == presses {
			return fmt.Errorf("rehearse: the kiosk does not leave the screen %s", v.ID)
		}
		v, err = p.choose(ctx, vis, v, clear(v))
	}
	begun := p.now()
	for range presses {
		if err != nil {
			return err
		}
		if v.Ticket != nil && vis.ticket == 0 {
			vis.ticket = v.Ticket.Number
			p.mu.Lock()
			p.room.ticket(g, vis.ticket, "", p.now())
			p.takes[g.Way] = append(p.takes[g.Way], p.now()-begun)
			p.mu.Unlock()
		}
		key := vis.choose(v)
		if key == leave {
			return nil
		}
		v, err = p.choose(ctx, vis, v, key)
	}
	return fmt.Errorf("rehearse: after %d presses a visitor is still on the screen %s", presses, v.ID)
}

// choose makes one choice on a screen, in the visitor's way, and returns the screen after it.
func (p *player) choose(ctx context.Context, vis *visitor, v kioskView, key string) (kioskView, error) {
	if vis.Way == byEar {
		return p.feel(ctx, vis, v, key)
	}
	if err := p.ponder(ctx, vis.thinks(v)); err != nil {
		return v, err
	}
	return p.moved(ctx, v, "touching "+key, func() error {
		body := func() map[string]any { return map[string]any{"id": newID(), "turn": v.Turn, "key": key} }
		if _, err := p.box.post(ctx, "/api/kiosk", body()); err != nil || !vis.DoubleTap {
			return err
		}
		_, err := p.box.post(ctx, "/api/kiosk", body()) // of a turn that is over: nothing may happen
		return err
	})
}

// feel walks to a choice with the buttons of the panel, listening on the way.
func (p *player) feel(ctx context.Context, vis *visitor, v kioskView, key string) (kioskView, error) {
	screen := v.ID
	for range presses {
		if err := p.ponder(ctx, vis.listens(v)); err != nil {
			return v, err
		}
		if v, _, _ = p.kiosk.latest(); v.ID != screen {
			return v, nil // it moved on by itself
		}
		if key != "help" && !v.has(key) {
			return v, nil // it is offered no more: the printer lost its paper on the way
		}
		button := "next"
		switch {
		case key == "help":
			button = "help"
		case v.Focus == key:
			button = "ok"
		}
		next, err := p.moved(ctx, v, "the button "+button, func() error { return p.box.press(ctx, button) })
		if err != nil || button != "next" || next.ID != screen {
			return next, err
		}
		v = next
	}
	return v, fmt.Errorf("rehearse: the buttons do not reach %s on the screen %s", key, screen)
}

// moved presses, and waits until the kiosk has taken notice. A press that a
// restart swallowed is made again.
func (p *player) moved(ctx context.Context, v kioskView, what string, press func() error) (kioskView, error) {
	for range 3 {
		if err := press(); err != nil {
			return v, err
		}
		n, ok, err := p.kiosk.await(ctx, answering, func(n kioskView) bool { return n.Turn != v.Turn || n.outage != v.outage })
		if err != nil || ok {
			return n, err
		}
	}
	return v, fmt.Errorf("rehearse: the kiosk does not move on %s on the screen %s", what, v.ID)
}

// morning shows progress, and returns when nobody else is to be called.
func (p *player) morning(ctx context.Context, hallway *feed[deskView], arrivals <-chan struct{}) error {
	next := report
	for {
		v, _, _ := hallway.latest()
		now := p.now()
		p.mu.Lock()
		p.room.observe(v)
		line := p.room.progress(v, now)
		all := true
		for _, g := range p.room.guests { // those of the kiosk may have gone without
			all = all && (g.number != 0 || g.Way != byDesk)
		}
		select {
		case <-arrivals:
		default:
			all = false
		}
		done := all && (p.room.settled(now) || p.cfg.Close && now >= length || p.cfg.Crowd && v.Permanence.Status == "closed")
		p.room.closing = done
		lost := len(p.room.problems) > 0
		p.mu.Unlock()
		if now >= next {
			p.say("%s", line)
			next += (now-next)/report*report + report
		}
		if done || lost {
			p.mu.Lock()
			p.room.closing = true
			p.mu.Unlock()
			return nil
		}
		if err := sleep(ctx, min(lookEvery, p.real(time.Minute))); err != nil {
			return err
		}
	}
}

// finish closes if asked to, and compares.
func (p *player) finish(ctx context.Context, hallway *feed[deskView]) error {
	// What was acknowledged last must have arrived in the view: the box answers
	// and shows at the same time, on two lines.
	v, _, err := hallway.await(ctx, arrival, p.agrees)
	if err != nil {
		return err
	}
	if p.cfg.Close {
		for range 3 {
			s := order("close", nil, "rest", "left")
			ans, err := p.command(ctx, v.Desks[0].Key, s)
			if err != nil {
				return err
			}
			if ans.Key == "" {
				break
			}
			if err := p.room.done(s, ans, p.now()); err != nil {
				return err
			}
		}
		var ok bool
		if v, ok, err = hallway.await(ctx, answering, func(v deskView) bool { return v.Permanence.Status == "closed" }); err != nil || !ok {
			return cmpErr(err, errors.New("rehearse: the permanence does not close"))
		}
	}
	if p.cfg.Close {
		return p.conclude(v, "left")
	}
	return p.conclude(v, "")
}

// conclude says the figures and the identity; rest is what became of those of whom the
// script knows nothing, "" if it must know of all.
func (p *player) conclude(v deskView, rest string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, g := range p.room.guests {
		if g.number != 0 && g.outcome == "" {
			g.outcome = rest
		}
	}
	p.figures()
	line, ok := p.room.identity(v.Counts)
	p.say("%s", line)
	if !ok {
		return ErrBroken
	}
	return nil
}

// agrees reports whether the view has what was acknowledged.
func (p *player) agrees(v deskView) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.room.observe(v)
	return p.room.endedByOthers(v.Counts) >= 0 && v.Counts["issued"]-p.room.base["issued"] >= len(p.room.byNumber)
}

func (p *player) figures() {
	var takes []string
	for w, how := range map[way]string{byTouch: "by touch", byEar: "by ear"} {
		if list := p.takes[w]; len(list) > 0 {
			takes = append(takes, fmt.Sprintf("%.0f s %s (n=%d)", median(list).Seconds(), how, len(list)))
		}
	}
	slices.SortFunc(takes, func(a, b string) int { return strings.Compare(b, a) })
	if len(takes) > 0 {
		p.say("ticket in %s", strings.Join(takes, ", "))
	}
	p.say("at the kiosk: %d sheets sent, %d erased, %d changed the settings, %d slips, %d opinions",
		p.done.Sheets, p.done.Erased, p.done.Tuned, p.done.Slips, p.done.Opinions)
	r := p.room
	p.say("rules met: %d absent not called for 5 min, %d early recalls refused, %d no-shows proposed after 3 calls", r.rests, r.gaps, r.proposed)
	var refused []string
	for _, k := range slices.Sorted(maps.Keys(r.refused)) {
		refused = append(refused, fmt.Sprintf("%s=%d", k, r.refused[k]))
	}
	if len(refused) > 0 {
		p.say("refused as it should be: %s", strings.Join(refused, " "))
	}
}

func median(list []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(list))
	return s[len(s)/2]
}
