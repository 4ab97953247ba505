package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"jeudi/firmware/directory/hours"
)

// cleaner turns what stands in files, or in a form, into a Place as it should be.
type cleaner struct {
	columns []column
	// closed maps the column and the squeezed value of a file, or the key, to keys.
	closed map[string]map[string]string
	report func(Problem)
}

func newCleaner(report func(Problem)) *cleaner {
	c := &cleaner{columns: columns(), closed: map[string]map[string]string{}, report: report}
	for _, col := range c.columns {
		if col.terms == nil {
			continue
		}
		m := map[string]string{}
		for _, t := range col.terms {
			m[t.Key], m[squeeze(t.Label)] = t.Key, t.Key
		}
		c.closed[col.name] = m
	}
	for name, values := range formerly() {
		for value, key := range values {
			c.closed[name][squeeze(value)] = key
		}
	}
	return c
}

// formerly is the values of schema v0.1.1 that v1 words otherwise. The services
// are an empirical map: it gives the published v1 services of 915 of 924 places.
// A value may go on after a colon: "Payant : L'accès au lieu est payant".
func formerly() map[string]map[string]string {
	return map[string]map[string]string{
		"services": {
			"Accéder à du matériel":                                         "access",
			"Accéder à une connexion internet":                              "access",
			"Accompagner les démarches de santé":                            "procedures",
			"Devenir autonome dans les démarches administratives":           "procedures",
			"Réaliser des démarches administratives avec un accompagnement": "procedures",
			"Prendre en main un smartphone ou une tablette":                 "everyday",
			"Prendre en main un ordinateur":                                 "everyday",
			"Utiliser le numérique au quotidien":                            "everyday",
			"Approfondir ma culture numérique":                              "understanding",
			"Promouvoir la citoyenneté numérique":                           "understanding",
			"Favoriser mon insertion professionnelle":                       "work",
			"Créer et développer mon entreprise":                            "work",
			"Créer avec le numérique":                                       "leisure",
			"Soutenir la parentalité et l'éducation avec le numérique":      "parents",
			"S'équiper en matériel informatique":                            "equipment",
		},
		"publics_specifiquement_adresses": {
			"Seniors (+ 65 ans)": "seniors",
			"Familles/enfants":   "families",
			"Jeunes (16-26 ans)": "young",
			"Uniquement femmes":  "women",
			"Adultes":            everybody,
			"Tous publics":       everybody,
		},
		"prise_en_charge_specifique": {
			"Public langues étrangères":            "languages",
			"Handicaps psychiques":                 "mental",
			"Personnes en situation d'illettrisme": "illiteracy",
		},
		"frais_a_charge": {
			"Adhésion":                  "paying",
			"Accepte le Pass numérique": "conditional",
		},
		"dispositif_programmes_nationaux": {
			"CNFS":                        "conseillers-numeriques",
			"Grandes écoles du numérique": "grande-ecole-du-numerique",
			"Point relais CAF":            "caf",
			"Point numérique CAF":         "caf",
			"Bibliothèques numériques de référence": "libraries",
		},
		"modalites_accompagnement": {
			"Seul":            "alone",
			"Avec de l'aide":  "individual",
			"Dans un atelier": "workshop",
			"A ma place":      "individual",
		},
	}
}

// everybody is the key of a public that is no restriction.
const everybody = "everybody"

// term finds the key of a value of a closed list.
func (c *cleaner) term(column, value string) (string, bool) {
	m := c.closed[column]
	if key, ok := m[value]; ok { // a key already
		return key, true
	}
	if key, ok := m[squeeze(value)]; ok {
		return key, true
	}
	head, _, cut := strings.Cut(value, ":")
	if !cut {
		return "", false
	}
	key, ok := m[squeeze(head)]
	return key, ok
}

// clean makes the place what it should be, and tells whether it can be used. lat
// and lon are what the file says, empty if the place has its point already.
func (c *cleaner) clean(p *Place, lat, lon string, line int, file string) bool {
	tell := func(column, value string, code Code, done Done) {
		c.report(Problem{File: file, Line: line, Column: column, Value: value, Code: code, Done: done})
	}

	for _, col := range c.columns {
		switch {
		case col.text != nil:
			limit := maxText
			if col.name == "presentation_resume" || col.name == "presentation_detail" {
				limit = maxDetail
			}
			if col.name == "horaires" {
				limit = hours.MaxLength
			}
			tidyText(col.text(p), col.name, limit, tell)
		case col.list != nil:
			tidyList(col.list(p), col.name, tell)
		}
	}
	tidyList(&p.Themes, "thematiques", tell)
	tidyText(&p.Entitles, "entitles", maxNote, tell)
	tidyText(&p.Way, "way", maxNote, tell)
	tidyText(&p.Bring, "bring", maxNote, tell)
	tidyText(&p.Note, "note", maxNote, tell)

	c.lists(p, tell)
	c.where(p, lat, lon, tell)
	c.contact(p, tell)

	if p.Hours != "" {
		if _, err := hours.Parse(p.Hours); err != nil {
			tell("horaires", p.Hours, BadHours, Kept)
		}
	}
	if utf8.RuneCountInString(p.Summary) > maxResume {
		tell("presentation_resume", p.Summary, TooLong, Mended)
		if p.Detail == "" {
			p.Detail = p.Summary
		}
		p.Summary = shorten(p.Summary, maxResume)
	}
	if p.Updated != "" {
		day, ok := aDay(p.Updated)
		if !ok {
			tell("date_maj", p.Updated, BadDate, ValueLeft)
		}
		p.Updated = day
	}
	switch {
	case strings.Trim(p.Pivot, "0") == "": // 00000000000000 is what exports write for none
		p.Pivot = ""
	case !alnum(p.Pivot, 9, 14):
		pivot := strings.ReplaceAll(p.Pivot, " ", "")
		if alnum(pivot, 9, 14) {
			tell("pivot", p.Pivot, BadPivot, Mended)
			p.Pivot = pivot
		} else {
			tell("pivot", p.Pivot, BadPivot, ValueLeft)
			p.Pivot = ""
		}
	}

	if p.Name == "" {
		tell("nom", "", NoName, PlaceLeft)
		return false
	}
	if p.Town == "" && p.Postcode == "" && p.Point == nil {
		tell("commune", p.Name, NoWhere, PlaceLeft)
		return false
	}
	// The schema requires a pivot too, which a third of the published places lack.
	for _, f := range [...]struct{ column, value string }{{"commune", p.Town}, {"code_postal", p.Postcode}, {"adresse", p.Address}, {"date_maj", p.Updated}} {
		if f.value == "" {
			tell(f.column, "", Required, Kept)
		}
	}
	if p.ID == "" {
		sum := sha256.Sum256([]byte(squeeze(p.Name) + "|" + squeeze(p.Address) + "|" + p.Postcode + "|" + squeeze(p.Town)))
		p.ID = "place-" + hex.EncodeToString(sum[:8])
		tell("id", p.Name, MadeID, Mended)
	}
	return true
}

// lists sorts values into the lists they belong to, as keys.
func (c *cleaner) lists(p *Place, tell func(column, value string, code Code, done Done)) {
	into := func(column string, values []string, others ...string) (kept []string) {
	values:
		for _, v := range values {
			for _, name := range append([]string{column}, others...) {
				if key, ok := c.term(name, v); ok {
					if name == column {
						kept = add(kept, key)
					} else {
						c.put(p, name, key)
					}
					continue values
				}
			}
			if others != nil && (column == "formations_labels" || column == "dispositif_programmes_nationaux") {
				p.OtherLabels = add(p.OtherLabels, v) // "cette liste est évolutive"
				continue
			}
			tell(column, v, UnknownValue, ValueLeft)
		}
		return kept
	}
	p.Services = into("services", p.Services)
	p.Fees = into("frais_a_charge", p.Fees)
	p.Access = into("modalites_acces", p.Access)
	p.Support = into("modalites_accompagnement", p.Support)
	p.Roaming = into("itinerance", p.Roaming)

	// v0 had publics and care in one list, programmes and labels in another.
	both := func(name string, list *[]string, otherName string, other *[]string) {
		first, second := *list, *other
		*list, *other = nil, nil
		for _, key := range into(name, first, otherName) {
			*list = add(*list, key)
		}
		for _, key := range into(otherName, second, name) {
			*other = add(*other, key)
		}
	}
	both("publics_specifiquement_adresses", &p.Publics, "prise_en_charge_specifique", &p.Care)
	if slices.Contains(p.Publics, everybody) {
		p.Publics = nil
	}
	both("dispositif_programmes_nationaux", &p.Programmes, "formations_labels", &p.Labels)

	p.Types = slices.DeleteFunc(p.Types, func(v string) bool {
		if v == "Autre" || len(v) <= 20 && strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" {
			return false
		}
		tell("typologie", v, BadType, ValueLeft)
		return true
	})
	p.Languages = slices.DeleteFunc(p.Languages, func(v string) bool {
		if len(v) >= 2 && len(v) <= 3 && strings.Trim(v, "abcdefghijklmnopqrstuvwxyz") == "" {
			return false
		}
		tell("languages", v, BadLanguage, ValueLeft)
		return true
	})
}

// put adds a key to another list than the one its value stood in.
func (c *cleaner) put(p *Place, column, key string) {
	for _, col := range c.columns {
		if col.name == column {
			*col.list(p) = add(*col.list(p), key)
		}
	}
}

// where is the postcode, the code of the town and the point.
func (c *cleaner) where(p *Place, lat, lon string, tell func(column, value string, code Code, done Done)) {
	if p.Postcode != "" && !digits(p.Postcode, 5) {
		code := strings.ReplaceAll(p.Postcode, " ", "")
		if digits(code, 4) {
			code = "0" + code // a spreadsheet took it for a number
		}
		if digits(code, 5) {
			tell("code_postal", p.Postcode, BadPostcode, Mended)
			p.Postcode = code
		} else {
			tell("code_postal", p.Postcode, BadPostcode, ValueLeft)
			p.Postcode = ""
		}
	}
	if p.Insee != "" && !insee(p.Insee) {
		if code := "0" + p.Insee; insee(code) {
			tell("code_insee", p.Insee, BadInsee, Mended)
			p.Insee = code
		} else {
			tell("code_insee", p.Insee, BadInsee, ValueLeft)
			p.Insee = ""
		}
	}

	if p.Point == nil {
		a, errA := degrees(lat)
		b, errB := degrees(lon)
		switch {
		case errA != nil || errB != nil || (lat == "") != (lon == ""):
			tell("latitude", lat+" "+lon, BadPoint, ValueLeft)
		case a != 0 || b != 0: // 0,0 is how exports write that there is none
			p.Point = &Point{a, b}
		}
	}
	if p.Point == nil {
		return
	}
	value := strconv.FormatFloat(p.Point.Lat, 'f', -1, 64) + " " + strconv.FormatFloat(p.Point.Lon, 'f', -1, 64)
	switch {
	case *p.Point == Point{}:
		p.Point = nil
	case !p.Point.valid() || p.Point.Lat == 0:
		tell("latitude", value, BadPoint, ValueLeft)
		p.Point = nil
	case p.Point.Lon > 41 && p.Point.Lon < 51.5 && p.Point.Lat > -5.5 && p.Point.Lat < 10:
		// Off Somalia, where France has no town; the other way round it is in France.
		tell("latitude", value, Swapped, Mended)
		p.Point = &Point{p.Point.Lon, p.Point.Lat}
	}
}

// degrees reads a number; empty is 0. Some files have a decimal comma.
func degrees(s string) (float64, error) {
	if s = strings.TrimSpace(s); s == "" {
		return 0, nil
	}
	return strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
}

// contact is the phone, the addresses and the links.
func (c *cleaner) contact(p *Place, tell func(column, value string, code Code, done Done)) {
	if p.Phone != "" {
		number, ok := phone(p.Phone)
		switch {
		case !ok && strings.ContainsAny(p.Phone, "0123456789"):
			tell("telephone", p.Phone, BadPhone, Kept) // 3646 is a number that people can call
		case !ok:
			tell("telephone", p.Phone, BadPhone, ValueLeft)
			p.Phone = ""
		case number != p.Phone:
			tell("telephone", p.Phone, BadPhone, Mended)
			p.Phone = number
		}
	}
	p.Emails = slices.DeleteFunc(p.Emails, func(v string) bool {
		name, host, ok := strings.Cut(v, "@")
		if ok && name != "" && strings.Contains(host, ".") && !strings.ContainsAny(v, " <>\"'") && !strings.Contains(host, "@") {
			return false
		}
		tell("courriels", v, BadEmail, ValueLeft)
		return true
	})
	var sites []string
	for _, v := range p.Sites {
		if site := c.link(v, "site_web", tell); site != "" {
			sites = add(sites, site)
		}
	}
	p.Sites = sites
	p.Accessibility = c.link(p.Accessibility, "fiche_acces_libre", tell)
	p.Booking = c.link(p.Booking, "prise_rdv", tell)
}

// link lets through what a browser can be sent to, and nothing that it would run.
func (c *cleaner) link(v, column string, tell func(column, value string, code Code, done Done)) string {
	if v == "" {
		return ""
	}
	ok := func(v string) bool {
		u, err := url.Parse(v)
		return err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.Contains(u.Hostname(), ".") && !strings.ContainsAny(v, " \"<>|")
	}
	if ok(v) {
		return v
	}
	if mended := "https://" + strings.TrimLeft(v, "/"); !strings.Contains(v, ":") && ok(mended) {
		tell(column, v, BadLink, Mended)
		return mended
	}
	tell(column, v, BadLink, ValueLeft)
	return ""
}

// phone makes of a number that of the schema: "+33472000000". Of several it takes
// the first.
func phone(s string) (string, bool) {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune("/|;,", r) }) {
		part = strings.ReplaceAll(part, "(0)", "")
		var b strings.Builder
		for _, r := range part {
			if r >= '0' && r <= '9' || r == '+' {
				b.WriteRune(r)
			} else if !strings.ContainsRune(" .-_()\u00a0\u202f\u2010\u2011\u2013", r) {
				b.Reset()
				break
			}
		}
		n := b.String()
		if strings.HasPrefix(n, "00") {
			n = "+" + n[2:]
		}
		if strings.HasPrefix(n, "0") && digits(n, 10) {
			n = "+33" + n[1:]
		}
		if standardPhone(n) {
			return n, true
		}
	}
	return "", false
}

// standardPhone is the pattern of the schema.
func standardPhone(s string) bool {
	for _, country := range [...]string{"+33", "+590", "+594", "+262", "+596", "+269", "+687", "+689", "+508", "+681"} {
		if rest, ok := strings.CutPrefix(s, country); ok && len(rest) >= 6 && len(rest) <= 9 && digits(rest, len(rest)) {
			return true
		}
	}
	return false
}

// aDay reads a day: of ISO 8601, with or without a time, or as the French write it.
func aDay(s string) (string, bool) {
	for _, layout := range [...]string{time.DateOnly, time.RFC3339, time.DateTime, "2006-01-02T15:04:05.999999999", "02/01/2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// tidyText takes out what can be neither shown nor written, and what is too long.
func tidyText(s *string, column string, limit int, tell func(column, value string, code Code, done Done)) {
	v := strings.Join(strings.Fields(*s), " ") // line ends too: the schema has none
	if bad := strings.IndexFunc(v, hidden); bad >= 0 || !utf8.ValidString(v) {
		tell(column, *s, Control, Mended)
		v = strings.TrimSpace(strings.Map(func(r rune) rune {
			if hidden(r) {
				return -1
			}
			return r
		}, strings.ToValidUTF8(v, "\ufffd")))
	}
	if utf8.RuneCountInString(v) > limit {
		tell(column, v, TooLong, Mended)
		v = shorten(v, limit)
	}
	*s = v
}

// hidden is a character that no text needs, and that can make one look like
// another: control characters and those that turn the direction of writing.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r == '\u200b' || r == '\ufeff' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

func tidyList(list *[]string, column string, tell func(column, value string, code Code, done Done)) {
	var out []string
	for _, v := range *list {
		if tidyText(&v, column, maxText, tell); v == "" {
			continue
		}
		if len(out) == MaxValues {
			tell(column, v, TooLong, ValueLeft)
			break
		}
		out = add(out, v)
	}
	*list = out
}

// add adds a value to a list that lacks it.
func add(list []string, v string) []string {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

func alnum(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	})
}

// insee is the pattern of the schema: "69275", "2A004".
func insee(s string) bool {
	if strings.HasPrefix(s, "2A") || strings.HasPrefix(s, "2B") {
		return digits(s[2:], 3)
	}
	return digits(s, 5) && s[:2] != "20"
}
