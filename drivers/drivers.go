// Package drivers is the contract between Jeudi and its hardware: a receipt
// printer, a panel of lit buttons and a loudspeaker with a headphone jack.
//
// Each device is an interface of one or two methods. The real ones live in
// sibling folders named after their technology, their simulated twins in
// drivers/sim, and drivers/drivertest holds the promises that both keep. Nobody
// ever asks a device whether it is real.
//
// The contract of every device: a method that takes a context returns soon
// after it ends; an error says which of the Err values below it is, so that
// staff can be told what to do; silence is never taken for a fault.
package drivers

import (
	"context"
	"errors"
	"time"
)

// Faults that a person can mend. Compare with errors.Is.
var (
	// ErrNoPaper is returned when the roll has ended. Nothing of the document counts as printed.
	ErrNoPaper = errors.New("no paper")
	// ErrCoverOpen is returned while the cover is open.
	ErrCoverOpen = errors.New("cover open")
	// ErrOverheated is returned while the head cools down; it mends itself.
	ErrOverheated = errors.New("overheated")
	// ErrCutter is returned when the cutter is jammed.
	ErrCutter = errors.New("cutter jammed")
	// ErrUnplugged is returned when the device is not there or its cable was pulled.
	ErrUnplugged = errors.New("unplugged")
	// ErrUnknown is returned by Printer.Print when the document was sent and the
	// printer did not say what became of it: it may be on paper.
	ErrUnknown = errors.New("sent, not confirmed")
)

// Printer puts documents on paper, one at a time.
type Printer interface {
	// Print returns a nil error once the printer confirmed the whole document,
	// ErrUnknown when it was sent and nothing was said, and another error when it is
	// not on paper. Nothing is written while the printer says that it cannot print.
	// mm is the paper that it took in any case, an estimate in millimetres: at least
	// 1 when anything of the document may have reached the printer, 0 only when
	// certainly nothing did.
	Print(ctx context.Context, doc Document) (mm int, err error)
	// Status asks the printer how it is, within about a second.
	Status(ctx context.Context) Status
}

// Status is how a printer is.
type Status uint8

// The states of a printer. The zero value is Mute: nothing is known.
const (
	Mute Status = iota
	Ready
	PaperLow // still prints
	NoPaper
	CoverOpen
	Overheated
	CutterJammed // or another error of the mechanism that a person must clear
	Unplugged
)

// ParseStatus is the inverse of Status.String.
func ParseStatus(name string) (Status, bool) {
	for i, n := range statusNames {
		if n == name {
			return Status(i), true
		}
	}
	return Mute, false
}

var statusNames = [...]string{"mute", "ready", "paper_low", "no_paper", "cover_open", "overheated", "cutter_jammed", "unplugged"}

// String is the state's name in views, logs and message keys.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "mute"
}

// Err is the fault that keeps a printer in this state from printing, or nil.
func (s Status) Err() error {
	switch s {
	case NoPaper:
		return ErrNoPaper
	case CoverOpen:
		return ErrCoverOpen
	case Overheated:
		return ErrOverheated
	case CutterJammed:
		return ErrCutter
	case Unplugged:
		return ErrUnplugged
	}
	return nil
}

// StatusOf is the state that a printer's error speaks of.
func StatusOf(err error) Status {
	switch {
	case err == nil:
		return Ready
	case errors.Is(err, ErrNoPaper):
		return NoPaper
	case errors.Is(err, ErrCoverOpen):
		return CoverOpen
	case errors.Is(err, ErrOverheated):
		return Overheated
	case errors.Is(err, ErrCutter):
		return CutterJammed
	case errors.Is(err, ErrUnplugged):
		return Unplugged
	}
	return Mute
}

// Document is what goes on one sheet, from top to bottom. A printer cuts after it.
type Document struct {
	Blocks []Block
}

// Block is one of Text, Number, Columns, QR, Rule, Image, Feed, Cut.
type Block interface{ block() }

// Align places a line on the paper. Start follows the block's direction.
type Align uint8

// The alignments.
const (
	Start Align = iota
	Center
	End
)

// Text is a paragraph, wrapped between words at the paper's width.
type Text struct {
	Text  string
	Size  int // 1 to 8, times the printer's normal character; 0 is 1
	Bold  bool
	Align Align
	Lang  string // BCP 47, "" is French
	RTL   bool
}

// Number is the ticket's number, as large as the paper allows, always as text
// so that the first dot comes at once.
type Number struct{ Text string }

// Columns is a line with its first cell at the start and its last at the end.
type Columns struct {
	Cells []string
	Bold  bool
}

// QR is a QR code with error correction M.
type QR struct{ Data string }

// Rule is a line across the paper.
type Rule struct{}

// Image is a picture, centred, one of its dots a dot of the printer.
type Image struct{ Dots Bitmap }

// Bitmap is a picture in black and white.
type Bitmap struct {
	Width, Height int
	// Bits has (Width+7)/8 bytes a row from the top, the leftmost dot in the
	// highest bit; 1 is black.
	Bits []byte
}

// Black reports whether the dot at x, y is black; outside it is white.
func (b Bitmap) Black(x, y int) bool {
	if x < 0 || y < 0 || x >= b.Width || y >= b.Height {
		return false
	}
	i := y*((b.Width+7)/8) + x/8
	return i < len(b.Bits) && b.Bits[i]&(0x80>>(x%8)) != 0
}

// Cut ends a part that is torn off by itself; a document needs none at its end.
type Cut struct{}

// Feed is blank paper, in lines of normal text.
type Feed struct{ Lines int }

func (Text) block()    {}
func (Number) block()  {}
func (Columns) block() {}
func (QR) block()      {}
func (Rule) block()    {}
func (Image) block()   {}
func (Feed) block()    {}
func (Cut) block()     {}

// Action is what a button means. The set is closed.
type Action uint8

// The actions. Every screen answers to each of the first eight, which are the
// visitor's; a desk has four of its own and Help, the exit panel three, and the staff
// chord is two of the visitor's buttons held down together.
const (
	Back Action = iota
	Previous
	Next
	OK
	Repeat
	Help
	Louder
	Softer
	Staff
	CallNext
	Recall
	NoShow
	Hold // asks somebody to wait aside
	Good
	Fair
	Bad
	Actions        = iota // how many there are
	VisitorActions = 8    // of them the visitor's, from Back on
)

var actionNames = [...]string{"back", "previous", "next", "ok", "repeat", "help", "louder", "softer",
	"staff", "call_next", "recall", "no_show", "hold", "good", "fair", "bad"}

// String is the action's name in site files, views and logs.
func (a Action) String() string {
	if int(a) < len(actionNames) {
		return actionNames[a]
	}
	return "unknown"
}

// ParseAction is the inverse of String.
func ParseAction(name string) (Action, bool) {
	for i, n := range actionNames {
		if n == name {
			return Action(i), true
		}
	}
	return 0, false
}

// Light is what a lamp shows. The patterns differ in rhythm, not only in colour.
type Light uint8

// The lights of a lamp.
const (
	Off Light = iota
	On
	Blink   // about once a second, never faster than twice
	Breathe // slowly up and down
	Wink    // a short flash every three seconds
	Double  // two flashes and a pause, every two seconds
)

var lightNames = [...]string{"off", "on", "blink", "breathe", "wink", "double"}

// String is the light's name in views and logs.
func (l Light) String() string {
	if int(l) < len(lightNames) {
		return lightNames[l]
	}
	return "off"
}

// Signal is what a panel says of one of its buttons.
type Signal struct {
	Kind   SignalKind
	Action Action
}

// SignalKind is what happened to a button.
type SignalKind uint8

// The signals. A button that was reported Stuck is Freed before it is Pressed
// again; one that was Lost is Found.
const (
	Pressed SignalKind = iota
	Stuck              // held down for longer than anybody presses
	Freed
	Lost // its wire is broken, or its line is gone
	Found
)

var signalNames = [...]string{"pressed", "stuck", "freed", "lost", "found"}

// String is the signal's name in logs.
func (k SignalKind) String() string {
	if int(k) < len(signalNames) {
		return signalNames[k]
	}
	return "unknown"
}

// Panel is a set of buttons with a lamp each.
type Panel interface {
	// Watch calls signal for each debounced press and each fault, in order, until
	// ctx ends or the panel is gone (ErrUnplugged). A held button is one press. A
	// press that nobody watches is lost; a fault that lasts is said again to the
	// next who watches.
	Watch(ctx context.Context, signal func(Signal)) error
	// Light sets all lamps at once; a panel without a lamp ignores its light.
	Light(lamps [Actions]Light) error
}

// Output is where a sound goes.
type Output uint8

// The two outputs. Calls never leave the loudspeaker; a visitor's prompts go to
// the headphones while they are plugged.
const (
	Loudspeaker Output = iota
	Headphones
)

// String is the output's name.
func (o Output) String() string {
	if o == Headphones {
		return "headphones"
	}
	return "loudspeaker"
}

// Sound is something to be heard: a chime, then words.
type Sound struct {
	Chime  bool
	Text   string // what the words say, for simulated speakers and logs of tests
	Lang   string
	PCM    []int16 // 48 kHz mono; empty where no voice was rendered
	Volume int     // per cent, 0 to 100
	Rate   int     // speech speed in per cent, 100 is normal; 0 is 100
}

// Length is how long the sound lasts: its samples, or, without any, an estimate
// from its words at 125 words a minute (the default of VVSG 2.0, 7.1-K).
func (s Sound) Length() time.Duration {
	var d time.Duration
	if s.Chime {
		d = 1200 * time.Millisecond
	}
	if len(s.PCM) > 0 {
		return d + time.Duration(len(s.PCM))*time.Second/48000
	}
	words, in := 0, false
	for _, r := range s.Text {
		if r == ' ' || r == '\n' || r == '\u00a0' {
			in = false
		} else if !in {
			in, words = true, words+1
		}
	}
	rate := s.Rate
	if rate == 0 {
		rate = 100
	}
	return d + time.Duration(words)*480*time.Millisecond*100/time.Duration(rate)
}

// Speaker plays one sound at a time.
type Speaker interface {
	// Play returns when the sound has ended; when ctx ends it stops at once and
	// returns ctx's error. A second Play waits for the first.
	Play(ctx context.Context, out Output, s Sound) error
	// Jack calls plugged at once with the state of the headphone jack and then at
	// each change, until ctx ends.
	Jack(ctx context.Context, plugged func(bool)) error
}
