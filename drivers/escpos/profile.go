package escpos

// A Profile is what Encode must know about a printer.
type Profile struct {
	Name     string
	Columns  int  // characters of font A (12 × 24 dots) on a line
	Dots     int  // across the paper
	CodePage byte // the slot of Windows-1252 for ESC t; 16 on most printers
	Cutter   bool
}

// Generic80 is what most printers for 80 mm paper understand.
func Generic80() Profile {
	return Profile{Name: "generic-80", Columns: 48, Dots: 576, CodePage: 16, Cutter: true}
}

// Generic58 is what most small panel printers for 58 mm paper understand. They
// have no cutter: the paper is torn off.
func Generic58() Profile {
	return Profile{Name: "generic-58", Columns: 32, Dots: 384, CodePage: 16}
}
