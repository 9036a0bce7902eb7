//! Says how a case can be made smaller by one step.

use authopsy::domain::Context;
use authopsy::domain::context::{Given, Subject, Target, UserSubject};
use authopsy::domain::policy::{IncludeExclude, Policy, PolicyState, Users};
use authopsy::domain::snapshot::NamedLocationKind;

use crate::case::Case;

type Strings = fn(&mut Policy) -> &mut Vec<String>;

/// The lists of a policy that can be shortened without turning it into one that is not ruled.
const LISTS: [Strings; 17] = [
    |policy| &mut policy.conditions.client_app_types,
    |policy| &mut policy.conditions.applications.include,
    |policy| &mut policy.conditions.applications.exclude,
    |policy| &mut policy.conditions.applications.user_actions,
    |policy| &mut policy.conditions.applications.authentication_contexts,
    |policy| &mut policy.conditions.users.include_users,
    |policy| &mut policy.conditions.users.exclude_users,
    |policy| &mut policy.conditions.users.include_groups,
    |policy| &mut policy.conditions.users.exclude_groups,
    |policy| &mut policy.conditions.users.include_roles,
    |policy| &mut policy.conditions.users.exclude_roles,
    |policy| &mut policy.conditions.sign_in_risk_levels,
    |policy| &mut policy.conditions.user_risk_levels,
    |policy| &mut policy.conditions.insider_risk_levels,
    |policy| &mut policy.conditions.service_principal_risk_levels,
    |policy| &mut policy.conditions.transfer_methods,
    |policy| &mut grant(policy).built_in,
];

fn grant(policy: &mut Policy) -> &mut authopsy::domain::policy::GrantControls {
    policy.grant.get_or_insert_default()
}

/// The lists that come in pairs.
const PAIRS: [fn(&mut Policy) -> &mut Option<IncludeExclude>; 2] =
    [|policy| &mut policy.conditions.locations, |policy| &mut policy.conditions.platforms];

/// All cases that are smaller by one step.
pub fn smaller(case: &Case) -> Vec<Case> {
    let size = |case: &Case| format!("{:?}{:?}", case.snapshot, case.context).len();
    let whole = size(case);
    let mut found = Vec::new();
    let mut offer = |smaller: Case| {
        if size(&smaller) < whole {
            found.push(smaller);
        }
    };
    let snapshot = |edit: &dyn Fn(&mut Case)| {
        let mut smaller = case.clone();
        edit(&mut smaller);
        smaller
    };
    for index in 0..case.snapshot.policies.len() {
        offer(snapshot(&|case| drop(case.snapshot.policies.remove(index))));
    }
    for index in 0..case.snapshot.policies.len() {
        for policy in smaller_policies(&case.snapshot.policies[index]) {
            offer(snapshot(&|case| case.snapshot.policies[index] = policy.clone()));
        }
        let Some(filter) = &case.snapshot.policies[index].conditions.device_filter else { continue };
        for part in case.rules.get(&filter.rule).map(crate::filter::Rule::parts).unwrap_or_default() {
            offer(snapshot(&|case| {
                let filter = case.snapshot.policies[index].conditions.device_filter.as_mut();
                filter.expect("the filter").rule = part.text();
                case.rules.insert(part.text(), part.clone());
            }));
        }
    }
    for index in 0..case.snapshot.groups.len() {
        offer(snapshot(&|case| drop(case.snapshot.groups.remove(index))));
        for member in 0..case.snapshot.groups[index].members.len() {
            offer(snapshot(&|case| drop(case.snapshot.groups[index].members.remove(member))));
        }
    }
    for index in 0..case.snapshot.roles.len() {
        offer(snapshot(&|case| drop(case.snapshot.roles.remove(index))));
        offer(snapshot(&|case| case.snapshot.roles[index].scoped_members.clear()));
        for member in 0..case.snapshot.roles[index].members.len() {
            offer(snapshot(&|case| drop(case.snapshot.roles[index].members.remove(member))));
        }
    }
    for index in 0..case.snapshot.users.len() {
        offer(snapshot(&|case| drop(case.snapshot.users.remove(index))));
    }
    for index in 0..case.snapshot.named_locations.len() {
        offer(snapshot(&|case| drop(case.snapshot.named_locations.remove(index))));
        offer(snapshot(&|case| case.snapshot.named_locations[index].is_trusted = false));
        if let NamedLocationKind::Ranges(ranges) = &case.snapshot.named_locations[index].kind {
            for range in 0..if ranges.len() > 1 { ranges.len() } else { 0 } {
                let mut fewer = ranges.clone();
                fewer.remove(range);
                offer(snapshot(&|case| {
                    case.snapshot.named_locations[index].kind = NamedLocationKind::Ranges(fewer.clone());
                }));
            }
        }
    }
    for index in 0..case.snapshot.applications.len() {
        offer(snapshot(&|case| drop(case.snapshot.applications.remove(index))));
    }
    for context in smaller_contexts(&case.context) {
        offer(snapshot(&|case| case.context = context.clone()));
    }
    found
}

fn smaller_policies(policy: &Policy) -> Vec<Policy> {
    let mut found = Vec::new();
    let mut offer = |edit: &dyn Fn(&mut Policy)| {
        let mut smaller = policy.clone();
        edit(&mut smaller);
        found.push(smaller);
    };
    offer(&|policy| policy.grant = None);
    offer(&|policy| policy.conditions.device_filter = None);
    offer(&|policy| policy.conditions.client_applications = None);
    offer(&|policy| policy.state = PolicyState::Enabled);
    offer(&|policy| policy.unknown.clear());
    offer(&|policy| policy.session.sign_in_frequency = None);
    offer(&|policy| policy.session.token_protection = false);
    offer(&|policy| {
        policy.conditions.users = Users { include_users: vec!["All".to_owned()], ..Users::default() };
    });
    offer(&|policy| policy.conditions.users.include_guests = None);
    offer(&|policy| policy.conditions.users.exclude_guests = None);
    offer(&|policy| drop(policy.unknown.pop()));
    offer(&|policy| {
        policy.conditions.applications.exclude.clear();
        policy.conditions.applications.include = vec!["All".to_owned()];
    });
    if let Some(full) = &policy.grant {
        offer(&|policy| grant(policy).strength = None);
        for index in 0..full.terms_of_use.len() {
            offer(&|policy| drop(grant(policy).terms_of_use.remove(index)));
        }
        offer(&|policy| grant(policy).custom_factors.clear());
    }
    for list in LISTS {
        let mut copy = policy.clone();
        for index in 0..list(&mut copy).len() {
            offer(&|policy| drop(list(policy).remove(index)));
        }
    }
    for pair in PAIRS {
        let Some(full) = pair(&mut policy.clone()).clone() else { continue };
        offer(&|policy| *pair(policy) = None);
        for index in 0..full.include.len() {
            offer(&|policy| {
                let Some(pair) = pair(policy) else { return };
                if pair.include.len() + pair.exclude.len() > 1 {
                    pair.include.remove(index);
                }
            });
        }
        for index in 0..full.exclude.len() {
            offer(&|policy| {
                let Some(pair) = pair(policy) else { return };
                if pair.include.len() + pair.exclude.len() > 1 {
                    pair.exclude.remove(index);
                }
            });
        }
    }
    found
}

/// Changes the person who makes the request, if it is one.
fn edit_person(context: &mut Context, edit: impl FnOnce(&mut UserSubject)) {
    if let Subject::User(user) = &mut context.subject {
        edit(user);
    }
}

fn smaller_contexts(context: &Context) -> Vec<Context> {
    let mut found = Vec::new();
    let mut offer = |edit: &dyn Fn(&mut Context)| {
        let mut smaller = context.clone();
        edit(&mut smaller);
        found.push(smaller);
    };
    offer(&|context| context.at = None);
    offer(&|context| context.scopes = None);
    offer(&|context| context.authentication_contexts = None);
    offer(&|context| context.client_app = None);
    offer(&|context| context.platform = Given::Missing);
    offer(&|context| context.device = Given::Missing);
    offer(&|context| context.transfer_method = Given::Missing);
    offer(&|context| context.sign_in_risk = None);
    offer(&|context| context.user_risk = None);
    offer(&|context| context.insider_risk = None);
    offer(&|context| context.service_principal_risk = None);
    offer(&|context| context.place.address = Given::Missing);
    offer(&|context| context.place.country = Given::Missing);
    offer(&|context| context.place.country_by_gps = Given::Missing);
    offer(&|context| context.place.named_locations = None);
    offer(&|context| context.place.networks = None);
    offer(&|context| context.place.is_trusted = None);
    offer(&|context| context.place.through_global_secure_access = None);
    offer(&|context| context.proofs.methods.clear());
    for index in 0..context.proofs.methods.len() {
        offer(&|context| drop(context.proofs.methods.remove(index)));
    }
    offer(&|context| context.proofs.controls.clear());
    for control in context.proofs.controls.keys() {
        offer(&|context| context.proofs.controls.retain(|found, _| found != control));
    }
    for index in 0..context.scopes.as_ref().map_or(0, Vec::len) {
        offer(&|context| drop(context.scopes.as_mut().map(|scopes| scopes.remove(index))));
    }
    if let Given::Value(properties) = &context.device {
        for name in properties.keys() {
            offer(&|context| {
                if let Given::Value(properties) = &mut context.device {
                    properties.remove(name);
                }
            });
        }
    }
    if let Target::Resources(resources) = &context.target {
        for index in 0..if resources.audiences.len() > 1 { resources.audiences.len() } else { 0 } {
            offer(&|context| {
                if let Target::Resources(resources) = &mut context.target {
                    resources.audiences.remove(index);
                }
            });
        }
        offer(&|context| {
            if let Target::Resources(resources) = &mut context.target {
                resources.client_id = None;
            }
        });
        offer(&|context| {
            if let Target::Resources(resources) = &mut context.target {
                resources.is_complete = true;
            }
        });
        offer(&|context| {
            if let Target::Resources(resources) = &mut context.target {
                resources.is_recorded = false;
            }
        });
    }
    offer(&|context| edit_person(context, |user| user.member_of = None));
    offer(&|context| edit_person(context, |user| user.roles = None));
    offer(&|context| edit_person(context, |user| user.home_tenant = None));
    offer(&|context| edit_person(context, |user| user.principal_name = None));
    offer(&|context| edit_person(context, |user| user.id = None));
    found
}
