// A page loads the Wasm that all pages need and that of its own area; another area's comes when a page of it is wanted.

import type { Page } from "@playwright/test";
import { ADMIN, APPROVER, RELEASE_MANAGER, SUPPORT } from "../support/people";
import { expect, test } from "../support/test";

/** The Wasm files that the page asked for, by name; filled while it is open. */
function wasmOf(page: Page): Set<string> {
  const names = new Set<string>();
  page.on("request", (request) => {
    const name = /\/pkg\/\w+\/(\w+)\.wasm$/.exec(request.url())?.[1];
    if (name !== undefined) names.add(name);
  });
  return names;
}

/** The areas that are among them. */
function areas(names: Set<string>): string[] {
  return [...names].flatMap((name) => /^area_(\w+)$/.exec(name)?.[1] ?? []).sort();
}

test("a page loads its own area and no other", async ({ as, visitor }) => {
  const stranger = await visitor();
  const atTheDoor = wasmOf(stranger.page);
  await stranger.open("/login");
  expect([...atTheDoor], "the sign-in page needs no area").toEqual(["signalbox"]);

  for (const [email, path, area] of [
    [ADMIN, "/calendar", "admin"],
    [SUPPORT, "/support/deployments", "support"],
    [RELEASE_MANAGER, "/rollouts", "release"],
    [RELEASE_MANAGER, "/flights", "recovery"],
    [SUPPORT, "/exemptions", "exceptions"],
    [ADMIN, "/settings", "settings"],
  ] as const) {
    const person = await as(email);
    const loaded = wasmOf(person.page);
    await person.open(path);
    expect(loaded, path).toContain("signalbox");
    expect(areas(loaded), path).toEqual([area]);

    const html = await (await person.page.request.get(path)).text();
    const named = [...html.matchAll(/<link rel="preload"[^>]*\/(\w+)\.wasm"/g)].map((match) => match[1]);
    expect(named.sort(), `${path} names all that it will want`).toEqual([...loaded].sort());
  }
});

test("a link to another area loads that area, once, without loading the page anew", async ({ as }) => {
  const person = await as(RELEASE_MANAGER);
  const loaded = wasmOf(person.page);
  await person.open("/rollouts");
  await person.page.evaluate(() => {
    document.documentElement.dataset.mark = "the same document";
  });
  expect(areas(loaded)).toEqual(["release"]);

  await person.follow(person.page.getByRole("link", { name: "Deployments" }).first());
  await expect(person.heading("Deployments")).toBeVisible();
  expect(areas(loaded)).toEqual(["release", "support"]);

  await person.follow(person.page.getByRole("link", { name: "Settings" }).first());
  await expect(person.heading("Settings")).toBeVisible();
  expect(areas(loaded)).toEqual(["release", "settings", "support"]);

  let again = 0;
  person.page.on("request", (request) => (again += request.url().endsWith(".wasm") ? 1 : 0));
  await person.page.goBack();
  await expect(person.heading("Deployments")).toBeVisible();
  await person.page.goBack();
  await expect(person.heading("Rollouts")).toBeVisible();
  await person.page.goForward();
  await expect(person.heading("Deployments")).toBeVisible();
  expect(again, "what is there is not asked for again").toBe(0);
  expect(await person.page.evaluate(() => document.documentElement.dataset.mark)).toBe("the same document");
});

test("an area that cannot be loaded says so, and the way on loads it", async ({ as, watch }) => {
  watch.allow(/^failed: GET .*area_support\.wasm/);
  watch.allow(/^console error: .*(TypeError: Failed to fetch|ERR_FAILED)/);
  const person = await as(APPROVER);
  await person.open("/rollouts");
  await person.page.route("**/area_support.wasm", (route) => route.abort());
  await person.page.getByRole("link", { name: "Deployments" }).first().click();
  await expect(person.heading("This page could not be loaded")).toBeVisible();

  await person.page.unroute("**/area_support.wasm");
  await person.loads(() => person.page.getByRole("link", { name: "Try again" }).click());
  await expect(person.heading("Deployments")).toBeVisible();
});

test("a page whose area cannot be loaded works as without Wasm", async ({ as, watch }) => {
  watch.allow(/^failed: GET .*area_support\.wasm/);
  watch.allow(/^console (error|warning): .*(TypeError: Failed to fetch|ERR_FAILED|preload)/);
  const person = await as(SUPPORT);
  await person.page.route("**/area_support.wasm", (route) => route.abort());
  await person.page.goto("/support/deployments");
  await person.page.waitForTimeout(1_000);
  await expect(person.page.locator("html[data-hydrated]")).toHaveCount(0);
  const search = person.page.getByLabel("Version, build, customer or environment");
  await search.fill("contoso");
  await search.press("Enter");
  await person.page.waitForURL((url) => url.searchParams.get("q") === "contoso");
  await expect(person.heading("Deployments")).toBeVisible();
});
