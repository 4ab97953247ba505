package pdf

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-text/typesetting/font"

	"jeudi/drivers/typeset"
)

// fontUse is a font of a document and what of it is used.
type fontUse struct {
	name     string
	tables   map[string][]byte
	upem     float64
	metrics  int // glyphs with an advance of their own; the others have the last one's
	glyphs   map[font.GID]string
	outlines bool // its glyphs are drawn as shapes, since only TrueType is embedded here, and read from a font without any
}

// font returns a face of the setter. The fonts are part of the program, so their
// tables are what they say.
func (d *Doc) font(face int) *fontUse {
	if f := d.fonts[face]; f != nil {
		return f
	}
	file, data := typeset.File(face)
	name, _, _ := strings.Cut(file, ".")
	f := &fontUse{name: name, tables: map[string][]byte{}, glyphs: map[font.GID]string{}}
	for i := range int(binary.BigEndian.Uint16(data[4:])) {
		entry := data[12+16*i:]
		at, size := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		f.tables[string(entry[:4])] = data[at : at+size]
	}
	f.upem = float64(binary.BigEndian.Uint16(f.tables["head"][18:]))
	f.metrics = int(binary.BigEndian.Uint16(f.tables["hhea"][34:]))
	f.outlines = f.tables["glyf"] == nil
	d.fonts[face] = f
	return f
}

// use notes that a glyph is drawn, and for which characters unless they are empty. It
// reports whether the glyph stands for them in the whole document.
func (f *fontUse) use(id font.GID, text string) bool {
	if f.glyphs[id] == "" {
		f.glyphs[id] = text
	}
	return f.glyphs[id] == text
}

// advance is that of the font, in thousandths of its size.
func (f *fontUse) advance(id font.GID) float64 {
	i := min(int(id), f.metrics-1)
	return float64(binary.BigEndian.Uint16(f.tables["hmtx"][4*i:])) * 1000 / f.upem
}

// outlinesOf is where the outline of each glyph begins, and where the last one ends.
func (f *fontUse) outlinesOf() []uint32 {
	loca, n := f.tables["loca"], int(binary.BigEndian.Uint16(f.tables["maxp"][4:]))
	at := make([]uint32, n+1)
	for i := range at {
		if binary.BigEndian.Uint16(f.tables["head"][50:]) == 0 {
			at[i] = 2 * uint32(binary.BigEndian.Uint16(loca[2*i:]))
		} else {
			at[i] = binary.BigEndian.Uint32(loca[4*i:])
		}
	}
	return at
}

// subset is a TrueType file with the outlines of the glyphs that are used, of those
// that they are composed of, and of .notdef. Glyphs keep their numbers.
func (f *fontUse) subset() []byte {
	at, glyf := f.outlinesOf(), f.tables["glyf"]
	keep := map[int]bool{}
	var add func(id int)
	add = func(id int) {
		if keep[id] || id >= len(at)-1 {
			return
		}
		keep[id] = true
		g := glyf[at[id]:at[id+1]]
		if len(g) < 10 || int16(binary.BigEndian.Uint16(g)) >= 0 {
			return
		}
		const words, scaled, more, both, two = 0x1, 0x8, 0x20, 0x40, 0x80
		for g = g[10:]; ; {
			flags := binary.BigEndian.Uint16(g)
			add(int(binary.BigEndian.Uint16(g[2:])))
			size := 6
			if flags&words != 0 {
				size = 8
			}
			switch {
			case flags&scaled != 0:
				size += 2
			case flags&both != 0:
				size += 4
			case flags&two != 0:
				size += 8
			}
			if g = g[size:]; flags&more == 0 {
				return
			}
		}
	}
	add(0)
	for id := range f.glyphs {
		add(int(id))
	}
	var outlines, loca []byte
	for id := range len(at) - 1 {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(outlines)))
		if keep[id] {
			outlines = append(outlines, glyf[at[id]:at[id+1]]...)
			for len(outlines)%4 != 0 {
				outlines = append(outlines, 0)
			}
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(outlines)))
	head := slices.Clone(f.tables["head"])
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	clear(head[8:12])
	tables := map[string][]byte{"glyf": outlines, "head": head, "hhea": f.tables["hhea"], "hmtx": f.tables["hmtx"], "loca": loca, "maxp": f.tables["maxp"]}
	for _, t := range []string{"cvt ", "fpgm", "prep"} {
		if f.tables[t] != nil {
			tables[t] = f.tables[t]
		}
	}
	return sfnt(tables)
}

// sfnt puts tables into a file.
func sfnt(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	power, selector := 1, 0
	for ; power*2 <= len(names); power *= 2 {
		selector++
	}
	file := []byte{0, 1, 0, 0}
	for _, v := range []int{len(names), power * 16, selector, (len(names) - power) * 16} {
		file = binary.BigEndian.AppendUint16(file, uint16(v))
	}
	at := len(file) + 16*len(names)
	var body []byte
	head := 0
	for _, name := range names {
		if name == "head" {
			head = at + len(body)
		}
		file = append(file, name...)
		file = binary.BigEndian.AppendUint32(file, checksum(tables[name]))
		file = binary.BigEndian.AppendUint32(file, uint32(at+len(body)))
		file = binary.BigEndian.AppendUint32(file, uint32(len(tables[name])))
		body = append(body, tables[name]...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	file = append(file, body...)
	binary.BigEndian.PutUint32(file[head+8:], 0xb1b0afba-checksum(file))
	return file
}

func checksum(data []byte) uint32 {
	var sum uint32
	for len(data) > 0 {
		var word [4]byte
		data = data[copy(word[:], data):]
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}

// unicode is the CMap by which text is found and copied.
func (f *fontUse) unicode() []byte {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	var known []font.GID
	for _, id := range slices.Sorted(maps.Keys(f.glyphs)) {
		if f.glyphs[id] != "" {
			known = append(known, id)
		}
	}
	for some := range slices.Chunk(known, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(some))
		for _, id := range some {
			fmt.Fprintf(&b, "<%04X> <%s\n", id, strings.TrimPrefix(textString(f.glyphs[id]), "<FEFF"))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}
