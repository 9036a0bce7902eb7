//! Defines [`History`], what audit logs and older snapshots say of other times than the snapshot's, and how the state at one time follows.
//!
//! One rule serves policies, named locations and memberships: what stands at a time is what the last change before it left, else what
//! the first change after it found, else what the snapshot holds. Where the log does not reach, that is said and not filled in
//! (entra-docs, troubleshoot Conditional Access policy changes, 2024: the audit log carries the old and the new text and is kept for
//! 30 days by default).

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};

use super::evidence::{Evidence, Origin};
use super::policy::Policy;
use super::snapshot::{NamedLocation, PasswordRules, SecurityDefaults};

/// The service notes a change about a second after the time that it writes into the text; texts whose times are so near are one.
const ONE_CHANGE: Duration = Duration::seconds(60);
/// For so long after a change the front ends may still have used the old text. Nobody documents it; administrators see minutes.
pub const TAKES_EFFECT: Duration = Duration::minutes(5);

/// What is known of other times than the snapshot's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The changes that audit logs tell, oldest first.
    pub changes: Vec<Change>,
    /// Older versions of policies, from older snapshots.
    pub policies: Vec<Policy>,
    /// Older versions of named locations, from older snapshots.
    pub named_locations: Vec<NamedLocation>,
    /// Settings of older snapshots, the newest first.
    pub settings: Vec<Settings>,
    /// From when to when each audit log reaches: its first and last event, of whatever kind.
    pub reach: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// The changes of each thing, by number, oldest first.
    of: HashMap<Subject, Vec<usize>>,
}

/// What changed, in lower case.
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

    /// The named location that it changed.
    pub fn named_location_id(&self) -> Option<&str> {
        match &self.what {
            What::NamedLocation { id, .. } => Some(id),
            _ => None,
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
    /// Whether anything could have changed unseen between what tells the text and the time that is asked about.
    pub is_sure: bool,
}

/// What has versions.
trait Dated: PartialEq {
    fn modified(&self) -> Option<DateTime<Utc>>;
    fn made(&self) -> Option<DateTime<Utc>>;
}

impl Dated for Policy {
    fn modified(&self) -> Option<DateTime<Utc>> {
        self.modified.or(self.created)
    }
    fn made(&self) -> Option<DateTime<Utc>> {
        self.created
    }
}

impl Dated for NamedLocation {
    fn modified(&self) -> Option<DateTime<Utc>> {
        self.modified
    }
    fn made(&self) -> Option<DateTime<Utc>> {
        None
    }
}

/// The two sides of a change of one object.
struct Edit<'a, T> {
    change: &'a Change,
    before: &'a Version<T>,
    after: &'a Version<T>,
}

impl History {
    /// Whether nothing is known but the snapshot.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.policies.is_empty()
            && self.named_locations.is_empty()
            && self.settings.is_empty()
    }

    /// Puts the changes in their order, and keeps each once: logs overlap. What is asked of the history counts from then on.
    pub fn sort(&mut self) {
        self.changes.sort_by_key(|change| change.at);
        self.of.clear();
        let mut kept: Vec<Change> = Vec::with_capacity(self.changes.len());
        for change in self.changes.drain(..) {
            let numbers = self.of.entry(change.subject()).or_default();
            let is_same = |number: &usize| {
                kept.get(*number).is_some_and(|held| held.at == change.at && held.activity == change.activity)
            };
            if !numbers
                .iter()
                .rev()
                .take_while(|number| kept.get(**number).is_some_and(|held| held.at == change.at))
                .any(is_same)
            {
                numbers.push(kept.len());
                kept.push(change);
            }
        }
        self.changes = kept;
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
        self.policies.iter_mut().chain(of_changes)
    }

    /// Whether an audit log reaches over a time, so that what changed then would be seen.
    pub fn reaches(&self, at: DateTime<Utc>) -> bool {
        self.reach.iter().any(|(first, last)| (*first..=*last).contains(&at))
    }

    /// Whether one audit log reaches over all of a stretch of time.
    pub fn reaches_over(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        self.reach.iter().any(|(first, last)| *first <= from && until <= *last)
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
        let older = self.policies.iter().filter(|policy| policy.id.eq_ignore_ascii_case(id));
        self.in_force(&edits, older, held, at)
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
        let older = self.named_locations.iter().filter(|location| location.id.eq_ignore_ascii_case(id));
        self.in_force(&edits, older, held, at)
    }

    fn in_force<'a, T: Dated>(
        &self,
        edits: &[Edit<'a, T>],
        older: impl Iterator<Item = &'a T>,
        held: Option<&'a T>,
        at: DateTime<Utc>,
    ) -> InForce<'a, T> {
        let last = edits.iter().rev().find(|edit| edit.change.at <= at);
        let next = edits.iter().find(|edit| edit.change.at > at);
        // Of the snapshots' texts the youngest that stood already.
        let dated = |text: &&'a T| text.modified().is_some_and(|modified| modified <= at);
        let known = older.chain(held).filter(dated).max_by_key(|text| text.modified());
        let known_since = known.and_then(Dated::modified);
        if let Some(last) = last {
            // A text of a snapshot that is younger than the last change was made by one that the log does not hold.
            let is_younger = known_since.is_some_and(|since| since > last.change.at + ONE_CHANGE);
            if let (true, Some(known)) = (is_younger, known) {
                return self.of_snapshot(known, held, next.map(|edit| edit.change), at);
            }
            // The next change may have found a text that is younger than what the last one left: between them one is missing.
            if let Some(Edit { change, before: Version::Text(text), .. }) = next
                && text.modified().is_some_and(|since| since > last.change.at + ONE_CHANGE && since <= at)
            {
                let since = text.modified();
                return InForce::Text(Standing { text, since, change: Some(change), is_sure: true });
            }
            // What two snapshots differ in may have come on either side of the time.
            let is_between = |edit: &Edit<'_, T>| edit.change.since.is_some_and(|since| since < at);
            let is_sure = next.map_or_else(|| self.reaches(at), |next| !is_between(next));
            return match last.after {
                Version::Text(text) => {
                    let is_held = held.is_some_and(|held| held == &**text || is_one(held, text));
                    if is_held && next.is_none() {
                        return InForce::Snapshot;
                    }
                    InForce::Text(Standing { text, since: Some(last.change.at), change: Some(last.change), is_sure })
                }
                Version::Absent => InForce::Absent(Some(last.change)),
                Version::Unread => match next.map(|next| next.before) {
                    Some(Version::Text(text)) => {
                        let since = Some(last.change.at);
                        InForce::Text(Standing { text, since, change: Some(last.change), is_sure: true })
                    }
                    // The snapshot's own text is the one that the last change left.
                    None if held.is_some_and(|held| held.modified().is_none_or(|since| since <= at)) => {
                        InForce::Snapshot
                    }
                    _ => InForce::Unread(last.change),
                },
            };
        }
        if let Some(next) = next {
            return match next.before {
                Version::Text(text) => {
                    let since = text.modified();
                    // A text that was written before the time stood at it; else what stood is only probable.
                    let is_between = next.change.since.is_some_and(|since| since < at);
                    let is_sure = !is_between && (since.is_some_and(|since| since <= at) || self.reaches(at));
                    InForce::Text(Standing { text, since, change: Some(next.change), is_sure })
                }
                Version::Absent => InForce::Absent(Some(next.change)),
                Version::Unread => match known {
                    Some(known) => self.of_snapshot(known, held, Some(next.change), at),
                    None => InForce::Unread(next.change),
                },
            };
        }
        match (known, held) {
            (Some(known), _) => self.of_snapshot(known, held, None, at),
            (None, Some(held)) => match (held.made(), held.modified()) {
                (Some(made), _) if made > at => InForce::Absent(None),
                (_, Some(modified)) if modified > at => InForce::NotReached,
                _ => InForce::Snapshot,
            },
            (None, None) => InForce::NotReached,
        }
    }

    /// What a text of a snapshot says of a time after it was written.
    fn of_snapshot<'a, T: Dated>(
        &self,
        text: &'a T,
        held: Option<&'a T>,
        next: Option<&'a Change>,
        at: DateTime<Utc>,
    ) -> InForce<'a, T> {
        if held.is_some_and(|held| std::ptr::eq(held, text)) && next.is_none() {
            return InForce::Snapshot;
        }
        // Between an older snapshot and the newest there may have been more versions than these.
        InForce::Text(Standing { text, since: text.modified(), change: next, is_sure: self.reaches(at) })
    }

    /// What is told of memberships at a time: of each pair of member and holder the number of the last change before the time, or else
    /// of the first after it, with whether the member was in then.
    pub fn memberships(&self, at: DateTime<Utc>) -> Vec<(usize, bool)> {
        let mut found: Vec<(usize, bool)> = Vec::new();
        let members = self.of.iter().filter(|(subject, _)| matches!(subject, Subject::Member(..)));
        let until = self.count_until(at);
        for (_, numbers) in members {
            // The numbers of changes are in the order of their times.
            let before = numbers.partition_point(|number| *number < until);
            let number = before.checked_sub(1).and_then(|before| numbers.get(before)).or(numbers.first());
            if let Some((number, membership)) = number.and_then(|number| Some((*number, self.membership(*number)?))) {
                found.push((number, membership.is_added == (number < until)));
            }
        }
        found.sort_unstable();
        found
    }

    /// The membership that the change of that number tells.
    pub fn membership(&self, number: usize) -> Option<&Membership> {
        match &self.changes.get(number)?.what {
            What::Member(membership) => Some(membership),
            _ => None,
        }
    }
}

/// Whether two texts are one version: equal, or written at one time.
fn is_one<T: Dated>(one: &T, other: &T) -> bool {
    let near = |a: DateTime<Utc>, b: DateTime<Utc>| (a - b).abs() <= ONE_CHANGE;
    one.modified().zip(other.modified()).is_some_and(|(one, other)| near(one, other))
}
