package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"jeudi/firmware/boltfile"
	"jeudi/firmware/setup"
	"jeudi/provisioning/card"
	"jeudi/provisioning/site"
)

// interview asks the six questions of the wizard on a terminal. Its sentences are French,
// as on the phone: who answers them is the technician of a place.
type interview struct {
	in  *bufio.Reader
	out io.Writer
	err error // of the input: there is nobody to ask any more
}

// errNobody is the end of the input in the middle of a question.
var errNobody = errors.New("les réponses s’arrêtent ici ; rien n’est écrit")

// ask asks for a line; what is between brackets is what Enter means.
func (i *interview) ask(question, usual string) string {
	if i.err != nil {
		return ""
	}
	if usual != "" {
		question += " [" + usual + "]"
	}
	fmt.Fprintf(i.out, "%s : ", question)
	line, err := i.in.ReadString('\n')
	if err != nil && line == "" {
		i.err = errNobody
		fmt.Fprintln(i.out)
		return ""
	}
	return cmp.Or(strings.TrimSpace(line), usual)
}

// must asks until there is an answer.
func (i *interview) must(question, usual, empty string) string {
	for {
		if answer := i.ask(question, usual); answer != "" || i.err != nil {
			return answer
		}
		fmt.Fprintf(i.out, "! %s\n", empty)
	}
}

// choose asks for one of a list by its number; the name serves too.
func (i *interview) choose(question string, choices []string, usual int) int {
	fmt.Fprintf(i.out, "%s\n", question)
	for n, c := range choices {
		fmt.Fprintf(i.out, "  %d  %s\n", n+1, c)
	}
	for i.err == nil {
		answer := i.ask("Numéro", strconv.Itoa(usual+1))
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(choices) {
			return n - 1
		}
		if n := slices.IndexFunc(choices, func(c string) bool { return strings.EqualFold(c, answer) }); n >= 0 {
			return n
		}
		if i.err == nil {
			fmt.Fprintf(i.out, "Écrivez un nombre de 1 à %d.\n", len(choices))
		}
	}
	return usual
}

// several asks for some of a list by their numbers.
func (i *interview) several(question string, choices []string, usual ...int) (chosen []int) {
	fmt.Fprintf(i.out, "%s\n", question)
	for n, c := range choices {
		fmt.Fprintf(i.out, "  %d  %s\n", n+1, c)
	}
	numbers := make([]string, len(usual))
	for k, n := range usual {
		numbers[k] = strconv.Itoa(n + 1)
	}
	for i.err == nil {
		chosen = chosen[:0]
		good := true
		for _, word := range strings.FieldsFunc(i.ask("Numéros", strings.Join(numbers, " ")), func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
			n, err := strconv.Atoi(word)
			good = good && err == nil && n >= 1 && n <= len(choices)
			if good && !slices.Contains(chosen, n-1) {
				chosen = append(chosen, n-1)
			}
		}
		if good && len(chosen) > 0 {
			return chosen
		}
		if i.err == nil {
			fmt.Fprintf(i.out, "Écrivez des nombres de 1 à %d, séparés par des espaces.\n", len(choices))
		}
	}
	return usual
}

// yes asks for yes or no.
func (i *interview) yes(question string, usual bool) bool {
	hint := "o/N"
	if usual {
		hint = "O/n"
	}
	for i.err == nil {
		switch strings.ToLower(i.ask(question+" ("+hint+")", "")) {
		case "":
			return usual
		case "o", "oui", "y", "yes":
			return true
		case "n", "non", "no":
			return false
		}
		fmt.Fprintln(i.out, "Écrivez oui ou non.")
	}
	return usual
}

// place asks everything, and each question again as long as its answer is refused.
func (i *interview) place(roles, languages map[string]string, found setup.Found) (site.Answers, error) {
	wizard := setup.Begin(found)
	// doubted is what is wrong with the rows of an answer. Those before the last one passed
	// already: the last alone is asked again, at once.
	doubted := func(q site.Question) func(site.Answers) []string {
		return func(given site.Answers) (texts []string) {
			_, doubts := wizard.Answer(q, given)
			for _, d := range doubts {
				if d.Item >= 0 {
					texts = append(texts, d.Text)
				}
			}
			return texts
		}
	}
	questions := []struct {
		of    site.Question
		title string
		ask   func(*site.Answers)
	}{
		{site.AskPlace, "Le lieu", i.askPlace},
		{site.AskHours, "Les horaires", func(a *site.Answers) { i.askHours(a, doubted(site.AskHours)) }},
		{site.AskDesks, "Les bureaux", func(a *site.Answers) { i.askDesks(a, roles, doubted(site.AskDesks)) }},
		{site.AskLanguages, "Les langues", func(a *site.Answers) { i.askLanguages(a, languages) }},
		{site.AskDevices, "Les appareils", func(a *site.Answers) { i.askDevices(a, found) }},
		{site.AskWifi, "Le réseau", i.askWifi},
	}
	for n, q := range questions {
		fmt.Fprintf(i.out, "\n%d sur %d. %s\n", n+1, len(questions), q.title)
		for {
			given := wizard.Answers
			q.ask(&given)
			if i.err != nil {
				return site.Answers{}, i.err
			}
			next, doubts := wizard.Answer(q.of, given)
			wizard = next
			if len(doubts) == 0 {
				break
			}
			for _, d := range doubts {
				fmt.Fprintf(i.out, "! %s\n", d.Text)
			}
		}
	}
	return wizard.Answers, nil
}

func (i *interview) askPlace(a *site.Answers) {
	a.Name = i.must("Nom du lieu", a.Name, "Écrivez le nom du lieu.")
	a.Address = i.ask("Adresse, écrite sur les tickets (facultative)", a.Address)
	a.Phone = i.ask("Téléphone (facultatif)", a.Phone)
	var names []string
	at := 0
	for n, z := range site.Zones() {
		names = append(names, z[1])
		if z[0] == a.Zone {
			at = n
		}
	}
	a.Zone = site.Zones()[i.choose("Heure de :", names, at)][0]
}

func (i *interview) askHours(a *site.Answers, doubted func(site.Answers) []string) {
	a.Hours = nil
	day := 3
	days := []string{"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"}
	for i.err == nil {
		day = i.choose("Jour de permanence :", days, day)
		h := site.AnswerHours{Day: days[day]}
		h.From, h.Until = i.ask("De", "9:00"), i.ask("À", "12:00")
		a.Hours = append(a.Hours, h)
		if i.refused(fmt.Sprintf("%s, de %s à %s", h.Day, h.From, h.Until), doubted(*a)) {
			a.Hours = a.Hours[:len(a.Hours)-1]
			continue
		}
		day = 3
		if !i.yes("Une autre permanence dans la semaine ?", false) {
			return
		}
	}
}

// refused says what is wrong with a row, and which; a row is asked again by itself.
func (i *interview) refused(row string, doubts []string) bool {
	if i.err != nil {
		return false
	}
	for _, d := range doubts {
		fmt.Fprintf(i.out, "! %s. %s\n", row, d)
	}
	return len(doubts) > 0
}

func (i *interview) askDesks(a *site.Answers, roles map[string]string, doubted func(site.Answers) []string) {
	a.Desks = nil
	var names []string
	for _, r := range site.Roles() {
		names = append(names, roles[r])
	}
	for i.err == nil {
		d := site.AnswerDesk{Label: i.ask("Nom du bureau", fmt.Sprintf("Bureau %d", len(a.Desks)+1))}
		for _, n := range i.several("Qui y reçoit :", names, 1, 2) {
			d.Roles = append(d.Roles, site.Roles()[n])
		}
		a.Desks = append(a.Desks, d)
		if i.refused(d.Label, doubted(*a)) {
			a.Desks = a.Desks[:len(a.Desks)-1]
			continue
		}
		if !i.yes("Un autre bureau ?", false) {
			return
		}
	}
}

func (i *interview) askLanguages(a *site.Answers, languages map[string]string) {
	var names []string
	for _, l := range site.KnownLanguages() {
		names = append(names, languages[l])
	}
	a.Languages = []string{site.French}
	for _, n := range i.several("Langues de la borne (le français y est toujours) :", names, 0, 1) {
		if l := site.KnownLanguages()[n]; l != site.French {
			a.Languages = append(a.Languages, l)
		}
	}
}

func (i *interview) askDevices(a *site.Answers, found setup.Found) {
	a.Screen = []string{"10.1", "7"}[i.choose("Écran :", []string{"10 pouces", "7 pouces"}, 0)]
	var names, devices []string
	for _, p := range found.Printers {
		names, devices = append(names, strings.TrimSpace(p.Device+" "+p.Name)), append(devices, p.Device)
	}
	// The file is often written on another machine than the box's.
	for _, usual := range []struct{ name, device string }{{"en USB", "escpos:/dev/usb/lp0"}, {"en série, sur les broches", "escpos:serial:/dev/ttyAMA0"}, {"aucune", "none:"}} {
		if !slices.Contains(devices, usual.device) {
			names, devices = append(names, usual.name), append(devices, usual.device)
		}
	}
	a.Printer = devices[i.choose("Imprimante à tickets :", names, 0)]
	if strings.HasPrefix(a.Printer, "escpos:serial:") {
		a.Printer += "?baud=" + i.ask("Vitesse du port", "19200")
	}
	a.Profile = ""
	if a.Printer != "none:" {
		a.Profile = []string{"", "generic-58"}[i.choose("Papier :", []string{"rouleau de 80 mm", "rouleau de 58 mm"}, 0)]
	}
	a.Panel = site.Layouts()[i.choose("Boutons :", []string{"huit", "quatre", "aucun"}, 0)]
	a.Speaker = []string{"sound:", "none:"}[i.choose("Son :", []string{"haut-parleur", "pas de son"}, 0)]
}

func (i *interview) askWifi(a *site.Answers) {
	a.Wifi = site.AnswerWifi{Use: []string{site.WifiOwn, site.WifiPlace, site.WifiCable}[i.choose("Réseau, pour les téléphones de l’équipe :",
		[]string{"la borne fait son Wi-Fi, sans Internet", "le Wi-Fi du lieu", "un câble"}, 0)]}
	if a.Wifi.Use == site.WifiPlace {
		a.Wifi.SSID = i.must("Nom du Wi-Fi, tel quel", "", "Écrivez le nom du Wi-Fi du lieu.")
		a.Wifi.Passphrase = i.ask("Clé du Wi-Fi", "")
	}
}

// siteNew writes a commented site file by questions.
func siteNew(file string, in io.Reader, found setup.Found, out, errs io.Writer) int {
	if _, err := os.Stat(file); err == nil {
		fmt.Fprintf(errs, "jeudi site new: %s est déjà là ; donnez un autre nom, ou enlevez-le d’abord\n", file)
		return exitUsage
	}
	roles, languages, err := siteNames()
	if err != nil {
		fmt.Fprintln(errs, "jeudi site new:", err)
		return exitFail
	}
	fmt.Fprintf(out, "Six questions, puis le fichier %s est écrit. Entrée prend ce qui est entre crochets.\n", file)
	i := &interview{in: bufio.NewReader(in), out: out}
	answers, err := i.place(roles, languages, found)
	if err != nil {
		fmt.Fprintln(errs, "jeudi site new:", err)
		return exitFail
	}
	if err := writeSite(file, []byte(answers.Compose())); err != nil {
		fmt.Fprintln(errs, "jeudi site new:", err)
		return exitFail
	}
	fmt.Fprintf(out, "\n%s est écrit. Changez-le avec un éditeur de texte, puis : jeudi site check %s\n", file, file)
	return exitOK
}

// writeSite puts a site file in place whole or not at all, for its owner alone: it may
// hold the passphrase of a Wi-Fi. The one before is overwritten: a card that is looked
// through does not give away the passphrase of last year.
func writeSite(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	next := name + ".next"
	if err := boltfile.Discard(next); err != nil { // what a cut has left
		return err
	}
	if err := card.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	if boltfile.Exchange(next, name) == nil {
		return boltfile.Discard(next)
	}
	if err := os.Rename(next, name); err != nil { // the first, or a system that exchanges nothing
		return err
	}
	return card.SyncDir(filepath.Dir(name))
}
