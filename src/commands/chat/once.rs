//! One question, one answer: from the arguments to the last byte on stdout.

use std::time::Duration;

use super::args::ChatArgs;
use super::plan::{self, Planned, Question};
use super::report::AnswerReport;
use super::{attachments, budget, prompt};
use crate::chat::answer::Answer;
use crate::chat::attempts;
use crate::chat::confidence::Thresholds;
use crate::chat::error::{ChatError, ChatFailure};
use crate::chat::event::ChatEvent;
use crate::chat::leg::{AskOptions, Leg};
use crate::chat::message::ContentPart;
use crate::commands::context::{Context, block_on};
use crate::commands::error::{CommandError, Kind};
use crate::commands::failure;
use crate::commands::input::StdinKind;
use crate::commands::interrupt::{Interrupt, Signal};
use crate::commands::output::AnswerForm;
use crate::commands::{login, server};
use crate::config::{Settings, defaults};
use crate::secrets::SecretError;

/// Time for a signal to arrive after what it ended.
const SIGNAL_GRACE: Duration = Duration::from_millis(100);

pub fn run(args: &ChatArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let mut overrides = args.overrides()?;
    let mut config = context.config()?;
    let mut settings = Settings::resolve(&overrides, &context.environment, &config)?;
    if settings.is_unconfigured() && !args.dry_run {
        if !context.input.can_ask() {
            return Err(failure::no_key(&settings));
        }
        if let Some(profile) = login::first_run(context)? {
            overrides.profile = Some(profile);
        }
        config = context.config()?;
        settings = Settings::resolve(&overrides, &context.environment, &config)?;
    }
    let question = question(args, context)?;
    let form = args.form(settings.show_reasoning.as_ref().map(|show| show.value));
    let planned = plan::legs(settings, &overrides, &question, &config, context)?;
    if args.dry_run {
        return dry_run(&planned, context);
    }
    if let Some(first) = planned.first() {
        server::confirm_binding(&first.settings, context)?;
    }
    for planned in &planned {
        budget::check(&planned.settings, &planned.leg)?;
        warn_about(&planned.settings, context);
    }
    Asking::new(args, form, &planned).ask(planned.into_iter().map(|planned| planned.leg).collect(), context)
}

fn question(args: &ChatArgs, context: &mut Context<'_>) -> Result<Question, CommandError> {
    let mut parts = attachments::read(&args.files)?;
    let text = match prompt::assemble(args, context)? {
        Some(text) => Some(text),
        None if context.input.can_ask() && context.input.stdin_kind() == StdinKind::Terminal => Some(context.input.text("you", None, &not_blank)?),
        None if !parts.is_empty() => None,
        None => return Err(CommandError::usage("there is no prompt").hint("amx chat \"your question\"")),
    };
    // Text first: some providers read the parts in order.
    parts.splice(0..0, text.map(ContentPart::Text));
    Ok(Question { parts, stream: !args.no_stream })
}

fn not_blank(text: &str) -> Result<(), String> {
    if text.trim().is_empty() { Err("type a question, or press Ctrl-C".to_owned()) } else { Ok(()) }
}

fn dry_run(planned: &[Planned], context: &mut Context<'_>) -> Result<(), CommandError> {
    let Some(Planned { leg, .. }) = planned.first() else { return Ok(()) };
    let body = leg.provider.encode(&leg.request);
    // The order of keys is kept, so that this is the body to the letter.
    let value: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    Ok(context.output.json(&value)?)
}

fn warn_about(settings: &Settings, context: &mut Context<'_>) {
    if let crate::secrets::KeySource::Reference { reference, .. } = &settings.key
        && reference.is_plain()
    {
        let profile = &settings.profile.value;
        context.output.warning(&format!("the key of profile '{profile}' is plain text in config.yml; amx add-llm-profile {profile} moves it to the keyring"));
    }
    if !settings.fallback_models.is_empty() && !settings.entry.is_openrouter {
        context.output.warning(&format!("fallback_models is not sent: provider {} knows no such field; use fallback_profiles", settings.entry.name));
    }
    if settings.max_cost_per_day.is_some() {
        context.output.warning("max_cost.per_day is not counted: nothing keeps a ledger of the day yet; per_request and --max-cost are kept");
    }
}

struct Asking {
    form: AnswerForm,
    options: AskOptions,
    thresholds: Thresholds,
    strict: bool,
    /// Of each profile that may be asked, the first first.
    settings: Vec<Settings>,
}

/// How the pulling of events ended.
enum Ending {
    Complete(Box<Answer>),
    Failed(ChatFailure),
    Signalled(Signal, Box<Answer>),
}

impl Asking {
    fn new(args: &ChatArgs, form: AnswerForm, planned: &[Planned]) -> Self {
        let settings: Vec<Settings> = planned.iter().map(|planned| planned.settings.clone()).collect();
        let silence = settings.first().map_or(defaults::SILENCE, |settings| settings.silence.value);
        let high = settings.first().map_or(defaults::LOGPROB_HIGH, |settings| settings.logprob_high.value);
        let medium = settings.first().map_or(defaults::LOGPROB_MEDIUM, |settings| settings.logprob_medium.value);
        Self {
            form,
            options: AskOptions { silence, limit: args.timeout, keep_text: !matches!(form, AnswerForm::Text { .. }) },
            thresholds: Thresholds { high, medium },
            strict: args.strict,
            settings,
        }
    }

    fn ask(&self, legs: Vec<Leg>, context: &mut Context<'_>) -> Result<(), CommandError> {
        context.output.begin_answer(self.form);
        context.interrupt.arm();
        let interrupt = context.interrupt.clone();
        let ending = block_on(self.pull(legs, context));
        interrupt.disarm();
        self.report(ending??, context)
    }

    async fn pull(&self, mut legs: Vec<Leg>, context: &mut Context<'_>) -> Result<Ending, CommandError> {
        crate::demo::start_for(&mut legs)
            .await
            .map_err(|source| CommandError::new(Kind::LocalIo, "the demo cannot open a port on this machine").caused_by(source))?;
        let mut stream = attempts::start(legs, self.options);
        let interrupt = context.interrupt.clone();
        loop {
            if !stream.has_event_ready() {
                context.output.flush_answer()?;
            }
            let event = tokio::select! {
                biased;
                signal = interrupt.wait() => return Ok(Ending::Signalled(signal, Box::new(stream.into_partial()))),
                event = stream.next() => event,
            };
            match event {
                Ok(Some(ChatEvent::End(answer))) => return Ok(Ending::Complete(answer)),
                Ok(Some(event)) => context.output.answer_event(&event)?,
                Ok(None) => return Ok(Ending::Complete(Box::default())),
                Err(failure) => return Ok(Self::ending_of(failure, &interrupt).await),
            }
        }
    }

    /// A signal to the whole group also ends the program that was asked for a key: then the signal
    /// is the reason.
    async fn ending_of(failure: ChatFailure, interrupt: &Interrupt) -> Ending {
        if !matches!(failure.error, ChatError::Secret(SecretError::Command { .. } | SecretError::Invalid { .. })) {
            return Ending::Failed(failure);
        }
        match tokio::time::timeout(SIGNAL_GRACE, interrupt.wait()).await {
            Ok(signal) => Ending::Signalled(signal, failure.partial),
            Err(_) => Ending::Failed(failure),
        }
    }

    fn report(&self, ending: Ending, context: &mut Context<'_>) -> Result<(), CommandError> {
        match ending {
            Ending::Complete(answer) => {
                let report = AnswerReport::new(*answer, self.thresholds, false);
                context.output.end_answer(&report)?;
                self.judge(&report, context)
            }
            Ending::Failed(failure) => self.report_failure(failure, context),
            Ending::Signalled(signal, partial) => {
                let has_arrived = partial.first_token.is_some();
                context.output.end_answer(&AnswerReport::new(*partial, self.thresholds, true))?;
                if has_arrived && signal == Signal::Interrupt {
                    context.output.note("stopped; some providers bill the whole answer all the same");
                }
                Err(signal.into())
            }
        }
    }

    fn report_failure(&self, failure: ChatFailure, context: &mut Context<'_>) -> Result<(), CommandError> {
        let ChatFailure { error, partial } = failure;
        let Some(settings) = self.settings.iter().find(|settings| settings.profile.value == partial.profile).or(self.settings.first()) else {
            return Err(CommandError::new(Kind::Bug, "no profile was asked"));
        };
        let mut explained = failure::explain(error, settings);
        explained.generation_id = explained.generation_id.or_else(|| partial.generation_id.clone());
        // An answer that was under way has been cut, whatever made it stop.
        if partial.has_visible_text && explained.kind == Kind::TryLater && explained.status.is_none() {
            explained.kind = Kind::Cut;
        }
        context.output.end_answer(&AnswerReport::new(*partial, self.thresholds, true))?;
        Err(explained)
    }

    /// A complete answer may still not be what was asked for.
    fn judge(&self, report: &AnswerReport, context: &mut Context<'_>) -> Result<(), CommandError> {
        let answer = &report.answer;
        if let Some(call) = answer.tool_calls.first()
            && matches!(self.form, AnswerForm::Text { .. })
        {
            let name = &call.name;
            return Err(CommandError::new(Kind::Tool, format!("the model asked to call the tool '{}', and amx chat runs no tools", name.escape_debug()))
                .hint("amx chat --json …   (gives the call to a program that runs it)"));
        }
        if answer.finish_reason.as_deref() != Some("length") {
            return Ok(());
        }
        let message = format!("the answer stops at the limit of {} tokens", answer.max_tokens);
        if self.strict {
            return Err(CommandError::new(Kind::Content, message).hint("raise --max-tokens"));
        }
        context.output.note(&format!("{message}; raise --max-tokens"));
        Ok(())
    }
}
