//! Changes that keep much of what a body was, so that the next layer sees it.

use ghlkit::testing::SeededEntropy;

/// What breaks readers of JSON, of UTF-8 and of HTTP.
const PIECES: [&[u8]; 32] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"\\",
    b"\0",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbb\xbf",
    b"\\u0000",
    b"\\ud800",
    b"\\ud83d\\ude9a",
    b"\\u",
    b"null",
    b"-0",
    b"1e999",
    b"1E-400",
    b"18446744073709551616",
    b"0.1e+1",
    b"\"type\":",
    b"\"id\":\"a\",",
    b"\"timestamp\":\"2026-02-30T24:00:60Z\",",
    b"\"data\":{",
    b"\"customFields\":[{",
    b"\"tags\":[",
    b"\n",
    b"=",
];

/// One to eight changes of the bytes. `other` lends its own.
pub fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &SeededEntropy) {
    for _ in 0..=random.below(8) {
        change(bytes, other, random);
    }
}

fn change(bytes: &mut Vec<u8>, other: &[u8], random: &SeededEntropy) {
    let below = |bound: usize| usize::try_from(random.below(u64::try_from(bound).unwrap())).unwrap();
    let at = below(bytes.len() + 1);
    // A range of up to 64 bytes, or of anything that follows.
    let most = if random.chance(0.9) { 64 } else { usize::MAX };
    let end = at + below((bytes.len() - at).min(most) + 1);
    match random.below(8) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 if at < bytes.len() => bytes[at] = u8::try_from(random.below(256)).unwrap(),
        2 => drop(bytes.drain(at..end)),
        3 => bytes.truncate(at),
        4 => {
            let again = bytes[at..end].repeat(1 + below(4));
            bytes.splice(at..at, again);
        }
        5 => {
            let from = below(other.len() + 1);
            let to = from + below((other.len() - from).min(most) + 1);
            bytes.splice(at..end, other[from..to].iter().copied());
        }
        6 => {
            let depth = below(200);
            bytes.splice(at..at, [b'['].repeat(depth));
            bytes.resize(bytes.len() + depth, b']');
        }
        _ => {
            let piece = PIECES[below(PIECES.len())];
            bytes.splice(at..at, piece.iter().copied());
        }
    }
}
