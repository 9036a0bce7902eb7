//! Answers the conditions on client, device, place, risk and flow.

use std::net::IpAddr;

use authopsy::domain::context::{ClientApp, Given, Platform};
use authopsy::domain::policy::{IncludeExclude, Policy};
use authopsy::domain::snapshot::{NamedLocation, NamedLocationKind};

use crate::case::{Case, lists, low};
use crate::truth::Truth;

/// The id by which policies and the log name the trusted addresses of the MFA service settings, which no export holds.
pub const SERVICE_SETTINGS: &str = "00000000-0000-0000-0000-000000000000";

/// Whether the policy is for this kind of client.
pub fn client_types(case: &Case, policy: &Policy) -> Truth {
    let types = &policy.conditions.client_app_types;
    if types.is_empty() || lists(types, "all") {
        return Truth::Yes;
    }
    let Some(client) = case.context.client_app else { return Truth::Unknown };
    Truth::any(types.iter().map(|word| match (low(word).as_str(), client) {
        (_, ClientApp::All) => Truth::Yes,
        ("browser", client) => Truth::known(client == ClientApp::Browser),
        ("mobileappsanddesktopclients" | "modern", client) => {
            Truth::known(client == ClientApp::MobileAppsAndDesktopClients)
        }
        ("exchangeactivesync" | "easunsupported", client) => {
            Truth::known(matches!(client, ClientApp::ExchangeActiveSync(_)))
        }
        ("eassupported", ClientApp::ExchangeActiveSync(supported)) => Truth::told(supported),
        ("eassupported", _) => Truth::No,
        ("other", client) => Truth::known(client == ClientApp::Other),
        _ => Truth::Unknown,
    }))
}

/// Included and not excluded; what is not excluded where nothing is included is not documented.
fn pair(pair: Option<&IncludeExclude>, holds: impl Fn(&str) -> Truth) -> Truth {
    let Some(pair) = pair else { return Truth::Yes };
    let hits = |list: &[String]| Truth::any(list.iter().map(|item| holds(item)));
    let included = if pair.include.is_empty() { Truth::Unknown } else { hits(&pair.include) };
    included.and(hits(&pair.exclude).not())
}

/// Whether the policy is for this platform.
pub fn platforms(case: &Case, policy: &Policy) -> Truth {
    pair(policy.conditions.platforms.as_ref(), |word| match case.context.platform {
        _ if low(word) == "all" => Truth::Yes,
        _ if Platform::from_word(word).is_none() => Truth::Unknown,
        Given::Value(platform) => Truth::known(low(platform.word()) == low(word)),
        Given::Nothing => Truth::No,
        Given::Missing => Truth::Unknown,
    })
}

/// Whether the policy is for this place.
pub fn locations(case: &Case, policy: &Policy) -> Truth {
    pair(policy.conditions.locations.as_ref(), |item| match item {
        "All" => Truth::Yes,
        "AllTrusted" => is_trusted(case),
        id => is_at(case, id),
    })
}

/// Whether the place is a trusted one.
fn is_trusted(case: &Case) -> Truth {
    let place = &case.context.place;
    if place.is_trusted.is_some() {
        return Truth::told(place.is_trusted);
    }
    if place.named_locations.is_none() && place.networks.as_ref().is_some_and(|names| !names.is_empty()) {
        return Truth::No;
    }
    let trusted = case.snapshot.named_locations.iter().filter(|location| location.is_trusted);
    let named = Truth::any(trusted.map(|location| is_at(case, &location.id)));
    if named == Truth::No { is_at(case, SERVICE_SETTINGS) } else { named }
}

/// Whether the place is in a named location.
pub fn is_at(case: &Case, id: &str) -> Truth {
    let place = &case.context.place;
    if let Some(said) = &place.named_locations {
        return Truth::known(lists(said, id));
    }
    if low(id) == SERVICE_SETTINGS {
        return if place.is_trusted == Some(false) { Truth::No } else { Truth::Unknown };
    }
    let Some(location) = case.snapshot.named_locations.iter().find(|location| low(&location.id) == low(id)) else {
        return Truth::Unknown;
    };
    if place.networks.as_ref().is_some_and(|names| lists(names, &location.display_name)) {
        return Truth::Yes;
    }
    by_kind(case, location)
}

fn by_kind(case: &Case, location: &NamedLocation) -> Truth {
    let place = &case.context.place;
    match &location.kind {
        NamedLocationKind::Ranges(ranges) => match place.address {
            Given::Value(address) => Truth::any(ranges.iter().map(|range| in_range(range, address))),
            Given::Nothing => Truth::No,
            Given::Missing => Truth::Unknown,
        },
        NamedLocationKind::Countries { codes, include_unknown, lookup } => {
            let by_gps = lookup.as_deref() == Some("authenticatorAppGps");
            match if by_gps { &place.country_by_gps } else { &place.country } {
                Given::Value(code) => Truth::known(lists(codes, code)),
                Given::Nothing => Truth::known(*include_unknown),
                Given::Missing => Truth::Unknown,
            }
        }
        NamedLocationKind::CompliantNetwork => Truth::told(place.through_global_secure_access),
        NamedLocationKind::Unknown => Truth::Unknown,
    }
}

/// An address as its bits, written out.
fn bits(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.octets().iter().map(|octet| format!("{octet:08b}")).collect(),
        IpAddr::V6(address) => address.octets().iter().map(|octet| format!("{octet:08b}")).collect(),
    }
}

/// Whether an address is in a range: CIDR, of which the first bits are compared, or lower and upper end.
fn in_range(range: &str, address: IpAddr) -> Truth {
    let own = bits(address);
    if let Some((lower, upper)) = range.split_once('-') {
        let (Ok(lower), Ok(upper)) = (lower.parse().map(bits), upper.parse().map(bits)) else { return Truth::Unknown };
        return Truth::known(own.len() == lower.len() && lower <= own && own <= upper);
    }
    let Some((net, length)) = range.split_once('/') else { return Truth::Unknown };
    let (Ok(net), Ok(length)) = (net.parse().map(bits), length.parse::<usize>()) else { return Truth::Unknown };
    if own.len() != net.len() || own[..length] != net[..length] {
        Truth::No
    } else if length <= 8 || net[length..].contains('1') {
        Truth::Unknown
    } else {
        Truth::Yes
    }
}

/// Whether the policy is for this device.
pub fn device(case: &Case, policy: &Policy) -> Truth {
    let Some(filter) = &policy.conditions.device_filter else { return Truth::Yes };
    let Some(rule) = case.rules.get(&filter.rule) else { return Truth::Unknown };
    let fits = rule.holds(&case.context.device);
    if filter.mode == "exclude" { fits.not() } else { fits }
}

const RISKS: [&str; 5] = ["none", "low", "medium", "high", "hidden"];
const INSIDER_RISKS: [&str; 4] = ["none", "minor", "moderate", "elevated"];

/// Whether a list holds the level; a word in it that nobody knows may mean anything.
fn risk(levels: &[String], known: &[&str], risk: Option<&String>) -> Truth {
    let is_strange = levels.iter().any(|level| !known.contains(&low(level).as_str()));
    match risk {
        _ if levels.is_empty() => Truth::Yes,
        Some(level) if is_strange && low(level) != "hidden" && !lists(levels, level) => Truth::Unknown,
        Some(level) if low(level) != "hidden" => Truth::known(lists(levels, level)),
        _ => Truth::Unknown,
    }
}

/// Whether the policy is for these risks.
pub fn risks(case: &Case, policy: &Policy) -> Truth {
    let (conditions, context) = (&policy.conditions, &case.context);
    Truth::all([
        risk(&conditions.sign_in_risk_levels, &RISKS, context.sign_in_risk.as_ref()),
        risk(&conditions.user_risk_levels, &RISKS, context.user_risk.as_ref()),
        risk(&conditions.insider_risk_levels, &INSIDER_RISKS, context.insider_risk.as_ref()),
        risk(&conditions.service_principal_risk_levels, &RISKS, context.service_principal_risk.as_ref()),
    ])
}

/// Whether the policy is for this way of carrying a session over.
pub fn flows(case: &Case, policy: &Policy) -> Truth {
    let methods = &policy.conditions.transfer_methods;
    let known = ["devicecodeflow", "authenticationtransfer", "accounttransfer"];
    let is_strange = methods.iter().any(|method| !known.contains(&low(method).as_str()));
    match &case.context.transfer_method {
        _ if methods.is_empty() => Truth::Yes,
        Given::Value(method) if is_strange && !lists(methods, method) => Truth::Unknown,
        Given::Nothing if is_strange => Truth::Unknown,
        Given::Value(method) => Truth::known(lists(methods, method)),
        Given::Nothing => Truth::No,
        Given::Missing => Truth::Unknown,
    }
}
