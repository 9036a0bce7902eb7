//! Writes the commands of a plan. Whatever stands in the evidence, a command stays one command, and what names an object in it is its
//! own: an id, or a principal name that no other party has; else a word that has to be replaced.

use url::Url;

use super::claim::{Attribute, Namespace};
use super::identity::guid;
use super::told::GUEST_WITHOUT;
use super::{Collision, Party};
use crate::domain::recipient::{Directory, RecipientKind};
use crate::domain::visible::is_hostile;

const GRAPH: &str = "https://graph.microsoft.com";
/// What stands in a command where no id is known.
const UNKNOWN_ID: &str = "OBJECT-ID";

/// A value as a PowerShell command takes it: whatever it holds, it stays one text. PowerShell takes typographic quotes for plain ones.
pub(super) fn quoted(value: &str) -> String {
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

/// What names a party to the service: its object id, else its principal name, else a word that has to be replaced. A name that another
/// party has as well would name that one, and who stands on premises alone may get another name.
pub(super) fn identifier<'a>(collision: &Collision, party: &'a Party) -> &'a str {
    if has_guid(party) {
        return &party.id;
    }
    let name = party.principal_name.as_str();
    let is_shared =
        collision.parties().any(|other| !std::ptr::eq(other, party) && other.principal_name.eq_ignore_ascii_case(name));
    let is_ahead = party.directories == [Directory::OnPremises];
    if name.is_empty() || is_shared || is_ahead || name.chars().any(is_hostile) { UNKNOWN_ID } else { name }
}

/// Whether its id is an object id of Entra that a command can name.
fn has_guid(party: &Party) -> bool {
    party.is_entra_id && party.id.len() == 36 && guid(&party.id).is_some()
}

/// The same in a command.
pub(super) fn id(collision: &Collision, party: &Party) -> String {
    quoted(identifier(collision, party))
}

/// The same for Exchange Online, which knows a GUID of its own besides.
pub(super) fn exchange_id(collision: &Collision, party: &Party) -> String {
    match &party.exchange_id {
        Some(own) if !has_guid(party) => quoted(own),
        _ => id(collision, party),
    }
}

/// An address of Graph, in which names of objects stay names whatever they hold.
pub(super) fn graph(version: &str, segments: &[&str]) -> String {
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
pub(super) fn collection(party: &Party) -> &'static str {
    match party.kind {
        RecipientKind::Group => "groups",
        RecipientKind::Contact => "contacts",
        _ => "users",
    }
}

/// Whether an object is one of Graph's users.
pub(super) fn is_user(party: &Party) -> bool {
    collection(party) == "users"
}

/// What is read of an object to see what is wrong with it.
pub(super) fn select(party: &Party) -> &'static str {
    if is_user(party) {
        "userPrincipalName,proxyAddresses,serviceProvisioningErrors,onPremisesProvisioningErrors"
    } else {
        "proxyAddresses,serviceProvisioningErrors,onPremisesProvisioningErrors"
    }
}

/// The address in Graph at which an object is read. Of a user that stands on premises alone only what joins it with its source is known.
pub(super) fn object(collision: &Collision, party: &Party) -> String {
    let own = identifier(collision, party);
    let source = party.immutable_id.as_deref().filter(|_| own == UNKNOWN_ID && is_user(party));
    match source {
        Some(source) => format!(
            "{}?$filter=onPremisesImmutableId eq '{}'&$select=id,{}",
            graph("v1.0", &["users"]),
            within_filter(source),
            select(party)
        ),
        None => format!("{}?$select={}", graph("v1.0", &[collection(party), own]), select(party)),
    }
}

/// Who has the value in Entra: the step's words, the command, and what it needs.
pub(super) fn find(collision: &Collision) -> (&'static str, String, &'static str) {
    let users = graph("v1.0", &["users"]);
    if collision.namespace == Namespace::PrincipalName {
        return (
            "See who has the name in Entra: users and guests, then those that are soft-deleted.",
            format!(
                "GET {users}?$filter=userPrincipalName eq '{}'  (then /directory/deletedItems/microsoft.graph.user)",
                within_filter(&collision.spelt)
            ),
            "",
        );
    }
    let typed = |kind: &str| within_filter(&format!("{kind}:{}", collision.spelt));
    let either = |one: &str, other: &str| format!("p eq '{}' or p eq '{}'", typed(one), typed(other));
    let any = match collision.namespace {
        Namespace::X500 => either("x500", "X500"),
        Namespace::Sip => either("sip", "SIP"),
        Namespace::Smtp => either("smtp", "SMTP"),
        Namespace::Other | Namespace::PrincipalName => format!("p eq '{}'", within_filter(&collision.spelt)),
    };
    (
        "See who has it in Entra: users and guests, then groups, contacts, and what is soft-deleted of each.",
        format!(
            "GET {users}?$count=true&$filter=proxyAddresses/any(p:{any})  (then /groups, /contacts, \
             /directory/deletedItems/microsoft.graph.user and .../microsoft.graph.group)"
        ),
        "Needs the header ConsistencyLevel: eventual. How the filter treats case is not documented.",
    )
}

/// The object id in Entra, or a word that has to be replaced by it.
pub(super) fn guid_or_unknown(party: &Party) -> &str {
    if has_guid(party) { &party.id } else { UNKNOWN_ID }
}

/// The command that shows who has the value in Exchange Online.
pub(super) fn recipients(collision: &Collision) -> String {
    format!("Get-EXORecipient -Filter {} -IncludeSoftDeletedRecipients", quoted(&filter(collision)))
}

/// The filter by which Exchange Online finds who has the value. A value that could end its text stands as a word to be replaced.
fn filter(collision: &Collision) -> String {
    let value = collision.spelt.as_str();
    let value = if value.chars().any(|letter| is_quote(letter) || is_hostile(letter)) { "VALUE" } else { value };
    match collision.namespace {
        Namespace::PrincipalName => format!("WindowsLiveID -eq '{value}' -or UserPrincipalName -eq '{value}'"),
        Namespace::X500 => format!("EmailAddresses -eq 'x500:{value}' -or LegacyExchangeDN -eq '{value}'"),
        Namespace::Sip => format!("EmailAddresses -eq 'sip:{value}'"),
        Namespace::Smtp | Namespace::Other => format!("EmailAddresses -eq '{value}'"),
    }
}

pub(super) fn stands_on_premises(party: &Party) -> bool {
    party.is_synced || party.directories == [Directory::OnPremises]
}

/// How an object gets another principal name.
pub(super) fn rename(collision: &Collision, party: &Party) -> (String, String) {
    if stands_on_premises(party) {
        let text = format!("Give “{}” another principal name on premises.", party.name);
        (text, format!("Set-ADUser -Identity {} -UserPrincipalName 'ANOTHER-NAME'", source(party)))
    } else {
        let text = format!("Give the {} “{}” another principal name.", party.kind.label(), party.name);
        (text, format!("Update-MgUser -UserId {} -UserPrincipalName 'ANOTHER-NAME'", id(collision, party)))
    }
}

/// What names an object on premises.
fn source(party: &Party) -> String {
    quoted(party.source_id.as_deref().unwrap_or("DISTINGUISHED-NAME"))
}

/// How the value is taken from an object: what has to be changed, by which command, and what that costs. By which attributes it has the
/// value decides, and where it stands.
pub(super) fn removal(collision: &Collision, party: &Party) -> (String, String, String) {
    let is_ahead = stands_on_premises(party);
    let names = party.attributes.iter().filter(|attribute| **attribute != Attribute::PrincipalName);
    let names: Vec<&str> = names.map(|attribute| attribute.name()).collect();
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let text = if is_ahead {
        format!(
            "Take the value from “{}” on premises{names}: in Exchange's shell there where Exchange manages it, or in Active Directory.",
            party.name
        )
    } else {
        format!("Take the value from the {} “{}”{names}.", party.kind.label(), party.name)
    };
    let command = if is_ahead { removal_on_premises(party) } else { removal_online(collision, party) };
    let mut warnings = vec![lost(collision)];
    if party.written.as_deref().is_some_and(|written| written.starts_with("SMTP:")) {
        warnings.push("It is the primary address: another one has to be made primary first.");
    }
    if party.attributes == [Attribute::LegacyExchangeDn] {
        warnings.push(
            "A LegacyExchangeDN is not to be changed by hand: take the X500 address from the other object instead.",
        );
    }
    if !is_ahead && party.kind == RecipientKind::Group && party.is_unified.is_none() {
        warnings.push("For a Microsoft 365 group: Set-UnifiedGroup.");
    }
    if party.kind == RecipientKind::Guest && collision.namespace == Namespace::Smtp {
        warnings.push(GUEST_WITHOUT);
    }
    (text, command, warnings.join(" "))
}

fn removal_on_premises(party: &Party) -> String {
    let by = |attribute: Attribute| party.attributes.contains(&attribute);
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
    if changes.is_empty() { String::new() } else { format!("Set-ADObject -Identity {}{changes}", source(party)) }
}

fn removal_online(collision: &Collision, party: &Party) -> String {
    let by = |attribute: Attribute| party.attributes.contains(&attribute);
    let (setter, id) = (setter(party), exchange_id(collision, party));
    match &party.written {
        Some(written) if by(Attribute::ProxyAddresses) => {
            format!("{setter} -Identity {id} -EmailAddresses @{{remove={}}}", quoted(written))
        }
        _ if collision.namespace == Namespace::Smtp && by(Attribute::TargetAddress) => {
            format!("{setter} -Identity {id} -ExternalEmailAddress 'ANOTHER-ADDRESS'")
        }
        // `mail` alone follows the primary address.
        _ => String::new(),
    }
}

/// What is lost with the value.
fn lost(collision: &Collision) -> &'static str {
    match collision.namespace {
        Namespace::X500 => "Old replies and calendar entries that are addressed so no longer find the object.",
        Namespace::Smtp | Namespace::Sip | Namespace::Other | Namespace::PrincipalName => {
            "Who writes to that address no longer reaches the object."
        }
    }
}

/// The command that sets addresses of a kind of recipient.
fn setter(party: &Party) -> &'static str {
    match party.kind {
        RecipientKind::Group if party.is_unified == Some(true) => "Set-UnifiedGroup",
        RecipientKind::Group => "Set-DistributionGroup",
        RecipientKind::Contact => "Set-MailContact",
        RecipientKind::MailUser | RecipientKind::Guest => "Set-MailUser",
        RecipientKind::PublicFolder => "Set-MailPublicFolder",
        RecipientKind::User | RecipientKind::Mailbox | RecipientKind::Unknown => "Set-Mailbox",
    }
}
