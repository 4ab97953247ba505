// Package logbook is all that the box ever writes into its log: a closed catalogue of
// events, a handler that lets nothing else through, and the files in which the last
// starts are kept for whoever helps from afar.
//
// What it promises: a line of the log is an event of the catalogue, with the
// attributes that the catalogue gives it. A message that it lacks becomes a line that
// says where in the program it came from, and nothing of what it said; an attribute
// that it lacks is left out; what stands between quotation marks in an error is left
// out too, because that is where a program repeats what somebody typed. So no line can
// hold a name, a motif, an answer, a language or the number of a ticket, whatever a
// later version asks to be logged. Of staff it says the role of a desk, and nobody.
//
// firmware/LOG.md is the catalogue for people; a test writes it, and another one reads
// the sources of the whole project and finds every message here.
package logbook

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// Handler is a slog.Handler that lets only events of the catalogue through.
type Handler struct {
	next  []slog.Handler
	known map[string]Event
	attrs map[string]attribute
	held  []slog.Attr // of With
}

var _ slog.Handler = (*Handler)(nil)

// New is a handler that hands what it lets through to others, each with the event's
// identifier as the attribute "id".
func New(next ...slog.Handler) *Handler {
	h := &Handler{next: next, known: make(map[string]Event), attrs: kinds()}
	for _, e := range Catalogue() {
		h.known[e.Message] = e
	}
	return h
}

// Enabled reports whether somebody listens at this level.
func (h *Handler) Enabled(ctx context.Context, l slog.Level) bool {
	return slices.ContainsFunc(h.next, func(n slog.Handler) bool { return n.Enabled(ctx, l) })
}

// Handle lets a record through as the catalogue has it.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	e, ok := h.known[r.Message]
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	if !ok {
		e = unknown()
		out.Message = e.Message
		out.AddAttrs(slog.String("source", source(r.PC)))
	}
	out.AddAttrs(slog.String("id", e.ID))
	let := func(a slog.Attr) bool {
		if v, ok := h.let(e, a); ok {
			out.AddAttrs(slog.Attr{Key: a.Key, Value: v})
		}
		return true
	}
	for _, a := range h.held {
		let(a)
	}
	r.Attrs(let)
	for _, n := range h.next {
		if n.Enabled(ctx, out.Level) {
			if err := n.Handle(ctx, out.Clone()); err != nil {
				return fmt.Errorf("logbook: %w", err)
			}
		}
	}
	return nil
}

// WithAttrs is the handler with attributes for each record.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.held = slices.Concat(h.held, attrs)
	return &with
}

// WithGroup is the handler itself: the catalogue has no groups.
func (h *Handler) WithGroup(string) slog.Handler { return h }

// source is where a message stands in the program.
func source(pc uintptr) string {
	if pc == 0 {
		return ""
	}
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return filepath.Base(filepath.Dir(f.File)) + "/" + filepath.Base(f.File) + ":" + strconv.Itoa(f.Line)
}

// let is the value of an event's attribute as it may be written; ok is false when the
// event has none of this name, or it is not of its kind.
func (h *Handler) let(e Event, a slog.Attr) (v slog.Value, ok bool) {
	if !slices.Contains(e.Attrs, a.Key) {
		return v, false
	}
	v = a.Value.Resolve()
	switch h.attrs[a.Key].kind {
	case count:
		return v, v.Kind() == slog.KindInt64 || v.Kind() == slog.KindUint64
	case yesNo:
		return v, v.Kind() == slog.KindBool
	case span:
		return v, v.Kind() == slog.KindDuration
	case word:
		text := v.String()
		return slog.StringValue(text), len(text) <= longest && utf8.ValidString(text)
	case fault:
		return slog.StringValue(clean(v.String())), true
	case file:
		return slog.StringValue(filepath.Base(v.String())), true
	}
	return v, false
}

// longest bounds a word, and longestFault an error, in bytes.
const longest, longestFault = 60, 200

// quoted is what a program repeats of what it was given.
var quoted = regexp.MustCompile("\"[^\"]*\"|`[^`]*`|«[^»]*»|“[^”]*”")

// clean is an error without what stands in quotation marks, and not too long.
func clean(text string) string {
	text = quoted.ReplaceAllString(text, "…")
	if len(text) > longestFault {
		cut := longestFault
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return text
}

// stamp is how a time is written in the log's files: to the second, for who is where
// at which second is nobody's business.
func stamp(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		a.Value = slog.StringValue(a.Value.Time().Format(time.RFC3339))
	}
	return a
}
