//! Writes how a collision could be put right: which object to keep, with what is lost either way, then the commands of today with the
//! retired ones beside them, how to have provisioning tried again, and how to see that it is clear. Nothing is ever executed.
//!
//! The retired commands belong to the MSOnline and AzureAD modules, deprecated on 2024-03-30. Microsoft's command map of 2023 pairs
//! `Redo-MsolProvisionUser` with a command that only reads; what tries provisioning again is `retryServiceProvisioning`
//! (microsoft-graph-docs-contrib, user: retryServiceProvisioning).

use super::{Collision, Outcome, Party, PlanStep, State};
use crate::domain::recipient::{Directory, RecipientKind};

/// The way in which who wants the value gets it.
const GIVE: &str = "give it to who wants it";
/// The way in which who holds the value keeps it.
const KEEP: &str = "leave it with who holds it";
/// The way in which one object takes the place of two.
const ONE: &str = "make one object of the two";

/// The plan for a collision.
pub(super) fn of(collision: &Collision) -> Vec<PlanStep> {
    let mut steps = Steps(Vec::new());
    let claimant = collision.claimants.first();
    steps.look(collision);
    match (&collision.holder, claimant) {
        (Some(holder), Some(claimant)) => {
            steps.give(collision, holder);
            steps.keep(collision, holder, claimant);
            steps.one(holder, claimant);
        }
        (None, Some(_)) => steps.find(collision),
        (_, None) => {}
    }
    if let Some(claimant) = claimant {
        steps.retry(collision, claimant);
        steps.verify(claimant);
    }
    for (number, step) in steps.0.iter_mut().enumerate() {
        step.order = number + 1;
    }
    steps.0
}

struct Steps(Vec<PlanStep>);

/// A value as a PowerShell command takes it: whatever it holds, it stays one text. PowerShell takes typographic quotes for plain ones.
fn quoted(value: &str) -> String {
    let mut text = String::from("'");
    for letter in value.chars() {
        match letter {
            '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => text.extend([letter, letter]),
            letter if letter.is_control() => text.push(' '),
            letter => text.push(letter),
        }
    }
    text.push('\'');
    text
}

/// The id of a party in a command: its object id, or else a word that has to be replaced.
fn id(party: &Party) -> String {
    let is_guid = party.id.len() == 36 && party.id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    match (party.is_entra_id && is_guid, party.principal_name.as_str()) {
        (true, _) => quoted(&party.id),
        (false, "") => "'OBJECT-ID'".to_owned(),
        (false, name) => quoted(name),
    }
}

/// The collection in Graph that an object belongs to.
fn collection(party: &Party) -> &'static str {
    match party.kind {
        RecipientKind::Group => "groups",
        RecipientKind::Contact => "contacts",
        _ => "users",
    }
}

fn path(party: &Party) -> String {
    format!("/{}/{}", collection(party), id(party).trim_matches('\''))
}

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

    fn look(&mut self, collision: &Collision) {
        let Some(claimant) = collision.claimants.first() else { return };
        let select = "id,userPrincipalName,mail,proxyAddresses,onPremisesSyncEnabled,serviceProvisioningErrors,onPremisesProvisioningErrors";
        if claimant.directories.contains(&Directory::Entra) || claimant.is_entra_id {
            self.add(
                "",
                format!("Read the errors of “{}” as they are now.", claimant.name),
                format!("GET https://graph.microsoft.com/v1.0{}?$select={select}", path(claimant)),
                &format!("(Get-AzureADUser -ObjectId {}).ProvisioningErrors | fl", id(claimant)),
                "",
            );
        }
        self.add(
            "",
            "See who holds the value in Exchange Online, soft-deleted recipients too.",
            format!(
                "Get-EXORecipient -Filter {} -IncludeSoftDeletedRecipients -Properties ExternalDirectoryObjectId,EmailAddresses",
                quoted(&format!("EmailAddresses -eq '{}'", collision.value.replace('\'', "''")))
            ),
            "",
            "",
        );
    }

    /// The holder gives the value up.
    fn give(&mut self, collision: &Collision, holder: &Party) {
        let is_guest = holder.kind == RecipientKind::Guest;
        match holder.kind {
            _ if holder.is_deleted => self.add(
                GIVE,
                format!("Delete “{}”, which is soft-deleted, for good.", holder.name),
                format!("Remove-MgDirectoryDeletedItem -DirectoryObjectId {}", id(holder)),
                &format!("Remove-MsolUser -ObjectId {} -RemoveFromRecycleBin", id(holder)),
                "It cannot be restored after that.",
            ),
            RecipientKind::Guest => self.add(
                GIVE,
                format!("Remove the guest “{}”, if the person has another account here or needs none.", holder.name),
                format!("Remove-MgUser -UserId {}", id(holder)),
                &format!("Remove-AzureADUser -ObjectId {}", id(holder)),
                "What was shared with the guest is lost: memberships of groups and teams, app roles, links that were accepted. The guest is \
                 soft-deleted for 30 days, and may hold the address in Exchange until Exchange has followed.",
            ),
            _ if holder.directories == [Directory::OnPremises] || holder.is_synced => self.add(
                GIVE,
                format!("Take the value from “{}” on premises: proxyAddresses, mail and targetAddress.", holder.name),
                format!(
                    "Set-ADObject -Identity 'DISTINGUISHED-NAME' -Remove @{{proxyAddresses={}}}",
                    quoted(&format!("smtp:{}", collision.value))
                ),
                "",
                "Who writes to that address no longer reaches the object. Synchronise afterwards: Start-ADSyncSyncCycle -PolicyType Delta.",
            ),
            RecipientKind::Group | RecipientKind::Mailbox | RecipientKind::MailUser | RecipientKind::User
            | RecipientKind::Contact | RecipientKind::PublicFolder | RecipientKind::Unknown => self.add(
                GIVE,
                format!("Take the value from the {} “{}”, or give it another primary address first.", holder.kind.label(), holder.name),
                format!(
                    "{} -Identity {} -EmailAddresses @{{remove={}}}",
                    setter(holder.kind),
                    id(holder),
                    quoted(&format!("smtp:{}", collision.value))
                ),
                "",
                "Who writes to that address no longer reaches the object.",
            ),
        }
        if is_guest && !holder.is_deleted && holder.directories.contains(&Directory::Exchange) {
            self.add(
                GIVE,
                "Wait until the guest's recipient is gone from Exchange Online; how long that takes is not documented.",
                format!("Get-EXORecipient -Identity {} -ErrorAction SilentlyContinue", id(holder)),
                "",
                "",
            );
        }
    }

    /// Who wants the value does without it.
    fn keep(&mut self, collision: &Collision, holder: &Party, claimant: &Party) {
        if claimant.is_synced || claimant.directories.contains(&Directory::OnPremises) {
            self.add(
                KEEP,
                format!(
                    "Take the value from “{}” on premises (targetAddress, mail, proxyAddresses), or do not synchronise it.",
                    claimant.name
                ),
                "Set-MailUser -Identity 'IDENTITY' -ExternalEmailAddress 'ANOTHER-ADDRESS' -EmailAddressPolicyEnabled $false".to_owned(),
                "",
                "The object is no longer reached by that address, and its entry in the address list shows another one.",
            );
        } else {
            self.add(
                KEEP,
                format!("Give “{}” another address.", claimant.name),
                format!(
                    "{} -Identity {} -EmailAddresses @{{remove={}}}",
                    setter(claimant.kind),
                    id(claimant),
                    quoted(&format!("smtp:{}", collision.value))
                ),
                "",
                "",
            );
        }
        if holder.kind == RecipientKind::Guest && !holder.is_deleted {
            self.add(
                KEEP,
                "If all that was wanted is an entry in the address list, show the guest there.",
                format!("Set-MailUser -Identity {} -HiddenFromAddressListsEnabled $false", id(holder)),
                "",
                "",
            );
        }
    }

    /// One object in the place of two, which keeps what the guest was given.
    fn one(&mut self, holder: &Party, claimant: &Party) {
        if holder.kind != RecipientKind::Guest || holder.is_deleted {
            return;
        }
        if claimant.is_synced && claimant.directories.contains(&Directory::Entra) {
            self.add(
                ONE,
                format!("If the person signs in to your own directory: invite “{}”, the synchronised account, as a guest after the guest is removed.", claimant.name),
                format!(
                    "POST https://graph.microsoft.com/v1.0/invitations  {{\"invitedUserEmailAddress\": \"...\", \"invitedUser\": {{\"id\": \"{}\"}}, ...}}",
                    id(claimant).trim_matches('\'')
                ),
                "",
                "One way only. The synchronised account keeps its object id and groups; what the guest was given has to be given anew. Not possible \
                 where onPremisesUserPrincipalName is set.",
            );
        }
        self.add(
            ONE,
            format!(
                "Or make the guest “{}” an internal member in place, and plan the match with the account on premises.",
                holder.name
            ),
            format!("POST https://graph.microsoft.com/beta{}/convertExternalToInternalMemberUser", path(holder)),
            "",
            "Keeps the object id, memberships and app roles. A beta call; not for a guest with a role.",
        );
    }

    /// The evidence does not show the holder.
    fn find(&mut self, collision: &Collision) {
        let value = collision.value.replace('\'', "''");
        self.add(
            "",
            "Look for the holder in Entra: users and guests, groups, contacts, and what is soft-deleted.",
            format!(
                "GET https://graph.microsoft.com/v1.0/users?$count=true&$filter=proxyAddresses/any(p:p eq 'smtp:{value}' or p eq 'SMTP:{value}')  (then /groups, /contacts, /directory/deletedItems/microsoft.graph.user)"
            ),
            "",
            "",
        );
    }

    fn retry(&mut self, collision: &Collision, claimant: &Party) {
        if matches!(collision.state, State::Predicted | State::Stripped | State::Held) {
            return;
        }
        if collision.expected == Outcome::Quarantine && collision.state == State::Quarantined {
            self.add(
                "",
                "Once the value is free, a task of the directory adds it within about an hour; nothing has to be done.",
                String::new(),
                "",
                "",
            );
            return;
        }
        let command = match claimant.kind {
            RecipientKind::Group | RecipientKind::Contact => {
                format!("POST https://graph.microsoft.com/v1.0{}/retryServiceProvisioning", path(claimant))
            }
            _ => format!("Invoke-MgRetryUserServiceProvisioning -UserId {}", id(claimant)),
        };
        self.add(
            "",
            format!("Have provisioning of “{}” tried again.", claimant.name),
            command,
            &format!("Redo-MsolProvisionUser -ObjectId {}", id(claimant)),
            "Documented for the global cloud only. Needs User.ReadWrite (delegated) or User.ManageIdentities.All (application).",
        );
    }

    fn verify(&mut self, claimant: &Party) {
        self.add(
            "",
            "Verify: no entry with isResolved false is left, and Exchange Online has a recipient with this object id.",
            format!(
                "GET https://graph.microsoft.com/v1.0{}?$select=serviceProvisioningErrors,onPremisesProvisioningErrors,proxyAddresses",
                path(claimant)
            ),
            "(Get-AzureADUser -SearchString UPN).ProvisioningErrors | fl",
            "",
        );
    }
}

/// The command that sets addresses of a kind of recipient.
fn setter(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::Group => "Set-DistributionGroup",
        RecipientKind::Contact => "Set-MailContact",
        RecipientKind::MailUser => "Set-MailUser",
        RecipientKind::PublicFolder => "Set-MailPublicFolder",
        RecipientKind::Guest | RecipientKind::User | RecipientKind::Mailbox | RecipientKind::Unknown => "Set-Mailbox",
    }
}
