package site

// Coop is what La Coop de la médiation numérique is told of the place.
type Coop struct {
	// Prefill makes links that open La Coop's own form already filled. Its format is
	// not documented and may change any day; the file for a spreadsheet is there in
	// any case.
	Prefill   bool
	Town      string     // as La Coop writes it, "" when not given
	Insee     string     // code of the town, five signs; "" when not given
	Organisms []Organism // whose procedures are done here; none: the built-in list
}

// Organism is who a procedure is with, and by whom it may be blocked.
type Organism struct{ Key, Label string }

func (r *reader) coop(root *table) Coop {
	t := root.section("coop")
	c := Coop{Prefill: t.truth("prefill"), Town: t.text("town", lineText).text}
	if f := t.text("insee", shortText); f.ok() {
		if c.Insee = f.text; insee.FindString(f.text) != f.text {
			r.fail(f.line, "coop.insee", "%q is not the code of a town; write five signs like \"69259\" or \"2A004\"", f.text)
		}
	}
	t.done()
	seen, labels := first{}, first{}
	for _, t := range root.sections("organism") {
		key := t.ident("key", "_")
		if key.ok() {
			seen.repeated(r, key, "organism.key")
		}
		label := t.text("label", lineText)
		if label.ok() {
			labels.repeated(r, label, "organism.label") // who chooses could not tell them apart
		}
		c.Organisms = append(c.Organisms, Organism{Key: key.text, Label: label.text})
		t.require("key", `key = "caf"`)
		t.require("label", `label = "CAF"`)
		t.done()
	}
	return c
}
