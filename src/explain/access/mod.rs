//! The evaluator of Conditional Access: a policy, what is known of a request, and the tenant, to a verdict with every reason.
//!
//! Nothing is cut short and nothing is guessed. Every item of every list is answered ([`Part`]); an item holds, does not hold, or
//! cannot be decided because the request (`unknownContext`) or the snapshot (`unknownData`) lacks something, or because nobody
//! documents it. A condition holds when one of its include items does and none of its exclude items, a policy applies when all
//! conditions hold, and a condition that is not configured holds
//! (entra-docs, Conditional Access policies, 2024-03-29; users and groups, 2024-05-21).
//!
//! Reasons are numbers into the policy's lists, not words: `rule` puts them into words when somebody looks.

mod asked;
mod condition;
mod decision;
pub mod from_sign_in;
mod grant;
mod resource;
mod security_defaults;
mod tenant;
mod then;
mod user;

use crate::domain::Verdict;
use crate::domain::context::{Subject, Target};
use crate::domain::policy::{Policy, PolicyState};

use super::filter;
use super::rule::Condition;

pub use asked::Asked;
pub use decision::{
    Decision, Ending, MergedSession, PolicyEvaluation, Status, decide, merge_sessions, misses_policies,
};
pub use grant::{ControlName, ControlPart, ControlWhy, Granted, evaluate_grant};
pub use tenant::{COMPLIANT_NETWORK, Doubt, MFA_TRUSTED_ADDRESSES, Tenant};
pub use then::Then;

use tenant::Prepared;

/// One item of a condition's lists with what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The condition.
    pub condition: Condition,
    /// The item.
    pub item: Item,
    /// Whether what it matches is excluded.
    pub is_exclusion: bool,
    /// Whether it matches the request.
    pub verdict: Verdict,
    /// Why, where the verdict alone does not say it.
    pub why: Why,
}

/// An item of a condition, as its number in the policy's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// The condition as a whole, when no item of it was asked.
    Whole,
    /// A user, or a word for users.
    User(usize),
    /// A group.
    Group(usize),
    /// A role.
    Role(usize),
    /// The kinds of guests.
    Guests,
    /// A resource, or a word for resources.
    Application(usize),
    /// The filter for applications.
    ApplicationFilter,
    /// A user action.
    UserAction(usize),
    /// An authentication context.
    AuthenticationContext(usize),
    /// A workload identity.
    Workload(usize),
    /// The filter for workload identities.
    WorkloadFilter,
    /// A client app type.
    ClientAppType(usize),
    /// A platform.
    Platform(usize),
    /// A location.
    Location(usize),
    /// The filter for devices.
    DeviceFilter,
    /// A retired device state.
    DeviceState(usize),
    /// A risk level.
    Level(usize),
    /// An authentication flow.
    TransferMethod(usize),
    /// A member of the policy that this program does not know.
    UnknownMember(usize),
}

/// Why an item has its verdict, where the verdict alone does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The value was compared.
    Compared,
    /// The request lacks the value.
    NotInRecord,
    /// The snapshot lacks the object.
    NotInSnapshot,
    /// The user belongs to the group through others: a number into [`Asked::path`].
    Through(usize),
    /// The snapshot does not say who is in the group or holds the role.
    MembersUnknown,
    /// The group is within itself.
    Cyclic,
    /// The user holds the role for a part of the tenant only, which does not count.
    Scoped,
    /// The role is one of the tenant's own, which does not count.
    CustomRole,
    /// The user holds the role through a group.
    RoleThroughGroup,
    /// Policies for people never meet applications, and the reverse.
    OtherKindOfSubject,
    /// Nothing is named, so the policy can apply to nothing.
    Empty,
    /// Microsoft's pages do not say.
    Undocumented,
    /// The list of the MFA service settings' trusted addresses is in no export.
    MfaTrustedAddresses,
    /// The rule, range or word cannot be read.
    Unreadable,
    /// The record names only the main resource; the request may have been for others.
    OtherAudience,
    /// The application asks for this resource early, and the record does not list the audiences.
    Dependency,
    /// The request asks for nothing but baseline scopes, or may.
    BaselineScopes,
    /// The list of members of the group of resources is not published with ids.
    NotPublished,
    /// The service recognised the network by its name.
    Recognised,
    /// A policy for all resources covers the user action as well.
    UserAction,
    /// This program does not know the member.
    UnknownMember,
    /// The level is hidden from this tenant.
    Hidden,
    /// A managed identity or an application of another tenant is not covered.
    NotOwn,
}

/// What came of one policy: whether it applies, by which conditions, and every item's part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    verdicts: [Option<Verdict>; Condition::ALL.len()],
    /// Every item that was asked, condition by condition, in the order of the policy's lists.
    pub parts: Vec<Part>,
    /// Whether the policy applies, whatever its state.
    pub applies: Verdict,
}

impl Evaluation {
    /// The verdict of a condition; nothing when the policy does not configure it.
    pub fn verdict(&self, condition: Condition) -> Option<Verdict> {
        self.verdicts.get(condition as usize).copied().flatten()
    }

    /// The conditions that the policy configures, with their verdicts.
    pub fn conditions(&self) -> impl Iterator<Item = (Condition, Verdict)> {
        Condition::ALL.into_iter().filter_map(|condition| Some((condition, self.verdict(condition)?)))
    }

    /// The items of a condition.
    pub fn parts_of(&self, condition: Condition) -> impl Iterator<Item = &Part> + Clone {
        self.parts.iter().filter(move |part| part.condition == condition)
    }

    /// How many conditions are in the way, the fewest first when near misses are sorted.
    pub fn misses(&self) -> (usize, usize) {
        let count = |wanted: fn(Verdict) -> bool| self.conditions().filter(|(_, verdict)| wanted(*verdict)).count();
        (count(|verdict| verdict == Verdict::No), count(Verdict::is_unknown))
    }
}

/// Evaluates the policy of that number in the tenant's snapshot. `None` when there is none.
pub fn evaluate(index: usize, asked: &Asked<'_>) -> Option<Evaluation> {
    let policy = asked.tenant().snapshot().policies.get(index)?;
    Some(evaluate_prepared(policy, asked.tenant().prepared(index)?, asked))
}

/// Evaluates a policy that need not be in the snapshot.
pub fn evaluate_policy(policy: &Policy, asked: &Asked<'_>) -> Evaluation {
    evaluate_prepared(policy, &asked.tenant().prepare(policy), asked)
}

fn evaluate_prepared(policy: &Policy, prepared: &Prepared, asked: &Asked<'_>) -> Evaluation {
    let mut verdicts = [None; Condition::ALL.len()];
    let mut scribe = Scribe { parts: Vec::with_capacity(8), condition: Condition::Other };
    let mut applies = Verdict::Yes;
    for (condition, slot) in Condition::ALL.into_iter().zip(&mut verdicts) {
        scribe.condition = condition;
        let known = condition::evaluate(policy, prepared, condition, asked, &mut scribe);
        let unknown = scribe.unknown_members(policy, condition);
        *slot = if unknown { Some(Verdict::UnknownData) } else { known };
        applies = applies.and(slot.unwrap_or(Verdict::Yes));
    }
    // What a new member beside the conditions does to the policy cannot be guessed, so it decides nothing either way.
    let is_beside = |pointer: &str| {
        !["/conditions/", "/grantControls", "/sessionControls"].iter().any(|known| pointer.starts_with(known))
    };
    if policy.unknown.iter().any(|member| is_beside(&member.pointer)) {
        applies = Verdict::UnknownData;
    }
    Evaluation { verdicts, parts: scribe.parts, applies }
}

/// The expressions of a filter with the values they met, when the item is a filter that can be read.
pub fn filter_parts(policy: &Policy, item: Item, asked: &Asked<'_>) -> Vec<filter::Part> {
    let conditions = &policy.conditions;
    let workloads = conditions.client_applications.as_ref();
    let (filter, id) = match (item, &asked.context().target, &asked.context().subject) {
        (Item::DeviceFilter, ..) => (conditions.device_filter.as_ref(), None),
        (Item::ApplicationFilter, Target::Resources(resources), _) => {
            let first = resources.audiences.first().map(|audience| audience.id.as_str());
            (conditions.applications.filter.as_ref(), first)
        }
        (Item::WorkloadFilter, _, Subject::Workload(workload)) => {
            (workloads.and_then(|workloads| workloads.filter.as_ref()), workload.id.as_deref())
        }
        _ => return Vec::new(),
    };
    let Some(rule) = filter.and_then(|filter| filter::Rule::parse(&filter.rule).ok()) else { return Vec::new() };
    match (item, id) {
        (Item::DeviceFilter, _) => rule.explain(&asked.context().device, Verdict::UnknownContext),
        (_, Some(id)) => rule.explain(&resource::tagged(id, asked.tenant()), Verdict::UnknownData),
        (_, None) => Vec::new(),
    }
}

/// The result of a policy in the log's words, `unknown` where it cannot be decided.
pub fn result_word(policy: &Policy, applies: Verdict, granted: &Granted) -> &'static str {
    match (&policy.state, applies) {
        (PolicyState::Disabled, _) => "notEnabled",
        (PolicyState::Enabled, Verdict::No) => "notApplied",
        (PolicyState::ReportOnly, Verdict::No) => "reportOnlyNotApplied",
        (PolicyState::Enabled, Verdict::Yes) => match granted.verdict {
            Verdict::Yes => "success",
            Verdict::No => "failure",
            _ => "unknown",
        },
        // Policies for user actions cannot be evaluated report-only, says one page; another shows them applying
        // (entra-docs, report-only mode, 2025-03-12; Graph `evaluate`, 2025-03-21).
        (PolicyState::ReportOnly, Verdict::Yes) if !policy.conditions.applications.user_actions.is_empty() => "unknown",
        (PolicyState::ReportOnly, Verdict::Yes) => match (granted.verdict, granted.if_asked) {
            (Verdict::Yes, _) => "reportOnlySuccess",
            (Verdict::No, Verdict::No) => "reportOnlyFailure",
            (Verdict::No, Verdict::Yes) => "reportOnlyInterrupted",
            _ => "unknown",
        },
        _ => "unknown",
    }
}

/// Notes parts while a condition is evaluated.
struct Scribe {
    parts: Vec<Part>,
    condition: Condition,
}

impl Scribe {
    fn note(&mut self, item: Item, is_exclusion: bool, (verdict, why): (Verdict, Why)) -> Verdict {
        self.parts.push(Part { condition: self.condition, item, is_exclusion, verdict, why });
        verdict
    }

    /// Notes one verdict for the condition as a whole.
    fn whole(&mut self, verdict: Verdict, why: Why) -> Verdict {
        self.note(Item::Whole, false, (verdict, why))
    }

    /// Notes that the policy names nothing, so that it can apply to nothing; with a member beside the conditions that this program
    /// does not know, what it names may stand there.
    fn names_nothing(&mut self, policy: &Policy) -> Verdict {
        let is_beside =
            |pointer: &str| pointer.strip_prefix("/conditions").is_some_and(|rest| rest.rfind('/') <= Some(0));
        match policy.unknown.iter().any(|member| is_beside(&member.pointer)) {
            true => self.whole(Verdict::UnknownData, Why::UnknownMember),
            false => self.whole(Verdict::No, Why::Empty),
        }
    }

    /// Notes the members of the policy that belong to the condition and that this program does not know.
    fn unknown_members(&mut self, policy: &Policy, condition: Condition) -> bool {
        let mut found = false;
        for (index, member) in policy.unknown.iter().enumerate() {
            if Condition::of_pointer(&member.pointer) == Some(condition) {
                self.note(Item::UnknownMember(index), false, (Verdict::UnknownData, Why::UnknownMember));
                found = true;
            }
        }
        found
    }
}

/// Yes if one is yes, else unknown if one is, else no; nothing listed is no.
fn any(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.fold(Verdict::No, Verdict::or)
}

/// What holds in every case that the evidence leaves open: the common verdict, else unknown for lack of context.
fn common(mut verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let Some(first) = verdicts.next() else { return Verdict::UnknownContext };
    if verdicts.all(|verdict| verdict == first) { first } else { Verdict::UnknownContext }
}
