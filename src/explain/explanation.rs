//! Defines [`Explanation`], the one value that the screen, the text, the JSON and the reports are made from.
//!
//! The words of the enumerations are the contract's; see `report::json` for the form in which they are promised.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::{Evidence, SignIn, Verdict};

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

/// What one policy has to do with the sign-in: logged beside computed.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyAnswer {
    /// The policy's id.
    pub id: String,
    /// Its name, as logged, else as in the snapshot.
    pub display_name: String,
    /// Its state in the snapshot; `None` when the snapshot lacks it.
    pub state: Option<String>,
    /// The part it played.
    pub part: PolicyPart,
    /// The record's own result; `None` when the record has none.
    pub logged: Option<String>,
    /// What this program computed from the snapshot; `None` when it did not.
    pub computed: Option<Computed>,
    /// Whether the two agree.
    pub agreement: Agreement,
    /// The class of cause where they differ, or what keeps the policy from being computed or compared.
    pub difference: Option<Difference>,
    /// Whether the policy only reports.
    pub is_report_only: bool,
    /// What it demands and sets, in words: from the snapshot where it has the policy, else from the log.
    pub demand: String,
    /// What it demands, as logged, else as in the snapshot.
    pub grant_controls: Vec<String>,
    /// What it sets for the session.
    pub session_controls: Vec<String>,
    /// Its conditions, every one of them.
    pub conditions: Vec<ConditionAnswer>,
    /// What it demands, control by control, in the order in which Entra asks; none where the policy's text is not there.
    pub controls: Vec<ControlAnswer>,
    /// Why it did not match or cannot be decided, in one line; empty for the others.
    pub miss: String,
    /// The policy's own words from the snapshot, one line each, empty when the snapshot lacks it.
    pub text: Vec<String>,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
}

/// What was computed of all policies together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputedAccess {
    /// The overall status in the log's words; nothing where it cannot be told.
    pub status: Option<String>,
    /// The status that the log shows.
    pub logged: Option<String>,
    /// What the session gets, a line for each control with the policies it is from.
    pub session: Vec<String>,
}

/// What this program computed for a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// Whether the policy applies.
    pub applies: Verdict,
    /// The result in the log's words, or `unknown`.
    pub result: String,
}

/// The part a policy played in a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyPart {
    /// It decided the sign-in.
    Decided,
    /// It matched, what it demands was not met on this row, and it is not known to have decided.
    NotMet,
    /// It matched and was met.
    Matched,
    /// It could not be decided.
    Undecided,
    /// It did not match.
    NotMatched,
    /// It only reports.
    ReportOnly,
    /// It is switched off.
    Disabled,
}

impl PolicyPart {
    /// The word in the JSON.
    pub fn word(self) -> &'static str {
        match self {
            PolicyPart::Decided => "decided",
            PolicyPart::NotMet => "notMet",
            PolicyPart::Matched => "matched",
            PolicyPart::Undecided => "undecided",
            PolicyPart::NotMatched => "notMatched",
            PolicyPart::ReportOnly => "reportOnly",
            PolicyPart::Disabled => "disabled",
        }
    }

    /// The words for people, as a heading.
    pub fn label(self) -> &'static str {
        match self {
            PolicyPart::Decided => "decided it",
            PolicyPart::NotMet => "applied and not met on this row",
            PolicyPart::Matched => "applied and met",
            PolicyPart::Undecided => "could not be decided",
            PolicyPart::NotMatched => "did not match",
            PolicyPart::ReportOnly => "report-only, stops nobody",
            PolicyPart::Disabled => "switched off",
        }
    }
}

/// Whether what was logged and what was computed agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Agreement {
    /// They are the same.
    Agrees,
    /// They differ.
    Differs,
    /// The record has no result for the policy.
    NotLogged,
    /// Nothing was computed.
    NotComputed,
}

impl Agreement {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Agreement::Agrees => "agrees",
            Agreement::Differs => "differs",
            Agreement::NotLogged => "notLogged",
            Agreement::NotComputed => "notComputed",
        }
    }
}

/// Why logged and computed differ, or what keeps a policy from being computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Difference {
    /// The policy, or a location it names, was made or changed after the sign-in.
    SnapshotNewer,
    /// The snapshot was taken before the sign-in, and the policy may have been changed between.
    SnapshotOlder,
    /// The snapshot does not say who is in a group or holds a role.
    MembershipUnknown,
    /// Somebody's groups or roles may have changed since.
    MembershipChanged,
    /// The device's properties in the directory may have changed since.
    DeviceChanged,
    /// An application asks for other resources, whose policies it has to meet.
    ServiceDependency,
    /// Which resources belong to a group of them is not published.
    ResourceGroup,
    /// The record lacks a value that the policy asks for.
    FieldMissing,
    /// The snapshot lacks an object that the policy names, or it cannot be read.
    ObjectMissing,
    /// The policy has a member that this program does not know.
    UnknownCondition,
    /// Microsoft's pages do not say what follows.
    Undocumented,
    /// Report-only policies are evaluated by rules of their own.
    ReportOnlyRule,
    /// The log stops at what failed first, and shows failure for what was not asked for yet.
    LogStopsAtFirst,
    /// The record lists policies, and not this one.
    NotListed,
    /// Nothing explains it: a fault of our model.
    Model,
}

impl Difference {
    /// All classes.
    pub const ALL: [Difference; 15] = [
        Difference::SnapshotNewer,
        Difference::SnapshotOlder,
        Difference::MembershipUnknown,
        Difference::MembershipChanged,
        Difference::DeviceChanged,
        Difference::ServiceDependency,
        Difference::ResourceGroup,
        Difference::FieldMissing,
        Difference::ObjectMissing,
        Difference::UnknownCondition,
        Difference::Undocumented,
        Difference::ReportOnlyRule,
        Difference::LogStopsAtFirst,
        Difference::NotListed,
        Difference::Model,
    ];

    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Difference::SnapshotNewer => "snapshotNewer",
            Difference::SnapshotOlder => "snapshotOlder",
            Difference::MembershipUnknown => "membershipUnknown",
            Difference::MembershipChanged => "membershipChanged",
            Difference::DeviceChanged => "deviceChanged",
            Difference::ServiceDependency => "serviceDependency",
            Difference::ResourceGroup => "resourceGroup",
            Difference::FieldMissing => "fieldMissing",
            Difference::ObjectMissing => "objectMissing",
            Difference::UnknownCondition => "unknownCondition",
            Difference::Undocumented => "undocumented",
            Difference::ReportOnlyRule => "reportOnlyRule",
            Difference::LogStopsAtFirst => "logStopsAtFirst",
            Difference::NotListed => "notListed",
            Difference::Model => "model",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Difference::SnapshotNewer => "the policy or a location of it was changed after this sign-in",
            Difference::SnapshotOlder => {
                "the snapshot was taken before this sign-in, or says otherwise for another reason of time"
            }
            Difference::MembershipUnknown => "the snapshot does not say who is in a group or holds a role",
            Difference::MembershipChanged => "groups, roles or attributes may have been others at the time",
            Difference::DeviceChanged => "the device's properties may have been others at the time",
            Difference::ServiceDependency => {
                "the application asks for another resource, whose policies must be met first"
            }
            Difference::ResourceGroup => "which resources belong to the group is not published",
            Difference::FieldMissing => "the record lacks a value that the policy asks for",
            Difference::ObjectMissing => "the snapshot lacks something that the policy names, or it cannot be read",
            Difference::UnknownCondition => "the policy has a member that this program does not know",
            Difference::Undocumented => "Microsoft's pages do not say what follows",
            Difference::ReportOnlyRule => "report-only policies are evaluated by rules of their own",
            Difference::LogStopsAtFirst => {
                "the log stops at what failed first, and shows failure for what was not asked for yet"
            }
            Difference::NotListed => {
                "the record lists policies and not this one: it was made later, or the log is of another tenant"
            }
            Difference::Model => "nothing explains it: please report it as a fault of this program",
        }
    }
}

/// One control that a policy demands, with what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlAnswer {
    /// The control in words.
    pub control: String,
    /// Whether it was met, as far as the record shows.
    pub verdict: Verdict,
    /// What was seen, or why it cannot be met or told.
    pub seen: String,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
}

/// One item of a condition: a user, group, location or expression of the rule, with the value it met.
#[derive(Debug, Clone, PartialEq)]
pub struct PartAnswer {
    /// The item in words.
    pub text: String,
    /// Whether what it matches is excluded.
    pub is_exclusion: bool,
    /// How deep it lies in a filter; 0 for items of lists.
    pub depth: usize,
    /// Whether it matches.
    pub verdict: Verdict,
    /// The value that it met, and how.
    pub seen: String,
}

/// One condition of a policy: rule text, value seen, verdict, where from.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionAnswer {
    /// The condition's name in the contract (`users`, `applications`, `clientAppTypes`, `locations`, ...).
    pub condition: String,
    /// What was computed, or what the log says where nothing was computed.
    pub verdict: Verdict,
    /// What the log itself says, where it names the condition.
    pub logged: Option<bool>,
    /// Whether the verdict is the log's or ours.
    pub basis: Basis,
    /// The rule in the policy's words, empty when the snapshot lacks the policy.
    pub rule: String,
    /// The value seen.
    pub seen: String,
    /// Every item of the rule with what came of it; none where nothing was computed.
    pub parts: Vec<PartAnswer>,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
}

impl ConditionAnswer {
    /// Whether it held: what the log says, where it says it, else what was computed.
    pub fn holds(&self) -> Verdict {
        self.logged.map_or(self.verdict, Verdict::from_bool)
    }

    /// Whether the log says one thing and the computation another.
    pub fn differs(&self) -> bool {
        let computed = self.basis == Basis::Computed && !self.verdict.is_unknown();
        computed && self.logged.is_some_and(|logged| Verdict::from_bool(logged) != self.verdict)
    }
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
