use crate::{
    error::Result,
    ids::{JobId, LocationId, OrderId},
    ports::store::{
        EventRow, JobRow, Lookup, NewEvent, NewOrder, ObjectKind, ObjectRow, OrderRow, PassRows,
        ProgressChange, Side, StatusChange,
    },
    store::rules,
};

use super::{Entry, State, next_id};

impl State {
    pub(super) fn insert_order(&mut self, new: NewOrder) -> Result<JobId> {
        if self.orders.contains_key(&new.id) {
            return Err(rules::order_exists("id", new.id.as_str()));
        }
        if self.at(&new.location).any(|order| order.number == new.number) {
            return Err(rules::order_exists("orderNumber", &new.number));
        }
        let lease_key = self.known_lease_key(&new).unwrap_or_else(|| new.lease_key.clone());
        let (now, seq, number) = (new.now, self.next_commit_seq(), next_id(&self.jobs));
        let due_at = new.due_at.unwrap_or(now);
        self.append_events(&new.location, &new.id, new.events.clone(), now);
        let order = OrderRow::new(new, lease_key, seq);
        let id = JobId::new(number.to_string());
        self.jobs.insert(number, JobRow::new(id.clone(), &order, due_at));
        self.orders.insert(order.id.clone(), Entry { order, job: number });
        Ok(id)
    }

    /// That of the latest order with the same e-mail, else with the same phone.
    fn known_lease_key(&self, new: &NewOrder) -> Option<String> {
        let latest = |same: &dyn Fn(&OrderRow) -> bool| {
            self.at(&new.location).filter(|order| same(order)).max_by_key(|order| order.commit_seq)
        };
        let by_email = latest(&|order| new.email.is_some() && order.email == new.email);
        by_email
            .or_else(|| latest(&|order| new.phone.is_some() && order.phone == new.phone))
            .map(|order| order.lease_key.clone())
    }

    pub(super) fn set_status(&mut self, change: StatusChange) -> Result<(JobId, i64)> {
        self.entry_mut(&change.location, &change.order)?.0.check_version(change.version)?;
        let seq = self.next_commit_seq();
        let (order, job) = self.entry_mut(&change.location, &change.order)?;
        order.change_status(change.status, change.now, Side::Shop, seq);
        job.renew();
        job.want(change.now);
        let done = (job.id.clone(), order.version);
        self.append_events(&change.location, &change.order, change.events, change.now);
        Ok(done)
    }

    pub(super) fn set_progress(&mut self, change: ProgressChange) -> Result<JobId> {
        let (order, _) = self.entry_mut(&change.location, &change.order)?;
        order.check_progress(&change)?;
        order.change_progress(change.to, change.milestone);
        if let Some(status) = change.status {
            let seq = self.next_commit_seq();
            let (order, _) = self.entry_mut(&change.location, &change.order)?;
            order.change_status(status, change.now, Side::Shop, seq);
        }
        let (_, job) = self.entry_mut(&change.location, &change.order)?;
        job.renew();
        job.want(change.now);
        let job = job.id.clone();
        self.append_events(&change.location, &change.order, change.events, change.now);
        Ok(job)
    }

    pub(super) fn mark_dirty(
        &mut self,
        location: &LocationId,
        id: &OrderId,
        contact: bool,
        now: i64,
    ) -> Result<()> {
        let (order, job) = self.entry_mut(location, id)?;
        order.hint(job, contact, now);
        Ok(())
    }

    pub(super) fn order(&self, location: &LocationId, id: &OrderId) -> Option<&OrderRow> {
        self.orders.get(id).map(|entry| &entry.order).filter(|order| order.location == *location)
    }

    pub(super) fn find_orders(&self, location: &LocationId, lookup: Lookup<'_>) -> Vec<OrderRow> {
        let mut found: Vec<OrderRow> = self
            .at(location)
            .filter(|order| match lookup {
                Lookup::Opportunity(id) => order.opportunity.as_ref() == Some(id),
                Lookup::Contact(id) => order.contact.as_ref() == Some(id),
                Lookup::Number(number) => order.number == number,
            })
            .cloned()
            .collect();
        found.sort_by_key(|order| order.commit_seq);
        found
    }

    pub(super) fn list_orders(
        &self,
        location: &LocationId,
        status: Option<&str>,
        after: Option<&OrderId>,
        limit: usize,
    ) -> Vec<OrderRow> {
        self.at(location)
            .filter(|order| after.is_none_or(|after| order.id > *after))
            .filter(|order| status.is_none_or(|status| order.status == status))
            .take(limit)
            .cloned()
            .collect()
    }

    pub(super) fn pass_rows(&self, location: &LocationId, id: &OrderId) -> Result<PassRows> {
        let order = self.order(location, id).ok_or_else(|| rules::order_not_found(location, id))?.clone();
        let same_key = |other: &&OrderRow| {
            other.location == *location && other.lease_key == order.lease_key && other.id != order.id
        };
        let mut siblings: Vec<OrderRow> =
            self.orders.values().map(|entry| &entry.order).filter(same_key).cloned().collect();
        siblings.sort_by_key(|sibling| sibling.commit_seq);
        let object = |kind, id: Option<&str>| id.and_then(|id| self.object(location, kind, id));
        Ok(PassRows {
            opportunity: object(ObjectKind::Opportunity, order.opportunity.as_ref().map(AsRef::as_ref)),
            contact: object(ObjectKind::Contact, order.contact.as_ref().map(AsRef::as_ref)),
            siblings,
            order,
        })
    }

    pub(super) fn object(&self, location: &LocationId, kind: ObjectKind, id: &str) -> Option<ObjectRow> {
        self.objects.get(&(location.clone(), kind, id.to_owned())).cloned()
    }

    pub(super) fn entry_mut(
        &mut self,
        location: &LocationId,
        id: &OrderId,
    ) -> Result<(&mut OrderRow, &mut JobRow)> {
        self.orders
            .get_mut(id)
            .filter(|entry| entry.order.location == *location)
            .and_then(|entry| Some((&mut entry.order, self.jobs.get_mut(&entry.job)?)))
            .ok_or_else(|| rules::order_not_found(location, id))
    }

    pub(super) fn append_events(
        &mut self,
        location: &LocationId,
        order: &OrderId,
        events: Vec<NewEvent>,
        at: i64,
    ) {
        for NewEvent { kind, key, payload } in events {
            if self.event_keys.insert((order.clone(), key.clone())) {
                let position = next_id(&self.events);
                let (location, order) = (location.clone(), order.clone());
                let event = EventRow { position, location, order, kind, key, payload, at, told: false };
                self.events.insert(position, event);
            }
        }
    }

    fn at<'a>(&'a self, location: &'a LocationId) -> impl Iterator<Item = &'a OrderRow> {
        self.orders.values().map(|entry| &entry.order).filter(move |order| order.location == *location)
    }
}
