package flash

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	// A FAT file system in Go: no system lets a program write to a partition of a disk that
	// it has open, and mounting differs on each. It is written to in memory.
	"github.com/diskfs/go-diskfs/backend"
	"github.com/diskfs/go-diskfs/filesystem"
	"github.com/diskfs/go-diskfs/filesystem/fat16"
	"github.com/diskfs/go-diskfs/filesystem/fat32"

	"jeudi/provisioning/card"
)

// siteMost is how much a site file may have with all that it names, in bytes. The start
// partition has 64 MiB, and a box takes as much; half of it leaves room for the next site.
const siteMost = 30 << 20

// putSite writes site files to the start partition of a card, and proves it. The
// partition is changed in memory, and only what differs is written.
func putSite(ctx context.Context, c Card, p card.Partition, files []File) error {
	all := 0
	for _, f := range files {
		all += len(f.Text)
	}
	if all > siteMost {
		return refuse("flash.site_large", nil)
	}
	before := aligned(int(p.Bytes()))
	if err := readAll(c, before, p.Offset()); err != nil {
		return err
	}
	part := &memory{data: bytes.Clone(before)}
	vol, err := openFAT(part)
	if err != nil {
		return fmt.Errorf("flash: the start partition: %w", err)
	}
	for _, f := range files {
		if err := replace(vol, f); err != nil {
			return fmt.Errorf("flash: writing %s: %w", f.Name, err)
		}
	}
	// What was wrong with the last site file is not said of this one.
	if _, err := fs.Stat(vol, card.ErrorFile); err == nil {
		if err := vol.Remove(card.ErrorFile); err != nil {
			return fmt.Errorf("flash: removing %s: %w", card.ErrorFile, err)
		}
	}
	part.forgetFree()
	var written []proof
	buf := aligned(sector)
	for at := 0; at < len(before); at += sector {
		if now := part.data[at : at+sector]; !bytes.Equal(now, before[at:at+sector]) {
			copy(buf, now)
			if err := writeAt(c, buf, p.Offset()+int64(at)); err != nil {
				return err
			}
			written = append(written, proof{p.Offset() + int64(at), sector, sha256.Sum256(now)})
		}
	}
	return verify(ctx, c, written, func(Progress) {})
}

// readAll reads a partition by pieces.
func readAll(c Card, b []byte, at int64) error {
	for n := 0; n < len(b); n += piece {
		if _, err := c.ReadAt(b[n:min(n+piece, len(b))], at+int64(n)); err != nil {
			return fmt.Errorf("flash: reading the start partition: %w", err)
		}
	}
	return nil
}

// openFAT opens what the image has: FAT32, or FAT16 for one that was made small.
func openFAT(m *memory) (filesystem.FileSystem, error) {
	if len(m.data) < card.SectorBytes || m.data[510] != 0x55 || m.data[511] != 0xaa {
		return nil, errors.New("there is no file system")
	}
	// A FAT32 has no sectors of FAT in the field where all others have them.
	if binary.LittleEndian.Uint16(m.data[22:]) == 0 {
		// mtools writes the FSINFO sector and leaves what was between its fields: nobody looks
		// there but this library and fsck, for two zeros before the signature at its end.
		if info := m.info(); info != nil {
			info[508], info[509] = 0, 0
		}
		return fat32.Read(m, int64(len(m.data)), 0, card.SectorBytes)
	}
	return fat16.Read(m, int64(len(m.data)), 0, card.SectorBytes)
}

// info is the FSINFO sector of a FAT32, nil without one.
func (m *memory) info() []byte {
	at := int(binary.LittleEndian.Uint16(m.data[48:])) * card.SectorBytes
	if binary.LittleEndian.Uint16(m.data[22:]) != 0 || at == 0 || at+card.SectorBytes > len(m.data) {
		return nil
	}
	return m.data[at : at+card.SectorBytes]
}

// forgetFree says that the number of free clusters is to be counted, since the library
// takes no cluster from it.
func (m *memory) forgetFree() {
	if info := m.info(); info != nil {
		binary.LittleEndian.PutUint32(info[488:], 0xffffffff)
	}
}

// replace writes a file, over one of that name, with the folders that lead to it.
func replace(vol filesystem.FileSystem, file File) error {
	if !fs.ValidPath(file.Name) || file.Name == "." {
		return errors.New("this is no name of a file")
	}
	if dir := path.Dir(file.Name); dir != "." {
		if err := vol.Mkdir(dir); err != nil {
			return err
		}
	}
	if _, err := fs.Stat(vol, file.Name); err == nil {
		if err := vol.Remove(file.Name); err != nil {
			return err
		}
	}
	f, err := vol.OpenFile(file.Name, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return err
	}
	if _, err := f.Write(file.Text); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// memory is a partition in memory, as go-diskfs wants its disks.
type memory struct {
	data []byte
	at   int64
}

var _ backend.Storage = (*memory)(nil)

func (m *memory) ReadAt(b []byte, at int64) (int, error) {
	if at < 0 || at >= int64(len(m.data)) {
		return 0, io.EOF
	}
	n := copy(b, m.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memory) WriteAt(b []byte, at int64) (int, error) {
	if at < 0 || at+int64(len(b)) > int64(len(m.data)) {
		return 0, errors.New("beyond the end of the partition")
	}
	return copy(m.data[at:], b), nil
}

func (m *memory) Read(b []byte) (int, error) {
	n, err := m.ReadAt(b, m.at)
	m.at += int64(n)
	return n, err
}

func (m *memory) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += m.at
	case io.SeekEnd:
		offset += int64(len(m.data))
	}
	if offset < 0 {
		return 0, errors.New("before the beginning of the partition")
	}
	m.at = offset
	return offset, nil
}

func (m *memory) Close() error                            { return nil }
func (m *memory) Sys() (*os.File, error)                  { return nil, backend.ErrNotSuitable }
func (m *memory) Writable() (backend.WritableFile, error) { return m, nil }
func (m *memory) Path() string                            { return "" }
func (m *memory) Stat() (fs.FileInfo, error)              { return memoryInfo(len(m.data)), nil }

// memoryInfo is the size of a partition in memory, as a file would say it.
type memoryInfo int

func (memoryInfo) Name() string       { return "" }
func (i memoryInfo) Size() int64      { return int64(i) }
func (memoryInfo) Mode() fs.FileMode  { return 0 }
func (memoryInfo) ModTime() time.Time { return time.Time{} }
func (memoryInfo) IsDir() bool        { return false }
func (memoryInfo) Sys() any           { return nil }
