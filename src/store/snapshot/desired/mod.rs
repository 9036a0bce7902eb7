//! Reads configurations of Microsoft365DSC: the PowerShell that it exports (`text`), and its report in JSON.
//!
//! Such a configuration says what a tenant is to be, names people, groups, roles and places where Graph has ids, and flattens policies.
//! Pointers into the PowerShell name the resource type, its number among those of its type from 0, and the property:
//! `/AADConditionalAccessPolicy/2/IncludeUsers/0`.

mod convert;
mod text;

use std::collections::BTreeMap;

use crate::domain::json::Json;
use crate::store::inventory::Problem;

use super::export::Export;

/// A resource of a configuration.
#[derive(Debug, PartialEq)]
struct Resource {
    /// Its type (`AADConditionalAccessPolicy`).
    kind: String,
    /// Its properties, with names as written.
    properties: Vec<(String, Json)>,
    /// Where it stands.
    at: String,
}

/// Whether a text is such a configuration: it imports the module, or declares a resource of it for Entra.
pub(super) fn looks_like(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        let is_import = line.get(..18).is_some_and(|word| word.eq_ignore_ascii_case("Import-DscResource"));
        let opens = line.contains('{') || lines.peek().is_some_and(|next| next.starts_with('{'));
        if is_import && line.contains("Microsoft365DSC") || text::is_header(line) && opens {
            return true;
        }
    }
    false
}

/// Reads a configuration in PowerShell. Nothing of it is run.
pub(super) fn read_text(source: &str) -> Export {
    let mut export = Export {
        word: "microsoft365Dsc",
        writes_names: true,
        format: "Microsoft365DSC configuration".to_owned(),
        ..Export::default()
    };
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for found in text::resources(source) {
        match found {
            Ok((kind, properties)) => {
                let number = numbers.entry(kind.clone()).or_default();
                let at = format!("/{kind}/{number}");
                *number += 1;
                convert::resource(&Resource { kind, properties, at }, &mut export);
            }
            Err(reason) => export.lose(reason),
        }
    }
    finish(export)
}

/// Reads a report in JSON; `None` when the document is none.
pub(super) fn read_json(json: &Json) -> Option<Export> {
    let is_resource = |item: &Json| item.get("ResourceName").text().is_some();
    let items = match json {
        Json::List(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    if !items.iter().any(|item| is_resource(item) && item.get("ResourceName").quoted().starts_with("AAD")) {
        return None;
    }
    let mut export = Export {
        word: "microsoft365DscReport",
        writes_names: true,
        format: "Microsoft365DSC report".to_owned(),
        ..Export::default()
    };
    for (number, item) in items.iter().enumerate().filter(|(_, item)| is_resource(item)) {
        let at = if matches!(json, Json::List(_)) { format!("/{number}") } else { String::new() };
        let kind = item.get("ResourceName").quoted();
        convert::resource(&Resource { kind, properties: item.members().to_vec(), at }, &mut export);
    }
    Some(finish(export))
}

fn finish(mut export: Export) -> Export {
    export.format = format!("{}: {} of Entra", export.format, export.count());
    let words = "the configuration says what the tenant is to be; whether it is so does not stand here";
    export.problems.push(Problem::warning(words));
    export
}
