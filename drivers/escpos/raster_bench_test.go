package escpos

import (
	"testing"

	"jeudi/drivers"
)

// picture384 is a picture of 384 × 200 dots with some of everything.
func picture384() drivers.Bitmap {
	b := drivers.Bitmap{Width: 384, Height: 200, Bits: make([]byte, 48*200)}
	for y := range b.Height {
		for x := range b.Width {
			if (x*x+y*y)/700%3 == 0 {
				b.Bits[y*48+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return b
}

func frenchTicket() drivers.Document {
	return drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "42"},
		drivers.Text{Text: "Centre social des Tilleuls", Bold: true, Align: drivers.Center},
		drivers.Text{Text: "12 rue de l’Église, 35000 Rennes", Align: drivers.Center},
		drivers.Text{Text: "02 99 00 00 00", Align: drivers.Center},
		drivers.Rule{},
		drivers.Text{Text: "2 personnes avant vous", Size: 2, Bold: true},
		drivers.Text{Text: "Imprimé le jeudi 3 avril à 14 h 05"},
		drivers.Text{Text: "Documents utiles", Bold: true},
		drivers.Text{Text: "– une pièce d’identité"},
		drivers.Text{Text: "– votre numéro d’allocataire, et 12\u202f€ pour la carte d’adhésion"},
		drivers.Text{Text: "– le dernier courrier reçu, même s’il n’est pas ouvert : « cœur » du dossier"},
		drivers.Text{Text: "Prochaines permanences", Bold: true},
		drivers.Columns{Cells: []string{"jeudi 10 avril", "14 h – 17 h"}},
		drivers.Columns{Cells: []string{"jeudi 17 avril", "14 h – 17 h"}},
	}}
}

func arabicBlocks() []drivers.Block {
	ar := func(text string, size int, bold bool) drivers.Block {
		return drivers.Text{Text: text, Size: size, Bold: bold, Lang: "ar", RTL: true}
	}
	return []drivers.Block{
		drivers.Rule{},
		ar("أمامك شخصان", 2, true),
		ar("طُبعت يوم الخميس 3 أبريل على الساعة 14:05", 1, false),
		ar("وثائق مفيدة", 1, true),
		ar("بطاقة الهوية أو جواز السفر", 1, false),
		ar("رقم المستفيد من \u2068CAF\u2069 ومبلغ 12 € للبطاقة", 1, false),
		ar("آخر رسالة توصلت بها حتى ولو لم تكن مفتوحة", 1, false),
		ar("قواعد المكان", 1, true),
		ar("نستقبلك بدون موعد، والخدمة مجانية وسرية. يمكنك أن تأتي مع شخص تثق به.", 1, false),
		ar("المواعيد القادمة", 1, true),
		ar("الخميس 10 أبريل من 14:00 إلى 17:00", 1, false),
		ar("الخميس 17 أبريل من 14:00 إلى 17:00", 1, false),
	}
}

// arabicTicket has nothing but its number and the place in French.
func arabicTicket() drivers.Document {
	doc := frenchTicket()
	doc.Blocks = append(doc.Blocks[:4:4], arabicBlocks()...)
	return doc
}

// hybridTicket is the French ticket with three lines of Arabic.
func hybridTicket() drivers.Document {
	doc := frenchTicket()
	doc.Blocks = append(doc.Blocks, arabicBlocks()[:4]...)
	return doc
}

func imageTicket() drivers.Document {
	doc := frenchTicket()
	doc.Blocks = append(doc.Blocks, drivers.Image{Dots: picture384()})
	return doc
}

func benchmark(b *testing.B, doc drivers.Document) {
	for _, p := range []Profile{Generic80(), Generic58()} {
		b.Run(p.Name, func(b *testing.B) {
			c := NewComposer(p)
			job := c.Compose(doc) // fonts are read, glyphs drawn
			b.ReportAllocs()
			for b.Loop() {
				job = c.Compose(doc)
			}
			b.ReportMetric(float64(len(job.Bytes)), "bytes/ticket")
			b.ReportMetric(float64(job.Length), "mm/ticket")
		})
	}
}

func BenchmarkComposeText(b *testing.B)   { benchmark(b, frenchTicket()) }
func BenchmarkComposeHybrid(b *testing.B) { benchmark(b, hybridTicket()) }
func BenchmarkComposeRaster(b *testing.B) { benchmark(b, arabicTicket()) }
func BenchmarkComposeImage(b *testing.B)  { benchmark(b, imageTicket()) }

// The first Arabic ticket reads the fonts and draws the glyphs.
func BenchmarkComposeRasterFirst(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Compose(arabicTicket(), Generic80())
	}
}
