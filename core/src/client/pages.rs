use std::collections::VecDeque;

use futures::{Stream, stream::try_unfold};
use serde::de::DeserializeOwned;

use super::{ApiRequest, Client};
use crate::{error::Result, ids::LocationId};

struct State<P, I, F> {
    items: VecDeque<I>,
    next: Option<ApiRequest<P>>,
    split: F,
}

/// The items of all pages as a stream. A page is fetched when the first of its items is asked for. `split`
/// takes a page apart and names the next; an empty page ends the list, as an error does.
pub fn pages<P, I, F>(
    client: Client,
    location: LocationId,
    first: ApiRequest<P>,
    split: F,
) -> impl Stream<Item = Result<I>>
where
    P: DeserializeOwned,
    F: FnMut(P) -> (Vec<I>, Option<ApiRequest<P>>),
{
    let start = State { items: VecDeque::new(), next: Some(first), split };
    try_unfold(start, move |mut state| {
        let (client, location) = (client.clone(), location.clone());
        async move {
            if state.items.is_empty()
                && let Some(request) = state.next.take()
            {
                let (items, next) = (state.split)(client.send(&location, &request).await?);
                state.items = items.into();
                state.next = next;
            }
            Ok(state.items.pop_front().map(|item| (item, state)))
        }
    })
}
