//go:build cgo

package sound

import (
	"fmt"
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
