package hours_test

import (
	"fmt"
	"time"

	"jeudi/firmware/directory/hours"
)

func ExampleParse() {
	schedule, err := hours.Parse("Tu-Fr 10:00-12:00,14:00-18:00; We 10:00-18:00; PH off")
	if err != nil {
		fmt.Println("horaires à vérifier :", schedule)
		return
	}
	wednesday := time.Date(2026, 11, 25, 13, 0, 0, 0, time.UTC)
	fmt.Println(schedule.At(wednesday))
	fmt.Println(schedule.Opens(time.Date(2026, 11, 11, 13, 0, 0, 0, time.UTC))) // a public holiday
	// Output:
	// open 2026-11-25 18:00:00 +0000 UTC
	// 2026-11-12 10:00:00 +0000 UTC true
}
