package web

import (
	"context"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"jeudi/firmware/appliance"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
)

// The keys of the sheets that wait are kept by the phones of the staff: a card that is
// stolen holds none. They go over the staff's listener alone, which has TLS, to paired
// phones whose role keeps them, in bodies and never in an address. The box's own machine
// is given none: what its browser keeps lies on the card.

// escrowView is who keeps the keys, and what waits for one. It holds none.
type escrowView struct {
	Box     string       `json:"box"` // a phone may keep keys of several boxes under one address
	Sealed  bool         `json:"sealed"`
	Mark    string       `json:"mark"` // another when a phone should ask what is to be kept
	Holders int          `json:"holders"`
	OnPaper bool         `json:"on_paper"` // a drawer ticket of now has every key
	Paper   string       `json:"paper"`    // what became of the newest drawer ticket
	Print   bool         `json:"print"`    // the box has a key to print
	Locked  []lockedView `json:"locked"`
}

// lockedView is a batch that waits for its key.
type lockedView struct {
	Kind  string `json:"kind"`
	Batch string `json:"batch"`
	Text  string `json:"text"`
}

func (s *Server) escrow(b *appliance.Snapshot) escrowView {
	k := b.Keys
	v := escrowView{Box: b.Box(), Sealed: len(k.Batches) > 0, Holders: k.Holders(), OnPaper: k.OnPaper(), Paper: string(k.Paper), Locked: []lockedView{}}
	if k.Paper == session.NoPaper {
		v.Paper = "none"
	}
	var marks []string
	for _, batch := range k.Batches {
		mark := batch.Kind.String() + strconv.FormatUint(batch.Batch, 10)
		if batch.Locked {
			mark += "!"
			if batch.Waiting > 0 {
				text := s.text("escrow.waiting."+batch.Kind.String(), map[string]any{"n": batch.Waiting})
				if batch.Full {
					text += " " + s.text("escrow.full", nil)
				}
				v.Locked = append(v.Locked, lockedView{batch.Kind.String(), strconv.FormatUint(batch.Batch, 10), text})
			}
		} else {
			v.Print = true
		}
		marks = append(marks, mark)
	}
	v.Mark = strings.Join(marks, " ")
	return v
}

// escrowBars are what staff should know of the keys now: calmly, for nothing is lost yet.
func (s *Server) escrowBars(b *appliance.Snapshot, who pair.Session) []banner {
	if !who.Role.May(pair.Escrow) {
		return nil
	}
	see := []map[string]any{{"do": "local_escrow", "label": s.text("banner.escrow_see", nil)}}
	if v := s.escrow(b); len(v.Locked) > 0 {
		return []banner{{"escrow_waiting", "info", s.text("banner.escrow_waiting", map[string]any{"what": v.Locked[0].Text}), see}}
	}
	if b.Keys.Paper == session.Unprinted {
		again := map[string]any{"do": "key_print", "label": s.text("banner.escrow_print", nil)}
		return []banner{{"escrow_unprinted", "warn", s.text("desk.escrow_unprinted", nil), []map[string]any{again}}}
	}
	if b.Keys.Spare() {
		return []banner{{"escrow_spare", "info", s.text("banner.escrow_spare", nil), see}}
	}
	return nil
}

// staffDevices is what the server knows of phones by the names that they gave themselves.
// It has a mutex because every request has its own goroutine. Nothing of it is kept.
type staffDevices struct {
	mu   sync.Mutex
	of   map[pair.ID]string
	lost map[string]bool // to erase their keys when they come
}

// here notes the device of a pairing: whoever was connected again is not lost.
func (d *staffDevices) here(id pair.ID, device string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.of == nil {
		d.of = make(map[pair.ID]string)
	}
	d.of[id] = device
	delete(d.lost, device)
}

// lose notes that the device of a pairing is lost, or, for pairing 0, any of them.
func (d *staffDevices) lose(id pair.ID) (devices []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost == nil {
		d.lost = make(map[string]bool)
	}
	for of, device := range d.of {
		if id == 0 || of == id {
			devices, d.lost[device] = append(devices, device), true
		}
	}
	return devices
}

func (d *staffDevices) isLost(device string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lost[device]
}

// deviceName reports whether a text is a device's name for itself: 16 hexadecimal digits.
func deviceName(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && len(text) == 16
}

// heldKey names a key as a phone says that it has it.
type heldKey struct {
	Kind  string `json:"kind"`
	Batch string `json:"batch"` // of 64 bits: more than a number of JSON holds
	Text  string `json:"text,omitempty"`
}

func (k heldKey) id() (appliance.KeyID, bool) {
	n, err := strconv.ParseUint(k.Batch, 10, 64)
	for _, kind := range sheet.Kinds() {
		if kind.String() == k.Kind && err == nil {
			return appliance.KeyID{Kind: kind, Batch: n}, true
		}
	}
	return appliance.KeyID{}, false
}

func named(list []appliance.KeyID) []heldKey {
	out := []heldKey{}
	for _, id := range list {
		out = append(out, heldKey{Kind: id.Kind.String(), Batch: strconv.FormatUint(id.Batch, 10)})
	}
	return out
}

// postEscrow is what a phone and the box tell each other of keys: what it has, and what
// it gives back because it was wanted; then what is to be kept, wanted and forgotten.
func (s *Server) postEscrow(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Device string    `json:"device"`
		Has    []heldKey `json:"has"`
		Back   []string  `json:"back"`
	}
	if !read(w, r, &in) {
		return
	}
	who, _ := guard.Who(r.Context())
	if who.ID == 0 { // this machine
		s.refused(w, pair.ErrRole)
		return
	}
	e := appliance.Exchange{Device: in.Device, Back: in.Back}
	for _, k := range in.Has {
		if id, ok := k.id(); ok {
			e.Has = append(e.Has, id)
		}
	}
	if !deviceName(in.Device) {
		s.answer(w, session.Answer{}, session.ErrUnknownChoice)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	got, err := s.cfg.Box.ExchangeKeys(ctx, e)
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	s.phonesOf.here(who.ID, in.Device)
	out := struct {
		Keys   []heldKey `json:"keys"`
		Wanted []heldKey `json:"wanted"`
		Forget []heldKey `json:"forget"`
	}{[]heldKey{}, named(got.Wanted), named(got.Forget)}
	for _, k := range got.Keys {
		out.Keys = append(out.Keys, heldKey{k.Kind.String(), strconv.FormatUint(k.Batch, 10), k.Text})
	}
	reply(w, http.StatusOK, out)
}

// postLost tells a phone that nobody has paired whether staff said that it is lost. It
// tells nothing else, and nobody who does not know a phone's own name.
func (s *Server) postLost(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Device string `json:"device"`
	}
	if read(w, r, &in) {
		reply(w, http.StatusOK, map[string]bool{"erase": s.phonesOf.isLost(in.Device)})
	}
}

// lose is said of a device that may be in other hands.
func (s *Server) lose(ctx context.Context, who pair.ID) error {
	devices := s.phonesOf.lose(who)
	if who != 0 && len(devices) == 0 {
		return nil // it never kept a key
	}
	if who == 0 {
		devices = nil // all, and those of before this start
	}
	return s.cfg.Box.LoseDevices(ctx, slices.Compact(slices.Sorted(slices.Values(devices)))...)
}

// sealed is what a desk may do with the keys; ok is false when it is nothing of it.
func (s *Server) sealed(ctx context.Context, o deskOrder) (run func() error, ok bool) {
	box := s.cfg.Box
	switch o.Do {
	case "key_type":
		return func() error { return box.TypeKey(ctx, o.Key) }, true
	case "key_print":
		return func() error { return box.PrintDrawer(ctx) }, true
	case "key_abandon":
		return func() error {
			id, known := heldKey{Kind: o.Key, Batch: strconv.FormatUint(o.Call, 10)}.id()
			if !known {
				return session.ErrUnknownChoice
			}
			return box.AbandonSheets(ctx, id)
		}, true
	}
	return nil, false
}
