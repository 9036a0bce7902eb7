//! Answers for every policy what it has to do with a sign-in: what the log says beside what was computed, and which decided.

use std::collections::HashSet;

use crate::domain::error_code;
use crate::domain::policy::{Policy, PolicyState};
use crate::domain::sign_in::{AppliedPolicies, AppliedPolicy, ConditionalAccessStatus, LoggedCondition, PolicyResult};
use crate::domain::{Evidence, SignIn, Verdict};

use super::access::{Asked, Decision, PolicyEvaluation};
use super::agreement::Pair;
use super::explanation::{Agreement, Basis, Computed, ConditionAnswer, Difference, PolicyAnswer, PolicyPart};
use super::reason;
use super::rule::{self, Condition};
use super::version::version_of;

/// A policy of the snapshot with what was computed for it.
#[derive(Clone, Copy)]
struct Found<'a> {
    policy: &'a Policy,
    computed: &'a PolicyEvaluation,
}

/// The answers for all policies, the deciding ones first, and of those that did not match the nearest misses first.
///
/// Where the record lists policies, the answers are the log's, with what was computed from the snapshot beside them. Where it lists
/// none, they are computed and say so.
pub(super) fn answer_policies(sign_in: &SignIn, asked: &Asked<'_>, decision: &Decision) -> Vec<PolicyAnswer> {
    let tenant = asked.tenant();
    let of_snapshot = tenant.snapshot().policies.iter().zip(&decision.policies);
    let of_defaults = decision.defaults.iter().map(|(policy, computed)| Found { policy, computed });
    let found: Vec<Found<'_>> =
        of_snapshot.map(|(policy, computed)| Found { policy, computed }).chain(of_defaults).collect();
    let mut answers: Vec<(PolicyAnswer, (usize, usize))> = Vec::new();
    match &sign_in.applied_policies {
        AppliedPolicies::Listed(logged) => {
            let deciding = deciding_results(sign_in);
            for (index, applied) in logged.iter().enumerate() {
                let held = tenant.policy_index(&applied.id).and_then(|at| found.get(at)).copied();
                let answer = logged_answer(index, applied, deciding.contains(&index), held, sign_in, asked);
                answers.push((answer, held.map(|found| found.computed.evaluation.misses()).unwrap_or_default()));
            }
            let listed: HashSet<String> = logged.iter().map(|applied| applied.id.to_ascii_lowercase()).collect();
            for found in &found {
                if !listed.contains(&found.policy.id.to_ascii_lowercase()) {
                    let answer = match sign_in.policies_lost {
                        Some(_) => computed_answer(*found, sign_in, asked),
                        None => unlisted_answer(*found, sign_in, asked),
                    };
                    answers.push((answer, found.computed.evaluation.misses()));
                }
            }
        }
        _ => {
            let failed = sign_in.conditional_access_status == Some(ConditionalAccessStatus::Failure);
            for found in &found {
                let mut answer = computed_answer(*found, sign_in, asked);
                let blocks = answer.computed.as_ref().is_some_and(|computed| computed.result == "failure")
                    && found.computed.granted.is_block;
                if failed && blocks && answer.part == PolicyPart::WouldApply {
                    answer.part = PolicyPart::Decided;
                }
                answers.push((answer, found.computed.evaluation.misses()));
            }
        }
    }
    answers.sort_by_key(|(answer, misses)| (answer.part, *misses));
    answers.into_iter().map(|(answer, _)| answer).collect()
}

/// The policies in the record that decided it, as numbers in its list.
///
/// A block decides. Otherwise the code says which control was missing, and the policies that demand it decided: other policies may
/// show failure only because what they demand was not asked for yet
/// (entra-docs, grant controls, 2026-03-24).
fn deciding_results(sign_in: &SignIn) -> Vec<usize> {
    if sign_in.conditional_access_status != Some(ConditionalAccessStatus::Failure) && !is_control_code(sign_in) {
        return Vec::new();
    }
    let failed: Vec<(usize, &AppliedPolicy)> = sign_in
        .applied_policies
        .list()
        .iter()
        .enumerate()
        .filter(|(_, policy)| policy.result == PolicyResult::Failure)
        .collect();
    let demanding = |words: &[&str]| -> Vec<usize> {
        let demands = |policy: &AppliedPolicy| {
            policy.grant_controls.iter().any(|control| words.iter().any(|word| says(control, word)))
                || (words.contains(&"mfa") && policy.authentication_strength.is_some())
        };
        failed.iter().filter(|(_, policy)| demands(policy)).map(|(index, _)| *index).collect()
    };
    let blocks = demanding(&["block"]);
    let by_code = demanding(controls_of_code(sign_in.error_code()));
    if !blocks.is_empty() && controls_of_code(sign_in.error_code()).is_empty() {
        blocks
    } else if !by_code.is_empty() {
        by_code
    } else if !blocks.is_empty() {
        blocks
    } else if sign_in.error_code().is_some_and(|code| error_code::is_interrupt(code, false)) {
        // A step whose code names no control: which of the failed policies asked for it is not logged.
        Vec::new()
    } else {
        failed.iter().map(|(index, _)| *index).collect()
    }
}

/// Whether a control as the log writes it is the one meant: `Mfa`, or prose such as "Require multi-factor authentication".
fn says(control: &str, word: &str) -> bool {
    let plain: String = control.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    match word {
        "mfa" => plain == "mfa" || plain.contains("multifactor") || plain.contains("authenticationstrength"),
        word => plain.contains(word),
    }
}

/// The controls that a code says were missing, as parts of the log's words.
fn controls_of_code(code: Option<i64>) -> &'static [&'static str] {
    match code {
        Some(50072 | 50074 | 50076 | 50078 | 50079) => &["mfa"],
        Some(53000 | 530_001 | 530_002) => &["compliantdevice"],
        Some(53001) => &["domainjoineddevice"],
        Some(50097 | 50129 | 50187 | 530_003 | 530_004 | 530_033) => &["compliantdevice", "domainjoineddevice"],
        Some(53002 | 530_021 | 50127) => &["approvedapp", "approvedapplication"],
        Some(53009) => &["compliantapp", "compliantapplication"],
        Some(50142) => &["passwordchange"],
        _ => &[],
    }
}

/// Whether the code itself says that a policy's control was missing, whatever the status says.
pub fn is_control_code(sign_in: &SignIn) -> bool {
    !controls_of_code(sign_in.error_code()).is_empty()
}

fn part_of(result: &PolicyResult, decided: bool) -> PolicyPart {
    match result {
        PolicyResult::Failure if decided => PolicyPart::Decided,
        PolicyResult::Failure => PolicyPart::NotMet,
        PolicyResult::Success => PolicyPart::Matched,
        PolicyResult::NotApplied => PolicyPart::NotMatched,
        PolicyResult::NotEnabled => PolicyPart::Disabled,
        PolicyResult::Other(_) => PolicyPart::Undecided,
        _ => PolicyPart::ReportOnly,
    }
}

fn logged_answer(
    index: usize,
    applied: &AppliedPolicy,
    decided: bool,
    found: Option<Found<'_>>,
    sign_in: &SignIn,
    asked: &Asked<'_>,
) -> PolicyAnswer {
    let policy = found.map(|found| found.policy);
    let base = format!("/appliedConditionalAccessPolicies/{index}");
    let mut evidence = vec![sign_in.evidence("result", &format!("{base}/result"), applied.result.word())];
    if !applied.grant_controls.is_empty() {
        let pointer = format!("{base}/enforcedGrantControls");
        evidence.push(sign_in.evidence("grant controls", &pointer, applied.grant_controls.join(", ")));
    }
    if !applied.session_controls.is_empty() {
        let pointer = format!("{base}/enforcedSessionControls");
        evidence.push(sign_in.evidence("session controls", &pointer, applied.session_controls.join(", ")));
    }
    if let Some(policy) = policy {
        // A version of an audit log stands in a record.
        let label = if policy.origin.record.is_some() { "state then" } else { "state in the snapshot" };
        evidence.push(policy.evidence(label, "/state", policy.state.word()));
    }
    let (agreement, difference) = found.map_or((Agreement::NotComputed, None), |Found { policy, computed }| {
        let PolicyEvaluation { evaluation, granted, result } = computed;
        Pair { policy, evaluation, granted, result, applied, sign_in, asked }.compare()
    });
    PolicyAnswer {
        id: applied.id.clone(),
        display_name: applied.display_name.clone(),
        state: policy.map(|policy| policy.state.word().to_owned()),
        part: part_of(&applied.result, decided),
        logged: Some(applied.result.word().to_owned()),
        computed: found.map(|found| computed_of(found.computed)),
        agreement,
        difference,
        is_report_only: applied.result.is_report_only(),
        demand: policy.map_or_else(|| logged_demand(applied), rule::demand_text),
        grant_controls: applied.grant_controls.clone(),
        session_controls: applied.session_controls.clone(),
        conditions: conditions(Some((&base, applied)), found, sign_in, asked),
        controls: found
            .map(|found| reason::controls(found.policy, &found.computed.granted, Some(sign_in)))
            .unwrap_or_default(),
        miss: found.map(|found| reason::miss(found.policy, &found.computed.evaluation, asked)).unwrap_or_default(),
        text: policy.map(|policy| rule::policy_text(policy, asked.tenant())).unwrap_or_default(),
        version: version_of(asked.tenant(), &applied.id),
        evidence,
    }
}

fn computed_of(computed: &PolicyEvaluation) -> Computed {
    Computed { applies: computed.evaluation.applies, result: computed.result.to_owned() }
}

/// What a policy demands and sets, as far as the log's words tell; whether all or one of several controls is needed they do not.
fn logged_demand(applied: &AppliedPolicy) -> String {
    let controls = applied.grant_controls.iter().map(|control| rule::control_name(control));
    let strength = applied.authentication_strength.iter().map(|strength| format!("“{}”", strength.display_name));
    let session = applied.session_controls.iter().map(|control| rule::session_control_name(control));
    controls.chain(strength).chain(session).collect::<Vec<_>>().join(", ")
}

/// The conditions that the policy configures or the record names: what was computed of each, and what the record says.
fn conditions(
    logged: Option<(&str, &AppliedPolicy)>,
    found: Option<Found<'_>>,
    sign_in: &SignIn,
    asked: &Asked<'_>,
) -> Vec<ConditionAnswer> {
    let applied = logged.map(|(_, applied)| applied);
    let named = |list: Option<&Vec<LoggedCondition>>, condition: Condition| {
        list.is_some_and(|list| list.iter().any(|logged| logged_condition(logged) == Some(condition)))
    };
    let satisfied = applied.and_then(|applied| applied.conditions_satisfied.as_ref());
    let not_satisfied = applied.and_then(|applied| applied.conditions_not_satisfied.as_ref());
    let mut answers: Vec<ConditionAnswer> = Vec::new();
    for condition in Condition::ALL {
        let rule = found.and_then(|found| rule::rule_text(found.policy, condition, asked.tenant()));
        let computed = found.and_then(|found| found.computed.evaluation.verdict(condition));
        let says = match (named(not_satisfied, condition), named(satisfied, condition)) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            _ => None,
        };
        if rule.is_none() && computed.is_none() && says.is_none() {
            continue;
        }
        let (seen, mut evidence) = rule::seen(condition, sign_in);
        if let (Some(says), Some((base, _))) = (says, logged) {
            let (name, list) =
                if says { ("conditionsSatisfied", satisfied) } else { ("conditionsNotSatisfied", not_satisfied) };
            let words = list.into_iter().flatten().map(LoggedCondition::word).collect::<Vec<_>>().join(",");
            let label = if says { "logged as satisfied" } else { "logged as not satisfied" };
            evidence.push(sign_in.evidence(label, &format!("{base}/{name}"), words));
        }
        if let Some(Found { policy, .. }) = found {
            evidence.push(policy.evidence("rule", condition.pointer(), rule.clone().unwrap_or_default()));
        }
        if let Some(Found { policy, computed }) = found {
            evidence.extend(reason::evidence(policy, &computed.evaluation, condition, asked));
        }
        let verdict = computed.or(says.map(Verdict::from_bool)).unwrap_or(Verdict::UnknownContext);
        answers.push(ConditionAnswer {
            condition: condition.word().to_owned(),
            verdict,
            logged: says,
            basis: if computed.is_some() { Basis::Computed } else { Basis::Logged },
            rule: rule.unwrap_or_default(),
            seen,
            parts: found
                .map(|found| reason::parts(found.policy, &found.computed.evaluation, condition, asked))
                .unwrap_or_default(),
            evidence,
        });
    }
    // A condition that only the log knows by a name or bit that this program does not.
    for (list, says) in [(satisfied, true), (not_satisfied, false)] {
        for unknown in list.into_iter().flatten().filter(|logged| matches!(logged, LoggedCondition::Other(_))) {
            answers.push(ConditionAnswer {
                condition: unknown.word().to_owned(),
                verdict: Verdict::from_bool(says),
                logged: Some(says),
                basis: Basis::Logged,
                rule: String::new(),
                seen: "a condition this program does not know".to_owned(),
                parts: Vec::new(),
                evidence: Vec::new(),
            });
        }
    }
    answers
}

/// The condition that one of the log's words speaks of. The address seen by Entra accompanies the location.
pub(super) fn logged_condition(logged: &LoggedCondition) -> Option<Condition> {
    Some(match logged {
        LoggedCondition::Application => Condition::Applications,
        LoggedCondition::Users => Condition::Users,
        LoggedCondition::DevicePlatform => Condition::Platforms,
        LoggedCondition::Location
        | LoggedCondition::IpAddressSeenByAzureAd
        | LoggedCondition::IpAddressSeenByResourceProvider => Condition::Locations,
        LoggedCondition::ClientType | LoggedCondition::Client => Condition::ClientAppTypes,
        LoggedCondition::SignInRisk => Condition::SignInRiskLevels,
        LoggedCondition::UserRisk => Condition::UserRiskLevels,
        LoggedCondition::Time => Condition::Times,
        LoggedCondition::DeviceState => Condition::Devices,
        LoggedCondition::ServicePrincipals => Condition::ClientApplications,
        LoggedCondition::ServicePrincipalRisk => Condition::ServicePrincipalRiskLevels,
        LoggedCondition::AuthenticationFlows => Condition::AuthenticationFlows,
        LoggedCondition::InsiderRisk => Condition::InsiderRiskLevels,
        LoggedCondition::Other(_) => return None,
    })
}

/// A policy of the snapshot that the record does not list, although it lists others.
fn unlisted_answer(found: Found<'_>, sign_in: &SignIn, asked: &Asked<'_>) -> PolicyAnswer {
    let answer = computed_answer(found, sign_in, asked);
    let part = match answer.part {
        // Whether a policy applies that the log passes over is not claimed.
        PolicyPart::WouldApply => PolicyPart::Undecided,
        part => part,
    };
    PolicyAnswer { part, difference: Some(Difference::NotListed), ..answer }
}

/// The answer from the snapshot alone.
fn computed_answer(found: Found<'_>, sign_in: &SignIn, asked: &Asked<'_>) -> PolicyAnswer {
    let Found { policy, computed } = found;
    let applies = computed.evaluation.applies;
    let part = match (&policy.state, applies) {
        (PolicyState::Disabled, _) => PolicyPart::Disabled,
        (PolicyState::ReportOnly, _) => PolicyPart::ReportOnly,
        (_, Verdict::No) => PolicyPart::NotMatched,
        (PolicyState::Enabled, Verdict::Yes) => PolicyPart::WouldApply,
        _ => PolicyPart::Undecided,
    };
    let evidence: Vec<Evidence> = vec![
        policy.evidence("state", "/state", policy.state.word()),
        policy.evidence("grant", "/grantControls", rule::grant_text(policy)),
    ];
    PolicyAnswer {
        id: policy.id.clone(),
        display_name: policy.display_name.clone(),
        state: Some(policy.state.word().to_owned()),
        part,
        logged: None,
        computed: Some(computed_of(computed)),
        agreement: Agreement::NotLogged,
        difference: None,
        is_report_only: policy.state == PolicyState::ReportOnly,
        demand: rule::demand_text(policy),
        grant_controls: policy.grant.as_ref().map(|grant| grant.built_in.clone()).unwrap_or_default(),
        session_controls: rule::session_texts(policy),
        conditions: conditions(None, Some(found), sign_in, asked),
        controls: reason::controls(policy, &computed.granted, Some(sign_in)),
        miss: reason::miss(policy, &computed.evaluation, asked),
        text: rule::policy_text(policy, asked.tenant()),
        version: version_of(asked.tenant(), &policy.id),
        evidence,
    }
}
