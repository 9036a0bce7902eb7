//! Defines [`Table`], objects by id of which the evidence may hold each several times.

use std::collections::HashMap;

/// Objects in the order in which they were found, each id once.
#[derive(Debug)]
pub(super) struct Table<T> {
    rows: Vec<Row<T>>,
    at: HashMap<String, usize>,
}

#[derive(Debug)]
struct Row<T> {
    object: T,
    is_passing: bool,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table { rows: Vec::new(), at: HashMap::new() }
    }
}

impl<T> Table<T> {
    /// Keeps an object unless one of that id is there. An object that was seen only in passing, as a member of a group
    /// with few of its properties, gives way to the object itself.
    pub(super) fn add(&mut self, id: &str, object: T, is_passing: bool) {
        let key = id.to_ascii_lowercase();
        match self.at.get(&key).and_then(|at| self.rows.get_mut(*at)) {
            Some(row) if row.is_passing && !is_passing => *row = Row { object, is_passing },
            Some(_) => {}
            None => {
                self.at.insert(key, self.rows.len());
                self.rows.push(Row { object, is_passing });
            }
        }
    }

    /// Keeps the newest of the objects of that id, and hands back the older one: it counts for its time.
    pub(super) fn add_newest<D: PartialOrd>(&mut self, id: &str, object: T, date: fn(&T) -> Option<D>) -> Option<T> {
        let held = self.at.get(&id.to_ascii_lowercase()).and_then(|at| self.rows.get_mut(*at));
        match held {
            Some(row) if date(&object) > date(&row.object) => Some(std::mem::replace(&mut row.object, object)),
            Some(row) if date(&object) < date(&row.object) => Some(object),
            Some(_) => None,
            None => {
                self.add(id, object, false);
                None
            }
        }
    }

    /// Takes over the objects of another table, which are newer: they stand in the place of those that are here.
    pub(super) fn absorb(&mut self, other: Table<T>) {
        for (key, row) in other.keyed() {
            match self.at.get(&key).and_then(|at| self.rows.get_mut(*at)) {
                Some(held) if held.is_passing || !row.is_passing => *held = row,
                Some(_) => {}
                None => {
                    self.at.insert(key, self.rows.len());
                    self.rows.push(row);
                }
            }
        }
    }

    /// Does the same for objects that tell when they were changed, and hands back the older ones.
    pub(super) fn absorb_newest<D: PartialOrd>(&mut self, other: Table<T>, date: fn(&T) -> Option<D>) -> Vec<T> {
        other.keyed().into_iter().filter_map(|(key, row)| self.add_newest(&key, row.object, date)).collect()
    }

    /// The rows with their ids, in their order.
    fn keyed(self) -> Vec<(String, Row<T>)> {
        let mut keys: Vec<(String, usize)> = self.at.into_iter().collect();
        keys.sort_by_key(|(_, at)| *at);
        keys.into_iter().map(|(key, _)| key).zip(self.rows).collect()
    }

    /// Whether an object of that id is there.
    pub(super) fn has(&self, id: &str) -> bool {
        self.at.contains_key(&id.to_ascii_lowercase())
    }

    /// The objects that are there so far.
    pub(super) fn objects(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().map(|row| &row.object)
    }

    /// The objects, in the order in which they were found first.
    pub(super) fn into_objects(self) -> Vec<T> {
        self.rows.into_iter().map(|row| row.object).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_itself_replaces_what_was_seen_in_passing() {
        let mut table = Table::default();
        table.add("A", "passing", true);
        table.add("b", "other", false);
        table.add("a", "itself", false);
        table.add("a", "again", false);
        table.add("a", "passing again", true);
        assert!(table.has("B"));
        assert_eq!(table.into_objects(), ["itself", "other"]);
    }
}
