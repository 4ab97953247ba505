package rehearse

import "time"

// What the surfaces send, as far as the script looks at it.

type kioskView struct {
	Turn     int         `json:"turn"`
	ID       string      `json:"id"`
	Title    string      `json:"title"`
	Text     string      `json:"text"`
	Choices  []pressable `json:"choices"`
	Skip     *pressable  `json:"skip"`
	Toggle   *pressable  `json:"toggle"`
	Controls []pressable `json:"controls"`
	Focus    string      `json:"focus"`
	Say      string      `json:"say"`
	Ticket   *struct {
		Number int `json:"number"`
	} `json:"ticket"`

	outage int // how often the line was lost before
}

type pressable struct {
	Key      string `json:"key"`
	Label    string `json:"label"`
	Selected bool   `json:"selected"`
	Enabled  bool   `json:"enabled"`
}

// find looks for something to press, wherever it is on the screen.
func (v kioskView) find(key string) (pressable, bool) {
	for _, c := range v.Choices {
		if c.Key == key {
			return c, true
		}
	}
	for _, c := range []*pressable{v.Skip, v.Toggle} {
		if c != nil && c.Key == key {
			return *c, true
		}
	}
	for _, c := range v.Controls {
		if c.Key == key {
			return c, c.Enabled
		}
	}
	return pressable{}, false
}

func (v kioskView) has(key string) bool { _, ok := v.find(key); return ok }

type deskView struct {
	NowMS      int64   `json:"now_ms"`
	Speed      float64 `json:"speed"`
	Permanence struct {
		Status string `json:"status"`
		Test   bool   `json:"test"` // it does not count
	} `json:"permanence"`
	Banners []struct {
		Key     string           `json:"key"`
		Actions []map[string]any `json:"actions"`
	} `json:"banners"`
	Desks []struct {
		Key string `json:"key"`
		Row *row   `json:"row"`
	} `json:"desks"`
	Mine         *row           `json:"mine"`
	Waiting      []row          `json:"waiting"`
	WaitingTotal int            `json:"waiting_total"`
	Resting      []row          `json:"resting"`
	Held         []row          `json:"held"`
	Away         []row          `json:"away"`
	Ended        []row          `json:"ended"`
	Counts       map[string]int `json:"counts"`
	Help         *struct {
		Coming bool `json:"coming"`
	} `json:"help"`
	Choices map[string][]struct {
		Key   string `json:"key"`
		Label string `json:"label"`
	} `json:"choices"`

	at     time.Duration // on the script's clock, when it came in
	outage int           // how often the line was lost, or the box's clock set, before
}

type row struct {
	ID            string `json:"id"`
	Number        int    `json:"number"`
	State         string `json:"state"`
	SinceMS       int64  `json:"since_ms"`
	Calls         int    `json:"calls"`
	RecallMS      int64  `json:"recall_ms"`
	UntilMS       int64  `json:"until_ms"`
	ProposeNoShow bool   `json:"propose_no_show"`
	Outcome       string `json:"outcome"`
}

// rows yields every row of the view, those that ended last.
func (v deskView) rows(yield func(list string, r row) bool) {
	for _, d := range v.Desks {
		if d.Row != nil && !yield("desk", *d.Row) {
			return
		}
	}
	for _, l := range []struct {
		name string
		rows []row
	}{{"waiting", v.Waiting}, {"resting", v.Resting}, {"held", v.Held}, {"away", v.Away}, {"ended", v.Ended}} {
		for _, r := range l.rows {
			if !yield(l.name, r) {
				return
			}
		}
	}
}

// action is what a banner offers, or nil.
func (v deskView) action(key string) map[string]any {
	for _, b := range v.Banners {
		if b.Key == key && len(b.Actions) > 0 {
			return b.Actions[0]
		}
	}
	return nil
}

// choice is the key in a closed list at a place that turns with n, or "".
func (v deskView) choice(list string, n uint64) string {
	c := v.Choices[list]
	if len(c) == 0 {
		return ""
	}
	return c[n%uint64(len(c))].Key
}
