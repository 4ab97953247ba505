package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPreseeded(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // "" for nothing at all
		warns      bool
	}{
		{name: "a Wi-Fi and a zone", text: "[wlan]\nssid = \"Mairie\"\npassword = \"tilleuls2026\"\n[locale]\ntimezone = \"Indian/Reunion\"\n[user]\nname = \"x\"\n",
			want: []string{`"ssid":"Mairie"`, `"passphrase":"tilleuls2026"`, `"use":"place"`, `"zone":"Indian/Reunion"`}},
		{name: "nothing for us", text: "[ssh]\nenabled = true\n"},
		{name: "nonsense", text: "password = tilleuls2026", warns: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			got := string(preseeded(fstest.MapFS{"rpi-preseed.toml": {Data: []byte(tt.text)}}, slog.New(slog.NewTextHandler(&log, nil))))
			if (got == "") != (tt.want == nil) {
				t.Errorf("preseeded = %q; want %q", got, tt.want)
			}
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("preseeded = %q; want %s in it", got, want)
				}
			}
			if (log.Len() > 0) != tt.warns || strings.Contains(log.String(), "tilleuls2026") {
				t.Errorf("log: %q", &log)
			}
		})
	}
	if got := preseeded(fstest.MapFS{}, slog.New(slog.DiscardHandler)); got != nil {
		t.Errorf("preseeded without a form = %q; want nothing", got)
	}
}
