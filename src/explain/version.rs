//! Says which version of a policy stood at the time of a sign-in, what is different in the snapshot, and who was in which group then.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::domain::history::{Change, InForce, Membership, Standing, TAKES_EFFECT, Version, What};
use crate::domain::policy::{Policy, PolicyState};
use crate::domain::sign_in::ConditionalAccessStatus;
use crate::domain::snapshot::Collection;
use crate::domain::{Evidence, Snapshot};

use super::access::{Tenant, Then};
use super::explanation::{Basis, Gap, Note, PolicyAnswer, PolicyPart, PolicyVersion};
use super::note::note;
use super::rule::policy_text;
use super::{View, catalogue, quoted, written};

/// How many policies of one kind are named in a note.
const MOST_NAMED: usize = 3;

/// The version of a policy that stood then; nothing where it is the snapshot's own or nothing is known.
pub(super) fn version_of(tenant: &Tenant, id: &str) -> Option<PolicyVersion> {
    let then = tenant.then()?;
    let held = then.exported.policy(id);
    match then.policy(id) {
        InForce::Text(standing) => Some(PolicyVersion {
            basis: if standing.is_sure { Basis::Logged } else { Basis::Inferred },
            since: standing.since,
            text: told(&standing, then, held),
            differences: since_then(&standing, then, held, tenant),
            evidence: evidence(&standing),
        }),
        InForce::Unread(change) => Some(PolicyVersion {
            basis: Basis::Inferred,
            since: None,
            text: format!("not known: the text around the change {} is not in the evidence", at_by(change)),
            differences: Vec::new(),
            evidence: vec![change.evidence()],
        }),
        InForce::Snapshot | InForce::Absent(_) | InForce::NotReached => None,
    }
}

/// Whether the snapshot's text is younger than the one that stood, so that it shows what became of it.
fn is_younger(standing: &Standing<'_, Policy>, then: &Then, held: &Policy) -> bool {
    match (held.modified.or(held.created), standing.since) {
        (Some(held), Some(since)) => held > since,
        _ => then.exported.history.taken_at.is_none_or(|taken| taken > then.at),
    }
}

/// Whether the policy was deleted after the time: a change says so, or a later snapshot that lists all policies lacks it.
fn was_deleted(then: &Then, id: &str) -> bool {
    let history = &then.exported.history;
    let deletes =
        |change: &Change| change.at > then.at && matches!(&change.what, What::Policy { after: Version::Absent, .. });
    history.changes_of_policy(id).any(deletes)
        || then.exported.has_all(Collection::Policies) && history.taken_at.is_none_or(|taken| taken > then.at)
}

/// What became of the text since.
fn since_then(standing: &Standing<'_, Policy>, then: &Then, held: Option<&Policy>, tenant: &Tenant) -> Vec<String> {
    match held {
        Some(held) if is_younger(standing, then, held) => differences(standing.text, held, tenant),
        Some(_) => Vec::new(),
        None if was_deleted(then, &standing.text.id) => vec!["it was deleted since".to_owned()],
        None => Vec::new(),
    }
}

/// Which version stood, in words.
fn told(standing: &Standing<'_, Policy>, then: &Then, held: Option<&Policy>) -> String {
    let until = standing.change.filter(|change| change.at > then.at);
    let version = match (standing.change.filter(|change| change.at <= then.at), standing.since) {
        (Some(change), _) => format!("the version saved {}", at_by(change)),
        (None, Some(since)) => format!("the version of {}", written(since)),
        (None, None) => "the version from before".to_owned(),
    };
    let until = until.map(|change| format!(", until the change {}", at_by(change))).unwrap_or_default();
    let snapshot = match held {
        Some(held) if is_younger(standing, then, held) => "; the snapshot has a newer one",
        Some(_) => "; the snapshot has an older one",
        None if was_deleted(then, &standing.text.id) => "; the snapshot has it no more",
        None => "",
    };
    match standing.is_sure {
        true => format!("{version}{until}{snapshot}"),
        false => format!(
            "not certain; the nearest known is {version}{until}{snapshot}, and no log reaches over the time between"
        ),
    }
}

/// When and by whom.
fn at_by(change: &Change) -> String {
    match (&change.by, change.since) {
        (_, Some(since)) => format!("between the snapshots of {} and {}", written(since), written(change.at)),
        (Some(by), None) => format!("at {} by {by}", written(change.at)),
        (None, None) => format!("at {}", written(change.at)),
    }
}

fn evidence(standing: &Standing<'_, Policy>) -> Vec<Evidence> {
    let of_change = standing.change.map(Change::evidence);
    let modified = standing.text.modified;
    let of_text = modified.map(|at| standing.text.evidence("version of", "/modifiedDateTime", written(at)));
    of_change.into_iter().chain(of_text).collect()
}

/// What is different between two versions of a policy: each line as it was and as it is.
pub fn differences(before: &Policy, after: &Policy, tenant: &Tenant) -> Vec<String> {
    let lines = |policy: &Policy| {
        let state = format!("state: {}", state_words(&policy.state));
        let name = format!("name: {}", policy.display_name);
        let mut lines = vec![name, state];
        lines.extend(policy_text(policy, tenant));
        lines
    };
    let (then, now) = (lines(before), lines(after));
    let label = |line: &str| line.split_once(": ").map_or("", |(label, _)| label).to_owned();
    let gone: Vec<&String> = then.iter().filter(|line| !now.contains(line)).collect();
    let come: Vec<&String> = now.iter().filter(|line| !then.contains(line)).collect();
    let mut told = Vec::new();
    let mut matched = HashSet::new();
    for line in gone {
        let partner =
            come.iter().enumerate().find(|(place, other)| !matched.contains(place) && label(other) == label(line));
        match partner {
            Some((place, other)) => {
                matched.insert(place);
                let (_, now) = other.split_once(": ").unwrap_or(("", other));
                told.push(format!("{line} → now {now}"));
            }
            None => told.push(format!("{line} → now not set")),
        }
    }
    let rest = come.into_iter().enumerate().filter(|(place, _)| !matched.contains(place));
    told.extend(rest.map(|(_, line)| {
        let (label, now) = line.split_once(": ").unwrap_or(("", line));
        format!("{label}: not set → now {now}")
    }));
    told
}

fn state_words(state: &PolicyState) -> &str {
    match state {
        PolicyState::Enabled => "on",
        PolicyState::Disabled => "off",
        PolicyState::ReportOnly => "report-only",
        PolicyState::Other(word) => word,
        PolicyState::Missing => "not said",
    }
}

/// Whether what a policy says matters to how the sign-in ended. Where it was refused, what a text of then rules out matters too.
fn matters(view: &View, answer: &PolicyAnswer) -> bool {
    let may_apply = matches!(
        answer.part,
        PolicyPart::Decided | PolicyPart::NotMet | PolicyPart::Matched | PolicyPart::WouldApply | PolicyPart::Undecided
    );
    may_apply || answer.version.is_some() && view.status() == Some(&ConditionalAccessStatus::Failure)
}

/// What is to be said of the time of a sign-in against the time of the snapshot.
pub(super) fn notes(view: &View) -> Vec<Note> {
    let Some(at) = view.sign_in.created else { return Vec::new() };
    let mut notes = Vec::new();
    for answer in
        view.policies.iter().filter(|answer| matters(view, answer) && answer.version.is_some()).take(MOST_NAMED)
    {
        let Some(version) = &answer.version else { continue };
        let text = format!("{} in force: {}.", quoted(&answer.display_name), version.text);
        notes.push(Note { evidence: version.evidence.clone(), ..note("CA-POLICY-IN-FORCE", text) });
    }
    if let Some(then) = view.tenant.then() {
        notes.extend(absent(then));
        notes.extend(named_locations(view, then));
        notes.extend(memberships(view, then));
        notes.extend(settings(view, then));
    }
    notes.extend(just_changed(view, at));
    notes.extend(not_reached(view, at));
    notes
}

/// Policies that the snapshot has and that did not exist then.
fn absent(then: &Then) -> Vec<Note> {
    let told = then.exported.policies.iter().filter_map(|policy| match then.policy(&policy.id) {
        InForce::Absent(Some(change)) if change.at > then.at => {
            let text = format!(
                "{} was made {}, after this sign-in: it is left out.",
                quoted(&policy.display_name),
                at_by(change)
            );
            Some(Note { evidence: vec![change.evidence()], ..note("CA-POLICY-IN-FORCE", text) })
        }
        InForce::Absent(Some(change)) => {
            let text = format!(
                "{} was deleted {}, before this sign-in: it is left out.",
                quoted(&policy.display_name),
                at_by(change)
            );
            Some(Note { evidence: vec![change.evidence()], ..note("CA-POLICY-IN-FORCE", text) })
        }
        InForce::Absent(None) => {
            let made = policy.created.map(written).unwrap_or_default();
            let text =
                format!("{} was made at {made}, after this sign-in: it is left out.", quoted(&policy.display_name));
            let evidence = vec![policy.evidence("made", "/createdDateTime", made)];
            Some(Note { evidence, ..note("CA-POLICY-IN-FORCE", text) })
        }
        _ => None,
    });
    told.take(MOST_NAMED).collect()
}

/// Named locations that policies which matter name, and that were others then.
fn named_locations(view: &View, then: &Then) -> Vec<Note> {
    let policies = view.policies.iter().filter(|answer| matters(view, answer) || answer.part == PolicyPart::NotMatched);
    let policies = policies.filter_map(|answer| view.snapshot.policy(&answer.id)?.conditions.locations.as_ref());
    let named: HashSet<&String> = policies.flat_map(|places| places.include.iter().chain(&places.exclude)).collect();
    let mut named: Vec<&String> = named.into_iter().collect();
    named.sort();
    let told = named.into_iter().filter_map(|id| {
        let held = then.exported.named_location(id);
        let name = view.snapshot.named_location(id).or(held).map_or(id.as_str(), |place| place.display_name.as_str());
        let (how, change) = match then.named_location(id) {
            InForce::Text(Standing { change, is_sure: false, .. }) => {
                ("may have been another then, and no log reaches over all of the time".to_owned(), change)
            }
            InForce::Text(Standing { change, since, .. }) => {
                let how = match (change, since) {
                    (Some(change), _) => format!("changed {}", at_by(change)),
                    (None, Some(since)) => format!("the version of {} stood", written(since)),
                    (None, None) => "an older version stood".to_owned(),
                };
                (format!("was another then: {how}"), change)
            }
            InForce::Absent(Some(change)) => {
                (format!("did not exist then: {} {}", change.activity.to_lowercase(), at_by(change)), Some(change))
            }
            InForce::Unread(change) => (format!("may have been another then: changed {}", at_by(change)), Some(change)),
            InForce::NotReached => {
                let held = held.filter(|_| is_open_location(then, id))?;
                let modified = held.modified.map(written).unwrap_or_default();
                let text = format!(
                    "The named location {} was changed at {modified}, after this sign-in: it may have been another then.",
                    quoted(name)
                );
                let evidence = vec![held.origin.evidence("changed", "/modifiedDateTime", modified)];
                return Some(Note { evidence, ..note("CA-POLICY-CHANGED-SINCE", text) });
            }
            InForce::Absent(None) | InForce::Snapshot => return None,
        };
        let text = format!("The named location {} {how}.", quoted(name));
        Some(Note { evidence: change.map(Change::evidence).into_iter().collect(), ..note("CA-POLICY-IN-FORCE", text) })
    });
    told.take(MOST_NAMED).collect()
}

/// Groups and roles in which the user, or a group around the user, was then and is not now, or the reverse.
fn memberships(view: &View, then: &Then) -> Vec<Note> {
    let user = view.tenant.user(view.sign_in.user_id.as_deref(), view.sign_in.user_principal_name.as_deref());
    let id = user.map(|user| user.id.as_str()).or(view.sign_in.user_id.as_deref()).unwrap_or_default();
    let name = view.sign_in.user_principal_name.as_deref().unwrap_or_default();
    let around = view.tenant.groups_around(id);
    let who = |membership: &Membership| {
        if membership.member.is(id, name) {
            return Some("The user".to_owned());
        }
        let group = around.get(&membership.member.id.to_ascii_lowercase())?;
        Some(format!("The group {}, which the user is in,", quoted(group)))
    };
    let own = then.memberships().filter_map(|(membership, was_in, is_sure, change)| {
        let who = who(membership)?;
        let kind = if membership.is_role { "role" } else { "group" };
        let holder = match view.tenant.group(&membership.holder.id).filter(|_| !membership.is_role) {
            Some(group) if !group.display_name.is_empty() => group.display_name.as_str(),
            _ => membership.holder.name.as_str(),
        };
        let holder = quoted(if holder.is_empty() { &membership.holder.id } else { holder });
        let came = if membership.is_added { "added" } else { "removed" };
        let at = at_by(change);
        let is_between = change.since.is_some_and(|since| since < then.at && then.at < change.at);
        let text = match (was_in, change.at > then.at) {
            _ if is_between => {
                let came = if membership.is_added { "came into" } else { "left" };
                format!("{who} {came} the {kind} {holder} {at}: before or after this sign-in is not known.")
            }
            _ if !is_sure => format!(
                "Whether {} was in the {kind} {holder} then is not certain: {came} {at}, and the evidence does not agree on what came then.",
                who.replacen('T', "t", 1)
            ),
            (true, true) => format!("{who} was still in the {kind} {holder} then: {came} {at}."),
            (true, false) => format!("{who} was in the {kind} {holder} then ({came} {at}), and is not in the snapshot."),
            (false, true) => format!("{who} was not in the {kind} {holder} yet: {came} {at}."),
            (false, false) => {
                format!("{who} was not in the {kind} {holder} any more then ({came} {at}), and is in the snapshot.")
            }
        };
        Some(Note { evidence: vec![change.evidence()], ..note("CA-MEMBERSHIP-THEN", text) })
    });
    own.take(MOST_NAMED).collect()
}

/// Settings that an older snapshot holds otherwise, where they matter to how the sign-in ended.
fn settings(view: &View, then: &Then) -> Vec<Note> {
    let Some(held) = then.exported.history.settings(then.at) else { return Vec::new() };
    let mut told = Vec::new();
    let mut tell = |words: String, evidence: Option<Evidence>| {
        let text = format!(
            "{words} in the snapshot of {}, the first after this sign-in; the newest has it otherwise.",
            written(held.until)
        );
        told.push(Note { evidence: evidence.into_iter().collect(), ..note("SETTINGS-THEN", text) });
    };
    let (then_on, now_on) = (view.snapshot.security_defaults.as_ref(), then.exported.security_defaults.as_ref());
    if let (Some(was), Some(is)) = (then_on, now_on)
        && was.is_enabled != is.is_enabled
    {
        let word = if was.is_enabled { "on" } else { "off" };
        let evidence = was.origin.evidence("security defaults", "/isEnabled", was.is_enabled.to_string());
        tell(format!("Security defaults were {word}"), Some(evidence));
    }
    let threshold = |snapshot: &Snapshot| snapshot.password_rules.as_ref().and_then(|rules| rules.lockout_threshold);
    let is_about =
        view.code.is_some_and(|code| code.finding.starts_with("LCK-") || code.finding == "CRED-BAD-PASSWORD");
    if is_about && threshold(view.snapshot) != threshold(&then.exported) {
        let words = match threshold(view.snapshot) {
            Some(number) => format!("The lockout threshold was {number}"),
            None => "No lockout threshold was set".to_owned(),
        };
        let rules = view.snapshot.password_rules.as_ref();
        let evidence = rules.map(|rules| rules.origin.evidence("lockout settings", "/values", ""));
        tell(words, evidence);
    }
    told
}

/// Policies that were changed so shortly before that the old text may still have been used somewhere.
fn just_changed(view: &View, at: DateTime<Utc>) -> Vec<Note> {
    let history = &view.snapshot.history;
    let is_fresh = |change: &&Change| change.since.is_none() && change.at <= at && at - change.at <= TAKES_EFFECT;
    let named: HashSet<String> = view
        .policies
        .iter()
        .filter(|answer| matters(view, answer))
        .map(|answer| answer.id.to_ascii_lowercase())
        .collect();
    let fresh = history
        .changes
        .iter()
        .rev()
        .take_while(|change| at - change.at <= TAKES_EFFECT || change.at > at)
        .filter(is_fresh);
    let of_named = fresh.filter(|change| change.policy_id().is_some_and(|id| named.contains(&id.to_ascii_lowercase())));
    of_named
        .take(MOST_NAMED)
        .filter_map(|change| {
            let answer = view
                .policies
                .iter()
                .find(|answer| change.policy_id().is_some_and(|id| id.eq_ignore_ascii_case(&answer.id)))?;
            let text = format!(
                "{} was changed {}, {} before this sign-in: the old text may still have been used.",
                quoted(&answer.display_name),
                at_by(change),
                seconds(at - change.at)
            );
            Some(Note { evidence: vec![change.evidence()], ..note("CA-POLICY-JUST-CHANGED", text) })
        })
        .collect()
}

fn seconds(span: chrono::Duration) -> String {
    match span.num_seconds() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}

/// Whether the snapshot's text of a policy is younger than the sign-in, and nothing tells what stood before.
fn is_not_reached(view: &View, answer: &PolicyAnswer, at: DateTime<Utc>) -> bool {
    let is_younger =
        view.snapshot.policy(&answer.id).and_then(|policy| policy.modified).is_some_and(|modified| modified > at);
    is_younger && answer.version.is_none()
}

/// Policies that matter and whose text in the snapshot is younger than the sign-in.
fn not_reached(view: &View, at: DateTime<Utc>) -> Vec<Note> {
    let of_parts = view.policies.iter().filter(|answer| matters(view, answer) && is_not_reached(view, answer, at));
    of_parts
        .filter_map(|answer| {
            let policy = view.snapshot.policy(&answer.id)?;
            let modified = policy.modified?;
            let text = format!(
                "{} was changed at {}, after this sign-in: its text here may not be the one that was in force.",
                quoted(&answer.display_name),
                written(modified)
            );
            let evidence = vec![policy.evidence("changed", "/modifiedDateTime", written(modified))];
            Some(Note { evidence, ..note("CA-POLICY-CHANGED-SINCE", text) })
        })
        .collect()
}

/// Whether a named location was changed after the sign-in, and nothing tells what it was before.
fn is_open_location(then: &Then, id: &str) -> bool {
    let is_later = |at: DateTime<Utc>| at > then.at;
    then.exported.named_location(id).and_then(|place| place.modified).is_some_and(is_later)
        && matches!(then.named_location(id), InForce::NotReached)
}

/// What is missing to know the texts that stood.
pub(super) fn gap(view: &View) -> Option<Gap> {
    let at = view.sign_in.created?;
    let answers = || view.policies.iter().filter(|answer| matters(view, answer));
    let is_open = answers().any(|answer| is_not_reached(view, answer, at));
    let is_unsure = answers().filter_map(|answer| answer.version.as_ref()).any(|one| one.basis == Basis::Inferred);
    let is_doubtful = |then: &Then| {
        let places = answers().filter_map(|answer| view.snapshot.policy(&answer.id)?.conditions.locations.as_ref());
        let mut places = places.flat_map(|places| places.include.iter().chain(&places.exclude));
        let is_unsure = |id: &String| match then.named_location(id) {
            InForce::Text(standing) => !standing.is_sure,
            InForce::Unread(_) => true,
            InForce::NotReached => is_open_location(then, id),
            InForce::Snapshot | InForce::Absent(_) => false,
        };
        places.any(is_unsure) || then.memberships().any(|(.., is_sure, change)| !is_sure && change.since.is_none())
    };
    let is_doubtful = view.tenant.then().is_some_and(is_doubtful);
    (is_open || is_unsure || is_doubtful).then(|| catalogue::gap("GAP-POLICY-HISTORY"))
}
