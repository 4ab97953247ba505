package guard_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jeudi/firmware/web/guard"
)

// TestCase40: phones that ask what they ask of every Wi-Fi hear what they want to, so that
// none opens its small browser; and a stranger's name gets nothing else.
func TestCase40(t *testing.T) {
	var reached atomic.Int64
	handler := guard.Wrap(guard.Config{Probes: true, MaxBody: 1 << 10, Pace: guard.UsualPace(), Refuse: refuse},
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { reached.Add(1); io.WriteString(w, "page") }))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := guard.Server(handler, slog.New(slog.DiscardHandler))
	var served sync.WaitGroup
	served.Go(func() { srv.Serve(disguise{ln}) })
	t.Cleanup(func() { srv.Close(); served.Wait() })
	ask := func(method, host, path, more string) *http.Response {
		t.Helper()
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n", method, path, host, more)
		answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
		if err != nil {
			t.Fatalf("%s http://%s%s: %v", method, host, path, err)
		}
		return answer
	}

	const agent = "User-Agent: CaptiveNetworkSupport-481 wispr\r\n"
	for _, tt := range []struct {
		who, host, path string
		status          int
		body            string // whole, or the part that is looked for
	}{
		{"iOS and macOS", "captive.apple.com", "/hotspot-detect.html", 200, "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"},
		{"older iOS", "www.apple.com", "/library/test/success.html", 200, "<TITLE>Success</TITLE>"},
		{"Android", "connectivitycheck.gstatic.com", "/generate_204", 204, ""},
		{"Android, second", "www.google.com", "/gen_204", 204, ""},
		{"Android, of a maker", "connect.rom.miui.com", "/generate_204", 204, ""},
		{"ChromeOS", "clients3.google.com", "/generate_204", 204, ""},
		{"Windows 10 and 11", "www.msftconnecttest.com", "/connecttest.txt", 200, "Microsoft Connect Test"},
		{"Windows 8", "www.msftncsi.com", "/ncsi.txt", 200, "Microsoft NCSI"},
		{"Firefox", "detectportal.firefox.com", "/success.txt?ipv4", 200, "success\n"},
		{"Firefox, the page", "detectportal.firefox.com", "/canonical.html", 200, `<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>`},
		{"Kindle", "spectrum.s3.amazonaws.com", "/kindle-wifi/wifistub.html", 200, "81ce4465-7167-4dcb-835b-dcc9e44c112a"},
		{"GNOME", "nmcheck.gnome.org", "/check_network_status.txt", 200, "NetworkManager is online\n"},
		{"Debian", "network-test.debian.org", "/nm", 200, "NetworkManager is online\n"},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			answer := ask(method, tt.host, tt.path, agent)
			body, _ := io.ReadAll(answer.Body)
			if answer.StatusCode != tt.status || method == "GET" && !strings.Contains(string(body), tt.body) || tt.status == 204 && len(body) > 0 {
				t.Errorf("%s: %s http://%s%s = %d %q; want %d %q", tt.who, method, tt.host, tt.path, answer.StatusCode, body, tt.status, tt.body)
			}
			if answer.Header.Get("Location") != "" || answer.Header.Get("Set-Cookie") != "" || answer.Header.Get("X-Frame-Options") != "DENY" || answer.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %s = %v; want no redirection, no cookie, the headers of every answer", tt.who, tt.path, answer.Header)
			}
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d probes reached the pages; want none", n)
	}
	for _, tt := range []struct {
		method, host, path, more string
		status                   int
	}{
		{"GET", "captive.apple.com", "/", "", 421},
		{"GET", "captive.apple.com", "/hall", "", 421},
		{"GET", "www.caf.fr", "/", "", 421},
		{"GET", "www.caf.fr", "/generate_204/../hall", "", 421},
		{"GET", "www.caf.fr", "//generate_204", "", 421},
		{"POST", "captive.apple.com", "/hotspot-detect.html", "Content-Length: 0\r\n", 421},
		{"GET", "captive.apple.com", "/hotspot-detect.html", "Upgrade: websocket\r\nOrigin: http://captive.apple.com\r\n", 421},
		{"GET", box, "/hall", "", 200},
	} {
		if got := ask(tt.method, tt.host, tt.path, tt.more); got.StatusCode != tt.status {
			t.Errorf("%s http://%s%s %q = %d; want %d", tt.method, tt.host, tt.path, tt.more, got.StatusCode, tt.status)
		}
	}
}

// Phones that ask without end wait their turn as with any page.
func TestProbesArePaced(t *testing.T) {
	pace := guard.NewPace(guard.Rate{Every: time.Hour, Burst: 2}, guard.Rate{Every: 1, Burst: 100})
	handler := guard.Wrap(guard.Config{Probes: true, MaxBody: 1, Pace: pace, Refuse: refuse}, http.NotFoundHandler())
	for i, want := range []int{204, 204, 429} {
		rec := httptest.NewRecorder()
		r, _ := http.NewRequest("GET", "http://connectivitycheck.gstatic.com/generate_204", nil)
		r.RemoteAddr = "10.41.0.20:4000"
		handler.ServeHTTP(rec, r)
		if rec.Code != want {
			t.Errorf("probe %d = %d; want %d", i+1, rec.Code, want)
		}
	}
}
