//! The five days the demo case tells of, and the dates to which cookies of those days last.

use std::fmt;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The first day of the log, a Sunday in June 2021.
const FIRST_DAY: i64 = 20;

/// The days of the week from the first day on.
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// June, and the months that a cookie of the log can reach: number, name, days.
const MONTHS: [(i64, &str, i64); 4] = [(6, "Jun", 30), (7, "Jul", 31), (8, "Aug", 31), (9, "Sep", 30)];

/// A second of the demo: counted from 2021-06-20T00:00:00Z, shown as Graph shows a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

/// A time of June 2021, UTC.
pub const fn june(day: i64, hour: i64, minute: i64, second: i64) -> Moment {
    Moment((day - FIRST_DAY) * DAY + hour * HOUR + minute * MINUTE + second)
}

impl Moment {
    /// So many seconds later.
    pub const fn after(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }

    /// Seconds since the demo began.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Hours, rounded down, that have passed since an earlier moment.
    pub const fn hours_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0) / HOUR
    }

    /// So many days later, to the second.
    pub const fn after_days(self, days: i64) -> Self {
        Self(self.0 + days * DAY)
    }

    /// The time as a header of HTTP has it; between day, month and year stands a blank in `Date`, and a
    /// hyphen in the cookies of the sign-in service.
    pub fn in_header(self, between: char) -> String {
        let weekday = usize::try_from(self.0.div_euclid(DAY).rem_euclid(7)).unwrap_or(0);
        let (day, (_, month, _)) = self.day_and_month();
        let (hour, minute, second) = self.time_of_day();
        let weekday = WEEKDAYS[weekday];
        format!("{weekday}, {day:02}{between}{month}{between}2021 {hour:02}:{minute:02}:{second:02} GMT")
    }

    fn day_and_month(self) -> (i64, (i64, &'static str, i64)) {
        let (mut day, mut month) = (self.0.div_euclid(DAY) + FIRST_DAY, MONTHS[0]);
        for next in &MONTHS[1..] {
            if day <= month.2 {
                break;
            }
            (day, month) = (day - month.2, *next);
        }
        (day, month)
    }

    fn time_of_day(self) -> (i64, i64, i64) {
        (self.0.rem_euclid(DAY) / HOUR, self.0.rem_euclid(HOUR) / MINUTE, self.0.rem_euclid(MINUTE))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, (month, _, _)) = self.day_and_month();
        let (hour, minute, second) = self.time_of_day();
        write!(out, "2021-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}
