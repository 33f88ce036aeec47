// Sends telemetry with made-up people in it through the official SDK for Node: send.mjs grpc|proto|http ENDPOINT.
//
// Prints the ids that have to arrive as one JSON object. What it sends is what send.py sends, but for exemplars, which
// this SDK has none of.

import { context, SpanKind, SpanStatusCode, trace, TraceFlags, createTraceState } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const [protocol, endpoint] = process.argv.slice(2);

async function exporter(signal, name) {
  const module = await import(`@opentelemetry/exporter-${signal}-otlp-${protocol}`);
  const url = protocol === 'grpc' ? endpoint : `${endpoint}/v1/${signal === 'trace' ? 'traces' : signal}`;
  return new module[name]({ url, compression: signal === 'logs' ? 'none' : 'gzip' });
}

const resource = resourceFromAttributes({
  'service.name': 'lab-orders',
  'service.owner': 'nurse.on.call@clinic.example',
});
const tracers = new NodeTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(await exporter('trace', 'OTLPTraceExporter'))],
});
const loggers = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: await exporter('logs', 'OTLPLogExporter') })],
});
const meters = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({ exporter: await exporter('metrics', 'OTLPMetricExporter') })],
});

const tracer = tracers.getTracer('lab.orders', '1.2.0', {
  attributes: { 'owner.email': 'scope.owner@clinic.example' },
});
const linked = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: '00f067aa0ba902b7',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
  traceState: createTraceState('clinic=491-45-6138'),
};
const parent = tracer.startSpan('GET /patients/536-22-8147/labs', {
  kind: SpanKind.SERVER,
  links: [{ context: linked, attributes: { 'app.note': 'merged from MRN 39496965', 'app.step': 3 } }],
  attributes: {
    'http.request.method': 'GET',
    'http.response.status_code': 503,
    'url.full': 'https://api.example.org/search?mail=faith%2Bhealth%40sbcglobal.example&page=2',
    'patient.mrn': 70367332,
    'patient.name': 'Ingrid Tanaka',
    'app.payload': '{"state":"open","patient":{"name":"Mateo Orlova","mrn":"00482913"},"retry":2}',
    'app.tags': ['blue', '222-65-4675', 'green'],
    'lookup.441-52-9903': 'hit',
    'app.ratio': 0.5,
    'app.cached': true,
  },
});
parent.addEvent('cache.miss', { 'app.key': 'patient/612-44-7305', 'app.shard': 7 });
const within = trace.setSpan(context.active(), parent);
const child = tracer.startSpan('SELECT orders', {}, within);
child.recordException(new RangeError('no patient for yelena.penrose@clinic.example or (312) 555-0142'));
child.setStatus({ code: SpanStatusCode.ERROR, message: 'no patient with MRN 47810926' });
child.end();
parent.end();

const logger = loggers.getLogger('lab.queue', '0.9');
logger.emit({
  timestamp: Date.now(),
  context: within,
  severityNumber: SeverityNumber.WARN,
  severityText: 'WARN',
  body: 'callback at (646) 555-0187 for ssn 301-52-7716 before noon',
  attributes: { 'app.attempt': 2, 'user.email': 'graham.haddad@clinic.example', 'code.function.name': 'retry' },
});
logger.emit({
  severityNumber: SeverityNumber.INFO,
  severityText: 'INFO',
  eventName: 'order.validated',
  body: { patient_name: 'Akiko Novak', state: 'done', steps: [{ mrn: 85330571, left: 1 }] },
});

const meter = meters.getMeter('lab.metrics', '2.0');
const counter = meter.createCounter('orders.created', {
  unit: '{order}',
  description: 'orders, first seen with 417-38-2956',
});
counter.add(2, { 'app.queue': 'labs', 'patient.email': 'tomasz.hutchins@clinic.example' });
counter.add(1, { 'app.queue': 'labs', 'patient.email': 'tomasz.hutchins@clinic.example' });
const histogram = meter.createHistogram('order.duration', { unit: 'ms' });
histogram.record(12.5, { 'app.queue': 'labs' });
histogram.record(30.0, { 'app.queue': 'labs' });

await tracers.shutdown();
await loggers.shutdown();
await meters.shutdown();
const { traceId, spanId } = parent.spanContext();
console.log(JSON.stringify({ trace_id: traceId, span_ids: [spanId, child.spanContext().spanId] }));
