//! One tenant in every form: a sign-in is answered as with Graph's own JSON, and what a form lacks is unknown and said.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use authopsy::domain::{SignIn, Snapshot};
use authopsy::explain::access::{Asked, Tenant, decide, from_sign_in};
use authopsy::store::inventory::{FileKind, FileReport, Inventory};
use authopsy::store::load::{LoadEvent, Request, load};
use authopsy::store::{Sources, format, record};
use serde_json::json;

use super::tenant::{self, ANA, APP, BEN, BLOCK, DEVICE, File, MFA, TENANT};

const ABROAD: &str = "203.0.113.7";
const OFFICE: &str = "198.51.100.20";

/// The sign-ins that are asked about: who, from where, with what device.
fn sign_ins() -> Vec<(String, Vec<u8>)> {
    let policy = |id: &str, name: &str| json!({"id": id, "displayName": name, "result": "notApplied"});
    [(BEN, "ben", ABROAD, "Kiosk"), (BEN, "ben", OFFICE, "Surface"), (ANA, "ana", ABROAD, "Surface")]
        .into_iter()
        .enumerate()
        .map(|(number, (id, name, address, model))| {
            let record = json!({
                "id": format!("f0000000-0000-4000-8000-00000000000{number}"), "createdDateTime": "2026-01-10T10:00:00Z",
                "userId": id, "userPrincipalName": format!("{name}@contoso.example"), "userType": "member", "ipAddress": address,
                "appId": "12345678-0000-4000-8000-000000000001", "clientAppUsed": "Browser", "resourceId": APP, "correlationId": "x",
                "resourceTenantId": TENANT, "homeTenantId": TENANT, "signInEventTypes": ["interactiveUser"],
                "deviceDetail": {"deviceId": "d", "isCompliant": false, "operatingSystem": "Windows", "browser": "Edge", "displayName": model},
                "conditionalAccessStatus": "notApplied",
                "appliedConditionalAccessPolicies": [policy(BLOCK, "Block abroad"), policy(MFA, "MFA for all"),
                    policy(DEVICE, "Compliant device for the app")],
                "status": {"errorCode": 0}});
            (format!("{name} from {address}"), record.to_string().into_bytes())
        })
        .collect()
}

/// What the files of a folder are, and the tenant in them; the log lies beside them.
fn open(files: &[File]) -> (Snapshot, Inventory) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    files.iter().for_each(|(name, bytes)| write(name, bytes));
    let records: Vec<String> = sign_ins().into_iter().map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect();
    write("log/signins.json", format!("[{}]", records.join(",")).as_bytes());
    open_folder(folder.path())
}

pub fn open_folder(folder: &Path) -> (Snapshot, Inventory) {
    let request = Request { evidence: vec![folder.to_owned()], ..Request::default() };
    let (mut snapshot, mut inventory) = (None, Inventory::default());
    load(&request, &Sources::new(), &|| true, &mut |event| match event {
        LoadEvent::Snapshot(read) => snapshot = Some(*read),
        LoadEvent::Inventory(read) => inventory = read,
        _ => {}
    });
    (snapshot.unwrap(), inventory)
}

/// The answers for one policy and sign-in, by what is asked.
type Answers = BTreeMap<(String, String), BTreeMap<String, String>>;

fn answers(snapshot: Snapshot) -> (Answers, Tenant) {
    let tenant = Tenant::new(snapshot);
    let mut answers = Answers::new();
    for (name, bytes) in sign_ins() {
        let sign_in: SignIn = record::read_record(&bytes, record::Shape::Json, &Arc::from("log"), 0).unwrap().sign_in;
        let context = from_sign_in::context(&sign_in, &tenant);
        let asked = Asked::new(&context, &tenant);
        let decision = decide(&asked);
        for (policy, found) in tenant.snapshot().policies.iter().zip(&decision.policies) {
            let mut said: BTreeMap<String, String> = found
                .evaluation
                .conditions()
                .map(|(condition, verdict)| (condition.word().to_owned(), verdict.word().to_owned()))
                .collect();
            said.insert("applies".to_owned(), found.evaluation.applies.word().to_owned());
            said.insert("result".to_owned(), found.result.to_owned());
            said.insert("grant".to_owned(), found.granted.verdict.word().to_owned());
            let frequency = policy.session.sign_in_frequency.as_ref().map(|frequency| frequency.hours);
            said.insert("frequency".to_owned(), format!("{frequency:?}"));
            said.insert("id".to_owned(), policy.id.clone());
            said.insert("state".to_owned(), policy.state.word().to_owned());
            answers.insert((policy.display_name.clone(), name.clone()), said);
        }
    }
    (answers, tenant)
}

/// A form: its words in the catalogue, its files, and what it does not carry, by policy and condition.
struct Form {
    words: &'static [&'static str],
    files: Vec<File>,
    lacks: &'static [(&'static str, &'static str)],
}

const NO_MEMBERS: &[(&str, &str)] = &[("Block abroad", "users")];
const NO_MEMBERS_OR_PLACES: &[(&str, &str)] = &[("Block abroad", "users"), ("Block abroad", "locations")];

fn forms() -> Vec<Form> {
    let form = |words: &'static [&'static str], files: Vec<File>, lacks: &'static [(&'static str, &'static str)]| {
        Form { words, files, lacks }
    };
    vec![
        form(&["graphObjects"], tenant::graph(), &[]),
        form(&["powerShellObjects"], tenant::power_shell(), &[]),
        form(&["entraExporter"], tenant::entra_exporter(), &[]),
        form(&["intuneManagement"], tenant::intune_management(), NO_MEMBERS),
        form(&["scubaGear"], tenant::scuba_gear(), NO_MEMBERS_OR_PLACES),
        form(&["portalPolicy"], tenant::portal(), NO_MEMBERS_OR_PLACES),
        form(&["policyWrapper"], tenant::wrapper(), NO_MEMBERS_OR_PLACES),
        form(&["policyTemplate"], tenant::templates(), NO_MEMBERS_OR_PLACES),
        form(&["terraformState"], tenant::terraform_state(), &[]),
        form(&["terraformShow"], tenant::terraform_show(), &[]),
        form(&["terraformShow"], tenant::terraform_plan(), NO_MEMBERS),
        form(&["roadrecon"], tenant::roadrecon(), &[]),
        form(&["microsoft365Dsc"], tenant::configuration(), NO_MEMBERS),
        form(&["graphObjects", "microsoft365Dsc"], tenant::configuration_with_users(), &[]),
        form(&["graphObjects", "microsoft365DscReport"], tenant::report(), &[]),
        form(&["graphObjects", "groupMembersCsv"], tenant::members_table(), &[]),
        form(&["graphObjects", "groupMembersCsv"], tenant::members_table_by_name(), &[]),
        form(
            &["extractorSuiteCsv", "graphObjects"],
            tenant::extractor_suite(),
            &[
                ("Block abroad", "users"),
                ("Block abroad", "authenticationFlows"),
                ("MFA for all", "authenticationFlows"),
                ("Compliant device for the app", "authenticationFlows"),
                ("Block abroad", "session"),
                ("Compliant device for the app", "session"),
            ],
        ),
    ]
}

fn words_of<'a>(files: impl Iterator<Item = &'a FileReport>) -> BTreeSet<&'static str> {
    let snapshots = files.filter(|file| file.kind == FileKind::TenantSnapshot);
    snapshots.flat_map(|file| file.formats.iter().copied()).collect()
}

#[test]
fn every_form_of_one_tenant_gives_the_same_answers_or_says_what_it_lacks() {
    let (wanted, tenant) = answers(open(&tenant::graph()).0);
    assert!(tenant.doubts().is_empty(), "{:?}", tenant.doubts());
    assert_eq!(wanted.len(), 9);
    let block = |who: &str| wanted[&("Block abroad".to_owned(), who.to_owned())]["applies"].clone();
    assert_eq!(
        [block("ben from 203.0.113.7"), block("ben from 198.51.100.20"), block("ana from 203.0.113.7")],
        ["yes", "no", "no"]
    );
    for Form { words, files, lacks } in forms() {
        let (snapshot, inventory) = open(&files);
        assert_eq!(words_of(inventory.files.iter()), words.iter().copied().collect(), "{inventory:#?}");
        let unreadable: u64 = inventory.files.iter().map(|file| file.unreadable).sum();
        assert_eq!(unreadable, 0, "{words:?} {inventory:#?}");
        let (found, tenant) = answers(snapshot);
        assert_eq!(found.len(), wanted.len(), "{words:?} {:?}", found.keys());
        for ((policy, who), said) in &found {
            let missing: BTreeSet<&str> = lacks.iter().filter(|(of, _)| of == policy).map(|(_, what)| *what).collect();
            let expected = &wanted[&(policy.clone(), who.clone())];
            let asked: BTreeSet<&String> = said.keys().chain(expected.keys()).collect();
            for word in asked {
                let is_joined = ["applies", "result"].contains(&word.as_str()) && !missing.is_empty();
                if is_joined || missing.contains("session") && word == "grant" {
                    continue;
                }
                if missing.contains(word.as_str()) {
                    // Whoever is excluded or far away by what the form does carry is still known to be so.
                    let verdict = said.get(word).map(String::as_str);
                    assert_eq!(verdict, Some("unknownData"), "{words:?}: {word} of {policy} for {who}: {said:?}");
                } else {
                    assert_eq!(said.get(word), expected.get(word), "{words:?}: {word} of {policy} for {who}: {said:?}");
                }
            }
        }
        let lacking: BTreeSet<&str> = lacks.iter().map(|(policy, _)| *policy).collect();
        for policy in lacking {
            let held = tenant.snapshot().policies.iter().find(|held| held.display_name == policy).unwrap();
            let is_noted = tenant.doubts().iter().any(|doubt| doubt.text.contains(policy));
            let lacks_members = held
                .conditions
                .users
                .exclude_groups
                .iter()
                .any(|id| tenant.group(id).is_none_or(|group| !group.members_known));
            assert!(is_noted || lacks_members, "{words:?}: {policy}: {:?}", tenant.doubts());
        }
    }
}

#[test]
fn every_word_of_a_tenant_in_the_catalogue_is_written_here() {
    let written: BTreeSet<&str> = forms().iter().flat_map(|form| form.words.iter().copied()).collect();
    let known: BTreeSet<&str> = format::all()
        .iter()
        .filter(|format| format.kind == "tenantSnapshot")
        .map(|format| format.word.as_str())
        .collect();
    assert_eq!(written, known);
}

fn reasons(inventory: &Inventory) -> Vec<String> {
    inventory.files.iter().flat_map(|file| file.problems.iter().map(|problem| problem.reason.clone())).collect()
}

#[track_caller]
fn assert_said(inventory: &Inventory, part: &str) {
    assert!(reasons(inventory).iter().any(|reason| reason.contains(part)), "{part} in {:#?}", reasons(inventory));
}

#[test]
fn a_policy_without_an_id_is_joined_to_the_logs_policy_of_its_name_and_that_is_said() {
    let (snapshot, inventory) = open(&tenant::portal());
    assert_eq!(snapshot.policy(BLOCK).unwrap().display_name, "Block abroad");
    assert_said(&inventory, "policy `Block abroad` has no id here; the log lists one policy of that name");
    // Two policies of one name are joined to none.
    let twice: Vec<File> = [
        tenant::portal(),
        tenant::portal().into_iter().map(|(name, bytes)| (format!("again/{name}"), bytes)).collect(),
    ]
    .concat();
    let (snapshot, _) = open(&twice);
    assert!(snapshot.policy(BLOCK).is_none());
}

#[test]
fn names_that_become_ids_are_said_and_point_at_the_file() {
    let (snapshot, inventory) = open(&tenant::configuration_with_users());
    assert_said(
        &inventory,
        "policy `Block abroad`: `Office` is the name of one named location and is taken for its id",
    );
    assert_said(&inventory, "the configuration says what the tenant is to be");
    let evidence =
        snapshot.policy(BLOCK).unwrap().evidence("place", "/conditions/locations/excludeLocations/0", "Office");
    assert_eq!(evidence.pointer, "/AADConditionalAccessPolicy/0/ExcludeLocations/0");
    let (_, inventory) = open(&tenant::configuration());
    assert_said(&inventory, "are names of which the evidence does not tell the id, the first `ana@contoso.example`");
    assert_eq!(snapshot.password_rules.unwrap().lockout_threshold, Some(7));
}

#[test]
fn evidence_points_into_databases_states_and_tables() {
    let pointer = |files: Vec<File>, graph: &str| open(&files).0.policy(BLOCK).unwrap().evidence("", graph, "").pointer;
    let users = "/conditions/users/excludeGroups/0";
    assert_eq!(pointer(tenant::roadrecon(), "/state"), "/Policys/0/policyDetail/0/State");
    assert_eq!(pointer(tenant::roadrecon(), users), "/Policys/0/policyDetail/0/Conditions/Users/0");
    assert_eq!(
        pointer(tenant::terraform_state(), users),
        "/resources/0/instances/0/attributes/conditions/0/users/0/excluded_groups/0"
    );
    assert_eq!(
        pointer(tenant::terraform_show(), users),
        "/values/root_module/resources/0/values/conditions/0/users/0/excluded_groups/0"
    );
    assert_eq!(pointer(tenant::extractor_suite(), users), "/0/ExcludeGroups/0");
    assert_eq!(pointer(tenant::wrapper(), "/id"), "/SourcePolicyId");
}

/// A database in a zip is read in memory.
#[test]
fn a_database_in_a_zip_is_read_and_foreign_empty_and_cut_ones_are_said() {
    let (name, bytes) = tenant::roadrecon().remove(0);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut zip, &bytes).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    let (snapshot, inventory) = open(&[("case.zip".to_owned(), zip)]);
    assert_eq!(snapshot.policies.len(), 3, "{inventory:#?}");
    let mut left_open = bytes.clone();
    left_open[18..20].copy_from_slice(&[2, 2]);
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    let half = bytes[..bytes.len() / 2].to_vec();
    let files = [
        ("a-log.db".to_owned(), left_open),
        ("b-other.db".to_owned(), std::fs::read(&other).unwrap()),
        ("c-half.db".to_owned(), half),
        ("d-head.db".to_owned(), b"SQLite format 3\0".to_vec()),
        ("e-empty.db".to_owned(), Vec::new()),
        tenant::graph().remove(1),
    ];
    let (snapshot, inventory) = open(&files);
    assert_said(&inventory, "the database was left with a write-ahead log");
    assert_eq!((snapshot.policies.len(), snapshot.named_locations.len()), (3, 1));
    let of = |name: &str| inventory.files.iter().find(|file| file.path.ends_with(name)).unwrap();
    assert_eq!(of("b-other.db").format, "an SQLite database that is none of ROADrecon's");
    for name in ["c-half.db", "d-head.db", "e-empty.db"] {
        assert!(of(name).problems.iter().any(|problem| !problem.is_warning), "{:?}", of(name));
    }
}

#[test]
fn cut_and_broken_files_are_said_and_the_rest_goes_on() {
    let [block, mfa, device] = tenant::policies();
    let damaged = format!("[{block},\n{},\n{device}]", mfa.to_string().replace("\"All\"]", "\"All\"]]"));
    let (name, bytes) = tenant::configuration().remove(0);
    let script = String::from_utf8(bytes).unwrap();
    let cut = script.split_at(script.find("AADNamedLocationPolicy").unwrap() + 120).0.to_owned();
    let files = [
        ("damaged.json".to_owned(), damaged.into_bytes()),
        ("cut.json".to_owned(), block.to_string().as_bytes()[..200].to_vec()),
        (name, cut.into_bytes()),
        ("empty.csv".to_owned(), b"GroupId,MemberId\r\n".to_vec()),
        ("odd.csv".to_owned(), b"GroupId,MemberId\r\n,x\r\ng1,u1\r\n".to_vec()),
        ("wrong.json".to_owned(), [b"\xFE\xFF".as_slice(), b"{\"id\":1}"].concat()),
        tenant::graph().remove(1),
    ];
    let (snapshot, inventory) = open(&files);
    assert_said(&inventory, "at line 2 column");
    assert_said(&inventory, "what can be read of it is read object by object");
    assert_said(&inventory, "`AADNamedLocationPolicy` on line");
    assert_said(&inventory, "row 0: it names no group");
    let ids: BTreeSet<&str> = snapshot.policies.iter().map(|policy| policy.id.as_str()).collect();
    assert_eq!(ids, BTreeSet::from([BLOCK, MFA, DEVICE]));
    assert!(snapshot.incomplete.contains(&authopsy::domain::snapshot::Collection::Policies));
    assert_eq!(snapshot.named_location(tenant::OFFICE).unwrap().display_name, "Office");
    assert_eq!(snapshot.group("g1").unwrap().members, ["u1"]);
}
