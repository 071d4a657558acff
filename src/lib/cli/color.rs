//! `--color '#rrggbb'` of commands that make or change something with a colour.

use clap::{Arg, Args, value_parser};

use super::output::ColorChoice;

/// The colour of a department, a role, a person.
///
/// It stands where the global `--color auto|always|never` stands elsewhere, which is therefore given before the noun
/// with these commands. A global flag stays out of a command that has an argument with its id, so a hidden one takes the
/// id.
#[derive(Debug, Clone, Default, Args)]
#[command(arg = Arg::new("color").long("color-when").hide(true).value_parser(value_parser!(ColorChoice)))]
pub(crate) struct ColorOf {
    /// Its colour, such as '#ffcc00'; an empty one removes it (the global --color stands before the noun)
    #[arg(id = "color_of", long = "color", value_name = "#RRGGBB")]
    pub(crate) color: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::ColorOf;
    use crate::cli::Globals;
    use crate::cli::output::ColorChoice;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        globals: Globals,
        #[command(subcommand)]
        verb: Verb,
    }

    #[derive(Debug, clap::Subcommand)]
    enum Verb {
        Make(ColorOf),
    }

    fn parse(words: &[&str]) -> (ColorChoice, Option<String>) {
        let line = Line::parse_from(words);
        let Verb::Make(of) = line.verb;
        (line.globals.color, of.color)
    }

    #[test]
    fn no_command_takes_the_id_of_a_global_flag_for_something_else() {
        fn check(command: &clap::Command, globals: &[&str]) {
            for verb in command.get_subcommands() {
                for own in verb.get_arguments().filter(|own| !own.is_hide_set()) {
                    let id = own.get_id().as_str();
                    assert!(!globals.contains(&id), "{} {id}", verb.get_name());
                }
                check(verb, globals);
            }
        }
        let command = <crate::registry::Cli as clap::CommandFactory>::command();
        let globals = command.get_arguments().filter(|argument| argument.is_global_set());
        check(&command, &globals.map(|argument| argument.get_id().as_str()).collect::<Vec<_>>());
    }

    #[test]
    fn the_colour_of_a_thing_and_that_of_the_output_do_not_meet() {
        let red = || Some("#ff0000".to_owned());
        assert_eq!(parse(&["s", "make"]), (ColorChoice::Auto, None));
        assert_eq!(parse(&["s", "make", "--color", "#ff0000"]), (ColorChoice::Auto, red()));
        assert_eq!(
            parse(&["s", "--color", "never", "make", "--color", "#ff0000"]),
            (ColorChoice::Never, red())
        );
    }
}
