package proof

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
)

// Sector is the unit of a disk that a power cut leaves whole.
const Sector = 512

// Flags of an entry, as in the kernel's dm-log-writes, whose format QEMU's blklogwrites
// has (Documentation/admin-guide/device-mapper/log-writes.rst).
const (
	flagFlush   = 1
	flagFUA     = 2
	flagDiscard = 4
	flagMark    = 8

	logMagic   = 0x6a736677736872
	logVersion = 1
)

// An Entry is something that the guest asked of its disk.
type Entry struct {
	Sector  int64
	Sectors int64
	Flags   uint64
	at      int64 // where its data is in the log
}

// Write reports whether the entry puts data on the disk.
func (e Entry) Write() bool { return e.Sectors > 0 && e.Flags&(flagDiscard|flagMark) == 0 }

// Flush reports whether all that was answered before is durable once it is answered.
func (e Entry) Flush() bool { return e.Flags&flagFlush != 0 }

// A WriteLog is all that a guest wrote to its disk, in the order in which the disk took it.
// It can be read while QEMU still writes it, and when QEMU was killed.
type WriteLog struct {
	Entries []Entry

	from io.ReaderAt
	next int64 // where the next entry will be
}

// OpenLog reads a log of blklogwrites, whose sectors must be of 512 bytes.
func OpenLog(from io.ReaderAt) (*WriteLog, error) {
	var head [Sector]byte
	if err := readFull(from, head[:], 0); err != nil {
		return nil, fmt.Errorf("write log: no head: %w", err)
	}
	if m, v, s := binary.LittleEndian.Uint64(head[0:]), binary.LittleEndian.Uint64(head[8:]), binary.LittleEndian.Uint32(head[24:]); m != logMagic || v != logVersion || s != Sector {
		return nil, fmt.Errorf("write log: magic %#x, version %d, sectors of %d; want %#x, %d, %d", m, v, s, uint64(logMagic), logVersion, Sector)
	}
	l := &WriteLog{from: from, next: Sector}
	return l, l.Follow()
}

// Follow reads what has been added since. The count in the log's head is not looked at:
// QEMU brings it up to date on a flush alone, and the guest may have been killed since.
func (l *WriteLog) Follow() error {
	for {
		var b [32]byte
		if err := readFull(l.from, b[:], l.next); errors.Is(err, io.EOF) {
			return nil // so far
		} else if err != nil {
			return fmt.Errorf("write log: %w", err)
		}
		e := Entry{int64(binary.LittleEndian.Uint64(b[0:])), int64(binary.LittleEndian.Uint64(b[8:])), binary.LittleEndian.Uint64(b[16:]), l.next + Sector}
		if e.Sectors == 0 && e.Flags == 0 {
			return nil // nothing was written there yet
		}
		if e.Sector < 0 || e.Sectors < 0 || e.Sectors > 1<<32 || e.Flags >= 16 {
			return fmt.Errorf("write log: entry %d at %d is none: sector %d, %d sectors, flags %#x", len(l.Entries), l.next, e.Sector, e.Sectors, e.Flags)
		}
		l.next += Sector
		if e.Write() {
			l.next += e.Sectors * Sector
		}
		l.Entries = append(l.Entries, e)
	}
}

// Lie makes the disk one that answers each flush from an entry on and does not do it.
func (l *WriteLog) Lie(from int) {
	for i := range l.Entries[from:] {
		l.Entries[from+i].Flags &^= flagFlush | flagFUA
	}
}

// Len is how many entries there are now: whatever the guest answers from now on, it wrote
// before. An acknowledgement that was received when the log had n entries must survive
// every cut at n or later.
func (l *WriteLog) Len() (int, error) {
	err := l.Follow()
	return len(l.Entries), err
}

func readFull(from io.ReaderAt, b []byte, at int64) error {
	n, err := from.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	return err
}

// How what a disk had not been told to keep is left by a cut.
const (
	Whole   = iota // it reached the disk all the same
	Dropped        // each write did or did not: drawn
	Torn           // the same, and the last one stopped in the middle
	modes
)

// A Cut is a moment at which the power fails: the disk has answered the first At entries.
type Cut struct {
	At   int
	Mode int
	Seed uint64 // what the drawing of Dropped and Torn begins with
}

func (c Cut) String() string {
	return fmt.Sprintf("cut at %d, %s, seed %d", c.At, []string{"whole", "dropped", "torn"}[c.Mode], c.Seed)
}

// Cuts are n moments drawn from the entries from first up to last, ascending, with all modes.
// Where there are too few entries for that, a moment comes twice, with other losses.
func Cuts(n, first, last int, seed uint64) []Cut {
	draw := rand.New(rand.NewPCG(seed, 12))
	cuts := make([]Cut, n)
	for i := range cuts {
		cuts[i] = Cut{first + draw.IntN(last-first+1), i % modes, draw.Uint64()}
	}
	slices.SortFunc(cuts, func(a, b Cut) int { return a.At - b.At })
	return cuts
}

// A piece is what reaches the disk of one write.
type piece struct {
	at   int64 // in bytes, on the disk
	data int64 // in the log
	n    int64 // bytes
}

// durable is how many entries are on the disk whatever is lost of the others: all those up
// to the last flush that was answered.
func (l *WriteLog) durable(at int) int {
	for i := at; i > 0; i-- {
		if l.Entries[i-1].Flush() {
			return i
		}
	}
	return 0
}

// left is what a cut leaves of the writes behind the last flush, in order.
func (l *WriteLog) left(c Cut) []piece {
	draw := rand.New(rand.NewPCG(c.Seed, 7))
	begin := l.durable(c.At)
	var kept []piece
	for i, e := range l.Entries[begin:c.At] {
		// A write that was to be durable by itself is; those before it need not be.
		if !e.Write() || c.Mode != Whole && e.Flags&flagFUA == 0 && draw.IntN(2) == 0 {
			continue
		}
		p := piece{e.Sector * Sector, e.at, e.Sectors * Sector}
		if c.Mode == Torn && begin+i == c.At-1 && e.Flags&flagFUA == 0 {
			p.n = draw.Int64N(e.Sectors+1) * Sector
		}
		kept = append(kept, p)
	}
	// The entry in flight was not answered yet, and may be half there.
	if c.Mode == Torn && c.At < len(l.Entries) && l.Entries[c.At].Write() {
		e := l.Entries[c.At]
		kept = append(kept, piece{e.Sector * Sector, e.at, draw.Int64N(e.Sectors+1) * Sector})
	}
	return kept
}

// A File is where a disk is rebuilt.
type File interface {
	io.ReaderAt
	io.WriterAt
}

// A Replay rebuilds a disk as cuts leave it. The cuts must come in ascending order: what is
// durable at one is so at all that follow.
type Replay struct {
	log  *WriteLog
	disk File // what is durable by now
	done int
}

// NewReplay begins with the disk as it was before the first entry. It is written to.
func NewReplay(l *WriteLog, disk File) *Replay { return &Replay{log: l, disk: disk} }

// Cut gives the disk as the cut leaves it, which stays valid until the next one.
func (r *Replay) Cut(c Cut) (io.ReaderAt, error) {
	if c.At < r.done || c.At > len(r.log.Entries) {
		return nil, fmt.Errorf("replay: %v, after %d of %d entries", c, r.done, len(r.log.Entries))
	}
	for until := r.log.durable(c.At); r.done < until; r.done++ {
		if e := r.log.Entries[r.done]; e.Write() {
			if _, err := io.Copy(io.NewOffsetWriter(r.disk, e.Sector*Sector), io.NewSectionReader(r.log.from, e.at, e.Sectors*Sector)); err != nil {
				return nil, fmt.Errorf("replay: entry %d: %w", r.done, err)
			}
		}
	}
	return &left{r.disk, r.log.from, r.log.left(c)}, nil
}

// left is a disk with some writes over it.
type left struct {
	disk, log io.ReaderAt
	pieces    []piece
}

func (d *left) ReadAt(b []byte, at int64) (int, error) {
	n, err := d.disk.ReadAt(b, at)
	if err != nil && err != io.EOF {
		return n, err
	}
	for _, p := range d.pieces {
		from, to := max(at, p.at), min(at+int64(len(b)), p.at+p.n)
		if from >= to {
			continue
		}
		// A write behind the disk's last sector cannot be: n needs no change.
		if err := readFull(d.log, b[from-at:to-at], p.data+from-p.at); err != nil {
			return n, err
		}
	}
	return n, err
}
