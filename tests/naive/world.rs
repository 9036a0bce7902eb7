//! Makes up tenants and requests of a universe so small that they often meet.

use std::net::IpAddr;

use authopsy::domain::Context;
use authopsy::domain::context::{
    Audience, ClientApp, Given, Place, Platform, Proofs, Resources, Subject, Target, UserSubject, Workload,
};
use authopsy::domain::guest::GuestKinds;
use authopsy::domain::policy::{
    Applications, ClientApplications, Conditions, Filter, GrantControls, Guests, IncludeExclude, Policy, PolicyState,
    SessionControls, SignInFrequency, StrengthReference, UnknownMember, Users,
};
use authopsy::domain::snapshot::{Application, Collection, Group, NamedLocation, NamedLocationKind, Role, User};
use chrono::{DateTime, Utc};

use crate::case::Case;
use crate::chance::Chance;
use crate::conditions::SERVICE_SETTINGS;
use crate::filter::{self, Rule};
use crate::grants::{ENROLLMENT, MFA_STRENGTH};
use crate::resources::{DIRECTORY, GRAPH};

/// Exchange Online, of Office 365.
pub const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";
/// SharePoint Online, of Office 365.
pub const SHAREPOINT: &str = "00000003-0000-0ff1-ce00-000000000000";
/// The Azure portal, of the admin portals.
pub const PORTAL: &str = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";
/// Microsoft Teams, which asks for Exchange and SharePoint before it opens.
const TEAMS: &str = "1fec8e78-bce4-4aaf-ab1b-5451cc387264";
/// Power Apps, which asks for Windows Azure Active Directory and others.
const POWER_APPS: &str = "475226c6-020e-4fb2-8a90-7a972cbfc1d4";
/// Power Automate, which asks for Power Apps.
const POWER_AUTOMATE: &str = "57fcbcfa-7cee-4eb1-8b25-12d2030b4ee0";
/// Visual Studio, which asks for the service management.
const VISUAL_STUDIO: &str = "872cd9fa-d31f-45e0-9eab-6e460a02d1f1";
/// Windows Azure Service Management API.
const MANAGEMENT: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";

/// Microsoft Planner, for which Teams asks only when it is opened.
const PLANNER: &str = "09abbdfd-ed23-44ee-a2d9-a627aa1c90f3";

/// The applications there are; the first three are nobody's in particular.
const APPLICATIONS: [&str; 15] = [
    "000000d1-dddd-4ddd-8ddd-dddddddddddd",
    "000000d2-dddd-4ddd-8ddd-dddddddddddd",
    "000000d3-dddd-4ddd-8ddd-dddddddddddd",
    GRAPH,
    DIRECTORY,
    EXCHANGE,
    SHAREPOINT,
    PORTAL,
    TEAMS,
    POWER_APPS,
    POWER_AUTOMATE,
    VISUAL_STUDIO,
    MANAGEMENT,
    PLANNER,
    ENROLLMENT,
];
/// The object id and the application id of an application that groups may hold.
const TENANT_APPLICATION: [&str; 2] = ["000000d8-dddd-4ddd-8ddd-dddddddddddd", "000000d9-dddd-4ddd-8ddd-dddddddddddd"];
/// Names of applications: one of Office 365, one of the admin portals, one of neither.
const NAMES: [&str; 3] = ["augmentation loop", "Azure portal", "Payroll"];
/// Words for kinds of guests, one of them not known.
const KINDS: [&str; 7] = [
    "internalGuest",
    "b2bCollaborationGuest",
    "b2bCollaborationMember",
    "b2bDirectConnectUser",
    "otherExternalUser",
    "serviceProvider",
    "newGuest",
];
/// The registration of security information.
pub const REGISTER_INFO: &str = "urn:user:registersecurityinfo";
/// The registration or joining of a device.
pub const REGISTER_DEVICE: &str = "urn:user:registerdevice";
/// The tenants that guests come from.
pub const TENANTS: [&str; 3] = [
    "000000e1-eeee-4eee-8eee-eeeeeeeeeeee",
    "000000e2-eeee-4eee-8eee-eeeeeeeeeeee",
    "000000e3-eeee-4eee-8eee-eeeeeeeeeeee",
];
const MICROSOFT: &str = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";
const CONTEXTS: [&str; 3] = ["c1", "c2", "c3"];
const RANGES: [&str; 11] = [
    "198.51.100.0/24",
    "203.0.113.0/28",
    "203.0.113.7/24",
    "198.0.0.0/8",
    "203.0.113.5-203.0.113.9",
    "8.8.8.8/32",
    "2001:db8::/32",
    "2001:db8:1::/48",
    "2000::/3",
    "2001:db8::7/32",
    "2001:db8::1-2001:db8::ff",
];
const ADDRESSES: [&str; 14] = [
    "198.51.100.7",
    "203.0.113.4",
    "203.0.113.5",
    "203.0.113.9",
    "203.0.113.10",
    "203.0.113.6",
    "203.0.113.200",
    "198.1.1.1",
    "8.8.8.8",
    "9.9.9.9",
    "2001:db8::5",
    "2001:db8::ff",
    "2001:db8:1::9",
    "fd00::1",
];
const COUNTRIES: [&str; 3] = ["NO", "SE", "US"];
const RISKS: [&str; 5] = ["none", "low", "medium", "high", "hidden"];
const INSIDER_RISKS: [&str; 5] = ["none", "minor", "moderate", "elevated", "hidden"];
/// What policies list, with words that nobody knows.
const LISTED_RISKS: [&str; 6] = ["none", "low", "medium", "high", "hidden", "extreme"];
const LISTED_INSIDER_RISKS: [&str; 5] = ["none", "minor", "moderate", "elevated", "low"];
const FLOWS: [&str; 2] = ["deviceCodeFlow", "authenticationTransfer"];
const LISTED_FLOWS: [&str; 3] = ["deviceCodeFlow", "authenticationTransfer", "carrierPigeon"];
const CONTROLS: [&str; 7] = [
    "mfa",
    "compliantDevice",
    "domainJoinedDevice",
    "approvedApplication",
    "compliantApplication",
    "passwordChange",
    "riskRemediation",
];
const TERMS: [&str; 2] = ["000000f1-ffff-4fff-8fff-ffffffffffff", "000000f2-ffff-4fff-8fff-ffffffffffff"];
const CUSTOM: [&str; 1] = ["DuoMfa"];
const STRENGTHS: [&str; 4] = [
    MFA_STRENGTH,
    "00000000-0000-0000-0000-000000000003",
    "00000000-0000-0000-0000-000000000004",
    "0000005a-5555-4555-8555-555555555555",
];
const COMBINATIONS: [&str; 4] = ["fido2", "password,sms", "deviceBasedPush", "password, softwareOath"];
const MOMENTS: [&str; 9] = [
    "2025-11-11T11:11:11Z",
    "2026-02-28T23:59:59Z",
    "2026-03-01T00:00:00Z",
    "2026-05-13T12:00:00Z",
    "2026-06-14T23:59:59Z",
    "2026-06-15T00:00:00Z",
    "2026-08-31T23:59:59Z",
    "2026-09-01T00:00:00Z",
    "2026-09-24T08:00:00Z",
];

/// The id of a user.
pub fn user(number: usize) -> String {
    format!("000000a{number}-aaaa-4aaa-8aaa-aaaaaaaaaaaa")
}

/// The id of a group.
pub fn group(number: usize) -> String {
    format!("000000b{number}-bbbb-4bbb-8bbb-bbbbbbbbbbbb")
}

/// The template id of a role.
pub fn role(number: usize) -> String {
    format!("000000c{number}-cccc-4ccc-8ccc-cccccccccccc")
}

/// The object id of a role.
pub fn role_object(number: usize) -> String {
    format!("0000001c{number}-cccc-4ccc-8ccc-cccccccccccc")
}

/// The id of a named location.
pub fn location(number: usize) -> String {
    format!("00000010{number}-1111-4111-8111-111111111111")
}

/// The id of a named location, or of what counts as one for no number.
fn said_location(number: usize) -> String {
    if number == 0 { SERVICE_SETTINGS.to_owned() } else { location(number) }
}

/// The principal name of a user.
pub fn principal_name(number: usize) -> String {
    format!("user{number}@contoso.example")
}

/// The id of a role, mostly of its template.
fn any_role(chance: &mut Chance) -> String {
    let number = 1 + chance.below(4);
    let id = if chance.percent(20) { role_object(number) } else { role(number) };
    cased(chance, id)
}

fn owned(words: Vec<&str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

/// The word, rarely in capitals.
fn cased(chance: &mut Chance, word: impl Into<String>) -> String {
    let word = word.into();
    if chance.percent(8) { word.to_ascii_uppercase() } else { word }
}

fn maybe<T>(chance: &mut Chance, share: usize, make: impl FnOnce(&mut Chance) -> T) -> Option<T> {
    chance.percent(share).then(|| make(chance))
}

/// How much of a tenant is known, and what its policies are for.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Whether the snapshot says everything of groups and roles.
    pub complete: bool,
    /// Whether policies may be for user actions. What such a policy says where audiences are missing is not ruled.
    pub actions: bool,
    /// Whether policies may have members that the program does not know.
    pub unknown_members: bool,
}

/// Makes up a tenant. The request of the case is still empty.
pub fn tenant(chance: &mut Chance, bounds: Bounds) -> Case {
    let mut case = Case::default();
    let snapshot = &mut case.snapshot;
    for number in 1..=4 {
        if number == 4 && chance.percent(50) {
            continue;
        }
        snapshot.users.push(User {
            id: user(number),
            user_principal_name: principal_name(number),
            groups_known: chance.percent(25),
            ..User::default()
        });
    }
    for number in 1..=6 {
        let mut members: Vec<String> = Vec::new();
        for _ in 0..chance.below(4) {
            let member = match chance.below(100) {
                0..=57 => user(1 + chance.below(4)),
                58..=93 => group(1 + chance.below(6)),
                94..=97 => chance.pick(&TENANT_APPLICATION).to_owned(),
                _ => group(7),
            };
            members.push(cased(chance, member));
        }
        snapshot.groups.push(Group {
            id: cased(chance, group(number)),
            display_name: format!("Group {number}"),
            members,
            members_known: bounds.complete || chance.percent(85),
            ..Group::default()
        });
    }
    for number in 1..=3 {
        let member = |chance: &mut Chance| {
            if chance.percent(60) { user(1 + chance.below(4)) } else { group(1 + chance.below(7)) }
        };
        let members = (0..chance.below(3)).map(|_| member(chance)).collect();
        let scoped_members = (0..chance.below(2)).map(|_| member(chance)).collect();
        snapshot.roles.push(Role {
            id: role_object(number),
            template_id: role(number),
            display_name: format!("Role {number}"),
            members,
            scoped_members,
            members_known: bounds.complete || chance.percent(85),
            is_custom: number == 3 && chance.percent(50),
            ..Role::default()
        });
    }
    for number in 1..=7 {
        let kind = named_location(chance, number);
        let is_trusted = matches!(kind, NamedLocationKind::Ranges(_)) && chance.percent(50);
        let (id, display_name) = (location(number), format!("Location {number}"));
        snapshot.named_locations.push(NamedLocation { id, display_name, kind, is_trusted, ..NamedLocation::default() });
    }
    for index in 0..1 + chance.below(7) {
        let (policy, rule) = policy(chance, index, bounds);
        snapshot.policies.push(policy);
        case.rules.extend(rule.map(|rule| (rule.text(), rule)));
    }
    snapshot.present = [
        Collection::Policies,
        Collection::NamedLocations,
        Collection::Users,
        Collection::GroupMembers,
        Collection::DirectoryRoles,
    ]
    .into();
    snapshot.present.extend(chance.percent(50).then_some(Collection::Groups));
    if chance.percent(80) {
        let [id, app_id] = TENANT_APPLICATION.map(str::to_owned);
        snapshot.applications.push(Application { id, app_id, ..Application::default() });
    }
    case
}

fn named_location(chance: &mut Chance, number: usize) -> NamedLocationKind {
    match number {
        1..=3 => NamedLocationKind::Ranges(owned(chance.some_of(&RANGES, 1, 3))),
        4 | 5 => NamedLocationKind::Countries {
            codes: owned(chance.some_of(&COUNTRIES, 1, 2)),
            include_unknown: chance.percent(50),
            lookup: match number {
                5 => Some("authenticatorAppGps".to_owned()),
                _ => maybe(chance, 50, |_| "clientIpAddress".to_owned()),
            },
        },
        6 => NamedLocationKind::CompliantNetwork,
        _ => NamedLocationKind::Unknown,
    }
}

/// Makes up a policy, with the tree behind its filter.
fn policy(chance: &mut Chance, index: usize, bounds: Bounds) -> (Policy, Option<Rule>) {
    let workloads = chance.percent(4);
    let rule = maybe(chance, 20, |chance| Rule::any(chance, 2));
    let filter = rule.as_ref().map(|rule| Filter {
        mode: if chance.percent(50) { "include" } else { "exclude" }.to_owned(),
        rule: rule.text(),
    });
    let list = |chance: &mut Chance, share: usize, words: &[&str]| {
        maybe(chance, share, |chance| owned(chance.some_of(words, 1, 3))).unwrap_or_default()
    };
    let mut conditions = Conditions {
        client_app_types: client_types(chance),
        applications: applications(chance, bounds.actions),
        users: users(chance),
        client_applications: workloads.then(|| ClientApplications {
            include: vec!["ServicePrincipalsInMyTenant".to_owned()],
            ..Default::default()
        }),
        locations: maybe(chance, 28, locations),
        platforms: maybe(chance, 20, platforms),
        device_filter: filter,
        sign_in_risk_levels: list(chance, 10, &LISTED_RISKS),
        user_risk_levels: list(chance, 8, &LISTED_RISKS),
        service_principal_risk_levels: list(chance, 2, &LISTED_RISKS),
        insider_risk_levels: list(chance, 6, &LISTED_INSIDER_RISKS),
        transfer_methods: list(chance, 10, &LISTED_FLOWS),
        ..Conditions::default()
    };
    if chance.percent(75) {
        loosen(chance, &mut conditions);
    }
    let policy = Policy {
        id: format!("000000{index:02}-2222-4222-8222-222222222222"),
        display_name: format!("Policy {index}"),
        state: match chance.below(100) {
            0..=61 => PolicyState::Enabled,
            62..=79 => PolicyState::ReportOnly,
            80..=89 => PolicyState::Disabled,
            90..=94 => PolicyState::Other("paused".to_owned()),
            _ => PolicyState::Missing,
        },
        conditions,
        grant: maybe(chance, 92, grant),
        session: SessionControls {
            sign_in_frequency: maybe(chance, 20, |chance| SignInFrequency {
                hours: chance.pick(&[None, Some(1), Some(4), Some(24), Some(240)]),
                authentication_type: Some("primaryAndSecondaryAuthentication".to_owned()),
            }),
            token_protection: chance.percent(8),
            ..SessionControls::default()
        },
        unknown: maybe(chance, if bounds.unknown_members { 10 } else { 0 }, unknown_members).unwrap_or_default(),
        ..Policy::default()
    };
    (policy, rule)
}

/// Takes most conditions away, so that the few that are left decide.
fn loosen(chance: &mut Chance, conditions: &mut Conditions) {
    const SHARE: usize = 65;
    if chance.percent(SHARE) {
        conditions.users = Users { include_users: vec!["All".to_owned()], ..Users::default() };
    }
    if chance.percent(SHARE) {
        conditions.applications = Applications { include: vec!["All".to_owned()], ..Applications::default() };
    }
    if chance.percent(SHARE) {
        conditions.client_app_types.clear();
    }
    conditions.locations.take_if(|_| chance.percent(SHARE));
    conditions.platforms.take_if(|_| chance.percent(SHARE));
    conditions.device_filter.take_if(|_| chance.percent(SHARE));
    for levels in [
        &mut conditions.sign_in_risk_levels,
        &mut conditions.user_risk_levels,
        &mut conditions.service_principal_risk_levels,
        &mut conditions.insider_risk_levels,
        &mut conditions.transfer_methods,
    ] {
        if chance.percent(SHARE) {
            levels.clear();
        }
    }
}

fn unknown_members(chance: &mut Chance) -> Vec<UnknownMember> {
    let pointers = [
        "/conditions/users/x",
        "/conditions/applications/x",
        "/conditions/platforms/x",
        "/conditions/locations/x",
        "/conditions/devices/x",
        "/conditions/authenticationFlows/x",
        "/conditions/brandNew",
        "/newThing",
        "/grantControls/x",
        "/sessionControls/x",
    ];
    let found = chance.some_of(&pointers, 1, 2).into_iter();
    found.map(|pointer| UnknownMember { pointer: pointer.to_owned(), text: "{}".to_owned() }).collect()
}

fn client_types(chance: &mut Chance) -> Vec<String> {
    const TYPES: [&str; 8] = [
        "browser",
        "mobileAppsAndDesktopClients",
        "exchangeActiveSync",
        "easSupported",
        "easUnsupported",
        "other",
        "modern",
        "newKind",
    ];
    match chance.below(100) {
        0..=39 => vec!["all".to_owned()],
        40..=54 => Vec::new(),
        55..=59 => vec!["browser".to_owned(), "all".to_owned()],
        _ => owned(chance.some_of(&TYPES, 1, 4)),
    }
}

fn users(chance: &mut Chance) -> Users {
    let mut include_users = match chance.below(10) {
        0..=4 => vec!["All".to_owned()],
        5 => vec!["None".to_owned()],
        6 => vec!["GuestsOrExternalUsers".to_owned()],
        _ => Vec::new(),
    };
    let guests = |chance: &mut Chance| Guests {
        kinds: owned(chance.some_of(&KINDS, 1, 4)),
        tenants: maybe(chance, 40, |chance| owned(chance.some_of(&TENANTS, 1, 2))),
    };
    let ids = |chance: &mut Chance, share: usize, make: fn(usize) -> String, count: usize| {
        let most = if chance.percent(share) { 1 + chance.below(2) } else { 0 };
        let found: Vec<String> = (0..most).map(|_| make(1 + chance.below(count))).collect();
        found.into_iter().map(|id| cased(chance, id)).collect::<Vec<String>>()
    };
    let roles = |chance: &mut Chance, share: usize| {
        let most = if chance.percent(share) { 1 + chance.below(2) } else { 0 };
        (0..most).map(|_| any_role(chance)).collect::<Vec<String>>()
    };
    let open = include_users.is_empty();
    include_users.extend(ids(chance, if open { 50 } else { 10 }, user, 4));
    let mut exclude_users = ids(chance, 15, user, 4);
    exclude_users.extend(maybe(chance, 6, |_| "GuestsOrExternalUsers".to_owned()));
    Users {
        include_users,
        exclude_users,
        include_groups: ids(chance, if open { 60 } else { 15 }, group, 7),
        exclude_groups: ids(chance, 20, group, 7),
        include_roles: roles(chance, if open { 40 } else { 10 }),
        exclude_roles: roles(chance, 8),
        include_guests: maybe(chance, if open { 30 } else { 5 }, guests),
        exclude_guests: maybe(chance, 8, guests),
    }
}

fn applications(chance: &mut Chance, actions: bool) -> Applications {
    let ids = |chance: &mut Chance, least: usize, most: usize| {
        let found = chance.some_of(&APPLICATIONS, least, most).into_iter();
        found.map(|id| cased(chance, id)).collect::<Vec<String>>()
    };
    let mut applications = Applications::default();
    match chance.below(100) {
        0..=9 if actions => {
            applications.user_actions = owned(chance.some_of(&[REGISTER_INFO, REGISTER_DEVICE], 1, 2));
        }
        10 => {
            applications.include = vec!["All".to_owned()];
            applications.user_actions = if actions { vec![REGISTER_DEVICE.to_owned()] } else { Vec::new() };
            applications.authentication_contexts = owned(chance.some_of(&CONTEXTS, 1, 2));
            return applications;
        }
        11 => {
            applications.include = ids(chance, 1, 2);
            applications.authentication_contexts = owned(chance.some_of(&CONTEXTS, 1, 2));
            return applications;
        }
        12..=17 => applications.authentication_contexts = owned(chance.some_of(&CONTEXTS, 1, 2)),
        18..=20 => {}
        21..=68 => applications.include = vec!["All".to_owned()],
        69..=71 => applications.include = vec!["None".to_owned()],
        72..=77 => applications.include = vec!["Office365".to_owned()],
        78..=82 => applications.include = vec!["MicrosoftAdminPortals".to_owned()],
        83..=85 => {
            applications.include = ids(chance, 1, 2);
            applications.include.push("Office365".to_owned());
        }
        _ => applications.include = ids(chance, 1, 5),
    }
    if !applications.include.is_empty() && chance.percent(45) {
        applications.exclude = ids(chance, 1, 3);
        applications.exclude.extend(maybe(chance, 25, |_| APPLICATIONS[0].to_owned()));
        applications.exclude.extend(maybe(chance, 15, |_| "Office365".to_owned()));
        applications.exclude.extend(maybe(chance, 10, |_| "MicrosoftAdminPortals".to_owned()));
    }
    applications
}

fn locations(chance: &mut Chance) -> IncludeExclude {
    let ids = |chance: &mut Chance, most: usize| {
        let numbers = chance.some_of(&[0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8], 1, most).into_iter();
        numbers.map(|number| cased(chance, said_location(number))).collect::<Vec<String>>()
    };
    let mut pair = IncludeExclude::default();
    match chance.below(10) {
        0..=4 => pair.include = vec!["All".to_owned()],
        5 => pair.include = vec!["AllTrusted".to_owned()],
        6 => {}
        _ => pair.include = ids(chance, 3),
    }
    if pair.include.is_empty() || chance.percent(60) {
        pair.exclude = if chance.percent(40) { vec!["AllTrusted".to_owned()] } else { ids(chance, 2) };
    }
    pair
}

fn platforms(chance: &mut Chance) -> IncludeExclude {
    let some = |chance: &mut Chance| {
        let found = chance.some_of(&Platform::ALL, 1, 4).into_iter();
        let mut words = found.map(|platform| cased(chance, platform.word())).collect::<Vec<String>>();
        words.extend(maybe(chance, 8, |_| "newPlatform".to_owned()));
        words
    };
    let mut pair = IncludeExclude::default();
    match chance.below(10) {
        0..=4 => pair.include = vec!["all".to_owned()],
        5 => {}
        _ => pair.include = some(chance),
    }
    if pair.include.is_empty() || chance.percent(40) {
        pair.exclude = some(chance);
    }
    pair
}

fn grant(chance: &mut Chance) -> GrantControls {
    if chance.percent(20) {
        return GrantControls {
            operator: Some("OR".to_owned()),
            built_in: vec!["block".to_owned()],
            ..Default::default()
        };
    }
    let mut grant = GrantControls { operator: Some("AND".to_owned()), ..GrantControls::default() };
    match chance.below(20) {
        0..=7 => grant.operator = Some("OR".to_owned()),
        8 => grant.operator = None,
        _ => {}
    }
    if chance.percent(75) {
        grant.built_in = if chance.percent(50) { vec!["mfa".to_owned()] } else { Vec::new() };
        for control in chance.some_of(&CONTROLS, 0, 2) {
            if !grant.built_in.iter().any(|found| found == control) {
                grant.built_in.push(control.to_owned());
            }
        }
        grant.built_in.extend(maybe(chance, 3, |_| "newControl".to_owned()));
    }
    if chance.percent(25) {
        grant.strength = Some(StrengthReference {
            id: chance.pick(&STRENGTHS).to_owned(),
            display_name: None,
            allowed_combinations: maybe(chance, 50, |chance| owned(chance.some_of(&COMBINATIONS, 1, 2)))
                .unwrap_or_default(),
        });
    }
    grant.terms_of_use = maybe(chance, 15, |chance| owned(chance.some_of(&TERMS, 1, 2))).unwrap_or_default();
    grant.custom_factors = maybe(chance, 8, |_| owned(CUSTOM.to_vec())).unwrap_or_default();
    grant
}

/// Makes up a request, of which anything may be missing or contradict the tenant.
pub fn request(chance: &mut Chance, bounds: Bounds) -> Context {
    let missing = chance.pick(&[0, 5, 15, 35]);
    request_missing(chance, bounds, missing)
}

/// Makes up a request of which everything is told but the user and what the place is known as.
pub fn request_told(chance: &mut Chance, bounds: Bounds) -> Context {
    let mut context = request_missing(chance, bounds, 0);
    (context.place.named_locations, context.place.networks, context.place.is_trusted) = (None, None, None);
    context
}

/// Makes up a request of which so many facts out of a hundred are missing.
fn request_missing(chance: &mut Chance, bounds: Bounds, missing: usize) -> Context {
    let risk =
        |chance: &mut Chance, levels: &[&str]| maybe(chance, 100 - missing, |chance| chance.pick(levels).to_owned());
    Context {
        at: maybe(chance, 100 - missing, moment),
        subject: match chance.below(100) {
            0..=2 => Subject::Missing,
            3 | 4 => Subject::Workload(Workload::default()),
            _ => Subject::User(person(chance, missing)),
        },
        target: target(chance, bounds, missing),
        scopes: maybe(chance, 100 - missing, scopes),
        authentication_contexts: maybe(chance, 100 - missing, |chance| owned(chance.some_of(&CONTEXTS, 0, 2))),
        client_app: maybe(chance, 100 - missing, client),
        platform: given(chance, missing, |chance| chance.pick(&Platform::ALL)),
        place: place(chance, missing),
        device: given(chance, missing, |chance| filter::device(chance, missing)),
        sign_in_risk: risk(chance, &RISKS),
        user_risk: risk(chance, &RISKS),
        insider_risk: risk(chance, &INSIDER_RISKS),
        service_principal_risk: risk(chance, &RISKS),
        transfer_method: match chance.below(100) {
            share if share < missing => Given::Missing,
            0..=69 => Given::Nothing,
            _ => Given::Value(chance.pick(&FLOWS).to_owned()),
        },
        proofs: proofs(chance),
    }
}

fn given<T>(chance: &mut Chance, missing: usize, make: impl FnOnce(&mut Chance) -> T) -> Given<T> {
    match chance.below(100) {
        share if share < missing => Given::Missing,
        share if share < missing + 12 => Given::Nothing,
        _ => Given::Value(make(chance)),
    }
}

fn moment(chance: &mut Chance) -> DateTime<Utc> {
    chance.pick(&MOMENTS).parse().expect("a moment")
}

fn client(chance: &mut Chance) -> ClientApp {
    match chance.below(100) {
        0..=39 => ClientApp::Browser,
        40..=74 => ClientApp::MobileAppsAndDesktopClients,
        75..=84 => ClientApp::ExchangeActiveSync(chance.pick(&[None, Some(true), Some(false)])),
        85..=91 => ClientApp::Other,
        92..=95 => ClientApp::Unnamed,
        _ => ClientApp::All,
    }
}

fn scopes(chance: &mut Chance) -> Vec<String> {
    const BASELINE: [&str; 6] =
        ["openid", "Profile", "email", "offline_access", "User.Read", "https://graph.microsoft.com/People.Read"];
    const WIDER: [&str; 3] =
        ["User.Read.All", "https://graph.microsoft.com/GroupMember.Read.All", "Member.Read.Hidden"];
    if chance.percent(15) {
        return owned(chance.some_of(&BASELINE[..4], 1, 3));
    }
    let mut scopes = owned(chance.some_of(&BASELINE, 0, 4));
    if chance.percent(20) {
        scopes.extend(owned(chance.some_of(&WIDER, 1, 2)));
    }
    scopes.extend(maybe(chance, 30, |chance| chance.pick(&["Mail.Read", "Files.Read"]).to_owned()));
    scopes
}

fn person(chance: &mut Chance, missing: usize) -> UserSubject {
    let number = 1 + chance.below(4);
    let kinds = match chance.below(10) {
        0..=4 => GuestKinds::MEMBER,
        5 | 6 => chance.pick(&GuestKinds::NAMED).0,
        7 => GuestKinds::ANY,
        8 => GuestKinds::EXTERNAL,
        _ => chance
            .pick(&GuestKinds::NAMED)
            .0
            .or(chance.pick(&GuestKinds::NAMED).0)
            .or(chance.pick(&[GuestKinds::MEMBER, GuestKinds::NONE])),
    };
    UserSubject {
        id: maybe(chance, 100 - missing, |chance| cased(chance, user(number))),
        principal_name: maybe(chance, 100 - missing, |chance| cased(chance, principal_name(number))),
        kinds,
        home_tenant: maybe(chance, 100 - missing, |chance| chance.pick(&TENANTS).to_owned()),
        member_of: maybe(chance, 15, |chance| {
            (0..chance.below(3)).map(|_| group(1 + chance.below(7))).collect::<Vec<String>>()
        }),
        roles: maybe(chance, 15, |chance| (0..chance.below(3)).map(|_| any_role(chance)).collect()),
    }
}

fn target(chance: &mut Chance, bounds: Bounds, missing: usize) -> Target {
    match chance.below(100) {
        0..=2 => return Target::Missing,
        3..=6 => return Target::UserAction(chance.pick(&[REGISTER_INFO, REGISTER_DEVICE]).to_owned()),
        7..=40 if bounds.actions => {
            return Target::UserAction(chance.pick(&[REGISTER_INFO, REGISTER_INFO, REGISTER_DEVICE]).to_owned());
        }
        _ => {}
    }
    let ids = match chance.below(100) {
        0..=2 => Vec::new(),
        3..=14 => vec![chance.pick(&[GRAPH, DIRECTORY])],
        _ => chance.some_of(&APPLICATIONS, 1, 3),
    };
    let audiences = ids.into_iter().map(|id| Audience {
        id: cased(chance, id),
        name: maybe(chance, 15, |chance| chance.pick(&NAMES).to_owned()),
        owner_tenant: maybe(chance, 50, |chance| {
            if id.starts_with("000000d") { chance.pick(&TENANTS) } else { MICROSOFT }.to_owned()
        }),
    });
    let audiences = audiences.collect();
    let is_complete = bounds.actions || chance.percent(60);
    Target::Resources(Resources {
        audiences,
        is_complete,
        is_recorded: is_complete && chance.percent(40),
        client_id: maybe(chance, 100 - missing.max(20), |chance| {
            let id = if chance.percent(25) { APPLICATIONS[0] } else { chance.pick(&APPLICATIONS) };
            cased(chance, id)
        }),
        client_name: maybe(chance, 15, |chance| chance.pick(&NAMES).to_owned()),
    })
}

fn place(chance: &mut Chance, missing: usize) -> Place {
    Place {
        address: given(chance, missing, |chance| -> IpAddr { chance.pick(&ADDRESSES).parse().expect("an address") }),
        country: given(chance, missing, |chance| chance.pick(&COUNTRIES).to_owned()),
        country_by_gps: given(chance, missing.max(50), |chance| chance.pick(&COUNTRIES).to_owned()),
        named_locations: maybe(chance, 10, |chance| {
            (0..chance.below(3)).map(|_| said_location(chance.below(9))).collect()
        }),
        networks: maybe(chance, 40, |chance| {
            let names = (0..chance.below(2)).map(|_| format!("Location {}", 1 + chance.below(8)));
            names.collect::<Vec<String>>()
        }),
        is_trusted: maybe(chance, 15, |chance| chance.percent(50)),
        through_global_secure_access: maybe(chance, 100 - missing, |chance| chance.percent(40)),
    }
}

fn proofs(chance: &mut Chance) -> Proofs {
    const METHODS: [&[&str]; 9] = [
        &[],
        &["password"],
        &["fido2"],
        &["sms"],
        &["windowsHelloForBusiness"],
        &["deviceBasedPush", "microsoftAuthenticatorPush"],
        &["softwareOath", "hardwareOath"],
        &["x509CertificateMultiFactor", "x509CertificateSingleFactor"],
        &["deviceBasedPush"],
    ];
    let mut proofs = Proofs { is_complete: chance.percent(40), knows_methods: chance.percent(50), ..Proofs::default() };
    let words = CONTROLS.iter().chain(&TERMS).chain(&CUSTOM).chain(&STRENGTHS);
    for word in words.chain(&["signInFrequency", "secureSignInSession"]) {
        let share = if STRENGTHS.contains(word) { 15 } else { 45 };
        proofs.controls.extend(maybe(chance, share, |chance| (word.to_ascii_lowercase(), chance.percent(60))));
    }
    proofs.methods = chance.some_of(&METHODS, 0, 3).into_iter().map(|modes| owned(modes.to_vec())).collect();
    proofs
}
