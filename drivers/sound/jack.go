package sound

import (
	"bytes"
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"jeudi/drivers"
)

// The headphones are plugged when a switch of the kernel says so (SW_HEADPHONE_INSERT
// of an input device, which many cards of laptops and boards have). Where there is
// no such switch and the headphones have a card of their own, such as a USB handset,
// they are plugged while that card is listed. The socket of a Raspberry Pi has no
// switch and its card is always listed: named as Headphones, it counts as plugged
// all the time. A card that is the loudspeaker's too says nothing by being there.

const (
	look   = 250 * time.Millisecond // between two looks at the jack
	rescan = 5 * time.Second        // between two looks for new input devices
)

// A jackSource says whether headphones are plugged. It is for one goroutine. own
// says that they have a card which is not the loudspeaker's.
type jackSource interface {
	plugged(own bool) bool
	io.Closer
}

// Jack calls plugged with the state of the headphones, now and at each change. A
// change shows within a quarter of a second; one that is undone sooner may not.
// Headphones with a card of their own are plugged only while Err has nothing to
// say of it: what they are given would be heard by nobody.
func (s *Speaker) Jack(ctx context.Context, plugged func(bool)) error {
	j := s.jack()
	defer j.Close()
	t := time.NewTicker(look)
	defer t.Stop()
	state := func() bool {
		own := s.output(drivers.Headphones) != s.output(drivers.Loudspeaker)
		return j.plugged(own) && (!own || s.Err(drivers.Headphones) == nil)
	}
	last := state()
	plugged(last)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
		if now := state(); now != last {
			last = now
			plugged(now)
		}
	}
}

// jack looks at switches, or at the list of cards.
type jack struct {
	card    string // the headphones' own, or ""
	cards   func() string
	list    func() []node
	open    func(path string) (inputSwitch, error) // nil where it has no switch of headphones
	devices map[node]inputSwitch
	scanned time.Time
}

// node is the file of an input device. A path alone may soon be another device's.
type node struct {
	path  string
	inode uint64
}

// inputSwitch is the headphone switch of an input device.
type inputSwitch interface {
	on() (bool, error)
	io.Closer
}

func newJack(headphones string, cards func() string) jackSource {
	return &jack{card: headphones, cards: cards, open: openSwitch, list: inputNodes}
}

func (j *jack) plugged(own bool) bool {
	if now := time.Now(); j.scanned.IsZero() || now.Sub(j.scanned) >= rescan {
		j.scanned = now
		j.scan()
	}
	var switches int
	for n, d := range j.devices {
		if d == nil {
			continue
		}
		on, err := d.on()
		if err != nil { // pulled: the next scan looks again
			d.Close()
			delete(j.devices, n)
			continue
		}
		if on {
			return true
		}
		switches++
	}
	return switches == 0 && own && j.card != "" && listed(j.card, parseCards(j.cards()))
}

// scan opens what is new, and forgets what has no file any more.
func (j *jack) scan() {
	if j.devices == nil {
		j.devices = make(map[node]inputSwitch)
	}
	nodes := j.list()
	for n, d := range j.devices {
		if !slices.Contains(nodes, n) {
			if d != nil {
				d.Close()
			}
			delete(j.devices, n)
		}
	}
	for _, n := range nodes {
		if _, known := j.devices[n]; known {
			continue
		}
		if d, err := j.open(n.path); err == nil {
			j.devices[n] = d
		}
	}
}

// Close closes the input devices.
func (j *jack) Close() error {
	for _, d := range j.devices {
		if d != nil {
			d.Close()
		}
	}
	j.devices = nil
	return nil
}

// evdev is an open input device. See linux/input.h.
type evdev int

const (
	evSwitch        = 0x05 // EV_SW
	headphoneInsert = 2    // SW_HEADPHONE_INSERT
	switchBytes     = 4    // SW_CNT of bits, with room
)

// headphones reports whether the headphone switch is in a set of switches, which
// the kernel writes in words of its own order: little endian wherever Jeudi runs.
func headphones(bits []byte) bool {
	return len(bits) > headphoneInsert/8 && bits[headphoneInsert/8]&(1<<(headphoneInsert%8)) != 0
}

// readCards is the kernel's list of sound cards, "" if it has none.
func readCards() string {
	b, err := os.ReadFile("/proc/asound/cards")
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(b))
}

// A soundCard is an entry of /proc/asound/cards.
type soundCard struct{ index, id, name string }

// parseCards reads /proc/asound/cards: two lines for each card, the first of which
// is `0 [Device         ]: USB-Audio - USB Audio Device`.
func parseCards(text string) []soundCard {
	var cards []soundCard
	for line := range strings.Lines(text) {
		index, rest, ok := strings.Cut(line, "[")
		if index = strings.TrimSpace(index); !ok || index == "" || strings.Trim(index, "0123456789") != "" {
			if n := len(cards); n > 0 { // the second line: the long name
				cards[n-1].name += " " + strings.TrimSpace(line)
			}
			continue
		}
		id, rest, ok := strings.Cut(rest, "]:")
		if !ok {
			continue
		}
		cards = append(cards, soundCard{index, strings.TrimSpace(id), strings.TrimSpace(rest)})
	}
	return cards
}

// listed reports whether a card named as in Config is there.
func listed(name string, cards []soundCard) bool {
	_, device, isALSA := strings.Cut(name, ":")
	isALSA = isALSA && alsaName.MatchString(name)
	id, _, _ := strings.Cut(strings.TrimPrefix(device, "CARD="), ",")
	return slices.ContainsFunc(cards, func(c soundCard) bool {
		if isALSA {
			return id == c.id || id == c.index
		}
		return strings.Contains(strings.ToLower(c.id+" "+c.name), strings.ToLower(name))
	})
}
