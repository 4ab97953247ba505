package escpos

import (
	"fmt"
	"slices"

	"golang.org/x/text/encoding/charmap"
)

// A Profile is what must be known of a printer to print on it. It holds plain
// values, so that a site may override any of them; Validate says what is wrong
// with the result.
type Profile struct {
	// Name is what a site calls the printer by: "generic-80".
	Name string
	// Columns is how many characters of font A, 12 × 24 dots, a line holds: 8 to 64.
	Columns int
	// Dots is how many the head prints across the paper at 8 dots to the
	// millimetre: 384 on paper of 58 mm, 576 on 80 mm. A multiple of 8, 96 to 1152.
	Dots int
	// CodePages are the pages for ESC t that the printer is known to have, the best
	// first. One of them is used for as much of a document as it can hold.
	CodePages []CodePage

	// Cutter says that the printer has one and knows GS V with its own feed to the blade.
	Cutter bool
	// FullCut cuts the sheet off; else a bridge of paper holds it, so that it does not fall.
	FullCut bool
	// Blade is how far the blade, or the tear bar, is behind the head, in
	// millimetres, 0 to 60. It is about 15 on most printers. Without a cutter that
	// much paper is fed, that the last line may be torn off whole.
	Blade int
	// Presenter says that the printer holds the cut sheet in its mouth and knows
	// GS e, as the kiosk printers of Custom do.
	Presenter bool
	// PresentSteps is how far the sheet is pushed out and held, 1 to 255, in steps
	// of the printer (0.6, 7 or 22 mm: the manual knows). 0 lets the sheet go.
	PresentSteps int

	// NativeQR says that the printer is confirmed to draw QR codes by itself.
	// Others print the command as text, so they are sent dots.
	NativeQR bool
	// Raster says that the printer knows GS v 0. One that does not can print
	// neither images nor a script outside of its code pages.
	Raster bool
	// BandRows is how many rows of dots are sent with one GS v 0, 8 to 255. A band
	// must stay below 8192 bytes; below 4096 it fits the buffer of every printer. 0
	// is as many as do: 56 on paper of 80 mm, 80 on 58 mm.
	BandRows int

	// Speed is how fast the paper goes, as the maker says, in millimetres a second,
	// 20 to 500. Half of it is counted on, since dense dots are slower. 0 is unknown:
	// 50 are counted on.
	Speed int
	// Baud is the speed of the printer's serial line in bits a second; a byte counts
	// as twelve. 0 is USB or a network, where 100 kB a second are counted on.
	Baud int
	// Answers is the best that the printer answers: more is neither asked of it nor
	// believed. Up to there, asking it has the last word.
	Answers Answers
	// FullStatus says that the printer knows DLE EOT 20, the six bytes of Custom,
	// where a bit tells of a sheet that waits in the mouth.
	FullStatus bool
}

// Answers is how a printer tells what became of a document, from worst to best.
type Answers string

// The answers of printers. The zero value is found out by asking for all of them.
const (
	AnswersUnknown  Answers = ""
	AnswersNothing  Answers = "nothing"  // one wire, or a clone that is mute: it is not asked; its status pins still count
	AnswersRealtime Answers = "realtime" // DLE EOT
	AnswersMarker   Answers = "marker"   // GS r behind the last byte
	AnswersPrinted  Answers = "printed"  // GS ( H, when it is on paper
)

// A CodePage is a page of characters and its slot in a printer.
type CodePage struct {
	// Name is one of cp437, cp850, cp852, cp858, cp860, cp863, cp865, cp866,
	// cp1250, cp1251, cp1252, cp1253, cp1254, cp1257, iso8859-2, iso8859-7 and
	// iso8859-15.
	Name string
	// Slot is its number for ESC t, which differs from maker to maker.
	Slot byte
}

// charmap is the page's table, or nil.
func (c CodePage) charmap() *charmap.Charmap {
	switch c.Name {
	case "cp437":
		return charmap.CodePage437
	case "cp850":
		return charmap.CodePage850
	case "cp852":
		return charmap.CodePage852
	case "cp858":
		return charmap.CodePage858
	case "cp860":
		return charmap.CodePage860
	case "cp863":
		return charmap.CodePage863
	case "cp865":
		return charmap.CodePage865
	case "cp866":
		return charmap.CodePage866
	case "cp1250":
		return charmap.Windows1250
	case "cp1251":
		return charmap.Windows1251
	case "cp1252":
		return charmap.Windows1252
	case "cp1253":
		return charmap.Windows1253
	case "cp1254":
		return charmap.Windows1254
	case "cp1257":
		return charmap.Windows1257
	case "iso8859-2":
		return charmap.ISO8859_2
	case "iso8859-7":
		return charmap.ISO8859_7
	case "iso8859-15":
		return charmap.ISO8859_15
	}
	return nil
}

// Bytes of a band: what is safe everywhere, and what is never exceeded.
const (
	bandBytes = 4096
	bandLimit = 8192
)

// bandRows is BandRows, or what fits.
func (p Profile) bandRows() int {
	if p.BandRows > 0 {
		return max(min(p.BandRows, 255, (bandLimit-1)/max(p.Dots/8, 1)), 1)
	}
	rows := min(bandBytes/max(p.Dots/8, 1)&^7, 248)
	if rows%48 == 0 {
		rows -= 8 // bands of 48 rows come out twice on printers of the POS-5890 family
	}
	return max(rows, 8)
}

// Validate returns the first thing that is wrong with a profile, as a sentence
// for whoever wrote it.
func (p Profile) Validate() error {
	name := p.Name
	if name == "" {
		name = "printer"
	}
	between := func(field string, v, low, high int) error {
		if v < low || v > high {
			return fmt.Errorf("%s: %s is %d; give %d to %d", name, field, v, low, high)
		}
		return nil
	}
	for _, err := range []error{
		between("columns", p.Columns, 8, 64),
		between("dots", p.Dots, 96, 1152),
		between("blade", p.Blade, 0, 60),
		between("present_steps", p.PresentSteps, 0, 255),
		between("speed", p.Speed, 0, 500),
		between("baud", p.Baud, 0, 4_000_000),
		between("band_rows", p.BandRows, 0, 255),
	} {
		if err != nil {
			return err
		}
	}
	switch {
	case p.Speed > 0 && p.Speed < 20:
		return fmt.Errorf("%s: speed is %d; give 20 to 500, or leave it out", name, p.Speed)
	case p.Dots%8 != 0:
		return fmt.Errorf("%s: dots is %d; give a multiple of 8, such as %d", name, p.Dots, p.Dots&^7)
	case p.Columns*8 > p.Dots:
		return fmt.Errorf("%s: columns is %d, which do not fit on %d dots; a character of font A is 12 dots wide, so give %d", name, p.Columns, p.Dots, p.Dots/12)
	case p.BandRows*p.Dots/8 >= bandLimit:
		return fmt.Errorf("%s: band_rows is %d; give at most %d, so that a band stays below %d bytes", name, p.BandRows, (bandLimit-1)/(p.Dots/8), bandLimit)
	case p.BandRows > 0 && p.BandRows%48 == 0:
		return fmt.Errorf("%s: band_rows is %d; multiples of 48 print badly on some printers, give %d", name, p.BandRows, p.BandRows-8)
	case len(p.CodePages) == 0:
		return fmt.Errorf("%s: code_pages is empty; give at least one page with its slot, such as cp437 in slot 0", name)
	case p.FullCut && !p.Cutter:
		return fmt.Errorf("%s: full_cut is set without a cutter; set cutter too, or neither", name)
	case p.Presenter && !p.Cutter:
		return fmt.Errorf("%s: presenter is set without a cutter; set cutter too, or neither", name)
	case p.PresentSteps > 0 && !p.Presenter:
		return fmt.Errorf("%s: present_steps is set without a presenter; set presenter too, or neither", name)
	}
	for i, c := range p.CodePages {
		if c.charmap() == nil {
			return fmt.Errorf("%s: code page %q is not known; give one such as cp1252, cp858, cp850 or cp437", name, c.Name)
		}
		if j := slices.IndexFunc(p.CodePages[:i], func(d CodePage) bool { return d.Slot == c.Slot }); j >= 0 {
			return fmt.Errorf("%s: code pages %s and %s share slot %d; give each its own", name, p.CodePages[j].Name, c.Name, c.Slot)
		}
	}
	switch p.Answers {
	case AnswersUnknown, AnswersNothing, AnswersRealtime, AnswersMarker, AnswersPrinted:
		return nil
	}
	return fmt.Errorf("%s: answers is %q; give nothing, realtime, marker or printed, or leave it out", name, p.Answers)
}
