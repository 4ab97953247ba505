package flash

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// parseDiskutil reads `diskutil list -plist physical`, `diskutil info -plist` of each of its
// whole disks, and that of / .
func parseDiskutil(list []byte, info func(disk string) ([]byte, error), root []byte) ([]Disk, error) {
	top, err := plist(list)
	if err != nil {
		return nil, fmt.Errorf("flash: reading what diskutil lists: %w", err)
	}
	system := map[string]bool{}
	rootInfo, err := plist(root)
	if err != nil {
		return nil, fmt.Errorf("flash: reading what diskutil says of the system: %w", err)
	}
	// / lies in an APFS container, a disk that is not real; its stores name the real ones.
	if whole, _ := rootInfo["ParentWholeDisk"].(string); whole != "" {
		system[whole] = true
	}
	stores, _ := rootInfo["APFSPhysicalStores"].([]any)
	for _, s := range stores {
		if store, _ := s.(map[string]any); store != nil {
			name, _ := store["APFSPhysicalStore"].(string)
			system[wholeDisk(name)] = true
		}
	}
	mounts := map[string][]string{}
	all, _ := top["AllDisksAndPartitions"].([]any)
	for _, a := range all {
		disk, _ := a.(map[string]any)
		name, _ := disk["DeviceIdentifier"].(string)
		parts, _ := disk["Partitions"].([]any)
		for _, p := range append([]any{disk}, parts...) {
			part, _ := p.(map[string]any)
			if at, _ := part["MountPoint"].(string); at != "" {
				mounts[name] = append(mounts[name], at)
			}
		}
	}
	var disks []Disk
	whole, _ := top["WholeDisks"].([]any)
	for _, w := range whole {
		name, _ := w.(string)
		raw, err := info(name)
		if err != nil {
			return nil, err
		}
		i, err := plist(raw)
		if err != nil {
			return nil, fmt.Errorf("flash: reading what diskutil says of %s: %w", name, err)
		}
		if kind, _ := i["VirtualOrPhysical"].(string); kind == "Virtual" {
			continue
		}
		text := func(key string) string { s, _ := i[key].(string); return s }
		yes := func(key string) bool { b, _ := i[key].(bool); return b }
		d := Disk{Path: "/dev/" + name, Name: strings.TrimSpace(text("MediaName")), Bus: strings.ToLower(text("BusProtocol")),
			// A Mac's own card reader is internal, so that "external" says nothing.
			Removable: yes("RemovableMedia"), Mounted: mounts[name]}
		if d.Bus == "secure digital" {
			d.Bus = "sd"
		}
		d.Bytes, _ = i["TotalSize"].(int64)
		if d.Bytes == 0 {
			d.Bytes, _ = i["Size"].(int64)
		}
		if writable, said := i["WritableMedia"].(bool); said {
			d.ReadOnly = !writable
		}
		for _, at := range d.Mounted {
			if !strings.HasPrefix(at, "/Volumes/") {
				d.System = at
			}
		}
		if system[name] {
			d.System = "/"
		}
		disks = append(disks, d)
	}
	return disks, nil
}

// wholeDisk is disk0 of disk0s2.
func wholeDisk(part string) string {
	if i := strings.LastIndexByte(part, 's'); i > len("disk") {
		return part[:i]
	}
	return part
}

// plist reads an XML property list whose top is a dictionary: strings, whole numbers, yes
// and no, lists and dictionaries. diskutil writes nothing else that is of use here; the
// libraries for it also write, and know four other formats.
func plist(raw []byte) (map[string]any, error) {
	dec := xml.NewDecoder(bytes.NewReader(raw))
	for {
		t, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("no dictionary: %w", err)
		}
		if start, ok := t.(xml.StartElement); ok && start.Name.Local == "dict" {
			v, err := plistValue(dec, start, 0)
			if err != nil {
				return nil, err
			}
			return v.(map[string]any), nil
		}
	}
}

func plistValue(dec *xml.Decoder, start xml.StartElement, depth int) (any, error) {
	const deepest = 32
	if depth > deepest {
		return nil, errors.New("nested too deep")
	}
	dict, list, key := map[string]any{}, []any{}, ""
	kind := start.Name.Local
	if kind != "dict" && kind != "array" {
		var text string
		if err := dec.DecodeElement(&text, &start); err != nil {
			return nil, err
		}
		switch kind {
		case "integer":
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, nil // a serial number of 64 bits without a sign, say: nothing we ask for
			}
			return n, nil
		case "true", "false":
			return kind == "true", nil
		}
		return text, nil
	}
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.EndElement:
			if kind == "dict" {
				return dict, nil
			}
			return list, nil
		case xml.StartElement:
			v, err := plistValue(dec, t, depth+1)
			if err != nil {
				return nil, err
			}
			switch {
			case kind == "array":
				list = append(list, v)
			case t.Name.Local == "key":
				key, _ = v.(string)
			default:
				dict[key] = v
			}
		}
	}
}
