//! Defines [`NamedMembers`], members that a list gives by name or address, and finds whose names they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::snapshot::{Group, User};

use super::is_guid;
use super::members::Members;
use super::names::{Index, Said};
use super::table::Table;

/// A group or a member as a list writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    /// By its id.
    Id(String),
    /// By its name, principal name or address.
    Name(String),
}

impl Written {
    /// What is written: a GUID is an id in whatever column it stands.
    pub(super) fn name(text: &str) -> Written {
        if is_guid(text) { Written::Id(text.to_owned()) } else { Written::Name(text.to_owned()) }
    }

    fn text(&self) -> &str {
        match self {
            Written::Id(text) | Written::Name(text) => text,
        }
    }
}

/// What a list says of a group.
#[derive(Debug)]
pub(super) struct Row {
    /// The group.
    pub(super) group: Written,
    /// A member of it.
    pub(super) member: Option<Written>,
    /// Whether the list holds all members; nothing where another row says that.
    pub(super) lists_all: Option<bool>,
    /// The file.
    pub(super) file: Arc<str>,
}

/// Members that lists give by name.
#[derive(Debug, Default)]
pub(super) struct NamedMembers {
    rows: Vec<Row>,
}

impl NamedMembers {
    /// Takes over the rows of another.
    pub(super) fn absorb(&mut self, other: NamedMembers) {
        self.rows.extend(other.rows);
    }

    /// Notes a row.
    pub(super) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Finds the ids and adds the members to their groups. A group with a member whose id is not found is not known as a whole:
    /// that member may be anybody.
    pub(super) fn join(self, users: &Table<User>, groups: &Table<Group>, members: &mut Members, said: &mut Vec<Said>) {
        if self.rows.is_empty() {
            return;
        }
        let (mut people, mut held) = (Index::default(), Index::default());
        for user in users.objects() {
            people.add(&user.id, &user.user_principal_name);
            people.add(&user.id, user.display_name.as_deref().unwrap_or_default());
        }
        for group in groups.objects() {
            people.add(&group.id, &group.display_name);
            held.add(&group.id, &group.display_name);
        }
        let mut lost: BTreeMap<String, (u64, String, Arc<str>)> = BTreeMap::new();
        for Row { group, member, lists_all, file } in &self.rows {
            let group = match group {
                Written::Name(name) if !held.has(name) => held.find(name).unwrap_or(name),
                written => written.text(),
            };
            if let Some(lists_all) = lists_all {
                members.list(group, !lists_all, file);
            }
            let found = match member {
                None => continue,
                Some(Written::Name(name)) if !people.has(name) => people.find(name).map_err(|_| name.as_str()),
                Some(written) => Ok(written.text()),
            };
            match found {
                Ok(id) => members.add(group, id, file),
                Err(name) => {
                    members.lose(group, file);
                    let first = || (0, name.to_owned(), Arc::clone(file));
                    lost.entry(group.to_owned()).or_insert_with(first).0 += 1;
                }
            }
        }
        for (group, (count, first, file)) in lost {
            let text = format!(
                "group `{group}`: {count} of its members are names of which the evidence does not tell the id, the first `{first}`: \
                 who else is in it is unknown"
            );
            said.push(Said { file, text });
        }
    }
}
