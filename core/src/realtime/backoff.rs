/// How long to wait before the next connection: the whole span is used, so that many clients that lose one server do not
/// come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest first delay, in milliseconds. Default: 10,000.
    pub first_ms: u64,
    /// The longest delay of all; the span doubles until there. Default: 60,000.
    pub most_ms: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first_ms: 10_000, most_ms: 60_000 }
    }
}

impl Backoff {
    /// The delay after so many failures in a row (from 1), between a tenth of its span and all of it, as `random` (0 to 1)
    /// has it.
    pub fn delay_ms(&self, failures: u32, random: f64) -> u64 {
        let doubled = self.first_ms.saturating_mul(2_u64.saturating_pow(failures.saturating_sub(1)));
        let span = doubled.min(self.most_ms);
        let least = span / 10;
        least + ((span - least) as f64 * random.clamp(0.0, 1.0)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_double_up_to_the_longest() {
        let backoff = Backoff::default();
        let at =
            |random: f64| [0, 1, 2, 3, 4, 99, u32::MAX].map(|failures| backoff.delay_ms(failures, random));
        assert_eq!(at(1.0), [10_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
        assert_eq!(at(0.0), [1_000, 1_000, 2_000, 4_000, 6_000, 6_000, 6_000]);
        assert_eq!(backoff.delay_ms(1, f64::NAN), 1_000);
    }

    #[test]
    fn a_thousand_clients_do_not_come_back_together() {
        let mut seconds = [0; 11];
        for client in 0..1_000 {
            let delay = Backoff::default().delay_ms(1, f64::from(client) / 1_000.0);
            seconds[usize::try_from(delay / 1_000).unwrap()] += 1;
        }
        assert!(seconds.iter().all(|clients| *clients <= 200), "{seconds:?}");
    }
}
