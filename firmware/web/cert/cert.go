// Package cert is the box's own TLS certificate. No authority vouches for an
// address such as 10.3.141.1, and a box without internet could not renew what one
// gave: so each box signs its own, staff accept it once, and compare its
// fingerprint with the one that the kiosk shows.
//
// It promises a certificate that fits the box's addresses and name, made at the
// first start and kept in one file that a cut leaves whole; another one when the
// addresses change, when the file is damaged, or when it is about to end. Each
// comes with a new key, so that its fingerprint is new and says so.
//
// The box has no battery clock. A certificate is renewed for its dates only on the
// word of a clock that is trusted: one that jumps to 2040 must not have every phone
// accept another certificate. One made before the clock was known is looked at
// again at the next start with a trusted clock, or when Due is asked.
package cert

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// Lifetime is how long a certificate lasts: phones of one maker refuse more than
	// 825 days.
	Lifetime = 2 * 365 * 24 * time.Hour
	// ahead is how long before its end a certificate is renewed: a box that is
	// started once a week has several mornings to do so.
	ahead = 60 * 24 * time.Hour
	// slack is how much earlier than made a certificate begins, for phones whose own
	// clock is late.
	slack = 24 * time.Hour
)

// floor is a date that no true clock shows any more: what claims to be earlier is a
// box that does not know the time.
func floor() time.Time { return time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC) }

// file holds the certificate and its key together, so that no cut parts them.
const file = "tls.pem"

// Names are what the certificate is for.
type Names struct {
	IPs  []netip.Addr
	Name string // a host name, "" for none
}

// Clock is what the box thinks the time is.
type Clock struct {
	Now     time.Time
	Trusted bool
}

// Why a certificate is made anew.
type Why string

// The reasons.
const (
	Kept    Why = ""
	First   Why = "there was none"
	Damaged Why = "the file could not be read"
	Renamed Why = "the box has other addresses"
	Ending  Why = "it is about to end"
	Early   Why = "it begins in the future"
)

// Cert is a certificate with its key. It is never changed.
type Cert struct {
	pair tls.Certificate
	leaf *x509.Certificate
}

// Open reads the certificate of a folder, or makes one and says why. A file that
// cannot be read is no error: its key opens nothing but this listener. A disk that
// refuses to write is.
func Open(dir string, want Names, clock Clock) (*Cert, Why, error) {
	if len(want.IPs) == 0 && want.Name == "" {
		return nil, Kept, errors.New("cert: a certificate for no address")
	}
	path := filepath.Join(dir, file)
	unfinished, _ := filepath.Glob(path + ".new-*") // of a cut, with a key that nobody uses
	for _, name := range unfinished {
		os.Remove(name)
	}
	why := First
	data, err := os.ReadFile(path)
	switch {
	case err == nil:
		c, err := parse(data)
		if err == nil {
			if why = c.Due(want, clock); why == Kept {
				// Somebody may have copied the folder: nobody else reads the key.
				return c, Kept, os.Chmod(path, 0o600)
			}
		} else {
			why = Damaged
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, Kept, fmt.Errorf("cert: %w", err)
	}
	data, err = create(want, clock)
	if err != nil {
		return nil, why, err
	}
	c, err := parse(data)
	if err != nil {
		return nil, why, err
	}
	if err := write(path, data); err != nil {
		return nil, why, err
	}
	return c, why, nil
}

// Due is why the certificate should be made anew, Kept when it is good.
func (c *Cert) Due(want Names, clock Clock) Why {
	switch {
	case !sameNames(c.leaf, want):
		return Renamed
	case !clock.Trusted:
		return Kept
	case clock.Now.Before(c.leaf.NotBefore):
		return Early
	case clock.Now.After(c.leaf.NotAfter.Add(-ahead)):
		return Ending
	}
	return Kept
}

func sameNames(leaf *x509.Certificate, want Names) bool {
	var have []netip.Addr
	for _, ip := range leaf.IPAddresses {
		a, _ := netip.AddrFromSlice(ip)
		have = append(have, a.Unmap())
	}
	return slices.Equal(sorted(have), sorted(want.IPs)) && strings.Join(leaf.DNSNames, " ") == want.Name
}

func sorted(list []netip.Addr) []netip.Addr {
	list = slices.Clone(list)
	for i, a := range list {
		list[i] = a.Unmap().WithZone("")
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return slices.Compact(list)
}

// create makes a key and its certificate.
func create(want Names, clock Clock) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("cert: key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("cert: serial: %w", err)
	}
	from := clock.Now.UTC().Truncate(time.Second)
	if from.Before(floor()) {
		from = floor()
	}
	template := &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)), // never 0
		Subject:      pkix.Name{CommonName: "Jeudi"},
		NotBefore:    from.Add(-slack), NotAfter: from.Add(Lifetime),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, // and no authority: its key signs nothing else
	}
	for _, ip := range sorted(want.IPs) {
		template.IPAddresses = append(template.IPAddresses, net.IP(ip.AsSlice()))
	}
	if want.Name != "" {
		template.DNSNames = []string{want.Name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("cert: sign: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("cert: key: %w", err)
	}
	var out bytes.Buffer
	pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	pem.Encode(&out, &pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	return out.Bytes(), nil
}

// parse reads what create made. The key must be the certificate's.
func parse(data []byte) (*Cert, error) {
	pair, err := tls.X509KeyPair(data, data)
	if err != nil {
		return nil, fmt.Errorf("cert: %w", err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("cert: %w", err)
	}
	if key, ok := leaf.PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("cert: not a P-256 key")
	}
	pair.Leaf = leaf
	return &Cert{pair, leaf}, nil
}

// write puts a file in the place of another, so that a cut leaves one of the two.
func write(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), file+".new-*") // 0600
	if err != nil {
		return fmt.Errorf("cert: write: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("cert: write: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("cert: write: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("cert: write: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("cert: write: %w", err)
	}
	return nil
}

// Leaf is the certificate itself, to be read only.
func (c *Cert) Leaf() *x509.Certificate { return c.leaf }

// TLS is the configuration of the staff's listener. TLS 1.3 is in every browser
// that can run the pages. HTTP/1.1 alone: sockets need it, and its limits are one
// request for a connection.
func (c *Cert) TLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.pair}, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}}
}

// Fingerprint is the SHA-256 sum of a certificate, as browsers show it.
type Fingerprint [sha256.Size]byte

// Fingerprint is the certificate's.
func (c *Cert) Fingerprint() Fingerprint { return sha256.Sum256(c.leaf.Raw) }

// String is the whole fingerprint: "3F:2A:…", 32 bytes.
func (f Fingerprint) String() string {
	return strings.ReplaceAll(fmt.Sprintf("% X", f[:]), " ", ":")
}

// Head is its beginning, which the QR code carries.
func (f Fingerprint) Head() [8]byte { return [8]byte(f[:8]) }

// Short is Head for people to compare: "3F2A 90BC 1D4E 7788".
func (f Fingerprint) Short() string {
	return fmt.Sprintf("%X %X %X %X", f[0:2], f[2:4], f[4:6], f[6:8])
}
