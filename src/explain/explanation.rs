//! Defines [`Explanation`], the one value that the screen, the text, the JSON and the reports are made from.
//!
//! The words of the enumerations are the contract's; see `report::json` for the form in which they are promised.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::{Evidence, SignIn};

pub use super::policy_answer::{
    Agreement, Computed, ComputedAccess, ConditionAnswer, ControlAnswer, Difference, PartAnswer, PolicyAnswer,
    PolicyPart, PolicyVersion,
};

/// Why a sign-in ended as it did.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The row that was explained.
    pub sign_in: Arc<SignIn>,
    /// The rows of the same attempt, oldest first, this one included.
    pub attempt: Vec<AttemptRow>,
    /// What decided it.
    pub finding: Finding,
    /// The eight steps, always all of them, in the order of [`StepKind::ALL`].
    pub steps: Vec<Step>,
    /// Every policy that the record lists or the snapshot holds, the deciding one first.
    pub policies: Vec<PolicyAnswer>,
    /// What the policies of the snapshot come to together; nothing without policies in a snapshot.
    pub computed: Option<ComputedAccess>,
    /// What is missing, what it limits and what to ask for.
    pub gaps: Vec<Gap>,
    /// Other explanations that the evidence does not exclude, and those it does.
    pub rivals: Vec<Rival>,
    /// Facts worth saying beside the finding, among them contradictions that are both true.
    pub notes: Vec<Note>,
    /// Remedies.
    pub help: Vec<Help>,
    /// Defaults and readings that were used where the evidence is silent.
    pub assumptions: Vec<Assumption>,
}

/// One row of the attempt that a sign-in belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRow {
    /// The row's request id.
    pub id: String,
    /// When it happened.
    pub at: Option<DateTime<Utc>>,
    /// Its error code.
    pub error_code: Option<i64>,
    /// A word for what it was ("MFA asked", "granted").
    pub word: String,
    /// Whether this is the row that is being explained.
    pub is_this: bool,
    /// Whether the row is a step of a longer sign-in and no answer.
    pub is_step: bool,
    /// Whether this row decided the attempt.
    pub decided: bool,
}

/// What decided a sign-in.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The stable code (`CA-EAS-HANDOFF`, ...), whose long text stands in the catalogue of findings.
    pub code: String,
    /// At most two lines, true by itself.
    pub headline: String,
    /// How the sign-in ended.
    pub outcome: Outcome,
    /// The one thing that decided it.
    pub decided_by: Decider,
    /// How firmly it is known.
    pub basis: Basis,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
    /// The statements about the service that were relied on.
    pub citations: Vec<Citation>,
}

/// How a sign-in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A token was issued.
    Granted,
    /// A policy refused.
    Blocked,
    /// A step of a longer sign-in.
    Interrupted,
    /// It failed before or beside Conditional Access.
    Failed,
    /// A lockout refused it.
    Locked,
    /// A token was issued and another service enforces the decision.
    HandedOff,
    /// The record does not tell.
    Unknown,
}

impl Outcome {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Granted => "granted",
            Outcome::Blocked => "blocked",
            Outcome::Interrupted => "interrupted",
            Outcome::Failed => "failed",
            Outcome::Locked => "locked",
            Outcome::HandedOff => "handedOff",
            Outcome::Unknown => "unknown",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Outcome::HandedOff => "handed off",
            other => other.word(),
        }
    }
}

/// The one thing that decided a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decider {
    /// What kind of thing it is.
    pub kind: DeciderKind,
    /// Its id, for policies.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The datacenter, where one is proved.
    pub datacenter: Option<String>,
}

impl Decider {
    /// A decider that has no name of its own.
    pub fn of(kind: DeciderKind) -> Decider {
        Decider { kind, id: None, name: None, datacenter: None }
    }

    /// A decider with a name.
    pub fn named(kind: DeciderKind, id: Option<&str>, name: &str) -> Decider {
        Decider { kind, id: id.map(str::to_owned), name: Some(name.to_owned()), datacenter: None }
    }
}

/// The kinds of things that can decide a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeciderKind {
    /// A Conditional Access policy.
    Policy,
    /// A rule about sessions and token ages.
    SessionRule,
    /// A lockout counter or an address block.
    Lockout,
    /// A password, certificate or other credential.
    Credential,
    /// The account itself.
    Account,
    /// Two objects that want the same address.
    DirectoryConflict,
    /// A grant control that was not met.
    Control,
    /// The application or its consent.
    Application,
    /// The service or the protocol.
    Service,
    /// Nothing that can be seen stood in the way.
    Nothing,
    /// It cannot be told.
    Unknown,
}

impl DeciderKind {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            DeciderKind::Policy => "policy",
            DeciderKind::SessionRule => "sessionRule",
            DeciderKind::Lockout => "lockout",
            DeciderKind::Credential => "credential",
            DeciderKind::Account => "account",
            DeciderKind::DirectoryConflict => "directoryConflict",
            DeciderKind::Control => "control",
            DeciderKind::Application => "application",
            DeciderKind::Service => "service",
            DeciderKind::Nothing => "nothing",
            DeciderKind::Unknown => "unknown",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            DeciderKind::Policy => "a Conditional Access policy",
            DeciderKind::SessionRule => "a session rule",
            DeciderKind::Lockout => "a lockout",
            DeciderKind::Credential => "the credential",
            DeciderKind::Account => "the account",
            DeciderKind::DirectoryConflict => "a directory conflict",
            DeciderKind::Control => "a grant control that was not met",
            DeciderKind::Application => "the application",
            DeciderKind::Service => "the service",
            DeciderKind::Nothing => "nothing stood in the way",
            DeciderKind::Unknown => "not known",
        }
    }
}

/// How firmly something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The log says it.
    Logged,
    /// It follows from data by a documented rule.
    Computed,
    /// It is likely, and rivals exist.
    Inferred,
}

impl Basis {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Basis::Logged => "logged",
            Basis::Computed => "computed",
            Basis::Inferred => "inferred",
        }
    }
}

/// The steps of a sign-in, in the order in which they are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// What was asked for, by which client, from where.
    Request,
    /// Whose account it is and whether it may be used.
    Account,
    /// Whether the account or the address is locked.
    Lockout,
    /// The first factor.
    PrimaryAuthentication,
    /// Whether an earlier session still counts.
    Session,
    /// Which policies applied.
    ConditionalAccess,
    /// Whether what they demand was met.
    Controls,
    /// Whether a token was issued.
    Token,
}

impl StepKind {
    /// All steps in order.
    pub const ALL: [StepKind; 8] = [
        StepKind::Request,
        StepKind::Account,
        StepKind::Lockout,
        StepKind::PrimaryAuthentication,
        StepKind::Session,
        StepKind::ConditionalAccess,
        StepKind::Controls,
        StepKind::Token,
    ];

    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            StepKind::Request => "request",
            StepKind::Account => "account",
            StepKind::Lockout => "lockout",
            StepKind::PrimaryAuthentication => "primaryAuthentication",
            StepKind::Session => "session",
            StepKind::ConditionalAccess => "conditionalAccess",
            StepKind::Controls => "controls",
            StepKind::Token => "token",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            StepKind::PrimaryAuthentication => "first factor",
            StepKind::ConditionalAccess => "conditional access",
            other => other.word(),
        }
    }
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepVerdict {
    /// It was passed.
    Passed,
    /// It stopped the sign-in.
    Failed,
    /// It sent the user to another step.
    Interrupted,
    /// Its decision is enforced by another service.
    HandedOff,
    /// An earlier step stopped the sign-in.
    NotReached,
    /// It has no part in this kind of sign-in.
    NotApplicable,
    /// The evidence does not tell.
    Unknown,
}

impl StepVerdict {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            StepVerdict::Passed => "passed",
            StepVerdict::Failed => "failed",
            StepVerdict::Interrupted => "interrupted",
            StepVerdict::HandedOff => "handedOff",
            StepVerdict::NotReached => "notReached",
            StepVerdict::NotApplicable => "notApplicable",
            StepVerdict::Unknown => "unknown",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            StepVerdict::HandedOff => "handed off",
            StepVerdict::NotReached => "not reached",
            StepVerdict::NotApplicable => "not applicable",
            other => other.word(),
        }
    }
}

/// One step of a sign-in.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which step.
    pub kind: StepKind,
    /// What came of it.
    pub verdict: StepVerdict,
    /// One line.
    pub headline: String,
    /// How firmly it is known.
    pub basis: Basis,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
    /// The id of an earlier sign-in that explains it.
    pub because: Option<String>,
}

/// Something that is missing from the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The stable code (`GAP-...`).
    pub code: String,
    /// What is missing.
    pub missing: String,
    /// What cannot be said because of it.
    pub limits: String,
    /// The export or permission to ask the customer for.
    pub ask: String,
}

/// Another explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    /// The stable code of what it would be.
    pub code: String,
    /// One line.
    pub headline: String,
    /// How it stands against the evidence.
    pub verdict: RivalVerdict,
    /// The one fact that would settle it.
    pub settled_by: String,
}

/// How a rival explanation stands against the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RivalVerdict {
    /// Nothing speaks against it.
    Fits,
    /// It is possible but unlikely.
    Strained,
    /// The evidence rules it out.
    Excluded,
}

impl RivalVerdict {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            RivalVerdict::Fits => "fits",
            RivalVerdict::Strained => "strained",
            RivalVerdict::Excluded => "excluded",
        }
    }

    /// The words before what settles it.
    pub fn settled_label(self) -> &'static str {
        match self {
            RivalVerdict::Excluded => "ruled out by",
            RivalVerdict::Fits | RivalVerdict::Strained => "settled by",
        }
    }
}

/// A fact beside the finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// The stable code, whose long text stands in the catalogue of findings.
    pub code: String,
    /// One or two sentences.
    pub text: String,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
    /// The statements about the service that were relied on.
    pub citations: Vec<Citation>,
}

/// A remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// What to do.
    pub text: String,
    /// How surely it helps.
    pub confidence: Confidence,
    /// What else it changes; empty when nothing.
    pub side_effects: String,
    /// Where it is documented; empty when nowhere.
    pub doc: String,
}

/// How surely a remedy helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Confidence {
    /// The evidence points at this.
    High,
    /// It is the usual cause.
    Medium,
    /// It is worth a look.
    Low,
}

impl Confidence {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }
}

/// A default or reading that was used where the evidence is silent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// What was assumed.
    pub text: String,
    /// Where it is from.
    pub source: String,
}

/// A statement about the service, with its source and date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// The statement in our words.
    pub statement: String,
    /// Who says it: a title and an address.
    pub source: String,
    /// The date of the text that was read.
    pub date: String,
}
