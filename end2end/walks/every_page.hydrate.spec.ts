// Every page in every state: no violation that axe-core can find, light and dark, narrow and wide; nothing to scroll
// sideways for. Twice: with Wasm, and as the server wrote it, with the script that loads Wasm kept away. JavaScript itself
// must run in both, because axe is a script.

import { sideways, violations } from "../support/axe";
import { type View, views } from "../support/pages";
import type { Person } from "../support/person";
import { expect, test } from "../support/test";

test.use({ serverOf: "every page" });

const SIZES = [
  { width: 1280, height: 900 },
  { width: 320, height: 640 },
];

async function look(person: Person, view: View, wasm: boolean): Promise<void> {
  const answer = await person.page.goto(view.path);
  expect(answer?.status(), view.name).toBe(view.status ?? 200);
  if (wasm) await person.settled();
  await view.then?.(person);
  for (const size of SIZES) {
    await person.page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"] as const) {
      await person.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const at = `${view.name}, ${colorScheme}, ${size.width} px`;
      expect.soft(await violations(person.page), at).toEqual([]);
    }
    expect.soft(await sideways(person.page), `${view.name}, ${size.width} px, is as wide as its window`).toEqual([]);
  }
}

for (const wasm of [true, false]) {
  test(`every page ${wasm ? "with" : "without"} Wasm, light and dark, 320 px and 1280 px`, async ({ server, visitor, as, watch }) => {
    // Some 25 pages, each looked at four times.
    test.setTimeout(480_000);
    watch.allow(/^40[34] GET /);
    if (!wasm) watch.allow(/(signalbox(-areas)?|area_\w+)\.(js|wasm)|Failed to fetch dynamically imported module/);
    const people = new Map<string | undefined, Person>();
    const meet = async (who: string | undefined): Promise<Person> => {
      const person = who === undefined ? await visitor() : await as(who);
      if (!wasm) await person.page.route("**/pkg/*/signalbox.js", (route) => route.abort());
      people.set(who, person);
      return person;
    };
    for (const view of await views(server)) {
      const person = people.get(view.who) ?? (await meet(view.who));
      await test.step(view.name, () => look(person, view, wasm));
    }
  });
}
