//! Defines [`AttemptClass`], what a row of the log is to smart lockout, and [`Address`], what the whole log says of an address.

use super::SignIn;
use super::sign_in::EventKind;

/// The two texts by which Entra tells the causes of error 50053 apart. They are matched as parts, in lower case, because samples
/// differ in punctuation, and translated logs hold neither (reference error codes, 2024-04-24; measured in a production tenant).
const ADDRESS_BLOCK: &str = "malicious activity";
const TOO_MANY_TRIES: &str = "too many times with an incorrect user id or password";

/// What a row of the log is to smart lockout.
///
/// Only a wrong password (50126) counts, and that a password which was right sets the counter back is documented for Azure AD B2C
/// alone (threat management, 2021-05-15); which other codes count is documented nowhere, so they are neutral here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AttemptClass {
    /// The password was wrong.
    BadPassword,
    /// The account was locked, says the log's reason.
    Lock,
    /// The address was blocked for attacks, says the log's reason; that says nothing about the password or the account.
    IpBlock,
    /// Error 50053 whose reason tells neither.
    LockUnknown,
    /// The password was right, whatever came after it.
    Pass,
    /// Nothing that has to do with a counter.
    #[default]
    Neutral,
}

impl AttemptClass {
    /// What a row is.
    pub fn of(sign_in: &SignIn) -> AttemptClass {
        if matches!(sign_in.event_kind, EventKind::ServicePrincipal | EventKind::ManagedIdentity) {
            return AttemptClass::Neutral;
        }
        match sign_in.error_code() {
            Some(50_126) => AttemptClass::BadPassword,
            Some(50_053) => AttemptClass::of_reason(sign_in.status.failure_reason.as_deref().unwrap_or("")),
            // Codes that come only after the first factor: the rest of the way needs MFA, consent to it, or an answer.
            Some(0 | 50_072 | 50_074 | 50_076 | 50_079 | 50_125 | 50_140) => {
                // Where no steps are logged, a success of a person may have been one by password; of rows that do not even say
                // whether a person was there, most are tokens that were renewed.
                let may_be = sign_in.event_kind == EventKind::Interactive || sign_in.error_code() != Some(0);
                match sign_in.gave_password() {
                    Some(false) => AttemptClass::Neutral,
                    None if !may_be => AttemptClass::Neutral,
                    Some(true) | None => AttemptClass::Pass,
                }
            }
            _ => AttemptClass::Neutral,
        }
    }

    /// Which of its causes error 50053 has, by the log's failure reason.
    pub fn of_reason(reason: &str) -> AttemptClass {
        let plain = reason.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'");
        if plain.contains(ADDRESS_BLOCK) {
            AttemptClass::IpBlock
        } else if plain.contains(TOO_MANY_TRIES) {
            AttemptClass::Lock
        } else {
            AttemptClass::LockUnknown
        }
    }

    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            AttemptClass::BadPassword => "badPassword",
            AttemptClass::Lock => "lock",
            AttemptClass::IpBlock => "ipBlock",
            AttemptClass::LockUnknown => "lockUnknown",
            AttemptClass::Pass => "pass",
            AttemptClass::Neutral => "neutral",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            AttemptClass::BadPassword => "wrong password",
            AttemptClass::Lock => "locked",
            AttemptClass::IpBlock => "address blocked",
            AttemptClass::LockUnknown => "50053, kind unknown",
            AttemptClass::Pass => "password accepted",
            AttemptClass::Neutral => "not counted",
        }
    }

    /// Whether it is error 50053 that is or may be a lock of the account.
    pub fn is_lock(self) -> bool {
        matches!(self, AttemptClass::Lock | AttemptClass::LockUnknown)
    }

    /// Whether it refused somebody in a way that has to do with guessing passwords.
    pub fn is_refusal(self) -> bool {
        matches!(self, AttemptClass::BadPassword | AttemptClass::IpBlock) || self.is_lock()
    }
}

/// Refusals that have to do with a password and of which no text says that they count: expired or missing passwords, accounts that do
/// not exist or are switched off, and errors of the pass-through agent (entra-docs, pass-through authentication, 2025-04-09).
const NEUTRAL: [i64; 17] = [
    50_034, 50_055, 50_056, 50_057, 50_064, 50_131, 50_144, 80_001, 80_002, 80_003, 80_004, 80_005, 80_007, 80_010,
    80_011, 80_013, 80_014,
];

/// After so long without a try a new episode begins, in milliseconds: one hour. When counters forget is documented nowhere; without
/// a cut, one wrong password a week would add up.
pub const QUIET: i64 = 3_600_000;

/// Whether a row belongs into the lockout ledger.
pub fn concerns(class: AttemptClass, error_code: Option<i64>) -> bool {
    class != AttemptClass::Neutral || error_code.is_some_and(|code| NEUTRAL.contains(&code))
}

/// What the whole log says of one address, besides one user's rows from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// When the user first came through from it, in milliseconds since 1970 UTC.
    pub first_success: Option<i64>,
    /// How many other users were refused from it for a wrong password, a lock or a block.
    pub other_users: usize,
    /// How many of their rows that were.
    pub other_rows: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sign_in::AuthenticationStep;

    fn row(code: i64, kind: EventKind, method: Option<(&str, &str)>) -> SignIn {
        let mut sign_in = SignIn { event_kind: kind, ..SignIn::default() };
        sign_in.status.error_code = Some(code);
        sign_in.authentication_details = method.map(|(method, detail)| {
            vec![AuthenticationStep {
                method: Some(method.to_owned()),
                result_detail: Some(detail.to_owned()),
                requirement: Some("Primary authentication".to_owned()),
                ..AuthenticationStep::default()
            }]
        });
        sign_in
    }

    #[test]
    fn a_success_resets_only_where_a_password_was_or_may_have_been_given() {
        let of = |code, kind, method| AttemptClass::of(&row(code, kind, method));
        let interactive = EventKind::Interactive;
        assert_eq!(of(0, interactive, Some(("Password", "Correct password"))), AttemptClass::Pass);
        assert_eq!(of(50_074, interactive, Some(("Password", "Correct password"))), AttemptClass::Pass);
        assert_eq!(of(0, interactive, None), AttemptClass::Pass);
        let by_token = Some(("Previously satisfied", "First factor requirement satisfied by claim in the token"));
        assert_eq!(of(0, interactive, by_token), AttemptClass::Neutral);
        assert_eq!(of(0, interactive, Some(("FIDO2 security key", ""))), AttemptClass::Neutral);
        assert_eq!(of(0, EventKind::NonInteractive, None), AttemptClass::Neutral);
        assert_eq!(of(0, EventKind::Unknown, None), AttemptClass::Neutral);
        assert_eq!(of(0, EventKind::ServicePrincipal, None), AttemptClass::Neutral);
        for code in [50_055, 50_056, 50_057, 50_034, 50_144, 80_002] {
            assert_eq!(of(code, interactive, None), AttemptClass::Neutral, "{code}");
        }
    }

    #[test]
    fn the_causes_of_50053_are_told_by_parts_of_the_reason() {
        let of = AttemptClass::of_reason;
        let locked = "The account is locked, you\u{2019}ve tried to sign in too many times with an incorrect user ID or password";
        assert_eq!(of(locked), AttemptClass::Lock);
        assert_eq!(of(&format!("{locked}.")), AttemptClass::Lock);
        let blocked = "Sign-in was blocked because it came from an IP address with malicious activity";
        assert_eq!(of(blocked), AttemptClass::IpBlock);
        assert_eq!(of("Das Konto ist gesperrt."), AttemptClass::LockUnknown);
        assert_eq!(of("IdsLocked"), AttemptClass::LockUnknown);
        assert_eq!(of(""), AttemptClass::LockUnknown);
    }
}
