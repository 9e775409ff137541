use futures::{Stream, StreamExt};

use super::*;
use crate::{
    client::pages,
    error::{Code, Result},
};

fn page(number: u64) -> ApiRequest<Vec<u64>> {
    ApiRequest::new(Method::Get, &["pages", &number.to_string()])
}

/// Lists numbers; the page after `[.., n]` is the n-th.
fn numbers(rig: &Rig) -> impl Stream<Item = Result<u64>> + use<> {
    pages(rig.client.clone(), rig.location.clone(), page(0), |numbers: Vec<u64>| {
        let next = numbers.last().map(|last| page(*last));
        (numbers, next)
    })
}

#[test]
fn a_page_is_fetched_when_its_first_item_is_asked_for() {
    let rig = Rig::new();
    rig.script([Step::reply(200, "[1,2]"), Step::reply(200, "[3]"), Step::reply(200, "[]")]);
    let mut found = Box::pin(numbers(&rig));
    assert_eq!(rig.times().len(), 0);
    for (number, fetched) in [(1, 1), (2, 1), (3, 2)] {
        let next = drive(&rig.clock, found.next()).unwrap().unwrap().unwrap();
        assert_eq!((next, rig.times().len()), (number, fetched));
    }
    assert!(drive(&rig.clock, found.next()).unwrap().is_none(), "an empty page ends the list");
    let urls: Vec<_> = rig.transport.sent().into_iter().map(|sent| sent.request.url).collect();
    assert!(urls[0].ends_with("/pages/0") && urls[1].ends_with("/pages/2") && urls[2].ends_with("/pages/3"));
}

#[test]
fn an_error_ends_the_list() {
    let rig = Rig::new();
    rig.script([Step::reply(200, "[1,2]"), Step::reply(404, "")]);
    let all: Vec<_> = drive(&rig.clock, numbers(&rig).collect()).unwrap();
    let codes: Vec<_> = all.iter().map(|result| result.as_ref().map_err(|error| error.code())).collect();
    assert_eq!(codes, [Ok(&1), Ok(&2), Err(Code::NotFound)]);
}
