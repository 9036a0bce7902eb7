//! Draws the README's pictures from the demo case with the program's own drawing, and holds them to it.
//!
//! `AUTHOPSY_WRITE_PICTURES=1 cargo test --test pictures` writes them anew.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod stage;

use std::path::Path;

use authopsy::ui::theme::{Theme, ThemeName};
use authopsy::ui::{picture, svg};
use stage::Stage;

#[test]
fn the_pictures_in_the_readme_are_the_screens_of_now() {
    let table = [
        ("why", 150, 42, "/ a n a enter e", ThemeName::Dark),
        ("walk", 120, 36, "/ a n a enter e n n n n n n", ThemeName::Dark),
        ("record", 120, 30, "/ a n a enter e n n n n n n j j enter", ThemeName::Dark),
        ("policies", 120, 30, "/ a n a enter e c j j j", ThemeName::Dark),
        ("what-if", 120, 30, "/ a n a enter e w j j space j j j j space space G space", ThemeName::Dark),
        ("timeline", 120, 36, "/ l u k enter t p", ThemeName::Dark),
        ("lockouts", 120, 36, "/ a n n e l enter L", ThemeName::Dark),
        ("addresses", 120, 36, "A", ThemeName::Dark),
        ("files", 80, 24, "f", ThemeName::Light),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures");
    for (name, width, height, keys, theme) in table {
        let mut stage = Stage::open(width, height);
        stage.press(keys);
        let theme = Theme::new(theme);
        let drawn = svg::write(&picture(&stage.model, &theme), &theme);
        let path = folder.join(format!("{name}.svg"));
        if std::env::var_os("AUTHOPSY_WRITE_PICTURES").is_some() {
            std::fs::create_dir_all(&folder).expect("the folder");
            std::fs::write(&path, &drawn).expect("writing");
        }
        let held = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(held == drawn, "{name}.svg is stale: AUTHOPSY_WRITE_PICTURES=1 cargo test --test pictures");
    }
}
