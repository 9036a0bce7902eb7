//! Makes up a tenant of any size, with policies of the kinds that tenants have, and sign-ins to it. The same numbers give the same
//! tenant.

use std::fmt::Write as _;
use std::sync::Arc;

use authopsy::domain::SignIn;
use authopsy::domain::policy::{
    Applications, Conditions, Filter, GrantControls, Guests, IncludeExclude, Policy, PolicyState, SessionControls,
    SignInFrequency, StrengthReference, Users,
};
use authopsy::domain::snapshot::{
    Collection, Group, NamedLocation, NamedLocationKind, Organization, Role, Snapshot, User,
};
use authopsy::explain::access::{Asked, Tenant, decide, from_sign_in};
use authopsy::store::record::{Shape, read_record};

/// How large a tenant is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Policies.
    pub policies: usize,
    /// Users, each in three groups and, by way of these, in more.
    pub users: usize,
    /// Groups, of which every fifth holds other groups.
    pub groups: usize,
    /// Named locations, of which every third is one of countries.
    pub locations: usize,
}

impl Size {
    /// A large company.
    pub const COMPANY: Size = Size { policies: 200, users: 5_000, groups: 300, locations: 60 };
}

const OWN: &str = "0f000000-0000-4000-8000-000000000000";
const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";
const RANGES: usize = 8;
const ROLES: usize = 20;

/// An id as the service would give it: ids differ from their first letters on.
fn id(kind: u64, number: usize) -> String {
    // SplitMix64, which maps different numbers to different ones.
    let mut bits = (kind << 40 | number as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    format!("{:08x}-{:04x}-4000-8000-{number:012x}", bits >> 32, bits >> 16 & 0xffff)
}

fn user(number: usize) -> String {
    id(1, number)
}

fn group(number: usize, size: Size) -> String {
    id(2, number % size.groups.max(1))
}

fn role(number: usize) -> String {
    id(3, number % ROLES)
}

fn location(number: usize, size: Size) -> String {
    id(4, number % size.locations.max(1))
}

fn app(number: usize) -> String {
    id(5, number)
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

/// The tenant's snapshot, of which everything is known.
pub fn snapshot(size: Size) -> Snapshot {
    let users = (0..size.users).map(|number| User {
        id: user(number),
        user_principal_name: format!("user{number}@contoso.com"),
        display_name: Some(format!("User {number}")),
        user_type: Some("Member".to_owned()),
        ..User::default()
    });
    let present = [
        Collection::Policies,
        Collection::NamedLocations,
        Collection::Users,
        Collection::Groups,
        Collection::GroupMembers,
        Collection::DirectoryRoles,
        Collection::Organization,
    ];
    Snapshot {
        policies: (0..size.policies).map(|number| policy(number, size)).collect(),
        named_locations: (0..size.locations).map(|number| named_location(number, size)).collect(),
        users: users.collect(),
        groups: groups(size).into(),
        roles: (0..ROLES).map(|number| a_role(number, size)).collect(),
        organization: Some(Organization {
            id: OWN.to_owned(),
            display_name: "Contoso".to_owned(),
            ..Organization::default()
        }),
        present: present.into_iter().collect(),
        ..Snapshot::default()
    }
}

/// Groups of people, and around every four of them a group of groups, up to three deep.
fn groups(size: Size) -> Vec<Group> {
    let outer = |number: usize| number % 5 == 4;
    let mut groups: Vec<Group> = (0..size.groups)
        .map(|number| Group {
            id: group(number, size),
            display_name: format!("Group {number}"),
            members: match number {
                number if outer(number) => {
                    let nested = (1..5).map(|back| number - back);
                    let deeper = (number % 25 == 24).then(|| (1..5).map(|back| number - 5 * back));
                    nested.chain(deeper.into_iter().flatten()).map(|inner| group(inner, size)).collect()
                }
                _ => Vec::new(),
            },
            members_known: true,
            ..Group::default()
        })
        .collect();
    for number in 0..size.users {
        for step in [0, 7, 31] {
            let at = (number * 13 + step) % size.groups.max(1);
            let at = if outer(at) { at - 1 } else { at };
            if let Some(group) = groups.get_mut(at) {
                group.members.push(user(number));
            }
        }
    }
    groups
}

fn a_role(number: usize, size: Size) -> Role {
    Role {
        id: id(6, number),
        template_id: role(number),
        display_name: format!("Role {number}"),
        members: (0..number % 8).map(|step| user((number * 97 + step * 11) % size.users.max(1))).collect(),
        members_known: true,
        ..Role::default()
    }
}

fn named_location(number: usize, size: Size) -> NamedLocation {
    let kind = if number % 3 == 2 {
        let codes = ["AT", "BE", "CH", "DE", "DK", "ES", "FI", "FR", "IT", "NL", "NO", "PL", "PT", "SE"];
        let codes = codes.iter().cycle().skip(number).take(6).map(|code| (*code).to_owned()).collect();
        NamedLocationKind::Countries { codes, include_unknown: false, lookup: Some("clientIpAddress".to_owned()) }
    } else {
        let range = |step: usize| format!("10.{}.{}.0/24", number % 256, step * 16);
        NamedLocationKind::Ranges((0..RANGES).map(range).collect())
    };
    let is_trusted = number.is_multiple_of(3);
    let display_name = format!("Location {number}");
    NamedLocation { id: location(number, size), display_name, kind, is_trusted, ..NamedLocation::default() }
}

/// One of ten kinds of policy.
fn policy(number: usize, size: Size) -> Policy {
    let near = |step: usize| group(number * 3 + step, size);
    let everybody =
        || Users { include_users: words(&["All"]), exclude_groups: vec![near(0), near(1)], ..Users::default() };
    let some =
        || Users { include_groups: vec![near(0), near(1), near(2)], exclude_groups: vec![near(9)], ..Users::default() };
    let everything = || Applications { include: words(&["All"]), ..Applications::default() };
    let office = || Applications { include: words(&["Office365"]), ..Applications::default() };
    let built_in = |operator: &str, controls: &[&str]| {
        Some(GrantControls {
            operator: Some(operator.to_owned()),
            built_in: words(controls),
            ..GrantControls::default()
        })
    };
    let mut conditions = Conditions { client_app_types: words(&["all"]), users: everybody(), ..Conditions::default() };
    conditions.applications = everything();
    let mut session = SessionControls::default();
    let mut grant = built_in("OR", &["mfa"]);
    match number % 10 {
        0 => conditions.applications.exclude = vec![app(number), app(number + 1)],
        1 => {
            conditions.users = some();
            conditions.applications.include = (0..5).map(|step| app(number + step)).collect();
        }
        2 => {
            conditions.users.include_users.clear();
            conditions.users.include_roles = (0..14).map(|step| role(number + step)).collect();
            let id = "00000000-0000-0000-0000-000000000004".to_owned();
            let strength = Some(StrengthReference { id, ..StrengthReference::default() });
            grant = Some(GrantControls { operator: Some("OR".to_owned()), strength, ..GrantControls::default() });
        }
        3 => {
            conditions.client_app_types = words(&["exchangeActiveSync", "other"]);
            grant = built_in("OR", &["block"]);
        }
        4 => {
            conditions.applications = office();
            let exclude = (0..3).map(|step| location(number + step, size)).chain(words(&["AllTrusted"])).collect();
            conditions.locations = Some(IncludeExclude { include: words(&["All"]), exclude });
            grant = built_in("OR", &["compliantDevice", "domainJoinedDevice"]);
        }
        5 => {
            conditions.users = some();
            conditions.applications = office();
            conditions.platforms = Some(IncludeExclude { include: words(&["android", "iOS"]), exclude: Vec::new() });
            grant = built_in("OR", &["approvedApplication", "compliantApplication"]);
        }
        6 => {
            let rule = "device.isCompliant -eq True -or device.trustType -eq \"ServerAD\" -or device.model -startsWith \"Surface\"";
            conditions.device_filter = Some(Filter { mode: "exclude".to_owned(), rule: rule.to_owned() });
            conditions.platforms = Some(IncludeExclude { include: words(&["windows"]), exclude: Vec::new() });
        }
        7 => {
            conditions.sign_in_risk_levels = words(&["high", "medium"]);
            let authentication_type = Some("primaryAndSecondaryAuthentication".to_owned());
            session.sign_in_frequency = Some(SignInFrequency { hours: None, authentication_type });
        }
        8 => {
            let kinds = words(&["b2bCollaborationGuest", "b2bDirectConnectUser", "otherExternalUser"]);
            conditions.users = Users { include_guests: Some(Guests { kinds, tenants: None }), ..Users::default() };
            session.persistent_browser = Some("never".to_owned());
        }
        _ => {
            conditions.users =
                Users { include_users: (0..5).map(|step| user(number * 5 + step)).collect(), ..Users::default() };
            let include = (0..4).map(|step| location(number + step, size)).collect();
            conditions.locations = Some(IncludeExclude { include, exclude: Vec::new() });
            grant = built_in("OR", &["block"]);
        }
    }
    let state = match number {
        number if number % 25 == 3 => PolicyState::Disabled,
        number if number % 6 == 5 => PolicyState::ReportOnly,
        _ => PolicyState::Enabled,
    };
    let display_name = format!("CA{number:03}");
    Policy { id: id(7, number), display_name, state, conditions, grant, session, ..Policy::default() }
}

/// A sign-in of somebody in a browser, with the results of all policies as a log would show them.
pub fn sign_in(number: usize, tenant: &Tenant) -> Arc<SignIn> {
    let (id, who) = (id(8, number), user(number));
    let record = |policies: &str| {
        format!(
            r#"{{"id":"{id}","createdDateTime":"2025-09-01T08:00:00Z","userDisplayName":"User {number}",
            "userPrincipalName":"user{number}@contoso.com","userId":"{who}","userType":"member","homeTenantId":"{OWN}",
            "resourceTenantId":"{OWN}","crossTenantAccessType":"none","appId":"{client}",
            "appDisplayName":"Portal","resourceId":"{EXCHANGE}","resourceDisplayName":"Office 365 Exchange Online",
            "conditionalAccessAudiences":["{EXCHANGE}"],"clientAppUsed":"Browser","ipAddress":"10.{second}.{third}.7",
            "location":{{"city":"","state":"","countryOrRegion":"DE"}},"correlationId":"{id}","isInteractive":true,
            "signInEventTypes":["interactiveUser"],"riskLevelDuringSignIn":"none","riskLevelAggregated":"none",
            "originalTransferMethod":"none","conditionalAccessStatus":"failure","status":{{"errorCode":50074}},
            "authenticationRequirement":"multiFactorAuthentication","authenticationDetails":[{{"authenticationMethod":"Password",
            "succeeded":true,"authenticationStepRequirement":"Primary authentication"}}],
            "deviceDetail":{{"deviceId":"","operatingSystem":"Windows10","browser":"Edge","isCompliant":false,"isManaged":false,
            "trustType":""}},"appliedConditionalAccessPolicies":[{policies}]}}"#,
            client = app(number),
            second = number % 64,
            third = (number % 4) * 16,
        )
    };
    let plain = read(&record(""));
    let context = from_sign_in::context(&plain, tenant);
    let decision = decide(&Asked::new(&context, tenant));
    let mut applied = String::new();
    for (policy, found) in tenant.snapshot().policies.iter().zip(&decision.policies) {
        let comma = if applied.is_empty() { "" } else { "," };
        let result = if found.result == "unknown" { "notApplied" } else { found.result };
        let _ = write!(
            applied,
            r#"{comma}{{"id":"{}","displayName":"{}","result":"{result}","enforcedGrantControls":["Mfa"],
            "enforcedSessionControls":[],"conditionsSatisfied":"application","conditionsNotSatisfied":"none"}}"#,
            policy.id, policy.display_name
        );
    }
    Arc::new(read(&record(&applied)))
}

fn read(record: &str) -> SignIn {
    let read = read_record(record.as_bytes(), &Shape::Json, &Arc::from("bench.json"), 1);
    read.expect("a record").sign_in
}
