package sheet

// Table is the margins of one kind of sheet over one closed period, as they left the
// counters by the release rules: small answers are grouped, counts are rounded, and
// every question has the same total. It never changes once it was released.
type Table struct {
	Kind      string     `json:"kind"`      // "visitor", "staff" or "exit"
	Total     int        `json:"total"`     // of every question, rounded as the counts are
	Questions []Released `json:"questions"` // in the order of the schema
	// How names the protection, so that each published table can say it in one line.
	How Protection `json:"how"`
}

// Released is one question of a Table.
type Released struct {
	Key     string  `json:"key"`
	Answers []Count `json:"answers"` // in the order of the schema; then Grouped; then Unset
}

// Count is how many sheets gave an answer.
type Count struct {
	Key string `json:"key"`
	N   int    `json:"n"`
	Top bool   `json:"top,omitempty"` // « presque tous »: the count is not said more exactly
	// Least is set where tables were added: one of them grouped this answer, so that
	// more sheets may have given it.
	Least bool `json:"least,omitempty"`
	// Nearly is how many of N were released as « presque tous » where tables were added:
	// up to a tenth of them answered otherwise.
	Nearly int `json:"nearly,omitempty"`
	// Of are the answers that are counted together here, where they are several: all
	// those of Grouped, or neighbours in an ordered question, as the age bands are.
	Of []string `json:"of,omitempty"`
}

// Grouped is the answer that small answers were put into.
const Grouped = "grouped"

// Protection is what was done to a Table before it was released.
type Protection struct {
	Base    int `json:"base"`     // counts are multiples of it
	Least   int `json:"least"`    // a table needs as many sheets
	GroupAt int `json:"group_at"` // answers with fewer sheets were grouped
	// Tables is how many released tables were added into this one: 0 and 1 are a table
	// as it was released. Each adds its own rounding.
	Tables int `json:"tables,omitempty"`
}

// LevelReached is a released question that nobody is asked: of a visitor's sheet, what
// Score made of the answers. See WithLevel.
const LevelReached = "level"
