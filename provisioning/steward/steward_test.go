package steward

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type order struct {
	Slot string `json:"slot"`
}

// serve starts a server, and returns its client.
func serve(t *testing.T, may func(uint32) bool, handlers map[string]Handler) (*Client, *strings.Builder) {
	t.Helper()
	var said strings.Builder
	s, err := NewServer(handlers, may, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.patience = 0
	// t.TempDir may be longer than a socket's name can be.
	dir, err := os.MkdirTemp("/tmp", "steward")
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	ln, err := Listen(socket, os.Getgid())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Serve() = %v", err)
		}
		os.RemoveAll(dir)
	})
	return &Client{Socket: socket}, &said
}

func anyone(uint32) bool { return true }

func TestDo(t *testing.T) {
	secret := errors.New("cannot open /data/passphrase-of-the-wifi")
	c, _ := serve(t, anyone, map[string]Handler{
		VerbStatus: func(context.Context, json.RawMessage, func(Progress)) (any, error) {
			return map[string]int{"celsius": 48}, nil
		},
		VerbUpdate: func(_ context.Context, raw json.RawMessage, say func(Progress)) (any, error) {
			args, err := Args[order](raw)
			if err != nil {
				return nil, err
			}
			for n := range int64(3) {
				say(Progress{Step: "update.writing", Done: n, Of: 3})
			}
			return args, nil
		},
		VerbTry:    func(context.Context, json.RawMessage, func(Progress)) (any, error) { return nil, nil },
		VerbCommit: func(context.Context, json.RawMessage, func(Progress)) (any, error) { return nil, secret },
		VerbRollback: func(context.Context, json.RawMessage, func(Progress)) (any, error) {
			return nil, &Refusal{Key: "update.no_other", Args: map[string]any{"slot": "A"}}
		},
	})
	if !c.There() {
		t.Fatal("There() = false")
	}
	var status map[string]int
	if err := c.Do(t.Context(), VerbStatus, nil, &status, nil); err != nil || status["celsius"] != 48 {
		t.Errorf("status = %v, %v", status, err)
	}
	var steps []Progress
	var back order
	err := c.Do(t.Context(), VerbUpdate, order{"B"}, &back, func(p Progress) { steps = append(steps, p) })
	if err != nil || back.Slot != "B" || len(steps) != 3 || steps[2] != (Progress{"update.writing", 2, 3}) {
		t.Errorf("update = %+v, %v, progress %v", back, err, steps)
	}
	if err := c.Do(t.Context(), VerbTry, nil, nil, nil); err != nil {
		t.Errorf("try = %v", err)
	}

	var refusal *Refusal
	for _, tt := range []struct {
		verb string
		args any
		want string
	}{
		{VerbRollback, nil, "update.no_other"},
		{VerbCommit, nil, KeyFailed}, // why stays in the log
		{VerbUpdate, map[string]string{"slots": "B"}, KeyBadArgs},
		{VerbUpdate, "B", KeyBadArgs},
		{VerbReset, nil, KeyUnknown},
		{"format_everything", nil, KeyUnknown},
	} {
		err := c.Do(t.Context(), tt.verb, tt.args, nil, nil)
		if !errors.As(err, &refusal) || refusal.Key != tt.want {
			t.Errorf("Do(%s, %v) = %v; want %s", tt.verb, tt.args, err, tt.want)
		}
	}
	if err := (&Client{Socket: "/nowhere/s"}).Do(t.Context(), VerbStatus, nil, nil, nil); !errors.Is(err, ErrNone) {
		t.Errorf("Do without a steward = %v", err)
	}
	if err := c.Do(t.Context(), VerbExport, strings.Repeat("x", maxLine), nil, nil); err == nil || errors.As(err, &refusal) {
		t.Errorf("a request that is too large = %v", err)
	}
}

// Who may not ask gets no word, not even that there is a steward who knows the verb.
func TestWhoMayNotAsk(t *testing.T) {
	asked := false
	c, _ := serve(t, func(uid uint32) bool { return uid != uint32(os.Getuid()) }, map[string]Handler{
		VerbPowerOff: func(context.Context, json.RawMessage, func(Progress)) (any, error) { asked = true; return nil, nil },
	})
	var refusal *Refusal
	if err := c.Do(t.Context(), VerbPowerOff, nil, nil, nil); err == nil || errors.As(err, &refusal) || errors.Is(err, ErrNone) {
		t.Errorf("Do() = %v; want the connection closed", err)
	}
	if asked {
		t.Error("the machine was switched off")
	}
}

func TestSocketIsOfItsGroupAlone(t *testing.T) {
	c, _ := serve(t, anyone, nil)
	info, err := os.Stat(c.Socket)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("the socket has %v, %v; want 0660", info.Mode(), err)
	}
	if _, err := Listen(c.Socket, os.Getgid()); err == nil {
		t.Error("a second steward took the socket of one that listens")
	}
	dead := c.Socket + "2"
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: dead, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	ln.SetUnlinkOnClose(false)
	ln.Close()
	again, err := Listen(dead, os.Getgid())
	if err != nil {
		t.Fatalf("Listen after a steward that was killed = %v", err)
	}
	again.Close()
}

// Changes are one at a time; what only reads goes on beside them.
func TestOneChangeAtATime(t *testing.T) {
	begun, end := make(chan bool), make(chan bool)
	c, _ := serve(t, anyone, map[string]Handler{
		VerbStatus: func(context.Context, json.RawMessage, func(Progress)) (any, error) { return 1, nil },
		VerbReset: func(context.Context, json.RawMessage, func(Progress)) (any, error) {
			begun <- true
			<-end
			return nil, nil
		},
		VerbUpdate:  func(context.Context, json.RawMessage, func(Progress)) (any, error) { return nil, nil },
		VerbNetwork: func(context.Context, json.RawMessage, func(Progress)) (any, error) { return nil, nil },
	})
	first := make(chan error)
	go func() { first <- c.Do(context.Background(), VerbReset, nil, nil, nil) }()
	<-begun
	var refusal *Refusal
	if err := c.Do(t.Context(), VerbUpdate, nil, nil, nil); !errors.As(err, &refusal) || refusal.Key != KeyBusy {
		t.Errorf("a change beside another = %v; want %s", err, KeyBusy)
	}
	for _, verb := range []string{VerbStatus, VerbNetwork} {
		if err := c.Do(t.Context(), verb, nil, nil, nil); err != nil {
			t.Errorf("%s beside a change = %v", verb, err)
		}
	}
	end <- true
	if err := <-first; err != nil {
		t.Error(err)
	}
	if err := c.Do(t.Context(), VerbUpdate, nil, nil, nil); err != nil {
		t.Errorf("a change after the other = %v", err)
	}
}

// A change goes on when the one who asked is gone; what reads stops.
func TestTheAskerGoes(t *testing.T) {
	begun, end, ended := make(chan bool), make(chan bool), make(chan error)
	c, _ := serve(t, anyone, map[string]Handler{
		VerbUpdate: func(ctx context.Context, _ json.RawMessage, say func(Progress)) (any, error) {
			begun <- true
			<-end
			say(Progress{Step: "x"})
			say(Progress{Step: "y"})
			ended <- ctx.Err()
			return nil, nil
		},
		VerbSticks: func(ctx context.Context, _ json.RawMessage, _ func(Progress)) (any, error) {
			begun <- true
			<-ctx.Done()
			ended <- ctx.Err()
			return nil, ctx.Err()
		},
	})
	for _, verb := range []string{VerbUpdate, VerbSticks} {
		ctx, leave := context.WithCancel(t.Context())
		asked := make(chan error)
		go func() { asked <- c.Do(ctx, verb, nil, nil, nil) }()
		<-begun
		leave()
		if err := <-asked; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: Do() = %v", verb, err)
		}
		if verb == VerbUpdate {
			end <- true
		}
		err := <-ended
		if (verb == VerbSticks) != errors.Is(err, context.Canceled) {
			t.Errorf("%s: its context says %v", verb, err)
		}
	}
}

// The log has the verb, and nothing of what it was told.
func TestLogHasNoArguments(t *testing.T) {
	c, said := serve(t, anyone, map[string]Handler{
		VerbExport: func(context.Context, json.RawMessage, func(Progress)) (any, error) { return nil, nil },
	})
	if err := c.Do(t.Context(), VerbExport, map[string]string{"passphrase": "correct horse"}, nil, nil); err != nil {
		t.Fatal(err)
	}
	if text := said.String(); strings.Contains(text, "horse") || !strings.Contains(text, VerbExport) {
		t.Errorf("the log says %s", text)
	}
}

// Whatever arrives, a line comes back or none, and the server goes on.
func TestWhatIsNoRequest(t *testing.T) {
	c, _ := serve(t, anyone, map[string]Handler{
		VerbStatus: func(context.Context, json.RawMessage, func(Progress)) (any, error) { return 1, nil },
	})
	for _, tt := range []struct{ line, want string }{
		{"\n", KeyBadArgs}, {"{}\n", KeyUnknown}, {"[]\n", KeyBadArgs}, {"status\n", KeyBadArgs}, {"\xff\n", KeyBadArgs},
		{`{"verb": "status"} {"verb": "reset"}` + "\n", KeyBadArgs}, {`{"verb": "status", "user": 0}` + "\n", KeyBadArgs},
		{`{"verb": "status"}` + "\n", `"done":1`},
	} {
		conn, err := net.Dial("unix", c.Socket)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(5 * time.Second))
		conn.Write([]byte(tt.line))
		back, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.Contains(back, tt.want) {
			t.Errorf("%q = %q, %v; want %s", tt.line, back, err, tt.want)
		}
		conn.Close()
	}
}

func TestMistakesOfTheProgram(t *testing.T) {
	if _, err := NewServer(map[string]Handler{"dance": nil}, anyone, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a verb outside the closed set was taken")
	}
	h := func(context.Context, json.RawMessage, func(Progress)) (any, error) { return nil, nil }
	if _, err := Join(map[string]Handler{VerbTry: h}, map[string]Handler{VerbTry: h}); err == nil {
		t.Error("two parts with one verb were taken")
	}
	all, err := Join(map[string]Handler{VerbTry: h}, map[string]Handler{VerbCommit: h})
	if err != nil || len(all) != 2 {
		t.Errorf("Join() = %d handlers, %v", len(all), err)
	}
}

func TestGather(t *testing.T) {
	h := Gather(map[string]func(context.Context) (any, error){
		"machine": func(context.Context) (any, error) { return 48, nil },
		"network": func(context.Context) (any, error) { return nil, errors.New("no radio") },
	}, slog.New(slog.DiscardHandler))
	got, err := h(t.Context(), nil, nil)
	raw, _ := json.Marshal(got)
	if err != nil || string(raw) != `{"machine":48}` {
		t.Errorf("Gather = %s, %v; want what is known", raw, err)
	}
}

func FuzzParseRequest(f *testing.F) {
	for _, line := range []string{`{"verb":"status"}`, `{"verb":"update","args":{"slot":"B"}}`, `{}`, `null`, `{"verb":`, `[{"verb":"reset"}]`} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		q, err := parseRequest(line)
		if err != nil {
			return
		}
		again, err := json.Marshal(q)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if p, err := parseRequest(again); err != nil || p.Verb != q.Verb {
			t.Errorf("%q became %q: %v", line, again, err)
		}
		Args[order](q.Args)
	})
}
