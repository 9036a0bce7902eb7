//! Brings the resources of Microsoft365DSC to Graph's form.

use crate::domain::json::{Json, escape_pointer};
use crate::store::inventory::Problem;

use super::super::export::{Export, Foreign};
use super::super::is_guid;
use super::super::kinds::Kind;
use super::super::members::MOST_EXPANDED;
use super::super::pieces::Relation;
use super::Resource;

/// Properties that say how to connect, and nothing about the object.
const CONNECTION: [&str; 17] = [
    "Ensure",
    "Credential",
    "ApplicationId",
    "TenantId",
    "ApplicationSecret",
    "CertificateThumbprint",
    "CertificatePath",
    "CertificatePassword",
    "ManagedIdentity",
    "AccessTokens",
    "DependsOn",
    "PsDscRunAsCredential",
    "ResourceName",
    "ResourceInstanceName",
    "ResourceId",
    "Description",
    "IsSingleInstance",
];

/// The properties of a policy that Graph has as they are.
const POLICY: [(&str, &str); 40] = [
    ("Id", "/id"),
    ("DisplayName", "/displayName"),
    ("State", "/state"),
    ("IncludeApplications", "/conditions/applications/includeApplications"),
    ("ExcludeApplications", "/conditions/applications/excludeApplications"),
    ("IncludeUserActions", "/conditions/applications/includeUserActions"),
    ("AuthenticationContexts", "/conditions/applications/includeAuthenticationContextClassReferences"),
    ("ApplicationsFilter", "/conditions/applications/applicationFilter/rule"),
    ("ApplicationsFilterMode", "/conditions/applications/applicationFilter/mode"),
    ("IncludeUsers", "/conditions/users/includeUsers"),
    ("ExcludeUsers", "/conditions/users/excludeUsers"),
    ("IncludeGroups", "/conditions/users/includeGroups"),
    ("ExcludeGroups", "/conditions/users/excludeGroups"),
    ("IncludeRoles", "/conditions/users/includeRoles"),
    ("ExcludeRoles", "/conditions/users/excludeRoles"),
    ("IncludeGuestOrExternalUserTypes", "/conditions/users/includeGuestsOrExternalUsers/guestOrExternalUserTypes"),
    (
        "IncludeExternalTenantsMembershipKind",
        "/conditions/users/includeGuestsOrExternalUsers/externalTenants/membershipKind",
    ),
    ("IncludeExternalTenantsMembers", "/conditions/users/includeGuestsOrExternalUsers/externalTenants/members"),
    ("ExcludeGuestOrExternalUserTypes", "/conditions/users/excludeGuestsOrExternalUsers/guestOrExternalUserTypes"),
    (
        "ExcludeExternalTenantsMembershipKind",
        "/conditions/users/excludeGuestsOrExternalUsers/externalTenants/membershipKind",
    ),
    ("ExcludeExternalTenantsMembers", "/conditions/users/excludeGuestsOrExternalUsers/externalTenants/members"),
    ("IncludeServicePrincipals", "/conditions/clientApplications/includeServicePrincipals"),
    ("ExcludeServicePrincipals", "/conditions/clientApplications/excludeServicePrincipals"),
    ("ServicePrincipalFilterMode", "/conditions/clientApplications/servicePrincipalFilter/mode"),
    ("ServicePrincipalFilterRule", "/conditions/clientApplications/servicePrincipalFilter/rule"),
    ("IncludePlatforms", "/conditions/platforms/includePlatforms"),
    ("ExcludePlatforms", "/conditions/platforms/excludePlatforms"),
    ("IncludeLocations", "/conditions/locations/includeLocations"),
    ("ExcludeLocations", "/conditions/locations/excludeLocations"),
    ("IncludeDevices", "/conditions/devices/includeDevices"),
    ("ExcludeDevices", "/conditions/devices/excludeDevices"),
    ("DeviceFilterMode", "/conditions/devices/deviceFilter/mode"),
    ("DeviceFilterRule", "/conditions/devices/deviceFilter/rule"),
    ("UserRiskLevels", "/conditions/userRiskLevels"),
    ("SignInRiskLevels", "/conditions/signInRiskLevels"),
    ("ServicePrincipalRiskLevels", "/conditions/servicePrincipalRiskLevels"),
    ("InsiderRiskLevels", "/conditions/insiderRiskLevels"),
    ("ClientAppTypes", "/conditions/clientAppTypes"),
    ("TransferMethods", "/conditions/authenticationFlows/transferMethods"),
    ("CustomAuthenticationFactors", "/grantControls/customAuthenticationFactors"),
];

/// The properties of other resources.
const LOCATION: [(&str, &str); 8] = [
    ("Id", "/id"),
    ("DisplayName", "/displayName"),
    ("OdataType", "/@odata.type"),
    ("IpRanges", "/ipRanges"),
    ("IsTrusted", "/isTrusted"),
    ("CountriesAndRegions", "/countriesAndRegions"),
    ("CountryLookupMethod", "/countryLookupMethod"),
    ("IncludeUnknownCountriesAndRegions", "/includeUnknownCountriesAndRegions"),
];
const STRENGTH: [(&str, &str); 3] =
    [("Id", "/id"), ("DisplayName", "/displayName"), ("AllowedCombinations", "/allowedCombinations")];
const TOKENS: [(&str, &str); 4] = [
    ("Id", "/id"),
    ("DisplayName", "/displayName"),
    ("Definition", "/definition"),
    ("IsOrganizationDefault", "/isOrganizationDefault"),
];
const USER: [(&str, &str); 4] = [
    ("Id", "/id"),
    ("UserPrincipalName", "/userPrincipalName"),
    ("DisplayName", "/displayName"),
    ("UserType", "/userType"),
];
const GROUP: [(&str, &str); 3] =
    [("Id", "/id"), ("DisplayName", "/displayName"), ("MembershipRule", "/membershipRule")];

impl Resource {
    /// The value of a property, whatever the case of its name; null when it is not there.
    fn get(&self, name: &str) -> &Json {
        let held = self.properties.iter().find(|(held, _)| held.eq_ignore_ascii_case(name));
        held.map_or(&Json::Null, |(_, value)| value)
    }

    fn has(&self, name: &str) -> bool {
        self.properties.iter().any(|(held, _)| held.eq_ignore_ascii_case(name))
    }
}

/// Takes the objects that a resource is; one that this program has no use for is none.
pub(super) fn resource(resource: &Resource, export: &mut Export) {
    if resource.get("Ensure").text().is_some_and(|word| word.eq_ignore_ascii_case("Absent")) {
        // The setting exists only after somebody saved it once; that it is absent is how the defaults are written.
        if resource.kind == "AADPasswordRuleSettings" {
            return export.holds_all(Kind::DirectorySetting);
        }
        let words = format!("`{}` is to be absent (`Ensure`): it is left out", resource.at);
        return export.problems.push(Problem::warning(words));
    }
    let object = match resource.kind.as_str() {
        "AADConditionalAccessPolicy" => policy(resource),
        "AADNamedLocationPolicy" => renamed(Kind::NamedLocation, resource, &LOCATION),
        "AADAuthenticationStrengthPolicy" => renamed(Kind::AuthenticationStrength, resource, &STRENGTH),
        "AADTokenLifetimePolicy" => renamed(Kind::TokenLifetimePolicy, resource, &TOKENS),
        "AADPasswordRuleSettings" => password_rules(resource),
        "AADSecurityDefaults" => renamed(Kind::SecurityDefaults, resource, &[("IsEnabled", "/isEnabled")]),
        "AADUser" if resource.get("Id").text().is_some() => renamed(Kind::User, resource, &USER),
        "AADGroup" => return group(resource, export),
        _ => return,
    };
    export.objects.push(object);
}

fn renamed(kind: Kind, resource: &Resource, names: &[(&str, &str)]) -> Foreign {
    let mut object = Foreign::new(kind, &resource.at);
    for (name, graph) in names {
        if !resource.get(name).says_nothing() {
            object.put(graph, resource.get(name).clone(), &format!("/{name}"));
        }
    }
    object
}

fn policy(resource: &Resource) -> Foreign {
    let mut policy = renamed(Kind::Policy, resource, &POLICY);
    grant(&mut policy, resource);
    session(&mut policy, resource);
    for (name, value) in &resource.properties {
        let known = |names: &[(&str, &str)]| names.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let is_connection = CONNECTION.iter().any(|known| known.eq_ignore_ascii_case(name));
        let is_control = GRANT.iter().chain(&SESSION).any(|known| known.eq_ignore_ascii_case(name));
        let is_off = value.says_nothing() || *value == Json::Bool(false);
        if known(&POLICY) || is_connection || is_control || is_off {
            continue;
        }
        let lower = name.to_ascii_lowercase();
        let condition = if lower.ends_with("isenabled") || lower.contains("session") {
            "/sessionControls"
        } else if ["include", "exclude"].iter().any(|start| lower.starts_with(start)) {
            "/conditions"
        } else {
            ""
        };
        policy.keep_unknown(condition, name, value.clone(), &format!("/{}", escape_pointer(name)));
    }
    policy
}

const GRANT: [&str; 4] = ["GrantControlOperator", "BuiltInControls", "TermsOfUse", "AuthenticationStrength"];
const SESSION: [&str; 9] = [
    "ApplicationEnforcedRestrictionsIsEnabled",
    "CloudAppSecurityIsEnabled",
    "CloudAppSecurityType",
    "SignInFrequencyIsEnabled",
    "SignInFrequencyValue",
    "SignInFrequencyType",
    "SignInFrequencyInterval",
    "PersistentBrowserIsEnabled",
    "PersistentBrowserMode",
];

fn grant(policy: &mut Foreign, resource: &Resource) {
    let value = |name: &str| resource.get(name);
    for (name, graph) in
        [("GrantControlOperator", "operator"), ("BuiltInControls", "builtInControls"), ("TermsOfUse", "termsOfUse")]
    {
        if !value(name).says_nothing() {
            policy.put(&format!("/grantControls/{graph}"), value(name).clone(), &format!("/{name}"));
        }
    }
    match value("AuthenticationStrength") {
        Json::Text(id) if is_guid(id) => {
            policy.put_text("/grantControls/authenticationStrength/id", id, "/AuthenticationStrength")
        }
        Json::Text(name) if !name.is_empty() => {
            policy.put_text("/grantControls/authenticationStrength/displayName", name, "/AuthenticationStrength");
        }
        other => {
            policy.keep_unknown("/grantControls", "AuthenticationStrength", other.clone(), "/AuthenticationStrength")
        }
    }
}

fn session(policy: &mut Foreign, resource: &Resource) {
    let value = |name: &str| resource.get(name);
    let is_on = |name: &str| value(name).bool() == Some(true);
    let lower = |value: &Json| match value {
        // Graph's words begin with a small letter.
        Json::Text(text) => {
            let mut chars = text.chars();
            let first: String = chars.next().into_iter().flat_map(char::to_lowercase).collect();
            Json::Text(first + chars.as_str())
        }
        other => other.clone(),
    };
    let says_frequency = !value("SignInFrequencyValue").says_nothing()
        && value("SignInFrequencyValue").int() != Some(0)
        || value("SignInFrequencyInterval").text().is_some_and(|word| word.eq_ignore_ascii_case("everyTime"));
    let is_off = value("SignInFrequencyIsEnabled").bool() == Some(false);
    if is_on("SignInFrequencyIsEnabled") || says_frequency && !is_off {
        for (name, graph) in [
            ("SignInFrequencyValue", "value"),
            ("SignInFrequencyType", "type"),
            ("SignInFrequencyInterval", "frequencyInterval"),
        ] {
            if !value(name).says_nothing() {
                policy.put(
                    &format!("/sessionControls/signInFrequency/{graph}"),
                    lower(value(name)),
                    &format!("/{name}"),
                );
            }
        }
        policy.put("/sessionControls/signInFrequency/isEnabled", Json::Bool(true), "/SignInFrequencyIsEnabled");
    }
    if is_on("PersistentBrowserIsEnabled") {
        policy.put(
            "/sessionControls/persistentBrowser/mode",
            lower(value("PersistentBrowserMode")),
            "/PersistentBrowserMode",
        );
        policy.put("/sessionControls/persistentBrowser/isEnabled", Json::Bool(true), "/PersistentBrowserIsEnabled");
    }
    if is_on("CloudAppSecurityIsEnabled") {
        policy.put(
            "/sessionControls/cloudAppSecurity/cloudAppSecurityType",
            value("CloudAppSecurityType").clone(),
            "/CloudAppSecurityType",
        );
        policy.put("/sessionControls/cloudAppSecurity/isEnabled", Json::Bool(true), "/CloudAppSecurityIsEnabled");
    }
    if is_on("ApplicationEnforcedRestrictionsIsEnabled") {
        let at = "/ApplicationEnforcedRestrictionsIsEnabled";
        policy.put("/sessionControls/applicationEnforcedRestrictions/isEnabled", Json::Bool(true), at);
    }
    // What has to be computed may be either.
    for name in SESSION {
        if matches!(value(name), Json::Object(_)) {
            policy.keep_unknown("/sessionControls", name, value(name).clone(), &format!("/{name}"));
        }
    }
}

fn password_rules(resource: &Resource) -> Foreign {
    let mut setting = Foreign::new(Kind::DirectorySetting, &resource.at);
    setting.put_text("/displayName", "Password Rule Settings", "");
    let names = ["LockoutThreshold", "LockoutDurationInSeconds"];
    let values = names.iter().filter(|name| !resource.get(name).says_nothing()).map(|name| {
        let value = Json::Text(resource.get(name).quoted());
        Json::Object(vec![("name".to_owned(), Json::Text((*name).to_owned())), ("value".to_owned(), value)])
    });
    setting.put("/values", Json::List(values.collect()), "");
    setting
}

/// Takes a group and its members, who stand there by their names. Without the property for nested groups, which older versions lack, it
/// is not known who else is in it.
fn group(resource: &Resource, export: &mut Export) {
    let name = resource.get("DisplayName").quoted();
    let mut group = renamed(Kind::Group, resource, &GROUP);
    let id = match resource.get("Id").text() {
        Some(id) => id.to_owned(),
        None => {
            group.put_text("/id", &name, "/DisplayName");
            group.warnings.push(format!("group `{name}` has no `Id` and goes by its name"));
            name
        }
    };
    let is_dynamic = !resource.get("MembershipRule").says_nothing();
    export.objects.push(group);
    let nested = ["GroupAsMembers", "GroupMembers"];
    let of_group = |at: &str| {
        let mut row = Foreign::new(Kind::GroupMembership, format!("{}{at}", resource.at));
        row.relation = Relation::Aside;
        row.put_text(if is_guid(&id) { "/groupId" } else { "/groupName" }, &id, "");
        row
    };
    // Versions that expand the members lose those beyond the twentieth.
    let mut count = 0;
    for property in ["Members"].iter().chain(&nested) {
        let held = resource.get(property);
        // A list of one may be written without the list.
        let members = if held.text().is_some() { std::slice::from_ref(held) } else { held.items() };
        for (number, member) in members.iter().enumerate() {
            let mut row = of_group(&format!("/{property}/{number}"));
            row.put_text("/memberName", &member.quoted(), "");
            export.objects.push(row);
            count += 1;
        }
    }
    if resource.has("Members") {
        let lists_all = nested.iter().any(|name| resource.has(name)) && !is_dynamic && count != MOST_EXPANDED;
        let mut row = of_group("/Members");
        row.put("/listsAll", Json::Bool(lists_all), "/Members");
        export.objects.push(row);
    }
}
