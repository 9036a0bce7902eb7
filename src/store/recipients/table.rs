//! Reads tables: CSV as `Export-Csv` and portals write it.

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::domain::Json;

use super::command::Command;
use super::fields::holds_addresses;

/// So many characters a cell of Excel holds at most; what is longer loses its end without a word.
const FULL_CELL: usize = 32_767;

/// A table with its heading.
#[derive(Debug)]
pub(super) struct Table<'a> {
    /// The text behind what `Export-Csv` says of types.
    text: &'a str,
    /// What parts the cells.
    delimiter: u8,
    /// The heading.
    names: Vec<String>,
}

/// A row: the object, or why it cannot be read; and its line in the file.
#[derive(Debug)]
pub(super) struct Row {
    /// The object, with names as written.
    pub(super) json: Result<Json, String>,
    /// The names of the cells that are so long that Excel may have cut them.
    pub(super) cut: Vec<String>,
    /// The line on which it begins, counted from 1.
    pub(super) line: u64,
}

impl<'a> Table<'a> {
    /// The table that a text is; `None` when its heading is none of recipients.
    pub(super) fn of(text: &'a str) -> Option<Table<'a>> {
        let text = text.trim_start_matches('\u{feff}');
        let skipped = text.split_inclusive('\n').take_while(|line| {
            let line = line.trim();
            line.is_empty() || line.trim_start_matches('"').starts_with("#TYPE")
        });
        let text = text.get(skipped.map(str::len).sum()..)?;
        // Excel may say first what parts the cells.
        let text = match text.split_once('\n') {
            Some((first, rest)) if first.trim().to_ascii_lowercase().starts_with("sep=") => rest,
            _ => text,
        };
        let first = text.lines().next()?;
        let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|sign| {
            // Of equal numbers the first counts, which `max_by_key` gives the last of.
            (first.bytes().filter(|byte| byte == sign).count(), *sign == b',')
        })?;
        let mut table = Table { text, delimiter, names: Vec::new() };
        let mut heading = StringRecord::new();
        table.reader(first).read_record(&mut heading).ok().filter(|is_read| *is_read)?;
        table.names = heading.iter().map(|name| name.trim().to_owned()).collect();
        let lower: Vec<String> = table.names.iter().map(|name| name.to_ascii_lowercase()).collect();
        let is_addresses = |name: &String| ["emailaddresses", "proxyaddresses"].contains(&name.as_str());
        // A command names the columns that it asks for, and is no heading.
        let is_name = |name: &String| name.len() <= 80 && !name.contains([':', '|', '>', '{', '=']);
        let is_table = table.names.len() > 1 && table.names.iter().all(is_name) && Command::of_line(first).is_none();
        let is_foreign = lower.iter().any(|name| super::fields::is_foreign(name));
        let holds = holds_addresses(lower.iter().map(String::as_str)) || lower.iter().any(is_addresses);
        (is_table && !is_foreign && holds).then_some(table)
    }

    fn reader(&self, text: &'a str) -> csv::Reader<&'a [u8]> {
        ReaderBuilder::new()
            .delimiter(self.delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(Trim::None)
            .from_reader(text.as_bytes())
    }

    /// Reads the rows.
    pub(super) fn rows(&self, whole: &str) -> Vec<Row> {
        let before = whole.len().saturating_sub(self.text.len());
        let mut lines = Lines { text: whole, at: 0, line: 1 };
        let mut rows = Vec::new();
        let mut record = StringRecord::new();
        let mut reader = self.reader(self.text);
        let mut is_heading = true;
        loop {
            // The reader's own count takes the end of a line for the beginning of the next.
            let line = lines.of(before + usize::try_from(reader.position().byte()).unwrap_or_default());
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {
                    // Several exports that were put together repeat the heading.
                    let repeats = record.iter().map(str::trim).eq(self.names.iter().map(String::as_str));
                    if !std::mem::take(&mut is_heading) && !repeats && record.iter().any(|cell| !cell.trim().is_empty())
                    {
                        rows.push(Row { json: self.object(&record), cut: self.full(&record), line });
                    }
                }
                Err(error) => {
                    rows.push(Row { json: Err(error.to_string()), cut: Vec::new(), line });
                    if reader.is_done() {
                        break;
                    }
                }
            }
        }
        rows
    }

    fn full(&self, record: &StringRecord) -> Vec<String> {
        let cells = self.names.iter().zip(record.iter());
        // Excel counts units of UTF-16.
        let is_full = |cell: &str| cell.len() >= FULL_CELL && cell.encode_utf16().count() >= FULL_CELL;
        cells.filter(|(_, cell)| is_full(cell)).map(|(name, _)| name.clone()).collect()
    }

    fn object(&self, record: &StringRecord) -> Result<Json, String> {
        if record.len() > self.names.len() {
            let reason = format!("it has {} cells under {} names", record.len(), self.names.len());
            return Err(format!("{reason}: a cell holds the sign that parts cells, or a quote is not closed"));
        }
        let cells = self.names.iter().zip(record.iter());
        Ok(Json::Object(cells.map(|(name, cell)| (name.clone(), Json::Text(cell.trim().to_owned()))).collect()))
    }
}

/// Counts lines up to places that lie one behind the other.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first sign behind a place that ends no line.
    fn of(&mut self, place: usize) -> u64 {
        let rest = self.text.get(place..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let passed = self.text.get(self.at..place + blank).unwrap_or_default();
        self.line += passed.matches('\n').count() as u64;
        self.at += passed.len();
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let table = Table::of(text).unwrap();
        let rows: Vec<String> = table.rows(text).into_iter().map(|row| row.json.unwrap().to_string()).collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn tables_come_with_what_export_csv_puts_before_them() {
        let row = r#"{"Name":"Ana","EmailAddresses":"SMTP:a@contoso.com,smtp:b@contoso.com"}"#;
        check(
            "#TYPE Selected.Microsoft.Exchange.Data.Directory.Management.MailUser\r\n\"Name\",\"EmailAddresses\"\r\n\"Ana\",\"SMTP:a@contoso.com,smtp:b@contoso.com\"\r\n",
            &[row],
        );
        check("\u{feff}sep=;\nName;EmailAddresses\nAna;SMTP:a@contoso.com,smtp:b@contoso.com\n\n", &[row]);
        check("Name\tEmailAddresses\nAna\tSMTP:a@contoso.com,smtp:b@contoso.com\nName\tEmailAddresses\n", &[row]);
    }

    #[test]
    fn a_row_with_too_many_cells_is_not_guessed_at() {
        let text = "Name,EmailAddresses\nAna,SMTP:a@contoso.com,smtp:b@contoso.com\n";
        let rows = Table::of(text).unwrap().rows(text);
        assert_eq!(rows.len(), 1);
        assert!(rows[0].json.is_err());
        assert_eq!(rows[0].line, 2);
    }

    #[test]
    fn a_cell_as_long_as_excel_allows_counts_as_cut() {
        let cut = |length: usize, end: &str| {
            let text = format!("Name,EmailAddresses\nAna,\"{}{end}\"\n", "a".repeat(length));
            Table::of(&text).unwrap().rows(&text).remove(0).cut
        };
        assert_eq!(cut(32_766, ""), Vec::<String>::new());
        assert_eq!(cut(32_765, "\u{e4}"), Vec::<String>::new());
        assert_eq!(cut(32_766, " "), ["EmailAddresses"]);
        assert_eq!(cut(40_000, ""), ["EmailAddresses"]);
    }

    #[test]
    fn other_tables_are_left_alone() {
        for text in [
            "Date (UTC),Request ID,User,Username,Application,Status\n",
            "CreationDate,UserIds,Operations,AuditData\n",
            "a,b,c\n1,2,3\n",
            "EmailAddresses\nx\n",
            "Dear all, the mail, proxyAddresses and alias, as promised.\n",
            "",
        ] {
            assert!(Table::of(text).is_none(), "{text}");
        }
    }
}
