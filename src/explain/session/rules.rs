//! The rules by which a session is too old or over, each with its source: idle windows, sign-in frequency with the cycle of the primary
//! refresh token, "every time" with its tolerance, the lives of tokens, revocation by kind of credential, and token lifetimes that
//! count no more.

use chrono::{DateTime, Duration, NaiveDate, Utc};

/// How often unlocking a joined Windows device refreshes its primary refresh token (entra-docs, session lifetime, 2025-03-03).
const PRT_CYCLE: Duration = Duration::hours(4);
/// How long an authentication counts where it is asked for every time (entra-docs, session lifetime, 2025-03-03).
pub const EVERY_TIME_TOLERANCE: Duration = Duration::minutes(5);
/// How long a session that is not persistent lives without use (entra-docs, configurable token lifetimes, 2025-05-09).
pub const IDLE_NOT_PERSISTENT: Duration = Duration::hours(24);
/// How long a persistent session lives without use (the same page; the page on the stay-signed-in question says 180 days).
pub const IDLE_PERSISTENT: Duration = Duration::days(90);
/// How long a refresh token lives without use (entra-docs, refresh tokens, 2025-05-14).
pub const REFRESH_TOKEN: Duration = Duration::days(90);
/// How long the refresh tokens of a single-page app live in all, however often they are used (the same page).
pub const SINGLE_PAGE: Duration = Duration::hours(24);
/// How long a primary refresh token lives unless it is used (entra-docs, primary refresh token, 2025-03-03).
pub const PRIMARY_REFRESH_TOKEN: Duration = Duration::days(14);
/// How long the sessions of federated users live whose directory says neither when their password changed nor from when on their
/// tokens count (Microsoft support 4025960, 2017: still the only statement found).
pub const FEDERATED: Duration = Duration::hours(12);
/// How long the access token of a session lives, at most, that is watched continuously (entra-docs, continuous access evaluation,
/// 2025-07-22).
pub const CONTINUOUS: Duration = Duration::hours(28);
/// From this day on, token lifetime policies say nothing about refresh and session tokens (entra-docs, configurable token lifetimes,
/// 2025-05-09).
const RETIRED: Option<NaiveDate> = NaiveDate::from_ymd_opt(2021, 1, 30);
/// The keys of token lifetime policies that say nothing since.
pub const RETIRED_KEYS: [&str; 5] = [
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

/// What a session consists of, as the table of revocations tells things apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Artefact {
    /// The cookie of a browser.
    Cookie,
    /// The refresh token of an app.
    Token,
    /// The refresh token of a web application with a secret of its own.
    ConfidentialClient,
}

/// Something that may end sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The password expired.
    PasswordExpired,
    /// The user changed the password or reset it, or an administrator reset it in the Azure portal.
    PasswordChanged,
    /// An administrator reset the password in the Entra admin center.
    PasswordReset,
    /// All sessions of the user were revoked, by the user or an administrator.
    SessionsRevoked,
    /// The user signed out everywhere (single sign-out).
    SignedOut,
}

/// Whether an ending ends what was begun with a credential (entra-docs, refresh tokens, table of revocations, 2025-05-14).
pub fn ends(ending: Ending, credential: Credential, artefact: Artefact) -> bool {
    let is_password = credential == Credential::Password && artefact != Artefact::ConfidentialClient;
    match ending {
        Ending::PasswordExpired => false,
        Ending::PasswordChanged => is_password,
        Ending::PasswordReset => is_password || artefact != Artefact::Cookie,
        Ending::SessionsRevoked => true,
        Ending::SignedOut => artefact == Artefact::Cookie,
    }
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

/// The one answer that all policies give on persistent browser; `Err` when two contradict each other, of which no page says who wins.
pub fn agreed(modes: &[bool]) -> Result<Option<bool>, Contradiction> {
    match modes {
        [] => Ok(None),
        [first, rest @ ..] if rest.iter().all(|mode| mode == first) => Ok(Some(*first)),
        _ => Err(Contradiction),
    }
}

/// Two policies that say always and never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contradiction;

/// Whether a key of a token lifetime policy still says something on a day.
pub fn token_lifetime_counts(key: &str, on: NaiveDate) -> bool {
    let is_retired = RETIRED_KEYS.iter().any(|retired| retired.eq_ignore_ascii_case(key));
    !is_retired || RETIRED.is_some_and(|day| on < day)
}
