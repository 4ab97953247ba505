// Package reporttest makes the releases of an invented half-year, for the tests of
// those who show a bilan: the design case, 22 mornings and 74 people, and the half-year
// before it.
//
// It promises the same values each time, and that every question of a table has the
// table's total.
package reporttest

import (
	"strconv"
	"strings"
	"time"

	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/wait"
)

// Synthetic is the two quarters of the half-year from January to June 2026, the
// half-year before them, and what the site says of itself.
func Synthetic() (now, before []report.Release, site report.Site) {
	return []report.Release{first(), second()}, []report.Release{halfBefore()}, Site()
}

// Bilan is the bilan of Synthetic.
func Bilan() report.Bilan {
	b, err := report.Compose(Synthetic())
	if err != nil {
		panic(err) // a fault of this package
	}
	return b
}

// Site is an invented place: two priority neighbourhoods and two others.
func Site() report.Site {
	return report.Site{
		Place: "Centre social Les Tilleuls",
		Neighbourhoods: []report.Neighbourhood{
			{Key: "tilleuls", Label: "Les Tilleuls", QPV: true}, {Key: "haut-moulin", Label: "Le Haut-Moulin", QPV: true},
			{Key: "centre", Label: "Centre-ville"}, {Key: "gare", Label: "Quartier de la Gare"},
		},
		Labels: map[string]string{
			"motif.caf": "CAF", "motif.sante": "Santé", "motif.impots": "Impôts", "motif.retraite": "Retraite",
			"motif.titres": "Carte d’identité, permis", "motif.logement": "Logement", "motif.telephone": "Téléphone, tablette",
			"reason.no_room": "plus de place", "reason.out_of_scope": "hors sujet", "reason.sent_elsewhere": "envoyée ailleurs",
			"reason.will_come_back": "reviendra", "reason.other": "autre raison",
			"organism.caf": "CAF", "organism.france_titres": "France Titres (ANTS)", "organism.retraite": "Assurance retraite (CARSAT)",
			"themes.SocialSante": "Social - Santé", "themes.ArgentImpots": "Argent - Impôts", "themes.TravailFormation": "Travail - Formation - Entreprise",
			"themes.PapiersElectionsCitoyennete": "Papiers - Élections - Citoyenneté", "themes.Logement": "Logement",
			"themes.PrendreEnMainDuMateriel": "Prendre en main du matériel", "themes.AideAuxDemarchesAdministratives": "Aide aux démarches administratives",
		},
		Costs: report.Costs{Euros: 9600, Staff: 0.2, Helped: 0.1},
	}
}

func protection() sheet.Protection { return sheet.Protection{Base: 3, Least: 30, GroupAt: 5} }

// table is a table of lines such as "age 25-39=12 40-59,60-61=12": answers that were
// joined have a comma, "grouped:a,b=6" is of small ones, and "=30!" is « presque tous ».
// What is missing to the total was not answered.
func table(kind sheet.Kind, total int, lines ...string) sheet.Table {
	t := sheet.Table{Kind: kind.String(), Total: total, How: protection()}
	for _, line := range lines {
		fields := strings.Fields(line)
		q, rest := sheet.Released{Key: fields[0]}, total
		for _, f := range fields[1:] {
			key, digits, _ := strings.Cut(f, "=")
			digits, top := strings.CutSuffix(digits, "!")
			n, err := strconv.Atoi(digits)
			if err != nil {
				panic("reporttest: " + line + ": " + err.Error())
			}
			rest -= n
			c := sheet.Count{Key: key, N: n, Top: top}
			if keys, grouped := strings.CutPrefix(key, sheet.Grouped+":"); grouped {
				c.Key, c.Of = sheet.Grouped, strings.Split(keys, ",")
			} else if of := strings.Split(key, ","); len(of) > 1 {
				c.Key, c.Of = strings.Join(of, "+"), of
			}
			q.Answers = append(q.Answers, c)
		}
		if rest < 0 {
			panic("reporttest: " + line + ": more answers than sheets")
		}
		q.Answers = append(q.Answers, sheet.Count{Key: sheet.Unset, N: rest})
		t.Questions = append(t.Questions, q)
	}
	return t
}

func bands(edges []time.Duration, visits ...int) (list []report.Band) {
	for i, n := range visits {
		b := report.Band{Min: edges[i], Visits: n}
		if i+1 < len(edges) {
			b.Max = edges[i+1]
		}
		list = append(list, b)
	}
	return list
}

func waits(visits ...int) []report.Band {
	const m = time.Minute
	return bands([]time.Duration{0, 10 * m, 20 * m, 40 * m}, visits...)
}

func services(visits ...int) []report.Band {
	const m = time.Minute
	return bands([]time.Duration{0, 15 * m, 30 * m, 60 * m}, visits...)
}

func announced(within, sooner, later int) (c wait.Calibration) {
	said := wait.Range{Low: 10 * time.Minute, High: 20 * time.Minute}
	for real, n := range map[time.Duration]int{15 * time.Minute: within, 6 * time.Minute: sooner, 28 * time.Minute: later} {
		for range n {
			c.Add(said, real)
		}
	}
	return c
}

const box = "9f1c6a4e0b7d42d3"

func first() report.Release {
	return report.Release{
		Version: report.ReleaseVersion, ID: "5b0e7c9a2f4d4c1e8a36d0f1b2c3d4e5", Box: box, Place: Site().Place, From: "2026-01-01", Until: "2026-04-01",
		Tables: []sheet.Table{
			table(sheet.KindVisitor, 36,
				"internet yes=30 no=6", "information alone=12 helped=15 no=6", "mail alone=12 helped=12 no=9", "photo alone=12 helped=12 no=9",
				"fake alone=9 helped=9 no=15", "trouble alone=6 helped=12 no=15", "procedure alone=6 helped=15 no=12",
				"freins.peur yes=12 no=21", "freins.mots yes=15 no=18", "freins.materiel yes=9 no=24", "freins.francais yes=6 no=27",
				"freins.lire no=33!", "freins.rassure yes=15 no=18", "freins.rien yes=6 no=27",
				"age 0-11=0 12-17=0 18-24=0 25-39=9 40-59,60-61=12 62-64,65-69=6 70+=6", "situation retraite=12 demandeur_emploi=6 salarie=6 au_foyer=6 grouped:independant,invalidite,etudiant,autre=3",
				"household seul=9 mono_mineurs=9 couple_mineurs=9 couple_sans_enfant=9 enfants_majeurs=0 autre=0", "neighbourhood tilleuls=12 haut-moulin=6 centre=9 grouped:gare,elsewhere=6",
				"first_visit yes=21 no=12", "level remote=9 accompanied=15 autonomous=9"),
			table(sheet.KindStaff, 36,
				"motif caf=12 retraite=6 impots=6 sante=6 grouped:titres,logement,telephone,dont-know=6", "role travailleur_social=18 mediateur_numerique=12 any=6", "class short=6 normal=18 long=12",
				"themes.SocialSante yes=15 no=18", "themes.TravailFormation yes=6 no=27", "themes.ArgentImpots yes=6 no=27", "themes.AideAuxDemarchesAdministratives yes=27 no=6",
				"duration 30=15 60=12 120=6", "manner avec=24 a_la_place=9", "autonomy EntierementAccompagne=12 PartiellementAutonome=15 Autonome=6",
				"oriented yes=21 no=12", "structure OperateurOuOrganismeEnCharge=9 AideSociale=12", "accompanied yes=15 no=6", "see_again yes=9 no=24",
				"freins.peur yes=12 no=21", "freins.mots yes=12 no=21", "freins.materiel yes=6 no=27", "freins.francais yes=6 no=27", "freins.lire no=33!", "freins.rassure yes=12 no=21", "freins.rien yes=6 no=27",
				"agreement remote-remote=9 remote-accompanied=0 remote-autonomous=0 accompanied-remote=0 accompanied-accompanied=12 accompanied-autonomous=0 autonomous-remote=0 autonomous-accompanied,autonomous-autonomous=9", "charter yes=30!"),
		},
		Unmerged: map[string]int{"visitor": 2, "staff": 1, "exit": 18},
		Attendance: report.Attendance{
			Held: 11, Missing: 1,
			Totals: session.Totals{Issued: 41, Served: 34, Oriented: 3, NoShow: 2, Left: 2, ForOther: 3, Inaccurate: 2, Outages: 1,
				TurnedAway: map[session.Reason]int{"no_room": 2, "out_of_scope": 1}},
			Waits: waits(15, 12, 7, 2), Services: services(5, 14, 12, 3),
			Roles:   []report.Tally{{Key: "travailleur_social", N: 20}, {Key: "mediateur_numerique", N: 15}, {Key: "any", N: 6}},
			Classes: []report.Tally{{Key: "short", N: 8}, {Key: "normal", N: 20}, {Key: "long", N: 13}}, Announced: announced(27, 4, 5),
			Capacity: 11 * 180, Busy: 1130, Down: 6, Rights: 5,
		},
		Home: 1, Blocked: []report.Tally{{Key: "caf", N: 2}, {Key: "france_titres", N: 3}}, Slips: report.Slips{Given: 9, Came: 4},
	}
}

func second() report.Release {
	return report.Release{
		Version: report.ReleaseVersion, ID: "c41d20f37e5b4f7a9d08e6a1b7c2f390", Box: box, Place: Site().Place, From: "2026-04-01", Until: "2026-07-01",
		Tables: []sheet.Table{
			table(sheet.KindVisitor, 39,
				"internet yes=30 no=6", "information alone=15 helped=12 no=9", "mail alone=15 helped=12 no=9", "photo alone=12 helped=12 no=12",
				"fake alone=9 helped=12 no=15", "trouble alone=9 helped=12 no=15", "procedure alone=9 helped=15 no=12",
				"freins.peur yes=15 no=21", "freins.mots yes=15 no=21", "freins.materiel yes=9 no=27", "freins.francais yes=6 no=30",
				"freins.lire yes=6 no=30", "freins.rassure yes=15 no=21", "freins.rien yes=6 no=30",
				"age 0-11=0 12-17=0 18-24=0 25-39=12 40-59,60-61=12 62-64,65-69=6 70+=6", "situation retraite=12 demandeur_emploi=9 salarie=6 au_foyer=6 grouped:independant,invalidite,etudiant,autre=3",
				"household seul=9 mono_mineurs=9 couple_mineurs=9 couple_sans_enfant=9 enfants_majeurs=0 autre=0", "neighbourhood tilleuls=12 haut-moulin=6 centre=9 grouped:gare,elsewhere=9",
				"first_visit yes=21 no=15", "level remote=6 accompanied=18 autonomous=12"),
			table(sheet.KindStaff, 36,
				"motif caf=9 retraite=9 impots=6 titres=6 grouped:sante,logement,telephone,dont-know=6", "role travailleur_social=15 mediateur_numerique=15 any=6", "class short=9 normal=18 long=9",
				"themes.SocialSante yes=12 no=21", "themes.TravailFormation yes=9 no=24", "themes.ArgentImpots yes=6 no=27", "themes.PapiersElectionsCitoyennete yes=6 no=27", "themes.AideAuxDemarchesAdministratives yes=27 no=6",
				"duration 30=12 60=15 120=6", "manner avec=27 a_la_place=6", "autonomy EntierementAccompagne=9 PartiellementAutonome=15 Autonome=9",
				"oriented yes=21 no=12", "structure OperateurOuOrganismeEnCharge=12 AideSociale=9", "accompanied yes=12 no=9", "see_again yes=9 no=24",
				"freins.peur yes=12 no=21", "freins.mots yes=15 no=18", "freins.materiel yes=6 no=27", "freins.francais yes=6 no=27", "freins.lire yes=6 no=27", "freins.rassure yes=15 no=18", "freins.rien yes=6 no=27",
				"agreement remote-remote=6 remote-accompanied=0 remote-autonomous=0 accompanied-remote=0 accompanied-accompanied=15 accompanied-autonomous=6 autonomous-remote=0 autonomous-accompanied=0 autonomous-autonomous=6", "charter yes=30!"),
			table(sheet.KindExit, 39, "satisfied good=39!", "useful yes=33 partly=6 no=0"),
		},
		Unmerged:   map[string]int{"visitor": 1},
		Unreadable: map[string]int{"exit": 4},
		Attendance: report.Attendance{
			Held: 11, Missing: 1,
			Totals: session.Totals{Issued: 41, Served: 36, Oriented: 1, NoShow: 1, Left: 2, Cancelled: 1, ForOther: 2, OnPaper: 3, Inaccurate: 3, Outages: 1,
				TurnedAway: map[session.Reason]int{"no_room": 3}},
			Waits: waits(17, 11, 6, 3), Services: services(4, 15, 12, 5),
			Roles:   []report.Tally{{Key: "travailleur_social", N: 18}, {Key: "mediateur_numerique", N: 16}, {Key: "any", N: 7}},
			Classes: []report.Tally{{Key: "short", N: 10}, {Key: "normal", N: 20}, {Key: "long", N: 11}}, Announced: announced(29, 5, 3),
			Capacity: 11 * 180, Busy: 1190, Down: 14, Rights: 7,
		},
		Home: 2, Blocked: []report.Tally{{Key: "france_titres", N: 2}, {Key: "retraite", N: 1}}, Slips: report.Slips{Given: 8, Came: 3},
	}
}

func halfBefore() report.Release {
	return report.Release{
		Version: report.ReleaseVersion, ID: "07a9d1e4c8b64f0fb3a25c7e9d1f4a60", Box: box, Place: Site().Place, From: "2025-07-01", Until: "2026-01-01",
		Tables: []sheet.Table{
			table(sheet.KindVisitor, 60,
				"internet yes=48 no=9", "freins.peur yes=21 no=36", "freins.mots yes=21 no=36", "freins.materiel yes=15 no=42", "freins.francais yes=9 no=48",
				"freins.lire yes=9 no=48", "freins.rassure yes=24 no=33", "freins.rien yes=9 no=48",
				"age 0-11=0 12-17=0 18-24=0 25-39=15 40-59=18 60-61=6 62-64,65-69=9 70+=9", "situation retraite=18 demandeur_emploi=12 salarie=12 au_foyer=9 grouped:independant,invalidite,etudiant,autre=6",
				"household seul=15 mono_mineurs=15 couple_mineurs=15 couple_sans_enfant=12 enfants_majeurs=0 autre=0", "neighbourhood tilleuls=15 haut-moulin=9 centre=18 gare=9 elsewhere=6",
				"first_visit yes=45 no=12", "level remote=15 accompanied=27 autonomous=15"),
			table(sheet.KindStaff, 60,
				"motif caf=9 retraite=12 impots=21 sante=6 titres=6 grouped:logement,telephone,dont-know=6", "manner avec=36 a_la_place=21", "oriented yes=21 no=36",
				"structure OperateurOuOrganismeEnCharge=12 AideSociale=9", "accompanied yes=15 no=6", "charter yes=51 no=6"),
		},
		Attendance: report.Attendance{
			Held: 20, Missing: 4,
			Totals:    session.Totals{Issued: 70, Served: 60, Oriented: 2, NoShow: 4, Left: 4, TurnedAway: map[session.Reason]int{"no_room": 7}},
			Waits:     waits(20, 20, 15, 5),
			Announced: announced(38, 9, 12), Capacity: 20 * 180, Busy: 1900,
		},
		Home: 1, Slips: report.Slips{Given: 10, Came: 3},
	}
}
