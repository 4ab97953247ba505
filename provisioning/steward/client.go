package steward

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"
)

// ErrNone is that no steward listens: the box runs on a laptop, or the card's steward is
// down. What it does is then not offered.
var ErrNone = errors.New("steward: nobody listens")

// A Client asks the steward behind a socket.
type Client struct{ Socket string }

// There reports whether a steward listens.
func (c *Client) There() bool {
	conn, err := net.DialTimeout("unix", c.Socket, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// Do asks for a verb and waits for its end. args is what the verb takes, nil for
// nothing; the answer is put into answer, a pointer, unless that is nil; say hears the
// progress, unless it is nil. The error is ErrNone, a *Refusal that staff are told, or
// that the connection broke: then what was asked may be done all the same.
func (c *Client) Do(ctx context.Context, verb string, args, answer any, say func(Progress)) error {
	q := request{Verb: verb}
	if args != nil {
		raw, err := json.Marshal(args)
		if err != nil {
			return fmt.Errorf("steward: %s: %w", verb, err)
		}
		q.Args = raw
	}
	line, err := json.Marshal(q)
	if err != nil {
		return fmt.Errorf("steward: %s: %w", verb, err)
	}
	if len(line) >= maxLine {
		return fmt.Errorf("steward: %s: a request of %d bytes; at most %d", verb, len(line), maxLine)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", c.Socket)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return ErrNone
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := conn.Write(append(line, '\n')); err != nil {
		return broken(ctx, verb, err)
	}
	r := bufio.NewReader(conn)
	for {
		line, err := readLine(r)
		if err != nil {
			return broken(ctx, verb, err)
		}
		var back reply
		if err := json.Unmarshal(line, &back); err != nil {
			return broken(ctx, verb, err)
		}
		switch {
		case back.Error != nil:
			return back.Error
		case back.Progress != nil:
			if say != nil {
				say(*back.Progress)
			}
		case back.Done != nil:
			if answer == nil {
				return nil
			}
			if err := json.Unmarshal(back.Done, answer); err != nil {
				return fmt.Errorf("steward: %s: its answer: %w", verb, err)
			}
			return nil
		default:
			return fmt.Errorf("steward: %s: an answer that says nothing", verb)
		}
	}
}

func broken(ctx context.Context, verb string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("steward: %s: %w", verb, err)
}
