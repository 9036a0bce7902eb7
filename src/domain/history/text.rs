//! Finds which text of a policy or named location stood at a time.
//!
//! Every text is a sighting: it stood from the time that it carries (or the change that made it) at least until it was last seen, in a
//! snapshot or as the old text of the next change. Between two sightings nothing is known, unless an audit log reaches over all of
//! the time between them and shows no change.

use chrono::{DateTime, Duration, Utc};

use super::{Area, Change, History, InForce, Seen, Standing, Version};
use crate::domain::policy::Policy;
use crate::domain::snapshot::NamedLocation;

/// The service notes a change about a second after the time that it writes into the text (Panther Labs' samples of the audit log).
const ONE_CHANGE: Duration = Duration::seconds(60);

/// What has versions.
pub(super) trait Dated: PartialEq {
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
pub(super) struct Edit<'a, T> {
    pub(super) change: &'a Change,
    pub(super) before: &'a Version<T>,
    pub(super) after: &'a Version<T>,
}

/// What is known of an object over a stretch of time.
struct Sighting<'a, T> {
    state: State<'a, T>,
    /// From when on it stood; nothing where that is not known, and then it is no more than a guess.
    from: Option<DateTime<Utc>>,
    /// Until when it is known to have stood.
    until: DateTime<Utc>,
    /// The change that made it or ended it.
    change: Option<&'a Change>,
}

enum State<'a, T> {
    Text(&'a T),
    Absent,
    Unread(&'a Change),
}

/// The texts of one object.
pub(super) struct Texts<'a, T> {
    pub(super) history: &'a History,
    /// The changes, oldest first.
    pub(super) edits: Vec<Edit<'a, T>>,
    /// The texts of older snapshots.
    pub(super) older: Vec<&'a Seen<T>>,
    /// The text of the snapshot.
    pub(super) held: Option<&'a T>,
}

impl<'a, T: Dated> Texts<'a, T> {
    /// What stood at a time.
    pub(super) fn at(&self, at: DateTime<Utc>) -> InForce<'a, T> {
        // Of what only the snapshot speaks, the snapshot is all there is: that it may be older or younger is said elsewhere.
        let says_more = |seen: &&Seen<T>| self.held.is_none_or(|held| !is_one(held, &seen.text));
        if self.edits.is_empty() && !self.older.iter().copied().any(|seen| says_more(&seen)) {
            return self.snapshot_alone(at);
        }
        let sightings = self.sightings();
        let covers = |sighting: &&Sighting<'a, T>| sighting.from.is_some_and(|from| from <= at) && at <= sighting.until;
        // Of several that stood for sure the one that was made last is meant; a text says more than that there was one.
        let rank = |sighting: &&Sighting<'a, T>| (sighting.from, !matches!(sighting.state, State::Unread(_)));
        let sure = sightings.iter().filter(covers).max_by_key(rank);
        let began = sightings.iter().filter(|sighting| sighting.from.is_some_and(|from| from <= at));
        // What ended after the time, and began nobody knows when.
        let guess = || sightings.iter().filter(|one| one.from.is_none() && one.until > at).min_by_key(|one| one.until);
        let Some((found, is_sure)) = sure
            .map(|found| (found, true))
            .or_else(|| began.max_by_key(rank).map(|found| (found, false)))
            .or_else(|| guess().map(|found| (found, false)))
        else {
            return self.snapshot_alone(at);
        };
        match found.state {
            State::Absent => InForce::Absent(found.change),
            State::Unread(change) => InForce::Unread(change),
            State::Text(text) if text.made().is_some_and(|made| made > at) => InForce::Absent(None),
            // The snapshot's own text, and nothing speaks of a later one: that the snapshot may be older is said elsewhere.
            State::Text(text)
                if self.held.is_some_and(|held| is_one(held, text))
                    && (is_sure || sightings.iter().all(|other| other.from <= found.from)) =>
            {
                InForce::Snapshot
            }
            State::Text(text) => {
                let since = text.modified().or(found.from).filter(|from| *from > DateTime::<Utc>::MIN_UTC);
                let next = self.edits.iter().map(|edit| edit.change).find(|change| change.at > at);
                InForce::Text(Standing { text, since, change: found.change.or(next), is_sure })
            }
        }
    }

    /// What the snapshot alone says.
    fn snapshot_alone(&self, at: DateTime<Utc>) -> InForce<'a, T> {
        match self.held {
            Some(held) if held.made().is_some_and(|made| made > at) => InForce::Absent(None),
            Some(held) if held.modified().is_none_or(|modified| modified <= at) && self.edits.is_empty() => {
                InForce::Snapshot
            }
            _ => InForce::NotReached,
        }
    }

    fn sightings(&self) -> Vec<Sighting<'a, T>> {
        let mut found = Vec::new();
        for (number, edit) in self.edits.iter().enumerate() {
            let previous = number.checked_sub(1).and_then(|number| self.edits.get(number));
            found.extend(self.before(edit, previous));
            found.extend(self.after(edit, self.edits.get(number + 1)));
        }
        for seen in &self.older {
            let until = seen.until.or(seen.text.modified());
            found.extend(until.map(|until| self.in_snapshot(&seen.text, until)));
        }
        if let Some(held) = self.held {
            found.push(self.in_snapshot(held, self.history.taken_at.unwrap_or(DateTime::<Utc>::MAX_UTC)));
        }
        found
    }

    /// A text of a snapshot: from its own date until the snapshot was taken, or until a change that it does not show.
    fn in_snapshot(&self, text: &'a T, taken: DateTime<Utc>) -> Sighting<'a, T> {
        let made_by = |edit: &&Edit<'a, T>| match edit.after {
            Version::Text(after) => is_one(&**after, text),
            Version::Unread => text.modified().is_some_and(|modified| (edit.change.at - modified).abs() <= ONE_CHANGE),
            Version::Absent => false,
        };
        let maker = self.edits.iter().rev().find(made_by);
        let from = match (text.modified(), maker) {
            (Some(modified), _) => Some(modified),
            (None, Some(edit)) => Some(edit.change.at),
            // A text without a date stands behind the last change that its snapshot can show.
            (None, None) => {
                let last = self.edits.iter().rev().find(|edit| edit.change.at <= taken);
                Some(last.map_or(DateTime::<Utc>::MIN_UTC, |edit| edit.change.at))
            }
        };
        let begun = maker.map(|edit| edit.change.at).or(from);
        let later =
            self.edits.iter().filter(|edit| !made_by(edit) && begun.is_some_and(|begun| edit.change.at > begun));
        let until = later.map(|edit| edit.change.since.unwrap_or(edit.change.at)).chain([taken]).min().unwrap_or(taken);
        Sighting {
            state: State::Text(text),
            from,
            until: until.max(from.unwrap_or(until)),
            change: maker.map(|edit| edit.change),
        }
    }

    /// What a change found: its old text stood until it, and from the text's own date on.
    fn before(&self, edit: &Edit<'a, T>, previous: Option<&Edit<'a, T>>) -> Option<Sighting<'a, T>> {
        let change = edit.change;
        let until = change.since.unwrap_or(change.at);
        let covered = previous
            .map(|previous| previous.change.at)
            .filter(|from| self.history.reaches_over(Area::Policies, *from, change.at))
            .or_else(|| if previous.is_none() { self.history.reach_back(Area::Policies, change.at) } else { None });
        match edit.before {
            Version::Text(text) => {
                let from = match text.modified() {
                    Some(modified) if modified > change.at => return None,
                    Some(modified) => Some(modified),
                    None => covered,
                };
                Some(Sighting { state: State::Text(text), from, until, change: Some(change) })
            }
            Version::Absent => {
                let from = previous.map_or(Some(DateTime::<Utc>::MIN_UTC), |previous| Some(previous.change.at));
                Some(Sighting { state: State::Absent, from, until, change: Some(change) })
            }
            Version::Unread => {
                let state = State::Unread(change);
                Some(Sighting { state, from: covered, until, change: Some(change) })
            }
        }
    }

    /// What a change left: its new text stands from it until the next one, as far as a log reaches, or as long as the text is seen.
    fn after(&self, edit: &Edit<'a, T>, next: Option<&Edit<'a, T>>) -> Option<Sighting<'a, T>> {
        let change = edit.change;
        let end_of_reach = self.history.reach_on(Area::Policies, change.at).unwrap_or(change.at);
        let next_at = next.map(|next| next.change.since.unwrap_or(next.change.at));
        // What the next change found is what this one left, unless it says otherwise.
        let is_found = |text: &T| match next.map(|next| next.before) {
            Some(Version::Text(before)) => is_one(&**before, text),
            _ => false,
        };
        let until = |is_linked: bool| match next_at {
            Some(next) if is_linked || next <= end_of_reach => next,
            Some(next) => end_of_reach.min(next),
            None => end_of_reach,
        };
        let state = match edit.after {
            Version::Text(text) => {
                return Some(Sighting {
                    state: State::Text(text),
                    from: Some(change.at),
                    until: until(is_found(text)),
                    change: Some(change),
                });
            }
            Version::Absent => State::Absent,
            Version::Unread => match next.map(|next| next.before) {
                // The old text of the next change, if it was written by this one.
                Some(Version::Text(text))
                    if text.modified().is_none_or(|modified| (modified - change.at).abs() <= ONE_CHANGE) =>
                {
                    State::Text(&**text)
                }
                _ => State::Unread(change),
            },
        };
        let is_gone = matches!(state, State::Absent) && self.held.is_none() && next.is_none();
        let until = if is_gone { DateTime::<Utc>::MAX_UTC } else { until(matches!(state, State::Text(_))) };
        Some(Sighting { state, from: Some(change.at), until, change: Some(change) })
    }
}

/// Whether two texts are one version: written at one time, or equal where they carry no time.
fn is_one<T: Dated>(one: &T, other: &T) -> bool {
    match (one.modified(), other.modified()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}
