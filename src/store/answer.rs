//! Takes the rows of a log out of one JSON document that holds them apart from their names or deep inside: the answer of the Log
//! Analytics API (`{"tables": [{"columns": ..., "rows": ...}]}`) and that of an Elasticsearch search (`{"hits": {"hits": [...]}}`).
//!
//! Such a document cannot be read record by record where it lies, so its rows are written out in memory, one a line.

use crate::domain::Json;

use super::record;

/// Whether a document holds rows of sign-ins.
pub fn is_answer(json: &Json) -> bool {
    let is_record = |row: &Json| record::innermost(row).is_read();
    rows(json).is_some_and(|rows| rows.iter().any(is_record))
}

/// Whether a head that holds no whole document is the beginning of one of sign-ins.
pub fn begins(head: &[u8]) -> bool {
    let has = |name: &str| memchr::memmem::find(head, name.as_bytes()).is_some();
    let is_table = has("\"tables\"") && has("\"columns\"") && has("TimeGenerated") && has("ConditionalAccess");
    let is_search = has("\"hits\"") && has("\"_source\"") && (has("signinlogs") || has("SignInLogs"));
    is_table || is_search
}

/// The rows of a document, one a line; nothing when it is no such document.
pub fn lines(json: &Json) -> Option<Vec<u8>> {
    let mut lines = Vec::new();
    for row in rows(json)? {
        lines.extend_from_slice(row.to_string().as_bytes());
        lines.push(b'\n');
    }
    Some(lines)
}

fn rows(json: &Json) -> Option<Vec<Json>> {
    let hits = json.get("hits").get("hits");
    if matches!(hits, Json::List(_)) {
        return Some(hits.items().to_vec());
    }
    if !json.has("tables") {
        return None;
    }
    let mut found = Vec::new();
    for table in json.get("tables").items() {
        let names: Vec<&str> =
            table.get("columns").items().iter().map(|column| column.get("name").text().unwrap_or("")).collect();
        for row in table.get("rows").items() {
            let cells = names.iter().zip(row.items());
            found.push(Json::Object(cells.map(|(name, cell)| ((*name).to_owned(), cell.clone())).collect()));
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_get_the_names_of_their_columns() {
        let text = r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"TimeGenerated","type":"datetime"},{"name":"Id"},{"name":"UserId"}],"rows":[["2021-06-21T08:00:00Z","a1","u1"],["2021-06-21T08:05:00Z","b2",null]]}]}"#;
        let json: Json = serde_json::from_str(text).expect("JSON");
        assert!(is_answer(&json));
        let lines = String::from_utf8(lines(&json).expect("rows")).expect("text");
        assert_eq!(
            lines,
            "{\"TimeGenerated\":\"2021-06-21T08:00:00Z\",\"Id\":\"a1\",\"UserId\":\"u1\"}\n{\"TimeGenerated\":\"2021-06-21T08:05:00Z\",\"Id\":\"b2\",\"UserId\":null}\n"
        );
        for other in [r#"{"tables":[]}"#, r#"{"hits":{"hits":[{"_source":{"a":1}}]}}"#, "[]"] {
            assert!(!is_answer(&serde_json::from_str(other).expect("JSON")), "{other}");
        }
    }
}
