// Package intake is the visitor's path through the kiosk: language, why you came,
// ticket, and then, only if they like, a few questions, places, practice and an
// opinion. It is pure. A State and an Input give the next State and what the
// visitor wants of the world; View turns a State into a Screen, a value that the
// touchscreen draws, the voice speaks and the buttons walk through. So whatever
// can be touched can be pressed and heard, and a browser that crashes comes back
// where the visitor was. Exit is the same for the three buttons at the way out.
//
// What it promises: a ticket within three presses; a way to say no on every
// screen after it; the same eight controls at the same places on every screen;
// every screen has words to say, and all that can be pressed is within reach of
// two buttons, or of one; nothing an impatient or a trembling finger does twice
// happens twice; « back » never loses an answer, and what would end a visit or
// lose one asks first; what a visitor said is spoken to headphones alone, unless
// they chose otherwise; and after a silence everything the visitor said or set is
// forgotten.
package intake

import (
	"time"

	"jeudi/firmware/rights"
	"jeudi/firmware/routing"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// ScreenID names a screen of the path.
type ScreenID string

// The screens.
const (
	Language ScreenID = "language"
	Motif    ScreenID = "motif"
	Workshop ScreenID = "workshop" // a lesson may be enough, and a ticket is there all the same
	Crowded  ScreenID = "crowded"  // there may be no time left, and a ticket is there all the same
	Ticket   ScreenID = "ticket"
	MyTicket ScreenID = "my_ticket" // what is on the paper
	Charter  ScreenID = "charter"
	Home     ScreenID = "home" // for somebody who cannot come
	BackAt   ScreenID = "back_at"
	Thanks   ScreenID = "thanks"

	Question ScreenID = "question"
	Share    ScreenID = "share" // may the team know how far you manage alone?
	Recap    ScreenID = "recap"
	Result   ScreenID = "result" // of the self-assessment without a ticket

	Shut          ScreenID = "closed"
	Places        ScreenID = "places"
	PlaceOne      ScreenID = "place"
	Seats         ScreenID = "seats" // the workshops to come
	SeatOne       ScreenID = "seat"  // one of them, and the seat that one got
	Slip          ScreenID = "slip"  // your result on the paper, too?
	Practice      ScreenID = "practice"
	PracticePiece ScreenID = "practice_piece"
	Opinion       ScreenID = "opinion"
	OpinionUseful ScreenID = "opinion_useful"

	Settings         ScreenID = "settings"
	SettingsLanguage ScreenID = "settings_language"
	SettingsContrast ScreenID = "settings_contrast"
	SettingsVoice    ScreenID = "settings_voice"
	SettingsScan     ScreenID = "settings_scan"
	Rights           ScreenID = "rights"        // one question on rights that may be missed
	RightsResult     ScreenID = "rights_result" // what to check with the social worker
	Confirm          ScreenID = "confirm"
	Help             ScreenID = "help"
	MoreTime         ScreenID = "more_time"
	Erased           ScreenID = "erased"
	Sorry            ScreenID = "sorry"
)

// Action is what a button of the panel or a key of a keyboard means.
type Action string

// The closed set of actions. A control of the screen may have a button of its
// own: the action is named as the control.
const (
	ActBack     Action = "back"
	ActPrevious Action = "previous"
	ActNext     Action = "next"
	ActOK       Action = "ok"
	ActRepeat   Action = "repeat"
	ActHelp     Action = "help"
	ActLouder   Action = "louder"
	ActSofter   Action = "softer"
	ActRestart  Action = "restart"
	ActBigger   Action = "bigger"
	ActSettings Action = "settings"
	ActSlower   Action = "slower" // of speech
	ActFaster   Action = "faster"

	// The three of the panel at the way out; see Exit.
	ActGood Action = "good"
	ActFair Action = "fair"
	ActBad  Action = "bad"
)

// Place is somewhere else to find help. Its texts are the site's own, or those of
// a directory.
type Place struct {
	Key     string // names the place in PrintSlip; its rank among the places where it is empty
	Name    string
	Address string
	Hours   string // as they are written
	Phone   string
	How     string      // how to get there, in words
	Open    session.Msg // whether it is open, or when next; its Key may be empty
	Bring   []string
	// Entitles is what somebody whom this kiosk sends there gets.
	Entitles string
	Metres   int // from here; 0 when not known
}

// Context is what an intake needs to know of the world, as values.
type Context struct {
	Now        session.Moment
	Languages  []string        // in the order offered
	Mute       map[string]bool // languages without a voice
	Motifs     []string
	Slots      int                     // choices on one screen, at least 4
	Buttons    map[Action]bool         // which buttons the panel has
	Schema     sheet.Schema            // of the visitor's sheet
	Taking     bool                    // a ticket may be taken now
	Moved      bool                    // tickets are taken at another box, which has those of this one
	From       time.Time               // of the next permanence; zero when none is known
	Late       bool                    // those who are here may need all the time that is left
	Next       time.Time               // of the permanence after this one, where Late; zero when not known
	Ahead      int                     // people before this visit, or before whoever comes now
	Free       bool                    // a desk is free for this visit
	Paper      session.Paper           // of this visit's ticket
	Printer    string                  // name of the printer's state, "" when not known
	NoPaper    bool                    // nothing can be printed now: no slip and no copy is offered
	Called     string                  // label of the desk that calls this visit, or ""
	Helpers    []session.Role          // professions present
	Needs      map[string]session.Role // what each motif needs
	Classes    map[string]session.Class
	Rules      routing.Rules    // who receives whom
	Thresholds sheet.Thresholds // of the levels
	Home       bool             // there is somebody who goes to those who cannot come
	Workshop   bool             // there are courses
	// Equipment is the materials that the site has. Nil means that nobody said: nothing
	// is then promised, and nobody is sent elsewhere for want of it.
	Equipment []routing.Material
	Places    []Place       // at most three are shown
	Courses   []Course      // workshops to come, the soonest first; none where no seat is given
	Ticket    []session.Msg // what this visit's paper says, line by line
	Charter   []session.Msg // what team and visitor promise, line by line
	Private   bool          // nobody else sees or hears the kiosk: the site says so
	Rights    rights.Rules  // asked about only where Private
	IdleAfter time.Duration
	Countdown time.Duration // at least 20 s, whatever is said here
	// Tremor is how soon the same press again is no press; 0 means 500 ms, and less
	// than 0 that every press counts.
	Tremor time.Duration
	Test   bool
}

// Size is how large the letters are. The zero Size is the usual one; « bigger »
// goes through them in this order.
type Size int

// The sizes.
const (
	SizeM Size = iota
	SizeL
	SizeXL
	SizeS
	sizes
)

// String is the size's name.
func (s Size) String() string { return [...]string{"m", "l", "xl", "s"}[s] }

// step is where the size stands among the four, the smallest being 1.
func (s Size) step() int { return [...]int{2, 3, 4, 1}[s] }

// Contrast is a set of colours.
type Contrast int

// The sets of colours.
const (
	ContrastNormal Contrast = iota
	ContrastDark            // light on dark
	ContrastLight           // dark on light
	ContrastLow             // for those whom bright screens hurt
	contrasts
)

// String is the contrast's name.
func (c Contrast) String() string { return [...]string{"normal", "dark", "light", "low"}[c] }

// Scan is how somebody with one or two switches goes through a screen.
type Scan int

// The ways to scan.
const (
	ScanOff Scan = iota
	ScanOne      // the focus moves by itself, and OK chooses
	ScanTwo      // next and OK, through everything on the screen
)

// Tuning is how this visitor wants to see, hear and press. It goes with them.
type Tuning struct {
	Size     Size
	Contrast Contrast
	Volume   int           // per cent, 10 to 100
	Rate     int           // of speech, per cent of the usual one: 50 to 200
	Aloud    bool          // what is the visitor's own may be said without headphones
	Dark     bool          // the screen is dark while the voice reads it
	Scan     Scan          // with switches
	Pace     time.Duration // of ScanOne: how long the focus rests, at least 1.5 s
	quiet    bool          // asked not to be read to
}

func usual() Tuning { return Tuning{Volume: 70, Rate: 100, Pace: 3 * time.Second} }

// State is where one visitor is. The zero State is nobody.
type State struct {
	Screen ScreenID
	// Visitor changes with each visitor.
	Visitor int
	// Turn changes with everything that is accepted: an old press is ignored. A focus
	// that moves by itself leaves it.
	Turn int
	Lang string
	Tuning
	Listening  bool
	Headphones bool // are plugged; visitors come and go, a plug may stay
	Focus      string

	Visit  session.ID
	Number session.Number

	motif    string
	forOther bool
	advised  bool // before the ticket: that a lesson may be enough, or time too short
	asked    int  // the question on the screen
	last     int  // the last question of this path, exclusive
	page     int
	place    string   // the key of the place on the screen
	slipped  []string // the places whose slips were asked for
	copied   bool     // the ticket in large letters was asked for
	line     int      // of the charter, the one to be said next
	piece    string   // of practice
	stage    int      // of the piece, as its page said
	drawn    bool     // a page draws the piece, and answers nudges
	nudged   int      // how many presses were handed to it
	nudges   []Action // the last of them
	opinion  string   // the first of its two answers
	restarts bool     // what Confirm asks about: begin again, or else finish
	answers  sheet.Sheet
	shared   bool           // the team was told how far the visitor manages alone
	rights   rights.Answers // until the visitor leaves them, and nowhere else
	lists    []string       // of rights, asked for on paper: the ids on each
	taking   bool           // a ticket was asked for, and the answer is on its way
	keeping  bool           // a sheet is on its way to the counters
	sent     bool           // a sheet was handed over: there is no second one of this visitor
	lost     bool           // it could not be kept
	course   Course         // the workshop on the screen
	seat     seat           // the one that this visitor got
	seating  bool           // a seat was asked for, and the answer is on its way
	back     time.Time
	trail    []frame
	under    []frame // what is covered, the path's own screen first
	active   session.Moment
	pressed  string // last, and when
	struck   session.Moment
	scanned  session.Moment // when the focus moved last
	rounds   int            // of the focus through the screen since the last press
	unheard  int            // how often it moved in a piece since its page said anything
}

type frame struct {
	screen      ScreenID
	page, asked int
}

// New is an intake that waits for somebody.
func New() State { return State{Screen: Language, Tuning: usual(), answers: blank()} }

func blank() sheet.Sheet { return sheet.New(sheet.KindVisitor) }

// Idle reports whether nobody is using the intake.
func (s State) Idle() bool {
	return s.Screen == Language && s.page == 0 && s.Lang == "" && s.Tuning == usual() && !s.Listening && s.Focus == "" &&
		!s.given() && len(s.slipped) == 0 && !s.taking && s.seat.code == "" && !s.seating
}

// given reports whether the visitor said anything yet.
func (s State) given() bool {
	return s.motif != "" || s.forOther || s.opinion != "" || !s.answers.Empty()
}

// Chosen is why the visitor came, and whether for somebody else; motif is "" when
// not known.
func (s State) Chosen() (motif string, forOther bool) { return s.motif, s.forOther }

// Unmet reports whether somebody left between two states of an intake who came for a
// person that cannot come, was told that a lesson may be enough or that there are many
// people, and took no ticket: whatever ended it. With a ticket, the ticket says so.
func Unmet(was, now State) bool {
	return was.advised && was.forOther && was.Visit.IsZero() && !now.advised
}

// Input is something that happens to an intake.
type Input interface{ input() }

type (
	// Press is a key of the screen, touched at the turn that was shown.
	Press struct {
		Turn int
		Key  string
	}
	// Button is a button of the panel, or a key of a keyboard.
	Button struct{ Action Action }
	// Headphones were plugged, or unplugged.
	Headphones struct{ In bool }
	// Hear asks for texts of the piece of practice on the screen to be said, one after
	// the other; each key begins with « practice. ». Where Of is not 0, they name what
	// has the focus, At of Of, and are for those who listen.
	Hear struct {
		Keys   []string
		At, Of int
	}
	// Touched says that a page draws the piece of practice on the screen and somebody
	// is busy with it, and how far: 0 is before its first step.
	Touched struct{ Stage int }
	// Past says that ActNext went past the last thing of the piece, or ActPrevious past
	// the first.
	Past struct{ Action Action }
	// Passed says that time went by.
	Passed struct{}
	// Taken is the answer to TakeTicket.
	Taken struct {
		Visit  session.ID
		Number session.Number
	}
	// Refused is the other answer to TakeTicket and to ReserveSeat, and to StepOut.
	Refused struct{ Why session.Msg }
	// Kept is the answer to SubmitSheet and to SubmitOpinion.
	Kept struct{ OK bool }
	// Seated is the answer to ReserveSeat: the code of the seat, or "" when there is none
	// any more. Refused is the other answer.
	Seated struct{ Code string }
)

func (Press) input()      {}
func (Button) input()     {}
func (Headphones) input() {}
func (Hear) input()       {}
func (Touched) input()    {}
func (Past) input()       {}
func (Passed) input()     {}
func (Taken) input()      {}
func (Refused) input()    {}
func (Kept) input()       {}
func (Seated) input()     {}

// Want is what a visitor wants of the world.
type Want interface{ want() }

type (
	// TakeTicket asks for a ticket; Taken or Refused answers.
	TakeTicket struct {
		Motif    string
		Lang     string
		ForOther bool
	}
	// SubmitSheet hands the anonymous sheet over; Kept answers.
	SubmitSheet struct{ Sheet sheet.Sheet }
	// SubmitOpinion hands over what somebody thinks of the visit, a sheet of
	// sheet.KindExit; Kept answers.
	SubmitOpinion struct{ Sheet sheet.Sheet }
	// AdjustNeed tells the queue what the visitor said yes to.
	AdjustNeed struct {
		Visit session.ID
		Need  session.Role
		Class session.Class
	}
	// KeepTurn lets the visitor leave for a while; Refused may answer.
	KeepTurn struct {
		Visit session.ID
		For   time.Duration
	}
	// PrintLarge prints the ticket once more, in large letters.
	PrintLarge struct{ Visit session.ID }
	// PrintSlip prints how to get to places, by their keys, and the result of the
	// self-assessment where the visitor said yes to that.
	PrintSlip struct {
		Places     []string
		WithResult bool
		Assessment sheet.Assessment // where WithResult
	}
	// ReserveSeat asks for a seat of a workshop and for its slip; Seated or Refused
	// answers.
	ReserveSeat struct{ Event session.ID }
	// CallHelp asks staff to come to the kiosk.
	CallHelp struct{}
	// Speak says the messages one after the other; they replace what is being said.
	Speak struct {
		Lang    string
		Volume  int  // per cent
		Rate    int  // per cent
		Private bool // to headphones, and nowhere else
		Say     []session.Msg
		Then    []Speak // after it, each in its own language
	}
	// Hush stops speaking at once.
	Hush struct{}
)

func (TakeTicket) want()    {}
func (SubmitSheet) want()   {}
func (SubmitOpinion) want() {}
func (AdjustNeed) want()    {}
func (KeepTurn) want()      {}
func (PrintLarge) want()    {}
func (PrintSlip) want()     {}
func (ReserveSeat) want()   {}
func (CallHelp) want()      {}
func (Speak) want()         {}
func (Hush) want()          {}
