//! Defines [`Table`], how a CSV file that holds sign-ins is laid out, whoever wrote it.
//!
//! What a table is, is told by its heading: by the names of its columns, in whatever order and number they come. A row becomes an
//! object whose members are the columns as the file names them, so that evidence can point at a column.

use std::collections::HashMap;
use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::domain::Json;

use super::dates::DateOrder;
use super::record::{Refusal, opened_text, read_json};
use super::unified_audit::{WRAPPED, broken};
use super::{audit, cut, fields, log_analytics, portal, wrapped};

/// What separates cells: a comma, or what machines of other cultures write.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// A heading is not looked for beyond so many bytes.
const LONGEST_HEADING: usize = 16 * 1024;
/// How many of the portal's columns make a table the portal's.
const ENOUGH_COLUMNS: usize = 4;

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Records of the unified audit log, in the cell of that number.
    UnifiedAudit(usize),
    /// Records as they came, in the cell of that number, which a program exported beside what it made of them.
    Wrapped(usize),
    /// Sign-ins of the portal's download.
    Portal,
    /// Authentication steps of the portal's download.
    Steps,
    /// Rows of Log Analytics.
    LogAnalytics,
    /// Rows of the audit log in Log Analytics.
    AuditEvents,
    /// Sign-ins that a program took apart.
    Fields,
    /// Sign-ins that PowerShell exported.
    PowerShell,
}

/// How the rows of a file are laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    kind: Kind,
    delimiter: u8,
    /// The names of the columns, none twice.
    columns: Vec<String>,
    dates: DateOrder,
    event: Option<&'static str>,
}

impl Table {
    /// Finds the heading at the beginning of a text, perhaps below lines that only say what follows (`#TYPE` of Windows PowerShell,
    /// `sep=` for Excel).
    pub fn of_head(head: &[u8]) -> Option<Table> {
        headings(head).into_iter().find_map(|(delimiter, row)| {
            let columns = distinct(&row);
            let kind = kind(&columns)?;
            Some(Table { kind, delimiter, columns, dates: DateOrder::default(), event: None })
        })
    }

    /// What its rows are.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How its dates are written.
    pub fn dates(&self) -> DateOrder {
        self.dates
    }

    /// The kind of its sign-ins, where only the file's name told it.
    pub fn event(&self) -> Option<&'static str> {
        self.event
    }

    /// The same table, in which dates are written so.
    #[must_use]
    pub fn with_dates(self, dates: DateOrder) -> Table {
        Table { dates, ..self }
    }

    /// The same table of sign-ins of that kind.
    #[must_use]
    pub fn with_event(self, event: Option<&'static str>) -> Table {
        Table { event, ..self }
    }

    /// The word of the portal's format that the columns make.
    pub fn portal_format(&self) -> &'static str {
        let has = |pointer: &str| self.columns.iter().any(|column| portal::known(column) == Some(pointer));
        if has("/servicePrincipalId") && !has("/userId") && !has("/userPrincipalName") {
            "portalApplicationCsv"
        } else {
            "portalCsv"
        }
    }

    /// The word of its format, as far as the heading tells it.
    pub fn format(&self) -> &'static str {
        match self.kind {
            Kind::UnifiedAudit(_) => "unifiedAuditCsv",
            Kind::Wrapped(column) if self.columns.get(column).is_some_and(|name| name.trim() == "_raw") => "splunkRaw",
            Kind::Wrapped(_) => "elasticOriginal",
            Kind::Portal => self.portal_format(),
            Kind::Steps => "portalStepsCsv",
            Kind::LogAnalytics => "logAnalyticsCsv",
            Kind::AuditEvents => "logAnalyticsAudits",
            Kind::Fields if self.columns.iter().any(|name| name.starts_with("azure.signinlogs.")) => "elasticFields",
            Kind::Fields => "splunkFields",
            Kind::PowerShell => "powerShellCsv",
        }
    }

    /// The columns of times, by number, with the zone that the heading tells where it is not UTC.
    pub fn time_columns(&self) -> impl Iterator<Item = (usize, Option<&str>)> {
        self.columns.iter().enumerate().filter_map(|(number, name)| {
            let is_time = match self.kind {
                Kind::Portal => portal::known(name) == Some("/createdDateTime"),
                Kind::Steps => name.trim().to_ascii_lowercase().starts_with("date"),
                Kind::LogAnalytics => matches!(log_analytics::bare(name), "CreatedDateTime" | "TimeGenerated"),
                Kind::PowerShell => name.trim().eq_ignore_ascii_case("createdDateTime"),
                Kind::AuditEvents => matches!(log_analytics::bare(name), "ActivityDateTime" | "TimeGenerated"),
                Kind::UnifiedAudit(_) | Kind::Wrapped(_) | Kind::Fields => false,
            };
            is_time.then(|| {
                (
                    number,
                    log_analytics::other_zone(name)
                        .filter(|_| matches!(self.kind, Kind::LogAnalytics | Kind::AuditEvents)),
                )
            })
        })
    }

    /// The cell that makes rows one record: of steps the request id.
    pub fn record_of_row<'a>(&self, row: &'a ByteRecord) -> Option<&'a [u8]> {
        let column = self.columns.iter().position(|name| portal::known(name) == Some("/id"))?;
        row.get(column).map(<[u8]>::trim_ascii).filter(|id| !id.is_empty())
    }

    /// The rows of a text, the heading among them.
    pub fn rows<R: Read>(&self, text: R) -> Reader<R> {
        reader(self.delimiter, text)
    }

    /// Whether a row is no record but the heading or what stands above it; exports that were joined repeat both.
    pub fn is_heading(&self, row: &ByteRecord) -> bool {
        let is_column = |number: usize| row.get(number).is_some_and(|cell| is_named(cell, self.column(number)));
        is_preface(row)
            || match self.kind {
                Kind::UnifiedAudit(column) | Kind::Wrapped(column) => is_column(column),
                // Columns may have been added or moved between the exports; a cell of a row that happens to be called as its
                // column is called makes no heading.
                _ => row.len() > 1 && (0..row.len().min(self.columns.len())).all(is_column),
            }
    }

    /// Whether a row is hidden in the heading, of which a quote was lost.
    pub fn hides_row(&self, heading: &ByteRecord) -> bool {
        !is_preface(heading) && heading.iter().any(|cell| cell.contains(&b'\n'))
    }

    /// Whether a row is the heading of a table with other columns, below which rows cannot be read by this one.
    pub fn is_other_heading(&self, row: &ByteRecord) -> bool {
        let is_single = matches!(self.kind, Kind::UnifiedAudit(_) | Kind::Wrapped(_));
        // A row of data holds a date or an id; a heading holds neither.
        let has_digits = |cell: &[u8]| cell.iter().filter(|byte| byte.is_ascii_digit()).count() > 3;
        !is_single && !row.iter().any(has_digits) && !self.is_heading(row) && kind(&distinct(row)).is_some()
    }

    fn column(&self, number: usize) -> &str {
        self.columns.get(number).map_or("", String::as_str)
    }

    /// Whether a row says more than the heading has columns for: a quote was lost, and what followed is hidden in it.
    pub fn hides_more(&self, row: &ByteRecord) -> bool {
        row.iter().skip(self.columns.len()).any(|cell| !cell.trim_ascii().is_empty())
    }

    /// Whether a row ends before the heading does, in a table of which more than one cell counts.
    pub fn lacks_cells(&self, row: &ByteRecord) -> bool {
        !matches!(self.kind, Kind::UnifiedAudit(_) | Kind::Wrapped(_)) && row.len() < self.columns.len()
    }

    /// Reads the record of a row: an object of its columns, or of the one column that holds the record.
    ///
    /// Fails when that cell is missing or is no JSON, and when cells are missing in the midst of a row.
    pub fn open(&self, row: &ByteRecord) -> Result<Json, Refusal> {
        match self.kind {
            Kind::UnifiedAudit(column) => {
                let data = read_json(cell(row, column, WRAPPED)?).map_err(|error| broken(WRAPPED, &error))?;
                match data {
                    Json::Object(_) => Ok(Json::Object(vec![(WRAPPED.to_owned(), data)])),
                    _ => Err(broken(WRAPPED, "it is no object")),
                }
            }
            Kind::Wrapped(column) => {
                let name = self.column(column).trim();
                let text = String::from_utf8_lossy(cell(row, column, name)?);
                let data = match opened_text(&text) {
                    Some(data @ Json::Object(_)) => data,
                    _ => return Err(broken(name, "it is no object")),
                };
                Ok(Json::Object(vec![(name.to_owned(), data)]))
            }
            // Spreadsheets leave out cells at the end of a row. Where cells are quoted, a missing one means that a quote is lost, and
            // that what follows stands in the wrong columns.
            _ if self.lacks_cells(row) && row.iter().any(|cell| cell.contains(&b'"')) => Err(Refusal::NoJson(
                "the row has fewer cells than the heading: a quote or a delimiter is lost".to_owned(),
            )),
            _ => {
                let cells = self.columns.iter().zip(row.iter());
                let members =
                    cells.map(|(name, cell)| (name.clone(), Json::Text(String::from_utf8_lossy(cell).into_owned())));
                Ok(Json::Object(members.collect()))
            }
        }
    }

    /// Reads the record of the row in these bytes; of steps, of all rows in them.
    ///
    /// Fails when they hold no row, and as [`Table::open`] does.
    pub fn read_row(&self, bytes: &[u8]) -> Result<Json, Refusal> {
        let mut row = ByteRecord::new();
        let mut rows = self.rows(bytes);
        let mut read = Vec::new();
        loop {
            match rows.read_byte_record(&mut row) {
                Ok(true) => read.push(self.open(&row)?),
                Ok(false) => break,
                Err(error) => return Err(Refusal::NoJson(error.to_string())),
            }
            if self.kind != Kind::Steps {
                break;
            }
        }
        if self.kind == Kind::Steps && !read.is_empty() {
            return Ok(Json::Object(vec![(portal::ROWS.to_owned(), Json::List(read))]));
        }
        read.pop().ok_or_else(|| Refusal::NoJson("there is no row".to_owned()))
    }
}

/// Whether a text begins with the heading of a result that was summarised from sign-ins, or holds too few of their columns.
pub fn is_summary(head: &[u8]) -> bool {
    headings(head).iter().any(|(delimiter, row)| {
        let columns = distinct(row);
        columns.len() > 1
            && (log_analytics::is_summary(columns.iter().map(String::as_str))
                || names_table(head, *delimiter, &columns))
    })
}

/// Whether the first row below the heading says that it is of a table of sign-ins.
fn names_table(head: &[u8], delimiter: u8, columns: &[String]) -> bool {
    let Some(column) = columns.iter().position(|name| name.trim() == "Type") else { return false };
    let mut rows = reader(delimiter, head);
    let mut row = ByteRecord::new();
    // The heading, perhaps lines above it, and one row.
    (0..4).any(|_| {
        let is_read = rows.read_byte_record(&mut row).unwrap_or(false);
        is_read && row.get(column).is_some_and(|cell| log_analytics::names_table(&String::from_utf8_lossy(cell)))
    })
}

/// The first row that says something, by what may separate its cells.
fn headings(head: &[u8]) -> Vec<(u8, ByteRecord)> {
    let head = head.get(..LONGEST_HEADING).unwrap_or(head);
    let heading = |delimiter: u8| {
        let mut rows = reader(delimiter, head);
        let mut row = ByteRecord::new();
        while rows.read_byte_record(&mut row).ok()? {
            if !is_preface(&row) {
                return Some((delimiter, row));
            }
        }
        None
    };
    DELIMITERS.into_iter().filter_map(heading).collect()
}

fn reader<R: Read>(delimiter: u8, text: R) -> Reader<R> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text)
}

fn cell<'a>(row: &'a ByteRecord, column: usize, name: &str) -> Result<&'a [u8], Refusal> {
    let cell = row.get(column).map(<[u8]>::trim_ascii).filter(|cell| !cell.is_empty());
    cell.ok_or_else(|| Refusal::NoJson(format!("the row has no {name}")))
}

/// The names of a heading; a repeated one gets its number, so that each names one column. No name has two lines: what follows the
/// first is a row, hidden by a quote that was lost.
fn distinct(row: &ByteRecord) -> Vec<String> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    let whole = row.iter().position(|cell| cell.contains(&b'\n')).map_or(row.len(), |last| last + 1);
    let names = row.iter().take(whole).map(|cell| {
        let name = first_line(cell);
        let count = counts.entry(name.trim().to_lowercase()).or_default();
        *count += 1;
        if *count == 1 { name } else { format!("{} ({count})", name.trim_end()) }
    });
    names.collect()
}

/// What the names of columns say that rows are; nothing when they are no columns of sign-ins.
fn kind(columns: &[String]) -> Option<Kind> {
    let names = || columns.iter().map(|name| name.trim());
    if let Some(column) = names().position(|name| name.eq_ignore_ascii_case(WRAPPED)) {
        return Some(Kind::UnifiedAudit(column));
    }
    if let Some(column) = names().position(|name| wrapped::COLUMNS.contains(&name)) {
        return Some(Kind::Wrapped(column));
    }
    let pointers: Vec<&str> = names().filter_map(portal::known).filter(|pointer| !pointer.is_empty()).collect();
    let has = |pointer: &str| pointers.contains(&pointer);
    let is_called = |wanted: &str| names().any(|name| name.eq_ignore_ascii_case(wanted));
    if has("/id") && is_called("Authentication method") && (is_called("Succeeded") || is_called("Result detail")) {
        Some(Kind::Steps)
    } else if audit::has_columns(names()) {
        Some(Kind::AuditEvents)
    } else if log_analytics::is_row(names()) {
        Some(Kind::LogAnalytics)
    } else if pointers.len() >= ENOUGH_COLUMNS && has("/createdDateTime") && sign_in_marks(columns) >= 2 {
        Some(Kind::Portal)
    } else if fields::has_fields(names()) {
        Some(Kind::Fields)
    } else if cut::has_columns(names()) {
        Some(Kind::PowerShell)
    } else {
        None
    }
}

/// How many columns only a list of sign-ins has. Lists of tickets have a date, a user, a status and a request id as well.
fn sign_in_marks(columns: &[String]) -> usize {
    const MARKS: [&str; 7] = [
        "/id",
        "/correlationId",
        "/clientAppUsed",
        "/conditionalAccessStatus",
        "/ipAddress",
        "/userAgent",
        "/authenticationRequirement",
    ];
    let is_mark = |name: &&String| {
        name.trim().eq_ignore_ascii_case("Sign-in error code")
            || portal::known(name).is_some_and(|pointer| MARKS.contains(&pointer))
    };
    columns.iter().filter(is_mark).count()
}

/// Whether a cell of a heading names a column; a repeated column has a number that the heading does not.
fn is_named(cell: &[u8], name: &str) -> bool {
    let (cell, name) = (first_line(cell).trim().to_lowercase(), name.trim().to_lowercase());
    !cell.is_empty() && (cell == name || name.strip_prefix(&cell).is_some_and(|rest| rest.starts_with(" (")))
}

fn first_line(cell: &[u8]) -> String {
    let line = cell.split(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}

fn is_preface(row: &ByteRecord) -> bool {
    let first = row.get(0).unwrap_or_default();
    let begins = |word: &[u8]| first.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    begins(b"#TYPE") || begins(b"sep=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &str, expected: Option<(u8, Kind)>) {
        let found = Table::of_head(head.as_bytes()).map(|table| (table.delimiter, table.kind));
        assert_eq!(found, expected, "{head}");
    }

    #[test]
    fn a_heading_is_found_by_its_columns_alone() {
        let audit = |column| Kind::UnifiedAudit(column);
        check("RecordType,CreationDate,UserIds,Operations,AuditData,ResultIndex\r\n", Some((b',', audit(4))));
        check("\"RecordId\",\"CreationDate\",\"AuditData\"\n\"a\",\"b\",\"c\"\n", Some((b',', audit(2))));
        check("#TYPE Deserialized.Data.Result\r\n\"Operations\";\"AuditData\"\r\n", Some((b';', audit(1))));
        check("sep=,\nOperations,AuditData\n", Some((b',', audit(1))));
        check("Operations\tauditdata\n", Some((b'\t', audit(1))));
        check("AuditData\n", Some((b',', audit(0))));
        check("_time,_raw\n", Some((b',', Kind::Wrapped(1))));
        check("Date (UTC);Request ID;Username;Sign-in error code\n", Some((b';', Kind::Portal)));
        check("sep=;\nDate;Username;Status;Location;IP address;Client app\n", Some((b';', Kind::Portal)));
        check("Request ID,Date,User,Status,Location\n", None);
        check("Request ID,Date,Authentication method,Succeeded\n", Some((b',', Kind::Steps)));
        check("\"TimeGenerated [UTC]\",Id,UserPrincipalName\n", Some((b',', Kind::LogAnalytics)));
        check("properties.id,properties.appId,properties.appDisplayName\n", Some((b',', Kind::Fields)));
        check("CreatedDateTime,UserPrincipalName,AppDisplayName,IPAddress\n", Some((b',', Kind::PowerShell)));
        check("Date (UTC),Request ID,User agent\n1,2,AuditData\n", None);
        check("DisplayName,UserPrincipalName,CreatedDateTime,Mail\n", None);
        check("The AuditData is below.\n", None);
        check("", None);
        assert!(is_summary(b"UserPrincipalName,ResultType,count_\n") && !is_summary(b"Name,Mail\n"));
        assert!(is_summary(b"StartTime [UTC],IPAddress,Attempts,Type\nx,y,4,SigninLogs\n"));
        assert!(!is_summary(b"Name,Type\nx,Member\n"));
    }

    #[test]
    fn cells_may_hold_quotes_and_line_ends() {
        let table = Table::of_head(b"RecordType,AuditData,ResultIndex\n").expect("a table");
        let json = table.read_row(b"\r\n15,\"{\"\"a\"\":\n\"\"x, y\"\"}\",1\r\n").expect("a record");
        assert_eq!(json.pointer("/AuditData/a").and_then(Json::text), Some("x, y"));
        for (row, reason) in [
            (&b"15"[..], "no AuditData"),
            (b"15,,1", "no AuditData"),
            (b"15,\"{\"\"a\"\":\",1", "EOF"),
            (b"15,7,1", "no object"),
            (b"", "no row"),
        ] {
            let refusal = table.read_row(row).expect_err("no record").to_string();
            assert!(refusal.contains(reason), "{refusal}");
        }
    }

    #[test]
    fn repeated_columns_stay_apart_and_a_repeated_heading_is_no_row() {
        let heading = b"Date (UTC),Request ID,IP address,Incoming token type,Incoming token type\n";
        let table = Table::of_head(heading).expect("a table");
        let json = table.read_row(b"d,r,Success,,none\n").expect("a row");
        assert_eq!(json.get("Incoming token type (2)").text(), Some("none"));
        let row = ByteRecord::from(vec![
            "Date (UTC)",
            "Request ID",
            "IP address",
            "Incoming token type",
            "Incoming token type",
        ]);
        assert!(table.is_heading(&row) && !table.is_other_heading(&row));
        let other = ByteRecord::from(vec!["Date (UTC)", "Username", "Request ID", "IP address"]);
        assert!(table.is_other_heading(&other) && !table.is_heading(&other));
        let data = ByteRecord::from(vec!["2021-06-21", "r", "Success", "", ""]);
        assert!(!table.is_heading(&data) && !table.is_other_heading(&data));
    }

    #[test]
    fn a_row_that_lost_a_quote_is_refused_and_one_that_lacks_empty_ends_is_read() {
        let table = Table::of_head(b"Date (UTC),Request ID,Username,IP address\n").expect("a table");
        assert!(table.read_row(b"d,r\n").is_ok());
        let refusal = table.read_row(b"\"d\",\"r,\"ana\",\"Success\"\n").expect_err("a lost quote").to_string();
        assert!(refusal.contains("fewer cells"), "{refusal}");
    }
}
