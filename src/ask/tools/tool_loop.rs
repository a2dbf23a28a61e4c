//! Runs the calls of an answer: checked, decided about, then executed side by side.
//!
//! | stage | a call leaves it with a result when |
//! |---|---|
//! | guard | it repeats itself, or there are too many |
//! | check | its tool is unknown, or its arguments are not valid |
//! | preparation | its server does not start, or a command cannot be filled in |
//! | decision | it is denied |
//! | run | it has ended |
//!
//! All calls pass a stage before the first enters the next. After an interrupt every call that is
//! left gets a result that says so: a call without a result is never sent or stored.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::call_log::{log_end, log_stopped, log_unready};
use super::calls::{CallState, Permit, Stage, keys, open_tools};
use super::early_end::{Limits, Stop};
use super::guard::{Admission, LoopGuard};
use super::session::ToolSession;
use super::side_by_side::SideBySide;
use super::steps::{LastStep, StepEnd, Steps, TimeLimit};
use super::tape;
use super::tool_set::ToolSet;
use crate::ask::answer_trace::AnswerTrace;
use crate::ask::pull::Receiver;
use crate::chat::answer::Answer;
use crate::chat::event::ChatEvent;
use crate::chat::tool::{DecidedBy, Declaration, ToolCall, ToolStep, identify};
use crate::config::Settings;
use crate::ports::approval::{Approver, CallToApprove};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Interrupt;
use crate::present::time::millis;
use crate::telemetry::call::{CallSpan, within};
use crate::tools::gate::{Decided, Gate};
use crate::tools::tool::{Call, Pending, ToolOutput};
use crate::wire::tape::Tape;

/// The loop of one answer.
pub(crate) struct ToolLoop {
    tools: Rc<ToolSet>,
    guard: LoopGuard,
    /// How many steps have ended.
    steps: u32,
    tape: Option<Tape>,
    /// Collects the spans of its calls; `None` when telemetry is off.
    trace: Option<AnswerTrace>,
}

impl ToolLoop {
    pub(crate) fn new(tools: Rc<ToolSet>, tape: Option<Tape>, trace: Option<AnswerTrace>) -> Self {
        Self {
            trace,
            tools,
            guard: LoopGuard::default(),
            steps: 0,
            tape,
        }
    }
}

impl Steps for Option<ToolLoop> {
    fn last(&self) -> Option<LastStep> {
        let one = self.as_ref()?;
        if one.guard.is_exhausted() {
            return Some(LastStep::Calls);
        }
        (one.steps >= one.tools.max_steps).then_some(LastStep::Steps)
    }

    fn declarations(&self, settings: &Settings) -> Option<Vec<Declaration>> {
        let tools = self.as_ref().map(|one| &one.tools);
        let searched = tools.filter(|tools| tools.is_searched());
        searched.map(|tools| tools.declarations(settings))
    }

    async fn step(
        &mut self,
        answer: &mut Answer,
        receiver: &mut impl Receiver,
        interrupt: &Interrupt,
        limit: Option<TimeLimit>,
    ) -> StepEnd {
        match self {
            Some(one) => one.step(answer, receiver, interrupt, limit).await,
            None => StepEnd::Complete,
        }
    }
}

impl ToolLoop {
    async fn step(
        &mut self,
        answer: &mut Answer,
        receiver: &mut impl Receiver,
        interrupt: &Interrupt,
        limit: Option<TimeLimit>,
    ) -> StepEnd {
        let mut calls = std::mem::take(&mut answer.tool_calls);
        let seed = answer.generation_id.as_deref().unwrap_or_default();
        identify(&mut calls, seed, &answer.steps);
        let keys = keys(&calls, &self.tools);
        let admissions = self.guard.admit(&keys);
        let looping = admissions.iter().position(|one| *one == Admission::Loops);
        let keys = keys.into_iter().map(|(key, _)| key);
        let mut states: Vec<CallState> = calls
            .iter()
            .cloned()
            .zip(keys)
            .zip(admissions)
            .map(|((call, key), admission)| CallState::new(call, key, admission, &self.tools))
            .collect();
        if let Some(index) = looping {
            log_unready(&states, &self.tools, &mut self.tools.session.gate());
            let error = loops(&calls[index]);
            answer.tool_calls = calls;
            return StepEnd::Refused(error);
        }
        if let Some(trace) = &self.trace {
            let valid = states.iter_mut().filter(|state| state.is_valid);
            valid.for_each(|state| state.span = Some(trace.call()));
        }
        let limits = Limits::new(interrupt, limit);
        let stop = match self.work(&mut states, receiver, &limits).await {
            Err(Stop::Refused(error)) => {
                answer.tool_calls = calls;
                return StepEnd::Refused(error);
            }
            Err(stop) => Some(stop),
            Ok(()) => None,
        };
        if let Some(stop) = &stop {
            let open = states.iter_mut().filter(|state| state.is_open());
            open.for_each(|state| state.stop(stop.words()));
        }
        self.finish(states, answer);
        match stop {
            None => StepEnd::Complete,
            Some(Stop::Refused(error) | Stop::Signalled(error)) => StepEnd::Signalled(error),
            Some(Stop::Failed(error)) => StepEnd::Failed(error),
            Some(Stop::Output(error)) => StepEnd::OutputFailed(error),
        }
    }

    /// Takes all calls through the stages, or their results from a recording.
    async fn work(
        &mut self,
        states: &mut [CallState],
        receiver: &mut impl Receiver,
        limits: &Limits<'_>,
    ) -> Result<(), Stop> {
        receiver.event(ChatEvent::Calls).await?;
        receiver.flush()?;
        match &self.tape {
            Some(Tape::Replaying(player)) => {
                tape::replay(states, player)?;
                show_ended(states, receiver).await
            }
            Some(Tape::Recording(recorder)) => {
                let started_after = recorder.count();
                let end = run_all(states, &self.tools, receiver, limits).await;
                let refusal = match &end {
                    Err(Stop::Refused(error)) => Some(error),
                    _ => None,
                };
                tape::record(states, started_after, refusal, recorder);
                end
            }
            None => run_all(states, &self.tools, receiver, limits).await,
        }
    }

    /// Moves what the answer has beside its calls to a step of its own.
    fn finish(&mut self, states: Vec<CallState>, answer: &mut Answer) {
        let mut step = ToolStep {
            text: std::mem::take(&mut answer.text),
            reasoning: std::mem::take(&mut answer.reasoning),
            reasoning_details: answer.reasoning_details.take(),
            provider: answer.provider.clone(),
            model: answer
                .model
                .clone()
                .unwrap_or_else(|| answer.requested_model.clone()),
            ..ToolStep::default()
        };
        for CallState {
            call,
            key,
            is_admitted,
            stage,
            ran,
            ..
        } in states
        {
            let Stage::Ended(result) = stage else {
                continue;
            };
            if let Some(trace) = &self.trace {
                trace.called(&call, &result, ran.as_ref());
            }
            if is_admitted {
                // A reason for a denial makes it no other one.
                let is_denied = result.decision == Some(DecidedBy::Denied);
                let result = if is_denied { DENIED } else { &result.content };
                self.guard.ended(key, result);
            }
            step.calls.push(call);
            step.results.push(result);
        }
        answer.steps.push(step);
        self.steps += 1;
    }
}

/// The result of a call that the user denied, without the reason.
const DENIED: &str = "not run: the user denied it";

/// The error for a call that was made again after the model was warned.
fn loops(call: &ToolCall) -> CommandError {
    let name = call.name.escape_debug();
    CommandError::new(
        ErrorKind::Tool,
        format!("the model repeats the same call of tool '{name}', which returns the same result"),
    )
    .hint("ask again, or use another model")
    .hint("repeat: true   (in the tool's settings, if it is meant to be called again and again)")
}

/// Takes all calls through the stages.
async fn run_all(
    states: &mut [CallState],
    tools: &ToolSet,
    receiver: &mut impl Receiver,
    limits: &Limits<'_>,
) -> Result<(), Stop> {
    prepare(states, limits).await?;
    let session = &tools.session;
    log_unready(states, tools, &mut session.gate());
    decide_all(states, &mut session.gate(), receiver.approver())?;
    show_ended(states, receiver).await?;
    execute(states, session, receiver, limits).await
}

/// Shows the calls that have a result.
async fn show_ended(states: &[CallState], receiver: &mut impl Receiver) -> Result<(), Stop> {
    for ended in states.iter().filter_map(CallState::ended) {
        receiver.event(ChatEvent::CallEnded(ended)).await?;
    }
    Ok(())
}

/// Makes the valid calls ready.
async fn prepare(states: &mut [CallState], limits: &Limits<'_>) -> Result<(), Stop> {
    let mut prepared = Vec::new();
    {
        let valid = states.iter().enumerate().filter_map(|(index, state)| {
            let Stage::Valid(tool) = &state.stage else {
                return None;
            };
            Some((index, tool.runner.prepare(&state.arguments)))
        });
        let (indices, futures): (Vec<usize>, Vec<_>) = valid.unzip();
        let mut futures = SideBySide::new(futures);
        while let Some((number, outcome)) = limits.next(&mut futures).await? {
            prepared.push((indices[number], outcome));
        }
    }
    for (index, outcome) in prepared {
        match outcome {
            Ok(call) => states[index].stage = Stage::Ready(call),
            Err(why) => states[index].refuse(format!("not run: {why}"), None),
        }
    }
    Ok(())
}

/// Decides about the calls that are ready, and logs what was decided.
fn decide_all(
    states: &mut [CallState],
    gate: &mut Gate,
    approver: Option<&mut dyn Approver>,
) -> Result<(), Stop> {
    let mut shown: Vec<CallToApprove> = Vec::new();
    let mut open = Vec::new();
    for state in states {
        if let Stage::Ready(call) = &state.stage {
            shown.push(call.shown());
            open.push(state);
        }
    }
    if shown.is_empty() {
        return Ok(());
    }
    let servers: Vec<Option<String>> = shown.iter().map(|call| call.server.clone()).collect();
    let Decided { verdicts, refusal } = gate.decide(shown, approver).map_err(stopped)?;
    for ((state, verdict), server) in open.into_iter().zip(verdicts).zip(servers) {
        let (name, by) = (&state.call.name, verdict.by);
        let row = gate.log(name, server.as_deref(), &state.arguments, &verdict);
        let row = row.map_err(Stop::Refused)?;
        if verdict.is_allowed() {
            state.allow(Permit { by, row });
        } else {
            let reason = verdict.reason.map(|reason| format!(": {reason}"));
            let why = format!("{DENIED}{}", reason.unwrap_or_default());
            state.refuse(why, Some(by));
        }
    }
    refusal.map_or(Ok(()), |error| Err(Stop::Refused(error)))
}

/// Why nothing runs: an interrupt at the question, or a store that cannot be used.
fn stopped(error: CommandError) -> Stop {
    if error.is_signal() {
        Stop::Signalled(error)
    } else {
        Stop::Refused(error)
    }
}

/// Executes the calls that were allowed.
async fn execute(
    states: &mut [CallState],
    session: &ToolSession,
    receiver: &mut impl Receiver,
    limits: &Limits<'_>,
) -> Result<(), Stop> {
    let (mut started, mut futures) = (Vec::new(), Vec::new());
    for (index, state) in states.iter_mut().enumerate() {
        if let Some((call, permit)) = state.start() {
            started.push((index, permit));
            futures.push(timed(call, state.span.clone()));
        }
    }
    if started.is_empty() {
        return Ok(());
    }
    receiver
        .event(ChatEvent::Running(open_tools(states)))
        .await?;
    let began = Instant::now();
    let mut futures = SideBySide::new(futures);
    let stop = loop {
        let (number, (output, took, start)) = match limits.next(&mut futures).await {
            Ok(Some(ended)) => ended,
            Ok(None) => return Ok(()),
            Err(stop) => break stop,
        };
        let (index, permit) = started[number];
        log_end(&mut session.gate(), permit, &output, took);
        states[index].end(output, millis(took), permit.by);
        states[index].ran(start);
        if let Err(error) = show_end(index, states, receiver).await {
            break error;
        }
    };
    for (number, (index, permit)) in started.into_iter().enumerate() {
        if futures.has_started(number) && states[index].is_open() {
            states[index].stage = Stage::Running(permit);
            log_stopped(&mut session.gate(), permit, stop.words(), began.elapsed());
        }
    }
    Err(stop)
}

/// Shows that a call has ended, and which tools still run.
async fn show_end(
    index: usize,
    states: &[CallState],
    receiver: &mut impl Receiver,
) -> Result<(), Stop> {
    if let Some(ended) = states[index].ended() {
        receiver.event(ChatEvent::CallEnded(ended)).await?;
    }
    let open = open_tools(states);
    if !open.is_empty() {
        receiver.event(ChatEvent::Running(open)).await?;
    }
    Ok(())
}

/// Executes a call within its span; the result has the time that it took, and when it started.
fn timed(
    call: Box<dyn Call>,
    span: Option<Arc<CallSpan>>,
) -> Pending<'static, (ToolOutput, Duration, SystemTime)> {
    Box::pin(async move {
        let (start, started) = (SystemTime::now(), Instant::now());
        let output = within(span, call.run()).await;
        (output, started.elapsed(), start)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::error::ChatError;
    use crate::config::Environment;
    use crate::ports::approval::Decision;
    use crate::ports::interrupt::Signal;
    use crate::ports::output::OutputError;
    use crate::tools::permissions::Permissions;
    use crate::tools::tool::{Runner, Tool};
    use serde_json::{Value, json};
    use std::cell::RefCell;
    use tempfile::TempDir;

    /// A tool that returns its arguments, or waits for ever, and notes each run.
    struct Echo {
        waits: bool,
        runs: Rc<RefCell<Vec<String>>>,
    }

    impl Runner for Echo {
        fn prepare<'a>(
            &'a self,
            arguments: &'a Value,
        ) -> Pending<'a, Result<Box<dyn Call>, String>> {
            let call = EchoCall {
                text: arguments.to_string(),
                waits: self.waits,
                runs: Rc::clone(&self.runs),
            };
            Box::pin(async move { Ok(Box::new(call) as Box<dyn Call>) })
        }
    }

    struct EchoCall {
        text: String,
        waits: bool,
        runs: Rc<RefCell<Vec<String>>>,
    }

    impl Call for EchoCall {
        fn shown(&self) -> CallToApprove {
            CallToApprove {
                tool: "echo".to_owned(),
                source: "command".to_owned(),
                text: self.text.clone(),
                ..CallToApprove::default()
            }
        }

        fn run(self: Box<Self>) -> Pending<'static, ToolOutput> {
            Box::pin(async move {
                self.runs.borrow_mut().push(self.text.clone());
                if self.waits {
                    std::future::pending::<()>().await;
                }
                ToolOutput {
                    bytes: self.text.len() as u64,
                    content: self.text,
                    is_error: false,
                }
            })
        }
    }

    /// Decides in order, and keeps the events in words.
    #[derive(Default)]
    struct Person {
        decisions: Option<Vec<Decision>>,
        events: Vec<String>,
    }

    impl Approver for Person {
        fn approve(&mut self, calls: &[CallToApprove]) -> Result<Vec<Decision>, CommandError> {
            let decisions = self.decisions.get_or_insert_default();
            Ok(decisions.drain(..calls.len()).collect())
        }
    }

    impl Receiver for Person {
        async fn event(&mut self, event: ChatEvent) -> Result<(), OutputError> {
            self.events.push(match event {
                ChatEvent::CallEnded(ended) => ended.call.id,
                other => format!("{other:?}"),
            });
            Ok(())
        }

        fn approver(&mut self) -> Option<&mut dyn Approver> {
            self.decisions
                .is_some()
                .then_some(self as &mut dyn Approver)
        }

        async fn closed(&mut self) {}
    }

    struct World {
        _directory: TempDir,
        tools: Option<ToolLoop>,
        runs: Rc<RefCell<Vec<String>>>,
        interrupt: Interrupt,
    }

    fn world() -> World {
        let runs = Rc::default();
        let tool = |name: &str, waits: bool| Tool {
            name: name.to_owned(),
            description: None,
            parameters: json!({"type": "object"}),
            source: "command".to_owned(),
            may_repeat: false,
            runner: Rc::new(Echo {
                waits,
                runs: Rc::clone(&runs),
            }),
        };
        let directory = TempDir::new().unwrap();
        let home = directory.path().join("amx");
        let environment = Environment::from_pairs([("AMX_CONFIG_DIR", home.to_str().unwrap())]);
        let gate = Gate::new(environment, Permissions::default());
        let session = ToolSession::new(Vec::new(), gate);
        let tools = vec![tool("echo", false), tool("wait", true)];
        let set = ToolSet::of(session, tools, 2);
        World {
            _directory: directory,
            tools: Some(ToolLoop::new(Rc::new(set), None, None)),
            runs,
            interrupt: Interrupt::default(),
        }
    }

    fn answer(calls: &[(&str, &str, &str)]) -> Answer {
        let call = |(id, name, arguments): &(&str, &str, &str)| ToolCall {
            id: (*id).to_owned(),
            name: (*name).to_owned(),
            arguments: (*arguments).to_owned(),
            extra_content: None,
        };
        Answer {
            text: "Let me look.".to_owned(),
            tool_calls: calls.iter().map(call).collect(),
            ..Answer::default()
        }
    }

    fn yes(count: usize) -> Person {
        Person {
            decisions: Some(vec![Decision::Once; count]),
            ..Person::default()
        }
    }

    async fn step(world: &mut World, answer: &mut Answer, person: &mut Person) -> StepEnd {
        let interrupt = world.interrupt.clone();
        world.tools.step(answer, person, &interrupt, None).await
    }

    fn results(answer: &Answer) -> Vec<(String, bool)> {
        let results = answer.steps.iter().flat_map(|step| &step.results);
        results
            .map(|result| (result.content.clone(), result.has_run))
            .collect()
    }

    #[tokio::test]
    async fn a_call_that_was_denied_twice_is_not_asked_about_again_whatever_the_reasons() {
        let mut world = world();
        let mut answer = answer(&[]);
        let call = |id| self::answer(&[(id, "echo", "{}")]).tool_calls;
        for reason in ["first", "second"] {
            answer.tool_calls = call(reason);
            let mut person = Person {
                decisions: Some(vec![Decision::Denied(Some(reason.to_owned()))]),
                ..Person::default()
            };
            let end = step(&mut world, &mut answer, &mut person).await;
            assert!(matches!(end, StepEnd::Complete));
        }
        let mut person = yes(1);
        answer.tool_calls = call("third");
        let end = step(&mut world, &mut answer, &mut person).await;
        assert!(matches!(end, StepEnd::Complete));
        assert_eq!(person.decisions.unwrap().len(), 1, "nobody was asked");
        assert!(world.runs.borrow().is_empty());
        let said: Vec<String> = results(&answer).into_iter().map(|one| one.0).collect();
        assert_eq!(said[1], "not run: the user denied it: second");
        assert!(said[2].starts_with("not run: the same call"), "{said:?}");
    }

    #[tokio::test]
    async fn each_call_has_one_result_in_the_order_of_the_calls() {
        let mut world = world();
        let mut called = answer(&[
            ("a", "echo", "{\"x\": 1}"),
            ("a", "nothing", "{}"),
            ("c", "echo", "{\"x\":"),
            ("", "echo", "{\"x\": 2}"),
        ]);
        let mut person = yes(2);
        person.decisions.as_mut().unwrap()[1] = Decision::Denied(Some("too late".to_owned()));
        let end = step(&mut world, &mut called, &mut person).await;
        assert!(matches!(end, StepEnd::Complete));
        assert!(called.text.is_empty() && called.tool_calls.is_empty());
        let made = &called.steps[0];
        assert_eq!(made.text, "Let me look.");
        let ids: Vec<&str> = made.calls.iter().map(|call| call.id.as_str()).collect();
        let of_results: Vec<&str> = made.results.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, of_results);
        assert!(ids[0] == "a" && ids[1].starts_with("call_") && ids[3].starts_with("call_"));
        let words = results(&called);
        assert_eq!(words[0], ("{\"x\":1}".to_owned(), true));
        assert!(words[1].0.contains("no tool 'nothing'") && words[1].0.contains("echo, wait"));
        assert!(words[2].0.contains("not JSON") && !words[2].1);
        assert_eq!(
            words[3],
            ("not run: the user denied it: too late".to_owned(), false)
        );
        assert_eq!(*world.runs.borrow(), ["{\"x\":1}"]);
        assert_eq!(person.events[0], "Calls");
    }

    #[tokio::test]
    async fn without_anybody_to_ask_no_call_of_the_answer_runs() {
        let mut world = world();
        let mut called = answer(&[("a", "echo", "{}"), ("b", "echo", "{\"x\":1}")]);
        let end = step(&mut world, &mut called, &mut Person::default()).await;
        let StepEnd::Refused(error) = end else {
            panic!("not refused")
        };
        assert_eq!(error.exit_code(), 11);
        assert_eq!((called.steps.len(), called.tool_calls.len()), (0, 2));
        assert!(world.runs.borrow().is_empty());
    }

    #[tokio::test]
    async fn the_same_call_runs_twice_is_answered_and_ends_the_answer() {
        let mut world = world();
        let mut all = Answer::default();
        for number in 0..3 {
            let mut called = answer(&[("a", "echo", "{}")]);
            called.steps = std::mem::take(&mut all.steps);
            assert_eq!(world.tools.last().is_some(), number >= 2);
            let end = step(&mut world, &mut called, &mut yes(1)).await;
            assert!(matches!(end, StepEnd::Complete));
            all = called;
        }
        assert!(results(&all)[2].0.contains("the same call"), "{all:?}");
        let mut fourth = answer(&[("a", "echo", "{}")]);
        let end = step(&mut world, &mut fourth, &mut yes(1)).await;
        assert!(matches!(end, StepEnd::Refused(error) if error.exit_code() == 11));
        assert_eq!(world.runs.borrow().len(), 2);
    }

    #[tokio::test]
    async fn after_a_signal_each_call_has_a_result_that_says_so() {
        let mut world = world();
        world.interrupt.stop();
        assert_eq!(world.interrupt.pending(), Some(Signal::Interrupt));
        let mut called = answer(&[("a", "wait", "{}")]);
        let end = step(&mut world, &mut called, &mut yes(1)).await;
        assert!(matches!(end, StepEnd::Signalled(error) if error.exit_code() == 130));
        assert_eq!(
            results(&called),
            [("interrupted by the user before it ran".to_owned(), false)]
        );
    }

    #[tokio::test]
    async fn the_time_limit_ends_what_runs() {
        let mut world = world();
        let mut called = answer(&[("a", "wait", "{}"), ("b", "echo", "{}")]);
        let interrupt = world.interrupt.clone();
        let limit = TimeLimit {
            given: Duration::from_secs(3),
            left: Duration::from_millis(20),
        };
        let mut person = yes(2);
        let end = world
            .tools
            .step(&mut called, &mut person, &interrupt, Some(limit))
            .await;
        assert!(
            matches!(end, StepEnd::Failed(ChatError::TimeLimit { limit }) if limit.as_secs() == 3)
        );
        let words = results(&called);
        assert_eq!(
            words[0].0,
            "stopped by the time limit; it may have run in part"
        );
        assert_eq!(words[1], ("{}".to_owned(), true));
    }

    #[tokio::test]
    async fn tools_that_still_run_are_reported_when_one_has_ended() {
        let mut world = world();
        let mut called = answer(&[
            ("a", "echo", "{}"),
            ("b", "wait", "{}"),
            ("c", "wait", "{}"),
        ]);
        let limit = TimeLimit {
            given: Duration::from_secs(3),
            left: Duration::from_millis(20),
        };
        let interrupt = Interrupt::default();
        let mut person = yes(3);
        let tools = &mut world.tools;
        tools
            .step(&mut called, &mut person, &interrupt, Some(limit))
            .await;
        assert_eq!(
            person.events[1..],
            ["Running([\"echo\", \"wait\"])", "a", "Running([\"wait\"])"]
        );
    }
}
