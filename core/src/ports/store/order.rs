use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    ids::{ContactId, JobId, LocationId, OpportunityId, OrderId},
    ports::{BoxFuture, Shared},
};

use super::NewEvent;

/// Who made a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Someone in GHL.
    Ghl,
    /// The shop.
    Shop,
}

impl Side {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Ghl => "ghl",
            Side::Shop => "shop",
        }
    }

    /// Reads the text in the database.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ghl" => Some(Side::Ghl),
            "shop" => Some(Side::Shop),
            _ => None,
        }
    }
}

/// The kinds of GHL object whose state is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    /// The customer.
    Contact,
    /// The order's opportunity.
    Opportunity,
}

impl ObjectKind {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            ObjectKind::Contact => "contact",
            ObjectKind::Opportunity => "opportunity",
        }
    }

    /// Reads the text in the database.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "contact" => Some(ObjectKind::Contact),
            "opportunity" => Some(ObjectKind::Opportunity),
            _ => None,
        }
    }
}

/// A create that was begun and whose outcome is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Creating {
    /// What is being created.
    pub object: ObjectKind,
    /// When it was begun: the POST leaves within 10 s of this, or not at all.
    pub since: i64,
    /// GHL answered 422, which it also does for creates that happened.
    pub refused: bool,
}

/// One order: the row of `ghlkit_orders`, with the status of the users' `orders`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// The location it belongs to.
    pub location: LocationId,
    /// `orders.id` as text.
    pub id: OrderId,
    /// Unique per location.
    pub number: String,
    /// `orders.status`.
    pub status: String,
    /// JSON of the order as it was given.
    pub snapshot: String,
    /// The customer's e-mail, normalised: half of the identity.
    pub email: Option<String>,
    /// The customer's phone in E.164: the other half.
    pub phone: Option<String>,
    /// Jobs with the same key never run at the same time: all orders of one customer share it.
    pub lease_key: String,
    /// The contact, once known.
    pub contact: Option<ContactId>,
    /// The opportunity, once known.
    pub opportunity: Option<OpportunityId>,
    /// An opportunity that an event named as perhaps ours, to be looked at before it is adopted.
    pub candidate: Option<OpportunityId>,
    /// Begun create of unknown outcome.
    pub creating: Option<Creating>,
    /// Rises with every change of status from either side; starts at 1.
    pub version: i64,
    /// Place of the last status change in the order of commits over all orders.
    pub commit_seq: i64,
    /// When the status last changed: the shop's clock for [`Side::Shop`], GHL's for [`Side::Ghl`].
    pub changed_at: i64,
    /// Who changed it.
    pub changed_by: Side,
    /// The version whose push GHL has acknowledged; 0 before the first.
    pub pushed_version: i64,
    /// Hints received that the opportunity may have changed.
    pub dirty: i64,
    /// `dirty` as it was when GHL was last looked at.
    pub clean: i64,
    /// Hints received that the contact may have changed.
    pub dirty_contact: i64,
    /// `dirty_contact` as it was when the contact was last looked at.
    pub clean_contact: i64,
    /// Manufacturing progress in percent, where the shop told one.
    pub manufacturing_progress: Option<i64>,
    /// The last milestone told, in percent; 0 before the first.
    pub milestone: i64,
    /// The opportunity was deleted in GHL: nothing is pushed any more.
    pub detached: bool,
}

/// What is known of one GHL object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRow {
    /// The location.
    pub location: LocationId,
    /// Its kind.
    pub kind: ObjectKind,
    /// Its id in GHL.
    pub id: String,
    /// JSON of the value last known to be in GHL.
    pub base: String,
    /// When GHL says that value was set, in GHL's clock; never falls.
    pub base_at: i64,
    /// JSON list of writes that may or may not have arrived.
    pub unknown: String,
}

/// An order to insert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// The location.
    pub location: LocationId,
    /// `orders.id` as text.
    pub id: OrderId,
    /// Unique per location.
    pub number: String,
    /// The first status.
    pub status: String,
    /// JSON of the order.
    pub snapshot: String,
    /// Normalised e-mail.
    pub email: Option<String>,
    /// Phone in E.164.
    pub phone: Option<String>,
    /// The lease key to use if no known order of this location has the same e-mail or phone.
    pub lease_key: String,
    /// Now.
    pub now: i64,
    /// When its job is due, if not now.
    pub due_at: Option<i64>,
    /// Written with it.
    pub events: Vec<NewEvent>,
}

/// A change of status by the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// The location.
    pub location: LocationId,
    /// The order.
    pub order: OrderId,
    /// The version the decision was made on.
    pub version: i64,
    /// The new status.
    pub status: String,
    /// Now.
    pub now: i64,
    /// Written with it.
    pub events: Vec<NewEvent>,
}

/// A change of manufacturing progress by the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressChange {
    /// The location.
    pub location: LocationId,
    /// The order.
    pub order: OrderId,
    /// The version the decision was made on.
    pub version: i64,
    /// The progress the decision was made on.
    pub from: Option<i64>,
    /// The new progress, in percent.
    pub to: i64,
    /// The last milestone told with it, in percent; a smaller one than before changes nothing.
    pub milestone: i64,
    /// The new status, where the progress brings one.
    pub status: Option<String>,
    /// Now.
    pub now: i64,
    /// Written with it.
    pub events: Vec<NewEvent>,
}

/// By what to find orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The order whose opportunity this is.
    Opportunity(&'a OpportunityId),
    /// All orders of this contact.
    Contact(&'a ContactId),
    /// The order with this number.
    Number(&'a str),
}

/// What one pass over an order reads, in one consistent look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassRows {
    /// The order.
    pub order: OrderRow,
    /// The other orders with the same lease key, by commit sequence: those of the same contact, and those
    /// of the same customer whose contact is not known yet.
    pub siblings: Vec<OrderRow>,
    /// The order's opportunity, where one is known.
    pub opportunity: Option<ObjectRow>,
    /// The order's contact, where one is known.
    pub contact: Option<ObjectRow>,
}

/// Orders and what is known of their GHL objects.
pub trait OrderStore: Shared {
    /// Inserts an order with its job, due now. The lease key is that of the latest order of the same
    /// location with the same e-mail, else with the same phone, else the one given.
    ///
    /// # Errors
    /// `order_exists` when the number (field `orderNumber`) is taken at the location, or the id (field
    /// `id`) at any, since it names one row of `orders`; `order_not_found` when the users' own
    /// `orders` table has no such row; `store`.
    fn insert_order(&self, order: NewOrder) -> BoxFuture<'_, Result<JobId>>;

    /// Sets the status, bumps `version` and `commit_seq`, and makes the job due now with a fresh
    /// schedule (a dead one is revived; a leased one runs again after its acknowledgement).
    /// Resolves to the job and the new version.
    ///
    /// # Errors
    /// `order_not_found`; `conflict` when the version moved; `store`.
    fn set_status(&self, change: StatusChange) -> BoxFuture<'_, Result<(JobId, i64)>>;

    /// Sets the manufacturing progress, and the status as [`OrderStore::set_status`] does where there is a new
    /// one, and makes the job due now with a fresh schedule. Resolves to the job.
    ///
    /// # Errors
    /// `order_not_found`; `conflict` when the version or the progress moved; `store`.
    fn set_progress(&self, change: ProgressChange) -> BoxFuture<'_, Result<JobId>>;

    /// One order.
    ///
    /// # Errors
    /// `store`.
    fn order<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
    ) -> BoxFuture<'a, Result<Option<OrderRow>>>;

    /// The orders a lookup finds, by commit sequence.
    ///
    /// # Errors
    /// `store`.
    fn find_orders<'a>(
        &'a self,
        location: &'a LocationId,
        lookup: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Vec<OrderRow>>>;

    /// Orders of a location with an id greater than `after`, by id; with a `status`, only those that have it.
    ///
    /// # Errors
    /// `store`.
    fn list_orders<'a>(
        &'a self,
        location: &'a LocationId,
        status: Option<&'a str>,
        after: Option<&'a OrderId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<OrderRow>>>;

    /// Everything a pass reads, in one transaction.
    ///
    /// # Errors
    /// `order_not_found`; `store`.
    fn pass_rows<'a>(&'a self, location: &'a LocationId, id: &'a OrderId) -> BoxFuture<'a, Result<PassRows>>;

    /// What is known of one GHL object.
    ///
    /// # Errors
    /// `store`.
    fn object<'a>(
        &'a self,
        location: &'a LocationId,
        kind: ObjectKind,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<ObjectRow>>>;

    /// Adds a hint that GHL may differ (`dirty`, and `dirty_contact` too if `contact`), and makes the
    /// order's job due now, without touching its failures. A detached order is left alone.
    ///
    /// # Errors
    /// `order_not_found`; `store`.
    fn mark_dirty<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
        contact: bool,
        now: i64,
    ) -> BoxFuture<'a, Result<()>>;
}
