//! Reads Conditional Access policies.
//!
//! What this program has no field for goes to [`Policy::unknown`], never to the floor: a condition that nobody looked at would
//! make a policy seem to apply to more than it does. Members that say nothing are not configured, whatever their shape.

use crate::domain::Origin;
use crate::domain::json::{Json, escape_pointer};
use crate::domain::policy::{
    Applications, ClientApplications, Conditions, Filter, GrantControls, Guests, IncludeExclude, Policy, PolicyState,
    SessionControls, SignInFrequency, StrengthReference, UnknownMember, Users,
};
use crate::store::dates::read_date;

const NULL: &Json = &Json::Null;

/// Members of a policy that say nothing about what it does.
const HARMLESS: [&str; 7] = [
    "id",
    "displayName",
    "description",
    "templateId",
    "deletedDateTime",
    "partialEnablementStrategy",
    "createdDateTime",
];

/// The kinds of guests and their bits (Graph's `conditionalAccessGuestOrExternalUserTypes`, metadata of 2026-08-20).
const GUESTS: [(i64, &str); 6] = [
    (1, "internalGuest"),
    (2, "b2bCollaborationGuest"),
    (4, "b2bCollaborationMember"),
    (8, "b2bDirectConnectUser"),
    (16, "otherExternalUser"),
    (32, "serviceProvider"),
];
/// The transfer methods and their bits.
const TRANSFER_METHODS: [(i64, &str); 2] = [(1, "deviceCodeFlow"), (2, "authenticationTransfer")];
/// The insider risk levels and their bits.
const INSIDER_RISKS: [(i64, &str); 3] = [(1, "minor"), (2, "moderate"), (4, "elevated")];

/// A policy as it was read, with what is doubtful about it.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyReading {
    /// The policy.
    pub policy: Policy,
    /// What could not be read of it, in words; the members themselves are in [`Policy::unknown`].
    pub warnings: Vec<String>,
}

/// Reads a policy whose names are in Graph's spelling, from a snapshot or from the values of an audit event.
///
/// A policy without an id, as the portal downloads them, goes by its name. Fails when the value is no policy at all, or when it
/// has neither.
pub fn read_policy(json: &Json, origin: Origin) -> Result<PolicyReading, String> {
    if !matches!(json, Json::Object(_)) {
        return Err(format!("it is {} where an object is expected", shape_of(json)));
    }
    let mut notes = Notes::default();
    let name = json.get("displayName").text();
    let id = match (json.get("id").text(), name) {
        (Some(id), _) => id,
        (None, Some(name)) => {
            notes.warnings.push("it has no `id` and goes by its name".to_owned());
            name
        }
        (None, None) => return Err("it has neither `id` nor `displayName`".to_owned()),
    };
    let state = json.get("state");
    let date = |name: &str| json.get(name).text().and_then(read_date);
    let mut policy = Policy {
        id: id.to_owned(),
        display_name: name.unwrap_or_default().to_owned(),
        state: match state {
            Json::Null => PolicyState::Missing,
            state => PolicyState::from_word(&state.quoted()),
        },
        created: date("createdDateTime"),
        modified: date("modifiedDateTime"),
        conditions: notes.conditions(json),
        grant: notes.grant(json),
        session: notes.session(json),
        origin,
        ..Policy::default()
    };
    let known = ["state", "modifiedDateTime", "conditions", "grantControls", "sessionControls"];
    notes.rest(json, "", &[&HARMLESS[..], &known].concat());
    policy.unknown = notes.unknown;
    let policy_name = name.unwrap_or(id);
    let warnings = notes.warnings.iter().map(|warning| format!("policy `{policy_name}`: {warning}")).collect();
    Ok(PolicyReading { policy, warnings })
}

/// What a value is, in words.
pub(super) fn shape_of(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::Text(_) => "text",
        Json::List(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// Whether a text is what PowerShell writes instead of an object that lies deeper than `ConvertTo-Json -Depth` goes.
pub(super) fn is_cut_off(text: &str) -> bool {
    ["Microsoft.Graph.", "Microsoft.Open.", "System.", "@{"].iter().any(|start| text.starts_with(start))
}

/// What gathers while a policy is read.
#[derive(Debug, Default)]
struct Notes {
    unknown: Vec<UnknownMember>,
    warnings: Vec<String>,
}

impl Notes {
    fn unknown(&mut self, pointer: String, value: &Json) {
        self.unknown.push(UnknownMember { pointer, text: value.quoted() });
    }

    /// Keeps a value that is not what it should be, so that nobody takes it for "not configured".
    fn misfit(&mut self, pointer: String, value: &Json, expected: &str) {
        let reason = match value {
            Json::Text(text) if is_cut_off(text) => {
                format!("`{pointer}` was cut off when it was exported (`ConvertTo-Json -Depth` was too small)")
            }
            other => format!("`{pointer}` is {} where {expected} is expected", shape_of(other)),
        };
        self.warnings.push(reason);
        self.unknown(pointer, value);
    }

    /// Keeps every member that is not among the known ones and says something.
    fn rest(&mut self, json: &Json, pointer: &str, known: &[&str]) {
        for (name, value) in json.members() {
            // Annotations of OData name types, links and actions; none of them is a setting.
            let is_annotation = name.contains('@') || name.starts_with('#');
            if !is_annotation && !known.contains(&name.as_str()) && !value.says_nothing() {
                self.unknown(format!("{pointer}/{}", escape_pointer(name)), value);
            }
        }
    }

    /// A member that is an object; null when it is not there or says nothing.
    fn object<'a>(&mut self, json: &'a Json, pointer: &str, name: &str) -> &'a Json {
        match json.get(name) {
            value if value.says_nothing() => NULL,
            value @ Json::Object(_) => value,
            other => {
                self.misfit(format!("{pointer}/{name}"), other, "an object");
                NULL
            }
        }
    }

    /// A member that is a list of texts. A list of one may be written without the list, and items may be objects with an id.
    fn texts(&mut self, json: &Json, pointer: &str, name: &str) -> Vec<String> {
        let value = json.get(name);
        let single = std::slice::from_ref(value);
        let items = if let Json::List(items) = value { items } else { single };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item {
                item if item.says_nothing() => {}
                Json::Text(text) if !is_cut_off(text) => texts.push(text.clone()),
                Json::Number(number) => texts.push(number.to_string()),
                Json::Object(_) if item.get("id").text().is_some() => {
                    texts.push(item.get("id").text().unwrap_or_default().to_owned());
                }
                other => {
                    let place = if matches!(value, Json::List(_)) { format!("/{index}") } else { String::new() };
                    self.misfit(format!("{pointer}/{name}{place}"), other, "text");
                }
            }
        }
        texts
    }

    /// A member that holds flags: one comma-joined text, a list of texts, or, in audit events, the sum of the bits.
    fn flags(&mut self, json: &Json, pointer: &str, name: &str, bits: &[(i64, &str)]) -> Vec<String> {
        let mut flags = Vec::new();
        for text in self.texts(json, pointer, name) {
            for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
                let Ok(sum) = word.parse::<i64>() else {
                    flags.push(word.to_owned());
                    continue;
                };
                flags.extend(bits.iter().filter(|(bit, _)| sum & bit != 0).map(|(_, flag)| (*flag).to_owned()));
                let named: i64 = bits.iter().map(|(bit, _)| bit).sum();
                if sum & !named != 0 {
                    self.misfit(format!("{pointer}/{name}"), json.get(name), "a sum of known flags");
                }
            }
        }
        flags
    }

    fn filter(&mut self, json: &Json, pointer: &str, name: &str) -> Option<Filter> {
        let filter = self.object(json, pointer, name);
        let pointer = format!("{pointer}/{name}");
        self.rest(filter, &pointer, &["mode", "rule"]);
        let mode = filter.get("mode").text().unwrap_or_default().to_owned();
        let rule = filter.get("rule").text().unwrap_or_default().to_owned();
        if filter.is_null() {
            return None;
        }
        let is_known = ["include", "exclude"].iter().any(|word| mode.eq_ignore_ascii_case(word));
        if !is_known || rule.is_empty() {
            self.misfit(pointer, filter, "a filter with a mode and a rule");
        }
        Some(Filter { mode, rule })
    }

    fn include_exclude(&mut self, json: &Json, pointer: &str, include: &[&str], exclude: &[&str]) -> IncludeExclude {
        let mut gather =
            |names: &[&str]| -> Vec<String> { names.iter().flat_map(|name| self.texts(json, pointer, name)).collect() };
        IncludeExclude { include: gather(include), exclude: gather(exclude) }
    }

    fn conditions(&mut self, policy: &Json) -> Conditions {
        const AT: &str = "/conditions";
        let json = self.object(policy, "", "conditions");
        if json.is_null() && !self.unknown.iter().any(|member| member.pointer == AT) {
            // Graph never writes a policy without conditions: an export that lacks them must not look like one for nobody.
            self.warnings.push("`/conditions` is missing".to_owned());
            self.unknown(AT.to_owned(), policy.get("conditions"));
        }
        let devices = self.object(json, AT, "devices");
        let device_filter = self.filter(devices, "/conditions/devices", "deviceFilter");
        let device_states = self.device_states(json, devices);
        let flows = self.object(json, AT, "authenticationFlows");
        self.rest(flows, "/conditions/authenticationFlows", &["transferMethods"]);
        let mut transfer_methods =
            self.flags(flows, "/conditions/authenticationFlows", "transferMethods", &TRANSFER_METHODS);
        transfer_methods.retain(|method| !method.eq_ignore_ascii_case("none"));
        let conditions = Conditions {
            client_app_types: self.flags(json, AT, "clientAppTypes", &[]),
            applications: self.applications(json),
            users: self.users(json),
            client_applications: self.client_applications(json),
            locations: self.locations_or_platforms(json, "locations", "includeLocations", "excludeLocations"),
            platforms: self.locations_or_platforms(json, "platforms", "includePlatforms", "excludePlatforms"),
            device_filter,
            device_states,
            sign_in_risk_levels: self.flags(json, AT, "signInRiskLevels", &[]),
            user_risk_levels: self.flags(json, AT, "userRiskLevels", &[]),
            service_principal_risk_levels: self.flags(json, AT, "servicePrincipalRiskLevels", &[]),
            insider_risk_levels: self.flags(json, AT, "insiderRiskLevels", &INSIDER_RISKS),
            transfer_methods,
        };
        let known = [
            "clientAppTypes",
            "applications",
            "users",
            "clientApplications",
            "locations",
            "platforms",
            "devices",
            "deviceStates",
            "signInRiskLevels",
            "userRiskLevels",
            "servicePrincipalRiskLevels",
            "insiderRiskLevels",
            "authenticationFlows",
        ];
        self.rest(json, AT, &known);
        conditions
    }

    fn locations_or_platforms(
        &mut self,
        conditions: &Json,
        name: &str,
        include: &str,
        exclude: &str,
    ) -> Option<IncludeExclude> {
        let json = self.object(conditions, "/conditions", name);
        let pointer = format!("/conditions/{name}");
        self.rest(json, &pointer, &[include, exclude]);
        let lists = self.include_exclude(json, &pointer, &[include], &[exclude]);
        (lists != IncludeExclude::default()).then_some(lists)
    }

    /// The retired device state condition, which stood in two places. In beta `devices` spells the states `includeDevices` too
    /// (microsoft-graph-docs, conditionalAccessDevices, beta).
    fn device_states(&mut self, conditions: &Json, devices: &Json) -> Option<IncludeExclude> {
        let states = self.object(conditions, "/conditions", "deviceStates");
        self.rest(states, "/conditions/deviceStates", &["includeStates", "excludeStates"]);
        let mut lists =
            self.include_exclude(states, "/conditions/deviceStates", &["includeStates"], &["excludeStates"]);
        let include = ["includeDeviceStates", "includeDevices"];
        let exclude = ["excludeDeviceStates", "excludeDevices"];
        let more = self.include_exclude(devices, "/conditions/devices", &include, &exclude);
        lists.include.extend(more.include);
        lists.exclude.extend(more.exclude);
        let known = ["deviceFilter", "includeDeviceStates", "includeDevices", "excludeDeviceStates", "excludeDevices"];
        self.rest(devices, "/conditions/devices", &known);
        (lists != IncludeExclude::default()).then_some(lists)
    }

    fn applications(&mut self, conditions: &Json) -> Applications {
        const AT: &str = "/conditions/applications";
        let json = self.object(conditions, "/conditions", "applications");
        let known = [
            "includeApplications",
            "excludeApplications",
            "includeUserActions",
            "includeAuthenticationContextClassReferences",
            "applicationFilter",
        ];
        self.rest(json, AT, &known);
        Applications {
            include: self.texts(json, AT, "includeApplications"),
            exclude: self.texts(json, AT, "excludeApplications"),
            user_actions: self.texts(json, AT, "includeUserActions"),
            authentication_contexts: self.texts(json, AT, "includeAuthenticationContextClassReferences"),
            filter: self.filter(json, AT, "applicationFilter"),
        }
    }

    fn users(&mut self, conditions: &Json) -> Users {
        const AT: &str = "/conditions/users";
        let json = self.object(conditions, "/conditions", "users");
        let known = [
            "includeUsers",
            "excludeUsers",
            "includeGroups",
            "excludeGroups",
            "includeRoles",
            "excludeRoles",
            "includeGuestsOrExternalUsers",
            "excludeGuestsOrExternalUsers",
        ];
        self.rest(json, AT, &known);
        Users {
            include_users: self.texts(json, AT, "includeUsers"),
            exclude_users: self.texts(json, AT, "excludeUsers"),
            include_groups: self.texts(json, AT, "includeGroups"),
            exclude_groups: self.texts(json, AT, "excludeGroups"),
            include_roles: self.texts(json, AT, "includeRoles"),
            exclude_roles: self.texts(json, AT, "excludeRoles"),
            include_guests: self.guests(json, "includeGuestsOrExternalUsers"),
            exclude_guests: self.guests(json, "excludeGuestsOrExternalUsers"),
        }
    }

    fn guests(&mut self, users: &Json, name: &str) -> Option<Guests> {
        let json = self.object(users, "/conditions/users", name);
        let pointer = format!("/conditions/users/{name}");
        self.rest(json, &pointer, &["guestOrExternalUserTypes", "externalTenants"]);
        let mut kinds = self.flags(json, &pointer, "guestOrExternalUserTypes", &GUESTS);
        kinds.retain(|kind| !kind.eq_ignore_ascii_case("none"));
        let tenants = self.external_tenants(json, &pointer);
        (!kinds.is_empty()).then_some(Guests { kinds, tenants })
    }

    /// The home tenants that are named; `None` when all of them count.
    fn external_tenants(&mut self, guests: &Json, pointer: &str) -> Option<Vec<String>> {
        let json = self.object(guests, pointer, "externalTenants");
        let pointer = format!("{pointer}/externalTenants");
        self.rest(json, &pointer, &["membershipKind", "members"]);
        let members = self.texts(json, &pointer, "members");
        let kind = json.get("membershipKind").quoted().to_ascii_lowercase();
        let declares = |word: &str| json.get("@odata.type").text().is_some_and(|name| name.contains(word));
        match kind.as_str() {
            "all" | "0" => None,
            "enumerated" | "1" => Some(members),
            _ if declares("Enumerated") || !members.is_empty() => Some(members),
            _ if json.is_null() || declares("All") => None,
            _ => {
                self.misfit(pointer, json, "all or enumerated tenants");
                None
            }
        }
    }

    fn client_applications(&mut self, conditions: &Json) -> Option<ClientApplications> {
        const AT: &str = "/conditions/clientApplications";
        let json = self.object(conditions, "/conditions", "clientApplications");
        let known = ["includeServicePrincipals", "excludeServicePrincipals", "servicePrincipalFilter"];
        self.rest(json, AT, &known);
        let read = ClientApplications {
            include: self.texts(json, AT, "includeServicePrincipals"),
            exclude: self.texts(json, AT, "excludeServicePrincipals"),
            filter: self.filter(json, AT, "servicePrincipalFilter"),
        };
        // A policy for agents only is no policy for users either, although nothing of it has a field here.
        (!json.is_null()).then_some(read)
    }

    fn grant(&mut self, policy: &Json) -> Option<GrantControls> {
        const AT: &str = "/grantControls";
        let json = self.object(policy, "", "grantControls");
        let known =
            ["operator", "builtInControls", "customAuthenticationFactors", "termsOfUse", "authenticationStrength"];
        self.rest(json, AT, &known);
        let grant = GrantControls {
            operator: json.get("operator").text().map(str::to_owned),
            built_in: self.flags(json, AT, "builtInControls", &[]),
            custom_factors: self.texts(json, AT, "customAuthenticationFactors"),
            terms_of_use: self.texts(json, AT, "termsOfUse"),
            strength: self.strength(json),
        };
        let asks_nothing = GrantControls { operator: grant.operator.clone(), ..GrantControls::default() };
        (grant != asks_nothing).then_some(grant)
    }

    fn strength(&mut self, grant: &Json) -> Option<StrengthReference> {
        const AT: &str = "/grantControls/authenticationStrength";
        if let Json::Text(id) = grant.get("authenticationStrength")
            && !id.is_empty()
            && !is_cut_off(id)
        {
            let id = id.rsplit('/').next().unwrap_or(id);
            return Some(StrengthReference { id: id.to_owned(), ..StrengthReference::default() });
        }
        let json = self.object(grant, "/grantControls", "authenticationStrength");
        let known = [
            "id",
            "displayName",
            "description",
            "policyType",
            "requirementsSatisfied",
            "allowedCombinations",
            "createdDateTime",
            "modifiedDateTime",
        ];
        self.rest(json, AT, &known);
        if json.is_null() {
            return None;
        }
        let link = json.get("@odata.id").text().and_then(|link| link.rsplit(['/', '\'', '(']).find(|p| p.len() > 30));
        let read = StrengthReference {
            id: json.get("id").text().or(link).unwrap_or_default().to_owned(),
            display_name: json.get("displayName").text().map(str::to_owned),
            allowed_combinations: self.texts(json, AT, "allowedCombinations"),
        };
        if read == StrengthReference::default() {
            self.misfit(AT.to_owned(), json, "an authentication strength");
        }
        Some(read)
    }

    fn session(&mut self, policy: &Json) -> SessionControls {
        const AT: &str = "/sessionControls";
        let json = self.object(policy, "", "sessionControls");
        let cloud_app = self.control(json, "cloudAppSecurity", &["cloudAppSecurityType"]);
        let browser = self.control(json, "persistentBrowser", &["mode"]);
        let evaluation = self.control(json, "continuousAccessEvaluation", &["mode"]);
        let restrictions = self.control(json, "applicationEnforcedRestrictions", &[]);
        let binding = self.control(json, "secureSignInSession", &[]);
        let word = |control: Option<&Json>, name: &str| control?.get(name).text().map(str::to_owned);
        let session = SessionControls {
            sign_in_frequency: self.sign_in_frequency(json),
            persistent_browser: word(browser, "mode"),
            application_enforced_restrictions: restrictions.is_some(),
            cloud_app_security: cloud_app.map(|_| word(cloud_app, "cloudAppSecurityType").unwrap_or_default()),
            continuous_access_evaluation: word(evaluation, "mode"),
            disable_resilience_defaults: json.get("disableResilienceDefaults").bool().unwrap_or(false),
            token_protection: binding.is_some(),
        };
        let known = [
            "cloudAppSecurity",
            "persistentBrowser",
            "continuousAccessEvaluation",
            "applicationEnforcedRestrictions",
            "secureSignInSession",
            "signInFrequency",
            "disableResilienceDefaults",
        ];
        for (name, value) in json.members() {
            // A control that is off does nothing, known or not.
            let is_off = value.bool() == Some(false) || value.get("isEnabled").bool() == Some(false);
            if !is_off {
                let one = Json::Object(vec![(name.clone(), value.clone())]);
                self.rest(&one, AT, &known);
            }
        }
        session
    }

    /// A session control that is on; `None` when it is off or not set.
    fn control<'a>(&mut self, session: &'a Json, name: &str, known: &[&str]) -> Option<&'a Json> {
        let json = self.object(session, "/sessionControls", name);
        if json.is_null() || json.get("isEnabled").bool() == Some(false) {
            return None;
        }
        self.rest(json, &format!("/sessionControls/{name}"), &[&["isEnabled"], known].concat());
        Some(json)
    }

    fn sign_in_frequency(&mut self, session: &Json) -> Option<SignInFrequency> {
        let known = ["type", "value", "authenticationType", "frequencyInterval"];
        let json = self.control(session, "signInFrequency", &known)?;
        let word = |name: &str| json.get(name).text().unwrap_or_default().to_ascii_lowercase();
        let is_every_time = word("frequencyInterval") == "everytime";
        let hours = match (word("type").as_str(), json.get("value").int()) {
            ("hours", Some(hours)) => Some(hours),
            ("days", Some(days)) => days.checked_mul(24),
            _ => None,
        };
        if hours.is_none() && !is_every_time {
            self.misfit("/sessionControls/signInFrequency".to_owned(), json, "a period of hours or days");
            return None;
        }
        Some(SignInFrequency {
            hours: if is_every_time { None } else { hours },
            authentication_type: json.get("authenticationType").text().map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use super::*;
    use crate::store::canonical::graph_spelling;

    fn read(text: &str) -> PolicyReading {
        let (json, _) = graph_spelling(serde_json::from_str(text).unwrap());
        read_policy(&json, Origin::default()).unwrap()
    }

    /// Reads a policy with these conditions, grant and session controls.
    fn policy(conditions: &str, grant: &str, session: &str) -> Policy {
        let text = format!(
            r#"{{"id":"p","displayName":"P","state":"enabled","conditions":{conditions},
                "grantControls":{grant},"sessionControls":{session}}}"#
        );
        read(&text).policy
    }

    fn unknown(policy: &Policy) -> Vec<(&str, &str)> {
        policy.unknown.iter().map(|member| (member.pointer.as_str(), member.text.as_str())).collect()
    }

    fn written(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn flags_come_as_text_list_or_sum() {
        for types in [r#""internalGuest,serviceProvider""#, r#"["internalGuest","serviceProvider"]"#, "33", r#""33""#] {
            let conditions = format!(
                r#"{{"users":{{"includeGuestsOrExternalUsers":{{"guestOrExternalUserTypes":{types},
                    "externalTenants":{{"membershipKind":"enumerated","members":["t1"]}}}}}}}}"#
            );
            let policy = policy(&conditions, "null", "null");
            let guests = policy.conditions.users.include_guests.clone().unwrap();
            assert_eq!(guests.kinds, ["internalGuest", "serviceProvider"], "{types}");
            assert_eq!(guests.tenants, Some(written(&["t1"])));
            assert_eq!(unknown(&policy), []);
        }
    }

    #[test]
    fn all_guests_are_sixty_three_and_more_is_unknown() {
        let of = |sum: u32| {
            let conditions =
                format!(r#"{{"users":{{"excludeGuestsOrExternalUsers":{{"guestOrExternalUserTypes":{sum}}}}}}}"#);
            policy(&conditions, "null", "null")
        };
        let all = of(63);
        assert_eq!(all.conditions.users.exclude_guests.clone().unwrap().kinds, GUESTS.map(|(_, kind)| kind));
        assert_eq!(all.conditions.users.exclude_guests.clone().unwrap().tenants, None);
        assert_eq!(unknown(&all), []);
        let at = "/conditions/users/excludeGuestsOrExternalUsers/guestOrExternalUserTypes";
        assert_eq!(unknown(&of(65)), [(at, "65")]);
    }

    #[test]
    fn trees_of_nulls_are_not_configured() {
        let policy = policy(
            r#"{"locations":{"includeLocations":null,"excludeLocations":[]},"platforms":{},"devices":{"deviceFilter":
               {"mode":null,"rule":null}},"clientApplications":{"includeServicePrincipals":[]},"times":{"a":null},
               "authenticationFlows":{"transferMethods":"none"},"users":{"includeUsers":["All"]}}"#,
            r#"{"operator":"OR","builtInControls":[],"authenticationStrength":{"id":null}}"#,
            r#"{"signInFrequency":{"value":null,"isEnabled":null},"persistentBrowser":{"isEnabled":false,"mode":"always"},
               "cloudAppSecurity":null,"networkAccessSecurity":{"isEnabled":false,"policyId":"x"}}"#,
        );
        let expected = Conditions {
            users: Users { include_users: written(&["All"]), ..Users::default() },
            ..Conditions::default()
        };
        assert_eq!(policy.conditions, expected);
        assert_eq!(policy.grant, None);
        assert_eq!(policy.session, SessionControls::default());
        assert_eq!(unknown(&policy), []);
    }

    #[test]
    fn what_has_no_field_is_kept_with_its_pointer() {
        let text = r##"{"id":"p","displayName":"P","state":"enabled","description":"d","templateId":"t","tier":1,
            "@odata.type":"#x","#microsoft.graph.restore":{"target":"x"},"id@odata.type":"y",
            "conditions":{"users":{"includeUsers":["All"]},"agentIdRiskLevels":"medium,high",
              "agents":{"includeAgentUsers":["All"]},"times":{"includeAllTimes":true},
              "applications":{"networkAccess":{"includeTrafficProfiles":["m365"]},"globalSecureAccess":null}},
            "grantControls":{"operator":"OR","builtInControls":["riskRemediation"],"newControl":["x"]},
            "sessionControls":{"globalSecureAccessFilteringProfile":{"isEnabled":true,"profileId":"x"},
              "blockSensitiveActions":false}}"##;
        let policy = read(text).policy;
        let mut pointers: Vec<&str> = policy.unknown.iter().map(|member| member.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(
            pointers,
            [
                "/conditions/agentIdRiskLevels",
                "/conditions/agents",
                "/conditions/applications/networkAccess",
                "/conditions/times",
                "/grantControls/newControl",
                "/sessionControls/globalSecureAccessFilteringProfile",
                "/tier",
            ]
        );
        assert_eq!(policy.grant.unwrap().built_in, ["riskRemediation"]);
    }

    #[test]
    fn session_controls_are_read() {
        let session = |text: &str| policy(r#"{"users":{"includeUsers":"All"}}"#, "null", text).session;
        let frequency = |text: &str| session(&format!(r#"{{"signInFrequency":{text}}}"#)).sign_in_frequency;
        let days = frequency(r#"{"isEnabled":true,"type":"days","value":4,"frequencyInterval":"timeBased"}"#).unwrap();
        assert_eq!(days.hours, Some(96));
        let every = r#"{"isEnabled":true,"type":null,"value":null,"authenticationType":"secondaryAuthentication","frequencyInterval":"everyTime"}"#;
        let every = frequency(every).unwrap();
        assert_eq!((every.hours, every.authentication_type.as_deref()), (None, Some("secondaryAuthentication")));
        assert_eq!(frequency(r#"{"isEnabled":false,"type":"days","value":4}"#), None);
        let all = session(
            r#"{"persistentBrowser":{"isEnabled":true,"mode":"never"},"secureSignInSession":{"isEnabled":true},
               "applicationEnforcedRestrictions":{"isEnabled":true},"disableResilienceDefaults":true,
               "cloudAppSecurity":{"isEnabled":true,"cloudAppSecurityType":"mcasConfigured"},
               "continuousAccessEvaluation":{"mode":"strictLocation"}}"#,
        );
        let expected = SessionControls {
            sign_in_frequency: None,
            persistent_browser: Some("never".to_owned()),
            application_enforced_restrictions: true,
            cloud_app_security: Some("mcasConfigured".to_owned()),
            continuous_access_evaluation: Some("strictLocation".to_owned()),
            disable_resilience_defaults: true,
            token_protection: true,
        };
        assert_eq!(all, expected);
    }

    #[test]
    fn a_frequency_that_cannot_be_read_is_unknown() {
        let policy =
            policy(r#"{"users":{}}"#, "null", r#"{"signInFrequency":{"isEnabled":true,"type":"weeks","value":2}}"#);
        assert_eq!(policy.session.sign_in_frequency, None);
        assert!(policy.unknown.iter().any(|member| member.pointer == "/sessionControls/signInFrequency"));
    }

    #[test]
    fn grants_and_strengths_are_read() {
        let strength = |text: &str| {
            let grant = format!(r#"{{"operator":"OR","builtInControls":[],"authenticationStrength":{text}}}"#);
            policy(r#"{"users":{"includeUsers":["All"]}}"#, &grant, "null").grant.unwrap().strength.unwrap()
        };
        assert_eq!(strength(r#"{"id":"s1"}"#).id, "s1");
        assert_eq!(strength(r#""/policies/authenticationStrengthPolicies/s1""#).id, "s1");
        let link =
            r#"{"@odata.id":"https://x/authenticationStrengthPolicies('00000000-0000-0000-0000-000000000004')"}"#;
        assert_eq!(strength(link).id, "00000000-0000-0000-0000-000000000004");
        let full = strength(r#"{"id":"s1","displayName":"S","allowedCombinations":["fido2","password,sms"]}"#);
        assert_eq!(full.allowed_combinations, ["fido2", "password,sms"]);
    }

    #[test]
    fn the_retired_device_state_is_read_wherever_it_stood() {
        let states = |text: &str| policy(text, "null", "null").conditions.device_states.unwrap();
        let expected = IncludeExclude { include: written(&["All"]), exclude: written(&["Compliant"]) };
        assert_eq!(states(r#"{"deviceStates":{"includeStates":["All"],"excludeStates":["Compliant"]}}"#), expected);
        assert_eq!(states(r#"{"devices":{"includeDevices":["All"],"excludeDeviceStates":["Compliant"]}}"#), expected);
    }

    #[test]
    fn what_an_export_cut_off_is_not_taken_for_unset() {
        let text = r#"{"Id":"p","DisplayName":"P","State":"enabled","GrantControls":null,"Conditions":
            {"Users":"Microsoft.Graph.PowerShell.Models.MicrosoftGraphConditionalAccessUsers",
             "ClientAppTypes":["System.Object[]"],"SignInRiskLevels":7}}"#;
        let PolicyReading { policy, warnings } = read(text);
        let pointers: Vec<&str> = policy.unknown.iter().map(|member| member.pointer.as_str()).collect();
        assert_eq!(pointers, ["/conditions/clientAppTypes/0", "/conditions/users", "/conditions/signInRiskLevels"]);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
    }

    #[test]
    fn a_policy_without_conditions_is_not_one_for_nobody() {
        let PolicyReading { policy, warnings } = read(r#"{"displayName":"Template","state":"disabled"}"#);
        assert_eq!(policy.id, "Template");
        assert_eq!(unknown(&policy), [("/conditions", "null")]);
        assert_eq!(warnings.len(), 2);
        assert!(read_policy(&Json::Object(Vec::new()), Origin::default()).is_err());
        assert!(read_policy(&Json::Null, Origin::default()).is_err());
    }

    #[test]
    fn of_repeated_keys_the_one_that_says_something_is_read() {
        let policy =
            read(r#"{"id":"p","displayName":"P","state":null,"state":"disabled","conditions":{"users":{}}}"#).policy;
        assert_eq!(policy.state, PolicyState::Disabled);
    }
}
