package setup

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"jeudi/firmware/session"
)

// fakeSpare has a stick with one file, and takes it over as told.
type fakeSpare struct {
	list     []Backup
	err      error
	asked    []string
	entered  chan bool // Restore has begun
	let      chan bool // and may end
	listened error
}

func (f *fakeSpare) Backups(context.Context) ([]Backup, error) { return f.list, f.listened }

func (f *fakeSpare) Restore(_ context.Context, stick, name, code string) error {
	f.asked = append(f.asked, stick+"/"+name+"/"+code)
	if f.entered != nil {
		f.entered <- true
		<-f.let
	}
	return f.err
}

// TestSpare: what lies on a stick is offered, refused with a sentence, or ends the wizard
// without a site file of its own.
func TestSpare(t *testing.T) {
	spare := &fakeSpare{}
	w := newWorld(t, func(c *Config) { c.Spare = spare })
	want := body{"do": "restore", "stick": "sda1", "name": "jeudi-matinee-x.jeudi", "code": "ABCD"}
	for _, in := range []body{{"do": "sticks"}, want} {
		if status, got := w.asPhone("/api/setup", in); status != http.StatusUnauthorized || len(spare.asked) > 0 {
			t.Fatalf("%v without the kiosk's code = %d %v; want 401", in, status, got)
		}
	}
	w.enter()
	offered := func() int {
		t.Helper()
		status, got := w.asPhone("/api/setup", body{"do": "sticks"})
		list, ok := got["backups"].([]any)
		if status != http.StatusOK || !ok {
			t.Fatalf("sticks = %d %v; want a list", status, got)
		}
		return len(list)
	}
	if n := offered(); n != 0 {
		t.Errorf("without a stick %d backups are offered", n)
	}
	spare.listened = errors.New("a broken line")
	if n := offered(); n != 0 {
		t.Errorf("with sticks that cannot be read %d backups are offered", n)
	}
	spare.listened, spare.list = nil, []Backup{{Stick: "sda1", Name: "jeudi-matinee-x.jeudi"}}
	if n := offered(); n != 1 {
		t.Errorf("of one backup %d are offered", n)
	}

	spare.err = &session.Refusal{Msg: session.M("care.code")}
	if status, got := w.asPhone("/api/setup", want); status != http.StatusConflict || got["key"] != "care.code" || !strings.Contains(got["error"].(string), "bon code") {
		t.Errorf("a wrong code = %d %v", status, got)
	}
	spare.err = errors.New("card: full")
	if status, got := w.asPhone("/api/setup", want); status != http.StatusServiceUnavailable || !strings.Contains(got["error"].(string), "Recommencez") || w.server.over() {
		t.Errorf("a full card = %d %v; want a sentence, and the wizard going on", status, got)
	}

	// While it is taken over nobody writes another site, and nobody takes it over twice.
	spare.err, spare.entered, spare.let = nil, make(chan bool), make(chan bool)
	type answer struct {
		status int
		body   body
	}
	done := make(chan answer)
	go func() { status, got := w.asPhone("/api/setup", want); done <- answer{status, got} }()
	<-spare.entered
	for _, in := range []body{{"do": "finish"}, want} {
		if status, got := w.asKiosk("/api/setup", in); status != http.StatusConflict || got["key"] != "setup.restore.going" {
			t.Errorf("%v meanwhile = %d %v; want setup.restore.going", in, status, got)
		}
	}
	if n := offered(); n != 0 {
		t.Errorf("meanwhile %d backups are offered", n)
	}
	spare.let <- true
	if got := <-done; got.status != http.StatusOK || got.body["finished"] != true {
		t.Errorf("restore = %d %v; want the wizard at its end", got.status, got.body)
	}
	<-w.server.Done()
	if spare.asked[len(spare.asked)-1] != "sda1/jeudi-matinee-x.jeudi/ABCD" || len(w.written) > 0 {
		t.Errorf("asked for %q, and %d site files written; want what was chosen, and none", spare.asked, len(w.written))
	}
	if status, got := w.asPhone("/api/setup", want); status != http.StatusConflict || got["key"] != "setup.over" {
		t.Errorf("once more = %d %v; want setup.over", status, got)
	}
	if strings.Contains(w.log.String(), "ABCD") {
		t.Error("the code is in the log")
	}
}

// TestNoSpare: where nobody reaches sticks nothing is offered.
func TestNoSpare(t *testing.T) {
	w := newWorld(t, nil)
	w.enter()
	if status, got := w.asPhone("/api/setup", body{"do": "sticks"}); status != http.StatusOK || len(got["backups"].([]any)) != 0 {
		t.Errorf("sticks = %d %v; want none", status, got)
	}
	if status, got := w.asPhone("/api/setup", body{"do": "restore"}); status != http.StatusBadRequest {
		t.Errorf("restore = %d %v; want 400", status, got)
	}
}
