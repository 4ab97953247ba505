package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/firmware/appliance"
	"jeudi/firmware/journal"
	"jeudi/firmware/session"
)

// capabilities are those of the tickets of a permanence, from the journal that a box
// left behind: what their papers say.
func capabilities(b *testing.B, data string) map[session.Number]string {
	b.Helper()
	j, aside, err := journal.Open(data)
	if err != nil || aside != "" {
		b.Fatal(err, aside)
	}
	defer j.Close()
	var s appliance.Snapshot
	j.Replay(func(e session.Event) { s.Session = session.Evolve(s.Session, e) })
	list := make(map[session.Number]string)
	for v := range s.Session.Visits() {
		list[v.Number] = s.Capability(v)
	}
	return list
}

// freePort is a port of this machine that nothing listens on.
func freePort(b *testing.B) string {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return port
}

// BenchmarkScreens is the time from a desk's order, « Suivant », until every screen
// that it concerns knows of it: twenty desks, five halls, and of three hundred phones
// the one that is called. The others are told how the wait goes on every five seconds
// on purpose, and that goes on meanwhile. The screens are read on the same machine,
// which makes the times longer. Halls and phones are on the public listener, desks on
// this machine's own, without TLS. The box was started again before: the phones are let
// in by tickets from before a cut.
func BenchmarkScreens(b *testing.B) {
	const desks, halls, phones, rounds = 20, 5, 300, 100
	var file strings.Builder
	fmt.Fprintln(&file, "time_zone = \"Europe/Paris\"\nlanguages = [\"fr\"]\n[place]\nname = \"Banc\"\n[[hours]]\nday = \"jeudi\"\nfrom = \"9:00\"\nuntil = \"12:00\"")
	for i := range desks {
		fmt.Fprintf(&file, "[[desk]]\nkey = \"d%d\"\nlabel = \"Bureau %d\"\nroles = [\"accueil\"]\n", i, i)
	}
	fmt.Fprintln(&file, "[[motif]]\nkey = \"caf\"")
	for range b.N {
		siteFile, data := filepath.Join(b.TempDir(), "site.toml"), b.TempDir()
		if err := os.WriteFile(siteFile, []byte(file.String()), 0o600); err != nil {
			b.Fatal(err)
		}
		p, _ := startBox(b, data, "-site", siteFile)
		p.open("d0")
		for range phones {
			p.post(http.DefaultClient, "/api/tickets", map[string]any{"id": someID()})
		}
		p.stop()
		tickets := capabilities(b, data)
		street := "127.0.0.1:" + freePort(b)
		p, _ = startBox(b, data, "-site", siteFile, "-public", street)
		public := &process{b, p.cmd, street}
		p.post(http.DefaultClient, "/api/desk", map[string]any{"id": someID(), "desk": "d0", "do": "resume"})

		// told is what a screen says: how many wait, or the number that is called.
		type told struct {
			screen *websocket.Conn
			n      int
			at     time.Time
		}
		var (
			onDesks, onHalls = make(chan told, 1<<14), make(chan told, 1<<14)
			onPhones         = make(chan told, 1<<14)
			open             []*websocket.Conn
			shown            sync.WaitGroup // each screen its first view
		)
		follow := func(at *process, path, first, before, after string, out chan<- told) {
			conn := at.watch(path)
			open = append(open, conn)
			if first != "" {
				data, _ := json.Marshal(map[string]string{"ticket": first})
				conn.WriteMessage(websocket.TextMessage, data)
			}
			shown.Add(1)
			drawn := sync.OnceFunc(shown.Done)
			go func() {
				defer drawn()
				for {
					_, data, err := conn.ReadMessage()
					if err != nil {
						return
					}
					at := time.Now()
					drawn()
					if !bytes.Contains(data, []byte(after)) {
						continue
					}
					// One number alone is read: browsers parse on machines of their own.
					if _, rest, ok := bytes.Cut(data, []byte(before)); ok {
						n, _ := strconv.Atoi(string(rest[:bytes.IndexAny(rest, ",}")]))
						out <- told{conn, n, at}
					}
				}
			}()
		}
		for i := range desks {
			follow(p, fmt.Sprintf("/ws/desk?desk=d%d", i), "", `"waiting_total":`, "", onDesks)
		}
		for range halls {
			follow(public, "/ws/hall", "", `"waiting":`, "", onHalls)
		}
		for n := range phones {
			follow(public, "/ws/ticket", tickets[session.Number(n+1)], `"number":`, `"state":"called"`, onPhones)
		}
		shown.Wait()

		var onAllDesks, onAllHalls, onPhone, everywhere []time.Duration
		for round := range rounds {
			for _, c := range []chan told{onDesks, onHalls, onPhones} {
				for len(c) > 0 {
					<-c
				}
			}
			desk := fmt.Sprintf("d%d", round%desks)
			begin := time.Now()
			number := int(p.post(http.DefaultClient, "/api/desk", map[string]any{"id": someID(), "desk": desk, "do": "next"})["number"].(float64))
			waiting := phones - round - 1
			all := time.Duration(0)
			wait := func(what string, c <-chan told, screens, n int, took *[]time.Duration) {
				late := time.After(10 * time.Second)
				var last time.Duration
				seen := make(map[*websocket.Conn]bool) // one that tells it twice is one
				for len(seen) < screens {
					select {
					case t := <-c:
						if t.n == n && !seen[t.screen] {
							seen[t.screen] = true
							last = max(last, t.at.Sub(begin))
						}
					case <-late:
						b.Fatalf("round %d: call of %d was seen by %d of %d %s", round, number, len(seen), screens, what)
					}
				}
				*took = append(*took, last)
				all = max(all, last)
			}
			wait("desks", onDesks, desks, waiting, &onAllDesks)
			wait("halls", onHalls, halls, waiting, &onAllHalls)
			wait("phones", onPhones, 1, number, &onPhone)
			everywhere = append(everywhere, all)
			p.post(http.DefaultClient, "/api/desk", map[string]any{"id": someID(), "desk": desk, "do": "end", "outcome": "served"})
			time.Sleep(100 * time.Millisecond)
		}
		b.ReportMetric(residentMiB(b, p.cmd.Process.Pid), "MiB")
		for _, conn := range open {
			conn.Close()
		}
		p.stop()
		b.ReportMetric(quantile(onAllDesks, 0.99), "desks-p99-ms")
		b.ReportMetric(quantile(onAllHalls, 0.99), "halls-p99-ms")
		b.ReportMetric(quantile(onPhone, 0.99), "phone-p99-ms")
		b.ReportMetric(quantile(everywhere, 0.50), "p50-ms")
		b.ReportMetric(quantile(everywhere, 0.99), "p99-ms")
		b.ReportMetric(0, "ns/op")
	}
}
