package ledger

import (
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func TestNewCode(t *testing.T) {
	random := chance(11)
	first, err := NewCode(random)
	if err != nil {
		t.Fatalf("NewCode() = %v", err)
	}
	if tidy, err := TidyCode(first); tidy != first || err != nil {
		t.Errorf("TidyCode(NewCode()) = %q, %v; want %q", tidy, err, first)
	}
	if second, err := NewCode(random); err != nil || second == first {
		t.Errorf("NewCode() = %q, %v after %q; want another", second, err, first)
	}
	if code, err := NewCode(iotest.ErrReader(io.ErrUnexpectedEOF)); code != "" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("NewCode() without chance = %q, %v; want its error", code, err)
	}
}
