package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/directory"
	"jeudi/firmware/directory/hours"
	"jeudi/firmware/intake"
	"jeudi/firmware/ledger"
	"jeudi/firmware/paper"
	"jeudi/firmware/session"
	"jeudi/firmware/web/pair"
	"jeudi/firmware/words"
)

// The directory, slips and vouchers are the desk's.
func (s *Server) routePlaces(mux *http.ServeMux, may gate) {
	for pattern, route := range map[string]struct {
		needs pair.Capability
		serve http.HandlerFunc
	}{
		"GET /api/places":         {pair.Orient, s.getPlaces},
		"GET /api/places/{id}":    {pair.Orient, s.getPlace},
		"GET /api/places/removed": {pair.EditPlaces, s.getRemoved},
		"GET /api/places/terms":   {pair.Orient, s.getTerms},
		"GET /api/places/export":  {pair.EditPlaces, s.exportPlaces},
		"GET /api/places/map":     {pair.Orient, s.mapPlaces},
		"POST /api/places":        {pair.EditPlaces, s.postPlaces},
		"POST /api/places/import": {pair.EditPlaces, s.importPlaces},
		"GET /api/slip/choices":   {pair.Orient, s.getSlipChoices},
		"POST /api/slip":          {pair.Orient, s.postSlip},
		"GET /api/vouchers":       {pair.Orient, s.getVouchers},
		"GET /api/vouchers/list":  {pair.Orient, s.listVouchers},
		"POST /api/vouchers":      {pair.OnBehalf, s.postVouchers}, // it outlives the morning: no guest
		"GET /api/needs":          {pair.OpenClose, s.getNeeds},
	} {
		mux.Handle(pattern, may(route.needs, route.serve))
	}
}

// maxForm bounds a place that staff type, a list of codes and a slip.
const maxForm = 256 << 10

// importing is how long an import may take: a slow card and a large file.
const importing = 2 * time.Minute

type placeView struct {
	ID         string           `json:"id"`
	Name       string           `json:"name"`
	Town       string           `json:"town"`
	Postcode   string           `json:"postcode"`
	Address    string           `json:"address"`
	Phone      string           `json:"phone"`
	Emails     []string         `json:"emails"`
	Sites      []string         `json:"sites"`
	Hours      string           `json:"hours"`
	HoursLines []string         `json:"hours_lines"`
	Unsure     bool             `json:"hours_unsure"`
	Open       string           `json:"open"`
	OpenState  string           `json:"open_state"`
	Metres     *int             `json:"metres"`
	Services   []label          `json:"services"`
	Publics    []label          `json:"publics"`
	Care       []label          `json:"care"`
	Fees       []label          `json:"fees"`
	Access     []label          `json:"access"`
	Support    []label          `json:"support"`
	Types      []string         `json:"types"`
	Summary    string           `json:"summary"`
	Detail     string           `json:"detail"`
	Entitles   string           `json:"entitles"`
	Way        string           `json:"way"`
	Bring      string           `json:"bring"`
	Languages  []string         `json:"languages"`
	Tongues    []string         `json:"tongues"` // the same, by name
	Note       string           `json:"note"`
	Staff      string           `json:"staff"`
	Gone       bool             `json:"gone"`
	Updated    string           `json:"updated"`
	Source     string           `json:"source"`
	Point      *directory.Point `json:"point"`
}

// labels are the words of keys, as the national schema writes them.
func labels(keys []string, terms []directory.Term) []label {
	list := []label{}
	for _, t := range terms {
		if slices.Contains(keys, t.Key) {
			list = append(list, label{t.Key, t.Label})
		}
	}
	return list
}

// some is a list that JSON writes as [], never as null.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (s *Server) placeView(h directory.Hit, at time.Time) placeView {
	p := h.Place
	v := placeView{
		ID: p.ID, Name: p.Name, Town: p.Town, Postcode: p.Postcode, Address: p.Address, Phone: paper.Phone(p.Phone),
		Emails: some(p.Emails), Sites: some(p.Sites), Hours: p.Hours, Unsure: p.Hours != "" && !h.Hours.Known(),
		HoursLines: some(paper.Week(s.cfg.Words, words.French, h.Hours, p.Hours, at)), OpenState: h.State.String(),
		Services: labels(p.Services, directory.Services()), Publics: labels(p.Publics, directory.Publics()), Care: labels(p.Care, directory.Care()),
		Fees: labels(p.Fees, directory.Fees()), Access: labels(p.Access, directory.Access()), Support: labels(p.Support, directory.Support()),
		Types: some(p.Types), Summary: p.Summary, Detail: p.Detail, Entitles: p.Entitles, Way: p.Way, Bring: p.Bring,
		Languages: some(p.Languages), Note: p.Note, Gone: p.Gone, Updated: p.Updated, Source: p.Source, Point: p.Point,
		Staff: map[directory.Staff]string{directory.Imported: "imported", directory.Corrected: "corrected", directory.Added: "added"}[p.Staff],
		Open:  s.msg(words.French, paper.OpenMsg(h)),
	}
	v.Tongues = []string{}
	for _, lang := range p.Languages {
		v.Tongues = append(v.Tongues, s.cfg.Words.Named(lang))
	}
	if h.Distance >= 0 {
		metres := int(h.Distance)
		v.Metres = &metres
	}
	return v
}

// sitePlace is a place that the site names itself: little is known of it, and staff
// do not change it here.
func sitePlace(p intake.Place) placeView {
	return placeView{ID: p.Key, Name: p.Name, Address: p.Address, Phone: paper.Phone(p.Phone), Hours: p.Hours, OpenState: hours.Unknown.String(), Staff: "site",
		Emails: []string{}, Sites: []string{}, HoursLines: []string{}, Services: []label{}, Publics: []label{}, Care: []label{}, Fees: []label{},
		Access: []label{}, Support: []label{}, Types: []string{}, Languages: []string{}, Tongues: []string{}}
}

// sitePlaces are those of the site's own list, in its order.
func (s *Server) sitePlaces() []placeView {
	list := []placeView{}
	for _, p := range s.cfg.Box.Snapshot().Elsewhere() {
		list = append(list, sitePlace(p))
	}
	return list
}

// now is the time on the wall of the place.
func (s *Server) now() time.Time {
	b := s.cfg.Box.Snapshot()
	return b.Now.Wall.In(b.Zone())
}

// places is the directory; nil, and an answer, when the box has none.
func (s *Server) places(w http.ResponseWriter) *directory.Directory {
	if s.cfg.Places == nil {
		s.busy(w)
		return nil
	}
	if s.snapshot(w) == nil {
		return nil
	}
	return s.cfg.Places.Current()
}

func (s *Server) getPlaces(w http.ResponseWriter, r *http.Request) {
	d := s.places(w)
	if d == nil {
		return
	}
	ask := r.URL.Query()
	one := func(name string) []string {
		if v := ask.Get(name); v != "" {
			return []string{v}
		}
		return nil
	}
	q := directory.Query{Words: ask.Get("q"), Services: one("service"), Publics: one("public"), Care: one("care"), Fees: one("fee"),
		Near: s.cfg.Here, At: s.now(), Limit: 30}
	if n, err := strconv.Atoi(ask.Get("limit")); err == nil && n > 0 {
		q.Limit = min(n, 200)
	}
	switch ask.Get("open") {
	case "now":
		q.OpenNow = true
	case "soon":
		q.OpenWithin = 24 * time.Hour
	}
	out := struct {
		Places []placeView      `json:"places"`
		Total  int              `json:"total"`
		Origin directory.Origin `json:"origin"`
		// Elsewhere is the site's own list, whole: a page finds a word in it by itself.
		Elsewhere []placeView `json:"elsewhere"`
	}{[]placeView{}, d.Count(q), d.Origin(), s.sitePlaces()}
	for _, h := range d.Search(q) {
		out.Places = append(out.Places, s.placeView(h, q.At))
	}
	reply(w, http.StatusOK, out)
}

func (s *Server) getPlace(w http.ResponseWriter, r *http.Request) {
	d := s.places(w)
	if d == nil {
		return
	}
	p, ok := d.Place(r.PathValue("id"))
	if !ok {
		for _, own := range s.sitePlaces() {
			if own.ID == r.PathValue("id") {
				reply(w, http.StatusOK, own)
				return
			}
		}
		fail(w, http.StatusNotFound, s.text("refuse.place_unknown", nil))
		return
	}
	at := s.now()
	reply(w, http.StatusOK, s.placeView(s.hit(p, at), at))
}

// hit is a place as a search finds it at a time.
func (s *Server) hit(p directory.Place, at time.Time) directory.Hit {
	h := directory.Hit{Place: p, Distance: -1, Hours: p.Schedule()}
	if s.cfg.Here != nil && p.Point != nil {
		h.Distance = s.cfg.Here.Distance(*p.Point)
	}
	if h.Hours.Known() {
		h.State, h.Until = h.Hours.At(at)
		h.Opens, _ = h.Hours.Opens(at)
	}
	return h
}

// getRemoved lists the imported places that staff took out, by name: each can be
// brought back.
func (s *Server) getRemoved(w http.ResponseWriter, r *http.Request) {
	if s.places(w) == nil {
		return
	}
	at := s.now()
	out := struct {
		Places []placeView `json:"places"`
	}{[]placeView{}}
	for _, p := range s.cfg.Places.Removed() {
		out.Places = append(out.Places, s.placeView(s.hit(p, at), at))
	}
	reply(w, http.StatusOK, out)
}

// bringBack puts a place back that staff took out. One that is in the directory is
// not touched: its corrections stay.
func (s *Server) bringBack(id string) error {
	if !slices.ContainsFunc(s.cfg.Places.Removed(), func(p directory.Place) bool { return p.ID == id }) {
		return directory.ErrNotThere
	}
	return s.cfg.Places.Reset(id)
}

func (s *Server) getTerms(w http.ResponseWriter, r *http.Request) {
	out := map[string][]label{}
	for name, terms := range map[string][]directory.Term{"services": directory.Services(), "publics": directory.Publics(),
		"care": directory.Care(), "fees": directory.Fees(), "access": directory.Access(), "support": directory.Support()} {
		for _, t := range terms {
			out[name] = append(out[name], label{t.Key, t.Label})
		}
	}
	reply(w, http.StatusOK, out)
}

func (s *Server) exportPlaces(w http.ResponseWriter, r *http.Request) {
	d := s.places(w)
	if d == nil {
		return
	}
	var csv bytes.Buffer
	if err := d.Export(&csv); err != nil {
		s.refuse(w, err, nil)
		return
	}
	download(w, "lieux.csv", csv.Bytes())
}

// download hands a table over as a file.
func download(w http.ResponseWriter, name string, csv []byte) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Write(csv)
}

// mapped is how many places a map shows: more would hide each other.
const mapped = 200

func (s *Server) mapPlaces(w http.ResponseWriter, r *http.Request) {
	d := s.places(w)
	if d == nil {
		return
	}
	type spot struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		X    int    `json:"x"`
		Y    int    `json:"y"`
		Open string `json:"open_state"`
	}
	out := struct {
		Here   bool   `json:"here"`
		Radius int    `json:"radius"`
		Places []spot `json:"places"`
		More   int    `json:"more"`
	}{s.cfg.Here != nil, 5000, []spot{}, 0}
	if n, err := strconv.Atoi(r.URL.Query().Get("radius")); err == nil {
		out.Radius = min(max(n, 100), 100_000)
	}
	if s.cfg.Here != nil {
		spots := d.Outline(*s.cfg.Here, float64(out.Radius))
		out.More = max(len(spots)-mapped, 0)
		at := s.now()
		for _, p := range spots[:len(spots)-out.More] {
			state := ""
			if place, ok := d.Place(p.ID); ok {
				state = place.Schedule().StateAt(at).String()
			}
			out.Places = append(out.Places, spot{p.ID, p.Name, int(p.X), int(p.Y), state})
		}
	}
	reply(w, http.StatusOK, out)
}

// problem is what was not as it should be, in a sentence.
type problem struct {
	Line   int    `json:"line,omitempty"`
	File   string `json:"file,omitempty"`
	Column string `json:"column"`
	Value  string `json:"value"`
	Text   string `json:"text"`
	Done   string `json:"done"`
}

func (s *Server) problems(list []directory.Problem) []problem {
	out := []problem{}
	for _, p := range list {
		out = append(out, problem{p.Line, p.File, p.Column, p.Value, s.text("desk.place_problem."+string(p.Code), nil), s.text("desk.place_done."+p.Done.String(), nil)})
	}
	return out
}

// refuse says what the directory would not do.
func (s *Server) refuse(w http.ResponseWriter, err error, problems []directory.Problem) {
	var no directory.Refusal
	if told, ok := errors.AsType[*session.Refusal](err); ok { // of a stick
		reply(w, http.StatusConflict, map[string]any{"error": s.msg("fr", told.Msg), "key": told.Msg.Key})
		return
	}
	if !errors.As(err, &no) {
		s.cfg.Logger.Error("directory", "err", err)
		fail(w, http.StatusServiceUnavailable, s.text("refuse.not_kept", nil))
		return
	}
	reply(w, http.StatusConflict, map[string]any{"error": s.text(string(no), nil), "key": string(no), "problems": s.problems(problems)})
}

func (s *Server) report(w http.ResponseWriter, rep directory.Report, err error) {
	if err != nil {
		s.refuse(w, err, rep.Problems)
		return
	}
	warning := ""
	if rep.NoPoint > 0 {
		warning = s.text("report.places_no_point", map[string]any{"n": rep.NoPoint})
	}
	reply(w, http.StatusOK, map[string]any{"places": rep.Places, "left": rep.Left, "corrections": rep.Corrections, "gone": rep.Gone,
		"no_point": rep.NoPoint, "warning": warning, "problems": s.problems(rep.Problems), "more": rep.More})
}

// importPlaces takes a file as it is: a slow phone may send it slowly.
func (s *Server) importPlaces(w http.ResponseWriter, r *http.Request) {
	if s.places(w) == nil {
		return
	}
	line := http.NewResponseController(w)
	line.SetReadDeadline(time.Now().Add(importing))
	line.SetWriteDeadline(time.Now().Add(importing + writeWait))
	ctx, cancel := context.WithTimeout(r.Context(), importing)
	defer cancel()
	name := filepath.Base(r.URL.Query().Get("name"))
	rep, err := s.cfg.Places.Replace(ctx, http.MaxBytesReader(w, r.Body, directory.MaxFile+1), name, s.now())
	s.report(w, rep, err)
}

func (s *Server) postPlaces(w http.ResponseWriter, r *http.Request) {
	if s.places(w) == nil {
		return
	}
	var in struct {
		Do    string          `json:"do"`
		ID    string          `json:"id"`
		Place json.RawMessage `json:"place"`
	}
	if !readForm(w, r, &in) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), importing)
	defer cancel()
	var err error
	switch in.Do {
	case "put":
		var p directory.Place
		var problems []directory.Problem
		if p, err = s.corrected(in.Place); err != nil {
			fail(w, http.StatusBadRequest, "place is not what this address expects: "+err.Error())
			return
		}
		if p, problems, err = s.cfg.Places.Put(p, s.now()); err != nil {
			s.refuse(w, err, problems)
			return
		}
		reply(w, http.StatusOK, map[string]any{"id": p.ID, "problems": s.problems(problems)})
		return
	case "usb":
		rep, err := s.fromStick(ctx)
		s.report(w, rep, err)
		return
	case "remove":
		err = s.cfg.Places.Remove(in.ID)
	case "reset":
		err = s.cfg.Places.Reset(in.ID)
	case "bring_back":
		err = s.bringBack(in.ID)
	case "restore":
		err = s.cfg.Places.Restore()
	default:
		unknown(w, in.Do)
		return
	}
	if err != nil {
		s.refuse(w, err, nil)
		return
	}
	reply(w, http.StatusOK, map[string]bool{"ok": true})
}

// corrected is a place as it is, with the fields that a form sent over it: what a
// form does not show stays.
func (s *Server) corrected(form json.RawMessage) (p directory.Place, err error) {
	var named struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(form, &named); err != nil {
		return p, err
	}
	if was, ok := s.cfg.Places.Current().Place(named.ID); ok {
		// Written and read again: decoding reuses slices, and those belong to everybody.
		whole, err := json.Marshal(was)
		if err == nil {
			err = json.Unmarshal(whole, &p)
		}
		if err != nil {
			return p, err
		}
	}
	dec := json.NewDecoder(bytes.NewReader(form))
	dec.DisallowUnknownFields()
	return p, dec.Decode(&p)
}

// fromStick imports from the first USB stick that has a file of places. What lies
// outside the stick is not followed.
func (s *Server) fromStick(ctx context.Context) (directory.Report, error) {
	if p := s.cfg.Plugged; p != nil && p.There() {
		sticks, err := p.Open(ctx)
		if err != nil {
			return directory.Report{}, err
		}
		for _, stick := range sticks {
			rep, err := s.cfg.Places.ReplaceFrom(ctx, stick, s.now())
			if !errors.Is(err, directory.ErrNoFile) {
				return rep, err
			}
		}
		return directory.Report{}, directory.ErrNoFile
	}
	for _, pattern := range s.cfg.Sticks {
		found, _ := filepath.Glob(pattern)
		for _, dir := range found {
			root, err := os.OpenRoot(dir)
			if err != nil {
				continue
			}
			rep, err := s.cfg.Places.ReplaceFrom(ctx, root.FS(), s.now())
			root.Close()
			if !errors.Is(err, directory.ErrNoFile) {
				return rep, err
			}
		}
	}
	return directory.Report{}, directory.ErrNoFile
}

// readForm decodes what staff typed, which may be longer than a command.
func readForm(w http.ResponseWriter, r *http.Request, v any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		fail(w, http.StatusBadRequest, "the body is not what this address expects: "+err.Error())
		return false
	}
	return true
}

func (s *Server) getSlipChoices(w http.ResponseWriter, r *http.Request) {
	b := s.snapshot(w)
	if b == nil {
		return
	}
	out := map[string][]label{"done": {}, "bring": {}, "roles": s.choices(b)["roles"], "langs": {}}
	for _, key := range paper.DoneKeys() {
		out["done"] = append(out["done"], label{key, s.text("slip.done."+key, nil)})
	}
	for _, key := range paper.BringKeys() {
		out["bring"] = append(out["bring"], label{key, s.text("slip.bring."+key, nil)})
	}
	for _, l := range s.cfg.Languages {
		out["langs"] = append(out["langs"], label{l, s.cfg.Words.Named(l)})
	}
	reply(w, http.StatusOK, out)
}

func (s *Server) postSlip(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID         session.ID   `json:"id"`
		Do         string       `json:"do"`
		Lang       string       `json:"lang"`
		Desk       string       `json:"desk"`
		Large      bool         `json:"large"`
		Places     []string     `json:"places"`
		Visit      session.ID   `json:"visit"`
		WithResult bool         `json:"with_result"`
		Done       []string     `json:"done"`
		Bring      []string     `json:"bring"`
		Deadline   string       `json:"deadline"`
		Next       string       `json:"next"`
		Who        session.Role `json:"who"`
		IDs        []string     `json:"ids"`
	}
	if !readForm(w, r, &in) {
		return
	}
	if !identified(w, in.ID) {
		return
	}
	b := s.snapshot(w)
	if b == nil {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	var run func() error
	switch in.Do {
	case "orientation":
		o := appliance.Orientation{Places: in.Places, Lang: in.Lang, Large: in.Large, Visit: in.Visit, Desk: in.Desk}
		if in.WithResult {
			if !may(r, pair.SeeLevel) { // the paper shows what the person shared
				s.refused(w, pair.ErrRole)
				return
			}
			if o.Shared = in.Visit; in.Visit.IsZero() {
				s.answer(w, session.Answer{}, session.ErrNoVisit)
				return
			}
		}
		run = func() error { return s.cfg.Box.PrintOrientation(ctx, o) }
	case "today":
		t := paper.TodayData{Lang: in.Lang, Done: in.Done, Bring: in.Bring, Who: in.Who, Large: in.Large}
		if in.Deadline != "" {
			day, err := time.ParseInLocation(time.DateOnly, in.Deadline, b.Zone())
			if err != nil {
				fail(w, http.StatusBadRequest, s.text("refuse.unknown_choice", nil))
				return
			}
			t.Deadline = day
		}
		run = func() error { return s.cfg.Box.PrintToday(ctx, t, in.Next) }
	case "rights":
		run = func() error { return s.cfg.Box.PrintRights(ctx, in.Lang, in.IDs, in.Large) }
	case "partner":
		run = func() error { return s.cfg.Box.PrintPartner(ctx, in.Next) }
	default:
		unknown(w, in.Do)
		return
	}
	if err := s.repeats.do(in.ID, run); err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	w.WriteHeader(http.StatusNoContent) // what becomes of it, the printer shows
}

func (s *Server) vouchers(w http.ResponseWriter) appliance.Vouchers {
	v := s.cfg.Box.Vouchers()
	if v == nil {
		s.busy(w)
	}
	return v
}

// placeName is a place's name, or its key once it is gone from the directory.
func (s *Server) placeName(key string) string {
	if s.cfg.Places != nil {
		if p, ok := s.cfg.Places.Current().Place(key); ok {
			return p.Name
		}
	}
	if b := s.cfg.Box.Snapshot(); b != nil {
		for _, p := range b.Elsewhere() {
			if p.Key == key {
				return p.Name
			}
		}
	}
	return key
}

func (s *Server) getVouchers(w http.ResponseWriter, r *http.Request) {
	v := s.vouchers(w)
	if v == nil {
		return
	}
	counts, err := v.VoucherCounts()
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	type row struct {
		ID      string `json:"id"`
		Place   string `json:"place"`
		Month   string `json:"month"`
		Given   int    `json:"given"`
		Arrived int    `json:"arrived"`
	}
	out := []row{}
	for _, c := range counts {
		out = append(out, row{c.Place, s.placeName(c.Place), c.Month, c.Given, c.Arrived})
	}
	reply(w, http.StatusOK, map[string]any{"counts": out})
}

// getNeeds tells how many people could not come, by month: what help at home would
// be for.
func (s *Server) getNeeds(w http.ResponseWriter, r *http.Request) {
	type row struct {
		Month  string `json:"month"`
		People int    `json:"people"`
	}
	out := struct {
		Home []row `json:"home"`
	}{[]row{}}
	needs := s.cfg.Box.Needs()
	if needs == nil {
		s.busy(w)
		return
	}
	list, err := needs.HomeNeeds()
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	for _, n := range list {
		out.Home = append(out.Home, row{n.Month, n.People})
	}
	reply(w, http.StatusOK, out)
}

func (s *Server) listVouchers(w http.ResponseWriter, r *http.Request) {
	v := s.vouchers(w)
	if v == nil {
		return
	}
	list, err := v.Vouchers(r.URL.Query().Get("place"))
	var csv bytes.Buffer
	if err == nil {
		err = ledger.WriteVouchers(&csv, list)
	}
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	download(w, "bons.csv", csv.Bytes())
}

func (s *Server) postVouchers(w http.ResponseWriter, r *http.Request) {
	v := s.vouchers(w)
	if v == nil {
		return
	}
	var in struct {
		Codes string `json:"codes"`
	}
	if !readForm(w, r, &in) {
		return
	}
	a, err := v.ArrivedMany(strings.NewReader(in.Codes))
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	lines := strings.Split(in.Codes, "\n")
	read := func(numbers []int) []string {
		out := []string{}
		for _, n := range numbers {
			if n >= 1 && n <= len(lines) {
				text := strings.TrimSpace(lines[n-1])
				out = append(out, strings.ToValidUTF8(text[:min(len(text), 40)], ""))
			}
		}
		return out
	}
	reply(w, http.StatusOK, map[string]any{"arrived": a.New, "again": a.Already, "unknown": read(a.Unknown), "typo": read(a.Typos)})
}
