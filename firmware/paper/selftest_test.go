package paper

import (
	"os"
	"path/filepath"
	"testing"

	"jeudi/drivers"
	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
)

// A result names what failed and why; buttons that are well share a line.
func result() selftest.Report {
	return selftest.Report{Started: at(11, 25, 17, 1), Ended: at(11, 25, 17, 2), Version: "1.2.3", Outcomes: []selftest.Outcome{
		{Item: selftest.Printer, Result: selftest.Warning, Notes: []session.Msg{session.M("device.printer.paper_low")}},
		{Item: selftest.Sound, Result: selftest.Failed, Notes: []session.Msg{session.M("selftest.note.not_heard")}},
		{Item: selftest.OfButton("next"), Result: selftest.OK}, {Item: selftest.OfButton("ok"), Result: selftest.OK},
		{Item: selftest.Touch, Result: selftest.Skipped},
		{Item: selftest.Disk, Result: selftest.OK, Notes: []session.Msg{session.M("selftest.note.disk_gb", "amount", 12)}},
		{Item: selftest.Wear, Result: selftest.Unknown},
	}}
}

func TestSelfTestPapers(t *testing.T) {
	w := catalogue(t)
	unsure := result()
	unsure.ClockUnsure = true
	unsure.Outcomes = unsure.Outcomes[2:4]
	for name, doc := range map[string]drivers.Document{
		"selftest.ticket": TestTicket(w, TestTicketData{Place: "Centre social Les Tilleuls", Number: 47, At: at(11, 25, 17, 1),
			Languages: []string{"fr", "en", "ar", "tlh"}}),
		"selftest.result": SelfTest(w, "Centre social Les Tilleuls", result()),
		"selftest.good":   SelfTest(w, "Centre social Les Tilleuls", unsure),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name+".txt")
			got := render(doc)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || got != string(want) {
				t.Errorf("%s =\n%s\nwant\n%s, %v", name, got, want, err)
			}
		})
	}
}
