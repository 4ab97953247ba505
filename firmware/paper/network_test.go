package paper

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jeudi/drivers"
)

func TestNetwork(t *testing.T) {
	own := NetworkData{Place: "Centre social Les Tilleuls", Wifi: "Jeudi", Passphrase: "abcd-efgh-jkmn-opqr-stuv", Scan: "WIFI:T:WPA;S:Jeudi;P:abcd-efgh-jkmn-opqr-stuv;;",
		Address: "https://10.41.0.1", Print: "3F:A2:90:11"}
	place := NetworkData{Place: own.Place, Wifi: "Box des Tilleuls", Address: "https://192.168.1.20", Print: own.Print}
	cable := NetworkData{Place: own.Place, Address: "https://192.168.1.20", Print: own.Print}
	var got strings.Builder
	for _, d := range []NetworkData{own, place, cable} {
		doc := Network(catalogue(t), d)
		got.WriteString(render(doc) + "\n=====\n")
		var codes, large string
		for _, b := range doc.Blocks {
			switch b := b.(type) {
			case drivers.QR:
				codes += b.Data
			case drivers.Text:
				if b.Size == 2 {
					large += b.Text
				}
			}
		}
		if codes != d.Scan || !strings.Contains(large, d.Passphrase) {
			t.Errorf("Network(%s) has the code %q and in large %q; want the Wi-Fi whole, or none", d.Wifi, codes, large)
		}
		if text := render(doc); !strings.Contains(text, d.Address) || strings.Contains(text, "Sans Internet") != (d.Scan != "") || strings.ContainsAny(text, "⟦⟧{}") {
			t.Errorf("Network(%s) =\n%s", d.Wifi, text)
		}
	}
	file := filepath.Join("testdata", "network.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || got.String() != string(want) {
		t.Errorf("the slip =\n%s\nwant\n%s, %v", got.String(), want, err)
	}
}
