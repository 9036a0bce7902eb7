//! Keeps exports of different times apart, so that the newest is the snapshot and the older ones are its history.
//!
//! A file tells its time itself (`exportedAt`, `ExportDate`, ...) or by a date in its path (`export-2026-09-01/policies.json`). What
//! tells no time belongs to the newest. Where the newest lacks a collection, the youngest export that has it stands in.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};

use crate::domain::history::{Change, Membership, Named, Seen, Settings, Version, What};
use crate::domain::snapshot::{Collection, Group, Role, Snapshot};
use crate::domain::{Origin, Policy};

use super::names::{Logged, Said};
use super::{Builder, is_guid};

/// Files of one export are written one after the other; those whose times are so near are of one.
const ONE_EXPORT: Duration = Duration::hours(1);

/// The exports that tell their time.
#[derive(Debug, Default)]
pub(super) struct Dated {
    /// By the earliest time at which each can have been taken, with the latest.
    exports: BTreeMap<DateTime<Utc>, (DateTime<Utc>, Box<Builder>)>,
}

/// An older export.
pub(super) struct Older {
    /// When it was taken at the earliest.
    from: DateTime<Utc>,
    /// When it was taken at the latest.
    until: DateTime<Utc>,
    snapshot: Snapshot,
}

impl Older {
    /// What is to be said of it, at the first file that it holds an object of.
    pub(super) fn said(&self) -> Option<Said> {
        let Older { from, until, snapshot } = self;
        let of_policies = snapshot.policies.iter().map(|policy| &policy.origin);
        let others = snapshot.named_locations.iter().map(|place| &place.origin);
        let others = others.chain(snapshot.groups.iter().map(|group| &group.origin));
        let others = others.chain(snapshot.users.iter().map(|user| &user.origin));
        let others = others.chain(snapshot.password_rules.iter().map(|rules| &rules.origin));
        let file = Arc::clone(&of_policies.chain(others).next()?.file);
        let day = from.format("%Y-%m-%d");
        let how = if from == until { "" } else { ", by the date in its path" };
        Some(Said {
            file,
            text: format!("an older export, of {day}{how}: it counts for its time, and the newest for the rest"),
        })
    }
}

impl Builder {
    /// The builder of the export that a file is of: by the time that it tells, else by a date in its path, else this one.
    pub(super) fn of_time(&mut self, file: &str, told: Option<DateTime<Utc>>) -> &mut Builder {
        let Some((from, until)) = told.map(|at| (at, at)).or_else(|| day_of_path(file)) else { return self };
        let near = |held: &DateTime<Utc>| (*held - from).abs() <= ONE_EXPORT;
        let key = self.dated.exports.keys().copied().find(near).unwrap_or(from);
        let (held_until, builder) = self.dated.exports.entry(key).or_insert_with(|| (until, Box::default()));
        *held_until = until.max(*held_until);
        builder
    }

    /// Takes over all that another builder took.
    pub(super) fn absorb(&mut self, other: Builder, said: &mut Vec<Said>) {
        for (number, policy) in other.policies.into_iter().enumerate() {
            let file = Arc::clone(&policy.origin.file);
            let mut warnings = Vec::new();
            self.writes_names = other.named.contains(&number);
            self.add_policy(policy, !other.nameless.contains(&number), &mut warnings);
            said.extend(warnings.into_iter().map(|text| Said { file: Arc::clone(&file), text }));
        }
        self.writes_names = false;
        let places = self.named_locations.absorb_newest(other.named_locations, |held| held.modified);
        self.history.named_locations.extend(places.into_iter().map(|text| Seen { text, until: None }));
        self.directory.absorb(other.directory);
        self.strengths.absorb(other.strengths);
        self.narrowed_strengths.extend(other.narrowed_strengths);
        self.password_rules = other.password_rules.or(self.password_rules.take());
        self.branding = other.branding.or(self.branding.take());
        self.token_lifetime_policies.absorb(other.token_lifetime_policies);
        self.security_defaults = other.security_defaults.or(self.security_defaults.take());
        self.domains.absorb(other.domains);
        self.organization = other.organization.or(self.organization.take());
        self.taken_at = other.taken_at.max(self.taken_at);
        self.recipients.extend(other.recipients);
        self.history.policies.extend(other.history.policies);
        self.history.named_locations.extend(other.history.named_locations);
        self.present.extend(other.present);
        for (collection, (open, closed)) in other.lists {
            let held = self.lists.entry(collection).or_default();
            *held = (held.0 + open, held.1 + closed);
        }
        self.broken.extend(other.broken);
        for (collection, count) in other.counts {
            *self.counts.entry(collection).or_default() += count;
        }
    }
}

impl Dated {
    /// Takes the newest export out, with when it was taken at the earliest and at the latest.
    pub(super) fn newest(&mut self) -> Option<(DateTime<Utc>, DateTime<Utc>, Builder)> {
        self.exports.pop_last().map(|(from, (until, builder))| (from, until, *builder))
    }

    /// The older exports, the newest of them first.
    pub(super) fn finish(self, logged: &Logged) -> Vec<Older> {
        let exports = self.exports.into_iter().rev().filter(|(_, (_, builder))| !builder.present.is_empty());
        exports
            .map(|(from, (until, mut builder))| {
                builder.logged = logged.clone();
                Older { from, until, snapshot: builder.finish_one().0 }
            })
            .collect()
    }
}

/// The day that a path names, from its beginning to its end; of several the last, which is nearest to the file.
fn day_of_path(path: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let date = path.rsplit(['/', '\\', '!']).find_map(|part| {
        let digits = |width: usize| {
            let is_end = move |at: usize| part.as_bytes().get(at).is_none_or(|byte| !byte.is_ascii_digit());
            let starts = part.char_indices().map(|(at, _)| at).filter(move |at| *at == 0 || is_end(at - 1));
            starts.filter(move |at| is_end(at + width)).filter_map(move |at| part.get(at..at + width))
        };
        let dashed = digits(10).find_map(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
        dashed.or_else(|| digits(8).find_map(|text| NaiveDate::parse_from_str(text, "%Y%m%d").ok()))
    })?;
    let is_plausible = date >= NaiveDate::from_ymd_opt(2010, 1, 1)? && date < NaiveDate::from_ymd_opt(2100, 1, 1)?;
    let midnight = |date: NaiveDate| date.and_hms_opt(0, 0, 0).map(|at| at.and_utc());
    is_plausible.then_some((midnight(date)?, midnight(date.checked_add_days(Days::new(1))?)?))
}

/// Makes older exports the history of a snapshot, the newest of them first.
pub(super) fn remember(snapshot: &mut Snapshot, newest: (DateTime<Utc>, DateTime<Utc>), older: Vec<Older>) {
    let mut history = (*snapshot.history).clone();
    history.taken_at = Some(newest.0);
    let (mut newer, mut newer_until) = (None, newest.1);
    for Older { from, until, snapshot: old } in older {
        fill(snapshot, &old);
        // What differs came between the two; of when exactly nothing is known.
        history.changes.extend(changes(&old, newer.as_ref().unwrap_or(snapshot), from, newer_until));
        let seen = Some(from);
        history.policies.extend(old.policies.iter().map(|text| Seen { text: text.clone(), until: seen }));
        let places = old.named_locations.iter().map(|text| Seen { text: text.clone(), until: seen });
        history.named_locations.extend(places);
        history.settings.push(Settings {
            until,
            password_rules: old.present.contains(&Collection::DirectorySettings).then(|| old.password_rules.clone()),
            security_defaults: old.security_defaults.clone(),
        });
        newer_until = until;
        newer = Some(old);
    }
    history.sort();
    snapshot.history = Arc::new(history);
}

/// Lets an older export stand in for the collections that the newer ones lack.
fn fill(snapshot: &mut Snapshot, old: &Snapshot) {
    let lacks = |collection: &Collection| !snapshot.present.contains(collection);
    let missing: Vec<Collection> = old.present.iter().copied().filter(|collection| lacks(collection)).collect();
    for collection in missing {
        match collection {
            Collection::Policies => snapshot.policies.clone_from(&old.policies),
            Collection::NamedLocations => snapshot.named_locations.clone_from(&old.named_locations),
            Collection::Users => snapshot.users = old.users.clone(),
            Collection::Groups if snapshot.groups.is_empty() => snapshot.groups = old.groups.clone(),
            Collection::DirectoryRoles if snapshot.roles.is_empty() => snapshot.roles = old.roles.clone(),
            Collection::ServicePrincipals | Collection::Applications if snapshot.applications.is_empty() => {
                snapshot.applications = old.applications.clone();
            }
            Collection::Devices => snapshot.devices = old.devices.clone(),
            Collection::AuthenticationStrengths => {
                snapshot.authentication_strengths.clone_from(&old.authentication_strengths);
            }
            Collection::DirectorySettings => snapshot.password_rules.clone_from(&old.password_rules),
            Collection::Branding => snapshot.branding.clone_from(&old.branding),
            Collection::TokenLifetimePolicies => {
                snapshot.token_lifetime_policies.clone_from(&old.token_lifetime_policies);
            }
            Collection::SecurityDefaults => snapshot.security_defaults.clone_from(&old.security_defaults),
            Collection::Domains => snapshot.domains.clone_from(&old.domains),
            Collection::Organization => snapshot.organization.clone_from(&old.organization),
            _ => continue,
        }
        snapshot.present.insert(collection);
        for (held, of) in [(&mut snapshot.incomplete, &old.incomplete), (&mut snapshot.single, &old.single)] {
            held.extend(of.get(&collection));
        }
        snapshot.counts.extend(old.counts.get_key_value(&collection));
    }
    if snapshot.recipients.is_empty() {
        snapshot.recipients = old.recipients.clone();
    }
}

/// What changed between an older export and the newer one, as far as both know it: members, and policies that carry no date.
fn changes(old: &Snapshot, new: &Snapshot, since: DateTime<Utc>, at: DateTime<Utc>) -> Vec<Change> {
    let change = |what: What, origin: &Origin| Change {
        at,
        since: Some(since),
        by: None,
        activity: String::new(),
        tenant: None,
        what,
        origin: origin.clone(),
    };
    let mut found = Vec::new();
    let mut members = |holder: Named, is_role: bool, before: &[String], after: &[String], origin: &Origin| {
        let set = |ids: &[String]| -> HashSet<String> { ids.iter().map(|id| id.to_ascii_lowercase()).collect() };
        let (had, has) = (set(before), set(after));
        for (ids, other, is_added) in [(before, &has, false), (after, &had, true)] {
            for id in ids.iter().filter(|id| !other.contains(&id.to_ascii_lowercase())) {
                let member = Named { id: id.clone(), name: String::new() };
                let membership = Membership { holder: holder.clone(), is_role, member, is_added };
                found.push(change(What::Member(membership), origin));
            }
        }
    };
    let groups: HashMap<String, &Group> =
        old.groups.iter().map(|group| (group.id.to_ascii_lowercase(), group)).collect();
    for group in new.groups.iter().filter(|group| group.members_known) {
        let Some(before) = groups.get(&group.id.to_ascii_lowercase()).filter(|before| before.members_known) else {
            continue;
        };
        let holder = Named { id: group.id.clone(), name: group.display_name.clone() };
        members(holder, false, &before.members, &group.members, &group.origin);
    }
    let roles: HashMap<String, &Role> =
        old.roles.iter().map(|role| (role.template_id.to_ascii_lowercase(), role)).collect();
    for role in new.roles.iter().filter(|role| role.members_known) {
        let Some(before) = roles.get(&role.template_id.to_ascii_lowercase()).filter(|before| before.members_known)
        else {
            continue;
        };
        let holder = Named { id: role.template_id.clone(), name: role.display_name.clone() };
        members(holder, true, &before.members, &role.members, &role.origin);
    }
    let text = |policy: &Policy| Version::Text(Box::new(policy.clone()));
    let edit = |policy: &Policy, before: Version<Policy>, after: Version<Policy>| {
        let what = What::Policy { id: policy.id.clone(), name: policy.display_name.clone(), before, after };
        change(what, &policy.origin)
    };
    let has_all = |snapshot: &Snapshot| snapshot.has_all(Collection::Policies);
    for policy in old.policies.iter().filter(|policy| is_guid(&policy.id)) {
        match new.policy(&policy.id) {
            None if has_all(new) => found.push(edit(policy, text(policy), Version::Absent)),
            Some(after) if after.modified.is_none() && !is_same(policy, after) => {
                found.push(edit(policy, text(policy), text(after)));
            }
            _ => {}
        }
    }
    let is_new = |policy: &&Policy| is_guid(&policy.id) && policy.created.is_none() && old.policy(&policy.id).is_none();
    let made = new.policies.iter().filter(is_new).filter(|_| has_all(old));
    found.extend(made.map(|policy| edit(policy, Version::Absent, text(policy))));
    found
}

/// Whether two policies say the same, wherever they stand.
fn is_same(one: &Policy, other: &Policy) -> bool {
    let plain = |policy: &Policy| Policy { origin: Origin::default(), ..policy.clone() };
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_day_where_it_holds_one_date() {
        let day = |path: &str| day_of_path(path).map(|(from, _)| from.date_naive().to_string());
        for (path, expected) in [
            ("case/export-2026-09-01/policies.json", Some("2026-09-01")),
            ("case/export_20260901/policies.json", Some("2026-09-01")),
            ("2025-01-01/export-2026-09-01.zip!Groups/x.json", Some("2026-09-01")),
            ("policies 2026-09-01.json", Some("2026-09-01")),
            ("policies.json", None),
            ("Groups/22222222-0000-4000-8000-000000000001.json", None),
            ("x12026-09-01/y.json", None),
            ("1999-09-01/y.json", None),
            ("2026-13-01/y.json", None),
        ] {
            assert_eq!(day(path).as_deref(), expected, "{path}");
        }
    }
}
