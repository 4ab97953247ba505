package site

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Devices are the hardware, each as a scheme, a colon and an address:
// "escpos:/dev/usb/lp0". "sim:" is simulated, "none:" is absent.
type Devices struct {
	Printer string // sim:, none:, escpos:/dev/…, escpos:serial:/dev/…?baud=…, escpos:tcp:host:port, where an IPv6 address stands in brackets
	Panel   string // sim:, none: or gpio:
	Speaker string // sim:, none:, sound: for the usual card, or sound:NAME
}

// Printer is what the site says of its receipt printer over what is known of its
// kind. A nil or zero field leaves the profile as it is; who knows profiles says
// whether the whole makes sense.
type Printer struct {
	Profile      string // name of a printer profile; "" is the generic 80 mm one
	Columns      int    // characters of font A on a line
	Dots         int    // across the paper
	CodePages    []CodePage
	Cutter       *bool
	FullCut      *bool
	Blade        *int  // mm from the head to the blade or the tear bar
	Presenter    *bool // holds the cut sheet in its mouth
	PresentSteps int
	QR           *bool  // draws QR codes by itself
	Raster       *bool  // prints images
	BandRows     int    // rows of an image sent at once
	Speed        int    // of the paper, as the maker says, in mm/s, 20 to 500; 0 is not known
	Answers      string // the best that it answers: nothing, realtime, marker or printed; "" is found out
	FullStatus   *bool
	Short        bool // tickets are one part: when, who and what to bring, without what is read at home
	Roll         int  // length of a new roll in metres, 1 to 200; 0 is not known
}

// CodePage is a page of characters and its slot in the printer, 0 to 255.
type CodePage struct {
	Name string
	Slot int
}

// Sound is how the box is heard.
type Sound struct {
	Headphones string // name of the card with the headphones, "" when they share the loudspeaker's
	Ceiling    int    // the loudest it may be, in per cent; 20 to 100
}

// Panel is how the panel of buttons is wired as a whole.
type Panel struct {
	Layout     string        // see Layouts; its buttons count when no [[button]] is given
	Loop       string        // GPIO line of the wire that runs through the plug, "" for the layout's, None for none
	Settle     time.Duration // how long a contact must stay open between two presses, 3 to 100 ms
	ActiveHigh bool          // buttons connect to 3.3 V, not to ground
	LampsLow   bool          // lamps are lit by a low level
	Exit       bool          // the three buttons of the exit panel are there, wired as its layout says
	Dim        time.Duration // lamps are dimmed after that long without a press; 0 is never
}

// None is the Loop of a panel without one.
const None = "none"

// Button is one button of the panel and its wires.
type Button struct {
	Action string // see Actions, DeskActions; "staff" is the lamp for staff, without a button
	Line   string // GPIO line: "GPIO17", or "gpiochip0:17"
	Lamp   string // GPIO line of its lamp, "" when it has none
	Desk   string // the desk at which it stands; "" on the visitor's panel
}

// Actions are all that a button of the visitor's panel can do.
func Actions() []string {
	return []string{"back", "previous", "next", "ok", "repeat", "help", "louder", "softer"}
}

// DeskActions are all that a button at a desk can do; it may be "help" besides, which
// there asks the other desks.
func DeskActions() []string { return []string{"call_next", "recall", "no_show", "hold"} }

// ExitActions are what a person presses on the way out, when asked whether the
// visit went well.
func ExitActions() []string { return []string{"good", "fair", "bad"} }

// StaffLamp is the action of a lamp that tells staff how the printer is.
const StaffLamp = "staff"

// Layouts are the panels that need no [[button]]; None is no panel for visitors.
func Layouts() []string { return []string{"visitor8", "visitor4", None} }

// requiredActions are the fewest with which everything can be reached.
func requiredActions() []string { return []string{"previous", "next", "ok", "repeat"} }

// Actions are the actions that this site's panel has a button for, in the order
// of the function Actions.
func (s *Site) Actions() []string {
	given := slices.DeleteFunc(Actions(), func(action string) bool {
		return !slices.ContainsFunc(s.Buttons, func(b Button) bool { return b.Action == action })
	})
	switch {
	case len(given) > 0:
		return given
	case s.Panel.Layout == "visitor4":
		return requiredActions()
	case s.Panel.Layout == None:
		return nil
	}
	return Actions()
}

func (r *reader) devices(root *table) Devices {
	t := root.section("devices")
	d := Devices{
		Printer: r.device(t, "printer", "escpos", "escpos:/dev/usb/lp0, escpos:serial:/dev/ttyAMA0?baud=19200, escpos:tcp:192.168.1.50:9100"),
		Panel:   r.device(t, "panel", "gpio", "gpio:"),
		Speaker: r.device(t, "speaker", "sound", "sound:"),
	}
	t.done()
	return d
}

// device is "scheme:address"; real is the scheme of a real one, which is written
// like the examples.
func (r *reader) device(t *table, name, real, like string) string {
	f := t.text(name, lineText)
	if !f.ok() {
		return "sim:"
	}
	use := "use " + like + ", sim: or none:"
	scheme, address, colon := strings.Cut(f.text, ":")
	bad := func() { r.fail(f.line, t.key(name), "%q does not say which device; %s", f.text, use) }
	switch {
	case scheme == "sim" || scheme == "none" || scheme == real && real == "gpio":
		if !colon || address != "" {
			r.fail(f.line, t.key(name), "%q must be %s: with its colon and nothing after; %s", f.text, scheme, use)
		}
	case scheme != real:
		r.fail(f.line, t.key(name), "unknown device %q; %s", f.text, use)
	case !colon:
		bad()
	case scheme == "escpos":
		kind, rest, _ := strings.Cut(address, ":")
		switch kind {
		case "serial":
			// What follows the question mark is read by who opens the port.
			if path, _, _ := strings.Cut(rest, "?"); !strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") {
				bad()
			}
		case "tcp":
			host, port, err := net.SplitHostPort(rest)
			if n, e := strconv.Atoi(port); host == "" || err != nil || e != nil || n < 1 || n > 65535 {
				bad()
			}
		default:
			if !strings.HasPrefix(address, "/") || strings.HasSuffix(address, "/") {
				bad()
			} else if strings.HasPrefix(address, "/dev/tty") || strings.HasPrefix(address, "/dev/serial") {
				r.fail(f.line, t.key(name), "%q is a serial port, whose speed must be known; write escpos:serial:%s?baud=19200", f.text, address)
			}
		}
	}
	return f.text
}

func (r *reader) printer(root *table) Printer {
	t := root.section("printer")
	p := Printer{
		Profile:      t.text("profile", shortText).text,
		Columns:      t.number("columns", 0, 8, 64),
		Dots:         t.number("dots", 0, 96, 1152),
		Cutter:       t.choice("cutter"),
		FullCut:      t.choice("full_cut"),
		Presenter:    t.choice("presenter"),
		PresentSteps: t.number("present_steps", 0, 1, 255),
		QR:           t.choice("qr"),
		Raster:       t.choice("raster"),
		BandRows:     t.number("band_rows", 0, 8, 255),
		Speed:        t.number("speed_mm_s", 0, 20, 500),
		Answers:      t.word("answers", "answer", []string{"nothing", "realtime", "marker", "printed"}).text,
		FullStatus:   t.choice("full_status"),
		Roll:         t.number("roll_m", 0, 1, 200),
		Short:        t.truth("short"),
	}
	if t.get("blade_mm") != nil {
		blade := t.number("blade_mm", 15, 0, 60)
		p.Blade = &blade
	}
	if pages := t.section("code_pages"); pages.n != nil {
		for _, name := range pages.n.order { // the best first
			p.CodePages = append(p.CodePages, CodePage{name, pages.number(name, 0, 0, 255)})
		}
	}
	t.done()
	return p
}

// choice is true or false, or nil when nothing is said.
func (t *table) choice(name string) *bool {
	if t.get(name) == nil {
		return nil
	}
	b := t.truth(name)
	return &b
}

func (r *reader) sound(root *table) Sound {
	t := root.section("sound")
	s := Sound{Headphones: t.text("headphones", lineText).text, Ceiling: t.number("ceiling_percent", 100, 20, 100)}
	t.done()
	return s
}

func (r *reader) panel(root *table) Panel {
	t := root.section("panel")
	p := Panel{
		Layout:     t.word("layout", "layout", Layouts()).text,
		Loop:       t.pin("loop").text,
		Settle:     time.Duration(t.number("settle_ms", 15, 3, 100)) * time.Millisecond,
		ActiveHigh: t.truth("active_high"),
		LampsLow:   t.truth("lamps_low"),
		Exit:       t.truth("exit"),
		Dim:        time.Duration(t.number("dim_after_minutes", 5, 0, 120)) * time.Minute,
	}
	t.done()
	return p
}

func (r *reader) buttons(root *table, s *Site) []Button {
	actions, lines := first{}, first{}
	var (
		all     []Button
		visitor bool
	)
	if s.Panel.Loop != "" && s.Panel.Loop != None {
		lines[s.Panel.Loop] = root.n.keys["panel"].keys["loop"].line
	}
	known := slices.Concat(Actions(), ExitActions(), DeskActions(), []string{StaffLamp})
	for _, t := range root.sections("button") {
		action := t.word("action", "action", known)
		line, lamp := t.pin("line"), t.pin("lamp")
		desk := t.text("desk", shortText)
		atDesk := slices.Contains(DeskActions(), action.text) || action.text == "help" && desk.ok()
		if action.ok() {
			twice := action
			if atDesk {
				twice.text += " " + desk.text
			}
			actions.repeated(r, twice, "button.action")
			visitor = visitor || !atDesk && slices.Contains(Actions(), action.text)
		}
		if line.ok() {
			lines.repeated(r, line, "button.line")
		}
		if lamp.ok() {
			lines.repeated(r, lamp, "button.lamp")
		}
		t.require("action", `action = "ok"`)
		switch {
		case action.text == StaffLamp:
			t.require("lamp", `lamp = "GPIO27"`)
			if line.ok() {
				t.fail(line.line, "button.line", "staff is a lamp without a button; remove line")
			}
		default:
			t.require("line", `line = "GPIO17"`)
		}
		switch {
		case atDesk && !desk.ok():
			t.require("desk", `desk = "a"`)
		case atDesk && !slices.ContainsFunc(s.Desks, func(d Desk) bool { return d.Key == desk.text }):
			t.fail(desk.line, "button.desk", "there is no desk %q; write the key of one of the [[desk]] sections", desk.text)
		case !atDesk && desk.ok():
			t.fail(desk.line, "button.desk", "%q is on the visitor's panel; remove desk, or choose %s", action.text, strings.Join(DeskActions(), ", "))
		}
		t.done()
		all = append(all, Button{Action: action.text, Line: line.text, Lamp: lamp.text, Desk: desk.text})
	}
	if s.Panel.Exit {
		line := root.n.keys["panel"].keys["exit"].line
		if slices.ContainsFunc(all, func(b Button) bool { return slices.Contains(ExitActions(), b.Action) }) {
			r.fail(line, "panel.exit", "the exit panel brings its own buttons; remove exit, or the [[button]] sections of good, fair and bad")
		} else if !visitor && s.Panel.Layout != "visitor4" && s.Panel.Layout != None {
			r.fail(line, "panel.exit", "the exit panel uses lines of the eight buttons; write layout = \"visitor4\", or describe each button")
		}
	}
	if !visitor {
		return all
	}
	if s.Panel.Layout != "" {
		r.fail(root.n.keys["panel"].keys["layout"].line, "panel.layout", "a layout brings its own buttons; remove it, or the [[button]] sections of the visitor's panel")
	}
	for _, action := range requiredActions() {
		if _, ok := actions[action]; !ok {
			r.fail(root.n.keys["button"].line, "button", "no button does %q; with buttons there must be at least %s", action, strings.Join(requiredActions(), ", "))
		}
	}
	return all
}

// pin is the name of a GPIO line, or a chip and the line's number on it.
func (t *table) pin(name string) field {
	f := t.text(name, shortText)
	if f.ok() && strings.ContainsFunc(f.text, func(c rune) bool {
		return !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.ContainsRune("_-.:", c))
	}) {
		t.fail(f.line, t.key(name), "%q is not a GPIO line; write its name like \"GPIO17\", or its chip and number like \"gpiochip0:17\"", f.text)
		return field{}
	}
	return f
}
