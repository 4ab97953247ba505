package site

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// French is the error's sentence for the technician: on the screen of the box, in the
// wizard, in `jeudi site check`, in the file that firstboot leaves on the card. These
// sentences stand here and not in the catalogue of the box, because the programs that read
// a site file before there is a box (flash, firstboot) have no catalogue.
func (e Error) French() string {
	if e.french == "" {
		return e.Msg
	}
	return e.french
}

// InFrench reads "jeudi.toml, ligne 12, desk.roles : rôle inconnu …", for a technician.
func (e Error) InFrench() string {
	where := fmt.Sprintf("%s, ligne %d", e.File, e.Line)
	if e.Key != "" {
		where += ", " + e.Key
	}
	return where + " : " + e.French()
}

// InFrench has one line for each error.
func (e Errors) InFrench() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.InFrench()
	}
	return strings.Join(lines, "\n")
}

// inFrench says in French what fail was given: the format is the key of the sentence, as
// in gettext, so that each fault is worded where it is found and translated here. The
// tests hold the two lists together, hole by hole.
func inFrench(format string, args []any) string {
	french, ok := french()[format]
	if !ok {
		return ""
	}
	if name, near := meant(format, args); near != "" {
		return fmt.Sprintf("réglage inconnu : %q ; écrivez plutôt %s", name, near)
	}
	said, verbs := make([]any, len(args)), verb.FindAllString(french, -1)
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			if said[i] = arg; verbs[i] == "%s" { // between quotes stands what the file says
				said[i] = phrase(arg)
			}
		case time.Weekday:
			said[i] = frenchDays()[arg]
		default:
			said[i] = arg
		}
	}
	return fmt.Sprintf(french, said...)
}

// inForm says it to who sees a form and no lines.
func inForm(format string, args []any) string {
	said, ok := forms()[format]
	if !ok {
		return inFrench(format, args)
	}
	return fmt.Sprintf(said, args[:len(verb.FindAllString(said, -1))]...)
}

// forms are the sentences of french that name a line, without it: what fills its hole
// comes last.
func forms() map[string]string {
	return map[string]string{
		"%v–%v overlaps %v–%v of the same day on line %d; join them or separate them": "%v–%v chevauche %v–%v du même jour ; réunissez-les ou séparez-les",
		"%q is already on line %d; give each one its own":                             "%q est donné deux fois ; enlevez-en un",
		"already given on line %d; keep one of the two":                               "c’est donné deux fois ; gardez une seule des deux réponses",
	}
}

// verb is a hole of a sentence.
var verb = regexp.MustCompile(`%[a-z]`)

// meant is a misspelt key and the known one that it was meant to be, "" when none is near:
// the list of all is longer than a screen.
func meant(format string, args []any) (name, near string) {
	if format != "unknown key %q; known keys %s are %s" {
		return "", ""
	}
	name = args[0].(string)
	best := 3 // more changes than that make another word
	for known := range strings.SplitSeq(args[2].(string), ", ") {
		if d := distance(name, known); d < best && d < len(known) {
			near, best = known, d
		}
	}
	return name, near
}

// distance is how many letters have to be put in, taken out or changed (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}

// phrase is a part of a sentence that the reader puts into its holes: what kind of value
// it is, where a key belongs. What is not one of them is the file's own text, and stays.
func phrase(text string) string {
	if p, ok := phrases()[text]; ok {
		return p
	}
	if name, ok := strings.CutPrefix(text, "in ["); ok {
		return "dans [" + name
	}
	if rest, ok := strings.CutPrefix(text, "use "); ok && strings.HasSuffix(rest, ", sim: or none:") {
		return "écrivez " + strings.TrimSuffix(rest, ", sim: or none:") + ", sim: ou none:"
	}
	if rest, ok := strings.CutPrefix(text, "a section ["); ok { // to be added
		return "une section [" + strings.Replace(rest, "] with ", "] avec ", 1)
	}
	if rest, ok := strings.CutSuffix(text, " with its keys on the lines below"); ok {
		return rest + ", et ses réglages sur les lignes d’en dessous"
	}
	if rest, ok := strings.CutSuffix(text, " at the top of the file"); ok {
		return rest + " en haut du fichier"
	}
	return text
}

func phrases() map[string]string {
	return map[string]string{
		"text between quotes":                          "un texte entre guillemets",
		"a whole number":                               "un nombre entier",
		"a number with a point":                        "un nombre avec un point",
		"true or false":                                "true (oui) ou false (non)",
		"a list between brackets":                      "une liste entre crochets",
		"a section or braces":                          "une section ou des accolades",
		"a section":                                    "une section",
		"a section in double brackets":                 "une section entre doubles crochets",
		"a date or a time":                             "une date ou une heure",
		"a time between quotes":                        "une heure entre guillemets",
		"a date between quotes":                        "une date entre guillemets",
		"given by language":                            "une valeur par langue",
		"at the top of the file or as a section":       "en haut du fichier ou comme section",
		"a section [place] with the name of the place": "une section [place] avec le nom du lieu",
		"- or _":    "- ou _",
		"language":  "langue inconnue",
		"role":      "rôle inconnu",
		"panel":     "écran inconnu",
		"layout":    "disposition inconnue",
		"action":    "action inconnue",
		"answer":    "réponse inconnue",
		"duration":  "durée inconnue",
		"equipment": "matériel inconnu",
		"level":     "niveau inconnu",
		"period":    "période inconnue",
		"choice":    "choix inconnu",
		"the desk no longer opens to the whole network; remove this line, and give staff an address in [network]: their phones connect at the kiosk": "le bureau ne s’ouvre plus à tout le réseau ; enlevez cette ligne, et donnez à staff une adresse dans [network] : les téléphones de l’équipe se connectent à la borne",
	}
}

// french is each sentence of fail, by its English format.
func french() map[string]string {
	return map[string]string{
		"%s": "%s",
		// any value
		"missing; add %s": "il manque une ligne ; ajoutez %s",
		"this is %s, but it must be %s; write it like %s":                              "c’est %s, et il faut %s ; écrivez-le ainsi : %s",
		"this is empty; write something between the quotes, or remove it":              "c’est vide ; écrivez quelque chose entre les guillemets, ou enlevez la ligne",
		"this is %d characters long; keep to %d":                                       "c’est long de %d signes ; %d au plus",
		"this holds a line break or a control character; write plain text on one line": "il y a un saut de ligne ou un signe invisible ; écrivez du texte simple, sur une ligne",
		"%s is out of range; write a number from %d to %d":                             "%s n’est pas permis ; écrivez un nombre de %d à %d",
		"%s is out of range; write a number from %g to %g":                             "%s n’est pas permis ; écrivez un nombre de %g à %g",
		"unknown %s %q; use one of %s":                                                 "%s : %q ; choisissez parmi %s",
		"unknown key %q; write it %s, in small letters":                                "réglage inconnu : %q ; écrivez %s, en minuscules",
		"unknown key %q; known keys %s are %s":                                         "réglage inconnu : %q ; les réglages %s sont %s",
		"%q is already on line %d; give each one its own":                              "%q est déjà à la ligne %d ; chacun doit avoir le sien",
		"already given on line %d; keep one of the two":                                "c’est déjà dit à la ligne %d ; gardez une seule des deux",
		"%q is not a key; use only a to z without accents, 0 to 9 and %s":              "%q ne convient pas ici ; utilisez seulement a à z sans accents, 0 à 9 et %s",
		"%q is not a time of day; write it like \"9:00\" or \"14:30\"":                 "%q n’est pas une heure ; écrivez-la comme \"9:00\" ou \"14:30\"",
		"%q is not a date; write the year, the month and the day like \"2027-01-14\"":  "%q n’est pas une date ; écrivez l’année, le mois et le jour comme \"2027-01-14\"",
		"there is only one; write [%s] with single brackets, once":                     "il n’y en a qu’une ; écrivez [%s] avec des crochets simples, une seule fois",
		"there may be several; write [[%s]] with double brackets":                      "il peut y en avoir plusieurs ; écrivez [[%s]] avec des doubles crochets",
		"this file is larger than 1 MiB; is it the right one?":                         "ce fichier dépasse 1 Mio ; est-ce le bon ?",
		"this line is not UTF-8 text; save the file again with the encoding UTF-8":     "cette ligne n’est pas du texte UTF-8 ; enregistrez à nouveau le fichier, avec l’encodage UTF-8",
		"this line is not TOML (%s); check its quotes, its brackets and its = sign":    "cette ligne n’est pas écrite comme il faut (%s) ; vérifiez ses guillemets, ses crochets et son signe =",
		// the place and its hours
		"unknown time zone %q; write a region and a city like \"Europe/Paris\" or \"Indian/Reunion\"": "fuseau horaire inconnu : %q ; écrivez une région et une ville comme \"Europe/Paris\" ou \"Indian/Reunion\"",
		"French comes first and is always there; write languages = [\"fr\", …]":                       "le français vient d’abord, et il est toujours là ; écrivez languages = [\"fr\", …]",
		"%q is not a postcode; write five digits like \"69150\"":                                      "%q n’est pas un code postal ; écrivez cinq chiffres comme \"69150\"",
		"a point needs both latitude and longitude; add the one that is missing":                      "un point a une latitude et une longitude ; ajoutez celle qui manque",
		"unknown day %q; use one of lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche":        "jour inconnu : %q ; choisissez parmi lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche",
		"more than %d places do not fit on one page; remove some":                                     "plus de %d lieux ne tiennent pas sur une page ; enlevez-en",
		"closing at %v is not after opening at %v; correct one of the two":                            "la fermeture à %v n’est pas après l’ouverture à %v ; corrigez l’une des deux",
		"%v–%v overlaps %v–%v of the same day on line %d; join them or separate them":                 "%v–%v chevauche %v–%v du même jour, ligne %d ; réunissez-les ou séparez-les",
		"%v is a %v and [[hours]] has none on that day; correct the date or add the hours":            "%v est un %v, et [[hours]] n’a rien ce jour-là ; corrigez la date ou ajoutez les horaires",
		"%v is among the closed days; remove it here or there":                                        "%v est un des jours sans permanence ; enlevez-le ici ou là-bas",
		// desks and motifs
		"two desks have the same name; give one of them another": "deux bureaux ont le même nom ; donnez-en un autre",
		"nobody receives at this desk; give one of %s":           "personne ne reçoit à ce bureau ; choisissez parmi %s",
		"a %s inch panel has at most %d motifs, so that a ticket stays within three presses; remove this one and those below, or join some": "un écran de %s pouces montre %d motifs au plus, pour un ticket en trois gestes ; enlevez celui-ci et les suivants, ou réunissez-en",
		"no desk has the role %q, so that nobody would be called; give it to a desk, or write need = \"any\"":                               "aucun bureau n’a le rôle %q : personne ne serait appelé ; donnez-le à un bureau, ou écrivez need = \"any\"",
		"%q has no built-in words; add label.fr = \"…\", or use one of %s":                                                                  "%q n’a pas de mots tout prêts ; ajoutez label.fr = \"…\", ou choisissez parmi %s",
		"there is no motif %q; write the key of one of the [[motif]] sections":                                                              "il n’y a pas de motif %q ; écrivez le key d’une des sections [[motif]]",
		"there is no desk %q; write the key of one of the [[desk]] sections":                                                                "il n’y a pas de bureau %q ; écrivez le key d’une des sections [[desk]]",
		"nobody could find this place; add an address or a phone":                                                                           "personne ne trouverait ce lieu ; ajoutez une adresse ou un téléphone",
		// texts
		"missing in French; add %s.fr = %s":                                          "il manque en français ; ajoutez %s.fr = %s",
		"%d lines; write %d, so that screen and ticket have room":                    "%d lignes ; écrivez-en %d : l’écran et le ticket ont cette place",
		"%q is not the code of a town; write five signs like \"69259\" or \"2A004\"": "%q n’est pas le code d’une commune ; écrivez cinq signes comme \"69259\" ou \"2A004\"",
		// devices
		"%q does not say which device; %s":                                                                     "%q ne dit pas quel appareil ; %s",
		"%q must be %s: with its colon and nothing after; %s":                                                  "%q doit être %s: avec ses deux-points et rien après ; %s",
		"unknown device %q; %s":                                                                                "appareil inconnu : %q ; %s",
		"%q is a serial port, whose speed must be known; write escpos:serial:%s?baud=19200":                    "%q est un port série, dont il faut la vitesse ; écrivez escpos:serial:%s?baud=19200",
		"staff is a lamp without a button; remove line":                                                        "staff est un voyant sans bouton ; enlevez line",
		"%q is on the visitor's panel; remove desk, or choose %s":                                              "%q est sur le pupitre des visiteurs ; enlevez desk, ou choisissez %s",
		"the exit panel brings its own buttons; remove exit, or the [[button]] sections of good, fair and bad": "le pupitre de sortie a déjà ses boutons ; enlevez exit, ou les sections [[button]] de good, fair et bad",
		"the exit panel uses lines of the eight buttons; write layout = \"visitor4\", or describe each button": "le pupitre de sortie prend des fils des huit boutons ; écrivez layout = \"visitor4\", ou décrivez chaque bouton",
		"a layout brings its own buttons; remove it, or the [[button]] sections of the visitor's panel":        "une disposition a déjà ses boutons ; enlevez-la, ou les sections [[button]] du pupitre des visiteurs",
		"no button does %q; with buttons there must be at least %s":                                            "aucun bouton ne fait %q ; avec des boutons il faut au moins %s",
		"%q is not a GPIO line; write its name like \"GPIO17\", or its chip and number like \"gpiochip0:17\"":  "%q n’est pas une broche ; écrivez son nom comme \"GPIO17\", ou sa puce et son numéro comme \"gpiochip0:17\"",
		// the network
		"%q is an IPv6 address, and the box needs an IPv4 one; write it like \"10.3.141.1\"":                                                           "%q est une adresse IPv6, et il faut une adresse IPv4 ; écrivez-la comme \"10.3.141.1\"",
		"%q is not an address of the box; write \"auto\", or an address like \"10.3.141.1\", with a port like \"10.3.141.1:%d\" if it is not %d":       "%q n’est pas une adresse de la borne ; écrivez \"auto\", ou une adresse comme \"10.3.141.1\", avec un port comme \"10.3.141.1:%d\" si ce n’est pas %d",
		"staff and public are the same address; give each its own port":                                                                                "staff et public sont la même adresse ; donnez à chacun son port",
		"%q is not a host name; write it like \"jeudi.mairie.lan\"":                                                                                    "%q n’est pas un nom de machine ; écrivez-le comme \"jeudi.mairie.lan\"",
		"visitors' phones need an address; add public = \"auto\" to [network]":                                                                         "les téléphones des visiteurs ont besoin d’une adresse ; ajoutez public = \"auto\" dans [network]",
		"phones forget the keys where visitors are on the same network; write drawer_ticket = true, or level = \"plain\"":                              "les téléphones oublient les clés si les visiteurs sont sur le même réseau ; écrivez drawer_ticket = true, ou level = \"plain\"",
		"on its own Wi-Fi the box has the address %s, and [network] names %s; write staff = \"auto\" and public = \"auto\" there":                      "sur son propre Wi-Fi la borne a l’adresse %s, et [network] donne %s ; écrivez-y staff = \"auto\" et public = \"auto\"",
		"there is no network for this passphrase; add ssid = \"…\", the name of the Wi-Fi of the place":                                                "il n’y a pas de réseau pour cette clé ; ajoutez ssid = \"…\", le nom du Wi-Fi du lieu",
		"%q is not a country; write two capital letters like \"FR\", \"RE\" for La Réunion or \"GP\" for La Guadeloupe":                                "%q n’est pas un pays ; écrivez deux majuscules comme \"FR\", \"RE\" pour La Réunion ou \"GP\" pour la Guadeloupe",
		"%d is not a channel of the box; write 1 to 13, or 36, 40, 44 or 48":                                                                           "%d n’est pas un canal de la borne ; écrivez 1 à 13, ou 36, 40, 44 ou 48",
		"%q is not a network port of the box; write it like \"eth0\", or remove this line: the box's own network is then its Wi-Fi":                    "%q n’est pas un port réseau de la borne ; écrivez-le comme \"eth0\", ou enlevez cette ligne : le réseau de la borne est alors son Wi-Fi",
		"the Wi-Fi of the place and the box's own have the same name; phones would not know which to join: give the box another one with name = \"…\"": "le Wi-Fi du lieu et celui de la borne ont le même nom ; les téléphones ne sauraient pas lequel choisir : donnez un autre nom à la borne avec name = \"…\"",
		"the name of a Wi-Fi has at most 32 bytes, and this one has %d (an accented letter has two)":                                                   "le nom d’un Wi-Fi a 32 octets au plus, et celui-ci %d (une lettre avec accent en prend deux)",
		"a passphrase of Wi-Fi has letters without accents, digits and common signs alone; copy it again from the label of the router":                 "une clé de Wi-Fi n’a que des lettres sans accents, des chiffres et des signes courants ; recopiez-la depuis l’étiquette de la box",
		"a passphrase of Wi-Fi has 8 to 63 characters, and this one has %d; copy it again from the label of the router":                                "une clé de Wi-Fi a 8 à 63 signes, et celle-ci %d ; recopiez-la depuis l’étiquette de la box",
	}
}
