package reporttest_test

import (
	"testing"

	"jeudi/firmware/report/reporttest"
)

// Every question of a table has the total of the table.
func TestTablesAddUp(t *testing.T) {
	now, before, _ := reporttest.Synthetic()
	for _, r := range append(now, before...) {
		for _, table := range r.Tables {
			for _, q := range table.Questions {
				sum := 0
				for _, c := range q.Answers {
					sum += c.N
				}
				if sum != table.Total {
					t.Errorf("%s, %s, %s: %d answers; want %d", r.From, table.Kind, q.Key, sum, table.Total)
				}
			}
		}
		if a := r.Attendance.Totals; a.Ended() != a.Issued {
			t.Errorf("%s: %d visits ended of %d; want all", r.From, a.Ended(), a.Issued)
		}
	}
}
