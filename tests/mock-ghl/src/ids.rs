//! Ids as HighLevel shapes them, drawn from a seeded generator so that a run can be repeated.

use std::iter::repeat_with;

/// SplitMix64: small, fast, and good enough for ids and fault decisions.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// Begins anew.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `0..bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// True once in `1 / probability` draws; a probability of 0 draws nothing, so that a switched-off
    /// fault does not shift the others.
    pub fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && ((self.next() >> 11) as f64 / (1u64 << 53) as f64) < probability
    }

    fn letters(&mut self, alphabet: &[u8], length: usize) -> String {
        repeat_with(|| self.below(alphabet.len() as u64) as usize)
            .take(length)
            .filter_map(|at| alphabet.get(at).copied().map(char::from))
            .collect()
    }

    /// 20 letters and digits: contacts, opportunities, locations, fields, users, calendars.
    pub(crate) fn opaque(&mut self) -> String {
        self.letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 20)
    }

    /// 24 hexadecimal digits: plans, refresh token ids.
    pub(crate) fn hex24(&mut self) -> String {
        self.letters(b"0123456789abcdef", 24)
    }

    /// A version 4 UUID: stages, webhook ids, trace ids.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            8 + (low >> 62),
            (low >> 48) & 0xfff,
            low & 0xffff_ffff_ffff,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn a_seed_gives_the_same_ids_and_another_seed_other_ids() {
        let draw = |seed| {
            let mut rng = Rng::new(seed);
            (rng.opaque(), rng.hex24(), rng.uuid())
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn ids_have_the_published_shapes() {
        let mut rng = Rng::new(1);
        for _ in 0..200 {
            assert_eq!(rng.opaque().len(), 20);
            assert!(rng.hex24().bytes().all(|b| b.is_ascii_hexdigit()));
            let uuid = rng.uuid();
            let parts: Vec<_> = uuid.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{uuid}");
            assert!(matches!(uuid.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{uuid}");
        }
    }

    #[test]
    fn chance_keeps_its_odds() {
        let mut rng = Rng::new(3);
        let hits = (0..10_000).filter(|_| rng.chance(0.25)).count();
        assert!((2_300..2_700).contains(&hits), "{hits}");
        assert!(!(0..1_000).any(|_| rng.chance(0.0)));
    }
}
