// Sends with Sentry's SDK as most have it set up: a handled exception, a request that fails, a statement, a call of a model. All
// people are made up.
import * as Sentry from "@sentry/node";
import http from "node:http";

Sentry.init({
  dsn: process.argv[2], tracesSampleRate: 1.0, sendDefaultPii: true, serverName: "test", release: "1.2.0", environment: "test",
  includeLocalVariables: true,
  integrations: [Sentry.localVariablesIntegration({ captureAllExceptions: true, maxExceptionsPerSecond: 50 })],
});

// The variables of a frame are read by a debugger in a thread of its own, of what is thrown.
await new Promise((done) => setTimeout(done, 1000));

function find(ssn, patient) {
  const attempts = 3;
  const history = ["seen by Mateo Orlova", "MRN 70367332"];
  throw new RangeError(`no patient for ssn ${ssn} after ${attempts} of ${history.length}`);
}

await Sentry.startSpan({ op: "http.server", name: "GET /patients/536-22-8147/labs" }, async () => {
  Sentry.setUser({ id: "70367332", email: "faith.ingram@sbcglobal.net", username: "ingrid.tanaka" });
  Sentry.setTag("patient.mrn", "00482913");
  Sentry.setExtra("note", "call Mateo Orlova at (415) 555-0142");
  Sentry.setContext("visit", { patient: { ssn: "491-45-6138" }, room: "12" });
  Sentry.addBreadcrumb({ category: "log", message: "chart of ssn 612-44-7305 not found" });
  await new Promise((done) => http.get("http://127.0.0.1:9/patients?ssn=612-44-7305").on("error", done));
  const statement = "SELECT mrn FROM patients WHERE name = 'Ingrid Tanaka'";
  Sentry.startSpan({ op: "db.sql.query", name: statement, attributes: { "db.system": "sqlite" } }, () =>
    Sentry.addBreadcrumb({ category: "query", message: statement }));
  Sentry.startSpan({ op: "gen_ai.chat", name: "chat gpt-4o", attributes: {
    "gen_ai.request.messages": '[{"role": "user", "content": "Summarise Mateo Orlova, MRN 70367332"}]',
    "gen_ai.usage.total_tokens": 128,
  } }, () => {});
  try {
    find("491-45-6138", { mrn: "00482913", name: "Ingrid Tanaka", visits: 2 });
  } catch (error) {
    Sentry.captureException(error);
  }
});
await Sentry.flush(5000);
