// An exemption from asking to withdrawing: support asks for a regulated customer, somebody else decides.

import { ADMIN, APPROVER, RELEASE_MANAGER, SUPPORT } from "../support/people";
import { confirm, confirmWithReason, unfold } from "../support/rollout";
import { expect, test } from "../support/test";

test.use({ serverOf: "exemptions" });

/** Regulated in the demo. */
const CUSTOMER = "Northwind Traders";
const ASK = "Ask for an exemption";
const SEND = "Ask for the exemption";

test("asked for, refused where something is missing, granted by somebody else, withdrawn", async ({ as, api }) => {
  const found = await (await api(SUPPORT)).get<{ rows: { id: string; name: string }[] }>("deployments/search", {
    "params[q]": CUSTOMER,
    "params[kind]": "sandbox",
  });
  // The validated one is exempt from the start.
  const sandbox = found.rows.find((row) => row.name !== "GXP-VAL");
  if (sandbox === undefined) throw new Error(`${CUSTOMER} has no sandbox`);
  const support = await as(SUPPORT);
  await support.open(`/support/environments/${sandbox.id}`);
  const panel = support.page.getByRole("region", { name: "Exemption" });
  await expect(panel).toContainText("It is not exempt");

  await test.step("what is missing is said beside its field, and what was typed stays", async () => {
    const form = await unfold(support, ASK);
    await form.getByLabel("Reason").fill("Validated system");
    await support.send(form.getByRole("button", { name: SEND }));
    await support.refused("field-input-evidence", "Name the document that proves it, such as a validation plan, or give its address.");
    await expect(form.getByLabel("Reason")).toHaveValue("Validated system");
  });

  await test.step("asked for", async () => {
    await panel.getByLabel("Evidence").fill("VP-1");
    await panel.getByLabel("Last day").fill("2026-12-31");
    await support.send(panel.getByRole("button", { name: SEND }));
    await support.told(/is asked for/);
    await expect(panel).toContainText("waits for a decision");
    await expect(panel.getByRole("button", { name: SEND })).toHaveCount(0);
  });

  const approver = await as(APPROVER);
  await test.step("it waits in the list, and is granted with its evidence seen", async () => {
    await approver.open("/exemptions");
    const waiting = approver.page.getByRole("region", { name: "Waiting for a decision" });
    await approver.follow(waiting.getByRole("link", { name: sandbox.name, exact: true }));
    await expect(approver.heading(`Exemption of ${sandbox.name}`)).toBeVisible();
    await expect(approver.page.getByRole("region", { name: "What is asked for" })).toContainText("VP-1");
    await confirm(approver, "Grant the exemption");
    await approver.told(/is exempt|is granted/);
    await approver.open("/exemptions");
    await expect(approver.page.getByRole("region", { name: "Decided" })).toContainText("Granted");
  });

  await test.step("the page of the environment says so", async () => {
    await support.reload();
    await expect(panel).toContainText("It is exempt from quality updates until");
  });

  await test.step("withdrawn with a reason", async () => {
    const release = await as(RELEASE_MANAGER);
    await release.open("/exemptions");
    await release.follow(release.page.getByRole("link", { name: sandbox.name, exact: true }).first());
    await confirmWithReason(release, "Withdraw the exemption", "The plan is outdated");
    await release.told(/is withdrawn/);
    await expect(release.page.getByRole("region", { name: "What is asked for" })).toContainText("The plan is outdated");
  });
});

test("who is not regulated is not offered it, and customers do not see the list", async ({ as, api, watch }) => {
  const ada = await as(ADMIN);
  const uat = (await (await api(ADMIN)).environments()).get("UAT") ?? "";
  await ada.open(`/environments/${uat}`);
  await expect(ada.page.getByRole("region", { name: "Exemption" })).toHaveCount(0);
  watch.allow(/^403 GET /);
  expect((await ada.page.request.get("/exemptions")).status()).toBe(403);
});
