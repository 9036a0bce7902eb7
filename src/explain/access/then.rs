//! Makes of a tenant the tenant as it was at another time: with the policies, named locations, group members and role holders that stood
//! then, as far as audit logs and older snapshots tell.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::history::{Change, InForce, Membership, Standing};
use crate::domain::policy::{Policy, PolicyState, UnknownMember};
use crate::domain::snapshot::{NamedLocation, NamedLocationKind, Snapshot};

use super::tenant::Tenant;

/// What stood otherwise at one time than in the snapshot.
#[derive(Debug, Default)]
pub struct Then {
    /// The time.
    pub at: DateTime<Utc>,
    /// The snapshot as it was exported.
    pub exported: Arc<Snapshot>,
    /// Memberships of the user and of groups that were others then, or may have been.
    memberships: Vec<Moved>,
    /// Roles of which it is not known whether somebody held them then: template and holder, in lower case.
    uncertain_roles: HashSet<(String, String)>,
    /// Groups of which it is not known whether an object was in them then, by the object's id in lower case: it came or went between
    /// two snapshots with the time between them as well, or the sources contradict each other.
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

    /// Who was in a group or role then and is not in the snapshot's, or the reverse: what came or went, whether they were in, whether
    /// that is certain, and the change that tells.
    pub fn memberships(&self) -> impl Iterator<Item = (&Membership, bool, bool, &Change)> {
        let history = &self.exported.history;
        self.memberships.iter().filter_map(|moved| {
            let membership = history.membership(moved.change)?;
            Some((membership, moved.was_in, moved.is_sure, history.changes.get(moved.change)?))
        })
    }

    pub(super) fn is_uncertain_role(&self, lower_template: &str, lower_id: &str) -> bool {
        !self.uncertain_roles.is_empty()
            && self.uncertain_roles.contains(&(lower_template.to_owned(), lower_id.to_owned()))
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
    /// `user` is the object id of the one that is asked about; memberships of other people are left as the snapshot has them.
    pub fn as_of(&self, at: Option<DateTime<Utc>>, user: Option<&str>) -> Tenant {
        let snapshot = self.snapshot();
        let Some(at) = at.filter(|at| !snapshot.history.is_empty() || is_younger(snapshot, *at)) else {
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
        self.move_members(&mut changed, &mut then, user);
        self.with_then(changed, then)
    }

    /// The groups around an object, then or in the snapshot as it was exported: the names by the ids in lower case.
    pub fn groups_around(&self, id: &str) -> HashMap<String, String> {
        let mut found: HashMap<String, String> = HashMap::new();
        let mut open = vec![id.to_ascii_lowercase()];
        while let Some(id) = open.pop() {
            let exported = self.holder_numbers(&id).iter().filter_map(|number| self.snapshot().groups.get(*number));
            for group in self.holders(&id).chain(exported) {
                let key = group.id.to_ascii_lowercase();
                if found.insert(key.clone(), group.display_name.clone()).is_none() {
                    open.push(key);
                }
            }
        }
        found
    }

    /// Between two times of one epoch the tenant did not change, as far as is known.
    pub fn epoch(&self, at: DateTime<Utc>) -> usize {
        let snapshot = self.snapshot();
        let history = &snapshot.history;
        let changes = history.changes.iter().flat_map(|change| [Some(change.at), change.since]).flatten();
        let older = history.policies.iter().flat_map(|seen| [seen.text.modified, seen.until]).flatten();
        let own = snapshot.policies.iter().flat_map(|policy| [policy.created, policy.modified]).flatten();
        let places = history.named_locations.iter().map(|seen| &seen.text);
        let places = places.chain(&snapshot.named_locations).filter_map(|place| place.modified);
        let reach = history.reach.iter().flat_map(|reach| [reach.first, reach.last]).chain(history.taken_at);
        changes.chain(older).chain(own).chain(places).chain(reach).filter(|time| *time <= at).count()
    }

    /// Puts back who was in a group or role then, and takes out who was not.
    fn move_members(&self, changed: &mut Snapshot, then: &mut Then, user: Option<&str>) {
        let exported = Arc::clone(&then.exported);
        for told in exported.history.memberships(then.at) {
            let change = exported.history.changes.get(told.change).zip(exported.history.membership(told.change));
            let Some((change, membership)) = change else { continue };
            let id = membership.member.id.as_str();
            // A tenant's log holds thousands of memberships; those of the user and of groups decide.
            let concerns =
                |user: &str| id.is_empty() || id.eq_ignore_ascii_case(user) || self.group_number(id).is_some();
            if !user.is_none_or(concerns) {
                continue;
            }
            let member = match membership.member.id.is_empty() {
                false => membership.member.id.to_ascii_lowercase(),
                true => match self.user(None, Some(&membership.member.name)) {
                    Some(user) => user.id.to_ascii_lowercase(),
                    None => continue,
                },
            };
            let role = self.role_number(&membership.holder.id).filter(|_| membership.is_role);
            let group = self.group_number(&membership.holder.id).filter(|_| !membership.is_role);
            let held = |number: usize| {
                let role = exported.roles.get(number)?;
                Some((role.members.iter().any(|held| held.eq_ignore_ascii_case(&member)), role.members_known))
            };
            let grouped = |number: usize| {
                let is_known = exported.groups.get(number)?.members_known;
                Some((self.holder_numbers(&member).contains(&number), is_known))
            };
            let Some((is_in, is_known)) = role.and_then(held).or_else(|| group.and_then(grouped)) else { continue };
            // Where the snapshot says otherwise than the last change before it, an unseen change lies between the two.
            let is_younger = |than: DateTime<Utc>| exported.history.taken_at.is_none_or(|taken| taken >= than);
            let unseen = (is_known || is_in)
                && is_in != told.was_in
                && match change.at <= then.at {
                    true => told.is_last && !told.reaches && is_younger(change.at),
                    false => !is_younger(then.at),
                };
            let is_sure = told.is_sure && !unseen;
            match (role, group) {
                (Some(number), _) => {
                    let template = exported.roles.get(number).map(|role| role.template_id.to_ascii_lowercase());
                    let Some(role) = changed.roles.get_mut(number) else { continue };
                    role.members.retain(|held| !held.eq_ignore_ascii_case(&member));
                    match (is_sure, told.was_in) {
                        (true, true) => role.members.push(member),
                        (true, false) => {}
                        (false, _) => drop(then.uncertain_roles.insert((template.unwrap_or_default(), member))),
                    }
                }
                (None, Some(number)) if !is_sure => {
                    then.uncertain.entry(member.clone()).or_default().push(number);
                    then.removed.insert((number, member));
                }
                (None, Some(number)) => match (is_in, told.was_in) {
                    (true, false) => drop(then.removed.insert((number, member))),
                    (false, true) => then.added.entry(member).or_default().push(number),
                    _ => {}
                },
                (None, None) => {}
            }
            if is_in != told.was_in || !is_sure {
                then.memberships.push(Moved { change: told.change, was_in: told.was_in, is_sure });
            }
        }
    }
}

/// A membership that was otherwise then than in the snapshot, or may have been.
#[derive(Debug, Clone, Copy)]
struct Moved {
    change: usize,
    was_in: bool,
    is_sure: bool,
}

/// Whether something of the snapshot is younger than a time: a policy that was made later, or a named location that was changed.
fn is_younger(snapshot: &Snapshot, at: DateTime<Utc>) -> bool {
    let is_later = |time: Option<DateTime<Utc>>| time.is_some_and(|time| time > at);
    snapshot.policies.iter().any(|policy| is_later(policy.created))
        || snapshot.named_locations.iter().any(|place| is_later(place.modified))
}

/// The policies that stood at a time, in the order of the snapshot, and behind them those that were deleted since. One whose text of
/// then is not certain cannot be decided.
fn policies(snapshot: &Snapshot, at: DateTime<Utc>) -> Vec<Policy> {
    let history = &snapshot.history;
    let mut found: Vec<Policy> = Vec::with_capacity(snapshot.policies.len());
    for policy in &snapshot.policies {
        match history.policy(&policy.id, Some(policy), at) {
            InForce::Text(standing) => found.push(standing_policy(&standing)),
            InForce::Absent(_) => {}
            InForce::Unread(change) => found.push(undecided(policy.clone(), change.at)),
            InForce::Snapshot | InForce::NotReached => found.push(policy.clone()),
        }
    }
    let mut known: HashSet<String> = snapshot.policies.iter().map(|policy| policy.id.to_ascii_lowercase()).collect();
    let named = history.changes.iter().filter_map(|change| Some((change.policy_id()?, change.policy_name()?)));
    let others = history.policies.iter().map(|seen| (seen.text.id.as_str(), seen.text.display_name.as_str()));
    for (id, name) in named.chain(others) {
        if !known.insert(id.to_ascii_lowercase()) {
            continue;
        }
        match history.policy(id, None, at) {
            InForce::Text(standing) => found.push(standing_policy(&standing)),
            InForce::Unread(change) => {
                let policy = Policy { id: id.to_owned(), display_name: name.to_owned(), ..Policy::default() };
                found.push(undecided(Policy { origin: change.origin.clone(), ..policy }, change.at));
            }
            InForce::Snapshot | InForce::Absent(_) | InForce::NotReached => {}
        }
    }
    found
}

fn standing_policy(standing: &Standing<'_, Policy>) -> Policy {
    let policy = standing.text.clone();
    let text = "whether this text still stood is not certain: no log reaches over all of the time".to_owned();
    if standing.is_sure { policy } else { without_text(policy, text) }
}

fn undecided(policy: Policy, changed: DateTime<Utc>) -> Policy {
    let text =
        format!("it was changed at {}, and the text that stood is not in the evidence", super::super::written(changed));
    without_text(policy, text)
}

fn without_text(mut policy: Policy, text: String) -> Policy {
    policy.unknown.push(UnknownMember { pointer: "/modifiedDateTime".to_owned(), text });
    policy.state = PolicyState::Missing;
    policy
}

fn named_locations(snapshot: &Snapshot, at: DateTime<Utc>) -> Vec<NamedLocation> {
    let history = &snapshot.history;
    let mut found: Vec<NamedLocation> = Vec::with_capacity(snapshot.named_locations.len());
    // A kind that is not known decides nothing.
    let unknown = |location: &NamedLocation| NamedLocation { kind: NamedLocationKind::Unknown, ..location.clone() };
    for location in &snapshot.named_locations {
        match history.named_location(&location.id, Some(location), at) {
            InForce::Text(Standing { text, is_sure: true, .. }) => found.push(text.clone()),
            InForce::Absent(_) => {}
            InForce::Unread(_) | InForce::Text(_) => found.push(unknown(location)),
            InForce::Snapshot | InForce::NotReached => found.push(location.clone()),
        }
    }
    let mut known: HashSet<String> =
        snapshot.named_locations.iter().map(|place| place.id.to_ascii_lowercase()).collect();
    let others = history.changes.iter().filter_map(|change| change.named_location_id());
    for id in others.chain(history.named_locations.iter().map(|seen| seen.text.id.as_str())) {
        if known.insert(id.to_ascii_lowercase())
            && let InForce::Text(Standing { text, is_sure, .. }) = history.named_location(id, None, at)
        {
            found.push(if is_sure { text.clone() } else { unknown(text) });
        }
    }
    found
}
