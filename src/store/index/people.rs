//! Tells people apart: a row belongs to the user with its object id, and one that gives a principal name alone to the only user with an
//! id who goes by that name.
//!
//! Whether there is such a user, and only one, may turn out after the row came. So a row keeps the user that its record gives
//! (`given_user`), and the rows of a name move when the answer changes.

use super::{Counted, Index, Row, RowId, User, UserKey, Who};

impl User {
    /// Counts a row in.
    pub(super) fn count(&mut self, row: &Row) {
        self.sign_ins += 1;
        match row.counted() {
            Counted::Failure => self.failures += 1,
            Counted::Interrupt => self.interrupts += 1,
            Counted::SignIn => {}
        }
        if let Some(time) = row.time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
    }

    /// Takes the names of one that turned out to be the same.
    fn learn_from(&mut self, other: &User) {
        let [principal_name, display_name, identifier] = other.named_at;
        let who = |name: &dyn Fn(&mut Who)| {
            let mut who = Who { id: self.who.id.clone(), is_service: self.who.is_service, ..Who::default() };
            name(&mut who);
            who
        };
        let given = [
            (who(&|who| who.principal_name.clone_from(&other.who.principal_name)), principal_name),
            (who(&|who| who.display_name.clone_from(&other.who.display_name)), display_name),
            (who(&|who| who.identifier.clone_from(&other.who.identifier)), identifier),
        ];
        for (who, time) in given {
            self.learn(&who, time);
        }
    }

    /// Takes a row out of the counts.
    pub(super) fn uncount(&mut self, row: &Row) {
        self.sign_ins = self.sign_ins.saturating_sub(1);
        match row.counted() {
            Counted::Failure => self.failures = self.failures.saturating_sub(1),
            Counted::Interrupt => self.interrupts = self.interrupts.saturating_sub(1),
            Counted::SignIn => {}
        }
    }

    /// Finds the first and the last row anew.
    pub(super) fn measure(&mut self, rows: &[Row]) {
        let times = || self.rows.iter().filter_map(|held| rows.get(held.0 as usize)?.time);
        (self.first, self.last) = (times().min(), times().max());
    }

    /// Takes the names that a row gives. The newest counts, in whatever order files come: people are renamed.
    fn learn(&mut self, who: &Who, time: Option<i64>) {
        if self.who.has_no_id() && (self.who.id.is_empty() || !who.has_no_id()) {
            self.who.id.clone_from(&who.id);
        }
        let names = [
            (&mut self.who.principal_name, &who.principal_name),
            (&mut self.who.display_name, &who.display_name),
            (&mut self.who.identifier, &who.identifier),
        ];
        for ((held, given), at) in names.into_iter().zip(&mut self.named_at) {
            if !given.is_empty() && (held.is_empty() || (time, given) > (*at, held)) {
                held.clone_from(given);
                *at = time;
            }
        }
        self.who.is_service = who.is_service;
    }
}

impl Index {
    /// The user of a record by what the record itself gives.
    pub(super) fn user_for(&mut self, who: &Who, time: Option<i64>) -> UserKey {
        let key = who.key();
        let user = self.keys.get(&key).copied().unwrap_or_else(|| {
            let user = UserKey(u32::try_from(self.users.len()).unwrap_or(u32::MAX));
            self.users.push(User::default());
            self.keys.insert(key, user);
            user
        });
        if let Some(person) = self.users.get_mut(user.0 as usize) {
            person.learn(who, time);
        }
        if who.has_no_id() {
            let known = self.known_as(user);
            if let Some(person) = self.users.get_mut(known.0 as usize).filter(|_| known != user) {
                person
                    .learn(&Who { id: person.who.id.clone(), is_service: person.who.is_service, ..who.clone() }, time);
            }
        } else if !who.principal_name.is_empty() {
            self.note_name(user, &who.principal_name.to_lowercase());
        }
        user
    }

    /// Notes that a user with an object id goes by a principal name, and lets the rows that give nothing but the name follow.
    fn note_name(&mut self, user: UserKey, name: &str) {
        if self.named.get(name).is_some_and(|users| users.contains(&user)) {
            return;
        }
        let users = self.named.entry(name.to_owned()).or_default();
        users.push(user);
        let (count, first) = (users.len(), users.first().copied());
        let Some(nameless) = self.keys.get(&format!("name:{name}")).copied() else { return };
        match (count, first) {
            (1, _) => {
                self.move_rows(nameless, nameless, user);
                let other = self.user(nameless).cloned();
                if let (Some(person), Some(other)) = (self.users.get_mut(user.0 as usize), other) {
                    person.learn_from(&other);
                }
            }
            // Whose the rows are that give the name alone is not known any more.
            (2, Some(first)) => self.move_rows(nameless, first, nameless),
            _ => {}
        }
    }

    /// The user that one known by a principal name alone turned out to be, else the same.
    pub(super) fn known_as(&self, user: UserKey) -> UserKey {
        let by_name = self.user(user).map(|person| &person.who).filter(|who| who.has_no_id());
        match by_name.and_then(|who| self.named.get(&who.principal_name.to_lowercase())).map(Vec::as_slice) {
            Some([one]) => *one,
            _ => user,
        }
    }

    /// Moves the rows whose record gives one user from another user to a third.
    fn move_rows(&mut self, given: UserKey, from: UserKey, to: UserKey) {
        let Some(held) = self.users.get_mut(from.0 as usize).map(|person| std::mem::take(&mut person.rows)) else {
            return;
        };
        let is_moved = |row: &RowId| self.row(*row).is_some_and(|row| row.given_user == given);
        let (moved, kept): (Vec<RowId>, Vec<RowId>) = held.into_iter().partition(is_moved);
        let Index { users, rows, .. } = self;
        for number in &moved {
            let Some(row) = rows.get_mut(number.0 as usize) else { continue };
            row.user = to;
            if let Some(person) = users.get_mut(from.0 as usize) {
                person.uncount(row);
            }
            if let Some(person) = users.get_mut(to.0 as usize) {
                person.count(row);
                person.rows.push(*number);
            }
        }
        if let Some(person) = users.get_mut(from.0 as usize) {
            person.rows = kept;
            person.measure(rows);
        }
    }
}
