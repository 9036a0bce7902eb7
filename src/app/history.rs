//! Defines [`History`], the places that were visited, for going back and forward among them.

use crate::store::index::{RowId, UserKey};

/// The panes, from the outermost to the innermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pane {
    /// The list of users.
    Users,
    /// The sign-ins of the selected user.
    SignIns,
    /// The explanation of the selected sign-in.
    Why,
    /// The raw record.
    Record,
}

/// Where the engineer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The pane with the focus.
    pub pane: Pane,
    /// The selected user.
    pub user: Option<UserKey>,
    /// The selected sign-in.
    pub row: Option<RowId>,
}

/// The visited places, as a browser keeps them.
#[derive(Debug, Clone, Default)]
pub struct History {
    places: Vec<Place>,
    at: usize,
    last: Option<usize>,
}

/// How many places are kept.
const MOST: usize = 200;

impl History {
    /// Notes where the engineer is now. A move inside a pane changes the current place; a new pane or a jump is a new one.
    pub fn visit(&mut self, place: Place, is_jump: bool) {
        let same = self.places.get(self.at).is_some_and(|now| *now == place);
        if same {
            return;
        }
        match self.places.get_mut(self.at) {
            Some(now) if !is_jump && now.pane == place.pane => *now = place,
            _ => {
                self.places.truncate(self.at.saturating_add(1));
                self.last = (!self.places.is_empty()).then_some(self.at);
                if self.places.len() == MOST {
                    self.places.remove(0);
                    self.last = self.last.and_then(|last| last.checked_sub(1));
                }
                self.places.push(place);
                self.at = self.places.len() - 1;
            }
        }
    }

    /// The place a number of visits away, which becomes the current one.
    pub fn step(&mut self, by: isize) -> Option<Place> {
        let target = self.at.checked_add_signed(by)?;
        let place = *self.places.get(target)?;
        self.last = Some(self.at);
        self.at = target;
        Some(place)
    }

    /// The place that was last left, which becomes the current one.
    pub fn last(&mut self) -> Option<Place> {
        let target = self.last?;
        let place = *self.places.get(target)?;
        self.last = Some(self.at);
        self.at = target;
        Some(place)
    }

    /// Whether there is a place that many visits away.
    pub fn reaches(&self, by: isize) -> bool {
        self.at.checked_add_signed(by).is_some_and(|target| target < self.places.len())
    }

    /// Whether a place was left.
    pub fn has_last(&self) -> bool {
        self.last.is_some_and(|last| last < self.places.len() && last != self.at)
    }
}
