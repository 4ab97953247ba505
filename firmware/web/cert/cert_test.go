package cert

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func names(name string, ips ...string) Names {
	n := Names{Name: name}
	for _, ip := range ips {
		n.IPs = append(n.IPs, netip.MustParseAddr(ip))
	}
	return n
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func open(t *testing.T, dir string, want Names, clock Clock) (*Cert, Why) {
	t.Helper()
	c, why, err := Open(dir, want, clock)
	if err != nil {
		t.Fatalf("Open() = %v; want a certificate", err)
	}
	return c, why
}

func TestFirst(t *testing.T) {
	dir := t.TempDir()
	want := names("jeudi.local", "10.3.141.1", "192.168.1.20", "10.3.141.1")
	made := day("2027-03-04")
	c, why := open(t, dir, want, Clock{made, true})
	if why != First {
		t.Errorf("Open() in an empty folder = %q; want %q", why, First)
	}
	leaf := c.Leaf()
	if leaf.NotBefore.After(made) || !leaf.NotAfter.Equal(made.Add(Lifetime)) || leaf.NotAfter.Sub(leaf.NotBefore) > 825*24*time.Hour {
		t.Errorf("dates %v to %v; want two years from %v", leaf.NotBefore, leaf.NotAfter, made)
	}
	if leaf.IsCA || leaf.SerialNumber.Sign() <= 0 || len(leaf.IPAddresses) != 2 {
		t.Errorf("CA %v, serial %v, addresses %v; want no authority, a serial and two addresses", leaf.IsCA, leaf.SerialNumber, leaf.IPAddresses)
	}
	for _, host := range []string{"10.3.141.1", "192.168.1.20", "jeudi.local"} {
		if err := leaf.VerifyHostname(host); err != nil {
			t.Errorf("VerifyHostname(%s) = %v; want it to fit", host, err)
		}
	}
	for _, host := range []string{"10.3.141.2", "evil.example", "localhost"} {
		if leaf.VerifyHostname(host) == nil {
			t.Errorf("VerifyHostname(%s) fits; want it refused", host)
		}
	}
	info, err := os.Stat(filepath.Join(dir, file))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file = %v, %v; want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.new*")); len(left) != 0 {
		t.Errorf("left behind: %q; want nothing", left)
	}
}

func TestAnew(t *testing.T) {
	home := names("jeudi.local", "10.3.141.1")
	made := Clock{day("2027-03-04"), true}
	tests := []struct {
		name   string
		given  Clock // when it was made
		want   Names
		when   Clock
		spoil  func(path string) error
		expect Why
	}{
		{name: "the same morning", want: home, when: made},
		{name: "a year later", want: home, when: Clock{day("2028-03-04"), true}},
		{name: "the addresses in another order and form", want: names("jeudi.local", "::ffff:10.3.141.1", "10.3.141.1"), when: made},
		{name: "near its end", want: home, when: Clock{day("2029-02-01"), true}, expect: Ending},
		{name: "near its end, says a clock that is not trusted", want: home, when: Clock{day("2029-02-01"), false}},
		{name: "past its end, by a clock that jumped", want: home, when: Clock{day("2040-01-01"), false}},
		{name: "before it began", want: home, when: Clock{day("2026-12-24"), true}, expect: Early},
		{name: "before it began, by a clock of 1970", want: home, when: Clock{day("1970-01-01"), false}},
		{name: "made in 1970, looked at with the true date", given: Clock{day("1970-01-01"), false}, want: home, when: made},
		{name: "made in 1970, looked at two years later", given: Clock{day("1970-01-01"), false}, want: home, when: Clock{day("2028-10-01"), true}, expect: Ending},
		{name: "made in 2040, looked at with the true date", given: Clock{day("2040-01-01"), false}, want: home, when: made, expect: Early},
		{name: "another address", want: names("jeudi.local", "10.3.141.2"), when: made, expect: Renamed},
		{name: "one more address", want: names("jeudi.local", "10.3.141.1", "10.3.141.2"), when: made, expect: Renamed},
		{name: "another name, clock not trusted", want: names("accueil.local", "10.3.141.1"), when: Clock{day("1970-01-01"), false}, expect: Renamed},
		{name: "no name any more", want: names("", "10.3.141.1"), when: made, expect: Renamed},
		{name: "a cut file", want: home, when: made, expect: Damaged, spoil: func(p string) error { return os.Truncate(p, 300) }},
		{name: "an empty file", want: home, when: made, expect: Damaged, spoil: func(p string) error { return os.Truncate(p, 0) }},
		{name: "a file of another kind", want: home, when: made, expect: Damaged, spoil: func(p string) error { return os.WriteFile(p, []byte("x"), 0o600) }},
		{name: "readable by all", want: home, when: made, spoil: func(p string) error { return os.Chmod(p, 0o644) }},
		{name: "it vanished", want: home, when: made, expect: First, spoil: os.Remove},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if tt.given.Now.IsZero() {
				tt.given = made
			}
			before, _ := open(t, dir, home, tt.given)
			if tt.spoil != nil {
				if err := tt.spoil(filepath.Join(dir, file)); err != nil {
					t.Fatal(err)
				}
			}
			after, why := open(t, dir, tt.want, tt.when)
			if why != tt.expect {
				t.Errorf("Open() = %q; want %q", why, tt.expect)
			}
			if same := before.Fingerprint() == after.Fingerprint(); same != (tt.expect == Kept) {
				t.Errorf("same fingerprint %v after %q; want %v", same, why, !same)
			}
			if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the file = %v, %v; want 0600", info.Mode(), err)
			}
			// What was made is kept from then on.
			if again, why := open(t, dir, tt.want, tt.when); why != Kept || again.Fingerprint() != after.Fingerprint() {
				t.Errorf("Open() again = %q; want the same certificate", why)
			}
		})
	}
}

// TestKeyOfAnother: a certificate beside a key that is not its own is damage.
func TestKeyOfAnother(t *testing.T) {
	clock := Clock{day("2027-03-04"), true}
	var parts [2][]byte
	for i := range parts {
		data, err := create(names("", "10.3.141.1"), clock)
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = data
	}
	cut := func(data []byte) int { return bytes.Index(data, []byte("-----BEGIN PRIVATE")) }
	mixed := append(bytes.Clone(parts[0][:cut(parts[0])]), parts[1][cut(parts[1]):]...)
	if _, err := parse(mixed); err == nil {
		t.Error("parse(one certificate, another key) = nil; want an error")
	}
}

func TestRefusals(t *testing.T) {
	clock := Clock{day("2027-03-04"), true}
	if _, _, err := Open(t.TempDir(), Names{}, clock); err == nil {
		t.Error("Open(for nothing) = nil; want an error")
	}
	if _, _, err := Open(filepath.Join(t.TempDir(), "missing"), names("", "10.0.0.1"), clock); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open(in no folder) = %v; want not exist", err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, file), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(dir, names("", "10.0.0.1"), clock); err == nil {
		t.Error("Open(a folder where the file should be) = nil; want an error")
	}
}

// TestHandshake: a browser that knows the fingerprint gets in; older TLS does not.
func TestHandshake(t *testing.T) {
	c, _ := open(t, t.TempDir(), names("", "10.3.141.1"), Clock{day("2027-03-04"), true})
	shake := func(change func(*tls.Config)) (tls.ConnectionState, error) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		var served sync.WaitGroup
		defer served.Wait()
		served.Go(func() {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			tls.Server(conn, c.TLS()).HandshakeContext(t.Context())
		})
		cfg := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}}
		change(cfg)
		raw, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer raw.Close()
		client := tls.Client(raw, cfg)
		err = client.HandshakeContext(t.Context())
		return client.ConnectionState(), err
	}
	state, err := shake(func(*tls.Config) {})
	if err != nil || state.Version != tls.VersionTLS13 || state.NegotiatedProtocol != "http/1.1" {
		t.Fatalf("handshake = %x %q, %v; want TLS 1.3 and http/1.1", state.Version, state.NegotiatedProtocol, err)
	}
	if Fingerprint(sha256.Sum256(state.PeerCertificates[0].Raw)) != c.Fingerprint() {
		t.Error("the fingerprint is not that of the certificate on the line")
	}
	if _, err := shake(func(cfg *tls.Config) { cfg.MaxVersion = tls.VersionTLS12 }); err == nil {
		t.Error("handshake with TLS 1.2 = nil; want an error")
	}
	pool := x509.NewCertPool()
	pool.AddCert(c.Leaf())
	at := func() time.Time { return day("2027-06-01") }
	for name, ok := range map[string]bool{"10.3.141.1": true, "10.3.141.2": false, "evil.example": false} {
		_, err := shake(func(cfg *tls.Config) { *cfg = tls.Config{RootCAs: pool, ServerName: name, Time: at} })
		if (err == nil) != ok {
			t.Errorf("handshake with %s by somebody who accepted the certificate = %v; want it to fit: %v", name, err, ok)
		}
	}
}

func TestFingerprint(t *testing.T) {
	var f Fingerprint
	for i := range f {
		f[i] = byte(0x3f + i)
	}
	if got, want := f.Short(), "3F40 4142 4344 4546"; got != want {
		t.Errorf("Short() = %q; want %q", got, want)
	}
	head := f.Head()
	if got, want := strings.ReplaceAll(f.Short(), " ", ""), strings.ToUpper(hex.EncodeToString(head[:])); got != want {
		t.Errorf("Short() without blanks = %s; want Head() %s", got, want)
	}
	if got := f.String(); !strings.HasPrefix(got, "3F:40:41:") || len(got) != 32*3-1 {
		t.Errorf("String() = %s; want 32 bytes with colons", got)
	}
}

// What a cut left half written is not kept: it holds a key.
func TestUnfinished(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, file+".new-123")
	if err := os.WriteFile(left, []byte("half a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, dir, names("", "10.3.141.1"), Clock{day("2027-03-04"), true})
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Open() the unfinished file = %v; want it gone", err)
	}
}
