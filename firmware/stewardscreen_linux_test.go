package main

import (
	"testing"
	"testing/fstest"
)

func TestScreenThere(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, test := range map[string]struct {
		sys  fstest.MapFS
		want bool
	}{
		"no graphics":    {fstest.MapFS{}, false},
		"nothing in it":  {fstest.MapFS{"card0-HDMI-A-1/status": file("disconnected\n"), "card0/dev": file("226:0\n")}, false},
		"not known":      {fstest.MapFS{"card0-HDMI-A-1/status": file("unknown\n")}, false},
		"in the second":  {fstest.MapFS{"card0-HDMI-A-1/status": file("disconnected\n"), "card0-HDMI-A-2/status": file("connected\n")}, true},
		"the ribbon one": {fstest.MapFS{"card1-DSI-1/status": file("connected\n")}, true},
	} {
		if got := screenThere(test.sys); got != test.want {
			t.Errorf("%s: %v; want %v", name, got, test.want)
		}
	}
}
