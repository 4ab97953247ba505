package intake

import (
	"slices"
	"time"

	"jeudi/firmware/session"
)

// Keys of the settings.
const (
	keyReset     = "reset"
	keyLang      = "language"
	keyContrast  = "contrast"
	keyVoice     = "voice"
	keyScan      = "scan"
	keySlower    = "slower"
	keyFaster    = "faster"
	keyAloud     = "aloud"
	keyDark      = "dark"
	keyListen    = "listen"
	keyScanOff   = "scan_off"
	keyScanOne   = "scan_one"
	keyScanTwo   = "scan_two"
	keyLongPace  = "scan_slower"
	keyShortPace = "scan_faster"
)

func settingsChoices(State, Context) []Choice {
	return []Choice{choice(keyLang, "settings.language", "language"), choice(keyContrast, "settings.contrast", "contrast"),
		choice(keyVoice, "settings.voice", "speech"), choice(keyScan, "settings.scan", "scanning")}
}

func settingsPress(s State, p Choice, _ Context) (State, []Want) {
	switch p.Key {
	case keyLang:
		return s.goTo(SettingsLanguage), nil
	case keyContrast:
		return s.goTo(SettingsContrast), nil
	case keyVoice:
		return s.goTo(SettingsVoice), nil
	case keyScan:
		return s.goTo(SettingsScan), nil
	case keyReset:
		s.Tuning = usual()
		return s, s.tell(msg("settings.reset_done"))
	}
	return s.goBack(), nil
}

// settingsLanguagePress changes the language and goes back to where the visitor
// was: the answers, the ticket and the place in the path stay.
func settingsLanguagePress(s State, p Choice, _ Context) (State, []Want) {
	if p.Key == keySkip {
		return s.leaveList(SettingsLanguage), nil
	}
	s.Lang = p.Key
	return s.leaveSettings(), nil
}

// leaveSettings is what the settings lie over.
func (s State) leaveSettings() State {
	for s.Screen.page().settings {
		s = s.uncover()
	}
	return s
}

// leaveList goes back from a list, whichever of its pages one is on.
func (s State) leaveList(id ScreenID) State {
	for s = s.goBack(); s.Screen == id && (len(s.under) > 0 || len(s.trail) > 0); {
		s = s.goBack()
	}
	return s
}

func contrastChoices(s State, _ Context) []Choice {
	var list []Choice
	for n := range contrasts {
		k := choice(n.String(), "settings.contrast."+n.String(), "contrast_"+n.String())
		k.Selected = n == s.Contrast
		list = append(list, k)
	}
	return list
}

func contrastPress(s State, p Choice, _ Context) (State, []Want) {
	for n := range contrasts {
		if n.String() == p.Key {
			s.Contrast = n
			return s, s.tell(p.Label, chosen(true))
		}
	}
	return s.goBack(), nil
}

// rates are the speeds of speech, per cent: seven steps, of which 100 is usual
// (VVSG 2.0, 7.1-K wants at least six from 50 to 200).
func rates() []int { return []int{50, 60, 75, 100, 125, 150, 200} }

// rate changes the speed of speech and says so at the new one.
func rate(s State, faster bool) (State, []Want) {
	s.Rate = shift(rates(), s.Rate, faster)
	return s, []Want{say(s, rateMsg(s))}
}

func rateMsg(s State) session.Msg {
	return msg("settings.rate", "n", slices.Index(rates(), s.Rate)+1)
}

// shift is the value after, or before, in a list; the ends stay.
func shift[T comparable](list []T, now T, up bool) T {
	at := slices.Index(list, now)
	if up {
		return list[min(at+1, len(list)-1)]
	}
	return list[max(at-1, 0)]
}

func voiceView(s State, _ Context, v *Screen) {
	v.Title, v.Text = msg("settings.voice_title"), rateMsg(s)
}

func voiceChoices(s State, c Context) []Choice {
	aloud, dark := choice(keyAloud, "settings.aloud", "voice"), choice(keyDark, "settings.dark", "curtain")
	aloud.Selected, dark.Selected = s.Aloud, s.Dark
	list := []Choice{choice(keySlower, "settings.slower", "slower"), choice(keyFaster, "settings.faster", "faster"), aloud}
	if c.Mute[s.Lang] {
		return list // a dark screen would be nothing at all
	}
	return append(list, dark)
}

func voiceToggle(s State, _ Context) *Choice {
	c := choice(keyListen, "settings.listen", "headphones")
	if s.Listening {
		c = choice(keyListen, "settings.quiet", "mute")
	}
	return &c
}

func voicePress(s State, p Choice, c Context) (State, []Want) {
	switch p.Key {
	case keySlower, keyFaster:
		return rate(s, p.Key == keyFaster)
	case keyAloud:
		s.Aloud = !s.Aloud
		return s, s.tell(p.Label, chosen(s.Aloud))
	case keyDark:
		s.Dark = !s.Dark
		if s.Dark { // a dark screen that does not speak would be nothing at all
			s.Listening, s.quiet = true, false
		}
		return s, s.tell(p.Label, chosen(s.Dark))
	case keyListen:
		if s.Listening = !s.Listening; s.Listening {
			s.quiet = false
			return s, []Want{sayScreen(s, c)}
		}
		s.quiet, s.Dark = true, false
		return s, []Want{Hush{}}
	}
	return s.goBack(), nil
}

// paces are how long the focus rests.
func paces() []time.Duration {
	return []time.Duration{leastPace, 2 * time.Second, 3 * time.Second, 4 * time.Second, 6 * time.Second, 10 * time.Second}
}

func paceMsg(s State) session.Msg {
	return msg("settings.pace", "n", len(paces())-slices.Index(paces(), s.Pace))
}

func scanView(s State, _ Context, v *Screen) {
	v.Title, v.Text = msg("settings.scan_title"), paceMsg(s)
}

func scanChoices(s State, _ Context) []Choice {
	one, two := choice(keyScanOne, "settings.scan_one", "scan_one"), choice(keyScanTwo, "settings.scan_two", "scan_two")
	one.Selected, two.Selected = s.Scan == ScanOne, s.Scan == ScanTwo
	return []Choice{one, two, choice(keyLongPace, "settings.scan_slower", "slower"), choice(keyShortPace, "settings.scan_faster", "faster")}
}

func scanToggle(s State, _ Context) *Choice {
	c := choice(keyScanOff, "settings.scan_off", "scan_off")
	c.Selected = s.Scan == ScanOff
	return &c
}

func scanPress(s State, p Choice, _ Context) (State, []Want) {
	switch p.Key {
	case keyScanOne:
		s.Scan = ScanOne
	case keyScanTwo:
		s.Scan = ScanTwo
	case keyScanOff:
		s.Scan = ScanOff
	case keyLongPace, keyShortPace:
		s.Pace = shift(paces(), s.Pace, p.Key == keyLongPace)
		return s, s.tell(paceMsg(s))
	default:
		return s.goBack(), nil
	}
	return s, s.tell(p.Label, chosen(true))
}
