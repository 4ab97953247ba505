// Package xlsx is the bilan as a workbook: a sheet of sentences, then one for each table,
// named by the table's key, its columns by theirs, so that a formula finds them again in
// the next bilan.
//
// It promises that a cell that holds a number is that number, never its text; what is
// said beside it, such as « au moins », is part of its format. The same bilan is the same
// bytes.
package xlsx

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	// excelize writes the format that every office suite opens, and is kept by many; a
	// workbook of our own making would have to be tried in each of them.
	"github.com/xuri/excelize/v2"

	"jeudi/firmware/report"
)

// Rows of a table's sheet, from 1.
const (
	captionRow = 1
	howRow     = 2
	keyRow     = 3 // stable names
	headRow    = 4
)

const summary = "Bilan"

// Bilan is the workbook. It fails where a library's limit is met, as for a key that is
// no name of a sheet.
func Bilan(b report.Bilan) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	w := &book{file: f, formats: map[string]int{}}
	w.do(f.SetSheetName("Sheet1", summary))
	w.do(f.SetDocProps(&excelize.DocProperties{
		Title: b.Title + " – " + b.Place, Subject: b.Span, Creator: b.Place, Language: "fr-FR",
		// The library's own moment: a bilan is not of the moment at which it is asked for.
		Created: "2006-09-16T00:00:00Z", Modified: "2006-09-16T00:00:00Z",
	}))
	w.sentences(b)
	seen := map[string]bool{strings.ToLower(summary): true}
	for _, p := range b.Parts {
		for _, t := range p.Tables {
			name := sheetName(t.Key, seen)
			if _, err := f.NewSheet(name); err != nil {
				return nil, fmt.Errorf("xlsx: sheet %q: %w", name, err)
			}
			w.table(name, t)
		}
	}
	if w.err != nil {
		return nil, fmt.Errorf("xlsx: write the bilan: %w", w.err)
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("xlsx: write the bilan: %w", err)
	}
	return out.Bytes(), nil
}

// sheetName is a name that no other sheet has: at most 31 characters, by the format.
func sheetName(key string, seen map[string]bool) string {
	name := key
	for i := 2; ; i++ {
		if runes := []rune(name); len(runes) > 31 {
			name = string(runes[:31])
		}
		if !seen[strings.ToLower(name)] {
			seen[strings.ToLower(name)] = true
			return name
		}
		tail := fmt.Sprintf("_%d", i)
		name = key
		if runes := []rune(key); len(runes) > 31-len(tail) {
			name = string(runes[:31-len(tail)])
		}
		name += tail
	}
}

// book is a workbook that is written; the first error stays.
type book struct {
	file    *excelize.File
	formats map[string]int // styles by what they are for
	err     error
}

func (w *book) do(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *book) at(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column, row)
	w.do(err)
	return name
}

func (w *book) style(key string, s excelize.Style) int {
	if id, ok := w.formats[key]; ok {
		return id
	}
	id, err := w.file.NewStyle(&s)
	w.do(err)
	w.formats[key] = id
	return id
}

func (w *book) put(sheet string, column, row int, value any, style int) {
	cell := w.at(column, row)
	w.do(w.file.SetCellValue(sheet, cell, value))
	if style != 0 {
		w.do(w.file.SetCellStyle(sheet, cell, cell, style))
	}
}

func (w *book) title() int {
	return w.style("title", excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}})
}

func (w *book) strong() int {
	return w.style("strong", excelize.Style{Font: &excelize.Font{Bold: true, Size: 12}})
}

func (w *book) wrapped() int {
	return w.style("wrapped", excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
}

func (w *book) quiet() int {
	return w.style("quiet", excelize.Style{Font: &excelize.Font{Italic: true, Color: "595959", Size: 9}})
}

// sentences is the first sheet: what the document says, chapter by chapter.
func (w *book) sentences(b report.Bilan) {
	w.do(w.file.SetColWidth(summary, "A", "A", 110))
	w.paper(summary)
	row := 1
	line := func(text string, style int) {
		w.put(summary, 1, row, text, style)
		if style == w.wrapped() {
			// Not every program makes room for wrapped text by itself.
			w.do(w.file.SetRowHeight(summary, row, 15*float64(1+utf8.RuneCountInString(text)/115)))
		}
		row++
	}
	line(b.Title, w.title())
	line(b.Place, w.strong())
	line("Période "+b.Span, w.wrapped())
	for _, s := range b.Lead {
		line(s, w.wrapped())
	}
	for _, p := range b.Parts {
		row++
		line(p.Title, w.strong())
		for _, s := range p.Sentences {
			line(s, w.wrapped())
		}
	}
	row++
	line("Note de méthode", w.strong())
	for _, s := range b.Method {
		line(s, w.wrapped())
	}
}

func (w *book) paper(sheet string) {
	size, width, height, fit := 9, 1, 0, true // A4, one page wide
	w.do(w.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &size, FitToWidth: &width, FitToHeight: &height}))
	w.do(w.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
}

func (w *book) table(sheet string, t report.DataTable) {
	w.paper(sheet)
	w.put(sheet, 1, captionRow, t.Caption, w.title())
	w.put(sheet, 1, howRow, t.How, w.quiet())
	for i, c := range t.Columns {
		align := "left"
		if c.Number {
			align = "right"
		}
		head := w.style("head "+align, excelize.Style{
			Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Horizontal: align, WrapText: true},
			Fill:   excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6E6E6"}},
			Border: []excelize.Border{{Type: "bottom", Style: 1, Color: "000000"}},
		})
		w.put(sheet, i+1, keyRow, c.Key, w.quiet())
		w.put(sheet, i+1, headRow, c.Head, head)
		widest := utf8.RuneCountInString(c.Head)
		for j, r := range t.Rows {
			widest = max(widest, utf8.RuneCountInString(r[i].Text))
			w.cell(sheet, i+1, headRow+1+j, c, r[i])
		}
		name, err := excelize.ColumnNumberToName(i + 1)
		w.do(err)
		w.do(w.file.SetColWidth(sheet, name, name, float64(min(max(widest+3, 10), 60))))
	}
	w.do(w.file.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: headRow, TopLeftCell: w.at(1, headRow+1), ActivePane: "bottomLeft"}))
	if len(t.Columns) > 0 {
		// The head is printed again on each page.
		w.do(w.file.SetDefinedName(&excelize.DefinedName{
			Name: "_xlnm.Print_Titles", Scope: sheet, RefersTo: fmt.Sprintf("'%s'!$%d:$%d", strings.ReplaceAll(sheet, "'", "''"), headRow, headRow),
		}))
	}
}

// cell writes a number as one, with the words around it as its format; a text that no
// number is behind stays a text.
func (w *book) cell(sheet string, column, row int, c report.Column, v report.Cell) {
	digits := strings.ContainsFunc(v.Text, unicode.IsDigit)
	if !c.Number || v.None || v.Note() != "" && !digits {
		style := 0
		if c.Number {
			style = w.style("right", excelize.Style{Alignment: &excelize.Alignment{Horizontal: "right"}})
		}
		w.put(sheet, column, row, v.Text, style)
		return
	}
	format := "#,##0.##"
	switch {
	case strings.Contains(v.Text, "%"):
		format = "0%"
	case strings.Contains(v.Text, "€"):
		format = "#,##0 €"
	case v.N == float64(int(v.N)):
		format = "#,##0"
	}
	if v.Note() != "" {
		quoted := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, "") + `"` }
		first, last := strings.IndexFunc(v.Text, unicode.IsDigit), strings.LastIndexFunc(v.Text, unicode.IsDigit)
		format = quoted(v.Text[:first]) + format
		if after := v.Text[last+1:]; strings.ContainsFunc(after, unicode.IsLetter) {
			format += quoted(after)
		}
	}
	w.put(sheet, column, row, v.N, w.style("number "+format, excelize.Style{CustomNumFmt: &format}))
}
