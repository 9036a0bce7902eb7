//! Defines [`Evidence`] and [`Origin`]: where a value that an explanation speaks of can be looked up.

use std::sync::Arc;

/// The file name under which a fact said by the operator stands in evidence.
pub const OPERATOR: &str = "operator";

/// A pointer to one value in what the customer sent, with the value itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What the value is, in the words of the admin's screen ("client app").
    pub label: String,
    /// The file, as it was named on the command line or inside a folder or zip; [`OPERATOR`] for a fact the operator said.
    pub file: Arc<str>,
    /// The record's number in its file, counted from 0 as JSON counts; nothing for snapshot files.
    pub record: Option<u64>,
    /// The JSON pointer (RFC 6901) of the value inside the record, or inside the snapshot file, as that file spells it.
    pub pointer: String,
    /// The value as it stands there.
    pub value: String,
}

/// How names were changed when a record was brought to Graph's spelling: pairs of the pointer in Graph's spelling and
/// the pointer in the file. The longest pair that fits a pointer is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames {
    pairs: Vec<(String, String)>,
}

impl Renames {
    /// Notes that what Graph calls `graph` stands at `file` in the file.
    pub fn add(&mut self, graph: impl Into<String>, file: impl Into<String>) {
        self.pairs.push((graph.into(), file.into()));
    }

    /// Adds the renames of a part of the same record.
    pub fn append(&mut self, mut renames: Renames) {
        self.pairs.append(&mut renames.pairs);
    }

    /// The same renames for an object that lies at `base` in its file.
    #[must_use]
    pub fn under(mut self, base: &str) -> Renames {
        for (_, file) in &mut self.pairs {
            file.insert_str(0, base);
        }
        if !base.is_empty() {
            self.pairs.push((String::new(), base.to_owned()));
        }
        self
    }

    /// The pointer in the file for a pointer in Graph's spelling.
    pub fn to_file(&self, graph: &str) -> String {
        let mut best: Option<(&str, &str)> = None;
        for (from, to) in &self.pairs {
            let fits = graph.strip_prefix(from.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if fits && best.is_none_or(|(longest, _)| from.len() > longest.len()) {
                best = Some((from, to));
            }
        }
        match best {
            Some((from, to)) => format!("{to}{}", graph.strip_prefix(from).unwrap_or("")),
            None => graph.to_owned(),
        }
    }
}

/// Where a record or an object of the snapshot came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file's name as shown to the user.
    pub file: Arc<str>,
    /// The record's number in a log, counted from 0; nothing for objects of a snapshot.
    pub record: Option<u64>,
    /// How the file spells what Graph's names stand for.
    pub renames: Renames,
}

impl Default for Origin {
    fn default() -> Origin {
        Origin { file: Arc::from(""), record: None, renames: Renames::default() }
    }
}

impl Origin {
    /// Evidence for the value at `pointer` (in Graph's spelling) of this record or object.
    pub fn evidence(&self, label: &str, pointer: &str, value: impl Into<String>) -> Evidence {
        Evidence {
            label: label.to_owned(),
            file: Arc::clone(&self.file),
            record: self.record,
            pointer: self.renames.to_file(pointer),
            value: value.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rename_wins_and_only_whole_names_match() {
        let mut renames = Renames::default();
        renames.add("", "/properties");
        renames.add("/status", "/properties/Status");
        renames.add("/status/errorCode", "/resultType");
        assert_eq!(renames.to_file("/status/errorCode"), "/resultType");
        assert_eq!(renames.to_file("/status/failureReason"), "/properties/Status/failureReason");
        assert_eq!(renames.to_file("/statusText"), "/properties/statusText");
    }
}
