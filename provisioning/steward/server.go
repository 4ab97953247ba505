package steward

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"
)

// A Server answers the verbs that have a handler, for the users that may ask.
type Server struct {
	handlers map[string]Handler
	may      func(uid uint32) bool
	log      *slog.Logger

	// One change at a time: a slot that is written while the data are erased, or two
	// networks raised at once, is a state that nobody has tested.
	turn chan struct{}
	// The network is its own: it is asked for every few seconds, and touches neither slot
	// nor data nor stick.
	network chan struct{}
	// patience is how long a change waits for the one before.
	patience time.Duration
	// Every connection holds one: what is outside them is refused at once.
	room chan struct{}
}

// Times of a connection.
const (
	askWithin  = 5 * time.Second  // for the line to arrive, from a program on the same machine
	tellWithin = 2 * time.Second  // for a line back to be taken
	together   = 16               // connections at once
	patience   = 3 * time.Second  // before « busy » is the answer
	stopWithin = 20 * time.Second // for work that goes on when the steward is told to stop
)

// NewServer makes a server of handlers by verb. It refuses a verb that is not of the
// closed set. may decides by the user of the process at the other end, as the kernel
// knows it.
func NewServer(handlers map[string]Handler, may func(uid uint32) bool, log *slog.Logger) (*Server, error) {
	for verb := range handlers {
		if !slices.Contains(verbs(), verb) {
			return nil, fmt.Errorf("steward: no verb %q", verb)
		}
	}
	return &Server{handlers: handlers, may: may, log: log, turn: make(chan struct{}, 1), network: make(chan struct{}, 1), patience: patience, room: make(chan struct{}, together)}, nil
}

// Join puts the handlers of many parts together. Two parts with one verb are a mistake
// of the program.
func Join(parts ...map[string]Handler) (map[string]Handler, error) {
	all := make(map[string]Handler)
	for _, part := range parts {
		for verb, h := range part {
			if all[verb] != nil {
				return nil, fmt.Errorf("steward: two parts do %q", verb)
			}
			all[verb] = h
		}
	}
	return all, nil
}

// Gather is a handler whose answer is an object with the answer of each part: the verb
// status, to which every part adds what it knows. A part that fails is left out and
// logged.
func Gather(parts map[string]func(context.Context) (any, error), log *slog.Logger) Handler {
	return func(ctx context.Context, _ json.RawMessage, _ func(Progress)) (any, error) {
		answer := make(map[string]any, len(parts))
		for name, part := range parts {
			value, err := part(ctx)
			if err != nil {
				log.Error("steward: part of the status not known", "part", name, "err", err)
				continue
			}
			answer[name] = value
		}
		return answer, nil
	}
}

// Serve answers until the context ends, then waits a while for the work that goes on.
func (s *Server) Serve(ctx context.Context, ln *net.UnixListener) error {
	var work sync.WaitGroup
	stop := context.AfterFunc(ctx, func() { ln.Close() })
	defer stop()
	for {
		conn, err := ln.AcceptUnix()
		if ctx.Err() != nil {
			if conn != nil {
				conn.Close()
			}
			break
		}
		if err != nil {
			work.Wait()
			return fmt.Errorf("steward: %w", err)
		}
		select {
		case s.room <- struct{}{}:
			work.Go(func() {
				defer func() { <-s.room }()
				defer conn.Close()
				s.answer(ctx, conn)
			})
		default:
			conn.Close()
		}
	}
	done := make(chan struct{})
	go func() { work.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(stopWithin):
		s.log.Error("steward: stopped in the middle of its work")
	}
	return nil
}

// answer does what one connection asks.
func (s *Server) answer(ctx context.Context, conn *net.UnixConn) {
	uid, err := peer(conn)
	if err != nil || !s.may(uid) {
		s.log.Warn("steward: refused: not one who may ask", "err", err)
		return // without a word: what runs here is no business of theirs
	}
	conn.SetReadDeadline(time.Now().Add(askWithin))
	r := bufio.NewReaderSize(conn, 64<<10)
	line, err := readLine(r)
	if err != nil {
		return
	}
	out := &lines{conn: conn}
	q, err := parseRequest(line)
	if err != nil {
		out.refuse(err)
		return
	}
	h := s.handlers[q.Verb]
	if h == nil {
		out.refuse(&Refusal{Key: KeyUnknown})
		return
	}
	turn := s.turn
	if q.Verb == VerbNetwork {
		turn = s.network
	}
	if alongside(q.Verb) {
		// What only reads ends with whoever wanted to know. Other work is done to its end:
		// the one who asked may be restarting, and half of it is worth less than nothing.
		var gone context.CancelFunc
		ctx, gone = context.WithCancel(ctx)
		defer gone()
		conn.SetReadDeadline(time.Time{})
		go func() { r.ReadByte(); gone() }() // ends at the latest with the connection
	} else {
		if !take(turn, s.patience) {
			out.refuse(&Refusal{Key: KeyBusy})
			return
		}
	}
	if !alongside(q.Verb) && q.Verb != VerbNetwork { // those are asked for all day
		// Only the verb: arguments hold a passphrase, or a whole file.
		s.log.Info("steward: asked", "verb", q.Verb)
	}
	done, err := h(ctx, q.Args, func(p Progress) { out.send(reply{Progress: &p}) })
	if !alongside(q.Verb) {
		<-turn // before the answer: the next order may follow at once
	}
	if err == nil {
		var raw json.RawMessage
		if raw, err = json.Marshal(done); err == nil {
			out.send(reply{Done: raw})
			return
		}
	}
	if _, meant := errors.AsType[*Refusal](err); !meant {
		s.log.Error("steward: not done", "verb", q.Verb, "err", err)
	}
	out.refuse(err)
}

// take takes a turn that is free, or becomes so in time.
func take(turn chan struct{}, patience time.Duration) bool {
	select {
	case turn <- struct{}{}:
		return true
	default:
	}
	select {
	case turn <- struct{}{}:
		return true
	case <-time.After(patience):
		return false
	}
}

// lines writes the replies of one connection. A handler may say its progress from
// several goroutines.
type lines struct {
	mu   sync.Mutex // one line at a time
	conn *net.UnixConn
	gone bool
}

func (l *lines) send(r reply) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return
	}
	raw, err := json.Marshal(r)
	if err == nil {
		l.conn.SetWriteDeadline(time.Now().Add(tellWithin))
		_, err = l.conn.Write(append(raw, '\n'))
	}
	l.gone = err != nil
}

func (l *lines) refuse(err error) {
	refusal, meant := errors.AsType[*Refusal](err)
	switch {
	case errors.Is(err, errNotARequest):
		refusal = &Refusal{Key: KeyBadArgs}
	case !meant:
		refusal = &Refusal{Key: KeyFailed} // why stays in the log: it may quote
	}
	l.send(reply{Error: refusal})
}
