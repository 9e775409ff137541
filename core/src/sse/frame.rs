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

/// What a stream begins with: after how many milliseconds the browser comes back, and from where it then goes on. It must be said,
/// even to a browser that has just said so itself: the standard lets a blank line before any `id:` forget it.
pub fn greeting(retry_ms: u64, id: &Cursor) -> String {
    format!("retry: {retry_ms}\nid: {id}\n\n")
}
