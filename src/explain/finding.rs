//! Decides what decided: the finding with its headline, and the rivals that the evidence leaves open.

use crate::domain::sign_in::{AuthenticationStep, ConditionalAccessStatus, EventKind, LoggedCondition, PolicyResult};
use crate::domain::{Evidence, SignIn, Verdict};

use super::explanation::{
    Basis, Decider, DeciderKind, Finding, Outcome, PolicyAnswer, PolicyPart, Rival, RivalVerdict,
};
use super::{View, catalogue, deciding_row, first_sentence, joined, rule, written};

/// The two texts by which Entra tells the causes of error 50053 apart. They are matched as parts, in lower case, because samples
/// differ in punctuation, and translated logs hold neither (reference error codes, 2024-04-24; measured texts in lockout notes).
const ADDRESS_BLOCK: &str = "malicious activity";
const TOO_MANY_TRIES: &str = "too many times with an incorrect user id or password";

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
            "The log says success and Conditional Access failure. Only Exchange ActiveSync explains both, and the client is {client}: \
             not decided by anything we can see."
        );
        return made("UNKNOWN", headline, Outcome::Unknown, Decider::of(DeciderKind::Unknown), Basis::Logged);
    }
    granted(view)
}

/// The first escalation: Exchange ActiveSync, a token, and a block that Exchange enforces.
fn hand_off(view: &View) -> Finding {
    let deciding = view.deciding();
    let (decider, basis, named) = match deciding.as_slice() {
        [] => (
            Decider::of(DeciderKind::Policy),
            Basis::Logged,
            "A Conditional Access policy that the record does not name".to_owned(),
        ),
        policies => {
            let basis =
                if policies.iter().all(|policy| policy.logged.is_some()) { Basis::Logged } else { Basis::Computed };
            (decider_of(policies), basis, named_policies(policies))
        }
    };
    let blocks = deciding.is_empty() || deciding.iter().any(|policy| has_block(policy));
    let verb = match (blocks, deciding.len() > 1) {
        (true, false) => "blocks",
        (true, true) => "block",
        (false, false) => "is not met by",
        (false, true) => "are not met by",
    };
    let computed =
        if basis == Basis::Computed { " (computed from the snapshot; the record lists no policies)" } else { "" };
    let headline = format!(
        "{named} {verb} it{computed}; Exchange enforces that, not Entra. \
         Success (0) and Conditional Access failure are both right."
    );
    let mut finding = made("CA-EAS-HANDOFF", headline, Outcome::HandedOff, decider, basis);
    let client = view.sign_in.client_app_used.as_deref().unwrap_or_default();
    finding.evidence.push(view.sign_in.evidence("client app", "/clientAppUsed", client));
    finding.evidence.extend(policy_evidence(&deciding));
    finding
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
        [one] => format!("“{}”", one.display_name),
        [one, two] => format!("“{}” and “{}”", one.display_name, two.display_name),
        [first, rest @ ..] => format!("“{}” and {} more policies", first.display_name, rest.len()),
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

fn granted(view: &View) -> Finding {
    let enforced: Vec<&PolicyAnswer> =
        view.policies.iter().filter(|policy| policy.logged.as_deref() == Some(PolicyResult::Success.word())).collect();
    let policies = match (enforced.as_slice(), view.status()) {
        ([], Some(ConditionalAccessStatus::NotApplied)) => {
            "No Conditional Access policy was for this user and resource.".to_owned()
        }
        ([], Some(ConditionalAccessStatus::Success)) if view.hides_policies() => {
            "Conditional Access says success; the record does not list the policies.".to_owned()
        }
        ([], Some(ConditionalAccessStatus::Success)) => {
            "Conditional Access says success, yet no policy applied: they were only evaluated.".to_owned()
        }
        ([], _) => "What Conditional Access did is not logged.".to_owned(),
        ([one], _) => format!("“{}” applied and was met{}.", one.display_name, how_met(view)),
        (several, _) => format!("{} policies applied and were met{}.", several.len(), how_met(view)),
    };
    let what = match view.sign_in.event_kind {
        _ if view.is_application() => "Granted to the application.",
        EventKind::NonInteractive => "Granted in the background, nobody was asked.",
        _ if nobody_was_asked(view) => "Granted from an earlier sign-in, nobody was asked.",
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

/// Whether every factor of the record was taken from an earlier sign-in.
pub(super) fn nobody_was_asked(view: &View) -> bool {
    let steps = view.sign_in.authentication_details.as_deref().unwrap_or_default();
    !steps.is_empty() && steps.iter().all(AuthenticationStep::was_satisfied_earlier)
}

fn how_met(view: &View) -> &'static str {
    let details = view.sign_in.status.additional_details.as_deref().unwrap_or("").to_ascii_lowercase();
    if details.contains("satisfied by claim in the token") {
        " by an earlier MFA"
    } else if details.contains("mfa completed") || details.contains("mfa successfully completed") {
        " by MFA now"
    } else {
        ""
    }
}

fn lockout(view: &View) -> Finding {
    let reason = view.sign_in.status.failure_reason.as_deref().unwrap_or("");
    let plain = reason.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'");
    let address = view.sign_in.ip_address.as_deref().unwrap_or("not logged");
    let mut finding = if plain.contains(ADDRESS_BLOCK) {
        made(
            "LCK-IP-BLOCK",
            format!(
                "Refused because of the address {address}, from which attacks were seen: the account is not locked by this, and the password was not judged."
            ),
            Outcome::Blocked,
            Decider::named(DeciderKind::Lockout, None, "address with malicious activity"),
            Basis::Logged,
        )
    } else if plain.contains(TOO_MANY_TRIES) {
        made(
            "LCK-LOCKED",
            "Smart lockout refused this try: too many wrong passwords came before. The password of this try was not judged.".to_owned(),
            Outcome::Locked,
            Decider::named(DeciderKind::Lockout, None, "smart lockout"),
            Basis::Logged,
        )
    } else {
        made(
            "LCK-UNKNOWN",
            "Error 50053: either the account is locked after too many wrong passwords, or the address is blocked. The log's text does not say which.".to_owned(),
            Outcome::Locked,
            Decider::of(DeciderKind::Lockout),
            Basis::Inferred,
        )
    };
    finding.evidence.push(view.sign_in.evidence("failure reason", "/status/failureReason", reason));
    finding
}

/// A step of a longer sign-in.
fn interrupt(view: &View) -> Finding {
    let Some(code) = view.code else { return no_code(view) };
    let what = first_sentence(&code.meaning).trim_end_matches('.').to_owned();
    let decided = deciding_row(view.attempt).and_then(|index| view.attempt.get(index));
    let after = match decided {
        Some(row) if row.id != view.sign_in.id && row.created >= view.sign_in.created => {
            let at = clock_time(view, row);
            match row.error_code() {
                Some(0) => format!("It went on and was granted at {at}."),
                Some(code) => format!("It went on and ended with error {code} at {at}."),
                None => format!("It went on at {at}."),
            }
        }
        _ if view.is_silent() => {
            "A background request cannot be asked anything; the app has to bring the user back.".to_owned()
        }
        _ => "No later row of this attempt is in the log: the user may have stopped here.".to_owned(),
    };
    let deciding = view.deciding();
    let decider = match (deciding.as_slice(), decider_kind(&code.decided_by)) {
        ([], kind) => Decider::of(kind),
        (policies, _) => decider_of(policies),
    };
    let asked_by = match deciding.as_slice() {
        [] => String::new(),
        policies => format!(", for {}", named_policies(policies)),
    };
    let headline = format!("A step, not a failure: {}{asked_by}. {after}", lower_first(&what));
    let mut finding = made("INT-STEP", headline, Outcome::Interrupted, decider, Basis::Logged);
    finding.evidence.extend(policy_evidence(&deciding));
    finding
}

/// The time of a later row: the clock alone when it is the same day.
fn clock_time(view: &View, row: &SignIn) -> String {
    match (row.created, view.sign_in.created) {
        (Some(at), Some(this)) if at.date_naive() == this.date_naive() => at.format("%H:%M:%SZ").to_string(),
        (at, _) => at.map(written).unwrap_or_default(),
    }
}

/// A failure whose code the catalogue knows.
fn failure(view: &View) -> Finding {
    let Some(code) = view.code else { return no_code(view) };
    let deciding = view.deciding();
    let is_access = matches!(code.finding.as_str(), "CA-BLOCK" | "CA-CONTROL-UNMET");
    let mut finding = if is_access {
        access_failure(view, &deciding)
    } else if let ("SES-SIGN-IN-FREQUENCY", Some(policy)) = (code.finding.as_str(), frequency_policy(view)) {
        let headline = format!("{} The rule is in “{}”.", first_sentence(&code.meaning), policy.display_name);
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
        made(&code.finding, first_sentence(&code.meaning).to_owned(), outcome, decider, Basis::Logged)
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
            && matches!(policy.part, PolicyPart::Decided | PolicyPart::Matched)
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
    let from = if computed { " (computed from the snapshot; the record lists no policies)" } else { "" };
    let blocking: Vec<&PolicyAnswer> = deciding.iter().copied().filter(|policy| has_block(policy)).collect();
    if deciding.is_empty() {
        let headline = if view.hides_policies() || view.shape_has_no_policies() {
            format!("{} Which policy it was is not in the record.", first_sentence(&code.meaning))
        } else {
            format!("{} No policy in the record shows a failure.", first_sentence(&code.meaning))
        };
        let outcome = if code.finding == "CA-BLOCK" { Outcome::Blocked } else { Outcome::Failed };
        return made(&code.finding, headline, outcome, Decider::of(decider_kind(&code.decided_by)), Basis::Logged);
    }
    if !blocking.is_empty() {
        let plural = if blocking.len() == 1 { "blocks" } else { "block" };
        let headline =
            format!("Blocked: {} {plural} this sign-in{from}{}.", named_policies(&blocking), because(&blocking));
        return made("CA-BLOCK", headline, Outcome::Blocked, decider_of(&blocking), basis);
    }
    let controls: Vec<String> = deciding
        .iter()
        .flat_map(|policy| policy.grant_controls.iter())
        .map(|control| rule::control_name(control))
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    let demanded = if controls.is_empty() { "something".to_owned() } else { joined(&controls) };
    let verb = if deciding.len() == 1 { "demands" } else { "demand" };
    let headline = format!(
        "Refused: {} {verb} {demanded}{from}, and this sign-in did not meet it. {}",
        named_policies(deciding),
        first_sentence(&code.meaning)
    );
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
    let seen: Vec<String> = policy
        .conditions
        .iter()
        .filter(|answer| telling.contains(&answer.condition.as_str()) && answer.verdict == Verdict::Yes)
        .map(|answer| format!("{} {}", rule::Condition::label(&answer.condition), answer.seen))
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
    if hidden && matches!(finding.code.as_str(), "CA-EAS-HANDOFF" | "CA-BLOCK" | "CA-CONTROL-UNMET") {
        let open = view
            .policies
            .iter()
            .filter(|policy| policy.part == PolicyPart::Undecided && policy.state.as_deref() == Some("enabled"));
        for policy in open {
            let unknown: Vec<String> = policy
                .conditions
                .iter()
                .filter(|answer| answer.verdict.is_unknown())
                .map(|answer| rule::Condition::label(&answer.condition).to_owned())
                .collect();
            rivals.push(Rival {
                code: finding.code.clone(),
                headline: format!("“{}” may have acted; not decided: {}", policy.display_name, joined(&unknown)),
                verdict: RivalVerdict::Fits,
                settled_by:
                    "the same sign-in exported with its list of policies (beta, by an account that may read policies)"
                        .to_owned(),
            });
        }
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
