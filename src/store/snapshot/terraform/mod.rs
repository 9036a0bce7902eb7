//! Reads what Terraform knows of a tenant: state files (version 4), and the state and plans that `terraform show -json` prints.
//!
//! Terraform holds the objects it manages and no others, so no collection of it is ever complete. Of a plan the state before it is read
//! where the plan has it, for that is what the tenant has; planned values are read only without it, and that is said. Pointers lead
//! to the attributes: `/resources/3/instances/0/attributes` of a state, `/values/root_module/resources/3/values` of what is printed.

mod policy;

use crate::domain::json::Json;
use crate::store::inventory::Problem;

use super::export::{Export, Foreign};
use super::kinds::{self, Kind};
use super::pieces::Relation;

/// How deep modules may be nested.
const DEEPEST: usize = 32;

/// A resource: its type, its address, its attributes, and where these stand.
struct Resource<'a> {
    kind: &'a str,
    address: &'a str,
    attributes: &'a Json,
    at: String,
}

/// Reads a Terraform document; `None` when it is none, or holds no object of Entra.
pub(super) fn read(json: &Json) -> Option<Export> {
    if !json.has("terraform_version") && !json.has("format_version") {
        return None;
    }
    let mut export = Export { word: "terraformShow", ..Export::default() };
    let mut resources = Vec::new();
    let is_plan = json.has("planned_values");
    if json.get("version").int() == Some(4) && !json.has("format_version") {
        export.word = "terraformState";
        of_state(json, &mut resources);
    } else if json.pointer("/prior_state/values/root_module").is_some() {
        of_module(
            json.get("prior_state").get("values").get("root_module"),
            "/prior_state/values/root_module",
            0,
            &mut resources,
        );
    } else if is_plan {
        of_module(json.get("planned_values").get("root_module"), "/planned_values/root_module", 0, &mut resources);
        let words = "these are the values that Terraform plans, not those that the tenant has";
        export.problems.push(Problem::warning(words));
    } else {
        of_module(json.get("values").get("root_module"), "/values/root_module", 0, &mut resources);
    }
    let changes = if export.problems.is_empty() { &Json::Null } else { json.get("resource_changes") };
    for resource in &resources {
        let unknown = not_yet_known(changes, resource.address);
        export.objects.extend(objects(resource, unknown));
    }
    let what = match (export.word, is_plan) {
        ("terraformState", _) => "Terraform state",
        (_, true) => "Terraform plan",
        _ => "Terraform state, printed",
    };
    export.format = format!("{what}: {} of Entra", export.count());
    (!export.objects.is_empty()).then_some(export)
}

fn of_state<'a>(json: &'a Json, resources: &mut Vec<Resource<'a>>) {
    for (number, resource) in json.get("resources").items().iter().enumerate() {
        let kind = resource.get("type").text().unwrap_or_default();
        for (index, instance) in resource.get("instances").items().iter().enumerate() {
            let at = format!("/resources/{number}/instances/{index}/attributes");
            resources.push(Resource { kind, address: "", attributes: instance.get("attributes"), at });
        }
    }
}

fn of_module<'a>(module: &'a Json, at: &str, depth: usize, resources: &mut Vec<Resource<'a>>) {
    for (number, resource) in module.get("resources").items().iter().enumerate() {
        let text = |name: &str| resource.get(name).text().unwrap_or_default();
        let at = format!("{at}/resources/{number}/values");
        resources.push(Resource {
            kind: text("type"),
            address: text("address"),
            attributes: resource.get("values"),
            at,
        });
    }
    if depth < DEEPEST {
        for (number, child) in module.get("child_modules").items().iter().enumerate() {
            of_module(child, &format!("{at}/child_modules/{number}"), depth + 1, resources);
        }
    }
}

/// What of a planned resource is told only when it is made: an object whose leaves are true.
fn not_yet_known<'a>(changes: &'a Json, address: &str) -> &'a Json {
    let change = changes.items().iter().find(|change| change.get("address").text() == Some(address));
    change.map_or(&Json::Null, |change| change.get("change").get("after_unknown"))
}

/// The objects that a resource is. Most are one; a resource that this program has no use for is none.
fn objects(resource: &Resource<'_>, unknown: &Json) -> Vec<Foreign> {
    let Resource { kind, attributes, at, .. } = resource;
    let one = match *kind {
        "azuread_conditional_access_policy" => policy::read(attributes, at, unknown),
        "azuread_named_location" => location(attributes, at),
        "azuread_group" => return group(attributes, at),
        "azuread_group_member" => renamed(Kind::GroupMembership, attributes, at, &MEMBERSHIP),
        "azuread_user" => renamed(Kind::User, attributes, at, &USER),
        "azuread_users" => return users(attributes, at),
        "azuread_authentication_strength_policy" => renamed(Kind::AuthenticationStrength, attributes, at, &STRENGTH),
        "azuread_service_principal" => renamed(Kind::ServicePrincipal, attributes, at, &APPLICATION),
        "azuread_application" | "azuread_application_registration" => {
            renamed(Kind::Application, attributes, at, &APPLICATION)
        }
        "azuread_directory_role" => renamed(Kind::DirectoryRole, attributes, at, &ROLE),
        "azuread_directory_role_assignment" => renamed(Kind::RoleAssignment, attributes, at, &ASSIGNMENT),
        "msgraph_resource" | "azapi_resource" | "azapi_data_plane_resource" => {
            return raw(attributes, at).into_iter().collect();
        }
        _ => return Vec::new(),
    };
    vec![one]
}

/// Terraform's names and Graph's, of objects that differ in nothing else.
type Names = [(&'static str, &'static str)];
const USER: [(&str, &str); 6] = [
    ("object_id", "/id"),
    ("user_principal_name", "/userPrincipalName"),
    ("display_name", "/displayName"),
    ("user_type", "/userType"),
    ("account_enabled", "/accountEnabled"),
    ("mail", "/mail"),
];
const MEMBERSHIP: [(&str, &str); 2] = [("group_object_id", "/groupId"), ("member_object_id", "/memberId")];
const STRENGTH: [(&str, &str); 3] =
    [("id", "/id"), ("display_name", "/displayName"), ("allowed_combinations", "/allowedCombinations")];
const APPLICATION: [(&str, &str); 6] = [
    ("object_id", "/id"),
    ("client_id", "/appId"),
    ("application_id", "/appId"),
    ("display_name", "/displayName"),
    ("application_tenant_id", "/appOwnerOrganizationId"),
    ("type", "/servicePrincipalType"),
];
const ROLE: [(&str, &str); 3] =
    [("object_id", "/id"), ("template_id", "/roleTemplateId"), ("display_name", "/displayName")];
const ASSIGNMENT: [(&str, &str); 5] = [
    ("id", "/id"),
    ("principal_object_id", "/principalId"),
    ("role_id", "/roleDefinitionId"),
    ("directory_scope_id", "/directoryScopeId"),
    ("app_scope_id", "/appScopeId"),
];

/// The id at the end of what newer versions of the provider write as a path: `/groups/<id>`.
fn bare_id(value: &Json) -> Json {
    match value {
        Json::Text(text) if text.starts_with('/') && text.len() > 1 => {
            Json::Text(text.rsplit('/').next().unwrap_or(text).to_owned())
        }
        other => other.clone(),
    }
}

fn renamed(kind: Kind, attributes: &Json, at: &str, names: &Names) -> Foreign {
    let mut object = Foreign::new(kind, at);
    for (name, graph) in names {
        let value = attributes.get(name);
        // Terraform writes what is not set as an empty text; the scope of the whole tenant is no path to an id.
        if value.says_nothing() || object.json.has(graph.trim_start_matches('/')) {
            continue;
        }
        let value = if graph.ends_with("Id") && *graph != "/directoryScopeId" || *graph == "/id" {
            bare_id(value)
        } else {
            value.clone()
        };
        object.put(graph, value, &format!("/{name}"));
    }
    object
}

fn location(attributes: &Json, at: &str) -> Foreign {
    let mut location = Foreign::new(Kind::NamedLocation, at);
    let id = ["object_id", "id"].into_iter().find(|name| attributes.get(name).text().is_some());
    if let Some(name) = id {
        location.put("/id", bare_id(attributes.get(name)), &format!("/{name}"));
    }
    location.put("/displayName", attributes.get("display_name").clone(), "/display_name");
    if let Some(ip) = attributes.get("ip").items().first() {
        location.put_text("/@odata.type", "#microsoft.graph.ipNamedLocation", "/ip");
        location.put("/ipRanges", ip.get("ip_ranges").clone(), "/ip/0/ip_ranges");
        location.put("/isTrusted", ip.get("trusted").clone(), "/ip/0/trusted");
    } else if let Some(country) = attributes.get("country").items().first() {
        location.put_text("/@odata.type", "#microsoft.graph.countryNamedLocation", "/country");
        for (name, graph) in [
            ("countries_and_regions", "/countriesAndRegions"),
            ("include_unknown_countries_and_regions", "/includeUnknownCountriesAndRegions"),
            ("country_lookup_method", "/countryLookupMethod"),
        ] {
            if !country.get(name).says_nothing() {
                location.put(graph, country.get(name).clone(), &format!("/country/0/{name}"));
            }
        }
    }
    location
}

/// A group, with the members that Terraform read. Members of a dynamic group change without Terraform.
fn group(attributes: &Json, at: &str) -> Vec<Foreign> {
    let mut group =
        renamed(Kind::Group, attributes, at, &[("object_id", "/id"), ("id", "/id"), ("display_name", "/displayName")]);
    let rule = attributes.get("dynamic_membership").items().first().map_or(&Json::Null, |block| block.get("rule"));
    if rule.says_nothing() {
        group.put("/members", attributes.get("members").clone(), "/members");
    } else {
        group.put("/membershipRule", rule.clone(), "/dynamic_membership/0/rule");
    }
    vec![group]
}

fn users(attributes: &Json, at: &str) -> Vec<Foreign> {
    let users = attributes.get("users").items().iter().enumerate();
    users.map(|(index, user)| renamed(Kind::User, user, &format!("{at}/users/{index}"), &USER)).collect()
}

/// An object that a configuration writes in Graph's own form.
fn raw(attributes: &Json, at: &str) -> Option<Foreign> {
    let (body, inner) = match attributes.get("body") {
        dynamic if dynamic.has("value") && dynamic.has("type") => (dynamic.get("value"), "/body/value"),
        body => (body, "/body"),
    };
    let kind = kinds::told_by_itself(body).filter(|kind| matches!(kind, Kind::Policy | Kind::NamedLocation))?;
    let mut object = Foreign { json: body.clone(), ..Foreign::new(kind, format!("{at}{inner}")) };
    if let (false, Some(id), Json::Object(members)) = (body.has("id"), attributes.get("id").text(), &mut object.json) {
        members.push(("id".to_owned(), bare_id(&Json::Text(id.to_owned()))));
        object.renames.add("/id", format!("{at}/id"));
    }
    object.relation = Relation::Itself;
    Some(object)
}
