package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"jeudi/firmware/journal"
	"jeudi/firmware/session"
)

// dataForms are what the data folder is made of, by its number: what an older version has to
// know to read it. An entry of the past never changes.
func dataForms() map[int]string {
	return map[int]string{
		1: `
journal: envelope 1, events absent adjusted called came_back caught_up closed ended handed_over held interrupted motif_added opened paper paused planned priority recalled reopened reprint resumed returned started stepped_out taken team time turned_away undone
agenda.db: buckets counts events seats
counts.db: buckets counts
exit/counts.db: buckets counts
exit/pending: JEUDIPN2
journal.db: buckets events
ledger.db: buckets permanences
pending: JEUDIPN2
staff/counts.db: buckets counts
staff/pending: JEUDIPN2
`,
		// A permanence that went on in another box is "moved".
		2: `
journal: envelope 1, events absent adjusted called came_back caught_up closed ended handed_over held interrupted motif_added moved opened paper paused planned priority recalled reopened reprint resumed returned started stepped_out taken team time turned_away undone
agenda.db: buckets counts events seats
counts.db: buckets counts
exit/counts.db: buckets counts
exit/pending: JEUDIPN2
journal.db: buckets events
ledger.db: buckets permanences
pending: JEUDIPN2
staff/counts.db: buckets counts
staff/pending: JEUDIPN2
`,
	}
}

// TestDataFormat: whoever changes the form of a store says whether the version before can
// still read it, because going back to it is one button.
func TestDataFormat(t *testing.T) {
	got := formOf(t)
	if want := strings.TrimSpace(dataForms()[dataFormat]); got != want {
		t.Errorf("the stores of data format %d are\n%s\nwant\n%s\n"+
			"If the version before cannot read this, it would set aside what it finds after « Revenir »: let dataFormat in updatecmd.go grow by one, and add what is above to dataForms. "+
			"If it can (a bucket that it leaves alone), change the entry of this number, and say so in the commit.", dataFormat, got, want)
	}
	for n := 1; n <= dataFormat; n++ {
		if dataForms()[n] == "" {
			t.Errorf("nobody says what data format %d was", n)
		}
	}
	if len(dataForms()) != dataFormat {
		t.Errorf("%d forms are known; the data format is %d", len(dataForms()), dataFormat)
	}
}

// formOf is the form of stores that this version begins: the envelope and the events of the
// journal, the buckets of each file, the first bytes of the others.
func formOf(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	place, err := siteFrom("")
	if err != nil {
		t.Fatal(err)
	}
	stores, err := openStores(dir, schemasOf(place), optionsOf(place), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	stores.close()
	raw, err := journal.Encode(session.Event{Body: session.PermanencePaused{}})
	if err != nil {
		t.Fatal(err)
	}
	var envelope struct {
		Version int `json:"v"`
	}
	if err := json.Unmarshal(raw, &envelope); err != nil || envelope.Version == 0 {
		t.Fatalf("an event of the journal has no version: %s, %v", raw, err)
	}
	lines := []string{fmt.Sprintf("journal: envelope %d, events %s", envelope.Version, strings.Join(eventNames(t), " "))}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if strings.HasSuffix(name, ".db") {
			lines = append(lines, name+": buckets "+strings.Join(bucketsOf(t, path), " "))
			return nil
		}
		content, err := os.ReadFile(path)
		if magic := regexp.MustCompile(`^JEUDI[A-Z]+[0-9]`).Find(content); magic != nil {
			name += ": " + string(magic)
		}
		lines = append(lines, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines[1:])
	return strings.Join(lines, "\n")
}

func bucketsOf(t *testing.T, path string) (names []string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
			names = append(names, string(name))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// eventNames are those that the journal may hold: of one that it does not know, a version
// before knows nothing at all.
func eventNames(t *testing.T) (names []string) {
	t.Helper()
	text, err := os.ReadFile("session/event.go")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), "\nfunc TypeOf(")
	body, _, _ := strings.Cut(after, "\n}\n")
	for _, m := range regexp.MustCompile(`return "([a-z_]+)"`).FindAllStringSubmatch(body, -1) {
		names = append(names, m[1])
	}
	if !ok || len(names) < 20 {
		t.Fatalf("the events are %q; want those of TypeOf", names)
	}
	slices.Sort(names)
	return names
}
