// Sends with Datadog's tracer: a handled exception, a request that fails, a statement, a call of a model. All people are made up.
process.env.DD_TRACE_AGENT_URL = process.argv[2];
process.env.DD_SERVICE = "lab-orders";
process.env.DD_ENV = "test";
process.env.DD_INSTRUMENTATION_TELEMETRY_ENABLED = "false";
process.env.DD_REMOTE_CONFIGURATION_ENABLED = "false";
process.env.DD_TRACE_STARTUP_LOGS = "false";
const { default: tracer } = await import("dd-trace");
tracer.init({ flushInterval: 0, startupLogs: false });
const http = (await import("node:http")).default;

await tracer.trace("web.request", { resource: "GET /patients/536-22-8147/labs", type: "web" }, async (root) => {
  root.setTag("http.url", "https://api.example.org/search?mail=faith.ingram@sbcglobal.net&page=2");
  root.setTag("patient.mrn", "00482913");
  root.setTag("patient.ssn", 441529903);
  root.setTag("app.rows", 3);
  tracer.trace("labs.find", (find) => find.setTag("error", new RangeError("no patient for ssn 491-45-6138")));
  await new Promise((done) => http.get("http://127.0.0.1:9/patients?ssn=612-44-7305").on("error", done));
  tracer.trace("sqlite.query", { resource: "SELECT mrn FROM patients WHERE name = 'Ingrid Tanaka'", type: "sql" }, (query) =>
    query.setTag("sql.query", "SELECT mrn FROM patients WHERE name = 'Ingrid Tanaka'"));
  tracer.trace("openai.request", { resource: "createChatCompletion" }, (model) => model.addTags({
    "openai.request.model": "gpt-4o",
    "openai.request.messages.0.content": "Summarise the chart of Mateo Orlova, born 03/14/1961, MRN 70367332.",
    "openai.response.choices.0.message.content": "Call him at (415) 555-0142.",
    "openai.response.usage.total_tokens": 128,
  }));
});
await new Promise((done) => setTimeout(done, 1500));
process.exit(0);
