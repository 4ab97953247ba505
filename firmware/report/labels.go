package report

import (
	"slices"
	"strconv"
	"strings"

	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
)

// Site is what the site's file says for its bilan: the words of its own lists, and the
// figures that no box can count.
type Site struct {
	Place          string
	Neighbourhoods []Neighbourhood
	// Labels are the words of closed lists in French, by list and key: "motif.caf",
	// "themes.Email", "organism.cpam", "role.accueil". See Labels.
	Labels map[string]string
	Costs  Costs
}

// Neighbourhood is an answer to sheet.Neighbourhood.
type Neighbourhood struct {
	Key, Label string
	QPV        bool // a « quartier prioritaire de la politique de la ville »
}

// Costs are what the place declares of a whole year; zero is not declared.
type Costs struct {
	Euros  int     // spent in a year, in euros
	Staff  float64 // full-time equivalents (ETP) of paid staff
	Helped float64 // full-time equivalents of volunteers
}

// Labels are the words of the built-in motifs, roles, classes and reasons, for Site.Labels.
func Labels(c *words.Catalogue) map[string]string {
	all := map[string]string{}
	for key, text := range c.Under(words.French, "motif.") {
		if key = strings.TrimPrefix(key, "motif."); !strings.ContainsAny(key, "._") || key == "rdv_medical" || key == "materiel_reconditionne" {
			all["motif."+key] = text
		}
	}
	for list, prefix := range map[string]string{sheet.Role: "role.", sheet.Class: "report.class.", "reason": "reason."} {
		for key, text := range c.Under(words.French, prefix) {
			all[list+"."+strings.TrimPrefix(key, prefix)] = text
		}
	}
	// Who names none has one name, at the desk, on paper and here.
	all[sheet.Motif+"."+sheet.Undecided] = c.Text(words.French, "motif.none", nil)
	all[sheet.Role+"."+sheet.Whoever] = c.Text(words.French, "report.role_any", nil)
	return all
}

// answer is how a bilan writes an answer: as a table's row, which never speaks for the
// person as a button of the kiosk does.
type answer struct{ key, label string }

// answersOf are the answers of a question in the order of its tables.
func answersOf(question string) []answer {
	switch question {
	case sheet.Age:
		return []answer{{"0-11", "Moins de 12 ans"}, {"12-17", "12 à 17 ans"}, {"18-24", "18 à 24 ans"}, {"25-39", "25 à 39 ans"}, {"40-59", "40 à 59 ans"},
			{"60-61", "60 ou 61 ans"}, {"62-64", "62 à 64 ans"}, {"65-69", "65 à 69 ans"}, {"70+", "70 ans ou plus"}}
	case sheet.Situation:
		return []answer{{"salarie", "Salariés"}, {"independant", "Indépendants"}, {"demandeur_emploi", "En recherche d’emploi"}, {"retraite", "Retraités"},
			{"au_foyer", "Au foyer"}, {"invalidite", "En invalidité"}, {"etudiant", "Élèves et étudiants"}, {"autre", "Autre situation"}}
	case sheet.Household:
		return []answer{{"seul", "Personnes seules"}, {"mono_mineurs", "Parents seuls avec enfants"}, {"couple_mineurs", "Couples avec enfants"},
			{"couple_sans_enfant", "Couples sans enfant"}, {"enfants_majeurs", "Avec enfants adultes"}, {"autre", "Autre foyer"}}
	case sheet.FirstVisit:
		return []answer{{sheet.Yes, "Première visite"}, {sheet.No, "Déjà venues"}}
	case sheet.Autonomy:
		return []answer{{"EntierementAccompagne", "À accompagner entièrement"}, {"PartiellementAutonome", "À guider si besoin"}, {"Autonome", "Autonomes"}}
	case sheet.LevelReached:
		return []answer{{sheet.Autonomous.String(), "Autonomes"}, {sheet.Accompanied.String(), "À accompagner"}, {sheet.Remote.String(), "Éloignées du numérique"}}
	case sheet.Manner:
		return []answer{{"avec", "Fait avec la personne"}, {"a_la_place", "Fait à sa place"}}
	case sheet.Class:
		return []answer{{"short", "Courte"}, {"normal", "Habituelle"}, {"long", "Longue"}}
	case sheet.Role:
		return []answer{{"accueil", "Accueil"}, {"travailleur_social", "Travailleur social"}, {"mediateur_numerique", "Médiateur numérique"},
			{"volontaire", "Bénévole"}, {sheet.Whoever, "N’importe qui"}}
	case sheet.Duration:
		return []answer{{"30", "Moins de 30 minutes"}, {"60", "30 minutes à 1 heure"}, {"120", "1 à 2 heures"}, {"more", "2 heures ou plus"}}
	case sheet.Structure:
		return []answer{{"Administration", "Administration (mairie, préfecture…)"}, {"MediationNumerique", "Autre lieu de médiation numérique"},
			{"OperateurOuOrganismeEnCharge", "Organisme en charge de la démarche"}, {"AideSociale", "Aide sociale (maison des solidarités, centre social…)"},
			{"InsertionProfessionnelle", "Insertion professionnelle (France Travail, mission locale…)"},
			{"AideAuxDemarchesAdministratives", "Aide aux démarches (France services…)"}, {"Autre", "Autre lieu"}}
	case sheet.Satisfied:
		return []answer{{sheet.Good, "Contentes"}, {sheet.Fair, "Moyennement contentes"}, {sheet.Bad, "Mécontentes"}}
	case sheet.Useful:
		return []answer{{sheet.Yes, "Oui"}, {sheet.Partly, "En partie"}, {sheet.No, "Non"}}
	case sheet.Freins:
		return []answer{{sheet.Peur, "Peur de se tromper"}, {sheet.Mots, "Mots compliqués"}, {sheet.Materiel, "Pas de matériel ou pas d’Internet"},
			{sheet.Francais, "Difficulté avec le français"}, {sheet.Lire, "Difficulté à lire"}, {sheet.Rassure, "Besoin d’être rassuré"}, {sheet.Rien, "Aucune de ces difficultés"}}
	case sheet.Motif:
		return []answer{{sheet.Undecided, "Sans motif"}}
	}
	return []answer{{sheet.Yes, "Oui"}, {sheet.No, "Non"}}
}

// labelOf is how a count is written: that of several answers names them, an unbroken run
// of ages by its ends.
func (s Site) labelOf(question string, c sheet.Count) string {
	if len(c.Of) < 2 || c.Key == sheet.Grouped {
		return s.label(question, c.Key)
	}
	if question == sheet.Age {
		if text := ages(c.Of); text != "" {
			return text
		}
	}
	var parts []string
	for i, k := range c.Of {
		text := s.label(question, k)
		if i > 0 {
			text = lower(text)
		}
		parts = append(parts, text)
	}
	return list(parts, "ou")
}

// ages is an unbroken run of age bands by its ends: « 62 ans ou plus ».
func ages(keys []string) string {
	known := answersOf(sheet.Age)
	at := slices.IndexFunc(known, func(a answer) bool { return a.key == keys[0] })
	for i, k := range keys {
		if at < 0 || at+i >= len(known) || known[at+i].key != k {
			return ""
		}
	}
	low, _, _ := strings.Cut(strings.TrimSuffix(keys[0], "+"), "-")
	last := keys[len(keys)-1]
	_, high, closed := strings.Cut(last, "-")
	from, err := strconv.Atoi(low)
	switch {
	case err != nil:
		return ""
	case from == 0 && !closed:
		return "Tous les âges"
	case !closed:
		return low + " ans ou plus"
	case from == 0:
		n, err := strconv.Atoi(high)
		if err != nil {
			return ""
		}
		return "Moins de " + number(n+1) + " ans"
	}
	return low + " à " + high + " ans"
}

// label is how an answer to a question is written. One that nobody knows keeps its key,
// so that nothing of a file is hidden.
func (s Site) label(question, key string) string {
	switch key {
	case sheet.Grouped:
		return "Autres réponses, regroupées"
	case sheet.Unset:
		return "Non renseigné"
	}
	if question == sheet.Neighbourhood {
		if key == sheet.Elsewhere {
			return "Ailleurs"
		}
		for _, n := range s.Neighbourhoods {
			if n.Key == key {
				return n.Label
			}
		}
	}
	if text := s.Labels[question+"."+key]; text != "" {
		return text
	}
	for _, a := range answersOf(question) {
		if a.key == key {
			return a.label
		}
	}
	if key == "" {
		return "Sans précision"
	}
	return key
}

// rank is the place of an answer in the tables of a question.
func (s Site) rank(question, key string) int {
	switch key {
	case sheet.Unset:
		return 1 << 20
	case sheet.Grouped:
		return 1<<20 - 1
	}
	list := answersOf(question)
	if i := slices.IndexFunc(list, func(a answer) bool { return a.key == key }); i >= 0 && question != sheet.Motif {
		return i
	}
	if question == sheet.Neighbourhood {
		if i := slices.IndexFunc(s.Neighbourhoods, func(n Neighbourhood) bool { return n.Key == key }); i >= 0 {
			return i
		}
		return 1<<20 - 2 // elsewhere
	}
	return 1 << 10
}
