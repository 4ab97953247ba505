package main

import (
	"encoding/json"
	"runtime/debug"
	"slices"
	"testing"
	"time"
)

func TestDebianComponents(t *testing.T) {
	got := debianComponents(`Package: zlib1g
Status: install ok installed
Architecture: arm64
Version: 1:1.3+dfsg-1
Description: compression
 Package: not a field

Package: gone
Status: deinstall ok config-files
Architecture: arm64
Version: 1

Package: linux-image-6.12
Architecture: arm64
Version: 6.12-1
`, "aa11  ./debs/zlib1g_1%3a1.3+dfsg-1_arm64.deb\n", map[string]string{"zlib1g": "Format: x\n\nFiles: *\nLicense: Zlib\n\nFiles: debian/*\nLicense: Zlib\n\nLicense: GPL-2+\n text"})
	if len(got) != 2 {
		t.Fatalf("%d packages, %v; want linux-image-6.12 and zlib1g", len(got), got)
	}
	if got[0].Name != "linux-image-6.12" || got[0].Hashes != nil {
		t.Errorf("%+v; want the kernel's package, without a hash that nobody knows", got[0])
	}
	z := got[1]
	if z.Version != "1:1.3+dfsg-1" || z.PURL != "pkg:deb/debian/zlib1g@1%3A1.3%2Bdfsg-1?arch=arm64&distro=debian-13" {
		t.Errorf("%+v", z)
	}
	if len(z.Hashes) != 1 || z.Hashes[0].Content != "aa11" {
		t.Errorf("hashes %v; want aa11", z.Hashes)
	}
	if len(z.Licenses) != 2 || z.Licenses[0].License.Name != "Zlib" || z.Licenses[1].License.Name != "GPL-2+" {
		t.Errorf("licences %v; want Zlib, GPL-2+", z.Licenses)
	}
}

func TestGoComponents(t *testing.T) {
	got := goComponents(&debug.BuildInfo{GoVersion: "go1.26.1", Deps: []*debug.Module{
		{Path: "periph.io/x/conn/v3", Version: "v3.7.2"},
		{Path: "example.org/old", Version: "v1.0.0", Replace: &debug.Module{Path: "example.org/new", Version: "v1.0.1"}},
	}})
	var purls []string
	for _, c := range got {
		purls = append(purls, c.PURL)
	}
	want := []string{"pkg:golang/example.org/new@v1.0.1", "pkg:golang/periph.io/x/conn/v3@v3.7.2", "pkg:golang/stdlib@1.26.1"}
	if !slices.Equal(purls, want) {
		t.Errorf("%q; want %q", purls, want)
	}
}

func TestWriteSBOM(t *testing.T) {
	text, err := writeSBOM("1.2", time.Unix(0, 0), goComponents(&debug.BuildInfo{GoVersion: "go1.26.1"}))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		BOMFormat, SpecVersion string
		Metadata               struct {
			Timestamp string
			Component component
		}
		Components []component
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.BOMFormat != "CycloneDX" || doc.SpecVersion != "1.5" || doc.Metadata.Timestamp != "1970-01-01T00:00:00Z" ||
		doc.Metadata.Component.Version != "1.2" || len(doc.Components) != 1 {
		t.Errorf("%+v", doc)
	}
}
