//! The expressions of a template, each with what it stands for.

use std::collections::BTreeMap;
use std::ops::Range;

use minijinja::machinery::{Span, ast};

use super::{Argument, Given, Meaning, Names, Route, Step, below};
use crate::render::syntax::range;

/// What a template does with what it is given.
#[derive(Debug)]
pub(in crate::render) enum Seen<'a> {
    /// It reads a variable, which nothing gives where it has no meaning.
    Variable {
        name: &'a str,
        meaning: Option<Meaning<'a>>,
        at: Range<usize>,
    },
    /// It reads an entry of what is at a route.
    Entry {
        holder: Route<'a>,
        name: &'a str,
        at: Range<usize>,
    },
    /// It compares what something stands for with a text.
    Compared {
        value: Meaning<'a>,
        text: String,
        at: Range<usize>,
    },
    /// It asks whether a text is a name in the mapping at a route.
    Sought {
        within: Route<'a>,
        text: String,
        at: Range<usize>,
    },
}

impl Seen<'_> {
    /// Where the name or the text is.
    pub(in crate::render) fn at(&self) -> Range<usize> {
        match self {
            Self::Variable { at, .. }
            | Self::Entry { at, .. }
            | Self::Compared { at, .. }
            | Self::Sought { at, .. } => at.clone(),
        }
    }
}

/// The names of a block.
pub(super) type Locals<'a> = BTreeMap<&'a str, Meaning<'a>>;

/// Reads the expressions of a template.
pub(super) struct Walk<'w, 'a> {
    pub(super) given: &'w Given<'a>,
    pub(super) names: &'w mut Names<'a>,
    pub(super) scopes: Vec<Locals<'a>>,
    pub(super) see: &'w mut dyn FnMut(Seen<'a>),
    pub(super) text: &'a str,
}

/// A side of a comparison: the expression as it is written, and what it stands for.
struct Side<'e, 'a> {
    written: &'e ast::Expr<'a>,
    meaning: Meaning<'a>,
}

impl<'a> Walk<'_, 'a> {
    fn variable(&mut self, variable: &ast::Spanned<ast::Var<'a>>) -> Meaning<'a> {
        let name = variable.id;
        let own = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        let meaning = own.or_else(|| self.names.get(name)).cloned();
        (self.see)(Seen::Variable {
            name,
            meaning: meaning.clone(),
            at: range(variable.span()),
        });
        meaning.unwrap_or(Meaning::Unknown)
    }

    /// What an expression stands for, after all that is in it.
    pub(super) fn meaning(&mut self, expression: &ast::Expr<'a>) -> Meaning<'a> {
        match expression {
            ast::Expr::Var(variable) => return self.variable(variable),
            ast::Expr::GetAttr(get) => {
                let holder = self.meaning(&get.expr);
                return self.entry(&holder, get.name, self.name_in(get.span(), get.name));
            }
            ast::Expr::GetItem(get) => return self.item(get),
            ast::Expr::Filter(filter) => return self.filter(filter),
            ast::Expr::Call(call) => return self.call(call),
            ast::Expr::Compare(compare) => self.compare(compare),
            ast::Expr::BinOp(both) => {
                let (left, right) = (self.side(&both.left), self.side(&both.right));
                match both.op {
                    ast::BinOpKind::Eq | ast::BinOpKind::Ne => {
                        self.compared(&left, &right);
                    }
                    ast::BinOpKind::In => self.sought(&left, &right),
                    _ => {}
                }
            }
            ast::Expr::Slice(slice) => {
                let sliced = self.meaning(&slice.expr);
                let ends = [&slice.start, &slice.stop, &slice.step];
                for end in ends.into_iter().flatten() {
                    self.meaning(end);
                }
                return match sliced {
                    Meaning::List(route) => Meaning::List(route),
                    _ => Meaning::Unknown,
                };
            }
            ast::Expr::UnaryOp(one) => drop(self.meaning(&one.expr)),
            ast::Expr::IfExpr(choice) => {
                self.meaning(&choice.test_expr);
                let first = self.meaning(&choice.true_expr);
                let other = choice.false_expr.as_ref().map(|other| self.meaning(other));
                return match other {
                    Some(other) if other == first => first,
                    _ => Meaning::Unknown,
                };
            }
            ast::Expr::Test(test) => {
                self.meaning(&test.expr);
                self.arguments("", &test.args);
            }
            ast::Expr::List(list) => self.all(&list.items),
            ast::Expr::Tuple(tuple) => self.all(&tuple.items),
            ast::Expr::Map(map) => {
                self.all(&map.keys);
                self.all(&map.values);
            }
            ast::Expr::Const(_) => {}
        }
        Meaning::Unknown
    }

    fn all(&mut self, expressions: &[ast::Expr<'a>]) {
        for expression in expressions {
            self.meaning(expression);
        }
    }

    /// Reads the arguments of what is called so.
    fn arguments(&mut self, called: &'a str, arguments: &[ast::CallArg<'a>]) {
        for (at, argument) in arguments.iter().enumerate() {
            let (argument, value) = match argument {
                ast::CallArg::Pos(value) => (Some(Argument::At(at)), value),
                ast::CallArg::Kwarg(name, value) => (Some(Argument::Named(name)), value),
                ast::CallArg::PosSplat(value) | ast::CallArg::KwargSplat(value) => (None, value),
            };
            let meaning = self.meaning(value);
            if let Some(argument) = argument {
                self.names.call(called, argument, &meaning);
            }
        }
    }

    pub(super) fn call(&mut self, call: &ast::Spanned<ast::Call<'a>>) -> Meaning<'a> {
        let called = match &call.expr {
            // A function, or a macro.
            ast::Expr::Var(variable) => variable.id,
            // A macro that was imported: there are no methods.
            ast::Expr::GetAttr(imported) => {
                self.meaning(&imported.expr);
                imported.name
            }
            other => {
                self.meaning(other);
                ""
            }
        };
        self.arguments(called, &call.args);
        Meaning::Unknown
    }

    /// An entry of something by its name.
    fn entry(&mut self, holder: &Meaning<'a>, name: &'a str, at: Range<usize>) -> Meaning<'a> {
        let Meaning::Value(holder) = holder else {
            return Meaning::Unknown;
        };
        (self.see)(Seen::Entry {
            holder: holder.clone(),
            name,
            at,
        });
        Meaning::Value(below(holder, Step::Name(name)))
    }

    fn item(&mut self, get: &ast::Spanned<ast::GetItem<'a>>) -> Meaning<'a> {
        let holder = self.meaning(&get.expr);
        if let ast::Expr::Const(_) = &get.subscript_expr {
            let at = range(get.subscript_expr.span());
            if let Some(name) = self.written(&at) {
                return self.entry(&holder, name, at);
            }
        }
        self.meaning(&get.subscript_expr);
        match holder {
            Meaning::Value(route) => Meaning::Value(below(&route, Step::Any)),
            Meaning::List(route) => Meaning::Value(route),
            _ => Meaning::Unknown,
        }
    }

    /// A text as a template writes it, in quotes: without them, where there is no escape in it.
    fn written(&self, at: &Range<usize>) -> Option<&'a str> {
        let quoted = self.text.get(at.clone())?;
        let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let text = quoted.strip_prefix(quote)?.strip_suffix(quote)?;
        (!text.contains('\\')).then_some(text)
    }

    /// Where the name is with which an expression ends.
    fn name_in(&self, span: Span, name: &str) -> Range<usize> {
        let whole = range(span);
        let start = whole.end.saturating_sub(name.len());
        match self.text.get(start..whole.end) {
            Some(found) if found == name => start..whole.end,
            _ => whole,
        }
    }

    fn filter(&mut self, filter: &ast::Spanned<ast::Filter<'a>>) -> Meaning<'a> {
        let of = filter
            .expr
            .as_ref()
            .map_or(Meaning::Unknown, |of| self.meaning(of));
        self.arguments("", &filter.args);
        let last = |filter: &ast::Filter<'a>| {
            matches!(filter.args.as_slice(), [ast::CallArg::Pos(one)]
                if one.as_const().is_some_and(|value| value.as_str() == Some("last")))
        };
        let entry = self.given.entry_of(&of);
        match (filter.name, of) {
            ("items" | "dictsort", Meaning::Value(route)) => Meaning::Pairs(route),
            ("map", Meaning::Pairs(route)) if last(filter) => {
                Meaning::List(below(&route, Step::Any))
            }
            ("list" | "sort" | "reverse" | "unique", Meaning::Pairs(route)) => {
                Meaning::Pairs(route)
            }
            ("selectattr" | "rejectattr" | "list" | "sort" | "reverse" | "unique", _) => {
                let Meaning::Value(route) = entry else {
                    return Meaning::Unknown;
                };
                self.attributes(filter, &route);
                Meaning::List(route)
            }
            ("groupby" | "map", _) => {
                if let Meaning::Value(route) = entry {
                    self.attributes(filter, &route);
                }
                Meaning::Unknown
            }
            ("first" | "last" | "min" | "max", _) => entry,
            ("default" | "d", of) => of,
            _ => Meaning::Unknown,
        }
    }

    /// The attribute that a filter reads of each entry.
    fn attributes(&mut self, filter: &ast::Filter<'a>, each: &[Step<'a>]) {
        let takes_first = matches!(filter.name, "selectattr" | "rejectattr" | "groupby");
        let attribute = filter
            .args
            .iter()
            .enumerate()
            .find_map(|(at, argument)| match argument {
                ast::CallArg::Pos(value) if takes_first && at == 0 => Some(value),
                ast::CallArg::Kwarg("attribute", value) => Some(value),
                _ => None,
            });
        let Some(attribute) = attribute else { return };
        let at = range(attribute.span());
        let mut holder = Meaning::Value(each.to_vec());
        for name in self.written(&at).into_iter().flat_map(|all| all.split('.')) {
            holder = self.entry(&holder, name, at.clone());
        }
    }

    fn compare(&mut self, compare: &ast::Compare<'a>) {
        let mut left = self.side(&compare.expr);
        for op in &compare.ops {
            let right = self.side(&op.expr);
            match op.op {
                ast::CompareOpKind::Eq | ast::CompareOpKind::Ne => {
                    self.compared(&left, &right);
                }
                ast::CompareOpKind::In | ast::CompareOpKind::NotIn => {
                    self.sought(&left, &right);
                }
                _ => {}
            }
            left = right;
        }
    }

    fn side<'e>(&mut self, written: &'e ast::Expr<'a>) -> Side<'e, 'a> {
        let meaning = self.meaning(written);
        Side { written, meaning }
    }

    /// `left == right`, either of which may be a text.
    fn compared(&mut self, left: &Side<'_, 'a>, right: &Side<'_, 'a>) {
        self.compared_with(&right.meaning, left.written);
        self.compared_with(&left.meaning, right.written);
    }

    fn compared_with(&mut self, value: &Meaning<'a>, text: &ast::Expr<'a>) {
        let ast::Expr::Const(text) = text else { return };
        if let Some(written) = text.value.as_str() {
            (self.see)(Seen::Compared {
                value: value.clone(),
                text: written.to_owned(),
                at: range(text.span()),
            });
        }
    }

    /// `value in all`: a list of texts, or a mapping with names.
    fn sought(&mut self, value: &Side<'_, 'a>, all: &Side<'_, 'a>) {
        match all.written {
            ast::Expr::List(list) => {
                for text in &list.items {
                    self.compared_with(&value.meaning, text);
                }
            }
            ast::Expr::Tuple(tuple) => {
                for text in &tuple.items {
                    self.compared_with(&value.meaning, text);
                }
            }
            _ => {}
        }
        if let (Meaning::Value(within), ast::Expr::Const(text)) = (&all.meaning, value.written)
            && let Some(sought) = text.value.as_str()
        {
            (self.see)(Seen::Sought {
                within: within.clone(),
                text: sought.to_owned(),
                at: range(text.span()),
            });
        }
    }
}
