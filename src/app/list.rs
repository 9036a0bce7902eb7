//! Defines [`List`], a list whose cursor stays with its item, whatever is sorted, filtered or added around it.

/// A list with a cursor. Views keep the cursor in the middle of the window, so no scroll position is kept, and neither
/// new lines nor a resize can push the cursor off the screen.
#[derive(Debug, Clone)]
pub struct List<K> {
    /// What is shown, in order.
    pub items: Vec<K>,
    /// How many items there would be without the filter.
    pub total: usize,
    /// The filter.
    pub query: String,
    /// The item the cursor was put on; nothing as long as nobody has moved it, when it stays at the top.
    pinned: Option<K>,
}

impl<K> Default for List<K> {
    fn default() -> List<K> {
        List { items: Vec::new(), total: 0, query: String::new(), pinned: None }
    }
}

impl<K: Copy + PartialEq> List<K> {
    /// The number of the item under the cursor.
    pub fn position(&self) -> usize {
        self.pinned.and_then(|key| self.items.iter().position(|item| *item == key)).unwrap_or(0)
    }

    /// The item under the cursor.
    pub fn selected(&self) -> Option<K> {
        self.items.get(self.position()).copied()
    }

    /// Puts the cursor on an item. It waits for an item that is not in the list yet.
    pub fn select(&mut self, item: K) {
        self.pinned = Some(item);
    }

    /// Makes the cursor stay where it is when lines are added.
    pub fn pin(&mut self) {
        self.pinned = self.selected();
    }

    /// Lets the cursor stay at the top.
    pub fn unpin(&mut self) {
        self.pinned = None;
    }

    /// Moves the cursor, stopping at either end.
    pub fn go(&mut self, motion: Motion, page: usize) {
        let target = motion.from(self.position(), self.items.len(), page);
        self.pinned = self.items.get(target).copied();
    }
}

/// A way to move along lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// One line down.
    Down,
    /// One line up.
    Up,
    /// Half a page down.
    HalfDown,
    /// Half a page up.
    HalfUp,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// To the top.
    First,
    /// To the end.
    Last,
}

impl Motion {
    /// Where the motion leads from line `at` of `count`; a page has `page` lines.
    pub fn from(self, at: usize, count: usize, page: usize) -> usize {
        let last = count.saturating_sub(1);
        let half = (page / 2).max(1);
        let target = match self {
            Motion::Down => at.saturating_add(1),
            Motion::Up => at.saturating_sub(1),
            Motion::HalfDown => at.saturating_add(half),
            Motion::HalfUp => at.saturating_sub(half),
            Motion::PageDown => at.saturating_add(page.max(1)),
            Motion::PageUp => at.saturating_sub(page.max(1)),
            Motion::First => 0,
            Motion::Last => last,
        };
        target.min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_with_its_item_once_it_was_moved() {
        let mut list = List { items: vec!['b', 'd'], ..List::default() };
        list.items = vec!['a', 'b', 'd'];
        assert_eq!(list.selected(), Some('a'));
        list.go(Motion::Down, 10);
        list.items = vec!['0', 'a', 'b', 'd'];
        assert_eq!((list.selected(), list.position()), (Some('b'), 2));
        list.items.clear();
        assert_eq!(list.selected(), None);
        list.go(Motion::Last, 0);
        assert_eq!(list.selected(), None);
    }
}
