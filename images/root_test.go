// Package images holds what the card is made of; its tests read the files that are copied
// over the Debian root, where a wrong word would be noticed by nobody until a box stands
// in a hall.
package images

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A unit is a systemd unit with what lies over it.
type unit struct {
	name     string
	settings map[string][]string // "Section.Key" → values, an empty one forgets those before it
}

func (u unit) get(key string) string { return strings.Join(u.settings[key], " ") }

// words are the values of a key that lists, split.
func (u unit) words(key string) []string { return strings.Fields(u.get(key)) }

const unitDir = "root/etc/systemd/system"

// readUnit reads a unit file into u.
func (u *unit) read(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	section := ""
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		switch key, value, ok := strings.Cut(line, "="); {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[' && line[len(line)-1] == ']':
			section = line[1 : len(line)-1]
			if !slices.Contains([]string{"Unit", "Service", "Socket", "Install", "Path", "Timer"}, section) {
				t.Errorf("%s:%d: unknown section %s", file, i+1, line)
			}
		case !ok || section == "" || strings.TrimSpace(key) != key:
			t.Errorf("%s:%d: %q is no setting", file, i+1, line)
		case value == "":
			delete(u.settings, section+"."+key)
		default:
			u.settings[section+"."+key] = append(u.settings[section+"."+key], value)
		}
	}
}

// units are ours, with Debian's that we add to.
func units(t *testing.T) map[string]unit {
	t.Helper()
	found := map[string]unit{}
	entries, err := os.ReadDir(unitDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".d")
		if e.Type()&fs.ModeSymlink != 0 || path.Ext(name) != ".service" && path.Ext(name) != ".socket" {
			continue
		}
		u, ok := found[name]
		if !ok {
			u = unit{name: name, settings: map[string][]string{}}
		}
		if e.IsDir() {
			files, err := filepath.Glob(filepath.Join(unitDir, e.Name(), "*.conf"))
			if err != nil || len(files) == 0 {
				t.Fatalf("%s is empty: %v", e.Name(), err)
			}
			for _, f := range files {
				u.read(t, f)
			}
		} else {
			u.read(t, filepath.Join(unitDir, e.Name()))
		}
		found[name] = u
	}
	return found
}

// enabled are the units that a link of ours starts.
func enabled(t *testing.T) []string {
	t.Helper()
	links, err := filepath.Glob(unitDir + "/*.{wants,requires}/*")
	if err == nil && len(links) == 0 {
		for _, dir := range []string{"wants", "requires"} {
			more, _ := filepath.Glob(unitDir + "/*." + dir + "/*")
			links = append(links, more...)
		}
	}
	if err != nil || len(links) == 0 {
		t.Fatalf("no unit is enabled: %v", err)
	}
	var names []string
	for _, link := range links {
		to, err := os.Readlink(link)
		if err != nil {
			t.Fatal(err)
		}
		if want := "../" + filepath.Base(link); to != want {
			t.Errorf("%s points to %s; want %s", link, to, want)
		}
		if _, err := os.Stat(link); err != nil {
			t.Errorf("%s points nowhere: %v", link, err)
		}
		names = append(names, filepath.Base(link))
	}
	return names
}

func TestUnitsAreEnabled(t *testing.T) {
	on := enabled(t)
	for _, name := range []string{"jeudi.service", "jeudi-steward.service", "jeudi-firstboot.service", "kiosk.service", "jeudi-firewall.service"} {
		if !slices.Contains(on, name) {
			t.Errorf("%s is not enabled", name)
		}
	}
	for _, name := range []string{"jeudi-hotspot.service", "jeudi-sorry.service"} {
		if slices.Contains(on, name) {
			t.Errorf("%s starts by itself; want it started by who needs it", name)
		}
	}
	if to, err := os.Readlink(unitDir + "/default.target"); err != nil || path.Base(to) != "multi-user.target" {
		t.Errorf("the default target is %s, %v; want multi-user.target", to, err)
	}
}

// A box without network and clock starts like any other.
func TestNothingWaitsForNetworkOrTime(t *testing.T) {
	late := regexp.MustCompile(`network-online|time-sync|time-set|wait-online|wait-sync|udev-settle`)
	for name, u := range units(t) {
		for _, key := range []string{"After", "Wants", "Requires", "Requisite", "BindsTo"} {
			if v := u.get("Unit." + key); late.MatchString(v) {
				t.Errorf("%s: %s=%s waits for what a box may not have", name, key, v)
			}
		}
	}
	for _, name := range []string{"NetworkManager-wait-online.service", "systemd-networkd-wait-online.service", "systemd-time-wait-sync.service", "systemd-udev-settle.service"} {
		if !masked(name) {
			t.Errorf("%s can start; want it masked", name)
		}
	}
	// The kiosk's picture does not even wait for the box that it shows.
	for _, other := range units(t)["kiosk.service"].words("Unit.After") {
		if other != "seatd.service" {
			t.Errorf("kiosk.service waits for %s", other)
		}
	}
}

// A slow card reads a program for long: none that says when it is there is ended before
// that, to be read again.
func TestASlowStartIsLet(t *testing.T) {
	said := 0
	for name, u := range units(t) {
		if u.get("Service.Type") != "notify" || u.get("Service.ExecStart") == "" {
			continue
		}
		said++
		d, err := time.ParseDuration(u.get("Service.TimeoutStartSec"))
		if err != nil || d < 90*time.Second {
			t.Errorf("%s: TimeoutStartSec=%s, %v; want at least 90s", name, u.get("Service.TimeoutStartSec"), err)
		}
	}
	if said < 2 {
		t.Errorf("%d units say when they are there; want jeudi.service and jeudi-steward.service at least", said)
	}
}

func masked(name string) bool {
	to, err := os.Readlink(filepath.Join(unitDir, name))
	return err == nil && to == "/dev/null"
}

// Nobody logs in, and no key restarts the box or opens a shell.
func TestNoWayIn(t *testing.T) {
	for _, name := range []string{"getty@.service", "serial-getty@.service", "console-getty.service", "autovt@.service", "getty.target", "debug-shell.service",
		"emergency.service", "rescue.service", "ctrl-alt-del.target", "systemd-logind.service", "ssh.service", "ssh.socket"} {
		if !masked(name) {
			t.Errorf("%s can start; want it masked", name)
		}
	}
	packages := read(t, "packages")
	for _, line := range strings.Split(packages, "\n") {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if regexp.MustCompile(`^(openssh|dropbear|telnet|vnc|tigervnc|x11vnc|cups|avahi|samba|nfs|rpcbind|xrdp|cockpit|dnsmasq$|apt$|sudo|login)`).MatchString(name) {
			t.Errorf("the root has %s, which listens or lets somebody in", name)
		}
	}
}

// The root of what runs on a box: where each program comes from.
func TestProgramsAreThere(t *testing.T) {
	debian := map[string]string{"/usr/sbin/nft": "nftables", "/usr/sbin/dnsmasq": "dnsmasq-base", "/usr/sbin/seatd": "", "/usr/bin/cage": "cage",
		"/usr/lib/chromium/chromium": "chromium", "/bin/sh": "", "/usr/bin/systemctl": "systemd", "/usr/bin/jeudi": "", "/usr/lib/jeudi/splash": ""}
	packages := read(t, "packages")
	for name, u := range units(t) {
		for _, key := range []string{"ExecStart", "ExecStartPre", "ExecStartPost", "ExecStop"} {
			for _, command := range u.settings["Service."+key] {
				program := strings.Fields(strings.TrimLeft(command, "-@:+!"))[0]
				from, known := debian[program]
				switch info, err := os.Stat("root" + program); {
				case known && from != "" && !regexp.MustCompile(`(?m)^`+from+`\b`).MatchString(packages):
					t.Errorf("%s starts %s of the package %s, which the root lacks", name, program, from)
				case known:
				case err != nil:
					t.Errorf("%s starts %s, which is nowhere", name, program)
				case info.Mode()&0o111 == 0:
					t.Errorf("%s starts %s, which cannot be executed", name, program)
				}
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// users of sysusers.d, with their numbers.
func users(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, line := range strings.Split(read(t, "root/usr/lib/sysusers.d/jeudi.conf"), "\n") {
		if f := strings.Fields(line); len(f) > 2 && (f[0] == "u" || f[0] == "g") {
			if f[2] == "-" {
				t.Errorf("%s has no number of its own; the data partition keeps owners by number", f[1])
			}
			found[f[1]] = f[2]
		}
	}
	return found
}

func TestUsers(t *testing.T) {
	known := users(t)
	for name, u := range units(t) {
		if user := u.get("Service.User"); user != "" && known[user] == "" {
			t.Errorf("%s runs as %s, whom nobody creates", name, user)
		}
	}
	if got := units(t)["jeudi.service"].get("Service.User"); got != "jeudi" {
		t.Errorf("jeudi.service runs as %q; want jeudi", got)
	}
	if got := units(t)["kiosk.service"].get("Service.User"); got != "kiosk" {
		t.Errorf("kiosk.service runs as %q; want kiosk", got)
	}
}

// What a program that serves strangers may do: no more than it needs.
func TestSandboxes(t *testing.T) {
	all := units(t)
	both := map[string]string{"ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "NoNewPrivileges": "yes", "DevicePolicy": "closed",
		"ProtectKernelModules": "yes", "ProtectControlGroups": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes",
		"SystemCallArchitectures": "native", "LimitCORE": "0", "UMask": "0077", "Restart": "always"}
	for _, name := range []string{"jeudi.service", "kiosk.service"} {
		for key, want := range both {
			if got := all[name].get("Service." + key); got != want {
				t.Errorf("%s: %s=%s; want %s", name, key, got, want)
			}
		}
	}
	for _, tt := range []struct{ unit, key, want string }{
		{"jeudi.service", "Service.Type", "notify"},
		{"jeudi.service", "Service.CapabilityBoundingSet", "CAP_NET_BIND_SERVICE"}, // ports 80 and 443
		{"jeudi.service", "Service.AmbientCapabilities", "CAP_NET_BIND_SERVICE"},
		{"jeudi.service", "Service.MemoryDenyWriteExecute", "yes"},
		{"jeudi.service", "Service.RestrictNamespaces", "yes"},
		{"jeudi.service", "Service.ReadWritePaths", "/data/jeudi /data/site"},
		{"jeudi.service", "Unit.StartLimitAction", "reboot"}, // the watchdog's chain ends at the machine
		{"kiosk.service", "Service.IPAddressDeny", "any"},
		{"kiosk.service", "Service.IPAddressAllow", "localhost"},
		{"kiosk.service", "Service.RestrictNamespaces", "user pid net"}, // Chromium's sandbox, and no others
		{"kiosk.service", "Service.AmbientCapabilities", ""},
		{"kiosk.service", "Unit.OnFailure", "jeudi-sorry.service"},
		{"jeudi-hotspot.service", "Service.NoNewPrivileges", "yes"},
		{"jeudi-steward.service", "Service.NoNewPrivileges", "yes"},
	} {
		if got := all[tt.unit].get(tt.key); got != tt.want {
			t.Errorf("%s: %s=%q; want %q", tt.unit, tt.key, got, tt.want)
		}
	}
	if all["jeudi.service"].get("Service.WatchdogSec") == "" {
		t.Error("nobody watches jeudi.service")
	}
	if !strings.Contains(read(t, unitDir+"/kiosk.service"), "\nCapabilityBoundingSet=\n") {
		t.Error("kiosk.service keeps capabilities")
	}
	for _, secret := range []string{"/data", "/boot", "steward.sock"} {
		if !strings.Contains(all["kiosk.service"].get("Service.InaccessiblePaths"), secret) {
			t.Errorf("the browser can reach %s", secret)
		}
	}
}

// Row 46 of ATTACKS.md, and the browser's own sandbox: what the kiosk is started with.
func TestCase46(t *testing.T) {
	text := read(t, "root/usr/lib/jeudi/kiosk")
	for _, never := range []string{"--no-sandbox", "--disable-setuid-sandbox", "--disable-namespace-sandbox", "--remote-debugging", "--disable-web-security", "--allow-file-access", "--disable-site-isolation", "--enable-automation", "--load-extension", "--single-process", "--no-zygote", "-- -s", "cage -s"} {
		if strings.Contains(text, never) {
			t.Errorf("the kiosk is started with %s", never)
		}
	}
	for _, always := range []string{"--kiosk", "--incognito", "--ozone-platform=wayland", "--disable-extensions", "--disable-pinch", "--overscroll-history-navigation=0", "--user-data-dir=/run/kiosk/", "--no-first-run", "--disable-background-networking", "http://127.0.0.1:8080/kiosk"} {
		if !strings.Contains(text, always) {
			t.Errorf("the kiosk is started without %s", always)
		}
	}
	listen := regexp.MustCompile(`-listen (\S+)`).FindStringSubmatch(units(t)["jeudi.service"].get("Service.ExecStart"))
	if len(listen) < 2 || !strings.Contains(text, "http://"+listen[1]+"/kiosk") {
		t.Errorf("jeudi.service listens on %v; want where the kiosk looks", listen)
	}
}

// policies are what Chromium is told that it may not; that it obeys is shown by a browser.
func policies(t *testing.T) map[string]any {
	t.Helper()
	var policy map[string]any
	if err := json.Unmarshal([]byte(read(t, "root/etc/chromium/policies/managed/jeudi.json")), &policy); err != nil {
		t.Fatal(err)
	}
	return policy
}

// Row 45 of ATTACKS.md, statically.
func TestCase45(t *testing.T) {
	policy := policies(t)
	for key, want := range map[string]any{
		"DeveloperToolsAvailability": 2.0, "IncognitoModeAvailability": 2.0, "DownloadRestrictions": 3.0, "AllowFileSelectionDialogs": false, "PrintingEnabled": false,
		"PasswordManagerEnabled": false, "AutofillAddressEnabled": false, "AutofillCreditCardEnabled": false, "BrowserSignin": 0.0, "SyncDisabled": true,
		"TranslateEnabled": false, "MetricsReportingEnabled": false, "RemoteDebuggingAllowed": false, "DefaultPopupsSetting": 2.0, "DefaultSearchProviderEnabled": false,
		"BrowserGuestModeEnabled": false, "DefaultWebUsbGuardSetting": 2.0, "DefaultSerialGuardSetting": 2.0, "DefaultFileSystemReadGuardSetting": 2.0,
		"DefaultFileSystemWriteGuardSetting": 2.0, "AudioCaptureAllowed": false, "VideoCaptureAllowed": false, "SavingBrowserHistoryDisabled": true,
	} {
		if policy[key] != want {
			t.Errorf("policy %s is %v; want %v", key, policy[key], want)
		}
	}
}

// Row 44, statically: the only addresses are the box's own.
func TestCase44(t *testing.T) {
	policy := policies(t)
	list := func(key string) []string {
		var found []string
		items, _ := policy[key].([]any)
		for _, v := range items {
			found = append(found, v.(string))
		}
		return found
	}
	if blocked := list("URLBlocklist"); !slices.Contains(blocked, "*") {
		t.Errorf("URLBlocklist is %v; want everything", blocked)
	}
	for _, never := range []string{"file", "chrome", "view-source", "javascript", "data", "mailto", "tel"} {
		if !slices.ContainsFunc(list("URLBlocklist"), func(p string) bool { return strings.HasPrefix(p, never+":") }) {
			t.Errorf("URLBlocklist does not name %s:", never)
		}
	}
	// The one page of the kiosk, with a site or without: not the desk, not the questions.
	for _, allowed := range list("URLAllowlist") {
		if !slices.Contains([]string{"http://127.0.0.1:8080/kiosk", "ws://127.0.0.1:8080/ws/kiosk"}, allowed) {
			t.Errorf("URLAllowlist lets %s through", allowed)
		}
	}
}

// settings reads files of "key = value" and "key=value" lines.
func settings(t *testing.T, name string) map[string]string {
	t.Helper()
	found := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(read(t, name)))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if key, value, ok := strings.Cut(line, "="); ok && line[0] != '#' {
			key, value = strings.TrimSpace(key), strings.TrimSpace(value)
			if old, twice := found[key]; twice {
				t.Errorf("%s: %s is %s and %s", name, key, old, value)
			}
			found[key] = value
		}
	}
	return found
}

// Row 43, statically: whoever finds a way to press keys finds nobody who listens. No
// console is there to switch to, cage gives none away, and the kernel knows no key.
func TestCase43(t *testing.T) {
	if got := settings(t, "root/etc/sysctl.d/50-jeudi.conf")["kernel.sysrq"]; got != "0" {
		t.Errorf("kernel.sysrq = %q; want 0", got)
	}
	if got := settings(t, "root/etc/systemd/system.conf.d/jeudi.conf")["CtrlAltDelBurstAction"]; got != "none" {
		t.Errorf("seven times Ctrl-Alt-Del: %s; want none", got)
	}
	for _, name := range []string{"ctrl-alt-del.target", "getty@.service", "autovt@.service", "debug-shell.service", "systemd-logind.service"} {
		if !masked(name) {
			t.Errorf("%s can start; want it masked", name)
		}
	}
	// cage's -s lets keys switch consoles; in the kiosk's words it would stand before --. With
	// -m last the page is on one screen alone: see TestCase53 of proof.
	if command := regexp.MustCompile(`/usr/bin/cage(.*) -- `).FindStringSubmatch(read(t, "root/usr/lib/jeudi/kiosk")); command == nil || command[1] != " -m last" {
		t.Errorf("cage is started with %q; want -m last and no other option", command)
	}
}

func TestKernelSettings(t *testing.T) {
	got := settings(t, "root/etc/sysctl.d/50-jeudi.conf")
	for key, want := range map[string]string{
		"kernel.sysrq": "0", "kernel.core_pattern": "|/bin/false", "fs.suid_dumpable": "0", "kernel.panic": "10", "kernel.dmesg_restrict": "1",
		"net.ipv4.ip_forward": "0", "net.ipv6.conf.all.forwarding": "0", "net.ipv6.conf.default.forwarding": "0", "net.ipv4.conf.all.accept_redirects": "0",
		"net.ipv4.conf.all.send_redirects": "0", "net.ipv4.conf.all.accept_source_route": "0", "net.ipv6.conf.all.disable_ipv6": "1",
	} {
		if got[key] != want {
			t.Errorf("%s = %q; want %q", key, got[key], want)
		}
	}
	for key, value := range got {
		if strings.HasSuffix(key, "max_user_namespaces") && value == "0" {
			t.Errorf("%s = 0 takes Chromium's sandbox away", key)
		}
	}
}

// Nothing of a visit reaches the card beside the box's own files: no log, no swap, no dump.
func TestNothingIsWritten(t *testing.T) {
	if got := settings(t, "root/etc/systemd/journald.conf.d/jeudi.conf")["Storage"]; got != "volatile" {
		t.Errorf("the journal is %s; want volatile", got)
	}
	manager := settings(t, "root/etc/systemd/system.conf.d/jeudi.conf")
	for key, want := range map[string]string{"DefaultLimitCORE": "0", "DumpCore": "no", "CtrlAltDelBurstAction": "none", "ShowStatus": "no", "RuntimeWatchdogSec": "15"} {
		if manager[key] != want {
			t.Errorf("system.conf: %s=%s; want %s", key, manager[key], want)
		}
	}
	for _, line := range strings.Split(read(t, "root/etc/fstab"), "\n") {
		if line != "" && line[0] != '#' {
			t.Errorf("fstab mounts %q; want nothing, and no swap", line)
		}
	}
	err := filepath.WalkDir("root", func(name string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".swap") || strings.Contains(name, "zram") || strings.Contains(name, "coredump") {
			t.Errorf("%s", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Until the steward says more, nothing comes in and nothing goes through.
func TestFirewallIsClosed(t *testing.T) {
	text := read(t, "root/etc/jeudi/firewall.nft")
	var accepts []string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); strings.Contains(line, "accept") && line[0] != '#' {
			accepts = append(accepts, line)
		}
	}
	if !slices.Equal(accepts, []string{`iifname "lo" accept`}) {
		t.Errorf("accepted: %q; want the box itself", accepts)
	}
	for _, hook := range []string{"input", "forward"} {
		if !strings.Contains(text, "type filter hook "+hook+" priority filter; policy drop;") {
			t.Errorf("no chain drops %s", hook)
		}
	}
	u := units(t)["jeudi-firewall.service"]
	if !slices.Contains(u.words("Unit.Before"), "NetworkManager.service") || !slices.Contains(u.words("Install.RequiredBy"), "NetworkManager.service") {
		t.Error("a network can come before its firewall")
	}
}

// Every script is one that its shell can read.
func TestScripts(t *testing.T) {
	for name, shell := range map[string]string{"initramfs/init": "sh", "initramfs/build": "bash", "finish": "bash", "root/usr/lib/jeudi/kiosk": "sh", "root/usr/lib/jeudi/sorry": "sh", "root/usr/lib/jeudi/sound": "sh"} {
		if out, err := exec.Command(shell, "-n", name).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", name, out)
		}
		if info, err := os.Stat(name); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s cannot be executed: %v", name, err)
		}
	}
}

// The first stage's search for the card, on disks that are files: a stick that says that it
// is a card of Jeudi is no way to run something else on a box that has one.
func TestCardIsFound(t *testing.T) {
	text := read(t, "initramfs/init")
	from := strings.Index(text, "\nours() {\n")
	until := strings.Index(text[max(from, 0):], "\n}\n")
	if from < 0 || until < 0 {
		t.Fatal("the first stage has no ours()")
	}
	search := text[from : from+until+3]
	for _, tt := range []struct {
		what  string
		mode  string // what the firmware says
		disks map[string]string
		want  string
	}{
		{"a card alone", "\x00\x00\x00\x01", map[string]string{"mmcblk0": "JEUD"}, "mmcblk0"},
		{"a stick like it, before the card's driver", "\x00\x00\x00\x01", map[string]string{"sda": "JEUD"}, ""},
		{"a stick like it, and a card that is not ours", "\x00\x00\x00\x01", map[string]string{"mmcblk0": "XXXX", "sda": "JEUD"}, ""},
		{"both", "\x00\x00\x00\x01", map[string]string{"mmcblk0": "JEUD", "mmcblk0boot0": "JEUD", "sda": "JEUD"}, "mmcblk0"},
		{"started from a USB disk", "\x00\x00\x00\x04", map[string]string{"mmcblk0": "XXXX", "sda": "JEUD"}, "sda"},
		{"started from a disk of another kind", "\x00\x00\x00\x06", map[string]string{"nvme0n1": "JEUD"}, "nvme0n1"},
		{"a firmware that does not say", "", map[string]string{"loop0": "JEUD", "sda": "XXXX", "vda": "JEUD"}, "vda"},
	} {
		dir := t.TempDir()
		put := func(name, content string) {
			name = filepath.Join(dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(content), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		if tt.mode != "" {
			put("proc/device-tree/chosen/bootloader/boot-mode", tt.mode)
		}
		for name, number := range tt.disks {
			put("sys/block/"+name, "")
			put("dev/"+name, strings.Repeat("\x00", 440)+number+strings.Repeat("\x00", 68))
		}
		script := search
		for _, top := range []string{"/proc/", "/sys/", "/dev/$"} {
			if !strings.Contains(script, " "+top) && !strings.Contains(script, "="+top) {
				t.Fatalf("ours() looks nowhere below %s", top)
			}
			script = strings.ReplaceAll(script, top, dir+top)
		}
		out, _ := exec.Command("sh", "-c", script+"ours").Output() // it fails where there is none
		if got := strings.TrimSpace(string(out)); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.what, got, tt.want)
		}
	}
}
