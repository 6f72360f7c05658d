//! Empties functions of linked Wasm that nobody ever calls, but that the linker cannot see to be unused because tables of
//! function pointers name them. What only they need goes with them when the module is taken apart.
//!
//! The compiler merges functions of the same code under one of their names, so a name alone is no proof: a function that
//! another one calls directly stays, and so does a short one. A body keeps its length, so that everything after it stays
//! where relocations expect it. Who calls one after all gets the trap `unreachable`, which ends the Wasm: the walk over
//! every page would show it.

use std::{collections::BTreeSet, ops::Range};

use anyhow::{Context, Result, bail};
use wasmparser::{
    BinaryReader, KnownCustom, Linking, Name, Parser, Payload, RelocSectionReader, RelocationType, SymbolInfo, TypeRef,
};

/// Parts of mangled names; legacy mangling writes the length before each. Where a compiler writes names in another way
/// nothing is emptied, and `xtask size` finds the Wasm too big.
const NEVER_CALLED: [&str; 4] = [
    // The way of taking a page over that waits between elements. Ours has everything when it begins (`app::hydrate`), so
    // it never waits; but every kind of view brings its own.
    "8into_any13hydrate_async17h",
    // What that way does after each wait; not the closures in it, which the way that does not wait has too.
    "13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h",
    // Streams between Rust and JavaScript, which `server_fn` can send. Ours answers at once.
    "12wasm_streams",
    "intounderlying",
];
/// wasm-bindgen runs these to learn what an export looks like.
const DESCRIBES: &str = "describe";
/// Bytes. Shorter code may stand for many functions; longer code with such a name is what the name says.
const SHORTEST: usize = 64;

const UNREACHABLE: u8 = 0x00;
const NOP: u8 = 0x01;
const END: u8 = 0x0b;

/// Returns the module with empty bodies, and how many bytes of code were emptied.
pub fn empty(wasm: &[u8]) -> Result<(Vec<u8>, usize)> {
    let module = Module::read(wasm)?;
    let Some(section) = &module.relocations else { bail!("the Wasm was linked without --emit-relocs") };
    let relocations = section.read(wasm, module.code_start)?;
    let unused = module.unused(&relocations);
    let bodies: Vec<&Range<usize>> = unused.iter().map(|index| &module.bodies[*index]).collect();
    let mut new = wasm.to_vec();
    for body in &bodies {
        new[(*body).clone()].fill(NOP);
        new[body.start] = 0; // no locals
        new[body.start + 1] = UNREACHABLE;
        new[body.end - 1] = END;
    }
    let kept = relocations
        .iter()
        .filter(|relocation| module.body_at(relocation.place).is_none_or(|index| !unused.contains(&index)));
    new.splice(section.whole.clone(), section.with(wasm, kept));
    Ok((new, bodies.iter().map(|body| body.len()).sum()))
}

/// What has to be known of a module. Ranges are of bytes in the file.
#[derive(Default)]
struct Module {
    /// Functions without a body, which are counted first.
    imported: usize,
    /// By the number of the function.
    names: Vec<(usize, String)>,
    bodies: Vec<Range<usize>>,
    /// What relocations of the code count from.
    code_start: usize,
    /// Which function each symbol of the linker is, if it is one.
    symbols: Vec<Option<usize>>,
    relocations: Option<Section>,
}

/// A place where code names something.
struct Relocation {
    entry: Range<usize>,
    place: usize,
    /// The symbol that is called there.
    calls: Option<usize>,
}

/// The section of those places.
struct Section {
    /// With its head.
    whole: Range<usize>,
    contents: Range<usize>,
    /// The number of the section that it is about.
    about: usize,
}

impl Module {
    fn read(wasm: &[u8]) -> Result<Self> {
        let mut module = Self::default();
        let mut end = 8; // of the section before: magic number and version
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.context("the linked Wasm cannot be read")?;
            match &payload {
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        module.imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { range, .. } => module.code_start = usize::try_from(range.start)?,
                Payload::CodeSectionEntry(body) => module.bodies.push(in_file(&body.range())?),
                Payload::CustomSection(section) if section.name() == "reloc.CODE" => {
                    let contents = in_file(&(section.data_offset()..section.range().end))?;
                    let about = RelocSectionReader::new(BinaryReader::new(section.data(), 0))?.section_index();
                    let about = usize::try_from(about)?;
                    module.relocations = Some(Section { whole: end..contents.end, contents, about });
                }
                Payload::CustomSection(section) => module.learn(section.as_known())?,
                _ => {}
            }
            if let Some((_, range)) = payload.as_section() {
                end = usize::try_from(range.end)?;
            }
        }
        Ok(module)
    }

    /// Names and symbols.
    fn learn(&mut self, section: KnownCustom<'_>) -> Result<()> {
        match section {
            KnownCustom::Name(parts) => {
                for part in parts {
                    let Name::Function(functions) = part? else { continue };
                    for naming in functions {
                        let naming = naming?;
                        self.names.push((usize::try_from(naming.index)?, naming.name.to_owned()));
                    }
                }
            }
            KnownCustom::Linking(parts) => {
                for part in parts.subsections() {
                    let Linking::SymbolTable(symbols) = part? else { continue };
                    for symbol in symbols {
                        let SymbolInfo::Func { index, .. } = symbol? else {
                            self.symbols.push(None);
                            continue;
                        };
                        self.symbols.push(Some(usize::try_from(index)?));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Which body holds this byte.
    fn body_at(&self, place: usize) -> Option<usize> {
        let after = self.bodies.partition_point(|body| body.start <= place);
        let index = after.checked_sub(1)?;
        self.bodies[index].contains(&place).then_some(index)
    }

    /// Bodies that have such a name and that no other body calls.
    fn unused(&self, relocations: &[Relocation]) -> BTreeSet<usize> {
        let named = |name: &str| NEVER_CALLED.iter().any(|part| name.contains(part)) && !name.contains(DESCRIBES);
        let mut unused: BTreeSet<usize> = self
            .names
            .iter()
            .filter(|(_, name)| named(name))
            .filter_map(|(index, _)| index.checked_sub(self.imported))
            .filter(|index| self.bodies.get(*index).is_some_and(|body| body.len() >= SHORTEST))
            .collect();
        let calls: Vec<(usize, usize)> = relocations
            .iter()
            .filter_map(|relocation| {
                let callee = self.symbols.get(relocation.calls?).copied()??.checked_sub(self.imported)?;
                Some((self.body_at(relocation.place)?, callee))
            })
            .collect();
        loop {
            let called: Vec<usize> = calls
                .iter()
                .filter(|(caller, callee)| !unused.contains(caller) && unused.contains(callee))
                .map(|(_, callee)| *callee)
                .collect();
            if called.is_empty() {
                return unused;
            }
            for callee in called {
                unused.remove(&callee);
            }
        }
    }
}

impl Section {
    fn read(&self, wasm: &[u8], code_start: usize) -> Result<Vec<Relocation>> {
        let reader = RelocSectionReader::new(BinaryReader::new(&wasm[self.contents.clone()], 0))?;
        let mut relocations: Vec<Relocation> = Vec::new();
        for entry in reader.entries().into_iter_with_offsets() {
            let (start, entry) = entry?;
            let start = self.contents.start + usize::try_from(start)?;
            if let Some(before) = relocations.last_mut() {
                before.entry.end = start;
            }
            let calls =
                (entry.ty == RelocationType::FunctionIndexLeb).then(|| usize::try_from(entry.index)).transpose()?;
            let place = code_start + usize::try_from(entry.offset)?;
            relocations.push(Relocation { entry: start..self.contents.end, place, calls });
        }
        Ok(relocations)
    }

    /// The section anew, with these entries.
    fn with<'a>(&self, wasm: &[u8], kept: impl Iterator<Item = &'a Relocation>) -> Vec<u8> {
        let (mut entries, mut count) = (Vec::new(), 0);
        for relocation in kept {
            entries.extend_from_slice(&wasm[relocation.entry.clone()]);
            count += 1;
        }
        let contents = [text("reloc.CODE"), leb(self.about), leb(count), entries].concat();
        [vec![0], leb(contents.len()), contents].concat()
    }
}

fn in_file(range: &Range<u64>) -> Result<Range<usize>> {
    Ok(usize::try_from(range.start)?..usize::try_from(range.end)?)
}

/// A text as Wasm writes it.
pub fn text(text: &str) -> Vec<u8> {
    [&leb(text.len()), text.as_bytes()].concat()
}

/// A number as Wasm writes it: seven bits a byte, the lowest first.
pub fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLLS: &str = "_ZN4view13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE";

    fn section(id: u8, contents: &[u8]) -> Vec<u8> {
        [&[id], leb(contents.len()).as_slice(), contents].concat()
    }

    fn custom(name: &str, contents: &[u8]) -> Vec<u8> {
        section(0, &[text(name), contents.to_vec()].concat())
    }

    /// Three functions of 70 bytes: the first calls the third where that is wanted; two and three have the name.
    fn module(calls: bool) -> Vec<u8> {
        const BODY: usize = 70;
        let call = [0x10, 0x82, 0x80, 0x80, 0x80, 0x00]; // function 2, padded as the linker does
        let mut first = vec![0; 1];
        first.extend(if calls { call } else { [NOP; 6] });
        first.resize(BODY - 1, NOP);
        first.push(END);
        let mut other = vec![NOP; BODY];
        other[0] = 0;
        other[BODY - 1] = END;
        let bodies: Vec<u8> =
            [&first, &other, &other].iter().flat_map(|body| [leb(BODY), (*body).clone()].concat()).collect();
        let symbols = (0..3).flat_map(|index| [vec![0, 0, index], text(&format!("f{index}"))].concat());
        let symbols: Vec<u8> = [leb(3), symbols.collect()].concat();
        // Of type 0, a call, at the sixth byte of the section: count, length, locals, opcode before.
        let relocations = if calls { vec![1, 1, 0, 4, 2] } else { vec![1, 0] };
        let names: Vec<u8> = (1..3).flat_map(|index| [vec![index], text(POLLS)].concat()).collect();
        let names = [leb(2), names].concat();
        [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[1, 0x60, 0, 0]),
            section(3, &[3, 0, 0, 0]),
            section(10, &[leb(3), bodies].concat()),
            custom("linking", &[vec![2, 8], leb(symbols.len()), symbols].concat()),
            custom("reloc.CODE", &relocations),
            custom("name", &[vec![1], leb(names.len()), names].concat()),
        ]
        .concat()
    }

    #[test]
    fn a_function_that_only_tables_name_is_emptied_and_one_that_is_called_is_not() {
        for (calls, emptied) in [(false, 140), (true, 70)] {
            let (new, bytes) = empty(&module(calls)).unwrap();
            assert_eq!(bytes, emptied);
            wasmparser::Validator::new().validate_all(&new).unwrap();
            let again = Module::read(&new).unwrap();
            let first = &again.bodies[1];
            assert_eq!(new[first.start + 1], UNREACHABLE);
            assert_eq!(new[again.bodies[2].start + 1] == UNREACHABLE, !calls);
            let section = again.relocations.unwrap();
            assert_eq!(section.read(&new, again.code_start).unwrap().len(), usize::from(calls));
        }
    }

    #[test]
    fn wasm_without_relocations_is_refused() {
        let error = empty(b"\0asm\x01\0\0\0").expect_err("nothing says who calls whom");
        assert!(error.to_string().contains("--emit-relocs"), "{error}");
    }
}
