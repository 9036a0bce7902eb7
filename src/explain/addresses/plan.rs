//! Writes how a collision could be put right: which object to keep, with what is lost either way, then the commands of today with the
//! retired ones beside them, how to have provisioning tried again, and how to see that it is clear. Nothing is ever executed.
//!
//! The retired commands belong to the MSOnline and AzureAD modules, deprecated on 2024-03-30. Microsoft's command map of 2023 pairs
//! `Redo-MsolProvisionUser` with a command that only reads; what tries provisioning again is `retryServiceProvisioning`
//! (microsoft-graph-docs-contrib, user: retryServiceProvisioning).

use url::Url;

use super::claim::{Attribute, Namespace};
use super::identity::guid;
use super::{Collision, Party, PlanStep, State};
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
    let Some(claimant) = collision.claimants.first() else { return Vec::new() };
    steps.look(collision, claimant);
    let may_be_over =
        collision.holder.as_ref().is_some_and(|holder| holder.is_deleted) || collision.named_holder.is_some();
    if may_be_over && collision.state == State::Refused {
        steps.retry(collision, claimant, "The error may be left over, and this harms nothing. ");
    }
    match &collision.holder {
        Some(holder) if collision.told_holder().is_some() => {
            steps.settle(collision, holder);
            steps.keep(collision, holder, claimant);
        }
        Some(holder) => {
            steps.keep(collision, holder, claimant);
            steps.one(collision, holder, claimant);
            steps.give(collision, holder);
        }
        None => {}
    }
    let before = if stands_on_premises(claimant) {
        "After a change on premises synchronise first (Start-ADSyncSyncCycle -PolicyType Delta) and wait for the export. "
    } else {
        ""
    };
    steps.retry(collision, claimant, before);
    steps.verify(collision, claimant);
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

/// A value within an OData filter of an address: quotes are doubled, and what ends a query or stands for something else is coded.
fn within_filter(value: &str) -> String {
    let mut text = String::new();
    let mut bytes = [0; 4];
    for letter in value.chars() {
        match letter {
            '\'' => text.push_str("''"),
            letter if letter.is_ascii_alphanumeric() || "-._~:@/=()*".contains(letter) => text.push(letter),
            ' ' => text.push_str("%20"),
            letter => {
                text.extend(url::form_urlencoded::byte_serialize(letter.encode_utf8(&mut bytes).as_bytes()));
            }
        }
    }
    text
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

    /// What is to be read before anything is changed.
    fn look(&mut self, collision: &Collision, claimant: &Party) {
        let select = "id,userPrincipalName,mail,proxyAddresses,onPremisesSyncEnabled,serviceProvisioningErrors,onPremisesProvisioningErrors";
        if claimant.directories.contains(&Directory::Entra) || claimant.is_entra_id {
            let retired = match collection(claimant) {
                "users" => format!("(Get-AzureADUser -ObjectId {}).ProvisioningErrors | fl", id(claimant)),
                _ => String::new(),
            };
            self.add(
                "",
                format!("Read the errors of “{}” as they are now.", claimant.name),
                format!("GET {}?$select={select}", graph("v1.0", &[collection(claimant), identifier(claimant)])),
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
        self.find(collision);
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
                    graph("v1.0", &["users", identifier(guest)])
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

    /// The holder gives the value up.
    fn give(&mut self, collision: &Collision, holder: &Party) {
        match holder.kind {
            _ if holder.is_deleted => self.add(
                GIVE,
                format!("Only if the error comes back: delete “{}”, which is soft-deleted, for good.", holder.name),
                format!("Remove-MgDirectoryDeletedItem -DirectoryObjectId {}", id(holder)),
                &format!("Remove-MsolUser -ObjectId {} -RemoveFromRecycleBin", guid_or_unknown(holder)),
                "It cannot be restored after that, and with it goes what a mailbox or a drive of it still holds.",
            ),
            RecipientKind::Guest => {
                self.add(
                    GIVE,
                    format!("Remove the guest “{}”, if nobody uses it or the person has another account here.", holder.name),
                    format!("Remove-MgUser -UserId {}", id(holder)),
                    &format!("Remove-AzureADUser -ObjectId {}", id(holder)),
                    "The guest loses memberships of groups and teams and app roles, and probably what links gave. It is soft-deleted for 30 days \
                     and can be restored: POST /directory/deletedItems/{id}/restore.",
                );
                self.add(
                    GIVE,
                    "Wait until Exchange Online shows nobody with the value but who wants it; how long that takes is not documented.",
                    recipients(collision),
                    "",
                    "If a soft-deleted recipient is left and provisioning fails again, the guest has to be deleted for good \
                     (Remove-MgDirectoryDeletedItem).",
                );
            }
            _ => {
                let (text, command, warning) = removal(collision, holder);
                self.add(GIVE, text, command, "", &warning);
            }
        }
    }

    /// Who wants the value does without it.
    fn keep(&mut self, collision: &Collision, holder: &Party, claimant: &Party) {
        let (text, command, warning) = removal(collision, claimant);
        self.add(KEEP, text, command, "", &warning);
        if holder.kind == RecipientKind::Guest && !holder.is_deleted {
            self.add(
                KEEP,
                "If an entry in the address list is all that was wanted, show the guest there as well (in Exchange Online; that this is enough is \
                 inferred).",
                format!("Set-MailUser -Identity {} -HiddenFromAddressListsEnabled $false", id(holder)),
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
        if claimant.is_synced && claimant.directories.contains(&Directory::Entra) {
            let path = graph("v1.0", &["users", identifier(claimant)]);
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
                "Or, only as long as the account on premises is not synchronised, or once it is taken out of synchronisation: make the guest “{}” an \
                 internal member.",
                holder.name
            ),
            format!("POST {}", graph("beta", &["users", identifier(holder), "convertExternalToInternalMemberUser"])),
            "",
            "The member keeps the address, the object id, memberships and app roles. A beta call that needs UserConvertToInternal.ReadWrite.All; not \
             for a guest with a directory role.",
        );
    }

    /// Who has the value in Entra.
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
            "See who has it in Entra: users and guests, then groups, contacts, and what is soft-deleted of each.",
            format!(
                "GET {}?$count=true&$filter={filter}  (then /groups, /contacts, /directory/deletedItems/microsoft.graph.user and \
                 .../microsoft.graph.group)",
                graph("v1.0", &["users"])
            ),
            "",
            "Needs the header ConsistencyLevel: eventual. How the filter treats case is not documented.",
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
        let is_user = collection(claimant) == "users";
        let command = if is_user {
            format!("Invoke-MgRetryUserServiceProvisioning -UserId {}", id(claimant))
        } else {
            let segments = [collection(claimant), identifier(claimant), "retryServiceProvisioning"];
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
        let path = graph("v1.0", &[collection(claimant), identifier(claimant)]);
        let text = match collision.state {
            State::Refused => {
                "Verify: no entry with isResolved false is left, and Exchange Online has a recipient with this object id and the address."
            }
            State::Quarantined => {
                "Verify: the value stands on the object, and no entry of onPremisesProvisioningErrors is left."
            }
            State::Predicted | State::Stripped | State::Held => {
                "Verify after the next synchronisation or change: no error, and the value stands where it is wanted."
            }
        };
        self.add(
            "",
            text,
            format!("GET {path}?$select=serviceProvisioningErrors,onPremisesProvisioningErrors,proxyAddresses"),
            "",
            "",
        );
        self.add(
            "",
            "And in Exchange Online.",
            format!(
                "Get-EXORecipient -ExternalDirectoryObjectId {} -Properties EmailAddresses",
                quoted(guid_or_unknown(claimant))
            ),
            "",
            "",
        );
    }
}

/// The object id in Entra, or a word that has to be replaced by it.
fn guid_or_unknown(party: &Party) -> &str {
    if party.is_entra_id && guid(&party.id).is_some() { &party.id } else { UNKNOWN_ID }
}

/// The command that shows who has the value in Exchange Online.
fn recipients(collision: &Collision) -> String {
    format!("Get-EXORecipient -Filter {} -IncludeSoftDeletedRecipients", quoted(&filter(collision)))
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

/// How the value is taken from an object: what has to be changed, by which command, and what that costs. By which attributes it has the
/// value decides, and where it stands.
fn removal(collision: &Collision, party: &Party) -> (String, String, String) {
    let is_ahead = stands_on_premises(party);
    let names: Vec<&str> = party.attributes.iter().map(|attribute| attribute.name()).collect();
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let text = match (collision.namespace, is_ahead) {
        (Namespace::PrincipalName, true) => format!("Give “{}” another principal name on premises.", party.name),
        (Namespace::PrincipalName, false) => {
            format!("Give the {} “{}” another principal name.", party.kind.label(), party.name)
        }
        (_, true) => format!(
            "Take the value from “{}” on premises{names}: in Exchange's shell there where Exchange manages it, or in Active Directory.",
            party.name
        ),
        (_, false) => format!("Take the value from the {} “{}”{names}.", party.kind.label(), party.name),
    };
    let command = if is_ahead { removal_on_premises(collision, party) } else { removal_online(collision, party) };
    let mut warnings = vec![lost(collision)];
    if party.written.as_deref().is_some_and(|written| written.starts_with("SMTP:")) {
        warnings.push("It is the primary address: another one has to be made primary first.");
    }
    if party.attributes == [Attribute::LegacyExchangeDn] {
        warnings.push(
            "A LegacyExchangeDN is not to be changed by hand: take the X500 address from the other object instead.",
        );
    }
    if !is_ahead && party.kind == RecipientKind::Group {
        warnings.push("For a Microsoft 365 group: Set-UnifiedGroup.");
    }
    (text, command, warnings.join(" "))
}

fn removal_on_premises(collision: &Collision, party: &Party) -> String {
    let by = |attribute: Attribute| party.attributes.contains(&attribute);
    let identity = quoted(party.source_id.as_deref().unwrap_or("DISTINGUISHED-NAME"));
    if collision.namespace == Namespace::PrincipalName {
        return format!("Set-ADUser -Identity {identity} -UserPrincipalName 'ANOTHER-NAME'");
    }
    let mut changes = String::new();
    if let Some(written) = party.written.as_deref().filter(|_| by(Attribute::ProxyAddresses)) {
        changes.push_str(&format!(" -Remove @{{proxyAddresses={}}}", quoted(written)));
    }
    let replaced = [(Attribute::TargetAddress, "targetAddress"), (Attribute::Mail, "mail")];
    let replaced: Vec<String> =
        replaced.iter().filter(|(held, _)| by(*held)).map(|(_, name)| format!("{name}='ANOTHER-ADDRESS'")).collect();
    if !replaced.is_empty() {
        changes.push_str(&format!(" -Replace @{{{}}}", replaced.join("; ")));
    }
    if changes.is_empty() { String::new() } else { format!("Set-ADObject -Identity {identity}{changes}") }
}

fn removal_online(collision: &Collision, party: &Party) -> String {
    let by = |attribute: Attribute| party.attributes.contains(&attribute);
    let (setter, id) = (setter(party.kind), id(party));
    match (collision.namespace, &party.written) {
        (Namespace::PrincipalName, _) => format!("Update-MgUser -UserId {id} -UserPrincipalName 'ANOTHER-NAME'"),
        (_, Some(written)) if by(Attribute::ProxyAddresses) => {
            format!("{setter} -Identity {id} -EmailAddresses @{{remove={}}}", quoted(written))
        }
        (Namespace::Smtp, _) if by(Attribute::TargetAddress) => {
            format!("{setter} -Identity {id} -ExternalEmailAddress 'ANOTHER-ADDRESS'")
        }
        // `mail` alone follows the primary address.
        _ => String::new(),
    }
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

/// The command that sets addresses of a kind of recipient.
fn setter(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::Group => "Set-DistributionGroup",
        RecipientKind::Contact => "Set-MailContact",
        RecipientKind::MailUser | RecipientKind::Guest => "Set-MailUser",
        RecipientKind::PublicFolder => "Set-MailPublicFolder",
        RecipientKind::User | RecipientKind::Mailbox | RecipientKind::Unknown => "Set-Mailbox",
    }
}
