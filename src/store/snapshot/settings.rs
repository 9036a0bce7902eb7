//! Reads the settings of a tenant that are no policies of Conditional Access: authentication strengths, smart lockout,
//! branding, token lifetimes, security defaults, domains and the organisation.

use crate::domain::Origin;
use crate::domain::fact::{MOST_SECONDS, MOST_TRIES};
use crate::domain::json::Json;
use crate::domain::snapshot::{
    AuthenticationStrength, Branding, Domain, Organization, PasswordRules, SecurityDefaults, TokenLifetimePolicy,
};

use super::object::{display_name, id, name_or_id, texts};

/// The template of "Password Rule Settings" (entra-docs; the same id in every tenant).
const PASSWORD_RULES_TEMPLATE: &str = "5cf42378-d67d-4f36-ba46-e8b86229381d";
/// Values that only "Password Rule Settings" has.
const PASSWORD_RULES_VALUES: [&str; 4] =
    ["LockoutThreshold", "LockoutDurationInSeconds", "BannedPasswordList", "EnableBannedPasswordCheck"];

/// Reads an authentication strength.
pub(super) fn read_strength(
    json: &Json,
    origin: Origin,
    warnings: &mut Vec<String>,
) -> Result<AuthenticationStrength, String> {
    let (id, display_name) = name_or_id(json, warnings)?;
    let allowed_combinations = texts(json.get("allowedCombinations"));
    Ok(AuthenticationStrength { id, display_name, allowed_combinations, origin })
}

/// Reads the smart lockout from a directory setting; `None` when the setting is about something else.
pub(super) fn read_password_rules(json: &Json, origin: Origin, warnings: &mut Vec<String>) -> Option<PasswordRules> {
    let values = json.get("values").items();
    let value = |name: &str| {
        let named = |value: &&Json| value.get("name").text().is_some_and(|held| held.eq_ignore_ascii_case(name));
        values.iter().find(named).map(|value| value.get("value"))
    };
    let is_template = json.get("templateId").text().is_some_and(|id| id.eq_ignore_ascii_case(PASSWORD_RULES_TEMPLATE));
    if !is_template && !PASSWORD_RULES_VALUES.iter().any(|name| value(name).is_some()) {
        return None;
    }
    let mut number = |name: &str, most: u32| {
        let held = value(name).filter(|value| !value.says_nothing())?;
        let Some(read) = held.int() else {
            warnings.push(format!("`{name}` of the password rules is no number: `{}`", held.quoted()));
            return None;
        };
        let read = u32::try_from(read).ok().filter(|read| (1..=most).contains(read));
        if read.is_none() {
            warnings.push(format!("`{name}` of the password rules is not from 1 to {most}: `{}`", held.quoted()));
        }
        read
    };
    let lockout_threshold = number("LockoutThreshold", MOST_TRIES);
    let lockout_duration_seconds = number("LockoutDurationInSeconds", MOST_SECONDS);
    Some(PasswordRules { lockout_threshold, lockout_duration_seconds, origin })
}

/// Reads the portal's branding and says whether it is the default one, which counts for people whose language has none
/// of its own. The portal writes null until somebody changes the setting, and shows the question (AzRanger's reading of
/// the portal's interface).
pub(super) fn read_branding(json: &Json, origin: Origin) -> (Branding, bool) {
    let is_hidden = json.get("hideKeepMeSignedIn").bool().unwrap_or(false);
    let is_default = match json.get("locale") {
        Json::Text(locale) => locale.is_empty() || locale == "0",
        locale => locale.is_null() || locale.int() == Some(0),
    };
    (Branding { hide_keep_me_signed_in: Some(is_hidden), origin }, is_default)
}

/// Reads a token lifetime policy.
pub(super) fn read_token_lifetime(
    json: &Json,
    origin: Origin,
    warnings: &mut Vec<String>,
) -> Result<TokenLifetimePolicy, String> {
    let (id, display_name) = name_or_id(json, warnings)?;
    Ok(TokenLifetimePolicy {
        id,
        display_name,
        definition: texts(json.get("definition")).join("\n"),
        is_organization_default: json.get("isOrganizationDefault").bool().unwrap_or(false),
        origin,
    })
}

/// Reads whether security defaults are on.
pub(super) fn read_security_defaults(json: &Json, origin: Origin) -> Result<SecurityDefaults, String> {
    match json.get("isEnabled").bool() {
        Some(is_enabled) => Ok(SecurityDefaults { is_enabled, origin }),
        None => Err("its `isEnabled` is neither true nor false".to_owned()),
    }
}

/// Reads a domain, whose id is its name.
pub(super) fn read_domain(json: &Json, origin: Origin) -> Result<Domain, String> {
    let name = id(json).or_else(|reason| json.get("name").text().map(str::to_owned).ok_or(reason))?;
    let authentication_type = json.get("authenticationType").text().map(str::to_owned);
    let is_initial = json.get("isInitial").bool().unwrap_or(false);
    Ok(Domain { name, authentication_type, is_initial, origin })
}

/// Reads the organisation. Some tools call its id `tenantId`.
pub(super) fn read_organization(json: &Json, origin: Origin) -> Result<Organization, String> {
    let id = id(json).or_else(|reason| json.get("tenantId").text().map(str::to_owned).ok_or(reason))?;
    let display_name = display_name(json, &id);
    Ok(Organization { id, display_name, origin })
}

#[cfg(test)]
mod tests {

    use super::*;

    fn read(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn smart_lockout_is_found_by_template_or_by_its_values() {
        let rules = |text: &str| read_password_rules(&read(text), Origin::default(), &mut Vec::new());
        let lockout = r#"[{"name":"LockoutThreshold","value":"5"},{"name":"LockoutDurationInSeconds","value":"120"}]"#;
        let found = rules(&format!(r#"{{"id":"1","values":{lockout}}}"#)).unwrap();
        assert_eq!((found.lockout_threshold, found.lockout_duration_seconds), (Some(5), Some(120)));
        let empty = rules(r#"{"templateId":"5CF42378-D67D-4F36-BA46-E8B86229381D","values":[]}"#).unwrap();
        assert_eq!(empty.lockout_threshold, None);
        assert_eq!(rules(r#"{"templateId":"1","values":[{"name":"EnableGroupCreation","value":"true"}]}"#), None);
    }

    #[test]
    fn a_threshold_that_is_no_number_is_reported() {
        let mut warnings = Vec::new();
        let json = read(r#"{"values":[{"name":"LockoutThreshold","value":"ten"}]}"#);
        let rules = read_password_rules(&json, Origin::default(), &mut warnings).unwrap();
        assert_eq!(rules.lockout_threshold, None);
        assert_eq!(warnings, ["`LockoutThreshold` of the password rules is no number: `ten`"]);
    }

    #[test]
    fn the_question_is_shown_until_somebody_hides_it() {
        let hidden = |text: &str| read_branding(&read(text), Origin::default());
        assert_eq!(hidden(r#"{"hideKeepMeSignedIn":null}"#).0.hide_keep_me_signed_in, Some(false));
        let (branding, is_default) = hidden(r#"{"locale":"1031","hideKeepMeSignedIn":true}"#);
        assert_eq!((branding.hide_keep_me_signed_in, is_default), (Some(true), false));
    }
}
