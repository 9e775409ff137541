//! GHL's resources: types, requests as values, and handles that send them.
//!
//! Every operation is a free function that returns an [`ApiRequest`](crate::client::ApiRequest), e.g.
//! [`contacts::get`], for [`Client::send`](crate::client::Client::send); what orders need most is also a method of the
//! resource's handle that sends it, e.g. `client.contacts(&location).get(&id)`. Replies are read leniently: what is unknown is kept in `extra`.

pub mod calendars;
pub mod contacts;
pub mod conversations;
pub mod custom_fields;
mod custom_value;
pub mod custom_values;
mod fields;
pub mod free;
pub mod locations;
mod named_fields;
mod number;
pub mod opportunities;
pub mod payments;
pub mod pipelines;
pub(crate) mod search;
pub(crate) mod shape;
mod succeeded;
pub mod tags;
#[cfg(test)]
pub(crate) mod testing;
pub mod users;

pub use custom_value::{CustomField, CustomFieldInput, FieldValue};
pub use fields::Extra;
pub use number::ExactNumber;
pub use search::{Direction, Filter, Group, Operator, Sort};
pub use succeeded::Succeeded;
