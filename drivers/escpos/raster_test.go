package escpos

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"rsc.io/qr"

	"jeudi/drivers"
)

// piece is something that a printer does with paper.
type piece struct {
	kind  string // text, dots, qr, cut, present
	text  []byte
	page  byte
	size  int
	bold  bool
	align byte
	rows  dots
	bands int // of dots joined here
	most  int // bytes of the largest
}

// read takes the bytes of a job apart as strictly as it can: any command that
// this package does not send is an error, as is a command cut short.
func read(b []byte, p Profile) (pieces []piece, err error) {
	var (
		s    = piece{size: 1}
		line []byte
	)
	take := func(n int) []byte {
		if len(b) < n {
			err = fmt.Errorf("cut short, %d bytes of %d left", len(b), n)
			n = len(b)
		}
		out := b[:n]
		b = b[n:]
		return out
	}
	add := func(kind string) *piece {
		k := s
		k.kind = kind
		pieces = append(pieces, k)
		return &pieces[len(pieces)-1]
	}
	for len(b) > 0 && err == nil {
		switch {
		case b[0] == lf:
			take(1)
			add("text").text = line
			if n := len(line) * s.size; n > p.Columns {
				err = fmt.Errorf("%q takes %d columns of %d", line, n, p.Columns)
			}
			line = nil
		case b[0] >= 0x20 && b[0] != 0x7f:
			line = append(line, take(1)...)
		case len(line) > 0:
			err = fmt.Errorf("command % x within the line %q", b[:min(4, len(b))], line)
		case bytes.HasPrefix(b, []byte{esc, '@'}):
			take(2)
			s = piece{size: 1}
		case bytes.HasPrefix(b, []byte{fs, '.'}):
			take(2)
		case bytes.HasPrefix(b, []byte{esc, 't'}):
			s.page = take(3)[2]
		case bytes.HasPrefix(b, []byte{esc, 'a'}):
			s.align = take(3)[2]
		case bytes.HasPrefix(b, []byte{esc, 'E'}):
			s.bold = take(3)[2] == 1
		case bytes.HasPrefix(b, []byte{gs, '!'}):
			n := take(3)[2]
			s.size = int(n&7) + 1
		case bytes.HasPrefix(b, []byte{gs, 'V', 65}), bytes.HasPrefix(b, []byte{gs, 'V', 66}):
			take(4)
			add("cut")
		case bytes.HasPrefix(b, []byte{gs, 'e', 3}):
			take(4)
			add("present")
		case bytes.HasPrefix(b, []byte{gs, 'e', 5}):
			take(3)
			add("present")
		case bytes.HasPrefix(b, []byte{gs, '(', 'k'}):
			h := take(5)
			data := take(int(h[3]) | int(h[4])<<8)
			if bytes.HasPrefix(data, []byte("1P0")) {
				add("qr").text = data[3:]
			}
		case bytes.HasPrefix(b, []byte{gs, 'v', '0', 0}):
			h := take(8)
			width, rows := int(h[4])|int(h[5])<<8, int(h[6])|int(h[7])<<8
			data := take(width * rows)
			switch {
			case width == 0 || rows == 0 || rows > 255 || rows%48 == 0 || width*rows >= 8192:
				err = fmt.Errorf("a band of %d bytes by %d rows", width, rows)
			case width*8 > p.Dots:
				err = fmt.Errorf("a band of %d dots on paper of %d", width*8, p.Dots)
			case s.align != 0:
				err = fmt.Errorf("a band aligned by the printer")
			}
			if len(pieces) == 0 || pieces[len(pieces)-1].kind != "dots" {
				add("dots").rows = dots{stride: p.Dots / 8}
			}
			k := &pieces[len(pieces)-1]
			k.bands, k.most = k.bands+1, max(k.most, len(data))
			for y := 0; y < rows && err == nil; y++ {
				row := make([]byte, p.Dots/8)
				copy(row, data[y*width:(y+1)*width])
				k.rows.bits = append(k.rows.bits, row...)
				k.rows.height++
			}
		default:
			err = fmt.Errorf("unknown command % x", b[:min(6, len(b))])
		}
	}
	if err == nil && len(line) > 0 {
		err = fmt.Errorf("text after the last line feed: %q", line)
	}
	return pieces, err
}

// picture is the dots of a job below each other, as a picture of one bit a dot;
// lines of text, which the printer draws with its own font, are bars of grey.
func picture(pieces []piece, p Profile) *image.Paletted {
	height := 0
	for _, k := range pieces {
		if height += k.rows.height; k.kind == "text" {
			height += lineHeight
		}
	}
	m := image.NewPaletted(image.Rect(0, 0, p.Dots, height), color.Palette{color.White, color.Black, color.Gray{0xd0}})
	y := 0
	for _, k := range pieces {
		if k.kind == "text" {
			for dy := 4; dy < 22; dy++ {
				for x := range min(len(k.text)*charWidth*k.size, p.Dots) {
					m.SetColorIndex(x, y+dy, 2)
				}
			}
			y += lineHeight
		}
		for r := range k.rows.height {
			for x := range p.Dots {
				if k.rows.row(r)[x/8]&(0x80>>(x%8)) != 0 {
					m.SetColorIndex(x, y, 1)
				}
			}
			y++
		}
	}
	return m
}

// goldenPNG compares pixels, since encoders may change.
func goldenPNG(t *testing.T, name string, got *image.Paletted) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		var out bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	want, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	w, ok := want.(*image.Paletted)
	if !ok || w.Rect != got.Rect {
		t.Fatalf("%s changed its size; go test -update, then look at it", name)
	}
	// Processors that multiply and add in one step round an outline otherwise here
	// and there: a dot at its edge may then differ.
	allowed := 0
	if runtime.GOARCH != "amd64" {
		allowed = len(got.Pix) / 1000
	}
	different := 0
	for i := range got.Pix {
		if got.Pix[i] != w.Pix[i] {
			different++
		}
	}
	if different > allowed {
		t.Errorf("%d dots of %s changed; go test -update, then look at it", different, name)
	}
}

// scripts is a line of each script, in the words of a ticket.
func scripts() drivers.Document {
	return drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "42"},
		drivers.Text{Text: "أمامك شخصان. رقمك 42 (القاعة 3)", Size: 2, Bold: true, Lang: "ar", RTL: true},
		drivers.Text{Text: "طُبعت يوم 3 أبريل 2026 على الساعة 14:05. أحضر وثيقة « CAF » أو رسالة France Travail معك، من فضلك.", Lang: "ar", RTL: true},
		drivers.Text{Text: "الهاتف: 01 99 00 12 34 — 12,50 € (٤٢ %)", Lang: "ar", RTL: true},
		drivers.Text{Text: "Bonjour, رقم 12 abc, شكرا !"},
		drivers.Text{Text: "Ваш номер: 42. Перед вами 2 человека. Принесите, пожалуйста, документы.", Lang: "ru"},
		drivers.Text{Text: "உங்கள் எண் 42. தயவுசெய்து காத்திருக்கவும்.", Lang: "ta"},
		drivers.Text{Text: "您的号码是 42。请稍候，前面还有两个人。请带上您的证件和信件。", Lang: "zh"},
		drivers.Text{Text: "המספר שלך הוא 42 (אולם 3)", Lang: "he", RTL: true},
		drivers.Text{Text: "თქვენი ნომერია 42", Lang: "ka"},
		drivers.Text{Text: "Ձեր համարը 42 է", Lang: "hy"},
		drivers.Text{Text: "የእርስዎ ቁጥር 42 ነው።", Lang: "am"},
		drivers.Text{Text: "ⵓⵟⵟⵓⵏ ⵏⵏⴽ 42", Lang: "zgh"},
		drivers.Text{Text: "आपका नंबर 42 है। कृपया प्रतीक्षा करें।", Lang: "hi"},
		drivers.Text{Text: "আপনার নম্বর 42। অনুগ্রহ করে অপেক্ষা করুন।", Lang: "bn"},
		drivers.Text{Text: "Số của bạn là 42. Vui lòng chờ. Łódź, Çağrı, ŵ", Lang: "vi", Bold: true},
		drivers.Text{Text: "Ο αριθμός σας", Lang: "el", Align: drivers.Center},
		drivers.Columns{Cells: []string{"أشخاص", "12"}},
	}}
}

func TestScripts(t *testing.T) {
	for _, p := range []Profile{Generic80(), Generic58()} {
		job := Compose(scripts(), p)
		pieces, err := read(job.Bytes, p)
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		goldenPNG(t, fmt.Sprintf("scripts-%d.png", p.Dots), picture(pieces, p))
		if job.Skipped != 0 || job.Lost != 0 {
			t.Errorf("%s: skipped %d, lost %d; want every script printed", p.Name, job.Skipped, job.Lost)
		}
	}
}

// dotsAlone returns the picture of a document of one block that is dots.
func dotsAlone(t *testing.T, block drivers.Block, p Profile) piece {
	t.Helper()
	p.Blade = 0 // no blank rows behind it
	pieces, err := read(Encode(blocks(block), p), p)
	if err != nil || len(pieces) == 0 || pieces[0].kind != "dots" {
		t.Fatalf("%s: %v, %d pieces; want dots", p.Name, err, len(pieces))
	}
	return pieces[0]
}

// What is printed of an image is that image, dot for dot and in the middle.
func TestImage(t *testing.T) {
	noise := func(width, height, black int) drivers.Bitmap {
		r := rand.New(rand.NewPCG(uint64(width), uint64(height)))
		b := drivers.Bitmap{Width: width, Height: height, Bits: make([]byte, (width+7)/8*height)}
		for i := range b.Bits {
			for bit := range 8 {
				if r.IntN(100) < black {
					b.Bits[i] |= 1 << bit
				}
			}
		}
		return b
	}
	sparse := drivers.Bitmap{Width: 100, Height: 300, Bits: make([]byte, 13*300)}
	for _, y := range []int{0, 40, 41, 45, 120, 299} {
		sparse.Bits[13*y+y%13] = 0x80
	}
	short := noise(64, 40, 50)
	short.Bits = short.Bits[:8*20+3]
	for name, given := range map[string]drivers.Bitmap{
		"a photo": noise(384, 200, 50), "a dot": noise(1, 1, 100), "black": noise(384, 500, 100),
		"between bytes": noise(37, 61, 40), "hairlines": sparse, "48 rows": noise(80, 48, 30), "96 rows": noise(80, 96, 30),
		"bits that lack": short, "white": noise(99, 99, 0), "of the paper's width": noise(384, 9, 50),
	} {
		for _, p := range profiles() {
			got := dotsAlone(t, drivers.Image{Dots: given}, p)
			left := (p.Dots/8 - (given.Width+7)/8) / 2 * 8
			wrong := 0
			for y := range max(got.rows.height, given.Height) {
				for x := range p.Dots {
					black := y < got.rows.height && got.rows.row(y)[x/8]&(0x80>>(x%8)) != 0
					if black != (x-left < given.Width && given.Black(x-left, y)) {
						wrong++
					}
				}
			}
			// Of noise, 1 byte in 256 is a DLE and 3 in 256 make a command of it.
			if most := 1 + len(given.Bits)/2000; wrong > most {
				t.Errorf("%s on %s: %d dots differ; want at most %d", name, p.Name, wrong, most)
			}
			if got.most > bandBytes {
				t.Errorf("%s on %s: a band of %d bytes; want at most %d", name, p.Name, got.most, bandBytes)
			}
		}
	}
}

// Blank rows cost next to nothing, nor does the white right of a drawing.
func TestWhiteIsCheap(t *testing.T) {
	d := drivers.Bitmap{Width: 576, Height: 400, Bits: make([]byte, 72*400)}
	for _, y := range []int{10, 390} {
		d.Bits[72*y] = 0xff
	}
	if n := len(Encode(blocks(drivers.Image{Dots: d}), Generic80())); n > 600 {
		t.Errorf("two short lines 380 rows apart take %d bytes; want 600 at most", n)
	}
}

// A printer obeys real-time commands wherever it meets them, so there are none.
func TestGuard(t *testing.T) {
	for _, c := range []struct {
		name   string
		given  string // from the fifth byte on, data
		header int
		want   string
	}{
		{"DLE EOT", "\x00\x10\x04\x01", 0, "\x00\x18\x04\x01"},
		{"DLE ENQ", "\x10\x05", 0, "\x18\x05"},
		{"DLE DC4", "\x10\x14\x08", 0, "\x18\x14\x08"},
		{"two in a row", "\x10\x10\x04\x10\x05", 0, "\x10\x18\x04\x18\x05"},
		{"over the edge of the header", "\x1dv0\x00\x01\x00\x01\x10\x04\x10\x05", 8, "\x1dv0\x00\x01\x00\x01\x10\x24\x18\x05"},
		{"harmless", "\x10\x03\x04\x10\x06\x10", 0, "\x10\x03\x04\x10\x06\x10"},
	} {
		b := []byte(c.given)
		if guard(b, c.header); string(b) != c.want {
			t.Errorf("%s: guard(% x) = % x; want % x", c.name, c.given, b, c.want)
		}
	}
}

func FuzzGuard(f *testing.F) {
	f.Add([]byte("\x10\x10\x04\x14\x10\x14\x05"))
	f.Fuzz(func(t *testing.T, given []byte) {
		command := append([]byte("\x1dv0\x00\x01\x00\x10\x10"), given...)
		before := slices.Clone(command)
		guard(command, 8)
		if i := obeyed(command); i >= 0 {
			t.Fatalf("guard(% x) leaves one at %d", given, i)
		}
		wrong, danger := 0, 0
		for i := range command {
			wrong += bits.OnesCount8(command[i] ^ before[i])
			if i > 0 && before[i-1] == dle && realTime(before[i]) {
				danger++
			}
		}
		if wrong > danger || !bytes.Equal(command[:8], before[:8]) {
			t.Fatalf("guard(% x) alters %d dots for %d commands", given, wrong, danger)
		}
	})
}

// Every module is as it must be, and the white around is wide enough.
func TestQRDots(t *testing.T) {
	for _, data := range []string{"x", "https://example.org/t/42", "BEGIN:VCARD\nFN:Élise\nEND:VCARD\n"} {
		for _, p := range []Profile{Generic58(), Generic80()} {
			code, err := qr.Encode(data, qr.M)
			if err != nil {
				t.Fatal(err)
			}
			got := dotsAlone(t, drivers.QR{Data: data}, p).rows
			n := got.height / (code.Size + 8)
			left := (p.Dots - n*code.Size) / 2
			if n < 4 || left < 4*n || left+n*(code.Size+4) > p.Dots {
				t.Fatalf("%s: %d dots a module, %d dots to the left", p.Name, n, left)
			}
			for y := range got.height {
				for x := range p.Dots {
					want := x >= left && y >= 4*n && code.Black((x-left)/n, y/n-4)
					if black := got.row(y)[x/8]&(0x80>>(x%8)) != 0; black != want {
						t.Fatalf("%s: %q: dot %d, %d is %v; want %v", p.Name, data, x, y, black, want)
					}
				}
			}
		}
	}
}

// Each printer has a composer of its own; they share nothing that changes.
func TestComposersShareNothing(t *testing.T) {
	want := Encode(scripts(), Generic58())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got := Encode(scripts(), Generic58()); !bytes.Equal(got, want) {
				t.Error("two composers at once print otherwise than one")
			}
		})
	}
	all.Wait()
}
