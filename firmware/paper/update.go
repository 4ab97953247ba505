package paper

import (
	"time"

	"jeudi/drivers"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// UpdateData is how an update ended.
type UpdateData struct {
	Place string // the name of the permanence
	At    time.Time
	Kept  bool
	Says  session.Msg // what became of it
	Why   session.Msg // the reason of one that was not kept; "" for none
}

// Update is the slip that says which version runs after a restart that nobody may have
// watched, in the words of the desk.
func Update(w *words.Catalogue, d UpdateData) drivers.Document {
	var p page
	s := p.in(w, words.French)
	title := "update.slip_kept"
	if !d.Kept {
		title = "update.slip_back"
	}
	s.block(drivers.Text{Text: s.say(title, nil), Size: 2, Bold: true, Align: drivers.Center})
	s.block(drivers.Text{Text: d.Place, Bold: true, Align: drivers.Center})
	p.add(drivers.Rule{})
	s.block(drivers.Text{Text: s.say(d.Says.Key, d.Says.Args), Bold: true})
	if d.Why.Key != "" {
		s.block(drivers.Text{Text: s.say(d.Why.Key, d.Why.Args)})
	}
	if !d.At.IsZero() {
		s.block(drivers.Text{Text: s.say("update.slip_at", map[string]any{"at": d.At})})
	}
	return p.doc
}
