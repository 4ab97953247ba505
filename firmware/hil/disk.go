package hil

import "maps"

// Disk puts another disk behind a drive that runs, by the id of its device, as a fault does:
// a block node of QEMU's that is made with these options under that name. The guest is told
// nothing; what it had asked for before is answered first.
func (m *Machine) Disk(device, name string, options map[string]any) error {
	arguments := map[string]any{"node-name": name}
	maps.Copy(arguments, options)
	if err := m.qmp.do("blockdev-add", arguments, nil); err != nil {
		return err
	}
	return m.qmp.do("qom-set", map[string]any{"path": "/machine/peripheral/" + device, "property": "drive", "value": name}, nil)
}
