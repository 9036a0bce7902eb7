//! Walks the eight steps of a sign-in and says of each what came of it, by what the log shows.

use crate::domain::lockout::AttemptClass;
use crate::domain::sign_in::{AuthenticationStep, ConditionalAccessStatus, PolicyResult};
use crate::domain::{Evidence, Verdict};

use super::explanation::{Basis, Finding, PolicyAnswer, PolicyPart, Step, StepKind, StepVerdict};
use super::lockout::settings::{self, Federation};
use super::{View, account, first_sentence, joined, rule, session, written};

/// The eight steps with their verdicts, in order.
pub(super) fn walk(view: &View, finding: &Finding) -> Vec<Step> {
    let stop = view.step_of_code().map(|kind| stop_at(view, kind, finding));
    StepKind::ALL
        .into_iter()
        .map(|kind| {
            let own = match kind {
                StepKind::Request => request(view),
                StepKind::Account => account(view),
                StepKind::Lockout => lockout(view, finding),
                StepKind::PrimaryAuthentication => primary_authentication(view),
                StepKind::Session => session_step(view),
                StepKind::ConditionalAccess => conditional_access(view),
                StepKind::Controls => controls(view),
                StepKind::Token => token(view),
            };
            place(kind, own, stop, view, finding)
        })
        .collect()
}

/// The step that stopped the sign-in. The catalogue files blocks and unmet controls apart; a block found in the list of policies
/// moves the stop to Conditional Access whatever the code says.
fn stop_at(view: &View, by_code: StepKind, finding: &Finding) -> StepKind {
    match (by_code, finding.code.as_str()) {
        (StepKind::Controls, "CA-BLOCK") => StepKind::ConditionalAccess,
        (StepKind::ConditionalAccess, "CA-CONTROL-UNMET") if !view.deciding().is_empty() => StepKind::Controls,
        (step, _) => step,
    }
}

/// Puts the step's own account in its place before, at or behind the step that stopped the sign-in.
fn place(kind: StepKind, own: Step, stop: Option<StepKind>, view: &View, finding: &Finding) -> Step {
    let Some(stop) = stop else {
        let is_open = view.sign_in.error_code() != Some(0) && kind > StepKind::Account;
        return if is_open && own.verdict == StepVerdict::Passed && own.basis != Basis::Logged {
            Step { verdict: StepVerdict::Unknown, headline: "how far it came is not known".to_owned(), ..own }
        } else {
            own
        };
    };
    if kind == stop {
        let verdict = if view.is_step_of_longer() { StepVerdict::Interrupted } else { StepVerdict::Failed };
        let headline = match kind {
            StepKind::ConditionalAccess | StepKind::Controls if !view.deciding().is_empty() => own.headline,
            StepKind::Lockout => lock_words(view, finding),
            _ => view.code.map(|code| first_sentence(&code.meaning).to_owned()).unwrap_or(own.headline),
        };
        let mut evidence: Vec<Evidence> = finding
            .evidence
            .iter()
            .filter(|evidence| matches!(evidence.label.as_str(), "error code" | "failure reason"))
            .cloned()
            .collect();
        evidence.extend(own.evidence.into_iter().filter(|evidence| evidence.label != "error code"));
        return Step { verdict, headline, basis: finding.basis, evidence, ..own };
    }
    if kind > stop {
        let is_access = matches!(kind, StepKind::ConditionalAccess | StepKind::Controls);
        // A list of policies in a row that stopped earlier is worth keeping: the log evaluated them all the same.
        if is_access && !view.sign_in.applied_policies.list().is_empty() && own.verdict != StepVerdict::NotApplicable {
            return own;
        }
        if let Some(words) = undocumented_beyond(view, stop, kind) {
            return Step { verdict: StepVerdict::Unknown, headline: words.to_owned(), evidence: Vec::new(), ..own };
        }
        let headline = format!("not reached: it stopped at {}", stop.label());
        return Step {
            verdict: StepVerdict::NotReached,
            headline,
            basis: Basis::Inferred,
            evidence: Vec::new(),
            ..own
        };
    }
    own
}

/// What the log says of a lock, and how many wrong passwords came before it.
fn lock_words(view: &View, finding: &Finding) -> String {
    let before = view.episode().map(|episode| {
        let rule = match view.lockouts {
            Some(lockouts) if !lockouts.is_counted_here() => "who counts them is another".to_owned(),
            _ if episode.is_relock => "after an earlier lock one is enough".to_owned(),
            _ => threshold(view).0,
        };
        match episode.failures {
            0 => "; no wrong password comes before it in this log".to_owned(),
            1 => format!("; 1 wrong password came before it, {rule}"),
            several => format!("; {several} wrong passwords came before it, {rule}"),
        }
    });
    let before = before.unwrap_or_default();
    match finding.code.as_str() {
        "LCK-LOCKED" => format!("the account is locked, says the log's reason{before}"),
        "LCK-IP-BLOCK" => "the IP address is blocked, says the log's reason; that is no lock of the account".to_owned(),
        _ => format!("the account is locked or the IP address is blocked: the log does not say which{before}"),
    }
}

/// Why it is not known whether a later step was passed, although an earlier one stopped the sign-in.
fn undocumented_beyond(view: &View, stop: StepKind, kind: StepKind) -> Option<&'static str> {
    let code = view.sign_in.error_code()?;
    let is_factor = matches!(kind, StepKind::Lockout | StepKind::PrimaryAuthentication | StepKind::Session);
    match (stop, code) {
        // An account that does not exist has no password to check.
        (StepKind::Account, 50034 | 51004) => None,
        (StepKind::Account, 50057) if is_factor => Some("whether the password was checked first is not documented"),
        (StepKind::Account, _) if is_factor => Some("what came before is not in this log; the home tenant may have it"),
        // The question comes after the sign-in proper.
        (StepKind::Session, 50140) => Some("this row does not say; the question comes after the sign-in"),
        _ => None,
    }
}

fn step(
    kind: StepKind,
    verdict: StepVerdict,
    headline: impl Into<String>,
    basis: Basis,
    evidence: Vec<Evidence>,
) -> Step {
    Step { kind, verdict, headline: headline.into(), basis, evidence, because: None }
}

fn request(view: &View) -> Step {
    let sign_in = view.sign_in;
    let mut evidence = Vec::new();
    let mut note = |label: &str, pointer: &str, value: &Option<String>| {
        if let Some(value) = value.as_ref().filter(|value| *value != "none") {
            evidence.push(sign_in.evidence(label, pointer, value.clone()));
        }
    };
    note("client app", "/clientAppUsed", &sign_in.client_app_used);
    match &sign_in.app_display_name {
        Some(_) => note("application", "/appDisplayName", &sign_in.app_display_name),
        None => note("application id", "/appId", &sign_in.app_id),
    }
    match &sign_in.resource_display_name {
        Some(_) => note("resource", "/resourceDisplayName", &sign_in.resource_display_name),
        None => note("resource id", "/resourceId", &sign_in.resource_id),
    }
    note("IP address", "/ipAddress", &sign_in.ip_address);
    note("operating system", "/deviceDetail/operatingSystem", &sign_in.device.operating_system);
    note("browser", "/deviceDetail/browser", &sign_in.device.browser);
    note("protocol", "/authenticationProtocol", &sign_in.authentication_protocol);
    note("user agent", "/userAgent", &sign_in.user_agent);
    let place = sign_in.location.written();
    if let Some(place) = &place {
        evidence.push(sign_in.evidence("location", "/location", place.clone()));
    }
    let mut words = Vec::new();
    words.push(sign_in.client_app_used.clone().unwrap_or_else(|| match view.is_application() {
        true => "an application with its own credential".to_owned(),
        false => "a client that is not logged".to_owned(),
    }));
    if let Some(system) = &sign_in.device.operating_system {
        words.push(format!("on {system}"));
    }
    match (sign_in.app(), sign_in.resource()) {
        (Some(app), Some(resource)) if app != resource => words.push(format!("by {app} for {resource}")),
        (Some(app), _) => words.push(format!("for {app}")),
        (None, Some(resource)) => words.push(format!("for {resource}")),
        (None, None) => {}
    }
    if let Some(place) = place {
        words.push(format!("from {place}"));
    }
    step(StepKind::Request, StepVerdict::Passed, words.join(" "), Basis::Logged, evidence)
}

fn account(view: &View) -> Step {
    let sign_in = view.sign_in;
    let mut evidence = Vec::new();
    if let Some(name) = &sign_in.user_principal_name {
        evidence.push(sign_in.evidence("user", "/userPrincipalName", name));
    }
    if let Some(id) = &sign_in.user_id {
        evidence.push(sign_in.evidence("user id", "/userId", id));
    }
    if let Some(kind) = &sign_in.user_type {
        evidence.push(sign_in.evidence("user type", "/userType", kind));
    }
    if view.is_application() {
        let name = sign_in.service_principal_name.clone().unwrap_or_else(|| "an application".to_owned());
        evidence.push(sign_in.evidence("service principal", "/servicePrincipalName", &name));
        return step(
            StepKind::Account,
            StepVerdict::Passed,
            format!("the application {name} as itself"),
            Basis::Logged,
            evidence,
        );
    }
    let kind = match sign_in.user_type.as_deref() {
        Some("guest") => "a guest",
        Some("member") => "a member",
        _ => "an account",
    };
    let mut words = format!("{}, {kind}", sign_in.who());
    if let Some(user) = view.user() {
        if let Some(enabled) = user.account_enabled {
            evidence.push(user.origin.evidence("enabled in the snapshot", "/accountEnabled", enabled.to_string()));
            if !enabled {
                words.push_str(", disabled in the snapshot");
            }
        }
    } else if !view.snapshot.users.is_empty() {
        words.push_str(", not in the snapshot");
    }
    if let Some((clash, shown)) = account::in_step(view) {
        words.push_str("; ");
        words.push_str(&clash);
        evidence.extend(shown);
    }
    let basis = if sign_in.user_id.is_some() { Basis::Logged } else { Basis::Computed };
    step(StepKind::Account, StepVerdict::Passed, words, basis, evidence)
}

/// The threshold of smart lockout with its origin, in words.
fn threshold(view: &View) -> (String, Vec<Evidence>) {
    let setting = settings::threshold(view.tenant);
    let words = match setting.origin {
        settings::Origin::Default => format!("the lock comes after {} {}", setting.value, setting.from()),
        _ => format!("the lock comes after {} ({})", setting.value, setting.from()),
    };
    (words, setting.evidence.into_iter().collect())
}

/// Which of how many wrong passwords the sign-in is, and whether the lock came.
fn place_in_episode(view: &View) -> String {
    let Some((lockouts, episode)) = view.lockouts.zip(view.episode()) else { return String::new() };
    let bad: Vec<usize> = lockouts
        .rows(episode)
        .filter(|(number, row)| {
            row.class == AttemptClass::BadPassword && episode.lock.is_none_or(|lock| *number < lock)
        })
        .map(|(number, _)| number)
        .collect();
    let lock = episode.lock.and_then(|lock| lockouts.attempt(lock));
    match (view.attempt_number.and_then(|own| bad.iter().position(|number| *number == own)), lock) {
        (Some(_), None) if bad.len() == 1 => String::new(),
        (Some(at), None) => format!("; it is number {} of {} without a lock", at + 1, bad.len()),
        (Some(at), Some(lock)) => {
            format!("; it is number {} of {} before the lock of {}", at + 1, bad.len(), clock_of(lock.at))
        }
        (None, Some(lock)) if view.attempt_number.is_some_and(|own| episode.within_lock.contains(&own)) => {
            format!("; it comes after the lock of {}, sooner than a first lock lasts", clock_of(lock.at))
        }
        (None, Some(lock)) => format!("; it comes after the lock of {}", clock_of(lock.at)),
        (None, None) => String::new(),
    }
}

fn clock_of(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%H:%M:%SZ").to_string()
}

fn lockout(view: &View, finding: &Finding) -> Step {
    let kind = StepKind::Lockout;
    if view.is_application() || view.sign_in.gave_password() == Some(false) {
        let words = "no password was given on this row, so no counter was asked";
        return step(kind, StepVerdict::NotApplicable, words, Basis::Computed, Vec::new());
    }
    let judged_here = matches!(view.sign_in.error_code(), Some(50053 | 50126));
    let federation = settings::federation(view.tenant, view.sign_in.user_principal_name.as_deref());
    if let Some(Federation { evidence, .. }) = federation.as_ref().filter(|federation| federation.is_federated) {
        let evidence = evidence.clone();
        if judged_here && view.tenant.facts().auth_method.is_some() {
            let words =
                "a federation provider judges the passwords, says the operator, yet Entra judged this one: not known";
            return step(kind, StepVerdict::Unknown, words, Basis::Inferred, evidence);
        }
        if judged_here {
            let words = "the domain is federated, yet Entra judged this password (staged rollout?): not known";
            return step(kind, StepVerdict::Unknown, words, Basis::Inferred, evidence);
        }
        let words = "the federation provider checks the password, so Entra keeps no counter";
        return step(kind, StepVerdict::NotApplicable, words, Basis::Computed, evidence);
    }
    let (words, mut evidence) = threshold(view);
    // What the operator says of the way in settles only what a federated domain left open.
    evidence.extend(
        federation
            .filter(|_| settings::federated_domain(view.tenant, view.sign_in.user_principal_name.as_deref()).is_some())
            .into_iter()
            .flat_map(|found| found.evidence),
    );
    if finding.code == "CRED-BAD-PASSWORD" {
        let count = place_in_episode(view);
        let words = format!("no lock met this request; this wrong password may count, {words}{count}");
        return step(kind, StepVerdict::Passed, words, Basis::Inferred, evidence);
    }
    if let Some(code) = view.sign_in.error_code() {
        evidence.insert(0, view.sign_in.evidence("error code", "/status/errorCode", code.to_string()));
    }
    match view.sign_in.error_code() {
        None => step(kind, StepVerdict::Unknown, "the record carries no error code", Basis::Logged, evidence),
        Some(_) => {
            let passed = view.lockouts.zip(view.episode()).and_then(|(lockouts, episode)| {
                let (_, pass) = lockouts.passed_within_lock(episode).filter(|(_, pass)| pass.id == view.sign_in.id)?;
                let lock = episode.lock.and_then(|lock| lockouts.attempt(lock))?;
                Some(format!(
                    "it came through at {}, while the lock of {} should have lasted",
                    clock_of(pass.at),
                    clock_of(lock.at)
                ))
            });
            let words = passed.unwrap_or_else(|| "no lock met this request (a lock would be error 50053)".to_owned());
            step(kind, StepVerdict::Passed, words, Basis::Inferred, evidence)
        }
    }
}

fn primary_authentication(view: &View) -> Step {
    let kind = StepKind::PrimaryAuthentication;
    let sign_in = view.sign_in;
    if view.is_application() {
        let words = "the application's own secret, certificate or identity";
        let verdict = if view.is_success() { StepVerdict::Passed } else { StepVerdict::Unknown };
        return step(kind, verdict, words, Basis::Computed, Vec::new());
    }
    if view.is_silent() && view.sign_in.gave_password() != Some(true) {
        let mut evidence = vec![sign_in.evidence("interactive", "/isInteractive", "false")];
        let token = sign_in.incoming_token_type.as_deref().filter(|_| view.brought_a_token());
        evidence.extend(token.map(|token| sign_in.evidence("token presented", "/incomingTokenType", token)));
        let words = if view.brought_a_token() {
            "nobody was asked here: the client brought a token"
        } else {
            "nobody was asked here: a background request"
        };
        return step(kind, StepVerdict::NotApplicable, words, Basis::Logged, evidence);
    }
    let mut evidence = Vec::new();
    for (index, found) in view.sign_in.primary_steps() {
        let base = format!("/authenticationDetails/{index}");
        let method = found.method.clone().unwrap_or_else(|| "method not logged".to_owned());
        evidence.push(sign_in.evidence("method", &format!("{base}/authenticationMethod"), &method));
        if let Some(succeeded) = found.succeeded {
            evidence.push(sign_in.evidence("succeeded", &format!("{base}/succeeded"), succeeded.to_string()));
        }
        if let Some(detail) = &found.result_detail {
            evidence.push(sign_in.evidence("result", &format!("{base}/authenticationStepResultDetail"), detail));
        }
    }
    if let Some((_, found)) = view.sign_in.primary_steps().first() {
        let method = found.method.as_deref().unwrap_or("the first factor");
        if found.was_satisfied_earlier() {
            let words = if view.is_guest() {
                "not asked for here: the home tenant's word counts"
            } else {
                "not asked for: a token that the client brought stands for it"
            };
            return step(kind, StepVerdict::Passed, words, Basis::Logged, evidence);
        }
        if found.succeeded == Some(true) {
            let detail = found.method_detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default();
            return step(kind, StepVerdict::Passed, format!("{method}{detail} accepted"), Basis::Logged, evidence);
        }
    }
    match (view.code.and_then(|code| code.password_accepted), sign_in.error_code()) {
        (_, Some(0)) => {
            step(kind, StepVerdict::Passed, "accepted, or no token would have been issued", Basis::Computed, evidence)
        }
        (Some(true), _) => {
            step(kind, StepVerdict::Passed, "accepted: the error comes only after it", Basis::Inferred, evidence)
        }
        _ => step(
            kind,
            StepVerdict::Unknown,
            "the record does not say whether the first factor was accepted",
            Basis::Logged,
            evidence,
        ),
    }
}

fn session_step(view: &View) -> Step {
    let kind = StepKind::Session;
    let sign_in = view.sign_in;
    let mut evidence = Vec::new();
    for (index, policy) in sign_in.session_lifetime_policies.iter().enumerate() {
        let pointer = format!("/sessionLifetimePolicies/{index}/expirationRequirement");
        evidence.push(sign_in.evidence("required by", &pointer, &policy.requirement));
    }
    if let Some(token) = sign_in.incoming_token_type.as_ref().filter(|token| !token.eq_ignore_ascii_case("none")) {
        evidence.push(sign_in.evidence("token presented", "/incomingTokenType", token));
    }
    if let Some(id) = &sign_in.session_id {
        evidence.push(sign_in.evidence("session id", "/sessionId", id));
    }
    if view.is_application() {
        return step(kind, StepVerdict::NotApplicable, "applications have no sessions", Basis::Computed, evidence);
    }
    if let Some(found) = session_by_ledger(view, &evidence) {
        return found;
    }
    let rules: Vec<String> =
        sign_in.session_lifetime_policies.iter().map(|policy| lifetime_rule(&policy.requirement).to_owned()).collect();
    if !rules.is_empty() {
        let words = format!("a new authentication was required, by {}", joined(&rules));
        return step(kind, StepVerdict::NotApplicable, words, Basis::Logged, evidence);
    }
    let steps = sign_in.authentication_details.as_deref();
    if steps.is_some_and(|steps| steps.iter().any(AuthenticationStep::was_satisfied_earlier)) {
        return step(
            kind,
            StepVerdict::Passed,
            "a token that the client brought was accepted",
            Basis::Logged,
            evidence,
        );
    }
    if view.brought_a_token() && view.is_success() {
        return step(
            kind,
            StepVerdict::Passed,
            "the token that the client brought was accepted",
            Basis::Computed,
            evidence,
        );
    }
    match steps {
        Some([_, ..]) => {
            let words = "the first factor was given now; the record names no earlier session";
            step(kind, StepVerdict::NotApplicable, words, Basis::Inferred, evidence)
        }
        _ => step(
            kind,
            StepVerdict::Unknown,
            "the record does not say whether an earlier session was used",
            Basis::Logged,
            evidence,
        ),
    }
}

/// What the ledger says of the session: why the user was asked, or which session served and where its end moved.
fn session_by_ledger(view: &View, evidence: &[Evidence]) -> Option<Step> {
    let (ledger, row) = (view.ledger?, view.row?);
    let mut evidence = evidence.to_vec();
    if let Some(prompt) = ledger.prompt_of(row) {
        evidence.extend(prompt.evidence.iter().cloned());
        let found = step(StepKind::Session, StepVerdict::NotApplicable, &prompt.headline, prompt.basis, evidence);
        return Some(Step { because: ledger.id_of(prompt.because), ..found });
    }
    let this = ledger.row(row)?;
    let session = ledger.session_of(row).filter(|_| this.moves_clocks() && view.is_success())?;
    let before = session
        .uses
        .iter()
        .rev()
        .copied()
        .find(|number| *number < row && ledger.row(*number).is_some_and(session::Use::moves_clocks))?;
    let earlier = ledger.row(before)?;
    let since = session::in_words(this.at - earlier.at);
    let mut words = format!("the session served: used {since} before, at {}", written(earlier.at));
    let idle = session.clocks.iter().find(|clock| clock.kind == session::ClockKind::Idle && clock.assuming.is_empty());
    if let Some(clock) = idle {
        words.push_str(&format!(
            "; its end without further use moved from {} to {}",
            written(earlier.at + clock.limit),
            written(this.at + clock.limit)
        ));
    }
    let found = step(StepKind::Session, StepVerdict::Passed, words, session.basis, evidence);
    Some(Step { because: Some(earlier.id.clone()), ..found })
}

/// The session rule that Graph's word names (Graph `sessionLifetimePolicy`, beta).
fn lifetime_rule(word: &str) -> &str {
    match word {
        "rememberMultifactorAuthenticationOnTrustedDevices" => "remember MFA on trusted devices",
        "tenantTokenLifetimePolicy" => "the tenant's token lifetime policy",
        "audienceTokenLifetimePolicy" => "the application's token lifetime policy",
        "signInFrequencyPeriodicReauthentication" => "sign-in frequency",
        "signInFrequencyEveryTime" => "sign-in frequency, every time",
        "ngcMfa" => "MFA by Windows Hello",
        other => other,
    }
}

fn conditional_access(view: &View) -> Step {
    let kind = StepKind::ConditionalAccess;
    let mut evidence = Vec::new();
    if let Some(status) = view.status() {
        evidence.push(view.sign_in.evidence("Conditional Access", "/conditionalAccessStatus", status.word()));
    }
    let deciding = view.deciding();
    evidence.extend(deciding.iter().filter_map(|policy| {
        let first = policy.evidence.first()?;
        Some(Evidence { label: policy.display_name.clone(), ..first.clone() })
    }));
    let basis = if deciding.iter().any(|policy| policy.logged.is_none()) { Basis::Computed } else { Basis::Logged };
    let named = joined(&deciding.iter().map(|policy| format!("“{}”", policy.display_name)).collect::<Vec<_>>());
    let blocks =
        deciding.iter().any(|policy| policy.grant_controls.iter().any(|c| c.to_ascii_lowercase().contains("block")));
    if view.is_handed_off() {
        let words = match deciding.is_empty() {
            true => "refused, by a policy that the record does not name; handed to Exchange".to_owned(),
            false => format!("{named} = {}, handed to Exchange", if blocks { "block" } else { "not met" }),
        };
        return step(kind, StepVerdict::HandedOff, words, basis, evidence);
    }
    // The step says what the log says: a policy that is not met is a failure there, also while its control is being asked for.
    let unmet = if view.is_step_of_longer() { StepVerdict::Interrupted } else { StepVerdict::Failed };
    if !deciding.is_empty() {
        let words =
            if blocks { format!("{named} = block") } else { format!("{named} applied and was not met on this row") };
        return step(kind, unmet, words, basis, evidence);
    }
    let not_met: Vec<&PolicyAnswer> = view.policies.iter().filter(|policy| policy.part == PolicyPart::NotMet).collect();
    if !not_met.is_empty() {
        evidence.extend(not_met.iter().filter_map(|policy| {
            let first = policy.evidence.first()?;
            Some(Evidence { label: policy.display_name.clone(), ..first.clone() })
        }));
        let names: Vec<String> = not_met.iter().map(|policy| format!("“{}”", policy.display_name)).collect();
        let words = format!("{} applied and not met on this row", joined(&names));
        return step(kind, unmet, words, Basis::Logged, evidence);
    }
    let applied = applied(view);
    match view.status() {
        Some(ConditionalAccessStatus::Success) if !applied.is_empty() => {
            let words = match applied.as_slice() {
                [one] => format!("“{}” applied", one.display_name),
                [one, two] => format!("“{}” and “{}” applied", one.display_name, two.display_name),
                [first, rest @ ..] => format!("“{}” and {} more policies applied", first.display_name, rest.len()),
                [] => String::new(),
            };
            step(kind, StepVerdict::Passed, words, Basis::Logged, evidence)
        }
        Some(ConditionalAccessStatus::Success) if view.hides_policies() => step(
            kind,
            StepVerdict::Passed,
            "success, says the log; it does not list the policies",
            Basis::Logged,
            evidence,
        ),
        Some(ConditionalAccessStatus::Success) => {
            step(kind, StepVerdict::Passed, "policies were evaluated and none applied", Basis::Logged, evidence)
        }
        Some(ConditionalAccessStatus::NotApplied) => {
            step(kind, StepVerdict::NotApplicable, "no policy applied", Basis::Logged, evidence)
        }
        Some(ConditionalAccessStatus::Failure) => {
            let words = "failure, says the log; it does not say by which policy";
            step(kind, unmet, words, Basis::Logged, evidence)
        }
        Some(ConditionalAccessStatus::Other(word)) => {
            let words = format!("the log says “{word}”, which this program does not know");
            step(kind, StepVerdict::Unknown, words, Basis::Logged, evidence)
        }
        None => step(
            kind,
            StepVerdict::Unknown,
            "the record does not say what Conditional Access did",
            Basis::Logged,
            evidence,
        ),
    }
}

/// The policies that the log says applied and were met.
fn applied<'a>(view: &'a View) -> Vec<&'a PolicyAnswer> {
    view.policies.iter().filter(|policy| policy.logged.as_deref() == Some(PolicyResult::Success.word())).collect()
}

fn controls(view: &View) -> Step {
    let kind = StepKind::Controls;
    let deciding = view.deciding();
    let is_block =
        |policy: &&PolicyAnswer| policy.grant_controls.iter().any(|c| c.to_ascii_lowercase().contains("block"));
    let demands = |policies: &[&PolicyAnswer]| -> Vec<String> {
        let mut words: Vec<String> = policies
            .iter()
            .flat_map(|policy| policy.grant_controls.iter().map(|control| rule::control_name(control)))
            .collect();
        words.sort();
        words.dedup();
        words
    };
    let grant_evidence = |policies: &[&PolicyAnswer]| -> Vec<Evidence> {
        policies
            .iter()
            .flat_map(|policy| policy.evidence.iter().filter(|evidence| evidence.label == "grant controls"))
            .cloned()
            .collect()
    };
    let basis = if deciding.iter().any(|policy| policy.logged.is_none()) { Basis::Computed } else { Basis::Logged };
    if deciding.iter().any(is_block) {
        return step(kind, StepVerdict::NotApplicable, "a block asks for nothing", basis, grant_evidence(&deciding));
    }
    if !deciding.is_empty() {
        let verdict = match (view.is_handed_off(), view.is_step_of_longer()) {
            (true, _) => StepVerdict::HandedOff,
            (_, true) => StepVerdict::Interrupted,
            _ => StepVerdict::Failed,
        };
        let (missing, mut evidence) = missing_controls(&deciding);
        if !missing.is_empty() {
            evidence.extend(grant_evidence(&deciding));
            let words: Vec<String> = missing
                .iter()
                .map(|(control, seen)| if seen.is_empty() { control.clone() } else { format!("{control} ({seen})") })
                .collect();
            return step(kind, verdict, format!("not met: {}", joined(&words)), Basis::Logged, evidence);
        }
        let mut demanded = demands(&deciding);
        if demanded.is_empty() {
            demanded = deciding.iter().map(|policy| policy.demand.clone()).filter(|words| !words.is_empty()).collect();
        }
        let words = format!("not met: {}", joined(&demanded));
        return step(kind, verdict, words, Basis::Logged, grant_evidence(&deciding));
    }
    let met = applied(view);
    let demanded = demands(&met);
    if !demanded.is_empty() {
        let mut evidence = grant_evidence(&met);
        if let Some(details) = &view.sign_in.status.additional_details {
            evidence.push(view.sign_in.evidence("details", "/status/additionalDetails", details));
        }
        return step(kind, StepVerdict::Passed, format!("met: {}", joined(&demanded)), Basis::Logged, evidence);
    }
    let is_open = view.policies.iter().any(|policy| policy.part == PolicyPart::Undecided) && view.hides_policies();
    match view.status() {
        Some(ConditionalAccessStatus::Failure) | None => {
            step(kind, StepVerdict::Unknown, "the record does not say what was demanded", Basis::Logged, Vec::new())
        }
        _ if is_open || view.hides_policies() => {
            step(kind, StepVerdict::Unknown, "the record does not list what was demanded", Basis::Logged, Vec::new())
        }
        _ => step(kind, StepVerdict::NotApplicable, "no policy demanded anything", Basis::Logged, Vec::new()),
    }
}

/// The controls of deciding policies that the record shows were not met, each once with the words for what shows it.
pub(super) fn missing_controls(deciding: &[&PolicyAnswer]) -> (Vec<(String, String)>, Vec<Evidence>) {
    let mut missing: Vec<(String, String)> = Vec::new();
    let mut evidence = Vec::new();
    let controls = deciding.iter().flat_map(|policy| &policy.controls);
    for answer in controls.filter(|answer| answer.verdict == Verdict::No) {
        let found = (answer.control.clone(), answer.seen.clone());
        if !missing.contains(&found) {
            missing.push(found);
            evidence.extend(answer.evidence.iter().cloned());
        }
    }
    (missing, evidence)
}

fn token(view: &View) -> Step {
    let kind = StepKind::Token;
    let sign_in = view.sign_in;
    let mut evidence = Vec::new();
    if let Some(id) = sign_in.unique_token_identifier.as_ref().filter(|_| view.is_success()) {
        evidence.push(sign_in.evidence("token id", "/uniqueTokenIdentifier", id));
    }
    if let Some(code) = sign_in.error_code() {
        evidence.push(sign_in.evidence("error code", "/status/errorCode", code.to_string()));
    }
    match sign_in.error_code() {
        Some(0) if view.is_handed_off() => {
            step(kind, StepVerdict::Passed, "issued, tagged with the block for Exchange", Basis::Logged, evidence)
        }
        Some(0) => step(kind, StepVerdict::Passed, "issued", Basis::Logged, evidence),
        Some(_) => step(kind, StepVerdict::NotReached, "none was issued", Basis::Logged, evidence),
        None => step(kind, StepVerdict::Unknown, "the record does not say", Basis::Logged, evidence),
    }
}
