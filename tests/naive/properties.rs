//! What must hold of the program's answers whatever the case, asked of the public interface only.

use std::ops::Range;

use authopsy::domain::context::{Subject, Target};
use authopsy::domain::policy::{Applications, Conditions, GrantControls, Policy, PolicyState, Users};
use authopsy::domain::snapshot::NamedLocationKind;
use authopsy::explain::access::{Asked, Tenant, decide};

use crate::any_tenant;
use crate::case::Case;
use crate::chance::Chance;
use crate::compare::{ending, program};
use crate::forget::{self, Way};
use crate::matching;
use crate::truth::Truth;
use crate::world::{self, Bounds};

/// How many cases each property is asked of.
const CASES: u64 = 1500;

/// The seeds of the cases.
fn seeds() -> Range<u64> {
    crate::seed()..crate::seed() + CASES
}

/// A request of a made-up tenant.
fn any_case(seed: u64) -> Case {
    let mut chance = Chance::new(seed);
    let (mut case, bounds) = any_tenant(&mut chance);
    case.context = world::request(&mut chance, bounds);
    case
}

/// What the program says of each policy, by its place.
fn applies(case: &Case) -> Vec<Truth> {
    let answer = program(&case.context, &Tenant::new(case.snapshot.clone()));
    answer.policies.iter().map(|policy| policy.applies).collect()
}

#[test]
fn a_block_for_everybody_and_everything_blocks() {
    let mut asked = 0;
    for seed in seeds() {
        let mut case = any_case(seed);
        let is_user = matches!(case.context.subject, Subject::User(_));
        let is_resource = matches!(&case.context.target, Target::Resources(found) if !found.audiences.is_empty());
        if !is_user || !is_resource {
            continue;
        }
        let place = usize::try_from(seed).unwrap_or(0) % (case.snapshot.policies.len() + 1);
        case.snapshot.policies.insert(
            place,
            Policy {
                id: "block".to_owned(),
                state: PolicyState::Enabled,
                conditions: Conditions {
                    users: Users { include_users: vec!["All".to_owned()], ..Users::default() },
                    applications: Applications { include: vec!["All".to_owned()], ..Applications::default() },
                    ..Conditions::default()
                },
                grant: Some(GrantControls { built_in: vec!["block".to_owned()], ..GrantControls::default() }),
                ..Policy::default()
            },
        );
        let answer = program(&case.context, &Tenant::new(case.snapshot));
        assert_eq!(answer.ending, "blocked", "seed {seed}");
        assert_eq!(answer.status, Some("failure"), "seed {seed}");
        assert!(answer.blocked_by.contains(&place), "seed {seed}");
        asked += 1;
    }
    assert!(asked > CASES / 2, "{asked}");
}

/// What the program says at first and after each thing forgotten, or after `alone`, of policies it comes to answer otherwise;
/// nothing when it never does.
fn other_answer(seed: u64, alone: Option<Way>) -> Option<String> {
    let mut chance = Chance::new(seed);
    let bounds = Bounds { complete: true, actions: chance.percent(25), unknown_members: chance.percent(10) };
    let mut case = world::tenant(&mut chance, bounds);
    forget::tell_everything(&mut chance, &mut case, bounds);
    for _ in 0..4 {
        (chance.pick(&forget::SAID).1)(&mut chance, &mut case);
    }
    let start = (case.context.clone(), applies(&case));
    let mut forgotten = Vec::new();
    for _ in 0..if alone.is_some() { 1 } else { 6 } {
        let (name, forget) = alone.unwrap_or_else(|| chance.pick(&forget::WAYS));
        forget(&mut chance, &mut case);
        forgotten.push(name);
        let now = applies(&case);
        let policies = case.snapshot.policies.iter();
        for (policy, (before, after)) in policies.zip(start.1.iter().zip(&now)) {
            if before != after && *after != Truth::Unknown {
                return Some(format!(
                    "seed {seed}: {before:?} becomes {after:?} without {}\n{policy:#?}\nbefore: {:#?}\nafter: {:#?}\n\
                     groups: {:#?}\nroles: {:#?}\nnamed locations: {:#?}",
                    forgotten.join(", "),
                    start.0,
                    case.context,
                    case.snapshot.groups,
                    case.snapshot.roles,
                    case.snapshot.named_locations
                ));
            }
        }
    }
    None
}

#[test]
fn knowing_less_never_turns_an_answer_into_another() {
    for seed in seeds() {
        if let Some(text) = other_answer(seed, None) {
            panic!("{text}");
        }
    }
}

#[test]
fn what_is_excused_from_that_still_needs_its_excuse() {
    for (way, reason) in forget::EXCUSED {
        let found = (0..10 * CASES).find_map(|seed| other_answer(seed, Some(way)));
        assert!(found.is_some(), "{} can be forgotten like the others now: {reason}", way.0);
    }
}

/// Puts everything that is a set into another order.
fn reorder(chance: &mut Chance, case: &mut Case) {
    let snapshot = &mut case.snapshot;
    chance.shuffle(&mut snapshot.policies);
    chance.shuffle(&mut snapshot.groups);
    chance.shuffle(&mut snapshot.users);
    chance.shuffle(&mut snapshot.roles);
    chance.shuffle(&mut snapshot.named_locations);
    let members = snapshot.groups.iter_mut().map(|group| &mut group.members);
    members.chain(snapshot.roles.iter_mut().map(|role| &mut role.members)).for_each(|members| chance.shuffle(members));
    for location in &mut snapshot.named_locations {
        match &mut location.kind {
            NamedLocationKind::Ranges(items) | NamedLocationKind::Countries { codes: items, .. } => {
                chance.shuffle(items);
            }
            NamedLocationKind::CompliantNetwork | NamedLocationKind::Unknown => {}
        }
    }
    for policy in &mut snapshot.policies {
        let conditions = &mut policy.conditions;
        let (users, applications) = (&mut conditions.users, &mut conditions.applications);
        let lists = [
            &mut conditions.client_app_types,
            &mut conditions.sign_in_risk_levels,
            &mut conditions.transfer_methods,
            &mut users.include_users,
            &mut users.exclude_users,
            &mut users.include_groups,
            &mut users.exclude_groups,
            &mut users.include_roles,
            &mut applications.include,
            &mut applications.exclude,
            &mut applications.user_actions,
            &mut applications.authentication_contexts,
        ];
        lists.into_iter().for_each(|list| chance.shuffle(list));
        for pair in [&mut conditions.locations, &mut conditions.platforms].into_iter().flatten() {
            chance.shuffle(&mut pair.include);
            chance.shuffle(&mut pair.exclude);
        }
        if let Some(grant) = &mut policy.grant {
            chance.shuffle(&mut grant.built_in);
            chance.shuffle(&mut grant.terms_of_use);
        }
        chance.shuffle(&mut policy.unknown);
    }
    let context = &mut case.context;
    context.scopes.iter_mut().for_each(|scopes| chance.shuffle(scopes));
    context.proofs.methods.iter_mut().for_each(|modes| chance.shuffle(modes));
    chance.shuffle(&mut context.proofs.methods);
    if let Target::Resources(resources) = &mut context.target {
        chance.shuffle(&mut resources.audiences);
    }
}

#[test]
fn the_order_of_things_never_matters() {
    for seed in seeds() {
        let case = any_case(seed);
        let mut other = case.clone();
        reorder(&mut Chance::new(seed), &mut other);
        let one = program(&case.context, &Tenant::new(case.snapshot.clone()));
        let two = program(&other.context, &Tenant::new(other.snapshot.clone()));
        assert_eq!((one.ending, one.status, one.frequency), (two.ending, two.status, two.frequency), "seed {seed}");
        for (policy, answer) in case.snapshot.policies.iter().zip(&one.policies) {
            let place = other.snapshot.policies.iter().position(|found| found.id == policy.id);
            let place = place.expect("the same policy elsewhere");
            assert_eq!(*answer, two.policies[place], "seed {seed}: {}", policy.display_name);
        }
    }
}

#[test]
fn asking_twice_gives_the_same_answer() {
    for seed in seeds() {
        let case = any_case(seed);
        let tenant = Tenant::new(case.snapshot.clone());
        let ask = || decide(&Asked::new(&case.context, &tenant));
        assert_eq!(format!("{:?}", ask()), format!("{:?}", ask()), "seed {seed}");
        assert_eq!(ending(&ask()), ending(&ask()), "seed {seed}");
    }
}

#[test]
fn a_policy_applies_to_a_request_made_to_fit_it_until_an_exclusion_fits_too() {
    for seed in seeds() {
        let mut chance = Chance::new(seed);
        let mut case = matching::policy_and_request(&mut chance);
        let text = || format!("seed {seed}\n{:#?}\n{:#?}", case.snapshot.policies, case.context);
        assert_eq!(applies(&case), [Truth::Yes], "{}", text());
        let excluded = matching::exclude(&mut chance, &mut case);
        assert_eq!(
            applies(&case),
            [Truth::No],
            "seed {seed} {excluded}\n{:#?}\n{:#?}",
            case.snapshot.policies,
            case.context
        );
    }
}
