// Every page in every state: no violation that axe-core can find, light and dark, narrow and wide; nothing to scroll
// sideways for.

import { sideways, violations } from "../support/axe";
import { type View, views } from "../support/pages";
import type { Person } from "../support/person";
import { expect, test } from "../support/test";

test.use({ serverOf: "every page" });

const SIZES = [
  { width: 1280, height: 900 },
  { width: 320, height: 640 },
];

async function look(person: Person, view: View): Promise<void> {
  const answer = await person.page.goto(view.path);
  expect(answer?.status(), view.name).toBe(view.status ?? 200);
  await person.settled();
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

test("every page, light and dark, 320 px and 1280 px", async ({ server, visitor, as, watch }) => {
  test.setTimeout(240_000);
  watch.allow(/^40[34] GET /);
  const all = await views(server);
  const people = new Map<string | undefined, Person>();
  for (const view of all) {
    const person = people.get(view.who) ?? (view.who === undefined ? await visitor() : await as(view.who));
    people.set(view.who, person);
    await test.step(view.name, () => look(person, view));
  }
});
