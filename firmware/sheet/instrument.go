package sheet

import "slices"

// Item is one screen of the self-assessment. Its words are in the catalogue of
// each language: question.KEY, question.KEY.example and answer.KEY.ANSWER.
type Item struct {
	Key    string
	Domain Domain
	// Source is where the question comes from, as its authors write it.
	Source  string
	Answers []string
	Multi   bool   // several answers may be given
	Sole    string // of a Multi item: the answer that excludes the others
}

// Domain is what an item is about. Only the five skills are counted together.
type Domain string

// The domains. The five skills are those of the European indicator DSI 2.0.
const (
	Gate          Domain = "gate"      // whether the person uses the Internet at all
	Finding       Domain = "finding"   // skill: information
	Exchanging    Domain = "exchange"  // skill: communication
	Content       Domain = "content"   // skill: files and pictures
	Safety        Domain = "safety"    // skill: security
	Solving       Domain = "solving"   // skill: solving problems
	Formality     Domain = "formality" // a public service online, from end to end
	Difficulties  Domain = "obstacle"  // what is hard; never changes the level
	countedSkills        = 5
)

// Keys of the self-assessment, in the order asked.
const (
	Internet    = "internet"
	Information = "information"
	Mail        = "mail"
	Photo       = "photo"
	Fake        = "fake"
	Trouble     = "trouble"
	Procedure   = "procedure"
	Freins      = "freins"
)

// Answers to Freins: what is hard. Rien excludes the others.
const (
	Peur     = "peur"     // afraid of a mistake
	Mots     = "mots"     // the words are complicated
	Materiel = "materiel" // no device, or no Internet
	Francais = "francais" // French is hard
	Lire     = "lire"     // reading is hard
	Rassure  = "rassure"  // would rather be reassured
	Rien     = "rien"     // none of these
)

// Instrument is the self-assessment: eight screens, each of which may be
// passed. Whoever answers No to the first is asked the last one only.
//
// The questions are written after the sources named with them and are not
// theirs word for word. What people say of themselves is not what they can do,
// and this instrument has not been validated against observed skill: the pairs
// of KindStaff are there for that.
func Instrument() []Item {
	steps := func() []string { return []string{Alone, Helped, No} }
	return []Item{
		{Key: Internet, Domain: Gate, Source: "INSEE, Eurostat: use in the last three months", Answers: []string{Yes, No}},
		{Key: Information, Domain: Finding, Source: "DSI 2.0; DigComp 1; Pix 1", Answers: steps()},
		{Key: Mail, Domain: Exchanging, Source: "DSI 2.0; DigComp 2", Answers: steps()},
		{Key: Photo, Domain: Content, Source: "DSI 2.0: copy or move a file", Answers: steps()},
		{Key: Fake, Domain: Safety, Source: "DSI 2.0; DigComp 4", Answers: steps()},
		{Key: Trouble, Domain: Solving, Source: "DSI 2.0; DigComp 5", Answers: steps()},
		{Key: Procedure, Domain: Formality, Source: "CREDOC, Baromètre du numérique; INSEE Focus 267", Answers: steps()},
		{Key: Freins, Domain: Difficulties, Source: "CREDOC, Baromètre du numérique 2025; INSEE Première 1953 and 1993",
			Answers: []string{Peur, Mots, Materiel, Francais, Lire, Rassure, Rien}, Multi: true, Sole: Rien},
	}
}

// Freins returns the difficulties the person named, in the order shown, without
// Rien.
func (s Sheet) Freins() []string {
	var named []string
	for _, a := range [...]string{Peur, Mots, Materiel, Francais, Lire, Rassure} {
		if is, _ := s.Answer(Freins + "." + a); is == Yes {
			named = append(named, a)
		}
	}
	return named
}

// Visitor returns the questions put to a visitor: the eight of the
// self-assessment, then five about them. neighbourhoods are the site's keys;
// Elsewhere is added to them.
//
// The age bands are finer than those of national statistics, which are all
// unions of them, and keep the limits of 62 and 65 years.
func Visitor(neighbourhoods []string) Schema {
	s := Schema{Kind: KindVisitor}
	for _, i := range Instrument() {
		s.Questions = append(s.Questions, Question{Key: i.Key, Answers: slices.Clone(i.Answers), Multi: i.Multi, Sole: i.Sole})
	}
	s.Questions = append(s.Questions,
		Question{Key: Age, Answers: []string{"0-11", "12-17", "18-24", "25-39", "40-59", "60-61", "62-64", "65-69", "70+"}},
		Question{Key: Situation, Answers: []string{"salarie", "independant", "demandeur_emploi", "retraite", "au_foyer", "invalidite", "etudiant", "autre"}},
		Question{Key: Household, Answers: []string{"seul", "mono_mineurs", "couple_mineurs", "couple_sans_enfant", "enfants_majeurs", "autre"}},
		Question{Key: Neighbourhood, Answers: append(slices.Clone(neighbourhoods), Elsewhere)},
		Question{Key: FirstVisit, Answers: []string{Yes, No}},
	)
	return s
}

// Keys of the sheets that staff and those who leave fill.
const (
	Agreement = "agreement" // KindStaff: the level by both views; see Pair
	Charter   = "charter"   // KindStaff: yes or no
	Satisfied = "satisfied" // KindExit: good, fair or bad
	Useful    = "useful"    // KindExit: yes, partly or no
)

// Answers to Satisfied and Useful, besides Yes and No.
const (
	Good   = "good"
	Fair   = "fair"
	Bad    = "bad"
	Partly = "partly"
)

// Staff returns what staff say at the end of a visit: whether the level they
// saw is the one the person gave, as one of nine pairs, and whether the mutual
// charter was agreed. The counts of the first are a 3×3 table.
func Staff() Schema {
	q := Question{Key: Agreement}
	for self := range Autonomous + 1 {
		for mediator := range Autonomous + 1 {
			q.Answers = append(q.Answers, Pair(self, mediator))
		}
	}
	return Schema{Kind: KindStaff, Questions: []Question{q, {Key: Charter, Answers: []string{Yes, No}}}}
}

// Pair is the answer to Agreement for the level a person gave and the one the
// mediator saw, as "remote-accompanied". An incomplete level has no pair.
func Pair(self, mediator Level) string { return self.String() + "-" + mediator.String() }

// Exit returns what somebody who leaves is asked: two presses.
func Exit() Schema {
	return Schema{Kind: KindExit, Questions: []Question{
		{Key: Satisfied, Answers: []string{Good, Fair, Bad}},
		{Key: Useful, Answers: []string{Yes, Partly, No}},
	}}
}
