package steward

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// peer is the user of the process at the other end, as the kernel knew it when it
// connected: nobody can claim another.
func peer(conn *net.UnixConn) (uid uint32, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	if e := raw.Control(func(fd uintptr) { cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); e != nil {
		return 0, e
	}
	if err != nil {
		return 0, err
	}
	return cred.Uid, nil
}

// Listen opens the socket for its group alone. One that a killed steward has left is
// replaced.
func Listen(socket string, gid int) (*net.UnixListener, error) {
	dir := filepath.Dir(socket)
	if _, err := os.Stat(dir); err != nil {
		if err = os.MkdirAll(dir, 0o755); err == nil {
			err = os.Chmod(dir, 0o755) // whatever the umask: the box must reach the socket
		}
		if err != nil {
			return nil, fmt.Errorf("steward: %w", err)
		}
	}
	if info, err := os.Lstat(socket); err == nil && info.Mode().Type() == fs.ModeSocket {
		if (&Client{Socket: socket}).There() {
			return nil, fmt.Errorf("steward: %s: another one listens", socket)
		}
		os.Remove(socket)
	}
	// Made for root alone, and opened to the group once it belongs to it.
	old := unix.Umask(0o177)
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	unix.Umask(old)
	if err != nil {
		return nil, fmt.Errorf("steward: %w", err)
	}
	if err = os.Chown(socket, -1, gid); err == nil {
		err = os.Chmod(socket, 0o660)
	}
	if err != nil {
		ln.Close()
		return nil, fmt.Errorf("steward: %w", err)
	}
	return ln, nil
}
