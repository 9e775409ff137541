//! Bytes as lower-case hexadecimal digits, the one spelling that signatures have.

/// The digits of bytes.
pub fn encode(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect()
}

/// 32 bytes from exactly 64 lower-case hex digits; every other spelling is refused.
pub fn decode_32(text: &[u8]) -> Option<[u8; 32]> {
    let text: &[u8; 64] = text.try_into().ok()?;
    let mut bytes = [0; 32];
    let mut wrong = 0;
    for (byte, pair) in bytes.iter_mut().zip(text.as_chunks::<2>().0) {
        let [high, low] = pair.map(value);
        wrong |= high | low;
        *byte = high << 4 | low & 0xf;
    }
    (wrong & WRONG == 0).then_some(bytes)
}

/// Marks what is no digit.
const WRONG: u8 = 0xf0;

/// The value of a digit. There is no branch in it, so that all digits are read together.
fn value(digit: u8) -> u8 {
    let (number, letter) = (digit.wrapping_sub(b'0'), digit.wrapping_sub(b'a'));
    if number < 10 {
        number
    } else if letter < 6 {
        letter + 10
    } else {
        WRONG
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_64_lower_case_digits_are_read() {
        let bytes: [u8; 32] = std::array::from_fn(|i| u8::try_from(i * 8 + 5).unwrap());
        let text = encode(&bytes);
        assert!(text.starts_with("050d151d"));
        assert_eq!(decode_32(text.as_bytes()), Some(bytes));
        for bad in [
            text.to_uppercase(),
            format!("{text}0"),
            format!(" {}", &text[1..]),
            format!("0x{}", &text[2..]),
            text[..63].to_owned(),
            format!("g{}", &text[1..]),
            String::new(),
        ] {
            assert_eq!(decode_32(bad.as_bytes()), None, "{bad}");
        }
    }
}
