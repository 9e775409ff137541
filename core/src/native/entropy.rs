use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

use crate::ports::Entropy;

/// The system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        if getrandom::fill(buffer).is_err() {
            // Jitter and lease tokens must differ, not be unguessable: the standard library's own hash keys
            // serve where the system has no randomness to give.
            for chunk in buffer.chunks_mut(8) {
                let word = RandomState::new().build_hasher().finish().to_le_bytes();
                chunk.iter_mut().zip(word).for_each(|(to, from)| *to = from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ids_differ() {
        assert_ne!(OsEntropy.hex_id(), OsEntropy.hex_id());
    }
}
