//! Evaluates the conditions other than users and resources: clients, platforms, places, devices, risks and authentication flows.

use std::net::IpAddr;

use crate::domain::Verdict;
use crate::domain::context::{ClientApp, DeviceProperties, Given, Platform, Property};
use crate::domain::policy::{IncludeExclude, Policy};
use crate::domain::snapshot::{NamedLocation, NamedLocationKind};

use super::super::filter::{Attributes, Rule, Seen};
use super::super::rule::Condition;
use super::asked::Asked;
use super::tenant::{MFA_TRUSTED_ADDRESSES, PlaceName, Prepared, Range};
use super::{Item, Scribe, Why, any, resource, user};

/// The words that policies may list (Graph `riskLevel`, `conditionalAccessInsiderRiskLevels` and
/// `conditionalAccessTransferMethods`, microsoftgraph/msgraph-metadata, 2026-08-20). Another one is not understood, which is not
/// the same as not met.
const RISK_LEVELS: [&str; 5] = ["none", "low", "medium", "high", "hidden"];
const INSIDER_RISK_LEVELS: [&str; 4] = ["none", "minor", "moderate", "elevated"];
const TRANSFER_METHODS: [&str; 3] = ["deviceCodeFlow", "authenticationTransfer", "accountTransfer"];
/// The properties of a device that a filter can ask for (entra-docs, filter for devices, 2025-05-19), in lower case and without the
/// extension attributes. What another one is on a device without identity is not known.
const DEVICE_PROPERTIES: [&str; 16] = [
    "deviceid",
    "displayname",
    "deviceownership",
    "enrollmentprofilename",
    "iscompliant",
    "ismanaged",
    "manufacturer",
    "mdmappid",
    "model",
    "operatingsystem",
    "operatingsystemversion",
    "physicalids",
    "profiletype",
    "systemlabels",
    "trusttype",
    "isrooted",
];

/// Whether the condition holds; nothing when the policy does not configure it.
pub(super) fn evaluate(
    policy: &Policy,
    prepared: &Prepared,
    condition: Condition,
    asked: &Asked<'_>,
    scribe: &mut Scribe,
) -> Option<Verdict> {
    let conditions = &policy.conditions;
    let context = asked.context();
    match condition {
        Condition::Applications => Some(resource::resources(policy, prepared, asked, scribe)),
        Condition::Users => user::users(policy, prepared, asked, scribe),
        Condition::ClientApplications => user::workloads(policy, prepared, asked, scribe),
        Condition::ClientAppTypes => client_app_types(&conditions.client_app_types, context.client_app, scribe),
        Condition::Platforms => platforms(conditions.platforms.as_ref()?, context.platform, scribe),
        Condition::Locations => places(conditions.locations.as_ref()?, prepared, asked, scribe),
        Condition::Devices => devices(policy, prepared, asked, scribe),
        Condition::SignInRiskLevels => {
            levels(&conditions.sign_in_risk_levels, &RISK_LEVELS, context.sign_in_risk.as_deref(), scribe)
        }
        Condition::UserRiskLevels => {
            levels(&conditions.user_risk_levels, &RISK_LEVELS, context.user_risk.as_deref(), scribe)
        }
        Condition::ServicePrincipalRiskLevels => {
            let seen = context.service_principal_risk.as_deref();
            levels(&conditions.service_principal_risk_levels, &RISK_LEVELS, seen, scribe)
        }
        Condition::InsiderRiskLevels => {
            levels(&conditions.insider_risk_levels, &INSIDER_RISK_LEVELS, context.insider_risk.as_deref(), scribe)
        }
        Condition::AuthenticationFlows => flows(&conditions.transfer_methods, &context.transfer_method, scribe),
        // Nothing of these is known but their members, which are noted as unknown.
        Condition::Times | Condition::Other => None,
    }
}

fn client_app_types(types: &[String], client: Option<ClientApp>, scribe: &mut Scribe) -> Option<Verdict> {
    if types.is_empty() || types.iter().any(|kind| kind.eq_ignore_ascii_case("all")) {
        return None;
    }
    Some(any(types.iter().enumerate().map(|(index, word)| {
        let found = match (ClientApp::from_word(word), client) {
            (_, Some(ClientApp::All)) => (Verdict::Yes, Why::Compared),
            (None, _) => (Verdict::UnknownData, Why::Unreadable),
            (Some(_), None) => (Verdict::UnknownContext, Why::NotInRecord),
            (Some(ClientApp::ExchangeActiveSync(Some(true))), Some(ClientApp::ExchangeActiveSync(supported))) => {
                match supported {
                    Some(supported) => (Verdict::from_bool(supported), Why::Compared),
                    // Whether the platform counts as supported is not in the record.
                    None => (Verdict::UnknownContext, Why::NotInRecord),
                }
            }
            (Some(ClientApp::ExchangeActiveSync(_)), Some(ClientApp::ExchangeActiveSync(_))) => {
                (Verdict::Yes, Why::Compared)
            }
            (Some(wanted), Some(client)) => (Verdict::from_bool(wanted == client), Why::Compared),
        };
        scribe.note(Item::ClientAppType(index), false, found)
    })))
}

fn platforms(platforms: &IncludeExclude, seen: Given<Platform>, scribe: &mut Scribe) -> Option<Verdict> {
    let one = |word: &str| match (word, seen) {
        (word, _) if word.eq_ignore_ascii_case("all") => (Verdict::Yes, Why::Compared),
        (word, _) if Platform::from_word(word).is_none() => (Verdict::UnknownData, Why::Unreadable),
        (word, Given::Value(platform)) => {
            (Verdict::from_bool(Platform::from_word(word) == Some(platform)), Why::Compared)
        }
        // A platform that cannot be told meets only `all` (entra-docs, Conditional Access conditions, 2024-06-20).
        (_, Given::Nothing) => (Verdict::No, Why::Compared),
        (_, Given::Missing) => (Verdict::UnknownContext, Why::NotInRecord),
    };
    let mut holds = |list: &[String], out: bool| {
        any(list.iter().enumerate().map(|(index, word)| scribe.note(Item::Platform(index), out, one(word))))
    };
    let include = holds(&platforms.include, false);
    let exclude = holds(&platforms.exclude, true);
    Some(included(include, exclude, platforms, scribe))
}

/// Include and exclude joined. What an empty include list beside an exclude list means is not documented.
fn included(include: Verdict, exclude: Verdict, lists: &IncludeExclude, scribe: &mut Scribe) -> Verdict {
    if lists.include.is_empty() && exclude != Verdict::Yes {
        return scribe.whole(Verdict::UnknownData, Why::Undocumented);
    }
    include.and(exclude.negate())
}

fn places(lists: &IncludeExclude, prepared: &Prepared, asked: &Asked<'_>, scribe: &mut Scribe) -> Option<Verdict> {
    let mut holds = |ids: &[String], names: &[PlaceName], out: bool| {
        any(ids.iter().zip(names).enumerate().map(|(index, (id, name))| {
            let found = place(*name, id, asked);
            scribe.note(Item::Location(index), out, found)
        }))
    };
    let include = holds(&lists.include, &prepared.include_locations, false);
    let exclude = holds(&lists.exclude, &prepared.exclude_locations, true);
    Some(included(include, exclude, lists, scribe))
}

fn place(name: PlaceName, id: &str, asked: &Asked<'_>) -> (Verdict, Why) {
    let place = &asked.context().place;
    let said = place.named_locations.as_ref();
    match name {
        PlaceName::All => (Verdict::Yes, Why::Compared),
        PlaceName::AllTrusted => all_trusted(asked),
        PlaceName::MfaTrusted => match (said, place.is_trusted) {
            (Some(said), _) => (is_listed(said, id), Why::Compared),
            (None, Some(false)) => (Verdict::No, Why::Compared),
            (None, _) if asked.tenant().has_no_mfa_trusted_addresses() => (Verdict::No, Why::Compared),
            (None, _) => (Verdict::UnknownData, Why::MfaTrustedAddresses),
        },
        PlaceName::CompliantNetwork => match (place.through_global_secure_access, said) {
            (Some(through), _) => (Verdict::from_bool(through), Why::Compared),
            (None, Some(said)) => (is_listed(said, id), Why::Compared),
            (None, None) => (Verdict::UnknownContext, Why::NotInRecord),
        },
        PlaceName::Named(index) => asked.is_at(index),
        PlaceName::NotInSnapshot => match said {
            Some(said) => (is_listed(said, id), Why::Compared),
            None => (Verdict::UnknownData, Why::NotInSnapshot),
        },
    }
}

fn is_listed(list: &[String], id: &str) -> Verdict {
    Verdict::from_bool(list.iter().any(|held| held.eq_ignore_ascii_case(id)))
}

/// Trusted are the named locations so marked and the addresses of the MFA service settings
/// (entra-docs, network assignment, 2024-05-22).
fn all_trusted(asked: &Asked<'_>) -> (Verdict, Why) {
    let place = &asked.context().place;
    if let Some(trusted) = place.is_trusted {
        return (Verdict::from_bool(trusted), Why::Compared);
    }
    // The record names the networks that the service recognised, and none of them is trusted. Where it names none, the address may
    // still be one of the MFA service settings.
    if place.named_locations.is_none() && place.networks.as_ref().is_some_and(|networks| !networks.is_empty()) {
        return (Verdict::No, Why::Recognised);
    }
    match (any(asked.tenant().trusted_locations().map(|index| asked.is_at(index).0)), &place.named_locations) {
        // Where all locations were said, the trusted addresses of the MFA settings are among them or not.
        (Verdict::No, Some(said)) => (is_listed(said, MFA_TRUSTED_ADDRESSES), Why::Compared),
        (Verdict::No, None) if asked.tenant().has_no_mfa_trusted_addresses() => (Verdict::No, Why::Compared),
        (Verdict::No, None) => (Verdict::UnknownData, Why::MfaTrustedAddresses),
        (Verdict::Yes, _) => (Verdict::Yes, Why::Compared),
        (unknown @ Verdict::UnknownContext, _) => (unknown, Why::NotInRecord),
        (unknown, _) => (unknown, Why::Unreadable),
    }
}

/// Whether the request comes from the named location of that number.
pub(super) fn named_location(asked: &Asked<'_>, index: usize) -> (Verdict, Why) {
    let Some((location, ranges)) = asked.tenant().location(index) else {
        return (Verdict::UnknownData, Why::NotInSnapshot);
    };
    let place = &asked.context().place;
    if let Some(said) = &place.named_locations {
        return (is_listed(said, &location.id), Why::Compared);
    }
    let is_recognised = || place.networks.iter().flatten().any(|name| *name == location.display_name);
    match by_address(location, ranges, asked) {
        (Verdict::Yes, why) => (Verdict::Yes, why),
        _ if is_recognised() => (Verdict::Yes, Why::Recognised),
        other => other,
    }
}

fn by_address(location: &NamedLocation, ranges: &[Range], asked: &Asked<'_>) -> (Verdict, Why) {
    let place = &asked.context().place;
    match &location.kind {
        NamedLocationKind::Ranges(_) => match place.address {
            Given::Missing => (Verdict::UnknownContext, Why::NotInRecord),
            Given::Nothing => (Verdict::No, Why::Compared),
            Given::Value(address) => {
                let address = address.to_canonical();
                let verdict = any(ranges.iter().map(|range| is_within(range, address)));
                (verdict, if verdict.is_unknown() { Why::Unreadable } else { Why::Compared })
            }
        },
        NamedLocationKind::Countries { codes, include_unknown, lookup } => {
            let by_phone = lookup.as_deref().is_some_and(|lookup| lookup.eq_ignore_ascii_case("authenticatorAppGps"));
            let country = if by_phone { &place.country_by_gps } else { &place.country };
            match country {
                Given::Value(country) => (is_listed(codes, country), Why::Compared),
                Given::Nothing => (Verdict::from_bool(*include_unknown), Why::Compared),
                Given::Missing => (Verdict::UnknownContext, Why::NotInRecord),
            }
        }
        NamedLocationKind::CompliantNetwork => match place.through_global_secure_access {
            Some(through) => (Verdict::from_bool(through), Why::Compared),
            None => (Verdict::UnknownContext, Why::NotInRecord),
        },
        NamedLocationKind::Unknown => (Verdict::UnknownData, Why::Unreadable),
    }
}

/// An address outside of a range is outside also in the other family: IPv4 and IPv6 must both be listed
/// (entra-docs, network assignment, 2024-05-22).
fn is_within(range: &Range, address: IpAddr) -> Verdict {
    match range {
        Range::Net(net) => Verdict::from_bool(net.contains(&address)),
        Range::Bounds(low, high) => {
            Verdict::from_bool(low.is_ipv4() == address.is_ipv4() && *low <= address && address <= *high)
        }
        Range::Doubtful(net) if net.trunc().contains(&address) => Verdict::UnknownData,
        Range::Doubtful(_) => Verdict::No,
        Range::Unreadable => Verdict::UnknownData,
    }
}

fn devices(policy: &Policy, prepared: &Prepared, asked: &Asked<'_>, scribe: &mut Scribe) -> Option<Verdict> {
    let device = &asked.context().device;
    // Device states are retired and cannot stand beside a filter (entra-docs, conditions, 2024-06-20).
    let states = policy.conditions.device_states.as_ref().map(|lists| {
        let mut holds = |list: &[String], out: bool| {
            any(list
                .iter()
                .enumerate()
                .map(|(index, word)| scribe.note(Item::DeviceState(index), out, state(word, device))))
        };
        let include = holds(&lists.include, false);
        let exclude = holds(&lists.exclude, true);
        included(include, exclude, lists, scribe)
    });
    let filter = policy.conditions.device_filter.as_ref().zip(prepared.device_filter.as_ref()).map(|(filter, rule)| {
        let out = filter.mode.eq_ignore_ascii_case("exclude");
        let holds = scribe.note(Item::DeviceFilter, out, device_filter(rule, device));
        if out { holds.negate() } else { holds }
    });
    match (states, filter) {
        (None, None) => None,
        (states, filter) => Some(states.unwrap_or(Verdict::Yes).and(filter.unwrap_or(Verdict::Yes))),
    }
}

fn state(word: &str, device: &Given<DeviceProperties>) -> (Verdict, Why) {
    let holds = |name: &str, wanted: &dyn Fn(&Property) -> bool| match device {
        Given::Missing => (Verdict::UnknownContext, Why::NotInRecord),
        Given::Nothing => (Verdict::No, Why::Compared),
        Given::Value(properties) => match properties.get(name) {
            Some(property) => (Verdict::from_bool(wanted(property)), Why::Compared),
            None => (Verdict::UnknownContext, Why::NotInRecord),
        },
    };
    match word.to_ascii_lowercase().as_str() {
        "all" => (Verdict::Yes, Why::Compared),
        "compliant" => holds("iscompliant", &|property| *property == Property::Flag(true)),
        "domainjoined" => holds("trusttype", &is_hybrid),
        _ => (Verdict::UnknownData, Why::Unreadable),
    }
}

pub(super) fn is_hybrid(property: &Property) -> bool {
    matches!(property, Property::Text(word) if word.eq_ignore_ascii_case("ServerAD"))
}

fn device_filter(rule: &Result<Rule, String>, device: &Given<DeviceProperties>) -> (Verdict, Why) {
    match rule {
        Ok(rule) => {
            let verdict = rule.evaluate(device, Verdict::UnknownContext);
            (verdict, if verdict.is_unknown() { Why::NotInRecord } else { Why::Compared })
        }
        Err(_) => (Verdict::UnknownData, Why::Unreadable),
    }
}

/// A device as filters see it. One that did not prove itself has all attributes null; the extension attributes of one that is not
/// managed count only when it is compliant or hybrid joined (entra-docs, filter for devices, 2025-05-19).
impl Attributes for Given<DeviceProperties> {
    fn attribute(&self, name: &str) -> Seen<'_> {
        let properties = match self {
            Given::Missing => return Seen::Missing,
            Given::Nothing if DEVICE_PROPERTIES.contains(&name) || name.starts_with("extensionattribute") => {
                return Seen::Null;
            }
            Given::Nothing => return Seen::Missing,
            Given::Value(properties) => properties,
        };
        let held = seen(properties.get(name));
        if !name.starts_with("extensionattribute") || matches!(held, Seen::Missing | Seen::Null) {
            return held;
        }
        let is_true = |name: &str| properties.get(name).map(|property| *property == Property::Flag(true));
        let signs = [is_true("ismanaged"), is_true("iscompliant"), properties.get("trusttype").map(is_hybrid)];
        if signs.contains(&Some(true)) {
            held
        } else if signs.contains(&None) {
            Seen::Missing
        } else {
            Seen::Withheld
        }
    }
}

/// A property as a filter sees it.
pub(super) fn seen(property: Option<&Property>) -> Seen<'_> {
    match property {
        None => Seen::Missing,
        Some(Property::Null) => Seen::Null,
        Some(Property::Text(text)) => Seen::Text(text),
        Some(Property::Flag(flag)) => Seen::Bool(*flag),
        Some(Property::List(members)) => Seen::List(members),
    }
}

/// Risk levels are a list, without "and above" (Graph `conditionalAccessConditionSet`, 2026-08-20).
fn levels(levels: &[String], known: &[&str], seen: Option<&str>, scribe: &mut Scribe) -> Option<Verdict> {
    if levels.is_empty() {
        return None;
    }
    Some(any(levels.iter().enumerate().map(|(index, level)| {
        let found = match seen {
            _ if !is_one_of(known, level) => (Verdict::UnknownData, Why::Unreadable),
            None => (Verdict::UnknownContext, Why::NotInRecord),
            // What tenants without the licence see in place of the level (signin.md, 2024-11-14).
            Some("hidden") => (Verdict::UnknownContext, Why::Hidden),
            Some(seen) => (Verdict::from_bool(level.eq_ignore_ascii_case(seen)), Why::Compared),
        };
        scribe.note(Item::Level(index), false, found)
    })))
}

fn is_one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// A session stays tracked by the flow it began with (entra-docs, authentication flows, 2025-05-05).
fn flows(methods: &[String], seen: &Given<String>, scribe: &mut Scribe) -> Option<Verdict> {
    if methods.is_empty() {
        return None;
    }
    Some(any(methods.iter().enumerate().map(|(index, method)| {
        let found = match seen {
            _ if !is_one_of(&TRANSFER_METHODS, method) => (Verdict::UnknownData, Why::Unreadable),
            Given::Value(seen) => (Verdict::from_bool(is_same_flow(method, seen)), Why::Compared),
            Given::Nothing => (Verdict::No, Why::Compared),
            Given::Missing => (Verdict::UnknownContext, Why::NotInRecord),
        };
        scribe.note(Item::TransferMethod(index), false, found)
    })))
}

/// The log's rules call the transfer of an account by another name (Graph `conditionalAccessRuleSatisfied`, beta).
fn is_same_flow(method: &str, seen: &str) -> bool {
    let plain = |word: &str| match word.to_ascii_lowercase().as_str() {
        "accounttransfer" => "authenticationtransfer".to_owned(),
        other => other.to_owned(),
    };
    plain(method) == plain(seen)
}
