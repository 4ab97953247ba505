package words

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Sample is a file of the catalogue to begin from, with a note for each text that
// says what it is for. French is all there is, the staff's texts too, because it is
// the source. Any other language is what visitors read: its own texts, and those that
// it has not as it says them now, in French and in the plural forms of that language.
// Over takes it as it is. An error is a language that has no code.
func (c *Catalogue) Sample(lang string) ([]byte, error) {
	if tag, err := language.Parse(Tag(lang)); err != nil || !isName(lang) {
		return nil, fmt.Errorf("words: no language is called %q (%v); want its code, as in pl", lang, tag)
	}
	notes, err := notes()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	between := "{"
	for _, key := range c.Keys() {
		if lang != French && ForStaff(key) {
			continue
		}
		e, in, _ := c.find(lang, key)
		own := in == lang
		if !own {
			e = e.counted(lang)
		}
		note := notes[key]
		if own && lang != French {
			note = strings.TrimSpace(note + " In French: " + c.langs[French][key].text.general())
		}
		fmt.Fprintf(&b, "%s\n  %s: {%s}", between, quoted(key), e.fields(note))
		between = ","
	}
	b.WriteString("\n}\n")
	return b.Bytes(), nil
}

// counted is an entry in the plural forms of a language, if it has several.
func (e entry) counted(lang string) entry {
	if len(e.text) == 1 {
		return entry{text: e.text} // what is spoken otherwise is spoken otherwise in French
	}
	in := entry{text: forms{}}
	for _, form := range formsOf(lang) {
		text, ok := e.text[form]
		if !ok {
			text = e.text.general()
		}
		in.text[form] = text
	}
	return in
}

// fields are those of an entry in its file.
func (e entry) fields(note string) string {
	var b bytes.Buffer
	write := func(f forms, whole, prefix string) {
		list := f.list()
		if list[0] == plural.Other { // as one counts, the rest last
			list = append(list[1:], plural.Other)
		}
		for _, form := range list {
			name := prefix + formNames[form]
			if len(f) == 1 && form == plural.Other {
				name = whole
			}
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%s: %s", quoted(name), quoted(f[form]))
		}
	}
	write(e.text, "text", "")
	if len(e.say) > 0 {
		write(e.say, "say", "say_")
	}
	if note != "" {
		fmt.Fprintf(&b, ", %s: %s", quoted("note"), quoted(note))
	}
	return b.String()
}

// quoted is a text as JSON, with its letters as they are.
func quoted(text string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil { // a string has no error
		return `""`
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// notes are what the texts are for, by key.
func notes() (map[string]string, error) {
	data, err := files.ReadFile(French + ".json")
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	var entries map[string]struct{ Note string }
	if err := json.Unmarshal(data, &entries); err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	list := make(map[string]string, len(entries))
	for key, e := range entries {
		list[key] = e.Note
	}
	return list, nil
}
