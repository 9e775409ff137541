use crate::api::shape::{Shape, Shaped};

/// A page of a search.
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[expect(dead_code, reason = "pages are written as JSON; this is their description")]
pub(super) struct Page<T, N> {
    /// What was found.
    items: Vec<T>,
    /// The arguments that fetch the page after this one; absent on the last.
    next: Option<N>,
    /// How many there are on all pages, where GHL says.
    total: Option<u64>,
}

/// The shape of what was found.
impl<T: Shaped, N> Shaped for Page<T, N> {
    const SHAPE: Shape = <Vec<T>>::SHAPE;
}
