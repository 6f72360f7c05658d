// The emergency path: asked for with its criterion, approved by two others, in force, ended, completed, reviewed.

import { startRollout } from "../support/api";
import { APPROVER, INCIDENT_LEAD, RELEASE_MANAGER, SUPPORT } from "../support/people";
import type { Person } from "../support/person";
import { TRAIN } from "../support/rollout";
import { expect, test } from "../support/test";

test.use({ serverOf: "emergency" });

/** Opens the details whose summary is this, unless it is open, and gives its form. */
async function opened(person: Person, summary: string) {
  const details = person.page.locator("details", { has: person.page.locator("summary", { hasText: summary }) }).first();
  if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
  return details.locator("form");
}

test("an emergency path from the request to its review", async ({ server, as, api }) => {
  await startRollout(server, TRAIN);
  const release = await as(RELEASE_MANAGER);
  const { id } = await (await api(RELEASE_MANAGER)).rollout(TRAIN);
  const path = `/rollouts/${id}/emergency`;
  const panel = (person: Person) => person.page.getByRole("region", { name: "Security breach or vulnerability" });

  await test.step("what is asked for has to be an emergency, and nothing typed is lost", async () => {
    await release.open(path);
    const form = await opened(release, "Ask for the emergency path…");
    await form.getByLabel("What makes it an emergency").selectOption("security");
    await form.getByLabel("How the criterion is met").fill("tokens leak");
    await form.getByLabel("Production after its own sandboxes (days)").fill("1");
    await form.getByRole("checkbox", { name: /Any night/ }).check();
    await form.getByRole("checkbox", { name: /cannot wait/ }).check();
    await release.send(form.getByRole("button", { name: "Ask for the emergency path" }));
    await release.refused("field-input-severity", "Choose a severity that the emergency path is for; below it the usual path does.");
    await expect(form.getByLabel("How the criterion is met")).toHaveValue("tokens leak");
    await expect(form.getByRole("checkbox", { name: /Any night/ })).toBeChecked();
    await form.getByLabel("Severity").selectOption("critical");
    await form.getByRole("checkbox", { name: /cannot wait/ }).check();
    await release.send(form.getByRole("button", { name: "Ask for the emergency path" }));
    await expect(panel(release)).toContainText("bake time 6 hours a station");
    await expect(panel(release)).toContainText("production 1 day after its sandboxes");
    await expect(panel(release)).toContainText("any night instead of the published windows");
    await expect(panel(release)).toContainText("You asked for it; two others approve");
  });

  await test.step("two others approve exactly this; then it is in force", async () => {
    for (const email of [APPROVER, INCIDENT_LEAD]) {
      const person = await as(email);
      await person.open(path);
      const form = await opened(person, "Approve it…");
      await form.getByRole("checkbox").check();
      await person.send(form.getByRole("button", { name: "Approve the emergency path" }));
    }
    await release.open(path.replace(/\/emergency.*$/, ""));
    const notice = release.page.locator(".notice").filter({ hasText: "An emergency path is in force" });
    await expect(notice).toContainText("bake time 6 hours a station");
    await release.follow(notice.getByRole("link", { name: "See the path" }));
    await expect(panel(release)).toContainText("In force");
  });

  await test.step("it is ended; the gate and the review are owed until they are done", async () => {
    const end = await opened(release, "End the emergency path…");
    await end.getByLabel("Why it ends").fill("the leak is closed");
    await end.getByRole("checkbox").check();
    await release.send(end.getByRole("button", { name: "End the emergency path" }));
    await expect(release.page.getByRole("region", { name: "Owed" })).toContainText("A review is owed until");
    const gate = await opened(release, "Complete a shortened gate…");
    await gate.getByLabel("Result").selectOption("pass");
    await gate.getByLabel("Evidence").fill("24 hours in station 1, run 7");
    await release.send(gate.getByRole("button", { name: "Complete the gate" }));
    await expect(panel(release)).toContainText("Passed on");
    const review = await opened(release, "Write the review…");
    await review.getByLabel("What was learnt").fill("the alarm came late");
    await release.send(review.getByRole("button", { name: "Save the review" }));
    await expect(panel(release)).toContainText("Reviewed");
    await expect(release.page.getByRole("region", { name: "Owed" })).toHaveCount(0);
  });

  await test.step("support looks and may do nothing", async () => {
    const support = await as(SUPPORT);
    await support.open(path);
    await expect(support.page.locator("main form[method=post]")).toHaveCount(0);
  });
});
