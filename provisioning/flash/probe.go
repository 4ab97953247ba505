package flash

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// probes is how many places are asked that are spread evenly; more are chosen by their
// distance.
const probes = 24

// A probe finds cards that say more than they have: what is written beyond their end comes
// back empty, or lies over something else. It writes between the end of the image and that
// of the card, reads all back once all is written, and again when the image is written
// too: such a card gives back the last that was written, not the first. The method is that
// of f3 (https://fight-flash-fraud.readthedocs.io).
type probe struct {
	places []int64
	key    [16]byte // what an earlier probe left must not pass for this one's
	bytes  int64    // what the card says it has
}

// newProbe writes to all places.
func newProbe(ctx context.Context, c Card, from, to int64, say func(Progress)) (*probe, error) {
	p := &probe{places: probePlaces(from, to), bytes: to}
	rand.Read(p.key[:])
	buf := aligned(sector)
	for i, at := range p.places {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.mark(buf, at)
		if _, err := c.WriteAt(buf, at); err != nil {
			return nil, p.fake(at)
		}
		say(Progress{StepProbe, int64(i), int64(2 * len(p.places))})
	}
	if err := c.Sync(); err != nil {
		return nil, fmt.Errorf("flash: writing: %w", err)
	}
	if err := c.Forget(); err != nil {
		return nil, fmt.Errorf("flash: reading back: %w", err)
	}
	return p, p.check(ctx, c, say)
}

// check reads back all places, of a card whose memory in this computer was emptied.
func (p *probe) check(ctx context.Context, c Card, say func(Progress)) error {
	buf, back := aligned(sector), aligned(sector)
	for i, at := range p.places {
		if err := ctx.Err(); err != nil {
			return err
		}
		p.mark(buf, at)
		if _, err := c.ReadAt(back, at); err != nil || !bytes.Equal(buf, back) {
			return p.fake(at)
		}
		say(Progress{StepProbe, int64(len(p.places) + i), int64(2 * len(p.places))})
	}
	return nil
}

// fake is what is said of a card that does not keep what was written at a place.
func (p *probe) fake(at int64) error {
	return refuse("flash.card_fake", map[string]any{"claimed": Size(p.bytes), "found": Size(at)})
}

// probePlaces are spread evenly from the first whole sector to the last, and at every
// power of two beyond the first, since a card that counts in a circle mostly does so in
// one of those: all that lie a multiple of it apart are then one place. In order, none
// twice.
func probePlaces(from, to int64) []int64 {
	first, last := (from+sector-1)/sector, to/sector-1
	if last < first {
		return nil
	}
	var places []int64
	for i := range int64(probes) {
		places = append(places, (first+(last-first)*i/(probes-1))*sector)
	}
	for apart := int64(sector); first+apart/sector <= last; apart *= 2 {
		places = append(places, first*sector+apart)
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// mark fills a sector with what only this place has.
func (p *probe) mark(b []byte, at int64) {
	seed := binary.LittleEndian.AppendUint64(p.key[:], uint64(at))
	sum := sha256.Sum256(seed)
	for i := range b {
		if i > 0 && i%len(sum) == 0 {
			sum = sha256.Sum256(sum[:])
		}
		b[i] = sum[i%len(sum)]
	}
}
