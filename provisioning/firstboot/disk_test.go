package firstboot

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

// memory is a disk in memory.
type memory []byte

func (m memory) ReadAt(b []byte, at int64) (int, error) {
	if at >= int64(len(m)) {
		return 0, io.EOF
	}
	n := copy(b, m[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (m memory) WriteAt(b []byte, at int64) (int, error) {
	n := copy(m[at:], b)
	if n < len(b) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

func (m memory) Sync() error { return nil }

// cutDisk takes some writes and then none.
type cutDisk struct {
	Disk
	writes int
}

func (c *cutDisk) WriteAt(b []byte, at int64) (int, error) {
	if c.writes <= 0 {
		return 0, errors.New("cut")
	}
	c.writes--
	return c.Disk.WriteAt(b, at)
}

func noise(n int) memory {
	m := make(memory, n)
	r := rand.NewChaCha8([32]byte{7})
	r.Read(m)
	return m
}

// A cut between any two writes of an erasure leaves it known as begun, until not a byte
// is left.
func TestEraseDiskCut(t *testing.T) {
	const size = 3*pass + 8192
	for writes := 0; ; writes++ {
		d := noise(size)
		copy(d[4096+pass:], make([]byte, pass)) // a stretch that is empty already
		err := EraseDisk(&cutDisk{Disk: d, writes: writes}, size, func(int64, int64) {})
		if err == nil {
			if i := bytes.IndexFunc(d, func(r rune) bool { return r != 0 }); i >= 0 {
				t.Fatalf("byte %d is left", i)
			}
			if writes != 5 { // mark, three stretches that hold something, mark
				t.Errorf("erased in %d writes; want 5: what is empty is not written", writes)
			}
			return
		}
		if writes > 0 && !begun(d) {
			t.Fatalf("cut after %d writes: the erasure is not known", writes)
		}
		if err := EraseDisk(d, size, func(int64, int64) {}); err != nil || begun(d) {
			t.Fatalf("cut after %d writes, then again: %v", writes, err)
		}
	}
}

// dead does not read somewhere.
type dead struct {
	memory
	from, to int64
}

func (d dead) ReadAt(b []byte, at int64) (int, error) {
	if at < d.to && at+int64(len(b)) > d.from {
		return 0, errors.New("input/output error")
	}
	return d.memory.ReadAt(b, at)
}

func TestEraseWritesOverWhatDoesNotRead(t *testing.T) {
	d := noise(2 * pass)
	if err := EraseDisk(dead{d, pass, pass + 512}, 2*pass, func(int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	if !even(d) {
		t.Error("what does not read was left as it was; want it written over")
	}
}

func TestEven(t *testing.T) {
	for _, tt := range []struct {
		b    []byte
		want bool
	}{
		{nil, true}, {[]byte{0}, true}, {[]byte{0xff, 0xff, 0xff}, true}, {[]byte{0, 0, 1}, false},
		{[]byte{0, 0xff}, false}, {[]byte{7, 7, 7}, false}, {make([]byte, 4097), true},
	} {
		if got := even(tt.b); got != tt.want {
			t.Errorf("even(%v) = %v; want %v", tt.b, got, tt.want)
		}
	}
}

func TestRescueAtTheEnd(t *testing.T) {
	const size = 4 << 20
	d := noise(size)
	if _, _, ok := rescued(d, size); ok {
		t.Fatal("noise is taken for a rescue")
	}
	archive := bytes.Repeat([]byte("numbers "), 1000)
	for writes := range 2 {
		if err := putRescue(&cutDisk{Disk: d, writes: writes}, size, archive); err == nil {
			t.Fatal("not cut")
		}
		if _, _, ok := rescued(d, size); ok {
			t.Fatalf("a rescue that was cut after %d writes counts", writes)
		}
	}
	if err := putRescue(d, size, archive); err != nil {
		t.Fatal(err)
	}
	got, err := takeRescue(d, size)
	if err != nil || !bytes.Equal(got, archive) {
		t.Errorf("takeRescue() = %d bytes, %v; want what was put", len(got), err)
	}
	d[size-reserve(size)+5] ^= 1
	if _, err := takeRescue(d, size); err == nil {
		t.Error("a rescue with a wrong byte was taken")
	}
	if err := dropRescue(d, size); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := rescued(d, size); ok || bytes.Contains(d, []byte("numbers numbers")) {
		t.Error("the rescue is still there")
	}
	if err := putRescue(d, size, make([]byte, size)); err == nil {
		t.Error("a rescue larger than its room was taken")
	}
}
