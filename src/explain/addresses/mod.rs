//! The address collisions of a tenant: addresses and identifiers that two objects want, who holds them, who lost and how, why, in which
//! order it came about, and what could be done about it.
//!
//! [`trace`] joins what is one and the same (`identity`), compares what each claims (`claim`), merges what the service noted itself
//! (`message`), and says of each value that two want who holds it and what came of it or would come of it (`collision`). `plan` says
//! how it could be put right, and never does it; `words` puts all of it into words.
//!
//! Two checks are kept apart. The directory compares proxy addresses and principal names when an object is written; Exchange Online
//! compares the addresses of recipients later, when it makes one of the object. An object may pass the first and fail the second.

mod claim;
mod collision;
mod command;
mod gaps;
mod identity;
mod matching;
mod message;
mod plan;
mod recorded;
mod side;
mod told;
mod words;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};

use crate::domain::Evidence;
use crate::domain::recipient::{Directory, Recipient, RecipientKind};
use crate::domain::snapshot::Collection;

use super::explanation::{Basis, Citation, Gap};

pub use claim::{Attribute, Certainty, Namespace, compared};
use collision::Claimed;
use identity::Identities;
use matching::Matches;
pub use message::{ErrorRecord, records};
use recorded::Recorded;

/// The collisions of a tenant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Addresses {
    /// The collisions: what the service refused first, then what it would refuse.
    pub collisions: Vec<Collision>,
    /// Objects that the next synchronisation would take for one: a cloud user without a source, and a source with the same address.
    pub matches: Vec<String>,
    /// Values that an active object has and a soft-deleted one as well, which is no collision.
    pub beside_deleted: Vec<String>,
    /// Addresses of hybrid routing domains that two objects have: whether they are compared is not documented.
    pub routing: Vec<String>,
    /// Objects whose list of addresses was cut by its export, so that no collision of theirs can be ruled out.
    pub cut: Vec<Party>,
    /// Objects in the place of whose list the export wrote the name of a type.
    pub lost: Vec<Party>,
    /// Errors of provisioning that are not resolved and name no address, as the services wrote them.
    pub others: Vec<OtherError>,
    /// How many addresses on premises are of the service's own domains, and not compared: synchronisation leaves them out.
    pub dropped: usize,
    /// How many objects were compared.
    pub objects: usize,
    /// How many addresses and identifiers were compared.
    pub claims: usize,
    /// How many errors are noted that count as resolved, which are history.
    pub resolved: usize,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// Whether nothing of Entra is loaded, or some of it without its proxy addresses.
    lacks_basis: bool,
    /// The collisions by the ids and principal names of who is a party to them, in lower case.
    of_account: HashMap<String, Vec<usize>>,
}

/// An address or identifier that two objects want.
#[derive(Debug, Clone, PartialEq)]
pub struct Collision {
    /// The value in the form in which it is compared.
    pub value: String,
    /// The value as the evidence writes it, without its type.
    pub spelt: String,
    /// What it is.
    pub namespace: Namespace,
    /// Which check noted it; nothing where it is only expected.
    pub check: Check,
    /// What came of it.
    pub state: State,
    /// What comes of it, or would come of it, by the documented rules.
    pub expected: Outcome,
    /// Whether the service noted it and nobody in the evidence holds the value any more.
    pub is_stale: bool,
    /// Who holds it, where the evidence shows that.
    pub holder: Option<Party>,
    /// The name by which the service's message knows the holder, where no object of that name is in the evidence.
    pub unknown_holder: Option<String>,
    /// The object that the service's message names as the holder and that does not have the value by the evidence.
    pub named_holder: Option<Party>,
    /// Who wants it as well.
    pub claimants: Vec<Party>,
    /// Whether all lists that had to be compared are whole.
    pub is_complete: bool,
    /// One sentence or two that are true by themselves.
    pub headline: String,
    /// What else is to be said, of how firmly it is known and of what follows.
    pub notes: Vec<String>,
    /// How firmly it is known.
    pub basis: Basis,
    /// What happened, in the order of time.
    pub chain: Vec<Moment>,
    /// How it could be put right.
    pub plan: Vec<PlanStep>,
    /// The statements about the service that were relied on.
    pub citations: Vec<Citation>,
}

/// Which uniqueness check noted a collision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// That of Exchange Online.
    Exchange,
    /// That of the directory.
    Directory,
    /// None yet: it follows from the rules.
    Predicted,
}

impl Check {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Check::Exchange => "exchange",
            Check::Directory => "directory",
            Check::Predicted => "predicted",
        }
    }
}

/// What came of a collision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Exchange Online refused to make or change the recipient.
    Refused,
    /// The directory left the value out and made the object without it.
    Quarantined,
    /// The value was taken from an object without an error.
    Stripped,
    /// Nothing yet: it would come with the next synchronisation, licence or change.
    Predicted,
    /// Both hold the value, and no error is noted.
    Held,
}

impl State {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            State::Refused => "refused",
            State::Quarantined => "quarantined",
            State::Stripped => "stripped",
            State::Predicted => "predicted",
            State::Held => "held",
        }
    }
}

/// What comes of a collision by the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Exchange Online refuses it.
    ExchangeRefuses,
    /// The directory leaves the value out, and the export counts as a success.
    Quarantine,
    /// The export fails on every cycle.
    ExportError,
    /// The value is taken from the guest, without an error.
    TakenFromGuest,
    /// It may be refused: that a soft-deleted object counts is not documented.
    Possible,
    /// Two objects hold it, and nothing says that one of them lost.
    BothHold,
}

impl Outcome {
    /// The word in which JSON says it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::ExchangeRefuses => "exchangeRefuses",
            Outcome::Quarantine => "quarantine",
            Outcome::ExportError => "exportError",
            Outcome::TakenFromGuest => "takenFromGuest",
            Outcome::Possible => "possible",
            Outcome::BothHold => "bothHold",
        }
    }
}

/// One of the objects that a collision is between, with all that it is in the several directories.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Party {
    /// Its object id in Entra, or else the id it has elsewhere; empty when no export has one.
    pub id: String,
    /// Whether that is the object id in Entra, so that commands can name it.
    pub is_entra_id: bool,
    /// Its GUID on premises, where that is in the evidence.
    pub source_id: Option<String>,
    /// Its GUID in Exchange Online, likewise.
    pub exchange_id: Option<String>,
    /// What joins it with its source: base64 of the GUID on premises.
    pub immutable_id: Option<String>,
    /// Whether it is a group of Microsoft 365, where that is in the evidence.
    pub is_unified: Option<bool>,
    /// Its name.
    pub name: String,
    /// Its principal name, empty when none is known.
    pub principal_name: String,
    /// What it is.
    pub kind: RecipientKind,
    /// Whether it is soft-deleted.
    pub is_deleted: bool,
    /// When it was deleted.
    pub deleted: Option<DateTime<Utc>>,
    /// Whether it is synchronised from on premises, or stands there.
    pub is_synced: bool,
    /// Where it stands.
    pub directories: Vec<Directory>,
    /// The attributes by which it claims the value.
    pub attributes: Vec<Attribute>,
    /// The proxy address as it is written there, with its type where it has one.
    pub written: Option<String>,
    /// What the service noted as wrong with it, about this value.
    pub errors: Vec<PartyError>,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
}

/// Something that a service noted as wrong with an object.
#[derive(Debug, Clone, PartialEq)]
pub struct PartyError {
    /// The code, empty when there is none.
    pub code: String,
    /// The sentence.
    pub description: String,
    /// When it was noted.
    pub at: Option<DateTime<Utc>>,
}

/// An error of provisioning that is about something else than an address, or that this program does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherError {
    /// Whose.
    pub party: Party,
    /// The service that noted it.
    pub service: String,
    /// The code, empty when there is none.
    pub code: String,
    /// The sentence, or the whole text where nothing else could be told.
    pub description: String,
    /// The object that it names as the holder of whatever it is about.
    pub holder: Option<String>,
    /// When it was noted.
    pub at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// Something that happened on the way to a collision.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub words: String,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A step of a plan. Nothing is ever executed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanStep {
    /// Its number.
    pub order: usize,
    /// Which way it belongs to, where the plan has several to choose from; empty for what all of them share.
    pub way: &'static str,
    /// What to do.
    pub text: String,
    /// The command of today; empty when there is none.
    pub command: String,
    /// The retired command that did the same; empty when there was none.
    pub retired: String,
    /// What it costs or may break; empty when nothing is known to.
    pub warning: String,
}

/// Traces the collisions among recipients. The time grows with the number of addresses. `whole` names the collections
/// of which the evidence holds all, even where that is nothing.
pub fn trace(recipients: &[Recipient], whole: &[Collection]) -> Addresses {
    // One order, in whatever order the files and their rows come.
    let mut sorted: Vec<&Recipient> = recipients.iter().collect();
    sorted.sort_by_cached_key(|recipient| by_content(recipient));
    let recipients = sorted.as_slice();
    let identities = Identities::of(recipients);
    // Most values are claimed once. So that they need not be kept, hashes are compared first.
    let mut seen: Vec<(u64, u32)> = Vec::new();
    for (number, recipient) in recipients.iter().enumerate() {
        let identity = identities.of.get(number).and_then(|identity| u32::try_from(*identity).ok()).unwrap_or(u32::MAX);
        claim::each(recipient, |claim| seen.push((hash_of(claim.namespace, &claim.value), identity)));
    }
    let claims = seen.len();
    seen.sort_unstable();
    let clashing: HashSet<u64> = seen
        .chunk_by(|one, other| one.0 == other.0)
        .filter(|chunk| chunk.iter().any(|(_, identity)| chunk.first().is_some_and(|first| first.1 != *identity)))
        .filter_map(|chunk| chunk.first().map(|(hash, _)| *hash))
        .collect();
    drop(seen);

    let (recorded, others) = recorded::recorded(recipients, &identities);
    let named = named(recorded.values().flatten(), recipients, &identities);
    let mut wanted: BTreeMap<(Namespace, String), Vec<Claimed>> = BTreeMap::new();
    for key in recorded.keys() {
        wanted.entry(key.clone()).or_default();
    }
    for (number, recipient) in recipients.iter().enumerate() {
        claim::each(recipient, |claim| {
            let key = (claim.namespace, claim.value);
            if clashing.contains(&hash_of(key.0, &key.1)) || recorded.contains_key(&key) {
                let claimed = Claimed {
                    recipient: number,
                    attribute: claim.attribute,
                    certainty: claim.certainty,
                    written: claim.written.to_owned(),
                };
                wanted.entry(key).or_default().push(claimed);
            }
        });
    }
    let mut found = Addresses {
        objects: identities.members.len(),
        claims,
        others,
        dropped: recipients.iter().map(|recipient| claim::dropped(recipient)).sum(),
        resolved: recipients.iter().flat_map(|recipient| &recipient.errors).filter(|error| error.resolved).count(),
        ..Addresses::default()
    };
    for (number, recipient) in recipients.iter().enumerate().filter(|(_, recipient)| recipient.is_cut) {
        let list = if recipient.is_lost { &mut found.lost } else { &mut found.cut };
        list.push(side::party(recipients, &[number]));
    }
    let compared = collision::Compared {
        recipients,
        identities: &identities,
        any_cut: !found.cut.is_empty() || !found.lost.is_empty(),
        knows_exchange: recipients.iter().any(|recipient| recipient.directory == Directory::Exchange),
        knows_others: gaps::lacking(recipients, whole).is_none(),
        knows_deleted: whole.contains(&Collection::DeletedItems),
        named: &named,
    };
    let matches =
        Matches::of(wanted.iter().filter(|(key, _)| !recorded.contains_key(*key)).filter_map(|(key, claimed)| {
            let mut sides = side::sides(claimed, &[], compared);
            collision::beside_active(&mut sides);
            matching::candidate(key, &sides)
        }));
    let none: Vec<Recorded> = Vec::new();
    let mut deleted: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
    for (key, claimed) in &wanted {
        let noted = recorded.get(key).unwrap_or(&none);
        match collision::of(key, claimed, noted, compared, &matches) {
            collision::Found::Collision(mut collision) => {
                collision.plan = plan::of(&collision);
                found.collisions.push(*collision);
            }
            collision::Found::BesideDeleted { active, deleted: others } => {
                others.iter().for_each(|other| deleted.entry((active, *other)).or_default().push(&key.1));
            }
            collision::Found::Nothing => {}
        }
    }
    let party = |identity: &usize| identities.members.get(*identity).map(|members| side::party(recipients, members));
    found.beside_deleted = deleted
        .iter()
        .filter_map(|((active, deleted), values)| {
            Some(words::beside_deleted(&party(active)?, &party(deleted)?, values))
        })
        .collect();
    found.routing = routing(recipients, &identities, &matches);
    found.matches = matches.words;
    // One address may clash as a mail address and as a principal name; what the service refused comes first.
    found.collisions.sort_by(|one, other| {
        (one.check == Check::Predicted, one.state, &one.value, one.namespace).cmp(&(
            other.check == Check::Predicted,
            other.state,
            &other.value,
            other.namespace,
        ))
    });
    found.of_account = of_account(&found.collisions);
    found.gaps = gaps::of(&found, recipients, whole);
    found.lacks_basis = found.gaps.iter().any(|gap| gap.code == gaps::NO_PROXY_ADDRESSES)
        || !recipients.is_empty() && !recipients.iter().any(|recipient| recipient.directory == Directory::Entra);
    found
}

/// The addresses of hybrid routing domains that a source on premises has and another object as well.
fn routing(recipients: &[&Recipient], identities: &Identities, matches: &Matches) -> Vec<String> {
    let mut held: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (number, recipient) in recipients.iter().enumerate().filter(|(_, recipient)| !recipient.is_deleted) {
        claim::each_routing(recipient, |value| held.entry(value).or_default().push(number));
    }
    let mut found = Vec::new();
    for (value, numbers) in held {
        let is_ahead =
            |number: &usize| recipients.get(*number).is_some_and(|one| one.directory == Directory::OnPremises);
        if !numbers.iter().any(is_ahead) {
            continue;
        }
        let mut of: Vec<usize> = numbers.iter().filter_map(|number| identities.of.get(*number)).copied().collect();
        of.sort_unstable();
        of.dedup();
        let is_matched = matches!(of.as_slice(), [one, other] if matches.are_one(*one, *other));
        if of.len() > 1 && !is_matched {
            let members = of.iter().filter_map(|identity| identities.members.get(*identity));
            let parties: Vec<Party> = members.map(|members| side::party(recipients, members)).collect();
            found.push(words::routing(&value, &parties));
        }
    }
    found
}

/// The identities that have one of the names by which messages know holders: a name that several have is nobody's.
fn named<'a>(
    recorded: impl Iterator<Item = &'a Recorded>,
    recipients: &[&Recipient],
    identities: &Identities,
) -> HashMap<String, usize> {
    let wanted: HashSet<String> = recorded.filter_map(Recorded::holder).map(str::to_lowercase).collect();
    let mut found: HashMap<String, Option<usize>> = HashMap::new();
    for (recipient, identity) in recipients.iter().zip(&identities.of) {
        let names = [&recipient.name, &recipient.alias, &recipient.external_id].into_iter().flatten();
        for name in names.map(|name| name.to_lowercase()).filter(|name| wanted.contains(name)) {
            let held = found.entry(name).or_insert(Some(*identity));
            *held = held.filter(|held| held == identity);
        }
    }
    found.into_iter().filter_map(|(name, identity)| Some((name, identity?))).collect()
}

/// What tells a recipient apart by itself.
fn by_content(recipient: &Recipient) -> (Directory, bool, [String; 7]) {
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().to_lowercase();
    let texts = [
        recipient.id.to_lowercase(),
        text(&recipient.external_id),
        text(&recipient.principal_name),
        text(&recipient.display_name),
        text(&recipient.name),
        text(&recipient.mail),
        recipient.addresses.first().map(|address| address.to_lowercase()).unwrap_or_default(),
    ];
    (recipient.directory, recipient.is_deleted, texts)
}

fn hash_of(namespace: Namespace, value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (namespace, value).hash(&mut hasher);
    hasher.finish()
}

impl Party {
    /// Whether it is the account of that id or principal name.
    pub fn is_account(&self, id: Option<&str>, principal_name: Option<&str>) -> bool {
        let is = |held: &str, wanted: Option<&str>| {
            !held.is_empty() && wanted.is_some_and(|wanted| wanted.eq_ignore_ascii_case(held))
        };
        is(&self.id, id) || is(&self.principal_name, principal_name)
    }
}

impl Collision {
    /// The holder that the message names, where that is another than who has the value by the evidence.
    pub fn told_holder(&self) -> Option<&str> {
        self.unknown_holder.as_deref().or(self.named_holder.as_ref().map(|party| party.name.as_str()))
    }

    /// Whether nothing came of it yet. A contact that has what a guest has only as `mail` has taken it already.
    pub fn is_to_come(&self) -> bool {
        let has_taken = self.holder.as_ref().is_some_and(|holder| holder.kind == RecipientKind::Contact);
        self.state == State::Predicted || self.state == State::Stripped && !has_taken
    }

    /// Who holds the value and who wants it.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        self.holder.iter().chain(&self.claimants)
    }

    /// Whether a text is a part of its value, or of a name or id of who holds or wants it, in whatever case.
    pub fn is_about(&self, text: &str) -> bool {
        let text = text.trim().to_lowercase();
        // Who searches often pastes the type along.
        let address = compared(&text).1;
        let address = if address.is_empty() { text.clone() } else { address };
        let names = |party: &Party| [&party.name, &party.principal_name, &party.id].map(|name| name.to_lowercase());
        self.value.contains(&address)
            || self.parties().any(|party| names(party).iter().any(|name| name.contains(&text)))
    }
}

impl Addresses {
    /// The collisions that an account is a party to, by its object id or principal name.
    pub fn of_account(&self, id: Option<&str>, principal_name: Option<&str>) -> Vec<&Collision> {
        let names = [id, principal_name].into_iter().flatten().map(str::to_lowercase);
        let mut numbers: Vec<usize> = names.filter_map(|name| self.of_account.get(&name)).flatten().copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().filter_map(|number| self.collisions.get(number)).collect()
    }

    /// Whether what was not found is not among what is loaded: Entra is, with its proxy addresses, no list was cut, no error is left
    /// that could be about an address, and no two objects have an address of which it is not documented whether it is compared.
    pub fn can_rule_out(&self) -> bool {
        let lists = [&self.cut, &self.lost];
        lists.iter().all(|list| list.is_empty())
            && self.others.is_empty()
            && self.routing.is_empty()
            && !self.lacks_basis
    }
}

/// The numbers of collisions by who is a party to them, and by the principal names that they are about.
fn of_account(collisions: &[Collision]) -> HashMap<String, Vec<usize>> {
    let mut found: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, collision) in collisions.iter().enumerate() {
        let parties = collision.parties().flat_map(|party| [&party.id, &party.principal_name]);
        let wanted = (collision.namespace == Namespace::PrincipalName).then_some(&collision.value);
        for name in parties.chain(wanted).filter(|name| !name.is_empty()) {
            let numbers = found.entry(name.to_lowercase()).or_default();
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
        }
    }
    found
}
