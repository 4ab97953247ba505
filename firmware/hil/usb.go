package hil

import "maps"

// PlugUSB plugs a device of QEMU's into a USB bus of the machine, by the name of its driver
// and its properties: "bus", and whatever it takes. Unplug, with the same id, pulls it.
func (m *Machine) PlugUSB(driver, id string, properties map[string]any) error {
	arguments := map[string]any{"driver": driver, "id": id}
	maps.Copy(arguments, properties)
	return m.qmp.do("device_add", arguments, nil)
}

// Unplug pulls what was plugged in under that id.
func (m *Machine) Unplug(id string) error {
	return m.qmp.do("device_del", map[string]any{"id": id}, nil)
}

// Net makes a network backend for a card that is plugged in later. It leads nowhere.
func (m *Machine) Net(id string) error {
	return m.qmp.do("netdev_add", map[string]any{"type": "user", "id": id, "restrict": true}, nil)
}

// Type presses a key of the machine's keyboard and lets it go, by QEMU's name of the key: "a",
// "ret".
func (m *Machine) Type(key string) error {
	return m.qmp.do("send-key", map[string]any{"keys": []map[string]any{{"type": "qcode", "data": key}}}, nil)
}
