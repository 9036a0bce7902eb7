//! Puts one collision into sentences: what it comes to, and what else is to be said of it.

use super::claim::{Attribute, Namespace};
use super::{Check, Collision, Outcome, Party, State};
use crate::domain::recipient::{Directory, RecipientKind};

/// What a guest loses with its address (entra-docs, external ID troubleshooting, 2024-03-26).
pub(super) const GUEST_WITHOUT: &str =
    "A guest without the address cannot redeem invitations just in time or sign in with a one-time passcode.";

/// A party in words: the guest “X”, the soft-deleted user “X”, the mail user “X” on premises.
pub(super) fn in_words(party: &Party) -> String {
    let deleted = if party.is_deleted { "soft-deleted " } else { "" };
    let only_ahead = party.directories == [Directory::OnPremises];
    let synced = if party.is_synced && !only_ahead { "synchronised " } else { "" };
    let place = if only_ahead { " on premises" } else { "" };
    format!("the {deleted}{synced}{} “{}”{place}", party.kind.label(), party.name)
}

pub(super) fn headline(collision: &Collision) -> String {
    let value = &collision.value;
    let lost = collision.claimants.iter().filter(|party| !party.errors.is_empty()).count();
    let (losers, others) = collision.claimants.split_at(if lost > 0 { lost } else { collision.claimants.len() });
    let listed = |parties: &[Party]| match parties {
        [] => "another object".to_owned(),
        [one] => in_words(one),
        [first, rest @ ..] => format!("{} and {} more", in_words(first), rest.len()),
    };
    let wants = listed(losers);
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
        (Check::Predicted, _) if collision.holder.is_none() => {
            let (first, rest) = losers.split_at(losers.len().min(1));
            let then = match losers.iter().all(is_ahead) {
                true => "the one that is exported second goes without it",
                false => "which of them gets it is not told",
            };
            let first = capital(&first.iter().map(in_words).collect::<String>());
            format!("{first} and {} want “{value}”: {then}.", listed(rest))
        }
        (Check::Predicted, _) => {
            let then = match collision.expected {
                Outcome::ExchangeRefuses => "Exchange Online would probably refuse it",
                Outcome::Quarantine => "Entra would leave it out of the second",
                Outcome::ExportError => "the export would fail on every cycle",
                _ => "it may be refused",
            };
            let condition = if is_by_licence(collision) { ", if it has a mailbox" } else { "" };
            format!("{who}; {wants} wants it as well{condition}: {then}.")
        }
    }
}

/// Whether the value is wanted only because the principal name of a licensed user becomes an address of its mailbox.
fn is_by_licence(collision: &Collision) -> bool {
    let by_name =
        |party: &Party| party.attributes == [Attribute::PrincipalName] && party.kind != RecipientKind::Mailbox;
    collision.namespace == Namespace::Smtp && collision.claimants.iter().all(by_name)
}

/// A sentence with a capital at its beginning.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

pub(super) fn notes(collision: &Collision) -> Vec<String> {
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
    let by_both = by_target && claimant.is_some_and(|party| party.attributes.contains(&Attribute::ProxyAddresses));
    if collision.check == Check::Predicted
        && collision.expected == Outcome::ExchangeRefuses
        && collision.namespace == Namespace::Smtp
        && by_both
    {
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
    if collision.namespace == Namespace::PrincipalName
        && collision.check == Check::Predicted
        && collision.expected == Outcome::Quarantine
    {
        notes.push(
            "The account would be made all the same, with a placeholder for its name: the part before the @ with four digits behind it, at the \
             tenant's initial domain (…onmicrosoft.com)."
                .to_owned(),
        );
    }
    if is_by_licence(collision) {
        notes.push(
            "The principal name becomes an address of who has a mailbox; here a licence for Exchange Online is held, and no mailbox is in the \
             evidence."
                .to_owned(),
        );
    }
    let of_group = collision.holder.as_ref().is_some_and(|holder| holder.kind == RecipientKind::Group);
    if of_group && collision.check == Check::Predicted && collision.expected == Outcome::Quarantine {
        notes.push(
            "With a group an export error on every cycle is documented where the principal name and a proxy address both clash.".to_owned(),
        );
    }
    let guest = collision.parties().find(|party| party.kind == RecipientKind::Guest);
    let may_match = |party: &Party| {
        party.directories == [Directory::OnPremises]
            && !matches!(party.kind, RecipientKind::Contact | RecipientKind::Group | RecipientKind::PublicFolder)
    };
    let ahead = collision.claimants.iter().any(may_match);
    if collision.check == Check::Predicted && guest.is_some() && ahead {
        notes.push(
            "Whether the next synchronisation would match the object with the guest instead is not documented."
                .to_owned(),
        );
    }
    if collision.check == Check::Directory {
        let holder = if collision.holder.is_some() { "; the holder is who has it in the evidence" } else { "" };
        notes.push(format!(
            "The directory notes the property and the value, never the holder{holder}. A task that runs every hour adds the value once it is \
             free."
        ));
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
        let then = match collision.check {
            Check::Directory => "then that task adds the value",
            Check::Exchange | Check::Predicted => "then it goes away once provisioning is tried again",
        };
        notes.push(format!(
            "Either the holder is not in the evidence, or it was removed since and the error is left over: {then}."
        ));
    }
    if collision.expected == Outcome::TakenFromGuest {
        notes.push(GUEST_WITHOUT.to_owned());
    }
    let has_contact = collision.parties().any(|party| party.kind == RecipientKind::Contact);
    if collision.state == State::Held && collision.namespace == Namespace::Smtp && guest.is_some() && has_contact {
        notes.push(format!(
            "A contact that is synchronised takes the address from a guest, without an error (documented); of one made in the cloud that is not \
             said. {GUEST_WITHOUT}"
        ));
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
