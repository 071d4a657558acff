### Days and points in time.

day = { $day } { $month } { $year }
moment = { $day }, { $time } ({ $place })
month =
    { $number ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[other] December
    }
# The city that a time zone is named after; those that are written differently than in the name of the zone.
place =
    { $zone ->
        [Kiev] Kyiv
       *[other] { $city }
    }
