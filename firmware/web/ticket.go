package web

import (
	"context"
	"net/http"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/paper"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// PhoneTicket is all that the page of a ticket can see: the state of one visit, in
// its visitor's language. It has no field for anybody else, for why the person came,
// or for what they answered.
type PhoneTicket struct {
	Seq    uint64         `json:"seq"`
	Lang   string         `json:"lang"` // as the catalogue calls it
	Tag    string         `json:"tag"`  // BCP 47
	Dir    string         `json:"dir"`
	Place  string         `json:"place"`
	Test   string         `json:"test"` // what says that staff practise, or ""
	State  string         `json:"state"`
	Number session.Number `json:"number"`
	// Desk is where to go, and Call changes with each call; "" and 0 unless called.
	Desk string      `json:"desk"`
	Call uint64      `json:"call,string"`
	Text string      `json:"text"` // how it stands
	Wait []string    `json:"wait"` // when, in sentences
	Slip []PhoneLine `json:"slip"` // where to go afterwards, if that was printed
}

// PhoneLine is a line of the orientation slip: to read, and by its place in the
// list, to hear.
type PhoneLine struct {
	Kind string `json:"kind"` // title, place, label or text
	Text string `json:"text"`
	Tag  string `json:"tag"`
	Dir  string `json:"dir"`
}

// The states of a ticket on its phone.
const (
	ticketWaiting = "waiting"
	ticketPaused  = "paused"
	ticketCalled  = "called"
	ticketServing = "serving"
	ticketHeld    = "held"
	ticketMissed  = "missed" // called, and nobody came
	ticketDone    = "done"
	ticketGone    = "gone" // no such ticket, or no longer
)

// ticketState is where a visit stands for its own visitor.
func ticketState(b *appliance.Snapshot, v *session.Visit) string {
	if b.Session.AtAnotherBox() && v.State() != session.Done {
		return ticketPaused
	}
	switch v.State() {
	case session.Called:
		return ticketCalled
	case session.Serving:
		return ticketServing
	case session.Held:
		return ticketHeld
	case session.Done:
		if v.Outcome == session.NoShow {
			return ticketMissed
		}
		return ticketDone
	}
	switch {
	case b.Session.Resting(v, b.Now):
		return ticketMissed
	case b.Session.Status == session.Paused:
		return ticketPaused
	}
	return ticketWaiting
}

// ticketLang is the language of a ticket's page: of pictures alone no page is made.
func ticketLang(v *session.Visit) string {
	switch v.Lang {
	case "":
		return words.French
	case words.Images:
		return words.Easy
	}
	return v.Lang
}

// phoneTicket is the page of a visit.
func (s *Server) phoneTicket(b *appliance.Snapshot, visit session.ID) PhoneTicket {
	p := PhoneTicket{Seq: b.Seq, State: ticketGone, Place: b.Place(), Wait: []string{}, Slip: []PhoneLine{}}
	v, ok := b.Ticket(visit)
	if !ok {
		return p
	}
	lang := ticketLang(v)
	p.Lang, p.Tag, p.Dir = lang, words.Tag(lang), words.Dir(lang)
	p.State, p.Number = ticketState(b, v), v.Number
	if b.Testing() {
		p.Test = s.cfg.Words.Text(lang, "hall.test", nil)
	}
	say := func(m session.Msg) string { return s.msg(lang, m) }
	switch p.State {
	case ticketWaiting:
		p.Text = say(b.AheadMsg(v))
		if wait := b.TicketWait(v); wait != (paper.Wait{}) {
			p.Wait = append(p.Wait, say(wait.Msg(b.Now.Wall)))
			if !wait.Unknown {
				p.Wait = append(p.Wait, say(session.M("paper.wait_may_change")))
			}
		}
	case ticketPaused:
		p.Text = say(session.M("hall.paused_text"))
		if b.Session.AtAnotherBox() { // its number is called at another box
			p.Text = say(session.M("sorry.text"))
		}
	case ticketCalled, ticketServing:
		d, _ := b.Session.Plan.Desk(v.Desk())
		p.Desk = d.Label
		p.Text = say(s.calledMsg(b, v))
		if p.State == ticketCalled {
			p.Call = v.Call
		}
	case ticketHeld:
		p.Text = say(session.M("phone.turn.soon"))
	case ticketMissed:
		p.Text = say(session.M("phone.turn.missed"))
	case ticketDone:
		p.Text = say(session.M("phone.turn.done"))
	}
	for _, l := range slipLines(b.Slips[v.ID], lang) {
		p.Slip = append(p.Slip, PhoneLine{l.kind, s.msg(l.lang, l.msg), words.Tag(l.lang), words.Dir(l.lang)})
	}
	return p
}

func (s *Server) calledMsg(b *appliance.Snapshot, v *session.Visit) session.Msg {
	d, _ := b.Session.Plan.Desk(v.Desk())
	return session.M("ticket.called", "desk", d.Label)
}

// slipLine is a line of a slip before it is worded or spoken.
type slipLine struct {
	kind string
	lang string
	msg  session.Msg
}

// slipLines is a slip in the order of its paper. Names and addresses are French, as
// people there will say them.
func slipLines(slip *appliance.Slip, lang string) []slipLine {
	if slip == nil {
		return nil
	}
	var list []slipLine
	label := func(key string) { list = append(list, slipLine{"label", lang, session.M(key)}) }
	text := func(kind, lang, text string) {
		list = append(list, slipLine{kind, lang, session.M("text.verbatim", "text", text)})
	}
	part := func(key string, texts ...paper.Words) {
		for _, t := range texts {
			in, said := lang, t.Lang
			if said == "" {
				in, said = words.French, t.French
			}
			if said == "" {
				continue
			}
			if key != "" {
				label(key)
				key = "" // once
			}
			text("text", in, said)
		}
	}
	list = append(list, slipLine{"title", lang, session.M("slip.orientation")})
	for _, p := range slip.Places {
		text("place", words.French, p.Name)
		part("", paper.Words{French: p.Address})
		part("slip.phone", paper.Words{French: p.Phone})
		hours := "slip.hours"
		if p.HoursUnsure {
			hours = "slip.hours_check"
		}
		part(hours, p.Hours)
		part("slip.way", p.Way)
		part("slip.bring", p.Bring...)
		part("slip.gives", p.Gives)
	}
	return list
}

// ticketKey is what of a box concerns one ticket: when it changes, its phone is told
// at once. All else is told now and then.
type ticketKey struct {
	state string
	call  uint64
	desk  string
	slip  *appliance.Slip
}

func keyOf(b *appliance.Snapshot, visit session.ID) ticketKey {
	v, ok := b.Ticket(visit)
	if !ok {
		return ticketKey{state: ticketGone}
	}
	k := ticketKey{state: ticketState(b, v), desk: v.Desk(), slip: b.Slips[v.ID]}
	if v.State() == session.Called {
		k.call = v.Call
	}
	if k.state == ticketPaused {
		k.state = ticketWaiting // a pause is everybody's, and is not told to all at once
	}
	return k
}

const (
	// helloWait is how long a phone may take to say which ticket it is.
	helloWait = 10 * time.Second
	// calm is how often a phone is told how the wait goes on: three hundred of them
	// must not cost the desks their turn.
	calm = 5 * time.Second
)

// hello is the first message of a phone: in a message it stands in no address, and
// in no log.
type hello struct {
	Ticket string `json:"ticket"`
}

// watchTicket pushes the page of a ticket. The phone says first which one it is.
func (s *Server) watchTicket(w http.ResponseWriter, r *http.Request) {
	conn, ctx, leave := s.upgrade(w, r)
	if conn == nil {
		return
	}
	defer leave()
	silent := context.AfterFunc(ctx, func() { conn.Close() })
	conn.SetReadLimit(128)
	conn.SetReadDeadline(time.Now().Add(helloWait))
	var first hello
	if err := conn.ReadJSON(&first); err != nil || !silent() {
		return
	}
	var visit session.ID
	if v, ok := s.cfg.Box.Snapshot().Holder(first.Ticket); ok {
		visit = v.ID
	}
	var told ticketKey // of no state: the first view is always told
	var last []byte
	s.push(ctx, conn, feed{
		gap: func(b *appliance.Snapshot) time.Duration {
			if keyOf(b, visit) != told {
				return 0
			}
			return calm
		},
		view: func(b *appliance.Snapshot) []byte {
			told = keyOf(b, visit)
			view := s.phoneTicket(b, visit)
			same := view
			same.Seq = 0
			if data := encode(same); string(data) != string(last) {
				last = data
				return encode(view)
			}
			return nil
		},
	})
}

// sayTicket speaks what a ticket's page shows: its call, or a line of its slip. The
// capability comes in the body: an address may be kept somewhere.
func (s *Server) sayTicket(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Ticket string `json:"ticket"`
		Line   *int   `json:"line"` // of the slip; null is the call
	}
	if !read(w, r, &in) {
		return
	}
	b := s.snapshot(w)
	if b == nil {
		return
	}
	v, ok := b.Holder(in.Ticket)
	if !ok {
		http.NotFound(w, r)
		return
	}
	lang, m := ticketLang(v), session.Msg{}
	switch {
	case in.Line == nil && (v.State() == session.Called || v.State() == session.Serving):
		m = s.calledMsg(b, v)
	case in.Line != nil:
		if lines := slipLines(b.Slips[v.ID], lang); *in.Line >= 0 && *in.Line < len(lines) {
			lang, m = lines[*in.Line].lang, lines[*in.Line].msg
		}
	}
	if m.Key == "" {
		http.NotFound(w, r)
		return
	}
	s.clip(w, r, lang, m, http.StatusNoContent) // the phone's own voice says it, if it has one
}

// hallClip speaks a call that is on the board, for a display that may speak.
func (s *Server) hallClip(w http.ResponseWriter, r *http.Request) {
	b := s.snapshot(w)
	if b == nil {
		return
	}
	if s.cfg.HallSpeaks {
		for _, c := range s.hallView(b).Calls {
			if c.Call == r.URL.Query().Get("call") {
				s.clip(w, r, words.French, session.M("hall.speak", "n", int(c.Number), "desk", c.Desk), http.StatusNoContent)
				return
			}
		}
	}
	http.NotFound(w, r)
}
