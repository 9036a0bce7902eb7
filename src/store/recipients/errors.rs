//! Reads what directories and services noted as wrong with an object.

use crate::domain::Json;
use crate::domain::json::escape_pointer;
use crate::domain::snapshot::ProvisioningError;
use crate::store::dates::read_date;

use super::fields::{DIRECTORY_ERRORS, Fields, SERVICE_ERRORS};

/// Reads the errors on an object. The text of each is kept as it stands, whatever it is.
pub(super) fn read_errors(fields: &mut Fields<'_>) -> Vec<ProvisioningError> {
    let mut errors = Vec::new();
    for field in [DIRECTORY_ERRORS, SERVICE_ERRORS] {
        let Some((_, value)) = fields.take(field) else { continue };
        let (inside, items) = match value {
            Json::List(items) => ("", items.as_slice()),
            value if value.has("value") => ("/value", value.get("value").items()),
            single => ("", std::slice::from_ref(single)),
        };
        if !inside.is_empty() {
            fields.stands_inside(field, inside);
        }
        for (index, item) in items.iter().enumerate().filter(|(_, item)| !item.says_nothing()) {
            let mut pointer = format!("/{}", field.0);
            if matches!(value, Json::List(_)) || !inside.is_empty() {
                pointer.push_str(&format!("/{}", escape_pointer(&index.to_string())));
            }
            errors.push(read_error(item, pointer));
        }
    }
    errors
}

fn read_error(item: &Json, pointer: String) -> ProvisioningError {
    let member =
        |name: &str| item.members().iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let said = |names: &[&str]| {
        names.iter().filter_map(|name| member(name)).find(|value| !value.says_nothing()).map(Json::quoted)
    };
    let detail = said(&["errorDetail", "value", "propertyValue"]).or_else(|| item.text().map(str::to_owned));
    let resolved = member("isResolved").or(member("resolved")).and_then(Json::bool);
    ProvisioningError {
        service: said(&["serviceInstance", "service", "propertyCausingError"]).unwrap_or_default(),
        detail: detail.unwrap_or_default(),
        at: said(&["createdDateTime", "occurredDateTime", "timestamp", "whenStarted"]).as_deref().and_then(read_date),
        resolved: resolved.unwrap_or(false),
        pointer,
    }
}
