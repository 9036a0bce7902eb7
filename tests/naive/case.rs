//! Defines [`Case`], what one comparison is about.

use std::collections::BTreeMap;

use authopsy::domain::Context;
use authopsy::domain::snapshot::Snapshot;

use crate::filter::Rule;

/// A tenant, a request, and the trees behind the texts of the filters.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// The tenant.
    pub snapshot: Snapshot,
    /// The request.
    pub context: Context,
    /// The rules of the device filters by their text.
    pub rules: BTreeMap<String, Rule>,
}

/// An id as it compares.
pub fn low(id: &str) -> String {
    id.to_ascii_lowercase()
}

/// Whether a list holds an id or word, which compare without case.
pub fn lists(list: &[String], id: &str) -> bool {
    list.iter().any(|listed| low(listed) == low(id))
}
