// Package html is the bilan as one page that stands alone: no script, no file beside it,
// nothing from a network. It is read on a telephone, on a laptop and on paper.
//
// It promises what the other forms promise: every chart is described in words, bars are
// told apart without colours, and tables have their heads for who listens. Whatever a
// site is called, it is text.
package html

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html"
	"slices"
	"strconv"
	"strings"

	"jeudi/firmware/report"
)

// The page is written by the few functions at the end of this file, which escape all that
// they are given. With html/template jeudi is 0.6 MB larger, and a page that does not fit
// its values fails only when somebody asks for it.

//go:embed bilan.css
var style string

// policy is the Content-Security-Policy that the page needs and stands in it as well:
// its own style, and nothing else.
func policy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

const methodTitle = "Note de méthode"

// Bilan is the page.
func Bilan(b report.Bilan) []byte {
	w := &writer{}
	w.raw("<!doctype html>\n")
	w.in("html", []string{"lang", "fr"}, func() {
		w.in("head", nil, func() {
			w.open("meta", "charset", "utf-8")
			w.open("meta", "http-equiv", "Content-Security-Policy", "content", policy())
			w.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
			w.text("title", b.Title+" – "+b.Place+", "+b.Span)
			w.raw("<style>" + style + "</style>\n") // ours: its hash is in the policy
		})
		w.in("body", nil, func() {
			w.text("a", "Aller au texte", "class", "skip", "href", "#essentiel")
			w.in("header", nil, func() {
				w.text("h1", b.Title)
				w.text("p", b.Place, "class", "place")
				w.text("p", "Période "+b.Span, "class", "span")
			})
			w.in("main", nil, func() { w.main(b) })
		})
	})
	return []byte(w.String())
}

func (w *writer) main(b report.Bilan) {
	w.in("section", []string{"id", "essentiel", "class", "lead"}, func() {
		w.text("h2", "L’essentiel")
		w.in("ul", nil, func() {
			for _, s := range b.Lead {
				w.text("li", s)
			}
		})
	})
	w.in("nav", []string{"aria-labelledby", "sommaire"}, func() {
		w.text("h2", "Sommaire", "id", "sommaire")
		w.in("ul", nil, func() {
			entry := func(key, title string) {
				w.in("li", nil, func() { w.text("a", title, "href", "#"+anchor(key)) })
			}
			for _, p := range b.Parts {
				entry(p.Key, p.Title)
			}
			entry("method", methodTitle)
		})
	})
	for _, p := range b.Parts {
		w.in("section", []string{"id", anchor(p.Key)}, func() { w.part(p) })
	}
	w.in("section", []string{"id", anchor("method")}, func() {
		w.text("h2", methodTitle)
		for _, s := range b.Method {
			w.text("p", s)
		}
	})
}

// anchor is a chapter's place in the page.
func anchor(key string) string { return "chapitre-" + key }

// part is a chapter: its sentences, then each chart with the table of its key, then the
// other tables.
func (w *writer) part(p report.Part) {
	w.text("h2", p.Title)
	for _, s := range p.Sentences {
		w.text("p", s)
	}
	shown := map[string]bool{}
	for _, c := range p.Charts {
		w.in("div", []string{"class", "exhibit"}, func() {
			w.chart(c)
			for _, t := range p.Tables {
				if t.Key == c.Key && !shown[t.Key] {
					w.table(t)
					shown[t.Key] = true
				}
			}
		})
	}
	for _, t := range p.Tables {
		if !shown[t.Key] {
			w.in("div", []string{"class", "exhibit"}, func() { w.table(t) })
		}
	}
}

func (w *writer) chart(c report.Chart) {
	label := "Graphique : " + c.Caption
	if c.Description == "" {
		for _, b := range c.Bars {
			label += ". " + b.Label + " : " + b.Text
		}
	}
	w.in("figure", nil, func() {
		w.text("figcaption", c.Caption)
		if slices.ContainsFunc(c.Bars, func(b report.Bar) bool { return b.Ref >= 0 }) {
			w.in("p", []string{"class", "legend"}, func() {
				w.in("span", nil, func() {
					w.raw(`<svg aria-hidden="true" viewBox="0 0 20 10"><rect class="here" width="20" height="10"/></svg> Cette permanence`)
				})
				w.in("span", nil, func() {
					w.raw(`<svg aria-hidden="true" viewBox="0 0 20 10"><rect class="there" x="1" y="1" width="18" height="8"/></svg> Repère publié`)
				})
			})
		}
		w.in("div", []string{"class", "bars", "role", "img", "aria-label", label}, func() {
			for _, b := range c.Bars {
				w.in("div", []string{"class", "bar"}, func() {
					w.text("span", b.Label, "class", "label")
					w.in("span", []string{"class", "strip"}, func() {
						w.bar("here", "", b.Value)
						if b.Ref >= 0 {
							w.bar("there", "low", b.Ref)
						}
					})
					w.text("span", b.Text, "class", "value")
				})
			}
		})
		if c.Description != "" {
			w.text("p", c.Description, "class", "how")
		}
	})
}

// bar is drawn on a thousand units, whatever its width on the screen.
func (w *writer) bar(class, place string, share float64) {
	w.in("svg", []string{"class", place, "viewBox", "0 0 1000 10", "preserveAspectRatio", "none"}, func() {
		w.in("rect", []string{"class", class, "width", strconv.Itoa(int(1000 * min(max(share, 0), 1))), "height", "10"}, func() {})
	})
}

func (w *writer) table(t report.DataTable) {
	class := func(column int) []string {
		if column < len(t.Columns) && t.Columns[column].Number {
			return []string{"class", "number"}
		}
		return nil
	}
	// A table that is wider than a telephone is moved with the arrow keys too.
	w.in("div", []string{"class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Tableau : " + t.Caption}, func() {
		w.in("table", nil, func() {
			w.text("caption", t.Caption)
			w.in("thead", nil, func() {
				w.in("tr", nil, func() {
					for i, c := range t.Columns {
						w.text("th", c.Head, append([]string{"scope", "col"}, class(i)...)...)
					}
				})
			})
			w.in("tbody", nil, func() {
				for _, row := range t.Rows {
					w.in("tr", nil, func() {
						for i, c := range row {
							if i == 0 && class(i) == nil {
								w.text("th", c.Text, "scope", "row")
								continue
							}
							w.text("td", c.Text, class(i)...)
						}
					})
				}
			})
		})
	})
	if t.How != "" {
		w.text("p", t.How, "class", "how")
	}
}

// writer writes elements. Names of elements and of attributes are ours; whatever else it
// is given is escaped.
type writer struct{ strings.Builder }

func (w *writer) raw(ours string) { w.WriteString(ours) }

// open writes a tag with its attributes, a name and a value each; one without a value is
// left out.
func (w *writer) open(tag string, attributes ...string) {
	w.WriteString("<" + tag)
	for pair := range slices.Chunk(attributes, 2) {
		if pair[1] != "" {
			w.WriteString(" " + pair[0] + `="` + html.EscapeString(pair[1]) + `"`)
		}
	}
	w.WriteString(">")
}

func (w *writer) in(tag string, attributes []string, content func()) {
	w.open(tag, attributes...)
	content()
	w.WriteString("</" + tag + ">\n")
}

func (w *writer) text(tag, text string, attributes ...string) {
	w.in(tag, attributes, func() { w.WriteString(html.EscapeString(text)) })
}
