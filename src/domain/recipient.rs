//! Defines [`Recipient`], an object that holds addresses: a user, guest, group or contact of Entra, a recipient of Exchange Online, or an
//! object on premises, whatever export it came in.

use chrono::{DateTime, Utc};

use super::evidence::{Evidence, Origin};
use super::snapshot::ProvisioningError;

/// Where a recipient stands. One person or thing may stand in all three, each with a list of addresses of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Directory {
    /// Entra ID, as Graph, the AzureAD module or MSOnline show it.
    #[default]
    Entra,
    /// Exchange Online.
    Exchange,
    /// Active Directory or Exchange on premises: not synchronised yet, or the source of what is.
    OnPremises,
}

impl Directory {
    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Directory::Entra => "Entra",
            Directory::Exchange => "Exchange Online",
            Directory::OnPremises => "on premises",
        }
    }
}

/// What a recipient is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecipientKind {
    /// A guest, also as Exchange's `GuestMailUser`.
    Guest,
    /// A user of Entra that is no guest.
    User,
    /// A group of any sort.
    Group,
    /// A contact: `orgContact`, `MailContact`.
    Contact,
    /// A mail user (`MailUser`, `RemoteUserMailbox`).
    MailUser,
    /// A mailbox of any sort.
    Mailbox,
    /// A mail-enabled public folder.
    PublicFolder,
    /// The export does not say.
    #[default]
    Unknown,
}

impl RecipientKind {
    /// The contract's word; more than those it lists say themselves.
    pub fn word(self) -> &'static str {
        match self {
            RecipientKind::Guest => "guest",
            RecipientKind::User => "user",
            RecipientKind::Group => "group",
            RecipientKind::Contact => "contact",
            RecipientKind::MailUser => "mailUser",
            RecipientKind::Mailbox => "mailbox",
            RecipientKind::PublicFolder => "publicFolder",
            RecipientKind::Unknown => "unknown",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            RecipientKind::MailUser => "mail user",
            RecipientKind::PublicFolder => "public folder",
            RecipientKind::Unknown => "object",
            other => other.word(),
        }
    }
}

/// An object that holds addresses. Fields that its export does not carry are empty; nothing is filled in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recipient {
    /// Where it stands.
    pub directory: Directory,
    /// What it is.
    pub kind: RecipientKind,
    /// Whether it is soft-deleted.
    pub is_deleted: bool,
    /// When it was deleted.
    pub deleted: Option<DateTime<Utc>>,
    /// Its id: the object id in Entra, else the Exchange or Active Directory GUID; empty when the export has none.
    pub id: String,
    /// Exchange's `ExternalDirectoryObjectId`: the object id in Entra.
    pub external_id: Option<String>,
    /// What joins a synchronised object with its source: Entra's `onPremisesImmutableId`, or base64 of the GUID on premises.
    pub immutable_id: Option<String>,
    /// Exchange's `Name` or `Id`, or the common name.
    pub name: Option<String>,
    /// The display name.
    pub display_name: Option<String>,
    /// The alias (`mailNickname`).
    pub alias: Option<String>,
    /// The user principal name.
    pub principal_name: Option<String>,
    /// The principal name on premises, as Entra keeps it.
    pub on_premises_principal_name: Option<String>,
    /// Exchange's `WindowsLiveID` or `MicrosoftOnlineServicesID`.
    pub windows_live_id: Option<String>,
    /// The attribute `mail`, or Exchange's primary or Windows address.
    pub mail: Option<String>,
    /// `targetAddress` or `ExternalEmailAddress`, with its type where it has one.
    pub target_address: Option<String>,
    /// `legacyExchangeDN`.
    pub legacy_exchange_dn: Option<String>,
    /// The proxy addresses (`proxyAddresses`, `EmailAddresses`) as they were written, each with its type where it has one.
    pub addresses: Vec<String>,
    /// Whether the list of addresses was cut or lost by its export, so that others may be missing.
    pub is_cut: bool,
    /// Whether the export wrote the name of a type in the place of that list, so that nothing of it is there.
    pub is_lost: bool,
    /// Whether a group is one of Microsoft 365, where the export tells.
    pub is_unified: Option<bool>,
    /// `otherMails`, which collide with nothing.
    pub other_mails: Vec<String>,
    /// Whether it is synchronised from on premises.
    pub is_synced: Option<bool>,
    /// Whether it holds a licence for Exchange Online, where the export tells.
    pub has_exchange_licence: Option<bool>,
    /// Whether it is hidden from address lists.
    pub is_hidden: Option<bool>,
    /// What became of a guest's invitation (`externalUserState`).
    pub invitation: Option<String>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// What the directory and services noted as wrong, resolved or not.
    pub errors: Vec<ProvisioningError>,
    /// Where it stands in the evidence; names are Graph's.
    pub origin: Origin,
}

impl Recipient {
    /// The name to show: display name, else name, principal name, address, id.
    pub fn shown(&self) -> &str {
        [&self.display_name, &self.name, &self.principal_name, &self.mail]
            .into_iter()
            .find_map(|name| name.as_deref().filter(|name| !name.is_empty()))
            .or_else(|| self.addresses.first().map(String::as_str))
            .unwrap_or(if self.id.is_empty() { "an object without a name" } else { &self.id })
    }

    /// Evidence for a value of it, by Graph's name.
    pub fn evidence(&self, label: &str, pointer: &str, value: impl Into<String>) -> Evidence {
        self.origin.evidence(label, pointer, value)
    }
}
