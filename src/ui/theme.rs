//! Defines [`Theme`]: the style of each role and the glyph of each mark.
//!
//! Nothing on the screen is said by colour alone: a mark is a glyph, a word and a colour together. The default theme uses the
//! terminal's own sixteen colours, with blue against red and yellow rather than green against red. With `NO_COLOR` the mono
//! theme is chosen, because crossterm 0.29 turns each colour into a reset, which would take the reversed cursor away with it.

use ratatui::style::{Color, Modifier, Style};

use crate::explain::outline::Mark;

/// What something on the screen is, as far as its looks are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Running text.
    Text,
    /// What matters less.
    Dim,
    /// The program's name, headings, column heads.
    Strong,
    /// The headline of an explanation.
    Headline,
    /// The frame and title of a pane.
    Frame,
    /// The frame and title of the pane with the focus.
    Focus,
    /// The cursor line of the pane with the focus.
    Cursor,
    /// The cursor line of another pane.
    Resting,
    /// What a search matched.
    Match,
    /// The field under discussion, and evidence that the walk lights.
    Lit,
    /// A key in hints and help.
    Key,
    /// A name in the raw record, or before a text.
    Name,
    /// A message.
    Toast,
    /// A message about a failure.
    Error,
    /// A mark.
    Mark(Mark),
}

/// The names of the themes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ThemeName {
    /// For dark terminals; the default.
    #[default]
    Dark,
    /// For light terminals.
    Light,
    /// Without grey, for projectors and tired eyes.
    Contrast,
    /// Without colour.
    Mono,
}

impl ThemeName {
    /// All themes.
    pub const ALL: [ThemeName; 4] = [ThemeName::Dark, ThemeName::Light, ThemeName::Contrast, ThemeName::Mono];

    /// The name by which it is chosen.
    pub fn word(self) -> &'static str {
        match self {
            ThemeName::Dark => "dark",
            ThemeName::Light => "light",
            ThemeName::Contrast => "contrast",
            ThemeName::Mono => "mono",
        }
    }
}

/// How the screen looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Theme {
    /// The colours.
    pub name: ThemeName,
    /// Whether only ASCII is used for glyphs and frames.
    pub is_ascii: bool,
}

impl Theme {
    /// A theme by its name.
    pub fn new(name: ThemeName) -> Theme {
        Theme { name, is_ascii: false }
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        let style = match self.name {
            ThemeName::Dark => coloured(role, &DARK),
            ThemeName::Light => coloured(role, &LIGHT),
            ThemeName::Contrast => coloured(role, &CONTRAST),
            ThemeName::Mono => Style::new(),
        };
        style.add_modifier(modifier(role, self.name == ThemeName::Mono))
    }

    /// The glyph of a mark: one cell wide.
    pub fn glyph(&self, mark: Mark) -> &'static str {
        match (mark, self.is_ascii) {
            (Mark::None, _) => " ",
            (Mark::Good, false) => "✓",
            (Mark::Good, true) => "+",
            (Mark::Bad, false) => "✗",
            (Mark::Bad, true) => "x",
            (Mark::Step, false) => "→",
            (Mark::Step, true) => ">",
            (Mark::Handed, false) => "⇥",
            (Mark::Handed, true) => "]",
            (Mark::Idle, _) => "-",
            (Mark::Unknown, _) => "?",
        }
    }

    /// One of two spellings of a sign.
    pub fn sign(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.is_ascii { ascii } else { unicode }
    }
}

/// The colours that make a theme out of the roles.
struct Colours {
    dim: Color,
    frame: Color,
    focus: Color,
    key: Color,
    name: Color,
    found: Color,
    lit: (Color, Color),
    error: (Color, Color),
    good: Color,
    bad: Color,
    step: Color,
    handed: Color,
    unknown: Color,
}

const DARK: Colours = Colours {
    dim: Color::DarkGray,
    frame: Color::DarkGray,
    focus: Color::LightCyan,
    key: Color::LightCyan,
    name: Color::Cyan,
    found: Color::LightYellow,
    lit: (Color::Black, Color::Yellow),
    error: (Color::Black, Color::LightRed),
    good: Color::LightBlue,
    bad: Color::LightRed,
    step: Color::Cyan,
    handed: Color::LightYellow,
    unknown: Color::LightMagenta,
};

const LIGHT: Colours = Colours {
    dim: Color::DarkGray,
    frame: Color::DarkGray,
    focus: Color::Blue,
    key: Color::Blue,
    name: Color::Blue,
    found: Color::Red,
    lit: (Color::Black, Color::Yellow),
    error: (Color::White, Color::Red),
    good: Color::Blue,
    bad: Color::Red,
    step: Color::Blue,
    handed: Color::Magenta,
    unknown: Color::Magenta,
};

const CONTRAST: Colours = Colours {
    dim: Color::Reset,
    frame: Color::Reset,
    focus: Color::LightYellow,
    key: Color::LightYellow,
    name: Color::LightCyan,
    found: Color::LightYellow,
    lit: (Color::Black, Color::LightYellow),
    error: (Color::Black, Color::LightRed),
    good: Color::LightCyan,
    bad: Color::LightRed,
    step: Color::LightCyan,
    handed: Color::LightYellow,
    unknown: Color::LightMagenta,
};

fn coloured(role: Role, colours: &Colours) -> Style {
    let style = Style::new();
    match role {
        Role::Text | Role::Strong | Role::Headline | Role::Cursor | Role::Resting | Role::Toast => style,
        Role::Dim | Role::Mark(Mark::Idle) => style.fg(colours.dim),
        Role::Frame => style.fg(colours.frame),
        Role::Focus => style.fg(colours.focus),
        Role::Match => style.fg(colours.found),
        Role::Lit => style.fg(colours.lit.0).bg(colours.lit.1),
        Role::Key => style.fg(colours.key),
        Role::Name => style.fg(colours.name),
        Role::Error => style.fg(colours.error.0).bg(colours.error.1),
        Role::Mark(Mark::None) => style,
        Role::Mark(Mark::Good) => style.fg(colours.good),
        Role::Mark(Mark::Bad) => style.fg(colours.bad),
        Role::Mark(Mark::Step) => style.fg(colours.step),
        Role::Mark(Mark::Handed) => style.fg(colours.handed),
        Role::Mark(Mark::Unknown) => style.fg(colours.unknown),
    }
}

fn modifier(role: Role, is_mono: bool) -> Modifier {
    let always = match role {
        Role::Strong | Role::Headline | Role::Focus | Role::Resting | Role::Key | Role::Toast | Role::Error => {
            Modifier::BOLD
        }
        Role::Mark(Mark::Bad | Mark::Handed) => Modifier::BOLD,
        Role::Match => Modifier::BOLD.union(Modifier::UNDERLINED),
        Role::Cursor => Modifier::REVERSED,
        _ => Modifier::empty(),
    };
    let in_mono = match role {
        Role::Dim | Role::Mark(Mark::Idle) => Modifier::DIM,
        Role::Lit => Modifier::BOLD.union(Modifier::UNDERLINED),
        Role::Error => Modifier::REVERSED,
        _ => Modifier::empty(),
    };
    if is_mono { always.union(in_mono) } else { always }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mono_has_no_colour_and_marks_differ_without_it() {
        let mono = Theme::new(ThemeName::Mono);
        let marks = [Mark::Good, Mark::Bad, Mark::Step, Mark::Handed, Mark::Idle, Mark::Unknown];
        for role in [Role::Text, Role::Dim, Role::Cursor, Role::Lit, Role::Error, Role::Match, Role::Mark(Mark::Bad)] {
            let style = mono.style(role);
            assert_eq!((style.fg, style.bg), (None, None));
        }
        for is_ascii in [false, true] {
            let theme = Theme { is_ascii, ..mono };
            let glyphs: std::collections::HashSet<&str> = marks.iter().map(|mark| theme.glyph(*mark)).collect();
            assert_eq!(glyphs.len(), marks.len());
        }
    }
}
