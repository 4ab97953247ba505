// Package directory is the directory of the places somebody can be sent to: the
// national one, imported from a file, and what the staff of the permanence add
// to it and correct in it.
//
// Places come in the national standard of "lieux de médiation numérique"
// (LaMednum, schema v1.0.2, Licence Ouverte 2.0), in its older forms, and in the
// schema v1 of data·inclusion. What it promises: bad lines never lose good ones;
// a file without a usable place changes nothing; what staff wrote survives every
// import; a reader always has a whole directory, which never changes under it;
// and it can be written back in the form of the standard.
//
// It knows places only. It holds nothing about a person, asks no network, and
// reads no clock: the time is an argument.
package directory

import (
	"math"
	"strings"
)

// Place is a place somebody can be sent to. Its first 32 columns are those of the
// schema, under their names; lists hold keys, see Services and the others after
// it. An empty field is one that nobody filled. The slices of a Place that came
// out of a Directory must not be changed.
type Place struct {
	ID            string   `json:"id"`
	Pivot         string   `json:"pivot,omitempty"` // SIRET, RNA or RIDET
	Name          string   `json:"nom"`
	Town          string   `json:"commune,omitempty"`
	Postcode      string   `json:"code_postal,omitempty"`
	Insee         string   `json:"code_insee,omitempty"`
	Address       string   `json:"adresse,omitempty"`
	Extra         string   `json:"complement_adresse,omitempty"`
	Point         *Point   `json:"point,omitempty"` // latitude and longitude; nil if nobody knows
	Types         []string `json:"typologie,omitempty"`
	Phone         string   `json:"telephone,omitempty"` // "+33472000000", or as given if it is no such number
	Emails        []string `json:"courriels,omitempty"`
	Sites         []string `json:"site_web,omitempty"`
	Hours         string   `json:"horaires,omitempty"` // in the syntax of OpenStreetMap, if they can be read
	Summary       string   `json:"presentation_resume,omitempty"`
	Detail        string   `json:"presentation_detail,omitempty"`
	Source        string   `json:"source,omitempty"`
	Roaming       []string `json:"itinerance,omitempty"`
	Parent        string   `json:"structure_parente,omitempty"`
	Updated       string   `json:"date_maj,omitempty"` // 2026-11-25
	Services      []string `json:"services,omitempty"`
	Publics       []string `json:"publics_specifiquement_adresses,omitempty"` // none: everybody
	Care          []string `json:"prise_en_charge_specifique,omitempty"`
	Fees          []string `json:"frais_a_charge,omitempty"`
	Programmes    []string `json:"dispositif_programmes_nationaux,omitempty"`
	Labels        []string `json:"formations_labels,omitempty"`
	OtherLabels   []string `json:"autres_formations_labels,omitempty"`
	Access        []string `json:"modalites_acces,omitempty"`
	Support       []string `json:"modalites_accompagnement,omitempty"`
	Accessibility string   `json:"fiche_acces_libre,omitempty"`
	Booking       string   `json:"prise_rdv,omitempty"`

	// Themes are codes of data·inclusion ("equipement-et-alimentation--alimentation"),
	// which has places for more than the digital. They can be searched.
	Themes []string `json:"thematiques,omitempty"`

	// What only people of the area know ("qui fait quoi"). Staff write it.
	Entitles  string   `json:"entitles,omitempty"`  // what a referred person gets: "gratuit pour une personne orientée"
	Way       string   `json:"way,omitempty"`       // how to get there, in words
	Bring     string   `json:"bring,omitempty"`     // what to bring
	Languages []string `json:"languages,omitempty"` // codes: "fr", "ar"
	Note      string   `json:"note,omitempty"`      // for colleagues, never printed for a visitor

	// Set by the Store.
	Staff Staff `json:"-"`
	Gone  bool  `json:"-"` // staff corrected it, and the last import lacks it
}

// Staff is what staff did to a place. The zero Staff is nothing.
type Staff uint8

// What staff can have done to a place that is in the directory.
const (
	Imported Staff = iota
	Corrected
	Added
)

// Point is a place on Earth, in degrees of WGS 84.
type Point struct {
	Lat float64 `json:"lat"` // -90 to 90, north is positive
	Lon float64 `json:"lon"` // -180 to 180, east is positive
}

// earth is the radius of a sphere of the Earth's volume, in metres.
const earth = 6371000.8

// offset returns how far b is east and north of a, in metres, on a flat map that
// is true at the latitude between them: within 1 % up to 200 km in France.
func (a Point) offset(b Point) (east, north float64) {
	const rad = math.Pi / 180
	lon := b.Lon - a.Lon
	if lon > 180 {
		lon -= 360
	} else if lon < -180 {
		lon += 360
	}
	return lon * rad * math.Cos((a.Lat+b.Lat)/2*rad) * earth, (b.Lat - a.Lat) * rad * earth
}

// Distance returns how far b is from a as the crow flies, in metres.
func (a Point) Distance(b Point) float64 {
	return math.Hypot(a.offset(b))
}

// valid tells whether the point can be that of a place. 0,0 is how files say that
// they know none.
func (p Point) valid() bool {
	return p != Point{} && math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180 // false for NaN
}

// Term is a value of a closed list of the schema.
type Term struct {
	Key   string // ours: stable, in lists of a Place
	Label string // the schema's, in files
}

// The closed lists, in the order of the schema.

// Services are what a place does: the column services.
func Services() []Term {
	return []Term{
		{"procedures", "Aide aux démarches administratives"},
		{"everyday", "Maîtrise des outils numériques du quotidien"},
		{"work", "Insertion professionnelle via le numérique"},
		{"safety", "Utilisation sécurisée du numérique"},
		{"parents", "Parentalité et éducation avec le numérique"},
		{"leisure", "Loisirs et créations numériques"},
		{"understanding", "Compréhension du monde numérique"},
		{"access", "Accès internet et matériel informatique"},
		{"equipment", "Acquisition de matériel informatique à prix solidaire"},
	}
}

// Publics are whom a place is for, if not for everybody: the column
// publics_specifiquement_adresses.
func Publics() []Term {
	return []Term{{"young", "Jeunes"}, {"students", "Étudiants"}, {"families", "Familles et/ou enfants"}, {"seniors", "Seniors"}, {"women", "Femmes"}}
}

// Care is whom a place can look after besides: the column prise_en_charge_specifique.
func Care() []Term {
	return []Term{
		{"deaf", "Surdité"},
		{"motor", "Handicaps moteurs"},
		{"mental", "Handicaps mentaux"},
		{"illiteracy", "Illettrisme"},
		{"english", "Langues étrangères (anglais)"},
		{"languages", "Langues étrangères (autres)"},
		{"blind", "Déficience visuelle"},
	}
}

// Fees are what it costs: the column frais_a_charge.
func Fees() []Term {
	return []Term{{"free", "Gratuit"}, {"conditional", "Gratuit sous condition"}, {"paying", "Payant"}}
}

// Programmes are the national ones a place is part of: the column
// dispositif_programmes_nationaux.
func Programmes() []Term {
	return []Term{
		{"aidants-connect", "Aidants Connect"},
		{"libraries", "Bibliothèques numérique de référence"},
		{"pix", "Certification PIX"},
		{"conseillers-numeriques", "Conseillers numériques"},
		{"emmaus-connect", "Emmaüs Connect"},
		{"france-services", "France Services"},
		{"grande-ecole-du-numerique", "Grande école du numérique"},
		{"croix-rouge", "La Croix Rouge"},
		{"caf", "Point d'accès numérique CAF"},
		{"promeneurs-du-net", "Promeneurs du net"},
		{"relais-numerique", "Relais numérique (Emmaüs Connect)"},
	}
}

// Labels are the trainings and labels of a place: the column formations_labels.
func Labels() []Term {
	return []Term{
		{"mon-espace-sante", "Formé à « Mon Espace Santé »"},
		{"duplex", "Formé à « DUPLEX » (illettrisme)"},
		{"arnia", "Arnia/MedNum BFC (Bourgogne-Franche-Comté)"},
		{"reemploi-normandie", "Collectif ressources et acteurs réemploi (Normandie)"},
		// The pattern of the schema has no space in it, its description has.
		{"etapes-numeriques", "Étapes numériques(La Poste)"},
		{"fabriques-de-territoire", "Fabriques de Territoire"},
		{"eclaireurs", "Les Éclaireurs du numérique (Drôme)"},
		{"mes-papiers", "Mes Papiers (Métropole de Lyon)"},
		{"ordi-3-0", "ORDI 3.0"},
		{"sud-labs", "SUD LABS (PACA)"},
	}
}

// Roaming tells whether a place moves: the column itinerance.
func Roaming() []Term { return []Term{{"roaming", "Itinérant"}, {"fixed", "Fixe"}} }

// Access is how to get in: the column modalites_acces.
func Access() []Term {
	return []Term{
		{"walk-in", "Se présenter"},
		{"phone", "Téléphoner"},
		{"mail", "Contacter par mail"},
		{"online", "Prendre un RDV en ligne"},
		{"no-public", "Ce lieu n'accueille pas de public"},
		{"prescription", "Envoyer un mail avec une fiche de prescription"},
	}
}

// Support is how people are helped: the column modalites_accompagnement.
func Support() []Term {
	return []Term{{"alone", "En autonomie"}, {"individual", "Accompagnement individuel"}, {"workshop", "Dans un atelier collectif"}, {"remote", "À distance"}}
}

// column is a column of the schema, and where its value is in a Place. latitude
// and longitude have none: they are one Point.
type column struct {
	name  string
	text  func(*Place) *string
	list  func(*Place) *[]string
	terms []Term // of a closed list
	// quotes are dropped by the schema's own writer in some columns, and become ＂
	// in the others.
	dropQuotes bool
}

// columns returns the 32 columns in the order of the schema.
func columns() []column {
	return []column{
		{name: "id", text: func(p *Place) *string { return &p.ID }, dropQuotes: true},
		{name: "pivot", text: func(p *Place) *string { return &p.Pivot }, dropQuotes: true},
		{name: "nom", text: func(p *Place) *string { return &p.Name }, dropQuotes: true},
		{name: "commune", text: func(p *Place) *string { return &p.Town }, dropQuotes: true},
		{name: "code_postal", text: func(p *Place) *string { return &p.Postcode }, dropQuotes: true},
		{name: "code_insee", text: func(p *Place) *string { return &p.Insee }, dropQuotes: true},
		{name: "adresse", text: func(p *Place) *string { return &p.Address }, dropQuotes: true},
		{name: "complement_adresse", text: func(p *Place) *string { return &p.Extra }, dropQuotes: true},
		{name: "latitude"},
		{name: "longitude"},
		{name: "typologie", list: func(p *Place) *[]string { return &p.Types }},
		{name: "telephone", text: func(p *Place) *string { return &p.Phone }, dropQuotes: true},
		{name: "courriels", list: func(p *Place) *[]string { return &p.Emails }},
		{name: "site_web", list: func(p *Place) *[]string { return &p.Sites }},
		{name: "horaires", text: func(p *Place) *string { return &p.Hours }, dropQuotes: true},
		{name: "presentation_resume", text: func(p *Place) *string { return &p.Summary }},
		{name: "presentation_detail", text: func(p *Place) *string { return &p.Detail }},
		{name: "source", text: func(p *Place) *string { return &p.Source }},
		{name: "itinerance", list: func(p *Place) *[]string { return &p.Roaming }, terms: Roaming()},
		{name: "structure_parente", text: func(p *Place) *string { return &p.Parent }},
		{name: "date_maj", text: func(p *Place) *string { return &p.Updated }},
		{name: "services", list: func(p *Place) *[]string { return &p.Services }, terms: Services()},
		{name: "publics_specifiquement_adresses", list: func(p *Place) *[]string { return &p.Publics }, terms: Publics()},
		{name: "prise_en_charge_specifique", list: func(p *Place) *[]string { return &p.Care }, terms: Care()},
		{name: "frais_a_charge", list: func(p *Place) *[]string { return &p.Fees }, terms: Fees()},
		{name: "dispositif_programmes_nationaux", list: func(p *Place) *[]string { return &p.Programmes }, terms: Programmes()},
		{name: "formations_labels", list: func(p *Place) *[]string { return &p.Labels }, terms: Labels()},
		{name: "autres_formations_labels", list: func(p *Place) *[]string { return &p.OtherLabels }},
		{name: "modalites_acces", list: func(p *Place) *[]string { return &p.Access }, terms: Access()},
		{name: "modalites_accompagnement", list: func(p *Place) *[]string { return &p.Support }, terms: Support()},
		{name: "fiche_acces_libre", text: func(p *Place) *string { return &p.Accessibility }},
		{name: "prise_rdv", text: func(p *Place) *string { return &p.Booking }},
	}
}

// fold makes of a text what words are compared by: small letters without accents;
// "œ" is "oe". What is neither a letter nor a digit is a space.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteByte(byte(r))
		case 'A' <= r && r <= 'Z':
			b.WriteByte(byte(r) + 'a' - 'A')
		case r < 0x80:
			b.WriteByte(' ')
		default:
			b.WriteString(plain(r))
		}
	}
	return b.String()
}

// plain is fold for a letter that is not ASCII.
func plain(r rune) string {
	switch r {
	case 'à', 'á', 'â', 'ã', 'ä', 'å', 'À', 'Á', 'Â', 'Ã', 'Ä', 'Å', 'ă', 'Ă', 'ą', 'Ą', 'ā', 'Ā':
		return "a"
	case 'ç', 'Ç', 'ć', 'Ć', 'č', 'Č':
		return "c"
	case 'è', 'é', 'ê', 'ë', 'È', 'É', 'Ê', 'Ë', 'ę', 'Ę', 'ě', 'Ě', 'ē', 'Ē':
		return "e"
	case 'ğ', 'Ğ':
		return "g"
	case 'ì', 'í', 'î', 'ï', 'Ì', 'Í', 'Î', 'Ï', 'ı', 'İ', 'ī', 'Ī':
		return "i"
	case 'ł', 'Ł':
		return "l"
	case 'ñ', 'Ñ', 'ń', 'Ń':
		return "n"
	case 'ò', 'ó', 'ô', 'õ', 'ö', 'ø', 'Ò', 'Ó', 'Ô', 'Õ', 'Ö', 'Ø', 'ő', 'Ő':
		return "o"
	case 'ş', 'Ş', 'ș', 'Ș', 'š', 'Š', 'ś', 'Ś':
		return "s"
	case 'ţ', 'Ţ', 'ț', 'Ț':
		return "t"
	case 'ù', 'ú', 'û', 'ü', 'Ù', 'Ú', 'Û', 'Ü', 'ű', 'Ű', 'ū', 'Ū':
		return "u"
	case 'ÿ', 'ý', 'Ÿ', 'Ý':
		return "y"
	case 'ž', 'Ž', 'ź', 'Ź', 'ż', 'Ż':
		return "z"
	case 'œ', 'Œ':
		return "oe"
	case 'æ', 'Æ':
		return "ae"
	case 'ß':
		return "ss"
	}
	switch {
	case 0x300 <= r && r <= 0x36f: // an accent on its own
		return ""
	case r < 0xc0 || 0x2000 <= r && r <= 0x206f: // « » … ’ – and their like
		return " "
	}
	return strings.ToLower(string(r))
}

// squeeze is fold without its spaces: "Étapes numériques (La Poste)" and "étapes
// numériques(La Poste)" are one value.
func squeeze(s string) string { return strings.ReplaceAll(fold(s), " ", "") }
