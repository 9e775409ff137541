// Makes spans of OpenTelemetry of what happens in ghlkit: `node --import ./otel.mjs app.mjs`, with OTEL_EXPORTER_OTLP_ENDPOINT set.
import { monitor } from '@ghlkit/node'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] })
provider.register()
process.once('beforeExit', () => provider.shutdown())

const tracer = trace.getTracer('ghlkit')
/** Spans that have not ended, by their number. */
const open = new Map()

monitor((seen) => {
  switch (seen.type) {
    case 'start': {
      const parent = open.get(seen.parent)
      const within = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent)
      const kind = 'http.route' in seen.fields ? SpanKind.CLIENT : SpanKind.INTERNAL
      const options = { kind, startTime: seen.atMs, attributes: seen.fields }
      open.set(seen.span, tracer.startSpan(seen.name, options, within))
      return
    }
    case 'event':
      open.get(seen.span)?.addEvent(seen.message, seen.fields, seen.atMs)
      return
    case 'end': {
      const span = open.get(seen.span)
      open.delete(seen.span)
      span?.setAttributes(seen.fields)
      if ('error.type' in seen.fields) span?.setStatus({ code: SpanStatusCode.ERROR })
      span?.end(seen.atMs)
    }
  }
})
