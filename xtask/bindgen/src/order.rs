//! The order of a module's functions. What compresses a download only sees the 32 kB before, so functions that are alike
//! stand side by side.

use std::collections::{HashMap, HashSet};
use std::error::Error;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// So many bytes in a row are what functions have in common.
const RUN: usize = 5;
/// A run that more functions have tells nothing.
const COMMON: usize = 60;
/// How many of the last functions the next one is to be like.
const LAST: usize = 6;
/// What every function weighs beside its runs, so that the smallest are not always the likest.
const WEIGHT: usize = 40;

/// The same module with its functions in another order.
pub(crate) fn by_likeness(wasm: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    let order = order(&bodies);
    let places = order.iter().copied().zip(imported..).collect();
    let mut module = Module::new();
    Ordered { imported, order, places }.parse_core_module(&mut module, Parser::new(0), wasm)?;
    Ok(module.finish())
}

/// Where each function goes: from the longest on, always to the one that is most like the last few.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let runs: Vec<HashSet<&[u8]>> = bodies.iter().map(|body| body.windows(RUN).collect()).collect();
    let mut holders: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (function, runs) in runs.iter().enumerate() {
        for run in runs {
            holders.entry(run).or_default().push(function);
        }
    }
    holders.retain(|_, functions| (2..=COMMON).contains(&functions.len()));
    let weight = |function: usize| WEIGHT + runs.get(function).map_or(0, HashSet::len);

    let mut left: Vec<bool> = vec![true; bodies.len()];
    let mut order: Vec<usize> = Vec::with_capacity(bodies.len());
    let mut next = (0..bodies.len()).max_by_key(|function| weight(*function));
    while let Some(function) = next {
        order.push(function);
        if let Some(left) = left.get_mut(function) {
            *left = false;
        }
        let is_left = |function: &usize| left.get(*function) == Some(&true);
        let mut likeness: HashMap<usize, usize> = HashMap::new();
        for (ago, before) in order.iter().rev().take(LAST).enumerate() {
            for run in runs.get(*before).into_iter().flatten() {
                for other in holders.get(run).into_iter().flatten().copied().filter(is_left) {
                    *likeness.entry(other).or_default() += LAST - ago;
                }
            }
        }
        // The first of the likest, and where none is like them, the first there is.
        next = likeness
            .into_iter()
            .max_by(|(a, a_like), (b, b_like)| {
                (a_like * weight(*b)).cmp(&(b_like * weight(*a))).then(b.cmp(a))
            })
            .map(|(function, _)| function)
            .or_else(|| (0..bodies.len()).find(is_left));
    }
    order
}

/// Writes a module's functions in this order.
struct Ordered {
    imported: u32,
    /// The functions by their place now.
    order: Vec<usize>,
    /// Their indices then, by their place before.
    places: HashMap<usize, u32>,
}

impl Ordered {
    /// The items of a section that has one for each function.
    fn sorted<T: Clone>(
        &self,
        items: impl Iterator<Item = wasmparser::Result<T>>,
    ) -> wasmparser::Result<Vec<T>> {
        let items = items.collect::<wasmparser::Result<Vec<T>>>()?;
        Ok(self.order.iter().filter_map(|function| items.get(*function)).cloned().collect())
    }
}

impl Reencode for Ordered {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, index: u32) -> Result<u32, reencode::Error> {
        let own = index.checked_sub(self.imported).and_then(|own| self.places.get(&(own as usize)));
        Ok(own.copied().unwrap_or(index))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        for kind in self.sorted(section.into_iter())? {
            functions.function(self.type_index(kind)?);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        for body in self.sorted(section.into_iter())? {
            self.parse_function_body(code, body)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_stands_once_and_beside_its_like() {
        let (a, b): (Vec<u8>, Vec<u8>) = ((0..100).collect(), (100..200).collect());
        let (a2, b2) = ([&a[..], &[1]].concat(), [&b[..], &[2]].concat());
        let order = order(&[&a, &b, &[], &a2, &b2]);
        assert_eq!(order, [4, 1, 0, 3, 2]);
    }

    #[test]
    fn calls_reach_the_functions_they_reached() {
        use wasm_encoder::{EntityType, ExportKind, ExportSection, Function, ImportSection, TypeSection};
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        module.section(&types);
        let mut imports = ImportSection::new();
        imports.import("host", "f", EntityType::Function(0));
        module.section(&imports);
        let mut functions = FunctionSection::new();
        functions.function(0).function(0);
        module.section(&functions);
        let mut exports = ExportSection::new();
        exports.export("short", ExportKind::Func, 1).export("long", ExportKind::Func, 2);
        module.section(&exports);
        let mut code = CodeSection::new();
        let mut short = Function::new([]);
        short.instructions().call(0).end();
        let mut long = Function::new([]);
        long.instructions().call(1).call(2).call(1).end();
        code.function(&short).function(&long);
        module.section(&code);

        let ordered = by_likeness(&module.finish()).unwrap();
        let mut exported = Vec::new();
        let mut called = Vec::new();
        for payload in Parser::new(0).parse_all(&ordered) {
            match payload.unwrap() {
                Payload::ExportSection(exports) => {
                    exported
                        .extend(exports.into_iter().map(|export| export.unwrap()).map(|e| (e.name, e.index)));
                }
                Payload::CodeSectionEntry(body) => {
                    called.push(
                        body.get_operators_reader()
                            .unwrap()
                            .into_iter()
                            .filter_map(|operator| match operator.unwrap() {
                                wasmparser::Operator::Call { function_index } => Some(function_index),
                                _ => None,
                            })
                            .collect::<Vec<_>>(),
                    );
                }
                _ => {}
            }
        }
        assert_eq!(exported, [("short", 2), ("long", 1)], "the longest stands first");
        assert_eq!(called, [vec![2, 1, 2], vec![0]]);
    }
}
