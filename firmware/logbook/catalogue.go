package logbook

// Event is something that may be written into the log.
type Event struct {
	ID      string // never changes
	Message string
	Attrs   []string
	// Do is what whoever reads it may do, "" when there is nothing to do.
	Do string
}

// kind is what an attribute may hold.
type kind int

const (
	word  kind = iota + 1 // of a short list, or the name of a device
	count                 // a number of things, never the number of a thing
	yesNo
	span  // of time
	fault // an error, without what it quotes
	file  // its name, without its folder
)

func (k kind) String() string {
	return [...]string{"", "word", "count", "yes or no", "duration", "error, without what it quotes", "file name"}[k]
}

// attribute is what is known of an attribute by its name: it means the same in every
// event.
type attribute struct {
	kind kind
	what string
}

func kinds() map[string]attribute {
	return map[string]attribute{
		"address":     {word, "of this box in its own network"},
		"aside":       {file, "where a damaged file was put"},
		"button":      {word, "its action"},
		"by":          {span, "how far the clock went"},
		"card":        {word, "the sound card of the site file"},
		"commands":    {count, "that were dropped"},
		"desk":        {word, "key or label of a desk, as of the site file"},
		"err":         {fault, "what went wrong"},
		"file":        {file, "its name"},
		"files":       {count, "of a folder"},
		"fingerprint": {word, "of the box's certificate"},
		"folder":      {file, "its name"},
		"goroutines":  {count, "of the program"},
		"heap_kib":    {count, "memory of the program, in KiB"},
		"issued":      {count, "tickets of the whole permanence"},
		"key":         {word, "first word of a text's key"},
		"kind":        {word, "visitor, staff or exit: which counters"},
		"left":        {count, "places left out"},
		"listener":    {word, "kiosk, staff or public"},
		"mode":        {word, "searching, cable, wifi, own or none"},
		"output":      {word, "loudspeaker or headphones"},
		"part":        {word, "of the steward: machine, network, update"},
		"place":       {word, "identity of a place in the directory"},
		"places":      {count, "of the directory"},
		"port":        {word, "a network port of the box"},
		"problems":    {count, "found in a file"},
		"result":      {word, "unprinted or unknown"},
		"roles":       {word, "of the desk that ordered it, never of a person"},
		"sheets":      {count, "of one kind"},
		"signal":      {word, "stuck, lost or well again"},
		"slot":        {word, "A or B, of the card"},
		"source":      {word, "file and line of the program"},
		"tables":      {count, "released of a period: one of each kind of sheet, where enough came"},
		"test":        {yesNo, "whether staff practise"},
		"used":        {count, "files of a folder"},
		"verb":        {word, "that the steward was asked for"},
		"verdict":     {word, "of a self test"},
		"version":     {word, "of jeudi"},
		"why":         {word, "of the certificate, or the key of a reason"},
	}
}

// unknown is what a message becomes that the catalogue lacks.
func unknown() Event {
	return Event{"log/unknown", "a message that the catalogue lacks", []string{"source"}, "Tell the project: it is a fault of the program."}
}

// Catalogue is every event of the log, by its identifier.
func Catalogue() []Event {
	const (
		printer = "Look at the printer: paper, cover, cable."
		disk    = "The card may be worn or full: run the self test, and change the card."
		sites   = "Run jeudi site check."
		voices  = "Run jeudi voices check."
	)
	err := []string{"err"}
	return []Event{
		{"agenda/codes", "an event is over, and its codes are still on the card", err, disk},
		{"agenda/not_ended", "events that are over not ended; tried again in an hour", err, disk},
		{"agenda/not_given", "a seat was not given at the kiosk", err, disk},
		{"agenda/unread", "agenda not read: the kiosk offers the seats it knew of", err, disk},
		{"care/not_restored", "what was restored is not taken over", err, "Restore it again from its stick."},
		{"care/restore_left", "what was restored is still on the card", err, disk},
		{"certificate/new", "a new certificate for the staff's pages: phones ask to accept it once", []string{"why", "fingerprint"}, "Connect the phones again."},
		{"certificate/not_renewed", "the certificate is not renewed", err, disk},
		{"clock/confirmed", "time confirmed", []string{"by"}, "Lines of before are earlier or later by that much."},
		{"clock/leapt", "the clock leapt", []string{"by"}, "Lines of before are earlier or later by that much."},
		{"clock/not_kept", "confirmed time not kept", err, disk},
		{"clock/not_read", "confirmed time not read", err, disk},
		{"counters/damaged", "counters", []string{"kind", "err"}, disk},
		{"counters/lost", "sheet not kept", err, disk},
		{"counters/many", "sheet not kept: too many at once", []string{"kind"}, disk},
		{"counters/not_merged", "sheets not merged", err, disk},
		{"counters/abandoned", "sheets given up: all keys are lost", []string{"kind", "sheets"}, "Nothing: the bilan says how many. Have two phones keep the key."},
		{"counters/period_closed", "period closed", []string{"tables"}, ""},
		{"counters/period_failed", "period not closed", err, disk},
		{"counters/bilan_failed", "bilan not made", err, "The closed periods are safe. Tell the project."},
		{"counters/period_half", "counters of a closed period not begun anew", err, disk},
		{"counters/learn", "what services took is not learned", err, disk},
		{"counters/home", "a need for help at home is not counted", err, disk},
		{"counters/work", "what was done is not counted", err, disk},
		{"desk/button_refused", "button at a desk refused", []string{"desk", "button", "err"}, ""},
		{"directory/aside", "a file of the directory is damaged", []string{"file", "aside", "err"}, disk},
		{"directory/before", "the file before stands in for one of the directory", []string{"file"}, "Import the directory again."},
		{"directory/before_damaged", "the file before is damaged", []string{"file", "err"}, "Import the directory again."},
		{"directory/correction", "a correction does not fit its place", []string{"place", "err"}, "Correct the place again."},
		{"directory/failed", "directory", err, disk},
		{"directory/closed", "the directory of places is not there; nothing of it is changed until the next start", []string{"folder", "err"}, disk},
		{"directory/imported", "directory imported", []string{"places", "left", "problems"}, ""},
		{"directory/read_only", "a file of the directory is not read; nothing of it is changed until the next start", []string{"file", "err"}, disk},
		{"directory/restored", "directory restored", []string{"places"}, ""},
		{"directory/unfinished", "an unfinished file of the directory stays", []string{"file", "err"}, disk},
		{"disk/dropped", "commands dropped", []string{"err", "commands"}, disk},
		{"disk/refused", "command failed", err, disk},
		{"file/aside", "unreadable file set aside; a fresh one was begun", []string{"file"}, disk},
		{"journal/not_replaced", "journal not replaced; tried again at the next start", err, disk},
		{"ledger/not_entered", "totals not entered; tried again at the next close or start", err, disk},
		{"ledger/not_read", "ledger not read", err, disk},
		unknown(),
		{"log/no_file", "the log is kept in no file", err, disk},
		{"log/exported", "problems exported", nil, ""},
		{"network/address", "this machine does not have the address yet; it is waited for", []string{"listener", "address"}, "Look at the network of the box."},
		{"network/failed", "the network is not as it should be; it is tried again", err, "Look at [wifi] in the site file, and at the cable."},
		{"network/mode", "network", []string{"mode", "port"}, ""},
		{"network/passphrase", "no passphrase drawn for the hotspot", err, "Tell the project: it is a fault of the program."},
		{"network/passphrase_lost", "the passphrase of the hotspot is not kept", err, disk},
		{"network/passphrase_unread", "the kept passphrase of the hotspot cannot be read; another is drawn", err, disk},
		{"network/unknown", "the network is not known", err, "Start the box again."},
		{"panel/button", "button", []string{"desk", "button", "signal"}, "Look at the button and its wire."},
		{"panel/lamps", "lamps", []string{"desk", "err"}, "Look at the wires of the lamps."},
		{"panel/lost", "panel lost; trying again", []string{"desk", "err"}, "Look at the cable of the panel."},
		{"paper/not_counted", "paper not counted", err, disk},
		{"permanence/caught_up", "people on paper entered", []string{"roles"}, ""},
		{"permanence/closed", "permanence closed", []string{"issued", "test"}, ""},
		{"permanence/cut", "the box was off during a permanence", nil, "Look at the power supply, if nobody pulled the plug."},
		{"permanence/opened", "permanence opened", []string{"roles", "test"}, ""},
		{"permanence/paused", "permanence paused", []string{"roles"}, ""},
		{"permanence/reopened", "permanence reopened", []string{"roles"}, ""},
		{"permanence/resumed", "permanence resumed", []string{"roles"}, ""},
		{"printer/failed", "not printed", []string{"err", "result"}, printer},
		{"printer/rights", "list of rights not printed", err, printer},
		{"printer/slip", "orientation slip not printed", err, printer},
		{"setup/begun_anew", "the answers of the set-up could not be read; it begins anew", nil, disk},
		{"setup/code", "the code of the set-up was tried too often; whoever tries has to wait", nil, "Look who is on the Wi-Fi of the box."},
		{"setup/device", "a device was tried, and did not work", err, "The phone says what to do."},
		{"setup/form", "the form of Raspberry Pi Imager cannot be read", nil, "Write the card again, or answer the wizard of the box: it asks for the Wi-Fi too."},
		{"setup/no_page", "the page of the set-up is not served to phones", err, "Start the box again; on a laptop, answer the questions there."},
		{"setup/left", "answers of the set-up are not overwritten", []string{"err", "file"}, disk},
		{"setup/not_kept", "the answers of the set-up are not kept", err, disk},
		{"setup/not_written", "the site file is not written", err, disk},
		{"setup/not_taken_over", "a backup is not taken over", err, "Try it again, or answer the questions."},
		{"setup/site_of_stick", "the site file of a stick is taken", nil, ""},
		{"setup/sticks", "the sticks cannot be read", err, "Try another stick, formatted as FAT32."},
		{"setup/unread", "the site file cannot be read", err, disk},
		{"update/copy_left", "copy of the data not erased", err, disk},
		{"update/given_up", "version on trial not kept, and none to go back to", []string{"why"}, "Write a new card: the other version of this one does not start."},
		{"update/kept", "version kept", []string{"version", "slot"}, ""},
		{"update/mended", "autoboot.txt not mended", err, disk},
		{"update/no_back", "no version to go back to", err, "Nothing: the version that runs goes on."},
		{"update/no_buttons", "buttons not looked at", err, "Look at the cable of the panel."},
		{"update/no_copy", "data not copied", err, disk},
		{"update/no_slot", "kept slot not known: no updates", err, "Write a new card when you can: the box works, and cannot be updated."},
		{"update/none", "no updates", err, "Only a card that was written from an image of the project can be updated."},
		{"update/not_done", "update not done", err, "The desk says what to do."},
		{"update/not_kept", "version not kept; back to the one before", []string{"why"}, "The desk and the slip say what did not work. Tell the project."},
		{"update/not_watched", "version on trial not watched", err, "Start the box again: the version before starts."},
		{"update/restored", "data of before the update put back", nil, ""},
		{"update/start", "updates not looked at", err, disk},
		{"update/state", "state of updates not read", err, "Nothing: the box works. Install the next update as always."},
		{"update/trial", "version on trial", []string{"version", "slot"}, ""},
		{"update/written", "update written", []string{"version", "slot"}, ""},
		{"kiosk/anew", "kiosk stands still; its browser begins anew", nil, "Once is nothing. Several times a day: look at the supply and the heat, and send the report."},
		{"kiosk/not_anew", "browser of the kiosk not begun anew", err, "Start the box again."},
		{"kiosk/painted", "kiosk painted", nil, ""},
		{"kiosk/stuck", "kiosk stands still, and beginning anew does not help", nil, "Start the box again; then look at the screen, its cable and the supply."},
		{"start/broken", "firstboot: the data cannot be mended", err, disk},
		{"start/erase", "buttons held to erase everything: the next start does it", nil, ""},
		{"start/erase_now", "buttons held to erase everything: restarted at once", err, ""},
		{"start/erase_open", "buttons held to erase everything: nothing is erased while a permanence is open", nil, "Close the permanence first; or, with its tickets, put a file RESET on the start partition."},
		{"start/erase_refused", "buttons held to erase everything: the start partition takes nothing", err, disk},
		{"start/erase_unread", "buttons held to erase everything: the journal cannot be read, and may hold tickets", err, "Let the box start once: it sets the journal aside. Then hold the buttons again."},
		{"start/left_broken", "firstboot: what the broken data held is not overwritten", err, disk},
		{"start/left_lost", "firstboot: what is read by nobody is not overwritten", err, disk},
		{"start/not_mounted", "firstboot: the data cannot be mounted", err, disk},
		{"start/saved", "firstboot: saved what reads of the data", []string{"files", "left"}, disk},
		{"steward/asked", "steward: asked", []string{"verb"}, ""},
		{"steward/card", "steward: the start partition takes nothing", err, disk},
		{"steward/clock", "steward: the time is not saved", err, disk},
		{"steward/failed", "steward: not done", []string{"verb", "err"}, ""},
		{"steward/refused", "steward: refused: not one who may ask", err, ""},
		{"steward/status", "steward: part of the status not known", []string{"part", "err"}, ""},
		{"steward/stopped", "steward: stopped in the middle of its work", nil, "Start the box again."},
		{"selftest/not_kept", "self test not kept", err, disk},
		{"selftest/not_read", "self tests not read", err, disk},
		{"selftest/over", "self test over", []string{"verdict"}, ""},
		{"site/left_out", "something of the site is left out; jeudi site check says it too", err, sites},
		{"sound/headphones", "sound: the headphones are on the loudspeaker's card", []string{"output", "card"}, ""},
		{"sound/lost", "sound: no card plays; the time passes in silence until one is found", []string{"output", "card", "err"}, "Look at the cable of the sound card."},
		{"sound/plays", "sound: a card plays", []string{"output", "card"}, ""},
		{"box/vitals", "how the program is", []string{"goroutines", "heap_kib"}, ""},
		{"voice/cannot", "voice: a text cannot be spoken", []string{"key"}, voices},
		{"voice/chime_alone", "voice: a call is heard as its chime alone", err, voices},
		{"voice/clips", "voice: the clips of a language are damaged", err, "Write the card anew."},
		{"voice/full", "voice: inbox full", nil, "Tell the project: it is a fault of the program."},
		{"voice/jack", "voice: headphone jack", err, "Look at the headphone jack."},
		{"voice/late", "voice: a sound was not made in time", nil, ""},
		{"voice/left_out", "voice: a text is left out: it has no clip, and nothing speaks it", []string{"key"}, voices},
		{"voice/no_desk", "voice: no clip says this desk; calls leave it out", []string{"desk"}, voices},
		{"voice/no_desk_now", "voice: a call leaves its desk out", err, voices},
		{"voice/none", "no voice: calls are their chime alone", err, voices},
		{"voice/recording", "voice: a recording cannot be used: jeudi voices check says which, and why", []string{"key"}, voices},
		{"voice/recordings", "voice: recordings", []string{"folder", "err"}, voices},
		{"voice/recordings_many", "voice: too many recordings: the first are used", []string{"folder", "files", "used"}, voices},
		{"voice/site_words", "voice: words of the site are left out: nothing can say them", []string{"key"}, voices},
		{"voice/sound", "voice: sound failed", err, "Look at the cable of the sound card."},
		{"voice/speaks_french", "voice: a text has no clip in its language and is said in French", []string{"key"}, voices},
		{"voucher/not_counted", "vouchers not counted", err, disk},
		{"voucher/not_drawn", "voucher not drawn", err, disk},
		{"voucher/not_read", "vouchers not read", err, disk},
		{"wait/announced", "how well announced waits held is not known", err, disk},
		{"wait/learned", "what services took is not known; it is learned anew", err, disk},
	}
}
