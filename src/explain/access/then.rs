//! Makes of a tenant the tenant as it was at another time: with the policies, named locations, group members and role holders that stood
//! then, as far as audit logs and older snapshots tell.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::history::{Change, InForce, Membership, Standing};
use crate::domain::policy::{Policy, PolicyState, UnknownMember};
use crate::domain::snapshot::{NamedLocation, Snapshot};

use super::tenant::Tenant;

/// What stood otherwise at one time than in the snapshot.
#[derive(Debug, Default)]
pub struct Then {
    /// The time.
    pub at: DateTime<Utc>,
    /// The snapshot as it was exported.
    pub exported: Arc<Snapshot>,
    /// The changes by which somebody was in a group or role then and is not in the snapshot's, or the reverse, with whether they were.
    memberships: Vec<(usize, bool)>,
    /// Groups of which it is not known whether an object was in them then, by the object's id in lower case: it came or went between
    /// two snapshots, and the time lies between them as well.
    uncertain: HashMap<String, Vec<usize>>,
    /// Groups that an object was in then and is not in the snapshot's, by the object's id in lower case.
    added: HashMap<String, Vec<usize>>,
    /// Groups that an object was not in then and is in the snapshot's, with the object's id in lower case.
    removed: HashSet<(usize, String)>,
}

impl Then {
    /// What is known of a policy's text then.
    pub fn policy(&self, id: &str) -> InForce<'_, Policy> {
        self.exported.history.policy(id, self.exported.policy(id), self.at)
    }

    /// What is known of a named location then.
    pub fn named_location(&self, id: &str) -> InForce<'_, NamedLocation> {
        self.exported.history.named_location(id, self.exported.named_location(id), self.at)
    }

    pub(super) fn added(&self, lower_id: &str) -> &[usize] {
        self.added.get(lower_id).map(Vec::as_slice).unwrap_or_default()
    }

    /// Who was in a group or role then and is not in the snapshot's, or the reverse: what came or went, whether they were in, and the
    /// change that tells.
    pub fn memberships(&self) -> impl Iterator<Item = (&Membership, bool, &Change)> {
        let history = &self.exported.history;
        self.memberships
            .iter()
            .filter_map(|(number, was_in)| Some((history.membership(*number)?, *was_in, history.changes.get(*number)?)))
    }

    pub(super) fn uncertain(&self, lower_id: &str) -> &[usize] {
        self.uncertain.get(lower_id).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn has_left(&self, group: usize, lower_id: &str) -> bool {
        !self.removed.is_empty() && self.removed.contains(&(group, lower_id.to_owned()))
    }
}

impl Tenant {
    /// The tenant as it was at a time. Where nothing is known of other times it is the same, and costs nothing.
    pub fn as_of(&self, at: Option<DateTime<Utc>>) -> Tenant {
        let snapshot = self.snapshot();
        let Some(at) = at.filter(|at| !snapshot.history.is_empty() || was_made_after(snapshot, *at)) else {
            return self.clone();
        };
        let mut then = Then { at, exported: self.shared_snapshot(), ..Then::default() };
        let mut changed = snapshot.clone();
        changed.policies = policies(snapshot, at);
        changed.named_locations = named_locations(snapshot, at);
        if let Some(settings) = snapshot.history.settings(at) {
            if let Some(rules) = &settings.password_rules {
                changed.password_rules.clone_from(rules);
            }
            if settings.security_defaults.is_some() {
                changed.security_defaults.clone_from(&settings.security_defaults);
            }
        }
        self.move_members(&mut changed, &mut then);
        self.with_then(changed, then)
    }

    /// Between two times of one epoch the tenant did not change, as far as is known.
    pub fn epoch(&self, at: DateTime<Utc>) -> usize {
        let snapshot = self.snapshot();
        let history = &snapshot.history;
        let changes = history.count_until(at);
        let older = history.policies.iter().filter_map(|policy| policy.modified);
        let own = snapshot.policies.iter().flat_map(|policy| [policy.created, policy.modified]).flatten();
        let places = history.named_locations.iter().chain(&snapshot.named_locations).filter_map(|place| place.modified);
        changes + older.chain(own).chain(places).filter(|modified| *modified <= at).count()
    }

    /// Puts back who was in a group or role then, and takes out who was not.
    fn move_members(&self, changed: &mut Snapshot, then: &mut Then) {
        let exported = Arc::clone(&then.exported);
        for (number, was_in) in exported.history.memberships(then.at) {
            let change = exported.history.changes.get(number).zip(exported.history.membership(number));
            let Some((change, membership)) = change else { continue };
            let member = match membership.member.id.is_empty() {
                false => membership.member.id.to_ascii_lowercase(),
                true => match self.user(None, Some(&membership.member.name)) {
                    Some(user) => user.id.to_ascii_lowercase(),
                    None => continue,
                },
            };
            let is_in = if membership.is_role {
                let Some(number) = self.role_number(&membership.holder.id) else { continue };
                let Some(role) = changed.roles.get_mut(number) else { continue };
                let held = role.members.iter().position(|held| held.eq_ignore_ascii_case(&member));
                match (held, was_in) {
                    (Some(place), false) => drop(role.members.remove(place)),
                    (None, true) => role.members.push(member),
                    _ => {}
                }
                held.is_some()
            } else {
                let Some(group) = self.group_number(&membership.holder.id) else { continue };
                let is_in = self.holder_numbers(&member).contains(&group);
                if change.since.is_some_and(|since| since < then.at && then.at < change.at) {
                    then.uncertain.entry(member.clone()).or_default().push(group);
                    then.removed.insert((group, member));
                    then.memberships.push((number, was_in));
                    continue;
                }
                match (is_in, was_in) {
                    (true, false) => drop(then.removed.insert((group, member))),
                    (false, true) => then.added.entry(member).or_default().push(group),
                    _ => {}
                }
                is_in
            };
            if is_in != was_in {
                then.memberships.push((number, was_in));
            }
        }
    }
}

fn was_made_after(snapshot: &Snapshot, at: DateTime<Utc>) -> bool {
    snapshot.policies.iter().any(|policy| policy.created.is_some_and(|created| created > at))
}

/// The policies that stood at a time, in the order of the snapshot, and behind them those that were deleted since.
fn policies(snapshot: &Snapshot, at: DateTime<Utc>) -> Vec<Policy> {
    let history = &snapshot.history;
    let mut found: Vec<Policy> = Vec::with_capacity(snapshot.policies.len());
    for policy in &snapshot.policies {
        match history.policy(&policy.id, Some(policy), at) {
            InForce::Text(Standing { text, .. }) => found.push(text.clone()),
            InForce::Absent(_) => {}
            InForce::Unread(change) => {
                let mut policy = policy.clone();
                let text = format!(
                    "what stood between the changes around {} is not in the audit log",
                    super::super::written(change.at)
                );
                policy.unknown.push(UnknownMember { pointer: "/modifiedDateTime".to_owned(), text });
                policy.state = PolicyState::Missing;
                found.push(policy);
            }
            InForce::Snapshot | InForce::NotReached => found.push(policy.clone()),
        }
    }
    let mut known: HashSet<String> = snapshot.policies.iter().map(|policy| policy.id.to_ascii_lowercase()).collect();
    let others = history
        .changes
        .iter()
        .filter_map(|change| change.policy_id())
        .chain(history.policies.iter().map(|policy| policy.id.as_str()));
    for id in others {
        if known.insert(id.to_ascii_lowercase())
            && let InForce::Text(Standing { text, .. }) = history.policy(id, None, at)
        {
            found.push(text.clone());
        }
    }
    found
}

fn named_locations(snapshot: &Snapshot, at: DateTime<Utc>) -> Vec<NamedLocation> {
    let history = &snapshot.history;
    let mut found: Vec<NamedLocation> = Vec::with_capacity(snapshot.named_locations.len());
    for location in &snapshot.named_locations {
        match history.named_location(&location.id, Some(location), at) {
            InForce::Text(Standing { text, .. }) => found.push(text.clone()),
            InForce::Absent(_) => {}
            // A kind that is not known decides nothing.
            InForce::Unread(_) => found.push(NamedLocation { kind: Default::default(), ..location.clone() }),
            InForce::Snapshot | InForce::NotReached => found.push(location.clone()),
        }
    }
    let mut known: HashSet<String> =
        snapshot.named_locations.iter().map(|place| place.id.to_ascii_lowercase()).collect();
    let others = history.changes.iter().filter_map(|change| change.named_location_id());
    for id in others.chain(history.named_locations.iter().map(|place| place.id.as_str())) {
        if known.insert(id.to_ascii_lowercase())
            && let InForce::Text(Standing { text, .. }) = history.named_location(id, None, at)
        {
            found.push(text.clone());
        }
    }
    found
}
