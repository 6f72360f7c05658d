// Takes pictures; tests nothing. Not part of a test run:
//
//   SIGNALBOX_PICTURES=<folder> npx playwright test
//
// `rollout.png` of that folder is the picture of the README and belongs to `public/pictures`.

import { join } from "node:path";
import { Api, setSpeed, until } from "../support/api";
import { views } from "../support/pages";
import { APPROVER, RELEASE_MANAGER } from "../support/people";
import type { Person } from "../support/person";
import { TRAIN } from "../support/rollout";
import { expect, test } from "../support/test";

const folder = process.env.SIGNALBOX_PICTURES ?? "";

test.describe.configure({ mode: "serial" });

test("every page", async ({ server, visitor, as, watch, browser }) => {
  test.setTimeout(600_000);
  watch.allow(/./);
  const people = new Map<string | undefined, Person>();
  for (const view of await views(server)) {
    const person = people.get(view.who) ?? (view.who === undefined ? await visitor() : await as(view.who));
    people.set(view.who, person);
    const name = view.name.replace(/[^a-z]+/g, "-");
    await person.open(view.path);
    await view.then?.(person);
    for (const width of [1280, 320]) {
      await person.page.setViewportSize({ width, height: 800 });
      for (const colorScheme of ["light", "dark"] as const) {
        await person.page.emulateMedia({ colorScheme });
        await person.page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
    }
    const plain = await browser.newContext({
      baseURL: server.url,
      javaScriptEnabled: false,
      storageState: await person.page.context().storageState(),
      viewport: { width: 1280, height: 800 },
    });
    const page = await plain.newPage();
    await page.goto(view.path);
    await page.screenshot({ path: join(folder, `${name}-no-js.png`), fullPage: true });
    await plain.close();
  }
  expect(people.size).toBeGreaterThan(1);
});

// Started by the pictures before.
test("a rollout under way", async ({ server, as, api }) => {
  test.setTimeout(900_000);
  const release = await api(RELEASE_MANAGER);
  const { id } = await release.rollout(TRAIN);
  const approver = await Api.of(server, APPROVER);
  for (const station of ["2", "3", "4"]) {
    await approver.post("rollouts/approve", { "input[rollout]": id, "input[station]": station, "input[confirmed]": "yes" });
  }
  await setSpeed(server, "day_in_ten_seconds");
  await until("the train is at station 3", 800_000, () => release.rollout(TRAIN), (found) => {
    const third = found.stages.find((stage) => stage.title === "Station 3 · Sandbox");
    return (third?.counts.succeeded ?? 0) > 20;
  });
  await setSpeed(server, "stopped");
  await approver.end();
  const person = await as(RELEASE_MANAGER);
  await person.page.setViewportSize({ width: 1280, height: 800 });
  await person.page.emulateMedia({ colorScheme: "light" });
  await person.open(`/rollouts/${id}`);
  await person.page.screenshot({ path: join(folder, "rollout.png") });
  await person.page.screenshot({ path: join(folder, "rollout-whole.png"), fullPage: true });
});
