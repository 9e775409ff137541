//! What customers and others are told.

use super::{
    Run,
    rows::{listed, run},
    views::MessageDelivery,
};
use crate::{
    config::Channel,
    error::{Error, Result},
    ids::{LocationId, OrderId},
    notify::Letter,
    ops::table::ops,
    ports::store::{DeliveryFilter, DeliveryState},
    secret::Secret,
};

/// How long a customer's token is good for unless another time is asked for: 30 days.
const DEFAULT_TOKEN_MS: i64 = 30 * 24 * 60 * 60 * 1000;

ops! {
    pub(super) const OPS: Run;

    /// Messages on their channels, by id: for example those that were given up.
    "deliveries" "function" {
        /// Only those in this state.
        state: Option<DeliveryState>,
        /// Only those on this channel: `email`, `sms`, `smtp`, `hook`, `webhook` or `pusher`.
        channel: Option<String>,
        /// Only of this location.
        location_id: Option<LocationId>,
        /// Only of this order.
        order_id: Option<OrderId>,
        /// Only those after this one, to read on.
        after: Option<i64>,
        /// At most this many; 1 to 1,000, default 100.
        limit: Option<i64>,
    } -> Vec<MessageDelivery> = run(|engine, args| Box::pin(async move {
        let channel = args.channel.map(|text| channel(&text)).transpose()?;
        let filter = DeliveryFilter {
            location: args.location_id,
            order: args.order_id,
            channel: channel.map(|channel| channel.as_str().to_owned()),
            state: args.state,
            after: args.after.unwrap_or(0),
            limit: listed(args.limit)?,
        };
        Ok(engine.deliveries(filter).await?.into_iter().map(MessageDelivery::from).collect())
    }));

    /// Makes a message that was given up or skipped due now; false if it is neither.
    "replayDelivery" "function" {
        /// The delivery.
        delivery_id: i64,
    } -> bool = run(|engine, args| Box::pin(async move { engine.replay_delivery(args.delivery_id).await }));

    /// Tells a customer something by hand, also again, on one channel.
    "notify" "function" {
        /// The order.
        order_id: OrderId,
        /// What is told, e.g. `status.shipped`.
        message: String,
        /// How: `email`, `sms`, `smtp` or `hook`.
        channel: String,
        /// The order's location, where several are configured.
        location_id: Option<LocationId>,
    } -> () = run(|engine, args| Box::pin(async move {
        let channel = channel(&args.channel)?;
        engine.notify(args.location_id.as_ref(), &args.order_id, &args.message, channel).await
    }));

    /// A token with which a customer may watch an order, in `handlers.events`.
    "orderToken" "function" {
        /// The order.
        order_id: OrderId,
        /// How long it is good for, in milliseconds; at most 400 days, default 30 days.
        expires_in_ms: Option<i64>,
        /// The order's location, where several are configured.
        location_id: Option<LocationId>,
    } -> String = run(|engine, args| Box::pin(async move {
        let expires_in = args.expires_in_ms.unwrap_or(DEFAULT_TOKEN_MS);
        engine.order_token(args.location_id.as_ref(), &args.order_id, expires_in).await
    }));

    /// Refuses a token that does not let its bearer watch an order: for what a shop shows beside the stream.
    "checkOrderToken" "function" {
        /// The order.
        order_id: OrderId,
        /// What the caller has.
        token: Secret,
        /// The order's location, where several are configured.
        location_id: Option<LocationId>,
    } -> () = run(|engine, args| Box::pin(async move {
        engine.check_order_token(args.location_id.as_ref(), &args.order_id, args.token.expose())
    }));

    /// A message in words, as it would be sent: about an order, or else about a made-up one.
    "previewMessage" "function" {
        /// What is told, e.g. `status.shipped`.
        message: String,
        /// The order.
        order_id: Option<OrderId>,
        /// The language; default the customer's, or the shop's.
        locale: Option<String>,
        /// The order's location, where several are configured.
        location_id: Option<LocationId>,
    } -> Letter = run(|engine, args| Box::pin(async move {
        let (location, order) = (args.location_id.as_ref(), args.order_id.as_ref());
        engine.preview_message(location, &args.message, order, args.locale.as_deref()).await
    }));
}

fn channel(text: &str) -> Result<Channel> {
    let expected = || {
        let expected = "expected `email`, `sms`, `smtp`, `hook`, `webhook` or `pusher`";
        Error::invalid("channel", format_args!("{expected}, got {text:?}"))
    };
    Channel::parse(text).ok_or_else(expected)
}
