import { startRollout, until } from "../support/api";
import { ADMIN } from "../support/people";
import { expect, test } from "../support/test";

test.use({ serverOf: "calendar" });

test.beforeAll(async ({ server }) => {
  await startRollout(server, "10.0.48 PQU-7");
});

test("an admin walks through the months and sees what comes", async ({ as, api }) => {
  const calls = await api(ADMIN);
  await until("Contoso is told", 20_000, () => calls.get<{ rows: unknown[] }>("notifications/list"), (found) => found.rows.length > 0);
  const ada = await as(ADMIN);
  await ada.open("/calendar");
  await expect(ada.heading("September 2026")).toBeVisible();
  await expect(ada.page.locator(".page-sub")).toContainText("Europe/Berlin");

  await ada.follow(ada.page.getByRole("link", { name: "Next month" }));
  await expect(ada.heading("October 2026")).toBeVisible();
  await expect(ada.page).toHaveURL("/calendar?month=2026-10");
  const bars = ada.page.locator(".bar");
  await expect(bars.filter({ hasText: "PERF" }).first()).toBeVisible();
  // Windows whose night is not chosen yet are said to be that, not only hatched.
  await expect(bars.filter({ hasText: "PROD" }).first()).toContainText("window, night not chosen");

  await ada.follow(ada.page.getByRole("navigation", { name: "Layout" }).getByRole("link", { name: "List" }));
  await expect(ada.page.locator("table.month")).toHaveCount(0);
  const agenda = ada.page.getByRole("region", { name: "What happens this month" });
  await expect(agenda.getByRole("listitem").filter({ hasText: "PROD" }).first()).toBeVisible();

  await ada.page.getByLabel("Environment", { exact: true }).selectOption({ label: "PROD" });
  await ada.loads(() => ada.page.getByRole("button", { name: "Show" }).click());
  await expect(ada.page).toHaveURL(/month=2026-10&layout=list&environment=env_/);
  await expect(agenda.getByRole("link", { name: "PROD" }).first()).toBeVisible();
  await expect(agenda.getByRole("link", { name: "PERF" })).toHaveCount(0);

  await ada.follow(ada.page.getByRole("link", { name: "Next month" }));
  await expect(ada.heading("November 2026")).toBeVisible();
  await expect(ada.page.getByLabel("Environment", { exact: true }).locator("option:checked")).toHaveText("PROD");
  await ada.follow(ada.page.getByRole("link", { name: "Today", exact: true }));
  await expect(ada.heading("September 2026")).toBeVisible();
});

test("a bar leads to its environment", async ({ as }) => {
  const ada = await as(ADMIN);
  await ada.open("/calendar?month=2026-10");
  await ada.follow(ada.page.locator(".bar").filter({ hasText: "PERF" }).first());
  await expect(ada.heading("PERF")).toBeVisible();
});

test("times are the reader's, in the zone they choose", async ({ as }) => {
  const ada = await as(ADMIN);
  await ada.open("/settings");
  await expect(ada.page.locator(".top .zone")).toContainText("Europe/Berlin");
  await ada.page.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await ada.send(ada.page.getByRole("button", { name: "Save time zone" }));
  await ada.told(/Times are( now)? shown in/);
  await expect(ada.page.locator(".top .zone")).toContainText("Asia/Tokyo");
  await ada.open("/calendar");
  await expect(ada.page.locator(".page-sub")).toContainText("Asia/Tokyo");
  await ada.open("/settings");
  await expect(ada.page.getByLabel("Time zone")).toHaveValue("Asia/Tokyo");
  await ada.page.getByLabel("Time zone").selectOption("Europe/Berlin");
  await ada.send(ada.page.getByRole("button", { name: "Save time zone" }));
  await expect(ada.page.locator(".top .zone")).toContainText("Europe/Berlin");
});

test("a month that is none is this one", async ({ as }) => {
  const ada = await as(ADMIN);
  for (const month of ["2026-13", "october", "99999-01", "%00"]) {
    await ada.open(`/calendar?month=${month}&environment=env_x&layout=wheel`);
    await expect(ada.heading("September 2026")).toBeVisible();
  }
});
