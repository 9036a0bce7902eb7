//! Defines [`Coverage`], the time that the files of one kind of log cover together, with the holes between them.

use crate::domain::holdings::Hole;
use crate::domain::sign_in::EventKind;

use super::{FileKind, FileReport, Inventory};

/// The kinds of log in the order in which they are told.
const KINDS: [EventKind; 4] =
    [EventKind::Interactive, EventKind::NonInteractive, EventKind::ServicePrincipal, EventKind::ManagedIdentity];

/// How long nothing between two files is no hole, in milliseconds: one hour.
const LONGEST_QUIET: i64 = 3_600_000;

/// The time that the files of one kind of log cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The kind of log.
    pub kind: EventKind,
    /// The earliest sign-in, in milliseconds since 1970 UTC.
    pub first: i64,
    /// The latest sign-in, in milliseconds since 1970 UTC.
    pub last: i64,
    /// What lies between the files, the oldest first. Within a file quiet cannot be told from absence, so no hole is seen there.
    pub holes: Vec<Hole>,
    /// The files that hold such sign-ins, in the order in which they were opened.
    pub files: Vec<String>,
}

impl Coverage {
    /// The longest holes, at most so many, the oldest first.
    pub fn longest_holes(&self, most: usize) -> Vec<Hole> {
        let mut holes = self.holes.clone();
        holes.sort_by_key(|hole| std::cmp::Reverse(hole.to - hole.from));
        holes.truncate(most);
        holes.sort_by_key(|hole| hole.from);
        holes
    }
}

impl Inventory {
    /// What the logs cover, by their kind; a kind of which there is nothing is left out.
    pub fn coverage(&self) -> Vec<Coverage> {
        let logs = || self.files.iter().filter(|file| file.kind == FileKind::SignInLog);
        KINDS.into_iter().filter_map(|kind| covered(kind, logs())).collect()
    }

    /// The longest holes of all kinds.
    pub(super) fn longest_holes<const N: usize>(&self) -> [Option<Hole>; N] {
        let mut holes: Vec<Hole> = self.coverage().into_iter().flat_map(|coverage| coverage.holes).collect();
        holes.sort_by_key(|hole| std::cmp::Reverse(hole.to - hole.from));
        std::array::from_fn(|number| holes.get(number).copied())
    }
}

fn covered<'a>(kind: EventKind, files: impl Iterator<Item = &'a FileReport>) -> Option<Coverage> {
    let held: Vec<(&FileReport, (i64, i64))> =
        files.filter_map(|file| Some((file, *file.times.get(kind.word())?))).collect();
    let mut spans: Vec<(i64, i64)> = held.iter().map(|(_, span)| *span).collect();
    spans.sort_unstable();
    let (first, mut last) = *spans.first()?;
    let mut holes = Vec::new();
    for (from, to) in spans {
        if from.saturating_sub(last) > LONGEST_QUIET {
            holes.push(Hole { kind, from: last, to: from });
        }
        last = last.max(to);
    }
    let files = held.into_iter().map(|(file, _)| file.path.clone()).collect();
    Some(Coverage { kind, first, last, holes, files })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn holes_lie_between_the_files_of_one_kind_and_nowhere_else() {
        let file = |name: &str, kind: EventKind, from: i64, to: i64| {
            let mut file = FileReport::new(name);
            file.kind = FileKind::SignInLog;
            file.times.insert(kind.word(), (from * HOUR, to * HOUR));
            file
        };
        let (person, client) = (EventKind::Interactive, EventKind::NonInteractive);
        let files = vec![
            file("c", person, 30, 40),
            file("a", person, 0, 12),
            file("b", person, 5, 10),
            file("d", person, 41, 42),
            file("e", client, 0, 42),
        ];
        let inventory = Inventory { files };
        let coverage = inventory.coverage();
        assert_eq!(coverage.len(), 2);
        assert_eq!(coverage[0].files, ["c", "a", "b", "d"]);
        assert_eq!((coverage[0].first, coverage[0].last), (0, 42 * HOUR));
        assert_eq!(coverage[0].holes, [Hole { kind: person, from: 12 * HOUR, to: 30 * HOUR }]);
        assert!(coverage[1].holes.is_empty());
        assert_eq!(inventory.holdings().holes.iter().flatten().count(), 1);
    }
}
