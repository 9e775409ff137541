//! Orders of GHL's own payments, which can be read and fulfilled, but not created (HighLevel docs: Payments API,
//! `Version: 2021-07-28`).

use serde::Serialize;

use super::shape::{self, Paging, input, reply};
use crate::{
    client::{ApiRequest, Endpoint},
    ids::{ContactId, LocationId, PaymentOrderId},
};

reply! {
    /// An order of GHL's payments.
    pub struct PaymentOrder {
        /// Its id.
        pub id: PaymentOrderId = need("_id", "id"),
        /// The contact.
        pub contact_id: Option<ContactId> = text,
        /// Its status.
        pub status: Option<String> = text,
        ..extra
    }
}

reply! {
    /// What was sent of an order.
    pub struct Fulfillment or null {
        ..extra
    }
}

input! {
    /// Which orders to list.
    pub struct PaymentOrderQuery {
        /// How many to pass over; 0 where it is not given.
        #[serde(default)]
        pub offset: u32 = 0,
        /// Orders a page; 100 where it is not given.
        #[serde(default = "crate::api::shape::number::<100>")]
        pub limit: u32 = 100,
    }
}

input! {
    /// How a parcel can be followed.
    #[derive(Default)]
    pub struct Tracking {
        /// The number of the parcel.
        pub tracking_number: Option<String>,
        /// Who carries it.
        pub shipping_carrier: Option<String>,
        /// Where it can be followed.
        pub tracking_url: Option<String>,
    }
}

input! {
    /// How much of an order is in a parcel.
    pub struct FulfilledItem {
        /// The price of the product.
        pub price_id: String,
        /// How many.
        pub qty: u32,
    }
}

pub(crate) const LIST: Endpoint = Endpoint::get("/payments/orders").location_as_alt();
pub(crate) const GET: Endpoint = Endpoint::get("/payments/orders/{paymentOrderId}").location_as_alt();
pub(crate) const FULFILLMENTS: Endpoint =
    Endpoint::get("/payments/orders/{paymentOrderId}/fulfillments").location_as_alt().inside("data");
pub(crate) const FULFIL: Endpoint =
    Endpoint::post("/payments/orders/{paymentOrderId}/fulfillments").location_as_alt().inside("data");
pub(crate) const PAGING: Paging = Paging::Offset { items: "data", offset: "offset", limit: "limit" };

/// A page of the orders of GHL's payments: `GET /payments/orders`.
pub fn list(location: &LocationId, query: &PaymentOrderQuery) -> ApiRequest<Vec<PaymentOrder>> {
    shape::searched(&LIST, location, query).inside("data")
}

/// Reads an order of GHL's payments: `GET /payments/orders/{id}`.
pub fn get(location: &LocationId, id: &PaymentOrderId) -> ApiRequest<PaymentOrder> {
    GET.of(location, &[id.as_str()])
}

/// What was sent of an order: `GET /payments/orders/{id}/fulfillments`.
pub fn fulfillments(location: &LocationId, id: &PaymentOrderId) -> ApiRequest<Vec<Fulfillment>> {
    FULFILLMENTS.of(location, &[id.as_str()])
}

/// Tells what was sent of an order: `POST /payments/orders/{id}/fulfillments`. Not safe to repeat.
pub fn fulfil(
    location: &LocationId,
    id: &PaymentOrderId,
    trackings: &[Tracking],
    items: &[FulfilledItem],
    notify_customer: bool,
) -> ApiRequest<Fulfillment> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        trackings: &'a [Tracking],
        items: &'a [FulfilledItem],
        notify_customer: bool,
    }
    FULFIL.of(location, &[id.as_str()]).with_json(&Body { trackings, items, notify_customer })
}
