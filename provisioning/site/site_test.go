package site

import (
	"errors"
	"flag"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

var update = flag.Bool("update", false, "write the golden files")

// least is the shortest valid file. The tables below count its lines.
const least = `time_zone = "Europe/Paris"
[place]
name = "Mairie"
[[hours]]
day = "jeudi"
from = "9:00"
until = "12:00"
[[desk]]
key = "1"
label = "Bureau 1"
roles = ["accueil"]
[[motif]]
key = "caf"
`

// change replaces the first occurrence of each old text by the new one after it.
func change(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the file has no %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

func motifs(keys ...string) string {
	var b strings.Builder
	for _, key := range keys {
		b.WriteString("[[motif]]\nkey = \"" + key + "\"\n")
	}
	return b.String()
}

func TestParseErrors(t *testing.T) {
	tests := []struct {
		name   string
		change []string // of least, in pairs
		add    string   // after it: line 14 and on
		want   []string // without the file's name
	}{
		// The language.
		{name: "text without quotes", change: []string{`"Mairie"`, `Mairie`},
			want: []string{`3: this line is not TOML (unexpected character U+004D 'M' at start of value); check its quotes, its brackets and its = sign`}},
		{name: "quotes left open", change: []string{`"Mairie"`, `"Mairie`},
			want: []string{`3: this line is not TOML (basic strings cannot have new lines); check its quotes, its brackets and its = sign`}},
		{name: "no equals sign", change: []string{`key = "caf"`, `key "caf"`},
			want: []string{`13: this line is not TOML (expected '=' after key); check its quotes, its brackets and its = sign`}},
		{name: "a key twice", change: []string{`label = "Bureau 1"`, "label = \"Bureau 1\"\nlabel = \"Bureau 2\""},
			want: []string{`11: label: already given on line 10; keep one of the two`}},
		{name: "a section twice", add: "[place]\nname = \"Autre\"",
			want: []string{`14: place: already given on line 2; keep one of the two`}},
		{name: "a section that is a list already", add: "[motif]\nkey = \"sante\"",
			want: []string{`14: motif: already given on line 12; keep one of the two`}},
		{name: "a list that is a section already", add: "[[place]]\nname = \"Autre\"",
			want: []string{`14: place: already given on line 2; keep one of the two`}},
		{name: "a dotted key over a text", change: []string{`name = "Mairie"`, "name = \"Mairie\"\nname.fr = \"Mairie\""},
			want: []string{`4: name.fr: already given on line 3; keep one of the two`}},
		{name: "a section over a dotted key", change: []string{`[place]`, `place.phone = "1"` + "\n[place]"},
			want: []string{`3: this line is not TOML (table place already exists as defined by a dotted key); check its quotes, its brackets and its = sign`}},
		{name: "an impossible date without quotes", change: []string{`[place]`, "closed = [2026-02-31]\n[place]"},
			want: []string{`2: closed: "2026-02-31" is not a date; write the year, the month and the day like "2027-01-14"`}},
		{name: "not UTF-8", change: []string{`"Mairie"`, "\"Mairie de l\xe9glise\""},
			want: []string{`3: this line is not UTF-8 text; save the file again with the encoding UTF-8`}},

		// Unknown keys.
		{name: "unknown key in a section", change: []string{`name = "Mairie"`, "name = \"Mairie\"\nadress = \"ici\""},
			want: []string{`4: place.adress: unknown key "adress"; known keys in [place] are name, address, phone, postcode, latitude, longitude`}},
		{name: "unknown key at the top", change: []string{`[place]`, "slot = 30\n[place]"},
			want: []string{`2: slot: unknown key "slot"; known keys at the top of the file or as a section are time_zone, languages, slot_minutes, tickets_before_minutes, closed, hall_speaks, place, stop, hours, desk, screen, motif, neighbourhood, idle, devices, printer, sound, panel, button, texts, assess, rights, routing, home_visits, workshops, equipment, morning, elsewhere, network, wifi, usb, coop, organism, statistics, bilan`}},
		{name: "unknown section", add: "[idel]\nafter_seconds = 60",
			want: []string{`14: idel: unknown key "idel"; known keys at the top of the file or as a section are time_zone, languages, slot_minutes, tickets_before_minutes, closed, hall_speaks, place, stop, hours, desk, screen, motif, neighbourhood, idle, devices, printer, sound, panel, button, texts, assess, rights, routing, home_visits, workshops, equipment, morning, elsewhere, network, wifi, usb, coop, organism, statistics, bilan`}},

		// Wrong types.
		{name: "a number for a text", change: []string{`key = "1"`, `key = 1`},
			want: []string{`9: desk.key: this is a whole number, but it must be text between quotes; write it like key = "…"`}},
		{name: "a text for a number", change: []string{`[place]`, "slot_minutes = \"30\"\n[place]"},
			want: []string{`2: slot_minutes: this is text between quotes, but it must be a whole number; write it like slot_minutes = 30`}},
		{name: "a point in a number", change: []string{`[place]`, "slot_minutes = 7.5\n[place]"},
			want: []string{`2: slot_minutes: this is a number with a point, but it must be a whole number; write it like slot_minutes = 30`}},
		{name: "a text for true", change: []string{`[place]`, "hall_speaks = \"true\"\n[place]"},
			want: []string{`2: hall_speaks: this is text between quotes, but it must be true or false; write it like hall_speaks = true`}},
		{name: "a desk for the whole network", change: []string{`[place]`, "desk_on_lan = true\n[place]"},
			want: []string{`2: desk_on_lan: the desk no longer opens to the whole network; remove this line, and give staff an address in [network]: their phones connect at the kiosk`}},
		{name: "a text for a list", change: []string{`["accueil"]`, `"accueil"`},
			want: []string{`11: desk.roles: this is text between quotes, but it must be a list between brackets; write it like roles = ["…", "…"]`}},
		{name: "a number in a list", change: []string{`["accueil"]`, "[\n\"accueil\",\n2]"},
			want: []string{`13: desk.roles: this is a whole number, but it must be text between quotes; write it like "…"`}},
		{name: "a list in a list", change: []string{`["accueil"]`, `[["accueil"]]`},
			want: []string{`11: desk.roles: this is a list between brackets, but it must be text between quotes; write it like "…"`}},
		{name: "a number for a time", change: []string{`"9:00"`, `9`},
			want: []string{`6: hours.from: this is a whole number, but it must be a time between quotes; write it like from = "9:00"`}},
		{name: "a text for the dates", change: []string{`[place]`, "closed = \"2026-12-24\"\n[place]"},
			want: []string{`2: closed: this is text between quotes, but it must be a list between brackets; write it like closed = ["2027-01-14", "2027-01-21"]`}},
		{name: "a number for a date", change: []string{`[place]`, "closed = [24]\n[place]"},
			want: []string{`2: closed: this is a whole number, but it must be a date between quotes; write it like "2027-01-14"`}},
		{name: "a text for a section", change: []string{`[place]`, "idle = \"no\"\n[place]"},
			want: []string{`2: idle: this is text between quotes, but it must be a section; write it like [idle] with its keys on the lines below`}},
		{name: "a text for sections", change: []string{`[place]`, "button = \"no\"\n[place]"},
			want: []string{`2: button: this is text between quotes, but it must be a section in double brackets; write it like [[button]] with its keys on the lines below`}},
		{name: "a list of texts for sections", change: []string{`[place]`, "button = [\"ok\"]\n[place]"},
			want: []string{`2: button: this is text between quotes, but it must be a section in double brackets; write it like [[button]] with its keys on the lines below`}},
		{name: "single brackets", add: "[elsewhere]\nname = \"Mairie\"",
			want: []string{`14: elsewhere: there may be several; write [[elsewhere]] with double brackets`}},
		{name: "double brackets", add: "[[idle]]\nafter_seconds = 60",
			want: []string{`14: idle: there is only one; write [idle] with single brackets, once`}},
		{name: "a text for languages", add: "label = \"CAF\"",
			want: []string{`14: motif.label: this is text between quotes, but it must be given by language; write it like label = { fr = "…" }`}},
		{name: "a text for a list by language", add: "documents.fr = \"Carte\"",
			want: []string{`14: motif.documents.fr: this is text between quotes, but it must be a list between brackets; write it like fr = ["…", "…"]`}},

		// Texts and keys.
		{name: "an empty text", change: []string{`"Mairie"`, `" "`},
			want: []string{`3: place.name: this is empty; write something between the quotes, or remove it`}},
		{name: "a long text", change: []string{`"Bureau 1"`, `"Bureau des conseillers numériques de la mairie"`},
			want: []string{`10: desk.label: this is 46 characters long; keep to 32`}},
		{name: "a control character", change: []string{`"Bureau 1"`, `"Bureau\u001b 1"`},
			want: []string{`10: desk.label: this holds a line break or a control character; write plain text on one line`}},
		{name: "a key with an accent", change: []string{`key = "1"`, `key = "médiateur"`},
			want: []string{`9: desk.key: "médiateur" is not a key; use only a to z without accents, 0 to 9 and -`}},
		{name: "a neighbourhood with capitals", add: "[[neighbourhood]]\nkey = \"Gare\"\nlabel = \"Gare\"",
			want: []string{`15: neighbourhood.key: "Gare" is not a key; use only a to z without accents, 0 to 9 and - or _`}},

		// Missing.
		{name: "no time zone, no place", change: []string{"time_zone = \"Europe/Paris\"\n[place]\nname = \"Mairie\"\n", ""},
			want: []string{
				`1: time_zone: missing; add time_zone = "Europe/Paris" at the top of the file`,
				`1: place: missing; add a section [place] with the name of the place`}},
		{name: "no name", change: []string{`name = "Mairie"`, ""},
			want: []string{`2: place.name: missing; add name = "Centre social …"`}},
		{name: "empty sections", add: "[[hours]]\n[[desk]]\n[[motif]]\n[[neighbourhood]]\n[[morning]]\n[[elsewhere]]",
			want: []string{
				`14: hours.day: missing; add day = "jeudi"`,
				`14: hours.from: missing; add from = "9:00"`,
				`14: hours.until: missing; add until = "12:00"`,
				`15: desk.key: missing; add key = "1"`,
				`15: desk.label: missing; add label = "Bureau 1"`,
				`15: desk.roles: missing; add roles = ["travailleur_social"]`,
				`16: motif.key: missing; add key = "caf"`,
				`17: neighbourhood.key: missing; add key = "gare"`,
				`17: neighbourhood.label: missing; add label = "Quartier de la gare"`,
				`18: morning.date: missing; add date = "2027-01-14"`,
				`18: morning.theme: missing; add theme = "…"`,
				`19: elsewhere.name: missing; add name = "…"`,
				`19: elsewhere: nobody could find this place; add an address or a phone`}},
		{name: "no hours", change: []string{"[[hours]]\nday = \"jeudi\"\nfrom = \"9:00\"\nuntil = \"12:00\"\n", ""},
			want: []string{`1: hours: missing; add a section [[hours]] with day = "jeudi", from = "9:00", until = "12:00"`}},
		{name: "no desk", change: []string{"[[desk]]\nkey = \"1\"\nlabel = \"Bureau 1\"\nroles = [\"accueil\"]\n", ""},
			want: []string{`1: desk: missing; add a section [[desk]] with key = "1", label = "Bureau 1", roles = ["travailleur_social"]`}},
		{name: "no motif", change: []string{"[[motif]]\nkey = \"caf\"\n", ""},
			want: []string{`1: motif: missing; add a section [[motif]] with key = "caf"`}},
		{name: "nobody at a desk", change: []string{`["accueil"]`, `[]`},
			want: []string{`11: desk.roles: nobody receives at this desk; give one of accueil, travailleur_social, mediateur_numerique, volontaire`}},

		// Time.
		{name: "unknown time zone", change: []string{"Europe/Paris", "Europe/Pari"},
			want: []string{`1: time_zone: unknown time zone "Europe/Pari"; write a region and a city like "Europe/Paris" or "Indian/Reunion"`}},
		{name: "the machine's own zone", change: []string{"Europe/Paris", "Local"},
			want: []string{`1: time_zone: unknown time zone "Local"; write a region and a city like "Europe/Paris" or "Indian/Reunion"`}},
		{name: "unknown day", change: []string{"jeudi", "jeudis"},
			want: []string{`5: hours.day: unknown day "jeudis"; use one of lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche`}},
		{name: "bad times", change: []string{"9:00", "9h00", "12:00", "24:00"},
			want: []string{
				`6: hours.from: "9h00" is not a time of day; write it like "9:00" or "14:30"`,
				`7: hours.until: "24:00" is not a time of day; write it like "9:00" or "14:30"`}},
		{name: "seconds", change: []string{`"9:00"`, `09:00:30`},
			want: []string{`6: hours.from: "09:00:30" is not a time of day; write it like "9:00" or "14:30"`}},
		{name: "closing before opening", change: []string{"12:00", "8:00"},
			want: []string{`7: hours.until: closing at 8:00 is not after opening at 9:00; correct one of the two`}},
		{name: "closing at opening", change: []string{"12:00", "9:00"},
			want: []string{`7: hours.until: closing at 9:00 is not after opening at 9:00; correct one of the two`}},
		{name: "overlapping hours", add: "[[hours]]\nday = \"thursday\"\nfrom = \"11:30\"\nuntil = \"14:00\"",
			want: []string{`14: hours: 11:30–14:00 overlaps 9:00–12:00 of the same day on line 4; join them or separate them`}},
		{name: "bad dates", change: []string{`[place]`, "closed = [\"24/12/2026\",\n\"2026-13-01\"]\n[place]"},
			want: []string{
				`2: closed: "24/12/2026" is not a date; write the year, the month and the day like "2027-01-14"`,
				`3: closed: "2026-13-01" is not a date; write the year, the month and the day like "2027-01-14"`}},
		{name: "out of range", change: []string{`[place]`, "slot_minutes = 4\ntickets_before_minutes = 121\n[place]"},
			add: "[idle]\nafter_seconds = 29\ncountdown_seconds = 99999999999999999999",
			want: []string{
				`2: slot_minutes: 4 is out of range; write a number from 5 to 120`,
				`3: tickets_before_minutes: 121 is out of range; write a number from 0 to 120`,
				`17: idle.after_seconds: 29 is out of range; write a number from 30 to 300`,
				`18: idle.countdown_seconds: 99999999999999999999 is out of range; write a number from 20 to 60`}},

		// Given twice.
		{name: "duplicate desk", add: "[[desk]]\nkey = \"1\"\nlabel = \"Bureau 2\"\nroles = [\"accueil\"]",
			want: []string{`15: desk.key: "1" is already on line 9; give each one its own`}},
		{name: "two desks with one name", add: "[[desk]]\nkey = \"2\"\nlabel = \" bureau  1\"\nroles = [\"accueil\"]",
			want: []string{`16: desk.label: two desks have the same name; give one of them another`}},
		{name: "duplicate role", change: []string{`["accueil"]`, `["accueil", "accueil"]`},
			want: []string{`11: desk.roles: "accueil" is already on line 11; give each one its own`}},
		{name: "duplicate motif", add: motifs("caf"),
			want: []string{`15: motif.key: "caf" is already on line 13; give each one its own`}},
		{name: "duplicate neighbourhood", add: "[[neighbourhood]]\nkey = \"gare\"\nlabel = \"Gare\"\n[[neighbourhood]]\nkey = \"gare\"\nlabel = \"Gare\"",
			want: []string{`18: neighbourhood.key: "gare" is already on line 15; give each one its own`}},
		{name: "duplicate language", change: []string{`[place]`, "languages = [\"fr\", \"en\", \"en\"]\n[place]"},
			want: []string{`2: languages: "en" is already on line 2; give each one its own`}},
		{name: "duplicate place to go", add: "[[elsewhere]]\nname = \"A\"\nphone = \"1\"\n[[elsewhere]]\nname = \"A\"\nphone = \"2\"",
			want: []string{`18: elsewhere.name: "A" is already on line 15; give each one its own`}},
		{name: "duplicate morning", add: "[[morning]]\ndate = \"2027-01-14\"\ntheme = \"A\"\n[[morning]]\ndate = 2027-01-14\ntheme = \"B\"",
			want: []string{`18: morning.date: "2027-01-14" is already on line 15; give each one its own`}},

		// Closed sets.
		{name: "unknown role", change: []string{"\"accueil\"", "\"accueil\", \"mediator\""},
			want: []string{`11: desk.roles: unknown role "mediator"; use one of accueil, travailleur_social, mediateur_numerique, volontaire`}},
		{name: "unknown need", add: "need = \"mediator\"",
			want: []string{`14: motif.need: unknown role "mediator"; use one of accueil, travailleur_social, mediateur_numerique, volontaire, any`}},
		{name: "a need that no desk serves", add: "need = \"volontaire\"",
			want: []string{`14: motif.need: no desk has the role "volontaire", so that nobody would be called; give it to a desk, or write need = "any"`}},
		{name: "unknown class", add: "class = \"quick\"",
			want: []string{`14: motif.class: unknown duration "quick"; use one of short, normal, long`}},
		{name: "unknown language", change: []string{`[place]`, "languages = [\"fr\", \"de\"]\n[place]"},
			want: []string{`2: languages: unknown language "de"; use one of fr, falc, images, ar, en, pt, tr, es, ru, uk, fa, ro`}},
		{name: "unknown language of a label", add: "label = { fr = \"CAF\", de = \"CAF\" }",
			want: []string{`14: motif.label: unknown language "de"; use one of fr, falc, images, ar, en, pt, tr, es, ru, uk, fa, ro`}},
		{name: "French is not first", change: []string{`[place]`, "languages = [\"en\", \"fr\"]\n[place]"},
			want: []string{`2: languages: French comes first and is always there; write languages = ["fr", …]`}},
		{name: "no language", change: []string{`[place]`, "languages = []\n[place]"},
			want: []string{`2: languages: French comes first and is always there; write languages = ["fr", …]`}},
		{name: "unknown panel", add: "[screen]\npanel = \"8\"",
			want: []string{`15: screen.panel: unknown panel "8"; use one of 10.1, 7`}},
		{name: "a panel without quotes", add: "[screen]\npanel = 10.1",
			want: []string{`15: screen.panel: this is a number with a point, but it must be text between quotes; write it like panel = "…"`}},

		// Motifs.
		{name: "an unknown motif without a label", add: motifs("poste"),
			want: []string{`15: motif.key: "poste" has no built-in words; add label.fr = "…", or use one of caf, titres, sante, impots, retraite, emploi, logement, sejour, mail, telephone, ordinateur, rdv_medical, banque, ecole, msa, justice, materiel_reconditionne, recharge, imprimer, scanner`}},
		{name: "an unknown motif with an English label", add: motifs("poste") + "label.en = \"Post\"",
			want: []string{`15: motif.key: "poste" has no built-in words; add label.fr = "…", or use one of caf, titres, sante, impots, retraite, emploi, logement, sejour, mail, telephone, ordinateur, rdv_medical, banque, ecole, msa, justice, materiel_reconditionne, recharge, imprimer, scanner`}},
		{name: "too many motifs for 10.1 inches", add: motifs(KnownMotifs()[1:12]...),
			want: []string{`34: motif: a 10.1 inch panel has at most 11 motifs, so that a ticket stays within three presses; remove this one and those below, or join some`}},
		{name: "too many motifs for 7 inches", add: motifs(KnownMotifs()[1:9]...) + "[screen]\npanel = \"7\"",
			want: []string{`26: motif: a 7 inch panel has at most 7 motifs, so that a ticket stays within three presses; remove this one and those below, or join some`}},

		// Devices and wires.
		{name: "unknown devices", add: "[devices]\nprinter = \"usb:\"\npanel = \"escpos:/dev/usb/lp0\"\nspeaker = \"alsa\"",
			want: []string{
				`15: devices.printer: unknown device "usb:"; use escpos:/dev/usb/lp0, escpos:serial:/dev/ttyAMA0?baud=19200, escpos:tcp:192.168.1.50:9100, sim: or none:`,
				`16: devices.panel: unknown device "escpos:/dev/usb/lp0"; use gpio:, sim: or none:`,
				`17: devices.speaker: unknown device "alsa"; use sound:, sim: or none:`}},
		{name: "devices that are none", add: "[devices]\nprinter = \"escpos:serial:ttyAMA0\"\npanel = \"gpio:front\"\nspeaker = \"sound\"",
			want: []string{
				`15: devices.printer: "escpos:serial:ttyAMA0" does not say which device; use escpos:/dev/usb/lp0, escpos:serial:/dev/ttyAMA0?baud=19200, escpos:tcp:192.168.1.50:9100, sim: or none:`,
				`16: devices.panel: "gpio:front" must be gpio: with its colon and nothing after; use gpio:, sim: or none:`,
				`17: devices.speaker: "sound" does not say which device; use sound:, sim: or none:`}},
		{name: "a serial printer without its speed", add: "[devices]\nprinter = \"escpos:/dev/ttyUSB0\"",
			want: []string{`15: devices.printer: "escpos:/dev/ttyUSB0" is a serial port, whose speed must be known; write escpos:serial:/dev/ttyUSB0?baud=19200`}},
		{name: "a network printer without a port", add: "[devices]\nprinter = \"escpos:tcp:192.168.1.50\"",
			want: []string{`15: devices.printer: "escpos:tcp:192.168.1.50" does not say which device; use escpos:/dev/usb/lp0, escpos:serial:/dev/ttyAMA0?baud=19200, escpos:tcp:192.168.1.50:9100, sim: or none:`}},
		{name: "an IPv6 address without brackets", add: "[devices]\nprinter = \"escpos:tcp:fe80::1:9100\"",
			want: []string{`15: devices.printer: "escpos:tcp:fe80::1:9100" does not say which device; use escpos:/dev/usb/lp0, escpos:serial:/dev/ttyAMA0?baud=19200, escpos:tcp:192.168.1.50:9100, sim: or none:`}},
		{name: "a printer as slow as none is", add: "[printer]\nspeed_mm_s = 5",
			want: []string{`15: printer.speed_mm_s: 5 is out of range; write a number from 20 to 500`}},
		{name: "devices badly written", add: "[devices]\nprinter = \"escpos:\"\npanel = \"sim\"\nspeaker = \"none:here\"",
			want: []string{
				`15: devices.printer: "escpos:" does not say which device; use escpos:/dev/usb/lp0, escpos:serial:/dev/ttyAMA0?baud=19200, escpos:tcp:192.168.1.50:9100, sim: or none:`,
				`16: devices.panel: "sim" must be sim: with its colon and nothing after; use gpio:, sim: or none:`,
				`17: devices.speaker: "none:here" must be none: with its colon and nothing after; use sound:, sim: or none:`}},
		{name: "unknown action", add: buttons("previous", "next", "ok", "repeat", "menu"),
			want: []string{`27: button.action: unknown action "menu"; use one of back, previous, next, ok, repeat, help, louder, softer, good, fair, bad, call_next, recall, no_show, hold, staff`}},
		{name: "too few buttons", add: buttons("next", "ok", "repeat"),
			want: []string{`14: button: no button does "previous"; with buttons there must be at least previous, next, ok, repeat`}},
		{name: "duplicate action", add: buttons("previous", "next", "ok", "repeat", "ok"),
			want: []string{`27: button.action: "ok" is already on line 21; give each one its own`}},
		{name: "duplicate wires", add: strings.Replace(buttons("previous", "next", "ok", "repeat"), `"GPIO2"`, `"GPIO1"`+"\nlamp = \"GPIO3\"", 1),
			want: []string{
				`19: button.line: "GPIO1" is already on line 16; give each one its own`,
				`23: button.line: "GPIO3" is already on line 20; give each one its own`}},
		{name: "a desk's button without its desk", add: "[[button]]\naction = \"recall\"\nline = \"GPIO5\"",
			want: []string{`14: button.desk: missing; add desk = "a"`}},
		{name: "a desk's button at no desk", add: "[[button]]\naction = \"recall\"\nline = \"GPIO5\"\ndesk = \"z\"",
			want: []string{`17: button.desk: there is no desk "z"; write the key of one of the [[desk]] sections`}},
		{name: "a visitor's button at a desk", add: buttons("previous", "next", "ok", "repeat") + "desk = \"1\"",
			want: []string{`26: button.desk: "repeat" is on the visitor's panel; remove desk, or choose call_next, recall, no_show, hold`}},
		{name: "a button for the lamp of staff", add: "[[button]]\naction = \"staff\"\nline = \"GPIO5\"",
			want: []string{`14: button.lamp: missing; add lamp = "GPIO27"`, `16: button.line: staff is a lamp without a button; remove line`}},
		{name: "a layout and buttons", add: "[panel]\nlayout = \"visitor4\"\n" + buttons("previous", "next", "ok", "repeat"),
			want: []string{`15: panel.layout: a layout brings its own buttons; remove it, or the [[button]] sections of the visitor's panel`}},
		{name: "a wire used twice, once by the plug", add: "[panel]\nloop = \"GPIO1\"\n" + buttons("previous", "next", "ok", "repeat"),
			want: []string{`18: button.line: "GPIO1" is already on line 15; give each one its own`}},
		{name: "a printer out of range", add: "[printer]\ndots = 57\ncode_pages = { cp1252 = 300 }\npage = 16",
			want: []string{
				`15: printer.dots: 57 is out of range; write a number from 96 to 1152`,
				`16: printer.code_pages.cp1252: 300 is out of range; write a number from 0 to 255`,
				`17: printer.page: unknown key "page"; known keys in [printer] are profile, columns, dots, cutter, full_cut, presenter, present_steps, qr, raster, band_rows, speed_mm_s, answers, full_status, roll_m, short, blade_mm, code_pages`}},
		{name: "a wire and its lamp", add: buttons("previous", "next", "ok", "repeat") + "lamp = \"GPIO4\"",
			want: []string{`26: button.lamp: "GPIO4" is already on line 25; give each one its own`}},
		{name: "not a wire", add: strings.Replace(buttons("previous", "next", "ok", "repeat"), "GPIO4", "GPIO 4", 1),
			want: []string{`25: button.line: "GPIO 4" is not a GPIO line; write its name like "GPIO17", or its chip and number like "gpiochip0:17"`}},

		// Texts and mornings.
		{name: "rules without French", add: "[texts]\nrules.en = \"Take a ticket.\"",
			want: []string{`15: texts.rules: missing in French; add rules.fr = "…"`}},
		{name: "a charter without French", add: "[texts]\ncharter.en = [\"1\", \"2\", \"3\", \"4\", \"5\"]",
			want: []string{`15: texts.charter: missing in French; add charter.fr = ["…", "…", "…", "…", "…"]`}},
		{name: "a charter of four lines", add: "[texts]\ncharter.fr = [\"1\", \"2\", \"3\", \"4\"]",
			want: []string{`15: texts.charter.fr: 4 lines; write 5, so that screen and ticket have room`}},
		{name: "a language that is none", change: []string{`[place]`, "languages = [\"fr\", \"polski\"]\n[place]"}, add: "[texts]\nfolder = \"textes\"",
			want: []string{`2: languages: unknown language "polski"; use one of fr, falc, images, ar, en, pt, tr, es, ru, uk, fa, ro`}},
		{name: "equipment of nobody", change: []string{`[place]`, "equipment = [\"toaster\", \"phone\", \"phone\"]\n[place]"},
			want: []string{`2: equipment: unknown equipment "toaster"; use one of computer, phone, tablet, printer, scanner, headphones, interpreter_sheet`,
				`2: equipment: "phone" is already on line 2; give each one its own`}},
		{name: "a postcode that is none", change: []string{`[place]`, "[place]\npostcode = \"6915\""},
			want: []string{`3: place.postcode: "6915" is not a postcode; write five digits like "69150"`}},
		{name: "a place for a motif that is not there", add: "[[elsewhere]]\nname = \"A\"\nphone = \"1\"\nmotifs = [\"caf\", \"recharge\"]",
			want: []string{`17: elsewhere.motifs: there is no motif "recharge"; write the key of one of the [[motif]] sections`}},
		{name: "half a point", change: []string{`[place]`, "[place]\nlatitude = 45.5"},
			want: []string{`2: place: a point needs both latitude and longitude; add the one that is missing`}},
		{name: "a point off the map", change: []string{`[place]`, "[place]\nlatitude = 145.5\nlongitude = 4"},
			want: []string{`3: place.latitude: 145.5 is out of range; write a number from -90 to 90`}},
		{name: "a point in words", change: []string{`[place]`, "[place]\nlatitude = \"45\"\nlongitude = 4"},
			want: []string{`3: place.latitude: this is text between quotes, but it must be a number with a point; write it like latitude = 45.7665`}},
		{name: "an exit panel on the lines of eight buttons", add: "[panel]\nexit = true",
			want: []string{`15: panel.exit: the exit panel uses lines of the eight buttons; write layout = "visitor4", or describe each button`}},
		{name: "levels out of range", add: "[assess]\nmissing = 2",
			want: []string{`15: assess.missing: 2 is out of range; write a number from 3 to 5`}},
		{name: "a morning on another day", add: "[[morning]]\ndate = \"2027-01-15\"\ntheme = \"Impôts\"",
			want: []string{`15: morning.date: 2027-01-15 is a Friday and [[hours]] has none on that day; correct the date or add the hours`}},
		{name: "a morning on a closed day", change: []string{`[place]`, "closed = [\"2027-01-14\"]\n[place]"}, add: "[[morning]]\ndate = \"2027-01-14\"\ntheme = \"Impôts\"",
			want: []string{`16: morning.date: 2027-01-14 is among the closed days; remove it here or there`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := change(t, least, test.change...) + test.add
			s, err := Parse("f", []byte(text))
			if s != nil {
				t.Errorf("Parse = %+v; want no site", s)
			}
			var got Errors
			if !errors.As(err, &got) {
				t.Fatalf("Parse = %v; want Errors", err)
			}
			var lines []string
			for _, e := range got {
				lines = append(lines, strings.TrimPrefix(e.Error(), "f:"))
			}
			if !slices.Equal(lines, test.want) {
				t.Errorf("Parse = \n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// buttons gives each action a line of its own: GPIO1, GPIO2, …
func buttons(actions ...string) string {
	var b strings.Builder
	for i, action := range actions {
		b.WriteString("[[button]]\naction = \"" + action + "\"\nline = \"GPIO" + string(rune('1'+i)) + "\"\n")
	}
	return b.String()
}

func TestParseTooLarge(t *testing.T) {
	_, err := Parse("f", make([]byte, maxFile+1))
	if want := "f:1: this file is larger than 1 MiB; is it the right one?"; err == nil || err.Error() != want {
		t.Errorf("Parse(1 MiB + 1) = %v; want %s", err, want)
	}
}

// A whole file of mistakes gives a whole list, in the order of its lines.
func TestAllErrorsAtOnce(t *testing.T) {
	data, err := os.ReadFile("testdata/wrong.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Parse("wrong.toml", data)
	if err == nil {
		t.Fatal("Parse = no error; want many")
	}
	got := err.Error() + "\n"
	golden := filepath.Join("testdata", "wrong.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("Parse =\n%s\nwant\n%s", got, want)
	}
}

func TestDefaults(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	want := &Site{
		Place:         Place{Name: "Mairie"},
		Zone:          paris,
		Hours:         []Hours{{time.Thursday, 9 * 60, 12 * 60}},
		Slot:          30 * time.Minute,
		TicketsBefore: 15 * time.Minute,
		Desks:         []Desk{{Key: "1", Label: "Bureau 1", Roles: []string{"accueil"}}},
		Motifs:        []Motif{{Key: "caf", Need: "any", Class: "normal"}},
		Languages:     []string{"fr"},
		Screen:        Screen{Panel: "10.1", PxPerMMH: 5.90, PxPerMMV: 5.88, Width: 1280, Height: 800, Choices: 6, MaxMotifs: 11},
		Idle:          Idle{75 * time.Second, 30 * time.Second},
		Devices:       Devices{"sim:", "sim:", "sim:"},
		Sound:         Sound{Ceiling: 100},
		Panel:         Panel{Settle: 15 * time.Millisecond, Dim: 5 * time.Minute},
		Assess:        Assess{Missing: 4, Strong: 4},
		Wifi:          Wifi{Hotspot: "auto", Name: "Jeudi", Country: "FR", Channel: 6},
		Statistics:    Statistics{Sealed: true, Batch: 10, Period: "quarter", ReleaseLeast: 30, GroupAt: 5},
	}
	// Windows editors: carriage returns and a byte order mark.
	for _, text := range []string{least, "\ufeff" + strings.ReplaceAll(least, "\n", "\r\n")} {
		got, err := Parse("f", []byte(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Parse = %+v, %v; want %+v", got, err, want)
		}
	}
	if got, _ := Parse("f", []byte(least)); !slices.Equal(got.Actions(), Actions()) {
		t.Errorf("Actions() without buttons = %v; want all", got.Actions())
	}
}

func TestSevenInch(t *testing.T) {
	s, err := Load("testdata/seven.toml")
	if err != nil {
		t.Fatal(err)
	}
	check(t, s)
	if want := (Screen{Panel: "7", PxPerMMH: 5.19, PxPerMMV: 5.58, Width: 800, Height: 480, Choices: 4, MaxMotifs: 7}); s.Screen != want {
		t.Errorf("Screen = %+v; want %+v", s.Screen, want)
	}
	wantHours := []Hours{{time.Tuesday, 510, 720}, {time.Thursday, 510, 720}, {time.Thursday, 810, 960}}
	if !slices.Equal(s.Hours, wantHours) {
		t.Errorf("Hours = %v; want %v", s.Hours, wantHours)
	}
	if want := []string{"previous", "next", "ok", "repeat"}; !slices.Equal(s.Actions(), want) {
		t.Errorf("Actions() = %v; want %v", s.Actions(), want)
	}
	if want := (Button{Action: "ok", Line: "GPIO13", Lamp: "GPIO19"}); s.Buttons[2] != want {
		t.Errorf("Buttons[2] = %v; want %v", s.Buttons[2], want)
	}
	if want := []Date{{2027, 5, 1}, {2027, 7, 14}}; !slices.Equal(s.Closed, want) {
		t.Errorf("Closed = %v; want %v", s.Closed, want)
	}
	if want := "Prenez un ticket. On vous appelle par votre numéro."; s.Texts.RulesIn("en") != want {
		t.Errorf("RulesIn(en) = %q; want the French %q", s.Texts.RulesIn("en"), want)
	}
	if want := []Date{{2027, 1, 14}, {2027, 1, 21}}; !slices.Equal(s.Texts.NextDates, want) {
		t.Errorf("Texts.NextDates = %v; want %v", s.Texts.NextDates, want)
	}
	if got := s.Mornings[0].Guests; len(got) != 2 || s.Mornings[0].Date != (Date{2027, 1, 14}) {
		t.Errorf("Mornings[0] = %+v; want that of 2027-01-14 with two guests", s.Mornings[0])
	}
	if want := (Devices{"escpos:/dev/usb/lp0", "sim:", "none:"}); s.Devices != want {
		t.Errorf("Devices = %v; want %v", s.Devices, want)
	}
	if s.Slot != 20*time.Minute || s.TicketsBefore != 30*time.Minute || s.Idle != (Idle{2 * time.Minute, time.Minute}) {
		t.Errorf("Slot, TicketsBefore, Idle = %v, %v, %v; want those of the file", s.Slot, s.TicketsBefore, s.Idle)
	}
	impots, transport := s.Motifs[4], s.Motifs[6]
	for _, c := range []struct{ got, want string }{
		{s.Motifs[0].LabelIn("en"), ""},
		{impots.LabelIn("en"), "Taxes"},
		{impots.LabelIn("ar"), "Impôts et taxes"},
		{transport.LabelIn("en"), "Carte de transport"},
		{strings.Join(transport.DocumentsIn("en"), "|"), "Une photo d’identité"},
	} {
		if c.got != c.want {
			t.Errorf("the words of a motif = %q; want %q", c.got, c.want)
		}
	}
}

func TestOwnTexts(t *testing.T) {
	text := change(t, least, `[place]`, "languages = [\"fr\", \"pl\"]\nhome_visits = true\nrouting = \"qui.json\"\n[place]\nlatitude = 45\nlongitude = 4.95")
	s, err := Parse("f", []byte(text+`
[texts]
folder = "textes"
voices = "voix"
rules = { fr = "Une règle.", pl = "Zasada." }
charter.fr = ["1", "2", "3", "4", "5"]

[rights]
at_kiosk = true
file = "droits.json"
off = ["ajpa"]

[panel]
layout = "visitor4"
exit = true
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want any }{
		{s.Languages, []string{"fr", "pl"}},
		{s.Texts.RulesIn("pl"), "Zasada."},
		{s.Texts.CharterIn("pl"), []string{"1", "2", "3", "4", "5"}},
		{s.Texts.Folder + " " + s.Texts.Voices + " " + s.Routing, "textes voix qui.json"},
		{s.Rights, Rights{true, "droits.json", []string{"ajpa"}}},
		{*s.Place.At, Point{45, 4.95}},
		{s.HomeVisits && s.Panel.Exit, true},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("the site's own = %v; want %v", c.got, c.want)
		}
	}
}

func TestBeside(t *testing.T) {
	for _, tt := range []struct {
		s    Site
		want []string
	}{
		{Site{}, nil},
		{Site{Texts: Texts{Folder: "./textes/", Voices: "textes/../voix"}, Routing: "regles//qui.json", Rights: Rights{File: "droits.json"}},
			[]string{"textes", "voix", "regles/qui.json", "droits.json"}},
		{Site{Texts: Texts{Folder: "ici", Voices: "./ici"}, Routing: "."}, []string{"ici"}},
		{Site{Texts: Texts{Folder: "../ailleurs", Voices: "/srv/voix"}}, []string{"../ailleurs", "/srv/voix"}},
	} {
		if got := tt.s.Beside(); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: Beside() = %q; want %q", tt.s, got, tt.want)
		}
	}
}

// What a place has, what its neighbours are for, and where it is by post.
func TestWhatThereIs(t *testing.T) {
	for _, c := range []struct {
		name   string
		change []string // of least, in pairs
		add    string
		want   func(*Site) any
		is     any
	}{
		{"nothing said of equipment", nil, "", func(s *Site) any { return s.Equipment }, []string(nil)},
		{"no equipment", []string{"[place]", "equipment = []\n[place]"}, "", func(s *Site) any { return s.Equipment }, []string{}},
		{"some", []string{"[place]", "equipment = [\"printer\", \"computer\"]\n[place]"}, "", func(s *Site) any { return s.Equipment }, []string{"printer", "computer"}},
		{"a place for all", nil, "[[elsewhere]]\nname = \"A\"\nphone = \"1\"", func(s *Site) any { return s.Elsewhere[0].Motifs }, []string(nil)},
		{"a place for one motif", nil, "[[elsewhere]]\nname = \"A\"\nphone = \"1\"\nmotifs = [\"caf\"]", func(s *Site) any { return s.Elsewhere[0].Motifs }, []string{"caf"}},
		{"a long ticket", nil, "", func(s *Site) any { return s.Printer.Short }, false},
		{"a short ticket", nil, "[printer]\nshort = true", func(s *Site) any { return s.Printer.Short }, true},
		{"no postcode", nil, "", func(s *Site) any { return s.Place.Postcode }, ""},
		{"a postcode in the address", []string{"name = \"Mairie\"", "name = \"Mairie\"\naddress = \"12345A rue 6, 97410 Saint-Pierre\""}, "", func(s *Site) any { return s.Place.Postcode }, "97410"},
		{"a postcode of its own", []string{"name = \"Mairie\"", "name = \"Mairie\"\naddress = \"69999 Lyon Cedex\"\npostcode = \"69001\""}, "", func(s *Site) any { return s.Place.Postcode }, "69001"},
	} {
		s, err := Parse("f", []byte(change(t, least, c.change...)+c.add))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := c.want(s); !reflect.DeepEqual(got, c.is) {
			t.Errorf("%s = %#v; want %#v", c.name, got, c.is)
		}
	}
}

func TestSample(t *testing.T) {
	s := Sample()
	check(t, s)
	if want := KnownLanguages(); len(s.Languages) != len(want) {
		t.Errorf("Languages = %v; want all of %v", s.Languages, want)
	}
	var keys []string
	for _, m := range s.Motifs {
		keys = append(keys, m.Key)
		for _, lang := range []string{"en", "ar"} { // the example that there is
			if len(m.Documents[lang]) != len(m.Documents["fr"]) {
				t.Errorf("motif %s: documents in %s = %v; want as many as in French", m.Key, lang, m.Documents[lang])
			}
		}
	}
	if want := []string{"caf", "sante", "impots", "retraite", "titres", "logement", "telephone"}; !slices.Equal(keys, want) {
		t.Errorf("motifs = %v; want %v", keys, want)
	}
	if len(s.Desks) != 1 || len(s.Desks[0].Roles) != 2 {
		t.Errorf("Desks = %+v; want one, shared", s.Desks)
	}
	qpv := 0
	for _, n := range s.Neighbourhoods {
		if n.QPV {
			qpv++
		}
	}
	if len(s.Neighbourhoods) != 4 || qpv != 2 {
		t.Errorf("%d neighbourhoods, %d of them QPV; want 4 and 2", len(s.Neighbourhoods), qpv)
	}
	if len(s.Texts.Rules) != 3 || len(s.Mornings) != 1 || len(s.Mornings[0].Guests) != 1 || len(s.Elsewhere) != 3 {
		t.Errorf("rules %d, mornings %v, elsewhere %d; want 3, one with a guest, 3", len(s.Texts.Rules), s.Mornings, len(s.Elsewhere))
	}
	for _, phone := range []string{s.Place.Phone, s.Elsewhere[0].Phone, s.Elsewhere[1].Phone, s.Elsewhere[2].Phone} {
		if !strings.HasPrefix(phone, "01 99 00") { // kept for fiction: it rings nowhere
			t.Errorf("phone %q is not of the range kept for fiction", phone)
		}
	}
}

func TestNetwork(t *testing.T) {
	before, after, found := strings.Cut(SampleText(), "[network]\n")
	_, after, ended := strings.Cut(after, "visitors = false\n")
	if !found || !ended {
		t.Fatal("the sample has no [network]")
	}
	for _, tt := range []struct {
		section string
		want    Network
		wrong   string
	}{
		{"", Network{}, ""},
		{"[network]\nvisitors = true\n", Network{}, "network.visitors: visitors' phones need an address"},
		{"[network]\nvisitors = true\npublic = \"10.3.141.1\"\n", Network{Visitors: true, Public: netip.MustParseAddrPort("10.3.141.1:80")}, ""},
		{"[network]\nstaff = \"10.3.141.1\"\nname = \"jeudi.local\"\n", Network{Staff: netip.MustParseAddrPort("10.3.141.1:443"), Name: "jeudi.local"}, ""},
		{"[network]\nstaff = \"192.168.1.5:8443\"\n", Network{Staff: netip.MustParseAddrPort("192.168.1.5:8443")}, ""},
		{"[network]\nstaff = \"auto\"\npublic = \"auto\"\n", Network{Staff: netip.MustParseAddrPort("0.0.0.0:443"), Public: netip.MustParseAddrPort("0.0.0.0:80")}, ""},
		{"[network]\nstaff = \"auto:8443\"\n", Network{Staff: netip.MustParseAddrPort("0.0.0.0:8443")}, ""},
		{"[network]\nstaff = \"auto:0\"\n", Network{}, "network.staff: "},
		{"[network]\nstaff = \"auto:99999\"\n", Network{}, "network.staff: "},
		{"[network]\nstaff = \"automatic\"\n", Network{}, `network.staff: "automatic" is not an address of the box; write "auto"`},
		{"[network]\nstaff = \"auto:80\"\npublic = \"10.3.141.1\"\n", Network{}, "network: staff and public are the same address"},
		{"[network]\nstaff = \"jeudi.local\"\n", Network{}, `network.staff: "jeudi.local" is not an address of the box`},
		{"[network]\nstaff = \"0.0.0.0:443\"\n", Network{}, "network.staff: "},
		{"[network]\nstaff = \"jeudi.local\"\n", Network{}, `with a port like "10.3.141.1:8443" if it is not 443`},
		{"[network]\npublic = \"jeudi.local\"\n", Network{}, `with a port like "10.3.141.1:8080" if it is not 80`},
		{"[network]\nstaff = \"[fe80::1]:443\"\n", Network{}, `network.staff: "[fe80::1]:443" is an IPv6 address, and the box needs an IPv4 one; write it like "10.3.141.1"`},
		{"[network]\nstaff = \"fe80::1%wlan0\"\n", Network{}, "network.staff: \"fe80::1%wlan0\" is an IPv6 address"},
		{"[network]\npublic = \"::ffff:10.3.141.1\"\n", Network{}, "network.public: \"::ffff:10.3.141.1\" is an IPv6 address"},
		{"[network]\npublic = \"2001:db8::1\"\n", Network{}, "network.public: \"2001:db8::1\" is an IPv6 address"},
		{"[network]\npublic = \"[2001:db8::1]\"\n", Network{}, "network.public: \"[2001:db8::1]\" is an IPv6 address"},
		{"[network]\nstaff = \"10.3.141.1:0\"\n", Network{}, "network.staff: "},
		{"[network]\nstaff = \"10.3.141.1:80\"\npublic = \"10.3.141.1\"\n", Network{}, "network: staff and public are the same address"},
		{"[network]\nname = \"Jeudi.local\"\n", Network{}, "network.name: "},
		{"[network]\nname = \"10.3.141.1\"\n", Network{}, "network.name: "},
		{"[network]\nvisitors = \"oui\"\n", Network{}, "network.visitors: this is text"},
		{"[network]\nvisitor = true\n", Network{}, `network.visitor: unknown key "visitor"`},
		{"[[network]]\nvisitors = true\n", Network{}, "network: there is only one"},
	} {
		text := before + tt.section + after
		s, err := Parse("site.toml", []byte(text))
		switch {
		case tt.wrong == "" && (err != nil || s.Network != tt.want):
			t.Errorf("Parse(%q) = %+v, %v; want %+v", tt.section, s, err, tt.want)
		case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
			t.Errorf("Parse(%q) = %v; want %s", tt.section, err, tt.wrong)
		}
	}
}

// Whoever writes a file starts from the sample: all that can be written is in it,
// in a section or in a comment.
func TestSampleShowsEveryKey(t *testing.T) {
	root, _, language := parseTree("sample.toml", []byte(SampleText()))
	if root == nil {
		t.Fatal(language)
	}
	r := &reader{}
	top := &table{reader: r, line: 1, n: root}
	r.site(top)
	for _, name := range top.asked {
		if !slices.Contains([]string{"button", "routing", "equipment", "organism", "stop"}, name) && !top.has(name) { // those are in comments
			t.Errorf("the sample has no %s", name)
		}
	}
	for _, word := range slices.Concat(KnownMotifs(), KnownEquipment(), Roles(), Classes(), Actions(), ExitActions(), KnownLanguages(), []string{"[[button]]", "[[organism]]", "[[stop]]", "insee =", "staff =", "public =", "name =", "equipment =", "postcode =", "motifs =", "line =", "lamp =", "next_dates", "escpos:/dev/usb/lp0", "none:", "label.fr"}) {
		if !strings.Contains(SampleText(), word) {
			t.Errorf("the sample does not mention %s", word)
		}
	}
}

// French that visitors read is in short sentences.
func TestSampleSentences(t *testing.T) {
	for sentence := range strings.SplitSeq(Sample().Texts.Rules["fr"], ". ") {
		if n := len(strings.Fields(sentence)); n > 12 {
			t.Errorf("%q has %d words; want at most 12", sentence, n)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Run("a file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "site.toml")
		if err := os.WriteFile(path, []byte(SampleText()), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err != nil || !reflect.DeepEqual(got, Sample()) {
			t.Errorf("Load = %+v, %v; want the sample", got, err)
		}
	})
	t.Run("no file", func(t *testing.T) {
		_, err := Load("nowhere.toml")
		want := "site: nowhere.toml: file does not exist; check the path, or leave -site out: `jeudi run` then starts on the sample"
		if !errors.Is(err, fs.ErrNotExist) || err.Error() != want {
			t.Errorf("Load = %v; want %s", err, want)
		}
	})
	t.Run("a folder", func(t *testing.T) {
		if _, err := Load(t.TempDir()); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Load(folder) = %v; want another error", err)
		}
	})
	t.Run("not a site", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "large")
		if err := os.WriteFile(path, make([]byte, maxFile+10), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
			t.Errorf("Load(large) = %v; want that it is too large", err)
		}
	})
}

// check holds what is true of every site that Parse returns.
func check(t *testing.T, s *Site) {
	t.Helper()
	must := func(ok bool, what string) {
		t.Helper()
		if !ok {
			t.Errorf("%s does not hold for %+v", what, s)
		}
	}
	unique := func(what string, n int, of func(int) string) {
		t.Helper()
		seen := map[string]bool{}
		for i := range n {
			must(of(i) != "" && !seen[of(i)], "unique "+what)
			seen[of(i)] = true
		}
	}
	must(s.Place.Name != "", "a name")
	must(s.Zone != nil, "a zone")
	must(s.Slot >= 5*time.Minute && s.Slot <= 2*time.Hour, "slot within bounds")
	must(s.TicketsBefore >= 0 && s.TicketsBefore <= 2*time.Hour, "tickets before within bounds")
	must(s.Idle.After >= 30*time.Second && s.Idle.After <= 5*time.Minute, "idle within bounds")
	must(s.Idle.Countdown >= 20*time.Second && s.Idle.Countdown <= time.Minute, "countdown within bounds")
	must(len(s.Hours) > 0 && len(s.Desks) > 0 && len(s.Motifs) > 0, "hours, desks and motifs")
	must(len(s.Motifs) <= s.Screen.MaxMotifs, "few enough motifs")
	must(slices.Contains(screens(), s.Screen), "a known panel")
	must(s.Languages[0] == French, "French first")
	unique("languages", len(s.Languages), func(i int) string { return s.Languages[i] })
	unique("desks", len(s.Desks), func(i int) string { return s.Desks[i].Key })
	unique("motifs", len(s.Motifs), func(i int) string { return s.Motifs[i].Key })
	unique("neighbourhoods", len(s.Neighbourhoods), func(i int) string { return s.Neighbourhoods[i].Key })
	unique("actions", len(s.Buttons), func(i int) string { return s.Buttons[i].Action })
	unique("lines", len(s.Buttons), func(i int) string { return s.Buttons[i].Line })
	unique("elsewhere", len(s.Elsewhere), func(i int) string { return s.Elsewhere[i].Name })
	unique("mornings", len(s.Mornings), func(i int) string { return s.Mornings[i].Date.String() })
	for i, h := range s.Hours {
		must(0 <= h.From && h.From < h.Until && h.Until < 24*60, "hours of one day")
		if i > 0 && s.Hours[i-1].Day == h.Day {
			must(s.Hours[i-1].Until <= h.From, "hours in order")
		}
	}
	for _, d := range s.Desks {
		must(d.Label != "" && len(d.Roles) > 0, "a desk with a label and a role")
	}
	for _, m := range s.Motifs {
		must(slices.Contains(KnownMotifs(), m.Key) || m.LabelIn("ar") != "", "words for every motif")
		must(m.Need == Any || slices.ContainsFunc(s.Desks, func(d Desk) bool { return slices.Contains(d.Roles, m.Need) }), "a desk for every motif")
		must(slices.Contains(Classes(), m.Class), "a known class")
		for lang := range maps.Keys(m.Label) {
			must(slices.Contains(KnownLanguages(), lang), "a known language")
		}
	}
	for _, a := range requiredActions() {
		must(slices.Contains(s.Actions(), a), "the actions that are needed")
	}
	must(s.Texts.Rules == nil || s.Texts.RulesIn("ar") != "", "rules in French")
	for _, device := range []string{s.Devices.Printer, s.Devices.Panel, s.Devices.Speaker} {
		scheme, _, ok := strings.Cut(device, ":")
		must(ok && slices.Contains([]string{"sim", "none", "escpos"}, scheme), "known devices")
	}
	now := time.Date(2027, 3, 27, 22, 0, 0, 0, time.UTC)
	if from, until, ok := s.Next(now); ok {
		must(from.Before(until) && until.After(now), "a next permanence with a length")
	}
	for _, d := range s.NextDates(now, 3) {
		must(d.Compare(DateOf(now.In(s.Zone))) > 0, "next dates to come")
	}
	s.Morning(now)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(least))
	f.Add([]byte(sampleTOML))
	for _, name := range []string{"seven.toml", "wrong.toml"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, text := range []string{"", "\x00", "[", "a.b.c = 1\n[a]\n[[a.b]]", "[[desk]]\n[desk.key]\n[[desk.roles]]", "hours = [{day=\"jeudi\"}, [], 1]", "place = {name = {}}", "[texts]\nrules.fr = [\"\"]", "[[a]]\n[a.b]\n[[a]]\n[a.b]", "\"\" = 1\n\"a\\nb\" = 2"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse("f", data)
		if err == nil {
			check(t, s)
			return
		}
		var errs Errors
		if s != nil || !errors.As(err, &errs) || len(errs) == 0 {
			t.Fatalf("Parse = %v, %v; want no site and Errors", s, err)
		}
		lines := 1 + strings.Count(string(data), "\n")
		for i, e := range errs {
			if e.Line < 1 || e.Line > lines || e.Msg == "" || i > 0 && errs[i-1].Line > e.Line {
				t.Errorf("Parse = error %d %+v; want a line of 1 to %d, in order, and a sentence", i, e, lines)
			}
		}
	})
}

func TestNetworkPrinter(t *testing.T) {
	for _, printer := range []string{"escpos:tcp:192.168.1.50:9100", "escpos:tcp:tickets.local:9100", "escpos:tcp:[::1]:9100", "escpos:tcp:[fe80::1%eth0]:9100"} {
		s, err := Parse("f", []byte(least+"[devices]\nprinter = \""+printer+"\""))
		if err != nil {
			t.Errorf("Parse(%s) = %v; want it accepted", printer, err)
		} else if s.Devices.Printer != printer {
			t.Errorf("Printer = %q; want %q", s.Devices.Printer, printer)
		}
	}
}

// The devices of a site, as a technician who wired them writes it.
func TestDevices(t *testing.T) {
	const wired = `
[devices]
printer = "escpos:serial:/dev/ttyAMA0?baud=19200&flow=rtscts"
panel = "gpio:"
speaker = "sound:USB Audio"
[printer]
profile = "generic-58"
cutter = false
qr = true
code_pages = { cp1252 = 16 }
roll_m = 18
[sound]
headphones = "Casque"
ceiling_percent = 80
[panel]
loop = "GPIO26"
settle_ms = 8
active_high = true
dim_after_minutes = 0
[[button]]
action = "previous"
line = "GPIO5"
[[button]]
action = "next"
line = "GPIO6"
lamp = "GPIO16"
[[button]]
action = "ok"
line = "gpiochip0:13"
[[button]]
action = "repeat"
line = "9030000.pl061:2"
[[button]]
action = "staff"
lamp = "GPIO22"
[[button]]
action = "call_next"
desk = "1"
line = "GPIO23"
`
	s, err := Parse("f", []byte(least+wired))
	if err != nil {
		t.Fatal(err)
	}
	yes, no := true, false
	if want := (Printer{Profile: "generic-58", Cutter: &no, QR: &yes, CodePages: []CodePage{{"cp1252", 16}}, Roll: 18}); !reflect.DeepEqual(s.Printer, want) {
		t.Errorf("Printer = %+v; want %+v", s.Printer, want)
	}
	if want := (Sound{"Casque", 80}); s.Sound != want {
		t.Errorf("Sound = %+v; want %+v", s.Sound, want)
	}
	if want := (Panel{Loop: "GPIO26", Settle: 8 * time.Millisecond, ActiveHigh: true}); s.Panel != want {
		t.Errorf("Panel = %+v; want %+v", s.Panel, want)
	}
	if want := (Button{"call_next", "GPIO23", "", "1"}); len(s.Buttons) != 6 || s.Buttons[5] != want {
		t.Errorf("Buttons = %v; want six, the last %v", s.Buttons, want)
	}
	if want := requiredActions(); !slices.Equal(s.Actions(), want) {
		t.Errorf("Actions() = %v; want %v", s.Actions(), want)
	}
	s, err = Parse("f", []byte(least+"[panel]\nlayout = \"visitor4\""))
	if err != nil || !slices.Equal(s.Actions(), requiredActions()) {
		t.Errorf("Actions() of a panel of four = %v, %v; want %v", s.Actions(), err, requiredActions())
	}
}
