//! Defines [`Kind`], what an object of a tenant's configuration is, and how that is told.
//!
//! File names say nothing: exports rename them, and customers do. An object is told by its `@odata.type`, by the
//! `@odata.context` of its page, by the collection it stands in, and else by the properties it has.

use crate::domain::json::Json;
use crate::domain::snapshot::Collection;

use super::context::Context;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A Conditional Access policy.
    Policy,
    /// A named location.
    NamedLocation,
    /// A user.
    User,
    /// A group.
    Group,
    /// A row that says who is in which group.
    GroupMembership,
    /// A directory role.
    DirectoryRole,
    /// An active role assignment.
    RoleAssignment,
    /// Somebody who holds a role for an administrative unit only.
    ScopedRoleMember,
    /// A role definition.
    RoleDefinition,
    /// A service principal.
    ServicePrincipal,
    /// An application.
    Application,
    /// An authentication strength.
    AuthenticationStrength,
    /// A directory or group setting.
    DirectorySetting,
    /// The sign-in page's branding as the portal has it.
    PortalBranding,
    /// A token lifetime policy.
    TokenLifetimePolicy,
    /// Security defaults.
    SecurityDefaults,
    /// A domain.
    Domain,
    /// The organisation.
    Organization,
    /// A device.
    Device,
    /// A contact of the organisation's (`orgContact`).
    Contact,
    /// Something soft-deleted.
    Deleted,
    /// An object of the directory, of which no more is known than its id.
    DirectoryObject,
    /// Something this program knows and does not use: its name.
    Other(&'static str),
}

impl Kind {
    /// Where an object of the kind is counted.
    pub(super) fn collection(self) -> Collection {
        match self {
            Kind::Policy => Collection::Policies,
            Kind::NamedLocation => Collection::NamedLocations,
            Kind::User => Collection::Users,
            Kind::Group => Collection::Groups,
            Kind::GroupMembership => Collection::GroupMembers,
            Kind::DirectoryRole | Kind::RoleAssignment | Kind::ScopedRoleMember => Collection::DirectoryRoles,
            Kind::ServicePrincipal => Collection::ServicePrincipals,
            Kind::Application => Collection::Applications,
            Kind::AuthenticationStrength => Collection::AuthenticationStrengths,
            Kind::DirectorySetting => Collection::DirectorySettings,
            Kind::PortalBranding => Collection::Branding,
            Kind::TokenLifetimePolicy => Collection::TokenLifetimePolicies,
            Kind::SecurityDefaults => Collection::SecurityDefaults,
            Kind::Domain => Collection::Domains,
            Kind::Organization => Collection::Organization,
            Kind::Device => Collection::Devices,
            Kind::Contact => Collection::Contacts,
            Kind::Deleted => Collection::DeletedItems,
            Kind::RoleDefinition | Kind::DirectoryObject | Kind::Other(_) => Collection::Other,
        }
    }

    /// The kind's name, for that many objects.
    pub(super) fn noun(self, number: usize) -> String {
        let (one, many) = match self {
            Kind::Policy => ("Conditional Access policy", "Conditional Access policies"),
            Kind::NamedLocation => ("named location", "named locations"),
            Kind::User => ("user", "users"),
            Kind::Group => ("group", "groups"),
            Kind::GroupMembership => ("group membership", "group memberships"),
            Kind::DirectoryRole => ("directory role", "directory roles"),
            Kind::RoleAssignment => ("role assignment", "role assignments"),
            Kind::ScopedRoleMember => ("scoped role member", "scoped role members"),
            Kind::RoleDefinition => ("role definition", "role definitions"),
            Kind::ServicePrincipal => ("service principal", "service principals"),
            Kind::Application => ("application", "applications"),
            Kind::AuthenticationStrength => ("authentication strength", "authentication strengths"),
            Kind::DirectorySetting => ("directory setting", "directory settings"),
            Kind::PortalBranding => ("portal branding", "portal brandings"),
            Kind::TokenLifetimePolicy => ("token lifetime policy", "token lifetime policies"),
            Kind::SecurityDefaults => ("security defaults policy", "security defaults policies"),
            Kind::Domain => ("domain", "domains"),
            Kind::Organization => ("organization", "organizations"),
            Kind::Device => ("device", "devices"),
            Kind::Contact => ("contact", "contacts"),
            Kind::Deleted => ("deleted item", "deleted items"),
            Kind::DirectoryObject => ("directory object", "directory objects"),
            Kind::Other(name) if number == 1 => return name.to_owned(),
            Kind::Other(name) => {
                return name.strip_suffix('y').map_or_else(|| format!("{name}s"), |stem| format!("{stem}ies"));
            }
        };
        if number == 1 { one } else { many }.to_owned()
    }
}

/// Names of what is known and not used.
const BRANDING: Kind = Kind::Other("Graph organizational branding");
pub(super) const ELIGIBLE: Kind = Kind::Other("eligible role assignment");
const AUTHENTICATION_METHODS: Kind = Kind::Other("authentication methods policy");
const AUTHENTICATION_METHOD: Kind = Kind::Other("authentication method configuration");
const CROSS_TENANT: Kind = Kind::Other("cross-tenant access policy");
const AGREEMENT: Kind = Kind::Other("terms of use agreement");
const AUTHENTICATION_CONTEXT: Kind = Kind::Other("authentication context");
const AUTHORIZATION: Kind = Kind::Other("authorization policy");
const HOME_REALM: Kind = Kind::Other("home realm discovery policy");
const IDLE_TIMEOUT: Kind = Kind::Other("activity-based timeout policy");
const ROLLOUT: Kind = Kind::Other("feature rollout policy");
const UNIT: Kind = Kind::Other("administrative unit");
pub(super) const MIGRATION_TABLE: Kind = Kind::Other("MigrationTable of IntuneManagement");
pub(super) const UNUSED: Kind = Kind::Other("Graph object of another kind");

/// What the name of a collection, of a type or of a part of a context stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// The kind it stands for.
    pub(super) kind: Kind,
    /// Whether other files use the name too, so that the name alone shows nothing.
    pub(super) is_generic: bool,
}

/// Reads the name of a collection or type: case, underscores and the like do not matter.
pub(super) fn word(name: &str) -> Option<Word> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let generic = |kind| Some(Word { kind, is_generic: true });
    let kind = match plain.as_str() {
        "policies" => return generic(Kind::Policy),
        "users" | "user" | "guests" => return generic(Kind::User),
        "groups" | "group" => return generic(Kind::Group),
        "roles" => return generic(Kind::DirectoryRole),
        "devices" | "device" => return generic(Kind::Device),
        "domains" | "domain" => return generic(Kind::Domain),
        "applications" | "application" | "apps" => return generic(Kind::Application),
        "organization" | "organizations" | "organisation" | "tenantdetails" => return generic(Kind::Organization),
        "settings" => return generic(Kind::DirectorySetting),
        "branding" | "brandings" | "localizations" => return generic(BRANDING),
        "partners" => return generic(CROSS_TENANT),
        "agreements" | "agreement" => return generic(AGREEMENT),
        "directoryobjects" | "directoryobject" => return generic(Kind::DirectoryObject),
        "conditionalaccesspolicies" | "conditionalaccesspolicy" | "capolicies" | "conditionalaccess" => Kind::Policy,
        "namedlocations"
        | "namedlocation"
        | "ipnamedlocation"
        | "ipnamedlocations"
        | "countrynamedlocation"
        | "countrynamedlocations"
        | "compliantnetworknamedlocation"
        | "privatelinknamedlocation"
        | "servicetagnamedlocation" => Kind::NamedLocation,
        "groupmembers" | "groupmemberships" | "groupmembership" => Kind::GroupMembership,
        "directoryroles" | "directoryrole" => Kind::DirectoryRole,
        "roleassignments"
        | "directoryroleassignments"
        | "unifiedroleassignment"
        | "unifiedroleassignments"
        | "roleassignmentschedules"
        | "roleassignmentscheduleinstances"
        | "unifiedroleassignmentschedule"
        | "unifiedroleassignmentscheduleinstance" => Kind::RoleAssignment,
        "scopedrolemembers" | "scopedrolememberships" | "scopedrolemembership" => Kind::ScopedRoleMember,
        "roledefinitions" | "unifiedroledefinition" | "directoryroletemplates" | "directoryroletemplate" => {
            Kind::RoleDefinition
        }
        "roleeligibilityschedules"
        | "roleeligibilityscheduleinstances"
        | "roleeligibilityschedulerequests"
        | "unifiedroleeligibilityschedule"
        | "unifiedroleeligibilityscheduleinstance"
        | "eligibleroleassignments" => ELIGIBLE,
        "serviceprincipals" | "serviceprincipal" | "enterpriseapplications" => Kind::ServicePrincipal,
        "appregistrations" => Kind::Application,
        "authenticationstrengthpolicies"
        | "authenticationstrengthpolicy"
        | "authenticationstrengths"
        | "authenticationstrength" => Kind::AuthenticationStrength,
        "groupsettings" | "groupsetting" | "directorysettings" | "directorysetting" => Kind::DirectorySetting,
        "logintenantbrandings" | "logintenantbranding" => Kind::PortalBranding,
        "organizationalbranding" | "organizationalbrandings" | "organizationalbrandinglocalization" => BRANDING,
        "tokenlifetimepolicies" | "tokenlifetimepolicy" => Kind::TokenLifetimePolicy,
        "identitysecuritydefaultsenforcementpolicy" | "identitysecuritydefaults" | "securitydefaults" => {
            Kind::SecurityDefaults
        }
        "domainsettings" => Kind::Domain,
        "contacts" => return generic(Kind::Contact),
        "orgcontacts" | "orgcontact" | "organizationalcontacts" => Kind::Contact,
        "deleteditems" | "deletedusers" | "deletedgroups" | "deletedobjects" => Kind::Deleted,
        "authorizationpolicies" | "authorizationpolicy" => AUTHORIZATION,
        "authenticationmethodspolicy" | "authenticationmethodspolicies" => AUTHENTICATION_METHODS,
        "authenticationmethodconfigurations" => AUTHENTICATION_METHOD,
        "crosstenantaccesspolicy"
        | "crosstenantaccesspolicies"
        | "crosstenantaccesspolicyconfigurationdefault"
        | "crosstenantaccesspolicyconfigurationpartner" => CROSS_TENANT,
        "termsofuse" | "termsofuseagreements" => AGREEMENT,
        "authenticationcontexts" | "authenticationcontextclassreferences" | "authenticationcontextclassreference" => {
            AUTHENTICATION_CONTEXT
        }
        "homerealmdiscoverypolicies" | "homerealmdiscoverypolicy" => HOME_REALM,
        "activitybasedtimeoutpolicies" | "activitybasedtimeoutpolicy" => IDLE_TIMEOUT,
        "featurerolloutpolicies" | "featurerolloutpolicy" => ROLLOUT,
        "administrativeunits" | "administrativeunit" => UNIT,
        _ => return None,
    };
    Some(Word { kind, is_generic: false })
}

/// The kind a type of Graph's is (`user`, `ipNamedLocation`), [`UNUSED`] for types this program does not use.
pub(super) fn type_kind(name: &str) -> Option<Kind> {
    if is_log_type(name) {
        return None;
    }
    Some(word(name).map_or(UNUSED, |word| word.kind))
}

/// Whether rows of a log, or people outside the directory that another reader takes, have that type.
pub(super) fn is_log_type(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "signin" | "directoryaudit" | "provisioningobjectsummary" | "riskdetection" | "contact")
}

/// The value of a member, whatever the case of its name, here or in PowerShell's `AdditionalProperties`.
pub(super) fn member<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    let here = |json: &'a Json| json.members().iter().find(|(held, _)| held.eq_ignore_ascii_case(name));
    let bag = || here_bag(json).and_then(here);
    here(json).or_else(bag).map(|(_, value)| value)
}

fn here_bag(json: &Json) -> Option<&Json> {
    json.members().iter().find(|(name, _)| name == "AdditionalProperties").map(|(_, bag)| bag)
}

fn text<'a>(json: &'a Json, name: &str) -> Option<&'a str> {
    member(json, name).and_then(Json::text)
}

/// Whether this is a row of a log or a recipient: such objects look like users, and other readers take them.
pub(super) fn is_foreign(json: &Json) -> bool {
    let has = |name: &str| member(json, name).is_some();
    let marks = [
        "appliedConditionalAccessPolicies",
        "correlationId",
        "activityDisplayName",
        "modifiedProperties",
        "operationName",
        "resultType",
        "clientAppUsed",
        "riskEventType",
        "recipientType",
        "recipientTypeDetails",
        "emailAddresses",
        "externalEmailAddress",
        "primarySmtpAddress",
        "externalDirectoryObjectId",
        "workload",
    ];
    marks.iter().any(|mark| has(mark))
        || text(json, "@odata.type").and_then(|name| name.rsplit_once('.')).is_some_and(|(_, name)| is_log_type(name))
        || Context::of(json).is_log
}

/// The kind an object's own `@odata.type` says.
pub(super) fn declared(json: &Json) -> Option<Kind> {
    let name = ["@odata.type", "odata.type", "OdataType"].iter().find_map(|name| text(json, name))?;
    let name = name.trim_start_matches('#');
    let name = name.strip_prefix("microsoft.graph.").or_else(|| name.strip_prefix("Microsoft.DirectoryServices."))?;
    let kind = type_kind(name)?;
    Some(refined(kind, json))
}

/// The kind an object is by its type and else by the properties it has.
pub(super) fn told_by_itself(json: &Json) -> Option<Kind> {
    if !matches!(json, Json::Object(_)) || is_foreign(json) {
        return None;
    }
    declared(json).or_else(|| told_by_properties(json))
}

/// Corrects a kind that a type, context or collection says, where only the object itself can tell.
pub(super) fn refined(kind: Kind, json: &Json) -> Kind {
    let has = |name: &str| member(json, name).is_some();
    match kind {
        // The portal's flag is in no schema of Graph's; whoever has it has asked the portal.
        Kind::Other(_) if has("hideKeepMeSignedIn") => Kind::PortalBranding,
        Kind::PortalBranding if !has("hideKeepMeSignedIn") => BRANDING,
        Kind::RoleAssignment if is_eligible(json) => ELIGIBLE,
        Kind::Policy
        | Kind::User
        | Kind::Group
        | Kind::Contact
        | Kind::ServicePrincipal
        | Kind::Application
        | Kind::Device
            if text(json, "deletedDateTime").is_some() =>
        {
            Kind::Deleted
        }
        Kind::DirectoryObject => match told_by_properties(json) {
            Some(told @ (Kind::User | Kind::Group | Kind::ServicePrincipal | Kind::Device)) => told,
            _ => Kind::DirectoryObject,
        },
        kind => kind,
    }
}

/// Whether a role assignment is only eligible, or only a request for one.
fn is_eligible(json: &Json) -> bool {
    let has = |name: &str| member(json, name).is_some_and(|value| !value.is_null());
    has("roleEligibilityScheduleId")
        || has("action")
        || (has("scheduleInfo") || has("memberType")) && !has("assignmentType")
}

/// The kind an object is by its properties alone. The order matters: what is rarer and surer comes first.
fn told_by_properties(json: &Json) -> Option<Kind> {
    let has = |name: &str| member(json, name).is_some();
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    let has_list = |name: &str| member(json, name).is_some_and(|value| matches!(value, Json::List(_)));
    let has_id = text(json, "id").or_else(|| text(json, "objectId")).is_some();
    let kind = if any(&["grantControls", "sessionControls"]) && any(&["conditions", "displayName", "state"])
        || has("conditions") && has("state") && has("displayName")
    {
        Kind::Policy
    } else if any(&["ipRanges", "countriesAndRegions", "compliantNetworkType"]) {
        Kind::NamedLocation
    } else if has("hideKeepMeSignedIn") {
        Kind::PortalBranding
    } else if any(&["isMfaRegistered", "riskLevel", "riskState"]) {
        Kind::Other("risk or registration of a user")
    } else if has("userPrincipalName") && has_id {
        Kind::User
    } else if has("roleTemplateId") {
        Kind::DirectoryRole
    } else if has("principalId") && has("roleDefinitionId") {
        Kind::RoleAssignment
    } else if has("roleMemberInfo") && has("roleId") {
        Kind::ScopedRoleMember
    } else if has("rolePermissions") {
        Kind::RoleDefinition
    } else if has("allowedCombinations") {
        Kind::AuthenticationStrength
    } else if has_list("values") && any(&["templateId", "displayName"]) {
        directory_setting_kind(json)
    } else if any(&["loginPageTextVisibilitySettings", "signInPageText", "usernameHintText"]) {
        BRANDING
    } else if has("definition") && any(&["isOrganizationDefault", "displayName"]) {
        return definition_kind(json);
    } else if text(json, "id").is_some_and(|id| id.ends_with("-0000-000000000005")) && has("isEnabled") {
        Kind::SecurityDefaults
    } else if has("authenticationType") && any(&["isInitial", "isVerified", "supportedServices"]) {
        Kind::Domain
    } else if any(&["verifiedDomains", "tenantType"]) {
        Kind::Organization
    } else if has("azureADDeviceId") {
        Kind::Other("Intune device")
    } else if has("deviceId") && any(&["trustType", "isCompliant", "deviceTrustType"]) {
        Kind::Device
    } else if any(&["servicePrincipalType", "servicePrincipalNames"]) {
        Kind::ServicePrincipal
    } else if has("appId") && any(&["signInAudience", "identifierUris", "requiredResourceAccess"]) {
        Kind::Application
    } else if has("isMemberManagementRestricted") {
        UNIT
    } else if has("displayName") && has_id && (any(&["groupTypes", "securityEnabled"]) || has_list("members")) {
        Kind::Group
    } else if has("proxyAddresses") && has_id && any(&["companyName", "givenName", "surname", "phones"]) {
        Kind::Contact
    } else {
        return unused_kind(json);
    };
    Some(refined(kind, json))
}

/// Templates of settings have the same shape, but their values are defaults that nobody set.
fn directory_setting_kind(json: &Json) -> Kind {
    let values = member(json, "values").map_or(&[][..], Json::items);
    if values.iter().any(|value| member(value, "defaultValue").is_some()) {
        Kind::Other("directory setting template")
    } else {
        Kind::DirectorySetting
    }
}

/// Policies of the security token service share one shape; the text of the definition names the kind.
fn definition_kind(json: &Json) -> Option<Kind> {
    let definition = member(json, "definition")?.to_string().to_ascii_lowercase();
    if definition.contains("tokenlifetimepolicy") {
        Some(Kind::TokenLifetimePolicy)
    } else if definition.contains("homerealmdiscoverypolicy") {
        Some(HOME_REALM)
    } else if definition.contains("activitybasedtimeoutpolicy") {
        Some(IDLE_TIMEOUT)
    } else if definition.contains("claimsmappingpolicy") || definition.contains("tokenissuancepolicy") {
        Some(Kind::Other("claims policy"))
    } else {
        None
    }
}

/// What is known by its properties and not used.
fn unused_kind(json: &Json) -> Option<Kind> {
    let has = |name: &str| member(json, name).is_some();
    let marks: [(&[&str], Kind); 9] = [
        (&["allowedToUseSSPR"], AUTHORIZATION),
        (&["blockMsolPowerShell"], AUTHORIZATION),
        (&["authenticationMethodConfigurations"], AUTHENTICATION_METHODS),
        (&["includeTargets", "state"], AUTHENTICATION_METHOD),
        (&["inboundTrust"], CROSS_TENANT),
        (&["allowedCloudEndpoints"], CROSS_TENANT),
        (&["isViewingBeforeAcceptanceRequired"], AGREEMENT),
        (&["isAvailable", "displayName"], AUTHENTICATION_CONTEXT),
        (&["isAppliedToOrganization", "feature"], ROLLOUT),
    ];
    let is_migration_table = member(json, "objects").is_some_and(|objects| matches!(objects, Json::List(_)))
        && has("tenantId")
        && text(json, "tenantId").is_some();
    if is_migration_table {
        return Some(MIGRATION_TABLE);
    }
    marks.iter().find(|(names, _)| names.iter().all(|name| has(name))).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {

    use super::*;

    fn read(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[track_caller]
    fn check(text: &str, expected: Option<Kind>) {
        assert_eq!(told_by_itself(&read(text)), expected, "{text}");
    }

    #[test]
    fn objects_are_told_by_their_type_whatever_they_hold() {
        check(r##"{"@odata.type":"#microsoft.graph.user","id":"1"}"##, Some(Kind::User));
        check(r##"{"@odata.type":"#microsoft.graph.ipNamedLocation"}"##, Some(Kind::NamedLocation));
        check(r##"{"Id":"1","AdditionalProperties":{"@odata.type":"#microsoft.graph.group"}}"##, Some(Kind::Group));
        check(r##"{"@odata.type":"#microsoft.graph.orgContact","id":"1"}"##, Some(Kind::Contact));
        check(r##"{"@odata.type":"#microsoft.graph.contact","id":"1","emailAddresses":[]}"##, None);
        check(r##"{"@odata.type":"#microsoft.graph.deviceConfiguration"}"##, Some(UNUSED));
        check(r##"{"@odata.type":"#microsoft.graph.signIn","id":"1","userPrincipalName":"a@contoso.com"}"##, None);
    }

    #[test]
    fn objects_without_a_type_are_told_by_their_properties() {
        for (text, kind) in [
            (r#"{"displayName":"x","conditions":{},"grantControls":null}"#, Kind::Policy),
            (r#"{"DisplayName":"x","Conditions":{},"GrantControls":null,"State":"disabled"}"#, Kind::Policy),
            (r#"{"displayName":"x","ipRanges":[]}"#, Kind::NamedLocation),
            (r#"{"Id":"1","AdditionalProperties":{"countriesAndRegions":["CH"]}}"#, Kind::NamedLocation),
            (r#"{"id":"1","userPrincipalName":"a@contoso.com"}"#, Kind::User),
            (r#"{"ObjectId":"1","UserPrincipalName":"a@contoso.com"}"#, Kind::User),
            (r#"{"id":"1","displayName":"x","proxyAddresses":[],"companyName":"Fabrikam"}"#, Kind::Contact),
            (r#"{"id":"1","displayName":"g","securityEnabled":true}"#, Kind::Group),
            (r#"{"id":"1","displayName":"r","roleTemplateId":"2","members":[]}"#, Kind::DirectoryRole),
            (r#"{"id":"1","principalId":"2","roleDefinitionId":"3","directoryScopeId":"/"}"#, Kind::RoleAssignment),
            (r#"{"id":"1","principalId":"2","roleDefinitionId":"3","memberType":"Direct"}"#, ELIGIBLE),
            (r#"{"id":"1","allowedCombinations":["fido2"]}"#, Kind::AuthenticationStrength),
            (r#"{"id":"1","templateId":"2","values":[{"name":"a","value":"b"}]}"#, Kind::DirectorySetting),
            (r#"{"locale":"0","hideKeepMeSignedIn":null}"#, Kind::PortalBranding),
            (r#"{"id":"0","signInPageText":null}"#, BRANDING),
            (
                r#"{"displayName":"x","definition":["{\"TokenLifetimePolicy\":{}}"],"isOrganizationDefault":false}"#,
                Kind::TokenLifetimePolicy,
            ),
            (r#"{"id":"00000000-0000-0000-0000-000000000005","isEnabled":false}"#, Kind::SecurityDefaults),
            (r#"{"id":"contoso.com","authenticationType":"Managed","isInitial":false}"#, Kind::Domain),
            (r#"{"id":"1","verifiedDomains":[]}"#, Kind::Organization),
            (r#"{"id":"1","deviceId":"2","trustType":"AzureAd"}"#, Kind::Device),
            (r#"{"id":"1","appId":"2","servicePrincipalType":"Application"}"#, Kind::ServicePrincipal),
            (r#"{"id":"1","appId":"2","signInAudience":"AzureADMyOrg"}"#, Kind::Application),
            (r#"{"TenantId":"1","Objects":[{"DisplayName":"g","Id":"2","Type":"Group"}]}"#, MIGRATION_TABLE),
            (r#"{"id":"c1","displayName":"x","isAvailable":true}"#, AUTHENTICATION_CONTEXT),
            (r#"{"id":"1","userPrincipalName":"a@contoso.com","riskLevel":"low"}"#, {
                Kind::Other("risk or registration of a user")
            }),
            (
                r#"{"id":"1","displayName":"g","securityEnabled":true,"deletedDateTime":"2025-01-01T00:00:00Z"}"#,
                Kind::Deleted,
            ),
        ] {
            check(text, Some(kind));
        }
    }

    #[test]
    fn rows_of_logs_and_recipients_are_left_to_other_readers() {
        check(r#"{"id":"1","userPrincipalName":"a@contoso.com","correlationId":"2","ipAddress":"::1"}"#, None);
        check(r#"{"Id":"1","UserPrincipalName":"a@contoso.com","RecipientTypeDetails":"UserMailbox"}"#, None);
        check(r#"{"id":"1","activityDisplayName":"Update policy"}"#, None);
        check(r#"{"hello":"world"}"#, None);
        check("[1]", None);
    }
}
