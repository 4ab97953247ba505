package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/appliance"
	"jeudi/firmware/ledger"
	"jeudi/firmware/selftest"
	"jeudi/firmware/web"
	"jeudi/provisioning/site"
)

// selfTest is what the box tells its test of itself.
func (b *box) selfTest(l *ledger.Ledger) appliance.SelfTest {
	t := appliance.SelfTest{Devices: testedDevices(b.site, b.simulated), Keep: l.KeepTest, Kept: l.SelfTests}
	t.Facts = func() selftest.Facts {
		return appliance.Machine(os.DirFS("/"), diskOf(b.data), fullVersion())
	}
	kept, err := l.SelfTests()
	if err != nil {
		b.log.Error("self tests not read", "err", err)
	}
	if len(kept) > 0 {
		t.Last = &kept[len(kept)-1]
	}
	return t
}

// testedDevices are the devices that a site has. An exit panel and the buttons at
// desks are not walked through: they report themselves when they are stuck or lost.
func testedDevices(s *site.Site, simulated bool) *selftest.Devices {
	there := func(name string) bool { return simulated || name != "none:" }
	d := &selftest.Devices{Printer: there(s.Devices.Printer), Sound: there(s.Devices.Speaker), Touch: true}
	switch {
	case simulated || s.Devices.Panel == "sim:":
		for _, a := range s.Actions() {
			d.Buttons = append(d.Buttons, selftest.Button{Action: a, Lamp: true})
		}
	case there(s.Devices.Panel):
		for _, b := range panelConfig(s, "").Buttons {
			if b.Line != "" && b.Action < drivers.VisitorActions {
				d.Buttons = append(d.Buttons, selftest.Button{Action: b.Action.String(), Lamp: b.Lamp != ""})
			}
		}
	}
	return d
}

const selfTestUsage = `usage: jeudi selftest [flags]

Tests the devices of a running box, with somebody beside it: paper, sound, buttons
and lamps, the corners of the screen, the clock, and what the machine says of its
card, its power and its heat. It asks in French, takes a minute, and is the same
test as on the page of the desk, where it may be answered too. Ctrl-C ends it.

Exit code 0: the box is ready. 1: it is not, or the test was not finished.

`

func runSelfTest(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	fset := flag.NewFlagSet("selftest", flag.ContinueOnError)
	fset.SetOutput(errs)
	var (
		base   = fset.String("url", "http://127.0.0.1:8080", "`address` of the box")
		asJSON = fset.Bool("json", false, "print the report as JSON; the questions go to the standard error")
		last   = fset.Bool("last", false, "test nothing: print the last report that was kept")
	)
	fset.Usage = func() { fmt.Fprint(errs, selfTestUsage); fset.PrintDefaults() }
	if err := fset.Parse(args); err != nil {
		return usageCode(err)
	}
	u, err := url.Parse(*base)
	if fset.NArg() > 0 {
		err = fmt.Errorf("unexpected %q; all settings of jeudi selftest are flags", fset.Arg(0))
	} else if err == nil && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		err = fmt.Errorf("-url is like http://127.0.0.1:8080, not %q", *base)
	}
	if err != nil {
		fmt.Fprintln(errs, "jeudi selftest:", err)
		return exitUsage
	}
	t := &tester{base: strings.TrimSuffix(*base, "/"), client: &http.Client{Timeout: 15 * time.Second}, out: out}
	defer t.client.CloseIdleConnections()
	if *asJSON {
		t.out = errs
	}
	ok := false
	if *last {
		ok, err = t.last(ctx)
	} else {
		ok, err = t.guide(ctx, lines(in))
	}
	if err == nil && *asJSON {
		err = t.export(ctx, out)
	}
	switch {
	case err == nil && ok:
		return exitOK
	case err == nil: // it was said what is wrong
	case ctx.Err() != nil:
		fmt.Fprintln(errs, "jeudi selftest: arrêté avant la fin")
	default:
		fmt.Fprintln(errs, "jeudi selftest:", err)
	}
	return exitFail
}

// lines are what is typed, until there is no more. The goroutine ends with its
// input: nothing else can end a read of a terminal.
func lines(in io.Reader) <-chan string {
	typed := make(chan string)
	go func() {
		defer close(typed)
		for s := bufio.NewScanner(in); s.Scan(); {
			typed <- strings.TrimSpace(s.Text())
		}
	}()
	return typed
}

// tester walks through the test of a box, as a desk does.
type tester struct {
	base   string
	client *http.Client
	out    io.Writer
}

// lookEvery is how often the box is asked what it shows: buttons and the screen
// move the test on too.
const lookEvery = 250 * time.Millisecond

// errNoAnswers ends a test that nobody is there to answer.
var errNoAnswers = errors.New("plus de réponse : le test est arrêté")

// leaving is how long the box may take to hear that nobody is there any more.
const leaving = 2 * time.Second

// leave stops the test in the box once ctx has ended: it would wait for minutes
// for somebody who has gone.
func (t *tester) leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaving)
	defer cancel()
	return t.do(ctx, map[string]any{"do": "selftest_answer", "key": "stop"})
}

func (t *tester) guide(ctx context.Context, typed <-chan string) (ok bool, err error) {
	v, err := t.look(ctx)
	if err != nil {
		return false, err
	}
	asked := false // the box was asked to test itself, whether or not it has answered
	defer func() {
		if asked && err != nil && ctx.Err() != nil && t.leave(ctx) != nil {
			fmt.Fprintln(t.out, "La borne n’a pas répondu. Arrêtez le test sur la page du bureau.")
		}
	}()
	if asked = v.Now != nil; !asked {
		if v.Ask {
			fmt.Fprintln(t.out, "La permanence est ouverte. Les visiteurs entendront le test. Tester quand même ? (oui/non)")
			select {
			case line := <-typed:
				if !yes(line) {
					return false, errors.New("le test n’est pas commencé")
				}
			case <-ctx.Done():
				return false, ctx.Err()
			}
		}
		asked = true
		if err := t.do(ctx, map[string]any{"do": "selftest_start", "on": v.Ask}); err != nil {
			return false, err
		}
	}
	before := v.Last
	shown := -1
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if v, err = t.look(ctx); err != nil {
			return false, err
		}
		if v.Now == nil {
			if v.Last == nil || before != nil && v.Last.EndedMS == before.EndedMS {
				return false, errors.New("le test n’a pas été fait")
			}
			t.result(v)
			return v.Last.OK, nil
		}
		if v.Now.Turn != shown {
			shown = v.Now.Turn
			t.ask(v.Now)
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-tick.C:
		case line, more := <-typed:
			if !more {
				err := t.do(ctx, map[string]any{"do": "selftest_answer", "turn": shown, "key": "stop"})
				return false, errors.Join(errNoAnswers, err)
			}
			if key, ok := choice(v.Now, line); ok {
				if err := t.do(ctx, map[string]any{"do": "selftest_answer", "turn": v.Now.Turn, "key": key}); err != nil {
					fmt.Fprintln(t.out, err)
				}
			} else if line != "" {
				fmt.Fprintln(t.out, "Tapez un des chiffres ci-dessus, puis Entrée.")
			}
		}
	}
}

func yes(line string) bool {
	switch strings.ToLower(line) {
	case "o", "oui", "y", "yes":
		return true
	}
	return false
}

// choice is the key behind what was typed: the place of an answer from 1, or the
// number that is on the ticket.
func choice(s *web.TestScreen, line string) (key string, ok bool) {
	for i, c := range s.Choices {
		if line == strconv.Itoa(i+1) || c.Key == "code."+line {
			return c.Key, true
		}
	}
	return "", false
}

func (t *tester) ask(s *web.TestScreen) {
	fmt.Fprintf(t.out, "\n[%d/%d] %s\n", s.At, s.Of, s.Title)
	for _, line := range []string{s.Notice, s.Text} {
		if line != "" {
			fmt.Fprintln(t.out, line)
		}
	}
	for i, c := range s.Choices {
		fmt.Fprintf(t.out, "  %d  %s\n", i+1, c.Label)
	}
}

func (t *tester) result(v web.SelfTestView) {
	if v.Last == nil {
		fmt.Fprintln(t.out, "Il n’y a pas de résultat.")
		return
	}
	fmt.Fprintf(t.out, "\n%s, %s\n", v.Last.When, v.Last.Version)
	for _, r := range v.Last.Rows {
		fmt.Fprintf(t.out, "  %-26s %s\n", r.Label, r.Word)
		for _, n := range r.Notes {
			fmt.Fprintf(t.out, "  %-26s   %s\n", "", n)
		}
	}
	fmt.Fprintf(t.out, "%s.\n%s.\n", v.Last.Title, v.Stands.Text)
	if v.Last.Notice != "" {
		fmt.Fprintln(t.out, v.Last.Notice)
	}
	if !v.Stands.Ready {
		for _, line := range v.Stands.Lines {
			fmt.Fprintln(t.out, "  "+line)
		}
	}
}

func (t *tester) last(ctx context.Context) (ok bool, err error) {
	v, err := t.look(ctx)
	if err != nil {
		return false, err
	}
	t.result(v)
	return v.Last != nil && v.Last.OK, nil
}

// export prints the last report.
func (t *tester) export(ctx context.Context, out io.Writer) error {
	var kept struct {
		Reports []json.RawMessage `json:"reports"`
	}
	if err := t.get(ctx, "/api/selftest/reports", &kept); err != nil {
		return err
	}
	if len(kept.Reports) == 0 {
		return errors.New("aucun résultat n’est enregistré")
	}
	var b bytes.Buffer
	if err := json.Indent(&b, kept.Reports[len(kept.Reports)-1], "", "  "); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, b.String())
	return err
}

func (t *tester) look(ctx context.Context) (v web.SelfTestView, err error) {
	err = t.get(ctx, "/api/selftest", &v)
	return v, err
}

func (t *tester) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.base+path, nil)
	if err != nil {
		return err
	}
	return t.send(req, into)
}

// do sends what a desk would. Its id is new each time.
func (t *tester) do(ctx context.Context, order map[string]any) error {
	var id [16]byte
	rand.Read(id[:]) // never fails; see its documentation
	order["id"] = hex.EncodeToString(id[:])
	body, err := json.Marshal(order)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base+"/api/desk", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	return t.send(req, new(struct{}))
}

func (t *tester) send(req *http.Request, into any) error {
	resp, err := t.client.Do(req)
	if err != nil {
		if req.Context().Err() != nil {
			return req.Context().Err()
		}
		return fmt.Errorf("la borne ne répond pas à %s ; démarrez-la avec « jeudi run », ou donnez son adresse avec -url (%w)", t.base, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		var refusal struct{ Error string }
		if json.Unmarshal(data, &refusal) != nil || refusal.Error == "" {
			refusal.Error = resp.Status
		}
		return errors.New(refusal.Error)
	}
	return json.Unmarshal(data, into)
}
