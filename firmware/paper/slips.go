package paper

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"jeudi/drivers"
	"jeudi/firmware/intake"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// The slips that a visitor takes home. Each is made of what staff tick and what
// the place has written, and is never kept: the caller holds it until it is printed.

// Words is a text of the place, in French and in the language of the visitor. What
// is empty, or the same in both, is printed once.
type Words struct{ French, Lang string }

// Place is somewhere to go. Texts that are empty are left out.
type Place struct {
	Name, Address, Phone string
	Way                  Words   // how to get there, in words
	Hours                Words   // worded, or as they were given when HoursUnsure
	HoursUnsure          bool    // nobody could understand them
	Bring                []Words // what to bring
	Gives                Words   // what the place gives to somebody with the slip
	Code                 string  // of the voucher, "" for none
}

// OrientationData is what an orientation slip is made of.
type OrientationData struct {
	From   string // the name of the permanence
	Lang   string // the visitor's; "" is French
	Places []Place
	// Result is what the visitor said of themselves, only if they want the places to
	// read it. It goes into the QR code of each voucher and, in plain words, below.
	Result *Result
	Large  bool // what is for the visitor is printed twice as wide and high
	Test   bool
}

// Orientation is the slip that names up to intake.MostPlaces places. The titles are in
// the visitor's language and in French. It has no number and no time.
func Orientation(w *words.Catalogue, o OrientationData) drivers.Document {
	s := newSlip(w, o.Lang, o.Large, o.Test, "slip.orientation", o.From)
	for _, place := range o.Places[:min(len(o.Places), intake.MostPlaces)] {
		s.page.add(drivers.Rule{})
		s.place(place)
		if place.Code == "" {
			continue
		}
		s.title("slip.code")
		s.page.add(drivers.QR{Data: Voucher{place.Code, o.From, o.Result}.Encode()})
		s.staff().block(drivers.Text{Text: spaced(place.Code), Size: 3, Bold: true, Align: drivers.Center})
		s.lines("slip.code_text")
	}
	if o.Result != nil {
		s.page.add(drivers.Rule{})
		s.title("slip.result")
		s.staff().result(*o.Result) // for professionals, in their language
	}
	return s.page.doc
}

func (s slip) place(p Place) {
	staff := s.staff()
	staff.large = s.said[0].large
	staff.block(drivers.Text{Text: p.Name, Size: 2, Bold: true})
	staff.block(drivers.Text{Text: p.Address})
	if p.Phone != "" {
		s.title("slip.phone")
		staff.block(drivers.Text{Text: p.Phone, Bold: true})
	}
	hours := "slip.hours"
	if p.HoursUnsure {
		hours = "slip.hours_check"
	}
	s.part(hours, p.Hours)
	s.part("slip.way", p.Way)
	s.part("slip.bring", p.Bring...)
	s.part("slip.gives", p.Gives)
}

// TodayData is what the slip of a visit is made of: what staff ticked.
type TodayData struct {
	From     string // the name of the permanence
	Lang     string // the visitor's; "" is French
	At       time.Time
	Done     []string     // of DoneKeys
	Deadline time.Time    // the next date not to miss, at midnight when it has no hour; zero for none
	Bring    []string     // of BringKeys
	Next     string       // the name of the place to go to
	NextAt   string       // its address
	Who      session.Role // who will receive the visitor there
	Large    bool         // what is for the visitor is printed twice as wide and high
	Test     bool
}

// DoneKeys is the closed list of what can be done in a visit. The catalogue words
// each under slip.done.
func DoneKeys() []string {
	return []string{"account_created", "account_found", "password_changed", "mail_created", "mail_sent",
		"file_sent", "file_checked", "declaration_sent", "situation_updated", "document_sent", "document_printed",
		"document_scanned", "certificate", "appointment", "payment", "call", "phone_set", "trained"}
}

// BringKeys is the closed list of what to bring. The catalogue words each under
// slip.bring.
func BringKeys() []string {
	return []string{"this_paper", "identity", "residence", "address_proof", "tax_notice", "vitale", "bank_details", "payslips",
		"caf_number", "family_book", "last_letter", "photo", "phone", "computer", "mail_address"}
}

// Today is the slip « Ce qu’on a fait aujourd’hui ». A key that is in none of the
// lists is left out.
func Today(w *words.Catalogue, d TodayData) drivers.Document {
	s := newSlip(w, d.Lang, d.Large, d.Test, "slip.today", d.From)
	for _, who := range s.said {
		if !d.At.IsZero() {
			who.block(drivers.Text{Text: who.say("slip.made_at", map[string]any{"at": d.At}), Align: drivers.Center})
		}
	}
	for _, who := range s.said {
		s.page.add(drivers.Rule{})
		who.list("slip.done", who.ticked("slip.done.", d.Done, DoneKeys()))
		if !d.Deadline.IsZero() {
			who.title("slip.deadline")
			who.block(drivers.Text{Text: who.date(d.Deadline), Size: 2, Bold: true})
		}
		who.list("slip.bring", who.ticked("slip.bring.", d.Bring, BringKeys()))
		if d.Next != "" {
			who.title("slip.next")
			who.block(drivers.Text{Text: d.Next, Bold: true})
			who.block(drivers.Text{Text: d.NextAt})
		}
		if key := "slip.who." + string(d.Who); d.Who != session.Anyone && who.has(key) {
			who.title("slip.with")
			who.block(drivers.Text{Text: who.say(key, nil)})
		}
	}
	return s.page.doc
}

// ticked is the words of what was ticked, in the order of the closed list.
func (s speaker) ticked(prefix string, ticked, all []string) []string {
	var keys []string
	for _, key := range all {
		if slices.Contains(ticked, key) {
			keys = append(keys, prefix+key)
		}
	}
	return s.all(keys)
}

// RightsData is what a list of rights is made of.
type RightsData struct {
	From   string        // the name of the permanence
	Lang   string        // the visitor's; "" is French
	Titles []session.Msg // each benefit, and whom to ask
	Large  bool          // what is for the visitor is printed twice as wide and high
	Test   bool
}

// Rights is the list of rights that are to be checked with a social worker, each
// in the visitor's language and in French. It adds nothing to their titles: no
// amount, no date, no answer that was given.
func Rights(w *words.Catalogue, r RightsData) drivers.Document {
	s := newSlip(w, r.Lang, r.Large, r.Test, "slip.rights", r.From)
	s.page.add(drivers.Rule{})
	for _, title := range r.Titles {
		for i, who := range s.said {
			bullet := "- "
			if i > 0 {
				bullet = "  "
			}
			if text := who.say(title.Message()); text != "" {
				who.block(drivers.Text{Text: bullet + text, Bold: i == 0})
			}
		}
	}
	s.page.add(drivers.Rule{})
	s.lines("slip.rights_note")
	return s.page.doc
}

// PartnerData is what a partner's list is made of.
type PartnerData struct {
	From, Partner string        // the names of the permanence and of the place
	Codes         []PartnerCode // by month
}

// PartnerCode is a code of a partner's list.
type PartnerCode struct {
	Code    string
	Month   string // "2026-11"; "" when not known
	Arrived bool   // it came back already, and is ticked
}

// Partner is the list on which a place ticks the codes that came, in French: under
// each month its codes, each with a number to speak of it by telephone, in letters
// twice as large, and a box to tick.
func Partner(w *words.Catalogue, d PartnerData) drivers.Document {
	s := newSlip(w, words.French, false, false, "voucher.partner", d.From)
	fr := s.staff()
	fr.block(drivers.Text{Text: d.Partner, Bold: true, Align: drivers.Center})
	s.page.add(drivers.Rule{})
	if len(d.Codes) == 0 {
		fr.block(drivers.Text{Text: fr.say("voucher.partner_none", nil)})
		return s.page.doc
	}
	fr.block(drivers.Text{Text: fr.say("voucher.partner_text", nil)})
	digits, month := len(strconv.Itoa(len(d.Codes))), ""
	for i, c := range d.Codes {
		if at, err := time.Parse("2006-01", c.Month); err == nil && c.Month != month {
			month = c.Month
			fr.block(drivers.Text{Text: "\n" + fr.say("format.month."+strconv.Itoa(int(at.Month())), nil) + "\u00a0" + strconv.Itoa(at.Year()), Bold: true})
		}
		box := "[\u00a0]"
		if c.Arrived {
			box = "[x]"
		}
		line := fmt.Sprintf("%*d. %s %s", digits, i+1, c.Code, box)
		if room := largeLine - utf8.RuneCountInString(line); room > 0 {
			line = strings.Replace(line, c.Code, spaced(c.Code), 1)
		}
		fr.block(drivers.Text{Text: strings.ReplaceAll(line, " ", "\u00a0"), Size: 2, Bold: true})
		s.page.add(drivers.Rule{})
	}
	return s.page.doc
}

// largeLine is how many letters twice as large are a line of the narrowest paper.
const largeLine = 16

// slip is a paper for a visitor, in the visitor's language and in French.
type slip struct {
	page *page
	said []speaker
}

func newSlip(w *words.Catalogue, lang string, large, test bool, title, from string) slip {
	s := slip{page: &page{}}
	for i, lang := range langs(w, lang) {
		who := s.page.in(w, lang)
		who.large = large && i == 0
		s.said = append(s.said, who)
	}
	for i, who := range s.said {
		if test {
			who.test()
		}
		who.block(drivers.Text{Text: who.say(title, nil), Size: 2 - min(i, 1), Bold: true, Align: drivers.Center})
	}
	staff := s.staff()
	staff.block(drivers.Text{Text: from, Bold: true, Align: drivers.Center})
	return s
}

// staff is who writes in French, as small as paper may be.
func (s slip) staff() speaker {
	who := s.said[len(s.said)-1]
	who.large = false
	return who
}

// title is a title in each language, below one blank line.
func (s slip) title(key string) {
	for i, who := range s.said {
		who.heading(key, i == 0)
	}
}

// lines is a text in each language.
func (s slip) lines(key string) {
	for _, who := range s.said {
		who.block(drivers.Text{Text: who.say(key, nil)})
	}
}

// part is texts of the place under a title, or nothing without any.
func (s slip) part(title string, texts ...Words) {
	texts = slices.DeleteFunc(slices.Clone(texts), func(t Words) bool { return t.French == "" && t.Lang == "" })
	if len(texts) == 0 {
		return
	}
	s.title(title)
	bullet := ""
	if len(texts) > 1 {
		bullet = "- "
	}
	for _, t := range texts {
		for i, who := range s.said {
			text := t.Lang
			if i == len(s.said)-1 {
				if text = t.French; text == "" && len(s.said) == 1 {
					text = t.Lang
				}
			} else if text == t.French {
				text = ""
			}
			if text != "" {
				who.block(drivers.Text{Text: bullet + strings.TrimSpace(text)})
			}
		}
	}
}
