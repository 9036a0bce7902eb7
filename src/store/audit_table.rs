//! Defines [`AuditTable`], how the CSV exports of the unified audit log are laid out: those of `Search-UnifiedAuditLog` and of the
//! Purview portal, which differ in all columns but the one that holds the record.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::domain::Json;

use super::record::{Refusal, read_json};
use super::unified_audit::{WRAPPED, broken};

/// What separates cells: a comma, or what machines of other cultures write.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// A heading is not looked for beyond so many bytes.
const LONGEST_HEADING: usize = 16 * 1024;

/// Where in a row the record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditTable {
    delimiter: u8,
    column: usize,
    /// How many cells the heading has.
    width: usize,
}

impl AuditTable {
    /// Finds the heading at the beginning of a text: a row in which a cell is `AuditData`, perhaps below lines that only say what
    /// follows (`#TYPE` of Windows PowerShell, `sep=` for Excel).
    pub fn of_head(head: &[u8]) -> Option<AuditTable> {
        let head = head.get(..LONGEST_HEADING).unwrap_or(head);
        DELIMITERS.into_iter().find_map(|delimiter| {
            let mut rows = AuditTable { delimiter, column: 0, width: 0 }.rows(head);
            let mut row = ByteRecord::new();
            while rows.read_byte_record(&mut row).ok()? {
                if !is_preface(&row) {
                    let column = row.iter().position(is_heading)?;
                    return Some(AuditTable { delimiter, column, width: row.len() });
                }
            }
            None
        })
    }

    /// The rows of a text, the heading among them.
    pub fn rows<R: Read>(self, text: R) -> Reader<R> {
        ReaderBuilder::new().delimiter(self.delimiter).has_headers(false).flexible(true).from_reader(text)
    }

    /// Whether a row is no record but the heading or what stands above it; exports that were joined repeat both.
    pub fn is_heading(self, row: &ByteRecord) -> bool {
        is_preface(row) || row.get(self.column).is_some_and(is_heading)
    }

    /// Whether a row says more than the heading has columns for: a quote was lost, and what followed is hidden in it.
    pub fn hides_more(self, row: &ByteRecord) -> bool {
        row.iter().skip(self.width).any(|cell| !cell.trim_ascii().is_empty())
    }

    /// Reads the record of a row as an object whose one member is the column.
    ///
    /// Fails when the row has no such cell or the cell is no JSON.
    pub fn open(self, row: &ByteRecord) -> Result<Json, Refusal> {
        let cell = row.get(self.column).map(<[u8]>::trim_ascii).filter(|cell| !cell.is_empty());
        let cell = cell.ok_or_else(|| Refusal::NoJson(format!("the row has no {WRAPPED}")))?;
        let data = read_json(cell).map_err(|error| broken(WRAPPED, &error))?;
        match data {
            Json::Object(_) => Ok(Json::Object(vec![(WRAPPED.to_owned(), data)])),
            _ => Err(broken(WRAPPED, "it is no object")),
        }
    }

    /// Reads the record of the row in these bytes.
    ///
    /// Fails when they hold no row, and as [`AuditTable::open`] does.
    pub fn read_row(self, bytes: &[u8]) -> Result<Json, Refusal> {
        let mut row = ByteRecord::new();
        match self.rows(bytes).read_byte_record(&mut row) {
            Ok(true) => self.open(&row),
            Ok(false) => Err(Refusal::NoJson("there is no row".to_owned())),
            Err(error) => Err(Refusal::NoJson(error.to_string())),
        }
    }
}

fn is_heading(cell: &[u8]) -> bool {
    cell.trim_ascii().eq_ignore_ascii_case(WRAPPED.as_bytes())
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
    fn check(head: &str, expected: Option<(u8, usize)>) {
        let found = AuditTable::of_head(head.as_bytes()).map(|table| (table.delimiter, table.column));
        assert_eq!(found, expected, "{head}");
    }

    #[test]
    fn a_heading_is_found_by_the_column_alone() {
        check("RecordType,CreationDate,UserIds,Operations,AuditData,ResultIndex\r\n", Some((b',', 4)));
        check("\"RecordId\",\"CreationDate\",\"AuditData\"\n\"a\",\"b\",\"c\"\n", Some((b',', 2)));
        check("#TYPE Deserialized.Data.Result\r\n\"Operations\";\"AuditData\"\r\n", Some((b';', 1)));
        check("sep=,\nOperations,AuditData\n", Some((b',', 1)));
        check("Operations\tauditdata\n", Some((b'\t', 1)));
        check("AuditData\n", Some((b',', 0)));
        check("Date (UTC),Request ID,User agent\n1,2,AuditData\n", None);
        check("The AuditData is below.\n", None);
        check("", None);
    }

    #[test]
    fn cells_may_hold_quotes_and_line_ends() {
        let table = AuditTable { delimiter: b',', column: 1, width: 3 };
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
}
