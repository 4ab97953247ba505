package flash

import (
	"fmt"
	"os"
)

// device is a disk, or a regular file in its place.
type device struct{ *os.File }

// OpenFile takes a regular file in the place of a card: to look at an image, and for tests.
func OpenFile(path string) (*device, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("flash: %w", err)
	}
	return &device{f}, nil
}
