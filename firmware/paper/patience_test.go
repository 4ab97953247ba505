package paper

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
	"jeudi/firmware/selftest"
)

// deadline is when whoever prints takes a printer for hung. The driver must have
// given up before.
const deadline = 3 * time.Minute

// printings are all that is printed, the longest of each kind.
func printings(t *testing.T) map[string]drivers.Document {
	w := spoken(t)
	arabic := ticket()
	arabic.Lang, arabic.RulesLang = "ar", "خذ تذكرة. المساعدة مجانية."
	arabic.Copy = true
	return map[string]drivers.Document{
		"ticket in Arabic": Ticket(w, arabic),
		"ticket in French": Ticket(w, ticket()),
		"orientation":      Orientation(w, orientation("ar")),
		"opening":          Opening(w, opening()),
		"closing":          Closing(w, closing()),
		"new roll":         NewRoll(w),
		"test ticket":      TestTicket(w, TestTicketData{Place: "Centre social Les Tilleuls", Number: 47, At: at(11, 26, 8, 40), Languages: w.Languages()}),
		"self test":        SelfTest(w, "Centre social Les Tilleuls", selftest.Report{}),
	}
}

// A printer that answers nothing is given the time that a slow one takes: on a slow
// line that of its bytes, on USB hardly more than that of its paper.
func TestAMutePrinterIsGivenItsTime(t *testing.T) {
	for name, doc := range printings(t) {
		for _, known := range escpos.Profiles() {
			p, _ := escpos.ProfileNamed(known)
			p.Answers = escpos.AnswersNothing
			job := escpos.NewComposer(p).Compose(doc)
			usb := 3*time.Second + time.Duration(job.Length)*time.Second/45
			for baud, most := range map[int]time.Duration{9600: 2 * time.Minute, 0: usb} {
				if name == "ticket in Arabic" && p.Dots == 576 && (len(job.Bytes) < 25_000 || job.Length < 150) {
					t.Errorf("%s: %d bytes on %d mm; want the long one that this test is about", name, len(job.Bytes), job.Length)
				}
				if p.Name == "csn-a2" && baud == 0 {
					continue // it has none
				}
				p.Baud = baud
				synctest.Test(t, func(t *testing.T) {
					w := sim.NewWire(p, 1, sim.Quirks{Baud: baud, NoRealtime: true, NoMarker: true, NoFinished: true, NoStatus: true})
					pr := escpos.New(w, p)
					defer pr.Close()
					began := time.Now()
					_, err := pr.Print(t.Context(), doc)
					if took := time.Since(began); !errors.Is(err, drivers.ErrUnknown) || took > most {
						t.Errorf("%s, %s, %d baud, %d bytes on %d mm: Print() = %v after %v; want unknown within %v", name, p.Name, baud, len(job.Bytes), job.Length, err, took, most)
					} else if len(w.Sheets()) == 0 && w.Hanging().Blank() {
						t.Errorf("%s, %s, %d baud: nothing is on paper", name, p.Name, baud)
					}
				})
			}
		}
	}
}

// Whatever happens to a printer on a slow line, Print returns before its caller
// takes it for hung.
func TestPrintReturnsBeforeItCountsAsHung(t *testing.T) {
	all := printings(t)
	for _, name := range []string{"ticket in Arabic", "test ticket"} { // the longest to send
		doc := all[name]
		for _, p := range []escpos.Profile{escpos.Generic80(), escpos.CSNA2()} {
			for _, quirks := range []sim.Quirks{{}, {NoFinished: true, NoDiscard: true, NoRecover: true}, {NoFinished: true, NoMarker: true, NoStatus: true, NoDiscard: true}} {
				for _, fault := range []drivers.Status{drivers.Mute, drivers.NoPaper} {
					for _, lines := range []int{8} {
						quirks.Baud, p.Baud = 9600, 9600
						synctest.Test(t, func(t *testing.T) {
							w := sim.NewWire(p, 1, quirks)
							pr := escpos.New(w, p)
							defer pr.Close()
							what := fmt.Sprintf("%s, %s, %+v, %v after %d lines", name, p.Name, quirks, fault, lines)
							w.FailAfter(lines, fault)
							for _, which := range []string{"", "the next "} { // which clears first
								began := time.Now()
								_, err := pr.Print(t.Context(), doc)
								if took := time.Since(began); took > deadline-10*time.Second {
									t.Errorf("%s: %sPrint() = %v after %v; want it before %v", what, which, err, took, deadline)
								}
								if fault == drivers.NoPaper {
									w.Set(fault, false)
								}
							}
						})
					}
				}
			}
		}
	}
}
