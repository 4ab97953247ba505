package firstboot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/card"
)

// A Box is the card that the machine started from. The zero paths are those of a box;
// tests have others.
type Box struct {
	Log *slog.Logger
	// Check is what is wrong with a site file, in sentences for whoever wrote it; none for
	// a good one.
	Check    func(file string, text []byte) []string
	UID, GID int // of the box's user, who owns the data and the site
	// Last is done once the data are there, before anybody is told of the start: it may take
	// its time, and show lines with Tell. Its notes are for staff. May be nil.
	Last    func() []Note
	Now     func() time.Time
	SetTime func(time.Time) error
	// Tool runs a program of e2fsprogs; nil is the one of the system.
	Tool func(name string, args ...string) error
	// How a disk is asked to forget a stretch of it, and what a mounted file system does not
	// use; nil is the kernel's way.
	forget func(disk *os.File, at, n int64)
	trim   func(dir string)

	// Where the machine is; "" stands for what a box has.
	SysBlock, Dev, Start, Data, Run, Hint string
	StartFS                               string // "vfat"

	disk    string // "/dev/mmcblk0", once found
	data    Data
	swept   bool // the start partition has nothing of a place
	erased  bool
	mended  bool   // the file system has lost files, or is a new one in the place of a broken one
	owned   bool   // everything in the folders is its owner's
	looked  bool   // the start partition's offer was read, with all its files
	offered *offer // nil for none
	unread  error  // why it was not
	checked bool   // wrong is what is wrong with it
	refused bool
	wrong   []string
	noted   []Note
}

func (b *Box) defaults() {
	for _, d := range []struct {
		field *string
		value string
	}{
		{&b.SysBlock, "/sys/block"}, {&b.Dev, "/dev"}, {&b.Start, card.StartDir}, {&b.Data, card.DataDir},
		{&b.Run, filepath.Dir(card.StewardSoc)}, {&b.Hint, "/run/jeudi.disk"}, {&b.StartFS, "vfat"},
	} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	if b.Now == nil {
		b.Now = time.Now
	}
	if b.Tool == nil {
		b.Tool = run
	}
	if b.forget == nil {
		b.forget = discard
	}
	if b.trim == nil {
		b.trim = trim
	}
	if b.SetTime == nil {
		b.SetTime = func(t time.Time) error {
			tv := unix.NsecToTimeval(t.UnixNano())
			return unix.Settimeofday(&tv)
		}
	}
}

// Prepare does all that a start has to do, and leaves its Outcome in /run.
func (b *Box) Prepare() (Outcome, error) {
	b.defaults()
	err := os.MkdirAll(b.Run, 0o755)
	if err == nil {
		err = os.Chmod(b.Run, 0o755) // whatever the umask
	}
	if err != nil {
		return Outcome{}, fmt.Errorf("firstboot: %w", err)
	}
	out, err := Run(b)
	out.Notes = append(out.Notes, b.noted...)
	out.Wrong = b.wrong
	if out.Data {
		out.Notes = append(out.Notes, b.last()...)
		b.Tell("")
	} else {
		b.Tell("La carte mémoire ne répond plus. Changez-la.")
	}
	raw, e := json.Marshal(out)
	if e == nil {
		e = card.WriteFile(filepath.Join(b.Run, OutcomeFile), raw, 0o644)
	}
	return out, errors.Join(err, e)
}

// last is what Last notes. The box starts whatever happens there.
func (b *Box) last() (notes []Note) {
	if b.Last == nil {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			b.Log.Warn("buttons not looked at", "err", fmt.Errorf("%v", p))
		}
	}()
	return b.Last()
}

// Tell shows one line for people.
func (b *Box) Tell(what string) {
	if what != "" {
		what += "\n"
	}
	name := filepath.Join(b.Run, SplashFile)
	if err := os.WriteFile(name+".new", []byte(what), 0o644); err == nil {
		os.Rename(name+".new", name)
	}
}

// part is the device of a partition: "/dev/mmcblk0p7", "/dev/sda7".
func (b *Box) part(n int) string {
	if last := b.disk[len(b.disk)-1]; last >= '0' && last <= '9' {
		return b.disk + "p" + strconv.Itoa(n)
	}
	return b.disk + strconv.Itoa(n)
}

// tooSmall is what is not worth growing for, in bytes: resize2fs leaves out a last group
// of blocks that would hold little more than its own tables.
const tooSmall = 8 << 20

// Look is what is found now.
func (b *Box) Look() Facts {
	f := Facts{Card: b.disk != ""}
	if !f.Card {
		return f
	}
	f.Start, f.Data, f.Swept, f.Erased = mounted(b.Start), b.data, b.swept, b.erased
	if disk, err := os.Open(b.disk); err == nil {
		if parts, err := card.Read(disk); err == nil {
			f.Room = !slices.Equal(parts, card.Grown(parts, length(disk)))
		}
		disk.Close()
	}
	if f.Start {
		f.Reset = lookFor(os.DirFS(b.Start), card.ResetFile) != ""
	}
	if data, err := os.Open(b.part(card.PartData)); err == nil {
		size := length(data)
		if begun(data) {
			f.Reset = true
		}
		_, _, f.Rescued = rescued(data, size)
		f.Narrow = ext4Size(data) > 0 && size-ext4Size(data) >= tooSmall
		data.Close()
	}
	if f.Data == Mounted {
		f.Folders = b.foldersAre()
		if info, err := os.Stat(filepath.Join(b.Data, ClockFile)); err == nil {
			f.Late = b.Now().Before(info.ModTime())
		}
		f.Offer = b.offer(f.Start)
	}
	return f
}

// offer is what the start partition says about the site.
func (b *Box) offer(start bool) Offer {
	if !start || b.refused {
		return NoOffer
	}
	if !b.looked {
		b.looked = true
		b.offered, b.unread = readOffer(os.DirFS(b.Start))
	}
	o := b.offered
	switch {
	case b.unread != nil:
		b.wrong = []string{"Le fichier " + card.SiteFile + " de la carte ne se lit pas."}
		return BadSite
	case o == nil || o.mark == taken(b.site()):
		return NoOffer
	case !b.checked:
		b.checked, b.wrong = true, b.Check(o.file, o.text)
	}
	if len(b.wrong) > 0 {
		return BadSite
	}
	return GoodSite
}

func (b *Box) site() string { return filepath.Join(b.Data, filepath.Base(card.SiteDir)) }

// folders are those of the data partition, with whose they are.
func (b *Box) folders() []folder {
	return []folder{{filepath.Base(card.BoxDir), b.UID, b.GID}, {filepath.Base(card.SiteDir), b.UID, b.GID}, {filepath.Base(card.UpdateDir), 0, 0}}
}

type folder struct {
	name     string
	uid, gid int
}

func (b *Box) foldersAre() bool {
	for _, d := range b.folders() {
		var st unix.Stat_t
		err := unix.Lstat(filepath.Join(b.Data, d.name), &st)
		if err != nil || st.Mode&unix.S_IFMT != unix.S_IFDIR || st.Mode&0o777 != 0o700 || int(st.Uid) != d.uid || int(st.Gid) != d.gid {
			return false
		}
	}
	return b.owned
}

// Do does one step.
func (b *Box) Do(s Step) error {
	switch s {
	case FindCard:
		return b.findCard()
	case MountStart:
		return b.mountStart()
	case GrowTable:
		return b.growTable()
	case Sweep:
		if err := b.writeStart(sweepStart); err != nil {
			return err
		}
		b.swept, b.noted = true, nil // no form of Imager is left
		return nil
	case Erase:
		return b.erase()
	case ForgetAsk:
		return b.writeStart(func(dir string) error {
			for { // RESET and RESET.txt
				name := lookFor(os.DirFS(dir), card.ResetFile)
				if name == "" {
					return nil
				}
				if err := card.RemoveFile(filepath.Join(dir, name)); err != nil {
					return err
				}
			}
		})
	case CheckData:
		return b.checkData()
	case Rescue:
		return b.rescue()
	case Format:
		return b.format()
	case MountData:
		return b.mountData()
	case Restore:
		return b.restore()
	case GrowData:
		return b.Tool("resize2fs", b.part(card.PartData))
	case Folders:
		return b.makeFolders()
	case SetClock:
		info, err := os.Stat(filepath.Join(b.Data, ClockFile))
		if err != nil {
			return err
		}
		return b.SetTime(info.ModTime())
	case TakeSite:
		return b.takeSite()
	case RefuseSite:
		return b.refuseSite()
	}
	return fmt.Errorf("no such step %q", s)
}

// findCard finds the disk that the machine started from: the one that the first stage has
// named, or the first with our signature, cards before sticks.
func (b *Box) findCard() error {
	var names []string
	if hint, err := os.ReadFile(b.Hint); err == nil {
		names = append(names, filepath.Base(strings.TrimSpace(string(hint))))
	}
	entries, err := os.ReadDir(b.SysBlock)
	if err != nil && len(names) == 0 {
		return err
	}
	var rest []string
	for _, e := range entries {
		rest = append(rest, e.Name())
	}
	slices.SortStableFunc(rest, func(a, b string) int {
		isCard := func(name string) int {
			if strings.HasPrefix(name, "mmcblk") {
				return 0
			}
			return 1
		}
		return isCard(a) - isCard(b)
	})
	for _, name := range append(names, rest...) {
		disk := filepath.Join(b.Dev, name)
		f, err := os.Open(disk)
		if err != nil {
			continue
		}
		_, err = card.Read(f)
		f.Close()
		if err == nil {
			b.disk = disk
			return nil
		}
	}
	return card.ErrNotOurs
}

const careful = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

func (b *Box) mountStart() error {
	if err := os.MkdirAll(b.Start, 0o700); err != nil {
		return err
	}
	err := unix.Mount(b.part(card.PartStart), b.Start, b.StartFS, careful|unix.MS_RDONLY, startOptions(b.StartFS))
	if err != nil {
		return fmt.Errorf("mount the start partition: %w", err)
	}
	for _, name := range leftovers(os.DirFS(b.Start)) {
		b.noted = append(b.noted, Note{Key: NoteLeftover, Args: map[string]any{"file": name}})
	}
	return nil
}

// startOptions keep what lies there from everybody else: a site file may hold the
// passphrase of a network.
func startOptions(kind string) string {
	if kind == "vfat" {
		return "umask=0077"
	}
	return ""
}

// writeStart does something with the start partition writable, for that moment.
func (b *Box) writeStart(do func(dir string) error) error { return WriteStart(b.Start, do) }

// WriteStart does something in the start partition mounted at dir, which is writable for
// that moment alone: what is not mounted for writing, a cut cannot hurt.
func WriteStart(dir string, do func(dir string) error) error {
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|careful, ""); err != nil {
		return fmt.Errorf("open the start partition: %w", err)
	}
	err := do(dir)
	if e := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY|careful, ""); e != nil {
		err = errors.Join(err, fmt.Errorf("close the start partition: %w", e))
	}
	return err
}

// growTable lets the data partition end where the card does. What an earlier box may have
// left behind it is forgotten first, as far as the card forgets.
func (b *Box) growTable() error {
	disk, err := os.OpenFile(b.disk, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer disk.Close()
	parts, err := card.Read(disk)
	if err != nil {
		return err
	}
	grown := card.Grown(parts, length(disk))
	changes, err := card.Changes(disk, grown)
	if err != nil {
		return err
	}
	before, _ := card.Part(parts, card.PartData)
	after, _ := card.Part(grown, card.PartData)
	end := before.Offset() + before.Bytes()
	b.forget(disk, end, after.Offset()+after.Bytes()-end)
	for _, s := range changes {
		if _, err := disk.WriteAt(s.Bytes[:], int64(s.Number)*card.SectorBytes); err != nil {
			return err
		}
		if err := disk.Sync(); err != nil { // one after the other: each state between is sound
			return err
		}
	}
	if err := blkpg(disk, resizePartition, card.PartData, after.Offset(), after.Bytes()); err != nil {
		return fmt.Errorf("tell the kernel: %w", err) // the next start sees it
	}
	return nil
}

// What blkpg tells the kernel, as of linux/blkpg.h.
const (
	addPartition    = 1
	deletePartition = 2
	resizePartition = 3
)

// blkpg tells the kernel about one partition, while others of the disk are in use.
func blkpg(disk *os.File, op int32, number int, start, bytes int64) error {
	type partition struct {
		start, length int64
		number        int32
		_             [2][64]byte // names, which the kernel does not read
		_             [4]byte
	}
	p := partition{start: start, length: bytes, number: int32(number)}
	arg := struct {
		op, flags, length int32
		_                 int32
		data              *partition
	}{op: op, length: int32(unsafe.Sizeof(p)), data: &p}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, disk.Fd(), unix.BLKPG, uintptr(unsafe.Pointer(&arg))); errno != 0 {
		return errno
	}
	return nil
}

// discard asks a disk to forget a stretch of it. Not every disk can, and none has to.
func discard(disk *os.File, at, n int64) {
	if n <= 0 {
		return
	}
	stretch := [2]uint64{uint64(at), uint64(n)}
	unix.Syscall(unix.SYS_IOCTL, disk.Fd(), unix.BLKDISCARD, uintptr(unsafe.Pointer(&stretch)))
}

func (b *Box) erase() error {
	d, err := os.OpenFile(b.part(card.PartData), os.O_RDWR|unix.O_EXCL, 0)
	if err != nil {
		return err
	}
	defer d.Close()
	size := length(d)
	b.forget(d, 4096, size-4096) // the block of the mark stays
	last := -1
	err = EraseDisk(d, size, func(done, of int64) {
		if percent := int(done * 100 / of); percent != last {
			last = percent
			b.Tell(fmt.Sprintf("Effacement des données : %d %%", percent))
		}
		// What was read is not read again: without this the whole card goes through memory.
		unix.Fadvise(int(d.Fd()), 0, done, unix.FADV_DONTNEED)
	})
	if err == nil {
		b.erased, b.data = true, Blank
	}
	return err
}

func (b *Box) checkData() error {
	part := b.part(card.PartData)
	d, err := os.Open(part)
	if err != nil {
		return err
	}
	size := length(d)
	none := ext4Size(d) == 0 && blank(d, size)
	_, _, saved := rescued(d, size)
	over := saved && ext4Size(d) > size-reserve(size)
	d.Close()
	switch {
	case none:
		b.data = Blank
		return nil
	case over:
		// The old one, with the rescue written over its end: however sound a check would
		// find it, files may lie there.
		b.data = Broken
		return nil
	}
	// 1 and 2 are that something was mended.
	for _, how := range [][]string{{"-p"}, {"-f", "-y"}} {
		if err = b.Tool("e2fsck", append(how, part)...); exitCode(err) <= 2 {
			b.data, b.mended = Whole, how[0] == "-f" && exitCode(err) > 0
			return nil
		}
	}
	b.Log.Error("firstboot: the data cannot be mended", "err", err)
	b.data = Broken
	return nil
}

// rescue saves what reads of a broken file system: through the kernel, which takes
// whatever is half sound, or else as debugfs finds it.
func (b *Box) rescue() error {
	part := b.part(card.PartData)
	d, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer d.Close()
	size := length(d)
	most := reserve(size) - rescueBlock
	from := filepath.Join(b.Run, "broken")
	if err := os.MkdirAll(from, 0o700); err != nil {
		return err
	}
	var archive []byte
	saved, lost := 0, 0
	err = unix.Mount(part, from, "ext4", careful|unix.MS_RDONLY, "noload,errors=continue")
	if err == nil {
		archive, saved, lost, err = pack(from, most)
		unix.Unmount(from, unix.MNT_DETACH)
	}
	if err != nil {
		dump := filepath.Join(b.Run, "dump")
		os.RemoveAll(dump)
		if err := os.MkdirAll(dump, 0o700); err != nil {
			return err
		}
		defer os.RemoveAll(dump)
		for _, how := range [][]string{{}, {"-b", "4096", "-s", "32768"}, {"-b", "1024", "-s", "8193"}} {
			args := append(append([]string{"-c"}, how...), "-R", `rdump / "`+dump+`"`, part)
			exec.Command("debugfs", args...).Run() // its exit code says nothing
			if archive, saved, lost, err = pack(dump, most); err == nil {
				break
			}
		}
	}
	os.Remove(from)
	if err != nil {
		return err
	}
	b.Log.Warn("firstboot: saved what reads of the data", "files", saved, "left", lost)
	return putRescue(d, size, archive)
}

func (b *Box) format() error {
	part := b.part(card.PartData)
	d, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	size := length(d)
	if _, _, spare := rescued(d, size); spare {
		size -= reserve(size)
	}
	if b.data == Broken {
		b.mended = true
		if err := b.clearBroken(d, size); err != nil {
			b.Log.Error("firstboot: what the broken data held is not overwritten", "err", err)
		}
	}
	d.Close()
	// Few inodes: the box has some dozen files. The rest of the tables are written when the
	// card has nothing else to do.
	err = b.Tool("mke2fs", "-q", "-F", "-t", "ext4", "-L", "jeudi-data", "-m", "1", "-b", "4096", "-i", "65536",
		"-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", part, strconv.FormatInt(size/1024, 10)+"k")
	if err != nil {
		return err
	}
	b.data = Whole
	return nil
}

// clearBroken overwrites what a broken file system held, as far as it still says where: what
// could be read of it is saved by then, and on the new one nobody would write over the rest
// for years. The card is asked to forget all of it.
func (b *Box) clearBroken(d *os.File, size int64) error {
	from := filepath.Join(b.Run, "broken")
	err := os.MkdirAll(from, 0o700)
	if err == nil {
		err = unix.Mount(b.part(card.PartData), from, "ext4", careful|unix.MS_RDONLY, "noload,errors=continue")
	}
	if err == nil {
		all := stretchesOf(from)
		unix.Unmount(from, 0)
		err = overwrite(d, all, size)
	}
	os.Remove(from)
	b.forget(d, 0, size)
	return err
}

func (b *Box) mountData() error {
	if err := os.MkdirAll(b.Data, 0o755); err != nil {
		return err
	}
	err := unix.Mount(b.part(card.PartData), b.Data, "ext4", careful|unix.MS_NOATIME, "errors=remount-ro")
	if err != nil {
		b.Log.Error("firstboot: the data cannot be mounted", "err", err)
		b.data = Broken // though the check found nothing: it is saved and made anew
		return nil
	}
	b.data = Mounted
	// What a check has found without a name is read by nobody, and would outlive every
	// overwriting; so would a site of before, when a cut kept it from being removed.
	for _, name := range []string{"lost+found", filepath.Base(card.SiteDir) + ".new"} {
		if err := wipe(filepath.Join(b.Data, name)); err != nil {
			b.Log.Error("firstboot: what is read by nobody is not overwritten", "err", err)
		}
	}
	if b.mended {
		b.trim(b.Data)
	}
	return nil
}

func (b *Box) restore() error {
	d, err := os.OpenFile(b.part(card.PartData), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer d.Close()
	size := length(d)
	archive, err := takeRescue(d, size)
	if err == nil {
		err = unpack(archive, b.Data)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(b.Data)
	if err != nil {
		return err
	}
	err = errors.Join(unix.Syncfs(int(dir.Fd())), dir.Close()) // before the only other copy goes
	if err != nil {
		return err
	}
	b.owned = false
	return dropRescue(d, size)
}

// Own gives everything in the box's folders to its owner, as Prepare does: for data that
// were put back since from a folder that is root's.
func (b *Box) Own() error {
	if err := b.makeFolders(); err != nil {
		return fmt.Errorf("firstboot: owners of the data: %w", err)
	}
	return nil
}

func (b *Box) makeFolders() error {
	if err := os.Chmod(b.Data, 0o755); err != nil {
		return err
	}
	for _, d := range b.folders() {
		at := filepath.Join(b.Data, d.name)
		if info, err := os.Lstat(at); err == nil && !info.IsDir() {
			if err := os.Remove(at); err != nil {
				return err
			}
		}
		if err := os.MkdirAll(at, 0o700); err != nil {
			return err
		}
		if err := os.Chmod(at, 0o700); err != nil {
			return err
		}
		// Users are numbered when an image is made: another version may number them anew.
		err := filepath.WalkDir(at, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, d.uid, d.gid)
		})
		if err != nil {
			return err
		}
	}
	b.owned = true
	return card.SyncDir(b.Data)
}

func (b *Box) takeSite() error {
	err := adopt(b.offered, os.DirFS(b.Start), b.site(), func(path string) error { return os.Lchown(path, b.UID, b.GID) })
	if err != nil {
		return err
	}
	if lookFor(os.DirFS(b.Start), card.ErrorFile) == "" {
		return nil
	}
	return b.writeStart(func(dir string) error { return card.RemoveFile(filepath.Join(dir, card.ErrorFile)) })
}

// refuseSite writes what is wrong with the site file beside it, for whoever reads the card
// on a PC. The same text is not written again.
func (b *Box) refuseSite() error {
	b.refused = true
	text := errorText(b.wrong)
	if before, err := os.ReadFile(filepath.Join(b.Start, card.ErrorFile)); err == nil && bytes.Equal(before, text) {
		return nil
	}
	return b.writeStart(func(dir string) error { return card.WriteFile(filepath.Join(dir, card.ErrorFile), text, 0o644) })
}

// mounted reports whether something is mounted on a folder.
func mounted(dir string) bool {
	var here, above unix.Stat_t
	if unix.Stat(dir, &here) != nil || unix.Stat(filepath.Dir(dir), &above) != nil {
		return false
	}
	return here.Dev != above.Dev
}

// length is how long a disk, a partition or a file is, in bytes.
func length(f *os.File) int64 {
	n, err := f.Seek(0, 2)
	if err != nil {
		return 0
	}
	return n
}

// run runs a tool of e2fsprogs. What it says goes into the error.
func run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// exitCode is that of a tool: 0 when it worked, 127 when it could not be started.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return 127
}
