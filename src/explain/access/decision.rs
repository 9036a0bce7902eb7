//! Joins what came of all policies: whether access is granted, by what it is stopped, what is demanded, what the session gets, and
//! the status that the log would show.
//!
//! There is no order among policies: all that apply must be met, one block decides
//! (entra-docs, Conditional Access policies, 2024-03-29).

use crate::domain::context::Target;
use crate::domain::policy::{Policy, PolicyState};
use crate::domain::snapshot::Collection;
use crate::domain::{Snapshot, Verdict};

use super::super::rule::Condition;
use super::asked::Asked;
use super::grant::{ControlName, Granted, evaluate_grant};
use super::{Evaluation, evaluate, evaluate_policy, result_word, security_defaults};

/// What came of all policies together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// What came of each policy of the snapshot, in its order.
    pub policies: Vec<PolicyEvaluation>,
    /// What came of the rules of security defaults, when the snapshot says that they are on.
    pub defaults: Vec<(Policy, PolicyEvaluation)>,
    /// How it ends.
    pub ending: Ending,
    /// The status that the log would show; nothing where it cannot be told.
    pub status: Option<Status>,
    /// The numbers of the policies that block; the rules of security defaults are numbered behind the policies.
    pub blocked_by: Vec<usize>,
    /// What is demanded and not met, as the number of the policy and its control, in the order in which Entra asks.
    pub required: Vec<(usize, ControlName)>,
    /// The numbers of the enabled policies on which the ending hangs and that cannot be decided.
    pub undecided: Vec<usize>,
    /// What the session gets.
    pub session: MergedSession,
}

/// What came of one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEvaluation {
    /// Whether it applies, and why.
    pub evaluation: Evaluation,
    /// Whether what it demands is met.
    pub granted: Granted,
    /// The result in the log's words, or `unknown`.
    pub result: &'static str,
}

/// How a request ends as far as policies go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Nothing stands in the way.
    Granted,
    /// A policy blocks, or demands what cannot be given now.
    Blocked,
    /// The user is asked for something.
    Interrupted,
    /// It cannot be told.
    #[default]
    Unknown,
}

impl Ending {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Ending::Granted => "granted",
            Ending::Blocked => "blocked",
            Ending::Interrupted => "interrupted",
            Ending::Unknown => "unknown",
        }
    }
}

/// The status of Conditional Access in the log (entra-docs, sign-in log details, 2024-03-21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// An enabled policy failed.
    Failure,
    /// An enabled policy was evaluated for the user and the resource, also when another condition did not hold.
    Success,
    /// No enabled policy is for the user and the resource.
    NotApplied,
}

impl Status {
    /// The log's word.
    pub fn word(self) -> &'static str {
        match self {
            Status::Failure => "failure",
            Status::Success => "success",
            Status::NotApplied => "notApplied",
        }
    }
}

/// The session controls of all policies that apply, merged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MergedSession {
    /// The shortest sign-in frequency with the policy it is from; `None` hours mean every time. The most restrictive one counts
    /// (entra-docs, MFA prompts and session lifetime, 2025-03-04).
    pub sign_in_frequency: Option<(Option<i64>, usize)>,
    /// The modes of persistent browser sessions with the policies they are from. Which of two wins is not documented.
    pub persistent_browser: Vec<(String, usize)>,
    /// Conditional Access App Control, with the policies it is from; see [`MergedSession::app_control`].
    pub cloud_app_security: Vec<(String, usize)>,
    /// Continuous access evaluation, with the policies it is from.
    pub continuous_access_evaluation: Vec<(String, usize)>,
    /// The policies that let the application enforce restrictions.
    pub application_enforced_restrictions: Vec<usize>,
    /// The policies that ask for bound tokens.
    pub token_protection: Vec<usize>,
    /// The policies that keep the backup authentication service from extending sessions.
    pub disable_resilience_defaults: Vec<usize>,
}

impl MergedSession {
    /// The kind of Conditional Access App Control that counts: the strictest. This is inferred from the rule for sign-in frequency;
    /// no document says it. Nothing where kinds differ and one of them is not known.
    pub fn app_control(&self) -> Option<&(String, usize)> {
        let (first, rest) = self.cloud_app_security.split_first()?;
        if rest.iter().all(|(kind, _)| *kind == first.0) {
            return Some(first);
        }
        let rank =
            |kind: &str| ["blockDownloads", "mcasConfigured", "monitorOnly"].iter().position(|known| *known == kind);
        let ranked: Option<Vec<_>> = self.cloud_app_security.iter().map(|held| Some((rank(&held.0)?, held))).collect();
        ranked?.into_iter().min_by_key(|(rank, _)| *rank).map(|(_, held)| held)
    }
}

/// Evaluates every policy and joins what came of them.
pub fn decide(asked: &Asked<'_>) -> Decision {
    let snapshot = asked.tenant().snapshot();
    let evaluations: Vec<Evaluation> =
        (0..snapshot.policies.len()).filter_map(|index| evaluate(index, asked)).collect();
    let replaces_strength = replaces_strength(snapshot, &evaluations, asked);
    let finish = |policy: &Policy, evaluation: Evaluation| {
        let covers_all = policy.conditions.applications.include.iter().any(|id| id == "All");
        let replaced = if covers_all { replaces_strength } else { Verdict::No };
        let granted = evaluate_grant(policy, asked, replaced);
        let result = result_word(policy, evaluation.applies, &granted);
        PolicyEvaluation { evaluation, granted, result }
    };
    let policies: Vec<PolicyEvaluation> =
        snapshot.policies.iter().zip(evaluations).map(|(policy, evaluation)| finish(policy, evaluation)).collect();
    let defaults = security_defaults::rules(snapshot)
        .into_iter()
        .map(|policy| {
            let evaluation = finish(&policy, evaluate_policy(&policy, asked));
            (policy, evaluation)
        })
        .collect();
    let mut decision = Decision { policies, defaults, ..Decision::default() };
    decision.join(snapshot);
    decision
}

/// While somebody registers security information, the strength of a policy for that action replaces the strengths of policies for
/// all resources; their other controls still count (entra-docs, authentication strength, 2025-03-17).
fn replaces_strength(snapshot: &Snapshot, evaluations: &[Evaluation], asked: &Asked<'_>) -> Verdict {
    if !matches!(&asked.context().target, Target::UserAction(_)) {
        return Verdict::No;
    }
    let of_action = snapshot.policies.iter().zip(evaluations).filter(|(policy, _)| {
        !policy.conditions.applications.user_actions.is_empty()
            && policy.grant.as_ref().is_some_and(|grant| grant.strength.is_some())
    });
    let verdicts = of_action.map(|(policy, evaluation)| match &policy.state {
        PolicyState::Enabled => evaluation.applies,
        PolicyState::Disabled | PolicyState::ReportOnly => Verdict::No,
        _ => evaluation.applies.and(Verdict::UnknownData),
    });
    verdicts.fold(Verdict::No, Verdict::or)
}

impl Decision {
    fn join(&mut self, snapshot: &Snapshot) {
        // The rules of security defaults are numbered behind the policies.
        let behind = snapshot.policies.len();
        let defaults = self.defaults.iter().enumerate().map(|(index, (policy, found))| (behind + index, policy, found));
        let enforced: Vec<(usize, &Policy, &PolicyEvaluation)> = snapshot
            .policies
            .iter()
            .zip(&self.policies)
            .enumerate()
            .map(|(index, (policy, found))| (index, policy, found))
            .chain(defaults)
            .filter(|(_, policy, _)| !matches!(policy.state, PolicyState::Disabled | PolicyState::ReportOnly))
            .collect();
        let applies = |found: &PolicyEvaluation| found.evaluation.applies;
        let in_force = |policy: &Policy| policy.state == PolicyState::Enabled;
        let applying: Vec<_> = enforced
            .iter()
            .filter(|(_, policy, found)| in_force(policy) && applies(found) == Verdict::Yes)
            .copied()
            .collect();
        // What may apply and, if it does, may stop the request.
        let open: Vec<usize> = enforced
            .iter()
            .filter(|(_, policy, found)| {
                let may_apply = applies(found) != Verdict::No;
                let is_settled = in_force(policy) && applies(found) == Verdict::Yes;
                let may_stop = found.granted.verdict != Verdict::Yes;
                may_apply && may_stop && (!is_settled || found.granted.verdict.is_unknown())
            })
            .map(|(index, ..)| *index)
            .collect();
        let blocks: Vec<usize> =
            applying.iter().filter(|(_, _, found)| found.granted.is_block).map(|(index, ..)| *index).collect();
        let unmet: Vec<_> = applying
            .iter()
            .filter(|(_, _, found)| !found.granted.is_block && found.granted.verdict == Verdict::No)
            .copied()
            .collect();
        // A policy that is not here may stop the request; none can take back a block.
        let misses_policies = misses_policies(snapshot);
        let cannot_be_met = unmet.iter().any(|(_, _, found)| found.granted.if_asked == Verdict::No);
        self.ending = if !blocks.is_empty() || cannot_be_met {
            Ending::Blocked
        } else if !open.is_empty() || misses_policies {
            Ending::Unknown
        } else if !unmet.is_empty() {
            Ending::Interrupted
        } else {
            Ending::Granted
        };
        let mut required: Vec<(u8, usize, ControlName)> = applying
            .iter()
            .filter(|(_, _, found)| !found.granted.is_block && found.granted.verdict != Verdict::Yes)
            .flat_map(|(index, _, found)| {
                let missing = found.granted.controls.iter().filter(|part| part.verdict != Verdict::Yes);
                missing.map(|part| (part.rank, *index, part.control))
            })
            .collect();
        required.sort_by_key(|(rank, index, _)| (*rank, *index));
        self.status = status(&enforced).filter(|status| *status == Status::Failure || !misses_policies);
        self.session = merge_sessions(applying.iter().map(|(index, policy, _)| (*index, *policy)));
        self.required = required.into_iter().map(|(_, index, control)| (index, control)).collect();
        self.blocked_by = blocks;
        self.undecided = open;
    }
}

/// Whether policies of the tenant, or whether its security defaults are on, are known to be missing from the snapshot.
pub fn misses_policies(snapshot: &Snapshot) -> bool {
    [Collection::Policies, Collection::SecurityDefaults].iter().any(|held| snapshot.incomplete.contains(held))
}

/// The overall status: a failure counts first, then a policy whose user and resource matched, even when another condition did not
/// hold. Whether report-only policies have a say is not documented; none is given.
fn status(enforced: &[(usize, &Policy, &PolicyEvaluation)]) -> Option<Status> {
    let failed = |found: &PolicyEvaluation| match found.evaluation.applies {
        Verdict::Yes => found.granted.verdict.negate(),
        Verdict::No => Verdict::No,
        unknown => unknown.and(found.granted.verdict.negate()),
    };
    let reached = |found: &PolicyEvaluation| {
        let of = |condition| found.evaluation.verdict(condition).unwrap_or(Verdict::Yes);
        of(Condition::Users).and(of(Condition::ClientApplications)).and(of(Condition::Applications))
    };
    let certain = |policy: &Policy, verdict: Verdict| {
        if policy.state == PolicyState::Enabled { verdict } else { verdict.and(Verdict::UnknownData) }
    };
    let any = |of: &dyn Fn(&PolicyEvaluation) -> Verdict| {
        enforced.iter().map(|(_, policy, found)| certain(policy, of(found))).fold(Verdict::No, Verdict::or)
    };
    match (any(&failed), any(&reached)) {
        (Verdict::Yes, _) => Some(Status::Failure),
        (Verdict::No, Verdict::Yes) => Some(Status::Success),
        (Verdict::No, Verdict::No) => Some(Status::NotApplied),
        _ => None,
    }
}

/// Merges the session controls of policies, each with its number.
pub fn merge_sessions<'a>(policies: impl Iterator<Item = (usize, &'a Policy)>) -> MergedSession {
    let mut merged = MergedSession::default();
    for (index, policy) in policies {
        let session = &policy.session;
        if let Some(frequency) = &session.sign_in_frequency {
            // Every time is the strictest.
            let key = |hours: Option<i64>| hours.unwrap_or(0);
            let is_shorter = merged.sign_in_frequency.is_none_or(|(held, _)| key(frequency.hours) < key(held));
            if is_shorter {
                merged.sign_in_frequency = Some((frequency.hours, index));
            }
        }
        let keep = |held: &mut Vec<(String, usize)>, value: &Option<String>| {
            held.extend(value.iter().map(|value| (value.clone(), index)));
        };
        keep(&mut merged.persistent_browser, &session.persistent_browser);
        keep(&mut merged.cloud_app_security, &session.cloud_app_security);
        keep(&mut merged.continuous_access_evaluation, &session.continuous_access_evaluation);
        merged.application_enforced_restrictions.extend(session.application_enforced_restrictions.then_some(index));
        merged.token_protection.extend(session.token_protection.then_some(index));
        merged.disable_resilience_defaults.extend(session.disable_resilience_defaults.then_some(index));
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_kind_of_app_control_counts_where_all_kinds_are_known() {
        let of = |kinds: &[&str]| {
            let held = kinds.iter().enumerate().map(|(index, kind)| ((*kind).to_owned(), index)).collect();
            let session = MergedSession { cloud_app_security: held, ..MergedSession::default() };
            session.app_control().map(|(_, from)| *from)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["mcasConfigured", "blockDownloads", "monitorOnly"]), Some(1));
        assert_eq!(of(&["a new kind", "a new kind"]), Some(0));
        assert_eq!(of(&["a new kind", "blockDownloads"]), None);
    }
}
