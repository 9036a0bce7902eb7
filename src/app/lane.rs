//! Defines [`Lane`], one session on the axis of time: its marks, its band, and what a stretch of it shows.

use std::collections::HashMap;

use chrono::Duration;

use crate::explain::session::{Clock as SessionClock, ClockKind, Ledger, Session, Use, UseKind};

/// A sign on the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    /// Somebody was asked.
    Asked,
    /// A session ended.
    Ended,
    /// Something was refused.
    Refused,
    /// A session was used, and nobody was asked.
    Used,
    /// A token was renewed in the background.
    Renewed,
    /// A password was changed or reset.
    Password,
    /// All sessions were revoked.
    Revoked,
    /// A policy was changed.
    Policy,
    /// A request of a browser trace.
    Request,
    /// The user is asked next.
    Next,
    /// The log ends.
    EndOfLog,
}

impl Sign {
    /// Its letter, which is its own in colour and without.
    pub fn letter(self) -> &'static str {
        match self {
            Sign::Asked => "P",
            Sign::Ended => "x",
            Sign::Refused => "!",
            Sign::Used => "u",
            Sign::Renewed => ".",
            Sign::Password => "W",
            Sign::Revoked => "R",
            Sign::Policy => "C",
            Sign::Request => "t",
            Sign::Next => "N",
            Sign::EndOfLog => "|",
        }
    }

    /// What it stands for, for the legend.
    pub fn label(self) -> &'static str {
        match self {
            Sign::Asked => "prompt",
            Sign::Ended => "ended",
            Sign::Refused => "refused",
            Sign::Used => "used, not asked",
            Sign::Renewed => "renewed",
            Sign::Password => "password",
            Sign::Revoked => "revoked",
            Sign::Policy => "policy changed",
            Sign::Request => "request",
            Sign::Next => "asked next",
            Sign::EndOfLog => "log ends",
        }
    }
}

/// A session on the axis. Times are milliseconds since 1970.
#[derive(Debug, Clone, Default)]
pub struct Lane {
    marks: Vec<(Sign, Vec<i64>)>,
    /// The uses that move its end.
    pub(super) moving: Vec<i64>,
    /// Its first row.
    pub first: i64,
    /// The last row that used it.
    pub last: i64,
    /// How long it may go unused, where a clock says so.
    pub limit: Option<Duration>,
    /// What the limit takes for granted; may be empty.
    pub assuming: &'static str,
    /// When it runs out unless it is used.
    pub expires: Option<i64>,
    /// When other clocks on it run out, at which somebody is asked.
    pub others: Vec<i64>,
    /// When it ended.
    pub ended: Option<i64>,
}

/// What a lane is at a stretch of time without a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    /// It is not there.
    Nothing,
    /// It lives, and a later use shows it.
    Lives,
    /// It lives on after its last use, unless something else ends it.
    Lasts,
}

impl Lane {
    pub(super) fn new(ledger: &Ledger, session: &Session) -> Lane {
        let at = |number: usize| ledger.row(number).map(|row| row.at.timestamp_millis());
        let clock = unused_clock(session);
        let mut lane = Lane {
            first: at(session.root).unwrap_or(0),
            last: at(session.last_use).unwrap_or(0),
            limit: clock.map(|clock| clock.limit),
            assuming: clock.map_or("", |clock| clock.assuming),
            expires: clock.map(|clock| clock.expires.timestamp_millis()),
            ended: session.ended.as_ref().map(|ended| ended.at.timestamp_millis()),
            ..Lane::default()
        };
        let others = session.clocks.iter().filter(|other| other.kind.asks() && Some(*other) != clock);
        lane.others = others.map(|other| other.expires.timestamp_millis()).collect();
        let mut marks: HashMap<Sign, Vec<i64>> = HashMap::new();
        for row in ledger.rows(&session.uses) {
            let at = row.at.timestamp_millis();
            marks.entry(sign_of(row)).or_default().push(at);
            if row.moves_clocks() {
                lane.moving.push(at);
            }
        }
        marks.entry(Sign::Ended).or_default().extend(lane.ended);
        let order = [Sign::Asked, Sign::Ended, Sign::Refused, Sign::Used, Sign::Renewed];
        lane.marks = order
            .into_iter()
            .filter_map(|sign| {
                let mut times = marks.remove(&sign)?;
                times.sort_unstable();
                Some((sign, times))
            })
            .collect();
        lane.moving.sort_unstable();
        lane
    }

    /// Whether it bears the sign anywhere.
    pub fn has(&self, sign: Sign) -> bool {
        self.marks.iter().any(|(known, times)| *known == sign && !times.is_empty())
    }

    /// What is to be seen between two instants: the sign that matters most.
    pub fn sign(&self, from: i64, end: i64) -> Option<Sign> {
        let falls = |times: &[i64]| times.get(times.partition_point(|at| *at < from)).is_some_and(|at| *at < end);
        self.marks.iter().find(|(_, times)| falls(times)).map(|(sign, _)| *sign)
    }

    /// Whether it lives between two instants.
    pub fn band(&self, from: i64, end: i64) -> Band {
        let stops = self.ended.unwrap_or(i64::MAX);
        if end <= self.first || from > stops {
            Band::Nothing
        } else if from <= self.last {
            Band::Lives
        } else if self.expires.is_some_and(|expires| from <= expires) {
            Band::Lasts
        } else {
            Band::Nothing
        }
    }

    /// Whether another clock that asks runs out between two instants, while the session still lasts.
    pub fn runs_out(&self, from: i64, end: i64) -> bool {
        self.ended.is_none() && self.others.iter().any(|at| (from..end).contains(at))
    }
}

/// The clock that runs while a session is not used.
fn unused_clock(session: &Session) -> Option<&SessionClock> {
    let kinds = [ClockKind::Idle, ClockKind::RefreshToken, ClockKind::PrimaryRefreshToken];
    kinds.into_iter().find_map(|kind| session.clocks.iter().find(|clock| clock.kind == kind))
}

pub(super) fn sign_of(row: &Use) -> Sign {
    match row.kind {
        UseKind::Asked => Sign::Asked,
        UseKind::Silent | UseKind::Page => Sign::Used,
        UseKind::Background => Sign::Renewed,
        UseKind::Refused => Sign::Refused,
    }
}
