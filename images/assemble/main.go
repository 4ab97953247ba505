// Command assemble is the part of images/build that a shell does badly: it joins Debian's
// root with ours into one tar, and puts the partitions of the card together.
//
// It promises that the same input gives the same bytes: nothing here asks for the time, the
// machine or the order of a folder.
package main

import (
	"fmt"
	"io"
	"os"

	"jeudi/provisioning/card"
)

const usage = `assemble: what images/build is made with.

  assemble root EPOCH PRUNE DEBIAN.tar [FOLDER=/where …]   Debian's tar without what PRUNE names, then the folders, as one tar
  assemble modules LIST FROM TO                            the wanted modules of lib/modules/VERSION, with what they need
  assemble blank FILE MIB                                  a file of untouched blocks, to make a file system in
  assemble clear FROM TO                                   the file system with zeros instead, without its untouched end
  assemble others LIST TREE TO                             the licences of what of others is in our tree, see images/others
  assemble sbom EPOCH VERSION ROOT.tar KERNELS SUMS JEUDI OTHERS OUT
                                                           what is on the card: OUT.cdx.json and OUT.packages
  assemble guides EPOCH KIOSK-UI OUT.zip                   the guides as a box serves them, to read without one
  assemble autoboot                                        autoboot.txt of a new card
  assemble check BOOT START SQUASHFS                       whether what no test can start is as a Pi wants it
  assemble card OUT.img START BOOT OTHER ROOT DATA         the card, its .bmap beside it; OTHER is an empty boot set
`

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "assemble:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	switch {
	case len(args) >= 4 && args[0] == "root":
		return rootCommand(args[1:], out)
	case len(args) == 7 && args[0] == "card":
		return cardCommand(args[1:])
	case len(args) == 4 && args[0] == "modules":
		return modulesCommand(args[1], args[2], args[3], out)
	case len(args) == 4 && args[0] == "others":
		return othersCommand(args[1], args[2], args[3])
	case len(args) == 9 && args[0] == "sbom":
		return sbomCommand(args[1], args[2], args[3], args[4], args[5], args[6], args[7], args[8])
	case len(args) == 4 && args[0] == "guides":
		return guidesCommand(args[1], args[2], args[3])
	case len(args) == 1 && args[0] == "autoboot":
		_, err := out.Write(card.AutoBootText(card.SlotA))
		return err
	case len(args) == 4 && args[0] == "check":
		return checkCommand(args[1], args[2], args[3])
	case len(args) == 3 && args[0] == "blank":
		return blankCommand(args[1], args[2])
	case len(args) == 3 && args[0] == "clear":
		return clearCommand(args[1], args[2])
	}
	return fmt.Errorf("%q is no command\n\n%s", args, usage)
}
