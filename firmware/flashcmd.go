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

const flashUsage = `usage: jeudi flash [-disk DISQUE] [-site FICHIER] [-yes] [-keep] IMAGE
       (ou -list, ou -only-site -site FICHIER, ou -manifest [-url ADRESSE] IMAGE)

Écrit l’image d’une borne sur une carte, sous Linux, macOS et Windows. La commande montre les
disques qui peuvent être une carte, et pourquoi les autres sont refusés. Elle demande lequel, et
si tout ce qu’il contient peut être effacé. Elle écrit, relit chaque octet sur la carte, y met
la fiche du lieu, puis l’éjecte. Une carte dont l’écriture s’est arrêtée ne démarre pas :
recommencez.

IMAGE peut être comprimée avec xz, zstd ou gzip. À côté d’elle, NOM.bmap dit les parties à
écrire. SHA256SUMS dit ce qu’elle doit être : elle y est comparée avant la première écriture.
Les options vont avant IMAGE.

  -disk DISQUE   la carte, comme -list la montre, ou un fichier ordinaire à sa place
  -site FICHIER  la fiche du lieu (jeudi site new l’écrit) ; sans elle, la borne pose ses questions
  -only-site     garder le système d’une carte, et changer sa fiche du lieu
  -key FICHIER   la clé publique du projet : elle doit avoir signé SHA256SUMS, qui nomme l’image
  -yes           écrire sans question ; il faut -disk
  -keep          ne pas éjecter
  -list          montrer les disques, sans rien écrire
  -manifest      écrire un fichier qui ouvre l’image dans Raspberry Pi Imager
  -url ADRESSE   où Imager la prendra ; sans elle, là où elle est maintenant
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
	var err error
	if f.texts, err = words.Load(); err != nil {
		fmt.Fprintf(errs, "jeudi flash: %v\n", err)
		return exitFail
	}
	fset := flag.NewFlagSet("flash", flag.ContinueOnError)
	fset.SetOutput(io.Discard) // flag speaks English
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
		fmt.Fprintf(errs, "jeudi flash : %s\n\n%s", f.mistake(err), flashUsage)
		return exitUsage
	}
	images := 1
	if *list || *onlySite {
		images = 0
	}
	wrong := ""
	switch {
	case fset.NArg() > images && images == 1:
		wrong = f.say("flash.use_order", map[string]any{"word": fset.Arg(1)})
	case fset.NArg() > images:
		wrong = f.say("flash.use_no_image", map[string]any{"word": fset.Arg(0)})
	case fset.NArg() < images:
		fmt.Fprint(errs, flashUsage)
		return exitUsage
	case *onlySite && *siteFile == "":
		wrong = f.say("flash.use_only_site", nil)
	case *yes && *disk == "":
		wrong = f.say("flash.use_yes", nil)
	case *key != "" && (*list || *onlySite):
		wrong = f.say("flash.use_key", nil)
	case *url != "" && !*manifest:
		wrong = f.say("flash.use_url", nil)
	}
	if wrong != "" {
		fmt.Fprintf(errs, "jeudi flash : %s\n", wrong)
		return exitUsage
	}
	switch {
	case *manifest:
		err = f.manifest(ctx, fset.Arg(0), *url, errs)
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
		fmt.Fprintln(errs, f.say("flash.stopped", nil))
		return exitFail
	}
	fmt.Fprintln(errs, f.sentence(err))
	return exitFail
}

func (f *flashing) say(key string, args map[string]any) string {
	return f.texts.Text(words.French, key, args)
}

// tell prints a sentence.
func (f *flashing) tell(key string, args map[string]any) { fmt.Fprintln(f.out, f.say(key, args)) }

// mistake is what is wrong with the flags: package flag says it in English alone.
func (f *flashing) mistake(err error) string {
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: "); ok {
		return f.say("flash.use_unknown", map[string]any{"flag": name})
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag needs an argument: "); ok {
		return f.say("flash.use_value", map[string]any{"flag": name})
	}
	return err.Error()
}

// absent is an error as it was, or, for a file that somebody named and that is not there,
// what to do about it.
func absent(err error, key, file string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &flash.Refusal{Key: key, Args: map[string]any{"file": file}}
	}
	return err
}

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
		if err != nil && j.image == "" {
			return absent(err, "site.absent", j.siteFile)
		}
		if err != nil {
			return absent(err, "flash.site_absent", j.siteFile)
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
			return absent(err, "flash.image_absent", j.image)
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
		meter := meter{f: f}
		err = img.Check(ctx, meter.say)
		meter.end()
		if err != nil {
			return err
		}
	}

	var d flash.Disk
	var c openCard
	if info, err := os.Stat(j.disk); j.disk != "" && err == nil && info.Mode().IsRegular() {
		d = flash.Disk{Path: j.disk}
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
		return absent(err, "flash.key_absent", keyFile)
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

// manifest prints the manifest alone; what it does meanwhile, a technician reads beside it.
func (f *flashing) manifest(ctx context.Context, path, url string, errs io.Writer) error {
	img, err := flash.OpenImage(path)
	if err != nil {
		return absent(err, "flash.image_absent", path)
	}
	fmt.Fprintln(errs, f.say("flash.manifest_reading", map[string]any{"file": filepath.Base(path)}))
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
	key := map[flash.Step]string{flash.StepCheck: "flash.step_check", flash.StepProbe: "flash.step_probe", flash.StepWrite: "flash.step_write",
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
