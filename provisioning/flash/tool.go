package flash

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// tool runs one of the system's tools and returns what it prints. Its error has what the
// tool wrote about it, on one line.
func tool(ctx context.Context, name string, args ...string) ([]byte, error) {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if e, ok := errors.AsType[*exec.ExitError](err); ok && len(e.Stderr) > 0 {
		err = fmt.Errorf("%w: %s", err, strings.Join(strings.Fields(string(e.Stderr)), " "))
	}
	if err != nil {
		return nil, fmt.Errorf("flash: %s: %w", name, err)
	}
	return out, nil
}
