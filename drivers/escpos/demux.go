package escpos

import "jeudi/drivers"

// kind is what a printer's reply answers.
type kind uint8

const (
	realtime kind = iota // DLE EOT n: at once, without a tag
	queued               // GS r or GS I: when everything before it was read
	auto                 // automatic status: four bytes, unasked
	block                // header to NUL: GS I 65.., DLE DC4 8, GS ( H
	full                 // DLE EOT 20 of Custom: six bytes
	junk                 // nothing that a printer says
)

// reply is one answer of the printer.
type reply struct {
	kind kind
	b    byte    // realtime, queued
	asb  [4]byte // auto
	data []byte  // block, without its NUL; full, its last four
}

// maxBlock bounds a block: longer ones are noise.
const maxBlock = 96

// demux sorts the bytes that a printer sends. Which answer a byte belongs to is
// in its fixed bits ("transmission status identification" in the manuals of
// Epson and Citizen): every answer can be told from every other, but for its
// DLE EOT number, so only one of those is asked at a time.
//
// Noise never stops it: after any garbage the next whole answer is understood.
type demux struct {
	asb       []byte
	data      []byte
	full      []byte
	knowsFull bool // the printer is one of Custom's
}

// push takes one byte and reports the answer that it completes.
func (d *demux) push(b byte) (reply, bool) {
	if len(d.full) > 0 {
		d.full = append(d.full, b)
		if len(d.full) < 6 {
			return reply{}, false
		}
		r := reply{kind: full, data: append([]byte(nil), d.full[2:]...)}
		d.full = d.full[:0]
		return r, true
	}
	if b == 0x11 || b == 0x13 {
		return reply{}, false // XON and XOFF may stand anywhere
	}
	if len(d.data) > 0 {
		switch {
		case b == 0:
			r := reply{kind: block, data: d.data}
			d.data = nil
			return r, true
		case b >= 0x20 && len(d.data) < maxBlock:
			d.data = append(d.data, b)
			return reply{}, false
		}
		d.data = nil // not a block after all
	}
	if len(d.asb) > 0 {
		if d.knowsFull && len(d.asb) == 1 && d.asb[0] == 0x10 && b == 0x0f {
			// No automatic status has all four of these bits.
			d.full, d.asb = append(d.full, d.asb[0], b), d.asb[:0]
			return reply{}, false
		}
		if b&0x90 == 0 {
			d.asb = append(d.asb, b)
			if len(d.asb) < 4 {
				return reply{}, false
			}
			r := reply{kind: auto, asb: [4]byte(d.asb)}
			d.asb = d.asb[:0]
			return r, true
		}
		d.asb = d.asb[:0]
	}
	switch {
	case b&0x93 == 0x12:
		return reply{kind: realtime, b: b}, true
	case b&0x93 == 0x10:
		d.asb = append(d.asb, b)
	case b == 0x35, b == 0x37, b == 0x3b, b == 0x3d, b == 0x5f:
		d.data = []byte{b}
	case b&0x90 == 0:
		return reply{kind: queued, b: b}, true
	default:
		return reply{kind: junk, b: b}, true
	}
	return reply{}, false
}

// Bits of the answers.
const (
	offline1   = 0x08 // DLE EOT 1
	cover2     = 0x04 // DLE EOT 2
	paperStop2 = 0x20
	error2     = 0x40
	mechanism3 = 0x04 // DLE EOT 3
	cutter3    = 0x08
	dead3      = 0x20
	cooling3   = 0x40
	nearEnd4   = 0x0c // DLE EOT 4
	paperEnd4  = 0x60
)

// classify names the state that the answers to DLE EOT 1, 2, 3 and 4 speak of.
//
// Some printers say offline and print all the same: without a cause, the
// printer counts as ready and its marker has the last word.
func classify(b2, b3, b4 byte) drivers.Status {
	switch {
	case b2&cover2 != 0:
		return drivers.CoverOpen // the cover first: behind it lies the paper
	case b2&paperStop2 != 0 || b4&paperEnd4 != 0:
		return drivers.NoPaper
	case b2&error2 != 0 && b3&(cutter3|dead3|mechanism3) != 0:
		return drivers.CutterJammed
	case b2&error2 != 0 && b3&cooling3 != 0:
		return drivers.Overheated
	case b4&nearEnd4 != 0:
		return drivers.PaperLow
	}
	return drivers.Ready
}

// classifyASB names the state in an automatic status.
func classifyASB(b [4]byte) drivers.Status {
	switch {
	case b[0]&0x20 != 0:
		return drivers.CoverOpen
	case b[2]&0x0c != 0:
		return drivers.NoPaper
	case b[1]&0x2c != 0:
		return drivers.CutterJammed
	case b[1]&0x40 != 0:
		return drivers.Overheated
	case b[2]&0x03 != 0:
		return drivers.PaperLow
	}
	return drivers.Ready
}

// classifyFull names the state in the last four bytes of a Custom's full status:
// paper, user, and what does and does not mend itself. The bits beyond these
// differ from model to model.
func classifyFull(b []byte) drivers.Status {
	switch {
	case len(b) < 4:
		return drivers.Mute
	case b[1]&0x03 != 0:
		return drivers.CoverOpen
	case b[0]&0x01 != 0:
		return drivers.NoPaper
	case b[3] != 0:
		return drivers.CutterJammed
	case b[2]&0x01 != 0:
		return drivers.Overheated
	case b[0]&0x04 != 0:
		return drivers.PaperLow
	}
	return drivers.Ready
}
