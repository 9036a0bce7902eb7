//! Reads directory audit events (Graph `directoryAudits`, diagnostic settings of category AuditLogs, Log Analytics `AuditLogs`) into
//! the changes that sign-ins are explained with.
//!
//! A change of a Conditional Access policy carries the whole policy before and after as JSON in a text, without the keys that are null
//! (Panther Labs' rules `azure_policy_changed`, made from real events). Core Directory logs the same change once more as "Update
//! policy" and without a text; that twin has another name and is left out. Who came into a group stands in the first target, the
//! group in `Group.ObjectID` of its modified properties and as a target of its own (learn.microsoft.com, list directoryAudits).

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::evidence::Renames;
use crate::domain::history::{Area, Change, Membership, Named, Version, What};
use crate::domain::json::escape_pointer;
use crate::domain::snapshot::NamedLocation;
use crate::domain::{Json, Origin, Policy};

use super::canonical::{graph_spelling, graph_spelling_at};
use super::dates::read_date;
use super::log_analytics;
use super::record::{named, read_json};
use super::snapshot::{read_location, read_policy};
use super::wrapped;

/// An audit event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When it was.
    pub at: DateTime<Utc>,
    /// What was done, in the log's words.
    pub activity: String,
    /// The change that it tells, when it is one that sign-ins are explained with and it came through.
    pub change: Option<Change>,
    /// The word of its format.
    pub format: &'static str,
    /// The tenant that it is of, in lower case, where it says.
    pub tenant: Option<String>,
    /// What an export that holds it was not filtered to leave out.
    pub areas: Vec<Area>,
}

/// Whether an object is an audit event, in any of the shapes.
pub fn is_event(json: &Json) -> bool {
    let has = |name: &str| named(json, name).is_some();
    let is_wrapped = has("properties")
        && named(json, "category")
            .and_then(|(_, word)| word.text())
            .is_some_and(|word| word.eq_ignore_ascii_case("AuditLogs"));
    is_wrapped || has("targetResources") && (has("activityDisplayName") || has("operationName"))
}

/// Whether columns are those of audit events in Log Analytics.
pub fn has_columns<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let names: Vec<&str> = names.map(log_analytics::bare).collect();
    let has = |name: &str| names.iter().any(|held| held.eq_ignore_ascii_case(name));
    has("TargetResources") && (has("OperationName") || has("ActivityDisplayName"))
}

/// Reads an audit event, also one that lies in an event of another program.
///
/// Fails when it has no time that can be read.
pub fn read_event(mut json: Json, file: &Arc<str>, number: u64) -> Result<Event, String> {
    let mut base = String::new();
    while !is_event(&json) && wrapped::is_wrapping(&json) {
        let wrapping = wrapped::open(&mut json).map_err(|refusal| refusal.to_string())?;
        base.push_str(&wrapping.pointer());
        json = wrapping.inner(&mut json).map_or(Json::Null, |inner| std::mem::replace(inner, Json::Null));
    }
    let json = &with_bare_names(json);
    let (event, renames, format) = opened(json);
    let renames = renames.under(&base);
    let text = |name: &str| event.get(name).text().filter(|text| !text.is_empty());
    let outer = |name: &str| named(json, name).and_then(|(_, value)| value.text()).filter(|text| !text.is_empty());
    let at = ["activityDateTime", "time", "timeGenerated"]
        .into_iter()
        .find_map(|name| text(name).or_else(|| outer(name)).and_then(read_date))
        .ok_or("the audit event has no time that can be read")?;
    let mut renames = renames;
    let activity = text("activityDisplayName").or_else(|| {
        // Log Analytics and old envelopes name it as the operation.
        let (written, value) = named(json, "operationName")?;
        renames.add("/activityDisplayName", format!("/{}", escape_pointer(written)));
        value.text()
    });
    let activity = activity.unwrap_or_default().to_owned();
    let result = text("result").or_else(|| outer("resultType"));
    let is_success = |result: &str| ["success", "0", "none"].iter().any(|word| result.eq_ignore_ascii_case(word));
    let origin = Origin { file: Arc::clone(file), record: Some(number), renames, ..Origin::default() };
    let reading = Reading { event: &event, origin: &origin, activity: &activity };
    let what = match result {
        Some(result) if is_success(result) => reading.what(),
        Some(_) => None,
        // Whether it came through is not told: of a text nothing is known then, and the rest cannot count.
        None => reading.what().and_then(What::in_doubt),
    };
    let by = by(event.get("initiatedBy"));
    let tenant = tenant_of(json, &event);
    let change = what.map(|what| Change {
        at,
        since: None,
        by,
        activity: activity.clone(),
        tenant: tenant.clone(),
        what,
        origin,
    });
    let areas = match text("category").map(str::to_ascii_lowercase).as_deref() {
        Some("policy") => vec![Area::Policies],
        Some("groupmanagement" | "rolemanagement") => vec![Area::Members],
        Some("usermanagement") => vec![Area::Users],
        Some(_) => Vec::new(),
        // Without categories nothing can have been filtered by them.
        None => Area::ALL.to_vec(),
    };
    Ok(Event { at, activity, change, format, tenant, areas })
}

/// The columns of Log Analytics carry the zone in their names.
fn with_bare_names(json: Json) -> Json {
    match json {
        Json::Object(members) => Json::Object(
            members.into_iter().map(|(name, value)| (log_analytics::bare(&name).to_owned(), value)).collect(),
        ),
        other => other,
    }
}

/// Brings an event to Graph's spelling: out of its envelope, and with what exports write as JSON in a text opened.
fn opened(json: &Json) -> (Json, Renames, &'static str) {
    let (inner, base, format) = match named(json, "properties") {
        Some((name, properties @ Json::Object(_))) => (properties, format!("/{name}"), "diagnosticAudits"),
        _ if named(json, "operationName").is_some() => (json, String::new(), "logAnalyticsAudits"),
        _ => (json, String::new(), "directoryAudits"),
    };
    let mut inner = inner.clone();
    if let Json::Object(members) = &mut inner {
        let nested = ["targetResources", "initiatedBy", "additionalDetails"];
        for (_, value) in
            members.iter_mut().filter(|(name, _)| nested.iter().any(|known| known.eq_ignore_ascii_case(name)))
        {
            if let Some(Ok(parsed)) = value.text().map(|text| read_json(text.as_bytes())) {
                *value = parsed;
            }
        }
    }
    let (event, renames) = graph_spelling(inner);
    (event, renames.under(&base), format)
}

/// The tenant that an event is of: as the envelope, the row or the resource's path names it.
fn tenant_of(json: &Json, event: &Json) -> Option<String> {
    let named_id =
        |name: &str| named(json, name).and_then(|(_, value)| value.text()).or_else(|| event.get(name).text());
    // `TenantId` of Log Analytics is the workspace.
    let is_row = named(json, "properties").is_none();
    let of_path =
        |path: &str| path.split("/tenants/").nth(1).and_then(|rest| rest.split('/').next()).map(str::to_owned);
    let path = named_id("resourceId").and_then(of_path);
    let own = if is_row { named_id("aadTenantId") } else { named_id("tenantId") }.map(str::to_owned);
    path.or(own).map(|id| id.to_ascii_lowercase()).filter(|id| !id.is_empty())
}

/// Who did it.
fn by(initiated: &Json) -> Option<String> {
    let (user, app) = (initiated.get("user"), initiated.get("app"));
    let names = [
        user.get("userPrincipalName"),
        user.get("displayName"),
        app.get("displayName"),
        user.get("id"),
        app.get("appId"),
    ];
    names.into_iter().find_map(|name| name.text().filter(|name| !name.is_empty())).map(str::to_owned)
}

/// An event while it is read.
struct Reading<'a> {
    event: &'a Json,
    origin: &'a Origin,
    activity: &'a str,
}

impl Reading<'_> {
    /// What it changed, if it is one of the kinds that are read.
    fn what(&self) -> Option<What> {
        let activity = self.activity.trim_end_matches('.').to_ascii_lowercase();
        let user = || self.target("user", 0).map(|(_, target)| principal(target));
        match activity.as_str() {
            "reset user password" | "reset password (by admin)" => {
                user().map(|user| What::Password { user, is_reset: true })
            }
            "change user password" | "change password (self-service)" | "reset password (self-service)" => {
                user().map(|user| What::Password { user, is_reset: false })
            }
            "update stsrefreshtokenvalidfrom timestamp" => user().map(|user| What::Revocation { user }),
            "add member to group" => self.membership("Group", true),
            "remove member from group" => self.membership("Group", false),
            "add member to role" => self.membership("Role", true),
            "remove member from role" => self.membership("Role", false),
            activity if activity.ends_with("conditional access policy") => {
                let target = self.event.get("targetResources").items().first()?;
                let read = |json: &Json, origin| read_policy(json, origin).ok().map(|read| read.policy);
                let (before, after) = self.versions::<Policy>(activity, read);
                let id =
                    id_of(target, [&before, &after].map(|version| version.text().map(|policy| policy.id.as_str())))?;
                let names = [&after, &before].map(|version| version.text().map(|policy| policy.display_name.clone()));
                let name =
                    names.into_iter().flatten().next().or_else(|| said(target.get("displayName"))).unwrap_or_default();
                Some(What::Policy { id, name, before, after })
            }
            activity if activity.ends_with("named location") => {
                let target = self.event.get("targetResources").items().first()?;
                let read = |json: &Json, origin| read_location(json, origin, &mut Vec::new()).ok();
                let (before, after) = self.versions::<NamedLocation>(activity, read);
                let id = id_of(target, [&before, &after].map(|version| version.text().map(|place| place.id.as_str())))?;
                let names = [&after, &before].map(|version| version.text().map(|place| place.display_name.clone()));
                let name =
                    names.into_iter().flatten().next().or_else(|| said(target.get("displayName"))).unwrap_or_default();
                Some(What::NamedLocation { id, name, before, after })
            }
            _ => None,
        }
    }

    /// The target of that type, or else the one at that place.
    fn target(&self, kind: &str, place: usize) -> Option<(usize, &Json)> {
        let targets = self.event.get("targetResources").items();
        let is_kind = |target: &Json| target.get("type").text().is_some_and(|word| word.eq_ignore_ascii_case(kind));
        let found = targets.iter().enumerate().find(|(_, target)| is_kind(target));
        found.or_else(|| Some((place, targets.get(place)?)))
    }

    /// The texts before and after, as they stand in the one modified property that holds an object.
    fn versions<T>(&self, activity: &str, read: impl Fn(&Json, Origin) -> Option<T>) -> (Version<T>, Version<T>) {
        let properties =
            self.event.get("targetResources").items().first().map(|target| target.get("modifiedProperties"));
        let properties = properties.map(Json::items).unwrap_or_default().iter().enumerate();
        let mut found = (Version::Unread, Version::Unread);
        for (index, property) in properties {
            let side = |name: &str| {
                let text = property.get(name).text()?;
                let json = read_json(text.as_bytes()).ok().filter(|json| matches!(json, Json::Object(_)))?;
                let at = format!("/targetResources/0/modifiedProperties/{index}/{name}");
                let (json, renames) = graph_spelling_at(json, &self.origin.renames.to_file(&at));
                Some(read(&json, Origin { renames, ..self.origin.clone() }))
            };
            let version = |side: Option<T>| side.map_or(Version::Unread, |text| Version::Text(Box::new(text)));
            match (side("oldValue"), side("newValue")) {
                (None, None) => {}
                (old, new) => {
                    found = (version(old.flatten()), version(new.flatten()));
                    break;
                }
            }
        }
        if activity.starts_with("add ") {
            found.0 = Version::Absent;
        } else if activity.starts_with("delete ") {
            found.1 = Version::Absent;
        }
        found
    }

    /// Who came into a group or role, or left it.
    fn membership(&self, holder: &str, is_added: bool) -> Option<What> {
        let targets = self.event.get("targetResources").items();
        // A group that came into a group is a target of the same type; the property tells which of the two is the holder.
        let property = |name: &str| {
            let name = format!("{holder}.{name}");
            let properties = targets.iter().flat_map(|target| target.get("modifiedProperties").items());
            let mut found =
                properties.filter(|one| one.get("displayName").text().is_some_and(|is| is.eq_ignore_ascii_case(&name)));
            found.find_map(|one| unquoted(one.get("newValue")).or_else(|| unquoted(one.get("oldValue"))))
        };
        let is_role = holder == "Role";
        let id = if is_role { property("TemplateId") } else { property("ObjectID") };
        let is_holder = |target: &&Json| {
            let own = target.get("id").text().unwrap_or_default();
            match property("ObjectID") {
                Some(id) => own.eq_ignore_ascii_case(&id),
                None => target.get("type").text().is_some_and(|word| word.eq_ignore_ascii_case(holder)),
            }
        };
        let of_target = targets.iter().find(is_holder);
        // A role is known to policies by its template; the object id alone would be taken for one.
        let id = id.or_else(|| of_target.filter(|_| !is_role).and_then(|target| said(target.get("id"))))?;
        let name = property("DisplayName").or_else(|| of_target.and_then(|target| said(target.get("displayName"))));
        let member = targets.iter().find(|target| !is_holder(target)).map(principal)?;
        let holder = Named { id, name: name.unwrap_or_default() };
        Some(What::Member(Membership { holder, is_role, member, is_added }))
    }
}

impl<T> Version<T> {
    fn text(&self) -> Option<&T> {
        match self {
            Version::Text(text) => Some(text),
            Version::Absent | Version::Unread => None,
        }
    }
}

/// A principal as a target names it.
fn principal(target: &Json) -> Named {
    let name = said(target.get("userPrincipalName")).or_else(|| said(target.get("displayName")));
    Named { id: said(target.get("id")).unwrap_or_default(), name: name.unwrap_or_default() }
}

fn id_of(target: &Json, texts: [Option<&str>; 2]) -> Option<String> {
    said(target.get("id")).or_else(|| texts.into_iter().flatten().next().map(str::to_owned))
}

fn said(json: &Json) -> Option<String> {
    json.text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A value that is written as JSON in a text: `"\"value\""`.
fn unquoted(json: &Json) -> Option<String> {
    let text = said(json)?;
    let inner = match read_json(text.as_bytes()) {
        Ok(Json::Text(inner)) => inner,
        Ok(Json::List(items)) => items.first().and_then(Json::text)?.to_owned(),
        _ => text,
    };
    Some(inner).filter(|inner| !inner.is_empty())
}
