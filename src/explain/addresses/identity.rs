//! Joins the recipients that are one and the same: an object of Entra with its recipient in Exchange Online and its source on premises.
//!
//! Twins never collide with themselves, so they are joined before anything is compared. Only identifiers join; that two objects have
//! one address joins nothing, since that is what is looked for. Nothing joins two object ids of Entra: commands are made from them.

use std::collections::HashMap;

use crate::domain::recipient::{Directory, Recipient, RecipientKind};

/// Which recipients are one: for each recipient the number of its identity, and for each identity its recipients.
pub(super) struct Identities {
    /// The identity of each recipient.
    pub(super) of: Vec<usize>,
    /// The recipients of each identity.
    pub(super) members: Vec<Vec<usize>>,
}

impl Identities {
    /// Joins recipients.
    pub(super) fn of(recipients: &[&Recipient]) -> Identities {
        let mut clusters = Clusters::of(recipients);
        let mut keys: HashMap<String, usize> = HashMap::new();
        for (number, recipient) in recipients.iter().enumerate() {
            for key in joining(recipient) {
                let first = *keys.entry(key).or_insert(number);
                clusters.join(first, number);
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
                    clusters.join_by_name(*one, *beside);
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
                    clusters.join(*owner, number);
                }
            }
        }
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        let mut of = Vec::with_capacity(recipients.len());
        let mut members: Vec<Vec<usize>> = Vec::new();
        for number in 0..recipients.len() {
            let identity = *numbers.entry(clusters.root(number)).or_insert_with(|| {
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

/// Recipients as far as they are joined.
struct Clusters {
    /// For each recipient another one of its cluster, the first of which points at itself.
    above: Vec<usize>,
    /// The object id in Entra of the cluster that begins with a recipient, where one of its members says it.
    entra: Vec<Option<String>>,
    /// Its immutable id, likewise.
    immutable: Vec<Option<String>>,
}

impl Clusters {
    fn of(recipients: &[&Recipient]) -> Clusters {
        Clusters {
            above: (0..recipients.len()).collect(),
            entra: recipients.iter().map(|recipient| entra_id(recipient)).collect(),
            immutable: recipients.iter().map(|recipient| immutable_id(recipient)).collect(),
        }
    }

    fn root(&mut self, mut number: usize) -> usize {
        while let Some(above) = self.above.get(number).copied().filter(|above| *above != number) {
            // Half of the way is saved for the next time.
            let higher = self.above.get(above).copied().unwrap_or(above);
            if let Some(pointer) = self.above.get_mut(number) {
                *pointer = higher;
            }
            number = higher;
        }
        number
    }

    /// Makes one of two clusters, unless they are two objects of Entra.
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if one == other || differ(&self.entra, one, other) {
            return;
        }
        let (first, second) = (one.min(other), one.max(other));
        if let Some(pointer) = self.above.get_mut(second) {
            *pointer = first;
        }
        for known in [&mut self.entra, &mut self.immutable] {
            let taken = known.get_mut(second).and_then(Option::take);
            if let Some(held) = known.get_mut(first) {
                *held = held.take().or(taken);
            }
        }
    }

    /// The same, unless they are known to have different sources.
    fn join_by_name(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if !differ(&self.immutable, one, other) {
            self.join(one, other);
        }
    }
}

fn differ(known: &[Option<String>], one: usize, other: usize) -> bool {
    let of = |number: usize| known.get(number).and_then(Option::as_deref);
    of(one).zip(of(other)).is_some_and(|(one, other)| one != other)
}

/// A GUID in whatever form, as 32 digits. The one of nobody and words that stand for none are none.
pub(super) fn guid(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let bare = lower.strip_prefix("urn:uuid:").unwrap_or(&lower);
    let mut digits = String::with_capacity(32);
    for letter in bare.chars() {
        match letter {
            letter if letter.is_ascii_hexdigit() => digits.push(letter),
            '-' | '{' | '}' | '(' | ')' | '"' | '\'' => {}
            _ => return None,
        }
    }
    (digits.len() == 32 && digits.bytes().any(|digit| digit != b'0')).then_some(digits)
}

/// Whether a text in the place of an id says that there is none.
pub(super) fn stands_for_none(text: &str) -> bool {
    let bare = text.trim_matches(|letter: char| !letter.is_alphanumeric()).to_ascii_lowercase();
    let is_zero = !bare.is_empty() && bare.chars().all(|letter| matches!(letter, '0' | '-'));
    is_zero || matches!(bare.as_str(), "" | "null" | "none" | "n/a" | "na" | "nil" | "unknown")
}

fn entra_id(recipient: &Recipient) -> Option<String> {
    let own = (recipient.directory == Directory::Entra).then_some(recipient.id.as_str());
    own.and_then(guid).or_else(|| recipient.external_id.as_deref().and_then(guid))
}

/// The immutable id; base64 tells by case. Words that stand for none are shorter than an id, and sixteen bytes of nothing are none.
pub(super) fn immutable_id(recipient: &Recipient) -> Option<String> {
    const SHORTEST: usize = 8;
    let text = recipient.immutable_id.as_deref()?.trim();
    let says_nothing =
        text.chars().count() < SHORTEST || text.trim_end_matches('=').chars().all(|letter| letter == 'A');
    (!says_nothing).then(|| text.to_owned())
}

/// The keys under which a recipient is the same as others that have one of them.
fn joining(recipient: &Recipient) -> Vec<String> {
    let mut keys = Vec::new();
    let own = match recipient.directory {
        Directory::Entra => None,
        Directory::Exchange => Some("exchange"),
        Directory::OnPremises => Some("source"),
    };
    keys.extend(own.zip(guid(&recipient.id)).map(|(place, id)| format!("{place} {id}")));
    keys.extend(entra_id(recipient).map(|id| format!("entra {id}")));
    keys.extend(immutable_id(recipient).map(|id| format!("immutable {id}")));
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

/// Whether a principal name that both have may join two objects: not where one of them is soft-deleted, nor a guest with an object on
/// premises, of which nothing says that they would be matched, nor a cloud user that has yet to be matched.
fn may_be_one(one: Option<&&Recipient>, other: Option<&&Recipient>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let is_guest = [one, other].iter().any(|recipient| recipient.kind == RecipientKind::Guest);
    let is_ahead = [one, other].iter().any(|recipient| recipient.directory == Directory::OnPremises);
    // A cloud user without a source is matched with one by the next synchronisation, and not yet.
    let is_cloud = [one, other].iter().any(|recipient| {
        recipient.directory == Directory::Entra
            && recipient.is_synced == Some(false)
            && immutable_id(recipient).is_none()
    });
    !(one.is_deleted || other.is_deleted || is_ahead && (is_guest || is_cloud))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_one_in_every_form_and_words_are_none() {
        let plain = Some("00112233445566778899aabbccddeeff".to_owned());
        for text in [
            "00112233-4455-6677-8899-AABBCCDDEEFF",
            "{00112233-4455-6677-8899-aabbccddeeff}",
            "(00112233-4455-6677-8899-aabbccddeeff)",
            "\"00112233-4455-6677-8899-aabbccddeeff\"",
            " 00112233445566778899aabbccddeeff ",
            "urn:uuid:00112233-4455-6677-8899-aabbccddeeff",
        ] {
            assert_eq!(guid(text), plain, "{text}");
        }
        for text in ["", "{}", "-", "N/A", "null", "none", "00000000-0000-0000-0000-000000000000", "a@contoso.com"] {
            assert_eq!(guid(text), None, "{text}");
        }
        for text in ["", "{}", "-", "N/A", "(N/A)", "(NULL)", "none", "00000000-0000-0000-0000-000000000000"] {
            assert!(stands_for_none(text), "{text}");
        }
        assert!(!stands_for_none("00112233-4455-6677-8899-aabbccddeeff") && !stands_for_none("u1"));
    }

    #[test]
    fn what_stands_for_no_immutable_id_is_none() {
        let of = |text: &str| immutable_id(&Recipient { immutable_id: Some(text.to_owned()), ..Recipient::default() });
        assert_eq!(of("MyIRAFVEd2aImaq7zN3u/w==").as_deref(), Some("MyIRAFVEd2aImaq7zN3u/w=="));
        for text in ["", "N/A", "-", "null", "{}", "AAAAAAAAAAAAAAAAAAAAAA=="] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
