//! Defines [`UserList`], the users on the screen, in order or as the finder ranks them.

use std::collections::HashMap;

use crate::store::index::{Index, User, UserKey};

use super::finder::Candidates;
use super::list::List;
use super::message::Search;

/// With more users than this a search runs on a worker, so that typing stays fluent.
const MOST_AT_ONCE: usize = 20_000;

/// The users, most failures first.
#[derive(Debug, Default)]
pub struct UserList {
    /// The list.
    pub list: List<UserKey>,
    candidates: Candidates,
    generation: u64,
    scores: HashMap<UserKey, i64>,
}

impl UserList {
    /// Brings the list up to date with the index and the query; large searches are handed back as work for a worker.
    pub fn refresh(&mut self, index: &Index) -> Option<Search> {
        let mut search = None;
        if self.list.query.trim().is_empty() {
            self.scores.clear();
        } else {
            self.candidates.refresh(index);
            self.generation += 1;
            if self.candidates.len() > MOST_AT_ONCE {
                let (query, candidates) = (self.list.query.clone(), self.candidates.clone());
                search = Some(Search { generation: self.generation, query, candidates });
            } else {
                self.scores = self.candidates.find(&self.list.query).into_iter().collect();
            }
        }
        self.arrange(index);
        search
    }

    /// Takes in what a worker found, unless something else is searched by now.
    pub fn found(&mut self, index: &Index, generation: u64, matches: Vec<(UserKey, i64)>) {
        if generation == self.generation && !self.list.query.trim().is_empty() {
            self.scores = matches.into_iter().collect();
            self.arrange(index);
        }
    }

    fn arrange(&mut self, index: &Index) {
        let filtered = !self.list.query.trim().is_empty();
        let mut users: Vec<(UserKey, &User)> =
            index.users().filter(|(key, _)| !filtered || self.scores.contains_key(key)).collect();
        let order = |(key, user): &(UserKey, &User)| {
            let score = self.scores.get(key).copied().unwrap_or(0);
            std::cmp::Reverse((score, user.failures, user.sign_ins))
        };
        users.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| name(a.1).cmp(name(b.1))));
        self.list.total = index.users().count();
        self.list.items = users.into_iter().map(|(key, _)| key).collect();
    }
}

/// The name to show for a user: display name, else principal name, else what was typed, else id.
pub fn name(user: &User) -> &str {
    let who = &user.who;
    let names = [&who.display_name, &who.principal_name, &who.identifier, &who.id];
    names.into_iter().find(|name| !name.is_empty()).map_or("(no name)", |name| name)
}
