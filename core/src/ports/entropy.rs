use super::Shared;

/// Randomness, for jitter and lease tokens.
pub trait Entropy: Shared {
    /// Fills the buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]);

    /// A random number below 1, with 32 bits of resolution.
    fn unit(&self) -> f64 {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }

    /// 32 lower-case hex digits from 16 random bytes: ids and lease tokens.
    fn hex_id(&self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
            text
        })
    }
}
