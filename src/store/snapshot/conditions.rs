//! Reads when a Conditional Access policy applies.

use crate::domain::json::Json;
use crate::domain::policy::{Applications, ClientApplications, Conditions, Guests, IncludeExclude, Users};

use super::notes::Notes;

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

/// The words that stand for several users, and for several applications; every other item is an id.
const WORDS_FOR_USERS: [&str; 3] = ["All", "None", "GuestsOrExternalUsers"];
const WORDS_FOR_APPLICATIONS: [&str; 4] = ["All", "None", "Office365", "MicrosoftAdminPortals"];

/// Writes words as Graph does. Tools that write policies vary their case, and an `all` that names nobody would be a policy for nobody.
fn in_graphs_spelling(mut items: Vec<String>, words: &[&str]) -> Vec<String> {
    for item in &mut items {
        if let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(item)) {
            *item = (*word).to_owned();
        }
    }
    items
}

impl Notes {
    /// Reads when the policy applies.
    pub(super) fn conditions(&mut self, policy: &Json) -> Conditions {
        const AT: &str = "/conditions";
        let json = self.object(policy, "", "conditions");
        if json.is_null() && !self.unknown.iter().any(|member| member.pointer == AT) {
            // Graph never writes a policy without conditions: an export that lacks them must not look like one for
            // nobody.
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

    /// The retired device state condition, which stood in two places. In beta `devices` spells the states
    /// `includeDevices` too (microsoft-graph-docs, conditionalAccessDevices, beta).
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
            include: in_graphs_spelling(self.texts(json, AT, "includeApplications"), &WORDS_FOR_APPLICATIONS),
            exclude: in_graphs_spelling(self.texts(json, AT, "excludeApplications"), &WORDS_FOR_APPLICATIONS),
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
            include_users: in_graphs_spelling(self.texts(json, AT, "includeUsers"), &WORDS_FOR_USERS),
            exclude_users: in_graphs_spelling(self.texts(json, AT, "excludeUsers"), &WORDS_FOR_USERS),
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
}
