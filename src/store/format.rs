//! Defines the catalogue of formats (`assets/formats.json`): every shape in which evidence is understood, who writes it, what it never
//! holds, and what to ask for instead.
//!
//! `authopsy formats` prints the catalogue and the inventory tells it of each file, so what is said of a format is said once.

use std::sync::LazyLock;

use serde::Deserialize;

/// A shape in which evidence comes.
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Format {
    /// Its word, which scripts may rely on.
    pub word: String,
    /// What a file of it holds, as the contract spells it.
    pub kind: String,
    /// Its name, as a noun without an article ("Graph beta").
    pub name: String,
    /// Who writes it: the page, cmdlet or program.
    pub written_by: String,
    /// By what in the content it is told apart.
    pub told_by: String,
    /// What it never holds, whoever exported it; each a phrase that follows "it has no".
    #[serde(default)]
    pub lacks: Vec<String>,
    /// What to ask the customer for, where that holds more.
    #[serde(default)]
    pub ask: Option<Ask>,
    /// Where this was read, with the date.
    pub sources: Vec<String>,
}

/// What to ask the customer for, in words that can be sent as they stand.
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// What is asked for, as a sentence.
    pub text: String,
    /// The command that exports it, where there is one.
    #[serde(default)]
    pub command: Option<String>,
}

static CATALOGUE: LazyLock<Vec<Format>> = LazyLock::new(|| {
    // The file is part of the binary; a test reads it, so a fault in it cannot reach a user.
    serde_json::from_str(include_str!("../../assets/formats.json")).unwrap_or_default()
});

/// Every format, in the order of the catalogue.
pub fn all() -> &'static [Format] {
    &CATALOGUE
}

/// The format of that word.
pub fn find(word: &str) -> Option<&'static Format> {
    CATALOGUE.iter().find(|format| format.word == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read_and_tells_each_format_once() {
        let kinds = ["signInLog", "auditLog", "tenantSnapshot", "trace", "recipients", "facts", "container"];
        assert!(all().len() >= 10);
        for format in all() {
            assert!(kinds.contains(&format.kind.as_str()), "{}", format.word);
            assert_eq!(all().iter().filter(|other| other.word == format.word).count(), 1, "{}", format.word);
            assert!(!format.told_by.is_empty() && !format.sources.is_empty(), "{}", format.word);
            assert!(format.lacks.is_empty() || format.ask.is_some(), "{}: nothing to ask for instead", format.word);
        }
    }
}
