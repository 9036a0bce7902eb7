//! Tells what a recipient is and in which directory it stands.

use crate::domain::Json;
use crate::domain::recipient::{Directory, RecipientKind};

use super::Form;
use super::addresses::is_type_name;
use super::fields::{
    CLASS, DETAILS, Fields, GROUP_TYPES, OBJECT_TYPE, PLACES, PRINCIPAL_NAME, RECIPIENT_TYPE, SYNCED, TARGET, USER_TYPE,
};

/// Whose names an object bears, which says what `id` and `name` mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Graph's, the AzureAD module's or MSOnline's.
    Entra,
    /// Exchange's, in the cloud or on premises.
    Exchange,
    /// Active Directory's.
    ActiveDirectory,
}

impl Names {
    /// Tells whose names they are.
    pub(super) fn of(fields: &Fields<'_>, form: Form) -> Names {
        let any = |names: &[&str]| names.iter().any(|name| fields.has(name));
        let is_exchange = any(&[
            "recipienttype",
            "recipienttypedetails",
            "emailaddresses",
            "externalemailaddress",
            "exchangeguid",
            "externaldirectoryobjectid",
            "primarysmtpaddress",
            "runspaceid",
        ]);
        let is_directory =
            any(&["objectguid", "samaccountname", "distinguishedname", "targetaddress", "dn", "objectsid"]);
        match form {
            Form::Ldif => Names::ActiveDirectory,
            Form::Snapshot => Names::Entra,
            _ if is_exchange => Names::Exchange,
            _ if is_directory && !any(&["objectid", "usertype"]) => Names::ActiveDirectory,
            _ => Names::Entra,
        }
    }
}

/// Tells in which directory an object stands. Where it stands is the surest: a hybrid object on premises may bear the marks of its
/// twin in the cloud.
pub(super) fn directory(fields: &Fields<'_>, names: Names, is_exchange_shell: bool) -> Directory {
    match names {
        Names::Entra => return Directory::Entra,
        Names::ActiveDirectory => return Directory::OnPremises,
        Names::Exchange => {}
    }
    let is_online = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains(".outlook.com") || text.contains("dc=outlook,") || text.contains("microsoft exchange hosted org")
    };
    let is_synced = fields.peek(SYNCED).and_then(Json::bool) == Some(true);
    let details = fields.peek(DETAILS).and_then(Json::text).unwrap_or_default();
    let stands = |name: &str| fields.plain(name).is_some();
    let is_placed = ["originatingserver", "distinguishedname", "objectcategory"].iter().any(|name| stands(name));
    let is_of_organization = stands("organizationid");
    // Every object in the cloud belongs to an organisation; on premises the name is there and says nothing.
    let is_of_none = fields.has("organizationid") && !is_of_organization && !stands("externaldirectoryobjectid");
    if PLACES.iter().filter_map(|name| fields.plain(name)).any(is_online) {
        Directory::Exchange
    } else if is_placed {
        Directory::OnPremises
    } else if is_of_organization || is_synced || details.eq_ignore_ascii_case("GuestMailUser") {
        Directory::Exchange
    } else if is_exchange_shell || details.starts_with("Remote") || is_of_none {
        Directory::OnPremises
    } else {
        Directory::Exchange
    }
}

/// Tells what an object is.
pub(super) fn kind(fields: &Fields<'_>, names: Names) -> RecipientKind {
    let by_details = || {
        let details = fields.peek(DETAILS)?;
        details.int().and_then(by_number).or_else(|| details.text().and_then(by_type))
    };
    let by_recipient_type = || fields.peek(RECIPIENT_TYPE).and_then(Json::text).and_then(by_type);
    match names {
        Names::Entra => by_entra(fields),
        _ => by_details().or_else(by_recipient_type).or_else(|| by_class(fields)).unwrap_or(RecipientKind::Unknown),
    }
}

/// Whether a group is one of Microsoft 365: Graph has the type `Unified` for it, Exchange the details `GroupMailbox`.
pub(super) fn is_unified(fields: &Fields<'_>) -> Option<bool> {
    if let Some(details) = fields.peek(DETAILS).and_then(Json::text) {
        return Some(details.eq_ignore_ascii_case("GroupMailbox"));
    }
    match fields.peek(GROUP_TYPES) {
        Some(value) if value.text().is_some_and(is_type_name) => None,
        Some(value) => Some(value.quoted().to_ascii_lowercase().contains("unified")),
        None => fields.is_empty_list(GROUP_TYPES).then_some(false),
    }
}

fn by_entra(fields: &Fields<'_>) -> RecipientKind {
    let object_type = fields.peek(OBJECT_TYPE).and_then(Json::text).unwrap_or_default();
    let object_type = object_type.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let principal_name = fields.peek(PRINCIPAL_NAME).and_then(Json::text);
    let user_type = fields.peek(USER_TYPE).and_then(Json::text);
    match object_type.as_str() {
        "group" => return RecipientKind::Group,
        "contact" | "orgcontact" => return RecipientKind::Contact,
        _ => {}
    }
    match (user_type, principal_name) {
        (Some(word), _) if word.eq_ignore_ascii_case("guest") => RecipientKind::Guest,
        (Some(_), _) => RecipientKind::User,
        // Only invited users bear this sign, and of these the export did not say whether they are members by now.
        (None, Some(name)) if name.to_ascii_lowercase().contains("#ext#@") => RecipientKind::Guest,
        (None, Some(_)) => RecipientKind::User,
        (None, None) if object_type == "user" => RecipientKind::User,
        (None, None)
            if ["grouptypes", "securityenabled", "mailenabled", "grouptype"].iter().any(|name| fields.has(name)) =>
        {
            RecipientKind::Group
        }
        (None, None) => RecipientKind::Unknown,
    }
}

/// The kind by a word of `RecipientTypeDetails` or `RecipientType`.
fn by_type(word: &str) -> Option<RecipientKind> {
    let word = word.trim().to_ascii_lowercase();
    let kind = match word.as_str() {
        "guestmailuser" => RecipientKind::Guest,
        "groupmailbox" | "roomlist" | "dynamicdistributiongroup" => RecipientKind::Group,
        "user" | "linkeduser" | "disableduser" => RecipientKind::User,
        "publicfolder" => RecipientKind::PublicFolder,
        word if word.starts_with("remote") && word.ends_with("mailbox") => RecipientKind::MailUser,
        word if word.ends_with("mailbox") => RecipientKind::Mailbox,
        word if word.ends_with("mailuser") => RecipientKind::MailUser,
        word if word.ends_with("contact") => RecipientKind::Contact,
        word if word.ends_with("group") => RecipientKind::Group,
        _ => return None,
    };
    Some(kind)
}

/// The kind by the number that Active Directory keeps in `msExchRecipientTypeDetails`.
fn by_number(number: i64) -> Option<RecipientKind> {
    let kind = match number {
        1 | 2 | 4 | 8 | 16 | 32 => RecipientKind::Mailbox,
        64 => RecipientKind::Contact,
        128 => RecipientKind::MailUser,
        256 | 512 | 1024 | 2048 => RecipientKind::Group,
        4096 => RecipientKind::PublicFolder,
        // The remote mailboxes: of users, rooms, equipment and the shared ones.
        2_147_483_648 | 8_589_934_592 | 17_179_869_184 | 34_359_738_368 => RecipientKind::MailUser,
        _ => return None,
    };
    Some(kind)
}

fn by_class(fields: &Fields<'_>) -> Option<RecipientKind> {
    let value = fields.peek(CLASS)?;
    let quoted = value.quoted().to_ascii_lowercase();
    let has = |class: &str| quoted.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == class);
    if has("contact") {
        Some(RecipientKind::Contact)
    } else if has("group") || has("msexchdynamicdistributionlist") {
        Some(RecipientKind::Group)
    } else if has("publicfolder") {
        Some(RecipientKind::PublicFolder)
    } else if !has("user") && !has("inetorgperson") {
        None
    } else if fields.plain("homemdb").is_some() {
        Some(RecipientKind::Mailbox)
    } else if fields.peek(TARGET).is_some() {
        Some(RecipientKind::MailUser)
    } else {
        Some(RecipientKind::User)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, form: Form, is_exchange_shell: bool, expected: (Directory, RecipientKind)) {
        let json: Json = serde_json::from_str(json).unwrap();
        let fields = Fields::of(&json);
        let names = Names::of(&fields, form);
        assert_eq!((directory(&fields, names, is_exchange_shell), kind(&fields, names)), expected, "{json}");
    }

    #[test]
    fn a_group_of_microsoft_365_is_told_from_others() {
        let of = |json: &str| is_unified(&Fields::of(&serde_json::from_str(json).unwrap()));
        assert_eq!(of(r#"{"groupTypes":["Unified"]}"#), Some(true));
        assert_eq!(of(r#"{"groupTypes":["DynamicMembership","Unified"]}"#), Some(true));
        assert_eq!(of(r#"{"GroupTypes":"{Unified}"}"#), Some(true));
        assert_eq!(of(r#"{"RecipientTypeDetails":"GroupMailbox"}"#), Some(true));
        assert_eq!(of(r#"{"RecipientTypeDetails":"MailUniversalDistributionGroup"}"#), Some(false));
        assert_eq!(of(r#"{"groupTypes":[]}"#), Some(false));
        assert_eq!(of(r#"{"GroupTypes":"System.String[]"}"#), None);
        assert_eq!(of(r#"{"displayName":"Team"}"#), None);
    }

    #[test]
    fn the_place_of_an_object_tells_the_cloud_from_the_ground() {
        use Directory::{Entra, Exchange, OnPremises};
        use RecipientKind::{Contact, Group, Guest, MailUser, Mailbox, PublicFolder, User};
        let list = |json: &str, expected| check(json, Form::List, false, expected);
        list(r#"{"RecipientTypeDetails":"MailUser","OrganizationId":"x.prod.outlook.com/a"}"#, (Exchange, MailUser));
        list(r#"{"RecipientTypeDetails":"MailUser","OrganizationId":""}"#, (OnPremises, MailUser));
        list(r#"{"RecipientTypeDetails":"GuestMailUser","OrganizationId":""}"#, (Exchange, Guest));
        list(r#"{"RecipientTypeDetails":"UserMailbox","ExternalDirectoryObjectId":"o"}"#, (Exchange, Mailbox));
        list(r#"{"RecipientTypeDetails":"RemoteUserMailbox"}"#, (OnPremises, MailUser));
        list(r#"{"RecipientType":"PublicFolder","IsDirSynced":"True","OrganizationId":""}"#, (Exchange, PublicFolder));
        // A hybrid object on premises knows its twin.
        list(
            r#"{"RecipientTypeDetails":"MailContact","ExternalDirectoryObjectId":"o","DistinguishedName":"CN=a,DC=contoso,DC=com"}"#,
            (OnPremises, Contact),
        );
        list(
            r#"{"RecipientTypeDetails":"GroupMailbox","ObjectCategory":"EURPR01.PROD.OUTLOOK.COM/x"}"#,
            (Exchange, Group),
        );
        check(r#"{"RecipientTypeDetails":"MailUser"}"#, Form::List, true, (OnPremises, MailUser));
        list(r#"{"ObjectId":"1","UserPrincipalName":"a_b#EXT#@c"}"#, (Entra, Guest));
        list(r#"{"ObjectId":"1","UserPrincipalName":"a_b#EXT#@c","UserType":"Member"}"#, (Entra, User));
        list(r#"{"ObjectId":"1","ObjectType":"Contact","Mail":"a@b"}"#, (Entra, Contact));
        check(r#"{"objectClass":["top","contact"],"mail":"a@b"}"#, Form::Ldif, false, (OnPremises, Contact));
        check(r#"{"objectClass":["top","user"],"homeMDB":"CN=x"}"#, Form::Ldif, false, (OnPremises, Mailbox));
        check(r#"{"msExchRecipientTypeDetails":"2147483648"}"#, Form::Ldif, false, (OnPremises, MailUser));
    }
}
