//! The statements of a template, and the names that they give.

use std::sync::Arc;

use minijinja::machinery::{ast, parse};

use super::expression::{Locals, Seen, Walk};
use super::{Given, Meaning, Names, Route, Step, below, note};
use crate::render::syntax::syntax;
use crate::render::texts::Sources;
use crate::source::{Place, Source};

/// Reads a template: notes the names that it gives, and tells `see` what it does with what it is given.
pub(in crate::render) fn read<'a>(
    source: &'a Arc<Source>,
    given: &Given<'a>,
    names: &mut Names<'a>,
    see: &mut dyn FnMut(Seen<'a>),
) {
    // What cannot be parsed is an error of rendering.
    if let Ok(template) = parse(&source.text, &source.name, syntax()) {
        let mut walk = Walk {
            given,
            names,
            scopes: vec![Locals::new()],
            see,
            text: &source.text,
        };
        walk.statement(&template);
    }
}

/// The largest templates that are read for one error, in bytes.
const MAX_READ: usize = 256 * 1024;

/// What one of several templates does at a place with what it is given.
pub(in crate::render) fn seen_at<'a>(
    templates: &'a Sources,
    place: &Place,
    given: &Given<'a>,
) -> Vec<Seen<'a>> {
    let mut found = Vec::new();
    let size: usize = templates.values().map(|template| template.text.len()).sum();
    let own = templates
        .values()
        .find(|template| template.name == place.source.name);
    let (Some(own), Some(range)) = (own, place.range()) else {
        return found;
    };
    let mut names = Names::new();
    if size <= MAX_READ {
        // What others give it, and what a macro is given below.
        for template in templates.values() {
            read(template, given, &mut names, &mut |_| {});
        }
    }
    read(own, given, &mut names, &mut |seen| {
        let at = seen.at();
        if range.start <= at.start && at.end <= range.end {
            found.push(seen);
        }
    });
    found
}

/// What the first variable of a place in a template stands for.
pub(in crate::render) fn of_variable<'a>(
    templates: &'a Sources,
    place: &Place,
    name: &str,
    given: &Given<'a>,
) -> Option<Route<'a>> {
    let start = place.range()?.start;
    let seen = seen_at(templates, place, given).into_iter();
    let mut routes = seen.filter_map(|seen| match seen {
        Seen::Variable {
            name: read,
            meaning: Some(Meaning::Value(route)),
            at,
        } if read == name && at.start == start => Some(route),
        _ => None,
    });
    routes.next()
}

impl<'a> Walk<'_, 'a> {
    fn body(&mut self, statements: &[ast::Stmt<'a>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    /// Reads statements with names of their own.
    fn scoped(&mut self, scope: Locals<'a>, statements: &[ast::Stmt<'a>]) {
        self.scopes.push(scope);
        self.body(statements);
        self.scopes.pop();
    }

    fn statement(&mut self, statement: &ast::Stmt<'a>) {
        match statement {
            ast::Stmt::Template(template) => self.body(&template.children),
            ast::Stmt::EmitExpr(emit) => drop(self.meaning(&emit.expr)),
            ast::Stmt::EmitRaw(_) => {}
            ast::Stmt::ForLoop(of) => self.of_loop(of),
            ast::Stmt::IfCond(condition) => {
                self.meaning(&condition.expr);
                self.body(&condition.true_body);
                self.body(&condition.false_body);
            }
            ast::Stmt::WithBlock(with) => {
                self.scopes.push(Locals::new());
                for (target, value) in &with.assignments {
                    let meaning = self.meaning(value);
                    self.assign(target, &meaning);
                }
                self.body(&with.body);
                self.scopes.pop();
            }
            ast::Stmt::Set(set) => {
                let meaning = self.meaning(&set.expr);
                self.assign(&set.target, &meaning);
            }
            ast::Stmt::SetBlock(set) => {
                self.scoped(Locals::new(), &set.body);
                self.assign(&set.target, &Meaning::Unknown);
            }
            ast::Stmt::AutoEscape(escape) => self.body(&escape.body),
            ast::Stmt::FilterBlock(filter) => self.scoped(Locals::new(), &filter.body),
            ast::Stmt::Block(block) => self.scoped(Locals::new(), &block.body),
            ast::Stmt::Import(import) => {
                self.meaning(&import.expr);
                self.assign(&import.name, &Meaning::Unknown);
            }
            ast::Stmt::FromImport(import) => {
                self.meaning(&import.expr);
                for (name, called) in &import.names {
                    self.assign(called.as_ref().unwrap_or(name), &Meaning::Unknown);
                }
            }
            ast::Stmt::Extends(extends) => drop(self.meaning(&extends.name)),
            ast::Stmt::Include(include) => drop(self.meaning(&include.name)),
            ast::Stmt::Macro(declared) => self.of_macro(declared),
            ast::Stmt::CallBlock(block) => {
                self.call(&block.call);
                self.of_macro(&block.macro_decl);
            }
            ast::Stmt::Do(done) => drop(self.call(&done.call)),
        }
    }

    fn of_loop(&mut self, of: &ast::ForLoop<'a>) {
        let all = self.meaning(&of.iter);
        self.scopes.push(Locals::from([("loop", Meaning::Unknown)]));
        match (&of.target, &all) {
            (ast::Expr::List(targets), Meaning::Pairs(route)) if targets.items.len() == 2 => {
                let each = [
                    Meaning::NameIn(route.clone()),
                    Meaning::Value(below(route, Step::Any)),
                ];
                for (target, meaning) in targets.items.iter().zip(each) {
                    self.assign(target, &meaning);
                }
            }
            (target, all) => {
                let each = self.given.entry_of(all);
                self.assign(target, &each);
            }
        }
        if let Some(filter) = &of.filter_expr {
            self.meaning(filter);
        }
        self.body(&of.body);
        self.scopes.pop();
        self.scoped(Locals::new(), &of.else_body);
    }

    /// A macro is given what its calls have, if all have the same.
    fn of_macro(&mut self, declared: &ast::Macro<'a>) {
        self.assign_name(declared.name, &Meaning::Unknown);
        for default in &declared.defaults {
            self.meaning(default);
        }
        self.scopes.push(Locals::new());
        for (at, argument) in declared.args.iter().enumerate() {
            let ast::Expr::Var(variable) = argument else {
                continue;
            };
            // One that a call may leave out is something else, too.
            let has_default = at + declared.defaults.len() >= declared.args.len();
            let meaning = if has_default {
                Meaning::Unknown
            } else {
                self.names.argument(declared.name, at, variable.id)
            };
            self.assign(argument, &meaning);
        }
        self.assign_name("caller", &Meaning::Unknown);
        self.body(&declared.body);
        self.scopes.pop();
    }

    fn assign(&mut self, target: &ast::Expr<'a>, meaning: &Meaning<'a>) {
        match target {
            ast::Expr::Var(variable) => self.assign_name(variable.id, meaning),
            ast::Expr::List(targets) => {
                for target in &targets.items {
                    self.assign(target, &Meaning::Unknown);
                }
            }
            _ => {}
        }
    }

    fn assign_name(&mut self, name: &'a str, meaning: &Meaning<'a>) {
        self.names.give(name, meaning);
        if let Some(scope) = self.scopes.last_mut() {
            note(scope, name, meaning);
        }
    }
}
