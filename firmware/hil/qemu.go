package hil

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// qmp is QEMU's monitor protocol: JSON, one object a line.
type qmp struct {
	conn net.Conn
	in   *json.Decoder
}

func newQMP(conn net.Conn) (*qmp, error) {
	q := &qmp{conn: conn, in: json.NewDecoder(conn)}
	var greeting struct{ QMP json.RawMessage }
	if err := q.in.Decode(&greeting); err != nil {
		return nil, fmt.Errorf("qmp: no greeting: %w", err)
	}
	return q, q.do("qmp_capabilities", nil, nil)
}

// do executes a command and decodes its answer into result. What QEMU tells
// unasked in between is read over.
func (q *qmp) do(command string, arguments map[string]any, result any) error {
	request := map[string]any{"execute": command}
	if arguments != nil {
		request["arguments"] = arguments
	}
	if err := json.NewEncoder(q.conn).Encode(request); err != nil {
		return fmt.Errorf("qmp: %s: %w", command, err)
	}
	for {
		var answer struct {
			Return json.RawMessage
			Error  *struct{ Desc string }
		}
		if err := q.in.Decode(&answer); err != nil {
			return fmt.Errorf("qmp: %s: %w", command, err)
		}
		switch {
		case answer.Error != nil:
			return fmt.Errorf("qmp: %s: %s", command, answer.Error.Desc)
		case answer.Return != nil && result != nil:
			return json.Unmarshal(answer.Return, result)
		case answer.Return != nil:
			return nil
		}
	}
}

// find is the path of the only device of that type.
func (q *qmp) find(kind string) (string, error) {
	const parent = "/machine/unattached"
	var devices []struct{ Name, Type string }
	if err := q.do("qom-list", map[string]any{"path": parent}, &devices); err != nil {
		return "", err
	}
	for _, d := range devices {
		if d.Type == kind {
			return parent + "/" + d.Name, nil
		}
	}
	return "", fmt.Errorf("qmp: the machine has no %s", kind)
}

// qtest is the protocol by which QEMU's own tests drive devices: a line for each
// command, answered by one line, and lines that tell of interrupts at any time.
type qtest struct {
	conn    net.Conn
	asking  sync.Mutex // one command at a time: answers carry no number
	answers chan string

	mu    sync.Mutex // edges come while somebody waits for one
	edges []Edge
	more  chan struct{} // closed when there is another
}

func newQTest(conn net.Conn) *qtest {
	q := &qtest{conn: conn, answers: make(chan string)}
	go q.read()
	return q
}

func (q *qtest) read() {
	defer close(q.answers)
	lines := bufio.NewScanner(q.conn)
	for lines.Scan() {
		now := time.Now()
		var level string
		e := Edge{At: now}
		if _, err := fmt.Sscanf(lines.Text(), "IRQ %s %d", &level, &e.Line); err != nil {
			q.answers <- lines.Text()
			continue
		}
		e.High = level == "raise"
		q.mu.Lock()
		q.edges = append(q.edges, e)
		if q.more != nil {
			close(q.more)
			q.more = nil
		}
		q.mu.Unlock()
	}
}

func (q *qtest) now() (edges []Edge, more <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.more == nil {
		q.more = make(chan struct{})
	}
	return slices.Clone(q.edges), q.more
}

// do sends a command and returns what follows OK.
func (q *qtest) do(command string) (string, error) {
	q.asking.Lock()
	defer q.asking.Unlock()
	if _, err := fmt.Fprintln(q.conn, command); err != nil {
		return "", fmt.Errorf("qtest: %s: %w", command, err)
	}
	answer, ok := <-q.answers
	if !ok {
		return "", fmt.Errorf("qtest: %s: %w", command, errors.New("the machine is off"))
	}
	rest, ok := strings.CutPrefix(answer, "OK")
	if !ok {
		return "", fmt.Errorf("qtest: %s: %s", command, answer)
	}
	return strings.TrimSpace(rest), nil
}

// intercept makes QEMU tell of each change of the device's outputs.
func (q *qtest) intercept(device string) error {
	_, err := q.do("irq_intercept_out " + device)
	return err
}
