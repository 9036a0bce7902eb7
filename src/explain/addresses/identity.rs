//! Joins the recipients that are one and the same: an object of Entra with its recipient in Exchange Online and its source on premises.
//!
//! Twins never collide with themselves, so they are joined before anything is compared. Only identifiers join; that two objects have
//! one address joins nothing, since that is what is looked for.

use std::collections::HashMap;

use crate::domain::recipient::{Directory, Recipient};

/// Which recipients are one: for each recipient the number of its identity, and for each identity its recipients.
pub(super) struct Identities {
    /// The identity of each recipient.
    pub(super) of: Vec<usize>,
    /// The recipients of each identity.
    pub(super) members: Vec<Vec<usize>>,
}

impl Identities {
    /// Joins recipients.
    pub(super) fn of(recipients: &[Recipient]) -> Identities {
        let mut pointers: Vec<usize> = (0..recipients.len()).collect();
        let mut keys: HashMap<String, usize> = HashMap::new();
        for (number, recipient) in recipients.iter().enumerate() {
            for key in joining(recipient) {
                let first = *keys.entry(key).or_insert(number);
                join(&mut pointers, first, number);
            }
        }
        // A principal name joins an object of Entra with its source, and an error that came without its object with both; but two
        // objects of one directory that share it are what is looked for, and so are two that are joined to others by firmer ids.
        let mut by_name: HashMap<(Directory, String), Vec<usize>> = HashMap::new();
        for (number, recipient) in recipients.iter().enumerate() {
            for name in principal_names(recipient) {
                by_name.entry((recipient.directory, name)).or_default().push(number);
            }
        }
        let mut names: Vec<&(Directory, String)> = by_name.keys().collect();
        names.sort();
        for (directory, name) in names {
            let Some([one]) = by_name.get(&(*directory, name.clone())).map(Vec::as_slice) else { continue };
            for other in [Directory::Entra, Directory::Exchange, Directory::OnPremises] {
                let Some([beside]) = by_name.get(&(other, name.clone())).map(Vec::as_slice) else { continue };
                if other != *directory && may_be_one(recipients.get(*one), recipients.get(*beside)) {
                    join(&mut pointers, *one, *beside);
                }
            }
        }
        // An error that was exported without its object belongs to whoever has that name.
        let mut owners: HashMap<String, usize> = HashMap::new();
        for directory in [Directory::Entra, Directory::Exchange, Directory::OnPremises] {
            let may_own = |recipient: &Recipient| {
                recipient.directory == directory && !recipient.is_deleted && !is_error_alone(recipient)
            };
            for (number, recipient) in recipients.iter().enumerate().filter(|(_, recipient)| may_own(recipient)) {
                for name in principal_names(recipient) {
                    owners.entry(name).or_insert(number);
                }
            }
        }
        for (number, recipient) in recipients.iter().enumerate().filter(|(_, recipient)| is_error_alone(recipient)) {
            for name in principal_names(recipient) {
                if let Some(owner) = owners.get(&name) {
                    join(&mut pointers, *owner, number);
                }
            }
        }
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        let mut of = Vec::with_capacity(recipients.len());
        let mut members: Vec<Vec<usize>> = Vec::new();
        for number in 0..recipients.len() {
            let identity = *numbers.entry(root(&pointers, number)).or_insert_with(|| {
                members.push(Vec::new());
                members.len() - 1
            });
            if let Some(held) = members.get_mut(identity) {
                held.push(number);
            }
            of.push(identity);
        }
        Identities { of, members }
    }
}

/// The keys under which a recipient is the same as others that have one of them.
fn joining(recipient: &Recipient) -> Vec<String> {
    let lower = |text: &str| text.trim().trim_matches(['{', '}']).to_lowercase();
    let mut keys = Vec::new();
    if !recipient.id.trim().is_empty() {
        match recipient.directory {
            Directory::Entra => keys.push(format!("entra {}", lower(&recipient.id))),
            Directory::Exchange => keys.push(format!("exchange {}", lower(&recipient.id))),
            Directory::OnPremises => keys.push(format!("source {}", lower(&recipient.id))),
        }
    }
    if let Some(id) = recipient.external_id.as_deref().filter(|id| !id.trim().is_empty()) {
        keys.push(format!("entra {}", lower(id)));
    }
    // Base64 tells by case.
    if let Some(id) = recipient.immutable_id.as_deref().filter(|id| !id.trim().is_empty()) {
        keys.push(format!("immutable {}", id.trim()));
    }
    keys
}

fn principal_names(recipient: &Recipient) -> Vec<String> {
    let names = [&recipient.principal_name, &recipient.on_premises_principal_name, &recipient.windows_live_id];
    let mut names: Vec<String> =
        names.into_iter().flatten().map(|name| name.trim().to_lowercase()).filter(|name| !name.is_empty()).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether nothing is known of a recipient but its name and its errors.
fn is_error_alone(recipient: &Recipient) -> bool {
    recipient.id.is_empty() && recipient.addresses.is_empty() && !recipient.errors.is_empty()
}

/// Whether a principal name that both have may join two objects: not where one of them is soft-deleted, nor where each is known to be
/// of another source. An object of Entra without a source is matched with one on premises that has its name.
fn may_be_one(one: Option<&Recipient>, other: Option<&Recipient>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
    !one.is_deleted && !other.is_deleted && !differ(&one.immutable_id, &other.immutable_id)
}

fn root(pointers: &[usize], mut number: usize) -> usize {
    while let Some(above) = pointers.get(number).filter(|above| **above != number) {
        number = *above;
    }
    number
}

fn join(pointers: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(pointers, one), root(pointers, other));
    let (first, second) = (one.min(other), one.max(other));
    if let Some(pointer) = pointers.get_mut(second) {
        *pointer = first;
    }
    // The way to the root stays short.
    if let Some(pointer) = pointers.get_mut(one) {
        *pointer = first;
    }
}
