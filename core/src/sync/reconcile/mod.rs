//! The safety net under webhooks: walks GHL's lists and marks what differs. Lists lag, so a difference
//! only makes the order's pass look for itself; and what a list does not show is left alone.

mod claim;
mod compare;
mod pages;
mod schedule;
mod walk;

use serde::Serialize;
use tracing::field;

use crate::{
    error::Result,
    ids::{LocationId, OrderId},
    trace,
};

use super::{core::Core, engine::Engine};
use claim::Claimed;
pub(super) use walk::Kind as WalkKind;
use walk::Kind;

/// How many differing orders a dry run lists; it then ends at the next page, with `more`.
const MAX_DIFFERENCES: usize = 1_000;

/// How [`Engine::reconcile`] walks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReconcileOptions {
    /// Lists what differs and marks nothing. A dry run is a walk of its own.
    pub dry_run: bool,
    /// No page is asked for after this many milliseconds, but one. Default: to the end.
    pub deadline_ms: Option<u64>,
}

/// What [`Engine::reconcile`] found on its way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Reconciled {
    /// Opportunities of the pipeline that were listed.
    pub opportunities: usize,
    /// Contacts that were listed.
    pub contacts: usize,
    /// Orders that differ and will be looked at by `run` or `drain`.
    pub marked: usize,
    /// Whether there is more of this walk: the next call goes on with it.
    pub more: bool,
    /// In a dry run: what differs.
    pub differences: Vec<Difference>,
}

/// An order whose object in GHL is not what it is known to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The order.
    pub order_id: OrderId,
    /// What differs: of its opportunity the first three, of its contact the others.
    pub differs: Vec<Part>,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "DifferingPart"))]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The opportunity's stage.
    Stage,
    /// The opportunity's status.
    Status,
    /// Whose opportunity it is.
    Contact,
    /// Tags of ours.
    Tags,
    /// Custom fields of ours.
    Fields,
}

impl Engine {
    /// Compares the location's pipeline and contacts, as GHL lists them, with what is known. Costs one call
    /// per 100 opportunities and one per 100 contacts; changes nothing in GHL by itself. Where it stands is kept with
    /// every page: after a deadline, a stop or a crash the next call, of whichever process, goes on from there, but
    /// begins anew after a day.
    ///
    /// # Errors
    /// `conflict` while another call is at it; what the client answers; `store`. It may be called again at any time.
    pub async fn reconcile(
        &self,
        location: Option<&LocationId>,
        options: ReconcileOptions,
    ) -> Result<Reconciled> {
        let core = &*self.core;
        let location = &core.config.location(location)?.id;
        let begun = core.clock.now_ms();
        let deadline = options.deadline_ms.map_or(i64::MAX, |ms| i64::try_from(ms).unwrap_or(i64::MAX));
        let kind = if options.dry_run { Kind::Report } else { Kind::Repair };
        let claimed = Claimed::take(core, location, kind).await?;
        core.walk(claimed, begun.saturating_add(deadline)).await
    }
}

impl Core {
    /// Goes on with a walk until its end, or a page after `until` or a stop.
    async fn walk(&self, mut claimed: Claimed<'_>, until: i64) -> Result<Reconciled> {
        let mut found = Reconciled::default();
        let span = tracing::info_span!(
            "reconcile",
            otel.status_code = field::Empty,
            ghlkit.location = %claimed.location,
            ghlkit.dry_run = claimed.kind == Kind::Report,
            error.type = field::Empty,
        );
        let walked = trace::within(span, self.walk_pages(&mut claimed, until, &mut found)).await;
        claimed.release(walked.as_ref().err()).await?;
        self.bell.notify(usize::MAX);
        walked.map(|()| found)
    }

    async fn walk_pages(&self, claimed: &mut Claimed<'_>, until: i64, found: &mut Reconciled) -> Result<()> {
        let context = self.context(claimed.location, None).await?;
        while let Some(place) = claimed.walk.place.clone() {
            let page = self.page(&context, &place).await?;
            self.compare(&context, claimed.kind, &page, found).await?;
            claimed.walk.advance(page.next, page.items.len(), page.total);
            found.more = claimed.walk.place.is_some();
            // What was marked is written down before where the walk stands: a crash in between repeats a page.
            if !claimed.keep().await? {
                tracing::info!(location = %claimed.location, "another process goes on with the reconciliation");
                return Ok(());
            }
            let full = found.differences.len() >= MAX_DIFFERENCES;
            if full || self.is_stopping() || self.clock.now_ms() >= until {
                return Ok(());
            }
        }
        Ok(())
    }
}
