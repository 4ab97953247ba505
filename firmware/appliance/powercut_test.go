package appliance_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"jeudi/firmware/journal"
	"jeudi/firmware/session"
)

// TestPowerCut records every system call of a box that takes tickets, closes and
// takes tickets again, and rebuilds every state of the disk that a power cut could
// have left in between: of the writes that were not synced yet, each may be lost,
// whole, or torn at a sector. Each state is opened, and compared with what the
// box had acknowledged by then.
//
// A killed process leaves its writes with the kernel; a power cut does not. So
// this finds what TestKill cannot.
func TestPowerCut(t *testing.T) {
	if testing.Short() {
		t.Skip("needs strace; make test runs it")
	}
	t.Parallel()
	rec := record(t, "recorded", "journal.db")
	got := explore(t, rec, trusted)
	t.Logf("report: power cut: %d acknowledgements, %d distinct states of the disk (%d while the file is replaced), %d lost, %d twice, %d unopenable",
		rec.acknowledged(), got.states, got.replacing, got.lost, got.twice, got.unopenable)
	if got.lost+got.twice+got.unopenable > 0 {
		t.Errorf("a power cut can cost something; first: %s", got.first)
	}
	if got.states < 300 || got.replacing < 20 || rec.acknowledged() < 60 {
		t.Errorf("%d states, %d of a replacement, after %d acknowledgements; want at least 300, 20 and 60: is the recorder blind?",
			got.states, got.replacing, rec.acknowledged())
	}

	// The oracle bites: it finds what these two would lose.
	got = explore(t, record(t, "recorded without sync", "unsynced.db"), forgetful)
	t.Logf("report: power cut, log without sync: %d states, %d lost, %d unopenable: found", got.states, got.lost, got.unopenable)
	if got.lost == 0 {
		t.Error("a log that never syncs loses nothing: the oracle is blind")
	}
	got = explore(t, rec, forgetful)
	t.Logf("report: power cut, card that lies about its syncs: %d states, %d lost, %d unopenable: found", got.states, got.lost, got.unopenable)
	if got.lost == 0 {
		t.Error("a card that lies about its syncs loses nothing: the oracle is blind")
	}
}

// A step is something that a process did to its disk, or said.
type step struct {
	call string // openat, write, …; "say" for a line on the standard output
	fd   int
	path string // base name; of a folder the name with a slash
	to   string // of a rename
	swap bool
	at   int64 // of pwrite64, or the size of ftruncate
	data []byte
	new  bool // openat creates
}

type recording struct {
	file  string // whose cut is looked at
	steps []step
}

func (r recording) acknowledged() (n int) {
	for _, s := range r.steps {
		if s.call == "say" && strings.HasPrefix(string(s.data), "ticket ") {
			n++
		}
	}
	return n
}

// record runs a child under strace.
func record(t *testing.T, child, file string) recording {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("strace is not installed, so nobody knows what a power cut would leave: apt-get install strace (make test does)")
	}
	dir, trace := t.TempDir(), filepath.Join(t.TempDir(), "trace")
	cmd := exec.Command(strace, "-f", "-xx", "-s", "70000", "-o", trace,
		"-e", "trace=openat,close,pwrite64,write,ftruncate,fsync,fdatasync,?rename,?renameat,renameat2,?unlink,unlinkat", "-e", "signal=none", os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+child, dirEnv+"="+dir)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Run(); err != nil {
		if strings.Contains(complaints.String(), "ptrace") || strings.Contains(complaints.String(), "Operation not permitted") {
			t.Fatalf("strace may not trace here (a container needs --cap-add=SYS_PTRACE), so nobody knows what a power cut would leave: %s", complaints.String())
		}
		t.Fatalf("the recorded box: %v\n%s", err, complaints.String())
	}
	raw, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := parse(string(raw), dir)
	if err != nil {
		t.Fatal(err)
	}
	return recording{file, steps}
}

// parse reads what strace wrote. What a process says counts from the beginning of
// the call, what it does to the disk from the end: that is the hard way round.
func parse(trace, dir string) ([]step, error) {
	var steps []step
	begun := make(map[string]string) // by thread
	for line := range strings.Lines(trace) {
		pid, text, ok := strings.Cut(strings.TrimSpace(line), " ")
		text = strings.TrimSpace(text)
		if !ok || strings.HasPrefix(text, "+++") || strings.HasPrefix(text, "---") {
			continue
		}
		if head, unfinished := strings.CutSuffix(text, "<unfinished ...>"); unfinished {
			begun[pid] = head
			if strings.HasPrefix(head, "write(1,") {
				s, err := parseCall(strings.TrimRight(head, " )") + ") = 1")
				if err != nil {
					return nil, err
				}
				steps = append(steps, s)
			}
			continue
		}
		if strings.HasPrefix(text, "<... ") {
			_, tail, _ := strings.Cut(text, " resumed>")
			if text = begun[pid] + tail; strings.HasPrefix(text, "write(1,") {
				continue // counted when it began
			}
		}
		s, err := parseCall(text)
		if err != nil {
			return nil, err
		}
		if s.path != "" {
			switch rel, err := filepath.Rel(dir, s.path); {
			case err != nil || strings.HasPrefix(rel, ".."):
				s.path = "" // another folder's
			case rel == ".":
				s.path = "/"
			default:
				s.path = rel
			}
			s.to = filepath.Base(s.to)
		}
		if s.call != "" {
			steps = append(steps, s)
		}
	}
	return steps, nil
}

// parseCall reads a line such as pwrite64(7, "\x00…", 4096, 8192) = 4096. A call
// that failed is no step.
func parseCall(text string) (step, error) {
	name, rest, ok := strings.Cut(text, "(")
	end := strings.LastIndex(rest, ")")
	if !ok || end < 0 {
		return step{}, fmt.Errorf("strace says %.200q", text)
	}
	args := strings.Split(rest[:end], ", ")
	result := strings.Fields(strings.TrimLeft(rest[end+1:], " ="))
	if len(result) == 0 || strings.HasPrefix(result[0], "-") || result[0] == "?" {
		return step{}, nil
	}
	var failed error
	number := func(i int) int64 {
		n, err := strconv.ParseInt(strings.TrimSpace(args[i]), 0, 64)
		if err != nil {
			failed = fmt.Errorf("strace says %.200q: %w", text, err)
		}
		return n
	}
	str := func(i int) []byte { // a string that was cut short ends in dots, and is an error too
		b, err := hex.DecodeString(strings.ReplaceAll(strings.Trim(strings.TrimSpace(args[i]), `"`), `\x`, ""))
		if err != nil {
			failed = fmt.Errorf("strace says %.200q: %w", text, err)
		}
		return b
	}
	s := step{call: name}
	switch name {
	case "openat":
		fd, _ := strconv.Atoi(result[0])
		s.fd, s.path, s.new = fd, string(str(1)), strings.Contains(args[2], "O_CREAT")
	case "close", "fsync", "fdatasync":
		s.fd = int(number(0))
	case "write":
		if s.fd, s.data = int(number(0)), str(1); s.fd == 1 {
			s.call = "say"
		}
	case "pwrite64":
		s.fd, s.data, s.at = int(number(0)), str(1), number(3)
	case "ftruncate":
		s.fd, s.at = int(number(0)), number(1)
	case "rename":
		s.call, s.path, s.to = "rename", string(str(0)), string(str(1))
	case "renameat", "renameat2":
		s.call, s.path, s.to = "rename", string(str(1)), string(str(3))
		s.swap = strings.Contains(rest, "RENAME_EXCHANGE")
	case "unlink":
		s.path = string(str(0))
	case "unlinkat":
		s.call, s.path = "unlink", string(str(1))
	}
	return s, failed
}

// A card is what keeps its promises about syncs, or not.
type card bool

const (
	trusted   card = true
	forgetful card = false // what was synced may be lost all the same, as long as it is among the last few writes
)

// node is a file on the card.
type node struct {
	disk    []byte // what is durable
	pending []step // writes and sizes that are not
}

// world is a folder as the box sees it, and what a cut may leave of it.
type world struct {
	card   card
	file   string
	names  map[string]*node
	fds    map[int]*open
	kept   map[string]*node // names that are durable
	later  []step           // renames and so on that are not
	states map[[32]byte]*state
}

type open struct {
	*node
	at     int64
	folder bool
}

// state is one that a cut can leave, with what must be in it.
type state struct {
	files map[string][]byte
	wants []want
	goOn  bool // the next box writes, too
}

// want is what was acknowledged at a cut: the tickets of the first permanence and
// of the second.
type want struct {
	first, second int
	closing       bool // the first may be gone as a whole
}

type verdict struct {
	states, lost, twice, unopenable int
	replacing                       int // states in the middle of the creation or the replacement of the file
	first                           string
}

// explore opens every state of the card that a cut during the recording could leave.
func explore(t *testing.T, rec recording, c card) verdict {
	t.Helper()
	w := &world{card: c, file: rec.file, names: map[string]*node{}, fds: map[int]*open{}, kept: map[string]*node{}, states: map[[32]byte]*state{}}
	var tickets [2][]session.ID
	var now want
	for _, s := range rec.steps {
		if s.call == "say" {
			var what string
			var id string
			fmt.Sscan(string(s.data), &what, &id)
			var visit session.ID
			if err := visit.UnmarshalText([]byte(id)); err != nil {
				t.Fatal(err)
			}
			switch {
			case what == "closing":
				now.closing = true
			case what == "ticket" && !now.closing:
				tickets[0] = append(tickets[0], visit)
				now.first++
			case what == "ticket":
				tickets[1] = append(tickets[1], visit)
				now.second++
			}
			if c == forgetful && now.first > 12 {
				break // enough to lose something
			}
		} else if !w.do(s) {
			continue
		}
		w.cut(now)
	}
	var v verdict
	var mu sync.Mutex
	var wg sync.WaitGroup
	todo := make(chan *state)
	folder := t.TempDir()
	for range 4 { // a disk is mostly waited for
		wg.Go(func() {
			for st := range todo {
				what, problem := st.judge(folder, tickets)
				mu.Lock()
				v.add(what, problem)
				mu.Unlock()
			}
		})
	}
	for _, st := range w.states {
		if _, two := st.files["journal.db.new"]; two {
			v.replacing++
		}
		st.goOn = v.states%20 == 0
		v.states++
		todo <- st
	}
	close(todo)
	wg.Wait()
	return v
}

func (v *verdict) add(what, problem string) {
	switch what {
	case "lost":
		v.lost++
	case "twice":
		v.twice++
	case "unopenable":
		v.unopenable++
	}
	if what != "" && v.first == "" {
		v.first = what + ": " + problem
	}
}

// do does a step, and reports whether it changed what a cut may leave.
func (w *world) do(s step) bool {
	ours := func(name string) bool { return strings.HasPrefix(name, w.file) }
	f := w.fds[s.fd]
	switch s.call {
	case "openat":
		delete(w.fds, s.fd)
		if s.path == "/" {
			w.fds[s.fd] = &open{folder: true}
		}
		if !ours(s.path) {
			return false
		}
		n, there := w.names[s.path]
		if !there && s.new {
			n = &node{}
			w.names[s.path] = n
			w.later = append(w.later, step{call: "create", path: s.path})
		}
		if n != nil {
			w.fds[s.fd] = &open{node: n}
		}
		return !there
	case "close":
		delete(w.fds, s.fd)
		return false
	case "rename", "unlink":
		if !ours(s.path) {
			return false
		}
		w.later = append(w.later, s)
		rename(w.names, s)
		return true
	}
	if f == nil {
		return false
	}
	switch s.call {
	case "write":
		s.at = f.at
		f.at += int64(len(s.data))
		f.pending = append(f.pending, s)
	case "pwrite64", "ftruncate":
		f.pending = append(f.pending, s)
	case "fsync", "fdatasync":
		switch {
		case f.folder:
			w.kept, w.later = clone(w.names), nil
		case w.card == trusted:
			f.settle(0)
		}
		return true
	}
	if w.card == forgetful {
		f.settle(5)
	}
	return true
}

func clone(names map[string]*node) map[string]*node {
	out := make(map[string]*node, len(names))
	for k, v := range names {
		out[k] = v
	}
	return out
}

// rename does what a step does to names.
func rename(names map[string]*node, s step) {
	switch {
	case s.call == "unlink":
		delete(names, s.path)
	case s.swap:
		names[s.path], names[s.to] = names[s.to], names[s.path]
	default:
		names[s.to] = names[s.path]
		delete(names, s.path)
	}
}

// settle makes all but the last few writes durable.
func (n *node) settle(but int) {
	for len(n.pending) > but {
		n.disk = apply(n.disk, n.pending[0])
		n.pending = n.pending[1:]
	}
}

// apply does a write, or a change of size, to the bytes of a file.
func apply(b []byte, s step) []byte {
	end := s.at + int64(len(s.data))
	out := make([]byte, max(int64(len(b)), end))
	copy(out, b)
	copy(out[s.at:], s.data)
	if s.call == "ftruncate" {
		return out[:s.at]
	}
	return out
}

const sector = 512

// leftovers are the contents that a cut may leave of a file.
func (n *node) leftovers() [][]byte {
	all := len(n.pending)
	with := func(keep func(i int) bool, torn int, piece *step) []byte {
		b := n.disk
		for i, s := range n.pending {
			if i == torn && piece != nil {
				b = apply(b, *piece)
			} else if keep(i) {
				b = apply(b, s)
			}
		}
		return b
	}
	var out [][]byte
	if all <= 4 {
		for set := range 1 << all {
			out = append(out, with(func(i int) bool { return set>>i&1 == 1 }, -1, nil))
		}
	} else {
		for k := range all + 1 {
			out = append(out, with(func(i int) bool { return i < k }, -1, nil), with(func(i int) bool { return i != k }, -1, nil))
		}
	}
	for torn, s := range n.pending {
		stride := sector
		if len(s.data) > 16*sector {
			stride = len(s.data) / 16 / sector * sector
		}
		for at := stride; at < len(s.data); at += stride {
			head, tail := s, s
			head.data = s.data[:at]
			tail.data, tail.at = s.data[at:], s.at+int64(at)
			for _, piece := range []*step{&head, &tail} {
				out = append(out, with(func(i int) bool { return true }, torn, piece), with(func(i int) bool { return i < torn }, torn, piece))
			}
		}
	}
	return out
}

// cut notes every state that a power cut may leave now.
func (w *world) cut(now want) {
	names := clone(w.kept)
	for k := 0; ; k++ {
		w.combine(names, now)
		if k == len(w.later) {
			return
		}
		names = clone(names)
		if s := w.later[k]; s.call == "create" {
			names[s.path] = w.created(k)
		} else {
			rename(names, s)
		}
	}
}

// created is the file that the k-th waiting step made: where its name has led to since.
func (w *world) created(k int) *node {
	name := w.later[k].path
	for _, s := range w.later[k+1:] {
		switch {
		case s.path == name && s.call == "rename":
			name = s.to
		case s.to == name && s.swap:
			name = s.path
		}
	}
	return w.names[name]
}

// combine notes the states of one set of names.
func (w *world) combine(names map[string]*node, now want) {
	folders := []map[string][]byte{{}}
	for name, n := range names {
		if n == nil {
			continue
		}
		var more []map[string][]byte
		for _, b := range n.leftovers() {
			for _, f := range folders {
				g := map[string][]byte{name: b}
				for k, v := range f {
					g[k] = v
				}
				more = append(more, g)
			}
		}
		folders = more
	}
	for _, f := range folders {
		h := sha256.New()
		for _, name := range []string{w.file, w.file + ".new"} {
			if b, ok := f[name]; ok {
				fmt.Fprintf(h, "%s %d\n", name, len(b))
				h.Write(b)
			}
		}
		key := [32]byte(h.Sum(nil))
		st := w.states[key]
		if st == nil {
			st = &state{files: map[string][]byte{}}
			for name, b := range f {
				st.files["journal.db"+strings.TrimPrefix(name, w.file)] = b
			}
			w.states[key] = st
		}
		if !slices.Contains(st.wants, now) {
			st.wants = append(st.wants, now)
		}
	}
}

// judge opens a state and compares it with what was acknowledged.
func (st *state) judge(folder string, tickets [2][]session.ID) (what, problem string) {
	dir, err := os.MkdirTemp(folder, "")
	if err != nil {
		return "unopenable", err.Error()
	}
	defer os.RemoveAll(dir)
	for name, b := range st.files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return "unopenable", err.Error()
		}
	}
	j, aside, err := journal.Open(dir)
	if err != nil || aside != "" {
		if err == nil {
			j.Close()
		}
		if !slices.ContainsFunc(st.wants, func(w want) bool { return w.first > 0 }) {
			return "", "" // a file that was never whole, and held nothing
		}
		return "unopenable", fmt.Sprintf("set aside %q, %v", aside, err)
	}
	defer j.Close()
	var last session.Event
	var state session.State
	found := make(map[session.ID]int)
	j.Replay(func(e session.Event) {
		last = e
		state = session.Evolve(state, e)
		if b, ok := e.Body.(session.TicketTaken); ok {
			found[b.Visit]++
		}
	})
	for id, n := range found {
		if n != 1 {
			return "twice", fmt.Sprintf("ticket %v is there %d times", id, n)
		}
	}
	for _, w := range st.wants {
		if missing := st.missing(w, tickets, found); missing != "" {
			return "lost", missing
		}
	}
	if !st.goOn {
		return "", ""
	}
	// Whatever was left, the next box can write.
	next := session.Event{Seq: last.Seq + 1, Command: session.ID{1}, At: last.At, Body: session.Interrupted{}}
	if err := j.Append([]session.Event{next}); err != nil {
		return "unopenable", err.Error()
	}
	if err := j.Close(); err != nil {
		return "unopenable", err.Error()
	}
	again, aside, err := journal.Open(dir)
	if err != nil || aside != "" {
		return "unopenable", fmt.Sprintf("after one more event: set aside %q, %v", aside, err)
	}
	defer again.Close()
	n := 0
	again.Replay(func(e session.Event) { n++; last = e })
	if last.Seq != next.Seq {
		return "lost", "an event written after the cut"
	}
	return "", ""
}

// missing says what was acknowledged and is not there, or "".
func (st *state) missing(w want, tickets [2][]session.ID, found map[session.ID]int) string {
	gone := func(ids []session.ID) string {
		for i, id := range ids {
			if found[id] == 0 {
				return fmt.Sprintf("acknowledged ticket %d of %d (%v)", i+1, len(ids), id)
			}
		}
		return ""
	}
	if w.closing && (w.second > 0 || gone(tickets[0][:1]) != "") {
		return gone(tickets[1][:w.second]) // the first permanence is in the ledger now
	}
	return gone(tickets[0][:w.first])
}
