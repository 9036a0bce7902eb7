//! Says what is missing: from a record, and from the evidence as a whole.

use crate::domain::Holdings;
use crate::domain::holdings::Hole;
use crate::domain::lockout::AttemptClass;
use crate::domain::sign_in::{ConditionalAccessStatus, EventKind, PoliciesLost};
use crate::domain::snapshot::{Collection, Snapshot};

use super::access::Tenant;
use super::explanation::{Finding, Gap, PolicyPart};
use super::lockout::{Episode, Standing, Strength};
use super::{View, catalogue, joined, version};

/// What is missing for the explanation of one sign-in.
pub(super) fn of_sign_in(view: &View, finding: &Finding) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let logged = view.sign_in.applied_policies.list();
    let asks_for_policies = !matches!(view.status(), Some(ConditionalAccessStatus::NotApplied));
    if logged.is_empty() && asks_for_policies && !stopped_before_policies(view) {
        if view.sign_in.policies_lost == Some(PoliciesLost::Cut) {
            gaps.push(cut_list());
        } else if view.shape_has_no_policies() {
            gaps.push(catalogue::gap("GAP-POLICY-LIST-SHAPE"));
            if view.status().is_none() && !view.sign_in.location.is_reported {
                gaps.push(catalogue::gap("GAP-ACCESS-RESULT"));
            }
        } else if view.hides_policies() {
            gaps.push(catalogue::gap("GAP-POLICY-LIST"));
        }
    }
    if !logged.is_empty() && view.lists_some() {
        gaps.push(list_in_pieces());
    }
    let mut add = |code: &str| gaps.push(catalogue::gap(code));
    if !logged.is_empty()
        && logged
            .iter()
            .all(|policy| policy.conditions_satisfied.is_none() && policy.conditions_not_satisfied.is_none())
    {
        add("GAP-POLICY-REASONS");
    }
    if view.snapshot.is_empty() {
        add("GAP-SNAPSHOT");
    } else if !view.snapshot.present.contains(&Collection::Policies) {
        add("GAP-POLICIES");
    }
    gaps.extend(version::gap(view));
    let mut add = |code: &str| gaps.push(catalogue::gap(code));
    if view.sign_in.authentication_details.is_none() && !view.is_silent() {
        add("GAP-AUTHENTICATION-DETAILS");
    }
    let family = finding.code.split('-').next().unwrap_or("");
    if matches!(family, "SES" | "LCK") && !view.holds.non_interactive {
        add("GAP-NON-INTERACTIVE");
    }
    let knows_threshold = view.snapshot.password_rules.is_some() || view.tenant.facts().lockout_threshold.is_some();
    if AttemptClass::of(view.sign_in) == AttemptClass::LockUnknown {
        add("GAP-LOCK-REASON");
    }
    if (family == "LCK" || finding.code == "CRED-BAD-PASSWORD") && !knows_threshold {
        add("GAP-LOCKOUT-SETTINGS");
    }
    let is_open = |episode: &&Episode| matches!(episode.standing, Standing::Excess | Standing::NoLockInExcess);
    let is_proved = |episode: &Episode| episode.counters.iter().all(|counter| counter.strength == Strength::Proved);
    if view.episode().filter(is_open).is_some_and(|episode| !is_proved(episode)) {
        add("GAP-SERVER-HEADER");
    }
    let knows_setting = match view.ledger {
        Some(ledger) => ledger.setting.is_shown.is_some(),
        None => view.snapshot.branding.is_some(),
    };
    let is_told = view.prompt().is_some_and(|prompt| prompt.code == finding.code);
    if (family == "SES" && !is_told || view.sign_in.error_code() == Some(50140)) && !knows_setting {
        add("GAP-STAY-SIGNED-IN");
    }
    for code in view.prompt().filter(|_| is_told).iter().flat_map(|prompt| prompt.gaps.iter()) {
        if !gaps.iter().any(|known| known.code == *code) {
            gaps.push(catalogue::gap(code));
        }
    }
    if finding.basis == super::explanation::Basis::Inferred && finding.code == "CA-EAS-HANDOFF" {
        gaps.push(catalogue::gap("GAP-SAME-TENANT"));
    }
    if computed_unknown(view, "locations") {
        gaps.push(catalogue::gap("GAP-TRUSTED-IPS"));
    }
    gaps.extend(policy_not_in_snapshot(view));
    gaps.extend(membership(view));
    gaps.extend(hole_at(view));
    gaps
}

/// A list of policies that breaks off, of which nothing is read.
fn cut_list() -> Gap {
    let gap = catalogue::gap("GAP-POLICY-LIST");
    Gap {
        missing: "the list of policies, which breaks off in this record".to_owned(),
        limits: "Which policy acted is not known: the list was cut, as Excel cuts cells at 32,767 characters."
            .to_owned(),
        ask: format!("The CSV as it was downloaded, not opened and saved by Excel. Or better: {}", gap.ask),
        ..gap
    }
}

/// A list of policies of which the rest may stand in rows that are not there.
fn list_in_pieces() -> Gap {
    let gap = catalogue::gap("GAP-POLICY-LIST");
    Gap {
        missing: "the rest of the list of policies: this record has one policy a row, or only some of them".to_owned(),
        limits: "Policies that stand in none of the rows may have acted as well.".to_owned(),
        ask: format!("The query without `mv-expand` and without choosing among the policies. Or better: {}", gap.ask),
        ..gap
    }
}

/// The holes of the other logs that the sign-in falls into: what its client or its person did then is not in the evidence.
fn hole_at(view: &View) -> Option<Gap> {
    let at = view.sign_in.created?.timestamp_millis();
    let is_of_people = |hole: &Hole| matches!(hole.kind, EventKind::Interactive | EventKind::NonInteractive);
    let holes = view.holds.holes.into_iter().flatten().filter(|hole| hole.contains(at) && is_of_people(hole));
    holes_gap(&holes.collect::<Vec<Hole>>()).filter(|_| !view.is_application())
}

/// What no file covers between others that do.
fn holes_gap(holes: &[Hole]) -> Option<Gap> {
    let words: Vec<String> =
        holes.iter().map(|hole| format!("{} between {}", log_name(hole.kind), hole.written())).collect();
    (!words.is_empty()).then(|| {
        let gap = catalogue::gap("GAP-HOLE");
        Gap { missing: format!("{}: no file covers {}", gap.missing, joined(&words)), ..gap }
    })
}

fn log_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Interactive => "the interactive sign-ins",
        EventKind::NonInteractive => "the non-interactive sign-ins",
        EventKind::ServicePrincipal => "the sign-ins of service principals",
        EventKind::ManagedIdentity => "the sign-ins of managed identities",
        EventKind::Unknown => "the sign-ins",
    }
}

/// Whether the sign-in ended before policies were evaluated, so that an empty list is what one expects.
fn stopped_before_policies(view: &View) -> bool {
    view.step_of_code().is_some_and(|step| step < super::StepKind::ConditionalAccess)
        && view.status() != Some(&ConditionalAccessStatus::Failure)
}

/// Policies that acted and whose text the snapshot lacks.
fn policy_not_in_snapshot(view: &View) -> Option<Gap> {
    if !view.snapshot.present.contains(&Collection::Policies) {
        return None;
    }
    let missing: Vec<String> = view
        .policies
        .iter()
        .filter(|policy| {
            matches!(policy.part, PolicyPart::Decided | PolicyPart::NotMet | PolicyPart::Matched)
                && policy.state.is_none()
                // The log lists security defaults like a policy; they are none that an export could hold.
                && !policy.id.eq_ignore_ascii_case("SecurityDefaults")
        })
        .map(|policy| format!("“{}”", policy.display_name))
        .collect();
    (!missing.is_empty()).then(|| {
        let gap = catalogue::gap("GAP-POLICY-NOT-IN-SNAPSHOT");
        Gap { missing: format!("{}: {}", gap.missing, joined(&missing)), ..gap }
    })
}

/// Groups whose members the snapshot lacks, where something was computed from them.
fn membership(view: &View) -> Option<Gap> {
    computed_unknown(view, "users").then(|| catalogue::gap("GAP-MEMBERSHIP"))
}

/// Whether a condition of a computed policy could not be decided for lack of something in the snapshot.
fn computed_unknown(view: &View, condition: &str) -> bool {
    let computed = view.policies.iter().filter(|policy| policy.computed.is_some());
    let mut answers = computed.flat_map(|policy| policy.conditions.iter());
    answers.any(|answer| answer.condition == condition && answer.verdict == crate::domain::Verdict::UnknownData)
}

/// What is missing from the evidence as a whole.
pub fn of_evidence(holds: &Holdings, tenant: &Tenant) -> Vec<Gap> {
    let snapshot = tenant.snapshot();
    let mut gaps = Vec::new();
    let mut add = |code: &str| gaps.push(catalogue::gap(code));
    let has_sign_ins = holds.first.is_some() || holds.interactive || holds.non_interactive || holds.applications;
    if !has_sign_ins {
        add("GAP-SIGN-INS");
    } else if !holds.non_interactive {
        add("GAP-NON-INTERACTIVE");
    }
    if holds.more_pages {
        add("GAP-MORE-PAGES");
    }
    if holds.unreadable {
        add("GAP-UNREADABLE");
    }
    let mut holes: Vec<Hole> = holds.holes.into_iter().flatten().collect();
    holes.sort_by_key(|hole| hole.from);
    gaps.extend(holes_gap(&holes));
    let mut add = |code: &str| gaps.push(catalogue::gap(code));
    if snapshot.is_empty() {
        add("GAP-SNAPSHOT");
        return gaps;
    }
    let present = |collection: Collection| snapshot.present.contains(&collection);
    if !present(Collection::Policies) {
        add("GAP-POLICIES");
    }
    if names_groups(snapshot) && !present(Collection::GroupMembers) {
        add("GAP-MEMBERSHIP");
    }
    if asks_for_unknown_strength(snapshot) {
        add("GAP-STRENGTHS");
    }
    if !present(Collection::DirectorySettings) && tenant.facts().lockout_threshold.is_none() {
        add("GAP-LOCKOUT-SETTINGS");
    }
    if !present(Collection::Branding) {
        add("GAP-STAY-SIGNED-IN");
    }
    gaps
}

fn names_groups(snapshot: &Snapshot) -> bool {
    snapshot.policies.iter().any(|policy| {
        let users = &policy.conditions.users;
        !users.include_groups.is_empty() || !users.exclude_groups.is_empty()
    })
}

fn asks_for_unknown_strength(snapshot: &Snapshot) -> bool {
    snapshot.policies.iter().filter_map(|policy| policy.grant.as_ref()?.strength.as_ref()).any(|strength| {
        strength.allowed_combinations.is_empty()
            && !snapshot.authentication_strengths.iter().any(|known| known.id.eq_ignore_ascii_case(&strength.id))
    })
}
