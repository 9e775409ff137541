/// The camel case of a Rust name, as a constant.
macro_rules! camel_case {
    ($name:ident) => {{
        const SNAKE: &str = stringify!($name);
        const NAME: [u8; $crate::api::shape::camel_len(SNAKE)] = $crate::api::shape::to_camel(SNAKE);
        const { $crate::api::shape::text(&NAME) }
    }};
}
pub(crate) use camel_case;

/// How long a name is without its underscores.
pub(crate) const fn camel_len(snake: &str) -> usize {
    let mut rest = snake.as_bytes();
    let mut len = 0;
    while let [byte, after @ ..] = rest {
        if *byte != b'_' {
            len += 1;
        }
        rest = after;
    }
    len
}

/// The name with each letter after an underscore in upper case.
#[expect(clippy::indexing_slicing, reason = "only constants are made of it: out of bounds does not compile")]
pub(crate) const fn to_camel<const N: usize>(snake: &str) -> [u8; N] {
    let mut camel = [0; N];
    let mut rest = snake.as_bytes();
    let (mut at, mut upper) = (0, false);
    while let [byte, after @ ..] = rest {
        if *byte == b'_' {
            upper = true;
        } else {
            camel[at] = if upper { byte.to_ascii_uppercase() } else { *byte };
            at += 1;
            upper = false;
        }
        rest = after;
    }
    camel
}

/// The name as text.
pub(crate) const fn text(name: &'static [u8]) -> &'static str {
    match str::from_utf8(name) {
        Ok(text) => text,
        // Names of fields are ASCII.
        Err(_) => "",
    }
}
