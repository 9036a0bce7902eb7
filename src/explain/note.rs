//! Says what is worth saying beside the finding: contradictions that are both true, doubts, what cannot be seen, remedies, and
//! the defaults that were used.

use std::collections::BTreeSet;

use crate::domain::Evidence;
use crate::domain::evidence::OPERATOR;
use crate::domain::fact::{BaselineScopes, FACTS, FactName, Facts};
use crate::domain::first_party::{self, Binding, Dependency};
use crate::domain::sign_in::{AuthenticationStep, ConditionalAccessStatus, PolicyResult};

use super::access::MFA_TRUSTED_ADDRESSES;
use super::explanation::{
    Agreement, Assumption, Confidence, Difference, Finding, Help, Note, Outcome, PolicyAnswer, PolicyPart,
};
use super::finding::some_policy_was_evaluated;
use super::session::advice;
use super::{
    Explanation, View, account, catalogue, differing, joined, lockout, lockout::Standing, lockout::settings, quoted,
    version, written,
};

pub(super) fn note(code: &str, text: impl Into<String>) -> Note {
    Note { code: code.to_owned(), text: text.into(), evidence: Vec::new(), citations: catalogue::citations(code) }
}

/// The notes of a sign-in, the most telling first.
pub(super) fn notes(view: &View, finding: &Finding) -> Vec<Note> {
    let mut notes = Vec::new();
    if finding.code == "CA-EAS-HANDOFF" {
        notes.extend(hand_off(view));
    }
    notes.extend(advice::notes(view, finding));
    notes.extend(episode(view, finding));
    notes.extend(late_hand_off(view, finding));
    notes.extend(evaluated_only(view));
    notes.extend(differing::notes(view));
    notes.extend(report_only(view));
    notes.extend(pending_controls(view));
    notes.extend(no_device_identity(view));
    if finding.outcome == Outcome::Granted {
        notes.extend(earlier_factor(view));
    }
    notes.extend(revoked_at(view, finding));
    notes.extend(version::notes(view));
    notes.extend(differs(view));
    notes.extend(dependencies(view));
    notes.extend(guest(view));
    notes.extend(account::notes(view));
    notes.extend(doubt(view, finding).map(|doubt| note("ERR-DOUBT", doubt)));
    notes.extend(unseen(view, finding));
    notes
}

/// What is uncertain about the error code, without what the record itself settles.
fn doubt(view: &View, finding: &Finding) -> Option<String> {
    let doubt = view.code?.doubt.as_deref()?;
    let factor_is_logged = view.sign_in.primary_steps().iter().any(|(_, step)| step.succeeded == Some(true));
    let is_settled = |sentence: &str| {
        matches!(finding.code.as_str(), "LCK-LOCKED" | "LCK-IP-BLOCK")
            || (factor_is_logged && (sentence.contains("first factor") || sentence.contains("password")))
            || (!view.deciding().is_empty() && sentence.contains("whether Conditional Access"))
            || (view.sign_in.status.additional_details.is_some() && sentence.contains("which of the three"))
    };
    let open: Vec<&str> = doubt.split_inclusive(". ").map(str::trim).filter(|sentence| !is_settled(sentence)).collect();
    (!open.is_empty()).then(|| open.join(" "))
}

/// What the episode that the row is part of comes to, where there is more to it than a wrong password.
fn episode(view: &View, finding: &Finding) -> Vec<Note> {
    let Some((lockouts, episode)) = view.lockouts.zip(view.episode()) else { return Vec::new() };
    let passed = lockouts.passed_within_lock(episode).is_some();
    let code = match episode.standing {
        Standing::Excess | Standing::NoLockInExcess => Some("LCK-COUNTERS"),
        Standing::Exact if !episode.within_lock.is_empty() || passed => Some("LCK-COUNTERS"),
        Standing::Exact if episode.is_relock => Some("LCK-RELOCK"),
        Standing::Early => Some("LCK-ROWS-MISSING"),
        Standing::Exact => Some("LCK-LOCKED"),
        Standing::NoLock | Standing::AddressBlocked | Standing::Federated | Standing::CountedAtHome => None,
    };
    let mut notes = Vec::new();
    if let Some(code) = code {
        const MORE: &str = "`authopsy lockouts` and the key L show the rest.";
        // What the headline says already is not said again.
        let text = match (finding.headline.contains(&episode.headline), episode.follows.get(1)) {
            (true, Some(reading)) => format!("{reading} {MORE}"),
            (true, None) => MORE.to_owned(),
            (false, _) => format!("{} {MORE}", episode.headline),
        };
        let mut told = note(code, text);
        told.evidence.extend(lockouts.threshold.evidence.clone());
        let first = lockouts.rows(episode).next().map(|(_, row)| row);
        let lock = episode.lock.and_then(|lock| lockouts.attempt(lock));
        for (row, label) in [(first, "first wrong password"), (lock, "first lock")] {
            let code = row.and_then(|row| row.evidence().into_iter().next());
            told.evidence.extend(code.map(|code| Evidence { label: label.to_owned(), ..code }));
        }
        let mut places: Vec<&str> = Vec::new();
        for answered in lockouts.rows(episode).filter_map(|(_, row)| row.proved()) {
            if !places.contains(&answered.server.label.as_str()) {
                places.push(&answered.server.label);
                told.evidence.push(answered.evidence.clone());
            }
        }
        notes.push(told);
    }
    let is_telling = code.is_some() || episode.standing == Standing::AddressBlocked;
    if let Some(hint) = episode.who.as_ref().filter(|_| is_telling) {
        let words = format!("A hint: it {}: {}. {}", hint.kind.label(), hint.because.join("; "), hint.advice);
        notes.push(note("LCK-WHO", words));
    }
    if code.is_some() {
        notes.extend(lockouts.checks.iter().cloned());
    }
    notes
}

/// An ActiveSync sign-in that is logged as a failure, as was being considered in 2021.
fn late_hand_off(view: &View, finding: &Finding) -> Option<Note> {
    let is_it = view.sign_in.is_exchange_active_sync() && finding.code == "CA-BLOCK";
    is_it.then(|| {
        let text = "For ActiveSync a block was logged as success in 2021, enforced by Exchange. This row is logged as a failure, \
                    as was being considered then.";
        note("CA-EAS-ERA", text)
    })
}

/// The instant from which on the snapshot lets sessions count.
fn revoked_at(view: &View, finding: &Finding) -> Option<Note> {
    let user = view.user().filter(|_| finding.code == "SES-REVOKED")?;
    let from = user.sessions_valid_from?;
    let mut note = note(
        "SES-REVOKED",
        format!("The snapshot says that sessions of this user count only when begun after {}.", written(from)),
    );
    note.evidence.push(user.origin.evidence("sessions valid from", "/signInSessionsValidFromDateTime", written(from)));
    Some(note)
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
            "That Exchange enforces the block is known from a text of June 2021, the time of this sign-in. A change was being considered then, after which it would be logged as a failure."
        }
        _ => {
            "That Exchange enforces the block is known from a text of June 2021; this sign-in is later. A change was being considered then, after which it would be logged as a failure; this row is still logged as a success."
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
    if !is_success || logged.is_empty() || !none_applied || view.hides_policies() {
        return None;
    }
    let text = if some_policy_was_evaluated(view) {
        "Conditional Access says success, and no policy applied: at least one covers this user and resource, and another of its conditions did not hold."
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
        format!(
            "Report-only: {names} would have refused it or asked for something, if switched on. It stopped nobody here."
        ),
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
        .filter(|policy| policy.part == PolicyPart::NotMet)
        .map(|policy| format!("“{}”", policy.display_name))
        .collect();
    (!waiting.is_empty()).then(|| {
        let (verb, their) = if waiting.len() == 1 { ("shows", "its demand") } else { ("show", "their demands") };
        let text = format!(
            "{} {verb} failure on this row, but MFA was asked for first. Until it is given, that says nothing of whether {their} would be met.",
            joined(&waiting)
        );
        note("CA-PENDING-CONTROLS", text)
    })
}

fn no_device_identity(view: &View) -> Option<Note> {
    let device = &view.sign_in.device;
    let lists_policies = !view.sign_in.applied_policies.list().is_empty();
    if device.is_compliant != Some(false) || device.device_id.is_some() || !lists_policies {
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
        "Nobody was asked for a factor here: all of them came with a token that the client brought."
    } else {
        "One factor was given now, another came with a token or with the first factor itself."
    };
    let mut note = note("SES-EARLIER-FACTOR", text);
    let pointer = format!("/authenticationDetails/{index}/authenticationStepResultDetail");
    note.evidence.push(view.sign_in.evidence("result", &pointer, step.result_detail.clone().unwrap_or_default()));
    Some(note)
}

/// Policies of which the log and the computation say different things.
fn differs(view: &View) -> Option<Note> {
    let differing: Vec<&PolicyAnswer> =
        view.policies.iter().filter(|answer| answer.agreement == Agreement::Differs).collect();
    let first = differing.first()?;
    let names: Vec<String> = differing.iter().take(3).map(|answer| quoted(&answer.display_name)).collect();
    let more = if differing.len() > names.len() {
        format!(" and {} more", differing.len() - names.len())
    } else {
        String::new()
    };
    let cause = match first.difference {
        Some(Difference::Model) | None => "no cause was found; please report it as a fault of this program".to_owned(),
        Some(cause) => format!("the likeliest cause: {}", cause.label()),
    };
    let of_first = if differing.len() > 1 { " for the first of them" } else { "" };
    let text = format!(
        "The log and what we compute from the snapshot differ for {}{more}. The log is right;{of_first} {cause}.",
        joined(&names)
    );
    let mut note = note("CA-DIFFERS", text);
    note.evidence.extend(differing.iter().filter_map(|answer| answer.evidence.first().cloned()));
    Some(note)
}

/// Policies for another resource that acted here, because the application asks for it.
fn dependencies(view: &View) -> Vec<Note> {
    let ids = [view.sign_in.app_id.as_deref(), view.sign_in.resource_id.as_deref()];
    let known: Vec<&Dependency> = ids
        .into_iter()
        .flatten()
        .flat_map(first_party::dependencies_of)
        .filter(|d| d.binding == Binding::Early)
        .collect();
    let acted = view.policies.iter().filter(|answer| {
        matches!(answer.logged.as_deref(), Some("success" | "failure"))
            && answer.difference == Some(Difference::ServiceDependency)
    });
    acted
        .filter_map(|answer| {
            let include = &view.tenant.policy(&answer.id)?.conditions.applications.include;
            let dependency = known.iter().find(|dependency| {
                dependency.resource_ids.iter().any(|id| include.iter().any(|named| named.eq_ignore_ascii_case(id)))
            })?;
            let text = format!(
                "{} is for {}, and acted here because {} asks for it before it opens.",
                quoted(&answer.display_name),
                dependency.resource,
                dependency.application
            );
            let mut note = note("CA-SERVICE-DEPENDENCY", text);
            note.evidence.extend(answer.evidence.first().cloned());
            Some(note)
        })
        .collect()
}

fn guest(view: &View) -> Option<Note> {
    if view.sign_in.user_type.as_deref() != Some("guest") {
        return None;
    }
    let is_same = |(home, here): (&String, &String)| home.eq_ignore_ascii_case(here);
    if view.sign_in.home_tenant_id.as_ref().zip(view.sign_in.resource_tenant_id.as_ref()).is_some_and(is_same) {
        // A guest of the tenant's own: no other tenant has a log of it.
        return None;
    }
    let mut note = note("XT-GUEST", "The account is a guest: its home tenant keeps its own log of this sign-in.");
    note.evidence.push(view.sign_in.evidence("user type", "/userType", "guest"));
    if let Some(home) = &view.sign_in.home_tenant_id {
        note.evidence.push(view.sign_in.evidence("home tenant", "/homeTenantId", home));
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
    if let Some(federation) = settings::federation(view.tenant, view.sign_in.user_principal_name.as_deref())
        .filter(|federation| federation.is_federated)
        && !view.is_application()
    {
        let words = "what the federation provider asked and checked is not in this log";
        let mut seen = note("UNSEEN", format!("{}: {words}.", federation.who));
        seen.evidence.extend(federation.evidence);
        notes.push(seen);
    }
    notes
}

/// The remedies of a sign-in.
pub(super) fn help(view: &View, finding: &Finding) -> Vec<Help> {
    if finding.code == "CA-EAS-HANDOFF" {
        return hand_off_help();
    }
    let Some(code) = view.code else { return advice::help(view, finding) };
    if let Some(help) = particular_help(view, finding) {
        return vec![help];
    }
    let confidence = match (finding.outcome, doubt(view, finding).is_some()) {
        (Outcome::Interrupted, _) => Confidence::Medium,
        (_, true) => Confidence::Low,
        _ => Confidence::High,
    };
    vec![Help {
        text: code.remedy.clone(),
        confidence,
        side_effects: String::new(),
        doc: format!("https://login.microsoftonline.com/error?code={}", code.code),
    }]
}

/// Remedies that know more than the error code does.
fn particular_help(view: &View, finding: &Finding) -> Option<Help> {
    let help = |text: String, confidence, side_effects: &str, doc: &str| Help {
        text,
        confidence,
        side_effects: side_effects.to_owned(),
        doc: doc.to_owned(),
    };
    const LOCKOUT: &str = "https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout";
    const GRANT: &str =
        "https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-grant";
    match finding.code.as_str() {
        "LCK-LOCKED" => {
            let first = match view.lockouts.map(|lockouts| &lockouts.duration) {
                Some(duration) if duration.origin == settings::Origin::Operator => {
                    format!("{} seconds at first as the operator says, longer when repeated", duration.value)
                }
                Some(duration) if duration.origin == settings::Origin::Snapshot => {
                    format!("{} seconds at first by the snapshot, longer when repeated", duration.value)
                }
                _ => "a minute at first, longer when repeated".to_owned(),
            };
            let text = format!(
                "Wait until the lock ends ({first}): after that one more wrong password locks again, for longer. “I forgot my password” ends the \
                 lock at once, “I know my password” does not; an admin's reset does by the text of 2025, not by those of 2018 to January 2023. \
                 Find who or what sends the wrong password first, or it locks again."
            );
            Some(help(text, Confidence::High, "", LOCKOUT))
        }
        "LCK-IP-BLOCK" => {
            let text = "Sign in from another network. If the IP address is the company's own, look for what attacks from there.";
            Some(help(text.to_owned(), Confidence::Medium, "", LOCKOUT))
        }
        "CA-BLOCK" => {
            let policy = view.policies.iter().find(|policy| policy.part == PolicyPart::Decided)?;
            let name = quoted(&policy.display_name);
            let by_risk = policy.conditions.iter().any(|answer| answer.condition.contains("Risk"));
            if by_risk {
                let text = format!(
                    "Look at the risk of the user and of this sign-in first; do not loosen {name} before it is explained."
                );
                return Some(help(text, Confidence::High, "", GRANT));
            }
            let text = format!(
                "A block is usually meant. If this sign-in should come through, look at what {name} is for, and whether this user, \
                 location or client belongs among its exclusions."
            );
            Some(help(text, Confidence::Medium, "An exclusion holds for every sign-in that fits it.", GRANT))
        }
        "CA-CONTROL-UNMET" if view.sign_in.device.device_id.is_some() && view.sign_in.error_code() == Some(53000) => {
            let name = view.sign_in.device.display_name.as_deref().unwrap_or("the device");
            let text = format!("{name} proved itself and is not marked as compliant: look in Intune why.");
            Some(help(text, Confidence::High, "", GRANT))
        }
        _ => None,
    }
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
                   If it is wanted, nothing needs doing: tell whoever watches sign-ins that success with Conditional Access failure means handed to Exchange to block."
                .to_owned(),
            confidence: Confidence::Medium,
            side_effects: "A change to the policy applies to everybody it is assigned to.".to_owned(),
            doc: "https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-conditions".to_owned(),
        },
        Help {
            text: "If a stranger may know the password (the place is not the user's), change it: the password was accepted.".to_owned(),
            confidence: Confidence::Medium,
            side_effects: "Sessions that began with the password end; others stay unless they are revoked. A synchronised user's password is changed on premises.".to_owned(),
            doc: "https://learn.microsoft.com/entra/identity-platform/refresh-tokens".to_owned(),
        },
    ]
}

/// The defaults and readings that were used where the evidence is silent.
pub(super) fn assumptions(view: &View, finding: &Finding) -> Vec<Assumption> {
    let mut assumptions = Vec::new();
    let mut assume = |text: &str, source: &str| {
        assumptions.push(Assumption { text: text.to_owned(), source: source.to_owned() });
    };
    let (threshold, duration) = (settings::threshold(view.tenant), settings::duration_seconds(view.tenant));
    let seconds = duration.value;
    let lock_default = match threshold.origin {
        settings::Origin::Operator | settings::Origin::Snapshot => None,
        settings::Origin::OfCloud(_) => Some(format!(
            "Smart lockout at {}: {} failures, {seconds} seconds at first.",
            threshold.from(),
            threshold.value
        )),
        settings::Origin::Default => Some(format!(
            "Smart lockout at its default: 10 failures, {seconds} seconds at first (3 failures for US Government)."
        )),
    };
    let is_of_lock = matches!(view.sign_in.error_code(), Some(50053 | 50126));
    if view.episode().is_some_and(|episode| episode.next.is_some()) && is_of_lock {
        for (text, source) in lockout::TAKEN_FOR_GRANTED {
            assume(text, source);
        }
    }
    if let Some(text) = lock_default.filter(|_| is_of_lock) {
        assume(
            &text,
            "Smart lockout, https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout, 2025-03-04",
        );
    }
    if is_of_lock && duration.origin == settings::Origin::Operator {
        assume(&fact_words("lockoutDurationSeconds", &seconds.to_string()), OPERATOR_SOURCE);
    }
    let computed = view.policies.iter().any(|policy| policy.computed.is_some());
    if let Some(date) = newest_statement(view, finding) {
        assume(
            &format!(
                "The statements relied on are of up to {date}; this sign-in is older, and the service may have behaved otherwise then."
            ),
            "the sources of the finding",
        );
    }
    if computed {
        let taken = view.snapshot.taken_at.map(|at| format!(" of {}", written(at))).unwrap_or_default();
        assume(
            &format!(
                "{} from the snapshot{taken}; what they said at the time of the sign-in may differ.",
                match view.policies.iter().any(|answer| answer.version.is_some()) {
                    true =>
                        "Policies were computed from the texts of their time where the evidence has them, the others",
                    false => "Policies were computed",
                }
            ),
            "the snapshot",
        );
        if view.sign_in.audiences.is_empty() && view.sign_in.resource_id.is_some() {
            assume(
                "The record does not list the audiences of the token; the main resource was taken for them, and what the application may have asked for besides was left open.",
                "Target resources, https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-cloud-apps, 2026-01-26",
            );
        }
        let is_all_with_exclusions = view.snapshot.policies.iter().any(|policy| {
            let apps = &policy.conditions.applications;
            apps.include.iter().any(|id| id == "All") && !apps.exclude.is_empty()
        });
        let default = view.tenant.default_baseline_scopes(view.sign_in.created);
        if is_all_with_exclusions && default == Some(BaselineScopes::Enforced) {
            assume(
                "Policies for all resources with exclusions were taken to cover requests for nothing but basic scopes, as by default since 2026; a tenant may have switched that off (--fact baselineScopes=legacy).",
                "Enforcement of resource exclusions, https://learn.microsoft.com/entra/identity/conditional-access/concept-enforcement-resource-exclusions, 2026-04-14",
            );
        }
        if let Some(rule) = view.tenant.baseline_scopes() {
            assume(&fact_words("baselineScopes", rule.word()), OPERATOR_SOURCE);
        }
        let names_mfa_trusted = view.snapshot.policies.iter().any(|policy| {
            let places =
                policy.conditions.locations.iter().flat_map(|places| places.include.iter().chain(&places.exclude));
            places.into_iter().any(|id| id == MFA_TRUSTED_ADDRESSES || id.eq_ignore_ascii_case("AllTrusted"))
        });
        if names_mfa_trusted && view.tenant.has_no_mfa_trusted_addresses() {
            assume(&fact_words("mfaTrustedIps", "none"), OPERATOR_SOURCE);
        }
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

/// The source of what the operator says.
const OPERATOR_SOURCE: &str = "the operator";

/// A fact in a sentence.
fn fact_words(name: &str, value: &str) -> String {
    let meaning = FACTS.iter().find(|known| known.name == name).map_or("", |known| known.meaning);
    format!("{name} = {value}, said by the operator: {meaning}.")
}

/// Adds every fact that stands in the evidence of an explanation to its assumptions, once.
pub(super) fn assume_facts(explanation: &mut Explanation, facts: &Facts) {
    let parts = explanation.policies.iter().flat_map(|policy| {
        policy.evidence.iter().chain(policy.conditions.iter().flat_map(|condition| &condition.evidence))
    });
    let evidence = explanation.finding.evidence.iter();
    let evidence = evidence.chain(explanation.steps.iter().flat_map(|step| &step.evidence));
    let evidence = evidence.chain(explanation.notes.iter().flat_map(|note| &note.evidence)).chain(parts);
    let used: BTreeSet<&str> =
        evidence.filter(|evidence| &*evidence.file == OPERATOR).map(|evidence| evidence.pointer.as_str()).collect();
    let said = |known: &FactName| facts.value(known.name).filter(|_| used.contains(known.name));
    let words: Vec<String> = FACTS.iter().filter_map(|known| Some(fact_words(known.name, &said(known)?))).collect();
    for text in words {
        if !explanation.assumptions.iter().any(|known| known.text == text) {
            explanation.assumptions.push(Assumption { text, source: OPERATOR_SOURCE.to_owned() });
        }
    }
}

/// The date of the newest statement behind the finding, when it is more than a year younger than the sign-in.
fn newest_statement<'a>(view: &View, finding: &'a Finding) -> Option<&'a str> {
    let year = |date: &str| date.get(..4).and_then(|year| year.parse::<i32>().ok());
    let newest = finding.citations.iter().map(|citation| citation.date.as_str()).max_by_key(|date| year(date))?;
    let signed_in = chrono::Datelike::year(&view.sign_in.created?);
    year(newest).filter(|year| *year > signed_in + 1).map(|_| newest)
}
