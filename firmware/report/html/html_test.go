package html

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"jeudi/firmware/report"
	"jeudi/firmware/report/reporttest"
)

// The page holds every sentence, number and description, and each table has a caption
// and heads.
func TestBilan(t *testing.T) {
	b := reporttest.Bilan()
	page := string(Bilan(b))
	// text is what is read: elements and the references of characters undone.
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var text strings.Builder
	count := map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			count[token.Name.Local]++
			for _, a := range token.Attr {
				count[a.Name.Local+"="+a.Value]++
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" || a.Name.Local == "src" {
					t.Errorf("<%s %s>: the policy forbids it", token.Name.Local, a.Name.Local)
				}
			}
		}
	}
	want := append(append([]string{b.Title, b.Place, b.Span}, b.Lead...), b.Method...)
	tables := 0
	for _, p := range b.Parts {
		want = append(append(want, p.Title), p.Sentences...)
		for _, c := range p.Charts {
			want = append(want, c.Caption, c.Description)
		}
		for _, table := range p.Tables {
			tables++
			want = append(want, table.Caption, table.How)
			for _, row := range table.Rows {
				for _, c := range row {
					want = append(want, c.Text)
				}
			}
		}
	}
	for _, w := range want {
		if !strings.Contains(text.String(), w) {
			t.Errorf("the page lacks %q", w)
		}
	}
	if count["table"] != tables || count["caption"] != tables || count["script"] != 0 || count["link"] != 0 {
		t.Errorf("%d tables, %d captions, %d scripts, %d links; want %d, %d, 0, 0", count["table"], count["caption"], count["script"], count["link"], tables, tables)
	}
	if count["lang=fr"] != 1 || count["content="+policy()] != 1 {
		t.Error("the page lacks its language or its policy")
	}
}

// What a site is called is text, wherever it stands.
func TestNothingIsMarkup(t *testing.T) {
	evil := `<script>alert(1)</script>"'>`
	page := string(Bilan(report.Bilan{Title: evil, Place: evil, Span: evil, Lead: []string{evil}, Method: []string{evil}, Parts: []report.Part{{
		Key: evil, Title: evil, Sentences: []string{evil},
		Charts: []report.Chart{{Key: evil, Caption: evil, Bars: []report.Bar{{Label: evil, Text: evil}}}},
		Tables: []report.DataTable{{Key: evil, Caption: evil, How: evil, Columns: []report.Column{{Head: evil}}, Rows: [][]report.Cell{{{Text: evil}}}}},
	}}}))
	if strings.Contains(page, "<script") {
		t.Error("a script came through")
	}
	if strings.Contains(page, `"'>`) {
		t.Error("a value left its attribute")
	}
}

// The style in the page is the very one that the policy names.
func TestThePolicyIsOfTheStyle(t *testing.T) {
	page := string(Bilan(report.Bilan{}))
	_, rest, _ := strings.Cut(page, "<style>")
	got, _, _ := strings.Cut(rest, "</style>")
	if got != style {
		t.Errorf("the page's style is %d bytes; want the %d of the file", len(got), len(style))
	}
}
