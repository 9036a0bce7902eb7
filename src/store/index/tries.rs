//! Picks from the index what the lockout ledger of a user is made of: the rows that have to do with lockouts, and what the whole log
//! says of the addresses they came from.

use std::collections::HashMap;

use crate::domain::lockout::{Address, AttemptClass, QUIET, concerns};
use crate::domain::sign_in::ConditionalAccessStatus;

use super::{Index, Name, Row, RowId, UserKey};

/// The rows of a user that a lockout ledger is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tries {
    /// The rows, oldest first; those without a time come first.
    pub rows: Vec<RowId>,
    /// How many older rows are left out, because there are too many.
    pub left_out: usize,
    /// Whether the cut goes through an episode: no hour without a try lies where it was made.
    pub is_torn: bool,
}

impl Tries {
    /// The tries of a user, at most so many. Of successes in a row only the first and the last count for anything; of more rows than
    /// can be read whole episodes are left out, the oldest first.
    pub fn of(index: &Index, user: UserKey, most: usize) -> Tries {
        let mut rows = index.rows_of(user);
        rows.reverse();
        let held = |id: &RowId| index.row(*id).filter(|row| concerns(row.class, row.error_code));
        rows.retain(|id| held(id).is_some());
        let passes: Vec<bool> = rows
            .iter()
            .map(|id| held(id).is_some_and(|row| row.class == AttemptClass::Pass && row.time.is_some()))
            .collect();
        let is_pass = |at: Option<usize>| at.and_then(|at| passes.get(at)).copied().unwrap_or(false);
        let mut number = 0;
        rows.retain(|_| {
            let at = number;
            number += 1;
            !(is_pass(Some(at)) && is_pass(at.checked_sub(1)) && is_pass(Some(at + 1)))
        });
        let surplus = rows.len().saturating_sub(most);
        if surplus == 0 {
            return Tries { rows, ..Tries::default() };
        }
        let time = |at: usize| rows.get(at).and_then(held).and_then(|row| row.time);
        let is_quiet = |at: &usize| {
            let before = at.checked_sub(1).and_then(time);
            before.zip(time(*at)).is_none_or(|(before, here)| here.saturating_sub(before) > QUIET)
        };
        let whole = (surplus..rows.len()).find(is_quiet);
        let left_out = whole.unwrap_or(surplus);
        Tries { rows: rows.split_off(left_out), left_out, is_torn: whole.is_none() }
    }
}

/// Who was refused from which address, over the whole log.
#[derive(Debug, Clone, Default)]
pub struct Refusals(HashMap<Name, From>);

/// What came from one address.
#[derive(Debug, Clone, Default)]
struct From {
    /// How many rows of each user were refused.
    refused: HashMap<UserKey, usize>,
    rows: usize,
    /// When each user first came through.
    first_success: HashMap<UserKey, i64>,
}

impl Refusals {
    /// Goes over the log twice: addresses without a refusal are of no interest.
    pub fn of(index: &Index) -> Refusals {
        let mut found: HashMap<Name, From> = HashMap::new();
        let is_refusal = |row: &Row| row.class.is_refusal() && !index.text(row.ip).is_empty();
        for row in index.attempts().filter(|row| is_refusal(row)) {
            let from = found.entry(row.ip).or_default();
            *from.refused.entry(row.user).or_default() += 1;
            from.rows += 1;
        }
        if found.is_empty() {
            return Refusals::default();
        }
        let came_through =
            |row: &Row| row.error_code == Some(0) && row.conditional_access != Some(ConditionalAccessStatus::Failure);
        for (_, row) in index.rows().filter(|(_, row)| came_through(row)) {
            if let Some((from, time)) = found.get_mut(&row.ip).zip(row.time) {
                let first = from.first_success.entry(row.user).or_insert(time);
                *first = time.min(*first);
            }
        }
        Refusals(found)
    }

    /// What the log says of the addresses from which a user was refused.
    pub fn addresses_of(&self, index: &Index, user: UserKey) -> HashMap<String, Address> {
        let rows = index.rows_of(user).into_iter().filter_map(|id| index.row(id));
        let mut found = HashMap::new();
        for row in rows.filter(|row| row.class.is_refusal()) {
            let Some(from) = self.0.get(&row.ip) else { continue };
            let own = from.refused.get(&user).copied();
            found.entry(index.text(row.ip).to_owned()).or_insert_with(|| Address {
                first_success: from.first_success.get(&user).copied(),
                other_users: from.refused.len() - usize::from(own.is_some()),
                other_rows: from.rows - own.unwrap_or(0),
            });
        }
        found
    }
}
