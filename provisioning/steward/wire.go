package steward

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// verbs is the closed set.
func verbs() []string {
	return []string{VerbStatus, VerbSticks, VerbImport, VerbExport, VerbUpdate, VerbTry, VerbCommit, VerbRollback,
		VerbNetwork, VerbScreen, VerbReset, VerbReboot, VerbPowerOff}
}

// alongside reports whether a verb may be done beside others: it changes nothing of the
// card, or its handler has an order of its own, as the network's.
func alongside(verb string) bool {
	return verb == VerbStatus || verb == VerbSticks || verb == VerbNetwork || verb == VerbScreen
}

// Keys of refusals of the steward's own.
const (
	KeyBusy    = "steward.busy"    // it does something else, which cannot be disturbed
	KeyUnknown = "steward.unknown" // this box has nobody who does it
	KeyFailed  = "steward.failed"  // it did not work; the log of the steward says why
	KeyBadArgs = "steward.badargs" // the request is not one
)

// maxLine bounds a line of either side, in bytes. A file to export is the longest
// request; larger things travel as files of the data partition.
const maxLine = 8 << 20

// A request is the one line of a connection.
type request struct {
	Verb string          `json:"verb"`
	Args json.RawMessage `json:"args,omitempty"`
}

// A reply is each line back: one of its fields.
type reply struct {
	Progress *Progress       `json:"progress,omitempty"`
	Done     json.RawMessage `json:"done,omitempty"`
	Error    *Refusal        `json:"error,omitempty"`
}

var errNotARequest = errors.New("steward: not a request")

// parseRequest reads the line of a connection. It is strict: the one who asks is our own
// program, so whatever else arrives is an attempt.
func parseRequest(line []byte) (request, error) {
	var q request
	if !utf8.Valid(line) {
		return q, errNotARequest
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&q); err != nil {
		return request{}, errNotARequest // not the decoder's words: they quote
	}
	if _, err := dec.Token(); err != io.EOF {
		return request{}, errNotARequest
	}
	if !slices.Contains(verbs(), q.Verb) {
		return request{}, &Refusal{Key: KeyUnknown}
	}
	return q, nil
}

// readLine reads one line of at most maxLine bytes, without its end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			return nil, fmt.Errorf("steward: a line of more than %d bytes", maxLine)
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimRight(line, "\r\n"), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// Args reads the arguments of a verb, strictly: a handler's first line.
func Args[T any](raw json.RawMessage) (T, error) {
	var args T
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return args, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&args); err != nil {
		var none T
		return none, &Refusal{Key: KeyBadArgs}
	}
	return args, nil
}
