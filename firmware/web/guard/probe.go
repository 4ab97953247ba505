package guard

import (
	"io"
	"net/http"
)

// A phone that joins a Wi-Fi asks its maker's server for a page that it knows. It opens
// a small browser when another one comes, and may leave the Wi-Fi when none does. On the
// box's own Wi-Fi every name leads here, so that the box answers what is expected. No
// small browser opens then: those keep no pairing, open no second page and close
// with a tap; staff come by the code on the kiosk, in their own browser.
//
// This is no claim of an Internet: the Wi-Fi gives no gateway, and phones ask over HTTPS
// too, which nobody here can answer. They stay, and keep their mobile data.

// probe is what a system asks, and what it wants to hear.
type probe struct {
	status     int
	kind, body string
}

// Windows and Firefox compare the text, Apple looks for its title.
const (
	plainText = "text/plain; charset=utf-8"
	hypertext = "text/html; charset=utf-8"
	apple     = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
	firefox   = `<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>`
	kindle    = "<html><head><title>Kindle Reachability Probe Page</title></head><body>81ce4465-7167-4dcb-835b-dcc9e44c112a</body></html>"
)

// probes are known by their path alone: makers use many names, and few paths. As of
// 2026: Apple's CaptiveNetworkSupport, Android's NetworkMonitor and those of its makers,
// Windows' NCSI, Firefox's captive-portal service, Kindle's, and on laptops those of
// NetworkManager and KDE.
func probes() map[string]probe {
	return map[string]probe{
		"/hotspot-detect.html":       {http.StatusOK, hypertext, apple},
		"/library/test/success.html": {http.StatusOK, hypertext, apple},
		"/generate_204":              {http.StatusNoContent, "", ""},
		"/gen_204":                   {http.StatusNoContent, "", ""},
		"/connecttest.txt":           {http.StatusOK, plainText, "Microsoft Connect Test"},
		"/ncsi.txt":                  {http.StatusOK, plainText, "Microsoft NCSI"},
		"/success.txt":               {http.StatusOK, plainText, "success\n"},
		"/canonical.html":            {http.StatusOK, hypertext, firefox},
		"/kindle-wifi/wifistub.html": {http.StatusOK, hypertext, kindle},
		"/check_network_status.txt":  {http.StatusOK, plainText, "NetworkManager is online\n"},
		"/nm":                        {http.StatusOK, plainText, "NetworkManager is online\n"},
		"/nm-check.txt":              {http.StatusOK, plainText, "NetworkManager is online\n"},
		"/static/hotspot.txt":        {http.StatusOK, plainText, "OK\n"},
	}
}

// probed answers what phones ask of a network before it is looked at whom they meant: of
// a stranger's name these paths are answered, with what is written here and nothing else.
// They wait their turn as every request does.
func (cfg Config) probed(next http.Handler) http.Handler {
	if !cfg.Probes {
		return next
	}
	known := probes()
	answer := cfg.pace(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := known[r.URL.Path]
		if p.kind != "" {
			w.Header().Set("Content-Type", p.kind)
		}
		w.WriteHeader(p.status)
		io.WriteString(w, p.body)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, ok := known[r.URL.Path]
		if ok && (r.Method == http.MethodGet || r.Method == http.MethodHead) && !Upgrades(r) {
			answer.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
