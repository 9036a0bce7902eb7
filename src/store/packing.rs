//! Tells by its first bytes how a file is packed. Names are never looked at.

/// A way in which files are packed: several in an archive, or one in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Packing {
    /// A zip.
    Zip,
    /// A 7-Zip archive.
    SevenZip,
    /// A tar.
    Tar,
    /// A gzip stream.
    Gzip,
    /// A Zstandard stream.
    Zstd,
    /// An Avro container, as Event Hubs Capture writes it.
    Avro,
}

impl Packing {
    /// All of them.
    pub const ALL: [Packing; 6] =
        [Packing::Zip, Packing::SevenZip, Packing::Tar, Packing::Gzip, Packing::Zstd, Packing::Avro];

    /// Tells the packing by the first bytes of a file, as they lie on disk.
    pub fn of(head: &[u8]) -> Option<Packing> {
        const MAGIC: [(&[u8], Packing); 7] = [
            (b"PK\x03\x04", Packing::Zip),
            (b"PK\x05\x06", Packing::Zip),
            (b"PK\x07\x08PK\x03\x04", Packing::Zip),
            (b"7z\xbc\xaf\x27\x1c", Packing::SevenZip),
            (b"\x1f\x8b\x08", Packing::Gzip),
            (b"\x28\xb5\x2f\xfd", Packing::Zstd),
            (b"Obj\x01", Packing::Avro),
        ];
        let by_magic = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, packing)| *packing);
        by_magic
            .or_else(|| is_skippable_zstd(head).then_some(Packing::Zstd))
            .or_else(|| is_tar(head).then_some(Packing::Tar))
    }

    /// Its word in the catalogue of formats.
    pub fn word(self) -> &'static str {
        match self {
            Packing::Zip => "zip",
            Packing::SevenZip => "sevenZip",
            Packing::Tar => "tar",
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
            Packing::Avro => "eventHubsCapture",
        }
    }

    /// Its name, as a noun without an article.
    pub fn name(self) -> &'static str {
        match self {
            Packing::Zip => "zip",
            Packing::SevenZip => "7-Zip archive",
            Packing::Tar => "tar",
            Packing::Gzip => "gzip",
            Packing::Zstd => "Zstandard stream",
            Packing::Avro => "Avro container",
        }
    }

    /// Whether it holds one file and no name.
    pub fn is_stream(self) -> bool {
        matches!(self, Packing::Gzip | Packing::Zstd)
    }
}

/// A stream of Zstandard may begin with a frame that holds no data.
fn is_skippable_zstd(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// The header of a tar carries a sum of its own bytes, which is told from every other kind of file; old ones have nothing else.
fn is_tar(head: &[u8]) -> bool {
    const SUM: std::ops::Range<usize> = 148..156;
    let Some(header) = head.get(..512).filter(|header| header.first().is_some_and(|first| *first != 0)) else {
        return false;
    };
    let digits = header.get(SUM).unwrap_or_default().trim_ascii();
    let digits = digits.split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii();
    let claimed = std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, 8).ok());
    let counted: u32 =
        header.iter().enumerate().map(|(at, byte)| u32::from(if SUM.contains(&at) { b' ' } else { *byte })).sum();
    claimed == Some(counted)
}

/// What another program's file is that is not read, told by its first bytes, with what would help.
pub fn foreign(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 11] = [
        (b"BZh", "bzip2, which is not unpacked: unpack it first, or send a zip, gzip or 7z"),
        (b"\xfd7zXZ\0", "xz, which is not unpacked: unpack it first, or send a zip, gzip or 7z"),
        (b"Rar!\x1a\x07", "a RAR archive, which is not unpacked: unpack it first, or send a zip or 7z"),
        (b"MSCF\0\0\0\0", "a cabinet (CAB), which is not unpacked: unpack it first, or send a zip or 7z"),
        (b"PAR1", "Parquet, which is not read: export the same rows as JSON, one record a line"),
        (b"ElfFile\0", "a Windows event log, which holds no Entra sign-ins: ask for the sign-in log as JSON"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "a file of Office or Outlook, which is not read: ask for the attachment or export itself",
        ),
        (b"\x89PNG", "a picture: ask for the sign-in itself, as JSON or as copied text"),
        (b"\xff\xd8\xff", "a picture: ask for the sign-in itself, as JSON or as copied text"),
        (b"GIF8", "a picture: ask for the sign-in itself, as JSON or as copied text"),
        (b"%PDF-", "a PDF: ask for the sign-in itself, as JSON or as copied text"),
    ];
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packings_are_told_by_their_first_bytes() {
        let mut tar = vec![0; 512];
        tar[..6].copy_from_slice(b"a.json");
        let sum = tar.iter().map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
        tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        for (head, packing) in [
            (b"PK\x03\x04...".as_slice(), Some(Packing::Zip)),
            (b"PK\x05\x06", Some(Packing::Zip)),
            (b"7z\xbc\xaf\x27\x1c\0\x04", Some(Packing::SevenZip)),
            (b"\x1f\x8b\x08\x00", Some(Packing::Gzip)),
            (b"\x28\xb5\x2f\xfd\x04", Some(Packing::Zstd)),
            (b"\x51\x2a\x4d\x18\0\0\0\0", Some(Packing::Zstd)),
            (b"Obj\x01", Some(Packing::Avro)),
            (&tar, Some(Packing::Tar)),
            (&tar[..511], None),
            (&[0; 512], None),
            (&[b'{'; 600], None),
            (b"PK", None),
            (b"", None),
        ] {
            assert_eq!(Packing::of(head), packing, "{head:?}");
        }
        tar[0] = b'b';
        assert_eq!(Packing::of(&tar), None);
    }

    #[test]
    fn what_is_not_read_is_named() {
        assert!(foreign(b"BZh91AY").is_some_and(|words| words.contains("bzip2")));
        assert!(foreign(b"\xfd7zXZ\0").is_some_and(|words| words.contains("xz")));
        assert_eq!(foreign(b"[{"), None);
    }
}
