//! Completions and the manual, made from the definition of the command line.

use clap_complete::aot;

use super::{cli, completion};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::generated::{Generated, Shell};

pub fn render(what: Generated) -> Result<String, CommandError> {
    let mut bytes = Vec::new();
    match what {
        Generated::Completions(shell) => return completion::script(name_of(shell)),
        Generated::StaticCompletions(shell) => completions(shell, &mut bytes),
        Generated::Manual => {
            manual(&mut bytes).map_err(|source| {
                CommandError::new(ErrorKind::LocalIo, "the manual cannot be made").caused_by(source)
            })?;
        }
    }
    String::from_utf8(bytes).map_err(|source| {
        CommandError::new(ErrorKind::Bug, "the generated text is not text").caused_by(source)
    })
}

/// One page: the program, then each command with its options.
fn manual(bytes: &mut Vec<u8>) -> std::io::Result<()> {
    let mut definition = cli::definition();
    definition.build();
    let page = clap_mangen::Man::new(definition.clone());
    page.render_title(bytes)?;
    page.render_name_section(bytes)?;
    page.render_synopsis_section(bytes)?;
    page.render_description_section(bytes)?;
    page.render_options_section(bytes)?;
    for command in definition.get_subcommands() {
        manual_of(command, bytes)?;
    }
    page.render_extra_section(bytes)
}

fn manual_of(command: &clap::Command, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    let name = command
        .get_bin_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned();
    bytes.extend_from_slice(format!(".SH \"{}\"\n", name.to_uppercase()).as_bytes());
    let page = clap_mangen::Man::new(command.clone());
    let mut sections = Vec::new();
    page.render_synopsis_section(&mut sections)?;
    page.render_description_section(&mut sections)?;
    page.render_options_section(&mut sections)?;
    // Sections of their own page are parts of a section here.
    bytes.extend_from_slice(
        String::from_utf8_lossy(&sections)
            .replace("\n.SH ", "\n.SS ")
            .trim_start_matches(".SH SYNOPSIS\n")
            .as_bytes(),
    );
    command
        .get_subcommands()
        .try_for_each(|inner| manual_of(inner, bytes))
}

fn completions(shell: Shell, bytes: &mut Vec<u8>) {
    let mut definition = cli::definition();
    match shell {
        Shell::Bash => aot::generate(aot::Bash, &mut definition, "amx", bytes),
        Shell::Elvish => aot::generate(aot::Elvish, &mut definition, "amx", bytes),
        Shell::Fish => aot::generate(aot::Fish, &mut definition, "amx", bytes),
        Shell::PowerShell => aot::generate(aot::PowerShell, &mut definition, "amx", bytes),
        Shell::Zsh => aot::generate(aot::Zsh, &mut definition, "amx", bytes),
    }
}

fn name_of(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => "bash",
        Shell::Elvish => "elvish",
        Shell::Fish => "fish",
        Shell::PowerShell => "powershell",
        Shell::Zsh => "zsh",
    }
}
