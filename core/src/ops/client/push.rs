use serde::Serialize;

use super::request::{Run, Scope};
use crate::{
    error::Result,
    ids::PipelineId,
    ops::{
        args::{Arguments, write},
        pure::status::{Stages, as_argument, chosen, model},
        table::ops,
    },
    order::ModelSpec,
    ports::BoxFuture,
    sync::push::{PushChange, PushOrder, PushTo, Pushed, push},
};

ops! {
    pub(super) const OPS: Run = Run::Steps;

    /// Tells GHL of a change of an order, from what the shop knows of it: opportunity, custom fields, tags. It can be repeated.
    "orders.push" "function" {
        /// What the shop knows of the order.
        order: PushOrder,
        /// What happened to it.
        change: PushChange,
        /// The pipeline of orders; default the only one.
        pipeline_id: Option<PipelineId>,
        /// The stages of single statuses: id, name or key. The others are found by name.
        stages: Option<Stages>,
        /// The shop's own model; default the built-in one.
        model: Option<ModelSpec>,
    } -> Pushed = steps(|scope, args| Box::pin(async move {
        let model = model(args.model)?;
        let stages = chosen(&model, &args.stages.unwrap_or_default())?;
        let to = PushTo {
            client: scope.client,
            location: scope.location,
            pipeline: args.pipeline_id.as_ref(),
            model: &model,
            stages: &stages,
            options: &scope.options,
        };
        push(to, &args.order, &args.change).await.map_err(as_argument)
    }));
}

/// An operation of several requests.
fn steps<'a, A: Arguments, R: Serialize + 'a>(
    scope: Scope<'a>,
    args: &str,
    run: fn(Scope<'a>, A) -> BoxFuture<'a, Result<R>>,
) -> BoxFuture<'a, Result<String>> {
    let running = A::read(args).map(|args| run(scope, args));
    Box::pin(async move { write(&running?.await?) })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::executor::block_on;

    use crate::{
        config::ClientSettings,
        ops::{call, evaluate},
        testing::{ManualClock, ScriptedTransport, SeededEntropy, Step},
    };

    #[test]
    fn a_push_takes_the_calls_options_and_names_what_is_wrong() {
        let clock = ManualClock::new(0);
        let transport = ScriptedTransport::new(clock.clone());
        transport
            .otherwise(Step::reply(200, r#"{"pipelines":[{"id":"pip1","stages":[]}],"customFields":[]}"#));
        let settings = ClientSettings::from_json(r#"{"options":{"token":"t"}}"#).unwrap();
        let entropy = Arc::new(SeededEntropy::new(1));
        let (client, _) =
            settings.build(None, Arc::new(transport.clone()), Arc::new(clock), entropy).unwrap();
        let options = r#"{"locationId":"loc1","timeoutMs":1234}"#;
        let pushed = |args: &str| block_on(call(&client, None, "orders.push", args, options));
        let order = r#""order":{"contactId":"c","opportunityId":"o"}"#;
        let change = r#""change":{"status":"shipped","at":5}"#;
        for (args, field) in [
            (format!("{{{change}}}"), "order"),
            (format!(r#"{{"order":["c"],{change}}}"#), "order"),
            (format!(r#"{{"order":{{"contactId":"c","prevStatus":"x"}},{change}}}"#), "order.prevStatus"),
            (format!(r#"{{{order},"change":{{"status":"shipped"}}}}"#), "change.at"),
            (format!(r#"{{{order},"change":{{"status":"lost","at":5}}}}"#), "change.status"),
            (format!(r#"{{{order},{change},"stages":{{"lost":"x"}}}}"#), "stages"),
            (format!(r#"{{{order},{change},"stages":{{"shipped":"x"}}}}"#), "stages.shipped"),
            (format!(r#"{{{order},{change},"model":{{"path":[]}}}}"#), "model.path"),
            (format!(r#"{{{order},{change},"pipelineId":"pip2"}}"#), "pipelineId"),
            (format!("{{{order},{change}}}"), "order_number"),
        ] {
            let settled = pushed(&args);
            assert!(settled.contains(&format!(r#""field":"{field}""#)), "{args}: {settled}");
        }
        let sent = transport.sent();
        assert!(sent.iter().all(|sent| sent.request.timeout.as_millis() == 1_234), "{sent:?}");
        assert!(
            !sent.is_empty() && sent.iter().all(|sent| sent.request.method.as_str() == "GET"),
            "{sent:?}"
        );

        let planned = evaluate("orders.plan", &format!("{{{order},{change}}}"));
        assert!(planned.starts_with(r#"{"ok":{"commands":[{"type":"updateOpportunity""#), "{planned}");
    }
}
