package session

import "cmp"

// tree is an ordered map that never changes: put and del return another one that
// shares almost all of it. It is a treap whose shape depends on the keys alone,
// so each operation costs the logarithm of the size, and keeping an old tree
// costs nothing.
type tree[K any, V any] struct{ root *node[K, V] }

// len is the number of keys.
func (t tree[K, V]) len() int { return t.root.count() }

type node[K any, V any] struct {
	key         K
	val         V
	rank        uint64
	size        int // of the subtree
	left, right *node[K, V]
}

func (n *node[K, V]) count() int {
	if n == nil {
		return 0
	}
	return n.size
}

// counted is n after one of its sides changed.
func (n *node[K, V]) counted() *node[K, V] {
	n.size = n.left.count() + 1 + n.right.count()
	return n
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
	return tree[K, V]{insert(t.root, k, v)}
}

func insert[K ordered[K], V any](n *node[K, V], k K, v V) *node[K, V] {
	if n == nil {
		return &node[K, V]{key: k, val: v, rank: k.rank(), size: 1}
	}
	c := *n
	switch d := k.compare(n.key); {
	case d < 0:
		c.left = insert(n.left, k, v)
		if l := c.left; l.rank > c.rank { // rotate right; both nodes are fresh copies
			c.left, l.right = l.right, &c
			c.counted()
			return l.counted()
		}
	case d > 0:
		c.right = insert(n.right, k, v)
		if r := c.right; r.rank > c.rank {
			c.right, r.left = r.left, &c
			c.counted()
			return r.counted()
		}
	default:
		c.val = v
	}
	return c.counted()
}

func del[K ordered[K], V any](t tree[K, V], k K) tree[K, V] {
	return tree[K, V]{remove(t.root, k)}
}

func remove[K ordered[K], V any](n *node[K, V], k K) *node[K, V] {
	if n == nil {
		return nil
	}
	d := k.compare(n.key)
	if d == 0 {
		return merge(n.left, n.right)
	}
	side := n.left
	if d > 0 {
		side = n.right
	}
	after := remove(side, k)
	if after == side {
		return n // it was not there
	}
	c := *n
	if d < 0 {
		c.left = after
	} else {
		c.right = after
	}
	return c.counted()
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
		return c.counted()
	default:
		c := *b
		c.left = merge(a, b.left)
		return c.counted()
	}
}

// before is how many keys of the tree come before k.
func before[K ordered[K], V any](t tree[K, V], k K) int {
	sum := 0
	for n := t.root; n != nil; {
		if k.compare(n.key) <= 0 {
			n = n.left
			continue
		}
		sum += n.left.count() + 1
		n = n.right
	}
	return sum
}

// all yields the tree in the order of its keys.
func (t tree[K, V]) all(yield func(K, V) bool) { walk(t.root, yield) }

func walk[K any, V any](n *node[K, V], yield func(K, V) bool) bool {
	return n == nil || walk(n.left, yield) && yield(n.key, n.val) && walk(n.right, yield)
}
