package site

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// node is one value of the file and the line where it stands.
type node struct {
	kind  unstable.Kind // Table, ArrayTable, Array or one of the scalars; never InlineTable
	line  int
	text  string           // a string's value, another scalar as it is written
	list  []*node          // elements of Array and ArrayTable
	keys  map[string]*node // of a Table
	order []string         // keys of a Table as they first came
	given bool             // a Table that has had its own header, or its braces
}

func newTable(line int) *node {
	return &node{kind: unstable.Table, line: line, keys: map[string]*node{}}
}

func (n *node) put(name string, child *node) {
	n.keys[name] = child
	n.order = append(n.order, name)
}

// tree builds the positioned tree of a document.
type tree struct {
	file   string
	parser unstable.Parser
	breaks []int // offsets of the line breaks
	errs   Errors
}

// parseTree reads a document. Errors are what the tree itself shows, language is
// what else the library found wrong, at most one. Without a root nothing more can
// be said of the file than language.
func parseTree(file string, data []byte) (root *node, errs, language Errors) {
	t := &tree{file: file}
	if len(data) > maxFile {
		t.fail(1, "", "this file is larger than 1 MiB; is it the right one?")
		return nil, nil, t.errs
	}
	// Some Windows editors begin a file with a byte order mark.
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for i, b := range data {
		if b == '\n' {
			t.breaks = append(t.breaks, i)
		}
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			t.fail(t.line(i), "", "this line is not UTF-8 text; save the file again with the encoding UTF-8")
			return nil, nil, t.errs
		}
		i += size
	}

	// The library judges the language as a whole; the tree adds the positions.
	var all map[string]any
	bad := toml.Unmarshal(data, &all)

	root = newTable(1)
	current := root
	t.parser.Reset(data)
	for t.parser.NextExpression() {
		e := t.parser.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			current = t.header(root, e)
		case unstable.KeyValue:
			t.keyValue(current, e)
		}
	}
	if bad != nil {
		language = Errors{t.language(bad)}
	}
	if err := t.parser.Error(); err != nil {
		if bad == nil { // the two halves of the library disagree
			language = Errors{t.language(err)}
		}
		return nil, nil, language
	}
	return root, t.errs, language
}

func (t *tree) fail(line int, key, format string, args ...any) {
	t.errs = append(t.errs, Error{File: t.file, Line: line, Key: key, Msg: fmt.Sprintf(format, args...), french: inFrench(format, args)})
}

// language is what the library found wrong, as an error of ours.
func (t *tree) language(err error) Error {
	line := 1
	if at, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ = at.Position()
	}
	msg := strings.TrimPrefix(err.Error(), "toml: ")
	const format = "this line is not TOML (%s); check its quotes, its brackets and its = sign"
	return Error{File: t.file, Line: line, Msg: fmt.Sprintf(format, msg), french: inFrench(format, []any{msg})}
}

// line is the line, from 1, of a byte of the document.
func (t *tree) line(offset int) int { return 1 + sort.SearchInts(t.breaks, offset) }

func (t *tree) lineOf(n *unstable.Node) int { return t.line(int(n.Raw.Offset)) }

// header is the table that a [name] or [[name]] opens. A header that makes no
// sense opens a table of its own, whose keys are then judged by nobody.
func (t *tree) header(root *node, e *unstable.Node) *node {
	var names []string
	line := 1
	for it := e.Key(); it.Next(); {
		names = append(names, string(it.Node().Data))
		line = t.lineOf(it.Node())
	}
	path := strings.Join(names, ".")
	parent := t.descend(root, names[:len(names)-1], line, path)
	if parent == nil {
		return newTable(line)
	}
	name := names[len(names)-1]
	found := parent.keys[name]
	fresh := newTable(line)
	fresh.given = true
	switch {
	case e.Kind == unstable.ArrayTable && found == nil:
		parent.put(name, &node{kind: unstable.ArrayTable, line: line, list: []*node{fresh}})
		return fresh
	case e.Kind == unstable.ArrayTable && found.kind == unstable.ArrayTable:
		found.list = append(found.list, fresh)
		return fresh
	case e.Kind == unstable.Table && found == nil:
		parent.put(name, fresh)
		return fresh
	case e.Kind == unstable.Table && found.kind == unstable.Table && !found.given:
		found.given = true // [a.b] came before [a]
		return found
	}
	t.twice(line, path, found.line)
	return fresh
}

// keyValue puts one "key = value" into a table.
func (t *tree) keyValue(into *node, e *unstable.Node) {
	var names []string
	line := into.line
	for it := e.Key(); it.Next(); {
		names = append(names, string(it.Node().Data))
		line = t.lineOf(it.Node())
	}
	path := strings.Join(names, ".")
	parent := t.descend(into, names[:len(names)-1], line, path)
	if parent == nil {
		return
	}
	name := names[len(names)-1]
	if found := parent.keys[name]; found != nil {
		t.twice(line, path, found.line)
		return
	}
	parent.put(name, t.value(e.Value(), line))
}

// descend follows the names of a dotted key; nil when one of them is no table.
func (t *tree) descend(from *node, names []string, line int, path string) *node {
	for _, name := range names {
		next := from.keys[name]
		if next == nil {
			next = newTable(line)
			from.put(name, next)
		}
		if next.kind == unstable.ArrayTable {
			next = next.list[len(next.list)-1]
		}
		if next.kind != unstable.Table {
			t.twice(line, path, next.line)
			return nil
		}
		from = next
	}
	return from
}

func (t *tree) twice(line int, path string, first int) {
	t.fail(line, path, "already given on line %d; keep one of the two", first)
}

// value copies a value out of the parser, which reuses its memory.
func (t *tree) value(n *unstable.Node, line int) *node {
	switch n.Kind {
	case unstable.Array:
		list := &node{kind: unstable.Array, line: line}
		for it := n.Children(); it.Next(); {
			element := it.Node()
			if element.Kind == unstable.Array {
				list.list = append(list.list, t.value(element, line)) // the library gives arrays no position
				continue
			}
			list.list = append(list.list, t.value(element, t.lineOf(element)))
		}
		return list
	case unstable.InlineTable:
		table := newTable(line)
		table.given = true
		for it := n.Children(); it.Next(); {
			t.keyValue(table, it.Node())
		}
		return table
	default:
		return &node{kind: n.Kind, line: line, text: string(n.Data)}
	}
}
