package escpos

import (
	"fmt"
	"slices"
	"testing"

	"jeudi/drivers"
)

func (r reply) String() string {
	switch r.kind {
	case realtime:
		return fmt.Sprintf("realtime %02x", r.b)
	case queued:
		return fmt.Sprintf("queued %02x", r.b)
	case auto:
		return fmt.Sprintf("auto %x", r.asb)
	case full:
		return fmt.Sprintf("full %x", r.data)
	case junk:
		return fmt.Sprintf("junk %02x", r.b)
	}
	return fmt.Sprintf("block %q", r.data)
}

func sort(in []byte) []string {
	var (
		d   demux
		out []string
	)
	for _, b := range in {
		if r, ok := d.push(b); ok {
			out = append(out, r.String())
		}
	}
	return out
}

func TestDemux(t *testing.T) {
	for _, c := range []struct {
		name  string
		given string
		want  []string
	}{
		{"the idle answers", "\x16\x12\x12\x00", []string{"realtime 16", "realtime 12", "realtime 12", "queued 00"}},
		{"every DLE EOT answer there is", "\x12\x16\x1a\x1e\x32\x5a\x7e", []string{
			"realtime 12", "realtime 16", "realtime 1a", "realtime 1e", "realtime 32", "realtime 5a", "realtime 7e"}},
		{"paper is low and a marker", "\x03", []string{"queued 03"}},
		{"an automatic status", "\x18\x00\x0c\x00", []string{"auto 18000c00"}},
		{"XON and XOFF anywhere", "\x13\x18\x11\x00\x13\x0c\x11\x00\x11\x00", []string{"auto 18000c00", "queued 00"}},
		{"an automatic status cut short", "\x14\x00\x16", []string{"realtime 16"}},
		{"two of them, the first cut short", "\x14\x00\x14\x00\x00\x0f", []string{"auto 1400000f"}},
		{"the model", "_TM-T20\x00\x12", []string{`block "_TM-T20"`, "realtime 12"}},
		{"buffers cleared", "\x37\x25\x00\x00", []string{`block "7%"`, "queued 00"}},
		{"printing finished", "\x37\x22abcd\x00", []string{`block "7\"abcd"`}},
		{"a block without an end", "_TM\x16\x00", []string{"realtime 16", "queued 00"}},
		{"noise", "\xff\x80\x90\xf3\x12", []string{"junk ff", "junk 80", "junk 90", "junk f3", "realtime 12"}},
	} {
		if got := sort([]byte(c.given)); !slices.Equal(got, c.want) {
			t.Errorf("%s: % x = %q; want %q", c.name, c.given, got, c.want)
		}
	}
}

func TestDemuxFullStatus(t *testing.T) {
	d := demux{knowsFull: true}
	var out []string
	for _, b := range []byte("\x16\x10\x0f\x05\x13\x00\x37\x14\x00\x0c\x00\x12") {
		if r, ok := d.push(b); ok {
			out = append(out, r.String())
		}
	}
	want := []string{"realtime 16", "full 05130037", "auto 14000c00", "realtime 12"}
	if !slices.Equal(out, want) {
		t.Errorf("a Custom printer says %q; want %q", out, want)
	}
}

func TestClassifyFull(t *testing.T) {
	for _, c := range []struct {
		given string
		want  drivers.Status
	}{
		{"\x00\x00\x00\x00", drivers.Ready},
		{"\x20\x00\x00\x00", drivers.Ready}, // a ticket waits in the mouth
		{"\x04\x00\x00\x00", drivers.PaperLow},
		{"\x05\x00\x00\x00", drivers.NoPaper},
		{"\x05\x02\x00\x00", drivers.CoverOpen},
		{"\x00\x01\x00\x00", drivers.CoverOpen}, // the head is up
		{"\x00\x00\x01\x00", drivers.Overheated},
		{"\x00\x00\x00\x01", drivers.CutterJammed},
		{"", drivers.Mute},
	} {
		if got := classifyFull([]byte(c.given)); got != c.want {
			t.Errorf("classifyFull(% x) = %v; want %v", c.given, got, c.want)
		}
	}
}

func TestClassifyPins(t *testing.T) {
	for _, c := range []struct {
		given byte
		want  drivers.Status
	}{
		{0x18, drivers.Mute}, // many are always so
		{0x00, drivers.Mute},
		{0x38, drivers.NoPaper},
		{0x30, drivers.NoPaper},
		{0x10, drivers.CutterJammed},
	} {
		if got := classifyPins(c.given); got != c.want {
			t.Errorf("classifyPins(%02x) = %v; want %v", c.given, got, c.want)
		}
	}
}

// After any garbage, one NUL brings the demultiplexer back into step: the next
// answers are understood. Flow control changes nothing.
func FuzzDemux(f *testing.F) {
	f.Add([]byte("\x16\x12\x12\x00"))
	f.Add([]byte("\x18\x00\x0c\x00_TM-T20\x00\x37\x25\x00\xff"))
	f.Add([]byte("\x13\x14\x11"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var d demux
		for _, b := range in {
			d.push(b)
			if len(d.data) > maxBlock || len(d.asb) > 3 {
				t.Fatalf("after % x: %d and %d bytes kept; want a bound", in, len(d.data), len(d.asb))
			}
		}
		if r, ok := d.push(0x16); !ok || r.kind != realtime {
			t.Fatalf("after % x, an answer to DLE EOT is %v, %v", in, r, ok)
		}
		if r, ok := d.push(0x00); !ok || r.kind != queued {
			t.Fatalf("after % x, a marker is %v, %v", in, r, ok)
		}
		var flow []byte
		for _, b := range in {
			flow = append(flow, 0x13, b, 0x11)
		}
		if got, want := sort(flow), sort(in); !slices.Equal(got, want) {
			t.Fatalf("with flow control % x is %q; want %q", in, got, want)
		}
	})
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		name       string
		b2, b3, b4 byte
		want       drivers.Status
	}{
		{"all well", 0x12, 0x12, 0x12, drivers.Ready},
		{"nothing but the first answer", 0, 0, 0, drivers.Ready},
		{"near end", 0x12, 0x12, 0x1e, drivers.PaperLow},
		{"paper end by the sensor", 0x12, 0x12, 0x72, drivers.NoPaper},
		{"paper end while printing", 0x32, 0x12, 0x12, drivers.NoPaper},
		{"cover", 0x16, 0x12, 0x12, drivers.CoverOpen},
		{"cover and no paper: the cover comes first", 0x36, 0x12, 0x7e, drivers.CoverOpen},
		{"cutter", 0x52, 0x1a, 0x12, drivers.CutterJammed},
		{"head too hot", 0x52, 0x52, 0x12, drivers.Overheated},
		{"dead", 0x52, 0x32, 0x12, drivers.CutterJammed},
		{"a stale error bit", 0x12, 0x1a, 0x12, drivers.Ready},
		{"fed by its button", 0x1a, 0x12, 0x12, drivers.Ready},
	} {
		if got := classify(c.b2, c.b3, c.b4); got != c.want {
			t.Errorf("%s: classify(%02x, %02x, %02x) = %v; want %v", c.name, c.b2, c.b3, c.b4, got, c.want)
		}
	}
}

func TestClassifyASB(t *testing.T) {
	for _, c := range []struct {
		given [4]byte
		want  drivers.Status
	}{
		{[4]byte{0x14, 0, 0, 0}, drivers.Ready},
		{[4]byte{0x14, 0, 0x03, 0}, drivers.PaperLow},
		{[4]byte{0x1c, 0, 0x0f, 0}, drivers.NoPaper},
		{[4]byte{0x3c, 0, 0x0c, 0}, drivers.CoverOpen},
		{[4]byte{0x1c, 0x08, 0, 0}, drivers.CutterJammed},
		{[4]byte{0x1c, 0x40, 0, 0}, drivers.Overheated},
	} {
		if got := classifyASB(c.given); got != c.want {
			t.Errorf("classifyASB(%x) = %v; want %v", c.given, got, c.want)
		}
	}
}
