package session

import "cmp"

// tree is an ordered map that never changes: put and del return another one that
// shares almost all of it. It is a treap whose shape depends on the keys alone,
// so each operation costs the logarithm of the size, and keeping an old tree
// costs nothing.
type tree[K any, V any] struct {
	root *node[K, V]
	n    int
}

type node[K any, V any] struct {
	key         K
	val         V
	rank        uint64
	left, right *node[K, V]
}

// ordered is what a key of a tree can do.
type ordered[K any] interface {
	compare(K) int
	rank() uint64 // well mixed; equal keys have equal ranks
}

func (n Number) compare(o Number) int { return cmp.Compare(n, o) }
func (n Number) rank() uint64         { return mix(uint64(n)) }

func (id ID) compare(o ID) int {
	for i := range id {
		if id[i] != o[i] {
			return cmp.Compare(id[i], o[i])
		}
	}
	return 0
}

func (id ID) rank() uint64 {
	var h uint64 = 14695981039346656037
	for _, b := range id {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return mix(h)
}

// mix is the finaliser of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func get[K ordered[K], V any](t tree[K, V], k K) (v V, ok bool) {
	for n := t.root; n != nil; {
		switch c := k.compare(n.key); {
		case c < 0:
			n = n.left
		case c > 0:
			n = n.right
		default:
			return n.val, true
		}
	}
	return v, false
}

func put[K ordered[K], V any](t tree[K, V], k K, v V) tree[K, V] {
	root, added := insert(t.root, k, v)
	if added {
		t.n++
	}
	t.root = root
	return t
}

func insert[K ordered[K], V any](n *node[K, V], k K, v V) (*node[K, V], bool) {
	if n == nil {
		return &node[K, V]{key: k, val: v, rank: k.rank()}, true
	}
	c := *n
	var added bool
	switch d := k.compare(n.key); {
	case d < 0:
		c.left, added = insert(n.left, k, v)
		if c.left.rank > c.rank { // rotate right; both nodes are fresh copies
			l := c.left
			c.left, l.right = l.right, &c
			return l, added
		}
	case d > 0:
		c.right, added = insert(n.right, k, v)
		if c.right.rank > c.rank {
			r := c.right
			c.right, r.left = r.left, &c
			return r, added
		}
	default:
		c.val = v
	}
	return &c, added
}

func del[K ordered[K], V any](t tree[K, V], k K) tree[K, V] {
	root, gone := remove(t.root, k)
	if gone {
		t.n--
		t.root = root
	}
	return t
}

func remove[K ordered[K], V any](n *node[K, V], k K) (*node[K, V], bool) {
	if n == nil {
		return nil, false
	}
	d := k.compare(n.key)
	if d == 0 {
		return merge(n.left, n.right), true
	}
	c := *n
	var gone bool
	if d < 0 {
		c.left, gone = remove(n.left, k)
	} else {
		c.right, gone = remove(n.right, k)
	}
	if !gone {
		return n, false
	}
	return &c, true
}

// merge joins two trees of which every key of a comes before every key of b.
func merge[K any, V any](a, b *node[K, V]) *node[K, V] {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.rank > b.rank:
		c := *a
		c.right = merge(a.right, b)
		return &c
	default:
		c := *b
		c.left = merge(a, b.left)
		return &c
	}
}

// all yields the tree in the order of its keys.
func (t tree[K, V]) all(yield func(K, V) bool) { walk(t.root, yield) }

func walk[K any, V any](n *node[K, V], yield func(K, V) bool) bool {
	return n == nil || walk(n.left, yield) && yield(n.key, n.val) && walk(n.right, yield)
}

// back yields the tree from its last key to its first.
func (t tree[K, V]) back(yield func(K, V) bool) { walkBack(t.root, yield) }

func walkBack[K any, V any](n *node[K, V], yield func(K, V) bool) bool {
	return n == nil || walkBack(n.right, yield) && yield(n.key, n.val) && walkBack(n.left, yield)
}
