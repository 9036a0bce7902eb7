//! Reads tables (CSV): who is in which group, and the policies as Microsoft-Extractor-Suite writes them.
//!
//! A table is told by its heading. Pointers name the row, counted from 0 below the heading, and the column: `/3/IncludeUsers`.

use std::collections::{HashMap, HashSet};

use csv::{ReaderBuilder, StringRecord};

use crate::domain::json::Json;
use crate::store::inventory::Problem;

use super::export::{Export, Foreign, list};
use super::is_guid;
use super::kinds::Kind;
use super::pieces::Relation;

/// What a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// Who is in which group.
    GroupMembers,
    /// Policies, flattened.
    Policies,
}

/// Columns that name the group, and columns that name the member: by id, then by name; in lower case without other signs.
const GROUP: [&str; 6] = ["groupid", "groupobjectid", "group", "groupdisplayname", "groupname", "groupmailnickname"];
const MEMBER: [&str; 15] = [
    "memberid",
    "memberobjectid",
    "userid",
    "userobjectid",
    "objectid",
    "id",
    "userprincipalname",
    "memberuserprincipalname",
    "upn",
    "memberupn",
    "member",
    "membername",
    "memberdisplayname",
    "displayname",
    "user",
];
/// How many of them tell that a table is one of members; what else is called by its name may be anything.
const TELLING: usize = 13;
/// Columns that call the group by a name, and columns that hold a user's principal name.
const GROUP_NAMES: [&str; 2] = ["groupdisplayname", "groupname"];
const PRINCIPAL_NAMES: [&str; 4] = ["userprincipalname", "memberuserprincipalname", "upn", "memberupn"];
/// The column that says how many members the group has in all.
const COUNT: &str = "MemberCount";
/// Columns of tables of recipients, which other readers take.
const RECIPIENTS: [&str; 5] =
    ["proxyaddresses", "emailaddresses", "primarysmtpaddress", "recipienttype", "recipienttypedetails"];
/// Columns that only the policies of Microsoft-Extractor-Suite have together.
const POLICIES: [&str; 5] =
    ["includeapplications", "excludegroups", "clientapptypes", "grantoperator", "signinfrequency"];

/// The lists of a policy: the column and where Graph has it.
const LISTS: [(&str, &str); 20] = [
    ("IncludeUsers", "/conditions/users/includeUsers"),
    ("ExcludeUsers", "/conditions/users/excludeUsers"),
    ("IncludeGroups", "/conditions/users/includeGroups"),
    ("ExcludeGroups", "/conditions/users/excludeGroups"),
    ("IncludeRoles", "/conditions/users/includeRoles"),
    ("ExcludeRoles", "/conditions/users/excludeRoles"),
    ("IncludeApplications", "/conditions/applications/includeApplications"),
    ("ExcludeApplications", "/conditions/applications/excludeApplications"),
    ("ClientAppTypes", "/conditions/clientAppTypes"),
    ("IncludePlatforms", "/conditions/platforms/includePlatforms"),
    ("ExcludePlatforms", "/conditions/platforms/excludePlatforms"),
    ("IncludeLocations", "/conditions/locations/includeLocations"),
    ("ExcludeLocations", "/conditions/locations/excludeLocations"),
    ("UserRiskLevels", "/conditions/userRiskLevels"),
    ("SignInRiskLevels", "/conditions/signInRiskLevels"),
    ("ServicePrincipalRiskLevels", "/conditions/servicePrincipalRiskLevels"),
    ("IncludeDeviceStates", "/conditions/devices/includeDeviceStates"),
    ("ExcludeDeviceStates", "/conditions/devices/excludeDeviceStates"),
    ("BuiltInControls", "/grantControls/builtInControls"),
    ("TermsOfUse", "/grantControls/termsOfUse"),
];

struct Heading<'a> {
    table: Table,
    text: &'a str,
    delimiter: u8,
    names: Vec<String>,
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl<'a> Heading<'a> {
    fn of(text: &'a str) -> Option<Heading<'a>> {
        let mut text = text.trim_start_matches('\u{feff}');
        // Windows PowerShell writes the type above the heading, and Excel what parts the cells.
        while let Some((first, rest)) = text.split_once('\n') {
            let line = first.trim().trim_start_matches('"').to_ascii_lowercase();
            if !line.is_empty() && !line.starts_with("#type") && !line.starts_with("sep=") {
                break;
            }
            text = rest;
        }
        let first = text.lines().next()?;
        [b',', b';', b'\t'].into_iter().find_map(|delimiter| {
            let mut heading = StringRecord::new();
            reader(first, delimiter).read_record(&mut heading).ok().filter(|is_read| *is_read)?;
            let names: Vec<String> = heading.iter().map(|name| name.trim().to_owned()).collect();
            let has = |wanted: &str| names.iter().any(|name| plain(name) == wanted);
            let table = if POLICIES.iter().all(|name| has(name)) {
                Table::Policies
            } else if names.len() < 30
                && GROUP.iter().any(|name| has(name))
                && MEMBER.iter().take(TELLING).any(|name| has(name))
                && !RECIPIENTS.iter().any(|name| has(name))
            {
                Table::GroupMembers
            } else {
                return None;
            };
            Some(Heading { table, text, delimiter, names })
        })
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|held| plain(held) == plain(name))
    }
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// What a text holds by its heading; `None` when it is no such table.
pub(super) fn look(text: &str) -> Option<Table> {
    Heading::of(text).map(|heading| heading.table)
}

/// Reads a table; empty when the text is none.
pub(super) fn read(text: &str) -> Export {
    let Some(heading) = Heading::of(text) else { return Export::default() };
    let mut export = match heading.table {
        Table::GroupMembers => {
            Export { word: "groupMembersCsv", format: "table of group members, CSV".to_owned(), ..Export::default() }
        }
        Table::Policies => Export {
            word: "extractorSuiteCsv",
            format: "Conditional Access policies of Microsoft-Extractor-Suite, CSV".to_owned(),
            ..Export::default()
        },
    };
    let mut row = StringRecord::new();
    let mut rows = reader(heading.text, heading.delimiter);
    let mut number = 0_u64;
    let mut is_heading = true;
    let mut counts = Counts::default();
    loop {
        match rows.read_record(&mut row) {
            Ok(false) => break,
            Ok(true) if std::mem::take(&mut is_heading) => continue,
            Ok(true) => {
                let is_blank = row.iter().all(|cell| cell.trim().is_empty());
                let read = match heading.table {
                    _ if is_blank => Ok(None),
                    _ if row.len() > heading.names.len() => {
                        Err(format!("it has {} cells under {} names", row.len(), heading.names.len()))
                    }
                    Table::GroupMembers => {
                        let object = member(&heading, &row, number);
                        let stated =
                            heading.column(COUNT).and_then(|at| row.get(at)).and_then(|cell| cell.trim().parse().ok());
                        object.inspect(|object| counts.add(object, stated)).map(Some)
                    }
                    Table::Policies => Ok(Some(policy(&heading, &row, number))),
                };
                match read {
                    Ok(object) => export.objects.extend(object),
                    Err(reason) => export.lose(format!("row {number}: {reason}")),
                }
                number += 1;
            }
            Err(error) => {
                export.lose(format!("row {number} cannot be read: {error}"));
                number += 1;
                if rows.is_done() {
                    break;
                }
            }
        }
    }
    if heading.table == Table::GroupMembers {
        for object in &mut export.objects {
            let is_whole = counts.is_whole(object);
            object.put("/listsAll", Json::Bool(is_whole), "");
        }
        let parts = counts.of.keys().filter(|group| !counts.is_whole_group(group)).count();
        if parts > 0 {
            let groups = if parts == 1 { "1 group".to_owned() } else { format!("{parts} groups") };
            export.problems.push(Problem::warning(format!(
                "of {groups} the table does not tell that it lists all members: whether somebody who is not in it is a member is \
                 unknown; a column `{COUNT}` with their number would tell"
            )));
        }
    }
    if heading.table == Table::Policies && !export.objects.is_empty() {
        let words = "the table leaves out authentication flows, kinds of guests, user actions, filters for applications and \
                     authentication strengths: none of its policies can be known to apply";
        export.problems.push(Problem::warning(words));
        // The suite writes all policies of the tenant.
        export.holds_all(Kind::Policy);
    }
    export
}

/// How many members of each group the rows hold, and how many the table says there are.
#[derive(Debug, Default)]
struct Counts {
    of: HashMap<String, (HashSet<String>, Option<usize>, bool)>,
}

impl Counts {
    fn group(object: &Foreign) -> String {
        let text = |name: &str| object.json.get(name).text();
        text("groupId").or(text("groupName")).unwrap_or_default().to_ascii_lowercase()
    }

    fn add(&mut self, object: &Foreign, stated: Option<usize>) {
        let text = |name: &str| object.json.get(name).text();
        let member = text("memberId").or(text("memberName")).unwrap_or_default().to_ascii_lowercase();
        let (members, count, agrees) =
            self.of.entry(Counts::group(object)).or_insert_with(|| (HashSet::new(), stated, true));
        *agrees &= *count == stated;
        members.insert(member);
    }

    /// Whether the table holds as many members of the row's group as every row of that group says there are. Rows alone do not
    /// tell whether they are all.
    fn is_whole(&self, object: &Foreign) -> bool {
        self.is_whole_group(&Counts::group(object))
    }

    fn is_whole_group(&self, group: &str) -> bool {
        let held = self.of.get(group);
        held.is_some_and(|(members, count, agrees)| *agrees && *count == Some(members.len()))
    }
}

/// A row that says who is in which group. Of several columns the first that says something counts: ids come before names.
fn member(heading: &Heading<'_>, row: &StringRecord, number: u64) -> Result<Foreign, String> {
    let cell = |names: &[&'static str]| {
        names.iter().find_map(|name| {
            let at = heading.column(name)?;
            let cell = row.get(at)?.trim();
            (!cell.is_empty()).then_some((*name, at, cell))
        })
    };
    let (_, group_at, group) = cell(&GROUP).ok_or("it names no group")?;
    let (column, member_at, member) = cell(&MEMBER).ok_or("it names no member")?;
    let mut object = Foreign::new(Kind::GroupMembership, format!("/{number}"));
    object.relation = Relation::Itself;
    let place = |at: usize| format!("/{}", heading.names.get(at).map_or("", String::as_str));
    object.put_text(if is_guid(group) { "/groupId" } else { "/groupName" }, group, &place(group_at));
    let is_id = is_guid(member) || column.ends_with("id") && !member.contains(['@', ' ']);
    object.put_text(if is_id { "/memberId" } else { "/memberName" }, member, &place(member_at));
    // Names beside the ids say what stands behind the ids: only users have a principal name.
    let beside = [
        ("/groupDisplayName", &GROUP_NAMES[..], group_at),
        ("/userPrincipalName", &PRINCIPAL_NAMES[..], member_at),
        ("/memberDisplayName", &["displayname", "memberdisplayname"][..], member_at),
    ];
    for (graph, names, taken) in beside {
        if let Some((_, at, name)) = cell(names).filter(|(_, at, _)| *at != taken) {
            object.put_text(graph, name, &place(at));
        }
    }
    Ok(object)
}

/// A policy, as far as it is sound. What the table leaves out of every policy is unknown in each.
fn policy(heading: &Heading<'_>, row: &StringRecord, number: u64) -> Foreign {
    let mut policy = Foreign::new(Kind::Policy, format!("/{number}"));
    let cell = |name: &str| heading.column(name).and_then(|at| row.get(at)).map(str::trim).unwrap_or_default();
    for (name, graph) in [
        ("Id", "/id"),
        ("DisplayName", "/displayName"),
        ("State", "/state"),
        ("CreatedDateTime", "/createdDateTime"),
        ("ModifiedDateTime", "/modifiedDateTime"),
        ("GrantOperator", "/grantControls/operator"),
        ("DeviceFilterMode", "/conditions/devices/deviceFilter/mode"),
        ("DeviceFilterRule", "/conditions/devices/deviceFilter/rule"),
    ] {
        if !cell(name).is_empty() {
            policy.put_text(graph, cell(name), &format!("/{name}"));
        }
    }
    for (name, graph) in
        LISTS.into_iter().chain([("CustomAuthenticationFactors", "/grantControls/customAuthenticationFactors")])
    {
        let items = cell(name).split(';').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned);
        policy.put(graph, list(items), &format!("/{name}"));
    }
    const MISSING: &str = "not in this table";
    let missing = || Json::Text(MISSING.to_owned());
    policy.keep_unknown("/conditions/authenticationFlows", "transferMethods", missing(), "");
    if ["IncludeUsers", "IncludeGroups", "IncludeRoles"].iter().all(|name| cell(name).is_empty()) {
        policy.keep_unknown("/conditions/users", "kinds of guests", missing(), "/IncludeUsers");
    }
    if cell("IncludeApplications").is_empty() {
        policy.keep_unknown(
            "/conditions/applications",
            "user actions, authentication contexts or a filter",
            missing(),
            "/IncludeApplications",
        );
    }
    let grants = ["BuiltInControls", "TermsOfUse", "CustomAuthenticationFactors"];
    if grants.iter().all(|name| cell(name).is_empty()) {
        policy.keep_unknown("/grantControls", "authentication strength", missing(), "/BuiltInControls");
    }
    session(&mut policy, &cell);
    policy
}

fn session<'a>(policy: &mut Foreign, cell: &dyn Fn(&str) -> &'a str) {
    let is_on = |name: &str| cell(name).eq_ignore_ascii_case("true");
    match cell("SignInFrequency").split_once(' ') {
        Some((value, unit)) if value.parse::<i64>().is_ok() => {
            policy.put_text("/sessionControls/signInFrequency/value", value, "/SignInFrequency");
            policy.put_text(
                "/sessionControls/signInFrequency/type",
                &unit.trim().to_ascii_lowercase(),
                "/SignInFrequency",
            );
            policy.put("/sessionControls/signInFrequency/isEnabled", Json::Bool(true), "/SignInFrequency");
        }
        // "Every time" has neither a value nor a unit, and nothing has neither, too.
        _ => {
            let words = Json::Text(format!("none, or every time: `{}`", cell("SignInFrequency")));
            policy.keep_unknown("/sessionControls", "signInFrequency", words, "/SignInFrequency");
        }
    }
    if !cell("PersistentBrowser").is_empty() {
        policy.put_text(
            "/sessionControls/persistentBrowser/mode",
            &cell("PersistentBrowser").to_ascii_lowercase(),
            "/PersistentBrowser",
        );
        policy.put("/sessionControls/persistentBrowser/isEnabled", Json::Bool(true), "/PersistentBrowser");
    }
    if is_on("ApplicationEnforcedRestrictions") {
        let at = "/ApplicationEnforcedRestrictions";
        policy.put("/sessionControls/applicationEnforcedRestrictions/isEnabled", Json::Bool(true), at);
    }
    if is_on("CloudAppSecurity") {
        policy.put("/sessionControls/cloudAppSecurity/isEnabled", Json::Bool(true), "/CloudAppSecurity");
    }
    if is_on("DisableResilienceDefaults") {
        policy.put("/sessionControls/disableResilienceDefaults", Json::Bool(true), "/DisableResilienceDefaults");
    }
}
