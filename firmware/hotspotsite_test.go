package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"jeudi/provisioning/hotspot"
	"jeudi/provisioning/site"
)

func TestSiteForHotspot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "jeudi.toml")
	read := siteForHotspot(file)
	if got := read(); !got.Setup || got.Wifi.Name != hotspot.SetupName {
		t.Errorf("without a file %+v; want the setup", got)
	}
	clock := time.Unix(1_800_000_000, 0)
	write := func(text string) {
		t.Helper()
		clock = clock.Add(time.Second)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, clock, clock); err != nil {
			t.Fatal(err)
		}
	}
	write(site.SampleText())
	if got := read(); got.Setup || got.Wifi.Name != "Jeudi" || got.Wifi.Hotspot != site.HotspotAuto {
		t.Errorf("with the sample %+v; want its Wi-Fi", got)
	}
	write("wrong")
	if got := read(); !got.Setup {
		t.Errorf("with a wrong file %+v; want the setup", got)
	}
	write(site.SampleText())
	if got := read(); got.Setup {
		t.Errorf("with the sample again %+v", got)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if got := read(); !got.Setup {
		t.Errorf("after a reset %+v; want the setup", got)
	}
}
