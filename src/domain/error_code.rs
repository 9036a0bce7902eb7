//! Defines the catalogue of sign-in error codes (`assets/error_codes.json`): what each means, who decided, and the remedy.
//!
//! The numbers and facts are from the sources named in the file; the texts are our own. A code that is not in the catalogue is
//! shown as such, with the log's own text.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// What is known of one error code.
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ErrorCode {
    /// The number that stands in `status.errorCode` and in `AADSTS<number>`.
    pub code: i64,
    /// The symbolic name, where one is published.
    pub name: Option<String>,
    /// Whether it is a step of a longer sign-in or a failure.
    pub class: Class,
    /// The step it belongs to, as the contract spells it.
    pub step: String,
    /// Who decided, as the contract spells it.
    pub decided_by: String,
    /// The code of the finding it leads to.
    pub finding: String,
    /// Whether the first factor was accepted; `None` when the code does not tell.
    pub password_accepted: Option<bool>,
    /// A reason for a narrow column.
    pub word: String,
    /// What happened.
    pub meaning: String,
    /// What to do.
    pub remedy: String,
    /// Keys of the sources.
    pub sources: Vec<String>,
    /// What is uncertain about it.
    pub doubt: Option<String>,
}

/// Whether a code is a step of a longer sign-in or a failure.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Class {
    /// The user was sent to another step.
    Interrupt,
    /// The sign-in ended.
    Failure,
    /// A step in an interactive sign-in, a wall in a silent one.
    Either,
}

/// Where a text about error codes was read.
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Its date, where it has one.
    pub date: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct File {
    sources: HashMap<String, Source>,
    codes: Vec<ErrorCode>,
}

static CATALOGUE: LazyLock<(HashMap<String, Source>, HashMap<i64, ErrorCode>)> = LazyLock::new(|| {
    // The file is part of the binary; a test reads it, so a fault in it cannot reach a user.
    let file: File = serde_json::from_str(include_str!("../../assets/error_codes.json")).unwrap_or_default();
    (file.sources, file.codes.into_iter().map(|code| (code.code, code)).collect())
});

/// What the catalogue says about a code.
pub fn find(code: i64) -> Option<&'static ErrorCode> {
    CATALOGUE.1.get(&code)
}

/// Every code of the catalogue, in the order of their numbers.
pub fn all() -> Vec<&'static ErrorCode> {
    let mut codes: Vec<&ErrorCode> = CATALOGUE.1.values().collect();
    codes.sort_by_key(|code| code.code);
    codes
}

/// The source behind a key of [`ErrorCode::sources`].
pub fn source(key: &str) -> Option<&'static Source> {
    CATALOGUE.0.get(key)
}

/// Whether the code is a step of a longer sign-in and no failure. Codes of class [`Class::Either`] are a step where a person
/// is there to take it, and a wall in a silent request.
pub fn is_interrupt(code: i64, is_silent: bool) -> bool {
    find(code).is_some_and(|known| match known.class {
        Class::Interrupt => true,
        Class::Either => !is_silent,
        Class::Failure => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read_and_its_words_are_the_contracts() {
        let steps = [
            "request",
            "account",
            "lockout",
            "primaryAuthentication",
            "session",
            "conditionalAccess",
            "controls",
            "token",
        ];
        assert!(all().len() >= 148);
        for code in all() {
            assert!(steps.contains(&code.step.as_str()), "{}", code.code);
            assert!(!code.meaning.is_empty() && !code.remedy.is_empty() && code.word.len() <= 14, "{}", code.code);
            assert!(!code.sources.is_empty() && code.sources.iter().all(|key| source(key).is_some()), "{}", code.code);
        }
    }

    #[test]
    fn an_mfa_demand_is_a_step_for_a_person_and_a_wall_for_a_silent_client() {
        assert!(is_interrupt(50076, false));
        assert!(!is_interrupt(50076, true));
        assert!(is_interrupt(50140, true));
        assert!(!is_interrupt(50126, false));
    }
}
