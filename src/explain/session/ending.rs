//! Finds what ended sessions of a user from outside: new passwords and revocations, as the audit log tells them one by one and as the
//! snapshot knows the last of each.

use chrono::{DateTime, Duration, Utc};

use super::gather::user_of;
use super::{Beside, Ledger, as_logged};
use crate::domain::Evidence;
use crate::domain::history::{Change, What};

/// A new password moves the instant from which on tokens count as well, and two services may log it; within this time all is one event.
const ONE_EVENT: Duration = Duration::seconds(60);

/// Something that ended sessions of a user.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UserEnding {
    pub(super) at: DateTime<Utc>,
    pub(super) kind: UserEndingKind,
    /// In words.
    pub(super) words: String,
    pub(super) evidence: Evidence,
}

/// What it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UserEndingKind {
    /// A new password; whether an administrator gave it, where that is known.
    Password { is_reset: Option<bool> },
    /// All sessions from before were revoked.
    Revocation,
}

/// What ended sessions of the ledger's user, oldest first.
pub(super) fn of_user(ledger: &Ledger, beside: &Beside) -> Vec<UserEnding> {
    let user = user_of(ledger, beside);
    let id = user.map_or(ledger.user_id.as_str(), |user| user.id.as_str());
    let name = ledger.user_principal_name.as_str();
    let mut found: Vec<UserEnding> = Vec::new();
    for change in &beside.tenant.snapshot().history.changes {
        let (kind, what) = match &change.what {
            What::Password { user, is_reset } if user.is(id, name) => {
                let words = if *is_reset { "an administrator reset the password" } else { "the password was changed" };
                (UserEndingKind::Password { is_reset: Some(*is_reset) }, words)
            }
            What::Revocation { user } if user.is(id, name) => {
                (UserEndingKind::Revocation, "all sessions from before were revoked")
            }
            _ => continue,
        };
        add(&mut found, ending(change, kind, what));
    }
    let Some(user) = user else { return found };
    if let Some(at) = user.last_password_change {
        let evidence = user.origin.evidence("password changed", "/lastPasswordChangeDateTime", as_logged(at));
        let words = "the password was changed or reset".to_owned();
        add(&mut found, UserEnding { at, kind: UserEndingKind::Password { is_reset: None }, words, evidence });
    }
    if let Some(at) = user.sessions_valid_from {
        let evidence = user.origin.evidence("sessions valid from", "/signInSessionsValidFromDateTime", as_logged(at));
        let words = "all sessions from before were revoked".to_owned();
        add(&mut found, UserEnding { at, kind: UserEndingKind::Revocation, words, evidence });
    }
    found.sort_by_key(|ending| ending.at);
    found
}

fn ending(change: &Change, kind: UserEndingKind, what: &str) -> UserEnding {
    let by = change.by.as_ref().map(|by| format!(" (by {by})")).unwrap_or_default();
    UserEnding { at: change.at, kind, words: format!("{what}{by}"), evidence: change.evidence() }
}

/// Adds an ending unless it is one that is there: of one event the password counts and not the revocation that comes with it, and of
/// two words for a new password the one of the user, since Core Directory calls the user's own reset one as well.
fn add(found: &mut Vec<UserEnding>, ending: UserEnding) {
    let near = found.iter_mut().find(|held| (held.at - ending.at).abs() <= ONE_EVENT);
    let Some(held) = near else { return found.push(ending) };
    match (held.kind, ending.kind) {
        (UserEndingKind::Revocation, UserEndingKind::Password { .. })
        | (UserEndingKind::Password { is_reset: Some(true) }, UserEndingKind::Password { is_reset: Some(false) }) => {
            *held = ending;
        }
        _ => {}
    }
}
