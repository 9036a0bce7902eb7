//! Reads the rows of ROADrecon's tables.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::domain::json::Json;

use super::super::export::{Export, Foreign};
use super::super::kinds::Kind;
use super::super::pieces::{Relation, Whole};

/// The tables whose rows are objects.
pub(super) const OBJECTS: [(&str, Kind); 10] = [
    ("TenantDetails", Kind::Organization),
    ("Users", Kind::User),
    ("Groups", Kind::Group),
    ("Devices", Kind::Device),
    ("ServicePrincipals", Kind::ServicePrincipal),
    ("Applications", Kind::Application),
    ("DirectoryRoles", Kind::DirectoryRole),
    ("RoleDefinitions", Kind::RoleDefinition),
    ("RoleAssignments", Kind::RoleAssignment),
    ("DirectorySettings", Kind::DirectorySetting),
];

/// The columns that are read, with Graph's names. A column that a database lacks is not there.
const COLUMNS: [(&str, &str); 49] = [
    ("id", "/id"),
    ("objectId", "/id"),
    ("displayName", "/displayName"),
    ("userPrincipalName", "/userPrincipalName"),
    ("userType", "/userType"),
    ("accountEnabled", "/accountEnabled"),
    ("dirSyncEnabled", "/onPremisesSyncEnabled"),
    ("mail", "/mail"),
    ("mailNickname", "/mailNickname"),
    ("otherMails", "/otherMails"),
    ("proxyAddresses", "/proxyAddresses"),
    ("immutableId", "/onPremisesImmutableId"),
    ("lastPasswordChangeDateTime", "/lastPasswordChangeDateTime"),
    ("refreshTokensValidFromDateTime", "/signInSessionsValidFromDateTime"),
    ("provisioningErrors", "/provisioningErrors"),
    ("membershipRule", "/membershipRule"),
    ("securityEnabled", "/securityEnabled"),
    ("mailEnabled", "/mailEnabled"),
    ("groupTypes", "/groupTypes"),
    ("appId", "/appId"),
    ("appOwnerTenantId", "/appOwnerOrganizationId"),
    ("appOwnerOrganizationId", "/appOwnerOrganizationId"),
    ("servicePrincipalType", "/servicePrincipalType"),
    ("roleTemplateId", "/roleTemplateId"),
    ("templateId", "/templateId"),
    ("isBuiltIn", "/isBuiltIn"),
    ("principalId", "/principalId"),
    ("roleDefinitionId", "/roleDefinitionId"),
    ("directoryScopeId", "/directoryScopeId"),
    ("resourceScopes", "/directoryScopeId"),
    ("deviceId", "/deviceId"),
    ("deviceTrustType", "/trustType"),
    ("deviceOSType", "/operatingSystem"),
    ("deviceOSVersion", "/operatingSystemVersion"),
    ("deviceManufacturer", "/manufacturer"),
    ("deviceModel", "/model"),
    ("deviceOwnership", "/deviceOwnership"),
    ("devicePhysicalIds", "/physicalIds"),
    ("systemLabels", "/systemLabels"),
    ("values", "/values"),
    ("trustType", "/trustType"),
    ("operatingSystem", "/operatingSystem"),
    ("operatingSystemVersion", "/operatingSystemVersion"),
    ("isCompliant", "/isCompliant"),
    ("isManaged", "/isManaged"),
    ("isRooted", "/isRooted"),
    ("profileType", "/profileType"),
    ("enrollmentProfileName", "/enrollmentProfileName"),
    ("mdmAppId", "/mdmAppId"),
];

/// Columns that SQLite keeps as 0 and 1.
const FLAGS: [&str; 8] = [
    "accountEnabled",
    "dirSyncEnabled",
    "securityEnabled",
    "mailEnabled",
    "isBuiltIn",
    "isCompliant",
    "isManaged",
    "isRooted",
];

/// The tables of a database. Views are left out: what they would run is not known.
pub(super) fn tables(database: &Connection) -> Result<Vec<String>, String> {
    let words = |error: rusqlite::Error| format!("cannot be read as an SQLite database: {error}");
    let mut statement = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name")
        .map_err(words)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0)).map_err(words)?;
    names.collect::<Result<Vec<String>, _>>().map_err(words)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Reads the rows of a table with the columns of those names, all when none are named, and hands each over with its number. Fails
/// where the table cannot be read further; what was handed over before stays.
pub(super) fn each(
    database: &Connection,
    table: &str,
    wanted: &[&str],
    take: &mut dyn FnMut(u64, &Json),
) -> Result<(), String> {
    let words = |error: rusqlite::Error| format!("table `{table}` cannot be read to its end: {error}");
    let all = database.prepare(&format!("SELECT * FROM {} LIMIT 0", quoted(table))).map_err(words)?;
    let held: Vec<String> = all.column_names().map(str::to_owned).collect();
    let columns: Vec<&String> =
        held.iter().filter(|name| wanted.is_empty() || wanted.contains(&name.as_str())).collect();
    if columns.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
    let mut statement =
        database.prepare(&format!("SELECT {} FROM {}", list.join(", "), quoted(table))).map_err(words)?;
    let mut rows = statement.query([]).map_err(words)?;
    let mut number = 0;
    while let Some(row) = rows.next().map_err(words)? {
        let cells = columns.iter().enumerate();
        let members =
            cells.map(|(at, name)| ((*name).clone(), row.get_ref(at).map_or(Json::Null, |cell| value(name, cell))));
        take(number, &Json::Object(members.collect()));
        number += 1;
    }
    Ok(())
}

/// A cell as JSON. Columns of lists and objects hold JSON as text.
fn value(name: &str, cell: ValueRef<'_>) -> Json {
    match cell {
        ValueRef::Null | ValueRef::Blob(_) => Json::Null,
        ValueRef::Integer(number) if FLAGS.contains(&name) && (0..=1).contains(&number) => Json::Bool(number == 1),
        ValueRef::Integer(number) => Json::Number(number.into()),
        ValueRef::Real(number) => serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number),
        ValueRef::Text(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            let is_json = text.starts_with(['[', '{', '"']) || text == "null";
            let read = if is_json { serde_json::from_str(&text).ok() } else { None };
            read.unwrap_or_else(|| Json::Text(text.into_owned()))
        }
    }
}

/// Reads a table whose rows are objects.
pub(super) fn read_objects(database: &Connection, table: &str, kind: Kind, export: &mut Export) {
    let wanted = COLUMNS.map(|(name, _)| name);
    let mut objects = Vec::new();
    let read = each(database, table, &wanted, &mut |number, row| {
        let mut object = Foreign::new(kind, format!("/{table}/{number}"));
        for (name, graph) in COLUMNS {
            let value = match (name, row.get(name)) {
                // An assignment's scope is the first of a list; several have never been seen, and are no tenant scope.
                ("resourceScopes", Json::List(scopes)) if scopes.len() == 1 => {
                    scopes.first().cloned().unwrap_or(Json::Null)
                }
                (_, value) => value.clone(),
            };
            if !object.json.has(graph.trim_start_matches('/')) {
                object.put(graph, value, &format!("/{name}"));
            }
        }
        objects.push(object);
    });
    let is_empty = objects.is_empty();
    export.objects.append(&mut objects);
    match read {
        // A table without a row was not gathered.
        Ok(()) if !is_empty => export.holds_all(kind),
        Ok(()) => {}
        Err(reason) => export.lose(reason),
    }
}

/// Reads who is in which group and who holds which role. When the tables hold anybody at all, they hold everybody: ROADrecon gathers the
/// direct members of all groups.
pub(super) fn read_members<'a>(database: &Connection, tables: impl Iterator<Item = &'a String>, export: &mut Export) {
    let mut lists: [Option<bool>; 2] = [None, None];
    for table in tables {
        let is_role = table.starts_with("lnk_role_");
        let owner = if is_role { "DirectoryRole" } else { "Group" };
        let mut members = Vec::new();
        let read = each(database, table, &[], &mut |number, row| {
            let member = row.members().iter().find(|(name, _)| name != owner).and_then(|(_, value)| value.text());
            let (Some(of), Some(member)) = (row.get(owner).text(), member) else { return };
            let id = std::sync::Arc::from(of);
            let relation = if is_role { Relation::RoleMember(id) } else { Relation::GroupMember(id) };
            let at = format!("/{table}/{number}");
            let json = Json::Text(member.to_owned());
            let object = Foreign { relation, json, ..Foreign::new(Kind::DirectoryObject, at) };
            members.push(object);
        });
        if let Err(reason) = &read {
            export.lose(reason.clone());
        }
        let [groups, roles] = &mut lists;
        let whole = if is_role { roles } else { groups };
        if !members.is_empty() || read.is_err() {
            *whole = Some(whole.unwrap_or(true) && read.is_ok());
        }
        export.objects.append(&mut members);
    }
    let [groups, roles] = lists;
    let owners: Vec<Whole> = export
        .objects
        .iter()
        .filter_map(|object| {
            let id = std::sync::Arc::from(object.json.get("id").text()?);
            match object.kind {
                Kind::Group if groups == Some(true) => Some(Relation::GroupMember(id)),
                Kind::DirectoryRole if roles == Some(true) => Some(Relation::RoleMember(id)),
                _ => None,
            }
        })
        .map(|relation| Whole { kind: Kind::DirectoryObject, relation, is_open: false })
        .collect();
    export.wholes.extend(owners);
}
