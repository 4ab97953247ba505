package sheet

import (
	"slices"
	"strconv"
)

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

// Keys of what staff note at the end of a visit, of KindStaff. The first three are of
// the ticket: what the visitor came for, who was needed and for how long.
const (
	Motif     = "motif"       // key of the site, or Undecided
	Role      = "role"        // who was needed, or Whoever
	Class     = "class"       // short, normal or long: the expected duration
	Themes    = "themes"      // several: what it was about
	Materials = "materials"   // several: what was used meanwhile
	Venue     = "venue"       // where it happened
	Duration  = "duration"    // of the work: see Durations
	Manner    = "manner"      // « fait avec » or « fait à la place »
	Autonomy  = "autonomy"    // as the mediator saw the person at work
	Oriented  = "oriented"    // yes or no
	Structure = "structure"   // of Oriented yes: to which kind of place, « avec qui »
	WentAlong = "accompanied" // of Oriented yes: somebody went along or called there; yes or no
	SeeAgain  = "see_again"   // yes or no
	Agreement = "agreement"   // the level by both views; see Pair
	Charter   = "charter"     // the promises of both sides were read; yes
	Took      = "took"        // how long the service took, 0 to TookBins-1: learned by batches, never counted
)

// Keys of the opinion of those who leave, of KindExit.
const (
	Satisfied = "satisfied" // good, fair or bad
	Useful    = "useful"    // yes, partly or no
)

// Answers to Satisfied and Useful, besides Yes and No.
const (
	Good   = "good"
	Fair   = "fair"
	Bad    = "bad"
	Partly = "partly"
)

// Answers that no site can name otherwise: its keys have no hyphen, and every role can
// serve who needs anyone.
const (
	Undecided = "dont-know" // of Motif: « je ne sais pas »
	Whoever   = "any"       // of Role
)

// Lists are the closed lists of others that a staff sheet chooses from, as keys in
// their order: the site's motifs, the roles and classes of the queue, and La Coop's
// choices. What has no list is not asked.
type Lists struct {
	Motifs, Roles, Classes                                 []string
	Themes, Materials, Venues, Manners, Autonomies, Places []string
}

// Durations are the answers to Duration, La Coop's own ranges: under 30 minutes, under
// 60, under 120, and more.
func Durations() []string { return []string{"30", "60", "120", "more"} }

// DurationOf is the answer to Duration for so many minutes.
func DurationOf(minutes int) string {
	switch {
	case minutes < 30:
		return "30"
	case minutes < 60:
		return "60"
	case minutes < 120:
		return "120"
	}
	return "more"
}

// Staff returns what is counted of a visit that was received: what its ticket said,
// what staff say was done, what they saw to be hard, whether the level they saw is the
// one the person gave, as one of nine pairs, and whether the mutual charter was read.
// The counts of the pairs are a 3×3 table.
func Staff(l Lists) Schema {
	s := Schema{Kind: KindStaff}
	ask := func(key string, answers []string, several bool) {
		if len(answers) > 0 {
			s.Questions = append(s.Questions, Question{Key: key, Answers: slices.Clone(answers), Multi: several})
		}
	}
	with := func(list []string, also string) []string {
		if len(list) == 0 {
			return nil
		}
		return append(slices.Clone(list), also)
	}
	ask(Motif, with(l.Motifs, Undecided), false)
	ask(Role, with(l.Roles, Whoever), false)
	ask(Class, l.Classes, false)
	ask(Themes, l.Themes, true)
	ask(Materials, l.Materials, true)
	ask(Venue, l.Venues, false)
	ask(Duration, Durations(), false)
	ask(Manner, l.Manners, false)
	ask(Autonomy, l.Autonomies, false)
	ask(Oriented, []string{Yes, No}, false)
	ask(Structure, l.Places, false)
	ask(WentAlong, []string{Yes, No}, false)
	ask(SeeAgain, []string{Yes, No}, false)
	freins := Instrument()[slices.IndexFunc(Instrument(), func(i Item) bool { return i.Key == Freins })]
	s.Questions = append(s.Questions, Question{Key: Freins, Answers: freins.Answers, Multi: true, Sole: freins.Sole})
	var pairs []string
	for self := range Autonomous + 1 {
		for mediator := range Autonomous + 1 {
			pairs = append(pairs, Pair(self, mediator))
		}
	}
	ask(Agreement, pairs, false)
	ask(Charter, []string{Yes, No}, false)
	took := Question{Key: Took, Aside: true}
	for bin := range TookBins {
		took.Answers = append(took.Answers, strconv.Itoa(bin))
	}
	s.Questions = append(s.Questions, took)
	return s
}

// TookBins is how many durations of a service are told apart in Took.
const TookBins = 25

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
