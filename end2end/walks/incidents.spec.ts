// Support reports what a customer suffers from: the build is halted at once, whatever the severity, and everybody of the
// vendor sees it. What only staff noticed, and is mild, is kept and halts nothing.

import { startRollout, until } from "../support/api";
import { INCIDENT_LEAD, RELEASE_MANAGER, SUPPORT } from "../support/people";
import type { Person } from "../support/person";
import { TRAIN } from "../support/rollout";
import { expect, test } from "../support/test";

test.use({ serverOf: "incidents" });

const report = (person: Person) => person.page.getByRole("region", { name: "Report an incident" });
const send = (person: Person) => person.send(person.page.getByRole("button", { name: "Report the incident" }));

async function fill(person: Person, source: string, reference: string): Promise<void> {
  const form = report(person);
  await form.getByLabel("Build", { exact: true }).selectOption({ index: 1 });
  await form.getByLabel("Who noticed it").selectOption(source);
  await form.getByLabel("Severity").selectOption("low");
  await form.getByLabel("What goes wrong").fill("Invoices cannot be posted");
  await form.getByLabel("Reference").fill(reference);
  await form.getByRole("checkbox", { name: "Yes, report it. It may halt the build." }).check();
}

test("support reports an incident, and what customers suffer from halts the build", async ({ server, as, api }) => {
  const calls = await api(INCIDENT_LEAD);
  if ((await calls.rollout(TRAIN)).state === "Not started") await startRollout(server, TRAIN);
  await until("everybody is aboard", 30_000, () => calls.rollout(TRAIN), ({ counts }) => counts.total > 500);
  const support = await as(SUPPORT);

  await test.step("nothing is lost where something is missing", async () => {
    await support.open("/incidents");
    await expect(support.page.getByText("No incident was reported")).toBeVisible();
    await fill(support, "staff", "CASE-1");
    await report(support).getByLabel("Severity").selectOption("");
    await send(support);
    await support.refused("field-input-severity", "Choose how bad it is.");
    await expect(report(support).getByLabel("What goes wrong")).toHaveValue("Invoices cannot be posted");
    await expect(report(support).getByLabel("Reference")).toHaveValue("CASE-1");
  });

  await test.step("what is mild and no customer said is kept", async () => {
    await fill(support, "staff", "CASE-1");
    await send(support);
    await support.told(/CASE-1 is reported\. It halted nothing\.|The incident is reported/);
    const row = support.page.getByRole("row").filter({ hasText: "CASE-1" });
    await expect(row).toContainText("It halted nothing");
    await expect(report(support).getByRole("checkbox")).not.toBeChecked();
    await expect(report(support).getByLabel("Reference")).toHaveValue("");
  });

  await test.step("what customers suffer from halts", async () => {
    await fill(support, "customers", "CASE-2");
    await send(support);
    const row = support.page.getByRole("row").filter({ hasText: "CASE-2" });
    await expect(row).toContainText("noticed by customers");
    await expect(row).toContainText(/It halted|halted already/);
    await expect(support.page.getByRole("link", { name: /Halts.*waiting/ })).toBeVisible();
  });

  await test.step("whoever lifts halts finds it there", async () => {
    const manager = await as(RELEASE_MANAGER);
    await manager.open("/halts");
    await expect(manager.page.getByRole("table", { name: "Halts in force" })).toContainText("Invoices cannot be posted");
  });
});
