package gpiopanel

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// What can be wrong with the wiring. Compare with errors.Is.
var (
	// ErrNoChip is returned where the kernel offers no GPIO chip to us.
	ErrNoChip = errors.New("there is no GPIO chip")
	// ErrNoLine is returned for a line that no chip has.
	ErrNoLine = errors.New("there is no such line")
	// ErrTaken is returned for a line that another program, or the kernel, uses.
	ErrTaken = errors.New("it is in use")
	// ErrTwice is returned for a line or an action that is named twice.
	ErrTwice = errors.New("it is there twice")
)

// WiringError is one thing that is wrong with a panel's wiring, in a sentence for
// technicians that ends with what to do.
type WiringError struct {
	Part string // "button ok", "lamp of ok", "loop"
	Line string // as the configuration has it; may be ""
	Why  error
}

// Error puts no quotation marks around what is wired: a log leaves out what an error
// quotes, and a technician looks for this name.
func (e *WiringError) Error() string {
	if e.Line == "" {
		return fmt.Sprintf("gpiopanel: %s: %v", e.Part, e.Why)
	}
	return fmt.Sprintf("gpiopanel: %s, line %s: %v", e.Part, e.Line, e.Why)
}

// Unwrap returns Why.
func (e *WiringError) Unwrap() error { return e.Why }

func taken(who string) error {
	return fmt.Errorf("%w by %s; stop that, or use another line", ErrTaken, who)
}

// chip is a chip as the kernel describes it. Lines are numbered from 0; one
// without a name is "".
type chip struct {
	name, label, path string
	lines             []string
}

// header reports whether the lines are those of a Raspberry Pi's pins.
func (c chip) header() bool { return strings.HasPrefix(c.label, "pinctrl-") }

// resolved says which lines of a panel these chips have not.
func (c Config) resolved(chips []chip) error {
	var errs []error
	for part, line := range c.wires() {
		if _, _, err := resolve(line, chips); err != nil {
			errs = append(errs, &WiringError{Part: part, Line: line, Why: err})
		}
	}
	return errors.Join(errs...)
}

// resolve finds a line: "GPIO17" on the first chip that has it, or
// "gpiochip0:17", a chip's name, label or path with a number or a name.
func resolve(line string, chips []chip) (c, offset int, err error) {
	// The last colon: a chip's label may hold others.
	if at := strings.LastIndex(line, ":"); at >= 0 {
		where, what := line[:at], line[at+1:]
		c = slices.IndexFunc(chips, func(c chip) bool { return where == c.name || where == c.label || where == c.path })
		if c < 0 {
			return 0, 0, fmt.Errorf("%w: no chip is called %q; the chips are %s", ErrNoLine, where, list(chips, func(c chip) string {
				return fmt.Sprintf("%s (%s)", c.name, c.label)
			}))
		}
		if offset, err = strconv.Atoi(what); err != nil {
			if offset = slices.Index(chips[c].lines, what); what == "" || offset < 0 {
				return 0, 0, fmt.Errorf("%w: chip %s has no line %q; write its number, 0 to %d", ErrNoLine, where, what, len(chips[c].lines)-1)
			}
		}
		if offset < 0 || offset >= len(chips[c].lines) {
			return 0, 0, fmt.Errorf("%w: the lines of chip %s are 0 to %d", ErrNoLine, where, len(chips[c].lines)-1)
		}
		return c, offset, nil
	}
	for c := range chips {
		if offset := slices.Index(chips[c].lines, line); line != "" && offset >= 0 {
			return c, offset, nil
		}
	}

	// A Pi's header says GPIO4 where the kernel may say GPIO_GCLK.
	if n, err := strconv.Atoi(strings.TrimPrefix(line, "GPIO")); err == nil {
		for _, c := range chips {
			if c.header() && n >= 0 && n < len(c.lines) {
				return 0, 0, fmt.Errorf("%w; if you mean number %d of chip %s (here called %q), write \"%s:%d\"", ErrNoLine, n, c.label, c.lines[n], c.label, n)
			}
		}
	}
	var names []string
	for _, c := range chips {
		names = append(names, c.lines...)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" || n == "-" || n == "_" })
	if len(names) == 0 {
		return 0, 0, fmt.Errorf("%w: no line here has a name; write a chip and a number, such as \"%s:0\"", ErrNoLine, chips[0].name)
	}
	nearest := slices.MinFunc(names, func(a, b string) int { return distance(line, a) - distance(line, b) })
	const most = 40
	more := ""
	if len(names) > most {
		names, more = names[:most], " …"
	}
	return 0, 0, fmt.Errorf("%w; the nearest is %q, and there are %s%s", ErrNoLine, nearest, strings.Join(names, " "), more)
}

func list[T any](of []T, say func(T) string) string {
	var out []string
	for _, x := range of {
		out = append(out, say(x))
	}
	return strings.Join(out, ", ")
}

// distance is how many letters must be put in, left out or exchanged to make b of
// a, whatever their case (Levenshtein).
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, last+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// noChip says why no chip was found: there is none, or we may not open it.
func noChip(paths []string, open func(path string) error) error {
	for _, path := range paths {
		if err := open(path); err != nil {
			return fmt.Errorf("gpiopanel: %w that we may use: %w; add this program's user to the group gpio, then start it again", ErrNoChip, err)
		}
	}
	return fmt.Errorf("gpiopanel: %w on this machine; run it on a Raspberry Pi, or choose the panel \"sim:\" or \"none:\"", ErrNoChip)
}

// devices are the chips' files.
func devices() []string {
	paths, _ := filepath.Glob("/dev/gpiochip*") // the pattern is well formed
	return paths
}
