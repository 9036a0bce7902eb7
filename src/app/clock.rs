//! Defines [`Clock`], in which zone the times of the lists are written. It knows no present.

use chrono::{DateTime, FixedOffset, Offset, Utc};

/// The zone that times are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// Universal time, which the portal and incidents quote.
    Utc,
    /// The zone of the machine.
    Local,
}

/// Writes times in a zone. The machine's zone is a function handed in, since its offset depends on the instant.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// The zone in use.
    pub zone: Zone,
    local: fn(DateTime<Utc>) -> FixedOffset,
}

impl Clock {
    /// A clock in UTC that finds the machine's offset at an instant with `local`.
    pub fn new(local: fn(DateTime<Utc>) -> FixedOffset) -> Clock {
        Clock { zone: Zone::Utc, local }
    }

    /// Goes to the next zone.
    pub fn turn(&mut self) {
        self.zone = match self.zone {
            Zone::Utc => Zone::Local,
            Zone::Local => Zone::Utc,
        };
    }

    /// The zone's name; that of the machine carries the offset at the instant, since a log can cross a change of the clocks.
    pub fn label(&self, near: Option<i64>) -> String {
        match (self.zone, near.and_then(|millis| self.at(millis))) {
            (Zone::Utc, _) => "UTC".to_owned(),
            (Zone::Local, Some(at)) => format!("local, UTC{}", at.format("%:z")),
            (Zone::Local, None) => "local".to_owned(),
        }
    }

    /// Month, day and time to the second.
    pub fn short(&self, millis: Option<i64>) -> String {
        self.written(millis, "%m-%d %H:%M:%S")
    }

    /// The whole date and time to the second.
    pub fn full(&self, millis: Option<i64>) -> String {
        self.written(millis, "%Y-%m-%d %H:%M:%S")
    }

    /// The date.
    pub fn date(&self, millis: Option<i64>) -> String {
        self.written(millis, "%Y-%m-%d")
    }

    /// Month, day and time to the minute.
    pub fn minute(&self, millis: Option<i64>) -> String {
        self.written(millis, "%m-%d %H:%M")
    }

    /// How much later than UTC its clocks show at an instant, in milliseconds.
    pub fn offset(&self, millis: i64) -> i64 {
        self.at(millis).map_or(0, |at| i64::from(at.offset().local_minus_utc()) * 1000)
    }

    /// A time in a form of its own.
    pub fn written(&self, millis: Option<i64>, form: &str) -> String {
        millis.and_then(|millis| self.at(millis)).map_or_else(|| "no date".to_owned(), |at| at.format(form).to_string())
    }

    fn at(&self, millis: i64) -> Option<DateTime<FixedOffset>> {
        let utc = DateTime::from_timestamp_millis(millis)?;
        let offset = match self.zone {
            Zone::Utc => Utc.fix(),
            Zone::Local => (self.local)(utc),
        };
        Some(utc.with_timezone(&offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_is_always_said_and_out_of_range_times_are_no_panic() {
        let mut clock = Clock::new(|_| FixedOffset::east_opt(7200).unwrap_or(Utc.fix()));
        assert_eq!(clock.full(Some(1_624_242_618_000)), "2021-06-21 02:30:18");
        assert_eq!(clock.label(Some(0)), "UTC");
        clock.turn();
        assert_eq!(clock.short(Some(1_624_242_618_000)), "06-21 04:30:18");
        assert_eq!(clock.label(Some(0)), "local, UTC+02:00");
        assert_eq!(clock.short(Some(i64::MAX)), "no date");
        assert_eq!(clock.short(None), "no date");
    }
}
