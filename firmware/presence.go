package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/session"
	"jeudi/provisioning/hotspot"
	"jeudi/provisioning/steward"
)

// presence is where the box is on a network: what the steward says, or on a machine
// without one what its own interfaces are. Its goroutine writes, pages read.
type presence struct {
	// asked is the steward's answer; steward.ErrNone where there is none.
	asked func(context.Context, hotspot.Args) (hotspot.Status, error)
	log   *slog.Logger
	last  atomic.Pointer[hotspot.Status]
	said  string // the last error in the log; of the one goroutine
}

// presenceOf asks the steward behind a socket.
func presenceOf(c *steward.Client, log *slog.Logger) *presence {
	return &presence{log: log, asked: func(ctx context.Context, args hotspot.Args) (s hotspot.Status, err error) {
		err = c.Do(ctx, steward.VerbNetwork, args, &s, nil)
		return s, err
	}}
}

const (
	// askNetwork is how often the steward is asked while nothing else happens.
	askNetwork = 10 * time.Second
	// keepNetwork is how long after a closing the permanence's network stays: its report
	// is read on phones, and printed again if the paper was out. Pairings end before.
	keepNetwork = 5 * time.Minute
)

// now is what was last heard; the zero Status on a machine without a steward.
func (p *presence) now() hotspot.Status {
	if p == nil {
		return hotspot.Status{}
	}
	if s := p.last.Load(); s != nil {
		return *s
	}
	return hotspot.Status{}
}

// address is the box's own address on its network, invalid while it has none.
func (p *presence) address() netip.Addr {
	if s := p.now(); s.Mode != "" {
		return s.Address
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return netip.Addr{}
	}
	return ownAddress(addrs)
}

// ownAddress is the first address that others may reach.
func ownAddress(addrs []net.Addr) netip.Addr {
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			if ip := prefix.Addr(); ip.Is4() && !ip.IsLoopback() && !ip.IsLinkLocalUnicast() {
				return ip
			}
		}
	}
	return netip.Addr{}
}

// follow asks the steward until the context ends, at once when a permanence begins or
// is over; changed is told that screens have something else to say.
func (p *presence) follow(ctx context.Context, snapshots <-chan *appliance.Snapshot, changed func()) {
	tick := time.NewTicker(askNetwork)
	defer tick.Stop()
	var (
		known bool   // whether there is a permanence: asked before, a network would begin anew
		under string // the one that the network is for
		over  <-chan time.Time
	)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if !known {
				continue
			}
		case <-over:
			under, over = "", nil
		case b := <-snapshots:
			id := permanenceMark(&b.Session)
			if id != "" {
				over = nil
			}
			switch {
			case known && (id == under || id == "" && over != nil):
				continue
			case known && id == "":
				over = time.After(keepNetwork)
				continue
			}
			known, under = true, id
		}
		p.ask(ctx, under, changed)
	}
}

// ask tells the steward which permanence goes on, and hears where the box is.
func (p *presence) ask(ctx context.Context, under string, changed func()) {
	s, err := p.asked(ctx, hotspot.Args{For: under})
	switch {
	case ctx.Err() != nil:
		return
	case errors.Is(err, steward.ErrNone):
		return // a laptop, or a steward that is not up yet
	case err != nil:
		if p.said != err.Error() {
			p.said = err.Error()
			p.log.Warn("the network is not known", "err", err)
		}
		return
	}
	p.said = ""
	if p.now() != s {
		p.last.Store(&s)
		changed()
	}
}

// permanenceMark names a permanence to the steward, who learns nothing else of it; ""
// without one.
func permanenceMark(s *session.State) string {
	switch s.Status {
	case session.Planned, session.Open, session.Paused:
	default:
		return ""
	}
	if s.Plan.ID.IsZero() {
		return ""
	}
	sum := sha256.Sum256(append([]byte("network "), s.Plan.ID[:]...))
	return hex.EncodeToString(sum[:8])
}
