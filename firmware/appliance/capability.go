package appliance

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"

	"jeudi/firmware/paper"
	"jeudi/firmware/session"
)

// The capability of a ticket opens its page on the visitor's phone, and nothing
// else: 128 bits, made of the visit's identity under the permanence's own, which is
// drawn for it, and which no view, log or paper shows. Both are in the journal, so
// that a ticket printed before a power cut still opens its page after it, and are
// gone with it at the closing: nothing is kept for this.

// capabilityBytes is how long a capability is; in text it has 22 characters.
const capabilityBytes = 16

// Capability is what the ticket of a visit opens its page with; "" without a
// permanence.
func (s *Snapshot) Capability(v *session.Visit) string {
	if s.Session.Plan.ID.IsZero() {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(s.mark(v.ID))
}

func (s *Snapshot) mark(visit session.ID) []byte {
	m := hmac.New(sha256.New, s.Session.Plan.ID[:])
	m.Write([]byte("ticket "))
	m.Write(visit[:])
	return m.Sum(nil)[:capabilityBytes]
}

// CallMark is what displays know a call by. The numbers of events begin again with each
// permanence and its times may be corrected: the mark is of this call alone, and stays.
func (s *Snapshot) CallMark(call uint64) string {
	m := hmac.New(sha256.New, s.Session.Plan.ID[:])
	fmt.Fprintf(m, "call %d", call)
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:9])
}

// Holder is the visit that a capability is of, while the permanence lasts.
func (s *Snapshot) Holder(capability string) (*session.Visit, bool) {
	mark, err := base64.RawURLEncoding.Strict().DecodeString(capability)
	if err != nil || len(mark) != capabilityBytes || !s.lasts() || s.Session.Plan.ID.IsZero() {
		return nil, false
	}
	for v := range s.Session.Visits() {
		if hmac.Equal(mark, s.mark(v.ID)) {
			return v, true
		}
	}
	return nil, false
}

// Ticket is a visit by its identity, while the permanence lasts.
func (s *Snapshot) Ticket(visit session.ID) (*session.Visit, bool) {
	if !s.lasts() {
		return nil, false
	}
	return s.Session.Visit(visit)
}

// lasts reports whether there is a permanence with people of its own.
func (s *Snapshot) lasts() bool {
	switch s.Session.Status {
	case session.Planned, session.Open, session.Paused:
		return true
	}
	return false
}

// visitorPage is where the page of a ticket is for visitors' phones.
func (p *Place) visitorPage() string {
	if p.VisitorPage == nil {
		return ""
	}
	return p.VisitorPage()
}

// ticketLink is the address of a visit's own page, for the QR code of its ticket;
// "" where visitors' phones do not reach the box.
func (s *Snapshot) ticketLink(v *session.Visit) string {
	page, capability := s.place.visitorPage(), s.Capability(v)
	if page == "" || capability == "" {
		return ""
	}
	return page + "#" + capability
}

// Slip is the orientation slip that was printed for a visit, as its phone may read
// it: where to go. What the person said of themselves and the codes of the vouchers
// are on the paper alone. It is in memory until the visit ends.
type Slip struct{ Places []paper.Place }

// keepSlip keeps a slip for the phone of the visit it was printed for, if that has
// not ended and phones reach the box. The newest takes the place of the one before.
func (d *draft) keepSlip(visit session.ID, places []paper.Place) {
	if v, ok := d.Session.Visit(visit); !ok || v.State() == session.Done || !d.lasts() || d.place.visitorPage() == "" {
		return
	}
	s := Slip{Places: make([]paper.Place, len(places))}
	for i, p := range places {
		p.Code = ""
		s.Places[i] = p
	}
	d.Slips = with(d.Slips, visit, &s)
}

// forgetSlips forgets the slips of visits that have ended.
func (d *draft) forgetSlips() {
	for visit := range d.Slips {
		if v, ok := d.Session.Visit(visit); ok && v.State() != session.Done && d.lasts() {
			continue
		}
		d.Slips = maps.Clone(d.Slips)
		delete(d.Slips, visit)
	}
}
