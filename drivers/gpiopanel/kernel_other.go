//go:build !linux

package gpiopanel

import (
	"fmt"

	"periph.io/x/conn/v3/gpio"
)

// kernel is the machine we run on: here, none with lines.
type kernel struct{}

func openMachine(Config) (*kernel, error) {
	return nil, fmt.Errorf("gpiopanel: %w: buttons hang from a box with Linux", ErrNoChip)
}

func (*kernel) pin(string) (gpio.PinIO, error) { return nil, ErrNoChip }
func (*kernel) holder(string) string           { return "" }
