//! The rules by which a session is too old or over: sign-in frequency with the cycle of the primary refresh token, "every time" with
//! its tolerance, cookies that outlive the browser, revocation by kind of credential, and token lifetimes that count no more.
//!
//! These are the rules alone, for one session whose history is known; reconstructing sessions from a log is another matter.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::domain::policy::{Policy, PolicyState, SignInFrequency};

/// How often unlocking a joined Windows device refreshes its primary refresh token (entra-docs, session lifetime, 2025-03-03).
const PRT_CYCLE: Duration = Duration::hours(4);
/// How long an authentication counts where it is asked for every time (entra-docs, session lifetime, 2025-03-03).
const EVERY_TIME_TOLERANCE: Duration = Duration::minutes(5);
/// How long a session cookie lives without use (entra-docs, configurable token lifetimes, 2025-05-09; the page on the stay-signed-in
/// question says 180 days for a persistent one).
const IDLE_NOT_PERSISTENT: Duration = Duration::hours(24);
const IDLE_PERSISTENT: Duration = Duration::days(90);
/// From this day on, token lifetime policies say nothing about refresh and session tokens (the same page).
const RETIRED: Option<NaiveDate> = NaiveDate::from_ymd_opt(2021, 1, 30);
/// The keys of token lifetime policies that say nothing since.
const RETIRED_KEYS: [&str; 5] = [
    "MaxInactiveTime",
    "MaxAgeSingleFactor",
    "MaxAgeMultiFactor",
    "MaxAgeSessionSingleFactor",
    "MaxAgeSessionMultiFactor",
];

/// What a session was begun with, which decides what ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A password.
    Password,
    /// Anything else: a key, a certificate, Windows Hello.
    Other,
}

/// Something that ends sessions (entra-docs, refresh tokens, 2025-05-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The password was changed by the user or reset.
    PasswordChanged,
    /// All sessions of the user were revoked.
    SessionsRevoked,
    /// The user signed out.
    SignedOut,
    /// The password expired, which ends nothing.
    PasswordExpired,
}

/// What decides whether a cookie outlives the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersistenceFrom {
    /// A Conditional Access policy, which comes before the user's answer and the tenant's setting.
    Policy,
    /// The user's answer to the stay-signed-in question.
    Answer,
    /// Nothing: a session cookie.
    Nothing,
}

/// A session of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserSession {
    /// What it was begun with.
    pub credential: Credential,
    /// Whether its cookie outlives the browser.
    pub is_persistent: bool,
    /// When it was last used.
    pub last_use: DateTime<Utc>,
    /// Whether the browser was closed since.
    pub was_closed: bool,
    /// What happened since.
    pub endings: Vec<Ending>,
}

/// Why somebody is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// The session was revoked, by one of these.
    Revoked(Ending),
    /// The browser was closed, and its cookie did not outlive it.
    BrowserClosed,
    /// It was not used for too long.
    Idle,
}

/// When a joined Windows device asks next: the frequency counts from the last refresh of the primary refresh token, which unlocking
/// brings only when the last one is four hours old. The times of unlocking are in order.
pub fn next_prompt_joined(signed_in: DateTime<Utc>, unlocks: &[DateTime<Utc>], frequency: Duration) -> DateTime<Utc> {
    let refreshed = unlocks.iter().fold(
        signed_in,
        |refreshed, unlock| {
            if *unlock - refreshed >= PRT_CYCLE { *unlock } else { refreshed }
        },
    );
    refreshed + frequency
}

/// Whether an authentication is recent enough for a sign-in frequency.
pub fn is_fresh(frequency: &SignInFrequency, authenticated: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    match frequency.hours {
        None => at - authenticated <= EVERY_TIME_TOLERANCE,
        Some(hours) => at - authenticated <= Duration::hours(hours),
    }
}

/// Whether a browser's cookie outlives it, and what decides that. `policies` are those that apply; the control counts only in a
/// policy for all resources, since one cookie serves all tabs (entra-docs, howto session lifetime, 2024-08-13). Two policies that say
/// always and never leave it open: no page says which wins.
pub fn persistence<'a>(
    policies: impl Iterator<Item = &'a Policy>,
    answered_yes: bool,
    question_is_shown: bool,
) -> (Option<bool>, PersistenceFrom) {
    let is_for_all = |policy: &&Policy| {
        policy.state == PolicyState::Enabled && policy.conditions.applications.include.iter().any(|id| id == "All")
    };
    let modes: Vec<bool> = policies
        .filter(is_for_all)
        .filter_map(|policy| policy.session.persistent_browser.as_deref())
        .map(|mode| mode.eq_ignore_ascii_case("always"))
        .collect();
    match modes.as_slice() {
        [] if question_is_shown && answered_yes => (Some(true), PersistenceFrom::Answer),
        [] => (Some(false), PersistenceFrom::Nothing),
        [first, rest @ ..] => {
            let agree = rest.iter().all(|mode| mode == first);
            (agree.then_some(*first), PersistenceFrom::Policy)
        }
    }
}

/// Why a browser session asks again at a time; nothing when it does not.
pub fn prompt(session: &BrowserSession, at: DateTime<Utc>) -> Option<Prompt> {
    let ends = |ending: &Ending| match ending {
        Ending::SessionsRevoked | Ending::SignedOut => true,
        Ending::PasswordChanged => session.credential == Credential::Password,
        Ending::PasswordExpired => false,
    };
    let idle = if session.is_persistent { IDLE_PERSISTENT } else { IDLE_NOT_PERSISTENT };
    if let Some(ending) = session.endings.iter().find(|ending| ends(ending)) {
        Some(Prompt::Revoked(*ending))
    } else if session.was_closed && !session.is_persistent {
        Some(Prompt::BrowserClosed)
    } else if at - session.last_use > idle {
        Some(Prompt::Idle)
    } else {
        None
    }
}

/// Whether a key of a token lifetime policy still says something on a day.
pub fn token_lifetime_counts(key: &str, on: NaiveDate) -> bool {
    let is_retired = RETIRED_KEYS.iter().any(|retired| retired.eq_ignore_ascii_case(key));
    !is_retired || RETIRED.is_some_and(|day| on < day)
}
