//! Reads ROADrecon's database (`roadrecon.db`, SQLite), which holds a tenant as the retired Azure AD Graph wrote it.
//!
//! A database is told by its tables. Rows become objects of Graph's (`rows`), policies and locations, which are written in an internal
//! form, are converted (`policy`, `location`). Evidence points into a database as into JSON: the table, the number of the row from 0 in
//! the order of the table, the column, and the path within a column that holds JSON: `/Policys/3/policyDetail/0/State`. Where a value
//! of Graph's is gathered from several places, the pointer leads to what they have in common.
//!
//! INVARIANT: the database is opened for reading only. A file on disk is opened as one that does not change, so that SQLite makes no
//! file beside it; what stands only in a write-ahead log beside it is not read, and that is said.

mod location;
mod policy;
mod rows;

use std::io::Cursor;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::domain::json::Json;
use crate::store::inventory::Problem;
use crate::store::source::Bytes;

use super::export::{Export, Foreign};
use super::kinds::Kind;

/// A larger database is not unpacked into memory.
const LARGEST_IN_MEMORY: u64 = 1024 * 1024 * 1024;
/// Where a database says whether it was left with a write-ahead log, and the value that says so.
const VERSIONS: std::ops::Range<usize> = 18..20;
const WRITE_AHEAD: u8 = 2;

/// The policy types that are read (ROADtools, policies plugin).
const CONDITIONAL_ACCESS: i64 = 18;
const NAMED_LOCATION: i64 = 6;
const STRENGTH: i64 = 44;

/// Reads a database: `Ok(None)` when it is none of ROADrecon's. `name` is the path of a file on disk.
///
/// Fails when the database cannot be opened or read at all, in words.
pub(super) fn read(name: &str, bytes: &Bytes) -> Result<Option<Export>, String> {
    let (database, is_write_ahead) = open(name, bytes)?;
    let tables = rows::tables(&database)?;
    if !is_roadrecon(&tables) {
        return Ok(None);
    }
    let has = |table: &str| tables.iter().any(|held| held == table);
    let mut export = Export { word: "roadrecon", format: "ROADrecon database".to_owned(), ..Export::default() };
    if is_write_ahead {
        let words =
            "the database was left with a write-ahead log: what stands only in the file `-wal` beside it is not read";
        export.problems.push(Problem::warning(words));
    }
    for (table, kind) in rows::OBJECTS {
        if has(table) {
            rows::read_objects(&database, table, kind, &mut export);
        }
    }
    if has("TenantDetails") {
        read_domains(&database, &mut export);
    }
    let links =
        tables.iter().filter(|table| table.starts_with("lnk_group_member_") || table.starts_with("lnk_role_member_"));
    rows::read_members(&database, links, &mut export);
    if has("Policys") {
        read_policies(&database, &mut export);
    }
    export.format = format!("ROADrecon database: {}", export.count());
    Ok(Some(export))
}

/// Whether a database is one of ROADrecon's. Fails when it cannot be opened, in words.
pub(super) fn looks_like(name: &str, bytes: &Bytes) -> Result<bool, String> {
    let (database, _) = open(name, bytes)?;
    Ok(is_roadrecon(&rows::tables(&database)?))
}

fn is_roadrecon(tables: &[String]) -> bool {
    let has = |table: &str| tables.iter().any(|held| held == table);
    has("TenantDetails") && has("Users") || has("Policys") && has("ServicePrincipals")
}

/// Opens a database for reading, and says whether it was left with a write-ahead log.
fn open(name: &str, bytes: &Bytes) -> Result<(Connection, bool), String> {
    let head = bytes.read(0, VERSIONS.end).map_err(|error| error.to_string())?;
    let is_write_ahead = head.get(VERSIONS).is_some_and(|versions| versions.contains(&WRITE_AHEAD));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let on_disk = match bytes {
        Bytes::OnDisk { .. } => {
            std::path::absolute(Path::new(name)).ok().and_then(|path| url::Url::from_file_path(path).ok())
        }
        _ => None,
    };
    let database = match on_disk {
        Some(mut address) => {
            address.set_query(Some("mode=ro&immutable=1"));
            Connection::open_with_flags(address.as_str(), flags)
        }
        None => in_memory(bytes)?,
    };
    let database = database.map_err(|error| format!("cannot be opened as an SQLite database: {error}"))?;
    // A database may carry views and triggers of its own; none of them is run.
    let is_safe = database.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false);
    is_safe.map_err(|error| format!("cannot be opened as an SQLite database: {error}"))?;
    Ok((database, is_write_ahead))
}

/// Opens a database that lies in memory, as a member of a zip does.
fn in_memory(bytes: &Bytes) -> Result<rusqlite::Result<Connection>, String> {
    if bytes.len() > LARGEST_IN_MEMORY {
        return Err("is larger than 1 GiB: unpack it first, a database on disk may be of any size".to_owned());
    }
    let length = usize::try_from(bytes.len()).map_err(|error| error.to_string())?;
    let mut content = bytes.read(0, length).map_err(|error| error.to_string())?;
    // A database in memory has no log beside it, and SQLite opens none that says it has.
    for version in content.get_mut(VERSIONS).into_iter().flatten() {
        *version = (*version).min(1);
    }
    let length = content.len();
    let opened = Connection::open_in_memory().and_then(|mut database| {
        database.deserialize_read_exact("main", Cursor::new(content), length, true)?;
        Ok(database)
    });
    Ok(opened)
}

/// Reads the tenant's domains, which are a list in the row of the tenant.
fn read_domains(database: &Connection, export: &mut Export) {
    let read = rows::each(database, "TenantDetails", &["verifiedDomains"], &mut |number, row| {
        for (index, domain) in row.get("verifiedDomains").items().iter().enumerate() {
            let mut found = Foreign::new(Kind::Domain, format!("/TenantDetails/{number}/verifiedDomains/{index}"));
            for (name, graph) in [("name", "/id"), ("type", "/authenticationType"), ("initial", "/isInitial")] {
                found.put(graph, domain.get(name).clone(), &format!("/{name}"));
            }
            export.objects.push(found);
        }
    });
    if let Err(reason) = read {
        export.lose(reason);
    }
}

/// Reads policies, named locations and authentication strengths, which share one table.
fn read_policies(database: &Connection, export: &mut Export) {
    let mut found: Vec<Kind> = Vec::new();
    let mut objects = Vec::new();
    let mut lost = Vec::new();
    let read = rows::each(database, "Policys", &[], &mut |number, row| {
        let at = format!("/Policys/{number}");
        let object = match row.get("policyType").int() {
            Some(CONDITIONAL_ACCESS) => Ok(Some(policy::read(row, &at))),
            Some(NAMED_LOCATION) => location::read(row, &at),
            Some(STRENGTH) => Ok(strength(row, &at)),
            // Versions that gather from Microsoft Graph keep its own form.
            None if row.has("conditions") && row.has("grantControls") => {
                Ok(Some(Foreign { json: row.clone(), ..Foreign::new(Kind::Policy, at) }))
            }
            _ => Ok(None),
        };
        match object {
            Ok(Some(object)) => {
                if !found.contains(&object.kind) {
                    found.push(object.kind);
                }
                objects.push(object);
            }
            Ok(None) => {}
            Err(reason) => lost.push(format!("`/Policys/{number}`: {reason}")),
        }
    });
    export.objects.append(&mut objects);
    lost.into_iter().for_each(|reason| export.lose(reason));
    match read {
        Ok(()) => found.into_iter().for_each(|kind| export.holds_all(kind)),
        Err(reason) => export.lose(reason),
    }
}

/// Reads an authentication strength; the default row that holds none is nothing.
fn strength(row: &Json, at: &str) -> Option<Foreign> {
    let detail = policy::details(row).into_iter().next()?;
    let combinations = detail.get("allowedCombinations");
    if combinations.says_nothing() {
        return None;
    }
    let mut strength = Foreign::new(Kind::AuthenticationStrength, at);
    strength.put("/id", row.get("objectId").clone(), "/objectId");
    strength.put("/displayName", row.get("displayName").clone(), "/displayName");
    let at = "/policyDetail/0/allowedCombinations";
    let words = combinations.items().iter().filter_map(Json::text);
    let joined =
        words.map(|words| words.split(',').map(|word| policy::camel(word.trim())).collect::<Vec<_>>().join(","));
    strength.put("/allowedCombinations", super::export::list(joined), at);
    let narrowing = detail.get("combinationConfigurations").clone();
    strength.put("/combinationConfigurations", narrowing, "/policyDetail/0/combinationConfigurations");
    Some(strength)
}
