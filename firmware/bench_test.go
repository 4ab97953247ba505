package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// These benchmarks measure the built binary from outside, as a separate process
// on a real file system with fsync on: what somebody who compares kiosks would
// measure. Each is one long run; its figures are the extra metrics.

// built builds jeudi once for all benchmarks.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "jeudi-bench")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "jeudi")
	out, err := exec.Command("go", "build", "-trimpath", "-o", bin, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return bin, nil
})

// process is a running box.
type process struct {
	b    *testing.B
	cmd  *exec.Cmd
	base string
}

// startBox runs the binary and returns when it has printed its address, which it
// does once it answers. took is from fork to the first page.
func startBox(b *testing.B, data string, args ...string) (p *process, took time.Duration) {
	b.Helper()
	bin, err := built()
	if err != nil {
		b.Fatal(err)
	}
	port := 20000 + rand.IntN(20000)
	base := "127.0.0.1:" + strconv.Itoa(port)
	cmd := exec.Command(bin, append([]string{"run", "-data", data, "-listen", base}, args...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	p = &process{b, cmd, base}
	for {
		resp, err := http.Get("http://" + base + "/kiosk")
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(begin) > 10*time.Second {
			b.Fatalf("no page after %v: %v; %s", time.Since(begin), err, out.String())
		}
		time.Sleep(200 * time.Microsecond)
	}
	took = time.Since(begin)
	for ok := false; !ok; {
		resp, err := http.Get("http://" + base + "/healthz")
		if err != nil {
			b.Fatal(err)
		}
		ok = resp.StatusCode == http.StatusOK
		resp.Body.Close()
	}
	return p, took
}

func (p *process) stop() {
	p.cmd.Process.Signal(os.Interrupt)
	p.cmd.Wait()
}

func (p *process) post(c *http.Client, path string, body map[string]any) map[string]any {
	p.b.Helper()
	data, _ := json.Marshal(body)
	resp, err := c.Post("http://"+p.base+path, "application/json", bytes.NewReader(data))
	if err != nil {
		p.b.Fatal(err)
	}
	defer resp.Body.Close()
	var ans map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&ans); err != nil {
		p.b.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		p.b.Fatalf("%s %v: %v", path, body, ans)
	}
	return ans
}

func (p *process) open(desk string) {
	p.post(http.DefaultClient, "/api/desk", map[string]any{"id": someID(), "desk": desk, "do": "open"})
}

func (p *process) watch(path string) *websocket.Conn {
	p.b.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+p.base+path, http.Header{"Origin": {"http://" + p.base}})
	if err != nil {
		p.b.Fatal(err)
	}
	return conn
}

func someID() string {
	return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
}

// quantile of sorted durations, in milliseconds.
func quantile(d []time.Duration, q float64) float64 {
	slices.Sort(d)
	return float64(d[min(len(d)-1, int(q*float64(len(d))))]) / float64(time.Millisecond)
}

// BenchmarkTicket takes 3,000 tickets over HTTP with one and with eight clients,
// each answered once it is on disk, with a display of the hall open.
func BenchmarkTicket(b *testing.B) {
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			const tickets = 3000
			for range b.N {
				p, _ := startBox(b, b.TempDir())
				p.open("1")
				hall := p.watch("/ws/hall")
				go func() {
					for {
						if _, _, err := hall.ReadMessage(); err != nil {
							return
						}
					}
				}()
				var (
					mu    sync.Mutex
					took  []time.Duration
					seen  = map[float64]bool{}
					twice int
					wg    sync.WaitGroup
				)
				begin := time.Now()
				for range clients {
					wg.Go(func() {
						c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
						defer c.CloseIdleConnections()
						for range tickets / clients {
							at := time.Now()
							n := p.post(c, "/api/tickets", map[string]any{"id": someID(), "motif": "caf", "lang": "fr"})["number"].(float64)
							d := time.Since(at)
							mu.Lock()
							took = append(took, d)
							if seen[n] {
								twice++
							}
							seen[n] = true
							mu.Unlock()
						}
					})
				}
				wg.Wait()
				all := time.Since(begin)
				hall.Close()
				p.stop()
				b.ReportMetric(quantile(took, 0.50), "p50-ms")
				b.ReportMetric(quantile(took, 0.99), "p99-ms")
				b.ReportMetric(float64(len(took))/all.Seconds(), "tickets/s")
				b.ReportMetric(float64(twice), "duplicates")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

// BenchmarkStart is the time from the start of the process to the first page, on
// an empty folder and with the journal of 300 tickets, all served.
func BenchmarkStart(b *testing.B) {
	for _, tickets := range []int{0, 300} {
		b.Run(fmt.Sprintf("tickets=%d", tickets), func(b *testing.B) {
			data := b.TempDir()
			if tickets > 0 {
				p, _ := startBox(b, data)
				p.open("1")
				for range tickets {
					p.post(http.DefaultClient, "/api/tickets", map[string]any{"id": someID()})
					for _, do := range []string{"next", "start", "end"} {
						p.post(http.DefaultClient, "/api/desk", map[string]any{"id": someID(), "desk": "1", "do": do, "outcome": "served"})
					}
				}
				p.stop()
			}
			var took []time.Duration
			for range b.N {
				for range 10 {
					p, d := startBox(b, data)
					took = append(took, d)
					p.stop()
				}
			}
			b.ReportMetric(quantile(took, 0.50), "p50-ms")
			b.ReportMetric(quantile(took, 1), "max-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkRest is what a box with a display open costs while nothing happens:
// resident memory and processor time over 20 seconds.
func BenchmarkRest(b *testing.B) {
	for range b.N {
		p, _ := startBox(b, b.TempDir())
		p.open("1")
		hall := p.watch("/ws/hall")
		go func() {
			for {
				if _, _, err := hall.ReadMessage(); err != nil {
					return
				}
			}
		}()
		for range 5 {
			p.post(http.DefaultClient, "/api/tickets", map[string]any{"id": someID()})
		}
		time.Sleep(5 * time.Second)
		before := cpuTime(b, p.cmd.Process.Pid)
		const rest = 20 * time.Second
		time.Sleep(rest)
		used := cpuTime(b, p.cmd.Process.Pid) - before
		b.ReportMetric(100*used.Seconds()/rest.Seconds(), "%core")
		b.ReportMetric(residentMiB(b, p.cmd.Process.Pid), "MiB")
		b.ReportMetric(0, "ns/op")
		hall.Close()
		p.stop()
	}
}

// cpuTime is what the process has used, from the scheduler's own count: the ticks
// of /proc/PID/stat are too coarse for a box that does nothing.
func cpuTime(b *testing.B, pid int) (d time.Duration) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(tasks) == 0 {
		b.Fatal("no /proc/PID/task/*/schedstat here")
	}
	for _, t := range tasks {
		data, err := os.ReadFile(t)
		if err != nil {
			continue // a thread that ended
		}
		ns, _ := strconv.ParseInt(strings.Fields(string(data))[0], 10, 64)
		d += time.Duration(ns)
	}
	return d
}

func residentMiB(b *testing.B, pid int) float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(data)
	kb, _ := strconv.ParseFloat(string(m[1]), 64)
	return kb / 1024
}

// BenchmarkSeen is the time from the request for a ticket until displays know of
// it: one hall display, and fifty desks of which the last counts.
func BenchmarkSeen(b *testing.B) {
	for _, bc := range []struct {
		name    string
		path    string
		count   string
		sockets int
	}{{"hall", "/ws/hall", `"waiting":`, 1}, {"desks=50", "/ws/desk?desk=1", `"waiting_total":`, 50}} {
		b.Run(bc.name, func(b *testing.B) {
			for range b.N {
				p, _ := startBox(b, b.TempDir())
				p.open("1")
				type seen struct {
					waiting int
					at      time.Time
				}
				events := make(chan seen, 4096)
				for range bc.sockets {
					conn := p.watch(bc.path)
					defer conn.Close()
					go func() {
						for {
							_, data, err := conn.ReadMessage()
							if err != nil {
								return
							}
							at := time.Now()
							// The count alone is read: fifty browsers would parse on machines of their own.
							_, rest, found := bytes.Cut(data, []byte(bc.count))
							if !found {
								continue
							}
							n, _ := strconv.Atoi(string(rest[:bytes.IndexAny(rest, ",}")]))
							events <- seen{n, at}
						}
					}()
				}
				time.Sleep(time.Second)
				var first, all []time.Duration
				waiting := 0
				for range 60 {
					for len(events) > 0 {
						<-events
					}
					begin := time.Now()
					p.post(http.DefaultClient, "/api/tickets", map[string]any{"id": someID()})
					waiting++
					for got := 0; got < bc.sockets; {
						select {
						case e := <-events:
							if e.waiting == waiting {
								if got == 0 {
									first = append(first, e.at.Sub(begin))
								}
								all = append(all, e.at.Sub(begin))
								got++
							}
						case <-time.After(5 * time.Second):
							b.Fatalf("ticket %d was seen by %d of %d", waiting, got, bc.sockets)
						}
					}
					time.Sleep(150 * time.Millisecond)
				}
				p.stop()
				b.ReportMetric(quantile(first, 0.50), "first-p50-ms")
				b.ReportMetric(quantile(all, 0.50), "p50-ms")
				b.ReportMetric(quantile(all, 0.99), "p99-ms")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

// BenchmarkStaff is 200 members of staff, each at a desk with its socket open,
// who each take a person through ticket, call, start and end, with two seconds
// between actions, as in the load test that another system publishes.
func BenchmarkStaff(b *testing.B) {
	const staff = 200
	var file strings.Builder
	fmt.Fprintln(&file, "time_zone = \"Europe/Paris\"\nlanguages = [\"fr\"]\n[place]\nname = \"Banc\"\n[[hours]]\nday = \"jeudi\"\nfrom = \"9:00\"\nuntil = \"12:00\"")
	for i := range staff {
		fmt.Fprintf(&file, "[[desk]]\nkey = \"d%d\"\nlabel = \"Bureau %d\"\nroles = [\"accueil\"]\n", i, i)
	}
	fmt.Fprintln(&file, "[[motif]]\nkey = \"caf\"")
	for range b.N {
		siteFile := filepath.Join(b.TempDir(), "site.toml")
		if err := os.WriteFile(siteFile, []byte(file.String()), 0o600); err != nil {
			b.Fatal(err)
		}
		p, _ := startBox(b, b.TempDir(), "-site", siteFile)
		p.open("d0")
		var (
			mu   sync.Mutex
			took = map[string][]time.Duration{}
			wg   sync.WaitGroup
		)
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
		for i := range staff {
			desk := fmt.Sprintf("d%d", i)
			conn := p.watch("/ws/desk?desk=" + desk)
			go func() {
				for {
					if _, _, err := conn.ReadMessage(); err != nil {
						return
					}
				}
			}()
			wg.Go(func() {
				defer conn.Close()
				c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
				defer c.CloseIdleConnections()
				pause := func() {
					select {
					case <-ctx.Done():
					case <-time.After(2 * time.Second):
					}
				}
				time.Sleep(time.Duration(rand.Int64N(int64(2 * time.Second))))
				for range 3 {
					for _, do := range []string{"take", "next", "start", "end"} {
						body := map[string]any{"id": someID(), "desk": desk, "do": do}
						if do == "end" {
							body["outcome"] = "served"
						}
						at := time.Now()
						p.post(c, "/api/desk", body)
						d := time.Since(at)
						mu.Lock()
						took[do] = append(took[do], d)
						took["all"] = append(took["all"], d)
						mu.Unlock()
						pause()
					}
				}
			})
		}
		wg.Wait()
		cancel()
		p.stop()
		for _, do := range []string{"take", "next", "start", "end", "all"} {
			b.ReportMetric(quantile(took[do], 0.50), do+"-p50-ms")
			b.ReportMetric(quantile(took[do], 0.99), do+"-p99-ms")
		}
		b.ReportMetric(0, "ns/op")
	}
}

// BenchmarkBinary is the size of the binary, as built by make and stripped for the
// Pi.
func BenchmarkBinary(b *testing.B) {
	for range b.N {
		bin, err := built()
		if err != nil {
			b.Fatal(err)
		}
		info, err := os.Stat(bin)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/(1<<20), "MiB")
		arm := filepath.Join(b.TempDir(), "jeudi")
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", arm, ".")
		cmd.Env = append(os.Environ(), "GOARCH=arm64", "CGO_ENABLED=1", "CC=aarch64-linux-gnu-gcc") // sound needs C
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatal(err, string(out))
		}
		if info, err = os.Stat(arm); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/(1<<20), "arm64-MiB")
		b.ReportMetric(0, "ns/op")
	}
}
