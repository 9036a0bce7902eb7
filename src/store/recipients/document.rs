//! Finds the objects of Exchange and Active Directory in a JSON document.

use crate::domain::Json;
use crate::domain::json::escape_pointer;

use super::fields::Fields;

/// How deep lists may be nested in a document.
const DEEPEST: usize = 4;
/// Names that only Exchange's objects have.
const EXCHANGE: [&str; 6] = [
    "recipientType",
    "recipientTypeDetails",
    "emailAddresses",
    "externalDirectoryObjectId",
    "externalEmailAddress",
    "primarySmtpAddress",
];

/// The objects that hold addresses, with their pointers, in the order of the document.
pub(super) fn find_objects(json: &Json) -> Vec<(String, &Json)> {
    let mut found = Vec::new();
    find(json, String::new(), 0, &mut found);
    found
}

fn find<'a>(json: &'a Json, pointer: String, depth: usize, found: &mut Vec<(String, &'a Json)>) {
    match json {
        Json::Object(_) if is_recipient(json) => found.push((pointer, json)),
        // What has an id is an object of another kind, and what lies within belongs to it.
        Json::Object(members) if depth < DEEPEST && !has(json, "id") => {
            for (name, value) in members {
                find(value, format!("{pointer}/{}", escape_pointer(name)), depth + 1, found);
            }
        }
        Json::List(items) if depth < DEEPEST => {
            for (index, item) in items.iter().enumerate() {
                find(item, format!("{pointer}/{index}"), depth + 1, found);
            }
        }
        _ => {}
    }
}

fn has(json: &Json, name: &str) -> bool {
    json.members().iter().any(|(held, _)| held.eq_ignore_ascii_case(name))
}

fn is_recipient(json: &Json) -> bool {
    let is_directory = || {
        has(json, "objectGUID")
            && (has(json, "distinguishedName") || has(json, "sAMAccountName"))
            && !has(json, "objectId")
    };
    // The people of somebody's address book have lists of that name too.
    let is_address_book = || {
        let list = json.members().iter().find(|(name, _)| name.eq_ignore_ascii_case("emailAddresses"));
        list.is_some_and(|(_, list)| list.items().iter().any(|item| has(item, "address") && has(item, "name")))
    };
    (EXCHANGE.iter().any(|name| has(json, name)) || is_directory())
        && Fields::of(json).hold_addresses()
        && !is_address_book()
}
