package report

import (
	"reflect"
	"testing"

	"jeudi/firmware/session"
)

func TestByPlace(t *testing.T) {
	at := func(place string, held, issued int) AtPlace { return AtPlace{place, held, issued, issued} }
	tests := []struct {
		name string
		held []AtPlace
		want []AtPlace
	}{
		{"nothing", nil, nil},
		{"one place is no list", []AtPlace{at("A", 1, 9), at("A", 1, 8)}, nil},
		{"the most visited first", []AtPlace{at("A", 1, 9), at("B", 1, 12), at("A", 1, 8)}, []AtPlace{at("A", 2, 17), at("B", 1, 12)}},
		{"small ones together", []AtPlace{at("A", 2, 20), at("B", 1, 3), at("C", 1, 4)}, []AtPlace{at("A", 2, 20), at("", 2, 7)}},
		{"one small one takes the next with it", []AtPlace{at("A", 2, 20), at("B", 1, 6), at("C", 1, 2)}, []AtPlace{at("A", 2, 20), at("", 2, 8)}},
		{"two places, one of them small: nothing can be told apart", []AtPlace{at("A", 2, 20), at("C", 1, 2)}, nil},
		{"all small", []AtPlace{at("A", 1, 4), at("B", 1, 4)}, nil},
		{"practices do not count", []AtPlace{at("A", 2, 20), {}, at("B", 1, 5)}, []AtPlace{at("A", 2, 20), at("B", 1, 5)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ByPlace(tt.held, 5)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("ByPlace = %+v; want %+v", got, tt.want)
			}
			for _, p := range got {
				if p.Issued < 5 {
					t.Errorf("%+v is told alone", p)
				}
			}
		})
	}
	if got := (Report{Totals: session.Totals{Issued: 5, Served: 3, Oriented: 1}}).Held("A"); got != (AtPlace{"A", 1, 5, 4}) {
		t.Errorf("Held = %+v", got)
	}
	if got := (Report{Test: true, Totals: session.Totals{Issued: 5}}).Held("A"); got != (AtPlace{}) {
		t.Errorf("Held of a practice = %+v; want nothing", got)
	}
}

// TestPlacesInTheBilan: the table names each place once, and the small ones together; of
// several boxes and periods they add up.
func TestPlacesInTheBilan(t *testing.T) {
	a := Attendance{Places: []AtPlace{{"Gare", 2, 20, 15}, {"", 1, 6, 6}}}
	a.plus(Attendance{Places: []AtPlace{{"Gare", 1, 4, 3}, {"Moulin", 1, 9, 9}}})
	w, p := &writer{r: Release{Attendance: a}}, Part{}
	w.places(&p)
	if len(p.Tables) != 1 || len(p.Tables[0].Rows) != 3 {
		t.Fatalf("tables = %+v; want one of three places", p.Tables)
	}
	for i, want := range [][]string{{"Gare", "3", "24", "18"}, {"Autres lieux", "1", "6", "6"}, {"Moulin", "1", "9", "9"}} {
		for j, cell := range p.Tables[0].Rows[i] {
			if cell.Text != want[j] {
				t.Errorf("row %d = %+v; want %q", i, p.Tables[0].Rows[i], want)
				break
			}
		}
	}
	none := Part{}
	(&writer{}).places(&none)
	if len(none.Tables) > 0 {
		t.Errorf("a box that stays has the table %+v", none.Tables)
	}
}
