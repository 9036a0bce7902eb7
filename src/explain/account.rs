//! What the snapshot shows to be wrong with the account: an address or name that another object wants too, and what services noted when
//! they provisioned it; with what that can and cannot explain about a sign-in.

use super::addresses::{Collision, Namespace, State, records};
use super::explanation::Note;
use super::note::note;
use super::{View, joined};
use crate::domain::Evidence;
use crate::domain::snapshot::ProvisioningError;

/// The collisions that the account of the sign-in is a party to.
pub(super) fn collisions<'a>(view: &View<'a>) -> Vec<&'a Collision> {
    if view.is_application() {
        return Vec::new();
    }
    let sign_in = view.sign_in;
    view.tenant.addresses().of_account(sign_in.user_id.as_deref(), sign_in.user_principal_name.as_deref())
}

/// Whether the account of the sign-in is the one that holds what another wants.
fn is_holder(view: &View, collision: &Collision) -> bool {
    collision.holder.as_ref().is_some_and(|holder| {
        holder.is_account(view.sign_in.user_id.as_deref(), view.sign_in.user_principal_name.as_deref())
    })
}

/// The values that show the account's part in a collision, and the errors noted about it.
fn evidence(collision: &Collision) -> Vec<Evidence> {
    collision.parties().flat_map(|party| party.evidence.iter().cloned()).collect()
}

/// What the account step says of a collision, and what shows it.
pub(super) fn in_step(view: &View) -> Option<(String, Vec<Evidence>)> {
    let found = collisions(view);
    let first = *found.first()?;
    let value = &first.value;
    let words = match (is_holder(view, first), first.state) {
        (true, _) => format!("it has “{value}”, which another object wants"),
        (false, State::Refused) => format!("Exchange Online refused it “{value}”, which another object has"),
        (false, State::Quarantined) => format!("“{value}” was left out of it, since another object has it"),
        (false, State::Held) => format!("it shares “{value}” with another object"),
        (false, State::Stripped) if !first.is_to_come() => format!("it is without “{value}”, which a contact has"),
        (false, State::Predicted | State::Stripped) => format!("it would clash with another object over “{value}”"),
    };
    let more = match found.len() - 1 {
        0 => String::new(),
        more => format!(" ({more} more)"),
    };
    Some((format!("{words}{more}"), evidence(first)))
}

/// The notes on the account: its collisions, and the errors that are about something else.
pub(super) fn notes(view: &View) -> Vec<Note> {
    let mut notes: Vec<Note> = collisions(view).into_iter().map(|found| of_collision(view, found)).collect();
    notes.extend(other_errors(view));
    notes
}

fn of_collision(view: &View, collision: &Collision) -> Note {
    let explains = match (is_holder(view, collision), collision.namespace, collision.state) {
        (_, Namespace::PrincipalName, State::Quarantined) => {
            "The account that lost has another principal name in its place: a sign-in by the wanted name reaches the other account. Of a sign-in \
             that names the right account it explains nothing."
        }
        (false, _, State::Stripped) if !collision.is_to_come() => {
            "A guest without the address cannot redeem invitations just in time or sign in with a one-time passcode. Whether this sign-in was such \
             a one is not told by that."
        }
        (_, _, State::Predicted | State::Stripped) if collision.is_to_come() => {
            "It has not come to that yet, so it explains nothing about this sign-in."
        }
        (true, _, _) => "This account is the one that has it. Nothing of this sign-in is explained by that.",
        (false, _, State::Refused) => {
            "It can explain that Exchange Online has no recipient for the account, or one without the change: mail, the address list and apps that ask \
             Exchange for it. It does not explain how this sign-in came out: no sign-in asks for it."
        }
        (false, _, _) => {
            "It can explain that mail to this address goes elsewhere. It does not explain how this sign-in came out: no sign-in asks for it."
        }
    };
    let mut note = note("DIR-PROXY-COLLISION", format!("{} {explains}", collision.headline));
    note.evidence = evidence(collision);
    note
}

/// The errors of provisioning that are not about an address another object has.
fn other_errors(view: &View) -> Option<Note> {
    let user = view.user()?;
    let has_collisions = !collisions(view).is_empty();
    let is_told =
        |error: &ProvisioningError| has_collisions && records(error).iter().any(|record| record.conflict().is_some());
    let open: Vec<&ProvisioningError> =
        user.provisioning_errors.iter().filter(|error| !error.resolved && !is_told(error)).collect();
    if open.is_empty() {
        return None;
    }
    let words: Vec<String> = open.iter().map(|error| described(error)).collect();
    let text = format!(
        "The snapshot shows a provisioning error on this account: {}. It can explain missing mail; it does not by itself refuse a sign-in.",
        joined(&words)
    );
    let mut note = note("DIR-PROVISIONING-ERROR", text);
    let shown =
        open.iter().map(|error| user.origin.evidence("provisioning error", &error.pointer, error.detail.clone()));
    note.evidence = shown.collect();
    Some(note)
}

/// The service and the last record of an error, which is the cause.
fn described(error: &ProvisioningError) -> String {
    let name = error.service.split('/').next().unwrap_or(&error.service);
    match records(error).last().filter(|record| !record.description.is_empty()) {
        Some(record) => format!("{name} says “{}”", record.description),
        None => name.to_owned(),
    }
}
