//! Sets the clocks on a session, and says when it ended and when the next question comes.

use chrono::{DateTime, Duration, Utc};

use super::ending::{self, UserEnding, UserEndingKind};
use super::gather::user_of;
use super::rules::{
    Artefact, CONTINUOUS, Credential, EVERY_TIME_TOLERANCE, Ending, FEDERATED, IDLE_NOT_PERSISTENT, IDLE_PERSISTENT,
    PRIMARY_REFRESH_TOKEN, REFRESH_TOKEN, SINGLE_PAGE, ends, next_prompt_joined,
};
use super::usage::{Client, Frequency, Use, UseKind};
use super::{Beside, Clock, ClockKind, Ended, Ledger, Next, Persistence, PersistenceFrom, Session};
use crate::explain::explanation::Basis;

/// The clocks on a session as its last row left them.
pub(super) fn of(ledger: &Ledger, session: usize, persistence: &Persistence, beside: &Beside) -> Vec<Clock> {
    let Some(held) = ledger.sessions.get(session) else { return Vec::new() };
    let mut clocks = Vec::new();
    match held.client {
        Client::Browser => clocks.extend(idle(ledger, held, persistence, beside)),
        Client::App => clocks.extend(refresh_token(ledger, held)),
    }
    clocks.extend(sign_in_frequency(ledger, held));
    clocks.extend(remember_mfa(ledger, held, beside));
    clocks.extend(single_page(ledger, held));
    clocks.extend(primary_refresh_token(ledger, held));
    clocks.extend(federated(ledger, held, beside));
    clocks.extend(revocation(ledger, held, beside));
    clocks.extend(continuous(ledger, held));
    clocks
}

fn clock(
    kind: ClockKind,
    limit: Duration,
    (last_reset, reset_by): (DateTime<Utc>, Option<usize>),
    basis: Basis,
    code: &'static str,
) -> Clock {
    Clock {
        kind,
        limit,
        assuming: "",
        last_reset,
        reset_by,
        expires: last_reset + limit,
        policy: None,
        basis,
        code,
        note: String::new(),
        evidence: None,
    }
}

/// The row of that number with its time.
fn reset(ledger: &Ledger, row: Option<usize>) -> Option<(DateTime<Utc>, Option<usize>)> {
    row.and_then(|number| Some((ledger.row(number)?.at, Some(number))))
}

/// The last full sign-in of a session; where none is in the log, its first row, since the sign-in was not later than that.
fn last_full(ledger: &Ledger, session: &Session) -> Option<(DateTime<Utc>, Option<usize>)> {
    reset(ledger, session.last_first_factor.or(Some(session.root)))
}

fn idle(ledger: &Ledger, session: &Session, persistence: &Persistence, beside: &Beside) -> Vec<Clock> {
    let Some(at) = reset(ledger, Some(session.last_use)) else { return Vec::new() };
    let kind = ClockKind::Idle;
    // Without the background rows it may have been used later, unseen; and what a guest's home tenant asks is in its own log.
    let is_guest = ledger.rows(&session.uses).any(|row| row.is_guest);
    let seen = if beside.holds.non_interactive && !is_guest { Basis::Computed } else { Basis::Inferred };
    let basis = persistence.basis.unwrap_or(Basis::Inferred).max(seen);
    if session.has_device_token(ledger) {
        let note =
            "the device's primary refresh token signs on again, so the end of the cookie alone asks nothing".to_owned();
        let found = clock(kind, IDLE_NOT_PERSISTENT, at, Basis::Inferred, "SES-IDLE-NONPERSISTENT");
        return vec![Clock { assuming: "if the device's own token does not serve", note, ..found }];
    }
    let evidence = persistence.evidence.first().cloned();
    let short = || clock(kind, IDLE_NOT_PERSISTENT, at, basis, "SES-IDLE-NONPERSISTENT");
    let long = || Clock {
        note: "one page says 90 days, another 180".to_owned(),
        ..clock(kind, IDLE_PERSISTENT, at, basis, "SES-IDLE-PERSISTENT")
    };
    match persistence.is_persistent {
        Some(false) => {
            let note = "it ends with the browser as well, which no log shows".to_owned();
            vec![Clock { note, evidence, ..short() }]
        }
        Some(true) => vec![Clock { evidence, ..long() }],
        None => vec![
            Clock { assuming: "if the session is not persistent", ..short() },
            Clock { assuming: "if it is persistent", ..long() },
        ],
    }
}

fn refresh_token(ledger: &Ledger, session: &Session) -> Option<Clock> {
    let at = reset(ledger, Some(session.last_use))?;
    let note = "each use gives a new one with 90 days of its own".to_owned();
    Some(Clock { note, ..clock(ClockKind::RefreshToken, REFRESH_TOKEN, at, Basis::Computed, "SES-EXPIRED") })
}

/// The strictest frequency of the policies that applied to a row, with the policy's number.
pub(super) fn strictest(ledger: &Ledger, row: &Use) -> Option<(Frequency, usize)> {
    let rank = |frequency: Frequency| match frequency {
        Frequency::EveryTime => 0,
        Frequency::Hours(hours) => hours,
        Frequency::NotInEvidence => i64::MAX,
    };
    let held = |number: &usize| Some((ledger.policies.get(*number)?.frequency?, *number));
    row.policies.iter().filter_map(held).min_by_key(|(frequency, _)| rank(*frequency))
}

/// Since when the frequency counts: from the last full sign-in, on joined Windows devices from the last refresh of the primary refresh
/// token as well.
pub(super) fn frequency_base(
    ledger: &Ledger,
    session: &Session,
    before: Option<DateTime<Utc>>,
) -> Option<(DateTime<Utc>, Option<usize>)> {
    let is_before = |row: &&Use| before.is_none_or(|before| row.at < before);
    let full = session.uses.iter().rev().copied();
    let full = full.into_iter().find(|number| ledger.row(*number).filter(is_before).is_some_and(Use::gave_first));
    let base = reset(ledger, full.or(Some(session.root)))?;
    let on_joined = |row: &&Use| row.on_joined_windows && row.by_primary_refresh_token;
    let Some(of_session) = ledger.rows(&session.uses).find(on_joined).and_then(|row| row.device_id.as_ref()) else {
        return Some(base);
    };
    // The primary refresh token belongs to one device.
    let device = |row: &&Use| {
        row.is_windows_sign_in
            && row.on_joined_windows
            && row.moves_clocks()
            && row.device_id.as_ref() == Some(of_session)
    };
    let unlocks: Vec<DateTime<Utc>> =
        ledger.uses.iter().filter(device).filter(is_before).filter(|row| row.at > base.0).map(|row| row.at).collect();
    let refreshed = next_prompt_joined(base.0, &unlocks, Duration::zero());
    let by = ledger.uses.iter().position(|row| row.at == refreshed && row.is_windows_sign_in).or(base.1);
    Some((refreshed, by))
}

/// A clock for each frequency that applied in the session, the strictest first: each holds for what its policy covers.
fn sign_in_frequency(ledger: &Ledger, session: &Session) -> Vec<Clock> {
    let Some(base) = frequency_base(ledger, session, None) else { return Vec::new() };
    let mut numbers: Vec<usize> = ledger.rows(&session.uses).flat_map(|row| row.policies.iter().copied()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut clocks: Vec<Clock> = numbers
        .into_iter()
        .filter_map(|number| {
            let policy = ledger.policies.get(number)?;
            let (limit, code, note) = match policy.frequency? {
                Frequency::Hours(hours) => {
                    (Duration::hours(hours), "SES-SIGN-IN-FREQUENCY", "using the session does not move it")
                }
                Frequency::EveryTime => {
                    (EVERY_TIME_TOLERANCE, "SES-EVERY-TIME", "every time, with five minutes of tolerance")
                }
                Frequency::NotInEvidence => return None,
            };
            let is_logged =
                ledger.rows(&session.uses).any(|row| row.policies_are_logged && row.policies.contains(&number));
            let is_known = session.last_first_factor.is_some();
            let basis = if is_logged && is_known { Basis::Computed } else { Basis::Inferred };
            let note = format!("for what “{}” covers; {note}", policy.name);
            let pointer = "/sessionControls/signInFrequency/isEnabled";
            let evidence = policy.origin.as_ref().map(|at| at.evidence(&policy.name, pointer, "true"));
            let policy = Some((policy.id.clone(), policy.name.clone()));
            Some(Clock { policy, note, evidence, ..clock(ClockKind::SignInFrequency, limit, base, basis, code) })
        })
        .collect();
    clocks.sort_by_key(|clock| clock.limit);
    clocks
}

/// The days of remembered MFA are in no export; the operator says them.
fn remember_mfa(ledger: &Ledger, session: &Session, beside: &Beside) -> Option<Clock> {
    let facts = beside.tenant.facts();
    let days = facts.remember_mfa_days.filter(|days| *days > 0)?;
    if ledger.rows(&session.uses).any(|row| row.is_guest) {
        return None;
    }
    let at = reset(ledger, session.last_second_factor)?;
    let limit = Duration::days(days.into());
    let note = match session.client {
        Client::Browser => "only where “Don't ask again” was ticked in this browser, which no log shows",
        Client::App => "checked at every renewal of the token",
    };
    let basis = if session.client == Client::App { Basis::Computed } else { Basis::Inferred };
    let evidence = facts.evidence("rememberMfaDays");
    let found = clock(ClockKind::RememberMfa, limit, at, basis, "SES-REMEMBER-MFA");
    let last = ledger.row(session.last_use).map(|row| row.at);
    if last.is_some_and(|last| last > found.expires) {
        let note = "the log speaks against it: the session was used after that without a question".to_owned();
        return Some(Clock { note, evidence, basis: Basis::Inferred, ..found });
    }
    Some(Clock { note: note.to_owned(), evidence, ..found })
}

fn single_page(ledger: &Ledger, session: &Session) -> Option<Clock> {
    let is_new = |row: &Use| row.is_single_page && row.kind != UseKind::Background && row.moves_clocks();
    let began = session.uses.iter().rev().copied().find(|number| ledger.row(*number).is_some_and(is_new))?;
    let at = reset(ledger, Some(began))?;
    let app = ledger.row(began).map(|row| row.app.clone()).unwrap_or_default();
    let note = format!("for {app}, from the last sign-in in the browser; using it does not move the end");
    Some(Clock { note, ..clock(ClockKind::SpaRefreshToken, SINGLE_PAGE, at, Basis::Computed, "SES-SPA-EXPIRED") })
}

fn primary_refresh_token(ledger: &Ledger, session: &Session) -> Option<Clock> {
    let by_token = |row: &Use| row.by_primary_refresh_token && row.moves_clocks();
    let used = session.uses.iter().rev().copied().find(|number| ledger.row(*number).is_some_and(by_token))?;
    let at = reset(ledger, Some(used))?;
    let note = "used devices renew it every four hours; iOS, Android and Linux: 90 days, 14 unused".to_owned();
    Some(Clock {
        note,
        ..clock(ClockKind::PrimaryRefreshToken, PRIMARY_REFRESH_TOKEN, at, Basis::Inferred, "SES-PRT-EXPIRED")
    })
}

/// Federated users of whom the directory knows neither date. An export may merely leave the dates out.
fn federated(ledger: &Ledger, session: &Session, beside: &Beside) -> Option<Clock> {
    let user = user_of(ledger, beside)?;
    let domain =
        beside.tenant.snapshot().domain_of(&user.user_principal_name).filter(|domain| domain.is_federated())?;
    if user.last_password_change.is_some() || user.sessions_valid_from.is_some() {
        return None;
    }
    let at = last_full(ledger, session)?;
    // A session that lived longer is none of these.
    let last = ledger.row(session.last_use)?.at;
    if last - at.0 > FEDERATED {
        return None;
    }
    let note = "by a statement of 2017; the export may also have left out when the password changed".to_owned();
    let evidence = Some(domain.origin.evidence("domain", "/authenticationType", "Federated"));
    Some(Clock { note, evidence, ..clock(ClockKind::Federated, FEDERATED, at, Basis::Inferred, "SES-FEDERATED") })
}

/// What the first factor of a session was when it was last given.
pub(super) fn credential(ledger: &Ledger, session: &Session) -> Option<Credential> {
    session.last_first_factor.and_then(|number| ledger.row(number)?.credential)
}

/// An instant in the snapshot from which on the session does not count any more.
fn revocation(ledger: &Ledger, session: &Session, beside: &Beside) -> Vec<Clock> {
    // A guest's tokens are revoked in the home tenant (entra-docs, refresh tokens, 2025-05-14).
    let is_guest = ledger.rows(&session.uses).any(|row| row.is_guest);
    if is_guest {
        return Vec::new();
    }
    // A session that was used later was not ended by it.
    let last = ledger.row(session.last_use).map(|row| row.at);
    let Some(began) = last_full(ledger, session) else { return Vec::new() };
    let artefact = if session.client == Client::Browser { Artefact::Cookie } else { Artefact::Token };
    let credential = credential(ledger, session);
    let basis = if session.last_first_factor.is_some() { Basis::Computed } else { Basis::Inferred };
    let counts = |ending: &UserEnding| ending.at > began.0 && Some(ending.at) > last;
    let mut clocks = Vec::new();
    for ending in ending::of_user(ledger, beside).into_iter().filter(counts) {
        let ends = |kind| ends(kind, credential.unwrap_or(Credential::Password), artefact);
        let (code, basis) = match ending.kind {
            UserEndingKind::Revocation => ("SES-REVOKED", basis),
            UserEndingKind::Password { is_reset } => {
                let kind = if is_reset == Some(true) { Ending::PasswordReset } else { Ending::PasswordChanged };
                if !ends(kind) {
                    continue;
                }
                ("SES-PASSWORD-CHANGED", if credential.is_some() { basis } else { Basis::Inferred })
            }
        };
        // The first of each kind ended it.
        if clocks.iter().all(|clock: &Clock| clock.code != code) {
            let evidence = Some(ending.evidence);
            let ended = clock(ClockKind::Revocation, Duration::zero(), (ending.at, None), basis, code);
            clocks.push(Clock { evidence, ..ended });
        }
    }
    clocks
}

fn continuous(ledger: &Ledger, session: &Session) -> Option<Clock> {
    let is_watched = |row: &Use| row.is_continuously_evaluated && row.moves_clocks();
    let given = session.uses.iter().rev().copied().find(|number| ledger.row(*number).is_some_and(is_watched))?;
    let at = reset(ledger, Some(given))?;
    let note = "an access token of up to 28 hours; a disabled account, a new password, a revocation or high risk end it within 15 minutes";
    let found = clock(ClockKind::ContinuousAccess, CONTINUOUS, at, Basis::Computed, "SES-CONTINUOUS-ACCESS");
    Some(Clock { note: note.to_owned(), ..found })
}

/// Says of each session when it ended: by the prompt that took its place, else by a clock that ran out before the end of the evidence.
pub(super) fn endings(ledger: &mut Ledger) {
    let Some(until) = ledger.until else { return };
    let mut ended: Vec<Option<Ended>> = Vec::with_capacity(ledger.sessions.len());
    for (number, session) in ledger.sessions.iter().enumerate() {
        // A session that was used after a prompt had not ended then.
        let last = ledger.row(session.last_use).map(|row| row.at);
        let prompt = ledger
            .prompts
            .iter()
            .find(|prompt| prompt.earlier == Some(number) && prompt_ends(prompt.code) && Some(prompt.at) >= last);
        let ran_out = session
            .clocks
            .iter()
            .filter(|clock| ends_session(clock) && clock.expires <= until)
            .min_by_key(|clock| clock.expires);
        ended.push(match (prompt, ran_out) {
            (Some(prompt), _) => {
                // A token that was refused as revoked ended when the password was changed, where that is seen.
                let is_revoked = prompt.code == "SES-REVOKED";
                let clock = session
                    .clocks
                    .iter()
                    .filter(|clock| clock.code == prompt.code || is_revoked && clock.kind == ClockKind::Revocation);
                let at = clock.map(|clock| clock.expires).filter(|at| *at <= prompt.at).min().unwrap_or(prompt.at);
                Some(Ended { at, code: prompt.code, basis: prompt.basis })
            }
            (None, Some(clock)) => Some(Ended { at: clock.expires, code: clock.code, basis: clock.basis }),
            (None, None) => None,
        });
    }
    for (session, ended) in ledger.sessions.iter_mut().zip(ended) {
        session.ended = ended;
    }
}

/// Whether the reason of a prompt is that the earlier session was over; after others it may live on.
fn prompt_ends(code: &str) -> bool {
    !matches!(
        code,
        "SES-NO-SESSION"
            | "SES-NEW-REQUIREMENT"
            | "SES-REQUESTED"
            | "SES-REMEMBER-MFA"
            | "SES-NOT-SEEN"
            | "SES-TRIED-AGAIN"
            | "SES-SIGN-IN-FREQUENCY"
            | "SES-EVERY-TIME"
    )
}

/// Whether the session as a whole is over when the clock runs out.
fn ends_session(clock: &Clock) -> bool {
    let is_whole =
        matches!(clock.kind, ClockKind::Idle | ClockKind::RefreshToken | ClockKind::Federated | ClockKind::Revocation);
    is_whole && clock.assuming.is_empty()
}

/// When the next question comes: the first clock to run out on a session that still lives, of every browser or app its latest.
pub(super) fn next(ledger: &Ledger) -> Option<Next> {
    let until = ledger.until?;
    let is_latest = |number: usize, session: &Session| {
        let later = ledger.sessions.iter().enumerate().skip(number + 1);
        !later.into_iter().any(|(_, other)| other.seat.key == session.seat.key)
    };
    let living = ledger
        .sessions
        .iter()
        .enumerate()
        .filter(|(number, session)| session.ended.is_none() && is_latest(*number, session));
    living
        .flat_map(|(number, session)| {
            // What ran out while the session went on without a question does not ask; a frequency asks only for what it covers.
            let last = ledger.row(session.last_use).map(|row| row.at);
            let survived = move |clock: &Clock| {
                clock.kind != ClockKind::SignInFrequency && last.is_some_and(|last| clock.expires < last)
            };
            let by_device = session.has_device_token(ledger);
            let counts = move |clock: &&Clock| {
                clock.kind.asks() && !survived(clock) && !(by_device && clock.kind == ClockKind::Idle)
            };
            session.clocks.iter().filter(counts).map(move |clock| Next {
                at: clock.expires.max(until),
                ran_out: Some(clock.expires).filter(|at| *at <= until),
                covers: clock.policy.as_ref().map(|(_, name)| name.clone()),
                code: clock.code,
                session: number,
                basis: if clock.assuming.is_empty() { clock.basis } else { Basis::Inferred },
            })
        })
        .min_by_key(|next| (next.at, next.basis))
}

/// What tells that a session is persistent counts as proof only where something said so.
pub(super) fn is_settled(session: &Session) -> bool {
    session.persistence.from != PersistenceFrom::Unknown && session.persistence.is_persistent.is_some()
}
