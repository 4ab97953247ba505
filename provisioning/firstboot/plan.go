// Package firstboot makes a card ready at every start, before the box itself: it lets the
// data partition grow, mends it or saves what can be read, erases everything when a reset
// was asked for, and takes over the site file that a technician has put on the card.
//
// What to do next is decided by a pure function of what is found; each step can be done
// again, and a cut in any of them leads back to the same end. So the first start and the
// thousandth are one program, and nothing is remembered but what lies on the card.
//
// What it promises: after it, the data folder is mounted with all that could be read, or
// with nothing at all if a reset was asked for; whatever it could not do is said in its
// Outcome, for the screen and the desk.
package firstboot

// A Step is one thing to do. Steps are in the order of a first start.
type Step string

// The steps, and what each leaves.
const (
	Done Step = "" // nothing is left to do

	FindCard   Step = "find_card"   // the disk is known
	MountStart Step = "mount_start" // the start partition is readable
	GrowTable  Step = "grow_table"  // the data partition ends where the card does
	Sweep      Step = "sweep"       // the start partition holds what the card's image had there, and the ask
	Erase      Step = "erase"       // every byte of the data partition is zero
	ForgetAsk  Step = "forget_ask"  // nobody asks for a reset any longer
	CheckData  Step = "check_data"  // the data's file system is whole, or known to be broken
	Rescue     Step = "rescue"      // what reads of a broken one lies at the end of its partition
	Format     Step = "format"      // an empty file system, that spares what was rescued
	MountData  Step = "mount_data"  // the data can be used
	Restore    Step = "restore"     // what was rescued is back
	GrowData   Step = "grow_data"   // the file system fills its partition
	Folders    Step = "folders"     // the folders are there, each its owner's
	SetClock   Step = "set_clock"   // it is not earlier than when the box was last seen
	TakeSite   Step = "take_site"   // the site file of the start partition is the box's
	RefuseSite Step = "refuse_site" // what is wrong with it is written beside it
)

// Data is what is known of the file system of the data.
type Data int

// What can be known of it.
const (
	Unchecked Data = iota // nobody has looked yet
	Blank                 // there is none: the partition begins with zeros
	Broken                // there was one, and it cannot be mended
	Whole
	Mounted
)

func (d Data) String() string {
	return [...]string{"unchecked", "blank", "broken", "whole", "mounted"}[d]
}

// Offer is what a start partition says about the site.
type Offer int

// What it can say.
const (
	NoOffer  Offer = iota // no site file, or one that was looked at before
	GoodSite              // a new one, that can be used
	BadSite               // a new one, with something wrong in it
)

// Facts are what is found. All but what stands under "this start" lies on the card.
type Facts struct {
	Card  bool // the disk is known
	Start bool // its start partition is mounted
	Room  bool // the card goes on after the end of its last partition

	Reset   bool // somebody has asked to erase everything, or it was begun and cut
	Swept   bool // this start: the start partition was
	Erased  bool // this start: the data were
	Data    Data
	Rescued bool // the end of the data partition holds what was saved of a broken one
	Narrow  bool // the file system is shorter than its partition
	Folders bool // all there
	Late    bool // the clock is before the last time that was saved
	Offer   Offer

	// Failed are the steps that did not work during this start. None is tried twice.
	Failed map[Step]bool
}

// Next is what to do now. Whatever cannot be done is gone around: only a card that is not
// there, or that takes no file system, ends without data.
func Next(f Facts) Step {
	can := func(s Step) bool { return !f.Failed[s] }
	switch {
	case !f.Card:
		if can(FindCard) {
			return FindCard
		}
		return Done
	case !f.Start && can(MountStart):
		return MountStart
	case f.Room && f.Data != Mounted && can(GrowTable):
		return GrowTable

	// Before anything reads the data: what was to be erased is neither mended nor saved. The
	// ask goes last, so that a cut anywhere is gone on from.
	case f.Reset && f.Start && !f.Swept && can(Sweep):
		return Sweep
	case f.Reset && !f.Erased && can(Erase):
		return Erase
	case f.Reset && f.Erased && f.Swept && can(ForgetAsk):
		return ForgetAsk
	// Half of the data may lie there, and a box that opened would keep them; or the card
	// takes no change any more, and the box would be erased again at each start.
	case f.Reset:
		return Done
	}
	switch f.Data {
	case Unchecked:
		if can(CheckData) {
			return CheckData
		}
		return Done
	case Blank, Broken:
		if f.Data == Broken && !f.Rescued && can(Rescue) {
			return Rescue
		}
		if can(Format) {
			return Format
		}
		return Done
	case Whole:
		if can(MountData) {
			return MountData
		}
		return Done
	}
	switch {
	case f.Rescued && can(Restore):
		return Restore
	// It would grow over what is still to be restored.
	case f.Narrow && !f.Rescued && can(GrowData):
		return GrowData
	case !f.Folders && can(Folders):
		return Folders
	case f.Late && can(SetClock):
		return SetClock
	case f.Offer == GoodSite && can(TakeSite):
		return TakeSite
	case f.Offer == BadSite && can(RefuseSite):
		return RefuseSite
	}
	return Done
}
