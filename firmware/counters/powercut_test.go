package counters

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"jeudi/firmware/powercut"
)

// The proof of the package's first promises: the real system calls of the real store
// are recorded while it lives through a script, every state of its folder that a power
// cut could leave is opened by the same store, and compared with a model of what it had
// acknowledged. The model is a few lines, and knows nothing of files.

// ---- the script and its model ----

type deed string

const (
	doStart   deed = "start"   // the first one
	doGive    deed = "give"    // a sheet
	doRepeat  deed = "repeat"  // the same sheet, whose answer was lost
	doMerge   deed = "merge"   // and so on to the next batch
	doRestart deed = "restart" // of the box; where there is a key it is given back
	doLose    deed = "lose"    // a restart, and nobody has the key
	doAbandon deed = "abandon" // the sheets whose key is lost
	doPeriod  deed = "period"  // the end of one
)

type act struct {
	do deed
	n  int // of the sheet, or of the period
}

// script is what the recorded box lives through: sheets, one of them twice, two
// merges of different sizes, a restart with sheets that wait, the end of a period with
// sheets that wait, sheets whose key is lost, and some left over.
func script(level Options) (acts []act) {
	next := 0
	gives := func(n int) {
		for range n {
			acts = append(acts, act{doGive, next})
			next++
		}
	}
	acts = append(acts, act{do: doStart})
	gives(4)
	acts = append(acts, act{doRepeat, 2})
	gives(6)
	acts = append(acts, act{do: doMerge})
	gives(5)
	acts = append(acts, act{do: doRestart}, act{doRepeat, 11})
	gives(7)
	acts = append(acts, act{doPeriod, 1}, act{doPeriod, 1}, act{do: doMerge})
	gives(3)
	if level.Sealed {
		acts = append(acts, act{do: doLose}, act{do: doAbandon})
		gives(2)
	}
	return acts
}

// model is what a store holds, in numbers of sheets.
type model struct {
	counted    []int // in this period
	waiting    []int
	over       []int // counted in earlier periods, or given up
	period     int
	unreadable int   // in this period
	last       []int // the batch that ended last
}

// after is the model when the deed is done.
func (m model) after(a act) model {
	m.counted, m.waiting, m.over = slices.Clone(m.counted), slices.Clone(m.waiting), slices.Clone(m.over)
	switch a.do {
	case doGive, doRepeat:
		if !slices.Contains(m.waiting, a.n) {
			m.waiting = append(m.waiting, a.n)
		}
	case doMerge:
		m.counted, m.last, m.waiting = append(m.counted, m.waiting...), m.waiting, nil
	case doAbandon:
		m.unreadable += len(m.waiting)
		m.over, m.last, m.waiting = append(m.over, m.waiting...), m.waiting, nil
	case doPeriod:
		if m.period == a.n {
			m.over, m.counted, m.unreadable = append(m.over, m.counted...), nil, 0
			m.period++
		}
	}
	return m
}

// all is how many sheets it accounts for.
func (m model) all() int { return len(m.counted) + len(m.waiting) + len(m.over) }

// ---- the recorded box: the test binary, started again ----

const (
	childEnv = "JEUDI_TEST_CHILD" // what to do
	dirEnv   = "JEUDI_TEST_DIR"
	levelEnv = "JEUDI_TEST_LEVEL" // sealed or plain
	atEnv    = "JEUDI_TEST_AT"    // the deed whose cuts are looked at
	faultEnv = "JEUDI_TEST_FAULT" // which of the planted faults this store has

	scratchEnv = "JEUDI_TEST_SCRATCH" // where a child that may be killed leaves its folders
)

func TestMain(m *testing.M) {
	level := Options{Sealed: os.Getenv(levelEnv) == "sealed"}
	var err error
	switch os.Getenv(childEnv) {
	case "":
		os.Exit(m.Run())
	case "script":
		err = play(os.Getenv(dirEnv), level)
	case "recover":
		err = reopenAll(os.Getenv(dirEnv), level)
	case "verdict":
		err = printVerdict(level)
	case "mornings":
		err = mornings(os.Getenv(dirEnv), level)
	case "visits":
		err = visits(os.Getenv(dirEnv), level)
	default:
		err = errors.New("no such child")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// say writes one line at once: a pipe takes it whole or not at all.
func say(format string, args ...any) { os.Stdout.WriteString(fmt.Sprintf(format+"\n", args...)) }

// cast are the sheets of the script by their numbers, and some more. Known to all
// tests of this file, and changed by none.
var cast = people(30, 60)

// play lives through the script, says before and after each deed that it is so, and
// hands over the key of each batch.
func play(dir string, level Options) error {
	var s *Store
	var told Secret
	for i, a := range script(level) {
		say("begin %d", i)
		var err error
		switch a.do {
		case doStart, doRestart, doLose:
			if s != nil {
				s.Close()
			}
			if s, _, err = Open(dir, visitor, level); err == nil && a.do == doRestart && level.Sealed {
				err = s.Unlock(told)
			}
		case doGive, doRepeat:
			err = s.Submit(cast[a.n].id, cast[a.n].sh)
		case doMerge:
			_, err = s.Merge()
		case doAbandon:
			_, err = s.Abandon()
		case doPeriod:
			err = s.EndPeriod(uint64(a.n))
		}
		if err != nil {
			return fmt.Errorf("%v: %w", a, err)
		}
		if sec, ok := s.Secret(); ok && sec != told {
			told = sec
			say("secret %v", sec)
		}
		say("done %d", i)
	}
	return s.Close()
}

// reopenAll opens the stores in the folders of dir, one after the other.
func reopenAll(dir string, level Options) error {
	folders, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range folders {
		say("begin %s", f.Name())
		s, _, err := Open(filepath.Join(dir, f.Name()), visitor, level)
		if err != nil {
			return err
		}
		s.Close()
	}
	return nil
}

// ---- the exploration ----

// part is what a state belongs to: the deed under way at the first cut that leaves it,
// "" between deeds, or that of a recovery.
type part struct {
	Doing    deed
	Recovery int // 0: of a deed; 1: of the start after its cut; 2: of the start after that one's
}

// finding is what became of the states of one part.
type finding struct {
	part
	States int
	Bad    map[string]int    // lost, twice, wrong, unopenable, remains
	First  map[string]string // of each kind of badness
}

// verdict is what an exploration found.
type verdict struct {
	Level    Options
	Findings []*finding
	Acked    int // deeds
	Stray    int // contents of files that never had a name, with the totals of the merge under way
}

func (v *verdict) of(p part) *finding {
	for _, f := range v.Findings {
		if f.part == p {
			return f
		}
	}
	f := &finding{part: p, Bad: map[string]int{}, First: map[string]string{}}
	v.Findings = append(v.Findings, f)
	return f
}

func (f *finding) add(kind, problem string) {
	if kind == "" {
		return
	}
	if f.Bad[kind]++; f.First[kind] == "" {
		f.First[kind] = problem
	}
}

// sum puts together what a test asks of.
func (v verdict) sum(of func(part) bool) finding {
	all := finding{Bad: map[string]int{}, First: map[string]string{}}
	for _, f := range v.Findings {
		if !of(f.part) {
			continue
		}
		all.States += f.States
		for kind, n := range f.Bad {
			if all.Bad[kind] += n; all.First[kind] == "" {
				all.First[kind] = fmt.Sprintf("%q, recovery %d: %s", f.Doing, f.Recovery, f.First[kind])
			}
		}
	}
	return all
}

// want is what a cut may leave: the model after lo deeds, or after any of those up to
// hi; and how many keys had been handed over.
type want struct{ lo, hi, keys int }

// moment is a state of the folder, with what must be in it.
type moment struct {
	part
	files map[string][]byte
	wants []want
	goOn  bool // after the look at it the store is used
}

// recording is what was recorded, in terms of the model.
type recording struct {
	level  Options
	steps  []powercut.Step
	acts   []act
	models []model // models[i] is after i deeds
	tally  []map[string]uint64
	keys   []Secret
}

// scratch is a folder in memory, where a sync costs nothing.
func scratch() (string, error) {
	for _, at := range []string{os.Getenv(scratchEnv), "/dev/shm"} {
		if at == "" {
			continue
		}
		if dir, err := os.MkdirTemp(at, "jeudi-cut"); err == nil {
			return dir, nil
		}
	}
	return os.MkdirTemp("", "jeudi-cut")
}

// levelName is how a level is said to a child.
func levelName(level Options) string {
	if level.Sealed {
		return "sealed"
	}
	return "plain"
}

func recordScript(level Options) (*recording, error) {
	dir, err := scratch()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	at := filepath.Join(dir, "store")
	if err := os.Mkdir(at, 0o700); err != nil {
		return nil, err
	}
	r := &recording{level: level, acts: script(level), models: []model{{period: 1}}}
	for _, a := range r.acts {
		r.models = append(r.models, r.models[len(r.models)-1].after(a))
	}
	for _, m := range r.models {
		r.tally = append(r.tally, tally(m.counted))
	}
	r.steps, err = powercut.Record(at, child("script", level, at), os.Args[0])
	return r, err
}

func child(what string, level Options, dir string) []string {
	return []string{childEnv + "=" + what, levelEnv + "=" + levelName(level), dirEnv + "=" + dir}
}

// collector notes every state that cuts can leave, once.
type collector struct {
	r       *recording
	v       *verdict
	moments map[[32]byte]*moment
	order   []*moment
	freed   map[[32]byte]bool
}

// cut notes what a cut now would leave.
func (c *collector) cut(card *powercut.Card, p part, wants ...want) {
	card.Cut(func(st powercut.State) {
		m := c.moments[st.Key]
		if m == nil {
			m = &moment{part: p, files: st.Files, goOn: len(c.order)%3 == 0}
			c.moments[st.Key] = m
			c.order = append(c.order, m)
		}
		for _, w := range wants {
			if !slices.Contains(m.wants, w) {
				m.wants = append(m.wants, w)
			}
		}
	}, func(f powercut.Freed) {
		kind, problem := c.r.judgeFreed(f, wants[0])
		if kind != "stray" {
			c.v.of(p).add(kind, problem)
		} else if key := sha256.Sum256(f.Data); !c.freed[key] {
			c.freed[key] = true
			c.v.Stray++
		}
	})
}

// explore judges every state that a cut could leave, and what is in freed blocks; then
// those that a cut of the recoveries of some of them could leave, and so on. only is a
// deed whose cuts alone are looked at, and those until the next; "" is all.
func (r *recording) explore(depth int, only deed) (*verdict, error) {
	v := &verdict{Level: r.level}
	c := &collector{r: r, v: v, moments: map[[32]byte]*moment{}, freed: map[[32]byte]bool{}}
	now := want{0, 0, 0}
	var doing, last deed
	card := &powercut.Card{}
	for _, s := range r.steps {
		if s.Call == powercut.Say {
			var what, arg string
			fmt.Sscan(string(s.Data), &what, &arg)
			if what == "secret" {
				sec, err := ParseSecret(arg)
				if err != nil {
					return nil, err
				}
				r.keys = append(r.keys, sec)
				now.keys++
				continue
			}
			i, err := strconv.Atoi(arg)
			if err != nil {
				return nil, err
			}
			if what == "begin" {
				now.lo, now.hi, doing = i, i+1, r.acts[i].do
			} else {
				now.lo, now.hi, doing, last = i+1, i+1, "", doing
				v.Acked++
			}
		} else if !card.Do(s) {
			continue
		}
		if only == "" || only == doing || only == last && doing == "" {
			c.cut(card, part{doing, 0}, now)
		}
		if only != "" && doing == "" && len(c.order) > enough {
			break
		}
	}
	judged := 0
	for level := 0; ; level++ {
		if err := r.judgeAll(v, c.order[judged:]); err != nil {
			return nil, err
		}
		fresh := c.order[judged:]
		if judged = len(c.order); level == depth {
			return v, nil
		}
		if err := c.recoveries(fresh, level+1); err != nil {
			return nil, err
		}
	}
}

// enough states show a planted fault.
const enough = 300

// sample is how many states of each deed have their recovery cut as well.
var sample = flag.Int("cuts", 2, "of how many states of each deed the recovery is cut as well, and that of the cut")

// recoveries records how the store starts on some states, and notes what cuts of that
// would leave. Nothing is given to it and nothing counted, so what must be there is the
// same.
func (c *collector) recoveries(from []*moment, level int) error {
	byDeed := map[deed][]*moment{}
	for _, m := range from {
		byDeed[m.Doing] = append(byDeed[m.Doing], m)
	}
	dir, err := scratch()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	chosen := map[string]*moment{}
	for _, do := range slices.Sorted(maps.Keys(byDeed)) {
		if do == "" || do == doGive || do == doRepeat {
			continue // their recovery reads
		}
		list := byDeed[do]
		for i := range min(*sample, len(list)) {
			m := list[i*len(list)/min(*sample, len(list))]
			name := fmt.Sprintf("%04d", len(chosen))
			chosen[name] = m
			if err := m.write(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	steps, err := powercut.Record(dir, child("recover", c.r.level, dir), os.Args[0])
	if err != nil {
		return err
	}
	var name string
	var card *powercut.Card
	for _, s := range steps {
		if s.Call == powercut.Say {
			fmt.Sscanf(string(s.Data), "begin %s", &name)
			card = &powercut.Card{}
			for file, b := range chosen[name].files {
				card.Put(file, b)
			}
			continue
		}
		if card != nil && card.Do(powercut.Below([]powercut.Step{s}, name)[0]) {
			c.cut(card, part{chosen[name].Doing, level}, chosen[name].wants...)
		}
	}
	return nil
}

// write lays the state into a folder that does not exist yet.
func (m *moment) write(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for name, b := range m.files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// judgeAll judges states, as many at a time as there are processors.
func (r *recording) judgeAll(v *verdict, list []*moment) error {
	folder, err := scratch()
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	var mu sync.Mutex
	var wg sync.WaitGroup
	todo := make(chan *moment)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for m := range todo {
				kind, problem := r.judge(folder, m)
				mu.Lock()
				f := v.of(m.part)
				f.States++
				f.add(kind, problem)
				mu.Unlock()
			}
		})
	}
	for _, m := range list {
		todo <- m
	}
	close(todo)
	wg.Wait()
	return nil
}

// judgeFreed judges blocks that no name leads to: nobody will ever overwrite them, so
// there must be nothing to read in them. A file that never had a name could not be
// zeroed by anybody; it may hold the totals of the merge under way, which are those of
// ten sheets more, and nothing else.
func (r *recording) judgeFreed(f powercut.Freed, now want) (kind, problem string) {
	for i, p := range cast {
		if holdsSheet(f.Data, p) {
			return "remains", fmt.Sprintf("sheet %d in blocks that were given back", i)
		}
	}
	seen := counterValues(f.Data)
	if len(seen) == 0 {
		return "", ""
	}
	if f.Named {
		return "remains", fmt.Sprintf("%d counters in blocks that were given back, after deed %d", len(seen), now.lo)
	}
	for i := now.lo; i <= now.hi; i++ {
		if within(seen, r.tally[i]) {
			return "stray", ""
		}
	}
	return "remains", fmt.Sprintf("earlier counters in a file that never had a name, after deed %d", now.lo)
}

// judge opens a state and compares it with the model; then it goes on from there.
func (r *recording) judge(folder string, m *moment) (kind, problem string) {
	box, err := os.MkdirTemp(folder, "")
	if err != nil {
		return "unopenable", err.Error()
	}
	defer os.RemoveAll(box)
	dir, kept := filepath.Join(box, "store"), filepath.Join(box, "kept")
	if err := errors.Join(m.write(dir), os.Mkdir(kept, 0o700)); err != nil {
		return "unopenable", err.Error()
	}
	for name := range m.files { // a second name, so that the blocks can be read when the first is gone
		if err := os.Link(filepath.Join(dir, name), filepath.Join(kept, name)); err != nil {
			return "unopenable", err.Error()
		}
	}
	at := fmt.Sprintf("after deed %d", m.wants[0].lo)
	s, warnings, err := Open(dir, visitor, r.level)
	if err != nil || slices.ContainsFunc(warnings, Warning.Lost) {
		if err == nil {
			s.Close()
		}
		return "unopenable", fmt.Sprintf("%s: Open() = %v, %v", at, warnings, err)
	}
	defer s.Close()
	got, kind, problem := r.find(s, m)
	if kind != "" {
		return kind, problem
	}
	begun := 0
	for _, a := range r.acts[:m.wants[0].hi] {
		if a.do == doGive {
			begun = a.n + 1
		}
	}
	if problem := remains(dir, kept, got, begun); problem != "" {
		return "remains", at + ": " + problem
	}
	if s.Locked() {
		for _, sec := range r.keys[:m.wants[0].keys] {
			if err := s.Unlock(sec); err == nil {
				break
			}
		}
		if s.Locked() {
			return "lost", at + ": no key that was handed over opens what waits"
		}
	}
	if !m.goOn {
		return "", ""
	}
	if kind, problem = r.goOn(s, got, begun); kind != "" {
		return kind, at + ": " + problem
	}
	return "", ""
}

// find returns the model that the store holds: for every cut that leaves this state, one
// of those it may leave.
func (r *recording) find(s *Store, m *moment) (got model, kind, problem string) {
	for _, w := range m.wants {
		found := false
		for i := w.lo; i <= w.hi && !found; i++ {
			if found = holdsModel(s, r.models[i], r.tally[i]); found {
				got = r.models[i]
			}
		}
		if found {
			continue
		}
		t, least, most := s.Totals(), r.models[w.lo], r.models[w.hi]
		has := t.Sheets + t.Pending + t.Unreadable
		if int(t.Period) == least.period {
			has += len(least.over) - least.unreadable
		} else {
			has += len(most.over) - most.unreadable
		}
		kind = "wrong"
		if has < least.all() {
			kind = "lost"
		} else if has > most.all() {
			kind = "twice"
		}
		return got, kind, fmt.Sprintf("after deed %d: period %d, %d counted, %d wait, %d unreadable; want %d, %d, %d, %d", w.lo,
			t.Period, t.Sheets, t.Pending, t.Unreadable, least.period, len(least.counted), len(least.waiting), least.unreadable)
	}
	return got, "", ""
}

// goOn gives every sheet that was ever begun once more, fills the batch, counts it and
// looks again.
func (r *recording) goOn(s *Store, got model, begun int) (kind, problem string) {
	for i := range begun {
		switch {
		case slices.Contains(got.last, i): // an answer that was lost; it is counted already
		case slices.Contains(got.counted, i), slices.Contains(got.over, i):
			continue // its batch is long over: nobody sends it again
		default:
			got = got.after(act{doGive, i})
		}
		if err := s.Submit(cast[i].id, cast[i].sh); err != nil {
			return "unopenable", err.Error()
		}
	}
	compare := func(what string) (kind, problem string) {
		if holdsModel(s, got, tally(got.counted)) {
			return "", ""
		}
		t := s.Totals()
		kind = "twice"
		if t.Sheets+t.Pending < len(got.counted)+len(got.waiting) {
			kind = "lost"
		}
		return kind, fmt.Sprintf("%s: period %d, %d counted, %d wait; want %d, %d, %d", what, t.Period, t.Sheets, t.Pending, got.period, len(got.counted), len(got.waiting))
	}
	if kind, problem := compare("given again"); kind != "" {
		return kind, problem
	}
	for next := len(cast) - 1; len(got.waiting) < MinBatch; next-- {
		got = got.after(act{doGive, next})
		if err := s.Submit(cast[next].id, cast[next].sh); err != nil {
			return "unopenable", err.Error()
		}
	}
	got = got.after(act{do: doMerge})
	if _, err := s.Merge(); err != nil {
		return "unopenable", err.Error()
	}
	if kind, problem := compare("one more merge"); kind != "" {
		return kind, problem
	}
	if problem := remains(s.path, filepath.Join(filepath.Dir(s.path), "kept"), got, begun); problem != "" {
		return "remains", "one more merge: " + problem
	}
	return "", ""
}

// holdsModel reports whether the store holds exactly this: every counter, every sheet
// that waits, and no other.
func holdsModel(s *Store, m model, counters map[string]uint64) bool {
	t := s.Totals()
	if t.Sheets != len(m.counted) || t.Pending != len(m.waiting) || t.Unreadable != m.unreadable || t.Period != uint64(m.period) {
		return false
	}
	for _, i := range m.waiting {
		if e, ok := s.waiting[cast[i].id]; !ok || !e.durable {
			return false
		}
	}
	for _, q := range t.Questions {
		for _, a := range q.Answers {
			if counters[counterKey(q.Key, a.Key)] != uint64(a.N) {
				return false
			}
		}
	}
	return true
}

// remains says what a recovered folder still tells of the past: the counters, the area,
// and what became of the files that were there before, which have their second names in
// kept. Of the first begun sheets those that wait may be there, and what a cut left of
// one that was under way.
func remains(dir, kept string, m model, begun int) string {
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		return fmt.Sprintf("files = %v, %v; want counts.db and pending", files, err)
	}
	live, err := os.ReadFile(filepath.Join(dir, countsName))
	if err != nil {
		return err.Error()
	}
	want := tally(m.counted)
	if seen := counterValues(live); !within(seen, want) || len(seen) != len(want) {
		return fmt.Sprintf("counts.db tells of %d counters; want %d, with one value each", len(seen), len(want))
	}
	here := map[string]os.FileInfo{}
	for _, f := range files {
		if here[f.Name()], err = f.Info(); err != nil {
			return err.Error()
		}
	}
	paths := []string{filepath.Join(dir, pendingName)}
	old, err := os.ReadDir(kept)
	if err != nil {
		return err.Error()
	}
	for _, f := range old {
		info, err := f.Info()
		if err != nil {
			return err.Error()
		}
		if os.SameFile(info, here[countsName]) || os.SameFile(info, here[pendingName]) {
			continue
		}
		path := filepath.Join(kept, f.Name())
		b, err := os.ReadFile(path)
		if err != nil {
			return err.Error()
		}
		if n := len(counterValues(b)); n > 0 {
			return fmt.Sprintf("%d counters of an earlier generation in the blocks of %s", n, f.Name())
		}
		paths = append(paths, path)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return err.Error()
		}
		for i, p := range cast {
			over := slices.Contains(m.counted, i) || slices.Contains(m.over, i)
			if (over || i >= begun && !slices.Contains(m.waiting, i)) && holdsSheet(b, p) {
				return fmt.Sprintf("sheet %d in %s", i, filepath.Base(path))
			}
		}
	}
	return ""
}

// ---- the planted faults ----

// fault is a mistake that somebody could make, as a change of the source.
type fault struct {
	name string
	at   deed     // whose cuts show it
	in   string   // file, from this folder
	from string   // there exactly once
	to   string   // PLANTED is the condition
	as   []string // what it may be found as
}

// faults are planted together, each behind the name that the environment gives.
func faults() []fault {
	const boltfile = "../boltfile/boltfile.go"
	list := []fault{
		{"no sync before answering", doGive, "counters.go",
			"slotOffset(e.slot)) },\n\t\ts.syncArea,",
			"slotOffset(e.slot)) },\n\t\tfunc() error { if PLANTED { return nil }; return s.syncArea() },",
			[]string{"lost"}},
		{"area overwritten before the batch is counted", doMerge, "counters.go",
			"\tif err := s.steps(func() error { return next.commit(",
			"\tif PLANTED { s.scrubArea(); s.syncArea() }\n\tif err := s.steps(func() error { return next.commit(",
			[]string{"lost"}},
		{"number of the batch not looked at", doMerge, "counters.go",
			"if s.counts.batch > s.head.batch {",
			"if s.counts.batch > s.head.batch && !PLANTED {",
			[]string{"twice"}},
		{"both headers in one barrier", doMerge, "pending.go",
			"headerOffset(0)) },\n\t\ts.syncArea,",
			"headerOffset(0)) },\n\t\tfunc() error { if PLANTED { return nil }; return s.syncArea() },",
			[]string{"unopenable"}},
		{"no checksum", doGive, "pending.go",
			"!sealed(b)",
			"!(PLANTED || sealed(b))",
			[]string{"wrong", "twice", "unopenable"}},
		{"ids that wait not looked up", doGive, "counters.go",
			"\te, known := s.waiting[id]\n",
			"\te, known := s.waiting[id]\n\tif PLANTED { e, known = entry{}, false; id[0]++ }\n",
			[]string{"twice"}},
		{"ids that were counted not looked up", doMerge, "counted.go",
			"c.batch > 0 && c.batch < s.head.batch",
			"!PLANTED && c.batch > 0 && c.batch < s.head.batch",
			[]string{"twice"}},
		{"old generation left", doMerge, "counters.go",
			"\t\tfunc() error { return boltfile.Exchange(temp, live) },\n\t); err != nil {\n\t\treturn err\n\t}\n\treturn s.discard()",
			"\t\tfunc() error { if PLANTED { return nil }; return boltfile.Exchange(temp, live) },\n\t); err != nil {\n\t\treturn err\n\t}\n\treturn s.discard()",
			[]string{"remains"}},
		{"sums of a merge that was cut left", doMerge, "counters.go",
			"err == nil && !clean {",
			"err == nil && !clean && !PLANTED {",
			[]string{"remains"}},
		{"area not overwritten", doMerge, "counters.go",
			"s.steps(s.scrubArea, s.syncArea)",
			"s.steps(func() error { if PLANTED { return nil }; return s.scrubArea() }, s.syncArea)",
			[]string{"remains"}},
		{"old file freed as it is", doMerge, boltfile,
			"\tzeros := make([]byte, 64<<10)\n",
			"\tzeros := make([]byte, 64<<10)\n\tif PLANTED { os.Remove(path); return syncDir(path) }\n",
			[]string{"remains"}},
		{"zeros not synced before their blocks are freed", doMerge, boltfile,
			"\tif err := f.Sync(); err != nil {\n\t\treturn fmt.Errorf(\"boltfile: discard",
			"\tif err := func() error { if PLANTED { return nil }; return f.Sync() }(); err != nil {\n\t\treturn fmt.Errorf(\"boltfile: discard",
			[]string{"remains"}},
		{"renamed over the old file", doMerge, boltfile,
			"\terr := swapNames(a, b)\n",
			"\terr := func() error { if PLANTED { return os.Rename(a, b) }; return swapNames(a, b) }()\n",
			[]string{"remains"}},
		{"no rule for counts.new at the start", doMerge, "counters.go",
			"\treturn s.steps(func() error { return boltfile.Discard(s.file(countsTemp)) })",
			"\tif PLANTED && s.head.batch == 0 { return nil }\n\treturn s.steps(func() error { return boltfile.Discard(s.file(countsTemp)) })",
			[]string{"remains", "unopenable", "killed"}},
		{"counters created under their own name", doStart, "counters.go",
			"\treturn s.steps(\n\t\tfunc() error { return m.create(s.file(countsTemp), s.schema.Kind) },",
			"\tif PLANTED { return errors.Join(m.create(s.file(countsName), s.schema.Kind), s.dir.Sync()) }\n\treturn s.steps(\n\t\tfunc() error { return m.create(s.file(countsTemp), s.schema.Kind) },",
			[]string{"unopenable", "killed"}},
		{"period ended twice", doPeriod, "batch.go",
			"\tcase s.counts.period > period:",
			"\tcase s.counts.period > period && !PLANTED:",
			[]string{"wrong", "lost"}},
		{"names not synced before the old file is overwritten", doPeriod, boltfile,
			"\t\tif err = syncDir(a); err != nil {",
			"\t\tif err = func() error { if PLANTED { return nil }; return syncDir(a) }(); err != nil {",
			[]string{"unopenable"}},
		{"unreadable sheets not counted", doAbandon, "batch.go",
			"\tnext.unreadable += uint64(len(ids))",
			"\tif !PLANTED { next.unreadable += uint64(len(ids)) }",
			[]string{"lost", "wrong"}},
	}
	for i := range list {
		list[i].to = strings.ReplaceAll(list[i].to, "PLANTED", fmt.Sprintf("planted(%q)", list[i].name))
	}
	return list
}

// plantedBinary builds this test with all faults in the store's source, each asleep.
func plantedBinary(t *testing.T) (binary string) {
	t.Helper()
	dir := t.TempDir()
	sources := map[string]string{}
	for _, f := range faults() {
		path, err := filepath.Abs(f.in)
		if err != nil {
			t.Fatal(err)
		}
		if sources[path] == "" {
			sources[path] = string(read(t, path))
		}
		if n := strings.Count(sources[path], f.from); n != 1 {
			t.Fatalf("%q cannot be planted: %s has its place %d times; want once. The source has changed: find the place where this mistake would be made now", f.name, f.in, n)
		}
		sources[path] = strings.Replace(sources[path], f.from, f.to, 1)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for path := range maps.Clone(sources) {
		folder := filepath.Dir(path)
		sources[filepath.Join(folder, "planted.go")] = fmt.Sprintf(
			"package %s\n\nimport \"os\"\n\nfunc planted(name string) bool { return os.Getenv(%q) == name }\n", filepath.Base(folder), faultEnv)
	}
	for path, text := range sources {
		at := filepath.Join(dir, filepath.Base(filepath.Dir(path))+"-"+filepath.Base(path))
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[path] = at
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	list, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "planted.test")
	if err := os.WriteFile(list, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", list, "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("building the store with faults: %v\n%s", err, out)
	}
	return binary
}

// printVerdict is the exploration of this binary's own store, for another process.
func printVerdict(level Options) error {
	r, err := recordScript(level)
	if err != nil {
		return err
	}
	v, err := r.explore(0, deed(os.Getenv(atEnv)))
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(v)
}

// explored are the explorations of both levels, done once for all tests that ask.
var explored = sync.OnceValues(func() (list []*verdict, err error) {
	for _, level := range []Options{{Sealed: true}, {}} {
		r, err := recordScript(level)
		if err != nil {
			return nil, err
		}
		v, err := r.explore(2, "")
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
})

// explorer tells what was found about some of the states, and fails on any that is bad.
func explorer(t *testing.T, what string, least int, of func(part) bool) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs strace; make test runs it")
	}
	list, err := explored()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		f := v.sum(of)
		if f.States == 0 && !v.Level.Sealed {
			continue // what is sealed alone can be given up
		}
		t.Logf("report: power cut, %s sheets, %s: %d distinct states of the folder, %d lost, %d twice, %d wrong, %d unopenable, %d with remains",
			levelName(v.Level), what, f.States, f.Bad["lost"], f.Bad["twice"], f.Bad["wrong"], f.Bad["unopenable"], f.Bad["remains"])
		for kind, first := range f.First {
			t.Errorf("%s, %s: %s", levelName(v.Level), kind, first)
		}
		if f.States < least {
			t.Errorf("%s: %d states; want at least %d: is the recorder blind?", levelName(v.Level), f.States, least)
		}
	}
}

// TestCase13: the power is cut at any boundary of system calls. No accepted sheet is
// lost or counted twice.
func TestCase13(t *testing.T) {
	explorer(t, "anywhere", 1000, func(p part) bool { return p.Recovery == 0 })
	list, err := explored()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		if want := len(script(v.Level)); v.Acked != want {
			t.Errorf("%s: %d acknowledgements; want %d", levelName(v.Level), v.Acked, want)
		}
		t.Logf("report: power cut, %s sheets: %d contents of files that never got a name hold the totals of the merge under way, and no sheet", levelName(v.Level), v.Stray)
	}
}

// TestCase14: the power is cut while the store is created.
func TestCase14(t *testing.T) {
	explorer(t, "first start", 100, func(p part) bool { return p.Recovery == 0 && p.Doing == doStart })
}

// TestCase15: the power is cut at any step of a merge; of the end of a period; of
// giving up a batch without its key.
func TestCase15(t *testing.T) {
	for _, do := range []deed{doMerge, doPeriod} {
		explorer(t, string(do), 100, func(p part) bool { return p.Recovery == 0 && p.Doing == do })
	}
	explorer(t, "abandon", 100, func(p part) bool { return p.Recovery == 0 && p.Doing == doAbandon })
}

// TestCase16: the power is cut while the store recovers from a cut, and again while it
// recovers from that.
func TestCase16(t *testing.T) {
	explorer(t, "recovery", 200, func(p part) bool { return p.Recovery == 1 })
	explorer(t, "recovery of a recovery", 100, func(p part) bool { return p.Recovery == 2 })
}

// TestPlantedFaults: each mistake that somebody could make is found by the same oracle.
func TestPlantedFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("needs strace; make test runs it")
	}
	binary := plantedBinary(t)
	base, err := scratch()
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(base)
	list := faults()
	found := make([]finding, len(list))
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	slots := make(chan bool, runtime.GOMAXPROCS(0))
	for i, f := range list {
		wg.Go(func() {
			slots <- true
			defer func() { <-slots }()
			cmd := exec.Command(binary)
			cmd.Env = append(append(os.Environ(), child("verdict", Options{Sealed: true}, "")...), faultEnv+"="+f.name, atEnv+"="+string(f.at), scratchEnv+"="+base, "GOMAXPROCS=1")
			var complaints bytes.Buffer
			cmd.Stderr = &complaints
			out, err := cmd.Output()
			var v verdict
			switch {
			case err != nil && bytes.Contains(complaints.Bytes(), []byte("go.etcd.io/bbolt.")):
				found[i].Bad = map[string]int{"killed": 1} // bbolt's own goroutines cannot be recovered from
			case err != nil:
				errs[i] = fmt.Errorf("%w: %s", err, complaints.String())
			default:
				if errs[i] = json.Unmarshal(out, &v); errs[i] == nil {
					found[i] = v.sum(func(part) bool { return true })
				}
			}
		})
	}
	wg.Wait()
	n := 0
	for i, f := range list {
		if errs[i] != nil {
			t.Errorf("%s: %v", f.name, errs[i])
			continue
		}
		t.Logf("planted fault, %s: %d states, found as %v", f.name, found[i].States, found[i].Bad)
		if slices.ContainsFunc(f.as, func(kind string) bool { return found[i].Bad[kind] > 0 }) {
			n++
		} else {
			t.Errorf("planted %q: found as %v; want one of %q", f.name, found[i].Bad, f.as)
		}
	}
	t.Logf("report: power cut in the counters: %d of %d planted faults found", n, len(list))
}
