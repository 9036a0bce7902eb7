//! Reads what a Conditional Access policy demands and what it sets for the session.

use crate::domain::json::Json;
use crate::domain::policy::{GrantControls, SessionControls, SignInFrequency, StrengthReference};

use super::notes::{Notes, is_cut_off};

impl Notes {
    /// Reads what the policy demands.
    pub(super) fn grant(&mut self, policy: &Json) -> Option<GrantControls> {
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
        let json = match grant.get("authenticationStrength") {
            // A bare link is an annotation only, but says which strength it is.
            held if held.get("@odata.id").text().is_some() => held,
            _ => self.object(grant, "/grantControls", "authenticationStrength"),
        };
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

    /// Reads what the policy sets for the session.
    pub(super) fn session(&mut self, policy: &Json) -> SessionControls {
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
        if !["", "timebased", "everytime"].contains(&word("frequencyInterval").as_str()) {
            self.misfit("/sessionControls/signInFrequency".to_owned(), json, "a known interval");
            return None;
        }
        let hours = match (word("type").as_str(), json.get("value").int()) {
            ("hours", Some(hours)) => Some(hours),
            ("days", Some(days)) => days.checked_mul(24),
            _ => None,
        };
        // Years are far beyond what the admin's screen takes (365 days).
        let hours = hours.filter(|hours| (1..=24 * 3660).contains(hours));
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
