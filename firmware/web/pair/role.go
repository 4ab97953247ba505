package pair

import (
	"slices"

	"jeudi/firmware/session"
)

// Role is as what somebody uses a paired screen. It is chosen on the phone and
// shown by the kiosk before anybody says yes. Four of them are roles of the queue
// too, under the same name.
type Role string

// The roles.
const (
	Reception         = Role(session.Reception)
	SocialWorker      = Role(session.SocialWorker)
	Mediator          = Role(session.Mediator)
	Volunteer         = Role(session.Volunteer)
	Writer       Role = "ecrivain_public"
	Guest        Role = "partenaire_invite" // of another organisation, for a themed morning
	Coordinator  Role = "coordinateur"
	Technician   Role = "technicien"
)

// Roles are all roles, in the order in which they are shown.
func Roles() []Role {
	return []Role{Reception, SocialWorker, Mediator, Volunteer, Writer, Guest, Coordinator, Technician}
}

// Known reports whether the role is one of Roles.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Vouched reports whether a colleague who is connected already must say yes to it:
// whoever has it changes what outlives the morning, or the box itself.
func (r Role) Vouched() bool { return r == Coordinator || r == Technician }

// Capability is something that a screen may do or see.
type Capability string

// The capabilities. What none of them names needs no role: the hall's display, the
// guide.
const (
	SeeQueue   Capability = "see_queue"   // the line: numbers, declared motifs, waits, who is received where
	Call       Capability = "call"        // next, choose, recall, start, hold, return, together, hand over, no show
	End        Capability = "end"         // end a visit, and say what was done
	Orient     Capability = "orient"      // search places, print and take back orientation slips
	SeeLevel   Capability = "see_level"   // what the person received here wanted to share
	OnBehalf   Capability = "on_behalf"   // give tickets, answer the intake for somebody, count who was turned away
	OpenClose  Capability = "open_close"  // open, pause, resume and close the permanence; its report
	Reopen     Capability = "reopen"      // open a closed permanence again
	Settings   Capability = "settings"    // of the site
	Devices    Capability = "devices"     // self test, printer, paper roll
	EditPlaces Capability = "edit_places" // correct and import the directory
	Agenda     Capability = "agenda"      // workshops and appointments: reserve, cancel, tick who came
	Figures    Capability = "figures"     // released tables and exports
	UnpairAll  Capability = "unpair_all"  // « Dissocier tout »
	Escrow     Capability = "escrow"      // keep the keys of the sheets that wait, give them back, print them
	Abandon    Capability = "abandon"     // give up sheets of which all keys are lost
	Care       Capability = "care"        // of the machine: reports, backups, a spare box, a factory reset
	Vouch      Capability = "vouch"       // say yes or no to a colleague whose role is Vouched
)

// Capabilities are all of them.
func Capabilities() []Capability {
	return []Capability{SeeQueue, Call, End, Orient, SeeLevel, OnBehalf, OpenClose, Reopen, Settings, Devices, EditPlaces, Agenda, Figures, UnpairAll, Escrow, Abandon, Care, Vouch}
}

// May reports whether the role has the capability. A technician sees no queue: who
// repairs a printer needs to know of nobody. A guest works with the person in front
// of them, and changes nothing that outlives the morning. What a person shared of
// themself is for who receives them, not for the reception, nor for another
// organisation. The keys of the sheets are for the team of the place: a technician has
// the card in hand, and both together open what waits. Everybody at a desk may end all
// pairings: it harms nobody, and whoever misses a phone must not look for a colleague
// first. A guest knows nobody of the team, and answers for nobody's role.
func (r Role) May(c Capability) bool {
	var may []Capability
	switch r {
	case Reception:
		may = []Capability{SeeQueue, Call, End, Orient, OnBehalf, OpenClose, Devices, EditPlaces, Agenda, UnpairAll, Escrow, Vouch}
	case SocialWorker, Mediator:
		may = []Capability{SeeQueue, Call, End, Orient, SeeLevel, OnBehalf, OpenClose, Devices, EditPlaces, Agenda, Figures, UnpairAll, Escrow, Vouch}
	case Volunteer:
		may = []Capability{SeeQueue, Call, End, Orient, SeeLevel, OnBehalf, OpenClose, Devices, Agenda, UnpairAll, Escrow, Vouch}
	case Writer:
		may = []Capability{SeeQueue, Call, End, Orient, SeeLevel, OnBehalf, Agenda, UnpairAll, Escrow, Vouch}
	case Guest:
		may = []Capability{SeeQueue, Call, End, Orient, UnpairAll}
	case Coordinator:
		may = []Capability{SeeQueue, Call, End, Orient, OnBehalf, OpenClose, Reopen, Settings, Devices, EditPlaces, Agenda, Figures, UnpairAll, Escrow, Abandon, Care, Vouch}
	case Technician:
		may = []Capability{Devices, UnpairAll, Care, Vouch}
	case Solo:
		may = Capabilities()
	}
	return slices.Contains(may, c)
}
