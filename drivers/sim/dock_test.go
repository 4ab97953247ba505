package sim

import (
	"bufio"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
)

type dockBench struct {
	url     string
	printer *escpos.Printer
	wire    *Wire
	panel   *Panel
	speaker *Speaker
}

func openDock(t *testing.T) dockBench {
	t.Helper()
	p, w := NewPrinter(escpos.Generic80(), 0)
	panel, speaker := NewPanel(), NewSpeaker(0)
	mux := http.NewServeMux()
	mux.Handle("/dock/", http.StripPrefix("/dock/", Dock(w, panel, speaker)))
	mux.Handle("/elsewhere/", http.StripPrefix("/elsewhere", Dock(w, panel, speaker)))
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		p.Close()
	})
	return dockBench{server.URL, p, w, panel, speaker}
}

func (b dockBench) do(t *testing.T, method, path string, header ...string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body), res.Header
}

func (b dockBench) state(t *testing.T) (s DockState) {
	t.Helper()
	_, body, _ := b.do(t, "GET", "/dock/state")
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatalf("state = %q: %v", body, err)
	}
	return s
}

func TestDockPages(t *testing.T) {
	b := openDock(t)
	for _, c := range []struct{ path, kind, holds string }{
		{"/dock/", "text/html", "dock.js"},
		{"/elsewhere/", "text/html", "dock.css"},
		{"/dock/dock.js", "text/javascript", "EventSource"},
		{"/dock/dock.css", "text/css", "prefers-reduced-motion"},
		{"/dock/sheet.png?id=0", "image/png", "PNG"},
		{"/dock/state", "application/json", `"printer"`},
	} {
		code, body, h := b.do(t, "GET", c.path)
		if code != 200 || !strings.HasPrefix(h.Get("Content-Type"), c.kind) || !strings.Contains(body, c.holds) {
			t.Errorf("GET %s = %d %s; want 200 %s with %q", c.path, code, h.Get("Content-Type"), c.kind, c.holds)
		}
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("GET %s has no policy", c.path)
		}
	}
	// The policy allows nothing inline, so the page must not need it.
	_, page, _ := b.do(t, "GET", "/dock/")
	for _, inline := range []string{"style=", "<style", "onclick", "<script>"} {
		if strings.Contains(page, inline) {
			t.Errorf("the page holds %s", inline)
		}
	}
	for _, id := range []string{"7", "", "x"} {
		if code, _, _ := b.do(t, "GET", "/dock/sheet.png?id="+id); code != 404 {
			t.Errorf("sheet %q = %d; want 404", id, code)
		}
	}
}

// The page draws what is in the state and looks nothing up that is not: lists are
// lists, and each lamp of the panel has its place, its name and its lights in words.
func TestDockStateIsWhatThePageDraws(t *testing.T) {
	b := openDock(t)
	_, body, _ := b.do(t, "GET", "/dock/state")
	for _, list := range []string{`"panel":[{`, `"heard":[]`, `"sheets":[]`, `"known":["`} {
		if !strings.Contains(body, list) {
			t.Errorf("the state has no %s:\n%s", list, body)
		}
	}
	var lamps []string
	for _, l := range b.state(t).Panel {
		lamps = append(lamps, l.Action)
	}
	if want := []string{"back", "previous", "next", "ok", "repeat", "help", "louder", "softer", "staff"}; !slices.Equal(lamps, want) {
		t.Errorf("lamps of %q; want %q", lamps, want)
	}
	_, script, _ := b.do(t, "GET", "/dock/dock.js")
	_, page, _ := b.do(t, "GET", "/dock/")
	for _, name := range lamps {
		if !strings.Contains(script, "  "+name+": [") && !strings.Contains(page, `id="key-`+name+`"`) {
			t.Errorf("the page has no place for the lamp of %s", name)
		}
	}
	_, words, _ := strings.Cut(script, "const lights = {")
	words, _, _ = strings.Cut(words, "}")
	for l := drivers.Off; l <= drivers.Double; l++ {
		if !strings.Contains(words, l.String()+":") {
			t.Errorf("the page has no word for a lamp that is %v", l)
		}
	}
}

func TestDockShowsPaper(t *testing.T) {
	b := openDock(t)
	if _, err := b.printer.Print(t.Context(), drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "42"}, drivers.QR{Data: "https://example.org"},
	}}); err != nil {
		t.Fatal(err)
	}
	s := b.state(t)
	if len(s.Printer.Sheets) != 1 || s.Printer.Sheets[0].Lines[0].Text != "42" || s.Printer.Sheets[0].Taken {
		t.Fatalf("sheets = %+v; want one with 42 on it", s.Printer.Sheets)
	}
	b.do(t, "POST", "/dock/tear")
	if s := b.state(t); !s.Printer.Sheets[0].Taken || s.Printer.Printed != 1 {
		t.Errorf("after tearing: %+v; want it taken", s.Printer)
	}
}

// Another profile is another printer at the same cable, and its paper is drawn as
// wide as it is.
func TestDockProfiles(t *testing.T) {
	b := openDock(t)
	for i, name := range escpos.Profiles() {
		if code, body, _ := b.do(t, "POST", "/dock/profile?name="+name); code != 204 {
			t.Fatalf("POST profile?name=%s = %d %s; want 204", name, code, body)
		}
		if _, err := b.printer.Print(t.Context(), drivers.Document{Blocks: []drivers.Block{drivers.Number{Text: "42"}}}); err != nil {
			t.Fatalf("%s: Print() = %v; want nil", name, err)
		}
		b.do(t, "POST", "/dock/tear")
		s := b.state(t)
		p, _ := escpos.ProfileNamed(name)
		if s.Printer.Profile != name || s.Printer.Dots != p.Dots || !slices.Contains(s.Printer.Known, name) {
			t.Errorf("after choosing %s the printer is %s of %d dots, of %q", name, s.Printer.Profile, s.Printer.Dots, s.Printer.Known)
		}
		if len(s.Printer.Sheets) != i+1 {
			t.Fatalf("%s: %d sheets; want %d", name, len(s.Printer.Sheets), i+1)
		}
		_, body, _ := b.do(t, "GET", fmt.Sprint("/dock/sheet.png?id=", s.Printer.Sheets[i].ID))
		img, err := png.Decode(strings.NewReader(body))
		if err != nil || img.Bounds().Dx() != p.Dots || img.Bounds().Dy() < 192 {
			t.Errorf("%s: the sheet is drawn %v, %v; want %d dots wide", name, img.Bounds(), err, p.Dots)
		}
	}
}

func TestDockCommands(t *testing.T) {
	b := openDock(t)
	for _, c := range []struct {
		post  string
		check func(DockState) bool
	}{
		{"printer?state=no_paper&on=1", func(s DockState) bool { return s.Printer.States["no_paper"] && !s.Printer.States["ready"] }},
		{"printer?state=mute&on=1", func(s DockState) bool { return s.Printer.States["no_paper"] && s.Printer.States["mute"] }},
		{"printer?state=no_paper&on=0", func(s DockState) bool { return !s.Printer.States["no_paper"] }},
		{"printer?state=ready&on=1", func(s DockState) bool { return s.Printer.States["ready"] && !s.Printer.States["mute"] }},
		{"roll?mm=0", func(s DockState) bool { return s.Printer.States["no_paper"] }},
		{"roll?mm=500", func(s DockState) bool { return !s.Printer.States["no_paper"] }},
		{"profile?name=generic-58", func(s DockState) bool { return s.Printer.Dots == 384 && !s.Printer.Cutter }},
		{"jack?on=1", func(s DockState) bool { return s.Speaker.Headphones }},
		{"jack?on=0", func(s DockState) bool { return !s.Speaker.Headphones }},
		{"hold?action=help&on=1", func(DockState) bool { return true }},
		{"press?action=ok", func(DockState) bool { return true }},
	} {
		if code, body, _ := b.do(t, "POST", "/dock/"+c.post); code != 204 {
			t.Errorf("POST %s = %d %s; want 204", c.post, code, body)
		}
		if s := b.state(t); !c.check(s) {
			t.Errorf("after POST %s the state is %+v", c.post, s)
		}
	}
	for _, bad := range []string{"press", "press?action=jump", "printer?state=on_fire&on=1", "printer?state=mute", "printer?state=mute&on=yes", "jack?on=2", "hold?action=ok", "profile?name=x", "roll?mm=-1", "roll"} {
		if code, body, _ := b.do(t, "POST", "/dock/"+bad); code != 400 || body == "" {
			t.Errorf("POST %s = %d %q; want 400 with a sentence", bad, code, body)
		}
	}
}

func TestDockGetChangesNothing(t *testing.T) {
	b := openDock(t)
	for _, path := range []string{"press?action=ok", "hold?action=ok&on=1", "printer?state=no_paper&on=1", "tear", "jack?on=1", "profile?name=generic-58", "roll?mm=0"} {
		if code, _, _ := b.do(t, "GET", "/dock/"+path); code != 404 && code != 405 {
			t.Errorf("GET %s = %d; want a refusal", path, code)
		}
		if code, _, _ := b.do(t, "POST", "/dock/"+path, "Sec-Fetch-Site", "cross-site"); code != 403 {
			t.Errorf("POST %s from elsewhere = %d; want 403", path, code)
		}
	}
	if s := b.state(t); s.Printer.States["no_paper"] || s.Speaker.Headphones {
		t.Errorf("something changed: %+v", s)
	}
}

func TestDockPressReachesTheWatcher(t *testing.T) {
	b := openDock(t)
	presses := make(chan drivers.Action, 1)
	go b.panel.Watch(t.Context(), func(s drivers.Signal) { presses <- s.Action })
	for { // until somebody watches
		b.do(t, "POST", "/dock/press?action=repeat")
		select {
		case got := <-presses:
			if got != drivers.Repeat {
				t.Errorf("pressed %v; want repeat", got)
			}
			return
		default:
		}
	}
}

func TestDockPushes(t *testing.T) {
	b := openDock(t)
	req, err := http.NewRequestWithContext(t.Context(), "GET", b.url+"/dock/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("events are %s", got)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	until := func(what string, ok func(DockState) bool) {
		t.Helper()
		for lines.Scan() {
			data, found := strings.CutPrefix(lines.Text(), "data: ")
			if !found {
				continue
			}
			var s DockState
			if err := json.Unmarshal([]byte(data), &s); err != nil {
				t.Fatal(err)
			}
			if ok(s) {
				return
			}
		}
		t.Fatalf("%s was never pushed: %v", what, lines.Err())
	}
	watchdog := time.AfterFunc(10*time.Second, func() { res.Body.Close() })
	defer watchdog.Stop()

	until("the first state", func(s DockState) bool { return len(s.Panel) > 0 })
	b.panel.Light([drivers.Actions]drivers.Light{drivers.OK: drivers.Breathe, drivers.Staff: drivers.Double})
	until("the lamps", func(s DockState) bool {
		return slices.Contains(s.Panel, DockLamp{"ok", "breathe"}) && slices.Contains(s.Panel, DockLamp{"staff", "double"})
	})
	b.wire.Set(drivers.CoverOpen, true)
	until("the cover", func(s DockState) bool { return s.Printer.States["cover_open"] })
	b.wire.Set(drivers.CoverOpen, false)
	b.printer.Print(t.Context(), drivers.Document{Blocks: []drivers.Block{drivers.Number{Text: "7"}}})
	until("paper", func(s DockState) bool { return len(s.Printer.Sheets) == 1 })
	b.speaker.Plug(true)
	until("the jack", func(s DockState) bool { return s.Speaker.Headphones })
	b.speaker.Play(t.Context(), drivers.Loudspeaker, drivers.Sound{Text: "Numéro 7"})
	until("a sound", func(s DockState) bool { return len(s.Speaker.Heard) == 1 && !s.Speaker.Heard[0].Playing })
}
