package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"jeudi/firmware/words"
)

// French has the staff's texts too, asked for or not; every other language has what
// visitors read alone. The usage says so.
func TestWordsForWhom(t *testing.T) {
	for _, tt := range []struct {
		args  []string
		staff bool
	}{
		{nil, true}, {[]string{"fr"}, true}, {[]string{"falc"}, false}, {[]string{"en"}, false}, {[]string{"pl"}, false},
	} {
		var out, errs bytes.Buffer
		if code := runWords(tt.args, &out, &errs); code != exitOK {
			t.Errorf("words %q = %d %s; want a file", tt.args, code, &errs)
			continue
		}
		var file map[string]any
		if err := json.Unmarshal(out.Bytes(), &file); err != nil {
			t.Fatal(err)
		}
		staff, visitors := 0, 0
		for key := range file {
			if words.ForStaff(key) {
				staff++
			} else {
				visitors++
			}
		}
		if (staff > 0) != tt.staff || visitors == 0 {
			t.Errorf("words %q: %d texts for staff, %d for visitors; want for staff: %v", tt.args, staff, visitors, tt.staff)
		}
	}
	for _, say := range []string{"Without LANG it is fr", "those of the staff too", "what visitors read"} {
		if !strings.Contains(wordsUsage, say) {
			t.Errorf("the usage lacks %q", say)
		}
	}
}
