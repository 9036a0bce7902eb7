//! Defines the catalogues of findings and gaps (`assets/findings.json`, `assets/gaps.json`): the long texts behind the stable
//! codes, with the statements they rest on.

use std::sync::LazyLock;

use serde::Deserialize;

use super::explanation::{Citation, Gap};

/// The long text behind a code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongText {
    /// The stable code.
    pub code: String,
    /// One line.
    pub title: String,
    /// Some sentences.
    pub text: String,
    /// The statements it rests on.
    citations: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    statement: String,
    source: String,
    date: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct GapText {
    code: String,
    missing: String,
    limits: String,
    ask: String,
}

impl GapText {
    fn long_text(&self) -> LongText {
        LongText {
            code: self.code.clone(),
            title: format!("Missing: {}", self.missing),
            text: format!("{} Ask for: {}", self.limits, self.ask),
            citations: Vec::new(),
        }
    }
}

impl LongText {
    /// The statements it rests on, each with its source and date.
    pub fn citations(&self) -> Vec<Citation> {
        let citation =
            |s: &Statement| Citation { statement: s.statement.clone(), source: s.source.clone(), date: s.date.clone() };
        self.citations.iter().map(citation).collect()
    }
}

// The files are part of the binary and a test reads them, so a fault in one cannot reach a user.
static FINDINGS: LazyLock<Vec<LongText>> = LazyLock::new(|| {
    let findings: Vec<LongText> = serde_json::from_str(include_str!("../../assets/findings.json")).unwrap_or_default();
    findings.into_iter().chain(GAPS.iter().map(GapText::long_text)).collect()
});
static GAPS: LazyLock<Vec<GapText>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/gaps.json")).unwrap_or_default());

/// The long text behind the code of a finding, note or gap.
pub fn find(code: &str) -> Option<&'static LongText> {
    FINDINGS.iter().find(|text| text.code.eq_ignore_ascii_case(code))
}

/// The one line of a code, empty when there is none.
pub fn title(code: &str) -> &'static str {
    find(code).map_or("", |text| text.title.as_str())
}

/// The long texts of all findings, notes and gaps.
pub fn all() -> &'static [LongText] {
    &FINDINGS
}

/// The statements behind a code, none when the code has none.
pub fn citations(code: &str) -> Vec<Citation> {
    find(code).map(LongText::citations).unwrap_or_default()
}

/// The gap of that code; an unknown code gives a gap that only names it.
pub fn gap(code: &str) -> Gap {
    let text = GAPS.iter().find(|text| text.code == code);
    Gap {
        code: code.to_owned(),
        missing: text.map(|text| text.missing.clone()).unwrap_or_default(),
        limits: text.map(|text| text.limits.clone()).unwrap_or_default(),
        ask: text.map(|text| text.ask.clone()).unwrap_or_default(),
    }
}

/// The codes of all gaps.
pub fn gap_codes() -> Vec<&'static str> {
    GAPS.iter().map(|text| text.code.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::error_code;

    #[test]
    fn every_code_that_can_be_found_has_a_long_text() {
        assert!(all().len() > 30 && gap_codes().len() > 10);
        for code in error_code::all() {
            assert!(find(&code.finding).is_some(), "{} leads to {}", code.code, code.finding);
        }
        for text in all() {
            assert!(!text.title.is_empty() && !text.text.is_empty(), "{}", text.code);
            assert!(text.citations().iter().all(|citation| !citation.date.is_empty()), "{}", text.code);
        }
    }
}
