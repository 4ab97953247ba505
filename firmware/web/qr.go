package web

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// QRView is a QR code for a page to draw: Path is of an SVG whose unit is a module,
// Size modules a side with the quiet zone around it. The code itself is made by
// rsc.io/qr, which prints those of the tickets too.
type QRView struct {
	Size int    `json:"size"`
	Path string `json:"path"`
}

// quiet is the white around a code (ISO/IEC 18004).
const quiet = 4

// QR draws a text, for the pages that are served before the box has a site.
func QR(text string) *QRView { return qrView(text) }

// qrView draws a text. One that no code can hold has none.
func qrView(text string) *QRView {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if n := x - from; n > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", quiet+from, quiet+y, n, n)
			}
		}
	}
	return &QRView{code.Size + 2*quiet, path.String()}
}
