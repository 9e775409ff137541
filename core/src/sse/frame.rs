use std::fmt::Write as _;

use super::Cursor;

/// A comment, so that nobody on the way takes the connection to be idle.
pub const PING: &str = ": ping\n\n";

/// A frame of the stream: `id:` and `data:`, as the HTML standard has it ("Server-sent events"). `data` is of one line.
pub fn frame(id: &Cursor, data: &str) -> String {
    let mut text = String::with_capacity(data.len() + 32);
    // Writing to a String never fails.
    let _ = write!(text, "id: {id}\ndata: {data}\n\n");
    text
}

/// Tells the browser after how many milliseconds it comes back.
pub fn retry(ms: u64) -> String {
    format!("retry: {ms}\n\n")
}
