use ghlkit::client::ApiRequest;
use serde_json::{Map, Value};

/// An OpenAPI document, and the one that its references to `../common` mean.
pub(crate) struct Document {
    own: Value,
    common: Value,
}

impl Document {
    pub(crate) fn new(own: Value, common: Value) -> Self {
        Self { own, common }
    }

    /// What the document says against a request.
    pub(crate) fn faults(&self, request: &ApiRequest<()>) -> Vec<String> {
        let Some(operation) = self.operation(request.method().as_str(), request.path()) else {
            return vec![format!("no such route: {} {}", request.method().as_str(), request.path())];
        };
        let mut faults = Vec::new();
        let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let named = |kind: &str| -> Vec<&Value> { parameters.iter().filter(|p| p["in"] == kind).collect() };
        let query = named("query");
        for (name, _) in request.query() {
            if !query.iter().any(|parameter| parameter["name"] == **name) {
                faults.push(format!("the query has no `{name}`"));
            }
        }
        for parameter in query.iter().filter(|parameter| parameter["required"] == true) {
            if !request.query().iter().any(|(name, _)| parameter["name"] == **name) {
                faults.push(format!("the query needs {}", parameter["name"]));
            }
        }
        for parameter in query {
            let allowed = parameter["schema"]["enum"].as_array();
            let given = request.query().iter().find(|(name, _)| parameter["name"] == **name);
            if let (Some(allowed), Some((name, value))) = (allowed, given)
                && !allowed.iter().any(|word| word == value.as_str())
            {
                faults.push(format!("the query's `{name}` cannot be `{value}`"));
            }
        }
        let headers = request.headers();
        let version = headers.iter().find(|(name, _)| *name == "version").map(|(_, version)| *version);
        for parameter in named("header").into_iter().filter(|parameter| parameter["name"] == "Version") {
            let allowed = parameter["schema"]["enum"].as_array().map(Vec::as_slice).unwrap_or_default();
            if !allowed.iter().any(|word| Some(word.as_str().unwrap_or_default()) == version) {
                faults.push(format!("the version is {version:?}, not {allowed:?}"));
            }
        }
        let body = &operation["requestBody"];
        let schema = &body["content"]["application/json"]["schema"];
        match (request.body(), schema) {
            ([], _) if body["required"] == true => faults.push("a body is needed".to_owned()),
            ([], _) => {}
            (_, Value::Null) => faults.push("there is no body".to_owned()),
            (json, schema) => match serde_json::from_slice(json) {
                Ok(json) => self.check(schema, &json, "body", &mut faults),
                Err(error) => faults.push(error.to_string()),
            },
        }
        faults
    }

    /// The operation of a path; one without ids in it goes first.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.own["paths"].as_object()?;
        let mut fitting: Vec<_> = paths.iter().filter(|(template, _)| fits(template, path)).collect();
        fitting.sort_by_key(|(template, _)| template.matches('{').count());
        fitting
            .into_iter()
            .map(|(_, item)| &item[method.to_ascii_lowercase()])
            .find(|found| found.is_object())
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let Some(reference) = schema["$ref"].as_str() else { return schema };
        let (file, pointer) = reference.split_once('#').unwrap_or_default();
        let document = if file.is_empty() { &self.own } else { &self.common };
        document.pointer(pointer).map_or(&Value::Null, |found| self.resolved(found))
    }

    fn check(&self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        let schema = self.resolved(schema);
        for part in list(schema, "allOf") {
            self.check(part, value, place, faults);
        }
        let alternatives: Vec<&Value> =
            ["oneOf", "anyOf"].into_iter().flat_map(|of| list(schema, of)).collect();
        if !alternatives.is_empty() {
            let tried: Vec<Vec<String>> = alternatives
                .iter()
                .map(|alternative| {
                    let mut faults = Vec::new();
                    self.check(alternative, value, place, &mut faults);
                    faults
                })
                .collect();
            if tried.iter().all(|faults| !faults.is_empty()) {
                faults.push(format!("{place} is none of the alternatives: {tried:?}"));
            }
        }
        let words = list(schema, "enum");
        if !words.is_empty() && !words.contains(value) {
            faults.push(format!("{place} cannot be {value}"));
        }
        let fits = match schema["type"].as_str() {
            Some("string") => value.is_string(),
            Some("number") => value.is_number(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("boolean") => value.is_boolean(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            _ => true,
        };
        if !fits {
            faults.push(format!("{place} is no {}: {value}", schema["type"]));
        }
        for (at, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check(&schema["items"], item, &format!("{place}[{at}]"), faults);
        }
        if let Some(members) = value.as_object() {
            self.check_members(schema, members, place, faults);
        }
    }

    /// Members that are not described are refused, as GHL refuses them.
    fn check_members(
        &self,
        schema: &Value,
        members: &Map<String, Value>,
        place: &str,
        faults: &mut Vec<String>,
    ) {
        for name in list(schema, "required").iter().filter_map(|name| name.as_str()) {
            if !members.contains_key(name) {
                faults.push(format!("{place} needs `{name}`"));
            }
        }
        let Some(properties) = schema["properties"].as_object() else { return };
        for (name, value) in members {
            match properties.get(name) {
                Some(schema) => self.check(schema, value, &format!("{place}.{name}"), faults),
                None => faults.push(format!("{place} has no `{name}`")),
            }
        }
    }
}

fn list<'a>(schema: &'a Value, name: &str) -> &'a [Value] {
    schema[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether a path has the form of a template; a `/` at the end counts.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(path).all(|(template, segment)| {
            *template == segment || template.starts_with('{') && !segment.is_empty()
        })
}
