//! What tenants' exports look like on disk, and what the snapshot makes of them. All tenants are invented.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may panic")]

mod forms;
mod odd;
mod tenant;

use std::collections::BTreeSet;
use std::sync::Arc;

use authopsy::domain::history::What;
use authopsy::domain::json::Json;
use authopsy::domain::policy::PolicyState;
use authopsy::domain::snapshot::{Collection, NamedLocationKind, Snapshot};
use authopsy::store::snapshot::{Builder, Taken};

const ANA: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const BEN: &str = "aaaaaaaa-0000-4000-8000-000000000002";
const STAFF: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const POLICY: &str = "cccccccc-0000-4000-8000-000000000001";
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
const HELPDESK: &str = "729827e3-9c14-49f7-bb1b-9608f156bbb8";

fn read(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

fn user(id: &str, name: &str) -> String {
    format!(r#"{{"id":"{id}","userPrincipalName":"{name}@contoso.com","displayName":"{name}","userType":"Member"}}"#)
}

fn policy(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","displayName":"CA001","state":"enabled","modifiedDateTime":"2025-03-01T10:00:00.1234567Z",
            "conditions":{{"clientAppTypes":["All"],"users":{{"includeUsers":["All"],"excludeGroups":["{STAFF}"]}}}},
            "grantControls":{{"operator":"OR","builtInControls":["mfa"]}},"sessionControls":null}}"#
    )
}

/// Takes files in their order; a file without anything of a tenant's configuration gives no entry.
fn load(files: &[(&str, &str)]) -> (Snapshot, Vec<Taken>) {
    let mut builder = Builder::new();
    let mut taken = Vec::new();
    for (file, text) in files {
        taken.extend(builder.take(&Arc::from(*file), &read(text)));
    }
    (builder.finish(), taken)
}

fn reasons(taken: &[Taken]) -> Vec<&str> {
    taken.iter().flat_map(|taken| &taken.problems).map(|problem| problem.reason.as_str()).collect()
}

fn present(snapshot: &Snapshot) -> Vec<Collection> {
    snapshot.present.iter().copied().collect()
}

#[track_caller]
fn check_format(file: &str, text: &str, format: &str, objects: u64) {
    let taken = Builder::new().take(&Arc::from(file), &read(text)).unwrap();
    assert_eq!((taken.format.as_str(), taken.objects, taken.unreadable), (format, objects, 0), "{taken:?}");
}

#[test]
fn every_shape_has_its_words() {
    check_format("a.json", &policy(POLICY), "Conditional Access policy (Graph)", 1);
    let page = format!(
        r##"{{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","value":[{}]}}"##,
        user(ANA, "ana")
    );
    check_format("a.json", &page, "Graph page of users", 1);
    check_format("a.json", &format!("[{},{}]", user(ANA, "ana"), user(BEN, "ben")), "list of users", 2);
    check_format(
        "a.json",
        &format!(
            r#"{{"exportedDateTime":"2025-05-01T00:00:00Z","conditionalAccessPolicies":[{}],"users":[{},{}],"tokenLifetimePolicies":[]}}"#,
            policy(POLICY),
            user(ANA, "ana"),
            user(BEN, "ben")
        ),
        "collections in one file: 1 policy, 2 users, 0 token lifetime policies",
        3,
    );
    let member = format!("export/Groups/{STAFF}/Members/{ANA}/{ANA}.json");
    check_format(&member, &user(ANA, "ana"), "EntraExporter group member", 1);
    check_format(
        "MigrationTable.json",
        r#"{"TenantId":"t","Objects":[{"DisplayName":"Staff","Id":"1","Type":"Group"}],"Organization":"contoso"}"#,
        "MigrationTable of IntuneManagement: the names of 1 group",
        2,
    );
    check_format(
        "x.json",
        r##"{"@odata.context":"https://graph.microsoft.com/beta/$metadata#policies/authenticationMethodsPolicy/$entity","id":"x"}"##,
        "authentication methods policy, not used here",
        1,
    );
}

#[test]
fn what_is_no_tenant_configuration_is_not_taken() {
    for text in [
        r#"{"id":"1","createdDateTime":"2025-01-01T00:00:00Z","userPrincipalName":"ana@contoso.com","appliedConditionalAccessPolicies":[]}"#,
        r#"{"value":[{"id":"1","activityDisplayName":"Update conditional access policy","targetResources":[]}]}"#,
        r#"{"log":{"version":"1.2","entries":[]}}"#,
        r#"[{"Identity":"ana","RecipientTypeDetails":"UserMailbox","UserPrincipalName":"ana@contoso.com","Id":"ana"}]"#,
        r#"{"name":"contoso","users":["a"],"settings":{"theme":"dark"}}"#,
        "null",
        "\"text\"",
    ] {
        assert_eq!(Builder::new().take(&Arc::from("export/Users/x.json"), &read(text)), None, "{text}");
    }
}

#[test]
fn one_file_of_collections_is_read_in_any_spelling() {
    for names in [
        ["conditionalAccessPolicies", "namedLocations", "tokenLifetimePolicies", "roleAssignments"],
        ["ConditionalAccessPolicies", "NamedLocations", "TokenLifetimePolicies", "RoleAssignments"],
        ["conditional_access_policies", "named_locations", "token_lifetime_policies", "role_assignments"],
    ] {
        let [policies, locations, lifetimes, assignments] = names;
        let text = format!(
            r#"{{"{policies}":[{}],"{locations}":{{"value":[]}},"{lifetimes}":[],"{assignments}":[],"users":[],"settings":[]}}"#,
            policy(POLICY)
        );
        let (snapshot, _) = load(&[("tenant.json", &text)]);
        let expected = [
            Collection::Policies,
            Collection::NamedLocations,
            Collection::Users,
            Collection::DirectoryRoles,
            Collection::DirectorySettings,
            Collection::TokenLifetimePolicies,
        ];
        assert_eq!(present(&snapshot), expected);
        assert_eq!(snapshot.counts.get(&Collection::Policies), Some(&1));
        assert_eq!(snapshot.counts.get(&Collection::Users), Some(&0));
        let read = snapshot.policy(&POLICY.to_uppercase()).unwrap();
        let evidence = read.evidence("client app", "/conditions/clientAppTypes/0", "All");
        assert_eq!(evidence.pointer, format!("/{policies}/0/conditions/clientAppTypes/0"));
        assert_eq!(read.conditions.client_app_types, ["All"]);
    }
}

#[test]
fn nested_collections_and_dates_are_found() {
    let text = format!(
        r#"{{"exportedDateTime":"2025-05-01T08:00:00","identity":{{"conditionalAccess":{{"policies":[{}]}}}},
            "roleManagement":{{"directory":{{"roleAssignments":[]}}}},
            "groups":{{"{STAFF}":{{"id":"{STAFF}","displayName":"Staff","members":["{ANA}"]}}}},
            "policies":{{"identitySecurityDefaultsEnforcementPolicy":{{"isEnabled":true}}}}}}"#,
        policy(POLICY)
    );
    let (snapshot, _) = load(&[("tenant.json", &text)]);
    assert_eq!(snapshot.taken_at.unwrap().to_rfc3339(), "2025-05-01T08:00:00+00:00");
    assert_eq!(snapshot.policies.len(), 1);
    assert!(snapshot.security_defaults.as_ref().unwrap().is_enabled);
    let group = snapshot.group(STAFF).unwrap();
    assert_eq!(group.origin.evidence("name", "/displayName", "").pointer, format!("/groups/{STAFF}/displayName"));
    assert!(group.members_known);
}

#[test]
fn a_page_that_goes_on_is_a_warning() {
    let text = format!(
        r##"{{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","@odata.nextLink":"https://graph.microsoft.com/v1.0/users?$skiptoken=x","value":[{}]}}"##,
        user(ANA, "ana")
    );
    let (snapshot, taken) = load(&[("users.json", &text)]);
    assert_eq!(reasons(&taken), ["the page says there is more: `@odata.nextLink` is set"]);
    assert!(taken.iter().flat_map(|taken| &taken.problems).all(|problem| problem.is_warning));
    assert_eq!(snapshot.users.len(), 1);
    let last = text.replace("@odata.nextLink", "@odata.count").replace(ANA, BEN);
    let (snapshot, taken) = load(&[("users.json", &format!("[{text},{last}]"))]);
    assert_eq!(reasons(&taken), [""; 0]);
    assert_eq!(snapshot.users.len(), 2);
    assert_eq!(taken.first().unwrap().format, "Graph pages of users");
}

#[test]
fn empty_pages_say_that_there_is_nothing() {
    let page = r##"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#policies/tokenLifetimePolicies","value":[]}"##;
    let (snapshot, taken) = load(&[("a.json", page)]);
    assert_eq!(present(&snapshot), [Collection::TokenLifetimePolicies]);
    assert_eq!(taken.first().unwrap().format, "Graph page of token lifetime policies");
    let (snapshot, taken) = load(&[("a.json", r#"{"value":[]}"#)]);
    assert!(snapshot.is_empty() && taken.is_empty());
}

#[test]
fn powershell_objects_with_trees_of_nulls_are_read() {
    let text = r##"[{
        "Conditions": {
            "Applications": {"ApplicationFilter": {"Mode": null, "Rule": null}, "IncludeApplications": "All", "AdditionalProperties": {}},
            "ClientAppTypes": ["exchangeActiveSync", "other"],
            "Locations": {"IncludeLocations": null, "ExcludeLocations": null},
            "Users": {"IncludeUsers": ["All"], "IncludeGuestsOrExternalUsers": {"ExternalTenants": {"MembershipKind": null},
                "GuestOrExternalUserTypes": null}, "AdditionalProperties": {}},
            "SignInRiskLevels": [], "AdditionalProperties": {}
        },
        "CreatedDateTime": "/Date(1741000000000)/",
        "ModifiedDateTime": null,
        "DisplayName": "Block old clients",
        "GrantControls": {"AuthenticationStrength": {"AllowedCombinations": null, "Id": null}, "BuiltInControls": ["block"],
            "Operator": "OR", "AdditionalProperties": {}},
        "Id": "cccccccc-0000-4000-8000-000000000002",
        "SessionControls": {"SignInFrequency": {"Value": null, "IsEnabled": null}, "PersistentBrowser": {"IsEnabled": null, "Mode": null}},
        "State": "enabledForReportingButNotEnforced",
        "AdditionalProperties": {}
    }]"##;
    let (snapshot, taken) = load(&[("policies.json", text)]);
    assert_eq!(reasons(&taken), [""; 0]);
    let policy = snapshot.policies.first().unwrap();
    assert_eq!(policy.state, PolicyState::ReportOnly);
    assert_eq!(policy.created.unwrap().timestamp(), 1_741_000_000);
    assert_eq!(policy.conditions.locations, None);
    assert_eq!(policy.conditions.users.include_guests, None);
    assert_eq!(policy.conditions.applications.include, ["All"]);
    assert_eq!(policy.session.sign_in_frequency, None);
    assert!(policy.blocks());
    assert_eq!(policy.unknown, []);
    let evidence = policy.evidence("client app", "/conditions/clientAppTypes/0", "exchangeActiveSync");
    assert_eq!(evidence.pointer, "/0/Conditions/ClientAppTypes/0");
    assert_eq!(read(text).pointer(&evidence.pointer).and_then(Json::text), Some("exchangeActiveSync"));
}

#[test]
fn powershell_locations_and_users_are_read_from_additional_properties() {
    let locations = r##"[{"Id":"l1","DisplayName":"Office","CreatedDateTime":"2025-01-01T00:00:00Z","AdditionalProperties":{
        "@odata.type":"#microsoft.graph.ipNamedLocation","isTrusted":true,
        "ipRanges":[{"@odata.type":"#microsoft.graph.iPv4CidrRange","cidrAddress":"198.51.100.7/24"}]}}]"##;
    let users = format!(
        r#"[{{"Id":"{ANA}","UserPrincipalName":"ana@contoso.com","DisplayName":"Ana","AccountEnabled":true,"UserType":"Member",
            "SignInSessionsValidFromDateTime":"2025-02-01T00:00:00Z","MemberOf":null,"AdditionalProperties":{{}}}}]"#
    );
    let (snapshot, taken) = load(&[("locations.json", locations), ("users.json", &users)]);
    assert_eq!(reasons(&taken), [""; 0]);
    let location = snapshot.named_location("L1").unwrap();
    assert!(location.is_trusted);
    // Host bits stay as they are written; who compares must mask.
    assert_eq!(location.kind, NamedLocationKind::Ranges(vec!["198.51.100.7/24".to_owned()]));
    let evidence = location.origin.evidence("range", "/ipRanges/0/cidrAddress", "");
    assert_eq!(read(locations).pointer(&evidence.pointer).and_then(Json::text), Some("198.51.100.7/24"));
    let ana = snapshot.user(ANA).unwrap();
    assert_eq!(ana.sessions_valid_from.unwrap().to_rfc3339(), "2025-02-01T00:00:00+00:00");
    assert_eq!(ana.origin.evidence("name", "/userPrincipalName", "").pointer, "/0/UserPrincipalName");
}

#[test]
fn an_exporter_tree_says_who_is_a_member_by_its_folders() {
    let group = format!(r#"{{"id":"{STAFF}","displayName":"Staff","groupTypes":[],"securityEnabled":true}}"#);
    let other = group.replace(STAFF, "bbbbbbbb-0000-4000-8000-000000000002").replace("Staff", "Dynamic");
    let member = |id: &str, name: &str| user(id, name).replacen('{', r##"{"@odata.type":"#microsoft.graph.user","##, 1);
    let role = format!(r#"{{"id":"r1","displayName":"Helpdesk Administrator","roleTemplateId":"{HELPDESK}"}}"#);
    let scoped = format!(r#"{{"id":"x","roleId":"r1","administrativeUnitId":"u","roleMemberInfo":{{"id":"{BEN}"}}}}"#);
    let files = [
        (format!("zip.zip!out/Groups/{STAFF}/Members/{ANA}/{ANA}.json"), member(ANA, "ana")),
        (format!("zip.zip!out/Groups/{STAFF}/Owners/{BEN}/{BEN}.json"), member(BEN, "ben")),
        (format!("zip.zip!out/Groups/{STAFF}/{STAFF}.json"), group),
        ("zip.zip!out/Groups/2/2.json".to_owned(), other),
        (format!("zip.zip!out/DirectoryRoles/r1/Members/{ANA}/{ANA}.json"), format!(r#"{{"id":"{ANA}"}}"#)),
        ("zip.zip!out/DirectoryRoles/r1/ScopedMembers/x/x.json".to_owned(), scoped),
        ("zip.zip!out/DirectoryRoles/r1/r1.json".to_owned(), role),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
    let (snapshot, taken) = load(&files);
    assert_eq!(reasons(&taken), [""; 0]);
    let staff = snapshot.group(STAFF).unwrap();
    assert_eq!((staff.display_name.as_str(), staff.members_known), ("Staff", true));
    assert_eq!(staff.members, [ANA]);
    assert!(!snapshot.group("bbbbbbbb-0000-4000-8000-000000000002").unwrap().members_known);
    let role = snapshot.role(HELPDESK).unwrap();
    assert_eq!((role.members.as_slice(), role.members_known), ([ANA.to_owned()].as_slice(), true));
    assert_eq!(role.scoped_members, [BEN]);
    // Members in passing are known by name, but nobody exported the users.
    assert_eq!(snapshot.user(ANA).unwrap().user_principal_name, "ana@contoso.com");
    let expected = [Collection::Groups, Collection::GroupMembers, Collection::DirectoryRoles];
    assert_eq!(present(&snapshot), expected);
}

#[test]
fn users_themselves_replace_users_seen_as_members() {
    let full = user(ANA, "ana").replace("\"Member\"", "\"Guest\"");
    let (snapshot, _) = load(&[
        (
            &format!("Groups/{STAFF}/Members/{ANA}/{ANA}.json"),
            &format!(r#"{{"id":"{ANA}","userPrincipalName":"old@contoso.com"}}"#),
        ),
        (&format!("Users/{ANA}/{ANA}.json"), &full),
    ]);
    assert_eq!(snapshot.users.len(), 1);
    let ana = snapshot.user(ANA).unwrap();
    assert_eq!(ana.user_type.as_deref(), Some("Guest"));
    assert_eq!(ana.origin.file.as_ref(), format!("Users/{ANA}/{ANA}.json"));
    assert!(snapshot.present.contains(&Collection::Users));
    // The group is known by its id only, since nobody exported it.
    assert_eq!(snapshot.group(STAFF).unwrap().members, [ANA]);
    assert!(!snapshot.present.contains(&Collection::Groups));
}

#[test]
fn inline_members_are_known_even_when_there_are_none() {
    let text = format!(
        r##"{{"groups":[
            {{"id":"{STAFF}","displayName":"Staff","members":[{{"@odata.type":"#microsoft.graph.user","id":"{ANA}","userPrincipalName":"ana@contoso.com"}}]}},
            {{"id":"g2","displayName":"Empty","members":[]}},
            {{"id":"g3","displayName":"Unknown","members":null,"membershipRule":"user.country -eq \"CH\""}},
            {{"id":"g4","displayName":"Cut","members":["x"],"members@odata.nextLink":"https://x"}}],
            "conditionalAccessPolicies":[]}}"##
    );
    let (snapshot, taken) = load(&[("tenant.json", &text)]);
    let known: Vec<(&str, bool)> =
        snapshot.groups.iter().map(|group| (group.display_name.as_str(), group.members_known)).collect();
    assert_eq!(known, [("Staff", true), ("Empty", true), ("Unknown", false), ("Cut", false)]);
    assert_eq!(reasons(&taken), ["`Cut`: its `members` go on elsewhere: `@odata.nextLink` is set"]);
    assert_eq!(snapshot.group("g3").unwrap().membership_rule.as_deref(), Some("user.country -eq \"CH\""));
    let ana = snapshot.user(ANA).unwrap();
    assert_eq!(ana.origin.evidence("name", "/id", "").pointer, "/groups/0/members/0/id");
    assert_eq!(snapshot.counts.get(&Collection::GroupMembers), Some(&2));
}

#[test]
fn role_assignments_count_at_tenant_scope_only() {
    let policy = policy(POLICY).replace(
        r#""includeUsers":["All"]"#,
        r#""includeRoles":["9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3","<ExclusionTempRole>"]"#,
    );
    let text = format!(
        r#"{{"conditionalAccessPolicies":[{policy}],
            "directoryRoles":[{{"id":"r1","displayName":"Global Administrator","roleTemplateId":"{GLOBAL_ADMINISTRATOR}"}}],
            "roleDefinitions":[{{"id":"{HELPDESK}","templateId":"{HELPDESK}","displayName":"Helpdesk Administrator","rolePermissions":[]}}],
            "roleAssignments":[
              {{"id":"1","principalId":"{ANA}","roleDefinitionId":"{GLOBAL_ADMINISTRATOR}","directoryScopeId":"/"}},
              {{"id":"2","principalId":"{BEN}","roleDefinitionId":"{HELPDESK}","directoryScopeId":"/administrativeUnits/u1"}}],
            "roleEligibilityScheduleInstances":[
              {{"id":"3","principalId":"{BEN}","roleDefinitionId":"{GLOBAL_ADMINISTRATOR}","directoryScopeId":"/"}}]}}"#
    );
    let (snapshot, taken) = load(&[("tenant.json", &text)]);
    assert_eq!(reasons(&taken), [""; 0]);
    let administrator = snapshot.role(GLOBAL_ADMINISTRATOR).unwrap();
    assert_eq!((administrator.id.as_str(), administrator.members.as_slice()), ("r1", [ANA.to_owned()].as_slice()));
    let helpdesk = snapshot.role(HELPDESK).unwrap();
    assert_eq!(helpdesk.display_name, "Helpdesk Administrator");
    assert!(helpdesk.members.is_empty() && helpdesk.members_known);
    assert_eq!(helpdesk.scoped_members, [BEN]);
    // A role that a policy names and nobody holds is held by nobody, since all assignments are here.
    let unheld = snapshot.role("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3").unwrap();
    assert!(unheld.members.is_empty() && unheld.members_known);
    assert_eq!(snapshot.role("<ExclusionTempRole>"), None);
}

#[test]
fn without_assignments_nobody_knows_who_holds_a_role() {
    let text =
        format!(r#"[{{"id":"r1","displayName":"Global Administrator","roleTemplateId":"{GLOBAL_ADMINISTRATOR}"}}]"#);
    let (snapshot, _) = load(&[("roles.json", &text)]);
    assert!(!snapshot.role(GLOBAL_ADMINISTRATOR).unwrap().members_known);
}

#[test]
fn full_metadata_is_noise_but_unknown_conditions_are_kept() {
    let text = r##"{"@odata.id":"identity/conditionalAccess/policies('x')","@odata.editLink":"x","#microsoft.graph.restore":{"title":"x"},
        "id":"x","displayName":"CA501","state@odata.type":"#microsoft.graph.conditionalAccessPolicyState","state":"disabled",
        "conditions":{"@odata.type":"#x","clientAppTypes":["all"],"agentContext":{"includeAgentContexts":["agentUserSessionsInitiatedFromEndpoints"]},
          "users":{"includeUsers":["None"],"includeGroups":["<ExclusionTempGroup>"]},
          "clientApplications":{"includeAgentIdServicePrincipals":["All"]}},
        "grantControls":{"operator":"OR","builtInControls":["block"],"authenticationStrength@odata.context":"x","authenticationStrength":null}}"##;
    let (snapshot, _) = load(&[("ConditionalAccess/CA501.json", text)]);
    let policy = snapshot.policies.first().unwrap();
    let pointers: Vec<&str> = policy.unknown.iter().map(|member| member.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/conditions/clientApplications/includeAgentIdServicePrincipals",
            "/conditions/agentContext",
            "/conditions/users/includeGroups/0"
        ]
    );
    assert_eq!(policy.conditions.users.include_groups, ["<ExclusionTempGroup>"]);
    assert!(policy.conditions.client_applications.is_some());
}

#[test]
fn policies_in_a_wrapper_keep_their_place() {
    let text =
        format!(r#"{{"ExportDate":"2025-04-02T00:00:00Z","SourceTenantId":"t","PolicyConfig":{}}}"#, policy(POLICY));
    let (snapshot, taken) = load(&[("x.json", &text)]);
    assert_eq!(taken.first().unwrap().format, "Conditional Access policy (in a wrapper)");
    let evidence = snapshot.policy(POLICY).unwrap().evidence("state", "/state", "enabled");
    assert_eq!(evidence.pointer, "/PolicyConfig/state");
    assert_eq!(snapshot.taken_at.unwrap().to_rfc3339(), "2025-04-02T00:00:00+00:00");
}

#[test]
fn of_two_versions_of_a_policy_the_newer_one_is_used() {
    let newer = policy(POLICY).replace("2025-03-01", "2025-04-01").replace("\"enabled\"", "\"disabled\"");
    let (snapshot, taken) =
        load(&[("old.json", &policy(POLICY)), ("same.json", &policy(POLICY)), ("new.json", &newer)]);
    assert_eq!(snapshot.policies.len(), 1);
    assert_eq!(snapshot.policies.first().unwrap().state, PolicyState::Disabled);
    assert_eq!(
        reasons(&taken),
        [
            "policy `CA001` is in the evidence in two versions: the one in `new.json` is the newest, the other counts for its time"
        ]
    );
}

#[test]
fn policies_without_ids_go_by_their_names() {
    let text = format!("[{}]", policy(POLICY).replace(&format!(r#""id":"{POLICY}","#), ""));
    let (snapshot, taken) = load(&[("a.json", &text), ("b.json", &text)]);
    assert_eq!(snapshot.policies.len(), 2);
    assert_eq!(snapshot.policies.first().unwrap().id, "CA001");
    assert_eq!(reasons(&taken), ["policy `CA001`: it has no `id` and goes by its name"; 2]);
}

#[test]
fn strengths_are_joined_to_the_policies_that_name_them() {
    let with = |strength: &str| {
        policy(POLICY).replace(
            r#""builtInControls":["mfa"]"#,
            &format!(r#""builtInControls":[],"authenticationStrength":{strength}"#),
        )
    };
    let strengths = r#"{"authenticationStrengthPolicies":[{"id":"S1","displayName":"Keys","allowedCombinations":["fido2"],
        "combinationConfigurations":[{"appliesToCombinations":["fido2"],"allowedAAGUIDs":["x"]}]}]}"#;
    for reference in [r#"{"id":"s1"}"#, r#"{"displayName":"keys"}"#] {
        let (snapshot, _) = load(&[("p.json", &with(reference)), ("s.json", strengths)]);
        let policy = snapshot.policies.first().unwrap();
        let strength = policy.grant.as_ref().unwrap().strength.as_ref().unwrap();
        assert_eq!(
            (strength.id.as_str(), strength.allowed_combinations.as_slice()),
            ("S1", ["fido2".to_owned()].as_slice())
        );
        // Which keys count cannot be checked here, so that the policy is not decided by the combination alone.
        assert_eq!(policy.unknown.first().unwrap().pointer, "/grantControls/authenticationStrength");
    }
}

#[test]
fn provisioning_errors_are_kept_with_their_pointers() {
    let text = format!(
        r##"{{"value":[{{"id":"{ANA}","userPrincipalName":"ana@contoso.com","onPremisesSyncEnabled":true,
            "lastPasswordChangeDateTime":"2025-01-05T00:00:00Z",
            "onPremisesProvisioningErrors":[{{"category":"PropertyConflict","occurredDateTime":"2025-01-02T00:00:00Z",
              "propertyCausingError":"ProxyAddress","value":"SMTP:ana@contoso.com"}}],
            "serviceProvisioningErrors":[{{"@odata.type":"#microsoft.graph.serviceProvisioningXmlError","createdDateTime":"2025-01-03T00:00:00Z",
              "isResolved":true,"serviceInstance":"exchange/namprd00-001-01","errorDetail":"<ServiceInstance/>"}}]}}]}}"##
    );
    let (snapshot, _) = load(&[("users.json", &text)]);
    let ana = snapshot.user(ANA).unwrap();
    let errors: Vec<(&str, &str, bool, &str)> = ana
        .provisioning_errors
        .iter()
        .map(|error| (error.service.as_str(), error.detail.as_str(), error.resolved, error.pointer.as_str()))
        .collect();
    assert_eq!(
        errors,
        [
            ("ProxyAddress", "SMTP:ana@contoso.com", false, "/onPremisesProvisioningErrors/0"),
            ("exchange/namprd00-001-01", "<ServiceInstance/>", true, "/serviceProvisioningErrors/0"),
        ]
    );
    let evidence = ana.origin.evidence("error", &ana.provisioning_errors.first().unwrap().pointer, "");
    assert_eq!(evidence.pointer, "/value/0/onPremisesProvisioningErrors/0");
}

#[test]
fn the_stay_signed_in_question_is_known_from_the_portal_only() {
    let graph = r##"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#organization('t')/branding/$entity","id":"0","signInPageText":"Hi"}"##;
    let (snapshot, _) = load(&[("branding.json", graph)]);
    assert_eq!((present(&snapshot), snapshot.branding), (vec![Collection::Other], None));
    let portal =
        r#"[{"locale":"1031","hideKeepMeSignedIn":true},{"locale":"0","isConfigured":true,"hideKeepMeSignedIn":null}]"#;
    for text in
        [portal.to_owned(), format!(r#"{{"loginTenantBrandings":{portal}}}"#), format!(r#"{{"branding":{portal}}}"#)]
    {
        let (snapshot, _) = load(&[("branding.json", &text)]);
        assert_eq!(present(&snapshot), [Collection::Branding]);
        assert_eq!(snapshot.branding.unwrap().hide_keep_me_signed_in, Some(false));
    }
}

#[test]
fn settings_of_the_tenant_are_read() {
    let text = r##"{
        "groupSettings":[{"id":"1","templateId":"5cf42378-d67d-4f36-ba46-e8b86229381d","values":[
            {"name":"LockoutThreshold","value":"5"},{"name":"LockoutDurationInSeconds","value":"90"}]},
            {"id":"2","displayName":"Group.Unified","values":[{"name":"EnableGroupCreation","value":"true"}]}],
        "identitySecurityDefaultsEnforcementPolicy":{"id":"00000000-0000-0000-0000-000000000005","isEnabled":false},
        "tokenLifetimePolicies":[{"id":"3","displayName":"Long","definition":["{\"TokenLifetimePolicy\":{\"Version\":1}}"],"isOrganizationDefault":true}],
        "domains":[{"id":"contoso.com","authenticationType":"Federated","isInitial":false},{"id":"contoso.onmicrosoft.com","authenticationType":"Managed","isInitial":true}],
        "organization":[{"id":"t","displayName":"Contoso","verifiedDomains":[]}],
        "servicePrincipals":[{"id":"4","appId":"a4","displayName":"Mail","servicePrincipalType":"Application"}],
        "applications":[{"id":"5","appId":"a5","displayName":"Own"}],
        "devices":[{"id":"6","deviceId":"7","isCompliant":true}],
        "deletedItems":[{"@odata.type":"#microsoft.graph.user","id":"8","userPrincipalName":"gone@contoso.com"}]}"##;
    let (snapshot, taken) = load(&[("tenant.json", text)]);
    assert_eq!(reasons(&taken), [""; 0]);
    let rules = snapshot.password_rules.as_ref().unwrap();
    assert_eq!((rules.lockout_threshold, rules.lockout_duration_seconds), (Some(5), Some(90)));
    assert_eq!(snapshot.counts.get(&Collection::DirectorySettings), Some(&2));
    assert!(!snapshot.security_defaults.as_ref().unwrap().is_enabled);
    assert_eq!(
        snapshot.token_lifetime_policies.first().unwrap().definition,
        r#"{"TokenLifetimePolicy":{"Version":1}}"#
    );
    assert!(snapshot.domain_of("ana@contoso.com").unwrap().is_federated());
    assert_eq!(snapshot.organization.as_ref().unwrap().display_name, "Contoso");
    assert_eq!(snapshot.application("A4").unwrap().display_name, "Mail");
    assert_eq!(snapshot.application("a5").unwrap().display_name, "Own");
    assert_eq!(snapshot.counts.get(&Collection::Devices), Some(&1));
    // Who was deleted signs in no more and is no user of the snapshot.
    assert!(snapshot.users.is_empty());
    assert_eq!(snapshot.counts.get(&Collection::DeletedItems), Some(&1));
}

#[test]
fn scubas_one_file_is_read() {
    let text = format!(
        r#"{{"baseline_version":"1","date":"2025-01-01","timestamp_zulu":"2025-01-02T03:04:05.678Z",
            "conditional_access_policies":{{"Id":"{POLICY}","DisplayName":"CA001","State":"enabled","Conditions":{{"Users":{{"IncludeUsers":"All"}}}}}},
            "cap_table_data":[{{"Name":"CA001","State":"On"}}],
            "authorization_policies":[{{"Id":"x","AllowedToUseSspr":true}}],
            "privileged_users":{{"{ANA}":{{"DisplayName":"Ana","roles":["Global Administrator"]}}}},
            "directory_settings":[{{"Id":"1","TemplateId":"5CF42378-D67D-4F36-BA46-E8B86229381D","Values":[{{"Name":"LockoutThreshold","Value":"7"}}]}}],
            "domain_settings":{{"Id":"contoso.com","AuthenticationType":"Managed","IsInitial":true}},
            "tenant_details":[{{"TenantId":"t","DisplayName":"Contoso"}}]}}"#
    );
    let (snapshot, taken) = load(&[("ProviderSettingsExport.json", &text)]);
    assert_eq!(reasons(&taken), [""; 0]);
    let policy = snapshot.policy(POLICY).unwrap();
    assert_eq!(policy.conditions.users.include_users, ["All"]);
    assert_eq!(
        policy.evidence("x", "/conditions/users/includeUsers", "").pointer,
        "/conditional_access_policies/Conditions/Users/IncludeUsers"
    );
    assert_eq!(snapshot.password_rules.as_ref().unwrap().lockout_threshold, Some(7));
    assert_eq!(snapshot.domains.first().unwrap().name, "contoso.com");
    assert_eq!(snapshot.organization.as_ref().unwrap().id, "t");
    assert_eq!(snapshot.taken_at.unwrap().to_rfc3339(), "2025-01-02T03:04:05.678+00:00");
}

#[test]
fn broken_objects_do_not_keep_the_rest_from_being_read() {
    let text = format!(
        r#"{{"conditionalAccessPolicies":[7,"Microsoft.Graph.PowerShell.Models.MicrosoftGraphConditionalAccessPolicy",{{"state":"enabled"}},{}],
            "users":[{{"userPrincipalName":"x@contoso.com"}},{{"id":[1],"userPrincipalName":"y@contoso.com"}},{}],
            "roleAssignments":[{{"id":"1","principalId":"{ANA}"}}],"namedLocations":[{{"ipRanges":[]}}]}}"#,
        policy(POLICY),
        user(ANA, "ana")
    );
    let (snapshot, taken) = load(&[("tenant.json", &text)]);
    assert_eq!((snapshot.policies.len(), snapshot.users.len()), (1, 1));
    let taken = taken.first().unwrap();
    assert_eq!((taken.objects, taken.unreadable), (2, 7));
    assert_eq!(
        reasons(std::slice::from_ref(taken)),
        [
            "Conditional Access policy at `/conditionalAccessPolicies/0`: it is a number where an object is expected",
            "Conditional Access policy at `/conditionalAccessPolicies/1`: it was cut off when it was exported (`ConvertTo-Json -Depth` was too small: export it again with `-Depth 10`)",
            "Conditional Access policy at `/conditionalAccessPolicies/2`: it has neither `id` nor `displayName`",
            "user at `/users/0`: it has no `id`",
            "user at `/users/1`: its `id` is a list where text is expected",
            "role assignment at `/roleAssignments/0`: it has no `roleDefinitionId`",
            "named location at `/namedLocations/0`: it has no `id`",
        ]
    );
    assert!(taken.problems.iter().all(|problem| !problem.is_warning));
}

#[test]
fn memberships_that_users_carry_are_joined() {
    let text = format!(
        r##"[{{"id":"{ANA}","userPrincipalName":"ana@contoso.com","memberOf":[
            {{"@odata.type":"#microsoft.graph.group","id":"{STAFF}","displayName":"Staff"}},
            {{"@odata.type":"#microsoft.graph.directoryRole","id":"r1","displayName":"Helpdesk"}}]}}]"##
    );
    let (snapshot, _) = load(&[("users.json", &text)]);
    let staff = snapshot.group(STAFF).unwrap();
    assert_eq!((staff.display_name.as_str(), staff.members_known), ("Staff", false));
    assert_eq!(staff.members, [ANA]);
    assert_eq!(snapshot.role("r1").unwrap().members, [ANA]);
    assert!(!snapshot.present.contains(&Collection::DirectoryRoles));
}

#[test]
fn a_page_of_one_groups_members_is_joined_to_the_group() {
    let page = format!(
        r##"{{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#groups('{STAFF}')/members","value":[{{"id":"{ANA}"}}]}}"##
    );
    let group = format!(r#"{{"id":"{STAFF}","displayName":"Staff","securityEnabled":true}}"#);
    let (snapshot, taken) = load(&[("members.json", &page), ("group.json", &group)]);
    assert_eq!(taken.first().unwrap().format, "Graph page of group members");
    let staff = snapshot.group(STAFF).unwrap();
    assert_eq!((staff.members.as_slice(), staff.members_known), ([ANA.to_owned()].as_slice(), true));
    let open = page.replacen('{', r#"{"@odata.nextLink":"https://x","#, 1);
    let (snapshot, _) = load(&[("members.json", &open), ("group.json", &group)]);
    assert!(!snapshot.group(STAFF).unwrap().members_known);
}

#[test]
fn two_tenants_in_one_evidence_are_a_warning() {
    let of = |id: &str, name: &str| format!(r#"{{"id":"{id}","displayName":"{name}","verifiedDomains":[]}}"#);
    let (_, taken) = load(&[("a.json", &of("1", "Contoso")), ("b.json", &of("2", "Fabrikam"))]);
    let expected = "the evidence holds two tenants: `Contoso` and `Fabrikam`; their objects are not kept apart";
    assert_eq!(reasons(&taken), [expected]);
}

#[test]
fn the_join_of_a_large_directory_is_linear() {
    let count = 20_000;
    let id = |number: usize| format!("aaaaaaaa-0000-4000-8000-{number:012}");
    let users: Vec<String> = (0..count).map(|number| user(&id(number), "x")).collect();
    let members: Vec<String> = (0..count).map(|number| format!(r#"{{"Id":"{}"}}"#, id(number))).collect();
    let groups: Vec<String> = (0..5)
        .map(|group| {
            format!(r#"{{"Id":"g{group}","DisplayName":"G","SecurityEnabled":true,"Members":[{}]}}"#, members.join(","))
        })
        .collect();
    let text = format!(r#"{{"users":[{}],"groups":[{}]}}"#, users.join(","), groups.join(","));
    let json = read(&text);
    let begun = std::time::Instant::now();
    let mut builder = Builder::new();
    let taken = builder.take(&Arc::from("tenant.json"), &json).unwrap();
    let snapshot = builder.finish();
    assert_eq!(taken.objects, 20_005);
    assert!(snapshot.groups.iter().all(|group| group.members.len() == count && group.members_known));
    // A quadratic join would take minutes; a slow machine takes seconds.
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

/// The demo tenant must load without a problem and with every collection that the demo speaks of.
#[test]
fn the_demo_tenant_is_read_in_full() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/tenant.json");
    let (snapshot, taken) = load(&[("demo/tenant.json", &std::fs::read_to_string(path).unwrap())]);
    assert_eq!(reasons(&taken), [""; 0]);
    assert_eq!(taken.iter().map(|taken| taken.unreadable).sum::<u64>(), 0);
    let needed = BTreeSet::from([
        Collection::Policies,
        Collection::NamedLocations,
        Collection::Users,
        Collection::Groups,
        Collection::GroupMembers,
        Collection::DirectoryRoles,
        Collection::ServicePrincipals,
        Collection::Applications,
        Collection::AuthenticationStrengths,
        Collection::DirectorySettings,
        Collection::Branding,
        Collection::TokenLifetimePolicies,
        Collection::SecurityDefaults,
        Collection::Domains,
        Collection::Organization,
        Collection::DeletedItems,
    ]);
    assert!(snapshot.present.is_superset(&needed), "{:?}", snapshot.present);
    assert!(snapshot.taken_at.is_some());
    assert!(snapshot.groups.iter().all(|group| group.members_known || group.membership_rule.is_some()));
    assert!(snapshot.policies.iter().all(|policy| policy.unknown.is_empty()), "{:#?}", snapshot.policies);
    assert!(snapshot.named_locations.iter().all(|location| location.kind != NamedLocationKind::Unknown));
    assert!(snapshot.password_rules.is_some() && snapshot.branding.is_some() && snapshot.security_defaults.is_some());
}

#[test]
fn a_nested_group_whose_members_nobody_exported_is_known_as_such() {
    let text = format!(
        r##"{{"groups":[{{"id":"{STAFF}","displayName":"Staff","securityEnabled":true,"members":[
            {{"@odata.type":"#microsoft.graph.group","id":"g2","displayName":"Nested"}},
            {{"@odata.type":"#microsoft.graph.device","id":"d"}}]}}]}}"##
    );
    let (snapshot, _) = load(&[("groups.json", &text)]);
    assert_eq!(snapshot.group(STAFF).unwrap().members, ["g2", "d"]);
    let nested = snapshot.group("g2").unwrap();
    assert_eq!((nested.display_name.as_str(), nested.members_known), ("Nested", false));
    assert_eq!(snapshot.groups.len(), 2);
}

/// A list under a name that other files use too counts as what its objects are.
#[test]
fn policies_of_other_kinds_are_no_conditional_access_policies() {
    let lifetime = r#"{"id":"3","displayName":"Long","definition":["{\"TokenLifetimePolicy\":{}}"]}"#;
    let (snapshot, _) = load(&[("a.json", &format!(r#"{{"policies":[{lifetime}]}}"#))]);
    assert_eq!(present(&snapshot), [Collection::TokenLifetimePolicies]);
    let (snapshot, _) = load(&[("a.json", &format!(r#"{{"policies":[{},{lifetime}]}}"#, policy(POLICY)))]);
    assert_eq!(present(&snapshot), [Collection::Policies, Collection::TokenLifetimePolicies]);
}

/// The portal's branding is known by its flag only, wherever a branding stands.
#[test]
fn a_branding_without_the_flag_claims_nothing() {
    let (snapshot, _) = load(&[("a.json", r#"{"loginTenantBrandings":[{"locale":"0","isConfigured":false}]}"#)]);
    assert_eq!((present(&snapshot), snapshot.branding), (vec![Collection::Other], None));
    let (snapshot, _) = load(&[("a.json", r#"{"loginTenantBrandings":[]}"#)]);
    assert_eq!((present(&snapshot), snapshot.branding), (vec![Collection::Branding], None));
}

#[test]
fn a_single_object_or_an_open_page_is_not_the_whole_collection() {
    let group =
        format!(r##"{{"@odata.type":"#microsoft.graph.group","id":"{STAFF}","displayName":"Staff","members":[]}}"##);
    let loose = load(&[("staff.json", group.as_str())]).0;
    assert!(loose.present.contains(&Collection::Groups) && !loose.has_all(Collection::Groups));
    let path = format!("out/Groups/{STAFF}/{STAFF}.json");
    assert!(load(&[(path.as_str(), group.as_str())]).0.has_all(Collection::Groups));
    let page = |link: &str| format!(r#"{{"value":[{group}]{link}}}"#);
    let (first, last) = (page(r#","@odata.nextLink":"https://x""#), page(""));
    assert!(!load(&[("1.json", first.as_str())]).0.has_all(Collection::Groups));
    assert!(load(&[("1.json", first.as_str()), ("2.json", last.as_str())]).0.has_all(Collection::Groups));
    let beside = format!(
        r#"{{"conditionalAccessPolicies":[{}],"conditionalAccessPolicies@odata.nextLink":"https://x"}}"#,
        policy(POLICY)
    );
    let (open, taken) = load(&[("tenant.json", beside.as_str())]);
    assert!(open.incomplete.contains(&Collection::Policies));
    assert!(reasons(&taken).iter().any(|reason| reason.contains("says there is more")), "{:?}", reasons(&taken));
}

#[test]
fn what_cannot_be_read_makes_its_collection_incomplete() {
    let broken = format!(
        r#"{{"groups":[{{"id":null,"displayName":"x","members":["{ANA}"]}}],
            "conditionalAccessPolicies":["System.Object[]"],
            "roleAssignments":[{{"principalId":"{ANA}","roleDefinitionId":null}},
                               {{"principalId":"{BEN}","roleDefinitionId":"{HELPDESK}"}}]}}"#
    );
    let (snapshot, taken) = load(&[("tenant.json", broken.as_str())]);
    assert_eq!(taken.iter().map(|taken| taken.unreadable).sum::<u64>(), 3);
    assert!(!snapshot.has_all(Collection::Groups));
    assert!(snapshot.incomplete.contains(&Collection::Policies));
    assert!(snapshot.roles.iter().all(|role| !role.members_known));
}

#[test]
fn of_two_versions_without_a_newer_one_neither_decides() {
    let block = policy(POLICY).replace("\"mfa\"", "\"block\"");
    for (first, second) in [(policy(POLICY), block.clone()), (block, policy(POLICY))] {
        let (snapshot, _) = load(&[("1.json", first.as_str()), ("2.json", second.as_str())]);
        let unknown: Vec<&str> = snapshot.policies[0].unknown.iter().map(|member| member.pointer.as_str()).collect();
        assert_eq!(unknown, ["/modifiedDateTime"]);
    }
}

#[test]
fn a_member_that_looks_like_an_objects_does_not_hide_the_policies() {
    for odd in [
        r##""@odata.type":"#microsoft.graph.user","id":"u""##,
        r#""id":"u","userPrincipalName":"u@contoso.com""#,
        r#""servicePrincipalType":"Application""#,
    ] {
        let text = format!(r#"{{{odd},"conditionalAccessPolicies":[{}]}}"#, policy(POLICY));
        assert_eq!(load(&[("tenant.json", text.as_str())]).0.policies.len(), 1, "{odd}");
    }
}

#[test]
fn exports_of_several_days_are_kept_apart_by_the_dates_in_their_paths() {
    let members = |ids: &str| format!(r#"{{"groups":[{{"id":"g1","displayName":"Exceptions","members":[{ids}]}}]}}"#);
    let policies = format!("{{\"conditionalAccessPolicies\":[{}]}}", policy(POLICY));
    let (snapshot, _) = load(&[
        ("export-2025-06-02/a.json", &members(r#""ana","ben""#)),
        ("export-2025-06-02/b.json", &policies),
        ("export-2025-06-20/a.json", &members(r#""ben","cleo""#)),
        ("export-2025-06-10/a.json", &members(r#""ben""#)),
    ]);
    let group = snapshot.group("g1").unwrap();
    assert_eq!((group.members.join(","), group.members_known), ("ben,cleo".to_owned(), true));
    // Only the oldest has policies: it stands in.
    assert_eq!(snapshot.policies.len(), 1);
    let told: Vec<String> = snapshot
        .history
        .changes
        .iter()
        .filter_map(|change| match &change.what {
            What::Member(membership) => {
                let word = if membership.is_added { "came" } else { "left" };
                let since = change.since.unwrap().format("%m-%d");
                Some(format!("{} {word} {since} to {}", membership.member.id, change.at.format("%m-%d")))
            }
            _ => None,
        })
        .collect();
    assert_eq!(told, ["ana left 06-02 to 06-11", "cleo came 06-10 to 06-21"]);
}
