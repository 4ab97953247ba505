package site

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Answers are what a place says of itself when it is asked: the six questions of the
// phone's wizard and of `jeudi site new`. They are as people give them; Check says what
// is wrong with them, and Compose writes the site file of those that are right.
type Answers struct {
	Name    string `json:"name"`
	Address string `json:"address,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Zone    string `json:"zone,omitempty"` // of the tz database; "" is Europe/Paris

	Hours     []AnswerHours `json:"hours,omitempty"`
	Desks     []AnswerDesk  `json:"desks,omitempty"`
	Languages []string      `json:"languages,omitempty"` // none is French alone

	Screen  string `json:"screen,omitempty"`  // "10.1" or "7"; "" is the former
	Printer string `json:"printer,omitempty"` // as in [devices]; "" is none:
	Profile string `json:"profile,omitempty"` // as in [printer]; "" is the generic one
	Panel   string `json:"panel,omitempty"`   // a layout, or sim:; "" is none
	Speaker string `json:"speaker,omitempty"` // as in [devices]; "" is none:

	Wifi AnswerWifi `json:"wifi,omitzero"`
}

// AnswerHours is one weekly permanence, as it was typed.
type AnswerHours struct {
	Day   string `json:"day"` // in French
	From  string `json:"from"`
	Until string `json:"until"`
}

// AnswerDesk is a place where staff receive people.
type AnswerDesk struct {
	Label string   `json:"label"`
	Roles []string `json:"roles"`
}

// AnswerWifi is how the box comes to a network.
type AnswerWifi struct {
	Use        string `json:"use,omitempty"` // WifiOwn, WifiPlace or WifiCable; "" is the first
	SSID       string `json:"ssid,omitempty"`
	Passphrase string `json:"passphrase,omitempty"`
	Name       string `json:"name,omitempty"` // of the box's own Wi-Fi, "" for the usual one
}

// The answers to the last question.
const (
	WifiOwn   = "own"   // the box makes its own, without Internet
	WifiPlace = "place" // it joins the Wi-Fi of the place
	WifiCable = "cable" // it is on the cable of the place
)

// A Question is one of the six, from 1; 0 is none of them.
type Question int

// The questions, in their order.
const (
	AskPlace Question = iota + 1
	AskHours
	AskDesks
	AskLanguages
	AskDevices
	AskWifi
)

// Questions is how many there are.
const Questions = 6

// A Doubt is what is wrong with an answer.
type Doubt struct {
	Question Question
	Item     int    // of the hours or the desks, from 0; -1 for the question as a whole
	Key      string // of the site file: "place.name"
	Text     string // a French sentence that says what to do
}

// Zones are the time zones of France, by the names that people know, the mainland first.
func Zones() [][2]string {
	return [][2]string{
		{"Europe/Paris", "Métropole"}, {"America/Guadeloupe", "Guadeloupe"}, {"America/Martinique", "Martinique"},
		{"America/Cayenne", "Guyane"}, {"Indian/Reunion", "La Réunion"}, {"Indian/Mayotte", "Mayotte"},
		{"America/Miquelon", "Saint-Pierre-et-Miquelon"}, {"Pacific/Noumea", "Nouvelle-Calédonie"},
		{"Pacific/Tahiti", "Polynésie : Tahiti"}, {"Pacific/Wallis", "Wallis-et-Futuna"},
	}
}

// Check is what is wrong with the answers, in the order of the questions; nothing for
// those of which Compose makes a file that Parse takes. Whoever may not have answered all
// yet looks at the doubts of one question alone. The judge is Parse itself, so that
// a wizard never takes what a box then refuses.
func (a Answers) Check() []Doubt {
	text, marks := a.compose()
	_, err := Parse(SiteName, []byte(text))
	list, _ := err.(Errors)
	var doubts []Doubt
	for _, e := range list {
		d := Doubt{Item: -1, Key: e.Key, Text: e.form}
		said := func(beginning string) bool { return strings.HasPrefix(e.Msg, beginning) }
		switch {
		case asked()[e.Key] != "" && (said("missing;") || said("this is empty;") || said("nobody receives") || said(`"" is not a time`)):
			d.Text = asked()[e.Key]
		case labels()[e.Key] != "" && said("this "):
			d.Text = labels()[e.Key] + " : " + d.Text
		}
		d.Text = sentence(d.Text)
		for _, m := range marks {
			if m.line <= e.Line {
				d.Question, d.Item = m.question, m.item
			}
		}
		// A section that is missing as a whole is told at the top of the file.
		switch e.Key {
		case "hours":
			d.Question, d.Item = AskHours, max(d.Item, -1)
		case "desk":
			d.Question, d.Item = AskDesks, -1
		}
		doubts = append(doubts, d)
	}
	slices.SortStableFunc(doubts, func(a, b Doubt) int { return int(a.Question) - int(b.Question) })
	return doubts
}

// Unlikely is what a form asks about though a site file may have it: a telephone that
// nobody could dial.
func (a Answers) Unlikely() []Doubt {
	digits := 0
	for _, r := range a.Phone {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !unicode.IsSpace(r) && !strings.ContainsRune(".+-()", r):
			digits = -len(a.Phone) // never enough
		}
	}
	if a.Phone == "" || digits >= leastDigits {
		return nil
	}
	return []Doubt{{AskPlace, -1, "place.phone", "Écrivez le téléphone en chiffres, comme 01 99 00 00 00, ou laissez vide."}}
}

// leastDigits are those of the shortest numbers that the public dials, like 3949.
const leastDigits = 4

// sentence begins with a capital and ends with a full stop, as on a page of its own.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		text += "."
	}
	return text
}

// asked is what to do about an answer that is missing, in the words of who is asked: they
// see a form, and no line of a file.
func asked() map[string]string {
	return map[string]string{
		"place.name": "Écrivez le nom du lieu.",
		"hours":      "Ajoutez une permanence au moins.", "hours.day": "Choisissez un jour.",
		"hours.from": "Écrivez l’heure d’ouverture.", "hours.until": "Écrivez l’heure de fermeture.",
		"desk": "Ajoutez un bureau au moins.", "desk.label": "Donnez un nom à ce bureau.", "desk.roles": "Dites qui reçoit à ce bureau.",
		"wifi.ssid": "Écrivez le nom du Wi-Fi du lieu.",
	}
}

// labels are the names of the texts that people type: a sentence about one of several is
// told above all of them.
func labels() map[string]string {
	return map[string]string{
		"place.name": "Nom du lieu", "place.address": "Adresse", "place.phone": "Téléphone", "desk.label": "Nom du bureau",
		"wifi.ssid": "Nom du Wi-Fi", "wifi.passphrase": "Clé du Wi-Fi", "wifi.name": "Nom du Wi-Fi de la borne",
	}
}

// SiteName is what the file of a place is called where nobody says otherwise.
const SiteName = "jeudi.toml"

// Compose is the commented site file of these answers: the sample with the place's own
// values, so that whoever opens it later finds every setting explained. What the sample
// invents and nobody was asked for stands in it as a comment.
func (a Answers) Compose() string {
	text, _ := a.compose()
	return text
}

// Answers are those that a site was made of. It is false for one that says more than the
// questions ask: to compose it anew from its answers would lose something.
func (s *Site) Answers() (Answers, bool) {
	a := Answers{Name: s.Place.Name, Address: s.Place.Address, Phone: s.Place.Phone, Zone: s.Zone.String(), Languages: slices.Clone(s.Languages),
		Screen: s.Screen.Panel, Printer: s.Devices.Printer, Profile: s.Printer.Profile, Speaker: s.Devices.Speaker, Wifi: AnswerWifi{Use: WifiOwn, Name: s.Wifi.Name}}
	for _, h := range s.Hours {
		a.Hours = append(a.Hours, AnswerHours{frenchDays()[h.Day], h.From.String(), h.Until.String()})
	}
	for _, d := range s.Desks {
		a.Desks = append(a.Desks, AnswerDesk{d.Label, slices.Clone(d.Roles)})
	}
	switch a.Panel = s.Panel.Layout; s.Devices.Panel {
	case "none:":
		a.Panel = None
	case "sim:":
		a.Panel = "sim:"
	}
	switch {
	case s.Wifi.SSID != "":
		a.Wifi.Use, a.Wifi.SSID, a.Wifi.Passphrase = WifiPlace, s.Wifi.SSID, s.Wifi.Passphrase.Reveal()
	case s.Wifi.Hotspot == HotspotAuto:
		a.Wifi.Use = WifiCable
	}
	again, err := Parse(SiteName, []byte(a.Compose()))
	return a, err == nil && reflect.DeepEqual(again, s)
}

// mark is the first line of what a question, or one of its items, has written.
type mark struct {
	line     int
	question Question
	item     int
}

// composer writes the file and remembers where each answer is.
type composer struct {
	lines []string
	marks []mark
}

func (c *composer) mark(q Question, item int) {
	c.marks = append(c.marks, mark{len(c.lines) + 1, q, item})
}

func (c *composer) add(lines ...string) { c.lines = append(c.lines, lines...) }

// apart is an empty line before every section of a list but the first.
func (c *composer) apart(i int) {
	if i > 0 {
		c.add("")
	}
}

// set is a key with a text, left out when it is empty.
func (c *composer) set(key, text string) {
	if text != "" {
		c.add(key + " = " + Quote(text))
	}
}

// list is a key with a list of texts.
func (c *composer) list(key string, texts []string) {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = Quote(t)
	}
	c.add(key + " = [" + strings.Join(quoted, ", ") + "]")
}

// Quote is a text as TOML writes it between double quotes.
func Quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(text, "�") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func (a Answers) compose() (string, []mark) {
	c := &composer{}
	for i, chapter := range chapters(sampleTOML) {
		if i == 0 { // the file's own heading: it speaks of an invented place
			c.add(heading...)
			continue
		}
		title := strings.Trim(chapter[0], "# -")
		write := a.writers()[title]
		switch {
		case title == "Réglages généraux (avant la première section)":
			a.general(c, chapter)
		case write != nil:
			c.add(comments(chapter)...)
			write(c)
			c.add("")
			c.mark(0, -1)
		case slices.Contains(invented(), title):
			c.add(asComments(chapter)...)
		default:
			c.add(chapter...)
		}
	}
	return strings.TrimRight(strings.Join(c.lines, "\n"), "\n") + "\n", c.marks
}

// heading is the top of a file that was made from answers.
var heading = []string{
	"# Le fichier de ce lieu, fait à partir de vos réponses.",
	"#",
	"# Vous pouvez le changer avec un éditeur de texte, puis le vérifier :",
	"#",
	"#     jeudi site check " + SiteName,
	"#",
	"# Comment l’écrire :",
	"#   - une ligne qui commence par # est un commentaire ;",
	"#   - un texte est entre guillemets droits : \"Bureau 1\" ;",
	"#   - un nombre, true (oui) et false (non) sont sans guillemets ;",
	"#   - [section] n’existe qu’une fois, [[section]] se répète ;",
	"#   - enregistrez le fichier en UTF-8.",
	"",
}

// chapters cuts the sample before each line "# --- title ---"; the first piece is what
// comes before all of them.
func chapters(text string) [][]string {
	all := [][]string{nil}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "# --- ") {
			all = append(all, nil)
		}
		last := len(all) - 1
		all[last] = append(all[last], line)
	}
	return all
}

// comments is what a chapter says before its first setting.
func comments(chapter []string) []string {
	end := slices.IndexFunc(chapter, func(line string) bool { return line != "" && line[0] != '#' })
	if end < 0 {
		end = len(chapter)
	}
	return chapter[:end]
}

// asComments is a chapter whose settings are examples.
func asComments(chapter []string) []string {
	first := len(comments(chapter))
	all := slices.Clone(chapter[:first])
	if first < len(chapter) {
		all = append(all, "# Par exemple :", "#")
	}
	for _, line := range chapter[first:] {
		if line != "" && line[0] != '#' {
			line = "# " + line
		}
		all = append(all, line)
	}
	return all
}

// invented are the chapters of the sample whose values are of its invented place, and
// are asked of nobody.
func invented() []string {
	return []string{"Les quartiers", "Les textes du lieu", "Les matinées à thème", "Ailleurs"}
}

// general is the top of the file: settings among their comments.
func (a Answers) general(c *composer, chapter []string) {
	for _, line := range chapter {
		switch {
		case strings.HasPrefix(line, "time_zone ="):
			c.mark(AskPlace, -1)
			zone := a.Zone
			if zone == "" {
				zone = Zones()[0][0]
			}
			c.set("time_zone", zone)
			c.mark(0, -1)
		case strings.HasPrefix(line, "languages ="):
			c.mark(AskLanguages, -1)
			languages := a.Languages
			if len(languages) == 0 {
				languages = []string{French}
			}
			c.list("languages", languages)
			c.mark(0, -1)
		case strings.HasPrefix(line, "closed ="):
			c.add("# " + line)
		default:
			c.add(line)
		}
	}
}

// writers are the chapters that are answered, by their titles in the sample.
func (a Answers) writers() map[string]func(*composer) {
	return map[string]func(*composer){
		"Le lieu": func(c *composer) {
			c.mark(AskPlace, -1)
			c.add("[place]")
			c.set("name", a.Name)
			c.set("address", a.Address)
			c.set("phone", a.Phone)
		},
		"Les horaires": func(c *composer) {
			c.mark(AskHours, -1)
			for i, h := range a.Hours {
				c.apart(i)
				c.mark(AskHours, i)
				c.add("[[hours]]", "day = "+Quote(h.Day), "from = "+Quote(h.From), "until = "+Quote(h.Until))
			}
		},
		"Les bureaux": func(c *composer) {
			c.mark(AskDesks, -1)
			for i, d := range a.Desks {
				c.apart(i)
				c.mark(AskDesks, i)
				c.add("[[desk]]", fmt.Sprintf("key = \"%d\"", i+1), "label = "+Quote(d.Label))
				c.list("roles", d.Roles)
			}
		},
		"Les motifs": a.motifs,
		"La borne":   a.devices,
		"Le réseau": func(c *composer) {
			c.mark(AskWifi, -1)
			addresses := []string{`staff = "auto"`, `public = "auto"`}
			if a.Printer == "sim:" { // a laptop: a trial opens nothing to its network
				addresses = []string{`# staff = "auto"`, `# public = "auto"`}
			}
			c.add("[network]")
			c.add(addresses...)
			c.add(`# name = "jeudi.mairie.lan"`, "visitors = false")
		},
		"Le Wi-Fi": func(c *composer) {
			c.mark(AskWifi, -1)
			c.add("[wifi]")
			hotspot := HotspotAuto
			switch a.Wifi.Use {
			case WifiPlace:
				c.add("ssid = " + Quote(a.Wifi.SSID)) // an empty one is told
				c.set("passphrase", a.Wifi.Passphrase)
			case WifiCable:
			default:
				hotspot = HotspotAlways
			}
			c.set("hotspot", hotspot)
			c.set("name", a.Wifi.Name)
		},
	}
}

// usualMotifs are what people come for nearly everywhere: as many as the smallest screen
// shows with a ticket in three presses. Who should receive them counts only where
// somebody does.
func usualMotifs() []Motif {
	return []Motif{
		{Key: "caf", Need: "travailleur_social", Class: "normal"},
		{Key: "sante", Need: Any, Class: "normal"},
		{Key: "impots", Need: "mediateur_numerique", Class: "normal"},
		{Key: "retraite", Need: "travailleur_social", Class: "long"},
		{Key: "titres", Need: "mediateur_numerique", Class: "short"},
		{Key: "logement", Need: "travailleur_social", Class: "long"},
		{Key: "telephone", Need: "mediateur_numerique", Class: "short"},
	}
}

func (a Answers) motifs(c *composer) {
	for i, m := range usualMotifs() {
		c.apart(i)
		if !slices.ContainsFunc(a.Desks, func(d AnswerDesk) bool { return slices.Contains(d.Roles, m.Need) }) {
			m.Need = Any
		}
		c.add("[[motif]]", "key = "+Quote(m.Key), "need = "+Quote(m.Need), "class = "+Quote(m.Class))
	}
}

// devices is the chapter of the kiosk: its screen, its devices, and the comments of each.
func (a Answers) devices(c *composer) {
	chapter := chapterOf("La borne")
	or := func(text, usual string) string {
		if text == "" {
			return usual
		}
		return text
	}
	layout, panel := or(a.Panel, None), "gpio:"
	switch layout {
	case None:
		panel = "none:"
	case "sim:":
		layout, panel = Layouts()[0], "sim:"
	}
	for _, line := range chapter[len(comments(chapter)):] {
		name, _, _ := strings.Cut(line, " =")
		answered := map[string]string{"printer": or(a.Printer, "none:"), "speaker": or(a.Speaker, "none:"), "layout": layout}
		switch {
		case strings.HasPrefix(line, "panel = ") && slices.ContainsFunc(screens(), func(s Screen) bool { return strings.HasSuffix(line, Quote(s.Panel)) }):
			c.mark(AskDevices, -1)
			c.set("panel", or(a.Screen, screens()[0].Panel))
		case strings.HasPrefix(line, "panel = "):
			c.set("panel", panel)
		case line == "[printer]":
			c.add(line)
			c.set("profile", a.Profile)
		case answered[name] != "":
			c.set(name, answered[name])
		default:
			c.add(line)
		}
	}
	for len(c.lines) > 0 && c.lines[len(c.lines)-1] == "" {
		c.lines = c.lines[:len(c.lines)-1] // one empty line follows every chapter
	}
}

func chapterOf(title string) []string {
	for _, c := range chapters(sampleTOML) {
		if strings.Trim(c[0], "# -") == title {
			return c
		}
	}
	return nil
}
