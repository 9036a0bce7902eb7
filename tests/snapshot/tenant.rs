//! Writes one small invented tenant in every form in which tenants come.
//!
//! It has three policies: a block from abroad with a trusted named location and an excluded group, MFA for all with a sign-in frequency
//! of four days, and a compliant device for one application with a filter for devices.

use std::io::Write as _;

use base64::Engine as _;
use serde_json::{Value, json};

pub const ANA: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub const BEN: &str = "aaaaaaaa-0000-4000-8000-000000000002";
pub const TRAVELLERS: &str = "bbbbbbbb-0000-4000-8000-000000000001";
pub const BLOCK: &str = "cccccccc-0000-4000-8000-000000000001";
pub const MFA: &str = "cccccccc-0000-4000-8000-000000000002";
pub const DEVICE: &str = "cccccccc-0000-4000-8000-000000000003";
pub const APP: &str = "dddddddd-0000-4000-8000-000000000001";
pub const OFFICE: &str = "eeeeeeee-0000-4000-8000-000000000001";
pub const TENANT: &str = "99999999-0000-4000-8000-000000000001";
const RULE: &str = "device.model -eq \"Kiosk \\\"K\\\" \"";
const RANGE: &str = "198.51.100.0/24";

/// A file of the evidence.
pub type File = (String, Vec<u8>);

fn file(name: &str, value: &Value) -> File {
    (name.to_owned(), serde_json::to_vec_pretty(value).expect("JSON"))
}

fn text(name: &str, content: &str) -> File {
    (name.to_owned(), content.as_bytes().to_vec())
}

pub fn policies() -> [Value; 3] {
    let users = |groups: Value| json!({"includeUsers": ["All"], "excludeUsers": [], "excludeGroups": groups});
    [
        json!({"id": BLOCK, "displayName": "Block abroad", "state": "enabled",
            "conditions": {"clientAppTypes": ["all"], "applications": {"includeApplications": ["All"]},
                "users": users(json!([TRAVELLERS])),
                "locations": {"includeLocations": ["All"], "excludeLocations": [OFFICE]}},
            "grantControls": {"operator": "OR", "builtInControls": ["block"]}, "sessionControls": null}),
        json!({"id": MFA, "displayName": "MFA for all", "state": "enabled",
            "conditions": {"clientAppTypes": ["all"], "applications": {"includeApplications": ["All"]}, "users": users(json!([]))},
            "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
            "sessionControls": {"signInFrequency": {"isEnabled": true, "type": "days", "value": 4,
                "authenticationType": "primaryAndSecondaryAuthentication", "frequencyInterval": "timeBased"}}}),
        json!({"id": DEVICE, "displayName": "Compliant device for the app", "state": "enabled",
            "conditions": {"clientAppTypes": ["all"], "applications": {"includeApplications": [APP]}, "users": users(json!([])),
                "devices": {"deviceFilter": {"mode": "exclude", "rule": RULE}}},
            "grantControls": {"operator": "OR", "builtInControls": ["compliantDevice"]}, "sessionControls": null}),
    ]
}

fn location() -> Value {
    json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": OFFICE, "displayName": "Office", "isTrusted": true,
        "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": RANGE}]})
}

fn group() -> Value {
    json!({"id": TRAVELLERS, "displayName": "Travellers", "securityEnabled": true, "groupTypes": []})
}

fn users() -> [Value; 2] {
    [("ana", ANA), ("ben", BEN)].map(|(name, id)| {
        json!({"id": id, "userPrincipalName": format!("{name}@contoso.example"), "displayName": name, "userType": "Member"})
    })
}

fn page(context: &str, items: &[Value]) -> Value {
    json!({"@odata.context": format!("https://graph.microsoft.com/beta/$metadata#{context}"), "value": items})
}

fn users_page() -> File {
    file("users.json", &page("users", &users()))
}

fn locations_page() -> File {
    file("locations.json", &page("identity/conditionalAccess/namedLocations", &[location()]))
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().expect("an object").remove(name);
    object
}

pub fn graph() -> Vec<File> {
    let mut group = group();
    group["members"] = json!([{"@odata.type": "#microsoft.graph.user", "id": ANA}]);
    vec![
        file("policies.json", &page("identity/conditionalAccess/policies", &policies())),
        locations_page(),
        file("groups.json", &page("groups", &[group])),
        users_page(),
    ]
}

/// Spells names as PowerShell does, writes lists of one as what is in them, and adds trees of nulls where nothing is set.
fn pascal(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let spelt = members.iter().map(|(name, value)| {
                let head: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
                let tail: String = name.chars().skip(1).collect();
                (if name.starts_with('@') { name.clone() } else { head + &tail }, pascal(value))
            });
            Value::Object(spelt.collect())
        }
        Value::Array(items) if items.len() == 1 && items[0].is_string() => items[0].clone(),
        Value::Array(items) => Value::Array(items.iter().map(pascal).collect()),
        other => other.clone(),
    }
}

fn pascal_policies() -> Vec<Value> {
    policies()
        .iter()
        .map(|policy| {
            let mut policy = pascal(policy);
            let nulls = json!({"IncludePlatforms": null, "ExcludePlatforms": null, "AdditionalProperties": {}});
            policy["Conditions"]["Platforms"] = nulls;
            policy["Conditions"]["AuthenticationFlows"] = json!({"TransferMethods": null});
            policy["GrantControls"]["AuthenticationStrength"] = json!({"Id": null, "AllowedCombinations": null});
            if policy["SessionControls"].is_null() {
                policy["SessionControls"] =
                    json!({"SignInFrequency": {"Value": null, "IsEnabled": null, "Type": null}});
            }
            policy["CreatedDateTime"] = json!("/Date(1741000000000)/");
            policy
        })
        .collect()
}

pub fn power_shell() -> Vec<File> {
    let location = json!({"Id": OFFICE, "DisplayName": "Office", "AdditionalProperties":
        {"@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": true, "ipRanges": [{"cidrAddress": RANGE}]}});
    let mut group = pascal(&group());
    group["Members"] = json!([{"Id": ANA, "AdditionalProperties": {"@odata.type": "#microsoft.graph.user"}}]);
    vec![
        file("policies.json", &json!(pascal_policies())),
        // `ConvertTo-Json` writes the one location without a list.
        file("locations.json", &location),
        file("groups.json", &json!([group])),
        file("users.json", &json!(users().iter().map(pascal).collect::<Vec<_>>())),
    ]
}

pub fn entra_exporter() -> Vec<File> {
    let mut files: Vec<File> = policies()
        .iter()
        .map(|policy| {
            let id = policy["id"].as_str().expect("an id");
            file(&format!("out/Identity/Conditional/AccessPolicies/{id}/{id}.json"), policy)
        })
        .collect();
    files.push(file(&format!("out/Identity/Conditional/NamedLocations/{OFFICE}/{OFFICE}.json"), &location()));
    files.push(file(&format!("out/Groups/{TRAVELLERS}/{TRAVELLERS}.json"), &group()));
    files.push(file(&format!("out/Groups/{TRAVELLERS}/Members/{ANA}/{ANA}.json"), &users()[0]));
    for user in users() {
        let id = user["id"].as_str().expect("an id").to_owned();
        files.push(file(&format!("out/Users/{id}/{id}.json"), &user));
    }
    files
}

/// UTF-16 with a mark and CRLF, as Windows PowerShell writes it.
pub fn utf16(text: &str) -> Vec<u8> {
    let text = text.replace('\n', "\r\n");
    [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

pub fn intune_management() -> Vec<File> {
    let noisy = |object: &Value| {
        let mut object = object.clone();
        let id = object["id"].as_str().expect("an id").to_owned();
        object["@odata.id"] = json!(format!("identity/conditionalAccess/policies('{id}')"));
        object["@odata.editLink"] = json!("x");
        object["#microsoft.graph.restore"] = json!({"title": "microsoft.graph.restore", "target": "x"});
        object["state@odata.type"] = json!("#microsoft.graph.conditionalAccessPolicyState");
        object
    };
    let mut files: Vec<File> = policies()
        .iter()
        .enumerate()
        .map(|(number, policy)| {
            let text = serde_json::to_string_pretty(&noisy(policy)).expect("JSON");
            (format!("ConditionalAccess/CA00{number}.json"), utf16(&text))
        })
        .collect();
    files.push(file("NamedLocations/Office.json", &without(noisy(&location()), "state@odata.type")));
    let table = json!({"TenantId": TENANT, "Organization": "contoso",
        "Objects": [{"DisplayName": "Travellers", "Id": TRAVELLERS, "Type": "Group"}]});
    files.push(file("MigrationTable.json", &table));
    files
}

pub fn scuba_gear() -> Vec<File> {
    let export = json!({
        "timestamp_zulu": "2026-01-05T10:00:00.000Z",
        "conditional_access_policies": pascal_policies(),
        "cap_table_data": [{"Name": "Block abroad", "State": "On", "Users": ["All"], "Conditions": ["None"]}],
        "authorization_policies": {"Id": "authorizationPolicy", "AllowedToUseSspr": true},
        "authentication_method": [{"Id": "authenticationMethodsPolicy",
            "AuthenticationMethodConfigurations": ["Microsoft.Graph.PowerShell.Models.MicrosoftGraphAuthenticationMethodConfiguration"]}],
        "privileged_users": {ANA: {"DisplayName": "ana", "roles": ["Global Administrator"]}},
        "tenant_details": [{"DisplayName": "Contoso", "TenantId": TENANT, "DomainName": "contoso.example"}],
        "directory_settings": {"Id": "s", "TemplateId": "5cf42378-d67d-4f36-ba46-e8b86229381d",
            "Values": [{"Name": "LockoutThreshold", "Value": "7"}]},
    });
    vec![file("ProviderSettingsExport.json", &export)]
}

fn portal_policy(policy: &Value) -> Value {
    let mut policy = without(policy.clone(), "id");
    policy["@odata.context"] =
        json!("https://graph.microsoft.com/beta/$metadata#identity/conditionalAccess/policies/$entity");
    policy
}

pub fn portal() -> Vec<File> {
    let policies = policies();
    let files = policies.iter().enumerate();
    files.map(|(number, policy)| file(&format!("policy ({number}).json"), &portal_policy(policy))).collect()
}

pub fn wrapper() -> Vec<File> {
    let policies = policies();
    let files = policies.iter().enumerate();
    files
        .map(|(number, policy)| {
            let wrapped = json!({"ExportDate": "2026-01-05T10:00:00Z", "SourcePolicyId": policy["id"], "SourceTenantId": TENANT,
                "AssignmentDetails": {"ExcludeGroups": [{"Id": TRAVELLERS, "DisplayName": "Travellers"}]},
                "PolicyConfig": without(policy.clone(), "id")});
            file(&format!("export{number}.json"), &wrapped)
        })
        .collect()
}

pub fn templates() -> Vec<File> {
    let mut policies = policies();
    policies[0]["conditions"]["users"]["excludeGroups"] = json!(["<ExclusionTempGroup>"]);
    policies[0]["conditions"]["locations"]["excludeLocations"] = json!(["<OfficeLocation>"]);
    let policies: Vec<Value> = policies.iter().map(|policy| without(policy.clone(), "id")).collect();
    vec![file("baseline.json", &json!(policies))]
}

fn terraform_resources() -> Vec<(&'static str, Value)> {
    let policy = |policy: &Value, session: Value, mut more: Value| {
        let conditions = &policy["conditions"];
        let block = more.as_object_mut().expect("an object");
        block.insert("client_app_types".to_owned(), conditions["clientAppTypes"].clone());
        block.insert("sign_in_risk_levels".to_owned(), json!([]));
        block.insert(
            "applications".to_owned(),
            json!([{"included_applications": conditions["applications"]["includeApplications"], "excluded_applications": [],
                "included_user_actions": [], "filter": []}]),
        );
        block.insert(
            "users".to_owned(),
            json!([{"included_users": ["All"], "excluded_users": [], "included_groups": [], "included_roles": [],
                "excluded_groups": conditions["users"]["excludeGroups"], "included_guests_or_external_users": []}]),
        );
        let id = policy["id"].as_str().expect("an id");
        json!({"id": format!("/identity/conditionalAccess/policies/{id}"), "display_name": policy["displayName"],
            "state": policy["state"], "conditions": [more], "session_controls": session,
            "grant_controls": [{"operator": "OR", "built_in_controls": policy["grantControls"]["builtInControls"],
                "terms_of_use": [], "custom_authentication_factors": [], "authentication_strength_policy_id": ""}]})
    };
    let [block, mfa, device] = policies();
    let off = json!([{"application_enforced_restrictions_enabled": false, "cloud_app_security_policy": "", "sign_in_frequency": 0,
        "sign_in_frequency_period": "", "sign_in_frequency_interval": "timeBased", "persistent_browser_mode": ""}]);
    let days = json!([{"application_enforced_restrictions_enabled": false, "sign_in_frequency": 4, "sign_in_frequency_period": "days",
        "sign_in_frequency_authentication_type": "primaryAndSecondaryAuthentication", "sign_in_frequency_interval": "timeBased"}]);
    let places = json!({"locations": [{"included_locations": ["All"], "excluded_locations": [OFFICE]}]});
    let filter =
        json!({"devices": [{"filter": [{"mode": "exclude", "rule": RULE}]}], "locations": [], "platforms": []});
    let mut resources = vec![
        ("azuread_conditional_access_policy", policy(&block, json!([]), places)),
        ("azuread_conditional_access_policy", policy(&mfa, days, json!({}))),
        ("azuread_conditional_access_policy", policy(&device, off, filter)),
        (
            "azuread_named_location",
            json!({"id": format!("/identity/conditionalAccess/namedLocations/{OFFICE}"), "display_name": "Office", "country": [],
                "ip": [{"ip_ranges": [RANGE], "trusted": true}]}),
        ),
        (
            "azuread_group",
            json!({"id": format!("/groups/{TRAVELLERS}"), "object_id": TRAVELLERS, "display_name": "Travellers",
                "security_enabled": true, "members": [ANA], "dynamic_membership": []}),
        ),
        ("azurerm_resource_group", json!({"id": "x", "name": "other"})),
    ];
    for user in users() {
        let attributes = json!({"object_id": user["id"], "user_principal_name": user["userPrincipalName"], "display_name": user["displayName"],
            "user_type": "Member", "account_enabled": true});
        resources.push(("azuread_user", attributes));
    }
    resources
}

pub fn terraform_state() -> Vec<File> {
    let resources = terraform_resources().into_iter().enumerate().map(|(number, (kind, attributes))| {
        json!({"mode": "managed", "type": kind, "name": format!("r{number}"), "instances": [{"schema_version": 1, "attributes": attributes}]})
    });
    let state =
        json!({"version": 4, "terraform_version": "1.9.0", "serial": 3, "resources": resources.collect::<Vec<_>>()});
    vec![file("terraform.tfstate", &state)]
}

fn module() -> Value {
    let mut resources: Vec<Value> = terraform_resources()
        .into_iter()
        .enumerate()
        .map(|(number, (kind, values))| {
            json!({"address": format!("{kind}.r{number}"), "mode": "managed", "type": kind, "name": format!("r{number}"), "values": values})
        })
        .collect();
    let inner = resources.split_off(3);
    json!({"resources": resources, "child_modules": [{"address": "module.x", "resources": inner}]})
}

pub fn terraform_show() -> Vec<File> {
    let shown = json!({"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": module()}});
    vec![file("show.json", &shown)]
}

/// A plan without a state before it, in which the excluded group is told only when it is made.
pub fn terraform_plan() -> Vec<File> {
    let mut module = module();
    module["resources"][0]["values"]["conditions"][0]["users"][0]["excluded_groups"] = json!([]);
    let unknown = json!({"conditions": [{"users": [{"excluded_groups": [true]}]}], "id": true});
    let plan = json!({"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": module},
        "resource_changes": [{"address": "azuread_conditional_access_policy.r0", "change": {"actions": ["create"], "after_unknown": unknown}}]});
    vec![file("plan.json", &plan)]
}

pub fn roadrecon() -> Vec<File> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.db");
    let database = rusqlite::Connection::open(&path).expect("a database");
    database
        .execute_batch(
            "CREATE TABLE TenantDetails (objectId TEXT PRIMARY KEY, displayName TEXT, verifiedDomains JSON);
             CREATE TABLE Users (objectType TEXT, objectId TEXT PRIMARY KEY, accountEnabled BOOLEAN, displayName TEXT,
                userPrincipalName TEXT, userType TEXT, proxyAddresses JSON);
             CREATE TABLE Groups (objectId TEXT PRIMARY KEY, displayName TEXT, securityEnabled BOOLEAN);
             CREATE TABLE ServicePrincipals (objectId TEXT PRIMARY KEY, appId TEXT, displayName TEXT);
             CREATE TABLE Policys (objectType TEXT, objectId TEXT PRIMARY KEY, displayName TEXT, policyType INTEGER,
                policyIdentifier TEXT, tenantDefaultPolicy INTEGER, policyDetail JSON);
             CREATE TABLE lnk_group_member_user (\"Group\" TEXT, \"User\" TEXT);",
        )
        .expect("the tables");
    let insert = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        database.execute(sql, values).expect("a row");
    };
    let domains = json!([{"name": "contoso.example", "type": "Managed", "initial": true}]).to_string();
    insert("INSERT INTO TenantDetails VALUES (?1, 'Contoso', ?2)", &[&TENANT, &domains]);
    for user in users() {
        let text = |name: &str| user[name].as_str().expect("text").to_owned();
        let values: [&dyn rusqlite::ToSql; 3] = [&text("id"), &text("displayName"), &text("userPrincipalName")];
        insert("INSERT INTO Users VALUES ('User', ?1, 1, ?2, ?3, 'Member', '[]')", &values);
    }
    insert("INSERT INTO Groups VALUES (?1, 'Travellers', 1)", &[&TRAVELLERS]);
    insert("INSERT INTO lnk_group_member_user VALUES (?1, ?2)", &[&TRAVELLERS, &ANA]);
    let all = json!({"Include": [{"Applications": ["All"]}]});
    let everybody = json!({"Include": [{"Users": ["All"]}]});
    let details = [
        (
            BLOCK,
            "Block abroad",
            json!({"Version": 1, "State": "Enabled", "Controls": [{"Control": ["Block"]}], "EnforceAllPoliciesForEas": true,
                "Conditions": {"Applications": all, "Users": {"Include": [{"All": ["All"]}], "Exclude": [{"Groups": [TRAVELLERS]}]},
                    "Locations": {"Include": [{"Locations": ["All"]}], "Exclude": [{"Locations": [OFFICE]}]}}}),
        ),
        (
            MFA,
            "MFA for all",
            json!({"State": "Enabled", "Controls": [{"Control": ["Mfa"]}], "SessionControls": ["SignInFrequency"],
                "SignInFrequencyType": 10, "SignInFrequencyTimeSpan": "4.00:00:00",
                "Conditions": {"Applications": all, "Users": everybody}}),
        ),
        (
            DEVICE,
            "Compliant device for the app",
            json!({"State": "Enabled", "Controls": [{"Control": ["CompliantDevice"]}],
                "Conditions": {"Applications": {"Include": [{"Applications": [APP]}]}, "Users": everybody,
                    "Devices": {"Include": [{"DeviceRule": "All"}], "Exclude": [{"DeviceRule": RULE}]}}}),
        ),
    ];
    for (id, name, detail) in details {
        let detail = json!([detail.to_string()]).to_string();
        insert("INSERT INTO Policys VALUES ('Policy', ?1, ?2, 18, NULL, NULL, ?3)", &[&id, &name, &detail]);
    }
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(RANGE.as_bytes()).expect("packing");
    let packed = base64::engine::general_purpose::STANDARD.encode(packer.finish().expect("packing"));
    let detail = json!([
        json!({"Categories": ["trusted"], "CompressedCidrIpRanges": packed, "CountryIsoCodes": null}).to_string()
    ])
    .to_string();
    insert("INSERT INTO Policys VALUES ('Policy', 'x', 'Office', 6, ?1, NULL, ?2)", &[&OFFICE, &detail]);
    insert("INSERT INTO Policys VALUES ('Policy', 'y', 'Default Policy', 44, NULL, 44, '[\"{}\"]')", &[]);
    drop(database);
    vec![("roadrecon.db".to_owned(), std::fs::read(path).expect("the database"))]
}

/// The properties of the resources of a Microsoft365DSC configuration.
fn desired() -> Vec<(&'static str, &'static str, Value)> {
    let policy = |policy: &Value, more: Value| {
        let mut properties = json!({"DisplayName": policy["displayName"], "Id": policy["id"], "State": "enabled", "Ensure": "Present",
            "ClientAppTypes": ["all"], "IncludeApplications": policy["conditions"]["applications"]["includeApplications"],
            "ExcludeApplications": [], "IncludeUsers": ["All"], "ExcludeUsers": [], "IncludeGroups": [], "IncludeRoles": [],
            "IncludeExternalTenantsMembershipKind": "", "SignInFrequencyIsEnabled": false, "PersistentBrowserMode": "",
            "GrantControlOperator": "OR", "BuiltInControls": policy["grantControls"]["builtInControls"]});
        let held = properties.as_object_mut().expect("an object");
        held.extend(more.as_object().expect("an object").clone());
        properties
    };
    let [block, mfa, device] = policies();
    vec![
        (
            "AADConditionalAccessPolicy",
            "Block abroad",
            policy(
                &block,
                json!({"ExcludeGroups": ["Travellers"], "IncludeLocations": ["All"], "ExcludeLocations": ["Office"]}),
            ),
        ),
        (
            "AADConditionalAccessPolicy",
            "MFA for all",
            policy(
                &mfa,
                json!({"SignInFrequencyIsEnabled": true, "SignInFrequencyValue": 4, "SignInFrequencyType": "days",
                "SignInFrequencyInterval": "timeBased"}),
            ),
        ),
        (
            "AADConditionalAccessPolicy",
            "Compliant device",
            policy(&device, json!({"DeviceFilterMode": "exclude", "DeviceFilterRule": RULE})),
        ),
        (
            "AADNamedLocationPolicy",
            "Office",
            json!({"DisplayName": "Office", "Id": OFFICE, "OdataType": "#microsoft.graph.ipNamedLocation", "IpRanges": [RANGE], "IsTrusted": true}),
        ),
        (
            "AADGroup",
            "Travellers",
            json!({"DisplayName": "Travellers", "MailNickname": "t", "Members": ["ana@contoso.example"], "GroupAsMembers": [], "SecurityEnabled": true}),
        ),
        (
            "AADPasswordRuleSettings",
            "AADPasswordRuleSettings",
            json!({"IsSingleInstance": "Yes", "LockoutThreshold": 7}),
        ),
    ]
}

fn power_shell_value(value: &Value) -> String {
    match value {
        Value::Bool(value) => format!("${}", if *value { "True" } else { "False" }),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("\"{}\"", text.replace('`', "``").replace('"', "`\"")),
        Value::Array(items) => format!("@({})", items.iter().map(power_shell_value).collect::<Vec<_>>().join(",")),
        other => panic!("{other}"),
    }
}

pub fn configuration() -> Vec<File> {
    let mut lines = vec![
        "# Generated with Microsoft365DSC".to_owned(),
        "Configuration M365TenantConfig".to_owned(),
        "{\n    Import-DscResource -ModuleName 'Microsoft365DSC' -ModuleVersion '1.24.103.1'\n    Node localhost\n    {".to_owned(),
    ];
    for (kind, name, properties) in desired() {
        lines.push(format!("        {kind} \"{kind}-{name}\"\n        {{"));
        lines.push("            ApplicationId = $ConfigurationData.NonNodeData.ApplicationId;".to_owned());
        for (property, value) in properties.as_object().expect("an object") {
            lines.push(format!("            {property:<20} = {};", power_shell_value(value)));
        }
        lines.push("        }".to_owned());
    }
    lines.push("    }\n}\nM365TenantConfig -ConfigurationData .\\ConfigurationData.psd1".to_owned());
    vec![text("M365TenantConfig.ps1", &lines.join("\r\n"))]
}

pub fn configuration_with_users() -> Vec<File> {
    [configuration(), vec![users_page()]].concat()
}

pub fn report() -> Vec<File> {
    let resources = desired().into_iter().map(|(kind, name, mut properties)| {
        properties["ResourceName"] = json!(kind);
        properties["ResourceInstanceName"] = json!(name);
        properties
    });
    vec![file("report.json", &json!(resources.collect::<Vec<_>>())), users_page()]
}

pub fn members_table() -> Vec<File> {
    let rows = "\u{feff}\"GroupId\",\"GroupDisplayName\",\"UserPrincipalName\",\"MemberCount\"\r\n";
    let table = format!("{rows}\"{TRAVELLERS}\",\"Travellers\",\"ana@contoso.example\",\"1\"\r\n");
    vec![
        file("policies.json", &page("identity/conditionalAccess/policies", &policies())),
        locations_page(),
        text("members.csv", &table),
        users_page(),
    ]
}

/// What the command writes that the program asks for: each member with its names, and how many there are. Nobody else tells of users.
pub fn members_table_as_asked(count: &str) -> Vec<File> {
    let rows =
        "\u{feff}\"GroupId\",\"GroupDisplayName\",\"Id\",\"DisplayName\",\"UserPrincipalName\",\"MemberCount\"\r\n";
    let row = format!("\"{TRAVELLERS}\",\"Travellers\",\"{ANA}\",\"ana\",\"ana@contoso.example\",\"{count}\"\r\n");
    let mut files = members_table();
    files.truncate(2);
    files.push(text("members.csv", &format!("{rows}{row}")));
    files
}

/// The same, where the table names the group and the export has it under an id.
pub fn members_table_by_name() -> Vec<File> {
    let table = "Group;Member;MemberCount\r\ntravellers;ANA@contoso.example;1\r\n";
    let mut files = members_table();
    files[2] = text("members.csv", table);
    files.push(file("groups.json", &page("groups", &[group()])));
    files
}

pub fn extractor_suite() -> Vec<File> {
    let heading = "DisplayName,Id,State,CreatedDateTime,ModifiedDateTime,IncludeUsers,ExcludeUsers,IncludeGroups,ExcludeGroups,\
        IncludeRoles,ExcludeRoles,IncludeApplications,ExcludeApplications,ClientAppTypes,IncludePlatforms,IncludeLocations,\
        ExcludeLocations,DeviceFilter,BuiltInControls,GrantOperator,SignInFrequency,DeviceFilterMode,DeviceFilterRule";
    let quoted = RULE.replace('"', "\"\"");
    let rows = [
        format!(
            "Block abroad,{BLOCK},enabled,12/12/2025 3:03:58 PM,,All,,,{TRAVELLERS},,,All,,all,,All,{OFFICE},Not Configured,block,OR, ,,"
        ),
        format!("MFA for all,{MFA},enabled,12/12/2025 3:03:58 PM,,All,,,,,,All,,all,,,,Not Configured,mfa,OR,4 days,,"),
        format!(
            "Compliant device for the app,{DEVICE},enabled,12/12/2025 3:03:58 PM,,All,,,,,,{APP},,all,,,,x,compliantDevice,OR, ,exclude,\"{quoted}\""
        ),
    ];
    let table = format!("{heading}\r\n{}\r\n", rows.join("\r\n"));
    vec![text("ConditionalAccessPolicies.csv", &table), locations_page()]
}
