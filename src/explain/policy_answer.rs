//! Defines [`PolicyAnswer`], what one policy has to do with a sign-in: what the log says beside what was computed.

use chrono::{DateTime, Utc};

use crate::domain::{Evidence, Verdict};

use super::explanation::Basis;

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
    /// The version that stood at the time of the sign-in, where it is not the snapshot's.
    pub version: Option<PolicyVersion>,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
}

/// The version of a policy that stood at the time of a sign-in, and how it differs from the snapshot's.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyVersion {
    /// How firmly it is known: logged, or inferred where a change may have gone unseen.
    pub basis: Basis,
    /// From when on it stood, where that is known.
    pub since: Option<DateTime<Utc>>,
    /// Which version it is, in words.
    pub text: String,
    /// What is different in the snapshot, a line each.
    pub differences: Vec<String>,
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
    /// By the snapshot it applies; the log says nothing of it.
    WouldApply,
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
            PolicyPart::WouldApply => "wouldApply",
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
            PolicyPart::WouldApply => "would apply, by the snapshot; not logged",
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
            Difference::SnapshotNewer => "the policy or a location of it was made or changed after this sign-in",
            Difference::SnapshotOlder => {
                "the snapshot is of another time than this sign-in, and the policy was in another state then"
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
            Difference::ReportOnlyRule => {
                "results of report-only policies follow rules that are published only in part"
            }
            Difference::LogStopsAtFirst => {
                "the log stops at what failed first, and shows failure for what was not asked for yet"
            }
            Difference::NotListed => {
                "the record lists policies and not this one: its list may be shortened, or the policy was not there then"
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
