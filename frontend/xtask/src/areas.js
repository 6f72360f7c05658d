// Loads the Wasm of an area when the application asks for it. The file of an area is a module with what only this area
// needs; what it shares with others stands in the same file, as custom sections that are modules themselves, and is
// bound only once. Below, the build writes a line for each area.

import { initSync } from "./signalbox.js";

/** What is bound to the main Wasm, or about to be, by name. */
const begun = new Map();

function once(name, begin) {
  if (!begun.has(name)) {
    const promise = begin();
    begun.set(name, promise);
    // Who asks after a failure tries again.
    promise.catch(() => begun.delete(name));
  }
  return begun.get(name);
}

function bind(module) {
  const imports = { ...initSync() };
  for (const { name } of WebAssembly.Module.imports(module)) {
    // A development build asks for proof that all parts are of one build. The folder of this file is that proof.
    if (name.startsWith("__canary")) imports[name] = ~0xdead;
  }
  return WebAssembly.instantiate(module, { __wasm_split: imports });
}

async function load(area, shared) {
  const module = await WebAssembly.compileStreaming(fetch(new URL(`./area_${area}.wasm`, import.meta.url)));
  for (const name of shared) {
    const [bytes] = WebAssembly.Module.customSections(module, name);
    await once(name, async () => bind(await WebAssembly.compile(bytes)));
  }
  await bind(module);
}

function loader(area, shared) {
  return async (callback, data) => {
    let loaded = true;
    try {
      await once(area, () => load(area, shared));
    } catch (error) {
      console.error(error);
      loaded = false;
    }
    initSync().__indirect_function_table.get(callback)(data, loaded);
  };
}

