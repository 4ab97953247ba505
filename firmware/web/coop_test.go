package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/coop"
	"jeudi/firmware/report"
	"jeudi/firmware/web/pair"
)

// served takes somebody through desk 1 and gives their visit.
func (w *world) served(motif string) string {
	w.t.Helper()
	visit := w.desk("take", fields{"motif": motif})["visit"].(string)
	w.desk("call", fields{"visit": visit})
	w.desk("start", nil)
	w.desk("end", fields{"outcome": "served"})
	return visit
}

type workList struct {
	Visits []struct {
		ID    string `json:"id"`
		Noted bool   `json:"noted"`
	} `json:"visits"`
	Link   bool `json:"link"`
	Untold int  `json:"untold"`
}

type workVisit struct {
	Number  int                `json:"number"`
	Told    bool               `json:"told"`
	Here    bool               `json:"here"`
	Chosen  workForm           `json:"chosen"`
	Choices map[string][]label `json:"choices"`
}

// After « Terminé » a desk says what was done, changes it, and takes it to La Coop by
// a link or in a file; no other desk sees it.
func TestWork(t *testing.T) {
	w, _ := withPlaces(t)
	w.desk("open", nil)
	visit := w.served("caf")

	of := func(path, desk string) string { return path + "?desk=" + desk + "&visit=" + visit }
	before := get[workVisit](t, w, of("/api/work/visit", "1"))
	if before.Told || before.Here || before.Number != 1 || !slices.Equal(before.Chosen.Themes, []coop.Theme{coop.Paperwork, "SocialSante"}) ||
		before.Chosen.With != "caf" || before.Chosen.Oriented || before.Chosen.Minutes != 15 {
		t.Errorf("before anything was said = %+v; want what the motif lets expect", before)
	}
	for _, list := range []string{"themes", "procedures", "manners", "autonomies", "structures", "materials", "organisms", "genders", "ages", "statuses", "known"} {
		if len(before.Choices[list]) < 2 {
			t.Errorf("choices of %s = %v; want a list", list, before.Choices[list])
		}
	}
	if got := get[workList](t, w, "/api/work?desk=1"); len(got.Visits) != 1 || got.Visits[0].ID != visit || got.Visits[0].Noted || !got.Link || got.Untold != 1 {
		t.Errorf("visits of desk 1 = %+v; want one, of which nothing is said", got)
	}
	if got := get[workList](t, w, "/api/work?desk=2"); len(got.Visits) != 0 || got.Untold != 1 {
		t.Errorf("visits of desk 2 = %+v; want none, and one that the file of all desks lacks", got)
	}
	for path, status := range map[string]int{of("/api/work/visit", "2"): http.StatusConflict, of("/api/work/link", "2"): http.StatusConflict,
		"/api/work/visit?desk=1&visit=x": http.StatusConflict, "/api/work/visit?desk=1&visit=" + id(99): http.StatusConflict, of("/api/work/link", "1"): http.StatusConflict} {
		if got := ask(w.server, "GET", path, "", nil); got.Code != status {
			t.Errorf("GET %s = %d %s; want %d", path, got.Code, got.Body, status)
		}
	}

	say := fields{"desk": "1", "visit": visit, "themes": []string{"SocialSante", "Email"}, "manner": "avec", "oriented": true, "structure": "AideSociale", "toward": "site-0",
		"accompanied": true, "see_again": true, "blocked": "caf", "age": "SoixanteDixPlus", "autonomy": "Autonome", "minutes": 45}
	for _, tt := range []struct {
		name   string
		change fields
		status int
	}{
		{"another desk", fields{"desk": "2"}, http.StatusConflict},
		{"no theme", fields{"themes": []string{}}, http.StatusConflict},
		{"an age that is none", fields{"age": "vieux"}, http.StatusConflict},
		{"a word about the person", fields{"note": "…"}, http.StatusBadRequest},
		{"all of it", nil, http.StatusOK},
	} {
		body := fields{}
		for k, v := range say {
			body[k] = v
		}
		for k, v := range tt.change {
			body[k] = v
		}
		status, answer := w.post("/api/work", body)
		if status != tt.status || status == http.StatusConflict && !sentence(answer["error"]) {
			t.Errorf("%s = %d %v; want %d", tt.name, status, answer, tt.status)
		}
	}
	after := get[workVisit](t, w, of("/api/work/visit", "1"))
	if f := after.Chosen; !after.Told || f.Manner != "avec" || f.Toward != "site-0" || f.TowardName != "Médiathèque" || !f.Oriented || f.Minutes != 45 || f.Age != "SoixanteDixPlus" {
		t.Errorf("after it = %+v; want what was said", after)
	}
	if got := get[workList](t, w, "/api/work?desk=1").Untold; got != 0 {
		t.Errorf("the file lacks %d visits once all is said; want 0", got)
	}
	link := get[struct {
		URL string
		QR  *QRView
	}](t, w, of("/api/work/link", "1"))
	if u, err := url.Parse(link.URL); err != nil || u.Host != "coop-numerique.anct.gouv.fr" || link.QR == nil {
		t.Errorf("link = %+v; want La Coop's form and its code", link)
	}
	csv := ask(w.server, "GET", "/api/work/coop.csv", "", nil)
	if lines := strings.Split(strings.TrimSpace(csv.Body.String()), "\r\n"); csv.Code != 200 || len(lines) != 2 && !strings.Contains(csv.Body.String(), "Médiathèque") ||
		!strings.Contains(csv.Header().Get("Content-Disposition"), "la-coop.csv") {
		t.Errorf("file = %d %q; want one row", csv.Code, csv.Body)
	}
	if v := w.server.deskCommon(w.box.Snapshot()).Team.Work; v != (workView{Ended: 1, Told: 1}) {
		t.Errorf("what desks know = %+v; want one, and of one something said", v)
	}
	w.desk("close", nil)
	if got := ask(w.server, "GET", "/api/work/coop.csv", "", nil); strings.Contains(got.Body.String(), "Médiathèque") {
		t.Error("the file after the close has a row; want it erased")
	}
	w.desk("open", fields{"test": true})
	if got := ask(w.server, "GET", "/api/work/coop.csv", "", nil).Header().Get("Content-Disposition"); !strings.Contains(got, "la-coop-essai.csv") {
		t.Errorf("the file while staff practise = %q; want another name", got)
	}
	w.desk("close", nil)
	type blockedRow struct {
		Month, Organism string
		N               int
	}
	type blocked struct{ Blocked []blockedRow }
	// The counts of the close are written beside it: these are of another month.
	if err := w.box.Blocked().AddBlocked(time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC), []report.Tally{{Key: "caf", N: 2}}); err != nil {
		t.Fatal(err)
	}
	counted := get[blocked](t, w, "/api/work/blocked")
	if !slices.ContainsFunc(counted.Blocked, func(r blockedRow) bool { return r == blockedRow{"2026-10", "CAF", 2} }) {
		t.Errorf("blocked procedures = %+v; want two by CAF in October", counted)
	}
	if got := ask(w.server, "GET", of("/api/work/visit", "1"), "", nil); got.Code != http.StatusConflict {
		t.Errorf("a visit after the close = %d; want 409", got.Code)
	}
	if said := w.said.String(); strings.Contains(said, "SoixanteDix") || strings.Contains(said, "SocialSante") {
		t.Error("the log says what was done with somebody")
	}
}

// What desks know of each other's calls for help, and that late answers change nothing.
func TestHelpBetweenDesks(t *testing.T) {
	w := onSockets(t, Config{})
	w.desk("open", nil)
	helps := func() []deskHelpView { return w.server.deskCommon(w.box.Snapshot()).Team.Helps }
	w.desk("desk_help", nil)
	if got := helps(); len(got) != 1 || got[0].Desk != "1" || got[0].Label != "Bureau 1" || got[0].Coming != "" {
		t.Fatalf("after a call = %+v; want desk 1", got)
	}
	first := helps()[0].Call
	w.desk("desk_coming", fields{"desk": "2", "call": first + 1})
	if got := helps(); got[0].Coming != "" {
		t.Errorf("after an answer to another call = %+v; want nobody coming", got)
	}
	w.desk("desk_coming", fields{"desk": "2", "call": first})
	if got := helps(); got[0].Coming != "Bureau 2" {
		t.Errorf("after the answer = %+v; want Bureau 2 coming", got)
	}
	w.desk("desk_help_done", fields{"call": first})
	if got := helps(); len(got) != 0 {
		t.Errorf("after the end = %+v; want none", got)
	}
}

// Each role reaches what it may: everybody who ends visits says what was done, the file
// of all desks is for who may close, and the agenda for who reserves.
func TestWorkByRole(t *testing.T) {
	o := inOffice(t, Config{})
	routes := map[string]pair.Capability{
		"GET /api/work?desk=1": pair.End, "GET /api/work/visit?desk=1&visit=" + id(9): pair.End, "GET /api/work/link?desk=1&visit=" + id(9): pair.End,
		"POST /api/work": pair.End, "GET /api/work/blocked": pair.Figures, "GET /api/work/coop.csv": pair.OpenClose, "GET /api/agenda": pair.Agenda, "GET /api/agenda/event?id=" + id(9): pair.Agenda,
		"GET /api/agenda/code?code=x": pair.Agenda, "GET /api/agenda/export": pair.Agenda, "POST /api/agenda": pair.Agenda, "POST /api/agenda/import?kind=atelier": pair.Agenda,
	}
	for i, role := range []pair.Role{pair.Guest, pair.Technician, pair.Writer, pair.Mediator} {
		m := o.pairs(byte(10+i), role)
		for route, needs := range routes {
			method, path, _ := strings.Cut(route, " ")
			got := m.ask(method, path, `{}`, nil)
			if (got.StatusCode == http.StatusForbidden) == role.May(needs) {
				t.Errorf("%s as %s = %d; want it refused: %v", route, role, got.StatusCode, !role.May(needs))
			}
		}
	}
	stranger := &member{o: o, n: 99}
	for route := range routes {
		method, path, _ := strings.Cut(route, " ")
		if got := stranger.ask(method, path, `{}`, nil); got.StatusCode != http.StatusUnauthorized && got.StatusCode != http.StatusForbidden {
			t.Errorf("%s without a pairing = %d; want it refused", route, got.StatusCode)
		}
	}
}

// What a person shared comes out of the printer for whoever may see it, and for nobody else.
func TestSharedResultByRole(t *testing.T) {
	o := inOffice(t, Config{})
	for i, role := range []pair.Role{pair.Reception, pair.Guest, pair.Mediator} {
		body := text(fields{"id": id(uint64(800 + i)), "do": "orientation", "desk": "1", "visit": id(9), "places": []string{"site-0"}, "with_result": true})
		got := o.pairs(byte(30+i), role).ask("POST", "/api/slip", body, nil)
		if (got.StatusCode == http.StatusForbidden) == role.May(pair.SeeLevel) {
			t.Errorf("a slip with the result, as %s = %d %s; want it refused: %v", role, got.StatusCode, got.body, !role.May(pair.SeeLevel))
		}
	}
}

// A paired screen speaks for the desk at which it sits, whatever it says.
func TestWorkOfOnesOwnDesk(t *testing.T) {
	o := inOffice(t, Config{})
	o.desk("open", nil)
	visit := o.served("justice")
	m := o.pairs(20, pair.Mediator)
	conn, _, _ := m.watch("/ws/desk?desk=2", nil)
	if conn == nil {
		t.Fatal("no view of desk 2")
	}
	defer conn.Close()
	if got := m.ask("GET", "/api/work?desk=1", "", nil); got.StatusCode != 200 || strings.Contains(got.body, visit) {
		t.Errorf("the visits of desk 1, asked at desk 2 = %d %s; want none", got.StatusCode, got.body)
	}
	if got := m.ask("GET", "/api/work/visit?desk=1&visit="+visit, "", nil); got.StatusCode != http.StatusConflict {
		t.Errorf("the visit of desk 1, asked at desk 2 = %d %s; want 409", got.StatusCode, got.body)
	}
	if got := m.ask("POST", "/api/work", text(fields{"id": id(777), "desk": "1", "visit": visit, "themes": []string{"Email"}}), nil); got.StatusCode != http.StatusConflict {
		t.Errorf("a word on the visit of desk 1, from desk 2 = %d %s; want 409", got.StatusCode, got.body)
	}
}
