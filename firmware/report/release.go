package report

import (
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/wait"
)

// ReleaseVersion is the newest form of a Release that this version reads and writes.
const ReleaseVersion = 1

// Release is one closed period of one place, as it may leave the box: attendance, which
// identifies nobody over a period, and the released tables of the sheets. It is frozen
// in the ledger, printed again identically, and added to those of other boxes. Its JSON
// is the exported format.
type Release struct {
	Version int    `json:"version"` // 1
	ID      string `json:"id"`      // drawn at random: a release counted twice is refused
	Box     string `json:"box"`     // drawn at random for the box
	Place   string `json:"place"`
	From    string `json:"from"`  // first day, "2026-07-01"
	Until   string `json:"until"` // first day that is not of it any more

	Tables     []sheet.Table  `json:"tables"`               // of each kind that has enough sheets
	Unmerged   map[string]int `json:"unmerged,omitempty"`   // by kind: wait, and pass to the next period
	Unreadable map[string]int `json:"unreadable,omitempty"` // by kind: all keys were lost

	Attendance Attendance `json:"attendance"`
	Home       int        `json:"home"`              // people who could not come
	Blocked    []Tally    `json:"blocked,omitempty"` // blocked procedures by organism
	Slips      Slips      `json:"slips"`             // orientation slips with a code
}

// Attendance is the permanences of a period, added up from the ledger.
type Attendance struct {
	Held      int              `json:"held"`
	Missing   int              `json:"missing"` // planned by the site's hours, and not held
	Totals    session.Totals   `json:"totals"`
	Waits     []Band           `json:"waits"`
	Services  []Band           `json:"services"` // durations of services
	Roles     []Tally          `json:"roles"`    // tickets by the role that was needed
	Classes   []Tally          `json:"classes"`  // tickets by class of duration
	Announced wait.Calibration `json:"announced"`
	// Minutes of desks that were there, and of services in them.
	Capacity int `json:"capacity_minutes"`
	Busy     int `json:"busy_minutes"`
	Down     int `json:"down_minutes"` // the box was off while a permanence was open
	// Lists of rights to verify that were printed, at least.
	Rights int `json:"rights_lists,omitempty"`
	// Places are those of an itinerant box, see ByPlace; none for one that stays.
	Places []AtPlace `json:"places,omitempty"`
}

// Tally is how often a choice of a closed list was made.
type Tally struct {
	Key string `json:"key"`
	N   int    `json:"n"`
}

// Slips are orientation slips: how many were given, and how many came back.
type Slips struct {
	Given int `json:"given"`
	Came  int `json:"came"`
}
