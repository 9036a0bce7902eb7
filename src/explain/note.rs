//! Says what is worth saying beside the finding: contradictions that are both true, doubts, what cannot be seen, remedies, and
//! the defaults that were used.

use crate::domain::sign_in::{AuthenticationStep, ConditionalAccessStatus, PolicyResult};

use super::explanation::{Assumption, Confidence, Finding, Help, Note, Outcome, PolicyPart};
use super::finding::some_policy_was_evaluated;
use super::{View, catalogue, joined, written};

fn note(code: &str, text: impl Into<String>) -> Note {
    Note { code: code.to_owned(), text: text.into(), evidence: Vec::new(), citations: catalogue::citations(code) }
}

/// The notes of a sign-in, the most telling first.
pub(super) fn notes(view: &View, finding: &Finding) -> Vec<Note> {
    let mut notes = Vec::new();
    if finding.code == "CA-EAS-HANDOFF" {
        notes.extend(hand_off(view));
    }
    notes.extend(evaluated_only(view));
    notes.extend(report_only(view));
    notes.extend(pending_controls(view));
    notes.extend(no_device_identity(view));
    notes.extend(earlier_factor(view));
    notes.extend(changed_since(view));
    notes.extend(guest(view));
    notes.extend(provisioning_errors(view));
    if let Some(doubt) = view.code.and_then(|code| code.doubt.as_ref()) {
        notes.push(note("ERR-DOUBT", doubt));
    }
    notes.extend(unseen(view, finding));
    notes
}

fn hand_off(view: &View) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut accepted = note(
        "CA-EAS-TOKEN",
        "The password was accepted and a token was issued; the request went to Exchange Online tagged with the block. \
         Defender for Cloud Apps or a SIEM that reports a successful sign-in from this place is right as well.",
    );
    if let Some(code) = view.sign_in.error_code() {
        accepted.evidence.push(view.sign_in.evidence("error code", "/status/errorCode", code.to_string()));
    }
    notes.push(accepted);
    let year = view.sign_in.created.map(|at| chrono::Datelike::year(&at));
    let era = match year {
        Some(..=2021) => {
            "The statement is of June 2021 and fits the date of this sign-in. A change was being considered, after which it would be logged as a failure."
        }
        _ => {
            "The statement is of June 2021; this sign-in is later. A change was being considered then, after which it would be logged as a failure; this record still shows success."
        }
    };
    notes.push(note("CA-EAS-ERA", era));
    notes
}

/// Conditional Access says success, and no policy applied.
fn evaluated_only(view: &View) -> Option<Note> {
    let logged = view.sign_in.applied_policies.list();
    let none_applied =
        !logged.iter().any(|policy| matches!(policy.result, PolicyResult::Success | PolicyResult::Failure));
    let is_success = view.status() == Some(&ConditionalAccessStatus::Success);
    if !is_success || logged.is_empty() || !none_applied {
        return None;
    }
    let text = if some_policy_was_evaluated(view) {
        "Conditional Access says success, and no policy applied: at least one was for this user and resource, but another of its conditions did not hold."
    } else {
        "Conditional Access says success, and no policy in the record applied. It says so also when policies were only evaluated."
    };
    let mut note = note("CA-EVALUATED-ONLY", text);
    note.evidence.push(view.sign_in.evidence("Conditional Access", "/conditionalAccessStatus", "success"));
    Some(note)
}

fn report_only(view: &View) -> Option<Note> {
    let acting: Vec<(usize, String)> = view
        .sign_in
        .applied_policies
        .list()
        .iter()
        .enumerate()
        .filter(|(_, policy)| {
            matches!(policy.result, PolicyResult::ReportOnlyFailure | PolicyResult::ReportOnlyInterrupted)
        })
        .map(|(index, policy)| (index, policy.display_name.clone()))
        .collect();
    if acting.is_empty() {
        return None;
    }
    let names = joined(&acting.iter().map(|(_, name)| format!("“{name}”")).collect::<Vec<_>>());
    let mut note = note(
        "CA-REPORT-ONLY",
        format!("Report-only: {names} would have acted if switched on. It stopped nobody here."),
    );
    for (index, name) in &acting {
        let pointer = format!("/appliedConditionalAccessPolicies/{index}/result");
        let result = view.sign_in.applied_policies.list().get(*index).map(|policy| policy.result.word().to_owned());
        note.evidence.push(view.sign_in.evidence(name, &pointer, result.unwrap_or_default()));
    }
    Some(note)
}

/// Policies that show failure only because MFA came first.
fn pending_controls(view: &View) -> Option<Note> {
    if !matches!(view.sign_in.error_code(), Some(50072 | 50074 | 50076 | 50079)) || view.deciding().is_empty() {
        return None;
    }
    let waiting: Vec<String> = view
        .policies
        .iter()
        .filter(|policy| policy.part == PolicyPart::Matched && policy.logged.as_deref() == Some("failure"))
        .map(|policy| format!("“{}”", policy.display_name))
        .collect();
    (!waiting.is_empty()).then(|| {
        let text =
            format!("{} shows failure only because MFA is asked for first; it is not the cause.", joined(&waiting));
        note("CA-PENDING-CONTROLS", text)
    })
}

fn no_device_identity(view: &View) -> Option<Note> {
    let device = &view.sign_in.device;
    if device.is_compliant != Some(false) || device.device_id.is_some() || view.is_application() {
        return None;
    }
    let mut note = note(
        "DEV-NO-IDENTITY",
        "“isCompliant: false” with an empty device id means that no device proved itself, not that a device is not compliant.",
    );
    note.evidence.push(view.sign_in.evidence("compliant", "/deviceDetail/isCompliant", "false"));
    note.evidence.push(view.sign_in.evidence("device id", "/deviceDetail/deviceId", ""));
    Some(note)
}

fn earlier_factor(view: &View) -> Option<Note> {
    let steps = view.sign_in.authentication_details.as_deref()?;
    let (index, step) = steps.iter().enumerate().find(|(_, step)| step.was_satisfied_earlier())?;
    let all = steps.iter().all(AuthenticationStep::was_satisfied_earlier);
    let text = if all {
        "Nobody was asked for a factor: all of them were taken from an earlier sign-in."
    } else {
        "One factor was asked for now, another was taken from an earlier sign-in."
    };
    let mut note = note("SES-EARLIER-FACTOR", text);
    let pointer = format!("/authenticationDetails/{index}/authenticationStepResultDetail");
    note.evidence.push(view.sign_in.evidence("result", &pointer, step.result_detail.clone().unwrap_or_default()));
    Some(note)
}

/// Deciding policies whose text in the snapshot is younger than the sign-in.
fn changed_since(view: &View) -> Vec<Note> {
    let Some(at) = view.sign_in.created else { return Vec::new() };
    view.policies
        .iter()
        .filter(|answer| matches!(answer.part, PolicyPart::Decided | PolicyPart::Matched))
        .filter_map(|answer| {
            let policy = view.snapshot.policy(&answer.id)?;
            let modified = policy.modified.filter(|modified| *modified > at)?;
            let text = format!(
                "“{}” was changed at {}, after this sign-in: its text here may not be the one that was in force.",
                answer.display_name,
                written(modified)
            );
            let mut note = note("CA-POLICY-CHANGED-SINCE", text);
            note.evidence.push(policy.evidence("changed", "/modifiedDateTime", written(modified)));
            Some(note)
        })
        .collect()
}

fn guest(view: &View) -> Option<Note> {
    if view.sign_in.user_type.as_deref() != Some("guest") {
        return None;
    }
    let mut note = note("XT-GUEST", "The account is a guest: its home tenant keeps its own log of this sign-in.");
    note.evidence.push(view.sign_in.evidence("user type", "/userType", "guest"));
    if let Some(home) = &view.sign_in.home_tenant_id {
        note.evidence.push(view.sign_in.evidence("home tenant", "/homeTenantId", home));
    }
    Some(note)
}

fn provisioning_errors(view: &View) -> Option<Note> {
    let user = view.user()?;
    let open: Vec<_> = user.provisioning_errors.iter().filter(|error| !error.resolved).collect();
    if open.is_empty() {
        return None;
    }
    let services: Vec<String> = open.iter().map(|error| error.service.clone()).collect();
    let mut note = note(
        "DIR-PROVISIONING-ERROR",
        format!(
            "The snapshot shows a provisioning error on this account ({}). It can explain missing mail; it does not by itself refuse a sign-in.",
            joined(&services)
        ),
    );
    for error in open {
        note.evidence.push(user.origin.evidence("provisioning error", &error.pointer, error.detail.clone()));
    }
    Some(note)
}

/// What another system decides and this evidence cannot show.
fn unseen(view: &View, finding: &Finding) -> Vec<Note> {
    let mut notes = Vec::new();
    if finding.code == "CA-EAS-HANDOFF" {
        notes.push(note(
            "UNSEEN",
            "What Exchange Online did with the device (blocked, quarantined, mailed the user) is not in this log.",
        ));
    }
    if matches!(view.sign_in.error_code(), Some(53000 | 530_002 | 53009)) {
        notes
            .push(note("UNSEEN", "Why the device or app counts as not compliant is known to Intune, not to this log."));
    }
    if let Some(domain) = view.federated_domain() {
        let mut seen = note(
            "UNSEEN",
            format!("{} is federated: what the federation provider asked and checked is not in this log.", domain.name),
        );
        seen.evidence.push(domain.origin.evidence("domain", "/authenticationType", "Federated"));
        notes.push(seen);
    }
    notes
}

/// The remedies of a sign-in.
pub(super) fn help(view: &View, finding: &Finding) -> Vec<Help> {
    if finding.code == "CA-EAS-HANDOFF" {
        return hand_off_help();
    }
    let Some(code) = view.code else { return Vec::new() };
    let confidence = match (finding.outcome, code.doubt.is_some()) {
        (_, true) => Confidence::Low,
        (Outcome::Interrupted, _) => Confidence::Medium,
        _ => Confidence::High,
    };
    vec![Help {
        text: code.remedy.clone(),
        confidence,
        side_effects: String::new(),
        doc: format!("https://login.microsoftonline.com/error?code={}", code.code),
    }]
}

fn hand_off_help() -> Vec<Help> {
    vec![
        Help {
            text: "Look at the device in Exchange Online: Get-MobileDevice -Mailbox <user> | fl DeviceId,DeviceAccessState,DeviceAccessStateReason. \
                   It should be blocked or quarantined; the user gets one mail about it."
                .to_owned(),
            confidence: Confidence::High,
            side_effects: String::new(),
            doc: "https://learn.microsoft.com/powershell/module/exchange/get-mobiledevice".to_owned(),
        },
        Help {
            text: "If the block is not wanted, change the policy: its locations, users or client apps. \
                   If it is wanted, nothing needs doing: tell whoever watches sign-ins that success with Conditional Access failure means blocked at Exchange."
                .to_owned(),
            confidence: Confidence::Medium,
            side_effects: "A change to the policy applies to everybody it is assigned to.".to_owned(),
            doc: "https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-conditions".to_owned(),
        },
        Help {
            text: "If a stranger may know the password (the place is not the user's), change it: the password was accepted.".to_owned(),
            confidence: Confidence::Medium,
            side_effects: "The user's password-based sessions end and the user must sign in again everywhere.".to_owned(),
            doc: "https://learn.microsoft.com/entra/identity-platform/refresh-tokens".to_owned(),
        },
    ]
}

/// The defaults and readings that were used where the evidence is silent.
pub(super) fn assumptions(view: &View) -> Vec<Assumption> {
    let mut assumptions = Vec::new();
    let mut assume = |text: &str, source: &str| {
        assumptions.push(Assumption { text: text.to_owned(), source: source.to_owned() });
    };
    let knows_threshold = view.snapshot.password_rules.as_ref().is_some_and(|rules| rules.lockout_threshold.is_some());
    if matches!(view.sign_in.error_code(), Some(50053 | 50126)) && !knows_threshold {
        assume(
            "Smart lockout at its default: 10 failures, 60 seconds at first (3 failures for US Government).",
            "Smart lockout, https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout, 2025-03-04",
        );
    }
    let computed = view.policies.iter().any(|policy| policy.computed.is_some());
    if computed {
        assume(
            "Policies were computed from the snapshot as it is now; what they said at the time of the sign-in may differ.",
            "the snapshot",
        );
        if view.sign_in.resource_id.is_none() && view.sign_in.is_exchange_active_sync() {
            assume("Exchange ActiveSync was taken to mean the resource Office 365 Exchange Online.", "the protocol");
        }
    }
    if view.attempt.len() > 1 {
        assume(
            "Rows with the same correlation id and user are taken for one attempt; the id comes from the client.",
            "Sign-in log activity details, https://learn.microsoft.com/entra/identity/monitoring-health/concept-sign-in-log-activity-details, 2024-03-21",
        );
    }
    assumptions
}
