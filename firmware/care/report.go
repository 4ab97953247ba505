package care

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"jeudi/provisioning/machine"
	"jeudi/provisioning/site"
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

// Redact is a site file for whoever helps from afar: its settings, without its secrets and
// its comments. Of one that is not valid nobody knows what it holds, and only the lines to
// correct are said.
func Redact(text []byte) []byte {
	if len(text) == 0 {
		return nil
	}
	shown, err := site.Shown(text)
	if err == nil {
		return shown
	}
	var lines []string
	if wrong, ok := errors.AsType[site.Errors](err); ok {
		for _, e := range wrong {
			if n := fmt.Sprint(e.Line); !slices.Contains(lines, n) {
				lines = append(lines, n)
			}
		}
	}
	return fmt.Appendf(nil, "Ce fichier a des erreurs, et n’est pas montré. Lignes : %s.\n", strings.Join(lines, ", "))
}
