//! Answers for every policy what it has to do with a sign-in: what the log says, what can be computed, and which decided.

use crate::domain::error_code;
use crate::domain::policy::{Policy, PolicyState};
use crate::domain::sign_in::{AppliedPolicies, AppliedPolicy, ConditionalAccessStatus, LoggedCondition, PolicyResult};
use crate::domain::{Evidence, SignIn, Snapshot, Verdict};

use super::condition::evaluate_condition;
use super::explanation::{Agreement, Basis, Computed, ConditionAnswer, PolicyAnswer, PolicyPart};
use super::rule::{self, Condition};

/// The answers for all policies, the deciding ones first.
///
/// Where the record lists policies, the answers are the log's, with the policy's own words from the snapshot beside them. Where it
/// lists none, they are computed from the snapshot and say so.
pub fn answer_policies(sign_in: &SignIn, snapshot: &Snapshot) -> Vec<PolicyAnswer> {
    let mut answers = match &sign_in.applied_policies {
        AppliedPolicies::Listed(logged) => {
            let deciding = deciding_results(sign_in);
            let mut answers: Vec<PolicyAnswer> = logged
                .iter()
                .enumerate()
                .map(|(index, applied)| logged_answer(index, applied, deciding.contains(&index), sign_in, snapshot))
                .collect();
            let unlisted = snapshot
                .policies
                .iter()
                .filter(|policy| !logged.iter().any(|applied| applied.id.eq_ignore_ascii_case(&policy.id)));
            answers.extend(unlisted.map(|policy| unlisted_answer(policy, sign_in, snapshot)));
            answers
        }
        _ => computed_answers(sign_in, snapshot),
    };
    answers.sort_by_key(|answer| answer.part);
    answers
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
    sign_in: &SignIn,
    snapshot: &Snapshot,
) -> PolicyAnswer {
    let policy = snapshot.policy(&applied.id);
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
        evidence.push(policy.evidence("state in the snapshot", "/state", policy.state.word()));
    }
    PolicyAnswer {
        id: applied.id.clone(),
        display_name: applied.display_name.clone(),
        state: policy.map(|policy| policy.state.word().to_owned()),
        part: part_of(&applied.result, decided),
        logged: Some(applied.result.word().to_owned()),
        computed: None,
        agreement: Agreement::NotComputed,
        difference: None,
        is_report_only: applied.result.is_report_only(),
        demand: policy.map_or_else(|| logged_demand(applied), rule::demand_text),
        grant_controls: applied.grant_controls.clone(),
        session_controls: applied.session_controls.clone(),
        conditions: logged_conditions(&base, applied, policy, sign_in, snapshot),
        text: policy.map(|policy| rule::policy_text(policy, snapshot)).unwrap_or_default(),
        evidence,
    }
}

/// What a policy demands and sets, as far as the log's words tell; whether all or one of several controls is needed they do not.
fn logged_demand(applied: &AppliedPolicy) -> String {
    let controls = applied.grant_controls.iter().map(|control| rule::control_name(control));
    let strength = applied.authentication_strength.iter().map(|strength| format!("“{}”", strength.display_name));
    let session = applied.session_controls.iter().map(|control| rule::session_control_name(control));
    controls.chain(strength).chain(session).collect::<Vec<_>>().join(", ")
}

/// The conditions that the policy configures or the record names, with what the record says of each.
fn logged_conditions(
    base: &str,
    applied: &AppliedPolicy,
    policy: Option<&Policy>,
    sign_in: &SignIn,
    snapshot: &Snapshot,
) -> Vec<ConditionAnswer> {
    let named = |list: &Option<Vec<LoggedCondition>>, condition: Condition| {
        list.as_ref().is_some_and(|list| list.iter().any(|logged| contract_condition(logged) == Some(condition)))
    };
    let mut answers: Vec<ConditionAnswer> = Condition::ALL
        .iter()
        .filter_map(|condition| {
            let rule = policy.and_then(|policy| rule::rule_text(policy, *condition, snapshot));
            let failed = named(&applied.conditions_not_satisfied, *condition);
            let held = named(&applied.conditions_satisfied, *condition);
            if rule.is_none() && !failed && !held {
                return None;
            }
            let logged = if failed { Some(false) } else { held.then_some(true) };
            let (seen, mut evidence) = rule::seen(*condition, sign_in);
            if let Some(logged) = logged {
                let (name, list) = if logged {
                    ("conditionsSatisfied", &applied.conditions_satisfied)
                } else {
                    ("conditionsNotSatisfied", &applied.conditions_not_satisfied)
                };
                let words = list.iter().flatten().map(LoggedCondition::word).collect::<Vec<_>>().join(",");
                let label = if logged { "logged as satisfied" } else { "logged as not satisfied" };
                evidence.push(sign_in.evidence(label, &format!("{base}/{name}"), words));
            }
            if let Some(policy) = policy {
                evidence.push(policy.evidence("rule", condition.pointer(), rule.clone().unwrap_or_default()));
            }
            let verdict = match logged {
                Some(logged) => Verdict::from_bool(logged),
                None => Verdict::UnknownContext,
            };
            Some(ConditionAnswer {
                condition: condition.word().to_owned(),
                verdict,
                logged,
                basis: Basis::Logged,
                rule: rule.unwrap_or_default(),
                seen,
                evidence,
            })
        })
        .collect();
    // A condition that only the log knows by a name or bit that this program does not.
    for (list, logged) in [(&applied.conditions_satisfied, true), (&applied.conditions_not_satisfied, false)] {
        for unknown in list.iter().flatten().filter(|logged| matches!(logged, LoggedCondition::Other(_))) {
            answers.push(ConditionAnswer {
                condition: unknown.word().to_owned(),
                verdict: Verdict::from_bool(logged),
                logged: Some(logged),
                basis: Basis::Logged,
                rule: String::new(),
                seen: "a condition this program does not know".to_owned(),
                evidence: Vec::new(),
            });
        }
    }
    answers
}

/// The condition that one of the log's words speaks of. The address seen by Entra accompanies the location.
fn contract_condition(logged: &LoggedCondition) -> Option<Condition> {
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
fn unlisted_answer(policy: &Policy, sign_in: &SignIn, snapshot: &Snapshot) -> PolicyAnswer {
    let is_newer = matches!((policy.created, sign_in.created), (Some(made), Some(at)) if made > at);
    let difference = if is_newer {
        "the policy was made after this sign-in"
    } else {
        "the record does not list the policy: it may have been made after this sign-in, or the log is of another tenant"
    };
    PolicyAnswer {
        part: PolicyPart::Undecided,
        conditions: Vec::new(),
        computed: None,
        difference: Some(difference.to_owned()),
        ..snapshot_answer(policy, sign_in, snapshot)
    }
}

/// Answers from the snapshot alone, for records that list no policies.
fn computed_answers(sign_in: &SignIn, snapshot: &Snapshot) -> Vec<PolicyAnswer> {
    let mut answers: Vec<PolicyAnswer> =
        snapshot.policies.iter().map(|policy| snapshot_answer(policy, sign_in, snapshot)).collect();
    let failed = sign_in.conditional_access_status == Some(ConditionalAccessStatus::Failure);
    let blockers: Vec<usize> = answers
        .iter()
        .enumerate()
        .filter(|(_, answer)| {
            answer.part == PolicyPart::Matched && answer.computed.as_ref().is_some_and(|c| c.result == "failure")
        })
        .map(|(index, _)| index)
        .collect();
    if failed {
        for index in blockers {
            if let Some(answer) = answers.get_mut(index) {
                answer.part = PolicyPart::Decided;
            }
        }
    }
    answers
}

fn snapshot_answer(policy: &Policy, sign_in: &SignIn, snapshot: &Snapshot) -> PolicyAnswer {
    let conditions: Vec<ConditionAnswer> = Condition::ALL
        .iter()
        .filter_map(|condition| {
            let rule = rule::rule_text(policy, *condition, snapshot)?;
            let (seen, mut evidence) = rule::seen(*condition, sign_in);
            evidence.push(policy.evidence("rule", condition.pointer(), rule.clone()));
            Some(ConditionAnswer {
                condition: condition.word().to_owned(),
                verdict: evaluate_condition(policy, *condition, sign_in, snapshot),
                logged: None,
                basis: Basis::Computed,
                rule,
                seen,
                evidence,
            })
        })
        .collect();
    let held = conditions.iter().fold(Verdict::Yes, |held, answer| held.and(answer.verdict));
    let applies = if policy.unknown.is_empty() { held } else { held.and(Verdict::UnknownData) };
    let result = computed_result(policy, applies);
    let part = match (&policy.state, applies) {
        (PolicyState::Disabled, _) => PolicyPart::Disabled,
        (PolicyState::ReportOnly, _) => PolicyPart::ReportOnly,
        (_, Verdict::No) => PolicyPart::NotMatched,
        (PolicyState::Enabled, Verdict::Yes) => PolicyPart::Matched,
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
        computed: Some(Computed { applies, result }),
        agreement: Agreement::NotLogged,
        difference: None,
        is_report_only: policy.state == PolicyState::ReportOnly,
        demand: rule::demand_text(policy),
        grant_controls: policy.grant.as_ref().map(|grant| grant.built_in.clone()).unwrap_or_default(),
        session_controls: rule::session_texts(policy),
        conditions,
        text: rule::policy_text(policy, snapshot),
        evidence,
    }
}

/// The result in the log's words. Whether controls other than a block were met is not computed.
fn computed_result(policy: &Policy, applies: Verdict) -> String {
    let word = match (&policy.state, applies, policy.blocks()) {
        (PolicyState::Disabled, _, _) => "notEnabled",
        (PolicyState::Enabled, Verdict::No, _) => "notApplied",
        (PolicyState::Enabled, Verdict::Yes, true) => "failure",
        (PolicyState::ReportOnly, Verdict::No, _) => "reportOnlyNotApplied",
        (PolicyState::ReportOnly, Verdict::Yes, true) => "reportOnlyFailure",
        _ => "unknown",
    };
    word.to_owned()
}
