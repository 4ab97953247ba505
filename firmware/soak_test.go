package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/firmware/rehearse"
)

var (
	soak      = flag.Duration("soak", 0, "rehearse mornings for so long on the box's clock, while everything goes wrong")
	soakSpeed = flag.Float64("soakspeed", 120, "how many times faster than life the soak goes")
	soakSeed  = flag.Uint64("soakseed", 1, "what decides who comes and what goes wrong")
)

// aMorning is what one rehearsal takes on the box's clock.
const aMorning = 3 * time.Hour

// TestSoak rehearses one morning after the other against the built binary, while
// sockets are cut, the printer runs out of paper, jams and loses its cable, somebody
// sets the clock, and in the first half the box is killed with -9 and started again.
// Every morning must end with the identity, which counts every ticket that was
// acknowledged, and stand in the ledger with as many. In the second half one process
// lives through all of it: with nobody connected it holds after its last morning what
// it held after its first.
func TestSoak(t *testing.T) {
	if *soak == 0 {
		t.Skip("-soak 24h says for how long")
	}
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	s := &soaking{t: t, bin: bin, data: t.TempDir(), chance: rand.New(rand.NewPCG(*soakSeed, 13)),
		client: http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}}
	s.start()
	defer s.stop()
	s.proxy()
	mornings := max(int(*soak/aMorning), 3) // two of one process at least
	var given []int
	var after []vitals
	for n := range mornings {
		s.kills = n < mornings/2
		given = append(given, s.morning(n))
		after = append(after, s.rest())
	}
	kept := s.ledger()
	slices.Reverse(kept)
	if !slices.Equal(kept, given) {
		t.Errorf("the ledger has mornings of %v tickets; want %v, as they were acknowledged", kept, given)
	}
	var tickets int
	for _, n := range given {
		tickets += n
	}
	first, last := after[mornings/2], after[mornings-1]
	for what, n := range map[string]int{"sockets were cut": s.cut, "printer faults were made": s.printer, "times was the clock set": s.set, "times was it killed": s.killed} {
		if n == 0 {
			t.Errorf("0 %s; want each fault to have happened", what)
		}
	}
	if last.goroutines > first.goroutines+2 {
		t.Errorf("goroutines grew from %d to %d; want none more", first.goroutines, last.goroutines)
	}
	if last.heap > first.heap+first.heap/5 { // the voice still unpacks clips that nobody heard before, up to a bound of its own
		t.Errorf("the heap grew from %d to %d KiB; want a fifth more at most", first.heap, last.heap)
	}
	if last.resident > first.resident+first.resident/4 {
		t.Errorf("resident memory grew from %d to %d KiB; want a quarter more at most", first.resident, last.resident)
	}
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "panic:") {
			t.Errorf("the box said: %s", line)
		}
	}
	if t.Failed() {
		return
	}
	t.Logf("soak: %v at %g times life, %d mornings, %d tickets, 0 lost; %d sockets cut, %d printer faults, %d clock jumps, %d kill -9; "+
		"one process over %v: goroutines %d to %d, heap %d to %d KiB, resident %d to %d KiB; %s",
		time.Duration(mornings)*aMorning, *soakSpeed, mornings, tickets, s.cut, s.printer, s.set, s.killed,
		time.Duration(mornings-mornings/2)*aMorning, first.goroutines, last.goroutines, first.heap, last.heap, first.resident, last.resident, machine())
}

type vitals struct{ goroutines, heap, resident int }

// machine is where this was measured.
func machine() string {
	cpu, _ := os.ReadFile("/proc/cpuinfo")
	_, model, _ := strings.Cut(string(cpu), "model name\t: ")
	model, _, _ = strings.Cut(model, "\n")
	return fmt.Sprintf("%s, %d cores, %s", model, runtime.NumCPU(), runtime.Version())
}

// soaking is a box that everything happens to.
type soaking struct {
	t      *testing.T
	bin    string
	data   string
	port   int         // 0 before its first start
	chance *rand.Rand  // of the faults
	client http.Client // keeps no connection, which the box would hold too
	kills  bool

	mu    sync.Mutex
	cmd   *exec.Cmd
	log   bytes.Buffer
	conns map[net.Conn]bool // through the proxy
	front string            // the proxy's address

	cut, printer, set, killed int
}

func (s *soaking) base() string { return "127.0.0.1:" + strconv.Itoa(s.port) }

// Write keeps the log of the box, of all its lives.
func (s *soaking) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

// start starts the box, where it was before, and waits until it answers.
func (s *soaking) start() {
	s.t.Helper()
	if s.port == 0 {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.t.Fatal(err)
		}
		s.port = free.Addr().(*net.TCPAddr).Port
		free.Close()
	}
	cmd := exec.Command(s.bin, "run", "-data", s.data, "-listen", s.base(), "-clock", fmt.Sprintf("%gx", *soakSpeed))
	cmd.Stderr = s
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	s.cmd = cmd
	s.mu.Unlock()
	for begin := time.Now(); ; {
		resp, err := s.client.Get("http://" + s.base() + "/healthz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Since(begin) > 20*time.Second {
			s.t.Errorf("the box does not answer: %v, %v\n%s", resp, err, tail(s.log.String(), 20))
			return
		}
		time.Sleep(50 * time.Millisecond) // another process: no bubble reaches it
	}
}

// stop ends the box, which must end well.
func (s *soaking) stop() {
	s.cmd.Process.Signal(os.Interrupt)
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("the box ended with %v; want a clean end", err)
	}
}

// proxy stands between the rehearsal and the box, so that its sockets can be cut.
func (s *soaking) proxy() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.front, s.conns = ln.Addr().String(), map[net.Conn]bool{}
	s.t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go s.carry(c)
		}
	}()
}

func (s *soaking) carry(c net.Conn) {
	defer c.Close()
	box, err := net.Dial("tcp", s.base())
	if err != nil {
		return // it is being started again
	}
	defer box.Close()
	s.mu.Lock()
	s.conns[c] = true
	s.mu.Unlock()
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{c, box}, {box, c}} {
		go func() { io.Copy(way[0], way[1]); done <- struct{}{} }()
	}
	<-done
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}

// morning rehearses one morning and returns how many tickets it gave.
func (s *soaking) morning(n int) int {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	var faults sync.WaitGroup
	faults.Go(func() { s.faults(ctx) })
	var out strings.Builder
	err := rehearse.Run(s.t.Context(), rehearse.Config{URL: "http://" + s.front, Seed: *soakSeed + uint64(n), Visitors: 60, Close: true, Out: &out})
	cancel()
	faults.Wait()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if err != nil {
		s.t.Fatalf("morning %d: %v\n%s\nlog:\n%s", n+1, err, out.String(), tail(s.log.String(), 20))
	}
	s.t.Logf("morning %d: %s", n+1, lines[len(lines)-1])
	var issued int
	fmt.Sscanf(lines[len(lines)-1], "identity ok: issued=%d", &issued)
	return issued
}

// faults has things go wrong, one after the other, until the morning is over; it
// leaves the box well.
func (s *soaking) faults(ctx context.Context) {
	defer s.dock("printer?state=ready&on=1")
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(500+s.chance.IntN(3000)) * time.Millisecond):
		}
		switch what := s.chance.IntN(10); {
		case what < 4:
			s.mu.Lock()
			for c := range s.conns {
				c.Close()
				s.cut++
			}
			s.mu.Unlock()
		case what < 6:
			state := [...]string{"no_paper", "cover_open", "cutter_jammed", "unplugged"}[s.chance.IntN(4)]
			if s.dock("printer?state=" + state + "&on=1") {
				s.printer++
			}
		case what < 8:
			s.dock("printer?state=ready&on=1")
		case what == 8:
			s.setClock()
		case s.kills:
			s.killed++
			s.cmd.Process.Kill()
			s.cmd.Wait()
			s.start()
		}
	}
}

// dock does something to the simulated devices, and reports whether it was done: a box
// that is being started again does not hear it.
func (s *soaking) dock(what string) bool {
	return s.post("/dock/"+what, "") == http.StatusNoContent
}

// post is the status of an answer, 0 for none.
func (s *soaking) post(path, body string) int {
	resp, err := s.client.Post("http://"+s.base()+path, "application/json", strings.NewReader(body))
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// setClock says that it is two to ten minutes earlier or later than the box thinks. By
// less a rehearsal cannot tell it from a view that comes late.
func (s *soaking) setClock() {
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+s.base()+"/ws/desk?desk=1", http.Header{"Origin": {"http://" + s.base()}})
	if err != nil {
		return
	}
	var v struct {
		NowMS int64 `json:"now_ms"`
	}
	err = conn.ReadJSON(&v)
	conn.Close()
	if err != nil {
		return
	}
	by := int64(120+s.chance.IntN(480)) * 1000
	if s.chance.IntN(2) == 0 {
		by = -by
	}
	if s.post("/api/desk", fmt.Sprintf(`{"id":%q,"desk":"1","do":"confirm_time","at_ms":%d}`, someID(), v.NowMS+by)) == http.StatusOK {
		s.set++
	}
}

// rest is what the box holds when everybody has gone. It says so at a close, so one is
// made that does not count, until what hung on the connections of the morning is gone.
func (s *soaking) rest() (now vitals) {
	s.t.Helper()
	for range 20 {
		before := now
		said := len(s.told())
		for _, do := range []string{`"open","test":true`, `"close","rest":"left"`} {
			if status := s.post("/api/desk", fmt.Sprintf(`{"id":%q,"desk":"1","do":%s}`, someID(), do)); status != http.StatusOK {
				s.t.Fatalf("%s = %d; want 200\n%s", do, status, tail(s.log.String(), 20))
			}
		}
		for begin := time.Now(); len(s.told()) == said; time.Sleep(20 * time.Millisecond) {
			if time.Since(begin) > 20*time.Second {
				s.t.Fatal("the box closed, and did not say how it is")
			}
		}
		told := s.told()
		fmt.Sscan(told[len(told)-1], &now.goroutines, &now.heap)
		if now.goroutines == before.goroutines {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if _, rest, ok := strings.Cut(string(status), "VmRSS:"); ok {
		fmt.Sscan(rest, &now.resident)
	}
	if now.goroutines == 0 || now.heap == 0 || now.resident == 0 {
		s.t.Fatalf("the box holds %+v; want what it holds", now)
	}
	return now
}

var held = regexp.MustCompile(`msg="how the program is".* goroutines=(\d+) heap_kib=(\d+)`)

// told are the goroutines and the KiB that the box said it holds, at each close.
func (s *soaking) told() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range held.FindAllStringSubmatch(s.log.String(), -1) {
		list = append(list, m[1]+" "+m[2])
	}
	return list
}

// ledger are the tickets of each closed morning, the last first.
func (s *soaking) ledger() (issued []int) {
	s.t.Helper()
	resp, err := s.client.Get("http://" + s.base() + "/api/reports")
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var got struct {
		Reports []struct {
			Issued int `json:"issued"`
		} `json:"reports"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		s.t.Fatal(err)
	}
	for _, r := range got.Reports {
		issued = append(issued, r.Issued)
	}
	return issued
}

func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
