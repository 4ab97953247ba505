package directory

import (
	"slices"
	"strings"
)

// join makes places of structures and services of data·inclusion (schema v1). A
// structure is a place, and its services say what it does. A service without its
// structure is a place of its own, with the other services of that structure.
func (in *reader) join() {
	for _, s := range in.structs {
		id := s.cells["id"].String()
		in.merged(s, in.services[id])
		delete(in.services, id)
	}
	for _, id := range in.order {
		services := in.services[id]
		if len(services) == 0 {
			continue
		}
		if len(in.structs) > 0 {
			in.tell(Problem{File: services[0].file, Line: services[0].line, Column: "structure_id", Value: id, Code: NoStructure, Done: Kept})
		}
		alone := services[0]
		cells := make(map[string]cell, len(alone.cells))
		for name, c := range alone.cells {
			cells[name] = c
		}
		cells["id"] = cell{text: id}
		delete(cells, "description") // it is read with the services'
		in.merged(record{alone.file, alone.line, cells}, services)
	}
	in.structs, in.services, in.order = nil, nil, nil
}

// merged makes one place of a structure and its services.
func (in *reader) merged(s record, services []record) {
	cells := make(map[string]cell, 24)
	for to, from := range map[string]string{
		"id": "id", "pivot": "siret", "nom": "nom", "commune": "commune", "code_postal": "code_postal", "code_insee": "code_insee",
		"adresse": "adresse", "complement_adresse": "complement_adresse", "latitude": "latitude", "longitude": "longitude",
		"telephone": "telephone", "courriels": "courriel", "site_web": "site_web", "horaires": "horaires_accueil",
		"source": "source", "date_maj": "date_maj", "fiche_acces_libre": "accessibilite_lieu",
	} {
		if c, ok := s.cells[from]; ok {
			cells[to] = c
		}
	}

	var (
		lists    = map[string][]string{}
		themes   []string
		detail   []string
		anyone   bool
		put      = func(column, key string) { lists[column] = add(lists[column], key) }
		sentence = func(c cell) {
			if v := strings.TrimSpace(c.String()); v != "" {
				detail = add(detail, v)
			}
		}
	)
	sentence(s.cells["description"])
	for _, network := range s.cells["reseaux_porteurs"].values {
		if key := programmesOf()[network]; key != "" {
			put("dispositif_programmes_nationaux", key)
		}
		if kind := typesOf()[network]; kind != "" {
			put("typologie", kind)
		}
	}
	for i, sv := range services {
		digital := slices.ContainsFunc(sv.cells["thematiques"].values, func(t string) bool { return strings.HasPrefix(t, "numerique--") })
		for _, t := range sv.cells["thematiques"].values {
			themes = add(themes, t)
			if key, alone := serviceOf(t); key != "" && (alone || digital) {
				put("services", key)
			}
		}
		for _, v := range sv.cells["publics"].values {
			if key := publicsOf()[v]; key != "" {
				put("publics_specifiquement_adresses", key)
			} else {
				// Of the other publics the schema of places knows nothing: a place that
				// is for more than those it knows is not for those alone.
				anyone = true
			}
		}
		if len(sv.cells["publics"].values) == 0 {
			anyone = true
		}
		switch sv.cells["frais"].String() {
		case "gratuit":
			put("frais_a_charge", "free")
		case "payant":
			put("frais_a_charge", "paying")
		}
		switch sv.cells["type"].String() {
		case "accompagnement":
			put("modalites_accompagnement", "individual")
		case "atelier", "formation":
			put("modalites_accompagnement", "workshop")
		}
		if slices.Contains(sv.cells["modes_accueil"].values, "a-distance") {
			put("modalites_accompagnement", "remote")
		}
		by := sv.cells["mobilisable_par"].values
		referred := len(by) > 0 && !slices.Contains(by, "usagers")
		for _, mode := range sv.cells["modes_mobilisation"].values {
			switch {
			case mode == "envoyer-un-courriel" && referred:
				put("modalites_acces", "prescription")
			case accessOf()[mode] != "":
				put("modalites_acces", accessOf()[mode])
			}
		}
		for to, from := range map[string]string{
			"prise_rdv": "lien_mobilisation", "horaires": "horaires_accueil", "telephone": "telephone", "courriels": "courriel",
			"commune": "commune", "code_postal": "code_postal", "adresse": "adresse", "date_maj": "date_maj",
		} {
			if _, ok := cells[to]; ok {
				continue
			}
			// Hours of one service are those of the place only if no other has others.
			if to == "horaires" && slices.ContainsFunc(services, func(o record) bool {
				return o.cells[from].String() != sv.cells[from].String()
			}) {
				continue
			}
			if c, ok := sv.cells[from]; ok {
				cells[to] = c
			}
		}
		if _, ok := cells["latitude"]; !ok && i == 0 {
			if _, both := sv.cells["longitude"]; both && sv.cells["adresse"].String() == cells["adresse"].String() {
				cells["latitude"], cells["longitude"] = sv.cells["latitude"], sv.cells["longitude"]
			}
		}
		sentence(sv.cells["nom"])
		sentence(sv.cells["description"])
		sentence(sv.cells["conditions_acces"])
		sentence(sv.cells["frais_precisions"])
	}
	if anyone {
		delete(lists, "publics_specifiquement_adresses")
	}
	if len(detail) > 0 {
		cells["presentation_detail"] = cell{text: strings.Join(detail, " — ")}
	}
	for column, values := range lists {
		cells[column] = cell{values: values}
	}
	in.place(record{s.file, s.line, cells}, themes)
}

// serviceOf tells which service of the schema a theme is. Those that are not
// digital by themselves count only beside one that is: this is the mapping that
// data·inclusion applies to the national directory, read backwards.
func serviceOf(theme string) (key string, alone bool) {
	switch theme {
	case "numerique--acceder-a-des-services-en-ligne",
		"difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives",
		"difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits":
		return "procedures", true
	case "numerique--acceder-a-une-connexion-internet":
		return "access", true
	case "numerique--acquerir-un-equipement":
		return "equipment", true
	case "numerique--maitriser-les-fondamentaux-du-numerique":
		return "everyday", true
	case "preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi":
		return "work", false
	case "famille--soutien-a-la-parentalite-et-a-leducation":
		return "parents", false
	case "remobilisation--activites-sportives-et-culturelles":
		return "leisure", false
	}
	return "", false
}

func publicsOf() map[string]string {
	return map[string]string{"jeunes": "young", "etudiants": "students", "familles": "families", "seniors": "seniors", "femmes": "women"}
}

func accessOf() map[string]string {
	return map[string]string{"se-presenter": "walk-in", "telephoner": "phone", "envoyer-un-courriel": "mail", "utiliser-lien-mobilisation": "online"}
}

func programmesOf() map[string]string {
	return map[string]string{"aidants-connect": "aidants-connect", "conseillers-numeriques": "conseillers-numeriques",
		"france-service": "france-services", "grandes-ecoles-du-numerique": "grande-ecole-du-numerique", "croix-rouge": "croix-rouge"}
}

// typesOf is those networks that are a kind of place too.
func typesOf() map[string]string {
	return map[string]string{"caf": "CAF", "cap-emploi-reseau-cheops": "CAP_EMPLOI", "ccas-cias": "CCAS", "cidff": "CIDFF", "cnam": "CPAM", "cpam": "CPAM",
		"communes": "MUNI", "departements": "DEPT", "espaces-publics-numeriques": "EPN", "france-service": "RFS", "france-travail": "FT",
		"la-poste": "LA_POSTE", "maisons-de-l-emploi": "MDE", "maisons-des-solidarites": "MDS", "mdph": "MDPH", "mission-locale": "ML", "mjc": "MJC",
		"msap": "MSAP", "mutualite-sociale-agricole": "MSA", "pimms-mediation": "PIMMS", "points-justice": "PAD", "ressourceries": "RESSOURCERIE", "unaf": "UDAF"}
}
