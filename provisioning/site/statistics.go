package site

// Statistics are how anonymous answers are kept, and when they may be published.
type Statistics struct {
	// Sealed says that answers wait sealed, to a key that the staff's paired devices
	// keep. The lower level, plain, needs no key, and a stolen card gives away the
	// answers that wait.
	Sealed bool
	Batch  int // answers of one kind that are counted together; 10 to 32
	// DrawerTicket prints each key for the staff's drawer. It is always so where the
	// place lets visitors on the network of the box, and the level is sealed: there the
	// address changes, and browsers forget the key with it.
	DrawerTicket bool
	Period       string // how often a bilan is due, see Periods
	ReleaseLeast int    // a table is published from so many answers; 30 to 1000
	GroupAt      int    // answers that fewer gave are published as one; 5 to 50
}

// The levels of Statistics.
const (
	LevelSealed = "sealed"
	LevelPlain  = "plain"
)

// Periods are how often a bilan may be due.
func Periods() []string { return []string{"month", "quarter", "half", "year"} }

// Bounds of a batch: ten is what the measures of privacy rest on, and twice the most
// must find room while a batch waits for its key.
const (
	leastBatch = 10
	mostBatch  = 32
)

func (r *reader) statistics(root *table, network Network) Statistics {
	t := root.section("statistics")
	s := Statistics{
		Sealed:       t.word("level", "level", []string{LevelSealed, LevelPlain}).text != LevelPlain,
		Batch:        t.number("batch", leastBatch, leastBatch, mostBatch),
		DrawerTicket: t.truth("drawer_ticket"),
		Period:       t.word("period", "period", Periods()).text,
		ReleaseLeast: t.number("release_least", 30, 30, 1000),
		GroupAt:      t.number("group_at", 5, 5, 50),
	}
	if s.Period == "" {
		s.Period = "quarter"
	}
	if s.Sealed && network.Visitors {
		if t.has("drawer_ticket") && !s.DrawerTicket {
			r.fail(t.n.keys["drawer_ticket"].line, t.key("drawer_ticket"), "phones forget the keys where visitors are on the same network; write drawer_ticket = true, or level = \"plain\"")
		}
		s.DrawerTicket = true
	}
	t.done()
	return s
}
