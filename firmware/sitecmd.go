package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
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

const siteUsage = `usage: jeudi site check FILE
       jeudi site new FILE
       jeudi site sample

new asks six questions, in French, and writes a commented site file from their answers.
check reads a site file strictly, and the files that it names beside itself (texts,
voices, routing, rights), and says, line by line, what is wrong with them, or what they
make of ours; it speaks French, as the file does. jeudi run starts without such a file when it is wrong, and says so.
sample prints the commented sample, to begin from.
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
		s, err := site.Load(args[1])
		if err != nil {
			fmt.Fprintln(errs, inFrench(err))
			if errors.Is(err, os.ErrNotExist) {
				return exitUsage
			}
			return exitFail
		}
		err = devicesCheck(s)
		lines, wrong := besideCheck(s, args[1], now.In(s.Zone))
		if err = errors.Join(err, wrong); err != nil {
			for line := range strings.Lines(err.Error()) {
				fmt.Fprintf(errs, "%s: %s\n", args[1], strings.TrimSuffix(line, "\n"))
			}
			return exitFail
		}
		for _, line := range lines {
			fmt.Fprintln(out, line)
		}
		fmt.Fprintf(out, "%s: %s, %d desk(s), %d motifs: good\n", args[1], s.Place.Name, len(s.Desks), len(s.Motifs))
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

// besideCheck reads the files that a site names, and says in a line for each kind
// what they make of ours.
func besideCheck(s *site.Site, siteFile string, now time.Time) (lines []string, err error) {
	ours, err := words.Load()
	if err != nil {
		return nil, err
	}
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
	due := ""
	if n := len(rules.Due(now)); n > 0 {
		check := strings.TrimSpace("jeudi rights check " + beside(siteFile, s.Rights.File))
		due = fmt.Sprintf("; %d to be read again now (%s lists them)", n, check)
	}
	return []string{
		"texts: " + textsLine(ours, texts, s),
		"voices: " + voicesLine(voices.Check(), s),
		"routing: " + cmp.Or(s.Routing, "ours"),
		fmt.Sprintf("rights: %s, %d rules, %d of them off, to be read again before %s%s",
			cmp.Or(s.Rights.File, "ours"), len(rules.List), off, rules.Review.Format(time.DateOnly), due),
	}, nil
}

// firstFew is how many names a line gives before it only counts.
const firstFew = 3

// textsLine is what a site's folder makes of our texts. What its file says of motifs
// and of neighbourhoods is not counted.
func textsLine(ours, texts *words.Catalogue, s *site.Site) string {
	if s.Texts.Folder == "" {
		return "ours"
	}
	said := siteWords(ours, s)
	var parts []string
	for _, lang := range texts.Languages() {
		changed, added := texts.Changed(said, lang), !slices.Contains(ours.Languages(), lang)
		missing := texts.Missing(lang)
		part := fmt.Sprintf("%s: %d changed", lang, len(changed))
		switch {
		case added && len(missing) > 0:
			part = fmt.Sprintf("%s added: %d missing, said in French (%s)", lang, len(missing), fewOf(missing))
		case added:
			part = lang + " added: complete"
		case len(changed) == 0:
			continue
		}
		if !slices.Contains(s.Languages, lang) {
			part += ", but not among the languages of the site"
		}
		parts = append(parts, part)
	}
	return cmp.Or(strings.Join(parts, "; "), s.Texts.Folder+" changes nothing")
}

// voicesLine is how the languages of a site are spoken.
func voicesLine(coverage []voice.Coverage, s *site.Site) string {
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
	line := fmt.Sprintf("%d recordings", recorded)
	if refused > 0 {
		line += fmt.Sprintf(", %d that cannot be used (jeudi voices check names them)", refused)
	}
	if len(mute) > 0 {
		line += fmt.Sprintf("; no voice, and their buttons say so: %s (jeudi voices check -missing lists what to record)", strings.Join(mute, ", "))
	}
	return line
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
