package main

import (
	"net"
	"net/http"
	"os"
	"strconv"
	"testing"
)

// A socket that systemd holds is taken, left open, and taken again: the box is started
// anew, and whoever was waiting has not noticed.
func TestSocketOfSystemd(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	f, err := ln.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	address, us := ln.Addr().String(), strconv.Itoa(os.Getpid())

	for range 2 {
		waiting, err := net.Dial("tcp", address) // nobody accepts yet
		if err != nil {
			t.Fatal(err)
		}
		defer waiting.Close()
		got, err := inherited(address, us, "1", f.Fd())
		if err != nil || got == nil {
			t.Fatalf("inherited = %v, %v; want the socket", got, err)
		}
		srv := &http.Server{Handler: http.NotFoundHandler()}
		go srv.Serve(got)
		if _, err := http.Get("http://" + address + "/"); err != nil {
			t.Errorf("served on it: %v", err)
		}
		srv.Close()
	}
	for _, tt := range []struct {
		what, address, pid, count string
		wrong                     bool
	}{
		{what: "another address", address: "127.0.0.1:1", pid: us, count: "1"},
		{what: "another process", address: address, pid: "1", count: "1"},
		{what: "no systemd", address: address},
		{what: "none", address: address, pid: us, count: "0"},
		{what: "nonsense", address: address, pid: us, count: "x", wrong: true},
		{what: "a number that nobody means", address: address, pid: us, count: "99999999", wrong: true},
	} {
		if got, err := inherited(tt.address, tt.pid, tt.count, f.Fd()); got != nil || (err != nil) != tt.wrong {
			t.Errorf("%s: inherited = %v, %v; want none, an error %t", tt.what, got, err, tt.wrong)
		}
	}
	t.Setenv("LISTEN_PID", "1")
	own, err := listenLocal("127.0.0.1:0")
	if err != nil {
		t.Fatalf("listenLocal without systemd: %v", err)
	}
	own.Close()
}
