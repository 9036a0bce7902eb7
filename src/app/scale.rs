//! Defines [`Stretch`], a stretch of time that is looked at, and [`Scale`], which maps its instants to the columns of an axis and back.
//!
//! Times are milliseconds since 1970. A stretch is never empty and never inverted, whatever it is made of, so a scale always maps.

/// The shortest stretch that is looked at.
const SHORTEST: i64 = 60_000;
/// Times farther from 1970 than this are taken to be this far, so that no sum of a few of them overflows.
const FARTHEST: i64 = 4_000_000_000_000_000;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// A day in milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// The distances between the marks of an axis, the smallest first.
const STEPS: [i64; 20] = [
    10_000,
    30_000,
    MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    91 * DAY,
    182 * DAY,
    365 * DAY,
    1826 * DAY,
];
/// The first Monday after 1970 began: where weeks are counted from.
const MONDAY: i64 = 4 * DAY;

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    from: i64,
    until: i64,
}

impl Stretch {
    /// The stretch between two instants, widened about its middle where it is too short to look at.
    pub fn new(one: i64, other: i64) -> Stretch {
        let (one, other) = (one.clamp(-FARTHEST, FARTHEST), other.clamp(-FARTHEST, FARTHEST));
        let (from, until) = (one.min(other), one.max(other));
        let missing = (SHORTEST - (until - from)).max(0);
        let from = from - missing / 2;
        Stretch { from, until: until.max(from + SHORTEST) }
    }

    /// Its first instant.
    pub fn from(self) -> i64 {
        self.from
    }

    /// Its last instant.
    pub fn until(self) -> i64 {
        self.until
    }

    /// How long it is.
    pub fn length(self) -> i64 {
        self.until - self.from
    }

    /// Whether the instant lies in it.
    pub fn contains(self, at: i64) -> bool {
        (self.from..=self.until).contains(&at)
    }

    /// Half as long about an instant, which stays where it is; about the middle where the instant is out of sight.
    #[must_use]
    pub fn nearer(self, at: i64, whole: Stretch) -> Stretch {
        self.resized(at, (self.length() / 2).max(SHORTEST)).within(whole)
    }

    /// Twice as long about an instant, which stays where it is as far as the whole allows.
    #[must_use]
    pub fn farther(self, at: i64, whole: Stretch) -> Stretch {
        self.resized(at, self.length().saturating_mul(2).min(whole.length())).within(whole)
    }

    fn resized(self, at: i64, length: i64) -> Stretch {
        let at = if self.contains(at) { at } else { self.from + self.length() / 2 };
        let before = i128::from(at - self.from) * i128::from(length) / i128::from(self.length());
        let from = at - i64::try_from(before).unwrap_or(length / 2);
        Stretch { from, until: from + length }
    }

    /// Moved by quarters of its length, no farther than the whole reaches.
    #[must_use]
    pub fn moved(self, quarters: i64, whole: Stretch) -> Stretch {
        let by = (self.length() / 4).saturating_mul(quarters).clamp(-FARTHEST, FARTHEST);
        Stretch { from: self.from + by, until: self.until + by }.within(whole)
    }

    /// Moved so that the instant is in sight: in the middle, unless it is in sight already.
    #[must_use]
    pub fn showing(self, at: i64, whole: Stretch) -> Stretch {
        if self.contains(at) {
            return self;
        }
        let from = at.clamp(-FARTHEST, FARTHEST) - self.length() / 2;
        Stretch { from, until: from + self.length() }.within(whole)
    }

    /// Moved so that it does not reach beyond the whole.
    fn within(self, whole: Stretch) -> Stretch {
        let length = self.length().clamp(1, whole.length());
        let from = self.from.clamp(whole.from, whole.until - length);
        Stretch { from, until: from + length }
    }
}

/// A stretch of time on so many columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    stretch: Stretch,
    cells: usize,
}

impl Scale {
    /// The stretch on a number of columns, at least one.
    pub fn new(stretch: Stretch, cells: usize) -> Scale {
        Scale { stretch, cells: cells.clamp(1, usize::from(u16::MAX)) }
    }

    /// How many columns there are.
    pub fn cells(self) -> usize {
        self.cells
    }

    /// The column of an instant; nothing where it is out of sight.
    pub fn column(self, at: i64) -> Option<usize> {
        self.stretch.contains(at).then(|| self.nearest(at))
    }

    /// The column of an instant, or the first or last where it is out of sight.
    pub fn nearest(self, at: i64) -> usize {
        let past = at.clamp(self.stretch.from, self.stretch.until) - self.stretch.from;
        let column = i128::from(past) * self.cells as i128 / i128::from(self.stretch.length());
        usize::try_from(column).unwrap_or(0).min(self.cells - 1)
    }

    /// The instants of a column: from the first to before the second.
    pub fn instants(self, column: usize) -> (i64, i64) {
        let end = if column + 1 >= self.cells { self.stretch.until + 1 } else { self.begins(column + 1) };
        (self.begins(column), end)
    }

    fn begins(self, column: usize) -> i64 {
        let past = column as i128 * i128::from(self.stretch.length());
        let past = past / self.cells as i128 + i128::from(past % self.cells as i128 > 0);
        self.stretch.from + i64::try_from(past).unwrap_or(0)
    }

    /// The marks of the axis and their distance, so far apart that a label of so many cells fits each. `offset` is how much later
    /// than UTC the clocks show at an instant.
    pub fn ticks(self, label: impl Fn(i64) -> usize, offset: impl Fn(i64) -> i64) -> (i64, Vec<i64>) {
        let fits = |step: &i64| {
            i128::from(*step) * self.cells as i128 >= (label(*step) as i128 + 2) * i128::from(self.stretch.length())
        };
        let widest = || std::iter::successors(STEPS.last().copied(), |step| step.checked_mul(2)).find(fits);
        let step = STEPS.iter().copied().find(fits).or_else(widest).unwrap_or(FARTHEST);
        let phase = if step % (7 * DAY) == 0 { MONDAY } else { 0 };
        let shown = self.stretch.from.saturating_add(offset(self.stretch.from)) - phase;
        let first = shown.div_euclid(step) * step + phase;
        let ticks = (0..=self.cells as i64 + 1).map(|number| first.saturating_add(step.saturating_mul(number)));
        // The offset may change on the way, and the marks stay at the full hours of the clocks.
        let ticks = ticks.map(|shown| shown.saturating_sub(offset(shown.saturating_sub(offset(self.stretch.from)))));
        (step, ticks.filter(|tick| self.stretch.contains(*tick)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: i64 = 1_624_255_331_000;

    fn label(step: i64) -> usize {
        if step < MINUTE { 8 } else { 5 }
    }

    #[test]
    fn a_stretch_of_nothing_is_widened_and_an_inverted_one_turned() {
        let point = Stretch::new(START, START);
        assert_eq!(point.length(), SHORTEST);
        assert!(point.contains(START));
        assert_eq!(Stretch::new(START + DAY, START), Stretch::new(START, START + DAY));
        let endless = Stretch::new(i64::MIN, i64::MAX);
        assert!(endless.length() > 0 && endless.contains(START));
        let apart = Stretch::new(START, START + 9 * 365 * DAY);
        let scale = Scale::new(apart, 57);
        assert_eq!((scale.column(START), scale.column(START + 9 * 365 * DAY)), (Some(0), Some(56)));
        assert!(scale.ticks(|_| 10, |_| 0).1.len() >= 2);
    }

    #[test]
    fn marks_stand_at_the_days_and_hours_of_the_zone() {
        let days = Scale::new(Stretch::new(START, START + 5 * DAY), 57);
        let (step, ticks) = days.ticks(label, |_| 2 * HOUR);
        assert_eq!((step, ticks.len()), (DAY, 5));
        assert!(ticks.iter().all(|tick| (tick + 2 * HOUR) % DAY == 0));
        let hours = Scale::new(Stretch::new(START, START + DAY), 57);
        assert_eq!(hours.ticks(label, |_| 0).0, 6 * HOUR);
        let minutes = Scale::new(Stretch::new(START, START + HOUR), 57);
        assert_eq!(minutes.ticks(label, |_| 0).0, 10 * MINUTE);
        let seconds = Scale::new(Stretch::new(START, START), 57);
        assert_eq!(seconds.ticks(label, |_| 0).0, 30_000);
    }

    #[test]
    fn marks_stay_at_midnight_when_the_clocks_are_put_forward() {
        let change = START + 2 * DAY;
        let offset = |at: i64| if at < change { HOUR } else { 2 * HOUR };
        let scale = Scale::new(Stretch::new(START, START + 6 * DAY), 60);
        let (step, ticks) = scale.ticks(label, offset);
        assert_eq!(step % DAY, 0);
        assert!(ticks.iter().all(|tick| (tick + offset(*tick)) % DAY == 0), "{ticks:?}");
    }

    proptest! {
        #[test]
        fn zooming_and_moving_never_invert_nor_leave_the_whole(
            one in any::<i64>(), other in any::<i64>(), at in any::<i64>(), moves in proptest::collection::vec(0u8..6, 0..40),
        ) {
            let whole = Stretch::new(one, other);
            let mut stretch = whole;
            for step in moves {
                stretch = match step {
                    0 | 1 => stretch.nearer(at, whole),
                    2 => stretch.farther(at, whole),
                    3 => stretch.moved(1, whole),
                    4 => stretch.moved(-1, whole),
                    _ => stretch.showing(at, whole),
                };
                prop_assert!(stretch.length() >= SHORTEST.min(whole.length()));
                prop_assert!(whole.contains(stretch.from()) && whole.contains(stretch.until()));
                if step == 5 && whole.contains(at) {
                    prop_assert!(stretch.contains(at));
                }
            }
        }

        #[test]
        fn every_instant_has_the_column_that_holds_it(one in any::<i32>(), length in 0i64..9_000_000_000, cells in 0usize..300, part in 0.0f64..1.0) {
            let from = i64::from(one) * 1000;
            let stretch = Stretch::new(from, from + length);
            let scale = Scale::new(stretch, cells);
            let at = stretch.from() + (stretch.length() as f64 * part) as i64;
            let column = scale.column(at).expect("an instant in sight");
            let (first, end) = scale.instants(column);
            prop_assert!(column < scale.cells() && first <= at && at < end, "{at} in {first}..{end}");
            prop_assert_eq!(scale.column(stretch.from()), Some(0));
            prop_assert_eq!(scale.column(stretch.until()), Some(scale.cells() - 1));
            let (_, ticks) = scale.ticks(label, |_| 0);
            let columns: Vec<usize> = ticks.iter().filter_map(|tick| scale.column(*tick)).collect();
            prop_assert!(columns.windows(2).all(|pair| pair[1] - pair[0] >= 6), "{columns:?}");
        }
    }
}
