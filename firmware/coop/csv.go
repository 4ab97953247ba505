package coop

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Columns are those of La Coop's own export of a mediator's activities, in its order
// (buildAccompagnementsWorksheet.ts, sheet « Activités »).
func Columns() []string {
	return []string{
		"Date", "Enregistré le", "Dernière modification le", "Type", "Participants", "Bénéficiaire",
		"Canaux d’accompagnement", "Nom du lieu", "Adresse", "Commune", "Code postal", "Code Insee",
		"Durée (min)", "Nom de l’atelier", "Matériel numérique utilisé", "Thématique(s) d’accompagnement",
		"Tags", "Nom de la démarche administrative", "Niveau d’autonomie (ou de l’atelier)",
		"Bénéficiaire réorienté", "Structure de redirection", "Commune du bénéficiaire",
		"Code postal du bénéficiaire", "Code Insee du bénéficiaire", "Genre du bénéficiaire",
		"Tranche d’âge du bénéficiaire", "Statut du bénéficiaire", "Notes supplémentaires",
		"Source de la donnée", "ID CRA",
	}
}

// WriteCSV writes records with La Coop's columns, for any spreadsheet: a line for
// each person, as its export has it, so that a workshop has as many as participants.
//
// The lines are in the order of what they say, so that they do not tell who came
// first; hours of writing and identities stay empty for the same reason. What La Coop
// has no column for is a tag (who held the mouse, by whom it was blocked, to be seen
// again), and the place oriented to is a note.
//
// The error is ErrInvalid for a record that Check would not let pass, before
// anything was written, or that of the writer.
func (s Site) WriteCSV(w io.Writer, records []Record) error {
	var lines [][]string
	for i, r := range records {
		if err := s.refuse(r); err != nil {
			return fmt.Errorf("coop: file: record %d: %w", i+1, err)
		}
		for p := range max(1, r.Participants) {
			lines = append(lines, s.line(r, p))
		}
	}
	slices.SortStableFunc(lines, func(a, b []string) int { return slices.CompareFunc(a, b, natural) })
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("coop: file: %w", err)
	}
	out := csv.NewWriter(w)
	out.Comma = ';'
	out.UseCRLF = true
	if err := out.WriteAll(append([][]string{Columns()}, lines...)); err != nil {
		return fmt.Errorf("coop: file: %w", err)
	}
	return nil
}

// natural compares cells, participant 2 of 12 before participant 10 of 12.
func natural(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }

// line is what a record says of its p-th participant.
func (s Site) line(r Record, p int) []string {
	place := s.Place
	if cmp.Or(r.Venue, AtThePlace) != AtThePlace {
		place = Place{}
	}
	participants, level, note := "1", rank(Autonomies(), r.Autonomy), ""
	if r.Kind == Workshop {
		level = rank(Levels(), r.Level)
		if r.Participants > 1 {
			participants = fmt.Sprintf("%d/%d", p+1, r.Participants)
		}
	}
	if r.Toward != "" {
		note = "Orienté vers\u00a0: " + r.Toward
	}
	with, themes := "", TidyThemes(r.Themes)
	if slices.Contains(themes, Paperwork) {
		with = LabelOf(s.organisms(), r.With)
	}
	cells := []string{
		r.Day.Format("02/01/2006"), "", "", LabelOf(Kinds(), r.Kind), participants, "Anonyme",
		LabelOf(Venues(), cmp.Or(r.Venue, AtThePlace)), place.Name, place.Address, place.Town, place.Postcode, place.Insee,
		strconv.Itoa(r.Minutes), r.Title, labels(Materials(), r.Materials), labels(everyTheme(), themes),
		s.tags(r), with, level,
		LabelOf(answers(), r.Oriented), LabelOf(Structures(), r.Structure), "", "", "",
		LabelOf(Genders(), cmp.Or(r.Gender, unsaid)), LabelOf(Ages(), cmp.Or(r.Age, unsaid)), LabelOf(Statuses(), cmp.Or(r.Status, unsaid)),
		note, "Jeudi", "",
	}
	for i, c := range cells {
		cells[i] = inert(c)
	}
	return cells
}

// tags is what La Coop has no column for.
func (s Site) tags(r Record) string {
	var tags []string
	if r.Manner != "" {
		tags = append(tags, LabelOf(Manners(), r.Manner))
	}
	if r.Accompanied {
		tags = append(tags, "Orientation accompagnée")
	}
	if r.SeeAgain {
		tags = append(tags, "À revoir")
	}
	if r.Blocked != "" {
		tags = append(tags, "Démarche bloquée par\u00a0: "+LabelOf(s.organisms(), r.Blocked))
	}
	return strings.Join(tags, "\n")
}

func labels[C ~string](list []Value[C], chosen []C) string {
	var all []string
	for _, c := range inOrder(list, chosen) {
		all = append(all, LabelOf(list, c))
	}
	return strings.Join(all, "\n")
}

// rank is a degree as La Coop writes it, "2/3".
func rank[C ~string](list []Value[C], code C) string {
	if i := index(list, code); i >= 0 {
		return fmt.Sprintf("%d/%d", i+1, len(list))
	}
	return ""
}

// inert keeps a spreadsheet from taking a text for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
