package rights

import (
	"maps"
	"slices"
)

// Keys of the questions, in the order asked.
const (
	Household  = "household"   // who lives with you
	Age        = "age"         // years of whoever answers
	PartnerAge = "partner_age" // years of the other adult of a couple
	Children   = "children"    // any child under 21?
	Under3     = "under_3"     // children of 0 to 2 years
	From3      = "from_3"      // 3 to 5
	From6      = "from_6"      // 6 to 13
	From14     = "from_14"     // 14 to 18
	From19     = "from_19"     // 19 and 20
	Work       = "work"        // does anybody work?
	Stopped    = "stopped"     // did the money fall or stop lately?
	Income     = "income"      // what comes in per month now, as a band
	Housing    = "housing"     // how one lives
	Handicap   = "handicap"    // of anybody of the household
	DailyHelp  = "daily_help"  // help with washing, dressing, eating
	Carer      = "carer"       // helping somebody ill, disabled or old
	Jobless    = "jobless"     // an allowance for the unemployed
	Pregnancy  = "pregnancy"   // of anybody of the household
)

// Keys of answers.
const (
	Yes      = "yes"
	No       = "no"
	Alone    = "alone"
	Couple   = "couple"
	Employee = "employee"
	Self     = "self"
	Both     = "both"
	Tenant   = "tenant"
	Owner    = "owner"
	Hosted   = "hosted"
	Homeless = "homeless"
	Many     = "4+" // children of one age
)

// Question is a question and its answers, as keys in the order shown. Not to
// answer is always possible, and is no answer of the list.
type Question struct {
	Key     string
	Answers []string
}

// workAlone words Work for whoever lives alone, who has nobody else to count.
const workAlone = "work_alone"

// Wordings are the ways to word a question: rights.question.WORDING, and
// rights.answer.WORDING.ANSWER. The first is the key itself.
func (q Question) Wordings() []string {
	if q.Key == Work {
		return []string{Work, workAlone}
	}
	return []string{q.Key}
}

// Wording is the one of Wordings that fits what was answered before.
func (q Question) Wording(a Answers) string {
	if q.Key == Work && a[Household] == Alone {
		return workAlone
	}
	return q.Key
}

// Questions are the questions in the order asked. Which of them somebody is
// asked is for Next to say. The answers to Income are the bands of these rules:
// what a band is worth for a household, Bands says. The zero Rules asks nothing.
func (r Rules) Questions() []Question {
	list := slices.Clone(r.questions)
	for i := range list {
		list[i].Answers = slices.Clone(list[i].Answers)
	}
	return list
}

func (r Rules) allQuestions() []Question {
	ages := []string{"18-19", "20-24", "25-59", "60-61", "62-64", "65+"}
	count := []string{"0", "1", "2", "3", Many}
	truth := []string{Yes, No}
	return []Question{
		{Household, []string{Alone, Couple}},
		{Age, ages}, {PartnerAge, ages},
		{Children, truth},
		{Under3, count}, {From3, count}, {From6, count}, {From14, count}, {From19, count},
		{Work, []string{Employee, Self, Both, No}},
		{Stopped, truth},
		{Income, r.bandKeys()},
		{Housing, []string{Tenant, Owner, Hosted, Homeless}},
		{Handicap, truth}, {DailyHelp, truth}, {Carer, truth}, {Jobless, truth}, {Pregnancy, truth},
	}
}

// order is an array, as the other tables of this package: a copy that nobody can change.
func order() [18]string {
	return [...]string{Household, Age, PartnerAge, Children, Under3, From3, From6, From14, From19,
		Work, Stopped, Income, Housing, Handicap, DailyHelp, Carer, Jobless, Pregnancy}
}

// Answers are what one household said: question key to answer key. A question
// that is missing, or whose answer is no answer of it, is unknown. They live in
// memory alone, and only as long as somebody is asking.
type Answers map[string]string

// With is the answers with one more; "" takes an answer back. When it changes
// who lives in the household the band of the money is taken back too: its euros
// were those of another household. The answers it is asked of stay as they are.
func (a Answers) With(question, answer string) Answers {
	n := maps.Clone(a)
	if n == nil {
		n = Answers{}
	}
	if n[question] == answer {
		return n
	}
	switch question {
	case Household, Children, Under3, From3, From6, From14, From19:
		delete(n, Income)
	}
	n[question] = answer
	if answer == "" {
		delete(n, question)
	}
	return n
}

// span is from lo to hi, both included.
type span struct{ lo, hi int }

func (s span) within(o span) truth {
	switch {
	case s.lo >= o.lo && s.hi <= o.hi:
		return yes
	case s.hi < o.lo || s.lo > o.hi:
		return no
	}
	return maybe
}

// oldest is an age nobody passes; most children of one age no household passes.
const (
	oldest = 120
	most   = 20
)

func ageOf(answer string) span {
	switch answer {
	case "18-19":
		return span{18, 19}
	case "20-24":
		return span{20, 24}
	case "25-59":
		return span{25, 59}
	case "60-61":
		return span{60, 61}
	case "62-64":
		return span{62, 64}
	case "65+":
		return span{65, oldest}
	}
	return span{18, oldest}
}

// adults are the ages of the oldest and of the youngest adult.
func (a Answers) adults() (old, young span) {
	one := ageOf(a[Age])
	other := span{18, oldest}
	switch a[Household] {
	case Alone:
		return one, one
	case Couple:
		other = ageOf(a[PartnerAge])
		return span{max(one.lo, other.lo), max(one.hi, other.hi)}, span{min(one.lo, other.lo), min(one.hi, other.hi)}
	}
	return span{one.lo, oldest}, span{18, one.hi} // perhaps alone, perhaps not
}

// brood is one question about children: their ages, and their tenths of a
// consumption unit, of which whoever is 14 or older is 0.5 and a younger child 0.3.
type brood struct {
	key    string
	ages   span
	tenths int
}

func broods() [5]brood {
	return [...]brood{{Under3, span{0, 2}, 3}, {From3, span{3, 5}, 3}, {From6, span{6, 13}, 3}, {From14, span{14, 18}, 5}, {From19, span{19, 20}, 5}}
}

func (a Answers) count(question string) span {
	if a[Children] == No {
		return span{0, 0}
	}
	if a[Children] == Yes {
		switch a[question] {
		case "0", "1", "2", "3":
			n := int(a[question][0] - '0')
			return span{n, n}
		case Many:
			return span{4, most}
		}
	}
	return span{0, most}
}

// children is how many children have these ages.
func (a Answers) children(ages span) span {
	var sum span
	for _, b := range broods() {
		n := a.count(b.key)
		switch b.ages.within(ages) {
		case yes:
			sum.lo += n.lo
			sum.hi += n.hi
		case maybe:
			sum.hi += n.hi
		}
	}
	return sum
}

// units are tenths of consumption units of the household; ok is false while they
// are not known to the tenth.
func (a Answers) units() (tenths int, ok bool) {
	switch a[Household] {
	case Alone:
		tenths = 10
	case Couple:
		tenths = 15
	default:
		return 0, false
	}
	for _, b := range broods() {
		n := a.count(b.key)
		if n.lo != n.hi {
			return 0, false
		}
		tenths += n.lo * b.tenths
	}
	return tenths, true
}

// fact is a plain statement of a file: the question it needs, and the answers
// that make it true.
type fact struct {
	name, question string
	answers        [3]string
}

func facts() [13]fact {
	return [...]fact{
		{"seul", Household, [3]string{Alone}},
		{"travail", Work, [3]string{Employee, Self, Both}},
		{"a_son_compte", Work, [3]string{Self, Both}},
		{"revenus_arretes", Stopped, [3]string{Yes}},
		{"locataire", Housing, [3]string{Tenant}},
		{"proprietaire", Housing, [3]string{Owner}},
		{"heberge", Housing, [3]string{Hosted}},
		{"sans_logement", Housing, [3]string{Homeless}},
		{"handicap", Handicap, [3]string{Yes}},
		{"aide_quotidien", DailyHelp, [3]string{Yes}},
		{"aidant", Carer, [3]string{Yes}},
		{"indemnise", Jobless, [3]string{Yes}},
		{"grossesse", Pregnancy, [3]string{Yes}},
	}
}

func factNamed(name string) (fact, bool) {
	for _, f := range facts() {
		if f.name == name {
			return f, true
		}
	}
	return fact{}, false
}

func (a Answers) fact(f fact) truth {
	switch a[f.question] {
	case "":
		return maybe
	case f.answers[0], f.answers[1], f.answers[2]:
		return yes
	}
	return no
}

// place is where a question stands in the order asked, -1 for none.
func place(question string) int {
	for i, key := range order() {
		if key == question {
			return i
		}
	}
	return -1
}
