//! Security defaults as policies, so that they are evaluated and shown like any other
//! (entra-docs, security defaults, 2024-04-15).
//!
//! When members are asked for MFA "when necessary" follows no published rule; that one is left undecided.

use crate::domain::policy::{Applications, Conditions, GrantControls, Policy, PolicyState, UnknownMember, Users};
use crate::domain::snapshot::Collection;
use crate::domain::{Snapshot, first_party};

/// Windows Azure Service Management API: the portal, PowerShell and the command line for Azure.
const AZURE_MANAGEMENT: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
/// The role of the synchronisation's own account, which is excluded.
const SYNCHRONISATION: &str = "d29b2b05-8046-44ba-8758-1e26182fcf32";

/// The rules, none when the snapshot does not say that security defaults are on.
pub(super) fn rules(snapshot: &Snapshot) -> Vec<Policy> {
    let Some(defaults) = snapshot.security_defaults.as_ref().filter(|defaults| defaults.is_enabled) else {
        return Vec::new();
    };
    // The list of roles holds those that somebody holds; where it is there and lacks the role, nobody is excluded.
    let roles = Collection::DirectoryRoles;
    let holds_roles = snapshot.present.contains(&roles) && !snapshot.incomplete.contains(&roles);
    let exclude_roles = match holds_roles && snapshot.role(SYNCHRONISATION).is_none() {
        true => Vec::new(),
        false => vec![SYNCHRONISATION.to_owned()],
    };
    let everybody =
        || Users { include_users: vec!["All".to_owned()], exclude_roles: exclude_roles.clone(), ..Users::default() };
    let everything = || Applications { include: vec!["All".to_owned()], ..Applications::default() };
    let rule = |id: &str, name: &str, conditions: Conditions, control: &str| Policy {
        id: format!("securityDefaults/{id}"),
        display_name: format!("Security defaults: {name}"),
        state: PolicyState::Enabled,
        conditions,
        grant: Some(GrantControls { built_in: vec![control.to_owned()], ..GrantControls::default() }),
        origin: defaults.origin.clone(),
        ..Policy::default()
    };
    let plain = || Conditions { users: everybody(), applications: everything(), ..Conditions::default() };
    let legacy = Conditions { client_app_types: vec!["exchangeActiveSync".to_owned(), "other".to_owned()], ..plain() };
    let administrators = Conditions {
        users: Users {
            include_users: Vec::new(),
            include_roles: first_party::security_defaults_administrators().to_vec(),
            ..everybody()
        },
        ..plain()
    };
    let management = Conditions {
        applications: Applications { include: vec![AZURE_MANAGEMENT.to_owned()], ..Applications::default() },
        ..plain()
    };
    let mut others = rule("members", "MFA for others when necessary", plain(), "mfa");
    others.unknown.push(UnknownMember {
        pointer: "/conditions/whenNecessary".to_owned(),
        text: "Entra decides when; the rule is not published".to_owned(),
    });
    vec![
        rule("legacy", "no legacy authentication", legacy, "block"),
        rule("administrators", "MFA for administrators", administrators, "mfa"),
        rule("management", "MFA for Azure management", management, "mfa"),
        others,
    ]
}
