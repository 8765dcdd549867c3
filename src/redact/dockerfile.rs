//! Secrets in a Dockerfile.

use std::ops::Range;

use super::command::{InCommand, in_command_line, named_in_file};
use super::dollars::{literal_dollars, written_dollars};
use super::value::is_secret;
use crate::text::command_line::LineReader;

/// The secrets in the instructions of a Dockerfile, which is written with `$$` for `$`: in variables, arguments and commands.
pub(crate) fn in_dockerfile(text: &str) -> Vec<InCommand> {
    let mut found = Vec::new();
    for (start, instruction) in instructions(text) {
        let own = in_instruction(instruction).into_iter();
        found.extend(own.map(|mut one| {
            one.at = start + one.at.start..start + one.at.end;
            one
        }));
    }
    found
}

/// The instructions, each with where it begins. A line that ends in a backslash continues in the next one.
fn instructions(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        at += line.len();
        let is_comment = line.trim_start().starts_with('#');
        // A comment between the lines of an instruction is none of it.
        if is_comment {
            found.push((start, text.get(start..at - line.len()).unwrap_or_default()));
            start = at;
        } else if !line.trim_end().ends_with('\\') {
            found.push((start, text.get(start..at).unwrap_or_default()));
            start = at;
        }
    }
    found.push((start, text.get(start..).unwrap_or_default()));
    found.retain(|(_, instruction)| !instruction.trim().is_empty());
    found
}

fn in_instruction(instruction: &str) -> Vec<InCommand> {
    let mut words = instruction.split_ascii_whitespace();
    let (keyword, second) = (words.next(), words.next().unwrap_or_default());
    // `["app", "--password", "hunter2"]`
    if second.starts_with('[') {
        let found = named_in_file(instruction).into_iter();
        let found = found.map(|(name, at)| InCommand {
            name: name.to_owned(),
            value: instruction.get(at.clone()).unwrap_or_default().to_owned(),
            part: 0,
            at,
        });
        return found.collect();
    }
    // `ENV NAME VALUE`
    let is_variable = keyword.is_some_and(|keyword| keyword.eq_ignore_ascii_case("env"));
    if let (true, false, Some(_)) = (is_variable, second.contains('='), words.next()) {
        let at = value_of_variable(instruction, second);
        let value = instruction.get(at.clone()).unwrap_or_default();
        let literal = literal_dollars(value);
        let mut words = literal.split_whitespace();
        let is_it = is_secret(second, &literal) || words.any(|word| is_secret(second, word));
        let found = is_it.then(|| InCommand {
            name: second.to_owned(),
            value: written_dollars(&literal_dollars(value)),
            part: 0,
            at,
        });
        return found.into_iter().collect();
    }
    in_command_line(instruction, LineReader::Shell)
}

/// Where the value is in `ENV NAME VALUE`: all that follows the name, without the quotes around it.
fn value_of_variable(instruction: &str, name: &str) -> Range<usize> {
    let is_between = |c: char| c.is_whitespace() || c == '\\';
    let end = instruction.trim_end_matches(is_between).len();
    let after = instruction.find(name).map_or(end, |at| at + name.len());
    let rest = instruction.get(after..end).unwrap_or_default();
    let value = rest.trim_start_matches(is_between);
    let at = end - value.len();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    match quote {
        Some(quote) if value.len() > 1 && value.ends_with(quote) => at + 1..end - 1,
        _ => at..end,
    }
}

#[cfg(test)]
mod tests {
    use super::in_dockerfile;

    #[test]
    fn an_instruction_contains_a_secret_in_many_ways() {
        for text in [
            "FROM a:1\nENV DB_PASSWORD=hunter22\n",
            "ENV DB_PASSWORD hunter22",
            "ENV DB_PASSWORD \"hunter22\"",
            "ENV DB_PASSWORD \\\n  hunter22\n",
            "ARG GH_TOKEN=hunter22\nRUN echo a",
            "RUN curl -u admin:hunter22 https://a",
            "RUN curl \\\n  -u admin:hunter22 \\\n  https://a",
            "RUN a \\\n  # why\n  && curl -u admin:hunter22 https://a",
            "CMD [\"app\", \"--password\", \"hunter22\"]",
            "CMD [\"app\", \"--password=hunter22\"]",
        ] {
            let found = in_dockerfile(text);
            let values: Vec<_> = found.iter().map(|one| one.value.as_str()).collect();
            assert_eq!(values, ["hunter22"], "{text}");
            let at: Vec<_> = found
                .iter()
                .map(|one| text.get(one.at.clone()).unwrap())
                .collect();
            assert_eq!(at, ["hunter22"], "{text}");
        }
        for text in [
            "# ENV DB_PASSWORD=hunter22",
            "ENV DB_PASSWORD \\\n  ${TOKEN}\n",
            "ARG GH_TOKEN\nENV DB_PASSWORD=${GH_TOKEN}",
            "ENV DB_PASSWORD_FILE=/run/secrets/db",
            "RUN --mount=type=secret,id=npm_token npm ci",
            "RUN curl https://a\nRUN chpst -u www-data:www-data app",
            "RUN gpg --recv-keys E3FF2839C048B25C084DEBE9B26995E310250568",
            "ENV GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568",
            "",
        ] {
            assert_eq!(in_dockerfile(text), [], "{text}");
        }
    }
}
