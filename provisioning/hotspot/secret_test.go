package hotspot

import (
	"crypto/rand"
	"strings"
	"testing"

	"jeudi/provisioning/site"
)

func TestDraw(t *testing.T) {
	seen := map[string]bool{}
	used := map[rune]bool{}
	for range 200 {
		p, err := Draw(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if s := p.Reveal(); !drawn(s) || len(s) != 24 || seen[s] {
			t.Fatalf("Draw() = %q; want another of 24 signs", s)
		}
		seen[p.Reveal()] = true
		for _, c := range p.Reveal() {
			used[c] = true
		}
	}
	if len(used) != len(letters)+1 {
		t.Errorf("%d signs are used; want %d and the hyphen", len(used), len(letters))
	}
	if _, err := Draw(strings.NewReader("short")); err == nil {
		t.Error("Draw() of a source that ends = nil; want an error")
	}
	for _, bad := range []string{"", "abcd", "abcd-efgh-jkmn-opqr-stu", "abcd-efgh-jkmn-opqr-stul", "abcd-efgh-jkmn-opqr-stuv-wxyz"} {
		if drawn(bad) {
			t.Errorf("drawn(%q) = true", bad)
		}
	}
}

func TestScan(t *testing.T) {
	for _, tt := range []struct {
		name string
		key  site.Secret
		want string
	}{
		{"Jeudi", "abcd-efgh", "WIFI:T:WPA;S:Jeudi;P:abcd-efgh;;"},
		{`a;b,c:d"e\`, `p;`, `WIFI:T:WPA;S:a\;b\,c\:d\"e\\;P:p\;;;`},
		{"Ouvert", "", "WIFI:T:nopass;S:Ouvert;P:;;"},
	} {
		if got := Scan(tt.name, tt.key); got != tt.want {
			t.Errorf("Scan(%q) = %q; want %q", tt.name, got, tt.want)
		}
	}
}
