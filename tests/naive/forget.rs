//! Tells everything about a request that fits its tenant, and forgets it piece by piece.

use std::collections::BTreeSet;

use authopsy::domain::context::{ClientApp, Given, Resources, Subject, Target, UserSubject};
use authopsy::domain::first_party;
use authopsy::domain::guest::GuestKinds;
use authopsy::domain::snapshot::Collection;

use crate::case::{Case, lists, low};
use crate::chance::Chance;
use crate::conditions::{self, SERVICE_SETTINGS};
use crate::people;
use crate::truth::Truth;
use crate::world::{self, Bounds};

/// A way to know less: what is forgotten, and how.
pub type Way = (&'static str, fn(&mut Chance, &mut Case));

/// Ways to know less that the rulings let turn one answer into another, and why.
pub const EXCUSED: [(Way, &str); 10] = [
    (
        ("the client's kind", |_, case| case.context.client_app = None),
        "A client that a policy excludes is taken for a confidential one where its kind is not known.",
    ),
    (
        ("the time", |_, case| case.context.at = None),
        "Without a date a recorded directory shows the new way with baseline scopes, also where the date would show the old.",
    ),
    (
        ("who owns the audiences", |_, case| {
            if let Target::Resources(resources) = &mut case.context.target {
                resources.audiences.iter_mut().for_each(|audience| audience.owner_tenant = None);
            }
        }),
        "Without its owner an application of a published name is taken for Microsoft's, although others may name theirs alike.",
    ),
    (
        ("a group that holds a role", |chance, case| {
            let roles = case.snapshot.roles.clone();
            forget_group(chance, case, |id| roles.iter().any(|role| lists(&role.members, id)));
        }),
        "Who holds a role and is no group of the snapshot is taken for none, although it may be one that was not exported.",
    ),
    (
        ("an audience", |chance, case| {
            if let Target::Resources(resources) = &mut case.context.target
                && resources.audiences.len() > 1
                && !resources.is_recorded
            {
                resources.audiences.remove(chance.below(resources.audiences.len()));
                resources.is_complete = false;
            }
        }),
        "Audiences that a record may lack are only the client and early dependencies, although it may lack others.",
    ),
    (
        ("the client's id", |_, case| {
            if let Target::Resources(resources) = &mut case.context.target {
                resources.client_id = None;
            }
        }),
        "Without its id the client is taken for one that the policy does not exclude.",
    ),
    (
        ("a role", |chance, case| {
            if !case.snapshot.roles.is_empty() {
                let index = chance.below(case.snapshot.roles.len());
                case.snapshot.roles.remove(index);
            }
        }),
        "A role is taken for a built-in one where the snapshot does not have it, although it may be a custom one.",
    ),
    (
        ("the scopes", |_, case| case.context.scopes = None),
        "Without its scopes an excluded client is not taken for one that only asks who the user is.",
    ),
    (
        ("a named location", |chance, case| {
            if !case.snapshot.named_locations.is_empty() {
                case.snapshot.named_locations.remove(chance.below(case.snapshot.named_locations.len()));
            }
        }),
        "With the locations said, one that the snapshot does not have is taken not to be trusted.",
    ),
    (
        ("that the place is trusted", |_, case| case.context.place.is_trusted = None),
        "A place is taken not to be trusted where the record names its networks and does not say so.",
    ),
];

/// What a request can be said to be, which settles what the tenant's own rules would answer.
pub const SAID: [Way; 5] = [
    ("the groups said", |_, case| edit_user(case, |user| user.member_of = None)),
    ("the roles said", |_, case| edit_user(case, |user| user.roles = None)),
    ("the named locations said", |_, case| case.context.place.named_locations = None),
    ("the networks", |_, case| case.context.place.networks = None),
    ("whether the place is trusted", |_, case| forget_trust(case)),
];

/// Every other way to know less.
pub const WAYS: [Way; 32] = [
    ("the target", |chance, case| {
        if chance.percent(30) {
            case.context.target = Target::Missing;
        }
    }),
    ("a group", |chance, case| {
        let roles = case.snapshot.roles.clone();
        forget_group(chance, case, |id| !roles.iter().any(|role| lists(&role.members, id)));
    }),
    ("the time", |_, case| {
        let is_recorded = matches!(&case.context.target, Target::Resources(resources) if resources.is_recorded);
        case.context.at.take_if(|_| !is_recorded);
    }),
    ("who asks", |chance, case| {
        if chance.percent(30) {
            case.context.subject = Subject::Missing;
        }
    }),
    ("the user's id", |_, case| edit_user(case, |user| user.id = None)),
    ("the principal name", |_, case| edit_user(case, |user| user.principal_name = None)),
    ("the kind of account", |_, case| edit_user(case, |user| user.kinds = GuestKinds::ANY)),
    ("the home tenant", |_, case| edit_user(case, |user| user.home_tenant = None)),
    ("the groups said", |_, case| edit_user(case, |user| user.member_of = None)),
    ("the roles said", |_, case| edit_user(case, |user| user.roles = None)),
    ("the authentication contexts", |_, case| case.context.authentication_contexts = None),
    ("the client's kind", |_, case| {
        let is_native = case.context.client_app == Some(ClientApp::MobileAppsAndDesktopClients);
        if !(is_native && excludes_client(case)) {
            case.context.client_app = None;
        }
    }),
    ("whether ActiveSync is on a supported platform", |_, case| {
        if let Some(ClientApp::ExchangeActiveSync(supported)) = &mut case.context.client_app {
            *supported = None;
        }
    }),
    ("the platform", |_, case| case.context.platform = Given::Missing),
    ("the address", |_, case| case.context.place.address = Given::Missing),
    ("the country", |_, case| case.context.place.country = Given::Missing),
    ("the country by position", |_, case| case.context.place.country_by_gps = Given::Missing),
    ("the named locations said", |_, case| case.context.place.named_locations = None),
    ("the networks", |_, case| case.context.place.networks = None),
    ("whether the place is trusted", |_, case| forget_trust(case)),
    ("the way through Global Secure Access", |_, case| case.context.place.through_global_secure_access = None),
    ("the device", |_, case| case.context.device = Given::Missing),
    ("a property of the device", |chance, case| {
        if let Given::Value(properties) = &mut case.context.device {
            let names: Vec<String> = properties.keys().cloned().collect();
            for name in chance.some_of(&names, 0, 4) {
                properties.remove(&name);
            }
        }
    }),
    ("the risks", |_, case| {
        case.context.sign_in_risk = None;
        case.context.user_risk = Some("hidden".to_owned());
        case.context.insider_risk = None;
        case.context.service_principal_risk = None;
    }),
    ("the transfer method", |_, case| case.context.transfer_method = Given::Missing),
    ("whether these are all audiences", |_, case| {
        if let Target::Resources(resources) = &mut case.context.target {
            resources.is_complete = resources.is_recorded;
        }
    }),
    ("all audiences", |chance, case| {
        if let Target::Resources(resources) = &mut case.context.target
            && chance.percent(30)
        {
            resources.audiences.clear();
            (resources.is_complete, resources.is_recorded) = (false, false);
        }
    }),
    ("who owns the audiences, and the names of what others own", |_, case| {
        if let Target::Resources(resources) = &mut case.context.target {
            for audience in &mut resources.audiences {
                let is_foreign = audience.owner_tenant.take().is_some_and(|owner| !first_party::is_microsoft(&owner));
                audience.name.take_if(|_| is_foreign);
            }
        }
    }),
    ("the members of a group", |chance, case| {
        let count = case.snapshot.groups.len();
        let group = &mut case.snapshot.groups[chance.below(count)];
        group.members_known = false;
        group.members.clear();
        forget_lists(case);
    }),
    ("whether all groups of a user are listed", |chance, case| {
        for user in &mut case.snapshot.users {
            user.groups_known = user.groups_known && chance.percent(30);
        }
    }),
    ("a user", |chance, case| {
        if !case.snapshot.users.is_empty() {
            let index = chance.below(case.snapshot.users.len());
            case.snapshot.users.remove(index);
        }
    }),
    ("the members of a role", |chance, case| {
        if let Some(role) = case.snapshot.roles.get_mut(chance.below(3)) {
            role.members_known = false;
            role.members.clear();
        }
    }),
];

/// Whether a policy excludes the client by its id.
fn excludes_client(case: &Case) -> bool {
    let Target::Resources(Resources { client_id: Some(client), .. }) = &case.context.target else { return false };
    case.snapshot.policies.iter().any(|policy| lists(&policy.conditions.applications.exclude, client))
}

/// Forgets a group that fits, and with it that these are all groups.
fn forget_group(chance: &mut Chance, case: &mut Case, fits: impl Fn(&str) -> bool) {
    let groups = &mut case.snapshot.groups;
    let fitting: Vec<usize> = (0..groups.len()).filter(|index| fits(&groups[*index].id)).collect();
    if groups.len() > 1 && !fitting.is_empty() {
        groups.remove(chance.pick(&fitting));
        case.snapshot.present.remove(&Collection::Groups);
        forget_lists(case);
    }
}

/// Forgets that all groups of a user are listed, which cannot be where one of the lists was lost.
fn forget_lists(case: &mut Case) {
    case.snapshot.users.iter_mut().for_each(|user| user.groups_known = false);
}

/// Forgets whether the place is trusted; a record that names the networks of a trusted place says so.
fn forget_trust(case: &mut Case) {
    let place = &mut case.context.place;
    place.networks.take_if(|_| place.is_trusted == Some(true));
    place.is_trusted = None;
}

fn edit_user(case: &mut Case, edit: impl FnOnce(&mut UserSubject)) {
    if let Subject::User(user) = &mut case.context.subject {
        edit(user);
    }
}

/// Makes up a request of which everything is known, and all of it true in the tenant, which says everything itself.
pub fn tell_everything(chance: &mut Chance, case: &mut Case, bounds: Bounds) {
    case.context = world::request_told(chance, bounds);
    let number = 1 + chance.below(3);
    let own = world::user(number);
    let bare = UserSubject {
        id: Some(own.clone()),
        principal_name: Some(world::principal_name(number)),
        kinds: chance.pick(&GuestKinds::NAMED.map(|(kind, _)| kind)),
        home_tenant: Some(chance.pick(&world::TENANTS).to_owned()),
        ..UserSubject::default()
    };
    let mut groups: BTreeSet<String> = people::around(case, std::slice::from_ref(&own));
    groups.remove(&own);
    let may_be_elsewhere = !case.snapshot.present.contains(&Collection::Groups)
        && case.snapshot.users.iter().any(|user| low(&user.id) == own && !user.groups_known);
    if may_be_elsewhere && chance.percent(50) {
        groups = people::around(case, &[own.clone(), world::group(7)]);
        groups.remove(&own);
    }
    let member_of: Vec<String> = groups.into_iter().collect();
    let holds = |role: &&authopsy::domain::snapshot::Role| {
        role.members.iter().any(|member| low(member) == own || lists(&member_of, member))
    };
    let mut roles: Vec<String> =
        case.snapshot.roles.iter().filter(holds).map(|role| role.template_id.clone()).collect();
    roles.extend(chance.percent(30).then(|| world::role(4)));
    let kinds = if chance.percent(50) { GuestKinds::MEMBER } else { bare.kinds };
    case.context.subject = Subject::User(UserSubject { kinds, member_of: Some(member_of), roles: Some(roles), ..bare });

    let (mut inside, mut names, mut is_trusted) = (Vec::new(), Vec::new(), false);
    for location in &case.snapshot.named_locations {
        let is_in = match conditions::is_at(case, &location.id) {
            Truth::Unknown => chance.percent(50),
            known => known == Truth::Yes,
        };
        if is_in {
            inside.push(location.id.clone());
            names.push(location.display_name.clone());
            is_trusted |= location.is_trusted;
        }
    }
    if chance.percent(30) {
        inside.push(world::location(8));
    }
    if chance.percent(15) {
        inside.push(SERVICE_SETTINGS.to_owned());
        is_trusted = true;
    }
    let place = &mut case.context.place;
    (place.named_locations, place.networks, place.is_trusted) = (Some(inside), Some(names), Some(is_trusted));
}
