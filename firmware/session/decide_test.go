package session

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// taken is the event of take(n).
func taken(n int) TicketTaken {
	return TicketTaken{Act: Act{Visit: visit(n)}, Number: Number(n), Lang: "fr"}
}

func act(n int, desk string) Act {
	if n == 0 {
		return Act{Desk: desk}
	}
	return Act{Visit: visit(n), Desk: desk}
}

// do is a list of steps.
func do(steps ...any) []any { return steps }

// orders has every order, carried out and refused. Numbers 1, 2 and 3 wait in an
// open permanence unless fresh says that the box is.
var orders = []struct {
	name  string
	fresh bool
	given []any
	when  Order
	want  []Body
	err   error
}{
	// Take.
	{name: "the first ticket begins the permanence", fresh: true, when: take(1), want: []Body{PermanencePlanned{testPlan()}, taken(1)}},
	{name: "the second goes on", fresh: true, given: do(take(1)), when: take(2), want: []Body{taken(2)}},
	{name: "a motif says who is needed and for how long", when: takeFor(4, "rights"),
		want: []Body{TicketTaken{Act: act(4, ""), Number: 4, Motif: "rights", Need: SocialWorker, Class: Long, Lang: "fr"}}},
	{name: "for somebody who cannot come", when: Take{Visit: visit(4), Lang: "ar", ForOther: true, Desk: "c"},
		want: []Body{TicketTaken{Act: act(4, "c"), Number: 4, Lang: "ar", ForOther: true}}},
	{name: "tickets go on during a pause", given: do(Pause{"a"}), when: take(4), want: []Body{taken(4)}},
	{name: "an unknown motif", when: takeFor(4, "weather"), err: ErrUnknownChoice},
	{name: "an unknown desk", when: Take{Visit: visit(4), Desk: "z"}, err: ErrNoDesk},
	{name: "no identity", when: Take{}, err: ErrNoVisit},
	{name: "one visit, one ticket", when: take(2), err: ErrTwice},
	{name: "no permanence today", fresh: true, when: Take{Visit: visit(1)}, err: ErrNoTickets},

	// StartPermanence.
	{name: "open", fresh: true, when: open(), want: []Body{PermanencePlanned{testPlan()}, PermanenceOpened{Act: act(0, "a")}}},
	{name: "open after the first tickets", fresh: true, given: do(take(1)), when: open(), want: []Body{PermanenceOpened{Act: act(0, "a")}}},
	{name: "open for practice", fresh: true, when: StartPermanence{Plan: testPlan(), Desk: "b", Test: true},
		want: []Body{PermanencePlanned{testPlan()}, PermanenceOpened{Act: act(0, "b"), Test: true}}},
	{name: "practice with real tickets", fresh: true, given: do(take(1)), when: StartPermanence{Desk: "a", Test: true}, err: ErrTestTooLate},
	{name: "open twice", when: open(), err: ErrAlreadyOpen},
	{name: "open during a pause", given: do(Pause{"a"}), when: open(), err: ErrAlreadyOpen},
	{name: "open from nowhere", fresh: true, when: StartPermanence{Plan: testPlan(), Desk: "z"}, err: ErrNoDesk},
	{name: "open what was left open since yesterday", fresh: true, given: do(take(1), 24*time.Hour), when: open(), err: ErrLeftOpen},
	{name: "call on another day", given: do(24 * time.Hour), when: next("a"), err: ErrLeftOpen},
	{name: "resume on another day", given: do(Pause{"a"}, 24*time.Hour), when: Resume{"a"}, err: ErrLeftOpen},
	{name: "open again after the closing", given: do(Close{Desk: "a", Rest: Left}), when: open(),
		want: []Body{PermanencePlanned{testPlan()}, PermanenceOpened{Act: act(0, "a")}}},

	// Pause, Resume, Interrupt, Tick.
	{name: "pause", when: Pause{"b"}, want: []Body{PermanencePaused{act(0, "b")}}},
	{name: "pause twice", given: do(Pause{"a"}), when: Pause{"b"}, err: ErrNotOpen},
	{name: "pause before the opening", fresh: true, given: do(take(1)), when: Pause{"a"}, err: ErrNotOpen},
	{name: "pause on a fresh box", fresh: true, when: Pause{"a"}, err: ErrNotOpen},
	{name: "resume", given: do(Pause{"a"}), when: Resume{"c"}, want: []Body{PermanenceResumed{act(0, "c")}}},
	{name: "resume what goes on", when: Resume{"a"}, err: ErrNotPaused},
	{name: "interrupted while open", when: Interrupt{}, want: []Body{Interrupted{}}},
	{name: "interrupted in a pause", given: do(Pause{"a"}), when: Interrupt{}, want: []Body{Interrupted{}}},
	{name: "interrupted with tickets and not open yet", fresh: true, given: do(take(1)), when: Interrupt{}, want: []Body{Interrupted{}}},
	{name: "moved to another box", when: Move{}, want: []Body{PermanenceMoved{}}},
	{name: "moved before it was opened", fresh: true, given: do(take(1)), when: Move{}, want: []Body{PermanenceMoved{}}},
	{name: "moved twice", given: do(Move{}), when: Move{}},
	{name: "a fresh box has nothing to move", fresh: true, when: Move{}},
	{name: "a ticket where it left", given: do(Move{}), when: take(9), err: ErrMoved},
	{name: "a call where it left", given: do(Move{}), when: CallNext{"a"}, err: ErrMoved},
	{name: "somebody from outside where it left", given: do(Move{}), when: TurnAway{"a", "no_room"}, err: ErrMoved},
	{name: "it goes on here all the same", given: do(Move{}), when: Resume{"a"}, want: []Body{PermanenceResumed{act(0, "a")}}},
	{name: "nobody took it over, and days have passed", given: do(Move{}, 24*time.Hour), when: Resume{"a"}, want: []Body{PermanenceResumed{act(0, "a")}}},
	{name: "nor one that was not open yet", fresh: true, given: do(take(1), Move{}, 24*time.Hour), when: StartPermanence{Desk: "a"}, want: []Body{PermanenceOpened{Act: act(0, "a")}}},
	{name: "and it gives no ticket then", given: do(Move{}, 24*time.Hour, Resume{"a"}), when: take(9), err: ErrNoTickets},
	{name: "gone on with here, and taken back after a ticket", given: do(Move{}, Resume{"a"}, take(9)), when: Undo{"a"}, err: ErrUndoGone},
	{name: "it is opened here all the same", fresh: true, given: do(take(1), Move{}), when: StartPermanence{Desk: "a"}, want: []Body{PermanenceOpened{Act: act(0, "a")}}},
	{name: "a fresh box has nothing to interrupt", fresh: true, when: Interrupt{}},
	{name: "nor has a closed one", given: do(Close{Desk: "a", Rest: Left}), when: Interrupt{}},
	{name: "a tick too early", given: do(StepOut{Visit: visit(2), For: time.Hour}, 59*time.Minute), when: Tick{}},
	{name: "a tick in time", given: do(StepOut{Visit: visit(2), For: time.Hour}, time.Hour), when: Tick{}, want: []Body{Returned{act(2, "")}}},

	// Adjust.
	{name: "another profession and class", when: Adjust{visit(1), Mediator, Long}, want: []Body{NeedAdjusted{act(1, ""), Mediator, Long}}},
	{name: "adjusted to what it is", when: Adjust{visit(1), Anyone, Normal}},
	{name: "adjusted too late to matter", given: do(next("a")), when: Adjust{visit(1), Mediator, Long}},
	{name: "adjusted to no profession", when: Adjust{visit(1), "wizard", Long}, err: ErrUnknownChoice},
	{name: "adjusted to no class", when: Adjust{visit(1), Mediator, "eternal"}, err: ErrUnknownChoice},
	{name: "adjusted for nobody", when: Adjust{visit(9), Mediator, Long}, err: ErrNoVisit},
	{name: "adjusted after the closing", given: do(Close{Desk: "a", Rest: Left}), when: Adjust{visit(1), Mediator, Long}, err: ErrNotOpen},

	// CallNext.
	{name: "next", when: next("b"), want: []Body{TicketCalled{act(1, "b")}}},
	{name: "next before the opening", fresh: true, given: do(take(1)), when: next("a"), err: ErrNotOpen},
	{name: "next in a pause", given: do(Pause{"a"}), when: next("a"), err: ErrPaused},
	{name: "next after the closing", given: do(Close{Desk: "a", Rest: Left}), when: next("a"), err: ErrNotOpen},
	{name: "next at a busy desk", given: do(next("a")), when: next("a"), err: ErrDeskBusy},
	{name: "next at no desk", when: next("z"), err: ErrNoDesk},
	{name: "next and nobody", fresh: true, given: do(open()), when: next("a"), err: ErrNobody},
	{name: "next and nobody for this desk", fresh: true, given: do(open(), takeFor(1, "rights")), when: next("a"), err: ErrNobodyForDesk},
	{name: "next and only absent people", fresh: true, given: do(open(), take(1), next("a"), SetAside{"a"}), when: next("c"), err: ErrOnlyAbsent},
	{name: "next passes over those who need another", fresh: true, given: do(open(), takeFor(1, "rights"), take(2)), when: next("a"), want: []Body{TicketCalled{act(2, "a")}}},

	// CallChosen.
	{name: "this very person", when: CallChosen{"a", visit(3)}, want: []Body{TicketCalled{act(3, "a")}}},
	{name: "whatever they need", fresh: true, given: do(open(), takeFor(1, "rights")), when: CallChosen{"a", visit(1)}, want: []Body{TicketCalled{act(1, "a")}}},
	{name: "even absent", given: do(next("a"), SetAside{"a"}), when: CallChosen{"a", visit(1)}, want: []Body{TicketCalled{act(1, "a")}}},
	{name: "a colleague was quicker", given: do(next("c")), when: CallChosen{"a", visit(1)}, err: ErrNotWaiting},
	{name: "chosen, and gone", given: do(End{"a", visit(2), Left, ""}), when: CallChosen{"a", visit(2)}, err: ErrNotWaiting},
	{name: "chosen, and nobody", when: CallChosen{"a", visit(9)}, err: ErrNoVisit},
	{name: "chosen, and named by nothing", when: CallChosen{Desk: "a"}, err: ErrNoVisit},
	{name: "chosen in a pause", given: do(Pause{"a"}), when: CallChosen{"a", visit(2)}, err: ErrPaused},
	{name: "chosen at a busy desk", given: do(next("a")), when: CallChosen{"a", visit(2)}, err: ErrDeskBusy},

	// Recall.
	{name: "again", given: do(next("a"), RecallGap), when: Recall{"a"}, want: []Body{TicketRecalled{act(1, "a")}}},
	{name: "again too soon", given: do(next("a"), RecallGap-1), when: Recall{"a"}, err: ErrTooSoon},
	{name: "again, and nobody", when: Recall{"a"}, err: ErrNotCalled},
	{name: "again, and already there", given: do(next("a"), Start{"a"}, RecallGap), when: Recall{"a"}, err: ErrNotCalled},
	{name: "again in a pause", given: do(next("a"), RecallGap, Pause{"a"}), when: Recall{"a"}, err: ErrPaused},

	// Start, Together.
	{name: "there", given: do(next("a")), when: Start{"a"}, want: []Body{ServiceStarted{Act: act(1, "a"), Roles: []Role{Reception}}}},
	{name: "there, at a shared desk", given: do(takeFor(4, "phone"), CallChosen{"b", visit(4)}), when: Start{"b"},
		want: []Body{ServiceStarted{Act: act(4, "b"), Roles: []Role{Mediator}}}},
	{name: "there, in a pause", given: do(next("a"), Pause{"c"}), when: Start{"a"}, want: []Body{ServiceStarted{Act: act(1, "a"), Roles: []Role{Reception}}}},
	{name: "there, and nobody called", when: Start{"a"}, err: ErrNotCalled},
	{name: "there twice", given: do(next("a"), Start{"a"}), when: Start{"a"}, err: ErrNotCalled},
	{name: "together from the start", given: do(next("b")), when: Together{"b"},
		want: []Body{ServiceStarted{Act: act(1, "b"), Roles: []Role{SocialWorker, Mediator}}}},
	{name: "together on the way", given: do(next("b"), Start{"b"}), when: Together{"b"},
		want: []Body{TeamChanged{act(1, "b"), []Role{SocialWorker, Mediator}}}},
	{name: "together, and nobody", when: Together{"b"}, err: ErrDeskFree},

	// Hold, Return, SetAside.
	{name: "hold", given: do(next("a"), Start{"a"}), when: Hold{"a", "sms_code"}, want: []Body{VisitHeld{act(1, "a"), "sms_code"}}},
	{name: "hold for a reason of one's own", given: do(next("a"), Start{"a"}), when: Hold{"a", "tired"}, err: ErrUnknownChoice},
	{name: "hold as if stepped out", given: do(next("a"), Start{"a"}), when: Hold{"a", BackLater}, err: ErrUnknownChoice},
	{name: "hold somebody called", given: do(next("a")), when: Hold{"a", "sms_code"},
		want: []Body{ServiceStarted{Act: act(1, "a"), Roles: []Role{Reception}, Implied: true}, VisitHeld{act(1, "a"), "sms_code"}}},
	{name: "call somebody held", given: do(next("a"), Start{"a"}, Hold{"a", "sms_code"}), when: CallChosen{"b", visit(1)},
		want: []Body{Returned{act(1, "b")}, TicketCalled{act(1, "b")}}},
	{name: "call somebody back sooner", given: do(StepOut{"", visit(1), time.Hour}), when: CallChosen{"b", visit(1)},
		want: []Body{Returned{act(1, "b")}, TicketCalled{act(1, "b")}}},
	{name: "hold nobody", when: Hold{"a", "sms_code"}, err: ErrNotServing},
	{name: "return", given: do(next("a"), Start{"a"}, Hold{"a", "sms_code"}), when: Return{"c", visit(1)}, want: []Body{Returned{act(1, "c")}}},
	{name: "return who waits", when: Return{"a", visit(1)}, err: ErrNotHeld},
	{name: "return nobody", when: Return{"a", visit(9)}, err: ErrNoVisit},
	{name: "did not come", given: do(next("a")), when: SetAside{"a"}, want: []Body{MarkedAbsent{act(1, "a")}}},
	{name: "did not come, and is there", given: do(next("a"), Start{"a"}), when: SetAside{"a"}, err: ErrNotCalled},
	{name: "did not come, and nobody called", when: SetAside{"a"}, err: ErrNotCalled},

	// StepOut.
	{name: "back at half past ten", when: StepOut{Visit: visit(2), For: time.Hour}, want: []Body{SteppedOut{act(2, ""), time.Hour}}},
	{name: "said by staff", when: StepOut{"a", visit(2), time.Minute}, want: []Body{SteppedOut{act(2, "a"), time.Minute}}},
	{name: "stepped out at no desk", when: StepOut{"z", visit(2), time.Minute}, err: ErrNoDesk},
	{name: "stepped out for no time", when: StepOut{Visit: visit(2)}, err: ErrUnknownChoice},
	{name: "stepped out for a day", when: StepOut{Visit: visit(2), For: 24 * time.Hour}, err: ErrUnknownChoice},
	{name: "stepped out, and called", given: do(next("a")), when: StepOut{Visit: visit(1), For: time.Hour}, err: ErrNotWaiting},
	{name: "stepped out, and nobody", when: StepOut{Visit: visit(9), For: time.Hour}, err: ErrNoVisit},

	// HandOver.
	{name: "to the colleague at this desk", given: do(next("b"), Start{"b"}), when: HandOver{Desk: "b", To: Mediator},
		want: []Body{TeamChanged{act(1, "b"), []Role{Mediator}}}},
	{name: "to another desk, through the line", given: do(next("a"), Start{"a"}), when: HandOver{Desk: "a", To: SocialWorker},
		want: []Body{HandedOver{act(1, "a"), SocialWorker}}},
	{name: "before anybody said that they are there", given: do(next("a")), when: HandOver{Desk: "a", To: SocialWorker},
		want: []Body{ServiceStarted{Act: act(1, "a"), Roles: []Role{Reception}, Implied: true}, HandedOver{act(1, "a"), SocialWorker}}},
	{name: "somebody who waits", when: HandOver{"a", visit(2), Mediator}, want: []Body{HandedOver{act(2, "a"), Mediator}}},
	{name: "somebody who waits for just that", given: do(takeFor(4, "phone")), when: HandOver{"a", visit(4), Mediator}},
	{name: "to a profession that is not there", given: do(next("a")), when: HandOver{Desk: "a", To: Volunteer}, err: ErrNobodyElse},
	{name: "to no profession", given: do(next("a")), when: HandOver{Desk: "a", To: "wizard"}, err: ErrUnknownChoice},
	{name: "to anyone", given: do(next("a")), when: HandOver{Desk: "a"}, err: ErrUnknownChoice},
	{name: "from a free desk", when: HandOver{Desk: "a", To: Mediator}, err: ErrDeskFree},
	{name: "from a colleague's desk", given: do(next("c")), when: HandOver{"a", visit(1), Mediator}, err: ErrWrongDesk},
	{name: "somebody held", given: do(next("a"), Start{"a"}, Hold{"a", "sms_code"}), when: HandOver{"a", visit(1), Mediator},
		want: []Body{HandedOver{act(1, "a"), Mediator}}},
	{name: "somebody gone", given: do(next("a"), served("a")), when: HandOver{"a", visit(1), Mediator}, err: ErrOver},
	{name: "nobody of that name", when: HandOver{"a", visit(9), Mediator}, err: ErrNoVisit},

	// TakeBack.
	{name: "there after all", given: do(next("a"), SetAside{"a"}), when: TakeBack{"c", visit(1)}, want: []Body{CameBack{act(1, "c")}}},
	{name: "there after a no-show", given: do(next("a"), End{Desk: "a", Outcome: NoShow}), when: TakeBack{"a", visit(1)}, want: []Body{CameBack{act(1, "a")}}},
	{name: "there after having left", given: do(End{"a", visit(1), Left, ""}), when: TakeBack{"a", visit(1)}, want: []Body{CameBack{act(1, "a")}}},
	{name: "was never away", when: TakeBack{"a", visit(1)}, err: ErrNotAbsent},
	{name: "was received", given: do(next("a"), served("a")), when: TakeBack{"a", visit(1)}, err: ErrNotAbsent},
	{name: "is proposed again already", given: do(next("a"), SetAside{"a"}, AbsentRest), when: TakeBack{"a", visit(1)}, err: ErrNotAbsent},
	{name: "back, and nobody", when: TakeBack{"a", visit(9)}, err: ErrNoVisit},
	{name: "back, and named by nothing", when: TakeBack{Desk: "a"}, err: ErrNoVisit},

	// End.
	{name: "done", given: do(next("a"), Start{"a"}), when: served("a"), want: []Body{VisitEnded{act(1, "a"), Served, ""}}},
	{name: "done, without a word between", given: do(next("a")), when: served("a"),
		want: []Body{ServiceStarted{Act: act(1, "a"), Roles: []Role{Reception}, Implied: true}, VisitEnded{act(1, "a"), Served, ""}}},
	{name: "done aside", given: do(next("a"), Start{"a"}, Hold{"a", "working_alone"}), when: End{"c", visit(1), Served, ""},
		want: []Body{VisitEnded{act(1, "c"), Served, ""}}},
	{name: "not there", given: do(next("a")), when: End{Desk: "a", Outcome: NoShow}, want: []Body{VisitEnded{act(1, "a"), NoShow, ""}}},
	{name: "left", when: End{"a", visit(2), Left, "by_mistake"}, want: []Body{VisitEnded{act(2, "a"), Left, ""}}},
	{name: "cancelled", when: End{"a", visit(2), Cancelled, "twice"}, want: []Body{VisitEnded{act(2, "a"), Cancelled, "twice"}}},
	{name: "at the wrong place", given: do(next("a"), Start{"a"}), when: End{Desk: "a", Outcome: Misrouted}, want: []Body{VisitEnded{act(1, "a"), Misrouted, ""}}},
	{name: "sent elsewhere", when: End{"a", visit(1), Oriented, ""}, want: []Body{VisitEnded{act(1, "a"), Oriented, ""}}},
	{name: "cancelled for no reason", when: End{Desk: "a", Visit: visit(2), Outcome: Cancelled}, err: ErrUnknownChoice},
	{name: "unresolved is not for staff to say", when: End{"a", visit(2), Unresolved, ""}, err: ErrUnknownChoice},
	{name: "an end of one's own", when: End{"a", visit(2), "cured", ""}, err: ErrUnknownChoice},
	{name: "done with somebody who waits", when: End{"a", visit(2), Served, ""}, err: ErrNotServing},
	{name: "not there, and sits there", given: do(next("a"), Start{"a"}), when: End{Desk: "a", Outcome: NoShow}, err: ErrNotCalled},
	{name: "done at a free desk", when: served("a"), err: ErrDeskFree},
	{name: "done for a colleague", given: do(next("c")), when: End{"a", visit(1), Served, ""}, err: ErrWrongDesk},
	{name: "done twice", given: do(next("a"), served("a")), when: End{"a", visit(1), Served, ""}},
	{name: "another outcome afterwards", given: do(next("a"), served("a")), when: End{"a", visit(1), Oriented, ""},
		want: []Body{VisitEnded{act(1, "a"), Oriented, ""}}},
	{name: "done with nobody", when: End{"a", visit(9), Served, ""}, err: ErrNoVisit},

	// Prioritise, AddMotif, TurnAway, Reprint, ReportPaper.
	{name: "first", when: Prioritise{"a", visit(3), true}, want: []Body{PriorityGiven{act(3, "a"), true}}},
	{name: "first, as before", given: do(Prioritise{"a", visit(3), true}), when: Prioritise{"c", visit(3), true}},
	{name: "no longer first", given: do(Prioritise{"a", visit(3), true}), when: Prioritise{"c", visit(3), false}, want: []Body{PriorityGiven{act(3, "c"), false}}},
	{name: "first, and gone", given: do(next("a"), served("a")), when: Prioritise{"a", visit(1), true}, err: ErrOver},
	{name: "first, and nobody", when: Prioritise{"a", visit(9), true}, err: ErrNoVisit},
	{name: "another reason", when: AddMotif{"a", visit(1), "phone"}, want: []Body{MotifAdded{act(1, "a"), "phone"}}},
	{name: "the same reason", given: do(takeFor(4, "phone")), when: AddMotif{"a", visit(4), "phone"}},
	{name: "an unknown reason", when: AddMotif{"a", visit(1), "weather"}, err: ErrUnknownChoice},
	{name: "another reason for somebody gone", given: do(next("a"), served("a")), when: AddMotif{"a", visit(1), "phone"},
		want: []Body{MotifAdded{act(1, "a"), "phone"}}},
	{name: "another reason for nobody", when: AddMotif{"a", visit(9), "phone"}, err: ErrNoVisit},
	{name: "no room", when: TurnAway{"a", "no_room"}, want: []Body{PersonTurnedAway{act(0, "a"), "no_room"}}},
	{name: "no room, and no desk", when: TurnAway{"z", "no_room"}, err: ErrNoDesk},
	{name: "turned away for a reason of one's own", when: TurnAway{"a", "rude"}, err: ErrUnknownChoice},
	{name: "turned away with nothing under way", fresh: true, when: TurnAway{"a", "no_room"}, err: ErrNotOpen},
	{name: "print again", given: do(ReportPaper{visit(1), Unprinted, false}), when: Reprint{"a", visit(1)}, want: []Body{ReprintAsked{Act: act(1, "a")}}},
	{name: "print nothing", when: Reprint{Desk: "a"}, err: ErrNoVisit},
	{name: "print again what was cut short", given: do(ReportPaper{visit(1), Unprinted, true}), when: Reprint{"a", visit(1)}, want: []Body{ReprintAsked{act(1, "a"), true}}},
	{name: "cut short again", given: do(ReportPaper{visit(1), Unprinted, false}), when: ReportPaper{visit(1), Unprinted, true},
		want: []Body{PaperReported{act(1, ""), Unprinted, true}}},
	{name: "on paper", when: ReportPaper{visit(1), Printed, false}, want: []Body{PaperReported{act(1, ""), Printed, false}}},
	{name: "on paper twice", given: do(ReportPaper{visit(1), Printed, false}), when: ReportPaper{visit(1), Printed, false}},
	{name: "on paper, and nobody's", when: ReportPaper{visit(9), Printed, false}},
	{name: "on paper after the closing, where nobody is named any more", given: do(Close{Desk: "a", Rest: Left}), when: ReportPaper{visit(1), Unknown, false}},

	// Undo.
	{name: "undo", given: do(next("a")), when: Undo{"a"}, want: []Body{ActionUndone{act(0, "a"), id('c', 5)}}},
	{name: "undo a colleague's", given: do(next("a")), when: Undo{"c"}, err: ErrUndoGone},
	{name: "undo too late", given: do(next("a"), UndoWindow+1), when: Undo{"a"}, err: ErrUndoGone},
	{name: "undo twice", given: do(next("a"), Undo{"a"}), when: Undo{"a"}, err: ErrUndoGone},
	{name: "undo the closing", given: do(Close{Desk: "a", Rest: Left}), when: Undo{"a"}, err: ErrNotOpen},

	// Close.
	{name: "close, all left", when: Close{Desk: "a", Rest: Left}, want: []Body{
		VisitEnded{Act: act(1, ""), Outcome: Left}, VisitEnded{Act: act(2, ""), Outcome: Left}, VisitEnded{Act: act(3, ""), Outcome: Left},
		PermanenceClosed{Act: act(0, "a"), Totals: Totals{Issued: 3, Left: 3}}}},
	{name: "close, nobody here", fresh: true, given: do(open()), when: Close{Desk: "a"}, want: []Body{PermanenceClosed{Act: act(0, "a")}}},
	{name: "close, and they are still here", when: Close{Desk: "a"}, err: ErrStillHere},
	{name: "close as if all were received", when: Close{Desk: "a", Rest: Served}, err: ErrStillHere},
	{name: "close twice", given: do(Close{Desk: "a", Rest: Left}), when: Close{Desk: "a", Rest: Left}, err: ErrNotOpen},
	{name: "close where it left", given: do(Close{Desk: "a", Rest: Left}, Move{}), when: Close{Desk: "a"}, err: ErrNotOpen},
	{name: "close where it left, and they are at the other box", fresh: true, given: do(open(), take(1), Move{}), when: Close{Desk: "a"}, want: []Body{
		VisitEnded{Act: act(1, ""), Outcome: Unresolved}, PermanenceClosed{Act: act(0, "a"), Totals: Totals{Issued: 1, Unresolved: 1}}}},
	{name: "close from nowhere", when: Close{Desk: "z", Rest: Left}, err: ErrNoDesk},

	{name: "an order that nobody knows", when: unknownOrder{}, err: ErrNoDesk},
}

type unknownOrder struct{}

func (unknownOrder) order() {}

func TestOrders(t *testing.T) {
	for _, test := range orders {
		t.Run(test.name, func(t *testing.T) {
			var b *box
			if test.fresh {
				b = given(t, test.given...)
			} else {
				b = open3(t, test.given...)
			}
			before := string(summary(b.s))
			events, err := b.do(test.when)
			if !errors.Is(err, test.err) {
				t.Fatalf("Decide(%+v) = %v; want %v", test.when, err, test.err)
			}
			if got := bodies(events); !reflect.DeepEqual(got, test.want) {
				t.Errorf("Decide(%+v) =\n%+v; want\n%+v", test.when, got, test.want)
			}
			for i, e := range events {
				if want := b.s.Seq - uint64(len(events)-1-i); e.Seq != want || e.At != b.now || e.Command != id('c', b.sent) {
					t.Errorf("event %d is %+v; want sequence number %d, now, and its command", i, e, want)
				}
			}
			if len(test.want) == 0 && string(summary(b.s)) != before {
				t.Errorf("Decide(%+v) changed the state; want nothing to happen", test.when)
			}
		})
	}
}

// Every order, and every refusal, is in the table.
func TestOrdersAreComplete(t *testing.T) {
	ordersSeen, refusals := map[string]bool{}, map[string]bool{}
	for _, test := range orders {
		name := reflect.TypeOf(test.when).Name()
		ordersSeen[name] = ordersSeen[name] || test.err == nil
		if test.err != nil {
			refusals[test.err.Error()] = true
		}
	}
	for _, name := range methodsNamed(t, "order.go", "order") {
		if !ordersSeen[name] {
			t.Errorf("no test carries out the order %s", name)
		}
	}
	for name, r := range allRefusals() {
		if !refusals[r.Error()] {
			t.Errorf("no test is refused with %s", name)
		}
	}
}

func allRefusals() map[string]*Refusal {
	return map[string]*Refusal{
		"ErrNotOpen": ErrNotOpen, "ErrPaused": ErrPaused, "ErrAlreadyOpen": ErrAlreadyOpen, "ErrNotPaused": ErrNotPaused, "ErrLeftOpen": ErrLeftOpen,
		"ErrNoTickets": ErrNoTickets, "ErrTestTooLate": ErrTestTooLate, "ErrStillHere": ErrStillHere, "ErrNoDesk": ErrNoDesk,
		"ErrDeskBusy": ErrDeskBusy, "ErrDeskFree": ErrDeskFree, "ErrNobody": ErrNobody, "ErrNobodyForDesk": ErrNobodyForDesk,
		"ErrOnlyAbsent": ErrOnlyAbsent, "ErrNoVisit": ErrNoVisit, "ErrNotWaiting": ErrNotWaiting, "ErrNotCalled": ErrNotCalled,
		"ErrNotServing": ErrNotServing, "ErrNotHeld": ErrNotHeld, "ErrNotAbsent": ErrNotAbsent, "ErrOver": ErrOver,
		"ErrTooSoon": ErrTooSoon, "ErrWrongDesk": ErrWrongDesk, "ErrNobodyElse": ErrNobodyElse, "ErrUndoGone": ErrUndoGone,
		"ErrUnknownChoice": ErrUnknownChoice, "ErrTwice": ErrTwice, "ErrMoved": ErrMoved,
	}
}

// Two refusals with one key could not be told apart.
func TestRefusals(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "refusal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Err") {
			declared = append(declared, spec.Names[0].Name)
		}
		return true
	})
	all := allRefusals()
	if slices.Sort(declared); !slices.Equal(declared, slices.Sorted(maps.Keys(all))) {
		t.Errorf("refusal.go declares %v; want the list of this test, %v", declared, slices.Sorted(maps.Keys(all)))
	}
	for name, r := range all {
		for other, o := range all {
			if errors.Is(r, o) != (name == other) {
				t.Errorf("errors.Is(%s, %s) = %t", name, other, name != other)
			}
		}
		if !errors.Is(fmt.Errorf("web: %w", r.with("n", 12)), r) {
			t.Errorf("%s with arguments and wrapped is no longer %s", name, name)
		}
	}
	if errors.Is(ErrTwice, errors.New("refuse.twice")) {
		t.Error("a refusal is equal to any error of the same text")
	}
}

// A refusal has the facts that its sentence needs.
func TestRefusalArguments(t *testing.T) {
	tests := []struct {
		name  string
		given []any
		when  Order
		want  map[string]any
	}{
		{"how many are still here", nil, Close{Desk: "a"}, map[string]any{"n": 3}},
		{"which desk there is not", nil, next("z"), map[string]any{"desk": "z"}},
		{"whom this desk receives", do(next("a")), next("a"), map[string]any{"n": Number(1)}},
		{"who was called, and where", do(next("c")), CallChosen{"a", visit(1)}, map[string]any{"n": Number(1), "desk": "Bureau 3"}},
		{"at once", do(next("a")), Recall{"a"}, map[string]any{"seconds": 20}},
		{"halfway", do(next("a"), 10*time.Second), Recall{"a"}, map[string]any{"seconds": 10}},
		{"nearly", do(next("a"), 19900*time.Millisecond), Recall{"a"}, map[string]any{"seconds": 1}},
	}
	for _, test := range tests {
		b := open3(t, test.given...)
		_, err := b.do(test.when)
		if r, ok := errors.AsType[*Refusal](err); !ok || !reflect.DeepEqual(r.Msg.Args, test.want) {
			t.Errorf("%s: Decide(%+v) = %v; want a refusal with %v", test.name, test.when, err, test.want)
		}
	}
}

// methodsNamed are the types of a file that have the method.
func methodsNamed(t *testing.T, path, method string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == method {
			names = append(names, f.Recv.List[0].Type.(*ast.Ident).Name)
		}
	}
	if len(names) == 0 {
		t.Fatalf("%s has no method %s", path, method)
	}
	return names
}
