package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"

	"jeudi/firmware/appliance"
	"jeudi/firmware/coop"
	"jeudi/firmware/session"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
)

// What was done with a visitor is said here, and taken away to La Coop. It is kept in
// memory alone: no answer of these addresses is written anywhere.
func (s *Server) routeWork(mux *http.ServeMux, may gate) {
	for pattern, route := range map[string]struct {
		needs pair.Capability
		serve http.HandlerFunc
	}{
		"GET /api/work":          {pair.End, s.getWork},
		"GET /api/work/visit":    {pair.End, s.getVisitWork},
		"GET /api/work/link":     {pair.End, s.getWorkLink},
		"GET /api/work/coop.csv": {pair.OpenClose, s.getWorkFile}, // of every desk
		"GET /api/work/blocked":  {pair.Figures, s.getBlocked},
		"POST /api/work":         {pair.End, s.postWork},
	} {
		mux.Handle(pattern, may(route.needs, route.serve))
	}
}

// deskOf is the desk of who asks: that of a paired screen, whatever it says.
func deskOf(r *http.Request, said string) string {
	if who, ok := guard.Who(r.Context()); ok && who.Desk != "" {
		return who.Desk
	}
	return said
}

// getWork lists the visits that ended at a desk, the latest first.
func (s *Server) getWork(w http.ResponseWriter, r *http.Request) {
	b := s.snapshot(w)
	if b == nil {
		return
	}
	type visit struct {
		Row
		Noted bool `json:"noted"`
	}
	out := struct {
		Visits []visit `json:"visits"`
		Link   bool    `json:"link"`   // the site makes links
		Untold int     `json:"untold"` // how many visits of all desks the file lacks
	}{[]visit{}, b.Coop().Prefill, 0}
	ended, told := b.WorkTold()
	out.Untold = ended - told
	for _, v := range b.EndedAt(deskOf(r, r.URL.Query().Get("desk"))) {
		out.Visits = append(out.Visits, visit{s.row(b, v), b.Work[v.ID].Told})
	}
	reply(w, http.StatusOK, out)
}

// workForm is what a desk may say of a visit. It has no room for words of anybody.
type workForm struct {
	Themes      []coop.Theme    `json:"themes"`
	Materials   []coop.Material `json:"materials"`
	With        coop.Organism   `json:"with"`
	Blocked     coop.Organism   `json:"blocked"`
	Manner      coop.Manner     `json:"manner"`
	Autonomy    coop.Autonomy   `json:"autonomy"`
	Known       coop.Answer     `json:"known"`
	Oriented    bool            `json:"oriented"`
	Structure   coop.Structure  `json:"structure"`
	Toward      string          `json:"toward"` // key of the place
	TowardName  string          `json:"toward_name,omitempty"`
	Accompanied bool            `json:"accompanied"`
	SeeAgain    bool            `json:"see_again"`
	Freins      []coop.Frein    `json:"freins"`
	Gender      coop.Gender     `json:"gender"`
	Age         coop.Age        `json:"age"`
	Status      coop.Status     `json:"status"`
	Minutes     int             `json:"minutes"`
}

func (f workForm) record() coop.Record {
	r := coop.Record{Themes: f.Themes, Materials: f.Materials, With: f.With, Blocked: f.Blocked, Manner: f.Manner, Autonomy: f.Autonomy,
		Known: f.Known, Accompanied: f.Accompanied, SeeAgain: f.SeeAgain, Freins: f.Freins, Gender: f.Gender, Age: f.Age, Status: f.Status, Minutes: f.Minutes}
	if f.Oriented {
		r.Oriented, r.Structure = coop.Yes, f.Structure
	}
	return r
}

// formOf is what was said of a visit, or, before anything was, what its motifs let
// expect: staff confirm it.
func formOf(b *appliance.Snapshot, v *session.Visit) workForm {
	work, r := b.Work[v.ID], b.Record(v)
	f := workForm{Themes: r.Themes, Materials: r.Materials, With: r.With, Blocked: r.Blocked, Manner: r.Manner, Autonomy: r.Autonomy,
		Known: r.Known, Oriented: r.Oriented == coop.Yes, Structure: r.Structure, Toward: work.Toward, TowardName: r.Toward,
		Accompanied: r.Accompanied, SeeAgain: r.SeeAgain, Freins: r.Freins, Gender: r.Gender, Age: r.Age, Status: r.Status, Minutes: r.Minutes}
	if !work.Told {
		for _, m := range v.Motifs {
			s := coop.Suggest(m)
			f.Themes = append(f.Themes, s.Themes...)
			f.Materials = append(f.Materials, s.Materials...)
			if f.With == "" {
				f.With = s.With
			}
			if f.Structure == "" { // shown once « Orienté » is ticked
				f.Structure = s.Oriented
			}
		}
		f.Oriented = v.Outcome == session.Oriented
	}
	f.Themes = coop.TidyThemes(f.Themes)
	slices.Sort(f.Materials)
	f.Materials = slices.Compact(f.Materials)
	if f.Themes == nil {
		f.Themes = []coop.Theme{}
	}
	if f.Materials == nil {
		f.Materials = []coop.Material{}
	}
	if f.Freins == nil {
		f.Freins = []coop.Frein{}
	}
	return f
}

// values are a closed list of La Coop's, in its own words.
func values[C ~string](list []coop.Value[C]) []label {
	out := []label{}
	for _, v := range list {
		out = append(out, label{string(v.Code), v.Label})
	}
	return out
}

func workChoices(site coop.Site) map[string][]label {
	organisms := site.Organisms
	if len(organisms) == 0 {
		organisms = coop.Organisms()
	}
	return map[string][]label{
		"themes": values(coop.Themes()), "procedures": values(coop.Procedures()), "manners": values(coop.Manners()),
		"autonomies": values(coop.Autonomies()), "structures": values(coop.Structures()), "materials": values(coop.Materials()), "freins": values(coop.Freins()),
		"organisms": values(organisms), "genders": values(coop.Genders()), "ages": values(coop.Ages()), "statuses": values(coop.Statuses()),
		"known": {{string(coop.Yes), "Oui"}, {string(coop.No), "Non"}},
	}
}

// worked is the visit that a request names; nil, and an answer, when this desk has
// nothing to say of it.
func (s *Server) worked(w http.ResponseWriter, r *http.Request) (*appliance.Snapshot, *session.Visit) {
	b := s.snapshot(w)
	if b == nil {
		return nil, nil
	}
	ask := r.URL.Query()
	var id session.ID
	if err := id.UnmarshalText([]byte(ask.Get("visit"))); err != nil {
		s.answer(w, session.Answer{}, session.ErrNoVisit)
		return nil, nil
	}
	v, err := b.Worked(deskOf(r, ask.Get("desk")), id)
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return nil, nil
	}
	return b, v
}

func (s *Server) getVisitWork(w http.ResponseWriter, r *http.Request) {
	b, v := s.worked(w, r)
	if v == nil {
		return
	}
	reply(w, http.StatusOK, map[string]any{"number": v.Number, "motifs": s.row(b, v).Motifs, "told": b.Work[v.ID].Told,
		"here": v.State() != session.Done, "link": b.Coop().Prefill, "chosen": formOf(b, v), "choices": workChoices(b.Coop())})
}

func (s *Server) postWork(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID    session.ID `json:"id"`
		Desk  string     `json:"desk"`
		Visit session.ID `json:"visit"`
		workForm
	}
	if !readForm(w, r, &in) || !identified(w, in.ID) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	s.answer(w, session.Answer{}, s.repeats.do(in.ID, func() error {
		return s.cfg.Box.TellWork(ctx, deskOf(r, in.Desk), in.Visit, in.record(), in.Toward)
	}))
}

// getWorkLink is the address that opens La Coop's own form filled with a visit, and
// its code for a phone that has the Internet.
func (s *Server) getWorkLink(w http.ResponseWriter, r *http.Request) {
	b, v := s.worked(w, r)
	if v == nil {
		return
	}
	link, err := b.Coop().Link(b.Record(v))
	switch {
	case errors.Is(err, coop.ErrNoLink), errors.Is(err, coop.ErrInvalid), errors.Is(err, coop.ErrLongLink):
		s.answer(w, session.Answer{}, &session.Refusal{Msg: session.M("refuse.coop_no_link")})
	case err != nil:
		s.answer(w, session.Answer{}, err)
	default:
		reply(w, http.StatusOK, map[string]any{"url": link, "qr": qrView(link)})
	}
}

// getBlocked tells how many procedures each organism blocked, by month: what the team
// owes it to know. Of a month that goes on, permanences that closed are in it.
func (s *Server) getBlocked(w http.ResponseWriter, r *http.Request) {
	b := s.snapshot(w)
	if b == nil {
		return
	}
	blocked := s.cfg.Box.Blocked()
	if blocked == nil {
		s.busy(w)
		return
	}
	counts, err := blocked.BlockedCounts()
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	type row struct {
		Month    string `json:"month"`
		Organism string `json:"organism"`
		N        int    `json:"n"`
	}
	out := struct {
		Blocked []row `json:"blocked"`
	}{[]row{}}
	site := b.Coop()
	for _, c := range counts {
		name := coop.LabelOf(slices.Concat(site.Organisms, coop.Organisms()), coop.Organism(c.Organism))
		if name == "" {
			name = c.Organism // the site's list has it no longer
		}
		out.Blocked = append(out.Blocked, row{c.Month, name, c.N})
	}
	reply(w, http.StatusOK, out)
}

func (s *Server) getWorkFile(w http.ResponseWriter, r *http.Request) {
	b := s.snapshot(w)
	if b == nil {
		return
	}
	var csv bytes.Buffer
	if err := b.Coop().WriteCSV(&csv, b.Records()); err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	name := "la-coop.csv"
	if b.Testing() {
		name = "la-coop-essai.csv" // not to be taken there
	}
	download(w, name, csv.Bytes())
}
