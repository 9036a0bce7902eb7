//! Tells what is missing for a whole answer.

use std::collections::BTreeMap;

use super::Addresses;
use crate::domain::recipient::{Directory, Recipient, RecipientKind};
use crate::domain::snapshot::Collection;
use crate::explain::explanation::Gap;

/// Whether an object of a kind is in the evidence of Entra.
fn holds(recipients: &[&Recipient], kind: RecipientKind) -> bool {
    recipients.iter().any(|recipient| recipient.directory == Directory::Entra && recipient.kind == kind)
}

/// The gap of an export that has no proxy addresses at all.
pub(super) const NO_PROXY_ADDRESSES: &str = "GAP-PROXY-ADDRESSES";

/// What is missing for a whole answer.
pub(super) fn of(found: &Addresses, recipients: &[&Recipient], whole: &[Collection]) -> Vec<Gap> {
    let has = |directory: Directory| recipients.iter().any(|recipient| recipient.directory == directory);
    let mut codes = Vec::new();
    if recipients.is_empty() {
        return Vec::new();
    }
    if !has(Directory::Exchange) {
        codes.push("GAP-EXCHANGE-RECIPIENTS");
    }
    // Users and groups come from exports of their own, each of which may have left the addresses out.
    let is_group = |recipient: &Recipient| recipient.kind == RecipientKind::Group;
    let mut holds: BTreeMap<(Directory, bool), bool> = BTreeMap::new();
    for recipient in recipients.iter().filter(|one| !one.is_deleted && !one.is_lost && one.errors.is_empty()) {
        *holds.entry((recipient.directory, is_group(recipient))).or_default() |= !recipient.addresses.is_empty();
    }
    if holds.values().any(|holds| !holds) {
        codes.push(NO_PROXY_ADDRESSES);
    }
    if !has(Directory::Entra) {
        codes.push("GAP-ENTRA-RECIPIENTS");
    }
    if !whole.contains(&Collection::DeletedItems) && !recipients.iter().any(|recipient| recipient.is_deleted) {
        codes.push("GAP-DELETED-ITEMS");
    }
    if !found.cut.is_empty() {
        codes.push("GAP-CUT-LISTS");
    }
    let mut gaps: Vec<Gap> = codes.into_iter().map(crate::explain::catalogue::gap).collect();
    gaps.extend(has(Directory::Entra).then(|| no_others(recipients, whole)).flatten());
    if !found.lost.is_empty() {
        gaps.push(Gap {
            code: "GAP-CUT-LISTS".to_owned(),
            missing: "addresses in the place of which an export wrote the name of a type".to_owned(),
            limits: "Nothing of these lists is in the evidence, so that their objects cannot be cleared.".to_owned(),
            ask: "The same export as JSON: `... | ConvertTo-Json -Depth 4`; for CSV the values have to be joined first: \
                  `... | Select-Object Name, Guid, @{n='EmailAddresses'; e={$_.EmailAddresses -join ';'}} | Export-Csv ...`."
                .to_owned(),
        });
    }
    gaps
}

/// What the evidence of Entra lacks: groups, contacts or both, where there is none and nobody says that there are no others.
pub(super) fn lacking(recipients: &[&Recipient], whole: &[Collection]) -> Option<&'static str> {
    let groups = whole.contains(&Collection::Groups) || holds(recipients, RecipientKind::Group);
    let contacts = whole.contains(&Collection::Contacts) || holds(recipients, RecipientKind::Contact);
    match (groups, contacts) {
        (true, true) => None,
        (true, false) => Some("contacts"),
        (false, true) => Some("groups"),
        (false, false) => Some("groups and contacts"),
    }
}

/// The gap of evidence of Entra in which there is no group, or no contact.
fn no_others(recipients: &[&Recipient], whole: &[Collection]) -> Option<Gap> {
    let what = lacking(recipients, whole)?;
    let select = "proxyAddresses,onPremisesSyncEnabled,serviceProvisioningErrors,onPremisesProvisioningErrors";
    let groups = format!(
        "GET https://graph.microsoft.com/v1.0/groups?$select=id,displayName,mail,mailEnabled,groupTypes,{select}"
    );
    let contacts = format!("GET https://graph.microsoft.com/v1.0/contacts?$select=id,displayName,mail,{select}");
    let ask = match what {
        "groups" => groups,
        "contacts" => contacts,
        _ => format!("{groups} and {contacts}"),
    };
    Some(Gap {
        code: "GAP-ENTRA-RECIPIENTS".to_owned(),
        missing: format!("{what} of Entra that have an address: there is none in the evidence"),
        limits: "Unless the tenant has none, whether one of them holds what another wants cannot be told.".to_owned(),
        ask: format!("{ask}, all pages."),
    })
}
