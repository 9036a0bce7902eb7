//! Asks of every attempt in which the user was asked for something: why?
//!
//! What the log says itself comes first (`sessionLifetimePolicies`, the code of the row that was refused before), then what the browser
//! trace shows the application asking for, then what follows from the clocks of the session that had counted until then, then what is
//! merely likely. Everything else that fits is a rival with the one fact that would settle it.

mod computed;
mod left_over;
mod logged;
mod rivals;

use std::collections::HashMap;

use super::gather::is_one_attempt;
use super::usage::{Factor, Use, UseKind};
use super::{AskedFor, Beside, Happening, Ledger, Prompt, Session};
use crate::domain::Evidence;
use crate::domain::trace::{CookieKind, Endpoint, TraceEvent};
use crate::explain::explanation::{Basis, Rival, RivalVerdict};
use crate::explain::written;
use chrono::{DateTime, Utc};
use logged::refusal;
use rivals::rival;

/// The attempts in which somebody was asked, with the reason of each.
pub(super) fn of(ledger: &Ledger, beside: &Beside) -> Vec<Prompt> {
    let mut prompts: Vec<Prompt> = Vec::new();
    let mut taken = vec![false; ledger.uses.len()];
    let lookup = Lookup::new(ledger);
    for (number, row) in ledger.uses.iter().enumerate() {
        if taken.get(number) == Some(&true) || row.kind != UseKind::Asked {
            continue;
        }
        let rows = attempt(ledger, &lookup, number);
        for row in &rows {
            if let Some(taken) = taken.get_mut(*row) {
                *taken = true;
            }
        }
        let is = |factors: &[Factor], of: fn(&Use) -> Factor| ledger.rows(&rows).any(|row| factors.contains(&of(row)));
        const TOUCHED: [Factor; 2] = [Factor::Given, Factor::Asked];
        // Wrong passwords alone may be anybody's.
        if !is(&[Factor::Given], |row| row.first) && !is(&TOUCHED, |row| row.second) {
            continue;
        }
        let asked = match (is(&TOUCHED, |row| row.first), is(&TOUCHED, |row| row.second)) {
            (true, true) => AskedFor::Both,
            (true, false) => AskedFor::First,
            (false, _) => AskedFor::Second,
        };
        prompts.push(Question { ledger, beside, lookup: &lookup, rows: &rows, row, asked }.answer());
    }
    prompts
}

/// The rows of the attempt that a row begins: the same correlation id, one shortly after the other.
fn attempt(ledger: &Ledger, lookup: &Lookup, first: usize) -> Vec<usize> {
    let mut rows = vec![first];
    let Some(mut last) = ledger.uses.get(first) else { return rows };
    let alike = lookup.by_correlation.get(last.correlation_id.as_str()).map_or(&[][..], Vec::as_slice);
    let later = alike.iter().skip(alike.partition_point(|number| *number <= first));
    for (number, row) in later.filter_map(|number| Some((*number, ledger.uses.get(*number)?))) {
        if !is_one_attempt(last, row) {
            break;
        }
        rows.push(number);
        last = row;
    }
    rows
}

/// The rows by what links them, so that a long history is not searched for each prompt.
struct Lookup<'a> {
    by_correlation: HashMap<&'a str, Vec<usize>>,
    by_session: HashMap<&'a str, Vec<usize>>,
    by_seat: HashMap<&'a str, Vec<usize>>,
    by_kind: HashMap<&'a str, Vec<usize>>,
    refused: Vec<usize>,
}

impl<'a> Lookup<'a> {
    fn new(ledger: &'a Ledger) -> Lookup<'a> {
        let mut lookup = Lookup {
            by_correlation: HashMap::new(),
            by_session: HashMap::new(),
            by_seat: HashMap::new(),
            by_kind: HashMap::new(),
            refused: Vec::new(),
        };
        for (number, row) in ledger.uses.iter().enumerate() {
            if row.kind != UseKind::Background && !row.correlation_id.is_empty() {
                lookup.by_correlation.entry(&row.correlation_id).or_default().push(number);
            }
            if row.moves_clocks() && row.session.is_some() {
                if let Some(id) = &row.session_id {
                    lookup.by_session.entry(id).or_default().push(number);
                }
                lookup.by_seat.entry(&row.seat.key).or_default().push(number);
                if let Some(kind) = &row.seat.elsewhere {
                    lookup.by_kind.entry(kind).or_default().push(number);
                }
            }
            if row.kind != UseKind::Asked && row.error_code.and_then(refusal).is_some() {
                lookup.refused.push(number);
            }
        }
        lookup
    }
}

/// How many refused rows are looked at for one prompt, the latest.
const MOST_REFUSED: usize = 50;

/// A prompt whose reason is looked for.
struct Question<'a> {
    ledger: &'a Ledger,
    lookup: &'a Lookup<'a>,
    beside: &'a Beside<'a>,
    rows: &'a [usize],
    row: &'a Use,
    asked: AskedFor,
}

/// The session that had counted until a prompt, as it was then.
#[derive(Clone, Copy)]
struct Earlier<'a> {
    number: usize,
    session: &'a Session,
    /// How firmly it is known that the prompt is one for this session.
    link: Basis,
    /// Whether it is only alike, in another place.
    is_elsewhere: bool,
    root: &'a Use,
    last_use: usize,
    last: &'a Use,
    last_second: Option<usize>,
}

impl Earlier<'_> {
    /// How firmly something can be said of the session at this prompt.
    fn firmness(&self) -> Basis {
        let by_id = if self.session.basis == Basis::Inferred { Basis::Inferred } else { Basis::Computed };
        self.link.max(by_id)
    }
}

/// A reason that fits.
struct Cause {
    code: &'static str,
    headline: String,
    basis: Basis,
    /// Whether a row says so by itself, which counts before what follows from clocks.
    is_direct: bool,
    /// When the session was due.
    due: Option<DateTime<Utc>>,
    because: Option<usize>,
    policy: Option<(String, String)>,
    evidence: Vec<Evidence>,
}

impl Cause {
    fn new(code: &'static str, headline: String, basis: Basis) -> Cause {
        Cause {
            code,
            headline,
            basis,
            is_direct: basis == Basis::Logged,
            due: None,
            because: None,
            policy: None,
            evidence: Vec::new(),
        }
    }
}

impl<'a> Question<'a> {
    fn answer(self) -> Prompt {
        let earlier = self.earlier();
        let mut causes = self.logged(earlier.as_ref());
        causes.extend(self.requested());
        causes.extend(self.tried_again());
        if let Some(earlier) = &earlier {
            causes.extend(self.computed(earlier));
        }
        // What is known most firmly, then what a row says itself, then what was due first.
        causes.sort_by_key(|cause| (cause.basis, !cause.is_direct, cause.due));
        if causes.is_empty() {
            causes.extend(self.found_no_session());
        }
        if causes.is_empty() {
            causes.extend(earlier.as_ref().map(|earlier| self.not_seen(earlier)));
        }
        let mut rest = causes.split_off(causes.len().min(1));
        let mut chosen = causes.pop().unwrap_or_else(|| self.no_session());
        // A new password is why a token is refused as revoked, and no other explanation beside it.
        if chosen.code == "SES-REVOKED"
            && let Some(at) = rest.iter().position(|cause| cause.code == "SES-PASSWORD-CHANGED")
        {
            let changed = rest.swap_remove(at);
            let when = changed.due.map(written).unwrap_or_default();
            chosen.headline.push_str(&format!(" The password was changed at {when}."));
            chosen.evidence.extend(changed.evidence);
        }
        let mut rivals: Vec<Rival> = Vec::new();
        rest.retain(|cause| cause.code != chosen.code);
        for cause in rest {
            if !rivals.iter().any(|rival| rival.code == cause.code) {
                let headline = lower_first(
                    cause
                        .headline
                        .trim_start_matches("Asked again, probably because ")
                        .trim_start_matches("Asked again because "),
                );
                let settled = match chosen.basis {
                    Basis::Logged => "nothing more: what the log names comes first",
                    _ => "nothing more: either would have asked, the one named was due first",
                };
                rivals.push(rival(cause.code, headline, RivalVerdict::Fits, settled));
            }
        }
        rivals.extend(self.rivals(earlier.as_ref(), &chosen));
        Prompt {
            uses: self.rows.to_vec(),
            at: self.row.at,
            asked: self.asked,
            is_completed: self.row.is_completed,
            gaps: self.gaps(earlier.as_ref(), &chosen),
            code: chosen.code,
            headline: chosen.headline,
            basis: chosen.basis,
            because: chosen.because.or(earlier.as_ref().map(|earlier| earlier.last_use)),
            earlier: earlier.map(|earlier| earlier.number),
            policy: chosen.policy,
            rivals,
            evidence: chosen.evidence,
        }
    }

    /// The session that had counted until then: the same session id, else the last one of the same browser or app.
    fn earlier(&self) -> Option<Earlier<'a>> {
        let first = *self.rows.first()?;
        // The last row before the prompt among those that are linked to it.
        let last = |rows: Option<&Vec<usize>>| {
            let rows = rows?;
            let before = rows.get(..rows.partition_point(|number| *number < first))?;
            let is_other = |number: &usize| self.ledger.row(*number).is_some_and(|row| !is_one_attempt(row, self.row));
            before.iter().rev().copied().find(is_other)
        };
        let link = if self.row.seat.is_by_device { Basis::Computed } else { Basis::Inferred };
        let by_session = self.row.session_id.as_deref().and_then(|id| last(self.lookup.by_session.get(id)));
        let found = by_session
            .map(|number| (number, Basis::Logged, false))
            .or_else(|| Some((last(self.lookup.by_seat.get(self.row.seat.key.as_str()))?, link, false)))
            .or_else(|| {
                let kind = self.row.seat.elsewhere.as_deref()?;
                Some((last(self.lookup.by_kind.get(kind))?, Basis::Inferred, true))
            });
        let (last_use, link, is_elsewhere) = found?;
        let last = self.ledger.row(last_use)?;
        let number = last.session?;
        let session = self.ledger.sessions.get(number)?;
        let second = |number: &usize| *number < first && self.ledger.row(*number).is_some_and(Use::gave_second);
        Some(Earlier {
            number,
            session,
            // A cookie that came with the request says that it was this browser, where no other is alike.
            link: match link {
                Basis::Inferred if self.cookie_came().is_some() && self.is_only_one(number) => Basis::Computed,
                link => link,
            },
            is_elsewhere,
            root: self.ledger.row(session.root)?,
            last_use,
            last,
            last_second: session.uses.iter().rev().copied().find(second),
        })
    }

    /// Whether no other session before the prompt is one of a browser or app that looks alike.
    fn is_only_one(&self, session: usize) -> bool {
        let first = self.rows.first().copied().unwrap_or_default();
        let seat = &self.row.seat;
        let alike = match &seat.elsewhere {
            Some(kind) => self.lookup.by_kind.get(kind.as_str()),
            None => self.lookup.by_seat.get(seat.key.as_str()),
        };
        let numbers = alike.into_iter().flatten().take_while(|number| **number < first);
        let mut others = numbers.filter_map(|number| self.ledger.row(*number)?.session);
        others.all(|other| other == session)
    }

    /// The requests of a trace that belong to the attempt.
    fn traced(&self) -> impl Iterator<Item = (&'a TraceEvent, &'a Happening)> {
        let ledger = self.ledger;
        let happenings = self.rows.iter().copied().flat_map(move |row| ledger.happenings_of(row));
        happenings.filter_map(|happening| Some((happening.trace.as_deref()?, happening)))
    }

    /// The first request of the attempt in a trace, where a request id joins it: a correlation id may be anybody's.
    fn first_traced(&self) -> Option<(&'a TraceEvent, &'a Happening)> {
        // To the federation provider goes no cookie of the sign-in service.
        let is_joined = self.traced().any(|(_, happening)| happening.is_sure);
        let own = self.traced().filter(|(event, _)| is_joined && event.endpoint != Endpoint::FederationProvider);
        own.min_by_key(|(event, _)| event.at)
    }

    /// Whether a session cookie came with the first request of the attempt.
    fn cookie_came(&self) -> Option<&'a Evidence> {
        let (event, happening) = self.first_traced()?;
        let is_session = |name: &String| {
            !matches!(CookieKind::of(name), None | Some((_, CookieKind::SignOut | CookieKind::PrimaryRefreshToken)))
        };
        event.cookies_sent.iter().any(is_session).then_some(&happening.evidence)
    }

    /// Whether a trace shows that no session cookie came with the first request of the attempt.
    fn no_cookie_came(&self) -> Option<&'a Evidence> {
        let (event, happening) = self.first_traced()?;
        (event.shows_cookies && event.cookies_sent.is_empty()).then_some(&happening.evidence)
    }

    /// How firmly something can be said that rests on when a session was last used.
    fn firmness(&self, earlier: &Earlier) -> Basis {
        let sees_all = self.beside.holds.non_interactive && !self.beside.holds.more_pages;
        // What the home tenant of a guest asked is in its own log.
        if !sees_all || self.row.is_guest { Basis::Inferred } else { earlier.firmness() }
    }

    fn probably(basis: Basis) -> &'static str {
        if basis == Basis::Inferred { "Asked again, probably because " } else { "Asked again because " }
    }
}

fn lower_first(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}
