//! Opens the same small history in every packing in which people send it, and packings that are broken, hostile or foreign.
//!
//! 1. Every packing: two records, the same rows, told by content and never by name.
//! 2. Damage: what came out before the break is read, and the break is said with its place.
//! 3. Bombs, paths that lead out, links, hidden and encrypted members: harmless, and said where something is lost.
//! 4. Nesting: as deep as people nest, and no deeper.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use authopsy::store::index::Index;
use authopsy::store::inventory::{FileKind, Inventory};
use authopsy::store::{self, LoadEvent, Request, Sources};

const GRANTED: &str = r#"{"id":"a1","createdDateTime":"2021-06-21T08:05:00Z","userPrincipalName":"ana@contoso.com","userId":"u1","appDisplayName":"Teams","clientAppUsed":"Browser","ipAddress":"198.51.100.7","correlationId":"c2","isInteractive":true,"conditionalAccessStatus":"success","status":{"errorCode":0}}"#;
const BLOCKED: &str = r#"{"id":"b2","createdDateTime":"2021-06-21T08:00:00Z","userPrincipalName":"ana@contoso.com","userId":"u1","appDisplayName":"Teams","clientAppUsed":"Browser","ipAddress":"203.0.113.9","correlationId":"c1","isInteractive":true,"conditionalAccessStatus":"failure","status":{"errorCode":53003,"failureReason":"Blocked"}}"#;

type Words = &'static [&'static str];
type Files<'a> = [(&'a str, &'a [u8])];

fn list() -> Vec<u8> {
    format!("[{GRANTED},{BLOCKED}]").into_bytes()
}

fn diagnostic(record: &str) -> String {
    format!(
        r#"{{"time":"2021-06-21T08:09:00Z","category":"SignInLogs","callerIpAddress":"203.0.113.9","properties":{record}}}"#
    )
}

fn zipped(files: &Files) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a member");
        zip.write_all(bytes).expect("writing");
    }
    zip.finish().expect("a zip").into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("writing");
    packer.finish().expect("a gzip")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn tarred(files: &Files) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        append(&mut tar, name, tar::EntryType::Regular, bytes);
    }
    tar.into_inner().expect("a tar")
}

/// Appends an entry under a name that a well-meaning writer would refuse.
fn append(tar: &mut tar::Builder<Vec<u8>>, name: &str, kind: tar::EntryType, bytes: &[u8]) {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(bytes.len() as u64);
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_cksum();
    tar.append(&header, bytes).expect("a member");
}

/// A tar as it was written before there was a mark for it.
fn old_tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_old();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    tar.append(&header, bytes).expect("a member");
    tar.into_inner().expect("a tar")
}

fn seven_zipped(files: &Files, is_solid: bool) -> Vec<u8> {
    use sevenz_rust2::{ArchiveEntry, ArchiveWriter, SourceReader};
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new())).expect("a writer");
    let entries = || files.iter().map(|(name, _)| ArchiveEntry::new_file(name));
    if is_solid {
        let readers = files.iter().map(|(_, bytes)| SourceReader::new(Cursor::new(bytes.to_vec()))).collect();
        archive.push_archive_entries(entries().collect(), readers).expect("members");
    } else {
        for (entry, (_, bytes)) in entries().zip(files) {
            archive.push_archive_entry(entry, Some(*bytes)).expect("a member");
        }
    }
    archive.finish().expect("a 7-Zip archive").into_inner()
}

/// What Event Hubs Capture writes: a row for each event, with what was sent as its body.
fn captured(bodies: &[&str], codec: &str) -> Vec<u8> {
    const SCHEMA: &str = r#"{"type":"record","name":"EventData","namespace":"Microsoft.ServiceBus.Messaging","fields":[{"name":"SequenceNumber","type":"long"},{"name":"Offset","type":"string"},{"name":"EnqueuedTimeUtc","type":"string"},{"name":"SystemProperties","type":{"type":"map","values":["long","double","string","bytes"]}},{"name":"Properties","type":{"type":"map","values":["long","double","string","bytes","null"]}},{"name":"Body","type":["null","bytes"]}]}"#;
    fn number(value: i64) -> Vec<u8> {
        let mut zigzag = ((value << 1) ^ (value >> 63)) as u64;
        let mut bytes = Vec::new();
        while zigzag > 0x7f {
            bytes.push((zigzag & 0x7f) as u8 | 0x80);
            zigzag >>= 7;
        }
        bytes.push(zigzag as u8);
        bytes
    }
    let text = |text: &[u8]| [number(text.len() as i64), text.to_vec()].concat();
    let mut rows = Vec::new();
    for (row, body) in bodies.iter().enumerate() {
        rows.extend(number(row as i64));
        rows.extend(text(b"4711"));
        rows.extend(text(b"6/21/2021 8:10:00 AM"));
        rows.extend([number(1), text(b"x-opt-partition"), number(2), text(b"p"), number(0)].concat());
        rows.extend(number(0));
        rows.extend(if body.is_empty() { number(0) } else { [number(1), text(body.as_bytes())].concat() });
    }
    let rows = match codec {
        "deflate" => {
            let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(&rows).expect("writing");
            packer.finish().expect("packed rows")
        }
        _ => rows,
    };
    let mark = b"0123456789abcdef";
    let header =
        [number(2), text(b"avro.codec"), text(codec.as_bytes()), text(b"avro.schema"), text(SCHEMA.as_bytes())];
    [
        b"Obj\x01".to_vec(),
        header.concat(),
        number(0),
        mark.to_vec(),
        number(bodies.len() as i64),
        text(&rows),
        mark.to_vec(),
    ]
    .concat()
}

struct Opened {
    index: Index,
    inventory: Inventory,
}

impl Opened {
    fn paths(&self) -> Vec<&str> {
        self.inventory.files.iter().map(|file| file.path.rsplit("evidence").next().unwrap_or_default()).collect()
    }

    /// Everything that the inventory says is wrong.
    fn said(&self) -> String {
        let problems = self.inventory.files.iter().flat_map(|file| &file.problems);
        problems.map(|problem| problem.reason.as_str()).collect::<Vec<_>>().join("\n")
    }
}

fn open(evidence: Vec<PathBuf>) -> Opened {
    let sources = Sources::new();
    let (mut index, mut inventory) = (Index::default(), Inventory::default());
    let request = Request { evidence, ..Request::default() };
    store::load(&request, &sources, &|| true, &mut |event| match event {
        LoadEvent::Batch(batch) => index.append(batch),
        LoadEvent::Inventory(read) => inventory = read,
        _ => {}
    });
    for (_, row) in index.rows() {
        assert!(sources.read(row.span).is_ok(), "{:?}", row.span);
    }
    Opened { index, inventory }
}

fn open_bytes(bytes: &[u8]) -> Opened {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("evidence");
    std::fs::write(&path, bytes).expect("writing");
    let opened = open(vec![path.clone()]);
    // What is understood when it is loaded must not have been refused before.
    if !opened.index.is_empty() {
        let request = Request { evidence: vec![path], ..Request::default() };
        store::check(&request).expect("what can be loaded can be opened");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder").collect();
    assert_eq!(left.len(), 1, "nothing is written");
    opened
}

#[track_caller]
fn holds_the_history(name: &str, opened: &Opened) {
    assert_eq!(opened.index.len(), 2, "{name}: {:?}", opened.inventory.files);
    assert_eq!(opened.said(), "", "{name}");
    for (id, code) in [("a1", 0), ("b2", 53003)] {
        let row = opened.index.find_id(id).and_then(|row| opened.index.row(row));
        let row = row.expect(name);
        assert_eq!(row.error_code, Some(code), "{name}");
        assert_eq!(opened.index.text(row.app), "Teams", "{name}");
    }
    assert!(opened.inventory.files.iter().all(|file| file.kind == FileKind::SignInLog), "{name}");
}

#[test]
fn every_packing_holds_the_same_history() {
    let list = list();
    let lines = format!("{}\n{}\n", diagnostic(GRANTED), diagnostic(BLOCKED));
    let split = |name: &'static str, other: &'static str| -> Vec<(&'static str, Vec<u8>)> {
        vec![(name, format!("[{GRANTED}]").into_bytes()), (other, format!("[{BLOCKED}]").into_bytes())]
    };
    let two = split("logs/b.json", "logs/a.json");
    let two: Vec<(&str, &[u8])> = two.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let half = list.len() / 2;
    let batches = [diagnostic(GRANTED), diagnostic(BLOCKED)].map(|record| format!(r#"{{"records":[{record}]}}"#));
    let packings: Vec<(&str, Vec<u8>, Words, Words)> = vec![
        ("a gzip", gzipped(&list), &[""], &["gzip"]),
        ("a gzip of lines", gzipped(lines.as_bytes()), &[""], &["gzip"]),
        ("a gzip of several members", [gzipped(&list[..half]), gzipped(&list[half..])].concat(), &[""], &["gzip"]),
        ("a gzip of a gzip", gzipped(&gzipped(&list)), &[""], &["gzip", "gzip"]),
        ("a zstd", zstd(&list), &[""], &["zstd"]),
        (
            "a zstd of several frames",
            [b"\x50\x2a\x4d\x18\x04\0\0\0abcd".to_vec(), zstd(&list[..half]), zstd(&list[half..])].concat(),
            &[""],
            &["zstd"],
        ),
        ("a zip", zipped(&two), &["!logs/a.json", "!logs/b.json"], &["zip"]),
        ("a tar", tarred(&two), &["!logs/a.json", "!logs/b.json"], &["tar"]),
        ("an old tar", old_tar("a.json", &list), &["!a.json"], &["tar"]),
        ("a tar.gz", gzipped(&tarred(&two)), &["!logs/a.json", "!logs/b.json"], &["gzip", "tar"]),
        ("a tar.zst", zstd(&tarred(&two)), &["!logs/a.json", "!logs/b.json"], &["zstd", "tar"]),
        ("a 7z", seven_zipped(&two, false), &["!logs/a.json", "!logs/b.json"], &["sevenZip"]),
        ("a solid 7z", seven_zipped(&two, true), &["!logs/a.json", "!logs/b.json"], &["sevenZip"]),
        (
            "a zip of gzips",
            zipped(&[("b.json.gz", &gzipped(two[0].1)), ("a.json.gz", &gzipped(two[1].1))]),
            &["!a.json.gz", "!b.json.gz"],
            &["zip", "gzip"],
        ),
        (
            "a zip of a tar.gz",
            zipped(&[("case.tgz", &gzipped(&tarred(&two)))]),
            &["!case.tgz!logs/a.json", "!case.tgz!logs/b.json"],
            &["zip", "gzip", "tar"],
        ),
        (
            "a zip of a zip of a 7z",
            zipped(&[("one.zip", &zipped(&[("two.7z", &seven_zipped(&two, true))]))]),
            &["!one.zip!two.7z!logs/a.json", "!one.zip!two.7z!logs/b.json"],
            &["zip", "zip", "sevenZip"],
        ),
        ("a capture", captured(&[&batches[0], "", &batches[1]], "null"), &[""], &["eventHubsCapture"]),
        ("a deflated capture", captured(&[&batches[0], &batches[1]], "deflate"), &[""], &["eventHubsCapture"]),
        (
            "a zip of captures",
            zipped(&[
                ("ns/hub/0/2021/06/21/08/00/00.avro", &captured(&[&batches[0]], "deflate")),
                ("ns/hub/1/2021/06/21/08/00/00.avro", &captured(&[&batches[1]], "deflate")),
            ]),
            &["!ns/hub/0/2021/06/21/08/00/00.avro", "!ns/hub/1/2021/06/21/08/00/00.avro"],
            &["zip", "eventHubsCapture"],
        ),
    ];
    for (name, bytes, paths, packed) in packings {
        let opened = open_bytes(&bytes);
        holds_the_history(name, &opened);
        assert_eq!(opened.paths(), paths, "{name}");
        assert!(opened.inventory.files.iter().all(|file| file.packed == packed), "{name}");
    }
}

#[test]
fn what_breaks_off_is_read_up_to_the_break_and_the_break_is_said() {
    let noise: String = (0_u32..4_000).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761))).collect();
    let long = format!(
        "{GRANTED}\n{BLOCKED}\n{{\"id\":\"c3\",\"createdDateTime\":\"2021-06-21T08:05:00Z\",\"x\":\"{noise}\"}}\n"
    );
    let long = long.as_bytes();
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() * 2 / 3].to_vec();
    let whole = list();
    let behind: [(&str, &[u8]); 2] = [("a.json", &whole), ("b.json", long)];
    let mut wrong_sum = zstd(&whole);
    let last = wrong_sum.len() - 1;
    wrong_sum[last] ^= 0xff;
    let mut damaged_tar = tarred(&behind);
    let at = damaged_tar.windows(6).position(|part| part == b"b.json").expect("the header");
    damaged_tar[at] = b'x';
    let mut damaged_zip = zipped(&behind);
    let at = damaged_zip.windows(6).rposition(|part| part == b"b.json").expect("the directory") - 46;
    damaged_zip[at + 16] ^= 0xff;
    let batches = [diagnostic(GRANTED), diagnostic(BLOCKED)].map(|record| format!(r#"{{"records":[{record}]}}"#));
    let capture = captured(&[&batches[0], &batches[1], &format!("\"{noise}\"")], "null");
    for (name, bytes, said) in [
        ("a gzip that is cut off", cut(gzipped(long)), "breaks off after"),
        ("a gzip with something behind it", [gzipped(&whole), b"trailing".to_vec()].concat(), "breaks off after"),
        ("a zstd with a wrong sum", wrong_sum, "check sum is wrong"),
        ("a tar that is cut off", cut(tarred(&behind)), "cut off at byte"),
        ("a tar.gz that is cut off", cut(gzipped(&tarred(&behind))), "breaks off after"),
        ("a tar with a damaged header", damaged_tar, "breaks off after byte"),
        ("a zip that is cut off", cut(zipped(&behind)), "no directory at its end"),
        ("a zip with a wrong sum", damaged_zip, "breaks off after"),
        ("a capture that is cut off", cut(capture), "row 2"),
    ] {
        let opened = open_bytes(&bytes);
        let ids = ["a1", "b2"].map(|id| opened.index.find_id(id).is_some());
        assert_eq!(ids, [true, true], "{name}: {:?}", opened.inventory.files);
        assert!(opened.said().contains(said), "{name}: {}", opened.said());
    }
    // A 7-Zip archive without its end is nothing, and its damage stays in the block it is in.
    let opened = open_bytes(&cut(seven_zipped(&behind, false)));
    assert!(opened.index.is_empty() && opened.said().contains("ask for it again"), "{}", opened.said());
    let mut damaged = seven_zipped(&behind, false);
    damaged[60] ^= 0xff;
    let opened = open_bytes(&damaged);
    assert!(opened.index.find_id("a1").is_some() && !opened.said().is_empty(), "{}", opened.said());
    for (name, head) in [
        ("gzip", &b"\x1f\x8b\x08\x00rest"[..]),
        ("Zstandard", b"\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff\xff"),
        ("7-Zip", b"7z\xbc\xaf\x27\x1c\0\x04\0\0"),
        ("zip", b"PK\x03\x04nothing"),
        ("Avro", b"Obj\x01nothing"),
    ] {
        let opened = open_bytes(head);
        let file = &opened.inventory.files[0];
        assert!(file.kind == FileKind::Unknown && file.format.contains(name) && file.problems.len() == 1, "{file:?}");
    }
}

#[test]
fn bombs_are_refused_with_words_and_take_nothing_from_the_rest() {
    // The limit itself is tried where it can be set lower; here the directory of a zip says what would come out.
    let mut zip = zipped(&[("a.json", &list()), ("b.json", &vec![b' '; 100_000])]);
    for (at, part) in zip.clone().windows(6).enumerate() {
        let size = if part == b"b.json" && at > 46 && zip[at - 46..].starts_with(b"PK\x01\x02") {
            at - 46 + 24
        } else {
            continue;
        };
        zip[size..size + 4].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    }
    let opened = open_bytes(&zip);
    assert_eq!(opened.index.len(), 2);
    assert!(opened.said().contains("more than 1024 MiB"), "{}", opened.said());
    // A tar that claims more than there is, and a capture that does.
    let mut tar = tarred(&[("a.json", &list())]);
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..512].copy_from_slice(&tar[..512]);
    header.set_size(1 << 40);
    header.set_cksum();
    tar[..512].copy_from_slice(header.as_bytes());
    let opened = open_bytes(&tar);
    assert!(opened.index.len() == 2 && opened.said().contains("bytes of it are missing"), "{}", opened.said());
    let mut capture = captured(&["{}"], "null");
    let at = capture.windows(2).rposition(|part| part == b"{}").expect("the body");
    capture[at - 1] = 0xfe;
    assert!(!open_bytes(&capture).said().is_empty());
}

#[test]
fn archives_lie_in_archives_as_deep_as_people_nest_them_and_no_deeper() {
    let inner = zipped(&[("a.json", &list())]);
    let three = zipped(&[("2.zip", &zipped(&[("3.zip", &inner)]))]);
    holds_the_history("three", &open_bytes(&three));
    let opened = open_bytes(&zipped(&[("1.zip", &three), ("beside.json", &list())]));
    assert_eq!(opened.index.len(), 2);
    assert!(opened.said().contains("lies in 3 archives"), "{}", opened.said());
}

#[test]
fn paths_that_lead_out_links_and_hidden_members_are_harmless() {
    let record = |id: &str| format!("[{}]", GRANTED.replace("a1", id)).into_bytes();
    let (one, two, hidden) = (record("1"), record("2"), record("h"));
    let files: Vec<(&str, &[u8])> = vec![
        ("../../evil.json", &one),
        ("/etc/evil.json", &two),
        (".git/config.json", &hidden),
        ("a/.hidden.json", &hidden),
        ("__MACOSX/a.json", &hidden),
    ];
    let mut tar = tar::Builder::new(Vec::new());
    files.iter().for_each(|(name, bytes)| append(&mut tar, name, tar::EntryType::Regular, bytes));
    append(&mut tar, "link.json", tar::EntryType::Symlink, b"");
    append(&mut tar, "hard.json", tar::EntryType::Link, b"");
    append(&mut tar, "folder/", tar::EntryType::Directory, b"");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.add_symlink("link.json", "/etc/passwd", options).expect("a link");
    zip.add_directory("folder", options).expect("a folder");
    for (name, bytes) in &files {
        zip.start_file(*name, options).expect("a member");
        zip.write_all(bytes).expect("writing");
    }
    for (name, bytes) in [
        ("tar", tar.into_inner().expect("a tar")),
        ("zip", zip.finish().expect("a zip").into_inner()),
        ("7z", seven_zipped(&files, true)),
    ] {
        let opened = open_bytes(&bytes);
        assert_eq!(opened.paths(), ["!../../evil.json", "!/etc/evil.json"], "{name}");
        assert_eq!((opened.index.len(), opened.said().as_str()), (2, ""), "{name}");
    }
}

/// A 7-Zip archive with the password `secret`, with the names in the open and hidden too.
const SECRETS: [&str; 2] = [
    "377abcaf271c00047610511610000000000000006300000000000000be50ee94c63468ca38589f0a72ca1afc40baa02c010406000109100a0191a20b0000070b0100022406f1070122c8ff7533460051e2689e31c3c5fba319e79c2142da5f248e76880ee9fbd9ad95b61e2121011601000c060200080a0129bb4c0d00000501110f0061002e006a0073006f006e0000000000",
    "377abcaf271c00044015a09a80000000000000005300000000000000f5c5fcbae58f0e8d4e4994851d7cfea5c9e2b129cca91725c946a4673adb5d8d033151c28ef725b80d6dd6e8d40c6cdc2b45f25630747e7248fb632e06880deb6f4126986ed2f668af8077bd664341570ce5c7f9e19221f4e3ae599aef4de56c185a7bcccddf2b462536779ba994da652481e35feb8fd2af1d83fbbf302f561d197155281706100109700a014f5daf2000070b0100022406f1070122c8ff7b0076baddc4d84f906c5b939a04726d5c1676cbaad33eb36bfbbd6eb215018a23030101055d0000800001000c656300080a015b23cb580000",
];

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
}

#[test]
fn what_is_encrypted_is_said_and_the_rest_is_read() {
    for secret in SECRETS {
        let opened = open_bytes(&bytes_of(secret));
        assert!(opened.said().contains("encrypted: ask for"), "{}", opened.said());
    }
    // The first bit of the flags says that a member is encrypted; nobody needs the rest to be so.
    let mut zip = zipped(&[("a.json", &list()), ("secret.json", b"[]")]);
    let places: Vec<usize> =
        zip.windows(11).enumerate().filter(|(_, part)| *part == b"secret.json").map(|(at, _)| at).collect();
    zip[places[0] - 30 + 6] |= 1;
    zip[places[1] - 46 + 8] |= 1;
    let opened = open_bytes(&zip);
    assert_eq!(opened.index.len(), 2);
    assert!(opened.said().contains("`secret.json` is encrypted: ask for"), "{}", opened.said());
    let archive = opened.inventory.files.iter().find(|file| file.kind == FileKind::Container).expect("the archive");
    assert_eq!(archive.format, "zip, 1 file read");
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, bytes).expect("writing");
}

#[test]
fn a_workbook_is_one_file_that_is_not_read_and_says_what_helps() {
    let parts: [(&str, &[u8]); 3] = [
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/worksheets/sheet1.xml", b"<s/>"),
    ];
    let opened = open_bytes(&zipped(&parts));
    assert_eq!(opened.inventory.files.len(), 1);
    assert_eq!(opened.inventory.files[0].format, "an Excel workbook");
    assert!(opened.said().contains("as JSON") && opened.inventory.files[0].help().is_some());
    let document = open_bytes(&zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")]));
    assert!(document.said().contains("copy the text into a .txt"), "{}", document.said());
    let picture = open_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    assert_eq!(picture.inventory.files[0].encoding, "", "nothing in a picture is text");
}

#[test]
fn several_archives_in_a_folder_are_one_case() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "june.zip", &zipped(&[("a.json", format!("[{GRANTED}]").as_bytes())]));
    write(folder.path(), "may.bin", &gzipped(&tarred(&[("a.json", format!("[{BLOCKED}]").as_bytes())])));
    write(folder.path(), "log.bz2", b"BZh91AY&SY");
    let opened = open(vec![folder.path().to_path_buf()]);
    assert_eq!(opened.index.len(), 2);
    assert!(opened.inventory.files.iter().any(|file| file.format.contains("bzip2")), "{:?}", opened.inventory.files);
}

#[test]
fn the_tree_of_a_storage_account_is_read_as_folders_and_as_a_zip() {
    let mut tree: Vec<(String, Vec<u8>)> = Vec::new();
    for container in ["insights-logs-signinlogs", "insights-logs-noninteractiveusersigninlogs"] {
        for (day, hour) in (1..=20).flat_map(|day| (0..24).map(move |hour| (day, hour))) {
            let id = format!("{container}-{day}-{hour}");
            let record = GRANTED.replace("\"a1\"", &format!("\"{id}\""));
            let other = BLOCKED.replace("\"b2\"", &format!("\"{id}-b\""));
            let at = format!("{container}/tenantId=11111111/y=2026/m=06/d={day:02}/h={hour:02}/m=00/PT1H.json");
            tree.push((at, format!("{}\r\n{}\r\n", diagnostic(&record), diagnostic(&other)).into_bytes()));
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    tree.iter().for_each(|(name, bytes)| write(folder.path(), name, bytes));
    let as_folders = open(vec![folder.path().to_path_buf()]);
    assert_eq!((as_folders.index.len(), as_folders.said().as_str()), (tree.len() * 2, ""));
    let files: Vec<(&str, &[u8])> = tree.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let as_zip = open_bytes(&zipped(&files));
    assert_eq!((as_zip.index.len(), as_zip.inventory.files.len()), (tree.len() * 2, tree.len()));
}

#[test]
fn no_wrong_byte_in_a_packing_panics_or_loses_records_without_a_word() {
    let list = list();
    let packings = [
        gzipped(&list),
        zstd(&list),
        zipped(&[("a.json", &list)]),
        tarred(&[("a.json", &list)]),
        seven_zipped(&[("a.json", &list)], true),
        captured(&[&diagnostic(GRANTED), &diagnostic(BLOCKED)], "deflate"),
    ];
    for bytes in packings {
        for at in (0..bytes.len()).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            let opened = open_bytes(&damaged);
            let is_whole = opened.index.len() == 2;
            assert!(is_whole || !opened.said().is_empty(), "byte {at} of {bytes:?}");
        }
    }
}
