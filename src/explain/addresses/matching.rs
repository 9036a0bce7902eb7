//! Tells which sources on premises the next synchronisation would take for one with a user of the cloud.
//!
//! Of a new source the service evaluates the principal name and, of the addresses, the primary one alone (entra-docs,
//! how-to-connect-install-existing-tenant, 2024-12-19). Whether a guest can be matched so is not documented. A source is made one with
//! one user at most: where several would fit, that document does not say which of them it is.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::{Certainty, Namespace};
use super::side::Side;
use crate::domain::recipient::RecipientKind;

/// A value that speaks for taking two objects for one.
pub(super) struct Candidate {
    source: usize,
    cloud: usize,
    namespace: Namespace,
    value: String,
    names: (String, String),
}

/// The objects that would be taken for one.
#[derive(Default)]
pub(super) struct Matches {
    /// By identity the other one, with its name.
    with: BTreeMap<usize, (usize, String)>,
    /// The identities that several would fit.
    several: BTreeSet<usize>,
    /// The matches in words.
    pub(super) words: Vec<String>,
}

/// Whether the two could be matched at all: a source, and a cloud user that has none.
fn may_match<'a>(one: &'a Side, other: &'a Side) -> Option<(&'a Side, &'a Side)> {
    let (source, cloud) = match (one.is_ahead, other.is_ahead) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        _ => return None,
    };
    let is_plain_user = matches!(cloud.party.kind, RecipientKind::User | RecipientKind::Mailbox);
    // A cloud user that has a source already is refused with InvalidSoftMatch, unless it is the same.
    let has_other_source = cloud.party.is_synced
        || cloud.party.immutable_id.is_some() && cloud.party.immutable_id != source.party.immutable_id;
    let is_person = !matches!(source.party.kind, RecipientKind::Contact | RecipientKind::Group);
    let may = is_plain_user
        && is_person
        && !has_other_source
        && !cloud.party.is_deleted
        && cloud.certainty == Certainty::Stored;
    may.then_some((source, cloud))
}

/// What a value that two objects claim says for taking them for one.
pub(super) fn candidate((namespace, value): &(Namespace, String), sides: &[Side]) -> Option<Candidate> {
    let [one, other] = sides else { return None };
    let (source, cloud) = may_match(one, other)?;
    let speaks = match namespace {
        Namespace::PrincipalName => true,
        Namespace::Smtp => source.is_primary && cloud.is_primary,
        Namespace::X500 | Namespace::Sip | Namespace::Other => false,
    };
    speaks.then(|| Candidate {
        source: source.identity,
        cloud: cloud.identity,
        namespace: *namespace,
        value: value.clone(),
        names: (source.party.name.clone(), cloud.party.name.clone()),
    })
}

impl Matches {
    /// The matches among what speaks for some. An object that several would fit is matched with none of them.
    pub(super) fn of(candidates: impl Iterator<Item = Candidate>) -> Matches {
        let mut pairs: BTreeMap<(usize, usize), Vec<Candidate>> = BTreeMap::new();
        for candidate in candidates {
            pairs.entry((candidate.source, candidate.cloud)).or_default().push(candidate);
        }
        let mut fitting: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (source, cloud) in pairs.keys().copied() {
            fitting.entry(source).or_default().insert(cloud);
            fitting.entry(cloud).or_default().insert(source);
        }
        let is_alone = |identity: &usize| fitting.get(identity).is_some_and(|fitting| fitting.len() == 1);
        let several = fitting.iter().filter(|(_, fitting)| fitting.len() > 1).map(|(identity, _)| *identity);
        let mut matches = Matches { several: several.collect(), ..Matches::default() };
        for ((source, cloud), by) in pairs.into_iter().filter(|((one, other), _)| is_alone(one) && is_alone(other)) {
            let Some((source_name, cloud_name)) = by.first().map(|one| one.names.clone()) else { continue };
            matches.words.push(words(&source_name, &cloud_name, by));
            matches.with.insert(source, (cloud, cloud_name));
            matches.with.insert(cloud, (source, source_name));
        }
        matches.words.sort();
        matches
    }

    /// Whether two identities would be one.
    pub(super) fn are_one(&self, one: usize, other: usize) -> bool {
        self.with.get(&one).is_some_and(|(with, _)| *with == other)
    }

    /// Why two objects are not taken for one that could be, where they could.
    pub(super) fn why_not(&self, one: &Side, other: &Side) -> Option<String> {
        let (source, cloud) = may_match(one, other)?;
        let (source_name, cloud_name) = (&source.party.name, &cloud.party.name);
        let goes_by = "it goes by the principal name and the primary address";
        Some(match (self.with.get(&source.identity), self.with.get(&cloud.identity)) {
            (Some((_, with)), _) => format!(
                "The next synchronisation would match “{source_name}” with “{with}”, and so not with “{cloud_name}”: {goes_by}."
            ),
            (None, Some((_, with))) => format!(
                "The next synchronisation would match “{cloud_name}” with “{with}”, and so not with “{source_name}”: {goes_by}."
            ),
            _ if [source, cloud].iter().any(|side| self.several.contains(&side.identity)) => format!(
                "Several objects fit “{source_name}” or “{cloud_name}” by principal name or primary address; which of them the next synchronisation \
                 would match is not documented."
            ),
            _ => format!(
                "By this the next synchronisation would not match “{source_name}” with “{cloud_name}”: {goes_by}."
            ),
        })
    }
}

fn words(source: &str, cloud: &str, mut by: Vec<Candidate>) -> String {
    by.sort_by(|one, other| (other.namespace, &one.value).cmp(&(one.namespace, &other.value)));
    let by: Vec<String> = by
        .iter()
        .map(|one| match one.namespace {
            Namespace::PrincipalName => format!("principal name (“{}”)", one.value),
            _ => format!("primary address (“{}”)", one.value),
        })
        .collect();
    format!(
        "The next synchronisation would match “{source}” on premises with the cloud user “{cloud}” by {}, and make one object of them.",
        by.join(" and ")
    )
}
