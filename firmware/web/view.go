package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/intake"
	"jeudi/firmware/session"
	"jeudi/firmware/web/pair"
	"jeudi/firmware/words"
)

// HallView is all that the hall's display can see: numbers and desks, never why
// somebody came.
type HallView struct {
	Seq       uint64     `json:"seq"`
	NowMS     int64      `json:"now_ms"`
	Speed     float64    `json:"speed"`
	Place     string     `json:"place"`
	Status    string     `json:"status"`
	Test      bool       `json:"test"`
	TestLabel string     `json:"test_label"`
	Calls     []HallCall `json:"calls"`
	Waiting   int        `json:"waiting"`
	Message   string     `json:"message"`
	Speak     bool       `json:"speak"`
}

// HallCall is a call on the board. Call is another at each call and recall, and in
// each permanence: a display may stay on for weeks, and knows a call by it alone.
type HallCall struct {
	Call   string         `json:"call"`
	Number session.Number `json:"number"`
	Desk   string         `json:"desk"`
	AtMS   int64          `json:"at_ms"`
	Times  int            `json:"times"`
	// Current means that the person is still awaited at that desk.
	Current bool `json:"current"`
}

// hallCalls is how many numbers the board shows, unless more are awaited.
const hallCalls = 6

func (s *Server) hallView(b *appliance.Snapshot) HallView {
	v := HallView{
		Seq: b.Seq, NowMS: ms(b.Now), Speed: b.Speed(), Place: b.Place(), Status: status(b), Test: b.Testing(),
		TestLabel: s.text("hall.test", nil), Calls: []HallCall{}, Waiting: b.Session.Waiting(), Message: s.next(b), Speak: s.cfg.HallSpeaks,
	}
	if b.Session.AtAnotherBox() { // its numbers are called there
		v.Status, v.Waiting, v.Message = string(session.Closed), 0, s.text("sorry.text", nil)
		return v
	}
	switch b.Session.Status {
	case session.Open, session.Paused:
		for _, c := range hallBoard(b) {
			d, _ := b.Session.Plan.Desk(c.Desk)
			v.Calls = append(v.Calls, HallCall{b.CallMark(c.ID), c.Number, d.Label, ms(c.At), c.Times, awaited(b, c)})
		}
		v.Message = ""
	}
	return v
}

// hallBoard is what the board shows, newest first: every call that is still awaited,
// however many came after it, and of the others the newest.
func hallBoard(b *appliance.Snapshot) []session.Shown {
	room := hallCalls
	for _, c := range b.Session.Board {
		if awaited(b, c) {
			room--
		}
	}
	var list []session.Shown
	for _, c := range b.Session.Board {
		if !awaited(b, c) {
			if room <= 0 {
				continue
			}
			room--
		}
		list = append(list, c)
	}
	return list
}

// awaited reports whether the person of a call has still to come to the desk.
func awaited(b *appliance.Snapshot, c session.Shown) bool {
	who, _ := b.Session.Visit(c.Visit)
	return who != nil && who.State() == session.Called && who.Call == c.ID
}

// KioskView is a screen of an intake, with its words.
type KioskView struct {
	Seq       uint64        `json:"seq"`
	Turn      int           `json:"turn"`
	Lang      string        `json:"lang"` // as the catalogue calls it
	Tag       string        `json:"tag"`  // BCP 47
	Dir       string        `json:"dir"`
	Words     bool          `json:"words"` // false: pictures alone
	Dark      bool          `json:"dark"`
	Called    string        `json:"called,omitempty"` // the label of the desk that calls this visitor
	Scan      *ScanView     `json:"scan"`
	Test      bool          `json:"test"`
	TestLabel string        `json:"test_label"`
	Size      string        `json:"size"`
	Contrast  string        `json:"contrast"`
	Volume    int           `json:"volume"`
	Listening bool          `json:"listening"`
	Panel     Panel         `json:"panel"`
	ID        string        `json:"id"`
	Title     string        `json:"title"`
	Text      string        `json:"text"`
	Notice    string        `json:"notice"`
	Choices   []KioskKey    `json:"choices"`
	Skip      *KioskKey     `json:"skip"`
	Toggle    *KioskKey     `json:"toggle"`
	Controls  []KioskKey    `json:"controls"`
	Focus     string        `json:"focus"`
	Progress  *Progress     `json:"progress"`
	Ticket    *TicketView   `json:"ticket"`
	Lines     []string      `json:"lines"`
	Line      int           `json:"line"`            // of Lines, the one that was said last, from 1; 0 when none
	Picto     string        `json:"picto,omitempty"` // of the title
	Piece     string        `json:"piece,omitempty"` // of practice, which the page draws
	Stage     int           `json:"stage,omitempty"` // where it goes on in it
	Nudges    *NudgeView    `json:"nudges,omitempty"`
	Countdown *Countdown    `json:"countdown"`
	Say       string        `json:"say"` // what the voice says of this screen
	NowMS     int64         `json:"now_ms"`
	Speed     float64       `json:"speed"`
	SelfTest  *KioskTest    `json:"selftest,omitempty"`
	Team      string        `json:"team,omitempty"` // a button for staff, under the settings
	Pairing   *KioskPairing `json:"pairing,omitempty"`
	Wifi      *KioskWifi    `json:"wifi,omitempty"`
}

// NudgeView is what buttons did in the piece, which the page alone can walk through:
// how many presses there were, and the last few of them, the newest at the end.
type NudgeView struct {
	Seq  int             `json:"seq"`
	Last []intake.Action `json:"last"`
}

// ScanView says that the focus moves by itself.
type ScanView struct {
	StepMS int64 `json:"step_ms"`
}

// KioskKey is something to press.
type KioskKey struct {
	Key      string `json:"key"`
	Label    string `json:"label"`
	Sub      string `json:"sub"`
	Picto    string `json:"picto"`
	Selected bool   `json:"selected"`
	Enabled  bool   `json:"enabled"`
	Mute     bool   `json:"mute,omitempty"` // a language that no voice speaks
	Lang     string `json:"lang"`
	Dir      string `json:"dir"`
}

// Progress is how far one is in the questions.
type Progress struct {
	At int `json:"at"`
	Of int `json:"of"`
}

// TicketView is the visitor's own ticket.
type TicketView struct {
	Number session.Number `json:"number"`
	Paper  string         `json:"paper"`
	Ahead  string         `json:"ahead"`
	Before int            `json:"before"` // people who are called first
}

// Countdown is until when the visitor may ask for more time.
type Countdown struct {
	Seconds int   `json:"seconds"`
	UntilMS int64 `json:"until_ms"`
}

func (s *Server) kioskView(b *appliance.Snapshot, in intake.State) KioskView {
	ctx := b.Context(in)
	sc := intake.View(in, ctx)
	lang := sc.Lang
	if lang == "" {
		lang = "fr"
	}
	v := KioskView{
		Seq: b.Seq, Turn: sc.Turn, Lang: lang, Tag: words.Tag(lang), Dir: words.Dir(lang), Words: lang != words.Images, Dark: sc.Dark,
		Line: sc.Line, Picto: sc.Picto, Piece: sc.Piece, Stage: sc.Stage, Test: b.Testing(), TestLabel: s.cfg.Words.Text(lang, "hall.test", nil),
		Size: in.Size.String(), Contrast: in.Contrast.String(),
		Volume: in.Volume, Listening: in.Listening, Panel: s.cfg.Panel, ID: string(sc.ID),
		Title: s.msg(lang, sc.Title), Text: s.msg(lang, sc.Text), Notice: s.msg(lang, sc.Notice),
		Choices: s.keys(lang, sc.Choices), Controls: s.keys(lang, sc.Controls), Focus: sc.Focus,
		Lines: []string{}, NowMS: ms(b.Now), Speed: b.Speed(),
	}
	if !in.Visit.IsZero() {
		v.Called = ctx.Called
	}
	v.Skip, v.Toggle = s.key(lang, sc.Skip), s.key(lang, sc.Toggle)
	if len(sc.Nudges.Last) > 0 {
		v.Nudges = &NudgeView{sc.Nudges.Seq, sc.Nudges.Last}
	}
	if sc.Scan > 0 {
		v.Scan = &ScanView{sc.Scan.Milliseconds()}
	}
	if sc.Progress != nil {
		v.Progress = &Progress{sc.Progress.At, sc.Progress.Of}
	}
	for _, l := range sc.Lines {
		v.Lines = append(v.Lines, s.msg(lang, l))
	}
	for i, m := range sc.Say {
		if i > 0 {
			v.Say += "\n"
		}
		v.Say += s.msg(lang, m)
	}
	if sc.ID == intake.Ticket {
		v.Ticket = &TicketView{sc.Number, string(sc.Paper), v.Text, ctx.Ahead}
		if v.Ticket.Paper == string(session.Queued) {
			v.Ticket.Paper = "printing"
		}
		v.Text = "" // said once, under the number
	}
	if sc.Deadline != (session.Moment{}) {
		v.Countdown = &Countdown{int(ctx.Countdown.Seconds()), ms(b.Now) + (sc.Deadline.Mono - b.Now.Mono).Milliseconds()}
	}
	return v
}

func (s *Server) key(lang string, c *intake.Choice) *KioskKey {
	if c == nil {
		return nil
	}
	return &s.keys(lang, []intake.Choice{*c})[0]
}

func (s *Server) keys(lang string, list []intake.Choice) []KioskKey {
	out := make([]KioskKey, len(list))
	for i, c := range list {
		l, k := lang, KioskKey{Key: c.Key, Picto: c.Picto, Selected: c.Selected, Enabled: !c.Off, Mute: c.Mute}
		if c.Lang != "" {
			l, k.Lang, k.Dir = c.Lang, c.Lang, words.Dir(c.Lang)
		}
		k.Label, k.Sub = s.msg(l, c.Label), s.msg(l, c.Sub)
		out[i] = k
	}
	return out
}

// Row is a visit as staff see it: what it takes to call and receive somebody.
type Row struct {
	ID            session.ID     `json:"id"`
	Number        session.Number `json:"number"`
	Motifs        []string       `json:"motifs"`
	Lang          string         `json:"lang"`
	Need          string         `json:"need"`
	ForOther      bool           `json:"for_other"`
	Priority      bool           `json:"priority"`
	State         string         `json:"state"`
	SinceMS       int64          `json:"since_ms"`
	ArrivedMS     int64          `json:"arrived_ms"`
	Calls         int            `json:"calls"`
	RecallMS      int64          `json:"recall_ms"`
	ProposeNoShow bool           `json:"propose_no_show"`
	Reason        string         `json:"reason"`
	UntilMS       int64          `json:"until_ms"`
	Desk          string         `json:"desk"`
	Roles         []string       `json:"roles"`
	Paper         string         `json:"paper"`
	Outcome       string         `json:"outcome"`
	CanReturn     bool           `json:"can_return"`
	Inaccurate    bool           `json:"inaccurate"`
	Told          string         `json:"told"`    // what the ticket said of the wait, "" where nothing
	Delayed       bool           `json:"delayed"` // it will not be kept
}

func (s *Server) row(b *appliance.Snapshot, v *session.Visit) Row {
	r := Row{
		ID: v.ID, Number: v.Number, Motifs: []string{}, ForOther: v.ForOther, Priority: v.Priority, State: string(v.State()),
		SinceMS: ms(v.Since()), ArrivedMS: ms(v.Arrived()), Calls: v.Calls, ProposeNoShow: v.ProposeNoShow(),
		Roles: []string{}, Paper: "none", Inaccurate: v.Inaccurate(),
	}
	for _, m := range v.Motifs {
		r.Motifs = append(r.Motifs, s.text("motif."+m, nil))
	}
	if len(v.Motifs) == 0 {
		r.Motifs = append(r.Motifs, s.text("motif.none", nil))
	}
	if words.Tag(v.Lang) != words.French && v.Lang != "" {
		r.Lang = s.cfg.Words.Named(v.Lang)
	}
	if v.Need != session.Anyone {
		r.Need = s.text("role."+string(v.Need), nil)
	}
	if v.Paper != session.NoPaper {
		r.Paper = string(v.Paper)
	}
	if q := b.Session.QuietUntil(v); q != (session.Moment{}) {
		r.UntilMS = ms(q)
	}
	r.CanReturn = b.Session.Resting(v, b.Now)
	last := v.Intervals[len(v.Intervals)-1]
	switch v.State() {
	case session.Called, session.Serving:
		d, _ := b.Session.Plan.Desk(v.Desk())
		r.Desk = d.Label
		for _, role := range last.Roles {
			r.Roles = append(r.Roles, s.text("role."+string(role), nil))
		}
		if v.State() == session.Called {
			r.SinceMS = ms(v.LastCall)
			r.RecallMS = ms(v.LastCall.Add(session.RecallGap))
		}
	case session.Held:
		r.State = "held"
		r.Reason = s.text("reason."+string(last.Reason), nil)
		if last.Reason == session.BackLater {
			r.State = "away"
		}
	case session.Waiting:
		r.Told, r.Delayed = s.told(b, v)
	case session.Done:
		r.Outcome = s.text("outcome."+string(v.Outcome), nil)
		r.CanReturn = v.Outcome == session.NoShow || v.Outcome == session.Left
	}
	return r
}

// rowsShown bounds a list on the desk's screen; the count says how many there are.
const rowsShown = 100

// deskCommon is what every desk sees alike; it is made once for all of them.
type deskCommon struct {
	Place        string             `json:"place"`
	Permanence   permanenceView     `json:"permanence"`
	Next         string             `json:"next"`
	Desks        []deskView         `json:"desks"`
	Waiting      []Row              `json:"waiting"`
	WaitingTotal int                `json:"waiting_total"`
	Resting      []Row              `json:"resting"`
	Held         []Row              `json:"held"`
	Away         []Row              `json:"away"`
	Ended        []Row              `json:"ended"`
	Counts       map[string]int     `json:"counts"`
	Unprinted    []numbered         `json:"unprinted"`
	Devices      []device           `json:"devices"`
	Help         *helpView          `json:"help"`
	Choices      map[string][]label `json:"choices"`
	Report       *reportView        `json:"report"`
	SelfTest     SelfTestView       `json:"selftest"`
	Waits        waitsView          `json:"waits"`
	Escrow       escrowView         `json:"escrow"`
	Team         teamView           `json:"team"`
	Updates      bool               `json:"updates"` // this box can be updated
	Care         bool               `json:"care"`    // somebody looks after this box
}

type permanenceView struct {
	Status string `json:"status"`
	Date   string `json:"date"`
	From   string `json:"from"`
	Until  string `json:"until"`
	Test   bool   `json:"test"`
	Stale  bool   `json:"stale"`
}

type deskView struct {
	Key   string   `json:"key"`
	Label string   `json:"label"`
	Roles []string `json:"roles"`
	Row   *Row     `json:"row"`
}

type numbered struct {
	ID     session.ID     `json:"id"`
	Number session.Number `json:"number"`
}

type device struct {
	Key  string `json:"key"`
	OK   bool   `json:"ok"`
	Text string `json:"text"`
	// Do is what staff may order of it, Label how that is called; "" for nothing.
	Do    string `json:"do,omitempty"`
	Label string `json:"label,omitempty"`
}

type helpView struct {
	SinceMS int64  `json:"since_ms"`
	Coming  bool   `json:"coming"`
	Text    string `json:"text"`
}

type label struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

type reportView struct {
	Test     bool        `json:"test"` // staff practised: nothing of it is kept
	Lines    [][2]string `json:"lines"`
	Identity string      `json:"identity"`
	Remarks  []string    `json:"remarks"`
}

type banner struct {
	Key     string           `json:"key"`
	Level   string           `json:"level"`
	Text    string           `json:"text"`
	Actions []map[string]any `json:"actions"`
}

type undoView struct {
	Label   string `json:"label"`
	UntilMS int64  `json:"until_ms"`
}

// deskOwn is what one desk sees besides; who is there, each role sees in its own way
// (see roles.go).
type deskOwn struct {
	Seq       uint64         `json:"seq"`
	NowMS     int64          `json:"now_ms"`
	Speed     float64        `json:"speed"`
	Role      pair.Role      `json:"role"`
	Connected *connectedView `json:"connected"` // nil where nobody pairs
	Desk      string         `json:"desk"`
	Undo      *undoView      `json:"undo"`
	Next      *numbered      `json:"call_next"` // who « Suivant » would call here
	Intake    *KioskView     `json:"intake"`
	Banners   []banner       `json:"banners"`
	Slot      *slotView      `json:"slot"` // of the person at this desk
	// Untold is who left this desk last, while nothing is said of what was done.
	Untold *numbered `json:"untold"`
}

func (s *Server) deskOwn(b *appliance.Snapshot, who pair.Session, desk string) deskOwn {
	v := deskOwn{Seq: b.Seq, NowMS: ms(b.Now), Speed: b.Speed(), Role: who.Role, Connected: s.connected(b, who), Desk: desk, Banners: append(s.banners(b), slices.Concat(s.promises(b, who), s.escrowBars(b, who))...), Slot: s.slotView(b, desk)}
	if next, ok := b.Session.NextFor(desk, b.Now); ok {
		v.Next = &numbered{next.ID, next.Number}
	}
	if a, ok := b.Session.Undoable(desk, b.Now); ok {
		v.Undo = &undoView{s.text("undo."+a.Kind, map[string]any{"n": int(a.Number)}), ms(a.At.Add(session.UndoWindow))}
	}
	if last, ok := b.Untold(desk); ok {
		v.Untold = &numbered{last.ID, last.Number}
	}
	if in, ok := b.Intakes[desk]; ok {
		k := s.kioskView(b, in)
		v.Intake = &k
	}
	return v
}

func (s *Server) deskCommon(b *appliance.Snapshot) deskCommon {
	st := b.Session
	v := deskCommon{
		Place: b.Place(), Waiting: []Row{}, Resting: []Row{}, Held: []Row{}, Away: []Row{}, Ended: []Row{},
		Unprinted: []numbered{}, Desks: []deskView{}, WaitingTotal: st.Waiting(), Counts: counts(st),
		Permanence: permanenceView{Status: status(b), Test: b.Testing(), Stale: st.LeftOpen(b.Now)},
		Devices:    s.devices(b), Choices: s.choices(b), SelfTest: s.selfTestView(b), Team: s.team(b), Waits: s.waitsView(b), Escrow: s.escrow(b), Updates: s.updatable(), Care: s.cfg.Care != nil,
	}
	if !b.From.IsZero() {
		from, until := b.From.In(b.Zone()), b.Until.In(b.Zone())
		v.Permanence.Date = s.text("desk.date", map[string]any{"when": from})
		v.Permanence.From, v.Permanence.Until = timeOfDay(from), timeOfDay(until)
		v.Next = s.text("text.verbatim", map[string]any{"text": from})
	}
	for w := range st.Line() {
		if st.Resting(w, b.Now) {
			v.Resting = append(v.Resting, s.row(b, w))
		} else if len(v.Waiting) < rowsShown {
			v.Waiting = append(v.Waiting, s.row(b, w))
		} else {
			break
		}
	}
	v.WaitingTotal -= len(v.Resting)
	for _, d := range b.Desks() {
		dv := deskView{Key: d.Key, Label: d.Label, Roles: []string{}}
		for _, r := range d.Roles {
			dv.Roles = append(dv.Roles, s.text("role."+string(r), nil))
		}
		if at, ok := st.AtDesk(d.Key); ok {
			r := s.row(b, at)
			dv.Row = &r
		}
		v.Desks = append(v.Desks, dv)
	}
	for w := range st.Aside() {
		r := s.row(b, w)
		if r.State == "away" {
			v.Away = append(v.Away, r)
		} else {
			v.Held = append(v.Held, r)
		}
	}
	for w := range st.LastEnded() {
		if st.Status == session.Closed {
			break // nobody is shown after the closing
		}
		v.Ended = append(v.Ended, s.row(b, w))
	}
	for w := range st.Unprinted() {
		v.Unprinted = append(v.Unprinted, numbered{w.ID, w.Number})
	}
	if b.Help != nil {
		v.Help = &helpView{ms(b.Help.Since), b.Help.Coming, s.text("banner.help", nil)}
	}
	if b.Report != nil && st.Status != session.Open && st.Status != session.Paused {
		rv := &reportView{Test: b.Report.Test, Lines: [][2]string{}, Remarks: []string{}}
		for _, section := range b.Report.Sections() {
			rv.Lines = append(rv.Lines, [2]string{s.msg("fr", section.Title), ""})
			for _, row := range section.Rows {
				rv.Lines = append(rv.Lines, [2]string{s.msg("fr", row.Label), strconv.Itoa(row.Value)})
			}
			for _, m := range section.Remarks {
				rv.Remarks = append(rv.Remarks, s.msg("fr", m))
			}
		}
		rv.Identity = s.msg("fr", b.Report.IdentityMsg())
		v.Report = rv
	}
	return v
}

func counts(st session.State) map[string]int {
	t := st.Totals
	c := map[string]int{"issued": t.Issued, "here": st.Here(), "turned_away": t.AllTurnedAway()}
	for _, o := range session.Outcomes() {
		c[string(o)] = t.Of(o)
	}
	return c
}

func (s *Server) banners(b *appliance.Snapshot) []banner {
	list := []banner{}
	add := func(level, key string, args map[string]any, actions ...map[string]any) {
		if actions == nil {
			actions = []map[string]any{}
		}
		list = append(list, banner{key, level, s.text("banner."+key, args), actions})
	}
	st := b.Session
	switch {
	case st.AtAnotherBox():
		resume := map[string]any{"do": "resume", "label": s.text("banner.resume", nil)}
		if st.Status == session.Planned {
			resume = map[string]any{"do": "open", "label": s.text("banner.open", nil)}
		}
		add("warn", "moved", nil, map[string]any{"do": "close", "label": s.text("banner.moved_close", nil)}, resume)
	case st.LeftOpen(b.Now):
		add("warn", "left_open", map[string]any{"when": st.Plan.From.In(b.Zone())},
			map[string]any{"do": "close", "rest": string(session.Unresolved), "label": s.text("banner.left_open_close", nil)})
	case st.Cut != nil:
		key, action := "power_cut", map[string]any{"do": "resume", "label": s.text("banner.resume", nil)}
		if st.Status == session.Planned {
			key, action = "power_cut_planned", map[string]any{"do": "open", "label": s.text("banner.open", nil)}
		}
		add("warn", key, map[string]any{"from": st.Cut.From.Wall.In(b.Zone()), "to": st.Cut.To.Wall.In(b.Zone())}, action)
	}
	for _, n := range b.Notices {
		list = append(list, banner{"notice", "alert", s.msg("fr", n), []map[string]any{}})
	}
	if s.cfg.Screen != nil {
		if m, ok := s.cfg.Screen(); ok {
			list = append(list, banner{"notice", "alert", s.msg("fr", m), []map[string]any{}})
		}
	}
	if u, ok := s.updateBanner(); ok {
		list = append(list, u)
	}
	if b.Lost {
		add("warn", "report_unprinted", nil, map[string]any{"do": "reprint_report", "label": s.text("banner.reprint", nil)})
	}
	if theme, guests := b.Morning(); theme != "" {
		add("info", "morning", map[string]any{"theme": theme, "guests": strings.Join(guests, ", ")})
	}
	// A matter for the days between: in a full waiting room nobody reads rules again.
	if due := b.RightsDue(); due > 0 && st.Status != session.Open && st.Status != session.Paused {
		add("info", "rights_due", map[string]any{"n": due})
	}
	if b.Testing() {
		add("info", "test", nil)
	}
	return list
}

func (s *Server) devices(b *appliance.Snapshot) []device {
	list := []device{s.printer(b)}
	if b.Silent {
		list = append(list, device{Key: "speaker", Text: s.text("device.speaker.lost", nil)})
	}
	for _, f := range b.Faults {
		list = append(list, device{Key: "panel." + f.Desk + "." + f.Action, Text: s.fault(b, f)})
	}
	if n, ok := s.networkDevice(); ok {
		list = append(list, n)
	}
	clock, trusted := "device.clock.trusted", b.Now.Trust == session.Trusted
	if !trusted {
		clock = "device.clock.untrusted"
	}
	return append(list, device{Key: "clock", OK: trusted, Text: s.text(clock, map[string]any{"when": b.Now.Wall.In(b.Zone())})})
}

// printer is how the printer is, and how many tickets are left where they are counted.
func (s *Server) printer(b *appliance.Snapshot) device {
	state, ok := b.PrinterState()
	p := device{Key: "printer", OK: ok, Text: s.text("device.printer."+state, nil)}
	if n, known := b.TicketsLeft(); known && ok {
		p.Text = s.text("device.printer.left", map[string]any{"state": p.Text, "n": about(n)})
	}
	if b.CountsPaper() {
		p.Do, p.Label = "new_roll", s.text("desk.new_roll", nil)
	}
	return p
}

// about is a number of tickets as it is worth saying: their length differs.
func about(n int) int {
	switch {
	case n >= 200:
		return n - n%50
	case n >= 40:
		return n - n%10
	}
	return n
}

// deskLabel is what a desk is called, "" for one that is not there.
func deskLabel(b *appliance.Snapshot, key string) string {
	for _, d := range b.Desks() {
		if d.Key == key {
			return d.Label
		}
	}
	return ""
}

// fault is what is wrong with a button, or with all of a panel.
func (s *Server) fault(b *appliance.Snapshot, f appliance.Fault) string {
	if f.Action == "" {
		if f.Desk == "" {
			return s.text("device.panel.lost", nil)
		}
		return s.text("device.panel.desk_lost", map[string]any{"desk": cmp.Or(deskLabel(b, f.Desk), f.Desk)})
	}
	key := "device.button.lost"
	if f.Stuck {
		key = "device.button.stuck"
	}
	return s.text(key, map[string]any{"button": s.text("selftest.item.button."+f.Action, nil)})
}

func (s *Server) choices(b *appliance.Snapshot) map[string][]label {
	reasons := func(list []session.Reason) []label {
		out := []label{}
		for _, r := range list {
			out = append(out, label{string(r), s.text("reason."+string(r), nil)})
		}
		return out
	}
	c := map[string][]label{
		"hold": reasons(session.HoldReasons()), "turned_away": reasons(session.TurnedAwayReasons()),
		"cancel": reasons(session.CancelReasons()), "roles": {}, "motifs": {}, "outcomes": {},
	}
	for _, r := range session.Roles() {
		for _, d := range b.Desks() {
			if d.Takes(r) {
				c["roles"] = append(c["roles"], label{string(r), s.text("role."+string(r), nil)})
				break
			}
		}
	}
	for _, m := range b.Motifs() {
		c["motifs"] = append(c["motifs"], label{m.Key, s.text("motif."+m.Key, nil)})
	}
	for _, stop := range b.Stops() {
		c["stops"] = append(c["stops"], label{stop.Key, stop.Name})
	}
	for _, t := range session.Tells() {
		c["tells"] = append(c["tells"], label{string(t), s.text("report.tell."+string(t), nil)})
	}
	for _, o := range []session.Outcome{session.Served, session.Oriented, session.Misrouted, session.Left} {
		c["outcomes"] = append(c["outcomes"], label{string(o), s.text("outcome."+string(o), nil)})
	}
	return c
}

func status(b *appliance.Snapshot) string {
	if b.Session.Status == session.None {
		return "none"
	}
	return string(b.Session.Status)
}

// next says when the next permanence is.
func (s *Server) next(b *appliance.Snapshot) string {
	if b.From.IsZero() {
		return s.text("banner.no_permanence", nil)
	}
	return s.text("hall.next", map[string]any{"when": b.From.In(b.Zone())})
}

// timeOfDay is a time of day as staff write it.
func timeOfDay(t time.Time) string { return fmt.Sprintf("%d:%02d", t.Hour(), t.Minute()) }

func ms(m session.Moment) int64 {
	if m == (session.Moment{}) {
		return 0
	}
	return m.Wall.UnixMilli()
}
