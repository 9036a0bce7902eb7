//! Runs the scenario files in `tests/cases`: a few records and a bit of snapshot in, what the explanation must say out.
//!
//! Every case goes the whole way of the program: its texts are written to files, opened like a customer's, and explained. A file
//! with a misspelt name in it fails.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use authopsy::domain::SignIn;
use authopsy::domain::fact::Facts;
use authopsy::domain::policy::SignInFrequency;
use authopsy::explain::access::{self, Tenant, decide};
use authopsy::explain::session_rules::{
    BrowserSession, Credential, Ending, PersistenceFrom, Prompt, is_fresh, next_prompt_joined, persistence, prompt,
    token_lifetime_counts,
};
use authopsy::explain::what_if;
use authopsy::explain::{Explanation, Surroundings, explain};
use authopsy::store::index::Index;
use authopsy::store::inventory::Inventory;
use authopsy::store::what_if::read_request;
use authopsy::store::{self, LoadEvent, Request, Sources};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows, in a sentence.
    title: String,
    /// Where the expected answer is from.
    source: String,
    /// The log, in any shape the program reads; none for a case that only asks what-if.
    #[serde(default)]
    log: String,
    /// The snapshot; none when left out.
    #[serde(default)]
    snapshot: String,
    /// What the operator says, as `--fact` takes it; a request of a what-if may say its own instead.
    #[serde(default)]
    facts: Vec<String>,
    /// What must be said, by request id.
    #[serde(default)]
    expect: Vec<Expected>,
    /// Requests of a what-if with what must come of them.
    #[serde(default)]
    what_if: Vec<Asked>,
    /// Sessions with what their rules must say.
    #[serde(default)]
    session: Vec<Session>,
}

/// A request of a what-if, as `authopsy what-if` takes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// What the request stands for.
    name: String,
    request: String,
    /// What the operator says, as `--fact` takes it.
    #[serde(default)]
    facts: Vec<String>,
    /// How it ends: granted, blocked, interrupted, unknown.
    #[serde(default)]
    outcome: Option<String>,
    /// The status that the log would show; `unknown` when it cannot be told.
    #[serde(default)]
    status: Option<String>,
    /// Whether policies apply, by name: yes, no, unknownContext, unknownData.
    #[serde(default)]
    applies: BTreeMap<String, String>,
    /// Results of policies in the log's words, by name.
    #[serde(default)]
    results: BTreeMap<String, String>,
    /// Reasons in Graph's words, by name.
    #[serde(default)]
    reasons: BTreeMap<String, String>,
    /// Verdicts of conditions: `policy / condition = verdict`.
    #[serde(default)]
    conditions: BTreeMap<String, String>,
    /// Parts of the one line that says why a policy does not apply, by name.
    #[serde(default)]
    says: BTreeMap<String, String>,
    /// The controls that are demanded and not met, in words, all of them.
    #[serde(default)]
    required: Option<Vec<String>>,
    /// The policies that block, by name.
    #[serde(default)]
    blocked_by: Option<Vec<String>>,
}

/// A session whose history is known, and what its rules say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
struct Session {
    /// What the session stands for.
    name: String,
    /// When everything was last given.
    signed_in: DateTime<Utc>,
    /// When somebody comes back; the question is asked for this time.
    #[serde(default)]
    at: Option<DateTime<Utc>>,
    /// The sign-in frequency in hours, or `everyTime`.
    #[serde(default)]
    frequency: Option<String>,
    /// When a joined Windows device was unlocked.
    #[serde(default)]
    unlocked: Vec<DateTime<Utc>>,
    /// Whether the stay-signed-in question was answered with yes, and is shown.
    #[serde(default)]
    stay_signed_in: bool,
    #[serde(default)]
    question_is_shown: bool,
    /// What it was begun with: password or other.
    #[serde(default)]
    credential: Option<String>,
    #[serde(default)]
    browser_closed: bool,
    /// What happened since: passwordChanged, sessionsRevoked, signedOut, passwordExpired.
    #[serde(default)]
    since: Vec<String>,
    /// When a joined device asks next.
    #[serde(default)]
    next_prompt: Option<DateTime<Utc>>,
    /// Whether somebody is asked: none, revoked, browserClosed, idle, signInFrequency.
    #[serde(default)]
    prompt: Option<String>,
    /// What decides whether the cookie outlives the browser: policy, answer, nothing.
    #[serde(default)]
    persistence_from: Option<String>,
    /// Keys of the snapshot's token lifetime policies that say nothing at that time.
    #[serde(default)]
    inert_token_lifetimes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    sign_in: String,
    code: String,
    outcome: String,
    decided_by: String,
    #[serde(default)]
    named: Option<String>,
    basis: String,
    /// Parts that the headline must hold.
    #[serde(default)]
    headline: Vec<String>,
    /// Verdicts of steps.
    #[serde(default)]
    steps: BTreeMap<String, String>,
    /// Notes that must be there.
    #[serde(default)]
    notes: Vec<String>,
    /// Notes that must not be there.
    #[serde(default)]
    no_notes: Vec<String>,
    /// The gaps, all of them, in any order.
    gaps: Option<Vec<String>>,
    /// Pointers that some evidence must have, with its value: `/status/errorCode = 0`.
    #[serde(default)]
    evidence: Vec<String>,
    /// Policies with the part they played.
    #[serde(default)]
    policies: BTreeMap<String, String>,
    /// Conditions of a policy: `policy / condition = verdict`.
    #[serde(default)]
    conditions: BTreeMap<String, String>,
    /// Whether logged and computed agree, by policy: the agreement and, behind a blank, the class of cause.
    #[serde(default)]
    agreement: BTreeMap<String, String>,
    /// Parts of assumptions that must be there.
    #[serde(default)]
    assumptions: Vec<String>,
    /// Rivals that must be there, as `code verdict`.
    #[serde(default)]
    rivals: Vec<String>,
}

struct Opened {
    sources: Sources,
    index: Index,
    tenant: Tenant,
    inventory: Inventory,
}

fn open(evidence: Vec<PathBuf>, facts: Facts) -> Opened {
    let request = Request { evidence, facts, ..Request::default() };
    let sources = Sources::new();
    let (mut index, mut tenant, mut inventory) = (Index::default(), Tenant::default(), Inventory::default());
    let mut said = Facts::default();
    store::load(&request, &sources, &|| true, &mut |event| match event {
        LoadEvent::Batch(batch) => index.append(batch),
        LoadEvent::Facts(read) => said = read,
        LoadEvent::Snapshot(read) => tenant = Tenant::new(*read).with_facts(said),
        LoadEvent::Inventory(read) => inventory = read,
        _ => {}
    });
    Opened { sources, index, tenant, inventory }
}

/// What the operator says.
#[track_caller]
fn said(facts: &[String], at: &str) -> Facts {
    let mut said = Facts::default();
    for fact in facts {
        said.say_pair(fact).unwrap_or_else(|error| panic!("{at}: {error}"));
    }
    said
}

/// A case without log and snapshot, for rules alone.
fn nothing() -> Opened {
    Opened {
        sources: Sources::new(),
        index: Index::default(),
        tenant: Tenant::default(),
        inventory: Inventory::default(),
    }
}

fn explained(opened: &Opened, id: &str) -> Explanation {
    let row = opened.index.find_id(id).unwrap_or_else(|| panic!("no sign-in {id}: {:?}", opened.inventory));
    let read = |row| {
        let span = opened.index.row(row).expect("a row").span;
        Arc::new(opened.sources.read(span).expect("a record").sign_in)
    };
    let sign_in: Arc<SignIn> = read(row);
    let attempt: Vec<Arc<SignIn>> = opened.index.attempt_of(row).into_iter().map(read).collect();
    let surroundings = Surroundings { tenant: &opened.tenant, attempt: &attempt, holds: opened.inventory.holdings() };
    let explanation = explain(&sign_in, &surroundings);
    assert_eq!(explanation, explain(&sign_in, &surroundings), "explaining twice gives the same");
    explanation
}

fn run(path: &Path) {
    let text = std::fs::read_to_string(path).expect("a case file");
    let case: Case = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(!case.title.is_empty() && !case.source.is_empty(), "{}: title and source are needed", path.display());
    let folder = tempfile::tempdir().expect("a folder");
    let mut evidence = Vec::new();
    if !case.log.is_empty() {
        let log = folder.path().join("log");
        std::fs::write(&log, &case.log).expect("writing");
        evidence.push(log);
    }
    if !case.snapshot.is_empty() {
        let snapshot = folder.path().join("snapshot");
        std::fs::write(&snapshot, &case.snapshot).expect("writing");
        evidence.push(snapshot);
    }
    let opened =
        if evidence.is_empty() { nothing() } else { open(evidence, said(&case.facts, &path.display().to_string())) };
    assert!(
        !case.expect.is_empty() || !case.what_if.is_empty() || !case.session.is_empty(),
        "{}: nothing is expected",
        path.display()
    );
    for expected in &case.expect {
        compare(path, expected, &explained(&opened, &expected.sign_in));
    }
    for asked in &case.what_if {
        ask(path, asked, &opened.tenant);
    }
    for session in &case.session {
        check_session(path, session, &opened.tenant);
    }
}

/// Asks a what-if and compares the answer.
#[track_caller]
fn ask(path: &Path, asked: &Asked, tenant: &Tenant) {
    let at = format!("{} / {}", path.file_name().unwrap_or_default().to_string_lossy(), asked.name);
    let tenant = tenant.clone().with_facts(said(&asked.facts, &at).or(tenant.facts()));
    let json = serde_json::from_str(&asked.request).unwrap_or_else(|error| panic!("{at}: {error}"));
    let request = read_request(&json).unwrap_or_else(|error| panic!("{at}: {error}"));
    assert!(request.ignored.is_empty(), "{at}: {:?} means nothing", request.ignored);
    let mut context = request.context;
    what_if::complete(&mut context, &tenant);
    let answer = what_if::answer(&context, &tenant);
    let decision = decide(&access::Asked::new(&context, &tenant));
    if let Some(outcome) = &asked.outcome {
        assert_eq!(answer.ending.word(), outcome, "{at}: outcome; {answer:#?}");
    }
    if let Some(status) = &asked.status {
        assert_eq!(decision.status.map_or("unknown", |status| status.word()), status, "{at}: status");
    }
    let policy = |name: &str| {
        let found = answer.policies.iter().find(|policy| policy.display_name == name);
        found.unwrap_or_else(|| panic!("{at}: no policy {name}"))
    };
    for (name, verdict) in &asked.applies {
        let found = policy(name);
        assert_eq!(found.applies.word(), verdict, "{at}: {name}: {} {:#?}", found.miss, found.conditions);
    }
    for (name, result) in &asked.results {
        assert_eq!(&policy(name).result, result, "{at}: result of {name}: {:#?}", policy(name).controls);
    }
    for (name, reasons) in &asked.reasons {
        assert_eq!(&policy(name).reasons.join(","), reasons, "{at}: reasons of {name}");
    }
    for (name, part) in &asked.says {
        assert!(policy(name).miss.contains(part), "{at}: `{part}` is not in `{}`", policy(name).miss);
    }
    for (condition, verdict) in &asked.conditions {
        let (name, condition) = condition.split_once(" / ").expect("policy / condition");
        let found = policy(name).conditions.iter().find(|answer| answer.condition == condition);
        let found = found.unwrap_or_else(|| panic!("{at}: no condition {condition} of {name}"));
        assert_eq!(found.verdict.word(), verdict, "{at}: {condition} of {name}: {:#?}", found.parts);
    }
    if let Some(required) = &asked.required {
        let words: Vec<&str> = answer.required.iter().map(|control| control.word.as_str()).collect();
        assert_eq!(&words, required, "{at}: required");
    }
    if let Some(blocked_by) = &asked.blocked_by {
        let names: Vec<&String> = answer
            .policies
            .iter()
            .filter(|policy| answer.blocked_by.contains(&policy.id))
            .map(|policy| &policy.display_name)
            .collect();
        assert_eq!(names, blocked_by.iter().collect::<Vec<_>>(), "{at}: blocked by");
    }
}

/// Asks the rules of sessions and compares what they say.
#[track_caller]
fn check_session(path: &Path, session: &Session, tenant: &Tenant) {
    let name = format!("{} / {}", path.file_name().unwrap_or_default().to_string_lossy(), session.name);
    let frequency = session.frequency.as_deref().map(|word| SignInFrequency {
        hours: (word != "everyTime").then(|| word.parse().unwrap_or_else(|_| panic!("{name}: frequency {word}"))),
        authentication_type: None,
    });
    if let Some(expected) = session.next_prompt {
        let hours = frequency.as_ref().and_then(|frequency| frequency.hours).expect("a frequency in hours");
        let found = next_prompt_joined(session.signed_in, &session.unlocked, Duration::hours(hours));
        assert_eq!(found, expected, "{name}: next prompt");
    }
    let policies = &tenant.snapshot().policies;
    let (is_persistent, from) = persistence(policies.iter(), session.stay_signed_in, session.question_is_shown);
    if let Some(expected) = &session.persistence_from {
        let word = match from {
            PersistenceFrom::Policy => "policy",
            PersistenceFrom::Answer => "answer",
            PersistenceFrom::Nothing => "nothing",
        };
        assert_eq!(word, expected, "{name}: persistence from");
    }
    if let (Some(expected), Some(at)) = (&session.prompt, session.at) {
        let browser = BrowserSession {
            credential: match session.credential.as_deref() {
                Some("other") => Credential::Other,
                Some("password") | None => Credential::Password,
                Some(word) => panic!("{name}: credential {word}"),
            },
            is_persistent: is_persistent.expect("a persistence that is documented"),
            last_use: session.signed_in,
            was_closed: session.browser_closed,
            endings: session
                .since
                .iter()
                .map(|word| match word.as_str() {
                    "passwordChanged" => Ending::PasswordChanged,
                    "sessionsRevoked" => Ending::SessionsRevoked,
                    "signedOut" => Ending::SignedOut,
                    "passwordExpired" => Ending::PasswordExpired,
                    other => panic!("{name}: since {other}"),
                })
                .collect(),
        };
        let is_stale = frequency.is_some_and(|frequency| !is_fresh(&frequency, session.signed_in, at));
        let word = match prompt(&browser, at) {
            Some(Prompt::Revoked(_)) => "revoked",
            Some(Prompt::BrowserClosed) => "browserClosed",
            Some(Prompt::Idle) => "idle",
            None if is_stale => "signInFrequency",
            None => "none",
        };
        assert_eq!(word, expected, "{name}: prompt");
    }
    let day = session.at.unwrap_or(session.signed_in).date_naive();
    for key in &session.inert_token_lifetimes {
        let policies = &tenant.snapshot().token_lifetime_policies;
        assert!(policies.iter().any(|policy| policy.definition.contains(key.as_str())), "{name}: no {key}");
        assert!(!token_lifetime_counts(key, day), "{name}: {key} counts");
    }
}

#[track_caller]
fn compare(path: &Path, expected: &Expected, found: &Explanation) {
    let at = format!("{} / {}", path.file_name().unwrap_or_default().to_string_lossy(), expected.sign_in);
    let finding = &found.finding;
    assert_eq!(finding.code, expected.code, "{at}: code; headline: {}", finding.headline);
    assert_eq!(finding.outcome.word(), expected.outcome, "{at}: outcome");
    assert_eq!(finding.decided_by.kind.word(), expected.decided_by, "{at}: decided by");
    assert_eq!(finding.decided_by.name, expected.named, "{at}: name of the decider");
    assert_eq!(finding.basis.word(), expected.basis, "{at}: basis");
    for part in &expected.headline {
        assert!(finding.headline.contains(part), "{at}: `{part}` is not in `{}`", finding.headline);
    }
    assert!(finding.headline.chars().count() <= 240, "{at}: a headline is two lines at most: {}", finding.headline);
    assert_eq!(found.steps.len(), 8, "{at}: eight steps");
    for (step, verdict) in &expected.steps {
        let found =
            found.steps.iter().find(|s| s.kind.word() == step).unwrap_or_else(|| panic!("{at}: no step {step}"));
        assert_eq!(found.verdict.word(), verdict, "{at}: step {step}: {}", found.headline);
    }
    let notes: Vec<&str> = found.notes.iter().map(|note| note.code.as_str()).collect();
    for note in &expected.notes {
        assert!(notes.contains(&note.as_str()), "{at}: no note {note} in {notes:?}");
    }
    for note in &expected.no_notes {
        assert!(!notes.contains(&note.as_str()), "{at}: note {note} should not be there");
    }
    if let Some(gaps) = &expected.gaps {
        let mut wanted = gaps.clone();
        let mut found: Vec<String> = found.gaps.iter().map(|gap| gap.code.clone()).collect();
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{at}: gaps");
    }
    let evidence: Vec<String> = found
        .finding
        .evidence
        .iter()
        .chain(found.steps.iter().flat_map(|step| &step.evidence))
        .chain(
            found
                .policies
                .iter()
                .flat_map(|policy| policy.evidence.iter().chain(policy.conditions.iter().flat_map(|c| &c.evidence))),
        )
        .chain(found.notes.iter().flat_map(|note| &note.evidence))
        .map(|evidence| format!("{} = {}", evidence.pointer, evidence.value))
        .collect();
    for wanted in &expected.evidence {
        assert!(evidence.contains(wanted), "{at}: no evidence `{wanted}` in {evidence:#?}");
    }
    for (policy, part) in &expected.policies {
        let found = found
            .policies
            .iter()
            .find(|p| &p.display_name == policy)
            .unwrap_or_else(|| panic!("{at}: no policy {policy}"));
        assert_eq!(found.part.word(), part, "{at}: part of {policy}");
    }
    for (condition, verdict) in &expected.conditions {
        let (policy, name) = condition.split_once(" / ").expect("policy / condition");
        let answer = found
            .policies
            .iter()
            .find(|p| p.display_name == policy)
            .and_then(|p| p.conditions.iter().find(|c| c.condition == name))
            .unwrap_or_else(|| panic!("{at}: no condition {condition}"));
        assert_eq!(answer.verdict.word(), verdict, "{at}: {condition}");
    }
    for (policy, agreement) in &expected.agreement {
        let found = found.policies.iter().find(|p| &p.display_name == policy);
        let found = found.unwrap_or_else(|| panic!("{at}: no policy {policy}"));
        let cause = found.difference.map(|difference| format!(" {}", difference.word())).unwrap_or_default();
        assert_eq!(&format!("{}{cause}", found.agreement.word()), agreement, "{at}: agreement of {policy}");
    }
    for part in &expected.assumptions {
        let held = found.assumptions.iter().any(|assumption| assumption.text.contains(part));
        assert!(held, "{at}: no assumption `{part}` in {:#?}", found.assumptions);
    }
    let rivals: Vec<String> =
        found.rivals.iter().map(|rival| format!("{} {}", rival.code, rival.verdict.word())).collect();
    for rival in &expected.rivals {
        assert!(rivals.contains(rival), "{at}: no rival {rival} in {rivals:?}");
    }
}

#[test]
fn every_case_is_explained_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 15, "only {} cases", files.len());
    for file in files {
        run(&file);
    }
}

#[test]
fn the_demo_case_explains_every_sign_in_with_a_code_and_a_headline() {
    let opened = open(Vec::new(), Facts::default());
    assert!(opened.index.len() > 300 && opened.index.users().count() >= 12);
    for (_, row) in opened.index.rows() {
        let explanation = explained(&opened, &row.id);
        assert_ne!(explanation.finding.code, "UNKNOWN", "{}", row.id);
        assert!(explanation.finding.headline.chars().count() <= 240, "{}", explanation.finding.headline);
        assert!(!explanation.finding.evidence.is_empty());
        let stopped =
            explanation.steps.iter().any(|step| matches!(step.verdict.word(), "failed" | "interrupted" | "handedOff"));
        assert_eq!(
            stopped,
            explanation.finding.outcome.word() != "granted",
            "{}: {}",
            row.id,
            explanation.finding.headline
        );
    }
}
