package hil

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// answering plays QEMU: each line that comes in is answered by the lines that
// answer returns.
func answering(conn net.Conn, answer func(line string) []string) {
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		for _, a := range answer(lines.Text()) {
			fmt.Fprintln(conn, a)
		}
	}
}

func TestQTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer ours.Close()
		defer theirs.Close()
		var asked []string
		go answering(theirs, func(line string) []string {
			asked = append(asked, line)
			switch {
			case strings.HasPrefix(line, "readl 0x9030040"):
				return []string{"IRQ raise 4", "OK 0x0000000000000010", "IRQ lower 4"}
			case strings.HasPrefix(line, "readl"):
				return []string{"OK 0x0000000000000000"}
			case strings.HasPrefix(line, "bad"):
				return []string{"FAIL Unknown command 'bad'"}
			}
			return []string{"OK"}
		})
		m := &Machine{chip: "/chip", qtest: newQTest(ours), exited: make(chan struct{})}

		if _, err := m.Set(OK, false); err != nil {
			t.Errorf("Set() = %v; want nil", err)
		}
		if high, err := m.Level(Repeat); err != nil || !high {
			t.Errorf("Level(4) = %v, %v; want true", high, err)
		}
		if high, err := m.Level(LampNext); err != nil || high {
			t.Errorf("Level(6) = %v, %v; want false", high, err)
		}
		if _, err := m.qtest.do("bad"); err == nil || !strings.Contains(err.Error(), "Unknown command") {
			t.Errorf("a refused command = %v; want QEMU's words", err)
		}
		if want := "set_irq_in /chip unnamed-gpio-in 2 0"; asked[0] != want {
			t.Errorf("Set(OK, false) asked %q; want %q", asked[0], want)
		}

		begun := time.Now().Add(-time.Second)
		for _, high := range []bool{true, false} {
			e, err := m.WaitEdge(t.Context(), 4, high, begun)
			if err != nil || e.Line != 4 || e.High != high {
				t.Errorf("WaitEdge(4, %v) = %+v, %v", high, e, err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := m.WaitEdge(ctx, 5, true, begun); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("WaitEdge of what never comes = %v; want deadline exceeded", err)
		}
		theirs.Close()
		if _, err := m.Set(OK, true); err == nil {
			t.Error("Set() on a machine that is off = nil; want an error")
		}
	})
}

func TestQMP(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	go func() {
		fmt.Fprintln(theirs, `{"QMP": {"version": {}, "capabilities": []}}`)
		answering(theirs, func(line string) []string {
			var request struct{ Execute string }
			json.Unmarshal([]byte(line), &request)
			switch request.Execute {
			case "qom-list":
				return []string{`{"event": "RESUME"}`, `{"return": [{"name": "device[7]", "type": "child<pl031>"}, {"name": "device[8]", "type": "child<pl061>"}]}`}
			case "qmp_capabilities":
				return []string{`{"return": {}}`}
			}
			return []string{`{"error": {"class": "CommandNotFound", "desc": "The command is not found"}}`}
		})
	}()
	q, err := newQMP(ours)
	if err != nil {
		t.Fatal(err)
	}
	if path, err := q.find("child<pl061>"); err != nil || path != "/machine/unattached/device[8]" {
		t.Errorf("find() = %q, %v; want device[8]", path, err)
	}
	if _, err := q.find("child<pl999>"); err == nil {
		t.Error("find() of what is not there = nil; want an error")
	}
	if err := q.do("nonsense", nil, nil); err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("a refused command = %v; want QEMU's words", err)
	}
}

func TestWaitConsole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := io.Pipe()
		m := &Machine{console: console{log: io.Discard}, exited: make(chan struct{})}
		go m.console.read(in)
		go func() {
			time.Sleep(time.Second)
			fmt.Fprint(out, "guest: init\r\nguest: re")
			time.Sleep(time.Second)
			fmt.Fprint(out, "ady at 4.2\r\n")
		}()
		if err := m.WaitConsole(t.Context(), "guest: ready"); err != nil {
			t.Errorf("WaitConsole() = %v; want nil", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := m.WaitConsole(ctx, "never"); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "ready at 4.2") {
			t.Errorf("WaitConsole of what never comes = %v; want the console's end", err)
		}
		close(m.exited)
		if err := m.WaitConsole(t.Context(), "never"); err == nil || !strings.Contains(err.Error(), "off") {
			t.Errorf("WaitConsole of a machine that is off = %v", err)
		}
		out.Close()
	})
}

func TestOutcome(t *testing.T) {
	for _, tt := range []struct {
		name, said, out string
		code            int
		broken          bool
	}{
		{name: "a command that says something", said: "hello\n\nexit 0\n", out: "hello\n"},
		{name: "bytes that are no text", said: "\x00\xff\nexit 7\nexit 0\n", out: "\x00\xff\nexit 7"},
		{name: "a command that fails", said: "no such file\n\nexit 2\n", out: "no such file\n", code: 2},
		{name: "a connection that was cut", said: "hel", broken: true},
		{name: "a code that is none", said: "\nexit x\n", broken: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := outcome([]byte(tt.said))
			exit, code := (*ExitError)(nil), 0
			if errors.As(err, &exit) {
				code, err = exit.Code, nil
			}
			if (err != nil) != tt.broken || !tt.broken && (out != tt.out || code != tt.code) {
				t.Errorf("outcome(%q) = %q, code %d, %v; want %q, code %d", tt.said, out, code, err, tt.out, tt.code)
			}
		})
	}
}
