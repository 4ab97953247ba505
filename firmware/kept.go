package main

import (
	"fmt"
	"path"

	"jeudi/firmware/counters"
	"jeudi/firmware/ledger"
	"jeudi/firmware/logbook"
	"jeudi/firmware/sheet"
)

// kept is what a box keeps under one name, for whom it concerns: the technician who
// holds the card, the place that answers for the data, and the guide, which has the
// same table. The sentences are French, as the guide's.
type kept struct {
	name     string // for path.Match, from the data folder
	folder   bool
	what     string // what it holds
	person   string // whether it concerns a person
	until    string // until when it is kept
	setAside bool   // it could not be read
	half     bool   // a cut left it half made
}

// Whether a file concerns a person.
const (
	nobody    = "non"
	ticket    = "oui, sans nom"
	someSheet = "oui, sans nom ni numéro"
)

// everyKept is the data folder: what is not here may not lie in it.
func everyKept() []kept {
	starts := fmt.Sprintf("Les %d derniers démarrages.", logbook.Kept)
	list := []kept{
		{name: "journal.db", person: ticket, what: "La matinée ouverte : numéros, motifs, langues, heures. Aucune réponse.",
			until: "La clôture. Le fichier est remplacé, l’ancien est écrasé."},
		{name: "ledger.db", person: nobody, what: "Les matinées closes : totaux, attentes et durées par tranches. Les tableaux publiés. Les codes des bons. Les démarches bloquées, par mois. Le nombre de personnes qui ne peuvent pas venir, par mois. Le papier, les tests, les durées.",
			until: fmt.Sprintf("Les codes : douze mois. Les rapports de test : les %d derniers. Le reste : tant que la borne sert.", ledger.KeptTests)},
		{name: "agenda.db", person: nobody, what: "Les ateliers, et leurs places par code. Les ateliers passés, comptés par mois.",
			until: "Un atelier et ses codes : sa fin, plus douze heures. Le reste : tant que la borne sert."},
		{name: "directory/places.json", person: nobody, what: "La liste des lieux.", until: "L’import suivant."},
		{name: "directory/places.previous.json", person: nobody, what: "La liste des lieux d’avant.", until: "L’import suivant."},
		{name: "directory/changes.json", person: nobody, what: "Les lieux que l’équipe a corrigés ou ajoutés.", until: "Tant que la borne sert."},
		{name: "directory/changes.previous.json", person: nobody, what: "Les mêmes, avant la dernière correction.", until: "La correction suivante."},
		{name: "log/jeudi.log", person: nobody, what: "Le journal technique : des faits et des pannes.", until: starts},
		{name: "log/jeudi.[1-7].log", person: nobody, what: "Le journal technique d’un démarrage d’avant.", until: starts},
		{name: restoreFile, person: ticket, what: "Ce qu’une clé USB a apporté d’une autre borne : les réglages, les lieux, les tableaux publiés, et parfois la matinée ouverte.", until: "Le démarrage suivant, quelques secondes plus tard. Le fichier est écrasé."},
		{name: handoverFile, person: nobody, what: "Un mot : la matinée ouverte n’a pas pu partir vers une autre borne.", until: "Le démarrage suivant."},
		{name: bundleGiven, person: nobody, what: "Une mise à jour que la borne a reçue, avant de l’installer.", until: "L’installation, ou le démarrage suivant."},
		{name: "tls.pem", person: nobody, what: "La clé et le certificat des pages de l’équipe.", until: "Deux ans. Puis un autre le remplace."},
	}
	for _, k := range []struct {
		kind         sheet.Kind
		wait, totals string
	}{
		{sheet.KindVisitor, "Les réponses des visiteurs, avant d’être comptées", "Les totaux des réponses des visiteurs"},
		{sheet.KindStaff, "Les notes de fin de visite, avant d’être comptées", "Les totaux des notes de fin de visite"},
		{sheet.KindExit, "Les avis à la sortie, avant d’être comptés", "Les totaux des avis à la sortie"},
	} {
		at := kindFolder(k.kind)
		list = append(list,
			kept{name: path.Join(at, "pending"), person: someSheet, what: k.wait + ". Sans heure, sans ordre, sans numéro. Le tout est scellé, sauf au niveau « plain ».",
				until: fmt.Sprintf("Le comptage, quand %d attendent, ou plus. Puis la place est écrasée.", counters.MinBatch)},
			kept{name: path.Join(at, "counts.db"), person: nobody, what: k.totals + ", question par question.",
				until: "La clôture de la période. Puis tout repart de zéro."})
	}
	// What a cut leaves in the middle of its making, and what could not be read: either
	// may hold what the file itself holds.
	var beside []kept
	for _, f := range list {
		aside := kept{what: "Un fichier illisible, mis de côté. " + f.what, person: f.person, until: "Tant que personne ne l’efface : jeudi data erase -aside.", setAside: true}
		unfinished := kept{what: "Un fichier à moitié écrit, ou écrasé. " + f.what, person: f.person, until: "Le prochain démarrage.", half: true}
		switch dir := path.Dir(f.name); {
		case f.name == bundleGiven: // half of one is removed
		case f.name == "tls.pem": // one that is damaged is made anew
			unfinished.name = "tls.pem.new-*"
			beside = append(beside, unfinished)
		case f.name == restoreFile || f.name == handoverFile: // one that is damaged is refused, and gone
			unfinished.name = f.name + ".new"
			beside = append(beside, unfinished)
		case dir == "log" || path.Base(f.name) == "places.previous.json" || path.Base(f.name) == "changes.previous.json":
		case dir == "directory":
			aside.name, unfinished.name = f.name+".damaged-*", f.name+".new"
			beside = append(beside, aside, unfinished)
		default:
			aside.name, unfinished.name = f.name+".unreadable-*", f.name+".new"
			if path.Base(f.name) == "counts.db" {
				unfinished.name = path.Join(dir, "counts.new")
			}
			beside = append(beside, aside, unfinished)
		}
	}
	list = append(list, beside...)
	for _, dir := range []string{"directory", "log", kindFolder(sheet.KindStaff), kindFolder(sheet.KindExit)} {
		list = append(list, kept{name: dir, folder: true})
	}
	return list
}

// kindFolder is where the counters of a kind of sheet lie, "" for the data folder.
func kindFolder(k sheet.Kind) string {
	if k == sheet.KindVisitor {
		return ""
	}
	return k.String()
}

// keptAs is what lies under a name of the data folder, of slashes; false for what no
// version of jeudi puts there.
func keptAs(name string, folder bool) (kept, bool) {
	for _, k := range everyKept() {
		if ok, _ := path.Match(k.name, name); ok && k.folder == folder {
			return k, true
		}
	}
	return kept{}, false
}
