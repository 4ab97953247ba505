package sound

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"unsafe"

	"github.com/gen2brain/malgo"
)

// A backend is one of miniaudio's.
type backend malgo.Backend

const (
	alsa backend = malgo.BackendAlsa
	// nothing is a card without a card. malgo's own BackendNull (v0.11.24) does not
	// work: its list lacks miniaudio's "custom" backend, which stands before it.
	nothing backend = malgo.BackendNull + 1
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

// Devices are the cards that ALSA lists, in its order.
func Devices() ([]Device, error) {
	ctx, err := malgo.InitContext([]malgo.Backend{malgo.Backend(alsa)}, malgo.ContextConfig{}, nil)
	if err != nil {
		return nil, fmt.Errorf("sound: listing cards: %w", err)
	}
	defer release(ctx)
	infos, err := ctx.Devices(malgo.Playback)
	if err != nil {
		return nil, fmt.Errorf("sound: listing cards: %w", err)
	}
	var list []Device
	for _, info := range infos {
		name, _, _ := strings.Cut(string(info.ID[:]), "\x00")
		if strings.HasPrefix(name, ":") { // how miniaudio writes "hw:0,0, or mixed"
			name = "hw" + name
		}
		if name == "null" {
			continue // ALSA's waste bin, which would be found by no name but might by a part
		}
		list = append(list, Device{Name: info.Name(), ALSA: name})
	}
	return list, nil
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

// card is an open device of miniaudio, with a context of its own: libasound reads
// what it knows of each kind of card when a context begins, so that a card plugged
// later would not be found by an older one.
type card struct {
	ctx *malgo.AllocatedContext
	dev *malgo.Device
}

// open opens a card by its ALSA name.
func (b backend) open(name string, fill func([]int16), gone func()) (device, error) {
	if b == nothing {
		name = ""
	}
	ctx, err := malgo.InitContext([]malgo.Backend{malgo.Backend(b)}, malgo.ContextConfig{}, nil)
	if err != nil {
		return nil, fmt.Errorf("sound: starting: %w", err)
	}
	cfg := malgo.DefaultDeviceConfig(malgo.Playback)
	cfg.SampleRate = rate
	cfg.PeriodSizeInFrames, cfg.Periods = period, periods
	cfg.Playback.Format, cfg.Playback.Channels = malgo.FormatS16, 2
	// The box owns its card: in the shared mode ALSA would mix, with a buffer of its
	// own that adds up to 85 ms.
	cfg.Playback.ShareMode = malgo.Exclusive
	cfg.NoFixedSizedCallback = 1 // a buffer less
	cfg.NoPreSilencedOutputBuffer = 1
	var pin runtime.Pinner
	defer pin.Unpin()
	if name != "" {
		id := new(malgo.DeviceID)
		copy(id[:len(id)-1], name)
		// The name is read while the device is opened. malgo's own ID.Pointer would
		// leak a copy at each attempt.
		pin.Pin(id)
		cfg.Playback.DeviceID = unsafe.Pointer(id)
	}
	dev, err := malgo.InitDevice(ctx.Context, cfg, malgo.DeviceCallbacks{
		Data: func(out, _ []byte, _ uint32) {
			if len(out) >= 2 { // S16 in the machine's own order, in memory of C's that is aligned
				fill(unsafe.Slice((*int16)(unsafe.Pointer(&out[0])), len(out)/2))
			}
		},
		Stop: gone,
	})
	if err != nil {
		release(ctx)
		return nil, fmt.Errorf("sound: opening: %w", err)
	}
	return &card{ctx, dev}, nil
}

func (c *card) start() error {
	if err := c.dev.Start(); err != nil {
		return fmt.Errorf("sound: starting: %w", err)
	}
	return nil
}

// close stops the device and drops what it still holds.
func (c *card) close() {
	c.dev.Uninit()
	release(c.ctx)
}

func release(ctx *malgo.AllocatedContext) {
	_ = ctx.Uninit() // it says nothing that anyone could act on
	ctx.Free()
}
