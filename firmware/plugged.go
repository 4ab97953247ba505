package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/web"
	"jeudi/provisioning/steward"
	"jeudi/provisioning/stick"
)

// pluggedSticks are the USB sticks that the steward reaches, for the desk.
type pluggedSticks struct{ client *steward.Client }

var _ web.Plugged = pluggedSticks{}

// There reports whether the steward answers.
func (p pluggedSticks) There() bool { return p.client.There() }

// Open lists what of ours lies on the sticks; a file is fetched when it is opened.
func (p pluggedSticks) Open(ctx context.Context) ([]fs.FS, error) {
	sticks, err := sticksOf(ctx, p.client)
	if err != nil {
		return nil, told(err)
	}
	var found []fs.FS
	why := "stick.none"
	for _, s := range sticks {
		if s.Refused != "" {
			why = s.Refused
			continue
		}
		found = append(found, stickFS{ctx, p.client, s})
	}
	if len(found) == 0 {
		return nil, refuse(why)
	}
	return found, nil
}

// Put writes a file on the only stick.
func (p pluggedSticks) Put(ctx context.Context, name string, content []byte) error {
	_, err := putOnStick(ctx, p.client, name, content)
	return err
}

// stickFS is the first folder of a stick, as the steward tells of it.
type stickFS struct {
	ctx    context.Context // of who reads it: a file system's methods take none
	client *steward.Client
	stick  stick.Stick
}

var _ fs.ReadDirFS = stickFS{}

// ReadDir is the first folder alone: the steward sees no other.
func (s stickFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	var list []fs.DirEntry
	for _, f := range s.stick.Files {
		list = append(list, fs.FileInfoToDirEntry(stickFile{name: f.Name, size: f.Bytes, changed: f.Changed}))
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, nil
}

// Open fetches a file whole.
func (s stickFS) Open(name string) (fs.File, error) {
	i := slices.IndexFunc(s.stick.Files, func(f stick.File) bool { return f.Name == name })
	if i < 0 {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	content, err := readStick(s.ctx, s.client, s.stick.ID, name)
	if err != nil {
		return nil, err
	}
	return openFile{bytes.NewReader(content), stickFile{name, int64(len(content)), s.stick.Files[i].Changed}}, nil
}

// openFile is a file that was fetched.
type openFile struct {
	*bytes.Reader
	stickFile
}

func (f openFile) Stat() (fs.FileInfo, error) { return f.stickFile, nil }
func (openFile) Close() error                 { return nil }

// Size is that of the file: the reader has one too.
func (f openFile) Size() int64 { return f.stickFile.size }

// stickFile is what is known of a file.
type stickFile struct {
	name    string
	size    int64
	changed time.Time
}

func (f stickFile) Name() string       { return f.name }
func (f stickFile) Size() int64        { return f.size }
func (stickFile) Mode() fs.FileMode    { return 0o400 }
func (f stickFile) ModTime() time.Time { return f.changed }
func (stickFile) IsDir() bool          { return false }
func (stickFile) Sys() any             { return nil }

// sticksOf are the sticks that are plugged in.
func sticksOf(ctx context.Context, client *steward.Client) (sticks []stick.Stick, err error) {
	err = client.Do(ctx, steward.VerbSticks, nil, &sticks, nil)
	return sticks, err
}

// readStick is a whole file of a stick; what is refused is a *session.Refusal.
func readStick(ctx context.Context, client *steward.Client, id, name string) ([]byte, error) {
	var got stick.Imported
	err := client.Do(ctx, steward.VerbImport, stick.ImportArgs{Stick: id, Name: name}, &got, nil)
	return got.Content, told(err)
}

// putOnStick writes a file on the only stick, and says under which name it lies there.
func putOnStick(ctx context.Context, client *steward.Client, name string, content []byte) (as string, err error) {
	var done stick.Exported
	err = client.Do(ctx, steward.VerbExport, stick.ExportArgs{Name: name, Content: content}, &done, nil)
	return done.Name, told(err)
}

// told is what the steward refuses, in the words of the box.
func told(err error) error {
	if refusal, ok := errors.AsType[*steward.Refusal](err); ok {
		return &session.Refusal{Msg: session.Msg{Key: refusal.Key, Args: refusal.Args}}
	}
	if errors.Is(err, steward.ErrNone) {
		return refuse("care.no_steward")
	}
	return err
}
