package appliance_test

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
)

// itinerant has three places besides its own.
func itinerant(b *box) {
	b.cfg.Place.Stops = []appliance.Stop{
		{Key: "moulin", Name: "Salle du Moulin", Address: "2 chemin du Moulin", Postcode: "69150"},
		{Key: "domicile", Name: "À domicile"},
		{Key: "gare", Name: "Gare"},
	}
}

// TestWhereTheBoxIsToday: an itinerant box is told where it is when it is opened; its
// tickets, its screens and its entry in the ledger say so, after a power cut too.
func TestWhereTheBoxIsToday(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, itinerant)
		b.take() // before anybody said where
		time.Sleep(10 * time.Second)
		if len(b.paper("Centre social des Tilleuls", "1 rue des Écoles")) != 1 {
			t.Errorf("the first ticket is %q; want that of the organisation", b.paper())
		}
		b.refused(session.StartPermanence{Desk: "a"}, appliance.ErrWhichStop)
		b.refused(session.StartPermanence{Desk: "a", Stop: "mairie"}, appliance.ErrWhichStop)
		b.do(session.StartPermanence{Desk: "a", Stop: "moulin"})
		if p := b.Snapshot().Session.Plan; p.Stop != "moulin" || p.Place != "Salle du Moulin" || b.Snapshot().Place() != "Salle du Moulin" {
			t.Errorf("open at %q (%s), shown as %q", p.Place, p.Stop, b.Snapshot().Place())
		}
		b.take()
		time.Sleep(10 * time.Second)
		if len(b.paper("Salle du Moulin", "2 chemin du Moulin", "01 23 45 67 89")) != 1 {
			t.Errorf("the papers are %q; want a ticket of the Moulin, with the telephone of the organisation", b.paper())
		}
		b.stop()

		again := start(t, log, entered, itinerant)
		if again.Snapshot().Place() != "Salle du Moulin" {
			t.Errorf("after a cut the box is at %q", again.Snapshot().Place())
		}
		again.do(session.Resume{Desk: "a"})
		again.do(session.Close{Desk: "a", Rest: session.Unresolved})
		again.settle()
		list := entered.all()
		if len(list) != 1 || list[0].Stop != "moulin" || list[0].Place != "Salle du Moulin" {
			t.Fatalf("the ledger has %+v; want the permanence at the Moulin", list)
		}
		// The next one is elsewhere.
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		again.do(session.StartPermanence{Desk: "a", Stop: "domicile"})
		if got := again.Snapshot().Place(); got != "À domicile" {
			t.Errorf("the next day the box is at %q; want at somebody's home", got)
		}
	})
}

// TestThePlacesOfAPeriod: what a period releases tells its places apart, and no place
// where hardly anybody came.
func TestThePlacesOfAPeriod(t *testing.T) {
	l, s := openLedger(t), &margin{counted: 40}
	bubble(t, func(b *box) { closing(t, s, l)(b); itinerant(b) }, func(t *testing.T, b *box) {
		b.confirm(thursday)
		for _, held := range []struct {
			stop    string
			tickets int
		}{{"moulin", 6}, {"domicile", 2}, {"gare", 7}} {
			b.do(session.StartPermanence{Desk: "a", Stop: held.stop})
			for range held.tickets {
				b.take()
			}
			b.do(session.Close{Desk: "a", Rest: session.Unresolved})
			b.settle()
			time.Sleep(24 * time.Hour)
			synctest.Wait()
		}
		r, err := b.ClosePeriod(t.Context())
		// Two tickets are not told alone, and with one other place together they would be.
		want := []report.AtPlace{{Place: "Gare", Held: 1, Issued: 7}, {Held: 2, Issued: 8}}
		if err != nil || r.Attendance.Held != 3 || !reflect.DeepEqual(r.Attendance.Places, want) {
			t.Errorf("ClosePeriod() = %+v, %v; want the places %+v", r.Attendance, err, want)
		}
	})
}

// TestAPracticeIsNowhere: what is not counted has no place.
func TestAPracticeIsNowhere(t *testing.T) {
	bubble(t, itinerant, func(t *testing.T, b *box) {
		b.do(session.StartPermanence{Desk: "a", Test: true})
		if got := b.Snapshot().Place(); got != "Centre social des Tilleuls" {
			t.Errorf("a practice is at %q; want the organisation", got)
		}
	})
}

// TestAStopThatIsGone: a site file that was changed takes the name from no permanence.
func TestAStopThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, itinerant)
		b.do(session.StartPermanence{Desk: "a", Stop: "moulin"})
		b.stop()
		again := start(t, log, entered, nil)
		if got := again.Snapshot().Place(); got != "Salle du Moulin" {
			t.Errorf("the box is at %q; want where it was opened", got)
		}
	})
}

// TestABoxThatStays ignores what it has no places for.
func TestABoxThatStays(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.do(session.StartPermanence{Desk: "a", Stop: "moulin"})
		if p := b.Snapshot().Session.Plan; p.Stop != "" || p.Place != "Centre social des Tilleuls" {
			t.Errorf("open at %q (%s)", p.Place, p.Stop)
		}
	})
}
