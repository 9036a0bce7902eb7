//! Makes a [`Context`] of a logged sign-in: what the record says of the request, with what the directory adds about user and device.
//!
//! The words of the log are brought to those of policies here and nowhere else.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::domain::context::{
    Audience, ClientApp, DeviceProperties, Given, Place, Platform, Proofs, Property, Resources, Subject, Target,
    UserSubject, Workload, trust_type,
};
use crate::domain::guest::GuestKinds;
use crate::domain::sign_in::{AuthenticationStep, EventKind};
use crate::domain::{Context, SignIn, first_party};

use super::super::what_if;
use super::tenant::Tenant;

/// Exchange Online's application id.
const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";

/// What is known of the request of a logged sign-in.
pub fn context(sign_in: &SignIn, tenant: &Tenant) -> Context {
    let device = device(sign_in, tenant);
    Context {
        at: sign_in.created,
        subject: subject(sign_in, tenant),
        target: target(sign_in),
        // No sign-in log carries the scopes.
        scopes: None,
        authentication_contexts: sign_in.authentication_contexts.clone(),
        client_app: sign_in.client_app_used.as_deref().and_then(client_app),
        platform: Given::or_nothing(
            sign_in.device.operating_system.as_deref().and_then(platform),
            sign_in.device.operating_system.is_some() || sign_in.device.is_reported,
        ),
        place: place(sign_in),
        proofs: proofs(sign_in, &device),
        device,
        sign_in_risk: sign_in
            .risk_level_during_sign_in
            .as_deref()
            .map(str::to_ascii_lowercase)
            .filter(|word| is_level(word)),
        // The log carries none of these: the aggregated level is not documented to be the user's (signin.md, 2024-11-14).
        user_risk: None,
        insider_risk: None,
        service_principal_risk: None,
        transfer_method: transfer_method(sign_in),
    }
}

/// Whether a word is a level of risk, or that it is hidden; a word that this program does not know tells nothing.
fn is_level(word: &str) -> bool {
    ["none", "low", "medium", "high", "hidden"].contains(&word)
}

fn subject(sign_in: &SignIn, tenant: &Tenant) -> Subject {
    let is_application = matches!(sign_in.event_kind, EventKind::ServicePrincipal | EventKind::ManagedIdentity)
        || sign_in.user_id.is_none() && sign_in.service_principal_id.is_some();
    if is_application {
        return Subject::Workload(Workload {
            id: sign_in.service_principal_id.clone(),
            app_id: sign_in.app_id.clone(),
            is_managed_identity: match sign_in.event_kind {
                EventKind::ManagedIdentity => Some(true),
                EventKind::ServicePrincipal => Some(false),
                _ => None,
            },
        });
    }
    if sign_in.user_id.is_none() && sign_in.user_principal_name.is_none() {
        return Subject::Missing;
    }
    Subject::User(UserSubject {
        id: sign_in.user_id.clone(),
        principal_name: sign_in.user_principal_name.clone(),
        kinds: kinds(sign_in, tenant),
        home_tenant: sign_in.home_tenant_id.clone(),
        member_of: None,
        roles: None,
    })
}

/// The kinds of account it can be, by the record and, where that is silent, the user's object
/// (definitions: entra-docs, B2B authentication and Conditional Access, 2024-05-15; that they read so in the log is inferred).
fn kinds(sign_in: &SignIn, tenant: &Tenant) -> GuestKinds {
    let user = tenant.user(sign_in.user_id.as_deref(), sign_in.user_principal_name.as_deref());
    let kind = sign_in.user_type.clone().or_else(|| user.and_then(|user| user.user_type.clone()));
    let kind = kind.map(|kind| kind.to_ascii_lowercase());
    let is_same_tenant = match (&sign_in.home_tenant_id, &sign_in.resource_tenant_id) {
        (Some(home), Some(resource)) => Some(home.eq_ignore_ascii_case(resource)),
        _ => None,
    };
    let external = match kind.as_deref() {
        Some("guest") => GuestKinds::COLLABORATION_GUEST,
        Some("member") => GuestKinds::COLLABORATION_MEMBER,
        _ => GuestKinds::COLLABORATION_GUEST.or(GuestKinds::COLLABORATION_MEMBER),
    };
    let internal = match kind.as_deref() {
        Some("guest") => GuestKinds::INTERNAL_GUEST,
        Some("member") => GuestKinds::MEMBER,
        _ => GuestKinds::INTERNAL_GUEST.or(GuestKinds::MEMBER),
    };
    let access = sign_in.cross_tenant_access_type.as_deref().map(str::to_ascii_lowercase);
    match (access.as_deref(), is_same_tenant) {
        (Some("b2bcollaboration"), _) => external,
        (Some("b2bdirectconnect"), _) => GuestKinds::DIRECT_CONNECT,
        (Some("serviceprovider"), _) => GuestKinds::SERVICE_PROVIDER,
        (Some("none") | None, Some(true)) => internal,
        (Some("none"), None) => internal,
        // Somebody of another tenant with an object here came by B2B collaboration.
        (None, Some(false)) if user.is_some() => external,
        (None, Some(false)) => {
            external.or(GuestKinds::DIRECT_CONNECT).or(GuestKinds::OTHER_EXTERNAL).or(GuestKinds::SERVICE_PROVIDER)
        }
        (None, None) if kind.as_deref() == Some("guest") => GuestKinds::EXTERNAL,
        (None, None) if user.is_some() => user.map_or(GuestKinds::ANY, |user| what_if::kinds(user, tenant)),
        // Microsoft's support, a pass-through or a word this program does not know.
        _ => GuestKinds::ANY,
    }
}

fn target(sign_in: &SignIn) -> Target {
    let is_main = |id: &str| sign_in.resource_id.as_deref().is_some_and(|main| main.eq_ignore_ascii_case(id));
    let audience = |id: &String| Audience {
        id: id.clone(),
        name: match is_main(id) {
            true => sign_in.resource_display_name.clone(),
            false => first_party::application_name(id).map(str::to_owned),
        },
        owner_tenant: sign_in.resource_owner_tenant_id.clone().filter(|_| is_main(id)),
    };
    let mut audiences: Vec<Audience> = sign_in.audiences.iter().map(audience).collect();
    let is_complete = !audiences.is_empty();
    if audiences.is_empty() {
        audiences.extend(sign_in.resource_id.iter().map(audience));
    }
    if audiences.is_empty() && sign_in.is_exchange_active_sync() {
        // Exchange ActiveSync is Exchange's own protocol; a pasted record names no resource id.
        audiences.push(audience(&EXCHANGE.to_owned()));
    }
    Target::Resources(Resources {
        audiences,
        is_complete,
        is_recorded: is_complete,
        client_id: sign_in.app_id.clone(),
        client_name: sign_in.app_display_name.clone(),
    })
}

fn place(sign_in: &SignIn) -> Place {
    let address = sign_in.ip_address.as_deref().and_then(|text| text.trim().parse::<IpAddr>().ok());
    let networks = sign_in.network_locations.as_ref();
    let is_trusted = networks.is_some_and(|networks| {
        // The schema says `trusted`, exports say `trustedNamedLocation`.
        networks.iter().any(|network| network.kind.to_ascii_lowercase().starts_with("trusted"))
    });
    // On the intranet, users of a federation may count as trusted; the setting is in no export.
    let is_intranet =
        networks.is_some_and(|networks| networks.iter().any(|network| network.kind.eq_ignore_ascii_case("intranet")));
    let names = |networks: &Vec<crate::domain::sign_in::NetworkLocation>| {
        networks.iter().flat_map(|network| network.names.clone()).collect::<Vec<String>>()
    };
    Place {
        address: Given::or_nothing(address, false),
        country: Given::or_nothing(sign_in.location.country.clone(), sign_in.location.is_reported),
        country_by_gps: Given::Missing,
        named_locations: None,
        networks: networks.filter(|_| !is_intranet).map(names),
        is_trusted: is_trusted.then_some(true),
        through_global_secure_access: sign_in.through_global_secure_access,
    }
}

/// What the record says of the device, and what the directory adds. The operating system is worded otherwise in the log and is
/// taken from the directory only.
fn device(sign_in: &SignIn, tenant: &Tenant) -> Given<DeviceProperties> {
    let seen = &sign_in.device;
    let Some(id) = &seen.device_id else {
        return if seen.is_reported { Given::Nothing } else { Given::Missing };
    };
    let mut properties: DeviceProperties = BTreeMap::new();
    let mut note = |name: &str, value: Option<Property>| {
        if let Some(value) = value {
            properties.insert(name.to_owned(), value);
        }
    };
    note("deviceid", Some(Property::Text(id.clone())));
    note("displayname", seen.display_name.clone().map(Property::Text));
    note("iscompliant", seen.is_compliant.map(Property::Flag));
    note("ismanaged", seen.is_managed.map(Property::Flag));
    let trust = seen.trust_type.as_deref().and_then(trust_type);
    note("trusttype", trust.map(|word| Property::Text(word.to_owned())));
    if let Some(device) = tenant.device(id) {
        for (name, value) in &device.properties {
            properties.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    Given::Value(properties)
}

/// The client app type of the log's words (entra-docs, sign-in log filters, 2023-08-30); `None` when they tell none.
pub fn client_app(used: &str) -> Option<ClientApp> {
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
    let used = used.trim().to_ascii_lowercase();
    if used == "browser" {
        Some(ClientApp::Browser)
    } else if used.starts_with("mobile apps and desktop clients") || used == "modern clients" {
        Some(ClientApp::MobileAppsAndDesktopClients)
    } else if used.starts_with("exchange activesync") {
        Some(ClientApp::ExchangeActiveSync(used.contains("(supported)").then_some(true)))
    } else if LEGACY.iter().any(|name| used.starts_with(name)) {
        Some(ClientApp::Other)
    } else {
        None
    }
}

/// The device platform of the log's words for an operating system; `None` for one that no platform covers.
pub fn platform(operating_system: &str) -> Option<Platform> {
    let name: String = operating_system.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if starts(&["windowsphone"]) {
        Some(Platform::WindowsPhone)
    } else if starts(&["windows"]) {
        Some(Platform::Windows)
    } else if starts(&["android"]) {
        Some(Platform::Android)
    } else if starts(&["ios", "ipados", "iphone", "ipad"]) {
        Some(Platform::Ios)
    } else if starts(&["macos", "macintosh", "osx"]) {
        Some(Platform::MacOs)
    } else if starts(&["linux", "ubuntu"]) {
        Some(Platform::Linux)
    } else {
        None
    }
}

/// How the session was carried over at its start; a request by device code is one whatever else the record says.
fn transfer_method(sign_in: &SignIn) -> Given<String> {
    let protocol = sign_in.authentication_protocol.as_deref().map(str::to_ascii_lowercase);
    match (sign_in.original_transfer_method.as_deref(), protocol.as_deref()) {
        (Some(method), _) if !method.eq_ignore_ascii_case("none") => Given::Value(method.to_owned()),
        (_, Some("devicecode")) => Given::Value("deviceCodeFlow".to_owned()),
        (_, Some("authenticationtransfer")) => Given::Value("authenticationTransfer".to_owned()),
        (Some(_), _) => Given::Nothing,
        (None, _) => Given::Missing,
    }
}

/// What the record shows of controls that were met or not. It never concludes from the outcome, which is what a computed result is
/// held against; from an error code that names the missing control it does.
fn proofs(sign_in: &SignIn, device: &Given<DeviceProperties>) -> Proofs {
    let mut controls = BTreeMap::new();
    let mut note = |word: &str, met: Option<bool>| {
        if let Some(met) = met {
            controls.insert(word.to_owned(), met);
        }
    };
    note("mfa", mfa(sign_in));
    let flag = |name: &str| match device {
        Given::Nothing => Some(false),
        Given::Missing => None,
        Given::Value(properties) => properties.get(name).map(|property| *property == Property::Flag(true)),
    };
    note("compliantdevice", flag("iscompliant"));
    note(
        "domainjoineddevice",
        match device {
            Given::Value(properties) => properties.get("trusttype").map(super::condition::is_hybrid),
            other => (*other == Given::Nothing).then_some(false),
        },
    );
    let code = sign_in.error_code();
    match code {
        Some(53002 | 50127 | 530_021) => note("approvedapplication", Some(false)),
        Some(53005 | 53009) => note("compliantapplication", Some(false)),
        Some(50142) => note("passwordchange", Some(false)),
        // The session was too old (reference error codes, 2024-04-24).
        Some(70043 | 70044 | 70046) => note("signinfrequency", Some(false)),
        Some(530_084) => note("securesigninsession", Some(false)),
        _ => {}
    }
    let (methods, knows_methods) = methods(sign_in);
    Proofs { controls, is_complete: false, methods, knows_methods }
}

/// Whether MFA was done, by the record's own words; nothing where it says neither.
fn mfa(sign_in: &SignIn) -> Option<bool> {
    let says_done = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("mfa requirement satisfied by")
            || text.contains("mfa completed in azure ad")
            || text.contains("mfa successfully completed")
    };
    let is_second = |step: &AuthenticationStep| {
        step.requirement.as_deref().is_some_and(|word| {
            let plain: String = word.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
            plain.contains("multifactor")
        })
    };
    let steps = sign_in.authentication_details.as_deref().unwrap_or_default();
    let by_steps = steps.iter().any(|step| {
        step.result_detail.as_deref().is_some_and(says_done) || is_second(step) && step.succeeded == Some(true)
    });
    let by_details = sign_in.status.additional_details.as_deref().is_some_and(says_done);
    if by_steps || by_details {
        return Some(true);
    }
    // These codes ask for it, so it was not there; where a strength was not met, they may ask for that alone.
    let asks = matches!(sign_in.error_code(), Some(50072 | 50074 | 50076 | 50078 | 50079 | 500_121));
    let by_strength = sign_in.applied_policies.list().iter().any(|policy| policy.authentication_strength.is_some());
    (asks && !by_strength).then_some(false)
}

/// The methods of the session. An earlier authentication that the record only mentions leaves them incomplete.
fn methods(sign_in: &SignIn) -> (Vec<Vec<String>>, bool) {
    let Some(steps) = sign_in.authentication_details.as_deref() else { return (Vec::new(), false) };
    // A claim that nobody asked for is not listed, so that only a sign-in that needed several factors shows all of them.
    let needed_several = sign_in
        .authentication_requirement
        .as_deref()
        .is_some_and(|word| word.eq_ignore_ascii_case("multiFactorAuthentication"));
    let mut knows_all = needed_several && !steps.is_empty();
    let mut used = Vec::new();
    for step in steps {
        let modes = step.method.as_deref().map(first_party::methods).unwrap_or_default();
        if step.was_satisfied_earlier() || modes.is_empty() {
            knows_all = false;
        }
        if step.succeeded == Some(true) && !modes.is_empty() {
            used.push(modes.into_iter().map(str::to_owned).collect());
        }
    }
    (used, knows_all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_apps_are_typed_by_the_logs_words() {
        assert_eq!(client_app("Exchange ActiveSync (supported)"), Some(ClientApp::ExchangeActiveSync(Some(true))));
        assert_eq!(client_app("Other clients; IMAP"), Some(ClientApp::Other));
        assert_eq!(client_app("Unknown"), None);
    }

    #[test]
    fn kinds_of_account_are_told_as_far_as_the_record_goes() {
        let tenant = Tenant::default();
        let of = |user_type: Option<&str>, home: &str, access: Option<&str>| {
            let sign_in = SignIn {
                user_id: Some("u".to_owned()),
                user_type: user_type.map(str::to_owned),
                home_tenant_id: (!home.is_empty()).then(|| home.to_owned()),
                resource_tenant_id: (!home.is_empty()).then(|| "here".to_owned()),
                cross_tenant_access_type: access.map(str::to_owned),
                ..SignIn::default()
            };
            kinds(&sign_in, &tenant)
        };
        assert_eq!(of(Some("member"), "here", Some("none")), GuestKinds::MEMBER);
        assert_eq!(of(Some("guest"), "here", None), GuestKinds::INTERNAL_GUEST);
        assert_eq!(of(Some("member"), "there", Some("b2bCollaboration")), GuestKinds::COLLABORATION_MEMBER);
        assert_eq!(of(None, "there", Some("b2bDirectConnect")), GuestKinds::DIRECT_CONNECT);
        assert!(!of(Some("member"), "there", None).is_within(GuestKinds::COLLABORATION_MEMBER));
        assert_eq!(of(Some("guest"), "", None), GuestKinds::EXTERNAL);
        assert_eq!(of(None, "", None), GuestKinds::ANY);
    }
}
