//! Makes a [`Recipient`] of an object as its export wrote it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::recipient::{Directory, Recipient, RecipientKind};
use crate::domain::{Json, Origin};
use crate::store::dates::read_date;

use super::Form;
use super::addresses::{is_type_name, read_address, read_addresses, read_texts};
use super::command::Command;
use super::errors::read_errors;
use super::fields::{self, Field, Fields};
use super::guid::{from_base64, guid_bytes, guid_text, to_base64};
use super::standing::{self, Names};

/// A plan of Exchange's that many licences bring and that holds no mailbox (Exchange Foundation).
const FOUNDATION: &str = "113feb6c-3fe4-4440-bddc-54d774bf0318";

/// An object as its export wrote it, with what is known of it besides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    /// The file.
    pub(super) file: &'a Arc<str>,
    /// The object's number in a file that is no JSON.
    pub(super) record: Option<u64>,
    /// Its pointer in a JSON file.
    pub(super) pointer: &'a str,
    /// The object, with names as written.
    pub(super) json: &'a Json,
    /// The form of the export.
    pub(super) form: Form,
    /// The lists that the export cut.
    pub(super) cut: &'a [String],
    /// The command above it.
    pub(super) command: Option<&'a Command>,
}

impl<'a> Written<'a> {
    /// An object of a text, with its number.
    pub(super) fn of_text(file: &'a Arc<str>, number: usize, json: &'a Json, form: Form) -> Written<'a> {
        Written { file, record: Some(number as u64), pointer: "", json, form, cut: &[], command: None }
    }
}

/// Makes a recipient of an object.
pub(super) fn recipient(written: Written<'_>) -> Recipient {
    let mut fields = Fields::of(written.json);
    let names = standing::Names::of(&fields, written.form);
    let is_exchange_shell = written.command.is_some_and(|command| command.is_exchange_shell);
    let directory = standing::directory(&fields, names, is_exchange_shell);
    let kind = standing::kind(&fields, names);
    let addresses = fields.take(fields::ADDRESSES).map(|(_, value)| {
        let addresses = read_addresses(value);
        if value.has("value") {
            fields.stands_inside(fields::ADDRESSES, "/value");
        }
        addresses
    });
    let mut addresses = addresses.unwrap_or_default();
    // Of a list that was cut there may be nothing left to take.
    addresses.is_cut |= written.cut.iter().any(|cut| is_name_of(fields::ADDRESSES, cut));
    let is_unified = (kind == RecipientKind::Group).then(|| standing::is_unified(&fields)).flatten();
    let deleted = date(&mut fields, fields::DELETED).or_else(|| zoned_date(&mut fields, fields::DELETED_LOCALLY));
    let is_deleted = deleted.is_some()
        || [fields::DELETED, fields::DELETED_LOCALLY].iter().any(|field| fields.peek(*field).is_some_and(is_some_day))
        || ["isdeleted", "issoftdeletedbyremove", "issoftdeletedbydisable"].iter().any(|name| fields.is_true(name));
    let mut recipient = Recipient {
        directory,
        kind,
        is_deleted,
        deleted,
        id: id(&mut fields, names),
        external_id: external_id(&mut fields),
        immutable_id: immutable_id(&mut fields, directory, names, written.cut),
        name: fields.text(if names == Names::Exchange { fields::NAME } else { fields::COMMON_NAME }),
        display_name: fields.text(fields::DISPLAY_NAME),
        alias: fields.text(fields::ALIAS),
        principal_name: fields.text(fields::PRINCIPAL_NAME),
        on_premises_principal_name: fields.text(fields::SOURCE_NAME),
        windows_live_id: address(&mut fields, fields::LIVE_ID),
        mail: address(&mut fields, fields::MAIL),
        target_address: address(&mut fields, fields::TARGET),
        legacy_exchange_dn: fields.text(fields::LEGACY_DN),
        addresses: addresses.written,
        is_cut: addresses.is_cut,
        is_lost: addresses.is_lost,
        is_unified,
        other_mails: fields.take(fields::OTHER_MAILS).map(|(_, value)| read_texts(value)).unwrap_or_default(),
        is_synced: is_synced(&mut fields, directory),
        has_exchange_licence: has_exchange_licence(&mut fields, written.cut),
        is_hidden: fields.bool(fields::HIDDEN).or_else(|| fields.bool(fields::SHOWN).map(|is_shown| !is_shown)),
        invitation: fields.text(fields::INVITATION),
        created: created(&mut fields),
        errors: read_errors(&mut fields),
        origin: Origin::default(),
    };
    if let Some(owner) = written.command.and_then(Command::target) {
        name_by_command(&mut recipient, owner);
    }
    let renames = fields.into_renames();
    let renames = if written.pointer.is_empty() { renames } else { renames.under(written.pointer) };
    recipient.origin = Origin { file: Arc::clone(written.file), record: written.record, renames, ..Origin::default() };
    recipient
}

/// Gives an object that says nothing of its identity that of the command above it.
fn name_by_command(recipient: &mut Recipient, owner: String) {
    let own = [&recipient.name, &recipient.display_name, &recipient.principal_name, &recipient.mail, &recipient.alias];
    if !recipient.id.is_empty() || own.iter().any(|name| name.is_some()) {
        return;
    }
    if guid_bytes(&owner).is_some() {
        recipient.id = owner;
    } else if recipient.kind == RecipientKind::Unknown && !recipient.errors.is_empty() && owner.contains('@') {
        recipient.principal_name = Some(owner);
    } else {
        recipient.name = Some(owner);
    }
}

fn id(fields: &mut Fields<'_>, names: Names) -> String {
    let field = if names == Names::Entra { fields::OBJECT_ID } else { fields::GUID };
    let text = fields.text(field).unwrap_or_default();
    // LDIF has the bytes.
    from_base64(&text).filter(|bytes| bytes.len() == 16).and_then(|bytes| guid_text(&bytes)).unwrap_or(text)
}

/// Whether a name, whatever its case, is one of a field's.
fn is_name_of(field: Field, name: &str) -> bool {
    field.1.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether the object is synchronised into Entra. Graph writes nothing where an object is of the cloud alone.
fn is_synced(fields: &mut Fields<'_>, directory: Directory) -> Option<bool> {
    // On premises the word speaks of another synchronisation, and is false for all.
    if directory == Directory::OnPremises {
        return None;
    }
    let says_nothing = fields.has_field(fields::SYNCED) && fields.peek(fields::SYNCED).is_none();
    fields.bool(fields::SYNCED).or_else(|| (directory == Directory::Entra && says_nothing).then_some(false))
}

/// The object id in Entra; Active Directory keeps it with the object's type before it.
fn external_id(fields: &mut Fields<'_>) -> Option<String> {
    let text = fields.text(fields::EXTERNAL_ID)?;
    let bare = ["User_", "Group_", "Contact_"].iter().find_map(|start| {
        let (head, bare) = text.split_at_checked(start.len())?;
        head.eq_ignore_ascii_case(start).then_some(bare)
    });
    Some(bare.map_or_else(|| text.clone(), str::to_owned))
}

fn immutable_id(fields: &mut Fields<'_>, directory: Directory, names: Names, cut: &[String]) -> Option<String> {
    if directory != Directory::OnPremises {
        return fields.text(fields::IMMUTABLE_ID);
    }
    if let Some((name, value)) = fields.take(fields::CONSISTENCY_GUID) {
        // Where this anchor is set it counts, and a wrong one is worse than none.
        let bytes =
            bytes_of(value).filter(|bytes| bytes.len() == 16 && !cut.iter().any(|cut| cut.eq_ignore_ascii_case(name)));
        return bytes.map(|bytes| to_base64(&bytes));
    }
    let (name, value) = fields.take(fields::GUID).filter(|_| names != Names::Entra)?;
    let bytes = bytes_of(value).filter(|bytes| bytes.len() == 16)?;
    fields.stands_at(fields::IMMUTABLE_ID, format!("/{}", crate::domain::json::escape_pointer(name)));
    Some(to_base64(&bytes))
}

/// The bytes of a GUID in any of the ways in which exports write them.
fn bytes_of(value: &Json) -> Option<Vec<u8>> {
    match value {
        Json::List(items) => items.iter().map(|item| item.int().and_then(|byte| u8::try_from(byte).ok())).collect(),
        Json::Text(text) if is_type_name(text) => None,
        Json::Text(text) => guid_bytes(text).map(|bytes| bytes.to_vec()).or_else(|| from_base64(text)),
        _ => None,
    }
}

fn address(fields: &mut Fields<'_>, field: Field) -> Option<String> {
    fields.take(field).and_then(|(_, value)| read_address(value))
}

/// A date whose name says that it is UTC, or that a module writes in UTC.
fn date(fields: &mut Fields<'_>, field: Field) -> Option<DateTime<Utc>> {
    fields.take(field).and_then(|(_, value)| value.text()).and_then(read_date)
}

/// A date that shells write in the clock of their machine: it counts only when the text says its zone.
fn zoned_date(fields: &mut Fields<'_>, field: Field) -> Option<DateTime<Utc>> {
    let text = fields.take(field).and_then(|(_, value)| value.text())?.trim();
    let has_offset = text.get(10..).is_some_and(|rest| rest.contains(['+', '-']));
    let is_zoned = text.ends_with(['Z', 'z']) || text.contains("Date(") || has_offset;
    is_zoned.then(|| read_date(text)).flatten()
}

/// Whether a value is a day, which need not be readable here; the year 1 is PowerShell's way of writing that there is none.
fn is_some_day(value: &Json) -> bool {
    value.text().is_some_and(|text| !text.contains("0001") && !text.contains("Date(-"))
}

fn created(fields: &mut Fields<'_>) -> Option<DateTime<Utc>> {
    if let Some(date) = date(fields, fields::CREATED).or_else(|| zoned_date(fields, fields::CREATED_LOCALLY)) {
        return Some(date);
    }
    // The AzureAD module keeps what its type does not know in a dictionary.
    let (name, extensions) = fields.take(fields::EXTENSIONS)?;
    let (inner, value) = extensions.members().iter().find(|(name, _)| name.eq_ignore_ascii_case("createdDateTime"))?;
    let date = value.text().and_then(read_date)?;
    fields.stands_at(fields::CREATED, format!("/{name}/{inner}"));
    Some(date)
}

/// Whether a licence for Exchange Online is held. A list that was cut shows only what stands in it.
fn has_exchange_licence(fields: &mut Fields<'_>, cut: &[String]) -> Option<bool> {
    let is_whole = |name: &str, value: &Json| {
        !cut.iter().any(|cut| cut.eq_ignore_ascii_case(name))
            && value.items().iter().all(|item| matches!(item, Json::Object(_)))
    };
    if fields.has_field(fields::PLANS) {
        let Some((name, plans)) = fields.take(fields::PLANS) else {
            return fields.is_empty_list(fields::PLANS).then_some(false);
        };
        let says = |plan: &Json, name: &str, value: &str| {
            let held = plan.members().iter().find(|(held, _)| held.eq_ignore_ascii_case(name));
            held.and_then(|(_, held)| held.text()).is_some_and(|held| held.eq_ignore_ascii_case(value))
        };
        let is_mail = |plan: &&Json| {
            says(plan, "service", "exchange")
                && says(plan, "capabilityStatus", "Enabled")
                && !says(plan, "servicePlanId", FOUNDATION)
        };
        let is_held = plans.items().iter().any(|plan| is_mail(&plan));
        return if is_held { Some(true) } else { is_whole(name, plans).then_some(false) };
    }
    if fields.is_empty_list(fields::LICENCES) {
        return Some(false);
    }
    match fields.bool(fields::IS_LICENSED) {
        // Some licence is held, of which nothing says that it is one for Exchange.
        Some(true) if !fields.has("skuassigned") => None,
        other => other,
    }
}
