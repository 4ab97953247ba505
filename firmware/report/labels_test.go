package report

import (
	"testing"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
)

// The bilan names roles, classes, reasons and « no motif » as the closing report and the
// desk do, with a site's words and without.
func TestLabelsAreTheCatalogues(t *testing.T) {
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := Site{Labels: Labels(c)}
	for _, tt := range []struct{ question, key, from string }{
		{sheet.Motif, sheet.Undecided, "motif.none"}, {sheet.Motif, "caf", "motif.caf"},
		{sheet.Role, sheet.Whoever, "report.role_any"}, {sheet.Role, string(session.Roles()[0]), "role." + string(session.Roles()[0])},
		{sheet.Class, "short", "report.class.short"}, {sheet.Class, "normal", "report.class.normal"}, {sheet.Class, "long", "report.class.long"},
	} {
		want := c.Text(words.French, tt.from, nil)
		if got := s.label(tt.question, tt.key); got != want {
			t.Errorf("%s %s = %q; want %q", tt.question, tt.key, got, want)
		}
		if got := (Site{}).label(tt.question, tt.key); got != want && tt.key != "caf" { // a motif is the site's
			t.Errorf("%s %s without a site = %q; want %q", tt.question, tt.key, got, want)
		}
	}
	for r, want := range map[session.Reason]string{"no_room": c.Text(words.French, "reason.no_room", nil), "x": c.Text(words.French, "reason.other", nil)} {
		if got := s.reason(r); got != want {
			t.Errorf("reason %s = %q; want %q", r, got, want)
		}
	}
}
