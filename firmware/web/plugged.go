package web

import (
	"context"
	"io/fs"
)

// Plugged are the USB sticks of a machine whose steward alone reaches them: a box on its
// card mounts none where others find it. What it refuses is a *session.Refusal.
type Plugged interface {
	// There reports whether there is such a steward now. Without one, as on a laptop,
	// sticks are folders.
	There() bool
	// Open is every stick that can be read, at least one, as its first folder.
	Open(context.Context) ([]fs.FS, error)
	// Put writes a file on the only stick; it is on it when Put returns.
	Put(ctx context.Context, name string, content []byte) error
}
