//! Runs the lockout scenarios in `tests/lockouts`: a table of tries in, what the lockout ledger must say out.
//!
//! Every scenario goes the whole way of the program: its table is written as a sign-in log, a snapshot and a browser trace, opened like
//! a customer's files, and made into a ledger. A file with a misspelt name in it fails.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use authopsy::domain::fact::Facts;
use authopsy::domain::server::{Process, Server};
use authopsy::explain::access::Tenant;
use authopsy::explain::lockout::lane::{Cell, picture};
use authopsy::explain::lockout::{self, Attempts, Bounds, Choices, Episode, Lockouts, Requests};
use authopsy::report;
use authopsy::store::index::Index;
use authopsy::store::index::tries::{Refusals, Tries};
use authopsy::store::inventory::Inventory;
use authopsy::store::{self, LoadEvent, Request, Sources};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What the scenario shows, in a sentence.
    title: String,
    /// Where the expected answer is from.
    source: String,
    /// The day of the tries.
    date: String,
    /// The threshold and duration of the snapshot; without them there is no snapshot.
    threshold: Option<u32>,
    duration: Option<u32>,
    /// What the operator says, as `--fact` takes it.
    #[serde(default)]
    facts: Vec<String>,
    /// The tries, one a line: the time, what it was (`fail`, `lock`, `block`, `translated`, `pass`, or an error code), and then words:
    /// `from=IP`, `at=EUS` (a request of a browser trace proves it), `process=1`, `times=40`, `app=NAME`, `client=NAME`, `user=NAME`,
    /// `also=WUS2` (another request of the same id names another place), `noid=yes` (the row does not say whose object id it is),
    /// `issuer=NAME`, `home=NAME` (the tenant a guest comes from), `checked=WORDS` (how the log calls the check of the password), `same=3` (the request id of the third try).
    /// `x12 every 3` at the end of a line repeats it that often, so many seconds apart.
    tries: String,
    /// `unifiedAudit` writes the tries as the download of an audit search (CSV); otherwise they are Graph's JSON, a line each.
    #[serde(default)]
    shape: Shape,
    /// Whether the tries are read without the pattern of request ids.
    #[serde(default)]
    no_pattern: bool,
    /// How many rows are read at most.
    most_rows: Option<usize>,
    /// Whether accepted passwords are taken not to set the counter back.
    #[serde(default)]
    ignore_resets: bool,
    /// Where the passwords are judged.
    method: Option<String>,
    /// Where the threshold is from.
    threshold_from: Option<String>,
    #[serde(default)]
    episode: Vec<Expected>,
    /// The checks of the settings, by code, with a part of their text.
    #[serde(default)]
    checks: BTreeMap<String, String>,
    /// Gaps that must be there.
    #[serde(default)]
    gaps: Vec<String>,
}

/// The shape in which a log is written.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Shape {
    #[default]
    Graph,
    UnifiedAudit,
}

/// What must be said of an episode.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    standing: String,
    failures: u32,
    /// The try that met the first lock, counted from 1 over the whole table.
    lock: Option<usize>,
    /// The time at which that was.
    locked: Option<String>,
    #[serde(default)]
    relock: bool,
    era: Option<String>,
    next: Option<ExpectedBounds>,
    same: Option<ExpectedBounds>,
    /// No arithmetic is done.
    #[serde(default)]
    no_bounds: bool,
    /// The counters: `EUS proved 5 tripped`.
    counters: Option<Vec<String>>,
    /// Explanations with their verdicts, in this order among those that are named.
    #[serde(default)]
    explanations: Vec<String>,
    /// The explanation that stands first.
    first: Option<String>,
    /// Codes of explanations that must not be there.
    #[serde(default)]
    no_explanations: Vec<String>,
    /// Parts of what is said: headline, certain, follows, reasons.
    #[serde(default)]
    says: Vec<String>,
    /// What must not be said anywhere.
    #[serde(default)]
    never_says: Vec<String>,
    /// How many wrong passwords were answered as such while the lock lasted.
    within_lock: Option<usize>,
    /// Of whom it looks like.
    who: Option<String>,
    /// The classes of its tries, in order.
    classes: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedBounds {
    min: Option<u32>,
    max: Option<u32>,
    /// `5+2`, in any order.
    splits: Option<Vec<String>>,
    excess: Option<u32>,
    missing: Option<u32>,
    /// What is known of places leaves no way unless so many tries did not count at least.
    contradicted: Option<u32>,
}

/// One try of the table.
struct Try {
    at: DateTime<Utc>,
    code: i64,
    reason: &'static str,
    words: BTreeMap<String, String>,
    user: String,
}

const LOCK: &str =
    "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.";
const BLOCK: &str = "Sign-in was blocked because it came from an IP address with malicious activity";

fn table(scenario: &Scenario, at: &str) -> Vec<Try> {
    let mut tries = Vec::new();
    for line in scenario.tries.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (line, repeated) = match line.split_once(" x") {
            Some((line, often)) => {
                let (often, every) = often.split_once(" every ").unwrap_or_else(|| panic!("{at}: {often}"));
                (line, (often.parse::<i64>().expect("a number"), every.parse::<i64>().expect("seconds")))
            }
            None => (line, (1, 0)),
        };
        let mut parts = line.split_whitespace();
        let time = format!("{}T{}Z", scenario.date, parts.next().unwrap_or_default());
        let time: DateTime<Utc> = time.parse().unwrap_or_else(|error| panic!("{at}: {time}: {error}"));
        let (code, reason) = match parts.next().unwrap_or_default() {
            "fail" => (50126, "Error validating credentials due to invalid username or password."),
            "lock" => (50053, LOCK),
            "block" => (50053, BLOCK),
            "translated" => (50053, "Das Konto ist gesperrt."),
            "pass" => (0, "Other."),
            other => (other.parse().unwrap_or_else(|_| panic!("{at}: what is `{other}`?")), "Other."),
        };
        let words: BTreeMap<String, String> = parts
            .map(|word| word.split_once('=').unwrap_or_else(|| panic!("{at}: what is `{word}`?")))
            .map(|(name, value)| (name.to_owned(), value.replace('_', " ")))
            .collect();
        for number in 0..repeated.0 {
            tries.push(Try {
                at: time + chrono::Duration::seconds(number * repeated.1),
                code,
                reason,
                user: words.get("user").cloned().unwrap_or_else(|| "ana".to_owned()),
                words: words.clone(),
            });
        }
    }
    tries
}

/// The request id of a try: of a process that is named all ids share their first twelve bytes, others have none in common.
fn id(number: usize, one: &Try) -> String {
    let process = match one.words.get("process") {
        Some(process) => format!("{process:0>8}"),
        None => format!("f{number:07x}"),
    };
    let count = u32::try_from(number).expect("a small number").swap_bytes();
    format!("{process}-1111-4222-8333-4444{count:08x}")
}

fn log(tries: &[Try]) -> String {
    let rows = tries.iter().enumerate().map(|(number, one)| {
        let word = |name: &str, otherwise: &str| one.words.get(name).cloned().unwrap_or_else(|| otherwise.to_owned());
        let mut row = json!({
            "id": id(number, one),
            "createdDateTime": one.at.to_rfc3339(),
            "userPrincipalName": format!("{}@contoso.com", one.user),
            "userId": format!("user-{}", one.user),
            "userType": "member",
            "appDisplayName": word("app", "Office 365 Portal"),
            "clientAppUsed": word("client", "Browser"),
            "userAgent": "Mozilla/5.0",
            "ipAddress": word("from", "198.51.100.7"),
            "correlationId": format!("page-{}", one.user),
            "isInteractive": true,
            "signInEventTypes": ["interactiveUser"],
            "status": { "errorCode": one.code, "failureReason": one.reason },
        });
        if let Some(same) = one.words.get("same") {
            let same: usize = same.parse().expect("a number");
            row["id"] = Value::from(id(same - 1, &tries[same - 1]));
        }
        if let Some(home) = one.words.get("home") {
            row["userType"] = Value::from("guest");
            row["homeTenantId"] = Value::from(home.as_str());
            row["resourceTenantId"] = Value::from("contoso");
        }
        if let Some(issuer) = one.words.get("issuer") {
            row["tokenIssuerType"] = Value::from(issuer.as_str());
        }
        if let Some(checked) = one.words.get("checked") {
            row["authenticationDetails"] = json!([{
                "authenticationMethod": "Password", "authenticationMethodDetail": checked, "succeeded": false,
                "authenticationStepRequirement": "Primary authentication",
            }]);
        }
        if one.words.contains_key("noid") {
            row["userId"] = Value::Null;
        }
        if let Some(times) = one.words.get("times") {
            row["# sign-ins"] = Value::from(times.as_str());
        }
        row.to_string()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// The tries as the download of an audit search has them: neither reason text nor kind of event, `ResultStatus` a success throughout.
fn audit_log(tries: &[Try]) -> String {
    let mut lines = vec!["RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits".to_owned()];
    for (number, one) in tries.iter().enumerate() {
        let (operation, error) = match one.code {
            0 => ("UserLoggedIn", None),
            50126 => ("UserLoginFailed", Some("InvalidUserNameOrPassword")),
            50053 => ("UserLoginFailed", Some("IdsLocked")),
            _ => ("UserLoginFailed", Some("Other")),
        };
        let (id, user) = (id(number, one), format!("{}@contoso.com", one.user));
        let address = one.words.get("from").map_or("198.51.100.7", String::as_str);
        let mut record = json!({
            "CreationTime": one.at.format("%Y-%m-%dT%H:%M:%S").to_string(), "Id": id, "IntraSystemId": id, "Operation": operation,
            "RecordType": 15, "ResultStatus": "Success", "Workload": "AzureActiveDirectory", "ClientIP": address,
            "ActorIpAddress": address, "UserId": user, "ErrorNumber": one.code.to_string(),
            "Actor": [
                { "ID": "22222222-0000-4000-8000-000000000001", "Type": 0 }, { "ID": user, "Type": 5 },
            ],
            "ActorContextId": "11111111-0000-4000-8000-000000000000", "InterSystemsId": "33333333-0000-4000-8000-000000000001",
            "ExtendedProperties": [{ "Name": "UserAgent", "Value": "Mozilla/5.0" }],
            "DeviceProperties": [{ "Name": "OS", "Value": "Windows 10" }],
        });
        if let Some(error) = error {
            record["LogonError"] = Value::from(error);
        }
        let cell = record.to_string().replace('"', "\"\"");
        lines.push(format!("{id},{},15,{operation},{user},\"{cell}\",", one.at.format("%Y-%m-%dT%H:%M:%S.0000000Z")));
    }
    lines.join("\r\n")
}

fn snapshot(threshold: u32, duration: Option<u32>) -> String {
    let mut values = vec![json!({ "name": "LockoutThreshold", "value": threshold.to_string() })];
    values
        .extend(duration.map(|duration| json!({ "name": "LockoutDurationInSeconds", "value": duration.to_string() })));
    let setting = json!({ "id": "s1", "templateId": "5cf42378-d67d-4f36-ba46-e8b86229381d", "values": values });
    json!({ "groupSettings": [setting], "conditionalAccessPolicies": [] }).to_string()
}

fn trace(tries: &[Try]) -> Option<String> {
    let entries: Vec<Value> = tries
        .iter()
        .enumerate()
        .flat_map(|(number, one)| {
            let places = ["at", "also"].into_iter().filter_map(|word| one.words.get(word));
            places.map(move |place| (number, one, place))
        })
        .map(|(number, one, place)| {
            let headers = json!([
                { "name": "x-ms-request-id", "value": id(number, one) },
                { "name": "x-ms-ests-server", "value": format!("2.1.11898.12 - {place} ProdSlices") },
            ]);
            json!({
                "startedDateTime": one.at.to_rfc3339(),
                "request": {
                    "method": "POST", "url": "https://login.microsoftonline.com/common/login", "headers": [],
                    "postData": { "text": "passwd=PLANTED-SECRET" },
                },
                "response": { "status": 200, "headers": headers, "content": {} },
            })
        })
        .collect();
    let log = json!({ "log": { "version": "1.2", "creator": { "name": "WebInspector", "version": "537.36" }, "entries": entries } });
    (!entries.is_empty()).then(|| log.to_string())
}

fn ledger_of(scenario: &Scenario, at: &str) -> (Lockouts, Vec<Try>) {
    let tries = table(scenario, at);
    let folder = tempfile::tempdir().expect("a folder");
    let mut evidence = Vec::new();
    let mut write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("writing");
        evidence.push(path);
    };
    match scenario.shape {
        Shape::Graph => write("log", log(&tries)),
        Shape::UnifiedAudit => write("log", audit_log(&tries)),
    }
    if let Some(threshold) = scenario.threshold {
        write("snapshot", snapshot(threshold, scenario.duration));
    }
    if let Some(text) = trace(&tries) {
        write("trace", text);
    }
    let mut facts = Facts::default();
    for fact in &scenario.facts {
        facts.say_pair(fact).unwrap_or_else(|error| panic!("{at}: {error}"));
    }
    let choices = Choices { by_pattern: !scenario.no_pattern, success_resets: !scenario.ignore_resets };
    (opened(evidence, facts, "ana@contoso.com", (choices, scenario.most_rows.unwrap_or(20_000))), tries)
}

/// The ledger of a user in files, made as the program makes it.
fn opened(evidence: Vec<PathBuf>, facts: Facts, user: &str, (choices, most): (Choices, usize)) -> Lockouts {
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
    let key = *index.find_users(user).first().unwrap_or_else(|| panic!("no user {user}: {inventory:?}"));
    let mut attempts = Attempts::default();
    let picked = Tries::of(&index, key, most);
    for row in picked.rows {
        let spans = index.spans_of(row).expect("a row");
        attempts.add(&sources.read_whole(&spans).expect("a record").sign_in);
    }
    let addresses = Refusals::of(&index).addresses_of(&index, key);
    let holds = inventory.holdings();
    let beside = lockout::Beside {
        tenant: &tenant,
        traces: &traces,
        requests: &Requests::of(&traces),
        left_out: picked.left_out,
        is_torn: picked.is_torn,
        holds,
        addresses: &addresses,
        choices,
    };
    lockout::ledger(attempts, beside)
}

fn run(path: &Path) {
    let at = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).expect("a scenario");
    let scenario: Scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{at}: {error}"));
    assert!(!scenario.title.is_empty() && !scenario.source.is_empty(), "{at}: title and source are needed");
    assert!(!scenario.episode.is_empty(), "{at}: nothing is expected");
    let (ledger, tries) = ledger_of(&scenario, &at);
    assert_eq!(ledger.episodes.len(), scenario.episode.len(), "{at}: episodes: {}", report::lockouts_text(&ledger));
    for (number, expected) in scenario.episode.iter().enumerate() {
        let episode = &ledger.episodes[number];
        compare(&format!("{at}, episode {}", number + 1), expected, episode, &ledger, &tries);
    }
    if let Some(method) = &scenario.method {
        assert_eq!(ledger.method.word(), method, "{at}: method");
    }
    if let Some(from) = &scenario.threshold_from {
        assert_eq!(ledger.threshold.origin.word(), from, "{at}: threshold from");
    }
    for (code, part) in &scenario.checks {
        let check = ledger.checks.iter().find(|check| check.code == *code);
        let check = check.unwrap_or_else(|| panic!("{at}: no check {code} in {:?}", ledger.checks));
        assert!(check.text.contains(part), "{at}: `{part}` is not in `{}`", check.text);
    }
    for code in &scenario.gaps {
        assert!(ledger.gaps.iter().any(|gap| gap.code == *code), "{at}: no gap {code} in {:?}", ledger.gaps);
    }
    ledger.episodes.iter().for_each(|episode| check_picture(&at, &ledger, episode));
    let json = report::lockouts_json(&ledger).to_string();
    assert!(!json.contains("PLANTED-SECRET"), "{at}: a secret is in the answer");
}

#[track_caller]
fn compare(at: &str, expected: &Expected, episode: &Episode, ledger: &Lockouts, tries: &[Try]) {
    let written = report::lockouts_text(ledger);
    assert_eq!(episode.standing.word(), expected.standing, "{at}: standing\n{written}");
    assert_eq!(episode.failures, expected.failures, "{at}: failures\n{written}");
    assert_eq!(episode.is_relock, expected.relock, "{at}: relock\n{written}");
    let lock = episode.lock.and_then(|lock| ledger.attempt(lock));
    if let Some(number) = expected.lock {
        assert_eq!(lock.map(|row| row.at), tries.get(number - 1).map(|one| one.at), "{at}: lock\n{written}");
    } else {
        assert!(lock.is_none(), "{at}: there is a lock\n{written}");
    }
    if let Some(time) = &expected.locked {
        assert_eq!(lock.map(|row| row.at.format("%H:%M:%S").to_string()).as_deref(), Some(time.as_str()), "{at}");
    }
    if let Some(era) = &expected.era {
        assert_eq!(episode.era.word(), era, "{at}: era");
    }
    for (name, wanted, found) in [("next", &expected.next, &episode.next), ("same", &expected.same, &episode.same)] {
        if let Some(wanted) = wanted {
            let found = found.as_ref().unwrap_or_else(|| panic!("{at}: {name} is not computed"));
            compare_bounds(&format!("{at}, {name}"), wanted, found, &written);
        }
        assert!(!expected.no_bounds || found.is_none(), "{at}: {name} is computed");
    }
    if let Some(counters) = &expected.counters {
        let found: Vec<String> = episode
            .counters
            .iter()
            .enumerate()
            .map(|(number, counter)| {
                let tripped = if episode.tripped == Some(number) { " tripped" } else { "" };
                format!("{} {} {}{tripped}", counter.label, counter.strength.word(), counter.failures)
            })
            .collect();
        assert_eq!(&found, counters, "{at}: counters\n{written}");
    }
    let found: Vec<String> =
        episode.explanations.iter().map(|rival| format!("{} {}", rival.code, rival.verdict.word())).collect();
    let mut from = 0;
    for wanted in &expected.explanations {
        let place = found.iter().skip(from).position(|rival| rival == wanted);
        let place = place.unwrap_or_else(|| panic!("{at}: no {wanted} (in this order) in {found:?}\n{written}"));
        from += place + 1;
    }
    if let Some(first) = &expected.first {
        assert_eq!(
            episode.explanations.first().map(|rival| rival.code.as_str()),
            Some(first.as_str()),
            "{at}\n{written}"
        );
    }
    for code in &expected.no_explanations {
        assert!(!episode.explanations.iter().any(|rival| rival.code == *code), "{at}: {code} is there\n{written}");
    }
    for rival in &episode.explanations {
        assert!(!rival.headline.is_empty() && !rival.settled_by.is_empty(), "{at}: {rival:?}");
    }
    let mut said: Vec<&str> = vec![&episode.headline];
    said.extend(episode.certain.iter().chain(&episode.follows).map(String::as_str));
    said.extend(episode.explanations.iter().map(|rival| rival.headline.as_str()));
    said.extend(episode.who.iter().flat_map(|hint| [hint.kind.label(), hint.advice]));
    for part in &expected.says {
        assert!(said.iter().any(|line| line.contains(part.as_str())), "{at}: `{part}` is not said\n{written}");
    }
    for part in &expected.never_says {
        assert!(!written.contains(part.as_str()), "{at}: `{part}` is said\n{written}");
    }
    assert!(episode.headline.chars().count() <= 240, "{at}: {}", episode.headline);
    if let Some(within) = expected.within_lock {
        assert_eq!(episode.within_lock.len(), within, "{at}: within the lock\n{written}");
    }
    if let Some(who) = &expected.who {
        assert_eq!(episode.who.as_ref().map(|hint| hint.kind.word()), Some(who.as_str()), "{at}\n{written}");
    }
    if let Some(classes) = &expected.classes {
        let found: Vec<&str> = ledger.rows(episode).map(|(_, row)| row.class.word()).collect();
        assert_eq!(&found, classes, "{at}: classes");
    }
}

#[track_caller]
fn compare_bounds(at: &str, wanted: &ExpectedBounds, found: &Bounds, written: &str) {
    match wanted.contradicted {
        Some(uncounted) => {
            assert!(found.is_contradicted(), "{at}: not contradicted: {found:?}\n{written}");
            assert_eq!(found.uncounted_in_place, uncounted, "{at}: uncounted\n{written}");
        }
        None => assert!(!found.is_contradicted(), "{at}: contradicted\n{written}"),
    }
    if let Some(min) = wanted.min {
        assert_eq!(found.counting.minimum, Some(min), "{at}: least\n{written}");
    }
    if let Some(max) = wanted.max {
        assert_eq!(found.counting.maximum, Some(max), "{at}: most\n{written}");
    }
    if let Some(splits) = &wanted.splits {
        let mut splits = splits.clone();
        let mut told: Vec<String> = found
            .counting
            .splits
            .iter()
            .map(|split| split.iter().map(u32::to_string).collect::<Vec<_>>().join("+"))
            .collect();
        splits.sort();
        told.sort();
        assert_eq!(told, splits, "{at}: splits\n{written}");
    }
    if let Some(excess) = wanted.excess {
        assert_eq!(found.excess, excess, "{at}: excess\n{written}");
    }
    if let Some(missing) = wanted.missing {
        assert_eq!(found.missing, missing, "{at}: missing\n{written}");
    }
}

/// Holds the picture of an episode against one that asks for each cell of each lane anew, and its counts against those of the counters.
#[track_caller]
fn check_picture(at: &str, ledger: &Lockouts, episode: &Episode) {
    let shown = picture(ledger, episode);
    let sum = episode.counters.iter().fold(0, |sum: u32, counter| sum.saturating_add(counter.failures));
    assert_eq!(sum, episode.failures, "{at}: the counters' failures do not add up");
    for (lane, counter) in shown.lanes.iter().zip(&episode.counters) {
        let (mut count, mut before_lock) = (0, 0);
        let mut locked_until = None;
        for (column, number) in shown.columns.iter().enumerate() {
            let row = &ledger.attempts[*number];
            let own = counter.attempts.iter().position(|own| own == number).map(|place| counter.tries[place]);
            let expected = match own {
                Some(_) if row.class.is_lock() => {
                    let lasts = chrono::Duration::seconds(ledger.duration.value.into());
                    locked_until = locked_until.or(Some(row.at + lasts));
                    Cell::Lock
                }
                Some(tries) => {
                    count += tries;
                    before_lock = if episode.is_up_to_lock(*number) { count } else { before_lock };
                    Cell::Count(count)
                }
                None if !counter.is_unknown() && locked_until.is_some_and(|until| row.at < until) => Cell::Locked,
                None => Cell::Empty,
            };
            assert_eq!(lane.at(column), expected, "{at}: {} in column {column}", counter.label);
        }
        assert_eq!(before_lock, counter.failures, "{at}: {}", counter.label);
        assert_eq!(lane.tries_within(&(0..shown.columns.len())), counter.attempts.len(), "{at}: {}", counter.label);
    }
    for wanted in [Cell::Locked, Cell::Lock, Cell::Block, Cell::Pass] {
        let is_drawn = shown.lanes.iter().any(|lane| (0..shown.columns.len()).any(|column| lane.at(column) == wanted));
        let said = match wanted {
            Cell::Locked => shown.has(|cell| cell == Cell::Locked),
            Cell::Lock => shown.has(|cell| cell == Cell::Lock),
            Cell::Block => shown.has(|cell| cell == Cell::Block),
            _ => shown.has(|cell| cell == Cell::Pass),
        };
        assert_eq!(said, is_drawn, "{at}: {wanted:?}");
    }
}

/// A lane for each process and a column for each try, kept as a table, would have two hundred million cells.
#[test]
fn a_picture_is_as_large_as_the_log_and_draws_the_lanes_that_have_something() {
    let tries: String = (0..10_000)
        .flat_map(|process| [process * 2, process * 2 + 1].map(|second| (process, second)))
        .map(|(process, second)| {
            let (hours, minutes, seconds) = (8 + second / 3600, second / 60 % 60, second % 60);
            format!("{hours:02}:{minutes:02}:{seconds:02} fail process={process}\n")
        })
        .collect();
    let scenario = format!("title = 't'\nsource = 's'\ndate = '2021-06-21'\ntries = '''\n{tries}'''");
    let scenario: Scenario = toml::from_str(&scenario).expect("a scenario");
    let (ledger, _) = ledger_of(&scenario, "many processes");
    let [episode] = ledger.episodes.as_slice() else { panic!("{} episodes", ledger.episodes.len()) };
    let shown = picture(&ledger, episode);
    assert_eq!((shown.lanes.len(), shown.columns.len()), (10_000, 20_000));
    assert!(shown.lanes.iter().all(|lane| lane.tries_within(&(0..20_000)) == 2));
    let text = report::lockouts_text(&ledger);
    assert_eq!(text.matches("(pattern) 2 ").count(), 24 * 4, "24 lanes have something in the four rows of columns");
    assert!(text.contains("    and 9976 more lanes, which have none of these tries\n"), "{text}");
}

#[test]
fn long_counts_keep_their_columns_apart() {
    let scenario = "title = 't'\nsource = 's'\ndate = '2021-06-21'\ntries = '''
        08:00:00 fail times=99999
        08:00:01 fail
        08:00:02 fail times=1234567
        08:00:05 lock
    '''";
    let scenario: Scenario = toml::from_str(scenario).expect("a scenario");
    let (ledger, _) = ledger_of(&scenario, "long counts");
    let text = report::lockouts_text(&ledger);
    let lines: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("    try ")).take(3).collect();
    let expected = [
        "    try                              1       2       3       4",
        "    after                           0s      1s      2s      5s",
        "    counter not known 1334567    99999  100000 1334567       L",
    ];
    assert_eq!(lines, expected, "{text}");
}

#[test]
fn every_lockout_scenario_comes_out_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lockouts");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of scenarios")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 20, "only {} scenarios", files.len());
    // One scenario that fails hides no other.
    let failed: Vec<PathBuf> =
        files.into_iter().filter(|file| std::panic::catch_unwind(|| run(file)).is_err()).collect();
    assert!(failed.is_empty(), "{} scenarios fail: {failed:#?}", failed.len());
}

#[test]
fn what_was_observed_of_ids_and_places_is_read_as_it_was_observed() {
    let observed = include_str!("lockouts/observed-servers.csv");
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let (mut pairs, mut shared) = (0, 0);
    for line in observed.lines().skip(1).filter(|line| !line.is_empty()) {
        let [request_id, build, location, ..] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let server = Server::read(&format!("{build} - {location} ProdSlices")).expect("a server");
        assert_eq!(server.label, location);
        assert!(server.region().is_some(), "{location} has no region");
        let process = Process::of(request_id).unwrap_or_else(|| panic!("{request_id} does not follow the pattern"));
        let held = places.entry(process.group.clone()).or_insert_with(|| location.to_owned());
        assert_eq!(held, location, "one process at two places: {request_id}");
        // The rows stand in the order of time.
        shared += usize::from(counts.insert(process.group, process.count).is_some());
        pairs += 1;
    }
    assert_eq!((pairs, places.len(), shared), (114, 105, 9));
}
