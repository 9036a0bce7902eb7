//! Reads `azuread_conditional_access_policy`: names of Terraform's, blocks that are lists of one, zero where nothing is set.

use crate::domain::json::{Json, escape_pointer};

use super::super::export::{Foreign, list};
use super::super::kinds::Kind;
use super::bare_id;

/// A block: Terraform's name, where Graph has what it holds, and the names of the values.
type Block = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// The blocks of the conditions.
const BLOCKS: [Block; 6] = [
    (
        "applications",
        "/conditions/applications",
        &[
            ("included_applications", "includeApplications"),
            ("excluded_applications", "excludeApplications"),
            ("included_user_actions", "includeUserActions"),
            ("filter", "applicationFilter"),
        ],
    ),
    (
        "users",
        "/conditions/users",
        &[
            ("included_users", "includeUsers"),
            ("excluded_users", "excludeUsers"),
            ("included_groups", "includeGroups"),
            ("excluded_groups", "excludeGroups"),
            ("included_roles", "includeRoles"),
            ("excluded_roles", "excludeRoles"),
            ("included_guests_or_external_users", "includeGuestsOrExternalUsers"),
            ("excluded_guests_or_external_users", "excludeGuestsOrExternalUsers"),
        ],
    ),
    (
        "client_applications",
        "/conditions/clientApplications",
        &[
            ("included_service_principals", "includeServicePrincipals"),
            ("excluded_service_principals", "excludeServicePrincipals"),
            ("filter", "servicePrincipalFilter"),
        ],
    ),
    ("devices", "/conditions/devices", &[("filter", "deviceFilter")]),
    (
        "locations",
        "/conditions/locations",
        &[("included_locations", "includeLocations"), ("excluded_locations", "excludeLocations")],
    ),
    (
        "platforms",
        "/conditions/platforms",
        &[("included_platforms", "includePlatforms"), ("excluded_platforms", "excludePlatforms")],
    ),
];

/// The conditions that are lists and no blocks.
const LISTS: [(&str, &str); 5] = [
    ("client_app_types", "/conditions/clientAppTypes"),
    ("sign_in_risk_levels", "/conditions/signInRiskLevels"),
    ("user_risk_levels", "/conditions/userRiskLevels"),
    ("service_principal_risk_levels", "/conditions/servicePrincipalRiskLevels"),
    ("insider_risk_levels", "/conditions/insiderRiskLevels"),
];

/// The values of the grant controls.
const GRANT: [(&str, &str); 5] = [
    ("operator", "operator"),
    ("built_in_controls", "builtInControls"),
    ("custom_authentication_factors", "customAuthenticationFactors"),
    ("terms_of_use", "termsOfUse"),
    ("authentication_strength_policy_id", "authenticationStrength"),
];

/// Reads a policy. `unknown` has the form of the attributes and is true where a plan does not know the value yet.
pub(super) fn read(attributes: &Json, at: &str, unknown: &Json) -> Foreign {
    let mut policy = Foreign::new(Kind::Policy, at);
    let id = ["object_id", "id"].into_iter().find(|name| attributes.get(name).text().is_some());
    if let Some(name) = id {
        policy.put("/id", bare_id(attributes.get(name)), &format!("/{name}"));
    }
    policy.put("/displayName", attributes.get("display_name").clone(), "/display_name");
    policy.put("/state", attributes.get("state").clone(), "/state");
    conditions(&mut policy, block(attributes.get("conditions")));
    for (name, value) in block(attributes.get("grant_controls")).members() {
        let place = format!("/grant_controls/0/{}", escape_pointer(name));
        match GRANT.iter().find(|(known, _)| known == name) {
            Some(_) if is_zero(value) => {}
            Some((_, graph)) => policy.put(&format!("/grantControls/{graph}"), bare_id(value), &place),
            None => keep(&mut policy, "/grantControls", name, value, &place),
        }
    }
    session(&mut policy, block(attributes.get("session_controls")));
    not_yet_known(&mut policy, unknown);
    policy
}

/// What a block holds, which is written as a list of one.
fn block(json: &Json) -> &Json {
    match json {
        Json::List(items) => items.first().unwrap_or(&Json::Null),
        other => other,
    }
}

/// Whether a value is what Terraform writes where nothing is set.
fn is_zero(value: &Json) -> bool {
    value.says_nothing() || *value == Json::Bool(false) || value.int() == Some(0)
}

fn keep(policy: &mut Foreign, condition: &str, name: &str, value: &Json, at: &str) {
    if !is_zero(value) {
        policy.keep_unknown(condition, name, value.clone(), at);
    }
}

fn conditions(policy: &mut Foreign, conditions: &Json) {
    for (name, value) in conditions.members() {
        let place = format!("/conditions/0/{}", escape_pointer(name));
        if let Some((_, graph)) = LISTS.iter().find(|(known, _)| known == name) {
            policy.put(graph, value.clone(), &place);
        } else if let Some((_, graph, names)) = BLOCKS.iter().find(|(known, ..)| known == name) {
            let place = format!("{place}/0");
            for (name, value) in block(value).members() {
                let place = format!("{place}/{}", escape_pointer(name));
                match names.iter().find(|(known, _)| known == name) {
                    Some((_, inner)) => put(policy, &format!("{graph}/{inner}"), value, &place),
                    None => keep(policy, graph, name, value, &place),
                }
            }
        } else {
            keep(policy, "/conditions", name, value, &place);
        }
    }
}

/// Puts a value of a condition: a list as it is, a filter or a description of guests out of its block.
fn put(policy: &mut Foreign, graph: &str, value: &Json, at: &str) {
    if graph.ends_with("Filter") {
        let filter = block(value);
        for name in ["mode", "rule"] {
            policy.put(&format!("{graph}/{name}"), filter.get(name).clone(), &format!("{at}/0/{name}"));
        }
    } else if graph.ends_with("GuestsOrExternalUsers") {
        for (number, guests) in value.items().iter().enumerate() {
            // Graph has one such description in a list; of several no rule is known that joins them.
            if number > 0 {
                keep(policy, "/conditions/users", &format!("guests{number}"), guests, &format!("{at}/{number}"));
                continue;
            }
            let kinds = guests.get("guest_or_external_user_types").clone();
            policy.put(
                &format!("{graph}/guestOrExternalUserTypes"),
                kinds,
                &format!("{at}/0/guest_or_external_user_types"),
            );
            let tenants = block(guests.get("external_tenants"));
            for (name, inner) in [("membership_kind", "membershipKind"), ("members", "members")] {
                let place = format!("{at}/0/external_tenants/0/{name}");
                policy.put(&format!("{graph}/externalTenants/{inner}"), tenants.get(name).clone(), &place);
            }
        }
    } else {
        policy.put(graph, value.clone(), at);
    }
}

fn session(policy: &mut Foreign, session: &Json) {
    const AT: &str = "/session_controls/0";
    let value = |name: &str| session.get(name);
    let is_every_time =
        value("sign_in_frequency_interval").text().is_some_and(|word| word.eq_ignore_ascii_case("everyTime"));
    // The interval is `timeBased` also where no frequency is set.
    if is_every_time || !is_zero(value("sign_in_frequency")) {
        for (name, graph) in [
            ("sign_in_frequency", "value"),
            ("sign_in_frequency_period", "type"),
            ("sign_in_frequency_authentication_type", "authenticationType"),
            ("sign_in_frequency_interval", "frequencyInterval"),
        ] {
            if !is_zero(value(name)) {
                policy.put(
                    &format!("/sessionControls/signInFrequency/{graph}"),
                    value(name).clone(),
                    &format!("{AT}/{name}"),
                );
            }
        }
        policy.put("/sessionControls/signInFrequency/isEnabled", Json::Bool(true), &format!("{AT}/sign_in_frequency"));
    }
    for (name, value) in session.members() {
        let place = format!("{AT}/{}", escape_pointer(name));
        match name.as_str() {
            _ if is_zero(value) || name.starts_with("sign_in_frequency") => {}
            "application_enforced_restrictions_enabled" => {
                policy.put("/sessionControls/applicationEnforcedRestrictions/isEnabled", value.clone(), &place);
            }
            "cloud_app_security_policy" => {
                policy.put("/sessionControls/cloudAppSecurity/cloudAppSecurityType", value.clone(), &place);
                policy.put("/sessionControls/cloudAppSecurity/isEnabled", Json::Bool(true), &place);
            }
            "persistent_browser_mode" => {
                policy.put("/sessionControls/persistentBrowser/mode", value.clone(), &place);
                policy.put("/sessionControls/persistentBrowser/isEnabled", Json::Bool(true), &place);
            }
            "disable_resilience_defaults" => {
                policy.put("/sessionControls/disableResilienceDefaults", value.clone(), &place)
            }
            other => policy.keep_unknown("/sessionControls", other, value.clone(), &place),
        }
    }
}

/// Keeps what a plan does not know yet as unknown, in the condition or control it belongs to.
fn not_yet_known(policy: &mut Foreign, unknown: &Json) {
    const WORDS: &str = "known only after the plan is applied";
    let mut places = Vec::new();
    true_leaves(unknown, String::new(), &mut places);
    for place in places {
        let parts: Vec<&str> = place.split('/').skip(1).collect();
        let condition = match parts.as_slice() {
            ["conditions", _, name, ..] => BLOCKS
                .iter()
                .map(|(known, graph, _)| (known, graph))
                .chain(LISTS.iter().map(|(known, graph)| (known, graph)))
                .find(|(known, _)| *known == name)
                .map_or("/conditions", |(_, graph)| graph),
            ["conditions", ..] => "/conditions",
            ["grant_controls", ..] => "/grantControls",
            ["session_controls", ..] => "/sessionControls",
            _ => continue,
        };
        let graph = if LISTS.iter().any(|(_, graph)| *graph == condition) {
            policy.keep_unknown_item(condition, WORDS.to_owned(), &place);
            continue;
        } else {
            condition
        };
        policy.keep_unknown(graph, &place.replace('/', "."), list([WORDS.to_owned()]), &place);
    }
}

fn true_leaves(json: &Json, at: String, found: &mut Vec<String>) {
    match json {
        Json::Bool(true) => found.push(at),
        Json::Object(members) => {
            members.iter().for_each(|(name, value)| true_leaves(value, format!("{at}/{name}"), found))
        }
        Json::List(items) => {
            items.iter().enumerate().for_each(|(index, item)| true_leaves(item, format!("{at}/{index}"), found));
        }
        _ => {}
    }
}
