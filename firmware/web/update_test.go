package web

import (
	"testing"

	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// TestUpdateSays: of all that may be said of updates the desk says what matters now, and a
// version that somebody sent back is neither a fault nor simply ready.
func TestUpdateSays(t *testing.T) {
	kept := &UpdateEnd{Kept: true, Says: session.M("update.kept")}
	back := &UpdateEnd{Says: session.M("update.back"), Why: session.M("update.why.page")}
	sent := &UpdateEnd{Wanted: "2", Says: session.M("update.back_wanted")}
	catalogue, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		give UpdateStatus
		want string
		good bool
		told bool // by a banner
	}{
		{"nothing yet", UpdateStatus{}, "", true, false},
		{"on trial", UpdateStatus{Trial: true, Last: back}, "update.trial", true, true},
		{"ready", UpdateStatus{Ready: "2"}, "update.ready", true, false},
		{"ready, after another was kept", UpdateStatus{Ready: "2", Last: kept}, "update.ready", true, false},
		{"kept", UpdateStatus{Last: kept}, "update.kept", true, false},
		{"it did not work", UpdateStatus{Ready: "2", Failed: 1, Last: back}, "update.back", false, true},
		{"sent back", UpdateStatus{Ready: "2", Last: sent}, "update.back_wanted", true, true},
		{"sent back, and the next is ready", UpdateStatus{Ready: "3", Last: sent}, "update.ready", true, false},
	} {
		m, good := updateSays(tt.give)
		if m.Key != tt.want || good != tt.good {
			t.Errorf("%s: updateSays = %q, %v; want %q, %v", tt.name, m.Key, good, tt.want, tt.good)
		}
		s := &Server{cfg: Config{Words: catalogue, Updates: standing{UpdateStatus: tt.give}}}
		if b, told := s.updateBanner(); told != tt.told {
			t.Errorf("%s: a banner %v, %+v; want %v", tt.name, told, b, tt.told)
		}
	}
}

// standing are updates that stand in one way.
type standing struct {
	Updates
	UpdateStatus
}

func (s standing) Status() (UpdateStatus, bool) { return s.UpdateStatus, true }
