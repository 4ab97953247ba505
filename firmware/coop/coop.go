// Package coop says what a visit or a workshop was in the words of La Coop de la
// médiation numérique, where mediators declare their work: its closed lists, a link
// that opens its own form already filled, and a file with the columns of its own
// export. La Coop takes nothing in by another way.
//
// It promises that only what staff ticked leaves: what they did not say is « Non
// communiqué », a Record has no field for words about a person (its two texts name a
// place of the directory and a workshop), a link holds nothing but choices from closed
// lists, and a file does not tell in which order people came.
//
// Codes and labels are those of La Coop on 2026-06-30 (its Prisma schema and form
// fields, commit 46aa33bdf21c42c2d5bbb2913f5c453cca5a9542). They are its own, so
// the labels stand here and not in the catalogue of words.
package coop

import (
	"slices"

	"jeudi/firmware/sheet"
)

// Value is one choice of a closed list: the code that La Coop stores and the label
// that people read.
type Value[C ~string] struct {
	Code  C
	Label string
}

// LabelOf is the label of a code, "" when the list lacks it.
func LabelOf[C ~string](list []Value[C], code C) string {
	if i := index(list, code); i >= 0 {
		return list[i].Label
	}
	return ""
}

func index[C ~string](list []Value[C], code C) int {
	return slices.IndexFunc(list, func(v Value[C]) bool { return v.Code == code })
}

// in reports whether a code is in the list, or was left unsaid.
func in[C ~string](list []Value[C], code C) bool { return code == "" || index(list, code) >= 0 }

// inOrder is a choice in the order of its list, each once.
func inOrder[C ~string](list []Value[C], chosen []C) []C {
	var ordered []C
	for _, v := range list {
		if slices.Contains(chosen, v.Code) {
			ordered = append(ordered, v.Code)
		}
	}
	return ordered
}

// Kind is what a Record tells of. The zero Kind is none.
type Kind string

// The kinds.
const (
	Individual Kind = "Individuel"
	Workshop   Kind = "Collectif"
)

// Kinds are the kinds of work.
func Kinds() []Value[Kind] {
	return []Value[Kind]{{Individual, "Accompagnement individuel"}, {Workshop, "Atelier collectif"}}
}

// Venue is where it happened. The zero Venue is AtThePlace.
type Venue string

// The venues.
const (
	AtThePlace Venue = "LieuActivite"
	AtHome     Venue = "Domicile"
)

// Venues are the places where one can work.
func Venues() []Value[Venue] {
	return []Value[Venue]{{AtThePlace, "Lieu d’activité"}, {"Autre", "Autre lieu"}, {AtHome, "À domicile"}, {"ADistance", "À distance"}}
}

// Material is what was used meanwhile, not what people have at home.
type Material string

// NoMaterial excludes every other.
const NoMaterial Material = "Aucun"

// Materials are the kinds of material.
func Materials() []Value[Material] {
	return []Value[Material]{{"Ordinateur", "Ordinateur"}, {"Telephone", "Téléphone"}, {"Tablette", "Tablette"}, {"Autre", "Autre"}, {NoMaterial, "Pas de matériel"}}
}

// Autonomy is how the mediator saw the person at work. A self-assessment may at
// most propose it.
type Autonomy string

// Autonomies are the degrees, from 1/3 to 3/3.
func Autonomies() []Value[Autonomy] {
	return []Value[Autonomy]{{"EntierementAccompagne", "Avec guidage"}, {"PartiellementAutonome", "Autonome avec guidage en cas de besoin"}, {"Autonome", "Autonome"}}
}

// Level is that of a workshop.
type Level string

// Levels are the levels, from 1/3 to 3/3.
func Levels() []Value[Level] {
	return []Value[Level]{{"Debutant", "Débutant"}, {"Intermediaire", "Intermédiaire"}, {"Avance", "Avancé"}}
}

// Structure is what kind of place somebody was oriented to.
type Structure string

// Structures are the kinds of places.
func Structures() []Value[Structure] {
	return []Value[Structure]{
		{"Administration", "Administration (mairie, préfecture…)"},
		{"MediationNumerique", "Autre structure de médiation numérique"},
		{"OperateurOuOrganismeEnCharge", "Opérateur ou organisme en charge de la démarche administrative"},
		{"AideSociale", "Structure d’aide sociale (maison des solidarités, centre social…)"},
		{"InsertionProfessionnelle", "Structure d’insertion professionnelle (France Travail, mission locale, chambre de commerce…)"},
		{"AideAuxDemarchesAdministratives", "Structure d’aide aux démarches administratives (France Services…)"},
		{"Autre", "Autre"},
	}
}

// Gender, Age and Status are what staff tick of a person while they write the
// record, or leave: the zero value is « Non communiqué ». They never come from the
// anonymous sheet.
type (
	Gender string
	Age    string
	Status string
)

// unsaid is La Coop's code for what nobody told, the same in the three lists.
const unsaid = "NonCommunique"

// Genders are the genders.
func Genders() []Value[Gender] {
	return []Value[Gender]{{"Masculin", "Masculin"}, {"Feminin", "Féminin"}, {unsaid, "Non communiqué"}}
}

// Ages are the age bands, youngest first.
func Ages() []Value[Age] {
	return []Value[Age]{
		{"MoinsDeDouze", "Moins de 12 ans"}, {"DouzeDixHuit", "12 - 17 ans"}, {"DixHuitVingtQuatre", "18 - 24 ans"},
		{"VingtCinqTrenteNeuf", "25 - 39 ans"}, {"QuaranteCinquanteNeuf", "40 - 59 ans"}, {"SoixanteSoixanteNeuf", "60 - 69 ans"},
		{"SoixanteDixPlus", "70 ans et plus"}, {unsaid, "Non communiqué"},
	}
}

// Statuses are the social statuses.
func Statuses() []Value[Status] {
	return []Value[Status]{
		{"Retraite", "Retraité"}, {"SansEmploi", "Sans emploi"}, {"EnEmploi", "En emploi"}, {"Scolarise", "Scolarisé"},
		{unsaid, "Non communiqué ou hétérogène"},
	}
}

// Theme is a thématique: what the work was about.
type Theme string

// Paperwork is the theme without which La Coop drops every theme of Procedures. A
// record that has one of those has it too, ticked or not.
const Paperwork Theme = "AideAuxDemarchesAdministratives"

// Themes are the thématiques of digital mediation, Paperwork the last.
func Themes() []Value[Theme] {
	return []Value[Theme]{
		{"DiagnosticNumerique", "Diagnostic numérique"},
		{"PrendreEnMainDuMateriel", "Prendre en main du matériel"},
		{"MaintenanceDeMateriel", "Maintenance de matériel"},
		{"GereSesContenusNumeriques", "Gérer ses contenus numériques"},
		{"NavigationSurInternet", "Navigation sur internet"},
		{"Email", "E-mail"},
		{"Bureautique", "Bureautique"},
		{"ReseauxSociaux", "Réseaux sociaux communication"},
		{"Sante", "Santé"},
		{"BanqueEtAchatsEnLigne", "Banque et achats en ligne"},
		{"Entrepreneuriat", "Accompagner un professionnel"},
		{"InsertionProfessionnelle", "Insertion professionnelle"},
		{"SecuriteNumerique", "Prévention en sécurité numérique"},
		{"Parentalite", "Parentalité"},
		{"ScolariteEtNumerique", "Scolarité et numérique"},
		{"CreerAvecLeNumerique", "Créer avec le numérique"},
		{"CultureNumerique", "Culture numérique"},
		{"IntelligenceArtificielle", "Intelligence artificielle (IA)"},
		{Paperwork, "Aide aux démarches administratives"},
	}
}

// Procedures are the thématiques of administrative procedures. Retirement is filed
// under TravailFormation, a complaint to the police under Justice.
func Procedures() []Value[Theme] {
	return []Value[Theme]{
		{"PapiersElectionsCitoyennete", "Papiers - Élections - Citoyenneté"},
		{"FamilleScolarite", "Famille - Scolarité"},
		{"SocialSante", "Social - Santé"},
		{"TravailFormation", "Travail - Formation - Entreprise"},
		{"Logement", "Logement"},
		{"TransportsMobilite", "Transports - Mobilité"},
		{"ArgentImpots", "Argent - Impôts"},
		{"Justice", "Justice"},
		{"EtrangersEurope", "Étrangers - Europe"},
		{"LoisirsSportsCulture", "Loisirs - Sports - Culture"},
		{"Associations", "Associations"},
	}
}

// everyTheme is both lists, in the order in which records and files have them.
func everyTheme() []Value[Theme] { return append(Themes(), Procedures()...) }

// TidyThemes is a choice of themes in the order of the lists, each once, with
// Paperwork where a procedure needs it. Codes that no list has are dropped.
func TidyThemes(chosen []Theme) []Theme {
	if slices.ContainsFunc(Procedures(), func(v Value[Theme]) bool { return slices.Contains(chosen, v.Code) }) {
		chosen = append(slices.Clone(chosen), Paperwork)
	}
	return inOrder(everyTheme(), chosen)
}

// KnownTheme reports whether La Coop has a theme.
func KnownTheme(t Theme) bool { return t != "" && in(everyTheme(), t) }

// Manner is who held the mouse. La Coop has no field for it: in a file it is a tag.
type Manner string

// Manners are the two ways to help.
func Manners() []Value[Manner] {
	return []Value[Manner]{{"avec", "Fait avec"}, {"a_la_place", "Fait à la place"}}
}

// Frein is what staff saw to be hard for a person: the keys of the self-assessment, in
// words of whoever looks on. La Coop has no field for it.
type Frein string

// NoFrein excludes every other.
const NoFrein Frein = sheet.Rien

// Freins are what may be hard.
func Freins() []Value[Frein] {
	return []Value[Frein]{
		{sheet.Peur, "Peur de se tromper"}, {sheet.Mots, "Mots compliqués"}, {sheet.Materiel, "Pas de matériel ou d’Internet"},
		{sheet.Francais, "Le français"}, {sheet.Lire, "La lecture"}, {sheet.Rassure, "Besoin d’être rassuré"}, {NoFrein, "Rien de tout cela"},
	}
}

// Answer is a yes, a no, or, the zero value, nothing said.
type Answer string

// The answers, as La Coop writes them.
const (
	Yes Answer = "yes"
	No  Answer = "no"
)

func answers() []Value[Answer] { return []Value[Answer]{{Yes, "Oui"}, {No, "Non"}} }

// Organism is who a procedure is with, and by whom it may be blocked.
type Organism string

// Organisms are those that a site has unless it lists its own.
func Organisms() []Value[Organism] {
	return []Value[Organism]{
		{"caf", "CAF"}, {"cpam", "Assurance maladie (CPAM)"}, {"france_travail", "France Travail"},
		{"impots", "Impôts (DGFiP)"}, {"france_titres", "France Titres (ANTS)"}, {"prefecture", "Préfecture (ANEF)"},
		{"retraite", "Assurance retraite (CARSAT)"}, {"retraite_complementaire", "Retraite complémentaire (Agirc-Arrco)"},
		{"msa", "MSA"}, {"mdph", "MDPH"}, {"departement", "Département, Métropole"}, {"mairie", "Mairie, CCAS"},
		{"logement", "Bailleur, logement social"}, {"ecole", "École, université, Crous"}, {"justice", "Justice"},
		{"police", "Police, gendarmerie"}, {"energie", "Fournisseur d’énergie ou d’eau"},
		{"telecom", "Opérateur de téléphone ou d’Internet"}, {"banque", "Banque"}, {"la_poste", "La Poste"}, {"autre", "Autre"},
	}
}

// Suggestion is what a motif lets expect, so that staff have little to tick. It is
// shown, and staff confirm it: what was really done may be something else.
type Suggestion struct {
	Themes    []Theme
	Materials []Material
	With      Organism  // "" where no procedure is one organism's
	Oriented  Structure // where one is usually sent to for it
}

// Suggest is the suggestion for a motif of a site's file, empty for one that the
// site named itself.
func Suggest(motif string) Suggestion {
	const office, training = Structure("OperateurOuOrganismeEnCharge"), Structure("MediationNumerique")
	s := map[string]Suggestion{
		"caf":       {Themes: []Theme{"SocialSante"}, With: "caf", Oriented: office},
		"titres":    {Themes: []Theme{"PapiersElectionsCitoyennete"}, With: "france_titres", Oriented: "Administration"},
		"sante":     {Themes: []Theme{"SocialSante"}, With: "cpam", Oriented: office},
		"impots":    {Themes: []Theme{"ArgentImpots"}, With: "impots", Oriented: office},
		"retraite":  {Themes: []Theme{"TravailFormation"}, With: "retraite", Oriented: office},
		"emploi":    {Themes: []Theme{"InsertionProfessionnelle", "TravailFormation"}, With: "france_travail", Oriented: "InsertionProfessionnelle"},
		"logement":  {Themes: []Theme{"Logement"}, With: "logement", Oriented: office},
		"sejour":    {Themes: []Theme{"EtrangersEurope"}, With: "prefecture", Oriented: "Administration"},
		"ecole":     {Themes: []Theme{"FamilleScolarite"}, With: "ecole", Oriented: office},
		"msa":       {Themes: []Theme{"SocialSante"}, With: "msa", Oriented: office},
		"justice":   {Themes: []Theme{"Justice"}, With: "justice", Oriented: office},
		"mail":      {Themes: []Theme{"Email", "SecuriteNumerique"}, Oriented: training},
		"telephone": {Themes: []Theme{"PrendreEnMainDuMateriel"}, Materials: []Material{"Telephone"}, Oriented: training},
		"ordinateur": {Themes: []Theme{"PrendreEnMainDuMateriel", "NavigationSurInternet"}, Materials: []Material{"Ordinateur"},
			Oriented: training},
		"rdv_medical":            {Themes: []Theme{"Sante"}},
		"banque":                 {Themes: []Theme{"BanqueEtAchatsEnLigne"}, With: "banque"},
		"materiel_reconditionne": {Themes: []Theme{"DiagnosticNumerique"}, Oriented: training},
		"recharge":               {Themes: []Theme{"BanqueEtAchatsEnLigne"}, Materials: []Material{"Telephone"}, With: "telecom"},
		"imprimer":               {Themes: []Theme{"GereSesContenusNumeriques"}},
		"scanner":                {Themes: []Theme{"GereSesContenusNumeriques"}},
	}[motif]
	s.Themes = TidyThemes(s.Themes)
	return s
}
