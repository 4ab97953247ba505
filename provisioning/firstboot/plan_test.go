package firstboot

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// A model is a card in a few words. Each op is a write that either reached the card or
// did not.
type model struct {
	// on the card
	grown  bool
	reset  bool   // RESET lies on the start partition
	mark   bool   // the partition of the data is being erased
	fs     string // "blank", "broken", "hurt" (a check mends it), "whole"
	files  bool   // what staff and visitors left reads from the file system, or can be saved from it
	traces bool   // a recovery would find something
	wide   bool   // the file system fills its partition
	tail   bool   // a rescue lies at the end
	own    bool   // the folders are there
	place  bool   // a site file lies on the start partition
	offer  bool   // and was not taken yet
	took   bool   // it is the box's

	// this start
	card, start, swept, erased, looked, mounted bool

	left  int // ops until the power is cut
	fails Step
}

type cut struct{}

// op is one write.
func (m *model) op(do func()) {
	if m.left == 0 {
		panic(cut{})
	}
	m.left--
	do()
}

func (m *model) Look() Facts {
	f := Facts{Card: m.card, Start: m.start, Room: !m.grown, Swept: m.swept, Erased: m.erased, Rescued: m.tail, Narrow: !m.wide && m.fs == "whole"}
	f.Reset = m.mark || m.start && m.reset
	switch {
	case m.mounted:
		f.Data, f.Folders = Mounted, m.own
		if m.offer && m.start {
			f.Offer = GoodSite
		}
	case !m.looked:
		f.Data = Unchecked
	default:
		f.Data = map[string]Data{"blank": Blank, "broken": Broken, "hurt": Broken, "whole": Whole}[m.fs]
	}
	return f
}

func (m *model) Tell(string) {}

func (m *model) Do(s Step) error {
	if s == m.fails {
		return errors.New("it does not work")
	}
	switch s {
	case FindCard:
		m.card = true
	case MountStart:
		m.start = true
	case GrowTable:
		m.op(func() {}) // the extended partition
		m.op(func() { m.grown, m.wide = true, false })
	case Sweep:
		m.op(func() { m.place, m.offer = false, false })
		m.op(func() {}) // and what lies in the free space
		m.swept = true
	case Erase:
		m.op(func() { m.mark = true })
		m.op(func() { m.files, m.tail, m.took, m.offer = false, false, false, m.place })
		m.op(func() { m.fs, m.own = "broken", false })
		m.op(func() { m.traces = false })
		m.op(func() { m.mark, m.fs = false, "blank" })
		m.erased, m.looked = true, true
	case ForgetAsk:
		m.op(func() { m.reset = false })
	case CheckData:
		m.looked = true
		if m.fs == "whole" && m.wide && m.tail {
			m.fs = "broken" // the old one, with the rescue over its end
		}
		if m.fs == "hurt" {
			m.op(func() { m.fs = "whole" })
		}
	case Rescue:
		if !m.files {
			return errNothing
		}
		m.op(func() {})
		m.op(func() { m.tail = true })
	case Format:
		m.op(func() { m.fs, m.files, m.own = "broken", false, false })
		m.op(func() { m.fs, m.wide = "whole", false })
	case MountData:
		m.mounted = true
	case Restore:
		m.op(func() {})
		m.op(func() { m.files = true })
		m.op(func() { m.tail = false })
	case GrowData:
		m.op(func() { m.wide = true })
	case Folders:
		m.op(func() { m.own = true })
	case TakeSite:
		m.op(func() { m.offer, m.took = false, true })
	}
	return nil
}

// starts runs one start, and reports whether it came to its end.
func (m *model) starts(left int) (out Outcome, whole bool) {
	m.card, m.start, m.swept, m.erased, m.looked, m.mounted = false, false, false, false, false, false
	m.left = left
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(cut); !ok {
				panic(r)
			}
		}
	}()
	out, _ = Run(m)
	return out, true
}

// cards are all those of the model on which a start may begin.
func cards() (all []model) {
	for i := range 1 << 7 {
		for _, fs := range []string{"blank", "broken", "hurt", "whole"} {
			bit := func(n int) bool { return i>>n&1 == 1 }
			m := model{grown: bit(0), reset: bit(1), fs: fs, files: bit(2), wide: bit(3) && bit(0), own: bit(2), place: bit(4) || bit(5), offer: bit(4), took: bit(5) && !bit(4)}
			if m.mark = bit(6); m.mark { // an erasure was cut, whoever has removed RESET since
				m.fs = "broken"
			}
			if m.files = m.files && fs != "blank"; m.files {
				m.traces = true
			}
			all = append(all, m)
		}
	}
	return all
}

// Two cuts anywhere, and a start that is let be: the end is the same as without any.
func TestEveryCut(t *testing.T) {
	states := 0
	for _, from := range cards() {
		for first := 0; ; first++ {
			one := from
			_, whole := one.starts(first)
			for second := 0; ; second++ {
				two := one
				_, ended := two.starts(second)
				three := two
				out, _ := three.starts(-1)
				states++
				name := fmt.Sprintf("%+v, cut after %d and %d writes", from, first, second)
				if !out.Data || !three.mounted || !three.grown || !three.wide || !three.own || three.tail || three.mark {
					t.Fatalf("%s: %+v, %+v; want all of it used", name, out, three)
				}
				if three.offer {
					t.Fatalf("%s: the site file is not taken", name)
				}
				asked := from.reset || from.mark
				if asked && (three.place || three.took) {
					t.Fatalf("%s: %+v; want nothing of the place it stood in", name, three)
				}
				if asked && (three.files || three.traces || three.reset) {
					t.Fatalf("%s: %+v; want nothing left to find", name, three)
				}
				if !asked && from.files && !three.files {
					t.Fatalf("%s: %+v; want the files", name, three)
				}
				if ended {
					break
				}
			}
			if whole {
				break
			}
		}
	}
	if states < 2000 {
		t.Errorf("only %d ways were tried", states)
	}
}

// A step that never works: the start ends, says so, and opens no data that were to be
// erased.
func TestAStepThatFails(t *testing.T) {
	steps := []Step{FindCard, MountStart, GrowTable, Sweep, Erase, ForgetAsk, CheckData, Rescue, Format, MountData, Restore, GrowData, Folders, TakeSite}
	for _, from := range cards() {
		for _, step := range steps {
			m := from
			m.fails = step
			out, _ := m.starts(-1)
			name := fmt.Sprintf("%+v: %+v", from, out)
			if slices.Contains(out.Steps, string(step)) {
				t.Fatalf("%s: done, and it does not work", name)
			}
			if from.reset && step != MountStart && out.Data && (m.files || m.reset || m.place || m.took) {
				t.Fatalf("%s: opened on what was to be erased", name)
			}
			if !out.Data && !slices.Contains(keysOf(out), NoteNoCard) && !slices.Contains(keysOf(out), NoteNoReset) {
				t.Fatalf("%s: no data, and nothing said", name)
			}
			if from.files && !from.reset && !from.mark && step != Rescue && step != Format && step != Restore && step != MountData && !m.files {
				t.Fatalf("%s: the files are gone", name)
			}
		}
	}
}

// A step that says it is done and changes nothing does not turn for ever.
func TestAStepThatChangesNothing(t *testing.T) {
	out, err := Run(lazy{})
	if err == nil || !slices.Contains(out.Failed, string(MountStart)) || out.Data {
		t.Errorf("Run() = %+v, %v; want it to give up", out, err)
	}
}

type lazy struct{}

func (lazy) Look() Facts   { return Facts{Card: true} }
func (lazy) Do(Step) error { return nil }
func (lazy) Tell(string)   {}

func keysOf(out Outcome) (keys []string) {
	for _, n := range out.Notes {
		keys = append(keys, n.Key)
	}
	return keys
}
