package intake

// A page is one screen of the path: what it shows, and what its keys do. What
// stands on every screen alike (the controls, the call, the words said last) is
// not the page's.
type page struct {
	// view fills in the title, the text and whatever else is the page's own.
	view func(State, Context, *Screen)
	// choices are the answers, cut to the places of the screen; there is always one.
	choices func(State, Context) []Choice
	// skip is the second way out at the foot of the screen, nil without one.
	skip func(State, Context) *Choice
	// toggle stands beside skip: something that is so, or not. Nil without one.
	toggle func(State, Context) *Choice
	// press is what choosing one of the above does, whichever way it was chosen.
	press func(State, Choice, Context) (State, []Want)

	private  bool // text and lines are the visitor's own
	answers  bool // which choice was made is the visitor's own
	cover    bool // lies over the path, which goes on below it as it was
	settings bool // « settings » leaves it
}

// page is the page of a screen: the one table of the visitor's path.
func (id ScreenID) page() page {
	switch id {
	case Language:
		return page{view: languageView, choices: languageChoices, skip: always(keyOpinion, "opinion.give", "opinion"), press: languagePress}
	case Motif:
		return page{view: motifView, choices: motifChoices, skip: always(keySkip, "motif.skip", "dont_know"), toggle: motifToggle, press: motifPress, answers: true}
	case Workshop:
		return page{view: workshopView, choices: workshopChoices, skip: finished(), press: workshopPress}
	case Crowded:
		return page{view: crowdedView, choices: crowdedChoices, skip: finished(), press: crowdedPress}

	case Ticket:
		return page{view: ticketView, choices: ticketChoices, skip: noThanks(), press: ticketPress}
	case MyTicket:
		return page{view: myTicketView, choices: myTicketChoices, skip: leave(), press: myTicketPress, private: true}
	case Charter:
		return page{view: charterView, choices: only(choice(keyLine, "ticket.charter_line", "voice")), skip: leave(), press: charterPress}
	case Home:
		return page{view: says("ticket.home_title", "ticket.home_text"), choices: finish(), press: back}
	case BackAt:
		return page{view: says("back_at.title", "back_at.text"), choices: backAtChoices, skip: leave(), press: backAtPress}
	case Thanks:
		return page{view: thanksView, choices: thanksChoices, press: thanksPress}

	case Question:
		return page{view: questionView, choices: questionChoices, skip: noThanks(), press: questionPress, answers: true}
	case Share:
		return page{view: says("share.title", "share.text"), choices: yesNo("share"), skip: noThanks(), press: sharePress}
	case Recap:
		return page{view: recapView, choices: only(choice(keySend, "recap.send", "yes"), choice(keyErase, "recap.erase", "no")), skip: noThanks(), press: recapPress, private: true}
	case Result:
		return page{view: resultView, choices: resultChoices, skip: resultSkip, press: resultPress, private: true}

	case Shut:
		return page{view: shutView, choices: shutChoices, skip: finished(), press: shutPress}
	case Places:
		return page{view: says("places.title", "places.text"), choices: placesChoices, skip: leave(), press: placesPress}
	case PlaceOne:
		return page{view: placeView, choices: placeChoices, skip: leave(), press: placePress}
	case Seats:
		return page{view: says("seat.title", "seat.text"), choices: seatsChoices, skip: leave(), press: seatsPress}
	case SeatOne:
		return page{view: seatView, choices: seatChoices, skip: leave(), press: seatPress}
	case Slip:
		return page{view: says("places.slip_title", "places.slip_text"), choices: yesNo("places.slip"), skip: leave(), press: slipPress}
	case Practice:
		return page{view: says("practice.list_title", "practice.list_text"), choices: practiceChoices, skip: leave(), press: practicePress}
	case PracticePiece:
		return page{view: pieceView, choices: finish(), press: back}
	case Opinion:
		return page{view: says("opinion.title", "opinion.text"), choices: opinionChoices, skip: noThanks(), press: opinionPress}
	case OpinionUseful:
		return page{view: says("opinion.useful_title", "opinion.text"), choices: usefulChoices, skip: noThanks(), press: usefulPress}

	case Rights:
		return page{view: rightsView, choices: rightsChoices, skip: noThanks(), press: rightsPress, answers: true}
	case RightsResult:
		return page{view: rightsResultView, choices: rightsResultChoices, press: rightsResultPress, private: true}

	case Settings:
		return page{view: says("settings.title", "settings.text"), choices: settingsChoices, skip: always(keyGoOn, "settings.go_on", "yes"),
			toggle: always(keyReset, "settings.reset", "reset"), press: settingsPress, cover: true, settings: true}
	case SettingsLanguage:
		return page{view: says("settings.language_title", "settings.language_text"), choices: languages, skip: leave(), press: settingsLanguagePress, cover: true, settings: true}
	case SettingsContrast:
		return page{view: says("settings.contrast_title", "settings.contrast_text"), choices: contrastChoices, skip: leave(), press: contrastPress, cover: true, settings: true}
	case SettingsVoice:
		return page{view: voiceView, choices: voiceChoices, skip: leave(), toggle: voiceToggle, press: voicePress, cover: true, settings: true}
	case SettingsScan:
		return page{view: scanView, choices: scanChoices, skip: leave(), toggle: scanToggle, press: scanPress, cover: true, settings: true}

	case Confirm:
		return page{view: confirmView, choices: yesNo("confirm"), press: confirmPress, cover: true}
	case Help:
		return page{view: says("help.title", "help.text"), choices: only(choice(keyGoOn, "help.go_on", "yes")), press: back, cover: true}
	case MoreTime:
		return page{view: moreTimeView, choices: yesNo("more_time"), press: moreTimePress, cover: true}
	case Erased:
		return page{view: says("erased.title", "erased.text"), choices: finish(), press: forgotten}
	case Sorry:
		return page{view: says("sorry.title", "sorry.text"), choices: sorryChoices, press: sorryPress}
	}
	return page{}
}

// foot is what stands under the answers; either may be nil.
func (p page) foot(s State, c Context) (skip, toggle *Choice) {
	if p.skip != nil {
		skip = p.skip(s, c)
	}
	if p.toggle != nil {
		toggle = p.toggle(s, c)
	}
	return skip, toggle
}

// says is a view that is its title and its text.
func says(title, text string) func(State, Context, *Screen) {
	return func(_ State, _ Context, v *Screen) { v.Title, v.Text = msg(title), msg(text) }
}

// only are choices that are always the same.
func only(list ...Choice) func(State, Context) []Choice {
	return func(State, Context) []Choice { return list }
}

// yesNo is a question with its own two answers, topic.yes and topic.no.
func yesNo(topic string) func(State, Context) []Choice {
	return only(choice(keyYes, topic+".yes", "yes"), choice(keyNo, topic+".no", "no"))
}

func finish() func(State, Context) []Choice { return only(choice(keyFinish, "kiosk.finish", "yes")) }

func always(key, label, picto string) func(State, Context) *Choice {
	c := choice(key, label, picto)
	return func(State, Context) *Choice { return &c }
}

// noThanks is the way to say no.
func noThanks() func(State, Context) *Choice {
	return always(keySkip, "kiosk.no_thanks", "no_thanks")
}

func finished() func(State, Context) *Choice { return always(keySkip, "kiosk.finish", "no_thanks") }

func leave() func(State, Context) *Choice { return always(keySkip, "kiosk.leave", "back") }

// forgotten is the press after which nothing of this visitor is left.
func forgotten(s State, _ Choice, _ Context) (State, []Want) { return forget(s), nil }

func back(s State, _ Choice, _ Context) (State, []Want) { return s.goBack(), nil }
