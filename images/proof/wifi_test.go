package proof

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// boxWifi is the box on its own Wi-Fi.
const boxWifi = "10.41.0.1"

// phoneProgram is the program of images/proof/phone, for the guest.
func phoneProgram(t *testing.T) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "phone")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s", "-o", out, "./phone")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building phone: %v\n%s", err, said)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A radio is a phone in the guest: a network namespace with an emulated radio in it.
type radio struct {
	b            *bench
	space, port  string
	address, mac string
	print        string // of the certificate that it last saw
	client       *http.Client
}

// radios loads emulated radios into the guest by a script. The first is the box's; each
// other goes into a namespace of its own.
func (b *bench) radios(phones int, load string) []*radio {
	b.t.Helper()
	script := carry + load + fmt.Sprintf(`cat >/opt/proof/dhcp <<'@end'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr replace "$ip/$mask" dev "$interface"
echo "ip=$ip router=$router dns=$dns" >"/run/$interface.lease"
@end
chmod 755 /opt/proof/dhcp
for i in {1..50}; do [ -e /sys/class/net/wlan%d ] && break; sleep 0.2; done
`, phones)
	var all []*radio
	for i := range phones {
		r := &radio{b: b, space: fmt.Sprintf("phone%d", i+1), port: fmt.Sprintf("wlan%d", i+1)}
		script += fmt.Sprintf("ip netns add %[1]s && iw phy \"$(cat /sys/class/net/%[2]s/phy80211/name)\" set netns name %[1]s && ip -n %[1]s link set lo up || exit 1\n", r.space, r.port)
		jar, err := cookiejar.New(nil)
		if err != nil {
			b.t.Fatal(err)
		}
		r.client = &http.Client{Transport: r, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		all = append(all, r)
	}
	b.must(script)
	for _, r := range all {
		r.mac = strings.TrimSpace(r.must("cat /sys/class/net/" + r.port + "/address"))
	}
	return all
}

// in is a script in the phone's namespace.
func (r *radio) in(script string) string {
	return fmt.Sprintf("ip netns exec %s bash -c '%s'", r.space, strings.ReplaceAll(script, "'", `'\''`))
}

func (r *radio) must(script string) string {
	r.b.t.Helper()
	return r.b.must(r.in(script))
}

// sees reports whether a script of the phone's ends well.
func (r *radio) sees(script string) bool {
	r.b.t.Helper()
	return strings.TrimSpace(r.b.must(r.in(script)+" >/dev/null 2>&1 && echo yes || echo no")) == "yes"
}

// radioProgram starts wpa_supplicant anew in a phone's namespace, for one network.
func (r *radio) radioProgram(network string) {
	r.b.t.Helper()
	r.b.must(fmt.Sprintf(`[ ! -e /run/%[1]s.pid ] || { kill $(cat /run/%[1]s.pid); while [ -e /run/%[1]s.pid ]; do sleep 0.1; done; }
: >/run/%[1]s.log
cat >/run/%[1]s.conf <<'@end'
ctrl_interface=/run/%[1]s
network={
%[3]s
 key_mgmt=WPA-PSK
 proto=RSN
 pairwise=CCMP
 group=CCMP
}
@end
ip netns exec %[1]s wpa_supplicant -B -i %[2]s -D nl80211 -c /run/%[1]s.conf -P /run/%[1]s.pid -f /run/%[1]s.log`, r.space, r.port, network))
}

// wants has the phone look for a Wi-Fi with a passphrase, as if its owner had typed it.
func (r *radio) wants(name, passphrase string) {
	r.b.t.Helper()
	r.radioProgram(fmt.Sprintf("ssid=%q\npsk=%q", name, passphrase))
}

// plays has the phone play an access point, at the box's address.
func (r *radio) plays(name, passphrase string) {
	r.b.t.Helper()
	r.must("ip link set " + r.port + " down && iw dev " + r.port + " set type managed")
	r.radioProgram(fmt.Sprintf("ssid=%q\npsk=%q\nmode=2\nfrequency=2437", name, passphrase))
	r.b.until("the false access point", r.in("iw dev "+r.port+" info")+" | grep -q 'type AP'")
	r.must("ip addr replace " + boxWifi + "/24 dev " + r.port)
}

// cli orders the phone's wpa_supplicant.
func (r *radio) cli(command string) string {
	return fmt.Sprintf("wpa_cli -p /run/%s -i %s %s", r.space, r.port, command)
}

// on waits until the phone is on the Wi-Fi that it looks for.
func (r *radio) on() {
	r.b.t.Helper()
	r.b.until(r.space+" joins", r.cli("status")+" | grep -q ^wpa_state=COMPLETED")
}

// joins is wants, on, and an address of DHCP.
func (r *radio) joins(name, passphrase string) {
	r.b.t.Helper()
	r.wants(name, passphrase)
	r.on()
	r.must("ip addr flush dev " + r.port + "; busybox udhcpc -f -q -n -t 20 -T 1 -i " + r.port + " -s /opt/proof/dhcp 2>&1")
	lease := strings.TrimSpace(r.b.must("cat /run/" + r.port + ".lease"))
	ip, rest, _ := strings.Cut(strings.TrimPrefix(lease, "ip="), " ")
	if r.address = ip; !strings.HasPrefix(ip, "10.41.0.") || rest != "router= dns="+boxWifi {
		r.b.t.Errorf("%s was given %q; want an address of 10.41.0.0/24, no way out, and names from the box", r.space, lease)
	}
}

// refused waits until the access point has refused the phone's passphrase.
func (r *radio) refused(what string) {
	r.b.t.Helper()
	r.b.until(what+" is refused", "grep -q reason=WRONG_KEY /run/"+r.space+".log")
	if said := r.b.must("cat /run/" + r.space + ".log"); strings.Contains(said, "CTRL-EVENT-CONNECTED") {
		r.b.t.Errorf("%s: %s", what, said)
	}
}

// RoundTrip sends a request from the phone, on a connection of its own.
func (r *radio) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Close = true
	var raw bytes.Buffer
	if err := req.Write(&raw); err != nil {
		return nil, err
	}
	how, port := "tcp", "80"
	if req.URL.Scheme == "https" {
		how, port = "tls", "443"
	}
	said, err := r.b.Shell.Run(req.Context(), r.in(fmt.Sprintf("/opt/proof/phone ask %s %s:%s %s", how, boxWifi, port, base64.StdEncoding.EncodeToString(raw.Bytes()))))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if print, ok := strings.CutPrefix(line, "print "); ok {
			r.print = print
		}
		if text, ok := strings.CutPrefix(line, "answer "); ok {
			answer, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil, err
			}
			return http.ReadResponse(bufio.NewReader(bytes.NewReader(answer)), req)
		}
	}
	return nil, errors.New("the phone heard nothing: " + said)
}

// gets is the status of a page, under the box's own address.
func (r *radio) gets(url string) int {
	r.b.t.Helper()
	req, err := http.NewRequestWithContext(r.b.within(), http.MethodGet, url, nil)
	if err != nil {
		r.b.t.Fatal(err)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		r.b.t.Fatalf("GET %s: %v", url, err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// posts sends what a page of the desk would.
func (r *radio) posts(path string, body map[string]any) (answer map[string]any) {
	r.b.t.Helper()
	if path == "/api/desk" {
		r.b.ids++
		body["id"] = fmt.Sprintf("%016x%016x", r.b.prefix, r.b.ids)
	}
	text, err := json.Marshal(body)
	if err != nil {
		r.b.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(r.b.within(), http.MethodPost, "https://"+boxWifi+path, bytes.NewReader(text))
	if err != nil {
		r.b.t.Fatal(err)
	}
	req.Header.Set("Origin", "https://"+boxWifi)
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.client.Do(req)
	if err != nil {
		r.b.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK {
		r.b.t.Fatalf("POST %s %s = %s %v, %v", path, body["do"], resp.Status, answer, err)
	}
	return answer
}

// pairs connects the phone as its owner would, with somebody's yes at the kiosk.
func (r *radio) pairs() {
	r.b.t.Helper()
	fragment, _ := r.b.local("/api/pairing", map[string]any{"do": "offer"})["fragment"].(string)
	token, _, _ := strings.Cut(strings.TrimPrefix(fragment, "#p="), "&fp=")
	claim := r.posts("/api/pair", map[string]any{"do": "claim", "token": token, "role": "travailleur_social"})
	r.b.local("/api/pairing", map[string]any{"do": "confirm", "number": claim["number"]})
	r.posts("/api/pair", map[string]any{"do": "collect", "claim": claim["claim"]})
}

// passphrase is what the box shows on its own screen to whoever connects a phone, with the
// name of the Wi-Fi. The box asks where it is every ten seconds.
func (b *bench) passphrase() (name, passphrase string) {
	b.t.Helper()
	said := b.until("the kiosk shows the Wi-Fi", `ask POST /api/pairing '{"do":"offer"}' >/dev/null; /opt/proof/phone kiosk >/run/kiosk.view; grep '"wifi":{' /run/kiosk.view`)
	var view struct {
		Wifi *struct{ Name, Passphrase string }
	}
	if err := json.Unmarshal([]byte(said[strings.Index(said, "{"):]), &view); err != nil || view.Wifi == nil {
		b.t.Fatalf("the kiosk shows no Wi-Fi beside the code of pairing, %v: %s", err, said)
	}
	_, name, _ = strings.Cut(view.Wifi.Name, "\u00a0: ")
	_, passphrase, _ = strings.Cut(view.Wifi.Passphrase, "\u00a0: ")
	if name == "" || !regexp.MustCompile(`^[a-z2-9]{4}(-[a-z2-9]{4}){4}$`).MatchString(passphrase) {
		b.t.Fatalf("the kiosk shows %+v; want a name and a passphrase of five groups", *view.Wifi)
	}
	return name, passphrase
}

// ownWifi waits until the box has its own Wi-Fi.
func (b *bench) ownWifi() {
	b.t.Helper()
	b.until("the box's own Wi-Fi", `iw dev wlan0 info 2>/dev/null | grep -q "type AP" && ip -4 -br addr show dev wlan0 | grep -q "`+boxWifi+`/24" && systemctl -q is-active jeudi-hotspot`)
}

// TestAccessPoint is the box's own Wi-Fi on an emulated radio, raised by NetworkManager as
// on a Pi, and phones with radios of their own that come near it: cases 36 to 38.
func TestAccessPoint(t *testing.T) {
	lengthy(t, "it takes four minutes")
	image := theCard(t, theSite(false)+"[network]\nstaff = \"auto\"\npublic = \"auto\"\n[wifi]\nhotspot = \"always\"\nname = \"Tilleuls\"\n", 64<<20)
	files, load := emulated(t, "mac80211_hwsim radios=4")
	files["phone"] = phoneProgram(t)
	b := on(t, image, Power{NoKiosk: true, Disks: []string{carried(t, files)}})
	b.healthy()
	begun := time.Now()
	all := b.radios(3, load)
	one, two, foe := all[0], all[1], all[2]
	b.ownWifi()
	t.Logf("report: the box's own Wi-Fi is up %.1f s after its radio came (emulated): %s", time.Since(begun).Seconds(), strings.Join(strings.Fields(b.must("iw dev wlan0 info | grep -E 'ssid|type|channel'")), " "))
	// The place's network beside it.
	if err := b.Cable("eth1", true); err != nil {
		t.Fatal(err)
	}
	b.until("the place's network", "ip -4 -br addr show dev eth1 | grep -q "+lanAddress)
	point := strings.TrimSpace(b.must("cat /sys/class/net/wlan0/address"))

	// A wrong passphrase, then the one on the kiosk.
	wifi, first := b.passphrase()
	if wifi != "Tilleuls" {
		t.Errorf("the kiosk names the Wi-Fi %q; want Tilleuls", wifi)
	}
	one.wants(wifi, "not-what-the-box-shows")
	one.refused("a wrong passphrase")
	begun = time.Now()
	one.joins(wifi, first)
	t.Logf("report: with the passphrase of the kiosk a phone is on the Wi-Fi and has its address after %.1f s (emulated); with another it is refused", time.Since(begun).Seconds())
	two.joins(wifi, first)
	b.names(one)
	b.ports(one)

	// 36: two phones do not reach each other: asked by their address, by their radio's
	// number, or through the box. At the end the same is done without isolation.
	if asked, sent, through := one.meets(two); asked || sent || through {
		t.Errorf("case 36: a phone reaches another: asked %t, by its radio's number %t, through the box %t; want none", asked, sent, through)
	}

	b.flooded(one, foe, point)

	// A permanence: its slip has the same passphrase, the next has another.
	one.pairs()
	one.posts("/api/desk", map[string]any{"desk": "1", "do": "open"})
	slip := b.printed(regexp.MustCompile("Réseau de l.équipe"))
	if !strings.Contains(strings.Join(strings.Fields(slip), ""), first) {
		t.Errorf("the slip of the opening says\n%s\nwant the passphrase of the kiosk", slip)
	}
	if _, still := b.passphrase(); still != first {
		t.Error("the passphrase changed when the permanence opened; the phones are on the Wi-Fi already")
	}
	one.posts("/api/desk", map[string]any{"desk": "1", "do": "close"})
	two.on() // the flood is over for this one too
	thrown := two.thrown()
	b.must("systemctl restart jeudi") // its next start is the next permanence's
	b.healthy()
	_, second := b.passphrase()
	if second == first {
		t.Error("the next permanence has the passphrase of the last")
	}
	two.until("the phones of the last permanence are off", thrown)
	b.ownWifi()
	two.wants(wifi, first)
	two.refused("the passphrase of the last permanence")
	one.joins(wifi, second)
	two.joins(wifi, second)
	t.Log("report: the slip of the opening has the passphrase of the kiosk; at the next start it is another, and a phone with the last one is refused")

	b.impostor(one, foe, wifi, second)
	b.noWayOut(one)

	// Phones do meet where the access point is not told to keep them apart.
	b.must("sed -i s/ap-isolation=1/ap-isolation=0/ /run/NetworkManager/system-connections/jeudi-own.nmconnection && grep -q ap-isolation=0 /run/NetworkManager/system-connections/jeudi-own.nmconnection && nmcli connection reload && nmcli connection up id jeudi-own")
	b.ownWifi()
	one.on()
	two.on()
	if asked, sent, _ := one.meets(two); !asked || !sent {
		t.Errorf("case 36: without isolation a phone reaches another: asked %t, by its radio's number %t; want both, or this test is blind", asked, sent)
	}
	t.Log("report: two phones on the box's own Wi-Fi do not reach each other, asked, by the radio's number or through the box; with isolation taken out of the profile they do")
}

// names: any name is the box, and of its pages a phone has those that are meant for it.
func (b *bench) names(one *radio) {
	b.t.Helper()
	if got := strings.Fields(one.must("/opt/proof/phone name www.caf.fr " + boxWifi)); len(got) != 1 || got[0] != boxWifi {
		b.t.Errorf("any name is %v; want the box", got)
	}
	for url, want := range map[string]int{
		"http://" + boxWifi + "/hall": http.StatusOK, "http://" + boxWifi + "/phone/": http.StatusOK,
		"http://" + boxWifi + "/desk": http.StatusNotFound, "http://" + boxWifi + "/kiosk": http.StatusNotFound,
		"https://" + boxWifi + "/": http.StatusOK, "https://" + boxWifi + "/api/me": http.StatusUnauthorized,
	} {
		if got := one.gets(url); got != want {
			b.t.Errorf("GET %s = %d; want %d", url, got, want)
		}
	}
}

// ports: of all ports at which anything listens on the box, and some more, a phone finds
// three, and none at the box's other address.
func (b *bench) ports(one *radio) {
	b.t.Helper()
	listening := strings.Join(strings.Fields(b.must(`ss -Hltn | awk '{sub(/.*:/, "", $4); print $4}' | sort -un`)), " ")
	if !strings.Contains(" "+listening+" ", " 8080 ") {
		b.t.Fatalf("the box listens at %q; want the kiosk's 8080 among them", listening)
	}
	one.must("ip route replace default via " + boxWifi)
	for addr, want := range map[string]string{boxWifi: "53 80 443", lanAddress: ""} {
		var open []string
		for line := range strings.Lines(one.must("/opt/proof/phone try " + addr + " 53 80 443 22 23 67 68 111 123 631 5353 8443 " + listening)) {
			port, how, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch {
			case how == "open" && !strings.Contains(" "+strings.Join(open, " ")+" ", " "+port+" "):
				open = append(open, port)
			case how == "refused":
				b.t.Errorf("%s refuses port %s; want silence", addr, port)
			}
		}
		if got := strings.Join(open, " "); got != want {
			b.t.Errorf("at %s a phone finds %q open; want %q (the box listens at %s)", addr, got, want, listening)
		}
	}
	one.must("ip route del default")
	b.t.Logf("report: the box listens at TCP %s; a phone on its Wi-Fi finds 53, 80 and 443, and nothing at the box's address on the place's network", listening)
}

// meets reports whether a phone reaches another: asked by its address, sent to the number of
// its radio, and through the box.
func (r *radio) meets(other *radio) (asked, sent, through bool) {
	r.b.t.Helper()
	ping := func() bool { return r.sees("busybox ping -q -c 2 -W 3 " + other.address) }
	r.must("ip neigh flush dev " + r.port)
	other.must("ip neigh flush dev " + other.port)
	asked = ping()
	r.must(fmt.Sprintf("ip neigh replace %s lladdr %s dev %s", other.address, other.mac, r.port))
	other.must(fmt.Sprintf("ip neigh replace %s lladdr %s dev %s", r.address, r.mac, other.port))
	sent = ping()
	r.must(fmt.Sprintf("ip neigh del %s dev %s; ip route replace %[1]s via %[3]s", other.address, r.port, boxWifi))
	through = ping()
	r.must("ip route del " + other.address)
	other.must(fmt.Sprintf("ip neigh del %s dev %s", r.address, other.port))
	return asked, sent, through
}

// thrown is how often the phone has lost the Wi-Fi since it began to look for it.
func (r *radio) thrown() int {
	r.b.t.Helper()
	return strings.Count(r.b.must("cat /run/"+r.space+".log"), "CTRL-EVENT-DISCONNECTED")
}

// until waits until the phone has lost the Wi-Fi more than so many times.
func (r *radio) until(what string, thrown int) {
	r.b.t.Helper()
	r.b.until(what, fmt.Sprintf("[ $(grep -c CTRL-EVENT-DISCONNECTED /run/%s.log) -gt %d ]", r.space, thrown))
}

// flooded is case 38: frames that throw all clients off, for some seconds.
func (b *bench) flooded(one, foe *radio, point string) {
	b.t.Helper()
	foe.must("ip link set " + foe.port + " down; iw dev " + foe.port + " set type monitor && ip link set " + foe.port + " up && iw dev " + foe.port + " set channel 6")
	before := one.thrown()
	b.must(foe.in("/opt/proof/phone flood "+foe.port+" "+point+" 10") + " >/run/flood 2>&1 &")
	one.until("the phone is thrown off", before)
	b.healthy() // the kiosk's own side goes on meanwhile
	b.until("the flood ends", "grep -q sent /run/flood")
	begun := time.Now()
	one.on()
	b.until("the page again", one.in("/opt/proof/phone try "+boxWifi+" 443")+" | grep -q open")
	b.t.Logf("report: case 38: %s frames that throw everybody off: the phone was thrown off %d times, the kiosk answered meanwhile, and %.1f s after the last one the phone has the page again, without anybody's hand",
		strings.TrimSpace(b.must("cut -d' ' -f2 /run/flood")), one.thrown()-before, time.Since(begun).Seconds())
}

// impostor is case 37: an access point of the same name, first without the passphrase, then
// with it and with a box of its own.
func (b *bench) impostor(one, foe *radio, wifi, passphrase string) {
	b.t.Helper()
	one.gets("https://" + boxWifi + "/")
	ours := one.print
	foe.plays(wifi, "somebody-elses-passphrase")
	b.must(": >/run/" + one.space + ".log; " + one.cli("bssid 0 "+foe.mac) + "; " + one.cli("reassociate"))
	one.refused("a false access point without the passphrase")
	b.must(one.cli("bssid 0 00:00:00:00:00:00") + "; " + one.cli("enable_network 0") + "; " + one.cli("reassociate"))
	one.on()

	foe.plays(wifi, passphrase)
	b.must(foe.in("cd /opt/proof && exec /usr/bin/jeudi run -data /opt/proof/false -listen 127.0.0.1:8080 -steward /opt/proof/nobody -staff "+boxWifi) + " >/run/false.log 2>&1 & echo $! >/run/false.pid")
	b.must(one.cli("bssid 0 "+foe.mac) + "; " + one.cli("reassociate"))
	b.until("the phone is caught", one.cli("status")+" >/run/caught; grep -q ^bssid="+foe.mac+" /run/caught && grep -q ^wpa_state=COMPLETED /run/caught")
	one.must("ip neigh flush dev " + one.port)
	b.until("the false box answers", one.in("/opt/proof/phone try "+boxWifi+" 443")+" | grep -q open")
	one.gets("https://" + boxWifi + "/")
	if one.print == ours || ours == "" {
		b.t.Errorf("case 37: a false box shows the certificate %q, the true one %q; want another", one.print, ours)
	}
	b.must("kill $(cat /run/false.pid) $(cat /run/" + foe.space + ".pid); " + one.cli("bssid 0 00:00:00:00:00:00") + "; " + one.cli("reassociate"))
	one.on()
	one.must("ip neigh flush dev " + one.port)
	b.until("the true box answers", one.in("/opt/proof/phone try "+boxWifi+" 443")+" | grep -q open")
	if one.gets("https://" + boxWifi + "/"); one.print != ours {
		b.t.Errorf("case 37: the true box shows %q; want %q again", one.print, ours)
	}
	b.t.Log("report: case 37: a phone does not join a false access point of the same name without the passphrase; one that has it shows another certificate than the box")
}

// noWayOut: the box is nobody's way to the place's network. What comes through is counted
// where it leaves.
func (b *bench) noWayOut(one *radio) {
	b.t.Helper()
	b.must(`nft 'table inet watch { chain out { type filter hook postrouting priority 300; ip saddr 10.41.0.0/24 oifname "eth1" counter; }; }'`)
	one.must("ip route replace default via " + boxWifi)
	leaves := func() string {
		one.sees("busybox ping -q -c 2 -W 1 10.0.2.2")
		return strings.TrimSpace(b.must("nft list table inet watch | grep -o 'packets [0-9]*'"))
	}
	if got := leaves(); got != "packets 0" {
		b.t.Errorf("through the box: %s; want none", got)
	}
	b.must("sysctl -qw net.ipv4.ip_forward=1")
	if got := leaves(); got != "packets 0" {
		b.t.Errorf("through the box with forwarding on by mistake: %s; want none", got)
	}
	b.must("nft list table inet jeudi >/run/rules && nft delete table inet jeudi")
	if got := leaves(); got == "packets 0" {
		b.t.Error("without the rules nothing comes through either: this test is blind")
	}
	b.must("nft -f /run/rules && nft delete table inet watch && sysctl -qw net.ipv4.ip_forward=0")
	one.must("ip route del default")
	b.t.Log("report: the box forwards nothing of its own Wi-Fi to the place's network, with forwarding on by mistake neither; without its rules it does")
}
