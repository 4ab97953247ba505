package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// The pages of the visitor's own phone are static: what is answered there never
// leaves it. The box gives them texts, voices and rules, and is told nothing.

// phoneTexts are the beginnings of the keys that these pages show and say.
func phoneTexts() []string { return []string{"practice.", "phone.", "rights.", "kiosk."} }

// phoneWords gives all texts of a language at once: which of them is shown is
// nobody's business.
func (s *Server) phoneWords(w http.ResponseWriter, r *http.Request) {
	lang, ok := s.lang(w, r)
	if !ok {
		return
	}
	all := map[string]string{}
	for _, prefix := range phoneTexts() {
		for key, text := range s.cfg.Words.Under(lang, prefix) {
			all[key] = text
		}
	}
	reply(w, http.StatusOK, all)
}

// phoneLanguage is a language to choose on the phone.
type phoneLanguage struct {
	Lang  string `json:"lang"`
	Tag   string `json:"tag"` // BCP 47
	Dir   string `json:"dir"`
	Name  string `json:"name"`
	Voice bool   `json:"voice"`
}

func (s *Server) phoneLanguages(w http.ResponseWriter, r *http.Request) {
	list := []phoneLanguage{}
	for _, l := range s.cfg.Languages {
		if l != words.Images { // a page to read
			list = append(list, phoneLanguage{l, words.Tag(l), words.Dir(l), s.cfg.Words.Text(l, "language.name", nil), s.cfg.Mute == nil || !s.cfg.Mute(l)})
		}
	}
	reply(w, http.StatusOK, list)
}

// clipPatience is how long a request for a clip waits for its turn.
const clipPatience = 8 * time.Second

// phoneClip speaks one text: WAV, since every phone plays it. Asking for it says
// only that somebody listens: pages ask for all their clips, or for those of texts
// that everybody meets. Two are made at once: the box has a queue to serve.
func (s *Server) phoneClip(w http.ResponseWriter, r *http.Request) {
	lang, ok := s.lang(w, r)
	if !ok {
		return
	}
	key := r.URL.Query().Get("key")
	named := slices.ContainsFunc(phoneTexts(), func(p string) bool { return strings.HasPrefix(key, p) })
	if !named || !s.cfg.Words.Has(words.French, key) {
		http.NotFound(w, r)
		return
	}
	s.clip(w, r, lang, session.Msg{Key: key}, http.StatusNotFound)
}

// clip speaks a message; none is the status where there is no voice for it.
func (s *Server) clip(w http.ResponseWriter, r *http.Request, lang string, m session.Msg, none int) {
	if s.cfg.Clip == nil {
		w.WriteHeader(none)
		return
	}
	// A page that reads itself aloud asks for its clips together: they wait their turn.
	soon := time.NewTimer(clipPatience)
	defer soon.Stop()
	select {
	case s.clips <- struct{}{}:
	case <-r.Context().Done():
		return
	case <-soon.C:
		w.Header().Set("Retry-After", "1")
		s.busy(w)
		return
	}
	wav, err := func() ([]byte, error) {
		defer func() { <-s.clips }()
		return s.cfg.Clip(r.Context(), lang, m.Key, m.Args)
	}()
	if err != nil {
		w.WriteHeader(none)
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Content-Length", strconv.Itoa(len(wav)))
	w.Header().Set("Cache-Control", "no-cache")
	w.Write(wav)
}

// phoneRules are the rules of the rights to be checked, which run in the page.
func (s *Server) phoneRules(w http.ResponseWriter, r *http.Request) {
	if len(s.cfg.Rights) == 0 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Write(s.cfg.Rights)
}

// lang is the language that is asked for, if the site has it.
func (s *Server) lang(w http.ResponseWriter, r *http.Request) (string, bool) {
	lang := r.URL.Query().Get("lang")
	if lang == "" {
		lang = words.French
	}
	if lang != words.French && !slices.Contains(s.cfg.Languages, lang) {
		http.NotFound(w, r)
		return "", false
	}
	return lang, true
}
