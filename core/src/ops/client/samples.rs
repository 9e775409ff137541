use serde_json::{Value, json};

use super::{
    TABLES,
    request::{Request, Run},
};
use crate::{
    api::shape::{Field, Input, Shape, When, placed},
    client::ApiRequest,
    error::Result,
    ids::LocationId,
};

/// A request that an operation makes, for tests that compare it with what GHL publishes.
#[derive(Debug)]
pub struct SampleRequest {
    /// The operation.
    pub op: &'static str,
    /// The arguments it was made with.
    pub args: String,
    /// The method and the path with its ids in braces.
    pub route: String,
    /// The request.
    pub request: ApiRequest<()>,
}

/// Requests of all operations that are one request: with all arguments, with those that are needed, and with each
/// word that an argument may be.
///
/// # Errors
/// An operation refuses its sample.
pub fn sample_requests() -> Result<Vec<SampleRequest>> {
    let location = LocationId::new("ve9EPM428h8vShlRW1KT");
    let mut samples = Vec::new();
    for op in TABLES.iter().copied().flatten() {
        let Run::Request(Request { endpoint, args: input, .. }) = &op.run else { continue };
        for args in samples_of(input) {
            let args = args.to_string();
            let read = input.read(&args)?;
            let request = placed(endpoint, &location, &read);
            samples.push(SampleRequest { op: op.name, route: endpoint.route(), request, args: args.clone() });
        }
    }
    Ok(samples)
}

/// Objects that the input takes.
fn samples_of(input: &'static Input) -> Vec<Value> {
    let of = |keep: &dyn Fn(usize, &Field) -> bool, word: usize| {
        let fields = input.fields.iter().enumerate().filter(|(at, field)| keep(*at, field));
        Value::Object(fields.map(|(_, field)| (field.name.to_owned(), sample(&field.shape, word))).collect())
    };
    let needed = |_: usize, field: &Field| matches!(field.when, When::Needed);
    let mut all = vec![of(&needed, 0)];
    // A group of conditions cannot also be a condition: then each half of it is one.
    for word in 0..10 {
        all.push(of(&|_, _| true, word));
        all.push(of(&|at, _| at < 3, word));
        all.push(of(&|at, _| at >= 3, word));
    }
    all.retain(|args| input.read(&args.to_string()).is_ok());
    all.dedup();
    all
}

fn sample(shape: &Shape, word: usize) -> Value {
    match *shape {
        Shape::Text => json!("2026-10-25T11:00:00+00:00"),
        Shape::Id => json!("ocQHyuzHvysMo5N5VsXc"),
        Shape::Word(words) => json!(words.get(word % words.len()).copied().unwrap_or_default()),
        Shape::Exact => json!(12.5),
        Shape::Whole => json!(1_700_000_000_000_i64),
        Shape::Count => json!(2),
        Shape::Bool => json!(true),
        Shape::Any | Shape::Custom => json!("x"),
        // A list in a list of the same kind would have no end.
        Shape::List(Shape::Input(input)) => samples_of_flat(input, word),
        Shape::List(of) => json!([sample(of, word)]),
        Shape::Input(input) => samples_of_flat(input, word).get_mut(0).map(Value::take).unwrap_or_default(),
        Shape::Reply(_) => Value::Null,
    }
}

/// A list of objects without lists of their own kind in them.
fn samples_of_flat(input: &'static Input, word: usize) -> Value {
    let of = |keep: &dyn Fn(usize) -> bool| {
        let fields = input.fields.iter().enumerate().filter(|(at, _)| keep(*at));
        let fields = fields.map(|(_, field)| {
            let nested = matches!(field.shape, Shape::List(Shape::Input(_)));
            let value = if nested { json!([]) } else { sample(&field.shape, word) };
            (field.name.to_owned(), value)
        });
        Value::Object(fields.collect())
    };
    let mut all = vec![of(&|_| true), of(&|at| at < 3), of(&|at| at >= 3)];
    all.retain(|args| input.read(&args.to_string()).is_ok());
    all.into()
}
