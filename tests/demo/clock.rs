//! The five days the demo case tells of, and nothing outside them.

use std::fmt;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The first day of the log, a Sunday in June 2021.
const FIRST_DAY: i64 = 20;

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
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, hour) = (self.0.div_euclid(DAY) + FIRST_DAY, self.0.rem_euclid(DAY) / HOUR);
        let (minute, second) = (self.0.rem_euclid(HOUR) / MINUTE, self.0.rem_euclid(MINUTE));
        write!(out, "2021-06-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}
