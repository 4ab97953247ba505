// Package powercut says what a power cut may leave of a folder. Tests of the rooms
// that write to the card use it.
//
// A killed process leaves its writes with the kernel; a power cut does not. So the
// system calls of a real process are recorded, and from them every state of the
// folder is rebuilt that a cut in between could leave: of the writes that were not
// synced yet, each may be lost, whole, torn at a sector, or garbage in one sector;
// names that were not synced are kept in the order in which they were made, up to any.
package powercut

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Say is the call of a step that is a line on the standard output.
const Say = "say"

// A Step is something that a process did to its folder, or said.
type Step struct {
	Call string // the system call, or Say
	FD   int
	Path string // in the folder; "/" or the name with a slash is a folder
	To   string // of a rename
	Swap bool   // a rename that exchanges
	At   int64  // of pwrite64; the size of ftruncate
	Data []byte
	New  bool // openat creates
	Cut  bool // openat truncates
}

// ErrStrace is the reason why nobody knows what a power cut would leave here.
var ErrStrace = errors.New("strace cannot record: install it (make test does); a container needs --cap-add=SYS_PTRACE")

// Record runs a process, with an environment beside this one's, and returns what it
// did to dir, where nothing else may be at work, and what it said.
func Record(dir string, env []string, name string, args ...string) ([]Step, error) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStrace, err)
	}
	trace, err := os.CreateTemp("", "jeudi-trace")
	if err != nil {
		return nil, err
	}
	trace.Close()
	defer os.Remove(trace.Name())
	cmd := exec.Command(strace, append([]string{"-f", "-xx", "-s", "140000", "-o", trace.Name(), "--seccomp-bpf",
		"-e", "trace=openat,close,pwrite64,write,ftruncate,fsync,fdatasync,?rename,?renameat,renameat2,?unlink,unlinkat,?link,linkat",
		"-e", "signal=none", name}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Run(); err != nil {
		if strings.Contains(complaints.String(), "ptrace") || strings.Contains(complaints.String(), "Operation not permitted") {
			err = fmt.Errorf("%w: %w", ErrStrace, err)
		}
		return nil, fmt.Errorf("the recorded process: %w\n%s", err, complaints.String())
	}
	raw, err := os.ReadFile(trace.Name())
	if err != nil {
		return nil, err
	}
	return parse(string(raw), dir)
}

// parse reads what strace wrote. What a process says counts from the beginning of
// the call, what it does to the disk from the end: that is the hard way round.
func parse(trace, dir string) ([]Step, error) {
	var steps []Step
	begun := map[string]string{} // by thread
	for line := range strings.Lines(trace) {
		pid, text, ok := strings.Cut(strings.TrimSpace(line), " ")
		text = strings.TrimSpace(text)
		if !ok || strings.HasPrefix(text, "+++") || strings.HasPrefix(text, "---") {
			continue
		}
		if head, unfinished := strings.CutSuffix(text, "<unfinished ...>"); unfinished {
			begun[pid] = head
			if strings.HasPrefix(head, "write(1,") {
				s, err := parseCall(strings.TrimRight(head, " )") + ") = 1")
				if err != nil {
					return nil, err
				}
				steps = append(steps, s)
			}
			continue
		}
		if strings.HasPrefix(text, "<... ") {
			_, tail, _ := strings.Cut(text, " resumed>")
			if text = begun[pid] + tail; strings.HasPrefix(text, "write(1,") {
				continue // counted when it began
			}
		}
		s, err := parseCall(text)
		if err != nil {
			return nil, err
		}
		s.Path, s.To = within(dir, s.Path), within(dir, s.To)
		if s.Call != "" {
			steps = append(steps, s)
		}
	}
	return steps, nil
}

// within is a path in the folder, "/" for the folder itself, "" for any other.
func within(dir, path string) string {
	rel, err := filepath.Rel(dir, path)
	switch {
	case path == "" || err != nil || strings.HasPrefix(rel, ".."):
		return ""
	case rel == ".":
		return "/"
	}
	return rel
}

// parseCall reads a line such as pwrite64(7, "\x00…", 4096, 8192) = 4096. A call
// that failed is no step.
func parseCall(text string) (Step, error) {
	name, rest, ok := strings.Cut(text, "(")
	end := strings.LastIndex(rest, ")")
	if !ok || end < 0 {
		return Step{}, fmt.Errorf("strace says %.200q", text)
	}
	args := strings.Split(rest[:end], ", ")
	result := strings.Fields(strings.TrimLeft(rest[end+1:], " ="))
	if len(result) == 0 || strings.HasPrefix(result[0], "-") || result[0] == "?" {
		return Step{}, nil
	}
	var failed error
	number := func(i int) int64 {
		n, err := strconv.ParseInt(strings.TrimSpace(args[i]), 0, 64)
		if err != nil {
			failed = fmt.Errorf("strace says %.200q: %w", text, err)
		}
		return n
	}
	str := func(i int) []byte { // a string that was cut short ends in dots, and is an error too
		b, err := hex.DecodeString(strings.ReplaceAll(strings.Trim(strings.TrimSpace(args[i]), `"`), `\x`, ""))
		if err != nil {
			failed = fmt.Errorf("strace says %.200q: %w", text, err)
		}
		return b
	}
	s := Step{Call: name}
	switch name {
	case "openat":
		s.FD, _ = strconv.Atoi(result[0])
		s.Path = string(str(1))
		s.New, s.Cut = strings.Contains(args[2], "O_CREAT"), strings.Contains(args[2], "O_TRUNC")
	case "close", "fsync", "fdatasync":
		s.FD = int(number(0))
	case "write":
		if s.FD, s.Data = int(number(0)), str(1); s.FD == 1 {
			s.Call = Say
		}
	case "pwrite64":
		s.FD, s.Data, s.At = int(number(0)), str(1), number(3)
	case "ftruncate":
		s.FD, s.At = int(number(0)), number(1)
	case "rename":
		s.Path, s.To = string(str(0)), string(str(1))
	case "renameat", "renameat2":
		s.Call, s.Path, s.To = "rename", string(str(1)), string(str(3))
		s.Swap = strings.Contains(rest, "RENAME_EXCHANGE")
	case "unlink":
		s.Path = string(str(0))
	case "unlinkat":
		s.Call, s.Path = "unlink", string(str(1))
	case "link", "linkat":
		failed = fmt.Errorf("a link, which the model of the card does not know: %.200q", text)
	}
	return s, failed
}

// Below returns the steps in a folder of the recorded one, as if it were the only one.
func Below(steps []Step, folder string) []Step {
	var out []Step
	for _, s := range steps {
		s.Path, s.To = below(folder, s.Path), below(folder, s.To)
		out = append(out, s)
	}
	return out
}

func below(folder, path string) string {
	if path == folder {
		return "/"
	}
	name, _ := strings.CutPrefix(path, folder+"/")
	if name == path {
		return ""
	}
	return name
}
