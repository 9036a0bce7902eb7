//! Says of one value that several objects want who holds it, who wants it as well, and what came of it.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::claim::{Attribute, Certainty, Namespace, compared};
use super::identity::{Identities, guid};
use super::message::{ErrorRecord, records};
use super::{Check, Collision, Moment, OtherError, Outcome, Party, PartyError, State};
use crate::domain::recipient::{Directory, Recipient, RecipientKind};
use crate::explain::catalogue;
use crate::explain::explanation::Basis;

/// A claim to a value that clashes.
pub(super) struct Claimed {
    pub(super) recipient: usize,
    pub(super) attribute: Attribute,
    pub(super) certainty: Certainty,
    pub(super) written: String,
}

/// What a service noted about a value.
pub(super) struct Recorded {
    identity: usize,
    recipient: usize,
    check: Check,
    /// The name by which the message knows the holder.
    holder: Option<String>,
    record: ErrorRecord,
    at: Option<DateTime<Utc>>,
    pointer: String,
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
    /// The identities that messages know as holders, by name in lower case.
    pub(super) named: &'a HashMap<String, usize>,
}

impl Recorded {
    /// The name by which the message knows the holder.
    pub(super) fn holder(&self) -> Option<&str> {
        self.holder.as_deref()
    }
}

/// What became of a value.
pub(super) enum Found {
    Collision(Box<Collision>),
    /// The next synchronisation would take two objects for one.
    Match(String),
    Nothing,
}

/// What services noted, by the value it is about.
type ByValue = HashMap<(Namespace, String), Vec<Recorded>>;

/// What services noted that is not resolved: by the value it is about, and what names none.
pub(super) fn recorded(recipients: &[&Recipient], identities: &Identities) -> (ByValue, Vec<OtherError>) {
    let mut found = ByValue::new();
    let mut others = Vec::new();
    for (number, recipient) in recipients.iter().enumerate() {
        let Some(identity) = identities.of.get(number).copied() else { continue };
        for error in recipient.errors.iter().filter(|error| !error.resolved) {
            let mut note = |key, check, holder, record| {
                found.entry(key).or_default().push(Recorded {
                    identity,
                    recipient: number,
                    check,
                    holder,
                    record,
                    at: error.at,
                    pointer: error.pointer.clone(),
                });
            };
            // The directory's own check names the property and the value, and never the holder.
            let property = error.service.to_ascii_lowercase();
            match property.as_str() {
                "userprincipalname" | "proxyaddress" | "proxyaddresses" | "sipproxyaddress" | "mail" => {
                    let key = match property.as_str() {
                        "userprincipalname" => (Namespace::PrincipalName, error.detail.trim().to_lowercase()),
                        _ => compared(&error.detail),
                    };
                    let record = ErrorRecord {
                        code: "PropertyConflict".to_owned(),
                        parameters: vec![error.service.clone()],
                        description: format!("{}: {}", error.service, error.detail),
                    };
                    note(key, Check::Directory, None, record);
                }
                _ => {
                    for record in records(error).into_iter().filter(|record| !record.is_wrapper()) {
                        match record.conflict() {
                            Some(conflict) => {
                                note(compared(&conflict.address), Check::Exchange, conflict.holder, record)
                            }
                            None => others.push(OtherError {
                                party: party(recipients, &[number]),
                                service: error.service.clone(),
                                holder: record.names_holder(),
                                code: record.code,
                                description: record.description,
                                at: error.at,
                                evidence: recipient.evidence("error", &error.pointer, error.detail.as_str()),
                            }),
                        }
                    }
                }
            }
        }
    }
    (found, others)
}

/// The recipients of one identity as a party, without a word on what they claim.
pub(super) fn party(recipients: &[&Recipient], numbers: &[usize]) -> Party {
    let all = || numbers.iter().filter_map(|number| recipients.get(*number));
    let best = |fits: fn(&Recipient) -> bool| all().find(|recipient| fits(recipient));
    let entra = best(|recipient| recipient.directory == Directory::Entra && !recipient.id.is_empty());
    let by_exchange = all().find_map(|recipient| recipient.external_id.clone().filter(|id| !id.is_empty()));
    let (id, is_entra_id) = match (entra, by_exchange) {
        (Some(entra), _) => (entra.id.clone(), true),
        (None, Some(id)) => (id, true),
        (None, None) => {
            (all().map(|recipient| recipient.id.clone()).find(|id| !id.is_empty()).unwrap_or_default(), false)
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
struct Side {
    party: Party,
    certainty: Certainty,
    is_claimant: bool,
    identity: usize,
    created: Option<DateTime<Utc>>,
    /// Whether it exists only on premises as yet.
    is_ahead: bool,
    /// Whether the message of another calls the holder by a name of it.
    is_named: bool,
    immutable: Option<String>,
}

/// What became of a value that several objects claim, or that a service noted something about.
pub(super) fn of(key: &(Namespace, String), claimed: &[Claimed], noted: &[Recorded], compared: Compared) -> Found {
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
    let mut sides: Vec<Side> = sides.collect();
    // An active object that holds the value is not touched by a soft-deleted one.
    let is_noted = !noted.is_empty();
    let stored = sides.iter().filter(|side| side.certainty == Certainty::Stored).count();
    if !is_noted && stored > 0 {
        sides.retain(|side| side.certainty != Certainty::Possible);
    }
    if sides.len() < 2 && !is_noted {
        return Found::Nothing;
    }
    if !is_noted && sides.iter().all(|side| side.certainty == Certainty::Possible) {
        return Found::Nothing;
    }
    if let Some(words) = soft_match(key, &sides).filter(|_| !is_noted) {
        return Found::Match(words);
    }
    sides.sort_by_key(|side| {
        let holds_as_address = side.party.attributes.contains(&Attribute::ProxyAddresses);
        let tie = (side.party.kind.word(), side.party.id.clone(), side.party.principal_name.clone(), side.identity);
        (side.is_claimant, !side.is_named, side.certainty, !holds_as_address, side.created, tie)
    });
    // Who holds what a service refused stands in the service, and not on premises alone.
    let is_held = sides.first().is_some_and(|side| !(side.is_claimant || is_noted && side.is_ahead));
    let holder = is_held.then(|| sides.remove(0));
    // Who was refused comes before who only claims it as well.
    sides.sort_by_key(|side| side.party.errors.is_empty());
    Found::Collision(Box::new(collision(key, holder, sides, noted, compared)))
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
        immutable: all().find_map(|recipient| recipient.immutable_id.clone()),
        party,
    }
}

/// Whether the next synchronisation would take the two for one: a source on premises, and a cloud user that has none. Whether a guest
/// can be matched so is not documented.
fn soft_match(key: &(Namespace, String), sides: &[Side]) -> Option<String> {
    let [one, other] = sides else { return None };
    let (source, cloud) = match (one.is_ahead, other.is_ahead) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        _ => return None,
    };
    let is_plain_user =
        matches!(cloud.party.kind, RecipientKind::User | RecipientKind::Mailbox) && !cloud.party.is_synced;
    let by_address =
        cloud.party.attributes.iter().any(|attribute| {
            matches!(attribute, Attribute::ProxyAddresses | Attribute::Mail | Attribute::PrincipalName)
        });
    // A cloud user that has a source already is refused with InvalidSoftMatch, unless it is the same.
    let has_other_source = cloud.party.is_synced || cloud.immutable.is_some() && cloud.immutable != source.immutable;
    let is_matched = is_plain_user
        && by_address
        && !has_other_source
        && !cloud.party.is_deleted
        && cloud.certainty == Certainty::Stored
        && source.party.kind != RecipientKind::Contact
        && source.party.kind != RecipientKind::Group;
    is_matched.then(|| {
        format!(
            "“{}”: the next synchronisation would match {} on premises with the cloud user {}, and make one object of them.",
            key.1, source.party.name, cloud.party.name
        )
    })
}

fn collision(
    (namespace, value): &(Namespace, String),
    holder: Option<Side>,
    claimants: Vec<Side>,
    noted: &[Recorded],
    Compared { recipients, identities, any_cut, knows_exchange, named }: Compared,
) -> Collision {
    let members = |side: &Side| identities.members.get(side.identity).cloned().unwrap_or_default();
    let involved: Vec<usize> = holder.iter().chain(&claimants).flat_map(members).collect();
    let is_cut = |number: &usize| recipients.get(*number).is_some_and(|recipient| recipient.is_cut);
    let is_complete = !involved.iter().any(is_cut) && (holder.is_some() || !any_cut);
    let check = noted.iter().map(|one| one.check).min().unwrap_or(Check::Predicted);
    let expected = expected((*namespace, value), check, holder.as_ref(), &claimants);
    let state = match check {
        Check::Exchange => State::Refused,
        Check::Directory => State::Quarantined,
        Check::Predicted if expected == Outcome::TakenFromGuest => State::Stripped,
        Check::Predicted if expected == Outcome::BothHold => State::Held,
        Check::Predicted => State::Predicted,
    };
    let is_looked_for = if check == Check::Exchange { knows_exchange } else { true };
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
    let mut collision = Collision {
        value: value.clone(),
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
        citations: catalogue::citations("DIR-PROXY-COLLISION"),
    };
    collision.headline = headline(&collision);
    collision.notes = notes(&collision);
    collision
}

/// What came of it, or would come of it by the rules, for who wants the value first.
fn expected((namespace, value): (Namespace, &str), check: Check, holder: Option<&Side>, claimants: &[Side]) -> Outcome {
    match check {
        Check::Exchange => return Outcome::ExchangeRefuses,
        Check::Directory => return Outcome::Quarantine,
        Check::Predicted => {}
    }
    let Some(claimant) = claimants.first() else { return Outcome::BothHold };
    let by_exchange_alone = claimant.party.attributes.iter().all(|attribute| {
        matches!(attribute, Attribute::TargetAddress | Attribute::LegacyExchangeDn | Attribute::WindowsLiveId)
    });
    let by_target = claimant.party.attributes.contains(&Attribute::TargetAddress);
    let Some(holder) = holder else {
        return if by_exchange_alone || by_target { Outcome::ExchangeRefuses } else { Outcome::Quarantine };
    };
    let is_exported = claimant.is_ahead || claimant.party.is_synced;
    let lacks_proxy = !claimant.party.attributes.contains(&Attribute::ProxyAddresses);
    // That an export fails for ever is documented of a user whose name and proxy address are both a group's.
    let name_too = claimant.party.principal_name.eq_ignore_ascii_case(value);
    match (holder.party.kind, claimant.party.kind) {
        _ if holder.certainty == Certainty::Possible => Outcome::Possible,
        (RecipientKind::Guest, RecipientKind::Contact) if namespace == Namespace::Smtp => Outcome::TakenFromGuest,
        (RecipientKind::Contact, RecipientKind::Guest) if namespace == Namespace::Smtp && lacks_proxy => {
            Outcome::TakenFromGuest
        }
        _ if claimant.certainty == Certainty::Stored => Outcome::BothHold,
        _ if namespace == Namespace::X500 || by_exchange_alone || by_target => Outcome::ExchangeRefuses,
        (RecipientKind::Group, RecipientKind::User | RecipientKind::MailUser | RecipientKind::Mailbox) if name_too => {
            Outcome::ExportError
        }
        _ if is_exported => Outcome::Quarantine,
        _ => Outcome::Possible,
    }
}

/// A party in words: the guest “X”, the soft-deleted user “X”, the mail user “X” on premises.
pub(super) fn in_words(party: &Party) -> String {
    let deleted = if party.is_deleted { "soft-deleted " } else { "" };
    let only_ahead = party.directories == [Directory::OnPremises];
    let synced = if party.is_synced && !only_ahead { "synchronised " } else { "" };
    let place = if only_ahead { " on premises" } else { "" };
    format!("the {deleted}{synced}{} “{}”{place}", party.kind.label(), party.name)
}

fn headline(collision: &Collision) -> String {
    let value = &collision.value;
    let lost = collision.claimants.iter().filter(|party| !party.errors.is_empty()).count();
    let (losers, others) = collision.claimants.split_at(if lost > 0 { lost } else { collision.claimants.len() });
    let wants = match losers {
        [] => "another object".to_owned(),
        [one] => in_words(one),
        [first, rest @ ..] => format!("{} and {} more", in_words(first), rest.len()),
    };
    let others = match others.len() {
        0 => String::new(),
        1 => " One more object has or wants it.".to_owned(),
        several => format!(" {several} more objects have or want it."),
    };
    let code = collision
        .claimants
        .iter()
        .flat_map(|party| &party.errors)
        .map(|error| error.code.as_str())
        .find(|code| !code.is_empty());
    let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
    let who = match (&collision.holder, &collision.unknown_holder, &collision.named_holder) {
        (Some(holder), ..) if holder.is_deleted => {
            format!("“{value}” is that of {}, which may still block it", in_words(holder))
        }
        (Some(holder), ..) => format!("“{value}” belongs to {}", in_words(holder)),
        (None, Some(name), _) => format!("“{value}” belongs to “{name}”, says the error"),
        (None, None, Some(named)) => {
            format!("“{value}” belongs to {}, says the error, though not by the evidence", in_words(named))
        }
        (None, None, None) => format!("“{value}” is taken"),
    };
    let is_ahead = |party: &Party| party.directories == [Directory::OnPremises];
    match (collision.check, collision.state) {
        (Check::Exchange, _) if let (Some(holder), Some(name)) = (&collision.holder, collision.told_holder()) => {
            format!(
                "Exchange Online refused “{value}” for {wants}{code} and names “{name}”; in the evidence {} has it.{others}",
                in_words(holder)
            )
        }
        (Check::Exchange, _) if collision.is_stale => {
            format!(
                "Exchange Online refused “{value}” for {wants}{code}, but nobody else in the evidence holds it.{others}"
            )
        }
        (Check::Directory, _) if collision.is_stale => {
            format!("Entra left “{value}” out of {wants}, but nobody else in the evidence holds it.{others}")
        }
        (Check::Exchange, _) => {
            format!("{who}; {wants} wants it as well, and Exchange Online refused it{code}.{others}")
        }
        (Check::Directory, _) => format!("{who}; Entra left it out of {wants}.{others}"),
        (Check::Predicted, State::Stripped) if !collision.is_to_come() => {
            format!("{who}; {wants} has it only as `mail`: so Entra leaves such a pair, without an error.")
        }
        (Check::Predicted, State::Stripped) => {
            format!("{who}; {wants} wants it as well and would take it from the guest, without an error.")
        }
        (Check::Predicted, State::Held) => {
            format!("{who}; {wants} has it as well, and no error is noted. Which of them keeps it is not told.")
        }
        (Check::Predicted, _) if collision.holder.as_ref().is_some_and(is_ahead) && losers.iter().all(is_ahead) => {
            let first = collision.holder.as_ref().map(in_words).unwrap_or_default();
            format!("{first} and {wants} want “{value}”: the one that is exported second goes without it.")
        }
        (Check::Predicted, _) => {
            let then = match collision.expected {
                Outcome::ExchangeRefuses => "Exchange Online would probably refuse it",
                Outcome::Quarantine => "Entra would leave it out of the second",
                Outcome::ExportError => "the export would fail on every cycle",
                _ => "it may be refused",
            };
            format!("{who}; {wants} wants it as well: {then}.")
        }
    }
}

fn notes(collision: &Collision) -> Vec<String> {
    let mut notes = Vec::new();
    let claimant = collision.claimants.first();
    let by_target = claimant.is_some_and(|party| party.attributes.contains(&Attribute::TargetAddress));
    if collision.check == Check::Exchange && by_target && collision.namespace == Namespace::Smtp {
        notes.push(
            "Why Exchange met the address although the directory guards proxy addresses is inferred: the directory probably left the clashing \
             proxy address out, and the target address reached Exchange all the same, which takes it for the primary address."
                .to_owned(),
        );
    }
    if collision.check == Check::Predicted && collision.expected == Outcome::ExchangeRefuses {
        notes.push(
            "Entra would leave a proxy address that is taken out of the object (documented). That Exchange Online would then refuse the rest is \
             inferred, from one case of June 2021."
                .to_owned(),
        );
    }
    if collision.namespace == Namespace::PrincipalName && collision.state == State::Quarantined {
        let own = claimant.map(|party| party.principal_name.as_str()).filter(|name| !name.is_empty());
        let own = own.map(|name| format!(" ({name})")).unwrap_or_default();
        notes.push(format!("Until the name is free the account signs in by the name that was made for it{own}."));
    }
    let of_group = collision.holder.as_ref().is_some_and(|holder| holder.kind == RecipientKind::Group);
    if of_group && collision.check == Check::Predicted && collision.expected == Outcome::Quarantine {
        notes.push(
            "With a group an export error on every cycle is documented where the principal name and a proxy address both clash.".to_owned(),
        );
    }
    let guest = collision.parties().find(|party| party.kind == RecipientKind::Guest);
    let ahead = collision.claimants.iter().any(|party| party.directories == [Directory::OnPremises]);
    if collision.check == Check::Predicted && guest.is_some() && ahead {
        notes.push(
            "Whether the next synchronisation would match the object with the guest instead is not documented."
                .to_owned(),
        );
    }
    if collision.check == Check::Directory {
        notes.push(
            "The directory notes the property and the value, never the holder; the holder is who has it in the evidence. A task that runs \
             every hour adds the value once it is free."
                .to_owned(),
        );
    }
    if collision.expected == Outcome::Quarantine && collision.check == Check::Predicted {
        notes.push(
            "The export counts as a success all the same; a mail to the technical contact and the object's own list of errors tell of it."
                .to_owned(),
        );
    }
    if let Some(holder) = collision.holder.as_ref().filter(|holder| holder.is_deleted) {
        let until = holder.deleted.and_then(|at| at.checked_add_signed(chrono::Duration::days(30)));
        let until = until.map(|at| format!(" until about {}", at.format("%Y-%m-%d"))).unwrap_or_default();
        notes.push(format!(
            "The holder is soft-deleted and can be restored{until}. Whether it still blocks the address is not documented: in Entra an active \
             object may take it; for Exchange nothing is said."
        ));
        let noted = collision.claimants.iter().flat_map(|party| &party.errors).filter_map(|error| error.at).max();
        if noted.zip(holder.deleted).is_some_and(|(noted, deleted)| deleted > noted) {
            notes.push("It was deleted after the error was noted: the error is probably left over.".to_owned());
        }
    }
    if collision.named_holder.is_some() && collision.holder.is_none() {
        notes.push(
            "The object that the error names does not have the value in the evidence: it gave it up since, and the error is left over, or its \
             list of addresses was not exported."
                .to_owned(),
        );
    }
    if collision.is_stale {
        notes.push("Either the holder is not in the evidence, or it was removed since and the error is left over: then it goes away once provisioning is tried again.".to_owned());
    }
    if collision.expected == Outcome::TakenFromGuest {
        notes.push(
            "A guest without the address cannot redeem invitations just in time or sign in with a one-time passcode."
                .to_owned(),
        );
    }
    if collision.holder.is_some()
        && let Some(name) = &collision.unknown_holder
    {
        notes.push(format!("The error names “{name}” as the holder; no object of that name is in the evidence, so the holder is told by the address."));
    }
    if !collision.is_complete {
        notes.push("A list of addresses was cut by its export: others may hold or want the value too.".to_owned());
    }
    notes
}

/// What happened to the objects, in the order of time.
fn chain(involved: &[usize], recipients: &[&Recipient], noted: &[Recorded], identities: &Identities) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    for recipient in involved.iter().filter_map(|number| recipients.get(*number)) {
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
