package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

type agendaList struct {
	Events []eventView
	Kinds  []label
	Themes []label
}

type eventOpen struct {
	eventView
	Codes []struct {
		Code string
		Came bool
	}
}

// The agenda from the form over the last seat, which is given once, to the end of the
// workshop, and out and in again as a calendar.
func TestAgenda(t *testing.T) {
	w, _ := withPlaces(t)
	zone := w.box.Snapshot().Zone()
	date := time.Now().In(zone).AddDate(0, 0, 3).Format(time.DateOnly)
	form := func(change fields) fields {
		f := fields{"kind": "atelier", "title": "Mes premiers mails", "date": date, "from": "14:00", "until": "16:00", "room": "Salle 2", "themes": []string{"Email"}, "seats": 2}
		for k, v := range change {
			f[k] = v
		}
		return fields{"do": "put", "form": f}
	}
	for field, change := range map[string]fields{"title": {"title": ""}, "from": {"date": "demain"}, "until": {"until": "13:00"}, "seats": {"seats": 0}, "kind": {"kind": "fête"},
		"themes": {"themes": []string{"Cuisine"}}} {
		status, answer := w.post("/api/agenda", form(change))
		if status != http.StatusConflict || !strings.Contains(fmt.Sprint(answer["problems"]), "column:"+field) || !sentence(answer["error"]) {
			t.Errorf("a form with a wrong %s = %d %v; want 409 that names it", field, status, answer)
		}
	}
	status, answer := w.post("/api/agenda", form(nil))
	if status != 200 {
		t.Fatalf("put = %d %v", status, answer)
	}
	event := answer["event"].(string)
	list := get[agendaList](t, w, "/api/agenda")
	if len(list.Events) != 1 || list.Events[0].What != "Mes premiers mails" || list.Events[0].From != "14:00" || list.Events[0].Free != 2 || len(list.Kinds) != 3 || len(list.Themes) < 20 {
		t.Fatalf("agenda = %+v; want the workshop at 14:00, in the zone of the place", list.Events)
	}

	// Four desks want two seats.
	var wg sync.WaitGroup
	answers := make([]fields, 4)
	for i := range answers {
		wg.Go(func() {
			got := ask(w.server, "POST", "/api/agenda", fmt.Sprintf(`{"id":"%s","do":"reserve","event":"%s","lang":"fr"}`, id(uint64(900+i)), event), nil)
			answers[i] = fields{"status": got.Code, "body": got.Body.String()}
		})
	}
	wg.Wait()
	given := 0
	for _, a := range answers {
		if a["status"] == 200 {
			given++
		} else if !strings.Contains(a["body"].(string), "refuse.agenda_full") {
			t.Errorf("a seat too many = %v; want full", a)
		}
	}
	open := get[eventOpen](t, w, "/api/agenda/event?id="+event)
	if given != 2 || open.Taken != 2 || open.Free != 0 || len(open.Codes) != 2 {
		t.Fatalf("%d got a seat, %+v; want two", given, open)
	}

	code := open.Codes[0].Code
	if got := get[struct {
		Code  string
		Event eventView
	}](t, w, "/api/agenda/code?code="+strings.ToLower(code)); got.Code != code || got.Event.ID.String() != event {
		t.Errorf("the event of %s = %+v; want the workshop", code, got)
	}
	for _, tt := range []struct {
		do     fields
		status int
		key    string
	}{
		{fields{"do": "came", "code": code, "came": true}, 200, ""},
		{fields{"do": "came", "code": "ABC", "came": true}, http.StatusConflict, "refuse.voucher_typo"},
		{fields{"do": "remove", "event": event}, http.StatusConflict, "refuse.agenda_seats_taken"},
		{fields{"do": "cancel", "code": open.Codes[1].Code}, 200, ""},
		{fields{"do": "cancel", "code": open.Codes[1].Code}, http.StatusConflict, "refuse.agenda_code_unknown"},
		{fields{"do": "print", "code": code, "lang": "fr"}, 200, ""},
		{fields{"do": "end", "event": event}, http.StatusConflict, "refuse.agenda_not_begun"},
		{fields{"do": "dance"}, http.StatusBadRequest, ""},
	} {
		status, answer := w.post("/api/agenda", tt.do)
		if key, _ := answer["key"].(string); status != tt.status || key != tt.key || status == http.StatusConflict && !sentence(answer["error"]) {
			t.Errorf("%v = %d %v; want %d %s", tt.do, status, answer, tt.status, tt.key)
		}
	}

	got := ask(w.server, "GET", "/api/agenda/export", "", nil)
	calendar := got.Body.String()
	if !strings.HasPrefix(got.Header().Get("Content-Type"), "text/calendar") || !strings.Contains(calendar, "SUMMARY:Mes premiers mails") || strings.Contains(calendar, code) {
		t.Errorf("export = %q; want a calendar without codes", calendar)
	}
	importing := "/api/agenda/import?kind=atelier&name=" + url.QueryEscape("Mon agenda.ics")
	if status, answer := send(t, w, importing, strings.ReplaceAll(calendar, "premiers mails", "deuxièmes mails")); status != 200 || answer["changed"] != 0.0 && answer["same"] != 1.0 {
		t.Errorf("import of what was exported = %d %v; want one event, known", status, answer)
	}
	if status, answer := send(t, w, importing, "Mes rendez-vous"); status != http.StatusConflict || answer["key"] != "refuse.agenda_file" {
		t.Errorf("import of a text = %d %v; want refuse.agenda_file", status, answer)
	}
	if status, answer := send(t, w, "/api/agenda/import?kind=f", calendar); status != http.StatusConflict {
		t.Errorf("import as nothing = %d %v; want 409", status, answer)
	}
	if status, _ := w.post("/api/agenda", fields{"do": "remove", "event": event, "anyway": true}); status != 200 {
		t.Errorf("remove anyway = %d", status)
	}
	if got := ask(w.server, "GET", "/api/agenda/event?id="+event, "", nil); got.Code != http.StatusConflict {
		t.Errorf("an event that was removed = %d; want 409", got.Code)
	}
}

// Two calendars in files of one name do not take each other's events away, and neither
// does one that cannot be read whole.
func TestImportLosesNothing(t *testing.T) {
	w, _ := withPlaces(t)
	day := time.Now().AddDate(0, 0, 4).Format("20060102")
	event := func(uid, more string) string {
		return "BEGIN:VEVENT\r\nUID:" + uid + "\r\nSUMMARY:Atelier " + uid + "\r\nDTSTART:" + day + "T100000Z\r\nDTEND:" + day + "T110000Z\r\n" + more + "END:VEVENT\r\n"
	}
	calendar := func(name string, events ...string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//FR\r\nX-WR-CALNAME:" + name + "\r\n" + strings.Join(events, "") + "END:VCALENDAR\r\n"
	}
	for _, tt := range []struct {
		name, kind, file string
		removed, there   int
	}{
		{"a calendar", "atelier", calendar("Ateliers", event("a", ""), event("b", "")), 0, 2},
		{"another one of the same file name", "atelier", calendar("Photo", event("c", "")), 0, 3},
		{"appointments in such a file", "rendez_vous", calendar("Ateliers", event("d", "")), 0, 4},
		{"one rule of it cannot be read", "atelier", calendar("Ateliers", event("a", ""), event("b", "RRULE:FREQ=SOMETIMES\r\n")), 0, 4},
		{"no calendar", "atelier", "Mes rendez-vous", 0, 4},
		{"one is gone", "atelier", calendar("Ateliers", event("a", "")), 1, 3},
	} {
		_, answer := send(t, w, "/api/agenda/import?name=basic.ics&kind="+tt.kind, tt.file)
		if n, _ := answer["removed"].(float64); int(n) != tt.removed {
			t.Errorf("%s: %v; want %d removed", tt.name, answer, tt.removed)
		}
		if got := get[agendaList](t, w, "/api/agenda").Events; len(got) != tt.there {
			t.Errorf("%s: %d events are there; want %d", tt.name, len(got), tt.there)
		}
	}
}

// A workshop that has begun is ended with those who had no code.
func TestEndOfAWorkshop(t *testing.T) {
	w, _ := withPlaces(t)
	w.desk("open", nil)
	now := time.Now().In(w.box.Snapshot().Zone())
	if now.Hour() == 23 {
		t.Skip("no hour is left today")
	}
	_, answer := w.post("/api/agenda", fields{"do": "put", "form": fields{"kind": "atelier", "title": "Photos", "date": now.Format(time.DateOnly),
		"from": now.Add(-time.Minute).Format("15:04"), "until": now.Add(30 * time.Minute).Format("15:04"), "themes": []string{"Email"}, "seats": 5}})
	if now.Add(-time.Minute).Day() != now.Day() || now.Add(30*time.Minute).Day() != now.Day() {
		t.Skip("it would go over midnight")
	}
	status, ended := w.post("/api/agenda", fields{"do": "end", "event": answer["event"], "more": 4})
	if status != 200 || ended["participants"] != 4.0 {
		t.Errorf("end = %d %v; want 4 participants", status, ended)
	}
	if got := w.server.deskCommon(w.box.Snapshot()).Team.Work.Workshops; got != 1 {
		t.Errorf("%d workshops for La Coop; want 1", got)
	}
	if csv := ask(w.server, "GET", "/api/work/coop.csv", "", nil).Body.String(); strings.Count(csv, "Photos") != 4 {
		t.Errorf("file = %q; want a row for each of four", csv)
	}
}

// With a clock that nobody vouches for, a calendar is not read: what is over is unknown.
func TestNoCalendarWithoutAClock(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		if status, answer := w.request("GET", "/api/agenda", nil); status != http.StatusServiceUnavailable {
			t.Errorf("a box without an agenda = %d %v; want 503", status, answer)
		}
	})
}
