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

/// What files hold, as the contract spells it, with the heading of its formats, in the order in which they are listed.
pub const KINDS: [(&str, &str); 7] = [
    ("signInLog", "Sign-in logs"),
    ("auditLog", "Audit logs"),
    ("tenantSnapshot", "Tenant snapshots"),
    ("trace", "Browser traces"),
    ("recipients", "Recipients and their errors"),
    ("facts", "What the operator says"),
    ("container", "Packings"),
];

/// The formats under their headings; a heading without a format is left out.
pub fn groups() -> impl Iterator<Item = (&'static str, Vec<&'static Format>)> {
    KINDS.iter().filter_map(|(kind, heading)| {
        let formats: Vec<&Format> = all().iter().filter(|format| format.kind == *kind).collect();
        (!formats.is_empty()).then_some((*heading, formats))
    })
}

/// The formats as the README lists them.
pub fn markdown() -> String {
    let mut text = String::new();
    for (heading, formats) in groups() {
        text.push_str(&format!("\n**{heading}**\n\n"));
        for format in formats {
            text.push_str(&format!("- {}: {}\n", format.name, format.written_by));
        }
    }
    text.push('\n');
    text
}

/// The format of that word.
pub fn find(word: &str) -> Option<&'static Format> {
    CATALOGUE.iter().find(|format| format.word == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_packing_is_in_the_catalogue() {
        for packing in crate::store::packing::Packing::ALL {
            assert!(find(packing.word()).is_some_and(|format| format.kind == "container"), "{packing:?}");
        }
    }

    #[test]
    fn the_catalogue_is_read_and_tells_each_format_once() {
        assert!(all().len() >= 10);
        for format in all() {
            assert!(KINDS.iter().any(|(kind, _)| *kind == format.kind), "{}", format.word);
            assert_eq!(all().iter().filter(|other| other.word == format.word).count(), 1, "{}", format.word);
            assert!(!format.told_by.is_empty() && !format.sources.is_empty(), "{}", format.word);
            assert!(format.lacks.is_empty() || format.ask.is_some(), "{}: nothing to ask for instead", format.word);
            let command = format.ask.as_ref().and_then(|ask| ask.command.as_deref()).unwrap_or("x");
            assert!(!command.trim().is_empty() && !command.contains('\n'), "{}: not one line", format.word);
        }
        assert_eq!(groups().map(|(_, formats)| formats.len()).sum::<usize>(), all().len());
    }
}
