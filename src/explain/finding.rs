//! Decides what decided: the finding with its headline, and the rivals that the evidence leaves open.

use chrono::{DateTime, Utc};

use crate::domain::error_code;
use crate::domain::lockout::AttemptClass;
use crate::domain::sign_in::{AuthenticationStep, ConditionalAccessStatus, EventKind, LoggedCondition, PolicyResult};
use crate::domain::{Evidence, SignIn, Verdict};

use super::explanation::{
    Basis, Citation, ConditionAnswer, Decider, DeciderKind, Finding, Outcome, PolicyAnswer, PolicyPart, Rival,
    RivalVerdict,
};
use super::lockout::Strength;
use super::{View, catalogue, first_sentence, joined, quoted, rule, step, written};

/// What decided the sign-in.
pub(super) fn find(view: &View) -> Finding {
    let mut finding = match view.sign_in.error_code() {
        None => no_code(view),
        Some(0) => success(view),
        Some(50053) => lockout(view),
        Some(code) => match view.code {
            None => unknown_code(view, code),
            Some(_) if view.is_step_of_longer() => interrupt(view),
            Some(_) => failure(view),
        },
    };
    finding.citations = catalogue::citations(&finding.code);
    finding.citations.extend(code_citations(view));
    let sign_in = view.sign_in;
    if let Some(code) = sign_in.error_code() {
        finding.evidence.insert(0, sign_in.evidence("error code", "/status/errorCode", code.to_string()));
    }
    if let Some(status) = view.status() {
        let pointer = "/conditionalAccessStatus";
        finding
            .evidence
            .insert(1.min(finding.evidence.len()), sign_in.evidence("Conditional Access", pointer, status.word()));
    }
    finding
}

/// The lists in which the error code stands.
fn code_citations(view: &View) -> Vec<Citation> {
    let Some(code) = view.code else { return Vec::new() };
    let name = code.name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    code.sources
        .iter()
        .filter_map(|key| error_code::source(key))
        .map(|source| Citation {
            statement: format!("Error {}{name}, said in our words.", code.code),
            source: format!("{}, {}", source.title, source.url),
            date: source.date.clone().unwrap_or_else(|| "undated".to_owned()),
        })
        .collect()
}

fn made(code: &str, headline: String, outcome: Outcome, decided_by: Decider, basis: Basis) -> Finding {
    Finding { code: code.to_owned(), headline, outcome, decided_by, basis, evidence: Vec::new(), citations: Vec::new() }
}

fn no_code(view: &View) -> Finding {
    let headline = match view.status() {
        Some(status) => format!(
            "The record carries no error code, so how the sign-in ended is not known. Conditional Access: {}.",
            status.word()
        ),
        None => "The record carries no error code, so how the sign-in ended is not known.".to_owned(),
    };
    made("UNKNOWN", headline, Outcome::Unknown, Decider::of(DeciderKind::Unknown), Basis::Logged)
}

fn unknown_code(view: &View, code: i64) -> Finding {
    let reason = view.sign_in.status.failure_reason.as_deref().unwrap_or("nothing more");
    let headline = format!("Error {code} is not in our list; the log says: “{reason}”.");
    let mut finding = made("UNKNOWN", headline, Outcome::Failed, Decider::of(DeciderKind::Unknown), Basis::Logged);
    finding.evidence.push(view.sign_in.evidence("failure reason", "/status/failureReason", reason));
    finding
}

fn success(view: &View) -> Finding {
    if view.is_handed_off() {
        return hand_off(view);
    }
    if view.status() == Some(&ConditionalAccessStatus::Failure) {
        let client = view.sign_in.client_app_used.as_deref().unwrap_or("not logged");
        let headline = format!(
            "The log says success and Conditional Access failure. We know this pair only from Exchange ActiveSync, \
             and the client is {client}: not decided by anything we can see."
        );
        return made("UNKNOWN", headline, Outcome::Unknown, Decider::of(DeciderKind::Unknown), Basis::Logged);
    }
    asked_again(view).unwrap_or_else(|| granted(view))
}

/// A sign-in that was granted after the user had been asked again, where the ledger tells why: the second escalation. What is merely
/// left over when nothing else is seen is no finding.
fn asked_again(view: &View) -> Option<Finding> {
    let prompt = view.prompt().filter(|prompt| prompt.is_told())?;
    let decider = match &prompt.policy {
        Some((id, name)) => Decider::named(DeciderKind::SessionRule, Some(id), name),
        None => Decider::named(DeciderKind::SessionRule, None, catalogue::title(prompt.code)),
    };
    let mut finding = made(prompt.code, prompt.headline.clone(), Outcome::Granted, decider, prompt.basis);
    finding.evidence.extend(prompt.evidence.iter().cloned());
    Some(finding)
}

/// The first escalation: Exchange ActiveSync, a token, and a refusal that Exchange enforces.
fn hand_off(view: &View) -> Finding {
    const BOTH: &str = "Success (0) and Conditional Access failure are both right.";
    let deciding = view.deciding();
    let computed = deciding.iter().any(|policy| policy.logged.is_none());
    let blocks = deciding.iter().all(|policy| has_block(policy));
    let verb = match (blocks, deciding.len() > 1) {
        (true, false) => "blocks it",
        (true, true) => "block it",
        (false, false) => "is not met",
        (false, true) => "are not met",
    };
    let named = named_policies(&deciding);
    let (decider, basis, headline) = if deciding.is_empty() {
        let words =
            "A Conditional Access policy, not named in this record, refused it; Exchange enforces that, not Entra.";
        (Decider::of(DeciderKind::Policy), Basis::Logged, format!("{words} {BOTH}"))
    } else if computed && !snapshot_is_of_this_tenant(view) {
        let words = "would refuse it, if the snapshot is of this tenant; Exchange enforces that, not Entra.";
        (Decider::of(DeciderKind::Policy), Basis::Inferred, format!("{named} {words} {BOTH}"))
    } else if computed {
        let words = format!("{verb} (computed; the record lists no policies); Exchange enforces that, not Entra.");
        (decider_of(&deciding), Basis::Computed, format!("{named} {words} {BOTH}"))
    } else {
        (decider_of(&deciding), Basis::Logged, format!("{named} {verb}; Exchange enforces that, not Entra. {BOTH}"))
    };
    let mut finding = made("CA-EAS-HANDOFF", headline, Outcome::HandedOff, decider, basis);
    let client = view.sign_in.client_app_used.as_deref().unwrap_or_default();
    finding.evidence.push(view.sign_in.evidence("client app", "/clientAppUsed", client));
    finding.evidence.extend(policy_evidence(&deciding));
    finding
}

/// Whether something links the record to the snapshot.
pub(super) fn snapshot_is_of_this_tenant(view: &View) -> bool {
    view.tenant.is_of(view.sign_in)
}

fn has_block(policy: &PolicyAnswer) -> bool {
    policy.grant_controls.iter().any(|control| control.to_ascii_lowercase().contains("block"))
}

fn decider_of(policies: &[&PolicyAnswer]) -> Decider {
    match policies {
        [] => Decider::of(DeciderKind::Policy),
        [first, ..] => Decider::named(DeciderKind::Policy, Some(&first.id), &first.display_name),
    }
}

fn named_policies(policies: &[&PolicyAnswer]) -> String {
    match policies {
        [] => "A policy that the record does not name".to_owned(),
        [one] => quoted(&one.display_name),
        [one, two] => format!("{} and {}", quoted(&one.display_name), quoted(&two.display_name)),
        [first, rest @ ..] => format!("{} and {} more policies", quoted(&first.display_name), rest.len()),
    }
}

fn policy_evidence(policies: &[&PolicyAnswer]) -> Vec<Evidence> {
    policies
        .iter()
        .filter_map(|policy| {
            let first = policy.evidence.first()?;
            Some(Evidence { label: policy.display_name.clone(), ..first.clone() })
        })
        .collect()
}

pub(super) fn granted(view: &View) -> Finding {
    let enforced: Vec<&PolicyAnswer> =
        view.policies.iter().filter(|policy| policy.logged.as_deref() == Some(PolicyResult::Success.word())).collect();
    let policies = match (enforced.as_slice(), view.status()) {
        ([], Some(ConditionalAccessStatus::NotApplied)) if view.is_application() => {
            "No policy covers this application's own sign-in.".to_owned()
        }
        ([], Some(ConditionalAccessStatus::NotApplied)) => "No policy applied.".to_owned(),
        ([], Some(ConditionalAccessStatus::Success)) if view.hides_policies() => {
            "Conditional Access says success; the record does not list the policies.".to_owned()
        }
        ([], Some(ConditionalAccessStatus::Success)) if some_policy_was_evaluated(view) => {
            "Conditional Access says success, yet no policy applied: some were checked for this user and resource and did not match."
                .to_owned()
        }
        ([], Some(ConditionalAccessStatus::Success)) => "Conditional Access says success, yet no policy applied.".to_owned(),
        ([], _) => "What Conditional Access did is not logged.".to_owned(),
        ([one], _) => format!("{} applied and was met{}.", quoted(&one.display_name), how_met(view, one)),
        (several, _) => format!("{} applied and were met.", named_policies(several)),
    };
    let sent_password = view.sign_in.gave_password() == Some(true);
    let what = match view.sign_in.event_kind {
        _ if view.is_application() => "Granted to the application.",
        EventKind::NonInteractive if sent_password => "Granted in the background: the client sent the password itself.",
        EventKind::NonInteractive if view.brought_a_token() => "Granted in the background, nobody was asked here.",
        EventKind::NonInteractive => "Granted in the background.",
        _ if nobody_was_asked(view) && view.is_guest() => {
            "Granted on what the home tenant says, nobody was asked here."
        }
        _ if nobody_was_asked(view) => "Granted on a token the client brought, nobody was asked here.",
        _ => "Granted.",
    };
    let mut finding = made(
        "OK-GRANTED",
        format!("{what} {policies}"),
        Outcome::Granted,
        Decider::of(DeciderKind::Nothing),
        Basis::Logged,
    );
    finding.evidence.extend(policy_evidence(&enforced));
    finding
}

/// Whether every factor of the record came from a token that the client brought.
pub(super) fn nobody_was_asked(view: &View) -> bool {
    let steps = view.sign_in.authentication_details.as_deref().unwrap_or_default();
    !steps.is_empty() && steps.iter().all(AuthenticationStep::was_satisfied_earlier)
}

/// How an MFA policy was met, where the record says so; other controls are not said to be met by MFA.
fn how_met(view: &View, policy: &PolicyAnswer) -> &'static str {
    let wants_mfa = policy.grant_controls.iter().any(|control| rule::control_name(control) == "MFA");
    let details = view.sign_in.status.additional_details.as_deref().unwrap_or("").to_ascii_lowercase();
    if !wants_mfa {
        ""
    } else if details.contains("satisfied by claim in the token") {
        " by an MFA claim in the token"
    } else if details.contains("mfa completed") || details.contains("mfa successfully completed") {
        " by MFA now"
    } else {
        ""
    }
}

fn lockout(view: &View) -> Finding {
    let reason = view.sign_in.status.failure_reason.as_deref().unwrap_or("");
    let address = view.sign_in.ip_address.as_deref().unwrap_or("not logged");
    let mut finding = match AttemptClass::of_reason(reason) {
        AttemptClass::IpBlock => made(
            "LCK-IP-BLOCK",
            format!(
                "Refused because of the IP address {address}, from which attacks were seen. That is no lock of the account."
            ),
            Outcome::Blocked,
            Decider::named(DeciderKind::Service, None, "block of the IP address"),
            Basis::Logged,
        ),
        AttemptClass::Lock => made(
            "LCK-LOCKED",
            lock_headline(view),
            Outcome::Locked,
            Decider::named(DeciderKind::Lockout, None, "smart lockout"),
            Basis::Logged,
        ),
        _ => made(
            "LCK-UNKNOWN",
            "Error 50053: either the account is locked after too many wrong passwords, or the address is blocked. The log's text does not say which.".to_owned(),
            Outcome::Locked,
            Decider::of(DeciderKind::Lockout),
            Basis::Inferred,
        ),
    };
    finding.evidence.push(view.sign_in.evidence("failure reason", "/status/failureReason", reason));
    if finding.code == "LCK-LOCKED" {
        finding.decided_by.datacenter = proved_place(view);
    }
    finding
}

/// That the lock refused the try, and what it took: the first try that met it tells the episode, a later one when that was.
fn lock_headline(view: &View) -> String {
    const REFUSED: &str = "Smart lockout refused this try";
    let counts = view.lockouts.zip(view.episode()).filter(|(lockouts, _)| lockouts.is_counted_here());
    let told = counts.and_then(|(lockouts, episode)| {
        let first = lockouts.attempt(episode.lock?)?;
        let is_first = episode.lock == view.attempt_number;
        Some(match is_first {
            true => format!("{REFUSED}. {}", episode.headline),
            false => {
                let noun = if episode.failures == 1 { "wrong password" } else { "wrong passwords" };
                let at = clock_time_of(view, first.at);
                format!("{REFUSED}: the lock was met first at {at}, after {} {noun}.", episode.failures)
            }
        })
    });
    let plain = || format!("{REFUSED}: the log says that the account is locked after too many wrong passwords.");
    told.unwrap_or_else(plain)
}

/// The place whose counter tripped, where a trace proves it.
fn proved_place(view: &View) -> Option<String> {
    let episode = view.episode()?;
    let counter = episode.counters.get(episode.tripped?)?;
    (counter.strength == Strength::Proved).then(|| counter.label.clone())
}

/// A step of a longer sign-in.
fn interrupt(view: &View) -> Finding {
    let Some(code) = view.code else { return no_code(view) };
    let what = lower_first(first_sentence(&code.meaning).trim_end_matches('.'));
    let after = match view.went_on() {
        Some(row) => {
            let at = clock_time(view, row);
            match row.error_code() {
                Some(0) => format!("It went on and was granted at {at}."),
                Some(code) => {
                    let word = error_code::find(code).map(|known| known.word.clone()).unwrap_or_default();
                    format!("It went on and ended at {at} with {code} ({word}).")
                }
                None => format!("It went on at {at}."),
            }
        }
        None if view.is_silent() => {
            "A background request cannot be asked; the app has to bring the user back.".to_owned()
        }
        None => "No later row of this attempt is in the log: the user may have stopped here.".to_owned(),
    };
    let deciding = view.deciding();
    let (decider, headline) = match (deciding.as_slice(), controls_in_words(&deciding)) {
        ([], _) => (Decider::of(decider_kind(&code.decided_by)), format!("A step, not a failure: {what}. {after}")),
        (policies, controls) => {
            let named = named_policies(policies);
            let is_one = policies.len() == 1;
            let words = match code.code {
                50074 | 50076 => {
                    format!("{named} {} for {controls}, not done yet", if is_one { "asks" } else { "ask" })
                }
                _ => format!("{named} {}: {what}", if is_one { "applies" } else { "apply" }),
            };
            let words = format!("A step, not a failure: {words}.");
            (decider_of(policies), format!("{words} {after}"))
        }
    };
    let mut finding = made("INT-STEP", headline, Outcome::Interrupted, decider, Basis::Logged);
    finding.evidence.extend(policy_evidence(&deciding));
    finding
}

/// What policies demand, each thing once.
fn controls_in_words(policies: &[&PolicyAnswer]) -> String {
    let mut controls: Vec<String> = policies
        .iter()
        .flat_map(|policy| policy.grant_controls.iter().map(|control| rule::control_name(control)))
        .chain(policies.iter().filter(|policy| policy.grant_controls.is_empty()).map(|policy| policy.demand.clone()))
        .filter(|words| !words.is_empty())
        .collect();
    controls.sort();
    controls.dedup();
    if controls.is_empty() { "something".to_owned() } else { joined(&controls) }
}

/// The time of a later row: the clock alone when it is the same day.
fn clock_time(view: &View, row: &SignIn) -> String {
    row.created.map(|at| clock_time_of(view, at)).unwrap_or_default()
}

fn clock_time_of(view: &View, at: DateTime<Utc>) -> String {
    let is_same_day = view.sign_in.created.is_some_and(|this| at.date_naive() == this.date_naive());
    if is_same_day { at.format("%H:%M:%SZ").to_string() } else { written(at) }
}

/// A failure whose code the catalogue knows.
fn failure(view: &View) -> Finding {
    let Some(code) = view.code else { return no_code(view) };
    let deciding = view.deciding();
    // A guest's device is refused by a policy of this tenant where the record shows one that failed.
    let is_access = matches!(code.finding.as_str(), "CA-BLOCK" | "CA-REFUSED" | "CA-CONTROL-UNMET")
        || code.code == 530_004 && !deciding.is_empty();
    let mut finding = if is_access {
        let refused = access_failure(view, &deciding);
        // The code says more of the cause than that a control was not met: the trust between the tenants.
        if code.code == 530_004 { Finding { code: code.finding.clone(), ..refused } } else { refused }
    } else if let ("SES-SIGN-IN-FREQUENCY", Some(policy)) = (code.finding.as_str(), frequency_policy(view)) {
        let headline = format!("{} The rule is in {}.", first_sentence(&code.meaning), quoted(&policy.display_name));
        let decider = Decider::named(DeciderKind::SessionRule, Some(&policy.id), &policy.display_name);
        let mut finding = made(&code.finding, headline, Outcome::Failed, decider, Basis::Logged);
        finding.evidence.extend(policy_evidence(&[policy]));
        finding
    } else {
        let outcome = match decider_kind(&code.decided_by) {
            DeciderKind::Policy => Outcome::Blocked,
            DeciderKind::Lockout => Outcome::Locked,
            _ => Outcome::Failed,
        };
        let decider = Decider::of(decider_kind(&code.decided_by));
        let details = view.sign_in.status.additional_details.as_deref().filter(|_| code.finding == "MFA-FAILED");
        let headline = match details {
            Some(details) => format!("MFA was asked for and not passed; the log says: “{details}”."),
            None => first_sentence(&code.meaning).to_owned(),
        };
        made(&code.finding, headline, outcome, decider, Basis::Logged)
    };
    if let Some(reason) = &view.sign_in.status.failure_reason {
        finding.evidence.push(view.sign_in.evidence("failure reason", "/status/failureReason", reason));
    }
    finding.evidence.extend(policy_evidence(&deciding));
    finding
}

/// The one policy in the record that applied and sets a sign-in frequency; `None` when there are several, since the log does not
/// say which of them was the shorter.
fn frequency_policy<'a>(view: &'a View) -> Option<&'a PolicyAnswer> {
    let sets_frequency = |policy: &&PolicyAnswer| {
        policy.session_controls.iter().any(|control| control.to_ascii_lowercase().contains("frequency"))
            && matches!(policy.part, PolicyPart::Decided | PolicyPart::NotMet | PolicyPart::Matched)
            && policy.logged.is_some()
    };
    let mut found = view.policies.iter().filter(sets_frequency);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// A failure by Conditional Access: a block, or a control that was not met.
fn access_failure(view: &View, deciding: &[&PolicyAnswer]) -> Finding {
    let Some(code) = view.code else { return no_code(view) };
    let computed = deciding.iter().any(|policy| policy.logged.is_none());
    let basis = if computed { Basis::Computed } else { Basis::Logged };
    let from = if computed { " (computed; the record lists no policies)" } else { "" };
    let blocking: Vec<&PolicyAnswer> = deciding.iter().copied().filter(|policy| has_block(policy)).collect();
    if deciding.is_empty() {
        let what = match code.code {
            53003 => "Conditional Access blocked it (53003).",
            _ => first_sentence(&code.meaning),
        };
        let headline = if view.hides_policies() || view.shape_has_no_policies() {
            format!("{what} Which policy it was is not in the record.")
        } else {
            format!("{what} No policy in the record shows a failure.")
        };
        let outcome = if code.finding == "CA-BLOCK" { Outcome::Blocked } else { Outcome::Failed };
        return made(&code.finding, headline, outcome, Decider::of(decider_kind(&code.decided_by)), Basis::Logged);
    }
    if !blocking.is_empty() {
        let plural = if blocking.len() == 1 { "blocks" } else { "block" };
        let headline = format!("Blocked: {} {plural} it{from}{}.", named_policies(&blocking), because(&blocking));
        return made("CA-BLOCK", headline, Outcome::Blocked, decider_of(&blocking), basis);
    }
    let verb = if deciding.len() == 1 { "demands" } else { "demand" };
    let (missing, _) = step::missing_controls(deciding);
    let demanded = controls_in_words(deciding);
    let headline = match missing.as_slice() {
        // What is demanded is what is missing: the reason stands in its place.
        [(control, seen)] if !seen.is_empty() && *control == demanded => {
            format!("Refused: {} {verb} {demanded}{from}; {seen}.", named_policies(deciding))
        }
        [(control, seen)] if !seen.is_empty() => {
            format!("Refused: {} {verb} {demanded}{from}; {control} is missing, {seen}.", named_policies(deciding))
        }
        _ => format!("Refused: {} {verb} {demanded}{from}, which this sign-in did not meet.", named_policies(deciding)),
    };
    let decider = Decider { kind: DeciderKind::Control, ..decider_of(deciding) };
    made("CA-CONTROL-UNMET", headline, Outcome::Blocked, decider, basis)
}

/// The conditions that make a block particular: the place, the client, the device, the risk.
fn because(policies: &[&PolicyAnswer]) -> String {
    let [policy] = policies else { return String::new() };
    let telling = [
        "locations",
        "clientAppTypes",
        "platforms",
        "devices",
        "signInRiskLevels",
        "userRiskLevels",
        "authenticationFlows",
    ];
    // A condition that the policy is known not to configure holds for everybody and tells nothing.
    let is_configured = |answer: &&ConditionAnswer| policy.text.is_empty() || !answer.rule.is_empty();
    let seen: Vec<String> = policy
        .conditions
        .iter()
        .filter(|answer| telling.contains(&answer.condition.as_str()) && answer.holds() == Verdict::Yes)
        .filter(is_configured)
        .map(|answer| format!("{}: {}", rule::Condition::label(&answer.condition), answer.seen))
        .collect();
    if seen.is_empty() { String::new() } else { format!(" ({})", seen.join("; ")) }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        // An acronym or a name keeps its capitals.
        Some(first) if !characters.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}

fn decider_kind(word: &str) -> DeciderKind {
    match word {
        "policy" => DeciderKind::Policy,
        "sessionRule" => DeciderKind::SessionRule,
        "lockout" => DeciderKind::Lockout,
        "credential" => DeciderKind::Credential,
        "account" => DeciderKind::Account,
        "directoryConflict" => DeciderKind::DirectoryConflict,
        "control" => DeciderKind::Control,
        "application" => DeciderKind::Application,
        "service" => DeciderKind::Service,
        "nothing" => DeciderKind::Nothing,
        _ => DeciderKind::Unknown,
    }
}

/// Other explanations that the evidence leaves open.
pub(super) fn rivals(view: &View, finding: &Finding) -> Vec<Rival> {
    let mut rivals = Vec::new();
    let hidden = view.sign_in.applied_policies.list().is_empty();
    if hidden && matches!(finding.code.as_str(), "CA-EAS-HANDOFF" | "CA-BLOCK") {
        let open = view.policies.iter().filter(|policy| {
            let unlinked = policy.part == PolicyPart::Decided && !snapshot_is_of_this_tenant(view);
            let undecided = policy.part == PolicyPart::Undecided && policy.state.as_deref() == Some("enabled");
            has_block(policy) && (undecided || unlinked)
        });
        for policy in open {
            let unknown: Vec<String> = policy
                .conditions
                .iter()
                .filter(|answer| answer.holds().is_unknown())
                .map(|answer| rule::Condition::label(&answer.condition).to_owned())
                .collect();
            rivals.push(Rival {
                code: finding.code.clone(),
                headline: if unknown.is_empty() {
                    format!("{} would block such a sign-in", quoted(&policy.display_name))
                } else {
                    format!("{} may have blocked it; not decided: {}", quoted(&policy.display_name), joined(&unknown))
                },
                verdict: RivalVerdict::Fits,
                settled_by:
                    "the same sign-in exported with its list of policies (beta, by an account that may read policies)"
                        .to_owned(),
            });
        }
    }
    if finding.code.starts_with("LCK-")
        && let Some(episode) = view.episode()
    {
        let is_told = |rival: &&Rival| rival.code != finding.code && finding.code != "LCK-IP-BLOCK";
        let is_own = |rival: &&Rival| finding.code != "LCK-UNKNOWN" || rival.code != "LCK-IP-BLOCK";
        rivals.extend(episode.explanations.iter().filter(is_told).filter(is_own).cloned());
    }
    if let Some(prompt) = view.prompt().filter(|prompt| prompt.code == finding.code) {
        rivals.extend(prompt.rivals.iter().cloned());
    }
    if finding.code == "LCK-UNKNOWN" {
        rivals.push(Rival {
            code: "LCK-LOCKED".to_owned(),
            headline: "the account is locked after too many wrong passwords".to_owned(),
            verdict: RivalVerdict::Fits,
            settled_by: "the failure reason of this row in English".to_owned(),
        });
        rivals.push(Rival {
            code: "LCK-IP-BLOCK".to_owned(),
            headline: "the address is blocked for attacks".to_owned(),
            verdict: RivalVerdict::Fits,
            settled_by: "the failure reason of this row in English, or whether other users fail from this address"
                .to_owned(),
        });
    }
    rivals
}

/// Whether the record says of an enforced policy that both user and resource matched.
pub(super) fn some_policy_was_evaluated(view: &View) -> bool {
    view.sign_in.applied_policies.list().iter().any(|policy| {
        let held = policy.conditions_satisfied.as_deref().unwrap_or_default();
        policy.result == PolicyResult::NotApplied
            && held.contains(&LoggedCondition::Application)
            && held.contains(&LoggedCondition::Users)
    })
}
