package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"

	"jeudi/firmware/logbook"
	"jeudi/provisioning/card"
	"jeudi/provisioning/firstboot"
	"jeudi/provisioning/site"
)

func prepareCard(out, errs io.Writer) int {
	uid, gid, err := boxUser()
	if err == nil && os.Getuid() != 0 {
		err = errors.New("only root can prepare a card")
	}
	if err != nil {
		fmt.Fprintln(errs, "jeudi firstboot:", err)
		return exitFail
	}
	b := &firstboot.Box{Log: slog.New(logbook.New(slog.NewTextHandler(errs, nil))), Check: siteSentences, UID: uid, GID: gid}
	var closing sync.WaitGroup
	b.Last = func() []firstboot.Note { return ifHeld(updatesAtStart(b.Log), b.Log, b.Tell, &closing) }
	outcome, err := b.Prepare()
	if err != nil {
		fmt.Fprintln(errs, "jeudi firstboot:", err)
	}
	if !outcome.Data {
		return exitFail
	}
	if err := b.Own(); err != nil {
		fmt.Fprintln(errs, "jeudi firstboot:", err)
	}
	if err := allowUSBOf(filepath.Join(card.SiteDir, card.SiteFile)); err != nil {
		fmt.Fprintln(errs, "jeudi firstboot: USB:", err)
	}
	closing.Wait()
	fmt.Fprintf(out, "jeudi firstboot: ready: %v\n", outcome.Steps)
	notifier().send("READY=1")
	return exitOK
}

// boxUser is the user that the box runs as on a card, and its group.
func boxUser() (uid, gid int, err error) {
	u, err := user.Lookup(boxAccount)
	if err != nil {
		return 0, 0, fmt.Errorf("this machine is not a card of Jeudi: %w", err)
	}
	uid, err = strconv.Atoi(u.Uid)
	if err == nil {
		gid, err = strconv.Atoi(u.Gid)
	}
	return uid, gid, err
}

// boxAccount is the user that sysusers makes on a card.
const boxAccount = "jeudi"

// siteSentences is what is wrong with a site file, for the technician who wrote it.
func siteSentences(file string, text []byte) []string {
	_, err := site.Parse(file, text)
	if err == nil {
		return nil
	}
	if wrong, ok := errors.AsType[site.Errors](err); ok {
		lines := make([]string, len(wrong))
		for i, e := range wrong {
			lines[i] = e.InFrench()
		}
		return lines
	}
	return []string{err.Error()}
}
