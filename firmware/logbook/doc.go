package logbook

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Markdown is the catalogue for people: firmware/LOG.md.
func Markdown() []byte {
	var b bytes.Buffer
	b.WriteString("# The log\n\nAll that the box writes into its log. `go test ./firmware/logbook -update` writes this file from the catalogue in\n`firmware/logbook`; whatever is not here does not reach the log.\n\n" +
		"A line says nothing of a person: no name, no motif, no answer, no language, no number of a ticket. Of staff it says the\nroles of the desk that ordered something. What stands between quotation marks in an error is left out.\n\n")
	fmt.Fprintf(&b, "The lines of the last %d starts are kept in the folder `log` of the data, %d KiB each at most. « Prêt ? » on the desk\ncopies those that are warnings and errors to a USB stick. Times are of the machine's clock, in the box's first boot before\n`clock/confirmed` or `clock/leapt` off by what that line says.\n\n## Events\n\n| Event | Message | Says | What to do |\n|---|---|---|---|\n", Kept, Most>>10)
	list := Catalogue()
	slices.SortFunc(list, func(x, y Event) int { return cmp.Compare(x.ID, y.ID) })
	for _, e := range list {
		attrs := make([]string, len(e.Attrs))
		for i, a := range e.Attrs {
			attrs[i] = "`" + a + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", e.ID, e.Message, strings.Join(attrs, ", "), e.Do)
	}
	b.WriteString("\n## What they say\n\n| Attribute | Is | Of |\n|---|---|---|\n")
	all := kinds()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, all[name].kind, all[name].what)
	}
	return b.Bytes()
}
