use serde::{Serialize, de::DeserializeOwned};

use crate::{
    client::{ApiRequest, CallOptions, Client},
    error::Result,
    ids::LocationId,
    ops::args::Arguments,
    ports::BoxFuture,
};

/// What runs an operation, given the JSON of its arguments.
pub(super) type Run = for<'a> fn(Scope<'a>, &'a str) -> BoxFuture<'a, Result<String>>;

/// Through which client, for which location and how an operation is called.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) client: &'a Client,
    pub(super) location: &'a LocationId,
    pub(super) options: CallOptions<'a>,
}

/// A request, and how its reply becomes the JSON that is handed over. Neither has a type of its own, so that
/// what sends them is compiled once for all operations.
pub(super) struct Prepared {
    request: ApiRequest<()>,
    convert: Convert,
}

type Convert = Box<dyn FnOnce(&str) -> serde_json::Result<String> + Send>;

impl Prepared {
    /// A request whose reply is handed over as it is read.
    fn plain<R: DeserializeOwned + Serialize>(request: ApiRequest<R>) -> Self {
        fn convert<R: DeserializeOwned + Serialize>(json: &str) -> serde_json::Result<String> {
            serde_json::to_string(&serde_json::from_str::<R>(json)?)
        }
        // Not a closure of the operation's own: what replies with the same type shares the code.
        let convert: fn(&str) -> serde_json::Result<String> = convert::<R>;
        Self { request: request.untyped(), convert: Box::new(convert) }
    }

    /// A request whose reply is handed over in another shape.
    pub(super) fn shaped<T: DeserializeOwned, R: Serialize>(
        request: ApiRequest<T>,
        shape: impl FnOnce(T) -> R + Send + 'static,
    ) -> Self {
        let convert = move |json: &str| serde_json::to_string(&shape(serde_json::from_str(json)?));
        Self { request: request.untyped(), convert: Box::new(convert) }
    }
}

impl<'a> Scope<'a> {
    /// Sends a request, if there is one.
    pub(super) fn send(self, prepared: Result<Prepared>) -> BoxFuture<'a, Result<String>> {
        let Self { client, location, options } = self;
        Box::pin(async move {
            let Prepared { request, convert } = prepared?;
            client.call_with(location, &request, &options, convert).await.result
        })
    }
}

/// An operation that is one request.
pub(super) fn request<'a, A: Arguments, R: DeserializeOwned + Serialize>(
    scope: Scope<'a>,
    args: &str,
    build: fn(&LocationId, A) -> ApiRequest<R>,
) -> BoxFuture<'a, Result<String>> {
    scope.send(A::read(args).map(|args| Prepared::plain(build(scope.location, args))))
}

/// An operation that is one request, of arguments that are checked beyond their types.
pub(super) fn checked<'a, A: Arguments, R: DeserializeOwned + Serialize>(
    scope: Scope<'a>,
    args: &str,
    build: fn(&LocationId, A) -> Result<ApiRequest<R>>,
) -> BoxFuture<'a, Result<String>> {
    let request = A::read(args).and_then(|args| build(scope.location, args));
    scope.send(request.map(Prepared::plain))
}
