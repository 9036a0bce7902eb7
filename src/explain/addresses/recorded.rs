//! Sorts what services noted by the value it is about.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Check;
use super::OtherError;
use super::claim::{Namespace, compared};
use super::identity::Identities;
use super::message::{ErrorRecord, records};
use super::side::party;
use crate::domain::recipient::Recipient;

/// What a service noted about a value.
pub(super) struct Recorded {
    pub(super) identity: usize,
    pub(super) recipient: usize,
    pub(super) check: Check,
    /// The name by which the message knows the holder.
    pub(super) holder: Option<String>,
    pub(super) record: ErrorRecord,
    pub(super) at: Option<DateTime<Utc>>,
    pub(super) pointer: String,
}

impl Recorded {
    /// The name by which the message knows the holder.
    pub(super) fn holder(&self) -> Option<&str> {
        self.holder.as_deref()
    }
}

/// What services noted, by the value it is about.
type ByValue = HashMap<(Namespace, String), Vec<Recorded>>;

/// What services noted that is not resolved: by the value it is about, and what names none.
pub(super) fn recorded(recipients: &[&Recipient], identities: &Identities) -> (ByValue, Vec<OtherError>) {
    let mut found = ByValue::new();
    let mut others = Vec::new();
    for (number, recipient) in recipients.iter().enumerate() {
        let Some(identity) = identities.of.get(number).copied() else { continue };
        for error in recipient.errors.iter().filter(|error| !error.resolved) {
            let mut note = |key, check, holder, record| {
                found.entry(key).or_default().push(Recorded {
                    identity,
                    recipient: number,
                    check,
                    holder,
                    record,
                    at: error.at,
                    pointer: error.pointer.clone(),
                });
            };
            // The directory's own check names the property and the value, and never the holder.
            let property = error.service.to_ascii_lowercase();
            match property.as_str() {
                "userprincipalname" | "proxyaddress" | "proxyaddresses" | "sipproxyaddress" | "mail" => {
                    let key = match property.as_str() {
                        "userprincipalname" => (Namespace::PrincipalName, error.detail.trim().to_lowercase()),
                        _ => compared(&error.detail),
                    };
                    let record = ErrorRecord {
                        code: "PropertyConflict".to_owned(),
                        parameters: vec![error.service.clone()],
                        description: format!("{}: {}", error.service, error.detail),
                    };
                    note(key, Check::Directory, None, record);
                }
                _ => {
                    for record in records(error).into_iter().filter(|record| !record.is_wrapper()) {
                        match record.conflict() {
                            Some(conflict) => {
                                note(compared(&conflict.address), Check::Exchange, conflict.holder, record)
                            }
                            None => others.push(OtherError {
                                party: party(recipients, &[number]),
                                service: error.service.clone(),
                                holder: record.names_holder(),
                                code: record.code,
                                description: record.description,
                                at: error.at,
                                evidence: recipient.evidence("error", &error.pointer, error.detail.as_str()),
                            }),
                        }
                    }
                }
            }
        }
    }
    (found, others)
}
