// Command ask asks the steward of a box for one verb and prints what it answers: the
// proofs run it in the guest, where the box's own pages would ask.
//
//	ask VERB [JSON]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"jeudi/provisioning/card"
	"jeudi/provisioning/steward"
)

func main() {
	if len(os.Args) < 2 || len(os.Args) > 3 {
		fmt.Fprintln(os.Stderr, "usage: ask VERB [JSON]")
		os.Exit(2)
	}
	var args any
	if len(os.Args) == 3 {
		args = json.RawMessage(os.Args[2])
	}
	var answer json.RawMessage
	client := &steward.Client{Socket: card.StewardSoc}
	step := ""
	err := client.Do(context.Background(), os.Args[1], args, &answer, func(p steward.Progress) {
		if p.Step != step {
			step = p.Step
			fmt.Println("progress", step)
		}
	})
	var refused *steward.Refusal
	switch {
	case errors.As(err, &refused):
		text, _ := json.Marshal(refused)
		fmt.Printf("refused %s\n", text)
	case err != nil:
		fmt.Println("error", err)
		os.Exit(1)
	default:
		fmt.Printf("answer %s\n", answer)
	}
}
