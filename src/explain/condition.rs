//! Evaluates one condition of a policy against a sign-in, from the snapshot alone.
//!
//! Nothing is cut short and nothing is guessed: a value the record lacks is [`Verdict::UnknownContext`], one the snapshot lacks
//! [`Verdict::UnknownData`]. A condition that the policy does not configure holds
//! (entra-docs, Conditional Access policies, 2024-03-29).

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::domain::policy::{Guests, Policy};
use crate::domain::snapshot::{NamedLocation, NamedLocationKind, Snapshot};
use crate::domain::{SignIn, Verdict};

use super::device::evaluate_filter;
use super::rule::Condition;

/// Exchange Online's application id.
const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";

/// Resources that belong to Office 365 beyond doubt; the published list of 122 names has no ids
/// (entra-docs, Office 365 application contents, 2024-12-06), so that others cannot be told.
const OFFICE_365: [&str; 4] = [
    EXCHANGE,
    "00000003-0000-0ff1-ce00-000000000000",
    "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",
    "00000006-0000-0ff1-ce00-000000000000",
];

/// Whether the condition holds for the sign-in.
pub fn evaluate_condition(policy: &Policy, condition: Condition, sign_in: &SignIn, snapshot: &Snapshot) -> Verdict {
    let conditions = &policy.conditions;
    let unknown_member = policy.unknown.iter().any(|member| member.pointer.starts_with(condition.pointer()));
    if unknown_member {
        return Verdict::UnknownData;
    }
    match condition {
        Condition::Applications => applications(policy, sign_in),
        Condition::Users => users(policy, sign_in, snapshot),
        Condition::ClientApplications => match &conditions.client_applications {
            None => Verdict::Yes,
            Some(_) if sign_in.user_id.is_some() => Verdict::No,
            Some(_) => Verdict::UnknownContext,
        },
        Condition::ClientAppTypes => client_app_types(&conditions.client_app_types, sign_in),
        Condition::Platforms => match &conditions.platforms {
            None => Verdict::Yes,
            Some(platforms) => {
                let seen = sign_in.device.operating_system.as_deref().and_then(platform);
                let holds = |list: &[String]| listed(list, seen, &["all"]);
                holds(&platforms.include).and(holds(&platforms.exclude).negate())
            }
        },
        Condition::Locations => match &conditions.locations {
            None => Verdict::Yes,
            Some(places) => {
                let holds = |list: &[String]| any(list.iter().map(|id| location(id, sign_in, snapshot)));
                holds(&places.include).and(holds(&places.exclude).negate())
            }
        },
        Condition::Devices => {
            // Device states are retired and cannot stand beside a filter (entra-docs, conditions, 2024-06-20).
            let states = if conditions.device_states.is_some() { Verdict::UnknownContext } else { Verdict::Yes };
            conditions.device_filter.as_ref().map_or(states, |filter| evaluate_filter(filter, sign_in))
        }
        Condition::SignInRiskLevels => {
            levels(&conditions.sign_in_risk_levels, sign_in.risk_level_during_sign_in.as_deref())
        }
        Condition::UserRiskLevels => levels(&conditions.user_risk_levels, None),
        Condition::ServicePrincipalRiskLevels => levels(&conditions.service_principal_risk_levels, None),
        Condition::InsiderRiskLevels => levels(&conditions.insider_risk_levels, None),
        Condition::AuthenticationFlows => match conditions.transfer_methods.as_slice() {
            [] => Verdict::Yes,
            methods => match sign_in.original_transfer_method.as_deref() {
                None => Verdict::UnknownContext,
                Some(seen) => Verdict::from_bool(methods.iter().any(|method| method.eq_ignore_ascii_case(seen))),
            },
        },
        Condition::Times => Verdict::Yes,
    }
}

/// Yes if one is yes, else unknown if one is, else no; nothing listed is no.
fn any(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.fold(Verdict::No, Verdict::or)
}

/// Whether a value is in a list that may also hold words for everything.
fn listed(list: &[String], seen: Option<&str>, everything: &[&str]) -> Verdict {
    let is_everything = |item: &String| everything.iter().any(|word| item.eq_ignore_ascii_case(word));
    if list.is_empty() {
        return Verdict::No;
    }
    if list.iter().any(is_everything) {
        return Verdict::Yes;
    }
    match seen {
        None => Verdict::UnknownContext,
        Some(seen) => Verdict::from_bool(list.iter().any(|item| item.eq_ignore_ascii_case(seen))),
    }
}

fn levels(levels: &[String], seen: Option<&str>) -> Verdict {
    match (levels, seen) {
        ([], _) => Verdict::Yes,
        // "hidden" is what tenants without the licence see in place of the level (signin.md, 2024-11-14).
        (_, None | Some("hidden")) => Verdict::UnknownContext,
        (levels, Some(seen)) => Verdict::from_bool(levels.iter().any(|level| level.eq_ignore_ascii_case(seen))),
    }
}

fn applications(policy: &Policy, sign_in: &SignIn) -> Verdict {
    let apps = &policy.conditions.applications;
    let mut audiences: Vec<&str> = sign_in.audiences.iter().map(String::as_str).collect();
    audiences.extend(sign_in.resource_id.as_deref().filter(|_| sign_in.audiences.is_empty()));
    if audiences.is_empty() && sign_in.is_exchange_active_sync() {
        // Exchange ActiveSync is Exchange's own protocol; a pasted record names no resource id.
        audiences.push(EXCHANGE);
    }
    if apps.filter.is_some() {
        return Verdict::UnknownData;
    }
    if apps.include.is_empty() && !apps.authentication_contexts.is_empty() {
        let asked =
            apps.authentication_contexts.iter().any(|context| sign_in.authentication_contexts.contains(context));
        return if asked { Verdict::Yes } else { Verdict::UnknownContext };
    }
    if apps.include.is_empty() && !apps.user_actions.is_empty() {
        // A policy on user actions does not match sign-ins to a resource (Graph `evaluate`, 2025-03-21).
        return if audiences.is_empty() { Verdict::UnknownContext } else { Verdict::No };
    }
    if audiences.is_empty() {
        let everything = apps.include.iter().any(|id| id == "All") && apps.exclude.is_empty();
        return if everything { Verdict::Yes } else { Verdict::UnknownContext };
    }
    // Audiences are a set: the policy is for the request when it is for one of them (entra-docs, target resources, 2026-01-26).
    any(audiences.iter().map(|audience| {
        let holds = |list: &[String]| any(list.iter().map(|id| resource(id, audience)));
        holds(&apps.include).and(holds(&apps.exclude).negate())
    }))
}

fn resource(id: &str, audience: &str) -> Verdict {
    match id {
        "All" => Verdict::Yes,
        "None" => Verdict::No,
        "Office365" if OFFICE_365.contains(&audience.to_ascii_lowercase().as_str()) => Verdict::Yes,
        "Office365" | "MicrosoftAdminPortals" => Verdict::UnknownData,
        id => Verdict::from_bool(id.eq_ignore_ascii_case(audience)),
    }
}

fn users(policy: &Policy, sign_in: &SignIn, snapshot: &Snapshot) -> Verdict {
    if sign_in.user_id.is_none() && sign_in.service_principal_id.is_some() {
        // Policies for users never hit service principals (entra-docs, workload identities, 2023-11-09).
        return Verdict::No;
    }
    let users = &policy.conditions.users;
    let id = user_id(sign_in, snapshot);
    let names_groups = !users.include_groups.is_empty() || !users.exclude_groups.is_empty();
    let memberships: BTreeSet<String> = id
        .as_deref()
        .filter(|_| names_groups)
        .map(|id| snapshot.groups_of(id).iter().map(|membership| membership.group.id.to_ascii_lowercase()).collect())
        .unwrap_or_default();
    let holds = |people: &[String], groups: &[String], roles: &[String], guests: Option<&Guests>| {
        let person = any(people.iter().map(|wanted| match wanted.as_str() {
            "All" => Verdict::Yes,
            "None" => Verdict::No,
            "GuestsOrExternalUsers" => is_external(sign_in),
            wanted => match &id {
                Some(id) => Verdict::from_bool(id.eq_ignore_ascii_case(wanted)),
                None => Verdict::UnknownContext,
            },
        }));
        let group = any(groups.iter().map(|group| is_member(id.as_deref(), &memberships, group, snapshot)));
        let role = any(roles.iter().map(|role| has_role(id.as_deref(), role, snapshot)));
        let guest = match guests {
            None => Verdict::No,
            Some(_) => match is_external(sign_in) {
                Verdict::No => Verdict::No,
                // Which of the kinds of external users it is cannot be told from the record alone.
                _ => Verdict::UnknownContext,
            },
        };
        person.or(group).or(role).or(guest)
    };
    let include =
        holds(&users.include_users, &users.include_groups, &users.include_roles, users.include_guests.as_ref());
    let exclude =
        holds(&users.exclude_users, &users.exclude_groups, &users.exclude_roles, users.exclude_guests.as_ref());
    include.and(exclude.negate())
}

/// The user's object id, from the record or, by the principal name, from the snapshot.
fn user_id(sign_in: &SignIn, snapshot: &Snapshot) -> Option<String> {
    sign_in.user_id.clone().or_else(|| {
        let name = sign_in.user_principal_name.as_deref()?;
        snapshot
            .users
            .iter()
            .find(|user| user.user_principal_name.eq_ignore_ascii_case(name))
            .map(|user| user.id.clone())
    })
}

fn is_external(sign_in: &SignIn) -> Verdict {
    let same_tenant = match (&sign_in.home_tenant_id, &sign_in.resource_tenant_id) {
        (Some(home), Some(resource)) => Some(home.eq_ignore_ascii_case(resource)),
        _ => None,
    };
    match (sign_in.user_type.as_deref(), same_tenant) {
        (Some("guest"), _) | (_, Some(false)) => Verdict::Yes,
        (Some("member"), Some(true)) => Verdict::No,
        _ => Verdict::UnknownContext,
    }
}

fn is_member(user_id: Option<&str>, groups: &BTreeSet<String>, group: &str, snapshot: &Snapshot) -> Verdict {
    if user_id.is_none() {
        return Verdict::UnknownContext;
    }
    if groups.contains(&group.to_ascii_lowercase()) {
        return Verdict::Yes;
    }
    if members_are_known(group, snapshot, &mut Vec::new()) { Verdict::No } else { Verdict::UnknownData }
}

/// Whether the snapshot says who is in a group and in every group within it.
fn members_are_known<'a>(group: &str, snapshot: &'a Snapshot, passed: &mut Vec<&'a str>) -> bool {
    let Some(group) = snapshot.group(group) else { return false };
    if passed.contains(&group.id.as_str()) {
        return true;
    }
    passed.push(&group.id);
    group.members_known
        && group
            .members
            .iter()
            .filter(|member| snapshot.group(member).is_some())
            .all(|member| members_are_known(member, snapshot, passed))
}

fn has_role(user_id: Option<&str>, role: &str, snapshot: &Snapshot) -> Verdict {
    let Some(user_id) = user_id else { return Verdict::UnknownContext };
    match snapshot.role(role) {
        Some(role) if role.members.iter().any(|member| member.eq_ignore_ascii_case(user_id)) => Verdict::Yes,
        Some(role) if role.members_known => Verdict::No,
        _ => Verdict::UnknownData,
    }
}

fn client_app_types(types: &[String], sign_in: &SignIn) -> Verdict {
    if types.is_empty() {
        return Verdict::Yes;
    }
    let seen = sign_in.client_app_used.as_deref().and_then(client_app_type);
    if seen == Some("exchangeActiveSync") && types.iter().any(|kind| kind.eq_ignore_ascii_case("easSupported")) {
        // Whether the platform counts as supported is not in the record.
        return listed(types, seen, &["all"]).or(Verdict::UnknownContext);
    }
    listed(types, seen, &["all"])
}

/// The client app type of the log's words (entra-docs, sign-in log filters, 2023-08-30); `None` when they tell none.
pub fn client_app_type(used: &str) -> Option<&'static str> {
    const LEGACY: [&str; 14] = [
        "authenticated smtp",
        "smtp",
        "autodiscover",
        "exchange online powershell",
        "exchange web services",
        "imap",
        "mapi",
        "offline address book",
        "outlook anywhere",
        "outlook service",
        "pop",
        "reporting web services",
        "other clients",
        "universal outlook",
    ];
    let used = used.to_ascii_lowercase();
    if used == "browser" {
        Some("browser")
    } else if used.starts_with("mobile apps and desktop clients") || used == "modern clients" {
        Some("mobileAppsAndDesktopClients")
    } else if used.starts_with("exchange activesync") {
        Some("exchangeActiveSync")
    } else if LEGACY.iter().any(|name| used.starts_with(name)) {
        Some("other")
    } else {
        None
    }
}

/// The device platform of the log's words for an operating system; `None` for one that no platform covers.
pub fn platform(operating_system: &str) -> Option<&'static str> {
    let name: String = operating_system.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let starts = |prefix: &str| name.starts_with(prefix);
    if starts("windowsphone") {
        Some("windowsPhone")
    } else if starts("windows") {
        Some("windows")
    } else if starts("android") {
        Some("android")
    } else if starts("ios") || starts("ipados") || starts("iphone") || starts("ipad") {
        Some("iOS")
    } else if starts("macos") || starts("macintosh") || starts("osx") {
        Some("macOS")
    } else if starts("linux") || starts("ubuntu") {
        Some("linux")
    } else {
        None
    }
}

fn location(id: &str, sign_in: &SignIn, snapshot: &Snapshot) -> Verdict {
    match id {
        "All" => Verdict::Yes,
        "AllTrusted" => {
            if sign_in.network_locations.iter().any(|network| network.kind.to_ascii_lowercase().starts_with("trusted"))
            {
                return Verdict::Yes;
            }
            let trusted = snapshot.named_locations.iter().filter(|location| location.is_trusted);
            match any(trusted.map(|location| named_location(location, sign_in))) {
                // The trusted addresses of the MFA service settings are in no export.
                Verdict::No => Verdict::UnknownData,
                other => other,
            }
        }
        id => snapshot.named_location(id).map_or(Verdict::UnknownData, |location| named_location(location, sign_in)),
    }
}

fn named_location(location: &NamedLocation, sign_in: &SignIn) -> Verdict {
    match &location.kind {
        NamedLocationKind::Countries { codes, include_unknown, lookup } => {
            if lookup.as_deref().is_some_and(|lookup| lookup.eq_ignore_ascii_case("authenticatorAppGps")) {
                return Verdict::UnknownContext;
            }
            match &sign_in.location.country {
                Some(country) => Verdict::from_bool(codes.iter().any(|code| code.eq_ignore_ascii_case(country))),
                None if sign_in.ip_address.is_some() => Verdict::from_bool(*include_unknown),
                None => Verdict::UnknownContext,
            }
        }
        NamedLocationKind::Ranges(ranges) => {
            let Some(address) = sign_in.ip_address.as_deref().and_then(|text| text.parse::<IpAddr>().ok()) else {
                return Verdict::UnknownContext;
            };
            any(ranges.iter().map(|range| in_range(range, address)))
        }
        NamedLocationKind::CompliantNetwork => match sign_in.through_global_secure_access {
            Some(through) => Verdict::from_bool(through),
            None => Verdict::UnknownContext,
        },
        NamedLocationKind::Unknown => Verdict::UnknownData,
    }
}

/// Whether an address lies in a CIDR (host bits do not matter) or in a `lower-upper` range.
fn in_range(range: &str, address: IpAddr) -> Verdict {
    if let Ok(net) = range.trim().parse::<IpNet>() {
        return Verdict::from_bool(net.contains(&address));
    }
    let bounds = range.split_once('-').map(|(low, high)| (low.trim().parse::<IpAddr>(), high.trim().parse::<IpAddr>()));
    match bounds {
        Some((Ok(low), Ok(high))) => Verdict::from_bool(low <= address && address <= high),
        _ => Verdict::UnknownData,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_outside_of_every_range_is_outside_also_in_the_other_family() {
        let address: IpAddr = "2001:db8::1".parse().expect("an address");
        assert_eq!(in_range("203.0.113.0/24", address), Verdict::No);
        assert_eq!(in_range("2001:db8:0:7::62/32", address), Verdict::Yes);
        assert_eq!(in_range("2001:db8::-2001:db8::ff", address), Verdict::Yes);
        assert_eq!(in_range("somewhere", address), Verdict::UnknownData);
    }

    #[test]
    fn client_apps_are_typed_by_the_logs_words() {
        assert_eq!(client_app_type("Exchange ActiveSync (supported)"), Some("exchangeActiveSync"));
        assert_eq!(client_app_type("Other clients; IMAP"), Some("other"));
        assert_eq!(client_app_type("Unknown"), None);
    }
}
