//! The process: what starts in which order, and what stops in which.

mod admitted;
mod reload;

use crate::admin::{self, Report, State};
use crate::config::{Config, Pipeline};
use crate::delivery::Courier;
use crate::drain::Drain;
use crate::net::{Budget, Pressure};
use crate::pipeline::{Inlet, Route, Rules, Workers};
use crate::receivers::{Serving, Start};
use crate::telemetry::{Component, Event, Metrics, Page, Traces, resident_bytes};
use processors::document::Mistakes;
use processors::walk::otlp::Signal;
use reload::Reloader;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal as SignalStream, SignalKind, signal};
use tokio_util::task::TaskTracker;

/// How long listeners get to close their connections once nothing is waited for.
const CLOSING: Duration = Duration::from_secs(2);
/// How often queues are looked at once no receiver is left.
const GLANCE: Duration = Duration::from_millis(20);

/// How often the process's memory is looked at.
const GLIMPSE: Duration = Duration::from_millis(100);

/// Why the collector did not start.
#[derive(Debug)]
pub enum StartError {
    /// The rules do not compile.
    Rules(Mistakes),
    /// The system refused something: an address, a thread.
    System(io::Error),
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// How the collector ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Everything it had taken was delivered.
    Drained,
    /// The time for that was over before it was.
    Late,
    /// A second signal came.
    Aborted,
}

/// Runs until a signal says to stop, `drain` is begun, or no receiver is left, and then until everything is delivered.
///
/// # Errors
/// If something keeps it from starting.
pub async fn run(config: Config, drain: Drain) -> Result<End, StartError> {
    Event::Starting.emit();
    let mut signals = Signals::listen()?;
    let listeners = TaskTracker::new();
    let service = config.service.clone();
    let traces = service.traces.as_ref().and_then(|endpoint| Traces::start(&endpoint.uri().to_string()));
    let page = Page::install();
    if let (Some(page), Some(listen)) = (page.clone(), service.metrics) {
        listeners.spawn(admin::metrics(listen, page, drain.clone()).await?);
    }
    let report = Report::default();
    if let Some(pages) = service.admin.clone() {
        listeners.spawn(admin::pages(pages, page, Arc::clone(&report), drain.clone()).await?);
    }
    if let Some(listen) = service.health {
        listeners.spawn(admin::health(listen, drain.clone()).await?);
    }
    let started = tokio::select! {
        started = start(config, drain.clone()) => started?,
        // Nothing has been taken yet, so nothing is left.
        () = signals.next() => return Ok(End::Drained),
    };
    let _first = report.set(started.report(service.memory_limit));
    if let Some(limit) = service.memory_limit {
        listeners.spawn(watch_memory(limit, started.budget.clone(), drain.clone()));
    }
    listeners.spawn(started.reloader.watch(drain.clone()));
    let receivers = TaskTracker::new();
    for serving in started.serving {
        receivers.spawn(serving);
    }
    receivers.close();
    drain.serve();
    Event::Serving.emit();
    tokio::select! {
        () = signals.next() => {}
        () = drain.begun() => {}
        () = exhausted(&receivers, &started.workers, &started.couriers) => {}
    }
    let end = tokio::select! {
        end = stop(&started.workers, &started.couriers, &started.deliveries, &drain, service.shutdown_timeout) => end,
        () = signals.next() => {
            Event::Aborting.emit();
            return Ok(End::Aborted);
        }
    };
    listeners.close();
    let closed = async { tokio::join!(receivers.wait(), listeners.wait()) };
    let _in_time = tokio::time::timeout(CLOSING, closed).await;
    if let Some(traces) = traces {
        let _stopped = tokio::task::spawn_blocking(|| traces.stop()).await;
    }
    Ok(end)
}

/// Waits until no receiver is left and all they took is delivered. Nobody asked to stop, so this takes its time.
async fn exhausted(receivers: &TaskTracker, workers: &Workers, couriers: &[Arc<Courier>]) {
    receivers.wait().await;
    workers.idle().await;
    while couriers.iter().any(|courier| courier.queue().held() > 0) {
        tokio::time::sleep(GLANCE).await;
    }
}

/// What is running.
struct Started {
    workers: Workers,
    couriers: Vec<Arc<Courier>>,
    deliveries: TaskTracker,
    serving: Vec<Serving>,
    reloader: Reloader,
    scrubs: Vec<Component>,
    rules: Rules,
    budget: Budget,
}

impl Started {
    /// Says how all of this is doing, whenever it is asked.
    fn report(&self, limit: Option<usize>) -> Box<dyn Fn() -> State + Send + Sync> {
        let (scrubs, rules) = (self.scrubs.clone(), self.rules.clone());
        let (couriers, budget) = (self.couriers.clone(), self.budget.clone());
        Box::new(move || {
            let (_, sets) = rules.now();
            let sets = scrubs.iter().zip(sets.iter());
            State {
                rules: sets.map(|(scrub, set)| (scrub.clone(), set.rules().len(), set.hash())).collect(),
                exporters: couriers.iter().map(|courier| courier.state()).collect(),
                raw: (budget.used(), budget.capacity()),
                memory: (resident_bytes(), limit),
                pressure: budget.pressure(),
            }
        })
    }
}

/// Looks at the process's memory as the system sees it: a second net, below the books that say who took what.
async fn watch_memory(limit: usize, budget: Budget, drain: Drain) {
    Metrics::memory(limit, 0);
    loop {
        tokio::select! {
            () = drain.ended() => return,
            () = tokio::time::sleep(GLIMPSE) => {}
        }
        let resident = resident_bytes();
        let pressure = Pressure::at(resident, limit);
        if budget.press(pressure) != pressure {
            Metrics::memory(limit, pressure as u8);
            Event::MemoryPressure { pressure: pressure.label(), resident, limit }.emit();
        }
    }
}

/// Starts from the back to the front: nothing is taken before there is somewhere for it to go.
async fn start(config: Config, drain: Drain) -> Result<Started, StartError> {
    let compiled = tokio::task::spawn_blocking(move || {
        let rules = config.compile();
        (config, rules)
    });
    let (config, rules) = compiled.await.map_err(io::Error::other)?;
    let rules = rules.map_err(StartError::Rules)?;
    for set in &rules {
        Event::RulesCompiled { rules: set.rules().len(), triggers: set.trigger_count() }.emit();
    }
    if config.scrubs.iter().any(crate::config::Scrub::is_ephemeral) {
        Event::EphemeralPseudonymKey.emit();
    }
    for (scrub, what) in config.scrubs.iter().flat_map(|scrub| scrub.weakenings().iter().map(move |what| (scrub, what)))
    {
        Event::Weakened { scrub: scrub.id.clone(), what: what.clone() }.emit();
    }
    Metrics::weakenings(config.scrubs.iter().map(|scrub| scrub.weakenings().len()).sum());
    let rules = Rules::new(rules);
    let reloader = Reloader::new(&config, rules.clone())?;
    let ids = config.scrubs.iter().map(|scrub| scrub.id.clone()).collect();
    let Config { receivers, exporters, scrubs, pipelines, service, origin: _, values: _ } = config;
    let couriers: Vec<Arc<Courier>> = exporters
        .into_iter()
        .map(|(component, configured)| Arc::new(Courier::new(component, configured, drain.clone())))
        .collect();
    let deliveries = TaskTracker::new();
    for courier in &couriers {
        courier.start(&deliveries);
    }
    let workers = Workers::start(service.workers, &rules, service.most(), drain.clone())?;
    let route = |pipeline: &Pipeline| {
        let ack = scrubs.get(pipeline.scrub).map(|scrub| scrub.ack).unwrap_or_default();
        let queues = couriers
            .iter()
            .filter(|courier| pipeline.exporters.contains(courier.queue().exporter()))
            .map(|courier| courier.queue().clone())
            .collect();
        (pipeline.signal, Arc::new(Route::new(pipeline.signal, pipeline.scrub, ack, queues)))
    };
    let budget = Budget::new(service.raw_budget);
    let mut serving = Vec::new();
    for (component, receiver) in receivers {
        let routes = routes_of(&component, &pipelines, route);
        let inlet: Inlet = workers.inlet(component, routes);
        let start = Start { inlet, budget: budget.clone(), drain: drain.clone() };
        serving.extend(receiver.start(start).await?);
    }
    Ok(Started { workers, couriers, deliveries, serving, reloader, scrubs: ids, rules, budget })
}

fn routes_of(
    receiver: &Component,
    pipelines: &[Pipeline],
    route: impl Fn(&Pipeline) -> (Signal, Arc<Route>),
) -> Vec<(Signal, Arc<Route>)> {
    pipelines.iter().filter(|pipeline| pipeline.receivers.contains(receiver)).map(route).collect()
}

/// Stops from the front to the back: nothing new is taken, workers finish, queues empty.
async fn stop(
    workers: &Workers,
    couriers: &[Arc<Courier>],
    deliveries: &TaskTracker,
    drain: &Drain,
    time: Duration,
) -> End {
    drain.begin();
    Event::Draining.emit();
    let emptied = async {
        workers.idle().await;
        couriers.iter().for_each(|courier| courier.queue().close());
        deliveries.close();
        deliveries.wait().await;
    };
    let in_time = tokio::time::timeout(time, emptied).await.is_ok();
    let batches = couriers.iter().map(|courier| courier.queue().held()).sum();
    drain.end();
    if in_time {
        Event::Drained.emit();
        return End::Drained;
    }
    Event::DrainTimedOut { batches }.emit();
    for courier in couriers {
        courier.queue().close();
        courier.queue().clear();
    }
    deliveries.close();
    let _in_time = tokio::time::timeout(CLOSING, deliveries.wait()).await;
    End::Late
}

/// The signals that ask a process to stop.
struct Signals {
    terminate: SignalStream,
    interrupt: SignalStream,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
