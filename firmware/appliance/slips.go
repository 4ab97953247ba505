package appliance

import (
	"context"
	"crypto/rand"
	"io"
	"slices"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/intake"
	"jeudi/firmware/ledger"
	"jeudi/firmware/paper"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
)

// Vouchers draws the codes of orientation slips, and counts those that are given
// and those that come back.
type Vouchers interface {
	NewVoucher(place string, at time.Time, random io.Reader) (code string, err error)
	Given(codes ...string) error
	ArrivedMany(list io.Reader) (ledger.Arrivals, error)
	VoucherCounts() ([]ledger.VoucherCount, error)
	Vouchers(place string) ([]ledger.Voucher, error)
}

// Orientation is a slip that sends somebody to other places.
type Orientation struct {
	Places []string // keys, at most intake.MostPlaces
	Lang   string   // the person's; "" is French
	Large  bool
	// Visit is whom the slip is for, whose phone may read it too, and Shared the visit
	// whose shared result goes along; zero is nobody's. Desk is the one that asks: the
	// person must be there. Once the visit has ended the result is forgotten, and the
	// slip goes without.
	Visit, Shared session.ID
	Desk          string

	result *paper.Result
}

// PrintOrientation prints an orientation slip, a voucher for each of its places. It
// is a job in memory: a cut loses it, and nothing of it is kept but the codes.
func (a *Appliance) PrintOrientation(ctx context.Context, o Orientation) error {
	return a.ask(ctx, func(d *draft) error {
		if !o.Shared.IsZero() {
			if err := d.atDesk(o.Desk, o.Shared); err != nil && !d.ended(o.Shared) {
				return err
			}
			o.result = d.Notes[o.Shared].result // none, when the person took it back or the visit ended
		}
		if !o.Visit.IsZero() && d.atDesk(o.Desk, o.Visit) != nil {
			o.Visit = session.ID{} // gone meanwhile: the paper is printed all the same
		}
		return d.orient(o)
	})
}

// PrintToday prints what was done today, for the person to take home.
func (a *Appliance) PrintToday(ctx context.Context, t paper.TodayData, next string) error {
	return a.ask(ctx, func(d *draft) error {
		for _, list := range [][2][]string{{t.Done, paper.DoneKeys()}, {t.Bring, paper.BringKeys()}} {
			for _, key := range list[0] {
				if !slices.Contains(list[1], key) {
					return session.ErrUnknownChoice
				}
			}
		}
		if next != "" {
			p, ok := d.slipPlace(next, t.Lang)
			if !ok {
				return session.ErrUnknownChoice
			}
			t.Next, t.NextAt = p.Name, p.Address
		}
		t.From, t.At, t.Test = d.place.Name, d.at.Wall.In(d.place.Zone), d.Testing()
		d.print(func() drivers.Document { return paper.Today(d.place.words, t) })
		return nil
	})
}

// PrintRights prints which rights are to be checked with the social worker.
func (a *Appliance) PrintRights(ctx context.Context, lang string, ids []string, large bool) error {
	return a.ask(ctx, func(d *draft) error { return d.rightsList(lang, ids, large) })
}

// Vouchers are the codes of orientation slips; nil when this box keeps none.
func (a *Appliance) Vouchers() Vouchers { return a.cfg.Vouchers }

// PrintPartner prints the codes that were given for a place, for its list.
func (a *Appliance) PrintPartner(ctx context.Context, place string) error {
	return a.ask(ctx, func(d *draft) error {
		p, ok := d.slipPlace(place, words.French)
		if !ok || a.cfg.Vouchers == nil {
			return session.ErrUnknownChoice
		}
		from := d.place.Name
		d.print(func() drivers.Document {
			data := paper.PartnerData{From: from, Partner: p.Name}
			list, err := a.cfg.Vouchers.Vouchers(place)
			if err != nil {
				a.cfg.Logger.Error("vouchers not read", "err", err)
			}
			for _, v := range list {
				data.Codes = append(data.Codes, paper.PartnerCode{Code: v.Code, Month: v.Month, Arrived: v.Arrived})
			}
			return paper.Partner(a.cfg.Words, data)
		})
		return nil
	})
}

func (d *draft) orient(o Orientation) error {
	if len(o.Places) == 0 || len(o.Places) > intake.MostPlaces {
		return session.ErrUnknownChoice
	}
	data := paper.OrientationData{From: d.place.Name, Lang: o.Lang, Result: o.result, Large: o.Large, Test: d.Testing()}
	for _, key := range o.Places {
		p, ok := d.slipPlace(key, o.Lang)
		if !ok {
			return session.ErrUnknownChoice
		}
		data.Places = append(data.Places, p)
	}
	a, test, at := d.a, d.Testing(), d.day()
	drawn := make(chan []string, 1)
	draw := func() drivers.Document {
		var codes []string
		for i, key := range o.Places {
			if a.cfg.Vouchers == nil || test {
				break // a rehearsal gives no vouchers
			}
			code, err := a.cfg.Vouchers.NewVoucher(key, at, rand.Reader)
			if err != nil { // the slip leads there without one
				a.cfg.Logger.Error("voucher not drawn", "err", err)
				continue
			}
			data.Places[i].Code = code
			codes = append(codes, code)
		}
		drawn <- codes
		return paper.Orientation(a.cfg.Words, data)
	}
	after := func(p session.Paper) {
		if p == session.Unprinted {
			return
		}
		select {
		case codes := <-drawn:
			if len(codes) == 0 {
				return
			}
			if err := a.cfg.Vouchers.Given(codes...); err != nil {
				a.cfg.Logger.Error("vouchers not counted", "err", err)
			}
		default: // it hangs before the paper: no code is on any
		}
	}
	d.keepSlip(o.Visit, data.Places)
	d.effects = append(d.effects, printed{draw, after})
	return nil
}

// RightsDue is how many rules about rights somebody should have read again by now.
func (s *Snapshot) RightsDue() int { return len(s.place.Rights.Due(s.Now.Wall)) }

func (d *draft) rightsList(lang string, ids []string, large bool) error {
	data := paper.RightsData{From: d.place.Name, Lang: lang, Large: large, Test: d.Testing()}
	for _, h := range d.place.Rights.Hints(nil) { // nothing answered: every rule in use
		if slices.Contains(ids, h.ID) {
			data.Titles = append(data.Titles, intake.HintLine(h, lang))
		}
	}
	if len(data.Titles) == 0 || len(data.Titles) != len(ids) {
		return session.ErrUnknownChoice
	}
	if !data.Test {
		d.Rights++
	}
	w := d.a.cfg.Words
	d.print(func() drivers.Document { return paper.Rights(w, data) })
	return nil
}

// slipResult is a self-assessment as a slip carries it to the next place.
func slipResult(a sheet.Assessment, answers sheet.Sheet) *paper.Result {
	r := &paper.Result{Level: a.Level, Incomplete: a.Incomplete, Answers: map[string]string{}, Freins: answers.Freins()}
	for _, item := range sheet.Instrument() {
		if given, ok := answers.Answer(item.Key); ok && !item.Multi {
			r.Answers[item.Key] = given
		}
	}
	return r
}

// largeLetters reports whether a visitor reads large letters: on paper, too.
func largeLetters(s intake.State) bool { return s.Size == intake.SizeL || s.Size == intake.SizeXL }

// printed is a paper of no ticket; after, which may be nil, is told what became of it.
type printed struct {
	draw  func() drivers.Document
	after func(session.Paper)
}

func (d *draft) print(draw func() drivers.Document) {
	d.effects = append(d.effects, printed{draw: draw})
}
