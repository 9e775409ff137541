//! What GHL's own payments and store are about.

use serde::Serialize;

use super::records;
use crate::{
    ids::{ContactId, PaymentOrderId, UserId},
    webhook::{Json, JsonList},
};

records! {
    /// An order of GHL's own payments was made or has another status. It is no order of the shop.
    PaymentOrder ["OrderCreate", "OrderStatusUpdate"] PaymentOrderEvent {
        /// The order.
        #[serde(rename = "paymentOrderId")]
        id: PaymentOrderId = "_id",
        /// Its contact.
        #[serde(rename = "contactId")]
        contact: ContactId = "contactId",
        /// `pending`, `completed` and others.
        status: String = "status",
        /// `unfulfilled` and others.
        fulfillment_status: String = "fulfillmentStatus",
        /// ISO 4217.
        currency: String = "currency",
        /// The total, in major units.
        amount: f64 = "amount",
        /// Whether it is no test.
        live_mode: bool = "liveMode",
        /// What was ordered, as GHL has it.
        items: JsonList = "items",
        /// Subtotal, discount, tax and shipping.
        amount_summary: Json = "amountSummary",
        /// Where it was ordered.
        source: Json = "source",
        /// When it was made.
        created_at: String = "createdAt",
        /// When it was changed.
        updated_at: String = "updatedAt",
    }

    /// An invoice was made, sent, changed, paid, voided or deleted.
    Invoice [
        "InvoiceCreate", "InvoiceSent", "InvoiceUpdate", "InvoicePaid", "InvoicePartiallyPaid", "InvoiceVoid",
        "InvoiceDelete"
    ] InvoiceEvent {
        /// The invoice.
        #[serde(rename = "invoiceId")]
        id: String = "_id",
        /// The location, as invoices name it.
        alt_id: String = "altId",
        /// `draft`, `sent`, `paid`, `partially_paid`, `void` and others.
        status: String = "status",
        /// Its number.
        invoice_number: String = "invoiceNumber",
        /// Its name.
        name: String = "name",
        /// Its title.
        title: String = "title",
        /// ISO 4217.
        currency: String = "currency",
        /// The total, in major units.
        total: f64 = "total",
        /// What was paid.
        amount_paid: f64 = "amountPaid",
        /// What is left to pay.
        amount_due: f64 = "amountDue",
        /// When it was issued.
        issue_date: String = "issueDate",
        /// When it is due.
        due_date: String = "dueDate",
        /// Whether it is no test.
        live_mode: bool = "liveMode",
        /// Whom it is for, as GHL has it.
        contact_details: Json = "contactDetails",
        /// What it is for, as GHL has it.
        invoice_items: JsonList = "invoiceItems",
        /// When it was made.
        created_at: String = "createdAt",
        /// When it was changed.
        updated_at: String = "updatedAt",
    }

    /// A product of GHL's own store was made, changed or deleted.
    Product ["ProductCreate", "ProductUpdate", "ProductDelete"] ProductEvent {
        /// The product.
        #[serde(rename = "productId")]
        id: String = "_id",
        /// Its name.
        name: String = "name",
        /// Its description.
        description: String = "description",
        /// `PHYSICAL`, `DIGITAL` and others.
        product_type: String = "productType",
        /// Whether it is on sale.
        available_in_store: bool = "availableInStore",
        /// The address of its picture.
        image: String = "image",
        /// Who did it.
        #[serde(rename = "userId")]
        user: UserId = "userId",
        /// When it was made.
        created_at: String = "createdAt",
        /// When it was changed.
        updated_at: String = "updatedAt",
    }
}
