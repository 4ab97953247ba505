package web

import (
	"context"
	"strings"
	"testing"

	"jeudi/firmware/session"
	"jeudi/firmware/web/pair"
)

// careWanted is a box's « Boîtier » that notes what it is asked.
type careWanted struct{ asked []string }

var _ Care = (*careWanted)(nil)

func (c *careWanted) note(what string) error { c.asked = append(c.asked, what); return nil }

func (c *careWanted) View(context.Context) (CareView, error) { return CareView{}, c.note("view") }
func (c *careWanted) Report(context.Context) (string, error) { return "r.txt", c.note("report") }
func (c *careWanted) Backup(context.Context) (session.Msg, error) {
	return session.M("care.backup_done", "file", "b.jeudi"), c.note("backup")
}
func (c *careWanted) HandOver(context.Context) (string, error)         { return "4F7K", c.note("handover") }
func (c *careWanted) HandOverNow(_ context.Context, code string) error { return c.note("go " + code) }
func (c *careWanted) Order(_ context.Context, what string) error       { return c.note(what) }
func (c *careWanted) Restore(context.Context, string, string, string) (session.Msg, error) {
	return session.M("care.restoring"), c.note("restore")
}

// TestHandOverIsTheTeams: who waits leaves the box with whoever answers for the permanence,
// not with whoever repairs the box.
func TestHandOverIsTheTeams(t *testing.T) {
	for _, tt := range []struct {
		role  pair.Role
		do    string
		want  int
		asked string
	}{
		{pair.Coordinator, `"handover"`, 200, "handover"},
		{pair.Coordinator, `"handover_go","code":"4F7K"`, 200, "go 4F7K"},
		{pair.Technician, `"handover"`, 403, ""},
		{pair.Technician, `"handover_go","code":"4F7K"`, 403, ""},
		{pair.Technician, `"backup"`, 200, "backup"},
		{pair.Technician, `"restore"`, 200, "restore"},
		{pair.Reception, `"handover"`, 403, ""},
		{pair.Reception, `"handover_go","code":"4F7K"`, 403, ""},
	} {
		care := &careWanted{}
		o := inOffice(t, Config{Care: care})
		m := o.pairs(20, tt.role)
		got := m.ask("POST", "/api/care", `{"do":`+tt.do+`}`, nil)
		if got.StatusCode != tt.want || strings.Join(care.asked, " ") != tt.asked {
			t.Errorf("%s: %s = %d %s, asked %q; want %d %q", tt.role, tt.do, got.StatusCode, got.body, care.asked, tt.want, tt.asked)
		}
		if tt.role == pair.Reception {
			continue
		}
		if view := m.ask("GET", "/api/care", "", nil); view.m["hands"] != (tt.role == pair.Coordinator) {
			t.Errorf("%s sees %s; want whether the permanence is theirs to hand over", tt.role, view.body)
		}
	}
}

// TestNoCareAtTheBoxItself: where staff pair their screens, the box's own browser and
// whatever is plugged in beside it reach nothing of « Boîtier ».
func TestNoCareAtTheBoxItself(t *testing.T) {
	care := &careWanted{}
	o := inOffice(t, Config{Care: care, Updates: standing{}})
	asks := func(s *Server, method, path, body string) int { return ask(s, method, path, body, nil).Code }
	o.server.cfg.Alone = false
	s := New(o.server.cfg)
	defer s.Close()
	for _, do := range []string{"report", "backup", "handover", "restore", "reset", "reboot", "poweroff", CareSetup} {
		if got := asks(s, "POST", "/api/care", `{"do":"`+do+`","sure":"EFFACER"}`); got != 403 {
			t.Errorf("%s on this machine = %d; want 403", do, got)
		}
	}
	for _, path := range []string{"/api/care", "/api/update"} {
		if got := asks(s, "GET", path, ""); got != 403 {
			t.Errorf("GET %s on this machine = %d; want 403", path, got)
		}
	}
	if got := asks(s, "POST", "/api/update", `{"do":"try"}`); got != 403 {
		t.Errorf("an update on this machine = %d; want 403", got)
	}
	if len(care.asked) > 0 {
		t.Errorf("asked: %q; want nothing", care.asked)
	}
	if got := ask(s, "GET", "/api/me", "", nil); strings.Contains(got.Body.String(), `"care"`) {
		t.Errorf("GET /api/me = %s; want no care", got.Body)
	}
	if m := o.pairs(20, pair.Technician); m.ask("GET", "/api/care", "", nil).StatusCode != 200 {
		t.Error("a technician's phone has no care")
	}

	// A laptop, and a box without phones of staff, keep it.
	o.server.cfg.Alone, o.server.cfg.Staff = true, nil
	alone := New(o.server.cfg)
	defer alone.Close()
	if got := asks(alone, "GET", "/api/care", ""); got != 200 {
		t.Errorf("GET /api/care where nobody pairs = %d; want 200", got)
	}
}

// TestAGuestVouchesForNobody: the second yes to a technician is of the team.
func TestAGuestVouchesForNobody(t *testing.T) {
	o := inOffice(t, Config{})
	guest, writer := o.pairs(20, pair.Guest), o.pairs(21, pair.Writer)
	_, shown := o.request("POST", "/api/pairing", fields{"do": "offer"})
	token, _, _ := strings.Cut(strings.TrimPrefix(shown["fragment"].(string), "#p="), "&fp=")
	technician := &member{o: o, n: 22}
	claim := technician.ask("POST", "/api/pair", text(fields{"do": "claim", "token": token, "role": pair.Technician}), nil)
	_, shown = o.request("POST", "/api/pairing", fields{"do": "confirm", "number": claim.m["number"]})
	if shown["vouching"] != true {
		t.Fatalf("confirm = %v; want a colleague asked", shown)
	}
	for _, do := range []string{"vouch", "doubt"} {
		if got := guest.ask("POST", "/api/connected", text(fields{"id": id(9), "do": do, "number": shown["number"]}), nil); got.StatusCode != 403 {
			t.Errorf("a guest's %s = %d %s; want 403", do, got.StatusCode, got.body)
		}
	}
	for m, want := range map[*member]bool{guest: false, writer: true} {
		_, view, _ := m.watch("/ws/desk?desk=1", nil)
		if asked := strings.Contains(string(view), `"ask":{`); asked != want {
			t.Errorf("asked = %t; want %t: %s", asked, want, view)
		}
	}
	if got := writer.ask("POST", "/api/connected", text(fields{"id": id(10), "do": "vouch", "number": shown["number"]}), nil); got.StatusCode != 200 {
		t.Errorf("a colleague's yes = %d %s; want 200", got.StatusCode, got.body)
	}
}
