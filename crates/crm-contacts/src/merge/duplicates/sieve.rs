//! Which hashes occur more than once, at four bytes for each that is met.

/// More contacts than these under one key are a switchboard or a shop's address and tell nothing.
pub(super) const MOST_ALIKE: usize = 20;

/// Hashes as they are met. Half a hash is kept: in a million, a hundred strangers share one, and they are told apart when
/// their whole hashes are compared.
#[derive(Default)]
pub(super) struct Sieve(Vec<u32>);

impl Sieve {
    /// Notes a hash.
    pub(super) fn meet(&mut self, hash: Option<u64>) {
        self.0.extend(hash.map(half));
    }

    /// Those met between twice and [`MOST_ALIKE`] times; at most so many of them.
    pub(super) fn repeated(mut self, most: usize) -> Repeated {
        self.0.sort_unstable();
        let runs = self.0.chunk_by(|one, other| one == other);
        let repeated = runs.filter(|run| (2..=MOST_ALIKE).contains(&run.len()));
        Repeated(repeated.filter_map(|run| run.first().copied()).take(most).collect())
    }
}

/// Hashes that were met more than once.
pub(super) struct Repeated(Vec<u32>);

impl Repeated {
    /// The hash, where it is one of them.
    pub(super) fn pick(&self, hash: Option<u64>) -> Option<u64> {
        hash.filter(|hash| self.0.binary_search(&half(*hash)).is_ok())
    }
}

fn half(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_met_twice_is_picked_and_a_crowd_is_not() {
        let (once, twice, crowd) = (1 << 32, 2 << 32, 3 << 32);
        let mut sieve = Sieve::default();
        for hash in
            [once, twice, twice].into_iter().chain(std::iter::repeat_n(crowd, MOST_ALIKE + 1))
        {
            sieve.meet(Some(hash));
        }
        sieve.meet(None);
        let repeated = sieve.repeated(10);
        assert_eq!(repeated.pick(Some(twice)), Some(twice));
        assert_eq!(
            [repeated.pick(Some(once)), repeated.pick(Some(crowd)), repeated.pick(None)],
            [None; 3]
        );
        let mut sieve = Sieve::default();
        for hash in [4 << 32, 4 << 32, 5 << 32, 5 << 32] {
            sieve.meet(Some(hash));
        }
        assert_eq!(sieve.repeated(1).pick(Some(5 << 32)), None, "no more than were asked for");
    }
}
