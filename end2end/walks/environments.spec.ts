import { ADMIN, OTHER_ADMIN, SUPPORT, VIEWER } from "../support/people";
import { expect, test } from "../support/test";

test("an admin finds an environment and reads it", async ({ as }) => {
  const ada = await as(ADMIN);
  await ada.open("/environments");
  const table = ada.page.getByRole("table", { name: "Your environments" });
  await expect(table.locator("tbody tr")).toHaveCount(6);

  const filters = ada.page.getByRole("search", { name: "Environments" });
  await filters.getByLabel("Kind").selectOption("production");
  await ada.loads(() => filters.getByRole("button", { name: "Show" }).click());
  await expect(table.locator("tbody tr")).toHaveCount(1);
  await expect(filters.getByLabel("Kind")).toHaveValue("production");
  await ada.follow(table.getByRole("link", { name: "PROD" }));

  await expect(ada.heading("PROD")).toBeVisible();
  await expect(ada.page.getByRole("heading", { name: "Next update" }).or(ada.page.getByRole("heading", { name: /^Next: / }))).toBeVisible();
  await expect(ada.page.getByRole("region", { name: "Facts" })).toContainText("North Europe");
  // What it ran before the demo began.
  await expect(ada.page.getByRole("region", { name: "History" })).toContainText(/10\.0\.\d+\.\d+/);

  await ada.follow(ada.page.getByRole("navigation", { name: "Where this page belongs" }).getByRole("link", { name: "Environments" }));
  await expect(table.locator("tbody tr")).toHaveCount(6);
});

test("a filter without a match says so and can be cleared", async ({ as }) => {
  const ada = await as(VIEWER);
  await ada.open("/environments?q=no+such+thing&state=failed");
  await expect(ada.page.getByText("No environment matches")).toBeVisible();
  await expect(ada.page.getByLabel("Name")).toHaveValue("no such thing");
  await ada.follow(ada.page.getByRole("link", { name: "Clear filters" }));
  await expect(ada.page.getByRole("table", { name: "Your environments" }).locator("tbody tr")).toHaveCount(6);
});

test("another customer's environment does not exist", async ({ as, api, watch }) => {
  watch.allow(/^404 GET /);
  const theirs = [...(await (await api(OTHER_ADMIN)).environments()).values()];
  expect(theirs.length).toBeGreaterThan(2);
  const ada = await as(ADMIN);
  for (const id of [theirs[0], "env_00000000000000000000000001", "env_x", "%00"]) {
    const answer = await ada.page.goto(`/environments/${id}`);
    expect(answer?.status(), id).toBe(404);
    await ada.settled();
    await expect(ada.heading("Nothing here")).toBeVisible();
    await expect(ada.page.getByText("There is no such thing here, or it is not yours")).toBeVisible();
    await expect(ada.page.locator("main")).not.toContainText("Fabrikam");
  }
  await ada.loads(() => ada.page.getByRole("link", { name: "Go to your first page" }).click());
  await expect(ada.page).toHaveURL("/notifications");
});

test("an address that leads nowhere says so in the usual frame", async ({ as, watch }) => {
  watch.allow(/^404 GET /);
  const ada = await as(ADMIN);
  for (const path of ["/no-such-page", "/environments/env_1/more", "/support"]) {
    const answer = await ada.page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await ada.settled();
    await expect(ada.heading("Nothing here")).toBeVisible();
    await expect(ada.page.getByRole("button", { name: "Sign out" })).toBeVisible();
  }
});

test("pages of staff are closed to customers, and the other way round", async ({ as, watch }) => {
  watch.allow(/^403 GET /);
  for (const [email, paths] of [
    [ADMIN, ["/rollouts", "/support/deployments"]],
    [SUPPORT, ["/environments", "/notifications", "/calendar"]],
  ] as const) {
    const person = await as(email);
    for (const path of paths) {
      const answer = await person.page.goto(path);
      expect(answer?.status(), `${email} ${path}`).toBe(403);
      await person.settled();
      await expect(person.heading("Not for your role")).toBeVisible();
    }
  }
});

test("staff opens anybody's environment and may not designate it", async ({ as, api }) => {
  const [id] = (await (await api(OTHER_ADMIN)).environments()).values();
  const support = await as(SUPPORT);
  await support.open(`/support/environments/${id}`);
  await expect(support.page.locator("main")).toContainText("Fabrikam");
  await expect(support.page.getByRole("button", { name: "Save designation" })).toHaveCount(0);
});
