//! How far a text goes on without anything that needs a second look.

/// The length of what precedes the first quote, backslash or control character. Most texts are short, so that
/// their first bytes are worth a look before it goes on in blocks.
#[inline]
pub(crate) fn plain(bytes: &[u8]) -> usize {
    const SHORT: usize = 32;
    let (head, tail) = bytes.split_at_checked(SHORT).unwrap_or((bytes, &[]));
    let length = by_word(head);
    if length < SHORT { length } else { SHORT + by_block(tail) }
}

fn by_block(bytes: &[u8]) -> usize {
    const BLOCK: usize = 64;
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let whole = blocks.iter().take_while(|block| !block.iter().fold(false, |any, byte| any | special(*byte)));
    let length = whole.count() * BLOCK;
    length + by_word(bytes.get(length..).unwrap_or_default())
}

#[inline]
fn by_word(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut length = 0;
    for word in words {
        match first_special(u64::from_le_bytes(*word)) {
            8 => length += 8,
            within => return length + within,
        }
    }
    length + rest.iter().take_while(|byte| !special(**byte)).count()
}

fn special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < 0x20)
}

/// The place of the first special byte of eight, 8 where there is none.
#[inline]
fn first_special(word: u64) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    // The lowest bit set is right: a borrow only reaches the bytes above a true one.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = zero(word ^ (ONES * b'"' as u64));
    let backslash = zero(word ^ (ONES * b'\\' as u64));
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (((quote | backslash | control) & HIGH).trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_ends_where_a_look_at_each_byte_would(
            before in prop::collection::vec(prop::sample::select(b" a!#[]\x7f\x80\xff\xdc\xa2".as_slice()), 0..150),
            rest in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let bytes = [before, rest].concat();
            prop_assert_eq!(plain(&bytes), bytes.iter().take_while(|byte| !special(**byte)).count());
        }
    }

    #[test]
    fn every_byte_at_every_place() {
        for place in 0..80 {
            for byte in 0..=u8::MAX {
                let mut bytes = [b'x'; 80];
                if let Some(slot) = bytes.get_mut(place) {
                    *slot = byte;
                }
                assert_eq!(plain(&bytes), if special(byte) { place } else { 80 }, "{byte} at {place}");
            }
        }
    }
}
