//! Defines the outline of an explanation: the flat list of lines that every view is made from.
//!
//! The screen folds and walks it, the text prints it, so both use the same words in the same order. It is stored flat, with
//! depths, because moving to the next step or folding a branch is then arithmetic on a list.

use crate::domain::Evidence;

use super::explanation::{Basis, StepKind};

/// One line of an outline, with all that a view needs to show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// How deep it lies; 0 is the top.
    pub depth: usize,
    /// What it is.
    pub kind: NodeKind,
    /// Its sign.
    pub mark: Mark,
    /// A short name before the text (a step's or condition's name, a code); may be empty.
    pub name: String,
    /// The text; may be several sentences.
    pub text: String,
    /// What stands at the right or in brackets: a basis, a result, a citation's date; may be empty.
    pub aside: String,
    /// The value in the evidence that the line speaks of.
    pub evidence: Option<Evidence>,
    /// The request id of another sign-in that the line leads to.
    pub leads_to: Option<String>,
    /// Whether what lies below is hidden until it is asked for.
    pub folded: bool,
}

/// What a line of an outline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// The headline of the finding.
    Headline,
    /// A line about the finding: who decided, on which basis.
    Finding,
    /// A heading.
    Section,
    /// One of the eight steps.
    Step(StepKind),
    /// A policy.
    Policy,
    /// A condition of a policy.
    Condition,
    /// A value of the evidence.
    Evidence,
    /// A line of text below something else.
    Detail,
    /// A row of the attempt.
    Row,
    /// A fact beside the finding.
    Note,
    /// A remedy.
    Help,
    /// Something that is missing.
    Gap,
    /// Another explanation.
    Rival,
}

/// The sign of a line. Views show it as a glyph and a colour; the words always say it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Nothing to mark.
    None,
    /// Passed, yes, granted.
    Good,
    /// Failed, blocked: this stopped it.
    Bad,
    /// Interrupted: a step of a longer way.
    Step,
    /// Handed to another service.
    Handed,
    /// Not reached, not applicable, no: it had no say.
    Idle,
    /// Unknown.
    Unknown,
}

/// Which basis is worth saying: what the log says itself needs no word.
pub(super) fn aside_for(basis: Basis) -> String {
    match basis {
        Basis::Logged => String::new(),
        other => other.word().to_owned(),
    }
}
