// Package kioskui is the interface: the pages of the kiosk, the desk and the
// hall, as plain files. There is no build step; what is here is what browsers
// get, and the box serves it without any network.
//
// screen is the visitor's kiosk, desk the staff's dashboard, pair the page that
// connects a phone of theirs, setup what a new box and the technician's phone show, hall the waiting room's display; lib is what they
// share. Every word of theirs comes from the server: the files hold no sentence of
// their own. guide is the guides in
// French, plain pages without a script, so that help is there without any network;
// firmware/guide_test.go holds them to the code.
package kioskui

import "embed"

// Files holds the folders of the pages and lib/. Pages refer to lib/ by a relative
// address (../lib), so all of them must be served side by side.
//
//go:embed screen desk hall guide lib phone pair setup
var Files embed.FS
