package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// tarOf makes a tar of entries like "d usr", "f usr/bin/x 755 text", "l bin usr/bin",
// "h other usr/bin/x".
func tarOf(t *testing.T, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		f := strings.SplitN(e, " ", 4)
		f = append(f, "")
		h := &tar.Header{Name: "./" + f[1], Mode: 0o644, ModTime: time.Unix(1000, 0), Uid: 7, Uname: "somebody", Format: tar.FormatPAX}
		var text string
		switch f[0] {
		case "d":
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
			h.Name = strings.TrimRight(h.Name, "/") + "/"
		case "f":
			h.Typeflag, text = tar.TypeReg, f[3]
			fmt.Sscanf(f[2], "%o", &h.Mode)
			h.Size = int64(len(text))
		case "l":
			h.Typeflag, h.Linkname = tar.TypeSymlink, f[2]
		case "h":
			h.Typeflag, h.Linkname = tar.TypeLink, "./"+f[2]
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// listTar says a tar in lines like tarOf's, with owner and time.
func listTar(t *testing.T, b []byte) []string {
	t.Helper()
	var lines []string
	r := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(r)
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%c %s %o %d %d %s %s", h.Typeflag, h.Name, h.Mode, h.Uid, h.ModTime.Unix(), h.Linkname, text)))
	}
}

func TestJoinRoot(t *testing.T) {
	debian := tarOf(t, "d", "l bin usr/bin", "d usr", "d usr/bin", "f usr/bin/jeudi 755 debian's", "f usr/bin/sh 4755 sh", "h usr/bin/rbash usr/bin/sh", "d usr/share", "d usr/share/man", "f usr/share/man/x 644 page")
	ours := fstest.MapFS{
		"jeudi":      {Data: []byte("ours"), Mode: 0o700},
		"sub/policy": {Data: []byte("{}"), Mode: 0o600},
	}
	var out bytes.Buffer
	err := joinRoot(&out, bytes.NewReader(debian), parsePrune("usr/share/man  # nobody reads on a box\n"), []folder{{ours, "usr/bin"}}, time.Unix(2000, 0))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"2 ./bin 644 7 1000 usr/bin",
		"5 ./usr/ 755 7 1000",
		"5 ./usr/bin/ 755 7 1000",
		"0 ./usr/bin/sh 4755 7 1000  sh",
		"1 ./usr/bin/rbash 644 7 1000 ./usr/bin/sh",
		"5 ./usr/share/ 755 7 1000",
		// Ours come last, over Debian's, root's, with no mode but whether it runs.
		"0 ./usr/bin/jeudi 755 0 2000  ours",
		"5 ./usr/bin/sub/ 755 0 2000",
		"0 ./usr/bin/sub/policy 644 0 2000  {}",
	}
	if got := listTar(t, out.Bytes()); !slices.Equal(got, want) {
		t.Errorf("joinRoot:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestJoinRootRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		debian []string
		prune  string
		ours   fstest.MapFS
		want   string
	}{
		{"a file of ours where Debian has a folder", []string{"d usr"}, "", fstest.MapFS{"usr": {}}, "a folder in Debian's root and a file in ours"},
		{"a link to what is pruned", []string{"f a 644 x", "h b a"}, "a", nil, "b is a link to ./a, which is pruned"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := joinRoot(io.Discard, bytes.NewReader(tarOf(t, c.debian...)), parsePrune(c.prune), []folder{{c.ours, ""}}, time.Unix(0, 0))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("joinRoot = %v; want %q", err, c.want)
			}
		})
	}
}

func TestPruned(t *testing.T) {
	list := parsePrune("usr/share/doc/*/*  reason\n!usr/share/doc/*/copyright\nusr/lib/locales/*\n!usr/lib/locales/fr.pak # kept\n\nusr/share/man\n")
	for name, want := range map[string]bool{
		"usr/share/doc/x/changelog":  true,
		"usr/share/doc/x/copyright":  false,
		"usr/share/doc/x/more/file":  true,
		"usr/share/doc/x":            false,
		"usr/lib/locales/de.pak":     true,
		"usr/lib/locales/fr.pak":     false,
		"usr/share/man":              true,
		"usr/share/man/man1/a.1":     true,
		"usr/share/manual":           false,
		"other/usr/share/man/man1/a": false,
	} {
		if got := pruned(list, name); got != want {
			t.Errorf("pruned(%s) = %v; want %v", name, got, want)
		}
	}
}

func TestWantedModules(t *testing.T) {
	const dep = `kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz kernel/lib/crc16.ko.xz
kernel/fs/jbd2/jbd2.ko.xz:
kernel/lib/crc16.ko.xz:
kernel/net/veth.ko:
kernel/net/other.ko.zst:
kernel/sound/a.ko.xz:
`
	wanted, idle, err := wantedModules("fs/ext4/*  # data\nnet/{veth,dummy}.ko\nnet/other.ko\nsound/*\n!sound/a.ko\nnowhere/*\n", dep)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"kernel/fs/ext4/ext4.ko.xz", "kernel/fs/jbd2/jbd2.ko.xz", "kernel/lib/crc16.ko.xz", "kernel/net/other.ko.zst", "kernel/net/veth.ko"}
	if !slices.Equal(wanted, want) {
		t.Errorf("wanted %q; want %q", wanted, want)
	}
	if !slices.Equal(idle, []string{"nowhere/*"}) {
		t.Errorf("idle %q; want nowhere/*", idle)
	}
}

func TestBraces(t *testing.T) {
	for in, want := range map[string][]string{
		"a":           {"a"},
		"a{b,c}d":     {"abd", "acd"},
		"{a,b}/{c,d}": {"a/c", "a/d", "b/c", "b/d"},
		"a{b":         {"a{b"},
	} {
		if got := braces(in); !slices.Equal(got, want) {
			t.Errorf("braces(%s) = %q; want %q", in, got, want)
		}
	}
}
