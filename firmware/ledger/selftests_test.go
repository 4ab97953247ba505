package ledger

import (
	"reflect"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
)

// test is the n-th self test.
func test(n int) selftest.Report {
	at := time.Date(2026, 11, 5, 7, n, 0, 0, time.UTC)
	return selftest.Report{Started: at, Ended: at.Add(time.Minute), Version: "1.2.3", Outcomes: []selftest.Outcome{
		{Item: selftest.Printer, Result: selftest.OK},
		{Item: selftest.OfButton("ok"), Result: selftest.Failed, Notes: []session.Msg{session.M("selftest.note.no_answer")}},
	}}
}

func expectTests(t *testing.T, l *Ledger, want ...selftest.Report) {
	t.Helper()
	got, err := l.SelfTests()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("SelfTests() =\n%+v, %v; want\n%+v", got, err, want)
	}
}

func TestSelfTestsAreKept(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	expectTests(t, l)
	enter(t, l, entry(0))
	for _, r := range []selftest.Report{test(1), test(0)} { // the clock was set back in between
		if err := l.KeepTest(r); err != nil {
			t.Fatalf("KeepTest() = %v; want nil", err)
		}
	}
	l.Close()
	l = mustOpen(t, dir)
	expectTests(t, l, test(1), test(0))
	expect(t, l, entry(0))
}

func TestTheLastSelfTestsAreKept(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	var want []selftest.Report
	for n := range KeptTests + 3 {
		if err := l.KeepTest(test(n)); err != nil {
			t.Fatalf("KeepTest() = %v; want nil", err)
		}
		want = append(want, test(n))
	}
	expectTests(t, l, want[3:]...)
}

// Totals must not be set aside for a report that nobody will miss.
func TestAnUnreadableSelfTestHarmsNothing(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	enter(t, l, entry(0))
	if err := l.KeepTest(test(0)); err != nil {
		t.Fatal(err)
	}
	err := l.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(selfTests).Put([]byte("x"), []byte("{")) })
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	l = mustOpen(t, dir)
	expect(t, l, entry(0))
	expectTests(t, l, test(0))
}
