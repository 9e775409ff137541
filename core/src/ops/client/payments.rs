use super::{page::Page, table::requests};
use crate::{
    api::payments::{
        FULFIL, FULFILLMENTS, FulfilledItem, Fulfillment, GET, LIST, PAGING, PaymentOrder, PaymentOrderQuery,
        Tracking,
    },
    ids::PaymentOrderId,
};

requests! {
    /// A page of the orders of GHL's payments.
    "paymentOrders.list" LIST, (PaymentOrderQuery) -> Page<PaymentOrder, PaymentOrderQuery> = PAGING;

    /// Reads an order of GHL's payments.
    "paymentOrders.get" GET, {
        /// The order.
        payment_order_id: PaymentOrderId,
    } -> PaymentOrder;

    /// What was sent of an order.
    "paymentOrders.fulfillments" FULFILLMENTS, {
        /// The order.
        payment_order_id: PaymentOrderId,
    } -> Vec<Fulfillment>;

    /// Tells what was sent of an order. A lost reply is not followed by a retry.
    "paymentOrders.fulfil" FULFIL, {
        /// The order.
        payment_order_id: PaymentOrderId,
        /// How the parcels can be followed.
        trackings: Vec<Tracking>,
        /// What is in them.
        items: Vec<FulfilledItem>,
        /// Whether GHL writes to the customer.
        notify_customer: bool,
    } -> Fulfillment;
}
