use serde::de::DeserializeOwned;

use crate::error::{Code, Error, Result};

/// Reads JSON so that every error names the path of the field, e.g. `customer.email` or
/// `path[2].progress`; `root` names the whole.
pub(super) fn read_json<T: DeserializeOwned>(json: &[u8], root: &str, max_bytes: usize) -> Result<T> {
    if json.len() > max_bytes {
        return Err(Error::new(
            Code::TooLarge,
            format!("{root}: expected at most {max_bytes} bytes of JSON, got {}", json.len()),
        )
        .with_field(root));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| Error::invalid(field(root, &error), error.inner()))?;
    deserializer.end().map_err(|error| Error::invalid(root, error))?;
    Ok(value)
}

/// The path, with the name of a field that is missing there.
fn field(root: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let message = error.inner().to_string();
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match (error.path().iter().next().map(|_| error.path().to_string()), missing) {
        (Some(path), Some(name)) => format!("{path}.{name}"),
        (Some(path), None) => path,
        (None, Some(name)) => name.to_owned(),
        (None, None) => root.to_owned(),
    }
}

/// Names the place in the JSON instead of the part that was wrong there.
pub(crate) fn at<T>(field: &str, result: Result<T>) -> Result<T> {
    result.map_err(|error| {
        let part = error.field().map(|part| format!("{part}: ")).unwrap_or_default();
        let message = error.message().strip_prefix(&part).unwrap_or(error.message());
        Error::new(error.code(), format!("{field}: {message}")).with_field(field)
    })
}
