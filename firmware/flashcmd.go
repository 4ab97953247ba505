package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"jeudi/firmware/words"
	"jeudi/provisioning/card"
	"jeudi/provisioning/flash"
	"jeudi/provisioning/site"
	"jeudi/provisioning/update"
)

const flashUsage = `usage: jeudi flash [-disk DISK] [-site FILE] [-yes] [-keep] IMAGE
       (or -list, or -only-site -site FILE, or -manifest [-url URL] IMAGE)

Writes the image of a box on a card, on Linux, macOS and Windows. It shows the disks that
can be a card, and why the others cannot; asks which one, and whether all that is on it may
go; writes; reads every byte back from the card; puts the site file on it; ejects it.
A card whose writing did not end starts nowhere: begin again.

IMAGE may be packed with xz, zstd or gzip. When they lie beside it, NAME.bmap says which
parts have to be written, and SHA256SUMS what it has to be.

  -disk DISK    the card, as -list shows it, or a regular file in its place
  -site FILE    a site file (jeudi site sample, jeudi site new); without one the box asks
  -only-site    leave the system of a card as it is, and change its site file
  -key FILE     the project's public key: SHA256SUMS has to be signed with it, and name the image
  -yes          write without a question; needs -disk
  -keep         do not eject
  -list         show the disks, and write nothing
  -manifest     print a manifest, to open the image with Raspberry Pi Imager
  -url URL      where Imager fetches it from; without it, from where it lies now
`

// flashing is what jeudi flash has of the computer it runs on.
type flashing struct {
	disks func(context.Context) ([]flash.Disk, error)
	open  func(context.Context, flash.Disk) (openCard, error)
	eject func(context.Context, flash.Disk) error
	now   func() time.Time
	lines bool // progress as lines, not as one line that changes
	in    *bufio.Scanner
	out   io.Writer
	texts *words.Catalogue
}

type openCard interface {
	flash.Card
	io.Closer
}

func runFlash(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	f := flashing{
		disks: flash.Disks,
		open: func(ctx context.Context, d flash.Disk) (openCard, error) {
			c, err := flash.Open(ctx, d)
			if err != nil {
				return nil, err // not a nil card in an interface
			}
			return c, nil
		},
		eject: flash.Eject, now: time.Now, lines: !onTerminal(out), in: bufio.NewScanner(in), out: out,
	}
	return f.run(ctx, args, errs)
}

// onTerminal reports whether somebody reads what is printed while it is printed.
func onTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (f *flashing) run(ctx context.Context, args []string, errs io.Writer) int {
	if slices.ContainsFunc(args, isHelp) {
		fmt.Fprint(f.out, flashUsage)
		return exitOK
	}
	fset := flag.NewFlagSet("flash", flag.ContinueOnError)
	fset.SetOutput(errs)
	fset.Usage = func() { fmt.Fprint(errs, flashUsage) }
	var (
		disk     = fset.String("disk", "", "")
		siteFile = fset.String("site", "", "")
		url      = fset.String("url", "", "")
		key      = fset.String("key", "", "")
		onlySite = fset.Bool("only-site", false, "")
		yes      = fset.Bool("yes", false, "")
		keep     = fset.Bool("keep", false, "")
		list     = fset.Bool("list", false, "")
		manifest = fset.Bool("manifest", false, "")
	)
	if err := fset.Parse(args); err != nil {
		return usageCode(err)
	}
	images := 1
	if *list || *onlySite {
		images = 0
	}
	wrong := ""
	switch {
	case fset.NArg() > images && images == 1:
		wrong = fmt.Sprintf("unexpected %q; flags come before the one image", fset.Arg(1))
	case fset.NArg() > images:
		wrong = fmt.Sprintf("unexpected %q; this needs no image", fset.Arg(0))
	case fset.NArg() < images:
		fmt.Fprint(errs, flashUsage)
		return exitUsage
	case *onlySite && *siteFile == "":
		wrong = "-only-site needs -site FILE"
	case *yes && *disk == "":
		wrong = "-yes needs -disk DISK: nobody would see which card it is"
	case *key != "" && (*list || *onlySite):
		wrong = "-key is for an image"
	case *url != "" && !*manifest:
		wrong = "-url is for -manifest"
	}
	if wrong != "" {
		fmt.Fprintf(errs, "jeudi flash: %s\n", wrong)
		return exitUsage
	}
	var err error
	if f.texts, err = words.Load(); err != nil {
		fmt.Fprintf(errs, "jeudi flash: %v\n", err)
		return exitFail
	}
	switch {
	case *manifest:
		err = f.manifest(ctx, fset.Arg(0), *url)
	case *list:
		var disks []flash.Disk
		if disks, err = f.disks(ctx); err == nil {
			f.show(disks, 0)
		}
	default:
		err = f.write(ctx, job{image: fset.Arg(0), disk: *disk, siteFile: *siteFile, key: *key, yes: *yes, keep: *keep})
	}
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		err = errors.New(f.say("flash.stopped", nil))
	}
	fmt.Fprintln(errs, f.sentence(err))
	return exitFail
}

func (f *flashing) say(key string, args map[string]any) string {
	return f.texts.Text(words.French, key, args)
}

// tell prints a sentence.
func (f *flashing) tell(key string, args map[string]any) { fmt.Fprintln(f.out, f.say(key, args)) }

// errNo is that somebody answered no.
var errNo = errors.New("not confirmed")

// sentence is an error as a technician reads it.
func (f *flashing) sentence(err error) string {
	var refusal *flash.Refusal
	var faults site.Errors
	switch {
	case errors.As(err, &refusal):
		return f.say(refusal.Key, refusal.Args)
	case errors.As(err, &faults):
		return f.say("flash.site_wrong", nil) + "\n" + faults.InFrench()
	case errors.Is(err, errNo):
		return f.say("flash.not_confirmed", nil)
	}
	return f.say("flash.failed", map[string]any{"why": err.Error()})
}

// A job is what was asked for.
type job struct {
	image, disk, siteFile string // without an image, only the site file is written
	key                   string // "" when nobody asked who made the image
	yes, keep             bool
}

func (f *flashing) write(ctx context.Context, j job) error {
	// All that can be wrong is found before a card is touched.
	var files []flash.File
	if j.siteFile != "" {
		s, err := site.Load(j.siteFile)
		if err != nil {
			return err
		}
		if files, err = siteFiles(s, j.siteFile); err != nil {
			return err
		}
		f.tell("flash.site_good", map[string]any{"place": s.Place.Name})
	} else {
		f.tell("flash.site_none", nil)
	}
	var img *flash.Image
	var need int64
	if j.image != "" {
		var err error
		if img, err = flash.OpenImage(j.image); err != nil {
			return err
		}
		need = img.Bytes
		key := "flash.image"
		if img.Published() {
			key = "flash.image_sum"
		}
		if j.key != "" {
			if err := signed(img, j.key); err != nil {
				return err
			}
			key = "flash.image_signed"
		}
		f.tell(key, map[string]any{"file": filepath.Base(j.image), "size": flash.Size(need), "write": flash.Size(img.Mapped())})
	}

	var d flash.Disk
	var c openCard
	if info, err := os.Stat(j.disk); j.disk != "" && err == nil && info.Mode().IsRegular() {
		d = flash.Disk{Path: j.disk, Name: j.disk}
		if err := f.confirm(j, d); err != nil {
			return err
		}
		if c, err = flash.OpenFile(j.disk); err != nil {
			return err
		}
	} else {
		if d, err = f.choose(ctx, j.disk, need); err != nil {
			return err
		}
		if err := f.confirm(j, d); err != nil {
			return err
		}
		// Between the question and the answer somebody may have changed the card.
		if d, err = f.still(ctx, d, need); err != nil {
			return err
		}
		if c, err = f.open(ctx, d); err != nil {
			return err
		}
	}
	begun := f.now()
	var err error
	if img == nil {
		err = flash.PutSite(ctx, c, files)
	} else {
		meter := meter{f: f}
		err = flash.Write(ctx, img, c, flash.Options{Bytes: d.Bytes, Site: files, Say: meter.say})
		meter.end()
	}
	if err = errors.Join(err, c.Close()); err != nil {
		return err
	}
	f.tell("flash.done", map[string]any{"took": took(f.now().Sub(begun))})
	if d.Bytes == 0 || j.keep {
		return nil
	}
	if f.eject(ctx, d) != nil {
		f.tell("flash.eject_yourself", nil)
		return nil
	}
	f.tell("flash.ejected", nil)
	return nil
}

// signed holds the list of hashes beside an image to the key that a technician has. The
// image itself is held to the list while it is written.
func signed(img *flash.Image, keyFile string) error {
	key, err := readPublic(keyFile)
	if err != nil {
		return err
	}
	signature, err := os.ReadFile(filepath.Join(filepath.Dir(img.Path), flash.Sums+".minisig"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if img.Sums == nil || !update.Signed(img.Sums, signature, key) {
		return &flash.Refusal{Key: "flash.not_signed", Args: map[string]any{"file": filepath.Base(img.Path)}}
	}
	return nil
}

// siteFiles are a site file, under the name that a box looks for, and what it names beside
// itself.
func siteFiles(s *site.Site, file string) ([]flash.File, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	files := []flash.File{{Name: card.SiteFile, Text: text}}
	dir := os.DirFS(filepath.Dir(file))
	seen := map[string]bool{}
	for _, name := range s.Beside() {
		err := fs.WalkDir(dir, name, func(at string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || seen[at] {
				return err
			}
			seen[at] = true
			text, err := fs.ReadFile(dir, at)
			files = append(files, flash.File{Name: at, Text: text})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// show prints the disks as a table: those that can be a card with a number.
func (f *flashing) show(disks []flash.Disk, need int64) []flash.Disk {
	var good []flash.Disk
	var refused []string
	fmt.Fprintln(f.out)
	for _, d := range flash.Sorted(disks, need) {
		what := strings.Join(slices.DeleteFunc([]string{d.Path, d.Name, sizeOf(d), d.Bus, strings.Join(d.Mounted, ", ")},
			func(s string) bool { return s == "" }), "   ")
		if r := flash.Judge(d, need); r != nil {
			refused = append(refused, fmt.Sprintf("      %s\n        → %s", what, f.say(r.Key, r.Args)))
			continue
		}
		if len(good) == 0 {
			f.tell("flash.cards", nil)
		}
		good = append(good, d)
		fmt.Fprintf(f.out, "  %2d  %s\n", len(good), what)
	}
	if len(good) == 0 {
		f.tell("flash.no_card", nil)
	}
	if len(refused) > 0 {
		f.tell("flash.others", nil)
		fmt.Fprintln(f.out, strings.Join(refused, "\n")+"\n")
	}
	return good
}

func sizeOf(d flash.Disk) string {
	if d.Bytes == 0 {
		return ""
	}
	return flash.Size(d.Bytes)
}

// choose is the disk that was named, or that somebody chooses now.
func (f *flashing) choose(ctx context.Context, named string, need int64) (flash.Disk, error) {
	for {
		disks, err := f.disks(ctx)
		if err != nil {
			return flash.Disk{}, err
		}
		if named != "" {
			for _, d := range disks {
				if d.Path != named {
					continue
				}
				if r := flash.Judge(d, need); r != nil {
					return d, r
				}
				return d, nil
			}
			return flash.Disk{}, &flash.Refusal{Key: "flash.refuse_unknown", Args: map[string]any{"disk": named}}
		}
		good := f.show(disks, need)
		fmt.Fprint(f.out, f.say("flash.which", nil)+" ")
		if !f.in.Scan() {
			return flash.Disk{}, cmp.Or(f.in.Err(), errNo)
		}
		switch answer := strings.TrimSpace(f.in.Text()); answer {
		case "q", "Q":
			return flash.Disk{}, errNo
		case "": // somebody has put the card in, or wants to look again
		default:
			if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(good) {
				return good[n-1], nil
			}
			f.tell("flash.no_number", map[string]any{"answer": answer})
		}
	}
}

// confirm asks whether all that is on a disk may go.
func (f *flashing) confirm(j job, d flash.Disk) error {
	if j.yes {
		return nil
	}
	key := "flash.confirm"
	if j.image == "" {
		key = "flash.confirm_site"
	}
	fmt.Fprint(f.out, f.say(key, map[string]any{"disk": strings.Join(slices.DeleteFunc([]string{d.Path, d.Name, sizeOf(d)},
		func(s string) bool { return s == "" }), ", ")})+" ")
	if !f.in.Scan() || !strings.EqualFold(strings.TrimSpace(f.in.Text()), "oui") {
		return cmp.Or(f.in.Err(), errNo)
	}
	return nil
}

// still is the disk as it is now, if it is the one that was agreed to.
func (f *flashing) still(ctx context.Context, agreed flash.Disk, need int64) (flash.Disk, error) {
	disks, err := f.disks(ctx)
	if err != nil {
		return flash.Disk{}, err
	}
	for _, d := range disks {
		if d.Path == agreed.Path && d.Name == agreed.Name && d.Bytes == agreed.Bytes {
			if r := flash.Judge(d, need); r != nil {
				return d, r
			}
			return d, nil
		}
	}
	return flash.Disk{}, &flash.Refusal{Key: "flash.changed", Args: map[string]any{"disk": agreed.Path}}
}

func (f *flashing) manifest(ctx context.Context, path, url string) error {
	img, err := flash.OpenImage(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	day := info.ModTime()
	// What a build makes says the day of its source: https://reproducible-builds.org/specs/source-date-epoch/
	if s, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		day = time.Unix(s, 0)
	}
	text, err := flash.Manifest(ctx, img, flash.Release{Version: version, Day: day, URL: url})
	if err != nil {
		return err
	}
	_, err = f.out.Write(text)
	return err
}

// A meter prints how far the work is: for a person at a terminal one line that changes, a
// few times a second; elsewhere a line for each tenth.
type meter struct {
	f     *flashing
	step  flash.Step
	begun time.Time // of the step
	last  time.Time // something was printed
	tenth int64
	open  bool // the line is not ended
}

func (m *meter) say(p flash.Progress) {
	const often = 250 * time.Millisecond
	now := m.f.now()
	if p.Step != m.step {
		m.end()
		m.step, m.begun, m.last, m.tenth = p.Step, now, time.Time{}, -1
	}
	tenth := int64(0)
	if p.Of > 0 {
		tenth = 10 * p.Done / p.Of
	}
	switch {
	case m.f.lines && tenth != m.tenth:
		fmt.Fprintln(m.f.out, m.line(p, now))
	case !m.f.lines && (now.Sub(m.last) >= often || p.Of > 0 && p.Done == p.Of):
		const clear = "\x1b[K" // to the end of the line; Windows 10 knows it too
		fmt.Fprint(m.f.out, "\r"+m.line(p, now)+clear)
		m.open = true
	default:
		return
	}
	m.last, m.tenth = now, tenth
}

// line is one step as it stands: « Écriture 43 %, 478 Mo sur 1,1 Go, 21 Mo/s, reste 29 s ».
func (m *meter) line(p flash.Progress, now time.Time) string {
	key := map[flash.Step]string{flash.StepProbe: "flash.step_probe", flash.StepWrite: "flash.step_write",
		flash.StepVerify: "flash.step_verify", flash.StepSite: "flash.step_site", flash.StepFinish: "flash.step_finish"}[p.Step]
	name := m.f.say(key, nil)
	if p.Of == 0 || p.Step == flash.StepProbe {
		return name
	}
	parts := []string{fmt.Sprintf("%s %d\u00a0%%", name, 100*p.Done/p.Of),
		m.f.say("flash.of", map[string]any{"done": flash.Size(p.Done), "of": flash.Size(p.Of)})}
	if ran := now.Sub(m.begun); ran >= time.Second && p.Done > 0 {
		speed := float64(p.Done) / ran.Seconds()
		parts = append(parts, flash.Size(int64(speed))+"/s")
		if p.Done < p.Of {
			left := time.Duration(float64(p.Of-p.Done) / speed * float64(time.Second))
			parts = append(parts, m.f.say("flash.left", map[string]any{"time": took(left)}))
		}
	}
	return strings.Join(parts, ", ")
}

// end ends the line that changes.
func (m *meter) end() {
	if m.open {
		fmt.Fprintln(m.f.out)
	}
	m.open = false
}

// took is a time as people say it: 48 s, 2 min 05 s.
func took(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s < 60 {
		return fmt.Sprintf("%d s", s)
	}
	return fmt.Sprintf("%d min %02d s", s/60, s%60)
}
