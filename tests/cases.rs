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
use authopsy::domain::trace::TraceEvent;
use authopsy::explain::access::{self, Tenant, decide};
use authopsy::explain::lockout::{self, Attempts, Choices, Requests};
use authopsy::explain::session::replay::{Change, replay};
use authopsy::explain::session::rules::{Artefact, Credential, Ending, ends};
use authopsy::explain::session::{self, Beside, Ledger};
use authopsy::explain::what_if;
use authopsy::explain::{Explanation, Surroundings, explain};
use authopsy::report;
use authopsy::store::index::tries::{Refusals, Tries};
use authopsy::store::index::{Index, UserKey};
use authopsy::store::inventory::Inventory;
use authopsy::store::what_if::read_request;
use authopsy::store::{self, LoadEvent, Request, Sources};
use chrono::{DateTime, Utc};
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
    /// An older snapshot; none when left out.
    #[serde(default)]
    older: String,
    /// A directory audit log, in any shape the program reads; none when left out.
    #[serde(default)]
    audit: String,
    /// A second audit log in a file of its own, of a later time.
    #[serde(default)]
    audit_later: String,
    /// A browser trace; none when left out.
    #[serde(default)]
    trace: String,
    /// What the operator says, as `--fact` takes it; a request of a what-if may say its own instead.
    #[serde(default)]
    facts: Vec<String>,
    /// What must be said, by request id.
    #[serde(default)]
    expect: Vec<Expected>,
    /// Requests of a what-if with what must come of them.
    #[serde(default)]
    what_if: Vec<Asked>,
    /// What session ledgers must say.
    #[serde(default)]
    ledger: Vec<ExpectedLedger>,
    /// Rows of the table of revocations.
    #[serde(default)]
    revocation: Vec<Revocation>,
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

/// What the session ledger of a user must say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedLedger {
    user: String,
    /// When the next question comes and why: `2025-06-02T01:00:00Z SES-SIGN-IN-FREQUENCY`.
    #[serde(default)]
    next: Option<String>,
    /// Whether users are asked to stay signed in: shown, hidden, unknown.
    #[serde(default)]
    setting: Option<String>,
    /// A part of how that is known.
    #[serde(default)]
    setting_says: Option<String>,
    /// The traps, all of them, in any order.
    #[serde(default)]
    traps: Option<Vec<String>>,
    /// Gaps that must be there.
    #[serde(default)]
    gaps: Vec<String>,
    /// How many sessions there are.
    #[serde(default)]
    sessions: Option<usize>,
    #[serde(default)]
    session: Vec<ExpectedSession>,
    #[serde(default)]
    prompt: Vec<ExpectedPrompt>,
    /// What happened besides the rows: a time and a part of the words, `2025-06-02T01:00:00Z the password`.
    #[serde(default)]
    happenings: Vec<String>,
    /// Rows that are part of no prompt.
    #[serde(default)]
    no_prompts: Vec<String>,
    /// The log played again: `persistent=always, frequency=8` = number of prompts.
    #[serde(default)]
    replay: BTreeMap<String, usize>,
}

/// A session, found by the request id of its first row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedSession {
    root: String,
    #[serde(default)]
    basis: Option<String>,
    /// true, false, unknown.
    #[serde(default)]
    persistent: Option<String>,
    #[serde(default)]
    from: Option<String>,
    /// Clocks by kind: `PT24H until 2025-06-02T01:00:00Z`, the first of its kind.
    #[serde(default)]
    clocks: BTreeMap<String, String>,
    /// Kinds of clocks that must not run.
    #[serde(default)]
    no_clocks: Vec<String>,
    /// The request id of the row that set a clock, by kind.
    #[serde(default)]
    reset_by: BTreeMap<String, String>,
    /// When and why it ended: `2025-06-02T01:00:00Z SES-REVOKED`; `no` when it did not.
    #[serde(default)]
    ended: Option<String>,
    /// The request ids of its rows, oldest first.
    #[serde(default)]
    uses: Option<Vec<String>>,
}

/// A prompt, found by the request id of any of its rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedPrompt {
    sign_in: String,
    code: String,
    basis: String,
    /// first, second, both.
    #[serde(default)]
    factor: Option<String>,
    /// The request id of the earlier row that explains it.
    #[serde(default)]
    because: Option<String>,
    /// The name of the policy whose rule it was.
    #[serde(default)]
    policy: Option<String>,
    /// Parts that the headline must hold.
    #[serde(default)]
    says: Vec<String>,
    /// Rivals that must be there, as `code verdict`.
    #[serde(default)]
    rivals: Vec<String>,
    /// Codes of rivals that must not be there.
    #[serde(default)]
    no_rivals: Vec<String>,
    /// Gaps that must be there.
    #[serde(default)]
    gaps: Vec<String>,
}

/// A row of the table of revocations, or another rule that no log shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
struct Revocation {
    /// passwordExpired, passwordChanged, passwordReset, sessionsRevoked, signedOut.
    event: String,
    /// What it ends: `password cookie`, `password token`, `other cookie`, `other token`, `confidential client`.
    ends: Vec<String>,
    /// What it leaves.
    leaves: Vec<String>,
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
    /// Policies that must not be there: they did not exist then.
    #[serde(default)]
    no_policies: Vec<String>,
    /// Which version of a policy was in force: a part of the words; empty for the snapshot's own.
    #[serde(default)]
    versions: BTreeMap<String, String>,
    /// Parts of what is different in the snapshot, by policy.
    #[serde(default)]
    since: BTreeMap<String, Vec<String>>,
    /// Parts that the text of some note must hold.
    #[serde(default)]
    notes_say: Vec<String>,
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
    traces: Vec<TraceEvent>,
}

fn open(evidence: Vec<PathBuf>, facts: Facts) -> Opened {
    let request = Request { evidence, facts, ..Request::default() };
    let sources = Sources::new();
    let (mut index, mut tenant, mut inventory) = (Index::default(), Tenant::default(), Inventory::default());
    let (mut said, mut traces) = (Facts::default(), Vec::new());
    store::load(&request, &sources, &|| true, &mut |event| match event {
        LoadEvent::Batch(batch) => index.append(batch),
        LoadEvent::Traces(read) => traces = read,
        LoadEvent::Facts(read) => said = read,
        LoadEvent::Snapshot(read) => tenant = Tenant::new(*read).with_facts(said),
        LoadEvent::Inventory(read) => inventory = read,
        _ => {}
    });
    Opened { sources, index, tenant, inventory, traces }
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
        traces: Vec::new(),
    }
}

fn explained(opened: &Opened, id: &str) -> Explanation {
    let row = opened.index.find_id(id).unwrap_or_else(|| panic!("no sign-in {id}: {:?}", opened.inventory));
    let read = |row| {
        let spans = opened.index.spans_of(row).expect("a row");
        Arc::new(opened.sources.read_whole(&spans).expect("a record").sign_in)
    };
    let sign_in: Arc<SignIn> = read(row);
    let attempt: Vec<Arc<SignIn>> = opened.index.attempt_of(row).into_iter().map(read).collect();
    let user = opened.index.row(row).expect("a row").user;
    let mut attempts = Attempts::default();
    Tries::of(&opened.index, user, 1_000).rows.into_iter().for_each(|row| attempts.add(&read(row)));
    let beside = lockout::Beside {
        tenant: &opened.tenant,
        traces: &opened.traces,
        requests: &Requests::of(&opened.traces),
        left_out: 0,
        is_torn: false,
        holds: opened.inventory.holdings(),
        addresses: &Refusals::of(&opened.index).addresses_of(&opened.index, user),
        choices: Choices::default(),
    };
    let lockouts = lockout::ledger(attempts, beside);
    let surroundings = Surroundings {
        tenant: &opened.tenant,
        attempt: &attempt,
        holds: opened.inventory.holdings(),
        ledger: None,
        lockouts: Some(&lockouts),
    };
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
    let files = [
        ("log", &case.log),
        ("snapshot", &case.snapshot),
        ("older", &case.older),
        ("audit", &case.audit),
        ("audit-later", &case.audit_later),
        ("trace", &case.trace),
    ];
    for (name, text) in files.into_iter().filter(|(_, text)| !text.is_empty()) {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("writing");
        evidence.push(file);
    }
    let opened =
        if evidence.is_empty() { nothing() } else { open(evidence, said(&case.facts, &path.display().to_string())) };
    assert!(
        !case.expect.is_empty() || !case.what_if.is_empty() || !case.ledger.is_empty() || !case.revocation.is_empty(),
        "{}: nothing is expected",
        path.display()
    );
    for expected in &case.expect {
        compare(path, expected, &explained(&opened, &expected.sign_in));
    }
    for asked in &case.what_if {
        ask(path, asked, &opened.tenant);
    }
    for ledger in &case.ledger {
        check_ledger(path, ledger, &opened);
    }
    for revocation in &case.revocation {
        check_revocation(path, revocation);
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

/// Compares the ledger of a user.
#[track_caller]
fn check_ledger(path: &Path, expected: &ExpectedLedger, opened: &Opened) {
    let at = format!("{} / {}", path.file_name().unwrap_or_default().to_string_lossy(), expected.user);
    let ledger = ledger_of(opened, opened.index.find_users(&expected.user).first().copied());
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    if let Some(next) = &expected.next {
        let found = ledger.next.as_ref().map(|next| format!("{} {}", instant(next.at), next.code));
        assert_eq!(found.as_deref(), Some(next.as_str()), "{at}: next; {ledger:#?}");
    }
    if let Some(setting) = &expected.setting {
        let word = ledger.setting.is_shown.map_or("unknown", |shown| if shown { "shown" } else { "hidden" });
        assert_eq!(word, setting, "{at}: setting: {}", ledger.setting.words);
    }
    if let Some(part) = &expected.setting_says {
        assert!(ledger.setting.words.contains(part), "{at}: `{part}` is not in `{}`", ledger.setting.words);
    }
    if let Some(traps) = &expected.traps {
        let mut wanted = traps.clone();
        let mut found: Vec<String> = ledger.traps.iter().map(|trap| trap.code.to_owned()).collect();
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{at}: traps");
    }
    let gaps: Vec<&str> = ledger.gaps.iter().map(|gap| gap.code.as_str()).collect();
    for gap in &expected.gaps {
        assert!(gaps.contains(&gap.as_str()), "{at}: no gap {gap} in {gaps:?}");
    }
    for text in &ledger.traps {
        assert!(!authopsy::explain::catalogue::title(text.code).is_empty(), "{at}: {} has no long text", text.code);
    }
    if let Some(sessions) = expected.sessions {
        assert_eq!(ledger.sessions.len(), sessions, "{at}: sessions: {:#?}", ledger.sessions);
    }
    for wanted in &expected.session {
        check_session(&at, wanted, &ledger);
    }
    for wanted in &expected.prompt {
        check_prompt(&at, wanted, &ledger);
    }
    let happened: Vec<(String, &str)> = ledger
        .happenings
        .iter()
        .map(|one| (one.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true), one.words.as_str()))
        .collect();
    for wanted in &expected.happenings {
        let (time, part) = wanted.split_once(' ').expect("a time and words");
        let is_it = |(at, words): &(String, &str)| at == time && words.contains(part);
        assert!(happened.iter().any(is_it), "{at}: no happening `{wanted}` in {happened:#?}");
    }
    for id in &expected.no_prompts {
        let row = ledger.find(id).unwrap_or_else(|| panic!("{at}: no row {id}"));
        let found = ledger.prompt_of(row).map(|prompt| (prompt.code, &prompt.headline));
        assert_eq!(found, None, "{at}: {id} is part of a prompt");
    }
    for (change, count) in &expected.replay {
        let mut asked = Change::default();
        for part in change.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("persistent", mode)) => asked.persistent_browser = Some(mode == "always"),
                Some(("frequency", hours)) => asked.frequency_hours = Some(hours.parse().expect("hours")),
                _ => panic!("{at}: change {part}"),
            }
        }
        let found = replay(&ledger, asked);
        assert_eq!(found.after.len(), *count, "{at}: {}", found.words);
    }
}

#[track_caller]
fn check_session(at: &str, wanted: &ExpectedSession, ledger: &Ledger) {
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let id = |row: Option<usize>| ledger.id_of(row).unwrap_or_default();
    let found = ledger.sessions.iter().find(|session| id(Some(session.root)) == wanted.root);
    let found = found.unwrap_or_else(|| panic!("{at}: no session begins with {}: {:#?}", wanted.root, ledger.sessions));
    let at = format!("{at}, session of {}", wanted.root);
    if let Some(basis) = &wanted.basis {
        assert_eq!(found.basis.word(), basis, "{at}: basis");
    }
    if let Some(persistent) = &wanted.persistent {
        let word = found.persistence.is_persistent.map_or("unknown".to_owned(), |held| held.to_string());
        assert_eq!(&word, persistent, "{at}: persistent: {}", found.persistence.words);
    }
    if let Some(from) = &wanted.from {
        assert_eq!(found.persistence.from.word(), from, "{at}: from: {}", found.persistence.words);
    }
    let clock = |kind: &str| found.clocks.iter().find(|clock| clock.kind.word() == kind);
    for (kind, wanted) in &wanted.clocks {
        let clock = clock(kind).unwrap_or_else(|| panic!("{at}: no clock {kind}: {:#?}", found.clocks));
        let words = format!("{} until {}", report::iso(clock.limit), instant(clock.expires));
        assert_eq!(&words, wanted, "{at}: clock {kind}");
    }
    for kind in &wanted.no_clocks {
        assert!(clock(kind).is_none(), "{at}: clock {kind} should not run");
    }
    for (kind, by) in &wanted.reset_by {
        assert_eq!(&id(clock(kind).and_then(|clock| clock.reset_by)), by, "{at}: what set {kind}");
    }
    if let Some(ended) = &wanted.ended {
        let words =
            found.ended.as_ref().map_or("no".to_owned(), |ended| format!("{} {}", instant(ended.at), ended.code));
        assert_eq!(&words, ended, "{at}: ended");
    }
    if let Some(uses) = &wanted.uses {
        let ids: Vec<&String> = ledger.rows(&found.uses).map(|row| &row.id).collect();
        assert_eq!(ids, uses.iter().collect::<Vec<_>>(), "{at}: uses");
    }
}

#[track_caller]
fn check_prompt(at: &str, wanted: &ExpectedPrompt, ledger: &Ledger) {
    let row = ledger.find(&wanted.sign_in).unwrap_or_else(|| panic!("{at}: no row {}", wanted.sign_in));
    let found = ledger
        .prompt_of(row)
        .unwrap_or_else(|| panic!("{at}: {} is no prompt: {:#?}", wanted.sign_in, ledger.row(row)));
    let at = format!("{at}, prompt {}", wanted.sign_in);
    assert_eq!(found.code, wanted.code, "{at}: code: {}; rivals {:#?}", found.headline, found.rivals);
    assert_eq!(found.basis.word(), wanted.basis, "{at}: basis: {}", found.headline);
    assert!(found.headline.chars().count() <= 240, "{at}: a headline is two lines at most: {}", found.headline);
    assert!(!authopsy::explain::catalogue::title(found.code).is_empty(), "{at}: {} has no long text", found.code);
    if let Some(factor) = &wanted.factor {
        assert_eq!(found.asked.word(), factor, "{at}: factor");
    }
    if let Some(because) = &wanted.because {
        assert_eq!(ledger.id_of(found.because).as_ref(), Some(because), "{at}: because");
    }
    if let Some(policy) = &wanted.policy {
        assert_eq!(found.policy.as_ref().map(|(_, name)| name), Some(policy), "{at}: policy");
    }
    for part in &wanted.says {
        assert!(found.headline.contains(part), "{at}: `{part}` is not in `{}`", found.headline);
    }
    let rivals: Vec<String> =
        found.rivals.iter().map(|rival| format!("{} {}", rival.code, rival.verdict.word())).collect();
    for rival in &wanted.rivals {
        assert!(rivals.contains(rival), "{at}: no rival {rival} in {rivals:?}");
    }
    for code in &wanted.no_rivals {
        assert!(!found.rivals.iter().any(|rival| rival.code == *code), "{at}: rival {code} should not be there");
    }
    for gap in &wanted.gaps {
        assert!(found.gaps.contains(&gap.as_str()), "{at}: no gap {gap} in {:?}", found.gaps);
    }
}

/// Holds the table of revocations against the rule.
#[track_caller]
fn check_revocation(path: &Path, revocation: &Revocation) {
    let ending = match revocation.event.as_str() {
        "passwordExpired" => Ending::PasswordExpired,
        "passwordChanged" => Ending::PasswordChanged,
        "passwordReset" => Ending::PasswordReset,
        "sessionsRevoked" => Ending::SessionsRevoked,
        "signedOut" => Ending::SignedOut,
        other => panic!("{}: no event {other}", path.display()),
    };
    let all = revocation.ends.iter().map(|what| (what, true)).chain(revocation.leaves.iter().map(|what| (what, false)));
    let mut seen = 0;
    for (what, is_ended) in all {
        seen += 1;
        let (credential, artefact) = match what.as_str() {
            "password cookie" => (Credential::Password, Artefact::Cookie),
            "password token" => (Credential::Password, Artefact::Token),
            "other cookie" => (Credential::Other, Artefact::Cookie),
            "other token" => (Credential::Other, Artefact::Token),
            "confidential client" => (Credential::Password, Artefact::ConfidentialClient),
            other => panic!("{}: nothing is called {other}", path.display()),
        };
        assert_eq!(ends(ending, credential, artefact), is_ended, "{}: {} and {what}", path.display(), revocation.event);
    }
    assert_eq!(seen, 5, "{}: each of the five columns once", path.display());
}

/// The ledger of a user.
fn ledger_of(opened: &Opened, user: Option<UserKey>) -> Ledger {
    let rows = user.map(|user| opened.index.rows_of(user)).unwrap_or_default();
    let spans = rows.iter().filter_map(|row| opened.index.spans_of(*row));
    let read = spans.filter_map(|spans| opened.sources.read_whole(&spans).ok()).map(|whole| whole.sign_in);
    let holds = opened.inventory.holdings();
    session::ledger(read, 0, Beside { tenant: &opened.tenant, traces: &opened.traces, holds })
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
    let policy = |name: &str| found.policies.iter().find(|policy| policy.display_name == name);
    for name in &expected.no_policies {
        assert!(policy(name).is_none(), "{at}: policy {name} should not be there");
    }
    for (name, part) in &expected.versions {
        let held = policy(name).unwrap_or_else(|| panic!("{at}: no policy {name}"));
        let words = held.version.as_ref().map_or("", |version| version.text.as_str());
        assert!(words.contains(part) && words.is_empty() == part.is_empty(), "{at}: version of {name}: `{words}`");
    }
    for (name, parts) in &expected.since {
        let held = policy(name).and_then(|policy| policy.version.as_ref());
        let lines = held.unwrap_or_else(|| panic!("{at}: no version of {name}")).differences.join("\n");
        for part in parts {
            assert!(lines.contains(part), "{at}: `{part}` is not in `{lines}`");
        }
    }
    for part in &expected.notes_say {
        let told: Vec<&String> = found.notes.iter().map(|note| &note.text).collect();
        assert!(told.iter().any(|text| text.contains(part)), "{at}: no note says `{part}`: {told:#?}");
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
    // One case that fails hides no other.
    let failed: Vec<PathBuf> =
        files.into_iter().filter(|file| std::panic::catch_unwind(|| run(file)).is_err()).collect();
    assert!(failed.is_empty(), "{} cases fail: {failed:#?}", failed.len());
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
