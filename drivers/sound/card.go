package sound

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

func backendOf(name string) (backend, error) {
	switch name {
	case "":
		return alsa, nil
	case "null":
		return nothing, nil
	}
	return 0, fmt.Errorf("sound: backend %q: unknown; use null, or none for ALSA", name)
}

// A Device is a card that can be played on.
type Device struct {
	Name string // as people know it; two may have the same
	ALSA string // its name in ALSA, which is its alone while it stays plugged
}

// alsaName is what an ALSA name looks like, as opposed to a part of a card's name.
var alsaName = regexp.MustCompile(`^(default|[a-z_]+:[^ ]+)$`)

// choose is the ALSA name of a card by what Config says of it: "" for the usual
// one, and the first of several that fit.
func choose(name string, list []Device) (string, error) {
	if name == "" || alsaName.MatchString(name) {
		return name, nil
	}
	var names []string
	for _, d := range list {
		if strings.Contains(strings.ToLower(d.Name), strings.ToLower(name)) || d.ALSA == name {
			return d.ALSA, nil
		}
		names = append(names, d.Name)
	}
	if len(names) == 0 {
		return "", errors.New("no card is plugged")
	}
	return "", fmt.Errorf("no such card; plugged are %s", strings.Join(names, "; "))
}

// resolve is the ALSA name behind a name in Config, as choose has it.
func (b backend) resolve(name string) (string, error) {
	if b == nothing || name == "" || alsaName.MatchString(name) {
		return name, nil
	}
	list, err := Devices()
	if err != nil {
		return "", err
	}
	return choose(name, list)
}

// pcm is what an ALSA name stands for: a device of a card, by their numbers.
// Without a subdevice it may be any of them.
type pcm struct{ card, device, sub string }

// parsePCM reads an ALSA name; ok is false for one whose plugin may lead elsewhere.
func parsePCM(name string, cards []soundCard) (p pcm, ok bool) {
	kind, args, _ := strings.Cut(name, ":")
	switch kind {
	case "", "default", "hw", "plughw", "sysdefault", "front":
	default:
		return p, false
	}
	p = pcm{card: "0", device: "0"}
	if args == "" {
		return p, true
	}
	for i, arg := range strings.Split(args, ",") {
		key, value, named := strings.Cut(arg, "=")
		if !named {
			if i > 2 {
				return p, false
			}
			key, value = [...]string{"CARD", "DEV", "SUBDEV"}[i], arg
		}
		switch key {
		case "CARD":
			p.card = value
		case "DEV":
			p.device = value
		case "SUBDEV":
			p.sub = value
		}
	}
	for _, c := range cards {
		if c.id == p.card {
			p.card = c.index
		}
	}
	return p, true
}

// same reports whether two ALSA names open the same device, which only one can.
func same(a, b string, cards []soundCard) bool {
	if a == b {
		return true
	}
	p, ok := parsePCM(a, cards)
	q, ok2 := parsePCM(b, cards)
	if p.sub == "" || q.sub == "" {
		p.sub, q.sub = "", ""
	}
	return ok && ok2 && p == q
}
