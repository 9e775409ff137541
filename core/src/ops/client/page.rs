use serde::{Serialize, de::DeserializeOwned};

use super::request::{Prepared, Scope};
use crate::{client::ApiRequest, error::Result, ids::LocationId, ops::args::Arguments, ports::BoxFuture};

/// A page of a search.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub(super) struct Page<T, N> {
    /// What was found.
    pub(super) items: Vec<T>,
    /// The arguments that fetch the page after this one; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<N>,
    /// How many there are on all pages, where GHL says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<u64>,
}

/// A page by the arguments that fetched it.
pub(super) trait Paged<A>: Serialize {
    /// What GHL replies.
    type Wire: DeserializeOwned;

    /// Makes the page of GHL's reply and of what was asked for.
    fn of(wire: Self::Wire, fetched: &A) -> Self;
}

/// An operation that fetches one page of a search.
pub(super) fn page<'a, A: Arguments + Send + 'static, R: Paged<A>>(
    scope: Scope<'a>,
    args: &str,
    build: fn(&LocationId, &A) -> ApiRequest<R::Wire>,
) -> BoxFuture<'a, Result<String>> {
    let prepare = |fetched: A| {
        let request = build(scope.location, &fetched);
        Prepared::shaped(request, move |wire| R::of(wire, &fetched))
    };
    scope.send(A::read(args).map(prepare))
}
