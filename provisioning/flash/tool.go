package flash

import (
	"errors"
	"os/exec"
	"strings"
)

// said is what a tool of the system wrote about its error, on one line.
func said(err error) string {
	var e *exec.ExitError
	if !errors.As(err, &e) || len(e.Stderr) == 0 {
		return ""
	}
	return ": " + strings.Join(strings.Fields(string(e.Stderr)), " ")
}
