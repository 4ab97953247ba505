package escpos_test

import (
	"context"
	"fmt"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
)

// The wire may be a file, a port or, as here, an emulated printer.
func Example() {
	wire := sim.NewWire(escpos.Generic80(), 0, sim.Quirks{})
	printer := escpos.New(wire, escpos.Generic80())
	defer printer.Close()

	ticket := drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "42"},
		drivers.Text{Text: "2 personnes avant vous"},
	}}
	wire.Set(drivers.NoPaper, true)
	mm, err := printer.Print(context.Background(), ticket)
	fmt.Println(mm, err)
	wire.Set(drivers.NoPaper, false)
	mm, err = printer.Print(context.Background(), ticket)
	fmt.Println(mm > 40, err)
	fmt.Print(wire.Sheets()[0].Text())
	// Output:
	// 0 escpos: printing: no paper
	// true <nil>
	// 42
	// 2 personnes avant vous
}
