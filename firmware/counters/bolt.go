package counters

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
)

// maxFile bounds what is read into memory; the file has some 32 KiB.
const maxFile = 16 << 20

// parseBolt returns the keys and values of the bucket "counts" from the bytes
// of a bbolt file (format 2, pages of 4096 bytes, little endian). It checks
// all that bbolt takes for granted: checksum of the meta page, length of the
// file, kinds and numbers of pages, bounds, order of keys, no page used twice.
func parseBolt(file []byte) (map[string]uint64, error) {
	p := boltParser{file: file, seen: map[uint64]bool{}}
	root, err := p.meta()
	if err != nil {
		return nil, err
	}
	var bucket []byte
	if err := p.tree(root, func(flags uint32, k, v []byte) error {
		if flags != 1 || !bytes.Equal(k, bucketName) || len(v) < 16 {
			return damaged("bucket %q", k)
		}
		bucket = v
		return nil
	}); err != nil {
		return nil, err
	}
	if bucket == nil {
		return nil, damaged("no counters")
	}
	kv := map[string]uint64{}
	leaf := func(flags uint32, k, v []byte) error {
		if flags != 0 || len(k) == 0 || len(v) != 8 {
			return damaged("counter %q of %d bytes", k, len(v))
		}
		kv[string(k)] = binary.BigEndian.Uint64(v)
		return nil
	}
	p.last = nil
	if root := binary.LittleEndian.Uint64(bucket); root != 0 {
		err = p.tree(root, leaf)
	} else { // a small bucket is stored inside its parent
		err = p.leaf(bucket[16:], leaf)
	}
	return kv, err
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrUnreadable}, args...)...)
}

type boltParser struct {
	file  []byte
	pages uint64          // those in use; higher numbers do not exist
	seen  map[uint64]bool // pages already part of a tree
	last  []byte          // key before
}

const (
	pageHeader = 16
	branchFlag = 1
	leafFlag   = 2
)

// meta returns the root page of the newer valid meta page.
func (p *boltParser) meta() (root uint64, err error) {
	le := binary.LittleEndian
	var newest, freelist uint64
	for i := range 2 {
		if len(p.file) < (i+1)*page {
			return 0, damaged("%d bytes", len(p.file))
		}
		// Exactly the choice of bbolt, which does not look at the page's header.
		m := p.file[i*page+pageHeader:]
		if le.Uint32(m) != 0xED0CDAED || le.Uint32(m[4:]) != 2 || le.Uint64(m[56:]) != checksum(m[:56]) {
			continue
		}
		if size := le.Uint32(m[8:]); size != page {
			return 0, damaged("pages of %d bytes", size)
		}
		if tx := le.Uint64(m[48:]); p.pages == 0 || tx > newest {
			newest, root, freelist, p.pages = tx, le.Uint64(m[16:]), le.Uint64(m[32:]), le.Uint64(m[40:])
		}
	}
	if freelist != ^uint64(0) { // NoFreelistSync never writes one
		return 0, damaged("no valid meta page, or a free list on disk")
	}
	if p.pages < 3 || p.pages > uint64(len(p.file))/page {
		return 0, damaged("%d pages in %d bytes", p.pages, len(p.file))
	}
	return root, nil
}

// tree yields the elements of all leaves under a page, in order.
func (p *boltParser) tree(id uint64, yield func(flags uint32, k, v []byte) error) error {
	le := binary.LittleEndian
	if id < 2 || id >= p.pages {
		return damaged("page %d of %d", id, p.pages)
	}
	b := p.file[id*page:]
	over := uint64(le.Uint32(b[12:]))
	if le.Uint64(b) != id || over >= p.pages-id {
		return damaged("page %d", id)
	}
	for i := id; i <= id+over; i++ {
		if p.seen[i] {
			return damaged("page %d used twice", i)
		}
		p.seen[i] = true
	}
	b = b[:(over+1)*page]
	if le.Uint16(b[8:]) != branchFlag {
		return p.leaf(b, yield)
	}
	count := int(le.Uint16(b[10:]))
	if count == 0 {
		return damaged("page %d is empty", id)
	}
	var keys [][]byte
	for i := range count {
		_, k, _, err := element(b, i, true)
		if err != nil {
			return err
		}
		keys = append(keys, k)
	}
	for i, k := range keys {
		if p.last != nil && bytes.Compare(k, p.last) <= 0 {
			return damaged("keys out of order")
		}
		at := pageHeader + 16*i
		if err := p.tree(le.Uint64(b[at+8:]), func(flags uint32, key, v []byte) error {
			if bytes.Compare(key, k) < 0 || i+1 < count && bytes.Compare(key, keys[i+1]) >= 0 {
				return damaged("key in the wrong page")
			}
			return yield(flags, key, v)
		}); err != nil {
			return err
		}
	}
	return nil
}

func (p *boltParser) leaf(b []byte, yield func(flags uint32, k, v []byte) error) error {
	if len(b) < pageHeader || binary.LittleEndian.Uint16(b[8:]) != leafFlag {
		return damaged("not a leaf")
	}
	for i := range int(binary.LittleEndian.Uint16(b[10:])) {
		flags, k, v, err := element(b, i, false)
		if err != nil {
			return err
		}
		if p.last != nil && bytes.Compare(k, p.last) <= 0 {
			return damaged("keys out of order")
		}
		p.last = k
		if err := yield(flags, k, v); err != nil {
			return err
		}
	}
	return nil
}

// element returns the i-th element of a page: flags, key and value of a leaf's,
// the key alone of a branch's.
func element(b []byte, i int, branch bool) (flags uint32, k, v []byte, err error) {
	le := binary.LittleEndian
	at := uint64(pageHeader + 16*i)
	if at+16 > uint64(len(b)) {
		return 0, nil, nil, damaged("element %d beyond its page", i)
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
		return 0, nil, nil, damaged("element %d beyond its page", i)
	}
	k = b[at+pos:][:klen]
	return flags, k, b[at+pos+klen:][:vlen], nil
}

// checksum is the one bbolt keeps in a meta page.
func checksum(b []byte) uint64 {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}
