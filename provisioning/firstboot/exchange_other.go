//go:build !linux

package firstboot

import "os"

// exchange is for tests alone where there is no card.
func exchange(a, b string) error {
	old := a + ".old"
	if err := os.Rename(b, old); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.Rename(a, b); err != nil {
		return err
	}
	os.Rename(old, a)
	return nil
}
