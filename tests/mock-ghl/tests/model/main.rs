//! The pure model, asserted through requests and state.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod calendars;
mod contact_search;
mod contacts;
mod conversations;
mod custom_fields;
mod faults;
mod gateway;
mod human;
mod oauth;
mod opportunities;
mod opportunity_search;
mod support;
mod switches;
mod webhooks;
