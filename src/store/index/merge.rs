//! Merges the records of one sign-in into one row: the same sign-in stands in several exports, and often several times in one.
//!
//! Records are of one sign-in when they have the same request id, error codes that do not differ and times that agree within a
//! second: the unified audit log and tables cut milliseconds. Records of one id and code are also of one sign-in when their times lie
//! further apart, if they stand in different files and read different clocks ([`Clock`]): then the time that is known best counts.
//! Rows of one id with different codes are states of one request and stay apart.
//!
//! Invariant: what the records of an id come to depends on the records alone and never on the order in which they came. So every
//! record of a merged row is kept, and the records of an id are dealt out anew with each further one.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use crate::domain::lockout::AttemptClass;
use crate::domain::merge::{Clock, Fullness};
use crate::domain::sign_in::EventKind;

use super::{Counted, Entry, Index, Name, Row, RowId, Span};

/// How far the times of two records of one sign-in lie apart, at most, in milliseconds.
const SAME_TIME: i64 = 1_000;
/// How many records of one id are compared. More are no copies of one sign-in but a column that holds no ids.
const MOST_RECORDS: usize = 64;

/// Where all records of one row are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spans {
    /// The fullest record.
    pub first: Span,
    /// Further records of the same sign-in.
    pub others: Box<[Span]>,
    /// Records that are no sign-ins by themselves and add to this one.
    pub supplements: Box<[Span]>,
}

impl From<Span> for Spans {
    fn from(first: Span) -> Spans {
        Spans { first, others: Box::default(), supplements: Box::default() }
    }
}

/// What is kept of rows that several records make.
#[derive(Debug, Clone, Default)]
pub(super) struct Merged {
    /// The records of each row that has more than one, the fullest first.
    records: HashMap<RowId, Vec<Row>>,
    /// The further rows of a request id, under its first row.
    siblings: HashMap<RowId, Vec<RowId>>,
    /// The supplements of each request id in lower case, each with the name of its file.
    supplements: HashMap<Box<str>, Vec<(Box<str>, Span)>>,
    /// Rows that turned out to be of the same sign-in as another, with the number of that one.
    gone: HashMap<RowId, RowId>,
    /// How many records came that are sign-ins by themselves.
    came: usize,
}

impl Merged {
    /// Counts a record that is a sign-in by itself.
    pub(super) fn count(&mut self) {
        self.came += 1;
    }

    /// Keeps a supplement under its id, whether or not the row has come.
    pub(super) fn wait(&mut self, entry: &Entry) {
        let id = entry.id.to_ascii_lowercase().into_boxed_str();
        self.supplements.entry(id).or_default().push((Box::from(&*entry.fullness.file), entry.span));
    }
}

impl Index {
    /// Where all records of a row are.
    pub fn spans_of(&self, row_id: RowId) -> Option<Spans> {
        let row = self.row(row_id)?;
        let records = self.merged.records.get(&self.standing(row_id));
        let others = records.map(|records| records.iter().skip(1).map(|record| record.span).collect());
        let supplements = match self.merged.supplements.is_empty() {
            true => None,
            false => self.merged.supplements.get(row.id.to_ascii_lowercase().as_str()),
        };
        let supplements = supplements.map(|known| known.iter().map(|(_, span)| *span).collect());
        Some(Spans {
            first: row.span,
            others: others.unwrap_or_default(),
            supplements: supplements.unwrap_or_default(),
        })
    }

    /// How many records made no row, because a record of the same sign-in was there already.
    pub fn repeated(&self) -> usize {
        self.merged.came.saturating_sub(self.len())
    }

    /// How many sign-ins stand in the evidence more than once.
    pub fn merged(&self) -> usize {
        self.merged.records.len()
    }

    /// In how many of these one record says something that the fullest does not.
    pub fn completed(&self) -> usize {
        let adds = |records: &&Vec<Row>| {
            let main = records.first().map_or(0, |record| record.filled);
            records.iter().any(|record| record.filled & !main != 0)
        };
        self.merged.records.values().filter(adds).count()
    }

    /// The files that hold supplements without a sign-in, each with how many.
    pub fn unclaimed(&self) -> Vec<(&str, usize)> {
        let mut found: HashMap<&str, usize> = HashMap::new();
        let waiting = self.merged.supplements.iter().filter(|(id, _)| !self.by_id.contains_key(*id));
        for (file, _) in waiting.flat_map(|(_, supplements)| supplements) {
            *found.entry(file).or_default() += 1;
        }
        let mut found: Vec<(&str, usize)> = found.into_iter().collect();
        found.sort_unstable();
        found
    }

    /// Of the rows of a request the one in which it ended: the last that is no step of it.
    pub(super) fn last_of_request(&self, first: RowId) -> Option<RowId> {
        let key = |id: &RowId| {
            self.row(*id).map(|row| (row.counted() != Counted::Interrupt, row.time, Reverse(row.error_code)))
        };
        self.rows_of_request(first).into_iter().max_by_key(key)
    }

    fn rows_of_request(&self, first: RowId) -> Vec<RowId> {
        let siblings = self.merged.siblings.get(&first);
        std::iter::once(first).chain(siblings.into_iter().flatten().copied()).collect()
    }

    /// Takes in a record of a request id that has rows already; the first of them is given.
    pub(super) fn join(&mut self, first: RowId, record: Row) {
        let rows = self.rows_of_request(first);
        let mut records: Vec<(Option<RowId>, Row)> = Vec::new();
        for id in &rows {
            match self.merged.records.get(id) {
                Some(held) => records.extend(held.iter().map(|record| (Some(*id), record.clone()))),
                None => records.extend(self.row(*id).map(|row| (Some(*id), row.clone()))),
            }
            if records.len() > MOST_RECORDS {
                self.add_sibling(first, record);
                return;
            }
        }
        records.push((None, record));
        records.sort_by(|(_, a), (_, b)| self.dealing_order(a, b));
        let dealt = deal(records.iter().map(|(_, record)| (record.time, record.error_code)));
        let dealt = unite(records.iter().map(|(_, record)| Told::by(record)).collect(), dealt);
        // A row stays with the record of it that was dealt out first, so that whoever looks at it goes on looking at the same.
        let mut owners: Vec<Option<RowId>> = vec![None; dealt.iter().max().map_or(0, |last| last + 1)];
        for id in &rows {
            let heap = records.iter().zip(&dealt).find(|((owner, _), _)| *owner == Some(*id)).map(|(_, heap)| *heap);
            match heap.and_then(|heap| owners.get_mut(heap)) {
                Some(owner @ None) => *owner = Some(*id),
                Some(Some(other)) => {
                    let other = *other;
                    self.give_up(first, *id, other);
                }
                None => {}
            }
        }
        let mut heaps: Vec<(bool, Vec<Row>)> = vec![(false, Vec::new()); owners.len()];
        for ((owner, record), heap) in records.into_iter().zip(dealt) {
            let stays = owner.is_some() && owner == owners.get(heap).copied().flatten();
            if let Some((has_changed, records)) = heaps.get_mut(heap) {
                *has_changed |= !stays;
                records.push(record);
            }
        }
        for ((has_changed, records), owner) in heaps.into_iter().zip(owners) {
            match owner {
                Some(row) => {
                    let had = self.merged.records.get(&row).map_or(1, Vec::len);
                    if has_changed || had != records.len() {
                        self.set_records(row, records);
                    }
                }
                None => {
                    let mut records = records.into_iter();
                    let Some(one) = records.next() else { continue };
                    let row = self.add_sibling(first, one.clone());
                    let all: Vec<Row> = std::iter::once(one).chain(records).collect();
                    if all.len() > 1 {
                        self.set_records(row, all);
                    }
                }
            }
        }
    }

    fn add_sibling(&mut self, first: RowId, record: Row) -> RowId {
        // Whom a name stands for may have turned out since the record came.
        let user = self.known_as(record.given_user);
        let row = self.add(Row { user, ..record });
        self.merged.siblings.entry(first).or_default().push(row);
        row
    }

    /// Lets a row go that a further record showed to be of the same sign-in as another. Its number leads to that one from now on.
    fn give_up(&mut self, first: RowId, number: RowId, other: RowId) {
        self.merged.records.remove(&number);
        self.merged.gone.insert(number, other);
        if let Some(siblings) = self.merged.siblings.get_mut(&first) {
            siblings.retain(|sibling| *sibling != number);
        }
        let Index { users, rows, .. } = self;
        let Some(row) = rows.get(number.0 as usize) else { return };
        if let Some(person) = users.get_mut(row.user.0 as usize) {
            person.uncount(row);
            person.rows.retain(|held| *held != number);
            person.measure(rows);
        }
        for (held, name) in [(&mut self.by_correlation, row.correlation_id), (&mut self.by_session, row.session_id)] {
            if let Some(rows) = held.get_mut(&name) {
                rows.retain(|held| *held != number);
            }
        }
        self.attempts.retain(|held| *held != number);
    }

    /// The number that a row has now.
    pub(super) fn standing(&self, mut number: RowId) -> RowId {
        while let Some(other) = self.merged.gone.get(&number) {
            number = *other;
        }
        number
    }

    /// Whether a row was given up.
    pub(super) fn is_gone(&self, number: RowId) -> bool {
        self.merged.gone.contains_key(&number)
    }

    /// How many rows were given up.
    pub(super) fn count_gone(&self) -> usize {
        self.merged.gone.len()
    }

    /// The order in which records of one id are dealt out: those that say most of what tells them apart come first.
    fn dealing_order(&self, a: &Row, b: &Row) -> Ordering {
        let key = |row: &Row| {
            let lacks = (row.time.is_none(), row.error_code.is_none());
            let rank = u8::from(lacks.0) * 2 + u8::from(lacks.1);
            (rank, row.error_code, row.time)
        };
        key(a).cmp(&key(b)).then_with(|| self.counting_order(a, b))
    }

    /// The order in which the records of a row count: the fullest first.
    fn counting_order(&self, a: &Row, b: &Row) -> Ordering {
        let place = |row: &Row| (self.text(row.file), row.span.number, row.span.source);
        Reverse(a.says).cmp(&Reverse(b.says)).then_with(|| place(a).cmp(&place(b)))
    }

    /// Makes a row anew of its records.
    fn set_records(&mut self, number: RowId, mut records: Vec<Row>) {
        records.sort_by(|a, b| self.counting_order(a, b));
        let Some(row) = self.made_of(&records) else { return };
        self.replace(number, row);
        if records.len() > 1 {
            self.merged.records.insert(number, records);
        } else {
            self.merged.records.remove(&number);
        }
    }

    /// The row that records come to, the fullest first: what one lacks the next gives.
    fn made_of(&self, records: &[Row]) -> Option<Row> {
        let first = records.first()?;
        let mut row = first.clone();
        let name = |get: fn(&Row) -> Name| {
            let says = |name: &Name| !self.text(*name).is_empty();
            records.iter().map(get).find(says).unwrap_or_else(|| get(first))
        };
        // A name that a record gives counts before one that is only known for its id.
        let named = |get: fn(&Row) -> Name, bit: u64| {
            records.iter().find(|record| record.filled & bit != 0).map_or_else(|| name(get), get)
        };
        row.app = named(|record| record.app, Fullness::application_name());
        row.resource = named(|record| record.resource, Fullness::resource_name());
        row.client = name(|record| record.client);
        row.place = name(|record| record.place);
        row.ip = name(|record| record.ip);
        row.correlation_id = name(|record| record.correlation_id);
        row.session_id = name(|record| record.session_id);
        let dated = records.iter().filter(|record| record.time.is_some());
        row.time = dated.min_by_key(|record| record.clock).and_then(|record| record.time);
        row.error_code = records.iter().find_map(|record| record.error_code);
        row.conditional_access = records.iter().find_map(|record| record.conditional_access.clone());
        row.policy_failed = records.iter().any(|record| record.policy_failed);
        let kinds = records.iter().map(|record| record.event_kind);
        row.event_kind = kinds.into_iter().find(|kind| *kind != EventKind::Unknown).unwrap_or_default();
        row.class = class_of(records);
        let has_id = |record: &&Row| self.user(record.given_user).is_some_and(|user| !user.who.has_no_id());
        row.given_user = records.iter().find(has_id).map_or(row.given_user, |record| record.given_user);
        row.user = self.known_as(row.given_user);
        Some(row)
    }

    /// Puts a row in the place of another of the same sign-in. Most of it is the same, and lists of many rows are left alone.
    fn replace(&mut self, number: RowId, mut row: Row) {
        let Some(old) = self.rows.get(number.0 as usize).cloned() else { return };
        row.is_listed = old.is_listed;
        if row.class != AttemptClass::Neutral && !row.is_listed {
            row.is_listed = true;
            self.attempts.push(number);
        }
        for (held, was, is) in [
            (&mut self.by_correlation, old.correlation_id, row.correlation_id),
            (&mut self.by_session, old.session_id, row.session_id),
        ] {
            if was != is {
                if let Some(rows) = held.get_mut(&was) {
                    rows.retain(|held| *held != number);
                }
                if !self.names.text(is).is_empty() {
                    held.entry(is).or_default().push(number);
                }
            }
        }
        let (user, has_moved, has_other_time) = (row.user, old.user != row.user, old.time != row.time);
        let counts_alike = old.counted() == row.counted();
        if let Some(place) = self.rows.get_mut(number.0 as usize) {
            *place = row.clone();
        }
        if !has_moved && !has_other_time && counts_alike {
            return;
        }
        let Index { users, rows, .. } = self;
        if let Some(person) = users.get_mut(old.user.0 as usize) {
            person.uncount(&old);
            if has_moved {
                person.rows.retain(|held| *held != number);
            }
            if old.time.is_some() && (old.time == person.first || old.time == person.last) {
                person.measure(rows);
            }
        }
        if let Some(person) = users.get_mut(user.0 as usize) {
            person.count(&row);
            if has_moved {
                person.rows.push(number);
            }
        }
    }
}

/// What a sign-in of several records is to smart lockout: that is told by the code and its reason and, of successes, by the
/// authentication steps or else by whether a person was there.
fn class_of(records: &[Row]) -> AttemptClass {
    let Some(first) = records.first() else { return AttemptClass::Neutral };
    let with_code = || records.iter().filter(|record| record.error_code.is_some());
    let told = with_code().find(|record| matches!(record.class, AttemptClass::Lock | AttemptClass::IpBlock));
    let by_steps = || with_code().find(|record| record.filled & Fullness::steps() != 0);
    let by_kind = || with_code().find(|record| record.event_kind != EventKind::Unknown);
    told.or_else(by_steps).or_else(by_kind).or_else(|| with_code().next()).map_or(first.class, |record| record.class)
}

/// Whether the times and codes of two records may be of one sign-in.
fn agrees(a: (Option<i64>, Option<i64>), b: (Option<i64>, Option<i64>)) -> bool {
    let times = a.0.zip(b.0).is_none_or(|(a, b)| a.abs_diff(b) <= SAME_TIME.unsigned_abs());
    let codes = a.1.zip(b.1).is_none_or(|(a, b)| a == b);
    times && codes
}

/// Deals records of one id out to sign-ins, each to the one it fits and, of several, to the nearest in time. Times and codes come in
/// the order of [`Index::dealing_order`]; the answer is the number of each one's sign-in.
fn deal(records: impl Iterator<Item = (Option<i64>, Option<i64>)>) -> Vec<usize> {
    let mut heaps: Vec<(Option<i64>, Option<i64>)> = Vec::new();
    let mut dealt = Vec::new();
    for record in records {
        let far = |heap: &(Option<i64>, Option<i64>)| {
            heap.0.zip(record.0).map_or(u64::MAX, |(heap, record)| heap.abs_diff(record))
        };
        let fitting = heaps.iter().enumerate().filter(|(_, heap)| agrees(**heap, record));
        let nearest = fitting.min_by_key(|(number, heap)| (far(heap), *number)).map(|(number, _)| number);
        let number = nearest.unwrap_or_else(|| {
            heaps.push(record);
            heaps.len() - 1
        });
        if let Some(heap) = heaps.get_mut(number) {
            *heap = (heap.0.or(record.0), heap.1.or(record.1));
        }
        dealt.push(number);
    }
    dealt
}

/// What a record tells of when its sign-in happened.
#[derive(Debug, Clone, Copy)]
struct Told {
    source: u32,
    time: Option<i64>,
    code: Option<i64>,
    clock: Clock,
}

impl Told {
    fn by(row: &Row) -> Told {
        Told { source: row.span.source, time: row.time, code: row.error_code, clock: row.clock }
    }
}

/// Unites the sign-ins of one code that lie apart only because their records come from different files and read different clocks: a
/// table's own time is minutes late, a spreadsheet leaves the seconds out. Times of one file, and those of one clock, are told apart.
fn unite(records: Vec<Told>, dealt: Vec<usize>) -> Vec<usize> {
    let mut heaps: Vec<Vec<Told>> = vec![Vec::new(); dealt.iter().max().map_or(0, |last| last + 1)];
    for (record, heap) in records.iter().zip(&dealt) {
        if let Some(held) = heaps.get_mut(*heap) {
            held.push(*record);
        }
    }
    // The time that is known best comes first; the latest row looks first for the nearest, since those that are late come in order.
    let best = |heap: &[Told]| heap.iter().filter(|told| told.time.is_some()).min_by_key(|told| told.clock).copied();
    let code = |heap: &[Told]| heap.iter().find_map(|told| told.code);
    let mut order: Vec<(Told, i64, usize)> = heaps
        .iter()
        .enumerate()
        .filter(|(_, heap)| code(heap).is_some())
        .filter_map(|(number, heap)| best(heap).and_then(|best| Some((best, best.time?, number))))
        .collect();
    order.sort_by_key(|(best, time, number)| (best.clock, Reverse(*time), *number));
    let mut roots: Vec<(usize, i64, Vec<Told>)> = Vec::new();
    let mut leads: Vec<usize> = (0..heaps.len()).collect();
    for (_, time, number) in order {
        let heap = heaps.get(number).map(Vec::as_slice).unwrap_or_default();
        let is_apart = |a: &Told, b: &Told| a.source != b.source && !a.clock.is_of_one(b.clock);
        let may_join = |held: &[Told]| {
            code(held) == code(heap) && held.iter().all(|held| heap.iter().all(|told| is_apart(held, told)))
        };
        let fitting = roots.iter_mut().filter(|(_, _, held)| may_join(held));
        match fitting.min_by_key(|(root, at, _)| (at.abs_diff(time), *root)) {
            Some((root, _, held)) => {
                held.extend(heap);
                if let Some(lead) = leads.get_mut(number) {
                    *lead = *root;
                }
            }
            None => roots.push((number, time, heap.to_vec())),
        }
    }
    dealt.into_iter().map(|heap| leads.get(heap).copied().unwrap_or(heap)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_dealt_out_by_code_and_time_and_what_lacks_one_goes_to_the_nearest() {
        let check = |records: &[(Option<i64>, Option<i64>)], expected: &[usize]| {
            assert_eq!(deal(records.iter().copied()), expected, "{records:?}");
        };
        let (at, code) = (Some(5_000), Some(50_126));
        check(&[(at, code), (Some(5_900), code), (Some(6_200), code)], &[0, 0, 1]);
        check(&[(at, Some(0)), (at, code)], &[0, 1]);
        check(&[(at, Some(0)), (Some(5_700), code), (Some(5_700), None)], &[0, 1, 1]);
        check(&[(at, code), (None, code), (None, None)], &[0, 0, 0]);
        check(&[(at, None), (None, code), (None, Some(0))], &[0, 0, 1]);
    }
}
