//! Answers whether a policy is for the one who asks: user ids, groups, roles, kinds of guests.

use std::collections::BTreeSet;

use authopsy::domain::context::{ClientApp, Subject, Target, UserSubject};
use authopsy::domain::guest::GuestKinds;
use authopsy::domain::policy::{Guests, Policy};
use authopsy::domain::snapshot::{Collection, Group};

use crate::case::{Case, lists, low};
use crate::truth::Truth;

/// Whether a policy names anybody it is for.
pub fn names_somebody(policy: &Policy) -> bool {
    let users = &policy.conditions.users;
    let lists = [&users.include_users, &users.include_groups, &users.include_roles];
    users.include_guests.is_some() || lists.iter().any(|list| !list.is_empty())
}

/// Whether the policy is for applications, or an application asks.
pub fn is_of_another_kind(case: &Case, policy: &Policy) -> bool {
    policy.conditions.client_applications.is_some() || matches!(case.context.subject, Subject::Workload(_))
}

/// Whether a policy is for the user who asks.
pub fn users(case: &Case, policy: &Policy) -> Truth {
    let users = &policy.conditions.users;
    let user = match &case.context.subject {
        _ if policy.conditions.client_applications.is_some() => return Truth::Yes,
        Subject::Workload(_) => return Truth::No,
        Subject::User(user) => Some(user),
        Subject::Missing => None,
    };
    let channels = |ids: &[String], groups: &[String], roles: &[String], guests: Option<&Guests>| {
        let mut answers: Vec<Truth> = Vec::new();
        for id in ids {
            answers.push(match (id.as_str(), user) {
                ("None", _) => Truth::No,
                (_, None) => Truth::Unknown,
                ("All", Some(_)) => Truth::Yes,
                ("GuestsOrExternalUsers", Some(user)) => {
                    by_kind(user, |kind| Truth::known(kind.is_within(GuestKinds::EXTERNAL)))
                }
                (id, Some(user)) => Truth::told(user_id(case, user).map(|own| own == low(id))),
            });
        }
        answers.extend(groups.iter().map(|id| user.map_or(Truth::Unknown, |user| is_in_group(case, user, id))));
        answers.extend(roles.iter().map(|id| user.map_or(Truth::Unknown, |user| has_role(case, user, id))));
        answers.extend(guests.map(|guests| user.map_or(Truth::Unknown, |user| is_guest(case, user, guests))));
        Truth::any(answers)
    };
    let included =
        channels(&users.include_users, &users.include_groups, &users.include_roles, users.include_guests.as_ref());
    let excluded =
        channels(&users.exclude_users, &users.exclude_groups, &users.exclude_roles, users.exclude_guests.as_ref());
    let is_active_sync = matches!(case.context.client_app, Some(ClientApp::ExchangeActiveSync(_)))
        && policy
            .conditions
            .client_app_types
            .iter()
            .any(|kind| matches!(ClientApp::from_word(kind), Some(ClientApp::ExchangeActiveSync(_))));
    let names_more = !users.include_roles.is_empty() || users.include_guests.is_some();
    let included = if is_active_sync && names_more { included.or(Truth::Unknown) } else { included };
    included.and(excluded.not())
}

/// Whether a policy for workload identities is for the one who asks. Only who is no workload identity is answered here: the
/// rulings say nothing of the rest, and none is made up.
pub fn client_applications(case: &Case, policy: &Policy) -> Truth {
    match (&policy.conditions.client_applications, &case.context.subject) {
        (None, _) => Truth::Yes,
        (Some(_), Subject::User(_)) => Truth::No,
        (Some(_), Subject::Missing | Subject::Workload(_)) => Truth::Unknown,
    }
}

/// The user's object id as it compares.
pub fn user_id(case: &Case, user: &UserSubject) -> Option<String> {
    let by_name = || {
        let name = user.principal_name.as_ref()?;
        let found = case.snapshot.users.iter().find(|found| low(&found.user_principal_name) == low(name))?;
        Some(low(&found.id))
    };
    user.id.as_ref().map(|id| low(id)).or_else(by_name)
}

/// The answer that all kinds of account agree on which the user can be.
fn by_kind(user: &UserSubject, answer: impl Fn(GuestKinds) -> Truth) -> Truth {
    let named = GuestKinds::NAMED.iter().map(|(kind, _)| *kind).chain([GuestKinds::MEMBER]);
    let possible: Vec<Truth> = named.filter(|kind| !user.kinds.and(*kind).is_empty()).map(answer).collect();
    match possible.first() {
        Some(first) => possible.iter().fold(*first, |one, other| one.agreed(*other)),
        None => Truth::Unknown,
    }
}

fn is_guest(case: &Case, user: &UserSubject, guests: &Guests) -> Truth {
    by_kind(user, |kind| {
        let names = |wanted: GuestKinds| guests.kinds.iter().any(|word| GuestKinds::from_word(word) == Some(wanted));
        let named = names(kind);
        let b2b = [GuestKinds::COLLABORATION_GUEST, GuestKinds::COLLABORATION_MEMBER];
        let crosses = b2b.contains(&kind) && names(GuestKinds::DIRECT_CONNECT)
            || kind == GuestKinds::DIRECT_CONNECT && b2b.into_iter().any(names);
        let is_foreign =
            matches!((&guests.tenants, &user.home_tenant), (Some(tenants), Some(home)) if !lists(tenants, home));
        let is_new = guests.kinds.iter().any(|word| GuestKinds::from_word(word).is_none());
        match &guests.tenants {
            _ if kind == GuestKinds::MEMBER => Truth::No,
            _ if !named && crosses && !is_foreign && may_be_teams_or_sharepoint(case) => Truth::Unknown,
            _ if !named && is_new => Truth::Unknown,
            _ if !named => Truth::No,
            None => Truth::Yes,
            Some(_) if kind == GuestKinds::INTERNAL_GUEST => Truth::Unknown,
            Some(tenants) => Truth::told(user.home_tenant.as_ref().map(|home| lists(tenants, home))),
        }
    })
}

/// Whether Teams or SharePoint is asked for, or may be because nothing is said of what is.
fn may_be_teams_or_sharepoint(case: &Case) -> bool {
    match &case.context.target {
        Target::UserAction(_) => false,
        Target::Missing => true,
        Target::Resources(resources) if resources.audiences.is_empty() => true,
        Target::Resources(resources) => resources.audiences.iter().any(|audience| {
            ["cc15fd57-2c6c-4117-a88c-83b1d56b4bbe", "00000003-0000-0ff1-ce00-000000000000"]
                .contains(&low(&audience.id).as_str())
        }),
    }
}

/// The ids of everything that one of these is in, these included: groups are added until no more are found.
pub fn around(case: &Case, start: &[String]) -> BTreeSet<String> {
    let mut inside: BTreeSet<String> = start.iter().map(|id| low(id)).collect();
    loop {
        let holds_one = |group: &&Group| group.members.iter().any(|member| inside.contains(&low(member)));
        let found: Vec<String> = case.snapshot.groups.iter().filter(holds_one).map(|group| low(&group.id)).collect();
        let before = inside.len();
        inside.extend(found);
        if inside.len() == before {
            return inside;
        }
    }
}

/// The groups of the snapshot below this one, which is itself among them only where it is nested in itself.
fn below(case: &Case, id: &str) -> BTreeSet<String> {
    let mut inside = BTreeSet::new();
    loop {
        let outer = |group: &&Group| low(&group.id) == low(id) || inside.contains(&low(&group.id));
        let members = case.snapshot.groups.iter().filter(outer).flat_map(|group| &group.members);
        let is_group = |member: &&String| case.snapshot.groups.iter().any(|group| low(&group.id) == low(member));
        let found: Vec<String> = members.filter(is_group).map(|member| low(member)).collect();
        let before = inside.len();
        inside.extend(found);
        if inside.len() == before {
            return inside;
        }
    }
}

/// Whether the user is in a group, directly or through nesting.
fn is_in_group(case: &Case, user: &UserSubject, id: &str) -> Truth {
    if let Some(said) = &user.member_of {
        return Truth::known(around(case, said).contains(&low(id)));
    }
    let Some(own) = user_id(case, user) else { return Truth::Unknown };
    if around(case, std::slice::from_ref(&own)).contains(&low(id)) {
        return Truth::Yes;
    }
    if case.snapshot.users.iter().any(|found| low(&found.id) == own && found.groups_known) {
        return Truth::No;
    }
    let mut inner = below(case, id);
    inner.insert(low(id));
    let settled = inner.iter().all(|id| {
        let group = case.snapshot.groups.iter().find(|group| low(&group.id) == *id);
        let is_settled =
            |group: &Group| group.members_known && group.members.iter().all(|member| is_told(case, member));
        group.is_some_and(is_settled) && !below(case, id).contains(id)
    });
    if settled { Truth::No } else { Truth::Unknown }
}

/// Whether it is known what a member is: an object of the snapshot, or none of its groups where it has all of them.
fn is_told(case: &Case, id: &str) -> bool {
    let snapshot = &case.snapshot;
    let mut objects: BTreeSet<String> = snapshot.users.iter().map(|user| low(&user.id)).collect();
    objects.extend(snapshot.groups.iter().map(|group| low(&group.id)));
    for application in &snapshot.applications {
        objects.extend([low(&application.id), low(&application.app_id)]);
    }
    objects.contains(&low(id)) || snapshot.present.contains(&Collection::Groups)
}

/// Whether the user holds a role, active and for the whole tenant.
fn has_role(case: &Case, user: &UserSubject, id: &str) -> Truth {
    let role = case.snapshot.roles.iter().find(|role| low(&role.template_id) == low(id) || low(&role.id) == low(id));
    if role.is_some_and(|role| role.is_custom) {
        return Truth::No;
    }
    if let Some(said) = &user.roles {
        let own_ids = role.iter().flat_map(|role| [role.template_id.as_str(), role.id.as_str()]);
        return Truth::known(own_ids.chain([id]).any(|id| lists(said, id)));
    }
    let Some(role) = role else { return Truth::Unknown };
    let own = user_id(case, user);
    let holders = role.members.iter().map(|member| {
        if case.snapshot.groups.iter().any(|group| low(&group.id) == low(member)) {
            is_in_group(case, user, member)
        } else {
            Truth::told(own.as_ref().map(|own| *own == low(member)))
        }
    });
    let unseen = if role.members_known && own.is_some() { Truth::No } else { Truth::Unknown };
    Truth::any(holders.chain([unseen]))
}
