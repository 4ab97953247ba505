package hours

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// MaxLength is the longest text that Parse reads, in bytes. Real hours have less
// than 400.
const MaxLength = 2000

// Parse reads opening hours. After an error the Schedule keeps the text, and is
// Unknown at all times: whoever shows it shows the text, to be checked.
//
// Beyond the specification it takes capitals as small letters, any dash for "-",
// and spaces wherever they do no harm. Days without a time ("Mo-Fr") are Unknown
// on those days: by the letter they would be open at midnight.
func Parse(text string) (Schedule, error) {
	s := Schedule{raw: strings.TrimSpace(text)}
	if s.raw == "" {
		return s, fmt.Errorf("hours: none given")
	}
	if len(s.raw) > MaxLength {
		return s, fmt.Errorf("hours: %d bytes, over %d", len(s.raw), MaxLength)
	}
	p := parser{text: lower(s.raw)}
	rules, err := p.all()
	if err != nil {
		return s, fmt.Errorf("hours: at byte %d of %q: %w", p.at, p.text, err)
	}
	// "PH off" alone says when a place is closed and never when it is open.
	if !slices.ContainsFunc(rules, func(r rule) bool { return r.state != Closed || !r.selects() }) {
		return s, fmt.Errorf("hours: %q never says when it is open", p.text)
	}
	s.rules = rules
	if !slices.ContainsFunc(rules, func(r rule) bool { return !r.weekly() }) {
		s.week = new([7][]span)
		for on := range s.week {
			s.week[on] = s.compute(date{weekday: time.Weekday(on)})
		}
	}
	return s, nil
}

// selects tells whether the rule speaks of some days only, or of some hours.
func (r *rule) selects() bool {
	return r.dates != nil || r.weeks != nil || r.days != nil || r.holidays || r.spans != nil
}

// weekly tells whether the rule does the same on every Monday that is no holiday,
// and opens nothing on one that is.
func (r *rule) weekly() bool {
	return r.dates == nil && r.weeks == nil && (!r.holidays || r.state == Closed) &&
		!slices.ContainsFunc(r.days, func(d days) bool { return d.nth != 0 })
}

// lower makes the text what the parser knows, outside comments: small letters,
// one sort of dash, one sort of space.
func lower(s string) string {
	quoted := false
	return strings.Map(func(r rune) rune {
		if r == '"' {
			quoted = !quoted
		}
		switch {
		case quoted:
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		switch r {
		case '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212':
			return '-'
		case '\t', '\n', '\r', '\u00a0', '\u202f', '\u2009':
			return ' '
		}
		return r
	}, s)
}

type parser struct {
	text string
	at   int
}

func (p *parser) all() ([]rule, error) {
	var rules []rule
	adds := false
	for {
		p.spaces()
		if p.at == len(p.text) && len(rules) > 0 && !adds { // "Mo 09:00-12:00;"
			return rules, nil
		}
		r, err := p.rule()
		if err != nil {
			return nil, err
		}
		r.adds = adds
		rules = append(rules, r)
		p.spaces()
		switch {
		case p.at == len(p.text):
			return rules, nil
		case strings.HasPrefix(p.text[p.at:], "||"):
			return nil, fmt.Errorf("hours in case others do not hold")
		case p.take(";"):
			adds = false
			for p.spaces(); p.take(";"); p.spaces() {
			}
		case p.take(","):
			adds = true
		default:
			return nil, fmt.Errorf("want ; or , or the end")
		}
	}
}

// rule reads one rule, up to its separator.
func (p *parser) rule() (rule, error) {
	var (
		r     rule
		err   error
		start = p.at
	)
	if p.take("24/7") {
		r.always = true
	} else {
		if err = p.wide(&r); err != nil {
			return r, err
		}
		if err = p.days(&r); err != nil {
			return r, err
		}
		p.spaces()
		if p.at > start {
			p.take(":") // "Mo-Fr: 09:00-12:00"
		}
		if err = p.times(&r); err != nil {
			return r, err
		}
	}

	p.spaces()
	r.state = Unknown
	modified := true
	switch {
	case p.word("off"), p.word("closed"):
		r.state = Closed
	case p.word("open"):
		r.state = Open
	case p.word("unknown"):
	default:
		modified = false
		if r.spans != nil || r.always {
			r.state = Open
		}
	}
	p.spaces()
	if p.take(`"`) {
		end := strings.IndexByte(p.text[p.at:], '"')
		if end < 0 {
			return r, fmt.Errorf("a comment without an end")
		}
		p.at += end + 1
		if !modified {
			r.state = Unknown // "Mo-Fr 09:00-12:00 "on appointment"" is not open to all
		}
	}
	if p.at == start {
		return r, fmt.Errorf("want a day, a time or off")
	}
	for i := range r.spans {
		if r.spans[i].state == Unknown { // not an open end
			r.spans[i].state = r.state
		} else {
			r.spans[i].state = Unknown
		}
	}
	return r, nil
}

// wide reads weeks, and months or dates, in any order.
func (p *parser) wide(r *rule) error {
	for {
		p.spaces()
		switch {
		case p.word("week"):
			if r.weeks != nil {
				return fmt.Errorf("weeks twice")
			}
			if err := p.weeks(r); err != nil {
				return err
			}
		case p.dateAhead():
			if r.dates != nil {
				return fmt.Errorf("dates twice")
			}
			if err := p.dates(r); err != nil {
				return err
			}
		default:
			return nil
		}
		p.spaces()
		p.take(":") // "week 1-53/2: Mo"
	}
}

func (p *parser) weeks(r *rule) error {
	for {
		p.spaces()
		w := weeks{step: 1}
		var ok bool
		if w.from, ok = p.number(2); !ok {
			return fmt.Errorf("want a week")
		}
		w.to = w.from
		if p.dash() {
			if w.to, ok = p.number(2); !ok {
				return fmt.Errorf("want a week")
			}
			if p.take("/") {
				if w.step, ok = p.number(2); !ok || w.step < 1 {
					return fmt.Errorf("want how many weeks apart")
				}
			}
		}
		if w.from < 1 || w.to > 53 || w.from > w.to {
			return fmt.Errorf("no weeks %d-%d", w.from, w.to)
		}
		r.weeks = append(r.weeks, w)
		if !p.comma(p.numberAhead) {
			return nil
		}
	}
}

// dates reads "Jan", "Jun-Aug", "Dec 24", "Dec 24-26,31", "Dec 24-Jan 2", each
// with or without years.
func (p *parser) dates(r *rule) error {
	for {
		p.spaces()
		var (
			d     dates
			month int
			err   error
		)
		if d.fromYear, month, d.from, d.precise, err = p.date(0); err != nil {
			return err
		}
		d.toYear, d.to = d.fromYear, d.from
		if !d.precise {
			d.to = month*100 + 31
		}
		if p.dash() {
			var precise bool
			year := 0
			if year, month, d.to, precise, err = p.date(month); err != nil {
				return err
			}
			if !precise {
				d.to = month*100 + 31
			}
			d.precise = d.precise || precise
			switch {
			case year > 0 && d.fromYear == 0:
				return fmt.Errorf("a year at the end alone")
			case year > 0:
				d.toYear = year
			case d.fromYear > 0 && d.to < d.from:
				d.toYear++
			}
			if d.fromYear*10000+d.from > d.toYear*10000+d.to && d.fromYear > 0 {
				return fmt.Errorf("dates that end before they begin")
			}
		}
		r.dates = append(r.dates, d)
		for p.comma(p.numberAhead) { // more days of the month
			n, _ := p.number(2)
			if !valid(month, n) {
				return fmt.Errorf("no day %d of month %d", n, month)
			}
			r.dates = append(r.dates, dates{d.toYear, d.toYear, month*100 + n, month*100 + n, true})
			if p.dash() {
				last := &r.dates[len(r.dates)-1]
				if n, ok := p.number(2); ok && valid(month, n) && month*100+n > last.from {
					last.to = month*100 + n
				} else {
					return fmt.Errorf("want a later day of the month")
				}
			}
		}
		if !p.comma(p.dateAhead) {
			return nil
		}
	}
}

// date reads one end of a range; in is the month of the other end, whose day may
// stand alone ("Dec 24-26").
func (p *parser) date(in int) (year, month, md int, precise bool, err error) {
	if in > 0 && p.numberAhead() && !p.yearAhead() {
		n, _ := p.number(2)
		if !valid(in, n) {
			return 0, 0, 0, false, fmt.Errorf("no day %d of month %d", n, in)
		}
		return 0, in, in*100 + n, true, nil
	}
	if p.yearAhead() {
		year, _ = p.number(4)
		p.spaces()
	}
	if month = p.month(); month == 0 {
		return 0, 0, 0, false, fmt.Errorf("want a month")
	}
	md = month*100 + 1
	mark := p.at
	p.spaces()
	if !p.numberAhead() || p.yearAhead() {
		p.at = mark
		return year, month, md, false, nil
	}
	n, _ := p.number(2)
	if !valid(month, n) {
		return 0, 0, 0, false, fmt.Errorf("no day %d of month %d", n, month)
	}
	return year, month, month*100 + n, true, nil
}

func valid(month, day int) bool {
	return day >= 1 && time.Date(2024, time.Month(month), day, 0, 0, 0, 0, time.UTC).Month() == time.Month(month)
}

// days reads weekdays and PH.
func (p *parser) days(r *rule) error {
	p.spaces()
	if p.word("sh") {
		return fmt.Errorf("school holidays")
	}
	if !p.dayAhead() {
		return nil
	}
	for {
		p.spaces()
		if p.word("ph") {
			r.holidays = true
			mark := p.at
			p.spaces()
			if p.at > mark && r.days == nil && p.dayAhead() { // "PH Mo-Fr": holidays from Monday to Friday
				r.both = true
				continue
			}
			p.at = mark
		} else {
			on, ok := p.weekday()
			if !ok {
				return fmt.Errorf("want a day")
			}
			switch {
			case p.take("["):
				if err := p.ranks(r, on); err != nil {
					return err
				}
			case p.dash():
				to, ok := p.weekday()
				if !ok {
					return fmt.Errorf("want a day")
				}
				for ; on != to; on = (on + 1) % week {
					r.days = append(r.days, days{on: on})
				}
				r.days = append(r.days, days{on: to})
			default:
				r.days = append(r.days, days{on: on})
			}
		}
		if !p.comma(p.dayAhead) {
			return nil
		}
	}
}

// ranks reads "1,3]" or "1-2]" or "-1]".
func (p *parser) ranks(r *rule, on time.Weekday) error {
	for {
		p.spaces()
		sign := 1
		if p.take("-") {
			sign = -1
		}
		n, ok := p.number(1)
		to := n
		if ok && sign > 0 && p.take("-") {
			to, ok = p.number(1)
		}
		if !ok || n < 1 || to > 5 || to < n {
			return fmt.Errorf("want a rank from 1 to 5")
		}
		for ; n <= to; n++ {
			r.days = append(r.days, days{on, sign * n})
		}
		p.spaces()
		if p.take("]") {
			return nil
		}
		if !p.take(",") {
			return fmt.Errorf("want ]")
		}
	}
}

// times reads "09:00-12:00,14:00-18:30". A span's state is Unknown until the rule
// is read to its end; another marks one whose end nobody gave.
func (p *parser) times(r *rule) error {
	const openEnd = Closed
	p.spaces()
	for p.digitAhead() {
		start, err := p.clock(24)
		if err != nil {
			return err
		}
		if start == day {
			return fmt.Errorf("24:00 as a beginning")
		}
		p.spaces()
		sp := span{start: start, end: day}
		if p.take("+") {
			sp.state = openEnd
		} else {
			if !p.dash() {
				return fmt.Errorf("want the time at which it closes")
			}
			if sp.end, err = p.clock(48); err != nil {
				return err
			}
			if sp.end <= sp.start {
				sp.end += day
			}
			if sp.end-sp.start > day {
				return fmt.Errorf("more than a day")
			}
			mark := p.at
			p.spaces()
			if p.take("+") { // open until then at least
				r.spans = append(r.spans, sp)
				sp = span{sp.end, max(day, sp.end), openEnd}
			} else {
				p.at = mark
			}
		}
		if sp.start < sp.end {
			r.spans = append(r.spans, sp)
		}
		if !p.comma(p.digitAhead) {
			return nil
		}
	}
	return nil
}

// clock reads a time of day, in minutes.
func (p *parser) clock(hours int) (int, error) {
	p.spaces()
	h, ok := p.number(2)
	if !ok || !p.take(":") {
		return 0, fmt.Errorf("want a time")
	}
	m, ok := p.exactly(2)
	if !ok || m > 59 || h*60+m > hours*60 {
		return 0, fmt.Errorf("no such time")
	}
	return h*60 + m, nil
}

func (p *parser) weekday() (time.Weekday, bool) {
	p.spaces()
	for i, name := range [...]string{"su", "mo", "tu", "we", "th", "fr", "sa"} {
		if p.word(name) {
			return time.Weekday(i), true
		}
	}
	return 0, false
}

func (p *parser) month() int {
	for i, name := range [...]string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"} {
		if p.word(name) {
			return i + 1
		}
	}
	return 0
}

// What is ahead; none of these moves.

func (p *parser) dayAhead() bool {
	defer func(at int) { p.at = at }(p.at)
	if p.word("ph") {
		return true
	}
	_, ok := p.weekday()
	return ok
}

func (p *parser) dateAhead() bool {
	defer func(at int) { p.at = at }(p.at)
	if p.yearAhead() {
		p.at += 4
		p.spaces()
	}
	return p.month() > 0
}

func (p *parser) yearAhead() bool {
	defer func(at int) { p.at = at }(p.at)
	n, ok := p.exactly(4)
	return ok && n >= 1900
}

func (p *parser) digitAhead() bool {
	return p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9'
}

// numberAhead is a number that is not the hour of a time.
func (p *parser) numberAhead() bool {
	defer func(at int) { p.at = at }(p.at)
	if !p.digitAhead() {
		return false
	}
	for p.digitAhead() {
		p.at++
	}
	if !p.take(":") {
		return true
	}
	return !p.digitAhead() // "week 1: Mo"
}

// What moves if it is there.

func (p *parser) spaces() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

func (p *parser) take(s string) bool {
	if !strings.HasPrefix(p.text[p.at:], s) {
		return false
	}
	p.at += len(s)
	return true
}

// word takes a word that ends there.
func (p *parser) word(s string) bool {
	rest, ok := strings.CutPrefix(p.text[p.at:], s)
	if !ok || rest != "" && 'a' <= rest[0] && rest[0] <= 'z' {
		return false
	}
	p.at += len(s)
	return true
}

// comma takes a comma if more of the same list is behind it. Any other comma ends
// the rule.
func (p *parser) comma(more func() bool) bool {
	mark := p.at
	p.spaces()
	if p.take(",") {
		if p.spaces(); more() {
			return true
		}
	}
	p.at = mark
	return false
}

func (p *parser) dash() bool {
	mark := p.at
	p.spaces()
	if p.take("-") {
		p.spaces()
		return true
	}
	p.at = mark
	return false
}

// number takes a number of so many digits at most.
func (p *parser) number(digits int) (n int, ok bool) {
	start := p.at
	for p.digitAhead() {
		n = n*10 + int(p.text[p.at]-'0')
		if p.at++; p.at-start > digits {
			return 0, false
		}
	}
	return n, p.at > start
}

func (p *parser) exactly(digits int) (int, bool) {
	start := p.at
	n, ok := p.number(digits)
	return n, ok && p.at-start == digits
}
