package main

import (
	"testing"

	"jeudi/provisioning/update"
)

// TestACardWithoutUpdates: a card that has no key for updates says so when the steward
// starts, and not whenever the box asks how things stand.
func TestACardWithoutUpdates(t *testing.T) {
	for _, b := range []*update.Box{nil, {}} {
		if _, said := (&stewardBox{updates: b}).status()["update"]; said != (b != nil) {
			t.Errorf("with updates %v the status has them: %v", b != nil, said)
		}
	}
}
