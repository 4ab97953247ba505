package session

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A tree does what a map and a sort do, and every version of it stays as it was.
func TestTreeAgainstMap(t *testing.T) {
	type version struct {
		tree tree[Number, int]
		want map[Number]int
	}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		var (
			now  = version{want: map[Number]int{}}
			kept []version
		)
		for i := range 600 {
			k := Number(r.UintN(120))
			if r.UintN(3) == 0 {
				now.tree = del(now.tree, k)
				delete(now.want, k)
			} else {
				now.tree = put(now.tree, k, i)
				now.want[k] = i
			}
			if i%50 == 0 {
				kept = append(kept, version{now.tree, maps.Clone(now.want)})
			}
		}
		for _, v := range append(kept, now) {
			if got := maps.Collect(v.tree.all); !maps.Equal(got, v.want) || v.tree.len() != len(v.want) {
				t.Fatalf("seed %d: tree of %d is %v; want %v", seed, v.tree.len(), got, v.want)
			}
			var keys []Number
			for k := range v.tree.all {
				keys = append(keys, k)
			}
			if !slices.IsSorted(keys) {
				t.Fatalf("seed %d: keys %v are not in order", seed, keys)
			}
			for k := range Number(120) {
				got, ok := get(v.tree, k)
				want, there := v.want[k]
				if got != want || ok != there {
					t.Fatalf("seed %d: get(%d) = %d, %t; want %d, %t", seed, k, got, ok, want, there)
				}
			}
			checkHeap(t, v.tree.root)
		}
	}
}

// checkHeap checks that ranks fall from the root down, which keeps the shape
// independent of the order in which things came.
func checkHeap(t *testing.T, n *node[Number, int]) {
	t.Helper()
	if n == nil {
		return
	}
	for _, c := range []*node[Number, int]{n.left, n.right} {
		if c != nil && c.rank > n.rank {
			t.Fatalf("rank of %d is above that of its parent %d", c.key, n.key)
		}
		checkHeap(t, c)
	}
}

func TestTreeStops(t *testing.T) {
	var tr tree[Number, string]
	for n := range Number(50) {
		tr = put(tr, n, "")
	}
	var got []Number
	for n := range tr.all {
		if got = append(got, n); len(got) == 3 {
			break
		}
	}
	if !slices.Equal(got, []Number{0, 1, 2}) {
		t.Errorf("the first three are %v", got)
	}
	if same := del(tr, 99); same != tr {
		t.Error("deleting what is not there made another tree")
	}
}

// Keys of every kind, in the order in which they come at a permanence, make a
// tree of logarithmic depth.
func TestTreeDepth(t *testing.T) {
	const n = 10_000
	var (
		byNumber tree[Number, int]
		byID     tree[ID, int]
		byLine   tree[lineKey, int]
		byAlarm  tree[alarmKey, int]
		byDesk   tree[deskKey, int]
	)
	for i := range n {
		byNumber = put(byNumber, Number(i), i)
		byID = put(byID, id('v', i), i)
		byLine = put(byLine, lineKey{class: 1, at: time.Duration(i) * time.Minute, seq: uint64(i)}, i)
		byAlarm = put(byAlarm, alarmKey{time.Duration(i) * time.Second, Number(i)}, i)
		byDesk = put(byDesk, deskKey(id('d', i).String()), i)
	}
	limit := int(3.5 * math.Log2(n)) // a treap of this size has about 2.5 log2 n
	for name, got := range map[string]int{
		"numbers": depth(byNumber.root), "ids": depth(byID.root), "line": depth(byLine.root), "alarms": depth(byAlarm.root), "desks": depth(byDesk.root),
	} {
		if got > limit {
			t.Errorf("tree of %d %s has depth %d; want at most %d", n, name, got, limit)
		}
	}
}

func depth[K, V any](n *node[K, V]) int {
	if n == nil {
		return 0
	}
	return 1 + max(depth(n.left), depth(n.right))
}

// A change copies the way from the root to the key and shares the rest.
func TestTreeShares(t *testing.T) {
	var tr tree[Number, int]
	for n := range Number(1000) {
		tr = put(tr, n, 0)
	}
	old := map[*node[Number, int]]bool{}
	collect(tr.root, old)
	for name, changed := range map[string]tree[Number, int]{"put": put(tr, 1000, 0), "replace": put(tr, 500, 1), "del": del(tr, 500)} {
		all := map[*node[Number, int]]bool{}
		collect(changed.root, all)
		fresh := 0
		for n := range all {
			if !old[n] {
				fresh++
			}
		}
		if fresh > 40 {
			t.Errorf("%s made %d nodes of %d; want about the depth", name, fresh, len(all))
		}
	}
}

func collect(n *node[Number, int], into map[*node[Number, int]]bool) {
	if n != nil {
		into[n] = true
		collect(n.left, into)
		collect(n.right, into)
	}
}
