//! Holds what was computed for a policy against what the log says of it, and names the cause where the two differ.
//!
//! The log is the truth and the computation a claim. They agree when the log's result is one that the computation allows and no
//! condition is said to hold by one and not to hold by the other. A difference that no cause explains is a fault of the model.

use crate::domain::context::Target;
use crate::domain::policy::{Policy, PolicyState};
use crate::domain::sign_in::{AppliedPolicy, PolicyResult};
use crate::domain::{SignIn, Verdict};

use super::access::{Asked, Evaluation, Granted, Part, Why};
use super::explanation::{Agreement, Difference};
use super::policies::logged_condition;
use super::rule::Condition;

/// One policy of the snapshot, with what was computed for it and what the log says of it.
pub(super) struct Pair<'a> {
    pub(super) policy: &'a Policy,
    pub(super) evaluation: &'a Evaluation,
    pub(super) granted: &'a Granted,
    pub(super) result: &'static str,
    pub(super) applied: &'a AppliedPolicy,
    pub(super) sign_in: &'a SignIn,
    pub(super) asked: &'a Asked<'a>,
}

impl Pair<'_> {
    /// Whether the two agree, and the class of cause where they do not or where nothing could be computed.
    pub(super) fn compare(&self) -> (Agreement, Option<Difference>) {
        let Some(logged) = applies(&self.applied.result) else { return (Agreement::NotLogged, None) };
        if state_of(&self.applied.result).is_some_and(|state| state != self.policy.state) {
            return (Agreement::Differs, Some(self.by_time().unwrap_or(Difference::SnapshotOlder)));
        }
        if self.applied.result == PolicyResult::NotEnabled {
            return (Agreement::Agrees, None);
        }
        let computed = self.evaluation.applies;
        if computed.is_unknown() {
            return (Agreement::NotComputed, Some(self.what_is_missing()));
        }
        let suspects = self.suspects(logged);
        if !suspects.is_empty() || computed != logged {
            return (Agreement::Differs, Some(self.why_conditions_differ(&suspects, logged)));
        }
        if computed == Verdict::No || self.result == "unknown" || self.result == self.applied.result.word() {
            return (Agreement::Agrees, None);
        }
        (Agreement::Differs, Some(self.why_results_differ()))
    }

    /// The conditions that the log and the computation answer differently.
    fn suspects(&self, logged: Verdict) -> Vec<Condition> {
        let named = |list: &Option<Vec<_>>, condition| {
            list.iter().flatten().any(|word| logged_condition(word) == Some(condition))
        };
        let says = |condition: Condition| {
            if named(&self.applied.conditions_not_satisfied, condition) {
                Some(Verdict::No)
            } else if named(&self.applied.conditions_satisfied, condition) || logged == Verdict::Yes {
                Some(Verdict::Yes)
            } else {
                None
            }
        };
        self.evaluation
            .conditions()
            .filter(|(condition, verdict)| {
                !verdict.is_unknown() && says(*condition).is_some_and(|logged| logged != *verdict)
            })
            .map(|(condition, _)| condition)
            .collect()
    }

    /// Whether snapshot and sign-in are of times between which the policy may have changed.
    fn by_time(&self) -> Option<Difference> {
        let at = self.sign_in.created?;
        let snapshot = self.asked.tenant().snapshot();
        let places = self.policy.conditions.locations.as_ref();
        let named = places.into_iter().flat_map(|lists| lists.include.iter().chain(&lists.exclude));
        let moved = named.filter_map(|id| self.asked.tenant().named_location(id)?.modified);
        let last = moved.chain(self.policy.modified).chain(self.policy.created).max();
        if last.is_some_and(|last| last > at) {
            return Some(Difference::SnapshotNewer);
        }
        snapshot.taken_at.filter(|taken| *taken < at).map(|_| Difference::SnapshotOlder)
    }

    /// What keeps the policy from being computed.
    fn what_is_missing(&self) -> Difference {
        if !self.policy.unknown.is_empty() {
            return Difference::UnknownCondition;
        }
        let unknown = |part: &&Part| part.verdict.is_unknown();
        let mut causes: Vec<Difference> =
            self.evaluation.parts.iter().filter(unknown).map(|part| cause(part.why)).collect();
        causes.sort_unstable();
        causes.first().copied().unwrap_or(Difference::FieldMissing)
    }

    fn why_conditions_differ(&self, suspects: &[Condition], logged: Verdict) -> Difference {
        if let Some(time) = self.by_time() {
            return time;
        }
        // The log says that it did not apply and not why (Graph v1.0), or names a condition that was not computed.
        if suspects.is_empty() {
            let conditions = self.evaluation.conditions().map(|(condition, _)| self.cause_of(condition));
            let known = conditions.filter(|cause| *cause != Difference::Model).min();
            return known.unwrap_or(if logged == Verdict::No {
                Difference::LogStopsAtFirst
            } else {
                Difference::Model
            });
        }
        let causes = suspects.iter().map(|condition| self.cause_of(*condition));
        causes.max().unwrap_or(Difference::Model)
    }

    /// What can make one condition differ.
    fn cause_of(&self, condition: Condition) -> Difference {
        let users = &self.policy.conditions.users;
        match condition {
            Condition::Users => {
                let names_members = !users.include_groups.is_empty()
                    || !users.exclude_groups.is_empty()
                    || !users.include_roles.is_empty()
                    || !users.exclude_roles.is_empty();
                if names_members { Difference::MembershipChanged } else { Difference::Model }
            }
            Condition::Applications => self.cause_of_resources(),
            Condition::Devices => {
                let in_directory = self.sign_in.device.device_id.as_deref();
                let is_known = in_directory.is_some_and(|id| self.asked.tenant().device(id).is_some());
                if is_known { Difference::DeviceChanged } else { Difference::Model }
            }
            // A platform that the log does not name was told from something the log does not carry.
            Condition::Platforms if self.sign_in.device.operating_system.is_none() => Difference::FieldMissing,
            _ => Difference::Model,
        }
    }

    fn cause_of_resources(&self) -> Difference {
        let apps = &self.policy.conditions.applications;
        let is_complete = matches!(&self.asked.context().target, Target::Resources(resources) if resources.is_complete);
        let mut listed = apps.include.iter().chain(&apps.exclude);
        let depends = self.evaluation.parts_of(Condition::Applications).any(|part| part.why == Why::Dependency);
        if apps.filter.is_some() {
            Difference::MembershipChanged
        } else if listed.any(|id| id == "Office365" || id == "MicrosoftAdminPortals") {
            Difference::ResourceGroup
        } else if depends {
            Difference::ServiceDependency
        } else if !is_complete {
            Difference::FieldMissing
        } else {
            Difference::Model
        }
    }

    /// Why the results differ although both say that the policy applied.
    fn why_results_differ(&self) -> Difference {
        if let Some(time) = self.by_time() {
            return time;
        }
        let is_failure = self.applied.result == PolicyResult::Failure;
        if self.applied.result.is_report_only() {
            Difference::ReportOnlyRule
        } else if is_failure && !self.granted.is_block && self.sign_in.error_code() != Some(0) {
            Difference::LogStopsAtFirst
        } else {
            Difference::Model
        }
    }
}

/// Whether the log says that the policy applied; nothing for results that say neither.
fn applies(result: &PolicyResult) -> Option<Verdict> {
    Some(match result {
        PolicyResult::Success
        | PolicyResult::Failure
        | PolicyResult::ReportOnlySuccess
        | PolicyResult::ReportOnlyFailure
        | PolicyResult::ReportOnlyInterrupted => Verdict::Yes,
        PolicyResult::NotApplied | PolicyResult::ReportOnlyNotApplied | PolicyResult::NotEnabled => Verdict::No,
        PolicyResult::Other(_) => return None,
    })
}

/// The state that the policy had when the log was written.
fn state_of(result: &PolicyResult) -> Option<PolicyState> {
    Some(match result {
        PolicyResult::Success | PolicyResult::Failure | PolicyResult::NotApplied => PolicyState::Enabled,
        PolicyResult::NotEnabled => PolicyState::Disabled,
        PolicyResult::Other(_) => return None,
        _ => PolicyState::ReportOnly,
    })
}

/// The class of what leaves an item undecided.
fn cause(why: Why) -> Difference {
    match why {
        Why::MembersUnknown | Why::Cyclic => Difference::MembershipUnknown,
        Why::Dependency => Difference::ServiceDependency,
        Why::NotPublished => Difference::ResourceGroup,
        Why::NotInSnapshot | Why::Unreadable | Why::MfaTrustedAddresses => Difference::ObjectMissing,
        Why::UnknownMember => Difference::UnknownCondition,
        Why::Undocumented => Difference::Undocumented,
        _ => Difference::FieldMissing,
    }
}
