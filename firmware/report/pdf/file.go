package pdf

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
)

// file is the objects of a document, written one behind the other (ISO 32000-1).
type file struct {
	buf bytes.Buffer
	at  []int // where each begins; the first is number 1
}

// reserve gives a number to an object that is written later.
func (f *file) reserve() int {
	f.at = append(f.at, 0)
	return len(f.at)
}

func (f *file) put(n int, format string, args ...any) {
	f.at[n-1] = f.buf.Len()
	fmt.Fprintf(&f.buf, "%d 0 obj\n"+format+"\nendobj\n", append([]any{n}, args...)...)
}

func (f *file) add(format string, args ...any) int {
	n := f.reserve()
	f.put(n, format, args...)
	return n
}

// stream writes data with a dictionary's entries.
func (f *file) stream(data []byte, entries string) int {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(data) // to memory: neither of them fails
	w.Close()
	return f.add("<</Length %d /Filter /FlateDecode %s>>\nstream\n%s\nendstream", z.Len(), entries, z.Bytes())
}

// Bytes is the file. The document may go on afterwards.
func (d *Doc) Bytes() []byte {
	f := &file{}
	f.buf.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	catalog, pages, tree, parents := f.reserve(), f.reserve(), f.reserve(), f.reserve()

	fonts := map[int]int{}
	for _, face := range slices.Sorted(maps.Keys(d.fonts)) {
		fonts[face] = d.fonts[face].write(f)
	}
	number := map[*Page]int{}
	var kids strings.Builder
	for i, p := range d.pages {
		var used strings.Builder
		for _, face := range slices.Sorted(maps.Keys(p.used)) {
			fmt.Fprintf(&used, "/F%d %d 0 R ", face, fonts[face])
		}
		content := f.stream(p.content.Bytes(), "")
		number[p] = f.add("<</Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Contents %d 0 R /Resources <</Font <<%s>>>> /StructParents %d /Tabs /S>>",
			pages, decimal(p.W), decimal(p.H), content, used.String(), i)
		fmt.Fprintf(&kids, "%d 0 R ", number[p])
	}
	f.put(pages, "<</Type /Pages /Kids [%s] /Count %d>>", kids.String(), len(d.pages))

	d.number(f, d.root)
	d.write(f, d.root, tree, number)
	f.put(tree, "<</Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d>>", d.root.object, parents, len(d.pages))
	var nums strings.Builder
	for i, p := range d.pages {
		fmt.Fprintf(&nums, "%d [", i)
		for _, n := range p.owners {
			fmt.Fprintf(&nums, "%d 0 R ", n.object)
		}
		nums.WriteString("] ")
	}
	f.put(parents, "<</Nums [%s]>>", nums.String())

	outlines := ""
	if len(d.outline) > 0 {
		outlines = fmt.Sprintf("/Outlines %d 0 R /PageMode /UseOutlines", d.outlines(f, number))
	}
	metadata := f.metadata(d.meta)
	f.put(catalog, "<</Type /Catalog /Pages %d 0 R /StructTreeRoot %d 0 R /MarkInfo <</Marked true>> /Lang %s /ViewerPreferences <</DisplayDocTitle true>> /Metadata %d 0 R %s>>",
		pages, tree, textString(d.meta.Lang), metadata, outlines)
	info := f.add("<</Title %s /Author %s /Subject %s /Producer %s>>",
		textString(d.meta.Title), textString(d.meta.Author), textString(d.meta.Subject), textString("Jeudi"))

	id := sha256.Sum256(f.buf.Bytes())
	start := f.buf.Len()
	fmt.Fprintf(&f.buf, "xref\n0 %d\n0000000000 65535 f \n", len(f.at)+1)
	for _, at := range f.at {
		fmt.Fprintf(&f.buf, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&f.buf, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /ID [<%x> <%x>]>>\nstartxref\n%d\n%%%%EOF\n", len(f.at)+1, catalog, info, id[:16], id[:16], start)
	return f.buf.Bytes()
}

// number gives a number to each element.
func (d *Doc) number(f *file, n *node) {
	n.object = f.reserve()
	for _, k := range n.kids {
		if k.node != nil {
			d.number(f, k.node)
		}
	}
}

// write writes elements, each below its parent.
func (d *Doc) write(f *file, n *node, parent int, pages map[*Page]int) {
	var kids, rest strings.Builder
	for _, k := range n.kids {
		if k.node != nil {
			d.write(f, k.node, n.object, pages)
			fmt.Fprintf(&kids, "%d 0 R ", k.node.object)
			continue
		}
		fmt.Fprintf(&kids, "<</Type /MCR /Pg %d 0 R /MCID %d>> ", pages[k.page], k.id)
	}
	if n.Alt != "" {
		fmt.Fprintf(&rest, " /Alt %s", textString(n.Alt))
	}
	if n.Lang != "" {
		fmt.Fprintf(&rest, " /Lang %s", textString(n.Lang))
	}
	if n.Scope != "" {
		fmt.Fprintf(&rest, " /A <</O /Table /Scope /%s>>", n.Scope)
	}
	if n.Tag == "Figure" {
		if box, ok := n.box(); ok {
			fmt.Fprintf(&rest, " /A <</O /Layout /BBox [%s %s %s %s]>>", decimal(box.X), decimal(box.Y), decimal(box.X+box.W), decimal(box.Y+box.H))
		}
	}
	f.put(n.object, "<</Type /StructElem /S /%s /P %d 0 R /K [%s]%s>>", n.Tag, parent, kids.String(), rest.String())
}

// box is the place of a figure on its page, in the coordinates of the file.
func (n *node) box() (Rect, bool) {
	if n.Box == (Rect{}) {
		return Rect{}, false
	}
	for _, k := range n.kids {
		if k.page != nil {
			return Rect{n.Box.X, k.page.H - n.Box.Y - n.Box.H, n.Box.W, n.Box.H}, true
		}
	}
	return Rect{}, false
}

// write embeds a font.
func (u *fontUse) write(f *file) int {
	data, glyphs := []byte(nil), "/Identity"
	if u.outlines {
		// Its text is invisible, over its shapes: every glyph is the empty one of Latin.
		data = New(Meta{}).font(0).subset()
		glyphs = fmt.Sprintf("%d 0 R", f.stream(make([]byte, 2<<16), ""))
	} else {
		data = u.subset()
	}
	sum := sha256.Sum256(data)
	var tag [6]byte // of a subset, by which two of them are told apart
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	name := string(tag[:]) + "+NotoSans-" + strings.ToUpper(u.name[:1]) + u.name[1:]
	embedded := f.stream(data, fmt.Sprintf("/Length1 %d", len(data)))
	head, hhea := u.tables["head"], u.tables["hhea"]
	units := func(table []byte, at int) int {
		return int(float64(int16(binary.BigEndian.Uint16(table[at:]))) * 1000 / u.upem)
	}
	descriptor := f.add("<</Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight 714 /StemV 80 /FontFile2 %d 0 R>>",
		name, units(head, 36), units(head, 38), units(head, 40), units(head, 42), units(hhea, 4), units(hhea, 6), embedded)
	var widths strings.Builder
	for _, id := range slices.Sorted(maps.Keys(u.glyphs)) {
		fmt.Fprintf(&widths, "%d [%s] ", id, decimal(u.advance(id)))
	}
	cid := f.add("<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /CIDToGIDMap %s /DW 1000 /W [%s]>>",
		name, descriptor, glyphs, widths.String())
	unicode := f.stream(u.unicode(), "")
	return f.add("<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>", name, cid, unicode)
}

// outlines writes the bookmarks.
func (d *Doc) outlines(f *file, pages map[*Page]int) int {
	root := f.reserve()
	objects := make([]int, len(d.outline))
	for i := range objects {
		objects[i] = f.reserve()
	}
	// kidsOf is the bookmarks right below the one at i, -1 for the root.
	kidsOf := func(i int) []int {
		level := 0
		if i >= 0 {
			level = d.outline[i].level
		}
		var kids []int
		for j := i + 1; j < len(d.outline) && d.outline[j].level > level; j++ {
			if d.outline[j].level == level+1 {
				kids = append(kids, j)
			}
		}
		return kids
	}
	var list func(i, object int) string
	list = func(i, object int) string {
		kids := kidsOf(i)
		for n, j := range kids {
			b := d.outline[j]
			entries := list(j, objects[j])
			if n > 0 {
				entries += fmt.Sprintf(" /Prev %d 0 R", objects[kids[n-1]])
			}
			if n+1 < len(kids) {
				entries += fmt.Sprintf(" /Next %d 0 R", objects[kids[n+1]])
			}
			f.put(objects[j], "<</Title %s /Parent %d 0 R /Dest [%d 0 R /XYZ null %s null]%s>>",
				textString(b.title), object, pages[b.page], decimal(b.page.H-b.y), entries)
		}
		if len(kids) == 0 {
			return ""
		}
		return fmt.Sprintf(" /First %d 0 R /Last %d 0 R /Count %d", objects[kids[0]], objects[kids[len(kids)-1]], len(kids))
	}
	f.put(root, "<</Type /Outlines%s>>", list(-1, root))
	return root
}

// metadata is what is said of the document in XMP, which is read where the entries of
// old are not.
func (f *file) metadata(m Meta) int {
	esc := html.EscapeString
	x := `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
<dc:language><rdf:Bag><rdf:li>` + esc(m.Lang) + `</rdf:li></rdf:Bag></dc:language>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + esc(m.Title) + `</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>` + esc(cmp.Or(m.Author, "Jeudi")) + `</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">` + esc(m.Subject) + `</rdf:li></rdf:Alt></dc:description>
<pdf:Producer>Jeudi</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`
	return f.add("<</Type /Metadata /Subtype /XML /Length %d>>\nstream\n%s\nendstream", len(x), x)
}
