package main

import (
	"os"
	"time"

	"jeudi/provisioning/hotspot"
	"jeudi/provisioning/site"
)

// siteForHotspot reads what the network needs of the site file, again when that has
// changed: the wizard writes it, and a technician may.
func siteForHotspot(file string) func() hotspot.Site {
	var (
		seen time.Time
		size int64 = -1
		kept       = hotspot.SiteOf(nil)
	)
	return func() hotspot.Site {
		info, err := os.Stat(file)
		if err != nil {
			size, kept = -1, hotspot.SiteOf(nil)
			return kept
		}
		if info.Size() == size && info.ModTime().Equal(seen) {
			return kept
		}
		seen, size = info.ModTime(), info.Size()
		s, err := site.Load(file)
		if err != nil {
			s = nil // the box says why, and begins its setup
		}
		kept = hotspot.SiteOf(s)
		return kept
	}
}
