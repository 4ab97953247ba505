package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"jeudi/firmware/logbook"
	"jeudi/provisioning/card"
	"jeudi/provisioning/hotspot"
	"jeudi/provisioning/steward"
	"jeudi/provisioning/stick"
	"jeudi/provisioning/update"
)

func stewardCard(ctx context.Context, errs io.Writer) int {
	uid, gid, err := boxUser()
	if err == nil && os.Getuid() != 0 {
		err = errors.New("only root can be the steward of a card")
	}
	if err != nil {
		fmt.Fprintln(errs, "jeudi steward:", err)
		return exitFail
	}
	s := &stewardBox{log: slog.New(logbook.New(slog.NewTextHandler(errs, nil))), uid: uid, gid: gid}
	s.network = hotspot.New(hotspot.Machine{Folder: card.NetworkDir}, siteForHotspot(filepath.Join(card.SiteDir, card.SiteFile)), rand.Reader, s.log)
	if s.updates, err = cardUpdates(s.log); err != nil {
		s.log.Error("no updates", "err", err)
	}
	if err := s.run(ctx, card.StewardSoc); err != nil {
		fmt.Fprintln(errs, "jeudi steward:", err)
		return exitFail
	}
	return exitOK
}

// stewardBox is the steward of a card, with all the parts that have verbs.
type stewardBox struct {
	log      *slog.Logger
	uid, gid int // of the box, who alone may ask besides root
	network  *hotspot.Keeper
	sticks   stick.Sticks
	updates  *update.Box // nil on a card that cannot be updated
}

// handlers are what each part does: one line for a part.
func (s *stewardBox) handlers() (map[string]steward.Handler, error) {
	return steward.Join(
		map[string]steward.Handler{steward.VerbStatus: steward.Gather(s.status(), s.log)},
		s.network.Handlers(),
		s.sticks.Handlers(),
		s.orders(),
		s.updating(),
		s.screen(),
	)
}

// status is what each part says of itself: one line for a part.
func (s *stewardBox) status() map[string]func(context.Context) (any, error) {
	parts := map[string]func(context.Context) (any, error){
		"network": s.network.Status,
		"machine": s.machine,
	}
	if s.updates != nil { // why not has been said at the start, and this is asked all day
		parts["update"] = func(context.Context) (any, error) { return s.updates.Standing(), nil }
	}
	return parts
}

// background is what runs beside the verbs, until the context ends.
func (s *stewardBox) background() []func(context.Context) {
	return []func(context.Context){s.network.Run, s.keepClock, s.watchTrial}
}

func (s *stewardBox) run(ctx context.Context, socket string) error {
	handlers, err := s.handlers()
	if err != nil {
		return err
	}
	server, err := steward.NewServer(handlers, func(uid uint32) bool { return uid == 0 || uid == uint32(s.uid) }, s.log)
	if err != nil {
		return err
	}
	ln, err := steward.Listen(socket, s.gid)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for _, do := range s.background() {
		wg.Go(func() { do(ctx) })
	}
	notifier().send("READY=1")
	return server.Serve(ctx, ln)
}
