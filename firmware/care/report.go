package care

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"jeudi/provisioning/machine"
)

// A Report is what a technician sends to whoever helps from afar. Nothing in it is about
// a visitor: its parts are what cannot be.
type Report struct {
	Made     time.Time
	Version  string
	Place    string
	Problems []string // what the box says of itself, in sentences
	Start    []string // the steps of the last start
	Machine  machine.Facts
	Tests    []string // self tests, a line each
	Kept     []string // the files of the data folder, and their sizes
	Site     []byte   // the site file
	Log      []byte   // warnings and errors of the log
}

// Text is the report as a page that a PC reads, whose lines end as there.
func (r Report) Text() []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	list := func(title, none string, lines []string) {
		line("\n== %s ==", title)
		if len(lines) == 0 {
			line("%s", none)
		}
		for _, l := range lines {
			line("- %s", l)
		}
	}
	line("Rapport d’une borne Jeudi")
	line("Lieu : %s", r.Place)
	line("Fait le : %s", r.Made.Format("2006-01-02 15:04"))
	line("Version : %s", r.Version)
	line("Ce rapport ne contient rien d’un visiteur, et aucun mot de passe.")
	list("Ce qui ne va pas", "Rien.", r.Problems)
	list("Boîtier", "Inconnu : la borne n’est pas sur sa carte.", facts(r.Machine))
	list("Démarrage", "Inconnu.", r.Start)
	list("Tests", "Aucun test.", r.Tests)
	list("Fichiers", "Aucun.", r.Kept)
	line("\n== Réglages (jeudi.toml, sans mot de passe) ==")
	line("%s", strings.TrimSpace(string(Redact(r.Site))))
	line("\n== Journal technique : alertes et erreurs ==")
	line("%s", strings.TrimSpace(string(r.Log)))
	return []byte("\xef\xbb\xbf" + strings.ReplaceAll(b.String(), "\n", "\r\n"))
}

// facts are those of the machine that are known, a line each.
func facts(f machine.Facts) (lines []string) {
	say := func(known bool, format string, args ...any) {
		if known {
			lines = append(lines, fmt.Sprintf(format, args...))
		}
	}
	say(f.Model != "", "Carte : %s", f.Model)
	say(f.Uptime > 0, "Allumée depuis : %d min", f.Uptime/60)
	say(f.Celsius > 0, "Processeur : %.0f °C", f.Celsius)
	say(f.Power != "", "Alimentation : %s", map[string]string{"good": "bonne", "low": "trop faible"}[f.Power])
	say(f.Memory > 0, "Mémoire libre : %d Mo sur %d", f.Available>>10, f.Memory>>10)
	say(f.Card != "", "Carte mémoire : %s", f.Card)
	say(f.DataBytes > 0, "Données : %d Mo libres sur %d", f.DataFree>>20, f.DataBytes>>20)
	say(f.Written > 0, "Écrit sur les données depuis leur création : %d Mo", f.Written>>10)
	say(f.Worn > 0, "Usure de la carte mémoire : %d %%", f.Worn)
	say(f.Errors > 0, "Erreurs de la carte mémoire : %d", f.Errors)
	say(f.Model != "", "Horloge à pile : %s", map[bool]string{true: "oui", false: "non"}[f.Clock])
	return lines
}

// secret is a key of a site file whose value nobody else may read, wherever it stands in
// its line.
var secret = regexp.MustCompile(`(?i)(passphrase|password|passwd|mot_de_passe|secret|token|psk)["']?\s*=`)

// Redact is a site file without the values of its secrets: the whole line goes, with what
// goes on below it, because TOML has more ways to write a value than a filter knows.
func Redact(site []byte) []byte {
	var out strings.Builder
	until := "" // what ends a value of several lines
	for line := range strings.Lines(string(site)) {
		if until != "" {
			if strings.Contains(line, until) {
				until = ""
			}
			continue
		}
		found := secret.FindStringIndex(line)
		if found == nil {
			out.WriteString(line)
			continue
		}
		out.WriteString("# (un mot de passe était ici)\n")
		for _, quotes := range []string{`"""`, `'''`} {
			if strings.Count(line[found[1]:], quotes) == 1 {
				until = quotes
			}
		}
	}
	return []byte(out.String())
}
