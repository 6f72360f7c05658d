import { RELEASE_MANAGER, SUPPORT } from "../support/people";
import type { Person } from "../support/person";
import { expect, test } from "../support/test";

const BUILD = "10.0.2645.136";

const search = (person: Person) => person.page.getByRole("search", { name: "Deployments" });
const found = (person: Person) => person.page.getByRole("table", { name: "Environments found" });
const rows = (person: Person) => found(person).locator("tbody tr");
const matrix = (person: Person) => person.page.getByRole("table", { name: "Environments by build and station" });

async function show(person: Person): Promise<void> {
  await person.loads(() => search(person).getByRole("button", { name: "Show" }).click());
}

test("support finds where a version is, and the address can be shared", async ({ as }) => {
  const support = await as(SUPPORT);
  await support.open("/support/deployments");
  await search(support).getByLabel("Version, build, customer or environment").fill(BUILD);
  await show(support);
  await expect(support.page).toHaveURL(/[?&]q=10\.0\.2645\.136/);
  await expect(support.page.getByText(`Builds that begin with ${BUILD}`)).toBeVisible();
  await expect(matrix(support).locator("tbody tr")).toHaveCount(1);
  await expect(rows(support).first()).toBeVisible();
  for (const row of await rows(support).all()) await expect(row).toContainText(BUILD);

  await search(support).getByLabel("Kind").selectOption("sandbox");
  await show(support);
  await expect(support.page).toHaveURL(/[?&]kind=sandbox/);
  await expect(search(support).getByLabel("Version, build, customer or environment")).toHaveValue(BUILD);
  for (const row of await rows(support).all()) await expect(row).toContainText("Sandbox");

  // A number of the matrix opens exactly that many.
  const cell = matrix(support).locator("tbody td a").first();
  const number = Number((await cell.innerText()).replace(",", ""));
  await support.follow(cell);
  await expect(rows(support)).toHaveCount(Math.min(number, 50));
  const station = new URL(support.page.url()).searchParams.get("station");
  await expect(search(support).getByLabel("Station")).toHaveValue(station ?? "");

  const colleague = await as(RELEASE_MANAGER);
  await colleague.open(new URL(support.page.url()).pathname + new URL(support.page.url()).search);
  expect(await rows(colleague).allInnerTexts()).toHaveLength(Math.min(number, 50));
  const names = (person: Person) => found(person).getByRole("link").allInnerTexts();
  expect(await names(colleague)).toEqual(await names(support));

  await support.follow(found(support).getByRole("link").first());
  await expect(support.page).toHaveURL(/\/support\/environments\/env_/);
  await expect(support.page.getByText(BUILD).first()).toBeVisible();
});

test("a long list is read page by page and back", async ({ as }) => {
  const support = await as(SUPPORT);
  await support.open("/support/deployments");
  const names = () => found(support).getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  const pages = support.page.getByRole("navigation", { name: "Pages" });
  await expect(rows(support)).toHaveCount(50);
  const first = await names();
  await support.follow(pages.getByRole("link", { name: "Next page" }));
  await expect(pages.getByRole("link", { name: "First page" })).toBeVisible();
  const second = await names();
  expect(second).toHaveLength(50);
  expect(second.filter((name) => first.includes(name))).toEqual([]);
  await support.page.goBack();
  await expect(pages.getByRole("link", { name: "First page" })).toHaveCount(0);
  expect(await names()).toEqual(first);
  await support.follow(pages.getByRole("link", { name: "Next page" }));
  await support.follow(pages.getByRole("link", { name: "First page" }));
  await expect(pages.getByRole("link", { name: "First page" })).toHaveCount(0);
  expect(await names()).toEqual(first);
});

test("every environment of a small search is reached, and the count is right", async ({ as }) => {
  const support = await as(SUPPORT);
  await support.open("/support/deployments?kind=trial");
  const summary = await support.page.locator(".pager-summary").innerText();
  const total = Number(/of ([\d,]+) environments/.exec(summary)?.[1]?.replace(",", ""));
  const seen = new Set<string | null>();
  for (;;) {
    await expect(rows(support).first()).toBeVisible();
    for (const link of await found(support).getByRole("link").all()) seen.add(await link.getAttribute("href"));
    const next = support.page.getByRole("link", { name: "Next page" });
    if ((await next.count()) === 0) break;
    const before = await rows(support).first().innerText();
    await support.follow(next);
    await expect(rows(support).first()).not.toHaveText(before);
  }
  expect(seen.size).toBe(total);
});

test("a search without a match says what to try", async ({ as }) => {
  const support = await as(SUPPORT);
  await support.open("/support/deployments?q=99.9.9999.1");
  await expect(support.page.getByText("No environment matches")).toBeVisible();
  await support.follow(support.page.getByRole("link", { name: "Clear filters" }));
  await expect(rows(support)).toHaveCount(50);
});

test("nonsense in the address is no filter, and nothing typed is lost", async ({ as }) => {
  const support = await as(SUPPORT);
  await support.open("/support/deployments?station=99x&region=&kind=%3Cb%3E&state=%00&after=..%2F..&colour=red");
  await expect(rows(support)).toHaveCount(50);
  for (const text of ["100%", "100%25", "a+b&c=d", "<script>alert(1)</script>", "Ünïcødé 漢字", "'; DROP TABLE environment; --"]) {
    await search(support).getByLabel("Version, build, customer or environment").fill(text);
    await show(support);
    await expect(search(support).getByLabel("Version, build, customer or environment")).toHaveValue(text);
    await expect(support.page.getByText("No environment matches")).toBeVisible();
  }
});

test("the search of the top bar finds a customer", async ({ as }) => {
  const support = await as(SUPPORT);
  await support.open("/rollouts");
  const everywhere = support.page.getByRole("search", { name: "Everywhere" }).getByRole("searchbox");
  await everywhere.fill("Contoso");
  await support.loads(() => everywhere.press("Enter"));
  await expect(support.page).toHaveURL("/support/deployments?q=Contoso");
  await expect(rows(support)).toHaveCount(6);
  for (const row of await rows(support).all()) await expect(row).toContainText("Contoso");
});
