package boltfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"path/filepath"
)

// check reports the first thing about a file (format 2, little endian) that bbolt
// takes for granted and that is not so: the checksum of a header, the length of
// the file, the kinds and numbers of pages, bounds, the order of keys, no page
// used twice. It wraps ErrDamaged, unless it is the disk's. What the values say is
// for their readers.
func check(f io.ReaderAt) error {
	c := checker{f: f, used: make(map[uint64]bool)}
	root, err := c.header()
	if err == nil {
		err = c.tree(root)
	}
	if _, disk := errors.AsType[*fs.PathError](err); err != nil && !disk {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

const (
	pageHeader = 16 // id, kind, count, overflow
	element    = 16 // of a page's list of keys
	branchPage = 1
	leafPage   = 2
	bucketLeaf = 1 // the value is the header of a bucket
	noFreelist = ^uint64(0)
)

type checker struct {
	f     io.ReaderAt
	pages uint64 // those in use; higher numbers do not exist
	used  map[uint64]bool
	last  []byte // key before, in the bucket under way
}

// header is the root page of the newer valid header.
func (c *checker) header() (root uint64, err error) {
	var head [2 * pageSize]byte
	if _, err := c.f.ReadAt(head[:], 0); err != nil {
		return 0, short(err, "shorter than its header")
	}
	le := binary.LittleEndian
	var newest, freelist uint64
	for i := range 2 {
		// Exactly the choice of bbolt, which does not look at the page's own header.
		m := head[i*pageSize+pageHeader:]
		sum := fnv.New64a()
		sum.Write(m[:56])
		if le.Uint32(m) != 0xED0CDAED || le.Uint32(m[4:]) != 2 || le.Uint64(m[56:]) != sum.Sum64() {
			continue
		}
		if size := le.Uint32(m[8:]); size != pageSize {
			return 0, fmt.Errorf("pages of %d bytes", size)
		}
		if tx := le.Uint64(m[48:]); c.pages == 0 || tx > newest {
			newest, root, freelist, c.pages = tx, le.Uint64(m[16:]), le.Uint64(m[32:]), le.Uint64(m[40:])
		}
	}
	switch {
	case c.pages == 0:
		return 0, errors.New("no valid header")
	case freelist != noFreelist:
		return 0, errors.New("a list of free pages that no jeudi writes")
	case c.pages > 1<<32:
		return 0, fmt.Errorf("%d pages", c.pages)
	}
	var end [1]byte
	if _, err := c.f.ReadAt(end[:], int64(c.pages*pageSize-1)); err != nil {
		return 0, short(err, fmt.Sprintf("shorter than its %d pages", c.pages))
	}
	return root, nil
}

// Clean reports whether the pages of a file that nothing leads to hold nothing, as in
// one that was written in a single transaction: neither a value that was replaced, nor
// one that a cut kept from being committed. A file that is damaged has an error, as
// with With.
func Clean(path string) (bool, error) {
	f, err := lock(path)
	if err != nil {
		return false, fmt.Errorf("boltfile: %w", err)
	}
	defer f.Close()
	c := checker{f: f, used: make(map[uint64]bool)}
	root, err := c.header()
	if err == nil {
		err = c.tree(root)
	}
	if err != nil {
		return false, fmt.Errorf("boltfile: %s: %w", filepath.Base(path), err)
	}
	b := make([]byte, pageSize)
	for id := uint64(2); ; id++ {
		n, err := f.ReadAt(b, int64(id*pageSize))
		if n > pageHeader && !c.used[id] && len(bytes.Trim(b[pageHeader:n], "\x00")) > 0 {
			return false, nil
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err == nil, err
		}
	}
}

// short is the damage when a file ends too early, or what the disk said.
func short(err error, damage string) error {
	if errors.Is(err, io.EOF) {
		return errors.New(damage)
	}
	return err
}

// page is a page with those that overflow from it.
func (c *checker) page(id uint64) ([]byte, error) {
	if id < 2 || id >= c.pages {
		return nil, fmt.Errorf("page %d of %d", id, c.pages)
	}
	b := make([]byte, pageSize)
	if _, err := c.f.ReadAt(b, int64(id*pageSize)); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	over := uint64(le.Uint32(b[12:]))
	if le.Uint64(b) != id || over >= c.pages-id {
		return nil, fmt.Errorf("page %d is not itself", id)
	}
	for i := id; i <= id+over; i++ {
		if c.used[i] {
			return nil, fmt.Errorf("page %d used twice", i)
		}
		c.used[i] = true
	}
	if over > 0 {
		b = make([]byte, (over+1)*pageSize)
		if _, err := c.f.ReadAt(b, int64(id*pageSize)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// tree checks a bucket from its root page.
func (c *checker) tree(root uint64) error {
	outer := c.last
	defer func() { c.last = outer }()
	c.last = nil
	return c.node(root, nil, nil)
}

// node checks the pages under one, whose keys are all at least from and below to;
// nil is no limit.
func (c *checker) node(id uint64, from, to []byte) error {
	b, err := c.page(id)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	if le.Uint16(b[8:]) != branchPage {
		return c.leaf(b, from, to)
	}
	count := int(le.Uint16(b[10:]))
	if count == 0 {
		return fmt.Errorf("page %d is empty", id)
	}
	keys := make([][]byte, count+1)
	keys[count] = to
	for i := range count {
		if _, keys[i], _, err = cell(b, i, true); err != nil {
			return err
		}
	}
	for i := range count {
		if len(keys[i]) == 0 || c.last != nil && bytes.Compare(keys[i], c.last) <= 0 || !within(keys[i], from, to) {
			return fmt.Errorf("page %d: keys out of order", id)
		}
		if err := c.node(le.Uint64(b[pageHeader+element*i+8:]), keys[i], keys[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func within(key, from, to []byte) bool {
	return (from == nil || bytes.Compare(key, from) >= 0) && (to == nil || bytes.Compare(key, to) < 0)
}

func (c *checker) leaf(b, from, to []byte) error {
	le := binary.LittleEndian
	if len(b) < pageHeader || le.Uint16(b[8:]) != leafPage {
		return errors.New("neither branch nor leaf")
	}
	for i := range int(le.Uint16(b[10:])) {
		flags, k, v, err := cell(b, i, false)
		if err != nil {
			return err
		}
		if len(k) == 0 || c.last != nil && bytes.Compare(k, c.last) <= 0 || !within(k, from, to) {
			return errors.New("keys out of order")
		}
		c.last = k
		switch flags {
		case 0:
		case bucketLeaf:
			if err := c.bucket(v); err != nil {
				return err
			}
		default:
			return fmt.Errorf("a value of kind %d", flags)
		}
	}
	return nil
}

// bucket checks what a bucket's value leads to: a page, or one inside the value.
func (c *checker) bucket(v []byte) error {
	const header = 16 // root page, sequence
	if len(v) < header {
		return errors.New("a bucket without a header")
	}
	if root := binary.LittleEndian.Uint64(v); root != 0 {
		return c.tree(root)
	}
	outer := c.last
	defer func() { c.last = outer }()
	c.last = nil
	return c.leaf(v[header:], nil, nil)
}

// cell is the i-th element of a page: flags, key and value of a leaf's, the key
// alone of a branch's.
func cell(b []byte, i int, branch bool) (flags uint32, k, v []byte, err error) {
	le := binary.LittleEndian
	at := uint64(pageHeader + element*i)
	if at+element > uint64(len(b)) {
		return 0, nil, nil, errors.New("an element beyond its page")
	}
	e := b[at:]
	var pos, klen, vlen uint64
	if branch {
		pos, klen = uint64(le.Uint32(e)), uint64(le.Uint32(e[4:]))
	} else {
		flags = le.Uint32(e)
		pos, klen, vlen = uint64(le.Uint32(e[4:])), uint64(le.Uint32(e[8:])), uint64(le.Uint32(e[12:]))
	}
	if at+pos+klen+vlen > uint64(len(b)) {
		return 0, nil, nil, errors.New("an element beyond its page")
	}
	return flags, b[at+pos:][:klen:klen], b[at+pos+klen:][:vlen], nil
}
