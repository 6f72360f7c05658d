// The main walks by keyboard alone.

import { ADMIN, PASSWORD, RELEASE_MANAGER, SUPPORT } from "../support/people";
import type { Person } from "../support/person";
import { state } from "../support/rollout";
import { expect, test } from "../support/test";

test.use({ serverOf: "keyboard" });

interface Focused {
  name: string;
  tag: string;
  id: string;
  type: string | null;
}

/** Presses Tab until this has the focus: that it can be reached is the point. */
async function tabTo(person: Person, what: string, holds: (focused: Focused) => boolean): Promise<void> {
  for (let tabs = 0; tabs < 80; tabs++) {
    await person.page.keyboard.press("Tab");
    const focused = await person.page.evaluate(() => {
      const at = document.activeElement as HTMLElement | null;
      const name = (at?.getAttribute("aria-label") ?? at?.innerText ?? "").trim();
      return { name, tag: at?.tagName ?? "", id: at?.id ?? "", type: at?.getAttribute("type") ?? null };
    });
    if (holds(focused)) return;
  }
  throw new Error(`${what} is not reached by Tab`);
}

test("signing in, by keyboard", async ({ visitor }) => {
  const person = await visitor();
  await person.open("/login");
  await tabTo(person, "the email", ({ id }) => id === "field-email");
  await person.page.keyboard.type(SUPPORT);
  await tabTo(person, "the password", ({ id }) => id === "field-password");
  await person.page.keyboard.type(PASSWORD);
  await person.loads(() => person.page.keyboard.press("Enter"));
  await expect(person.heading("Deployments")).toBeVisible();
});

test("skipping to the page, by keyboard", async ({ as }) => {
  const person = await as(ADMIN);
  await person.open("/environments");
  await person.page.keyboard.press("Tab");
  const skip = person.page.getByRole("link", { name: "Skip to the page" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await person.page.keyboard.press("Enter");
  await expect(person.page.locator("main")).toBeFocused();
});

test("the menu of a narrow page, by keyboard", async ({ as }) => {
  const person = await as(ADMIN);
  await person.page.setViewportSize({ width: 320, height: 640 });
  await person.open("/environments");
  const menu = person.page.getByRole("button", { name: "Menu" });
  const calendar = person.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Calendar" });
  await tabTo(person, "the menu", ({ name }) => name === "Menu");
  await person.page.keyboard.press("Enter");
  await expect(calendar).toBeVisible();
  await person.page.keyboard.press("Escape");
  await expect(calendar).toBeHidden();
  await expect(menu).toBeFocused();
  await person.page.keyboard.press("Enter");
  await tabTo(person, "the calendar", ({ name }) => name === "Calendar");
  await person.page.keyboard.press("Enter");
  await expect(person.page).toHaveURL("/calendar");
  await expect(person.heading(/\d{4}$/)).toBeVisible();
  await expect(calendar).toBeHidden();
});

test("designating a sandbox, by keyboard", async ({ as }) => {
  const person = await as(ADMIN);
  await person.open("/environments");
  await tabTo(person, "TEST", ({ name, tag }) => name === "TEST" && tag === "A");
  await person.page.keyboard.press("Enter");
  await expect(person.heading("TEST")).toBeVisible();
  await tabTo(person, "the choice", ({ type }) => type === "radio");
  while (!(await person.page.getByRole("radio", { name: /^Early/ }).isChecked())) {
    await person.page.keyboard.press("ArrowDown");
  }
  await tabTo(person, "the button", ({ name }) => name === "Save designation");
  await person.page.keyboard.press("Enter");
  await person.told("TEST is updated first of all, at station 1");
});

test("starting a rollout, by keyboard", async ({ as, api }) => {
  const calls = await api(RELEASE_MANAGER);
  const { rows } = await calls.get<{ rows: { id: string; train: string; state: string }[] }>("rollouts/list");
  const draft = rows.find((row) => row.state === "Not started");
  const person = await as(RELEASE_MANAGER);
  await person.open(`/rollouts/${draft?.id}`);
  await tabTo(person, "the start", ({ tag }) => tag === "SUMMARY");
  await person.page.keyboard.press("Enter");
  await tabTo(person, "the box", ({ tag, id }) => tag === "INPUT" && id.includes("confirmed"));
  await person.page.keyboard.press("Space");
  await tabTo(person, "the button", ({ name, tag }) => tag === "BUTTON" && name === `Start ${draft?.train}`);
  await person.page.keyboard.press("Enter");
  await expect(state(person)).toHaveText("Running");
});

test("the days of a month, by keyboard", async ({ as }) => {
  const person = await as(ADMIN);
  await person.open("/calendar?month=2026-10");
  const days = person.page.locator(".day-link");
  await tabTo(person, "a day", ({ name }) => /October|September|November|^\d/.test(name));
  const first = await person.page.evaluate(() => document.activeElement?.querySelector("time")?.getAttribute("datetime"));
  await person.page.keyboard.press("ArrowDown");
  await person.page.keyboard.press("ArrowRight");
  const then = await person.page.evaluate(() => document.activeElement?.querySelector("time")?.getAttribute("datetime"));
  const apart = (Date.parse(then ?? "") - Date.parse(first ?? "")) / 86_400_000;
  expect(apart).toBe(8);
  // One stop for all of them.
  expect(await days.evaluateAll((links) => links.filter((link) => (link as HTMLElement).tabIndex === 0).length)).toBe(1);
});
