//! Writes how a collision could be put right: which object to keep, with what is lost either way, then the commands of today with the
//! retired ones beside them, how to have provisioning tried again, and how to see that it is clear. Nothing is ever executed.
//!
//! The retired commands belong to the MSOnline and AzureAD modules, deprecated on 2024-03-30. Microsoft's command map of 2023 pairs
//! `Redo-MsolProvisionUser` with a command that only reads; what tries provisioning again is `retryServiceProvisioning`
//! (microsoft-graph-docs-contrib, user: retryServiceProvisioning).

use url::Url;

use super::claim::{Attribute, Namespace};
use super::identity::guid;
use super::{Collision, Outcome, Party, PlanStep, State};
use crate::domain::recipient::{Directory, RecipientKind};
use crate::domain::visible::is_hostile;

const GRAPH: &str = "https://graph.microsoft.com";
/// What stands in a command where no id is known.
const UNKNOWN_ID: &str = "OBJECT-ID";

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
            letter if is_quote(letter) => text.extend([letter, letter]),
            letter if is_hostile(letter) => text.push(' '),
            letter => text.push(letter),
        }
    }
    text.push('\'');
    text
}

fn is_quote(letter: char) -> bool {
    matches!(letter, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}')
}

/// What names a party to the service: its object id, else its principal name, else a word that has to be replaced.
fn identifier(party: &Party) -> &str {
    let is_guid = party.id.len() == 36 && guid(&party.id).is_some();
    match (party.is_entra_id && is_guid, party.principal_name.as_str()) {
        (true, _) => &party.id,
        (false, "") => UNKNOWN_ID,
        (false, name) if name.chars().any(is_hostile) => UNKNOWN_ID,
        (false, name) => name,
    }
}

/// The same in a command.
fn id(party: &Party) -> String {
    quoted(identifier(party))
}

/// An address of Graph, in which names of objects stay names whatever they hold.
fn graph(version: &str, segments: &[&str]) -> String {
    let mut address = Url::parse(GRAPH).ok();
    if let Some(mut path) = address.as_mut().and_then(|address| address.path_segments_mut().ok()) {
        path.push(version).extend(segments);
    }
    address.map(String::from).unwrap_or_else(|| GRAPH.to_owned())
}

/// A value within an OData filter of an address.
fn within_filter(value: &str) -> String {
    let doubled = value.replace('\'', "''");
    url::form_urlencoded::byte_serialize(doubled.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The collection in Graph that an object belongs to.
fn collection(party: &Party) -> &'static str {
    match party.kind {
        RecipientKind::Group => "groups",
        RecipientKind::Contact => "contacts",
        _ => "users",
    }
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
                format!("GET {}?$select={select}", graph("v1.0", &[collection(claimant), identifier(claimant)])),
                &format!("(Get-AzureADUser -ObjectId {}).ProvisioningErrors | fl", id(claimant)),
                "",
            );
        }
        self.add(
            "",
            "See who holds the value in Exchange Online, soft-deleted recipients too.",
            format!(
                "Get-EXORecipient -Filter {} -IncludeSoftDeletedRecipients -Properties ExternalDirectoryObjectId,EmailAddresses",
                quoted(&filter(collision))
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
            _ => {
                let (text, command) = removal(collision, holder);
                let warning = if stands_on_premises(holder) {
                    "Synchronise afterwards: Start-ADSyncSyncCycle -PolicyType Delta."
                } else {
                    ""
                };
                self.add(GIVE, text, command, "", &joined([lost(collision), warning]));
            }
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
        let (text, command) = removal(collision, claimant);
        let warning = match stands_on_premises(claimant) {
            true => "Or do not synchronise the object. Its entry in the address list shows what is left.",
            false => "",
        };
        self.add(KEEP, text, command, "", &joined([lost(collision), warning]));
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
                    "POST {}  {{\"invitedUserEmailAddress\": \"...\", \"invitedUser\": {{\"id\": \"{}\"}}, ...}}",
                    graph("v1.0", &["invitations"]),
                    if guid(identifier(claimant)).is_some() { identifier(claimant) } else { UNKNOWN_ID }
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
            format!("POST {}", graph("beta", &["users", identifier(holder), "convertExternalToInternalMemberUser"])),
            "",
            "Keeps the object id, memberships and app roles. A beta call; not for a guest with a role.",
        );
    }

    /// The evidence does not show the holder.
    fn find(&mut self, collision: &Collision) {
        let typed = |kind: &str| within_filter(&address(collision, kind));
        let filter = match collision.namespace {
            Namespace::PrincipalName => format!("userPrincipalName eq '{}'", within_filter(&collision.value)),
            Namespace::Smtp => format!("proxyAddresses/any(p:p eq '{}' or p eq '{}')", typed("smtp"), typed("SMTP")),
            Namespace::X500 => format!("proxyAddresses/any(p:p eq '{}')", typed("x500")),
            Namespace::Sip => format!("proxyAddresses/any(p:p eq '{}')", typed("sip")),
            Namespace::Other => format!("proxyAddresses/any(p:p eq '{}')", within_filter(&collision.value)),
        };
        self.add(
            "",
            "Look for the holder in Entra: users and guests, groups, contacts, and what is soft-deleted.",
            format!(
                "GET {}?$count=true&$filter={filter}  (then /groups, /contacts, /directory/deletedItems/microsoft.graph.user)",
                graph("v1.0", &["users"])
            ),
            "",
            "Needs the header ConsistencyLevel: eventual.",
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
                let segments = [collection(claimant), identifier(claimant), "retryServiceProvisioning"];
                format!("POST {}", graph("v1.0", &segments))
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
                "GET {}?$select=serviceProvisioningErrors,onPremisesProvisioningErrors,proxyAddresses",
                graph("v1.0", &[collection(claimant), identifier(claimant)])
            ),
            "(Get-AzureADUser -SearchString UPN).ProvisioningErrors | fl",
            "",
        );
    }
}

/// The value with a type before it, as proxy addresses have it.
fn address(collision: &Collision, kind: &str) -> String {
    format!("{kind}:{}", collision.value)
}

/// The filter by which Exchange Online finds who has the value. A value that could end its text stands as a word to be replaced.
fn filter(collision: &Collision) -> String {
    let value = collision.value.as_str();
    let value = if value.chars().any(|letter| is_quote(letter) || is_hostile(letter)) { "VALUE" } else { value };
    match collision.namespace {
        Namespace::PrincipalName => format!("WindowsLiveID -eq '{value}' -or UserPrincipalName -eq '{value}'"),
        Namespace::X500 => format!("EmailAddresses -eq 'x500:{value}' -or LegacyExchangeDN -eq '{value}'"),
        Namespace::Sip => format!("EmailAddresses -eq 'sip:{value}'"),
        Namespace::Smtp | Namespace::Other => format!("EmailAddresses -eq '{value}'"),
    }
}

fn stands_on_premises(party: &Party) -> bool {
    party.is_synced || party.directories == [Directory::OnPremises]
}

/// How the value is taken from an object: what has to be changed, and by which command. What it is called there decides, and where.
fn removal(collision: &Collision, party: &Party) -> (String, String) {
    let by = |attribute: Attribute| party.attributes.contains(&attribute);
    let names: Vec<&str> = party.attributes.iter().map(|attribute| attribute.name()).collect();
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let is_ahead = stands_on_premises(party);
    let text = match is_ahead {
        true => format!("Take the value from “{}” on premises{names}.", party.name),
        false => format!("Take the value from the {} “{}”{names}.", party.kind.label(), party.name),
    };
    let written = quoted(&party.written.clone().unwrap_or_else(|| address(collision, "smtp")));
    let proxy = by(Attribute::ProxyAddresses);
    let command = match (collision.namespace, is_ahead) {
        (Namespace::PrincipalName, true) => {
            "Set-ADUser -Identity 'DISTINGUISHED-NAME' -UserPrincipalName 'ANOTHER-NAME'".to_owned()
        }
        (Namespace::PrincipalName, false) => {
            format!("Update-MgUser -UserId {} -UserPrincipalName 'ANOTHER-NAME'", id(party))
        }
        (_, true) if proxy => {
            format!("Set-ADObject -Identity 'DISTINGUISHED-NAME' -Remove @{{proxyAddresses={written}}}")
        }
        (Namespace::Smtp, true) => {
            "Set-ADObject -Identity 'DISTINGUISHED-NAME' -Replace @{targetAddress='ANOTHER-ADDRESS'}".to_owned()
        }
        (_, false) if proxy => {
            format!("{} -Identity {} -EmailAddresses @{{remove={written}}}", setter(party.kind), id(party))
        }
        (Namespace::Smtp, false) if by(Attribute::TargetAddress) => {
            format!("{} -Identity {} -ExternalEmailAddress 'ANOTHER-ADDRESS'", setter(party.kind), id(party))
        }
        // `mail` follows the primary address, and a LegacyExchangeDN is not to be changed by hand.
        _ => String::new(),
    };
    (text, command)
}

/// What is lost with the value.
fn lost(collision: &Collision) -> &'static str {
    match collision.namespace {
        Namespace::PrincipalName => "Who signs in by that name has to use another one.",
        Namespace::X500 => "Old replies and calendar entries that are addressed so no longer find the object.",
        Namespace::Smtp | Namespace::Sip | Namespace::Other => {
            "Who writes to that address no longer reaches the object."
        }
    }
}

fn joined(parts: [&str; 2]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
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
