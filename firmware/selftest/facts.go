package selftest

import (
	"cmp"

	"jeudi/firmware/session"
)

// Flag is something that a machine may be unable to tell. The zero value is that.
type Flag uint8

// The flags. Past is « not now, but since it was switched on ».
const (
	Untold Flag = iota
	No
	Yes
	Past
)

// Facts is what a machine says of itself. What it does not say stays zero.
type Facts struct {
	Version string

	// Of the file system that holds the data, in bytes; without Total, unknown.
	DiskFree, DiskTotal uint64

	// Worn is how much of the card's life is used up, in per cent rounded up to a
	// ten, and 110 beyond its end; -1 and 0 are unknown. Reserve is how its spare
	// blocks are: 1 normal, 2 mostly used, 3 almost gone, 0 unknown. Both as JEDEC
	// JESD84-B51 has eMMC report them (DEVICE_LIFE_TIME_EST, PRE_EOL_INFO); SD cards
	// say nothing.
	Worn, Reserve int

	Undervoltage Flag // the supply gave too little
	Throttled    Flag // the processor was slowed down, by heat or by weak power
	Heat         int  // of the processor, in thousandths of a degree Celsius; 0 unknown

	MemoryFree, MemoryTotal uint64 // in bytes; without Total, unknown

	Synced Flag // the wall clock follows a time server
}

// The bounds of what is judged.
const (
	mega = 1_000_000
	giga = 1_000_000_000

	diskLow   = 500 * mega // updates need about that much
	diskEmpty = 50 * mega  // the journal of a busy day needs a few

	wornMuch = 90  // per cent
	wornOut  = 110 // beyond the life that its maker promises

	// A Raspberry Pi slows its processor down at 80 °C.
	hot    = 70_000
	tooHot = 80_000

	memoryLow = 64 << 20
)

// and is what two looks at a machine say together: the newer where it says
// something, and the worse of what comes and goes.
func (f Facts) and(newer Facts) Facts {
	worse := func(a, b Flag) Flag {
		if a == Yes && b == No {
			return Past
		}
		if a == Past && b == No || b == Untold {
			return a
		}
		return b
	}
	newer.Undervoltage = worse(f.Undervoltage, newer.Undervoltage)
	newer.Throttled = worse(f.Throttled, newer.Throttled)
	newer.Heat = max(f.Heat, newer.Heat)
	newer.Worn, newer.Reserve = max(f.Worn, newer.Worn), max(f.Reserve, newer.Reserve)
	newer.Version = cmp.Or(newer.Version, f.Version)
	if newer.DiskTotal == 0 {
		newer.DiskFree, newer.DiskTotal = f.DiskFree, f.DiskTotal
	}
	if newer.MemoryTotal == 0 {
		newer.MemoryFree, newer.MemoryTotal = f.MemoryFree, f.MemoryTotal
	}
	return newer
}

// judge is the outcome of each item that needs no person.
func (f Facts) judge() []Outcome {
	return []Outcome{f.disk(), f.wear(), f.power(), f.temperature(), f.memory()}
}

func (f Facts) disk() Outcome {
	o := Outcome{Item: Disk, Result: OK, Notes: []session.Msg{amount(f.DiskFree, "selftest.note.disk_mb", "selftest.note.disk_gb")}}
	switch {
	case f.DiskTotal == 0:
		return Outcome{Item: Disk, Result: Unknown}
	case f.DiskFree < diskEmpty:
		o.Result = Failed
	case f.DiskFree < diskLow:
		o.Result = Warning
	}
	return o
}

func (f Facts) memory() Outcome {
	o := Outcome{Item: Memory, Result: OK, Notes: []session.Msg{amount(f.MemoryFree, "selftest.note.memory_mb", "selftest.note.memory_gb")}}
	switch {
	case f.MemoryTotal == 0:
		return Outcome{Item: Memory, Result: Unknown}
	case f.MemoryFree < memoryLow:
		o.Result = Warning
	}
	return o
}

// amount is a note with a number of bytes, in mega- or gigabytes.
func amount(bytes uint64, megabytes, gigabytes string) session.Msg {
	if bytes < giga {
		return session.M(megabytes, "amount", int(bytes/mega))
	}
	return session.M(gigabytes, "amount", int(bytes/giga))
}

func (f Facts) wear() Outcome {
	o := Outcome{Item: Wear, Result: Unknown}
	if f.Worn <= 0 && f.Reserve <= 0 {
		return o
	}
	o.Result = OK
	if f.Worn > 0 {
		o.Notes = append(o.Notes, session.M("selftest.note.worn", "percent", min(f.Worn, 100)))
	}
	switch {
	case f.Worn >= wornOut || f.Reserve >= 3:
		o.Result = Failed
		o.Notes = append(o.Notes, session.M("selftest.note.worn_out"))
	case f.Worn >= wornMuch || f.Reserve == 2:
		o.Result = Warning
		o.Notes = append(o.Notes, session.M("selftest.note.worn_soon"))
	}
	return o
}

func (f Facts) power() Outcome {
	switch f.Undervoltage {
	case Yes:
		return Outcome{Power, Failed, []session.Msg{session.M("selftest.note.weak_power")}}
	case Past:
		return Outcome{Power, Warning, []session.Msg{session.M("selftest.note.weak_power_past")}}
	case No:
		return Outcome{Item: Power, Result: OK}
	}
	return Outcome{Item: Power, Result: Unknown}
}

func (f Facts) temperature() Outcome {
	o := Outcome{Item: Temperature, Result: Unknown}
	if f.Heat > 0 {
		o.Result = OK
		o.Notes = append(o.Notes, session.M("selftest.note.heat", "degrees", f.Heat/1000))
	}
	switch slowed := f.Throttled == Yes || f.Throttled == Past; {
	case f.Heat >= tooHot:
		o.Result = Failed
		o.Notes = append(o.Notes, session.M("selftest.note.too_hot"))
	case f.Heat >= hot:
		o.Result = Warning
		o.Notes = append(o.Notes, session.M("selftest.note.hot"))
	case slowed:
		o.Result = Warning
		o.Notes = append(o.Notes, session.M("selftest.note.slowed"))
	case f.Throttled == No:
		o.Result = OK
	}
	return o
}
