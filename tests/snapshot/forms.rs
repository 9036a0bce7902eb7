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
        let sign_in: SignIn = record::read_record(&bytes, &record::Shape::Json, &Arc::from("log"), 0).unwrap().sign_in;
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
        form(&["graphObjects", "groupMembersCsv"], tenant::members_table_as_asked("1"), &[]),
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
fn a_table_of_members_that_does_not_say_that_it_is_whole_rules_nobody_out() {
    // No number, a number that is not reached, a nested group of which nobody tells the members.
    let nested = tenant::TRAVELLERS.replace('1', "2");
    let mut with_nested = tenant::members_table_as_asked("2");
    let table = String::from_utf8(with_nested[2].1.clone()).unwrap();
    with_nested[2].1 = format!("{table}{},Travellers,{nested},Others,,2\r\n", tenant::TRAVELLERS).into_bytes();
    for files in [tenant::members_table_as_asked(""), tenant::members_table_as_asked("2"), with_nested] {
        let (snapshot, _) = open(&files);
        let group = snapshot.group(tenant::TRAVELLERS).unwrap();
        assert_eq!((group.display_name.as_str(), &group.members[0]), ("Travellers", &ANA.to_owned()));
        let (found, _) = answers(snapshot);
        let users = |who: &str| found[&("Block abroad".to_owned(), who.to_owned())]["users"].clone();
        assert_eq!((users("ben from 203.0.113.7"), users("ana from 203.0.113.7")), ("unknownData".into(), "no".into()));
    }
    // An object of the group that lists them all settles it.
    let mut files = tenant::members_table_as_asked("");
    files.extend(tenant::graph());
    let (found, _) = answers(open(&files).0);
    assert_eq!(found[&("Block abroad".to_owned(), "ben from 203.0.113.7".to_owned())]["users"], "yes");
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

/// The policy of that name in a text of that file name.
fn policy_of(files: &[File], name: &str) -> authopsy::domain::Policy {
    let (snapshot, inventory) = open(files);
    let found = snapshot.policies.into_iter().find(|policy| policy.display_name == name);
    found.unwrap_or_else(|| panic!("{inventory:#?}"))
}

fn unknown(policy: &authopsy::domain::Policy) -> Vec<&str> {
    policy.unknown.iter().map(|member| member.pointer.as_str()).collect()
}

#[test]
fn names_in_a_configuration_are_found_or_unknown_and_never_compared_with_ids() {
    let script = r#"
AADConditionalAccessPolicy 'x' {
    DisplayName = "Admins"; Id = 'cccccccc-0000-4000-8000-000000000009'; State = 'enabled'
    IncludeRoles = @("Global Administrator"); ExcludeUsers = @("break@$OrganizationName", 'Ben')
    ExcludeGroups = $Excluded
    IncludeApplications = @('Office365', "Payroll"); AuthenticationStrength = 'Phishing-resistant MFA'
    ExcludeLocations = @("Nowhere"); SignInFrequencyIsEnabled = $True; SignInFrequencyInterval = 'everyTime'
    NewThing = 'x'; SecureSignInSessionIsEnabled = $false; TransferMethods = 'deviceCodeFlow'
}
AADConditionalAccessPolicy 'gone' { DisplayName = "Gone"; Ensure = 'Absent' }
"#;
    let files = [("x.ps1".to_owned(), script.as_bytes().to_vec()), tenant::graph().remove(3)];
    let admins = policy_of(&files, "Admins");
    assert_eq!(admins.conditions.users.include_roles, ["62e90394-69f5-4237-9190-012177145e10"]);
    assert_eq!(admins.conditions.users.exclude_users, ["break@$OrganizationName", BEN]);
    assert_eq!(admins.grant.as_ref().unwrap().strength.as_ref().unwrap().id, "00000000-0000-0000-0000-000000000004");
    assert_eq!(admins.session.sign_in_frequency.as_ref().unwrap().hours, None);
    assert_eq!(admins.conditions.transfer_methods, ["deviceCodeFlow"]);
    assert_eq!(
        unknown(&admins),
        [
            "/conditions/users/excludeGroups",
            "/NewThing (not converted)",
            "/conditions/users/excludeUsers/0",
            "/conditions/applications/includeApplications/1",
            "/conditions/locations/excludeLocations/0"
        ]
    );
    let (snapshot, inventory) = open(&files);
    assert_eq!(snapshot.policies.len(), 1);
    assert_said(&inventory, "`/AADConditionalAccessPolicy/1` is to be absent");
    // Older versions write no nested groups: who else is in a group is unknown then.
    let groups = r#"AADGroup 'a' { DisplayName = 'Old'; Members = 'ben' } AADGroup 'b' { DisplayName = 'New'; Members = @("Ben")
        GroupAsMembers = @('Old') } AADGroup 'c' { DisplayName = 'None'; Members = @(); GroupAsMembers = @() }
        AADPasswordRuleSettings 'd' { Ensure = 'Absent' }"#;
    let snapshot = open(&[("x.ps1".to_owned(), groups.as_bytes().to_vec()), tenant::graph().remove(3)]).0;
    let group = |name: &str| {
        let group = snapshot.groups.iter().find(|group| group.display_name == name).unwrap();
        (group.members.clone(), group.members_known)
    };
    assert_eq!(group("Old"), (vec![BEN.to_owned()], false));
    assert_eq!(group("New"), (vec![BEN.to_owned(), "Old".to_owned()], true));
    assert_eq!(group("None"), (Vec::new(), true));
    let settings = authopsy::domain::snapshot::Collection::DirectorySettings;
    assert!(snapshot.present.contains(&settings) && snapshot.password_rules.is_none());
}

#[test]
fn a_plan_is_read_by_the_state_before_it_and_bodies_of_graph_as_they_are() {
    let [block, ..] = tenant::policies();
    let mut body = block.clone();
    body.as_object_mut().unwrap().remove("id");
    let resource = json!({"type": "msgraph_resource", "address": "x", "values": {"id": BLOCK, "url": "identity/conditionalAccess/policies",
        "body": body}});
    let mut device = block.clone();
    device["displayName"] = json!("Planned");
    let planned = json!({"type": "msgraph_resource", "address": "x", "values": {"body": device}});
    let plan = json!({"format_version": "1.2", "planned_values": {"root_module": {"resources": [planned]}},
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}});
    let (snapshot, inventory) = open(&[("plan.json".to_owned(), plan.to_string().into_bytes())]);
    let names: Vec<&str> = snapshot.policies.iter().map(|policy| policy.display_name.as_str()).collect();
    assert_eq!((names, snapshot.policies[0].id.as_str()), (vec!["Block abroad"], BLOCK));
    let evidence = snapshot.policies[0].evidence("", "/state", "");
    assert_eq!(evidence.pointer, "/prior_state/values/root_module/resources/0/values/body/state");
    assert!(!reasons(&inventory).iter().any(|reason| reason.contains("plans")));
    let (_, inventory) = open(&tenant::terraform_plan());
    assert_said(&inventory, "these are the values that Terraform plans");
}

#[test]
fn what_is_not_known_of_roadrecons_form_is_unknown_in_its_condition() {
    let (_, bytes) = tenant::roadrecon().remove(0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roadrecon.db");
    std::fs::write(&path, bytes).unwrap();
    let detail = json!({"State": "Reporting", "Novelty": {"On": true}, "SessionControls": ["SignInFrequency", "TokenBinding"],
        "SignInFrequencyType": 20, "Controls": [{"Control": ["Mfa", "CompliantDevice"]}, {"Control": ["DomainJoinedDevice"]}],
        "Conditions": {"Users": {"Include": [{"Users": ["Guests"]}, {"Robots": ["r"]}, {"GuestsOrExternalUsers":
                {"GuestOrExternalUserTypes": "internalGuest,serviceProvider", "ExternalTenants": {"MembershipKind": "All"}}}]},
            "Applications": {"Include": [{"Acrs": ["urn:user:registersecurityinfo", "c1"]}], "Exclude": [{"Acrs": ["c2"]}]},
            "ClientTypes": {"Include": [{"ClientTypes": ["EasUnsupported"]}]}, "Times": {"Include": []},
            "ServicePrincipals": {"Include": [{"ServicePrincipals": ["All"]}]}, "Weather": {"Include": [{"Weather": ["rain"]}]}, "SignInRisks": {"Include": [{"SignInRisks": ["High"]}]},
            "DevicePlatforms": {"Include": [{"DevicePlatforms": ["All"]}], "Exclude": [{"DevicePlatforms": ["iOS", "Android"]}]},
            "AuthFlows": {"Include": [{"AuthFlowType": ["deviceCodeFlow"]}]}}});
    let database = rusqlite::Connection::open(&path).unwrap();
    let insert = |id: &str, kind: i64, detail: &serde_json::Value| {
        let detail = json!([detail.to_string()]).to_string();
        database
            .execute("INSERT INTO Policys VALUES ('Policy', ?1, 'Odd', ?2, ?1, NULL, ?3)", (id, kind, detail))
            .unwrap();
    };
    insert("cccccccc-0000-4000-8000-000000000009", 18, &detail);
    insert("l1", 6, &json!({"CompressedCidrIpRanges": "!!!"}));
    insert("l2", 6, &json!({"CountryIsoCodes": ["CH", "DE"], "ApplyToUnknownCountry": true, "Categories": []}));
    insert(
        "l3",
        6,
        &json!({"KnownNetworkPolicies": {"NetworkId": "n3", "NetworkName": "Old", "CidrIpRanges": ["192.0.2.0/24"],
        "Categories": ["trusted"]}}),
    );
    insert("s1", 44, &json!({"allowedCombinations": ["Password, MicrosoftAuthenticatorPush"]}));
    drop(database);
    let (snapshot, inventory) = open_folder(folder.path());
    let odd = snapshot.policy("cccccccc-0000-4000-8000-000000000009").unwrap();
    let pointers: BTreeSet<&str> = unknown(odd).into_iter().collect();
    let expected = [
        "/Novelty (not converted)",
        "/conditions/Weather (not converted)",
        "/conditions/applications/ExcludeAcrs (not converted)",
        "/conditions/clientAppTypes/0",
        "/conditions/clientApplications/IncludeServicePrincipals (not converted)",
        "/conditions/users/IncludeRobots (not converted)",
        "/grantControls/Controls (not converted)",
        "/sessionControls/SignInFrequency (not converted)",
        "/sessionControls/TokenBinding (not converted)",
    ];
    assert_eq!(pointers, BTreeSet::from(expected));
    assert_eq!(odd.state.word(), "enabledForReportingButNotEnforced");
    assert_eq!(odd.conditions.users.include_users, ["GuestsOrExternalUsers"]);
    assert_eq!(odd.conditions.users.include_guests.as_ref().unwrap().kinds, ["internalGuest", "serviceProvider"]);
    assert_eq!(odd.conditions.applications.user_actions, ["urn:user:registersecurityinfo"]);
    assert_eq!(odd.conditions.applications.authentication_contexts, ["c1"]);
    assert_eq!(odd.conditions.sign_in_risk_levels, ["high"]);
    assert_eq!(odd.conditions.platforms.as_ref().unwrap().exclude, ["iOS", "android"]);
    assert_eq!(odd.conditions.transfer_methods, ["deviceCodeFlow"]);
    use authopsy::domain::snapshot::NamedLocationKind as Kind;
    let kind = |id: &str| snapshot.named_location(id).unwrap().kind.clone();
    assert_eq!(kind("l1"), Kind::Unknown);
    let countries =
        Kind::Countries { codes: vec!["CH".to_owned(), "DE".to_owned()], include_unknown: true, lookup: None };
    assert_eq!(kind("l2"), countries);
    assert_eq!(kind("n3"), Kind::Ranges(vec!["192.0.2.0/24".to_owned()]));
    assert!(snapshot.named_location("n3").unwrap().is_trusted);
    assert_eq!(snapshot.authentication_strengths[0].allowed_combinations, ["password,microsoftAuthenticatorPush"]);
    assert_said(&inventory, "`CompressedCidrIpRanges` is no base64");
}

#[test]
fn a_table_of_policies_says_none_applies_and_objects_of_nulls_are_nothing() {
    let block = policy_of(&tenant::extractor_suite(), "Block abroad");
    let pointers = unknown(&block);
    assert!(pointers.contains(&"/conditions/authenticationFlows/transferMethods (not converted)"), "{pointers:?}");
    let list = format!(
        r#"[{{"Id":null,"DisplayName":null,"Conditions":{{"Users":null}},"GrantControls":null}},{}]"#,
        tenant::policies()[0]
    );
    let (snapshot, inventory) = open(&[("policies.json".to_owned(), list.into_bytes())]);
    assert_eq!(snapshot.policies.len(), 1);
    assert!(inventory.files.iter().all(|file| file.unreadable == 0), "{inventory:#?}");
}
