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
    /// The values that this record lacks and another record of the same sign-in has.
    pub borrowed: Vec<Borrowed>,
}

/// Values that another record of the same sign-in gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Borrowed {
    /// The pointer of what was borrowed, in Graph's spelling; what lies below it was borrowed as well.
    pub at: String,
    /// Where the other record came from.
    pub from: Arc<Origin>,
    /// The pointer in the other record, in Graph's spelling.
    pub there: String,
}

impl Default for Origin {
    fn default() -> Origin {
        Origin { file: Arc::from(""), record: None, renames: Renames::default(), borrowed: Vec::new() }
    }
}

impl Origin {
    /// Evidence for the value at `pointer` (in Graph's spelling) of this record or object.
    pub fn evidence(&self, label: &str, pointer: &str, value: impl Into<String>) -> Evidence {
        if let Some((lender, there)) = self.lender(pointer) {
            return lender.evidence(label, &there, value);
        }
        Evidence {
            label: label.to_owned(),
            file: Arc::clone(&self.file),
            record: self.record,
            pointer: self.renames.to_file(pointer),
            value: value.into(),
        }
    }

    /// The record that a value was borrowed from, and the value's pointer in it.
    fn lender(&self, pointer: &str) -> Option<(&Origin, String)> {
        let below = |borrowed: &Borrowed| {
            let rest = pointer.strip_prefix(borrowed.at.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{}{rest}", borrowed.there))
        };
        let fitting = self.borrowed.iter().filter_map(|borrowed| Some((borrowed, below(borrowed)?)));
        let (borrowed, there) = fitting.max_by_key(|(borrowed, _)| borrowed.at.len())?;
        Some((&borrowed.from, there))
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

    #[test]
    fn what_was_borrowed_stands_in_the_record_that_lent_it() {
        let mut renames = Renames::default();
        renames.add("/sessionId", "/DeviceProperties/3/Value");
        let from = Arc::new(Origin { file: Arc::from("audit.csv"), record: Some(4), renames, ..Origin::default() });
        let borrowed = |at: &str| Borrowed { at: at.to_owned(), from: Arc::clone(&from), there: at.to_owned() };
        let origin = Origin { file: Arc::from("log.json"), record: Some(1), ..Origin::default() };
        let origin = Origin { borrowed: vec![borrowed("/sessionId"), borrowed("/location")], ..origin };
        let place = |pointer: &str| {
            let evidence = origin.evidence("", pointer, "");
            (evidence.file.to_string(), evidence.record, evidence.pointer)
        };
        assert_eq!(place("/sessionId"), ("audit.csv".to_owned(), Some(4), "/DeviceProperties/3/Value".to_owned()));
        assert_eq!(place("/location/city"), ("audit.csv".to_owned(), Some(4), "/location/city".to_owned()));
        assert_eq!(place("/locations"), ("log.json".to_owned(), Some(1), "/locations".to_owned()));
    }
}
