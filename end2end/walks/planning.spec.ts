// What a customer tells the planner: nights of the week, the next service update, batch scheduling of production.

import { ADMIN, VIEWER } from "../support/people";
import { expect, test } from "../support/test";

test.use({ serverOf: "planning" });

const SAVE = "Save planning";

test("dates and nights are saved, shown in the calendar, refused beside their field", async ({ as, api }) => {
  const uat = (await (await api(ADMIN)).environments()).get("UAT") ?? "";
  const ada = await as(ADMIN);
  await ada.open(`/environments/${uat}`);
  const panel = ada.page.getByRole("region", { name: "How is it planned?" });
  const due = panel.getByLabel("Next service update");

  await test.step("a date that has passed is refused, and stays", async () => {
    await due.fill("2026-09-01");
    await panel.getByRole("checkbox", { name: "Tuesday" }).check();
    await ada.send(panel.getByRole("button", { name: SAVE }));
    await ada.refused("field-input-date", "This date has passed. Enter one that is still to come.");
    await expect(due).toHaveValue("2026-09-01");
    await expect(panel.getByRole("checkbox", { name: "Tuesday" })).toBeChecked();
  });

  await test.step("saved, and there again later", async () => {
    await due.fill("2026-10-19");
    await ada.send(panel.getByRole("button", { name: SAVE }));
    await ada.told(/planned by this from now on|The planning is saved/);
    await ada.reload();
    await expect(due).toHaveValue("2026-10-19");
    await expect(panel.getByRole("checkbox", { name: "Tuesday" })).toBeChecked();
    await expect(panel).toContainText("leave it out");
  });

  await test.step("in the calendar", async () => {
    await ada.open("/calendar?month=2026-10");
    await expect(ada.page.getByRole("link", { name: /UAT service update/ })).toBeVisible();
  });
});

test("production says whether batch scheduling is on; a viewer changes nothing", async ({ as, api }) => {
  const calls = await api(VIEWER);
  const production = (await calls.environments()).get("PROD") ?? "";
  const ada = await as(ADMIN);
  await ada.open(`/environments/${production}`);
  await expect(ada.page.getByRole("checkbox", { name: /^Priority-based batch scheduling/ })).toBeVisible();
  const jonas = await as(VIEWER);
  await jonas.open(`/environments/${production}`);
  await expect(jonas.page.getByRole("button", { name: SAVE })).toHaveCount(0);
  expect(await calls.tries("environments/plan", { "input[environment]": production, "input[generation]": "1" })).toBe(403);
});
