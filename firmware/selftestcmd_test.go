package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"jeudi/firmware/selftest"
	"jeudi/provisioning/site"
)

// guided is a self test in a terminal whose reader answers by what is on the screen.
func guided(t *testing.T, base string, answer func(line string) string, flags ...string) (code int, out string, errs string) {
	t.Helper()
	shown, screen := io.Pipe()
	typed, keyboard := io.Pipe()
	asJSON := slices.Contains(flags, "-json")
	var other strings.Builder
	var seen strings.Builder
	done := make(chan int, 1)
	go func() {
		var streams [2]io.Writer = [2]io.Writer{screen, &other}
		if asJSON {
			streams[0], streams[1] = streams[1], streams[0]
		}
		done <- runSelfTest(t.Context(), append([]string{"-url", base}, flags...), typed, streams[0], streams[1])
		screen.Close()
	}()
	answers := make(chan string, 64)
	go func() {
		for a := range answers {
			if _, err := io.WriteString(keyboard, a+"\n"); err != nil {
				return
			}
		}
	}()
	for s := bufio.NewScanner(shown); s.Scan(); {
		seen.WriteString(s.Text() + "\n")
		if a := answer(s.Text()); a != "" {
			answers <- a
		}
	}
	close(answers)
	typed.Close()
	return <-done, seen.String(), other.String()
}

// byHand is somebody beside a simulated box: reads its paper, presses its buttons.
func byHand(t *testing.T, r *running, sound string) func(string) string {
	press := func(path string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
	}
	return func(line string) string {
		switch {
		case strings.Contains(line, "nombre imprimé"):
			_, state := r.get("/api/selftest") // any of the three may be on the paper
			for {
				_, dock := r.get("/dock/state")
				for _, code := range regexp.MustCompile(`"code\.(\d\d)"`).FindAllStringSubmatch(state, -1) {
					if strings.Contains(dock, `"text":"`+code[1]+`"`) || regexp.MustCompile(`"text":"\s*`+code[1]+`\s*"`).MatchString(dock) {
						return code[1]
					}
				}
				if t.Context().Err() != nil {
					return ""
				}
			}
		case strings.Contains(line, "Avez-vous entendu"):
			return sound
		case strings.Contains(line, "Une lampe clignote"):
			var dock struct {
				Panel []struct{ Action, Light string }
			}
			for {
				_, state := r.get("/dock/state")
				if err := json.Unmarshal([]byte(state), &dock); err != nil {
					t.Fatal(err)
				}
				for _, l := range dock.Panel {
					if l.Light == "blink" {
						press("/dock/press?action=" + l.Action)
						return ""
					}
				}
			}
		case strings.Contains(line, "quatre coins"):
			for _, n := range []string{"1", "2", "3", "4"} {
				r.post("/api/kiosk", fields{"key": "corner." + n})
			}
		case strings.Contains(line, "Est-ce juste"):
			return "1"
		}
		return ""
	}
}

// TestSelfTestInATerminal walks through a whole test, and reads its report again
// after a restart.
func TestSelfTestInATerminal(t *testing.T) {
	data := t.TempDir()
	r := boxHere(t, data)
	code, out, errs := guided(t, r.base, byHand(t, r, "1"))
	if code != exitOK || !strings.Contains(out, "[12/12] Heure") || !regexp.MustCompile(`Boutons et lampes \(8\)\s+bon`).MatchString(out) {
		t.Errorf("selftest = %d\n%s%s\nwant 0, all twelve steps, the buttons well", code, out, errs)
	}
	code, out, errs = guided(t, r.base, byHand(t, r, "2"), "-json")
	var report selftest.Report
	if err := json.Unmarshal([]byte(errs), &report); code != exitFail || err != nil || report.Verdict() != selftest.NotReady {
		t.Errorf("selftest -json = %d, %v\n%s%s\nwant 1, and the report of a box that is not heard", code, err, out, errs)
	}
	r.stop()

	r = boxHere(t, data)
	code, out, _ = guided(t, r.base, func(string) string { return "" }, "-last")
	if code != exitFail || !strings.Contains(out, "La borne n’est pas prête") || !strings.Contains(out, "Son et voix\u00a0: à vérifier") {
		t.Errorf("selftest -last after a restart = %d\n%s\nwant 1, and the last report", code, out)
	}
	// Nobody answers any more: the test does not wait for them.
	var other strings.Builder
	code = runSelfTest(t.Context(), []string{"-url", r.base}, strings.NewReader(""), io.Discard, &other)
	if code != exitFail || !strings.Contains(other.String(), "plus de réponse") {
		t.Errorf("selftest without a reader = %d, %q; want 1", code, other.String())
	}
}

// heard calls a function with each piece that is written.
type heard func(string)

func (h heard) Write(p []byte) (int, error) { h(string(p)); return len(p), nil }

// Who leaves by Ctrl-C leaves no test behind, begun here or at a desk.
func TestSelfTestInterrupted(t *testing.T) {
	r := boxHere(t, t.TempDir())
	for _, begun := range []bool{false, true} {
		if begun {
			r.desk("selftest_start", nil)
		}
		ctx, cancel := context.WithCancel(t.Context())
		out := heard(func(s string) {
			if strings.Contains(s, "[1/12]") {
				cancel()
			}
		})
		typed, keyboard := io.Pipe()
		var errs strings.Builder
		code := runSelfTest(ctx, []string{"-url", r.base}, typed, out, &errs)
		cancel()
		keyboard.Close()
		if code != exitFail || errs.String() != "jeudi selftest: arrêté avant la fin\n" {
			t.Errorf("selftest, interrupted = %d, %q; want 1 and that it was stopped", code, errs.String())
		}
		if _, state := r.get("/api/selftest"); !strings.Contains(state, `"now":null`) {
			t.Errorf("after an interrupted test (begun elsewhere: %v) the box says %s; want no test", begun, state)
		}
	}
}

// A box that has died meanwhile keeps nobody in the terminal.
func TestSelfTestInterruptedWithoutABox(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodPost {
			http.Error(w, "{}", http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, `{"now":{"turn":1,"title":"Imprimante","at":1,"of":12}}`)
	}))
	defer server.Close()
	var told bool
	out := heard(func(s string) {
		if strings.Contains(s, "[1/12]") {
			cancel()
		}
		told = told || strings.Contains(s, "Arrêtez le test sur la page du bureau")
	})
	typed, keyboard := io.Pipe()
	defer keyboard.Close()
	if code := runSelfTest(ctx, []string{"-url", server.URL}, typed, out, io.Discard); code != exitFail || !told {
		t.Errorf("selftest, interrupted = %d, told %v; want 1, and to stop it elsewhere", code, told)
	}
}

func TestSelfTestAskedWrongly(t *testing.T) {
	tests := []struct {
		args []string
		code int
		says string
	}{
		{[]string{"now"}, exitUsage, "unexpected"},
		{[]string{"-url", "kiosk"}, exitUsage, "-url is like"},
		{[]string{"-x"}, exitUsage, "not defined"},
		{[]string{"-h"}, exitOK, "usage: jeudi selftest"},
		{[]string{"-url", "http://127.0.0.1:1"}, exitFail, "jeudi run"},
	}
	for _, tt := range tests {
		var errs strings.Builder
		if code := runSelfTest(t.Context(), tt.args, strings.NewReader(""), io.Discard, &errs); code != tt.code || !strings.Contains(errs.String(), tt.says) {
			t.Errorf("selftest %q = %d, %q; want %d with %q", tt.args, code, errs.String(), tt.code, tt.says)
		}
	}
}

func TestTestedDevices(t *testing.T) {
	s := site.Sample()
	if d := testedDevices(s, true); !d.Printer || !d.Sound || !d.Touch || len(d.Buttons) != len(s.Actions()) || !d.Buttons[0].Lamp {
		t.Errorf("simulated: %+v; want everything", d)
	}
	s.Devices = site.Devices{Printer: "none:", Panel: "none:", Speaker: "none:"}
	if d := testedDevices(s, false); d.Printer || d.Sound || len(d.Buttons) != 0 {
		t.Errorf("a site without devices: %+v; want none", d)
	}
	s.Devices.Panel = "gpio:"
	s.Buttons = []site.Button{{Action: "ok", Line: "GPIO5", Lamp: "GPIO6"}, {Action: "next", Line: "GPIO7"},
		{Action: "previous", Line: "GPIO8"}, {Action: "repeat", Line: "GPIO9"}, {Action: site.StaffLamp, Lamp: "GPIO10"}, {Action: "recall", Line: "GPIO11", Desk: "1"}}
	want := []selftest.Button{{Action: "ok", Lamp: true}, {Action: "next"}, {Action: "previous"}, {Action: "repeat"}}
	if d := testedDevices(s, false); !slices.Equal(d.Buttons, want) {
		t.Errorf("buttons = %+v; want %+v", d.Buttons, want)
	}
}

func TestDisk(t *testing.T) {
	if d := diskOf(t.TempDir()); d.Total == 0 || d.Free > d.Total {
		t.Errorf("diskOf(a folder) = %+v; want some of it free", d)
	}
	if d := diskOf(filepath.Join(t.TempDir(), "gone")); d.Total != 0 {
		t.Errorf("diskOf(nothing) = %+v; want unknown", d)
	}
}
