//! Gathers what one object is in the several directories into a [`Party`], and that party's part in a collision into a [`Side`].

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::claim::{Attribute, Certainty, bare};
use super::collision::{Claimed, Compared};
use super::identity::{guid, immutable_id, stands_for_none};
use super::recorded::Recorded;
use super::{Party, PartyError};
use crate::domain::recipient::{Directory, Recipient, RecipientKind};

/// The recipients of one identity as a party, without a word on what they claim.
pub(super) fn party(recipients: &[&Recipient], numbers: &[usize]) -> Party {
    let all = || numbers.iter().filter_map(|number| recipients.get(*number));
    let best = |fits: fn(&Recipient) -> bool| all().find(|recipient| fits(recipient));
    let entra = best(|recipient| recipient.directory == Directory::Entra && !stands_for_none(&recipient.id));
    let by_exchange = all().find_map(|recipient| recipient.external_id.clone().filter(|id| guid(id).is_some()));
    let (id, is_entra_id) = match (entra, by_exchange) {
        (Some(entra), _) => (entra.id.clone(), true),
        (None, Some(id)) => (id, true),
        (None, None) => {
            (all().map(|recipient| recipient.id.clone()).find(|id| !stands_for_none(id)).unwrap_or_default(), false)
        }
    };
    let named = entra.filter(|one| one.display_name.is_some()).or_else(|| best(|one| one.display_name.is_some()));
    let name = named.or_else(|| all().next()).map(|recipient| recipient.shown().to_owned()).unwrap_or_default();
    let mut directories: Vec<Directory> = all().map(|recipient| recipient.directory).collect();
    directories.sort_unstable();
    directories.dedup();
    // A guest is one whatever Exchange makes of it; of other objects the kind says more than "user".
    let kinds = || all().map(|recipient| recipient.kind);
    let telling = [
        RecipientKind::Guest,
        RecipientKind::Group,
        RecipientKind::Contact,
        RecipientKind::PublicFolder,
        RecipientKind::Mailbox,
        RecipientKind::MailUser,
        RecipientKind::User,
    ];
    let kind = telling.into_iter().find(|kind| kinds().any(|held| held == *kind)).unwrap_or_default();
    Party {
        id,
        is_entra_id,
        source_id: best(|one| one.directory == Directory::OnPremises && guid(&one.id).is_some())
            .map(|one| one.id.clone()),
        exchange_id: best(|one| one.directory == Directory::Exchange && guid(&one.id).is_some())
            .map(|one| one.id.clone()),
        immutable_id: all().find_map(|recipient| immutable_id(recipient)),
        is_unified: all().find_map(|recipient| recipient.is_unified),
        name,
        principal_name: all().find_map(|recipient| recipient.principal_name.clone()).unwrap_or_default(),
        kind,
        is_deleted: all().all(|recipient| recipient.is_deleted),
        deleted: all().find_map(|recipient| recipient.deleted),
        is_synced: all().any(|one| one.is_synced == Some(true) || one.directory == Directory::OnPremises),
        directories,
        ..Party::default()
    }
}

/// A party with what it claims.
pub(super) struct Side {
    pub(super) party: Party,
    pub(super) certainty: Certainty,
    pub(super) is_claimant: bool,
    pub(super) identity: usize,
    pub(super) created: Option<DateTime<Utc>>,
    /// Whether it exists only on premises as yet.
    pub(super) is_ahead: bool,
    /// Whether the message of another calls the holder by a name of it.
    pub(super) is_named: bool,
    /// Whether it claims the value as its primary address.
    pub(super) is_primary: bool,
    /// The value as it is written there, without its type.
    pub(super) spelt: Option<String>,
}

/// The objects that claim a value or had an error noted about it, in the order of their identities.
pub(super) fn sides(claimed: &[Claimed], noted: &[Recorded], compared: Compared) -> Vec<Side> {
    let Compared { recipients, identities, .. } = compared;
    // The names by which messages know the holder, with whose messages those are.
    let mut names: HashMap<String, Vec<usize>> = HashMap::new();
    for (name, one) in noted.iter().filter_map(|one| Some((one.holder.as_ref()?, one))) {
        names.entry(name.to_lowercase()).or_default().push(one.identity);
    }
    let mut of_identity: BTreeMap<usize, (Vec<&Claimed>, Vec<&Recorded>)> = BTreeMap::new();
    for claim in claimed {
        if let Some(identity) = identities.of.get(claim.recipient) {
            of_identity.entry(*identity).or_default().0.push(claim);
        }
    }
    for one in noted {
        of_identity.entry(one.identity).or_default().1.push(one);
    }
    let sides = of_identity.into_iter().filter_map(|(identity, (claims, errors))| {
        let members = identities.members.get(identity)?;
        Some(side(identity, &claims, &errors, &names, recipients, members))
    });
    sides.collect()
}

/// One identity's part in it: its claims, the errors noted of it, and whether one of the names by which messages know the holder is its.
fn side(
    identity: usize,
    claims: &[&Claimed],
    errors: &[&Recorded],
    names: &HashMap<String, Vec<usize>>,
    recipients: &[&Recipient],
    members: &[usize],
) -> Side {
    let mut party = party(recipients, members);
    for claim in claims {
        if !party.attributes.contains(&claim.attribute) {
            party.attributes.push(claim.attribute);
        }
        if claim.attribute == Attribute::ProxyAddresses && party.written.is_none() {
            party.written = Some(claim.written.clone());
        }
        let Some(recipient) = recipients.get(claim.recipient) else { continue };
        let label = format!("{} ({})", claim.attribute.name(), recipient.directory.label());
        let pointer = format!("/{}", claim.attribute.name());
        party.evidence.push(recipient.evidence(&label, &pointer, claim.written.as_str()));
    }
    party.attributes.sort_unstable();
    for error in errors {
        party.errors.push(PartyError {
            code: error.record.code.clone(),
            description: error.record.description.clone(),
            at: error.at,
        });
        if let Some(recipient) = recipients.get(error.recipient) {
            party.evidence.push(recipient.evidence("error", &error.pointer, error.record.description.as_str()));
        }
    }
    let all = || members.iter().filter_map(|number| recipients.get(*number));
    // A display name is free text that several may have, so it names nobody.
    let is_named = all().any(|recipient| {
        let own = [&recipient.name, &recipient.alias, &recipient.external_id].into_iter().flatten();
        let mut by = own.filter_map(|name| names.get(&name.to_lowercase())).flatten();
        by.any(|other| *other != identity)
    });
    let certainty = claims.iter().map(|claim| claim.certainty).min().unwrap_or(Certainty::Stored);
    let holds = is_named && !claims.is_empty() && certainty == Certainty::Stored;
    Side {
        certainty,
        is_claimant: !errors.is_empty() && !holds,
        identity,
        created: all().filter_map(|recipient| recipient.created).min(),
        is_ahead: all().all(|recipient| recipient.directory == Directory::OnPremises),
        is_named,
        is_primary: claims.iter().any(|claim| is_primary(claim, recipients)),
        spelt: claims.first().map(|claim| bare(&claim.written).to_owned()),
        party,
    }
}

/// Whether a claim is to the primary address. `mail` is that where no proxy address is marked as primary.
fn is_primary(claim: &Claimed, recipients: &[&Recipient]) -> bool {
    let is_marked = |written: &String| written.trim_start().starts_with("SMTP:");
    match claim.attribute {
        Attribute::ProxyAddresses => is_marked(&claim.written),
        Attribute::Mail => {
            recipients.get(claim.recipient).is_some_and(|recipient| !recipient.addresses.iter().any(is_marked))
        }
        _ => false,
    }
}
