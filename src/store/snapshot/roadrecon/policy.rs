//! Converts Conditional Access policies from the internal form, in which Azure AD Graph kept them, to Graph's.
//!
//! The form is documented nowhere; it is known from ROADtools' readers. A member they do not know is kept as unknown in the condition it
//! stands in.

use crate::domain::json::{Json, escape_pointer};

use super::super::export::{Foreign, list};
use super::super::kinds::Kind;

/// Where the detail of a policy stands in its row.
const AT: &str = "/policyDetail/0";
/// Members of a detail that say nothing about what the policy does, or that stand in every policy whatever it does.
const HARMLESS: [&str; 5] =
    ["Version", "CreatedDateTime", "ModifiedDateTime", "ModificationDateTime", "LastUpdatedTimestamp"];

/// The details of a row: a list of texts, each of which is JSON.
pub(super) fn details(row: &Json) -> Vec<Json> {
    let read = |item: &Json| match item {
        Json::Text(text) => serde_json::from_str(text).ok(),
        other => Some(other.clone()),
    };
    match row.get("policyDetail") {
        Json::List(items) => items.iter().filter_map(read).collect(),
        Json::Null => Vec::new(),
        single => read(single).into_iter().collect(),
    }
}

/// A word of the internal form with a small first letter, as Graph has it.
pub(super) fn camel(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// Converts a policy. What its detail does not say stays away, and the reader of policies says so.
pub(super) fn read(row: &Json, at: &str) -> Foreign {
    let mut policy = Foreign::new(Kind::Policy, at);
    policy.put("/id", row.get("objectId").clone(), "/objectId");
    policy.put("/displayName", row.get("displayName").clone(), "/displayName");
    let details = details(row);
    for (number, more) in details.iter().enumerate().skip(1) {
        policy.keep_unknown("", &format!("policyDetail{number}"), more.clone(), &format!("/policyDetail/{number}"));
    }
    let Some(detail) = details.first() else { return policy };
    for (name, value) in detail.members() {
        let place = format!("{AT}/{}", escape_pointer(name));
        match name.as_str() {
            "State" => state(&mut policy, value, &place),
            "Conditions" => value.members().iter().for_each(|(name, value)| {
                condition(&mut policy, name, value, &format!("{place}/{}", escape_pointer(name)));
            }),
            "Controls" => controls(&mut policy, value, &place),
            "SessionControls" => session(&mut policy, detail, value, &place),
            "CreatedDateTime" => policy.put("/createdDateTime", value.clone(), &place),
            "ModifiedDateTime" | "ModificationDateTime" => policy.put("/modifiedDateTime", value.clone(), &place),
            // Both are seen as true in policies of every sort, and Graph has no name for them.
            "EnforceAllPoliciesForEas" | "IncludeOtherLegacyClientTypeForEvaluation" if value.bool() == Some(true) => {}
            "EnforceAllPoliciesForEas" | "IncludeOtherLegacyClientTypeForEvaluation" => {
                keep(&mut policy, "/conditions/clientAppTypes", name, value, &place);
            }
            _ if HARMLESS.contains(&name.as_str()) || is_of_session(name) => {}
            _ => policy.keep_unknown("", name, value.clone(), &place),
        }
    }
    policy
}

/// Whether a member is one of those that say more of a session control.
fn is_of_session(name: &str) -> bool {
    ["SignInFrequencyType", "SignInFrequencyTimeSpan", "PersistentBrowserSessionMode"].contains(&name)
}

fn state(policy: &mut Foreign, value: &Json, at: &str) {
    let word = match value.text() {
        Some("Enabled") => "enabled",
        Some("Disabled") => "disabled",
        Some("Reporting") => "enabledForReportingButNotEnforced",
        _ => return policy.put("/state", Json::Text(value.quoted()), at),
    };
    policy.put_text("/state", word, at);
}

/// The alternatives of one side of a condition; each names kinds of objects and the objects. What else the condition holds is unknown.
struct Sides<'a> {
    include: Vec<(&'a str, &'a Json)>,
    exclude: Vec<(&'a str, &'a Json)>,
}

fn sides<'a>(policy: &mut Foreign, graph: &str, condition: &'a Json, at: &str) -> Sides<'a> {
    let side = |name: &str| {
        let alternatives = condition.get(name).items().iter();
        alternatives.flat_map(Json::members).map(|(kind, value)| (kind.as_str(), value)).collect()
    };
    for (name, value) in condition.members() {
        let is_read = ["Include", "Exclude"].contains(&name.as_str()) && matches!(value, Json::List(_));
        if !is_read {
            policy.keep_unknown(graph, name, value.clone(), &format!("{at}/{}", escape_pointer(name)));
        }
    }
    Sides { include: side("Include"), exclude: side("Exclude") }
}

/// The texts of a list or the one in its place; `None` when something else stands there.
fn texts(value: &Json) -> Option<Vec<String>> {
    match value {
        Json::Text(text) => Some(vec![text.clone()]),
        Json::List(items) => items.iter().map(|item| item.text().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn condition(policy: &mut Foreign, name: &str, value: &Json, at: &str) {
    if value.says_nothing() {
        return;
    }
    let graph = match name {
        "Users" => "/conditions/users",
        "Applications" => "/conditions/applications",
        "ServicePrincipals" => "/conditions/clientApplications",
        "Locations" => "/conditions/locations",
        "DevicePlatforms" => "/conditions/platforms",
        "Devices" => "/conditions/devices",
        "ClientTypes" => "/conditions/clientAppTypes",
        "SignInRisks" => "/conditions/signInRiskLevels",
        "UserRisks" => "/conditions/userRiskLevels",
        "ServicePrincipalRisks" => "/conditions/servicePrincipalRiskLevels",
        "AuthFlows" => "/conditions/authenticationFlows",
        _ => return policy.keep_unknown("/conditions", name, value.clone(), at),
    };
    let sides = sides(policy, graph, value, at);
    let mut gathered = Gathered { graph, at, lists: Vec::new() };
    for (is_exclusion, side) in [(false, &sides.include), (true, &sides.exclude)] {
        for (kind, value) in side {
            let is_read = gathered.take(policy, kind, value, is_exclusion);
            if !is_read {
                let side = if is_exclusion { "Exclude" } else { "Include" };
                keep(policy, graph, &format!("{side}{kind}"), value, at);
            }
        }
    }
    for (graph, texts) in gathered.lists {
        policy.put(&graph, list(texts), at);
    }
}

/// Keeps what is unknown within a condition. A list of Graph's cannot hold a member; an item in it that is no text is unknown.
fn keep(policy: &mut Foreign, graph: &str, name: &str, value: &Json, at: &str) {
    let is_list = graph.ends_with("Levels") || graph.ends_with("clientAppTypes");
    if is_list {
        policy.keep_unknown_item(graph, format!("{name}: {}", value.quoted()), at);
    } else {
        policy.keep_unknown(graph, name, value.clone(), at);
    }
}

/// Gathers the lists of one condition.
struct Gathered<'a> {
    graph: &'a str,
    at: &'a str,
    lists: Vec<(String, Vec<String>)>,
}

impl Gathered<'_> {
    fn add(&mut self, graph: String, texts: Vec<String>) {
        match self.lists.iter_mut().find(|(held, _)| *held == graph) {
            Some((_, held)) => held.extend(texts),
            None => self.lists.push((graph, texts)),
        }
    }

    /// Takes one kind of objects of one side; says whether it could be converted.
    fn take(&mut self, policy: &mut Foreign, kind: &str, value: &Json, is_exclusion: bool) -> bool {
        let graph = self.graph;
        let side = if is_exclusion { "exclude" } else { "include" };
        if (graph, kind) == ("/conditions/users", "GuestsOrExternalUsers") {
            return guests(policy, value, &format!("{graph}/{side}GuestsOrExternalUsers"), self.at);
        }
        let Some(texts) = texts(value) else { return false };
        match (graph, kind) {
            ("/conditions/users", "All" | "None" | "Users" | "Guests") => {
                let words = texts
                    .into_iter()
                    .map(|text| if text == "Guests" { "GuestsOrExternalUsers".to_owned() } else { text });
                self.add(format!("{graph}/{side}Users"), words.collect());
            }
            ("/conditions/users", "Groups" | "Roles") => self.add(format!("{graph}/{side}{kind}"), texts),
            ("/conditions/applications", "Applications") => self.add(format!("{graph}/{side}Applications"), texts),
            ("/conditions/applications", "Acrs" | "UserActions") if !is_exclusion => {
                let (actions, contexts): (Vec<String>, Vec<String>) =
                    texts.into_iter().partition(|text| text.starts_with("urn:user:"));
                if kind == "UserActions" && !contexts.is_empty() {
                    return false;
                }
                self.add(format!("{graph}/includeUserActions"), actions);
                self.add(format!("{graph}/includeAuthenticationContextClassReferences"), contexts);
            }
            // What `All` means here is not known: Graph has a word for the tenant's own ones only.
            ("/conditions/clientApplications", "ServicePrincipals") if !texts.iter().any(|text| text == "All") => {
                self.add(format!("{graph}/{side}ServicePrincipals"), texts);
            }
            ("/conditions/clientApplications", "ServicePrincipalFilterRule") => {
                return filter(policy, &format!("{graph}/servicePrincipalFilter"), &texts, side, self.at);
            }
            ("/conditions/locations", "Locations") => self.add(format!("{graph}/{side}Locations"), texts),
            ("/conditions/platforms", "DevicePlatforms") => {
                let words = texts.into_iter().map(|word| match word.to_ascii_lowercase().as_str() {
                    "ios" => "iOS".to_owned(),
                    "macos" => "macOS".to_owned(),
                    _ => camel(&word),
                });
                self.add(format!("{graph}/{side}Platforms"), words.collect());
            }
            ("/conditions/devices", "DeviceStates") => self.add(format!("{graph}/{side}DeviceStates"), texts),
            ("/conditions/devices", "DeviceRule") => {
                // All devices but those of a rule are written as both.
                let is_all = !is_exclusion && texts.iter().all(|rule| rule == "All");
                return is_all || filter(policy, &format!("{graph}/deviceFilter"), &texts, side, self.at);
            }
            ("/conditions/clientAppTypes", "ClientTypes") if !is_exclusion => match client_types(&texts) {
                Some(words) => self.add(graph.to_owned(), words),
                None => return false,
            },
            ("/conditions/signInRiskLevels", "SignInRisks")
            | ("/conditions/userRiskLevels", "UserRisks")
            | ("/conditions/servicePrincipalRiskLevels", "ServicePrincipalRisks")
                if !is_exclusion =>
            {
                self.add(graph.to_owned(), texts.iter().map(|word| camel(word)).collect());
            }
            ("/conditions/authenticationFlows", "AuthFlowType") if !is_exclusion => {
                self.add(format!("{graph}/transferMethods"), texts.iter().map(|word| camel(word)).collect());
            }
            _ => return false,
        }
        true
    }
}

/// Puts a filter; says whether it could be put. Graph has one filter in a place.
fn filter(policy: &mut Foreign, graph: &str, rules: &[String], mode: &str, at: &str) -> bool {
    let held = policy.json.pointer(graph).is_some();
    let ([rule], false) = (rules, held) else { return false };
    policy.put_text(&format!("{graph}/mode"), mode, at);
    policy.put_text(&format!("{graph}/rule"), rule, at);
    true
}

fn guests(policy: &mut Foreign, value: &Json, graph: &str, at: &str) -> bool {
    let known = ["GuestOrExternalUserTypes", "ExternalTenants"];
    let is_known = value.members().iter().all(|(name, _)| known.contains(&name.as_str()));
    if !is_known || policy.json.pointer(graph).is_some() || value.get("GuestOrExternalUserTypes").says_nothing() {
        return false;
    }
    policy.put(&format!("{graph}/guestOrExternalUserTypes"), value.get("GuestOrExternalUserTypes").clone(), at);
    for (name, member) in value.get("ExternalTenants").members() {
        let member = if name == "MembershipKind" { Json::Text(camel(&member.quoted())) } else { member.clone() };
        policy.put(&format!("{graph}/externalTenants/{}", camel(name)), member, at);
    }
    true
}

/// The client types in Graph's words; `None` when a part of a group of Graph's is missing, for which it has no word.
fn client_types(texts: &[String]) -> Option<Vec<String>> {
    let has = |word: &str| texts.iter().any(|text| text == word);
    let mut words = Vec::new();
    for text in texts {
        let word = match text.as_str() {
            "Browser" => "browser",
            "Native" => "mobileAppsAndDesktopClients",
            "EasSupported" if has("EasUnsupported") => "exchangeActiveSync",
            "EasSupported" => "easSupported",
            "EasUnsupported" if has("EasSupported") => continue,
            "OtherLegacy" => "other",
            legacy if legacy.starts_with("Legacy") && has("OtherLegacy") => continue,
            _ => return None,
        };
        words.push(word.to_owned());
    }
    Some(words)
}

/// Converts the controls: every entry must be met, by any of its alternatives. Graph joins all controls in one way.
fn controls(policy: &mut Foreign, value: &Json, at: &str) {
    let mut entries: Vec<Vec<(&str, String)>> = Vec::new();
    for entry in value.items() {
        let mut alternatives = Vec::new();
        for (kind, value) in entry.members() {
            match texts(value) {
                Some(words) => alternatives.extend(words.into_iter().map(|word| (kind.as_str(), word))),
                None => policy.keep_unknown("/grantControls", kind, value.clone(), at),
            }
        }
        if !alternatives.is_empty() {
            entries.push(alternatives);
        }
    }
    let operator = match entries.as_slice() {
        [] => return,
        [_] => "OR",
        several if several.iter().all(|alternatives| alternatives.len() == 1) => "AND",
        _ => return policy.keep_unknown("/grantControls", "Controls", value.clone(), at),
    };
    policy.put_text("/grantControls/operator", operator, at);
    let mut built_in = Vec::new();
    for (kind, word) in entries.into_iter().flatten() {
        let known = [
            "Block",
            "Mfa",
            "CompliantDevice",
            "DomainJoinedDevice",
            "ApprovedApplication",
            "CompliantApplication",
            "PasswordChange",
        ];
        match kind {
            "Control" if known.contains(&word.as_str()) => built_in.push(camel(&word)),
            "AuthStrengthIds" if policy.json.pointer("/grantControls/authenticationStrength").is_none() => {
                policy.put_text("/grantControls/authenticationStrength/id", &word, at);
            }
            _ => policy.keep_unknown("/grantControls", &format!("{kind} {word}"), Json::Text(word.clone()), at),
        }
    }
    policy.put("/grantControls/builtInControls", list(built_in), at);
}

/// Converts the session controls, which are words; what they say more stands beside them.
fn session(policy: &mut Foreign, detail: &Json, value: &Json, at: &str) {
    const SESSION: &str = "/sessionControls";
    let Some(words) = texts(value) else { return policy.keep_unknown(SESSION, "SessionControls", value.clone(), at) };
    for word in words {
        match word.as_str() {
            "SignInFrequency" => frequency(policy, detail),
            "PersistentBrowserSessionMode" => match detail.get("PersistentBrowserSessionMode").text() {
                Some(mode) => {
                    let place = format!("{AT}/PersistentBrowserSessionMode");
                    policy.put_text("/sessionControls/persistentBrowser/mode", &camel(mode), &place);
                    policy.put("/sessionControls/persistentBrowser/isEnabled", Json::Bool(true), at);
                }
                None => policy.keep_unknown(SESSION, &word, Json::Text(word.clone()), at),
            },
            "AppEnforcedRestrictions" => {
                policy.put("/sessionControls/applicationEnforcedRestrictions/isEnabled", Json::Bool(true), at);
            }
            _ => policy.keep_unknown(SESSION, &word, Json::Text(word.clone()), at),
        }
    }
}

fn frequency(policy: &mut Foreign, detail: &Json) {
    const GRAPH: &str = "/sessionControls/signInFrequency";
    let place = format!("{AT}/SignInFrequencyTimeSpan");
    match (detail.get("SignInFrequencyType").int(), detail.get("SignInFrequencyTimeSpan").text().and_then(hours)) {
        (Some(30), _) => {
            policy.put_text(&format!("{GRAPH}/frequencyInterval"), "everyTime", &format!("{AT}/SignInFrequencyType"))
        }
        (Some(10), Some(hours)) => {
            policy.put_text(&format!("{GRAPH}/type"), "hours", &place);
            policy.put(&format!("{GRAPH}/value"), Json::Number(hours.into()), &place);
        }
        _ => {
            let value = format!("{} {}", detail.get("SignInFrequencyType"), detail.get("SignInFrequencyTimeSpan"));
            return policy.keep_unknown("/sessionControls", "SignInFrequency", Json::Text(value), &place);
        }
    }
    policy.put(&format!("{GRAPH}/isEnabled"), Json::Bool(true), &place);
}

/// The whole hours of a time span as .NET writes it: `4:00:00`, `90.00:00:00`.
fn hours(span: &str) -> Option<i64> {
    let (days, clock) = span.split_once('.').unwrap_or(("0", span));
    let [hours, "00", "00"] = clock.split(':').collect::<Vec<_>>()[..] else { return None };
    let (days, hours) = (days.parse::<i64>().ok()?, hours.parse::<i64>().ok()?);
    days.checked_mul(24)?.checked_add(hours).filter(|hours| *hours > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_spans_are_whole_hours_or_nothing() {
        assert_eq!([hours("4:00:00"), hours("4.00:00:00"), hours("90.12:00:00")], [Some(4), Some(96), Some(2172)]);
        assert_eq!([hours("0:30:00"), hours(""), hours("x.1:00:00"), hours("00:00:00")], [None; 4]);
    }

    #[test]
    fn parts_of_a_group_of_clients_are_no_word_of_graphs() {
        let words = |texts: &[&str]| client_types(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(words(&["EasUnsupported", "EasSupported"]), Some(vec!["exchangeActiveSync".to_owned()]));
        assert_eq!(words(&["LegacyPop", "OtherLegacy"]), Some(vec!["other".to_owned()]));
        assert_eq!(words(&["LegacyPop"]), None);
        assert_eq!(words(&["EasUnsupported"]), None);
    }
}
