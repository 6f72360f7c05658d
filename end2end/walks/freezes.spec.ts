// A freeze: looked at, set with a reason, seen by the customer whom it concerns, ended early.

import { ADMIN, APPROVER, OTHER_ADMIN, RELEASE_MANAGER } from "../support/people";
import { expect, test } from "../support/test";

test.use({ serverOf: "freezes" });

test("the release manager freezes a customer's nights and ends that early", async ({ as }) => {
  const release = await as(RELEASE_MANAGER);
  await release.open("/freezes");
  await expect(release.page.getByRole("table", { name: "Freezes that hold or will" })).toContainText("every year the nights of 20 Dec–3 Jan");
  const form = release.page.getByRole("form", { name: "What to freeze" });

  await test.step("what it cannot mean is said beside its field, and what was typed stays", async () => {
    await form.getByLabel("Freeze", { exact: true }).selectOption("customer");
    await form.getByLabel("Customer").fill("nobody.example");
    await form.getByLabel("First night").fill("2026-10-12");
    await form.getByLabel("Last night").fill("2026-10-13");
    await release.loads(() => form.getByRole("button", { name: "Show what it touches" }).click());
    await expect(form).toContainText("No customer has this domain.");
    await expect(form.getByLabel("Customer")).toHaveValue("nobody.example");
  });

  await test.step("it says what it touches before it is set", async () => {
    await form.getByLabel("Customer").fill("contoso.example");
    await release.loads(() => form.getByRole("button", { name: "Show what it touches" }).click());
    const sure = release.page.getByRole("region", { name: "Is this what you want to freeze?" });
    await expect(sure).toContainText("Freeze all environments of Contoso, the nights of 12–13 Oct 2026");
    await release.send(sure.getByRole("button", { name: "Set the freeze" }));
    await release.refused("field-input-confirmed-set-freeze", "Tick the box to confirm.");
    await sure.getByRole("checkbox").check();
    await sure.getByLabel("Reason").fill("they take stock");
    await release.send(sure.getByRole("button", { name: "Set the freeze" }));
    await release.told(/The freeze is set/);
    await expect(release.page.getByRole("row", { name: /all environments of Contoso/ })).toContainText("they take stock");
  });

  await test.step("whom it concerns sees it, others do not", async () => {
    const [ada, other] = [await as(ADMIN), await as(OTHER_ADMIN)];
    await ada.open("/calendar?month=2026-10&layout=list");
    await expect(ada.page.getByRole("region", { name: "What happens this month" })).toContainText("they take stock");
    await other.open("/calendar?month=2026-10&layout=list");
    await expect(other.page.getByText("they take stock")).toHaveCount(0);
  });

  await test.step("it is ended early", async () => {
    await release.open("/freezes");
    await release.follow(release.page.getByRole("link", { name: "End the freeze for all environments of Contoso" }));
    await release.page.getByRole("checkbox", { name: "Yes, end this freeze" }).check();
    await release.page.getByRole("region", { name: "End this freeze?" }).getByLabel("Reason").fill("stock is taken");
    await release.send(release.page.getByRole("button", { name: "End the freeze" }));
    await release.told(/The freeze is ended/);
    await expect(release.page.getByRole("table", { name: "Freezes that are over or were ended" })).toContainText("stock is taken");
  });
});

test("an approver looks and may set nothing", async ({ as, api }) => {
  const approver = await as(APPROVER);
  await approver.open("/freezes");
  await expect(approver.page.locator("main form")).toHaveCount(0);
  const calls = await api(APPROVER);
  expect(await calls.tries("freezes/set", { "input[scope]": "global", "input[reason]": "x", "input[confirmed]": "yes" })).toBe(403);
});
