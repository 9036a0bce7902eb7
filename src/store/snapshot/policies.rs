//! Reads Conditional Access policies.
//!
//! What this program has no field for goes to [`Policy::unknown`], never to the floor: a condition that nobody looked
//! at would make a policy seem to apply to more than it does. Members that say nothing are not configured, whatever
//! their shape.

use crate::domain::Origin;
use crate::domain::json::Json;
use crate::domain::policy::{Policy, PolicyState};
use crate::store::dates::read_date;

use super::notes::{Notes, shape_of};

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
/// A policy without an id, as the portal downloads them, goes by its name. Fails when the value is no policy at all, or
/// when it has neither.
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

#[cfg(test)]
mod tests {

    use super::*;
    use crate::domain::policy::{Conditions, IncludeExclude, SessionControls, Users};
    use crate::store::canonical::graph_spelling;

    const ALL_GUESTS: [&str; 6] = [
        "internalGuest",
        "b2bCollaborationGuest",
        "b2bCollaborationMember",
        "b2bDirectConnectUser",
        "otherExternalUser",
        "serviceProvider",
    ];

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
        assert_eq!(all.conditions.users.exclude_guests.clone().unwrap().kinds, ALL_GUESTS);
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
    fn types_of_full_metadata_set_nothing() {
        let policy = policy(
            r##"{"@odata.type":"#microsoft.graph.conditionalAccessConditionSet",
               "clientApplications":{"@odata.type":"#x","includeServicePrincipals@odata.type":"#Collection(String)",
                 "includeServicePrincipals":[],"servicePrincipalFilter":null},
               "agents":{"@odata.type":"#x","includeAgentUsers":[],"agentFilter":null},
               "locations":{"@odata.type":"#x","includeLocations":[]},
               "devices":{"@odata.type":"#x","deviceFilter":{"@odata.type":"#x","mode":"include","rule":"r"}},
               "users":{"@odata.type":"#x","includeUsers":["All"]}}"##,
            r##"{"@odata.type":"#x","operator":"OR","builtInControls":["mfa"],"authenticationStrength@odata.context":"x"}"##,
            r##"{"@odata.type":"#x","cloudAppSecurity":{"@odata.type":"#x","isEnabled":null}}"##,
        );
        assert_eq!(policy.conditions.client_applications, None);
        assert_eq!(policy.conditions.locations, None);
        assert_eq!(policy.conditions.device_filter.as_ref().unwrap().rule, "r");
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
