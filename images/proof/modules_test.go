package proof

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// emulated are modules of the card's kernel that play hardware, each with its arguments, and
// what they need: files for the guest, and the script that loads them from /opt/proof. A card
// has none of them; they are taken from where images/build opened the kernel's packages.
func emulated(t *testing.T, modules ...string) (files map[string][]byte, load string) {
	t.Helper()
	t.Helper()
	if *cardFile == "" {
		t.Skip("no card: make image builds one, and make image-test proves it")
	}
	kernel := filepath.Join(filepath.Dir(*cardFile), "unpacked/stable")
	versions, _ := filepath.Glob(filepath.Join(kernel, "lib/modules/*"))
	if len(versions) != 1 {
		t.Skipf("NOT RUN: %s has no modules of the card's kernel; make card unpacks them", kernel)
	}
	files = map[string][]byte{}
	for _, module := range modules {
		name, _, _ := strings.Cut(module, " ")
		// kmod is where root looks for it.
		cmd := exec.Command("sh", "-c", `PATH=$PATH:/usr/sbin:/sbin exec modprobe -d "$1" -S "$2" --show-depends "$3"`, "sh", kernel, filepath.Base(versions[0]), name)
		said, err := cmd.CombinedOutput()
		if err != nil {
			t.Skipf("NOT RUN: the card's kernel comes without %s: %s", name, said)
		}
		load += fmt.Sprintf("! modprobe -q %s || { echo 'the card itself has %[1]s'; exit 1; }\n", name)
		for line := range strings.Lines(string(said)) {
			words := strings.Fields(line)
			if len(words) < 2 || words[0] != "insmod" {
				continue // built in
			}
			file := filepath.Base(words[1])
			base, _, _ := strings.Cut(file, ".ko")
			if files[base+".ko"], err = unpacked(words[1]); err != nil {
				t.Fatal(err)
			}
			arguments := ""
			if base == name {
				arguments = strings.TrimPrefix(module, name)
			}
			load += fmt.Sprintf("[ -e /sys/module/%s ] || modprobe -q %[1]s || insmod /opt/proof/%[2]s.ko%[3]s || exit 1\n", strings.ReplaceAll(base, "-", "_"), base, arguments)
		}
	}
	return files, load
}

// unpacked is a module without what packs it.
func unpacked(file string) ([]byte, error) {
	switch filepath.Ext(file) {
	case ".xz":
		return exec.Command("xz", "-dc", file).Output()
	case ".zst":
		return exec.Command("zstd", "-qdc", file).Output()
	}
	return os.ReadFile(file)
}

// carried is a disk with files on it, the only one besides the card: the guest's tar unpacks
// it, see carry.
func carried(t *testing.T, files map[string][]byte) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, data := range files {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(data))})
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "carried.tar")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// carry unpacks that disk in the guest.
const carry = "mkdir -p /opt/proof && tar -xf /dev/vdb -C /opt/proof || exit 1\n"
