//! Defines [`History`], what audit logs and older snapshots say of other times than the snapshot's, and how the state at one time follows.
//!
//! What stood at a time is known between two sightings of it, or where an audit log reaches over all of the time and shows no change
//! (`text` for policies and named locations). Where neither reaches, that is said and not filled in (entra-docs, troubleshoot Conditional Access policy changes, 2024: the audit log carries the old and the new text and is kept for
//! 30 days by default).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::evidence::{Evidence, Origin};
use super::policy::Policy;
use super::snapshot::{NamedLocation, PasswordRules, SecurityDefaults};
use text::{Edit, Texts};

mod text;

/// For so long after a change a sign-in is said to be close to it, and may still have met the old text. The length is our choice: no figure
/// was found for sign-ins, only one for continuous access evaluation (up to a day, about two hours for policies; 2025-07-22).
pub const TAKES_EFFECT: Duration = Duration::minutes(5);

/// What is known of other times than the snapshot's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The changes that audit logs tell, oldest first.
    pub changes: Vec<Change>,
    /// Older versions of policies, from older snapshots.
    pub policies: Vec<Seen<Policy>>,
    /// Older versions of named locations, from older snapshots.
    pub named_locations: Vec<Seen<NamedLocation>>,
    /// When the snapshot was taken, where that is known; else it is taken to be younger than everything.
    pub taken_at: Option<DateTime<Utc>>,
    /// Settings of older snapshots, the newest first.
    pub settings: Vec<Settings>,
    /// From when to when each audit log reaches, and what it would show.
    pub reach: Vec<Reach>,
    /// The changes of each thing, by number, oldest first.
    of: HashMap<Subject, Vec<usize>>,
}

/// A text of an older snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen<T> {
    /// The text.
    pub text: T,
    /// When the snapshot was taken at the earliest, where it tells: until then at least the text stood.
    pub until: Option<DateTime<Utc>>,
}

/// From when to when an audit log reaches: its first and last event, of whatever kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The first event.
    pub first: DateTime<Utc>,
    /// The last event.
    pub last: DateTime<Utc>,
    /// What it would show. An export may have been filtered by category: of what it holds no event at all it shows nothing.
    pub areas: BTreeSet<Area>,
}

/// What an audit log tells of, by the category of its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Policies and named locations.
    Policies,
    /// Members of groups and holders of roles.
    Members,
    /// Passwords and revocations.
    Users,
}

impl Area {
    /// Every area.
    pub const ALL: [Area; 3] = [Area::Policies, Area::Members, Area::Users];
}

/// The thing that changed, its ids in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Subject {
    Policy(String),
    NamedLocation(String),
    Member(String, String),
    Password(String),
    Revocation(String),
}

/// Settings as an older snapshot holds them.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// When it was taken at the latest.
    pub until: DateTime<Utc>,
    /// Smart lockout; nothing where the snapshot has no directory settings, and nothing within where nobody saved any.
    pub password_rules: Option<Option<PasswordRules>>,
    /// Whether security defaults were on, where it says.
    pub security_defaults: Option<SecurityDefaults>,
}

/// A change in the directory: one event of an audit log, or what two snapshots differ in.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// When; of what two snapshots differ in, when the newer was taken.
    pub at: DateTime<Utc>,
    /// When the older of two snapshots was taken that differ: the change came at some time in between.
    pub since: Option<DateTime<Utc>>,
    /// Who did it: a principal name, or an application's name.
    pub by: Option<String>,
    /// What was done, in the log's words ("Update conditional access policy"); empty of what two snapshots differ in.
    pub activity: String,
    /// The tenant that it is of, in lower case, where the log says.
    pub tenant: Option<String>,
    /// What changed.
    pub what: What,
    /// The record of the audit log.
    pub origin: Origin,
}

impl Change {
    /// Evidence for it: the event, or the object in the newer of two snapshots.
    pub fn evidence(&self) -> Evidence {
        match (&self.what, self.since) {
            (_, None) => self.origin.evidence("audit event", "/activityDisplayName", self.activity.as_str()),
            (What::Policy { name, .. } | What::NamedLocation { name, .. }, Some(_)) => {
                self.origin.evidence("in one of the snapshots", "/displayName", name.as_str())
            }
            (What::Member(membership), Some(_)) => {
                self.origin.evidence("in the newer snapshot", "/displayName", membership.holder.name.as_str())
            }
            (What::Password { user, .. } | What::Revocation { user }, Some(_)) => {
                self.origin.evidence("in the newer snapshot", "/userPrincipalName", user.name.as_str())
            }
        }
    }

    /// The policy that it changed.
    pub fn policy_id(&self) -> Option<&str> {
        match &self.what {
            What::Policy { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The name of the policy that it changed.
    pub fn policy_name(&self) -> Option<&str> {
        match &self.what {
            What::Policy { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The named location that it changed.
    pub fn named_location_id(&self) -> Option<&str> {
        match &self.what {
            What::NamedLocation { id, .. } => Some(id),
            _ => None,
        }
    }

    /// Whether it is the same event in another file.
    fn is_same(&self, other: &Change) -> bool {
        let plain = |policy: &Policy| Policy { origin: Origin::default(), ..policy.clone() };
        let is_one = |one: &Version<Policy>, other: &Version<Policy>| match (one, other) {
            (Version::Text(one), Version::Text(other)) => plain(one) == plain(other),
            (one, other) => one == other,
        };
        self.activity.eq_ignore_ascii_case(&other.activity)
            && match (&self.what, &other.what) {
                (What::Policy { before, after, .. }, What::Policy { before: old, after: new, .. }) => {
                    is_one(before, old) && is_one(after, new)
                }
                (What::Member(one), What::Member(other)) => one.is_added == other.is_added,
                _ => true,
            }
    }

    /// Whether its new text is what another change of the same policy found.
    fn leads_to(&self, other: &Change) -> bool {
        match (&self.what, &other.what) {
            (
                What::Policy { id, after: Version::Text(after), .. },
                What::Policy { id: of, before: Version::Text(before), .. },
            ) => id.eq_ignore_ascii_case(of) && after.modified == before.modified && after.state == before.state,
            _ => false,
        }
    }

    fn subject(&self) -> Subject {
        match &self.what {
            What::Policy { id, .. } => Subject::Policy(id.to_ascii_lowercase()),
            What::NamedLocation { id, .. } => Subject::NamedLocation(id.to_ascii_lowercase()),
            What::Member(Membership { holder, member, .. }) => Subject::Member(holder.key(), member.key()),
            What::Password { user, .. } => Subject::Password(user.key()),
            What::Revocation { user } => Subject::Revocation(user.key()),
        }
    }
}

/// What changed.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A Conditional Access policy.
    Policy {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
        /// Its text before.
        before: Version<Policy>,
        /// Its text after.
        after: Version<Policy>,
    },
    /// A named location.
    NamedLocation {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
        /// Its text before.
        before: Version<NamedLocation>,
        /// Its text after.
        after: Version<NamedLocation>,
    },
    /// Somebody came into a group or role, or left it.
    Member(Membership),
    /// A password was changed or reset.
    Password {
        /// Whose.
        user: Named,
        /// Whether an administrator reset it; a change by its owner ends less (entra-docs, refresh tokens, 2025-05-14).
        is_reset: bool,
    },
    /// All sessions of a user were revoked.
    Revocation {
        /// Whose.
        user: Named,
    },
}

impl What {
    /// The same where it is not told whether it came through: the texts on both sides are not known, and what has no text does not count.
    pub fn in_doubt(self) -> Option<What> {
        match self {
            What::Policy { id, name, .. } => {
                Some(What::Policy { id, name, before: Version::Unread, after: Version::Unread })
            }
            What::NamedLocation { id, name, .. } => {
                Some(What::NamedLocation { id, name, before: Version::Unread, after: Version::Unread })
            }
            What::Member(_) | What::Password { .. } | What::Revocation { .. } => None,
        }
    }
}

/// An object as an audit log names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Its object id, or a role's template id; empty when the log has none.
    pub id: String,
    /// Its name: a principal name for users.
    pub name: String,
}

impl Named {
    /// What tells it apart from others.
    fn key(&self) -> String {
        if self.id.is_empty() { self.name.to_lowercase() } else { self.id.to_ascii_lowercase() }
    }

    /// Whether it is the object of that id, or, where the log has no id, of that name.
    pub fn is(&self, id: &str, name: &str) -> bool {
        match self.id.is_empty() || id.is_empty() {
            false => self.id.eq_ignore_ascii_case(id),
            true => !name.is_empty() && self.name.eq_ignore_ascii_case(name),
        }
    }
}

/// That somebody came into a group or role, or left it.
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    /// The group, or the role by its template.
    pub holder: Named,
    /// Whether the holder is a role.
    pub is_role: bool,
    /// Who came or left.
    pub member: Named,
    /// Whether they came.
    pub is_added: bool,
}

/// What is told of one membership at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The number of the change that tells it: the last before the time, or else the first after it.
    pub change: usize,
    /// Whether the member was in then.
    pub was_in: bool,
    /// Whether the changes around the time leave no doubt.
    pub is_sure: bool,
    /// Whether no change comes after the time.
    pub is_last: bool,
    /// Whether audit logs reach over all of the time since the change.
    pub reaches: bool,
}

/// The text of something at one side of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Version<T> {
    /// This text.
    Text(Box<T>),
    /// It did not exist.
    Absent,
    /// The record does not carry it, or it cannot be read.
    Unread,
}

/// What is known of a text at one time.
#[derive(Debug, Clone, PartialEq)]
pub enum InForce<'a, T> {
    /// The snapshot's own text stood, as far as anything tells.
    Snapshot,
    /// Another text than the snapshot's stood.
    Text(Standing<'a, T>),
    /// It did not exist: made later, or deleted before.
    Absent(Option<&'a Change>),
    /// It was changed, and the log does not carry the text that stood.
    Unread(&'a Change),
    /// The snapshot's text is younger, and nothing tells what stood before.
    NotReached,
}

/// A text that stood at one time, and how that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing<'a, T> {
    /// The text.
    pub text: &'a T,
    /// From when on it stood, where that is known.
    pub since: Option<DateTime<Utc>>,
    /// The change that made it or ended it; nothing for a text of an older snapshot.
    pub change: Option<&'a Change>,
    /// Whether nothing can have changed unseen between what tells the text and the time that is asked about.
    pub is_sure: bool,
}

impl History {
    /// Whether nothing is known but the snapshot.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.policies.is_empty()
            && self.named_locations.is_empty()
            && self.settings.is_empty()
    }

    /// Leaves out the changes of other tenants: than the snapshot's, or else than those of the sign-ins. Says of each file how many.
    pub fn keep_own(&mut self, own: Option<&str>, logged: &HashSet<String>) -> BTreeMap<Arc<str>, usize> {
        let is_own = |change: &Change| match (&change.tenant, own) {
            (None, _) => true,
            (Some(tenant), Some(own)) => tenant.eq_ignore_ascii_case(own),
            (Some(tenant), None) => logged.is_empty() || logged.iter().any(|one| one.eq_ignore_ascii_case(tenant)),
        };
        let mut foreign: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        self.changes.retain(|change| {
            let is_kept = is_own(change);
            if !is_kept {
                *foreign.entry(Arc::clone(&change.origin.file)).or_default() += 1;
            }
            is_kept
        });
        foreign
    }

    /// Puts the changes in their order, and keeps each once: logs overlap, and some cut the time. What is asked of the history counts
    /// from then on.
    pub fn sort(&mut self) {
        self.changes.sort_by_key(|change| change.at);
        self.chain();
        self.of.clear();
        let mut kept: Vec<Change> = Vec::with_capacity(self.changes.len());
        for change in self.changes.drain(..) {
            let numbers = self.of.entry(change.subject()).or_default();
            let held = numbers.iter().rev().filter_map(|number| kept.get(*number));
            let mut near = held.take_while(|held| change.at - held.at < Duration::seconds(1));
            if !near.any(|held| held.is_same(&change)) {
                numbers.push(kept.len());
                kept.push(change);
            }
        }
        self.changes = kept;
    }

    /// Of edits of one policy at one instant the one comes first whose new text is the other's old one.
    fn chain(&mut self) {
        for number in 1..self.changes.len() {
            let (earlier, later) = self.changes.split_at_mut(number);
            if let (Some(one), Some(other)) = (earlier.last_mut(), later.first_mut())
                && one.at == other.at
                && other.leads_to(one)
                && !one.leads_to(other)
            {
                std::mem::swap(one, other);
            }
        }
    }

    /// The changes of a thing, oldest first.
    fn changes_of(&self, subject: Subject) -> impl Iterator<Item = &Change> + use<'_> {
        self.of.get(&subject).into_iter().flatten().filter_map(|number| self.changes.get(*number))
    }

    /// How many changes came up to a time.
    pub fn count_until(&self, at: DateTime<Utc>) -> usize {
        self.changes.partition_point(|change| change.at <= at)
    }

    /// Every text of a policy that it holds.
    pub fn texts_of_policies(&mut self) -> impl Iterator<Item = &mut Policy> {
        let of_changes = self.changes.iter_mut().flat_map(|change| {
            let sides = match &mut change.what {
                What::Policy { before, after, .. } => [Some(before), Some(after)],
                _ => [None, None],
            };
            sides.into_iter().flatten().filter_map(|side| match side {
                Version::Text(text) => Some(&mut **text),
                Version::Absent | Version::Unread => None,
            })
        });
        self.policies.iter_mut().map(|seen| &mut seen.text).chain(of_changes)
    }

    /// Whether audit logs that would show a change of an area reach over all of a stretch of time. Those that overlap count as one.
    pub fn reaches_over(&self, area: Area, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        self.reach_on(area, from).is_some_and(|end| until <= end)
    }

    /// The audit logs that reach over a time and would show a change of an area.
    fn around(&self, area: Area, at: DateTime<Utc>) -> impl Iterator<Item = &Reach> {
        let reaches = move |reach: &&Reach| reach.areas.contains(&area) && (reach.first..=reach.last).contains(&at);
        self.reach.iter().filter(reaches)
    }

    /// Until when the audit logs that reach over a time reach on without a hole.
    fn reach_on(&self, area: Area, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let around = |at: DateTime<Utc>| self.around(area, at);
        let mut end = around(at).map(|reach| reach.last).max()?;
        while let Some(later) = around(end).map(|reach| reach.last).max().filter(|later| *later > end) {
            end = later;
        }
        Some(end)
    }

    /// From when on the audit logs that reach over a time reach to it without a hole.
    fn reach_back(&self, area: Area, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let around = |at: DateTime<Utc>| self.around(area, at);
        let mut begin = around(at).map(|reach| reach.first).min()?;
        while let Some(earlier) = around(begin).map(|reach| reach.first).min().filter(|earlier| *earlier < begin) {
            begin = earlier;
        }
        Some(begin)
    }

    /// The settings of the snapshot that was taken next after a time, where that is not the newest.
    pub fn settings(&self, at: DateTime<Utc>) -> Option<&Settings> {
        self.settings.iter().filter(|settings| settings.until >= at).min_by_key(|settings| settings.until)
    }

    /// The changes of one policy, oldest first.
    pub fn changes_of_policy(&self, id: &str) -> impl Iterator<Item = &Change> + use<'_> {
        self.changes_of(Subject::Policy(id.to_ascii_lowercase()))
    }

    /// The text of a policy at a time. `held` is the snapshot's, if it has the policy.
    pub fn policy<'a>(&'a self, id: &str, held: Option<&'a Policy>, at: DateTime<Utc>) -> InForce<'a, Policy> {
        let edits: Vec<Edit<'a, Policy>> = self
            .changes_of(Subject::Policy(id.to_ascii_lowercase()))
            .filter_map(|change| match &change.what {
                What::Policy { before, after, .. } => Some(Edit { change, before, after }),
                _ => None,
            })
            .collect();
        let older = self.policies.iter().filter(|seen| seen.text.id.eq_ignore_ascii_case(id)).collect();
        Texts { history: self, edits, older, held }.at(at)
    }

    /// The text of a named location at a time. `held` is the snapshot's, if it has the location.
    pub fn named_location<'a>(
        &'a self,
        id: &str,
        held: Option<&'a NamedLocation>,
        at: DateTime<Utc>,
    ) -> InForce<'a, NamedLocation> {
        let edits: Vec<Edit<'a, NamedLocation>> = self
            .changes_of(Subject::NamedLocation(id.to_ascii_lowercase()))
            .filter_map(|change| match &change.what {
                What::NamedLocation { before, after, .. } => Some(Edit { change, before, after }),
                _ => None,
            })
            .collect();
        let older = self.named_locations.iter().filter(|seen| seen.text.id.eq_ignore_ascii_case(id)).collect();
        Texts { history: self, edits, older, held }.at(at)
    }

    /// What is told of memberships at a time, of each pair of member and holder that changed.
    pub fn memberships(&self, at: DateTime<Utc>) -> Vec<Told> {
        let members = self.of.iter().filter(|(subject, _)| matches!(subject, Subject::Member(..)));
        let until = self.count_until(at);
        let mut found: Vec<Told> = members.filter_map(|(_, numbers)| self.told(numbers, until, at)).collect();
        found.sort_unstable_by_key(|told| told.change);
        found
    }

    fn told(&self, numbers: &[usize], until: usize, at: DateTime<Utc>) -> Option<Told> {
        // The numbers of changes are in the order of their times.
        let split = numbers.partition_point(|number| *number < until);
        let before = split.checked_sub(1).and_then(|before| numbers.get(before)).copied();
        let after = numbers.get(split).copied();
        let change = before.or(after)?;
        let was_in = self.membership(change)?.is_added == before.is_some();
        let time = |number: usize| self.changes.get(number).map(|change| change.at);
        // Two changes at one instant, one of each kind, tell nothing of their order.
        let is_torn = |number: usize| {
            let others = numbers.iter().filter(|other| **other != number && time(**other) == time(number));
            let is_added = self.membership(number).map(|membership| membership.is_added);
            others.into_iter().any(|other| self.membership(*other).map(|membership| membership.is_added) != is_added)
        };
        let contradicts = |after: usize| self.membership(after).is_some_and(|membership| membership.is_added == was_in);
        let since = self.changes.get(after.unwrap_or(change)).and_then(|change| change.since);
        let is_between = after.is_some() && since.is_some_and(|since| since < at);
        let is_contradicted = before.is_some() && after.is_some_and(contradicts);
        let is_sure = !is_torn(change) && !is_between && !is_contradicted;
        let last = before.and_then(time);
        Some(Told {
            change,
            was_in,
            is_sure,
            is_last: after.is_none(),
            reaches: last.is_some_and(|last| self.reaches_over(Area::Members, last, at)),
        })
    }

    /// The membership that the change of that number tells.
    pub fn membership(&self, number: usize) -> Option<&Membership> {
        match &self.changes.get(number)?.what {
            What::Member(membership) => Some(membership),
            _ => None,
        }
    }
}
