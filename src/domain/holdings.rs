//! Defines [`Holdings`], what the loaded logs hold as a whole; an explanation needs it to say what it cannot see.

use chrono::DateTime;

use super::sign_in::EventKind;

/// A stretch of time that no file of a kind of log covers, although files before and after it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// The kind of log.
    pub kind: EventKind,
    /// The last sign-in before it, in milliseconds since 1970 UTC.
    pub from: i64,
    /// The first sign-in after it, in milliseconds since 1970 UTC.
    pub to: i64,
}

impl Hole {
    /// Whether a time lies in it.
    pub fn contains(&self, time: i64) -> bool {
        self.from < time && time < self.to
    }

    /// The times in UTC, to the minute.
    pub fn written(&self) -> String {
        let minute = |at: i64| {
            DateTime::from_timestamp_millis(at)
                .map_or_else(|| at.to_string(), |at| at.format("%Y-%m-%d %H:%MZ").to_string())
        };
        format!("{} and {}", minute(self.from), minute(self.to))
    }
}

/// What the loaded logs hold as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Whether there are interactive sign-ins.
    pub interactive: bool,
    /// Whether there are non-interactive sign-ins.
    pub non_interactive: bool,
    /// Whether there are sign-ins of applications.
    pub applications: bool,
    /// Whether a page says that there are more pages.
    pub more_pages: bool,
    /// Whether some records could not be read.
    pub unreadable: bool,
    /// The earliest sign-in, in milliseconds since 1970 UTC.
    pub first: Option<i64>,
    /// The latest sign-in, in milliseconds since 1970 UTC.
    pub last: Option<i64>,
    /// The longest stretches that no file covers, the longest first.
    pub holes: [Option<Hole>; 6],
}
