//! Writes how a collision could be put right: which object to keep, with what is lost either way, then the commands of today with the
//! retired ones beside them, how to have provisioning tried again, and how to see that it is clear. Nothing is ever executed.
//!
//! The retired commands belong to the MSOnline and AzureAD modules, deprecated on 2024-03-30. Microsoft's command map of 2023 pairs
//! `Redo-MsolProvisionUser` with a command that only reads; what tries provisioning again is `retryServiceProvisioning`
//! (microsoft-graph-docs-contrib, user: retryServiceProvisioning).

use super::claim::{Attribute, Namespace};
use super::command::{
    collection, exchange_id, find, graph, guid_or_unknown, id, identifier, is_user, object, quoted, recipients,
    removal, rename, select, stands_on_premises,
};
use super::told::GUEST_WITHOUT;
use super::{Check, Collision, Outcome, Party, PlanStep, State};
use crate::domain::recipient::{Directory, RecipientKind};

/// The way in which who wants the value gets it.
const GIVE: &str = "give it to who wants it";
/// The same where it was taken from a guest.
const RETURN: &str = "give it back to the guest";
/// The way in which who holds the value keeps it.
const KEEP: &str = "leave it with who holds it";
/// The way in which one object takes the place of two.
const ONE: &str = "make one object of the two";
/// The ways where nobody is said to hold the value alone.
const FIRST: &str = "leave it to the first";
const SECOND: &str = "leave it to the second";

/// The plan for a collision.
pub(super) fn of(collision: &Collision) -> Vec<PlanStep> {
    let mut steps = Steps(Vec::new());
    let Some(claimant) = collision.claimants.first() else { return Vec::new() };
    steps.look(collision, claimant);
    let is_left_over = collision.holder.as_ref().is_some_and(|holder| holder.is_deleted)
        || collision.named_holder.is_some()
        || collision.is_stale;
    let is_retried = is_left_over && collision.state == State::Refused;
    if is_retried {
        steps.retry(collision, claimant, "The error may be left over, and this harms nothing. ");
    }
    let keep = if collision.state == State::Held { FIRST } else { KEEP };
    let give = match collision.state {
        State::Held => SECOND,
        State::Stripped if !collision.is_to_come() => RETURN,
        _ => GIVE,
    };
    match &collision.holder {
        Some(holder) if collision.told_holder().is_some() => {
            steps.settle(collision, holder);
            steps.keep(collision, holder, claimant, keep);
        }
        Some(holder) => {
            steps.keep(collision, holder, claimant, keep);
            steps.one(collision, holder, claimant);
            steps.give(collision, holder, claimant, give);
        }
        None => {
            if let (Check::Predicted, [first, second, ..]) = (collision.check, collision.claimants.as_slice()) {
                steps.take(collision, second, FIRST);
                steps.take(collision, first, SECOND);
            }
        }
    }
    let before = if stands_on_premises(claimant) {
        "After a change on premises synchronise first (Start-ADSyncSyncCycle -PolicyType Delta) and wait for the export. "
    } else {
        ""
    };
    // Without a way to choose from there is nothing to try again after.
    if !(is_retried && collision.holder.is_none()) {
        steps.retry(collision, claimant, before);
    }
    let is_open = collision.holder.is_none() && collision.check == Check::Predicted;
    collision.claimants.iter().take(if is_open { 2 } else { 1 }).for_each(|party| steps.verify(collision, party));
    for (number, step) in steps.0.iter_mut().enumerate() {
        step.order = number + 1;
    }
    steps.0
}

struct Steps(Vec<PlanStep>);

impl Steps {
    fn add(&mut self, way: &'static str, text: impl Into<String>, command: String, retired: &str, warning: &str) {
        self.0.push(PlanStep {
            order: 0,
            way,
            text: text.into(),
            command,
            retired: retired.to_owned(),
            warning: warning.to_owned(),
        });
    }

    /// What is to be read before anything is changed.
    fn look(&mut self, collision: &Collision, claimant: &Party) {
        if claimant.directories.contains(&Directory::Entra) || claimant.is_entra_id {
            let retired = match collection(claimant) {
                "users" => format!("(Get-AzureADUser -ObjectId {}).ProvisioningErrors | fl", id(collision, claimant)),
                _ => String::new(),
            };
            let path = graph("v1.0", &[collection(claimant), identifier(collision, claimant)]);
            self.add(
                "",
                format!("Read the errors of “{}” as they are now.", claimant.name),
                format!("GET {path}?$select=id,mail,onPremisesSyncEnabled,{}", select(claimant)),
                &retired,
                "",
            );
        }
        self.add(
            "",
            "See who has the value in Exchange Online, soft-deleted recipients too.",
            format!("{} -Properties ExternalDirectoryObjectId,EmailAddresses", recipients(collision)),
            "",
            "",
        );
        let (text, command, warning) = find(collision);
        self.add("", text, command, "", warning);
        let guest = collision.parties().find(|party| party.kind == RecipientKind::Guest && !party.is_deleted);
        if let Some(guest) = guest {
            self.add(
                "",
                format!(
                    "Ask who “{}” is and whether anybody signs in as that guest; note the memberships.",
                    guest.name
                ),
                format!(
                    "GET {}?$select=externalUserState,createdDateTime,signInActivity  (then /memberOf)",
                    graph("v1.0", &["users", identifier(collision, guest)])
                ),
                "",
                "signInActivity needs AuditLog.Read.All.",
            );
        }
    }

    /// The message names one holder and the evidence another.
    fn settle(&mut self, collision: &Collision, holder: &Party) {
        self.add(
            "",
            format!(
                "Settle who holds the value: the service names “{}”, the evidence shows it at “{}”. Remove nothing before that.",
                collision.told_holder().unwrap_or_default(),
                holder.name
            ),
            String::new(),
            "",
            "",
        );
    }

    /// The value is taken from an object, by every attribute by which it has it.
    fn take(&mut self, collision: &Collision, party: &Party, way: &'static str) {
        let is_name = |attribute: &Attribute| *attribute == Attribute::PrincipalName;
        let as_name = collision.namespace == Namespace::PrincipalName;
        let by_name = party.attributes.iter().any(is_name);
        if !as_name && (party.attributes.is_empty() || !party.attributes.iter().all(is_name)) {
            let (text, command, warning) = removal(collision, party);
            self.add(way, text, command, "", &warning);
        }
        if as_name || by_name {
            let (text, command) = rename(collision, party);
            self.add(way, text, command, "", "Who signs in by that name has to use another one.");
        }
    }

    /// The holder gives the value up.
    fn give(&mut self, collision: &Collision, holder: &Party, claimant: &Party, way: &'static str) {
        match holder.kind {
            _ if holder.is_deleted => self.add(
                way,
                format!("Only if the error comes back: delete “{}”, which is soft-deleted, for good.", holder.name),
                format!("Remove-MgDirectoryDeletedItem -DirectoryObjectId {}", quoted(guid_or_unknown(holder))),
                &format!("Remove-MsolUser -ObjectId {} -RemoveFromRecycleBin", guid_or_unknown(holder)),
                "It cannot be restored after that, and with it goes what a mailbox or a drive of it still holds.",
            ),
            // A LegacyExchangeDN is not to be changed by hand.
            _ if holder.attributes == [Attribute::LegacyExchangeDn] => {}
            RecipientKind::Guest if collision.expected == Outcome::TakenFromGuest => self.add(
                way,
                format!(
                    "Nothing has to be removed: the next synchronisation gives “{}” the address, and the guest “{}” is left without it.",
                    claimant.name, holder.name
                ),
                String::new(),
                "",
                GUEST_WITHOUT,
            ),
            RecipientKind::Guest if claimant.kind != RecipientKind::Contact => {
                self.add(
                    way,
                    format!("Remove the guest “{}”, if nobody uses it or the person has another account here.", holder.name),
                    format!("Remove-MgUser -UserId {}", id(collision, holder)),
                    &format!("Remove-AzureADUser -ObjectId {}", id(collision, holder)),
                    "The guest loses memberships of groups and teams and app roles, and probably what links gave. It is soft-deleted for 30 days \
                     and can be restored: POST /directory/deletedItems/{id}/restore.",
                );
                self.add(
                    way,
                    "Wait until Exchange Online shows nobody with the value but who wants it; how long that takes is not documented.",
                    recipients(collision),
                    "",
                    "If a soft-deleted recipient is left and provisioning fails again, the guest has to be deleted for good \
                     (Remove-MgDirectoryDeletedItem).",
                );
            }
            _ => self.take(collision, holder, way),
        }
        if collision.state == State::Stripped && claimant.kind == RecipientKind::Guest {
            self.add(
                way,
                format!(
                    "Then see whether the guest “{}” has the address again, and give it back where not. Whether Entra takes it over from Exchange \
                     is not documented.",
                    claimant.name
                ),
                format!(
                    "Set-MailUser -Identity {} -EmailAddresses @{{add={}}}",
                    exchange_id(collision, claimant),
                    quoted(&format!("SMTP:{}", collision.spelt))
                ),
                "",
                "",
            );
        }
    }

    /// Who wants the value does without it.
    fn keep(&mut self, collision: &Collision, holder: &Party, claimant: &Party, way: &'static str) {
        // A guest that has it as `mail` alone does without it already.
        if !(claimant.kind == RecipientKind::Guest && claimant.attributes == [Attribute::Mail]) {
            self.take(collision, claimant, way);
        }
        if holder.kind == RecipientKind::Guest && !holder.is_deleted {
            self.add(
                way,
                "If an entry in the address list is all that was wanted, show the guest there as well (in Exchange Online; that this is enough is \
                 inferred).",
                format!(
                    "Set-MailUser -Identity {} -HiddenFromAddressListsEnabled $false",
                    exchange_id(collision, holder)
                ),
                "",
                "",
            );
        }
    }

    /// One object in the place of two.
    fn one(&mut self, collision: &Collision, holder: &Party, claimant: &Party) {
        let is_person = !matches!(
            claimant.kind,
            RecipientKind::Contact | RecipientKind::Group | RecipientKind::PublicFolder | RecipientKind::Guest
        );
        if holder.kind != RecipientKind::Guest || holder.is_deleted || !is_person {
            return;
        }
        let is_synced = claimant.is_synced && claimant.directories.contains(&Directory::Entra);
        if is_synced {
            let path = graph("v1.0", &["users", identifier(collision, claimant)]);
            self.add(
                ONE,
                format!(
                    "First see whether “{}” can be invited: not where onPremisesUserPrincipalName is set.",
                    claimant.name
                ),
                format!("GET {path}?$select=onPremisesUserPrincipalName,mail,proxyAddresses"),
                "",
                "",
            );
            let body = serde_json::json!({
                "invitedUserEmailAddress": collision.value,
                "inviteRedirectUrl": "https://myapps.microsoft.com",
                "invitedUser": { "id": guid_or_unknown(claimant) },
            });
            self.add(
                ONE,
                format!(
                    "Where it can: remove the guest as below, then invite “{}”, the synchronised account, so that the person signs in to it from \
                     outside.",
                    claimant.name
                ),
                format!("POST {}  {body}", graph("v1.0", &["invitations"])),
                "",
                "One way only, and refused while any object has the address as a proxy address. The account keeps its object id and groups; what the \
                 guest was given has to be given anew.",
            );
        }
        self.add(
            ONE,
            format!(
                "{} as long as the account on premises is not synchronised, or once it is taken out of synchronisation: make the guest “{}” an \
                 internal member.",
                if is_synced { "Or, only" } else { "Only" },
                holder.name
            ),
            format!(
                "POST {}",
                graph("beta", &["users", identifier(collision, holder), "convertExternalToInternalMemberUser"])
            ),
            "",
            "The member keeps the address, the object id, memberships and app roles. A beta call that needs UserConvertToInternal.ReadWrite.All; not \
             for a guest with a directory role.",
        );
    }

    /// Provisioning is tried again, where a service refused.
    fn retry(&mut self, collision: &Collision, claimant: &Party, before: &str) {
        match collision.state {
            State::Predicted | State::Stripped | State::Held => return,
            State::Quarantined => {
                let text = format!(
                    "{before}Once the value is free, a task of the directory adds it within about an hour; nothing has to be done."
                );
                return self.add("", text, String::new(), "", "");
            }
            State::Refused => {}
        }
        let is_user = is_user(claimant);
        let command = if is_user {
            format!("Invoke-MgRetryUserServiceProvisioning -UserId {}", id(collision, claimant))
        } else {
            let segments = [collection(claimant), identifier(collision, claimant), "retryServiceProvisioning"];
            format!("POST {}", graph("v1.0", &segments))
        };
        let retired = match claimant.kind {
            RecipientKind::Group => "Redo-MsolProvisionGroup",
            RecipientKind::Contact => "Redo-MsolProvisionContact",
            _ => "Redo-MsolProvisionUser",
        };
        let retired = format!("{retired} -ObjectId {}", guid_or_unknown(claimant));
        self.add(
            "",
            format!("{before}Have provisioning of “{}” tried again.", claimant.name),
            command,
            &retired,
            "Documented for the global cloud only. Needs at least User.ReadWrite (delegated) or User.ManageIdentities.All (application) for users.",
        );
    }

    fn verify(&mut self, collision: &Collision, claimant: &Party) {
        let text = match collision.state {
            State::Refused => {
                "Verify: no entry with isResolved false is left, and Exchange Online has a recipient with this object id and the address."
                    .to_owned()
            }
            State::Quarantined => {
                "Verify: the value stands on the object, and no entry of onPremisesProvisioningErrors is left.".to_owned()
            }
            State::Predicted | State::Stripped | State::Held => format!(
                "Verify after the next synchronisation or change: no error on “{}”, and the value stands where it is wanted.",
                claimant.name
            ),
        };
        self.add("", text, format!("GET {}", object(collision, claimant)), "", "");
        let which = match &claimant.exchange_id {
            Some(own) if !claimant.is_entra_id => format!("-Identity {}", quoted(own)),
            _ => format!("-ExternalDirectoryObjectId {}", quoted(guid_or_unknown(claimant))),
        };
        let command = format!("Get-EXORecipient {which} -Properties EmailAddresses");
        self.add("", "And in Exchange Online.", command, "", "");
    }
}
