package appliance_test

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/appliance"
	"jeudi/firmware/directory"
	"jeudi/firmware/intake"
	"jeudi/firmware/ledger"
	"jeudi/firmware/paper"
	"jeudi/firmware/rights"
	"jeudi/firmware/routing"
	"jeudi/firmware/session"
)

// withSlips gives a box somewhere else to send people to, and a ledger of vouchers.
func withSlips(t *testing.T, vouchers *ledger.Ledger) func(*box) {
	t.Helper()
	rules, err := rights.Default()
	if err != nil {
		t.Fatal(err)
	}
	return func(b *box) {
		b.cfg.Place.Elsewhere = []intake.Place{{Key: "media", Name: "Médiathèque du Pont", Address: "2 quai du Pont", Hours: "mardi, 9 h à 12 h"}}
		b.cfg.Place.Rights = rules
		if vouchers != nil {
			b.cfg.Vouchers = vouchers
		}
	}
}

func openLedger(t *testing.T) *ledger.Ledger {
	t.Helper()
	l, _, err := ledger.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// given is how many vouchers a ledger gave for a place.
func given(t *testing.T, l *ledger.Ledger) (n int) {
	t.Helper()
	counts, err := l.VoucherCounts()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range counts {
		n += c.Given
	}
	return n
}

// said is a text of the catalogue as paper breaks it: its words alone.
func (b *box) said(lang, key string) string {
	return strings.Join(strings.Fields(b.cfg.Words.Text(lang, key, nil)), " ")
}

// slip is the last paper that came out, its words alone.
func (b *box) slip() string {
	time.Sleep(10 * time.Second)
	synctest.Wait()
	all := b.wire.Sheets()
	if len(all) == 0 {
		return ""
	}
	return strings.Join(strings.Fields(all[len(all)-1].Text()), " ")
}

// An orientation slip leads to a place and bears a voucher that can come back.
func TestAnOrientationSlip(t *testing.T) {
	vouchers := openLedger(t)
	bubble(t, withSlips(t, vouchers), func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		time.Sleep(10 * time.Second)
		for _, wrong := range [][]string{nil, {"nowhere"}, {"media", "nowhere"}, {"media", "media", "media", "media"}} {
			if err := b.PrintOrientation(ctx, appliance.Orientation{Places: wrong}); !errors.Is(err, session.ErrUnknownChoice) {
				t.Errorf("PrintOrientation(%q) = %v; want ErrUnknownChoice", wrong, err)
			}
		}
		if err := b.PrintOrientation(ctx, appliance.Orientation{Places: []string{"media"}, Lang: "en"}); err != nil {
			t.Fatal(err)
		}
		text := b.slip()
		list, err := vouchers.Vouchers("media")
		if err != nil || len(list) != 1 || given(t, vouchers) != 1 {
			t.Fatalf("Vouchers(media) = %+v, %v; want one", list, err)
		}
		for _, want := range []string{"Médiathèque du Pont", "2 quai du Pont", list[0].Code[:len(list[0].Code)/2], list[0].Code[len(list[0].Code)/2:]} {
			if !strings.Contains(text, want) {
				t.Errorf("the slip does not say %q:\n%s", want, text)
			}
		}
		a, err := b.Vouchers().ArrivedMany(strings.NewReader(list[0].Code))
		if err != nil || a.New != 1 {
			t.Errorf("ArrivedMany(the code) = %+v, %v; want one that is new", a, err)
		}
		if err := b.PrintPartner(ctx, "media"); err != nil {
			t.Fatal(err)
		}
		if text := b.slip(); !strings.Contains(text, "Médiathèque du Pont") || !strings.Contains(text, list[0].Code[:len(list[0].Code)/2]) {
			t.Errorf("the partner's list = %s; want its name and the code", text)
		}
		if err := b.PrintPartner(ctx, "nowhere"); !errors.Is(err, session.ErrUnknownChoice) {
			t.Errorf("PrintPartner(nowhere) = %v; want ErrUnknownChoice", err)
		}
		for _, e := range b.log.kept() {
			if kind := session.TypeOf(e.Body); strings.Contains(kind, "slip") || strings.Contains(kind, "voucher") {
				t.Errorf("the journal holds %s; want nothing of slips", kind)
			}
		}
	})
}

// A voucher counts as given when its slip is out, or when nobody knows; a slip that
// did not come out counts nowhere.
func TestAVoucherCountsOnceItsSlipIsOut(t *testing.T) {
	for _, tt := range []struct {
		name    string
		printer func(*testing.T) drivers.Printer // nil: one that prints
		want    int
	}{
		{"it came out", nil, 1},
		{"nobody knows", func(*testing.T) drivers.Printer { return faulty{drivers.ErrUnknown} }, 1},
		{"it hangs", func(t *testing.T) drivers.Printer { return hangs{over(t)} }, 1},
		{"no paper", func(*testing.T) drivers.Printer { return faulty{drivers.ErrNoPaper} }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			vouchers := openLedger(t)
			slips := withSlips(t, vouchers)
			synctest.Test(t, func(t *testing.T) {
				b := start(t, &memory{}, &book{}, func(b *box) {
					if slips(b); tt.printer != nil {
						b.cfg.Printer = tt.printer(t)
					}
				})
				if err := b.PrintOrientation(t.Context(), appliance.Orientation{Places: []string{"media"}}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Minute)
				synctest.Wait()
				list, err := vouchers.Vouchers("")
				if got := given(t, vouchers); err != nil || got != tt.want || len(list) != tt.want {
					t.Errorf("%d vouchers given, %d listed, %v; want %d", got, len(list), err, tt.want)
				}
			})
		})
	}
}

// A rehearsal prints slips, stamped, and gives no voucher; nor does a box that
// keeps none.
func TestASlipWithoutVoucher(t *testing.T) {
	vouchers := openLedger(t)
	for _, tt := range []struct {
		name     string
		vouchers *ledger.Ledger
		test     bool
	}{{"a rehearsal", vouchers, true}, {"a box that keeps none", nil, false}} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, withSlips(t, tt.vouchers), func(t *testing.T, b *box) {
				b.do(session.StartPermanence{Desk: "a", Test: tt.test})
				if err := b.PrintOrientation(t.Context(), appliance.Orientation{Places: []string{"media"}}); err != nil {
					t.Fatal(err)
				}
				text := b.slip()
				if !strings.Contains(text, "Médiathèque du Pont") || strings.Contains(text, b.said("fr", "voucher.title")) || strings.Contains(text, "ESSAI") != tt.test {
					t.Errorf("the slip = %s; want the place, no voucher, ESSAI %v", text, tt.test)
				}
			})
			if got := given(t, vouchers); got != 0 {
				t.Errorf("%d vouchers given; want none", got)
			}
		})
	}
}

// At the kiosk the result goes on the slip where the visitor says yes, and only
// there.
func TestASlipFromTheKiosk(t *testing.T) {
	for _, with := range []string{"yes", "no"} {
		t.Run(with, func(t *testing.T) {
			vouchers := openLedger(t)
			bubble(t, withSlips(t, vouchers), func(t *testing.T, b *box) {
				b.open()
				b.press("fr", "caf", "questions", "no", "more", "lire", "done") // no Internet: what is hard is asked alone
				b.shows(intake.Result)
				b.press("places", "place_media", "print", with)
				text := b.slip()
				if !strings.Contains(text, "Médiathèque du Pont") || given(t, vouchers) != 1 {
					t.Errorf("the slip = %s, %d vouchers; want the place, one", text, given(t, vouchers))
				}
				for _, key := range []string{"voucher.level.remote", "voucher.frein.lire"} {
					if got := strings.Contains(text, b.said("fr", key)); got != (with == "yes") {
						t.Errorf("the slip says %q: %v; want %v:\n%s", b.said("fr", key), got, with == "yes", text)
					}
				}
			})
		})
	}
}

// The ticket in large letters is a copy, once.
func TestTheTicketInLargeLetters(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.press("en", "caf")
		time.Sleep(10 * time.Second)
		small := len(b.slip())
		b.press("my_ticket", "large")
		time.Sleep(time.Second)
		b.press("large") // is not there any more
		if text := b.slip(); !strings.Contains(text, "Copie") || len(text) == small {
			t.Errorf("the paper = %s; want the ticket as a copy", text)
		}
		if got := len(b.paper("01 23 45")); got != 2 {
			t.Errorf("%d tickets; want the first and one copy", got)
		}
		if v := b.visit(1); v.Paper != session.Printed {
			t.Errorf("the ticket is %q; want printed as before", v.Paper)
		}
	})
}

// A site that says so prints tickets of one part.
func TestAShortTicket(t *testing.T) {
	for _, short := range []bool{false, true} {
		bubble(t, func(b *box) { b.cfg.Place.ShortTicket = short }, func(t *testing.T, b *box) {
			b.open()
			b.press("fr", "caf")
			if text := b.slip(); strings.Contains(text, b.said("fr", "charter.title")) == short || !strings.Contains(text, b.said("fr", "paper.tip_1")) {
				t.Errorf("short %v: the ticket = %s; want the tips, the promises only on the long one", short, text)
			}
		})
	}
}

// What was done today is told in closed lists: another key is refused, and nothing
// comes out.
func TestTheSlipOfToday(t *testing.T) {
	bubble(t, withSlips(t, nil), func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		time.Sleep(10 * time.Second)
		before := len(b.wire.Sheets())
		for name, wrong := range map[string]error{
			"done":  b.PrintToday(ctx, paper.TodayData{Done: []string{"call", "danced"}}, ""),
			"bring": b.PrintToday(ctx, paper.TodayData{Bring: []string{"cake"}}, ""),
			"next":  b.PrintToday(ctx, paper.TodayData{}, "nowhere"),
		} {
			if !errors.Is(wrong, session.ErrUnknownChoice) {
				t.Errorf("PrintToday(an unknown %s) = %v; want ErrUnknownChoice", name, wrong)
			}
		}
		time.Sleep(10 * time.Second)
		if got := len(b.wire.Sheets()); got != before {
			t.Errorf("%d papers came out of what was refused; want none", got-before)
		}
		err := b.PrintToday(ctx, paper.TodayData{Lang: "en", Done: []string{"call"}, Bring: []string{"identity"}, Who: session.SocialWorker,
			Deadline: time.Date(2000, 12, 1, 0, 0, 0, 0, time.UTC)}, "media")
		if err != nil {
			t.Fatal(err)
		}
		text := b.slip()
		for _, want := range []string{b.said("fr", "slip.done.call"), b.said("en", "slip.done.call"), b.said("fr", "slip.bring.identity"),
			b.said("fr", "slip.who.travailleur_social"), "Médiathèque du Pont", "Centre social des Tilleuls"} {
			if !strings.Contains(text, want) {
				t.Errorf("the slip does not say %q:\n%s", want, text)
			}
		}
	})
}

// A list of rights names benefits and whom to ask, and no more; one that no rule has
// is refused.
func TestTheListOfRights(t *testing.T) {
	bubble(t, withSlips(t, nil), func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		for _, wrong := range [][]string{nil, {"lottery"}, {"rsa", "lottery"}} {
			if err := b.PrintRights(ctx, "fr", wrong, false); !errors.Is(err, session.ErrUnknownChoice) {
				t.Errorf("PrintRights(%q) = %v; want ErrUnknownChoice", wrong, err)
			}
		}
		if err := b.PrintRights(ctx, "en", []string{"rsa", "c2s"}, true); err != nil {
			t.Fatal(err)
		}
		text := b.slip()
		for _, want := range []string{"rights.rule.rsa", "rights.rule.c2s", "rights.who.ccas", "rights.who.cpam"} {
			if !strings.Contains(text, b.said("fr", want)) {
				t.Errorf("the list does not say %q:\n%s", b.said("fr", want), text)
			}
		}
		b.do(session.Close{Desk: "a"})
		if got := b.Snapshot().Report.Rights; got != 1 {
			t.Errorf("the closing report has %d lists of rights; want 1", got)
		}
		if not := b.said("fr", "rights.rule.aah"); strings.Contains(text, not) || strings.Contains(text, "€") {
			t.Errorf("the list says %q, or a sum; want what was asked for alone:\n%s", not, text)
		}
	})
}

// A rule that the site turned off is not printed, and one of its own bears its
// name.
func TestTheListOfRightsOfASite(t *testing.T) {
	rules, err := rights.Parse(bytes.Replace(rights.DefaultText(), []byte(`"id": "asf"`), []byte(`"id": "bourse_ville", "nom": {"fr": "La bourse de la ville"}`), 1))
	if err != nil {
		t.Fatal(err)
	}
	rules, unknown := rules.Without("rsa")
	if unknown != nil {
		t.Fatalf("Without(rsa) does not know %q", unknown)
	}
	bubble(t, func(b *box) { b.cfg.Place.Rights = rules }, func(t *testing.T, b *box) {
		b.open()
		if err := b.PrintRights(t.Context(), "fr", []string{"rsa"}, false); !errors.Is(err, session.ErrUnknownChoice) {
			t.Errorf("PrintRights(one that is off) = %v; want ErrUnknownChoice", err)
		}
		if err := b.PrintRights(t.Context(), "en", []string{"bourse_ville"}, false); err != nil {
			t.Fatal(err)
		}
		if text := b.slip(); !strings.Contains(text, "La bourse de la ville") || strings.Contains(text, "bourse_ville") {
			t.Errorf("the list = %s; want the site's own name", text)
		}
	})
}

// What becomes of a slip says nothing of the closing report, and one that waited
// too long would come out for somebody else.
func TestSlipsAndTheReport(t *testing.T) {
	bubble(t, withSlips(t, nil), func(t *testing.T, b *box) {
		slip := func() {
			t.Helper()
			if err := b.PrintOrientation(t.Context(), appliance.Orientation{Places: []string{"media"}}); err != nil {
				t.Fatal(err)
			}
		}
		b.open()
		time.Sleep(10 * time.Second)
		b.wire.Set(drivers.CoverOpen, true)
		time.Sleep(10 * time.Second)
		b.do(session.Close{Desk: "a"})
		time.Sleep(20 * time.Second)
		if !b.Snapshot().Lost {
			t.Fatal("the report did not come out, and nobody knows")
		}
		b.wire.Set(drivers.CoverOpen, false)
		time.Sleep(10 * time.Second)
		slip()
		if text := b.slip(); !strings.Contains(text, "Médiathèque du Pont") || !b.Snapshot().Lost {
			t.Errorf("after a slip (%.40s) Lost = %v; want the report lost still", text, b.Snapshot().Lost)
		}
		if err := b.ReprintReport(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		b.wire.Set(drivers.CoverOpen, true)
		slip()
		time.Sleep(20 * time.Second)
		if b.Snapshot().Lost {
			t.Error("a slip that did not come out is taken for the report")
		}
	})
}

// crowded is a directory with more places than are shown.
func crowded(t *testing.T) *directory.Store {
	t.Helper()
	store, err := directory.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	for _, name := range []string{"Espace Un", "Espace Deux", "Espace Trois", "Espace Quatre"} {
		p := directory.Place{Name: name, Town: "Lyon", Postcode: "69001", Address: "3 rue du Pont", Phone: "+33472000000",
			Hours: "Mo-Su,PH 00:00-02:00", Way: "Sonnez à droite.", Point: &directory.Point{Lat: 45.76, Lon: 4.83}, Fees: []string{"gratuit"}}
		if _, _, err := store.Put(p, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			t.Fatalf("Put(%s) = %v", name, err)
		}
	}
	return store
}

// A place that the site names for a motif is proposed to who comes for it, first, and
// to nobody else; who said no motif sees all of them, and one place at least is the
// site's own, however many the directory has.
func TestPlacesForAMotif(t *testing.T) {
	all, loans, others := intake.Place{Key: "all", Name: "Mairie"}, intake.Place{Key: "loans", Name: "Ressourcerie"}, intake.Place{Key: "others", Name: "Boutique"}
	serves := map[string][]string{"loans": {"banque", "caf"}, "others": {"logement"}}
	store := crowded(t)
	for _, tt := range []struct {
		name      string
		elsewhere []intake.Place
		directory bool
		shut      bool // there is no motif then
		motif     string
		want      []string // « * » is one of the directory
	}{
		{name: "its own motif first", elsewhere: []intake.Place{all, loans, others}, motif: "caf", want: []string{"loans", "all"}},
		{name: "no motif", elsewhere: []intake.Place{all, loans, others}, motif: "skip", want: []string{"all", "loans", "others"}},
		{name: "shut, and every place has its motifs", elsewhere: []intake.Place{loans, others}, shut: true, want: []string{"loans", "others"}},
		{name: "the directory between them", elsewhere: []intake.Place{all, loans}, directory: true, motif: "caf", want: []string{"loans", "*", "*"}},
		{name: "the directory leaves one to the site", elsewhere: []intake.Place{all, others}, directory: true, motif: "caf", want: []string{"*", "*", "all"}},
		{name: "shut, and the directory", elsewhere: []intake.Place{loans, others}, directory: true, shut: true, want: []string{"*", "*", "loans"}},
		{name: "none is for this motif", elsewhere: []intake.Place{others}, directory: true, motif: "caf", want: []string{"*", "*", "*"}},
		{name: "the site names none", directory: true, motif: "caf", want: []string{"*", "*", "*"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(b *box) {
				b.cfg.Place.Elsewhere, b.cfg.Place.Serves = tt.elsewhere, serves
				b.cfg.Place.Here = &directory.Point{Lat: 45.761, Lon: 4.83}
				if tt.directory {
					b.cfg.Place.Directory = store.Current
				}
			}, func(t *testing.T, b *box) {
				if tt.shut {
					time.Sleep(4 * time.Hour) // the hours are over
					b.press("fr")
					b.shows(intake.Shut)
				} else {
					b.open()
					b.press("fr", tt.motif, "questions", "no", "more", "lire", "done")
				}
				b.press("places")
				var got []string
				for _, c := range b.screen().Choices {
					key := strings.TrimPrefix(c.Key, "place_")
					if !slices.Contains([]string{"all", "loans", "others"}, key) {
						key = "*"
					}
					got = append(got, key)
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("places = %q; want %q", got, tt.want)
				}
			})
		})
	}
}

// The site says what it has: what it lacks is sought elsewhere, and nothing is
// promised that is not there.
func TestEquipmentOfTheSite(t *testing.T) {
	bubble(t, func(b *box) { b.cfg.Place.Equipment = []routing.Material{routing.Printer} }, func(t *testing.T, b *box) {
		s := b.Snapshot()
		if got := s.Context(s.Kiosk).Equipment; !slices.Equal(got, []routing.Material{routing.Printer}) {
			t.Errorf("Context().Equipment = %q; want the printer alone", got)
		}
	})
}

// The directory comes before the places that the site names for all, of which one has
// its place, and three are shown.
func TestPlacesOfTheDirectory(t *testing.T) {
	store := crowded(t)
	slips := withSlips(t, nil)
	var asked atomic.Int32
	bubble(t, func(b *box) {
		slips(b)
		b.cfg.Place.Directory = func() *directory.Directory { asked.Add(1); return store.Current() }
		b.cfg.Place.Here = &directory.Point{Lat: 45.761, Lon: 4.83}
	}, func(t *testing.T, b *box) {
		b.open()
		for _, key := range strings.Fields("fr caf questions no more lire") {
			if b.press(key); asked.Load() > 0 {
				t.Fatalf("%q asked the directory; want only a screen that names places to", key)
			}
		}
		b.press("done")
		b.shows(intake.Result)
		b.press("places")
		b.shows(intake.Places)
		s := b.Snapshot()
		list := s.Context(s.Kiosk).Places
		if len(list) != 3 {
			t.Fatalf("%d places; want three", len(list))
		}
		if list[2].Key != "media" {
			t.Errorf("the third place is %s; want the site's own", list[2].Name)
		}
		for _, p := range list[:2] {
			if !strings.HasPrefix(p.Name, "Espace ") || p.Phone != "04 72 00 00 00" || p.How != "Sonnez à droite." || p.Open.Key != "places.open_until" ||
				p.Metres < 100 || p.Metres > 120 || p.Metres%10 != 0 || p.Address != "3 rue du Pont, 69001 Lyon" || strings.Contains(p.Hours, "\n") {
				t.Errorf("place = %+v; want what the directory says of it, in words", p)
			}
		}
	})
}
