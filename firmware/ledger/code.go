package ledger

import (
	"fmt"
	"io"
)

// NewCode draws a code of CodeLength characters for whatever else is printed on a
// slip and typed by people. It is kept nowhere: whoever asks for it sees that it is
// not given twice. TidyCode reads it.
func NewCode(random io.Reader) (string, error) {
	code, err := drawCode(random)
	if err != nil {
		return "", fmt.Errorf("ledger: %w", err)
	}
	return code, nil
}
