package site

// Bilan is what the place declares of its means, for the report to a council. No box can
// count them, and none of them concerns a visitor.
type Bilan struct {
	Euros      int     // spent in a year, in euros, 0 to 10 million; 0 when not given
	Staff      float64 // paid staff, in full-time equivalents (ETP), 0 to 100; 0 when not given
	Volunteers float64 // volunteers, in full-time equivalents, 0 to 100; 0 when not given
}

func (r *reader) bilan(root *table) Bilan {
	t := root.section("bilan")
	b := Bilan{Euros: t.number("year_euros", 0, 0, 10_000_000)}
	b.Staff, _ = t.decimal("staff", 0, 100)
	b.Volunteers, _ = t.decimal("volunteers", 0, 100)
	t.done()
	return b
}
