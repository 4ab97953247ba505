package gpiopanel

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"periph.io/x/conn/v3/gpio"

	"jeudi/drivers"
)

// pi are chips as a Raspberry Pi 3's kernel has them, in part.
func pi() []chip {
	soc := chip{name: "gpiochip0", label: "pinctrl-bcm2835", path: "/dev/gpiochip0", lines: make([]string, 29)}
	copy(soc.lines, []string{"ID_SDA", "ID_SCL", "SDA1", "SCL1", "GPIO_GCLK", "GPIO5", "GPIO6", "SPI_CE1_N", "SPI_CE0_N", "SPI_MISO", "SPI_MOSI", "SPI_SCLK", "GPIO12", "GPIO13", "TXD1", "RXD1"})
	for n := 16; n <= 27; n++ {
		soc.lines[n] = fmt.Sprint("GPIO", n)
	}
	exp := chip{name: "gpiochip1", label: "raspberrypi-exp-gpio", path: "/dev/gpiochip1", lines: []string{"BT_ON", "WL_ON", "GPIO17", "-"}}
	return []chip{soc, exp}
}

func TestResolve(t *testing.T) {
	odd := []chip{{name: "gpiochip3", label: "usb:1-1", path: "/dev/gpiochip3", lines: []string{"", "_"}}}
	for _, c := range []struct {
		line   string
		on     []chip
		chip   int
		offset int
		err    string
	}{
		{line: "GPIO17", chip: 0, offset: 17}, // on both: the first chip's
		{line: "GPIO_GCLK", chip: 0, offset: 4},
		{line: "BT_ON", chip: 1, offset: 0},
		{line: "gpiochip0:4", chip: 0, offset: 4},
		{line: "pinctrl-bcm2835:28", chip: 0, offset: 28},
		{line: "/dev/gpiochip1:2", chip: 1, offset: 2},
		{line: "raspberrypi-exp-gpio:GPIO17", chip: 1, offset: 2},
		{line: "usb:1-1:1", on: odd, chip: 0, offset: 1},

		{line: "GPIO4", err: `no such line; if you mean number 4 of chip pinctrl-bcm2835 (here called "GPIO_GCLK"), write "pinctrl-bcm2835:4"`},
		{line: "GPIO1 7", err: `the nearest is "GPIO17", and there are ID_SDA ID_SCL`},
		{line: "GPIO99", err: `no such line; the nearest is "GPIO`},
		{line: "bt_no", err: `the nearest is "BT_ON"`},
		{line: "", err: "no such line"},
		{line: "GPIO17", on: odd, err: `no line here has a name; write a chip and a number, such as "gpiochip3:0"`},
		{line: "gpiochip9:4", err: `no chip is called "gpiochip9"; the chips are gpiochip0 (pinctrl-bcm2835), gpiochip1 (raspberrypi-exp-gpio)`},
		{line: "gpiochip1:4", err: "the lines of chip gpiochip1 are 0 to 3"},
		{line: "gpiochip1:-1", err: "the lines of chip gpiochip1 are 0 to 3"},
		{line: "gpiochip1:LED", err: `chip gpiochip1 has no line "LED"; write its number, 0 to 3`},
		{line: "gpiochip1:", err: `has no line ""`},
		{line: ":4", err: `no chip is called ""`},
	} {
		if c.on == nil {
			c.on = pi()
		}
		chip, offset, err := resolve(c.line, c.on)
		if c.err != "" {
			if !errors.Is(err, ErrNoLine) || !strings.Contains(err.Error(), c.err) {
				t.Errorf("resolve(%q) = %v; want %q in it", c.line, err, c.err)
			}
			continue
		}
		if err != nil || chip != c.chip || offset != c.offset {
			t.Errorf("resolve(%q) = %d, %d, %v; want %d, %d", c.line, chip, offset, err, c.chip, c.offset)
		}
	}
}

func FuzzResolve(f *testing.F) {
	f.Add("GPIO17")
	f.Add("gpiochip0:4")
	f.Add("a:b:0x1")
	f.Fuzz(func(t *testing.T, line string) {
		chips := pi()
		c, offset, err := resolve(line, chips)
		if err != nil {
			if !errors.Is(err, ErrNoLine) {
				t.Errorf("resolve(%q) = %v; want %v", line, err, ErrNoLine)
			}
			return
		}
		if offset < 0 || offset >= len(chips[c].lines) {
			t.Errorf("resolve(%q) = line %d of chip %d", line, offset, c)
		}
	})
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"GPIO17", "gpio17", 0}, {"GPIO17", "GPIO1", 1}, {"", "abc", 3}, {"kitten", "sitting", 3}} {
		if got, back := distance(c.a, c.b), distance(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("distance(%q, %q) = %d and %d; want %d", c.a, c.b, got, back, c.want)
		}
	}
}

// bench is a machine whose lines may be in use.
type bench struct {
	board
	users map[string]string
	late  map[string]string // of those that are taken between the look and the grasp
}

func (b bench) pin(line string) (gpio.PinIO, error) { return b.find(line) }
func (b bench) holder(line string) string {
	if p := b.board[line]; p != nil && p.closed > 0 && b.late[line] != "" {
		return b.late[line]
	}
	return b.users[line]
}

func TestWiring(t *testing.T) {
	b := func(a drivers.Action, line, lamp string) Button { return Button{Action: a, Line: line, Lamp: lamp} }
	good := []Button{b(drivers.OK, "GPIO12", "GPIO24"), b(drivers.Next, "GPIO13", "")}
	for _, c := range []struct {
		name  string
		given Config
		users map[string]string
		late  map[string]string
		is    error
		want  []string // one sentence each
	}{
		{name: "as it should be", given: Config{Buttons: good, Loop: "GPIO27"}},
		{name: "two lines that do not exist", given: Config{Buttons: append(good, b(drivers.Help, "no1", "no2"))}, is: ErrNoLine,
			want: []string{`gpiopanel: button help, line no1: there is no such line`, `gpiopanel: lamp of help, line no2: there is no such line`}},
		{name: "taken by a program", given: Config{Buttons: good}, users: map[string]string{"GPIO13": "gpioset"}, is: ErrTaken,
			want: []string{`gpiopanel: button next, line GPIO13: it is in use by gpioset; stop that, or use another line`}},
		{name: "taken just then", given: Config{Buttons: good}, late: map[string]string{"GPIO24": "other@42"}, is: ErrTaken,
			want: []string{`gpiopanel: lamp of ok, line GPIO24: it is in use by other@42; stop that, or use another line`}},
		{name: "a line used twice", given: Config{Buttons: append(good, b(drivers.Back, "GPIO12", ""))}, is: ErrTwice,
			want: []string{`gpiopanel: button back, line GPIO12: it is there twice: the line is also that of button ok; give each its own`}},
		{name: "a lamp on its button's line", given: Config{Buttons: []Button{b(drivers.OK, "GPIO12", "GPIO12")}}, is: ErrTwice,
			want: []string{`lamp of ok, line GPIO12: it is there twice: the line is also that of button ok`}},
		{name: "the loop on a button's line", given: Config{Buttons: good, Loop: "GPIO13"}, is: ErrTwice, want: []string{`gpiopanel: loop, line GPIO13: it is there twice: the line is also that of button next`}},
		{name: "one line by two names", given: Config{Buttons: append(good, b(drivers.Back, "alias:GPIO12", ""))}, is: ErrTwice,
			want: []string{`gpiopanel: button back, line alias:GPIO12: it is there twice: the line is also that of button ok; give each its own`}},
		{name: "an action given twice", given: Config{Buttons: append(good, b(drivers.OK, "GPIO5", ""))}, is: ErrTwice,
			want: []string{`gpiopanel: button ok, line GPIO5: it is there twice; give each action one button`}},
		{name: "nothing", want: []string{"gpiopanel: panel: it has no button; name at least one, with its line"}},
		{name: "neither line nor lamp", given: Config{Buttons: []Button{b(drivers.OK, "", "")}}, want: []string{"gpiopanel: button ok: it has neither a line nor a lamp; name its line"}},
		{name: "no action", given: Config{Buttons: []Button{b(drivers.Actions, "GPIO5", "")}}, want: []string{`gpiopanel: button unknown, line GPIO5: there is no such action`}},
		{name: "times", given: Config{Buttons: good, Settle: time.Second, StuckAfter: time.Second, DimAfter: -1},
			want: []string{"settle time: 1s is not between 3ms and 100ms", "time until stuck: 1s is not between 5s and 1h0m0s", "time until dimmed: -1ns is negative; 0 is never"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := bench{board{}, c.users, c.late}
			alias, _ := m.find("GPIO12")
			m.board["alias:GPIO12"] = alias.(*fakePin)
			for line := range c.late {
				m.find(line)
				m.board[line].fails = errors.New("device or resource busy")
			}
			p, err := build(c.given, m)
			if len(c.want) == 0 {
				if err != nil {
					t.Fatalf("build() = %v", err)
				}
				if err := c.given.Check(); err != nil {
					t.Errorf("Check() = %v", err)
				}
				p.Close()
				return
			}
			if p != nil || err == nil || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("build() = %v, %v; want %v", p, err, c.is)
			}
			said := strings.Split(err.Error(), "\n")
			if len(said) != len(c.want) {
				t.Errorf("build() said %q; want %q", said, c.want)
			}
			for i := range min(len(said), len(c.want)) {
				if !strings.Contains(said[i], c.want[i]) {
					t.Errorf("build() said %q; want %q", said[i], c.want[i])
				}
			}
			for name, pin := range m.board {
				if c.late == nil && (pin.pull != 0 || len(pin.outs) > 0) {
					t.Errorf("%s was touched", name)
				}
			}
		})
	}
}

func TestNoChip(t *testing.T) {
	for _, c := range []struct {
		paths []string
		err   error
		want  string
	}{
		{nil, nil, `gpiopanel: there is no GPIO chip on this machine; run it on a Raspberry Pi, or choose the panel "sim:" or "none:"`},
		{[]string{"/dev/gpiochip0"}, os.ErrPermission, "gpiopanel: there is no GPIO chip that we may use: permission denied; add this program's user to the group gpio, then start it again"},
	} {
		if err := noChip(c.paths, func(string) error { return c.err }); !errors.Is(err, ErrNoChip) || err.Error() != c.want || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("noChip(%v) = %v; want %s", c.paths, err, c.want)
		}
	}
}

// On a machine without chips Open says so; one with chips lacks this line.
func TestOpenHere(t *testing.T) {
	p, err := Open(Config{Buttons: []Button{{Action: drivers.OK, Line: "NO_SUCH_LINE"}}})
	if p != nil || !errors.Is(err, ErrNoChip) && !errors.Is(err, ErrNoLine) {
		t.Errorf("Open() = %v, %v; want %v or %v", p, err, ErrNoChip, ErrNoLine)
	}
}

// What is no chip, or not yet ours, is left out and told.
func TestSurvey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "gpiochip0")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	chips, refused := survey([]string{file, file + "1"})
	_, no := errors.AsType[syscall.Errno](refused) // ENOTTY; an emulated kernel may know less
	if len(chips) != 0 || !no || !strings.Contains(fmt.Sprint(refused), file+":") || !errors.Is(refused, os.ErrNotExist) {
		t.Errorf("survey() = %v, %v; want none, what the kernel says of %s, and %v", chips, refused, file, os.ErrNotExist)
	}
}

// periph is not asked before every line is there.
func TestResolved(t *testing.T) {
	c := Config{Buttons: []Button{{Action: drivers.OK, Line: "GPIO17", Lamp: "GPIO18"}}, Loop: "rp1:2"}
	first := chip{name: "gpiochip0", label: "brcmstb", lines: []string{"GPIO17"}}
	late := chip{name: "gpiochip1", label: "rp1", lines: []string{"", "GPIO18", ""}}
	err := c.resolved([]chip{first})
	if err == nil || !errors.Is(err, ErrNoLine) || strings.Count(err.Error(), "gpiopanel:") != 2 {
		t.Errorf("resolved() of half the chips = %v; want the lamp's line and the loop's", err)
	}
	if err := c.resolved([]chip{first, late}); err != nil {
		t.Errorf("resolved() of all chips = %v", err)
	}
}

func TestLineInfo(t *testing.T) {
	if got := unsafe.Sizeof(chipInfo{}); got != getChipInfo>>16&0x3fff {
		t.Errorf("chipInfo has %d bytes; want %d", got, getChipInfo>>16&0x3fff)
	}
	if got := unsafe.Sizeof(lineInfo{}); got != getLineInfo>>16&0x3fff {
		t.Errorf("lineInfo has %d bytes; want %d", got, getLineInfo>>16&0x3fff)
	}
	for _, c := range []struct {
		flags    uint64
		consumer string
		want     string
	}{
		{0, "", ""},
		{0x4, "stale", ""},
		{lineUsed | 0x8, "gpioset", "gpioset"},
		{lineUsed, "jeudi@0", "jeudi@0"},
		{lineUsed, fmt.Sprintf("jeudi@%d", os.Getpid()), "another panel of this program"},
		{lineUsed, strings.Repeat("x", 32), strings.Repeat("x", 32)},
		{lineUsed, "", "the kernel, for another function of that pin"},
	} {
		i := lineInfo{flags: c.flags}
		copy(i.consumer[:], c.consumer)
		if got := i.holder(); got != c.want {
			t.Errorf("holder() of %q, flags %#x = %s; want %s", c.consumer, c.flags, got, c.want)
		}
	}
}

func TestLayouts(t *testing.T) {
	named := map[int]bool{5: true, 6: true, 12: true, 13: true}
	for n := 16; n <= 27; n++ {
		named[n] = true
	}
	used := make(map[string][]string)
	var names []string
	for _, l := range Layouts() {
		names = append(names, l.Name)
		if err := l.Config().Check(); err != nil {
			t.Errorf("%s: %v", l.Name, err)
		}
		for part, line := range l.Config().wires() {
			used[l.Name] = append(used[l.Name], line)
			var n int
			if _, err := fmt.Sscanf(line, "GPIO%d", &n); err != nil || !named[n] || HeaderPin(line) == 0 {
				t.Errorf("%s, %s: %q has no name on some Pi", l.Name, part, line)
			}
			if n >= 18 && n <= 21 && l.Name != "exit" && part != "button help" {
				t.Errorf("%s, %s: %q belongs to I2S", l.Name, part, line)
			}
		}
	}
	if want := []string{"visitor8", "visitor4", "exit", "desk"}; !slices.Equal(names, want) {
		t.Errorf("layouts %q; want %q", names, want)
	}
	for i, want := range [][]drivers.Action{
		{drivers.Back, drivers.Previous, drivers.Next, drivers.OK, drivers.Repeat, drivers.Help, drivers.Louder, drivers.Softer},
		{drivers.Previous, drivers.Next, drivers.OK, drivers.Repeat},
		{drivers.Good, drivers.Fair, drivers.Bad},
		{drivers.CallNext, drivers.Hold, drivers.NoShow, drivers.Help},
	} {
		var got []drivers.Action
		for _, b := range Layouts()[i].Buttons {
			got = append(got, b.Action)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has %v; want %v", names[i], got, want)
		}
	}
	for _, with := range []string{"exit", "desk"} {
		for _, line := range used["visitor4"] {
			if slices.Contains(used[with], line) {
				t.Errorf("visitor4 and %s both use %s", with, line)
			}
		}
	}
}

func TestHeaderPin(t *testing.T) {
	seen := make(map[int]bool)
	for n := range 28 {
		pin := HeaderPin(fmt.Sprint("GPIO", n))
		if pin < 3 || pin > 40 || seen[pin] || slices.Contains([]int{4, 6, 9, 14, 17, 20, 25, 30, 34, 39}, pin) {
			t.Errorf("HeaderPin(GPIO%d) = %d", n, pin)
		}
		seen[pin] = true
	}
	for line, want := range map[string]int{"GPIO17": 11, "GPIO27": 13, "GPIO2": 3, "GPIO28": 0, "GPIO-1": 0, "17": 0, "SPI_MISO": 0} {
		if got := HeaderPin(line); got != want {
			t.Errorf("HeaderPin(%s) = %d; want %d", line, got, want)
		}
	}
}
