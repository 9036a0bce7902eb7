//! Defines [`Clock`], how well a record knows when its sign-in happened, and takes of several times the one that is known best.

use std::sync::Arc;

use chrono::SecondsFormat;

use super::super::evidence::{Borrowed, Evidence, Origin};
use super::super::sign_in::{SignIn, Variance};

/// Where a record has the time of its sign-in from, the best first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clock {
    /// The sign-in log, with a fraction of the second.
    Fraction,
    /// The sign-in log, to the second.
    Second,
    /// The unified audit log, which notes its own time.
    Audit,
    /// A page or a list that shows another time than that of the sign-in log.
    Page,
    /// A date whose day and month are told apart by the rest of the file, as spreadsheets and the portal's pages write it.
    Local,
    /// The sign-in log, to the minute: a spreadsheet saved it so.
    Minute,
    /// The sign-in log, to the day.
    Day,
    /// The table's own time, at which the row arrived.
    Arrival,
    /// The time at which the record was sent on.
    Envelope,
    /// A column in a time zone that is not known.
    OtherZone,
    /// Not known.
    #[default]
    Unknown,
}

impl Clock {
    /// Whether two times are read from one clock, so that times which differ are of two events.
    pub fn is_of_one(self, other: Clock) -> bool {
        let kind = |clock: Clock| if clock == Clock::Fraction { Clock::Second } else { clock };
        kind(self) == kind(other)
    }

    /// How many milliseconds such a time may be off without saying anything else.
    fn slack(self) -> u64 {
        const MINUTE: u64 = 60_000;
        if self == Clock::Day { 24 * 60 * MINUTE } else { MINUTE }
    }
}

/// Takes the time that is known best, and notes the others where they are more than a minute away.
pub(super) fn settle(main: &mut SignIn, others: &[SignIn]) {
    let dated = others.iter().filter(|other| other.created.is_some());
    // Of equal clocks the fullest record's counts, which comes first.
    let better = dated.min_by_key(|other| other.clock);
    let is_better = |other: &&SignIn| main.created.is_none() || other.clock < main.clock;
    let best = better.filter(is_better);
    let differing = {
        let best = best.unwrap_or(main);
        let records = std::iter::once(&*main).chain(others);
        records.filter_map(|other| difference(best, other)).collect::<Vec<Variance>>()
    };
    if let Some(best) = best {
        const AT: &str = "/createdDateTime";
        let from = Arc::new(Origin { borrowed: Vec::new(), ..best.origin.clone() });
        (main.created, main.clock) = (best.created, best.clock);
        main.origin.borrowed.push(Borrowed { at: AT.to_owned(), from, there: AT.to_owned() });
    }
    for found in differing {
        // A third record of that time adds nothing.
        if !main.differences.iter().any(|known| known.there.value == found.there.value) {
            main.differences.push(found);
        }
    }
}

fn difference(best: &SignIn, other: &SignIn) -> Option<Variance> {
    let (here, there) = best.created.zip(other.created)?;
    let apart = here.timestamp_millis().abs_diff(there.timestamp_millis());
    let slack = best.clock.slack().max(other.clock.slack());
    (apart > slack).then(|| Variance { here: time_of(best), there: time_of(other) })
}

fn time_of(sign_in: &SignIn) -> Evidence {
    let written = sign_in.created.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default();
    sign_in.evidence("time", "/createdDateTime", written)
}
