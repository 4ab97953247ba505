package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"jeudi/firmware/report"
	"jeudi/firmware/report/reporttest"
)

// pagesOf is the first and the last page with content of an element, -1 without any.
func pagesOf(d *Doc, n *node) (first, last int) {
	number := map[*Page]int{}
	for i, p := range d.pages {
		number[p] = i
	}
	first, last = -1, -1
	var walk func(n *node)
	walk = func(n *node) {
		for _, k := range n.kids {
			if k.node != nil {
				walk(k.node)
				continue
			}
			if i := number[k.page]; first < 0 || i < first {
				first = i
			}
			last = max(last, number[k.page])
		}
	}
	walk(n)
	return first, last
}

// check holds a bilan's pages to what is promised of them.
func check(t *testing.T, d *Doc) {
	t.Helper()
	kids := d.root.kids
	for i, k := range kids {
		first, last := pagesOf(d, k.node)
		next := -1
		if i+1 < len(kids) {
			next, _ = pagesOf(d, kids[i+1].node)
		}
		switch k.node.Tag {
		case "H2", "Caption": // a heading and what it is of; a caption and its chart
			if first != last || next != last {
				t.Errorf("%s on pages %d to %d, what follows on %d; want one page", k.node.Tag, first, last, next)
			}
		case "Figure":
			if first != last || next >= 0 && kids[i+1].node.Tag == "P" && next != last && kids[i+1].node.page() != nil {
				t.Errorf("a chart on pages %d to %d, its description on %d; want one page", first, last, next)
			}
		case "Table":
			rows := map[int]int{} // on each page
			for _, r := range k.node.kids {
				from, to := pagesOf(d, r.node)
				if from != to {
					t.Errorf("a row goes from page %d to %d", from, to)
				}
				if r.node.Tag == "TR" {
					rows[from]++
				}
			}
			for page, n := range rows {
				if n < 2 && len(rows) > 1 {
					t.Errorf("a single row of a table on page %d", page)
				}
			}
		}
	}
	for i, p := range d.pages {
		if len(p.owners) == 0 {
			t.Errorf("page %d is empty", i+1)
		}
	}
}

func (n *node) page() *Page {
	for _, k := range n.kids {
		if k.page != nil {
			return k.page
		}
	}
	return nil
}

func TestBilanPages(t *testing.T) {
	check(t, layBilan(reporttest.Bilan(), map[string]int{}).doc)
}

// Whatever its length, no bilan has a lone heading, a chart apart from its words or a
// single row of a table.
func TestPagesOfBilansOfEveryLength(t *testing.T) {
	for n := range 12 {
		b := report.Bilan{Title: "Bilan", Place: "Lieu", Span: "période", Lead: []string{"Une phrase."}, Method: []string{"Méthode."}}
		for part := range 3 {
			p := report.Part{Key: fmt.Sprint("p", part), Title: fmt.Sprint("Chapitre ", part)}
			for range n*(part+1)%23 + 1 {
				p.Sentences = append(p.Sentences, strings.Repeat("Une phrase de quelques mots. ", 1+n%9))
			}
			chart := report.Chart{Key: "k", Caption: "Graphique", Description: strings.Repeat("Des barres. ", 3)}
			table := report.DataTable{Key: "k", Caption: "Tableau", How: "Comptes exacts.", Columns: []report.Column{{Key: "a", Head: "Réponse"}, {Key: "n", Head: "Nombre", Number: true}}}
			for i := range 2 + n*7%31 {
				chart.Bars = append(chart.Bars, report.Bar{Label: fmt.Sprint("Barre ", i), Value: float64(i%10) / 10, Text: "x", Ref: float64(i%3)/3 - 0.1})
				table.Rows = append(table.Rows, []report.Cell{{Text: fmt.Sprint("Ligne ", i)}, {Text: "3", N: 3}})
			}
			chart.Bars = chart.Bars[:min(len(chart.Bars), 12)]
			for range n * 5 % 17 { // tables that fill several pages
				table.Rows = append(table.Rows, table.Rows...)
				if len(table.Rows) > 60 {
					break
				}
			}
			p.Charts, p.Tables = []report.Chart{chart}, []report.DataTable{table}
			b.Parts = append(b.Parts, p)
		}
		if check(t, layBilan(b, map[string]int{}).doc); t.Failed() {
			t.Fatalf("of the bilan with n = %d", n)
		}
	}
}

// Another's program reads every sentence and every number, in their order, with the heads
// of tables.
func TestBilanIsReadInItsOrder(t *testing.T) {
	b := reporttest.Bilan()
	b.Parts = b.Parts[4:7] // with references and continued tables; poppler takes its time
	file := Bilan(b)
	if !bytes.Equal(file, Bilan(b)) {
		t.Error("the same bilan is other bytes")
	}
	out := poppler(t, file, "pdfinfo", "-struct-text", "FILE")
	var said strings.Builder
	for _, m := range regexp.MustCompile(`"([^\n]*)"\n`).FindAllStringSubmatch(out, -1) {
		said.WriteString(m[1])
	}
	heard := blank(said.String())
	want := append([]string{b.Title, b.Place}, b.Lead...)
	heads := 0
	for _, p := range b.Parts {
		want = append(append(want, p.Title), p.Sentences...)
		for _, c := range p.Charts {
			want = append(want, c.Caption, c.Description)
			for _, table := range p.Tables {
				if table.Key == c.Key {
					want = append(want, table.Caption)
					for _, row := range table.Rows {
						for _, cell := range row {
							want = append(want, cell.Text)
						}
					}
				}
			}
		}
		for _, table := range p.Tables {
			heads += len(table.Columns) + len(table.Rows)
		}
	}
	// The contents name every chapter before: order is held from the first one on.
	at := 0
	for _, w := range append(want, b.Method...) {
		i := strings.Index(heard[at:], blank(w))
		if i < 0 {
			t.Fatalf("%q is not read after %q", w, heard[max(0, at-80):at])
		}
		if at += i; len(b.Lead) > 0 && w != b.Title {
			at += len(blank(w))
		}
	}
	if got := len(regexp.MustCompile(`(?m)^ *TH\b`).FindAllString(out, -1)); got != heads {
		t.Errorf("%d heads of columns and rows; want %d", got, heads)
	}
}

// Nothing is written beyond the margins, even in words that no line can hold.
func TestNothingLeavesThePage(t *testing.T) {
	b := reporttest.Bilan()
	long := strings.Repeat("Anticonstitutionnellement", 8)
	b.Place = long
	b.Parts[0].Title = "Un chapitre dont le titre est long, et qui va sur plus d’une ligne de cette page"
	b.Parts[0].Tables[0].Rows[0][0].Text = long
	b.Parts[0].Tables[0].Rows[1][1].Text = "au moins " + long
	b.Parts[0].Charts[0].Bars[0].Label = long
	words := boxes(t, poppler(t, Bilan(b), "pdftotext", "-bbox", "FILE", "-"))
	if len(words) < 1000 {
		t.Fatalf("%d words; want the bilan", len(words))
	}
	for _, w := range words {
		if w.X < sideMargin-2 || w.X+w.W > A4.W-sideMargin+2 || w.Y < topMargin-8 || w.Y+w.H > A4.H-lowMargin+24+14 {
			t.Errorf("a word at %v leaves the page", w)
		}
	}
}

// A page is drawn: neither empty nor black, whatever reads it.
func TestThePageIsDrawn(t *testing.T) {
	page := poppler(t, Bilan(reporttest.Bilan()), "pdftoppm", "-r", "30", "-f", "2", "-l", "2", "-gray", "FILE")
	_, dots, ok := strings.Cut(page, "\n255\n")
	if !ok {
		t.Fatalf("no picture: %.40q", page)
	}
	dark := 0
	for i := range len(dots) {
		if dots[i] < 128 {
			dark++
		}
	}
	if share := float64(dark) / float64(len(dots)); share < 0.005 || share > 0.2 {
		t.Errorf("%.3f of the page is dark; want some of it", share)
	}
}

func BenchmarkBilan(b *testing.B) {
	bilan := reporttest.Bilan()
	b.ReportAllocs()
	for b.Loop() {
		Bilan(bilan)
	}
}
