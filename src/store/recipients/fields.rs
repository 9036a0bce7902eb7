//! Defines [`Fields`], the members of an object by Graph's names, whatever names its export gave them.

use std::collections::HashMap;

use crate::domain::evidence::Renames;
use crate::domain::json::{Json, escape_pointer};

/// Graph's name of a member (or Exchange's, where Graph has none) and the names that exports give it, in lower case, the surer first.
pub(super) type Field = (&'static str, &'static [&'static str]);

pub(super) const OBJECT_ID: Field = ("id", &["id", "objectid"]);
pub(super) const GUID: Field = ("id", &["guid", "objectguid", "exchangeobjectid"]);
pub(super) const EXTERNAL_ID: Field =
    ("externalDirectoryObjectId", &["externaldirectoryobjectid", "msds-externaldirectoryobjectid"]);
pub(super) const IMMUTABLE_ID: Field = ("onPremisesImmutableId", &["onpremisesimmutableid", "immutableid"]);
pub(super) const CONSISTENCY_GUID: Field = ("onPremisesImmutableId", &["ms-ds-consistencyguid"]);
pub(super) const NAME: Field = ("name", &["name", "cn", "id", "identity"]);
pub(super) const COMMON_NAME: Field = ("name", &["name", "cn"]);
pub(super) const DISPLAY_NAME: Field = ("displayName", &["displayname"]);
pub(super) const ALIAS: Field = ("mailNickname", &["mailnickname", "alias"]);
pub(super) const PRINCIPAL_NAME: Field = ("userPrincipalName", &["userprincipalname"]);
pub(super) const SOURCE_NAME: Field = ("onPremisesUserPrincipalName", &["onpremisesuserprincipalname"]);
pub(super) const LIVE_ID: Field = ("windowsLiveID", &["windowsliveid", "microsoftonlineservicesid"]);
pub(super) const MAIL: Field = ("mail", &["mail", "primarysmtpaddress", "windowsemailaddress", "emailaddress"]);
pub(super) const TARGET: Field = ("targetAddress", &["targetaddress", "externalemailaddress"]);
pub(super) const LEGACY_DN: Field = ("legacyExchangeDN", &["legacyexchangedn"]);
pub(super) const ADDRESSES: Field = ("proxyAddresses", &["proxyaddresses", "emailaddresses"]);
pub(super) const OTHER_MAILS: Field =
    ("otherMails", &["othermails", "othermail", "alternateemailaddresses", "alternateemailaddress"]);
pub(super) const SYNCED: Field = ("onPremisesSyncEnabled", &["onpremisessyncenabled", "dirsyncenabled", "isdirsynced"]);
pub(super) const PLANS: Field = ("assignedPlans", &["assignedplans"]);
pub(super) const LICENCES: Field = ("assignedLicenses", &["assignedlicenses", "licenses"]);
pub(super) const IS_LICENSED: Field = ("assignedLicenses", &["islicensed", "skuassigned"]);
pub(super) const HIDDEN: Field =
    ("hideFromAddressLists", &["hidefromaddresslists", "hiddenfromaddresslistsenabled", "msexchhidefromaddresslists"]);
pub(super) const SHOWN: Field = ("showInAddressList", &["showinaddresslist"]);
pub(super) const INVITATION: Field = ("externalUserState", &["externaluserstate", "userstate"]);
pub(super) const USER_TYPE: Field = ("userType", &["usertype"]);
pub(super) const DETAILS: Field = ("recipientTypeDetails", &["recipienttypedetails", "msexchrecipienttypedetails"]);
pub(super) const RECIPIENT_TYPE: Field = ("recipientType", &["recipienttype"]);
pub(super) const CLASS: Field = ("objectClass", &["objectclass"]);
pub(super) const OBJECT_TYPE: Field = ("@odata.type", &["@odata.type", "odata.type", "odatatype", "objecttype"]);
pub(super) const GROUP_TYPES: Field = ("groupTypes", &["grouptypes"]);
pub(super) const CREATED: Field = ("createdDateTime", &["createddatetime", "whencreatedutc"]);
pub(super) const CREATED_LOCALLY: Field = ("createdDateTime", &["whencreated", "createtimestamp", "created"]);
pub(super) const DELETED: Field =
    ("deletedDateTime", &["deleteddatetime", "deletiontimestamp", "softdeletiontimestamp"]);
pub(super) const DELETED_LOCALLY: Field = ("deletedDateTime", &["whensoftdeleted"]);
pub(super) const SERVICE_ERRORS: Field =
    ("serviceProvisioningErrors", &["serviceprovisioningerrors", "provisioningerrors", "errors"]);
pub(super) const DIRECTORY_ERRORS: Field =
    ("onPremisesProvisioningErrors", &["onpremisesprovisioningerrors", "dirsyncprovisioningerrors"]);
pub(super) const EXTENSIONS: Field = ("extensionProperty", &["extensionproperty"]);
/// Names whose values tell the forest or service an object stands in.
pub(super) const PLACES: [&str; 5] =
    ["originatingserver", "distinguishedname", "objectcategory", "organizationalunit", "identity"];

/// Names that show an object to be a sign-in or an event.
const FOREIGN: [&str; 8] = [
    "correlationid",
    "clientappused",
    "appdisplayname",
    "ipaddress",
    "activitydisplayname",
    "operationname",
    "auditdata",
    "recordtype",
];

/// The fields that by their names show an object to hold addresses.
const TELLING: [Field; 23] = [
    ("objectId", &["objectid"]),
    EXTERNAL_ID,
    IMMUTABLE_ID,
    CONSISTENCY_GUID,
    DISPLAY_NAME,
    ALIAS,
    PRINCIPAL_NAME,
    LIVE_ID,
    MAIL,
    TARGET,
    LEGACY_DN,
    ADDRESSES,
    OTHER_MAILS,
    SYNCED,
    HIDDEN,
    SHOWN,
    USER_TYPE,
    DETAILS,
    RECIPIENT_TYPE,
    CLASS,
    GUID,
    SERVICE_ERRORS,
    DIRECTORY_ERRORS,
];
/// The fields of which an object that holds addresses has at least one.
const HOLDING: [Field; 6] = [ADDRESSES, TARGET, MAIL, PRINCIPAL_NAME, LEGACY_DN, ALIAS];

/// How many telling names show an object to hold addresses; with a list of addresses among them one less is enough.
const ENOUGH: usize = 3;

/// Whether sign-ins and events have a member of that name in lower case, and no recipient.
pub(super) fn is_foreign(name: &str) -> bool {
    FOREIGN.contains(&name)
}

/// Whether an object with members of those names holds addresses. The names come in lower case.
pub(super) fn holds_addresses<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let (mut telling, mut holding) = (Vec::new(), false);
    for name in names {
        if is_foreign(name) {
            return false;
        }
        if let Some((graph, _)) = TELLING.iter().find(|(_, names)| names.contains(&name)) {
            holding |= HOLDING.iter().any(|(known, _)| known == graph);
            if !telling.contains(graph) {
                telling.push(*graph);
            }
        }
    }
    let lists = telling.contains(&ADDRESSES.0);
    holding && telling.len() + usize::from(lists) >= ENOUGH
}

/// The members of an object by name in lower case, and how they are spelt in the file.
pub(super) struct Fields<'a> {
    held: HashMap<String, Member<'a>>,
    /// The pointers by Graph's names and in the file, where they differ.
    places: Vec<(String, String)>,
}

#[derive(Clone, Copy)]
struct Member<'a> {
    bag: Option<&'a str>,
    name: &'a str,
    value: &'a Json,
}

impl<'a> Fields<'a> {
    /// The fields of an object. What PowerShell hides in a bag is found there; of equal names the one that says something counts.
    pub(super) fn of(json: &'a Json) -> Fields<'a> {
        let mut held: HashMap<String, Member<'a>> = HashMap::with_capacity(json.members().len());
        let mut hold = |bag, name: &'a String, value: &'a Json| {
            let member = Member { bag, name, value };
            let known = held.entry(name.to_ascii_lowercase()).or_insert(member);
            if known.value.says_nothing() && !value.says_nothing() {
                *known = member;
            }
        };
        for (name, value) in json.members() {
            if name == "AdditionalProperties" {
                value.members().iter().for_each(|(inner, value)| hold(Some(name.as_str()), inner, value));
            } else {
                hold(None, name, value);
            }
        }
        Fields { held, places: Vec::new() }
    }

    /// Whether the object has a member of that name in lower case, with or without a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.held.contains_key(name)
    }

    /// Whether the object has any of a field's names, with or without a value.
    pub(super) fn has_field(&self, field: Field) -> bool {
        field.1.iter().any(|name| self.has(name))
    }

    /// Whether the object's names show that it holds addresses.
    pub(super) fn hold_addresses(&self) -> bool {
        holds_addresses(self.held.keys().map(String::as_str))
    }

    /// The text under a name in lower case.
    pub(super) fn plain(&self, name: &str) -> Option<&'a str> {
        self.held.get(name).and_then(|member| member.value.text())
    }

    /// The value of a field that says something, without noting that it was read.
    pub(super) fn peek(&self, field: Field) -> Option<&'a Json> {
        self.find(field).map(|member| member.value)
    }

    fn find(&self, (_, names): Field) -> Option<Member<'a>> {
        names.iter().filter_map(|name| self.held.get(*name)).find(|member| !member.value.says_nothing()).copied()
    }

    /// The value of a field that says something, with its name in the file. Where the file spells it is noted.
    pub(super) fn take(&mut self, field: Field) -> Option<(&'a str, &'a Json)> {
        let member = self.find(field)?;
        self.note(field, member, "");
        Some((member.name, member.value))
    }

    fn note(&mut self, field: Field, member: Member<'_>, inside: &str) {
        if member.bag.is_none() && inside.is_empty() && member.name == field.0 {
            return;
        }
        let bag = member.bag.map(|bag| format!("/{bag}")).unwrap_or_default();
        self.stands_at(field, format!("{bag}/{}{inside}", escape_pointer(member.name)));
    }

    /// Notes that the value of a field stands deeper in the member that was taken for it.
    pub(super) fn stands_inside(&mut self, field: Field, inside: &str) {
        if let Some(member) = self.find(field) {
            self.note(field, member, inside);
        }
    }

    /// Notes that a field's value stands at a pointer of the object.
    pub(super) fn stands_at(&mut self, (graph, _): Field, pointer: String) {
        let graph = format!("/{}", escape_pointer(graph));
        match self.places.iter_mut().find(|(known, _)| *known == graph) {
            Some((_, held)) => *held = pointer,
            None => self.places.push((graph, pointer)),
        }
    }

    /// Whether a name in lower case stands for what is true.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.held.get(name).and_then(|member| member.value.bool()) == Some(true)
    }

    /// Whether a field stands in the object as a list without items, which says more than no list.
    pub(super) fn is_empty_list(&self, field: Field) -> bool {
        let held = field.1.iter().filter_map(|name| self.held.get(*name));
        held.map(|member| member.value).any(|value| matches!(value, Json::List(items) if items.is_empty()))
    }

    /// Takes the text of a field; numbers and truth values count as text.
    pub(super) fn text(&mut self, field: Field) -> Option<String> {
        let (_, value) = self.take(field)?;
        match value {
            Json::List(items) => items.first().map(Json::quoted),
            other => Some(other.quoted()),
        }
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
    }

    /// Takes a truth value of a field.
    pub(super) fn bool(&mut self, field: Field) -> Option<bool> {
        self.take(field).and_then(|(_, value)| value.bool())
    }

    /// How the file spells what was taken.
    pub(super) fn into_renames(self) -> Renames {
        let mut renames = Renames::default();
        self.places.into_iter().for_each(|(graph, file)| renames.add(graph, file));
        renames
    }
}
