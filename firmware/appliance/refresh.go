package appliance

// Refresh has every screen drawn again, when something beside the box changed that
// a view shows. It waits for nothing: where the owner has much to do, it publishes
// anyway.
func (a *Appliance) Refresh() {
	select {
	case a.lazy <- request{do: func(*draft) error { return nil }}:
	default:
	}
}
