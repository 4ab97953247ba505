package sound

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const piCards = ` 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 1 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
 2 [Device         ]: USB-Audio - USB Audio Device
                      C-Media Electronics Inc. USB Audio Device at usb-0000:01:00.0-1.2, full speed
`

func TestParseCards(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"--- no soundcards ---\n", nil},
		{piCards, []string{
			"0|vc4hdmi0|vc4-hdmi - vc4-hdmi-0 vc4-hdmi-0",
			"1|Headphones|bcm2835_headpho - bcm2835 Headphones bcm2835 Headphones",
			"2|Device|USB-Audio - USB Audio Device C-Media Electronics Inc. USB Audio Device at usb-0000:01:00.0-1.2, full speed",
		}},
		{"12 [A]: x\n13 [unfinished\n", []string{"12|A|x"}},
		{" 0 [A]: x\n      a [strange] long name\n", []string{"0|A|x a [strange] long name"}},
	} {
		var got []string
		for _, k := range parseCards(c.text) {
			got = append(got, k.index+"|"+k.id+"|"+k.name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("parseCards(%q) = %q; want %q", c.text, got, c.want)
		}
	}
}

func FuzzParseCards(f *testing.F) {
	f.Add(piCards, "hw:Device,0")
	f.Add("--- no soundcards ---", "")
	f.Fuzz(func(t *testing.T, text, name string) {
		cards := parseCards(text)
		if len(cards) > strings.Count(text, "\n")+1 {
			t.Errorf("parseCards(%q) has %d cards; want at most one a line", text, len(cards))
		}
		if listed(name, cards) && len(cards) == 0 {
			t.Errorf("%q is listed among none", name)
		}
	})
}

func TestListed(t *testing.T) {
	cards := parseCards(piCards)
	for name, want := range map[string]bool{
		"hw:Device,0": true, "hw:2,0": true, "plughw:CARD=Device,DEV=0": true, "hw:2": true,
		"hw:3,0": false, "hw:Devic,0": false, "USB Audio": true, "usb audio": true, "headphones": true, "Casque": false,
		"C-Media": true, "0000:01:00": true,
	} {
		if got := listed(name, cards); got != want {
			t.Errorf("listed(%q) = %v; want %v", name, got, want)
		}
	}
}

func TestChoose(t *testing.T) {
	list := []Device{
		{"vc4-hdmi-0, MAI PCM i2s-hifi-0", "hw:0,0"},
		{"Loopback, Loopback PCM", "hw:1,0"},
		{"Loopback, Loopback PCM", "hw:1,1"},
		{"Default Audio Device", "default"},
		{"PulseAudio Sound Server", "pulse"},
	}
	for _, c := range []struct{ name, want string }{
		{"", ""},
		{"hw:Loopback,0,0", "hw:Loopback,0,0"},
		{"plughw:CARD=Device,DEV=0", "plughw:CARD=Device,DEV=0"},
		{"default", "default"},
		{"loopback", "hw:1,0"}, // the first of two
		{"HDMI", "hw:0,0"},
		{"pulse", "pulse"},
	} {
		if got, err := choose(c.name, list); got != c.want || err != nil {
			t.Errorf("choose(%q) = %q, %v; want %q", c.name, got, err, c.want)
		}
	}
	if _, err := choose("casque", list); err == nil || !strings.Contains(err.Error(), "vc4-hdmi-0, MAI PCM i2s-hifi-0; Loopback") {
		t.Errorf("choose(casque) = %v; want an error that names what is there", err)
	}
	if _, err := choose("casque", nil); err == nil || !strings.Contains(err.Error(), "no card") {
		t.Errorf("choose(casque) of nothing = %v; want an error that says so", err)
	}
}

func TestSame(t *testing.T) {
	cards := parseCards(piCards)
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"", "", true},
		{"", "hw:0,0", true},
		{"", "hw:vc4hdmi0", true},
		{"default", "plughw:CARD=vc4hdmi0,DEV=0", true},
		{"", "hw:Device,0", false},
		{"hw:2,0", "hw:Device", true},
		{"hw:2,0", "sysdefault:CARD=Device", true},
		{"hw:2,0", "hw:2,1", false},
		{"hw:2,0,0", "hw:2,0", true},
		{"hw:2,0,0", "hw:2,0,1", false},
		{"hw:2,0", "hw:1,0", false},
		{"hw:2,0", "hdmi:CARD=Device,DEV=0", false}, // its plugin plays on another device
		{"hdmi:CARD=Device,DEV=0", "hdmi:CARD=Device,DEV=0", true},
		{"hw:Gone,0", "hw:Gone", true},
		{"hw:0,0,0,0", "hw:0,0", false},
	} {
		if got := same(c.a, c.b, cards); got != c.want {
			t.Errorf("same(%q, %q) = %v; want %v", c.a, c.b, got, c.want)
		}
		if got := same(c.b, c.a, cards); got != c.want {
			t.Errorf("same(%q, %q) = %v; want %v", c.b, c.a, got, c.want)
		}
	}
}

func FuzzParsePCM(f *testing.F) {
	f.Add("hw:CARD=Device,DEV=0", "plughw:2,0,0")
	f.Add("", "front:,,,,")
	cards := parseCards(piCards)
	f.Fuzz(func(t *testing.T, a, b string) {
		if same(a, b, cards) != same(b, a, cards) || !same(a, a, cards) {
			t.Errorf("same(%q, %q) depends on who asks", a, b)
		}
	})
}

func TestSwitchBits(t *testing.T) {
	for _, c := range []struct {
		bits []byte
		want bool
	}{{nil, false}, {[]byte{0}, false}, {[]byte{4}, true}, {[]byte{0xfb, 0xff}, false}, {[]byte{0x14, 0}, true}} {
		if got := headphones(c.bits); got != c.want {
			t.Errorf("headphones(%v) = %v; want %v", c.bits, got, c.want)
		}
	}
}

// inputs are input devices by their path.
type inputs map[string]*input

type input struct {
	node
	jack, in, gone bool // has a headphone switch, which is on; was pulled
	open           int
}

func (d *input) on() (bool, error) {
	if d.gone {
		return false, errors.New("no such device")
	}
	return d.in, nil
}

func (d *input) Close() error { d.open--; return nil }

func (in inputs) source(card, cards string) *jack {
	return &jack{
		card:  card,
		cards: func() string { return cards },
		list: func() []node {
			var nodes []node
			for _, d := range in {
				nodes = append(nodes, d.node)
			}
			return nodes
		},
		open: func(path string) (inputSwitch, error) {
			d := in[path]
			if !d.jack {
				return nil, nil
			}
			d.open++
			return d, nil
		},
	}
}

func TestJack(t *testing.T) {
	const later = rescan + time.Second
	at := func(t *testing.T, j *jack, when string, want bool) {
		t.Helper()
		if got := j.plugged(true); got != want {
			t.Errorf("%s: plugged() = %v; want %v", when, got, want)
		}
	}
	t.Run("a switch decides", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sw := &input{node: node{"event0", 1}, jack: true}
			in := inputs{"event0": sw, "event1": {node: node{"event1", 2}}}
			j := in.source("USB Audio", piCards) // its card is listed all the time
			at(t, j, "at first", false)
			sw.in = true
			at(t, j, "pushed in", true)
			sw.in = false
			at(t, j, "pulled out", false)
			// Its card is pulled, and plugged again as another device of the same path.
			sw.in, sw.gone = true, true
			at(t, j, "device gone, card listed", true)
			in["event0"] = &input{node: node{"event0", 9}, jack: true}
			time.Sleep(later)
			at(t, j, "a new device", false)
			in["event0"].in = true
			at(t, j, "pushed into the new one", true)
			delete(in, "event0")
			in["event1"] = &input{node: node{"event1", 7}, jack: true, in: true} // another device took its path
			time.Sleep(later)
			at(t, j, "another device", true)
			j.Close()
			for path, d := range in {
				if d.open != 0 {
					t.Errorf("%s is still open %d times", path, d.open)
				}
			}
			if sw.open != 0 {
				t.Errorf("the device that went is still open %d times", sw.open)
			}
		})
	})
	t.Run("without a switch the headphones' card decides", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			at(t, inputs{}.source("USB Audio", piCards), "card listed", true)
			at(t, inputs{}.source("hw:Device,0", piCards), "card listed by its ALSA name", true)
			at(t, inputs{}.source("USB Audio", ""), "card not listed", false)
			at(t, inputs{}.source("", piCards), "no card of their own", false)
			if inputs := (inputs{}).source("USB Audio", piCards); inputs.plugged(false) {
				t.Error("a card that is the loudspeaker's: plugged(false) = true; want false without a switch")
			}
			sw := inputs{"event0": {node: node{"event0", 1}, jack: true, in: true}}
			if !sw.source("USB Audio", piCards).plugged(false) {
				t.Error("a switch of the loudspeaker's card: plugged(false) = false; want true")
			}
		})
	})
	t.Run("on this machine", func(t *testing.T) {
		j := newJack("", readCards)
		j.plugged(true) // whatever it is
		if err := j.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
		if _, err := openSwitch("/dev/no such device"); err == nil {
			t.Error("openSwitch() of nothing = nil error")
		}
		if d, err := openSwitch("/dev/null"); d != nil || err != nil {
			t.Errorf("openSwitch(/dev/null) = %v, %v; want no switch", d, err)
		}
	})
}
