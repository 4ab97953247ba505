package rights

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/agreement.json again")

// agreement is what the engine of the pages must find as well: the questions, and
// for generated households a hash of the lines of each hundred of them.
type agreement struct {
	Note      string     `json:"note"`
	Seed      uint32     `json:"seed"`
	Each      int        `json:"each"`
	Questions [][]string `json:"questions"`
	First     []string   `json:"first"` // the first lines, to look at
	Blocks    []string   `json:"blocks"`
}

// line is everything the engine says of one household.
func line(r Rules, a Answers) string {
	var parts []string
	code := ""
	for _, q := range r.Questions() {
		code += fmt.Sprint(1 + slices.Index(q.Answers, a[q.Key]))
	}
	for _, h := range r.Hints(a) {
		s := h.ID
		if h.Open {
			s += "?"
		}
		parts = append(parts, s)
	}
	var bands []string
	for _, b := range r.Bands(a) {
		bands = append(bands, fmt.Sprintf("%s%d-%d", b.Key, b.From, b.Below))
	}
	asked, _ := walk(r, func(q Question) string { return a[q.Key] })
	return code + " " + strings.Join(parts, ",") + " " + strings.Join(bands, ",") + " " + strings.Join(asked, ",")
}

// TestAgreement writes, or compares, what kiosk-ui/test/unit/rights.test.js
// compares the engine of the pages with.
func TestAgreement(t *testing.T) {
	r := defaults(t)
	want := agreement{Note: "go test ./firmware/rights -run TestAgreement -update", Seed: 20260401, Each: 100}
	for _, q := range r.Questions() {
		want.Questions = append(want.Questions, append([]string{q.Key}, q.Answers...))
	}
	x := want.Seed
	var lines []string
	for range 3000 {
		a := Answers{}
		for _, q := range r.Questions() {
			x = x*1664525 + 1013904223
			n := len(q.Answers)
			if i := int(x>>16) % (n + 1 + n/3); i < n {
				a[q.Key] = q.Answers[i]
			}
		}
		lines = append(lines, line(r, a))
	}
	want.First = lines[:2]
	for block := range slices.Chunk(lines, want.Each) {
		sum := sha256.Sum256([]byte(strings.Join(block, "\n")))
		want.Blocks = append(want.Blocks, hex.EncodeToString(sum[:6]))
	}
	data, err := json.MarshalIndent(want, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/agreement.json"
	if *update {
		if err := os.WriteFile(file, append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(data)+"\n" {
		t.Errorf("%s is not what the rules say now; run this test with -update and look at the difference", file)
	}
}
