use crate::{
    api::shape::{Field, Goes, Input, Paging, Shape, convert, placed},
    client::{ApiRequest, CallOptions, Client, Endpoint},
    error::{Code, Error, Result},
    ids::LocationId,
    json,
    ports::BoxFuture,
};

/// What an operation does with the JSON of its arguments.
pub(super) enum Run {
    /// It is one request.
    Request(Request),
    /// It is several.
    Steps(for<'a> fn(Scope<'a>, &'a str) -> BoxFuture<'a, Result<String>>),
}

/// An operation that is one request, as data.
pub(super) struct Request {
    pub(super) endpoint: &'static Endpoint,
    pub(super) args: &'static Input,
    pub(super) reply: Shape,
    /// How the reply is a page of.
    pub(super) paging: Option<Paging>,
}

/// Through which client, for which location and how an operation is called.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) client: &'a Client,
    pub(super) location: &'a LocationId,
    pub(super) options: CallOptions<'a>,
}

impl Request {
    /// Sends the request, and hands the reply over as JSON.
    pub(super) async fn send(&self, scope: Scope<'_>, args: &str) -> Result<String> {
        let Scope { client, location, options } = scope;
        let args = self.args.read(args)?;
        let request: ApiRequest<()> = placed(self.endpoint, location, &args);
        let read = |json: &str| match self.paging {
            Some(paging) => paging.page(&self.reply, json, &args),
            None => convert(&self.reply, json),
        };
        client.call_with(location, &request, &options, read).await.result.or_else(|error| self.placed(error))
    }

    /// The error, which names an argument by its place in the arguments.
    fn placed<T>(&self, error: Error) -> Result<T> {
        let part = error.field().and_then(|field| field.split(['.', '[']).next());
        let has_it = |field: &&Field| match (field.goes, field.shape) {
            (Goes::Spread, Shape::Input(input)) => input.fields.iter().any(|inner| Some(inner.name) == part),
            _ => false,
        };
        match self.args.fields.iter().find(has_it) {
            Some(whole) if error.code() == Code::InvalidArgument => json::within(whole.name, Err(error)),
            _ => Err(error),
        }
    }
}
