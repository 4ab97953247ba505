package stick

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestMain runs the tests with mounts of their own: whoever makes a network namespace on
// this machine meanwhile gets a copy of every mount, and a stick that is unmounted here
// would stay busy there.
func TestMain(m *testing.M) {
	const own = "JEUDI_TEST_OWN_MOUNTS"
	if os.Getuid() != 0 || os.Getenv(own) != "" {
		os.Exit(m.Run())
	}
	again := exec.Command("/proc/self/exe", os.Args[1:]...)
	again.Args[0] = os.Args[0]
	again.Env = append(os.Environ(), own+"=1")
	again.Stdin, again.Stdout, again.Stderr = os.Stdin, os.Stdout, os.Stderr
	again.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	err := again.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(exit.ExitCode())
	}
	if err != nil { // a machine without such namespaces: at least it is alone there
		os.Exit(m.Run())
	}
}
