//! Saves the screen as a picture in the current folder.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a picture under a name with a time stamp that no file has yet, readable only by its owner: it shows a customer's
/// data. Nothing is ever overwritten.
pub fn save(folder: &Path, stamp: &str, svg: &str) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let name = if number == 1 { format!("authopsy-{stamp}.svg") } else { format!("authopsy-{stamp}-{number}.svg") };
        let path = folder.join(name);
        match create(&path) {
            Ok(mut file) => {
                file.write_all(svg.as_bytes())?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => number += 1,
            Err(error) => return Err(error),
        }
    }
}

fn create(path: &Path) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_private_and_never_overwrite_one_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = save(folder.path(), "20210621-023018", "<svg>1</svg>").expect("saved");
        let second = save(folder.path(), "20210621-023018", "<svg>2</svg>").expect("saved");
        assert!(first.ends_with("authopsy-20210621-023018.svg") && second.ends_with("authopsy-20210621-023018-2.svg"));
        assert_eq!(std::fs::read_to_string(&first).expect("readable"), "<svg>1</svg>");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&second).expect("there").permissions().mode() & 0o777, 0o600);
        }
        assert!(save(&folder.path().join("missing"), "x", "").is_err());
    }
}
