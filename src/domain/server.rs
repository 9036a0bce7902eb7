//! Defines [`Server`], what the header `x-ms-ests-server` says of the server that answered, and [`Process`], what the structure of a
//! request id says of it.
//!
//! Neither is documented. The header was seen from 2020 to 2026 in public captures, its places are read by Azure's usual names of
//! regions. In 114 request ids with a place (2020 to 2026) the first twelve bytes are constant for a process of the service and the
//! last four count up; ids of one process never came from two places. Ids of 2015 and 2016 are random throughout.

/// The regions by the stems of their labels: inferred from Azure's names of regions.
const REGIONS: [(&str, &str); 16] = [
    ("EUS", "East US"),
    ("SCUS", "South Central US"),
    ("NCUS", "North Central US"),
    ("WUS2", "West US 2"),
    ("WUS3", "West US 3"),
    ("NEU", "North Europe"),
    ("WEU", "West Europe"),
    ("SEAS", "Southeast Asia"),
    ("EAS", "East Asia"),
    ("KRS", "Korea South"),
    ("KRC", "Korea Central"),
    ("JPE", "Japan East"),
    ("CHI", "Chicago"),
    ("SAN", "San Antonio"),
    ("AMS2", "Amsterdam"),
    ("FRC", "France Central"),
];

/// The server that answered a request, by its own header (`2.1.11898.12 - EUS ProdSlices`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The label of the place, in capitals (`NEULR1`).
    pub label: String,
    /// The header as it was written.
    pub written: String,
}

impl Server {
    /// Reads the header; nothing where it is not of the known form. Copies from documents put blanks into the number of the build.
    pub fn read(written: &str) -> Option<Server> {
        let (build, place) = written.split_once('-')?;
        let build: String = build.chars().filter(|c| !c.is_whitespace()).collect();
        let numbers: Vec<&str> = build.split('.').collect();
        let is_number = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let mut words = place.split_whitespace();
        let (label, slices) = (words.next()?.to_ascii_uppercase(), words.next()?);
        let is_label = label.len() <= 16
            && label.starts_with(|c: char| c.is_ascii_alphabetic())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_known = numbers.len() == 4
            && numbers.iter().all(is_number)
            && is_label
            && slices.to_ascii_lowercase().ends_with("slices")
            && words.next().is_none();
        is_known.then(|| Server { label, written: written.trim().to_owned() })
    }

    /// The label without the number of the part of a region (`NEULR1` is `NEU`). Whether two parts of one region count together is
    /// not known.
    pub fn stem(&self) -> &str {
        match self.label.rsplit_once("LR") {
            Some((stem, part)) if !stem.is_empty() && part.len() == 1 && part.bytes().all(|b| b.is_ascii_digit()) => {
                stem
            }
            _ => &self.label,
        }
    }

    /// The region, where the label is known.
    pub fn region(&self) -> Option<&'static str> {
        REGIONS.iter().find(|(stem, _)| *stem == self.stem()).map(|(_, region)| *region)
    }
}

/// The process of the sign-in service that answered a request, by the structure of the request id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The first twelve bytes of the request id, which one process keeps, as they are written.
    pub group: String,
    /// The number of the request within the process.
    pub count: u32,
}

impl Process {
    /// The process that gave the request id; nothing for ids that do not follow the pattern: they are GUIDs of version 4 whose last
    /// byte is at most 7.
    pub fn of(request_id: &str) -> Option<Process> {
        let id = request_id.trim().to_ascii_lowercase();
        let dashes = [8, 13, 18, 23];
        let is_guid = id.len() == 36
            && id.bytes().enumerate().all(|(at, byte)| match dashes.contains(&at) {
                true => byte == b'-',
                false => byte.is_ascii_hexdigit(),
            });
        if !is_guid || id.as_bytes().get(14) != Some(&b'4') {
            return None;
        }
        let count = u32::from_str_radix(id.get(28..)?, 16).ok()?.swap_bytes();
        (count >> 24 <= 7).then(|| Process { group: id.get(..28).unwrap_or_default().to_owned(), count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_as_it_was_seen_and_nothing_else_is() {
        let read = |text: &str| Server::read(text).map(|server| (server.label.clone(), server.region()));
        assert_eq!(read("2.1.11303.13 - EUS ProdSlices"), Some(("EUS".to_owned(), Some("East US"))));
        assert_eq!(read("2.1. 17396.8 - JPE ProdSlices"), Some(("JPE".to_owned(), Some("Japan East"))));
        assert_eq!(read("2.1.23687.3 - weulr1 ProdSlices"), Some(("WEULR1".to_owned(), Some("West Europe"))));
        assert_eq!(read("2.1.24997.11 - XYZ9 ProdSlices"), Some(("XYZ9".to_owned(), None)));
        for other in ["", "EUS ProdSlices", "2.1.3 - EUS ProdSlices", "2.1.3.4 - EUS", "2.1.3.4 - \u{1b}[3 ProdSlices"]
        {
            assert_eq!(read(other), None, "{other}");
        }
        let stem = |label: &str| Server { label: label.to_owned(), written: String::new() }.stem().to_owned();
        assert_eq!(stem("NEULR2"), "NEU");
        assert_eq!(stem("WUS2"), "WUS2");
        assert_eq!(stem("LR1"), "LR1");
    }

    #[test]
    fn ids_of_one_process_share_their_beginning_and_count_up() {
        let one = Process::of("73e53a21-494e-4cd3-9781-872022611a00").expect("an id of the pattern");
        let later = Process::of("73E53A21-494e-4cd3-9781-87206f671a00").expect("an id of the pattern");
        assert_eq!(one.group, later.group);
        assert_eq!((one.count, later.count), (1_728_802, 1_730_415));
        for other in ["", "signin-1", "66ea54eb-6301-4ee5-be62-ff5a759b0199", "66ea54eb-6301-1ee5-be62-ff5a759b0100"] {
            assert_eq!(Process::of(other), None, "{other}");
        }
    }
}
