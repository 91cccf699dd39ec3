//! Chance that is the same for the same seed, everywhere.

use std::time::Duration;

use crm_core::Timestamp;

const DAY: u64 = 24 * 60 * 60;
/// Letters with case in two scripts, without case, and what patterns of both databases are made of.
const LETTERS: [char; 24] = [
    'a', 'A', 'b', 'B', 'z', 'ł', 'Ł', 'é', 'É', 'ж', 'Ж', 'ß', '日', ' ', '1', '%', '_', '*', '?',
    '[', ']', '\\', '\'', '-',
];

/// `SplitMix64`: the same numbers for the same seed, everywhere.
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n).unwrap()).unwrap()
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    pub fn text(&mut self, longest: usize) -> String {
        let length = self.below(longest + 1);
        (0..length).map(|_| *self.of(&LETTERS)).collect()
    }

    pub fn number(&mut self) -> f64 {
        *self.of(&[-10.0, -2.0, 0.0, 1.5, 9.0, 10.0, 1e21])
    }

    pub fn at(&mut self, now: Timestamp) -> Timestamp {
        let seconds = u64::try_from(self.below(60)).unwrap() * DAY;
        now.minus(Duration::from_secs(seconds + self.next() % 5))
    }
}
