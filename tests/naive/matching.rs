//! Makes up a policy together with a request that fits it, and exclusions that fit the request.

use authopsy::domain::Context;
use authopsy::domain::context::{
    Audience, ClientApp, Given, Platform, Property, Resources, Subject, Target, UserSubject,
};
use authopsy::domain::guest::GuestKinds;
use authopsy::domain::policy::{Filter, Guests, IncludeExclude, Policy, PolicyState};
use authopsy::domain::snapshot::{NamedLocation, NamedLocationKind};

use crate::case::Case;
use crate::chance::Chance;
use crate::filter::Rule;
use crate::people;
use crate::world::{self, Bounds, EXCHANGE, PORTAL, REGISTER_DEVICE, REGISTER_INFO, SHAREPOINT};

/// A tenant with one policy, and a request that fits all of its conditions and of which little more is known.
pub fn policy_and_request(chance: &mut Chance) -> Case {
    let bounds = Bounds { complete: true, actions: false, unknown_members: false };
    let mut case = world::tenant(chance, bounds);
    case.rules.clear();
    let mut policy = Policy { id: "fits".to_owned(), state: PolicyState::Enabled, ..Policy::default() };
    case.context = Context::default();
    let user = fit_user(chance, &case, &mut policy);
    case.context.subject = Subject::User(user);
    fit_target(chance, &mut case, &mut policy);
    fit_client_and_platform(chance, &mut case, &mut policy);
    fit_place(chance, &mut case, &mut policy);
    if chance.percent(40) {
        fit_device(chance, &mut case, &mut policy);
    }
    if chance.percent(30) {
        policy.conditions.sign_in_risk_levels = vec!["high".to_owned(), "medium".to_owned()];
        case.context.sign_in_risk = Some("medium".to_owned());
        policy.conditions.insider_risk_levels = vec!["elevated".to_owned()];
        case.context.insider_risk = Some("Elevated".to_owned());
    }
    if chance.percent(30) {
        policy.conditions.transfer_methods = vec!["deviceCodeFlow".to_owned()];
        case.context.transfer_method = Given::Value("deviceCodeFlow".to_owned());
    }
    case.snapshot.policies = vec![policy];
    case
}

fn fit_user(chance: &mut Chance, case: &Case, policy: &mut Policy) -> UserSubject {
    let own = world::user(1 + chance.below(4));
    let mut user = UserSubject { id: Some(own.clone()), kinds: GuestKinds::MEMBER, ..UserSubject::default() };
    let mut groups = people::around(case, std::slice::from_ref(&own));
    groups.remove(&own);
    let groups: Vec<String> = groups.into_iter().collect();
    let mut roles = case.snapshot.roles.iter().filter(|role| !role.is_custom && role.members.contains(&own));
    let users = &mut policy.conditions.users;
    match chance.below(6) {
        0 => users.include_users = vec![own.to_ascii_uppercase()],
        1 if !groups.is_empty() => users.include_groups = vec![world::group(7), chance.pick(&groups)],
        2 => match roles.next() {
            Some(role) => users.include_roles = vec![role.template_id.clone()],
            None => {
                users.include_roles = vec![world::role(4)];
                user.roles = Some(vec![world::role(4)]);
            }
        },
        3 => {
            let (kind, word) = chance.pick(&GuestKinds::NAMED[1..]);
            let tenant = chance.pick(&world::TENANTS).to_owned();
            users.include_guests = Some(Guests {
                kinds: vec!["internalGuest".to_owned(), word.to_owned()],
                tenants: chance.percent(50).then(|| vec![tenant.clone()]),
            });
            (user.kinds, user.home_tenant) = (kind, Some(tenant));
        }
        4 => {
            users.include_users = vec!["GuestsOrExternalUsers".to_owned()];
            user.kinds = GuestKinds::EXTERNAL;
        }
        _ => users.include_users = vec!["All".to_owned()],
    }
    user
}

fn fit_target(chance: &mut Chance, case: &mut Case, policy: &mut Policy) {
    let applications = &mut policy.conditions.applications;
    let (mut id, mut action) = ("000000d1-dddd-4ddd-8ddd-dddddddddddd", None);
    match chance.below(7) {
        0 => applications.include = vec!["other".to_owned(), id.to_ascii_uppercase()],
        1 => (applications.include, id) = (vec!["Office365".to_owned()], EXCHANGE),
        2 => (applications.include, id) = (vec!["MicrosoftAdminPortals".to_owned()], PORTAL),
        3 => {
            applications.authentication_contexts = vec!["c1".to_owned(), "c2".to_owned()];
            case.context.authentication_contexts = Some(vec!["c3".to_owned(), "c2".to_owned()]);
        }
        4 => {
            applications.user_actions = vec![REGISTER_DEVICE.to_owned(), REGISTER_INFO.to_owned()];
            action = Some(REGISTER_DEVICE);
        }
        5 => {
            applications.include = vec!["All".to_owned()];
            action = Some(REGISTER_INFO);
        }
        _ => applications.include = vec!["All".to_owned()],
    }
    case.context.target = match action {
        Some(action) => Target::UserAction(action.to_owned()),
        None => Target::Resources(Resources {
            audiences: [id, SHAREPOINT]
                .into_iter()
                .take(1 + chance.below(2))
                .map(|id| Audience { id: id.to_owned(), ..Audience::default() })
                .collect(),
            is_complete: true,
            ..Resources::default()
        }),
    };
}

fn fit_client_and_platform(chance: &mut Chance, case: &mut Case, policy: &mut Policy) {
    let pairs = [
        (ClientApp::Browser, "browser"),
        (ClientApp::MobileAppsAndDesktopClients, "modern"),
        (ClientApp::ExchangeActiveSync(None), "exchangeActiveSync"),
        (ClientApp::ExchangeActiveSync(Some(true)), "easSupported"),
        (ClientApp::Other, "other"),
        (ClientApp::All, "browser"),
    ];
    if chance.percent(50) {
        let (client, word) = chance.pick(&pairs);
        case.context.client_app = Some(client);
        policy.conditions.client_app_types = vec!["newKind".to_owned(), word.to_owned()];
    }
    if chance.percent(50) {
        let platform = chance.pick(&Platform::ALL);
        case.context.platform = Given::Value(platform);
        let word = chance.pick(&["all", platform.word()]).to_ascii_uppercase();
        policy.conditions.platforms = Some(IncludeExclude { include: vec![word], exclude: Vec::new() });
    }
}

fn fit_place(chance: &mut Chance, case: &mut Case, policy: &mut Policy) {
    let place = &mut case.context.place;
    let countries = |include_unknown| NamedLocationKind::Countries {
        codes: vec!["NO".to_owned()],
        include_unknown,
        lookup: Some("clientIpAddress".to_owned()),
    };
    let (item, kind) = match chance.below(9) {
        0 => ("All", None),
        1 => {
            place.is_trusted = Some(true);
            ("AllTrusted", None)
        }
        2 | 3 => {
            let six = chance.percent(50);
            place.address = Given::Value(if six { "2001:db8::5" } else { "203.0.113.6" }.parse().expect("an address"));
            let ranges = ["203.0.113.0/28", "2001:db8::/33"].map(str::to_owned).to_vec();
            (chance.pick(&["AllTrusted", "fits"]), Some(NamedLocationKind::Ranges(ranges)))
        }
        4 => {
            place.country = Given::Value("no".to_owned());
            ("fits", Some(countries(false)))
        }
        5 => {
            place.country = Given::Nothing;
            ("fits", Some(countries(true)))
        }
        6 => {
            place.through_global_secure_access = Some(true);
            ("fits", Some(NamedLocationKind::CompliantNetwork))
        }
        7 => {
            place.networks = Some(vec!["Fits".to_owned()]);
            ("fits", Some(NamedLocationKind::Unknown))
        }
        _ => return,
    };
    case.snapshot.named_locations.extend(kind.map(|kind| NamedLocation {
        id: "FITS".to_owned(),
        display_name: "Fits".to_owned(),
        is_trusted: matches!(kind, NamedLocationKind::Ranges(_)),
        kind,
        ..NamedLocation::default()
    }));
    policy.conditions.locations = Some(IncludeExclude { include: vec![item.to_owned()], exclude: Vec::new() });
}

fn fit_device(chance: &mut Chance, case: &mut Case, policy: &mut Policy) {
    let (name, asked, found) = chance.pick(&[
        ("trustType", "AzureAD", Property::Text("azuread".to_owned())),
        ("isCompliant", "True", Property::Flag(true)),
        ("systemLabels", "MultiUser", Property::List(vec!["X".to_owned(), "MultiUser".to_owned()])),
    ]);
    let rule = Rule::equals(name, asked);
    case.context.device = Given::Value([(name.to_ascii_lowercase(), found)].into());
    policy.conditions.device_filter = Some(Filter { mode: "include".to_owned(), rule: rule.text() });
    case.rules.insert(rule.text(), rule);
}

/// Adds an exclusion to the policy that fits the request too, and says which.
pub fn exclude(chance: &mut Chance, case: &mut Case) -> &'static str {
    let Subject::User(user) = &mut case.context.subject else { return "nothing" };
    let conditions = &mut case.snapshot.policies[0].conditions;
    let place = &mut case.context.place;
    match chance.below(8) {
        0 => {
            conditions.users.exclude_users = user.id.clone().into_iter().collect();
            "the user"
        }
        1 => {
            user.member_of = Some(vec![world::group(7)]);
            conditions.users.exclude_groups = vec![world::group(7).to_ascii_uppercase()];
            "a group"
        }
        2 => {
            user.roles = Some(vec![world::role(4)]);
            conditions.users.exclude_roles = vec![world::role(4)];
            "a role"
        }
        3 if user.kinds != GuestKinds::MEMBER => {
            conditions.users.exclude_users = vec!["GuestsOrExternalUsers".to_owned()];
            "guests"
        }
        4 if matches!(case.context.target, Target::Resources(_)) && !conditions.applications.include.is_empty() => {
            conditions.applications.exclude = vec![SHAREPOINT.to_owned()];
            if let Target::Resources(resources) = &case.context.target {
                conditions.applications.exclude.extend(resources.audiences.iter().map(|audience| audience.id.clone()));
            }
            "the audiences"
        }
        5 if conditions.locations.is_some() => {
            place.is_trusted = Some(true);
            conditions.locations.get_or_insert_default().exclude = vec!["AllTrusted".to_owned()];
            "trusted locations"
        }
        6 if conditions.platforms.is_some() => {
            let words = Platform::ALL.iter().map(|platform| platform.word().to_owned());
            conditions.platforms.get_or_insert_default().exclude = words.collect();
            "every platform"
        }
        7 if conditions.device_filter.is_some() => {
            conditions.device_filter.as_mut().expect("a filter").mode = "exclude".to_owned();
            "the device"
        }
        _ => {
            conditions.users.exclude_users = user.id.clone().into_iter().collect();
            "the user"
        }
    }
}
