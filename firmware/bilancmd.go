package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"jeudi/firmware/ledger"
	"jeudi/firmware/report"
	"jeudi/firmware/report/html"
	"jeudi/firmware/report/lacoop"
	"jeudi/firmware/report/opendata"
	"jeudi/firmware/report/pdf"
	"jeudi/firmware/report/xlsx"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

const bilanUsage = `usage: jeudi bilan make [-data DIR] [-site FILE] [-from DAY] [-until DAY] -o DIR
       jeudi bilan merge [-site FILE] [-o DIR] FILE…

make writes the bilan of the closed periods that a stopped box keeps. While it runs, a
coordinator has the same at the desk, « Statistiques ». The bilan is compared with as
long a time before, where the box has that.

merge adds released periods of many boxes and years, from the files bilan.json and
bilan.zip that make and the desk write, or folders of them. Margins add up. A period that is there twice,
and two of one box that overlap, are refused with the names of their files; so is a sum,
which does not say what it holds. Without -o the sum is printed as JSON.

Both write the bilan as a page, PDF, spreadsheet, CSV and JSON, with what describes it
to a portal of open data; and lacoop.json, which has the field names of La Coop's
statistics. A bilan of more than 100 periods does not list them in bilan.json, and is
not merged again.

  -data DIR    the data folder of a box (data)
  -site FILE   the site file: its names, costs and neighbourhoods
  -from DAY    only periods that begin on this day or later, as 2026-01-01
  -until DAY   only periods that end on this day or before, as 2026-06-30
  -o DIR       the folder to write into; it is made
`

func runBilan(args []string, out, errs io.Writer) int {
	if slices.ContainsFunc(args, isHelp) {
		fmt.Fprint(out, bilanUsage)
		return exitOK
	}
	if len(args) == 0 || args[0] != "make" && args[0] != "merge" {
		fmt.Fprint(errs, bilanUsage)
		return exitUsage
	}
	fset := flag.NewFlagSet("bilan", flag.ContinueOnError)
	fset.SetOutput(errs)
	fset.Usage = func() { fmt.Fprint(errs, bilanUsage) }
	siteFile, to := fset.String("site", "", ""), fset.String("o", "", "")
	data, from, until := "data", "", ""
	if args[0] == "make" {
		fset.StringVar(&data, "data", data, "")
		fset.StringVar(&from, "from", "", "")
		fset.StringVar(&until, "until", "", "")
	}
	if err := fset.Parse(args[1:]); err != nil {
		return usageCode(err)
	}
	say := func(code int, err error) int {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(errs, "jeudi bilan %s: %s\n", args[0], strings.TrimSuffix(line, "\n"))
		}
		return code
	}
	var err error
	var now, before []report.Release
	if args[0] == "make" {
		switch {
		case fset.NArg() > 0:
			return say(exitUsage, fmt.Errorf("unexpected %q; all settings are flags", fset.Arg(0)))
		case *to == "":
			return say(exitUsage, errors.New("-o names the folder to write into"))
		}
		if from, until, err = days(from, until); err != nil {
			return say(exitUsage, err)
		}
		all, err := keptReleases(data)
		if err != nil {
			return say(exitFail, err)
		}
		if now = report.Within(all, from, until); len(now) == 0 {
			return say(exitFail, fmt.Errorf("no closed period lies whole between these days, of %d in %s; a period is closed at the desk, « Statistiques »", len(all), data))
		}
		before = report.Previous(all, now)
	} else {
		if fset.NArg() == 0 {
			return say(exitUsage, errors.New("no file to add"))
		}
		if now, err = mergeable(fset.Args()); err != nil {
			return say(exitFail, err)
		}
	}
	whole, err := report.Add(now)
	if err != nil {
		return say(exitFail, err)
	}
	if *to == "" {
		sum, err := json.MarshalIndent(whole, "", "  ")
		if err != nil {
			return say(exitFail, err)
		}
		fmt.Fprintf(out, "%s\n", sum)
		return exitOK
	}
	place, err := bilanSite(*siteFile)
	if err != nil {
		return say(exitFail, err)
	}
	files, err := bilanFiles(now, before, place)
	if err == nil {
		err = writeFiles(*to, files)
	}
	if err != nil {
		return say(exitFail, err)
	}
	fmt.Fprintf(out, "%s : %d fichiers, de %d période(s), du %s au %s\n", *to, len(files), len(now), whole.From, report.LastDay(whole.Until))
	return exitOK
}

// days reads the first and the last day of a bilan, and gives them as a Release has them.
func days(from, last string) (string, string, error) {
	for _, d := range []struct{ flag, day string }{{"-from", from}, {"-until", last}} {
		if _, err := time.Parse(time.DateOnly, d.day); d.day != "" && err != nil {
			return "", "", fmt.Errorf("%s is a day such as 2026-06-30, not %q", d.flag, d.day)
		}
	}
	if last == "" {
		return from, "", nil
	}
	day, _ := time.Parse(time.DateOnly, last)
	until := day.AddDate(0, 0, 1).Format(time.DateOnly)
	if from >= until {
		return "", "", fmt.Errorf("-until %s is before -from %s", last, from)
	}
	return from, until, nil
}

// keptReleases are those of a stopped box. A folder that has no ledger is not given one.
func keptReleases(data string) ([]report.Release, error) {
	if _, err := os.Stat(filepath.Join(data, "ledger.db")); err != nil {
		return nil, fmt.Errorf("%s is no data folder of a box; choose another with -data: %w", data, err)
	}
	l, _, err := ledger.Open(data)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return l.Releases()
}

// source is a released period and the file that it is from.
type source struct {
	file string
	report.Release
}

// mergeable reads released periods from files and folders, and refuses what would be
// counted twice.
func mergeable(paths []string) ([]report.Release, error) {
	files, err := bilansIn(paths)
	if err != nil {
		return nil, err
	}
	read, wrong := make([][]report.Release, len(files)), make([]error, len(files))
	// Reading is most of the work, and ten thousand boxes are a country.
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				read[i], wrong[i] = readReleases(files[i])
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	wg.Wait()
	var all []source
	for i, list := range read {
		for _, r := range list {
			all = append(all, source{files[i], r})
		}
	}
	if err := errors.Join(append(wrong, twice(all)...)...); err != nil {
		return nil, err
	}
	releases := make([]report.Release, len(all))
	for i, s := range all {
		releases[i] = s.Release
	}
	return releases, nil
}

// bilansIn are files, and those of folders that end in .json or .zip but for what stands
// beside a bilan.json.
func bilansIn(paths []string) (files []string, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		if err := filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
			beside := []string{opendata.SchemaName, opendata.PackageName, lacoopName}
			if err == nil && d.Type().IsRegular() && slices.Contains([]string{".json", ".zip"}, filepath.Ext(at)) && !slices.Contains(beside, d.Name()) {
				files = append(files, at)
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, errors.New("no .json and no .zip there")
	}
	return files, nil
}

// mostReleases is how many periods a bilan names, some 25 years of quarters; and
// maxBilan bounds the file of one, in bytes.
const (
	mostReleases = 100
	maxBilan     = 16 << 20
)

// readBilan reads a file, or the bilan.json of the zip that the desk gives.
func readBilan(file string) ([]byte, error) {
	var r io.ReadCloser
	var err error
	if filepath.Ext(file) == ".zip" {
		var z *zip.ReadCloser
		if z, err = zip.OpenReader(file); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		defer z.Close()
		if r, err = z.Open(opendata.JSONName); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	} else if r, err = os.Open(file); err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxBilan+1))
	if err == nil && len(data) > maxBilan {
		err = fmt.Errorf("%s: larger than 16 MB; is it the right file?", file)
	}
	return data, err
}

// readReleases reads the released periods of a bilan, of a list, or a single one.
func readReleases(file string) ([]report.Release, error) {
	data, err := readBilan(file)
	if err != nil {
		return nil, err
	}
	var list []report.Release
	if start := bytes.TrimLeft(data, " \t\r\n"); bytes.HasPrefix(start, []byte("[")) {
		err = json.Unmarshal(data, &list)
	} else {
		var one struct {
			report.Release
			Releases []report.Release `json:"releases"`
		}
		err = json.Unmarshal(data, &one)
		if list = one.Releases; list == nil {
			list = []report.Release{one.Release}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: no released period; the desk gives them in bilan.json (%w)", file, err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: it does not say which periods it was made from; give the files of these", file)
	}
	for _, r := range list {
		if err := releasable(r); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return list, nil
}

// releasable reports what is wrong with a period that somebody gives us.
func releasable(r report.Release) error {
	switch {
	case r.Version == 0:
		return errors.New("no released period; the desk gives them in bilan.json")
	case r.ID == "" || r.Box == "":
		return errors.New("a sum, which does not say what it holds; give the files that it was made from")
	}
	for _, t := range r.Tables {
		for _, q := range t.Questions {
			n := 0
			for _, c := range q.Answers {
				if c.N < 0 {
					return fmt.Errorf("%s, question %s: a count of %d; the file was changed", t.Kind, q.Key, c.N)
				}
				n += c.N
			}
			if n != t.Total {
				return fmt.Errorf("%s, question %s: its answers add up to %d, not to %d; the file was changed", t.Kind, q.Key, n, t.Total)
			}
		}
	}
	return nil
}

// twice names the files of what would be counted twice.
func twice(all []source) (wrong []error) {
	byID := map[string]source{}
	byBox := map[string][]source{}
	for _, s := range all {
		if first, known := byID[s.ID]; known {
			wrong = append(wrong, fmt.Errorf("%s: the same period as in %s (%s, from %s); leave one out", s.file, first.file, s.Place, s.From))
			continue
		}
		byID[s.ID] = s
		byBox[s.Box] = append(byBox[s.Box], s)
	}
	for _, list := range byBox {
		slices.SortStableFunc(list, func(a, b source) int { return strings.Compare(a.From, b.From) })
		latest := list[0]
		for _, s := range list[1:] {
			if s.From < latest.Until {
				wrong = append(wrong, fmt.Errorf("%s: overlaps with %s of the same box (%s, until %s); leave one out", s.file, latest.file, latest.Place, report.LastDay(latest.Until)))
			}
			if s.Until > latest.Until {
				latest = s
			}
		}
	}
	slices.SortFunc(wrong, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return wrong
}

// bilanSite is what the bilan knows of the place, nothing without a site file.
func bilanSite(file string) (report.Site, error) {
	texts, err := words.Load()
	if err != nil {
		return report.Site{}, err
	}
	if file == "" {
		return siteOfBilan(nil, texts), nil
	}
	s, err := site.Load(file)
	if err != nil {
		return report.Site{}, err
	}
	return siteOfBilan(s, texts), nil
}

// lacoopName is the file with La Coop's field names.
const lacoopName = "lacoop.json"

// bilanFiles are all the files of a bilan, by name: what people read, and what machines
// do. bilan.json has the released periods that it was made from, to be merged again.
func bilanFiles(now, before []report.Release, place report.Site) (map[string][]byte, error) {
	b, err := report.Compose(now, before, place)
	if err != nil {
		return nil, err
	}
	if len(b.Releases) > mostReleases {
		b.Releases = nil
	}
	whole, err := report.Add(now)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{opendata.PDFName: pdf.Bilan(b), opendata.HTMLName: html.Bilan(b)}
	if files[opendata.XLSXName], err = xlsx.Bilan(b); err != nil {
		return nil, err
	}
	if files[lacoopName], err = lacoop.Statistics(whole); err != nil {
		return nil, err
	}
	open, err := opendata.Files(b)
	if err != nil {
		return nil, err
	}
	for _, f := range open {
		files[f.Name] = f.Data
	}
	return files, nil
}

// writeFiles writes files into a folder, which is made. One that is there is replaced.
func writeFiles(folder string, files map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("%w; choose another with -o", err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(folder, name), files[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}
