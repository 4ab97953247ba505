package hotspot

import (
	"maps"
	"path/filepath"
	"slices"
)

// A Step is one thing that is done: a file written or removed, or a program run. Doing a
// step again changes nothing.
type Step struct {
	Write  string // path, "" for no file
	Data   string
	Remove string   // path, "" for none
	Run    []string // program and arguments, nil for none; never with a secret
	// Spare goes on when the program fails or is not there.
	Spare bool
}

// unit is the service of dnsmasq, which nothing but this starts.
const unit = "jeudi-hotspot.service"

// Steps lead from one plan to the next. The zero Plan is a machine of which nothing is
// known: everything is then done, and profiles of an earlier start are removed.
//
// The firewall comes first, so that no port of the new network is open for a moment.
func Steps(had, want Plan, left []string) []Step {
	var steps []Step
	add := func(s Step) { steps = append(steps, s) }
	if want.Firewall != had.Firewall {
		add(Step{Write: Firewall, Data: want.Firewall})
		add(Step{Run: []string{"nft", "-f", Firewall}})
	}
	if want.Country != had.Country {
		// A radio without a country keeps to what is lawful everywhere, and works.
		add(Step{Run: []string{"iw", "reg", "set", want.Country}, Spare: true})
	}
	if want.Dns == "" && (had.Dns != "" || had.Firewall == "") {
		add(Step{Run: []string{"systemctl", "stop", unit}, Spare: true})
		add(Step{Remove: DnsFile})
		add(Step{Remove: Leases})
	}
	path := func(name string) string { return filepath.Join(Profiles, name+".nmconnection") }
	changed := false
	left = slices.AppendSeq(left, maps.Keys(had.Profiles))
	slices.Sort(left)
	for _, name := range slices.Compact(left) {
		if _, ok := want.Profiles[name]; !ok {
			add(Step{Remove: path(name)})
			changed = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want.Profiles)) {
		if want.Profiles[name] != had.Profiles[name] {
			add(Step{Write: path(name), Data: want.Profiles[name]})
			changed = true
		}
	}
	if changed {
		// A profile that is gone is left; the others come up by themselves when they can.
		add(Step{Run: []string{"nmcli", "connection", "reload"}})
	}
	if own := want.Profiles[OwnProfile]; own != had.Profiles[OwnProfile] && own != "" {
		// It comes up by itself too; this is sooner. Whether it did is looked at afterwards:
		// to wait here, and to ask again, would begin anew what is slow already.
		add(Step{Run: []string{"nmcli", "--wait", "0", "connection", "up", "id", OwnProfile}, Spare: true})
	}
	if want.Dns != had.Dns && want.Dns != "" {
		add(Step{Write: DnsFile, Data: want.Dns})
		add(Step{Run: []string{"systemctl", "restart", unit}})
	}
	return steps
}
