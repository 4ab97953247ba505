package report

// Bilan is the report of one or several whole closed periods, ready for a council: what
// every renderer (screen, PDF, spreadsheet, CSV, JSON) shows, worded once, in French.
type Bilan struct {
	Title    string // « Bilan de la permanence numérique »
	Place    string
	Span     string   // « du 1er janvier au 30 juin 2026 »
	Lead     []string // the sentences of the first page
	Parts    []Part
	Method   []string  // the note on the method, a paragraph each
	Releases []Release // what it was made from, oldest first
}

// Part is a chapter.
type Part struct {
	Key       string // stable: names its files, "attendance", "origin", "autonomy"
	Title     string
	Sentences []string
	Tables    []DataTable
	Charts    []Chart
}

// DataTable is a table for readers and for machines.
type DataTable struct {
	Key     string // stable: names its sheet and its file
	Caption string
	Columns []Column
	Rows    [][]Cell // as many cells as columns
	How     string   // one line: how it was protected
}

// Column has a stable name for machines and a head for readers.
type Column struct {
	Key, Head string
	Number    bool
}

// Cell is a text, and the number behind it where Column.Number says so.
type Cell struct {
	Text string
	N    float64
	None bool // nothing to say: not a zero
}

// Chart is horizontal bars that print in black and white, and their description in words.
type Chart struct {
	Key         string
	Caption     string
	Description string // what the bars show, for who does not see them
	Bars        []Bar
}

// Bar is one bar, and beside it, thinner, the published value that it is compared with.
type Bar struct {
	Label string
	Value float64 // share from 0 to 1
	Text  string  // as it is written at its end: « un tiers (33 %) »
	Ref   float64 // the reference, from 0 to 1; below 0 for none
}
