package intake

import (
	"strconv"
	"time"

	"jeudi/firmware/session"
)

func ticketView(s State, c Context, v *Screen) {
	v.Title = msg("ticket.title", "n", int(s.Number))
	v.Paper = c.Paper
	v.Text = Ahead(c)
	v.Notice = msg("ticket.notice")
	v.Lines = paperLines(c)
}

// Ahead is what screen and paper say about the wait.
func Ahead(c Context) session.Msg {
	switch {
	case c.Called != "":
		return msg("ticket.called", "desk", c.Called)
	case c.Ahead == 0 && c.Free:
		return msg("ticket.nobody")
	case c.Ahead == 0:
		return msg("ticket.next")
	}
	return msg("ticket.ahead", "n", c.Ahead)
}

func paperLines(c Context) []session.Msg {
	switch c.Paper {
	case session.Queued:
		return []session.Msg{msg("ticket.printing")}
	case session.Printed:
		return []session.Msg{msg("ticket.printed")}
	case session.Unprinted:
		switch c.Printer {
		case "no_paper", "cover_open", "overheated", "cutter_jammed", "unplugged":
			return []session.Msg{msg("ticket.printer." + c.Printer)}
		}
		return []session.Msg{msg("ticket.unprinted")}
	case session.Unknown:
		return []session.Msg{msg("ticket.unknown")}
	}
	return nil
}

func ticketChoices(s State, c Context) []Choice {
	var list []Choice
	if !s.sent {
		list = append(list, choice(keyQuestions, "ticket.questions", "questions"))
	}
	if len(c.Ticket) > 0 {
		list = append(list, choice(keyMyTicket, "ticket.read", "ticket"))
	}
	if s.forOther && c.Home {
		list = append(list, choice(keyHome, "ticket.home", "home_visit"))
	}
	list = append(list, choice(keyBackAt, "ticket.back_at", "clock"))
	if s.offersRights(c) {
		list = append(list, rightsOffer())
	}
	list = append(list, s.seatsOffer(c)...)
	if len(c.Charter) > 0 {
		list = append(list, choice(keyCharter, "ticket.charter", "charter"))
	}
	if nobodyWaits(c) {
		list = append(list, choice(keyPractice, "practice.offer", "practice"))
	}
	return slotted(list, s.page, min(c.Slots-1, ticketSlots))
}

// ticketSlots leave room for the number, which is what the screen is for; on a small
// panel there is one place less.
const ticketSlots = 4

func ticketPress(s State, p Choice, c Context) (State, []Want) {
	switch p.Key {
	case keyQuestions:
		s.asked, s.last = 0, len(c.Schema.Questions)
		return s.goTo(Question), nil
	case keyMyTicket:
		return s.goTo(MyTicket), nil
	case keyHome:
		return s.goTo(Home), nil
	case keyCharter:
		s.line = 0
		return s.goTo(Charter), nil
	case keyBackAt:
		return s.goTo(BackAt), nil
	case keyRights:
		return s.startRights(c), nil
	case keySeats:
		return s.seekSeat(), nil
	case keyPractice:
		return s.goTo(Practice), nil
	}
	return s.show(Thanks), nil
}

// myTicketView is the paper on the screen and in the ear: nobody needs to read it,
// or to have it.
func myTicketView(s State, c Context, v *Screen) {
	v.Title, v.Lines = msg("ticket.mine", "n", int(s.Number)), c.Ticket
	if s.copied {
		v.Notice = msg("ticket.printing")
	}
}

func myTicketChoices(s State, c Context) []Choice {
	list := []Choice{choice(keyFinish, "kiosk.finish", "yes")}
	if !s.copied && !c.NoPaper {
		list = append(list, choice(keyLarge, "ticket.large", "size"))
	}
	return list
}

func myTicketPress(s State, p Choice, _ Context) (State, []Want) {
	if p.Key == keyLarge {
		s.copied, s.Focus = true, ""
		return s, append(s.tell(msg("ticket.printing")), PrintLarge{s.Visit})
	}
	return s.goBack(), nil
}

func charterView(s State, c Context, v *Screen) {
	v.Title, v.Lines, v.Line = msg("charter.title"), c.Charter, s.line
}

// charterPress says the next line: to whoever presses that, listening or not.
func charterPress(s State, p Choice, c Context) (State, []Want) {
	if p.Key != keyLine || len(c.Charter) == 0 {
		return s.goBack(), nil
	}
	s.line = s.line%len(c.Charter) + 1
	return s, []Want{say(s, c.Charter[min(s.line, len(c.Charter))-1])}
}

// breaks are the offers to step out and keep one's turn.
func breaks() []time.Duration {
	return []time.Duration{15 * time.Minute, 30 * time.Minute, 45 * time.Minute, time.Hour}
}

func breakKey(d time.Duration) string { return "in_" + strconv.Itoa(int(d.Minutes())) }

func backAtChoices(_ State, c Context) []Choice {
	var list []Choice
	for _, d := range breaks() {
		list = append(list, Choice{Key: breakKey(d), Label: msg("back_at.time", "time", c.Now.Wall.Add(d)), Sub: msg("back_at.minutes", "n", int(d.Minutes())), Picto: "clock"})
	}
	return list
}

func backAtPress(s State, p Choice, c Context) (State, []Want) {
	for _, d := range breaks() {
		if p.Key == breakKey(d) {
			s.back = c.Now.Wall.Add(d)
			return s.show(Thanks), []Want{KeepTurn{Visit: s.Visit, For: d}}
		}
	}
	return s.goBack(), nil
}

// thanksChoices: whoever has a ticket may come back to it as long as the visit lasts.
func thanksChoices(s State, c Context) []Choice {
	list := []Choice{choice(keyFinish, "kiosk.finish", "yes")}
	if !s.Visit.IsZero() {
		list = append(list, choice(keyTicket, "thanks.see_ticket", "ticket"))
	}
	if s.offersRights(c) {
		list = append(list, rightsOffer())
	}
	return list
}

func thanksPress(s State, p Choice, c Context) (State, []Want) {
	if p.Key == keyTicket {
		s.trail = nil
		return s.show(Ticket), nil
	}
	if p.Key == keyRights {
		return s.startRights(c), nil
	}
	return forgotten(s, p, c)
}

func thanksView(s State, _ Context, v *Screen) {
	v.Title, v.Text = msg("thanks.title"), msg("thanks.text")
	switch {
	case s.keeping:
		v.Text = msg("thanks.keeping")
	case s.lost:
		v.Text = msg("thanks.lost")
	case !s.back.IsZero():
		v.Title, v.Text = msg("thanks.back", "n", int(s.Number)), msg("thanks.back_text", "time", s.back)
	case s.Number != 0:
		v.Text = msg("thanks.ticket", "n", int(s.Number))
	}
}
