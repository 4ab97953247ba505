package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"jeudi/firmware/routing"
	"jeudi/firmware/words"
)

const wordsUsage = `usage: jeudi words [LANG]

Prints the texts in a language as a file to copy into the folder of the site's own
texts (texts.folder) and to change, with a note for each that says what it is for.
Without LANG it is fr: French, the source, has all texts, those of the staff too. In
every other language it is what visitors read, for staff read French. What the language
does not have yet is in French, to be translated:

  jeudi words pl > textes/pl.json

A text that is not changed may be taken out; jeudi site check reads the file.
`

func runWords(args []string, out, errs io.Writer) int {
	lang := words.French
	switch {
	case slices.ContainsFunc(args, isHelp):
		fmt.Fprint(out, wordsUsage)
		return exitOK
	case len(args) == 1 && args[0] != "" && !strings.HasPrefix(args[0], "-"):
		lang = args[0]
	case len(args) > 0:
		fmt.Fprint(errs, wordsUsage)
		return exitUsage
	}
	c, err := words.Load()
	if err != nil {
		fmt.Fprintln(errs, "jeudi", err)
		return exitFail
	}
	file, err := c.Sample(lang)
	if err != nil {
		fmt.Fprintln(errs, "jeudi", err) // it begins with words:
		return exitUsage
	}
	out.Write(file)
	return exitOK
}

const routingUsage = `usage: jeudi routing sample

sample prints the rules of who receives whom that come with jeudi, as a file to begin
from. A site names its own with routing = "FILE"; jeudi site check reads it.
`

func runRouting(args []string, out, errs io.Writer) int {
	switch {
	case slices.ContainsFunc(args, isHelp):
		fmt.Fprint(out, routingUsage)
		return exitOK
	case len(args) == 1 && args[0] == "sample":
		out.Write(routing.Embedded())
		return exitOK
	}
	fmt.Fprint(errs, routingUsage)
	return exitUsage
}
