package coop

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// The addresses of La Coop's two forms. What v holds is the form's own state, as the
// page itself writes it there: superjson, deflated, in base64url without padding.
const (
	individualForm = "https://coop-numerique.anct.gouv.fr/coop/mes-activites/cra/individuel?v="
	workshopForm   = "https://coop-numerique.anct.gouv.fr/coop/mes-activites/cra/collectif?v="
)

// MostLink is the longest link, in bytes: what a QR code of version 20 holds at
// level L, 97 modules a side. A phone reads that from a screen; it is too dense for
// a receipt.
const MostLink = 858

// Why there is no link.
var (
	ErrNoLink   = errors.New("the site makes no links")
	ErrLongLink = errors.New("too long for a code that scans")
)

// form is the state of both forms. A field that is left out stays as La Coop has
// it: empty, or the mediator's own habit.
type form struct {
	Date         string      `json:"date"`
	Duree        duree       `json:"duree"`
	TypeLieu     Venue       `json:"typeLieu"`
	Thematiques  []Theme     `json:"thematiques"`
	Materiel     []Material  `json:"materiel,omitempty"`
	Precisions   string      `json:"precisionsDemarche,omitempty"`
	Autonomie    Autonomy    `json:"autonomie,omitempty"`
	Oriente      Answer      `json:"orienteVersStructure,omitempty"`
	Structure    Structure   `json:"structureDeRedirection,omitempty"`
	Niveau       Level       `json:"niveau,omitempty"`
	Beneficiaire *personForm `json:"beneficiaire,omitempty"`
	Participants *groupForm  `json:"participantsAnonymes,omitempty"`
}

// duree is one of the choices of the form, or hours and minutes.
type duree struct {
	Choice  string `json:"duree"`
	Hours   int    `json:"dureePersonnaliseeHeures,omitempty"`
	Minutes int    `json:"dureePersonnaliseeMinutes,omitempty"`
}

type personForm struct {
	Deja   *bool  `json:"dejaAccompagne,omitempty"`
	Gender Gender `json:"genre"`
	Age    Age    `json:"trancheAge"`
	Status Status `json:"statutSocial"`
}

// groupForm is a group of whom only the number is told.
type groupForm struct {
	Total  int `json:"total"`
	Gender int `json:"genreNonCommunique"`
	Age    int `json:"trancheAgeNonCommunique"`
	Status int `json:"statutSocialNonCommunique"`
}

// Link is the address that opens La Coop's form filled with a record, for a mediator
// who is signed in there. It holds choices of closed lists alone: neither a title nor
// the name of a place, because it stays in the browser's history.
//
// The error is ErrNoLink when the site wants none, ErrInvalid for what Check would
// not let pass, and ErrLongLink when no reader would manage it.
func (s Site) Link(r Record) (string, error) {
	if !s.Prefill {
		return "", ErrNoLink
	}
	if err := s.refuse(r); err != nil {
		return "", fmt.Errorf("coop: link: %w", err)
	}
	f := form{
		Date: r.Day.Format(time.DateOnly), Duree: dureeOf(r.Minutes), TypeLieu: cmp.Or(r.Venue, AtThePlace),
		Thematiques: TidyThemes(r.Themes), Materiel: inOrder(Materials(), r.Materials),
		Autonomie: r.Autonomy, Oriente: r.Oriented, Structure: r.Structure, Niveau: r.Level,
	}
	if slices.Contains(f.Thematiques, Paperwork) { // without it La Coop drops the name too
		f.Precisions = LabelOf(s.organisms(), r.With)
	}
	address := individualForm
	if r.Kind == Workshop {
		address = workshopForm
		f.Participants = &groupForm{r.Participants, r.Participants, r.Participants, r.Participants}
	} else {
		f.Beneficiaire = &personForm{Gender: cmp.Or(r.Gender, unsaid), Age: cmp.Or(r.Age, unsaid), Status: cmp.Or(r.Status, unsaid)}
		if r.Known != "" {
			known := r.Known == Yes
			f.Beneficiaire.Deja = &known
		}
	}
	v, err := encode(f)
	if err != nil {
		return "", fmt.Errorf("coop: link: %w", err)
	}
	if len(address)+len(v) > MostLink {
		return "", fmt.Errorf("coop: link: %d bytes: %w", len(address)+len(v), ErrLongLink)
	}
	return address + v, nil
}

// encode writes a state as La Coop's page reads it. Plain values need no more of
// superjson than its envelope.
func encode(state any) (string, error) {
	plain, err := json.Marshal(map[string]any{"json": state})
	if err != nil {
		return "", err
	}
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := z.Write(plain); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(packed.Bytes()), nil
}

// dureeOf chooses as a person would in the form.
func dureeOf(minutes int) duree {
	switch minutes {
	case 15, 30, 45, 60, 90, 120:
		return duree{Choice: strconv.Itoa(minutes)}
	}
	return duree{Choice: "personnaliser", Hours: minutes / 60, Minutes: minutes % 60}
}
