package appliance_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"jeudi/firmware/intake"
)

// TestCase51 is row 51 of ATTACKS.md: the browser is killed a hundred times, in the middle
// of what somebody says. What the visitor said lives in the box alone, so that a browser
// that comes back within the minute finds the visitor where they were, and one that comes
// later, or never, finds nothing of them.
func TestCase51(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		for i := range 100 {
			b.press("en", "bigger")
			if i%2 == 0 { // half of them only look: a day has no room for a hundred visits
				b.press("caf", "questions")
				time.Sleep(time.Second)
				b.press(b.screen().Choices[0].Key)
			}
			was := b.screen()
			if i%10 == 0 { // killed, and back within ten seconds: another look at the same state
				time.Sleep(10 * time.Second)
				if now := b.screen(); now.ID != was.ID || !reflect.DeepEqual(now.Progress, was.Progress) {
					t.Fatalf("round %d: back at %s; want %s", i, now.ID, was.ID)
				}
			}
			time.Sleep(150 * time.Second) // killed, and the visitor has gone
			if s := b.Snapshot().Kiosk; !s.Idle() || b.screen().ID != intake.Language {
				t.Fatalf("round %d: the next visitor sees %+v", i, b.screen())
			}
			if marked := slices.ContainsFunc(b.screen().Choices, func(c intake.Choice) bool { return c.Selected }); marked {
				t.Fatalf("round %d: an answer of the visitor before is marked: %+v", i, b.screen())
			}
		}
		if n := b.Snapshot().Session.Totals.Issued; n != 50 {
			t.Errorf("%d tickets; want 50, none lost and none doubled", n)
		}
	})
}
