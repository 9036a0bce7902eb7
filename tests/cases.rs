//! Runs the scenario files in `tests/cases`: a few records and a bit of snapshot in, what the explanation must say out.
//!
//! Every case goes the whole way of the program: its texts are written to files, opened like a customer's, and explained. A file
//! with a misspelt name in it fails.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use authopsy::domain::SignIn;
use authopsy::explain::access::Tenant;
use authopsy::explain::{Explanation, Surroundings, explain};
use authopsy::store::index::Index;
use authopsy::store::inventory::Inventory;
use authopsy::store::{self, LoadEvent, Request, Sources};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows, in a sentence.
    title: String,
    /// Where the expected answer is from.
    source: String,
    /// The log, in any shape the program reads.
    log: String,
    /// The snapshot; none when left out.
    #[serde(default)]
    snapshot: String,
    /// What must be said, by request id.
    expect: Vec<Expected>,
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

fn open(evidence: Vec<PathBuf>) -> Opened {
    let request = Request { evidence, ..Request::default() };
    let sources = Sources::new();
    let (mut index, mut tenant, mut inventory) = (Index::default(), Tenant::default(), Inventory::default());
    store::load(&request, &sources, &|| true, &mut |event| match event {
        LoadEvent::Batch(batch) => index.append(batch),
        LoadEvent::Snapshot(read) => tenant = Tenant::new(*read),
        LoadEvent::Inventory(read) => inventory = read,
        _ => {}
    });
    Opened { sources, index, tenant, inventory }
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
    let log = folder.path().join("log");
    std::fs::write(&log, &case.log).expect("writing");
    let mut evidence = vec![log];
    if !case.snapshot.is_empty() {
        let snapshot = folder.path().join("snapshot");
        std::fs::write(&snapshot, &case.snapshot).expect("writing");
        evidence.push(snapshot);
    }
    let opened = open(evidence);
    for expected in &case.expect {
        compare(path, expected, &explained(&opened, &expected.sign_in));
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
    let opened = open(Vec::new());
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
