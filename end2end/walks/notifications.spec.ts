import { Api, startRollout, until } from "../support/api";
import { ADMIN, OTHER_ADMIN, RELEASE_MANAGER, VIEWER } from "../support/people";
import type { Person } from "../support/person";
import { expect, test } from "../support/test";

test.use({ serverOf: "notifications" });

const TRAIN = "10.0.48 PQU-7";

interface Listed {
  rows: { id: string; title: string }[];
}

test.beforeAll(async ({ server }) => {
  await startRollout(server, TRAIN);
  const admin = await Api.of(server, ADMIN);
  await until("Contoso knows of the train", 30_000, () => admin.get<Listed>("notifications/list"), ({ rows }) => rows.length > 0);
  await admin.end();
});

const items = (person: Person) => person.page.locator(".notices > li");

test("an admin reads what is planned, one message whole, and marks it read", async ({ as, javaScriptEnabled }) => {
  const ada = await as(ADMIN);
  await ada.open("/notifications");
  await expect(items(ada).first()).toContainText("10.0.48 PQU-7");
  const unread = await items(ada).filter({ hasText: "New:" }).count();
  expect(unread).toBeGreaterThan(0);

  const tabs = ada.page.getByRole("navigation", { name: "Which notifications" });
  await ada.follow(tabs.getByRole("link", { name: "Delivered" }));
  await expect(ada.page).toHaveURL("/notifications?filter=delivered");
  await expect(ada.page.getByText("Nothing under “Delivered”")).toBeVisible();
  await ada.follow(tabs.getByRole("link", { name: "Upcoming" }));
  await expect(tabs.getByRole("link", { name: "Upcoming" })).toHaveAttribute("aria-current", "page");
  await expect(items(ada).first()).toBeVisible();

  await ada.follow(items(ada).first().getByRole("link"));
  for (const name of ["What happened", "What it means for you", "What you can do", "Facts"]) {
    await expect(ada.page.getByRole("heading", { name, exact: true })).toBeVisible();
  }
  await expect(ada.page.getByRole("region", { name: "Facts" })).toContainText("10.0.2645.147");
  const mark = ada.page.getByRole("button", { name: "Mark as read" });
  if (javaScriptEnabled) {
    await expect(mark).toHaveCount(0);
  } else {
    await ada.send(mark);
    await ada.told("Marked as read.");
  }
  await expect(async () => {
    await ada.open("/notifications");
    await expect(ada.page.getByText(`${unread - 1} unread`, { exact: true })).toBeVisible();
  }).toPass({ timeout: 10_000 });
});

test("what one reader has read is still new for another, until all is marked", async ({ as }) => {
  const jonas = await as(VIEWER);
  await jonas.open("/notifications");
  await expect(items(jonas).filter({ hasText: "New:" }).first()).toBeVisible();
  await jonas.send(jonas.page.getByRole("button", { name: "Mark all as read" }));
  await expect(jonas.page.getByText("0 unread", { exact: true })).toBeVisible();
  await expect(items(jonas).filter({ hasText: "New:" })).toHaveCount(0);
  await expect(jonas.page.getByRole("button", { name: "Mark all as read" })).toHaveCount(0);
});

test("another customer's message does not exist", async ({ as, api, watch }) => {
  watch.allow(/^404 (GET|POST) /);
  const theirs = (await (await api(OTHER_ADMIN)).get<Listed>("notifications/list")).rows[0];
  const ada = await as(ADMIN);
  const answer = await ada.page.goto(`/notifications/${theirs?.id}`);
  expect(answer?.status()).toBe(404);
  await ada.settled();
  await expect(ada.heading("Nothing here")).toBeVisible();
});

test("an open list says that something new came, and does not move by itself", async ({ as, api, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "without JavaScript a page does not hear anything");
  const ada = await as(ADMIN);
  await ada.open("/notifications");
  const before = await items(ada).first().innerText();

  const release = await api(RELEASE_MANAGER);
  const { id } = await release.rollout(TRAIN);
  await release.post("rollouts/halt", { "input[rollout]": id, "input[reason]": "sign-in fails", "input[confirmed]": "halt" });

  const fresh = ada.page.getByRole("link", { name: "1 new", exact: true });
  await expect(fresh).toBeVisible();
  await expect(items(ada).first()).toHaveText(before, { useInnerText: true });
  await fresh.click();
  await expect(items(ada).first()).toContainText(`${TRAIN} is halted`);
});
