package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"jeudi/firmware/voice"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

const voicesUsage = `usage: jeudi voices check [-missing] [FILE]

check says how each language is spoken: by a person's recordings, by the voices
that come with the program, by espeak-ng at run time, or not at all. FILE is the
site's file, whose folder of recordings (texts.voices) is read too.

  -missing
    	list what nothing can say yet, to be recorded: the file that each recording
    	must be in that folder, and what to read aloud, between them a tab
`

func runVoices(args []string, out, errs io.Writer) int {
	if slices.ContainsFunc(args, isHelp) {
		fmt.Fprint(out, voicesUsage)
		return exitOK
	}
	fset := flag.NewFlagSet("voices", flag.ContinueOnError)
	fset.SetOutput(io.Discard)
	missing := fset.Bool("missing", false, "")
	if len(args) == 0 || args[0] != "check" || fset.Parse(args[1:]) != nil || fset.NArg() > 1 {
		fmt.Fprint(errs, voicesUsage)
		return exitUsage
	}
	file := fset.Arg(0)
	s, err := siteFrom(file)
	if err != nil {
		fmt.Fprintln(errs, err)
		return exitFail
	}
	voices, err := siteSpoken(s, file)
	if err != nil {
		fmt.Fprintln(errs, "jeudi voices:", err)
		return exitFail
	}
	coverage := slices.DeleteFunc(voices.Check(), func(c voice.Coverage) bool { return !slices.Contains(s.Languages, c.Lang) })
	if *missing {
		for _, c := range coverage {
			for _, p := range c.Missing {
				fmt.Fprintf(out, "%s/%s\t%s\n", c.Lang, voice.FileName(p.Clip), p.Say)
			}
		}
		return exitOK
	}
	code, lacking := exitOK, false
	fmt.Fprintf(out, "%-8s %-10s %8s %10s %9s %8s\n", "language", "voice", "recorded", "with jeudi", "espeak-ng", "missing")
	for _, c := range coverage {
		state := "yes"
		if !c.Usable {
			state = string(c.Why)
		}
		fmt.Fprintf(out, "%-8s %-10s %8d %10d %9d %8d\n", c.Lang, state, c.Human, c.Rendered, c.Live, len(c.Missing))
		lacking = lacking || len(c.Missing) > 0
		for _, file := range slices.Sorted(maps.Keys(c.Refused)) {
			fmt.Fprintf(errs, "%s: %s: %s\n", c.Lang, file, c.Refused[file])
			code = exitFail
		}
		if len(c.Unknown) > 0 {
			fmt.Fprintf(errs, "%s: no text is called by these recordings: %s\n", c.Lang, strings.Join(c.Unknown, ", "))
			code = exitFail
		}
	}
	if lacking {
		fmt.Fprintln(out, "jeudi voices check -missing lists what is missing, to be recorded")
	}
	return code
}

// siteSpoken are the voices of a site, with its texts and its recordings; an error is
// what is wrong with these.
func siteSpoken(s *site.Site, siteFile string) (*voice.Voices, error) {
	w, err := words.Load()
	if err != nil {
		return nil, err
	}
	w, err = siteTexts(w, s, siteFile)
	recordings, wrong := siteVoices(s, siteFile)
	if err = errors.Join(err, wrong); err != nil {
		return nil, err
	}
	return loadVoices(w, recordings, slog.New(slog.DiscardHandler))
}
