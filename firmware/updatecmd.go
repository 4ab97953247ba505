package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jeudi/provisioning/update"
)

// dataFormat is the form of the data folder that this version writes. It grows by one when
// an older version could not read what this one leaves there, and then the update that
// brings it keeps a copy until it is committed.
const dataFormat = 2

const updateUsage = `usage: jeudi update make -boot FILE -root FILE -key FILE [flags] BUNDLE
       jeudi update show [-pub FILE] BUNDLE
       jeudi update key [-password FILE] NAME
       jeudi update sign -key FILE FILE...

make writes a signed bundle, jeudi-VERSION.update, from the images of one slot. With
-from, a small one for boxes that run the version of that bundle.

  -boot FILE      image of the boot set; its cmdline.txt has jeudi.slot=@
  -root FILE      image of the root
  -key FILE       secret key; a key with a password needs -password
  -version V      version of what is in the images (that of this program)
  -data N         form of the data folder that it writes (that of this program)
  -from BUNDLE    the whole bundle that this one builds on, signed with the same key
  -password FILE  file with the password of the secret key

show says what a bundle is and checks it to its end. It needs the public key (-pub, or
/usr/share/jeudi/update.pub).

key makes a new pair: NAME.key, which is the secret, and NAME.pub. Both are minisign's.
With -password the secret is encrypted.

sign writes FILE.minisig beside each file, as minisign does.
`

// updateKey is where a box has the public key of its updates.
const updateKey = "/usr/share/jeudi/update.pub"

func runUpdate(args []string, out, errs io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(errs, updateUsage)
		return exitUsage
	}
	if slices.ContainsFunc(args, isHelp) {
		fmt.Fprint(out, updateUsage)
		return exitOK
	}
	verb, args := args[0], args[1:]
	fset := flag.NewFlagSet("update", flag.ContinueOnError)
	fset.SetOutput(errs)
	fset.Usage = func() { fmt.Fprint(errs, updateUsage) }
	var c updateCommand
	var do func([]string, io.Writer) error
	words := "one file" // how many are given beside the flags
	switch verb {
	case "make":
		fset.StringVar(&c.in.Boot, "boot", "", "")
		fset.StringVar(&c.in.Root, "root", "", "")
		fset.StringVar(&c.in.Version, "version", fullVersion(), "")
		fset.IntVar(&c.in.DataFormat, "data", dataFormat, "")
		fset.StringVar(&c.in.Base, "from", "", "")
		fset.StringVar(&c.key, "key", "", "")
		fset.StringVar(&c.password, "password", "", "")
		do = c.make
	case "show":
		fset.StringVar(&c.pub, "pub", updateKey, "")
		do = c.show
	case "key":
		fset.StringVar(&c.password, "password", "", "")
		do, words = c.newKey, "one name"
	case "sign":
		fset.StringVar(&c.key, "key", "", "")
		fset.StringVar(&c.password, "password", "", "")
		do, words = c.sign, "at least one file"
	default:
		fmt.Fprintf(errs, "jeudi update: unknown %q; it is make, show, key or sign\n", verb)
		return exitUsage
	}
	if err := fset.Parse(args); err != nil {
		return usageCode(err)
	}
	if n := fset.NArg(); n == 0 || n > 1 && verb != "sign" {
		fmt.Fprintf(errs, "jeudi update %s: give %s after the flags; %d given\n", verb, words, n)
		return exitUsage
	}
	if err := do(fset.Args(), out); err != nil {
		var wrong usageError
		fmt.Fprintf(errs, "jeudi update %s: %v\n", verb, err)
		if errors.As(err, &wrong) {
			return exitUsage
		}
		return exitFail
	}
	return exitOK
}

// usageError is what was asked wrongly.
type usageError string

func (e usageError) Error() string { return string(e) }

// updateCommand is jeudi update with its flags read.
type updateCommand struct {
	in                 update.Input
	key, pub, password string
}

func (c *updateCommand) make(args []string, out io.Writer) error {
	for name, value := range map[string]string{"-boot": c.in.Boot, "-root": c.in.Root, "-key": c.key} {
		if value == "" {
			return usageError(name + " FILE is missing")
		}
	}
	key, err := c.secret()
	if err != nil {
		return err
	}
	c.in.BaseKey = key.Public().(update.PublicKey)
	c.in.Scratch = filepath.Dir(args[0])
	// Beside it first: what has the name is whole.
	part := args[0] + ".part"
	f, err := os.Create(part)
	if err != nil {
		return err
	}
	defer os.Remove(part)
	defer f.Close()
	m, err := update.Make(f, c.in, key)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(part, args[0]); err != nil {
		return err
	}
	return describe(out, args[0], m)
}

func (c *updateCommand) show(args []string, out io.Writer) error {
	key, err := readPublic(c.pub)
	if err != nil {
		return err
	}
	m, err := update.Check(args[0], key)
	if err != nil {
		return err
	}
	return describe(out, args[0], m)
}

// describe says what a bundle is, in lines of name and value.
func describe(out io.Writer, name string, m *update.Manifest) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	fresh, all := m.Bytes()
	fmt.Fprintf(out, "version  %s\nfor      %s\n", m.Version, m.Compatible)
	if m.Base != nil {
		fmt.Fprintf(out, "builds on %s\n", m.Base.Version)
	}
	fmt.Fprintf(out, "data     form %d\nboot     %s  %d bytes\nroot     %s  %d bytes\n", m.DataFormat, m.Boot.SHA256, m.Boot.Size, m.Root.SHA256, m.Root.Size)
	fmt.Fprintf(out, "brings   %d of %d bytes\nsize     %d bytes\n", fresh, all, info.Size())
	return nil
}

func (c *updateCommand) newKey(args []string, out io.Writer) error {
	password := ""
	if c.password != "" {
		var err error
		if password, err = c.readPassword(); err != nil {
			return err
		}
	}
	public, secret, err := update.NewKey(password)
	if err != nil {
		return err
	}
	// A key is never written over: what it signed could not be followed by anything.
	for _, f := range []struct {
		name string
		text []byte
		mode os.FileMode
	}{{args[0] + ".key", secret, 0o600}, {args[0] + ".pub", public, 0o644}} {
		file, err := os.OpenFile(f.name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, f.mode)
		if err != nil {
			return err
		}
		_, err = file.Write(f.text)
		if err = errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%s.key is secret; %s.pub goes into the image\n", args[0], args[0])
	return nil
}

func (c *updateCommand) sign(args []string, out io.Writer) error {
	if c.key == "" {
		return usageError("-key FILE is missing")
	}
	key, err := c.secret()
	if err != nil {
		return err
	}
	for _, name := range args {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		signature, err := update.Sign(f, key, "file:"+filepath.Base(name))
		f.Close()
		if err != nil {
			return err
		}
		if err := os.WriteFile(name+".minisig", signature, 0o644); err != nil {
			return err
		}
		fmt.Fprintln(out, name+".minisig")
	}
	return nil
}

// secret reads the secret key.
func (c *updateCommand) secret() (key update.PrivateKey, err error) {
	text, err := os.ReadFile(c.key)
	if err != nil {
		return key, err
	}
	password := ""
	if update.NeedsPassword(text) {
		if c.password == "" {
			return key, usageError(c.key + " has a password: add -password FILE")
		}
		if password, err = c.readPassword(); err != nil {
			return key, err
		}
	}
	if key, err = update.ParseSecretKey(text, password); err != nil {
		return key, fmt.Errorf("%s: %w", c.key, err)
	}
	return key, nil
}

func (c *updateCommand) readPassword() (string, error) {
	text, err := os.ReadFile(c.password)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line, nil
}

// readPublic reads a public key.
func readPublic(name string) (key update.PublicKey, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return key, err
	}
	if key, err = update.ParsePublicKey(text); err != nil {
		return key, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}
