package appliance

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"jeudi/firmware/directory"
	"jeudi/firmware/intake"
	"jeudi/firmware/paper"
	"jeudi/firmware/routing"
	"jeudi/firmware/words"
)

// namesPlaces reports whether a screen says that there are other places, or which:
// no other asks the directory.
func namesPlaces(screen intake.ScreenID) bool {
	switch screen {
	case intake.Shut, intake.Workshop, intake.Crowded, intake.Result, intake.Places, intake.PlaceOne:
		return true
	}
	return false
}

// proposals remembers what was proposed for a wish, never this place itself. A
// screen is drawn many times, and the twenty thousand places of the country are not
// asked each time.
//
// A mutex, because every surface draws the kiosk's screen for itself.
type proposals struct {
	mu   sync.Mutex
	from *directory.Directory
	self []string // the places of the directory that are this very one
	list map[string][]directory.Hit
}

// remembered is how many wishes are kept.
const remembered = 64

func (p *proposals) of(d *directory.Directory, w directory.Wish, at time.Time, here *directory.Point) []directory.Hit {
	at = at.Truncate(5 * time.Minute)
	key := fmt.Sprint(w, at)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.from != d {
		p.from, p.self, p.list = d, nil, nil
		if here != nil {
			for _, spot := range d.Outline(*here, self) {
				p.self = append(p.self, spot.ID)
			}
		}
	}
	if p.list == nil || len(p.list) >= remembered {
		p.list = map[string][]directory.Hit{}
	}
	hits, ok := p.list[key]
	if !ok {
		w.Except = p.self
		hits = d.Propose(w, at, here, intake.MostPlaces)
		p.list[key] = hits
	}
	return hits
}

// self is how near a place of the directory is this very one, in metres.
const self = 40

// wish is what a visitor needs of another place: what they came for, and the
// language they chose.
func (s *Snapshot) wish(in intake.State) directory.Wish {
	motif, forOther := in.Chosen()
	c := routing.Case{Motif: motif, ForOther: forOther, Home: s.place.Home, Workshop: s.place.Workshop, Equipment: s.place.Equipment}
	w := directory.Wish{Language: words.Tag(in.Lang), Free: true, Postcode: s.place.Postcode}
	for _, label := range routing.Decide(s.place.Routing, c).Services {
		for _, t := range directory.Services() {
			if t.Label == label {
				w.Services = append(w.Services, t.Key)
			}
		}
	}
	return w
}

// places are where else a visitor may find help: those that the site names for what
// they came for, then of the directory, nearest and soonest first, then those that
// the site names for all. Where nothing was said, all that the site names are: they
// know the town. One place at least is the site's own, when it names one for them.
func (s *Snapshot) places(in intake.State) []intake.Place {
	var list, found, all []intake.Place
	motif, _ := in.Chosen()
	for _, p := range s.place.Elsewhere {
		switch motifs := s.place.Serves[p.Key]; {
		case motif == "" || len(motifs) == 0:
			all = append(all, p)
		case slices.Contains(motifs, motif):
			list = append(list, p)
		}
	}
	lang := in.Lang
	if lang == "" {
		lang = words.French
	}
	if d := s.directory(); d != nil {
		for _, h := range s.place.proposals.of(d, s.wish(in), s.Now.Wall.In(s.place.Zone), s.place.Here) {
			found = append(found, s.intakePlace(h, lang))
		}
	}
	if len(list) == 0 && len(all) > 0 {
		found = found[:min(len(found), intake.MostPlaces-1)]
	}
	list = append(append(list, found...), all...)
	return list[:min(len(list), intake.MostPlaces)]
}

func (s *Snapshot) directory() *directory.Directory {
	if s.place.Directory == nil {
		return nil
	}
	return s.place.Directory()
}

func (s *Snapshot) intakePlace(h directory.Hit, lang string) intake.Place {
	p := intake.Place{Key: h.Place.ID, Name: h.Place.Name, Address: paper.Address(h.Place), Phone: paper.Phone(h.Place.Phone),
		Hours: strings.Join(paper.Week(s.place.words, lang, h.Hours, h.Place.Hours, s.Now.Wall.In(s.place.Zone)), "\n"),
		How:   h.Place.Way, Entitles: h.Place.Entitles, Open: paper.OpenMsg(h)}
	if h.Place.Bring != "" {
		p.Bring = []string{h.Place.Bring}
	}
	if h.Distance >= 0 {
		p.Metres = round(h.Distance)
	}
	return p
}

// round is a distance as people say it.
func round(metres float64) int {
	switch m := int(metres); {
	case m < 100:
		return max(m-m%10, 10)
	case m < 1000:
		return m - m%50
	default:
		return m - m%100
	}
}

// Elsewhere are the places that the site names itself, each with its key, in the order
// of its file.
func (s *Snapshot) Elsewhere() []intake.Place { return slices.Clone(s.place.Elsewhere) }

// slipPlace is a place on paper, in the visitor's language and in French.
func (s *Snapshot) slipPlace(key, lang string) (paper.Place, bool) {
	if d := s.directory(); d != nil {
		if p, ok := d.Place(key); ok {
			at := s.Now.Wall.In(s.place.Zone)
			week := func(lang string) string {
				return strings.Join(paper.Week(s.place.words, lang, p.Schedule(), p.Hours, at), "\n")
			}
			out := paper.Place{Name: p.Name, Address: paper.Address(p), Phone: paper.Phone(p.Phone), Way: paper.Words{French: p.Way},
				Gives: paper.Words{French: p.Entitles}}
			if out.HoursUnsure = !p.Schedule().Known(); out.HoursUnsure {
				out.Hours = paper.Words{French: p.Hours}
			} else {
				out.Hours = paper.Words{French: week(words.French), Lang: week(lang)}
			}
			if p.Bring != "" {
				out.Bring = []paper.Words{{French: p.Bring}}
			}
			return out, true
		}
	}
	for _, p := range s.place.Elsewhere {
		if key == p.Key {
			return paper.Place{Name: p.Name, Address: p.Address, Phone: p.Phone, Hours: paper.Words{French: p.Hours}}, true
		}
	}
	return paper.Place{}, false
}
