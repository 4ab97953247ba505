package site

import "testing"

func TestStatistics(t *testing.T) {
	const lan = "[network]\nvisitors = true\npublic = \"10.3.141.1\"\n"
	usual := Statistics{Sealed: true, Batch: 10, Period: "quarter", ReleaseLeast: 30, GroupAt: 5}
	with := func(change func(*Statistics)) Statistics {
		s := usual
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name, text string
		want       Statistics
		err        string
	}{
		{"without the section", "", usual, ""},
		{"empty", "[statistics]\n", usual, ""},
		{"the lower level", "[statistics]\nlevel = \"plain\"\n", with(func(s *Statistics) { s.Sealed = false }), ""},
		{"all given", "[statistics]\nlevel = \"sealed\"\nbatch = 32\ndrawer_ticket = true\nperiod = \"half\"\nrelease_least = 50\ngroup_at = 11\n",
			Statistics{Sealed: true, Batch: 32, DrawerTicket: true, Period: "half", ReleaseLeast: 50, GroupAt: 11}, ""},
		{"visitors on the network", lan, with(func(s *Statistics) { s.DrawerTicket = true }), ""},
		{"and no drawer ticket", lan + "[statistics]\ndrawer_ticket = false\n", Statistics{},
			`f:18: statistics.drawer_ticket: phones forget the keys where visitors are on the same network; write drawer_ticket = true, or level = "plain"`},
		{"and no key at all", lan + "[statistics]\nlevel = \"plain\"\ndrawer_ticket = false\n", with(func(s *Statistics) { s.Sealed = false }), ""},
		{"an unknown level", "[statistics]\nlevel = \"open\"\n", Statistics{}, `f:15: statistics.level: unknown level "open"; use one of sealed, plain`},
		{"an unknown period", "[statistics]\nperiod = \"week\"\n", Statistics{}, `f:15: statistics.period: unknown period "week"; use one of month, quarter, half, year`},
		{"a small batch", "[statistics]\nbatch = 9\n", Statistics{}, `f:15: statistics.batch: 9 is out of range; write a number from 10 to 32`},
		{"a batch beyond half of the room", "[statistics]\nbatch = 33\n", Statistics{}, `f:15: statistics.batch: 33 is out of range; write a number from 10 to 32`},
		{"small tables", "[statistics]\nrelease_least = 29\n", Statistics{}, `f:15: statistics.release_least: 29 is out of range; write a number from 30 to 1000`},
		{"small answers", "[statistics]\ngroup_at = 4\n", Statistics{}, `f:15: statistics.group_at: 4 is out of range; write a number from 5 to 50`},
		{"an unknown key", "[statistics]\nlevels = \"plain\"\n", Statistics{}, `f:15: statistics.levels: unknown key "levels"; known keys in [statistics] are level, batch, drawer_ticket, period, release_least, group_at`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Parse("f", []byte(least+tt.text))
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("Parse = %v; want %s", err, tt.err)
				}
				return
			}
			if err != nil || s.Statistics != tt.want {
				t.Errorf("Parse = %+v, %v; want %+v", s, err, tt.want)
			}
		})
	}
}
