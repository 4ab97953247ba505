package escpos

// The printers that are known by name.
//
// Code page slots, dots and columns come in part from escpos-printer-db,
// https://github.com/receipt-print-hq/escpos-printer-db, © its contributors,
// under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/): default,
// TM-T20II, TM-T20III and NT-5890K; pages without a table here were left out.
// What it does not hold, the distance to the blade, the speed, the answers and
// the bands, comes from the makers' manuals or is what is safe everywhere.
//
// None of them was tried on a real printer by this project yet.

// western are the pages that nearly every printer has in the same slots. Only
// the first has all of French.
func western() []CodePage {
	return []CodePage{{"cp1252", 16}, {"cp858", 19}, {"cp850", 2}, {"cp437", 0}}
}

// Generic80 is what most printers for 80 mm paper understand.
func Generic80() Profile {
	return Profile{
		Name: "generic-80", Columns: 48, Dots: 576, CodePages: western(),
		Cutter: true, Blade: 15,
		Raster: true, BandRows: 56,
	}
}

// Generic58 is what most small panel printers for 58 mm paper understand. They
// have no cutter: the paper is torn off.
func Generic58() Profile {
	return Profile{
		Name: "generic-58", Columns: 32, Dots: 384, CodePages: western(),
		Blade:  15,
		Raster: true, BandRows: 80,
	}
}

// TMT20 is Epson's TM-T20, T20II and T20III.
func TMT20() Profile {
	return Profile{
		Name: "epson-tm-t20", Columns: 48, Dots: 576,
		CodePages: append(western(), CodePage{"cp1251", 46}, CodePage{"cp1250", 45}, CodePage{"cp1253", 47},
			CodePage{"cp1254", 48}, CodePage{"cp1257", 51}, CodePage{"cp866", 17}, CodePage{"cp852", 18}),
		Cutter: true, Blade: 15,
		NativeQR: true, Raster: true, BandRows: 56,
		Speed: 150, Answers: AnswersPrinted,
	}
}

// CSNA2 is the panel printer that Adafruit sells, CSN-A2 or QR204, on a TTL
// serial port. It is slow. Where it is wired in one direction, set Answers to
// AnswersNothing, lest it be asked in vain. Firmware before 2.64 has no code pages:
// there, give cp437 alone.
func CSNA2() Profile {
	return Profile{
		Name: "csn-a2", Columns: 32, Dots: 384, CodePages: western(),
		Blade:  15,
		Raster: true, BandRows: 80,
		Speed: 50,
	}
}

// CustomPresenter is a kiosk printer of Custom, such as KPM, TPTCM or VKP, on
// 80 mm paper: it cuts the sheet off, pushes it out and knows whether it was
// taken. Its pages lack œ, so a line with one is sent as dots.
func CustomPresenter() Profile {
	return Profile{
		Name: "custom-presenter", Columns: 48, Dots: 576,
		CodePages: []CodePage{{"cp858", 19}, {"cp850", 2}, {"cp437", 0}},
		Cutter:    true, FullCut: true, Blade: 15, Presenter: true,
		Raster: true, BandRows: 56,
		Speed: 150, Answers: AnswersMarker, FullStatus: true,
	}
}

func profiles() []Profile {
	return []Profile{Generic58(), Generic80(), TMT20(), CSNA2(), CustomPresenter()}
}

// ProfileNamed is the profile of that name.
func ProfileNamed(name string) (Profile, bool) {
	for _, p := range profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// Profiles are the names of all profiles.
func Profiles() []string {
	var names []string
	for _, p := range profiles() {
		names = append(names, p.Name)
	}
	return names
}
