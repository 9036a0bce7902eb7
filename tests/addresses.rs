//! Runs the address scenarios in `tests/addresses`: a few recipients in, who holds what and what comes of it out.
//!
//! A file with a misspelt name in it fails.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::{Path, PathBuf};

use authopsy::domain::recipient::{Directory, Recipient, RecipientKind};
use authopsy::domain::snapshot::{Collection, ProvisioningError};
use authopsy::explain::addresses::{Addresses, Collision, Party, trace};
use chrono::{DateTime, Utc};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What the scenario shows, in a sentence.
    title: String,
    /// Where the expected answer is from.
    source: String,
    #[serde(default)]
    recipient: Vec<Given>,
    /// The collisions, all of them, in order.
    #[serde(default)]
    collision: Vec<Expected>,
    /// Parts of what is said of objects that would be matched.
    #[serde(default)]
    matches: Vec<String>,
    /// Parts of what is said of errors that name no address.
    #[serde(default)]
    others: Vec<String>,
    /// Names of objects whose lists were cut.
    #[serde(default)]
    cut: Vec<String>,
    /// Names of objects whose lists were lost.
    #[serde(default)]
    lost: Vec<String>,
    /// Parts of what is said of the whole evidence.
    #[serde(default)]
    beside: Vec<String>,
    /// What is not said of it.
    #[serde(default)]
    beside_never: Vec<String>,
    /// Whether all that is soft-deleted is in the evidence.
    #[serde(default)]
    knows_deleted: bool,
    /// Whether what was not found can be ruled out, where the scenario is about that.
    rules_out: Option<bool>,
}

/// A recipient as an export has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    /// entra, exchange, onPremises.
    directory: String,
    /// guest, user, group, contact, mailUser, mailbox, publicFolder.
    kind: String,
    #[serde(default)]
    id: String,
    external_id: Option<String>,
    immutable_id: Option<String>,
    name: Option<String>,
    /// The same as the name unless it is given.
    display_name: Option<String>,
    alias: Option<String>,
    principal_name: Option<String>,
    windows_live_id: Option<String>,
    mail: Option<String>,
    target_address: Option<String>,
    legacy_exchange_dn: Option<String>,
    #[serde(default)]
    addresses: Vec<String>,
    #[serde(default)]
    is_cut: bool,
    #[serde(default)]
    is_lost: bool,
    is_unified: Option<bool>,
    is_synced: Option<bool>,
    has_exchange_licence: Option<bool>,
    created: Option<String>,
    deleted: Option<String>,
    #[serde(default)]
    error: Vec<GivenError>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenError {
    /// exchange, or the property of the directory's own check.
    service: String,
    detail: String,
    at: Option<String>,
    #[serde(default)]
    resolved: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    value: String,
    kind: String,
    check: String,
    state: String,
    expected: String,
    /// `guest Timothea Marsh by proxyAddresses`; `nobody`.
    holder: String,
    claimants: Vec<String>,
    #[serde(default)]
    is_stale: bool,
    #[serde(default = "yes")]
    is_complete: bool,
    /// Codes of the errors that are merged in.
    #[serde(default)]
    codes: Vec<String>,
    /// Parts of the headline and the notes.
    #[serde(default)]
    says: Vec<String>,
    /// What stands in neither.
    #[serde(default)]
    says_never: Vec<String>,
    /// The words of the state and who holds it, in part.
    #[serde(default)]
    words: Vec<String>,
    /// The ways of the plan, as they are introduced.
    ways: Option<Vec<String>>,
    /// Parts of the sources.
    sources: Option<Vec<String>>,
    /// Times of the chain, with parts of their words.
    #[serde(default)]
    chain: Vec<String>,
    /// Parts of commands, in this order.
    #[serde(default)]
    plan: Vec<String>,
    /// Parts of the steps' texts and warnings, in any order.
    #[serde(default)]
    plan_says: Vec<String>,
    /// What must stand in no step.
    #[serde(default)]
    plan_never: Vec<String>,
}

fn yes() -> bool {
    true
}

fn time(text: &Option<String>) -> Option<DateTime<Utc>> {
    text.as_ref().map(|text| text.parse().unwrap_or_else(|error| panic!("{text}: {error}")))
}

fn recipient(given: &Given) -> Recipient {
    let kinds = [
        RecipientKind::Guest,
        RecipientKind::User,
        RecipientKind::Group,
        RecipientKind::Contact,
        RecipientKind::MailUser,
        RecipientKind::Mailbox,
        RecipientKind::PublicFolder,
        RecipientKind::Unknown,
    ];
    Recipient {
        directory: match given.directory.as_str() {
            "entra" => Directory::Entra,
            "exchange" => Directory::Exchange,
            "onPremises" => Directory::OnPremises,
            other => panic!("what directory is `{other}`?"),
        },
        kind: kinds.into_iter().find(|kind| kind.word() == given.kind).unwrap_or_else(|| panic!("{}", given.kind)),
        is_deleted: given.deleted.is_some(),
        deleted: time(&given.deleted),
        id: given.id.clone(),
        external_id: given.external_id.clone(),
        immutable_id: given.immutable_id.clone(),
        name: given.name.clone(),
        display_name: given.display_name.clone().or_else(|| given.name.clone()),
        alias: given.alias.clone(),
        principal_name: given.principal_name.clone(),
        windows_live_id: given.windows_live_id.clone(),
        mail: given.mail.clone(),
        target_address: given.target_address.clone(),
        legacy_exchange_dn: given.legacy_exchange_dn.clone(),
        addresses: given.addresses.clone(),
        is_cut: given.is_cut || given.is_lost,
        is_lost: given.is_lost,
        is_unified: given.is_unified,
        is_synced: given.is_synced,
        has_exchange_licence: given.has_exchange_licence,
        created: time(&given.created),
        errors: given
            .error
            .iter()
            .map(|error| ProvisioningError {
                service: error.service.clone(),
                detail: error.detail.clone(),
                at: time(&error.at),
                resolved: error.resolved,
                pointer: "/errors/0".to_owned(),
            })
            .collect(),
        ..Recipient::default()
    }
}

fn party(party: &Party) -> String {
    let deleted = if party.is_deleted { "deleted " } else { "" };
    let attributes: Vec<&str> = party.attributes.iter().map(|attribute| attribute.name()).collect();
    let by = if attributes.is_empty() { String::new() } else { format!(" by {}", attributes.join(", ")) };
    format!("{deleted}{} {}{by}", party.kind.word(), party.name)
}

fn run(path: &Path) {
    let at = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).expect("a scenario");
    let scenario: Scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{at}: {error}"));
    assert!(!scenario.title.is_empty() && !scenario.source.is_empty(), "{at}: title and source are needed");
    let recipients: Vec<Recipient> = scenario.recipient.iter().map(recipient).collect();
    let whole = if scenario.knows_deleted { vec![Collection::DeletedItems] } else { Vec::new() };
    let found = trace(&recipients, &whole);
    check(&at, &scenario, &found);
    // The order in which the exports come makes no difference.
    let turned: Vec<Recipient> = recipients.into_iter().rev().collect();
    check(&format!("{at}, turned"), &scenario, &trace(&turned, &whole));
}

#[track_caller]
fn check(at: &str, scenario: &Scenario, found: &Addresses) {
    let headlines: Vec<&str> = found.collisions.iter().map(|collision| collision.headline.as_str()).collect();
    assert_eq!(found.collisions.len(), scenario.collision.len(), "{at}: {headlines:#?}");
    for (expected, collision) in scenario.collision.iter().zip(&found.collisions) {
        compare(at, expected, collision);
    }
    assert_eq!(found.matches.len(), scenario.matches.len(), "{at}: {:?}", found.matches);
    for (part, words) in scenario.matches.iter().zip(&found.matches) {
        assert!(words.contains(part), "{at}: `{part}` is not in `{words}`");
    }
    assert_eq!(found.others.is_empty(), scenario.others.is_empty(), "{at}: {:?}", found.others);
    let beside = format!("{:?}", found.beside());
    for part in &scenario.others {
        assert!(beside.contains(part.as_str()), "{at}: `{part}` is not in {beside}");
    }
    assert!(found.others.is_empty() || !found.can_rule_out(), "{at}: an error that is not known rules nothing out");
    let cut: Vec<&str> = found.cut.iter().map(|party| party.name.as_str()).collect();
    assert_eq!(cut, scenario.cut, "{at}: cut");
    let lost: Vec<&str> = found.lost.iter().map(|party| party.name.as_str()).collect();
    assert_eq!(lost, scenario.lost, "{at}: lost");
    for part in &scenario.beside {
        assert!(beside.contains(part.as_str()), "{at}: `{part}` is not in {beside}");
    }
    for part in &scenario.beside_never {
        assert!(!beside.contains(part.as_str()), "{at}: `{part}` is in {beside}");
    }
    if let Some(expected) = scenario.rules_out {
        assert_eq!(found.can_rule_out(), expected, "{at}: {beside}");
    }
}

#[track_caller]
fn compare(at: &str, expected: &Expected, found: &Collision) {
    assert_eq!(found.value, expected.value, "{at}");
    assert_eq!(found.namespace.word(), expected.kind, "{at}: kind");
    assert_eq!(found.check.word(), expected.check, "{at}: check; {}", found.headline);
    assert_eq!(found.state.word(), expected.state, "{at}: state; {}", found.headline);
    assert_eq!(found.expected.word(), expected.expected, "{at}: expected; {}", found.headline);
    let holder = found.holder.as_ref().map_or_else(|| "nobody".to_owned(), party);
    for step in &found.plan {
        let whole = format!("{} {} {} {}", step.text, step.command, step.retired, step.warning);
        for part in &expected.plan_never {
            assert!(!whole.contains(part.as_str()), "{at}: `{part}` is in {whole}");
        }
    }
    assert_eq!(holder, expected.holder, "{at}: holder; {}", found.headline);
    let claimants: Vec<String> = found.claimants.iter().map(party).collect();
    assert_eq!(claimants, expected.claimants, "{at}: claimants; {}", found.headline);
    assert_eq!(found.is_stale, expected.is_stale, "{at}: stale; {}", found.headline);
    assert_eq!(found.is_complete, expected.is_complete, "{at}: complete; {}", found.headline);
    let codes: Vec<&str> =
        found.claimants.iter().flat_map(|party| &party.errors).map(|error| error.code.as_str()).collect();
    assert_eq!(codes, expected.codes, "{at}: codes");
    let said = format!("{}\n{}", found.headline, found.notes.join("\n"));
    for part in &expected.says {
        assert!(said.contains(part), "{at}: `{part}` is not in `{said}`");
    }
    for part in &expected.says_never {
        assert!(!said.contains(part), "{at}: `{part}` is in `{said}`");
    }
    let words = format!("{}\n{}\n{}", found.state_words(), found.claimants_heading(), found.holder_words());
    for part in &expected.words {
        assert!(words.contains(part), "{at}: `{part}` is not in `{words}`");
    }
    if let Some(ways) = &expected.ways {
        let found: Vec<String> = (0..found.plan.len()).filter_map(|step| found.way_words(step)).collect();
        assert_eq!(&found, ways, "{at}: ways");
    }
    if let Some(sources) = &expected.sources {
        assert_eq!(found.citations.len(), sources.len(), "{at}: {:#?}", found.citations);
        for (part, citation) in sources.iter().zip(&found.citations) {
            assert!(citation.source.contains(part), "{at}: `{part}` is not in `{}`", citation.source);
        }
    }
    let steps: Vec<String> =
        found.plan.iter().map(|step| format!("{} {} {}", step.text, step.retired, step.warning)).collect();
    for part in &expected.plan_says {
        assert!(steps.iter().any(|step| step.contains(part.as_str())), "{at}: `{part}` is not in {steps:#?}");
    }
    assert!(found.headline.chars().count() <= 260, "{at}: {}", found.headline);
    if !expected.chain.is_empty() {
        assert_eq!(found.chain.len(), expected.chain.len(), "{at}: {:#?}", found.chain);
    }
    for (wanted, moment) in expected.chain.iter().zip(&found.chain) {
        let words = format!("{} {}", moment.at.format("%H:%M:%S"), moment.words);
        assert!(words.starts_with(wanted), "{at}: `{words}` does not begin with `{wanted}`");
    }
    let commands: Vec<&str> = found.plan.iter().map(|step| step.command.as_str()).collect();
    let mut from = 0;
    for part in &expected.plan {
        let place = commands.iter().skip(from).position(|command| command.contains(part.as_str()));
        from += place.unwrap_or_else(|| panic!("{at}: no `{part}` (in this order) in {commands:#?}")) + 1;
    }
    let orders: Vec<usize> = found.plan.iter().map(|step| step.order).collect();
    assert_eq!(orders, (1..=found.plan.len()).collect::<Vec<_>>(), "{at}");
}

#[test]
fn every_address_scenario_comes_out_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/addresses");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of scenarios")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 14, "only {} scenarios", files.len());
    // One scenario that fails hides no other.
    let failed: Vec<PathBuf> =
        files.into_iter().filter(|file| std::panic::catch_unwind(|| run(file)).is_err()).collect();
    assert!(failed.is_empty(), "{} scenarios fail: {failed:#?}", failed.len());
}
