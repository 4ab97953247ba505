package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jeudi/firmware/boltfile"
)

const dataUsage = `usage: jeudi data show [-data DIR]
       jeudi data erase [-data DIR] [-aside] [-yes]

show names every file of the data folder, with what it holds, whether it concerns a
person, and until when it is kept. It opens none of them, so a box may run meanwhile.
What no version of jeudi puts there is named as such, and the exit code is 1.

erase overwrites every file of jeudi there with zeros, then removes it, once somebody
has typed EFFACER. The box must be stopped. What is not jeudi's stays. A memory card
may hold older copies that no program reaches: destroy a card that leaves for good.

  -data DIR    the data folder of a box (data)
  -aside       erase only what could not be read and was set aside
  -yes         erase without a question
`

// erasure is the word that is typed before data are erased.
const erasure = "EFFACER"

func runData(args []string, in io.Reader, out, errs io.Writer) int {
	if slices.ContainsFunc(args, isHelp) {
		fmt.Fprint(out, dataUsage)
		return exitOK
	}
	if len(args) == 0 || args[0] != "show" && args[0] != "erase" {
		fmt.Fprint(errs, dataUsage)
		return exitUsage
	}
	fset := flag.NewFlagSet("data", flag.ContinueOnError)
	fset.SetOutput(errs)
	fset.Usage = func() { fmt.Fprint(errs, dataUsage) }
	data := fset.String("data", "data", "")
	var aside, yes bool
	if args[0] == "erase" {
		fset.BoolVar(&aside, "aside", false, "")
		fset.BoolVar(&yes, "yes", false, "")
	}
	if err := fset.Parse(args[1:]); err != nil {
		return usageCode(err)
	}
	if fset.NArg() > 0 {
		fmt.Fprintf(errs, "jeudi data %s: unexpected %q; the folder is given with -data\n", args[0], fset.Arg(0))
		return exitUsage
	}
	found, err := readData(*data)
	if err != nil {
		fmt.Fprintf(errs, "jeudi data %s: %v; choose another with -data\n", args[0], err)
		return exitUsage
	}
	if args[0] == "show" {
		return showData(*data, found, out, errs)
	}
	if yes {
		in = strings.NewReader(erasure + "\n")
	}
	return eraseData(*data, found, aside, in, out, errs)
}

// lying is something that lies in the data folder.
type lying struct {
	name   string // from the folder, with slashes
	folder bool
	size   int64
	kept   kept
	known  bool
}

// readData is all that lies in a data folder, by name. A link is not followed, and is
// nothing that jeudi made.
func readData(dir string) ([]lying, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", dir)
	}
	var found []lying
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || at == dir && err == nil {
			return nil // a running box has taken it away meanwhile
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, at)
		if err != nil {
			return err
		}
		l := lying{name: filepath.ToSlash(name), folder: d.IsDir()}
		if info, err := d.Info(); err == nil {
			l.size = info.Size()
		}
		if l.folder || d.Type().IsRegular() {
			l.kept, l.known = keptAs(l.name, l.folder)
		}
		found = append(found, l)
		return nil
	})
	return found, err
}

func showData(dir string, found []lying, out, errs io.Writer) int {
	files, strange := 0, 0
	var size int64
	for _, l := range found {
		if l.folder && l.known {
			continue
		}
		if !l.known {
			strange++
			continue
		}
		files, size = files+1, size+l.size
		fmt.Fprintf(out, "%s  (%s)\n", l.name, octets(l.size))
		fmt.Fprintf(out, "    contient : %s\n    personnes : %s\n    jusqu’à quand : %s\n", l.kept.what, l.kept.person, l.kept.until)
	}
	fmt.Fprintf(out, "%s : %d fichiers, %s\n", dir, files, octets(size))
	for _, l := range found {
		if !l.known {
			fmt.Fprintf(errs, "%s : inconnu. Jeudi ne l’a pas mis là ; déplacez-le.\n", l.name)
		}
	}
	if strange > 0 {
		return exitFail
	}
	return exitOK
}

// octets is a size for people.
func octets(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d Ko", (n+1023)>>10)
	}
	return strings.Replace(fmt.Sprintf("%.1f Mo", float64(n)/(1<<20)), ".", ",", 1)
}

func eraseData(dir string, found []lying, aside bool, in io.Reader, out, errs io.Writer) int {
	var doomed []lying
	for _, l := range found {
		if l.known && !l.folder && (!aside || l.kept.setAside) {
			doomed = append(doomed, l)
			fmt.Fprintf(out, "%s : %s\n", l.name, l.kept.what)
		}
	}
	if len(doomed) == 0 {
		fmt.Fprintf(out, "%s : rien à effacer\n", dir)
		return exitOK
	}
	free, err := holdData(dir)
	if err != nil {
		fmt.Fprintln(errs, "jeudi data erase:", err)
		return exitFail
	}
	defer free()
	fmt.Fprintf(out, "Ces %d fichiers seront écrasés, pour toujours. Pour le faire, tapez %s : ", len(doomed), erasure)
	line, _ := bufio.NewReader(in).ReadString('\n')
	fmt.Fprintln(out)
	if strings.TrimSpace(line) != erasure {
		fmt.Fprintln(errs, "jeudi data erase: nothing was erased")
		return exitFail
	}
	free() // Discard takes each lock itself, and refuses a file that a box has opened since
	for _, l := range doomed {
		if err := boltfile.Discard(filepath.Join(dir, filepath.FromSlash(l.name))); err != nil {
			fmt.Fprintf(errs, "jeudi data erase: %v; what stands before it is erased, start again for the rest\n", err)
			return exitFail
		}
	}
	for _, l := range slices.Backward(found) {
		if l.known && l.folder {
			os.Remove(filepath.Join(dir, filepath.FromSlash(l.name))) // unless something is in it
		}
	}
	fmt.Fprintf(out, "%s : %d fichiers effacés\n", dir, len(doomed))
	fmt.Fprintln(out, "Une carte mémoire garde parfois d’anciennes copies, hors d’atteinte : détruisez celle qui quitte le lieu pour toujours. Déchirez les tickets de clé.")
	return exitOK
}

// holdData keeps every box out of a data folder until it is freed, by the lock of its
// journal, which a box opens first and keeps.
func holdData(dir string) (free func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "journal.db"), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := lockWhole(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("a box is running on %s: stop it first", dir)
	}
	return func() { f.Close() }, nil
}
