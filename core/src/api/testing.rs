//! Requests in one line, for tests.

use crate::client::ApiRequest;

/// Method, path, query, version, whether it may be repeated, and body.
pub(super) fn line<T>(request: &ApiRequest<T>) -> String {
    let headers = request.headers();
    let header = |name| headers.iter().find(|(n, _)| *n == name).map_or("-", |(_, value)| value.as_str());
    assert_eq!(header("content-type") != "-", !request.body().is_empty());
    let repeat = if request.repeatable() { "repeatable" } else { "once" };
    let query = request.query_string();
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    let parts = [
        request.method().as_str(),
        request.path(),
        if query.is_empty() { "-" } else { &query },
        header("version"),
        repeat,
        if body.is_empty() { "-" } else { &body },
    ];
    parts.join(" ")
}

pub(super) fn read<T: serde::de::DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}
