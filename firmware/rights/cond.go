package rights

// truth is what the answers make of a condition. Maybe is right as long as some
// answer not yet given could make it either; so « and » is the least of its
// parts and « or » the greatest, and a hint fires unless it is ruled out.
type truth int8

const (
	no truth = iota
	maybe
	yes
)

// cond is a condition: exactly one of its fields is set.
type cond struct {
	all, any []cond // tous, un_de
	not      *cond  // non
	fact     fact
	income   string // revenu_max: this band or a lower one
	old      *span  // age_plus_age: years of the oldest adult
	young    *span  // age_plus_jeune: years of the youngest adult
	kids     *kids  // enfants
}

// kids is at least so many children of these ages.
type kids struct {
	ages  span
	least int
}

func (r Rules) eval(c cond, a Answers) truth {
	switch {
	case c.all != nil:
		is := yes
		for _, part := range c.all {
			is = min(is, r.eval(part, a))
		}
		return is
	case c.any != nil:
		is := no
		for _, part := range c.any {
			is = max(is, r.eval(part, a))
		}
		return is
	case c.not != nil:
		return yes - r.eval(*c.not, a)
	case c.fact.name != "":
		return a.fact(c.fact)
	case c.income != "":
		band, ok := r.band(a)
		switch {
		case !ok:
			return maybe
		case band <= c.income: // letters, lowest first
			return yes
		}
		return no
	case c.old != nil:
		old, _ := a.adults()
		return old.within(*c.old)
	case c.young != nil:
		_, young := a.adults()
		return young.within(*c.young)
	case c.kids != nil:
		n := a.children(c.kids.ages)
		switch {
		case n.lo >= c.kids.least:
			return yes
		case n.hi < c.kids.least:
			return no
		}
		return maybe
	}
	return maybe
}

// band is the band of the household's money, when it says something: the
// household is known, and nothing blurs it. A turnover is no income, and what
// came in before it stopped does not count; so not to say whether it stopped
// blurs it as well.
func (r Rules) band(a Answers) (key string, ok bool) {
	if _, known := a.units(); !known || a[Income] == "" {
		return "", false
	}
	for _, f := range r.blurred {
		if a.fact(f) != no {
			return "", false
		}
	}
	return a[Income], true
}

// needs calls add with each question whose answer could help to make c what it
// is wanted to be, yes or no, and reports whether c can still become that. A
// question up to after that has no answer was passed: it never will have one.
func (r Rules) needs(c cond, want truth, a Answers, after int, add func(question string)) bool {
	if is := r.eval(c, a); is != maybe {
		return is == want
	}
	open := func(questions ...string) (any bool) {
		for _, q := range questions {
			if a[q] == "" && place(q) > after {
				add(q)
				any = true
			}
		}
		return any
	}
	switch {
	case c.all != nil:
		return r.needsOf(c.all, want == yes, want, a, after, add)
	case c.any != nil:
		return r.needsOf(c.any, want == no, want, a, after, add)
	case c.not != nil:
		return r.needs(*c.not, yes-want, a, after, add)
	case c.fact.name != "":
		return open(c.fact.question)
	case c.income != "":
		list, ok := r.money(a, after)
		return ok && open(list...)
	case c.old != nil, c.young != nil:
		list := []string{Household, Age}
		if a[Household] == Couple {
			list = append(list, PartnerAge)
		}
		return open(list...)
	case c.kids != nil:
		list := []string{Children}
		if a[Children] == Yes {
			for _, b := range broods() {
				if b.ages.within(c.kids.ages) != no {
					list = append(list, b.key)
				}
			}
		}
		return open(list...)
	}
	return false
}

// needsOf is needs of parts: every one of them must become what is wanted, or one.
func (r Rules) needsOf(parts []cond, every bool, want truth, a Answers, after int, add func(question string)) bool {
	var found []string
	reached := every
	for _, part := range parts {
		var here []string
		ok := r.needs(part, want, a, after, func(q string) { here = append(here, q) })
		if every && !ok {
			return false
		}
		if ok {
			reached = true
			found = append(found, here...)
		}
	}
	for _, q := range found {
		add(q)
	}
	return reached
}

// money is the questions that the band needs; ok is false when it can no longer
// be known.
func (r Rules) money(a Answers, after int) (list []string, ok bool) {
	list = []string{Household, Children}
	if a[Children] == Yes {
		for _, b := range broods() {
			if a[b.key] == Many {
				return nil, false
			}
			list = append(list, b.key)
		}
	}
	for _, f := range r.blurred {
		if a.fact(f) == yes {
			return nil, false
		}
		list = append(list, f.question)
	}
	list = append(list, Income)
	for _, q := range list {
		if a[q] == "" && place(q) <= after {
			return nil, false
		}
	}
	return list, true
}
