package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jeudi/firmware/words"
)

// forPhones is a server as a site with five languages has it.
func forPhones(t *testing.T) *world {
	t.Helper()
	return onSockets(t, Config{
		Languages: []string{"fr", "falc", "images", "en", "ar"}, Rights: []byte(`{"version": 1}`),
		Mute: func(lang string) bool { return lang == "ar" },
		Clip: func(_ context.Context, lang, key string, _ map[string]any) ([]byte, error) {
			if lang == "ar" {
				return nil, errors.New("no voice")
			}
			return []byte("RIFF " + lang + " " + key), nil
		},
	})
}

func TestPhone(t *testing.T) {
	w := forPhones(t)
	for _, tt := range []struct {
		path string
		want int
		kind string
	}{
		{"/phone", 302, ""},
		{"/phone/", 200, "text/html; charset=utf-8"},
		{"/phone/words", 200, "application/json; charset=utf-8"},
		{"/phone/words?lang=en", 200, "application/json; charset=utf-8"},
		{"/phone/words?lang=tr", 404, ""}, // not of this site
		{"/phone/words?lang=../en", 404, ""},
		{"/phone/languages", 200, "application/json; charset=utf-8"},
		{"/phone/rules", 200, "application/json; charset=utf-8"},
		{"/phone/clip?lang=en&key=kiosk.more", 200, "audio/wav"},
		{"/phone/clip?key=practice.touch.title", 200, "audio/wav"},
		{"/phone/clip?lang=ar&key=kiosk.more", 404, ""}, // no voice
		{"/phone/clip?lang=tr&key=kiosk.more", 404, ""},
		{"/phone/clip?lang=en&key=desk.next", 404, ""}, // not of these pages
		{"/phone/clip?lang=en&key=kiosk.nothing", 404, ""},
		{"/phone/clip?lang=en", 404, ""},
		{"/phone/answers", 404, ""},
	} {
		got := ask(w.server, "GET", tt.path, "", nil)
		if got.Code != tt.want || tt.kind != "" && got.Header().Get("Content-Type") != tt.kind {
			t.Errorf("GET %s = %d %q; want %d %q", tt.path, got.Code, got.Header().Get("Content-Type"), tt.want, tt.kind)
		}
		if got.Header().Get("Set-Cookie") != "" {
			t.Errorf("GET %s sets a cookie; want none", tt.path)
		}
		for _, method := range []string{"POST", "PUT", "DELETE"} { // nothing can be told to the box
			if got := ask(w.server, method, tt.path, `{"rsa":"yes"}`, nil); got.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s = %d; want 405", method, tt.path, got.Code)
			}
		}
	}
	if text := w.said.String(); strings.Contains(text, "rsa") || strings.Contains(text, "practice.touch") {
		t.Errorf("the log says %s; want nothing of what was asked for", text)
	}
}

func TestPhoneWords(t *testing.T) {
	w := forPhones(t)
	all := func(lang string) (texts map[string]string) {
		t.Helper()
		got := ask(w.server, "GET", "/phone/words?lang="+lang, "", nil)
		if err := json.Unmarshal(got.Body.Bytes(), &texts); err != nil {
			t.Fatal(err)
		}
		return texts
	}
	fr, en := all("fr"), all("en")
	if len(fr) < 100 || fr["rights.rule.rsa"] == "" || fr["practice.touch.title"] == "" || fr["kiosk.more"] == en["kiosk.more"] {
		t.Errorf("%d texts in French, %q and %q; want all of these pages, each in its language", len(fr), fr["kiosk.more"], en["kiosk.more"])
	}
	for key := range fr {
		if first, _, _ := strings.Cut(key, "."); !slices.Contains([]string{"practice", "phone", "rights", "kiosk"}, first) {
			t.Errorf("phones are given %s; want their own texts alone", key)
		}
	}
}

func TestPhoneLanguages(t *testing.T) {
	w := forPhones(t)
	var got []phoneLanguage
	if err := json.Unmarshal(ask(w.server, "GET", "/phone/languages", "", nil).Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []phoneLanguage{{"fr", "fr", "ltr", "Français", true}, {"falc", "fr", "ltr", "Français facile", true},
		{"en", "en", "ltr", "English", true}, {"ar", "ar", "rtl", "العربية", false}}
	if !slices.Equal(got, want) {
		t.Errorf("languages = %+v; want %+v: those to read, and which have a voice", got, want)
	}
	if words.Tag("falc") != "fr" {
		t.Errorf("Tag(falc) = %s; want fr", words.Tag("falc"))
	}
}

// Phones by the dozen do not take the box's processor: two clips are made at once,
// each for as long as somebody waits for it.
func TestPhoneClipsAtOnce(t *testing.T) {
	asked, goOn := make(chan context.Context, 4), make(chan struct{})
	w := onSockets(t, Config{Clip: func(ctx context.Context, _, _ string, _ map[string]any) ([]byte, error) {
		asked <- ctx
		<-goOn
		return []byte("RIFF"), ctx.Err()
	}})
	const path = "/phone/clip?key=kiosk.more"
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if got := ask(w.server, "GET", path, "", nil); got.Code != http.StatusOK {
				t.Errorf("one of two at once = %d; want 200", got.Code)
			}
		})
	}
	for range 2 {
		if ctx := <-asked; ctx.Value(http.LocalAddrContextKey) == nil {
			t.Error("a clip is made outside its request, and goes on when the phone leaves")
		}
	}
	third := make(chan int)
	go func() { third <- ask(w.server, "GET", path, "", nil).Code }()
	select {
	case <-asked:
		t.Error("a third clip is made beside two others; want it to wait")
	case got := <-third:
		t.Errorf("the third = %d at once; want it to wait its turn", got)
	case <-time.After(50 * time.Millisecond):
	}
	close(goOn)
	wg.Wait()
	if got := <-third; got != http.StatusOK {
		t.Errorf("the third, in its turn, = %d; want 200", got)
	}
}
