//! Puts the conditions and demands of all policies together: what each comes to, and how the request ends.

use std::collections::BTreeSet;

use authopsy::domain::context::Target;
use authopsy::domain::policy::{Policy, PolicyState};

use crate::case::Case;
use crate::grants::{Granted, granted};
use crate::truth::Truth;
use crate::{conditions, people, resources};

/// All that is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The policies in the order of the snapshot.
    pub policies: Vec<PolicyAnswer>,
    /// How the request ends.
    pub ending: &'static str,
    /// The overall status, where it can be told.
    pub status: Option<&'static str>,
    /// The policies that apply and whose grant is to block.
    pub blocked_by: BTreeSet<usize>,
    /// The policies on which the ending may hang.
    pub undecided: BTreeSet<usize>,
    /// The hours of the merged sign-in frequency, where there is one; nothing within for every time.
    pub frequency: Option<Option<i64>>,
}

/// What is compared of one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyAnswer {
    /// Whether it applies.
    pub applies: Truth,
    /// Whether its demands are met.
    pub granted: Truth,
    /// The word the log would have.
    pub result: &'static str,
}

/// The members of a policy's conditions that this program knows and whose own members it may not know.
const KNOWN: [&str; 15] = [
    "applications",
    "users",
    "clientApplications",
    "clientAppTypes",
    "locations",
    "platforms",
    "devices",
    "deviceStates",
    "signInRiskLevels",
    "userRiskLevels",
    "servicePrincipalRiskLevels",
    "insiderRiskLevels",
    "authenticationFlows",
    "clients",
    "times",
];

/// The condition's answer, or nothing known where the policy says more about it than can be read.
fn read(policy: &Policy, name: &str, answer: Truth) -> Truth {
    let inside = format!("/conditions/{name}/");
    if policy.unknown.iter().any(|member| member.pointer.starts_with(&inside)) { Truth::Unknown } else { answer }
}

/// The same for whom and what a policy is for: a policy that names nobody or nothing may do so in a member that cannot be read.
fn read_assigned(policy: &Policy, name: &str, names_something: bool, answer: Truth) -> Truth {
    let is_beside = |pointer: &str| pointer.matches('/').count() < 3 && pointer.starts_with("/conditions");
    let may_be_elsewhere = !names_something && policy.unknown.iter().any(|member| is_beside(&member.pointer));
    if may_be_elsewhere { Truth::Unknown } else { read(policy, name, answer) }
}

/// Users, workload identities and resources, which decide whether the log counts a policy as evaluated for the request.
fn is_assigned(case: &Case, policy: &Policy) -> Truth {
    Truth::all([
        // Whose kind is another stays so, whatever the policy says.
        read_assigned(
            policy,
            "users",
            people::names_somebody(policy) || people::is_of_another_kind(case, policy),
            people::users(case, policy),
        ),
        read(policy, "clientApplications", people::client_applications(case, policy)),
        read_assigned(
            policy,
            "applications",
            resources::names_something(policy),
            resources::applications(case, policy),
        ),
    ])
}

/// Whether a policy applies.
pub fn applies(case: &Case, policy: &Policy) -> Truth {
    let within = ["/conditions/", "/grantControls/", "/sessionControls/"];
    let is_outside = |pointer: &str| !within.iter().any(|part| pointer.starts_with(part));
    if policy.unknown.iter().any(|member| is_outside(&member.pointer)) {
        return Truth::Unknown;
    }
    let is_new = |pointer: &str| {
        let known = |name: &&str| pointer.starts_with(&format!("/conditions/{name}/"));
        pointer.starts_with("/conditions/") && !KNOWN.iter().any(known)
    };
    let new = if policy.unknown.iter().any(|member| is_new(&member.pointer)) { Truth::Unknown } else { Truth::Yes };
    Truth::all([
        is_assigned(case, policy),
        conditions::client_types(case, policy),
        read(policy, "platforms", conditions::platforms(case, policy)),
        read(policy, "locations", conditions::locations(case, policy)),
        read(policy, "devices", conditions::device(case, policy)),
        conditions::risks(case, policy),
        read(policy, "authenticationFlows", conditions::flows(case, policy)),
        new,
    ])
}

fn result(policy: &Policy, applies: Truth, granted: Granted) -> &'static str {
    let for_user_actions = !policy.conditions.applications.user_actions.is_empty();
    match (&policy.state, applies, granted.now) {
        (PolicyState::Disabled, _, _) => "notEnabled",
        (PolicyState::Enabled, Truth::No, _) => "notApplied",
        (PolicyState::Enabled, Truth::Yes, Truth::Yes) => "success",
        (PolicyState::Enabled, Truth::Yes, Truth::No) => "failure",
        (PolicyState::ReportOnly, Truth::No, _) => "reportOnlyNotApplied",
        (PolicyState::ReportOnly, Truth::Yes, _) if for_user_actions => "unknown",
        (PolicyState::ReportOnly, Truth::Yes, Truth::Yes) => "reportOnlySuccess",
        (PolicyState::ReportOnly, Truth::Yes, Truth::No) => match granted.if_asked {
            Truth::Yes => "reportOnlyInterrupted",
            Truth::No => "reportOnlyFailure",
            Truth::Unknown => "unknown",
        },
        _ => "unknown",
    }
}

/// Whether a policy is enforced; nothing known where its state is not read.
fn in_force(policy: &Policy) -> Truth {
    match policy.state {
        PolicyState::Enabled => Truth::Yes,
        PolicyState::Disabled | PolicyState::ReportOnly => Truth::No,
        PolicyState::Other(_) | PolicyState::Missing => Truth::Unknown,
    }
}

/// Whether strengths of policies for all resources are replaced by the strength of a policy for the user action.
fn are_strengths_replaced(case: &Case) -> Truth {
    if !matches!(case.context.target, Target::UserAction(_)) {
        return Truth::No;
    }
    let replacing = case.snapshot.policies.iter().filter(|policy| {
        !policy.conditions.applications.user_actions.is_empty()
            && policy.grant.as_ref().is_some_and(|grant| grant.strength.is_some())
    });
    Truth::any(replacing.map(|policy| in_force(policy).and(applies(case, policy))))
}

/// Everything that is compared.
pub fn judge(case: &Case) -> Answer {
    let replaced = are_strengths_replaced(case);
    let policies = &case.snapshot.policies;
    let mut judged: Vec<(Truth, Truth, Granted)> = Vec::new();
    for policy in policies {
        let for_all = policy.conditions.applications.include.iter().any(|item| item == "All");
        judged.push((
            in_force(policy),
            applies(case, policy),
            granted(case, policy, replaced.and(Truth::known(for_all))),
        ));
    }
    let (mut blocked_by, mut undecided) = (BTreeSet::new(), BTreeSet::new());
    let (mut interrupting, mut hopeless) = (false, false);
    for (index, (in_force, applies, granted)) in judged.iter().enumerate() {
        let hits = in_force.and(*applies);
        if hits == Truth::Yes && granted.now == Truth::No {
            interrupting = true;
            hopeless |= granted.if_asked == Truth::No;
            blocked_by.extend(policies[index].blocks().then_some(index));
        }
        if hits.and(granted.now.not()) == Truth::Unknown {
            undecided.insert(index);
        }
    }
    let ending = match () {
        () if hopeless => "blocked",
        () if !undecided.is_empty() => "unknown",
        () if interrupting => "interrupted",
        () => "granted",
    };
    let failed = Truth::any(judged.iter().map(|(force, applies, granted)| force.and(*applies).and(granted.now.not())));
    let assigned = Truth::any(policies.iter().map(|policy| in_force(policy).and(is_assigned(case, policy))));
    let status = match (failed, assigned) {
        (Truth::Yes, _) => Some("failure"),
        (Truth::No, Truth::Yes) => Some("success"),
        (Truth::No, Truth::No) => Some("notApplied"),
        _ => None,
    };
    let each = policies.iter().zip(&judged);
    let applying = each.clone().filter(|(_, (force, applies, _))| force.and(*applies) == Truth::Yes);
    let frequencies = applying.filter_map(|(policy, _)| policy.session.sign_in_frequency.as_ref());
    let frequency = frequencies.map(|frequency| frequency.hours).min_by_key(|hours| hours.unwrap_or(0));
    let each = each.map(|(policy, (_, applies, granted))| PolicyAnswer {
        applies: *applies,
        granted: granted.now,
        result: result(policy, *applies, *granted),
    });
    Answer { policies: each.collect(), ending, status, blocked_by, undecided, frequency }
}
