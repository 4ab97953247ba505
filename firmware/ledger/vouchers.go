package ledger

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"go.etcd.io/bbolt"

	"jeudi/firmware/session"
)

// A voucher is a short code on an orientation slip. It counts whether people who
// are sent to a place arrive there, and knows nothing of them: no ticket, no
// sheet, no hour. On disk it has its place, a month, whether it was given, and
// whether it came back.
//
// A code is drawn before its paper is printed, and counts as given once the paper
// may have come out. One whose paper did not come out counts nowhere; should it
// come back all the same, it was given.
//
// Codes are drawn at random and kept in their own order, so that the list of them
// does not tell which was given first. What bbolt leaves in a page that is free,
// until it is written anew, is an earlier state of the list: whoever takes the card
// out and reads those may see that one code was given before another, on no known
// day.

// The alphabet of a code: digits and letters that nobody takes for each other on
// thermal paper or by telephone, and no vowel, so that no code is a word. There are
// 23 of them, a prime, which is what the check character needs.
const codeLetters = "23456789CDFGHJKMNPRTVWX"

// CodeLength is how many characters a code has; the last of them checks the others.
const CodeLength = 6

// codeAge is after how many months a code is forgotten. Its counts stay.
const codeAge = 12

// Refusals of a code, with words for staff.
var (
	// ErrVoucherTypo is a code that was never drawn by any box.
	ErrVoucherTypo = &session.Refusal{Msg: session.M("refuse.voucher_typo")}
	// ErrVoucherUnknown is a code that this box has not given, or has forgotten.
	ErrVoucherUnknown = &session.Refusal{Msg: session.M("refuse.voucher_unknown")}
)

// drawCode draws a code.
func drawCode(random io.Reader) (string, error) {
	var code [CodeLength]byte
	for i := range CodeLength - 1 {
		// Eleven of each, so that no letter is likelier than another.
		for code[i] == 0 {
			var b [1]byte
			if _, err := io.ReadFull(random, b[:]); err != nil {
				return "", fmt.Errorf("drawing a code: %w", err)
			}
			if b[0] < 11*byte(len(codeLetters)) {
				code[i] = codeLetters[int(b[0])%len(codeLetters)]
			}
		}
	}
	// The last weight is -1: the character is what makes the sum nothing.
	code[CodeLength-1] = codeLetters[codeSum(string(code[:CodeLength-1]))]
	return string(code[:]), nil
}

// codeSum is the weighted sum of a code's characters, modulo their number. Each
// place has its own weight, and the number is prime: a wrong character changes it,
// and so do two that changed places.
func codeSum(code string) int {
	sum := 0
	for i := range len(code) {
		weight := i + 1
		if i == CodeLength-1 {
			weight = -1
		}
		sum += weight * strings.IndexByte(codeLetters, code[i])
	}
	n := len(codeLetters)
	return (sum%n + n) % n
}

// TidyCode is the code in what a person typed or a reader of QR codes read: small
// letters, blanks and dashes do not matter. Anything that is no code of any box is
// ErrVoucherTypo.
func TidyCode(text string) (string, error) {
	if len(text) > 1000 {
		return "", ErrVoucherTypo
	}
	text = strings.ToUpper(strings.TrimSpace(text))
	// The QR code of a slip begins with its format and goes on after the code.
	if rest, ok := strings.CutPrefix(text, "JEUDI1 "); ok {
		text, _, _ = strings.Cut(rest, " ")
	}
	code := strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r == '\u2010' || r == '\u2011' || r == '\u2013' || r == '\ufeff' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
	if len(code) != CodeLength || strings.Trim(code, codeLetters) != "" || codeSum(code) != 0 {
		return "", ErrVoucherTypo
	}
	return code, nil
}

// voucher is what is kept of a code, and all of it.
type voucher struct {
	Place   string `json:"place"`
	Month   string `json:"month"`          // "2026-11", or "" when the clock was not trusted
	Held    bool   `json:"held,omitempty"` // drawn, and not known to be on any paper
	Arrived bool   `json:"arrived,omitempty"`
}

// Voucher is a code that was given and is remembered.
type Voucher struct {
	Code    string
	Place   string // its id in the directory
	Month   string // of its issue, "2026-11"; "" when the clock was not trusted then
	Arrived bool
}

// VoucherCount is how many codes of a place and month were given, and how many
// came back.
type VoucherCount struct {
	Place, Month   string
	Given, Arrived int
}

var (
	vouchers      = []byte("vouchers")
	voucherCounts = []byte("voucher_counts")
)

// NewVoucher draws a code for a place of the directory, and forgets those that are
// older than a year. It counts once Given says so. Of the time only the month is
// kept; give the zero time when the clock is not trusted: such a code has no month
// and is not forgotten.
func (l *Ledger) NewVoucher(place string, at time.Time, random io.Reader) (code string, err error) {
	if place == "" || len(place) > 500 || strings.ContainsRune(place, 0) {
		return "", fmt.Errorf("ledger: voucher: not the id of a place")
	}
	month := monthOf(at)
	err = l.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(vouchers)
		if err != nil {
			return err
		}
		if err := forget(b, at); err != nil {
			return err
		}
		// A year of codes are few of the six million: two draws are one too many.
		for range 100 {
			if code, err = drawCode(random); err != nil {
				return err
			}
			if b.Get([]byte(code)) == nil {
				return putVoucher(b, code, voucher{Place: place, Month: month, Held: true})
			}
		}
		return errors.New("no code is free")
	})
	if err != nil {
		return "", fmt.Errorf("ledger: voucher: %w", err)
	}
	return code, nil
}

// Given counts codes as given: the paper they are on came out, or nobody knows. The
// second time it changes nothing. A code that was never drawn here, or is
// forgotten, is passed over.
func (l *Ledger) Given(codes ...string) error {
	err := l.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(vouchers)
		if b == nil {
			return nil
		}
		for _, code := range codes {
			var v voucher
			if json.Unmarshal(b.Get([]byte(code)), &v) != nil {
				continue
			}
			if err := onPaper(tx, &v); err != nil {
				return err
			}
			if err := putVoucher(b, code, v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ledger: voucher: %w", err)
	}
	return nil
}

// onPaper counts a code as given, once.
func onPaper(tx *bbolt.Tx, v *voucher) error {
	if !v.Held {
		return nil
	}
	v.Held = false
	return count(tx, v.Place, v.Month, func(c *VoucherCount) { c.Given++ })
}

func monthOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format("2006-01")
}

// forget lets go of the codes that are older than a year.
func forget(b *bbolt.Bucket, at time.Time) error {
	if at.IsZero() {
		return nil
	}
	oldest := monthOf(time.Date(at.Year(), at.Month()-codeAge, 1, 0, 0, 0, 0, time.UTC))
	var old [][]byte
	err := b.ForEach(func(k, v []byte) error {
		var kept voucher
		if json.Unmarshal(v, &kept) != nil || kept.Month != "" && kept.Month < oldest {
			old = append(old, slices.Clone(k)) // a bucket is not changed while it is walked
		}
		return nil
	})
	for _, k := range old {
		err = errors.Join(err, b.Delete(k))
	}
	return err
}

func putVoucher(b *bbolt.Bucket, code string, v voucher) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put([]byte(code), raw)
}

// countValue is a VoucherCount on disk; its key is the place, a zero and the month.
type countValue struct {
	Given   int `json:"given"`
	Arrived int `json:"arrived"`
}

func count(tx *bbolt.Tx, place, month string, change func(*VoucherCount)) error {
	b, err := tx.CreateBucketIfNotExists(voucherCounts)
	if err != nil {
		return err
	}
	key := []byte(place + "\x00" + month)
	c, _ := readCount(key, b.Get(key)) // a count that is damaged begins anew
	change(&c)
	v, err := json.Marshal(countValue{c.Given, c.Arrived})
	if err != nil {
		return err
	}
	return b.Put(key, v)
}

func readCount(k, v []byte) (VoucherCount, bool) {
	place, month, ok := bytes.Cut(k, []byte{0})
	var kept countValue
	if !ok || v == nil || json.Unmarshal(v, &kept) != nil {
		return VoucherCount{}, false
	}
	return VoucherCount{string(place), string(month), kept.Given, kept.Arrived}, true
}

// Arrived counts a code that came back. The second time it changes nothing and is
// no error. A code with a mistake in it is ErrVoucherTypo, one that was not given
// here or is forgotten ErrVoucherUnknown.
func (l *Ledger) Arrived(code string) error {
	tidy, err := TidyCode(code)
	if err != nil {
		return err
	}
	err = l.db.Update(func(tx *bbolt.Tx) error {
		_, err := arrive(tx, tidy)
		return err
	})
	if err != nil && !errors.Is(err, ErrVoucherUnknown) {
		return fmt.Errorf("ledger: voucher: %w", err)
	}
	return err
}

// arrive reports whether the code had not come back before.
func arrive(tx *bbolt.Tx, code string) (fresh bool, err error) {
	b := tx.Bucket(vouchers)
	var v voucher
	if b == nil || json.Unmarshal(b.Get([]byte(code)), &v) != nil {
		return false, ErrVoucherUnknown
	}
	if v.Arrived {
		return false, nil
	}
	if err := onPaper(tx, &v); err != nil { // it came back, so its paper came out
		return false, err
	}
	v.Arrived = true
	if err := putVoucher(b, code, v); err != nil {
		return false, err
	}
	return true, count(tx, v.Place, v.Month, func(c *VoucherCount) { c.Arrived++ })
}

// Arrivals is what became of a partner's list.
type Arrivals struct {
	New     int   // counted now
	Already int   // counted before
	Blank   int   // in the list, and not ticked
	Unknown []int // the lines whose code was not given here, or is forgotten; from 1
	Typos   []int // the lines that begin with no code
}

// mostList bounds a partner's list, in bytes and in lines.
const (
	mostList  = 1 << 20
	mostLines = 20_000
)

// ArrivedMany counts the codes of a partner's list in one step: a text with a code
// at the start of each line, whatever follows it behind a comma, a semicolon or a
// tabulation. Of a list whose head has a column « arrivé », as WriteVouchers makes
// it, only the lines count where something stands in that column, other than non,
// no, 0 or faux. An error, of the reading or of the disk, has counted nothing.
func (l *Ledger) ArrivedMany(list io.Reader) (Arrivals, error) {
	lines, err := readList(list)
	if err != nil {
		return Arrivals{}, fmt.Errorf("ledger: vouchers: %w", err)
	}
	var a Arrivals
	err = l.db.Update(func(tx *bbolt.Tx) error {
		a = Arrivals{}
		for _, line := range lines {
			code, err := TidyCode(line.code)
			if err != nil {
				a.Typos = append(a.Typos, line.n)
				continue
			}
			if !line.ticked {
				a.Blank++
				continue
			}
			fresh, err := arrive(tx, code)
			switch {
			case errors.Is(err, ErrVoucherUnknown):
				a.Unknown = append(a.Unknown, line.n)
			case err != nil:
				return err
			case fresh:
				a.New++
			default:
				a.Already++
			}
		}
		return nil
	})
	if err != nil {
		return Arrivals{}, fmt.Errorf("ledger: vouchers: %w", err)
	}
	return a, nil
}

// listLine is a line of a partner's list.
type listLine struct {
	n      int // from 1
	code   string
	ticked bool
}

// readList reads a partner's list. It is not encoding/csv's: a quotation mark that
// nobody closed must not swallow the rest of the list.
func readList(r io.Reader) ([]listLine, error) {
	var lines []listLine
	in := bufio.NewScanner(io.LimitReader(r, mostList+1))
	read, column, head := 0, -1, true
	for n := 1; in.Scan(); n++ {
		if read += len(in.Bytes()) + 1; read > mostList || n > mostLines {
			return nil, fmt.Errorf("a list of more than %d bytes or %d lines", mostList, mostLines)
		}
		cells := strings.FieldsFunc(mark(in.Text()), func(r rune) bool { return r == cell })
		for i := range cells {
			cells[i] = strings.Trim(cells[i], "\x00\ufeff\" \u00a0\t\r")
		}
		if !slices.ContainsFunc(cells, func(c string) bool { return c != "" }) {
			continue
		}
		if _, err := TidyCode(cells[0]); err == nil {
			head = false
		} else if head {
			// Above the first code stand titles and the head of the columns. Excel may
			// have written it in a page where é is another byte.
			i := slices.IndexFunc(cells, func(c string) bool { return strings.HasPrefix(strings.ToLower(c), "arriv") })
			if column = max(column, i); i >= 0 || looksLikeHead(cells[0]) {
				continue
			}
		}
		line := listLine{n: n, code: cells[0], ticked: true}
		if column >= 0 {
			line.ticked = column < len(cells) && ticked(cells[column])
		}
		lines = append(lines, line)
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	return lines, nil
}

// cell ends a cell of a list. A zero before it keeps an empty cell its place.
const cell = '\x01'

func mark(line string) string {
	return strings.NewReplacer(";", "\x00\x01", ",", "\x00\x01", "\t", "\x00\x01").Replace(line)
}

func looksLikeHead(c string) bool {
	switch strings.ToLower(c) {
	case "code", "codes", "bon", "bons", "voucher":
		return true
	}
	return false
}

func ticked(c string) bool {
	switch strings.ToLower(c) {
	case "", "non", "no", "n", "0", "faux", "false", "-":
		return false
	}
	return true
}

// Vouchers are the codes that were given and are remembered, of one place or, with "", of all, by
// place, month and code.
func (l *Ledger) Vouchers(place string) ([]Voucher, error) {
	var list []Voucher
	err := l.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(vouchers)
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, raw []byte) error {
			var v voucher
			// What cannot be read is left out: a count of codes is not worth a fault.
			if json.Unmarshal(raw, &v) == nil && !v.Held && (place == "" || v.Place == place) {
				list = append(list, Voucher{string(k), v.Place, v.Month, v.Arrived})
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: vouchers: %w", err)
	}
	slices.SortFunc(list, func(a, b Voucher) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Code, b.Code))
	})
	return list, nil
}

// VoucherCounts are the counts of every place and month, those of forgotten codes
// too, by place, then month.
func (l *Ledger) VoucherCounts() ([]VoucherCount, error) {
	var list []VoucherCount
	err := l.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(voucherCounts)
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			if c, ok := readCount(k, v); ok {
				list = append(list, c)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: vouchers: %w", err)
	}
	return list, nil
}

// WriteVouchers writes codes as a list for a partner, who fills the column
// « arrivé » and gives it back to ArrivedMany. It opens in any spreadsheet.
func WriteVouchers(w io.Writer, list []Voucher) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("ledger: vouchers: %w", err)
	}
	out := csv.NewWriter(w)
	out.Comma = ';'
	out.UseCRLF = true
	rows := [][]string{{"code", "mois", "arrivé"}}
	for _, v := range list {
		tick := ""
		if v.Arrived {
			tick = "oui"
		}
		rows = append(rows, []string{v.Code, v.Month, tick})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("ledger: vouchers: %w", err)
	}
	return nil
}
