package proof

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jeudi/provisioning/card"
)

// bounded gives each answer that speak waits for half a minute: a box whose card is out may
// never answer, and no program that bounds it can be started.
const bounded = "read() { builtin read -t 30 \"$@\"; }\n"

// An order is what became of one « take a ticket ».
type order struct {
	number  int    // of the ticket, where the box said yes
	refused string // the sentence, where it said no
}

// asks takes tickets one after the other, whatever the answers are, and tells each. An error
// is the shell's: the box is off, or does not even start a program any more.
func (b *bench) asks(tickets int, tell func(order)) (all []order, err error) {
	b.t.Helper()
	script := speak + bounded
	for range tickets {
		b.ids++
		script += fmt.Sprintf("ask POST /api/tickets '{\"id\":\"%016x%016x\",\"motif\":\"caf\",\"lang\":\"fr\"}' 2>/dev/null || echo nobody listens\n", b.prefix, b.ids)
	}
	_, err = b.Shell.Watch(b.within(), script, func(line string) {
		var o order
		switch status, body, _ := strings.Cut(strings.TrimPrefix(line, "HTTP/1.1 "), " {"); {
		case line == "":
			return
		case strings.TrimSpace(line) == "":
			o.refused = "nobody answers"
		case strings.HasPrefix(status, "200"):
			var is struct{ Number int }
			if err := json.Unmarshal([]byte("{"+body), &is); err != nil || is.Number == 0 {
				b.t.Errorf("a ticket's answer is %q, %v", line, err)
			}
			o.number = is.Number
		default:
			o.refused = line
		}
		all = append(all, o)
		tell(o)
	})
	return all, err
}

// notKept is what people read while the card takes nothing: refuse.not_kept.
const notKept = "Rien n’est enregistré\u00a0: la carte refuse d’écrire."

// TestPulledCard is case 54: in the middle of a morning the card takes no more writes, and
// then it is pulled out. Nobody is given a ticket that is not there once it is back.
func TestPulledCard(t *testing.T) {
	lengthy(t, "it starts a card twice")
	const before, whole = 10, 30
	image := theCard(t, theSite(false), 64<<20)
	b := on(t, image, Power{NoKiosk: true})
	b.healthy()
	b.order("open")
	const ill = `case $(ask GET /api/care '' 2>/dev/null) in *" 200 "*"La carte mémoire"*) true ;; *) false ;; esac`
	if out := b.must(speak + ill + " && echo yes || echo no"); strings.TrimSpace(out) != "no" {
		t.Fatalf("a card that is well: « Boîtier » says that it is ill: %q", b.must(speak+"ask GET /api/care ''"))
	}

	// Between two answers of a row of orders the card begins to refuse.
	var held []int
	orders, err := b.asks(whole, func(o order) {
		if o.number == 0 {
			return
		}
		if held = append(held, o.number); len(held) == before {
			if err := b.refuse(); err != nil {
				t.Fatal(err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	first := slices.IndexFunc(orders, func(o order) bool { return o.number == 0 })
	if len(orders) != whole || first < before {
		t.Fatalf("%d of %d orders were answered, the first no is number %d; want all, and %d yes before it: %v", len(orders), whole, first+1, before, orders)
	}
	for _, o := range orders[first:] {
		if o.number != 0 || !strings.HasPrefix(o.refused, "HTTP/1.1 503 ") || !strings.Contains(o.refused, notKept) {
			t.Errorf("a card that refuses: the box answers %+v; want 503, %q", o, notKept)
		}
	}
	if said := b.must(speak + fmt.Sprintf(`ask POST /api/desk '{"id":"%032x","desk":"1","do":"next"}'`, 54)); !strings.HasPrefix(said, "HTTP/1.1 503 ") || !strings.Contains(said, notKept) {
		t.Errorf("a card that refuses: the desk's « next » is answered %q; want 503, %q", said, notKept)
	}
	b.until("« Boîtier » says that the card is ill", ill)
	t.Logf("report: a card that takes no more writes in a morning: %d tickets acknowledged, %d orders refused; « Boîtier » says: %s",
		len(held), whole-first, b.must(speak+"ask GET /api/care ''; grep ' /data ' /proc/mounts; cat /sys/fs/ext4/vda*/errors_count || true"))

	// Then it is out. What of the box is in its memory goes on or does not; a yes is a lie.
	info, err := os.Stat(image)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.pull(info.Size()); err != nil {
		t.Fatal(err)
	}
	said := map[string]int{}
	orders, gone := b.asks(3, func(order) {})
	if len(orders) == 0 {
		t.Errorf("a card that is out: no order was even asked: %v", gone)
	}
	for _, o := range orders {
		if o.number != 0 {
			t.Errorf("a card that is out: ticket %d is acknowledged", o.number)
		}
		status, _, _ := strings.Cut(o.refused, " {")
		said[status]++
	}
	t.Logf("report: a card that is out: orders are answered %v, %v", said, gone)
	b.Off()

	// What the card has, as the box's own code reads it.
	if err := CanMount(); err != nil {
		t.Logf("the card's data by themselves: %v", err)
	} else {
		disk, err := os.Open(image)
		if err != nil {
			t.Fatal(err)
		}
		defer disk.Close()
		data := filepath.Join(t.TempDir(), "data.ext4")
		if err := partition(data, disk, card.PartData); err != nil {
			t.Fatal(err)
		}
		var k Kept
		if err := Mounted(data, func(dir string) (err error) {
			k, err = Open(filepath.Join(dir, "jeudi"))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if lost, twice := k.Lost(held), k.Twice(); len(lost)+len(twice)+len(k.Aside) > 0 || len(k.Tickets) > len(held)+1 {
			t.Errorf("people hold the tickets %v, and the card has %v: lost %v, twice %v, unreadable %v; want all, and at most the one in flight besides", held, k.Tickets, lost, twice, k.Aside)
		}
	}

	// The card is put back, and the morning goes on.
	b = on(t, image, Power{NoKiosk: true})
	b.healthy()
	b.take(1, func(n int) {
		if last := held[len(held)-1]; n != last+1 && n != last+2 {
			t.Errorf("with the card back the next ticket is %d; people hold %v", n, held)
		}
		t.Logf("report: with the card back the box has %d tickets, the next is %d", len(held), n)
	})
	if out := b.must(speak + ill + " && echo yes || echo no"); strings.TrimSpace(out) != "no" {
		t.Logf("report: with the card back « Boîtier » says: %s", b.must(speak+"ask GET /api/care ''"))
	}
}
