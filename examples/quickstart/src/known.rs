//! The customer who is in GHL before the first order arrives, and what must still be there afterwards.

use ghlkit::order::Order;
use mock_ghl::{LOCATION_ID, NoSuch, Running};

use crate::compare::{OTHER_TAGS, Values};

const EMAIL: &str = "aino@example.com";

/// What people have written down of her. The order says `Aino`: a filled name is not overwritten.
const DETAILS: [(&str, &str); 3] = [("email", EMAIL), ("firstName", "Aino Maija"), ("source", "trade fair")];

/// Tags that are none of ours.
const TAGS: [&str; 2] = ["newsletter", "vip"];

/// Puts her into GHL.
pub(crate) fn seed(ghl: &Running) -> Result<(), NoSuch> {
    let now = ghl.now();
    ghl.with(|ghl| ghl.seed_contact(now, LOCATION_ID, &DETAILS, &TAGS)).map(|_| ())
}

/// Adds what GHL must still show of the order's customer, beside what the shop says.
pub(crate) fn keep(order: &Order, expected: &mut Values) {
    let hers = order.customer.email.as_deref() == Some(EMAIL);
    if hers {
        expected.extend(DETAILS.map(|(name, value)| (format!("contact.{name}"), value.to_owned())));
    }
    let tags = if hers { TAGS.join(", ") } else { String::new() };
    expected.insert(OTHER_TAGS.to_owned(), tags);
}
