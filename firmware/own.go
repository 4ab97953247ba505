package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jeudi/firmware/directory"
	"jeudi/firmware/rights"
	"jeudi/firmware/routing"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

// maxOwn bounds each file of a site: the whole catalogue of a language is a tenth
// of it.
const maxOwn = 1 << 20

// beside is a path of the site file as it is meant: from the folder in which the
// file lies.
func beside(siteFile, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(siteFile), path)
}

// Of what a site names beside its file a box can do without, and a visitor must never
// stand before a dead box because of it. So jeudi site check refuses what is wrong,
// and jeudi run leaves it out, says so in the log and at the desk, and starts: with
// our texts, our voices and our rules of who receives whom; without the rights, for
// rules that somebody else keeps could say what this site did not want said.

// siteTexts is the catalogue with the texts of the site's folder and of its file
// over the built-in ones. An error names each wrong file, and what to do; the
// catalogue then is that without these files.
func siteTexts(c *words.Catalogue, s *site.Site, siteFile string) (*words.Catalogue, error) {
	var wrong []error
	if folder := beside(siteFile, s.Texts.Folder); folder != "" {
		raw, unread := readTexts(folder)
		for _, err := range unread {
			wrong = append(wrong, fmt.Errorf("texts.folder: %w", err))
		}
		for _, lang := range slices.Sorted(maps.Keys(raw)) {
			over, err := c.Over(map[string][]byte{lang: raw[lang]})
			if err != nil {
				wrong = append(wrong, fmt.Errorf("texts.folder %s: %w", folder, err))
				continue
			}
			c = over
		}
	}
	if len(wrong) == 0 { // else it may be for a file that is named already
		for _, lang := range s.Languages {
			if !slices.Contains(c.Languages(), lang) {
				wrong = append(wrong, fmt.Errorf("languages: %q is not in the folder of texts; add %s.json there, or remove it", lang, lang))
			}
		}
	}
	return siteWords(c, s), errors.Join(wrong...)
}

// speaking is the site with those of its languages that the catalogue has.
func speaking(s *site.Site, c *words.Catalogue) *site.Site {
	has := *s
	has.Languages = slices.DeleteFunc(slices.Clone(s.Languages), func(lang string) bool { return !slices.Contains(c.Languages(), lang) })
	return &has
}

// siteVoices is the folder of the site's recordings, nil for none.
func siteVoices(s *site.Site, siteFile string) (fs.FS, error) {
	folder := beside(siteFile, s.Texts.Voices)
	if folder == "" {
		return nil, nil
	}
	_, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s is not there; make the folder, or remove the line", folder)
	}
	if err != nil {
		return nil, wrap("texts.voices", err)
	}
	return os.DirFS(folder), nil
}

// siteRouting are the rules of who receives whom: the site's own, or ours; with an
// error they are ours.
func siteRouting(s *site.Site, siteFile string) (routing.Rules, error) {
	data, err := readOwn(beside(siteFile, s.Routing))
	if data == nil || err != nil {
		return routing.Default(), wrap("routing", err)
	}
	rules, err := routing.Parse(data)
	if err != nil {
		return routing.Default(), wrap("routing: "+s.Routing, err)
	}
	return rules, nil
}

// siteRights are the rules of the rights to be checked, without those that the site
// has turned off; with an error there are none.
func siteRights(s *site.Site, siteFile string) (rights.Rules, error) {
	data, err := readOwn(beside(siteFile, s.Rights.File))
	if err != nil {
		return rights.Rules{}, wrap("rights.file: "+s.Rights.File, err)
	}
	if data == nil {
		data = rights.DefaultText()
	}
	rules, err := rights.Parse(data)
	if err != nil {
		return rights.Rules{}, wrap("rights.file: "+s.Rights.File, err)
	}
	rules, unknown := rules.Without(s.Rights.Off...)
	if len(unknown) > 0 {
		return rights.Rules{}, fmt.Errorf("rights.off: no rule is called %s; jeudi rights check lists them", strings.Join(unknown, ", "))
	}
	return rules, nil
}

// readOwn reads a file that the site names; nil for none.
func readOwn(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there; correct the path, or remove the line", path)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxOwn+1))
	if err == nil && len(data) > maxOwn {
		err = fmt.Errorf("%s is larger than 1 MB; is it the right file?", path)
	}
	return data, err
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// readTexts are the files LANGUAGE.json of a folder, by language, and what is wrong
// with those that are left out.
func readTexts(folder string) (raw map[string][]byte, wrong []error) {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s is not there; make the folder, or remove the line", folder)
	}
	if err != nil {
		return nil, []error{err}
	}
	defer root.Close()
	list, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		wrong = append(wrong, err)
	}
	raw = map[string][]byte{}
	for _, f := range list {
		lang, isText := strings.CutSuffix(f.Name(), ".json")
		if !isText || strings.HasPrefix(lang, ".") {
			continue
		}
		data, err := readText(root, f.Name())
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		raw[lang] = data
	}
	return raw, wrong
}

func readText(root *os.Root, name string) ([]byte, error) {
	if info, err := root.Stat(name); err == nil && info.Size() > maxOwn {
		return nil, fmt.Errorf("%s is larger than 1 MB; is it a file of texts?", name)
	}
	return root.ReadFile(name)
}

// openDirectory opens the directory of places in a folder, which is made. One that
// cannot be opened is an empty one, read-only, that says so in the log.
func openDirectory(dir string, log *slog.Logger) *directory.Store {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		var s *directory.Store
		if s, err = directory.Open(dir, log); err == nil {
			return s
		}
	}
	log.Error("the directory of places is not there; nothing of it is changed until the next start", "folder", dir, "err", err)
	return directory.None(err, log)
}
