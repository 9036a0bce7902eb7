//! Says of one value that several objects want who holds it, who wants it as well, and what came of it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::claim::{Attribute, Certainty, Namespace};
use super::identity::Identities;
use super::matching::Matches;
use super::recorded::Recorded;
use super::side::{Side, party, sides};
use super::told::{headline, notes};
use super::{Check, Collision, Moment, Outcome, State};
use crate::domain::recipient::{Directory, Recipient, RecipientKind};
use crate::explain::catalogue;
use crate::explain::explanation::{Basis, Citation};

/// A claim to a value that clashes.
pub(super) struct Claimed {
    pub(super) recipient: usize,
    pub(super) attribute: Attribute,
    pub(super) certainty: Certainty,
    pub(super) written: String,
}

/// The recipients that are compared, and what is known of them as a whole.
#[derive(Clone, Copy)]
pub(super) struct Compared<'a> {
    pub(super) recipients: &'a [&'a Recipient],
    pub(super) identities: &'a Identities,
    /// Whether any list of addresses was cut.
    pub(super) any_cut: bool,
    /// Whether recipients of Exchange Online are among them.
    pub(super) knows_exchange: bool,
    /// Whether groups and contacts of Entra are among them.
    pub(super) knows_others: bool,
    /// Whether all that is soft-deleted is.
    pub(super) knows_deleted: bool,
    /// The identities that messages know as holders, by name in lower case.
    pub(super) named: &'a HashMap<String, usize>,
}

/// What became of a value.
pub(super) enum Found {
    Collision(Box<Collision>),
    /// An active object has it and soft-deleted ones as well; those of the identities.
    BesideDeleted {
        active: usize,
        deleted: Vec<usize>,
    },
    Nothing,
}

/// What became of a value that several objects claim, or that a service noted something about.
pub(super) fn of(
    key: &(Namespace, String),
    claimed: &[Claimed],
    noted: &[Recorded],
    compared: Compared,
    matches: &Matches,
) -> Found {
    let mut sides = sides(claimed, noted, compared);
    let is_noted = !noted.is_empty();
    let deleted = if is_noted { Vec::new() } else { beside_active(&mut sides) };
    if sides.len() < 2 && !is_noted {
        let active = sides.first().map(|side| side.identity);
        return match active.filter(|_| !deleted.is_empty()) {
            Some(active) => Found::BesideDeleted { active, deleted },
            None => Found::Nothing,
        };
    }
    if !is_noted && sides.iter().all(|side| side.certainty == Certainty::Possible) {
        return Found::Nothing;
    }
    if let [one, other] = sides.as_slice()
        && !is_noted
        && matches.are_one(one.identity, other.identity)
    {
        return Found::Nothing;
    }
    sides.sort_by_key(|side| {
        let holds_as_address = side.party.attributes.contains(&Attribute::ProxyAddresses);
        let tie = (side.party.kind.word(), side.party.id.clone(), side.party.principal_name.clone(), side.identity);
        (side.is_claimant, !side.is_named, side.certainty, !holds_as_address, side.created, tie)
    });
    // What stands on premises alone holds nothing yet.
    let is_held = sides.first().is_some_and(|side| !side.is_claimant && !side.is_ahead);
    let holder = is_held.then(|| sides.remove(0));
    // Who was refused comes before who only claims it as well.
    sides.sort_by_key(|side| side.party.errors.is_empty());
    Found::Collision(Box::new(collision(key, holder, sides, noted, compared, matches)))
}

/// Takes out the soft-deleted objects where an active one holds the value, which is not touched by them; gives their identities.
pub(super) fn beside_active(sides: &mut Vec<Side>) -> Vec<usize> {
    if sides.iter().all(|side| side.certainty != Certainty::Stored) {
        return Vec::new();
    }
    let (deleted, others) = std::mem::take(sides).into_iter().partition(|side| side.certainty == Certainty::Possible);
    *sides = others;
    let deleted: Vec<Side> = deleted;
    deleted.iter().map(|side| side.identity).collect()
}

fn collision(
    (namespace, value): &(Namespace, String),
    holder: Option<Side>,
    mut claimants: Vec<Side>,
    noted: &[Recorded],
    Compared { recipients, identities, any_cut, knows_exchange, knows_others, knows_deleted, named }: Compared,
    matches: &Matches,
) -> Collision {
    let members = |side: &Side| identities.members.get(side.identity).cloned().unwrap_or_default();
    let involved: Vec<usize> = holder.iter().chain(&claimants).flat_map(members).collect();
    let is_cut = |number: &usize| recipients.get(*number).is_some_and(|recipient| recipient.is_cut);
    let is_complete = !involved.iter().any(is_cut) && (holder.is_some() || noted.is_empty() || !any_cut);
    let check = noted.iter().map(|one| one.check).min().unwrap_or(Check::Predicted);
    let expected = expected((*namespace, value), check, holder.as_ref(), &claimants);
    let state = match check {
        Check::Exchange => State::Refused,
        Check::Directory => State::Quarantined,
        Check::Predicted if expected == Outcome::TakenFromGuest => State::Stripped,
        Check::Predicted if expected == Outcome::BothHold => State::Held,
        Check::Predicted => State::Predicted,
    };
    let is_looked_for = match (check, namespace) {
        (Check::Exchange, _) => knows_exchange,
        (_, Namespace::PrincipalName) => knows_deleted,
        _ => knows_deleted && knows_others,
    };
    let is_stale = check != Check::Predicted && holder.is_none() && !any_cut && is_looked_for;
    let told = noted
        .iter()
        .find_map(|one| one.holder.clone())
        .filter(|_| !holder.as_ref().is_some_and(|holder| holder.is_named));
    let of_name = told.as_ref().and_then(|name| named.get(&name.to_lowercase())).copied();
    let named_holder = of_name
        .filter(|identity| claimants.iter().all(|side| side.identity != *identity))
        .and_then(|identity| identities.members.get(identity))
        .map(|members| party(recipients, members));
    let unknown_holder = told.filter(|_| named_holder.is_none());
    let is_inferred = matches!(expected, Outcome::ExchangeRefuses | Outcome::TakenFromGuest | Outcome::Possible);
    let basis = match check {
        Check::Predicted if is_inferred => Basis::Inferred,
        Check::Predicted => Basis::Computed,
        Check::Exchange | Check::Directory => Basis::Logged,
    };
    if expected == Outcome::ExportError {
        claimants.iter_mut().for_each(|side| claim_name_too(side, value, recipients, identities));
    }
    let no_match = holder.as_ref().and_then(|holder| matches.why_not(holder, claimants.first()?));
    let spelt = holder.iter().chain(&claimants).find_map(|side| side.spelt.clone());
    let mut collision = Collision {
        value: value.clone(),
        spelt: spelt.unwrap_or_else(|| value.clone()),
        namespace: *namespace,
        check,
        state,
        expected,
        is_stale,
        chain: chain(&involved, recipients, noted, identities),
        holder: holder.map(|side| side.party),
        unknown_holder,
        named_holder,
        claimants: claimants.into_iter().map(|side| side.party).collect(),
        is_complete,
        headline: String::new(),
        notes: Vec::new(),
        basis,
        plan: Vec::new(),
        citations: Vec::new(),
    };
    collision.headline = headline(&collision);
    collision.notes = notes(&collision);
    collision.notes.extend(no_match.filter(|_| check == Check::Predicted && *namespace == Namespace::Smtp));
    collision.citations = citations(&collision);
    collision
}

/// Lists the principal name among what is claimed: where a group has the value, it clashes as well as the address.
fn claim_name_too(side: &mut Side, value: &str, recipients: &[&Recipient], identities: &Identities) {
    let attribute = Attribute::PrincipalName;
    if side.party.kind == RecipientKind::Group || side.party.attributes.contains(&attribute) {
        return;
    }
    let numbers = identities.members.get(side.identity).into_iter().flatten();
    for recipient in numbers.filter_map(|number| recipients.get(*number)) {
        let Some(name) = recipient.principal_name.as_deref().filter(|name| name.eq_ignore_ascii_case(value)) else {
            continue;
        };
        let label = format!("{} ({})", attribute.name(), recipient.directory.label());
        side.party.evidence.push(recipient.evidence(&label, &format!("/{}", attribute.name()), name));
        side.party.attributes.push(attribute);
        side.party.attributes.sort_unstable();
        side.party.attributes.dedup();
    }
}

/// The statements that were relied on, as far as they are about such a value and such objects.
fn citations(collision: &Collision) -> Vec<Citation> {
    let has = |kind: RecipientKind| collision.parties().any(|party| party.kind == kind);
    let is_guarded = matches!(collision.namespace, Namespace::Smtp | Namespace::PrincipalName)
        && collision.expected != Outcome::TakenFromGuest;
    let counts = |citation: &Citation| {
        let is_about = |document: &str| citation.source.contains(document);
        let is_of_others =
            is_about("external-id/troubleshoot") && !(has(RecipientKind::Contact) && has(RecipientKind::Guest));
        !(is_of_others || is_about("duplicate-attribute-resiliency") && !is_guarded)
    };
    catalogue::citations("DIR-PROXY-COLLISION").into_iter().filter(counts).collect()
}

/// What came of it, or would come of it by the rules, for who wants the value first.
fn expected((namespace, value): (Namespace, &str), check: Check, holder: Option<&Side>, claimants: &[Side]) -> Outcome {
    match check {
        Check::Exchange => return Outcome::ExchangeRefuses,
        Check::Directory => return Outcome::Quarantine,
        Check::Predicted => {}
    }
    let Some(claimant) = claimants.first() else { return Outcome::BothHold };
    let Some(holder) = holder else { return expected_of_none((namespace, value), claimants) };
    let by_exchange_alone = claimant.party.attributes.iter().all(|attribute| {
        matches!(attribute, Attribute::TargetAddress | Attribute::LegacyExchangeDn | Attribute::WindowsLiveId)
    });
    let by_target = claimant.party.attributes.contains(&Attribute::TargetAddress);
    let is_exported = claimant.is_ahead || claimant.party.is_synced;
    let lacks_proxy = !claimant.party.attributes.contains(&Attribute::ProxyAddresses);
    // That an export fails for ever is documented of a user whose name and proxy address are both a group's.
    let name_too = claimant.party.principal_name.eq_ignore_ascii_case(value);
    match (holder.party.kind, claimant.party.kind) {
        _ if holder.certainty == Certainty::Possible => Outcome::Possible,
        // Where both stand in Entra with it already, neither has taken it from the other.
        (RecipientKind::Guest, RecipientKind::Contact) if namespace == Namespace::Smtp && claimant.is_ahead => {
            Outcome::TakenFromGuest
        }
        (RecipientKind::Contact, RecipientKind::Guest) if namespace == Namespace::Smtp && lacks_proxy => {
            Outcome::TakenFromGuest
        }
        _ if claimant.certainty == Certainty::Stored => Outcome::BothHold,
        _ if namespace == Namespace::X500 || by_exchange_alone || by_target => Outcome::ExchangeRefuses,
        (RecipientKind::Group, RecipientKind::User | RecipientKind::MailUser | RecipientKind::Mailbox)
            if name_too && is_exported =>
        {
            Outcome::ExportError
        }
        _ if is_exported => Outcome::Quarantine,
        _ => Outcome::Possible,
    }
}

/// The same where nobody holds the value yet, and the one that is exported second is told.
fn expected_of_none((namespace, value): (Namespace, &str), claimants: &[Side]) -> Outcome {
    let has = |attribute: Attribute| claimants.iter().any(|side| side.party.attributes.contains(&attribute));
    let is_group = |side: &Side| side.party.kind == RecipientKind::Group;
    let name_too = |side: &Side| !is_group(side) && side.party.principal_name.eq_ignore_ascii_case(value);
    if namespace == Namespace::X500 || has(Attribute::TargetAddress) || has(Attribute::WindowsLiveId) {
        Outcome::ExchangeRefuses
    } else if claimants.iter().any(is_group) && claimants.iter().any(name_too) {
        Outcome::ExportError
    } else {
        Outcome::Quarantine
    }
}

/// What happened to the objects, in the order of time.
fn chain(involved: &[usize], recipients: &[&Recipient], noted: &[Recorded], identities: &Identities) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    for recipient in involved.iter().filter_map(|number| recipients.get(*number)) {
        if let Some(at) = recipient.deleted {
            let words = match recipient.directory {
                Directory::Exchange => format!("Exchange Online deleted the recipient “{}”", recipient.shown()),
                Directory::Entra | Directory::OnPremises => {
                    format!("the {} “{}” was deleted", recipient.kind.label(), recipient.shown())
                }
            };
            moments.push(Moment {
                at,
                words,
                evidence: recipient.evidence("deleted", "/deletedDateTime", written(at)),
            });
        }
        let Some(at) = recipient.created else { continue };
        let name = recipient.shown();
        let words = match (recipient.directory, recipient.kind) {
            (Directory::Entra, RecipientKind::Guest) => {
                format!("the guest “{name}” came into Entra: a link was accepted or an invitation sent")
            }
            (Directory::Entra, kind) => format!("the {} “{name}” came into Entra", kind.label()),
            (Directory::Exchange, _) => format!("Exchange Online made a recipient of “{name}”"),
            (Directory::OnPremises, kind) => format!("the {} “{name}” was created on premises", kind.label()),
        };
        moments.push(Moment { at, words, evidence: recipient.evidence("created", "/createdDateTime", written(at)) });
    }
    for one in noted {
        let (Some(at), Some(recipient)) = (one.at, recipients.get(one.recipient)) else { continue };
        let by = if one.check == Check::Exchange { "Exchange Online" } else { "Entra" };
        let members = identities.members.get(one.identity).map(Vec::as_slice).unwrap_or_default();
        let name = party(recipients, members).name;
        let code = if one.record.code.is_empty() { "an error" } else { &format!("the error {}", one.record.code) };
        let words = format!("{by} noted {code} for “{name}”");
        moments.push(Moment {
            at,
            words,
            evidence: recipient.evidence("error", &one.pointer, one.record.description.as_str()),
        });
    }
    moments.sort_by(|one, other| (one.at, &one.words).cmp(&(other.at, &other.words)));
    moments.dedup_by(|one, other| one.at == other.at && one.words == other.words);
    moments
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}
