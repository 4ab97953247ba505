package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"jeudi/firmware/setup"
	"jeudi/firmware/voice"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

const siteUsage = `usage: jeudi site check FICHIER
       jeudi site new FICHIER
       jeudi site sample

new pose six questions, puis écrit une fiche du lieu, où chaque réglage est expliqué.
check lit la fiche du lieu, et les fichiers qu’elle nomme à côté d’elle : textes, voix,
orientation, droits. Chaque erreur est dite avec sa ligne. Sans erreur, check dit ce que ces
fichiers changent. Un fichier faux à côté de la fiche n’empêche pas jeudi run de démarrer : il
démarre sans lui, et le dit.
sample écrit la fiche d’exemple, pour partir d’elle.
`

// siteFrom is the site of a file, or the sample without one.
func siteFrom(file string) (*site.Site, error) {
	if file == "" {
		return site.Sample(), nil
	}
	return site.Load(file)
}

// runSite is jeudi site; now is the day against which the reviews of rules are held.
func runSite(args []string, now time.Time, out, errs io.Writer) int {
	switch {
	case slices.ContainsFunc(args, isHelp):
		fmt.Fprint(out, siteUsage)
		return exitOK
	case len(args) == 1 && args[0] == "sample":
		fmt.Fprint(out, site.SampleText())
		return exitOK
	case len(args) == 2 && args[0] == "new":
		return siteNew(args[1], os.Stdin, setup.Find(os.DirFS("/")), out, errs)
	case len(args) == 2 && args[0] == "check":
		texts, err := words.Load()
		if err != nil {
			fmt.Fprintln(errs, "jeudi site:", err)
			return exitFail
		}
		s, err := site.Load(args[1])
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				fmt.Fprintln(errs, texts.Text(words.French, "site.absent", map[string]any{"file": args[1]}))
				return exitUsage
			}
			fmt.Fprintln(errs, inFrench(err))
			return exitFail
		}
		err = devicesCheck(s)
		lines, wrong := besideCheck(texts, s, args[1], now.In(s.Zone))
		if err = errors.Join(err, wrong); err != nil {
			for line := range strings.Lines(err.Error()) {
				fmt.Fprintf(errs, "%s: %s\n", args[1], strings.TrimSuffix(line, "\n"))
			}
			return exitFail
		}
		for _, line := range lines {
			fmt.Fprintln(out, line)
		}
		fmt.Fprintln(out, texts.Text(words.French, "site.good", map[string]any{"file": args[1], "place": s.Place.Name,
			"desks":  texts.Text(words.French, "site.desks", map[string]any{"n": len(s.Desks)}),
			"motifs": texts.Text(words.French, "site.motifs", map[string]any{"n": len(s.Motifs)})}))
		return exitOK
	}
	fmt.Fprint(errs, siteUsage)
	return exitUsage
}

// siteNames are the French names of roles and languages, as the phone's wizard has them.
func siteNames() (roles, languages map[string]string, err error) {
	c, err := words.Load()
	if err != nil {
		return nil, nil, err
	}
	roles, languages = map[string]string{}, map[string]string{}
	for _, r := range site.Roles() {
		roles[r] = c.Text(words.French, "role."+r, nil)
	}
	for _, l := range site.KnownLanguages() {
		languages[l] = c.Text(words.French, "setup.language."+l, nil)
	}
	return roles, languages, nil
}

// inFrench is what is wrong with a site file, for whoever wrote it.
func inFrench(err error) string {
	if list, ok := errors.AsType[site.Errors](err); ok {
		return list.InFrench()
	}
	return err.Error()
}

// besideCheck reads the files that a site names, and says in French what they make of
// ours: the texts, the voices, the routing, the rights, and what there is to do.
func besideCheck(ours *words.Catalogue, s *site.Site, siteFile string, now time.Time) (lines []string, err error) {
	say := func(key string, args map[string]any) string { return ours.Text(words.French, key, args) }
	texts, wrong := siteTexts(ours, s, siteFile)
	err = wrong
	recordings, wrong := siteVoices(s, siteFile)
	err = errors.Join(err, wrong)
	_, wrong = siteRouting(s, siteFile)
	err = errors.Join(err, wrong)
	rules, wrong := siteRights(s, siteFile)
	if err = errors.Join(err, wrong); err != nil {
		return nil, err
	}
	voices, err := loadVoices(texts, recordings, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	off := 0
	for _, r := range rules.List {
		if !r.Active {
			off++
		}
	}
	list := say("site.rights_rules", map[string]any{"n": len(rules.List)})
	if off > 0 {
		list += ", " + say("site.rights_off", map[string]any{"n": off})
	}
	routing := say("site.routing_ours", nil)
	if s.Routing != "" {
		routing = say("site.routing", map[string]any{"file": s.Routing})
	}
	lines = append(lines, textsLine(ours, texts, s))
	lines = append(lines, voicesLines(ours, voices.Check(), s, siteFile)...)
	lines = append(lines, routing, say("site.rights", map[string]any{"file": cmp.Or(s.Rights.File, say("site.rights_ours", nil)),
		"rules": list, "day": rules.Review.Format("02/01/2006")}))
	if n := len(rules.Due(now)); n > 0 {
		check := strings.TrimSpace("jeudi rights check " + beside(siteFile, s.Rights.File))
		lines = append(lines, say("site.rights_due", map[string]any{"n": n, "check": check}))
		if s.Rights.File == "" {
			lines = append(lines, say("site.rights_due_ours", nil))
		} else {
			lines = append(lines, say("site.rights_due_own", map[string]any{"file": s.Rights.File}))
		}
	}
	return lines, nil
}

// firstFew is how many names a line gives before it only counts.
const firstFew = 3

// textsLine is what a site's folder makes of our texts. What its file says of motifs
// and of neighbourhoods is not counted.
func textsLine(ours, texts *words.Catalogue, s *site.Site) string {
	say := func(key string, args map[string]any) string { return ours.Text(words.French, key, args) }
	if s.Texts.Folder == "" {
		return say("site.texts_ours", nil)
	}
	said := siteWords(ours, s)
	var parts []string
	for _, lang := range texts.Languages() {
		changed, added := texts.Changed(said, lang), !slices.Contains(ours.Languages(), lang)
		missing := texts.Missing(lang)
		part := say("site.texts_changed", map[string]any{"lang": lang, "n": len(changed)})
		switch {
		case added && len(missing) > 0:
			part = say("site.texts_missing", map[string]any{"lang": lang, "n": len(missing), "some": fewOf(missing)})
		case added:
			part = say("site.texts_added", map[string]any{"lang": lang})
		case len(changed) == 0:
			continue
		}
		if !slices.Contains(s.Languages, lang) {
			part = say("site.texts_not_offered", map[string]any{"part": part})
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return say("site.texts_same", map[string]any{"folder": s.Texts.Folder})
	}
	return say("site.texts", map[string]any{"parts": strings.Join(parts, "\u00a0; ")})
}

// voicesLines are how the languages of a site are spoken, and what to do about those that
// are not.
func voicesLines(ours *words.Catalogue, coverage []voice.Coverage, s *site.Site, siteFile string) []string {
	var recorded, refused int
	var mute []string
	for _, c := range coverage {
		if !slices.Contains(s.Languages, c.Lang) {
			continue
		}
		recorded, refused = recorded+c.Human, refused+len(c.Refused)+len(c.Unknown)
		if !c.Usable {
			mute = append(mute, c.Lang)
		}
	}
	lines := []string{ours.Text(words.French, "site.voices", map[string]any{"n": recorded})}
	if refused > 0 {
		lines = append(lines, ours.Text(words.French, "site.voices_refused", map[string]any{"n": refused, "file": siteFile}))
	}
	if len(mute) > 0 {
		lines = append(lines, ours.Text(words.French, "site.voices_mute", map[string]any{"langs": strings.Join(mute, ", "), "file": siteFile}))
	}
	return lines
}

// fewOf is the first of many names.
func fewOf(names []string) string {
	if len(names) > firstFew {
		return strings.Join(names[:firstFew], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// devicesCheck is what jeudi run would refuse about the devices of a site on any
// machine.
func devicesCheck(s *site.Site) error {
	if _, err := profileOf(s.Printer); err != nil {
		return err
	}
	if scheme, address, _ := strings.Cut(s.Devices.Printer, ":"); scheme == "escpos" {
		if _, err := opener(address); err != nil {
			return fmt.Errorf("devices.printer: %w", err)
		}
	}
	if s.Devices.Panel == "gpio:" {
		if _, err := wiring(s); err != nil {
			return err
		}
	}
	return nil
}
